//! One's own account: who one is here, the password, and where one is signed in.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, get, post};
use askama::Template;

use super::Answer;
use super::form::{Form, Posted, Wrong, missing};
use super::page::{Done, Page};
use super::sessions::forget;
use super::words;
use crate::actions;
use crate::api::input::Path;
use crate::api::sessions::OpenSession;
use crate::auth::credentials::{self, address};
use crate::db;
use crate::db::accounts::Account;
use crate::error::AppError;
use crate::ids::SessionId;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(own_account)
        .service(ask_password)
        .service(change_password)
        .service(sessions)
        .service(end_others)
        .service(end_one);
}

#[derive(Template)]
#[template(path = "account/show.html")]
struct Own<'a> {
    page: &'a Page,
    account: Account,
    organisation: String,
    second_factor: bool,
    /// In how many places one is signed in.
    places: usize,
}

#[get("/account")]
async fn own_account(page: Page) -> Answer {
    let (id, of, now) = (page.actor.account, page.actor.organisation, page.now);
    let (account, organisation, second_factor, places) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let second_factor = db::second_factors::confirmed(conn, id)?.is_some();
            let places = db::sessions::of_account(conn, id, now)?.len();
            Ok((db::accounts::find(conn, None, id)?, db::organisations::find(conn, of)?.name, second_factor, places))
        })
        .await?;
    page.show(&Own { page: &page, account, organisation, second_factor, places })
}

#[derive(Template)]
#[template(path = "account/password.html")]
struct NewPassword<'a> {
    page: &'a Page,
    form: Form,
}

#[get("/account/password")]
async fn ask_password(page: Page) -> Answer {
    page.show(&NewPassword { page: &page, form: Form::new() })
}

#[post("/account/password")]
async fn change_password(page: Page, request: HttpRequest, posted: Posted) -> Answer {
    let from = address(&page.app, &request);
    let deed = async {
        let mut wrong = Wrong::default();
        if posted.get("current_password").is_empty() {
            wrong.note("current_password", "Enter the password that you have now");
        }
        if posted.get("password") != posted.get("again") {
            wrong.note("again", "Enter the same new password twice");
        }
        wrong.check()?;
        let (current, new) = (posted.get("current_password").to_owned(), posted.get("password").to_owned());
        match credentials::change(&page.app, &page.actor, &from, current, new).await {
            Err(AppError::WrongCredentials) => {
                Err(missing("current_password", "This is not the password that you have now"))
            }
            other => other,
        }
    };
    match page.act(&posted, deed).await? {
        Ok(()) => {
            let mut answer = page.go("/sign-in", Done::PasswordChanged)?;
            forget(&mut answer)?;
            Ok(answer)
        }
        Err(form) => {
            let form = form.without_values();
            page.show_form(&form.clone(), &NewPassword { page: &page, form })
        }
    }
}

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct Sessions<'a> {
    page: &'a Page,
    sessions: Vec<Place>,
}

/// One place, and what its button is called and does.
struct Place {
    about: String,
    end: String,
    open: OpenSession,
}

#[get("/account/sessions")]
async fn sessions(page: Page) -> Answer {
    let (id, now) = (page.actor.account, page.now);
    let rows = page.app.db.read(&page.actor, move |conn| db::sessions::of_account(conn, id, now)).await?;
    let place = |row| {
        let open = OpenSession::of(row, &page.actor);
        let about = format!("of {}, since {}", open.device, words::moment_from(open.started_at, now));
        Place { about, end: format!("/account/sessions/{}/end", open.id.0), open }
    };
    let sessions = rows.into_iter().map(place).collect();
    page.show(&Sessions { page: &page, sessions })
}

#[post("/account/sessions/end")]
async fn end_others(page: Page, _: Posted) -> Answer {
    page.app.db.write(&page.actor, actions::sessions::end_others).await?;
    page.go("/account/sessions", Done::SessionsEnded)
}

#[post("/account/sessions/{id}/end")]
async fn end_one(page: Page, Path(id): Path<SessionId>, _: Posted) -> Answer {
    page.app.db.write(&page.actor, move |tx| actions::sessions::end_one(tx, id)).await?;
    if page.actor.session.is_some_and(|session| session.id == id) {
        let mut answer = page.go("/sign-in", Done::SignedOut)?;
        forget(&mut answer)?;
        return Ok(answer);
    }
    page.go("/account/sessions", Done::SessionEnded)
}
