//! Giving a code, taking it back, and telling a survivor who has used it.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::named;
use crate::actions;
use crate::actions::journeys::Agreement;
use crate::api::input::Path;
use crate::api::journeys::JourneyCode;
use crate::clock::At;
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::domain::journey::{Consent, Share, Shares, lasts};
use crate::domain::reference::Code;
use crate::ids::{CaseId, JourneyId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};
use crate::web::reasons::label;

pub fn routes(config: &mut ServiceConfig) {
    config.service(given_codes).service(give).service(used_by).service(revoke);
}

#[derive(Template)]
#[template(path = "journeys/list.html")]
struct List<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    has_identity: bool,
    codes: Vec<JourneyCode>,
    words: Vec<Code>,
}

#[get("/cases/{id}/journeys")]
async fn given_codes(page: Page, Path(id): Path<CaseId>) -> Answer {
    show(&page, id, Form::new().with("days", 14)).await
}

async fn show(page: &Page, id: CaseId, form: Form) -> Answer {
    let scope = Scope::of(&page.actor);
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, scope, id)?;
        let (codes, has_identity) = (JourneyCode::of_case(conn, id)?, db::cases::has_identity(conn, id)?);
        Ok((case, codes, has_identity, db::reference::codes(conn, Some("journey_reason"))?))
    };
    let (case, codes, has_identity, words) = page.app.db.read(&page.actor, read).await?;
    page.show_form(&form.clone(), &List { page, form, case, has_identity, codes, words })
}

/// Shown once, in the answer to the request for it.
#[derive(Template)]
#[template(path = "journeys/given.html")]
struct Given<'a> {
    page: &'a Page,
    id: CaseId,
    code: String,
    until: At,
}

#[post("/cases/{id}/journeys")]
async fn give(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let share: Vec<Share> = posted.all("share").iter().filter_map(|word| word.parse().ok()).collect();
        if share.is_empty() {
            wrong.note("share", "Select at least one thing that they agree to share");
        }
        let message = "Enter for how many days the code is good, from 1 to 90";
        let days = wrong.take(posted.parse::<i64>("days", message))?.unwrap_or(1);
        if !(1..=90).contains(&days) {
            wrong.note("days", message);
        }
        let consent = wrong.take(posted.parse::<Consent>("consent", "Select how they agreed"))?;
        wrong.check()?;
        let consent = consent.unwrap_or(Consent::InPerson);
        let agreed = Agreement { share: Shares(share), identity: posted.has("identity"), days, consent };
        let verb = move |tx: &mut db::Tx| {
            Ok(actions::journeys::give(tx, id, &agreed)?.map(|(row, sealed)| (row.id, row.expires_at, sealed)))
        };
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok((journey, until, sealed)) => {
            let code = actions::journeys::code_of(&page.app.keys.vault, journey, &sealed)?;
            page.show(&Given { page: &page, id, code, until })
        }
        Err(form) => show(&page, id, form).await,
    }
}

#[post("/cases/{id}/journeys/{journey}/revoke")]
async fn revoke(page: Page, Path((id, journey)): Path<(CaseId, JourneyId)>, posted: Posted) -> Answer {
    let verb = move |tx: &mut db::Tx| Ok(actions::journeys::revoke(tx, id, journey)?.map(drop));
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), verb)).await? {
        Ok(()) => page.go(&format!("/cases/{}/journeys", id.0), Done::CodeRevoked),
        Err(form) => show(&page, id, form).await,
    }
}

/// Who has used the codes: a sheet to show or to print, which does not say what it is about.
#[derive(Template)]
#[template(path = "journeys/uses.html")]
struct Uses<'a> {
    page: &'a Page,
    case: Case,
    codes: Vec<JourneyCode>,
    words: Vec<Code>,
}

#[get("/cases/{id}/journeys/uses")]
async fn used_by(page: Page, Path(id): Path<CaseId>) -> Answer {
    let scope = Scope::of(&page.actor);
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, scope, id)?;
        Ok((case, JourneyCode::of_case(conn, id)?, db::reference::codes(conn, Some("journey_reason"))?))
    };
    let (case, codes, words) = page.app.db.read(&page.actor, read).await?;
    page.show(&Uses { page: &page, case, codes, words })
}

/// What can be shared, as (word, text).
fn shares() -> Vec<(&'static str, &'static str)> {
    Share::ALL.iter().map(|share| (share.as_str(), named(*share))).collect()
}

/// What a code shares, in words.
fn told(code: &JourneyCode) -> String {
    let mut parts: Vec<&str> = code.share.0.iter().map(|share| named(*share)).collect();
    if code.identity {
        parts.push("Names and safe contact");
    }
    parts.join("; ")
}

impl List<'_> {
    fn shares() -> Vec<(&'static str, &'static str)> {
        shares()
    }

    fn told(code: &JourneyCode) -> String {
        told(code)
    }

    fn open(&self, code: &JourneyCode) -> bool {
        lasts(code.expires_at, code.revoked_at, self.page.now)
    }

    fn reason(&self, code: &str) -> String {
        label(&self.words, "journey_reason", code)
    }
}

impl Uses<'_> {
    fn told(code: &JourneyCode) -> String {
        told(code)
    }

    fn reason(&self, code: &str) -> String {
        label(&self.words, "journey_reason", code)
    }
}
