//! What a unit is doing and offering, in words.

use chrono::NaiveDate;

use crate::clock::At;
use crate::db::occupancy::Occupancy;
use crate::db::placements::Seen;
use crate::db::units::Unit;
use crate::db::vacancies::Vacancy;
use crate::domain::occupancy::{Kind, claim_stay};
use crate::domain::placement::State;
use crate::domain::reference::Code;
use crate::domain::vacancy::{Age, Freshness};
use crate::ids::{OccupancyId, VacancyId};
use crate::web::reasons::label;
use crate::web::words::{clock_time, length};

/// What a unit is doing now, as its provider counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    Free,
    Held,
    Expected,
    LivedIn,
    Void,
    Closed,
}

impl Now {
    pub const ALL: [Self; 6] = [Self::Free, Self::Held, Self::Expected, Self::LivedIn, Self::Void, Self::Closed];

    pub fn label(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Held => "Held",
            Self::Expected => "Expected",
            Self::LivedIn => "Lived in",
            Self::Void => "Out of use",
            Self::Closed => "Not open",
        }
    }

    /// As it stands behind a number: "2 waiting for an arrival".
    pub fn counted(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Held => "held",
            Self::Expected => "expecting a household",
            Self::LivedIn => "lived in",
            Self::Void => "out of use",
            Self::Closed => "not open",
        }
    }

    /// The last part of its class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Held => "held",
            Self::Expected => "expected",
            Self::LivedIn => "lived",
            Self::Void => "void",
            Self::Closed => "closed",
        }
    }
}

/// What a unit is doing now, until when, and what comes then.
pub struct Told {
    pub now: Now,
    pub text: String,
    /// The stay that it is taken for; none when its case does not exist for the reader.
    pub stay: Option<OccupancyId>,
    /// The time out of use that it is in, and whether its end is known.
    pub void: Option<(OccupancyId, bool)>,
}

/// What is known of all units at one instant.
pub struct Known<'a> {
    /// What lasts beyond now, in order.
    pub taken: &'a [Occupancy],
    pub stays: &'a [Seen],
    pub codes: &'a [Code],
    pub now: At,
}

impl Known<'_> {
    pub fn tell(&self, unit: &Unit) -> Told {
        let now = self.now;
        let plain = |doing, text: String| Told { now: doing, text, stay: None, void: None };
        if let Some(until) = unit.online_until.filter(|until| *until <= now) {
            return plain(Now::Closed, format!("Closed since {}", day_in_brief(until.date(), now.date())));
        }
        if unit.online_from > now {
            return plain(Now::Closed, format!("Opens {}", day_in_brief(unit.online_from.date(), now.date())));
        }
        let own: Vec<&Occupancy> = self.of(unit).collect();
        let current = own.iter().find(|taken| taken.during().contains(now));
        let ahead = own.iter().find(|taken| taken.starts_at > now);
        match (current, ahead) {
            (None, None) => plain(Now::Free, String::new()),
            (None, Some(next)) if next.kind == Kind::Placement => self.stay(next),
            (None, Some(next)) => {
                plain(Now::Free, format!("Out of use from {}: {}", self.day(next.starts_at), self.why(next)))
            }
            (Some(taken), _) => match taken.kind {
                Kind::Hold => {
                    plain(Now::Held, taken.ends_at.map_or_else(String::new, |end| format!("Until {}", clock_time(end))))
                }
                Kind::Placement => self.stay(taken),
                Kind::Void => {
                    let until = match taken.ends_at {
                        Some(end) => format!("{}. Back {}", self.why(taken), self.moment(end)),
                        None => format!("{}. No end day yet", self.why(taken)),
                    };
                    Told { void: Some((taken.id, taken.ends_at.is_some())), ..plain(Now::Void, until) }
                }
            },
        }
    }

    /// What is recorded of this unit.
    pub fn of<'s>(&'s self, unit: &'s Unit) -> impl Iterator<Item = &'s Occupancy> {
        self.taken.iter().filter(|taken| taken.unit_id == unit.id && taken.ends_at != Some(taken.starts_at))
    }

    fn stay(&self, taken: &Occupancy) -> Told {
        let today = self.now.date();
        let stay = self.stays.iter().map(|seen| &seen.placement).find(|stay| stay.id == taken.id);
        let arrived = stay.and_then(|stay| stay.arrived_at);
        let (doing, text) = match stay {
            Some(stay) if stay.state == State::Expected && stay.expected_at.date() < today => {
                (Now::Expected, format!("Not here yet. Expected {}", self.day(stay.expected_at)))
            }
            Some(stay) if stay.state == State::Expected => {
                (Now::Expected, format!("Arrival {}", self.day(stay.expected_at)))
            }
            Some(stay) => {
                let since = arrived.unwrap_or(taken.starts_at);
                let leaving = match stay.expected_end {
                    Some(end) if end.date() < today => format!("Was to leave {}", self.day(end)),
                    Some(end) => format!("To leave {}", self.day(end)),
                    None => "No leaving day yet".into(),
                };
                (Now::LivedIn, format!("For {}. {leaving}", length(self.now - since)))
            }
            None => (Now::LivedIn, String::new()),
        };
        Told { now: doing, text, stay: stay.map(|stay| stay.id), void: None }
    }

    fn why(&self, taken: &Occupancy) -> String {
        taken.void_reason.as_deref().map_or_else(|| "Out of use".into(), |code| label(self.codes, "void_reason", code))
    }

    fn day(&self, at: At) -> String {
        day_in_brief(at.date(), self.now.date())
    }

    /// A day, with the time when it is not its first instant.
    fn moment(&self, at: At) -> String {
        let day = self.day(at);
        if at == At::start_of(at.date()) { day } else { format!("{day} at {}", clock_time(at)) }
    }
}

