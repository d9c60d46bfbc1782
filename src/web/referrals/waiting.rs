//! How long a referral has waited, for whom, and what that means for whoever reads it.

use chrono::TimeDelta;

use crate::api::referrals::Referral;
use crate::clock::At;
use crate::db::referrals::Side;
use crate::domain::household::RiskBand;
use crate::domain::referral::State;
use crate::web::words::{clock_time, count, day_from, length};

/// A wait in words.
pub struct Told {
    pub text: String,
    /// Whether the service is late.
    pub late: bool,
}

/// "1 h 20", "40 minutes", "3 days".
fn short(time: TimeDelta) -> String {
    match (time.num_hours(), time.num_minutes() % 60) {
        (0 | 48.., _) => length(time),
        (hours, 0) => count(usize::try_from(hours).unwrap_or_default(), "hour"),
        (hours, minutes) => format!("{hours} h {minutes:02}"),
    }
}

/// The wait of a referral, for a reader on this side; none when it waits for nobody.
pub fn told(referral: &Referral, side: Side, now: At) -> Option<Told> {
    let (waiting_for, since) = (referral.waiting_for?, referral.waiting_since?);
    let waited = short(now - since);
    let text = match (waiting_for, referral.answer_due_at, side) {
        (Side::Provider, Some(due), side) if now > due => {
            let over = short(now - due);
            match side {
                Side::Provider => format!("{over} over: answer now"),
                Side::Referrer => format!("{over} over: ring them"),
            }
        }
        (Side::Provider, Some(due), side) => {
            let time = clock_time(due);
            let by =
                if due.date() == now.date() { time } else { format!("{time} {}", day_from(due.date(), now.date())) };
            match side {
                Side::Provider => format!("Waiting {waited}. Answer by {by}"),
                Side::Referrer => format!("Waiting {waited}. They should answer by {by}"),
            }
        }
        (_, _, Side::Referrer) => format!("They asked {waited} ago: answer soon"),
        (_, _, Side::Provider) => format!("You asked {waited} ago. Your time stands still until they answer"),
    };
    Some(Told { text, late: referral.overdue })
}

/// How far a referral has come, in words: with what brought a silent end about.
pub fn state(referral: State, reason: Option<&str>) -> &'static str {
    match (referral, reason) {
        (State::Lapsed, Some("no_answer")) => "Lapsed: nobody answered",
        (State::Lapsed, Some("information_not_given")) => "Lapsed: the question was not answered",
        (State::Withdrawn, Some("accepted_elsewhere")) => "No longer needed",
        (state, _) => super::state(state),
    }
}

/// What makes a referral urgent, as far as the provider may know it.
pub fn urgency(risk: Option<RiskBand>) -> Option<&'static str> {
    (risk == Some(RiskBand::High)).then_some("High risk")
}

/// "2 new messages".
pub fn unread(number: usize) -> Option<String> {
    (number > 0).then(|| count(number, "new message"))
}

/// The side for which a referral waits.
pub fn side_to_answer(state: State) -> Side {
    if state == State::InformationRequested { Side::Referrer } else { Side::Provider }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(5, "5 minutes")]
    #[case(80, "1 h 20")]
    #[case(60, "1 hour")]
    #[case(125, "2 h 05")]
    #[case(60 * 50, "2 days")]
    fn a_wait_is_short_to_read(#[case] minutes: i64, #[case] text: &str) {
        assert_eq!(short(TimeDelta::minutes(minutes)), text);
    }
}
