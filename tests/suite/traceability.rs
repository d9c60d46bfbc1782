//! From a figure to the records behind it: there are as many as the figure says, or what they add adds up to it.

use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::sanctuary::State;
use serde_json::{Value, json};

use crate::restricted::exclude;
use crate::sanctuary::{asked as asked_for, in_state, scheme};
use crate::steps::posted;
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};
use crate::{measures, report_totals};

const REPORTS: &str = "/api/v1/reports";
const YEAR: &str = "from=2026-04-01&to=2027-03-31";

/// What a provider is not told of single households, and so cannot choose their records by. (S15)
const NOT_FOR_PROVIDERS: [&str; 6] = ["household", "source", "group", "age", "field", "months"];

/// Of which a provider has all the records among which they were counted, and not how much each of them adds. (S15)
const KEPT_BACK: [&str; 4] = ["people_supported", "children_supported", "unknown_answers", "sanctuary_still_safe"];

/// How many records there are, and what all of them add to the figure.
async fn records(client: &Client, path: &str) -> (u64, Option<u64>) {
    let found = client.get(path).await.ok().json;
    let (total, items) = (found["total"].as_u64().unwrap(), found["items"].as_array().unwrap());
    assert_eq!(items.len() as u64, total.min(200), "{path}");
    let amounts: Option<u64> = items.iter().map(|item| item["amount"].as_u64()).sum();
    let amount = found["amount"].as_u64();
    assert_eq!(amounts.filter(|_| total > 0), amount.filter(|_| total > 0), "{path}");
    assert_eq!(found.get("amount_in").is_some(), amount.is_some(), "{path}");
    (total, amount)
}

async fn total(client: &Client, path: &str) -> u64 {
    records(client, path).await.0
}

/// Holds a figure against the records of a part of it.
fn agrees(measure: &Value, figure: &Value, part: &str, (total, amount): (u64, Option<u64>), path: &str) {
    let number = |field: &str| figure[field].as_u64().unwrap_or_default();
    let value = || figure["value"].as_f64().map_or(0, |value| format!("{value}").parse().unwrap());
    let (sum, mean) = (figure["numerator"].is_u64(), figure["denominator"].is_u64());
    match measure["kind"].as_str().unwrap() {
        "percent" => assert_eq!(amount.unwrap_or(total), number(part), "{path}"),
        "per_10_000" => assert_eq!(total, number("numerator"), "{path}"), // the whole are people of the area
        "count" if mean => assert_eq!(amount, Some(number("numerator")), "{path}"), // of so many days
        "count" => assert_eq!(amount.unwrap_or(total), value(), "{path}"),
        // The whole of the days of homes in one use are those of all homes: they are compared with their own measure.
        _ if sum && !mean && part == "denominator" => assert!(total > 0 || amount == Some(0), "{path}"),
        _ => {
            assert!(!mean || total == number("denominator"), "{path}: {total}, {amount:?}, {figure}");
            assert!(!sum || amount == Some(number("numerator")), "{path}: {total}, {amount:?}, {figure}");
        }
    }
}

async fn every_figure(app: &TestApp, who: &str, provider: bool) -> usize {
    let client = app.client(who).await;
    let report = client.get(&format!("{REPORTS}/measures?{YEAR}")).await.ok().json;
    let mut checked = 0;
    for measure in report["measures"].as_array().unwrap() {
        let code = measure["code"].as_str().unwrap();
        let kept_back = provider && KEPT_BACK.contains(&code);
        for part in ["numerator", "denominator"] {
            let path = format!("{REPORTS}/measures/{code}/records?{YEAR}&limit=200&part={part}");
            let found = records(&client, &path).await;
            if kept_back {
                let among =
                    if code == "sanctuary_still_safe" { "sanctuary_days_median" } else { "households_supported" };
                let all = total(&client, &path.replace(code, among)).await;
                assert_eq!(found, (all, None), "{path}: all, and not only those that add something");
            } else {
                agrees(measure, measure, part, found, &path);
            }
            checked += 1;
            for breakdown in measure.get("breakdowns").and_then(Value::as_array).into_iter().flatten() {
                let by = breakdown["by"].as_str().unwrap();
                if provider && (NOT_FOR_PROVIDERS.contains(&by) || code == "households_supported") {
                    let refused = client.get(&format!("{path}&by={by}&of=unknown")).await;
                    assert_eq!(refused.pointers(), ["query/by"], "{path}");
                    continue;
                }
                for row in breakdown["rows"].as_array().unwrap() {
                    assert_eq!(row["key"].is_string(), by == "service", "{path} {row}");
                    let of = row["key"].as_str().or(row["of"].as_str());
                    let path = format!("{path}&by={by}{}", of.map_or_else(String::new, |of| format!("&of={of}")));
                    agrees(measure, row, part, records(&client, &path).await, &path);
                    checked += 1;
                }
            }
        }
    }
    checked
}

