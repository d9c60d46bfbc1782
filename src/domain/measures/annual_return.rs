//! The figures of the yearly return of a tier-one authority under Part 4 of the Domestic Abuse Act 2021, from the records of
//! one organisation: each line with its code, and what it is made of.
//!
//! The words are ours; the order is that of the questions. Lists of codes are reference data: what is added there gets its line.

mod mapping;

use std::collections::BTreeSet;

use uuid::Uuid;

pub use self::mapping::{Line, lines, mapping};
use super::people::{age_band, group};
use super::records::Kind;
use super::{Side, figure};
use crate::clock::At;
use crate::domain::household::{Member, MemberRole};
use crate::domain::placement::DepartureKind;
use crate::domain::provision::AccommodationType;
use crate::ids::CaseId;
use crate::reports::book::{Cell, Named, Row, Sheet};

/// What the return is made from: all of it of one year and one authority.
#[derive(Debug, Clone)]
pub struct Records {
    pub side: Side,
    pub housed: Vec<Housed>,
    pub support: Vec<Given>,
    pub unable: Vec<Unable>,
    pub left: Vec<Left>,
    /// The homes in use at the end.
    pub homes: Vec<Home>,
}

/// A home in use.
#[derive(Debug, Clone)]
pub struct Home {
    pub source: Source,
    pub kind: AccommodationType,
}

/// The record that something in the return comes from, and when it came to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    pub at: At,
    pub kind: Kind,
    pub id: Uuid,
}

/// A household that was in one kind of safe accommodation.
#[derive(Clone)]
pub struct Housed {
    pub source: Source,
    pub household: CaseId,
    pub kind: AccommodationType,
    pub members: Vec<Member>,
}

impl std::fmt::Debug for Housed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Housed").field("household", &self.household).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Support of a person, who is told by the place in the household.
#[derive(Debug, Clone)]
pub struct Given {
    pub source: Source,
    pub household: CaseId,
    pub person: i32,
    pub child: bool,
    /// Of the list `support_type`.
    pub kind: String,
}

/// A household unable to be supported.
#[derive(Debug, Clone)]
pub struct Unable {
    pub source: Source,
    pub reason: Option<String>,
    /// It comes from the authority. Otherwise nobody knows where it comes from.
    pub from_here: bool,
}

/// A household that stopped being supported.
#[derive(Debug, Clone)]
pub struct Left {
    pub source: Source,
    pub kind: Option<DepartureKind>,
    pub destination: Option<String>,
    pub asked_to_leave: Option<String>,
}

/// The lists of codes, in their order.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    pub support_types: Vec<Named>,
    pub return_groups: Vec<Named>,
    /// Each with its return group.
    pub denial_reasons: Vec<(Named, String)>,
    pub destinations: Vec<Named>,
    pub asked_to_leave: Vec<Named>,
}

pub fn named(code: &str, name: &str) -> Named {
    Named { code: code.to_owned(), name: name.to_owned() }
}

/// In words for people.
pub fn kind_of_home(kind: AccommodationType) -> &'static str {
    match kind {
        AccommodationType::Refuge => "Refuge",
        AccommodationType::Specialist => "Specialist safe accommodation",
        AccommodationType::DispersedRefugeLevel => "Dispersed, with support as in a refuge",
        AccommodationType::DispersedSemiIndependent => "Dispersed, semi-independent",
        AccommodationType::Sanctuary => "Sanctuary scheme",
        AccommodationType::SecondStage => "Second stage",
        AccommodationType::OtherEmergency => "Other emergency accommodation",
    }
}

const NOT_RECORDED: &str = "not_recorded";

/// The table of people, of which a column is made up of members of households.
const PEOPLE_SUPPORTED: &str = "people";

/// The columns of people: code, words, and what they are made of.
const PEOPLE: &[(&str, &str, &str)] = &[
    ("households", "Households", "cases with a stay, or a home made safe"),
    ("people", "People", "all members of these households"),
    ("women", "Women", "members who are no child: sex female, unless the gender is another than at birth"),
    ("men", "Men", "members who are no child: sex male, unless the gender is another than at birth"),
    ("trans_adults", "Trans adults", "members who are no child: gender another than at birth"),
    ("adults_not_said", "Adults, not said or not known", "members who are no child: sex unknown or not said"),
    ("children", "Children", "members who are there as a child"),
    ("children_0_to_5", "Children, 0 to 5", "children by age"),
    ("children_6_to_11", "Children, 6 to 11", "children by age"),
    ("children_12_to_15", "Children, 12 to 15", "children by age"),
    ("children_16_to_17", "Children, 16 to 17", "children by age"),
    ("children_age_not_known", "Children, age not known", "children without an age, or of 18 and more"),
];

