use chrono::{DateTime, NaiveDate};
use rstest::rstest;

use super::*;

fn at(text: &str) -> At {
    text.parse::<DateTime<chrono::Utc>>().unwrap().into()
}

fn quiet(from: &str, until: &str) -> QuietHours {
    QuietHours { from: from.parse().unwrap(), until: until.parse().unwrap() }
}

#[rstest]
#[case::before_midnight("22:00", "07:00", "2026-01-05T22:30:00Z", Some("2026-01-06T07:00:00Z"))]
#[case::after_midnight("22:00", "07:00", "2026-01-05T03:00:00Z", Some("2026-01-05T07:00:00Z"))]
#[case::at_its_beginning("22:00", "07:00", "2026-01-05T22:00:00Z", Some("2026-01-06T07:00:00Z"))]
#[case::at_its_end("22:00", "07:00", "2026-01-05T07:00:00Z", None)]
#[case::by_day("22:00", "07:00", "2026-01-05T12:00:00Z", None)]
#[case::within_a_day("12:00", "14:00", "2026-01-05T13:59:00Z", Some("2026-01-05T14:00:00Z"))]
#[case::no_time_at_all("12:00", "12:00", "2026-01-05T12:00:00Z", None)]
#[case::in_summer("22:00", "07:00", "2026-07-05T21:30:00Z", Some("2026-07-06T06:00:00Z"))]
#[case::into_the_hour_that_spring_leaves_out("22:00", "01:30", "2026-03-29T00:30:00Z", Some("2026-03-29T01:30:00Z"))]
fn quiet_hours_are_those_of_england(
    #[case] from: &str,
    #[case] until: &str,
    #[case] time: &str,
    #[case] end: Option<&str>,
) {
    assert_eq!(quiet(from, until).end(at(time)), end.map(at));
}

#[test]
fn what_is_essential_comes_always_and_the_rest_as_chosen() {
    let night = at("2026-01-05T23:00:00Z");
    let choices =
        Choices { unwanted: vec![Topic::WatchMatched, Topic::Invitation], quiet_hours: Some(quiet("22:00", "07:00")) };
    for topic in Topic::ALL.iter().copied() {
        let fate = choices.fate(topic, night, night);
        let expected = if topic.essential() {
            Fate::Send
        } else if topic == Topic::WatchMatched {
            Fate::Drop(Problem::TurnedOff)
        } else {
            Fate::Wait(at("2026-01-06T07:00:00Z"))
        };
        assert_eq!(fate, expected, "{topic:?}");
        assert_eq!(Choices::default().fate(topic, night, night), Fate::Send);
    }
    let later = night + HOLD_WARNING + TimeDelta::seconds(1);
    assert_eq!(Choices::default().fate(Topic::HoldLapsing, night, later), Fate::Drop(Problem::TooLate));
    let much_later = night + TimeDelta::days(300);
    assert_eq!(Choices::default().fate(Topic::ReferralReceived, night, much_later), Fate::Send);
}

#[test]
fn waits_double_up_to_two_hours_and_end() {
    let minutes: Vec<_> = (1..=TRIES).map(|tries| wait_after(tries).map(|wait| wait.num_minutes())).collect();
    let expected = [1, 2, 4, 8, 16, 32, 64, 120, 120].map(Some);
    assert_eq!(minutes, [expected.as_slice(), &[None]].concat());
}

#[test]
fn the_other_side_of_a_referral_is_told() {
    let (referrer, provider, owner) = (OrganisationId::new(), OrganisationId::new(), AccountId::new());
    let subject = Subject::Referral { referrer, owner, provider };
    let (worker, staff) = (Recipient::Worker(owner, referrer), Recipient::Staff(provider, Action::AnswerReferrals));
    for (topic, by, told) in [
        (Topic::ReferralReceived, Some(referrer), vec![staff]),
        (Topic::InformationRequested, Some(provider), vec![worker]),
        (Topic::InformationGiven, Some(referrer), vec![staff]),
        (Topic::MessageReceived, Some(provider), vec![worker]),
        (Topic::MessageReceived, Some(referrer), vec![staff]),
        (Topic::NoLongerNeeded, Some(OrganisationId::new()), vec![staff]),
        (Topic::ReferralDecided, Some(provider), vec![worker]),
        (Topic::ReferralDecided, Some(referrer), vec![staff]),
        (Topic::ReferralDecided, None, vec![worker, staff]),
    ] {
        assert_eq!(recipients(topic, subject, by), told, "{topic:?} by {by:?}");
    }
    let own = Subject::Referral { referrer: provider, owner, provider };
    assert_eq!(recipients(Topic::ReferralDecided, own, Some(provider)).len(), 2);
    assert_eq!(recipients(Topic::Invitation, own, None), []);
}

#[rstest]
#[case("22:00", true)]
#[case("07:05", true)]
#[case("7:00", false)]
#[case("24:00", false)]
#[case("22:60", false)]
#[case("22.00", false)]
#[case("", false)]
fn a_time_of_the_day_is_written_with_four_digits(#[case] text: &str, #[case] fine: bool) {
    assert_eq!(text.parse::<TimeOfDay>().map(|time| time.to_string()).ok(), fine.then(|| text.to_owned()));
}

#[test]
fn everything_that_needs_no_link_keeps_or_arrives() {
    let day = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    assert_eq!(At::start_of(day).time(), NaiveTime::MIN);
    assert!(Topic::ALL.iter().filter(|topic| topic.essential()).all(|topic| topic.keeps().is_none()));
}
