//! Who the household is: for the service that has accepted it, for a reason, shown once.

use actix_web::post;
use actix_web::web::ServiceConfig;
use askama::Template;
use uuid::Uuid;

use super::show::{Forms, shown};
use crate::actions;
use crate::api::input::Path;
use crate::domain::identity::Identity;
use crate::ids::ReferralId;
use crate::web::Answer;
use crate::web::form::{Posted, missing};
use crate::web::page::Page;

pub fn routes(config: &mut ServiceConfig) {
    config.service(disclose);
}

#[derive(Template)]
#[template(path = "referrals/identity.html")]
struct Who<'a> {
    page: &'a Page,
    id: Uuid,
    identity: Identity,
}

#[post("/referrals/{id}/identity")]
async fn disclose(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let deed = async {
        let reason = posted.some("reason").ok_or_else(|| missing("reason", "Select why you need to know"))?;
        page.app.db.write(&page.actor, move |tx| actions::referrals::disclose_identity(tx, id, &reason)).await
    };
    match page.act(&posted, deed).await? {
        Ok(identity) => page.show(&Who { page: &page, id: id.0, identity }),
        Err(identity) => shown(&page, id, &Forms { identity, ..Forms::default() }).await,
    }
}
