//! `/cases/{id}/risk`: how great the danger is, what happened, and the referrals to a MARAC.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::created;
use super::input::{Body, Once, Path};
use super::problem::Problems;
use crate::actions;
use crate::actions::risk::{Form, Judgement, New, NewIncident, Overview};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::{At, within_reach};
use crate::db;
use crate::db::cases::Scope;
use crate::domain::household::{Answer, RiskBand};
use crate::domain::risk::{DashAnswer, MaracReason};
use crate::error::AppError;
use crate::ids::{AssessmentId, CaseId, IncidentId, MaracId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(overview).service(assess).service(find).service(record_incident).service(refer_to_marac);
}

/// What is known of the risk of a household.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CaseRisk {
    /// What a provider sees before it accepts; absent while nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<RiskBand>,
    /// When the risk is to be assessed again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_review_on: Option<NaiveDate>,
    /// Abuse by the same person within twelve months of the last referral: this is a MARAC repeat, refer again.
    pub refer_again: bool,
    /// The newest first.
    pub assessments: Vec<RiskAssessment>,
    pub marac_referrals: Vec<MaracReferral>,
    pub incidents: Vec<RiskIncident>,
}

/// One assessment, without its answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RiskAssessment {
    pub id: AssessmentId,
    pub assessed_on: NaiveDate,
    pub recorded_at: At,
    /// How many of the 24 questions of the Dash were answered yes.
    pub score: i32,
    /// Whether the answers are kept too, and not only the score of a form on paper.
    pub answered: bool,
    pub band: RiskBand,
    /// The band that follows from the score.
    pub score_band: RiskBand,
    /// Of the list `risk_override_reason`, where a professional judged otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
    pub next_review_on: NaiveDate,
}

/// One assessment with what is sealed of it.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct WholeRiskAssessment {
    pub assessment: RiskAssessment,
    /// By number, 1 to 24.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<Vec<DashAnswer>>,
    /// Why a professional judged otherwise, in own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A referral to a multi-agency risk assessment conference.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MaracReferral {
    pub id: MaracId,
    pub referred_on: NaiveDate,
    pub reason: MaracReason,
}

/// Abuse that happened.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RiskIncident {
    pub id: IncidentId,
    pub happened_on: NaiveDate,
    pub same_person: Answer,
    /// By their codes in the list `abuse_type`.
    pub abuse_types: Vec<String>,
    /// Whether this was a MARAC repeat when it was recorded: refer again.
    pub marac_repeat: bool,
}

impl From<db::risk::Assessment> for RiskAssessment {
    fn from(row: db::risk::Assessment) -> Self {
        Self {
            id: row.id,
            assessed_on: row.assessed_on,
            recorded_at: row.recorded_at,
            score: row.score,
            answered: row.answered,
            band: row.band,
            score_band: row.score_band,
            override_reason: row.override_reason,
            next_review_on: row.next_review_on,
        }
    }
}

impl From<db::risk::Marac> for MaracReferral {
    fn from(row: db::risk::Marac) -> Self {
        Self { id: row.id, referred_on: row.referred_on, reason: row.reason }
    }
}

impl From<db::risk::Incident> for RiskIncident {
    fn from(row: db::risk::Incident) -> Self {
        Self {
            id: row.id,
            happened_on: row.happened_on,
            same_person: row.same_person,
            abuse_types: row.abuse_types.0,
            marac_repeat: row.marac_repeat,
        }
    }
}

impl From<Overview> for CaseRisk {
    fn from(known: Overview) -> Self {
        let refer_again = known.refer_again();
        let Overview { case, assessments, maracs, incidents } = known;
        let assessments: Vec<_> = assessments.into_iter().map(|(row, _)| RiskAssessment::from(row)).collect();
        Self {
            band: case.needs.risk.band(),
            next_review_on: assessments.first().map(|last| last.next_review_on),
            refer_again,
            assessments,
            marac_referrals: maracs.into_iter().map(MaracReferral::from).collect(),
            incidents: incidents.into_iter().map(RiskIncident::from).collect(),
        }
    }
}

/// A new assessment: the answers, or the score of a form on paper.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewRiskAssessment {
    /// The answer to each of the 24 questions of the Dash, in order. The score is the number of yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(min = 24, max = 24)))]
    #[schema(min_items = 24, max_items = 24)]
    answers: Option<Vec<DashAnswer>>,
    /// Instead of answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(max = 24)))]
    #[schema(maximum = 24)]
    score: Option<u8>,
    /// Today unless it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    assessed_on: Option<NaiveDate>,
    /// By the band unless said: two weeks when it is high, four when medium, twelve otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    next_review_on: Option<NaiveDate>,
    /// Where you judge otherwise than the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    judgement: Option<RiskJudgement>,
}

/// A band that you set against the score, up or down.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct RiskJudgement {
    band: RiskBand,
    /// Of the list `risk_override_reason`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    reason: String,
    /// In own words. It is sealed.
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    note: String,
}

