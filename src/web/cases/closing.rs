//! Closing a case: with a place, or with the reason why there was none.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::lists::Lists;
use crate::actions;
use crate::actions::cases::Closing;
use crate::api::input::Path;
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::db::referrals::Side;
use crate::domain::placement;
use crate::domain::reason::{DecidedBy, Outcome};
use crate::error::AppError;
use crate::ids::CaseId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};
use crate::web::reasons::{self, Choices};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_closing).service(close_case);
}

#[derive(Template)]
#[template(path = "cases/close.html")]
struct Close<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    lists: Lists,
    choices: Choices,
    /// Whether the household has arrived somewhere: then the case can only be closed as placed.
    placed: bool,
    /// What has to be ended first.
    open_referrals: usize,
    expected: bool,
}

#[get("/cases/{id}/close")]
async fn ask_closing(page: Page, Path(id): Path<CaseId>) -> Answer {
    show(&page, id, Form::new()).await
}

async fn show(page: &Page, id: CaseId, form: Form) -> Answer {
    let scope = Scope::of(&page.actor);
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, scope, id)?;
        let referrals = db::referrals::of_case(conn, id)?;
        let stays = db::placements::of_case(conn, id)?;
        Ok((case, Lists::load(conn)?, referrals, stays))
    };
    let (case, lists, referrals, stays) = page.app.db.read(&page.actor, read).await?;
    let open_referrals = referrals.iter().filter(|referral| referral.state.open()).count();
    let choices = Choices::of(lists.codes(), DecidedBy::ALL, Side::Referrer, page.now.date());
    let placed = stays.iter().any(|stay| stay.arrived_at.is_some());
    let expected = stays.iter().any(|stay| stay.state == placement::State::Expected);
    page.show_form(&form.clone(), &Close { page, form, case, lists, choices, placed, open_referrals, expected })
}

#[post("/cases/{id}/close")]
async fn close_case(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let closing = closing(&posted)?;
        let looked = page.look(id, None).await?;
        let close = move |tx: &mut db::Tx| Ok(actions::cases::close(tx, id, &closing, &looked)?.map(|_| ()));
        page.app.db.write_once(&page.actor, page.once(&posted), close).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/cases", Done::CaseClosed),
        Err(form) => show(&page, id, form).await,
    }
}

fn closing(posted: &Posted) -> Result<Closing, AppError> {
    let outcome: Outcome = posted.parse("outcome", "Select how the case ends")?;
    if outcome == Outcome::Placed {
        return Ok(Closing::Placed);
    }
    let mut wrong = Wrong::default();
    let reasons = reasons::read(posted, &mut wrong);
    if posted.get("what_happened_next").is_empty() {
        wrong.note("what_happened_next", "Select what happened next");
    }
    wrong.check()?;
    Ok(Closing::NotPlaced { reasons, what_happened_next: posted.get("what_happened_next").to_owned() })
}
