//! A case that is not one's own, in an emergency: a second person decides, and it ends by itself.

use chrono::TimeDelta;
use rstest::rstest;
use safehold::ids::reference;
use serde_json::{Value, json};

use crate::restricted::{exclude, id, reference_of};
use crate::steps::{accepted, audited, opened, posted, referred};
use crate::support::world::PASSWORD;
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

async fn ask(client: &Client, reference: &str) -> Answer {
    let body = json!({ "reference": reference, "reason": "worker_away", "explanation": "She rang and is outside." });
    client.post("/api/v1/emergency-access", body).await
}

async fn decide(client: &Client, request: &str, how: &str) -> Answer {
    let body = if how == "refuse" { json!({ "reason": "Ring her worker." }) } else { Value::Null };
    client.post(&format!("/api/v1/emergency-access/{request}/{how}"), body).await
}

/// What the person who asked is told of a request.
async fn told(client: &Client, request: &str) -> Value {
    let asked = client.get("/api/v1/emergency-access").await.ok().json["asked"].clone();
    asked.as_array().unwrap().iter().find(|row| row["id"] == request).unwrap().clone()
}

async fn waiting(client: &Client) -> usize {
    client.get("/api/v1/emergency-access").await.ok().json["to_decide"].as_array().unwrap().len()
}

/// S17: whoever asks learns nothing from the answer, nor from what becomes of it, until it is granted.
#[rstest]
#[actix_web::test]
async fn s17_the_answer_is_the_same_whether_there_is_such_a_case_or_not(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager, colleague) =
        (app.client("caseworker").await, app.client("helpline_manager").await, app.client("colleague").await);
    let case = opened(&helpline).await;
    exclude(&manager, &case, &app, "colleague").await.ok();
    let real = reference_of(&helpline, &case).await;
    let others = opened(&app.client("other_caseworker").await).await;
    let theirs = reference_of(&app.client("other_caseworker").await, &others).await;
    let mut requests = Vec::new();
    for wanted in [real, theirs, reference('C'), reference('R')] {
        let answer = ask(&colleague, &wanted).await.ok();
        assert_eq!(answer.text_of("message"), "If there is such a case, a second person has been asked.");
        requests.push((answer.id(), bare(&answer.json)));
    }
    assert!(requests.iter().all(|(_, told)| *told == requests[0].1), "{requests:#?}");
    assert_eq!((waiting(&manager).await, waiting(&helpline).await), (1, 1));
    assert_eq!(waiting(&app.client("other_helpline_manager").await).await, 0);
    decide(&manager, &requests[0].0, "refuse").await.ok();
    for hours in [0, 3, 1] {
        app.clock.advance(TimeDelta::hours(hours));
        let again = app.client("colleague").await;
        let mut all = Vec::new();
        for (request, _) in &requests {
            all.push(bare(&told(&again, request).await));
        }
        assert!(all.iter().all(|told| *told == all[0]), "{all:#?}");
    }
    let again = app.client("colleague").await;
    assert_eq!(told(&again, &requests[0].0).await["state"], "not_granted");
    assert_eq!(ask(&again, "C-AAAA-AAAA").await.pointers(), ["body/reference"]);
}

/// All of a request but what differs between any two.
fn bare(told: &Value) -> Value {
    let mut told = told.clone();
    for field in ["id", "reference"] {
        told.as_object_mut().unwrap().remove(field);
    }
    told
}

/// S17: a second person grants it; it is used, seen in the audit and the alerts, and over by itself.
#[rstest]
#[actix_web::test]
async fn s17_a_second_person_opens_a_case_for_four_hours(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager, colleague) =
        (app.client("caseworker").await, app.client("helpline_manager").await, app.client("colleague").await);
    let case = opened(&helpline).await;
    exclude(&manager, &case, &app, "colleague").await.ok();
    let request = ask(&colleague, &reference_of(&helpline, &case).await).await.ok().id();
    assert_eq!(colleague.get(&case).await.problem(), "404 not_found");
    assert_eq!(decide(&colleague, &request, "grant").await.problem(), "404 not_found");
    let read = manager.get(&format!("/api/v1/emergency-access/{request}")).await.ok();
    assert_eq!(read.text_of("explanation"), "She rang and is outside.");

    // The password must be fresh.
    app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(decide(&manager, &request, "grant").await.problem(), "401 reauthenticate");
    let confirmed = manager.post("/api/v1/sessions/current/confirmations", json!({ "password": PASSWORD })).await.ok();
    let manager = app.with_token(Some(confirmed.text_of("access_token"))).await;
    decide(&manager, &request, "grant").await.ok();
    assert_eq!(decide(&manager, &request, "refuse").await.problem(), "409 already_decided");

    let colleague = app.client("colleague").await;
    assert_eq!(told(&colleague, &request).await["state"], "open");
    colleague.get(&case).await.ok();
    assert_eq!(colleague.get("/api/v1/cases").await.ok().items().len(), 1);
    let visitor = app.visitor("colleague").await;
    assert_eq!(visitor.page(&case.replace("/api/v1", "")).await.status, 200);
    assert_eq!(audited(&app, "case.read_in_emergency"), 2);
    colleague.disclose(&format!("{case}/identity-disclosures"), "emergency").await.ok();
    assert_eq!(audited(&app, "case.read_in_emergency"), 3);
    let event = app.audit().into_iter().find(|event| event.action == "case.read_in_emergency").unwrap();
    assert_eq!((event.reason.as_str(), event.object.to_string().as_str()), ("emergency", id(&case)));
    // Asked, granted, used: each raised its alert, once.
    let alerts = manager.get("/api/v1/alerts").await.ok();
    let raised: Vec<_> = alerts.items().iter().rev().map(|alert| alert["stage"].as_str().unwrap()).collect();
    assert_eq!(raised, ["asked", "granted", "used"]);
    // She sees it, and is no owner of it: she keeps it from nobody.
    assert_eq!(exclude(&colleague, &case, &app, "helpline_manager").await.problem(), "403 forbidden");

    app.clock.advance(TimeDelta::hours(4));
    let colleague = app.client("colleague").await;
    assert_eq!(colleague.get(&case).await.problem(), "404 not_found");
    assert_eq!(colleague.get("/api/v1/cases").await.ok().items().len(), 0);
    assert_eq!(told(&colleague, &request).await["state"], "over");
    assert_eq!(app.visitor("colleague").await.page(&case.replace("/api/v1", "")).await.status, 404);
}

