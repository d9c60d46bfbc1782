//! Referrals for which nobody does anything.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::clock::At;
use crate::db::Conn;
use crate::db::schema::{referral, referral_note};
use crate::domain::referral::{MessageKind, Side, State};
use crate::error::AppError;
use crate::ids::ReferralId;

/// Referrals that wait for their provider since before `provider` or for their referrer since before `referrer`, the longest
/// waiting first: those of which it may be time to say that they have lapsed. Whether it is, the clock of the domain says.
///
/// # Errors
/// When the database fails.
pub fn may_lapse(conn: &mut Conn, provider: At, referrer: At, limit: i64) -> Result<Vec<ReferralId>, AppError> {
    let moved = |since: At| {
        referral_note::table
            .filter(referral_note::referral_id.eq(referral::id))
            .filter(referral_note::written_at.gt(since))
    };
    let by_provider =
        moved(provider).filter(referral_note::side.eq(Side::Provider).or(referral_note::kind.eq(MessageKind::Answer)));
    let by_referrer = moved(referrer)
        .filter(referral_note::side.eq(Side::Referrer).or(referral_note::kind.eq(MessageKind::Question)));
    let sent = referral::state.eq(State::Sent).and(referral::sent_at.le(provider)).and(not(exists(by_provider)));
    let asked = referral::state
        .eq(State::InformationRequested)
        .and(referral::sent_at.le(referrer))
        .and(not(exists(by_referrer)));
    Ok(referral::table
        .filter(sent.or(asked))
        .order((referral::sent_at, referral::id))
        .limit(limit)
        .select(referral::id)
        .load(conn)?)
}
