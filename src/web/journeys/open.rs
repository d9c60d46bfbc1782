//! Opening a code that somebody gives you, and going on from there.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, get, post};
use askama::Template;

use super::named;
use super::told::told;
use crate::actions;
use crate::actions::journeys::{Opened, Trying};
use crate::api::input::Path;
use crate::auth::credentials;
use crate::db;
use crate::domain::reference::Code;
use crate::error::AppError;
use crate::ids::JourneyUseId;
use crate::web::Answer;
use crate::web::cases::Lists;
use crate::web::contact::{self, Place};
use crate::web::form::{Form, Posted, Wrong, missing};
use crate::web::page::{Done, Page, see_other};
use crate::web::reasons::options;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(open).service(find).service(disclose_identity).service(open_case);
}

#[derive(Template)]
#[template(path = "journeys/open.html")]
struct Asked<'a> {
    page: &'a Page,
    form: Form,
    words: Vec<Code>,
}

#[get("/journeys")]
async fn ask(page: Page) -> Answer {
    show_ask(&page, Form::new()).await
}

async fn show_ask(page: &Page, form: Form) -> Answer {
    let read = |conn: &mut db::Conn| db::reference::codes(conn, Some("journey_reason"));
    let words = page.app.db.read(&page.actor, read).await?;
    page.show_form(&form.clone(), &Asked { page, form, words })
}

#[post("/journeys")]
async fn open(page: Page, request: HttpRequest, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let code = posted.get("code").to_owned();
        if code.is_empty() || code.chars().count() > 40 {
            wrong.note("code", "Enter the code, like K7QM-3FHW-9TXP");
        }
        if posted.get("reason").is_empty() {
            wrong.note("reason", "Select why you open it");
        }
        if !posted.has("consent") {
            wrong.note("consent", "Open it only if they agree. Ask them, then tick the box");
        }
        wrong.check()?;
        let address = credentials::address(&page.app, &request);
        let trying = Trying { code, reason: posted.get("reason").to_owned(), address };
        let opened = move |tx: &mut db::Tx| actions::journeys::open(tx, &trying);
        let used = page.app.db.write_once(&page.actor, page.once(&posted), opened).await?;
        let message = "This code opens nothing. Ask them to read it again. It may have run out, or they took it back";
        used.ok_or_else(|| missing("code", message))
    };
    match page.act(&posted, deed).await? {
        Ok(id) => Ok(see_other(&format!("/journeys/{}", id.0))),
        Err(form) => show_ask(&page, form).await,
    }
}

#[derive(Template)]
#[template(path = "journeys/show.html")]
struct Show<'a> {
    page: &'a Page,
    form: Form,
    opened: Opened,
    lists: Lists,
}

#[get("/journeys/{id}")]
async fn find(page: Page, Path(id): Path<JourneyUseId>) -> Answer {
    show(&page, id, Form::new()).await
}

async fn show(page: &Page, id: JourneyUseId, form: Form) -> Answer {
    let (actor, now) = (page.actor.clone(), page.now);
    let read = move |conn: &mut db::Conn| Ok((actions::journeys::opened(conn, &actor, id, now)?, Lists::load(conn)?));
    let (opened, lists) = page.app.db.read(&page.actor, read).await?;
    page.show_form(&form.clone(), &Show { page, form, opened, lists })
}

#[post("/journeys/{id}/identity")]
async fn disclose_identity(page: Page, Path(id): Path<JourneyUseId>, posted: Posted) -> Answer {
    let given = posted.get("disclosure").to_owned();
    let deed = async {
        let reason = posted.some("disclosure").ok_or_else(|| missing("disclosure", "Select why you need to know"))?;
        let told =
            page.app.db.write(&page.actor, move |tx| actions::journeys::disclose_identity(tx, id, &reason)).await;
        told.map_err(|error| match error {
            AppError::Invalid(_) => missing("disclosure", "Select why you need to know"),
            other => other,
        })
    };
    let back = format!("/journeys/{}", id.0);
    let place = Place { back, back_text: "What they shared".into(), telephone: None, call_back: None };
    match page.act(&posted, deed).await? {
        Ok(who) => contact::show_who(&page, place, who, &given, Form::new()).await,
        Err(form) => show(&page, id, form).await,
    }
}

#[post("/journeys/{id}/case")]
async fn open_case(page: Page, Path(id): Path<JourneyUseId>, posted: Posted) -> Answer {
    let deed = async {
        let message = "Select who is calling, or who sends the household";
        let source = posted.some("referral_source").ok_or_else(|| missing("referral_source", message))?;
        let opened = move |tx: &mut db::Tx| Ok(actions::journeys::open_case(tx, id, &source)?.map(|case| case.id));
        page.app.db.write_once(&page.actor, page.once(&posted), opened).await
    };
    match page.act(&posted, deed).await? {
        Ok(case) => page.go(&format!("/cases/{}", case.0), Done::JourneyCase),
        Err(form) => show(&page, id, form).await,
    }
}

impl Asked<'_> {
    fn reasons(&self) -> Vec<(String, String)> {
        options(&self.words, "journey_reason", self.page.now.date())
    }
}

impl Show<'_> {
    /// Each part that is shared: its name, and what was told.
    fn parts(&self) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
        self.opened.share.iter().map(|share| (named(*share), told(*share, &self.opened.needs, &self.lists))).collect()
    }
}
