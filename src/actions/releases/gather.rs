//! The true numbers of a time, from the records of everybody. A restricted case counts like any other: nobody is told apart
//! in what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use crate::clock::At;
use crate::db::reports::measures::counted_cases;
use crate::db::reports::{each_needs, published as rows};
use crate::db::{Conn, reference};
use crate::domain::household::Needs;
use crate::domain::measures::catalogue::Side;
use crate::domain::measures::figure::{number, seconds};
use crate::domain::measures::homes::{self, Home, Population, Taken, UnitTime, unit_time};
use crate::domain::measures::people::{Composition, age_band, answers, group};
use crate::domain::measures::published::catalogue::Rows;
use crate::domain::measures::published::facts::{Counting, Leaves, Of, Place, RowName};
use crate::domain::measures::published::{ALL, ELSEWHERE, Facts, Family, Shows, Table, UNKNOWN, Value, figures};
use crate::domain::measures::referrals::answered_at;
use crate::domain::measures::{Kind, Period};
use crate::domain::occupancy::Interval;
use crate::domain::placement::DepartureKind;
use crate::domain::reason::{DenialReason, Outcome};
use crate::domain::reference::{Area, Code};
use crate::error::AppError;
use crate::ids::{CaseId, ServiceId, UnitId};

/// The days that are counted.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    pub first: NaiveDate,
    /// Included.
    pub last: NaiveDate,
    pub now: At,
}

impl Time {
    fn period(self) -> Period {
        Period { from: self.first, to: self.last, now: self.now }
    }

    fn ends(self) -> (At, At) {
        (self.period().starts(), self.period().ends())
    }
}

/// Counts everything. Households that come from there are told apart by `apart`, or else by the authorities that have
/// services.
///
/// # Errors
/// When the database fails.
pub fn facts(conn: &mut Conn, time: Time, apart: Option<BTreeSet<String>>) -> Result<Facts, AppError> {
    let (from, to) = time.ends();
    let mut known = Known::read(conn, from, to)?;
    let mut counting = Counting::default();
    count_referrals(conn, &mut known, &mut counting, time)?;
    let mut facts = Facts { told_apart: apart.unwrap_or_default(), ..Facts::default() };
    facts.served = known.served.clone();
    if facts.told_apart.is_empty() {
        facts.told_apart = known.served.iter().map(|area| known.authority(area).to_owned()).collect();
    }
    count_households(conn, &known, &facts.told_apart, &mut counting, time)?;
    count_stays(conn, &known, &mut counting, time)?;
    for (state, number) in rows::jobs(conn, from, to)? {
        counting.add(Table::Sanctuary, state.as_str(), ALL, positive(number), None);
    }
    count_housed(conn, &known, &mut counting, time)?;
    facts.figures = figures_of(conn, &known, time)?;
    for table in Table::ALL.iter().copied() {
        facts.rows.insert(table, known.rows(table, &counting, &facts));
    }
    facts.counts = counting.done(&facts.rows, &known.alone());
    facts.places = known.places(&facts);
    Ok(facts)
}

fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// What gives records their names, areas and groups.
struct Known {
    codes: Vec<Code>,
    areas: BTreeMap<String, Area>,
    services: BTreeMap<ServiceId, rows::Service>,
    reasons: BTreeMap<String, DenialReason>,
    /// How a code of the list of ethnic groups is rolled up.
    ethnic: BTreeMap<String, String>,
    homes: Vec<rows::Home>,
    homes_of: BTreeMap<ServiceId, usize>,
    /// The areas of services.
    served: BTreeSet<String>,
}

