//! Text that leaves the organisation is looked through; what could tell who or where they are is sent on purpose only.

use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{audited, noted, opened, posted, referred};
use crate::support::{Engine, Postgres, Sqlite, TestApp};

const TELLING: &str = "Ring 07700 900123, she is near LE1 2AB";

/// S11
#[rstest]
#[actix_web::test]
async fn s11_what_could_find_her_is_shown_to_the_sender_and_not_sent(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let (case, vacancy) = (opened(&helpline).await, posted(&refuge, app.world.a1).await);
    let path = format!("{case}/referrals");
    let send = |confirmed: Value| json!({ "vacancy_id": vacancy, "note": TELLING, "confirmed": confirmed });
    for confirmed in [json!([]), json!(["postcode"]), json!(["email", "telephone"])] {
        let refused = helpline.post(&path, send(confirmed)).await;
        assert_eq!((refused.problem(), refused.pointers()), ("422 invalid".into(), vec!["body/note".into()]));
        let error = &refused.json["errors"][0];
        assert_eq!(error["code"], "personal_details");
        assert_eq!(
            error["found"],
            json!([{ "kind": "telephone", "from": 5, "until": 17 }, { "kind": "postcode", "from": 31, "until": 38 }])
        );
        assert!(!refused.text.contains("900123") && !refused.text.contains("LE1"), "{}", refused.text);
    }
    assert_eq!((audited(&app, "referral.sent"), audited(&app, "referral.personal_details_confirmed")), (0, 0));
    let sent = helpline.post(&path, send(json!(["postcode", "telephone"]))).await.ok().id();
    let notes = refuge.get(&format!("/api/v1/referrals/{sent}/notes")).await.ok();
    assert_eq!(notes.items()[0]["text"], TELLING);
    assert_eq!(audited(&app, "referral.personal_details_confirmed"), 1);
    let told = crate::secrecy::lines(
        &mut app.raw(),
        "SELECT fields || ': ' || reason AS line FROM audit_event WHERE action = 'referral.personal_details_confirmed'",
    );
    assert_eq!(told, ["note: postcode telephone"]);
}

/// S11
#[rstest]
#[actix_web::test]
async fn s11_every_text_between_the_sides_is_looked_through(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    let ending = |by: &str| json!({ "primary_reason": by, "note": TELLING });
    let texts = [
        (&refuge, "request-information", json!({ "note": TELLING })),
        (&helpline, "give-information", json!({ "note": TELLING })),
        (&refuge, "decline", ending("needs_mental_health")),
        (&helpline, "withdraw", ending("lost_contact")),
    ];
    for (client, verb, body) in &texts[..2] {
        let path = format!("{referral}/{verb}");
        let refused = client.post(&path, body.clone()).await;
        assert_eq!(refused.json["errors"][0]["code"], "personal_details", "{verb}: {}", refused.text);
        let mut confirmed = body.clone();
        confirmed["confirmed"] = json!(["postcode", "telephone"]);
        client.post(&path, confirmed).await.ok();
    }
    for (client, verb, body) in &texts[2..] {
        let refused = client.post(&format!("{referral}/{verb}"), body.clone()).await;
        assert_eq!(refused.json["errors"][0]["code"], "personal_details", "{verb}: {}", refused.text);
    }
    assert_eq!(audited(&app, "referral.personal_details_confirmed"), 2);
    assert_eq!(refuge.get(&referral).await.ok().json["state"], "sent", "nothing of what was refused has happened");
}

/// S11
#[rstest]
#[actix_web::test]
async fn s11_words_of_the_needs_that_a_provider_reads_hold_no_number(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    for (needs, at) in [
        (json!({ "interpreter_language": "Polish, 07700 900123" }), "body/needs/interpreter_language"),
        (
            json!({ "pets": [{ "kind": "cat", "number": 1 }, { "kind": "dog at LE1 2AB", "number": 1 }] }),
            "body/needs/pets/1/kind",
        ),
    ] {
        let refused = noted(&helpline, &case, needs).await;
        assert_eq!(refused.pointers(), [at]);
        assert_eq!(refused.json["errors"][0]["code"], "personal_details");
    }
    noted(&helpline, &case, json!({ "interpreter_language": "Polish" })).await.ok();
}

/// S11
#[rstest]
#[actix_web::test]
async fn s11_on_a_page_the_sender_sees_what_was_found_and_ticks_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    let path = format!("{}/request-information", referral.replace("/api/v1", ""));
    let visitor = app.visitor("refuge_worker").await;
    let shown = visitor.submit(&path, &[("question", TELLING)]).await;
    assert_eq!(shown.status, 422);
    for said in
        ["It is safe to send a telephone number: “07700 900123”", "It is safe to send a postcode: “LE1 2AB”", TELLING]
    {
        assert!(shown.text.contains(said), "{said}: {}", shown.text);
    }
    let ticked = [("question", TELLING), ("confirmed", "telephone"), ("confirmed", "postcode")];
    assert_eq!(visitor.submit(&path, &ticked).await.status, 303);
    assert_eq!(refuge.get(&referral).await.ok().json["state"], "information_requested");
    assert_eq!(audited(&app, "referral.personal_details_confirmed"), 1);
}
