//! Who saw a household: for those who work on its case, for the survivor who asks them, and for the auditor. Reading it is
//! recorded too.

use super::public_name;
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::audit::looks::{self, About};
use crate::db::cases::{self, Scope};
use crate::db::{Tx, organisations, reference};
use crate::domain::looks::{told, told_plainly};
use crate::domain::permission::Role;
use crate::error::AppError;
use crate::ids::{CaseId, EventId, OrganisationId};

/// What happens to a case and shows nobody anything. Whatever is not among these counts as a look.
const CHANGES: [Did; 66] = [
    Did::AddressReleaseRevoked,
    Did::CallBackRaised,
    Did::CaseAccessRead,
    Did::CaseClosed,
    Did::CaseEdited,
    Did::CaseMerged,
    Did::CaseMergeUndone,
    Did::CaseNoteCorrected,
    Did::CaseNoteWritten,
    Did::CaseOpened,
    Did::CaseReallocated,
    Did::CaseRestricted,
    Did::CaseRestrictionLifted,
    Did::CaseRestrictionsRead,
    Did::ConflictDeclared,
    Did::HoldEnded,
    Did::HoldTaken,
    Did::HomeWritten,
    Did::IdentityWritten,
    Did::JourneyCodeGiven,
    Did::JourneyCodeRevoked,
    Did::MaracReferred,
    Did::MaracRepeat,
    Did::OutcomesRecorded,
    Did::PersonalDetailsConfirmed,
    Did::PlacementArrived,
    Did::PlacementContinued,
    Did::PlacementDeparted,
    Did::PlacementDidNotArrive,
    Did::PlacementExpected,
    Did::PlacementExtended,
    Did::PlacementMoved,
    Did::PlacementOverLimit,
    Did::PlacementSecondStage,
    Did::ReferralAccepted,
    Did::ReferralEnded,
    Did::ReferralInformationGiven,
    Did::ReferralInformationRequested,
    Did::ReferralMessageSent,
    Did::ReferralPlaced,
    Did::RiskAssessed,
    Did::RiskIncidentRecorded,
    Did::SafetyActionAdded,
    Did::SafetyActionEnded,
    Did::SafetyPlanReviewed,
    Did::SanctuaryBooked,
    Did::SanctuaryEdited,
    Did::SanctuaryEnded,
    Did::SanctuaryFollowedUp,
    Did::SanctuaryInstalled,
    Did::SanctuaryMeasureAdded,
    Did::SanctuaryMeasureEdited,
    Did::SanctuarySignedOff,
    Did::SanctuarySurveyed,
    Did::SearchMarked,
    Did::SupportEnded,
    Did::SupportRecorded,
    Did::SupportTakenOut,
    Did::TaskAdded,
    Did::TaskDone,
    Did::TaskEdited,
    Did::TaskReassigned,
    Did::WatchEnded,
    Did::WatchMatched,
    Did::WatchSeen,
    Did::WatchStarted,
];

/// Somebody saw something, as its reader may know it.
#[derive(Debug, Clone)]
pub struct Look {
    pub id: EventId,
    pub at: At,
    /// What happened, as the audit says it.
    pub action: String,
    pub organisation: String,
    /// Whether that is the organisation whose case it is.
    pub own: bool,
    pub roles: Vec<Role>,
    /// For the case's own organisation and for the auditor.
    pub person: Option<String>,
    pub reason: Option<Reason>,
    /// The service that it has to do with, unless its name is confidential.
    pub service: Option<String>,
    pub text: String,
    /// For the survivor: no name of staff, no address, no service whose name is confidential.
    pub plain: Plain,
}

/// Why somebody looked: the code, and what it means.
#[derive(Debug, Clone)]
pub struct Reason {
    pub code: String,
    pub label: String,
}

/// What the survivor may be given.
#[derive(Debug, Clone)]
pub struct Plain {
    pub who: String,
    pub what: String,
}

/// Who saw a household.
#[derive(Debug, Clone)]
pub struct Looks {
    pub case: CaseId,
    pub reference: String,
    /// Whose case it is.
    pub organisation: String,
    pub looks: Vec<Look>,
}

/// Where a page begins.
pub type After = (At, EventId);

