//! What becomes of a job: a day for its survey, the survey, what is fitted, the sign-off, or an ending without one.

use chrono::NaiveDate;

use super::{advance, find, raise_step, stored};
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::referrals::Side;
use crate::db::sanctuary::{self, FollowUp, Job, Seen};
use crate::db::{Tx, reference, tasks};
use crate::domain::Refusal;
use crate::domain::sanctuary::{Command, EndingReason, FOLLOW_UPS, follow_up_on, may_install};
use crate::domain::task::{Kind, Outcome};
use crate::error::AppError;
use crate::ids::{SanctuaryFollowUpId, SanctuaryId, SubjectId};

/// Gives the survey a day, or another one. From the first time on, the scheme may know who and where.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state.
pub fn book(tx: &mut Tx, id: SanctuaryId, survey_on: NaiveDate) -> Result<Change<Job>, AppError> {
    let now = tx.now();
    let mut seen = find(tx, id, Side::Provider)?;
    advance(&mut seen.job, Command::Book)?;
    if survey_on < now.date() {
        return Err(AppError::body("/survey_on", "past", &"choose today or a later day"));
    }
    seen.job.survey_on = Some(survey_on);
    seen.job.booked_at = seen.job.booked_at.or(Some(now));
    done(tx, seen, Did::SanctuaryBooked)
}

/// Records that the home was looked at.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state, or without a booking: nobody
/// can have been there.
pub fn survey(tx: &mut Tx, id: SanctuaryId, surveyed_on: Option<NaiveDate>) -> Result<Change<Job>, AppError> {
    let now = tx.now();
    let mut seen = find(tx, id, Side::Provider)?;
    advance(&mut seen.job, Command::Survey)?;
    let booked = seen.job.booked_at.ok_or_else(|| AppError::refused(id.0)(Refusal::SurveyNotBooked))?;
    seen.job.surveyed_on = Some(on(surveyed_on, now, booked.date())?);
    done(tx, seen, Did::SanctuarySurveyed)
}

/// Records that everything is fitted: what was planned is there.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state, or while the landlord of a
/// rented home has not agreed.
pub fn install(tx: &mut Tx, id: SanctuaryId, installed_on: Option<NaiveDate>) -> Result<Change<Job>, AppError> {
    let now = tx.now();
    let mut seen = find(tx, id, Side::Provider)?;
    advance(&mut seen.job, Command::Install)?;
    may_install(seen.job.tenure, seen.job.landlord_consent).map_err(AppError::refused(id.0))?;
    let earliest = seen.job.surveyed_on.unwrap_or(seen.job.requested_at.date());
    seen.job.installed_on = Some(on(installed_on, now, earliest)?);
    sanctuary::fit_planned(tx, id)?;
    done(tx, seen, Did::SanctuaryInstalled)
}

/// Records that the home is safe. The household is asked after 1, 3, 6 and 12 months whether it still is.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state.
pub fn sign_off(tx: &mut Tx, id: SanctuaryId, signed_off_on: Option<NaiveDate>) -> Result<Change<Job>, AppError> {
    let now = tx.now();
    let mut seen = find(tx, id, Side::Provider)?;
    advance(&mut seen.job, Command::SignOff)?;
    let earliest = seen.job.installed_on.unwrap_or(seen.job.requested_at.date());
    let signed = on(signed_off_on, now, earliest)?;
    seen.job.signed_off_on = Some(signed);
    seen.job.signed_off_at = Some(now);
    seen.job.ended_at = Some(now);
    for months in FOLLOW_UPS {
        let row = FollowUp {
            id: SanctuaryFollowUpId::new(),
            job_id: id,
            months: i32::try_from(months).map_err(AppError::internal)?,
            due_on: follow_up_on(signed, months),
            asked_on: None,
            answer: None,
            needed: None,
            answered_by: None,
            settled_at: None,
            key_id: None,
            sealed: None,
            version: 1,
        };
        sanctuary::insert_follow_up(tx, &row)?;
        tasks::raise(
            tx,
            tasks::New {
                organisation: seen.referrer,
                kind: Kind::SanctuaryFollowUp,
                case: Some(seen.job.case_id),
                subject: SubjectId(row.id.0),
                occasion: now,
                owner: Some(seen.case_owner),
                due_at: At::start_of(row.due_on),
            },
        )?;
    }
    done(tx, seen, Did::SanctuarySignedOff)
}

/// Ends a job without a sign-off, for a coded reason: by the scheme, by the referrer, or by the survivor, whoever hears
/// it. The reason says which.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] for an unknown reason or one that is the other side's to give;
/// [`AppError::Refused`] in the wrong state.
pub fn end(tx: &mut Tx, id: SanctuaryId, reason: &str) -> Result<Change<Job>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let (mut seen, sides) = sanctuary::find_for(tx, &actor, id)?;
    let EndingReason { ending } = reference::sanctuary_ending(tx, reason, "/reason", now.date())?;
    if !sides.iter().any(|side| ending.may_be_said(*side == Side::Provider)) {
        return Err(AppError::body("/reason", "not_possible", &"this is for the other side to decide"));
    }
    advance(&mut seen.job, ending.command())?;
    seen.job.ended_at = Some(now);
    seen.job.reason = Some(reason.to_owned());
    seen.job.decided_by = Some(ending.decided_by());
    stored(tx, &mut seen.job)?;
    tasks::end(tx, Kind::SanctuaryStep, SubjectId(id.0), Outcome::Settled)?;
    Ok(Change::new(seen.job, Event::new(Did::SanctuaryEnded, id.0).because(reason)))
}

fn done(tx: &mut Tx, mut seen: Seen, did: Did) -> Result<Change<Job>, AppError> {
    stored(tx, &mut seen.job)?;
    raise_step(tx, &seen)?;
    let event = Event::new(did, seen.job.id.0);
    Ok(Change::new(seen.job, event))
}

/// A day that has come, and not before the step before; today unless said.
fn on(said: Option<NaiveDate>, now: At, earliest: NaiveDate) -> Result<NaiveDate, AppError> {
    let day = said.unwrap_or(now.date());
    if day > now.date() {
        return Err(AppError::body("/on", "future", &"this has not happened yet"));
    }
    if day < earliest {
        return Err(AppError::body("/on", "too_early", &"this is before the step before it"));
    }
    Ok(day)
}
