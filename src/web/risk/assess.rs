//! A new assessment: 24 answers by number, or the score alone, and the judgement that may stand against it.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::{answer, band};
use crate::actions;
use crate::actions::risk::{Form as Given, Judgement, New};
use crate::api::input::Path;
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::domain::household::RiskBand;
use crate::domain::reference::Code;
use crate::domain::risk::{DashAnswer, HIGHEST_SCORE, QUESTIONS};
use crate::error::AppError;
use crate::ids::CaseId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};
use crate::web::reasons::options;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(assess);
}

#[derive(Template)]
#[template(path = "risk/new.html")]
struct Ask<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    codes: Vec<Code>,
}

#[get("/cases/{id}/risk/new")]
async fn ask(page: Page, Path(id): Path<CaseId>) -> Answer {
    asked(&page, id, Form::new()).await
}

async fn asked(page: &Page, id: CaseId, form: Form) -> Answer {
    let scope = Scope::of(&page.actor);
    let read = move |conn: &mut db::Conn| {
        Ok((db::cases::find_in(conn, scope, id)?, db::reference::codes(conn, Some("risk_override_reason"))?))
    };
    let (case, codes) = page.app.db.read(&page.actor, read).await?;
    page.show_form(&form.clone(), &Ask { page, form, case, codes })
}

#[post("/cases/{id}/risk/new")]
async fn assess(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let new = read(&posted)?;
        let verb = move |tx: &mut db::Tx| Ok(actions::risk::assess(tx, id, &new)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/cases/{}/risk", id.0), Done::RiskAssessed),
        Err(form) => asked(&page, id, form).await,
    }
}

/// What was typed.
fn read(posted: &Posted) -> Result<New, AppError> {
    let mut wrong = Wrong::default();
    let form = given(posted, &mut wrong)?;
    let assessed_on = wrong.take(posted.date("assessed_on"))?.flatten();
    let next_review_on = wrong.take(posted.date("next_review_on"))?.flatten();
    let judged: Option<RiskBand> = wrong.take(posted.maybe("judgement/band", "Select a band"))?.flatten();
    let (reason, note) = (posted.get("judgement/reason"), posted.get("judgement/note"));
    if judged.is_some() {
        if reason.is_empty() {
            wrong.note("judgement/reason", "Select why you judge otherwise");
        }
        if note.is_empty() || note.chars().count() > 2000 {
            wrong.note("judgement/note", "Say in your own words why, in 2,000 letters at most");
        }
    } else if !reason.is_empty() || !note.is_empty() {
        wrong.note("judgement/band", "Select the band that you judge it to be");
    }
    wrong.check()?;
    let judgement = judged.map(|band| Judgement { band, reason: reason.to_owned(), note: note.to_owned() });
    Ok(New { form: form.unwrap_or(Given::Score(0)), judgement, assessed_on, next_review_on })
}

/// The answers, or the score of a form on paper.
fn given(posted: &Posted, wrong: &mut Wrong) -> Result<Option<Given>, AppError> {
    let message = "Enter a whole number from 0 to 24";
    let score: Option<u8> = wrong.take(posted.maybe("score", message))?.flatten();
    let answers: Vec<Option<DashAnswer>> =
        (1..=QUESTIONS).map(|n| posted.get(&format!("answers/{n}")).parse().ok()).collect();
    let known: Vec<DashAnswer> = answers.iter().copied().flatten().collect();
    if let Some(score) = score {
        if score > HIGHEST_SCORE {
            wrong.note("score", message);
        }
        if !known.is_empty() {
            wrong.note("score", "The score follows from the answers. Leave one of the two out");
        }
        return Ok(Some(Given::Score(score)));
    }
    if known.len() == QUESTIONS {
        return Ok(Some(Given::Answers(known)));
    }
    let open: Vec<usize> = (1..).zip(&answers).filter(|(_, one)| one.is_none()).map(|(n, _)| n).collect();
    let first = open.first().copied().unwrap_or(1);
    let message = if known.is_empty() {
        "Answer the 24 questions, or enter the score of a form on paper".to_owned()
    } else {
        let open: Vec<String> = open.iter().map(usize::to_string).collect();
        format!("Answer every question. Still open: {}", open.join(", "))
    };
    wrong.note(&format!("answers/{first}"), &message);
    Ok(None)
}

impl Ask<'_> {
    /// The number of each question with its field.
    fn questions() -> Vec<(usize, String)> {
        (1..=QUESTIONS).map(|n| (n, format!("answers/{n}"))).collect()
    }

    fn answers() -> Vec<(&'static str, &'static str)> {
        DashAnswer::ALL.iter().map(|one| (one.as_str(), answer(*one))).collect()
    }

    fn bands() -> Vec<(&'static str, &'static str)> {
        RiskBand::ALL.iter().rev().map(|one| (one.as_str(), band(*one).0)).collect()
    }

    fn reasons(&self) -> Vec<(String, String)> {
        options(&self.codes, "risk_override_reason", self.page.now.date())
    }

    fn limits(&self) -> (u8, u8) {
        let limits = self.page.app.policy.risk;
        (limits.medium_from, limits.high_from)
    }
}
