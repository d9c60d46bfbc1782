//! The people of an organisation and what they may do: for its managers, and of all organisations for administrators.

use std::collections::BTreeMap;

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::Answer;
use super::form::{Form, Posted, Wrong};
use super::page::{Done, Page};
use super::words;
use crate::actions;
use crate::actions::accounts::{Invited, scope};
use crate::actions::reassigning::{Work, work_of};
use crate::api::accounts::looks_like_email;
use crate::api::input::{Path, Query};
use crate::api::page::{DEFAULT_LIMIT, Page as Rows, after, one_more, unknown_cursor};
use crate::auth::Actor;
use crate::db;
use crate::db::accounts::{Account, Edit};
use crate::db::organisations::Organisation;
use crate::domain::permission::{Action, Role, Roles, may_give};
use crate::error::AppError;
use crate::ids::{AccountId, OrganisationId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(index)
        .service(ask_new)
        .service(add)
        .service(ask_edit)
        .service(edit)
        .service(invite_again)
        .service(send_reset)
        .service(remove_second_factor);
}

/// So many organisations are offered to choose from.
const ORGANISATIONS: i64 = 500;

/// How somebody stands in the list.
struct Person {
    account: Account,
    organisation: String,
    roles: String,
    /// Whether this is the reader.
    own: bool,
    /// Whether the reader may change them.
    editable: bool,
    second_factor: bool,
}

#[derive(Template)]
#[template(path = "accounts/index.html")]
struct List<'a> {
    page: &'a Page,
    people: Vec<Person>,
    next: Option<String>,
    every_organisation: bool,
    /// To choose one of them.
    organisations: Vec<(String, String)>,
    form: Form,
}

/// What a role is, and in which order it is shown.
fn described(role: Role) -> &'static str {
    match role {
        Role::RefugeWorker => "Refuge worker: posts vacancies, answers referrals, records arrivals and departures",
        Role::RefugeManager => "Refuge manager: all that, and services, rules, people and reports",
        Role::Caseworker => "Caseworker: opens cases, finds places, sends referrals",
        Role::HelplineManager => "Helpline manager: all that for every case, and people and reports",
        Role::Commissioner => "Commissioner: reads figures for an area",
        Role::Administrator => "Administrator: looks after organisations and people, reads no case",
        Role::Auditor => "Auditor: checks the record of who did what",
    }
}

/// The roles that somebody may give, each with what it is.
fn offered(actor: &Actor) -> Vec<(&'static str, &'static str)> {
    let given = Role::ALL.iter().filter(|role| may_give(&actor.roles, **role));
    given.map(|role| (role.as_str(), described(*role))).collect()
}

fn may_edit(actor: &Actor, account: &Account) -> bool {
    account.roles.0.iter().all(|role| may_give(&actor.roles, *role))
}

/// Which page of the list, and for an administrator, of which organisation.
#[derive(Deserialize, Validate)]
struct Shown {
    #[garde(length(max = 500))]
    cursor: Option<String>,
    #[garde(length(max = 36))]
    organisation: Option<String>,
}

#[get("/accounts")]
async fn index(page: Page, Query(shown): Query<Shown>) -> Answer {
    let (own, actor) = (scope(&page.actor), page.actor.clone());
    let chosen = shown.organisation.unwrap_or_default();
    let of = own.or(chosen.parse().ok().map(OrganisationId));
    let (limit, begin) = (DEFAULT_LIMIT, after(shown.cursor.as_deref())?);
    let (rows, organisations, enrolled) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let rows = db::accounts::page(conn, of, begin, one_more(limit))?;
            let ids: Vec<_> = rows.iter().map(|account| account.id).collect();
            Ok((rows, named(conn, &actor)?, db::second_factors::enrolled(conn, &ids)?))
        })
        .await
        .map_err(unknown_cursor)?;
    let rows = Rows::of(rows, limit, |account| account.id)?;
    let mut choices: Vec<_> = organisations.iter().map(|(id, name)| (id.0.to_string(), name.clone())).collect();
    choices.sort_by(|(_, one), (_, two)| one.cmp(two));
    let person = |account: Account| Person {
        organisation: organisations.get(&account.organisation_id).cloned().unwrap_or_default(),
        roles: account.roles.0.iter().map(|role| words::label(role.as_str())).collect::<Vec<_>>().join(", "),
        own: account.id == page.actor.account,
        editable: may_edit(&page.actor, &account),
        second_factor: enrolled.contains(&account.id),
        account,
    };
    page.show(&List {
        page: &page,
        people: rows.items.into_iter().map(person).collect(),
        next: rows.next.map(|cursor| format!("/accounts?organisation={chosen}&cursor={cursor}")),
        every_organisation: own.is_none(),
        organisations: choices,
        form: Form::new().with("organisation", of.map(|of| of.0.to_string()).unwrap_or_default()),
    })
}

