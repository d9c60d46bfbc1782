//! What is published of everybody's records: when, to whom, and that it never changes again. (S40)

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::join_all;
use rstest::rstest;
use safehold::actions::releases::make_due;
use safehold::clock::At;
use safehold::db::releases;
use safehold::domain::measures::published::{Kind, Table};
use safehold::ids::InstanceId;
use safehold::worker::jobs::run_due;
use serde_json::{Value, json};

use crate::steps::{audited, opened};
use crate::support::{Engine, Postgres, Sqlite, TestApp};

const RELEASES: &str = "/api/v1/releases";
const SPRING: &str = "/api/v1/releases/quarter/2026-04-01";

/// Sends a household that many times to a service, and is turned away each time.
async fn turned_away(
    app: &TestApp,
    service: safehold::ids::ServiceId,
    worker: &str,
    reasons: &[(&str, usize)],
) -> String {
    let (helpline, refuge) = (app.client("caseworker").await, app.client(worker).await);
    let case = opened(&helpline).await;
    for (reason, times) in reasons {
        for _ in 0..*times {
            let sent = helpline.post(&format!("{case}/referrals"), json!({ "service_id": service })).await.ok().id();
            let path = format!("/api/v1/referrals/{sent}/decline");
            refuge.post(&path, json!({ "primary_reason": reason })).await.ok();
        }
    }
    case
}

async fn refused(app: &TestApp, reasons: &[(&str, usize)]) -> String {
    turned_away(app, app.world.refuge, "refuge_worker", reasons).await
}

fn until(app: &TestApp, instant: &str) {
    let instant: DateTime<Utc> = instant.parse().unwrap();
    app.clock.advance(At::from(instant) - app.clock.now());
}

/// What stands in a place of a release.
fn shown(release: &Value, table: &str, row: &str, area: &str) -> Value {
    let tables = release["tables"].as_array().unwrap();
    let table = tables.iter().find(|one| one["code"] == table).unwrap_or_else(|| panic!("no {table} in {release:#}"));
    let column = table["areas"].as_array().unwrap().iter().position(|one| one["code"] == area);
    let column = column.unwrap_or_else(|| panic!("no {area} in {table:#}"));
    let row = table["rows"].as_array().unwrap().iter().find(|one| one["code"] == row);
    row.unwrap_or_else(|| panic!("no such row in {table:#}"))["values"][column].clone()
}

fn count(number: u64) -> Value {
    json!({ "shows": "count", "number": f64::from(u32::try_from(number).unwrap()) })
}

