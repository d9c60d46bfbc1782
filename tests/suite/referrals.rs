//! Asking a service to take a household: what each side sees, what is refused, how it ends.

use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{accepted, audited, opened, opened_with, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, mother_and_daughter};

const REFERRALS: &str = "/api/v1/referrals";

/// Refers a new household to the refuge without a vacancy; gives back the path of the referral.
async fn asked(app: &TestApp, helpline: &Client) -> String {
    let case = opened(helpline).await;
    let sent = helpline.post(&format!("{case}/referrals"), json!({ "service_id": app.world.refuge })).await.ok();
    format!("{REFERRALS}/{}", sent.id())
}

#[rstest]
#[case::told_to_the_provider(
    "refuge_worker",
    "decline",
    "area_unsafe",
    Some("survivor"),
    "declined_by_survivor",
    "survivor"
)]
#[case::told_to_the_helpline("caseworker", "withdraw", "wants_specific_area", None, "declined_by_survivor", "survivor")]
#[case::by_the_provider(
    "refuge_worker",
    "decline",
    "area_unsafe",
    Some("provider"),
    "declined_by_provider",
    "provider"
)]
#[case::by_the_helpline("caseworker", "withdraw", "lost_contact", None, "withdrawn", "referrer")]
#[case::by_nobody("caseworker", "withdraw", "benefit_delay", None, "lapsed", "system")]
#[actix_web::test]
async fn an_ending_says_who_decided_and_every_reason(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] who: &str,
    #[case] command: &str,
    #[case] reason: &str,
    #[case] decided_by: Option<&str>,
    #[case] state: &str,
    #[case] decision_of: &str,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let referral = asked(&app, &helpline).await;
    let mut ending = json!({ "primary_reason": reason, "secondary_reasons": ["too_far", "children_schools"] });
    if let Some(decided_by) = decided_by {
        ending["decided_by"] = json!(decided_by);
    }
    app.client(who).await.post(&format!("{referral}/{command}"), ending).await.ok();
    for reader in ["caseworker", "refuge_manager"] {
        let ended = app.client(reader).await.get(&referral).await.ok().json;
        assert_eq!(
            (&ended["state"], &ended["decided_by"], &ended["primary_reason"], &ended["secondary_reasons"]),
            (&json!(state), &json!(decision_of), &json!(reason), &json!(["children_schools", "too_far"]))
        );
        assert_eq!(ended["ended_at"], "2026-04-01T09:00:00Z");
    }
}

/// Who does it, the last part of its path, its body.
fn command(name: &str, app: &TestApp) -> (&'static str, &'static str, Value) {
    let (provider, referrer) = ("refuge_worker", "caseworker");
    match name {
        "ask" => (provider, "request-information", json!({ "note": "How old are they?" })),
        "say" => (referrer, "notes", json!({ "note": "One thing more." })),
        "answer" => (referrer, "give-information", json!({ "note": "Six." })),
        "accept into A1" => (provider, "accept", json!({ "unit_id": app.world.a1 })),
        "accept into A2" => (provider, "accept", json!({ "unit_id": app.world.a2 })),
        "decline" => (provider, "decline", json!({ "primary_reason": "needs_language" })),
        "decline for her" => (provider, "decline", json!({ "primary_reason": "too_far" })),
        "withdraw" => (referrer, "withdraw", json!({ "primary_reason": "lost_contact" })),
        "lapse" => (referrer, "withdraw", json!({ "primary_reason": "benefit_delay" })),
        other => panic!("{other}?"),
    }
}

/// S35
#[rstest]
#[actix_web::test]
async fn s35_what_does_not_follow_is_refused_with_the_state_that_it_is_in(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let run = async |referral: &str, name: &str| {
        let (who, path, body) = command(name, &app);
        let client = if who == "caseworker" { &helpline } else { &refuge };
        client.post(&format!("{referral}/{path}"), body).await
    };
    let over = ["ask", "answer", "accept into A1", "decline", "decline for her", "withdraw", "lapse"];
    let silent = [&over[..], &["say"]].concat();
    for (way, state, refused) in [
        (vec![], "sent", vec!["answer"]),
        (vec!["ask", "say"], "information_requested", vec!["ask"]),
        (vec!["ask", "answer"], "sent", vec!["answer"]),
        (vec!["accept into A1"], "accepted", vec!["ask", "answer", "accept into A2", "lapse"]),
        (vec!["accept into A2", "arrive"], "placed", over.to_vec()),
        (vec!["decline"], "declined_by_provider", silent.clone()),
        (vec!["ask", "decline for her"], "declined_by_survivor", silent.clone()),
        (vec!["withdraw"], "withdrawn", silent.clone()),
        (vec!["ask", "lapse"], "lapsed", silent),
    ] {
        let referral = asked(&app, &helpline).await;
        for step in way {
            if step == "arrive" {
                let stay = refuge.get(&referral).await.ok().text_of("placement_id");
                refuge.post(&format!("/api/v1/placements/{stay}/arrive"), json!({})).await.ok();
            } else {
                run(&referral, step).await.ok();
            }
        }
        let before = refuge.get(&referral).await.ok().json;
        assert_eq!(before["state"], state);
        for name in refused {
            let answer = run(&referral, name).await;
            assert_eq!(answer.problem(), "409 referral_state", "{state}: {name}");
            assert_eq!(answer.json["current"], json!({ "referral": state }), "{state}: {name}");
        }
        assert_eq!(refuge.get(&referral).await.ok().json, before);
    }
}

