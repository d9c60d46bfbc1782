//! Keeping a case from people who know somebody involved: for them it is as if there were no such case. (S17)

use super::reassigning::handed_over;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::db::cases::{self, Case, Scope};
use crate::db::exclusions::{self, Exclusion};
use crate::db::referrals::{self, Side};
use crate::db::{Tx, accounts, emergency, merges, tasks, vault};
use crate::domain::Refusal;
use crate::domain::exclusion::Kind;
use crate::domain::permission::Action;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, ExclusionId, ReferralId};
use crate::vault::{Place, Sealed};

/// What somebody sees a case by: itself, or a referral of it.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Case(CaseId),
    Referral(ReferralId),
}

/// The case, and the side from which the actor sees it.
fn seen(tx: &mut Tx, of: Of) -> Result<(Case, Side), AppError> {
    let actor = tx.actor().clone();
    match of {
        Of::Case(id) => Ok((cases::find_in(tx, Scope::of(&actor), id)?, Side::Referrer)),
        Of::Referral(id) => {
            let (seen, sides) = referrals::find_for(tx, &actor, id)?;
            let side = if sides.contains(&Side::Provider) { Side::Provider } else { Side::Referrer };
            Ok((cases::find(tx, seen.referral.case_id)?, side))
        }
    }
}

/// As [`seen`], for who answers for the case on her side: its owner or a manager there, a manager here; not somebody who
/// was let in for an emergency.
fn answered_for(tx: &mut Tx, of: Of) -> Result<Case, AppError> {
    let actor = tx.actor().clone();
    let (case, side) = seen(tx, of)?;
    let theirs = match side {
        Side::Referrer => emergency::sees_anyway(tx, &actor, case.id)?,
        Side::Provider => actor.may(Action::RestrictReferrals) && !exclusions::excluded(tx, case.id, actor.account)?,
    };
    if theirs { Ok(case) } else { Err(AppError::Forbidden) }
}

/// Those of one's own organisation for whom a case does not exist, and why.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`] for who does not answer for the case.
pub fn list(tx: &mut Tx, of: Of) -> Result<Change<Vec<(Exclusion, String)>>, AppError> {
    let case = answered_for(tx, of)?;
    let ours = tx.actor().organisation;
    let mut found = Vec::new();
    for row in exclusions::of_case(tx, case.id, ours)? {
        let sealed = Sealed { key: row.key_id, bytes: row.sealed.clone() };
        let reason = vault::open(tx, ours, reason_of(row.id), &sealed)?;
        found.push((row, String::from_utf8(reason).map_err(AppError::internal)?));
    }
    Ok(Change::new(found, Event::new(Did::CaseRestrictionsRead, case.id.0)))
}

/// Names somebody of one's own organisation who must not see a case: from now on there is no such case for her.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`]; [`AppError::Invalid`] when she is not of the organisation, is the actor
/// herself, or is named already; [`AppError::Refused`] when the case is hers.
pub fn name(tx: &mut Tx, of: Of, account: AccountId, reason: &str) -> Result<Change<Exclusion>, AppError> {
    let case = answered_for(tx, of)?;
    let actor = tx.actor().clone();
    let wrong = |message: &str| AppError::body("/account_id", "not_possible", &message);
    if account == actor.account {
        return Err(wrong("this is you: say yourself that you know somebody involved"));
    }
    if accounts::find(tx, Some(actor.organisation), account).is_err() {
        return Err(wrong("choose somebody of your organisation"));
    }
    if merges::group(tx, case.id)?.iter().any(|(_, owner)| *owner == account) {
        return Err(AppError::refused(case.id.0)(Refusal::OwnsCase));
    }
    if exclusions::named(tx, case.id, account)? {
        return Err(wrong("they cannot see it already"));
    }
    let row = exclude(tx, &case, account, Kind::Named, reason)?;
    Ok(Change::new(row, Event::new(Did::CaseRestricted, case.id.0)))
}

