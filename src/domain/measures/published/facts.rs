//! The true numbers of a quarter or a year. They are kept with their release and shown to nobody.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::catalogue::{Family, Spread, Table, Total};
use super::{ALL, Value};
use crate::ids::ServiceId;

/// An area, as it was when the figures were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub name: String,
    /// The county that it is a part of; an authority of its own has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub county: Option<String>,
}

/// The name of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowName {
    pub code: String,
    pub name: String,
    /// The line of another table that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// How many there are of one line in one area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    pub number: u64,
    /// All of them are of one service that has a single home.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub single: bool,
}

/// Of each line and area.
pub type Leaves<T> = BTreeMap<String, BTreeMap<String, T>>;

/// Everything that a release is made from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Every area that is named, by its code.
    pub places: BTreeMap<String, Place>,
    /// The areas of services.
    pub served: BTreeSet<String>,
    /// The authorities by which households are told apart that come from there: those with services when the financial
    /// year began, or this was first counted. All others are elsewhere.
    pub told_apart: BTreeSet<String>,
    pub rows: BTreeMap<Table, Vec<RowName>>,
    pub counts: BTreeMap<Table, Leaves<Leaf>>,
    /// What is no count of people.
    pub figures: BTreeMap<Table, Leaves<Value>>,
}

/// Of whom something is counted: a service, and whether it has a single home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Of {
    pub service: ServiceId,
    pub single: bool,
}

/// Adds up what is counted, and remembers while it does whether it is all of one service.
#[derive(Debug, Clone, Default)]
pub struct Counting(BTreeMap<Table, Leaves<Counted>>);

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    number: u64,
    first: Option<Of>,
    several: bool,
}

impl Counting {
    /// So many of this line; by area only where the table is.
    pub fn add(&mut self, table: Table, row: &str, area: &str, number: u64, of: Option<Of>) {
        if number == 0 {
            return;
        }
        let area = if table.definition().spread == Spread::Whole { ALL } else { area };
        let line = self.0.entry(table).or_default().entry(row.to_owned()).or_default();
        let counted = line.entry(area.to_owned()).or_default();
        counted.number += number;
        match (of, counted.first) {
            (Some(of), None) if counted.number == number => counted.first = Some(of),
            (Some(of), Some(first)) if of.service == first.service => {}
            _ => counted.several = true,
        }
    }

    /// The lines of a table of which there is something.
    pub fn rows(&self, table: Table) -> BTreeSet<&str> {
        self.0.get(&table).into_iter().flat_map(BTreeMap::keys).map(String::as_str).collect()
    }

    /// What was counted. In an area whose only service has a single home every number would be its own, also none.
    pub fn done(self, rows: &BTreeMap<Table, Vec<RowName>>, alone: &BTreeSet<String>) -> BTreeMap<Table, Leaves<Leaf>> {
        let leaf = |table: Table, counted: Counted| {
            let single = counted.first.is_some_and(|of| of.single) && !counted.several;
            Leaf { number: counted.number, single: single && by_service(table) }
        };
        let mut done: BTreeMap<Table, Leaves<Leaf>> = BTreeMap::new();
        for (table, lines) in self.0 {
            let lines = lines.into_iter().map(|(row, areas)| {
                (row, areas.into_iter().map(|(area, counted)| (area, leaf(table, counted))).collect())
            });
            done.insert(table, lines.collect());
        }
        for (table, names) in rows.iter().filter(|(table, _)| by_service(**table)) {
            for row in names {
                let line = done.entry(*table).or_default().entry(row.code.clone()).or_default();
                for area in alone {
                    line.entry(area.clone()).or_default().single = true;
                }
            }
        }
        done
    }
}

/// Whether the areas of a table are those of services.
fn by_service(table: Table) -> bool {
    !matches!(table.definition().spread, Spread::Whole | Spread::Homes)
}

impl Facts {
    pub fn leaf(&self, table: Table, row: &str, area: &str) -> Leaf {
        let line = self.counts.get(&table).and_then(|lines| lines.get(row));
        line.and_then(|line| line.get(area)).copied().unwrap_or_default()
    }

    /// The authority of an area: its county, or itself.
    pub fn authority<'a>(&'a self, area: &'a str) -> &'a str {
        self.places.get(area).and_then(|place| place.county.as_deref()).unwrap_or(area)
    }

    pub fn rows(&self, table: Table) -> &[RowName] {
        self.rows.get(&table).map_or(&[], Vec::as_slice)
    }

