//! The yearly return of an authority, from the records of one organisation. The figures that are published for an authority
//! are others: these are true, and not for publication.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::reports::measures::said_by;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::reports::annual_return::{self as rows, Given as GivenRow};
use crate::db::reports::counts::{self, Asked, Months};
use crate::db::reports::measures::{self as counted, CountedCases};
use crate::db::reports::{self, Perspective, Service};
use crate::db::{Conn, Tx, organisations, reference};
use crate::domain::household::{Member, MemberRole};
use crate::domain::measures::annual_return::{
    Given, Home, Housed, Left, Lists, Records, Source, Unable, behind, named, sheets,
};
use crate::domain::measures::records::Kind;
use crate::domain::measures::{Dimension, Period, Side, financial_year};
use crate::domain::provision::AccommodationType;
use crate::domain::reason::Outcome;
use crate::domain::reference::{Area, Code};
use crate::error::{AppError, Part};
use crate::ids::{CaseId, ServiceId};
use crate::reports::book::{Book, Named, Standing};

/// What the return is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The first day of the financial year.
    pub year: NaiveDate,
    /// The code of a county, or of an authority of its own.
    pub area: String,
    pub perspective: Perspective,
}

/// The return as a book.
///
/// # Errors
/// [`AppError::Invalid`] when it is no financial year, or no authority.
pub fn book(conn: &mut Conn, actor: &Actor, ask: &Ask, now: At) -> Result<Book, AppError> {
    let areas = reference::areas(conn)?;
    let (period, area) = asked(ask, &areas, now)?;
    let codes = reference::codes(conn, None)?;
    let records = records(conn, actor, ask, &areas, period)?;
    let own = organisations::find(conn, actor.organisation)?;
    let caveats = [
        "It counts the records of one organisation. The return of an authority is made of all of them.",
        "It counts what is recorded today. A case that is hidden from you is not in it.",
        "Small numbers can point to a person. Do not pass it on outside your organisation, but to the authority.",
    ];
    Ok(Book {
        title: format!("Yearly return for {}", area.name),
        whose: own.name,
        from: period.from,
        to: period.to,
        filters: vec![named("area", &area.name), named("side", ask.side().as_str())],
        computed_at: now,
        standing: Standing::NotForPublication,
        says: Vec::new(),
        sheets: sheets(&records, &lists(&codes)),
        caveats: caveats.map(str::to_owned).to_vec(),
    })
}

/// The year and the authority that are asked for.
fn asked<'a>(ask: &Ask, areas: &'a [Area], now: At) -> Result<(Period, &'a Area), AppError> {
    let (from, to) = financial_year(ask.year)
        .filter(|(first, _)| *first == ask.year)
        .ok_or_else(|| AppError::field(Part::Query, "/year", "unknown", &"choose a 1 April"))?;
    let area = areas.iter().find(|area| area.code == ask.area && area.is_authority()).ok_or_else(|| {
        AppError::field(Part::Query, "/area", "unknown", &"choose a county, or an authority of its own")
    })?;
    Ok((Period { from, to, now }, area))
}

/// The records behind a figure of the return, by the codes of its line and its column.
///
/// # Errors
/// As [`book`]; [`AppError::NotFound`] when the return has no such figure of this side.
pub fn records_behind(
    conn: &mut Conn,
    actor: &Actor,
    ask: &Ask,
    (line, column): (&str, &str),
    now: At,
) -> Result<Vec<Source>, AppError> {
    let areas = reference::areas(conn)?;
    let (period, _) = asked(ask, &areas, now)?;
    let codes = reference::codes(conn, None)?;
    let records = records(conn, actor, ask, &areas, period)?;
    behind(&records, &lists(&codes), line, column).ok_or(AppError::NotFound)
}

/// As [`book`], on its way out of the system.
///
/// # Errors
/// [`AppError::Slowed`] when too much was taken out; or as [`book`].
pub fn export(tx: &mut Tx, ask: &Ask) -> Result<Change<Book>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let book = book(tx, &actor, ask, now)?;
    let event = Event::new(Did::ReportExported, actor.organisation.0).because("annual_return");
    Ok(Change::new(book, event).and_all(super::readings::export(tx)?))
}