/// An open vacancy, and how far its word is good.
pub struct Offer {
    pub id: VacancyId,
    pub version: i32,
    pub age: Age,
    pub text: String,
    /// When it can be taken, when that is not today.
    pub from: Option<String>,
    /// Why nobody finds it, when that is not its age.
    pub hidden: bool,
}

impl Offer {
    pub fn of(vacancy: &Vacancy, taken: &[&Occupancy], freshness: Freshness, now: At) -> Self {
        let age = freshness.age(vacancy.confirmed_at, now);
        let old = length(now - vacancy.confirmed_at);
        let text = match age {
            Age::Fresh if now - vacancy.confirmed_at < chrono::TimeDelta::minutes(1) => "Confirmed just now".into(),
            Age::Fresh => format!("Confirmed {old} ago"),
            Age::Stale => format!("Confirm: {old} old"),
            Age::OutOfDate => format!("Dropped out of search: {old} old"),
        };
        let intervals: Vec<_> = taken.iter().map(|taken| (taken.kind, taken.during())).collect();
        Self {
            id: vacancy.id,
            version: vacancy.version,
            age,
            text,
            from: (vacancy.available_from > now).then(|| day_in_brief(vacancy.available_from.date(), now.date())),
            hidden: claim_stay(vacancy.available_from.max(now), now, &intervals).is_err(),
        }
    }

    pub fn fresh(&self) -> bool {
        self.age == Age::Fresh
    }

    pub fn class(&self) -> &'static str {
        match self.age {
            Age::Fresh => "fresh",
            Age::Stale => "stale",
            Age::OutOfDate => "out",
        }
    }
}

/// "today", "Fri 27 Nov", "3 Jan 2027": for a row of a table.
pub fn day_in_brief(date: NaiveDate, today: NaiveDate) -> String {
    match (date - today).num_days() {
        0 => "today".into(),
        1 => "tomorrow".into(),
        -1 => "yesterday".into(),
        -180..180 => date.format("%a %-d %b").to_string(),
        _ => date.format("%-d %b %Y").to_string(),
    }
}

/// "Ground floor", "2nd floor", "Basement".
pub fn floor(floor: i32) -> String {
    match floor {
        ..0 => "Below ground".into(),
        0 => "Ground floor".into(),
        n => {
            let ending = match (n % 10, n % 100) {
                (1, rest) if rest != 11 => "st",
                (2, rest) if rest != 12 => "nd",
                (3, rest) if rest != 13 => "rd",
                _ => "th",
            };
            format!("{n}{ending} floor")
        }
    }
}

/// Codes in the order in which people count: BH2 before BH10.
pub fn natural(code: &str) -> (String, u64, String) {
    let start = code.find(|letter: char| letter.is_ascii_digit()).unwrap_or(code.len());
    let (letters, rest) = code.split_at(start);
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    (letters.to_owned(), rest[..end].parse().unwrap_or_default(), rest[end..].to_owned())
}
