//! How a survivor says that she fares when she leaves: one set for each stay.

use chrono::{NaiveDate, TimeDelta};

use super::words;
use crate::clock::At;

words! {
    /// What the survivor said, compared with the day she came. Not to have asked is an answer that is counted.
    #[schema(as = OutcomeAnswer)]
    Answer {
        Better = "better",
        Same = "same",
        Worse = "worse",
        DidNotWantToSay = "did_not_want_to_say",
        NotAsked = "not_asked",
    }
}

words! {
    /// How she was asked.
    AskedHow { InPerson = "in_person", Phone = "phone", Form = "form" }
}

/// How long what was recorded can be put right.
pub const EDITABLE: TimeDelta = TimeDelta::days(28);

/// When what was first recorded at this instant can no longer be changed.
pub fn fixed_at(recorded_at: At) -> At {
    recorded_at + EDITABLE
}

/// What is wrong with when somebody was asked: the field, and what to do.
pub fn wrong(
    answers: [Answer; 3],
    asked: (Option<NaiveDate>, Option<AskedHow>),
    (first, last): (NaiveDate, NaiveDate),
) -> Option<(&'static str, &'static str)> {
    let nobody_asked = answers == [Answer::NotAsked; 3];
    match asked {
        (None, None) if nobody_asked => None,
        (Some(_), _) if nobody_asked => Some(("/asked_on", "nothing was asked: leave the day out")),
        (_, Some(_)) if nobody_asked => Some(("/asked_how", "nothing was asked: leave this out")),
        (None, _) => Some(("/asked_on", "say on which day she was asked")),
        (Some(_), None) => Some(("/asked_how", "say how she was asked")),
        (Some(day), Some(_)) if day < first => Some(("/asked_on", "this is before the stay began")),
        (Some(day), Some(_)) if day > last => Some(("/asked_on", "this day has not come yet")),
        (Some(_), Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ASKED: [Answer; 3] = [Answer::Better, Answer::NotAsked, Answer::DidNotWantToSay];
    const NOT: [Answer; 3] = [Answer::NotAsked; 3];

    #[rstest]
    #[case::asked(ASKED, Some(5), Some(AskedHow::Phone), None)]
    #[case::not_asked(NOT, None, None, None)]
    #[case::a_day_for_nothing(NOT, Some(5), None, Some("/asked_on"))]
    #[case::a_way_for_nothing(NOT, None, Some(AskedHow::Form), Some("/asked_how"))]
    #[case::no_day(ASKED, None, Some(AskedHow::Form), Some("/asked_on"))]
    #[case::no_way(ASKED, Some(5), None, Some("/asked_how"))]
    #[case::too_early(ASKED, Some(1), Some(AskedHow::Form), Some("/asked_on"))]
    #[case::to_come(ASKED, Some(9), Some(AskedHow::Form), Some("/asked_on"))]
    fn who_was_asked_was_asked_on_a_day_of_the_stay(
        #[case] answers: [Answer; 3],
        #[case] day: Option<u32>,
        #[case] how: Option<AskedHow>,
        #[case] field: Option<&str>,
    ) {
        let of = |day| NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
        let found = wrong(answers, (day.map(of), how), (of(2), of(8)));
        assert_eq!(found.map(|(field, _)| field), field);
    }
}
