//! The records behind a figure, one by one. Each is asked whether it counts by the functions that know what counts.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::measures::{Ask, Known, Records, each_case, each_home, earlier};
use super::{Counted, Dimension, Perspective};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::Conn;
use crate::db::exclusions::Reader;
use crate::db::reports::counts;
use crate::db::reports::measures as rows;
use crate::db::reports::records::{self as named, Named};
use crate::domain::measures::people::{Composition, answers};
use crate::domain::measures::records::{Kind, Part, asked, kind};
use crate::domain::measures::referrals::Earlier;
use crate::domain::measures::{Access, Code, Period, homes, referrals, stays, waiting};
use crate::error::{self, AppError};
use crate::ids::{CaseId, OccupancyId};

/// Which records of a measure.
#[derive(Debug, Clone)]
pub struct Of {
    pub code: Code,
    pub part: Part,
    /// Only those with this value; `None` for those that have none.
    pub by: Option<(String, Option<String>)>,
}

/// Some of the records behind a figure, and how many there are.
#[derive(Debug, Clone)]
pub struct Behind {
    pub kind: Kind,
    pub total: usize,
    pub items: Vec<Record>,
}

/// A record that counts, and when it did.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: Uuid,
    pub at: At,
    pub named: Named,
}

/// What a provider may list referrals by. How a household that was sent to it is made up is told for a while only, and where
/// it comes from never. (S15)
const OF_PROVIDERS: [&str; 9] = [
    "service",
    "area",
    "accommodation_type",
    "reason",
    "decided_by",
    "womens_aid_group",
    "return_group",
    "departure",
    "destination",
];

/// The records behind a measure, in the order of time.
///
/// # Errors
/// [`AppError::Invalid`] when the measure cannot be traced to records, or not by that.
pub fn of_measure(
    conn: &mut Conn,
    actor: &Actor,
    ask: &Ask,
    period: Period,
    of: &Of,
    (skip, take): (usize, usize),
) -> Result<Behind, AppError> {
    let Some(kind) = kind(of.code).filter(|_| of.code.definition().sides.contains(&ask.side())) else {
        return Err(AppError::NotFound);
    };
    let by = of.by.as_ref().map(|(by, _)| by.as_str());
    let provider = matches!(ask.perspective, Perspective::Provider(_));
    if by.is_some_and(|by| provider && !OF_PROVIDERS.contains(&by)) {
        return Err(unknown_breakdown());
    }
    let known = Known::read(conn, actor, ask.side())?;
    let records = Records { known: &known, ask, reader: Reader::of(actor), actor };
    let found = found(conn, &records, period, of)?;
    // A provider has no cases: what it has of a household is its stay.
    let kind = if kind == Kind::Case && provider { Kind::Stay } else { kind };
    page(conn, kind, found, !provider, (skip, take))
}

fn unknown_breakdown() -> AppError {
    AppError::field(error::Part::Query, "/by", "unknown", &"the records of this measure cannot be chosen by that")
}

/// Each record that is asked for, and when it counted.
fn found(conn: &mut Conn, of: &Records<'_>, period: Period, wanted: &Of) -> Result<Vec<(Uuid, At)>, AppError> {
    let (code, part) = (wanted.code, wanted.part);
    let has = |value: &dyn Fn(&str) -> Option<Option<String>>| match &wanted.by {
        None => Ok(true),
        Some((by, of)) => value(by).map(|value| value == *of).ok_or_else(unknown_breakdown),
    };
    let mut found = Vec::new();
    match kind(code) {
        Some(Kind::Referral) => {
            let (before, people) = earlier(conn, of.known, of.ask, of.reader, period)?;
            let earlier = Earlier::new(&before, &people);
            for (id, one) in of.each_sent(conn, period)? {
                let counts = asked(part, referrals::counted(code, &one, &earlier));
                if counts && has(&|by| referrals::value(by, &one))? {
                    found.push((id.0, one.sent_at));
                }
            }
        }
        Some(Kind::Stay) => {
            let ids = legs(conn, of, period)?;
            for stay in of.stays(conn, period)? {
                let Some((at, in_part)) = stays::counted(code, &stay, period) else { continue };
                if asked(part, Some(in_part)) && has(&|by| stays::value(by, &stay))? {
                    found.extend(ids.get(&(stay.household, stay.arrived_at)).map(|id| (id.0, at)));
                }
            }
        }
        Some(Kind::Unit) => {
            for (id, home) in each_home(conn, of.known, of.actor, period)? {
                if homes::in_use(&home, period) && has(&|_| None)? {
                    found.push((id.0, home.online_from));
                }
            }
        }
        Some(Kind::Case) if code.definition().theme == crate::domain::measures::Theme::People => {
            let (ids, stays) = (legs(conn, of, period)?, of.stays(conn, period)?);
            let side = of.ask.side();
            for (household, needs) in of.housed(conn, period, &stays)? {
                let value = |by: &str| match by {
                    "household" => Some(Some(Composition::of(&needs).as_str().to_owned())),
                    by => {
                        let (_, values) = answers(&needs, side).into_iter().find(|(field, _)| *field == by)?;
                        let wanted = wanted.by.as_ref().and_then(|(_, of)| of.clone());
                        Some(wanted.filter(|wanted| values.contains(wanted)))
                    }
                };
                let counts = match code {
                    Code::PeopleSupported => !needs.members.is_empty(),
                    Code::ChildrenSupported => needs.children().next().is_some(),
                    _ => true,
                };
                // Of several stays the first.
                let stay = stays.iter().find(|stay| stay.household == household && stay.within(period));
                let Some(stay) = stay.filter(|_| counts) else { continue };
                if has(&value)? {
                    let id = match of.ask.perspective {
                        Perspective::Referrer(_) => Some(household.0),
                        Perspective::Provider(_) => ids.get(&(household, stay.arrived_at)).map(|id| id.0),
                    };
                    found.extend(id.map(|id| (id, stay.arrived_at)));
                }
            }
        }
        Some(Kind::Case) => {
            for (id, case) in each_case(conn, of.known, of.reader, period)? {
                let Some(at) = waiting::counted(code, &case, period) else { continue };
                if has(&|by| waiting::value(by, &case))? {
                    found.push((id.0, at));
                }
            }
        }
        None => {}
    }
    Ok(found)
}

