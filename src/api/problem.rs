//! Every answer that is not a success, as RFC 9457 problem details.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use crate::clock::At;
use crate::domain::Refusal;
use crate::domain::eligibility::{Obstacle, Question, Told, Verdict, Whose};
use crate::domain::occupancy::{Interval, Kind};
use crate::domain::{mail, placement, referral, report_file, safety_plan, sanctuary, support, task, vacancy};
use crate::error::{AppError, FieldError};
use crate::ids::RequestId;

/// `application/problem+json`. Programs decide by `type` and the typed members; `title` and `detail` are for people.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Stable: `urn:safehold:problem:unit_taken`.
    pub r#type: String,
    pub title: String,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The request, as the log and the audit know it.
    pub instance: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<FieldError>,
    /// With a conflict: the state that stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Current>,
    /// With `stale`: the version that the record has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i32>,
}

/// The state that stands in the way of a request. Only what the problem is about is there.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Current {
    /// With `unit_taken`: what occupies the unit, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vacancy: Option<vacancy::State>,
    /// With `vacancy_out_of_date`: when its provider last stood by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<At>,
    /// With `not_suitable`: everything that speaks against the place.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub reasons: Vec<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<referral::State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<placement::State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<support::State>,
    /// With `case_in_progress`: referrals that are not decided, and stays that are expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_referrals: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_placements: Option<usize>,
    /// With `folded_in_progress`: of the case that would be folded, with `open_referrals`: holds that are running, stays that
    /// are expected or have begun, and sanctuary jobs that go on or are followed up; and whether something goes on under the other one too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_holds: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_stays: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sanctuary_jobs: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub both: Option<bool>,
    /// With `report_state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<report_file::State>,
    /// With `task_state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<task::State>,
    /// With `safety_action_state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_action: Option<safety_plan::State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sanctuary: Option<sanctuary::State>,
    /// With `sanctuary_full`: the first day of the month to ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_month: Option<chrono::NaiveDate>,
    /// With `consent_missing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landlord_consent: Option<sanctuary::Consent>,
    /// With `mail_not_given_up`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<mail::State>,
    /// With `outside_safe_hours`: when the next hour begins in which it is safe, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_safe_at: Option<At>,
    /// With `already_ended`; with `outcomes_fixed`: since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<At>,
}

/// What occupies a unit.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Taken {
    pub by: Kind,
    pub during: Interval,
}

/// One thing that speaks about a place for a household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// Stable, for programs.
    pub code: Obstacle,
    /// The verdict that this reason alone would lead to.
    pub effect: Verdict,
    pub whose: Whose,
    /// Whose rule it is, in plain words; where a narrower rule stands in place of a wider one, it says so.
    pub rule: String,
    /// What is known of the household about it.
    pub fact: String,
    /// Plain words, for people.
    pub text: String,
    /// What could change it.
    pub resolve: String,
    /// With `missing_information`: what to ask, by its stable name and in plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Ask>,
}

/// A question to the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ask {
    pub code: Question,
    pub text: String,
}

impl From<Question> for Ask {
    fn from(code: Question) -> Self {
        Self { code, text: code.text().to_owned() }
    }
}

impl From<Told> for Reason {
    fn from(told: Told) -> Self {
        let Told { code, effect, whose, rule, fact, text, resolve, question } = told;
        Self { code, effect, whose, rule, fact, text, resolve, question: question.map(Ask::from) }
    }
}

