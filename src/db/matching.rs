//! What matching looks at: every current vacancy, and once for each service what they share.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::Conn;
use super::conn::MultiBackend;
use super::schema::{area, occupancy, organisation, service, service_rules, unit, vacancy};
use super::units::Facts;
use super::vacancies::current;
use crate::clock::At;
use crate::domain::eligibility::Rules;
use crate::domain::occupancy::Kind;
use crate::domain::provision::{AccommodationType, UnitFacts};
use crate::error::AppError;
use crate::ids::{ServiceId, UnitId, VacancyId};

/// A vacancy as matching sees it.
#[derive(Debug, Clone)]
pub struct Vacancy {
    pub id: VacancyId,
    pub service: ServiceId,
    pub unit: UnitFacts,
    pub confirmed_at: At,
    pub available_from: At,
}

/// What the vacancies of one service share.
#[derive(Debug, Clone)]
pub struct Service {
    pub organisation: String,
    pub name: String,
    pub name_confidential: bool,
    pub accommodation_type: AccommodationType,
    pub area: String,
    pub area_name: String,
    pub county: Option<String>,
    pub rules: Rules,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = vacancy, check_for_backend(MultiBackend))]
struct Row {
    id: VacancyId,
    available_from: At,
    confirmed_at: At,
    #[diesel(embed)]
    facts: Facts,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = service, check_for_backend(MultiBackend))]
struct ServiceRow {
    id: ServiceId,
    name: String,
    name_confidential: bool,
    accommodation_type: AccommodationType,
}

/// Every vacancy that somebody may be sent to, by the same rule as the search, and the services by their ids.
///
/// # Errors
/// When the database fails.
pub fn candidates(
    conn: &mut Conn,
    now: At,
    since: At,
) -> Result<(Vec<Vacancy>, BTreeMap<ServiceId, Service>), AppError> {
    let rows: Vec<(Row, ServiceId)> =
        current!(vacancy::table.inner_join(unit::table.inner_join(service::table)), now, since)
            .select((Row::as_select(), unit::service_id))
            .load(conn)?;
    let vacancies = rows
        .into_iter()
        .map(|(Row { id, available_from, confirmed_at, facts }, service)| Vacancy {
            id,
            service,
            unit: facts.into(),
            confirmed_at,
            available_from,
        })
        .collect();
    Ok((vacancies, services(conn, None)?))
}

/// What matching knows of one unit, vacant or not, and of its service.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn of_unit(conn: &mut Conn, id: UnitId) -> Result<(UnitFacts, Service), AppError> {
    let (facts, service): (Facts, ServiceId) =
        unit::table.find(id).select((Facts::as_select(), unit::service_id)).first(conn)?;
    let found = services(conn, Some(service))?.remove(&service).ok_or(AppError::NotFound)?;
    Ok((facts.into(), found))
}

/// What the vacancies of one service share; `None` when it is not active.
///
/// # Errors
/// When the database fails.
pub fn service(conn: &mut Conn, id: ServiceId) -> Result<Option<Service>, AppError> {
    Ok(services(conn, Some(id))?.remove(&id))
}

/// A service, its organisation's name, its area's code, name and county, its rules.
type ServiceColumns = (ServiceRow, String, (String, String, Option<String>), Rules);

fn services(conn: &mut Conn, of: Option<ServiceId>) -> Result<BTreeMap<ServiceId, Service>, AppError> {
    let mut found = service::table
        .inner_join(organisation::table)
        .inner_join(area::table)
        .inner_join(
            service_rules::table
                .on(service_rules::service_id.eq(service::id).and(service_rules::version.eq(service::rules_version))),
        )
        .filter(service::active.eq(true))
        .select((
            ServiceRow::as_select(),
            organisation::name,
            (area::code, area::name, area::county),
            service_rules::rules,
        ))
        .into_boxed();
    if let Some(of) = of {
        found = found.filter(service::id.eq(of));
    }
    let rows: Vec<ServiceColumns> = found.load(conn)?;
    let of_row = |(row, organisation, (area, area_name, county), rules): ServiceColumns| {
        let ServiceRow { id, name, name_confidential, accommodation_type } = row;
        (id, Service { organisation, name, name_confidential, accommodation_type, area, area_name, county, rules })
    };
    Ok(rows.into_iter().map(of_row).collect())
}
