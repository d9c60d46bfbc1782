//! `/mail` and `/me/mail`: the queue of messages, and what one wants to be told of by mail.

use actix_web::{HttpResponse, get, post, put, web};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Body, IfMatch, Once, Path, Query};
use super::page::{DEFAULT_LIMIT, Page, after, one_more};
use super::problem::Problems;
use super::tagged;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::domain::mail::{Choices, Problem, State, Topic};
use crate::error::AppError;
use crate::ids::{AccountId, MailId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(summary).service(retry_all).service(retry).service(choices).service(choose);
}

/// A message to somebody. Neither its text nor its address is kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Mail {
    pub id: MailId,
    pub topic: Topic,
    pub state: State,
    /// Whom it is for.
    pub account_id: AccountId,
    /// Since when it is in the queue; anew when somebody has it tried again.
    pub queued_at: At,
    /// When it is tried next, or was to be.
    pub due_at: At,
    /// How often it was tried.
    pub attempts: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<At>,
    /// Why it did not go out, as far as we know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

impl From<db::mail::Mail> for Mail {
    fn from(row: db::mail::Mail) -> Self {
        let db::mail::Mail { id, topic, state, account_id, queued_at, due_at, attempts, sent_at, problem, .. } = row;
        Self { id, topic, state, account_id, queued_at, due_at, attempts, sent_at, problem }
    }
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// Only messages that have come this far.
    state: Option<State>,
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

/// List messages, the newest first.
#[utoipa::path(
    tag = "mail",
    security(("token" = [])),
    params(Filter),
    responses((status = 200, body = Page<Mail>), Problems)
)]
#[get("/mail")]
pub async fn list(
    app: web::Data<App>,
    actor: Actor,
    Query(filter): Query<Filter>,
) -> Result<web::Json<Page<Mail>>, AppError> {
    let (state, limit, after) = (filter.state, filter.limit.unwrap_or(DEFAULT_LIMIT), after(filter.cursor.as_deref())?);
    let rows = app.db.read(&actor, move |conn| db::mail::page(conn, state, after, one_more(limit))).await?;
    let rows = rows.into_iter().map(|row| Mail::from(row.mail)).collect();
    Ok(web::Json(Page::of(rows, limit, |row| row.id)?))
}

/// How the queue is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MailSummary {
    /// Whether there is a mail server to send by. Without one, everything waits.
    pub set_up: bool,
    /// Messages that wait, and notices of which it is not known yet who is told.
    pub waiting: i64,
    /// Since when the oldest of them waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<At>,
    /// What went out in the last 30 days.
    pub sent: i64,
    /// What was given up, by what it is about.
    pub given_up: Vec<GivenUp>,
}

/// Messages about one topic that were given up.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GivenUp {
    pub topic: Topic,
    pub number: i64,
}

/// Read how the queue is.
#[utoipa::path(tag = "mail", security(("token" = [])), responses((status = 200, body = MailSummary), Problems))]
#[get("/mail/summary")]
pub async fn summary(app: web::Data<App>, actor: Actor) -> Result<web::Json<MailSummary>, AppError> {
    let db::mail::Summary { notices, waiting, oldest, sent, given_up } = app.db.read(&actor, db::mail::summary).await?;
    let given_up = given_up.into_iter().map(|(topic, number)| GivenUp { topic, number }).collect();
    let set_up = app.mailer.is_set_up();
    Ok(web::Json(MailSummary { set_up, waiting: waiting + notices, oldest, sent, given_up }))
}

/// Have a message tried again that was given up.
#[utoipa::path(
    tag = "mail",
    security(("token" = [])),
    params(("id" = MailId, Path), Once),
    responses((status = 200, body = Mail), Problems)
)]
#[post("/mail/{id}/retry")]
pub async fn retry(
    app: web::Data<App>,
    actor: Actor,
    Path(id): Path<MailId>,
    once: Once,
) -> Result<web::Json<Mail>, AppError> {
    let retry = move |tx: &mut db::Tx| Ok(actions::mail::retry(tx, id)?.map(Mail::from));
    Ok(web::Json(app.db.write_once(&actor, once.of(&())?, retry).await?))
}

/// How many messages are tried again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Retried {
    pub retried: usize,
}

/// Have everything tried again that was given up, at most 500 messages.
#[utoipa::path(
    tag = "mail",
    security(("token" = [])),
    params(Once),
    responses((status = 200, body = Retried), Problems)
)]
#[post("/mail/retry")]
pub async fn retry_all(app: web::Data<App>, actor: Actor, once: Once) -> Result<web::Json<Retried>, AppError> {
    let retried = app.db.write_once(&actor, once.of(&())?, actions::mail::retry_all).await?;
    Ok(web::Json(Retried { retried }))
}

/// Read what you have chosen about your mail: the essential comes always, the rest unless you say otherwise.
#[utoipa::path(
    tag = "mail",
    security(("token" = [])),
    responses((status = 200, body = Choices, headers(("ETag" = String))), Problems)
)]
#[get("/me/mail")]
pub async fn choices(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, AppError> {
    let of = actor.account;
    let chosen = app.db.read(&actor, move |conn| db::mail::choices(conn, of)).await?;
    Ok(tagged(chosen.version, &chosen.choices))
}

/// Choose what mail you want, and when.
#[utoipa::path(
    tag = "mail",
    security(("token" = [])),
    params(IfMatch),
    request_body = Choices,
    responses((status = 200, body = Choices, headers(("ETag" = String))), Problems)
)]
#[put("/me/mail")]
pub async fn choose(
    app: web::Data<App>,
    actor: Actor,
    IfMatch(version): IfMatch,
    Body(wanted): Body<Choices>,
) -> Result<HttpResponse, AppError> {
    let chosen = app.db.write(&actor, move |tx| actions::mail::choose(tx, version, &wanted)).await?;
    Ok(tagged(chosen.version, &chosen.choices))
}
