//! A story is told once: what a survivor agrees to share is opened with her code, by whom she gives it to.

use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::secrecy::lines;
use crate::steps::{audited, noted, opened};
use crate::support::secrecy::CANARY_NAME;
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp, mother_and_daughter};

/// What she agrees to share, names too.
pub fn agreement() -> Value {
    json!({ "share": ["household", "access_needs", "areas_wanted"], "identity": true, "days": 14,
        "consent": { "how": "telephone" } })
}

/// A code for a case, and what the other helpline has opened with it.
pub async fn opened_elsewhere(app: &TestApp, case: &str) -> (String, String) {
    let code = given(&app.client("caseworker").await, case, agreement()).await;
    let journey = open(&app.client("other_caseworker").await, &code).await.ok().id();
    (code, journey)
}

async fn given(helpline: &Client, case: &str, agreement: Value) -> String {
    helpline.post(&format!("{case}/journey-codes"), agreement).await.ok().text_of("code")
}

async fn open(client: &Client, code: &str) -> Answer {
    let body = json!({ "code": code, "consent": true, "reason": "asked_for_help" });
    client.post("/api/v1/journeys/open", body).await
}

async fn codes(client: &Client, case: &str) -> Vec<Value> {
    client.get(&format!("{case}/journey-codes")).await.ok().items().to_vec()
}

/// S9, S10
#[rstest]
#[actix_web::test]
async fn s09_s10_only_what_she_agreed_to_is_read_elsewhere(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (ours, theirs) = (app.client("caseworker").await, app.client("other_caseworker").await);
    let case = opened(&ours).await;
    let more = json!({ "unsafe_areas": [{ "area": "E06000016", "confirmed": true }], "wanted_areas": ["E07000130"] });
    noted(&ours, &case, more).await.ok();
    let agreed = json!({ "share": ["household", "areas_wanted"], "days": 7, "consent": { "how": "in_person" } });
    let code = given(&ours, &case, agreed).await;

    let told = open(&theirs, &code.to_lowercase().replace('-', " ")).await.ok();
    assert_eq!(told.json["needs"]["members"].as_array().unwrap().len(), 2);
    assert_eq!(told.json["needs"]["wanted_areas"], json!(["E07000130"]));
    for kept in ["unsafe_areas", "abuse_types", "additional_needs"] {
        assert_eq!(told.json["needs"][kept], json!([]), "{kept}");
    }
    assert_eq!((&told.json["needs"]["funding"], &told.json["identity"]), (&json!("unknown"), &json!(false)));
    assert_eq!(told.text_of("organisation"), "Helpline");
    assert!(!told.text.contains("E06000016"), "{}", told.text);
    let journey = format!("/api/v1/journeys/{}", told.id());
    theirs.get(&journey).await.ok();
    let names = format!("{journey}/identity-disclosures");
    assert_eq!(theirs.disclose(&names, "safeguarding").await.problem(), "404 not_found", "names are not shared");
    let hashes = crate::keys::sealed(&mut app.raw(), "hash", "journey");
    assert!(hashes.iter().all(|hash| hash.len() == 32), "a digest, and nothing else");
}

/// S7, S8
#[rstest]
#[actix_web::test]
async fn s07_s08_names_are_opened_in_their_own_vault_and_sealed_anew_elsewhere(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let case = opened(&app.client("caseworker").await).await;
    let (_, journey) = opened_elsewhere(&app, &case).await;
    let theirs = app.client("other_caseworker").await;
    let journey = format!("/api/v1/journeys/{journey}");
    let who = theirs.disclose(&format!("{journey}/identity-disclosures"), "safeguarding").await.ok();
    assert_eq!(who.json["people"][0]["name"], CANARY_NAME);
    let taken = theirs.post(&format!("{journey}/cases"), json!({ "referral_source": "police" })).await.ok();
    assert_eq!(taken.json["needs"]["members"].as_array().unwrap().len(), 2);
    assert_eq!(taken.json["needs"]["recourse_to_public_funds"], "unknown", "what is not shared is asked");
    let copied = format!("/api/v1/cases/{}/identity-disclosures", taken.id());
    assert_eq!(theirs.disclose(&copied, "safeguarding").await.ok().json["people"][0]["name"], CANARY_NAME);
    let distinct = |of: &str| {
        lines(&mut app.raw(), &format!("SELECT CAST(count(DISTINCT {of}) AS text) AS line FROM case_identity"))
    };
    assert_eq!((distinct("key_id"), distinct("sealed")), (vec!["2".into()], vec!["2".into()]));
    app.clock.advance(TimeDelta::minutes(6));
    let stale = theirs.disclose(&format!("{journey}/identity-disclosures"), "safeguarding").await;
    assert_eq!(stale.problem(), "401 reauthenticate");
}