impl From<&Refusal> for Option<Current> {
    fn from(refusal: &Refusal) -> Self {
        let nothing = Current::default;
        match refusal.clone() {
            Refusal::UnitTaken { by, during } => Some(Current { taken: Some(Taken { by, during }), ..nothing() }),
            Refusal::VacancyClosed { state } => Some(Current { vacancy: Some(state), ..nothing() }),
            Refusal::VacancyOutOfDate { confirmed_at } => {
                Some(Current { confirmed_at: Some(confirmed_at), ..nothing() })
            }
            Refusal::NotSuitable { reasons } => {
                Some(Current { reasons: reasons.into_iter().map(Reason::from).collect(), ..nothing() })
            }
            Refusal::ReferralState { state, .. } => Some(Current { referral: Some(state), ..nothing() }),
            Refusal::PlacementState { state, .. } => Some(Current { placement: Some(state), ..nothing() }),
            Refusal::SafetyActionState { state, .. } => Some(Current { safety_action: Some(state), ..nothing() }),
            Refusal::SupportState { state, .. } => Some(Current { support: Some(state), ..nothing() }),
            Refusal::OutcomesFixed { fixed_at } => Some(Current { ended_at: Some(fixed_at), ..nothing() }),
            Refusal::SanctuaryState { state, .. } => Some(Current { sanctuary: Some(state), ..nothing() }),
            Refusal::SanctuaryFull { next_month } => Some(Current { next_month: Some(next_month), ..nothing() }),
            Refusal::ConsentMissing { consent } => Some(Current { landlord_consent: Some(consent), ..nothing() }),
            Refusal::CaseInProgress { open_referrals, current_placements } => Some(Current {
                open_referrals: Some(open_referrals),
                expected_placements: Some(current_placements),
                ..nothing()
            }),
            Refusal::FoldedInProgress { folded, both } => Some(Current {
                open_referrals: Some(folded.open_referrals),
                running_holds: Some(folded.holds),
                current_stays: Some(folded.stays),
                sanctuary_jobs: Some(folded.sanctuary),
                both: Some(both),
                ..nothing()
            }),
            Refusal::ReportState { state } => Some(Current { report: Some(state), ..nothing() }),
            Refusal::TaskState { state, .. } => Some(Current { task: Some(state), ..nothing() }),
            Refusal::MailNotGivenUp { state } => Some(Current { mail: Some(state), ..nothing() }),
            Refusal::AlreadyEnded { ended_at } => Some(Current { ended_at: Some(ended_at), ..nothing() }),
            Refusal::OutsideSafeHours { next_safe_at } => Some(Current { next_safe_at, ..nothing() }),
            Refusal::UnitOffline
            | Refusal::VacancyAlreadyOpen
            | Refusal::AlreadyReferred
            | Refusal::AlreadyPlaced
            | Refusal::CaseClosed
            | Refusal::NotPlaced
            | Refusal::Placed
            | Refusal::NotAVoid { .. }
            | Refusal::IdentityNotReleased
            | Refusal::Destroyed
            | Refusal::ServiceInactive
            | Refusal::NameTaken
            | Refusal::NoMailGivenUp
            | Refusal::OwnAccount
            | Refusal::AccountClosed
            | Refusal::InvitationAccepted
            | Refusal::InvitationOpen
            | Refusal::NoSecondFactor
            | Refusal::NoCodeNeeded
            | Refusal::AlreadyDecided
            | Refusal::OwnAlert
            | Refusal::OwnsCase
            | Refusal::CaseMerged
            | Refusal::NotMerged
            | Refusal::KeepsOthers
            | Refusal::KeptIsClosed
            | Refusal::NoteCorrected
            | Refusal::NobodyToShareWith
            | Refusal::SurveyNotBooked
            | Refusal::HomeNotReleased
            | Refusal::SanctuaryAsked
            | Refusal::SanctuaryInProgress
            | Refusal::SafeAtHome
            | Refusal::NotSafeAtHome => None,
        }
    }
}

/// Declares, for the OpenAPI document, that a route may answer with a [`Problem`].
#[derive(IntoResponses)]
pub enum Problems {
    #[response(
        status = "4XX",
        description = "The request cannot be served as it is.",
        content_type = "application/problem+json"
    )]
    Client(Problem),
    #[response(status = "5XX", description = "Our fault; try again later.", content_type = "application/problem+json")]
    Server(Problem),
}

impl AppError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Reauthenticate => "reauthenticate",
            Self::SecondFactorRequired => "second_factor_required",
            Self::WrongCode => "wrong_code",
            Self::WrongCredentials => "wrong_credentials",
            Self::Throttled { .. } => "throttled",
            Self::Slowed { .. } => "slowed",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::TooLarge => "too_large",
            Self::Invalid(_) => "invalid",
            Self::Refused { refusal, .. } => refusal.code(),
            Self::Stale { .. } => "stale",
            Self::Contended | Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthenticated | Self::Reauthenticate | Self::WrongCredentials | Self::WrongCode => {
                StatusCode::UNAUTHORIZED
            }
            Self::Throttled { .. } | Self::Slowed { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Forbidden | Self::SecondFactorRequired => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused { .. } => StatusCode::CONFLICT,
            Self::Stale { .. } => StatusCode::PRECONDITION_FAILED,
            Self::Contended | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Bare: the gate writes the body, for it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl Problem {
    /// What there is to say of an answer of the framework's own.
    pub fn bare(status: StatusCode) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        let code = title.to_lowercase().replace([' ', '-'], "_");
        Self {
            r#type: format!("urn:safehold:problem:{code}"),
            title: title.into(),
            status: status.as_u16(),
            ..Self::default()
        }
    }

    pub fn of(error: &AppError) -> Self {
        let mut problem = Self::bare(error.status_code());
        problem.r#type = format!("urn:safehold:problem:{}", error.code());
        problem.detail = Some(error.to_string());
        match error {
            AppError::Invalid(fields) => problem.errors.clone_from(fields),
            AppError::Refused { refusal, .. } => problem.current = refusal.into(),
            AppError::Stale { current_version } => problem.current_version = Some(*current_version),
            _ => {}
        }
        problem
    }

    /// The whole answer to a request.
    pub fn answer(mut self, request: RequestId) -> HttpResponse {
        self.instance = format!("urn:uuid:{}", request.0);
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        answer.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))).json(self)
    }
}
