//! What happened in the three months, before it is told: for each unit its stays, for each stay a household that suits,
//! and households that found no place.

use chrono::{NaiveDate, TimeDelta};
use fastrand::Rng;

use super::people::{Household, chance, household, weighted};
use super::provision::Provided;
use super::reasons::{denial, departure, no_show, what_happened_next};
use crate::actions::cases::Closing;
use crate::actions::placements::Departure;
use crate::clock::At;
use crate::db::referrals::Side;
use crate::domain::eligibility::{Verdict, assess};
use crate::domain::provision::AccommodationType;
use crate::domain::reason::Reasons;
use crate::error::AppError;

/// How long the history is.
pub(super) const LENGTH: TimeDelta = TimeDelta::days(90);
/// Of 100 units, those whose household was there when the history began.
const SETTLED: u8 = 52;

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
    Send(usize, usize),
    Ask(usize, usize),
    Answer(usize, usize),
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

/// The same day, in working hours.
fn by_day(rng: &mut Rng, at: At) -> At {
    At::start_of(at.date()) + minutes(rng, 8 * 60, 19 * 60)
}

/// How long a stay is.
fn stay(rng: &mut Rng, kind: AccommodationType) -> TimeDelta {
    match kind {
        AccommodationType::OtherEmergency => days(rng, 3, 26),
        AccommodationType::SecondStage | AccommodationType::DispersedSemiIndependent => days(rng, 60, 260),
        _ if chance(rng, 20) => days(rng, 3, 20), // it did not work out
        _ => days(rng, 30, 190),
    }
}

impl<'a> Planner<'a> {
    pub(super) fn new(rng: Rng, now: At, provided: &'a Provided) -> Self {
        let (cases, steps, gaps) = (Vec::new(), Vec::new(), Vec::new());
        Self { rng, now, start: now - LENGTH, provided, cases, steps, gaps }
    }

    pub(super) fn step(&mut self, at: At, step: Step) {
        self.steps.push((at, step));
    }

    /// Everything that a unit does, up to what it is to be doing at the end. A slow one is of a provider whose word has
    /// grown old by then.
    pub(super) fn home(&mut self, home: usize, goal: Goal, slow: bool) -> Result<(), AppError> {
        let (now, start) = (self.now, self.start);
        let kind = self.provided.schemes[self.provided.homes[home].scheme].kind;
        let last = match goal {
            Goal::Placed => None,
            _ if slow => Some(now - days(&mut self.rng, 6, 10)),
            Goal::Void("cleaning", _) => Some(now - hours(&mut self.rng, 3, 9)),
            _ => Some(now - days(&mut self.rng, 2, 8)),
        };
        let mut resident = chance(&mut self.rng, SETTLED);
        let mut free = start + minutes(&mut self.rng, 30, 240);
        if !resident && chance(&mut self.rng, 60) {
            let reason =
                weighted(&mut self.rng, &[(3, "awaiting_furniture"), (3, "refurbishment"), (4, "staffing_shortage")]);
            let until = free + days(&mut self.rng, 5, 45);
            self.step(free, Step::Void(home, reason, Some(until)));
            free = until + hours(&mut self.rng, 1, 4);
        }
        loop {
            let posted = free;
            self.step(posted, Step::Post(home));
            let mut accept = if resident {
                posted + hours(&mut self.rng, 6, 30)
            } else {
                let wait = days(&mut self.rng, 1, 12);
                by_day(&mut self.rng, posted + wait).max(posted + TimeDelta::hours(6))
            };
            match last {
                None => accept = accept.min(now - hours(&mut self.rng, 26, 60)),
                Some(last) if accept + TimeDelta::days(3) > last => {
                    return self.finish(home, goal, Some(posted), last, slow);
                }
                Some(_) => {}
            }
            self.gap(home, posted, accept - TimeDelta::hours(2));
            let opened = resident.then_some(posted);
            resident = false;
            if opened.is_none() && chance(&mut self.rng, 4) && accept < now - TimeDelta::days(20) {
                let came_not = accept + hours(&mut self.rng, 20, 30);
                self.lost_place(home, posted, accept, came_not)?;
                free = came_not + hours(&mut self.rng, 1, 5);
                continue;
            }
            let arrive = accept + hours(&mut self.rng, 1, 8);
            let length = stay(&mut self.rng, kind);
            let depart = by_day(&mut self.rng, arrive + length);
            let depart = match last {
                Some(last) if depart + TimeDelta::days(8) > last => Some(last),
                Some(_) => Some(depart),
                None => Some(depart).filter(|depart| *depart < now - TimeDelta::days(16)),
            };
            self.stay(home, opened, accept, arrive, depart)?;
            let Some(depart) = depart else { return Ok(()) };
            if last == Some(depart) {
                return self.finish(home, goal, None, depart, slow);
            }
            free = self.cleaned(home, depart, 5);
        }
    }

