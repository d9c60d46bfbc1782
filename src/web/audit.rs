//! For the auditor: whether the audit is whole.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::Answer;
use super::form::Posted;
use super::page::Page;
use crate::db::Verification;

pub fn routes(config: &mut ServiceConfig) {
    config.service(show).service(verify);
}

#[derive(Template)]
#[template(path = "audit/index.html")]
struct Audit<'a> {
    page: &'a Page,
    verification: Option<Verification>,
}

#[get("/audit")]
async fn show(page: Page) -> Answer {
    page.app.db.read(&page.actor, |_| Ok(())).await?;
    page.show(&Audit { page: &page, verification: None })
}

/// Reads every event and the whole chain.
#[post("/audit/verification")]
async fn verify(page: Page, _: Posted) -> Answer {
    page.app.db.read(&page.actor, |_| Ok(())).await?;
    let verification = page.app.db.verify_audit().await?;
    page.show(&Audit { page: &page, verification: Some(verification) })
}
