//! A stay, from the day a household is expected to the day it leaves.

use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{audited, doing, expected, opened, posted, referred};
use crate::support::{Engine, Postgres, Sqlite, TestApp};

#[rstest]
#[actix_web::test]
async fn a_household_is_expected_comes_and_leaves(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let stay = expected(&app, &refuge, &helpline).await.stay;
    let first = refuge.get(&stay).await.ok().json;
    assert_eq!((&first["state"], &first["expected_at"]), (&json!("expected"), &json!("2026-04-01T09:00:00Z")));
    assert_eq!(doing(&refuge, app.world.a1).await, "placed");

    app.clock.advance(TimeDelta::hours(5));
    let refuge = app.client("refuge_worker").await;
    let arrived = refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    assert_eq!(arrived.text_of("arrived_at"), "2026-04-01T14:00:00Z");

    app.clock.advance(TimeDelta::days(40));
    let refuge = app.client("refuge_worker").await;
    let leaving = json!({
        "kind": "unplanned", "destination": "not_known", "asked_to_leave_reason": "damage",
        "departed_at": "2026-05-10T08:00:00Z",
    });
    let departed = refuge.post(&format!("{stay}/depart"), leaving).await.ok().json;
    assert_eq!(
        [&departed["state"], &departed["departure_kind"], &departed["destination"], &departed["asked_to_leave_reason"]],
        [&json!("departed"), &json!("unplanned"), &json!("not_known"), &json!("damage")]
    );
    assert_eq!(doing(&refuge, app.world.a1).await, "free");
    let days = format!("/api/v1/units/{}/occupancies?from=2026-04-01&to=2026-06-30", app.world.a1.0);
    let during = json!({ "starts_at": "2026-04-01T09:00:00Z", "ends_at": "2026-05-10T08:00:00Z" });
    assert_eq!(refuge.get(&days).await.ok().items()[0]["during"], during);
    posted(&refuge, app.world.a1).await;
}

