//! The auditor reads the audit; that she did is in it, what she looked for is not.

use rstest::rstest;
use safehold::actions::vacancies;
use safehold::audit::Head;
use safehold::db::Verification;
use safehold::worker;
use serde_json::{Value, json};

use crate::steps::{Expected, expected};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

const EVENTS: &str = "/api/v1/audit/events";

async fn found(auditor: &Client, query: &str) -> Vec<Value> {
    auditor.get(&format!("{EVENTS}?limit=200&{query}")).await.ok().items().to_vec()
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

/// S18
#[rstest]
#[actix_web::test]
async fn s18_the_auditor_finds_events_by_whatever_is_known_of_them(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, referral, .. } = expected(&app, &refuge, &helpline).await;
    let refused = refuge.get(&case).await;
    assert_eq!(refused.problem(), "403 forbidden");
    let auditor = app.client("auditor").await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();

    let of_case = found(&auditor, &format!("object_id={}", id(&case))).await;
    assert_eq!(actions(&of_case), ["refused.forbidden", "identity.written", "case.opened"]);
    let opened = of_case.last().unwrap();
    assert_eq!((opened["account"].as_str(), opened["organisation"].as_str()), (Some("caseworker"), Some("Helpline")));

    let worker = app.world.account("refuge_worker");
    let hers = found(&auditor, &format!("account_id={}", worker.id.0)).await;
    assert!(actions(&hers).contains(&"referral.accepted") && !actions(&hers).contains(&"case.opened"));
    assert!(hers.iter().all(|event| event["account_id"] == json!(worker.id.0)));
    let ours = found(&auditor, &format!("organisation_id={}&action=refused.", worker.organisation_id.0)).await;
    assert_eq!(actions(&ours), ["refused.forbidden"]);
    assert_eq!(refused.text_of("instance"), format!("urn:uuid:{}", ours[0]["request_id"].as_str().unwrap()));

    let accepted = found(&auditor, "action=referral.accepted").await;
    assert_eq!(accepted[0]["object_id"], json!(id(&referral)));
    let request = accepted[0]["request_id"].as_str().unwrap();
    let mut together = found(&auditor, &format!("request_id={request}")).await;
    together.sort_by_key(|event| event["action"].to_string());
    assert_eq!(actions(&together), ["placement.expected", "referral.accepted", "vacancy.filled"]);
    let kinds = found(&auditor, "kind=referral").await;
    assert_eq!(actions(&kinds), ["referral.accepted", "referral.sent"]);
    assert_eq!(kinds.len(), found(&auditor, "action=referral.").await.len());
}

/// S18: days are those of London, and the last one counts.
#[rstest]
#[actix_web::test]
async fn s18_a_search_by_day_ends_with_the_end_of_the_last_day(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (worker, unit) = (app.actor("refuge_worker"), app.world.a1);
    app.clock.advance(chrono::TimeDelta::minutes(13 * 60 + 59)); // one minute before midnight in London, in summer
    app.db.write(&worker, move |tx| vacancies::post(tx, unit, None)).await.unwrap();
    app.clock.advance(chrono::TimeDelta::minutes(2));
    let unit = app.world.a2;
    app.db.write(&worker, move |tx| vacancies::post(tx, unit, None)).await.unwrap();
    let auditor = app.client("auditor").await;
    for (days, count) in [
        ("from=2026-04-01&until=2026-04-01", 1),
        ("from=2026-04-02", 1),
        ("until=2026-04-02", 2),
        ("until=2026-03-31", 0),
    ] {
        assert_eq!(found(&auditor, &format!("action=vacancy.posted&{days}")).await.len(), count, "{days}");
    }
    let wrong = auditor.get(&format!("{EVENTS}?from=2026-04-02&until=2026-04-01")).await;
    assert_eq!((wrong.problem(), wrong.pointers()), ("422 invalid".into(), vec!["query/until".into()]));
    let wrong = auditor.get(&format!("{EVENTS}?action=referral.&kind=unit")).await;
    assert_eq!(wrong.pointers(), ["query/kind"]);
    for wrong in ["account_id=x", "nobody=1", "from=yesterday", "from=0001-01-01", "limit=500"] {
        assert_eq!(auditor.get(&format!("{EVENTS}?{wrong}")).await.problem(), "422 invalid", "{wrong}");
    }
}

