//! What was asked for, how fast it was answered, and what came of it.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::access::Access;
use super::catalogue::Code;
use super::figure::{Figure, Kind, Measure, Row, Times, counts, grouped, number, seconds};
use super::people::Composition;
use crate::clock::At;
use crate::domain::referral::State;
use crate::ids::CaseId;

/// A referral that was sent in the period.
#[derive(Debug, Clone)]
pub struct Referral {
    /// The case that it counts with.
    pub household: CaseId,
    pub access: Access,
    pub sent_at: At,
    pub answered_at: Option<At>,
    /// Why it ended without a place.
    pub denial: Option<Denial>,
    /// As reports name it.
    pub service: String,
    /// Of the service.
    pub area: String,
    /// The county or unitary authority of the service.
    pub authority: String,
    pub source: String,
    pub composition: Composition,
    /// Where the household comes from.
    pub origin: Option<Origin>,
}

/// Why a referral or a case ended without a place.
#[derive(Debug, Clone)]
pub struct Denial {
    pub reason: String,
    pub decided_by: Option<String>,
    pub womens_aid_group: Option<String>,
    pub return_group: Option<String>,
}

/// Where a household comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    pub area: String,
    pub authority: String,
}

/// A referral of any time, as far as it matters to those that come after it: of several that are alike the first.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    /// The survivor, by one of her cases.
    pub survivor: CaseId,
    pub sent_at: At,
    pub answered_at: Option<At>,
}

/// The states in which a referral has ended with nobody's answer, if it ended when it was decided.
pub const UNDECIDED_ENDINGS: [State; 2] = [State::Withdrawn, State::Lapsed];

/// The time that counts as the answer, from the states that a referral can have: what was withdrawn or lapsed before
/// anybody decided has none.
pub fn answered_at(state: State, decided_at: Option<At>, ended_at: Option<At>) -> Option<At> {
    let unanswered = UNDECIDED_ENDINGS.contains(&state) && decided_at == ended_at;
    decided_at.filter(|_| !unanswered)
}

/// Whose cases are about one and the same person, as workers have said it.
#[derive(Debug, Clone, Default)]
pub struct SamePeople(BTreeMap<CaseId, CaseId>);

impl SamePeople {
    pub fn new(pairs: impl IntoIterator<Item = (CaseId, CaseId)>) -> Self {
        let mut same = Self::default();
        for (one, other) in pairs {
            let (one, other) = (same.survivor(one), same.survivor(other));
            if one != other {
                same.0.insert(one.max(other), one.min(other));
            }
        }
        same
    }

    /// The first case of the person that a case is about.
    pub fn survivor(&self, case: CaseId) -> CaseId {
        let mut survivor = case;
        while let Some(earlier) = self.0.get(&survivor) {
            survivor = *earlier;
        }
        survivor
    }
}

/// Denials by reason and by its groups.
pub(super) fn by_reason<'a>(measure: Measure, denials: &(impl Iterator<Item = Option<&'a Denial>> + Clone)) -> Measure {
    let by = |value: fn(&Denial) -> Option<String>| counts(denials.clone().map(|denial| denial.and_then(value)));
    measure
        .by("reason", by(|denial| Some(denial.reason.clone())))
        .by("decided_by", by(|denial| denial.decided_by.clone()))
        .by("womens_aid_group", by(|denial| denial.womens_aid_group.clone()))
        .by("return_group", by(|denial| denial.return_group.clone()))
}

