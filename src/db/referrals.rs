//! Referrals, their reasons, and what the two sides write to each other.

mod lapse;
mod notes;

use diesel::prelude::*;

use super::cases::{Scope, within};
use super::conn::MultiBackend;
use super::exclusions::{self, Reader};
use super::schema::{case, referral, referral_secondary_reason, service};
use super::{Conn, Tx, merges};
use crate::auth::Actor;
use crate::clock::At;
use crate::domain::household::Needs;
use crate::domain::permission::Action;
use crate::domain::reason::DecidedBy;
pub use crate::domain::referral::Side;
use crate::domain::referral::State;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, OccupancyId, OrganisationId, ReferralId, ServiceId, UnitId, VacancyId};

pub use self::lapse::may_lapse;
pub use self::notes::{Note, Talk, add_topic, insert_note, left_at, mark_read, notes, talk, topics};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = referral, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Referral {
    pub id: ReferralId,
    pub reference: String,
    pub case_id: CaseId,
    pub service_id: ServiceId,
    pub vacancy_id: Option<VacancyId>,
    pub unit_id: Option<UnitId>,
    pub hold_id: Option<OccupancyId>,
    pub state: State,
    pub sent_at: At,
    pub sent_by: AccountId,
    pub decided_at: Option<At>,
    pub ended_at: Option<At>,
    pub primary_reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    pub address_from: Option<At>,
    pub address_until: Option<At>,
    pub version: i32,
}

/// A referral with the organisations at its two ends.
#[derive(Debug, Clone)]
pub struct Seen {
    pub referral: Referral,
    pub referrer: OrganisationId,
    pub provider: OrganisationId,
    /// The worker whose case it is.
    pub case_owner: AccountId,
    /// What the household needs, of which each side sees its part.
    pub needs: Needs,
    /// Whether its case was opened to the reader in an emergency, or is folded into one of hers.
    pub opened: bool,
    pub service_name: ServiceName,
}

/// What a service is called, and whether others may know.
#[derive(Debug, Clone, Queryable)]
pub struct ServiceName {
    pub name: String,
    pub confidential: bool,
}

impl Seen {
    /// The sides from which its reader may see it: as one who works on the case, and as one who answers for the service.
    /// One whose case does not exist for somebody is never seen by them.
    pub fn sides(&self, actor: &Actor) -> Vec<Side> {
        let mut sides = Vec::new();
        let whole_organisation = actor.may(Action::SeeEveryCase);
        if self.referrer == actor.organisation
            && actor.may(Action::WorkCases)
            && (whole_organisation || self.opened || self.case_owner == actor.account)
        {
            sides.push(Side::Referrer);
        }
        if self.provider == actor.organisation && actor.may(Action::AnswerReferrals) {
            sides.push(Side::Provider);
        }
        sides
    }
}

/// Where a page of referrals begins: after the referral sent then, with this id.
pub type After = (At, ReferralId);

/// What a list of referrals is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub side: Option<Side>,
    pub state: Option<State>,
    pub case: Option<CaseId>,
}

