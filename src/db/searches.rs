//! Searches that mattered: what stood in the way, of households that nobody can name.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::{MultiBackend, native};
use super::exclusions::{self, Reader};
use super::reports::Perspective;
use super::schema::{search, search_household, search_obstacle, search_service, service};
use super::types::Json;
use super::{Conn, Tx, merges};
use crate::clock::At;
use crate::domain::barriers::{Homes, InTheWay, Occasion};
use crate::domain::eligibility::{Household, Obstacle};
use crate::domain::matching::Counts;
use crate::error::AppError;
use crate::ids::{CaseId, HouseholdId, OrganisationId, SearchId, ServiceId};

/// A search without what it found.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = search, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Search {
    pub id: SearchId,
    pub household: HouseholdId,
    pub organisation_id: OrganisationId,
    pub made_at: At,
    pub occasion: Occasion,
    pub suitable: i32,
    pub discuss: i32,
    pub missing_information: i32,
    pub not_suitable: i32,
    pub facts: Household,
}

#[derive(Insertable)]
#[diesel(table_name = search_service, treat_none_as_default_value = false)]
struct OfService {
    search_id: SearchId,
    service_id: ServiceId,
    homes: Json,
}

#[derive(Insertable)]
#[diesel(table_name = search_obstacle, treat_none_as_default_value = false)]
struct OfObstacle {
    search_id: SearchId,
    service_id: ServiceId,
    obstacle: Obstacle,
    alone_suitable: i32,
    alone_discuss: i32,
    alone_ask: i32,
    together: i32,
}

/// The households, as searches know them, whose cases do not exist for a reader (S17), or are folded into another: a
/// household is counted once.
macro_rules! hidden {
    ($reader:expr) => {
        search_household::table
            .filter(
                search_household::case_id
                    .eq_any(exclusions::hidden!($reader))
                    .or(search_household::case_id.eq_any(merges::folded!())),
            )
            .select(search_household::household)
    };
}

/// So many rows are written in one statement.
const AT_ONCE: usize = 500;

/// The household that the searches of a case are counted as; a new one for its first search.
///
/// # Errors
/// [`AppError::Contended`] when somebody else has just given it one.
pub fn household_of(tx: &mut Tx, case: CaseId) -> Result<HouseholdId, AppError> {
    let known = search_household::table.find(case).select(search_household::household).first(tx.conn).optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    let new = HouseholdId::new();
    let row = (search_household::case_id.eq(case), search_household::household.eq(new));
    super::contended_when_taken(diesel::insert_into(search_household::table).values(row).execute(tx.conn))?;
    Ok(new)
}

/// # Errors
/// When the database fails.
pub fn insert(
    tx: &mut Tx,
    row: &Search,
    found: &BTreeMap<ServiceId, Vec<Homes>>,
    in_the_way: &[(ServiceId, Obstacle, InTheWay)],
) -> Result<(), AppError> {
    let small = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    diesel::insert_into(search::table).values(row).execute(tx.conn)?;
    let mut services = Vec::with_capacity(found.len());
    for (service_id, homes) in found {
        let homes = Json(serde_json::to_value(homes).map_err(AppError::internal)?);
        services.push(OfService { search_id: row.id, service_id: *service_id, homes });
    }
    while !services.is_empty() {
        let rows: Vec<_> = services.drain(..services.len().min(AT_ONCE)).collect();
        native!(&mut *tx.conn, conn => diesel::insert_into(search_service::table).values(rows).execute(conn))?;
    }
    let mut obstacles: Vec<_> = in_the_way
        .iter()
        .map(|(service_id, obstacle, InTheWay { alone, together })| OfObstacle {
            search_id: row.id,
            service_id: *service_id,
            obstacle: *obstacle,
            alone_suitable: small(alone.suitable),
            alone_discuss: small(alone.discuss),
            alone_ask: small(alone.missing_information),
            together: small(*together),
        })
        .collect();
    while !obstacles.is_empty() {
        let rows: Vec<_> = obstacles.drain(..obstacles.len().min(AT_ONCE)).collect();
        native!(&mut *tx.conn, conn => diesel::insert_into(search_obstacle::table).values(rows).execute(conn))?;
    }
    Ok(())
}

