//! Assessing the danger, recording what happens, referring to a MARAC.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::json;
use super::occupancy::open_case;
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::cases::{self, Case, Scope};
use crate::db::reference::{self, Choice};
use crate::db::risk::{self, Assessment, Incident, Marac};
use crate::db::tasks::{self, New as Task};
use crate::db::{Conn, Tx, vault};
use crate::domain::household::{Answer, Risk, RiskBand};
use crate::domain::risk::{AbuseTypes, DashAnswer, MaracReason, QUESTIONS, is_repeat, next_review, noted, score};
use crate::domain::task::{Kind, Outcome};
use crate::error::AppError;
use crate::ids::{AssessmentId, CaseId, IncidentId, MaracId, SubjectId};
use crate::vault::{Place, Sealed};

/// What is known of a form.
#[derive(Clone)]
pub enum Form {
    /// The answer to each question, in order.
    Answers(Vec<DashAnswer>),
    /// Of a form that was filled in on paper.
    Score(u8),
}

/// A band that a professional sets against the score.
#[derive(Clone)]
pub struct Judgement {
    pub band: RiskBand,
    /// Of the list `risk_override_reason`.
    pub reason: String,
    /// In own words. Sealed.
    pub note: String,
}

/// A new assessment.
#[derive(Clone)]
pub struct New {
    pub form: Form,
    pub judgement: Option<Judgement>,
    /// Today unless it was before.
    pub assessed_on: Option<NaiveDate>,
    /// By the band unless somebody says.
    pub next_review_on: Option<NaiveDate>,
}

/// What is sealed of an assessment.
#[derive(Serialize, Deserialize)]
struct Kept {
    answers: Option<Vec<DashAnswer>>,
    note: Option<String>,
}

/// Records an assessment. From then on the needs profile says what it says, and it is due to be looked at again.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when the case is closed.
pub fn assess(tx: &mut Tx, case: CaseId, new: &New) -> Result<Change<Assessment>, AppError> {
    let mut case = open_case(tx, case)?;
    let (id, now, today) = (AssessmentId::new(), tx.now(), tx.now().date());
    let score = match &new.form {
        Form::Answers(answers) if answers.len() == QUESTIONS => score(answers),
        Form::Answers(_) => return Err(AppError::body("/answers", "incomplete", &"answer all 24 questions")),
        Form::Score(score) => *score,
    };
    let score_band = tx.policy().risk.band(score);
    let band = match &new.judgement {
        None => score_band,
        Some(judgement) if judgement.band == score_band => {
            let message = "this is the band of the score: leave the judgement out";
            return Err(AppError::body("/judgement/band", "not_possible", &message));
        }
        Some(judgement) => {
            let choice = Choice::of("risk_override_reason", &judgement.reason, "/judgement/reason");
            reference::must_be_active(tx, &[choice], today)?;
            judgement.band
        }
    };
    let assessed_on = past(new.assessed_on, today, "/assessed_on")?;
    if risk::assessments(tx, case.id)?.first().is_some_and(|(last, _)| assessed_on < last.assessed_on) {
        return Err(AppError::body("/assessed_on", "too_early", &"there is an assessment of a later day"));
    }
    let next_review_on = new.next_review_on.unwrap_or_else(|| next_review(assessed_on, band));
    if next_review_on <= assessed_on {
        return Err(AppError::body("/next_review_on", "too_early", &"choose a day after the assessment"));
    }
    let answers = match &new.form {
        Form::Answers(answers) => Some(answers.clone()),
        Form::Score(_) => None,
    };
    let kept = Kept { answers, note: new.judgement.as_ref().map(|judgement| judgement.note.clone()) };
    let answered = kept.answers.is_some();
    let sealed = if answered || kept.note.is_some() {
        Some(vault::seal(tx, case.organisation_id, place(id), &json(&kept)?)?)
    } else {
        None
    };
    let (key_id, sealed) = sealed.map(|sealed| (sealed.key, sealed.bytes)).unzip();
    let row = Assessment {
        id,
        case_id: case.id,
        organisation_id: case.organisation_id,
        account_id: tx.actor().account,
        assessed_on,
        recorded_at: now,
        score: i32::from(score),
        answered,
        band,
        score_band,
        override_reason: new.judgement.as_ref().map(|judgement| judgement.reason.clone()),
        next_review_on,
        key_id,
        sealed,
    };
    risk::insert_assessment(tx, &row)?;
    // What a provider sees, and what is asked next, goes by the profile.
    case.needs.risk = noted(&case.needs.risk, score, band);
    case.version += 1;
    cases::update(tx, &case)?;
    tasks::end(tx, Kind::RiskReview, SubjectId(case.id.0), Outcome::Done)?;
    review(tx, &case, SubjectId(case.id.0), At::start_of(next_review_on))?;
    let reason = row.override_reason.clone().unwrap_or_default();
    Ok(Change::new(row, Event::new(Did::RiskAssessed, id.0).fields(["needs.risk"]).because(&reason)))
}