async fn read(app: &TestApp, path: &str) -> Value {
    app.client("commissioner").await.get(path).await.ok().json
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_figures_are_made_by_themselves_once_they_have_settled(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let council = app.client("commissioner").await;
    assert_eq!(council.get(RELEASES).await.ok().json, json!({ "items": [] }));
    refused(&app, &[("needs_language", 6)]).await;
    until(&app, "2026-07-14T22:59:00Z"); // the last minute of the 14th in England
    assert_eq!(make_due(&app.db).await.unwrap(), 0);
    assert_eq!(read(&app, RELEASES).await, json!({ "items": [], "next_on": "2026-07-15" }));
    let page = app.visitor("commissioner").await.page("/figures").await.ok();
    assert!(page.text.contains("15 July 2026"), "{}", page.text);
    assert_eq!(app.client("commissioner").await.get(SPRING).await.problem(), "404 not_found");

    until(&app, "2026-07-14T23:01:00Z");
    while run_due(app.application(), InstanceId::new()).await.unwrap() {}
    let list = read(&app, RELEASES).await;
    assert_eq!(list["next_on"], "2026-10-15");
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let made = &list["items"][0];
    assert_eq!((&made["first_day"], &made["last_day"]), (&json!("2026-04-01"), &json!("2026-06-30")));
    assert_eq!(made["name"], "April to June 2026");
    assert_eq!(audited(&app, "release.made"), 1);
    assert_eq!(make_due(&app.db).await.unwrap(), 0, "not twice");
}

/// S40
#[rstest]
#[actix_web::test]
async fn s40_counts_are_rounded_and_small_ones_are_not_said(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    refused(&app, &[("needs_language", 12), ("nrpf", 11), ("needs_care", 10), ("household_too_large", 10)]).await;
    let case = refused(&app, &[("no_pets", 3)]).await;
    let closing = json!({ "outcome": "not_placed", "primary_reason": "nrpf", "what_happened_next": "rough_sleeping" });
    app.client("caseworker").await.post(&format!("{case}/close"), closing).await.ok();
    until(&app, "2026-07-20T09:00:00Z");
    assert_eq!(make_due(&app.db).await.unwrap(), 1);

    let release = read(&app, SPRING).await;
    let few = json!({ "shows": "fewer_than_5" });
    for (table, row, expected) in [
        ("referrals", "all", count(45)), // 46
        ("referrals", "denied", count(45)),
        ("referrals", "placed", count(0)),
        ("denied_by_reason", "needs_language", count(10)), // 12
        ("denied_by_reason", "no_pets", few.clone()),      // 3
        ("denied_by_reason", "work", count(0)),
        ("households", "not_placed", few.clone()), // 1
        ("what_happened_next", "rough_sleeping", few),
        ("people", "all", count(0)),
        ("times", "waiting_days", json!({ "shows": "no_base" })),
        ("rates", "denied_rate", json!({ "shows": "percent", "number": 100.0 })),
    ] {
        assert_eq!(shown(&release, table, row, "all"), expected, "{table} {row}");
    }
    let table = release["tables"].as_array().unwrap().iter().find(|one| one["code"] == "denied_by_reason").unwrap();
    let areas: Vec<_> = table["areas"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
    assert_eq!(areas, ["all"], "reasons are not told by area");
}

/// S40
#[rstest]
#[actix_web::test]
async fn s40_what_is_corrected_later_changes_nothing_that_was_published(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let case = refused(&app, &[("needs_language", 8)]).await;
    let helpline = app.client("caseworker").await;
    let open = helpline.post(&format!("{case}/referrals"), json!({ "service_id": app.world.refuge })).await.ok().id();
    until(&app, "2026-07-15T09:00:00Z");
    assert_eq!(make_due(&app.db).await.unwrap(), 1);
    let paths = [SPRING.to_owned(), format!("{SPRING}?area=E06000016"), format!("{SPRING}/pack/csv")];
    let ask = async || {
        let council = app.client("commissioner").await;
        let mut answers = Vec::new();
        for path in &paths {
            answers.push(council.get(path).await.ok().text);
        }
        answers
    };
    let before = ask().await;
    assert_eq!(ask().await, before, "the same question has the same answer");

    let refuge = app.client("refuge_worker").await;
    let path = format!("/api/v1/referrals/{open}/decline");
    refuge.post(&path, json!({ "primary_reason": "nrpf" })).await.ok();
    refused(&app, &[("no_pets", 2)]).await;
    assert_eq!(make_due(&app.db).await.unwrap(), 0);
    assert_eq!(ask().await, before);
}

#[rstest]
#[actix_web::test]
async fn a_year_is_the_sum_of_its_quarters(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    for (day, number) in [("2026-05-01", 8), ("2026-08-01", 6), ("2026-11-01", 0), ("2027-02-01", 7)] {
        until(&app, &format!("{day}T09:00:00Z"));
        refused(&app, &[("needs_language", number)]).await;
    }
    until(&app, "2027-04-15T09:00:00Z");
    let mut made = 0;
    while make_due(&app.db).await.unwrap() > 0 {
        made += 1;
    }
    assert_eq!(made, 4, "one quarter a run, the year with its last one");
    let list = read(&app, RELEASES).await;
    let kinds: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "year").count(), 1);
    let year = read(&app, "/api/v1/releases/year/2026-04-01").await;
    assert_eq!(year["last_day"], "2027-03-31");
    assert_eq!(shown(&year, "referrals", "all", "all"), count(20), "21");

    let system = app.actor("auditor");
    let facts = move |kind, day: &str| {
        let day: NaiveDate = day.parse().unwrap();
        move |conn: &mut safehold::db::Conn| Ok(releases::facts(conn, kind, day)?.unwrap().0)
    };
    let year = app.db.read(&system, facts(Kind::Year, "2026-04-01")).await.unwrap();
    let mut sum = 0;
    for day in ["2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01"] {
        let quarter = app.db.read(&system, facts(Kind::Quarter, day)).await.unwrap();
        sum += quarter.leaf(Table::Referrals, "denied", "E06000016").number;
    }
    assert_eq!((sum, year.leaf(Table::Referrals, "denied", "E06000016").number), (21, 21));
    let pack = app.client("commissioner").await.get("/api/v1/releases/year/2026-04-01/pack/csv").await.ok();
    assert!(pack.header("content-disposition").contains("figures-year-2026-04-01.csv"));
}

