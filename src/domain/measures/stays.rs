//! Households' stays: how long, and where to. A household that moves from one home to another has one stay.

use std::collections::BTreeMap;

use super::catalogue::Code;
use super::figure::{Figure, Kind, Measure, Times, number, seconds};
use super::period::Period;
use crate::clock::At;
use crate::domain::placement::DepartureKind;
use crate::ids::{CaseId, OccupancyId};

/// The time in one home of a household that arrived.
#[derive(Debug, Clone)]
pub struct Leg {
    pub id: OccupancyId,
    /// The leg from which the household moved here.
    pub follows: Option<OccupancyId>,
    pub household: CaseId,
    /// As reports name it.
    pub service: String,
    pub arrived_at: At,
    pub left_at: Option<At>,
    pub departure: Option<DepartureKind>,
    pub destination: Option<String>,
    /// Of a planned departure: whether they could leave when they were ready.
    pub timely: Option<bool>,
}

impl Leg {
    /// Whether the household came here before it had left where it was. One that had left, and comes to its second stage
    /// later, has ended a stay and begins another: what ended in a month has ended in its year too.
    fn goes_on(&self, left_at: Option<At>) -> bool {
        left_at.is_none_or(|left| self.arrived_at <= left)
    }
}

/// A household's stay, from the first arrival to leaving the last home of a chain of moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    pub household: CaseId,
    pub arrived_at: At,
    pub left_at: Option<At>,
    pub departure: Option<DepartureKind>,
    pub destination: Option<String>,
    pub timely: Option<bool>,
    /// Where it ended, or is now.
    pub service: String,
}

impl Stay {
    /// The stays that legs make up, in the order of arrival.
    pub fn joined(legs: &[Leg]) -> Vec<Self> {
        let left: BTreeMap<OccupancyId, Option<At>> = legs.iter().map(|leg| (leg.id, leg.left_at)).collect();
        let before = |leg: &Leg| leg.follows.filter(|before| left.get(before).is_some_and(|left| leg.goes_on(*left)));
        let next: BTreeMap<OccupancyId, &Leg> = legs.iter().filter_map(|leg| Some((before(leg)?, leg))).collect();
        let mut stays: Vec<Self> = legs
            .iter()
            .filter(|leg| before(leg).is_none())
            .map(|first| {
                let last = std::iter::successors(Some(first), |leg| next.get(&leg.id).copied()).last().unwrap_or(first);
                Self {
                    household: first.household,
                    arrived_at: first.arrived_at,
                    left_at: last.left_at,
                    departure: last.departure,
                    destination: last.destination.clone(),
                    timely: last.timely,
                    service: last.service.clone(),
                }
            })
            .collect();
        stays.sort_by_key(|stay| (stay.arrived_at, stay.household));
        stays
    }

    /// Whether a part of it is within a period, as far as that has passed.
    pub fn within(&self, period: Period) -> bool {
        self.arrived_at < period.ends()
            && self.arrived_at <= period.now
            && self.left_at.is_none_or(|left| period.starts() < left)
    }
}

const RETURNED: &str = "returned_to_perpetrator";

