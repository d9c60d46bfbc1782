//! Vacancies, and the search for them.

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{area, occupancy, organisation, service, unit, vacancy};
use super::units::Facts;
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::eligibility::Nrpf;
use crate::domain::occupancy::Kind;
use crate::domain::provision::{AccommodationType, Room, Wheelchair};
use crate::domain::vacancy::{Standing, State};
use crate::error::AppError;
use crate::ids::{OrganisationId, ServiceId, UnitId, VacancyId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = vacancy, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Vacancy {
    pub id: VacancyId,
    pub unit_id: UnitId,
    pub state: State,
    pub available_from: At,
    pub posted_at: At,
    pub confirmed_at: At,
    pub closed_at: Option<At>,
    pub version: i32,
}

impl Vacancy {
    pub fn standing(&self) -> Standing {
        Standing { state: self.state, confirmed_at: self.confirmed_at }
    }
}

/// A vacancy with all that a helpline worker wants to know of it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(check_for_backend(MultiBackend))]
#[diesel(table_name = vacancy)]
pub struct Listed {
    #[diesel(embed)]
    pub vacancy: Vacancy,
    #[diesel(embed)]
    pub facts: Facts,
    #[diesel(embed)]
    pub service: Service,
    #[diesel(embed)]
    pub organisation: Provider,
    #[diesel(embed)]
    pub area: Area,
}

/// The service of a listed vacancy.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = service, check_for_backend(MultiBackend))]
pub struct Service {
    #[diesel(column_name = id)]
    pub id: ServiceId,
    #[diesel(column_name = organisation_id)]
    pub organisation_id: OrganisationId,
    #[diesel(column_name = name)]
    pub name: String,
    pub name_confidential: bool,
    pub accommodation_type: AccommodationType,
    pub nrpf: Nrpf,
    pub takes_women: bool,
    pub takes_men: bool,
    pub takes_pets: bool,
}

/// The provider of a listed vacancy.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = organisation, check_for_backend(MultiBackend))]
pub struct Provider {
    pub name: String,
}

/// The area of a listed vacancy.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = area, check_for_backend(MultiBackend))]
pub struct Area {
    pub code: String,
    pub name: String,
    pub county: Option<String>,
}

/// What a helpline worker filters by; `None` is no filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub accommodation_type: Option<AccommodationType>,
    /// A district, or a county with all its districts.
    pub area: Option<String>,
    pub bed_spaces: Option<i32>,
    pub children: Option<i32>,
    pub step_free: bool,
    pub wheelchair: bool,
    pub self_contained: bool,
    pub pets: bool,
    pub nrpf: bool,
    pub men: bool,
    /// Free by this instant.
    pub available_by: Option<At>,
}

/// Where a page begins: after the vacancy confirmed then, with this id.
pub type After = (At, VacancyId);

/// Selects, from vacancies joined with their units and services, those that somebody may be sent to: open, confirmed
/// after `since`, of an active service, the unit in use and free from `now`, or from the day that it is promised for, on.
///
/// The rule about the unit is that of [`crate::domain::occupancy::claim_stay`].
macro_rules! current {
    ($query:expr, $now:expr, $since:expr) => {
        $query
            .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("\"vacancy\".\"state\" = 'open'")) // as in the partial index: a parameter would hide it
            .filter(vacancy::confirmed_at.gt($since))
            .filter(service::active.eq(true))
            .filter(unit::online_until.is_null())
            .filter(diesel::dsl::not(diesel::dsl::exists(
                occupancy::table.filter(occupancy::unit_id.eq(vacancy::unit_id)).filter(
                    occupancy::ends_at.is_null().or(occupancy::ends_at
                        .gt($now)
                        .and(occupancy::ends_at.gt(occupancy::starts_at.nullable()))
                        .and(
                            occupancy::kind
                                .eq(Kind::Hold)
                                .or(occupancy::ends_at.gt(vacancy::available_from.nullable())),
                        )),
                ),
            )))
    };
}
pub(super) use current;