/// Says that the actor knows somebody involved: from now on there is no such case for her. Her own case goes to the
/// colleague whom she chooses, or to a manager.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] when the colleague cannot take the case over, or there is no manager.
pub fn declare(tx: &mut Tx, of: Of, reason: &str, to: Option<AccountId>) -> Result<Change<()>, AppError> {
    let (case, _) = seen(tx, of)?;
    let actor = tx.actor().clone();
    let mut change = Change::new((), Event::new(Did::ConflictDeclared, case.id.0));
    let household = merges::group(tx, case.id)?.into_iter();
    let own: Vec<CaseId> = household.filter(|(_, owner)| *owner == actor.account).map(|(id, _)| id).collect();
    if own.is_empty() && to.is_some() {
        return Err(AppError::body("/account_id", "not_possible", &"the case is not yours to give away"));
    }
    for id in own {
        let mut own = cases::find(tx, id)?;
        own.owner_id = successor(tx, &own, &actor, to)?;
        own.version += 1;
        cases::update(tx, &own)?;
        handed_over(tx, id, actor.account, own.owner_id)?;
        change = change.and(Event::new(Did::CaseReallocated, id.0).fields(["owner_id"]).because("conflict"));
    }
    if exclusions::named(tx, case.id, actor.account)? {
        emergency::end_all(tx, case.id, actor.account)?;
        return Ok(change);
    }
    exclude(tx, &case, actor.account, Kind::Declared, reason)?;
    Ok(change)
}

/// Who takes a case over from somebody who must not go on with it.
fn successor(tx: &mut Tx, case: &Case, from: &Actor, to: Option<AccountId>) -> Result<AccountId, AppError> {
    let wrong = |message: &str| AppError::body("/account_id", "not_possible", &message);
    let fits = |tx: &mut Tx, id: AccountId| -> Result<bool, AppError> {
        Ok(id != from.account && can_take_over(tx, case, id)?)
    };
    if let Some(to) = to {
        return if fits(tx, to)? { Ok(to) } else { Err(wrong("choose a caseworker of your organisation")) };
    }
    for account in accounts::page(tx, Some(case.organisation_id), None, MOST)? {
        let manages = crate::domain::permission::may(&account.roles.0, Action::SeeEveryCase);
        if manages && fits(tx, account.id)? {
            return Ok(account.id);
        }
    }
    Err(wrong("no manager can take it: choose a colleague"))
}

/// An organisation has fewer people than these.
const MOST: i64 = 1000;

/// Whether somebody of its organisation can own a case.
pub(super) fn can_take_over(tx: &mut Tx, case: &Case, id: AccountId) -> Result<bool, AppError> {
    Ok(cases::can_own(tx, id, case.organisation_id)? && !exclusions::excluded(tx, case.id, id)?)
}

fn exclude(tx: &mut Tx, case: &Case, account: AccountId, kind: Kind, reason: &str) -> Result<Exclusion, AppError> {
    let (ours, by_account) = (tx.actor().organisation, tx.actor().account);
    let id = ExclusionId::new();
    let Sealed { key, bytes } = vault::seal(tx, ours, reason_of(id), reason.as_bytes())?;
    let row = Exclusion {
        id,
        case_id: case.id,
        organisation_id: ours,
        account_id: account,
        kind,
        by_account,
        since: tx.now(),
        until: None,
        lifted_by: None,
        key_id: key,
        sealed: bytes,
    };
    exclusions::insert(tx, &row)?;
    tasks::let_go(tx, case.id, account)?;
    emergency::end_all(tx, case.id, account)?;
    Ok(row)
}

/// Lets somebody see a case again. What she declared herself only a manager lifts, and nobody for herself.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub fn lift(tx: &mut Tx, of: Of, id: ExclusionId) -> Result<Change<()>, AppError> {
    let case = answered_for(tx, of)?;
    let actor = tx.actor().clone();
    let row = exclusions::find(tx, case.id, actor.organisation, id)?;
    let manager = actor.may(Action::SeeEveryCase) || actor.may(Action::RestrictReferrals);
    if row.account_id == actor.account || (row.kind == Kind::Declared && !manager) {
        return Err(AppError::Forbidden);
    }
    exclusions::lift(tx, row.id)?;
    Ok(Change::new((), Event::new(Did::CaseRestrictionLifted, case.id.0)))
}

fn reason_of(id: ExclusionId) -> Place {
    Place { table: "case_exclusion", row: id.0, field: "reason" }
}
