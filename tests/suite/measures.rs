//! All measures of a period: a small history worked out by hand, and whose it is.

use chrono::{DateTime, TimeDelta};
use rstest::rstest;
use safehold::clock::At;
use safehold::domain::measures::{Code, Side};
use serde_json::{Value, json};

use crate::restricted::{exclude, id};
use crate::steps::{accepted, audited, noted, opened_with, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

const MEASURES: &str = "/api/v1/reports/measures";
const APRIL: &str = "from=2026-04-01&to=2026-04-30";

fn until(app: &TestApp, instant: &str) {
    let instant: DateTime<chrono::Utc> = instant.parse().unwrap();
    app.clock.advance(At::from(instant) - app.clock.now());
}

async fn report(app: &TestApp, who: &str, query: &str) -> Value {
    app.client(who).await.get(&format!("{MEASURES}?{query}")).await.ok().json
}

fn measure<'a>(report: &'a Value, code: &str) -> &'a Value {
    report["measures"].as_array().unwrap().iter().find(|measure| measure["code"] == code).unwrap_or(&Value::Null)
}

fn values(report: &Value, expected: &[(&str, Value)]) {
    for (code, expected) in expected {
        assert_eq!(&measure(report, code)["value"], expected, "{code}: {}", measure(report, code));
    }
}

fn rows(report: &Value, code: &str, by: &str) -> Value {
    let breakdowns = measure(report, code)["breakdowns"].as_array().unwrap();
    let found = breakdowns.iter().find(|breakdown| breakdown["by"] == by).unwrap();
    found["rows"].as_array().unwrap().iter().map(|row| json!([row["of"], row["value"]])).collect()
}

async fn turned_away(helpline: &Client, case: &str) {
    let closing =
        json!({ "outcome": "not_placed", "primary_reason": "lost_contact", "what_happened_next": "sofa_surfing" });
    helpline.post(&format!("{case}/close"), closing).await.ok();
}

