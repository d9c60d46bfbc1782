//! What happened to a household, in plain words: one line for each event of its work.
//!
//! A new event about a case stands in [`TOLD`], or in [`NOT_TOLD`] with its reason: a test walks all of them.

use super::{looks, note, words};
use crate::audit::Did;

words! {
    /// What an entry is about.
    #[schema(as = TimelineKind)]
    Kind {
        StateChange = "state_change",
        Note = "note",
        Contact = "contact",
        Task = "task",
        Message = "message",
        Disclosure = "disclosure",
        Risk = "risk",
        SafetyPlan = "safety_plan",
        Stay = "stay",
        Sanctuary = "sanctuary",
    }
}

/// How an event is told.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub did: Did,
    pub kind: Kind,
    /// `{service}` stands for the name of the service, or for the words that hide it. Empty: in the words of who saw this.
    text: &'static str,
    /// The list that its reason is a code of.
    pub reasons: Option<&'static str>,
}

const fn told(did: Did, kind: Kind, text: &'static str) -> Told {
    Told { did, kind, text, reasons: None }
}

const fn because(did: Did, kind: Kind, text: &'static str, list: &'static str) -> Told {
    Told { did, kind, text, reasons: Some(list) }
}

/// Every event that is told. What shows somebody who or where they are is told as it is to those who ask who saw this.
pub const TOLD: &[Told] = {
    use Kind as K;
    &[
        because(Did::AddressDisclosed, K::Disclosure, "", "disclosure_reason"),
        told(Did::AddressReleaseRevoked, K::Disclosure, "The address can no longer be read"),
        told(Did::CallBackRaised, K::Task, "A call was put off until it is safe"),
        because(Did::CaseClosed, K::StateChange, "Case closed", "denial_reason"),
        told(Did::CaseEdited, K::StateChange, "What is known was changed"),
        told(Did::CaseMergeUndone, K::StateChange, "The cases were taken apart again"),
        told(Did::CaseMerged, K::StateChange, "The case was put together with another of the same household"),
        told(Did::CaseOpened, K::StateChange, "Case opened"),
        told(Did::CaseReadInEmergency, K::Disclosure, ""),
        told(Did::CaseReallocated, K::StateChange, "The case has a new worker"),
        because(Did::ContactDisclosed, K::Disclosure, "", "disclosure_reason"),
        because(Did::ContactOutsideHours, K::Disclosure, "", "contact_override_reason"),
        told(Did::EmergencyAsked, K::StateChange, "Emergency access was asked for"),
        told(Did::EmergencyEnded, K::StateChange, "Emergency access has ended"),
        told(Did::EmergencyGranted, K::StateChange, "Emergency access was given"),
        told(Did::HoldEnded, K::StateChange, "A hold was let go"),
        told(Did::HoldTaken, K::StateChange, "A place was held"),
        told(Did::HomeDisclosed, K::Disclosure, ""),
        told(Did::HomeWritten, K::Sanctuary, "The address of their home was written down"),
        because(Did::IdentityDisclosed, K::Disclosure, "", "disclosure_reason"),
        told(Did::IdentityWritten, K::StateChange, "Names and safe contact were written down"),
        told(Did::JourneyCaseOpened, K::Disclosure, ""),
        told(Did::JourneyCodeGiven, K::StateChange, "A code was given, so that the story is told once"),
        told(Did::JourneyCodeRevoked, K::StateChange, "A code was taken back"),
        because(Did::JourneyOpened, K::Disclosure, "", "journey_reason"),
        told(Did::MaracReferred, K::Risk, "Referred to a MARAC"),
        told(Did::MaracRepeat, K::Risk, "This is a MARAC repeat: refer again"),
        told(Did::OutcomesRecorded, K::Stay, "What she says when she leaves was recorded"),
        told(Did::PlacementArrived, K::Stay, "Arrived at {service}"),
        told(Did::PlacementContinued, K::Stay, "The stay goes on in another home"),
        told(Did::PlacementDeparted, K::Stay, "Left {service}"),
        told(Did::PlacementDidNotArrive, K::Stay, "Did not arrive at {service}"),
        told(Did::PlacementExpected, K::Stay, "Expected at {service}"),
        told(Did::PlacementExtended, K::Stay, "The day of leaving {service} was changed"),
        because(Did::PlacementMoved, K::Stay, "Moved on to another home of the same provider", "move_reason"),
        told(Did::PlacementOverLimit, K::Stay, "The stay has lasted as long as the service is meant for"),
        told(Did::PlacementSecondStage, K::Stay, "A second-stage home was taken for them"),
        told(Did::ReferralAccepted, K::StateChange, "Accepted by {service}"),
        because(Did::ReferralEnded, K::StateChange, "The referral to {service} ended without a place", "denial_reason"),
        told(Did::ReferralInformationGiven, K::Message, "{service} was given more information"),
        told(Did::ReferralInformationRequested, K::Message, "{service} asked for more information"),
        told(Did::ReferralMessageSent, K::Message, "A message about the referral to {service}"),
        told(Did::ReferralPlaced, K::StateChange, "The referral led to a place at {service}"),
        told(Did::ReferralSent, K::StateChange, "Referral sent to {service}"),
        told(Did::RepeatDecided, K::StateChange, "Somebody said whether another case is about the same person"),
        told(Did::RiskAssessed, K::Risk, "Risk assessed"),
        told(Did::RiskIncidentRecorded, K::Risk, "Abuse was recorded"),
        told(Did::SafetyActionAdded, K::SafetyPlan, "An action was added to the safety plan"),
        told(Did::SafetyActionEnded, K::SafetyPlan, "An action of the safety plan was ended"),
        told(Did::SafetyPlanReviewed, K::SafetyPlan, "The safety plan was gone through"),
        told(Did::SanctuaryBooked, K::Sanctuary, "The survey of their home has a day"),
        told(Did::SanctuaryEdited, K::Sanctuary, "What is known of their home was changed"),
        because(Did::SanctuaryEnded, K::Sanctuary, "Making their home safe has ended", "sanctuary_ending"),
        told(Did::SanctuaryFollowedUp, K::Sanctuary, "Asked if they are still safe at home"),
        told(Did::SanctuaryInstalled, K::Sanctuary, "Everything is fitted in their home"),
        told(Did::SanctuaryMeasureAdded, K::Sanctuary, "Something to fit in their home was planned"),
        told(Did::SanctuaryMeasureEdited, K::Sanctuary, "Something to fit in their home was changed"),
        told(Did::SanctuaryRequested, K::Sanctuary, "Asked a scheme to make their home safe"),
        told(Did::SanctuarySignedOff, K::Sanctuary, "Their home was signed off as safe"),
        told(Did::SanctuarySurveyed, K::Sanctuary, "Their home was surveyed"),
        told(Did::SearchMarked, K::StateChange, "A search was kept, to be counted"),
        told(Did::SupportEnded, K::Stay, "Support ended"),
        told(Did::SupportRecorded, K::Stay, "Support was recorded"),
        told(Did::SupportTakenOut, K::Stay, "A record of support was taken out"),
        told(Did::TaskAdded, K::Task, "A task was added"),
        told(Did::TaskDone, K::Task, "A task was done"),
        told(Did::TaskEdited, K::Task, "A task was changed"),
        told(Did::TaskReassigned, K::Task, "A task was given to a colleague"),
        told(Did::WatchEnded, K::StateChange, "Nobody keeps watch for places any more"),
        told(Did::WatchMatched, K::StateChange, "A place that fits was found while keeping watch"),
        told(Did::WatchStarted, K::StateChange, "Somebody keeps watch for places"),
    ]
};