/// S18
#[rstest]
#[actix_web::test]
async fn s18_the_pages_of_a_search_hold_every_event_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    expected(&app, &refuge, &helpline).await;
    let auditor = app.client("auditor").await;
    let until = "until=2026-04-01&kind=account"; // of one instant, all of them
    let all = found(&auditor, until).await;
    assert!(all.len() > 10, "{}", all.len());
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = auditor.get(&format!("{EVENTS}?{until}&limit=3{cursor}")).await.ok();
        seen.extend(page.items().to_vec());
        match page.json["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
}

/// S18
#[rstest]
#[actix_web::test]
async fn s18_a_search_leaves_the_names_of_its_filters_and_nothing_it_looked_for(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let auditor = app.client("auditor").await;
    let known = app.audit().len();
    let worker = app.world.account("refuge_worker").id.0;
    auditor.get(&format!("{EVENTS}?account_id={worker}&from=2026-01-01&action=case.opened")).await.ok();
    auditor.get(&format!("{EVENTS}.csv?object_id={worker}")).await.ok();
    let visitor = app.visitor("auditor").await;
    let signed_in = app.audit().len();
    visitor.page("/audit").await;
    assert_eq!(app.audit().len(), signed_in, "a page without a search reads nothing");
    let page =
        visitor.page(&format!("/audit?search=yes&account_id={worker}&until-day=1&until-month=4&until-year=2026")).await;
    assert_eq!(page.status, 200);
    let left: Vec<_> = app.audit_after(known).into_iter().filter(|event| event.kind == "audit").collect();
    let left: Vec<_> = left.iter().map(|event| (event.action.as_str(), event.fields.as_str(), event.account)).collect();
    let who = app.world.account("auditor").id.0;
    assert_eq!(
        left,
        [
            ("audit.searched", "account_id action from", who),
            ("audit.exported", "object_id", who),
            ("audit.searched", "account_id until", who)
        ]
    );
    assert!(!format!("{:?}", app.audit_after(known)).contains(&worker.to_string()));
}

/// S18, S30
#[rstest]
#[actix_web::test]
async fn s18_s30_the_audit_leaves_as_a_table_without_a_formula(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let admin = app.client("administrator").await;
    let name = json!({ "name": "=HYPERLINK(\"//x\")", "kinds": ["provider"] });
    let id = admin.post("/api/v1/organisations", name).await.ok().id();
    let person = json!({ "organisation": id, "email": "new@example.org", "name": "+44", "roles": ["refuge_worker"],
        "password": "violet lantern harbour tuesday" });
    if admin.post("/api/v1/accounts", person).await.status.is_success() {
        let signed = json!({ "email": "new@example.org", "password": "violet lantern harbour tuesday" });
        app.stranger().await.post("/api/v1/sessions", signed).await;
    }
    let auditor = app.client("auditor").await;
    let table = auditor.get(&format!("{EVENTS}.csv?organisation_id={id}")).await.ok();
    assert!(table.header("content-type").starts_with("text/csv"));
    assert!(table.text.starts_with("at,action,object_id,"), "{}", table.text);
    assert!(!table.text.contains(",=") && !table.text.contains(",+"), "{}", table.text);
    let page = app.visitor("auditor").await.page("/audit/events.csv?search=yes&action=case.").await;
    assert_eq!((page.status.as_u16(), page.text.lines().count()), (200, 1));
}

