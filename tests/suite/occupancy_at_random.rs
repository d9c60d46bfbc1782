//! Whatever anybody does, in whatever order: a unit does exactly one thing at any instant.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use actix_web::rt::System;
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rstest::rstest;
use safehold::actions::{cases, occupancy, placements, referrals, vacancies};
use safehold::clock::At;
use safehold::db::occupancy::of_unit_within;
use safehold::db::referrals::Side;
use safehold::domain::occupancy::{Doing, Interval, Kind, doing};
use safehold::domain::placement::DepartureKind;
use safehold::domain::reason::Reasons;
use safehold::error::AppError;
use safehold::ids::{CaseId, OccupancyId, ReferralId, UnitId, VacancyId};
use serde_json::json;

use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

/// Something that somebody tries. The number picks the unit, the case, the hold… that there are at that moment.
#[derive(Debug, Clone)]
enum Try {
    Post(usize),
    Hold(usize, usize),
    Release(usize),
    Void(usize, Option<i64>),
    EndVoid(usize),
    Refer(usize, usize),
    Accept(usize),
    Decline(usize),
    Arrive(usize),
    Depart(usize),
    Wait(i64),
}

impl Try {
    fn name(&self) -> String {
        format!("{self:?}").split('(').next().unwrap().to_owned()
    }
}

fn attempt() -> impl Strategy<Value = Try> {
    let pick = || 0..8usize;
    prop_oneof![
        3 => pick().prop_map(Try::Post),
        3 => (pick(), pick()).prop_map(|(case, vacancy)| Try::Hold(case, vacancy)),
        1 => pick().prop_map(Try::Release),
        2 => (pick(), prop::option::of(1..300i64)).prop_map(|(unit, minutes)| Try::Void(unit, minutes)),
        2 => pick().prop_map(Try::EndVoid),
        3 => (pick(), pick()).prop_map(|(case, vacancy)| Try::Refer(case, vacancy)),
        3 => pick().prop_map(Try::Accept),
        1 => pick().prop_map(Try::Decline),
        3 => pick().prop_map(Try::Arrive),
        3 => pick().prop_map(Try::Depart),
        3 => (1..200i64).prop_map(Try::Wait),
    ]
}

/// What has been made so far.
struct Play {
    app: TestApp,
    /// The provider, signed in since the clock was last moved.
    refuge: Client,
    units: [UnitId; 2],
    cases: Vec<CaseId>,
    vacancies: Vec<(VacancyId, UnitId)>,
    holds: Vec<(CaseId, OccupancyId)>,
    voids: Vec<(UnitId, OccupancyId)>,
    referrals: Vec<ReferralId>,
    stays: Vec<(OccupancyId, UnitId)>,
}

fn picked<T: Copy>(from: &[T], number: usize) -> Option<T> {
    (!from.is_empty()).then(|| from[number % from.len()])
}

fn reasons(primary: &str) -> Reasons {
    Reasons { primary_reason: primary.into(), secondary_reasons: Vec::new(), decided_by: None }
}

impl Play {
    async fn begin(on: Engine) -> Self {
        let app = TestApp::spawn(on);
        let needs = serde_json::from_value(new_case()["needs"].clone()).unwrap();
        let new = cases::New { referral_source: "police".into(), origin_area: None, needs, identity: None };
        let mut opened = Vec::new();
        for _ in 0..3 {
            let new = new.clone();
            opened.push(app.db.write(&app.actor("caseworker"), move |tx| cases::open(tx, &new)).await.unwrap().id);
        }
        let units = [app.world.a1, app.world.a2];
        let refuge = app.client("refuge_worker").await;
        Self {
            app,
            refuge,
            units,
            cases: opened,
            vacancies: vec![],
            holds: vec![],
            voids: vec![],
            referrals: vec![],
            stays: vec![],
        }
    }

