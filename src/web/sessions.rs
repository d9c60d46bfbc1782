//! Signing in and out at a browser; giving the password again. One's own account: see `account`.
//!
//! The browser keeps a signed ticket in a cookie that no script can read and that no other site can send. The doors of the
//! database ask at every request whether its session still lasts.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post};
use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

use super::form::{Form, Posted, Wrong};
use super::keep::{self, Kept};
use super::page::{Done, Page, see_other};
use super::{Answer, errors, second_factor};
use crate::actions;
use crate::actions::sessions::becoming;
use crate::app::App;
use crate::auth::credentials::{self, address};
use crate::auth::{Actor, Ticket};
use crate::db;
use crate::domain::second_factor::SecondFactor;
use crate::error::AppError;
use crate::ids::{SessionId, random};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(sign_in).service(stay).service(sign_out).service(confirm).service(away);
}

/// `__Host-`: the browser takes it over an encrypted connection only (or from its own machine), for this host and no
/// other.
const COOKIE: &str = "__Host-session";

/// The ticket that a request brings, whether it still lasts or not.
///
/// # Errors
/// [`AppError::Unauthenticated`] when there is none of ours.
pub fn ticket(request: &HttpRequest, app: &App) -> Result<Ticket, AppError> {
    let cookie = request.cookie(COOKIE).ok_or(AppError::Unauthenticated)?;
    app.keys.token.read_ticket(cookie.value())
}

/// Hands the ticket to the browser, for as long as the browser is open.
///
/// # Errors
/// When it cannot be written.
pub fn hand_over(answer: &mut HttpResponse, app: &App, ticket: &Ticket) -> Result<(), AppError> {
    let cookie = cookie(app.keys.token.issue_ticket(ticket)?);
    answer.add_cookie(&cookie).map_err(AppError::internal)
}

fn cookie(value: String) -> Cookie<'static> {
    Cookie::build(COOKIE, value).path("/").secure(true).http_only(true).same_site(SameSite::Strict).finish()
}

/// Makes the browser forget its ticket.
///
/// # Errors
/// As [`hand_over`].
pub fn forget(answer: &mut HttpResponse) -> Result<(), AppError> {
    let mut gone = cookie(String::new());
    gone.set_max_age(Duration::ZERO);
    answer.add_cookie(&gone).map_err(AppError::internal)
}

/// The proof that a form is ours, for this session. It is another one for every page, so that the length of a compressed
/// page says nothing about it.
pub fn csrf(app: &App, session: Option<SessionId>) -> String {
    let mask = random::<16>();
    BASE64.encode([&mask[..], &proof(app, session, &mask)].concat())
}

fn proof(app: &App, session: Option<SessionId>, mask: &[u8]) -> Vec<u8> {
    let session = session.map(|session| session.0.to_string()).unwrap_or_default();
    app.keys.token.digest("form of", &format!("{session}/{}", BASE64.encode(mask)))
}

/// Whether a form was made by us for this session.
pub fn is_ours(app: &App, session: Option<SessionId>, token: &str) -> bool {
    let Ok(bytes) = BASE64.decode(token) else { return false };
    let Some((mask, given)) = bytes.split_first_chunk::<16>() else { return false };
    let right = proof(app, session, mask);
    given.len() == right.len() && given.iter().zip(&right).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[derive(Template)]
#[template(path = "sessions/sign_in.html")]
pub struct SignIn<'a> {
    pub page: &'a Page,
    pub form: Form,
    pub kept: Kept,
}

#[get("/sign-in")]
async fn ask(page: Page, request: HttpRequest) -> Answer {
    if page.signed_in() {
        match page.app.db.read(&page.actor, |_| Ok(())).await {
            Ok(()) => return Ok(see_other("/")),
            // It was ended elsewhere: the ticket does not know that.
            Err(AppError::Unauthenticated) => {}
            Err(error) => return Err(error),
        }
    }
    let page = for_nobody(&request, &page)?;
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    let back = query.into_owned().find(|(name, _)| name == "back").map(|(_, path)| path).unwrap_or_default();
    page.show(&SignIn { page: &page, form: Form::new(), kept: Kept { typed: String::new(), back } })
}

/// The page as it is for somebody who is not signed in, whatever ticket came with the request.
fn for_nobody(request: &HttpRequest, page: &Page) -> Result<Page, AppError> {
    request.extensions_mut().remove::<Ticket>();
    request.extensions_mut().insert(Actor::nobody(page.actor.request));
    Page::of(request)
}

/// Where to go after a sign-in: only within these pages.
pub fn within(back: &str) -> &str {
    let ours = back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\n', '\r']);
    if ours && !back.starts_with("/sign-") { back } else { "/" }
}

pub fn kept(posted: &Posted) -> Kept {
    Kept { typed: posted.get("kept").to_owned(), back: posted.get("back").to_owned() }
}