/// One household finds a place for ten days, one is turned away, and comes back. All of it in April.
pub async fn history(app: &TestApp) {
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let mut from_birmingham = new_case();
    from_birmingham["origin_area"] = json!("E08000025");
    let (first, second) = (opened_with(&helpline, from_birmingham).await, opened_with(&helpline, new_case()).await);
    helpline.post(&format!("{first}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
    let placed = referred(&helpline, &first, &vacancy).await;

    until(app, "2026-04-01T10:30:00Z");
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let stay = accepted(&refuge, &placed).await;
    let to_refuge = json!({ "service_id": app.world.refuge });
    let sent = helpline.post(&format!("{second}/referrals"), to_refuge.clone()).await.ok().id();

    until(app, "2026-04-01T14:00:00Z");
    app.client("refuge_worker").await.post(&format!("{stay}/arrive"), json!({})).await.ok();

    until(app, "2026-04-02T10:30:00Z");
    let reasons = json!({ "primary_reason": "needs_language", "secondary_reasons": ["no_pets"] });
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("/api/v1/referrals/{sent}/decline"), reasons).await.ok();

    until(app, "2026-04-11T14:00:00Z");
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let leaving = json!({ "kind": "planned", "destination": "social_tenancy" });
    refuge.post(&format!("{stay}/depart"), leaving).await.ok();
    let cleaning = json!({ "reason": "cleaning", "ends_at": "2026-04-13T14:00:00Z" });
    refuge.post(&format!("/api/v1/units/{}/voids", app.world.a1.0), cleaning).await.ok();
    helpline.post(&format!("{first}/close"), json!({ "outcome": "placed" })).await.ok();
    turned_away(&helpline, &second).await;
    let third = opened_with(&helpline, new_case()).await;
    helpline.post(&format!("{third}/possible-repeats/{}", id(&second)), json!({ "same": true })).await.ok();

    until(app, "2026-04-12T14:00:00Z");
    posted(&app.client("refuge_worker").await, app.world.a2).await;
    let helpline = app.client("caseworker").await;
    helpline.post(&format!("{third}/referrals"), to_refuge).await.ok();
    until(app, "2026-05-10T09:00:00Z");
}

#[rstest]
#[actix_web::test]
async fn a_referrer_measures_its_cases(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    let april = report(&app, "helpline_manager", APRIL).await;
    assert_eq!((&april["side"], &april["counted_until"]), (&json!("referrer"), &json!("2026-04-30T23:00:00Z")));
    values(
        &april,
        &[
            ("referrals", json!(3.0)),
            ("referrals_placed", json!(1.0)),
            ("referrals_denied", json!(1.0)),
            ("referrals_open", json!(1.0)),
            ("success_rate", json!(50.0)),
            ("denied_rate", json!(50.0)),
            ("secondary_reasons", json!(1.0)),
            ("repeat_referrals", json!(33.3)), // the third household is the second
            ("repeat_referrals_assessed", json!(1.0)),
            ("response_median", json!(765.0)), // 90 minutes and a day: (90 + 1440) / 2
            ("response_90th", json!(1440.0)),
            ("response_within_2_hours", json!(50.0)),
            ("out_of_area", json!(1.0)),
            ("in_area", json!(0.0)),
            ("cases_opened", json!(3.0)),
            ("cases_closed", json!(2.0)),
            ("households_unable", json!(1.0)),
            ("waiting_list", json!(1.0)),
            ("waiting_list_min", json!(1.0)),
            ("waiting_list_mean", json!(1.0)),
            ("waiting_list_max", json!(1.0)),
            ("waiting_list_median", json!(19.4)), // from 11 April, 3pm, to the end: 19 days and 9 hours
            ("waiting_time_median", json!(0.2)),  // 5 hours
            ("waiting_time_90th", json!(0.2)),
            ("stays_ended", json!(1.0)),
            ("length_of_stay_mean", json!(10.0)),
            ("length_of_stay_median", json!(10.0)),
            ("stays_open", json!(0.0)),
            ("stays_open_median", json!(null)),
            ("move_on_planned", json!(100.0)),
            ("move_on_timely", json!(null)),
            ("returned_to_perpetrator", json!(0.0)),
            ("households_supported", json!(1.0)),
            ("people_supported", json!(2.0)),
            ("children_supported", json!(1.0)),
            ("unknown_answers", json!(54.2)), // 13 of the 24 answers about each household
        ],
    );
    for (code, by, expected) in [
        ("referrals", "service", json!([["Copper House", 3.0]])),
        ("referrals", "household", json!([["one_adult_with_children", 3.0]])),
        ("referrals_denied", "reason", json!([["needs_language", 1.0]])),
        ("referrals_denied", "womens_aid_group", json!([["capacity", 1.0]])),
        ("referrals_denied", "return_group", json!([["needs_not_met", 1.0]])),
        ("secondary_reasons", "reason", json!([["no_pets", 1.0]])),
        ("out_of_area", "origin_area", json!([["E08000025", 1.0]])),
        ("households_unable", "reason", json!([["lost_contact", 1.0]])),
        ("households_unable", "what_happened_next", json!([["sofa_surfing", 1.0]])),
        ("stays_ended", "destination", json!([["social_tenancy", 1.0]])),
        ("people_supported", "group", json!([["children", 1.0], ["women", 1.0]])),
        ("children_supported", "age", json!([["6_to_11", 1.0]])),
        ("households_supported", "ethnic_group", json!([["unknown", 1.0]])),
    ] {
        assert_eq!(rows(&april, code, by), expected, "{code} by {by}");
    }
    let unknown = |code: &str| measure(&april, code)["unknown"].clone();
    assert_eq!([unknown("response_median"), unknown("in_area")], [json!(1), json!(2)]);
    assert_eq!(measure(&april, "unknown_answers")["numerator"], 39);
    assert_eq!(measure(&april, "unknown_answers")["denominator"], 72);

    let march = report(&app, "helpline_manager", "from=2026-03-01&to=2026-03-31").await;
    values(&march, &[("referrals", json!(0.0)), ("success_rate", json!(null)), ("waiting_list", json!(0.0))]);
    let may = report(&app, "helpline_manager", "from=2026-05-01&to=2026-05-31").await;
    assert_eq!(may["counted_until"], "2026-05-10T09:00:00Z", "what lies ahead is not counted");
    values(&may, &[("waiting_list", json!(1.0)), ("repeat_referrals", json!(null)), ("stays_ended", json!(0.0))]);
}

#[rstest]
#[actix_web::test]
async fn a_provider_measures_its_homes(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    let april = report(&app, "refuge_manager", APRIL).await;
    values(
        &april,
        &[
            ("referrals", json!(3.0)),
            ("success_rate", json!(50.0)),
            ("repeat_referrals", json!(0.0)), // what the helpline knows of its callers is not told
            ("units_online", json!(2.0)),
            ("unit_days_online", json!(60.0)), // two homes in thirty days
            ("unit_days_placed", json!(10.1)), // from 1 April, 11:30am, to 11 April, 3pm: 10 days and 3.5 hours
            ("unit_days_held", json!(0.1)),    // 90 minutes: 0.0625
            ("unit_days_void", json!(2.0)),
            ("unit_days_free", json!(47.8)),    // 60 - 10.1458 - 0.0625 - 2 = 47.7917
            ("void_rate", json!(3.3)),          // 2 of 60
            ("availability_rate", json!(96.7)), // 58 of 60
            ("utilisation", json!(16.9)),       // 10.1458 of 60
            ("utilisation_of_available", json!(17.5)), // 10.1458 of 58
            ("turnaround_median", json!(2.0)),
            ("vacancy_freshness", json!(0.0)),  // the one of A2, confirmed on 12 April
            ("places_per_10_000", json!(0.06)), // 2 homes for 354,036 people
            ("length_of_stay_mean", json!(10.0)),
            ("households_supported", json!(1.0)),
            ("unknown_answers", json!(26.7)), // 4 of 15
            ("sanctuary_jobs", json!(0.0)),
        ],
    );
    let seconds = |code: &str| measure(&april, code)["numerator"].as_u64().unwrap();
    let parts = ["unit_days_placed", "unit_days_held", "unit_days_void", "unit_days_free"].map(seconds);
    assert_eq!(parts.iter().sum::<u64>(), seconds("unit_days_online"));
    assert_eq!(seconds("unit_days_online"), 2 * 30 * 24 * 3_600);
    assert_eq!(rows(&april, "unit_days_void", "void_group"), json!([["cleaning_or_maintenance", 2.0]]));
    let told = april.to_string();
    for hidden in ["out_of_area", "origin_area", "E08000025", "ethnic_group", "households_unable", "waiting_list"] {
        assert!(!told.contains(hidden), "a provider is told of {hidden}");
    }
}

/// A case with a referral that waits; and, if there is to be one, a household that is placed, of which `who` must not know.
/// Two days later.
async fn beside_a_hidden_case(app: &TestApp, who: &str, hidden: bool) {
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let (vacancy, other) = (posted(&refuge, app.world.a1).await, posted(&refuge, app.world.a2).await);
    let seen = opened_with(&helpline, new_case()).await;
    referred(&helpline, &seen, &other).await;
    if hidden {
        let case = opened_with(&helpline, new_case()).await;
        helpline.post(&format!("{case}/possible-repeats/{}", id(&seen)), json!({ "same": true })).await.ok();
        if who == "helpline_manager" {
            exclude(&helpline, &case, app, who).await.ok();
        }
        let referral = referred(&helpline, &case, &vacancy).await;
        if who == "refuge_manager" {
            let knows = json!({ "reason": "We went to school together." });
            app.client(who).await.post(&format!("{referral}/conflicts"), knows).await.ok();
        }
        let stay = accepted(&refuge, &referral).await;
        refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    }
    app.clock.advance(TimeDelta::days(2));
}

/// S17: for who is excluded the figures are those of a world without the case.
#[rstest]
#[case::a_manager_of_the_helpline("helpline_manager", "refuge_manager")]
#[case::a_manager_of_the_refuge("refuge_manager", "helpline_manager")]
#[actix_web::test]
async fn s17_a_hidden_case_is_in_no_measure(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] who: &str,
    #[case] other_side: &str,
) {
    let (without, with) = (TestApp::spawn(on), TestApp::spawn(on));
    beside_a_hidden_case(&without, who, false).await;
    beside_a_hidden_case(&with, who, true).await;
    let measures = report(&with, who, APRIL).await;
    assert_eq!(measures, report(&without, who, APRIL).await);
    values(&measures, &[("referrals", json!(1.0)), ("stays_open", json!(0.0))]);
    values(&report(&with, other_side, APRIL).await, &[("referrals", json!(2.0)), ("stays_open", json!(1.0))]);
}

