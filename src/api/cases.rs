//! `/cases`: a household's search for safety.

use actix_web::{HttpResponse, get, patch, post, put, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use super::{created, tagged};
use crate::actions;
use crate::actions::cases::{Closing, Edit, New};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::cases::{After, Scope};
use crate::domain::case::State;
use crate::domain::household::Needs;
use crate::domain::identity::Identity;
use crate::domain::reason::{DecidedBy, Outcome, Reasons};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(open).service(list).service(find).service(edit).service(reallocate).service(close);
}

/// One household's search for safety. Who they are, is not said here.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Case {
    pub id: CaseId,
    /// To be read over the telephone.
    pub reference: String,
    /// Whose case it is.
    pub owner_id: AccountId,
    pub state: State,
    /// Where the household comes from, for reports only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_area: Option<String>,
    pub referral_source: String,
    pub needs: Needs,
    pub opened_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<DecidedBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_happened_next: Option<String>,
    pub version: i32,
    pub updated_at: At,
}

impl From<db::cases::Case> for Case {
    fn from(row: db::cases::Case) -> Self {
        Self {
            id: row.id,
            reference: row.reference,
            owner_id: row.owner_id,
            state: row.state,
            origin_area: row.origin_area,
            referral_source: row.referral_source,
            needs: row.needs,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            outcome: row.outcome,
            primary_reason: row.primary_reason,
            decided_by: row.decided_by,
            what_happened_next: row.what_happened_next,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

/// A new case. It is yours.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewCase {
    /// Who sends the household: of the list `referral_source`.
    #[garde(length(chars, min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    referral_source: String,
    /// GSS code of the area where the household comes from. It is for reports, and is proposed as an area that may not be
    /// safe; no place is found or refused by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 9, max = 9)))]
    #[schema(min_length = 9, max_length = 9)]
    origin_area: Option<String>,
    #[serde(default)]
    #[garde(dive)]
    needs: Needs,
    /// Who they are: sealed at once, and never in an answer but that of its own disclosure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    identity: Option<Identity>,
}

/// Open a case.
#[utoipa::path(
    tag = "cases",
    security(("token" = [])),
    params(Once),
    request_body = NewCase,
    responses((status = 201, body = Case, headers(("Location" = String), ("ETag" = String))), Problems)
)]
#[post("/cases")]
pub async fn open(
    app: web::Data<App>,
    actor: Actor,
    once: Once,
    Body(new): Body<NewCase>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&new)?;
    let NewCase { referral_source, origin_area, needs, identity } = new;
    let new = New { referral_source, origin_area, needs, identity };
    let opened: Case =
        app.db.write_once(&actor, key, move |tx| Ok(actions::cases::open(tx, &new)?.map(Case::from))).await?;
    Ok(created(format!("/api/v1/cases/{}", opened.id.0), Some(opened.version), &opened))
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    state: Option<State>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// List cases, the newest first: your own, or those of the whole organisation for a helpline manager.
#[utoipa::path(
    tag = "cases",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = Page<Case>), Problems)
)]
#[get("/cases")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(filter): Query<Filter>,
) -> Result<web::Json<Page<Case>>, AppError> {
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<After> = after(filter.cursor.as_deref())?;
    let scope = Scope::of(&actor);
    let rows =
        app.db.read(&actor, move |conn| db::cases::page(conn, scope, filter.state, after, one_more(limit))).await?;
    let rows = rows.into_iter().map(Case::from).collect();
    Ok(web::Json(Page::of(rows, limit, |case: &Case| (case.opened_at, case.id))?))
}

/// Read a case.
#[utoipa::path(
    tag = "cases",
    security(("token" = [])),
    params(("id" = CaseId, Path)),
    responses((status = 200, body = Case, headers(("ETag" = String))), Problems)
)]
#[get("/cases/{id}")]
pub async fn find(app: web::Data<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<HttpResponse, AppError> {
    let scope = Scope::of(&actor);
    let found = app.db.read(&actor, move |conn| db::cases::find_in(conn, scope, id)).await?;
    Ok(tagged(found.version, &Case::from(found)))
}

/// What to change about a case; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct CaseEdit {
    #[garde(inner(length(chars, min = 1, max = 60)))]
    #[schema(min_length = 1, max_length = 60)]
    referral_source: Option<String>,
    #[garde(inner(length(chars, min = 9, max = 9)))]
    #[schema(min_length = 9, max_length = 9)]
    origin_area: Option<String>,
    /// The fields of the needs profile to replace, as in `Needs`; `null` makes one unknown again.
    #[serde(default)]
    #[schema(value_type = Object)]
    needs: Map<String, Value>,
}

