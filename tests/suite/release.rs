//! Where a home is, and who a household is: each is read by whom it has been released to, for a reason, and for a while.

use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{Expected, accepted, audited, expected, opened, posted, referred};
use crate::support::secrecy::{CANARY_NAME, CANARY_STREET};
use crate::support::world::PASSWORD;
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

/// Everybody who could ask where A1 is, but its own provider.
const OUTSIDERS: [&str; 6] = [
    "caseworker",
    "colleague",
    "helpline_manager",
    "other_caseworker",
    "other_helpline_manager",
    "other_refuge_manager",
];

fn address_of_a1(app: &TestApp) -> String {
    format!("/api/v1/units/{}/address-disclosures", app.world.a1.0)
}

/// Who of the outsiders may read the address of A1 now, each newly signed in.
async fn readers(app: &TestApp) -> Vec<&'static str> {
    let mut readers = Vec::new();
    for who in OUTSIDERS {
        let answer = app.client(who).await.disclose(&address_of_a1(app), "arranging_travel").await;
        if answer.status.is_success() {
            assert_eq!(answer.json["lines"][0], CANARY_STREET);
            readers.push(who);
        } else {
            assert_eq!(answer.problem(), "404 not_found", "{who}");
        }
    }
    readers
}

async fn place(app: &TestApp) -> Expected {
    expected(app, &app.client("refuge_worker").await, &app.client("caseworker").await).await
}

const RELEASED: [&str; 2] = ["caseworker", "helpline_manager"];
const NOBODY: [&str; 0] = [];

/// S2, S3
#[rstest]
#[actix_web::test]
async fn s02_s03_the_address_is_read_after_acceptance_by_those_who_work_on_the_case(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    assert_eq!(readers(&app).await, NOBODY);
    let vacancy = posted(&refuge, app.world.a1).await;
    let case = opened(&helpline).await;
    helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
    let referral = referred(&helpline, &case, &vacancy).await;
    assert_eq!(readers(&app).await, NOBODY, "a referral alone releases nothing");

    let stay = accepted(&refuge, &referral).await;
    assert_eq!(readers(&app).await, RELEASED);
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    assert_eq!(readers(&app).await, RELEASED);

    let elsewhere = format!("/api/v1/units/{}/address-disclosures", app.world.a2.0);
    assert_eq!(helpline.disclose(&elsewhere, "arranging_travel").await.problem(), "404 not_found");
    for own in ["refuge_worker", "refuge_manager"] {
        app.client(own).await.disclose(&elsewhere, "repairs").await.ok();
    }
    for never in ["administrator", "auditor", "commissioner"] {
        let answer = app.client(never).await.disclose(&address_of_a1(&app), "safeguarding").await;
        assert_eq!(answer.problem(), "403 forbidden", "{never}");
    }
}

/// S3
#[rstest]
#[case::when_it_is_taken_back("revoke")]
#[case::when_the_provider_declines_after_all("decline")]
#[case::when_the_helpline_withdraws("withdraw")]
#[case::when_they_did_not_come("did not come")]
#[case::when_they_have_left("leave")]
#[case::after_a_fortnight("wait")]
#[actix_web::test]
async fn s03_the_release_of_an_address_ends(#[values(Sqlite, Postgres)] on: Engine, #[case] how: &str) {
    let app = TestApp::spawn(on);
    let Expected { referral, stay, .. } = place(&app).await;
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    assert_eq!(readers(&app).await, RELEASED);
    match how {
        "revoke" => refuge.post(&format!("{referral}/revoke-address"), Value::Null).await.ok(),
        "decline" => {
            refuge.post(&format!("{referral}/decline"), json!({ "primary_reason": "risk_to_others" })).await.ok()
        }
        "withdraw" => {
            helpline.post(&format!("{referral}/withdraw"), json!({ "primary_reason": "lost_contact" })).await.ok()
        }
        "did not come" => {
            let reasons = json!({ "primary_reason": "found_alternative" });
            refuge.post(&format!("{stay}/did-not-arrive"), reasons).await.ok()
        }
        "leave" => {
            refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
            app.clock.advance(TimeDelta::minutes(1));
            let left = json!({ "kind": "planned", "destination": "social_tenancy" });
            refuge.post(&format!("{stay}/depart"), left).await.ok()
        }
        _ => {
            let arrived = refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
            app.clock.advance(TimeDelta::days(14) - TimeDelta::microseconds(1));
            assert_eq!(readers(&app).await, RELEASED);
            app.clock.advance(TimeDelta::microseconds(1));
            arrived
        }
    };
    assert_eq!(readers(&app).await, NOBODY);
    app.client("refuge_worker").await.disclose(&address_of_a1(&app), "repairs").await.ok();
}

