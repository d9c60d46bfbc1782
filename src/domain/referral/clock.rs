//! How long a referral has waited, for whom, and when it lapses. The provider's time stands still while it waits for the
//! referrer's answer.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{MessageKind, Side, State};
use crate::clock::At;

/// How long each side may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// In which a provider is to answer.
    pub answer_within: TimeDelta,
    /// A referral lapses so long after the provider last moved, or it last became its turn.
    pub lapses_after: TimeDelta,
    /// A referral lapses so long after something was asked that the referrer never answered.
    pub information_within: TimeDelta,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer_within: TimeDelta::hours(2),
            lapses_after: TimeDelta::hours(72),
            information_within: TimeDelta::days(7),
        }
    }
}

/// That something was written, by whom, when: all that the clock needs of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub side: Side,
    pub kind: MessageKind,
    pub at: At,
}

/// How a referral waits now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub waiting_for: Side,
    /// Since when it is that side's turn.
    pub since: At,
    /// The provider's time that is used up, in seconds: without that of the referrer.
    pub used: i64,
    /// When the provider is to have answered; none while the referrer has to.
    pub answer_due_at: Option<At>,
}

impl Waiting {
    /// By how much the provider is late; none when it is not, or it is not its turn.
    pub fn late(&self, now: At) -> Option<TimeDelta> {
        self.answer_due_at.map(|due| now - due).filter(|late| *late > TimeDelta::zero())
    }
}

/// How a referral that was sent then waits now; `None` when it waits for nobody. `written` is in order.
pub fn waiting(state: State, sent_at: At, written: &[Written], patience: Patience, now: At) -> Option<Waiting> {
    let mut paused = TimeDelta::zero();
    let (mut since, mut asked) = (sent_at, None);
    for one in written {
        match one.kind {
            MessageKind::Question if asked.is_none() => asked = Some(one.at),
            MessageKind::Answer => {
                if let Some(asked) = asked.take() {
                    paused += one.at - asked;
                    since = one.at;
                }
            }
            MessageKind::Question | MessageKind::Message => {}
        }
    }
    let used = |until: At| (until - sent_at - paused).max(TimeDelta::zero()).num_seconds();
    match state {
        State::Sent => {
            let answer_due_at = Some(sent_at + patience.answer_within + paused);
            Some(Waiting { waiting_for: Side::Provider, since, used: used(now), answer_due_at })
        }
        State::InformationRequested => {
            let since = asked.unwrap_or(since);
            Some(Waiting { waiting_for: Side::Referrer, since, used: used(since), answer_due_at: None })
        }
        _ => None,
    }
}

/// When a referral lapses if nothing more happens; `None` when it waits for nobody. Whatever the side whose turn it is
/// writes keeps it alive.
pub fn lapses_at(state: State, sent_at: At, written: &[Written], patience: Patience) -> Option<At> {
    let waiting = waiting(state, sent_at, written, patience, sent_at)?;
    let side = waiting.waiting_for;
    let moved = written.iter().filter(|one| one.side == side && one.at >= waiting.since).map(|one| one.at).max();
    let from = moved.unwrap_or(waiting.since).max(waiting.since);
    Some(match side {
        Side::Provider => from + patience.lapses_after,
        Side::Referrer => from + patience.information_within,
    })
}

