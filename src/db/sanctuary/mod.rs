//! Homes that are made safe: the jobs of sanctuary schemes. Nobody queries them for somebody without a [`Reader`]. (S17)

mod capacity;
mod follow_ups;
mod measures;
mod report;

use chrono::NaiveDate;
use diesel::prelude::*;

pub use self::capacity::{Capacity, capacities, left, put_capacity};
pub use self::follow_ups::{
    FollowUp, answers_of, find_follow_up, follow_ups, insert_follow_up, settle_follow_ups, update_follow_up,
};
pub use self::measures::{Measure, cost, find_measure, fit_planned, insert_measure, measures, update_measure};
pub use self::report::reported;

use super::conn::MultiBackend;
use super::exclusions::{self, Reader};
use super::schema::{area, case, sanctuary_address, sanctuary_job, service};
use super::services::Named;
use super::{Conn, Tx};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::referrals::{ServiceName, Side};
use crate::domain::household::Answer;
use crate::domain::permission::Action;
use crate::domain::provision::AccommodationType;
use crate::domain::reason::DecidedBy;
use crate::domain::sanctuary::{self, Consent, State, Tenure};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, KeyId, OrganisationId, SanctuaryId, ServiceId};
use crate::vault::Sealed;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sanctuary_job, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Job {
    pub id: SanctuaryId,
    pub reference: String,
    pub case_id: CaseId,
    pub service_id: ServiceId,
    pub state: State,
    pub requested_at: At,
    pub requested_by: AccountId,
    /// The first day of the month in which it is to be done.
    pub wanted_month: NaiveDate,
    pub survey_on: Option<NaiveDate>,
    /// When the survey was first given a day: from then on the scheme may know who and where.
    pub booked_at: Option<At>,
    pub surveyed_on: Option<NaiveDate>,
    pub installed_on: Option<NaiveDate>,
    pub signed_off_on: Option<NaiveDate>,
    pub signed_off_at: Option<At>,
    pub tenure: Tenure,
    pub landlord_consent: Consent,
    pub consent_asked_on: Option<NaiveDate>,
    pub consent_answered_on: Option<NaiveDate>,
    /// Whether the perpetrator has keys.
    pub perpetrator_keys: Answer,
    /// Whether the perpetrator stands in the tenancy or owns a part.
    pub joint_tenancy: Answer,
    pub ended_at: Option<At>,
    /// Of the list `sanctuary_ending`.
    pub reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    pub version: i32,
}

impl Job {
    /// Whether who and where may be read of it now, by the scheme or by the referrer.
    pub fn released(&self, now: At, by_scheme: bool) -> bool {
        sanctuary::released(self.state, self.booked_at, self.signed_off_at, now, by_scheme)
    }
}

/// A job with the organisations at its two ends.
#[derive(Debug, Clone)]
pub struct Seen {
    pub job: Job,
    pub referrer: OrganisationId,
    pub provider: OrganisationId,
    /// The worker whose case it is.
    pub case_owner: AccountId,
    /// Whether its case was opened to the reader in an emergency.
    pub opened: bool,
    pub service_name: ServiceName,
}

impl Seen {
    /// The sides from which its reader may see it: see [`super::referrals::Seen::sides`].
    pub fn sides(&self, actor: &Actor) -> Vec<Side> {
        let mut sides = Vec::new();
        let every_case = actor.may(Action::SeeEveryCase);
        if self.referrer == actor.organisation
            && actor.may(Action::WorkCases)
            && (every_case || self.opened || self.case_owner == actor.account)
        {
            sides.push(Side::Referrer);
        }
        if self.provider == actor.organisation && actor.may(Action::AnswerReferrals) {
            sides.push(Side::Provider);
        }
        sides
    }
}

type Row = (Job, OrganisationId, OrganisationId, AccountId, ServiceName);

fn seen((job, referrer, provider, case_owner, service_name): Row, opened: &[CaseId]) -> Seen {
    let opened = opened.contains(&job.case_id);
    Seen { job, referrer, provider, case_owner, opened, service_name }
}

/// Where a page of jobs begins: after the job requested then, with this id.
pub type After = (At, SanctuaryId);

/// What a list of jobs is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub side: Option<Side>,
    pub state: Option<State>,
    /// Only those that wait for somebody, or only those that have ended.
    pub open: Option<bool>,
    pub case: Option<CaseId>,
}

