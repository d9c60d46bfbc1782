//! Who saw a household: on screen, on paper, and in words for the survivor.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::Answer;
use super::form::{Posted, missing};
use super::page::{Page, see_other};
use super::words;
use crate::actions;
use crate::actions::looks::{After, Look, Looks};
use crate::api::input::{Path, Query};
use crate::api::looks::next;
use crate::api::page::{after, one_more};
use crate::db::Tx;
use crate::error::AppError;
use crate::ids::{CaseId, is_reference};

pub fn routes(config: &mut ServiceConfig) {
    config.service(of_own_case).service(find).service(of_any_case);
}

/// So many looks stand on a page: more than a case has, but for one that went on for years.
const ON_A_PAGE: i64 = 200;

/// Which page, and for whom it is.
#[derive(Deserialize, Validate)]
struct Asked {
    #[garde(length(max = 500))]
    cursor: Option<String>,
    /// Whether it is to be given to the survivor.
    #[garde(length(max = 3))]
    plain: Option<String>,
}

#[derive(Template)]
#[template(path = "looks/case.html")]
struct Show<'a> {
    page: &'a Page,
    found: Looks,
    next: Option<String>,
    /// Whether this is not the first page.
    later: bool,
    auditor: bool,
}

impl Show<'_> {
    /// Who it was: the organisation, what they do there, and their name where the reader may know it.
    fn who(look: &Look) -> String {
        look.person.clone().unwrap_or_else(|| look.organisation.clone())
    }

    fn more(look: &Look) -> String {
        let roles = look.roles.iter().map(|role| role.plain()).collect::<Vec<_>>().join(", ");
        let named = look.person.as_ref().map(|_| look.organisation.clone());
        let parts = named.into_iter().chain(Some(roles).filter(|roles| !roles.is_empty()));
        words::label(&parts.collect::<Vec<_>>().join(", "))
    }

    fn why(look: &Look) -> &str {
        look.reason.as_ref().map_or("", |reason| reason.label.as_str())
    }
}

/// The same on a sheet for the survivor.
#[derive(Template)]
#[template(path = "looks/plain.html")]
struct Plain<'a> {
    page: &'a Page,
    found: Looks,
    next: Option<String>,
}

#[get("/cases/{id}/access")]
async fn of_own_case(page: Page, Path(id): Path<CaseId>, Query(asked): Query<Asked>) -> Answer {
    let begin = after::<After>(asked.cursor.as_deref())?;
    let read = move |tx: &mut Tx| actions::looks::of_own_case(tx, id, begin, one_more(ON_A_PAGE));
    let mut found = page.app.db.write(&page.actor, read).await?;
    let next = next(&mut found, ON_A_PAGE)?;
    let plain = asked.plain.as_deref() == Some("yes");
    let link = |cursor| format!("/cases/{}/access?cursor={cursor}{}", id.0, if plain { "&plain=yes" } else { "" });
    let next = next.map(link);
    if plain {
        return page.show(&Plain { page: &page, found, next });
    }
    page.show(&Show { page: &page, found, next, later: begin.is_some(), auditor: false })
}

/// The auditor types the reference of a case.
#[post("/audit/cases")]
async fn find(page: Page, posted: Posted) -> Answer {
    let reference = posted.get("reference").to_uppercase();
    let deed = async {
        if !is_reference(&reference) {
            return Err(missing("reference", "Enter the reference of a case, like C-7K4M-P2XD"));
        }
        let wanted = reference.clone();
        let known = move |conn: &mut crate::db::Conn| crate::db::audit::looks::with_reference(conn, &wanted);
        match page.app.db.read(&page.actor, known).await {
            Ok(_) => Ok(()),
            Err(AppError::NotFound) => Err(missing("reference", "No case has this reference. Check it and try again")),
            Err(error) => Err(error),
        }
    };
    match page.act(&posted, deed).await? {
        Ok(()) => Ok(see_other(&format!("/audit/cases/{reference}"))),
        Err(form) => super::audit::shown(&page, form).await,
    }
}

#[get("/audit/cases/{reference}")]
async fn of_any_case(page: Page, Path(reference): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let begin = after::<After>(asked.cursor.as_deref())?;
    let wanted = reference.clone();
    let read = move |tx: &mut Tx| actions::looks::of_any_case(tx, &wanted, begin, one_more(ON_A_PAGE));
    let mut found = page.app.db.write(&page.actor, read).await?;
    let next = next(&mut found, ON_A_PAGE)?.map(|cursor| format!("/audit/cases/{reference}?cursor={cursor}"));
    page.show(&Show { page: &page, found, next, later: begin.is_some(), auditor: true })
}
