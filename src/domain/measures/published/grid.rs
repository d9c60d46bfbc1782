//! What hangs together in the facts of one or several releases, and what of it is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::{Family, Rows, Spread, Table, Total};
use super::facts::{Facts, Leaf};
use super::{ALL, Area, ELSEWHERE, Released, ReleasedTable, Row, UNKNOWN, Value};
use crate::domain::disclosure::{Count, Grid, Link, Shown};

/// A release whose figures hang together with others.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    pub facts: &'a Facts,
    /// What was published of it before.
    pub published: Option<&'a Released>,
}

/// The same thing cannot be counted twice to different numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table} in {area}: the parts do not add up to the whole")]
pub struct DoesNotAddUp {
    table: &'static str,
    area: String,
}

/// Everything of one family that is published of these parts, and where each cell of it is.
#[derive(Debug, Clone, Default)]
pub struct Laid {
    pub grid: Grid,
    at: BTreeMap<Key, usize>,
}

/// Part, table, line, area.
type Key = (usize, Table, String, String);

/// Lays out a family: of quarters, and of the year which is their sum and stands last, if there is one.
///
/// # Errors
/// [`DoesNotAddUp`] when the facts contradict each other.
pub fn lay(family: Family, parts: &[Part], year: bool) -> Result<Laid, DoesNotAddUp> {
    let mut laid = Laid::default();
    let tables = || Table::ALL.iter().copied().filter(|table| table.definition().family == family);
    for (n, part) in parts.iter().enumerate() {
        for table in tables() {
            laid.add(n, part.facts, table)?;
        }
    }
    if let (true, Some(last)) = (year, parts.len().checked_sub(1)) {
        laid.join_years(last);
    }
    for (n, part) in parts.iter().enumerate() {
        if let Some(published) = part.published {
            laid.note_published(n, published);
        }
    }
    Ok(laid)
}

/// The areas of a table: of each authority the leaves that it is the sum of.
fn tree(facts: &Facts, spread: Spread) -> Vec<(String, Vec<String>)> {
    let mut authorities: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    match spread {
        Spread::Whole => {}
        Spread::Services | Spread::Authorities | Spread::Once => {
            for area in &facts.served {
                let leaf = if spread == Spread::Services { area.as_str() } else { facts.authority(area) };
                authorities.entry(facts.authority(area)).or_default().insert(leaf);
            }
        }
        Spread::Homes => {
            for authority in &facts.told_apart {
                let within = authorities.entry(authority).or_default();
                let districts = facts.places.iter().filter(|(_, place)| place.county.as_ref() == Some(authority));
                within.extend(districts.map(|(code, _)| code.as_str()));
                // Itself: where only the county is known.
                within.insert(authority);
            }
            for other in [ELSEWHERE, UNKNOWN] {
                authorities.insert(other, BTreeSet::from([other]));
            }
        }
    }
    let owned = |(authority, leaves): (&str, BTreeSet<&str>)| {
        (authority.to_owned(), leaves.into_iter().map(str::to_owned).collect())
    };
    authorities.into_iter().map(owned).collect()
}

/// The code of a leaf: that of its area, or of what is not told apart within its authority.
fn leaf_code(authority: &str, leaf: &str, leaves: usize) -> String {
    if authority == leaf && leaves > 1 { format!("{authority}/{UNKNOWN}") } else { leaf.to_owned() }
}

/// The areas of a table that are shown, the largest first.
pub fn columns(facts: &Facts, spread: Spread) -> Vec<String> {
    let mut columns = vec![ALL.to_owned()];
    for (authority, leaves) in tree(facts, spread) {
        let districts = leaves.into_iter().filter(|leaf| *leaf != authority).collect::<Vec<_>>();
        columns.push(authority);
        columns.extend(districts);
    }
    columns
}

impl Laid {
    fn cell(&mut self, key: Key, Leaf { number, single }: Leaf) -> usize {
        if let Some(known) = self.at.get(&key) {
            return *known;
        }
        self.grid.cells.push(Count { true_number: number, single });
        self.at.insert(key, self.grid.cells.len() - 1);
        self.grid.cells.len() - 1
    }

    fn number(&self, cell: usize) -> u64 {
        self.grid.cells.get(cell).map_or(0, |cell| cell.true_number)
    }

    fn adds_up(&self, whole: usize, parts: &[usize]) -> bool {
        self.number(whole) == parts.iter().map(|part| self.number(*part)).sum::<u64>()
    }

