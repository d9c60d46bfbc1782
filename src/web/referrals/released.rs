//! Who the household is, and where it is reached: for the service that has accepted it, for a reason, shown once.

use actix_web::post;
use actix_web::web::ServiceConfig;

use super::show::{Forms, shown};
use crate::actions;
use crate::api::input::Path;
use crate::ids::ReferralId;
use crate::web::Answer;
use crate::web::contact::{self, Place};
use crate::web::form::{Form, Posted, missing};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(disclose).service(disclose_contact).service(call_back);
}

fn place(id: ReferralId) -> Place {
    let back = format!("/referrals/{}", id.0);
    let later = Some(format!("{back}/call-back"));
    Place { telephone: Some(format!("{back}/telephone")), call_back: later, back, back_text: "The referral".into() }
}

#[post("/referrals/{id}/identity")]
async fn disclose(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let given = posted.get("reason").to_owned();
    let deed = async {
        let reason = posted.some("reason").ok_or_else(|| missing("reason", "Select why you need to know"))?;
        page.app.db.write(&page.actor, move |tx| actions::referrals::disclose_identity(tx, id, &reason)).await
    };
    match page.act(&posted, deed).await? {
        Ok(who) => contact::show_who(&page, place(id), who, &given, Form::new()).await,
        Err(identity) => shown(&page, id, &Forms { identity, ..Forms::default() }).await,
    }
}

/// Puts the call off until it is safe.
#[post("/referrals/{id}/call-back")]
async fn call_back(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let put_off = move |tx: &mut crate::db::Tx| actions::contact::call_back_accepted(tx, id);
    match page.act(&posted, page.app.db.write_once(&page.actor, page.once(&posted), put_off)).await? {
        Ok(_) => page.go(&format!("/referrals/{}", id.0), Done::CallBackRaised),
        Err(identity) => shown(&page, id, &Forms { identity, ..Forms::default() }).await,
    }
}

/// The number, or the rules again with what stands in its way.
#[post("/referrals/{id}/telephone")]
async fn disclose_contact(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let deed = async {
        let ask = contact::ask(&posted)?;
        page.app.db.write(&page.actor, move |tx| actions::contact::disclose_accepted(tx, id, &ask)).await
    };
    match page.act(&posted, deed).await? {
        Ok(reached) => contact::show_reached(&page, place(id), reached),
        Err(form) => {
            let (given, again) = (posted.get("reason").to_owned(), posted.get("reason").to_owned());
            let verb = move |tx: &mut crate::db::Tx| actions::referrals::disclose_identity(tx, id, &again);
            let who = page.app.db.write(&page.actor, verb).await?;
            contact::show_who(&page, place(id), who, &given, form).await
        }
    }
}
