//! All measures of one organisation and one period, from its own records.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::super::targets;
use super::keys::Services;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::reports::measures::{self as rows, CaseRow, CountedCases, LegRow, PlaceRow, Sent};
use crate::db::reports::{self, Perspective, Service, counts};
use crate::db::{Conn, Tx, reference};
use crate::domain::household::Needs;
use crate::domain::measures::homes::{self, Home, Population, Taken, Void};
use crate::domain::measures::people::{Completeness, Supported};
use crate::domain::measures::referrals::{self, Before, Denial, Origin, Referral, SamePeople, answered_at};
use crate::domain::measures::sanctuary;
use crate::domain::measures::stays::{self, Leg, Stay};
use crate::domain::measures::waiting::{self, Case, Place};
use crate::domain::measures::{Access, Measure, Period, Side, Theme};
use crate::domain::placement::State;
use crate::domain::reason::{DecidedBy, DenialReason};
use crate::domain::reference::Area;
use crate::domain::sanctuary::report::figures;
use crate::error::AppError;
use crate::ids::{CaseId, ReferralId, ServiceId, UnitId};

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

/// Which measures of it, and whether beside those of the period before.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice {
    /// Only those of one theme: only what they need is read.
    pub theme: Option<Theme>,
    pub compare: bool,
}

impl Choice {
    fn wants(self, theme: Theme) -> bool {
        self.theme.is_none_or(|only| only == theme)
    }
}

/// Everything that the organisation measures from this side, in the order of the catalogue.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut Conn, actor: &Actor, ask: &Ask, period: Period) -> Result<Vec<Measure>, AppError> {
    chosen(conn, actor, ask, period, Choice::default())
}

/// What is chosen of what the organisation measures from this side, in the order of the catalogue.
///
/// # Errors
/// When the database fails.
pub fn chosen(
    conn: &mut Conn,
    actor: &Actor,
    ask: &Ask,
    period: Period,
    choice: Choice,
) -> Result<Vec<Measure>, AppError> {
    let known = Known::read(conn, actor, ask.side())?;
    let reader = Reader::of(actor);
    let records = Records { known: &known, ask, reader, actor };
    let mut measures = records.measures(conn, period, choice)?;
    if let Some(before) = period.before().filter(|_| choice.compare) {
        let earlier = records.measures(conn, before, choice)?;
        let earlier: BTreeMap<_, _> = earlier.into_iter().map(|measure| (measure.code, measure)).collect();
        let beside = |measure: Measure| match earlier.get(&measure.code) {
            Some(before) => measure.against(before),
            None => measure,
        };
        measures = measures.into_iter().map(beside).collect();
    }
    known.services().key_measures(&mut measures);
    targets::beside(conn, actor.organisation, measures)
}

/// As [`chosen`], on its way out of the system.
///
/// # Errors
/// [`AppError::Slowed`] when too much was taken out.
pub fn export(tx: &mut Tx, ask: &Ask, choice: Choice) -> Result<Change<Vec<Measure>>, AppError> {
    let actor = tx.actor().clone();
    let period = Period { from: ask.from, to: ask.to, now: tx.now() };
    let measures = chosen(tx, &actor, ask, period, choice)?;
    let event = Event::new(Did::ReportExported, actor.organisation.0).because("measures");
    Ok(Change::new(measures, event).and_all(super::super::readings::export(tx)?))
}

/// The records of one organisation that measures are worked out from.
pub(super) struct Records<'a> {
    pub(super) known: &'a Known,
    pub(super) ask: &'a Ask,
    pub(super) reader: Reader,
    pub(super) actor: &'a Actor,
}

