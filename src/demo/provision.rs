//! Who works where, and what they run: the services as they were published, each unit at an invented address.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::PASSWORD;
use crate::actions::{accounts, organisations, services, units};
use crate::auth::{Actor, password};
use crate::clock::At;
use crate::db::{History, reference};
use crate::domain::eligibility::{Place, Rules};
use crate::domain::identity::Address;
use crate::domain::permission::{Kinds, Role, Roles};
use crate::domain::provision::{AccommodationType, ServiceAttributes, UnitFacts};
use crate::error::AppError;
use crate::ids::{OrganisationId, RequestId, ServiceId, UnitId};

const PROVISION: &str = include_str!("../../data/provision.json");

#[derive(Deserialize)]
struct Provision {
    organisations: Vec<Organisation>,
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Organisation {
    name: String,
    kinds: Kinds,
}

#[derive(Deserialize)]
struct Service {
    organisation: String,
    name: String,
    area: String,
    accommodation_type: AccommodationType,
    attributes: ServiceAttributes,
    units: Vec<Units>,
    rules: Rules,
}

/// Units that are alike.
#[derive(Deserialize)]
struct Units {
    count: usize,
    code_prefix: String,
    #[serde(flatten)]
    facts: UnitFacts,
}

/// Somebody who can sign in. The first of each role is the one that people are told of.
pub(super) struct Account {
    pub(super) organisation: &'static str,
    pub(super) role: Role,
    pub(super) name: &'static str,
    pub(super) email: &'static str,
}

const fn account(organisation: &'static str, role: Role, name: &'static str, email: &'static str) -> Account {
    Account { organisation, role, name, email }
}

/// Everybody. A provider's worker, or else its manager, does what its history says.
pub(super) const ACCOUNTS: &[Account] = &[
    account("Safehold Administration", Role::Administrator, "Ada Invented", "administrator@invented.example"),
    account("Safehold Administration", Role::Auditor, "Otto Invented", "auditor@invented.example"),
    account("Demonstration Council", Role::Commissioner, "Cora Invented", "commissioner@invented.example"),
    account("Demonstration Helpline", Role::HelplineManager, "Hana Invented", "helpline.manager@invented.example"),
    account("Demonstration Helpline", Role::Caseworker, "Carys Invented", "caseworker@invented.example"),
    account("Demonstration Helpline", Role::Caseworker, "Callum Invented", "caseworker.two@invented.example"),
    account("Demonstration Council", Role::Caseworker, "Hugo Invented", "housing@invented.example"),
    account("WALL", Role::RefugeManager, "Maud Invented", "refuge.manager@invented.example"),
    account("WALL", Role::RefugeWorker, "Wilma Invented", "refuge.worker@invented.example"),
    account("Panahghar", Role::RefugeManager, "Parveen Invented", "panahghar.manager@invented.example"),
    account("Panahghar", Role::RefugeWorker, "Pritti Invented", "panahghar.worker@invented.example"),
    account("Action Homeless", Role::RefugeManager, "Abena Invented", "action.homeless@invented.example"),
    account("Zinthiya Trust", Role::RefugeManager, "Zoe Invented", "zinthiya@invented.example"),
    account("247 Locks", Role::RefugeManager, "Lorcan Invented", "locks@invented.example"),
    account("Rutland Dispersed Homes", Role::RefugeManager, "Rosa Invented", "rutland@invented.example"),
];

/// A service that households can be referred to.
pub(super) struct Scheme {
    pub(super) id: ServiceId,
    pub(super) name: String,
    /// Its organisation, by its place in [`Provided::providers`].
    pub(super) provider: usize,
    pub(super) kind: AccommodationType,
    area: String,
    county: Option<String>,
    pub(super) rules: Rules,
}

impl Scheme {
    pub(super) fn place(&self) -> Place<'_> {
        Place { area: &self.area, county: self.county.as_deref() }
    }
}

/// A unit.
pub(super) struct Home {
    pub(super) id: UnitId,
    /// Its service, by its place in [`Provided::schemes`].
    pub(super) scheme: usize,
    pub(super) facts: UnitFacts,
}

/// A provider, and who acts for it.
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) worker: Actor,
}

/// What there is to make a history with.
pub(super) struct Provided {
    pub(super) providers: Vec<Provider>,
    pub(super) schemes: Vec<Scheme>,
    pub(super) homes: Vec<Home>,
    /// Of the helpline; the first is the one that people are told of.
    pub(super) caseworkers: Vec<Actor>,
    pub(super) administrator: Actor,
}

/// The same person, in another request.
pub(super) fn again(actor: &Actor) -> Actor {
    Actor { request: RequestId::new(), ..actor.clone() }
}

