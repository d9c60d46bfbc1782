//! A household is referred to several services at once, and taken by one.

use super::deny;
use crate::audit::Event;
use crate::db::referrals::{self, Referral};
use crate::db::{Tx, placements};
use crate::domain::placement;
use crate::domain::reason::{DecidedBy, Reasons};
use crate::domain::referral::State;
use crate::error::AppError;

/// Withdraws what else waits for an answer, for the household has a place: not while it lives somewhere, when it is asked
/// for a next place that a second acceptance does not settle. Each provider is told that it is no longer needed, and not
/// where they go.
pub(super) fn withdraw_others(tx: &mut Tx, accepted: &Referral) -> Result<Vec<Event>, AppError> {
    let stays = placements::of_case(tx, accepted.case_id)?;
    if stays.iter().any(|stay| stay.state == placement::State::Arrived) {
        return Ok(Vec::new());
    }
    let reasons = Reasons {
        primary_reason: "accepted_elsewhere".into(),
        secondary_reasons: Vec::new(),
        decided_by: Some(DecidedBy::Referrer),
    };
    let mut events = Vec::new();
    for other in referrals::of_case(tx, accepted.case_id)? {
        if other.id == accepted.id || !matches!(other.state, State::Sent | State::InformationRequested) {
            continue;
        }
        let id = other.id;
        let (_, happened) = deny(tx, other, &reasons, DecidedBy::Referrer)?.into_parts();
        let told = |event: Event| {
            if event.notice().is_some() { event.telling("no_longer_needed", id.0) } else { event }
        };
        events.extend(happened.into_iter().map(told));
    }
    Ok(events)
}
