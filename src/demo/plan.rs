//! What happened in the three months, before it is told: for each unit its stays, for each stay a household that suits,
//! and households that found no place.

use chrono::{NaiveDate, SubsecRound, TimeDelta};
use fastrand::Rng;

use super::people::{Household, chance, household, weighted};
use super::provision::Provided;
use super::reasons::{denial, departure, no_show, what_happened_next};
use crate::actions::cases::Closing;
use crate::actions::placements::Departure;
use crate::clock::At;
use crate::db::referrals::Side;
use crate::domain::eligibility::{InForce, Verdict, assess};
use crate::domain::matching::Seeker;
use crate::domain::reason::Reasons;
use crate::error::AppError;

/// How long the history is.
pub(super) const LENGTH: TimeDelta = TimeDelta::days(90);
/// How long before it the services joined and recorded the households that they had.
pub(super) const JOINED: TimeDelta = TimeDelta::days(5);
/// Of 100 units, those that had one.
pub(super) const SETTLED: u8 = 52;

/// One thing that happens. Units, providers, cases and their referrals go by their places in the plan.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Post(usize),
    Withdraw(usize),
    /// A provider stands by all its vacancies.
    Confirm(usize),
    Void(usize, &'static str, Option<At>),
    Open(usize),
    /// The worker goes through the unsafe areas with the survivor.
    Settle(usize),
    /// The case waits under watch.
    Watch(usize),
    Send(usize, usize),
    Ask(usize, usize),
    Answer(usize, usize),
    /// The referrer says something.
    Say(usize, usize),
    Accept(usize, usize),
    Deny(usize, usize),
    NoShow(usize, usize),
    Arrive(usize),
    Extend(usize, NaiveDate),
    Depart(usize),
    Close(usize),
}

/// What a household is referred to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    /// The vacancy of a unit, held.
    Home(usize),
    /// A service without a vacancy.
    Scheme(usize),
}

pub(super) struct Referral {
    pub(super) to: Target,
    pub(super) expected_end: Option<NaiveDate>,
    /// How it ends, unless in a place.
    pub(super) denial: Option<(Side, Reasons)>,
}

pub(super) struct Case {
    pub(super) household: Household,
    pub(super) worker: usize,
    pub(super) referrals: Vec<Referral>,
    pub(super) departure: Option<Departure>,
    pub(super) closing: Option<Closing>,
}

/// What a unit is to be doing at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    Placed,
    Vacant,
    /// Vacant but for a household that is waiting for the answer.
    Held,
    /// A household has been accepted and is on its way.
    Expected,
    Void(&'static str, Option<TimeDelta>),
}

/// A time in which a unit is vacant, and those within it in which somebody asks for it.
struct Gap {
    home: usize,
    from: At,
    to: At,
    busy: Vec<(At, At)>,
}

pub(super) struct Planner<'a> {
    pub(super) rng: Rng,
    pub(super) now: At,
    pub(super) start: At,
    pub(super) provided: &'a Provided,
    pub(super) cases: Vec<Case>,
    pub(super) steps: Vec<(At, Step)>,
    /// How many of the cases are of households that were there before.
    pub(super) residents: usize,
    gaps: Vec<Gap>,
}

pub(super) fn minutes(rng: &mut Rng, from: i64, to: i64) -> TimeDelta {
    TimeDelta::minutes(rng.i64(from..=to))
}

pub(super) fn hours(rng: &mut Rng, from: i64, to: i64) -> TimeDelta {
    minutes(rng, from * 60, to * 60)
}

pub(super) fn days(rng: &mut Rng, from: i64, to: i64) -> TimeDelta {
    minutes(rng, from * 24 * 60, to * 24 * 60)
}

impl<'a> Planner<'a> {
    pub(super) fn new(rng: Rng, now: At, provided: &'a Provided) -> Self {
        let now = At::from(now.utc().trunc_subsecs(0)) - TimeDelta::seconds(now.unix_seconds().rem_euclid(60));
        let (cases, steps, gaps) = (Vec::new(), Vec::new(), Vec::new());
        Self { rng, now, start: now - LENGTH, provided, cases, steps, residents: 0, gaps }
    }

    pub(super) fn step(&mut self, at: At, step: Step) {
        self.steps.push((at, step));
    }

    pub(super) fn gap(&mut self, home: usize, from: At, to: At) {
        self.gaps.push(Gap { home, from: from + TimeDelta::minutes(10), to, busy: Vec::new() });
    }

    /// A household that could live there, when everybody agrees.
    pub(super) fn household_for(&mut self, home: usize) -> Result<Household, AppError> {
        for _ in 0..5_000 {
            let found = household(&mut self.rng);
            if self.suits(home, &found) {
                return Ok(found);
            }
        }
        Err(AppError::internal("no invented household suits a unit"))
    }