#[post("/sign-in")]
async fn sign_in(page: Page, request: HttpRequest, posted: Posted) -> Answer {
    let page = for_nobody(&request, &page)?;
    let (email, password) = (posted.get("email").to_owned(), posted.get("password").to_owned());
    let kept = kept(&posted);
    let mut wrong = Wrong::default();
    if email.is_empty() || email.chars().count() > 254 {
        wrong.note("email", "Enter your e-mail address");
    }
    if password.is_empty() || password.chars().count() > 200 {
        wrong.note("password", "Enter your password");
    }
    let again =
        |form: Form| SignIn { page: &page, form: Form::new().with("email", &email).and(form), kept: kept.clone() };
    if let Err(AppError::Invalid(fields)) = wrong.check() {
        let form = Form::new().wrong(fields);
        return page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &again(form));
    }
    let nobody = Actor::nobody(page.actor.request);
    let from = address(&page.app, &request);
    match credentials::check(&page.app, &nobody, &from, &email, password).await {
        Ok((account, attempt)) => {
            let actor = becoming(&account, &nobody);
            let device = credentials::device(&request);
            let start = move |tx: &mut db::Tx| actions::sessions::start_pages(tx, &attempt, &account, &device);
            let ticket = page.app.db.write(&actor, start).await?;
            let page = for_ticket(&request, &page, &ticket)?;
            go_on(&page, &ticket, &kept)
        }
        Err(error @ (AppError::WrongCredentials | AppError::Throttled { .. })) => {
            let (status, message) = match error {
                AppError::Throttled { .. } => {
                    (StatusCode::TOO_MANY_REQUESTS, "There were too many attempts. Wait 15 minutes, then try again")
                }
                _ => (StatusCode::UNAUTHORIZED, "The e-mail address or the password is not right"),
            };
            page.show_as(status, &again(Form::new().refused(message)))
        }
        Err(error) => Err(error),
    }
}

/// The page as it is for somebody who has just been handed this ticket.
///
/// # Errors
/// [`AppError::Unauthenticated`] for one that is over.
pub fn for_ticket(request: &HttpRequest, page: &Page, ticket: &Ticket) -> Result<Page, AppError> {
    request.extensions_mut().insert(Actor::of_ticket(ticket, page.now, page.actor.request)?);
    request.extensions_mut().insert(ticket.clone());
    Page::of(request)
}

/// On from a step of the sign-in: to the next one, or back to what was typed or wanted before.
///
/// # Errors
/// When the page cannot be shown.
pub fn go_on(page: &Page, ticket: &Ticket, kept: &Kept) -> Answer {
    let mut answer = match ticket.page.second_factor {
        SecondFactor::ToGive => second_factor::ask(page, Form::new(), kept.clone())?,
        SecondFactor::ToEnrol => see_other("/account/second-factor"),
        SecondFactor::NotNeeded | SecondFactor::Given => {
            match keep::fetch(&page.app.keys.vault, ticket.page.sub, kept, page.now) {
                Some(fields) => {
                    let (csrf, back) = (page.csrf().to_owned(), within(&kept.back));
                    page.show(&Welcome { page, csrf, back, fields, review: true })?
                }
                None => see_other(within(&kept.back)),
            }
        }
    };
    hand_over(&mut answer, &page.app, ticket)?;
    Ok(answer)
}

/// What was typed before, on its way back to where it belongs.
#[derive(Template)]
#[template(path = "sessions/welcome.html")]
struct Welcome<'a> {
    page: &'a Page,
    /// Of the session that has just begun.
    csrf: String,
    back: &'a str,
    fields: Vec<(String, String)>,
    /// Whether it is looked at again before it is sent.
    review: bool,
}

/// Keeps a session alive that is in use without a new page: the gate hands out the ticket.
#[get("/session")]
async fn stay(page: Page) -> Answer {
    page.app.db.read(&page.actor, |_| Ok(())).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[post("/sign-out")]
async fn sign_out(page: Page, _: Posted) -> Answer {
    page.app.db.write(&page.actor, actions::sessions::end).await?;
    let mut answer = page.go("/sign-in", Done::SignedOut)?;
    forget(&mut answer)?;
    Ok(answer)
}

#[derive(Template)]
#[template(path = "sessions/confirm.html")]
pub struct Confirm<'a> {
    pub page: &'a Page,
    pub form: Form,
    pub kept: Kept,
}

impl Confirm<'_> {
    /// Whether a code is asked for too.
    fn with_code(&self) -> bool {
        self.page.actor.second_factor() == Some(SecondFactor::Given) || self.form.error("code").is_some()
    }
}

/// Gives the password again, and goes on with what needed it.
#[post("/session/confirm")]
async fn confirm(page: Page, request: HttpRequest, posted: Posted) -> Answer {
    let kept = kept(&posted);
    let from = address(&page.app, &request);
    let given = posted.get("password").to_owned();
    match credentials::confirm(&page.app, &page.actor, &from, given, posted.some("code")).await {
        Ok(_) => {
            let mut answer = match keep::fetch(&page.app.keys.vault, page.actor.account, &kept, page.now) {
                Some(fields) => {
                    let csrf = page.csrf().to_owned();
                    page.show(&Welcome { page: &page, csrf, back: within(&kept.back), fields, review: false })?
                }
                None => see_other(within(&kept.back)),
            };
            let mut ticket = ticket(&request, &page.app)?.used(page.now);
            ticket.page.auth_time = page.now.unix_seconds();
            hand_over(&mut answer, &page.app, &ticket)?;
            Ok(answer)
        }
        Err(AppError::WrongCredentials) => {
            let with_code = page.actor.second_factor() == Some(SecondFactor::Given);
            let wrong = if with_code { "The password or the code is not right" } else { "The password is not right" };
            let form = Form::new().refused(wrong);
            page.show_as(StatusCode::UNAUTHORIZED, &Confirm { page: &page, form, kept })
        }
        Err(AppError::Invalid(fields)) => {
            let form = Form::new().wrong(fields);
            page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &Confirm { page: &page, form, kept })
        }
        Err(error) => Err(error),
    }
}

/// A way out that says nothing: the session is over for this browser, and the page is empty.
#[get("/away")]
async fn away(page: Page) -> Answer {
    let mut answer = page.show(&errors::Away)?;
    if page.signed_in() {
        // A session that has ended anyway is no reason not to leave.
        let _ = page.app.db.write(&page.actor, actions::sessions::end).await;
    }
    forget(&mut answer)?;
    Ok(answer)
}
