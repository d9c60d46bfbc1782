//! Whatever happened: the figures add up, however they are broken down, and on both databases they are the same.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate, TimeDelta};
use fastrand::Rng;
use rstest::rstest;
use safehold::actions::{cases, placements, referrals};
use safehold::db::referrals::Side;
use safehold::domain::measures::Dimension;
use safehold::domain::placement::DepartureKind;
use safehold::domain::reason::{DecidedBy, Reasons};
use safehold::ids::{CaseId, ReferralId, ServiceId, UnitId};
use serde_json::Value;

use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, mother_and_daughter};

const REPORT: &str = "/api/v1/reports/denied-access";
const WHOLE: (&str, &str) = ("2026-04-01", "2027-03-31");

/// Primary reasons with who decides, and from which side that is recorded.
const REASONS: [(&str, DecidedBy, Side); 7] = [
    ("needs_mental_health", DecidedBy::Provider, Side::Provider),
    ("household_too_large", DecidedBy::Provider, Side::Provider),
    ("area_unsafe", DecidedBy::Survivor, Side::Provider),
    ("cannot_fund", DecidedBy::Provider, Side::Provider),
    ("wants_specific_area", DecidedBy::Survivor, Side::Referrer),
    ("lost_contact", DecidedBy::Referrer, Side::Referrer),
    ("benefit_delay", DecidedBy::System, Side::Referrer),
];
const SOURCES: [&str; 3] = ["police", "self", "health"];
const AFTERWARDS: [&str; 3] = ["sofa_surfing", "rough_sleeping", "not_known"];

/// What the history was meant to hold: total, placed, denied, open.
#[derive(Debug, Default)]
pub struct Told {
    referrals: [u64; 4],
    households: [u64; 4],
}

const PLACED: usize = 1;
const DENIED: usize = 2;
const OPEN: usize = 3;

struct Teller<'a> {
    app: &'a TestApp,
    rng: Rng,
    told: Told,
    /// Taken until the household there has left.
    free: Vec<(UnitId, ServiceId, &'static str)>,
}

impl Teller<'_> {
    fn reasons(&mut self) -> (Reasons, Side) {
        let (primary, who, side) = REASONS[self.rng.usize(..REASONS.len())];
        let secondary = ["too_far", "work", "no_pets"].into_iter().filter(|_| self.rng.u8(..3) == 0);
        let secondary_reasons = secondary.map(str::to_owned).collect();
        (Reasons { primary_reason: primary.into(), secondary_reasons, decided_by: Some(who) }, side)
    }

    async fn household(&mut self) {
        let (db, helpline) = (self.app.db.clone(), self.app.actor("caseworker"));
        self.app.clock.advance(TimeDelta::minutes(self.rng.i64(60..7_000)));
        let new = cases::New {
            referral_source: SOURCES[self.rng.usize(..SOURCES.len())].into(),
            origin_area: (self.rng.bool()).then(|| "E08000025".into()),
            needs: serde_json::from_value(mother_and_daughter()).unwrap(),
            identity: None,
        };
        let case = db.write(&helpline, move |tx| cases::open(tx, &new)).await.unwrap().id;
        for number in 0..self.rng.usize(..4) {
            match self.referral(case, number).await {
                OPEN => return,
                PLACED => {
                    let looked = self.app.looked(&helpline, case).await;
                    let closing = cases::Closing::Placed;
                    db.write(&helpline, move |tx| cases::close(tx, case, &closing, &looked)).await.unwrap();
                    count(&mut self.told.households, PLACED);
                    return;
                }
                _ => {}
            }
        }
        if self.rng.u8(..6) > 0 {
            self.app.clock.advance(TimeDelta::minutes(self.rng.i64(60..15_000)));
            let what_happened_next = AFTERWARDS[self.rng.usize(..AFTERWARDS.len())].to_owned();
            let closing = cases::Closing::NotPlaced { reasons: self.reasons().0, what_happened_next };
            let looked = self.app.looked(&helpline, case).await;
            db.write(&helpline, move |tx| cases::close(tx, case, &closing, &looked)).await.unwrap();
            count(&mut self.told.households, DENIED);
        }
    }

    /// One referral of the case, and what became of it.
    async fn referral(&mut self, case: CaseId, number: usize) -> usize {
        let (db, helpline) = (self.app.db.clone(), self.app.actor("caseworker"));
        let (unit, service, provider) = self.free[(number + self.rng.usize(..2)) % self.free.len()];
        let to = referrals::To::Service(service);
        let new = referrals::New { to, hold: false, agreed_with_provider: false, note: None };
        let looked = self.app.looked(&helpline, case).await;
        let id = db.write(&helpline, move |tx| referrals::send(tx, case, &new, &looked)).await.unwrap().id;
        self.app.clock.advance(TimeDelta::minutes(self.rng.i64(1..3_000)));
        let end = match self.rng.u8(..10) {
            0 => OPEN,
            1..4 => self.accepted(id, unit, provider).await,
            _ => self.denied(id, provider).await,
        };
        count(&mut self.told.referrals, end);
        end
    }

    async fn denied(&mut self, id: ReferralId, provider: &str) -> usize {
        let (reasons, side) = self.reasons();
        let actor = self.app.actor(if side == Side::Provider { provider } else { "caseworker" });
        let end = move |tx: &mut safehold::db::Tx| referrals::end_without_place(tx, id, side, &reasons, None);
        self.app.db.write(&actor, end).await.unwrap();
        DENIED
    }

    async fn accepted(&mut self, id: ReferralId, unit: UnitId, provider: &str) -> usize {
        let (db, actor) = (self.app.db.clone(), self.app.actor(provider));
        let acceptance = referrals::Acceptance { unit: Some(unit), ..Default::default() };
        let stay = db.write(&actor, move |tx| referrals::accept(tx, id, &acceptance)).await.unwrap().1.id;
        if self.rng.u8(..4) == 0 {
            let (reasons, _) = self.reasons();
            let reasons = Reasons { primary_reason: "lost_contact".into(), decided_by: None, ..reasons };
            db.write(&actor, move |tx| placements::do_not_arrive(tx, stay, &reasons)).await.unwrap();
            return DENIED;
        }
        db.write(&actor, move |tx| placements::arrive(tx, stay, None)).await.unwrap();
        self.app.clock.advance(TimeDelta::minutes(1));
        let departure = placements::Departure {
            departed_at: None,
            kind: DepartureKind::Planned,
            destination: "another_refuge".into(),
            asked_to_leave_reason: None,
            move_on_wish_on: None,
            move_on_timely: None,
        };
        db.write(&actor, move |tx| placements::depart(tx, stay, &departure)).await.unwrap();
        PLACED
    }
}

