//! What stood in the way of households, and what one change would have housed the most.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use super::public_name;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::reports::{self, Perspective, Service};
use crate::db::searches::{self, Recorded};
use crate::db::{Conn, Tx};
use crate::domain::barriers::{Barrier, Occasion, Searched, barriers};
use crate::domain::eligibility::Verdict;
use crate::domain::words;
use crate::error::AppError;
use crate::ids::{HouseholdId, SearchId, ServiceId};

words! {
    /// Which households a report on barriers is about.
    Households {
        /// Those whose case was closed in the period without a place.
        TurnedAway = "turned_away",
        /// Those of whom a search was kept in the period.
        Searched = "searched",
    }
}

words! {
    /// What a report on barriers can be broken down by.
    By { Area = "area", AccommodationType = "accommodation_type", Service = "service", Month = "month" }
}

/// What the report is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    pub households: Households,
    pub by: Option<By>,
    pub perspective: Perspective,
}

/// A part of the report: the households of one month, or the places of one area, kind or service.
#[derive(Debug, Clone)]
pub struct Cell {
    pub value: String,
    pub households: usize,
    pub barriers: Vec<Barrier>,
}

/// What stood in the way.
#[derive(Debug, Clone)]
pub struct Report {
    pub households: usize,
    /// Found at least one suitable home in a search that was kept.
    pub with_suitable: usize,
    /// No home was vacant in any search that was kept.
    pub nothing_vacant: usize,
    pub barriers: Vec<Barrier>,
    pub cells: Vec<Cell>,
}

/// # Errors
/// When the database fails.
pub fn report(conn: &mut Conn, actor: &Actor, ask: &Ask) -> Result<Report, AppError> {
    let (from, to) = (At::start_of(ask.from), At::start_of(ask.to.checked_add_days(Days::new(1)).unwrap_or(ask.to)));
    let reader = Reader::of(actor);
    let organisation = match ask.perspective {
        Perspective::Referrer(organisation) => Some(organisation),
        Perspective::Provider(_) => None,
    };
    let recorded = searches::recorded(conn, reader, organisation, to)?;
    let asked = |search: &&Recorded| {
        search.made_at >= from && (ask.households == Households::Searched || search.occasion == Occasion::TurnedAway)
    };
    // The month of a household is that of the last search that brought it into the report.
    let months: BTreeMap<HouseholdId, String> =
        recorded.iter().filter(asked).map(|search| (search.household, month(search.made_at))).collect();
    let mut households: BTreeMap<HouseholdId, Searched<ServiceId>> = BTreeMap::new();
    let mut of_search: BTreeMap<SearchId, HouseholdId> = BTreeMap::new();
    for search in recorded.iter().filter(|search| months.contains_key(&search.household)) {
        of_search.insert(search.id, search.household);
        let household = households.entry(search.household).or_insert(Searched { best: None, in_the_way: Vec::new() });
        let found = [
            (search.suitable, Verdict::Suitable),
            (search.discuss, Verdict::Discuss),
            (search.missing_information, Verdict::MissingInformation),
            (search.not_suitable, Verdict::NotSuitable),
        ];
        let best = found.into_iter().find(|(homes, _)| *homes > 0).map(|(_, verdict)| verdict);
        household.best = household.best.into_iter().chain(best).min();
    }
    let mut looked_at: BTreeSet<HouseholdId> = BTreeSet::new();
    for (search, service, obstacle, found) in searches::obstacles(conn, reader, ask.perspective, to)? {
        if let Some(id) = of_search.get(&search)
            && let Some(household) = households.get_mut(id)
        {
            looked_at.insert(*id);
            household.in_the_way.push((service, obstacle, found));
        }
    }
    if organisation.is_none() {
        // A provider hears of those who were looked for at its own services.
        households.retain(|id, _| looked_at.contains(id));
    }
    let of_months: Vec<(String, Searched<ServiceId>)> =
        households.into_iter().filter_map(|(id, searched)| Some((months.get(&id)?.clone(), searched))).collect();
    let services: BTreeMap<_, _> = reports::services(conn)?.into_iter().map(|service| (service.id, service)).collect();
    Ok(told(&of_months, ask.by, &services, actor))
}

fn told(
    households: &[(String, Searched<ServiceId>)],
    by: Option<By>,
    services: &BTreeMap<ServiceId, Service>,
    actor: &Actor,
) -> Report {
    let all: Vec<_> = households.iter().map(|(_, searched)| searched.clone()).collect();
    let value = |id: &ServiceId| {
        let service = services.get(id)?;
        Some(match by? {
            By::Area => service.area.clone(),
            By::AccommodationType => service.accommodation_type.as_str().to_owned(),
            By::Service => {
                let own = service.organisation == actor.organisation;
                public_name(&service.name, service.name_confidential, own).to_owned()
            }
            By::Month => return None,
        })
    };
    let cells = match by {
        None => Vec::new(),
        Some(By::Month) => {
            let mut months: BTreeMap<&str, Vec<Searched<ServiceId>>> = BTreeMap::new();
            for (month, searched) in households {
                months.entry(month).or_default().push(searched.clone());
            }
            let cell = |(month, households): (&str, Vec<_>)| Cell {
                value: month.to_owned(),
                households: households.len(),
                barriers: barriers(&households, |_| true),
            };
            months.into_iter().map(cell).collect()
        }
        Some(_) => {
            let values: BTreeSet<String> =
                all.iter().flat_map(|searched| &searched.in_the_way).filter_map(|(id, ..)| value(id)).collect();
            let cell = |name: String| {
                let barriers = barriers(&all, |id| value(id).as_ref() == Some(&name));
                Cell { value: name, households: all.len(), barriers }
            };
            values.into_iter().map(cell).collect()
        }
    };
    Report {
        households: all.len(),
        with_suitable: all.iter().filter(|searched| searched.best == Some(Verdict::Suitable)).count(),
        nothing_vacant: all.iter().filter(|searched| searched.best.is_none()).count(),
        barriers: barriers(&all, |_| true),
        cells,
    }
}

/// As [`report`], on its way out of the system.
///
/// # Errors
/// [`AppError::Slowed`] when too much was taken out.
pub fn export(tx: &mut Tx, ask: &Ask) -> Result<Change<Report>, AppError> {
    let actor = tx.actor().clone();
    let report = report(tx, &actor, ask)?;
    let fields = ask.by.map(By::as_str);
    let event = Event::new(Did::ReportExported, actor.organisation.0).fields(fields).because("barriers");
    Ok(Change::new(report, event).and_all(super::readings::export(tx)?))
}

fn month(instant: At) -> String {
    instant.date().format("%Y-%m").to_string()
}
