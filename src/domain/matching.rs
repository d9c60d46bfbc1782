//! The vacancies of one search, best first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::eligibility::{
    Assessment, Household, InForce, Nearness, Obstacle, Place, Question, Reason, Verdict, Whose, assess, obstacles,
    without,
};
use super::household::Needs;
use super::provision::{AccommodationType, UnitFacts, Wheelchair};
use super::words;
use crate::clock::At;

/// A household that looks for a place: what it said, and the facts that rules ask for.
pub struct Seeker<'a> {
    pub needs: &'a Needs,
    pub household: Household,
}

impl<'a> Seeker<'a> {
    /// `referral_source` is who sends the household.
    pub fn of(needs: &'a Needs, referral_source: &str) -> Self {
        Self { needs, household: Household::of(needs, Some(referral_source)) }
    }
}

/// A vacancy that a household may be matched with. The key is whatever finds it again.
#[derive(Debug, Clone)]
pub struct Candidate<'a, K> {
    pub key: K,
    pub rules: &'a InForce,
    pub unit: &'a UnitFacts,
    pub kind: AccommodationType,
    pub place: Place<'a>,
    /// The provider stood by it lately.
    pub fresh: bool,
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
    /// Not suitable, but for one thing.
    pub near_miss: bool,
    pub standing: Standing,
}

impl<K> Match<K> {
    /// What stands in the way: each obstacle once.
    pub fn obstacles(&self) -> Vec<Obstacle> {
        obstacles(&self.reasons)
    }

    /// The verdict if one thing were different.
    pub fn without(&self, obstacle: Obstacle) -> Verdict {
        without(&self.reasons, obstacle)
    }
}

/// Why a vacancy stands where it does among those of the same verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How it lies to what the household said about areas.
    pub nearness: Nearness,
    /// The place of its kind in the list of those that the household would like, from 0.
    pub wanted_type: Option<u8>,
    /// A unit for a wheelchair is kept for a household that needs one.
    pub wheelchair_spared: bool,
    /// Beds that stay empty; below zero when there are too few.
    pub spare_beds: i32,
    /// The household is one of those whom the provider prefers.
    pub preferred: bool,
    pub fresh: bool,
    pub available_from: NaiveDate,
}

impl Standing {
    /// In words, in the order in which it counts.
    pub fn told(&self, today: NaiveDate) -> Vec<String> {
        let mut told = Vec::new();
        let near = self.nearness;
        match near.wanted {
            Some(0) => told.push("In the area that they want most".to_owned()),
            Some(_) => told.push("In an area that they want".to_owned()),
            None => {}
        }
        match self.wanted_type {
            Some(0) => told.push("The kind of place that they want most".to_owned()),
            Some(_) => told.push("A kind of place that they want".to_owned()),
            None => {}
        }
        match (near.keeps_school, near.keeps_work) {
            (true, true) => told.push("School and work can be kept".to_owned()),
            (true, false) => told.push("School can be kept".to_owned()),
            (false, true) => told.push("Work can be kept".to_owned()),
            (false, false) => {}
        }
        if self.wheelchair_spared {
            told.push("Lower down: it is kept for somebody who needs its wheelchair access".to_owned());
        }
        match self.spare_beds {
            0 => told.push("Just enough beds".to_owned()),
            1 => told.push("1 bed would stay empty".to_owned()),
            2.. => told.push(format!("{} beds would stay empty", self.spare_beds)),
            _ => {}
        }
        if self.preferred {
            told.push("The provider is looking for a household like this".to_owned());
        }
        if !self.fresh {
            told.push("Lower down: not confirmed lately".to_owned());
        }
        if self.available_from > today {
            told.push("Lower down: not free yet".to_owned());
        }
        told
    }
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

impl Counts {
    pub fn add(&mut self, verdict: Verdict, number: usize) {
        *match verdict {
            Verdict::Suitable => &mut self.suitable,
            Verdict::Discuss => &mut self.discuss,
            Verdict::MissingInformation => &mut self.missing_information,
            Verdict::NotSuitable => &mut self.not_suitable,
        } += number;
    }

    pub fn all(&self) -> usize {
        self.suitable + self.discuss + self.missing_information + self.not_suitable
    }
}

/// A household that waits for a place, and since when.
pub struct Waiting<'a, K> {
    pub key: K,
    pub seeker: Seeker<'a>,
    pub since: At,
}

