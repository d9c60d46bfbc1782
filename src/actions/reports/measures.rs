//! All measures of one organisation and one period, from its own records.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::super::public_name;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::reports::measures::{self as rows, CaseRow, CountedCases, LegRow, PlaceRow, Sent};
use crate::db::reports::{self, Perspective, Service};
use crate::db::{Conn, Tx, reference};
use crate::domain::household::Needs;
use crate::domain::measures::homes::{self, Home, Population, Taken, Void};
use crate::domain::measures::people::{self, Composition};
use crate::domain::measures::referrals::{self, Before, Denial, Origin, Referral, SamePeople, answered_at};
use crate::domain::measures::sanctuary;
use crate::domain::measures::stays::{self, Leg, Stay};
use crate::domain::measures::waiting::{self, Case, Place};
use crate::domain::measures::{Access, Measure, Period, Side};
use crate::domain::placement::State;
use crate::domain::reason::{DecidedBy, DenialReason};
use crate::domain::reference::Area;
use crate::domain::sanctuary::report::figures;
use crate::error::AppError;
use crate::ids::{CaseId, ServiceId, UnitId};

/// What the measures are asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    pub perspective: Perspective,
}

impl Ask {
    pub fn side(&self) -> Side {
        match self.perspective {
            Perspective::Provider(_) => Side::Provider,
            Perspective::Referrer(_) => Side::Referrer,
        }
    }
}

/// Everything that the organisation measures from this side, in the order of the catalogue.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut Conn, actor: &Actor, ask: &Ask, period: Period) -> Result<Vec<Measure>, AppError> {
    let side = ask.side();
    let known = Known::read(conn, actor, side)?;
    let reader = Reader::of(actor);
    let (from, to) = (period.starts(), period.ends());

    let sent = rows::sent(conn, ask.perspective, reader, from, to)?;
    let sent: Vec<Referral> = sent.into_iter().map(|row| known.referral(row)).collect();
    let secondary = reports::referral_secondary_reasons(conn, ask.perspective, reader, from, to)?;
    let mut measures = referrals::access(&sent, &secondary);
    measures.extend(repeats(conn, &known, ask, reader, period, &sent)?);
    measures.extend(referrals::response(&sent));

    let (stays, housed) = stays_of(conn, &known, ask, reader, period)?;
    match side {
        Side::Referrer => {
            measures.extend(referrals::areas(&sent));
            let cases = cases(conn, &known, reader, period)?;
            measures.extend(waiting::closed(&cases, period));
            measures.extend(waiting::list(&cases, period));
            measures.extend(waiting::time(&cases, period));
            let opened = rows::needs_of_opened(conn, reader, from, to)?;
            let opened: Vec<&Needs> =
                opened.iter().filter(|(case, _)| known.counted.counts(*case)).map(|(_, needs)| needs).collect();
            measures.push(people::completeness(&opened, side));
        }
        Side::Provider => {
            let homes = homes_of(conn, &known, actor, period)?;
            measures.extend(homes::days(&homes, period));
            measures.push(homes::turnaround(&homes, period));
            measures.push(homes::freshness(&rows::posted(conn, reader, from, to)?, period));
            measures.push(homes::places(&homes, &populations(conn)?, period));
            measures.push(people::completeness(&housed.values().collect::<Vec<_>>(), side));
        }
    }
    measures.extend(stays::measures(&stays, period));
    measures.extend(people::supported(&housed.values().collect::<Vec<_>>(), side));
    let jobs = crate::db::sanctuary::reported(conn, ask.perspective, reader, from, to)?;
    measures.extend(sanctuary::measures(&figures(&jobs)));
    measures.sort_by_key(|measure| measure.code);
    Ok(measures)
}

/// As [`all`], on its way out of the system.
///
/// # Errors
/// [`AppError::Slowed`] when too much was taken out.
pub fn export(tx: &mut Tx, ask: &Ask) -> Result<Change<Vec<Measure>>, AppError> {
    let actor = tx.actor().clone();
    let period = Period { from: ask.from, to: ask.to, now: tx.now() };
    let measures = all(tx, &actor, ask, period)?;
    let event = Event::new(Did::ReportExported, actor.organisation.0).because("measures");
    Ok(Change::new(measures, event).and_all(super::super::readings::export(tx)?))
}

