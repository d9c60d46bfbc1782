//! What the reports count, each defined once.
//!
//! Denied access is counted two ways that are never mixed: *per referral* (a referral that ended other than placed) and
//! *per household* (a case closed without a placement: the "household unable to be supported" of the national return).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::figure::{change, points};
use crate::domain::referral::State;
use crate::domain::words;

words! {
    /// What a count can be broken down by.
    Dimension {
        /// The primary reason. Absent for what was not denied.
        Reason = "reason",
        DecidedBy = "decided_by",
        WomensAidGroup = "womens_aid_group",
        ReturnGroup = "return_group",
        /// Per referral the area of the service, per household the area that it comes from.
        Area = "area",
        Service = "service",
        AccommodationType = "accommodation_type",
        /// Per referral the month in which it was sent, per household the month in which the case was closed.
        Month = "month",
        Source = "source",
        WhatHappenedNext = "what_happened_next",
        /// What it is made of.
        Household = "household",
    }
}

words! {
    /// What became of one referral or one household.
    #[schema(as = DeniedAccessOutcome)]
    Access {
        Placed = "placed",
        /// Their own home was made safe: given safe accommodation, and no place.
        SafeAtHome = "safe_at_home",
        Denied = "denied",
        Open = "open",
    }
}

impl Access {
    pub fn of_referral(state: State) -> Self {
        match state {
            state if state.open() => Self::Open,
            state if state.denied() => Self::Denied,
            _ => Self::Placed,
        }
    }
}

/// Something that is counted once: a referral or a household, or so many of them that are alike.
pub trait Counted {
    fn access(&self) -> Access;
    /// How many it stands for.
    fn number(&self) -> u64 {
        1
    }
    /// Its value in a dimension; `None` where it has none.
    fn value(&self, dimension: Dimension) -> Option<String>;
}

/// How many there were, and what became of them. `total = placed + safe_at_home + denied + open`, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AccessCounts)]
pub struct Counts {
    pub total: u64,
    pub placed: u64,
    /// Households whose own home was made safe; absent when there are none. A sanctuary scheme is safe accommodation of
    /// Part 4 of the Domestic Abuse Act 2021: nobody was turned away, and nobody was given a place.
    #[serde(default, skip_serializing_if = "none")]
    pub safe_at_home: u64,
    pub denied: u64,
    /// Not decided yet.
    pub open: u64,
}

/// The counts of those that share a value in every dimension asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cell {
    /// By the name of the dimension. Null where the dimension does not apply: what was not denied has no reason.
    pub by: BTreeMap<String, Option<String>>,
    /// Of a service: by what its records are asked for, which is its id, or `confidential` for all those whose name the
    /// reader is not told. No name stands in an address. (S6, S27)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_key: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
    /// Those of the period before. Absent when that was not asked for, and when the cells are of months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Counts>,
}

/// The whole of a count in the period before, and how it has changed since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AccessBefore)]
pub struct Before {
    #[serde(flatten)]
    pub counts: Counts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_percent: Option<f64>,
    /// How many more or less there are now, in percent of what there was. Absent from nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_change: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_change: Option<f64>,
    /// How much higher or lower the share of the denied is now, in percentage points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_points: Option<f64>,
}

/// A count, as a whole and broken down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tally {
    #[serde(flatten)]
    pub counts: Counts,
    /// Denied in every hundred that ended, to one decimal; absent when none ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied_percent: Option<f64>,
    /// The whole of the period before. Absent when that was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    pub cells: Vec<Cell>,
}

