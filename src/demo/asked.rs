//! What else is asked of an invented household: what some services have to know, how far it can go, what it would like.

use fastrand::Rng;

use super::people::{chance, weighted};
use crate::domain::household::{Answer, HarmKind, MemberRole, Needs, PastHarm, StayNeeded};
use crate::domain::provision::AccommodationType;

const LEICESTER: &str = "E06000016";
const LEICESTERSHIRE: &str = "E10000018";
const RUTLAND: &str = "E06000017";

/// Adds it to what is known. The numbers are drawn from a generator of their own, so that households and their history
/// stay as they would be without.
pub(super) fn ask(rng: &Rng, needs: &mut Needs, origin: Option<&str>) {
    let mut rng = rng.clone().fork();
    know(&mut rng, needs);
    travel(&mut rng, needs, origin);
    keep(&mut rng, needs, origin);
    wish(&mut rng, needs);
}

/// What some services have to know.
fn know(rng: &mut Rng, needs: &mut Needs) {
    let often = |rng: &mut Rng, yes, unknown| {
        weighted(rng, &[(yes, Answer::Yes), (unknown, Answer::Unknown), (100 - yes - unknown, Answer::No)])
    };
    needs.support_needs_complete = weighted(rng, &[(80, Answer::Yes), (5, Answer::No), (15, Answer::Unknown)]);
    let mut harms = Vec::new();
    for (percent, kind) in [(3, HarmKind::Violence), (1, HarmKind::AssaultOnStaff), (1, HarmKind::Arson)] {
        if chance(rng, percent) {
            harms.push(PastHarm { kind, years_ago: chance(rng, 85).then(|| rng.u8(0..=12)) });
        }
    }
    needs.risk_to_others = chance(rng, 85).then_some(harms);
    needs.asked_to_leave_before = often(rng, 5, 10);
    let offended = needs.additional_needs.iter().any(|told| told.need == "offending_history");
    needs.bail_or_probation = often(rng, if offended { 30 } else { 3 }, 10);
    needs.interpreter = match needs.interpreter_language {
        Some(_) => Answer::Yes,
        None => often(rng, 0, 3),
    };
}

/// How far they can go. Leicester, which some would like, is in reach of all.
fn travel(rng: &mut Rng, needs: &mut Needs, origin: Option<&str>) {
    if chance(rng, 10) {
        let choices = [(4, "E10000007"), (3, "E08000025"), (2, "E06000018"), (2, "E06000061"), (1, RUTLAND)];
        let (first, second) = (weighted(rng, &choices), weighted(rng, &choices));
        let named = if second != first && chance(rng, 40) { vec![first, second] } else { vec![first] };
        let others = named.into_iter().filter(|area| Some(*area) != origin);
        needs.too_far = others.map(str::to_owned).collect();
    }
    if chance(rng, 6) {
        let reach: &[&str] = weighted(
            rng,
            &[(3, &[LEICESTER][..]), (5, &[LEICESTER, LEICESTERSHIRE]), (2, &[LEICESTER, LEICESTERSHIRE, RUTLAND])],
        );
        let reach = reach.iter().map(|area| (*area).to_owned());
        needs.can_travel_to = reach.filter(|area| !needs.too_far.contains(area)).collect();
    }
}

/// A school or work to keep, where it is safe.
fn keep(rng: &mut Rng, needs: &mut Needs, origin: Option<&str>) {
    let dangerous = |area: &str| needs.unsafe_areas.iter().any(|known| known.confirmed && known.area == area);
    let near: Vec<&str> = origin.into_iter().chain([LEICESTER]).filter(|area| !dangerous(area)).collect();
    let at_school = needs.of_role(MemberRole::Child).any(|child| child.age.is_some_and(|age| (4..=16).contains(&age)));
    let at_work = needs.monitoring.employment.as_deref() == Some("employed_or_self_employed");
    let area = |kept: bool| near.first().filter(|_| kept).map(|area| (*area).to_owned());
    let (school, work) = (chance(rng, 12) && at_school, chance(rng, 20) && at_work);
    (needs.school_area, needs.work_area) = (area(school), area(work));
}

/// What they would like.
fn wish(rng: &mut Rng, needs: &mut Needs) {
    needs.shared_living = weighted(rng, &[(8, Answer::No), (52, Answer::Yes), (40, Answer::Unknown)]);
    needs.quiet_home = weighted(rng, &[(5, Answer::Yes), (45, Answer::No), (50, Answer::Unknown)]);
    needs.stay_needed = weighted(
        rng,
        &[
            (50, StayNeeded::AsLongAsItTakes),
            (34, StayNeeded::Unknown),
            (10, StayNeeded::Months),
            (4, StayNeeded::Weeks),
            (2, StayNeeded::Days),
        ],
    );
    if chance(rng, 8) {
        let kinds = [(5, AccommodationType::Refuge), (5, AccommodationType::DispersedRefugeLevel)];
        needs.wanted_types = vec![weighted(rng, &kinds)];
    }
}