/// S2
#[rstest]
#[actix_web::test]
async fn s02_the_release_follows_the_case_to_its_new_worker(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let case = place(&app).await.case;
    let manager = app.client("helpline_manager").await;
    let etag = manager.get(&case).await.ok().header("etag").to_owned();
    let to = json!({ "account_id": app.world.account("colleague").id });
    let headers = [("if-match", etag.as_str())];
    manager.request(actix_web::http::Method::PUT, &format!("{case}/owner"), &headers, Some(to)).await.ok();
    assert_eq!(readers(&app).await, ["colleague", "helpline_manager"]);
}

/// S2, S20
#[rstest]
#[actix_web::test]
async fn s02_s20_an_old_sign_in_and_an_unknown_reason_open_nothing(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let Expected { case, referral, .. } = place(&app).await;
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let (own, received) = (format!("{case}/identity-disclosures"), format!("{referral}/identity-disclosures"));
    let address = address_of_a1(&app);
    let doors: [(&Client, &str); 4] =
        [(&helpline, &address), (&refuge, &address), (&helpline, &own), (&refuge, &received)];
    for (client, path) in doors {
        let refused = client.disclose(path, "curiosity").await;
        assert_eq!((refused.problem().as_str(), refused.pointers()), ("422 invalid", vec!["body/reason".to_owned()]));
    }
    app.clock.advance(TimeDelta::minutes(5));
    helpline.disclose(&address, "arranging_travel").await.ok();
    app.clock.advance(TimeDelta::seconds(1));
    for (client, path) in doors {
        assert_eq!(client.disclose(path, "arranging_travel").await.problem(), "401 reauthenticate", "{path}");
    }
    assert_eq!(audited(&app, "refused.reauthenticate"), 4);
    assert_eq!((audited(&app, "address.disclosed"), audited(&app, "identity.disclosed")), (1, 0));
}

/// S2
#[rstest]
#[actix_web::test]
async fn s02_who_gives_the_password_again_reads_on(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    place(&app).await;
    let helpline = app.client("caseworker").await;
    app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(helpline.disclose(&address_of_a1(&app), "emergency").await.problem(), "401 reauthenticate");
    let confirmation = json!({ "password": PASSWORD });
    let confirmed = helpline.post("/api/v1/sessions/current/confirmations", confirmation).await.ok();
    let helpline = app.with_token(Some(confirmed.text_of("access_token"))).await;
    helpline.disclose(&address_of_a1(&app), "emergency").await.ok();
}

/// S18
#[rstest]
#[actix_web::test]
async fn s18_each_reading_is_in_the_audit_with_its_reason(#[values(Sqlite, Postgres)] on: Engine) {
    use diesel::prelude::*;
    use diesel::sql_types::Text;

    #[derive(QueryableByName)]
    struct Read {
        #[diesel(sql_type = Text)]
        action: String,
        #[diesel(sql_type = Text)]
        reason: String,
        #[diesel(sql_type = Text)]
        fields: String,
    }

    let app = TestApp::spawn(on);
    let Expected { case, referral, .. } = place(&app).await;
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    helpline.disclose(&address_of_a1(&app), "arranging_travel").await.ok();
    refuge.disclose(&address_of_a1(&app), "repairs").await.ok();
    helpline.disclose(&format!("{case}/identity-disclosures"), "correcting_record").await.ok();
    refuge.disclose(&format!("{referral}/identity-disclosures"), "confirming_arrival").await.ok();

    let query = "SELECT action, reason, fields FROM audit_event WHERE action LIKE '%.disclosed' ORDER BY id";
    let read = diesel::sql_query(query).load::<Read>(&mut app.raw()).unwrap();
    let read: Vec<_> = read.iter().map(|one| format!("{} {}: {}", one.action, one.reason, one.fields)).collect();
    assert_eq!(
        read,
        [
            "address.disclosed arranging_travel: lines postcode directions",
            "address.disclosed repairs: lines postcode directions",
            "identity.disclosed correcting_record: people safe_contact",
            "identity.disclosed confirming_arrival: people safe_contact",
        ]
    );
}

/// S3
#[rstest]
#[actix_web::test]
async fn s03_a_provider_reads_who_they_are_while_the_household_is_theirs(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    let identity = format!("{referral}/identity-disclosures");
    let read = async |who: &str| app.client(who).await.disclose(&identity, "confirming_arrival").await;
    assert_eq!(read("refuge_worker").await.problem(), "409 identity_not_released");

    accepted(&refuge, &referral).await;
    for own in ["refuge_worker", "refuge_manager"] {
        assert_eq!(read(own).await.ok().json["people"][0]["name"], CANARY_NAME);
    }
    assert_eq!(read("other_refuge_manager").await.problem(), "404 not_found");
    assert_eq!(read("caseworker").await.problem(), "403 forbidden", "she has her own way to it");

    refuge.post(&format!("{referral}/decline"), json!({ "primary_reason": "risk_to_others" })).await.ok();
    assert_eq!(read("refuge_worker").await.problem(), "409 identity_not_released");
}
