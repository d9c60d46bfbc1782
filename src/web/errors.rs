//! What people see when a page cannot be shown.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;

use super::form::{Form, Posted};
use super::keep::{self, Kept};
use super::page::{Page, see_other};
use super::second_factor;
use super::sessions::{Confirm, SignIn, ticket};
use crate::auth::Actor;
use crate::error::AppError;
use crate::ids::RequestId;

/// An empty page.
#[derive(Template)]
#[template(path = "away.html")]
pub struct Away;

#[derive(Template)]
#[template(path = "error.html")]
struct Trouble<'a> {
    page: &'a Page,
    title: &'static str,
    text: String,
    /// For whoever asks for help; only when the fault is ours.
    reference: Option<String>,
}

/// The page for an error, or for a bare status of the framework's own.
pub fn answer(request: &HttpRequest, error: Option<&AppError>, status: StatusCode, id: RequestId) -> HttpResponse {
    let ended = matches!(error, Some(AppError::Unauthenticated));
    if ended || request.extensions().get::<Actor>().is_none() {
        request.extensions_mut().insert(Actor::nobody(id));
    }
    let page = match Page::of(request) {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(request = %id.0, %error, "a page for an error cannot be made");
            return HttpResponse::InternalServerError().finish();
        }
    };
    let shown = match error {
        Some(AppError::Unauthenticated) => sign_in(request, &page),
        Some(AppError::SecondFactorRequired) if page.part => Ok(HttpResponse::Forbidden().finish()),
        Some(AppError::SecondFactorRequired) => Ok(see_other(second_factor::next_step(&page))),
        Some(AppError::Reauthenticate) => page
            .show_as(StatusCode::UNAUTHORIZED, &Confirm { page: &page, form: Form::new(), kept: kept(request, &page) }),
        _ => trouble(&page, error, status, id),
    };
    shown.unwrap_or_else(|error| {
        tracing::error!(request = %id.0, %error, "a page for an error cannot be shown");
        HttpResponse::InternalServerError().finish()
    })
}

fn sign_in(request: &HttpRequest, page: &Page) -> Result<HttpResponse, AppError> {
    if page.part {
        return Ok(HttpResponse::Unauthorized().finish());
    }
    if request.extensions().get::<Posted>().is_some() {
        let kept = kept(request, page);
        return page.show_as(StatusCode::UNAUTHORIZED, &SignIn { page, form: Form::new(), kept });
    }
    let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let back: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
    Ok(see_other(&if wanted == "/" { "/sign-in".to_owned() } else { format!("/sign-in?back={back}") }))
}

/// What was typed, for the person whose ticket came with it.
fn kept(request: &HttpRequest, page: &Page) -> Kept {
    let extensions = request.extensions();
    let Some(posted) = extensions.get::<Posted>() else { return Kept::default() };
    let kept = ticket(request, &page.app)
        .and_then(|ticket| keep::keep(&page.app.keys.vault, ticket.page.sub, request.path(), posted, page.now));
    kept.unwrap_or_default()
}

fn trouble(page: &Page, error: Option<&AppError>, status: StatusCode, id: RequestId) -> Result<HttpResponse, AppError> {
    let (title, text) = match error {
        Some(AppError::NotFound | AppError::MethodNotAllowed { .. }) | None => (
            "Page not found",
            "It may have been moved, or it may not be yours to see. Check the address, or go back and try again."
                .into(),
        ),
        Some(AppError::Forbidden) => (
            "You cannot open this page",
            "Your role does not include it. If you think that it should, ask your manager.".into(),
        ),
        Some(AppError::Refused { refusal, .. }) => ("That is not possible now", sentence(&refusal.to_string())),
        Some(AppError::Invalid(fields)) => {
            let wrong: Vec<String> = fields.iter().map(|field| sentence(&field.message)).collect();
            ("There is a problem", wrong.join(" "))
        }
        Some(AppError::Stale { .. }) => (
            "Somebody else has changed this",
            "It has changed since you opened it. Nothing was saved. Go back, reload the page and try again.".into(),
        ),
        Some(AppError::Contended) => {
            ("Many people are doing this at once", "Nothing was saved. Go back and try again.".into())
        }
        Some(AppError::TooLarge) => ("That is too much at once", "Nothing was saved. Go back and write less.".into()),
        Some(AppError::Slowed { seconds }) => (
            "You have opened very much in a short time",
            format!(
                "Wait {}, then go on. This keeps people safe if somebody else gets into an account. Your manager has been \
                 told. If you need to look at this much, talk to your manager.",
                super::words::length(chrono::TimeDelta::seconds(*seconds))
            ),
        ),
        Some(AppError::Throttled { .. }) => ("Too many attempts", "Wait 15 minutes, then try again.".into()),
        Some(AppError::Unavailable(_)) => (
            "We cannot reach our records just now",
            "Nothing was saved. Wait a minute, then go back and try again.".into(),
        ),
        Some(_) => ("Something went wrong on our side", "Go back and try again.".into()),
    };
    let reference = status.is_server_error().then(|| id.0.to_string());
    page.show_as(status, &Trouble { page, title, text, reference })
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
