//! Cases: from the first words of a call to a place, or to the reason why there is none.

mod closing;
mod deeds;
mod identity;
mod index;
mod known;
mod lists;
mod opening;
mod show;
mod steps;

use actix_web::web::ServiceConfig;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(index::routes)
        .configure(opening::routes)
        .configure(steps::routes)
        .configure(show::routes)
        .configure(deeds::routes)
        .configure(identity::routes)
        .configure(closing::routes);
}
