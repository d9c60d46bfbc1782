//! Why invented households were turned away, what became of them, and how stays ended: in the proportions that the
//! published needs assessments of Leicester and Leicestershire report.

use chrono::NaiveDate;
use fastrand::Rng;

use super::people::{chance, weighted};
use super::provision::Scheme;
use crate::actions::placements::Departure;
use crate::db::referrals::Side;
use crate::domain::eligibility::{Condition, Summary};
use crate::domain::household::{AccessNeed, Answer, Level, MemberRole, Needs, Sex};
use crate::domain::placement::DepartureKind;
use crate::domain::reason::{DecidedBy, Reasons};

const PROVIDER: DecidedBy = DecidedBy::Provider;
const SURVIVOR: DecidedBy = DecidedBy::Survivor;
const REFERRER: DecidedBy = DecidedBy::Referrer;
const SYSTEM: DecidedBy = DecidedBy::System;

/// How often a code is the reason, and whose decision it is.
type Weighed = (u32, (&'static str, DecidedBy));

/// The reasons that there can be for this household at this service.
fn possible(needs: &Needs, scheme: &Scheme) -> Vec<Weighed> {
    let summary = Summary::of(&scheme.rules.0, NaiveDate::MAX);
    let has = |need: &str| needs.additional_needs.iter().any(|told| told.need == need && told.level != Level::Low);
    let male = needs.survivors().any(|survivor| survivor.sex == Sex::Male);
    let people = i32::try_from(needs.members.len()).unwrap_or(i32::MAX);
    let eldest_boy = needs.children().filter(|child| child.sex == Sex::Male).filter_map(|child| child.age).max();
    let boys_to = scheme.rules.0.iter().find_map(|rule| match rule.condition {
        Condition::MaleChildAge { shared: Some(limit), .. } => Some(limit.accepted_to),
        _ => None,
    });
    let too_old = eldest_boy.zip(boys_to).is_some_and(|(age, limit)| age > limit);
    let near = needs.unsafe_areas.iter().any(|area| scheme.place().lies_in(&area.area));
    let when = |so: bool, weight: u32| if so { weight } else { 0 };
    let children = needs.children().next().is_some();
    let steps = !matches!(needs.access_need, AccessNeed::None | AccessNeed::Unknown);
    vec![
        (30, ("no_space", PROVIDER)),
        (2, ("no_space", SYSTEM)),
        (3, ("no_staff_capacity", PROVIDER)),
        (when(has("mental_health"), 45), ("needs_mental_health", PROVIDER)),
        (when(has("alcohol") || has("drugs"), 60), ("needs_substance_use", PROVIDER)),
        (when(steps, 40), ("needs_physical_access", PROVIDER)),
        (when(has("learning_disability"), 20), ("needs_learning_disability", PROVIDER)),
        (when(needs.pregnant == Answer::Yes, 4), ("needs_pregnancy", PROVIDER)),
        (when(needs.interpreter_language.is_some(), 8), ("needs_language", PROVIDER)),
        (when(summary.largest_family.is_some_and(|most| people > most), 120), ("household_too_large", PROVIDER)),
        (when(too_old, 150), ("male_child_over_age", PROVIDER)),
        (when(needs.of_role(MemberRole::AdultDependant).next().is_some(), 20), ("adult_dependant", PROVIDER)),
        (when(male && !summary.takes_men, 200), ("outside_client_group", PROVIDER)),
        (when(needs.pets.as_ref().is_some_and(|pets| !pets.is_empty()), 18), ("no_pets", PROVIDER)),
        (when(needs.recourse_to_public_funds == Answer::No, 70), ("nrpf", PROVIDER)),
        (1, ("cannot_fund", SURVIVOR)),
        (when(near, 110), ("area_unsafe", SURVIVOR)),
        (3, ("area_unsafe", PROVIDER)),
        (3, ("layout_unsuitable", SURVIVOR)),
        (4, ("risk_to_others", PROVIDER)),
        (when(has("offending_history"), 20), ("offending_or_bail", PROVIDER)),
        (1, ("previous_eviction", PROVIDER)),
        (2, ("incomplete_referral", REFERRER)),
        (9, ("declined_support", SURVIVOR)),
        (5, ("declined_type", SURVIVOR)),
        (8, ("wants_specific_area", SURVIVOR)),
        (4, ("too_far", SURVIVOR)),
        (when(children, 5), ("children_schools", SURVIVOR)),
        (2, ("found_alternative", SURVIVOR)),
        (4, ("returned", SURVIVOR)),
        (1, ("perpetrator_removed", SURVIVOR)),
        (9, ("lost_contact", REFERRER)),
        (1, ("benefit_delay", SYSTEM)),
    ]
}

/// Those for one ending, with a second reason now and then.
pub(super) fn denial(rng: &mut Rng, needs: &Needs, scheme: &Scheme) -> (Side, Reasons) {
    let possible = possible(needs, scheme);
    let (primary, who) = weighted(rng, &possible);
    let mut secondary = Vec::new();
    if primary != "lost_contact" && chance(rng, 24) {
        let (other, _) = weighted(rng, &possible);
        if other != primary && other != "lost_contact" {
            secondary.push(other.to_owned());
        }
    }
    decided(primary, who, secondary)
}

/// The survivor said no to a place that she had been given, or did not come.
pub(super) fn no_show(rng: &mut Rng) -> (Side, Reasons) {
    let reasons = [(4, ("lost_contact", REFERRER)), (3, ("returned", SURVIVOR)), (3, ("found_alternative", SURVIVOR))];
    let (primary, who) = weighted(rng, &reasons);
    decided(primary, who, Vec::new())
}

/// One that is given.
pub(super) fn because(primary: &str, who: DecidedBy) -> (Side, Reasons) {
    decided(primary, who, Vec::new())
}

fn decided(primary: &str, who: DecidedBy, secondary_reasons: Vec<String>) -> (Side, Reasons) {
    let side = if who == PROVIDER { Side::Provider } else { Side::Referrer };
    (side, Reasons { primary_reason: primary.into(), secondary_reasons, decided_by: Some(who) })
}

/// What became of a household that could not be supported, for this reason.
pub(super) fn what_happened_next(rng: &mut Rng, primary: &str) -> &'static str {
    match primary {
        "returned" => "with_perpetrator",
        "perpetrator_removed" => "home_perpetrator_removed",
        "lost_contact" => "not_known",
        _ => weighted(
            rng,
            &[
                (24, "not_known"),
                (16, "family_or_friends"),
                (15, "hotel_hostel_or_bnb"),
                (14, "with_perpetrator"),
                (13, "other_safe_accommodation"),
                (8, "sofa_surfing"),
                (3, "sanctuary"),
                (3, "private_tenancy"),
                (2, "own_social_tenancy"),
                (2, "rough_sleeping"),
            ],
        ),
    }
}

/// How a household leaves.
pub(super) fn departure(rng: &mut Rng) -> Departure {
    let kind = if chance(rng, 72) { DepartureKind::Planned } else { DepartureKind::Unplanned };
    let destination = match kind {
        DepartureKind::Planned => weighted(
            rng,
            &[
                (34, "social_tenancy"),
                (14, "private_tenancy"),
                (12, "second_stage"),
                (10, "another_refuge"),
                (10, "family_or_friends_settled"),
                (8, "supported_housing"),
                (6, "returned_home_perpetrator_gone"),
                (4, "returned_home_with_sanctuary"),
                (2, "owner_occupation"),
            ],
        ),
        DepartureKind::Unplanned => weighted(
            rng,
            &[
                (32, "not_known"),
                (26, "returned_to_perpetrator"),
                (20, "family_or_friends_temporary"),
                (10, "hotel_hostel_or_bnb"),
                (4, "hospital"),
                (4, "another_refuge"),
            ],
        ),
    };
    let asked_to_leave_reason = (kind == DepartureKind::Unplanned && chance(rng, 18)).then(|| {
        let reasons =
            [(3, "house_rules"), (2, "disclosed_location"), (2, "drugs_or_alcohol_on_site"), (1, "non_payment")];
        weighted(rng, &reasons).to_owned()
    });
    Departure {
        departed_at: None,
        kind,
        destination: destination.into(),
        asked_to_leave_reason,
        move_on_wish_on: None,
        move_on_timely: None,
    }
}
