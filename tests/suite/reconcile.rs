//! Figures reconcile: whatever happened, however it is broken down, on whichever database.

use chrono::{DateTime, NaiveDate};
use rstest::rstest;
use safehold::actions::reports::{self, measures};
use safehold::auth::Actor;
use safehold::clock::{At, Clock};
use safehold::db::reports::Perspective;
use safehold::db::{Conn, Db, accounts};
use safehold::demo;
use safehold::domain::measures::people::Composition;
use safehold::domain::measures::{Dimension, Period, before};
use safehold::domain::permission::Role;
use safehold::ids::RequestId;
use safehold::settings::Policy;
use serde_json::{Value, json};

use crate::report_totals::history;
use crate::support::database::TestDatabase;
use crate::support::world::keys;
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

const REPORTS: &str = "/api/v1/reports";
const QUARTERS: [(&str, &str); 4] = [
    ("2026-04-01", "2026-06-30"),
    ("2026-07-01", "2026-09-30"),
    ("2026-10-01", "2026-12-31"),
    ("2027-01-01", "2027-03-31"),
];
const YEAR: (&str, &str) = ("2026-04-01", "2027-03-31");
const COUNTS: [&str; 5] = ["total", "placed", "safe_at_home", "denied", "open"];

fn counts(of: &Value) -> [u64; 5] {
    COUNTS.map(|count| of[count].as_u64().unwrap_or_default())
}

fn sum<'a>(of: impl IntoIterator<Item = &'a Value>) -> [u64; 5] {
    of.into_iter().map(counts).fold([0; 5], |sum, one| std::array::from_fn(|n| sum[n] + one[n]))
}

async fn denied(client: &Client, (from, to): (&str, &str), by: &str) -> Value {
    client.get(&format!("{REPORTS}/denied-access?from={from}&to={to}&by={by}")).await.ok().json
}