impl Known {
    fn read(conn: &mut Conn, from: At, to: At) -> Result<Self, AppError> {
        let codes = reference::codes(conn, None)?;
        let areas = reference::areas(conn)?.into_iter().map(|area| (area.code.clone(), area)).collect();
        let services: BTreeMap<_, _> = rows::services(conn)?.into_iter().map(|one| (one.id, one)).collect();
        let homes = rows::homes(conn, from, to)?;
        let mut homes_of: BTreeMap<ServiceId, usize> = BTreeMap::new();
        for home in &homes {
            *homes_of.entry(home.service).or_default() += 1;
        }
        let served = homes_of.keys().filter_map(|id| Some(services.get(id)?.area.clone())).collect();
        let ethnic = codes
            .iter()
            .filter(|code| code.list == "ethnic_group")
            .filter_map(|code| Some((code.code.clone(), code.attributes.get("group")?.as_str()?.to_owned())))
            .collect();
        let reasons = reference::denial_reasons(conn)?;
        Ok(Self { codes, areas, services, reasons, ethnic, homes, homes_of, served })
    }

    fn authority<'a>(&'a self, area: &'a str) -> &'a str {
        self.areas.get(area).and_then(|area| area.county.as_deref()).unwrap_or(area)
    }

    fn area(&self, service: ServiceId) -> &str {
        self.services.get(&service).map_or(UNKNOWN, |service| service.area.as_str())
    }

    fn of(&self, service: ServiceId) -> Of {
        Of { service, single: self.homes_of.get(&service).is_some_and(|homes| *homes == 1) }
    }

    /// Areas and authorities whose only service has a single home.
    fn alone(&self) -> BTreeSet<String> {
        let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (service, homes) in &self.homes_of {
            let area = self.area(*service);
            for place in BTreeSet::from([area, self.authority(area)]) {
                of.entry(place).or_default().push(*homes);
            }
        }
        of.into_iter().filter(|(_, homes)| *homes == [1]).map(|(place, _)| place.to_owned()).collect()
    }

    /// The lines of a table: all that there could be, and whatever else was counted.
    fn rows(&self, table: Table, counting: &Counting, facts: &Facts) -> Vec<RowName> {
        let name = |code: &str, name: &str| RowName { code: code.to_owned(), name: name.to_owned(), within: None };
        let used = counting.rows(table);
        let mut rows = match table.definition().rows {
            Rows::Fixed(rows) => rows.iter().map(|(code, label)| name(code, label)).collect(),
            Rows::List(list) => self.list(list, &used, None),
            Rows::Within(list, attribute, _) => self.list(list, &used, Some(attribute)),
            Rows::Areas => Vec::new(),
        };
        let expected: BTreeSet<&str> = match table.definition().rows {
            Rows::Areas => facts.told_apart.iter().map(String::as_str).chain(used.iter().copied()).collect(),
            Rows::List("asked_to_leave_reason" | "support_type") => used.iter().copied().chain([UNKNOWN]).collect(),
            _ => used.clone(),
        };
        for code in expected {
            if !rows.iter().any(|row| row.code == code) && code != UNKNOWN {
                let label = self.areas.get(code).map_or_else(|| plain(code), |area| area.name.clone());
                rows.push(name(code, &label));
            }
        }
        // What is not known stands last.
        let at = rows.iter().position(|row| row.code == UNKNOWN);
        let unknown = at.map(|at| rows.remove(at));
        let wanted = used.contains(UNKNOWN) || matches!(table.definition().rows, Rows::Areas);
        let label = match table {
            Table::AskedToLeave => "Not asked to leave",
            Table::SupportGiven => "None recorded",
            _ => "Not known",
        };
        rows.extend(unknown.or_else(|| wanted.then(|| name(UNKNOWN, label))));
        if table == Table::Homes {
            rows.push(name(ALL, "All"));
        }
        rows
    }

    fn list(&self, list: &str, used: &BTreeSet<&str>, within: Option<&str>) -> Vec<RowName> {
        let of_list = self.codes.iter().filter(|code| code.list == list);
        let there = of_list.filter(|code| code.active_to.is_none() || used.contains(code.code.as_str()));
        let row = |code: &Code| RowName {
            code: code.code.clone(),
            name: code.label.clone(),
            within: within.and_then(|name| Some(code.attributes.get(name)?.as_str()?.to_owned())),
        };
        there.map(row).collect()
    }