/// The jobs that somebody may see, the newest first.
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
    let reader = Reader::of(actor);
    let opened = exclusions::opened_cases(conn, reader)?;
    let mut found = sanctuary_job::table
        .inner_join(case::table)
        .inner_join(service::table)
        .order((sanctuary_job::requested_at.desc(), sanctuary_job::id.desc()))
        .limit(limit)
        .select((
            Job::as_select(),
            case::organisation_id,
            service::organisation_id,
            case::owner_id,
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
            let own = case::owner_id.eq(actor.account).or(case::id.eq_any(exclusions::opened!(reader)));
            found.filter(case::organisation_id.eq(ours)).filter(own)
        }
        (true, true, false) => found.filter(case::organisation_id.eq(ours).or(service::organisation_id.eq(ours))),
        (true, true, true) => {
            let own = case::owner_id.eq(actor.account).or(case::id.eq_any(exclusions::opened!(reader)));
            found.filter(case::organisation_id.eq(ours).and(own).or(service::organisation_id.eq(ours)))
        }
    };
    if let Some(state) = filter.state {
        found = found.filter(sanctuary_job::state.eq(state));
    }
    match filter.open {
        Some(true) => found = found.filter(sanctuary_job::ended_at.is_null()),
        Some(false) => found = found.filter(sanctuary_job::ended_at.is_not_null()),
        None => {}
    }
    if let Some(case) = filter.case {
        found = found.filter(sanctuary_job::case_id.eq(case));
    }
    if let Some((requested_at, id)) = after {
        let same = sanctuary_job::requested_at.eq(requested_at).and(sanctuary_job::id.lt(id));
        found = found.filter(sanctuary_job::requested_at.lt(requested_at).or(same));
    }
    Ok(found.load(conn)?.into_iter().map(|row| seen(row, &opened)).collect())
}

/// A job that somebody may see, and from which sides.
///
/// # Errors
/// [`AppError::NotFound`], whether it does not exist or is not theirs to see.
pub fn find_for(conn: &mut Conn, actor: &Actor, id: SanctuaryId) -> Result<(Seen, Vec<Side>), AppError> {
    let reader = Reader::of(actor);
    let row = sanctuary_job::table
        .inner_join(case::table)
        .inner_join(service::table)
        .filter(sanctuary_job::id.eq(id))
        .filter(case::id.ne_all(exclusions::hidden!(reader)))
        .select((
            Job::as_select(),
            case::organisation_id,
            service::organisation_id,
            case::owner_id,
            (service::name, service::name_confidential),
        ))
        .first(conn)?;
    let seen = seen(row, &exclusions::opened_cases(conn, reader)?);
    let sides = seen.sides(actor);
    if sides.is_empty() { Err(AppError::NotFound) } else { Ok((seen, sides)) }
}

/// The jobs of a case, oldest first: only for verbs that have found the case within their scope.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, of: CaseId) -> Result<Vec<Job>, AppError> {
    Ok(sanctuary_job::table
        .filter(sanctuary_job::case_id.eq(of))
        .order((sanctuary_job::requested_at, sanctuary_job::id))
        .select(Job::as_select())
        .load(conn)?)
}

/// How many jobs of a case go on, or are still to be followed up.
///
/// # Errors
/// When the database fails.
pub fn going_on(conn: &mut Conn, of: CaseId) -> Result<usize, AppError> {
    let mut count = 0;
    for job in of_case(conn, of)? {
        let waits = |one: &FollowUp| one.answer.is_none() && one.settled_at.is_none();
        count += usize::from(job.state.open() || follow_ups(conn, job.id)?.iter().any(waits));
    }
    Ok(count)
}

/// Whether a home was made safe for a case, and nobody has said since that it is not.
///
/// # Errors
/// When the database fails.
pub fn is_safe_at_home(conn: &mut Conn, of: CaseId) -> Result<bool, AppError> {
    let jobs = of_case(conn, of)?;
    let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    let answers = answers_of(conn, &ids)?;
    let none = Vec::new();
    Ok(sanctuary::safe_at_home(jobs.iter().map(|job| (job.state, &answers.get(&job.id).unwrap_or(&none)[..]))))
}

/// The cases whose household is safe at home, for a filter with `ne_all`: their last job was signed off, and nobody has said
/// since that they are not. They wait for no place. As [`sanctuary::safe_at_home`] decides it of one.
macro_rules! safe_at_home {
    () => {{
        use $crate::db::schema::{sanctuary_follow_up as asked, sanctuary_job as made};
        let later = diesel::alias!(made as later_job);
        let no = asked::table
            .filter(asked::job_id.eq(made::id))
            .filter(asked::answer.eq($crate::domain::sanctuary::StillSafe::NotSafe));
        let after = later
            .filter(later.field(made::case_id).eq(made::case_id))
            .filter(later.field(made::signed_off_at).gt(made::signed_off_at));
        made::table
            .filter(made::state.eq($crate::domain::sanctuary::State::SignedOff))
            .filter(diesel::dsl::not(diesel::dsl::exists(no)))
            .filter(diesel::dsl::not(diesel::dsl::exists(after)))
            .select(made::case_id)
    }};
}
pub(super) use safe_at_home;