/// S13
#[rstest]
#[case::never_was("wrong")]
#[case::run_out("expired")]
#[case::taken_back("revoked")]
#[case::ones_own("own")]
#[actix_web::test]
async fn s13_a_code_that_opens_nothing_is_like_one_that_never_was(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] how: &str,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let code = given(&helpline, &case, agreement()).await;
    let theirs = app.client("other_caseworker").await;
    let before = open(&theirs, &code).await.ok().id();
    let (client, code) = match how {
        "wrong" => (&theirs, safehold::ids::spoken_code()),
        "own" => (&helpline, code),
        "expired" => {
            app.clock.advance(TimeDelta::days(14));
            (&theirs, code)
        }
        _ => {
            let id = codes(&helpline, &case).await[0]["id"].as_str().unwrap().to_owned();
            helpline.post(&format!("{case}/journey-codes/{id}/revoke"), Value::Null).await.ok();
            (&theirs, code)
        }
    };
    let fresh = if how == "expired" { Some(app.client("other_caseworker").await) } else { None };
    let client = fresh.as_ref().unwrap_or(client);
    let (answer, nonsense) = (open(client, &code).await, open(client, "K7QM").await);
    let told = |answer: &Answer| (answer.problem(), answer.json["detail"].clone());
    assert_eq!(answer.problem(), "404 not_found");
    assert_eq!(told(&answer), told(&nonsense));
    assert_eq!(audited(&app, "journey.code_wrong"), 2);
    if ["expired", "revoked"].contains(&how) {
        let again = client.get(&format!("/api/v1/journeys/{before}")).await;
        assert_eq!(again.problem(), "404 not_found", "what was opened is closed again");
    }
}

/// S24
#[rstest]
#[actix_web::test]
async fn s24_guessing_codes_is_slowed(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let code = given(&helpline, &opened(&helpline).await, agreement()).await;
    let theirs = app.client("other_caseworker").await;
    for _ in 0..10 {
        assert_eq!(open(&theirs, &safehold::ids::spoken_code()).await.problem(), "404 not_found");
    }
    assert_eq!(open(&theirs, &code).await.problem(), "429 throttled");
    open(&app.client("other_helpline_manager").await, &code).await.ok();
    app.clock.advance(TimeDelta::minutes(15));
    open(&app.client("other_caseworker").await, &code).await.ok();
}

/// S18
#[rstest]
#[actix_web::test]
async fn s18_who_used_a_code_is_told_to_both_sides(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    opened_elsewhere(&app, &case).await;
    let listed = codes(&helpline, &case).await;
    assert_eq!(listed[0]["uses"][0]["organisation"], "Other Helpline");
    assert_eq!(
        (&listed[0]["uses"][0]["person"], &listed[0]["uses"][0]["reason"]),
        (&json!("other_caseworker"), &json!("asked_for_help"))
    );
    let id: Uuid = listed[0]["id"].as_str().unwrap().parse().unwrap();
    let by = app.world.account("other_caseworker");
    let found: Vec<_> = app.audit().into_iter().filter(|one| one.object == id && one.account == by.id.0).collect();
    let told: Vec<_> = found.iter().map(|one| (one.action.as_str(), one.organisation)).collect();
    assert_eq!(told, [("journey.opened", app.world.other_helpline.0), ("journey.used", app.world.helpline.0)]);
    assert!(
        found.iter().all(|one| one.fields == "household access_needs areas_wanted" && one.reason == "asked_for_help")
    );
    let notices = lines(&mut app.raw(), "SELECT topic AS line FROM outbox WHERE topic NOT LIKE '%sign_in'");
    assert_eq!(notices, ["journey_used"]);
}