    /// Every area that is named.
    fn places(&self, facts: &Facts) -> BTreeMap<String, Place> {
        let origins = facts.rows(Table::Origins).iter().map(|row| row.code.as_str());
        let served = facts.served.iter().flat_map(|area| [area.as_str(), self.authority(area)]);
        let named: BTreeSet<&str> = origins.chain(served).chain(facts.told_apart.iter().map(String::as_str)).collect();
        let mut places = BTreeMap::new();
        for area in self.areas.values() {
            let district = area.county.as_ref().is_some_and(|county| facts.told_apart.contains(county));
            if district || named.contains(area.code.as_str()) {
                places.insert(area.code.clone(), Place { name: area.name.clone(), county: area.county.clone() });
            }
        }
        places
    }
}

/// A code as it is read.
fn plain(code: &str) -> String {
    let mut letters = code.replace('_', " ");
    if let Some(first) = letters.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    letters
}

fn count_referrals(conn: &mut Conn, known: &mut Known, counting: &mut Counting, time: Time) -> Result<(), AppError> {
    let (from, to) = time.ends();
    for sent in rows::referrals(conn, from, to)? {
        let (number, of) = (positive(sent.number), Some(known.of(sent.service)));
        let area = known.area(sent.service).to_owned();
        let access = match sent.state {
            state if state.open() => "not_settled",
            state if state.denied() => "denied",
            _ => "placed",
        };
        counting.add(Table::Referrals, access, &area, number, of);
        if sent.state.denied() {
            let reason = sent.reason.as_deref().unwrap_or(UNKNOWN);
            let group = known.reasons.get(reason).map_or("other", |reason| reason.womens_aid.as_str());
            let decided_by = sent.decided_by.map_or("system", |who| who.as_str());
            counting.add(Table::DeniedByGroup, group, &area, number, of);
            counting.add(Table::DeniedByReason, reason, ALL, number, None);
            counting.add(Table::DeniedByDecider, decided_by, ALL, number, None);
        }
        known.served.insert(area);
    }
    for (source, number) in rows::sources(conn, from, to)? {
        counting.add(Table::ReferralsBySource, &source, ALL, positive(number), None);
    }
    Ok(())
}

fn count_households(
    conn: &mut Conn,
    known: &Known,
    apart: &BTreeSet<String>,
    counting: &mut Counting,
    time: Time,
) -> Result<(), AppError> {
    let (from, to) = time.ends();
    for closed in rows::closed(conn, from, to)? {
        let Some(outcome) = closed.outcome else { continue };
        let number = positive(closed.number);
        let authority = closed.origin.as_deref().map_or(UNKNOWN, |origin| known.authority(origin));
        let area = match closed.origin.as_deref() {
            None => UNKNOWN,
            Some(origin) if apart.contains(authority) => origin,
            Some(_) => ELSEWHERE,
        };
        counting.add(Table::Households, outcome.as_str(), area, number, None);
        counting.add(Table::Origins, authority, ALL, number, None);
        if outcome == Outcome::NotPlaced {
            let reason = closed.reason.as_deref().unwrap_or(UNKNOWN);
            let group = known.reasons.get(reason).map_or("other", |reason| reason.return_group.as_str());
            counting.add(Table::UnableByGroup, group, area, number, None);
            counting.add(Table::UnableByReason, reason, ALL, number, None);
            let next = closed.happened_next.as_deref().unwrap_or("not_known");
            counting.add(Table::HappenedNext, next, ALL, number, None);
        }
    }
    Ok(())
}

fn count_stays(conn: &mut Conn, known: &Known, counting: &mut Counting, time: Time) -> Result<(), AppError> {
    let (from, to) = time.ends();
    for departed in rows::departed(conn, from, to)? {
        let number = positive(departed.number);
        let authority = known.authority(known.area(departed.service));
        let kind = departed.kind.unwrap_or(DepartureKind::Unplanned);
        counting.add(Table::StaysEnded, kind.as_str(), authority, number, Some(known.of(departed.service)));
        let destination = departed.destination.as_deref().unwrap_or("not_known");
        counting.add(Table::Destinations, destination, ALL, number, None);
        let asked = departed.asked_to_leave.as_deref().unwrap_or(UNKNOWN);
        counting.add(Table::AskedToLeave, asked, ALL, number, None);
    }
    Ok(())
}

