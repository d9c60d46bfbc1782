//! Lists in pages: everything is met once, also what happened at the same instant.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::json;

use crate::steps::{accepted, opened, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

/// The ids of a list, read in pages of two.
async fn walked(client: &Client, list: &str) -> Vec<String> {
    let (mut ids, mut path) = (Vec::new(), format!("{list}limit=2"));
    loop {
        let page = client.get(&path).await.ok();
        ids.extend(page.items().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["next"].as_str() else { return ids };
        assert_eq!(page.items().len(), 2);
        path = format!("{list}limit=2&cursor={next}");
    }
}

#[rstest]
#[actix_web::test]
async fn a_walk_through_the_pages_meets_everything_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let mut cases = Vec::new();
    for _ in 0..5 {
        let case = opened(&helpline).await;
        helpline.post(&format!("{case}/referrals"), json!({ "service_id": app.world.refuge })).await.ok();
        cases.push(case.rsplit('/').next().unwrap().to_owned());
    }
    let walked_cases = walked(&helpline, "/api/v1/cases?").await;
    assert_eq!(walked_cases.iter().collect::<BTreeSet<_>>(), cases.iter().collect());
    assert_eq!(walked_cases.len(), 5);

    let mut referrals = walked(&helpline, "/api/v1/referrals?direction=sent&").await;
    assert_eq!(referrals, walked(&refuge, "/api/v1/referrals?direction=received&").await);
    assert_eq!(referrals.len(), 5);
    referrals.sort();
    referrals.dedup();
    assert_eq!(referrals.len(), 5);
    assert_eq!(walked(&refuge, "/api/v1/units?").await.len(), 2);
}

#[rstest]
#[actix_web::test]
async fn stays_come_in_pages_the_newest_first(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let mut stays = Vec::new();
    for unit in [app.world.a1, app.world.a2, app.world.a1] {
        let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, unit).await).await;
        let stay = accepted(&refuge, &referral).await;
        stays.insert(0, stay.rsplit('/').next().unwrap().to_owned());
        app.clock.advance(chrono::TimeDelta::minutes(1));
        if unit == app.world.a1 {
            let reasons = json!({ "primary_reason": "lost_contact" });
            refuge.post(&format!("{stay}/did-not-arrive"), reasons).await.ok();
        }
    }
    assert_eq!(walked(&refuge, "/api/v1/placements?").await, stays);
    assert_eq!(walked(&refuge, "/api/v1/placements?state=expected&").await, stays[1..2]);
}
