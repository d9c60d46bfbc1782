//! What somebody wants to be told of by mail, and when not to be disturbed.

use actix_web::{get, post};
use askama::Template;

use super::super::Answer;
use super::super::form::{Form, Posted, Wrong};
use super::super::page::{Done, Page};
use crate::actions;
use crate::db;
use crate::db::mail::Chosen;
use crate::domain::mail::{Choices, QuietHours, TimeOfDay, Topic};
use crate::error::AppError;

#[derive(Template)]
#[template(path = "mail/choices.html")]
struct Ask<'a> {
    page: &'a Page,
    form: Form,
    topics: Vec<(&'static str, &'static str)>,
}

/// What there is to choose for this person.
fn offered(page: &Page) -> Vec<Topic> {
    Topic::ALL.iter().copied().filter(|topic| topic.concerns(&page.actor.roles)).collect()
}

async fn chosen(page: &Page) -> Result<Chosen, AppError> {
    let of = page.actor.account;
    page.app.db.read(&page.actor, move |conn| db::mail::choices(conn, of)).await
}

fn shown(page: &Page, form: Form) -> Ask<'_> {
    let topics = offered(page).into_iter().map(|topic| (topic.as_str(), super::topic(topic))).collect();
    Ask { page, form, topics }
}

#[get("/account/mail")]
pub async fn ask(page: Page) -> Answer {
    let Chosen { choices, version } = chosen(&page).await?;
    let hours = choices.quiet_hours;
    let mut form = Form::new()
        .with("version", version)
        .with_some("quiet_hours/from", hours.map(|hours| hours.from))
        .with_some("quiet_hours/until", hours.map(|hours| hours.until));
    for topic in offered(&page).into_iter().filter(|topic| !choices.unwanted.contains(topic)) {
        form = form.with("wanted", topic.as_str());
    }
    page.show(&shown(&page, form))
}

#[post("/account/mail")]
pub async fn choose(page: Page, posted: Posted) -> Answer {
    let deed = async {
        let version = posted.parse("version", "Open this page again")?;
        let wanted = posted.all("wanted");
        let unwanted = offered(&page).into_iter().filter(|topic| !wanted.iter().any(|word| word == topic.as_str()));
        let choices = Choices { unwanted: unwanted.collect(), quiet_hours: quiet_hours(&posted)? };
        page.app.db.write(&page.actor, move |tx| Ok(actions::mail::choose(tx, version, &choices)?.map(drop))).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/account/mail", Done::MailChosen),
        Err(form) => {
            let form = form.renewed(chosen(&page).await?.version);
            page.show_form(&form.clone(), &shown(&page, form))
        }
    }
}

/// Both times, or none.
fn quiet_hours(posted: &Posted) -> Result<Option<QuietHours>, AppError> {
    let mut wrong = Wrong::default();
    let message = "Enter a time of the day, like 22:00";
    let mut time = |name: &str| wrong.take(posted.maybe::<TimeOfDay>(name, message)).map(Option::flatten);
    let (from, until) = (time("quiet_hours/from")?, time("quiet_hours/until")?);
    if posted.get("quiet_hours/from").is_empty() && until.is_some() {
        wrong.note("quiet_hours/from", "Enter when the quiet hours begin, or leave both times empty");
    }
    if posted.get("quiet_hours/until").is_empty() && from.is_some() {
        wrong.note("quiet_hours/until", "Enter when the quiet hours end, or leave both times empty");
    }
    wrong.check()?;
    Ok(from.zip(until).map(|(from, until)| QuietHours { from, until }))
}