/// Two homes made safe, one of which a household was asked about, and one that is still to be.
async fn sanctuary(app: &TestApp) {
    let scheme = scheme(app).await;
    in_state(app, &scheme, State::SignedOff).await;
    let (_, job) = in_state(app, &scheme, State::SignedOff).await;
    let (helpline, refuge) = (app.client("caseworker").await, app.client("refuge_worker").await);
    let asked = helpline.get(&job).await.ok().json["follow_ups"][0]["id"].as_str().unwrap().to_owned();
    helpline.post(&format!("{job}/follow-ups/{asked}/answer"), json!({ "answer": "still_safe" })).await.ok();
    let (_, job) = asked_for(&helpline, &scheme).await;
    let lock = json!({ "kind": "doors", "number": 1, "cost_pence": 12_000 });
    refuge.post(&format!("{job}/measures"), lock).await.ok();
}

/// Vacancies, one of which nobody has confirmed for a while, and a home that is out of use.
async fn homes(app: &TestApp) {
    posted(&app.client("refuge_worker").await, app.world.a2).await;
    app.clock.advance(TimeDelta::hours(30));
    let refuge = app.client("refuge_worker").await;
    posted(&refuge, app.world.a1).await;
    let other = app.client("other_refuge_worker").await;
    other.post(&format!("/api/v1/units/{}/voids", app.world.d1.0), json!({ "reason": "cleaning" })).await.ok();
    app.clock.advance(TimeDelta::hours(5));
}

/// S15, S17, S41: also for somebody from whom a case is hidden.
#[rstest]
#[actix_web::test]
async fn s15_s17_s41_the_records_of_a_measure_add_up_to_it(
    #[values(Sqlite, Postgres)] on: Engine,
    #[values(true, false)] by_hand: bool,
) {
    let app = TestApp::spawn(on);
    if by_hand {
        measures::history(&app).await;
        let worker = app.client("caseworker").await;
        let case = worker.get("/api/v1/cases").await.ok().items()[0]["id"].as_str().unwrap().to_owned();
        exclude(&worker, &format!("/api/v1/cases/{case}"), &app, "helpline_manager").await.ok();
    } else {
        report_totals::history(&app, 7).await;
        homes(&app).await;
    }
    sanctuary(&app).await;
    for (who, provider) in [("helpline_manager", false), ("refuge_manager", true), ("other_refuge_manager", true)] {
        let checked = every_figure(&app, who, provider).await;
        assert!(checked > 90, "only {checked} figures of {who}");
    }
}

