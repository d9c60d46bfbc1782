//! Requests for cases that are not one's own, and what became of them. (S17)

use diesel::prelude::*;
use uuid::Uuid;

use super::cases::{Scope, within};
use super::conn::MultiBackend;
use super::exclusions::{self, Reader};
use super::schema::{case, emergency_access, hidden_case, placement, referral, sanctuary_job, service};
use super::{Conn, Tx};
use crate::auth::Actor;
use crate::clock::At;
use crate::domain::emergency::State;
use crate::domain::permission::Action;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, EmergencyId, KeyId, OccupancyId, OrganisationId, ReferralId, SanctuaryId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = emergency_access, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Emergency {
    pub id: EmergencyId,
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    /// None when the reference is of no case that the organisation works with.
    pub case_id: Option<CaseId>,
    pub reference: String,
    /// Of the list `emergency_access_reason`.
    pub reason: String,
    pub key_id: KeyId,
    pub sealed: Vec<u8>,
    pub asked_at: At,
    pub lapses_at: At,
    pub state: State,
    pub decided_at: Option<At>,
    pub decided_by: Option<AccountId>,
    pub until: Option<At>,
    pub used_at: Option<At>,
    pub refusal_key_id: Option<KeyId>,
    pub refusal_sealed: Option<Vec<u8>>,
}

/// The case that a reference is of, its own or that of a referral, if it is one of the organisation's or was referred to
/// it.
///
/// # Errors
/// When the database fails.
pub fn case_named(conn: &mut Conn, of: OrganisationId, reference: &str) -> Result<Option<CaseId>, AppError> {
    let own = case::table
        .filter(case::reference.eq(reference.to_owned()))
        .filter(case::organisation_id.eq(of))
        .select(case::id)
        .first(conn)
        .optional()?;
    if own.is_some() {
        return Ok(own);
    }
    Ok(referral::table
        .inner_join(case::table)
        .inner_join(service::table)
        .filter(referral::reference.eq(reference.to_owned()))
        .filter(case::organisation_id.eq(of).or(service::organisation_id.eq(of)))
        .select(case::id)
        .first(conn)
        .optional()?)
}

