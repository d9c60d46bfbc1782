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
    /// Whether their own home was made safe: then the case can only be closed as that.
    safe_at_home: bool,
    /// Whether a job to make it safe goes on.
    sanctuary: bool,
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
        let jobs = db::sanctuary::of_case(conn, id)?;
        let safe = db::sanctuary::is_safe_at_home(conn, id)?;
        Ok((case, Lists::load(conn)?, (referrals, stays), (jobs, safe)))
    };
    let (case, lists, (referrals, stays), (jobs, safe_at_home)) = page.app.db.read(&page.actor, read).await?;
    let open_referrals = referrals.iter().filter(|referral| referral.state.open()).count();
    let choices = Choices::of(lists.codes(), DecidedBy::ALL, Side::Referrer, page.now.date());
    let placed = stays.iter().any(|stay| stay.arrived_at.is_some());
    let sanctuary = jobs.iter().any(|job| job.state.open());
    let expected = stays.iter().any(|stay| stay.state == placement::State::Expected && stay.follows_id.is_none());
    let shown = form.clone();
    let close =
        Close { page, form: shown, case, lists, choices, placed, safe_at_home, sanctuary, open_referrals, expected };
    page.show_form(&form, &close)
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
    match outcome {
        Outcome::Placed => return Ok(Closing::Placed),
        Outcome::Sanctuary => return Ok(Closing::Sanctuary),
        Outcome::NotPlaced => {}
    }
    let mut wrong = Wrong::default();
    let reasons = reasons::read(posted, &mut wrong);
    if posted.get("what_happened_next").is_empty() {
        wrong.note("what_happened_next", "Select what happened next");
    }
    wrong.check()?;
    Ok(Closing::NotPlaced { reasons, what_happened_next: posted.get("what_happened_next").to_owned() })
}
