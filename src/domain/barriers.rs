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