    /// Tries it; there may be nothing to try it on. Where it succeeds and decides what a unit does now, says which unit and
    /// what.
    async fn attempt(&mut self, what: &Try) -> Result<Option<(UnitId, Doing)>, AppError> {
        let db = self.app.db.clone();
        let (refuge, helpline) = (self.app.actor("refuge_worker"), self.app.actor("caseworker"));
        match *what {
            Try::Wait(minutes) => {
                self.app.clock.advance(TimeDelta::minutes(minutes));
                self.refuge = self.app.client("refuge_worker").await;
            }
            Try::Post(number) => {
                let unit = self.units[number % 2];
                let posted = db.write(&refuge, move |tx| vacancies::post(tx, unit, None)).await?;
                self.vacancies.push((posted.id, unit));
            }
            Try::Hold(case, vacancy) => {
                let Some(((vacancy, unit), case)) = picked(&self.vacancies, vacancy).zip(picked(&self.cases, case))
                else {
                    return Err(AppError::NotFound);
                };
                let held = db.write(&helpline, move |tx| occupancy::hold(tx, case, vacancy, false)).await?;
                self.holds.push((case, held.id));
                return Ok(Some((unit, Doing::Held)));
            }
            Try::Release(number) => {
                let Some((case, hold)) = picked(&self.holds, number) else { return Err(AppError::NotFound) };
                let released = db.write(&helpline, move |tx| occupancy::release(tx, case, hold)).await?;
                return Ok(Some((released.unit_id, Doing::Free)));
            }
            Try::Void(number, minutes) => {
                let (unit, now) = (self.units[number % 2], self.app.clock.now());
                let ends_at = minutes.map(|minutes| now + TimeDelta::minutes(minutes));
                let new =
                    occupancy::NewVoid { reason: "cleaning".into(), starts_at: None, ends_at, end_holds: number < 2 };
                let void = db.write(&refuge, move |tx| occupancy::void(tx, unit, &new)).await?;
                self.voids.push((unit, void.id));
                return Ok(Some((unit, Doing::Void)));
            }
            Try::EndVoid(number) => {
                let Some((unit, void)) = picked(&self.voids, number) else { return Err(AppError::NotFound) };
                db.write(&refuge, move |tx| occupancy::end_void(tx, unit, void)).await?;
                return Ok(Some((unit, Doing::Free)));
            }
            Try::Refer(case, vacancy) => {
                let Some(((vacancy, _), case)) = picked(&self.vacancies, vacancy).zip(picked(&self.cases, case)) else {
                    return Err(AppError::NotFound);
                };
                let to = referrals::To::Vacancy(vacancy);
                let new = referrals::New { to, hold: false, agreed_with_provider: false, note: None };
                let looked = self.app.looked(&helpline, case).await;
                self.referrals.push(db.write(&helpline, move |tx| referrals::send(tx, case, &new, &looked)).await?.id);
            }
            Try::Accept(number) => {
                let Some(id) = picked(&self.referrals, number) else { return Err(AppError::NotFound) };
                let acceptance = referrals::Acceptance::default();
                let (referral, stay) = db.write(&refuge, move |tx| referrals::accept(tx, id, &acceptance)).await?;
                let unit = referral.unit_id.unwrap();
                self.stays.push((stay.id, unit));
                return Ok(Some((unit, Doing::Placed)));
            }
            Try::Decline(number) => {
                let Some(id) = picked(&self.referrals, number) else { return Err(AppError::NotFound) };
                let reasons = reasons("needs_language");
                let ended = db
                    .write(&refuge, move |tx| referrals::end_without_place(tx, id, Side::Provider, &reasons, None))
                    .await?;
                let accepted = ended.address_from.is_some();
                return Ok(ended.unit_id.filter(|_| accepted).map(|unit| (unit, Doing::Free)));
            }
            Try::Arrive(number) => {
                let Some((stay, unit)) = picked(&self.stays, number) else { return Err(AppError::NotFound) };
                db.write(&refuge, move |tx| placements::arrive(tx, stay, None)).await?;
                return Ok(Some((unit, Doing::Placed)));
            }
            Try::Depart(number) => {
                let Some((stay, unit)) = picked(&self.stays, number) else { return Err(AppError::NotFound) };
                let departure = placements::Departure {
                    departed_at: None,
                    kind: DepartureKind::Planned,
                    destination: "hospital".into(),
                    asked_to_leave_reason: None,
                    move_on_wish_on: None,
                    move_on_timely: None,
                };
                db.write(&refuge, move |tx| placements::depart(tx, stay, &departure)).await?;
                return Ok(Some((unit, Doing::Free)));
            }
        }
        Ok(None)
    }