    /// The whole of these parts; what has one part only is the same cell. Parts that are each of one service are of the same
    /// service when they are lines of one area (`same_area`).
    fn whole(&mut self, key: Key, parts: &[usize], same_area: bool) -> usize {
        if let [only] = parts {
            self.at.insert(key, *only);
            return *only;
        }
        let counted: Vec<Count> = parts.iter().filter_map(|part| self.grid.cells.get(*part).copied()).collect();
        let some: Vec<&Count> = counted.iter().filter(|count| count.true_number > 0).collect();
        let single = match some.as_slice() {
            [] => counted.iter().all(|count| count.single) && same_area,
            [only] => only.single,
            several => same_area && several.iter().all(|count| count.single),
        };
        let number = counted.iter().map(|count| count.true_number).sum();
        let whole = self.cell(key, Leaf { number, single });
        self.link(Link::Sum { whole, parts: parts.to_vec() });
        whole
    }

    fn link(&mut self, link: Link) {
        let (Link::Sum { whole, parts } | Link::Union { whole, parts }) = &link;
        let pointless = parts.is_empty() || parts.contains(whole);
        if !pointless && !self.grid.links.contains(&link) {
            self.grid.links.push(link);
        }
    }

    /// A link that holds of a union, or none: a record that was corrected meanwhile must not say what is not so.
    fn union(&mut self, whole: usize, parts: &[usize]) {
        let numbers = || parts.iter().map(|part| self.number(*part));
        if numbers().max().unwrap_or_default() <= self.number(whole) && self.number(whole) <= numbers().sum() {
            self.link(Link::Union { whole, parts: parts.to_vec() });
        }
    }

    fn add(&mut self, part: usize, facts: &Facts, table: Table) -> Result<(), DoesNotAddUp> {
        let definition = table.definition();
        let tree = tree(facts, definition.spread);
        let key = |row: &str, area: &str| (part, table, row.to_owned(), area.to_owned());
        for row in facts.rows(table) {
            let row = row.code.as_str();
            let mut authorities = Vec::new();
            for (authority, leaves) in &tree {
                let mut cells = Vec::new();
                for leaf in leaves {
                    let code = leaf_code(authority, leaf, leaves.len());
                    let cell = self.cell(key(row, &code), facts.leaf(table, row, leaf));
                    if code != *leaf && !self.grid.unseen.contains(&cell) {
                        self.grid.unseen.push(cell);
                    }
                    cells.push(cell);
                }
                authorities.push(self.whole(key(row, authority), &cells, false));
            }
            match definition.spread {
                Spread::Whole => {
                    self.cell(key(row, ALL), facts.leaf(table, row, ALL));
                }
                Spread::Once => match authorities.as_slice() {
                    [only] if self.number(*only) == facts.leaf(table, row, ALL).number => {
                        self.at.insert(key(row, ALL), *only);
                    }
                    _ => {
                        let whole = self.cell(key(row, ALL), facts.leaf(table, row, ALL));
                        self.union(whole, &authorities);
                    }
                },
                _ => {
                    self.whole(key(row, ALL), &authorities, false);
                }
            }
        }
        self.add_totals(part, facts, table, &tree)?;
        self.add_groups(part, facts, table);
        Ok(())
    }

    /// The cells of all lines of a table in an area.
    fn column(&self, part: usize, facts: &Facts, table: Table, area: &str) -> Vec<usize> {
        let key = |row: &str| (part, table, row.to_owned(), area.to_owned());
        facts.rows(table).iter().filter_map(|row| self.at.get(&key(&row.code)).copied()).collect()
    }

    fn add_totals(
        &mut self,
        part: usize,
        facts: &Facts,
        table: Table,
        tree: &[(String, Vec<String>)],
    ) -> Result<(), DoesNotAddUp> {
        let definition = table.definition();
        let mut areas = Vec::new();
        for (authority, leaves) in tree {
            let codes = leaves.iter().map(|leaf| leaf_code(authority, leaf, leaves.len()));
            areas.extend(codes.filter(|code| code != authority));
            areas.push(authority.clone());
        }
        areas.push(ALL.to_owned());
        for area in areas {
            let parts = self.column(part, facts, table, &area);
            let key = (part, table, ALL.to_owned(), area.clone());
            match definition.total {
                Total::None => {}
                Total::Own => {
                    let whole = self.whole(key, &parts, area != ALL);
                    if area.ends_with(&format!("/{UNKNOWN}")) && !self.grid.unseen.contains(&whole) {
                        self.grid.unseen.push(whole);
                    }
                }
                Total::Of(of, row) | Total::Within(of, row) => {
                    let Some(whole) = self.at.get(&(part, of, row.to_owned(), area.clone())).copied() else { continue };
                    self.at.insert(key, whole);
                    if let Total::Within(..) = definition.total {
                        self.union(whole, &parts);
                    } else if parts.is_empty() || self.adds_up(whole, &parts) {
                        self.link(Link::Sum { whole, parts });
                    } else {
                        return Err(DoesNotAddUp { table: table.as_str(), area });
                    }
                }
            }
        }
        if definition.total == Total::Own {
            self.join_areas(part, table, definition.spread, tree);
        }
        Ok(())
    }