fn is_in(member: &Member, column: &str) -> bool {
    let child = member.role == MemberRole::Child;
    let band = age_band(member.age);
    match column {
        "people" => true,
        "children" => child,
        "adults_not_said" => matches!(group(member), "prefer_not_to_say" | "unknown"),
        "children_age_not_known" => child && !matches!(band, "0_to_5" | "6_to_11" | "12_to_15" | "16_to_17"),
        other => match other.strip_prefix("children_") {
            Some(ages) => child && ages == band,
            None => group(member) == other,
        },
    }
}

/// A number of the return, and the records that it comes from, each once.
#[derive(Debug, Clone)]
struct Told {
    number: usize,
    sources: BTreeSet<Source>,
}

impl Told {
    /// As many as there are records.
    fn each(sources: impl Iterator<Item = Source>) -> Self {
        let sources: Vec<Source> = sources.collect();
        Self { number: sources.len(), sources: sources.into_iter().collect() }
    }
}

/// A line of the return.
#[derive(Debug, Clone)]
struct ToldRow {
    of: Named,
    cells: Vec<Told>,
    whole: bool,
}

/// A table of the return, whose rows are not in its sheet yet.
#[derive(Debug, Clone)]
struct Table {
    sheet: Sheet,
    rows: Vec<ToldRow>,
}

impl Table {
    /// The sheet with its rows. What the other side records is not nought.
    fn sheet(self, theirs: bool) -> Sheet {
        let cell = |told: &Told| if theirs { Cell::NotApplicable } else { Cell::Count(figure::number(told.number)) };
        let row = |row: ToldRow| Row { cells: row.cells.iter().map(cell).collect(), of: row.of, whole: row.whole };
        Sheet { rows: self.rows.into_iter().map(row).collect(), ..self.sheet }
    }
}

fn people<'a>(housed: impl Iterator<Item = &'a Housed>) -> Vec<Told> {
    let mut seen = BTreeSet::new();
    let housed: Vec<&Housed> = housed.filter(|one| seen.insert(one.household)).collect();
    let column = |(code, ..): &(&str, &str, &str)| match *code {
        "households" => Told::each(housed.iter().map(|one| one.source)),
        code => {
            let those = |one: &Housed| one.members.iter().filter(|member| is_in(member, code)).count();
            let with = housed.iter().filter(|one| those(one) > 0);
            let number = housed.iter().map(|one| those(one)).sum();
            Told { number, ..Told::each(with.map(|one| one.source)) }
        }
    };
    PEOPLE.iter().map(column).collect()
}

fn row(part: &str, of: &Named, cells: Vec<Told>) -> ToldRow {
    ToldRow { of: Named { code: format!("{part}.{}", of.code), name: of.name.clone() }, cells, whole: false }
}

fn whole(part: &str, name: &str, cells: Vec<Told>) -> ToldRow {
    ToldRow { of: named(&format!("{part}.all"), name), cells, whole: true }
}

/// A row for each code, one for what has none of them where there is such a thing, and the whole.
fn rows_of<T>(
    part: &str,
    all: &str,
    codes: &[Named],
    records: &[T],
    code: impl Fn(&T) -> Option<String>,
    cells: impl Fn(&[&T]) -> Vec<Told>,
) -> Vec<ToldRow> {
    let with =
        |wanted: &str| records.iter().filter(|one| code(one).is_some_and(|code| code == wanted)).collect::<Vec<_>>();
    let mut rows: Vec<ToldRow> = codes.iter().map(|of| row(part, of, cells(&with(&of.code)))).collect();
    let known = |one: &&T| code(one).is_some_and(|code| codes.iter().any(|known| known.code == code));
    let without: Vec<&T> = records.iter().filter(|one| !known(one)).collect();
    if !without.is_empty() {
        rows.push(row(part, &named(NOT_RECORDED, "Not recorded"), cells(&without)));
    }
    rows.push(whole(part, all, cells(&records.iter().collect::<Vec<_>>())));
    rows
}

fn homes() -> Vec<Named> {
    AccommodationType::ALL.iter().map(|kind| named(kind.as_str(), kind_of_home(*kind))).collect()
}