    /// All that was ever recorded of a unit.
    fn recorded(&self, unit: UnitId) -> Vec<(Kind, Interval)> {
        let (start, end) = (At::start_of("2026-01-01".parse().unwrap()), At::start_of("2027-01-01".parse().unwrap()));
        let rows = of_unit_within(&mut self.app.raw(), unit, start, end).unwrap();
        rows.iter().map(|row| (row.kind, row.during())).collect()
    }

    async fn check(&self, decided: Option<(UnitId, Doing)>) {
        let now = self.app.clock.now();
        for unit in self.units {
            let recorded = self.recorded(unit);
            let seen = self.refuge.get(&format!("/api/v1/units/{}", unit.0)).await.ok();
            assert_eq!(seen.json["doing"], json!(doing(&recorded, now)), "{recorded:#?}");
            if let Some((_, expected)) = decided.filter(|(decided, _)| *decided == unit) {
                assert_eq!(seen.json["doing"], json!(expected), "{recorded:#?}");
            }
            unit_time_adds_up(&recorded);
        }
    }
}

/// S41: between any two moments at which something changes, at most one thing is recorded, so that the time held, placed,
/// void and free is all the time there is.
pub fn unit_time_adds_up(recorded: &[(Kind, Interval)]) {
    let (start, end) = (At::start_of("2026-03-01".parse().unwrap()), At::start_of("2026-12-01".parse().unwrap()));
    let ends = |during: &Interval| during.ends_at.unwrap_or(end);
    let mut moments = vec![start, end];
    moments.extend(recorded.iter().flat_map(|(_, during)| [during.starts_at, ends(during)]));
    moments.sort_unstable();
    let mut time = BTreeMap::<Doing, TimeDelta>::new();
    for pair in moments.windows(2) {
        let going_on = recorded.iter().filter(|(_, during)| during.contains(pair[0])).count();
        assert!(going_on <= 1 || pair[0] == pair[1], "{going_on} things at {:?}: {recorded:#?}", pair[0]);
        *time.entry(doing(recorded, pair[0])).or_default() += pair[1] - pair[0];
    }
    for (kind, state) in [(Kind::Hold, Doing::Held), (Kind::Placement, Doing::Placed), (Kind::Void, Doing::Void)] {
        let of_kind = recorded.iter().filter(|(found, _)| *found == kind);
        let lengths: TimeDelta = of_kind.map(|(_, during)| ends(during) - during.starts_at).sum();
        assert_eq!(time.get(&state).copied().unwrap_or_default(), lengths, "{state:?}");
    }
    assert_eq!(time.values().sum::<TimeDelta>(), end - start);
}

/// S34
#[rstest]
#[case::sqlite(Sqlite, 24)]
#[case::postgres(Postgres, 6)]
fn s34_a_unit_does_exactly_one_thing_at_any_instant(#[case] on: Engine, #[case] cases: u32) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let succeeded = RefCell::new(BTreeSet::new());
    let history = prop::collection::vec(attempt(), 40..80);
    let outcome = runner.run(&history, |history| {
        System::new().block_on(async {
            let mut play = Play::begin(on).await;
            for what in &history {
                let decided = match play.attempt(what).await {
                    Ok(decided) => {
                        succeeded.borrow_mut().insert(what.name());
                        decided
                    }
                    Err(AppError::Refused { .. } | AppError::Invalid(_) | AppError::NotFound) => None,
                    Err(error) => panic!("{what:?}: {error:?}"),
                };
                play.check(decided).await;
            }
        });
        Ok(())
    });
    outcome.unwrap();
    let everything = "Accept Arrive Decline Depart EndVoid Hold Post Refer Release Void Wait";
    assert_eq!(Vec::from_iter(succeeded.take()).join(" "), everything, "each succeeds at least once");
}
