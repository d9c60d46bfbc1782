//! A sanctuary job as each side sees it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions;
use crate::actions::public_name;
use crate::audit::Change;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::referrals::Side;
use crate::db::sanctuary::Seen;
use crate::domain::household::{AccessNeed, Answer, Member, Needs, RiskBand};
use crate::domain::reason::DecidedBy;
use crate::domain::sanctuary::{Consent, Fitting, Installer, State, StillSafe, Tenure};
use crate::error::AppError;
use crate::ids::{CaseId, OrganisationId, SanctuaryFollowUpId, SanctuaryId, SanctuaryMeasureId, ServiceId};

/// The household's own home, that is to be made safe. Where it is, is not said here.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SanctuaryJob)]
pub struct Job {
    pub id: SanctuaryId,
    /// To be read over the telephone.
    pub reference: String,
    pub state: State,
    pub service_id: ServiceId,
    pub service: String,
    /// Said to the referrer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    pub requested_at: At,
    /// The first day of the month in which it is to be done.
    pub wanted_month: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surveyed_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_off_on: Option<NaiveDate>,
    pub tenure: Tenure,
    pub landlord_consent: Consent,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_asked_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_answered_on: Option<NaiveDate>,
    /// Whether the perpetrator has keys.
    pub perpetrator_keys: Answer,
    /// Whether the perpetrator stands in the tenancy or owns a part.
    pub joint_tenancy: Answer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<At>,
    /// Of the list `sanctuary_ending`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<DecidedBy>,
    /// Whether you may read now where it is, for a reason; a scheme also who they are.
    pub released: bool,
    /// Whether somebody has written down where it is. Said to the referrer, and to the scheme while it may read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_known: Option<bool>,
    /// Of all measures but those that were removed again.
    pub cost_pence: i64,
    #[serde(default)]
    pub measures: Vec<Measure>,
    /// Said to the scheme: no names, no places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<Household>,
    /// Said to the referrer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follow_ups: Vec<FollowUp>,
    pub version: i32,
}

/// Something that is fitted in a home.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SanctuaryMeasure)]
pub struct Measure {
    pub id: SanctuaryMeasureId,
    /// Of the list `sanctuary_measure`.
    pub kind: String,
    pub number: i32,
    /// Of all of them together.
    pub cost_pence: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installer: Option<Installer>,
    pub state: Fitting,
    pub version: i32,
}

impl From<db::sanctuary::Measure> for Measure {
    fn from(row: db::sanctuary::Measure) -> Self {
        let db::sanctuary::Measure { id, job_id: _, kind, number, cost_pence, installer, state, version } = row;
        Self { id, kind, number, cost_pence, installer, state, version }
    }
}

/// The question whether a household is still safe at home.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SanctuaryFollowUp)]
pub struct FollowUp {
    pub id: SanctuaryFollowUpId,
    /// So many calendar months after the sign-off.
    pub months: i32,
    pub due_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<StillSafe>,
    /// Of the list `sanctuary_need`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<String>,
    /// Whether a note was written with the answer.
    pub noted: bool,
    /// Nobody has to ask any more: an earlier answer says enough.
    pub settled: bool,
}

impl From<db::sanctuary::FollowUp> for FollowUp {
    fn from(row: db::sanctuary::FollowUp) -> Self {
        Self {
            id: row.id,
            months: row.months,
            due_on: row.due_on,
            asked_on: row.asked_on,
            answer: row.answer,
            needed: row.needed,
            noted: row.sealed.is_some(),
            settled: row.settled_at.is_some(),
        }
    }
}

/// A household as a scheme sees it: nothing that says who they are or where.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SanctuaryHousehold)]
pub struct Household {
    pub members: Vec<Member>,
    /// Whether `members` is everybody who lives there.
    pub complete: Answer,
    pub access_need: AccessNeed,
    pub interpreter: Answer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter_language: Option<String>,
    /// Only the band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskBand>,
}

impl From<Needs> for Household {
    fn from(needs: Needs) -> Self {
        Self {
            risk: needs.risk.band(),
            members: needs.members,
            complete: needs.household_complete,
            access_need: needs.access_need,
            interpreter: if needs.interpreter_language.is_some() { Answer::Yes } else { needs.interpreter },
            interpreter_language: needs.interpreter_language,
        }
    }
}

impl Job {
    pub fn seen(seen: Seen, sides: &[Side], own: OrganisationId, now: At) -> Self {
        let referrer = sides.contains(&Side::Referrer);
        let released = seen.job.released(now, !referrer);
        let Seen { job: row, provider, service_name, .. } = seen;
        // The scheme's own name is told once it has taken the household on, as with a referral.
        let confidential = service_name.confidential && provider != own && row.booked_at.is_none();
        Self {
            id: row.id,
            reference: row.reference,
            state: row.state,
            service_id: row.service_id,
            service: public_name(&service_name.name, confidential, false).to_owned(),
            case_id: referrer.then_some(row.case_id),
            requested_at: row.requested_at,
            wanted_month: row.wanted_month,
            survey_on: row.survey_on,
            surveyed_on: row.surveyed_on,
            installed_on: row.installed_on,
            signed_off_on: row.signed_off_on,
            tenure: row.tenure,
            landlord_consent: row.landlord_consent,
            consent_asked_on: row.consent_asked_on,
            consent_answered_on: row.consent_answered_on,
            perpetrator_keys: row.perpetrator_keys,
            joint_tenancy: row.joint_tenancy,
            ended_at: row.ended_at,
            reason: row.reason,
            decided_by: row.decided_by,
            released,
            location_known: None,
            cost_pence: 0,
            measures: Vec::new(),
            household: None,
            follow_ups: Vec::new(),
            version: row.version,
        }
    }

    /// With its measures: those of a list are read together.
    pub fn with_measures(mut self, measures: Vec<db::sanctuary::Measure>) -> Self {
        self.cost_pence = db::sanctuary::cost(&measures);
        self.measures = measures.into_iter().map(Measure::from).collect();
        self
    }

    /// With everything that a reader of one job sees, and a reader of a list does not.
    pub fn whole(conn: &mut db::Conn, actor: &Actor, id: SanctuaryId, now: At) -> Result<Self, AppError> {
        let (seen, sides) = db::sanctuary::find_for(conn, actor, id)?;
        let household = if sides.contains(&Side::Provider) {
            Some(Household::from(actions::sanctuary::case_of(conn, &seen)?.needs))
        } else {
            None
        };
        let referrer = sides.contains(&Side::Referrer);
        let measures = db::sanctuary::measures(conn, &[id])?.remove(&id).unwrap_or_default();
        let mut job = Self::seen(seen, &sides, actor.organisation, now).with_measures(measures);
        if referrer || job.released {
            job.location_known = Some(db::sanctuary::has_address(conn, id)?);
        }
        if referrer {
            job.follow_ups = db::sanctuary::follow_ups(conn, id)?.into_iter().map(FollowUp::from).collect();
        }
        job.household = household;
        Ok(job)
    }
}

/// A change of a job, with the job as its reader sees it.
pub fn told<T>(tx: &mut db::Tx, id: SanctuaryId, change: Change<T>) -> Result<Change<Job>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let job = Job::whole(tx, &actor, id, now)?;
    Ok(change.map(|_| job))
}
