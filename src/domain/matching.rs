//! The vacancies of one search, best first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::eligibility::{
    Assessment, Household, InForce, Nearness, Obstacle, Place, Question, Reason, Verdict, assess, obstacles, without,
};
use super::household::Needs;
use super::provision::{AccommodationType, UnitFacts, Wheelchair};
use crate::clock::At;

mod alternatives;

pub use alternatives::{Alternative, Route, alternatives};

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
mod tests;