/// The tables of figures of the return, in its order.
fn tables(records: &Records, lists: &Lists) -> Vec<Table> {
    vec![
        supported(records),
        support_types(records, lists),
        unable(records, lists),
        reasons(records, lists),
        left(records),
        asked_to_leave(records, lists),
        destinations(records, lists),
        homes_in_use(records),
    ]
}

/// The tables that the other side records.
fn theirs(side: Side) -> &'static [&'static str] {
    match side {
        Side::Provider => &["unable", "unable_reason"],
        Side::Referrer => &["support", "asked_to_leave", "homes"],
    }
}

/// The tables of the return, in its order; the last says what each line is made of.
pub fn sheets(records: &Records, lists: &Lists) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for table in tables(records, lists) {
        let of_others = theirs(records.side).contains(&table.sheet.of.code.as_str());
        let mut sheet = table.sheet(of_others);
        if of_others {
            sheet.caveats.push(match records.side {
                Side::Provider => "Only the organisation whose cases they are knows it.".to_owned(),
                Side::Referrer => "Only the services record it.".to_owned(),
            });
        }
        sheets.push(sheet);
    }
    let counts = "Each line with its code, and the records and codes that it is made of.";
    let mapping = mapping(counts, "Reference data", lines(&sheets, lists));
    sheets.push(mapping);
    sheets
}

/// The records behind a figure of the return, in the order of time: of people the households that they belong to. A provider
/// is not told of which household somebody is: it has all households of the line. (S15) `None` when there is no such line or
/// column, or the other side records it.
pub fn behind(records: &Records, lists: &Lists, line: &str, column: &str) -> Option<Vec<Source>> {
    let known = |table: &Table| table.rows.iter().any(|row| row.of.code == line);
    let table = tables(records, lists).into_iter().find(known)?;
    if theirs(records.side).contains(&table.sheet.of.code.as_str()) {
        return None;
    }
    let column = table.sheet.columns.iter().position(|known| known.code == column)?;
    let column = if kept_back(records.side, &table.sheet.of.code) { 0 } else { column };
    let row = table.rows.into_iter().find(|row| row.of.code == line)?;
    Some(row.cells.into_iter().nth(column)?.sources.into_iter().collect())
}

/// Whether the records behind a table are all households of its line, and not those of one column.
pub fn kept_back(side: Side, table: &str) -> bool {
    side == Side::Provider && table == PEOPLE_SUPPORTED
}

fn table(
    of: Named,
    counts: &str,
    unit: &str,
    source: &str,
    rows_are: Named,
    columns: Vec<Named>,
    rows: Vec<ToldRow>,
) -> Table {
    let sheet = Sheet {
        of,
        counts: counts.to_owned(),
        unit: unit.to_owned(),
        source: source.to_owned(),
        caveats: Vec::new(),
        says: Vec::new(),
        rows_are,
        columns,
        rows: Vec::new(),
        chart: None,
    };
    Table { sheet, rows }
}

fn supported(records: &Records) -> Table {
    let columns = PEOPLE.iter().map(|(code, name, _)| named(code, name)).collect();
    let mut rows: Vec<ToldRow> = AccommodationType::ALL
        .iter()
        .map(|kind| {
            let of = named(kind.as_str(), kind_of_home(*kind));
            row("people", &of, people(records.housed.iter().filter(|one| one.kind == *kind)))
        })
        .collect();
    rows.push(whole("people", "All, each once", people(records.housed.iter())));
    let mut table = table(
        named(PEOPLE_SUPPORTED, "People supported"),
        "Households that were in safe accommodation of this area at any time of the year, and their members.",
        "household and person",
        "Stays, homes made safe, and the needs of cases",
        named("accommodation_type", "Kind of safe accommodation"),
        columns,
        rows,
    );
    table.sheet.caveats = vec![
        "A household that was in two kinds of accommodation is in both lines, and once in the last.".to_owned(),
        "Who belongs to a household is what is known today.".to_owned(),
    ];
    table
}

fn support_types(records: &Records, lists: &Lists) -> Table {
    let cells = |given: &[&Given]| {
        let households: BTreeSet<CaseId> = given.iter().map(|one| one.household).collect();
        let people = |child: bool| {
            let those = || given.iter().filter(|one| one.child == child);
            let number = those().map(|one| (one.household, one.person)).collect::<BTreeSet<_>>().len();
            Told { number, ..Told::each(those().map(|one| one.source)) }
        };
        let all = Told { number: households.len(), ..Told::each(given.iter().map(|one| one.source)) };
        vec![all, people(false), people(true)]
    };
    let rows = rows_of(
        "support",
        "Any support, each once",
        &lists.support_types,
        &records.support,
        |one| Some(one.kind.clone()),
        cells,
    );
    let columns = vec![named("households", "Households"), named("adults", "Adults"), named("children", "Children")];
    let mut table = table(
        named("support", "Support by type"),
        "Households of which somebody was given this support during the year, and how many people were.",
        "household and person",
        "Support recorded during a stay",
        named("support_type", "Type of support"),
        columns,
        rows,
    );
    table.sheet.caveats = vec!["One person can have several types of support, so the lines do not add up.".to_owned()];
    table
}