impl Tally {
    /// Beside what was counted in the period before. What there was only then has a cell too, in which there is nothing now.
    #[must_use]
    pub fn against(mut self, before: Self) -> Self {
        let (now, then) = (self.counts, before.counts);
        self.before = Some(Before {
            counts: then,
            denied_percent: before.denied_percent,
            total_change: change(then.total, now.total),
            denied_change: change(then.denied, now.denied),
            denied_points: points(before.denied_percent, self.denied_percent),
        });
        let of_months = |cell: &Cell| cell.by.contains_key(Dimension::Month.as_str());
        if self.cells.iter().chain(&before.cells).any(of_months) {
            return self;
        }
        let keys = self.cells.iter().chain(&before.cells);
        let keys: BTreeMap<_, _> = keys.filter_map(|cell| Some((cell.by.clone(), cell.service_key.clone()?))).collect();
        let cells: BTreeMap<_, _> = self.cells.into_iter().map(|cell| (cell.by, cell.counts)).collect();
        let earlier: BTreeMap<_, _> = before.cells.into_iter().map(|cell| (cell.by, cell.counts)).collect();
        let all: BTreeSet<_> = cells.keys().chain(earlier.keys()).cloned().collect();
        let cell = |by| Cell {
            counts: cells.get(&by).copied().unwrap_or_default(),
            before: Some(earlier.get(&by).copied().unwrap_or_default()),
            service_key: keys.get(&by).cloned(),
            by,
        };
        self.cells = all.into_iter().map(cell).collect();
        self
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn none(count: &u64) -> bool {
    *count == 0
}

impl Counts {
    fn add(&mut self, access: Access, number: u64) {
        self.total += number;
        match access {
            Access::Placed => self.placed += number,
            Access::SafeAtHome => self.safe_at_home += number,
            Access::Denied => self.denied += number,
            Access::Open => self.open += number,
        }
    }

    /// All but those that are not decided yet.
    pub fn ended(self) -> u64 {
        self.placed + self.safe_at_home + self.denied
    }

    /// Denied in every hundred that ended, to one decimal. `None` when none ended.
    pub fn denied_percent(self) -> Option<f64> {
        percent(self.denied, self.ended())
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        self.placed += other.placed;
        self.safe_at_home += other.safe_at_home;
        self.denied += other.denied;
        self.open += other.open;
    }
}

/// A part in every hundred of a whole, to one decimal; a half is rounded up. `None` of nothing.
pub fn percent(part: u64, whole: u64) -> Option<f64> {
    let tenths = (part * 2000 + whole).checked_div(whole * 2)?;
    Some(f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0)
}

/// Counts each once, as a whole and in the cell of its values.
pub fn tally<C: Counted>(counted: impl IntoIterator<Item = C>, by: &[Dimension]) -> Tally {
    let mut whole = Counts::default();
    let mut cells: BTreeMap<Vec<Option<String>>, Counts> = BTreeMap::new();
    for one in counted {
        let values = by.iter().map(|dimension| one.value(*dimension)).collect();
        whole.add(one.access(), one.number());
        cells.entry(values).or_default().add(one.access(), one.number());
    }
    let named = |values: Vec<Option<String>>| {
        by.iter().zip(values).map(|(dimension, value)| (dimension.as_str().to_owned(), value)).collect()
    };
    let cell = |(values, counts)| Cell { by: named(values), service_key: None, counts, before: None };
    let cells = cells.into_iter().map(cell).collect();
    Tally { counts: whole, denied_percent: whole.denied_percent(), before: None, cells }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[derive(Debug, Clone)]
    struct One(Access, u8, u8);

    /// Some that are alike.
    struct Several<'a>(&'a One, u64);

    impl Counted for Several<'_> {
        fn access(&self) -> Access {
            self.0.access()
        }

        fn number(&self) -> u64 {
            self.1
        }

        fn value(&self, dimension: Dimension) -> Option<String> {
            self.0.value(dimension)
        }
    }

    impl Counted for &One {
        fn access(&self) -> Access {
            self.0
        }

        fn value(&self, dimension: Dimension) -> Option<String> {
            match dimension {
                Dimension::Reason => (self.0 == Access::Denied).then(|| self.1.to_string()),
                Dimension::Month => Some(self.2.to_string()),
                _ => None,
            }
        }
    }

    fn one() -> impl Strategy<Value = One> {
        let access =
            prop_oneof![Just(Access::Placed), Just(Access::SafeAtHome), Just(Access::Denied), Just(Access::Open)];
        (access, 0..4u8, 0..3u8).prop_map(|(access, reason, month)| One(access, reason, month))
    }

    proptest! {
        /// S41
        #[test]
        fn s41_every_breakdown_adds_up_to_the_whole(
            history in prop::collection::vec(one(), 0..200),
            by in prop::sample::subsequence(vec![Dimension::Reason, Dimension::Month, Dimension::Area], 0..=3),
        ) {
            let tally = tally(&history, &by);
            prop_assert_eq!(tally.counts.total, history.len() as u64);
            let Counts { total, placed, safe_at_home, denied, open } = tally.counts;
            prop_assert_eq!(total, placed + safe_at_home + denied + open);
            let sum = |of: fn(Counts) -> u64| tally.cells.iter().map(|cell| of(cell.counts)).sum::<u64>();
            prop_assert_eq!(
                (sum(|c| c.total), sum(|c| c.placed), sum(|c| c.safe_at_home), sum(|c| c.denied), sum(|c| c.open)),
                (total, placed, safe_at_home, denied, open)
            );
        }
    }

    proptest! {
        /// S41
        #[test]
        fn s41_those_that_are_alike_count_as_each_of_them(
            history in prop::collection::vec((one(), 0..5_u64), 0..50),
            by in prop::sample::subsequence(vec![Dimension::Reason, Dimension::Month], 0..=2),
        ) {
            let each = history.iter().flat_map(|(one, number)| (0..*number).map(move |_| one));
            let together = history.iter().filter(|(_, number)| *number > 0).map(|(one, number)| Several(one, *number));
            prop_assert_eq!(tally(each, &by), tally(together, &by));
        }
    }

    #[rstest]
    #[case(0, 0, None)]
    #[case(0, 7, Some(0.0))]
    #[case(1, 3, Some(33.3))]
    #[case(2, 3, Some(66.7))]
    #[case(1, 8, Some(12.5))]
    #[case(5, 5, Some(100.0))]
    fn a_percentage_has_one_decimal(#[case] part: u64, #[case] whole: u64, #[case] expected: Option<f64>) {
        assert_eq!(percent(part, whole), expected);
    }
}