/// The placement with which each stay began.
fn legs(conn: &mut Conn, of: &Records<'_>, period: Period) -> Result<BTreeMap<(CaseId, At), OccupancyId>, AppError> {
    let rows = rows::legs(conn, of.ask.perspective, of.reader, period.ends())?;
    let legs = rows.into_iter().filter_map(|row| of.known.leg(row));
    Ok(legs.map(|leg| ((leg.household, leg.arrived_at), leg.id)).collect())
}

/// Which records of the denied-access report.
#[derive(Debug, Clone)]
pub struct OfCell {
    /// Households, and not referrals.
    pub households: bool,
    pub access: Option<Access>,
    /// Only those with these values; `None` for those that have none.
    pub values: Vec<(Dimension, Option<String>)>,
}

/// The records behind a cell of the denied-access report, in the order of time.
///
/// # Errors
/// [`AppError::Invalid`] when the reader has none, or not by that.
pub fn of_denied_access(
    conn: &mut Conn,
    actor: &Actor,
    ask: &super::Ask,
    of: &OfCell,
    page_of: (usize, usize),
) -> Result<Behind, AppError> {
    let provider = matches!(ask.perspective, Perspective::Provider(_));
    let hidden = |(dimension, _): &&(Dimension, Option<String>)| {
        *dimension != Dimension::Month && !OF_PROVIDERS.contains(&dimension.as_str())
    };
    if let Some((dimension, _)) = of.values.iter().find(hidden).filter(|_| provider) {
        let pointer = format!("/{}", dimension.as_str());
        return Err(AppError::field(error::Part::Query, &pointer, "not_possible", &"choose by something else"));
    }
    if of.households && provider {
        let message = "the households are counted by those whose cases they are";
        return Err(AppError::field(error::Part::Query, "/counted", "not_possible", &message));
    }
    let by: Vec<Dimension> = of.values.iter().map(|(dimension, _)| *dimension).collect();
    let ask = super::Ask { by, ..ask.clone() };
    let wanted = |one: &dyn Counted| {
        of.access.is_none_or(|access| one.access() == access)
            && of.values.iter().all(|(dimension, value)| one.value(*dimension) == *value)
    };
    super::with_known(conn, actor, &ask, |conn, known, mut asked| {
        asked.each = true;
        let reader = Reader::of(actor);
        let (kind, found): (Kind, Vec<(Uuid, At)>) = if of.households {
            let rows = counts::households(conn, reader, asked)?;
            let rows = rows.iter().filter(|row| wanted(&(*row, known)));
            (Kind::Case, rows.filter_map(|row| Some((row.id?.0, row.at?))).collect())
        } else {
            let rows = counts::referrals(conn, ask.perspective, reader, asked)?;
            let rows = rows.iter().filter(|row| wanted(&(*row, known)));
            (Kind::Referral, rows.filter_map(|row| Some((row.id?.0, row.at?))).collect())
        };
        page(conn, kind, found, !provider, page_of)
    })
}

fn page(
    conn: &mut Conn,
    kind: Kind,
    mut found: Vec<(Uuid, At)>,
    cases: bool,
    (skip, take): (usize, usize),
) -> Result<Behind, AppError> {
    found.sort_by_key(|(id, at)| (*at, *id));
    let total = found.len();
    let shown: Vec<(Uuid, At)> = found.into_iter().skip(skip).take(take).collect();
    let ids: Vec<Uuid> = shown.iter().map(|(id, _)| *id).collect();
    let mut names = named::names(conn, kind, &ids, cases)?;
    let item = |(id, at): (Uuid, At)| Some(Record { id, at, named: names.remove(&id)? });
    Ok(Behind { kind, total, items: shown.into_iter().filter_map(item).collect() })
}