    fn suits(&self, home: usize, household: &Household) -> bool {
        let home = &self.provided.homes[home];
        let scheme = &self.provided.schemes[home.scheme];
        let rules = InForce::of_service(&scheme.rules.0, self.now.date());
        let seeker = Seeker::of(&household.needs, household.source);
        assess(&rules, &home.facts, scheme.place().seen_by(seeker.needs), &seeker.household).verdict <= Verdict::Discuss
    }

    pub(super) fn case(&mut self, household: Household, opened: At) -> usize {
        let (case, settled) = (self.cases.len(), household.settled);
        let worker = self.rng.usize(..self.provided.caseworkers.len());
        self.cases.push(Case { household, worker, referrals: Vec::new(), departure: None, closing: None });
        self.step(opened, Step::Open(case));
        if settled {
            let after = minutes(&mut self.rng, 5, 35);
            self.step(opened + after, Step::Settle(case));
        }
        case
    }

    pub(super) fn refer(&mut self, case: usize, to: Target, sent: At, denial: Option<(At, (Side, Reasons))>) -> usize {
        let referral = self.cases[case].referrals.len();
        let (decided, denial) = denial.unzip();
        self.cases[case].referrals.push(Referral { to, expected_end: None, denial });
        self.step(sent, Step::Send(case, referral));
        if let Some(decided) = decided {
            let long = decided - sent > TimeDelta::hours(3);
            if long && chance(&mut self.rng, 22) {
                let (asked, answered) = (minutes(&mut self.rng, 20, 60), minutes(&mut self.rng, 70, 150));
                self.step(sent + asked, Step::Ask(case, referral));
                self.step(sent + answered, Step::Answer(case, referral));
            }
            self.step(decided, Step::Deny(case, referral));
        }
        referral
    }

    /// Some services other than this one, none twice, and none where the household is known not to be safe.
    fn other_schemes(&mut self, case: usize, but: Option<usize>, number: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let areas = &self.cases[case].household.needs.unsafe_areas;
        let safe = |scheme: usize| {
            let place = self.provided.schemes[scheme].place();
            !areas.iter().any(|area| area.confirmed && place.lies_in(&area.area))
        };
        for _ in 0..number * 4 {
            let home = self.rng.usize(..self.provided.homes.len());
            let scheme = self.provided.homes[home].scheme; // a large one is asked more often
            if found.len() < number && Some(scheme) != but && !found.contains(&scheme) && safe(scheme) {
                found.push(scheme);
            }
        }
        found
    }

    /// Referrals that are denied while a household waits for its place.
    fn denied_meanwhile(&mut self, case: usize, home: usize, opened: At, sent: At, accept: At) {
        let waiting = (sent - opened).num_minutes() - 60;
        let number = weighted(&mut self.rng, &[(20, 0), (22, 1), (22, 2), (20, 3), (12, 4), (4, 5)]);
        let own = self.provided.homes[home].scheme;
        for scheme in self.other_schemes(case, Some(own), number) {
            if waiting < 60 {
                return;
            }
            let at = opened + minutes(&mut self.rng, 50, 50 + waiting - 20);
            let reasons = denial(&mut self.rng, &self.cases[case].household.needs, &self.provided.schemes[scheme]);
            let response = response(&mut self.rng);
            let decided = (at + response).min(accept - TimeDelta::minutes(2));
            self.refer(case, Target::Scheme(scheme), at, Some((decided, reasons)));
        }
    }

    /// A household that is accepted; gives back its case and when it was referred.
    fn accepted(&mut self, home: usize, opened: Option<At>, accept: At) -> Result<usize, AppError> {
        let household = self.household_for(home)?;
        let sent = accept - minutes(&mut self.rng, 15, 80);
        let new = opened.is_none();
        let opened = match opened {
            Some(posted) => posted + minutes(&mut self.rng, 10, 120),
            None => (sent - minutes(&mut self.rng, 60, 6 * 24 * 60)).max(self.start - TimeDelta::hours(20)),
        };
        let case = self.case(household, opened);
        if new {
            self.denied_meanwhile(case, home, opened, sent, accept);
        }
        let referral = self.refer(case, Target::Home(home), sent, None);
        let planned = days(&mut self.rng, 28, 120);
        self.cases[case].referrals[referral].expected_end = Some((accept + planned).date());
        self.step(accept, Step::Accept(case, referral));
        Ok(case)
    }

