//! Reports for managers: figures from the records, each of which counts once.

mod keys;
pub mod measures;
pub mod own;
pub mod records;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use self::keys::Services;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::reports::counts::{self, Asked, Months};
use crate::db::reports::{self, Perspective, Service};
use crate::db::{Conn, Tx, reference};
use crate::domain::measures::{self as figures, Access, Counted, Dimension, Tally, tally};
use crate::domain::permission::Role;
use crate::domain::reason::{DecidedBy, DenialReason, Outcome};
use crate::error::{AppError, Part};
use crate::ids::ServiceId;

/// What the denied-access report is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    pub by: Vec<Dimension>,
    pub perspective: Perspective,
}

/// Denied access, counted per referral and, for those whose cases they are, per household.
#[derive(Debug, Clone)]
pub struct DeniedAccess {
    pub per_referral: Tally,
    pub referral_secondary_reasons: BTreeMap<String, u64>,
    pub per_household: Option<Tally>,
    pub household_secondary_reasons: Option<BTreeMap<String, u64>>,
}

/// The side from which somebody reads the reports of their organisation. One who manages both may choose.
///
/// # Errors
/// [`AppError::Invalid`] when it is not theirs, or both are and neither is chosen.
pub fn perspective(actor: &Actor, wanted: Option<&str>) -> Result<Perspective, AppError> {
    let provider = actor.has(Role::RefugeManager).then_some(Perspective::Provider(actor.organisation));
    let referrer = actor.has(Role::HelplineManager).then_some(Perspective::Referrer(actor.organisation));
    let chosen = match wanted {
        Some("provider") => provider,
        Some("referrer") => referrer,
        None if provider.is_some() && referrer.is_some() => None,
        None => provider.or(referrer),
        Some(_) => None,
    };
    chosen.ok_or_else(|| {
        let message = "choose provider (referrals to your services) or referrer (your cases), whichever you manage";
        AppError::field(Part::Query, "/as", "not_possible", &message)
    })
}

/// # Errors
/// When the database fails.
pub fn denied_access(conn: &mut Conn, actor: &Actor, ask: &Ask) -> Result<DeniedAccess, AppError> {
    with_known(conn, actor, ask, |conn, known, asked| counted(conn, Reader::of(actor), ask, known, asked))
}

/// Runs a question with what is known of the codes in its answer.
fn with_known<T>(
    conn: &mut Conn,
    actor: &Actor,
    ask: &Ask,
    question: impl FnOnce(&mut Conn, Known<'_>, Asked<'_>) -> Result<T, AppError>,
) -> Result<T, AppError> {
    let (from, to) = (At::start_of(ask.from), At::start_of(after(ask.to)));
    let months = Months::of(ask.from, ask.to);
    let asked = Asked { from, to, months: &months, by: &ask.by, each: false };
    let reasons = reference::denial_reasons(conn)?;
    let services: BTreeMap<_, _> = reports::services(conn)?.into_iter().map(|service| (service.id, service)).collect();
    let known = Known { reasons: &reasons, services: &services, months: &months, actor };
    question(conn, known, asked)
}

fn counted(
    conn: &mut Conn,
    reader: Reader,
    ask: &Ask,
    known: Known<'_>,
    asked: Asked<'_>,
) -> Result<DeniedAccess, AppError> {
    let (from, to) = (asked.from, asked.to);
    let referrals = counts::referrals(conn, ask.perspective, reader, asked)?;
    let per_referral = known.named().key_cells(tally(referrals.iter().map(|referrals| (referrals, known)), &ask.by));
    let referral_secondary_reasons = counts::referral_secondary_reasons(conn, ask.perspective, reader, from, to)?;

    let (mut per_household, mut household_secondary_reasons) = (None, None);
    if let Perspective::Referrer(_) = ask.perspective {
        let households = counts::households(conn, reader, asked)?;
        per_household = Some(tally(households.iter().map(|households| (households, known)), &ask.by));
        household_secondary_reasons = Some(counts::household_secondary_reasons(conn, reader, from, to)?);
    }
    Ok(DeniedAccess { per_referral, referral_secondary_reasons, per_household, household_secondary_reasons })
}

