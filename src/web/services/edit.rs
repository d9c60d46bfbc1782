//! Adding a service, and changing what it is like.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;

use crate::actions;
use crate::actions::services::New;
use crate::api::input::Path;
use crate::api::services::Service;
use crate::db;
use crate::db::services::Edit;
use crate::domain::eligibility::{Condition, Policy, Rules};
use crate::domain::household::Sex;
use crate::domain::provision::{AccommodationType, ServiceAttributes};
use crate::domain::reference::Code;
use crate::error::{AppError, Part};
use crate::ids::ServiceId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::matching::accommodation_type;
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask_new).service(add).service(ask_edit).service(edit);
}

/// What the lists of the form offer: value and text.
#[derive(Default)]
struct Lists {
    areas: Vec<(String, String)>,
    specialisms: Vec<(String, String)>,
    unit_types: Vec<(String, String)>,
    support_types: Vec<(String, String)>,
    quality_marks: Vec<(String, String)>,
    referral_routes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "services/edit.html")]
struct Ask<'a> {
    page: &'a Page,
    form: &'a Form,
    lists: Lists,
    kinds: Vec<(&'static str, &'static str)>,
    /// None for a new one.
    service: Option<&'a Service>,
}

async fn show(page: &Page, form: &Form, service: Option<&Service>) -> Answer {
    let today = page.now.date();
    let (codes, areas) = page
        .app
        .db
        .read(&page.actor, |conn| Ok((db::reference::codes(conn, None)?, db::reference::areas(conn)?)))
        .await?;
    let listed = |list: &str| {
        let active = codes.iter().filter(|code: &&Code| code.list == list && code.active(today));
        active.map(|code| (code.code.clone(), code.label.clone())).collect()
    };
    // A service is in a district or a unitary authority: a county is too large to say whether it is safe.
    let areas = areas.into_iter().filter(|area| area.kind != "county").map(|area| (area.code, area.name));
    let lists = Lists {
        areas: areas.collect(),
        specialisms: listed("specialism"),
        unit_types: listed("unit_type"),
        support_types: listed("support_type"),
        quality_marks: listed("quality_mark"),
        referral_routes: listed("referral_source"),
    };
    let kinds = AccommodationType::ALL.iter().map(|kind| (kind.as_str(), accommodation_type(*kind))).collect();
    page.show_form(form, &Ask { page, form, lists, kinds, service })
}

#[get("/services/new")]
async fn ask_new(page: Page) -> Answer {
    show(&page, &Form::new(), None).await
}

#[post("/services/new")]
async fn add(page: Page, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let common = wrong.take(read(&posted))?;
        let kind = wrong.take(posted.parse::<AccommodationType>("accommodation_type", "Choose the kind of place"))?;
        let area = posted.get("area").to_owned();
        if area.is_empty() {
            wrong.note("area", "Choose the area that the service is in");
        }
        wrong.check()?;
        let (Some((name, name_confidential, attributes)), Some(accommodation_type)) = (common, kind) else {
            return Err(AppError::internal("a field that is not there was not noticed"));
        };
        let new = New { name, name_confidential, accommodation_type, area, attributes, rules: first_rules() };
        let once = page.once(&posted);
        page.app
            .db
            .write_once(
                &page.actor,
                once,
                move |tx| Ok(actions::services::add(tx, &new)?.map(|named| named.service.id)),
            )
            .await
    };
    match page.act(&posted, deed).await? {
        Ok(id) => page.go(&format!("/services/{}/rules", id.0), Done::ServiceAdded),
        Err(form) => show(&page, &form, None).await,
    }
}

/// What a refuge usually is, until its manager says otherwise on the next page: where rooms are shared, provision is for
/// one sex.
fn first_rules() -> Rules {
    let women = Condition::SurvivorSex { accepts: vec![Sex::Female], trans_people: Policy::Discuss };
    Rules(vec![women.into()])
}

async fn found(page: &Page, id: ServiceId) -> Result<Service, AppError> {
    let owner = page.actor.organisation;
    let named = page
        .app
        .db
        .read(&page.actor, move |conn| {
            db::services::find_of(conn, owner, id)?;
            db::services::find(conn, id)
        })
        .await?;
    Ok(Service::seen_by(owner, named))
}

#[get("/services/{id}/edit")]
async fn ask_edit(page: Page, Path(id): Path<ServiceId>) -> Answer {
    let service = found(&page, id).await?;
    show(&page, &filled(&service), Some(&service)).await
}

