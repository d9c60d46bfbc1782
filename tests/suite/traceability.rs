//! From a figure to the records behind it: there are as many as the figure says.

use rstest::rstest;
use serde_json::{Value, json};

use crate::restricted::exclude;
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};
use crate::{measures, report_totals};

const REPORTS: &str = "/api/v1/reports";
const YEAR: &str = "from=2026-04-01&to=2027-03-31";

/// What a provider is not told of single households.
const NOT_FOR_PROVIDERS: [&str; 2] = ["household", "source"];

async fn total(client: &Client, path: &str) -> u64 {
    let found = client.get(&path.replace(' ', "%20")).await.ok().json;
    let total = found["total"].as_u64().unwrap();
    assert_eq!(found["items"].as_array().unwrap().len() as u64, total.min(200), "{path}");
    total
}

/// What a figure says of how many there are in this part of it.
fn expected(measure: &Value, figure: &Value, part: &str) -> Option<u64> {
    match measure["kind"].as_str().unwrap() {
        "count" => figure["value"].as_f64().map(|value| format!("{value}").parse().unwrap()),
        "percent" => figure[part].as_u64(),
        _ => figure["denominator"].as_u64(),
    }
}

async fn every_figure(app: &TestApp, who: &str, provider: bool) -> usize {
    let client = app.client(who).await;
    let catalogue = client.get(REPORTS).await.ok().json;
    let traced = |code: &Value| {
        let found = catalogue["measures"].as_array().unwrap().iter().find(|one| one["code"] == *code).unwrap();
        found["has_records"] == true && !["people_supported", "children_supported"].contains(&code.as_str().unwrap())
    };
    let report = client.get(&format!("{REPORTS}/measures?{YEAR}")).await.ok().json;
    let mut checked = 0;
    for measure in report["measures"].as_array().unwrap() {
        let code = measure["code"].as_str().unwrap();
        let records = format!("{REPORTS}/measures/{code}/records?{YEAR}&limit=200");
        if !traced(&measure["code"]) {
            continue;
        }
        for part in ["numerator", "denominator"] {
            let path = format!("{records}&part={part}");
            let figure = expected(measure, measure, part).unwrap_or_default();
            assert_eq!(total(&client, &path).await, figure, "{who} {path}");
            checked += 1;
            for breakdown in measure.get("breakdowns").and_then(Value::as_array).into_iter().flatten() {
                let by = breakdown["by"].as_str().unwrap();
                if provider && (NOT_FOR_PROVIDERS.contains(&by) || code == "households_supported") {
                    let refused = client.get(&format!("{path}&by={by}&of=unknown")).await;
                    assert_eq!(refused.pointers(), ["query/by"], "{path}");
                    continue;
                }
                for row in breakdown["rows"].as_array().unwrap() {
                    let of = row["of"].as_str().map_or_else(String::new, |of| format!("&of={of}"));
                    let figure = expected(measure, row, part).unwrap_or_default();
                    let path = format!("{path}&by={by}{of}");
                    assert_eq!(total(&client, &path).await, figure, "{who} {path}");
                    checked += 1;
                }
            }
        }
    }
    checked
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_there_are_as_many_records_as_a_measure_counts(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    report_totals::history(&app, 7).await;
    for (who, provider) in [("helpline_manager", false), ("refuge_manager", true), ("other_refuge_manager", true)] {
        let checked = every_figure(&app, who, provider).await;
        assert!(checked > 40, "only {checked} figures of {who}");
    }
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_each_cell_of_denied_access_has_its_records(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    report_totals::history(&app, 8).await;
    let mut checked = 0;
    for (who, by) in [
        ("helpline_manager", "reason,month"),
        ("helpline_manager", "household,what_happened_next"),
        ("refuge_manager", "service,return_group"),
    ] {
        let client = app.client(who).await;
        let report = client.get(&format!("{REPORTS}/denied-access?{YEAR}&by={by}")).await.ok().json;
        for (counted, tally) in [("referral", &report["per_referral"]), ("household", &report["per_household"])] {
            for cell in tally.get("cells").and_then(Value::as_array).into_iter().flatten() {
                let mut path = format!("{REPORTS}/denied-access/records?{YEAR}&limit=200&counted={counted}");
                for (name, value) in cell["by"].as_object().unwrap() {
                    path.extend(["&", name, "=", value.as_str().unwrap_or_default()].map(str::to_owned));
                }
                assert_eq!(total(&client, &path).await, cell["total"].as_u64().unwrap(), "{who} {path}");
                for outcome in ["placed", "denied", "open"] {
                    let path = format!("{path}&outcome={outcome}");
                    assert_eq!(total(&client, &path).await, cell[outcome].as_u64().unwrap(), "{who} {path}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 100, "only {checked} cells");
}

/// S13, S15, S17
#[rstest]
#[actix_web::test]
async fn s13_s15_s17_records_are_those_that_the_reader_may_see(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    measures::history(&app).await;
    let (records, cells) = (
        format!("{REPORTS}/measures/referrals/records?{YEAR}"),
        format!("{REPORTS}/denied-access/records?{YEAR}&counted=referral"),
    );
    let helpline = app.client("helpline_manager").await;
    for path in [&records, &cells] {
        let found = helpline.get(path).await.ok().json;
        assert_eq!((&found["kind"], &found["total"]), (&json!("referral"), &json!(3)));
        let first = &found["items"][0];
        let link = format!("/referrals/{}", first["id"].as_str().unwrap());
        assert_eq!(first["link"], link);
        assert!(first["case_reference"].as_str().unwrap().starts_with("C-"), "{first}");
        app.visitor("helpline_manager").await.page(&link).await.ok();

        let page = helpline.get(&format!("{path}&limit=2")).await.ok().json;
        let rest = helpline.get(&format!("{path}&limit=2&offset={}", page["next_offset"])).await.ok().json;
        assert_eq!((page["next_offset"].as_u64(), rest.get("next_offset")), (Some(2), None));
        assert_eq!(rest["items"][0], found["items"][2]);

        let of_provider = app.client("refuge_manager").await.get(path).await.ok().json;
        assert_eq!(of_provider["total"], 3);
        assert!(of_provider["items"].as_array().unwrap().iter().all(|item| item.get("case_id").is_none()));
        assert_eq!(app.client("other_helpline_manager").await.get(path).await.ok().json["total"], 0);
        assert_eq!(app.client("caseworker").await.get(path).await.problem(), "403 forbidden");
    }
    let refuge = app.client("refuge_manager").await;
    for (path, pointer) in [
        (format!("{cells}&household=unknown"), "query/household"),
        (format!("{cells}&source=police"), "query/source"),
        (format!("{REPORTS}/denied-access/records?{YEAR}&counted=household"), "query/counted"),
        (format!("{records}&by=source&of=police"), "query/by"),
    ] {
        assert_eq!(refuge.get(&path).await.pointers(), [pointer], "{path}");
    }
    for untold in ["unit_days_placed", "unknown_answers", "shoe_size", "cases_opened"] {
        let answer = refuge.get(&format!("{REPORTS}/measures/{untold}/records?{YEAR}")).await;
        assert_eq!(answer.problem(), "404 not_found", "{untold}");
    }
    let worker = app.client("caseworker").await;
    let hidden = format!("/api/v1/cases/{}", worker.get("/api/v1/cases").await.ok().items()[0]["id"].as_str().unwrap());
    exclude(&worker, &hidden, &app, "helpline_manager").await.ok();
    for path in [&records, &cells] {
        assert_eq!(helpline.get(path).await.ok().json["total"], 2, "{path}");
    }
    let page = app.visitor("helpline_manager").await.page("/reports/measures/referrals/records?as=referrer").await.ok();
    assert!(page.text.contains("2 referrals"), "{}", page.text);
    let page =
        app.visitor("helpline_manager").await.page("/reports/denied-access/records?counted=household").await.ok();
    assert!(page.text.contains("1 case"), "{}", page.text);
}