    /// The totals of areas add up as their lines do.
    fn join_areas(&mut self, part: usize, table: Table, spread: Spread, tree: &[(String, Vec<String>)]) {
        let at = |laid: &Self, area: &str| laid.at.get(&(part, table, ALL.to_owned(), area.to_owned())).copied();
        let mut authorities = Vec::new();
        for (authority, leaves) in tree {
            let Some(whole) = at(self, authority) else { continue };
            let parts = leaves.iter().filter_map(|leaf| at(self, &leaf_code(authority, leaf, leaves.len()))).collect();
            self.link(Link::Sum { whole, parts });
            authorities.push(whole);
        }
        match at(self, ALL) {
            Some(whole) if spread == Spread::Once => self.union(whole, &authorities),
            Some(whole) => self.link(Link::Sum { whole, parts: authorities }),
            None => {}
        }
    }

    /// Lines that are parts of a line of another table, or of another area: when they still are.
    fn add_groups(&mut self, part: usize, facts: &Facts, table: Table) {
        let key = |table: Table, row: &str, area: &str| (part, table, row.to_owned(), area.to_owned());
        let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for row in facts.rows(table) {
            let Some(cell) = self.at.get(&key(table, &row.code, ALL)).copied() else { continue };
            let group = match table.definition().rows {
                Rows::Within(_, _, of) => row.within.as_deref().map(|group| key(of, group, ALL)),
                Rows::Areas => {
                    let apart = row.code == UNKNOWN || facts.told_apart.contains(&row.code);
                    Some(key(Table::Households, ALL, if apart { &row.code } else { ELSEWHERE }))
                }
                _ => None,
            };
            if let Some(group) = group {
                groups.entry(group).or_default().push(cell);
            }
        }
        for (group, parts) in groups {
            let Some(whole) = self.at.get(&group).copied() else { continue };
            if self.adds_up(whole, &parts) {
                self.link(Link::Sum { whole, parts });
            }
        }
    }

    /// A year and its quarters.
    fn join_years(&mut self, year: usize) {
        let keys: Vec<(Key, usize)> = self.at.iter().map(|(key, cell)| (key.clone(), *cell)).collect();
        let mut done: BTreeSet<usize> = BTreeSet::new();
        for ((_, table, row, area), whole) in keys.into_iter().filter(|((part, ..), _)| *part == year) {
            let of = |part: usize| self.at.get(&(part, table, row.clone(), area.clone())).copied();
            let parts: Vec<usize> = (0..year).filter_map(of).collect();
            if !done.insert(whole) {
                continue;
            }
            if table.definition().anew {
                self.union(whole, &parts);
            } else if self.adds_up(whole, &parts) {
                self.link(Link::Sum { whole, parts });
            }
        }
    }

    fn note_published(&mut self, part: usize, released: &Released) {
        let mut known: BTreeSet<usize> = BTreeSet::new();
        for ((of, table, row, area), cell) in &self.at {
            let value = released.value(*table, row, area).filter(|_| *of == part);
            if let Some(shown) = value.and_then(Value::of_count)
                && known.insert(*cell)
            {
                self.grid.published.push((*cell, shown));
            }
        }
    }

    /// The tables of a part with what is shown of each cell.
    pub fn released(&self, part: usize, facts: &Facts, family: Family, shown: &[Shown]) -> Vec<ReleasedTable> {
        let tables = Table::ALL.iter().copied().filter(|table| table.definition().family == family);
        tables.map(|table| self.table(part, facts, table, shown)).collect()
    }

    fn table(&self, part: usize, facts: &Facts, table: Table, shown: &[Shown]) -> ReleasedTable {
        let definition = table.definition();
        let columns = columns(facts, definition.spread);
        let value = |row: &str, area: &str| {
            let cell = self.at.get(&(part, table, row.to_owned(), area.to_owned()));
            Value::shown(cell.and_then(|cell| shown.get(*cell)).copied().unwrap_or(Shown::Count(0)))
        };
        let row = |code: &str, name: &str, whole: bool| Row {
            code: code.to_owned(),
            name: name.to_owned(),
            whole,
            values: columns.iter().map(|area| value(code, area)).collect(),
        };
        let mut rows: Vec<Row> = facts.rows(table).iter().map(|one| row(&one.code, &one.name, false)).collect();
        if definition.total != Total::None {
            rows.push(row(ALL, "All", true));
        }
        ReleasedTable { table, areas: columns.iter().map(|code| area(facts, code)).collect(), rows }
    }
}

