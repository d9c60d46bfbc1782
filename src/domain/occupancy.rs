//! What a unit is doing in an interval of time. No occupancy means that the unit is free.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Refusal, words};
use crate::clock::At;

/// How long a unit stays held while a referral is decided.
pub const HOLD: TimeDelta = TimeDelta::minutes(90);

words! {
    /// What occupies a unit.
    #[schema(as = OccupancyKind)]
    Kind { Hold = "hold", Placement = "placement", Void = "void" }
}

words! {
    /// What a unit is doing at one instant: exactly one of these.
    Doing { Free = "free", Held = "held", Placed = "placed", Void = "void" }
}

/// What a unit with these occupancies is doing at an instant.
pub fn doing(occupancies: &[(Kind, Interval)], instant: At) -> Doing {
    match occupancies.iter().find(|(_, during)| during.contains(instant)) {
        None => Doing::Free,
        Some((Kind::Hold, _)) => Doing::Held,
        Some((Kind::Placement, _)) => Doing::Placed,
        Some((Kind::Void, _)) => Doing::Void,
    }
}

/// A half-open interval: from `starts_at`, up to but not including `ends_at`. Without an end it lasts until it is given one.
///
/// Because a hold carries its own end, it expires without anybody doing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Interval {
    pub starts_at: At,
    pub ends_at: Option<At>,
}

impl Interval {
    pub fn lasting(starts_at: At, length: TimeDelta) -> Self {
        Self { starts_at, ends_at: Some(starts_at + length) }
    }

    pub fn from(starts_at: At) -> Self {
        Self { starts_at, ends_at: None }
    }

    /// The predicate that both databases enforce: intervals that only touch do not overlap, and one that was given up
    /// at the instant it began overlaps nothing.
    pub fn overlaps(self, other: Self) -> bool {
        let begins_before_the_end_of = |a: Self, b: Self| b.ends_at.is_none_or(|end| a.starts_at < end);
        begins_before_the_end_of(self, other)
            && begins_before_the_end_of(other, self)
            && begins_before_the_end_of(self, self)
            && begins_before_the_end_of(other, other)
    }

    pub fn contains(self, instant: At) -> bool {
        self.starts_at <= instant && self.ends_at.is_none_or(|end| instant < end)
    }

    /// The same interval, over by `instant`: an end that already lies before it stays.
    #[must_use]
    pub fn cut(self, instant: At) -> Self {
        let end = self.ends_at.map_or(instant, |end| end.min(instant)).max(self.starts_at);
        Self { ends_at: Some(end), ..self }
    }
}

/// Whether a unit with these occupancies can be taken for `wanted`.
///
/// # Errors
/// [`Refusal::UnitTaken`] with the occupancy that stands in the way.
pub fn claim(wanted: Interval, existing: &[(Kind, Interval)]) -> Result<Interval, Refusal> {
    match existing.iter().find(|(_, during)| during.overlaps(wanted)) {
        Some(&(by, during)) => Err(Refusal::UnitTaken { by, during }),
        None => Ok(wanted),
    }
}

/// Whether a household can move in at `from` and stay: nothing may stand in the way from then on, and nobody else may be
/// holding the unit now, even if their hold ends before `from`.
///
/// # Errors
/// As [`claim`].
pub fn claim_stay(from: At, now: At, existing: &[(Kind, Interval)]) -> Result<Interval, Refusal> {
    match existing.iter().find(|(kind, during)| *kind == Kind::Hold && during.contains(now)) {
        Some(&(by, during)) => Err(Refusal::UnitTaken { by, during }),
        None => claim(Interval::from(from), existing),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rstest::rstest;

    use super::*;

    fn minutes(from: i64, to: Option<i64>) -> Interval {
        let at = |minute| At::from(DateTime::UNIX_EPOCH) + TimeDelta::minutes(minute);
        Interval { starts_at: at(from), ends_at: to.map(at) }
    }

    #[rstest]
    #[case::the_same(minutes(0, Some(90)), false)]
    #[case::inside(minutes(10, Some(20)), false)]
    #[case::around(minutes(-10, Some(100)), false)]
    #[case::across_the_start(minutes(-10, Some(1)), false)]
    #[case::across_the_end(minutes(89, None), false)]
    #[case::up_to_the_start(minutes(-10, Some(0)), true)]
    #[case::from_the_end(minutes(90, None), true)]
    fn a_unit_held_from_0_to_90_can_be_claimed_for(#[case] wanted: Interval, #[case] free: bool) {
        let held = (Kind::Hold, Interval::lasting(minutes(0, None).starts_at, HOLD));
        let expected = if free { Ok(wanted) } else { Err(Refusal::UnitTaken { by: held.0, during: held.1 }) };
        assert_eq!(claim(wanted, &[held]), expected);
    }

    #[test]
    fn what_was_given_up_at_once_stands_in_nobodys_way() {
        let given_up = minutes(10, Some(60)).cut(minutes(10, None).starts_at);
        assert_eq!(given_up, minutes(10, Some(10)));
        assert!(!given_up.overlaps(minutes(0, None)) && !minutes(0, None).overlaps(given_up));
        assert_eq!(doing(&[(Kind::Hold, given_up)], given_up.starts_at), Doing::Free);
    }

    #[test]
    fn somebody_elses_hold_stands_in_the_way_of_a_stay_that_begins_after_it() {
        let (now, tomorrow) = (minutes(0, None).starts_at, minutes(24 * 60, None).starts_at);
        let hold = (Kind::Hold, Interval::lasting(now, HOLD));
        let cleaning = (Kind::Void, minutes(0, Some(24 * 60)));
        assert_eq!(claim_stay(tomorrow, now, &[hold]), Err(Refusal::UnitTaken { by: hold.0, during: hold.1 }));
        assert_eq!(claim_stay(tomorrow, now + HOLD, &[hold]), Ok(Interval::from(tomorrow)));
        assert_eq!(claim_stay(tomorrow, now, &[cleaning]), Ok(Interval::from(tomorrow)));
    }

    #[test]
    fn a_void_without_an_end_blocks_everything_after_its_start() {
        let repairs = (Kind::Void, minutes(0, None));
        assert!(claim(minutes(1_000_000, Some(1_000_001)), &[repairs]).is_err());
        assert!(claim(minutes(-5, Some(0)), &[repairs]).is_ok());
    }
}
