//! What a provider answers to a referral, and what the referrer answers to its questions.

use actix_web::post;
use actix_web::web::ServiceConfig;

use super::show::{Forms, shown};
use crate::actions;
use crate::actions::free_text::Outgoing;
use crate::actions::referrals::Acceptance;
use crate::api::input::Path;
use crate::db::Tx;
use crate::db::referrals::Side;
use crate::error::AppError;
use crate::ids::{ReferralId, UnitId};
use crate::web::Answer;
use crate::web::form::{Posted, Wrong, missing};
use crate::web::free_text;
use crate::web::page::{Done, Page};
use crate::web::reasons;

pub fn routes(config: &mut ServiceConfig) {
    config.service(say).service(ask).service(give).service(accept).service(decline).service(revoke);
}

/// The longest note, in letters.
const LONGEST: usize = 2000;

/// A text for the other side.
pub(super) fn note(posted: &Posted, field: &'static str, empty: &str) -> Result<Outgoing, AppError> {
    let name = field.trim_start_matches('/');
    let text = posted.some(name).ok_or_else(|| missing(name, empty))?;
    if text.chars().count() > LONGEST {
        return Err(missing(name, "Write less: 2,000 letters at most"));
    }
    Ok(Outgoing { field, text, confirmed: free_text::confirmed(posted) })
}

fn path(id: ReferralId) -> String {
    format!("/referrals/{}", id.0)
}

/// Something said to the other side, which changes nothing else.
#[post("/referrals/{id}/notes")]
async fn say(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let deed = async {
        let text = note(&posted, "/message", "Write your message")?;
        let side = posted.maybe("side", "Reload the page")?;
        let verb = move |tx: &mut Tx| actions::referrals::write(tx, id, side, &text);
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(_) => page.go(&format!("{}#conversation", path(id)), Done::MessageSent),
        Err(message) => shown(&page, id, &Forms { message, ..Forms::default() }).await,
    }
}

#[post("/referrals/{id}/request-information")]
async fn ask(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let deed = async {
        let text = note(&posted, "/question", "Write what you want to know")?;
        let topics = posted.all("topics");
        let verb = move |tx: &mut Tx| Ok(actions::referrals::request_information(tx, id, &text, &topics)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::QuestionSent),
        Err(ask) => shown(&page, id, &Forms { ask, ..Forms::default() }).await,
    }
}

#[post("/referrals/{id}/give-information")]
async fn give(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let deed = async {
        let text = note(&posted, "/answer", "Write your answer")?;
        let verb = move |tx: &mut Tx| Ok(actions::referrals::give_information(tx, id, &text)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::Answered),
        Err(answer) => shown(&page, id, &Forms { answer, ..Forms::default() }).await,
    }
}

#[post("/referrals/{id}/accept")]
async fn accept(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let unit = wrong.take(posted.maybe("unit_id", "Choose a unit from the list"))?.flatten().map(UnitId);
        let expected_on = wrong.take(posted.date("expected_on"))?.flatten();
        let expected_end = wrong.take(posted.date("expected_end"))?.flatten();
        wrong.check()?;
        let acceptance = Acceptance { unit, expected_on, expected_end };
        let verb = move |tx: &mut Tx| Ok(actions::referrals::accept(tx, id, &acceptance)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::ReferralAccepted),
        Err(accept) => shown(&page, id, &Forms { accept, ..Forms::default() }).await,
    }
}

#[post("/referrals/{id}/decline")]
async fn decline(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    match page.act(&posted, end(&page, id, Side::Provider, &posted)).await? {
        Ok(()) => page.go(&path(id), Done::ReferralEnded),
        Err(decline) => shown(&page, id, &Forms { decline, ..Forms::default() }).await,
    }
}

/// Ends a referral without a place, from either side.
pub(super) async fn end(page: &Page, id: ReferralId, by: Side, posted: &Posted) -> Result<(), AppError> {
    let mut wrong = Wrong::default();
    let reasons = reasons::read(posted, &mut wrong);
    let note = if posted.get("note").is_empty() { None } else { wrong.take(note(posted, "/note", ""))? };
    wrong.check()?;
    let verb =
        move |tx: &mut Tx| Ok(actions::referrals::end_without_place(tx, id, by, &reasons, note.as_ref())?.map(drop));
    page.app.db.write_once(&page.actor, page.once(posted), verb).await
}

/// From now on the referrer can no longer read the address.
#[post("/referrals/{id}/revoke-address")]
async fn revoke(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let verb = move |tx: &mut Tx| Ok(actions::referrals::revoke_address(tx, id)?.map(drop));
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), verb)).await? {
        Ok(()) => page.go(&path(id), Done::AddressRevoked),
        Err(identity) => shown(&page, id, &Forms { identity, ..Forms::default() }).await,
    }
}
