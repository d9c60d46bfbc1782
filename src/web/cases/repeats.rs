//! Whether another case is about the same person: said once, on the page of a case.

use actix_web::post;
use actix_web::web::ServiceConfig;

use super::show::whole;
use crate::actions;
use crate::api::input::Path;
use crate::db;
use crate::domain::repeat::Why;
use crate::ids::CaseId;
use crate::web::Answer;
use crate::web::form::{Posted, missing};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(decide);
}

/// What is alike.
pub fn why(why: Why) -> &'static str {
    match why {
        Why::SameNameAndBirth => "the same name and date of birth",
        Why::SimilarNameSameBirth => "the same date of birth and a name that sounds alike",
        Why::SimilarNameNearBirth => "a name that sounds alike, and two digits of the date of birth are swapped",
        Why::SameTelephone => "the same telephone number",
    }
}

#[post("/cases/{id}/repeats/{other}")]
async fn decide(page: Page, Path((id, other)): Path<(CaseId, CaseId)>, posted: Posted) -> Answer {
    let deed = async {
        let same = match posted.get("same") {
            "yes" => true,
            "no" => false,
            _ => return Err(missing("same", "Choose whether it is the same person")),
        };
        let verb = move |tx: &mut db::Tx| actions::repeats::decide(tx, id, other, same);
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/cases/{}", id.0), Done::RepeatDecided),
        Err(form) => whole(&page, id, form, None).await,
    }
}