/// # Errors
/// [`AppError::Contended`] when the household asked for another at the same time.
pub fn insert(tx: &mut Tx, row: &Job) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(sanctuary_job::table).values(row).execute(tx.conn))
}

/// Writes a job that is still at the version before it.
///
/// # Errors
/// [`AppError::Contended`] when it is not.
pub fn update(tx: &mut Tx, row: &Job) -> Result<(), AppError> {
    let before = sanctuary_job::table.find(row.id).filter(sanctuary_job::version.eq(row.version - 1));
    let updated = diesel::update(before)
        .set((
            (
                sanctuary_job::state.eq(row.state),
                sanctuary_job::wanted_month.eq(row.wanted_month),
                sanctuary_job::survey_on.eq(row.survey_on),
                sanctuary_job::booked_at.eq(row.booked_at),
                sanctuary_job::surveyed_on.eq(row.surveyed_on),
                sanctuary_job::installed_on.eq(row.installed_on),
                sanctuary_job::signed_off_on.eq(row.signed_off_on),
                sanctuary_job::signed_off_at.eq(row.signed_off_at),
            ),
            (
                sanctuary_job::tenure.eq(row.tenure),
                sanctuary_job::landlord_consent.eq(row.landlord_consent),
                sanctuary_job::consent_asked_on.eq(row.consent_asked_on),
                sanctuary_job::consent_answered_on.eq(row.consent_answered_on),
                sanctuary_job::perpetrator_keys.eq(row.perpetrator_keys),
                sanctuary_job::joint_tenancy.eq(row.joint_tenancy),
                sanctuary_job::ended_at.eq(row.ended_at),
                sanctuary_job::reason.eq(&row.reason),
                sanctuary_job::decided_by.eq(row.decided_by),
                sanctuary_job::version.eq(row.version),
            ),
        ))
        .execute(tx.conn)?;
    if updated == 1 { Ok(()) } else { Err(AppError::Contended) }
}

/// Every sanctuary scheme that takes jobs, with the county that its area is part of, in the order of their names.
///
/// # Errors
/// When the database fails.
pub fn schemes(conn: &mut Conn) -> Result<Vec<(Named, Option<String>)>, AppError> {
    let ids: Vec<(ServiceId, Option<String>)> = service::table
        .inner_join(area::table)
        .filter(service::accommodation_type.eq(AccommodationType::Sanctuary))
        .filter(service::active.eq(true))
        .order((service::name, service::id))
        .select((service::id, area::county))
        .load(conn)?;
    ids.into_iter().map(|(id, county)| Ok((super::services::find(conn, id)?, county))).collect()
}

#[derive(Insertable)]
#[diesel(table_name = sanctuary_address, treat_none_as_default_value = false)]
struct AddressRow {
    job_id: SanctuaryId,
    key_id: KeyId,
    sealed: Vec<u8>,
    version: i32,
    updated_at: At,
}

/// The sealed address of a home.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has written it down.
pub fn address(conn: &mut Conn, id: SanctuaryId) -> Result<Sealed, AppError> {
    let found = sanctuary_address::table.find(id).select((sanctuary_address::key_id, sanctuary_address::sealed));
    let (key, bytes) = found.first(conn)?;
    Ok(Sealed { key, bytes })
}

/// Whether somebody has written down where it is.
///
/// # Errors
/// When the database fails.
pub fn has_address(conn: &mut Conn, id: SanctuaryId) -> Result<bool, AppError> {
    let found: Option<SanctuaryId> =
        sanctuary_address::table.find(id).select(sanctuary_address::job_id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Records the sealed address of a home in place of any before.
///
/// # Errors
/// When the database fails.
pub fn put_address(tx: &mut Tx, id: SanctuaryId, sealed: Sealed) -> Result<(), AppError> {
    let Sealed { key, bytes } = sealed;
    let updated = diesel::update(sanctuary_address::table.find(id))
        .set((
            sanctuary_address::key_id.eq(key),
            sanctuary_address::sealed.eq(&bytes),
            sanctuary_address::version.eq(sanctuary_address::version + 1),
            sanctuary_address::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    if updated == 0 {
        let row = AddressRow { job_id: id, key_id: key, sealed: bytes, version: 1, updated_at: tx.now };
        diesel::insert_into(sanctuary_address::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}
