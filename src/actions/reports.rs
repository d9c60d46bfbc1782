//! Reports for managers: figures from the records, each of which counts once.

pub mod measures;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::public_name;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::exclusions::Reader;
use crate::db::reports::{self, Household, Perspective, Referral, Service};
use crate::db::{Conn, Tx, reference};
use crate::domain::measures::{Access, Counted, Dimension, Tally, tally};
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
    let (from, to) = (At::start_of(ask.from), At::start_of(after(ask.to)));
    let reasons = reference::denial_reasons(conn)?;
    let services: BTreeMap<_, _> = reports::services(conn)?.into_iter().map(|service| (service.id, service)).collect();
    let known = Known { reasons: &reasons, services: &services, actor };

    let reader = Reader::of(actor);
    let referrals = reports::referrals(conn, ask.perspective, reader, from, to)?;
    let per_referral = tally(referrals.iter().map(|referral| (referral, known)), &ask.by);
    let secondary = reports::referral_secondary_reasons(conn, ask.perspective, reader, from, to)?;
    let referral_secondary_reasons = counted(secondary);

    let (mut per_household, mut household_secondary_reasons) = (None, None);
    if let Perspective::Referrer(_) = ask.perspective {
        let households = reports::households(conn, reader, from, to)?;
        per_household = Some(tally(households.iter().map(|household| (household, known)), &ask.by));
        household_secondary_reasons = Some(counted(reports::household_secondary_reasons(conn, reader, from, to)?));
    }
    Ok(DeniedAccess { per_referral, referral_secondary_reasons, per_household, household_secondary_reasons })
}

/// As [`denied_access`], on its way out of the system.
///
/// # Errors
/// [`AppError::Slowed`] when too much was taken out.
pub fn export_denied_access(tx: &mut Tx, ask: &Ask) -> Result<Change<DeniedAccess>, AppError> {
    let actor = tx.actor().clone();
    let report = denied_access(tx, &actor, ask)?;
    let fields = ask.by.iter().map(|dimension| dimension.as_str());
    let event = Event::new(Did::ReportExported, actor.organisation.0).fields(fields).because("denied_access");
    Ok(Change::new(report, event).and_all(super::readings::export(tx)?))
}

fn counted(reasons: Vec<String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    counts
}

fn after(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// What gives the codes in a record their groups and names.
#[derive(Clone, Copy)]
struct Known<'a> {
    reasons: &'a BTreeMap<String, DenialReason>,
    services: &'a BTreeMap<ServiceId, Service>,
    actor: &'a Actor,
}

impl Known<'_> {
    fn of_reason(self, dimension: Dimension, reason: Option<&String>, decided_by: Option<DecidedBy>) -> Option<String> {
        let reason = reason?;
        match dimension {
            Dimension::Reason => Some(reason.clone()),
            Dimension::DecidedBy => decided_by.map(|who| who.as_str().to_owned()),
            Dimension::WomensAidGroup => self.reasons.get(reason).map(|known| known.womens_aid.clone()),
            Dimension::ReturnGroup => self.reasons.get(reason).map(|known| known.return_group.clone()),
            _ => None,
        }
    }
}

impl Counted for (&Referral, Known<'_>) {
    fn access(&self) -> Access {
        let (referral, _) = self;
        match referral.state {
            state if state.open() => Access::Open,
            state if state.denied() => Access::Denied,
            _ => Access::Placed,
        }
    }

    fn value(&self, dimension: Dimension) -> Option<String> {
        let (referral, known) = self;
        let service = || known.services.get(&referral.service);
        match dimension {
            Dimension::Area => service().map(|service| service.area.clone()),
            Dimension::AccommodationType => service().map(|service| service.accommodation_type.as_str().to_owned()),
            Dimension::Service => service().map(|service| {
                let own = service.organisation == known.actor.organisation;
                public_name(&service.name, service.name_confidential, own).to_owned()
            }),
            Dimension::Month => Some(month(referral.sent_at)),
            Dimension::Source => Some(referral.source.clone()),
            Dimension::WhatHappenedNext => None,
            reason => known.of_reason(reason, referral.primary_reason.as_ref(), referral.decided_by),
        }
    }
}

impl Counted for (&Household, Known<'_>) {
    fn access(&self) -> Access {
        match self.0.outcome {
            Some(Outcome::Placed) => Access::Placed,
            Some(Outcome::Sanctuary) => Access::SafeAtHome,
            Some(Outcome::NotPlaced) => Access::Denied,
            None => Access::Open,
        }
    }

    fn value(&self, dimension: Dimension) -> Option<String> {
        let (household, known) = self;
        match dimension {
            Dimension::Area => household.origin_area.clone(),
            Dimension::Month => household.closed_at.map(month),
            Dimension::Source => Some(household.source.clone()),
            Dimension::WhatHappenedNext => household.what_happened_next.clone(),
            Dimension::Service | Dimension::AccommodationType => None,
            reason => known.of_reason(reason, household.primary_reason.as_ref(), household.decided_by),
        }
    }
}

fn month(instant: At) -> String {
    instant.date().format("%Y-%m").to_string()
}
