//! Most of a year at a helpline, told by a seed, for tests of what is made of its figures.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use fastrand::Rng;
use rstest::rstest;
use safehold::actions::{cases, placements, referrals};
use safehold::db::referrals::Side;
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

/// What becomes of a referral.
enum End {
    Placed,
    Denied,
    Open,
}

struct Teller<'a> {
    app: &'a TestApp,
    rng: Rng,
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
                End::Open => return,
                End::Placed => {
                    let looked = self.app.looked(&helpline, case).await;
                    let closing = cases::Closing::Placed;
                    db.write(&helpline, move |tx| cases::close(tx, case, &closing, &looked)).await.unwrap();
                    return;
                }
                End::Denied => {}
            }
        }
        if self.rng.u8(..6) > 0 {
            self.app.clock.advance(TimeDelta::minutes(self.rng.i64(60..15_000)));
            let what_happened_next = AFTERWARDS[self.rng.usize(..AFTERWARDS.len())].to_owned();
            let closing = cases::Closing::NotPlaced { reasons: self.reasons().0, what_happened_next };
            let looked = self.app.looked(&helpline, case).await;
            db.write(&helpline, move |tx| cases::close(tx, case, &closing, &looked)).await.unwrap();
        }
    }

    /// One referral of the case, and what became of it.
    async fn referral(&mut self, case: CaseId, number: usize) -> End {
        let (db, helpline) = (self.app.db.clone(), self.app.actor("caseworker"));
        let (unit, service, provider) = self.free[(number + self.rng.usize(..2)) % self.free.len()];
        let to = referrals::To::Service(service);
        let new = referrals::New { to, hold: false, agreed_with_provider: false, note: None };
        let looked = self.app.looked(&helpline, case).await;
        let id = db.write(&helpline, move |tx| referrals::send(tx, case, &new, &looked)).await.unwrap().id;
        self.app.clock.advance(TimeDelta::minutes(self.rng.i64(1..3_000)));
        match self.rng.u8(..10) {
            0 => End::Open,
            1..4 => self.accepted(id, unit, provider).await,
            _ => self.denied(id, provider).await,
        }
    }

    async fn denied(&mut self, id: ReferralId, provider: &str) -> End {
        let (reasons, side) = self.reasons();
        let actor = self.app.actor(if side == Side::Provider { provider } else { "caseworker" });
        let end = move |tx: &mut safehold::db::Tx| referrals::end_without_place(tx, id, side, &reasons, None);
        self.app.db.write(&actor, end).await.unwrap();
        End::Denied
    }

    async fn accepted(&mut self, id: ReferralId, unit: UnitId, provider: &str) -> End {
        let (db, actor) = (self.app.db.clone(), self.app.actor(provider));
        let acceptance = referrals::Acceptance { unit: Some(unit), ..Default::default() };
        let stay = db.write(&actor, move |tx| referrals::accept(tx, id, &acceptance)).await.unwrap().1.id;
        if self.rng.u8(..4) == 0 {
            let (reasons, _) = self.reasons();
            let reasons = Reasons { primary_reason: "lost_contact".into(), decided_by: None, ..reasons };
            db.write(&actor, move |tx| placements::do_not_arrive(tx, stay, &reasons)).await.unwrap();
            return End::Denied;
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
        End::Placed
    }
}

/// Most of a year at a helpline: the same for the same seed.
pub async fn history(app: &TestApp, seed: u64) {
    let world = app.world;
    let free = vec![(world.a1, world.refuge, "refuge_worker"), (world.d1, world.dispersed, "other_refuge_worker")];
    let mut teller = Teller { app, rng: Rng::with_seed(seed), free };
    for _ in 0..30 {
        teller.household().await;
    }
    assert!(app.clock.now().date() < WHOLE.1.parse().unwrap(), "the history is longer than the report");
}

fn counts(tally: &Value) -> [u64; 4] {
    ["total", "placed", "denied", "open"].map(|field| tally[field].as_u64().unwrap())
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
