//! When it is safe to reach somebody, and what is told about it before a number is shown.

use chrono::{Datelike, Days, NaiveTime, Weekday};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;
use crate::clock::{At, LONDON};

words! {
    /// A day of the week.
    Day {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
        Saturday = "saturday",
        Sunday = "sunday",
    }
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        Self::ALL[day.num_days_from_monday() as usize]
    }
}

/// Hours of some days in which it is safe, as clocks in England show them: from `from` up to, and without, `until`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SafeHours {
    #[garde(length(min = 1, max = 7))]
    #[schema(min_items = 1, max_items = 7)]
    pub days: Vec<Day>,
    /// `09:00`.
    #[garde(custom(time_of_day))]
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub from: String,
    /// `17:30`; later than `from`.
    #[garde(custom(time_of_day), custom(after(&self.from)))]
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub until: String,
}

fn time(text: &str) -> Option<NaiveTime> {
    (text.len() == 5).then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten()
}

/// Whether a text is a time of day: for `garde`.
///
/// # Errors
/// When it is not written as `09:00`.
pub fn time_of_day(text: &str, (): &()) -> garde::Result {
    time(text).map(drop).ok_or_else(|| garde::Error::new("give a time as 09:00"))
}

fn after(from: &str) -> impl FnOnce(&String, &()) -> garde::Result {
    move |until, ()| match (time(from), time(until)) {
        (Some(from), Some(until)) if until <= from => Err(garde::Error::new("this must be later than the time before")),
        _ => Ok(()),
    }
}

/// Whether somebody may be reached now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    Yes,
    /// Nobody knows the hours: whoever has read the rules decides.
    Unknown,
    /// Not until then; `None` when there is no such time.
    No {
        next_safe_at: Option<At>,
    },
}

/// Whether it is safe at this instant.
pub fn may(hours: Option<&[SafeHours]>, at: At) -> May {
    let Some(hours) = hours else { return May::Unknown };
    let local = at.utc().with_timezone(&LONDON);
    let (today, clock) = (Day::from(local.weekday()), local.time());
    let safe = hours.iter().filter(|hours| hours.days.contains(&today)).any(|hours| {
        time(&hours.from).is_some_and(|from| from <= clock) && time(&hours.until).is_some_and(|until| clock < until)
    });
    if safe {
        return May::Yes;
    }
    let next = (0..=8).filter_map(|days| local.date_naive().checked_add_days(Days::new(days))).find_map(|date| {
        let day = Day::from(date.weekday());
        let begins =
            hours.iter().filter(|hours| hours.days.contains(&day)).filter_map(|hours| At::on(date, time(&hours.from)?));
        begins.filter(|begin| *begin > at).min()
    });
    May::No { next_safe_at: next }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use rstest::rstest;

    use super::*;

    fn at(text: &str) -> At {
        text.parse::<DateTime<Utc>>().unwrap().into()
    }

    fn hours(days: &[Day], from: &str, until: &str) -> SafeHours {
        SafeHours { days: days.to_vec(), from: from.into(), until: until.into() }
    }

    /// In summer, clocks in England are an hour before UTC. 1 April 2026 is a Wednesday.
    #[rstest]
    #[case::before("2026-04-01T07:59:59Z", May::No { next_safe_at: Some(at("2026-04-01T08:00:00Z")) })]
    #[case::from_the_first_minute("2026-04-01T08:00:00Z", May::Yes)]
    #[case::to_the_last("2026-04-01T10:59:59Z", May::Yes)]
    #[case::after("2026-04-01T11:00:00Z", May::No { next_safe_at: Some(at("2026-04-03T12:00:00Z")) })]
    #[case::on_another_day("2026-04-02T09:00:00Z", May::No { next_safe_at: Some(at("2026-04-03T12:00:00Z")) })]
    #[case::over_the_week("2026-04-03T14:00:00Z", May::No { next_safe_at: Some(at("2026-04-08T08:00:00Z")) })]
    #[case::in_winter("2026-01-07T08:30:00Z", May::No { next_safe_at: Some(at("2026-01-07T09:00:00Z")) })]
    fn it_is_safe_in_the_hours_that_were_given(#[case] now: &str, #[case] expected: May) {
        let given = [hours(&[Day::Wednesday], "09:00", "12:00"), hours(&[Day::Friday], "13:00", "15:00")];
        assert_eq!(may(Some(&given), at(now)), expected);
    }

    #[test]
    fn nothing_known_is_neither_yes_nor_no() {
        assert_eq!(may(None, at("2026-04-01T09:00:00Z")), May::Unknown);
        assert_eq!(may(Some(&[]), at("2026-04-01T09:00:00Z")), May::No { next_safe_at: None });
    }

    #[rstest]
    #[case("09:00", "12:00", true)]
    #[case("9:00", "12:00", false)]
    #[case("09:00", "24:00", false)]
    #[case("12:00", "09:00", false)]
    #[case("09:00", "09:00", false)]
    #[case("0900x", "12:00", false)]
    fn hours_begin_before_they_end(#[case] from: &str, #[case] until: &str, #[case] sound: bool) {
        assert_eq!(hours(Day::ALL, from, until).validate().is_ok(), sound);
        assert!(hours(&[], "09:00", "12:00").validate().is_err());
    }
}
