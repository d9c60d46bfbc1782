//! What is worth a second look is noticed when it happens, and somebody else has to look.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rstest::rstest;
use safehold::actions::{accounts, units};
use safehold::db::accounts::Edit;
use safehold::db::alerts::{page, recipients};
use safehold::domain::provision::{Room, UnitFacts, Wheelchair};
use serde_json::{Value, json};

use crate::restricted::exclude;
use crate::steps::{accepted, opened, opened_with, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

/// What somebody sees: (kind, whether somebody has looked).
async fn alerts(client: &Client) -> Vec<(String, bool)> {
    let found = client.get("/api/v1/alerts").await.ok();
    let told = |alert: &Value| (alert["kind"].as_str().unwrap().to_owned(), alert["seen_at"].is_string());
    found.items().iter().map(told).collect()
}

fn new(kinds: &[&str]) -> Vec<(String, bool)> {
    kinds.iter().map(|kind| ((*kind).to_owned(), false)).collect()
}

fn told_outside(app: &TestApp) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let query = "SELECT count(*) AS count FROM outbox WHERE topic = 'access_alert'";
    diesel::sql_query(query).get_result::<Count>(&mut app.raw()).unwrap().count
}

async fn disclosed(client: &Client, of: &str) {
    client.disclose(&format!("{of}/identity-disclosures"), "safeguarding").await.ok();
}

/// S15: a look at many different identities within an hour is noticed, once.
#[rstest]
#[actix_web::test]
async fn s15_many_identities_within_an_hour_are_noticed(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager) = (app.client("caseworker").await, app.client("helpline_manager").await);
    let mut cases = Vec::new();
    for _ in 0..22 {
        cases.push(opened(&helpline).await);
    }
    for case in &cases[..20] {
        disclosed(&helpline, case).await;
        disclosed(&helpline, case).await;
    }
    assert_eq!(alerts(&manager).await, []);
    for case in &cases[20..] {
        disclosed(&helpline, case).await;
    }
    assert_eq!((alerts(&manager).await, told_outside(&app)), (new(&["many_identities"]), 1));
    assert_eq!(alerts(&app.client("auditor").await).await.len(), 1);
    assert_eq!(alerts(&app.client("other_helpline_manager").await).await.len(), 0);
    assert_eq!(helpline.get("/api/v1/alerts").await.problem(), "403 forbidden");
}

/// S15: so is a look at many different addresses.
#[rstest]
#[actix_web::test]
async fn s15_many_addresses_within_an_hour_are_noticed(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, manager) = (app.client("refuge_worker").await, app.client("refuge_manager").await);
    let mut homes = vec![app.world.a1, app.world.a2];
    for n in 0..5 {
        let facts = UnitFacts {
            bed_spaces: 1,
            cots: 0,
            step_free: true,
            wheelchair: Wheelchair::None,
            bathroom: Room::Own,
            kitchen: Room::Own,
            floor: 0,
            pets: false,
        };
        let (service, code) = (app.world.refuge, format!("B{n}"));
        let boss = app.actor("refuge_manager");
        let unit = app.db.write(&boss, move |tx| units::add(tx, service, &code, &facts, None)).await.unwrap();
        let address = json!({ "lines": ["1 Nowhere"], "postcode": "ZZ1 1ZZ" });
        manager.put(&format!("/api/v1/units/{}/address", unit.id.0), address).await.ok();
        homes.push(unit.id);
    }
    let look = |home: safehold::ids::UnitId| {
        let (refuge, path) = (&refuge, format!("/api/v1/units/{}/address-disclosures", home.0));
        async move { refuge.disclose(&path, "repairs").await.ok() }
    };
    for home in &homes[..5] {
        look(*home).await;
    }
    assert_eq!(alerts(&manager).await, []);
    for home in &homes[5..] {
        look(*home).await;
    }
    assert_eq!(alerts(&manager).await, new(&["many_addresses"]));
}

