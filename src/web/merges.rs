//! Two cases of one household: side by side, brought together, and taken apart again.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::Answer;
use super::cases::{Lists, known, shown};
use super::form::{Form, Posted, Wrong, missing};
use super::household::UNKNOWN;
use super::page::{Done, Page};
use crate::actions;
use crate::api::input::{Path, Query};
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::Conn;
use crate::db::cases::{Case, Scope};
use crate::domain::case::State;
use crate::domain::merge::{Reason, Side, may_fold};
use crate::domain::permission::Action;
use crate::error::AppError;
use crate::ids::{CaseId, is_reference};

pub fn routes(config: &mut ServiceConfig) {
    config.service(side_by_side).service(put_together).service(take_apart);
}

/// Another case that this one is brought together with.
pub struct Other {
    pub id: CaseId,
    /// None where it is not the reader's to see.
    pub reference: Option<String>,
    pub merged_at: At,
    pub may_undo: bool,
}

/// With what a case is brought together now.
#[derive(Default)]
pub struct Merged {
    /// What it is folded into.
    pub into: Option<Other>,
    /// What is folded into it.
    pub folded: Vec<Other>,
}

impl Merged {
    /// # Errors
    /// When the database fails.
    pub fn of(conn: &mut Conn, actor: &Actor, id: CaseId) -> Result<Self, AppError> {
        let into = match db::merges::of_folded(conn, id)? {
            Some(merge) => Some(other(conn, actor, &merge, merge.kept_id)?),
            None => None,
        };
        let mut folded = Vec::new();
        for merge in db::merges::of_kept(conn, id)? {
            folded.push(other(conn, actor, &merge, merge.folded_id)?);
        }
        Ok(Self { into, folded })
    }
}

fn other(conn: &mut Conn, actor: &Actor, merge: &db::merges::Merge, id: CaseId) -> Result<Other, AppError> {
    let reference = match db::cases::find_in(conn, Scope::of(actor), id) {
        Ok(case) => Some(case.reference),
        Err(AppError::NotFound) => None,
        Err(error) => return Err(error),
    };
    let may_undo = merge.merged_by == actor.account || actor.may(Action::SeeEveryCase);
    Ok(Other { id, reference, merged_at: merge.merged_at, may_undo })
}

/// What is put side by side: the question, and what each case says.
struct Difference {
    question: String,
    this: String,
    other: String,
}

/// Two cases side by side.
struct Pair {
    other: Case,
    differences: Vec<Difference>,
    alike: usize,
    /// Which of them may be kept, as (value, words).
    keep: Vec<(&'static str, String)>,
    /// Why neither may be.
    refusal: Option<String>,
}

#[derive(Template)]
#[template(path = "merges/compare.html")]
struct Compare<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    pair: Option<Pair>,
    reasons: Vec<(&'static str, &'static str)>,
}

#[derive(Debug, Default, Deserialize, Validate)]
#[garde(allow_unvalidated)]
struct With {
    /// The other case.
    with: Option<CaseId>,
    #[garde(length(max = 40))]
    reference: Option<String>,
}

#[get("/cases/{id}/merge")]
async fn side_by_side(page: Page, Path(id): Path<CaseId>, Query(With { with, reference }): Query<With>) -> Answer {
    let mut form = Form::new();
    let mut other = with;
    if let Some(typed) = reference {
        let typed = typed.trim().to_uppercase();
        form = form.with("reference", &typed);
        match named(&page, id, &typed).await {
            Ok(found) => other = Some(found),
            Err(AppError::Invalid(fields)) => form = form.wrong(fields),
            Err(error) => return Err(error),
        }
    }
    show(&page, id, other, form).await
}

/// The other case, by its reference.
async fn named(page: &Page, id: CaseId, reference: &str) -> Result<CaseId, AppError> {
    let message = "No case of yours has this reference. It looks like C-7K4M-P2XD: check each letter";
    if !is_reference(reference) {
        return Err(missing("reference", message));
    }
    let (scope, wanted) = (Scope::of(&page.actor), reference.to_owned());
    match page.app.db.read(&page.actor, move |conn| db::cases::with_reference(conn, scope, &wanted)).await {
        Ok(found) if found == id => Err(missing("reference", "This is the same case. Enter the other one")),
        Err(AppError::NotFound) => Err(missing("reference", message)),
        found => found,
    }
}

