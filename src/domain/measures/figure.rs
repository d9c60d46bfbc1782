//! Figures, and how they are rounded: percentages, days and minutes to one decimal, places per 10,000 to two; a half is
//! rounded up. What a figure was worked out from is kept beside it, so that it can be worked out again.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::Code;
use super::target::Target;
use crate::clock::At;
use crate::domain::words;

words! {
    /// What the value of a measure is.
    #[schema(as = MeasureKind)]
    Kind {
        Count = "count",
        Percent = "percent",
        /// Of 24 hours.
        Days = "days",
        Minutes = "minutes",
        /// In pounds.
        Money = "money",
        Per10000 = "per_10_000",
    }
}

/// A value, and what it was worked out from.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Figure {
    /// Null where there is nothing to work it out from.
    pub value: Option<f64>,
    /// Of a share, a mean or a rate the part or the sum. Time is in seconds.
    pub numerator: Option<u64>,
    /// Of a share, a mean or a rate the whole; of a median or a percentile how many there were. Time is in seconds.
    pub denominator: Option<u64>,
}

/// The figure of those that share a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = MeasureRow)]
pub struct Row {
    /// Null where it is not known, or does not apply.
    pub of: Option<String>,
    /// Of a service: by what its records are asked for, which is its id, or `confidential` for all those whose name the
    /// reader is not told. No name stands in an address. (S6, S27)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(flatten)]
    pub figure: Figure,
}

impl Row {
    pub fn new(of: Option<String>, figure: Figure) -> Self {
        Self { of, key: None, figure }
    }
}

/// A measure broken down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = MeasureBreakdown)]
pub struct Breakdown {
    pub by: String,
    pub rows: Vec<Row>,
}

/// A measure of one organisation and one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Measure {
    pub code: Code,
    pub kind: Kind,
    #[serde(flatten)]
    pub figure: Figure,
    /// So many could not be counted, because something about them is not recorded. Absent where that cannot be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<u64>,
    /// What has to be known of this figure, beside the caveats of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The same of the period before. Absent when that was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// What the organisation wants it to be. Absent when nobody has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breakdowns: Vec<Breakdown>,
}

impl Measure {
    pub fn new(code: Code, figure: Figure) -> Self {
        let kind = code.definition().kind;
        Self { code, kind, figure, unknown: None, note: None, before: None, target: None, breakdowns: Vec::new() }
    }

    pub fn count(code: Code, number: u64) -> Self {
        Self::new(code, Figure::count(number))
    }

    #[must_use]
    pub fn unknown(self, number: u64) -> Self {
        Self { unknown: Some(number), ..self }
    }

    /// Beside the figure of the period before.
    #[must_use]
    pub fn against(self, before: &Self) -> Self {
        Self { before: Some(Before::of(self.kind, before.figure, self.figure)), ..self }
    }

    #[must_use]
    pub fn note(self, note: &str) -> Self {
        Self { note: Some(note.to_owned()), ..self }
    }

    #[must_use]
    pub fn by(mut self, dimension: &str, rows: Vec<Row>) -> Self {
        self.breakdowns.push(Breakdown { by: dimension.to_owned(), rows });
        self
    }

    /// Broken down into a count of each value.
    #[must_use]
    pub fn counted(self, dimension: &str, values: impl IntoIterator<Item = Option<String>>) -> Self {
        self.by(dimension, counts(values))
    }
}

impl Figure {
    pub fn count(number: u64) -> Self {
        Self { value: rounded(number, 1, 1), numerator: None, denominator: None }
    }

    /// A part in every hundred of a whole.
    pub fn share(part: u64, whole: u64) -> Self {
        Self { value: super::percent(part, whole), numerator: Some(part), denominator: Some(whole) }
    }

    /// So many seconds, told in days.
    pub fn days(seconds: u64) -> Self {
        Self { value: rounded(seconds, DAY, 10), numerator: Some(seconds), denominator: None }
    }

    /// So many seconds, told in minutes.
    pub fn minutes(seconds: u64) -> Self {
        Self { value: rounded(seconds, 60, 10), numerator: Some(seconds), denominator: None }
    }

    /// The mean of so many counts.
    pub fn mean(sum: u64, number: u64) -> Self {
        Self { value: rounded(sum, number, 10), numerator: Some(sum), denominator: Some(number) }
    }