/// How many there were, and what came of them.
pub fn access(sent: &[Referral], secondary_reasons: &BTreeMap<String, u64>) -> Vec<Measure> {
    let of = |access: Access| sent.iter().filter(move |referral| referral.access == access);
    let services = grouped(sent, |referral| referral.service.clone());
    let rate = |code: Code, wanted: Access| {
        let share = |sent: &[&Referral]| {
            let of = |access: Access| number(sent.iter().filter(|referral| referral.access == access).count());
            Figure::share(of(wanted), of(Access::Placed) + of(Access::Denied))
        };
        let rows = services.iter().map(|(name, sent)| Row::new(Some(name.clone()), share(sent)));
        Measure::new(code, share(&sent.iter().collect::<Vec<_>>())).by("service", rows.collect())
    };
    let with = |code: Code, wanted: Access| Measure::count(code, number(of(wanted).count()));
    let denied = with(Code::ReferralsDenied, Access::Denied);
    let by_service = |access: Access| of(access).map(|referral| Some(referral.service.clone()));
    let secondary =
        secondary_reasons.iter().map(|(reason, given)| Row::new(Some(reason.clone()), Figure::count(*given)));
    vec![
        Measure::count(Code::Referrals, number(sent.len()))
            .counted("service", sent.iter().map(|referral| Some(referral.service.clone())))
            .counted("area", sent.iter().map(|referral| Some(referral.area.clone())))
            .counted("source", sent.iter().map(|referral| Some(referral.source.clone())))
            .counted("household", sent.iter().map(|referral| Some(referral.composition.as_str().to_owned()))),
        with(Code::ReferralsPlaced, Access::Placed).counted("service", by_service(Access::Placed)),
        by_reason(denied, &of(Access::Denied).map(|referral| referral.denial.as_ref()))
            .counted("service", by_service(Access::Denied)),
        with(Code::ReferralsOpen, Access::Open).counted("service", by_service(Access::Open)),
        rate(Code::SuccessRate, Access::Placed),
        rate(Code::DeniedRate, Access::Denied),
        Measure::count(Code::SecondaryReasons, secondary_reasons.values().sum()).by("reason", secondary.collect()),
    ]
}

/// When there was a referral of somebody for the first time, and when one was answered. The earliest of each survivor is
/// enough to know.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    people: SamePeople,
    first: BTreeMap<CaseId, At>,
    assessed: BTreeMap<CaseId, At>,
}

impl Earlier {
    /// From the referrals of the organisation, also those of the period. Of a survivor who had one only, it may be left out.
    pub fn new(before: &[Before], people: &SamePeople) -> Self {
        let mut known = Self { people: people.clone(), ..Self::default() };
        let note = |known: &mut BTreeMap<CaseId, At>, survivor: CaseId, at: At| {
            let earliest = known.entry(survivor).or_insert(at);
            *earliest = at.min(*earliest);
        };
        for referral in before {
            note(&mut known.first, referral.survivor, referral.sent_at);
            if let Some(answered_at) = referral.answered_at {
                note(&mut known.assessed, referral.survivor, answered_at);
            }
        }
        known
    }

    fn before(&self, known: &BTreeMap<CaseId, At>, referral: &Referral) -> bool {
        known.get(&self.people.survivor(referral.household)).is_some_and(|earlier| *earlier < referral.sent_at)
    }

    fn repeated(&self, referral: &Referral) -> bool {
        self.before(&self.first, referral)
    }

    fn assessed(&self, referral: &Referral) -> bool {
        self.before(&self.assessed, referral)
    }
}

/// Whether a referral is in the whole of a figure, and whether it is in the part.
pub fn counted(code: Code, one: &Referral, earlier: &Earlier) -> Option<bool> {
    let is = |access: Access| one.access == access;
    let ended = is(Access::Placed) || is(Access::Denied);
    let inside = one.origin.as_ref().map(|origin| origin.authority == one.authority);
    let time = one.answered_at.map(|answered| seconds(one.sent_at, answered));
    match code {
        Code::Referrals => Some(true),
        Code::ReferralsPlaced => is(Access::Placed).then_some(true),
        Code::ReferralsDenied => is(Access::Denied).then_some(true),
        Code::ReferralsOpen => is(Access::Open).then_some(true),
        Code::SuccessRate => ended.then_some(is(Access::Placed)),
        Code::DeniedRate => ended.then_some(is(Access::Denied)),
        Code::RepeatReferrals => Some(earlier.repeated(one)),
        Code::RepeatReferralsAssessed => earlier.assessed(one).then_some(true),
        Code::ResponseMedian | Code::ResponseNinetieth => time.map(|_| true),
        Code::ResponseWithinTwoHours => {
            time.map(|time| i64::try_from(time).is_ok_and(|time| time <= PROMPT.num_seconds()))
        }
        Code::OutOfArea => inside.filter(|inside| !inside).map(|_| true),
        Code::InArea => inside,
        _ => None,
    }
}

