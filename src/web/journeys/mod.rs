//! A story that is told once: giving a survivor a code, and opening one that somebody gives you.

mod give;
mod open;
mod told;

use actix_web::web::ServiceConfig;

use crate::domain::journey::Share;

pub fn routes(config: &mut ServiceConfig) {
    config.configure(give::routes).configure(open::routes);
}

/// What a part of the story is called.
fn named(share: Share) -> &'static str {
    match share {
        Share::Household => "Who needs a place",
        Share::Pets => "Animals",
        Share::AccessNeeds => "Access, interpreter and what the home must be like",
        Share::SupportNeeds => "Support",
        Share::Money => "Immigration status and money",
        Share::AreasWanted => "Areas that they would like",
        Share::UnsafeAreas => "Areas that are not safe",
        Share::Risk => "Risk and what happened before",
    }
}
