//! A household's case: opening it, writing down what is needed, keeping who they are apart, closing it.

use std::collections::BTreeSet;

use garde::Validate;
use serde_json::{Map, Value};

use check::check;

use super::exclusions::can_take_over;
use super::reassigning::handed_over;
use super::searches::{Looked, record};
use super::{changed, check_reasons};
use crate::audit::{Change, Did, Event};
use crate::db::cases::{self, Case, Scope};
use crate::db::reference::{self, Choice};
use crate::db::{Tx, placements, referrals, sanctuary, tasks, watches};
use crate::domain::barriers::Occasion;
use crate::domain::case::{Command, State, transition};
use crate::domain::household::{Needs, UnsafeArea};
use crate::domain::identity::Identity;
use crate::domain::reason::{DecidedBy, Outcome, Reasons};
use crate::domain::{Refusal, placement};
use crate::error::{AppError, Part, pointer};
use crate::ids::{AccountId, CaseId, reference as new_reference};

mod check;

/// A new case.
#[derive(Debug, Clone)]
pub struct New {
    /// Of the list `referral_source`.
    pub referral_source: String,
    /// Where the household comes from: for reports, and to propose an area that may not be safe. Never for matching.
    pub origin_area: Option<String>,
    pub needs: Needs,
    pub identity: Option<Identity>,
}

/// Opens a case of one's own. The area that the household comes from is proposed as one that may not be safe.
///
/// # Errors
/// [`AppError::Invalid`] for unknown codes and areas.
pub fn open(tx: &mut Tx, new: &New) -> Result<Change<Case>, AppError> {
    let now = tx.now();
    let mut needs = new.needs.clone();
    check(tx, &needs, Some(&new.referral_source), new.origin_area.as_deref())?;
    propose_unsafe(&mut needs, new.origin_area.as_deref());
    let row = Case {
        id: CaseId::new(),
        reference: new_reference('C'),
        organisation_id: tx.actor().organisation,
        owner_id: tx.actor().account,
        state: State::Open,
        origin_area: new.origin_area.clone(),
        referral_source: new.referral_source.clone(),
        needs,
        opened_at: now,
        closed_at: None,
        outcome: None,
        primary_reason: None,
        decided_by: None,
        what_happened_next: None,
        version: 1,
        updated_at: now,
    };
    cases::insert(tx, &row)?;
    let mut change = Change::new(row.clone(), Event::new(Did::CaseOpened, row.id.0));
    if let Some(identity) = &new.identity {
        change = change.and(super::identity::put(tx, &row, identity)?);
    }
    Ok(change)
}

/// What to change about a case; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    pub referral_source: Option<String>,
    pub origin_area: Option<String>,
    /// The fields of the needs profile to replace; `null` makes one unknown again.
    pub needs: Map<String, Value>,
}

/// Changes an open case that is still as it was when it was read.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Invalid`]; [`AppError::Refused`] when it is closed.
pub fn edit(tx: &mut Tx, id: CaseId, version: i32, edit: &Edit) -> Result<Change<Case>, AppError> {
    let current = super::occupancy::open_case(tx, id)?;
    if current.version != version {
        return Err(AppError::Stale { current_version: current.version });
    }
    let mut case = current.clone();
    case.needs = merged(&current.needs, &edit.needs)?;
    super::risk::must_stay(tx, &current, &case.needs.risk)?;
    if let Some(source) = &edit.referral_source {
        case.referral_source.clone_from(source);
    }
    let mut proposed = None;
    if let Some(area) = &edit.origin_area
        && current.origin_area.as_ref() != Some(area)
    {
        case.origin_area = Some(area.clone());
        proposed = Some(area.as_str());
    }
    check(tx, &case.needs, edit.referral_source.as_deref(), edit.origin_area.as_deref())?;
    propose_unsafe(&mut case.needs, proposed);
    case.version += 1;
    cases::update(tx, &case)?;
    let event = Event::new(Did::CaseEdited, id.0)
        .fields(changed([
            ("referral_source", case.referral_source != current.referral_source),
            ("origin_area", case.origin_area != current.origin_area),
        ]))
        .fields(edit.needs.keys().collect::<BTreeSet<_>>().into_iter().map(|field| format!("needs.{field}")));
    Ok(Change::new(case, event))
}

/// The needs with some of their fields replaced.
fn merged(needs: &Needs, replaced: &Map<String, Value>) -> Result<Needs, AppError> {
    let Value::Object(mut fields) = serde_json::to_value(needs).map_err(AppError::internal)? else {
        return Err(AppError::internal("a needs profile is an object"));
    };
    for (field, value) in replaced {
        match value {
            Value::Null => {
                let nothing = Map::from_iter([(field.clone(), Value::Null)]);
                if let Err(error) = serde_json::from_value::<Needs>(Value::Object(nothing))
                    && error.to_string().starts_with("unknown field")
                {
                    return Err(AppError::body(&format!("/needs/{field}"), "malformed", &error));
                }
                fields.remove(field)
            }
            value => fields.insert(field.clone(), value.clone()),
        };
    }
    let needs: Needs = serde_path_to_error::deserialize(Value::Object(fields))
        .map_err(|error| AppError::body(&format!("/needs{}", pointer(error.path())), "malformed", error.inner()))?;
    needs.validate().map_err(|report| AppError::out_of_range(Part::Body, "/needs", &report))?;
    Ok(needs)
}