/// The other direction: the households that one vacancy could be for, none left out.
///
/// By verdict, near misses before the rest that is not suitable; a home for a wheelchair first for those who need one;
/// those first who would like to be there, then whoever has waited longest. Nothing else tells one household from another.
pub fn rank_waiting<'a, K: Ord>(
    vacancy: &Candidate<'_, ()>,
    waiting: impl Iterator<Item = Waiting<'a, K>>,
) -> Vec<Match<K>> {
    let mut ranked: Vec<_> = waiting
        .map(|Waiting { key, seeker, since }| {
            let Candidate { key: (), rules, unit, kind, place, fresh, confirmed_at, available_from } = *vacancy;
            let candidate = Candidate { key, rules, unit, kind, place, fresh, confirmed_at, available_from };
            (since, matched(&seeker, candidate).1)
        })
        .collect();
    ranked.sort_by(|(one_since, one), (two_since, two)| {
        let order = |since: &At, found: &Match<K>| {
            let Standing { wheelchair_spared, nearness, .. } = found.standing;
            (found.verdict, !found.near_miss, wheelchair_spared, nearness.wanted.is_none(), *since)
        };
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
        let mut open: Vec<Question> = found.reasons.iter().filter_map(|reason| reason.question).collect();
        open.sort_unstable();
        open.dedup();
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

/// What would come of it if one thing were different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WhatIf {
    pub obstacle: Obstacle,
    /// The verdicts that vacancies would have which are not suitable for this alone.
    pub counts: Counts,
}

/// Of each thing that alone stands in the way of a vacancy, what its absence would change; first what would make the most
/// suitable.
pub fn what_ifs<K>(ranked: &[Match<K>]) -> Vec<WhatIf> {
    let mut found: BTreeMap<Obstacle, Counts> = BTreeMap::new();
    for near in ranked.iter().filter(|found| found.near_miss) {
        if let [obstacle] = near.obstacles()[..] {
            found.entry(obstacle).or_default().add(near.without(obstacle), 1);
        }
    }
    let mut found: Vec<_> = found.into_iter().map(|(obstacle, counts)| WhatIf { obstacle, counts }).collect();
    found.sort_by_key(|WhatIf { obstacle, counts }| (Reverse(counts.suitable), Reverse(counts.discuss), *obstacle));
    found
}

words! {
    /// Another way, when nothing suits. To split a household is none of them.
    Route {
        /// A provider makes an exception about the one thing that stands in the way.
        Exception = "exception",
        AnotherArea = "another_area",
        SecondStage = "second_stage",
        /// Making the household's own home safer.
        Sanctuary = "sanctuary",
        /// Being told when something is posted that fits.
        WaitingList = "waiting_list",
    }
}

/// Another way to safety, and how many places or schemes there are for it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternative {
    pub route: Route,
    pub places: usize,
}

/// The other ways while nothing suits; none while something does. `kind` tells what a vacancy is, and
/// `sanctuary_schemes` how many schemes take jobs.
pub fn alternatives<K>(
    ranked: &[Match<K>],
    kind: impl Fn(&K) -> Option<AccommodationType>,
    sanctuary_schemes: usize,
) -> Vec<Alternative> {
    if ranked.iter().any(|found| found.verdict == Verdict::Suitable) {
        return Vec::new();
    }
    let number = |of: &dyn Fn(&Match<K>) -> bool| ranked.iter().filter(|found| of(found)).count();
    let in_the_way = |found: &Match<K>| found.reasons.first().filter(|_| found.near_miss).copied();
    let ruled = |found: &Match<K>| {
        in_the_way(found).is_some_and(|reason| !matches!(reason.whose, Whose::Always | Whose::Household))
    };
    let area = |found: &Match<K>| {
        let too_far = in_the_way(found).is_some_and(|reason| reason.obstacle == Obstacle::TooFar);
        let may_be_safe = found.verdict == Verdict::MissingInformation
            && found.reasons.iter().any(|reason| reason.question == Some(Question::SafeArea));
        too_far || may_be_safe || found.verdict == Verdict::Discuss && found.standing.nearness.out_of_reach
    };
    let second = |found: &Match<K>| {
        kind(&found.key) == Some(AccommodationType::SecondStage) && found.verdict != Verdict::NotSuitable
    };
    vec![
        Alternative { route: Route::Exception, places: number(&ruled) },
        Alternative { route: Route::AnotherArea, places: number(&area) },
        Alternative { route: Route::SecondStage, places: number(&second) },
        Alternative { route: Route::Sanctuary, places: sanctuary_schemes },
        Alternative { route: Route::WaitingList, places: 0 },
    ]
}

impl Alternative {
    /// What to do, in words.
    pub fn told(self) -> String {
        let places = |one: &str, many: &str| match self.places {
            0 => String::new(),
            1 => format!(" {one}"),
            number => format!(" {}", many.replace("{}", &number.to_string())),
        };
        match self.route {
            Route::Exception => format!(
                "Ask a provider for an exception where only one thing stands in the way.{}",
                places("There is 1 such place.", "There are {} such places.")
            ),
            Route::AnotherArea => format!(
                "Ask whether another area would be safe and could be reached.{}",
                places("It would open 1 place.", "It would open {} places.")
            ),
            Route::SecondStage => format!(
                "Think about second stage, if they are ready for more independence.{}",
                places("1 place could fit.", "{} places could fit.")
            ),
            Route::Sanctuary => format!(
                "Ask whether their own home could be made safer, if they want to stay.{}",
                places("There is 1 sanctuary scheme.", "There are {} sanctuary schemes.")
            ),
            Route::WaitingList => "Keep watch: you are told as soon as a place is posted that fits.".to_owned(),
        }
    }
}

/// Everything that decides the place in the list but the key, smallest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    verdict: Verdict,
    /// `false` sorts first.
    far_from_fitting: bool,
    /// The place in the list of wanted areas, which names the best first; beyond it where it is not in the list.
    wanted_area: u8,
    wanted_type: u8,
    loses_school: bool,
    loses_work: bool,
    wheelchair_spared: bool,
    too_few_beds: bool,
    beds_out: u32,
    not_preferred: bool,
    stale: bool,
    available_from: NaiveDate,
    confirmed_at: Reverse<At>,
}