fn count(counts: &mut [u64; 4], end: usize) {
    counts[0] += 1;
    counts[end] += 1;
}

/// Most of a year at a helpline: the same for the same seed.
pub async fn history(app: &TestApp, seed: u64) -> Told {
    let world = app.world;
    let free = vec![(world.a1, world.refuge, "refuge_worker"), (world.d1, world.dispersed, "other_refuge_worker")];
    let mut teller = Teller { app, rng: Rng::with_seed(seed), told: Told::default(), free };
    for _ in 0..30 {
        teller.household().await;
    }
    assert!(app.clock.now().date() < WHOLE.1.parse().unwrap(), "the history is longer than the report");
    teller.told
}

fn counts(tally: &Value) -> [u64; 4] {
    ["total", "placed", "denied", "open"].map(|field| tally[field].as_u64().unwrap())
}

fn sum<'a>(tallies: impl IntoIterator<Item = &'a Value>) -> [u64; 4] {
    let mut sum = [0; 4];
    for tally in tallies {
        for (sum, count) in sum.iter_mut().zip(counts(tally)) {
            *sum += count;
        }
    }
    sum
}

/// Every breakdown by one dimension and by two, by three in passing, and by none.
fn breakdowns() -> Vec<String> {
    let all: Vec<_> = Dimension::ALL.iter().map(|dimension| dimension.as_str()).collect();
    let mut breakdowns = vec![String::new(), all[..3].join(","), all.join(",")];
    for (n, one) in all.iter().enumerate() {
        breakdowns.push((*one).to_owned());
        breakdowns.extend(all[n + 1..].iter().map(|other| format!("{one},{other}")));
    }
    breakdowns
}

async fn asked(client: &Client, (from, to): (&str, &str), by: &str) -> Value {
    let mut report = client.get(&format!("{REPORT}?from={from}&to={to}&by={by}")).await.ok().json;
    report.as_object_mut().unwrap().remove("computed_at");
    report
}

