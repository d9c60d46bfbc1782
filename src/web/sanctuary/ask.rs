//! Asking a scheme to make a home safe, from the case of the household.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use chrono::NaiveDate;

use super::{ANSWERS, CONSENTS, TENURES, left_of};
use crate::actions;
use crate::actions::sanctuary::{New, months};
use crate::api::input::Path;
use crate::api::services::Service;
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::domain::household::Answer as Told;
use crate::domain::sanctuary::{Consent, Tenure};
use crate::error::AppError;
use crate::ids::{CaseId, ServiceId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};
use crate::web::reasons::options;

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(request);
}

/// A scheme to choose.
struct Choice {
    id: String,
    name: String,
    area: String,
    /// Whether it covers the home, in words.
    covers: &'static str,
    months: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "sanctuary/ask.html")]
struct Ask<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    schemes: Vec<Choice>,
    months: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    tenures: [(&'static str, &'static str); 4],
    consents: [(&'static str, &'static str); 5],
    answers: [(&'static str, &'static str); 3],
}

/// The months that can be chosen, by their first day.
pub(super) fn month_options(today: NaiveDate) -> Vec<(String, String)> {
    months(today, 6).into_iter().map(|month| (month.to_string(), month.format("%B %Y").to_string())).collect()
}

async fn asked(page: &Page, id: CaseId, form: Form) -> Answer {
    let (scope, now, own) = (Scope::of(&page.actor), page.now, page.actor.organisation);
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, scope, id)?;
        let schemes = actions::sanctuary::schemes(conn, &case, now)?;
        Ok((case, schemes, db::reference::codes(conn, Some("sanctuary_measure"))?))
    };
    let (case, schemes, codes) = page.app.db.read(&page.actor, read).await?;
    let choice = |scheme: actions::sanctuary::Scheme| {
        let service = Service::seen_by(own, scheme.service);
        Choice {
            id: service.id.0.to_string(),
            name: service.name,
            area: service.area_name,
            covers: match scheme.covers {
                Some(true) => "It covers the area of their home.",
                Some(false) => "Their home seems to be in another area. Ask the scheme first.",
                None => "We do not know if it covers their home. Ask where they live.",
            },
            months: scheme.left.iter().map(left_of).collect(),
        }
    };
    let today = now.date();
    page.show_form(
        &form.clone(),
        &Ask {
            page,
            form,
            case,
            schemes: schemes.into_iter().map(choice).collect(),
            months: month_options(today),
            kinds: options(&codes, "sanctuary_measure", today),
            tenures: TENURES,
            consents: CONSENTS,
            answers: ANSWERS,
        },
    )
}

#[get("/cases/{id}/sanctuary")]
async fn ask(page: Page, Path(id): Path<CaseId>) -> Answer {
    let month = crate::domain::sanctuary::month_of(page.now.date());
    let form =
        Form::new().with("wanted_month", month).with("perpetrator_keys", "unknown").with("joint_tenancy", "unknown");
    asked(&page, id, form).await
}

#[post("/cases/{id}/sanctuary")]
async fn request(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let new = new(&posted)?;
        let verb = move |tx: &mut db::Tx| Ok(actions::sanctuary::request(tx, id, &new)?.map(|job| job.id));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(job) => page.go(&format!("/sanctuary/{}", job.0), Done::SanctuaryAsked),
        Err(form) => asked(&page, id, form).await,
    }
}

fn new(posted: &Posted) -> Result<New, AppError> {
    let mut wrong = Wrong::default();
    let service = posted.get("service_id").parse().ok().map(ServiceId);
    if service.is_none() {
        wrong.note("service_id", "Select a scheme");
    }
    let tenure: Option<Tenure> = wrong.take(posted.parse("tenure", "Select how they have their home"))?;
    let month: Option<Option<NaiveDate>> = wrong.take(posted.maybe("wanted_month", "Select a month"))?;
    let consent: Option<Option<Consent>> =
        wrong.take(posted.maybe("landlord_consent", "Select what the landlord says"))?;
    let told = |name: &str| posted.get(name).parse::<Told>().unwrap_or(Told::Unknown);
    wrong.check()?;
    let (Some(service), Some(tenure)) = (service, tenure) else {
        return Err(AppError::internal("a choice that is not there was not noticed"));
    };
    Ok(New {
        service,
        wanted_month: month.flatten(),
        tenure,
        landlord_consent: consent.flatten(),
        perpetrator_keys: told("perpetrator_keys"),
        joint_tenancy: told("joint_tenancy"),
        measures: posted.all("measures").into_iter().map(|kind| (kind, 1)).collect(),
    })
}
