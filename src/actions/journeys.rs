//! A story that is told once: a code for the survivor, and what another organisation may do with it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use chrono::TimeDelta;

use super::cases::{self as verbs, New};
use super::identity::Found;
use super::{check_disclosure, identity};
use crate::audit::{Change, Did, Event};
use crate::auth::{Actor, TokenKey};
use crate::clock::At;
use crate::db::cases::{self, Case, Scope};
use crate::db::journeys::{self, Journey, Use};
use crate::db::reference::{self, Choice};
use crate::db::{Conn, Tx, exclusions, organisations};
use crate::domain::household::Needs;
use crate::domain::identity::Who;
use crate::domain::journey::{Consent, Share, Shares, WINDOW, lasts, shared};
use crate::error::AppError;
use crate::ids::{CaseId, JourneyId, JourneyUseId, read_code, spoken_code};
use crate::vault::Vault;

/// What a survivor agrees to share, and how she agreed.
#[derive(Debug, Clone)]
pub struct Agreement {
    pub share: Shares,
    /// Whether her name goes with it.
    pub identity: bool,
    /// 1 to 90.
    pub days: i64,
    pub consent: Consent,
}

/// Gives a code for a case of one's own. It comes back sealed, so that the answer can be kept for a request that is sent
/// twice: [`code_of`] reads it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] when a part is named twice.
pub fn give(tx: &mut Tx, case: CaseId, agreed: &Agreement) -> Result<Change<(Journey, String)>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, case)?;
    super::merges::must_stand_alone(tx, case.id)?;
    let share = &agreed.share.0;
    if let Some(n) = (0..share.len()).find(|n| share[..*n].contains(&share[*n])) {
        return Err(AppError::body(&format!("/share/{n}"), "repeated", &"each part is named once"));
    }
    if agreed.identity && !cases::has_identity(tx, case.id)? {
        let message = "nobody has written down who they are: there is nothing to share";
        return Err(AppError::body("/identity", "not_possible", &message));
    }
    let (id, now, code) = (JourneyId::new(), tx.now(), spoken_code());
    let row = Journey {
        id,
        case_id: case.id,
        organisation_id: case.organisation_id,
        hash: hash(&tx.keys().token, &code),
        share: agreed.share.clone(),
        identity: agreed.identity,
        consent: agreed.consent,
        created_by: tx.actor().account,
        created_at: now,
        expires_at: now + TimeDelta::days(agreed.days),
        revoked_at: None,
    };
    journeys::insert(tx, &row)?;
    let sealed = BASE64.encode(tx.keys().vault.keep(&code, &bound(id))?);
    let event = Event::new(Did::JourneyCodeGiven, id.0)
        .fields(share.iter().map(|share| share.as_str()))
        .fields(agreed.identity.then_some("identity"))
        .because(agreed.consent.as_str());
    Ok(Change::new((row, sealed), event))
}

/// The code that [`give`] has sealed.
///
/// # Errors
/// [`AppError::Internal`] when it was not sealed here.
pub fn code_of(vault: &Vault, id: JourneyId, sealed: &str) -> Result<String, AppError> {
    let bytes = BASE64.decode(sealed).map_err(AppError::internal)?;
    vault.kept(&bytes, &bound(id)).ok_or_else(|| AppError::internal("a code that does not open"))
}

fn bound(id: JourneyId) -> String {
    format!("journey/{}", id.0)
}

fn hash(key: &TokenKey, code: &str) -> Vec<u8> {
    key.digest("journey", code)
}

/// Ends a code; one that has ended stays so.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn revoke(tx: &mut Tx, case: CaseId, id: JourneyId) -> Result<Change<Journey>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, case)?;
    let journey = journeys::find_of(tx, case.id, id)?;
    journeys::revoke(tx, id)?;
    let now = tx.now();
    let revoked_at = journey.revoked_at.or(Some(now));
    Ok(Change::new(Journey { revoked_at, ..journey }, Event::new(Did::JourneyCodeRevoked, id.0)))
}

/// Who tries a code, and from where.
#[derive(Debug, Clone)]
pub struct Trying {
    pub code: String,
    /// Of the list `journey_reason`.
    pub reason: String,
    /// Where the request comes from.
    pub address: String,
}

