//! The homes of a provider: what each is doing, its vacancy, its time out of use, and where it is.

mod address;
mod board;
mod edit;
mod show;
pub mod told;
mod vacancy;
mod voids;

use actix_web::web::ServiceConfig;

pub use self::address::read as read_address;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(board::routes)
        .configure(vacancy::routes)
        .configure(voids::routes)
        .configure(edit::routes)
        .configure(address::routes)
        .configure(show::routes);
}