/// Adds organisations, accounts, services and units, all of them at one instant.
pub(super) fn provide(history: &mut History, at: At) -> Result<Provided, AppError> {
    let provision: Provision = serde_json::from_str(PROVISION).map_err(AppError::internal)?;
    let system = Actor { roles: vec![Role::Administrator], ..Actor::nobody(RequestId::new()) };
    let mut known = BTreeMap::new();
    for organisation in &provision.organisations {
        let added = history
            .write(at, &again(&system), |tx| organisations::add(tx, &organisation.name, organisation.kinds.clone()))?;
        known.insert(organisation.name.as_str(), added.id);
    }
    let people = add_accounts(history, at, &system, &known)?;

    let acting =
        |role: Role, organisation: &str| people.iter().find(|(of, actor)| *of == organisation && actor.has(role));
    let manager = |organisation: &str| {
        let found = acting(Role::RefugeManager, organisation).map(|(_, actor)| again(actor));
        found.ok_or_else(|| AppError::internal(format!("{organisation} has no manager")))
    };
    let of_role = |role| people.iter().filter(move |(_, actor)| actor.has(role)).map(|(_, actor)| actor.clone());
    let helpline = *known.get("Demonstration Helpline").ok_or_else(|| AppError::internal("no helpline"))?;
    let administrator = of_role(Role::Administrator).next().ok_or_else(|| AppError::internal("no administrator"))?;
    let mut all = Provided {
        providers: Vec::new(),
        schemes: Vec::new(),
        homes: Vec::new(),
        caseworkers: of_role(Role::Caseworker).filter(|actor| actor.organisation == helpline).collect(),
        administrator,
    };
    let counties: BTreeMap<_, _> =
        reference::areas(history.conn())?.into_iter().map(|area| (area.code, area.county)).collect();
    for service in provision.services {
        let manager = manager(&service.organisation)?;
        let provider = all.providers.iter().position(|known| known.name == service.organisation);
        let provider = provider.unwrap_or_else(|| {
            let worker = acting(Role::RefugeWorker, &service.organisation).map_or(&manager, |(_, actor)| actor);
            all.providers.push(Provider { name: service.organisation.clone(), worker: worker.clone() });
            all.providers.len() - 1
        });
        let new = services::New {
            name: service.name.clone(),
            name_confidential: false,
            accommodation_type: service.accommodation_type,
            area: service.area.clone(),
            attributes: service.attributes,
            rules: service.rules.clone(),
        };
        let added = history.write(at, &manager, |tx| services::add(tx, &new))?;
        if service.units.is_empty() {
            continue; // made safe at home: nobody is referred to a place there
        }
        let scheme = all.schemes.len();
        add_units(history, at, &manager, (added.service.id, scheme), &service.units, &mut all.homes)?;
        all.schemes.push(Scheme {
            id: added.service.id,
            name: service.name,
            provider,
            kind: service.accommodation_type,
            county: counties.get(&service.area).cloned().flatten(),
            area: service.area,
            rules: service.rules,
        });
    }
    Ok(all)
}

fn add_accounts(
    history: &mut History,
    at: At,
    system: &Actor,
    known: &BTreeMap<&str, OrganisationId>,
) -> Result<Vec<(&'static str, Actor)>, AppError> {
    let password_hash = password::hash(PASSWORD)?; // it takes a while, so all share it
    let mut people = Vec::new();
    for account in ACCOUNTS {
        let organisation = *known
            .get(account.organisation)
            .ok_or_else(|| AppError::internal(format!("there is no {}", account.organisation)))?;
        accounts::check_password(PASSWORD, account.email, account.name)?;
        let roles = vec![account.role];
        let new = accounts::New {
            organisation: Some(organisation),
            email: account.email.into(),
            name: account.name.into(),
            roles: Roles(roles.clone()),
            password_hash: password_hash.clone(),
        };
        let added = history.write(at, &again(system), |tx| accounts::add(tx, &new))?;
        let actor = Actor { account: added.id, organisation, roles, request: RequestId::new(), session: None };
        people.push((account.organisation, actor));
    }
    Ok(people)
}

/// Units of one service. Their codes run on over groups with one prefix.
fn add_units(
    history: &mut History,
    at: At,
    manager: &Actor,
    (service, scheme): (ServiceId, usize),
    groups: &[Units],
    homes: &mut Vec<Home>,
) -> Result<(), AppError> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for group in groups {
        for _ in 0..group.count {
            let number = numbers.entry(&group.code_prefix).or_default();
            *number += 1;
            let code = format!("{}{number}", group.code_prefix);
            let unit =
                history.write(at, &again(manager), |tx| units::add(tx, service, &code, &group.facts, Some(at)))?;
            let address = Address {
                lines: vec![format!("{} Invented Street", homes.len() + 1), "Nowhere".into()],
                postcode: "ZZ99 9ZZ".into(),
                directions: Some(format!("This address is invented. Ring the bell marked {code}.")),
            };
            history.write(at, &again(manager), |tx| units::write_address(tx, unit.id, &address))?;
            homes.push(Home { id: unit.id, scheme, facts: group.facts.clone() });
        }
    }
    Ok(())
}