/// Assesses every candidate and drops none.
///
/// The order is total: verdict; near misses before the rest that is not suitable; what the survivor wants: area, kind of
/// place, keeping school, keeping work; fit: units for a wheelchair last for a household that needs none, fewest spare
/// beds, whom the provider prefers; then lately confirmed, soonest available, last confirmed, key. The order of the input
/// plays no part, nor does where the household comes from.
pub fn rank<'a, K: Ord>(seeker: &Seeker, candidates: impl Iterator<Item = Candidate<'a, K>>) -> Vec<Match<K>> {
    let mut ranked: Vec<_> = candidates.map(|candidate| matched(seeker, candidate)).collect();
    ranked.sort_unstable_by(|(one_order, one), (two_order, two)| {
        one_order.cmp(two_order).then_with(|| one.key.cmp(&two.key))
    });
    ranked.into_iter().map(|(_, matched)| matched).collect()
}

fn matched<K>(seeker: &Seeker, candidate: Candidate<'_, K>) -> (Order, Match<K>) {
    let Candidate { key, rules, unit, kind, place, fresh, confirmed_at, available_from } = candidate;
    let Seeker { needs, household } = seeker;
    let nearness = place.seen_by(needs);
    let Assessment { verdict, reasons, preferred } = assess(rules, unit, nearness, household);
    let standing = Standing {
        nearness,
        wanted_type: household.would_like(kind),
        wheelchair_spared: unit.wheelchair != Wheelchair::None && household.needs_no_wheelchair(),
        spare_beds: household.spare_beds(unit),
        preferred,
        fresh,
        available_from,
    };
    let near_miss = verdict == Verdict::NotSuitable && one_obstacle(&reasons);
    let order = Order {
        verdict,
        far_from_fitting: verdict == Verdict::NotSuitable && !near_miss,
        wanted_area: nearness.wanted.unwrap_or(u8::MAX),
        wanted_type: standing.wanted_type.unwrap_or(u8::MAX),
        loses_school: !nearness.keeps_school,
        loses_work: !nearness.keeps_work,
        wheelchair_spared: standing.wheelchair_spared,
        too_few_beds: standing.spare_beds < 0,
        beds_out: standing.spare_beds.unsigned_abs(),
        not_preferred: !preferred,
        stale: !fresh,
        available_from,
        confirmed_at: Reverse(confirmed_at),
    };
    (order, Match { key, verdict, reasons, near_miss, standing })
}

/// Reasons of the same obstacle stand together, the worst first.
fn one_obstacle(reasons: &[Reason]) -> bool {
    let mut in_the_way = reasons.iter().take_while(|reason| reason.effect == Verdict::NotSuitable);
    in_the_way.next().is_some_and(|first| in_the_way.all(|reason| reason.obstacle == first.obstacle))
}

/// Counts the verdicts.
pub fn counts<K>(matches: &[Match<K>]) -> Counts {
    let mut counts = Counts::default();
    for found in matches {
        counts.add(found.verdict, 1);
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
