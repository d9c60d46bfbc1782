//! The second step of a sign-in, and setting the second factor up.

use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, get, post};
use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

use super::Answer;
use super::form::{Form, Posted};
use super::keep::Kept;
use super::page::{Page, see_other};
use super::sessions::{for_ticket, go_on, hand_over, kept};
use crate::actions::second_factor::{
    Enrolled, Enrolment, confirm as confirm_code, enrol as make, give as give_code, renew_codes,
};
use crate::actions::sessions::ticket;
use crate::auth::credentials::address;
use crate::auth::totp::Secret;
use crate::db;
use crate::db::Tx;
use crate::domain::second_factor::SecondFactor;
use crate::error::AppError;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_again).service(give).service(show).service(enrol).service(confirm).service(new_codes);
}

/// Where somebody has to go who has not completed the sign-in.
pub fn next_step(page: &Page) -> &'static str {
    match page.actor.second_factor() {
        Some(SecondFactor::ToEnrol) => "/account/second-factor",
        _ => "/sign-in/second-factor",
    }
}

#[derive(Template)]
#[template(path = "sessions/second_factor.html")]
struct Ask<'a> {
    page: &'a Page,
    form: Form,
    kept: Kept,
}

/// The page that asks for a code, to somebody who has just given the password.
pub fn ask(page: &Page, form: Form, kept: Kept) -> Answer {
    let status = if form.any_wrong() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    page.show_as(status, &Ask { page, form, kept })
}

#[get("/sign-in/second-factor")]
async fn ask_again(page: Page) -> Answer {
    match page.actor.second_factor() {
        Some(SecondFactor::ToGive) => ask(&page, Form::new(), Kept::default()),
        Some(SecondFactor::ToEnrol) => Ok(see_other("/account/second-factor")),
        _ => Ok(see_other("/")),
    }
}

#[post("/sign-in/second-factor")]
async fn give(page: Page, request: HttpRequest, posted: Posted) -> Answer {
    let (kept, code) = (kept(&posted), posted.get("code").to_owned());
    if page.actor.second_factor() != Some(SecondFactor::ToGive) {
        return Ok(see_other("/"));
    }
    let wrong = match code.chars().count() {
        0 => "Enter the code that your phone shows",
        1..=40 => {
            let from = address(&page.app, &request);
            let give = move |tx: &mut Tx| give_code(tx, &from, &code, ticket);
            match page.app.db.write(&page.actor, give).await?.or(AppError::WrongCode) {
                Ok(ticket) => {
                    let page = for_ticket(&request, &page, &ticket)?;
                    return go_on(&page, &ticket, &kept);
                }
                Err(error) => said(error)?,
            }
        }
        _ => WRONG,
    };
    ask(&page, wrong_code(wrong), kept)
}

const WRONG: &str = "This code is not right. Wait for your phone to show the next one, then enter that";

fn said(error: AppError) -> Result<&'static str, AppError> {
    match error {
        AppError::WrongCode => Ok(WRONG),
        AppError::Throttled { .. } => Ok("There were too many wrong codes. Wait 15 minutes, then try again"),
        error => Err(error),
    }
}

fn wrong_code(message: &str) -> Form {
    match super::form::missing("code", message) {
        AppError::Invalid(fields) => Form::new().wrong(fields),
        _ => Form::new().refused(message),
    }
}

#[derive(Template)]
#[template(path = "second_factor/show.html")]
struct Show<'a> {
    page: &'a Page,
    enrolled: bool,
    codes_left: i64,
}

#[get("/account/second-factor")]
async fn show(page: Page) -> Answer {
    if page.actor.second_factor() == Some(SecondFactor::ToGive) {
        return Ok(see_other("/sign-in/second-factor"));
    }
    let id = page.actor.account;
    let read = move |conn: &mut db::Conn| {
        Ok((db::second_factors::confirmed(conn, id)?.is_some(), db::second_factors::codes_left(conn, id)?))
    };
    let (enrolled, codes_left) = page.app.db.read(&page.actor, read).await?;
    page.show(&Show { page: &page, enrolled, codes_left })
}

#[derive(Template)]
#[template(path = "second_factor/enrol.html")]
struct Enrol<'a> {
    page: &'a Page,
    form: Form,
    secret: String,
    picture: Picture,
}

/// A QR code as the outline of its dark squares: for an SVG that needs no style and no script.
struct Picture {
    size: usize,
    outline: String,
}

impl Picture {
    fn of(text: &str) -> Result<Self, AppError> {
        use std::fmt::Write;
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(AppError::internal)?;
        let (width, margin) = (code.width(), 4);
        let mut outline = String::new();
        for (n, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            write!(outline, "M{} {}h1v1h-1z", n % width + margin, n / width + margin).map_err(AppError::internal)?;
        }
        Ok(Self { size: width + 2 * margin, outline })
    }
}

/// In groups of four, as it is read out and typed.
fn grouped(secret: &str) -> String {
    secret.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

fn show_enrolment(page: &Page, form: Form, secret: &Secret, url: &str) -> Answer {
    let picture = Picture::of(url)?;
    page.show_form(&form.clone(), &Enrol { page, form, secret: secret.text(), picture })
}

#[post("/account/second-factor")]
async fn enrol(page: Page, _: Posted) -> Answer {
    let Enrolment { secret, url } = page.app.db.write(&page.actor, make).await?;
    show_enrolment(&page, Form::new(), &secret, &url)
}

#[derive(Template)]
#[template(path = "second_factor/codes.html")]
struct Codes<'a> {
    page: &'a Page,
    shown: Vec<String>,
    /// Whether the second factor is new too.
    first: bool,
}

#[post("/account/second-factor/confirm")]
async fn confirm(page: Page, request: HttpRequest, posted: Posted) -> Answer {
    let (from, code) = (address(&page.app, &request), posted.get("code").to_owned());
    let given = move |tx: &mut Tx| confirm_code(tx, &from, &code, ticket);
    let outcome = if posted.get("code").is_empty() || posted.get("code").chars().count() > 40 {
        Err(AppError::WrongCode)
    } else {
        page.app.db.write(&page.actor, given).await?.or(AppError::WrongCode)
    };
    match outcome {
        Ok(Enrolled { recovery_codes: shown, kept: ticket }) => {
            let page = for_ticket(&request, &page, &ticket)?;
            let mut answer = page.show(&Codes { page: &page, shown, first: true })?;
            hand_over(&mut answer, &page.app, &ticket)?;
            Ok(answer)
        }
        Err(error) => {
            let form = wrong_code(said(error)?);
            // The page carries its own secret along, to be shown again; what counts is the one that is stored.
            let Some(secret) = Secret::read(posted.get("secret")) else {
                return Ok(see_other("/account/second-factor"));
            };
            let id = page.actor.account;
            let account = page.app.db.read(&page.actor, move |conn| db::accounts::find(conn, None, id)).await?;
            show_enrolment(&page, form, &secret, &secret.url(&account.email))
        }
    }
}

#[post("/account/recovery-codes")]
async fn new_codes(page: Page, _: Posted) -> Answer {
    let shown = page.app.db.write(&page.actor, renew_codes).await?;
    page.show(&Codes { page: &page, shown, first: false })
}
