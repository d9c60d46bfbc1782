//! What becomes of a referral for which nobody does anything.

use super::deny;
use crate::audit::Change;
use crate::auth::Actor;
use crate::db::{Db, Tx, referrals};
use crate::domain::reason::{DecidedBy, Reasons};
use crate::domain::referral::clock::{lapses_at, reason_of_lapse, waiting};
use crate::error::AppError;
use crate::ids::{ReferralId, RequestId};

/// So many lapse in one go.
const AT_ONCE: i64 = 50;

/// Ends referrals that nobody has answered in time, each in a transaction of its own; gives back how many it ended. Any
/// number of instances may do it at once: what one has ended, another finds over. (S39)
///
/// # Errors
/// When the database fails.
pub async fn lapse(db: &Db) -> Result<usize, AppError> {
    let system = Actor::nobody(RequestId::new());
    let (now, patience) = (db.now(), db.policy().patience);
    let (provider, referrer) = (now - patience.lapses_after, now - patience.information_within);
    let due = db.read(&system, move |conn| referrals::may_lapse(conn, provider, referrer, AT_ONCE)).await?;
    let mut ended = 0;
    for id in due {
        match db.write(&system, move |tx| end_if_due(tx, id)).await {
            Ok(()) => ended += 1,
            Err(AppError::NotFound | AppError::Contended) => {} // somebody was faster, or it waits for the next time
            Err(error) => return Err(error),
        }
    }
    Ok(ended)
}

/// # Errors
/// [`AppError::NotFound`] when it is not time, or has been answered meanwhile.
fn end_if_due(tx: &mut Tx, id: ReferralId) -> Result<Change<()>, AppError> {
    let (now, patience) = (tx.now(), tx.policy().patience);
    let referral = referrals::find(tx, id)?;
    let written = referrals::talk(tx, &[id])?.remove(&id).unwrap_or_default().written();
    let (state, sent_at) = (referral.state, referral.sent_at);
    let due = lapses_at(state, sent_at, &written, patience).is_some_and(|at| at <= now);
    let waits = waiting(state, sent_at, &written, patience, now).filter(|_| due).ok_or(AppError::NotFound)?;
    let reasons = Reasons {
        primary_reason: reason_of_lapse(waits.waiting_for).into(),
        secondary_reasons: Vec::new(),
        decided_by: Some(DecidedBy::System),
    };
    Ok(deny(tx, referral, &reasons, DecidedBy::System)?.map(drop))
}
