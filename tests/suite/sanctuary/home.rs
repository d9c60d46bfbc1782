//! Where a household lives that wants to stay, and who it is: read by whom it is released to, for a reason, for a while.

use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::sanctuary::State;
use serde_json::json;

use super::{asked, book, in_state, scheme};
use crate::steps::audited;
use crate::support::secrecy::{CANARY_NAME, CANARY_POSTCODE, CANARY_STREET};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

/// Everybody who could ask where she lives.
const PEOPLE: [&str; 8] = [
    "refuge_worker",
    "refuge_manager",
    "other_refuge_manager",
    "caseworker",
    "colleague",
    "helpline_manager",
    "other_caseworker",
    "other_helpline_manager",
];
const REFERRER: [&str; 2] = ["caseworker", "helpline_manager"];
const BOTH: [&str; 4] = ["refuge_worker", "refuge_manager", "caseworker", "helpline_manager"];
const NOBODY: [&str; 0] = [];

async fn written(helpline: &Client, job: &str) {
    let address =
        json!({ "lines": [CANARY_STREET, "Leicester"], "postcode": CANARY_POSTCODE, "directions": "The bell." });
    helpline.put(&format!("{job}/address"), address).await;
}

/// Who may read now where she lives, each newly signed in.
async fn readers(app: &TestApp, job: &str) -> Vec<&'static str> {
    let mut readers = Vec::new();
    for who in PEOPLE {
        let answer = app.client(who).await.disclose(&format!("{job}/address-disclosures"), "safeguarding").await;
        if answer.status.is_success() {
            assert_eq!(answer.json["lines"][0], CANARY_STREET);
            readers.push(who);
        } else {
            let refused = if BOTH.contains(&who) { "409 home_not_released" } else { "404 not_found" };
            assert_eq!(answer.problem(), refused, "{who}");
        }
    }
    readers
}

/// S2, S3
#[rstest]
#[actix_web::test]
async fn s02_s03_a_scheme_reads_where_she_lives_from_the_booking_until_28_days_after_the_sign_off(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let scheme = scheme(&app).await;
    let (_, job) = asked(&helpline, &scheme).await;
    written(&helpline, &job).await;
    assert_eq!(refuge.get(&job).await.ok().json["location_known"], json!(null), "not even that");
    assert_eq!(readers(&app, &job).await, REFERRER, "a request alone releases nothing");
    book(&refuge, &job).await;
    assert_eq!(readers(&app, &job).await, BOTH);
    for never in ["administrator", "auditor", "commissioner"] {
        let answer = app.client(never).await.disclose(&format!("{job}/address-disclosures"), "safeguarding").await;
        assert_eq!(answer.problem(), "403 forbidden", "{never}");
    }
    for step in ["survey", "install", "sign-off"] {
        refuge.post(&format!("{job}/{step}"), json!({})).await.ok();
        assert_eq!(readers(&app, &job).await, BOTH, "{step}");
    }
    app.clock.advance(TimeDelta::days(28) - TimeDelta::microseconds(1));
    assert_eq!(readers(&app, &job).await, BOTH);
    app.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(readers(&app, &job).await, NOBODY);
    let helpline = app.client("caseworker").await;
    let late = helpline.put(&format!("{job}/address"), json!({ "lines": ["A"], "postcode": "ZZ1 1ZZ" })).await;
    assert_eq!(late.problem(), "409 already_ended");
}

/// S3
#[rstest]
#[case::declined("refuge_worker", "scheme_full")]
#[case::by_the_survivor("caseworker", "survivor_changed_mind")]
#[case::not_feasible("refuge_worker", "home_unsuitable")]
#[case::withdrawn("caseworker", "requested_in_error")]
#[actix_web::test]
async fn s03_nobody_reads_where_she_lives_after_an_ending_without_a_sign_off(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] who: &str,
    #[case] reason: &str,
) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let scheme = scheme(&app).await;
    let (_, job) = asked(&helpline, &scheme).await;
    written(&helpline, &job).await;
    book(&refuge, &job).await;
    assert_eq!(readers(&app, &job).await, BOTH);
    app.client(who).await.post(&format!("{job}/end"), json!({ "reason": reason })).await.ok();
    assert_eq!(readers(&app, &job).await, NOBODY);
    let identity = refuge.disclose(&format!("{job}/identity-disclosures"), "safeguarding").await;
    assert_eq!(identity.problem(), "409 home_not_released");
}

