//! The figures of the yearly return: a small year worked out by hand, and whose it is.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use rstest::rstest;
use serde_json::json;

use crate::measures::history;
use crate::restricted::exclude;
use crate::stays::lives_in_a1;
use crate::steps::audited;
use crate::support::{Engine, Postgres, Sqlite, TestApp};

const RETURN: &str = "/api/v1/reports/annual-return?year=2026-04-01&format=csv";
const LEICESTER: &str = "E06000016";
const LEICESTERSHIRE: &str = "E10000018";

/// The number of a line and a column of the file, or why there is none.
fn cell(file: &str, line: &str, column: &str) -> Option<String> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let names = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let at = |name: &str| names.iter().position(|one| one == name).unwrap();
    let row = rows.iter().find(|row| &row[at("row")] == line && &row[at("column")] == column)?;
    let number = &row[at("value")];
    Some(if number.is_empty() { &row[at("status")] } else { number }.to_owned())
}

/// Each line and column, with its number or why there is none.
async fn figures(app: &TestApp, who: &str, area: &str, expected: &[(&str, &str, &str)]) {
    let answer = app.client(who).await.get(&format!("{RETURN}&area={area}")).await.ok();
    for (line, column, number) in expected {
        assert_eq!(cell(&answer.text, line, column).as_deref(), Some(*number), "{line}, {column} in {}", answer.text);
    }
}

#[rstest]
#[actix_web::test]
async fn a_provider_has_its_part_of_the_yearly_return(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    app.clock.advance(TimeDelta::days(5));
    let refuge = app.client("refuge_worker").await;
    for (person, kind) in [(1, "advocacy"), (1, "advice_service"), (2, "advice_service")] {
        let support = json!({ "person": person, "support_type": kind });
        refuge.post(&format!("{}/support", place.stay), support).await.ok();
    }
    let leaving = json!({ "kind": "unplanned", "destination": "not_known", "asked_to_leave_reason": "damage" });
    refuge.post(&format!("{}/depart", place.stay), leaving).await.ok();
    let expected = [
        ("people.refuge", "households", "1"),
        ("people.refuge", "women", "1"),
        ("people.refuge", "children_6_to_11", "1"),
        ("people.second_stage", "households", "0"),
        ("people.all", "people", "2"),
        ("support.advice_service", "households", "1"),
        ("support.advice_service", "adults", "1"),
        ("support.advice_service", "children", "1"),
        ("support.advocacy", "children", "0"),
        ("support.all", "households", "1"),
        ("left.unplanned", "households", "1"),
        ("left.planned", "households", "0"),
        ("asked_to_leave.damage", "households", "1"),
        ("left_to.not_known", "households", "1"),
        ("homes.refuge", "units", "2"),
        ("homes.all", "units", "2"),
        ("unable.all", "from_here", "not_applicable"),
    ];
    figures(&app, "refuge_manager", LEICESTER, &expected).await;
    assert_eq!(audited(&app, "report.exported"), 1);

    // Another provider, another area and another year have none of it.
    figures(&app, "other_refuge_manager", LEICESTERSHIRE, &[("people.all", "households", "0")]).await;
    figures(&app, "other_refuge_manager", LEICESTERSHIRE, &[("homes.dispersed_refuge_level", "units", "1")]).await;
    figures(&app, "refuge_manager", LEICESTERSHIRE, &[("people.all", "households", "0"), ("homes.all", "units", "0")])
        .await;
    let before = RETURN.replace("2026", "2025");
    let before = app.client("refuge_manager").await.get(&format!("{before}&area={LEICESTER}")).await.ok();
    assert_eq!(cell(&before.text, "people.all", "households").as_deref(), Some("0"), "{}", before.text);
}

#[rstest]
#[actix_web::test]
async fn a_referrer_says_whom_nobody_could_support(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    let expected = [
        ("people.refuge", "households", "1"),
        ("left.planned", "households", "1"),
        ("left_to.social_tenancy", "households", "1"),
        ("unable.other", "origin_not_known", "1"),
        ("unable.no_capacity", "origin_not_known", "0"),
        ("unable_reason.lost_contact", "origin_not_known", "1"),
        ("unable.all", "from_here", "0"),
        ("homes.all", "units", "not_applicable"),
        ("asked_to_leave.all", "households", "not_applicable"),
    ];
    figures(&app, "helpline_manager", LEICESTER, &expected).await;
    figures(
        &app,
        "other_helpline_manager",
        LEICESTER,
        &[("people.all", "households", "0"), ("unable.all", "origin_not_known", "0")],
    )
    .await;
}

/// S17
#[rstest]
#[actix_web::test]
async fn s17_a_restricted_case_is_not_in_the_yearly_return(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    let line = [("people.all", "households", "1")];
    figures(&app, "helpline_manager", LEICESTER, &line).await;
    exclude(&app.client("caseworker").await, &place.case, &app, "helpline_manager").await.ok();
    figures(&app, "helpline_manager", LEICESTER, &[("people.all", "households", "0")]).await;
    figures(&app, "refuge_manager", LEICESTER, &line).await;
}

#[rstest]
#[actix_web::test]
async fn what_is_no_year_no_authority_and_no_format_is_said(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    for (query, wrong) in [
        ("year=2026-04-02&area=E06000016", "query/year"),
        ("year=2026-04-01&area=E07000130", "query/area"), // a district is part of an authority
        ("year=2026-04-01&area=nowhere", "query/area"),
        ("year=2026-04-01&area=E06000016&format=doc", "query/format"),
        ("year=2026-04-01&area=E06000016&as=referrer", "query/as"),
    ] {
        let answer = manager.get(&format!("/api/v1/reports/annual-return?{query}")).await;
        assert_eq!(answer.pointers(), [wrong], "{query}: {}", answer.text);
    }

    // The page has the same figures, and says what a wrong question is.
    let visitor = app.visitor("refuge_manager").await;
    let page = visitor.page("/reports/annual-return").await;
    assert!(page.status == StatusCode::OK && page.text.contains("Homes at the end of the year"), "{}", page.text);
    let wrong = visitor.page("/reports/annual-return?year=2026-04-02&area=E06000016").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let file = visitor.page("/reports/annual-return/file?year=2026-04-01&area=E06000016&as=provider&format=csv").await;
    assert_eq!(cell(&file.text, "homes.all", "units").as_deref(), Some("2"), "{}", file.text);
}