/// S12, S18
#[rstest]
#[actix_web::test]
async fn s12_s18_managers_read_measures_and_taking_them_out_is_recorded(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    for who in ["refuge_worker", "caseworker", "commissioner", "administrator", "auditor"] {
        let client = app.client(who).await;
        for path in ["/api/v1/reports".to_owned(), format!("{MEASURES}?{APRIL}"), format!("{MEASURES}.csv?{APRIL}")] {
            assert_eq!(client.get(&path).await.problem(), "403 forbidden", "{who} {path}");
        }
    }
    let manager = app.client("helpline_manager").await;
    let measured = manager.get(&format!("{MEASURES}?{APRIL}")).await.ok().json;
    assert_eq!(audited(&app, "report.exported"), 0);
    let file = manager.get(&format!("{MEASURES}.csv?{APRIL}")).await.ok();
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"measures-2026-04-01-2026-04-30.csv\"");
    assert_eq!(audited(&app, "report.exported"), 1);
    let mut lines = csv::Reader::from_reader(file.text.as_bytes());
    let rows: Vec<csv::StringRecord> = lines.records().map(Result::unwrap).collect();
    let figures = measured["measures"].as_array().unwrap().iter().map(|measure| {
        let parts = measure.get("breakdowns").and_then(Value::as_array).into_iter().flatten();
        1 + parts.map(|breakdown| breakdown["rows"].as_array().unwrap().len()).sum::<usize>()
    });
    assert_eq!(rows.len(), figures.sum::<usize>(), "one row for each figure");
    let fields: Vec<&str> = rows[0].iter().collect();
    assert_eq!(
        fields,
        ["2026-04-01", "2026-04-30", "referrer", "referrals", "referral", "count", "", "", "3", "", "", ""]
    );
}

