//! Services: what providers run.

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{area, organisation, service};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::eligibility::{Nrpf, Summary};
use crate::domain::provision::{AccommodationType, ServiceAttributes};
use crate::error::AppError;
use crate::ids::{OrganisationId, ServiceId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = service, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Service {
    pub id: ServiceId,
    pub organisation_id: OrganisationId,
    pub name: String,
    pub name_confidential: bool,
    pub accommodation_type: AccommodationType,
    pub area_code: String,
    pub attributes: ServiceAttributes,
    pub takes_women: bool,
    pub takes_men: bool,
    pub takes_pets: bool,
    pub nrpf: Nrpf,
    pub largest_family: Option<i32>,
    pub max_children: Option<i32>,
    pub rules_version: i32,
    pub active: bool,
    pub version: i32,
    pub updated_at: At,
}

/// A service with the words that people know it by.
#[derive(Debug, Clone)]
pub struct Named {
    pub service: Service,
    pub organisation: String,
    pub area: String,
}

/// What may be changed about a service; `None` leaves it as it is.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = service)]
pub struct Edit {
    pub name: Option<String>,
    pub name_confidential: Option<bool>,
    pub attributes: Option<ServiceAttributes>,
    pub active: Option<bool>,
}

/// Services in the order of their names, of one organisation if one is given, after that service if one is given. (By its
/// id: the name of a service may be confidential, and a cursor is readable.)
///
/// # Errors
/// [`AppError::NotFound`] when there is no such service to begin after.
pub fn page(
    conn: &mut Conn,
    of: Option<OrganisationId>,
    after: Option<ServiceId>,
    limit: i64,
) -> Result<Vec<Named>, AppError> {
    let mut rows = service::table
        .inner_join(organisation::table)
        .inner_join(area::table)
        .order((service::name, service::id))
        .limit(limit)
        .select((Service::as_select(), organisation::name, area::name))
        .into_boxed();
    if let Some(organisation) = of {
        rows = rows.filter(service::organisation_id.eq(organisation));
    }
    if let Some(id) = after {
        let name: String = service::table.find(id).select(service::name).first(conn)?;
        rows = rows.filter(service::name.gt(name.clone()).or(service::name.eq(name).and(service::id.gt(id))));
    }
    let rows: Vec<(Service, String, String)> = rows.load(conn)?;
    Ok(rows.into_iter().map(|(service, organisation, area)| Named { service, organisation, area }).collect())
}

/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, id: ServiceId) -> Result<Named, AppError> {
    let (service, organisation, area) = service::table
        .inner_join(organisation::table)
        .inner_join(area::table)
        .filter(service::id.eq(id))
        .select((Service::as_select(), organisation::name, area::name))
        .first(conn)?;
    Ok(Named { service, organisation, area })
}

/// A service, if it belongs to this organisation.
///
/// # Errors
/// [`AppError::NotFound`], whether it does not exist or is somebody else's.
pub fn find_of(conn: &mut Conn, owner: OrganisationId, id: ServiceId) -> Result<Service, AppError> {
    Ok(service::table
        .filter(service::id.eq(id))
        .filter(service::organisation_id.eq(owner))
        .select(Service::as_select())
        .first(conn)?)
}

/// Whether an organisation has another service of this name.
///
/// # Errors
/// When the database fails.
pub fn name_taken(
    conn: &mut Conn,
    organisation: OrganisationId,
    name: &str,
    but: Option<ServiceId>,
) -> Result<bool, AppError> {
    let found: Option<ServiceId> = service::table
        .filter(service::organisation_id.eq(organisation))
        .filter(service::name.eq(name))
        .select(service::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some() && found != but)
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Service) -> Result<(), AppError> {
    diesel::insert_into(service::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Changes a service that is still at `version`.
///
/// # Errors
/// [`AppError::Stale`] when it is not.
pub fn update(tx: &mut Tx, current: &Service, version: i32, edit: &Edit) -> Result<Service, AppError> {
    diesel::update(service::table.find(current.id).filter(service::version.eq(version)))
        .set((edit, service::version.eq(version + 1), service::updated_at.eq(tx.now)))
        .returning(service::all_columns)
        .get_result(tx.conn)
        .optional()?
        .ok_or(AppError::Stale { current_version: current.version })
}

/// Puts a version of the rules into force on a service that is still at `version`.
///
/// # Errors
/// [`AppError::Stale`] when it is not.
pub fn set_rules(
    tx: &mut Tx,
    current: &Service,
    version: i32,
    rules_version: i32,
    summary: &Summary,
) -> Result<Service, AppError> {
    diesel::update(service::table.find(current.id).filter(service::version.eq(version)))
        .set((
            service::rules_version.eq(rules_version),
            service::takes_women.eq(summary.takes_women),
            service::takes_men.eq(summary.takes_men),
            service::takes_pets.eq(summary.takes_pets),
            service::nrpf.eq(summary.nrpf),
            service::largest_family.eq(summary.largest_family),
            service::max_children.eq(summary.max_children),
            service::version.eq(version + 1),
            service::updated_at.eq(tx.now),
        ))
        .returning(service::all_columns)
        .get_result(tx.conn)
        .optional()?
        .ok_or(AppError::Stale { current_version: current.version })
}