/// The tallies of a report that are there for this reader.
fn tallies(report: &Value) -> Vec<(&'static str, &Value)> {
    let both = ["per_referral", "per_household"].map(|name| (name, &report[name]));
    both.into_iter().filter(|(_, tally)| !tally.is_null()).collect()
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_every_breakdown_adds_up_to_what_happened(
    #[values(Sqlite, Postgres)] on: Engine,
    #[values(1, 2)] seed: u64,
) {
    let app = TestApp::spawn(on);
    let told = history(&app, seed).await;
    assert!(told.referrals.iter().chain(&told.households[..OPEN]).all(|count| *count > 0), "{told:?}");
    for who in ["helpline_manager", "refuge_manager", "other_refuge_manager"] {
        let client = app.client(who).await;
        let whole = asked(&client, WHOLE, "").await;
        for by in breakdowns() {
            let report = asked(&client, WHOLE, &by).await;
            for (name, tally) in tallies(&report) {
                let cells = tally["cells"].as_array().unwrap();
                let [total, placed, denied, open] = counts(tally);
                assert_eq!(total, placed + denied + open, "{who} {name} {by}");
                assert_eq!(sum(cells), counts(tally), "{who} {name} {by}");
                assert_eq!(counts(tally), counts(&whole[name]), "{who} {name} {by}");
                for cell in cells {
                    let [total, placed, denied, open] = counts(cell);
                    assert_eq!(total, placed + denied + open, "{who} {name} {by}: {cell}");
                }
            }
        }
    }
    let of_helpline = asked(&app.client("helpline_manager").await, WHOLE, "").await;
    assert_eq!(counts(&of_helpline["per_referral"]), told.referrals);
    assert_eq!(counts(&of_helpline["per_household"]), told.households);
    let mut of_providers = Vec::new();
    for who in ["refuge_manager", "other_refuge_manager"] {
        of_providers.push(asked(&app.client(who).await, WHOLE, "").await["per_referral"].take());
    }
    assert_eq!(sum(&of_providers), told.referrals, "what the helpline has sent, the providers have received");
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_the_months_add_up_to_the_whole(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app, 3).await;
    let client = app.client("helpline_manager").await;
    let whole = asked(&client, WHOLE, "month").await;
    let mut months = Vec::new();
    for month in 0..12 {
        let from: NaiveDate = WHOLE.0.parse::<NaiveDate>().unwrap() + Months::new(month);
        let to = from + Months::new(1) - chrono::Days::new(1);
        let report = asked(&client, (&from.to_string(), &to.to_string()), "").await;
        for (name, tally) in tallies(&report) {
            let named = from.format("%Y-%m").to_string();
            let cells = whole[name]["cells"].as_array().unwrap();
            let cell = cells.iter().find(|cell| cell["by"]["month"] == *named);
            assert_eq!(cell.map_or([0; 4], counts), counts(tally), "{name} of {named}");
        }
        months.push(report);
    }
    for (name, tally) in tallies(&whole) {
        assert_eq!(sum(months.iter().map(|month| &month[name])), counts(tally), "{name}");
    }
}

/// S41
#[actix_web::test]
async fn s41_both_databases_give_the_same_figures_of_the_same_history() {
    let (sqlite, postgres) = (TestApp::spawn(Sqlite), TestApp::spawn(Postgres));
    let told = [history(&sqlite, 4).await, history(&postgres, 4).await];
    assert_eq!(told[0].referrals, told[1].referrals);
    for who in ["helpline_manager", "refuge_manager"] {
        let (on_sqlite, on_postgres) = (sqlite.client(who).await, postgres.client(who).await);
        for by in ["", "reason", "reason,decided_by", "service,month", "source,what_happened_next", "area,return_group"]
        {
            let mut reports = (asked(&on_sqlite, WHOLE, by).await, asked(&on_postgres, WHOLE, by).await);
            for (report, app) in [(&mut reports.0, &sqlite), (&mut reports.1, &postgres)] {
                let text = report.to_string().replace(&app.world.refuge.0.to_string(), "refuge");
                *report = serde_json::from_str(&text).unwrap();
            }
            assert_eq!(reports.0, reports.1, "{who} {by}");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn the_file_holds_what_the_report_says(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    history(&app, 5).await;
    let client = app.client("helpline_manager").await;
    let by = "service,reason,month";
    let report = asked(&client, WHOLE, by).await;
    let path = format!("{REPORT}.csv?from={}&to={}&by={by}", WHOLE.0, WHOLE.1);
    let text = client.get(&path).await.ok().text;
    let rows: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect();
    let mut expected = Vec::new();
    for (name, tally) in tallies(&report) {
        for cell in tally["cells"].as_array().unwrap() {
            let mut row = BTreeMap::from([("counted".to_owned(), name.replace("per_", ""))]);
            for dimension in by.split(',') {
                row.insert(dimension.into(), cell["by"][dimension].as_str().unwrap_or_default().to_owned());
            }
            for (field, count) in ["total", "placed", "denied", "open"].into_iter().zip(counts(cell)) {
                row.insert(field.into(), count.to_string());
            }
            let safe_at_home = cell["safe_at_home"].as_u64().unwrap_or_default(); // absent when there are none
            row.insert("safe_at_home".into(), safe_at_home.to_string());
            expected.push(row);
        }
    }
    assert!(rows.len() > 20);
    assert_eq!(rows, expected);
}
