//! The denied-access report: who reads which, which day something counts on, and what leaves the house as a file.

use chrono::TimeDelta;
use rstest::rstest;
use safehold::actions::accounts;
use safehold::domain::permission::{Role, Roles};
use serde_json::{Value, json};

use crate::steps::{audited, opened};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

const REPORT: &str = "/api/v1/reports/denied-access";

async fn report(client: &Client, query: &str) -> Value {
    client.get(&format!("{REPORT}?{query}")).await.ok().json
}

/// Sends the household of a case to the refuge; gives back the path of the referral.
async fn sent(app: &TestApp, helpline: &Client, case: &str) -> String {
    let sent = helpline.post(&format!("{case}/referrals"), json!({ "service_id": app.world.refuge })).await.ok();
    format!("/api/v1/referrals/{}", sent.id())
}

async fn declined(app: &TestApp, referral: &str, reason: &str) {
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("{referral}/decline"), json!({ "primary_reason": reason })).await.ok();
}

/// The whole of a count: total, placed, denied, open.
fn counts(tally: &Value) -> [u64; 4] {
    ["total", "placed", "denied", "open"].map(|field| tally[field].as_u64().unwrap())
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_referrals_and_households_are_counted_apart(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    for reason in ["needs_language", "no_pets", "needs_language"] {
        let referral = sent(&app, &helpline, &case).await;
        declined(&app, &referral, reason).await;
    }
    sent(&app, &helpline, &opened(&helpline).await).await;

    let manager = app.client("helpline_manager").await;
    let april = "from=2026-04-01&to=2026-04-30&by=reason";
    let before = report(&manager, april).await;
    assert_eq!(counts(&before["per_referral"]), [4, 0, 3, 1]);
    assert_eq!(counts(&before["per_household"]), [0, 0, 0, 0], "a case that is open is not yet counted");
    let closing = json!({
        "outcome": "not_placed", "primary_reason": "nrpf", "secondary_reasons": ["no_pets", "too_far"],
        "what_happened_next": "rough_sleeping",
    });
    helpline.post(&format!("{case}/close"), closing).await.ok();

    let after = report(&manager, april).await;
    assert_eq!(after["per_referral"], before["per_referral"]);
    assert_eq!(counts(&after["per_household"]), [1, 0, 1, 0]);
    assert_eq!(after["per_household"]["denied_percent"], 100.0);
    assert_eq!(after["per_household"]["cells"][0]["by"], json!({ "reason": "nrpf" }));
    assert_eq!(after["household_secondary_reasons"], json!({ "no_pets": 1, "too_far": 1 }));
    assert_eq!(after["referral_secondary_reasons"], json!({}));
}

#[rstest]
#[case::late_on_the_last_day_of_june("2026-06-30T22:59:59Z", "2026-06-30", "2026-06")]
#[case::july_begins_an_hour_before_midnight_utc("2026-06-30T23:30:00Z", "2026-07-01", "2026-07")]
#[case::in_winter_the_days_are_those_of_utc("2026-12-31T23:59:59Z", "2026-12-31", "2026-12")]
#[actix_web::test]
async fn a_day_is_a_day_in_england_and_the_last_one_is_included(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] instant: &str,
    #[case] day: &str,
    #[case] month: &str,
) {
    let app = TestApp::spawn(on);
    let instant: chrono::DateTime<chrono::Utc> = instant.parse().unwrap();
    app.clock.advance(safehold::clock::At::from(instant) - app.clock.now());
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let referral = sent(&app, &helpline, &case).await;
    declined(&app, &referral, "needs_care").await;
    let closing =
        json!({ "outcome": "not_placed", "primary_reason": "lost_contact", "what_happened_next": "not_known" });
    helpline.post(&format!("{case}/close"), closing).await.ok();

    let manager = app.client("helpline_manager").await;
    let date: chrono::NaiveDate = day.parse().unwrap();
    let (before, after) = (date.pred_opt().unwrap(), date.succ_opt().unwrap());
    let year = report(&manager, "from=2026-01-01&to=2027-01-01&by=month").await;
    for (from, to, counted) in [
        (date, date, 1),
        (before, date, 1),
        (date, after, 1),
        (before - TimeDelta::days(30), before, 0),
        (after, after + TimeDelta::days(30), 0),
    ] {
        let found = report(&manager, &format!("from={from}&to={to}&by=month")).await;
        for tally in ["per_referral", "per_household"] {
            assert_eq!(counts(&found[tally]), [counted, 0, counted, 0], "{tally} {from} {to}");
            assert_eq!(year[tally]["cells"][0]["by"]["month"], month);
        }
    }
}

