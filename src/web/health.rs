//! For administrators: how the installation is.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::Answer;
use super::page::Page;
use crate::db;
use crate::db::installation::{self, State};
use crate::db::mail::Summary;

pub fn routes(config: &mut ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "health/index.html")]
struct Health<'a> {
    page: &'a Page,
    state: State,
    mail: Summary,
    mail_set_up: bool,
    version: &'static str,
}

#[get("/health")]
async fn show(page: Page) -> Answer {
    let read = |conn: &mut db::Conn| Ok((installation::state(conn)?, db::mail::summary(conn)?));
    let (state, mail) = page.app.db.read(&page.actor, read).await?;
    let mail_set_up = page.app.mailer.is_set_up();
    page.show(&Health { page: &page, state, mail, mail_set_up, version: env!("CARGO_PKG_VERSION") })
}