    pub(super) fn stay(
        &mut self,
        home: usize,
        opened: Option<At>,
        accept: At,
        arrive: At,
        depart: Option<At>,
    ) -> Result<(), AppError> {
        let case = self.accepted(home, opened, accept)?;
        self.step(arrive, Step::Arrive(case));
        let closed = arrive
            + match opened {
                Some(_) => minutes(&mut self.rng, 10, 50),
                None => hours(&mut self.rng, 6, 140),
            };
        if closed < self.now - TimeDelta::hours(1) && depart.is_none_or(|depart| closed < depart) {
            self.cases[case].closing = Some(Closing::Placed);
            self.step(closed, Step::Close(case));
        } else if let Some(depart) = depart {
            self.cases[case].closing = Some(Closing::Placed);
            self.step(depart + TimeDelta::minutes(30), Step::Close(case));
        }
        if let Some(depart) = depart {
            self.cases[case].departure = Some(departure(&mut self.rng));
            self.step(depart, Step::Depart(case));
        }
        let until = depart.unwrap_or(self.now);
        let expected = self.cases[case].referrals.last().and_then(|referral| referral.expected_end);
        if let Some(day) = expected
            && At::start_of(day) + TimeDelta::days(2) < until
        {
            let longer = (until + days(&mut self.rng, 10, 60)).date();
            let agreed = At::start_of(day) + hours(&mut self.rng, 9, 17);
            self.step(agreed, Step::Extend(case, longer));
        }
        Ok(())
    }

    /// A household that is on its way now.
    pub(super) fn expected(&mut self, home: usize, posted: At, accept: At) -> Result<(), AppError> {
        let household = self.household_for(home)?;
        let sent = accept - minutes(&mut self.rng, 15, 80);
        let opened = (sent - hours(&mut self.rng, 2, 20)).max(posted);
        let case = self.case(household, opened);
        let referral = self.refer(case, Target::Home(home), sent, None);
        self.step(accept, Step::Accept(case, referral));
        Ok(())
    }

    /// A household that was accepted and did not come.
    pub(super) fn lost_place(&mut self, home: usize, posted: At, accept: At, came_not: At) -> Result<(), AppError> {
        let household = self.household_for(home)?;
        let sent = accept - minutes(&mut self.rng, 15, 80);
        let opened = (sent - hours(&mut self.rng, 2, 40)).max(posted);
        let case = self.case(household, opened);
        let (side, reasons) = no_show(&mut self.rng);
        let referral = self.refer(case, Target::Home(home), sent, None);
        self.cases[case].referrals[referral].denial = Some((side, reasons.clone()));
        self.step(accept, Step::Accept(case, referral));
        self.step(came_not, Step::NoShow(case, referral));
        let after = hours(&mut self.rng, 2, 60);
        self.close_without_place(case, came_not + after, reasons);
        Ok(())
    }

    fn close_without_place(&mut self, case: usize, at: At, reasons: Reasons) {
        let next = what_happened_next(&mut self.rng, &reasons.primary_reason).to_owned();
        self.cases[case].closing = Some(Closing::NotPlaced { reasons, what_happened_next: next });
        self.step(at, Step::Close(case));
    }

    /// A household that finds no place.
    pub(super) fn turned_away(&mut self, opened: At) {
        let household = household(&mut self.rng);
        let case = self.case(household, opened);
        let number = weighted(&mut self.rng, &[(10, 0), (14, 1), (20, 2), (26, 3), (16, 4), (8, 5), (6, 6)]);
        let mut sent = opened + TimeDelta::minutes(45);
        let (mut last, mut reasons) = (sent, None);
        for scheme in self.other_schemes(case, None, number) {
            sent = sent + minutes(&mut self.rng, 2, 22 * 60);
            let decided = sent + response(&mut self.rng);
            if decided > self.now - TimeDelta::hours(2) {
                break;
            }
            let ending = denial(&mut self.rng, &self.cases[case].household.needs, &self.provided.schemes[scheme]);
            let to = self.vacancy_of(scheme, case, sent, decided).map_or(Target::Scheme(scheme), Target::Home);
            reasons = Some(ending.1.clone());
            self.refer(case, to, sent, Some((decided, ending)));
            last = last.max(decided);
        }
        let closed = last + hours(&mut self.rng, 1, 70);
        if closed < self.now - TimeDelta::hours(1) {
            let nothing_suitable = || super::reasons::because("no_space", crate::domain::reason::DecidedBy::System).1;
            self.close_without_place(case, closed, reasons.unwrap_or_else(nothing_suitable));
        }
    }

    /// A unit of a service that is vacant then, asked for by nobody else, and suits.
    fn vacancy_of(&mut self, scheme: usize, case: usize, sent: At, decided: At) -> Option<usize> {
        let until = decided.max(sent + TimeDelta::minutes(90));
        let household = &self.cases[case].household;
        let free = self.gaps.iter().position(|gap| {
            self.provided.homes[gap.home].scheme == scheme
                && gap.from <= sent
                && until <= gap.to
                && gap.busy.iter().all(|(from, to)| until <= *from || *to <= sent)
                && self.suits(gap.home, household)
        })?;
        self.gaps[free].busy.push((sent, until));
        Some(self.gaps[free].home)
    }
}

/// How long a provider takes to answer.
fn response(rng: &mut Rng) -> TimeDelta {
    let (from, to) = weighted(rng, &[(45, (12, 120)), (35, (120, 600)), (20, (600, 2_400))]);
    minutes(rng, from, to)
}
