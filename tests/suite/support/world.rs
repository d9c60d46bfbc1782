//! A small world that every test starts from: two providers, two helplines, a council, and the people who work there.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use chrono::{DateTime, TimeDelta};
use safehold::actions::{accounts, installation, organisations, services, units};
use safehold::auth::Actor;
use safehold::clock::{At, Clock};
use safehold::db::accounts::Account;
use safehold::db::{DatabaseUrl, Db, History};
use safehold::domain::eligibility::Rules;
use safehold::domain::identity::Address;
use safehold::domain::permission::{Kinds, OrganisationKind, Role, Roles};
use safehold::domain::provision::{AccommodationType, Room, ServiceAttributes, UnitFacts, Wheelchair};
use safehold::error::AppError;
use safehold::ids::{OrganisationId, RequestId, ServiceId, UnitId};
use safehold::settings::{Keys, Policy};
use serde_json::{Value, json};

use super::secrecy::{CANARY_POSTCODE, CANARY_STREET};

/// Of every account.
pub const PASSWORD: &str = "copper kettle umbrella monday";
pub fn keys() -> Keys {
    Keys::of("test", &[7; 32], &[8; 32], &[9; 32])
}

/// The same keys, as they stand in a file.
pub fn key_file() -> String {
    let key = |byte: u8| BASE64.encode([byte; 32]);
    format!("name = \"test\"\nmaster = \"{}\"\naudit = \"{}\"\ntoken = \"{}\"\n", key(7), key(8), key(9))
}

/// When every test begins: a Wednesday, ten in the morning in England.
pub fn beginning() -> At {
    At::from("2026-04-01T09:00:00Z".parse::<DateTime<_>>().unwrap())
}

#[derive(Debug)]
pub struct World {
    pub provider: OrganisationId,
    pub other_provider: OrganisationId,
    pub helpline: OrganisationId,
    pub other_helpline: OrganisationId,
    /// Women, boys up to 14, shared; run by `provider` in Leicester. Two units: A1 with four beds, A2 with two.
    pub refuge: ServiceId,
    pub a1: UnitId,
    pub a2: UnitId,
    /// Self-contained homes for anybody; run by `other_provider` in Charnwood. One unit, D1.
    pub dispersed: ServiceId,
    pub d1: UnitId,
    accounts: Vec<Account>,
}

/// The people of the world, by what they are called in a test.
pub const PEOPLE: &[(&str, &str, &[Role])] = &[
    ("administrator", "Operator", &[Role::Administrator]),
    ("auditor", "Operator", &[Role::Auditor]),
    ("commissioner", "Council", &[Role::Commissioner]),
    ("refuge_worker", "Provider", &[Role::RefugeWorker]),
    ("refuge_manager", "Provider", &[Role::RefugeManager]),
    ("other_refuge_worker", "Other Provider", &[Role::RefugeWorker]),
    ("other_refuge_manager", "Other Provider", &[Role::RefugeManager]),
    ("caseworker", "Helpline", &[Role::Caseworker]),
    ("colleague", "Helpline", &[Role::Caseworker]),
    ("helpline_manager", "Helpline", &[Role::HelplineManager]),
    ("other_caseworker", "Other Helpline", &[Role::Caseworker]),
    ("other_helpline_manager", "Other Helpline", &[Role::HelplineManager]),
];

const ORGANISATIONS: &[(&str, OrganisationKind)] = &[
    ("Operator", OrganisationKind::Operator),
    ("Council", OrganisationKind::Commissioner),
    ("Provider", OrganisationKind::Provider),
    ("Other Provider", OrganisationKind::Provider),
    ("Helpline", OrganisationKind::Referrer),
    ("Other Helpline", OrganisationKind::Referrer),
];

impl World {
    pub async fn build(url: DatabaseUrl) -> Self {
        let clock = Clock::standing_at(beginning());
        let db = Db::new(url, 1, clock, keys(), Policy::default());
        db.check_keys().await.unwrap();
        db.load(|history| Self::write(history, beginning() - TimeDelta::days(1))).await.unwrap()
    }

