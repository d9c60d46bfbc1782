//! How people write what the program knows: days, hours, how long ago.

use std::fmt::{self, Display};

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};

use crate::clock::{At, LONDON};
use crate::domain::measures;
pub use crate::reports::names::label;

/// "24 November 2026".
pub fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// "today", "tomorrow", "Friday 27 November", "3 January 2027".
pub fn day_from(date: NaiveDate, today: NaiveDate) -> String {
    match (date - today).num_days() {
        0 => "today".into(),
        1 => "tomorrow".into(),
        -1 => "yesterday".into(),
        _ if date.year() == today.year() => date.format("%A %-d %B").to_string(),
        _ => day(date),
    }
}

/// "3:05pm".
pub fn clock_time(at: At) -> String {
    let local = at.utc().with_timezone(&LONDON);
    let (afternoon, hour) = local.hour12();
    let half = if afternoon { "pm" } else { "am" };
    match local.minute() {
        0 if hour == 12 => if afternoon { "midday" } else { "midnight" }.into(),
        0 => format!("{hour}{half}"),
        minute => format!("{hour}:{minute:02}{half}"),
    }
}

/// "24 November 2026 at 3:05pm".
pub fn moment(at: At) -> String {
    format!("{} at {}", day(at.date()), clock_time(at))
}

/// "today at 3:05pm".
pub fn moment_from(at: At, now: At) -> String {
    format!("{} at {}", day_from(at.date(), now.date()), clock_time(at))
}

/// "3 hours".
pub fn length(length: TimeDelta) -> String {
    let counted = |n: i64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    match (length.num_minutes(), length.num_hours(), length.num_days()) {
        (..1, ..) => "less than a minute".into(),
        (minutes @ ..120, ..) => counted(minutes, "minute"),
        (_, hours @ ..48, _) => counted(hours, "hour"),
        (.., days) => counted(days, "day"),
    }
}

/// "12 minutes ago" with the exact time for whoever asks: HTML, `|safe` in a template.
pub struct Ago {
    at: At,
    now: At,
}

pub fn ago(at: &At, now: &At) -> Ago {
    Ago { at: *at, now: *now }
}

impl Display for Ago {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.now - self.at < TimeDelta::minutes(1) {
            "just now".to_owned()
        } else {
            format!("{} ago", length(self.now - self.at))
        };
        time(f, self.at, &text)
    }
}

/// "until 3:05pm" and the like, with the exact time.
pub struct When {
    at: At,
    text: String,
}

/// "today at 3:05pm", with the exact time: HTML, `|safe` in a template.
pub fn when(at: &At, now: &At) -> When {
    When { at: *at, text: moment_from(*at, *now) }
}

impl Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        time(f, self.at, &self.text)
    }
}

fn time(f: &mut fmt::Formatter<'_>, at: At, text: &str) -> fmt::Result {
    let exact = at.utc().format("%Y-%m-%dT%H:%M:%SZ");
    write!(f, "<time datetime=\"{exact}\" title=\"{}\">{text}</time>", moment(at))
}

/// For templates, which have no `if` inside an expression.
pub fn either<'a>(first: bool, one: &'a str, other: &'a str) -> &'a str {
    if first { one } else { other }
}

/// "80%", "79.5%"; a dash of nothing.
pub fn percent(part: u64, whole: u64) -> String {
    measures::percent(part, whole).map_or_else(|| "–".into(), |percent| format!("{percent}%"))
}

/// "1 unit", "2 units".
pub fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// A number of days as people say it: "6 months", "4 weeks", "100 days".
pub fn span(days: u16) -> String {
    let many = |n: u16, one: &str| count(n.into(), one);
    let months = (u32::from(days) * 12 + 182) / 365;
    match u16::try_from(months) {
        _ if days < 70 && days.is_multiple_of(7) => many(days / 7, "week"),
        Ok(months) if days >= 60 && days.abs_diff(u16::try_from(u32::from(months) * 365 / 12).unwrap_or(days)) <= 3 => {
            many(months, "month")
        }
        _ => many(days, "day"),
    }
}

/// "12 days over the 6 months that this service is meant for".
pub fn over(days_over: i64, intended: u16) -> String {
    match usize::try_from(days_over) {
        Ok(over) if over > 0 => {
            format!("{} over the {} that this service is meant for", count(over, "day"), span(intended))
        }
        _ => format!("Today it reaches the {} that this service is meant for", span(intended)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use rstest::rstest;

    use super::*;

    fn at(hour: u32, minute: u32) -> At {
        Utc.with_ymd_and_hms(2026, 11, 24, hour, minute, 0).unwrap().into()
    }

    #[test]
    fn times_are_written_as_people_write_them() {
        assert_eq!(moment(at(15, 5)), "24 November 2026 at 3:05pm");
        assert_eq!(
            (clock_time(at(12, 0)), clock_time(at(0, 0)), clock_time(at(9, 0))),
            ("midday".into(), "midnight".into(), "9am".into())
        );
        assert_eq!(moment_from(at(9, 30), at(8, 0)), "today at 9:30am");
        assert_eq!(
            ago(&at(9, 30), &at(9, 42)).to_string(),
            "<time datetime=\"2026-11-24T09:30:00Z\" title=\"24 November 2026 at 9:30am\">12 minutes ago</time>"
        );
    }

    #[rstest]
    #[case(182, "6 months")]
    #[case(183, "6 months")]
    #[case(28, "4 weeks")]
    #[case(7, "1 week")]
    #[case(92, "3 months")]
    #[case(365, "12 months")]
    #[case(730, "24 months")]
    #[case(100, "100 days")]
    #[case(1, "1 day")]
    fn a_number_of_days_is_told_as_people_say_it(#[case] days: u16, #[case] text: &str) {
        assert_eq!(span(days), text);
    }

    #[rstest]
    #[case(TimeDelta::seconds(20), "less than a minute")]
    #[case(TimeDelta::minutes(1), "1 minute")]
    #[case(TimeDelta::minutes(119), "119 minutes")]
    #[case(TimeDelta::minutes(120), "2 hours")]
    #[case(TimeDelta::hours(47), "47 hours")]
    #[case(TimeDelta::hours(48), "2 days")]
    fn lengths_are_rounded_down_to_what_matters(#[case] of: TimeDelta, #[case] text: &str) {
        assert_eq!(length(of), text);
    }
}
