//! What the services are asked about: five thousand vacancies and three years of referrals.

use actix_web::rt::System;
use diesel::connection::SimpleConnection;
use safehold::actions::{accounts, installation, organisations, services, units, vacancies};
use safehold::audit::{Change, Did, Event};
use safehold::auth::{Actor, password};
use safehold::clock::Clock;
use safehold::db::rules::{self, RuleSet};
use safehold::db::services::{self as stored, Service};
use safehold::db::{Conn, DatabaseUrl, Db, History};
use safehold::domain::eligibility::{Rules, Scope, Summary};
use safehold::domain::permission::{Kinds, OrganisationKind, Role, Roles};
use safehold::domain::provision::{AccommodationType, ServiceAttributes, UnitFacts};
use safehold::error::AppError;
use safehold::ids::{EventId, OrganisationId, ServiceId};
use safehold::settings::{Keys, Policy};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ids::{Kind, UNITS, UNITS_OF_SERVICE};

pub const PASSWORD: &str = "copper kettle umbrella monday";
pub const CASEWORKER: &str = "caseworker@bench.example";
pub const HELPLINE_MANAGER: &str = "helpline.manager@bench.example";
pub const SMALL_PROVIDER: &str = "small.provider@bench.example";
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

/// Fills a database that is migrated and empty.
pub fn fill(url: &DatabaseUrl, keys: Keys, conn: &mut Conn) {
    let db = Db::new(url.clone(), 1, Clock::default(), keys, Policy::default());
    System::new().block_on(async {
        db.check_keys().await.unwrap();
        db.load(people_and_services).await.unwrap();
    });
    let households: Vec<_> = [3, 0, 1, 2].into_iter().map(needs).collect();
    let households = Value::from(households).to_string().replace('\'', "''");
    conn.batch_execute(&format!("SET statement_timeout = 0; SET bench.needs = '{households}'")).unwrap();
    conn.batch_execute(include_str!("seed.sql")).unwrap();
    conn.batch_execute("VACUUM ANALYZE").unwrap();
    conn.batch_execute("CHECKPOINT").unwrap();
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

fn people_and_services(history: &mut History) -> Result<(), AppError> {
    safehold::db::installation::mark_demonstration(history.conn())?; // a password is enough to sign in
    let (at, operator) = (Clock::default().now(), installation::operator());
    let mut organisation = |name: &str, kind| -> Result<OrganisationId, AppError> {
        Ok(history.write(at, &operator, |tx| organisations::add(tx, name, Kinds(vec![kind])))?.id)
    };
    let provider = organisation("Provider", OrganisationKind::Provider)?;
    let helpline = organisation("Helpline", OrganisationKind::Referrer)?;
    let password_hash = password::hash(PASSWORD)?;
    for (email, organisation, role) in [
        (CASEWORKER, helpline, Role::Caseworker),
        (HELPLINE_MANAGER, helpline, Role::HelplineManager),
        (REFUGE_WORKER, provider, Role::RefugeWorker),
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

/// Adds a provider as most are, for its pages.
pub fn add_small_provider(url: &DatabaseUrl, keys: Keys) {
    let db = Db::new(url.clone(), 1, Clock::default(), keys, Policy::default());
    System::new().block_on(async { db.load(small_provider).await.unwrap() });
}

/// Three services, 45 units, all of them posted.
fn small_provider(history: &mut History) -> Result<(), AppError> {
    let (at, operator) = (Clock::default().now(), installation::operator());
    let kinds = Kinds(vec![OrganisationKind::Provider]);
    let organisation = history.write(at, &operator, |tx| organisations::add(tx, "Small provider", kinds))?.id;
    let new = accounts::New {
        organisation: Some(organisation),
        email: SMALL_PROVIDER.into(),
        name: "Refuge worker".into(),
        roles: Roles(vec![Role::RefugeWorker]),
        password_hash: password::hash(PASSWORD)?,
    };
    history.write(at, &operator, |tx| accounts::add(tx, &new))?;
    let worker = Actor { organisation, ..operator };
    let facts: UnitFacts = serde_json::from_value(json!({
        "bed_spaces": 3, "cots": 1, "step_free": false, "wheelchair": "none", "bathroom": "own", "kitchen": "shared",
        "floor": 1, "pets": false,
    }))
    .unwrap();
    for name in ["Alder", "Birch", "Cedar"] {
        let new = services::New {
            name: name.into(),
            name_confidential: false,
            accommodation_type: AccommodationType::Refuge,
            area: "E06000016".into(),
            attributes: ServiceAttributes::default(),
            rules: Rules(Vec::new()),
        };
        let service = history.write(at, &worker, |tx| services::add(tx, &new))?.service.id;
        for n in 1..=15 {
            let unit =
                history.write(at, &worker, |tx| units::add(tx, service, &format!("{name}{n}"), &facts, None))?.id;
            history.write(at, &worker, |tx| vacancies::post(tx, unit, None))?;
        }
    }
    Ok(())
}
