//! What other rules would have made of the last searches, in words and as a picture.

use crate::domain::barriers::Effect;
use crate::domain::matching::Counts;
use crate::web::chart::{Chart, Series, divided};

pub struct Preview {
    pub says: Vec<String>,
    pub chart: Option<Chart>,
    /// What was found, by how many searches: now, and with the answers.
    pub rows: Vec<(&'static str, usize, usize)>,
}

/// A verdict, or several together, and how many there are.
type Found = (&'static str, fn(&Counts) -> usize);

const FOUND: [Found; 3] = [
    ("Suitable", |counts| counts.suitable),
    ("To ask or talk about", |counts| counts.discuss + counts.missing_information),
    ("Not suitable", |counts| counts.not_suitable),
];

impl Preview {
    pub fn of(effect: &Effect) -> Self {
        if effect.searches == 0 {
            let none = "No search of the last 90 days looked at this service, so nobody can say what would change.";
            return Self { says: vec![none.to_owned()], chart: None, rows: Vec::new() };
        }
        let searches = match effect.searches {
            1 => "1 search".to_owned(),
            many => format!("{many} searches"),
        };
        let mut says = vec![format!("In the last 90 days, {searches} looked at this service.")];
        let changes = [
            (effect.opened, "more would have found a suitable home"),
            (effect.closed, "would have lost a suitable home"),
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
        let rows = FOUND.map(|(name, of)| (name, of(&effect.before), of(&effect.after))).to_vec();
        Self { says, chart: Some(chart(&rows)), rows }
    }
}

fn chart(rows: &[(&str, usize, usize)]) -> Chart {
    let number = |of: usize| u64::try_from(of).unwrap_or(u64::MAX);
    let series = rows
        .iter()
        .map(|(name, now, then)| Series { name: (*name).to_owned(), values: vec![number(*now), number(*then)] });
    let told = |of: fn(&(&str, usize, usize)) -> usize| {
        rows.iter().map(|row| format!("{} {}", of(row), row.0.to_lowercase())).collect::<Vec<_>>().join(", ")
    };
    let says = format!("With the rules now: {}. With these answers: {}.", told(|row| row.1), told(|row| row.2));
    let names = ["The rules now".to_owned(), "These answers".to_owned()];
    divided("effect", "The best that each search found at this service", &says, &names, &series.collect::<Vec<_>>())
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
            "1 would have lost a suitable home.",
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