/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx, row: &Emergency) -> Result<(), AppError> {
    diesel::insert_into(emergency_access::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub fn update(tx: &mut Tx, row: &Emergency) -> Result<(), AppError> {
    diesel::update(emergency_access::table.find(row.id)).set(row).execute(tx.conn)?;
    Ok(())
}

/// What somebody has asked for, the newest first.
///
/// # Errors
/// When the database fails.
pub fn asked_by(conn: &mut Conn, actor: &Actor, limit: i64) -> Result<Vec<Emergency>, AppError> {
    Ok(emergency_access::table
        .filter(emergency_access::account_id.eq(actor.account))
        .order((emergency_access::asked_at.desc(), emergency_access::id.desc()))
        .limit(limit)
        .select(Emergency::as_select())
        .load(conn)?)
}

/// One's own.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find_own(conn: &mut Conn, actor: &Actor, id: EmergencyId) -> Result<Emergency, AppError> {
    Ok(emergency_access::table
        .filter(emergency_access::id.eq(id))
        .filter(emergency_access::account_id.eq(actor.account))
        .select(Emergency::as_select())
        .first(conn)?)
}

/// What colleagues have asked for and somebody may decide on, the newest first: her own cases, and as a manager those of
/// the organisation and those referred to it. Never one that does not exist for her, and never her own request; sight that
/// was itself opened in an emergency does not count.
///
/// # Errors
/// When the database fails.
pub fn to_decide(
    conn: &mut Conn,
    actor: &Actor,
    only: Option<EmergencyId>,
    limit: i64,
) -> Result<Vec<Emergency>, AppError> {
    let rows =
        emergency_access::table
            .inner_join(case::table.on(emergency_access::case_id.eq(case::id.nullable())))
            .filter(emergency_access::organisation_id.eq(actor.organisation))
            .filter(emergency_access::account_id.ne(actor.account))
            .filter(case::id.ne_all(
                hidden_case::table.filter(hidden_case::account_id.eq(actor.account)).select(hidden_case::case_id),
            ))
            .order((emergency_access::asked_at.desc(), emergency_access::id.desc()))
            .limit(limit)
            .select(Emergency::as_select())
            .into_boxed();
    let ours = || case::organisation_id.eq(actor.organisation);
    let mine = || ours().and(case::owner_id.eq(actor.account));
    let theirs = case::organisation_id.ne(actor.organisation);
    let mut rows = match (actor.may(Action::SeeEveryCase), actor.may(Action::RestrictReferrals)) {
        (true, true) => rows,
        (true, false) => rows.filter(ours()),
        (false, true) => rows.filter(mine().or(theirs)),
        (false, false) => rows.filter(mine()),
    };
    if let Some(id) = only {
        rows = rows.filter(emergency_access::id.eq(id));
    }
    Ok(rows.load(conn)?)
}

/// How many requests wait for somebody's decision at `now`.
///
/// # Errors
/// When the database fails.
pub fn waiting(conn: &mut Conn, actor: &Actor, now: At) -> Result<usize, AppError> {
    let all = to_decide(conn, actor, None, 200)?;
    Ok(all.iter().filter(|row| crate::domain::emergency::undecided(row.state, row.lapses_at, now)).count())
}

/// The access to a case that is open to the actor of a transaction.
///
/// # Errors
/// When the database fails.
pub fn open(tx: &mut Tx, to: CaseId) -> Result<Option<Emergency>, AppError> {
    let now = tx.now();
    Ok(emergency_access::table
        .filter(emergency_access::account_id.eq(tx.actor.account))
        .filter(emergency_access::case_id.eq(to))
        .filter(emergency_access::state.eq(State::Granted))
        .filter(emergency_access::until.gt(now))
        .select(Emergency::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Ends whatever access to a case is open to somebody.
///
/// # Errors
/// When the database fails.
pub fn end_all(tx: &mut Tx, to: CaseId, of: AccountId) -> Result<(), AppError> {
    let now = tx.now();
    diesel::update(
        emergency_access::table
            .filter(emergency_access::account_id.eq(of))
            .filter(emergency_access::case_id.eq(to))
            .filter(emergency_access::state.eq(State::Granted))
            .filter(emergency_access::until.gt(now)),
    )
    .set((emergency_access::state.eq(State::Ended), emergency_access::until.eq(now)))
    .execute(tx.conn)?;
    Ok(())
}

/// The case behind a case, a referral, a stay or a sanctuary job, when it is open to somebody because of an emergency.
///
/// # Errors
/// When the database fails.
pub fn read_under(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<Option<CaseId>, AppError> {
    let opened = exclusions::opened_cases(conn, Reader::of(actor))?;
    if opened.is_empty() {
        return Ok(None);
    }
    let of_referral = referral::table.find(ReferralId(id)).select(referral::case_id).first(conn).optional()?;
    let of_stay = placement::table
        .inner_join(referral::table)
        .filter(placement::id.eq(OccupancyId(id)))
        .select(referral::case_id)
        .first(conn)
        .optional()?;
    let of_sanctuary =
        sanctuary_job::table.find(SanctuaryId(id)).select(sanctuary_job::case_id).first(conn).optional()?;
    let case = of_referral.or(of_stay).or(of_sanctuary).unwrap_or(CaseId(id));
    Ok(opened.contains(&case).then_some(case))
}

/// Whether somebody sees a case as its owner or manager, emergencies apart.
///
/// # Errors
/// When the database fails.
pub fn sees_anyway(conn: &mut Conn, actor: &Actor, id: CaseId) -> Result<bool, AppError> {
    let actor = Actor { session: None, ..actor.clone() };
    let found = case::table.filter(case::id.eq(id)).select(case::id).into_boxed();
    Ok(within!(found, Scope::of(&actor)).first::<CaseId>(conn).optional()?.is_some())
}