/// S30
#[rstest]
#[actix_web::test]
async fn s30_no_name_in_a_file_is_a_formula(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    for name in ["=cmd|' /C calc'!A1", "@SUM(1)", "-1, \"and\" more"] {
        let service = json!({ "name": name, "accommodation_type": "refuge", "area": "E06000016" });
        let service = manager.post("/api/v1/services", service).await.ok().id();
        let case = opened(&helpline).await;
        helpline.post(&format!("{case}/referrals"), json!({ "service_id": service })).await.ok();
    }
    let table = manager.get(&format!("{REPORT}.csv?from=2026-04-01&to=2026-04-30&by=service")).await.ok();
    assert_eq!(
        table.text,
        "counted,service,total,placed,denied,open,safe_at_home\n\
         referral,\"'-1, \"\"and\"\" more\",1,0,0,1,0\n\
         referral,'=cmd|' /C calc'!A1,1,0,0,1,0\n\
         referral,'@SUM(1),1,0,0,1,0\n"
    );
}

/// S6
#[rstest]
#[actix_web::test]
async fn s06_each_side_reads_of_its_own_records(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    for (worker, services) in
        [("caseworker", vec![app.world.refuge, app.world.dispersed]), ("other_caseworker", vec![app.world.refuge])]
    {
        let helpline = app.client(worker).await;
        let case = opened(&helpline).await;
        for service in services {
            helpline.post(&format!("{case}/referrals"), json!({ "service_id": service })).await.ok();
        }
    }
    for (who, expected) in [
        ("refuge_manager", vec![("Copper House", 2)]),
        ("other_refuge_manager", vec![("Heron Homes", 1)]),
        ("helpline_manager", vec![("A confidential service", 1), ("Copper House", 1)]),
        ("other_helpline_manager", vec![("Copper House", 1)]),
    ] {
        let found = report(&app.client(who).await, "from=2026-04-01&to=2026-04-30&by=service").await;
        let cells = found["per_referral"]["cells"].as_array().unwrap().iter();
        let seen: Vec<_> =
            cells.map(|cell| (cell["by"]["service"].as_str().unwrap(), cell["total"].as_u64().unwrap())).collect();
        assert_eq!(seen, expected, "{who}");
        assert_eq!(found.get("per_household").is_some(), who.contains("helpline"), "{who}");
    }
}

#[rstest]
#[actix_web::test]
async fn who_manages_both_sides_says_which_she_means(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    sent(&app, &helpline, &opened(&helpline).await).await;
    let new = accounts::New {
        organisation: Some(app.world.provider),
        email: "both@example.org".into(),
        name: "Both".into(),
        roles: Roles(vec![Role::RefugeManager, Role::HelplineManager]),
        password_hash: "none".into(),
    };
    let added = app.db.write(&app.actor("administrator"), move |tx| accounts::add(tx, &new)).await.unwrap();
    let both = app.client_of(&added).await;

    let april = "from=2026-04-01&to=2026-04-30";
    let unclear = both.get(&format!("{REPORT}?{april}")).await;
    assert_eq!((unclear.problem().as_str(), unclear.pointers()), ("422 invalid", vec!["query/as".to_owned()]));
    let as_provider = report(&both, &format!("{april}&as=provider")).await;
    assert_eq!((counts(&as_provider["per_referral"]), as_provider.get("per_household")), ([1, 0, 0, 1], None));
    let as_referrer = report(&both, &format!("{april}&as=referrer")).await;
    assert_eq!(counts(&as_referrer["per_referral"]), [0, 0, 0, 0]);
    assert_eq!(counts(&as_referrer["per_household"]), [0, 0, 0, 0]);

    for (who, side) in [("refuge_manager", "referrer"), ("helpline_manager", "provider"), ("refuge_manager", "all")] {
        let refused = app.client(who).await.get(&format!("{REPORT}?{april}&as={side}")).await;
        assert_eq!(refused.pointers(), ["query/as"], "{who} as {side}");
    }
}

