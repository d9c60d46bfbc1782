//! Cases: from the first words of a call to a place, or to the reason why there is none.

mod closing;
mod deeds;
mod household;
mod identity;
mod index;
mod lists;
mod show;
mod steps;

use actix_web::web::ServiceConfig;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(index::routes)
        .configure(steps::routes)
        .configure(show::routes)
        .configure(deeds::routes)
        .configure(identity::routes)
        .configure(closing::routes);
}