#[rstest]
#[actix_web::test]
async fn who_does_not_come_has_been_denied_and_the_unit_is_free(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let place = expected(&app, &refuge, &helpline).await;
    let missed = format!("{}/did-not-arrive", place.stay);
    let unreasoned = refuge.post(&missed, json!({ "primary_reason": "traffic" })).await;
    assert_eq!(unreasoned.pointers(), ["body/primary_reason"]);
    assert_eq!(doing(&refuge, app.world.a1).await, "placed");

    app.clock.advance(TimeDelta::minutes(10));
    let reasons = json!({ "primary_reason": "lost_contact", "secondary_reasons": ["too_far"] });
    assert_eq!(refuge.post(&missed, reasons).await.ok().text_of("state"), "did_not_arrive");
    let ended = helpline.get(&place.referral).await.ok().json;
    assert_eq!(
        [&ended["state"], &ended["primary_reason"], &ended["decided_by"], &ended["secondary_reasons"]],
        [&json!("withdrawn"), &json!("lost_contact"), &json!("referrer"), &json!(["too_far"])]
    );
    assert_eq!(doing(&refuge, app.world.a1).await, "free");
    let events = ["placement.did_not_arrive", "referral.ended"].map(|action| audited(&app, action));
    assert_eq!(events, [1, 1]);

    // The household goes on looking, and the unit takes another.
    let vacancy = posted(&refuge, app.world.a1).await;
    referred(&helpline, &place.case, &vacancy).await;
    let other = opened(&helpline).await;
    helpline.post(&format!("{other}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
}

#[rstest]
#[actix_web::test]
async fn a_stay_goes_only_forward(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let stay = expected(&app, &refuge, &helpline).await.stay;
    let commands = [
        ("arrive", json!({})),
        ("did-not-arrive", json!({ "primary_reason": "lost_contact" })),
        ("extend", json!({ "expected_end": "2026-08-01" })),
        ("depart", json!({ "kind": "planned", "destination": "hospital" })),
    ];
    let refused = async |state: &str, names: &[&str]| {
        for (name, body) in commands.iter().filter(|(name, _)| names.contains(name)) {
            let answer = refuge.post(&format!("{stay}/{name}"), body.clone()).await;
            assert_eq!(answer.problem(), "409 placement_state", "{state}: {name}");
            assert_eq!(answer.json["current"], json!({ "placement": state }));
        }
    };
    refused("expected", &["depart"]).await;
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    refused("arrived", &["arrive", "did-not-arrive"]).await;
    app.clock.advance(TimeDelta::minutes(10));
    refuge.post(&format!("{stay}/depart"), json!({ "kind": "planned", "destination": "hospital" })).await.ok();
    refused("departed", &["arrive", "did-not-arrive", "extend", "depart"]).await;
}

#[rstest]
#[actix_web::test]
async fn nothing_is_recorded_that_has_not_happened_yet_or_makes_no_sense(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let stay = expected(&app, &refuge, &helpline).await.stay;
    app.clock.advance(TimeDelta::minutes(10));
    let leaving = |destination: &str, at: &str, reason: Value| {
        json!({
            "kind": "planned", "destination": destination, "departed_at": at, "asked_to_leave_reason": reason,
        })
    };
    let wrong = async |name: &str, body: Value, pointer: &str| {
        let answer = refuge.post(&format!("{stay}/{name}"), body).await;
        assert_eq!((answer.problem().as_str(), answer.pointers()), ("422 invalid", vec![format!("body/{pointer}")]));
    };
    wrong("arrive", json!({ "arrived_at": "2026-04-01T09:10:01Z" }), "arrived_at").await;
    refuge.post(&format!("{stay}/arrive"), json!({ "arrived_at": "2026-04-01T09:05:00Z" })).await.ok();
    let now = "2026-04-01T09:10:00Z";
    wrong("depart", leaving("hospital", "2026-04-01T09:10:01Z", Value::Null), "departed_at").await;
    wrong("depart", leaving("hospital", "2026-04-01T09:05:00Z", Value::Null), "departed_at").await;
    wrong("depart", leaving("the_moon", now, Value::Null), "destination").await;
    wrong("depart", leaving("hospital", now, json!("noise")), "asked_to_leave_reason").await;
    wrong("extend", json!({ "expected_end": "2026-04-01" }), "expected_end").await;
    assert_eq!(refuge.get(&stay).await.ok().text_of("state"), "arrived");
}

#[rstest]
#[actix_web::test]
async fn a_stay_is_extended_and_the_unit_stays_taken_until_they_leave(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let stay = expected(&app, &refuge, &helpline).await.stay;
    for end in ["2026-06-01", "2026-05-01"] {
        let extended = refuge.post(&format!("{stay}/extend"), json!({ "expected_end": end })).await.ok();
        assert_eq!((extended.text_of("expected_end"), extended.text_of("state")), (end.into(), "expected".into()));
    }
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    app.clock.advance(TimeDelta::days(60));
    let refuge = app.client("refuge_worker").await;
    assert_eq!(doing(&refuge, app.world.a1).await, "placed", "nobody is put out by a date");
    let extended = refuge.post(&format!("{stay}/extend"), json!({ "expected_end": "2026-09-01" })).await.ok();
    assert_eq!((extended.text_of("expected_end"), extended.text_of("state")), ("2026-09-01".into(), "arrived".into()));
}

#[rstest]
#[actix_web::test]
async fn a_household_may_come_earlier_than_expected_if_the_unit_is_free(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let cleaning = json!({ "reason": "cleaning", "ends_at": "2026-04-01T12:00:00Z" });
    refuge.post(&format!("/api/v1/units/{}/voids", app.world.a1.0), cleaning).await.ok();
    let vacancy = json!({ "unit_id": app.world.a1, "available_from": "2026-04-03" });
    let vacancy = refuge.post("/api/v1/vacancies", vacancy).await.ok().id();
    let referral = referred(&helpline, &opened(&helpline).await, &vacancy).await;
    let accepted = refuge.post(&format!("{referral}/accept"), json!({})).await.ok();
    let stay = format!("/api/v1/placements/{}", accepted.text_of("placement_id"));
    assert_eq!(refuge.get(&stay).await.ok().text_of("expected_at"), "2026-04-02T23:00:00Z");

    let early = refuge.post(&format!("{stay}/arrive"), json!({})).await;
    assert_eq!((early.problem().as_str(), &early.json["current"]["taken"]["by"]), ("409 unit_taken", &json!("void")));
    app.clock.advance(TimeDelta::hours(3));
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    assert_eq!(doing(&refuge, app.world.a1).await, "placed");
}

#[rstest]
#[actix_web::test]
async fn a_stay_is_seen_by_its_own_provider_only(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let stay = expected(&app, &refuge, &helpline).await.stay;
    assert_eq!(refuge.get("/api/v1/placements?state=expected").await.ok().items().len(), 1);
    let other = app.client("other_refuge_manager").await;
    assert_eq!(other.get("/api/v1/placements").await.ok().items().len(), 0);
    assert_eq!(other.get(&stay).await.problem(), "404 not_found");
    assert_eq!(other.post(&format!("{stay}/arrive"), json!({})).await.problem(), "404 not_found");
    assert_eq!(helpline.get(&stay).await.problem(), "403 forbidden");
}
