//! Keeping a case from people who know somebody involved: naming them, and saying so oneself.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use uuid::Uuid;

use super::Answer;
use super::form::{Form, Posted, Wrong, missing};
use super::page::{Done, Page};
use crate::actions::exclusions::{self, Of};
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::db::cases::Scope;
use crate::domain::exclusion::Kind;
use crate::domain::permission::Action;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, ExclusionId, ReferralId};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(ask_restrict_case)
        .service(restrict_case)
        .service(lift_case)
        .service(ask_conflict_case)
        .service(conflict_case)
        .service(ask_restrict_referral)
        .service(restrict_referral)
        .service(lift_referral)
        .service(ask_conflict_referral)
        .service(conflict_referral);
}

/// An organisation has fewer people than these.
const MOST: i64 = 1000;

/// What it is about, in words and as a path.
struct About {
    /// "case C-7K4M-P2XD".
    what: String,
    /// "/cases/…".
    path: String,
    /// Whether it is the reader's own case, and who could take it over.
    owned: bool,
    heirs: Vec<(String, String)>,
    /// People of the organisation who could be named.
    colleagues: Vec<(String, String)>,
    /// By id, everybody of the organisation.
    names: Vec<(AccountId, String)>,
}

impl About {
    fn name(&self, id: AccountId) -> &str {
        self.names.iter().find(|(known, _)| *known == id).map_or("somebody", |(_, name)| name)
    }
}

async fn about(page: &Page, of: Of) -> Result<About, AppError> {
    let actor = page.actor.clone();
    let read = move |conn: &mut db::Conn| {
        let (case, what, path) = match of {
            Of::Case(id) => {
                let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
                let what = format!("case {}", case.reference);
                (case, what, format!("/cases/{}", id.0))
            }
            Of::Referral(id) => {
                let (seen, _) = db::referrals::find_for(conn, &actor, id)?;
                let what = format!("referral {}", seen.referral.reference);
                (crate::actions::referrals::case_of(conn, &seen)?, what, format!("/referrals/{}", id.0))
            }
        };
        let owned = case.owner_id == actor.account;
        let (mut heirs, mut colleagues, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for account in db::accounts::page(conn, Some(actor.organisation), None, MOST)? {
            names.push((account.id, account.name.clone()));
            if account.id == actor.account || db::exclusions::excluded(conn, case.id, account.id)? {
                continue;
            }
            let option = (account.id.0.to_string(), account.name);
            if owned && db::cases::can_own(conn, account.id, actor.organisation)? {
                heirs.push(option.clone());
            }
            if account.id != case.owner_id {
                colleagues.push(option);
            }
        }
        Ok(About { what, path, owned, heirs, colleagues, names })
    };
    page.app.db.read(&page.actor, read).await
}

struct Row {
    id: Uuid,
    name: String,
    /// "said so" or "was named by Mina".
    how: String,
    reason: String,
    since: At,
    liftable: bool,
}

#[derive(Template)]
#[template(path = "exclusions/restrict.html")]
struct Restrict<'a> {
    page: &'a Page,
    form: Form,
    subject: About,
    rows: Vec<Row>,
}

async fn show_restrict(page: &Page, of: Of, form: Form) -> Answer {
    let about = about(page, of).await?;
    let found = page.app.db.write(&page.actor, move |tx| exclusions::list(tx, of)).await?;
    let manager = page.may(Action::SeeEveryCase) || page.may(Action::RestrictReferrals);
    let row = |(row, reason): (db::exclusions::Exclusion, String)| Row {
        id: row.id.0,
        name: about.name(row.account_id).to_owned(),
        how: match row.kind {
            Kind::Declared => "Knows somebody involved, and said so".into(),
            Kind::Named => format!("Named by {}", about.name(row.by_account)),
        },
        reason,
        since: row.since,
        liftable: row.account_id != page.actor.account && (manager || row.kind == Kind::Named),
    };
    let rows = found.into_iter().map(row).collect();
    page.show_form(&form.clone(), &Restrict { page, form, subject: about, rows })
}

fn reason(posted: &Posted) -> Result<String, AppError> {
    match posted.some("reason") {
        None => Err(missing("reason", "Say why, in a few words")),
        Some(long) if long.chars().count() > 500 => Err(missing("reason", "Write 500 letters or fewer")),
        Some(reason) => Ok(reason),
    }
}