pub fn measures(stays: &[Stay], period: Period) -> Vec<Measure> {
    let ended: Vec<(&Stay, At)> = stays
        .iter()
        .filter_map(|stay| Some((stay, stay.left_at?)))
        .filter(|(_, left)| period.contains(*left))
        .collect();
    let lengths: Times = ended.iter().map(|(stay, left)| seconds(stay.arrived_at, *left)).collect();
    let open = |stay: &&Stay, at: At| stay.arrived_at <= at && stay.left_at.is_none_or(|left| at < left);
    let so_far: Times = period
        .last()
        .into_iter()
        .flat_map(|at| stays.iter().filter(move |stay| open(stay, at)).map(move |stay| seconds(stay.arrived_at, at)))
        .collect();
    let of = |wanted: &dyn Fn(&Stay) -> bool| number(ended.iter().filter(|(stay, _)| wanted(stay)).count());
    let (planned, all) = (of(&|stay| stay.departure == Some(DepartureKind::Planned)), number(ended.len()));
    let said = |wanted: &dyn Fn(bool) -> bool| {
        of(&|stay| stay.departure == Some(DepartureKind::Planned) && stay.timely.is_some_and(wanted))
    };
    let (timely, known) = (said(&|timely| timely), said(&|_| true));
    let returned = of(&|stay| stay.destination.as_deref() == Some(RETURNED));
    let departure = |stay: &Stay| stay.departure.map(|kind| kind.as_str().to_owned());
    vec![
        Measure::count(Code::StaysEnded, all)
            .counted("departure", ended.iter().map(|(stay, _)| departure(stay)))
            .counted("destination", ended.iter().map(|(stay, _)| stay.destination.clone()))
            .counted("service", ended.iter().map(|(stay, _)| Some(stay.service.clone()))),
        Measure::new(Code::LengthOfStayMean, lengths.mean(Kind::Days)),
        Measure::new(Code::LengthOfStayMedian, lengths.median(Kind::Days)),
        Measure::count(Code::StaysOpen, so_far.number()),
        Measure::new(Code::StaysOpenMedian, so_far.median(Kind::Days)),
        Measure::new(Code::MoveOnPlanned, Figure::share(planned, all)),
        Measure::new(Code::MoveOnTimely, Figure::share(timely, known)).unknown(planned - known),
        Measure::new(Code::ReturnedToPerpetrator, Figure::share(returned, all)),
    ]
}

/// When a stay counted in a figure, and whether it is in the part and not only in the whole.
pub fn counted(code: Code, stay: &Stay, period: Period) -> Option<(At, bool)> {
    let left = || stay.left_at.filter(|left| period.contains(*left));
    let planned = stay.departure == Some(DepartureKind::Planned);
    let part = match code {
        Code::StaysEnded | Code::LengthOfStayMean | Code::LengthOfStayMedian => true,
        Code::MoveOnPlanned => planned,
        Code::MoveOnTimely => stay.timely.filter(|_| planned)?,
        Code::ReturnedToPerpetrator => stay.destination.as_deref() == Some(RETURNED),
        Code::StaysOpen | Code::StaysOpenMedian => {
            let last = period.last()?;
            let there = stay.arrived_at <= last && stay.left_at.is_none_or(|left| last < left);
            return there.then_some((stay.arrived_at, true));
        }
        _ => return None,
    };
    left().map(|left| (left, part))
}

/// What a stay that is counted adds to a figure: how many seconds it lasted or has lasted so far, or itself.
pub fn amount(code: Code, stay: &Stay, period: Period) -> u64 {
    match code {
        Code::LengthOfStayMean | Code::LengthOfStayMedian => {
            stay.left_at.map_or(0, |left| seconds(stay.arrived_at, left))
        }
        Code::StaysOpenMedian => period.last().map_or(0, |last| seconds(stay.arrived_at, last)),
        _ => 1,
    }
}

