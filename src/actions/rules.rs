//! The rules by which a provider takes households: of all its services, of one, of a home, of a vacancy.

use chrono::NaiveDate;

use crate::audit::{Change, Did, Event};
use crate::db::reference::{self, Choice};
use crate::db::rules::{self, RuleSet, Subject};
use crate::db::{Conn, Tx, services, vacancies};
use crate::domain::eligibility::{Condition, Rule, Rules, Summary, contradictions};
use crate::error::{AppError, FieldError, Part};
use crate::ids::OrganisationId;

/// So many versions of a set of rules are looked through.
pub const VERSIONS: i64 = 200;

/// A rule, and the version since which it has been as it is: when, by whom and why it came.
#[derive(Debug, Clone)]
pub struct Dated<'a> {
    pub rule: &'a Rule,
    pub since: &'a RuleSet,
}

/// The rules of the newest version, each with where it came from.
pub fn dated(history: &[RuleSet]) -> Vec<Dated<'_>> {
    let Some(newest) = history.first() else { return Vec::new() };
    let since = |rule: &Rule| history.iter().take_while(|set| set.rules.0.contains(rule)).last().unwrap_or(newest);
    newest.rules.0.iter().map(|rule| Dated { rule, since: since(rule) }).collect()
}

/// The sets of rules that a subject's own stand beside, the widest first.
///
/// # Errors
/// [`AppError::NotFound`] when the subject is not of this organisation.
pub fn wider(conn: &mut Conn, owner: OrganisationId, of: Subject) -> Result<Vec<RuleSet>, AppError> {
    let (found, wider) = rules::around(conn, of)?;
    if found != owner {
        return Err(AppError::NotFound);
    }
    let sets = rules::newest(conn, Some(&wider))?;
    Ok(wider.iter().filter_map(|subject| sets.get(subject).cloned()).collect())
}

/// Puts a new set of rules into force, for a reason. The versions before it stay readable. `version` is that of the
/// service, or of whatever else the rules are about the newest set of rules, 0 where there is none.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Invalid`] for rules that contradict each other;
/// [`AppError::Refused`] when the vacancy is closed.
pub fn change(
    tx: &mut Tx,
    of: Subject,
    version: i32,
    rules: &Rules,
    reason: &str,
) -> Result<Change<(i32, RuleSet)>, AppError> {
    let (owner, today) = (tx.actor().organisation, tx.now().date());
    if rules::around(tx, of)?.0 != owner {
        return Err(AppError::NotFound);
    }
    check(tx, rules, today)?;
    let newest = rules::history(tx, of, 1)?.first().map_or(0, |set| set.version);
    let (tag, did) = match of {
        Subject::Service(id) => {
            let current = services::find_of(tx, owner, id)?;
            let summary = Summary::of(&rules.0, today);
            let edited = services::set_rules(tx, &current, version, newest + 1, &summary)?;
            (edited.version, Did::RulesChanged)
        }
        _ if version != newest => return Err(AppError::Stale { current_version: newest }),
        Subject::Organisation(_) => (newest + 1, Did::OrganisationRulesChanged),
        Subject::Unit(_) => (newest + 1, Did::UnitRulesChanged),
        Subject::Vacancy(id) => {
            vacancies::find(tx, id)?.standing().open().map_err(AppError::refused(id.0))?;
            (newest + 1, Did::VacancyRulesChanged)
        }
    };
    let set = RuleSet::new(of, newest + 1, rules.clone(), reason, tx);
    rules::insert(tx, &set)?;
    super::watches::rules_changed(tx, owner)?;
    Ok(Change::new((tag, set), Event::new(did, of.id()).fields(["rules"])))
}

/// Checks the codes of rules, and that they can stand together.
///
/// # Errors
/// [`AppError::Invalid`], which names each rule at fault.
pub(super) fn check(conn: &mut Conn, rules: &Rules, today: NaiveDate) -> Result<(), AppError> {
    let mut choices = Vec::new();
    for (n, rule) in rules.0.iter().enumerate() {
        let (list, field, codes) = match &rule.condition {
            Condition::ReferralRoutes { accepts } => ("referral_source", "accepts", accepts),
            Condition::ImmigrationStatus { accepts } => ("immigration_status", "accepts", accepts),
            Condition::Employment { not_accepted } => ("employment", "not_accepted", not_accepted),
            _ => continue,
        };
        choices.extend(
            codes.iter().enumerate().map(|(m, code)| Choice::of(list, code, format!("/rules/{n}/{field}/{m}"))),
        );
    }
    reference::must_be_active(conn, &choices, today)?;
    let wrong: Vec<_> = contradictions(&rules.0)
        .into_iter()
        .map(|(n, message)| FieldError {
            pointer: format!("/rules/{n}"),
            r#in: Part::Body,
            code: "contradiction".into(),
            message,
            found: Vec::new(),
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(AppError::Invalid(wrong)) }
}
