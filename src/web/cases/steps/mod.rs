//! What is asked in a call, in the order of a call. Each step is saved as one goes and can be taken up again; beside it
//! stands what fits.

mod about;
mod areas;
mod household;
mod money;
mod needs;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, get, post};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::lists::Lists;
use super::show::Answered;
use crate::actions;
use crate::actions::cases::Edit;
use crate::api::input::{Path, Query};
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::domain::household::Needs;
use crate::error::AppError;
use crate::ids::CaseId;
use crate::web::Answer;
use crate::web::form::{Form, Posted};
use crate::web::matching::{Around, Beside};
use crate::web::page::{Page, see_other};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_step).service(save_step);
}

/// One page of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Household,
    Needs,
    Areas,
    Money,
    About,
}

impl Step {
    const ALL: [Self; 5] = [Self::Household, Self::Needs, Self::Areas, Self::Money, Self::About];

    /// The page that stands around a part: a step, or the case itself.
    pub fn page(id: CaseId, step: Option<Self>) -> String {
        let case = format!("/cases/{}", id.0);
        step.map_or_else(|| case.clone(), |step| format!("{case}/ask/{}", step.as_str()))
    }

    /// Its place in a path.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::Needs => "needs",
            Self::Areas => "areas",
            Self::Money => "money",
            Self::About => "about",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Household => "Household",
            Self::Needs => "Needs",
            Self::Areas => "Areas",
            Self::Money => "Money",
            Self::About => "About the survivor",
        }
    }

    fn next(self) -> Option<Self> {
        let at = Self::ALL.iter().position(|step| *step == self)?;
        Self::ALL.get(at + 1).copied()
    }

    /// Whether anything of it is known.
    pub fn begun(self, needs: &Needs) -> bool {
        match self {
            Self::Household => !needs.members.is_empty(),
            Self::Needs => needs::begun(needs),
            Self::Areas => areas::begun(needs),
            Self::Money => money::begun(needs),
            Self::About => needs.monitoring != Needs::default().monitoring,
        }
    }

    /// The form with what is known.
    fn form_of(self, case: &Case, lists: &Lists) -> Form {
        match self {
            Self::Household => household::form_of(&case.needs),
            Self::Needs => needs::form_of(&case.needs),
            Self::Areas => areas::form_of(case, lists),
            Self::Money => money::form_of(&case.needs),
            Self::About => about::form_of(&case.needs),
        }
    }

    /// What this form changes about the case.
    fn edit_of(self, posted: &Posted, lists: &Lists) -> Result<Edit, AppError> {
        let needs = match self {
            Self::Household => household::needs_of(posted)?,
            Self::Needs => needs::needs_of(posted, lists)?,
            Self::Areas => return areas::edit_of(posted, lists),
            Self::Money => money::needs_of(posted),
            Self::About => about::needs_of(posted)?,
        };
        Ok(Edit { needs, ..Edit::default() })
    }
}

impl FromStr for Step {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|step| step.as_str() == word).ok_or(())
    }
}

/// An answer that was given, in the word that stands for it; `null` makes it unknown again.
fn word(posted: &Posted, name: &str) -> Value {
    posted.some(name).map_or(Value::Null, |word| json!(word))
}

/// Whether any of these fields was answered or is wrong: then the part of the form that has them is shown open.
fn told(form: &Form, names: &[&str]) -> bool {
    names.iter().any(|name| !matches!(form.value(name), "" | "unknown") || form.error(name).is_some())
}

/// A page of questions with what fits beside it.
#[derive(Template)]
#[template(path = "cases/step.html")]
struct Asking<'a> {
    page: &'a Page,
    case: Case,
    step: Step,
    form: Form,
    rows: household::Rows,
    lists: Lists,
    beside: Beside,
}

async fn load(page: &Page, id: CaseId, around: Around) -> Result<(Case, Lists, Beside), AppError> {
    let actor = page.actor.clone();
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
        let lists = Lists::load(conn)?;
        let beside = Beside::of(conn, &case, &lists, around)?;
        Ok((case, lists, beside))
    };
    page.app.db.read(&page.actor, read).await
}

#[get("/cases/{id}/ask/{step}")]
async fn ask_step(page: Page, Path((id, step)): Path<(CaseId, Step)>, Query(answered): Query<Answered>) -> Answer {
    let around = Around { heard: answered.heard(), ..Around::of(&page, Some(step)) };
    let (case, lists, beside) = load(&page, id, around).await?;
    let form = step.form_of(&case, &lists);
    asking(&page, step, form, (case, lists, beside))
}

/// A step as it is known, with what is wrong about something that was tried beside it.
pub async fn again(page: &Page, id: CaseId, step: Step, wrong: Form) -> Answer {
    let (case, lists, beside) = load(page, id, Around::of(page, Some(step))).await?;
    let mut form = step.form_of(&case, &lists).and(wrong.clone());
    form.reviewed = wrong.reviewed;
    asking(page, step, form, (case, lists, Beside { form: wrong, ..beside }))
}

fn asking(page: &Page, step: Step, form: Form, (case, lists, beside): (Case, Lists, Beside)) -> Answer {
    let rows = household::Rows::of(&form);
    page.show_form(&form.clone(), &Asking { page, case, step, form, rows, lists, beside })
}

#[post("/cases/{id}/ask/{step}")]
async fn save_step(page: Page, Path((id, step)): Path<(CaseId, Step)>, posted: Posted) -> Answer {
    let deed = async {
        let version = posted.parse("version", "Reload the page")?;
        let lists = page.app.db.read(&page.actor, Lists::load).await?;
        let edit = step.edit_of(&posted, &lists)?;
        page.app.db.write(&page.actor, move |tx| actions::cases::edit(tx, id, version, &edit)).await
    };
    let around = || Around::of(&page, Some(step));
    match page.act(&posted, deed).await? {
        Ok(_) if page.part => Ok(page.show(&load(&page, id, around()).await?.2)?),
        Ok(_) if posted.has("more") => {
            let (case, lists, beside) = load(&page, id, around()).await?;
            let form = step.form_of(&case, &lists).with("more", "yes");
            asking(&page, step, form, (case, lists, beside))
        }
        Ok(_) => Ok(after(id, step)),
        Err(form) => asking(&page, step, form, load(&page, id, around()).await?),
    }
}

/// Where the button of a step leads: to the next one, after the last to the case.
fn after(id: CaseId, step: Step) -> HttpResponse {
    see_other(&Step::page(id, step.next()))
}