/// An area as it is named in a release.
pub fn area(facts: &Facts, code: &str) -> Area {
    let place = facts.places.get(code);
    let name = match code {
        ALL => "All areas",
        ELSEWHERE => "Elsewhere",
        UNKNOWN => "Not known",
        other => place.map_or(other, |place| place.name.as_str()),
    };
    Area { code: code.to_owned(), name: name.to_owned(), county: place.and_then(|place| place.county.clone()) }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Place, RowName};
    use super::*;

    const CHARNWOOD: &str = "E07000130";
    const BLABY: &str = "E07000129";
    const COUNTY: &str = "E10000018";
    const LEICESTER: &str = "E06000016";

    fn facts(numbers: &[(Table, &str, &str, u64)]) -> Facts {
        let mut facts = Facts::default();
        for (code, county) in [(CHARNWOOD, Some(COUNTY)), (BLABY, Some(COUNTY)), (COUNTY, None), (LEICESTER, None)] {
            let place = Place { name: code.into(), county: county.map(str::to_owned) };
            facts.places.insert(code.into(), place);
        }
        facts.served = [CHARNWOOD, BLABY, LEICESTER].map(str::to_owned).into();
        facts.told_apart = [COUNTY, LEICESTER].map(str::to_owned).into();
        for table in [Table::Referrals, Table::DeniedByGroup, Table::DeniedByReason, Table::Households, Table::Origins]
        {
            let name = |code: &str, within: Option<&str>| RowName {
                code: code.into(),
                name: code.into(),
                within: within.map(str::to_owned),
            };
            let rows = match table.definition().rows {
                Rows::Fixed(rows) => rows.iter().map(|(code, _)| name(code, None)).collect(),
                Rows::Areas => [LEICESTER, COUNTY, "E06000018", UNKNOWN].map(|code| name(code, None)).to_vec(),
                _ => vec![
                    name("no_space", Some("capacity")),
                    name("nrpf", Some("capacity")),
                    name("work", Some("other")),
                ],
            };
            facts.rows.insert(table, rows);
        }
        for (table, row, area, number) in numbers {
            let line = facts.counts.entry(*table).or_default().entry((*row).to_owned()).or_default();
            line.entry((*area).to_owned()).or_default().number += number;
        }
        facts
    }

    fn referrals() -> Facts {
        facts(&[
            (Table::Referrals, "placed", LEICESTER, 6),
            (Table::Referrals, "denied", LEICESTER, 3),
            (Table::Referrals, "denied", CHARNWOOD, 8),
            (Table::DeniedByGroup, "capacity", LEICESTER, 3),
            (Table::DeniedByGroup, "capacity", CHARNWOOD, 7),
            (Table::DeniedByGroup, "other", CHARNWOOD, 1),
            (Table::DeniedByReason, "no_space", ALL, 4),
            (Table::DeniedByReason, "nrpf", ALL, 6),
            (Table::DeniedByReason, "work", ALL, 1),
        ])
    }

    fn lay_one(family: Family, facts: &Facts) -> Laid {
        lay(family, &[Part { facts, published: None }], false).unwrap()
    }

    fn true_number(laid: &Laid, part: usize, table: Table, row: &str, area: &str) -> u64 {
        laid.number(laid.at[&(part, table, row.to_owned(), area.to_owned())])
    }

    /// What is said to add up does.
    fn sound(laid: &Laid) {
        for link in &laid.grid.links {
            match link {
                Link::Sum { whole, parts } => assert!(laid.adds_up(*whole, parts), "{link:?}"),
                Link::Union { whole, parts } => {
                    let numbers: Vec<u64> = parts.iter().map(|part| laid.number(*part)).collect();
                    let whole = laid.number(*whole);
                    assert!(numbers.iter().max() <= Some(&whole) && whole <= numbers.iter().sum());
                }
            }
        }
    }

    #[test]
    fn lines_add_up_to_totals_and_areas_to_counties_and_the_whole() {
        let facts = referrals();
        let laid = lay_one(Family::Referrals, &facts);
        sound(&laid);
        for (table, row, area, expected) in [
            (Table::Referrals, ALL, ALL, 17),
            (Table::Referrals, "denied", ALL, 11),
            (Table::Referrals, "denied", COUNTY, 8),
            (Table::Referrals, ALL, LEICESTER, 9),
            (Table::DeniedByGroup, ALL, COUNTY, 8),
            (Table::DeniedByGroup, "capacity", ALL, 10),
            (Table::DeniedByReason, ALL, ALL, 11),
        ] {
            assert_eq!(true_number(&laid, 0, table, row, area), expected, "{} {row} {area}", table.as_str());
        }
        let at = |table, row: &str, area: &str| laid.at[&(0, table, row.to_owned(), area.to_owned())];
        assert_eq!(at(Table::DeniedByGroup, ALL, ALL), at(Table::Referrals, "denied", ALL), "one number, one cell");
        let reasons = vec![at(Table::DeniedByReason, "no_space", ALL), at(Table::DeniedByReason, "nrpf", ALL)];
        let capacity = Link::Sum { whole: at(Table::DeniedByGroup, "capacity", ALL), parts: reasons };
        assert!(laid.grid.links.contains(&capacity), "{:?}", laid.grid.links);
    }

    #[test]
    fn a_county_with_one_district_is_the_same_cell() {
        let mut facts = referrals();
        facts.served = [CHARNWOOD, LEICESTER].map(str::to_owned).into();
        let laid = lay_one(Family::Referrals, &facts);
        let at = |area: &str| laid.at[&(0, Table::Referrals, "denied".to_owned(), area.to_owned())];
        assert_eq!(at(CHARNWOOD), at(COUNTY));
        assert_ne!(at(LEICESTER), at(ALL));
    }

    #[test]
    fn what_is_known_of_a_county_only_is_a_part_that_nobody_sees() {
        let facts = facts(&[
            (Table::Households, "placed", CHARNWOOD, 7),
            (Table::Households, "placed", COUNTY, 2),
            (Table::Households, "placed", ELSEWHERE, 6),
            (Table::Origins, COUNTY, ALL, 9),
            (Table::Origins, "E06000018", ALL, 6),
        ]);
        let laid = lay_one(Family::Households, &facts);
        sound(&laid);
        assert_eq!(true_number(&laid, 0, Table::Households, "placed", COUNTY), 9);
        assert_eq!(true_number(&laid, 0, Table::Households, ALL, ALL), 15);
        let unseen = laid.at[&(0, Table::Households, "placed".to_owned(), format!("{COUNTY}/{UNKNOWN}"))];
        assert!(laid.grid.unseen.contains(&unseen));
        assert!(columns(&facts, Spread::Homes).iter().all(|area| !area.contains('/')));
        // Those from elsewhere are the authorities that are not told apart, together.
        let elsewhere = laid.at[&(0, Table::Households, ALL.to_owned(), ELSEWHERE.to_owned())];
        let nottingham = laid.at[&(0, Table::Origins, "E06000018".to_owned(), ALL.to_owned())];
        assert!(laid.grid.links.contains(&Link::Sum { whole: elsewhere, parts: vec![nottingham] }));
    }

    #[test]
    fn facts_that_contradict_each_other_are_not_published() {
        let mut facts = referrals();
        facts.counts.remove(&Table::DeniedByReason);
        let laid = lay(Family::Referrals, &[Part { facts: &facts, published: None }], false);
        assert!(laid.unwrap_err().to_string().starts_with("denied_by_reason in all"));
    }

    #[test]
    fn a_year_is_bound_to_its_quarters_and_to_what_they_have_shown() {
        let quarter = referrals();
        let year = super::super::facts::year(&[quarter.clone(), quarter.clone()], quarter.clone());
        let first = lay_one(Family::Referrals, &quarter);
        let shown: Vec<Shown> = first.grid.cells.iter().map(|_| Shown::Few).collect();
        let released = Released { tables: first.released(0, &quarter, Family::Referrals, &shown) };
        let parts = [
            Part { facts: &quarter, published: Some(&released) },
            Part { facts: &quarter, published: None },
            Part { facts: &year, published: None },
        ];
        let laid = lay(Family::Referrals, &parts, true).unwrap();
        sound(&laid);
        let at = |part, row: &str| laid.at[&(part, Table::Referrals, row.to_owned(), LEICESTER.to_owned())];
        let link = Link::Sum { whole: at(2, "denied"), parts: vec![at(0, "denied"), at(1, "denied")] };
        assert!(laid.grid.links.contains(&link));
        assert!(laid.grid.published.contains(&(at(0, "placed"), Shown::Few)));
        assert_eq!(laid.grid.published.len(), first.grid.cells.len(), "all of the first quarter, and nothing else");
    }
}