/// Who saw the household of one's own case.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn of_own_case(tx: &mut Tx, id: CaseId, after: Option<After>, limit: i64) -> Result<Change<Looks>, AppError> {
    let scope = Scope::of(tx.actor());
    let case = cases::find_in(tx, scope, id)?;
    read(tx, id, case.organisation_id, case.reference, false, (after, limit))
}

/// Who saw a household, for the auditor: nothing else of its case.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn of_any_case(tx: &mut Tx, reference: &str, after: Option<After>, limit: i64) -> Result<Change<Looks>, AppError> {
    let (id, organisation) = looks::with_reference(tx, reference)?;
    read(tx, id, organisation, reference.to_owned(), true, (after, limit))
}

fn read(
    tx: &mut Tx,
    id: CaseId,
    owner: OrganisationId,
    reference: String,
    every_name: bool,
    (after, limit): (Option<After>, i64),
) -> Result<Change<Looks>, AppError> {
    let codes = reference::codes(tx, Some("disclosure_reason"))?;
    let changes = CHANGES.map(Did::as_str);
    let found = looks::page(tx, id, &changes, after, limit)?;
    let looks = found.into_iter().map(|look| {
        let (told_of, plainly) = names(look.about.as_ref());
        let organisation = look.organisation_name.unwrap_or_else(|| "Nobody who is known".into());
        let Seen { own, hidden, shown } = seen(owner, look.organisation, &organisation, look.about.as_ref());
        let shown = if every_name { organisation.clone() } else { shown };
        let roles = look.roles.map(|roles| roles.0).unwrap_or_default();
        let who = match (hidden, roles.first()) {
            (true, _) => "Somebody at a service whose name is kept secret".to_owned(),
            (false, Some(role)) => format!("Somebody at {organisation} ({})", role.plain()),
            (false, None) => format!("Somebody at {organisation}"),
        };
        let what = match (look.action.as_str(), plainly) {
            ("referral.sent", Some(service)) => {
                format!("They asked {service} to take you in. It was told who needs a place, not your name.")
            }
            (action, _) => told_plainly(action),
        };
        let label = |code: &str| {
            let known = codes.iter().find(|known| known.code == code);
            known.map_or_else(|| code.replace('_', " "), |known| known.label.clone())
        };
        let service = match (&look.about, every_name) {
            (Some(about), true) => Some(about.service.clone()),
            _ => told_of,
        };
        Look {
            id: look.id,
            at: look.at,
            text: told(&look.action, service.as_deref()),
            action: look.action,
            organisation: shown,
            own,
            roles,
            person: look.name.filter(|_| own || every_name),
            reason: (!look.reason.is_empty()).then(|| Reason { label: label(&look.reason), code: look.reason.clone() }),
            service,
            plain: Plain { who, what },
        }
    });
    let looks = looks.collect();
    let organisation = organisations::find(tx, owner)?.name;
    let event = Event::new(Did::CaseAccessRead, id.0);
    Ok(Change::new(Looks { case: id, reference, organisation, looks }, event))
}

/// An organisation as the side sees it whose case it is.
pub(super) struct Seen {
    /// Whether it is that side itself.
    pub own: bool,
    /// Whether it would say which service it is, and that keeps its name to itself.
    hidden: bool,
    /// What it is called.
    pub shown: String,
}

/// What an organisation is called to those whose case it is. A service whose name is confidential is masked until it has
/// accepted the household. (S6)
pub(super) fn seen(owner: OrganisationId, of: OrganisationId, name: &str, about: Option<&About>) -> Seen {
    let own = of == owner;
    let theirs = about.filter(|about| about.provider == of && !own);
    let hidden = theirs.is_some_and(|about| about.confidential);
    let masked = hidden && theirs.is_some_and(|about| !about.accepted());
    let shown = public_name(name, masked, false).to_owned();
    Seen { own, hidden, shown }
}

/// What a service is called: to the referrer, and to the survivor.
pub(super) fn names(about: Option<&About>) -> (Option<String>, Option<String>) {
    let Some(about) = about else { return (None, None) };
    let open = |hidden: bool| (!hidden).then(|| public_name(&about.service, about.confidential, true).to_owned());
    (open(about.confidential && !about.accepted()), open(about.confidential))
}
