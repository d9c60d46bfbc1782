//! What the services are asked about: five thousand vacancies and three years of referrals.

use actix_web::rt::System;
use diesel::connection::SimpleConnection;
use safehold::actions::{accounts, installation, organisations, services, units, vacancies};
use safehold::auth::{Actor, password};
use safehold::clock::Clock;
use safehold::db::{Conn, DatabaseUrl, Db, History};
use safehold::domain::eligibility::Rules;
use safehold::domain::permission::{Kinds, OrganisationKind, Role, Roles};
use safehold::domain::provision::{AccommodationType, ServiceAttributes, UnitFacts};
use safehold::error::AppError;
use safehold::settings::{Keys, Policy};
use serde_json::{Value, json};

use crate::world::people::{self, PASSWORD, needs};

pub const SMALL_PROVIDER: &str = "small.provider@bench.example";

/// Fills a database that is migrated and empty.
pub fn fill(url: &DatabaseUrl, keys: Keys, conn: &mut Conn) {
    people::fill(url, keys);
    let households: Vec<_> = [3, 0, 1, 2].into_iter().map(needs).collect();
    let households = Value::from(households).to_string().replace('\'', "''");
    conn.batch_execute(&format!("SET statement_timeout = 0; SET bench.needs = '{households}'")).unwrap();
    conn.batch_execute(include_str!("seed.sql")).unwrap();
    conn.batch_execute("VACUUM ANALYZE").unwrap();
    conn.batch_execute("CHECKPOINT").unwrap();
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
