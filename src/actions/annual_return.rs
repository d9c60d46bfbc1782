//! The yearly return of an authority, from the records of one organisation. The figures that are published for an authority
//! are others: these are true, and not for publication.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::reports::annual_return::{self as rows, Given as GivenRow};
use crate::db::reports::counts::{self, Asked, Months};
use crate::db::reports::measures::{self as counted, CountedCases};
use crate::db::reports::{self, Perspective, Service};
use crate::db::{Conn, Tx, organisations, reference};
use crate::domain::household::{MemberRole, Needs};
use crate::domain::measures::annual_return::{Given, Housed, Left, Lists, Records, Unable, named, sheets};
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
    let (from, to) = financial_year(ask.year)
        .filter(|(first, _)| *first == ask.year)
        .ok_or_else(|| AppError::field(Part::Query, "/year", "unknown", &"choose a 1 April"))?;
    let areas = reference::areas(conn)?;
    let area = areas.iter().find(|area| area.code == ask.area && area.is_authority()).ok_or_else(|| {
        AppError::field(Part::Query, "/area", "unknown", &"choose a county, or an authority of its own")
    })?;
    let period = Period { from, to, now };
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
        from,
        to,
        filters: vec![named("area", &area.name), named("side", ask.side().as_str())],
        computed_at: now,
        standing: Standing::NotForPublication,
        says: Vec::new(),
        sheets: sheets(&records, &lists(&codes)),
        caveats: caveats.map(str::to_owned).to_vec(),
    })
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
    fn side(&self) -> Side {
        match self.perspective {
            Perspective::Provider(_) => Side::Provider,
            Perspective::Referrer(_) => Side::Referrer,
        }
    }
}

/// The authorities that an organisation has something to say about come first; then all others, by name.
///
/// # Errors
/// When the database fails.
pub fn authorities(conn: &mut Conn, actor: &Actor) -> Result<Vec<Area>, AppError> {
    let areas = reference::areas(conn)?;
    let places = Places::of(conn, &areas)?;
    let own: Vec<&str> = places
        .services
        .values()
        .filter(|service| service.organisation == actor.organisation)
        .map(|service| places.authority(&service.area))
        .collect();
    let mut authorities: Vec<Area> = areas.iter().filter(|area| area.is_authority()).cloned().collect();
    authorities.sort_by_key(|area| !own.contains(&area.code.as_str()));
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
    let needs = counted::needs_of_housed(conn, ask.perspective, reader, from, to)?;
    let needs = of_counted(needs, &cases);
    let asked = rows::asked_to_leave(conn, ask.perspective, reader, from, to)?;
    let (mut housed, mut left) = (Vec::new(), Vec::new());
    for leg in &legs {
        let Some(kind) = kind_in(leg.service) else { continue };
        let gone = leg.departed_at.or(leg.moved_at);
        if gone.is_none_or(|gone| from < gone) && leg.arrived_at.is_some_and(|arrived| arrived <= period.now) {
            let household = cases.of(leg.case);
            let members = needs.get(&household).map(|needs| needs.members.clone()).unwrap_or_default();
            housed.push(Housed { household, kind, members });
        }
        if leg.departed_at.is_some_and(|departed| period.contains(departed)) {
            left.push(Left {
                kind: leg.departure_kind,
                destination: leg.destination.clone(),
                asked_to_leave: asked.get(&leg.id).cloned(),
            });
        }
    }
    for (case, service, needs) in rows::made_safe(conn, ask.perspective, reader, from, to)? {
        if let Some(kind) = kind_in(service) {
            housed.push(Housed { household: cases.of(case), kind, members: needs.members });
        }
    }

    let (mut support, mut unable, mut homes) = (Vec::new(), Vec::new(), Vec::new());
    if ask.side() == Side::Provider {
        let given = rows::support_given(conn, reader, period.from, period.to)?;
        support =
            given.into_iter().filter(|row| kind_in(row.service).is_some()).map(|row| given_to(row, &cases)).collect();
        let last = period.last();
        let rows = counted::homes(conn, actor.organisation, to)?;
        let in_use = rows.into_iter().filter(|home| {
            last.is_some_and(|last| home.online_from <= last && home.online_until.is_none_or(|until| last < until))
        });
        homes = in_use.filter_map(|home| kind_in(home.service)).collect();
    } else {
        let months = Months::of(period.from, period.to);
        let asked = Asked { from, to, months: &months, by: &[Dimension::Reason, Dimension::Area], each: true };
        for household in counts::households(conn, reader, asked)? {
            let here = household.area.as_deref().map(|area| places.authority(area) == ask.area);
            if household.outcome == Some(Outcome::NotPlaced) && here != Some(false) {
                unable.push(Unable { reason: household.primary_reason, from_here: here.is_some() });
            }
        }
    }
    Ok(Records { side: ask.side(), housed, support, unable, left, homes })
}

fn given_to(row: GivenRow, cases: &CountedCases) -> Given {
    let child = row.role == MemberRole::Child;
    Given { household: cases.of(row.case), person: row.person, child, kind: row.kind }
}

/// What is known of each household: of a case that others were put together with, what it says itself.
fn of_counted(needs: BTreeMap<CaseId, Needs>, cases: &CountedCases) -> BTreeMap<CaseId, Needs> {
    let mut known: BTreeMap<CaseId, Needs> = BTreeMap::new();
    for (case, needs) in needs {
        let household = cases.of(case);
        if case == household || !known.contains_key(&household) {
            known.insert(household, needs);
        }
    }
    known
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
