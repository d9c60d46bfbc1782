//! Figures beside the counts: shares of what is shown, and what is no count of people.

use super::catalogue::Table;
use super::{ALL, Released, Shows, Value};
use crate::domain::measures::figure::{Times, number};
use crate::domain::measures::{Kind, homes::UnitTime};

/// On less than this no share and no median is given.
pub const BASE: u64 = 10;

/// A count as a number with a fraction.
pub fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The count in a number with a fraction; it was none before.
pub fn whole(number: f64) -> u64 {
    #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "counts, as they were")]
    let count = number.max(0.0).round() as u64;
    count
}

/// A part in every hundred of counts that are shown, rounded; nothing where one is not shown, or the base is too small.
pub fn share(part: Value, others: &[Value]) -> Value {
    let shown: Option<Vec<u64>> = others.iter().map(|value| value.count()).collect();
    let (Some(part), Some(others)) = (part.count(), shown) else { return Value::none(Shows::NoBase) };
    percent(part, part + others.iter().sum::<u64>())
}

/// A part of a whole, both shown.
pub fn share_of(part: Value, whole: Value) -> Value {
    match part.count().zip(whole.count()) {
        Some((part, whole)) => percent(part.min(whole), whole),
        None => Value::none(Shows::NoBase),
    }
}

fn percent(part: u64, base: u64) -> Value {
    if base < BASE {
        return Value::none(Shows::NoBase);
    }
    Value::of(Shows::Percent, float((part * 200 + base) / (base * 2)))
}

/// The share of this name in an area.
pub fn rate(released: &Released, row: &str, area: &str) -> Value {
    let value = |table: Table, row: &str| released.value(table, row, area);
    let found = match row {
        "denied_rate" => value(Table::Referrals, "denied")
            .zip(value(Table::Referrals, "placed"))
            .map(|(denied, placed)| share(denied, &[placed])),
        "success_rate" => value(Table::Referrals, "placed")
            .zip(value(Table::Referrals, "denied"))
            .map(|(placed, denied)| share(placed, &[denied])),
        "no_space_rate" => value(Table::DeniedByReason, "no_space")
            .zip(value(Table::DeniedByReason, ALL))
            .map(|(part, whole)| share_of(part, whole)),
        "unable_rate" => value(Table::Households, "not_placed")
            .zip(value(Table::Households, "placed").zip(value(Table::Households, "sanctuary")))
            .map(|(unable, (placed, safe))| share(unable, &[placed, safe])),
        "planned_rate" => value(Table::StaysEnded, "planned")
            .zip(value(Table::StaysEnded, "unplanned"))
            .map(|(planned, unplanned)| share(planned, &[unplanned])),
        _ => None,
    };
    found.unwrap_or(Value::none(Shows::NotApplicable))
}

/// What so many homes were used for.
pub fn home_use(homes: u64, time: &UnitTime) -> [(&'static str, Value); 3] {
    let part = |seconds: u64| {
        let percent = crate::domain::measures::percent(seconds, time.online).filter(|_| homes >= BASE);
        percent.map_or(Value::none(Shows::NoBase), |percent| Value::of(Shows::Percent, percent.round()))
    };
    [
        ("availability", part(time.online.saturating_sub(time.void))),
        ("void_rate", part(time.void)),
        ("utilisation", part(time.placed)),
    ]
}

/// The time that half were below, in whole days or to 5 minutes.
pub fn median(seconds: impl IntoIterator<Item = u64>, kind: Kind) -> Value {
    let times: Times = seconds.into_iter().collect();
    let value = times.median(kind).value.filter(|_| times.number() >= BASE);
    match (value, kind) {
        (Some(value), Kind::Minutes) => Value::of(Shows::Minutes, (value / 5.0).round() * 5.0),
        (Some(value), _) => Value::of(Shows::Days, value.round()),
        (None, _) => Value::none(Shows::NoBase),
    }
}

/// Homes for every 10,000 people.
pub fn places(homes: usize, people: Option<u64>) -> Value {
    let figure = people.map(|people| crate::domain::measures::Figure::per_10_000(number(homes), people));
    let value = figure.and_then(|figure| figure.value);
    value.map_or(Value::none(Shows::NotCollected), |value| Value::of(Shows::Per10000, value))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn count(number: u64) -> Value {
        Value::of(Shows::Count, float(number))
    }

    #[rstest]
    #[case::of_rounded_numbers(count(10), count(5), Value::of(Shows::Percent, 67.0))]
    #[case::a_half_is_rounded_up(count(5), count(195), Value::of(Shows::Percent, 3.0))]
    #[case::of_ten_at_least(count(5), count(0), Value::none(Shows::NoBase))]
    #[case::of_what_is_shown(count(50), Value::none(Shows::Few), Value::none(Shows::NoBase))]
    #[case::of_what_is_not_held(Value::none(Shows::Held), count(50), Value::none(Shows::NoBase))]
    fn a_share_is_of_what_is_shown(#[case] part: Value, #[case] other: Value, #[case] expected: Value) {
        assert_eq!(share(part, &[other]), expected);
    }

    #[test]
    fn a_median_of_few_is_none() {
        assert_eq!(median([60; 9], Kind::Minutes), Value::none(Shows::NoBase));
        assert_eq!(median([440; 10], Kind::Minutes), Value::of(Shows::Minutes, 5.0));
        assert_eq!(median([100_000; 10], Kind::Days), Value::of(Shows::Days, 1.0));
    }
}
