//! Figures beside those of the period before, and by what a household is made of.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use rstest::rstest;
use safehold::db::Conn;
use safehold::domain::household::Needs;
use safehold::domain::measures::Theme;
use safehold::domain::measures::people::Composition;
use serde_json::{Value, json};

use crate::measures::history;
use crate::steps::{noted, opened_with};
use crate::support::{Engine, Postgres, Sqlite, TestApp, new_case};

const REPORTS: &str = "/api/v1/reports";
const APRIL: &str = "from=2026-04-01&to=2026-04-30";
const MAY: &str = "from=2026-05-01&to=2026-05-31";

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Text)]
    needs: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

pub fn kept(conn: &mut Conn) -> Vec<(String, String)> {
    let query = "SELECT cast(needs AS text) AS needs, household_kind AS kind FROM \"case\"";
    let rows: Vec<Kept> = diesel::sql_query(query).load(conn).unwrap();
    let expected = |needs: &str| Composition::of(&serde_json::from_str::<Needs>(needs).unwrap()).as_str().to_owned();
    rows.into_iter().map(|row| (expected(&row.needs), row.kind)).collect()
}

fn as_worked_out(conn: &mut Conn, number: usize) {
    let kept = kept(conn);
    assert_eq!(kept.len(), number);
    for (expected, kind) in kept {
        assert_eq!(expected, kind);
    }
}

/// What the migration works out is what is written since.
fn backfill(on: Engine) -> &'static str {
    let migration = match on {
        Sqlite => include_str!("../../migrations/sqlite/0023_household_kind/up.sql"),
        Postgres => include_str!("../../migrations/postgres/0023_household_kind/up.sql"),
    };
    let from = migration.find("UPDATE").unwrap();
    &migration[from..migration.find("-- Everything").unwrap()]
}

#[rstest]
#[actix_web::test]
async fn what_a_household_is_made_of_is_kept_with_its_case(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let member = |role: &str, age: Value| json!({ "role": role, "age": age, "sex": "female" });
    let (survivor, child) = (member("survivor", json!(31)), member("child", json!(4)));
    let young = member("survivor", json!(17));
    let other = member("other_adult", json!(50));
    let households = [
        (json!([]), "unknown"),
        (json!([survivor]), "one_adult"),
        (json!([young, child]), "one_adult_with_children"),
        (json!([survivor, other]), "adults"),
        (json!([survivor, other, child, child]), "adults_with_children"),
        (json!([child]), "children_only"),
    ];
    let mut cases = Vec::new();
    for (members, kind) in &households {
        let mut new = new_case();
        new["needs"]["members"] = members.clone();
        cases.push(opened_with(&helpline, new).await);
        assert!(kept(&mut app.raw()).iter().any(|(_, stored)| stored == kind), "{kind}");
    }
    as_worked_out(&mut app.raw(), households.len());
    for (case, (members, _)) in cases.iter().rev().zip(&households) {
        noted(&helpline, case, json!({ "members": members })).await.ok();
    }
    as_worked_out(&mut app.raw(), households.len());
    let mut conn = app.raw();
    conn.batch_execute(&format!("UPDATE \"case\" SET household_kind = 'unknown'; {}", backfill(on))).unwrap();
    as_worked_out(&mut conn, households.len());

    for case in &cases {
        let sending = json!({ "service_id": app.world.refuge });
        helpline.post(&format!("{case}/referrals"), sending).await.ok();
    }
    for who in ["helpline_manager", "refuge_manager"] {
        let path = format!("{REPORTS}/denied-access?{APRIL}&by=household");
        let report = app.client(who).await.get(&path).await.ok().json;
        let cells = report["per_referral"]["cells"].as_array().unwrap();
        let mut kinds: Vec<&str> = cells.iter().map(|cell| cell["by"]["household"].as_str().unwrap()).collect();
        kinds.sort_unstable();
        let expected =
            ["adults", "adults_with_children", "children_only", "one_adult", "one_adult_with_children", "unknown"];
        assert_eq!(kinds, expected, "{who}");
        assert!(cells.iter().all(|cell| cell["total"] == 1), "{who}");
    }
}