    /// An amount of money, kept in pence beside its pounds.
    pub fn pounds(pence: u64) -> Self {
        let pounds = f64::from(u32::try_from(pence).unwrap_or(u32::MAX)) / 100.0;
        Self { value: Some(pounds), numerator: Some(pence), denominator: None }
    }

    /// Places for every 10,000 people, to two decimals.
    pub fn per_10_000(places: u64, people: u64) -> Self {
        Self { value: rounded(places * 10_000, people, 100), numerator: Some(places), denominator: Some(people) }
    }
}

const DAY: u64 = 86_400;

/// A fraction in so many parts of one, a half rounded up. `None` of nothing.
fn rounded(numerator: u64, denominator: u64, parts: u32) -> Option<f64> {
    let units = (numerator * 2 * u64::from(parts) + denominator).checked_div(denominator * 2)?;
    Some(f64::from(u32::try_from(units).unwrap_or(u32::MAX)) / f64::from(parts))
}

/// How much more or less than before, in every hundred of what was before, to one decimal. `None` from nothing.
pub fn change(before: u64, after: u64) -> Option<f64> {
    let percent = super::percent(before.abs_diff(after), before)?;
    Some(if after < before { -percent } else { percent })
}

/// How much higher or lower a value is than another, in its own unit, to so many decimals as it has. `None` without both.
pub fn difference(before: Option<f64>, after: Option<f64>, decimals: i32) -> Option<f64> {
    let (before, after) = before.zip(after)?;
    let parts = 10_f64.powi(decimals);
    let difference = ((after * parts).round() - (before * parts).round()) / parts;
    Some(if difference == 0.0 { 0.0 } else { difference }) // and not -0
}

/// How much higher or lower a share is, in percentage points.
pub fn points(before: Option<f64>, after: Option<f64>) -> Option<f64> {
    difference(before, after, 1)
}

words! {
    /// In what a change is told.
    #[schema(as = MeasureChangeUnit)]
    ChangeUnit {
        /// Of what there was before.
        Percent = "percent",
        /// Percentage points, between two percentages.
        Points = "points",
        Days = "days",
        Minutes = "minutes",
        Per10000 = "per_10_000",
    }
}

/// The figure of the period before, and what has changed since.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = MeasureBefore)]
pub struct Before {
    #[serde(flatten)]
    pub figure: Figure,
    /// How much higher or lower the value is now. Null without both, and in percent of nothing.
    pub change: Option<f64>,
    pub change_in: ChangeUnit,
}

impl Before {
    /// What a figure of this kind was before, and is now.
    pub fn of(kind: Kind, figure: Figure, now: Figure) -> Self {
        let of_whole = |figure: Figure| figure.numerator.or_else(|| figure.value.map(whole));
        let percent = || of_whole(figure).zip(of_whole(now)).and_then(|(before, after)| change(before, after));
        let by = |decimals| difference(figure.value, now.value, decimals);
        let (change, change_in) = match kind {
            // The mean of counts has a decimal and no percent of its own.
            Kind::Count if now.denominator.is_some() || figure.denominator.is_some() => {
                (mean_change(figure, now), ChangeUnit::Percent)
            }
            Kind::Count | Kind::Money => (percent(), ChangeUnit::Percent),
            Kind::Percent => (by(1), ChangeUnit::Points),
            Kind::Days => (by(1), ChangeUnit::Days),
            Kind::Minutes => (by(1), ChangeUnit::Minutes),
            Kind::Per10000 => (by(2), ChangeUnit::Per10000),
        };
        Self { figure, change, change_in }
    }
}

/// Of means, by their tenths.
fn mean_change(before: Figure, after: Figure) -> Option<f64> {
    let tenths = |figure: Figure| figure.value.map(|value| whole(value * 10.0));
    let (before, after) = tenths(before).zip(tenths(after))?;
    change(before, after)
}

/// A count, or the tenths of a mean, that a figure holds as a fraction.
fn whole(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it came from a whole number that fits"
    )]
    let whole = value.round() as u64;
    whole
}

/// The time from one instant to another, in whole seconds: none when it is the wrong way round. Instants are cut to the
/// second first, so that what follows without a gap adds up without one.
pub fn seconds(from: At, to: At) -> u64 {
    u64::try_from(to.unix_seconds() - from.unix_seconds()).unwrap_or(0)
}

/// Times in seconds, the shortest first.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<u64>);