/// Uses a code that a survivor has given to this organisation. `None` for one that opens nothing: whether it never was,
/// has run out, was taken back, is one's own, or is of a case that is kept from whoever asks (S17), nobody is told. That somebody tried is recorded.
///
/// # Errors
/// [`AppError::Throttled`] after too many that opened nothing; [`AppError::Invalid`] for an unknown reason.
pub fn open(tx: &mut Tx, trying: &Trying) -> Result<Change<Option<JourneyUseId>>, AppError> {
    let (now, key) = (tx.now(), tx.keys().token.clone());
    reference::must_be_active(tx, &[Choice::of("journey_reason", &trying.reason, "/reason")], now.date())?;
    let by = key.digest("journey account", &tx.actor().account.0.to_string());
    let from = key.digest("journey address", &trying.address);
    if journeys::failures(tx, &by, &from, now - WINDOW)?.too_many() {
        return Err(AppError::Throttled { seconds: WINDOW.num_seconds() });
    }
    let found = match read_code(&trying.code) {
        Some(code) => journeys::with_hash(tx, &hash(&key, &code))?,
        None => None,
    };
    let (who, ours) = (tx.actor().account, tx.actor().organisation);
    let kept_from = match &found {
        Some(journey) => exclusions::excluded(tx, journey.case_id, who)?,
        None => false,
    };
    let opens =
        |journey: &Journey| journey.organisation_id != ours && lasts(journey.expires_at, journey.revoked_at, now);
    let Some(journey) = found.filter(opens).filter(|_| !kept_from) else {
        journeys::record_attempt(tx, &by, &from)?;
        return Ok(Change::new(None, Event::new(Did::JourneyCodeWrong, uuid::Uuid::nil())));
    };
    let used = Use {
        id: JourneyUseId::new(),
        journey_id: journey.id,
        organisation_id: ours,
        account_id: tx.actor().account,
        reason: trying.reason.clone(),
        used_at: now,
    };
    journeys::insert_use(tx, &used)?;
    let fields = || journey.share.0.iter().map(|share| share.as_str());
    let here = Event::new(Did::JourneyOpened, journey.id.0).fields(fields()).because(&used.reason);
    let there = Event::new(Did::JourneyUsed, journey.id.0)
        .fields(fields())
        .because(&used.reason)
        .within(journey.organisation_id);
    Ok(Change::new(Some(used.id), here).and(there))
}

/// What somebody has opened with a code.
#[derive(Debug, Clone)]
pub struct Opened {
    pub used: Use,
    /// Whose case it is.
    pub organisation: String,
    pub share: Vec<Share>,
    /// Only what is shared.
    pub needs: Needs,
    /// Whether their names are shared too.
    pub identity: bool,
    pub expires_at: At,
}

/// What this person has opened with a code that still lasts.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn opened(conn: &mut Conn, actor: &Actor, id: JourneyUseId, now: At) -> Result<Opened, AppError> {
    let (used, journey) = lasting(conn, actor, id, now)?;
    let case = cases::find(conn, journey.case_id)?;
    let organisation = organisations::find(conn, journey.organisation_id)?.name;
    let needs = shared(&case.needs, &journey.share.0);
    let (share, identity, expires_at) = (journey.share.0, journey.identity, journey.expires_at);
    Ok(Opened { used, organisation, share, needs, identity, expires_at })
}

fn lasting(conn: &mut Conn, actor: &Actor, id: JourneyUseId, now: At) -> Result<(Use, Journey), AppError> {
    let (used, journey) = journeys::used_by(conn, actor.account, id)?;
    let open = used.organisation_id == actor.organisation
        && lasts(journey.expires_at, journey.revoked_at, now)
        && !exclusions::excluded(conn, journey.case_id, actor.account)?;
    if open { Ok((used, journey)) } else { Err(AppError::NotFound) }
}

/// Reads who they are, where the survivor has agreed to share it. It is opened in the vault of the organisation whose case
/// it is; no key leaves it.
///
/// # Errors
/// [`AppError::NotFound`] unless it is shared; [`AppError::Reauthenticate`]; [`AppError::Invalid`] for an unknown reason.
pub fn disclose_identity(tx: &mut Tx, id: JourneyUseId, reason: &str) -> Result<Change<Who>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let (_, journey) = lasting(tx, &actor, id, now)?;
    if !journey.identity {
        return Err(AppError::NotFound);
    }
    check_disclosure(tx, reason)?;
    let by = Some(("journey", id.0));
    let found = Found { case: journey.case_id, of: journey.organisation_id, closed_at: None, by };
    let change = identity::disclose_found(tx, &found, reason)?;
    let there = Event::new(Did::IdentityDisclosed, journey.case_id.0)
        .fields(["people", "safe_contact"])
        .because(reason)
        .within(journey.organisation_id);
    Ok(change.and(there))
}

/// Opens a case of one's own with what was shared. Who they are, where that is shared, is sealed anew with the key of
/// this organisation.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] for an unknown source.
pub fn open_case(tx: &mut Tx, id: JourneyUseId, referral_source: &str) -> Result<Change<Case>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let (_, journey) = lasting(tx, &actor, id, now)?;
    let needs = shared(&cases::find(tx, journey.case_id)?.needs, &journey.share.0);
    let identity =
        if journey.identity { Some(identity::open(tx, journey.case_id, journey.organisation_id)?) } else { None };
    let taken = identity.as_ref().map(|_| {
        Event::new(Did::IdentityDisclosed, journey.case_id.0)
            .fields(["people", "safe_contact"])
            .because("journey_case")
            .within(journey.organisation_id)
    });
    let new = New { referral_source: referral_source.to_owned(), origin_area: None, needs, identity };
    let change = verbs::open(tx, &new)?;
    let there = Event::new(Did::JourneyCaseOpened, journey.id.0).within(journey.organisation_id);
    Ok(change.and(Event::new(Did::JourneyCaseOpened, journey.id.0)).and(there).and_all(taken))
}
