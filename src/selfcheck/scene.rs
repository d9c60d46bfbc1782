//! A small world of its own in which a check acts: one organisation that is everything, somebody in every role, one home,
//! one household. It is made before and taken away after; only the audit remembers.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::canary::Canaries;
use super::client::{Answer, Caller};
use crate::actions::installation::operator;
use crate::actions::sessions::{Attempt, start, start_pages};
use crate::actions::{accounts, organisations};
use crate::audit::{Change, Did, Event};
use crate::auth::{Actor, password};
use crate::db::accounts::Account;
use crate::db::organisations::Organisation;
use crate::db::{Db, Tx, accounts as stored, organisations as known, selfcheck, vault};
use crate::domain::permission::{Kinds, OrganisationKind, Role, Roles};
use crate::error::AppError;
use crate::ids::{OrganisationId, RequestId, random};
use crate::settings::{Keys, Policy};

/// What the organisation is called. It stays behind, closed, so that the audit can say who it was.
const ORGANISATION: &str = "Safehold selfcheck (not a real organisation)";
const SERVICE: &str = "Selfcheck: not a real service";
const DEVICE: &str = "Selfcheck";
/// So old is the invented survivor. The service takes nobody younger: no real household is ever offered its home.
const AGE: u8 = 120;

/// Somebody of the scene.
pub struct Person {
    pub role: Role,
    /// By the API.
    pub api: Caller,
    /// At a browser.
    pub pages: Caller,
}

/// The organisation of the scene and its people.
pub struct Company {
    pub organisation: OrganisationId,
    /// One of the accounts.
    pub account: String,
    pub people: Vec<Person>,
    /// Somebody whose second factor is still to come.
    pub half_in: Caller,
}

/// The scene, and the ids of what is in it.
pub struct Scene {
    pub organisation: OrganisationId,
    pub people: Vec<Person>,
    pub account: String,
    pub service: String,
    pub unit: String,
    pub vacancy: String,
    pub case: String,
    pub reference: String,
    pub referral: String,
    pub placement: String,
}

/// Something that was done over HTTP: what, and the answer.
pub type Deed = (String, Answer);

/// Makes the organisation and its people, with the keys of the operator; opens it again if there has been a check before.
///
/// # Errors
/// When the database fails.
pub async fn people(db: &Db, keys: &Keys, server: &str) -> Result<Company, AppError> {
    let organisation = db.write(&operator(), open_organisation).await?.id;
    let mut people = Vec::new();
    let mut first = String::new();
    let mut half_in = Caller::stranger(server);
    for role in Role::ALL {
        // Nobody knows it: nobody ever signs in with it.
        let password_hash = password::hash_aside(format!("{:x?}", random::<32>())).await?;
        let account = db.write(&operator(), move |tx| open_account(tx, organisation, *role, &password_hash)).await?;
        first = account.id.0.to_string();
        if *role == Role::Caseworker {
            half_in = session(db, keys, server, account.clone(), true).await?.0;
        }
        let (api, pages) = session(db, keys, server, account, false).await?;
        people.push(Person { role: *role, api, pages });
    }
    Ok(Company { organisation, account: first, people, half_in })
}

/// A session without a password, for the API and at a browser: the keys of the installation are proof enough. With
/// `half_in` its second factor is still to come.
async fn session(
    db: &Db,
    keys: &Keys,
    server: &str,
    account: Account,
    half_in: bool,
) -> Result<(Caller, Caller), AppError> {
    let actor = Actor {
        account: account.id,
        organisation: account.organisation_id,
        roles: account.roles.0.clone(),
        request: RequestId::new(),
        session: None,
    };
    let db = db.clone().under(Policy { second_factor: half_in, ..Policy::default() });
    let attempt = Attempt::new(&keys.token, &account.email, "selfcheck");
    let (who, trying) = (account.clone(), attempt.clone());
    let tokens = db.write(&actor, move |tx| start(tx, &trying, &who, DEVICE)).await?;
    let mut ticket = db.write(&actor, move |tx| start_pages(tx, &attempt, &account, DEVICE)).await?;
    ticket.page.exp -= TimeDelta::minutes(2).num_seconds(); // so that its first use hands out a fresh cookie to look at
    let stranger = Caller::stranger(server);
    let ticket = keys.token.issue_ticket(&ticket)?;
    Ok((stranger.with_token(&tokens.access_token), stranger.with_ticket(&ticket)))
}

fn open_organisation(tx: &mut Tx) -> Result<Change<Organisation>, AppError> {
    use OrganisationKind::{Commissioner, Operator, Provider, Referrer};
    let Some(id) = known::with_name(tx, ORGANISATION)? else {
        return organisations::add(tx, ORGANISATION, Kinds(vec![Provider, Referrer, Commissioner, Operator]));
    };
    // What an earlier check left behind because it was interrupted.
    selfcheck::erase(tx, id)?;
    let before = known::find(tx, id)?;
    let edit = known::Edit { name: None, kinds: None, active: Some(true) };
    let opened = organisations::edit(tx, id, before.version, &edit)?;
    vault::add_key(tx, id)?;
    Ok(opened)
}

fn open_account(tx: &mut Tx, of: OrganisationId, role: Role, hash: &str) -> Result<Change<Account>, AppError> {
    let email = format!("{}@selfcheck.invalid", role.as_str().replace('_', "-"));
    let Some((found, _)) = stored::with_email(tx, &email)? else {
        let new = accounts::New {
            organisation: Some(of),
            email,
            name: format!("Selfcheck, {}", role.plain()),
            roles: Roles(vec![role]),
            password_hash: hash.to_owned(),
        };
        return accounts::add(tx, &new);
    };
    if found.organisation_id != of {
        return Err(AppError::internal(format!("{email} belongs to another organisation")));
    }
    let edit = stored::Edit { name: None, roles: None, active: Some(true) };
    accounts::edit(tx, found.id, found.version, &edit)
}