#[rstest]
#[actix_web::test]
async fn the_catalogue_holds_what_is_measured(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let catalogue = app.client("refuge_manager").await.get("/api/v1/reports").await.ok().json;
    let listed = catalogue["measures"].as_array().unwrap();
    assert_eq!(listed.len(), Code::ALL.len());
    for (who, side) in [("refuge_manager", Side::Provider), ("helpline_manager", Side::Referrer)] {
        let theirs = listed.iter().filter(|one| one["sides"].as_array().unwrap().contains(&json!(side.as_str())));
        let theirs: Vec<&Value> = theirs.map(|one| &one["code"]).collect();
        let measured = report(&app, who, APRIL).await;
        let measured: Vec<&Value> = measured["measures"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        assert_eq!(theirs, measured, "{who}");
    }
}

#[rstest]
#[actix_web::test]
async fn the_page_says_each_measure_in_words(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    let dates = "period=dates&from-day=1&from-month=4&from-year=2026&to-day=30&to-month=4&to-year=2026";
    let page = app.visitor("helpline_manager").await.page(&format!("/reports/measures?{dates}")).await.ok().text;
    for words in [
        "Households unable to be supported",
        "1 April 2026 to 30 April 2026",
        "765 minutes",
        "Disengaged or could not be contacted",
        "Birmingham",
    ] {
        assert!(page.contains(words), "the page does not say {words}");
    }
    let page = app.visitor("refuge_manager").await.page(&format!("/reports/measures?{dates}")).await.ok().text;
    for words in ["Cleaning or maintenance", "Utilisation", "Leicester 354,036 (2020)", "2 of 60 days"] {
        assert!(page.contains(words), "the page does not say {words}");
    }
    let text: String = page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    for wrong in ["E06000016", "one_adult", "needs_language"] {
        assert!(!text.contains(wrong), "the page says {wrong}");
    }
}

/// S32
#[rstest]
#[case("to=2026-04-01", "query/from")]
#[case("from=2026-04-02&to=2026-04-01", "query/to")]
#[case("from=2026-04-01&to=2099-04-01", "query/to")]
#[case("from=2026-04-01&to=2026-04-30&by=month", "query/by")]
#[case("from=2026-04-01&to=2026-04-30&as=referrer", "query/as")]
#[actix_web::test]
async fn s32_a_question_that_makes_no_sense_is_not_answered(#[case] query: &str, #[case] pointer: &str) {
    let app = TestApp::spawn(Sqlite);
    let manager = app.client("refuge_manager").await;
    for path in [MEASURES.to_owned(), format!("{MEASURES}.csv")] {
        let refused = manager.get(&format!("{path}?{query}")).await;
        assert_eq!((refused.problem().as_str(), refused.pointers()), ("422 invalid", vec![pointer.to_owned()]));
    }
}

/// An additional fact changes what is known, and nothing else.
#[rstest]
#[actix_web::test]
async fn what_is_noted_is_no_longer_unknown(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened_with(&helpline, new_case()).await;
    let before = report(&app, "helpline_manager", APRIL).await;
    let mut needs = new_case()["needs"].clone();
    needs["monitoring"] = json!({ "religion": "prefer_not_to_say", "ethnic_group": "not_asked" });
    noted(&helpline, &case, needs).await.ok();
    let after = report(&app, "helpline_manager", APRIL).await;
    let numerator = |report: &Value| measure(report, "unknown_answers")["numerator"].as_u64().unwrap();
    assert_eq!(numerator(&before), numerator(&after) + 1, "not asked is as unknown as before");
}
