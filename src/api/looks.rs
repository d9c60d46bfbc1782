//! `/cases/{id}/access`: who saw a household. Reading it is recorded too.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Path, Query};
use super::page::{Paging, after, cursor, one_more};
use super::problem::Problems;
use crate::actions;
use crate::actions::looks::{self, After, Looks};
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::domain::permission::Role;
use crate::error::AppError;
use crate::ids::{CaseId, EventId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(of_own_case).service(of_any_case);
}

/// Who saw who a household is, or where: the newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CaseAccess {
    pub case_id: CaseId,
    pub reference: String,
    /// Whose case it is.
    pub organisation: String,
    pub items: Vec<Look>,
    /// The `cursor` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Somebody saw something, or tried to.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Look {
    pub event_id: EventId,
    pub at: At,
    /// As the audit says it: `identity.disclosed`.
    pub action: String,
    /// "A confidential service" where its name would say which it is.
    pub organisation: String,
    /// Whether that is the organisation whose case it is.
    pub own_organisation: bool,
    pub roles: Vec<Role>,
    /// Only of the case's own organisation, and for the auditor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The code of the reason that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_label: Option<String>,
    /// The service that it has to do with, unless its name is confidential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What they did, in words.
    pub text: String,
    /// Who it was, in words for the survivor: no name of a person, no service whose name is confidential.
    pub plain_who: String,
    /// What they did, in words for the survivor.
    pub plain_text: String,
}

impl From<looks::Look> for Look {
    fn from(look: looks::Look) -> Self {
        let (reason, reason_label) = look.reason.map(|reason| (reason.code, reason.label)).unzip();
        Self {
            event_id: look.id,
            at: look.at,
            action: look.action,
            organisation: look.organisation,
            own_organisation: look.own,
            roles: look.roles,
            person: look.person,
            reason,
            reason_label,
            service: look.service,
            text: look.text,
            plain_who: look.plain.who,
            plain_text: look.plain.what,
        }
    }
}

impl CaseAccess {
    fn of(mut found: Looks, limit: i64) -> Result<Self, AppError> {
        let next = next(&mut found, limit)?;
        let Looks { case, reference, organisation, looks } = found;
        Ok(Self { case_id: case, reference, organisation, items: looks.into_iter().map(Look::from).collect(), next })
    }
}

/// Takes the row away that was read past the page, and says where the next page begins.
///
/// # Errors
/// Never in practice.
pub fn next(found: &mut Looks, limit: i64) -> Result<Option<String>, AppError> {
    let limit = usize::try_from(limit).map_err(AppError::internal)?;
    let more = found.looks.len() > limit;
    found.looks.truncate(limit);
    found.looks.last().filter(|_| more).map(|look| cursor(&(look.at, look.id))).transpose()
}

/// Who saw the household of a case: names and safe contact, the address of its home, notes, referrals. For every look who,
/// when and why.
#[utoipa::path(
    tag = "cases",
    security(("token" = [])),
    params(("id" = CaseId, Path), Paging),
    responses((status = 200, body = CaseAccess), Problems)
)]
#[get("/cases/{id}/access")]
pub async fn of_own_case(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(paging): Query<Paging>,
) -> Result<web::Json<CaseAccess>, AppError> {
    let (limit, after) = (paging.limit(), after::<After>(paging.cursor())?);
    let read = move |tx: &mut crate::db::Tx| actions::looks::of_own_case(tx, id, after, one_more(limit));
    Ok(web::Json(CaseAccess::of(app.db.write(&actor, read).await?, limit)?))
}

/// The same for the auditor, by the reference of the case, with every name. Nothing else of the case is shown.
#[utoipa::path(
    tag = "audit",
    security(("token" = [])),
    params(("reference" = String, Path), Paging),
    responses((status = 200, body = CaseAccess), Problems)
)]
#[get("/audit/cases/{reference}")]
pub async fn of_any_case(
    app: web::Data<App>,
    actor: Actor,
    Path(reference): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<web::Json<CaseAccess>, AppError> {
    let (limit, after) = (paging.limit(), after::<After>(paging.cursor())?);
    let read = move |tx: &mut crate::db::Tx| actions::looks::of_any_case(tx, &reference, after, one_more(limit));
    Ok(web::Json(CaseAccess::of(app.db.write(&actor, read).await?, limit)?))
}