async fn restrict(page: &Page, of: Of, posted: &Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let account: Option<Uuid> = wrong.take(posted.parse("account_id", "Select who must not see it"))?;
        let reason = wrong.take(reason(posted))?;
        wrong.check()?;
        let (Some(account), Some(reason)) = (account, reason) else { return Err(AppError::NotFound) };
        let name = move |tx: &mut db::Tx| Ok(exclusions::name(tx, of, AccountId(account), &reason)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(posted), name).await
    };
    match page.act(posted, deed).await? {
        Ok(()) => page.go(&format!("{}/restrict", path(of)), Done::Restricted),
        Err(form) => show_restrict(page, of, form).await,
    }
}

async fn lift(page: &Page, of: Of, id: ExclusionId, posted: &Posted) -> Answer {
    let deed = page.app.db.write_once(&page.actor, page.once(posted), move |tx| exclusions::lift(tx, of, id));
    match page.act(posted, deed).await? {
        Ok(()) => page.go(&format!("{}/restrict", path(of)), Done::RestrictionLifted),
        Err(form) => show_restrict(page, of, form).await,
    }
}

fn path(of: Of) -> String {
    match of {
        Of::Case(id) => format!("/cases/{}", id.0),
        Of::Referral(id) => format!("/referrals/{}", id.0),
    }
}

#[derive(Template)]
#[template(path = "exclusions/conflict.html")]
struct Conflict<'a> {
    page: &'a Page,
    form: Form,
    subject: About,
}

async fn show_conflict(page: &Page, of: Of, form: Form) -> Answer {
    let about = about(page, of).await?;
    page.show_form(&form.clone(), &Conflict { page, form, subject: about })
}

async fn declare(page: &Page, of: Of, posted: &Posted) -> Answer {
    let deed = async {
        let reason = reason(posted)?;
        let to: Option<Uuid> = posted.maybe("account_id", "Select a colleague")?;
        let declare = move |tx: &mut db::Tx| exclusions::declare(tx, of, &reason, to.map(AccountId));
        page.app.db.write_once(&page.actor, page.once(posted), declare).await
    };
    match page.act(posted, deed).await? {
        Ok(()) => page.go(if page.may(Action::WorkCases) { "/find" } else { "/referrals" }, Done::ConflictDeclared),
        Err(form) => show_conflict(page, of, form).await,
    }
}

#[get("/cases/{id}/restrict")]
async fn ask_restrict_case(page: Page, Path(id): Path<CaseId>) -> Answer {
    show_restrict(&page, Of::Case(id), Form::new()).await
}

#[post("/cases/{id}/restrict")]
async fn restrict_case(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    restrict(&page, Of::Case(id), &posted).await
}

#[post("/cases/{id}/restrict/{exclusion}/lift")]
async fn lift_case(page: Page, Path((id, exclusion)): Path<(CaseId, ExclusionId)>, posted: Posted) -> Answer {
    lift(&page, Of::Case(id), exclusion, &posted).await
}

#[get("/cases/{id}/conflict")]
async fn ask_conflict_case(page: Page, Path(id): Path<CaseId>) -> Answer {
    show_conflict(&page, Of::Case(id), Form::new()).await
}

#[post("/cases/{id}/conflict")]
async fn conflict_case(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    declare(&page, Of::Case(id), &posted).await
}

#[get("/referrals/{id}/restrict")]
async fn ask_restrict_referral(page: Page, Path(id): Path<ReferralId>) -> Answer {
    show_restrict(&page, Of::Referral(id), Form::new()).await
}

#[post("/referrals/{id}/restrict")]
async fn restrict_referral(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    restrict(&page, Of::Referral(id), &posted).await
}

#[post("/referrals/{id}/restrict/{exclusion}/lift")]
async fn lift_referral(page: Page, Path((id, exclusion)): Path<(ReferralId, ExclusionId)>, posted: Posted) -> Answer {
    lift(&page, Of::Referral(id), exclusion, &posted).await
}

#[get("/referrals/{id}/conflict")]
async fn ask_conflict_referral(page: Page, Path(id): Path<ReferralId>) -> Answer {
    show_conflict(&page, Of::Referral(id), Form::new()).await
}

#[post("/referrals/{id}/conflict")]
async fn conflict_referral(page: Page, Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    declare(&page, Of::Referral(id), &posted).await
}