/// What searches since an instant found at one service: the household, and its homes.
///
/// # Errors
/// When the database fails.
pub fn at_service(
    conn: &mut Conn,
    reader: Reader,
    id: ServiceId,
    since: At,
) -> Result<Vec<(Household, Vec<Homes>)>, AppError> {
    let rows: Vec<(Household, Json)> = search::table
        .inner_join(search_service::table)
        .filter(search_service::service_id.eq(id))
        .filter(search::made_at.ge(since))
        .filter(search::household.ne_all(hidden!(reader)))
        .select((search::facts, search_service::homes))
        .load(conn)?;
    rows.into_iter()
        .map(|(household, Json(homes))| {
            let homes = serde_json::from_value(homes).map_err(AppError::internal)?;
            Ok((household, homes))
        })
        .collect()
}

/// A search as the report on barriers reads it.
#[derive(Debug, Clone, Queryable)]
pub struct Recorded {
    pub id: SearchId,
    pub household: HouseholdId,
    pub made_at: At,
    pub occasion: Occasion,
    pub suitable: i32,
    pub discuss: i32,
    pub missing_information: i32,
    pub not_suitable: i32,
}

/// Searches made before an instant, of one organisation if one is given, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn recorded(
    conn: &mut Conn,
    reader: Reader,
    of: Option<OrganisationId>,
    before: At,
) -> Result<Vec<Recorded>, AppError> {
    let mut rows = search::table
        .filter(search::made_at.lt(before))
        .filter(search::household.ne_all(hidden!(reader)))
        .order((search::made_at, search::id))
        .select((
            search::id,
            search::household,
            search::made_at,
            search::occasion,
            search::suitable,
            search::discuss,
            search::missing_information,
            search::not_suitable,
        ))
        .into_boxed();
    if let Some(organisation) = of {
        rows = rows.filter(search::organisation_id.eq(organisation));
    }
    Ok(rows.load(conn)?)
}

/// What stood in the way in those searches: of a referrer its own, of a provider at its services.
///
/// # Errors
/// When the database fails.
pub fn obstacles(
    conn: &mut Conn,
    reader: Reader,
    of: Perspective,
    before: At,
) -> Result<Vec<(SearchId, ServiceId, Obstacle, InTheWay)>, AppError> {
    type Row = (SearchId, ServiceId, Obstacle, i32, i32, i32, i32);
    let mut rows = search_obstacle::table
        .inner_join(search::table)
        .inner_join(service::table)
        .filter(search::made_at.lt(before))
        .filter(search::household.ne_all(hidden!(reader)))
        .select((
            search_obstacle::search_id,
            search_obstacle::service_id,
            search_obstacle::obstacle,
            search_obstacle::alone_suitable,
            search_obstacle::alone_discuss,
            search_obstacle::alone_ask,
            search_obstacle::together,
        ))
        .into_boxed();
    rows = match of {
        Perspective::Provider(provider) => rows.filter(service::organisation_id.eq(provider)),
        Perspective::Referrer(referrer) => rows.filter(search::organisation_id.eq(referrer)),
    };
    let rows: Vec<Row> = rows.load(conn)?;
    let number = |stored: i32| usize::try_from(stored).unwrap_or_default();
    let read = |(search, service, obstacle, suitable, discuss, ask, together): Row| {
        let alone = Counts {
            suitable: number(suitable),
            discuss: number(discuss),
            missing_information: number(ask),
            not_suitable: 0,
        };
        (search, service, obstacle, InTheWay { alone, together: number(together) })
    };
    Ok(rows.into_iter().map(read).collect())
}

/// A search with the homes that it found at each service.
pub type Kept = (Search, Vec<(ServiceId, Vec<Homes>)>);

/// The searches of one case, for a test that works their verdicts out again: facts, and what was found at each service.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, case: CaseId) -> Result<Vec<Kept>, AppError> {
    let household: Option<HouseholdId> =
        search_household::table.find(case).select(search_household::household).first(conn).optional()?;
    let Some(household) = household else { return Ok(Vec::new()) };
    let searches: Vec<Search> = search::table
        .filter(search::household.eq(household))
        .order((search::made_at, search::id))
        .select(Search::as_select())
        .load(conn)?;
    let mut found = Vec::with_capacity(searches.len());
    for search in searches {
        let rows: Vec<(ServiceId, Json)> = search_service::table
            .filter(search_service::search_id.eq(search.id))
            .select((search_service::service_id, search_service::homes))
            .load(conn)?;
        let services = rows
            .into_iter()
            .map(|(service, Json(homes))| Ok((service, serde_json::from_value(homes).map_err(AppError::internal)?)))
            .collect::<Result<_, AppError>>()?;
        found.push((search, services));
    }
    Ok(found)
}
