//! Other ways to safety while nothing suits.

use super::Match;
use crate::domain::eligibility::{Obstacle, Question, Verdict, Whose};
use crate::domain::provision::AccommodationType;
use crate::domain::words;

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
