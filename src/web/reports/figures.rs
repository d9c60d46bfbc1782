//! Sums over the cells of a report, and the words for what they are broken down by.

use std::collections::BTreeMap;

use crate::domain::measures::{Cell, Counts, Dimension};
use crate::domain::provision::AccommodationType;
use crate::domain::reference::{Area, Code};
use crate::web::matching::accommodation_type;
use crate::web::words;

/// What a manager may break the figures down by, beside reason and month.
pub const BREAKDOWNS: [(Dimension, &str); 8] = [
    (Dimension::Service, "Service"),
    (Dimension::Area, "Area"),
    (Dimension::AccommodationType, "Kind of place"),
    (Dimension::Source, "Who asked for help"),
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

/// The words for codes.
pub struct Labels(BTreeMap<(&'static str, String), String>);

impl Labels {
    pub fn new(codes: &[Code], areas: &[Area]) -> Self {
        let lists = ["denial_reason", "referral_source", "what_happened_next"];
        let coded = lists.into_iter().flat_map(|list| {
            let of_list = codes.iter().filter(move |code| code.list == list);
            of_list.map(move |code| ((list, code.code.clone()), code.label.clone()))
        });
        let areas = areas.iter().map(|area| (("area", area.code.clone()), area.name.clone()));
        Self(coded.chain(areas).collect())
    }

    pub fn knows_reason(&self, code: &str) -> bool {
        self.0.contains_key(&("denial_reason", code.to_owned()))
    }

    /// A value of this dimension, in words.
    pub fn name(&self, by: Dimension, value: Option<&str>) -> String {
        let Some(value) = value else { return "Not known".into() };
        let listed = |list: &'static str| self.0.get(&(list, value.to_owned())).cloned();
        let name = match by {
            Dimension::Reason => listed("denial_reason"),
            Dimension::Area => listed("area"),
            Dimension::Source => listed("referral_source"),
            Dimension::WhatHappenedNext => listed("what_happened_next"),
            Dimension::AccommodationType => {
                value.parse().ok().map(|kind: AccommodationType| accommodation_type(kind).to_owned())
            }
            Dimension::Service => Some(value.to_owned()),
            Dimension::DecidedBy | Dimension::WomensAidGroup | Dimension::ReturnGroup | Dimension::Month => {
                group(by, value).map(str::to_owned)
            }
        };
        name.unwrap_or_else(|| words::label(value))
    }
}

fn group(by: Dimension, value: &str) -> Option<&'static str> {
    Some(match (by, value) {
        (Dimension::DecidedBy, "provider") => "The refuge or service",
        (Dimension::DecidedBy, "survivor") => "The survivor",
        (Dimension::DecidedBy, "referrer") => "The helpline or council",
        (Dimension::DecidedBy, "system") => "Nobody: the way things are set up",
        (Dimension::WomensAidGroup, "capacity") => "The service could not meet the need",
        (Dimension::WomensAidGroup, "survivor_declined") => "The survivor did not want it",
        (Dimension::WomensAidGroup, "inappropriate") => "The referral did not fit the service",
        (Dimension::ReturnGroup, "no_capacity") => "No capacity",
        (Dimension::ReturnGroup, "needs_not_met") => "Needs could not be met",
        (Dimension::ReturnGroup, "survivor_choice") => "The survivor's choice",
        (_, "other") => "Other",
        _ => return None,
    })
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
        Cell { by: by.collect(), counts: Counts { total, placed, safe_at_home: 0, denied, open: 0 } }
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