/// What a referral that is counted adds to a figure: the seconds until it was answered, or itself.
pub fn amount(code: Code, one: &Referral) -> u64 {
    match code {
        Code::ResponseMedian | Code::ResponseNinetieth => {
            one.answered_at.map_or(0, |answered| seconds(one.sent_at, answered))
        }
        _ => 1,
    }
}

/// Its value in a breakdown; `None` where referrals are not broken down like that.
pub fn value(by: &str, one: &Referral) -> Option<Option<String>> {
    Some(match by {
        "service" => Some(one.service.clone()),
        "area" => Some(one.area.clone()),
        "source" => Some(one.source.clone()),
        "household" => Some(one.composition.as_str().to_owned()),
        "origin_area" => one.origin.as_ref().map(|origin| origin.area.clone()),
        _ => return value_of_denial(by, one.denial.as_ref()),
    })
}

/// As of the whole record: `None` where it cannot be asked, `Some(None)` where it has no value.
#[expect(clippy::option_option, reason = "that it cannot be asked is not that nobody knows")]
pub(super) fn value_of_denial(by: &str, denial: Option<&Denial>) -> Option<Option<String>> {
    Some(match by {
        "reason" => denial.map(|denial| denial.reason.clone()),
        "decided_by" => denial.and_then(|denial| denial.decided_by.clone()),
        "womens_aid_group" => denial.and_then(|denial| denial.womens_aid_group.clone()),
        "return_group" => denial.and_then(|denial| denial.return_group.clone()),
        _ => return None,
    })
}

/// Those for somebody of whom there was a referral before; `before` as [`Earlier::new`] takes it.
pub fn repeats(sent: &[Referral], before: &[Before], people: &SamePeople) -> Vec<Measure> {
    let earlier = Earlier::new(before, people);
    let again = number(sent.iter().filter(|referral| earlier.repeated(referral)).count());
    let known = number(sent.iter().filter(|referral| earlier.assessed(referral)).count());
    vec![
        Measure::new(Code::RepeatReferrals, Figure::share(again, number(sent.len()))),
        Measure::count(Code::RepeatReferralsAssessed, known),
    ]
}

/// How long a referral waits for its answer.
const PROMPT: TimeDelta = TimeDelta::hours(2);

pub fn response(sent: &[Referral]) -> Vec<Measure> {
    let times: Times = sent.iter().filter_map(|one| Some(seconds(one.sent_at, one.answered_at?))).collect();
    let unanswered = number(sent.len()) - times.number();
    vec![
        Measure::new(Code::ResponseMedian, times.median(Kind::Minutes)).unknown(unanswered),
        Measure::new(Code::ResponseNinetieth, times.ninetieth(Kind::Minutes)).unknown(unanswered),
        Measure::new(Code::ResponseWithinTwoHours, times.within(PROMPT)).unknown(unanswered),
    ]
}