/// Repeats within the organisation: by the case, and by what its workers have said of their own cases.
fn repeats(
    conn: &mut Conn,
    known: &Known,
    ask: &Ask,
    reader: Reader,
    period: Period,
    sent: &[Referral],
) -> Result<Vec<Measure>, AppError> {
    let pairs = match ask.perspective {
        Perspective::Referrer(_) => rows::same(conn, reader)?,
        Perspective::Provider(_) => Vec::new(),
    };
    let counted = |case: CaseId| known.counted.of(case);
    let people = SamePeople::new(pairs.into_iter().map(|(one, other)| (counted(one), counted(other))));
    let before = rows::sent_before(conn, ask.perspective, reader, period.ends())?;
    let before: Vec<Before> = before
        .into_iter()
        .map(|row| Before {
            survivor: people.survivor(counted(row.case)),
            sent_at: row.sent_at,
            answered_at: answered_at(row.state, row.decided_at, row.ended_at),
        })
        .collect();
    Ok(referrals::repeats(sent, &before, &people))
}

fn cases(conn: &mut Conn, known: &Known, reader: Reader, period: Period) -> Result<Vec<Case>, AppError> {
    let mut places: BTreeMap<CaseId, Vec<Place>> = BTreeMap::new();
    for row in rows::places(conn, reader, period.ends())? {
        places.entry(known.counted.of(row.case)).or_default().push(place(&row));
    }
    // Who is safe at home has a place too, until she says that she is not.
    for (case, from, until) in rows::made_safe(conn, reader, period.ends())? {
        let until = until.map(|day| At::start_of(day).max(from));
        places.entry(known.counted.of(case)).or_default().push(Place { from, until, arrived_at: None });
    }
    let cases = rows::cases(conn, reader, period.starts(), period.ends())?;
    let cases = cases.into_iter().filter(|row| known.counted.counts(row.id));
    Ok(cases.map(|row| known.case(row, &mut places)).collect())
}

fn place(row: &PlaceRow) -> Place {
    let until = match row.state {
        State::DidNotArrive => row.referral_ended_at.or(Some(row.expected_at)),
        _ => row.departed_at.or(row.moved_at),
    };
    Place { from: row.accepted_at.unwrap_or(row.expected_at), until, arrived_at: row.arrived_at }
}

/// The stays of the organisation up to the end of the period, and what is known of the households that had one within it.
fn stays_of(
    conn: &mut Conn,
    known: &Known,
    ask: &Ask,
    reader: Reader,
    period: Period,
) -> Result<(Vec<Stay>, BTreeMap<CaseId, Needs>), AppError> {
    let legs = rows::legs(conn, ask.perspective, reader, period.ends())?;
    let legs: Vec<Leg> = legs.into_iter().filter_map(|row| known.leg(row)).collect();
    let stays = Stay::joined(&legs);
    let within: BTreeSet<CaseId> = stays.iter().filter(|stay| stay.within(period)).map(|stay| stay.household).collect();
    let needs = rows::needs_of_housed(conn, ask.perspective, reader, period.starts(), period.ends())?;
    let mut housed: BTreeMap<CaseId, Needs> = BTreeMap::new();
    for (case, needs) in needs {
        let household = known.counted.of(case);
        if within.contains(&household) && (case == household || !housed.contains_key(&household)) {
            housed.insert(household, needs);
        }
    }
    Ok((stays, housed))
}

fn homes_of(conn: &mut Conn, known: &Known, actor: &Actor, period: Period) -> Result<Vec<Home>, AppError> {
    let groups: BTreeMap<String, String> = reference::codes(conn, Some("void_reason"))?
        .into_iter()
        .filter_map(|code| Some((code.code, code.attributes.get("group")?.as_str()?.to_owned())))
        .collect();
    let void = |reason: String| {
        let group = groups.get(&reason).cloned().unwrap_or_else(|| "other".to_owned());
        Void { reason, group }
    };
    let mut taken: BTreeMap<UnitId, Vec<Taken>> = BTreeMap::new();
    let to = period.ends().max(period.now);
    for (row, stay) in rows::taken(conn, Reader::of(actor), period.starts(), to)? {
        let (during, left) = (row.during(), matches!(stay, Some(State::Departed | State::Moved)));
        let thing = Taken { kind: row.kind, during, void: row.void_reason.map(void), left };
        taken.entry(row.unit_id).or_default().push(thing);
    }
    let homes = rows::homes(conn, actor.organisation, period.ends())?.into_iter();
    Ok(homes
        .map(|row| Home {
            online_from: row.online_from,
            online_until: row.online_until,
            service: known.name(row.service),
            authority: known.authority(&known.area(row.service)),
            taken: taken.remove(&row.id).unwrap_or_default(),
        })
        .collect())
}

