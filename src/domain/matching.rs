//! The vacancies of one search, best first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::eligibility::{Household, Place, Question, Reason, Rule, Verdict};
use super::household::{AccessNeed, Needs};
use super::provision::{UnitFacts, Wheelchair};
use crate::clock::At;

/// A vacancy that a household may be matched with. The key is whatever finds it again.
#[derive(Debug, Clone)]
pub struct Candidate<'a, K> {
    pub key: K,
    pub rules: &'a [Rule],
    pub unit: &'a UnitFacts,
    pub place: Place<'a>,
    /// When the provider last said that the vacancy is true.
    pub confirmed_at: At,
    /// The first day on which the unit can take a household.
    pub available_from: NaiveDate,
}

/// A vacancy with its verdict for one household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<K> {
    pub key: K,
    pub verdict: Verdict,
    /// All of them, the worst first.
    pub reasons: Vec<Reason>,
    /// Whether it lies in an area that the household would like.
    pub wanted_area: bool,
    /// Beds that stay empty; below zero when there are too few.
    pub spare_beds: i32,
    /// Not suitable, but for one thing.
    pub near_miss: bool,
}

/// How many vacancies got each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[schema(as = VerdictCounts)]
pub struct Counts {
    pub suitable: usize,
    pub discuss: usize,
    pub missing_information: usize,
    pub not_suitable: usize,
}

/// A household that waits for a place, and since when.
pub struct Waiting<'a, K> {
    pub key: K,
    pub needs: &'a Needs,
    pub since: At,
}

/// The other direction: the households that one vacancy could be for, none left out.
///
/// By verdict, near misses before the rest that is not suitable, those first who would like to be there, then whoever has
/// waited longest. Nothing else tells one household from another.
pub fn rank_waiting<'a, K: Ord>(
    vacancy: &Candidate<'_, ()>,
    waiting: impl Iterator<Item = Waiting<'a, K>>,
) -> Vec<Match<K>> {
    let mut ranked: Vec<_> = waiting
        .map(|Waiting { key, needs, since }| {
            let Candidate { key: (), rules, unit, place, confirmed_at, available_from } = *vacancy;
            let candidate = Candidate { key, rules, unit, place, confirmed_at, available_from };
            (since, matched(&Household::of(needs), candidate).1)
        })
        .collect();
    ranked.sort_by(|(one_since, one), (two_since, two)| {
        let order = |since: &At, found: &Match<K>| (found.verdict, !found.near_miss, !found.wanted_area, *since);
        order(one_since, one).cmp(&order(two_since, two)).then_with(|| one.key.cmp(&two.key))
    });
    ranked.into_iter().map(|(_, found)| found).collect()
}

/// A question whose answer would decide vacancies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub question: Question,
    /// How many undecided vacancies wait for the answer.
    pub vacancies: usize,
    /// How many of them wait for nothing else: any answer decides those.
    pub alone: usize,
}

/// The open questions, the one first whose answer is expected to decide the most vacancies.
///
/// A vacancy that waits for this answer alone is decided by it. One that waits for others too is decided only if the answer
/// rules it out, which is counted as half.
pub fn questions<K>(ranked: &[Match<K>]) -> Vec<Asked> {
    let mut asked: BTreeMap<Question, Asked> = BTreeMap::new();
    for found in ranked.iter().filter(|found| found.verdict == Verdict::MissingInformation) {
        let open: Vec<Question> = found.reasons.iter().filter_map(|reason| reason.question).collect();
        for question in &open {
            let asked = asked.entry(*question).or_insert(Asked { question: *question, vacancies: 0, alone: 0 });
            asked.vacancies += 1;
            asked.alone += usize::from(open.len() == 1);
        }
    }
    let mut asked: Vec<_> = asked.into_values().collect();
    asked.sort_by_key(|asked| (Reverse(asked.vacancies + asked.alone), asked.question));
    asked
}

/// Everything that decides the place in the list but the key, smallest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    verdict: Verdict,
    /// `false` sorts first.
    far_from_fitting: bool,
    /// The place in the list of wanted areas, which names the best first; beyond it where it is not in the list.
    wanted: usize,
    /// A unit for a wheelchair is kept for a household that needs one.
    wheelchair_unit_wasted: bool,
    too_few_beds: bool,
    beds_out: u32,
    available_from: NaiveDate,
    confirmed_at: Reverse<At>,
}