impl FromIterator<u64> for Times {
    fn from_iter<I: IntoIterator<Item = u64>>(times: I) -> Self {
        let mut times: Vec<u64> = times.into_iter().collect();
        times.sort_unstable();
        Self(times)
    }
}

impl Times {
    pub fn number(&self) -> u64 {
        number(self.0.len())
    }

    /// The one in the middle, or the mean of the two in the middle.
    pub fn median(&self, kind: Kind) -> Figure {
        let upper = self.0.len() / 2;
        let lower = if self.0.len().is_multiple_of(2) { upper.saturating_sub(1) } else { upper };
        let middle = self.0.get(lower).zip(self.0.get(upper));
        self.told(middle.and_then(|(lower, upper)| rounded(lower + upper, 2 * unit(kind), 10)))
    }

    /// The shortest that at least nine in ten do not exceed: the nearest rank, which is always a time that there was.
    pub fn ninetieth(&self, kind: Kind) -> Figure {
        let rank = (self.0.len() * 9).div_ceil(10);
        self.told(rank.checked_sub(1).and_then(|rank| self.0.get(rank)).and_then(|time| rounded(*time, unit(kind), 10)))
    }

    pub fn mean(&self, kind: Kind) -> Figure {
        let sum = self.0.iter().sum();
        Figure { numerator: Some(sum), ..self.told(rounded(sum, unit(kind) * self.number(), 10)) }
    }

    /// The share of those that took no longer.
    pub fn within(&self, longest: TimeDelta) -> Figure {
        let longest = u64::try_from(longest.num_seconds()).unwrap_or(0);
        Figure::share(number(self.0.iter().filter(|time| **time <= longest).count()), self.number())
    }

    fn told(&self, value: Option<f64>) -> Figure {
        Figure { value, numerator: None, denominator: Some(self.number()) }
    }
}

fn unit(kind: Kind) -> u64 {
    if kind == Kind::Minutes { 60 } else { DAY }
}

/// "354,036".
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let place = |(n, digit): (usize, char)| {
        let comma = n > 0 && (digits.len() - n).is_multiple_of(3);
        comma.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(place).collect()
}

/// How many, as the figures count.
pub fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// How many there are of each value, in the order of the values; what has none comes first.
pub fn counts(values: impl IntoIterator<Item = Option<String>>) -> Vec<Row> {
    let mut counts: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().map(|(of, number)| Row::new(of, Figure::count(number))).collect()
}

