//! What matching looks at: every current vacancy, and once for each service what they share.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::Conn;
use super::conn::MultiBackend;
use super::rules::{self, Sets, Subject};
use super::schema::{area, occupancy, organisation, service, unit, vacancy};
use super::units::Facts;
use super::vacancies::current;
use crate::clock::At;
use crate::domain::occupancy::Kind;
use crate::domain::provision::{AccommodationType, UnitFacts};
use crate::error::AppError;
use crate::ids::{OrganisationId, ServiceId, UnitId, VacancyId};

/// A vacancy as matching sees it.
#[derive(Debug, Clone)]
pub struct Vacancy {
    pub id: VacancyId,
    pub service: ServiceId,
    pub unit_id: UnitId,
    pub unit: UnitFacts,
    pub confirmed_at: At,
    pub available_from: At,
}

/// What the vacancies of one service share.
#[derive(Debug, Clone)]
pub struct Service {
    pub organisation_id: OrganisationId,
    pub organisation: String,
    pub name: String,
    pub name_confidential: bool,
    pub accommodation_type: AccommodationType,
    pub area: String,
    pub area_name: String,
    pub county: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = vacancy, check_for_backend(MultiBackend))]
struct Row {
    id: VacancyId,
    unit_id: UnitId,
    available_from: At,
    confirmed_at: At,
    #[diesel(embed)]
    facts: Facts,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = service, check_for_backend(MultiBackend))]
struct ServiceRow {
    id: ServiceId,
    organisation_id: OrganisationId,
    name: String,
    name_confidential: bool,
    accommodation_type: AccommodationType,
}

/// What matching looks at together.
pub struct Candidates {
    pub vacancies: Vec<Vacancy>,
    pub services: BTreeMap<ServiceId, Service>,
    pub rules: Sets,
}

/// Every vacancy that somebody may be sent to, by the same rule as the search, with the services and all the rules.
///
/// # Errors
/// When the database fails.
pub fn candidates(conn: &mut Conn, now: At, since: At) -> Result<Candidates, AppError> {
    let rows: Vec<(Row, ServiceId)> =
        current!(vacancy::table.inner_join(unit::table.inner_join(service::table)), now, since)
            .select((Row::as_select(), unit::service_id))
            .load(conn)?;
    let vacancies = rows
        .into_iter()
        .map(|(Row { id, unit_id, available_from, confirmed_at, facts }, service)| Vacancy {
            id,
            service,
            unit_id,
            unit: facts.into(),
            confirmed_at,
            available_from,
        })
        .collect();
    Ok(Candidates { vacancies, services: services(conn, None)?, rules: rules::newest(conn, None)? })
}

/// What matching knows of one unit, vacant or not.
pub struct OfUnit {
    pub facts: UnitFacts,
    pub service_id: ServiceId,
    pub service: Service,
    /// Those of its provider, its service, the unit and, where one is given, the vacancy.
    pub rules: Sets,
}

/// One unit, with the rules for one of its vacancies if one is given.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn of_unit(conn: &mut Conn, id: UnitId, vacancy: Option<VacancyId>) -> Result<OfUnit, AppError> {
    let (facts, service_id): (Facts, ServiceId) =
        unit::table.find(id).select((Facts::as_select(), unit::service_id)).first(conn)?;
    let service = services(conn, Some(service_id))?.remove(&service_id).ok_or(AppError::NotFound)?;
    let mut subjects =
        vec![Subject::Organisation(service.organisation_id), Subject::Service(service_id), Subject::Unit(id)];
    subjects.extend(vacancy.map(Subject::Vacancy));
    let rules = rules::newest(conn, Some(&subjects))?;
    Ok(OfUnit { facts: facts.into(), service_id, service, rules })
}

/// What the vacancies of one service share; `None` when it is not active.
///
/// # Errors
/// When the database fails.
pub fn service(conn: &mut Conn, id: ServiceId) -> Result<Option<Service>, AppError> {
    Ok(services(conn, Some(id))?.remove(&id))
}

/// A service, its organisation's name, its area's code, name and county.
type ServiceColumns = (ServiceRow, String, (String, String, Option<String>));

fn services(conn: &mut Conn, of: Option<ServiceId>) -> Result<BTreeMap<ServiceId, Service>, AppError> {
    let mut found = service::table
        .inner_join(organisation::table)
        .inner_join(area::table)
        .filter(service::active.eq(true))
        .select((ServiceRow::as_select(), organisation::name, (area::code, area::name, area::county)))
        .into_boxed();
    if let Some(of) = of {
        found = found.filter(service::id.eq(of));
    }
    let rows: Vec<ServiceColumns> = found.load(conn)?;
    let of_row = |(row, organisation, (area, area_name, county)): ServiceColumns| {
        let ServiceRow { id, organisation_id, name, name_confidential, accommodation_type } = row;
        let service = Service {
            organisation_id,
            organisation,
            name,
            name_confidential,
            accommodation_type,
            area,
            area_name,
            county,
        };
        (id, service)
    };
    Ok(rows.into_iter().map(of_row).collect())
}