/// Every choice of at most three dimensions.
fn choices() -> Vec<String> {
    let all: Vec<&str> = Dimension::ALL.iter().map(|dimension| dimension.as_str()).collect();
    let mut choices = vec![String::new()];
    for (n, one) in all.iter().enumerate() {
        choices.push((*one).to_owned());
        for (m, two) in all.iter().enumerate().skip(n + 1) {
            choices.push(format!("{one},{two}"));
            choices.extend(all[m + 1..].iter().map(|three| format!("{one},{two},{three}")));
        }
    }
    choices
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_the_cells_of_every_choice_of_dimensions_add_up(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app, 11).await;
    let client = app.client("helpline_manager").await;
    let whole = denied(&client, YEAR, "").await;
    for by in choices() {
        let report = denied(&client, YEAR, &by).await;
        for tally in ["per_referral", "per_household"] {
            let [total, placed, safe, denied, open] = counts(&report[tally]);
            assert_eq!(total, placed + safe + denied + open, "{tally} {by}");
            let cells = report[tally]["cells"].as_array().unwrap();
            assert_eq!(sum(cells), counts(&whole[tally]), "{tally} {by}");
        }
        assert_ne!(counts(&report["per_referral"]), counts(&report["per_household"]), "they are not the same thing");
    }
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_the_quarters_add_up_to_the_year(#[values(Sqlite, Postgres)] on: Engine, #[values(12, 13)] seed: u64) {
    let app = TestApp::spawn(on);
    history(&app, seed).await;
    let helpline = app.client("helpline_manager").await;
    let year = denied(&helpline, YEAR, "").await;
    let mut quarters = Vec::new();
    for quarter in QUARTERS {
        quarters.push(denied(&helpline, quarter, "month").await);
    }
    for tally in ["per_referral", "per_household"] {
        assert_eq!(sum(quarters.iter().map(|quarter| &quarter[tally])), counts(&year[tally]), "{tally}");
        let months = quarters.iter().flat_map(|quarter| quarter[tally]["cells"].as_array().unwrap());
        assert_eq!(sum(months), counts(&year[tally]), "{tally}");
    }
    for who in ["refuge_manager", "other_refuge_manager"] {
        let client = app.client(who).await;
        let mut days = Vec::new();
        for (from, to) in QUARTERS.into_iter().chain([YEAR]) {
            let path = format!("{REPORTS}/measures?from={from}&to={to}&theme=homes");
            let report = client.get(&path).await.ok().json;
            let seconds = |code: &str| {
                let found = report["measures"].as_array().unwrap().iter().find(|one| one["code"] == code).unwrap();
                let services = found["breakdowns"][0]["rows"].as_array().unwrap();
                let parts: u64 = services.iter().map(|row| row["numerator"].as_u64().unwrap()).sum();
                assert_eq!(Some(parts), found["numerator"].as_u64(), "{who} {code}");
                parts
            };
            let of = ["online", "placed", "held", "void", "free"].map(|what| seconds(&format!("unit_days_{what}")));
            assert_eq!(of[0], of[1..].iter().sum::<u64>(), "{who} {from}");
            days.push(of);
        }
        let year = days.pop().unwrap();
        let sums: [u64; 5] = std::array::from_fn(|n| days.iter().map(|quarter| quarter[n]).sum());
        assert_eq!(sums, year, "{who}");
    }
}

/// A database with the demonstration in it.
async fn demonstration(on: Engine, now: At) -> (TestDatabase, Db) {
    let database = TestDatabase::bare(on);
    database.open().migrate().unwrap();
    let db = Db::new(database.url.clone(), 2, Clock::standing_at(now), keys(), Policy::default());
    demo::load(&db, now, |_| {}).await.unwrap();
    (database, db)
}

async fn manager(db: &Db, role: Role) -> Actor {
    let sign_in = demo::sign_ins().into_iter().find(|sign_in| sign_in.role == role).unwrap();
    let find = move |conn: &mut Conn| Ok(accounts::with_email(conn, sign_in.email)?.unwrap().0);
    let account = db.read(&Actor::nobody(RequestId::new()), find).await.unwrap();
    let (id, organisation, roles) = (account.id, account.organisation_id, account.roles.0);
    Actor { account: id, organisation, roles, request: RequestId::new(), session: None }
}

/// Everything that is reported, but for ids.
async fn reported(db: &Db, role: Role, now: At) -> Value {
    let actor = manager(db, role).await;
    let of = actor.organisation;
    let perspective = if role == Role::RefugeManager { Perspective::Provider(of) } else { Perspective::Referrer(of) };
    let (reader, to) = (actor.clone(), now.date());
    let from: NaiveDate = before(to, to).unwrap().0 - chrono::Days::new(60);
    let read = move |conn: &mut Conn| {
        let ask = measures::Ask { from, to, perspective };
        let choice = measures::Choice { theme: None, compare: true };
        let measured = measures::chosen(conn, &reader, &ask, Period { from, to, now }, choice)?;
        let by = vec![Dimension::Reason, Dimension::Month, Dimension::Service, Dimension::Household];
        let denied = reports::denied_access(conn, &reader, &reports::Ask { from, to, by, perspective })?;
        Ok(json!([measured, denied.per_referral, denied.per_household, denied.referral_secondary_reasons]))
    };
    db.read(&actor, read).await.unwrap()
}

/// S41: of one and the same history, to the last digit.
#[actix_web::test]
async fn s41_both_databases_report_the_same_of_the_demonstration() {
    let now = At::from(DateTime::parse_from_rfc3339("2026-11-02T09:40:31.123456Z").unwrap().to_utc());
    let (_kept, sqlite) = demonstration(Sqlite, now).await;
    let (_too, postgres) = demonstration(Postgres, now).await;
    for role in [Role::RefugeManager, Role::HelplineManager] {
        let (one, other) = (reported(&sqlite, role, now).await, reported(&postgres, role, now).await);
        assert!(one.to_string().len() > 5_000, "{role:?}");
        assert_eq!(one, other, "{role:?}");
    }
    let made = sqlite.read(&Actor::nobody(RequestId::new()), |conn| Ok(crate::comparison::kept(conn))).await.unwrap();
    assert!(made.len() > 200 && made.iter().all(|(expected, kind)| expected == kind));
    let kinds: std::collections::BTreeSet<&str> = made.iter().map(|(_, kind)| kind.as_str()).collect();
    assert!(kinds.len() > 2 && kinds.contains(Composition::OneAdultWithChildren.as_str()), "{kinds:?}");
}
