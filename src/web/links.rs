//! What people do with the links that they are sent: accepting an invitation, choosing a new password. And how to ask for
//! one.

use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, get, post};
use askama::Template;

use super::Answer;
use super::form::{Form, Posted, Wrong};
use super::page::{Done, Page};
use crate::actions;
use crate::api::input::Path;
use crate::auth::Actor;
use crate::auth::credentials::{self, address};
use crate::db::{Conn, Tx};
use crate::domain::link::Purpose;
use crate::error::AppError;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_invited).service(accept).service(ask_reset).service(send_reset).service(ask_new).service(reset);
}

#[derive(Template)]
#[template(path = "links/choose.html")]
struct Choose<'a> {
    page: &'a Page,
    form: Form,
    invitation: bool,
}

#[derive(Template)]
#[template(path = "links/gone.html")]
struct Gone<'a> {
    page: &'a Page,
    invitation: bool,
}

#[get("/invitation/{secret}")]
async fn ask_invited(page: Page, Path(secret): Path<String>) -> Answer {
    ask(&page, Purpose::Invitation, secret).await
}

#[post("/invitation/{secret}")]
async fn accept(page: Page, Path(secret): Path<String>, posted: Posted) -> Answer {
    choose(&page, Purpose::Invitation, &secret, &posted).await
}

#[get("/reset/{secret}")]
async fn ask_new(page: Page, Path(secret): Path<String>) -> Answer {
    ask(&page, Purpose::PasswordReset, secret).await
}

#[post("/reset/{secret}")]
async fn reset(page: Page, Path(secret): Path<String>, posted: Posted) -> Answer {
    choose(&page, Purpose::PasswordReset, &secret, &posted).await
}

/// Looking at a link does not use it up: programs that check mail look too.
async fn ask(page: &Page, purpose: Purpose, secret: String) -> Answer {
    let (nobody, now) = (Actor::nobody(page.actor.request), page.now);
    let good = move |conn: &mut Conn| actions::links::holder(conn, purpose, &secret, now).map(drop);
    let invitation = purpose == Purpose::Invitation;
    match page.app.db.read(&nobody, good).await {
        Ok(()) => page.show(&Choose { page, form: Form::new(), invitation }),
        Err(AppError::Invalid(_)) => page.show_as(StatusCode::GONE, &Gone { page, invitation }),
        Err(error) => Err(error),
    }
}

async fn choose(page: &Page, purpose: Purpose, secret: &str, posted: &Posted) -> Answer {
    let invitation = purpose == Purpose::Invitation;
    let deed = async {
        let mut wrong = Wrong::default();
        if posted.get("password").is_empty() {
            wrong.note("password", "Enter a password");
        } else if posted.get("password") != posted.get("again") {
            wrong.note("again", "Enter the same password twice");
        }
        wrong.check()?;
        credentials::choose(&page.app, &page.actor, purpose, secret, posted.get("password").to_owned()).await
    };
    match page.act(posted, deed).await? {
        Ok(()) => page.go("/sign-in", Done::PasswordChosen),
        Err(form) if form.error("secret").is_some() => page.show_as(StatusCode::GONE, &Gone { page, invitation }),
        Err(form) => {
            let form = form.without_values();
            page.show_form(&form.clone(), &Choose { page, form, invitation })
        }
    }
}

#[derive(Template)]
#[template(path = "links/reset.html")]
struct Forgotten<'a> {
    page: &'a Page,
    form: Form,
}

#[get("/reset")]
async fn ask_reset(page: Page) -> Answer {
    page.show(&Forgotten { page: &page, form: Form::new() })
}

/// The answer is the same for every address. (S26)
#[post("/reset")]
async fn send_reset(page: Page, request: HttpRequest, posted: Posted) -> Answer {
    let (email, from) = (posted.get("email").to_owned(), address(&page.app, &request));
    let nobody = Actor::nobody(page.actor.request);
    let deed = async {
        let mut wrong = Wrong::default();
        if !(3..=254).contains(&email.chars().count()) || !email.contains('@') {
            wrong.note("email", "Enter the e-mail address that you sign in with");
        }
        wrong.check()?;
        page.app.db.write(&nobody, move |tx: &mut Tx| actions::links::ask_reset(tx, &email, &from)).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/sign-in", Done::ResetAsked),
        Err(form) => page.show_form(&form.clone(), &Forgotten { page: &page, form }),
    }
}
