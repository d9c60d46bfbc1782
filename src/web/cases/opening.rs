//! The first words of a call: who is calling, where they live now, and what to call them.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::identity::identity_of;
use super::lists::Lists;
use crate::actions;
use crate::actions::cases::New;
use crate::db;
use crate::domain::household::Needs;
use crate::error::AppError;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Page, see_other};

pub fn routes(config: &mut ServiceConfig) {
    config.service(start_call).service(open_case);
}

#[derive(Template)]
#[template(path = "cases/start.html")]
struct Start<'a> {
    page: &'a Page,
    form: Form,
    lists: Lists,
}

#[get("/cases/new")]
async fn start_call(page: Page) -> Answer {
    let lists = page.app.db.read(&page.actor, Lists::load).await?;
    page.show(&Start { page: &page, form: Form::new(), lists })
}

/// Opens the case as soon as it is known who sends the household: everything else can be told in any order.
#[post("/cases/new")]
async fn open_case(page: Page, posted: Posted) -> Answer {
    let lists = page.app.db.read(&page.actor, Lists::load).await?;
    let deed = async {
        let new = opening(&posted, &lists)?;
        let opened = move |tx: &mut db::Tx| Ok(actions::cases::open(tx, &new)?.map(|case| case.id));
        page.app.db.write_once(&page.actor, page.once(&posted), opened).await
    };
    match page.act(&posted, deed).await? {
        Ok(id) => Ok(see_other(&format!("/cases/{}/ask/household", id.0))),
        Err(form) => page.show_form(&form.clone(), &Start { page: &page, form, lists }),
    }
}

fn opening(posted: &Posted, lists: &Lists) -> Result<New, AppError> {
    let mut wrong = Wrong::default();
    if posted.get("referral_source").is_empty() {
        wrong.note("referral_source", "Select who is calling, or who sends the household");
    }
    let origin = posted.some("origin_area").map(|typed| lists.area("origin_area", &typed)).transpose();
    let origin_area = wrong.take(origin)?.flatten();
    let identity = wrong.take(identity_of(posted))?.flatten();
    wrong.check()?;
    Ok(New {
        referral_source: posted.get("referral_source").to_owned(),
        origin_area,
        needs: Needs::default(),
        identity,
    })
}