#[rstest]
#[actix_web::test]
async fn a_question_and_its_answer_are_read_by_both_sides(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let sent = json!({ "service_id": app.world.refuge, "note": "first" });
    let referral = format!("{REFERRALS}/{}", helpline.post(&format!("{case}/referrals"), sent).await.ok().id());
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let asked = refuge.post(&format!("{referral}/request-information"), json!({ "note": "second" })).await.ok();
    assert_eq!(asked.text_of("state"), "information_requested");
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let given = helpline.post(&format!("{referral}/give-information"), json!({ "note": "third" })).await.ok();
    assert_eq!(given.text_of("state"), "sent");

    for reader in [&refuge, &helpline] {
        let notes = reader.get(&format!("{referral}/notes")).await.ok();
        let texts: Vec<_> = notes.items().iter().map(|note| note["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["first", "second", "third"]);
        assert_eq!(notes.items()[1]["organisation_id"], json!(app.world.provider));
    }
    assert_eq!(audited(&app, "note.read"), 2);
    for other in ["colleague", "other_refuge_worker", "other_helpline_manager"] {
        let client = app.client(other).await;
        assert_eq!(client.get(&format!("{referral}/notes")).await.problem(), "404 not_found", "{other}");
    }
}

#[rstest]
#[actix_web::test]
async fn a_household_is_referred_to_a_service_once_at_a_time(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let (first, second) = (posted(&refuge, app.world.a1).await, posted(&refuge, app.world.a2).await);
    let referral = referred(&helpline, &case, &first).await;
    let referrals = format!("{case}/referrals");
    for to in [json!({ "vacancy_id": second }), json!({ "service_id": app.world.refuge })] {
        assert_eq!(helpline.post(&referrals, to).await.problem(), "409 already_referred");
    }
    helpline.post(&referrals, json!({ "service_id": app.world.dispersed })).await.ok();
    refuge.post(&format!("{referral}/decline"), json!({ "primary_reason": "needs_language" })).await.ok();
    referred(&helpline, &case, &second).await;

    let both = json!({ "vacancy_id": first, "service_id": app.world.refuge });
    for to in [json!({}), both] {
        assert_eq!(helpline.post(&referrals, to).await.pointers(), ["body/vacancy_id"]);
    }
}

#[rstest]
#[actix_web::test]
async fn a_household_is_accepted_into_one_place(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let other = app.client("other_refuge_worker").await;
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    let second = referred(&helpline, &case, &posted(&other, app.world.d1).await).await;
    accepted(&refuge, &referral).await;
    let refused = other.post(&format!("{second}/accept"), json!({})).await;
    assert_eq!(refused.problem(), "409 referral_state", "it is not needed any more");
    assert_eq!(refused.json["current"], json!({ "referral": "withdrawn" }));
}

#[rstest]
#[actix_web::test]
async fn a_place_that_does_not_suit_needs_the_providers_agreement(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let mut needs = mother_and_daughter();
    needs["members"][1] = json!({ "role": "child", "age": 15, "sex": "male" });
    let case = opened_with(&helpline, json!({ "referral_source": "police", "needs": needs })).await;
    for what in ["holds", "referrals"] {
        let refused = helpline.post(&format!("{case}/{what}"), json!({ "vacancy_id": vacancy })).await;
        assert_eq!(refused.problem(), "409 not_suitable");
        let reasons = refused.json["current"]["reasons"].as_array().unwrap();
        assert_eq!(reasons.len(), 1);
        assert_eq!(
            (&reasons[0]["code"], &reasons[0]["effect"], &reasons[0]["text"]),
            (
                &json!("male_child_age"),
                &json!("not_suitable"),
                &json!("Male child 15 is above this service's limit of 14")
            )
        );
        let agreed = json!({ "vacancy_id": vacancy, "agreed_with_provider": true });
        helpline.post(&format!("{case}/{what}"), agreed).await.ok();
    }
}

#[rstest]
#[case::its_district("E07000130")]
#[case::its_county("E10000018")]
#[actix_web::test]
async fn nobody_is_sent_to_an_area_that_is_not_safe_whoever_agrees(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] area: &str,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let vacancy = posted(&app.client("other_refuge_worker").await, app.world.d1).await;
    let mut needs = mother_and_daughter();
    needs["unsafe_areas"] = json!([{ "area": area, "confirmed": true }]);
    let case = opened_with(&helpline, json!({ "referral_source": "police", "needs": needs })).await;
    for (what, to) in [
        ("holds", json!({ "vacancy_id": vacancy, "agreed_with_provider": true })),
        ("referrals", json!({ "vacancy_id": vacancy, "agreed_with_provider": true })),
        ("referrals", json!({ "service_id": app.world.dispersed, "agreed_with_provider": true })),
    ] {
        let refused = helpline.post(&format!("{case}/{what}"), to).await;
        assert_eq!(refused.problem(), "409 not_suitable");
        assert_eq!(refused.json["current"]["reasons"][0]["code"], "unsafe_area");
        assert!(!refused.text.contains(area), "the place is not named");
    }
    assert_eq!(helpline.get(REFERRALS).await.ok().items().len(), 0);
    helpline.post(&format!("{case}/referrals"), json!({ "service_id": app.world.refuge })).await.ok();
}