fn filled(service: &Service) -> Form {
    let yes = |holds: bool| if holds { "yes" } else { "no" };
    let ServiceAttributes {
        specialism,
        by_and_for,
        unit_type,
        support_provider,
        overnight_security,
        quality_marks,
        commissioner,
        funding,
        referral_routes,
        support_types,
        languages,
        turnaround_hours,
        intended_stay_days,
    } = &service.attributes;
    let mut form = Form::new()
        .with("version", service.version)
        .with("name", &service.name)
        .with("active", yes(service.active))
        .with_some("attributes/specialism", specialism.as_ref())
        .with_some("attributes/unit_type", unit_type.as_ref())
        .with_some("attributes/support_provider", support_provider.as_ref())
        .with_some("attributes/commissioner", commissioner.as_ref())
        .with_some("attributes/funding", funding.as_ref())
        .with("attributes/languages", languages.join(", "))
        .with_some("attributes/turnaround_hours", Some(turnaround_hours).filter(|hours| **hours > 0))
        .with_some("attributes/intended_stay_days", intended_stay_days.as_ref())
        .with("name_confidential", yes(service.name_confidential))
        .with("attributes/by_and_for", yes(*by_and_for))
        .with("attributes/overnight_security", yes(*overnight_security));
    let several = [
        ("attributes/quality_marks", quality_marks),
        ("attributes/referral_routes", referral_routes),
        ("attributes/support_types", support_types),
    ];
    for (name, codes) in several {
        for code in codes {
            form = form.with(name, code);
        }
    }
    form
}

#[post("/services/{id}/edit")]
async fn edit(page: Page, Path(id): Path<ServiceId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let common = wrong.take(read(&posted))?;
        let version = wrong.take(posted.parse("version", "Reload the page"))?.unwrap_or_default();
        let active = match posted.get("active") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => {
                wrong.note("active", "Say whether the service is in use");
                None
            }
        };
        wrong.check()?;
        let Some((name, confidential, attributes)) = common else {
            return Err(AppError::internal("a field that is not there was not noticed"));
        };
        let edit =
            Edit { name: Some(name), name_confidential: Some(confidential), attributes: Some(attributes), active };
        page.app.db.write(&page.actor, move |tx| Ok(actions::services::edit(tx, id, version, &edit)?.map(|_| ()))).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/services/{}", id.0), Done::ServiceSaved),
        Err(form) => {
            let service = found(&page, id).await?;
            show(&page, &form.renewed(service.version), Some(&service)).await
        }
    }
}

/// What a new service and a changed one have in common: name, whether it is confidential, attributes.
fn read(posted: &Posted) -> Result<(String, bool, ServiceAttributes), AppError> {
    let mut wrong = Wrong::default();
    let name = posted.get("name").to_owned();
    match name.chars().count() {
        0 => wrong.note("name", "Enter the name of the service"),
        1..=120 => {}
        _ => wrong.note("name", "Enter a name of at most 120 letters"),
    }
    let confidential = posted.get("name_confidential");
    if !["yes", "no"].contains(&confidential) {
        wrong.note("name_confidential", "Say whether the name is confidential");
    }
    let hours = "Enter a whole number of hours, 336 at most";
    let turnaround_hours = wrong.take(posted.maybe::<u16>("attributes/turnaround_hours", hours))?.flatten();
    let days = "Enter a whole number of days, from 1 to 3650";
    let intended_stay_days = wrong.take(posted.maybe::<u16>("attributes/intended_stay_days", days))?.flatten();
    if turnaround_hours.is_some_and(|hours| hours > 336) {
        wrong.note("attributes/turnaround_hours", hours);
    }
    if intended_stay_days.is_some_and(|days| !(1..=3650).contains(&days)) {
        wrong.note("attributes/intended_stay_days", days);
    }
    let languages = posted.get("attributes/languages").split([',', ';', '\n']).map(str::trim);
    let attributes = ServiceAttributes {
        specialism: posted.some("attributes/specialism"),
        by_and_for: posted.get("attributes/by_and_for") == "yes",
        unit_type: posted.some("attributes/unit_type"),
        support_provider: posted.some("attributes/support_provider"),
        overnight_security: posted.get("attributes/overnight_security") == "yes",
        quality_marks: posted.all("attributes/quality_marks"),
        commissioner: posted.some("attributes/commissioner"),
        funding: posted.some("attributes/funding"),
        referral_routes: posted.all("attributes/referral_routes"),
        support_types: posted.all("attributes/support_types"),
        languages: languages.filter(|language| !language.is_empty()).map(str::to_owned).collect(),
        turnaround_hours: turnaround_hours.unwrap_or_default(),
        intended_stay_days,
    };
    for (field, text) in [
        ("support_provider", &attributes.support_provider),
        ("commissioner", &attributes.commissioner),
        ("funding", &attributes.funding),
    ] {
        if text.as_ref().is_some_and(|text| text.chars().count() > 120) {
            wrong.note(&format!("attributes/{field}"), "Write at most 120 letters");
        }
    }
    if attributes.languages.len() > 40 {
        wrong.note("attributes/languages", "Name at most 40 languages");
    }
    wrong.check()?;
    attributes.validate().map_err(|report| AppError::out_of_range(Part::Body, "/attributes", &report))?;
    Ok((name, confidential == "yes", attributes))
}
