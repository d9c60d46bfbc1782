//! The records behind a figure, one by one. Each is asked whether it counts by the functions that know what counts.

mod found;

use std::collections::BTreeSet;

use uuid::Uuid;

use self::found::{Found, Search};
use super::super::annual_return;
use super::measures::{Ask, Known, Records};
use super::{Counted, Dimension, Perspective};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::Conn;
use crate::db::exclusions::Reader;
use crate::db::reports::counts;
use crate::db::reports::records::{self as named, Named};
use crate::domain::measures::annual_return::Source;
use crate::domain::measures::records::{Amount, Kind, Part, amount, chosen_by, kind_from};
use crate::domain::measures::{Access, Code, Period, Side};
use crate::error::{self, AppError};

/// Which records of a measure.
#[derive(Debug, Clone)]
pub struct Of {
    pub code: Code,
    pub part: Part,
    /// Only those with this value; `None` for those that have none. Of a service its key.
    pub by: Option<(String, Option<String>)>,
}

/// Some of the records behind a figure, and how many there are.
#[derive(Debug, Clone)]
pub struct Behind {
    /// Of several kinds that of the first.
    pub kind: Kind,
    pub total: usize,
    /// What all of them add to the figure, where a record does not only count as one.
    pub amount: Option<(Amount, u64)>,
    /// The one moment at which they were counted, where there is one.
    pub counted_at: Option<At>,
    /// The service whose records they are, as the reader knows it, where one was asked for.
    pub service: Option<String>,
    pub items: Vec<Record>,
}

/// A record that counts, and when it came to.
#[derive(Debug, Clone)]
pub struct Record {
    pub kind: Kind,
    pub id: Uuid,
    pub at: At,
    /// What it adds to the figure.
    pub amount: Option<u64>,
    pub named: Named,
}

/// The records behind a measure, in the order of time.
///
/// # Errors
/// [`AppError::Invalid`] when they cannot be chosen by that.
pub fn of_measure(
    conn: &mut Conn,
    actor: &Actor,
    ask: &Ask,
    period: Period,
    of: &Of,
    page_of: (usize, usize),
) -> Result<Behind, AppError> {
    let (code, side) = (of.code, ask.side());
    if !code.definition().sides.contains(&side) {
        return Err(AppError::NotFound);
    }
    if of.by.as_ref().is_some_and(|(by, _)| !chosen_by(by, side)) {
        return Err(unknown_breakdown());
    }
    let known = Known::read(conn, actor, side)?;
    let records = Records { known: &known, ask, reader: Reader::of(actor), actor };
    let (mut wanted, mut service) = (of.clone(), None);
    if let Some((by, Some(key))) = &mut wanted.by
        && by == Dimension::Service.as_str()
    {
        service = known.services().name_of(key, "/of")?;
        // What is no service has no records: no service is called like nothing.
        *key = service.clone().unwrap_or_default();
    }
    let (found, counted_at) = Search { of: &records, period, wanted: &wanted }.found(conn)?;
    let (kind, told) = (kind_from(code, side), amount(code, side));
    let behind = page(conn, kind, told, found, side == Side::Referrer, page_of)?;
    Ok(Behind { counted_at, service, ..behind })
}

fn unknown_breakdown() -> AppError {
    AppError::field(error::Part::Query, "/by", "unknown", &"the records of this measure cannot be chosen by that")
}