/// Where a household stayed, and what support it had: each once.
#[derive(Default)]
struct Housed {
    services: BTreeSet<ServiceId>,
    support: BTreeSet<String>,
}

/// The households that had a stay. Cases that are put together count once, with what is known of the one that counts.
fn count_housed(conn: &mut Conn, known: &Known, counting: &mut Counting, time: Time) -> Result<(), AppError> {
    let merged = counted_cases(conn)?;
    let mut housed: BTreeMap<CaseId, Housed> = BTreeMap::new();
    for (case, service) in rows::housed(conn, time.ends())? {
        housed.entry(merged.of(case)).or_default().services.insert(service);
    }
    for (case, kind) in rows::supported(conn, (time.first, time.last))? {
        if let Some(household) = housed.get_mut(&merged.of(case)) {
            household.support.insert(kind);
        }
    }
    let households: Vec<CaseId> = housed.keys().copied().collect();
    each_needs(conn, &households, |case, needs| {
        if let Some(Housed { services, support }) = housed.get(&case) {
            count_household(known, counting, &needs, services, support);
        }
    })
}

fn count_household(
    known: &Known,
    counting: &mut Counting,
    needs: &Needs,
    services: &BTreeSet<ServiceId>,
    support: &BTreeSet<String>,
) {
    let mut authorities: BTreeMap<&str, Vec<ServiceId>> = BTreeMap::new();
    for service in services {
        authorities.entry(known.authority(known.area(*service))).or_default().push(*service);
    }
    let mut once = |table: Table, row: &str| {
        for (authority, there) in &authorities {
            let of = if let [only] = there.as_slice() { Some(known.of(*only)) } else { None };
            counting.add(table, row, authority, 1, of);
        }
        counting.add(table, row, ALL, 1, None);
    };
    once(Table::Supported, Composition::of(needs).as_str());
    for member in &needs.members {
        once(Table::People, group(member));
    }
    for member in &needs.members {
        counting.add(Table::PeopleByAge, age_band(member.age), ALL, 1, None);
    }
    let types: BTreeSet<&str> =
        services.iter().filter_map(|id| Some(known.services.get(id)?.accommodation_type.as_str())).collect();
    for kind in types {
        counting.add(Table::SupportedByType, kind, ALL, 1, None);
    }
    for kind in support {
        counting.add(Table::SupportGiven, kind, ALL, 1, None);
    }
    if support.is_empty() {
        counting.add(Table::SupportGiven, UNKNOWN, ALL, 1, None);
    }
    for (field, values) in answers(needs, Side::Referrer) {
        let Ok(table) = field.parse::<Table>() else { continue };
        if table.definition().family != Family::Supported {
            continue;
        }
        let told = |value: String| match table {
            Table::Ethnicity => known.ethnic.get(&value).cloned().unwrap_or_else(|| UNKNOWN.to_owned()),
            _ => value,
        };
        for value in values.into_iter().map(told).collect::<BTreeSet<_>>() {
            counting.add(table, &value, ALL, 1, None);
        }
    }
}