/// The coded reason of a referral that has lapsed.
pub fn reason_of_lapse(waiting_for: Side) -> &'static str {
    match waiting_for {
        Side::Provider => "no_answer",
        Side::Referrer => "information_not_given",
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn at(minutes: i64) -> At {
        At::from(DateTime::from_timestamp(1_775_034_000, 0).unwrap()) + TimeDelta::minutes(minutes)
    }

    /// `?10 !25 p30 r40`: asked at 10 minutes, answered at 25, a message of the provider at 30, of the referrer at 40.
    fn history(text: &str) -> Vec<Written> {
        let one = |word: &str| {
            let (side, kind) = match &word[..1] {
                "?" => (Side::Provider, MessageKind::Question),
                "!" => (Side::Referrer, MessageKind::Answer),
                "p" => (Side::Provider, MessageKind::Message),
                _ => (Side::Referrer, MessageKind::Message),
            };
            Written { side, kind, at: at(word[1..].parse().unwrap()) }
        };
        text.split_whitespace().map(one).collect()
    }

    #[rstest]
    #[case::at_once(State::Sent, "", 0, Some((Side::Provider, 0, 0, Some(120))), None)]
    #[case::a_note_with_it(State::Sent, "r0", 80, Some((Side::Provider, 0, 80, Some(120))), None)]
    #[case::on_the_minute(State::Sent, "", 120, Some((Side::Provider, 0, 120, Some(120))), None)]
    #[case::over(State::Sent, "", 160, Some((Side::Provider, 0, 160, Some(120))), Some(40))]
    #[case::asked(State::InformationRequested, "?30", 300, Some((Side::Referrer, 30, 30, None)), None)]
    #[case::answered(State::Sent, "?30 !90", 100, Some((Side::Provider, 90, 40, Some(180))), None)]
    #[case::asked_twice(State::InformationRequested, "?30 !90 ?100", 500, Some((Side::Referrer, 100, 40, None)), None)]
    #[case::answered_twice(State::Sent, "?30 !90 ?100 !400", 490, Some((Side::Provider, 400, 130, Some(480))), Some(10))]
    #[case::a_message_is_no_answer(State::InformationRequested, "?30 r40", 50, Some((Side::Referrer, 30, 30, None)), None)]
    #[case::a_message_stops_nothing(State::Sent, "p30 r40", 130, Some((Side::Provider, 0, 130, Some(120))), Some(10))]
    #[case::late_before_it_asked(State::Sent, "?150 !200", 210, Some((Side::Provider, 200, 160, Some(170))), Some(40))]
    #[case::accepted(State::Accepted, "?30 !90", 100, None, None)]
    #[case::over_and_done(State::Lapsed, "", 100, None, None)]
    fn the_clock_runs_for_the_side_whose_turn_it_is(
        #[case] state: State,
        #[case] written: &str,
        #[case] now: i64,
        #[case] expected: Option<(Side, i64, i64, Option<i64>)>,
        #[case] late: Option<i64>,
    ) {
        let found = waiting(state, at(0), &history(written), Patience::default(), at(now));
        let expected = expected.map(|(waiting_for, since, used, due)| Waiting {
            waiting_for,
            since: at(since),
            used: used * 60,
            answer_due_at: due.map(at),
        });
        assert_eq!(found, expected);
        assert_eq!(found.and_then(|found| found.late(at(now))), late.map(TimeDelta::minutes));
    }

    const LAPSES: i64 = 72 * 60;
    const WEEK: i64 = 7 * 24 * 60;

    #[rstest]
    #[case::nobody_moved(State::Sent, "", Some(LAPSES))]
    #[case::the_referrer_cannot_keep_it_alive(State::Sent, "r0 r600", Some(LAPSES))]
    #[case::the_provider_can(State::Sent, "p600", Some(600 + LAPSES))]
    #[case::asked(State::InformationRequested, "?30", Some(30 + WEEK))]
    #[case::asked_and_the_referrer_said_something(State::InformationRequested, "?30 r90", Some(90 + WEEK))]
    #[case::the_provider_cannot_keep_its_own_question_alive(State::InformationRequested, "?30 p90", Some(30 + WEEK))]
    #[case::answered(State::Sent, "?30 !5000", Some(5000 + LAPSES))]
    #[case::moved_before_it_asked(State::Sent, "p20 ?30 !5000", Some(5000 + LAPSES))]
    #[case::accepted(State::Accepted, "", None)]
    fn it_lapses_when_the_side_whose_turn_it_is_does_nothing(
        #[case] state: State,
        #[case] written: &str,
        #[case] expected: Option<i64>,
    ) {
        assert_eq!(lapses_at(state, at(0), &history(written), Patience::default()), expected.map(at));
    }

    proptest! {
        /// However often they ask and answer, the provider's time and the referrer's add up to the whole.
        #[test]
        fn no_time_is_counted_twice_or_lost(gaps in prop::collection::vec((1_i64..300, 1_i64..300), 0..6), rest in 0_i64..300) {
            let (mut now, mut referrers, mut written) = (0, 0, Vec::new());
            for (before, pause) in gaps {
                written.push(Written { side: Side::Provider, kind: MessageKind::Question, at: at(now + before) });
                now += before + pause;
                written.push(Written { side: Side::Referrer, kind: MessageKind::Answer, at: at(now) });
                referrers += pause;
            }
            let found = waiting(State::Sent, at(0), &written, Patience::default(), at(now + rest)).unwrap();
            prop_assert_eq!(found.used, (now + rest - referrers) * 60);
            prop_assert_eq!(found.since, at(now));
        }
    }
}
