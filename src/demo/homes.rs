//! What each unit did: its stays, its voids and its vacancies, up to what it is doing at the end.

use chrono::TimeDelta;
use fastrand::Rng;

use super::people::{chance, weighted};
use super::plan::{Goal, Planner, SETTLED, Step, days, hours, minutes};
use crate::clock::At;
use crate::domain::provision::AccommodationType;
use crate::error::AppError;

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

impl Planner<'_> {
    /// Everything that a unit does, up to what it is to be doing at the end. A slow one is of a provider whose word has
    /// grown old by then.
    pub(super) fn home(&mut self, home: usize, goal: Goal, slow: bool) -> Result<(), AppError> {
        let (now, start) = (self.now, self.start);
        let kind = self.provided.schemes[self.provided.homes[home].scheme].kind;
        let last = match goal {
            Goal::Placed => None,
            Goal::Void("cleaning", _) => Some(now - hours(&mut self.rng, 3, 9)),
            _ => {
                let ago = days(&mut self.rng, if slow { 6 } else { 3 }, 16);
                Some(by_day(&mut self.rng, now - ago))
            }
        };
        let mut resident = chance(&mut self.rng, SETTLED);
        let mut free = start + hours(&mut self.rng, 1, 40);
        if resident {
            self.residents += 1;
            free = free - TimeDelta::days(4);
        }
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
                let wait = days(&mut self.rng, 1, 15);
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
        let posted = posted.unwrap_or_else(|| {
            let posted = self.cleaned(home, free, 1);
            self.step(posted, Step::Post(home));
            posted
        });
        let quiet = if slow { TimeDelta::days(5) } else { TimeDelta::hours(8) };
        self.gap(home, posted, self.now - quiet);
        if goal == Goal::Expected {
            let accept = self.now - minutes(&mut self.rng, 60, 150);
            self.expected(home, posted, accept)?;
        }
        Ok(())
    }
}
