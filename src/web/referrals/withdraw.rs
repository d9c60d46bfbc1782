//! Taking a referral back, by the side that sent it.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use uuid::Uuid;

use super::answer::end;
use crate::api::input::Path;
use crate::api::referrals::{By, Referral};
use crate::db;
use crate::db::referrals::Side;
use crate::domain::reason::DecidedBy;
use crate::error::AppError;
use crate::ids::ReferralId;
use crate::web::Answer;
use crate::web::form::{Form, Posted};
use crate::web::page::{Done, Page};
use crate::web::reasons::Choices;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(withdraw);
}

#[derive(Template)]
#[template(path = "referrals/withdraw.html")]
struct Withdraw<'a> {
    page: &'a Page,
    form: Form,
    id: Uuid,
    reference: String,
    service: String,
    choices: Choices,
}

async fn asked(page: &Page, id: ReferralId, form: Form) -> Answer {
    let (reader, by) = (page.actor.clone(), By { now: page.now, patience: page.app.policy.patience });
    let ((referral, _), codes) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            Ok((Referral::whole(conn, &reader, id, by)?, db::reference::codes(conn, Some("denial_reason"))?))
        })
        .await?;
    if referral.case_id.is_none() {
        return Err(AppError::NotFound);
    }
    let allowed = [DecidedBy::Survivor, DecidedBy::Referrer, DecidedBy::System];
    let choices = Choices::of(&codes, &allowed, Side::Referrer, page.now.date());
    let (reference, service) = (referral.reference, referral.service);
    page.show_form(&form.clone(), &Withdraw { page, form, id: id.0, reference, service, choices })
}

#[get("/referrals/{id}/withdraw")]
async fn ask(page: Page, Path(id): Path<ReferralId>) -> Answer {
    asked(&page, id, Form::new()).await
}

#[post("/referrals/{id}/withdraw")]
async fn withdraw(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    match page.act(&posted, end(&page, id, Side::Referrer, &posted)).await? {
        Ok(()) => page.go(&format!("/referrals/{}", id.0), Done::ReferralEnded),
        Err(form) => asked(&page, id, form).await,
    }
}
