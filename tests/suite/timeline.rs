//! What happened to a household, in one order.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::timeline;
use serde_json::{Value, json};

use crate::steps::{Expected, accepted, expected, opened, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

async fn all(client: &Client, case: &str, query: &str) -> Vec<Value> {
    client.get(&format!("{case}/timeline?limit=200{query}")).await.ok().items().to_vec()
}

/// In pages of three.
async fn paged(client: &Client, case: &str, query: &str) -> Vec<Value> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{case}/timeline?limit=3{query}{cursor}")).await.ok();
        seen.extend(page.items().to_vec());
        match page.json["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

/// A case with something of everything.
async fn story(app: &TestApp) -> Expected {
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let step = |seconds| app.clock.advance(TimeDelta::seconds(seconds));
    let vacancy = posted(&refuge, app.world.a1).await;
    let case = opened(&helpline).await;
    step(1);
    helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
    let note = json!({ "visibility": "own_organisation", "kind": "call", "reached": true, "text": "She rang.",
        "happened_at": "2026-03-31T12:00:00Z" });
    let note = helpline.post(&format!("{case}/notes"), note).await.ok().id();
    step(1);
    helpline.post(&format!("{case}/risk-assessments"), json!({ "score": 15 })).await.ok();
    helpline.post(&format!("{case}/marac-referrals"), json!({ "reason": "score" })).await.ok();
    let action = json!({ "text": "Lock.", "doer": "other", "due_on": "2026-04-09" });
    let action = helpline.post(&format!("{case}/safety-plan/actions"), action).await.ok().id();
    step(1);
    let referral = referred(&helpline, &case, &vacancy).await;
    refuge.post(&format!("{referral}/request-information"), json!({ "note": "How many?" })).await.ok();
    step(1);
    helpline.post(&format!("{referral}/give-information"), json!({ "note": "Two." })).await.ok();
    let stay = accepted(&refuge, &referral).await;
    step(1);
    refuge.disclose(&format!("{referral}/identity-disclosures"), "confirming_arrival").await.ok();
    step(1);
    helpline.disclose(&format!("/api/v1/units/{}/address-disclosures", app.world.a1.0), "arranging_travel").await.ok();
    step(1);
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    let settled = json!({ "visibility": "referrer", "kind": "note", "text": "Settled in." });
    refuge.post(&format!("{stay}/notes"), settled).await.ok();
    let better = json!({ "kind": "call", "reached": false, "text": "It was her sister." });
    helpline.post(&format!("{case}/notes/{note}/corrections"), better).await.ok();
    helpline.post(&format!("{case}/safety-plan/actions/{action}/finish"), json!({})).await.ok();
    step(1);
    refuge.post(&format!("{stay}/depart"), json!({ "kind": "planned", "destination": "social_tenancy" })).await.ok();
    helpline.post(&format!("{case}/close"), json!({ "outcome": "placed" })).await.ok();
    Expected { case, referral, stay }
}

/// Every event of the story once, in order, and in pages the same as in one.
#[rstest]
#[actix_web::test]
async fn every_event_of_a_story_is_told_once_and_in_order(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let before = app.audit().len();
    let Expected { case, .. } = story(&app).await;
    let helpline = app.client("caseworker").await;
    let told = all(&helpline, &case, "").await;

    // What the audit has, of what is told; and the notes.
    let happened = app.audit_after(before);
    let expected = happened.iter().filter(|event| timeline::of(&event.action).is_some()).count();
    assert_eq!(told.len(), expected + 3, "{told:#?}");
    let ids: BTreeSet<_> = told.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), told.len(), "each once");
    let times: Vec<_> = told.iter().map(|entry| entry["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let texts: Vec<_> = told.iter().map(|entry| entry["text"].as_str().unwrap()).collect();
    for wanted in [
        "Case closed",
        "Left Copper House",
        "Arrived at Copper House",
        "Saw the address of the home",
        "Saw the names and the rules for safe contact",
        "Accepted by Copper House",
        "Copper House asked for more information",
        "Referral sent to Copper House",
        "Risk assessed",
        "Referred to a MARAC",
        "A place was held",
        "Case opened",
        "An action was added to the safety plan",
        "An action of the safety plan was ended",
        "A note",
        "Tried to call, and did not reach them (a correction)",
    ] {
        assert_eq!(texts.iter().filter(|text| **text == wanted).count(), 1, "{wanted} in {texts:#?}");
    }
    // A note stands at the time that it is about: before the case was opened.
    assert_eq!(told.last().unwrap()["text"], "Spoke with them on the telephone");
    assert!(told.last().unwrap()["note"]["corrected_by"].is_string());
    assert!(!told.iter().any(|entry| entry.to_string().contains("She rang.")), "what notes say is not told");

    let mut turned = all(&helpline, &case, "&order=oldest").await;
    assert_eq!(paged(&helpline, &case, "").await, told);
    assert_eq!(paged(&helpline, &case, "&order=oldest").await, turned);
    turned.reverse();
    assert_eq!(turned, told);
    let mut by_kind = 0;
    for kind in timeline::Kind::ALL {
        let query = format!("&kind={}", kind.as_str());
        let some = paged(&helpline, &case, &query).await;
        assert!(some.iter().all(|entry| entry["kind"] == kind.as_str()));
        by_kind += some.len();
    }
    assert_eq!(by_kind, told.len());

    // The page of a closed case is still there, and shows all of it.
    let page = app.visitor("caseworker").await.page(&format!("{}/timeline", case.replace("/api/v1", ""))).await.ok();
    assert_eq!(page.text.matches("sh-timeline__entry").count(), told.len());
}

/// S15: who did it is named of one's own organisation; of others only where they work.
#[rstest]
#[actix_web::test]
async fn s15_the_timeline_names_nobody_of_another_organisation(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let Expected { case, .. } = story(&app).await;
    let helpline = app.client("caseworker").await;
    let told = helpline.get(&format!("{case}/timeline?limit=200")).await.ok();
    assert!(!told.text.contains("refuge_worker") && !told.text.contains("A1"), "{}", told.text);
    for entry in told.items() {
        let own = entry["own_organisation"].as_bool().unwrap();
        assert_eq!(entry["organisation"], if own { "Helpline" } else { "Provider" }, "{entry:#}");
        assert_eq!(entry["person"].is_string(), own, "{entry:#}");
    }
    assert!(told.items().iter().any(|entry| entry["reason_label"] == "Confirming arrival"));
    let page = app.visitor("caseworker").await.page(&format!("{}/timeline", case.replace("/api/v1", ""))).await.ok();
    assert!(!page.text.contains("refuge_worker"), "{}", page.text);
    for who in ["colleague", "other_helpline_manager"] {
        let answer = app.client(who).await.get(&format!("{case}/timeline")).await;
        assert_eq!(answer.problem(), "404 not_found", "{who}");
    }
    app.client("helpline_manager").await.get(&format!("{case}/timeline")).await.ok();
    // To read it is no look at who they are.
    let looks = helpline.get(&format!("{case}/access")).await.ok();
    assert!(!looks.text.contains("timeline"));
}

/// S6: a service whose name is confidential is masked until it has accepted.
#[rstest]
#[actix_web::test]
async fn s06_the_timeline_masks_a_confidential_service(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("other_refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.d1).await;
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &vacancy).await;
    refuge.post(&format!("{referral}/request-information"), json!({ "note": "How many?" })).await.ok();
    let hidden = helpline.get(&format!("{case}/timeline")).await.ok();
    assert!(!hidden.text.contains("Heron") && !hidden.text.contains("Other Provider"), "{}", hidden.text);
    assert!(hidden.text.contains("A confidential service asked for more information"), "{}", hidden.text);
    accepted(&refuge, &referral).await;
    let known = helpline.get(&format!("{case}/timeline")).await.ok();
    assert!(known.text.contains("Accepted by Heron Homes"), "{}", known.text);
    refuge.post(&format!("{referral}/decline"), json!({ "primary_reason": "unit_became_unavailable" })).await.ok();
    let again = helpline.get(&format!("{case}/timeline")).await.ok();
    assert!(!again.text.contains("Heron") && !again.text.contains("Other Provider"), "{}", again.text);
    let page = app.visitor("caseworker").await.page(&format!("{}/timeline", case.replace("/api/v1", ""))).await.ok();
    assert!(!page.text.contains("Heron") && !page.text.contains("Other Provider"), "{}", page.text);
}

/// A cursor of another list, and a kind that is none, are refused.
#[rstest]
#[actix_web::test]
async fn a_timeline_refuses_what_it_does_not_know(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, .. } = expected(&app, &refuge, &helpline).await;
    for (query, field) in
        [("kind=gossip", "kind"), ("order=upwards", "order"), ("limit=0", "limit"), ("cursor=x", "cursor")]
    {
        let answer = helpline.get(&format!("{case}/timeline?{query}")).await;
        assert_eq!(answer.pointers(), [format!("query/{field}")], "{query}");
    }
}
