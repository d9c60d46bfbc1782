//! For one household: who saw who they are or where they are, when and why.

use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{Expected, accepted, expected, opened, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

async fn looks(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.ok().items().to_vec()
}

fn told(looks: &[Value]) -> Vec<(&str, &str, Option<&str>, Option<&str>)> {
    looks
        .iter()
        .map(|look| {
            (
                look["action"].as_str().unwrap(),
                look["organisation"].as_str().unwrap(),
                look["person"].as_str(),
                look["reason"].as_str(),
            )
        })
        .collect()
}

/// S18
#[rstest]
#[actix_web::test]
async fn s18_every_look_at_a_household_is_told_with_who_when_and_why(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, referral, .. } = expected(&app, &refuge, &helpline).await;
    let step = || app.clock.advance(TimeDelta::seconds(1));
    step();
    refuge.get(&format!("{referral}/notes")).await.ok();
    step();
    refuge.disclose(&format!("{referral}/identity-disclosures"), "confirming_arrival").await.ok();
    step();
    helpline.disclose(&format!("/api/v1/units/{}/address-disclosures", app.world.a1.0), "arranging_travel").await.ok();
    step();
    helpline.disclose(&format!("{case}/identity-disclosures"), "safeguarding").await.ok();
    step();
    let stranger = app.client("other_caseworker").await;
    assert_eq!(stranger.get(&case).await.problem(), "404 not_found");
    step();

    let path = format!("{case}/access");
    let seen = looks(&helpline, &path).await;
    assert_eq!(
        told(&seen),
        [
            ("refused.not_found", "Other Helpline", None, None),
            ("identity.disclosed", "Helpline", Some("caseworker"), Some("safeguarding")),
            ("address.disclosed", "Helpline", Some("caseworker"), Some("arranging_travel")),
            ("identity.disclosed", "Provider", None, Some("confirming_arrival")),
            ("note.read", "Provider", None, None),
            ("referral.sent", "Helpline", Some("caseworker"), None),
        ]
    );
    assert_eq!(seen[3]["reason_label"], json!("Confirming arrival"));
    assert_eq!(seen[5]["service"], json!("Copper House"));
    assert_eq!(seen[3]["roles"], json!(["refuge_worker"]));

    // The auditor knows every name, and no more of the case.
    let reference = helpline.get(&case).await.ok().text_of("reference");
    let auditor = app.client("auditor").await;
    let known = app.audit().len();
    let theirs = auditor.get(&format!("/api/v1/audit/cases/{reference}")).await.ok();
    assert_eq!(told(theirs.items())[3].2, Some("refuge_worker"));
    assert_eq!(theirs.items().len(), seen.len());
    assert!(!theirs.text.contains("\"needs\"") && !theirs.text.contains("members"));
    // Reading it is recorded, and is no look at who they are.
    let events = app.audit_after(known);
    assert_eq!(events.iter().map(|event| event.action.as_str()).collect::<Vec<_>>(), ["case.access_read"]);
    assert_eq!(looks(&helpline, &path).await.len(), seen.len());
    assert_eq!(auditor.get("/api/v1/audit/cases/C-2222-2222").await.problem(), "404 not_found");

    for who in ["colleague", "other_helpline_manager"] {
        assert_eq!(app.client(who).await.get(&path).await.problem(), "404 not_found", "{who}");
    }
    assert_eq!(refuge.get(&path).await.problem(), "403 forbidden");
    app.client("helpline_manager").await.get(&path).await.ok();
}