/// Which records of the denied-access report.
#[derive(Debug, Clone)]
pub struct OfCell {
    /// Households, and not referrals.
    pub households: bool,
    pub access: Option<Access>,
    /// Only those with these values; `None` for those that have none. Of a service its key.
    pub values: Vec<(Dimension, Option<String>)>,
    /// Only those for which this reason was given beside the primary one.
    pub secondary_reason: Option<String>,
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
    let side = if provider { Side::Provider } else { Side::Referrer };
    if let Some((dimension, _)) = of.values.iter().find(|(dimension, _)| !chosen_by(dimension.as_str(), side)) {
        let pointer = format!("/{}", dimension.as_str());
        return Err(AppError::field(error::Part::Query, &pointer, "not_possible", &"choose by something else"));
    }
    if of.households && provider {
        let message = "the households are counted by those whose cases they are";
        return Err(AppError::field(error::Part::Query, "/counted", "not_possible", &message));
    }
    let by: Vec<Dimension> = of.values.iter().map(|(dimension, _)| *dimension).collect();
    let ask = super::Ask { by, ..ask.clone() };
    super::with_known(conn, actor, &ask, |conn, known, mut asked| {
        asked.each = true;
        let kind = if of.households { Kind::Case } else { Kind::Referral };
        let (mut values, mut service) = (of.values.clone(), None);
        for (_, key) in values.iter_mut().filter(|(dimension, _)| *dimension == Dimension::Service) {
            let Some(key) = key else { continue };
            service = known.named().name_of(key, "/service")?;
            *key = service.clone().unwrap_or_default();
        }
        let reader = Reader::of(actor);
        let wanted = |one: &dyn Counted| {
            of.access.is_none_or(|access| one.access() == access)
                && values.iter().all(|(dimension, value)| one.value(*dimension) == *value)
        };
        let found = |(id, at): (Uuid, At)| Found { id, at, amount: 1 };
        let mut found: Vec<Found> = if of.households {
            let rows = counts::households(conn, reader, asked)?;
            let rows = rows.iter().filter(|row| wanted(&(*row, known)));
            rows.filter_map(|row| Some((row.id?.0, row.at?))).map(found).collect()
        } else {
            let rows = counts::referrals(conn, ask.perspective, reader, asked)?;
            let rows = rows.iter().filter(|row| wanted(&(*row, known)));
            rows.filter_map(|row| Some((row.id?.0, row.at?))).map(found).collect()
        };
        if let Some(reason) = &of.secondary_reason {
            let given = if of.households {
                named::closed_with_secondary_reasons(conn, reader, asked.from, asked.to)?
            } else {
                named::sent_with_secondary_reasons(conn, ask.perspective, reader, asked.from, asked.to)?
            };
            let given: BTreeSet<Uuid> =
                given.into_iter().filter(|(_, given)| given == reason).map(|(id, _)| id).collect();
            found.retain(|one| given.contains(&one.id));
        }
        let behind = page(conn, kind, None, found, !provider, page_of)?;
        Ok(Behind { service, ..behind })
    })
}

fn page(
    conn: &mut Conn,
    kind: Kind,
    told: Option<Amount>,
    mut found: Vec<Found>,
    cases: bool,
    (skip, take): (usize, usize),
) -> Result<Behind, AppError> {
    found.sort_by_key(|one| (one.at, one.id));
    let (total, sum) = (found.len(), found.iter().map(|one| one.amount).sum());
    let shown: Vec<Found> = found.into_iter().skip(skip).take(take).collect();
    let ids: Vec<Uuid> = shown.iter().map(|one| one.id).collect();
    let mut names = named::names(conn, kind, &ids, cases)?;
    let item = |Found { id, at, amount }| {
        Some(Record { kind, id, at, amount: told.map(|_| amount), named: names.remove(&id)? })
    };
    Ok(Behind {
        kind,
        total,
        amount: told.map(|told| (told, sum)),
        counted_at: None,
        service: None,
        items: shown.into_iter().filter_map(item).collect(),
    })
}

/// The records behind a figure of the yearly return, in the order of time.
///
/// # Errors
/// As [`annual_return::records_behind`].
pub fn of_annual_return(
    conn: &mut Conn,
    actor: &Actor,
    ask: &annual_return::Ask,
    figure: (&str, &str),
    now: At,
    (skip, take): (usize, usize),
) -> Result<Behind, AppError> {
    let sources = annual_return::records_behind(conn, actor, ask, figure, now)?;
    let cases = matches!(ask.perspective, Perspective::Referrer(_));
    let (total, first) = (sources.len(), sources.first().map_or(Kind::Case, |source| source.kind));
    let mut shown: Vec<Source> = sources.into_iter().skip(skip).take(take).collect();
    let mut items = Vec::new();
    let kinds: BTreeSet<Kind> = shown.iter().map(|source| source.kind).collect();
    for kind in kinds {
        let ids: Vec<Uuid> = shown.iter().filter(|source| source.kind == kind).map(|source| source.id).collect();
        let mut names = named::names(conn, kind, &ids, cases)?;
        let of_kind = shown.extract_if(.., |source| source.kind == kind);
        items.extend(of_kind.filter_map(|Source { kind, id, at }| {
            Some(Record { kind, id, at, amount: None, named: names.remove(&id)? })
        }));
    }
    items.sort_by_key(|record| (record.at, record.kind, record.id));
    Ok(Behind { kind: first, total, amount: None, counted_at: None, service: None, items })
}
