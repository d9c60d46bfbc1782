//! What the program does by itself: how it stands, and how long to wait after it failed.

use chrono::TimeDelta;

use super::words;
use crate::clock::At;

words! {
    /// Why a run failed, as far as may be said: never what the database or a server answered.
    #[schema(as = JobProblem)]
    Problem { Contended = "contended", Failed = "failed", Unavailable = "unavailable" }
}

words! {
    /// How a job stands.
    #[schema(as = JobState)]
    State {
        /// Its last run failed; it is tried again.
        Failing = "failing",
        /// It should have run a while ago, and nobody runs it.
        Late = "late",
        Running = "running",
        /// Its time has not come.
        Waiting = "waiting",
    }
}

/// What decides how a job stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    pub due_at: At,
    pub leased_until: Option<At>,
    pub problem: Option<Problem>,
}

/// A job that nobody has begun for so long after it was due is late.
const PATIENCE: TimeDelta = TimeDelta::minutes(2);

impl Standing {
    pub fn state(self, now: At) -> State {
        if self.leased_until.is_some_and(|until| until > now) {
            State::Running
        } else if self.problem.is_some() {
            State::Failing
        } else if now - self.due_at > PATIENCE {
            State::Late
        } else {
            State::Waiting
        }
    }

    /// How long it has been due and nobody runs it.
    pub fn lag(self, now: At) -> TimeDelta {
        let running = self.leased_until.is_some_and(|until| until > now);
        if running { TimeDelta::zero() } else { (now - self.due_at).max(TimeDelta::zero()) }
    }
}

/// How long to wait after so many runs in a row have failed: five seconds, doubled each time, five minutes at most.
pub fn wait_after(attempts: i32) -> TimeDelta {
    let doubled = u32::try_from(attempts - 1).unwrap_or_default().min(10);
    TimeDelta::seconds(5 << doubled).min(TimeDelta::minutes(5))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use rstest::rstest;

    use super::*;

    fn at(minute: u32) -> At {
        Utc.with_ymd_and_hms(2026, 4, 1, 9, minute, 0).unwrap().into()
    }

    #[rstest]
    #[case(10, None, None, State::Waiting, 0)]
    #[case(4, None, None, State::Waiting, 60)]
    #[case(1, None, None, State::Late, 240)]
    #[case(1, Some(6), Some(Problem::Failed), State::Running, 0)]
    #[case(4, Some(5), None, State::Waiting, 60)]
    #[case(10, None, Some(Problem::Unavailable), State::Failing, 0)]
    fn a_job_stands_as_its_row_says(
        #[case] due: u32,
        #[case] leased: Option<u32>,
        #[case] problem: Option<Problem>,
        #[case] state: State,
        #[case] lag: i64,
    ) {
        let standing = Standing { due_at: at(due), leased_until: leased.map(at), problem };
        assert_eq!((standing.state(at(5)), standing.lag(at(5)).num_seconds()), (state, lag));
    }

    #[rstest]
    #[case(1, 5)]
    #[case(2, 10)]
    #[case(4, 40)]
    #[case(7, 300)]
    #[case(1000, 300)]
    fn who_fails_waits_longer_each_time(#[case] attempts: i32, #[case] seconds: i64) {
        assert_eq!(wait_after(attempts).num_seconds(), seconds);
    }
}