/// S18: an address is looked at for this household only while its home is theirs.
#[rstest]
#[actix_web::test]
async fn s18_a_look_at_the_home_before_or_after_them_is_not_a_look_at_them(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let address = format!("/api/v1/units/{}/address-disclosures", app.world.a1.0);
    let look = async |seconds| {
        app.clock.advance(TimeDelta::seconds(seconds));
        refuge.disclose(&address, "repairs").await.ok();
        app.clock.advance(TimeDelta::seconds(1));
    };
    let vacancy = posted(&refuge, app.world.a1).await;
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &vacancy).await;
    look(1).await;
    let stay = accepted(&refuge, &referral).await;
    look(1).await;
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    look(1).await;
    let left = json!({ "kind": "planned", "destination": "social_tenancy" });
    refuge.post(&format!("{stay}/depart"), left).await.ok();
    look(1).await;
    let seen = looks(&helpline, &format!("{case}/access")).await;
    let at_home = seen.iter().filter(|look| look["action"] == "address.disclosed").count();
    assert_eq!(at_home, 2, "{seen:#?}");
}

/// S18: in pages, every look once.
#[rstest]
#[actix_web::test]
async fn s18_the_pages_hold_every_look_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, referral, .. } = expected(&app, &refuge, &helpline).await;
    for n in 0..7 {
        app.clock.advance(TimeDelta::seconds(n % 2));
        refuge.get(&format!("{referral}/notes")).await.ok();
        refuge.disclose(&format!("/api/v1/units/{}/address-disclosures", app.world.a1.0), "repairs").await.ok();
    }
    let path = format!("{case}/access");
    let all = looks(&helpline, &path).await;
    assert_eq!(all.len(), 15);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = helpline.get(&format!("{path}?limit=2{cursor}")).await.ok();
        seen.extend(page.items().to_vec());
        match page.json["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
}

/// S6, S18: what the survivor is given names no worker, no address, and no service that keeps its name to itself.
#[rstest]
#[actix_web::test]
async fn s06_s18_the_sheet_for_the_survivor_names_nobody(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("other_refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.d1).await;
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &vacancy).await;
    let visitor = app.visitor("caseworker").await;
    let id = case.rsplit('/').next().unwrap();
    refuge.get(&format!("{referral}/notes")).await.ok();
    let before = helpline.get(&format!("{case}/access")).await.ok();
    assert!(!before.text.contains("Heron") && !before.text.contains("Other Provider"), "{}", before.text);
    assert_eq!(told(before.items())[0].1, "A confidential service");

    accepted(&refuge, &referral).await;
    refuge.disclose(&format!("{referral}/identity-disclosures"), "confirming_arrival").await.ok();
    let page = visitor.page(&format!("/cases/{id}/access")).await;
    assert!(page.text.contains("Saw the names") && page.text.contains("Confirming arrival"), "{}", page.text);
    assert!(page.text.contains("Heron Homes"), "after acceptance its name is known to the worker");
    let sheet = visitor.page(&format!("/cases/{id}/access?plain=yes")).await;
    assert!(sheet.text.contains("They saw your name, and the rules for reaching you safely."), "{}", sheet.text);
    for name in ["Heron", "Other Provider", "other_refuge_worker", ">caseworker<", "caseworker."] {
        assert!(!sheet.text.contains(name), "the sheet says {name}");
    }
    assert!(sheet.text.contains("Somebody at Helpline (caseworker)"));
    let api = helpline.get(&format!("{case}/access")).await.ok();
    for look in api.items() {
        let plain = format!("{} {}", look["plain_who"], look["plain_text"]);
        assert!(!plain.contains("Heron") && !plain.contains("Other Provider"), "{plain}");
    }
}

/// S17: the page of the auditor is found by the reference, and a slip of the finger is told.
#[rstest]
#[actix_web::test]
async fn s17_s18_the_auditor_finds_who_saw_a_case_by_its_reference(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let reference = helpline.get(&case).await.ok().text_of("reference");
    let visitor = app.visitor("auditor").await;
    let sent = visitor.submit("/audit/cases", &[("reference", &reference.to_lowercase())]).await;
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, format!("/audit/cases/{reference}").as_str()));
    let page = visitor.page(&format!("/audit/cases/{reference}")).await;
    assert!(page.text.contains("Nobody has looked yet"), "{}", page.text);
    for wrong in ["", "C-1", "C-2222-2222"] {
        assert_eq!(visitor.submit("/audit/cases", &[("reference", wrong)]).await.status, 422, "{wrong}");
    }
}