/// Where households were sent, seen from where they come from.
pub fn areas(sent: &[Referral]) -> Vec<Measure> {
    let known: Vec<(&Origin, &Referral)> =
        sent.iter().filter_map(|referral| Some((referral.origin.as_ref()?, referral))).collect();
    let unknown = number(sent.len() - known.len());
    let away = |(origin, referral): &&(&Origin, &Referral)| origin.authority != referral.authority;
    let out: Vec<_> = known.iter().filter(away).map(|(origin, _)| Some(origin.area.clone())).collect();
    let inside = number(known.len() - out.len());
    vec![
        Measure::count(Code::OutOfArea, number(out.len())).unknown(unknown).counted("origin_area", out),
        Measure::new(Code::InArea, Figure::share(inside, number(known.len()))).unknown(unknown),
    ]
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn minute(minute: i64) -> At {
        At::from(DateTime::UNIX_EPOCH) + TimeDelta::minutes(minute)
    }

    fn case(n: u128) -> CaseId {
        CaseId(Uuid::from_u128(n))
    }

    fn sent(household: u128, sent_at: i64, answered: Option<i64>, access: Access) -> Referral {
        let denial = Denial {
            reason: "no_space".into(),
            decided_by: Some("provider".into()),
            womens_aid_group: Some("capacity".into()),
            return_group: Some("no_capacity".into()),
        };
        Referral {
            household: case(household),
            access,
            sent_at: minute(sent_at),
            answered_at: answered.map(minute),
            denial: (access == Access::Denied).then_some(denial),
            service: "Copper House".into(),
            area: "E06000016".into(),
            authority: "E06000016".into(),
            source: "police".into(),
            composition: Composition::Unknown,
            origin: None,
        }
    }

    fn figures(measures: &[Measure]) -> Vec<(&'static str, Option<f64>)> {
        measures.iter().map(|measure| (measure.code.as_str(), measure.figure.value)).collect()
    }

    #[test]
    fn rates_are_of_what_ended() {
        use Access::{Denied, Open, Placed};
        let all = [Placed, Placed, Denied, Denied, Denied, Open].map(|access| sent(1, 0, None, access));
        let measures = access(&all, &BTreeMap::from([("no_pets".to_owned(), 2), ("too_far".to_owned(), 1)]));
        let expected = [
            ("referrals", Some(6.0)),
            ("referrals_placed", Some(2.0)),
            ("referrals_denied", Some(3.0)),
            ("referrals_open", Some(1.0)),
            ("success_rate", Some(40.0)), // 2 of 5
            ("denied_rate", Some(60.0)),  // 3 of 5
            ("secondary_reasons", Some(3.0)),
        ];
        assert_eq!(figures(&measures), expected);
        let by: Vec<_> =
            measures[2].breakdowns.iter().map(|one| (one.by.as_str(), one.rows[0].of.as_deref())).collect();
        let expected = [
            ("reason", Some("no_space")),
            ("decided_by", Some("provider")),
            ("womens_aid_group", Some("capacity")),
            ("return_group", Some("no_capacity")),
            ("service", Some("Copper House")),
        ];
        assert_eq!(by, expected);
        assert_eq!(
            measures[6].breakdowns[0].rows.iter().map(|row| row.figure.value).collect::<Vec<_>>(),
            [Some(2.0), Some(1.0)]
        );
    }

    #[test]
    fn answers_are_counted_in_minutes() {
        // 10, 30, 120 and 121 minutes; the fifth has none. Middle: (30 + 120) / 2; nine in ten: the fourth; 3 of 4 within 2 h.
        let answers = [Some(130), Some(20), Some(131), Some(40), None];
        let all = answers.map(|answered| sent(1, 10, answered, Access::Open));
        let expected =
            [("response_median", Some(75.0)), ("response_90th", Some(121.0)), ("response_within_2_hours", Some(75.0))];
        let measures = response(&all);
        assert_eq!(figures(&measures), expected);
        assert!(measures.iter().all(|measure| measure.unknown == Some(1)));
    }

    #[rstest]
    #[case(State::Accepted, Some(5), None, Some(5))]
    #[case(State::DeclinedByProvider, Some(5), Some(5), Some(5))]
    #[case(State::DeclinedBySurvivor, Some(5), Some(5), Some(5))]
    #[case::withdrawn_before_an_answer(State::Withdrawn, Some(5), Some(5), None)]
    #[case::lapsed(State::Lapsed, Some(5), Some(5), None)]
    #[case::accepted_and_then_withdrawn(State::Withdrawn, Some(5), Some(9), Some(5))]
    #[case(State::Sent, None, None, None)]
    fn what_nobody_decided_was_not_answered(
        #[case] state: State,
        #[case] decided: Option<i64>,
        #[case] ended: Option<i64>,
        #[case] answered: Option<i64>,
    ) {
        assert_eq!(answered_at(state, decided.map(minute), ended.map(minute)), answered.map(minute));
    }

    #[test]
    fn a_repeat_is_found_by_the_case_and_by_what_a_worker_said() {
        let people = SamePeople::new([(case(1), case(2)), (case(3), case(2))]);
        let before = |household, sent_at, answered: Option<i64>| Before {
            survivor: people.survivor(case(household)),
            sent_at: minute(sent_at),
            answered_at: answered.map(minute),
        };
        let earlier = [before(1, 0, Some(50)), before(4, 0, None), before(3, 60, None), before(5, 70, None)];
        let all = [
            sent(3, 60, None, Access::Open), // the same person as in 1, who was answered
            sent(2, 40, None, Access::Open), // the same, but before the answer
            sent(4, 65, None, Access::Open), // the same case
            sent(5, 70, None, Access::Open), // itself
        ];
        let measures = repeats(&all, &earlier, &people);
        assert_eq!(measures[0].figure, Figure::share(3, 4));
        assert_eq!(measures[1].figure.value, Some(1.0));
        assert!(figures(&repeats(&all, &earlier, &SamePeople::default())).contains(&("repeat_referrals", Some(25.0))));
    }

    #[test]
    fn a_district_lies_in_its_county() {
        let from = |area: &str, authority: &str| Some(Origin { area: area.into(), authority: authority.into() });
        let mut all = [(); 5].map(|()| sent(1, 0, None, Access::Open));
        for referral in &mut all {
            referral.authority = "E10000018".into();
        }
        all[0].origin = from("E07000129", "E10000018"); // Blaby, in the county
        all[1].origin = from("E08000025", "E08000025"); // Birmingham
        all[2].origin = from("E08000025", "E08000025");
        all[3].origin = from("E06000016", "E06000016"); // Leicester
        let measures = areas(&all);
        let rows = [("E06000016", 1), ("E08000025", 2)]
            .map(|(area, number)| Row::new(Some(area.into()), Figure::count(number)));
        assert_eq!((measures[0].figure.value, measures[0].unknown), (Some(3.0), Some(1)));
        assert_eq!(measures[0].breakdowns[0].rows, rows);
        assert_eq!(measures[1].figure, Figure::share(1, 4));
    }

    proptest! {
        /// S41
        #[test]
        fn s41_referrals_are_placed_denied_or_open(kinds in prop::collection::vec((0..3u8, 0..3u8), 0..80)) {
            let all: Vec<Referral> = kinds
                .iter()
                .map(|(kind, service)| {
                    let kind = [Access::Placed, Access::Denied, Access::Open][usize::from(*kind)];
                    Referral { service: service.to_string(), ..sent(1, 0, None, kind) }
                })
                .collect();
            let measures = access(&all, &BTreeMap::new());
            let whole: f64 = measures[1..4].iter().filter_map(|measure| measure.figure.value).sum();
            prop_assert_eq!(measures[0].figure.value, Some(whole));
            for measure in &measures[..4] {
                for breakdown in &measure.breakdowns {
                    let sum: f64 = breakdown.rows.iter().filter_map(|row| row.figure.value).sum();
                    prop_assert_eq!(Some(sum), measure.figure.value, "{} by {}", measure.code.as_str(), breakdown.by);
                }
            }
        }
    }
}