/// What each record adds, worked out by hand.
#[rstest]
#[actix_web::test]
async fn a_record_says_what_it_adds_to_a_figure(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    measures::history(&app).await;
    let april = "from=2026-04-01&to=2026-04-30";
    let (refuge, helpline) = (app.client("refuge_manager").await, app.client("helpline_manager").await);
    for (client, path, kind, unit, amounts) in [
        // One void of two days, after a stay of ten.
        (&refuge, "unit_days_void/records?by=void_reason&of=cleaning", "unit", "seconds", vec![172_800]),
        (&refuge, "turnaround_median/records?", "stay", "seconds", vec![172_800]),
        (&refuge, "length_of_stay_mean/records?", "stay", "seconds", vec![864_000]),
        (&refuge, "response_median/records?", "referral", "seconds", vec![5_400, 86_400]),
        (&helpline, "secondary_reasons/records?by=reason&of=no_pets", "referral", "reasons", vec![1]),
        (&helpline, "people_supported/records?", "case", "people", vec![2]),
    ] {
        let found = client.get(&format!("{REPORTS}/measures/{path}&{april}")).await.ok().json;
        let told: Vec<u64> =
            found["items"].as_array().unwrap().iter().map(|item| item["amount"].as_u64().unwrap()).collect();
        assert_eq!((&found["kind"], &found["amount_in"], told), (&json!(kind), &json!(unit), amounts), "{path}");
    }
    let vacancy = refuge.get(&format!("{REPORTS}/measures/vacancy_freshness/records?part=denominator&{april}")).await;
    let vacancy = &vacancy.ok().json["items"][0];
    assert_eq!(vacancy["link"], format!("/units/{}", app.world.a2.0), "a vacancy has no page of its own");
    app.visitor("refuge_manager").await.page(vacancy["link"].as_str().unwrap()).await.ok();
    // Two waited on the first day, none for most of the 11th, and one since.
    let most = helpline.get(&format!("{REPORTS}/measures/waiting_list_max/records?{april}")).await.ok().json;
    let least = helpline.get(&format!("{REPORTS}/measures/waiting_list_min/records?{april}")).await.ok().json;
    assert_eq!((&most["total"], &least["total"]), (&json!(1), &json!(1)));
    assert_eq!(most["counted_at"], "2026-04-01T22:59:59.999999Z", "of several days the first");
}

/// S6, S27
#[rstest]
#[actix_web::test]
async fn s06_s27_a_service_is_asked_for_by_no_name(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    report_totals::history(&app, 9).await;
    let client = app.client("helpline_manager").await;
    let days = format!("{YEAR}&limit=200");
    let (measure, cells) = (
        format!("{REPORTS}/measures/referrals/records?{days}&by=service&of="),
        format!("{REPORTS}/denied-access/records?{days}&counted=referral&service="),
    );
    let report = client.get(&format!("{REPORTS}/denied-access?{YEAR}&by=service&compare=before")).await.ok().json;
    let cells_of = report["per_referral"]["cells"].as_array().unwrap();
    let keys: Vec<_> = cells_of.iter().map(|cell| (&cell["by"]["service"], &cell["service_key"])).collect();
    let refuge = json!(app.world.refuge.0.to_string());
    assert_eq!(
        keys,
        [(&json!("A confidential service"), &json!("confidential")), (&json!("Copper House"), &refuge)],
        "all that are confidential share a row, and its key"
    );
    for path in [&measure, &cells] {
        for (cell, key) in cells_of.iter().zip(["confidential", refuge.as_str().unwrap()]) {
            assert_eq!(total(&client, &format!("{path}{key}")).await, cell["total"].as_u64().unwrap(), "{path}{key}");
        }
        for untold in [app.world.dispersed.0.to_string(), "00000000-0000-7000-8000-000000000000".to_owned()] {
            let found = total(&client, &format!("{path}{untold}")).await;
            assert_eq!(found, 0, "one that is not told by name answers as one that does not exist");
        }
        let pointer = if path == &measure { "query/of" } else { "query/service" };
        assert_eq!(client.get(&format!("{path}Copper%20House")).await.pointers(), [pointer]);
    }
    let own = app.client("other_refuge_manager").await;
    let found = own.get(&format!("{REPORTS}/measures?{YEAR}")).await.ok().json;
    let keys: Vec<_> = found["measures"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["breakdowns"][0]["rows"][0]["key"].as_str())
        .collect();
    assert!(keys.len() > 5 && keys.iter().all(|key| *key == app.world.dispersed.0.to_string()), "{keys:?}");
}

/// The links of a page that lead to records, and their texts.
fn links(page: &str) -> Vec<(String, String)> {
    let links = page.split("<a class=\"govuk-link\" href=\"").skip(1);
    let link = |rest: &str| {
        let (href, rest) = rest.split_once("\">")?;
        let text = rest.split(['<']).next()?;
        href.contains("/records?").then(|| (href.replace("&amp;", "&").replace("&#38;", "&"), text.to_owned()))
    };
    links.filter_map(link).collect()
}