/// S37
#[rstest]
#[actix_web::test]
async fn s37_two_instances_make_one_release(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    refused(&app, &[("needs_language", 5)]).await;
    until(&app, "2026-07-15T09:00:00Z");
    let made: Vec<usize> =
        join_all([make_due(&app.db), make_due(&app.db)]).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(made.iter().sum::<usize>(), 1, "{made:?}");
    assert_eq!(read(&app, RELEASES).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(audited(&app, "release.made"), 1);
}

/// S40
#[rstest]
#[actix_web::test]
async fn s40_a_service_with_a_single_home_has_no_number_of_its_own(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    refused(&app, &[("needs_language", 20)]).await;
    turned_away(&app, app.world.dispersed, "other_refuge_worker", &[("needs_language", 12)]).await;
    until(&app, "2026-07-15T09:00:00Z");
    assert_eq!(make_due(&app.db).await.unwrap(), 1);
    let release = read(&app, SPRING).await;
    let held = json!({ "shows": "held_back" });
    // Charnwood has one home, and Leicestershire no other.
    for area in ["E07000130", "E10000018"] {
        for (table, row) in
            [("referrals", "denied"), ("referrals", "placed"), ("referrals", "all"), ("denied_by_group", "capacity")]
        {
            assert_eq!(shown(&release, table, row, area), held, "{table} {row} {area}");
        }
        assert_eq!(shown(&release, "homes", "all", area), held);
        assert_eq!(shown(&release, "rates", "denied_rate", area), json!({ "shows": "no_base" }));
    }
}

/// S06: S17: what is published names nobody and no service.
#[rstest]
#[actix_web::test]
async fn s17_nothing_that_is_published_names_a_case_or_a_service(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let case = refused(&app, &[("needs_language", 9)]).await;
    let reference = app.client("caseworker").await.get(&case).await.ok().text_of("reference");
    until(&app, "2026-07-15T09:00:00Z");
    assert_eq!(make_due(&app.db).await.unwrap(), 1);
    let (council, visitor) = (app.client("commissioner").await, app.visitor("commissioner").await);
    let mut texts = Vec::new();
    for path in [RELEASES, SPRING] {
        texts.push(council.get(path).await.ok().text);
    }
    for format in ["json", "csv", "wide_csv", "dictionary_csv", "html"] {
        texts.push(visitor.page(&format!("/figures/quarter/2026-04-01/pack/{format}")).await.ok().text);
    }
    for area in ["", "?area=E06000016", "?area=E07000129"] {
        texts.push(visitor.page(&format!("/figures/quarter/2026-04-01{area}")).await.ok().text);
    }
    let id = case.rsplit('/').next().unwrap();
    for text in texts {
        for secret in [reference.as_str(), id, "Copper House", "Heron Homes", "Provider", "Helpline"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

/// S31
#[rstest]
#[actix_web::test]
async fn s31_a_pack_that_is_taken_out_is_recorded_and_counted(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    refused(&app, &[("needs_language", 6)]).await;
    until(&app, "2026-07-15T09:00:00Z");
    make_due(&app.db).await.unwrap();
    let council = app.client("commissioner").await;
    let pack = format!("{SPRING}/pack/csv");
    for _ in 0..20 {
        council.get(&pack).await.ok();
    }
    assert_eq!(audited(&app, "report.exported"), 20);
    assert_eq!(council.get(&pack).await.status, 429);
    assert_eq!(council.get(&format!("{SPRING}/pack/docx")).await.problem(), "404 not_found");
}

#[rstest]
#[actix_web::test]
async fn figures_are_read_by_those_who_plan_and_manage_and_asked_for_in_one_way(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    refused(&app, &[("needs_language", 6)]).await;
    until(&app, "2026-07-15T09:00:00Z");
    make_due(&app.db).await.unwrap();
    for who in ["commissioner", "helpline_manager", "refuge_manager", "auditor"] {
        app.client(who).await.get(SPRING).await.ok();
        app.visitor(who).await.page("/figures/quarter/2026-04-01").await.ok();
    }
    for who in ["caseworker", "refuge_worker", "administrator"] {
        assert_eq!(app.client(who).await.get(SPRING).await.problem(), "403 forbidden");
    }
    let council = app.client("commissioner").await;
    for (query, problem) in
        [("?from=2026-04-01", "422 invalid"), ("?service=x", "422 invalid"), ("?area=E99999999", "422 invalid")]
    {
        assert_eq!(council.get(&format!("{SPRING}{query}")).await.problem(), problem, "{query}");
    }
    for path in ["quarter/2026-05-01", "month/2026-04-01", "year/2026-04-01", "quarter/yesterday"] {
        assert_eq!(council.get(&format!("{RELEASES}/{path}")).await.problem(), "404 not_found", "{path}");
    }
    let visitor = app.visitor("commissioner").await;
    let home = visitor.page("/").await;
    assert_eq!(home.header("location"), "/figures");
    assert_eq!(visitor.page("/figures").await.header("location"), "/figures/quarter/2026-04-01");
    assert_eq!(visitor.page("/figures/quarter/2026-04-01?area=E99999999").await.status, 404);
    let page = visitor.page("/figures/quarter/2026-04-01").await.ok().text;
    for text in ["April to June 2026", "fewer than 5", "held back", "not collected", "Workbook", "Leicester"] {
        assert!(page.contains(text), "{text}");
    }
}