/// Assesses every candidate and drops none.
///
/// The order is total: verdict, near misses before the rest that is not suitable, wanted areas, wheelchair units last
/// for a household that needs none, fewest spare beds, soonest available, freshest confirmed, key. The order of the input
/// plays no part.
pub fn rank<'a, K: Ord>(needs: &Needs, candidates: impl Iterator<Item = Candidate<'a, K>>) -> Vec<Match<K>> {
    let household = Household::of(needs);
    let mut ranked: Vec<_> = candidates.map(|candidate| matched(&household, candidate)).collect();
    ranked.sort_unstable_by(|(one_order, one), (two_order, two)| {
        one_order.cmp(two_order).then_with(|| one.key.cmp(&two.key))
    });
    ranked.into_iter().map(|(_, matched)| matched).collect()
}

fn matched<K>(household: &Household, candidate: Candidate<'_, K>) -> (Order, Match<K>) {
    let Candidate { key, rules, unit, place, confirmed_at, available_from } = candidate;
    let needs = household.needs();
    let assessment = household.assess(rules, unit, &place);
    let spare_beds = household.spare_beds(unit);
    let wanted = needs.wanted_areas.iter().position(|area| place.lies_in(area));
    let obstacles = assessment.reasons.iter().filter(|reason| reason.effect == Verdict::NotSuitable).count();
    let order = Order {
        verdict: assessment.verdict,
        far_from_fitting: obstacles > 1,
        wanted: wanted.unwrap_or(usize::MAX),
        wheelchair_unit_wasted: unit.wheelchair != Wheelchair::None && needs_no_wheelchair(needs.access_need),
        too_few_beds: spare_beds < 0,
        beds_out: spare_beds.unsigned_abs(),
        available_from,
        confirmed_at: Reverse(confirmed_at),
    };
    let found = Match {
        key,
        verdict: assessment.verdict,
        reasons: assessment.reasons,
        wanted_area: wanted.is_some(),
        spare_beds,
        near_miss: obstacles == 1,
    };
    (order, found)
}

/// While it is not known, somebody may need one.
fn needs_no_wheelchair(need: AccessNeed) -> bool {
    matches!(need, AccessNeed::None | AccessNeed::LevelAccess | AccessNeed::GroundFloor)
}