impl Records<'_> {
    fn measures(&self, conn: &mut Conn, period: Period, choice: Choice) -> Result<Vec<Measure>, AppError> {
        let Self { known, ask, reader, actor } = *self;
        let (from, to, side) = (period.starts(), period.ends(), ask.side());
        let mut measures = Vec::new();
        if choice.wants(Theme::Referrals) || choice.wants(Theme::DeniedAccess) {
            let sent = self.sent(conn, period)?;
            let secondary = counts::referral_secondary_reasons(conn, ask.perspective, reader, from, to)?;
            measures.extend(referrals::access(&sent, &secondary));
            measures.extend(referrals::response(&sent));
            if choice.wants(Theme::Referrals) {
                let (before, people) = earlier(conn, known, ask, reader, period)?;
                measures.extend(referrals::repeats(&sent, &before, &people));
            }
            if side == Side::Referrer {
                measures.extend(referrals::areas(&sent));
            }
        }
        if side == Side::Referrer && (choice.wants(Theme::Waiting) || choice.wants(Theme::DeniedAccess)) {
            let cases = cases(conn, known, reader, period)?;
            measures.extend(waiting::closed(&cases, period));
            measures.extend(waiting::list(&cases, period));
            measures.extend(waiting::time(&cases, period));
        }
        if side == Side::Provider && choice.wants(Theme::Homes) {
            let homes = homes_of(conn, known, actor, period)?;
            measures.extend(homes::days(&homes, period));
            measures.push(homes::turnaround(&homes, period));
            measures.push(homes::freshness(&rows::posted(conn, reader, from, to)?, period));
            measures.push(homes::places(&homes, &populations(conn)?, period));
        }
        let of_housed = choice.wants(Theme::People) || (side == Side::Provider && choice.wants(Theme::Completeness));
        if choice.wants(Theme::Stays) || of_housed {
            let stays = self.stays(conn, period)?;
            measures.extend(stays::measures(&stays, period));
            if of_housed {
                let (mut supported, mut unknown) = (Supported::new(side), Completeness::new(side));
                self.each_housed(conn, period, &stays, |_, needs| {
                    supported.add(&needs);
                    unknown.add(&needs);
                })?;
                measures.extend(supported.measures());
                if side == Side::Provider {
                    measures.push(unknown.measure());
                }
            }
        }
        if side == Side::Referrer && choice.wants(Theme::Completeness) {
            let mut opened = rows::opened(conn, reader, from, to)?;
            opened.retain(|case, _| known.counted.counts(*case));
            let opened: Vec<CaseId> = opened.into_keys().collect();
            let mut unknown = Completeness::new(side);
            reports::each_needs(conn, &opened, |_, needs| unknown.add(&needs))?;
            measures.push(unknown.measure());
        }
        if choice.wants(Theme::Sanctuary) {
            let jobs = crate::db::sanctuary::reported(conn, ask.perspective, reader, from, to)?;
            measures.extend(sanctuary::measures(&figures(&jobs)));
        }
        measures.retain(|measure| choice.wants(measure.code.definition().theme));
        measures.sort_by_key(|measure| measure.code);
        Ok(measures)
    }

    fn sent(&self, conn: &mut Conn, period: Period) -> Result<Vec<Referral>, AppError> {
        Ok(self.each_sent(conn, period)?.into_iter().map(|(_, referral)| referral).collect())
    }

    /// The referrals sent in the period, each with its id.
    pub(super) fn each_sent(&self, conn: &mut Conn, period: Period) -> Result<Vec<(ReferralId, Referral)>, AppError> {
        let sent = rows::sent(conn, self.ask.perspective, self.reader, period.starts(), period.ends())?;
        Ok(sent.into_iter().map(|row| (row.id, self.known.referral(row))).collect())
    }

    /// The stays of the organisation up to the end of the period.
    pub(super) fn stays(&self, conn: &mut Conn, period: Period) -> Result<Vec<Stay>, AppError> {
        let legs = rows::legs(conn, self.ask.perspective, self.reader, period.ends())?;
        let legs: Vec<Leg> = legs.into_iter().filter_map(|row| self.known.leg(row)).collect();
        Ok(Stay::joined(&legs))
    }

    /// What is known of the households that had a stay within the period.
    pub(super) fn housed(
        &self,
        conn: &mut Conn,
        period: Period,
        stays: &[Stay],
    ) -> Result<BTreeMap<CaseId, Needs>, AppError> {
        let mut housed = BTreeMap::new();
        self.each_housed(conn, period, stays, |household, needs| {
            housed.insert(household, needs);
        })?;
        Ok(housed)
    }

    /// Tells what is known of each of them, of some at a time.
    fn each_housed(
        &self,
        conn: &mut Conn,
        period: Period,
        stays: &[Stay],
        mut tell: impl FnMut(CaseId, Needs),
    ) -> Result<(), AppError> {
        let within = stays.iter().filter(|stay| stay.within(period));
        let within: BTreeSet<CaseId> = within.map(|stay| stay.household).collect();
        let housed = rows::housed(conn, self.ask.perspective, self.reader, period.starts(), period.ends())?;
        let mut told = said_by(&housed, &self.known.counted);
        told.retain(|household, _| within.contains(household));
        let households: BTreeMap<CaseId, CaseId> = told.iter().map(|(household, case)| (*case, *household)).collect();
        let cases: Vec<CaseId> = households.keys().copied().collect();
        reports::each_needs(conn, &cases, |case, needs| tell(households.get(&case).copied().unwrap_or(case), needs))
    }
}

/// For each household of these cases the one that says what is known of it: the case that it counts with, or if that is
/// none of them, the first that does.
pub(in super::super) fn said_by(cases: &BTreeSet<CaseId>, counted: &CountedCases) -> BTreeMap<CaseId, CaseId> {
    let mut said = BTreeMap::new();
    for case in cases {
        let household = counted.of(*case);
        let by = if cases.contains(&household) { household } else { *case };
        said.entry(household).or_insert(by);
    }
    said
}

