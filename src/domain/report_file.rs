//! Reports that are made once and kept: what they are, how they stand, and when a schedule asks for the next one.

use chrono::{Datelike, Months, NaiveDate, TimeDelta};

use super::measures::quarter;
use super::words;

words! {
    /// What is in it.
    #[schema(as = ReportFileKind)]
    Kind {
        /// Every measure of one's own organisation. Not for publication.
        OwnReport = "own_report",
    }
}

words! {
    /// How far it has come.
    #[schema(as = ReportFileState)]
    State { Waiting = "waiting", Working = "working", Ready = "ready", Failed = "failed" }
}

words! {
    /// How often a report is made without anybody asking.
    #[schema(as = ReportEvery)]
    Every { Month = "month", Quarter = "quarter" }
}

/// How long a report is kept.
pub const KEPT: TimeDelta = TimeDelta::days(400);
/// So often it is tried.
pub const TRIES: i32 = 3;
/// How long whoever makes one has it alone after each step; when that is over, another begins anew.
pub const LEASE: TimeDelta = TimeDelta::minutes(10);
/// So many may wait to be made for one organisation.
pub const MOST_WAITING: i64 = 10;

impl Every {
    /// The first and the last day of the one that a day is in.
    pub fn around(self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        match self {
            Self::Month => {
                let first = day.with_day(1)?;
                Some((first, first.checked_add_months(Months::new(1))?.pred_opt()?))
            }
            Self::Quarter => quarter(day),
        }
    }

    /// The last day of the one that ended last, on a day.
    pub fn ended(self, today: NaiveDate) -> Option<NaiveDate> {
        self.around(today)?.0.pred_opt()
    }

    /// The first and the last day of the next one after those that were asked for, if it is over by today.
    pub fn due(self, asked_until: NaiveDate, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        self.around(asked_until.succ_opt()?).filter(|(_, to)| *to < today)
    }
}

impl State {
    /// Whether there is still something to be done about it.
    pub fn under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Working)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn day(day: &str) -> NaiveDate {
        day.parse().unwrap()
    }

    #[rstest]
    #[case(Every::Month, "2026-04-01", "2026-03-31")]
    #[case(Every::Month, "2026-04-30", "2026-03-31")]
    #[case(Every::Month, "2024-03-15", "2024-02-29")]
    #[case(Every::Quarter, "2026-04-01", "2026-03-31")]
    #[case(Every::Quarter, "2026-06-30", "2026-03-31")]
    #[case(Every::Quarter, "2026-01-01", "2025-12-31")]
    fn the_last_one_has_ended(#[case] every: Every, #[case] today: &str, #[case] ended: &str) {
        assert_eq!(every.ended(day(today)), Some(day(ended)));
    }

    #[rstest]
    #[case::not_on_its_last_day(Every::Month, "2026-03-31", "2026-04-30", None)]
    #[case::on_the_day_after(Every::Month, "2026-03-31", "2026-05-01", Some(("2026-04-01", "2026-04-30")))]
    #[case::one_after_the_other(Every::Month, "2026-03-31", "2026-09-09", Some(("2026-04-01", "2026-04-30")))]
    #[case::a_quarter_is_not_over(Every::Quarter, "2026-03-31", "2026-06-30", None)]
    #[case::a_quarter_is(Every::Quarter, "2026-03-31", "2026-07-01", Some(("2026-04-01", "2026-06-30")))]
    fn a_report_is_due_when_its_time_is_over(
        #[case] every: Every,
        #[case] asked_until: &str,
        #[case] today: &str,
        #[case] due: Option<(&str, &str)>,
    ) {
        let due = due.map(|(from, to)| (day(from), day(to)));
        assert_eq!(every.due(day(asked_until), day(today)), due);
    }
}