/// Lets somebody look at the risk again.
fn review(tx: &mut Tx, case: &Case, subject: SubjectId, due_at: At) -> Result<bool, AppError> {
    let occasion = tx.now();
    let (organisation, owner) = (case.organisation_id, Some(case.owner_id));
    tasks::raise(
        tx,
        Task { organisation, kind: Kind::RiskReview, case: Some(case.id), subject, occasion, owner, due_at },
    )
}

/// An assessment with its answers, and why it was judged otherwise.
#[derive(Clone)]
pub struct Whole {
    pub assessment: Assessment,
    pub answers: Option<Vec<DashAnswer>>,
    pub note: Option<String>,
}

/// Reads the answers of an assessment. That they were read is recorded.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the key was destroyed.
pub fn read(tx: &mut Tx, case: CaseId, id: AssessmentId) -> Result<Change<Whole>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, case)?;
    let assessment = risk::find_assessment(tx, case.id, id)?;
    let kept = match (assessment.key_id, &assessment.sealed) {
        (Some(key), Some(bytes)) => {
            let sealed = Sealed { key, bytes: bytes.clone() };
            let kept = vault::open(tx, case.organisation_id, place(id), &sealed)?;
            serde_json::from_slice(&kept).map_err(AppError::internal)?
        }
        _ => Kept { answers: None, note: None },
    };
    let Kept { answers, note } = kept;
    Ok(Change::new(Whole { assessment, answers, note }, Event::new(Did::RiskRead, case.id.0)))
}

fn place(id: AssessmentId) -> Place {
    Place { table: "risk_assessment", row: id.0, field: "answers" }
}

/// Abuse that happened.
#[derive(Debug, Clone)]
pub struct NewIncident {
    /// Today unless it was before.
    pub happened_on: Option<NaiveDate>,
    /// Whether it was the person that the household is known for.
    pub same_person: Answer,
    /// Of the list `abuse_type`.
    pub abuse_types: Vec<String>,
}

/// Records abuse. Within twelve months of the last referral to a MARAC, by the same person, it is a repeat: somebody has to
/// refer again.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when the case is closed.
pub fn record_incident(tx: &mut Tx, case: CaseId, new: &NewIncident) -> Result<Change<Incident>, AppError> {
    let case = open_case(tx, case)?;
    let (id, now, today) = (IncidentId::new(), tx.now(), tx.now().date());
    let happened_on = past(new.happened_on, today, "/happened_on")?;
    let mut choices = Vec::new();
    for (n, code) in new.abuse_types.iter().enumerate() {
        let pointer = format!("/abuse_types/{n}");
        if new.abuse_types[..n].contains(code) {
            return Err(AppError::body(&pointer, "repeated", &"each kind is named once"));
        }
        choices.push(Choice::of("abuse_type", code, pointer));
    }
    reference::must_be_active(tx, &choices, today)?;
    let maracs = risk::maracs(tx, case.id)?;
    let answered = maracs.iter().any(|marac| marac.referred_on >= happened_on);
    let last = maracs.iter().map(|marac| marac.referred_on).find(|day| *day < happened_on);
    let marac_repeat =
        new.same_person == Answer::Yes && !answered && last.is_some_and(|last| is_repeat(last, happened_on));
    let row = Incident {
        id,
        case_id: case.id,
        organisation_id: case.organisation_id,
        account_id: tx.actor().account,
        happened_on,
        recorded_at: now,
        same_person: new.same_person,
        abuse_types: AbuseTypes(new.abuse_types.clone()),
        marac_repeat,
    };
    risk::insert_incident(tx, &row)?;
    let mut change = Change::new(row, Event::new(Did::RiskIncidentRecorded, id.0));
    if marac_repeat {
        review(tx, &case, SubjectId(id.0), now)?;
        change = change.and(Event::new(Did::MaracRepeat, id.0));
    }
    Ok(change)
}