/// Counts the verdicts.
pub fn counts<K>(matches: &[Match<K>]) -> Counts {
    let mut counts = Counts::default();
    for found in matches {
        *match found.verdict {
            Verdict::Suitable => &mut counts.suitable,
            Verdict::Discuss => &mut counts.discuss,
            Verdict::MissingInformation => &mut counts.missing_information,
            Verdict::NotSuitable => &mut counts.not_suitable,
        } += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::domain::eligibility::samples::*;
    use crate::domain::household::Answer;

    type AnySample = (Vec<Rule>, UnitFacts, Place<'static>, i64);

    const HERE: Place = Place { area: LEICESTER, county: None };
    const ELSEWHERE: Place = Place { area: CHARNWOOD, county: Some(LEICESTERSHIRE) };

    fn at(hour: i64) -> At {
        At::from(DateTime::UNIX_EPOCH) + TimeDelta::hours(hour)
    }

    fn candidate<'a>(key: &'static str, sample: &'a Sample) -> Candidate<'a, &'static str> {
        Candidate {
            key,
            rules: &sample.rules,
            unit: &sample.unit,
            place: HERE,
            confirmed_at: at(0),
            available_from: NaiveDate::MIN,
        }
    }

    fn keys<K: Copy>(matches: &[Match<K>]) -> Vec<K> {
        matches.iter().map(|found| found.key).collect()
    }

    #[test]
    fn the_verdict_comes_first_and_near_misses_before_the_rest() {
        let (refuge, juno, homes) = (leicester_refuge(), juno_house(), dispersed());
        let unasked = brookes_house().unit(|unit| unit.bed_spaces = 3);
        let shared = zinthiya();
        let caller = woman().boy(13).but(|needs| needs.pets = None);
        let ranked = rank(
            &caller.0,
            [
                candidate("far", &juno),
                candidate("near", &refuge),
                candidate("asks", &unasked),
                candidate("near, and closer in beds", &shared),
                candidate("fits", &homes),
            ]
            .into_iter(),
        );
        assert_eq!(keys(&ranked), ["fits", "asks", "near", "near, and closer in beds", "far"]);
        assert_eq!(ranked.iter().map(|found| found.near_miss).collect::<Vec<_>>(), [false, false, true, true, false]);
        let expected = Counts { suitable: 1, discuss: 0, missing_information: 1, not_suitable: 3 };
        assert_eq!(counts(&ranked), expected);
    }

    #[test]
    fn wanted_areas_come_first_in_the_order_in_which_they_are_wanted() {
        let sample = dispersed();
        let candidates = || {
            [
                Candidate { place: Place { area: "E06000017", county: None }, ..candidate("not wanted", &sample) },
                Candidate { place: ELSEWHERE, ..candidate("second", &sample) },
                candidate("first", &sample),
            ]
            .into_iter()
        };
        let wants = |areas: &[&str]| {
            woman().but(|needs| needs.wanted_areas = areas.iter().map(|&area| area.to_owned()).collect()).0
        };
        let ranked = rank(&wants(&[LEICESTER, LEICESTERSHIRE]), candidates());
        assert_eq!(keys(&ranked), ["first", "second", "not wanted"]);
        assert_eq!(ranked.iter().map(|found| found.wanted_area).collect::<Vec<_>>(), [true, true, false]);

        let ranked = rank(&wants(&[]), candidates());
        assert_eq!(keys(&ranked), ["first", "not wanted", "second"]);
        assert!(ranked.iter().all(|found| !found.wanted_area));
    }

    #[test]
    fn a_wheelchair_unit_is_kept_for_who_needs_it() {
        let usual = dispersed();
        let accessible =
            dispersed().unit(|unit| (unit.step_free, unit.floor, unit.wheelchair) = (true, 0, Wheelchair::Full));
        let candidates = || [candidate("accessible", &accessible), candidate("usual", &usual)].into_iter();
        assert_eq!(keys(&rank(&woman().0, candidates())), ["usual", "accessible"]);
        let caller = woman().but(|needs| needs.access_need = AccessNeed::WheelchairToEssentialRooms);
        assert_eq!(keys(&rank(&caller.0, candidates())), ["accessible", "usual"]);
    }

    #[test]
    fn the_question_comes_first_that_is_expected_to_decide_the_most() {
        let (any_status, by_case) = (brookes_house(), leicester_refuge());
        let caller = woman().but(|needs| {
            needs.pets = None;
            needs.recourse_to_public_funds = Answer::Unknown;
        });
        let ranked =
            rank(&caller.0, [candidate("any status", &any_status), candidate("by case", &by_case)].into_iter());
        let pets = Asked { question: Question::Pets, vacancies: 2, alone: 1 };
        let recourse = Asked { question: Question::Recourse, vacancies: 1, alone: 0 };
        assert_eq!(questions(&ranked), [pets, recourse]);
        assert_eq!(questions(&rank(&woman().0, [candidate("known", &any_status)].into_iter())), []);
    }

    #[test]
    fn then_beds_then_the_day_then_the_hour_of_confirmation_then_the_key() {
        let (small, large) = (dispersed().unit(|unit| unit.bed_spaces = 2), dispersed());
        let today = NaiveDate::MIN;
        let ranked = rank(
            &woman().boy(1).girl(8).0,
            [
                candidate("d roomy", &large),
                Candidate { available_from: today + TimeDelta::days(1), ..candidate("c tomorrow", &small) },
                candidate("b", &small),
                candidate("a", &small),
                Candidate { confirmed_at: at(1), ..candidate("e fresh", &small) },
            ]
            .into_iter(),
        );
        assert_eq!(keys(&ranked), ["e fresh", "a", "b", "c tomorrow", "d roomy"]);
        assert_eq!(ranked.iter().map(|found| found.spare_beds).collect::<Vec<_>>(), [0, 0, 0, 0, 3]);
    }

    #[test]
    fn beds_are_counted_with_the_cots_that_there_are_and_too_few_come_last() {
        let (small, no_pets) = (dispersed().unit(|unit| unit.bed_spaces = 2), panahghar());
        let caller = woman().boy(1).boy(0).girl(4).dog();
        let ranked = rank(&caller.0, [candidate("too few", &small), candidate("two to spare", &no_pets)].into_iter());
        assert_eq!(keys(&ranked), ["two to spare", "too few"]);
        assert_eq!(ranked.iter().map(|found| found.spare_beds).collect::<Vec<_>>(), [2, -1]);
        assert!(ranked.iter().all(|found| found.near_miss));
    }

    proptest! {
        #[test]
        fn the_order_of_the_input_plays_no_part(
            needs in any_needs(),
            (sorted, shuffled) in vec((vec(any_rule(), 0..6), any_unit(), any_place(), 0..3_i64), 0..12).prop_flat_map(|samples| {
                let numbered: Vec<_> = samples.into_iter().enumerate().collect();
                (Just(numbered.clone()), Just(numbered).prop_shuffle())
            }),
        ) {
            let ranked = |samples: &[(usize, AnySample)]| {
                let candidates = samples.iter().map(|(key, (rules, unit, place, hour))| Candidate {
                    key: *key, rules, unit, place: *place, confirmed_at: at(*hour), available_from: NaiveDate::MIN,
                });
                rank(&needs, candidates)
            };
            let (once, again) = (ranked(&sorted), ranked(&shuffled));
            prop_assert_eq!(&once, &again);
            prop_assert!(once.is_sorted_by_key(|found| found.verdict));
            let Counts { suitable, discuss, missing_information, not_suitable } = counts(&once);
            prop_assert_eq!(suitable + discuss + missing_information + not_suitable, sorted.len());
        }

        #[test]
        fn both_directions_say_the_same_of_a_household_and_a_vacancy(
            households in vec(any_needs(), 0..6), rules in vec(any_rule(), 0..6), unit in any_unit(), place in any_place(),
        ) {
            let vacancy = Candidate {
                key: (), rules: &rules, unit: &unit, place, confirmed_at: at(0), available_from: NaiveDate::MIN,
            };
            let waiting = households.iter().zip(0..).map(|(needs, hour)| Waiting { key: hour, needs, since: at(hour) });
            let ranked = rank_waiting(&vacancy, waiting);
            prop_assert_eq!(ranked.len(), households.len());
            prop_assert!(ranked.is_sorted_by_key(|found| (found.verdict, !found.near_miss, !found.wanted_area, found.key)));
            for found in ranked {
                let place = usize::try_from(found.key).unwrap();
                let there = rank(&households[place], std::iter::once(vacancy.clone())).remove(0);
                prop_assert_eq!((found.verdict, found.reasons), (there.verdict, there.reasons));
            }
        }

        #[test]
        fn every_undecided_vacancy_waits_for_a_question_that_is_asked(
            needs in any_needs(), samples in vec((vec(any_rule(), 0..6), any_unit(), any_place()), 0..12),
        ) {
            let candidates = samples.iter().enumerate().map(|(key, (rules, unit, place))| Candidate {
                key, rules, unit, place: *place, confirmed_at: at(0), available_from: NaiveDate::MIN,
            });
            let ranked = rank(&needs, candidates);
            let asked = questions(&ranked);
            let undecided: Vec<_> =
                ranked.iter().filter(|found| found.verdict == Verdict::MissingInformation).collect();
            for found in &undecided {
                let mut open = found.reasons.iter().filter_map(|reason| reason.question);
                prop_assert!(open.any(|question| asked.iter().any(|asked| asked.question == question)));
            }
            prop_assert!(asked.iter().all(|asked| asked.alone <= asked.vacancies && asked.vacancies <= undecided.len()));
            prop_assert!(asked.is_sorted_by_key(|asked| Reverse(asked.vacancies + asked.alone)));
        }

        #[test]
        fn a_near_miss_has_one_thing_in_the_way(
            needs in any_needs(), rules in vec(any_rule(), 0..6), unit in any_unit(), area in select(&[LEICESTER, CHARNWOOD][..]),
        ) {
            let candidate = Candidate {
                key: (), rules: &rules, unit: &unit, place: Place { area, county: None }, confirmed_at: at(0),
                available_from: NaiveDate::MIN,
            };
            let found = rank(&needs, std::iter::once(candidate)).remove(0);
            let obstacles = found.reasons.iter().filter(|reason| reason.effect == Verdict::NotSuitable).count();
            prop_assert_eq!(found.near_miss, obstacles == 1);
            prop_assert_eq!(found.verdict == Verdict::NotSuitable, obstacles > 0);
        }
    }
}