    /// All that was counted of a table in an area.
    fn sum(&self, table: Table, area: &str) -> u64 {
        let lines = self.counts.get(&table).into_iter().flat_map(BTreeMap::values);
        lines.filter_map(|line| line.get(area)).map(|leaf| leaf.number).sum()
    }
}

/// The facts of a financial year: what its quarters add up to, and anew what one can be in several times. What was counted
/// anew lies between the largest quarter and the sum of them, as it would if no record had been corrected since; and tables
/// of the same people have the same sum.
pub fn year(quarters: &[Facts], anew: Facts) -> Facts {
    let mut year = anew;
    for quarter in quarters {
        for (code, place) in &quarter.places {
            year.places.entry(code.clone()).or_insert_with(|| place.clone());
        }
        year.served.extend(quarter.served.iter().cloned());
        for (table, names) in &quarter.rows {
            let known = year.rows.entry(*table).or_default();
            for row in names {
                if !known.iter().any(|one| one.code == row.code) {
                    known.push(row.clone());
                }
            }
        }
    }
    for table in Table::ALL.iter().copied() {
        let definition = table.definition();
        if definition.family == Family::Figures {
            continue;
        }
        let mut leaves = bounds(quarters, table, year.counts.remove(&table).unwrap_or_default());
        for leaf in leaves.values_mut().flat_map(BTreeMap::values_mut) {
            leaf.number = if definition.anew { leaf.number.clamp(leaf.most, leaf.sum) } else { leaf.sum };
        }
        year.counts.insert(table, leaves.into_iter().map(kept).collect());
    }
    for family in [Family::People, Family::Supported] {
        settle(&mut year, quarters, family);
    }
    year
}

#[derive(Debug, Clone, Copy, Default)]
struct Bound {
    number: u64,
    single: bool,
    /// The largest quarter.
    most: u64,
    /// All quarters together.
    sum: u64,
}

fn bounds(quarters: &[Facts], table: Table, anew: Leaves<Leaf>) -> Leaves<Bound> {
    let mut bounds: Leaves<Bound> = BTreeMap::new();
    for (row, areas) in anew {
        for (area, Leaf { number, single }) in areas {
            let bound = Bound { number, single, ..Bound::default() };
            bounds.entry(row.clone()).or_default().insert(area, bound);
        }
    }
    let mut others: BTreeSet<(String, String)> = BTreeSet::new();
    for (row, areas) in quarters.iter().filter_map(|facts| facts.counts.get(&table)).flatten() {
        for (area, leaf) in areas {
            let bound = bounds.entry(row.clone()).or_default().entry(area.clone()).or_default();
            bound.most = bound.most.max(leaf.number);
            bound.sum += leaf.number;
            let place = (row.clone(), area.clone());
            if leaf.single && !others.contains(&place) {
                bound.single = true;
            } else if leaf.number > 0 {
                bound.single = false;
                others.insert(place);
            }
        }
    }
    bounds
}

fn kept((row, areas): (String, BTreeMap<String, Bound>)) -> (String, BTreeMap<String, Leaf>) {
    let leaf = |bound: Bound| Leaf { number: bound.number, single: bound.single };
    (row, areas.into_iter().map(|(area, bound)| (area, leaf(bound))).collect())
}