fn populations(conn: &mut Conn) -> Result<Vec<Population>, AppError> {
    let codes = reference::codes(conn, Some("population"))?.into_iter();
    Ok(codes
        .filter_map(|code| {
            let of = |name: &str| code.attributes.get(name);
            Some(Population {
                area: of("area")?.as_str()?.to_owned(),
                year: i32::try_from(of("year")?.as_i64()?).ok()?,
                people: of("population")?.as_u64()?,
            })
        })
        .collect())
}

/// What gives records their names and groups.
struct Known {
    services: BTreeMap<ServiceId, Service>,
    /// The county of every district.
    counties: BTreeMap<String, String>,
    reasons: BTreeMap<String, DenialReason>,
    counted: CountedCases,
    actor: Actor,
    side: Side,
}

impl Known {
    fn read(conn: &mut Conn, actor: &Actor, side: Side) -> Result<Self, AppError> {
        let services = reports::services(conn)?.into_iter().map(|service| (service.id, service)).collect();
        let county = |area: Area| area.county.map(|county| (area.code, county));
        let counties = reference::areas(conn)?.into_iter().filter_map(county).collect();
        let (reasons, counted) = (reference::denial_reasons(conn)?, rows::counted_cases(conn)?);
        Ok(Self { services, counties, reasons, counted, actor: actor.clone(), side })
    }

    fn name(&self, id: ServiceId) -> String {
        self.services.get(&id).map_or_else(String::new, |service| {
            let own = service.organisation == self.actor.organisation;
            public_name(&service.name, service.name_confidential, own).to_owned()
        })
    }

    fn area(&self, id: ServiceId) -> String {
        self.services.get(&id).map_or_else(String::new, |service| service.area.clone())
    }

    /// The county of a district, or the area itself.
    fn authority(&self, area: &str) -> String {
        self.counties.get(area).map_or(area, String::as_str).to_owned()
    }

    fn denial(&self, reason: Option<String>, decided_by: Option<DecidedBy>) -> Option<Denial> {
        let reason = reason?;
        let known = self.reasons.get(&reason);
        Some(Denial {
            decided_by: decided_by.map(|who| who.as_str().to_owned()),
            womens_aid_group: known.map(|known| known.womens_aid.clone()),
            return_group: known.map(|known| known.return_group.clone()),
            reason,
        })
    }

    fn referral(&self, row: Sent) -> Referral {
        let area = self.area(row.service);
        // A provider is not told where a household comes from.
        let origin = row.origin_area.filter(|_| self.side == Side::Referrer);
        Referral {
            household: self.counted.of(row.case),
            access: match row.state {
                state if state.open() => Access::Open,
                state if state.denied() => Access::Denied,
                _ => Access::Placed,
            },
            sent_at: row.sent_at,
            answered_at: answered_at(row.state, row.decided_at, row.ended_at),
            denial: self.denial(row.primary_reason, row.decided_by),
            service: self.name(row.service),
            authority: self.authority(&area),
            area,
            source: row.source,
            composition: Composition::of(&row.needs),
            origin: origin.map(|area| Origin { authority: self.authority(&area), area }),
        }
    }

    fn case(&self, row: CaseRow, places: &mut BTreeMap<CaseId, Vec<Place>>) -> Case {
        Case {
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            outcome: row.outcome,
            denial: self.denial(row.primary_reason, row.decided_by),
            what_happened_next: row.what_happened_next,
            source: row.source,
            origin_area: row.origin_area,
            places: places.remove(&row.id).unwrap_or_default(),
        }
    }

    /// The one place where a placement becomes a part of a stay.
    fn leg(&self, row: LegRow) -> Option<Leg> {
        Some(Leg {
            id: row.id,
            follows: row.follows,
            household: self.counted.of(row.case),
            service: self.name(row.service),
            arrived_at: row.arrived_at?,
            left_at: row.departed_at.or(row.moved_at),
            departure: row.departure_kind,
            destination: row.destination,
            timely: row.timely,
        })
    }
}