/// Its value in a breakdown; `None` where stays are not broken down like that.
pub fn value(by: &str, stay: &Stay) -> Option<Option<String>> {
    Some(match by {
        "departure" => stay.departure.map(|kind| kind.as_str().to_owned()),
        "destination" => stay.destination.clone(),
        "service" => Some(stay.service.clone()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    use super::*;

    /// Noon of a day of January 2026.
    fn noon(day: i64) -> At {
        "2025-12-31T12:00:00Z".parse::<DateTime<chrono::Utc>>().map(At::from).unwrap() + TimeDelta::days(day)
    }

    fn january() -> Period {
        Period { from: "2026-01-01".parse().unwrap(), to: "2026-01-31".parse().unwrap(), now: noon(90) }
    }

    fn leg(n: u128, follows: Option<u128>, arrived: i64, left: Option<(i64, DepartureKind, &str)>) -> Leg {
        let id = |n| OccupancyId(Uuid::from_u128(n));
        Leg {
            id: id(n),
            follows: follows.map(id),
            household: CaseId(Uuid::from_u128(1)),
            service: format!("Service {n}"),
            arrived_at: noon(arrived),
            left_at: left.map(|(day, ..)| noon(day)),
            departure: left.map(|(_, kind, _)| kind),
            destination: left.map(|(.., to)| to.to_owned()),
            timely: left.filter(|(_, kind, _)| *kind == Planned).map(|(.., to)| to == "social_tenancy"),
        }
    }

    use DepartureKind::{Planned, Unplanned};

    #[test]
    fn a_chain_of_moves_is_one_stay() {
        let legs = [
            leg(3, Some(2), 20, Some((25, Planned, "social_tenancy"))),
            leg(1, None, -10, Some((5, Planned, "second_stage"))),
            leg(2, Some(1), 5, Some((20, Planned, "second_stage"))),
            leg(4, None, 8, None),
        ];
        let stays = Stay::joined(&legs);
        assert_eq!(stays.len(), 2);
        assert_eq!((stays[0].arrived_at, stays[0].left_at), (noon(-10), Some(noon(25))));
        assert_eq!((stays[0].destination.as_deref(), stays[0].service.as_str()), (Some("social_tenancy"), "Service 3"));
        assert_eq!((stays[1].arrived_at, stays[1].left_at), (noon(8), None));
    }

    /// However far the report looks, and so whether it knows of the second stage or not.
    #[test]
    fn who_has_left_and_comes_to_the_second_stage_later_begins_another_stay() {
        let gone = leg(1, None, 1, Some((5, Planned, "family_or_friends_temporary")));
        let later = leg(2, Some(1), 9, None);
        let stays = Stay::joined(&[gone.clone(), later]);
        assert_eq!(stays[..1], Stay::joined(&[gone]));
        assert_eq!((stays.len(), stays[1].arrived_at), (2, noon(9)));
    }

    #[test]
    fn those_who_left_are_counted_and_those_who_are_there_stand_apart() {
        let legs = [
            leg(1, None, -9, Some((1, Planned, "social_tenancy"))), // 10 days
            leg(2, None, 2, Some((6, Unplanned, "returned_to_perpetrator"))), // 4 days
            leg(3, None, 3, Some((10, Planned, "social_tenancy"))), // 7 days
            leg(4, None, -50, Some((-1, Planned, "hospital"))),     // before
            leg(5, None, 21, Some((40, Planned, "prison"))),        // after: 10.5 days at the end
            leg(6, None, 27, None),                                 // 4.5 days at the end
            leg(7, None, 33, None),                                 // not yet
        ];
        let stays = Stay::joined(&legs);
        let measures = measures(&stays, january());
        let values: Vec<_> = measures.iter().map(|measure| (measure.code.as_str(), measure.figure.value)).collect();
        let expected = [
            ("stays_ended", Some(3.0)),
            ("length_of_stay_mean", Some(7.0)), // 21 / 3
            ("length_of_stay_median", Some(7.0)),
            ("stays_open", Some(2.0)),
            ("stays_open_median", Some(7.5)),
            ("move_on_planned", Some(66.7)), // 2 of 3
            ("move_on_timely", Some(100.0)), // 2 of 2
            ("returned_to_perpetrator", Some(33.3)),
        ];
        assert_eq!(values, expected);
        let destinations: Vec<_> =
            measures[0].breakdowns[1].rows.iter().map(|row| (row.of.as_deref(), row.figure.value)).collect();
        assert_eq!(destinations, [(Some("returned_to_perpetrator"), Some(1.0)), (Some("social_tenancy"), Some(2.0))]);
        assert_eq!(stays.iter().filter(|stay| stay.within(january())).count(), 5);
    }
}
