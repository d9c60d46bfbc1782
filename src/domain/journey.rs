//! A story that is told once: what of it a survivor lets another organisation read, and for how long.

use chrono::TimeDelta;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::household::Needs;
use super::words;
use crate::clock::At;

words! {
    /// A part of the needs profile that can be shared.
    Share {
        Household = "household",
        Pets = "pets",
        AccessNeeds = "access_needs",
        SupportNeeds = "support_needs",
        Money = "money",
        AreasWanted = "areas_wanted",
        /// Tells where the abuser can reach: only when she chooses so.
        UnsafeAreas = "unsafe_areas",
        Risk = "risk",
    }
}

words! {
    /// How the survivor agreed.
    Consent { InPerson = "in_person", Telephone = "telephone", Written = "written" }
}

/// The parts that one code shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub struct Shares(#[garde(length(min = 1, max = 8))] pub Vec<Share>);

/// Only what is shared; everything else is as if nobody had asked.
pub fn shared(needs: &Needs, share: &[Share]) -> Needs {
    let (all, mut told) = (needs.clone(), Needs::default());
    for share in share {
        match share {
            Share::Household => {
                told.members.clone_from(&all.members);
                (told.household_complete, told.pregnant) = (all.household_complete, all.pregnant);
            }
            Share::Pets => told.pets.clone_from(&all.pets),
            Share::AccessNeeds => {
                (told.access_need, told.shared_living, told.quiet_home) =
                    (all.access_need, all.shared_living, all.quiet_home);
                (told.interpreter, told.stay_needed) = (all.interpreter, all.stay_needed);
                told.interpreter_language.clone_from(&all.interpreter_language);
            }
            Share::SupportNeeds => {
                told.additional_needs.clone_from(&all.additional_needs);
                told.support_needs_complete = all.support_needs_complete;
            }
            Share::Money => {
                told.immigration_status.clone_from(&all.immigration_status);
                (told.recourse_to_public_funds, told.concession, told.funding) =
                    (all.recourse_to_public_funds, all.concession, all.funding);
            }
            Share::AreasWanted => {
                told.wanted_areas.clone_from(&all.wanted_areas);
                told.too_far.clone_from(&all.too_far);
                told.can_travel_to.clone_from(&all.can_travel_to);
                told.wanted_types.clone_from(&all.wanted_types);
                told.school_area.clone_from(&all.school_area);
                told.work_area.clone_from(&all.work_area);
            }
            Share::UnsafeAreas => told.unsafe_areas.clone_from(&all.unsafe_areas),
            Share::Risk => {
                told.risk = all.risk.clone();
                told.abuse_types.clone_from(&all.abuse_types);
                told.risk_to_others.clone_from(&all.risk_to_others);
                (told.asked_to_leave_before, told.bail_or_probation) =
                    (all.asked_to_leave_before, all.bail_or_probation);
            }
        }
    }
    told
}

/// Whether a code opens anything at this instant.
pub fn lasts(expires_at: At, revoked_at: Option<At>, now: At) -> bool {
    revoked_at.is_none() && now < expires_at
}

/// How far back codes that opened nothing count.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Codes that opened nothing, lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    pub by_account: i64,
    pub from_address: i64,
    pub all: i64,
}

impl Failures {
    /// Whether the next has to wait. A slip of the ear is forgiven; nobody tries codes in numbers.
    pub fn too_many(self) -> bool {
        self.by_account >= 10 || self.from_address >= 30 || self.all >= 300
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::household::{Answer, UnsafeArea};

    /// S10
    #[test]
    fn s10_only_what_she_agreed_to_is_shared() {
        let needs = Needs {
            pregnant: Answer::Yes,
            pets: Some(vec![]),
            unsafe_areas: vec![UnsafeArea { area: "E06000016".into(), confirmed: true }],
            wanted_areas: vec!["E07000130".into()],
            asked_to_leave_before: Answer::Yes,
            ..Needs::default()
        };
        let household = shared(&needs, &[Share::Household]);
        assert_eq!(household, Needs { pregnant: Answer::Yes, ..Needs::default() });
        assert!(shared(&needs, &[Share::AreasWanted]).unsafe_areas.is_empty());
        assert_eq!(shared(&needs, Share::ALL), needs);
        assert_eq!(shared(&needs, &[]), Needs::default());
    }

    #[rstest]
    #[case((9, 29, 299), false)]
    #[case((10, 0, 0), true)]
    #[case((0, 30, 0), true)]
    #[case((0, 0, 300), true)]
    fn guessing_is_slowed(#[case] (by_account, from_address, all): (i64, i64, i64), #[case] slowed: bool) {
        assert_eq!(Failures { by_account, from_address, all }.too_many(), slowed);
    }
}