/// As [`denied_access`], each count beside that of the period before.
///
/// # Errors
/// When the database fails.
pub fn denied_access_compared(conn: &mut Conn, actor: &Actor, ask: &Ask) -> Result<DeniedAccess, AppError> {
    let now = denied_access(conn, actor, ask)?;
    let Some((from, to)) = figures::before(ask.from, ask.to) else { return Ok(now) };
    let before = denied_access(conn, actor, &Ask { from, to, ..ask.clone() })?;
    let households = now.per_household.zip(before.per_household);
    Ok(DeniedAccess {
        per_referral: now.per_referral.against(before.per_referral),
        per_household: households.map(|(now, before)| now.against(before)),
        ..now
    })
}

/// As [`denied_access`], on its way out of the system.
///
/// # Errors
/// [`AppError::Slowed`] when too much was taken out.
pub fn export_denied_access(tx: &mut Tx, ask: &Ask, compare: bool) -> Result<Change<DeniedAccess>, AppError> {
    let actor = tx.actor().clone();
    let report = if compare { denied_access_compared(tx, &actor, ask) } else { denied_access(tx, &actor, ask) }?;
    let fields = ask.by.iter().map(|dimension| dimension.as_str());
    let event = Event::new(Did::ReportExported, actor.organisation.0).fields(fields).because("denied_access");
    Ok(Change::new(report, event).and_all(super::readings::export(tx)?))
}

fn after(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// What gives the codes in a record their groups and names.
#[derive(Clone, Copy)]
struct Known<'a> {
    reasons: &'a BTreeMap<String, DenialReason>,
    services: &'a BTreeMap<ServiceId, Service>,
    months: &'a Months,
    actor: &'a Actor,
}

impl Known<'_> {
    fn named(&self) -> Services<'_> {
        Services { all: self.services, reader: self.actor.organisation }
    }

    fn of_reason(self, dimension: Dimension, reason: Option<&String>, decided_by: Option<DecidedBy>) -> Option<String> {
        let known = || self.reasons.get(reason?);
        match dimension {
            Dimension::Reason => reason.cloned(),
            Dimension::DecidedBy => decided_by.map(|who| who.as_str().to_owned()),
            Dimension::WomensAidGroup => known().map(|known| known.womens_aid.clone()),
            Dimension::ReturnGroup => known().map(|known| known.return_group.clone()),
            _ => None,
        }
    }
}

impl Counted for (&counts::Referrals, Known<'_>) {
    fn access(&self) -> Access {
        Access::of_referral(self.0.state)
    }

    fn number(&self) -> u64 {
        counts::number(self.0.number)
    }

    fn value(&self, dimension: Dimension) -> Option<String> {
        let (referrals, known) = self;
        match dimension {
            Dimension::Area => referrals.area.clone(),
            Dimension::AccommodationType => referrals.accommodation_type.map(|kind| kind.as_str().to_owned()),
            Dimension::Service => referrals.service.and_then(|service| known.named().name(service)),
            Dimension::Month => referrals.month.and_then(|place| known.months.name(place)).map(str::to_owned),
            Dimension::Source => referrals.source.clone(),
            Dimension::Household => referrals.household.map(|kind| kind.as_str().to_owned()),
            Dimension::WhatHappenedNext => None,
            reason => known.of_reason(reason, referrals.primary_reason.as_ref(), referrals.decided_by),
        }
    }
}

impl Counted for (&counts::Households, Known<'_>) {
    fn access(&self) -> Access {
        match self.0.outcome {
            Some(Outcome::Placed) => Access::Placed,
            Some(Outcome::Sanctuary) => Access::SafeAtHome,
            Some(Outcome::NotPlaced) => Access::Denied,
            None => Access::Open,
        }
    }

    fn number(&self) -> u64 {
        counts::number(self.0.number)
    }

    fn value(&self, dimension: Dimension) -> Option<String> {
        let (households, known) = self;
        match dimension {
            Dimension::Area => households.area.clone(),
            Dimension::Month => households.month.and_then(|place| known.months.name(place)).map(str::to_owned),
            Dimension::Source => households.source.clone(),
            Dimension::Household => households.household.map(|kind| kind.as_str().to_owned()),
            Dimension::WhatHappenedNext => households.what_happened_next.clone(),
            Dimension::Service | Dimension::AccommodationType => None,
            reason => known.of_reason(reason, households.primary_reason.as_ref(), households.decided_by),
        }
    }
}
