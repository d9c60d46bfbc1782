//! Asking a household whether it is still safe at home.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::{STILL_SAFE, still_safe};
use crate::actions::sanctuary::{Answered, answer, read_note};
use crate::api::input::Path;
use crate::api::sanctuary::view::{FollowUp, Job};
use crate::db;
use crate::domain::case::State;
use crate::domain::sanctuary::StillSafe;
use crate::error::AppError;
use crate::ids::{SanctuaryFollowUpId, SanctuaryId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};
use crate::web::reasons::{label, options};
use crate::web::words::day;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(save);
}

#[derive(Template)]
#[template(path = "sanctuary/follow_up.html")]
struct Ask<'a> {
    page: &'a Page,
    form: Form,
    job: Job,
    one: FollowUp,
    months: String,
    due: String,
    /// What was said, what is needed, and the note.
    said: Option<&'static str>,
    needed: Option<String>,
    note: Option<String>,
    needs: Vec<(String, String)>,
    choices: [(&'static str, &'static str); 4],
}

async fn asked(page: &Page, id: SanctuaryId, follow_up: SanctuaryFollowUpId, form: Form) -> Answer {
    let (reader, now) = (page.actor.clone(), page.now);
    let read = move |conn: &mut db::Conn| {
        Ok((Job::whole(conn, &reader, id, now)?, db::reference::codes(conn, Some("sanctuary_need"))?))
    };
    let (mut job, codes) = page.app.db.read(&page.actor, read).await?;
    let place = job.follow_ups.iter().position(|one| one.id == follow_up).ok_or(AppError::NotFound)?;
    let one = job.follow_ups.swap_remove(place);
    let note =
        if one.noted { page.app.db.write(&page.actor, move |tx| read_note(tx, id, follow_up)).await? } else { None };
    let template = Ask {
        page,
        form: form.clone(),
        months: if one.months == 1 { "1 month".into() } else { format!("{} months", one.months) },
        due: day(one.due_on),
        said: one.answer.map(still_safe),
        needed: one.needed.as_deref().map(|code| label(&codes, "sanctuary_need", code)),
        note,
        needs: options(&codes, "sanctuary_need", now.date()),
        choices: STILL_SAFE,
        job,
        one,
    };
    page.show_form(&form, &template)
}

#[get("/sanctuary/{id}/follow-ups/{follow_up}")]
async fn ask(page: Page, Path((id, follow_up)): Path<(SanctuaryId, SanctuaryFollowUpId)>) -> Answer {
    asked(&page, id, follow_up, Form::new()).await
}

/// Keeps the answer. Who is not safe needs a place: the page leads there.
#[post("/sanctuary/{id}/follow-ups/{follow_up}")]
async fn save(page: Page, Path((id, follow_up)): Path<(SanctuaryId, SanctuaryFollowUpId)>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let said: Option<StillSafe> = wrong.take(posted.parse("answer", "Select what they say"))?;
        let note = posted.some("note");
        if note.as_ref().is_some_and(|note| note.chars().count() > 2000) {
            wrong.note("note", "Write less: 2000 letters at most");
        }
        wrong.check()?;
        let said = said.ok_or_else(|| AppError::internal("an answer that is not there was not noticed"))?;
        let answered = Answered { answer: said, needed: posted.some("needed"), note };
        let verb = move |tx: &mut db::Tx| Ok(answer(tx, id, follow_up, &answered)?.map(|_| said));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(StillSafe::NotSafe) => {
            let (reader, scope) = (page.actor.clone(), db::cases::Scope::of(&page.actor));
            let case = move |conn: &mut db::Conn| {
                let (seen, _) = db::sanctuary::find_for(conn, &reader, id)?;
                db::cases::find_in(conn, scope, seen.job.case_id)
            };
            let case = page.app.db.read(&page.actor, case).await?;
            match case.state {
                State::Open => page.go(&format!("/cases/{}/matches", case.id.0), Done::FollowedUp),
                State::Closed => page.go(&format!("/sanctuary/{}", id.0), Done::FollowedUp),
            }
        }
        Ok(_) => page.go(&format!("/sanctuary/{}", id.0), Done::FollowedUp),
        Err(form) => asked(&page, id, follow_up, form).await,
    }
}
