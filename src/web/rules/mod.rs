//! The rules by which a provider takes households, as a form: of all its services, of one, of a unit, of a vacancy.

mod answers;
mod asked;
mod found;
mod preview;
#[cfg(test)]
pub(in crate::web) mod samples;
pub mod words;

pub use answers::{UNSAID, days_field, strength_field};
pub use asked::STRENGTHS;

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use self::answers::{Answers, KEPT, filled};
use self::asked::Asked;
use self::found::{Found, Past, Since, Wider};
use self::preview::Preview;
use super::Answer;
use super::form::{Form, Posted, Wrong};
use super::page::{Done, Page};
use crate::actions;
use crate::api::input::Path;
use crate::db::exclusions::Reader;
use crate::db::rules::Subject;
use crate::domain::barriers::Effect;
use crate::domain::eligibility::Scope;
use crate::error::AppError;
use crate::ids::{ServiceId, UnitId, VacancyId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(ask_organisation)
        .service(change_organisation)
        .service(ask_service)
        .service(change_service)
        .service(ask_unit)
        .service(change_unit)
        .service(ask_vacancy)
        .service(change_vacancy);
}

/// The name of the button that asks what would change.
const PREVIEW: &str = "preview";

#[derive(Template)]
#[template(path = "rules/edit.html")]
struct Ask<'a> {
    page: &'a Page,
    form: &'a Form,
    found: &'a Found,
    asked: &'a Asked,
    /// What counts anyway.
    wider: Vec<Wider>,
    /// In force, by the versions that they came with.
    now: Vec<Since>,
    before: Vec<Past>,
    kept: Vec<asked::Kept>,
    effect: Option<Preview>,
}

impl Ask<'_> {
    fn of_service(&self) -> bool {
        self.found.scope() == Scope::Service
    }

    fn heading(&self) -> &'static str {
        match self.found.scope() {
            Scope::Organisation => "Rules for all our services",
            Scope::Service => "Change who can come",
            Scope::Unit => "Rules for this unit",
            Scope::Vacancy => "Rules for this vacancy",
        }
    }

    /// What it means when nobody is ticked, where that is an answer.
    fn unticked(&self) -> String {
        match self.asked.empty("survivor_sex") {
            "" => String::new(),
            "No rule" => "Tick nobody if there is no rule.".into(),
            wider => format!("Tick nobody if it is {}.", small(wider)),
        }
    }

    fn none_ticked(&self) -> String {
        match self.asked.empty("referral_routes") {
            "No rule" => "Tick none if there is no rule.".into(),
            wider => format!("Tick none if it is {}.", small(wider)),
        }
    }

    /// Whether the questions of a folded part are answered, or wrong.
    fn open(&self, questions: &[&str]) -> bool {
        self.asked.open(self.form, questions)
    }
}

fn small(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn show(page: &Page, form: &Form, found: &Found, asked: &Asked, effect: Option<Preview>) -> Answer {
    let stored = filled(found.rules(), page.now.date(), &[])?;
    let stored: Vec<String> = stored.all(KEPT).into_iter().map(str::to_owned).collect();
    let template = Ask {
        page,
        form,
        found,
        asked,
        wider: found.wider(page.now.date(), asked.codes()),
        now: found.now(asked.codes()),
        before: found.before(asked.codes()),
        kept: asked.kept(form, &stored),
        effect,
    };
    page.show_form(form, &template)
}

async fn ask(page: Page, of: Subject) -> Answer {
    let found = Found::read(&page, of).await?;
    let asked = found.asked(page.now.date());
    let mut form = filled(found.rules(), page.now.date(), &asked.plain())?.with("version", found.tag);
    // The answer that makes no rule is chosen where there is none.
    for name in ["survivor_sex/trans_people", "adult_dependants", "pets", "nrpf"] {
        if form.value(name).is_empty() {
            form = form.with(name, "");
        }
    }
    show(&page, &form, &found, &asked, None)
}

/// What a form asked for.
enum Did {
    Saved,
    Looked(Effect),
}

async fn change(page: Page, of: Subject, posted: Posted) -> Answer {
    let found = Found::read(&page, of).await?;
    let asked = found.asked(page.now.date());
    match page.act(&posted, deed(&page, of, &posted, &found)).await? {
        Ok(Did::Saved) => page.go(&found.back, Done::RulesSaved),
        Ok(Did::Looked(effect)) => show(&page, &Form::of(&posted), &found, &asked, Some(Preview::of(&effect))),
        Err(form) => show(&page, &form.renewed(found.tag), &found, &asked, None),
    }
}

async fn deed(page: &Page, of: Subject, posted: &Posted, found: &Found) -> Result<Did, AppError> {
    let mut wrong = Wrong::default();
    let answers = wrong.take(Answers::read(posted))?.map(|answers| answers.like_stored(found.rules()));
    if let Some(answers) = &answers {
        wrong.take(answers.check())?;
    }
    let looks = match of {
        Subject::Service(id) => posted.has(PREVIEW).then_some(id),
        _ => None,
    };
    let version = wrong.take(posted.parse("version", "Reload the page"))?.unwrap_or_default();
    let reason = posted.get("reason").to_owned();
    match reason.chars().count() {
        _ if looks.is_some() => {}
        0 => wrong.note("reason", "Say why the rules change"),
        1..=300 => {}
        _ => wrong.note("reason", "Say it in at most 300 letters"),
    }
    wrong.check()?;
    let answers = answers.ok_or_else(|| AppError::internal("rules that are not there were not noticed"))?;
    let rules = answers.rules();
    let done = if let Some(id) = looks {
        let (reader, now) = (Reader::of(&page.actor), page.now);
        let preview =
            page.app.db.read(&page.actor, move |conn| actions::searches::preview(conn, reader, id, &rules, now));
        preview.await.map(Did::Looked)
    } else {
        let change = page
            .app
            .db
            .write(&page.actor, move |tx| Ok(actions::rules::change(tx, of, version, &rules, &reason)?.map(|_| ())));
        change.await.map(|()| Did::Saved)
    };
    done.map_err(|error| answers.at_fields(error))
}

#[get("/organisation/rules")]
async fn ask_organisation(page: Page) -> Answer {
    let of = Subject::Organisation(page.actor.organisation);
    ask(page, of).await
}

#[post("/organisation/rules")]
async fn change_organisation(page: Page, posted: Posted) -> Answer {
    let of = Subject::Organisation(page.actor.organisation);
    change(page, of, posted).await
}

#[get("/services/{id}/rules")]
async fn ask_service(page: Page, Path(id): Path<ServiceId>) -> Answer {
    ask(page, Subject::Service(id)).await
}

#[post("/services/{id}/rules")]
async fn change_service(page: Page, Path(id): Path<ServiceId>, posted: Posted) -> Answer {
    change(page, Subject::Service(id), posted).await
}

#[get("/units/{id}/rules")]
async fn ask_unit(page: Page, Path(id): Path<UnitId>) -> Answer {
    ask(page, Subject::Unit(id)).await
}

#[post("/units/{id}/rules")]
async fn change_unit(page: Page, Path(id): Path<UnitId>, posted: Posted) -> Answer {
    change(page, Subject::Unit(id), posted).await
}

#[get("/vacancies/{id}/rules")]
async fn ask_vacancy(page: Page, Path(id): Path<VacancyId>) -> Answer {
    ask(page, Subject::Vacancy(id)).await
}

#[post("/vacancies/{id}/rules")]
async fn change_vacancy(page: Page, Path(id): Path<VacancyId>, posted: Posted) -> Answer {
    change(page, Subject::Vacancy(id), posted).await
}