/// Does the main job over HTTP, up to the household's arrival, with canaries wherever a name or a place is typed in.
///
/// # Errors
/// What was refused, in words.
pub fn play(company: Company, canaries: &Canaries) -> Result<(Scene, Vec<Deed>), String> {
    let Company { organisation, account, people, .. } = company;
    let mut deeds = Vec::new();
    let mut go = |role: Role, method: &str, path: &str, body: Value| -> Result<Value, String> {
        let path = format!("/api/v1{path}");
        let who = people.iter().find(|person| person.role == role).ok_or("nobody has this role")?;
        let answer =
            who.api.send(method, &path, &[("if-match", "\"1\"")], Some(&body).filter(|body| !body.is_null()))?;
        let (said, success, status) = (answer.json(), answer.is_success(), answer.status);
        deeds.push((format!("{method} {path}"), answer));
        if success { Ok(said) } else { Err(format!("{method} {path} answered {status} {}", said["type"])) }
    };
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let (manager, refuge, helpline) = (Role::RefugeManager, Role::RefugeWorker, Role::Caseworker);

    let areas = go(helpline, "GET", "/areas", Value::Null)?;
    let districts = areas["items"].as_array().or(areas.as_array()).cloned().unwrap_or_default();
    let area = districts.iter().map(|area| text(area, "code")).find(|code| code.starts_with("E0"));
    let area = area.ok_or("there is no area to put a service in")?;
    let sources = go(helpline, "GET", "/reference/referral_source", Value::Null)?;
    let source = sources["items"].as_array().or(sources.as_array()).and_then(|all| all.first().cloned());
    let source = source.map(|code| text(&code, "code")).ok_or("there is no referral source")?;

    let service = json!({
        "name": SERVICE, "name_confidential": true, "accommodation_type": "refuge", "area": area,
        "rules": [{ "kind": "survivor_age", "min": AGE }],
    });
    let service = text(&go(manager, "POST", "/services", service)?, "id");
    let facts = json!({ "bed_spaces": 1, "cots": 0, "step_free": true, "wheelchair": "none", "bathroom": "own",
        "kitchen": "own", "floor": 0, "pets": false });
    let unit = go(manager, "POST", &format!("/services/{service}/units"), json!({ "code": "S1", "facts": facts }))?;
    let unit = text(&unit, "id");
    let address = json!({ "lines": [canaries.street()], "postcode": "ZZ99 9ZZ" });
    go(manager, "PUT", &format!("/units/{unit}/address"), address)?;
    let vacancy = text(&go(refuge, "POST", "/vacancies", json!({ "unit_id": unit }))?, "id");

    let household = json!({
        "referral_source": source,
        "needs": {
            "members": [{ "role": "survivor", "age": AGE, "sex": "female", "gender_same_as_birth": "yes" }],
            "household_complete": "yes", "pregnant": "no", "pets": [], "access_need": "none",
            "recourse_to_public_funds": "yes", "funding": "housing_benefit",
        },
        "identity": { "people": [{ "name": canaries.name() }], "safe_contact": { "code_word": canaries.street() } },
    });
    let case = go(helpline, "POST", "/cases", household)?;
    let (case, reference) = (text(&case, "id"), text(&case, "reference"));
    go(helpline, "GET", &format!("/cases/{case}/matches?limit=200"), Value::Null)?;
    go(helpline, "POST", &format!("/cases/{case}/holds"), json!({ "vacancy_id": vacancy }))?;
    let asked = json!({ "vacancy_id": vacancy, "agreed_with_provider": true, "note": canaries.name() });
    let referral = text(&go(helpline, "POST", &format!("/cases/{case}/referrals"), asked)?, "id");
    let accepted = go(refuge, "POST", &format!("/referrals/{referral}/accept"), json!({}))?;
    let placement = text(&accepted, "placement_id");
    go(refuge, "POST", &format!("/placements/{placement}/arrive"), json!({}))?;
    Ok((Scene { organisation, people, account, service, unit, vacancy, case, reference, referral, placement }, deeds))
}

/// The organisation of a check, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn of_before(db: &Db) -> Result<Option<OrganisationId>, AppError> {
    db.read(&operator(), |conn| known::with_name(conn, ORGANISATION)).await
}

/// Takes the scene away again; says what stayed.
///
/// # Errors
/// When even erasing fails.
pub async fn clear(db: &Db, of: OrganisationId) -> Result<String, AppError> {
    let event = move |fields: &'static str| Event::new(Did::InstallationChecked, of.0).fields([fields]);
    db.write(&operator(), move |tx| Ok(Change::new(selfcheck::erase(tx, of)?, event("erased")))).await?;
    let removed = db.write(&operator(), move |tx| Ok(Change::new(selfcheck::remove(tx, of)?, event("removed")))).await;
    Ok(match removed {
        Ok(()) => "case, referral, stay, home and service are removed; its people and organisation stay, closed, for \
                   the audit speaks of them"
            .into(),
        Err(error) => {
            tracing::warn!(%error, "rows of the check stay");
            "names and address are erased and everything is closed; case, referral, home and service stay, for \
             something refers to them"
                .into()
        }
    })
}
