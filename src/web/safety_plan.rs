//! What is done so that a household is safer: on screen, and on a sheet to print.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::Answer;
use super::form::{Form, Posted, Wrong};
use super::page::{Done, Page};
use crate::actions;
use crate::actions::safety_plan::{New, Plan};
use crate::api::input::Path;
use crate::db::Tx;
use crate::db::safety_plan::Action;
use crate::domain::case::State as Case;
use crate::domain::safety_plan::{Command, Doer, State};
use crate::error::AppError;
use crate::ids::{CaseId, SafetyActionId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(show).service(print).service(add).service(review).service(end);
}

/// The forms of the page: the one that was sent back has what is wrong with it.
#[derive(Default)]
struct Forms {
    add: Option<Form>,
    review: Option<Form>,
    end: Option<Form>,
}

#[derive(Template)]
#[template(path = "safety_plan/show.html")]
struct Show<'a> {
    page: &'a Page,
    /// The form that was sent back, or an empty one.
    form: Form,
    add: Form,
    review: Form,
    plan: Plan,
}

/// A sheet to give away: it does not say what it is about, nor whose it is.
#[derive(Template)]
#[template(path = "safety_plan/print.html")]
struct Print<'a> {
    page: &'a Page,
    plan: Plan,
}

#[get("/cases/{id}/safety-plan")]
async fn show(page: Page, Path(id): Path<CaseId>) -> Answer {
    shown(&page, id, Forms::default()).await
}

async fn plan_of(page: &Page, id: CaseId) -> Result<Plan, AppError> {
    page.app.db.write(&page.actor, move |tx| actions::safety_plan::read(tx, id)).await
}

async fn shown(page: &Page, id: CaseId, forms: Forms) -> Answer {
    let plan = plan_of(page, id).await?;
    let Forms { add: adding, review: reviewing, end: ending } = forms;
    let form = [&adding, &reviewing, &ending].into_iter().flatten().next().cloned().unwrap_or_default();
    let (adding, reviewing) = (adding.unwrap_or_default(), reviewing.unwrap_or_default());
    page.show_form(&form.clone(), &Show { page, form, add: adding, review: reviewing, plan })
}

#[get("/cases/{id}/safety-plan/print")]
async fn print(page: Page, Path(id): Path<CaseId>) -> Answer {
    let plan = plan_of(&page, id).await?;
    page.show(&Print { page: &page, plan })
}

#[post("/cases/{id}/safety-plan")]
async fn add(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let text = posted.get("text").to_owned();
        if text.is_empty() || text.chars().count() > 1000 {
            wrong.note("text", "Write what is to be done, in 1,000 letters at most");
        }
        let doer = wrong.take(posted.parse::<Doer>("doer", "Select who does it"))?;
        let due_on = wrong.take(posted.date("due_on"))?.flatten();
        if due_on.is_none() && posted.get("due_on-day").is_empty() {
            wrong.note("due_on", "Enter the day by which it is to be done");
        }
        wrong.check()?;
        let (Some(doer), Some(due_on)) = (doer, due_on) else { return Ok(()) };
        let new = New { text, doer, due_on };
        let verb = move |tx: &mut Tx| Ok(actions::safety_plan::add(tx, id, &new)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::ActionAdded),
        Err(form) => shown(&page, id, Forms { add: Some(form), ..Forms::default() }).await,
    }
}

#[post("/cases/{id}/safety-plan/reviews")]
async fn review(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let next = posted.date("next_review_on")?;
        let verb = move |tx: &mut Tx| Ok(actions::safety_plan::review(tx, id, next)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::PlanReviewed),
        Err(form) => shown(&page, id, Forms { review: Some(form), ..Forms::default() }).await,
    }
}

#[post("/cases/{id}/safety-plan/{action}/end")]
async fn end(page: Page, Path((id, action)): Path<(CaseId, SafetyActionId)>, posted: Posted) -> Answer {
    let deed = async {
        let command: Command = posted.parse("command", "Say whether it was done")?;
        let verb = move |tx: &mut Tx| Ok(actions::safety_plan::end(tx, id, action, command, None)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&path(id), Done::ActionEnded),
        Err(form) => shown(&page, id, Forms { end: Some(form), ..Forms::default() }).await,
    }
}

fn path(id: CaseId) -> String {
    format!("/cases/{}/safety-plan", id.0)
}

fn who(doer: Doer) -> &'static str {
    match doer {
        Doer::Survivor => "The survivor",
        Doer::Worker => "We",
        Doer::Other => "Somebody else",
    }
}

/// How far it has come, in words.
fn told(action: &Action) -> String {
    let day =
        |on: Option<chrono::NaiveDate>| on.map_or_else(String::new, |on| format!(" on {}", super::words::day(on)));
    match action.state {
        State::Open => format!("By {}", super::words::day(action.due_on)),
        State::Done => format!("Done{}", day(action.ended_on)),
        State::NotNeeded => format!("Not needed any more{}", day(action.ended_on)),
    }
}

impl Show<'_> {
    fn open(&self) -> bool {
        self.plan.case.state == Case::Open
    }

    fn doers() -> Vec<(&'static str, &'static str)> {
        Doer::ALL.iter().map(|doer| (doer.as_str(), who(*doer))).collect()
    }

    fn who(action: &Action) -> &'static str {
        who(action.doer)
    }

    fn told(action: &Action) -> String {
        told(action)
    }

    fn waits(action: &Action) -> bool {
        action.state == State::Open
    }

    fn late(&self, action: &Action) -> bool {
        action.state == State::Open && action.due_on < self.page.now.date()
    }
}

impl Print<'_> {
    /// What is still to be done: (what, who, by when).
    fn open(&self) -> Vec<(&str, &'static str, String)> {
        let open = self.plan.actions.iter().filter(|(action, _)| action.state == State::Open);
        let who = |action: &Action| match action.doer {
            Doer::Survivor => "You",
            Doer::Worker => "Your worker",
            Doer::Other => "Somebody else",
        };
        open.map(|(action, text)| (text.as_str(), who(action), told(action))).collect()
    }
}
