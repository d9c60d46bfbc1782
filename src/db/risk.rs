//! How great the danger is: assessments, incidents, referrals to a MARAC. All of them are only added.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{account, marac_referral, risk_assessment, risk_incident};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::household::{Answer, RiskBand};
use crate::domain::risk::{AbuseTypes, MaracReason};
use crate::error::AppError;
use crate::ids::{AccountId, AssessmentId, CaseId, IncidentId, KeyId, MaracId, OrganisationId};

/// One assessment; the answers and the words are sealed.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = risk_assessment, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Assessment {
    pub id: AssessmentId,
    pub case_id: CaseId,
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    pub assessed_on: NaiveDate,
    pub recorded_at: At,
    pub score: i32,
    /// Whether each answer was given, and not only the score of a form on paper.
    pub answered: bool,
    pub band: RiskBand,
    /// The band that follows from the score.
    pub score_band: RiskBand,
    /// Of the list `risk_override_reason`.
    pub override_reason: Option<String>,
    pub next_review_on: NaiveDate,
    pub key_id: Option<KeyId>,
    pub sealed: Option<Vec<u8>>,
}

impl std::fmt::Debug for Assessment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Assessment({})", self.id.0)
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = marac_referral, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Marac {
    pub id: MaracId,
    pub case_id: CaseId,
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    pub referred_on: NaiveDate,
    pub recorded_at: At,
    pub reason: MaracReason,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = risk_incident, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Incident {
    pub id: IncidentId,
    pub case_id: CaseId,
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    pub happened_on: NaiveDate,
    pub recorded_at: At,
    pub same_person: Answer,
    pub abuse_types: AbuseTypes,
    /// Whether it called for another referral when it was recorded.
    pub marac_repeat: bool,
}

/// So many of each are read: more than a household has, but for one that is known for decades.
const MOST: i64 = 200;

/// The assessments of a case with who made them, the newest first: only for who has found the case within their scope.
///
/// # Errors
/// When the database fails.
pub fn assessments(conn: &mut Conn, of: CaseId) -> Result<Vec<(Assessment, String)>, AppError> {
    Ok(risk_assessment::table
        .inner_join(account::table)
        .filter(risk_assessment::case_id.eq(of))
        .order((risk_assessment::recorded_at.desc(), risk_assessment::id.desc()))
        .limit(MOST)
        .select((Assessment::as_select(), account::name))
        .load(conn)?)
}

/// # Errors
/// [`AppError::NotFound`] unless it is one of this case.
pub fn find_assessment(conn: &mut Conn, of: CaseId, id: AssessmentId) -> Result<Assessment, AppError> {
    Ok(risk_assessment::table
        .find(id)
        .filter(risk_assessment::case_id.eq(of))
        .select(Assessment::as_select())
        .first(conn)?)
}

/// Whether the risk of a household was ever assessed: then its profile says what the newest assessment does.
///
/// # Errors
/// When the database fails.
pub fn assessed(conn: &mut Conn, of: CaseId) -> Result<bool, AppError> {
    let found: Option<AssessmentId> = risk_assessment::table
        .filter(risk_assessment::case_id.eq(of))
        .select(risk_assessment::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// The referrals of a case to a MARAC, the newest first.
///
/// # Errors
/// When the database fails.
pub fn maracs(conn: &mut Conn, of: CaseId) -> Result<Vec<Marac>, AppError> {
    Ok(marac_referral::table
        .filter(marac_referral::case_id.eq(of))
        .order((marac_referral::referred_on.desc(), marac_referral::id.desc()))
        .limit(MOST)
        .select(Marac::as_select())
        .load(conn)?)
}

/// What happened to a household, the newest first.
///
/// # Errors
/// When the database fails.
pub fn incidents(conn: &mut Conn, of: CaseId) -> Result<Vec<Incident>, AppError> {
    Ok(risk_incident::table
        .filter(risk_incident::case_id.eq(of))
        .order((risk_incident::happened_on.desc(), risk_incident::id.desc()))
        .limit(MOST)
        .select(Incident::as_select())
        .load(conn)?)
}

/// # Errors
/// When the database fails.
pub fn insert_assessment(tx: &mut Tx, row: &Assessment) -> Result<(), AppError> {
    diesel::insert_into(risk_assessment::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub fn insert_marac(tx: &mut Tx, row: &Marac) -> Result<(), AppError> {
    diesel::insert_into(marac_referral::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub fn insert_incident(tx: &mut Tx, row: &Incident) -> Result<(), AppError> {
    diesel::insert_into(risk_incident::table).values(row).execute(tx.conn)?;
    Ok(())
}
