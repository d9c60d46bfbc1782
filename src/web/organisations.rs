//! The organisations that work with this installation: for administrators.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::Answer;
use super::form::{Form, Posted, Wrong, missing};
use super::page::{Done, Page};
use crate::actions;
use crate::api::input::{Path, Query};
use crate::api::page::{DEFAULT_LIMIT, Page as Rows, after, one_more};
use crate::db;
use crate::db::organisations::{Edit, Organisation};
use crate::domain::permission::{Kinds, OrganisationKind};
use crate::error::AppError;
use crate::ids::OrganisationId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(index).service(ask_new).service(add).service(ask_edit).service(edit);
}

/// What kinds there are, each with what it does.
fn kinds() -> Vec<(&'static str, &'static str)> {
    let described = |kind: &OrganisationKind| match kind {
        OrganisationKind::Provider => "Provider: runs refuges or other safe accommodation",
        OrganisationKind::Referrer => "Referrer: has cases and looks for places, such as a helpline or a council",
        OrganisationKind::Commissioner => "Commissioner: plans and pays for services in an area",
        OrganisationKind::Operator => "Operator: looks after this installation",
    };
    OrganisationKind::ALL.iter().map(|kind| (kind.as_str(), described(kind))).collect()
}

#[derive(Template)]
#[template(path = "organisations/index.html")]
struct List<'a> {
    page: &'a Page,
    organisations: Vec<(Organisation, String)>,
    next: Option<String>,
}

#[derive(Deserialize, Validate)]
struct Shown {
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

#[get("/organisations")]
async fn index(page: Page, Query(shown): Query<Shown>) -> Answer {
    let (limit, begin) = (DEFAULT_LIMIT, after(shown.cursor.as_deref())?);
    let rows = page.app.db.read(&page.actor, move |conn| db::organisations::page(conn, begin, one_more(limit))).await?;
    let rows = Rows::of(rows, limit, |row| (row.name.clone(), row.id))?;
    let with_kinds = |organisation: Organisation| {
        let kinds: Vec<_> = organisation.kinds.0.iter().map(|kind| super::words::label(kind.as_str())).collect();
        (organisation, kinds.join(", "))
    };
    page.show(&List {
        page: &page,
        organisations: rows.items.into_iter().map(with_kinds).collect(),
        next: rows.next.map(|cursor| format!("/organisations?cursor={cursor}")),
    })
}

#[derive(Template)]
#[template(path = "organisations/edit.html")]
struct Ask<'a> {
    page: &'a Page,
    form: &'a Form,
    kinds: Vec<(&'static str, &'static str)>,
    /// None for a new one.
    organisation: Option<&'a Organisation>,
    /// Whether the reader belongs to it.
    own: bool,
}

fn show(page: &Page, form: &Form, organisation: Option<&Organisation>) -> Answer {
    let own = organisation.is_some_and(|organisation| organisation.id == page.actor.organisation);
    page.show_form(form, &Ask { page, form, kinds: kinds(), organisation, own })
}

#[get("/organisations/new")]
async fn ask_new(page: Page) -> Answer {
    page.app.db.read(&page.actor, |_| Ok(())).await?;
    show(&page, &Form::new(), None)
}

#[post("/organisations/new")]
async fn add(page: Page, posted: Posted) -> Answer {
    let deed = async {
        let (name, kinds) = read(&posted)?;
        let once = page.once(&posted);
        page.app
            .db
            .write_once(&page.actor, once, move |tx| {
                Ok(actions::organisations::add(tx, &name, kinds.clone())?.map(|organisation| organisation.id))
            })
            .await
    };
    match page.act(&posted, deed).await? {
        Ok(_) => page.go("/organisations", Done::OrganisationAdded),
        Err(form) => show(&page, &form, None),
    }
}

async fn found(page: &Page, id: OrganisationId) -> Result<Organisation, AppError> {
    page.app.db.read(&page.actor, move |conn| db::organisations::find(conn, id)).await
}

#[get("/organisations/{id}")]
async fn ask_edit(page: Page, Path(id): Path<OrganisationId>) -> Answer {
    let found = found(&page, id).await?;
    let active = if found.active { "yes" } else { "no" };
    let mut form = Form::new().with("name", &found.name).with("version", found.version).with("active", active);
    for kind in &found.kinds.0 {
        form = form.with("kinds", kind.as_str());
    }
    show(&page, &form, Some(&found))
}

#[post("/organisations/{id}")]
async fn edit(page: Page, Path(id): Path<OrganisationId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let read = wrong.take(read(&posted))?;
        let version = wrong.take(posted.parse("version", "Reload the page"))?.unwrap_or_default();
        let active = match posted.get("active") {
            _ if id == page.actor.organisation => None,
            "yes" => Some(true),
            "no" => Some(false),
            _ => {
                wrong.note("active", "Say whether its people can sign in");
                None
            }
        };
        wrong.check()?;
        let (name, kinds) = read.unzip();
        let edit = Edit { name, kinds, active };
        page.app
            .db
            .write(&page.actor, move |tx| Ok(actions::organisations::edit(tx, id, version, &edit)?.map(|_| ())))
            .await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/organisations", Done::OrganisationSaved),
        Err(form) => {
            let found = found(&page, id).await?;
            show(&page, &form.renewed(found.version), Some(&found))
        }
    }
}

fn read(posted: &Posted) -> Result<(String, Kinds), AppError> {
    let mut wrong = Wrong::default();
    let name = posted.get("name").to_owned();
    match name.chars().count() {
        0 => wrong.note("name", "Enter the name of the organisation"),
        1..=120 => {}
        _ => wrong.note("name", "Enter a name of at most 120 letters"),
    }
    let kinds = wrong.take(read_kinds(posted))?;
    wrong.check()?;
    let kinds = kinds.ok_or_else(|| AppError::internal("kinds that are not there were not noticed"))?;
    Ok((name, kinds))
}

fn read_kinds(posted: &Posted) -> Result<Kinds, AppError> {
    let wrong = || missing("kinds", "Choose what the organisation does. Choose at least one");
    let kinds = posted.all("kinds").iter().map(|word| word.parse()).collect::<Result<Vec<_>, _>>();
    let kinds = Kinds(kinds.map_err(|_| wrong())?);
    if kinds.validate().is_ok() { Ok(kinds) } else { Err(wrong()) }
}