fn named(conn: &mut db::Conn, actor: &Actor) -> Result<BTreeMap<OrganisationId, String>, AppError> {
    Ok(organisations(conn, actor)?.into_iter().map(|organisation| (organisation.id, organisation.name)).collect())
}

/// Those that the actor may add people to: all for an administrator, else the one that is theirs.
fn organisations(conn: &mut db::Conn, actor: &Actor) -> Result<Vec<Organisation>, AppError> {
    match scope(actor) {
        Some(own) => Ok(vec![db::organisations::find(conn, own)?]),
        None => db::organisations::page(conn, None, ORGANISATIONS),
    }
}

#[derive(Template)]
#[template(path = "accounts/new.html")]
struct Ask<'a> {
    page: &'a Page,
    form: &'a Form,
    roles: Vec<(&'static str, &'static str)>,
    /// For an administrator.
    organisations: Vec<(String, String)>,
}

async fn asking(page: &Page, form: &Form) -> Answer {
    let actor = page.actor.clone();
    let found = page.app.db.read(&page.actor, move |conn| organisations(conn, &actor)).await?;
    let organisations = if scope(&page.actor).is_some() {
        Vec::new()
    } else {
        let active = found.into_iter().filter(|organisation| organisation.active);
        active.map(|organisation| (organisation.id.0.to_string(), organisation.name)).collect()
    };
    page.show_form(form, &Ask { page, form, roles: offered(&page.actor), organisations })
}

#[get("/accounts/new")]
async fn ask_new(page: Page, request: actix_web::HttpRequest) -> Answer {
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    let chosen = query.into_owned().find(|(name, _)| name == "organisation").map(|(_, id)| id);
    asking(&page, &Form::new().with_some("organisation", chosen)).await
}

#[post("/accounts/new")]
async fn add(page: Page, posted: Posted) -> Answer {
    let deed = async {
        let new = read_new(&page.actor, &posted)?;
        let once = page.once(&posted);
        page.app
            .db
            .write_once(&page.actor, once, move |tx| Ok(actions::accounts::invite(tx, &new)?.map(|account| account.id)))
            .await
    };
    match page.act(&posted, deed).await? {
        Ok(_) => page.go("/accounts", Done::AccountAdded),
        Err(form) => asking(&page, &form).await,
    }
}

/// What was typed.
fn read_new(actor: &Actor, posted: &Posted) -> Result<Invited, AppError> {
    let mut wrong = Wrong::default();
    let (email, name) = (posted.get("email").to_owned(), posted.get("name").to_owned());
    check_name(&mut wrong, &name);
    if email.chars().count() > 254 || looks_like_email(&email, &()).is_err() {
        wrong.note("email", "Enter an e-mail address, like name@example.org");
    }
    let roles = wrong.take(read_roles(posted))?;
    let organisation = if scope(actor).is_none() {
        let id = posted.parse::<uuid::Uuid>("organisation", "Choose the organisation that they work for");
        wrong.take(id)?.map(OrganisationId)
    } else {
        None
    };
    wrong.check()?;
    let roles = roles.ok_or_else(|| AppError::internal("roles that are not there were not noticed"))?;
    Ok(Invited { organisation, email, name, roles })
}

fn check_name(wrong: &mut Wrong, name: &str) {
    match name.chars().count() {
        0 => wrong.note("name", "Enter their name"),
        1..=120 => {}
        _ => wrong.note("name", "Enter a name of at most 120 letters"),
    }
}

fn read_roles(posted: &Posted) -> Result<Roles, AppError> {
    let message = "Choose what they do. Choose at least one";
    let wrong = || super::form::missing("roles", message);
    let roles = posted.all("roles").iter().map(|word| word.parse()).collect::<Result<Vec<Role>, _>>();
    let roles = Roles(roles.map_err(|_| wrong())?);
    if roles.validate().is_ok() { Ok(roles) } else { Err(wrong()) }
}

#[derive(Template)]
#[template(path = "accounts/edit.html")]
struct AskEdit<'a> {
    page: &'a Page,
    form: &'a Form,
    account: &'a Account,
    organisation: &'a str,
    second_factor: bool,
    roles: Vec<(&'static str, &'static str)>,
    own: bool,
    /// What waits for them, for who may give it to others.
    work: &'a Option<Work>,
}

impl AskEdit<'_> {
    /// Where a form about this account is sent to.
    fn deed(&self, deed: &str) -> String {
        format!("/accounts/{}/{deed}", self.account.id.0)
    }
}