/// Records that a household was referred to a MARAC. What called for it is done.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when the case is closed.
pub fn refer_to_marac(
    tx: &mut Tx,
    case: CaseId,
    referred_on: Option<NaiveDate>,
    reason: MaracReason,
) -> Result<Change<Marac>, AppError> {
    let mut case = open_case(tx, case)?;
    let (id, now) = (MaracId::new(), tx.now());
    let referred_on = past(referred_on, now.date(), "/referred_on")?;
    for incident in risk::incidents(tx, case.id)? {
        if incident.marac_repeat && incident.happened_on <= referred_on {
            tasks::end(tx, Kind::RiskReview, SubjectId(incident.id.0), Outcome::Done)?;
        }
    }
    let row = Marac {
        id,
        case_id: case.id,
        organisation_id: case.organisation_id,
        account_id: tx.actor().account,
        referred_on,
        recorded_at: now,
        reason,
    };
    risk::insert_marac(tx, &row)?;
    if case.needs.risk.marac_referred != Answer::Yes {
        case.needs.risk.marac_referred = Answer::Yes;
        case.version += 1;
        cases::update(tx, &case)?;
    }
    Ok(Change::new(row, Event::new(Did::MaracReferred, id.0).because(reason.as_str())))
}

/// What is known of the risk of a household, without the answers.
#[derive(Debug, Clone)]
pub struct Overview {
    pub case: Case,
    pub assessments: Vec<(Assessment, String)>,
    pub maracs: Vec<Marac>,
    pub incidents: Vec<Incident>,
}

impl Overview {
    /// Whether a repeat waits for a referral to a MARAC.
    pub fn refer_again(&self) -> bool {
        self.incidents.iter().any(|incident| {
            incident.marac_repeat && self.maracs.iter().all(|marac| marac.referred_on < incident.happened_on)
        })
    }
}

/// What is known of the risk of a household of one's own case.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn overview(conn: &mut Conn, scope: Scope, id: CaseId) -> Result<Overview, AppError> {
    let case = cases::find_in(conn, scope, id)?;
    let assessments = risk::assessments(conn, id)?;
    Ok(Overview { case, assessments, maracs: risk::maracs(conn, id)?, incidents: risk::incidents(conn, id)? })
}

/// What an assessment has said is changed by another, and not by hand.
pub(super) fn must_stay(tx: &mut Tx, case: &Case, risk: &Risk) -> Result<(), AppError> {
    let now = &case.needs.risk;
    let changed = match (risk.dash_score != now.dash_score, risk.judgement != now.judgement) {
        (true, _) => "dash_score",
        (_, true) => "judgement",
        _ => return Ok(()),
    };
    if risk::assessed(tx, case.id)? {
        let message = "the risk was assessed: record a new assessment instead";
        return Err(AppError::body(&format!("/needs/risk/{changed}"), "not_possible", &message));
    }
    Ok(())
}

/// A case is closed: nobody has to look at its risk again.
pub(super) fn settle(tx: &mut Tx, id: CaseId) -> Result<(), AppError> {
    let mut subjects = vec![SubjectId(id.0)];
    subjects.extend(risk::incidents(tx, id)?.iter().map(|incident| SubjectId(incident.id.0)));
    for subject in subjects {
        tasks::end(tx, Kind::RiskReview, subject, Outcome::Settled)?;
    }
    Ok(())
}

fn past(said: Option<NaiveDate>, today: NaiveDate, pointer: &str) -> Result<NaiveDate, AppError> {
    match said {
        Some(day) if day > today => Err(AppError::body(pointer, "future", &"this has not happened yet")),
        said => Ok(said.unwrap_or(today)),
    }
}
