//! What other rules would have made of the last searches, in words and as a picture.

use crate::actions::searches::Effect;
use crate::domain::matching::Counts;
use crate::web::chart::{Chart, Series, columns};

pub struct Preview {
    pub says: Vec<String>,
    pub chart: Option<Chart>,
}

impl Preview {
    pub fn of(effect: &Effect) -> Self {
        if effect.searches == 0 {
            let none = "No search of the last 90 days looked at this service, so nobody can say what would change.";
            return Self { says: vec![none.to_owned()], chart: None };
        }
        let searches = match effect.searches {
            1 => "1 search".to_owned(),
            many => format!("{many} searches"),
        };
        let mut says = vec![format!("In the last 90 days, {searches} looked at this service.")];
        let changes = [
            (effect.opened, "more would have found a suitable home"),
            (effect.closed, "would have lost it"),
            (effect.opened_to_talk, "more could have been talked about"),
            (effect.closed_to_talk, "could not be talked about any more"),
        ];
        let changed: Vec<String> = changes
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}."))
            .collect();
        if effect.before == effect.after && changed.is_empty() {
            says.push("Your answers would have changed nothing for them.".into());
        } else if changed.is_empty() {
            says.push("As many as before would have been turned away.".into());
        }
        says.extend(changed);
        Self { says, chart: Some(chart(effect)) }
    }
}

fn chart(Effect { before, after, .. }: &Effect) -> Chart {
    let value = |of: fn(&Counts) -> usize| [before, after].map(|counts| u64::try_from(of(counts)).unwrap_or(u64::MAX));
    let series = |name: &str, of: fn(&Counts) -> usize| Series { name: name.into(), values: value(of).to_vec() };
    let all = [
        series("Suitable", |counts| counts.suitable),
        series("To ask or talk about", |counts| counts.discuss + counts.missing_information),
        series("Not suitable", |counts| counts.not_suitable),
    ];
    let told = |n: usize| {
        let parts = all.iter().map(|one| format!("{} {}", one.values[n], one.name.to_lowercase()));
        parts.collect::<Vec<_>>().join(", ")
    };
    let says = format!("With the rules now: {}. With these answers: {}.", told(0), told(1));
    let names = ["The rules now".to_owned(), "These answers".to_owned()];
    columns("effect", "The best that each search found at this service", &says, &names, &all)
}

#[cfg(test)]
mod tests {
    use askama::Template;

    use super::*;

    fn counts(suitable: usize, discuss: usize, not_suitable: usize) -> Counts {
        Counts { suitable, discuss, missing_information: 0, not_suitable }
    }

    #[test]
    fn an_effect_is_told_in_numbers_that_can_be_read_without_seeing() {
        let effect = Effect {
            searches: 20,
            before: counts(3, 5, 12),
            after: counts(6, 4, 10),
            opened: 4,
            closed: 1,
            opened_to_talk: 0,
            closed_to_talk: 1,
        };
        let told = Preview::of(&effect);
        let expected = [
            "In the last 90 days, 20 searches looked at this service.",
            "4 more would have found a suitable home.",
            "1 would have lost it.",
            "1 could not be talked about any more.",
        ];
        assert_eq!(told.says, expected);
        let drawn = told.chart.unwrap().render().unwrap();
        let says = "With the rules now: 3 suitable, 5 to ask or talk about, 12 not suitable. With these answers: 6 suitable, \
                    4 to ask or talk about, 10 not suitable.";
        assert!(drawn.contains(says), "{drawn}");
    }

    #[test]
    fn where_there_was_no_search_nothing_is_made_up() {
        let told = Preview::of(&Effect::default());
        assert!(told.chart.is_none() && told.says[0].starts_with("No search"), "{:?}", told.says);
        let same = Effect { searches: 1, before: counts(1, 0, 0), after: counts(1, 0, 0), ..Effect::default() };
        let says = Preview::of(&same).says;
        assert_eq!(
            says,
            [
                "In the last 90 days, 1 search looked at this service.",
                "Your answers would have changed nothing for them."
            ]
        );
    }
}
