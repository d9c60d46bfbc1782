//! Making a household's own home safe: asked for from its case, done by a sanctuary scheme, followed up for a year.

mod capacity;
mod follow_ups;
mod home;
mod measures;
mod report;
mod steps;

use chrono::NaiveDate;

pub use self::capacity::{Months, months, set_capacity};
pub use self::follow_ups::{Answered, answer, open_again, read_note};
pub use self::home::{disclose_address, disclose_contact, disclose_identity, write_address};
pub use self::measures::{MeasureEdit, NewMeasure, add_measure, edit_measure};
pub use self::report::{Ask, export, report};
pub use self::steps::{book, end, install, sign_off, survey};

use super::changed;
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::referrals::Side;
use crate::db::sanctuary::{self, Job, Seen};
use crate::db::{Conn, Tx, cases, services, tasks};
use crate::domain::Refusal;
use crate::domain::household::Answer;
use crate::domain::provision::AccommodationType;
use crate::domain::sanctuary::{
    Command, Consent, Left, State, Tenure, covers, month_of, must_fit, next_step_on, transition,
};
use crate::domain::task::{Kind, Outcome};
use crate::error::AppError;
use crate::ids::{CaseId, SanctuaryId, ServiceId, SubjectId, reference};

/// A new job.
#[derive(Debug, Clone)]
pub struct New {
    pub service: ServiceId,
    /// A day of the month in which it is to be done; this month unless said.
    pub wanted_month: Option<NaiveDate>,
    pub tenure: Tenure,
    pub landlord_consent: Option<Consent>,
    pub perpetrator_keys: Answer,
    pub joint_tenancy: Answer,
    /// What is asked for: kind, of the list `sanctuary_measure`, and how many.
    pub measures: Vec<(String, i32)>,
}

/// Asks a sanctuary scheme to make the home of a household safe.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when the case is closed, when a job of it goes on,
/// or when nothing is left of this month: then it can be asked for the next.
pub fn request(tx: &mut Tx, case: CaseId, new: &New) -> Result<Change<Job>, AppError> {
    let now = tx.now();
    let case = super::occupancy::open_case(tx, case)?;
    let service = services::find(tx, new.service).map_err(|error| match error {
        AppError::NotFound => AppError::body("/service_id", "unknown", &"choose a sanctuary scheme"),
        error => error,
    })?;
    let service = service.service;
    if service.accommodation_type != AccommodationType::Sanctuary {
        return Err(AppError::body("/service_id", "not_possible", &"choose a sanctuary scheme"));
    }
    if !service.active {
        return Err(AppError::refused(service.id.0)(Refusal::ServiceInactive));
    }
    if sanctuary::of_case(tx, case.id)?.iter().any(|job| job.state.open()) {
        return Err(AppError::refused(case.id.0)(Refusal::SanctuaryAsked));
    }
    let wanted_month = wanted(new.wanted_month, now)?;
    let left = sanctuary::left(tx, service.id, &[wanted_month])?;
    for left in &left {
        must_fit(left, now.date()).map_err(AppError::refused(service.id.0))?;
    }
    let consent = new.landlord_consent.unwrap_or(match new.tenure {
        Tenure::Owner => Consent::NotNeeded,
        _ => Consent::NotAsked,
    });
    let id = SanctuaryId::new();
    let row = Job {
        id,
        reference: reference('S'),
        case_id: case.id,
        service_id: service.id,
        state: State::Requested,
        requested_at: now,
        requested_by: tx.actor().account,
        wanted_month,
        survey_on: None,
        booked_at: None,
        surveyed_on: None,
        installed_on: None,
        signed_off_on: None,
        signed_off_at: None,
        tenure: new.tenure,
        landlord_consent: consent,
        consent_asked_on: (consent == Consent::Asked).then(|| now.date()),
        consent_answered_on: answered(consent).then(|| now.date()),
        perpetrator_keys: new.perpetrator_keys,
        joint_tenancy: new.joint_tenancy,
        ended_at: None,
        reason: None,
        decided_by: None,
        version: 1,
    };
    sanctuary::insert(tx, &row)?;
    measures::ask_for(tx, id, &new.measures)?;
    let seen = find(tx, id, Side::Referrer)?;
    raise_step(tx, &seen)?;
    Ok(Change::new(row, Event::new(Did::SanctuaryRequested, id.0)))
}

/// The first day of the wanted month, from this month on.
fn wanted(month: Option<NaiveDate>, now: At) -> Result<NaiveDate, AppError> {
    let this = month_of(now.date());
    let wanted = month.map_or(this, month_of);
    if wanted < this {
        return Err(AppError::body("/wanted_month", "past", &"choose this month or a later one"));
    }
    Ok(wanted)
}

fn answered(consent: Consent) -> bool {
    matches!(consent, Consent::Given | Consent::Refused)
}

/// What to change about a job; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub wanted_month: Option<NaiveDate>,
    pub tenure: Option<Tenure>,
    pub landlord_consent: Option<Consent>,
    /// The day on which the landlord was asked or answered; today unless said.
    pub consent_on: Option<NaiveDate>,
    pub perpetrator_keys: Option<Answer>,
    pub joint_tenancy: Option<Answer>,
}