/// Makes the tables of a family that count the same people add up to the same.
fn settle(year: &mut Facts, quarters: &[Facts], family: Family) {
    let whole = |table: &Table| {
        let definition = table.definition();
        definition.family == family && matches!(definition.total, Total::Own | Total::Of(..))
    };
    let tables: Vec<Table> = Table::ALL.iter().copied().filter(whole).collect();
    let Some(base) = tables.first().copied() else { return };
    let column = |table: Table, facts: &Facts| -> Vec<(String, u64)> {
        facts.rows(table).iter().map(|row| (row.code.clone(), facts.leaf(table, &row.code, ALL).number)).collect()
    };
    let limits = |table: Table, row: &str| {
        let numbers = quarters.iter().map(|facts| facts.leaf(table, row, ALL).number);
        numbers.fold((0, 0), |(most, sum): (u64, u64), number| (most.max(number), sum + number))
    };
    let least = tables.iter().map(|table| column(*table, year).iter().map(|(row, _)| limits(*table, row).0).sum());
    let least: u64 = least.max().unwrap_or_default();
    let most: u64 = quarters.iter().map(|facts| facts.sum(base, ALL)).sum();
    let total = year.sum(base, ALL).clamp(least.min(most), most);
    for table in tables {
        let mut column = column(table, year);
        let mut sum: u64 = column.iter().map(|(_, number)| number).sum();
        // What is not known gives way first: it stands last.
        for (row, number) in column.iter_mut().rev() {
            let (most, all) = limits(table, row);
            let up = total.saturating_sub(sum).min(all.saturating_sub(*number));
            let down = sum.saturating_sub(total).min(number.saturating_sub(most));
            *number = *number + up - down;
            sum = sum + up - down;
            let line = year.counts.entry(table).or_default().entry(row.clone()).or_default();
            line.entry(ALL.to_owned()).or_default().number = *number;
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn facts(table: Table, lines: &[(&str, u64)]) -> Facts {
        let mut facts = Facts::default();
        let name = |code: &str| RowName { code: code.into(), name: code.into(), within: None };
        facts.rows.insert(table, lines.iter().map(|(row, _)| name(row)).collect());
        add(&mut facts, table, lines);
        facts
    }

    fn add(facts: &mut Facts, table: Table, lines: &[(&str, u64)]) {
        let name = |code: &str| RowName { code: code.into(), name: code.into(), within: None };
        facts.rows.insert(table, lines.iter().map(|(row, _)| name(row)).collect());
        let line = |number: u64| BTreeMap::from([(ALL.to_owned(), Leaf { number, single: false })]);
        facts.counts.insert(table, lines.iter().map(|(row, number)| ((*row).to_owned(), line(*number))).collect());
    }

    #[test]
    fn a_year_is_the_sum_of_its_quarters() {
        let quarter = |number| facts(Table::ReferralsBySource, &[("police", number), ("self", 1)]);
        let year = year(&[quarter(3), quarter(4)], quarter(100));
        let number = |row: &str| year.leaf(Table::ReferralsBySource, row, ALL).number;
        assert_eq!((number("police"), number("self")), (7, 2));
    }

    /// One counts once in a year, and records may have been corrected since.
    #[rstest]
    #[case::as_counted(&[("women", 6), ("unknown", 2)], &[("women", 6), ("unknown", 2)])]
    #[case::not_more_than_the_quarters(&[("women", 20), ("unknown", 2)], &[("women", 9), ("unknown", 2)])]
    #[case::not_less_than_one_of_them(&[("women", 0), ("unknown", 0)], &[("women", 5), ("unknown", 2)])]
    fn a_year_counts_people_anew_between_its_quarters(#[case] anew: &[(&str, u64)], #[case] expected: &[(&str, u64)]) {
        let quarters = [
            facts(Table::People, &[("women", 4), ("unknown", 2)]),
            facts(Table::People, &[("women", 5), ("unknown", 1)]),
        ];
        let year = year(&quarters, facts(Table::People, anew));
        for (row, number) in expected {
            assert_eq!(year.leaf(Table::People, row, ALL).number, *number, "{row}");
        }
    }

    #[test]
    fn tables_of_the_same_people_have_the_same_sum_whatever_was_corrected() {
        let both = |people: &[(&str, u64)], ages: &[(&str, u64)]| {
            let mut facts = facts(Table::People, people);
            add(&mut facts, Table::PeopleByAge, ages);
            facts
        };
        let quarters = [
            both(&[("women", 6), ("unknown", 0)], &[("18_to_24", 6), ("unknown", 0)]),
            both(&[("women", 2), ("unknown", 4)], &[("18_to_24", 0), ("unknown", 6)]),
        ];
        let anew = both(&[("women", 6), ("unknown", 1)], &[("18_to_24", 3), ("unknown", 4)]);
        let year = year(&quarters, anew);
        let sum = |table| year.sum(table, ALL);
        assert_eq!(sum(Table::People), sum(Table::PeopleByAge));
        // At least the largest quarter of every line: 6 of 18 to 24, and 6 of whom it is not known.
        assert_eq!(sum(Table::People), 12);
    }

    #[test]
    fn what_is_all_of_one_service_with_a_single_home_is_known() {
        let of = |single| Of { service: ServiceId::new(), single };
        let (one, other) = (of(true), of(false));
        let mut counting = Counting::default();
        for (row, of) in [("placed", one), ("placed", one), ("denied", one), ("denied", other)] {
            counting.add(Table::Referrals, row, "E07000130", 1, Some(of));
        }
        let done = counting.clone().done(&BTreeMap::new(), &BTreeSet::new());
        let leaf = |row: &str| done[&Table::Referrals][row]["E07000130"];
        assert_eq!(leaf("placed"), Leaf { number: 2, single: true });
        assert_eq!(leaf("denied"), Leaf { number: 2, single: false });
    }
}
