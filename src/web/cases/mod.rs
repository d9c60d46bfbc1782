//! Cases: from the first words of a call to a place, or to the reason why there is none.

mod closing;
mod deeds;
mod identity;
mod index;
mod known;
mod lists;
mod opening;
mod repeats;
mod show;
mod steps;

pub use identity::{HOURS, time};
pub use known::{Known, known};
pub use lists::Lists;
pub use steps::Step;

use actix_web::web::ServiceConfig;

use super::Answer;
use super::form::Form;
use super::page::Page;
use crate::ids::CaseId;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(index::routes)
        .configure(opening::routes)
        .configure(steps::routes)
        .configure(show::routes)
        .configure(deeds::routes)
        .configure(identity::routes)
        .configure(repeats::routes)
        .configure(closing::routes);
}

/// The page of a case, or the step that somebody was in, with what is wrong about something that was tried there.
///
/// # Errors
/// [`NotFound`](crate::error::AppError::NotFound).
pub async fn shown(page: &Page, id: CaseId, from: Option<Step>, form: Form) -> Answer {
    match from {
        None => show::whole(page, id, form, None).await,
        Some(step) => steps::again(page, id, step, form).await,
    }
}
