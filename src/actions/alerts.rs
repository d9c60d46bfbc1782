//! Noticing what is worth a second look, in the write in which it happens. (S15, S17, S31)

use uuid::Uuid;

use super::emergency;
use super::identity::Found;
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::alerts::{self, Alert};
use crate::db::{Tx, accounts};
use crate::domain::Refusal;
use crate::domain::alert::{ADDRESSES, IDENTITIES, Kind, Stage, WINDOW, long_closed, own_surname};
use crate::domain::identity::Person;
use crate::error::AppError;
use crate::ids::{AccountId, AlertId, CaseId, EventId, OrganisationId, SanctuaryId, UnitId};

/// What is about to be disclosed to the actor.
#[derive(Debug)]
pub enum Disclosed<'a> {
    Address(UnitId),
    /// Where a household lives that wants to stay.
    Home {
        job: SanctuaryId,
        case: CaseId,
    },
    Identity {
        case: CaseId,
        /// Of a case of the actor's own organisation.
        closed_at: Option<At>,
        /// By which the actor sees it, when it is not her organisation's case.
        by: Option<(&'static str, Uuid)>,
        people: &'a [Person],
    },
}

impl<'a> Disclosed<'a> {
    /// Who a household is, or how it is reached.
    pub(super) fn household(found: &Found, people: &'a [Person]) -> Self {
        let Found { case, closed_at, by, .. } = *found;
        Self::Identity { case, closed_at, by, people }
    }
}

/// Whom an alert is about.
#[derive(Debug, Clone, Copy)]
pub struct About {
    pub account: AccountId,
    pub organisation: OrganisationId,
}

/// Looks at a disclosure; gives back the events of whatever was noticed. Every disclosure of who or where somebody is
/// calls this in its own write.
///
/// # Errors
/// When the database fails: then nothing is disclosed.
pub fn noticed(tx: &mut Tx, disclosed: &Disclosed) -> Result<Vec<Event>, AppError> {
    let about = About { account: tx.actor().account, organisation: tx.actor().organisation };
    match disclosed {
        Disclosed::Address(unit) => many(tx, &WHERE, unit.0, ADDRESSES, Kind::ManyAddresses),
        Disclosed::Home { job, case } => {
            let mut events = emergency::used(tx, *case)?;
            events.extend(many(tx, &WHERE, job.0, ADDRESSES, Kind::ManyAddresses)?);
            Ok(events)
        }
        Disclosed::Identity { case, closed_at, by, people } => {
            let object = by.unwrap_or(("case", case.0));
            let mut events = emergency::used(tx, *case)?;
            let reader = accounts::find(tx, None, about.account)?.name;
            if own_surname(&reader, people.iter().map(|person| person.name.as_str())) {
                events.extend(raise_once(tx, Kind::OwnSurname, about, object, Some(*case))?);
            }
            if long_closed(*closed_at, tx.now()) {
                events.extend(raise_once(tx, Kind::ClosedCaseRead, about, object, Some(*case))?);
            }
            events.extend(many(tx, &[Did::IdentityDisclosed], case.0, IDENTITIES, Kind::ManyIdentities)?);
            Ok(events)
        }
    }
}

/// By these somebody is told where a household is: in a refuge, or at home.
const WHERE: [Did; 2] = [Did::AddressDisclosed, Did::HomeDisclosed];

/// Alerts when the actor has done this to more than so many different things within an hour, this one included. It is
/// about the reader: the one thing that was too many says no more than the others.
fn many(tx: &mut Tx, dids: &[Did], object: Uuid, most: usize, kind: Kind) -> Result<Vec<Event>, AppError> {
    let about = About { account: tx.actor().account, organisation: tx.actor().organisation };
    let since = tx.now() + -WINDOW;
    let mut known = Vec::new();
    for did in dids {
        known.extend(alerts::objects_of(tx, did.as_str(), about.account, since)?);
    }
    if !known.contains(&object) {
        known.push(object);
    }
    if known.len() <= most || alerts::raised_since(tx, kind, about.account, None, since)? {
        return Ok(Vec::new());
    }
    raise(tx, kind, about, ("account", about.account.0), None, None)
}

/// As [`raise`], unless the same was raised within the last hour.
fn raise_once(
    tx: &mut Tx,
    kind: Kind,
    about: About,
    object: (&'static str, Uuid),
    case: Option<CaseId>,
) -> Result<Vec<Event>, AppError> {
    let since = tx.now() + -WINDOW;
    if alerts::raised_since(tx, kind, about.account, Some(object.1), since)? {
        return Ok(Vec::new());
    }
    raise(tx, kind, about, object, case, None)
}

/// Raises an alert; gives back its event, by which people are told.
///
/// # Errors
/// When the database fails.
pub fn raise(
    tx: &mut Tx,
    kind: Kind,
    about: About,
    (object_kind, object): (&'static str, Uuid),
    case_id: Option<CaseId>,
    stage: Option<Stage>,
) -> Result<Vec<Event>, AppError> {
    let row = Alert {
        id: AlertId::new(),
        organisation_id: about.organisation,
        kind,
        account_id: about.account,
        stage,
        object_kind: object_kind.to_owned(),
        object_id: EventId(object),
        case_id,
        at: tx.now(),
        seen_at: None,
        seen_by: None,
    };
    alerts::insert(tx, &row)?;
    Ok(vec![Event::new(Did::AlertRaised, row.id.0).because(kind.as_str())])
}

/// Raises an alert of reading or taking out very much, unless one was raised within the last hour.
///
/// # Errors
/// When the database fails.
pub(super) fn raise_bulk(tx: &mut Tx, about: About) -> Result<Vec<Event>, AppError> {
    raise_once(tx, Kind::BulkReading, about, ("account", about.account.0), None)
}

/// Says that an alert was looked at. To say it again changes nothing.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it is about the actor.
pub fn see(tx: &mut Tx, id: AlertId) -> Result<Change<Alert>, AppError> {
    let actor = tx.actor().clone();
    let alert = alerts::find_for(tx, &actor, id)?;
    if alert.account_id == actor.account {
        return Err(AppError::refused(id.0)(Refusal::OwnAlert));
    }
    alerts::see(tx, id)?;
    let alert = alerts::find_for(tx, &actor, id)?;
    Ok(Change::new(alert, Event::new(Did::AlertSeen, id.0)))
}
