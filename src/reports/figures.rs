//! Figures as people read them.

use crate::domain::measures::{Figure, Kind, Measure, change};

/// "33.3%", "3.5 days"; a dash of nothing.
pub fn value(kind: Kind, figure: &Figure) -> String {
    let Some(value) = figure.value else { return "–".to_owned() };
    match kind {
        Kind::Count | Kind::Per10000 => value.to_string(),
        Kind::Percent => format!("{value}%"),
        Kind::Days => format!("{value} days"),
        Kind::Minutes => format!("{value} minutes"),
        Kind::Money => format!("£{value}"),
    }
}

/// How a figure stands to that of the period before: "12% more than 25", "up from 78.1%"; `None` where one of them is not
/// there.
pub fn compared(kind: Kind, now: &Figure, before: &Figure) -> Option<String> {
    let (new, old) = (now.value?, before.value?);
    let was = value(kind, before);
    Some(match kind {
        Kind::Count | Kind::Money => {
            let percent = change(hundredths(old), hundredths(new));
            match percent {
                _ if new.total_cmp(&old).is_eq() => "the same as before".to_owned(),
                None => "none before".to_owned(),
                Some(percent) if percent < 0.0 => format!("{}% less than {was}", -percent),
                Some(percent) => format!("{percent}% more than {was}"),
            }
        }
        _ => match new.total_cmp(&old) {
            std::cmp::Ordering::Equal => "the same as before".to_owned(),
            std::cmp::Ordering::Greater => format!("up from {was}"),
            std::cmp::Ordering::Less => format!("down from {was}"),
        },
    })
}

/// A measure and how it stands to the period before, as one sentence.
pub fn sentence(measure: &Measure, before: Option<&Measure>) -> Option<String> {
    measure.figure.value?;
    let (title, told) = (measure.code.definition().title, value(measure.kind, &measure.figure));
    let than = before.and_then(|before| compared(measure.kind, &measure.figure, &before.figure));
    Some(match than {
        Some(than) => format!("{title}: {told}, {than}."),
        None => format!("{title}: {told}."),
    })
}

/// A number that is not negative, in whole hundredths.
#[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "no figure is negative, or that large")]
pub fn hundredths(value: f64) -> u64 {
    (value * 100.0).round() as u64
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn figure(value: f64) -> Figure {
        Figure { value: Some(value), numerator: None, denominator: None }
    }

    #[rstest]
    #[case(Kind::Count, 252.0, 281.0, "10.3% less than 281")]
    #[case(Kind::Count, 281.0, 67.0, "319.4% more than 67")]
    #[case(Kind::Count, 5.0, 5.0, "the same as before")]
    #[case(Kind::Count, 5.0, 0.0, "none before")]
    #[case(Kind::Percent, 79.2, 78.1, "up from 78.1%")]
    #[case(Kind::Minutes, 45.0, 60.0, "down from 60 minutes")]
    fn a_figure_is_compared_in_words(#[case] kind: Kind, #[case] now: f64, #[case] before: f64, #[case] told: &str) {
        assert_eq!(compared(kind, &figure(now), &figure(before)).as_deref(), Some(told));
        assert_eq!(compared(kind, &figure(now), &Figure::default()), None);
    }
}