/// S15: so is somebody who looks up a household of her own name, and who looks into a case closed long ago.
#[rstest]
#[actix_web::test]
async fn s15_a_shared_surname_and_an_old_case_are_noticed(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("helpline_manager").await;
    let me = app.world.account("caseworker");
    let (id, version) = (me.id, me.version);
    let named = Edit { name: Some("Zara Qureshi".into()), roles: None, active: None };
    app.db.write(&app.actor("helpline_manager"), move |tx| accounts::edit(tx, id, version, &named)).await.unwrap();
    let helpline = app.client("caseworker").await;
    let mut own = new_case();
    own["identity"]["people"][0]["name"] = json!("Amina QURESHI");
    let own = opened_with(&helpline, own).await;
    disclosed(&helpline, &own).await;
    disclosed(&helpline, &own).await;
    assert_eq!(alerts(&manager).await, new(&["own_surname"]));

    let other = opened(&helpline).await;
    let reasons = json!({ "outcome": "not_placed", "primary_reason": "needs_mental_health",
        "what_happened_next": "own_social_tenancy" });
    helpline.post(&format!("{other}/close"), reasons).await.ok();
    app.clock.advance(TimeDelta::days(30));
    disclosed(&app.client("caseworker").await, &other).await;
    assert_eq!(alerts(&app.client("helpline_manager").await).await.len(), 1);
    app.clock.advance(TimeDelta::days(1));
    disclosed(&app.client("caseworker").await, &other).await;
    assert_eq!(alerts(&app.client("helpline_manager").await).await[0].0, "closed_case_read");
}

/// S15: whom an alert is about does not put it away, nor does somebody for whom its case does not exist see it.
#[rstest]
#[actix_web::test]
async fn s15_somebody_else_looks_at_an_alert(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager, auditor) =
        (app.client("caseworker").await, app.client("helpline_manager").await, app.client("auditor").await);
    for _ in 0..21 {
        disclosed(&manager, &opened(&helpline).await).await;
    }
    let id = manager.get("/api/v1/alerts?unseen=true").await.ok().items()[0]["id"].as_str().unwrap().to_owned();
    let seen = format!("/api/v1/alerts/{id}/seen");
    assert_eq!(manager.post(&seen, Value::Null).await.problem(), "409 own_alert");
    let looked = auditor.post(&seen, Value::Null).await.ok();
    assert_eq!(looked.text_of("seen_by"), app.world.account("auditor").id.0.to_string());
    assert_eq!(manager.get("/api/v1/alerts?unseen=true").await.ok().items().len(), 0);
    assert_eq!(manager.get("/api/v1/alerts").await.ok().items().len(), 1);

    let case = opened(&helpline).await;
    let name = helpline.get(&case).await.ok().text_of("reference");
    exclude(&helpline, &case, &app, "helpline_manager").await.ok();
    let ask = json!({ "reference": name, "reason": "worker_away", "explanation": "She rang." });
    app.client("colleague").await.post("/api/v1/emergency-access", ask).await.ok();
    assert_eq!((alerts(&manager).await.len(), alerts(&auditor).await.len()), (1, 2));
    let raised = page(&mut app.raw(), &app.actor("auditor"), true, None, 10).unwrap()[0].id;
    assert_eq!(recipients(&mut app.raw(), raised).unwrap(), [app.world.account("auditor").id]);
}

/// S15: a refuge that looks after a household is not suspected because the referrer has closed its case.
#[rstest]
#[actix_web::test]
async fn s15_a_refuge_reads_who_lives_there_without_an_alert(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &vacancy).await;
    let stay = accepted(&refuge, &referral).await;
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    helpline.post(&format!("{case}/close"), json!({ "outcome": "placed" })).await.ok();
    app.clock.advance(TimeDelta::days(40));
    disclosed(&app.client("refuge_worker").await, &referral).await;
    assert_eq!(alerts(&app.client("auditor").await).await, []);
}
