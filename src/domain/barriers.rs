//! What stood in the way of a household: the record of a search that mattered, so compact that it names nobody and so
//! complete that its verdicts can be worked out again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::eligibility::{Household, InForce, Nearness, Obstacle, Verdict, Version, assess};
use super::matching::{Counts, Match};
use super::provision::UnitFacts;
use super::words;

words! {
    /// Why a search was recorded.
    Occasion {
        /// A worker said that it matters.
        Marked = "marked",
        Referred = "referred",
        /// The case was put under watch.
        Waiting = "waiting",
        /// The case was closed without a place: the household was turned away.
        TurnedAway = "turned_away",
    }
}

/// Vacant homes of one service that are alike, and what became of them in one search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Homes {
    pub number: usize,
    pub unit: UnitFacts,
    /// The sets of rules that counted.
    pub rules: Vec<Version>,
    pub nearness: Nearness,
    pub verdict: Verdict,
    /// Everything that stood in the way.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub obstacles: Vec<Obstacle>,
    /// With one obstacle: the verdict that there would be without it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub without: Option<Verdict>,
}

impl Homes {
    /// The verdict, worked out again under other rules.
    pub fn again(&self, household: &Household, rules: &InForce) -> Verdict {
        assess(rules, &self.unit, self.nearness, household).verdict
    }
}

/// How often one thing stood in the way at one service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InTheWay {
    /// Of homes for which it was the only thing: the verdicts that they would have without it.
    pub alone: Counts,
    /// Of homes for which there was something else as well.
    pub together: usize,
}

/// Adds a match to the homes of its service, beside those that are alike.
pub fn add<K>(homes: &mut Vec<Homes>, found: &Match<K>, unit: &UnitFacts, rules: &[Version]) {
    let nearness = found.standing.nearness;
    let alike = |known: &&mut Homes| known.unit == *unit && known.rules == rules && known.nearness == nearness;
    if let Some(known) = homes.iter_mut().find(alike) {
        known.number += 1;
        return;
    }
    let obstacles = found.obstacles();
    let without = match obstacles[..] {
        [only] => Some(found.without(only)),
        _ => None,
    };
    homes.push(Homes {
        number: 1,
        unit: unit.clone(),
        rules: rules.to_vec(),
        nearness,
        verdict: found.verdict,
        obstacles,
        without,
    });
}

/// What stood in the way at a service, by what it is about.
pub fn in_the_way(homes: &[Homes]) -> BTreeMap<Obstacle, InTheWay> {
    let mut found: BTreeMap<Obstacle, InTheWay> = BTreeMap::new();
    for alike in homes {
        match (&alike.obstacles[..], alike.without) {
            ([only], Some(verdict)) => found.entry(*only).or_default().alone.add(verdict, alike.number),
            (several, _) => {
                for obstacle in several {
                    found.entry(*obstacle).or_default().together += alike.number;
                }
            }
        }
    }
    found
}

/// How many homes got each verdict.
pub fn counts<'a>(homes: impl IntoIterator<Item = &'a Homes>) -> Counts {
    let mut counts = Counts::default();
    for alike in homes {
        counts.add(alike.verdict, alike.number);
    }
    counts
}

/// What other rules of a service would have made of searches that looked at it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effect {
    /// Searches that looked at a vacancy of the service.
    pub searches: usize,
    /// By the best verdict at the service: under the rules in force, and under the others.
    pub before: Counts,
    pub after: Counts,
    /// From not suitable to suitable, and back.
    pub opened: usize,
    pub closed: usize,
    /// From not suitable to something that may be talked about or asked, and back.
    pub opened_to_talk: usize,
    pub closed_to_talk: usize,
}

impl Effect {
    /// One more search, by its best verdict under the rules in force and under the others.
    pub fn add(&mut self, before: Verdict, after: Verdict) {
        self.searches += 1;
        self.before.add(before, 1);
        self.after.add(after, 1);
        match (before, after) {
            (Verdict::NotSuitable, Verdict::Suitable) => self.opened += 1,
            (Verdict::Suitable, Verdict::NotSuitable) => self.closed += 1,
            (Verdict::NotSuitable, Verdict::Discuss | Verdict::MissingInformation) => self.opened_to_talk += 1,
            (Verdict::Discuss | Verdict::MissingInformation, Verdict::NotSuitable) => self.closed_to_talk += 1,
            _ => {}
        }
    }
}

/// One household in the report: what its searches found, all together.
#[derive(Debug, Clone)]
pub struct Searched<K> {
    /// The best verdict that any home had; `None` when no home was vacant.
    pub best: Option<Verdict>,
    /// What stood in the way in each search, and where.
    pub in_the_way: Vec<(K, Obstacle, InTheWay)>,
}

/// One thing that stood in the way, counted in households that found nothing suitable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Barrier {
    pub obstacle: Obstacle,
    /// Of so many it was the only thing in the way of at least one home.
    pub alone: usize,
    /// Of so many others it stood in the way, but never alone.
    pub together: usize,
    /// So many would have had at least one suitable home, had this one thing been different.
    pub would_suit: usize,
    /// So many others would have had one to talk about with the provider.
    pub would_talk: usize,
}

/// What stood in the way at the places for which `here` is true: first the one thing whose absence would have given the
/// most households a suitable home.
///
/// Households that found a suitable home count nowhere: what kept them from it was no rule.
pub fn barriers<K>(households: &[Searched<K>], here: impl Fn(&K) -> bool) -> Vec<Barrier> {
    let mut found: BTreeMap<Obstacle, Barrier> = BTreeMap::new();
    for household in households.iter().filter(|household| household.best != Some(Verdict::Suitable)) {
        let mut own: BTreeMap<Obstacle, InTheWay> = BTreeMap::new();
        for (_, obstacle, there) in household.in_the_way.iter().filter(|(place, ..)| here(place)) {
            let own = own.entry(*obstacle).or_default();
            own.alone.suitable += there.alone.suitable;
            own.alone.discuss += there.alone.discuss;
            own.alone.missing_information += there.alone.missing_information;
            own.together += there.together;
        }
        for (obstacle, InTheWay { alone, .. }) in own {
            let nothing = Barrier { obstacle, alone: 0, together: 0, would_suit: 0, would_talk: 0 };
            let barrier = found.entry(obstacle).or_insert(nothing);
            *(if alone.all() > 0 { &mut barrier.alone } else { &mut barrier.together }) += 1;
            barrier.would_suit += usize::from(alone.suitable > 0);
            let only_talk = alone.suitable == 0 && alone.discuss > 0 && household.best != Some(Verdict::Discuss);
            barrier.would_talk += usize::from(only_talk);
        }
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by_key(|barrier| {
        let Barrier { obstacle, alone, would_suit, would_talk, .. } = *barrier;
        (std::cmp::Reverse((would_suit, would_talk, alone)), obstacle)
    });
    found
}

/// The one change that would have given the most households a suitable home, in a sentence.
pub fn answer(barriers: &[Barrier], households: usize) -> String {
    match barriers.first() {
        Some(Barrier { obstacle, would_suit: more @ 1.., .. }) => {
            let (many, change) = (if *more == 1 { "1 more household" } else { "" }, obstacle.change());
            let many = if many.is_empty() { format!("{more} more households") } else { many.to_owned() };
            format!("If {change}, {many} would have had at least one suitable place.")
        }
        _ if households == 0 => "There were no such households in this time.".to_owned(),
        _ => "No single change would have given any of these households a suitable place.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