    /// Takes a unit that has just become free out of use for a while; gives back when it can be posted again.
    fn cleaned(&mut self, home: usize, free: At, most_days: i64) -> At {
        let (reason, length) = match weighted(
            &mut self.rng,
            &[(80, "cleaning"), (13, "repairs_after_damage"), (7, "routine_maintenance")],
        ) {
            "cleaning" => ("cleaning", hours(&mut self.rng, 4, 26)),
            other => (other, days(&mut self.rng, 1, most_days)),
        };
        let from = free + minutes(&mut self.rng, 10, 50);
        self.step(from, Step::Void(home, reason, Some(from + length)));
        from + length + minutes(&mut self.rng, 20, 120)
    }

    /// What a unit does last: it has become free, or its vacancy has been open since.
    fn finish(&mut self, home: usize, goal: Goal, posted: Option<At>, free: At, slow: bool) -> Result<(), AppError> {
        if let Goal::Void(reason, until) = goal {
            if posted.is_some() {
                self.step(free, Step::Withdraw(home));
            }
            let until = until.map(|until| self.now + until);
            self.step(free + TimeDelta::minutes(5), Step::Void(home, reason, until));
            return Ok(());
        }
        let posted = match posted {
            Some(posted) => posted,
            None => {
                let posted = self.cleaned(home, free, 1);
                self.step(posted, Step::Post(home));
                posted
            }
        };
        let quiet = if slow { TimeDelta::days(5) } else { TimeDelta::hours(8) };
        self.gap(home, posted, self.now - quiet);
        if goal == Goal::Expected {
            let accept = self.now - minutes(&mut self.rng, 60, 150);
            self.expected(home, posted, accept)?;
        }
        Ok(())
    }

    fn gap(&mut self, home: usize, from: At, to: At) {
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
        assess(&scheme.rules.0, &home.facts, &scheme.place(), &household.needs).verdict <= Verdict::Discuss
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

    /// Some services other than this one, none twice.
    fn other_schemes(&mut self, but: Option<usize>, number: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for _ in 0..number * 4 {
            let home = self.rng.usize(..self.provided.homes.len());
            let scheme = self.provided.homes[home].scheme; // a large one is asked more often
            if found.len() < number && Some(scheme) != but && !found.contains(&scheme) {
                found.push(scheme);
            }
        }
        found
    }

    /// Referrals that are denied while a household waits for its place.
    fn denied_meanwhile(&mut self, case: usize, home: usize, opened: At, sent: At, accept: At) {
        let waiting = (sent - opened).num_minutes() - 60;
        let number = weighted(&mut self.rng, &[(16, 0), (16, 1), (20, 2), (22, 3), (16, 4), (10, 5)]);
        let own = self.provided.homes[home].scheme;
        for scheme in self.other_schemes(Some(own), number) {
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
            None => (sent - minutes(&mut self.rng, 60, 6 * 24 * 60)).max(self.start + TimeDelta::minutes(30)),
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

    fn stay(
        &mut self,
        home: usize,
        opened: Option<At>,
        accept: At,
        arrive: At,
        depart: Option<At>,
    ) -> Result<(), AppError> {
        let case = self.accepted(home, opened, accept)?;
        self.step(arrive, Step::Arrive(case));
        let closed = arrive + hours(&mut self.rng, 6, 140);
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
    fn expected(&mut self, home: usize, posted: At, accept: At) -> Result<(), AppError> {
        let household = self.household_for(home)?;
        let sent = accept - minutes(&mut self.rng, 15, 80);
        let opened = (sent - hours(&mut self.rng, 2, 20)).max(posted);
        let case = self.case(household, opened);
        let referral = self.refer(case, Target::Home(home), sent, None);
        self.step(accept, Step::Accept(case, referral));
        Ok(())
    }

    /// A household that was accepted and did not come.
    fn lost_place(&mut self, home: usize, posted: At, accept: At, came_not: At) -> Result<(), AppError> {
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
        let number = weighted(&mut self.rng, &[(8, 0), (4, 2), (14, 3), (22, 4), (22, 5), (18, 6), (12, 7)]);
        let mut sent = opened + TimeDelta::minutes(45);
        let (mut last, mut reasons) = (sent, None);
        for scheme in self.other_schemes(None, number) {
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