/// The referrals that somebody may see, the newest first.
///
/// # Errors
/// When the database fails.
pub fn page(
    conn: &mut Conn,
    actor: &Actor,
    filter: Filter,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Seen>, AppError> {
    let states: &[State] = filter.state.as_ref().map_or(State::ALL, std::slice::from_ref);
    page_in(conn, actor, filter, states, after, limit)
}

/// As [`page`], of those in any of these states.
///
/// # Errors
/// When the database fails.
pub fn page_in(
    conn: &mut Conn,
    actor: &Actor,
    filter: Filter,
    states: &[State],
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Seen>, AppError> {
    let reader = Reader::of(actor);
    let opened = opened(conn, actor)?;
    let mut found = referral::table
        .inner_join(case::table)
        .inner_join(service::table)
        .order((referral::sent_at.desc(), referral::id.desc()))
        .limit(limit)
        .select((
            Referral::as_select(),
            case::organisation_id,
            service::organisation_id,
            (case::owner_id, case::needs),
            (service::name, service::name_confidential),
        ))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .into_boxed();
    let as_referrer = filter.side != Some(Side::Provider) && actor.may(Action::WorkCases);
    let as_provider = filter.side != Some(Side::Referrer) && actor.may(Action::AnswerReferrals);
    let ours = actor.organisation;
    let own_only = !actor.may(Action::SeeEveryCase);
    found = match (as_referrer, as_provider, own_only) {
        (false, false, _) => return Ok(Vec::new()),
        (false, true, _) => found.filter(service::organisation_id.eq(ours)),
        (true, false, false) => found.filter(case::organisation_id.eq(ours)),
        (true, false, true) => {
            let own = case::owner_id
                .eq(actor.account)
                .or(case::id.eq_any(merges::folded_into_own!(actor.account)))
                .or(case::id.eq_any(exclusions::opened!(reader)));
            found.filter(case::organisation_id.eq(ours)).filter(own)
        }
        (true, true, false) => found.filter(case::organisation_id.eq(ours).or(service::organisation_id.eq(ours))),
        (true, true, true) => {
            let own = case::owner_id
                .eq(actor.account)
                .or(case::id.eq_any(merges::folded_into_own!(actor.account)))
                .or(case::id.eq_any(exclusions::opened!(reader)));
            found.filter(case::organisation_id.eq(ours).and(own).or(service::organisation_id.eq(ours)))
        }
    };
    if states.len() < State::ALL.len() {
        found = found.filter(referral::state.eq_any(states));
    }
    if let Some(case) = filter.case {
        found = found.filter(referral::case_id.eq(case));
    }
    if let Some((sent_at, id)) = after {
        found = found.filter(referral::sent_at.lt(sent_at).or(referral::sent_at.eq(sent_at).and(referral::id.lt(id))));
    }
    Ok(found.load(conn)?.into_iter().map(|row| seen(row, &opened)).collect())
}

/// A referral that somebody may see, and from which sides.
///
/// # Errors
/// [`AppError::NotFound`], whether it does not exist or is not theirs to see.
pub fn find_for(conn: &mut Conn, actor: &Actor, id: ReferralId) -> Result<(Seen, Vec<Side>), AppError> {
    let reader = Reader::of(actor);
    let row = referral::table
        .inner_join(case::table)
        .inner_join(service::table)
        .filter(referral::id.eq(id))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .select((
            Referral::as_select(),
            case::organisation_id,
            service::organisation_id,
            (case::owner_id, case::needs),
            (service::name, service::name_confidential),
        ))
        .first(conn)?;
    let seen = seen(row, &opened(conn, actor)?);
    let sides = seen.sides(actor);
    if sides.is_empty() { Err(AppError::NotFound) } else { Ok((seen, sides)) }
}

/// The cases that somebody may see although they are not hers: in an emergency, or because they are folded into hers.
fn opened(conn: &mut Conn, actor: &Actor) -> Result<Vec<CaseId>, AppError> {
    let mut opened = exclusions::opened_cases(conn, Reader::of(actor))?;
    opened.extend(merges::folded_into_own_of(conn, actor.account)?);
    Ok(opened)
}

type Row = (Referral, OrganisationId, OrganisationId, (AccountId, Needs), ServiceName);

fn seen((referral, referrer, provider, (case_owner, needs), service_name): Row, opened: &[CaseId]) -> Seen {
    let opened = opened.contains(&referral.case_id);
    Seen { referral, referrer, provider, case_owner, needs, opened, service_name }
}

/// The referrals of a case, oldest first: only for verbs that have found the case within their scope.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, of: CaseId) -> Result<Vec<Referral>, AppError> {
    Ok(referral::table
        .filter(referral::case_id.eq(of))
        .order((referral::sent_at, referral::id))
        .select(Referral::as_select())
        .load(conn)?)
}

/// # Errors
/// [`AppError::NotFound`].
pub(crate) fn find(conn: &mut Conn, id: ReferralId) -> Result<Referral, AppError> {
    Ok(referral::table.find(id).select(Referral::as_select()).first(conn)?)
}

/// Whether an organisation's case has a referral to this unit under which its address may be read now.
///
/// # Errors
/// When the database fails.
pub fn address_released(conn: &mut Conn, to: &Actor, of: UnitId, now: At) -> Result<bool, AppError> {
    let released = referral::table
        .inner_join(case::table)
        .filter(referral::unit_id.eq(of))
        .filter(referral::state.eq_any([State::Accepted, State::Placed]))
        .filter(referral::address_from.le(now))
        .filter(referral::address_until.gt(now))
        .select(referral::id)
        .into_boxed();
    let released = within!(released, Scope::of(to));
    Ok(released.first::<ReferralId>(conn).optional()?.is_some())
}

/// # Errors
/// [`AppError::Contended`] when the case was referred to the same service at the same time.
pub fn insert(tx: &mut Tx, row: &Referral) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(referral::table).values(row).execute(tx.conn))
}

/// Writes a referral that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update(tx: &mut Tx, row: &Referral) -> Result<(), AppError> {
    let updated = diesel::update(referral::table.find(row.id).filter(referral::version.eq(row.version - 1)))
        .set((
            referral::unit_id.eq(row.unit_id),
            referral::hold_id.eq(row.hold_id),
            referral::state.eq(row.state),
            referral::decided_at.eq(row.decided_at),
            referral::ended_at.eq(row.ended_at),
            referral::primary_reason.eq(&row.primary_reason),
            referral::decided_by.eq(row.decided_by),
            referral::address_from.eq(row.address_from),
            referral::address_until.eq(row.address_until),
            referral::version.eq(row.version),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// # Errors
/// When the database fails.
pub fn add_secondary_reason(tx: &mut Tx, of: ReferralId, reason: &str) -> Result<(), AppError> {
    diesel::insert_into(referral_secondary_reason::table)
        .values((referral_secondary_reason::referral_id.eq(of), referral_secondary_reason::reason.eq(reason)))
        .execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub fn secondary_reasons(conn: &mut Conn, of: ReferralId) -> Result<Vec<String>, AppError> {
    Ok(referral_secondary_reason::table
        .filter(referral_secondary_reason::referral_id.eq(of))
        .order(referral_secondary_reason::reason)
        .select(referral_secondary_reason::reason)
        .load(conn)?)
}
