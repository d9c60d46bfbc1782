//! For administrators: how the installation is.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::Answer;
use super::page::Page;
use crate::db::installation::{self, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "health/index.html")]
struct Health<'a> {
    page: &'a Page,
    state: State,
    version: &'static str,
}

#[get("/health")]
async fn show(page: Page) -> Answer {
    let state = page.app.db.read(&page.actor, installation::state).await?;
    page.show(&Health { page: &page, state, version: env!("CARGO_PKG_VERSION") })
}