fn unable_cells(unable: &[&Unable]) -> Vec<Told> {
    let those = |here: bool| Told::each(unable.iter().filter(|one| one.from_here == here).map(|one| one.source));
    vec![those(true), those(false)]
}

fn unable_table(of: Named, rows_are: Named, rows: Vec<ToldRow>) -> Table {
    let columns =
        vec![named("from_here", "Come from this area"), named("origin_not_known", "Not known where they come from")];
    let counts = "Households whose case was closed in the year without a place, and without their own home made safe.";
    let source = "Cases: outcome, and the main reason";
    let mut table = table(of, counts, "household", source, rows_are, columns, rows);
    table.sheet.caveats = vec!["Counted per household. A referral that was declined is counted elsewhere.".to_owned()];
    table
}

fn unable(records: &Records, lists: &Lists) -> Table {
    let group = |one: &Unable| {
        let reason = one.reason.as_ref()?;
        lists.denial_reasons.iter().find(|(known, _)| known.code == *reason).map(|(_, group)| group.clone())
    };
    let rows = rows_of("unable", "All", &lists.return_groups, &records.unable, group, unable_cells);
    unable_table(named("unable", "Households unable to be supported"), named("return_group", "Return group"), rows)
}

fn reasons(records: &Records, lists: &Lists) -> Table {
    let codes: Vec<Named> = lists.denial_reasons.iter().map(|(reason, _)| reason.clone()).collect();
    let rows = rows_of("unable_reason", "All", &codes, &records.unable, |one| one.reason.clone(), unable_cells);
    unable_table(named("unable_reason", "Unable to be supported, by main reason"), named("reason", "Main reason"), rows)
}

fn left_table(of: Named, rows_are: Named, rows: Vec<ToldRow>) -> Table {
    let columns = vec![named("households", "Households")];
    let counts = "Households that left safe accommodation of this area in the year.";
    table(of, counts, "household", "Departures", rows_are, columns, rows)
}

fn left_cells(left: &[&Left]) -> Vec<Told> {
    vec![Told::each(left.iter().map(|one| one.source))]
}

fn left(records: &Records) -> Table {
    let kinds = [named("planned", "Planned"), named("unplanned", "Unplanned")];
    let kind = |one: &Left| one.kind.map(|kind| kind.as_str().to_owned());
    let rows = rows_of("left", "All", &kinds, &records.left, kind, left_cells);
    left_table(named("left", "Households that stopped being supported"), named("departure_kind", "How they left"), rows)
}

fn asked_to_leave(records: &Records, lists: &Lists) -> Table {
    let asked: Vec<Left> = records.left.iter().filter(|one| one.asked_to_leave.is_some()).cloned().collect();
    let reason = |one: &Left| one.asked_to_leave.clone();
    let rows = rows_of("asked_to_leave", "All", &lists.asked_to_leave, &asked, reason, left_cells);
    left_table(named("asked_to_leave", "Asked to leave"), named("asked_to_leave_reason", "Why"), rows)
}

fn destinations(records: &Records, lists: &Lists) -> Table {
    let to = |one: &Left| one.destination.clone();
    let rows = rows_of("left_to", "All", &lists.destinations, &records.left, to, left_cells);
    left_table(named("left_to", "Where they went"), named("destination", "Where they went"), rows)
}

fn homes_in_use(records: &Records) -> Table {
    let rows = rows_of(
        "homes",
        "All",
        &homes(),
        &records.homes,
        |home| Some(home.kind.as_str().to_owned()),
        |homes| vec![Told::each(homes.iter().map(|home| home.source))],
    );
    table(
        named("homes", "Homes at the end of the year"),
        "Homes in use on the last day of the year, or today while it goes on.",
        "home",
        "Homes: when they came into use, and went out of it",
        named("accommodation_type", "Kind of safe accommodation"),
        vec![named("units", "Homes")],
        rows,
    )
}

#[cfg(test)]
mod tests;