/// S35
#[rstest]
#[actix_web::test]
async fn s35_a_request_that_comes_twice_gives_the_same_code(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let path = format!("{case}/journey-codes");
    let first = helpline.post_as(&path, "once", agreement()).await.ok().text_of("code");
    assert_eq!(helpline.post_as(&path, "once", agreement()).await.ok().text_of("code"), first);
    assert_eq!(codes(&helpline, &case).await.len(), 1);
    let stored = lines(&mut app.raw(), "SELECT answer AS line FROM idempotency").join(" ");
    assert!(!stored.contains(&first), "{stored}");
}

#[rstest]
#[actix_web::test]
async fn it_is_opened_with_her_consent_and_names_must_be_there(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let nameless = json!({ "referral_source": "police", "needs": mother_and_daughter() });
    let case = crate::steps::opened_with(&helpline, nameless).await;
    let refused = helpline.post(&format!("{case}/journey-codes"), agreement()).await;
    assert_eq!(refused.pointers(), ["body/identity"]);
    let mut twice = agreement();
    (twice["share"], twice["identity"]) = (json!(["risk", "risk"]), json!(false));
    assert_eq!(helpline.post(&format!("{case}/journey-codes"), twice.clone()).await.pointers(), ["body/share/1"]);
    twice["share"] = json!(["risk"]);
    let code = given(&helpline, &case, twice).await;
    let body = json!({ "code": code, "consent": false, "reason": "asked_for_help" });
    let refused = app.client("other_caseworker").await.post("/api/v1/journeys/open", body).await;
    assert_eq!(refused.pointers(), ["body/consent"]);
}

#[rstest]
#[actix_web::test]
async fn the_pages_give_a_code_once_and_open_it_elsewhere(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let case = opened(&app.client("caseworker").await).await.replace("/api/v1", "");
    let (ours, theirs) = (app.visitor("caseworker").await, app.visitor("other_caseworker").await);
    let path = format!("{case}/journeys");
    let wrong = ours.submit(&path, &[("days", "91")]).await;
    for said in ["Select at least one thing", "from 1 to 90", "Select how they agreed"] {
        assert!(wrong.text.contains(said), "{said}");
    }
    let agreed = [("share", "household"), ("identity", "yes"), ("days", "14"), ("consent", "in_person")];
    let given = ours.submit(&path, &agreed).await.ok().text;
    let code = given.split("sh-code\"><strong>").nth(1).unwrap()[..14].to_owned();
    assert!(!ours.page(&path).await.ok().text.contains(&code));

    let ask = [("code", code.as_str()), ("reason", "asked_for_help"), ("consent", "yes")];
    let wrong = theirs.submit("/journeys", &[("code", "K7QM-3FHW-9TXQ"), ask[1], ask[2]]).await;
    assert!(wrong.text.contains("This code opens nothing"), "{}", wrong.text);
    let opened = theirs.submit("/journeys", &ask).await;
    assert_eq!(opened.status, 303);
    let shown = opened.header("location").to_owned();
    let page = theirs.page(&shown).await.ok().text;
    assert!(page.contains("with 1 child") && page.contains("They told it to Helpline"), "{page}");
    let names = theirs.submit(&format!("{shown}/identity"), &[("disclosure", "safeguarding")]).await.ok();
    assert!(names.text.contains(CANARY_NAME) && !names.text.contains("Show telephone"), "{}", names.text);
    let taken = theirs.submit(&format!("{shown}/case"), &[("referral_source", "police")]).await;
    assert_eq!(taken.status, 303);
    assert!(theirs.page(taken.header("location")).await.ok().text.contains("with 1 child"));

    for told in [path.clone(), format!("{path}/uses")] {
        assert!(ours.page(&told).await.ok().text.contains("Other Helpline"), "{told}");
    }
    let id = codes(&app.client("caseworker").await, &format!("/api/v1{case}")).await[0]["id"].clone();
    let revoke = format!("{path}/{}/revoke", id.as_str().unwrap());
    assert_eq!(ours.submit(&revoke, &[]).await.status, 303);
    assert_eq!(theirs.page(&shown).await.status, 404);
}
