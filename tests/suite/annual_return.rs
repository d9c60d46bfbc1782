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

/// S40: what a council gives on is what was published, place by place, and nothing else.
#[rstest]
#[actix_web::test]
async fn s40_a_council_has_its_yearly_return_from_the_published_figures(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    app.clock.advance(TimeDelta::days(5));
    let leaving = json!({ "kind": "unplanned", "destination": "not_known" });
    app.client("refuge_worker").await.post(&format!("{}/depart", place.stay), leaving).await.ok();
    app.clock.advance(TimeDelta::days(400)); // the financial year and its two weeks are over
    while safehold::actions::releases::make_due(&app.db).await.unwrap() > 0 {}

    let council = app.client("commissioner").await;
    let year = council.get("/api/v1/releases/year/2026-04-01").await.ok().json;
    let file = format!("/api/v1/releases/year/2026-04-01/annual-return/{LEICESTER}");
    let csv = council.get(&format!("{file}/csv")).await.ok();
    let mut compared = 0;
    for code in ["people", "households_supported", "unable_by_group", "stays_ended", "support_given", "homes"] {
        let table = year["tables"].as_array().unwrap().iter().find(|table| table["code"] == code).unwrap();
        for area in [LEICESTER, "all"] {
            let Some(column) = table["areas"].as_array().unwrap().iter().position(|known| known["code"] == area) else {
                assert_eq!((code, cell(&csv.text, &format!("{code}.all"), area)), ("support_given", None));
                continue;
            };
            for row in table["rows"].as_array().unwrap() {
                let value = &row["values"][column];
                let told = value["number"].as_f64().map(|number| format!("{number}"));
                let expected = told.unwrap_or_else(|| value["shows"].as_str().unwrap().to_owned());
                let line = format!("{code}.{}", row["code"].as_str().unwrap());
                assert_eq!(cell(&csv.text, &line, area).as_deref(), Some(expected.as_str()), "{line}, {area}");
                compared += 1;
            }
        }
    }
    assert!(compared > 40, "{compared}");
    assert_eq!(cell(&csv.text, "stays_ended.unplanned", LEICESTER).as_deref(), Some("fewer_than_5"));
    assert_eq!(audited(&app, "report.exported"), 1);

    let visitor = app.visitor("commissioner").await;
    let figures = visitor.page("/figures/year/2026-04-01").await.ok().text;
    let page = "/figures/year/2026-04-01/annual-return";
    assert!(figures.contains(page), "{figures}");
    let shown = visitor.page(&format!("{page}?area={LEICESTER}")).await.ok().text;
    for text in ["Yearly return", "Leicester", "fewer than 5", "All areas", "published table"] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    visitor.page(&format!("{page}/{LEICESTER}/xlsx")).await.ok();
    assert_eq!(visitor.page(&format!("{page}?area=E99999999")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unknown = file.replace(LEICESTER, "E99999999");
    assert_eq!(council.get(&format!("{unknown}/csv")).await.problem(), "422 invalid");
    assert_eq!(council.get(&format!("{}/csv", file.replace("2026", "2025"))).await.problem(), "404 not_found");
    for who in ["caseworker", "refuge_worker", "administrator"] {
        assert_eq!(app.client(who).await.get(&format!("{file}/csv")).await.problem(), "403 forbidden");
    }
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_every_figure_of_the_return_leads_to_its_records(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    crate::report_totals::history(&app, 17).await;
    let mut traced = 0;
    for (who, provider) in [("refuge_manager", true), ("helpline_manager", false)] {
        let client = app.client(who).await;
        let of = format!("year=2026-04-01&area={LEICESTER}");
        let json = client.get(&format!("/api/v1/reports/annual-return?{of}&format=json")).await.ok().json;
        let page = app.visitor(who).await;
        for table in json["tables"].as_array().unwrap().iter().filter(|table| table["code"] != "mapping") {
            let households = provider && table["code"] == "people";
            for row in table["rows"].as_array().unwrap() {
                for (column, cell) in table["columns"].as_array().unwrap().iter().zip(row["cells"].as_array().unwrap())
                {
                    let figure = format!(
                        "{of}&line={}&column={}",
                        row["code"].as_str().unwrap(),
                        column["code"].as_str().unwrap()
                    );
                    let path = format!("/api/v1/reports/annual-return/records?{figure}&limit=200");
                    let Some(number) = cell["value"].as_f64() else {
                        assert_eq!(client.get(&path).await.problem(), "404 not_found", "{figure}");
                        continue;
                    };
                    let found = client.get(&path).await.ok().json;
                    let total = found["total"].as_f64().unwrap();
                    match table["code"].as_str().unwrap() {
                        "people" if households => assert!(total > 0.0 || number == 0.0, "{figure}"),
                        "people" | "support" => {
                            assert!(
                                total <= number && (total == 0.0) == (number == 0.0),
                                "{figure}: {total} of {number}"
                            );
                        }
                        _ => assert!((total - number).abs() < f64::EPSILON, "{figure}: {total} for {number}"),
                    }
                    if number > 0.0 {
                        traced += 1;
                        if traced % 8 == 0 {
                            let list = page.page(&format!("/reports/annual-return/records?{figure}")).await.ok().text;
                            let link = found["items"][0]["link"].as_str().unwrap();
                            assert!(list.contains(link), "{link} in {list}");
                            page.page(link).await.ok();
                        }
                    }
                }
            }
        }
        let wrong =
            client.get(&format!("/api/v1/reports/annual-return/records?{of}&line=people.refuge&column=units")).await;
        assert_eq!(wrong.problem(), "404 not_found");
    }
    assert!(traced >= 30, "{traced}");
}
