//! A time of a day as people type it: "2:30pm", "14.30", "9am".

use chrono::{NaiveTime, TimeDelta};

use super::form::{Posted, missing};
use crate::clock::At;
use crate::error::AppError;

/// An instant, from the boxes of a day and `NAME-time`. `None` when all are empty; a time alone is one of today, and the
/// minute that is running is now.
///
/// # Errors
/// [`AppError::Invalid`] when there is no such instant, or only the day is given.
pub fn read(posted: &Posted, name: &str, now: At) -> Result<Option<At>, AppError> {
    let date = posted.date(name)?;
    let text = posted.get(&format!("{name}-time"));
    if date.is_none() && text.is_empty() {
        return Ok(None);
    }
    let time = time(text).ok_or_else(|| missing(name, "Enter the time, like 2:30pm"))?;
    let typed = At::on(date.unwrap_or(now.date()), time)
        .ok_or_else(|| missing(name, "Enter another time: the clocks went forward over this one"))?;
    let running = typed <= now && now < typed + TimeDelta::minutes(1);
    Ok(Some(if running { now } else { typed }))
}

fn time(text: &str) -> Option<NaiveTime> {
    let text = text.to_lowercase().replace(' ', "").replace('.', ":");
    match text.as_str() {
        "midday" | "noon" => return NaiveTime::from_hms_opt(12, 0, 0),
        "midnight" => return NaiveTime::from_hms_opt(0, 0, 0),
        _ => {}
    }
    let (digits, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(0)),
        (_, Some(digits)) => (digits, Some(12)),
        _ => (text.as_str(), None),
    };
    let (hour, minute) = match digits.split_once(':') {
        Some((hour, minute)) if minute.len() == 2 => (hour.parse().ok()?, minute.parse().ok()?),
        None if half.is_some() => (digits.parse().ok()?, 0),
        _ => return None,
    };
    let hour: u32 = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, 0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2:30pm", Some((14, 30)))]
    #[case("14.30", Some((14, 30)))]
    #[case("9 AM", Some((9, 0)))]
    #[case("12am", Some((0, 0)))]
    #[case("12:05 pm", Some((12, 5)))]
    #[case("noon", Some((12, 0)))]
    #[case("13pm", None)]
    #[case("25:00", None)]
    #[case("9", None)]
    #[case("", None)]
    fn a_time_is_read_as_people_write_it(#[case] text: &str, #[case] read: Option<(u32, u32)>) {
        assert_eq!(time(text), read.and_then(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0)));
    }
}