/// Write down what was learned, as often as there is something new.
#[utoipa::path(
    tag = "cases",
    security(("token" = [])),
    params(("id" = CaseId, Path), IfMatch),
    request_body = CaseEdit,
    responses((status = 200, body = Case, headers(("ETag" = String))), Problems)
)]
#[patch("/cases/{id}")]
pub async fn edit(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    IfMatch(version): IfMatch,
    Body(CaseEdit { referral_source, origin_area, needs }): Body<CaseEdit>,
) -> Result<HttpResponse, AppError> {
    let edit = Edit { referral_source, origin_area, needs };
    let edited = app.db.write(&actor, move |tx| actions::cases::edit(tx, id, version, &edit)).await?;
    Ok(tagged(edited.version, &Case::from(edited)))
}

/// Who takes a case over.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Reallocation {
    account_id: AccountId,
}

/// Give a case to another caseworker of your organisation.
#[utoipa::path(
    tag = "cases",
    security(("token" = [])),
    params(("id" = CaseId, Path), IfMatch),
    request_body = Reallocation,
    responses((status = 200, body = Case, headers(("ETag" = String))), Problems)
)]
#[put("/cases/{id}/owner")]
pub async fn reallocate(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    IfMatch(version): IfMatch,
    Body(Reallocation { account_id }): Body<Reallocation>,
) -> Result<HttpResponse, AppError> {
    let case = app.db.write(&actor, move |tx| actions::cases::reallocate(tx, id, version, account_id)).await?;
    Ok(tagged(case.version, &Case::from(case)))
}

/// How a case ends.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Closure {
    outcome: Outcome,
    /// With `not_placed`: of the list `denial_reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60)))]
    #[schema(min_length = 1, max_length = 60)]
    primary_reason: Option<String>,
    #[serde(default)]
    #[garde(length(max = 10))]
    #[schema(max_items = 10)]
    secondary_reasons: Vec<String>,
    /// With `not_placed`: may be left out where the reason allows only one answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided_by: Option<DecidedBy>,
    /// With `not_placed`: of the list `what_happened_next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60)))]
    #[schema(min_length = 1, max_length = 60)]
    what_happened_next: Option<String>,
}

impl Closure {
    fn closing(self) -> Result<Closing, AppError> {
        let Self { outcome, primary_reason, secondary_reasons, decided_by, what_happened_next } = self;
        let missing = |pointer: &str| AppError::body(pointer, "required", &"say why, and what happened next");
        match (outcome, primary_reason, what_happened_next) {
            (Outcome::Placed, None, None) if secondary_reasons.is_empty() && decided_by.is_none() => {
                Ok(Closing::Placed)
            }
            (Outcome::Sanctuary, None, None) if secondary_reasons.is_empty() && decided_by.is_none() => {
                Ok(Closing::Sanctuary)
            }
            (Outcome::Placed | Outcome::Sanctuary, ..) => {
                let message = "a household that has a safe home has no reason for a denial";
                Err(AppError::body("/outcome", "contradiction", &message))
            }
            (Outcome::NotPlaced, Some(primary_reason), Some(what_happened_next)) => Ok(Closing::NotPlaced {
                reasons: Reasons { primary_reason, secondary_reasons, decided_by },
                what_happened_next,
            }),
            (Outcome::NotPlaced, None, _) => Err(missing("/primary_reason")),
            (Outcome::NotPlaced, _, None) => Err(missing("/what_happened_next")),
        }
    }
}

/// Close a case. One without a placement says why, and what happened next: it is a household unable to be supported.
#[utoipa::path(
    tag = "cases",
    security(("token" = [])),
    params(("id" = CaseId, Path), Once),
    request_body = Closure,
    responses((status = 200, body = Case, headers(("ETag" = String))), Problems)
)]
#[post("/cases/{id}/close")]
pub async fn close(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    once: Once,
    Body(closure): Body<Closure>,
) -> Result<HttpResponse, AppError> {
    let key = once.of(&closure)?;
    let closing = closure.closing()?;
    let (now, policy, worker) = (app.clock.now(), app.policy, actor.clone());
    let look = move |conn: &mut db::Conn| actions::searches::look(conn, &worker, id, None, now, policy);
    let looked = app.db.read(&actor, look).await?;
    let close = move |tx: &mut db::Tx| Ok(actions::cases::close(tx, id, &closing, &looked)?.map(Case::from));
    let closed: Case = app.db.write_once(&actor, key, close).await?;
    Ok(tagged(closed.version, &closed))
}