/// Puts records that share a value together.
pub fn grouped<T>(records: &[T], value: impl Fn(&T) -> String) -> BTreeMap<String, Vec<&T>> {
    let mut groups: BTreeMap<String, Vec<&T>> = BTreeMap::new();
    for record in records {
        groups.entry(value(record)).or_default().push(record);
    }
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// The figures that Leicester and Leicestershire published: 67 referrals, then 281, then 252.
    #[rstest]
    #[case(67, 281, Some(319.4))] // 214 / 67 = 3.1940
    #[case(281, 252, Some(-10.3))] // -29 / 281 = -0.1032
    #[case(5, 5, Some(0.0))]
    #[case(4, 0, Some(-100.0))]
    #[case(0, 9, None)]
    fn a_change_is_told_in_percent(#[case] before: u64, #[case] after: u64, #[case] expected: Option<f64>) {
        assert_eq!(change(before, after), expected);
    }

    /// 33 of 67, 138 of 281 and 129 of 252 were placed.
    #[rstest]
    #[case(33, 67, 49.3)] // 0.49254
    #[case(138, 281, 49.1)] // 0.49110
    #[case(129, 252, 51.2)] // 0.51190
    fn a_published_rate_of_success_is_reproduced(#[case] placed: u64, #[case] ended: u64, #[case] percent: f64) {
        let expected = Figure { value: Some(percent), numerator: Some(placed), denominator: Some(ended) };
        assert_eq!(Figure::share(placed, ended), expected);
    }

    #[rstest]
    #[case::counts(Kind::Count, Figure::count(67), Figure::count(281), Some(319.4), ChangeUnit::Percent)]
    #[case::from_nothing(Kind::Count, Figure::count(0), Figure::count(3), None, ChangeUnit::Percent)]
    #[case::means(Kind::Count, Figure::mean(5, 2), Figure::mean(10, 4), Some(0.0), ChangeUnit::Percent)]
    #[case::money(Kind::Money, Figure::pounds(10_000), Figure::pounds(5_000), Some(-50.0), ChangeUnit::Percent)]
    #[case::shares(Kind::Percent, Figure::share(138, 281), Figure::share(129, 252), Some(2.1), ChangeUnit::Points)]
    #[case::of_nothing(Kind::Percent, Figure::share(0, 0), Figure::share(1, 2), None, ChangeUnit::Points)]
    #[case::days(Kind::Days, Figure::days(110 * DAY), Figure::days(102 * DAY), Some(-8.0), ChangeUnit::Days)]
    fn a_figure_is_compared_with_the_one_before(
        #[case] kind: Kind,
        #[case] before: Figure,
        #[case] now: Figure,
        #[case] change: Option<f64>,
        #[case] unit: ChangeUnit,
    ) {
        let told = Before::of(kind, before, now);
        assert_eq!((told.change, told.change_in), (change, unit));
    }

    const HOUR: u64 = 3_600;

    #[rstest]
    #[case::none(&[], None, None, None)]
    #[case::one(&[24], Some(1.0), Some(1.0), Some(1.0))]
    #[case::the_mean_of_the_middle_two(&[96, 24, 48, 240], Some(3.0), Some(10.0), Some(4.3))] // (2+4)/2; 408 h / 4 = 4.25
    #[case::the_ninth_of_ten(&[24, 48, 72, 96, 120, 144, 168, 192, 216, 2_400], Some(5.5), Some(9.0), Some(14.5))]
    #[case::the_tenth_of_eleven(&[24, 24, 24, 24, 24, 24, 24, 24, 24, 48, 72], Some(1.0), Some(2.0), Some(1.3))] // 14/11
    fn times_are_told_in_days(
        #[case] hours: &[u64],
        #[case] median: Option<f64>,
        #[case] ninetieth: Option<f64>,
        #[case] mean: Option<f64>,
    ) {
        let times: Times = hours.iter().map(|hours| hours * HOUR).collect();
        let told = [times.median(Kind::Days), times.ninetieth(Kind::Days), times.mean(Kind::Days)];
        assert_eq!(told.map(|figure| figure.value), [median, ninetieth, mean]);
        assert!(told.iter().all(|figure| figure.denominator == Some(times.number())));
    }

    #[test]
    fn two_hours_exactly_are_within_two_hours() {
        let times: Times = [0, 7_200, 7_201].into_iter().collect();
        assert_eq!(times.within(TimeDelta::hours(2)), Figure::share(2, 3));
        assert_eq!(times.median(Kind::Minutes).value, Some(120.0));
    }

    #[rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(354_036, "354,036")]
    #[case(1_000_000, "1,000,000")]
    fn large_numbers_have_commas(#[case] number: u64, #[case] written: &str) {
        assert_eq!(thousands(number), written);
    }

    #[test]
    fn places_per_10_000_have_two_decimals() {
        // 94 homes for the 354,036 people of Leicester: 2.6551; 25 for the 712,300 of Leicestershire: 0.3510.
        assert_eq!(Figure::per_10_000(94, 354_036).value, Some(2.66));
        assert_eq!(Figure::per_10_000(25, 712_300).value, Some(0.35));
        assert_eq!(Figure::per_10_000(3, 0).value, None);
    }

    proptest! {
        #[test]
        fn a_share_is_that_of_its_own_parts(part in 0..1_000_u64, more in 0..1_000_u64) {
            let figure = Figure::share(part, part + more);
            let again = figure.numerator.zip(figure.denominator).and_then(|(part, whole)| super::super::percent(part, whole));
            prop_assert_eq!(figure.value, again);
            prop_assert!(figure.value.is_none_or(|percent| (0.0..=100.0).contains(&percent)));
        }

        #[test]
        fn the_middle_lies_between_the_ends(times in prop::collection::vec(0..100_000_000_u64, 1..50)) {
            let sorted: Times = times.iter().copied().collect();
            let in_days = |seconds: u64| Figure::days(seconds).value;
            let (least, most) = (in_days(times.iter().copied().min().unwrap()), in_days(times.iter().copied().max().unwrap()));
            for figure in [sorted.median(Kind::Days), sorted.ninetieth(Kind::Days), sorted.mean(Kind::Days)] {
                prop_assert!(least <= figure.value && figure.value <= most);
            }
            prop_assert!(sorted.median(Kind::Days).value <= sorted.ninetieth(Kind::Days).value);
        }
    }
}
