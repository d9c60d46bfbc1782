//! The time that a report is about: whole days in England.

use chrono::{Datelike, Days, Months, NaiveDate, TimeDelta};

use crate::clock::At;

/// From the first instant of one day up to, but not including, the first instant of the day after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    /// When it is counted: nothing after it has happened yet.
    pub now: At,
}

/// The first and the last day of the financial year that a day is in: 1 April to 31 March.
pub fn financial_year(day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let year = if day.month() >= 4 { day.year() } else { day.year() - 1 };
    Some((NaiveDate::from_ymd_opt(year, 4, 1)?, NaiveDate::from_ymd_opt(year + 1, 3, 31)?))
}

/// The first and the last day of the quarter of a financial year that a day is in.
pub fn quarter(day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let first = NaiveDate::from_ymd_opt(day.year(), (day.month0() / 3) * 3 + 1, 1)?;
    Some((first, first.checked_add_months(Months::new(3))?.pred_opt()?))
}

/// The days that a period of these days is compared with: as many whole months before it, if it is whole months, or else as
/// many days.
pub fn before(from: NaiveDate, to: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let end = from.pred_opt()?;
    let after = next(to);
    let first = if from.day() == 1 && after.day() == 1 {
        let months = (after.year() - from.year()) * 12 + i32::try_from(after.month0()).ok()?
            - i32::try_from(from.month0()).ok()?;
        from.checked_sub_months(Months::new(u32::try_from(months).ok()?))?
    } else {
        from.checked_sub_days(Days::new(u64::try_from((to - from).num_days()).ok()? + 1))?
    };
    Some((first, end))
}

impl Period {
    /// The period that it is compared with, as it is known now. `None` before there were calendars.
    pub fn before(&self) -> Option<Self> {
        let (from, to) = before(self.from, self.to)?;
        Some(Self { from, to, now: self.now })
    }

    pub fn starts(&self) -> At {
        At::start_of(self.from)
    }

    /// The first instant after it.
    pub fn ends(&self) -> At {
        At::start_of(next(self.to))
    }

    /// That of its last day.
    pub fn year(&self) -> i32 {
        self.to.year()
    }

    /// The end of what has happened of it.
    pub fn until(&self) -> At {
        self.ends().min(self.now)
    }

    pub fn contains(&self, instant: At) -> bool {
        self.starts() <= instant && instant < self.ends()
    }

    /// The last instant of it, or this one while it goes on: what is counted "at the end" is counted then. `None` when it
    /// has not begun.
    pub fn last(&self) -> Option<At> {
        (self.starts() <= self.now).then(|| last_of(self.to).min(self.now))
    }

    /// The last instant of each day that has begun, in order.
    pub fn days(&self) -> Vec<At> {
        let days = self.from.iter_days().take_while(|day| *day <= self.to && At::start_of(*day) <= self.now);
        days.map(|day| last_of(day).min(self.now)).collect()
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

fn last_of(day: NaiveDate) -> At {
    At::start_of(next(day)) - TimeDelta::microseconds(1)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn day(day: &str) -> NaiveDate {
        day.parse().unwrap()
    }

    fn at(instant: &str) -> At {
        instant.parse::<chrono::DateTime<chrono::Utc>>().unwrap().into()
    }

    #[rstest]
    #[case("2026-03-31", "2025-04-01", "2026-03-31")]
    #[case("2026-04-01", "2026-04-01", "2027-03-31")]
    #[case("2027-01-15", "2026-04-01", "2027-03-31")]
    fn a_financial_year_begins_in_april(#[case] today: &str, #[case] first: &str, #[case] last: &str) {
        assert_eq!(financial_year(day(today)), Some((day(first), day(last))));
    }

    #[rstest]
    #[case("2026-01-01", "2026-01-01", "2026-03-31")]
    #[case("2026-12-31", "2026-10-01", "2026-12-31")]
    #[case("2024-02-29", "2024-01-01", "2024-03-31")]
    fn a_quarter_has_three_months(#[case] today: &str, #[case] first: &str, #[case] last: &str) {
        assert_eq!(quarter(day(today)), Some((day(first), day(last))));
    }

    #[rstest]
    #[case::a_month(("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28"))]
    #[case::a_quarter(("2026-04-01", "2026-06-30"), ("2026-01-01", "2026-03-31"))]
    #[case::a_year(("2026-04-01", "2027-03-31"), ("2025-04-01", "2026-03-31"))]
    #[case::ninety_days(("2026-03-02", "2026-05-30"), ("2025-12-02", "2026-03-01"))]
    #[case::one_day(("2026-03-01", "2026-03-01"), ("2026-02-28", "2026-02-28"))]
    fn a_period_is_compared_with_the_one_before(#[case] days: (&str, &str), #[case] before: (&str, &str)) {
        assert_eq!(super::before(day(days.0), day(days.1)), Some((day(before.0), day(before.1))));
    }

    #[rstest]
    #[case::both_days_are_those_of_england("2026-03-31T22:59:59Z", false)]
    #[case::an_hour_before_midnight_utc_in_summer("2026-03-31T23:00:00Z", true)]
    #[case::the_last_day_is_included("2026-04-30T22:59:59Z", true)]
    #[case::its_end_is_not("2026-04-30T23:00:00Z", false)]
    fn april_contains(#[case] instant: &str, #[case] inside: bool) {
        let april = Period { from: day("2026-04-01"), to: day("2026-04-30"), now: at("2027-01-01T00:00:00Z") };
        assert_eq!(april.contains(at(instant)), inside);
    }

    #[test]
    fn what_has_not_happened_is_not_counted() {
        let april = Period { from: day("2026-04-01"), to: day("2026-04-30"), now: at("2026-04-03T12:00:00Z") };
        assert_eq!((april.until(), april.last()), (april.now, Some(april.now)));
        let days = ["2026-04-01T22:59:59.999999Z", "2026-04-02T22:59:59.999999Z", "2026-04-03T12:00:00Z"];
        assert_eq!(april.days(), days.map(at));
        let later = Period { from: day("2026-05-01"), ..april };
        assert_eq!((later.last(), later.days()), (None, vec![]));
    }
}