/// What was before, within the organisation: by the case, and by what its workers have said of their own cases.
pub(super) fn earlier(
    conn: &mut Conn,
    known: &Known,
    ask: &Ask,
    reader: Reader,
    period: Period,
) -> Result<(Vec<Before>, SamePeople), AppError> {
    let pairs = match ask.perspective {
        Perspective::Referrer(_) => rows::same(conn, reader)?,
        Perspective::Provider(_) => Vec::new(),
    };
    let counted = |case: CaseId| known.counted.of(case);
    let linked = pairs.iter().flat_map(|(one, other)| [*one, *other]).chain(known.counted.all()).collect();
    let people = SamePeople::new(pairs.into_iter().map(|(one, other)| (counted(one), counted(other))));
    let before = rows::first_of_several(conn, ask.perspective, reader, period.ends(), &linked)?;
    let before = before.into_iter().filter_map(|row| {
        let survivor = people.survivor(counted(row.case));
        Some(Before { survivor, sent_at: row.sent_at?, answered_at: row.answered_at })
    });
    Ok((before.collect(), people))
}

fn cases(conn: &mut Conn, known: &Known, reader: Reader, period: Period) -> Result<Vec<Case>, AppError> {
    Ok(each_case(conn, known, reader, period)?.into_iter().map(|(_, case)| case).collect())
}

/// The cases that were open in the period, each with its id.
pub(super) fn each_case(
    conn: &mut Conn,
    known: &Known,
    reader: Reader,
    period: Period,
) -> Result<Vec<(CaseId, Case)>, AppError> {
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
    Ok(cases.map(|row| (row.id, known.case(row, &mut places))).collect())
}

fn place(row: &PlaceRow) -> Place {
    let until = match row.state {
        State::DidNotArrive => row.referral_ended_at.or(Some(row.expected_at)),
        _ => row.departed_at.or(row.moved_at),
    };
    Place { from: row.accepted_at.unwrap_or(row.expected_at), until, arrived_at: row.arrived_at }
}

fn homes_of(conn: &mut Conn, known: &Known, actor: &Actor, period: Period) -> Result<Vec<Home>, AppError> {
    Ok(each_home(conn, known, actor, period)?.into_iter().map(|(_, home)| home).collect())
}

/// The homes of the organisation, each with its id.
pub(super) fn each_home(
    conn: &mut Conn,
    known: &Known,
    actor: &Actor,
    period: Period,
) -> Result<Vec<(UnitId, Home)>, AppError> {
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
        let (during, left) = (row.during(), matches!(stay, Some(State::Departed | State::Moved)).then_some(row.id));
        let thing = Taken { kind: row.kind, during, void: row.void_reason.map(void), left };
        taken.entry(row.unit_id).or_default().push(thing);
    }
    let homes = rows::homes(conn, actor.organisation, period.ends())?.into_iter();
    Ok(homes
        .map(|row| {
            let home = Home {
                online_from: row.online_from,
                online_until: row.online_until,
                service: known.name(row.service),
                authority: known.authority(&known.area(row.service)),
                taken: taken.remove(&row.id).unwrap_or_default(),
            };
            (row.id, home)
        })
        .collect())
}

pub(super) fn populations(conn: &mut Conn) -> Result<Vec<Population>, AppError> {
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
pub(super) struct Known {
    services: BTreeMap<ServiceId, Service>,
    /// The county of every district.
    counties: BTreeMap<String, String>,
    reasons: BTreeMap<String, DenialReason>,
    pub(super) counted: CountedCases,
    actor: Actor,
    side: Side,
}

impl Known {
    pub(super) fn read(conn: &mut Conn, actor: &Actor, side: Side) -> Result<Self, AppError> {
        let services = reports::services(conn)?.into_iter().map(|service| (service.id, service)).collect();
        let county = |area: Area| area.county.map(|county| (area.code, county));
        let counties = reference::areas(conn)?.into_iter().filter_map(county).collect();
        let (reasons, counted) = (reference::denial_reasons(conn)?, rows::counted_cases(conn)?);
        Ok(Self { services, counties, reasons, counted, actor: actor.clone(), side })
    }

    pub(super) fn services(&self) -> Services<'_> {
        Services { all: &self.services, reader: self.actor.organisation }
    }

    fn name(&self, id: ServiceId) -> String {
        self.services().name(id).unwrap_or_default()
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
            access: Access::of_referral(row.state),
            sent_at: row.sent_at,
            answered_at: answered_at(row.state, row.decided_at, row.ended_at),
            denial: self.denial(row.primary_reason, row.decided_by),
            service: self.name(row.service),
            authority: self.authority(&area),
            area,
            source: row.source,
            composition: row.household,
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
    pub(super) fn leg(&self, row: LegRow) -> Option<Leg> {
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