#[rstest]
#[actix_web::test]
async fn a_measure_stands_beside_that_of_the_period_before(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    for who in ["helpline_manager", "refuge_manager"] {
        let manager = app.client(who).await;
        let april = manager.get(&format!("{REPORTS}/measures?{APRIL}")).await.ok().json;
        let alone = manager.get(&format!("{REPORTS}/measures?{MAY}")).await.ok().json;
        let mut may = manager.get(&format!("{REPORTS}/measures?{MAY}&compare=before")).await.ok().json;
        assert_eq!(may["before"], json!({ "from": "2026-04-01", "to": "2026-04-30" }));
        let change = |may: &Value, code: &str| {
            let found = may["measures"].as_array().unwrap().iter().find(|one| one["code"] == code).unwrap();
            json!([found["before"]["change"], found["before"]["change_in"]])
        };
        assert_eq!(change(&may, "referrals"), json!([-100.0, "percent"]), "3, and then none");
        assert_eq!(change(&may, "success_rate"), json!([null, "points"]), "a share of nothing has no change");
        assert_eq!(change(&may, "length_of_stay_mean"), json!([null, "days"]));
        for (now, then) in may["measures"].as_array().unwrap().iter().zip(april["measures"].as_array().unwrap()) {
            for part in ["value", "numerator", "denominator"] {
                assert_eq!(now["before"][part], then[part], "{who} {} {part}", then["code"]);
            }
        }
        let file = manager.get(&format!("{REPORTS}/measures.csv?{MAY}&compare=before")).await.ok().text;
        let mut lines = csv::Reader::from_reader(file.as_bytes());
        let first = lines.records().next().unwrap().unwrap();
        assert_eq!(first.iter().skip(12).collect::<Vec<_>>(), ["3", "-100", "percent"]);

        may.as_object_mut().unwrap().remove("before");
        for measure in may["measures"].as_array_mut().unwrap() {
            measure.as_object_mut().unwrap().remove("before");
        }
        assert_eq!(may, alone);
    }
}

#[rstest]
#[actix_web::test]
async fn denied_access_stands_beside_that_of_the_period_before(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    let manager = app.client("helpline_manager").await;
    let april = manager.get(&format!("{REPORTS}/denied-access?{APRIL}&by=reason")).await.ok().json;
    let may = manager.get(&format!("{REPORTS}/denied-access?{MAY}&by=reason&compare=before")).await.ok().json;
    assert_eq!(may["before"], json!({ "from": "2026-04-01", "to": "2026-04-30" }));
    for tally in ["per_referral", "per_household"] {
        let (now, then) = (&may[tally], &april[tally]);
        for part in ["total", "placed", "denied", "open", "denied_percent"] {
            assert_eq!(now["before"][part], then[part], "{tally} {part}");
        }
        assert_eq!(now["before"]["total_change"], -100.0, "{tally}");
        let earlier = now["cells"].as_array().unwrap().iter().map(|cell| json!([cell["by"], cell["before"]["total"]]));
        let cells = then["cells"].as_array().unwrap().iter().map(|cell| json!([cell["by"], cell["total"]]));
        assert_eq!(earlier.collect::<Vec<_>>(), cells.collect::<Vec<_>>(), "what there was only then has a cell too");
    }
    let months = manager.get(&format!("{REPORTS}/denied-access?{APRIL}&by=month&compare=before")).await.ok().json;
    assert_eq!(months["per_referral"]["cells"][0].get("before"), None, "a month has no month before in it");
    let file = manager.get(&format!("{REPORTS}/denied-access.csv?{MAY}&by=reason&compare=before")).await.ok().text;
    assert!(file.starts_with("counted,reason,total,placed,denied,open,safe_at_home,before_total,"), "{file}");
    assert!(file.contains("referral,needs_language,0,0,0,0,0,1,0,1,0,0\n"), "{file}");
    let refused = manager.get(&format!("{REPORTS}/denied-access?{MAY}&compare=after")).await;
    assert_eq!(refused.pointers(), ["query/compare"]);

    let visitor = app.visitor("helpline_manager").await;
    let days = "period=dates&from-day=1&from-month=5&from-year=2026&to-day=31&to-month=5&to-year=2026&compare=before";
    let page = visitor.page(&format!("/reports/denied-access?{days}")).await.ok().text;
    assert!(page.contains("In the time before, 1 April 2026 to 30 April 2026"), "{page}");
    let page = visitor.page(&format!("/reports/measures?{days}")).await.ok().text;
    assert!(page.contains("Down 100%"), "{page}");
}

/// One theme alone says what it says among all.
#[rstest]
#[actix_web::test]
async fn measures_are_asked_for_by_theme(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app).await;
    for who in ["helpline_manager", "refuge_manager"] {
        let manager = app.client(who).await;
        let all = manager.get(&format!("{REPORTS}/measures?{APRIL}&compare=before")).await.ok().json;
        let mut found = Vec::new();
        for theme in Theme::ALL {
            let path = format!("{REPORTS}/measures?{APRIL}&compare=before&theme={}", theme.as_str());
            let of_theme = manager.get(&path).await.ok().json;
            found.extend(of_theme["measures"].as_array().unwrap().iter().cloned());
        }
        let code = |measure: &Value| measure["code"].as_str().unwrap().to_owned();
        found.sort_by_key(code);
        let mut expected = all["measures"].as_array().unwrap().clone();
        expected.sort_by_key(code);
        assert_eq!(found, expected, "{who}");
    }
    let visitor = app.visitor("refuge_manager").await;
    let page = visitor.page("/reports/measures?theme=homes").await.ok().text;
    assert!(page.contains("Homes in use") && !page.contains("Success rate"), "only one theme is shown");
}