/// Events about a case that are not told here. Notes are not among the events of a timeline: they stand in it themselves,
/// at the time that they are about.
pub const NOT_TOLD: &[Did] = &[
    // Read elsewhere, by those who may: `GET /cases/{id}/access`.
    Did::CaseAccessRead,
    Did::CaseNotesRead,
    Did::EmergencyRead,
    Did::NotesRead,
    Did::RiskRead,
    Did::SafetyPlanRead,
    Did::TaskRead,
    Did::WatchSeen,
    // For whom a case does not exist, and who was let in or not, is told on pages of their own.
    Did::CaseRestricted,
    Did::CaseRestrictionLifted,
    Did::CaseRestrictionsRead,
    Did::ConflictDeclared,
    Did::EmergencyRefused,
    // Part of something else that is told.
    Did::CaseNoteCorrected,
    Did::CaseNoteWritten,
    Did::JourneyUsed,
    Did::PersonalDetailsConfirmed,
];

/// Kinds of things that a case has nothing to do with.
pub const ELSEWHERE: &[&str] = &[
    "account",
    "alert",
    "audit",
    "installation",
    "key",
    "mail",
    "organisation",
    "release",
    "report",
    "report_file",
    "report_schedule",
    "sanctuary_capacity",
    "service",
    "session",
    "target",
    "unit",
    "vacancy",
    "void",
    "waiting",
];