/// S17: never the person who asked, never one who is excluded, never one who is not let in but by an emergency.
#[rstest]
#[actix_web::test]
async fn s17_who_may_not_see_the_case_does_not_decide(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager, colleague) =
        (app.client("caseworker").await, app.client("helpline_manager").await, app.client("colleague").await);
    let case = opened(&helpline).await;
    let name = reference_of(&helpline, &case).await;
    exclude(&helpline, &case, &app, "helpline_manager").await.ok();
    let request = ask(&colleague, &name).await.ok().id();
    assert_eq!((waiting(&manager).await, waiting(&helpline).await), (0, 1));
    assert_eq!(decide(&manager, &request, "grant").await.problem(), "404 not_found");
    decide(&helpline, &request, "grant").await.ok();
    // The manager asks for herself: the colleague who was let in does not let her in.
    let second = ask(&manager, &name).await.ok().id();
    assert_eq!(waiting(&colleague).await, 0);
    assert_eq!(decide(&colleague, &second, "grant").await.problem(), "404 not_found");
    decide(&helpline, &second, "grant").await.ok();
    manager.get(&case).await.ok();
    // Either ends it early.
    decide(&manager, &second, "end").await.ok();
    assert_eq!(manager.get(&case).await.problem(), "404 not_found");
    decide(&helpline, &request, "end").await.ok();
    assert_eq!(colleague.get(&case).await.problem(), "404 not_found");
    assert_eq!(decide(&helpline, &request, "end").await.problem(), "409 already_decided");
}

/// S17: a request that nobody decides on lapses; naming somebody ends what was open to her.
#[rstest]
#[actix_web::test]
async fn s17_a_request_lapses_and_naming_somebody_ends_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, colleague) = (app.client("caseworker").await, app.client("colleague").await);
    let case = opened(&helpline).await;
    let name = reference_of(&helpline, &case).await;
    let late = ask(&colleague, &name).await.ok().id();
    app.clock.advance(TimeDelta::hours(4));
    let (helpline, colleague) = (app.client("caseworker").await, app.client("colleague").await);
    assert_eq!(decide(&helpline, &late, "grant").await.problem(), "409 already_decided");
    let request = ask(&colleague, &name).await.ok().id();
    decide(&helpline, &request, "grant").await.ok();
    colleague.get(&case).await.ok();
    exclude(&helpline, &case, &app, "colleague").await.ok();
    assert_eq!(colleague.get(&case).await.problem(), "404 not_found");
}

/// S17: a refuge worker asks by the reference of a referral; her manager decides.
#[rstest]
#[actix_web::test]
async fn s17_a_refuge_lets_its_worker_in_to_a_household(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, manager, helpline) =
        (app.client("refuge_worker").await, app.client("refuge_manager").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &vacancy).await;
    let name = reference_of(&manager, &referral).await;
    exclude(&manager, &referral, &app, "refuge_worker").await.ok();
    let stay = accepted(&manager, &referral).await;
    let request = ask(&refuge, &name).await.ok().id();
    assert_eq!(waiting(&helpline).await, 0, "another organisation decides nothing");
    decide(&manager, &request, "grant").await.ok();
    refuge.get(&referral).await.ok();
    refuge.get(&stay).await.ok();
    assert_eq!(audited(&app, "case.read_in_emergency"), 2);
    assert_eq!(refuge.get("/api/v1/placements").await.ok().items().len(), 1);
}