impl Ask {
    pub fn side(&self) -> Side {
        match self.perspective {
            Perspective::Provider(_) => Side::Provider,
            Perspective::Referrer(_) => Side::Referrer,
        }
    }
}

/// The authorities that an organisation has something to say about come first, the one with the most services and cases before
/// the others; then all others, by name.
///
/// # Errors
/// When the database fails.
pub fn authorities(conn: &mut Conn, actor: &Actor) -> Result<Vec<Area>, AppError> {
    let areas = reference::areas(conn)?;
    let places = Places::of(conn, &areas)?;
    let mut own: BTreeMap<&str, i64> = BTreeMap::new();
    let here = rows::things_in_areas(conn, Reader::of(actor))?;
    for (area, number) in &here {
        *own.entry(places.authority(area)).or_default() += number;
    }
    let mut authorities: Vec<Area> = areas.iter().filter(|area| area.is_authority()).cloned().collect();
    authorities.sort_by_key(|area| Reverse(own.get(area.code.as_str()).copied().unwrap_or(0)));
    Ok(authorities)
}

/// The services, and the authority of every area.
struct Places {
    services: BTreeMap<ServiceId, Service>,
    counties: BTreeMap<String, String>,
}

impl Places {
    fn of(conn: &mut Conn, areas: &[Area]) -> Result<Self, AppError> {
        let county = |area: &Area| Some((area.code.clone(), area.county.clone()?));
        Ok(Self {
            services: reports::services(conn)?.into_iter().map(|service| (service.id, service)).collect(),
            counties: areas.iter().filter_map(county).collect(),
        })
    }

    fn authority<'a>(&'a self, area: &'a str) -> &'a str {
        self.counties.get(area).map_or(area, String::as_str)
    }

    /// What kind of accommodation a service is, if it is in this authority.
    fn kind_in(&self, authority: &str, service: ServiceId) -> Option<AccommodationType> {
        let service = self.services.get(&service).filter(|service| self.authority(&service.area) == authority)?;
        Some(service.accommodation_type)
    }
}

