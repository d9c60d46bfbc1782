//! The verbs. Each runs inside one write transaction and says what it did; those that only read take a connection.

pub mod accounts;
pub mod alerts;
pub mod annual_return;
pub mod audit;
pub mod barriers;
pub mod cases;
pub mod contact;
pub mod emergency;
pub mod exclusions;
pub mod free_text;
pub mod identity;
pub mod installation;
pub mod journeys;
pub mod keys;
pub mod links;
pub mod looks;
pub mod mail;
pub mod matching;
pub mod merges;
pub mod notes;
pub mod occupancy;
pub mod organisations;
pub mod outcomes;
pub mod placements;
pub mod readings;
pub mod reassigning;
pub mod referrals;
pub mod releases;
pub mod repeats;
pub mod report_files;
pub mod report_schedules;
pub mod reports;
pub mod risk;
pub mod rules;
pub mod safety_plan;
pub mod sanctuary;
pub mod searches;
pub mod second_factor;
pub mod services;
pub mod sessions;
pub mod support;
pub mod targets;
pub mod tasks;
pub mod timeline;
pub mod units;
pub mod vacancies;
pub mod waiting;
pub mod watches;

use crate::db::Tx;
use crate::db::reference::{self, Choice};
use crate::domain::reason::{DecidedBy, Reasons, decided_by};
use crate::error::AppError;

/// The names of the fields of which the pair says that they differ.
fn changed<const N: usize>(fields: [(&'static str, bool); N]) -> impl Iterator<Item = &'static str> {
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name))
}

/// Checks the reasons that somebody gives for an ending; gives back whose decision it was, which must be among
/// `allowed`: the other side's decisions are theirs to record.
fn check_reasons(tx: &mut Tx, reasons: &Reasons, allowed: &[DecidedBy]) -> Result<DecidedBy, AppError> {
    let today = tx.now().date();
    let primary = reference::denial_reason(tx, &reasons.primary_reason, "/primary_reason", today)?;
    let who = decided_by(&primary, reasons.decided_by)
        .map_err(|message| AppError::body("/decided_by", "not_possible", &message))?;
    if !allowed.contains(&who) {
        let message = format!("you cannot record a decision of the {}", who.as_str());
        return Err(AppError::body("/decided_by", "not_possible", &message));
    }
    let mut choices = Vec::new();
    for (n, code) in reasons.secondary_reasons.iter().enumerate() {
        let pointer = format!("/secondary_reasons/{n}");
        if *code == reasons.primary_reason || reasons.secondary_reasons[..n].contains(code) {
            return Err(AppError::body(&pointer, "repeated", &"each reason is given once"));
        }
        choices.push(Choice::of("denial_reason", code, pointer));
    }
    reference::must_be_active(tx, &choices, today)?;
    Ok(who)
}

/// Checks why somebody wants to read an identity or an address.
fn check_disclosure(tx: &mut Tx, reason: &str) -> Result<(), AppError> {
    let now = tx.now();
    tx.actor().freshly_authenticated(now)?;
    reference::must_be_active(tx, &[Choice::of("disclosure_reason", reason, "/reason")], now.date())
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, AppError> {
    serde_json::to_vec(value).map_err(AppError::internal)
}

/// What the public name of a service is to somebody: a confidential one is masked in full for other organisations.
pub fn public_name(name: &str, confidential: bool, own: bool) -> &str {
    if confidential && !own { "A confidential service" } else { name }
}
