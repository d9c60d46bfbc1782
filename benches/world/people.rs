//! Who works with it, and the services that there are: the same in every benchmark.

use actix_web::rt::System;
use safehold::actions::{accounts, installation, organisations};
use safehold::audit::{Change, Did, Event};
use safehold::auth::{Actor, password};
use safehold::clock::Clock;
use safehold::db::rules::{self, RuleSet};
use safehold::db::services::{self as stored, Service};
use safehold::db::{DatabaseUrl, Db, History};
use safehold::domain::eligibility::{Rules, Scope, Summary};
use safehold::domain::permission::{Kinds, OrganisationKind, Role, Roles};
use safehold::domain::provision::{AccommodationType, ServiceAttributes};
use safehold::error::AppError;
use safehold::ids::{EventId, OrganisationId, ServiceId};
use safehold::settings::{Keys, Policy};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ids::{Kind, UNITS, UNITS_OF_SERVICE};

pub const PASSWORD: &str = "copper kettle umbrella monday";
pub const CASEWORKER: &str = "caseworker@bench.example";
pub const HELPLINE_MANAGER: &str = "helpline.manager@bench.example";
pub const REFUGE_MANAGER: &str = "refuge.manager@bench.example";
pub const COMMISSIONER: &str = "commissioner@bench.example";
pub const REFUGE_WORKER: &str = "refuge.worker@bench.example";

/// Services as they are published, with the rules that they have.
#[derive(Deserialize)]
struct Published {
    services: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    area: String,
    accommodation_type: AccommodationType,
    attributes: ServiceAttributes,
    rules: Rules,
}

/// What a woman with this many children needs, as far as a helpline asks.
pub fn needs(children: u8) -> Value {
    let mut members = vec![json!({ "role": "survivor", "age": 31, "sex": "female", "gender_same_as_birth": "yes" })];
    for child in 0..children {
        let sex = if child % 2 == 0 { "female" } else { "male" };
        members.push(json!({ "role": "child", "age": 3 + 4 * child, "sex": sex, "gender_same_as_birth": "yes" }));
    }
    json!({
        "members": members,
        "household_complete": "yes",
        "pregnant": "no",
        "pets": [],
        "access_need": "none",
        "additional_needs": [{ "need": "mental_health", "level": "low" }],
        "recourse_to_public_funds": "yes",
        "concession": "none",
        "funding": "housing_benefit",
        "unsafe_areas": [{ "area": "E08000025", "confirmed": true }],
        "wanted_areas": ["E10000018"],
        "abuse_types": ["physical", "controlling_or_coercive"],
        "risk": { "dash_score": 12, "marac_referred": "no" },
        "monitoring": { "ethnic_group": "white_british", "religion": "christian" },
    })
}

/// Fills a database that is migrated and empty with those who work with it.
pub fn fill(url: &DatabaseUrl, keys: Keys) {
    let db = Db::new(url.clone(), 1, Clock::default(), keys, Policy::default());
    System::new().block_on(async {
        db.check_keys().await.unwrap();
        db.load(people_and_services).await.unwrap();
    });
}

fn people_and_services(history: &mut History) -> Result<(), AppError> {
    safehold::db::installation::mark_demonstration(history.conn())?; // a password is enough to sign in
    let (at, operator) = (Clock::default().now(), installation::operator());
    let mut organisation = |name: &str, kind| -> Result<OrganisationId, AppError> {
        Ok(history.write(at, &operator, |tx| organisations::add(tx, name, Kinds(vec![kind])))?.id)
    };
    let provider = organisation("Provider", OrganisationKind::Provider)?;
    let helpline = organisation("Helpline", OrganisationKind::Referrer)?;
    let council = organisation("Council", OrganisationKind::Commissioner)?;
    let password_hash = password::hash(PASSWORD)?;
    for (email, organisation, role) in [
        (CASEWORKER, helpline, Role::Caseworker),
        (HELPLINE_MANAGER, helpline, Role::HelplineManager),
        (REFUGE_WORKER, provider, Role::RefugeWorker),
        (REFUGE_MANAGER, provider, Role::RefugeManager),
        (COMMISSIONER, council, Role::Commissioner),
    ] {
        let new = accounts::New {
            organisation: Some(organisation),
            email: email.into(),
            name: role.plain(),
            roles: Roles(vec![role]),
            password_hash: password_hash.clone(),
        };
        history.write(at, &operator, |tx| accounts::add(tx, &new))?;
    }

    let published: Published = serde_json::from_str(include_str!("../../data/provision.json")).unwrap();
    let models: Vec<_> = published.services.into_iter().filter(|model| !model.rules.0.is_empty()).collect();
    let worker = Actor { organisation: provider, ..operator };
    for (number, model) in (1..=UNITS / UNITS_OF_SERVICE).zip(models.iter().cycle()) {
        let id = ServiceId(Kind::Service.id(number));
        let summary = Summary::of(&model.rules.0, at.date());
        let service = Service {
            id,
            organisation_id: provider,
            name: format!("Service {number}"),
            name_confidential: false,
            accommodation_type: model.accommodation_type,
            area_code: model.area.clone(),
            attributes: model.attributes.clone(),
            takes_women: summary.takes_women,
            takes_men: summary.takes_men,
            takes_pets: summary.takes_pets,
            nrpf: summary.nrpf,
            largest_family: summary.largest_family,
            max_children: summary.max_children,
            rules_version: 1,
            active: true,
            version: 1,
            updated_at: at,
        };
        let rules = RuleSet {
            scope: Scope::Service,
            scope_id: EventId(id.0),
            version: 1,
            rules: model.rules.clone(),
            author_id: worker.account,
            reason: "first version".into(),
            effective_from: at,
        };
        history.write(at, &worker, |tx| {
            stored::insert(tx, &service)?;
            rules::insert(tx, &rules)?;
            Ok(Change::new((), Event::new(Did::ServiceAdded, id.0)))
        })?;
    }
    Ok(())
}