/// "7 referrals" and, where they add up to something else, "12 people".
fn said(page: &str) -> (String, Option<String>) {
    let line = page.split("sh-report__days\">").nth(1).unwrap().split("</p>").next().unwrap();
    let mut bold = line.split("<strong>").skip(1).map(|part| part.split("</strong>").next().unwrap().to_owned());
    (bold.next().unwrap(), bold.next())
}

/// Follows each link to records and holds what it says against the list.
async fn followed(visitor: &Client, path: &str) -> usize {
    let page = visitor.page(path).await.ok().text;
    let mut numbers = 0;
    for (href, text) in links(&page) {
        for named in ["Copper", "Heron", "onfidential+", "onfidential%20"] {
            assert!(!href.contains(named), "{href} names a service");
        }
        let listed = visitor.page(&href).await.ok().text;
        let (records, amount) = said(&listed);
        assert!(!records.starts_with("0 ") && !listed.contains("Nothing was counted here"), "{path}: {text} {href}");
        let first = |text: &str| text.split(' ').next().unwrap().to_owned();
        let told = amount.as_deref().map_or_else(|| first(&records), first);
        let days = text.strip_suffix(" days").unwrap_or(&text);
        match (days.rsplit_once(" of "), days.parse::<f64>()) {
            (Some((part, whole)), _) if part.parse::<f64>().is_ok() => assert_eq!(whole, told, "{path}: {text} {href}"),
            (None, Ok(_)) if !href.contains("per_10_000") => assert_eq!(days, told, "{path}: {text} {href}"),
            _ => continue, // a rate stands over what it was worked out from
        }
        numbers += 1;
    }
    numbers
}

/// S27, S41
#[rstest]
#[actix_web::test]
async fn s27_s41_each_number_on_a_page_leads_to_its_records(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    report_totals::history(&app, 11).await;
    homes(&app).await;
    sanctuary(&app).await;
    let days = "period=dates&from-day=1&from-month=4&from-year=2026&to-day=31&to-month=3&to-year=2027";
    let long = days.replace("from-year=2026", "from-year=2023");
    for (who, measures, breakdowns, least) in [
        ("helpline_manager", "denied_access", vec!["area", "service", "household", "what_happened_next"], 120),
        ("refuge_manager", "homes", vec!["service", "decided_by", "source"], 60),
    ] {
        let visitor = app.visitor(who).await;
        let mut numbers = followed(&visitor, &format!("/reports/measures?{days}&theme={measures}")).await;
        assert!(numbers > 5, "only {numbers} numbers of the measures of {who}");
        for by in breakdowns {
            numbers += followed(&visitor, &format!("/reports/denied-access?{days}&by={by}")).await;
        }
        numbers += followed(&visitor, &format!("/reports/denied-access?{days}&by=area&reason=area_unsafe")).await;
        numbers += followed(&visitor, &format!("/reports/denied-access?{long}&by=area")).await;
        assert!(numbers > least, "only {numbers} numbers of {who}");
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
                    let key = if name == "service" { &cell["service_key"] } else { value };
                    path.extend(["&", name, "=", key.as_str().unwrap_or_default()].map(str::to_owned));
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

/// S41
#[rstest]
#[actix_web::test]
async fn s41_reasons_beside_the_main_one_have_their_records(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    report_totals::history(&app, 10).await;
    let mut checked = 0;
    for who in ["helpline_manager", "refuge_manager"] {
        let client = app.client(who).await;
        let report = client.get(&format!("{REPORTS}/denied-access?{YEAR}")).await.ok().json;
        for counted in ["referral", "household"] {
            let given = &report[format!("{counted}_secondary_reasons")];
            for (reason, number) in given.as_object().into_iter().flatten() {
                let of = format!("counted={counted}&secondary_reason={reason}");
                let path = format!("{REPORTS}/denied-access/records?{YEAR}&limit=200&{of}");
                assert_eq!(total(&client, &path).await, number.as_u64().unwrap(), "{who} {path}");
                checked += 1;
            }
        }
    }
    assert!(checked > 6, "only {checked} reasons");
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
    for untold in ["shoe_size", "cases_opened"] {
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
    let page = app
        .visitor("helpline_manager")
        .await
        .page("/reports/denied-access/records?counted=household&outcome=denied")
        .await
        .ok();
    assert!(page.text.contains("1 case"), "{}", page.text);
}
