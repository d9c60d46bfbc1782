//! A number is shown after the rules, and in the hours that are safe.

use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{Expected, accepted, audited, expected, opened, opened_with, posted, referred};
use crate::support::secrecy::{CANARY_NAME, CANARY_PHONE};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

/// The household, safe to reach in these hours. The world begins on a Wednesday at ten.
fn case_with_hours(hours: Value) -> Value {
    let mut case = new_case();
    case["identity"]["safe_contact"]["safe_hours"] = hours;
    case
}

async fn ask(client: &Client, path: &str, more: Value) -> crate::support::Answer {
    let mut body = json!({ "reason": "safeguarding" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.post(&format!("{path}/contact-disclosures"), body).await
}

/// S2
#[rstest]
#[actix_web::test]
async fn s02_who_they_are_is_told_with_the_rules_and_without_a_number(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, referral, .. } = expected(&app, &refuge, &helpline).await;
    for (client, path) in [(&helpline, &case), (&refuge, &referral)] {
        let who = client.disclose(&format!("{path}/identity-disclosures"), "safeguarding").await.ok();
        assert_eq!(who.json["people"][0]["name"], CANARY_NAME);
        let rules = &who.json["safe_contact"];
        assert_eq!((&rules["has_telephone"], &rules["voicemail_safe"]), (&json!(true), &json!(false)));
        assert_eq!(rules["safe_times"], "weekdays after 9");
        assert!(!who.text.contains(CANARY_PHONE), "{}", who.text);
    }
    assert_eq!(audited(&app, "contact.disclosed"), 0);
}

#[rstest]
#[actix_web::test]
async fn while_nobody_knows_the_hours_the_rules_are_read_first(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, referral, .. } = expected(&app, &refuge, &helpline).await;
    for (client, path) in [(&helpline, &case), (&refuge, &referral)] {
        let refused = ask(client, path, json!({})).await;
        assert_eq!((refused.problem(), refused.pointers()), ("422 invalid".into(), vec!["body/rules_read".into()]));
        let reached = ask(client, path, json!({ "rules_read": true })).await.ok();
        assert_eq!(reached.json["telephone"], CANARY_PHONE);
        assert_eq!(reached.json["safe_contact"]["voicemail_safe"], false);
    }
    assert_eq!((audited(&app, "contact.disclosed"), audited(&app, "contact.outside_hours")), (2, 0));
}

#[rstest]
#[actix_web::test]
async fn outside_the_safe_hours_a_number_is_shown_for_a_reason_alone(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let hours = json!([{ "days": ["wednesday"], "from": "09:00", "until": "12:00" }]);
    let case = opened_with(&helpline, case_with_hours(hours)).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    accepted(&refuge, &referral).await;
    for (client, path) in [(&helpline, &case), (&refuge, &referral)] {
        assert_eq!(ask(client, path, json!({})).await.ok().json["telephone"], CANARY_PHONE);
    }

    app.clock.advance(TimeDelta::hours(2));
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    for (client, path) in [(&helpline, &case), (&refuge, &referral)] {
        let refused = ask(client, path, json!({ "rules_read": true })).await;
        assert_eq!(refused.problem(), "409 outside_safe_hours");
        assert_eq!(refused.json["current"]["next_safe_at"], "2026-04-08T08:00:00Z");
        for (wrong, at) in [
            (json!({ "outside_hours_reason": "because" }), "body/outside_hours_reason"),
            (json!({ "outside_hours_reason": "other" }), "body/outside_hours_note"),
        ] {
            assert_eq!(ask(client, path, wrong).await.pointers(), [at]);
        }
        let danger = json!({ "outside_hours_reason": "danger_to_life" });
        assert_eq!(ask(client, path, danger).await.ok().json["telephone"], CANARY_PHONE);
        let other = json!({ "outside_hours_reason": "other", "outside_hours_note": "Her sister asked marigold." });
        ask(client, path, other).await.ok();
    }
    assert_eq!((audited(&app, "refused.outside_safe_hours"), audited(&app, "contact.outside_hours")), (2, 4));
    let reasons = crate::secrecy::lines(
        &mut app.raw(),
        "SELECT reason AS line FROM contact_override WHERE sealed IS NOT NULL ORDER BY id",
    );
    assert_eq!(reasons, ["other", "other"]);
}

/// S2, S3
#[rstest]
#[actix_web::test]
async fn s02_s03_a_number_is_for_those_whose_household_it_is(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    let read = json!({ "rules_read": true });
    assert_eq!(ask(&refuge, &referral, read.clone()).await.problem(), "409 identity_not_released");
    accepted(&refuge, &referral).await;
    ask(&refuge, &referral, read.clone()).await.ok();
    for who in ["colleague", "other_caseworker", "other_helpline_manager"] {
        assert_eq!(ask(&app.client(who).await, &case, read.clone()).await.problem(), "404 not_found", "{who}");
    }
    app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(ask(&helpline, &case, read.clone()).await.problem(), "401 reauthenticate");
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("{referral}/decline"), json!({ "primary_reason": "risk_to_others" })).await.ok();
    assert_eq!(ask(&refuge, &referral, read).await.problem(), "409 identity_not_released");
}

/// A form that is wrong shows again what was typed.
const PHONE: &str = "07700 900123";

#[rstest]
#[actix_web::test]
async fn on_a_page_the_rules_come_first_and_then_the_number(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let visitor = app.visitor("caseworker").await;
    let case = opened(&app.client("caseworker").await).await.replace("/api/v1", "");
    let typed = [
        ("people/0/name", "Somebody"),
        ("safe_contact/telephone", PHONE),
        ("safe_contact/safe_hours/0/days", "monday"),
        ("safe_contact/safe_hours/0/from", "9"),
        ("safe_contact/safe_hours/0/until", "12.30"),
    ];
    let wrong = visitor.submit(&format!("{case}/contact"), &typed[..4]).await;
    assert!(wrong.text.contains("Enter the time until which it is safe"), "{}", wrong.text);
    assert_eq!(visitor.submit(&format!("{case}/contact"), &typed).await.status, 303);
    let reason = ("reason", "safeguarding");
    let who = visitor.submit(&format!("{case}/identity"), &[reason]).await.ok();
    for said in [
        "Do not leave a voicemail",
        "Safe only: Monday, 09:00 to 12:30",
        "It is not safe to reach them now",
        "on Monday 6 April from 9am",
    ] {
        assert!(who.text.contains(said), "{said}: {}", who.text);
    }
    assert!(!who.text.contains(PHONE));
    let refused = visitor.submit(&format!("{case}/telephone"), &[reason]).await;
    assert_eq!(refused.status, 422);
    assert!(!refused.text.contains(PHONE) && refused.text.contains("There is a problem"));
    let urgent = [reason, ("outside_hours_reason", "danger_to_life")];
    let reached = visitor.submit(&format!("{case}/telephone"), &urgent).await.ok();
    assert!(reached.text.contains(PHONE) && reached.text.contains("Do not send a text"));
}