/// S12
#[rstest]
#[case("refuge_worker")]
#[case("caseworker")]
#[case("commissioner")]
#[case("administrator")]
#[case("auditor")]
#[actix_web::test]
async fn s12_reports_are_for_managers(#[values(Sqlite, Postgres)] on: Engine, #[case] who: &str) {
    let app = TestApp::spawn(on);
    let client = app.client(who).await;
    for report in [REPORT.to_owned(), format!("{REPORT}.csv")] {
        let refused = client.get(&format!("{report}?from=2026-04-01&to=2026-04-30")).await;
        assert_eq!(refused.problem(), "403 forbidden");
    }
    assert_eq!(audited(&app, "report.exported"), 0);
}

/// S18
#[rstest]
#[actix_web::test]
async fn s18_what_is_taken_out_is_in_the_audit_and_what_is_only_read_is_not(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let april = "from=2026-04-01&to=2026-04-30&by=reason,month";
    report(&manager, april).await;
    assert_eq!(audited(&app, "report.exported"), 0);
    let file = manager.get(&format!("{REPORT}.csv?{april}")).await.ok();
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"denied-access-2026-04-01-2026-04-30.csv\"");
    assert_eq!(audited(&app, "report.exported"), 1);
}

#[rstest]
#[case("from=2026-04-30&to=2026-04-01", "query/to")]
#[case("from=2026-04-01&to=2099-04-01", "query/to")]
#[case("from=2026-04-01", "query/to")]
#[case("from=2026-04-01&to=2026-02-30", "query/to")]
#[case("from=2026-04-01&to=2026-04-30&by=colour", "query/by")]
#[case("from=2026-04-01&to=2026-04-30&by=month,month", "query/by")]
#[case("from=2026-04-01&to=2026-04-30&of=1", "query/of")]
#[actix_web::test]
async fn a_question_that_makes_no_sense_is_not_answered(#[case] query: &str, #[case] pointer: &str) {
    let app = TestApp::spawn(Sqlite);
    let manager = app.client("refuge_manager").await;
    for report in [REPORT.to_owned(), format!("{REPORT}.csv")] {
        let refused = manager.get(&format!("{report}?{query}")).await;
        assert_eq!((refused.problem().as_str(), refused.pointers()), ("422 invalid", vec![pointer.to_owned()]));
    }
}

#[rstest]
#[actix_web::test]
async fn a_case_that_was_reported_says_no_more_than_its_codes(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    sent(&app, &helpline, &case).await;
    let every = "reason,decided_by,womens_aid_group,return_group,area,service,accommodation_type,month,source,what_happened_next";
    let manager = app.client("helpline_manager").await;
    let found = report(&manager, &format!("from=2026-04-01&to=2026-04-30&by={every}")).await;
    assert_eq!(
        found["per_referral"]["cells"][0]["by"],
        json!({
            "reason": null, "decided_by": null, "womens_aid_group": null, "return_group": null,
            "area": "E06000016", "service": "Copper House", "accommodation_type": "refuge", "month": "2026-04",
            "source": new_case()["referral_source"], "what_happened_next": null,
        })
    );
}