    fn write(history: &mut History, at: At) -> Result<Self, AppError> {
        let operator = installation::operator();
        let password_hash = safehold::auth::password::hash(PASSWORD)?;
        let mut organisation_ids = Vec::new();
        for (name, kind) in ORGANISATIONS {
            let added = history.write(at, &operator, |tx| organisations::add(tx, name, Kinds(vec![*kind])))?;
            organisation_ids.push((*name, added.id));
        }
        let organisation = |name: &str| organisation_ids.iter().find(|(known, _)| *known == name).unwrap().1;
        let mut added = Vec::new();
        for (name, of, roles) in PEOPLE {
            let new = accounts::New {
                organisation: Some(organisation(of)),
                email: format!("{name}@example.org"),
                name: (*name).to_owned(),
                roles: Roles(roles.to_vec()),
                password_hash: password_hash.clone(),
            };
            added.push(history.write(at, &operator, |tx| accounts::add(tx, &new))?);
        }

        let manager = actor(added.iter().find(|account| account.name == "refuge_manager").unwrap());
        let other = actor(added.iter().find(|account| account.name == "other_refuge_manager").unwrap());
        let refuge = history.write(at, &manager, |tx| {
            services::add(
                tx,
                &services::New {
                    name: "Copper House".into(),
                    name_confidential: false,
                    accommodation_type: AccommodationType::Refuge,
                    area: "E06000016".into(),
                    attributes: ServiceAttributes::default(),
                    rules: rules(json!([
                        { "kind": "survivor_sex", "accepts": ["female"], "trans_people": "discuss" },
                        { "kind": "male_child_age", "shared": { "accepted_to": 14 }, "self_contained": { "accepted_to": 14 } },
                        { "kind": "nrpf", "policy": "case_by_case" },
                        { "kind": "pets", "policy": "not_accepted" },
                    ])),
                },
            )
        })?;
        let dispersed = history.write(at, &other, |tx| {
            services::add(
                tx,
                &services::New {
                    name: "Heron Homes".into(),
                    name_confidential: true,
                    accommodation_type: AccommodationType::DispersedRefugeLevel,
                    area: "E07000130".into(),
                    attributes: ServiceAttributes::default(),
                    rules: rules(
                        json!([{ "kind": "pets", "policy": "accepted" }, { "kind": "nrpf", "policy": "yes" }]),
                    ),
                },
            )
        })?;
        let mut unit = |actor: &Actor, service: ServiceId, code: &str, facts: UnitFacts| {
            let unit = history.write(at, actor, |tx| units::add(tx, service, code, &facts, None))?;
            let address = Address {
                lines: vec![CANARY_STREET.into(), "Leicester".into()],
                postcode: CANARY_POSTCODE.into(),
                directions: None,
            };
            history.write(at, actor, |tx| units::write_address(tx, unit.id, &address))?;
            Ok::<_, AppError>(unit.id)
        };
        let a1 = unit(&manager, refuge.service.id, "A1", facts(4, Room::Shared, false))?;
        let a2 = unit(&manager, refuge.service.id, "A2", facts(2, Room::Shared, false))?;
        let d1 = unit(&other, dispersed.service.id, "D1", facts(5, Room::Own, true))?;
        Ok(Self {
            provider: organisation("Provider"),
            other_provider: organisation("Other Provider"),
            helpline: organisation("Helpline"),
            other_helpline: organisation("Other Helpline"),
            refuge: refuge.service.id,
            a1,
            a2,
            dispersed: dispersed.service.id,
            d1,
            accounts: added,
        })
    }

    pub fn account(&self, name: &str) -> &Account {
        self.accounts.iter().find(|account| account.name == name).unwrap_or_else(|| panic!("nobody is called {name}"))
    }
}

/// Somebody of the world who acts past the API, and whose session does not matter.
pub fn actor(account: &Account) -> Actor {
    Actor {
        account: account.id,
        organisation: account.organisation_id,
        roles: account.roles.0.clone(),
        request: RequestId::new(),
        session: None,
    }
}

fn rules(rules: Value) -> Rules {
    serde_json::from_value(rules).unwrap()
}

fn facts(bed_spaces: i32, rooms: Room, pets: bool) -> UnitFacts {
    UnitFacts {
        bed_spaces,
        cots: 1,
        step_free: true,
        wheelchair: Wheelchair::None,
        bathroom: rooms,
        kitchen: rooms,
        floor: 0,
        pets,
    }
}
