//! Sanctuaries, for both sides: the worker who asks that a home is made safe, and the scheme that does it.

mod ask;
mod board;
mod capacity;
mod deeds;
mod follow_ups;
mod home;
mod show;

use actix_web::web::ServiceConfig;

use super::form::{Posted, missing};
use super::words::count;
use crate::domain::household::Answer;
use crate::domain::sanctuary::{Consent, Fitting, Installer, Left, State, StillSafe, Tenure};
use crate::error::AppError;

pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(board::routes)
        .configure(ask::routes)
        .configure(deeds::routes)
        .configure(home::routes)
        .configure(follow_ups::routes)
        .configure(capacity::routes)
        .configure(show::routes);
}

/// How far a job has come, in words.
pub fn state(state: State, booked: bool) -> &'static str {
    match state {
        State::Requested if booked => "Survey has a day",
        State::Requested => "Waits for a day",
        State::Surveyed => "Surveyed",
        State::Installed => "Fitted",
        State::SignedOff => "Signed off",
        State::Declined => "Declined",
        State::NotFeasible => "Cannot be done",
        State::Withdrawn => "Withdrawn",
    }
}

/// The last part of its class.
fn class(state: State) -> &'static str {
    match state {
        State::Requested => "held",
        State::Surveyed => "lived",
        State::Installed => "expected",
        State::SignedOff => "free",
        _ => "void",
    }
}

const TENURES: [(&str, &str); 4] = [
    ("owner_occupier", "They own it"),
    ("private_renter", "They rent it from a private landlord"),
    ("social_housing", "They rent it from the council or a housing association"),
    ("unknown", "Not known yet"),
];

const CONSENTS: [(&str, &str); 5] = [
    ("not_asked", "Not asked yet"),
    ("not_needed", "Not needed"),
    ("asked", "Asked, no answer yet"),
    ("given", "The landlord agrees"),
    ("refused", "The landlord said no"),
];

const INSTALLERS: [(&str, &str); 6] = [
    ("in_house", "Our own people"),
    ("contractor", "A contractor"),
    ("police", "The police"),
    ("fire_service", "The fire service"),
    ("housing_provider", "The landlord or housing provider"),
    ("other", "Somebody else"),
];

const FITTINGS: [(&str, &str); 3] = [("planned", "Planned"), ("fitted", "Fitted"), ("removed", "Removed again")];

const ANSWERS: [(&str, &str); 3] = [("yes", "Yes"), ("no", "No"), ("unknown", "Not known")];

const STILL_SAFE: [(&str, &str); 4] = [
    ("still_safe", "Yes, still safe at home"),
    ("not_safe", "No, not safe any more"),
    ("moved", "They have moved"),
    ("not_reached", "Nobody could be reached"),
];

/// The words beside a code of ours.
fn words<'a>(all: &[(&str, &'a str)], code: &str) -> &'a str {
    all.iter().find(|(known, _)| *known == code).map_or("", |(_, words)| words)
}

fn tenure(tenure: Tenure) -> &'static str {
    words(&TENURES, tenure.as_str())
}

fn consent(consent: Consent) -> &'static str {
    words(&CONSENTS, consent.as_str())
}

fn installer(installer: Installer) -> &'static str {
    words(&INSTALLERS, installer.as_str())
}

fn fitting(fitting: Fitting) -> &'static str {
    words(&FITTINGS, fitting.as_str())
}

fn answer(answer: Answer) -> &'static str {
    words(&ANSWERS, answer.as_str())
}

fn still_safe(answer: StillSafe) -> &'static str {
    words(&STILL_SAFE, answer.as_str())
}

/// "£120", "£120.50".
pub fn pounds(pence: i64) -> String {
    match (pence / 100, pence % 100) {
        (pounds, 0) => format!("£{pounds}"),
        (pounds, pence) => format!("£{pounds}.{pence:02}"),
    }
}

/// An amount in pounds as it was typed, in pence; nothing is none.
fn pence(posted: &Posted, name: &str) -> Result<Option<i32>, AppError> {
    let typed = posted.get(name).trim_start_matches('£').replace(',', "");
    if typed.is_empty() {
        return Ok(None);
    }
    let (pounds, pence) = typed.split_once('.').unwrap_or((typed.as_str(), "0"));
    let read = || {
        let pounds: i32 = pounds.parse().ok().filter(|pounds| (0..=10_000_000).contains(pounds))?;
        let digits = pence.len();
        let pence: i32 = pence.parse().ok().filter(|pence| *pence >= 0 && digits <= 2)?;
        Some(pounds * 100 + if digits == 1 { pence * 10 } else { pence })
    };
    read().map(Some).ok_or_else(|| missing(name, "Enter an amount in pounds, like 120 or 120.50"))
}

/// A month, and what is left of it in words.
pub fn left_of(left: &Left) -> (String, String) {
    let month = left.month.format("%B %Y").to_string();
    let jobs = left.jobs.zip(left.jobs_left).map(|(all, left)| format!("{left} of {} left", count_of(all, "job")));
    let budget = left
        .budget_pence
        .zip(left.budget_left_pence)
        .map(|(all, left)| format!("{} of {} left", pounds(i64::from(left)), pounds(i64::from(all))));
    let mut parts: Vec<String> = [jobs, budget].into_iter().flatten().collect();
    if parts.is_empty() {
        parts.push("No limit is written down".into());
    }
    if left.waiting > 0 {
        let verb = if left.waiting == 1 { "waits" } else { "wait" };
        parts.push(format!("{} {verb} for a day", count_of(left.waiting, "job")));
    }
    (month, parts.join(", "))
}

fn count_of(number: i32, one: &str) -> String {
    count(usize::try_from(number).unwrap_or_default(), one)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", Ok(None))]
    #[case("120", Ok(Some(12_000)))]
    #[case("£1,200.5", Ok(Some(120_050)))]
    #[case("0.05", Ok(Some(5)))]
    #[case("12.345", Err(()))]
    #[case("-3", Err(()))]
    #[case("much", Err(()))]
    fn an_amount_is_read_in_pounds(#[case] typed: &str, #[case] expected: Result<Option<i32>, ()>) {
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("cost", typed).finish();
        assert_eq!(pence(&Posted::new("/x", body), "cost").map_err(drop), expected);
    }

    #[test]
    fn what_is_left_is_told_in_words() {
        let month = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        let left = |jobs, left, budget| Left {
            month,
            jobs,
            jobs_left: left,
            budget_pence: budget,
            budget_left_pence: budget,
            waiting: 1,
            version: 1,
        };
        let (name, text) = left_of(&left(Some(8), Some(3), None));
        assert_eq!((name.as_str(), text.as_str()), ("November 2026", "3 of 8 jobs left, 1 job waits for a day"));
        assert_eq!(left_of(&left(None, None, Some(120_050))).1, "£1200.50 of £1200.50 left, 1 job waits for a day");
    }
}