fn propose_unsafe(needs: &mut Needs, origin: Option<&str>) {
    if let Some(origin) = origin
        && !needs.unsafe_areas.iter().any(|known| known.area == origin)
    {
        needs.unsafe_areas.push(UnsafeArea { area: origin.into(), confirmed: false });
    }
}

/// Gives a case of the organisation to another of its workers.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Invalid`] when she cannot work on cases here.
pub fn reallocate(tx: &mut Tx, id: CaseId, version: i32, to: AccountId) -> Result<Change<Case>, AppError> {
    let scope = Scope::of(tx.actor());
    let mut case = cases::find_in(tx, scope, id)?;
    super::merges::must_stand_alone(tx, id)?;
    if case.version != version {
        return Err(AppError::Stale { current_version: case.version });
    }
    if !can_take_over(tx, &case, to)? {
        return Err(AppError::body("/account_id", "not_possible", &"choose a caseworker of your organisation"));
    }
    let from = std::mem::replace(&mut case.owner_id, to);
    case.version += 1;
    cases::update(tx, &case)?;
    handed_over(tx, id, from, to)?;
    Ok(Change::new(case, Event::new(Did::CaseReallocated, id.0).fields(["owner_id"])))
}

/// How a case is closed.
#[derive(Debug, Clone)]
pub enum Closing {
    /// The household has, or had, a place.
    Placed,
    /// Their own home was made safe: they are supported, and needed no place.
    Sanctuary,
    /// It could not be supported: why, and what became of it.
    NotPlaced { reasons: Reasons, what_happened_next: String },
}

/// Closes a case whose referrals are all decided and of which no home is being made safe; where the household was turned
/// away, keeps what it could find then.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when it is closed, when something still goes on,
/// or when it was (or was not) placed.
pub fn close(tx: &mut Tx, id: CaseId, closing: &Closing, looked: &Looked) -> Result<Change<Case>, AppError> {
    let mut case = super::occupancy::open_case(tx, id)?;
    let refused = AppError::refused(id.0);
    let open_referrals = referrals::of_case(tx, id)?.iter().filter(|referral| referral.state.open()).count();
    let stays = placements::of_case(tx, id)?;
    // A household that has come, and is expected in the second stage of the same provider, has its place.
    let waits = |stay: &&placements::Placement| stay.state == placement::State::Expected && stay.follows_id.is_none();
    let expected = stays.iter().filter(waits).count();
    if open_referrals + expected > 0 {
        return Err(refused(Refusal::CaseInProgress { open_referrals, current_placements: expected }));
    }
    if sanctuary::of_case(tx, id)?.iter().any(|job| job.state.open()) {
        return Err(refused(Refusal::SanctuaryInProgress));
    }
    let placed = stays.iter().any(|stay| stay.arrived_at.is_some());
    let safe_at_home = !placed && sanctuary::is_safe_at_home(tx, id)?;
    match closing {
        Closing::Placed if !placed => return Err(refused(Refusal::NotPlaced)),
        Closing::NotPlaced { .. } | Closing::Sanctuary if placed => return Err(refused(Refusal::Placed)),
        Closing::NotPlaced { .. } if safe_at_home => return Err(refused(Refusal::SafeAtHome)),
        Closing::Sanctuary if !safe_at_home => return Err(refused(Refusal::NotSafeAtHome)),
        Closing::Placed => case.outcome = Some(Outcome::Placed),
        Closing::Sanctuary => case.outcome = Some(Outcome::Sanctuary),
        Closing::NotPlaced { reasons, what_happened_next } => {
            let who = check_reasons(tx, reasons, DecidedBy::ALL)?;
            let choice = Choice::of("what_happened_next", what_happened_next, "/what_happened_next");
            let today = tx.now().date();
            reference::must_be_active(tx, &[choice], today)?;
            case.outcome = Some(Outcome::NotPlaced);
            case.primary_reason = Some(reasons.primary_reason.clone());
            case.decided_by = Some(who);
            case.what_happened_next = Some(what_happened_next.clone());
            for reason in &reasons.secondary_reasons {
                cases::add_secondary_reason(tx, id, reason)?;
            }
            record(tx, id, Occasion::TurnedAway, looked)?;
        }
    }
    case.state = transition(case.state, Command::Close).map_err(AppError::refused(id.0))?;
    case.closed_at = Some(tx.now());
    case.version += 1;
    cases::update(tx, &case)?;
    watches::delete(tx, id)?;
    tasks::end_of_case(tx, id, case.organisation_id)?;
    let ended = super::occupancy::end_holds(tx, id, None)?;
    super::risk::settle(tx, id)?;
    super::safety_plan::settle(tx, id)?;
    let reason = case.primary_reason.clone().unwrap_or_default();
    Ok(Change::new(case, Event::new(Did::CaseClosed, id.0).because(&reason)).and_all(ended))
}