/// S2, S20
#[rstest]
#[actix_web::test]
async fn s02_s20_an_old_sign_in_and_an_unknown_reason_show_no_home(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let scheme = scheme(&app).await;
    let (_, job) = asked(&helpline, &scheme).await;
    written(&helpline, &job).await;
    book(&refuge, &job).await;
    let (address, identity) = (format!("{job}/address-disclosures"), format!("{job}/identity-disclosures"));
    let doors: [(&Client, &str); 3] = [(&helpline, &address), (&refuge, &address), (&refuge, &identity)];
    for (client, path) in doors {
        assert_eq!(client.disclose(path, "curiosity").await.pointers(), ["body/reason"]);
    }
    app.clock.advance(TimeDelta::minutes(5) + TimeDelta::seconds(1));
    for (client, path) in doors {
        assert_eq!(client.disclose(path, "safeguarding").await.problem(), "401 reauthenticate", "{path}");
    }
    assert_eq!((audited(&app, "home.disclosed"), audited(&app, "refused.reauthenticate")), (0, 3));
}

/// S3, S18
#[rstest]
#[actix_web::test]
async fn s03_s18_a_scheme_reads_who_they_are_with_the_rules_first_and_each_look_is_told(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let scheme = scheme(&app).await;
    let (case, job) = asked(&helpline, &scheme).await;
    written(&helpline, &job).await;
    let identity = format!("{job}/identity-disclosures");
    assert_eq!(refuge.disclose(&identity, "safeguarding").await.problem(), "409 home_not_released");
    assert_eq!(
        helpline.disclose(&identity, "safeguarding").await.problem(),
        "403 forbidden",
        "she has her own way to it"
    );
    book(&refuge, &job).await;
    let who = refuge.disclose(&identity, "safeguarding").await.ok().json;
    assert_eq!(who["people"][0]["name"], CANARY_NAME);
    assert_eq!(who["safe_contact"]["has_telephone"], true);
    let unread = refuge.post(&format!("{job}/contact-disclosures"), json!({ "reason": "safeguarding" })).await;
    assert_eq!(unread.pointers(), ["body/rules_read"]);
    let read = json!({ "reason": "safeguarding", "rules_read": true });
    refuge.post(&format!("{job}/contact-disclosures"), read).await.ok();
    refuge.disclose(&format!("{job}/address-disclosures"), "safeguarding").await.ok();
    let looks = helpline.get(&format!("{case}/access")).await.ok();
    let told: Vec<_> = looks.items().iter().map(|look| look["action"].as_str().unwrap().to_owned()).collect();
    for action in ["home.disclosed", "identity.disclosed", "contact.disclosed", "sanctuary.requested"] {
        assert!(told.contains(&action.to_owned()), "{action}: {told:?}");
    }
    let plain = looks.items().iter().find(|look| look["action"] == "home.disclosed").unwrap();
    assert_eq!(plain["organisation"], "Provider");
}

/// S31
#[rstest]
#[actix_web::test]
async fn s31_who_reads_many_homes_is_noticed(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, scheme) = (app.client("caseworker").await, scheme(&app).await);
    for n in 0..6 {
        let (_, job) = in_state(&app, &scheme, State::Requested).await;
        written(&helpline, &job).await;
        assert_eq!(audited(&app, "alert.raised"), 0, "{n}");
        helpline.disclose(&format!("{job}/address-disclosures"), "safeguarding").await.ok();
    }
    assert_eq!(audited(&app, "alert.raised"), 1);
}