/// How an event is told, if it is.
pub fn of(action: &str) -> Option<&'static Told> {
    TOLD.iter().find(|told| told.did.as_str() == action)
}

impl Told {
    /// In plain words.
    pub fn text(&self, service: Option<&str>) -> String {
        if self.text.is_empty() {
            return looks::told(self.did.as_str(), service);
        }
        let name = service.unwrap_or("a service");
        let text = self.text.replace("{service}", name);
        if self.text.starts_with('{') { looks::capital(&text) } else { text }
    }
}

/// What an entry is about that is a note.
pub fn note_kind(kind: note::Kind) -> Kind {
    if kind.contact() { Kind::Contact } else { Kind::Note }
}

/// A note in a few words, without its text.
pub fn of_note(kind: note::Kind, reached: Option<bool>, correction: bool) -> String {
    let told = match (kind, reached) {
        (note::Kind::Call, Some(false)) => "Tried to call, and did not reach them",
        (note::Kind::Call, _) => "Spoke with them on the telephone",
        (note::Kind::Visit, Some(false)) => "Visited, and did not meet them",
        (note::Kind::Visit, _) => "Visited them",
        (note::Kind::Meeting, Some(false)) => "They did not come to a meeting",
        (note::Kind::Meeting, _) => "Met them",
        (note::Kind::Message, _) => "A message to or from them",
        (note::Kind::Note, _) => "A note",
        (note::Kind::Information, _) => "Information from another agency",
    };
    if correction { format!("{told} (a correction)") } else { told.to_owned() }
}

/// The actions of these kinds; of all, if none is named.
pub fn actions(kinds: &[Kind]) -> Vec<&'static str> {
    let wanted = |told: &&Told| kinds.is_empty() || kinds.contains(&told.kind);
    TOLD.iter().filter(wanted).map(|told| told.did.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_about_a_case_is_told_or_known_not_to_be() {
        for &did in Did::ALL {
            let action = did.as_str();
            let elsewhere = ELSEWHERE.contains(&action.split('.').next().unwrap())
                || ["address.written", "journey.code_wrong"].contains(&action);
            let found = [of(action).is_some(), NOT_TOLD.contains(&did), elsewhere];
            assert_eq!(found.iter().filter(|one| **one).count(), 1, "{action}: told, not told or elsewhere?");
        }
    }

    #[test]
    fn a_line_is_a_sentence_without_a_gap() {
        for told in TOLD {
            for service in [None, Some("Copper House")] {
                let text = told.text(service);
                assert!(!text.contains(['{', '}', '_']) && text.starts_with(char::is_uppercase), "{text}");
            }
        }
        assert_eq!(of("referral.sent").unwrap().text(Some("Copper House")), "Referral sent to Copper House");
        let asked = of("referral.information_requested").unwrap();
        assert_eq!(asked.text(None), "A service asked for more information");
    }
}