/// Read what is known of the risk of the household of your case, without the answers.
#[utoipa::path(
    tag = "risk",
    operation_id = "case_risk",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = CaseRisk), Problems)
)]
#[get("/cases/{id}/risk")]
pub async fn overview(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<web::Json<CaseRisk>, AppError> {
    let scope = Scope::of(&actor);
    let read = move |conn: &mut db::Conn| actions::risk::overview(conn, scope, id);
    Ok(web::Json(app.db.read(&actor, read).await?.into()))
}

/// Assess the risk. From then on a provider sees the band of this assessment, and no more of it.
#[utoipa::path(
    tag = "risk",
    operation_id = "assess_risk",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewRiskAssessment,
    responses((status = 201, body = RiskAssessment, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/risk-assessments")]
pub async fn assess(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(new): Body<NewRiskAssessment>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewRiskAssessment { answers, score, assessed_on, next_review_on, judgement } = new;
    let form = match (answers, score) {
        (Some(answers), None) => Form::Answers(answers),
        (None, Some(score)) => Form::Score(score),
        (None, None) => return Err(AppError::body("/answers", "required", &"give the answers, or the score alone")),
        (Some(_), Some(_)) => {
            return Err(AppError::body("/score", "not_possible", &"the score follows from the answers: leave it out"));
        }
    };
    let judgement = judgement.map(|RiskJudgement { band, reason, note }| Judgement { band, reason, note });
    let new = New { form, judgement, assessed_on, next_review_on };
    let verb = move |tx: &mut db::Tx| Ok(actions::risk::assess(tx, id, &new)?.map(RiskAssessment::from));
    let assessed: RiskAssessment = app.db.write_once(&actor, key, verb).await?;
    Ok(created(format!("/api/v1/cases/{}/risk-assessments/{}", id.0, assessed.id.0), None, &assessed))
}

/// Read an assessment with its answers. That you read it is recorded.
#[utoipa::path(
    tag = "risk",
    operation_id = "read_risk_assessment",
    security(("token" = [])),
    params(("id" = CaseId, Path), ("assessment" = AssessmentId, Path)),
    responses((status = 200, body = WholeRiskAssessment), Problems)
)]
#[get("/cases/{id}/risk-assessments/{assessment}")]
pub async fn find(
    app: web::Data<App>,
    actor: Actor,
    Path((id, assessment)): Path<(CaseId, AssessmentId)>,
) -> Result<web::Json<WholeRiskAssessment>, AppError> {
    let whole = app.db.write(&actor, move |tx| actions::risk::read(tx, id, assessment)).await?;
    let actions::risk::Whole { assessment, answers, note } = whole;
    Ok(web::Json(WholeRiskAssessment { assessment: assessment.into(), answers, note }))
}

/// Abuse that happened.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewRiskIncident {
    /// Today unless it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    happened_on: Option<NaiveDate>,
    /// Whether it was the person that the household is known for.
    same_person: Answer,
    /// By their codes in the list `abuse_type`.
    #[garde(length(min = 1, max = 20), inner(length(chars, min = 1, max = 60)))]
    #[schema(min_items = 1, max_items = 20)]
    abuse_types: Vec<String>,
}

/// Record abuse that happened. With `marac_repeat` in the answer, refer to a MARAC again.
#[utoipa::path(
    tag = "risk",
    operation_id = "record_incident",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewRiskIncident,
    responses((status = 201, body = RiskIncident, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/risk-incidents")]
pub async fn record_incident(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(new): Body<NewRiskIncident>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewRiskIncident { happened_on, same_person, abuse_types } = new;
    let new = NewIncident { happened_on, same_person, abuse_types };
    let verb = move |tx: &mut db::Tx| Ok(actions::risk::record_incident(tx, id, &new)?.map(RiskIncident::from));
    let recorded: RiskIncident = app.db.write_once(&actor, key, verb).await?;
    Ok(created(format!("/api/v1/cases/{}/risk", id.0), None, &recorded))
}

/// A referral to a MARAC that was made.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewMaracReferral {
    /// Today unless it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(within_reach)))]
    referred_on: Option<NaiveDate>,
    reason: MaracReason,
}

/// Record that the household was referred to a MARAC.
#[utoipa::path(
    tag = "risk",
    operation_id = "refer_to_marac",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = NewMaracReferral,
    responses((status = 201, body = MaracReferral, headers(("Location" = String))), Problems)
)]
#[post("/cases/{id}/marac-referrals")]
pub async fn refer_to_marac(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(new): Body<NewMaracReferral>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewMaracReferral { referred_on, reason } = new;
    let verb =
        move |tx: &mut db::Tx| Ok(actions::risk::refer_to_marac(tx, id, referred_on, reason)?.map(MaracReferral::from));
    let referred: MaracReferral = app.db.write_once(&actor, key, verb).await?;
    Ok(created(format!("/api/v1/cases/{}/risk", id.0), None, &referred))
}