async fn show(page: &Page, id: CaseId, other: Option<CaseId>, form: Form) -> Answer {
    let (actor, now) = (page.actor.clone(), page.now);
    let read = move |conn: &mut Conn| {
        let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
        let pair = match other.filter(|other| *other != id) {
            Some(other) => {
                let other = db::cases::find_in(conn, Scope::of(&actor), other)?;
                Some(pair(conn, &case, other, now)?)
            }
            None => None,
        };
        Ok((case, pair))
    };
    let (case, pair) = page.app.db.read(&page.actor, read).await?;
    let reasons = Reason::ALL.iter().map(|reason| (reason.as_str(), reason.text())).collect();
    page.show_form(&form.clone(), &Compare { page, form, case, pair, reasons })
}

fn pair(conn: &mut Conn, case: &Case, other: Case, now: At) -> Result<Pair, AppError> {
    let lists = Lists::load(conn)?;
    let sides = (actions::merges::side(conn, case, now)?, actions::merges::side(conn, &other, now)?);
    let mut rows = about(case, sides.0, db::cases::has_identity(conn, case.id)?, now)
        .into_iter()
        .zip(about(&other, sides.1, db::cases::has_identity(conn, other.id)?, now))
        .map(|((question, this), (_, other))| Difference { question, this, other })
        .collect::<Vec<_>>();
    let needs = (known(&case.needs, &lists), known(&other.needs, &lists));
    let mut questions: Vec<&str> = needs.0.iter().map(|(_, question, _)| *question).collect();
    questions.extend(
        needs
            .1
            .iter()
            .map(|(_, question, _)| *question)
            .filter(|one| !needs.0.iter().any(|(_, known, _)| known == one)),
    );
    for question in questions {
        let told = |needs: &[super::cases::Known]| {
            needs.iter().find(|(_, known, _)| *known == question).map_or(UNKNOWN, |(.., told)| told).to_owned()
        };
        rows.push(Difference { question: question.to_owned(), this: told(&needs.0), other: told(&needs.1) });
    }
    let all = rows.len();
    rows.retain(|row| row.this != row.other);
    let mut keep = Vec::new();
    let mut refusal = None;
    for (value, reference, kept, folded) in
        [("this", &case.reference, sides.0, sides.1), ("other", &other.reference, sides.1, sides.0)]
    {
        match may_fold(kept, folded) {
            Ok(()) => keep.push((value, reference.clone())),
            Err(refused) => refusal = Some(refused.to_string()),
        }
    }
    let refusal = refusal.filter(|_| keep.is_empty());
    Ok(Pair { other, alike: all - rows.len(), differences: rows, keep, refusal })
}

/// What is told of a case beside its needs.
fn about(case: &Case, side: Side, named: bool, now: At) -> Vec<(String, String)> {
    let state = if case.state == State::Open { "Open" } else { "Closed" };
    let running = side.running;
    vec![
        ("State".into(), state.into()),
        ("Opened".into(), super::words::moment_from(case.opened_at, now)),
        ("Names and safe contact".into(), if named { "Saved and locked away" } else { "Not written down yet" }.into()),
        ("Referrals that are open".into(), running.open_referrals.to_string()),
        ("Places that are held".into(), running.holds.to_string()),
        (
            "Work on their own home, or asking if it is safe".into(),
            if running.sanctuary > 0 { "Yes" } else { "No" }.into(),
        ),
        ("A place that is theirs".into(), if running.stays > 0 { "Yes" } else { "No" }.into()),
    ]
}

#[post("/cases/{id}/merge")]
async fn put_together(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let other = CaseId(posted.parse("other", "Choose the other case again")?);
    let kept = if posted.get("kept") == "other" { other } else { id };
    let deed = async {
        let mut wrong = Wrong::default();
        if !["this", "other"].contains(&posted.get("kept")) {
            wrong.note("kept", "Choose which case to keep");
        }
        let reason: Option<Reason> = wrong.take(posted.parse("reason", "Choose how there came to be two cases"))?;
        wrong.check()?;
        let Some(reason) = reason else { return Err(missing("reason", "Choose how there came to be two cases")) };
        let folded = if kept == id { other } else { id };
        let verb = move |tx: &mut db::Tx| Ok(actions::merges::merge(tx, kept, folded, reason)?.map(|_| ()));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/cases/{}", kept.0), Done::CasesMerged),
        Err(form) => show(&page, id, Some(other), form).await,
    }
}

#[post("/cases/{id}/merge/undo")]
async fn take_apart(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let verb = move |tx: &mut db::Tx| Ok(actions::merges::undo(tx, id)?.map(|_| ()));
    let deed = page.app.db.write_once(&page.actor, page.once(&posted), verb);
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/cases/{}", id.0), Done::MergeUndone),
        Err(form) => shown(&page, id, None, form).await,
    }
}