/// S21
#[rstest]
#[actix_web::test]
async fn s21_a_tail_that_was_cut_off_shows_against_a_kept_end(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let auditor = app.client("auditor").await;
    app.db.seal_audit().await.unwrap();
    let early: Value = auditor.get("/api/v1/audit/head").await.ok().json;
    let worker = app.actor("refuge_worker");
    let unit = app.world.a1;
    app.db.write(&worker, move |tx| vacancies::post(tx, unit, None)).await.unwrap();
    app.db.seal_audit().await.unwrap();
    let late: Value = auditor.get("/api/v1/audit/head").await.ok().json;
    assert!(late["position"].as_i64() > early["position"].as_i64());

    let path = "/api/v1/audit/verification";
    let whole = auditor.post(path, json!({ "heads": [early, late] })).await.ok().json;
    assert_eq!((&whole["intact"], &whole["heads"]), (&json!(true), &json!(2)));
    let mut forged = late.clone();
    forged["position"] = json!(1);
    let answer = auditor.post(path, json!({ "heads": [forged] })).await.ok().json;
    assert!(answer["broken"]["why"].as_str().unwrap().contains("not of this installation"), "{answer}");
    let visitor = app.visitor("auditor").await;
    let page = visitor.submit("/audit/verification", &[("heads", &late.to_string())]).await;
    assert!(page.text.contains("The audit is whole"), "{}", page.text);
    let page = visitor.submit("/audit/verification", &[("heads", "{}")]).await;
    assert_eq!(page.status, 422);

    // Whoever owns the database cuts the tail off, events and links, as if it had never been.
    let cut = format!(
        "DELETE FROM audit_link WHERE position > {}; DELETE FROM audit_event WHERE id NOT IN (SELECT event_id FROM audit_link)",
        early["position"]
    );
    crate::audit::unguarded(&mut app.raw(), &cut);
    let heads = |head: &Value| vec![serde_json::from_value::<Head>(head.clone()).unwrap()];
    assert!(matches!(app.db.verify_audit().await.unwrap(), Verification::Intact { .. }), "alone it does not show");
    let check = app.db.verify_audit_against(heads(&early), |_| ()).await.unwrap();
    assert!(matches!(check, Verification::Intact { .. }), "{check:?}");
    let Verification::Broken { why, position, .. } = app.db.verify_audit_against(heads(&late), |_| ()).await.unwrap()
    else {
        panic!("the cut does not show")
    };
    assert!(why.contains("cut off") && json!(position) == late["position"], "{why}");
    // Nor does it help to go on as if nothing had been.
    for _ in 0..8 {
        auditor.get("/api/v1/audit/head").await.ok();
    }
    app.db.seal_audit().await.unwrap();
    let found = app.db.verify_audit_against(heads(&late), |_| ()).await.unwrap();
    assert!(
        matches!(found, Verification::Broken { why: "another chain than the one that was exported", .. }),
        "{found:?}"
    );
}

/// S21
#[rstest]
#[actix_web::test]
async fn s21_the_end_of_the_chain_is_kept_every_hour_if_it_grew(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("heads.jsonl");
    let (mut exported, lines) = (None, || std::fs::read_to_string(&file).unwrap_or_default().lines().count());
    for (minutes, grown, kept) in [(0, true, 1), (30, true, 1), (31, false, 2), (61, false, 2), (61, true, 3)] {
        app.clock.advance(chrono::TimeDelta::minutes(minutes));
        if grown {
            app.client("auditor").await;
            app.db.seal_audit().await.unwrap();
        }
        worker::export_head(&app.db, &file, app.clock.now(), &mut exported).await.unwrap();
        assert_eq!(lines(), kept, "after {minutes} minutes more");
    }
    let heads = Head::read(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let whole = app.db.verify_audit_against(heads, |_| ()).await.unwrap();
    assert!(matches!(whole, Verification::Intact { .. }), "{whole:?}");
}

/// S21: a long audit is read piece by piece.
#[rstest]
#[actix_web::test]
async fn s21_a_long_audit_is_checked_in_batches(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (worker, unit) = (app.actor("refuge_worker"), app.world.a1);
    for _ in 0..3 {
        let event = move || safehold::audit::Event::new(safehold::audit::Did::VacancyConfirmed, unit.0);
        let many = move |_: &mut safehold::db::Tx| {
            Ok(safehold::audit::Change::new((), event()).and_all((1..1_500).map(|_| event())))
        };
        app.db.write(&worker, many).await.unwrap();
    }
    while app.db.seal_audit().await.unwrap() > 0 {}
    let mut told = Vec::new();
    let found = app.db.verify_audit_against(Vec::new(), |events| told.push(events)).await.unwrap();
    assert!(matches!(found, Verification::Intact { events } if events > 4_500), "{found:?}");
    assert!(told.len() > 5 && told.is_sorted(), "{told:?}");
    crate::audit::unguarded(
        &mut app.raw(),
        "UPDATE audit_event SET reason = 'x' WHERE id = (SELECT event_id FROM audit_link WHERE position = 4321)",
    );
    let found = app.db.verify_audit().await.unwrap();
    assert!(matches!(found, Verification::Broken { position: 4321, why: "changed", .. }), "{found:?}");
}
