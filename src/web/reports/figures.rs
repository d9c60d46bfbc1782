//! Sums over the cells of a report, and the words for what they are broken down by.

use std::collections::BTreeMap;

use crate::domain::measures::{Cell, Counts, Dimension};
pub use crate::reports::names::Labels;

/// What a manager may break the figures down by, beside reason and month.
pub const BREAKDOWNS: [(Dimension, &str); 9] = [
    (Dimension::Service, "Service"),
    (Dimension::Area, "Area"),
    (Dimension::AccommodationType, "Kind of place"),
    (Dimension::Source, "Who asked for help"),
    (Dimension::Household, "What the household is made of"),
    (Dimension::DecidedBy, "Whose decision"),
    (Dimension::WomensAidGroup, "Women's Aid group"),
    (Dimension::ReturnGroup, "National return group"),
    (Dimension::WhatHappenedNext, "What happened next"),
];

/// Whether only what was denied has a value in it.
pub fn of_denials(by: Dimension) -> bool {
    use Dimension::{DecidedBy, Reason, ReturnGroup, WhatHappenedNext, WomensAidGroup};
    matches!(by, Reason | DecidedBy | WomensAidGroup | ReturnGroup | WhatHappenedNext)
}

/// What is counted in some cells, by the value of a dimension.
pub fn sums<'a>(cells: impl IntoIterator<Item = &'a Cell>, by: Dimension) -> BTreeMap<Option<String>, Counts> {
    let mut sums: BTreeMap<Option<String>, Counts> = BTreeMap::new();
    for cell in cells {
        let value = cell.by.get(by.as_str()).cloned().flatten();
        *sums.entry(value).or_default() += cell.counts;
    }
    sums
}

/// Values of a dimension with their names and counts.
pub type Ranked = [(Option<String>, String, Counts)];

/// As [`sums`], with names, the most denied first. Equal ones stand in the order of their names.
pub fn ranked<'a>(
    cells: impl IntoIterator<Item = &'a Cell>,
    by: Dimension,
    labels: &Labels,
) -> Vec<(Option<String>, String, Counts)> {
    let named = sums(cells, by).into_iter().map(|(value, counts)| {
        let name = labels.name(by, value.as_deref());
        (value, name, counts)
    });
    let mut rows: Vec<_> = named.collect();
    rows.sort_by(|(_, a, one), (_, b, two)| two.denied.cmp(&one.denied).then_with(|| a.cmp(b)));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(reason: Option<&str>, service: &str, total: u64) -> Cell {
        let (placed, denied) = if reason.is_some() { (0, total) } else { (total, 0) };
        let by = [("reason", reason), ("service", Some(service))];
        let by = by.into_iter().map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        Cell {
            by: by.collect(),
            service_key: None,
            counts: Counts { total, placed, safe_at_home: 0, denied, open: 0 },
            before: None,
        }
    }

    #[test]
    fn sums_by_any_dimension_are_sums_of_the_same_cells() {
        let cells = [
            cell(Some("no_space"), "A", 3),
            cell(Some("no_pets"), "A", 1),
            cell(Some("no_space"), "B", 2),
            cell(None, "B", 5),
        ];
        let labels = Labels::new(&[], &[]);
        let services = ranked(&cells, Dimension::Service, &labels);
        assert_eq!(
            services.iter().map(|(_, name, c)| (name.as_str(), c.denied, c.total)).collect::<Vec<_>>(),
            [("A", 4, 4), ("B", 2, 7)]
        );
        let reasons = sums(&cells, Dimension::Reason);
        assert_eq!(reasons.values().map(|counts| counts.total).sum::<u64>(), 11);
        assert_eq!(reasons[&Some("no_space".to_owned())].denied, 5);
    }
}
