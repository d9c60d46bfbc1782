//! The rules by which a service takes households, as a form: one answer for each kind of rule.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::answers::{field, filled, read};
use super::words;
use crate::actions;
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::db::rules::{RuleSet, Subject};
use crate::db::services::Service;
use crate::domain::eligibility::ClientGroup;
use crate::domain::household::{Funding, Sex};
use crate::error::AppError;
use crate::ids::ServiceId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(change);
}

/// So many versions are listed.
const VERSIONS: i64 = 20;

/// One version of the rules, in words.
struct Version {
    number: i32,
    since: At,
    by: String,
    why: String,
    says: Vec<String>,
}

#[derive(Template)]
#[template(path = "services/rules.html")]
struct Ask<'a> {
    page: &'a Page,
    form: &'a Form,
    service: &'a Service,
    /// In force.
    now: Version,
    before: Vec<Version>,
    sexes: Vec<(&'static str, &'static str)>,
    /// Field and question.
    groups: Vec<(String, String)>,
    payers: Vec<(String, String)>,
}

async fn found(page: &Page, id: ServiceId) -> Result<(Service, Vec<(RuleSet, String)>), AppError> {
    let owner = page.actor.organisation;
    page.app
        .db
        .read(&page.actor, move |conn| {
            let service = db::services::find_of(conn, owner, id)?;
            let versions = db::rules::history(conn, Subject::Service(id), VERSIONS)?;
            let mut signed = Vec::new();
            for version in versions {
                // Whoever wrote them may belong to nobody's organisation: the demonstration, an administrator.
                let by = match db::accounts::find(conn, Some(owner), version.author_id) {
                    Ok(account) => account.name,
                    Err(AppError::NotFound) => "somebody outside your organisation".into(),
                    Err(error) => return Err(error),
                };
                signed.push((version, by));
            }
            Ok((service, signed))
        })
        .await
}

fn show(page: &Page, form: &Form, service: &Service, versions: Vec<(RuleSet, String)>) -> Answer {
    let written = versions.into_iter().map(|(version, by)| Version {
        number: version.version,
        since: version.effective_from,
        by,
        why: version.reason,
        says: words::of_rules(&version.rules.0),
    });
    let (mut in_force, before): (Vec<_>, Vec<_>) = written.partition(|version| version.number == service.rules_version);
    let now = in_force.pop().ok_or(AppError::NotFound)?;
    let groups = ClientGroup::ALL
        .iter()
        .map(|group| (field("client_group", group.as_str()), format!("Is it for {}?", group.people())));
    let payers = Funding::ALL.iter().filter_map(|way| {
        let whom = words::payers(*way)?;
        Some((field("funding", way.as_str()), format!("Do you take {whom}?")))
    });
    let template = Ask {
        page,
        form,
        service,
        now,
        before,
        sexes: Sex::ALL.iter().filter_map(|sex| offered(*sex, form)).collect(),
        groups: groups.collect(),
        payers: payers.collect(),
    };
    page.show_form(form, &template)
}

/// Women and men; what else a rule names is kept, though it changes nothing.
fn offered(sex: Sex, form: &Form) -> Option<(&'static str, &'static str)> {
    let text = match sex {
        Sex::Female => "Women",
        Sex::Male => "Men",
        Sex::PreferNotToSay => "People who prefer not to say their sex",
        Sex::Unknown => "People whose sex is not known",
    };
    let usual = matches!(sex, Sex::Female | Sex::Male);
    (usual || form.has("accepts", sex.as_str())).then_some((sex.as_str(), text))
}

#[get("/services/{id}/rules")]
async fn ask(page: Page, Path(id): Path<ServiceId>) -> Answer {
    let (service, versions) = found(&page, id).await?;
    let rules = versions.iter().find(|(version, _)| version.version == service.rules_version);
    let rules = rules.map(|(version, _)| version.rules.0.clone()).unwrap_or_default();
    let form = filled(&rules).with("version", service.version);
    show(&page, &form, &service, versions)
}

#[post("/services/{id}/rules")]
async fn change(page: Page, Path(id): Path<ServiceId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let rules = wrong.take(read(&posted))?;
        let version = wrong.take(posted.parse("version", "Reload the page"))?.unwrap_or_default();
        let reason = posted.get("reason").to_owned();
        match reason.chars().count() {
            0 => wrong.note("reason", "Say why the rules change"),
            1..=300 => {}
            _ => wrong.note("reason", "Say it in at most 300 letters"),
        }
        wrong.check()?;
        let rules = rules.ok_or_else(|| AppError::internal("rules that are not there were not noticed"))?;
        page.app
            .db
            .write(&page.actor, move |tx| {
                Ok(actions::rules::change(tx, Subject::Service(id), version, &rules, &reason)?.map(|_| ()))
            })
            .await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/services/{}", id.0), Done::RulesSaved),
        Err(form) => {
            let (service, versions) = found(&page, id).await?;
            show(&page, &form.renewed(service.version), &service, versions)
        }
    }
}
