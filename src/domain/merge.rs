//! Two cases of one household: which of them may be folded into the other.

use serde::Serialize;

use super::{Refusal, words};

words! {
    /// How a household came to have two cases.
    #[schema(as = MergeReason)]
    Reason {
        /// By mistake, for one call.
        OpenedTwice = "opened_twice",
        /// They rang again, and nobody knew.
        CalledAgain = "called_again",
        /// Somebody else sent them too.
        ReachedUsTwice = "reached_us_twice",
    }
}

impl Reason {
    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Self::OpenedTwice => "The case was opened twice by mistake",
            Self::CalledAgain => "The household rang again",
            Self::ReachedUsTwice => "Somebody else sent the household too",
        }
    }
}

/// What goes on for a household under one of its cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Running {
    pub open_referrals: usize,
    pub holds: usize,
    /// Expected or begun; of an open case, over too: it is to be closed as placed.
    pub stays: usize,
    /// Jobs that make their own home safe and go on, or of which somebody is still to ask whether it is.
    pub sanctuary: usize,
}

impl Running {
    pub fn anything(self) -> bool {
        self != Self::default()
    }
}

/// One of two cases, as far as bringing them together asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Side {
    /// Folded into another already.
    pub folded: bool,
    /// Others are folded into it.
    pub keeps_others: bool,
    pub closed: bool,
    pub running: Running,
}

/// Whether one case may be folded into another. Nothing may go on under the folded one, for nobody would look there any
/// more; and nobody who still looks for a place is folded into a case that is closed.
///
/// # Errors
/// Why not.
pub fn may_fold(kept: Side, folded: Side) -> Result<(), Refusal> {
    if kept.folded || folded.folded {
        return Err(Refusal::CaseMerged);
    }
    if folded.keeps_others {
        return Err(Refusal::KeepsOthers);
    }
    if folded.running.anything() {
        let (folded, kept) = (folded.running, kept.running);
        return Err(Refusal::FoldedInProgress { folded, both: kept.anything() });
    }
    if kept.closed && !folded.closed { Err(Refusal::KeptIsClosed) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const IDLE: Side = Side {
        folded: false,
        keeps_others: false,
        closed: false,
        running: Running { open_referrals: 0, holds: 0, stays: 0, sanctuary: 0 },
    };
    const BUSY: Side = Side { running: Running { open_referrals: 1, holds: 0, stays: 0, sanctuary: 0 }, ..IDLE };
    const HOLDING: Side = Side { running: Running { open_referrals: 0, holds: 1, stays: 0, sanctuary: 0 }, ..IDLE };
    const LIVING: Side = Side { running: Running { open_referrals: 0, holds: 0, stays: 1, sanctuary: 0 }, ..IDLE };
    const CLOSED: Side = Side { closed: true, ..IDLE };
    const FOLDED: Side = Side { folded: true, ..IDLE };
    const KEEPING: Side = Side { keeps_others: true, ..IDLE };

    #[rstest]
    #[case::two_that_wait(IDLE, IDLE, None)]
    #[case::the_one_with_a_referral_is_kept(BUSY, IDLE, None)]
    #[case::the_one_with_a_stay_is_kept(LIVING, CLOSED, None)]
    #[case::two_that_are_closed(CLOSED, CLOSED, None)]
    #[case::a_third(KEEPING, IDLE, None)]
    #[case::one_that_is_folded(IDLE, FOLDED, Some("case_merged"))]
    #[case::into_one_that_is_folded(FOLDED, IDLE, Some("case_merged"))]
    #[case::one_that_keeps_others(IDLE, KEEPING, Some("keeps_others"))]
    #[case::one_with_a_referral(IDLE, BUSY, Some("folded_in_progress"))]
    #[case::one_with_a_hold(IDLE, HOLDING, Some("folded_in_progress"))]
    #[case::one_with_a_stay(BUSY, LIVING, Some("folded_in_progress"))]
    #[case::who_waits_into_what_is_closed(CLOSED, IDLE, Some("kept_is_closed"))]
    fn what_goes_on_is_never_folded(#[case] kept: Side, #[case] folded: Side, #[case] refusal: Option<&str>) {
        assert_eq!(may_fold(kept, folded).err().map(|refusal| refusal.code()), refusal);
    }
}