fn records(conn: &mut Conn, actor: &Actor, ask: &Ask, areas: &[Area], period: Period) -> Result<Records, AppError> {
    let reader = Reader::of(actor);
    let (from, to) = (period.starts(), period.ends());
    let places = Places::of(conn, areas)?;
    let cases = counted::counted_cases(conn)?;
    let kind_in = |service| places.kind_in(&ask.area, service);

    let legs = counted::legs(conn, ask.perspective, reader, to)?;
    let said_by = said_by(&counted::housed(conn, ask.perspective, reader, from, to)?, &cases);
    let households: BTreeMap<CaseId, CaseId> = said_by.iter().map(|(household, case)| (*case, *household)).collect();
    let said_by: Vec<CaseId> = said_by.into_values().collect();
    let mut members: BTreeMap<CaseId, Vec<Member>> = BTreeMap::new();
    reports::each_needs(conn, &said_by, |case, needs| {
        members.insert(households.get(&case).copied().unwrap_or(case), needs.members);
    })?;
    let asked = rows::asked_to_leave(conn, ask.perspective, reader, from, to)?;
    let (mut housed, mut left) = (Vec::new(), Vec::new());
    for leg in &legs {
        let Some(kind) = kind_in(leg.service) else { continue };
        let gone = leg.departed_at.or(leg.moved_at);
        if gone.is_none_or(|gone| from < gone) && leg.arrived_at.is_some_and(|arrived| arrived <= period.now) {
            let household = cases.of(leg.case);
            let members = members.get(&household).cloned().unwrap_or_default();
            let source = match ask.side() {
                Side::Provider => source(Kind::Stay, leg.id.0, leg.arrived_at, period),
                Side::Referrer => source(Kind::Case, household.0, leg.arrived_at, period),
            };
            housed.push(Housed { source, household, kind, members });
        }
        if leg.departed_at.is_some_and(|departed| period.contains(departed)) {
            left.push(Left {
                source: source(Kind::Stay, leg.id.0, leg.departed_at, period),
                kind: leg.departure_kind,
                destination: leg.destination.clone(),
                asked_to_leave: asked.get(&leg.id).cloned(),
            });
        }
    }
    for made in rows::made_safe(conn, ask.perspective, reader, from, to)? {
        let household = cases.of(made.case);
        if let Some(kind) = kind_in(made.service) {
            let source = match ask.side() {
                Side::Provider => source(Kind::SanctuaryJob, made.job.0, made.signed_off_at, period),
                Side::Referrer => source(Kind::Case, household.0, made.signed_off_at, period),
            };
            housed.push(Housed { source, household, kind, members: made.needs.members });
        }
    }

    let (mut support, mut unable, mut homes) = (Vec::new(), Vec::new(), Vec::new());
    if ask.side() == Side::Provider {
        let given = rows::support_given(conn, reader, period.from, period.to)?;
        let here = given.into_iter().filter(|row| kind_in(row.service).is_some());
        support = here.map(|row| given_to(row, &cases, period)).collect();
        let last = period.last();
        let rows = counted::homes(conn, actor.organisation, to)?;
        let in_use = rows.into_iter().filter(|home| {
            last.is_some_and(|last| home.online_from <= last && home.online_until.is_none_or(|until| last < until))
        });
        homes = in_use
            .filter_map(|home| {
                let source = source(Kind::Unit, home.id.0, Some(home.online_from), period);
                Some(Home { source, kind: kind_in(home.service)? })
            })
            .collect();
    } else {
        let months = Months::of(period.from, period.to);
        let asked = Asked { from, to, months: &months, by: &[Dimension::Reason, Dimension::Area], each: true };
        for household in counts::households(conn, reader, asked)? {
            let here = household.area.as_deref().map(|area| places.authority(area) == ask.area);
            if household.outcome == Some(Outcome::NotPlaced) && here != Some(false) {
                let Some(id) = household.id else { continue };
                let source = source(Kind::Case, id.0, household.at, period);
                unable.push(Unable { source, reason: household.primary_reason, from_here: here.is_some() });
            }
        }
    }
    Ok(Records { side: ask.side(), housed, support, unable, left, homes })
}

/// A record, and when it came to be counted.
fn source(kind: Kind, id: Uuid, at: Option<At>, period: Period) -> Source {
    Source { at: at.unwrap_or_else(|| period.starts()), kind, id }
}

fn given_to(row: GivenRow, cases: &CountedCases, period: Period) -> Given {
    let child = row.role == MemberRole::Child;
    let source = source(Kind::Stay, row.stay.0, row.arrived_at, period);
    Given { source, household: cases.of(row.case), person: row.person, child, kind: row.kind }
}

fn lists(codes: &[Code]) -> Lists {
    let of = |list: &str| codes.iter().filter(move |code| code.list == list).collect::<Vec<_>>();
    let all = |list: &str| of(list).into_iter().map(|code| named(&code.code, &code.label)).collect::<Vec<Named>>();
    let group = |code: &Code| code.attributes.get("return_group").and_then(|group| group.as_str()).map(str::to_owned);
    let reasons: Vec<(Named, String)> = of("denial_reason")
        .into_iter()
        .filter_map(|code| Some((named(&code.code, &code.label), group(code)?)))
        .collect();
    let mut groups: Vec<Named> = Vec::new();
    for (_, group) in &reasons {
        if groups.iter().all(|known| known.code != *group) {
            groups.push(named(group, &words_of(group)));
        }
    }
    Lists {
        support_types: all("support_type"),
        return_groups: groups,
        denial_reasons: reasons,
        destinations: all("departure_destination"),
        asked_to_leave: all("asked_to_leave_reason"),
    }
}

fn words_of(group: &str) -> String {
    match group {
        "no_capacity" => "No capacity".to_owned(),
        "needs_not_met" => "Support needs could not be met".to_owned(),
        "survivor_choice" => "The survivor's choice".to_owned(),
        "other" => "Other".to_owned(),
        other => other.replace('_', " "),
    }
}