/// Vacancies that somebody may be sent to, the most recently confirmed first.
///
/// # Errors
/// When the database fails.
pub fn search(
    conn: &mut Conn,
    filter: Filter,
    now: At,
    since: At,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Listed>, AppError> {
    let joined = vacancy::table
        .inner_join(unit::table.inner_join(service::table.inner_join(organisation::table).inner_join(area::table)));
    let mut found = current!(joined, now, since)
        .order((vacancy::confirmed_at.desc(), vacancy::id.desc()))
        .limit(limit)
        .select(Listed::as_select())
        .into_boxed();
    if let Some(kind) = filter.accommodation_type {
        found = found.filter(service::accommodation_type.eq(kind));
    }
    if let Some(code) = filter.area {
        found = found.filter(area::code.eq(code.clone()).or(area::county.eq(code)));
    }
    if let Some(beds) = filter.bed_spaces {
        found = found.filter(unit::bed_spaces.ge(beds));
    }
    if let Some(children) = filter.children {
        let people = children + 1;
        found = found
            .filter((unit::bed_spaces + unit::cots).ge(people))
            .filter(service::max_children.is_null().or(service::max_children.ge(children)))
            .filter(service::largest_family.is_null().or(service::largest_family.ge(people)));
    }
    if filter.step_free {
        found = found.filter(unit::step_free.eq(true));
    }
    if filter.wheelchair {
        found = found.filter(unit::wheelchair.ne(Wheelchair::None));
    }
    if filter.self_contained {
        found = found.filter(unit::bathroom.eq(Room::Own)).filter(unit::kitchen.eq(Room::Own));
    }
    if filter.pets {
        found = found.filter(unit::pets.eq(true)).filter(service::takes_pets.eq(true));
    }
    if filter.nrpf {
        found = found.filter(service::nrpf.ne(Nrpf::No));
    }
    if filter.men {
        found = found.filter(service::takes_men.eq(true));
    }
    if let Some(instant) = filter.available_by {
        found = found.filter(vacancy::available_from.le(instant));
    }
    if let Some((confirmed_at, id)) = after {
        let same = vacancy::confirmed_at.eq(confirmed_at).and(vacancy::id.lt(id));
        found = found
            .filter(vacancy::confirmed_at.le(confirmed_at))
            .filter(vacancy::confirmed_at.lt(confirmed_at).or(same));
    }
    Ok(found.load(conn)?)
}

/// A vacancy with all that a helpline worker wants to know of it, whatever its state.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn listed(conn: &mut Conn, id: VacancyId) -> Result<Listed, AppError> {
    Ok(vacancy::table
        .inner_join(unit::table.inner_join(service::table.inner_join(organisation::table).inner_join(area::table)))
        .filter(vacancy::id.eq(id))
        .select(Listed::as_select())
        .first(conn)?)
}

/// A vacancy, if it belongs to this organisation.
///
/// # Errors
/// [`AppError::NotFound`], whether it does not exist or is somebody else's.
pub fn find_of(conn: &mut Conn, owner: OrganisationId, id: VacancyId) -> Result<Vacancy, AppError> {
    Ok(vacancy::table
        .inner_join(unit::table.inner_join(service::table))
        .filter(vacancy::id.eq(id))
        .filter(service::organisation_id.eq(owner))
        .select(Vacancy::as_select())
        .first(conn)?)
}

/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, id: VacancyId) -> Result<Vacancy, AppError> {
    Ok(vacancy::table.find(id).select(Vacancy::as_select()).first(conn)?)
}

/// The open vacancy of a unit, if it has one.
///
/// # Errors
/// When the database fails.
pub fn open_of_unit(conn: &mut Conn, id: UnitId) -> Result<Option<Vacancy>, AppError> {
    Ok(vacancy::table
        .filter(vacancy::unit_id.eq(id))
        .filter(vacancy::state.eq(State::Open))
        .select(Vacancy::as_select())
        .first(conn)
        .optional()?)
}

/// The open vacancies of an organisation.
///
/// # Errors
/// When the database fails.
pub fn open_of_organisation(conn: &mut Conn, owner: OrganisationId) -> Result<Vec<Vacancy>, AppError> {
    Ok(vacancy::table
        .inner_join(unit::table.inner_join(service::table))
        .filter(service::organisation_id.eq(owner))
        .filter(vacancy::state.eq(State::Open))
        .order(vacancy::id)
        .select(Vacancy::as_select())
        .load(conn)?)
}

/// # Errors
/// [`AppError::Contended`] when another vacancy of the unit was opened at the same time.
pub fn insert(tx: &mut Tx, row: &Vacancy) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(vacancy::table).values(row).execute(tx.conn))
}

/// Writes a vacancy that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update(tx: &mut Tx, row: &Vacancy) -> Result<(), AppError> {
    let updated = diesel::update(vacancy::table.find(row.id).filter(vacancy::version.eq(row.version - 1)))
        .set((
            vacancy::state.eq(row.state),
            vacancy::available_from.eq(row.available_from),
            vacancy::confirmed_at.eq(row.confirmed_at),
            vacancy::closed_at.eq(row.closed_at),
            vacancy::version.eq(row.version),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}