/// An account, and what there is to say of it.
struct Found {
    work: Option<Work>,
    account: Account,
    organisation: String,
    second_factor: bool,
}

async fn found(page: &Page, id: AccountId) -> Result<Found, AppError> {
    let (scope, actor) = (scope(&page.actor), page.actor.clone());
    let found = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let account = db::accounts::find(conn, scope, id)?;
            let organisation = db::organisations::find(conn, account.organisation_id)?.name;
            let second_factor = db::second_factors::confirmed(conn, id)?.is_some();
            let reassigns = actor.may(Action::ReassignWork) && account.organisation_id == actor.organisation;
            let work = if reassigns { Some(work_of(conn, &actor, id)?) } else { None };
            Ok(Found { work, account, organisation, second_factor })
        })
        .await?;
    if may_edit(&page.actor, &found.account) { Ok(found) } else { Err(AppError::Forbidden) }
}

fn show_edit(page: &Page, form: &Form, found: &Found) -> Answer {
    let Found { work, account, organisation, second_factor } = found;
    let (own, roles) = (account.id == page.actor.account, offered(&page.actor));
    page.show_form(
        form,
        &AskEdit { page, form, account, organisation, second_factor: *second_factor, roles, own, work },
    )
}

/// The form with what is stored in it.
fn as_it_is(account: &Account) -> Form {
    let active = if account.active { "yes" } else { "no" };
    let form = Form::new().with("name", &account.name).with("version", account.version).with("active", active);
    account.roles.0.iter().fold(form, |form, role| form.with("roles", role.as_str()))
}

#[get("/accounts/{id}")]
async fn ask_edit(page: Page, Path(id): Path<AccountId>) -> Answer {
    let found = found(&page, id).await?;
    show_edit(&page, &as_it_is(&found.account), &found)
}

#[post("/accounts/{id}")]
async fn edit(page: Page, Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let account = found(&page, id).await?.account;
    let own = id == page.actor.account;
    let deed = async {
        let mut wrong = Wrong::default();
        let name = posted.get("name").to_owned();
        check_name(&mut wrong, &name);
        let version = wrong.take(posted.parse("version", "Reload the page"))?.unwrap_or_default();
        // One's own role and access are for somebody else to change.
        let roles = if own { None } else { wrong.take(read_roles(&posted))? };
        let active = match posted.get("active") {
            _ if own => None,
            "yes" => Some(true),
            "no" => Some(false),
            _ => {
                wrong.note("active", "Say whether they can sign in");
                None
            }
        };
        wrong.check()?;
        let roles = roles.filter(|roles| !same(roles, &account.roles));
        let edit = Edit { name: Some(name), roles, active };
        page.app.db.write(&page.actor, move |tx| Ok(actions::accounts::edit(tx, id, version, &edit)?.map(|_| ()))).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/accounts", Done::AccountSaved),
        Err(form) => {
            let found = found(&page, id).await?;
            show_edit(&page, &form.renewed(found.account.version), &found)
        }
    }
}

/// Back to the account after a deed, or with what stood in its way.
async fn done(page: &Page, id: AccountId, outcome: Result<Result<(), Form>, AppError>, done: Done) -> Answer {
    match outcome? {
        Ok(()) => page.go(&format!("/accounts/{}", id.0), done),
        Err(form) => {
            let found = found(page, id).await?;
            let form = as_it_is(&found.account).and(form);
            show_edit(page, &form, &found)
        }
    }
}

#[post("/accounts/{id}/invitation")]
async fn invite_again(page: Page, Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let once = page.once(&posted);
    let deed = page.app.db.write_once(&page.actor, once, move |tx| actions::links::invite_again(tx, id));
    let outcome = page.act(&posted, deed).await;
    done(&page, id, outcome, Done::InvitationSent).await
}

#[post("/accounts/{id}/reset")]
async fn send_reset(page: Page, Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let once = page.once(&posted);
    let deed = page.app.db.write_once(&page.actor, once, move |tx| actions::links::send_reset(tx, id));
    let outcome = page.act(&posted, deed).await;
    done(&page, id, outcome, Done::ResetSent).await
}

/// For somebody who has lost the phone.
#[post("/accounts/{id}/second-factor/remove")]
async fn remove_second_factor(page: Page, Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let deed = page.app.db.write(&page.actor, move |tx| actions::second_factor::remove(tx, id));
    let outcome = page.act(&posted, deed).await;
    done(&page, id, outcome, Done::SecondFactorRemoved).await
}

/// Whether these are the same roles, in whatever order: then nobody has to be signed out.
fn same(one: &Roles, two: &Roles) -> bool {
    one.0.len() == two.0.len() && one.0.iter().all(|role| two.0.contains(role))
}