/// Changes what is known of a home while its job goes on: by either side.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Invalid`]; [`AppError::Refused`] when the job has ended.
pub fn edit(tx: &mut Tx, id: SanctuaryId, version: i32, edit: &Edit) -> Result<Change<Job>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let (seen, _) = sanctuary::find_for(tx, &actor, id)?;
    let current = seen.job;
    if current.version != version {
        return Err(AppError::Stale { current_version: current.version });
    }
    if let Some(ended_at) = current.ended_at {
        return Err(AppError::refused(id.0)(Refusal::AlreadyEnded { ended_at }));
    }
    let mut job = current.clone();
    if let Some(month) = edit.wanted_month {
        job.wanted_month = wanted(Some(month), now)?;
    }
    job.tenure = edit.tenure.unwrap_or(current.tenure);
    job.perpetrator_keys = edit.perpetrator_keys.unwrap_or(current.perpetrator_keys);
    job.joint_tenancy = edit.joint_tenancy.unwrap_or(current.joint_tenancy);
    if let Some(consent) = edit.landlord_consent {
        let on = edit.consent_on.unwrap_or(now.date());
        if on > now.date() {
            return Err(AppError::body("/consent_on", "future", &"this has not happened yet"));
        }
        job.landlord_consent = consent;
        match consent {
            Consent::Asked => (job.consent_asked_on, job.consent_answered_on) = (Some(on), None),
            Consent::Given | Consent::Refused => job.consent_answered_on = Some(on),
            Consent::NotAsked | Consent::NotNeeded => (job.consent_asked_on, job.consent_answered_on) = (None, None),
        }
    }
    job.version += 1;
    sanctuary::update(tx, &job)?;
    let event = Event::new(Did::SanctuaryEdited, id.0).fields(changed([
        ("wanted_month", job.wanted_month != current.wanted_month),
        ("tenure", job.tenure != current.tenure),
        ("landlord_consent", job.landlord_consent != current.landlord_consent),
        ("perpetrator_keys", job.perpetrator_keys != current.perpetrator_keys),
        ("joint_tenancy", job.joint_tenancy != current.joint_tenancy),
    ]));
    Ok(Change::new(job, event))
}

/// A scheme that could make a home safe, as a referrer chooses it.
#[derive(Debug, Clone)]
pub struct Scheme {
    pub service: services::Named,
    /// Whether it covers the area of the home; `None` while nobody knows where that is.
    pub covers: Option<bool>,
    /// What is left of this month and the next two.
    pub left: Vec<Left>,
}

/// The schemes that could make the home of a household safe, those of its own area first.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn schemes(conn: &mut Conn, case: &cases::Case, now: At) -> Result<Vec<Scheme>, AppError> {
    let months = months(now.date(), 3);
    let mut found = Vec::new();
    for (service, county) in sanctuary::schemes(conn)? {
        let covers = covers(&service.service.area_code, county.as_deref(), case.origin_area.as_deref());
        let left = sanctuary::left(conn, service.service.id, &months)?;
        found.push(Scheme { service, covers, left });
    }
    found.sort_by_key(|scheme| match scheme.covers {
        Some(true) => 0,
        None => 1,
        Some(false) => 2,
    });
    Ok(found)
}

/// A job as one who stands at this end of it.
fn find(tx: &mut Tx, id: SanctuaryId, side: Side) -> Result<Seen, AppError> {
    let actor = tx.actor().clone();
    let (seen, sides) = sanctuary::find_for(tx, &actor, id)?;
    if sides.contains(&side) { Ok(seen) } else { Err(AppError::Forbidden) }
}

fn advance(job: &mut Job, command: Command) -> Result<(), AppError> {
    job.state = transition(job.state, command).map_err(AppError::refused(job.id.0))?;
    Ok(())
}

fn stored(tx: &mut Tx, job: &mut Job) -> Result<(), AppError> {
    job.version += 1;
    sanctuary::update(tx, job)
}

/// Asks the scheme for its next step, in place of the one before.
fn raise_step(tx: &mut Tx, seen: &Seen) -> Result<(), AppError> {
    let (job, now) = (&seen.job, tx.now());
    let subject = SubjectId(job.id.0);
    tasks::end(tx, Kind::SanctuaryStep, subject, Outcome::Done)?;
    if !job.state.open() {
        return Ok(());
    }
    let due_at = At::start_of(next_step_on(job.state, job.survey_on, now.date()));
    tasks::raise(
        tx,
        tasks::New {
            organisation: seen.provider,
            kind: Kind::SanctuaryStep,
            case: Some(job.case_id),
            subject,
            occasion: now,
            owner: None,
            due_at,
        },
    )?;
    Ok(())
}

/// The case of a job, for what a scheme may see of it.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn case_of(conn: &mut Conn, seen: &Seen) -> Result<cases::Case, AppError> {
    cases::find(conn, seen.job.case_id)
}