/// What is no count of people.
fn figures_of(conn: &mut Conn, known: &Known, time: Time) -> Result<BTreeMap<Table, Leaves<Value>>, AppError> {
    let (from, to) = time.ends();
    let mut figures: BTreeMap<Table, Leaves<Value>> = BTreeMap::new();
    let mut put = |table: Table, row: &str, area: &str, value: Value| {
        figures.entry(table).or_default().entry(row.to_owned()).or_default().insert(area.to_owned(), value);
    };
    let response = rows::answered(conn, from, to)?.into_iter().filter_map(|(state, sent, decided, ended)| {
        answered_at(state, decided, ended).map(|answered| seconds(sent, answered))
    });
    put(Table::Times, "response_minutes", ALL, figures::median(response, Kind::Minutes));
    let waiting = rows::arrived(conn, from, to)?.into_iter();
    let waiting = waiting.filter_map(|(opened, arrived)| Some(seconds(opened, arrived?)));
    put(Table::Times, "waiting_days", ALL, figures::median(waiting, Kind::Days));

    // Homes in use at the end: by kind and area, how many, and whether they are all of one service.
    let mut in_use: BTreeMap<(&str, &str), BTreeMap<ServiceId, usize>> = BTreeMap::new();
    for home in known.homes.iter().filter(|home| home.online_until.is_none_or(|until| until >= to)) {
        let Some(service) = known.services.get(&home.service) else { continue };
        let area = service.area.as_str();
        for place in BTreeSet::from([area, known.authority(area), ALL]) {
            for kind in [service.accommodation_type.as_str(), ALL] {
                *in_use.entry((kind, place)).or_default().entry(service.id).or_default() += 1;
            }
        }
    }
    for ((kind, area), services) in &in_use {
        let homes: usize = services.values().sum();
        let alone = services.len() == 1 && homes == 1;
        let value =
            if alone { Value::none(Shows::Held) } else { Value::of(Shows::Number, figures::float(number(homes))) };
        put(Table::Homes, kind, area, value);
    }
    let populations = populations(&known.codes);
    let people = |area: &str| homes::population(&populations, area, time.last.year()).map(|one| one.people);
    for ((_, area), services) in in_use.iter().filter(|((kind, _), _)| *kind == ALL) {
        let homes: usize = services.values().sum();
        let alone = services.len() == 1 && homes == 1;
        if known.authority(area) == *area && *area != ALL && !alone {
            put(Table::Places, "places", area, figures::places(homes, people(area)));
        }
    }
    put(Table::Places, "places", ALL, Value::none(Shows::NotApplicable));

    let mut used: BTreeMap<&str, (u64, UnitTime)> = BTreeMap::new();
    for home in homes_with_time(conn, known, time)? {
        let spent = unit_time(&home, time.period());
        let authority = known.areas.get(&home.authority).map_or(UNKNOWN, |area| area.code.as_str());
        for place in [authority, ALL] {
            let (homes, sum) = used.entry(place).or_default();
            *homes += 1;
            *sum += spent.clone();
        }
    }
    for (area, (homes, spent)) in used {
        for (row, value) in figures::home_use(homes, &spent) {
            put(Table::HomeUse, row, area, value);
        }
    }
    Ok(figures)
}

/// The homes of everybody, and what they were doing.
fn homes_with_time(conn: &mut Conn, known: &Known, time: Time) -> Result<Vec<Home>, AppError> {
    let (from, to) = time.ends();
    let mut taken: BTreeMap<UnitId, Vec<Taken>> = BTreeMap::new();
    for (unit, kind, starts_at, ends_at) in rows::taken(conn, from, to)? {
        let during = Interval { starts_at, ends_at };
        taken.entry(unit).or_default().push(Taken { kind, during, void: None, left: None });
    }
    let home = |home: &rows::Home| Home {
        online_from: home.online_from,
        online_until: home.online_until,
        service: String::new(),
        authority: known.authority(known.area(home.service)).to_owned(),
        taken: taken.remove(&home.id).unwrap_or_default(),
    };
    Ok(known.homes.iter().map(home).collect())
}

fn populations(codes: &[Code]) -> Vec<Population> {
    let of_list = codes.iter().filter(|code| code.list == "population");
    of_list
        .filter_map(|code| {
            Some(Population {
                area: code.attributes.get("area")?.as_str()?.to_owned(),
                year: i32::try_from(code.attributes.get("year")?.as_i64()?).ok()?,
                people: code.attributes.get("population")?.as_u64()?,
            })
        })
        .collect()
}
