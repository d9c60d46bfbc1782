//! Who did what, when, to what: recorded with the change, or the change does not happen.
//!
//! Tampering shows in two ways. Every event carries a keyed `mac` from the moment it is written, so that a changed or
//! forged event is found at once. And the worker chains committed events (`audit_link`), so that a removed, inserted or
//! reordered one is found too. The chain is not part of the write because every writer would then wait for, or under
//! SERIALIZABLE fail against, every other.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::At;
use crate::domain::words;
use crate::ids::{EventId, OrganisationId};

words! {
    /// What can happen. Before the dot: to what; after it: what happened.
    Did {
        AccountAdded = "account.added",
        AccountEdited = "account.edited",
        AccountSlowed = "account.slowed",
        AddressDisclosed = "address.disclosed",
        AddressReleaseRevoked = "address.release_revoked",
        AddressWritten = "address.written",
        AlertRaised = "alert.raised",
        AlertSeen = "alert.seen",
        AuditExported = "audit.exported",
        AuditHeadExported = "audit.head_exported",
        AuditSearched = "audit.searched",
        AuditVerified = "audit.verified",
        CaseAccessRead = "case.access_read",
        CallBackRaised = "contact.call_back_raised",
        CaseClosed = "case.closed",
        CaseEdited = "case.edited",
        CaseMerged = "case.merged",
        CaseMergeUndone = "case.merge_undone",
        CaseNoteCorrected = "case_note.corrected",
        CaseNotesRead = "case_note.read",
        CaseNoteWritten = "case_note.written",
        CaseOpened = "case.opened",
        CaseReadInEmergency = "case.read_in_emergency",
        CaseReallocated = "case.reallocated",
        CaseRestricted = "case.restricted",
        CaseRestrictionLifted = "case.restriction_lifted",
        CaseRestrictionsRead = "case.restrictions_read",
        ConflictDeclared = "case.conflict_declared",
        ContactDisclosed = "contact.disclosed",
        ContactOutsideHours = "contact.outside_hours",
        DemonstrationLoaded = "installation.demonstration_loaded",
        EmergencyAsked = "emergency_access.asked",
        EmergencyEnded = "emergency_access.ended",
        EmergencyGranted = "emergency_access.granted",
        EmergencyRead = "emergency_access.read",
        EmergencyRefused = "emergency_access.refused",
        HomeDisclosed = "home.disclosed",
        HomeWritten = "home.written",
        HoldEnded = "hold.ended",
        HoldTaken = "hold.taken",
        IdentityDisclosed = "identity.disclosed",
        IdentityWritten = "identity.written",
        InstallationChecked = "installation.checked",
        InvitationAccepted = "account.invitation_accepted",
        InvitationSent = "account.invitation_sent",
        JourneyCaseOpened = "journey.case_opened",
        JourneyCodeGiven = "journey.code_given",
        JourneyCodeRevoked = "journey.code_revoked",
        JourneyCodeWrong = "journey.code_wrong",
        JourneyOpened = "journey.opened",
        JourneyUsed = "journey.used",
        KeyRewrapped = "key.rewrapped",
        MailChoicesChanged = "account.mail_choices_changed",
        MailGivenUp = "mail.given_up",
        MailRetried = "mail.retried",
        MaracReferred = "risk.marac_referred",
        MaracRepeat = "risk.marac_repeat",
        MasterKeyDropped = "key.master_dropped",
        NotesRead = "note.read",
        OrganisationAdded = "organisation.added",
        OrganisationEdited = "organisation.edited",
        OrganisationKeyRenewed = "organisation.key_renewed",
        OrganisationKeysDestroyed = "organisation.keys_destroyed",
        OrganisationRulesChanged = "organisation.rules_changed",
        OutcomesRecorded = "placement.outcomes_recorded",
        PasswordChanged = "account.password_changed",
        PasswordConfirmed = "session.confirmed",
        PasswordLinkAsked = "account.password_link_asked",
        PasswordLinkSent = "account.password_link_sent",
        PasswordReset = "account.password_reset",
        PersonalDetailsConfirmed = "referral.personal_details_confirmed",
        PlacementArrived = "placement.arrived",
        PlacementContinued = "placement.continued",
        PlacementDeparted = "placement.departed",
        PlacementDidNotArrive = "placement.did_not_arrive",
        PlacementExpected = "placement.expected",
        PlacementExtended = "placement.extended",
        PlacementMoved = "placement.moved",
        PlacementOverLimit = "placement.over_limit",
        PlacementSecondStage = "placement.second_stage_arranged",
        RecoveryCodesMade = "account.recovery_codes_made",
        ReferralAccepted = "referral.accepted",
        ReferralEnded = "referral.ended",
        ReferralInformationGiven = "referral.information_given",
        ReferralInformationRequested = "referral.information_requested",
        ReferralMessageSent = "referral.message_sent",
        ReferralPlaced = "referral.placed",
        ReferralSent = "referral.sent",
        ReleaseMade = "release.made",
        RepeatDecided = "case.repeat_decided",
        ReportExported = "report.exported",
        ReportFileAsked = "report_file.asked",
        ReportFileDeleted = "report_file.deleted",
        ReportFileFailed = "report_file.failed",
        ReportFileReady = "report_file.ready",
        ReportScheduleSet = "report_schedule.set",
        RiskAssessed = "risk.assessed",
        RiskIncidentRecorded = "risk.incident_recorded",
        RiskRead = "risk.read",
        RulesChanged = "service.rules_changed",
        SafetyActionAdded = "safety_plan.action_added",
        SafetyActionEnded = "safety_plan.action_ended",
        SafetyPlanRead = "safety_plan.read",
        SafetyPlanReviewed = "safety_plan.reviewed",
        SanctuaryBooked = "sanctuary.booked",
        SanctuaryCapacitySet = "sanctuary_capacity.set",
        SanctuaryEdited = "sanctuary.edited",
        SanctuaryEnded = "sanctuary.ended",
        SanctuaryFollowedUp = "sanctuary.followed_up",
        SanctuaryInstalled = "sanctuary.installed",
        SanctuaryMeasureAdded = "sanctuary.measure_added",
        SanctuaryMeasureEdited = "sanctuary.measure_edited",
        SanctuaryRequested = "sanctuary.requested",
        SanctuarySignedOff = "sanctuary.signed_off",
        SanctuarySurveyed = "sanctuary.surveyed",
        SearchMarked = "search.marked",
        SecondFactorBegun = "account.second_factor_begun",
        SecondFactorConfirmed = "account.second_factor_confirmed",
        SecondFactorFailed = "session.second_factor_failed",
        SecondFactorGiven = "session.second_factor_given",
        SecondFactorRemoved = "account.second_factor_removed",
        ServiceAdded = "service.added",
        ServiceEdited = "service.edited",
        SessionBegun = "session.begun",
        SessionEnded = "session.ended",
        SessionRefreshed = "session.refreshed",
        SessionsEnded = "session.others_ended",
        SignedIn = "session.signed_in",
        SignInFailed = "session.sign_in_failed",
        TargetRemoved = "target.removed",
        TargetSet = "target.set",
        TaskAdded = "task.added",
        TaskDone = "task.done",
        TaskEdited = "task.edited",
        TaskRead = "task.read",
        TaskReassigned = "task.reassigned",
        SupportEnded = "support.ended",
        SupportRecorded = "support.recorded",
        SupportTakenOut = "support.taken_out",
        TokenReused = "session.token_reused",
        UnitAdded = "unit.added",
        UnitEdited = "unit.edited",
        UnitRulesChanged = "unit.rules_changed",
        VacanciesConfirmed = "vacancy.all_confirmed",
        VacancyConfirmed = "vacancy.confirmed",
        VacancyEdited = "vacancy.edited",
        VacancyFilled = "vacancy.filled",
        VacancyPosted = "vacancy.posted",
        VacancyRulesChanged = "vacancy.rules_changed",
        VacancyWithdrawn = "vacancy.withdrawn",
        VoidEnded = "void.ended",
        VoidRecorded = "void.recorded",
        WaitingExported = "waiting.exported",
        WatchEnded = "watch.ended",
        WatchMatched = "watch.matched",
        WatchSeen = "watch.seen",
        WatchStarted = "watch.started",
        WorkReassigned = "account.work_reassigned",
    }
}

/// Something that happened, and that somebody may have to answer for.
#[derive(Debug, Clone)]
pub struct Event {
    action: Cow<'static, str>,
    object: Uuid,
    fields: Vec<String>,
    reason: String,
    notice: Option<(&'static str, Uuid)>,
    /// Whose record it is too, beside that of whoever acts.
    organisation: Option<OrganisationId>,
}

impl Event {
    pub fn new(did: Did, object: Uuid) -> Self {
        Self {
            action: Cow::Borrowed(did.as_str()),
            object,
            fields: Vec::new(),
            reason: String::new(),
            notice: topic(did).map(|topic| (topic, object)),
            organisation: None,
        }
    }

    /// Something was asked for and refused: `refused.unit_taken`.
    pub fn refused(code: &str, object: Uuid) -> Self {
        let action = Cow::Owned(format!("refused.{code}"));
        Self { action, object, fields: Vec::new(), reason: String::new(), notice: None, organisation: None }
    }

    /// The names of the fields that changed or were read; never their values.
    #[must_use]
    pub fn fields<F: Into<String>>(mut self, fields: impl IntoIterator<Item = F>) -> Self {
        self.fields.extend(fields.into_iter().map(Into::into));
        self
    }

    /// A coded reason; never free text.
    #[must_use]
    pub fn because(mut self, code: &str) -> Self {
        code.clone_into(&mut self.reason);
        self
    }

    /// It happened within another organisation than that of who acts: for what one does in the records of another.
    #[must_use]
    pub fn within(mut self, organisation: OrganisationId) -> Self {
        self.organisation = Some(organisation);
        self
    }

    /// The organisation that it happened within; `None` for that of who acts.
    pub fn organisation(&self) -> Option<OrganisationId> {
        self.organisation
    }

    /// Tells the outside of another thing than the one that it happened to: a link, not its account.
    #[must_use]
    pub fn telling(mut self, topic: &'static str, subject: Uuid) -> Self {
        self.notice = Some((topic, subject));
        self
    }

    pub fn action(&self) -> &str {
        &self.action
    }

    /// The kind of thing that it happened to.
    pub fn kind(&self) -> &str {
        self.action.split('.').next().unwrap_or_default()
    }

    pub fn object(&self) -> Uuid {
        self.object
    }

    pub fn field_names(&self) -> String {
        self.fields.join(" ")
    }

    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What the outside has to be told: (topic, subject), for the outbox.
    pub fn notice(&self) -> Option<(&'static str, Uuid)> {
        self.notice
    }
}

/// What somebody is told of by mail or on screen.
fn topic(did: Did) -> Option<&'static str> {
    match did {
        Did::ReferralSent => Some("referral_received"),
        Did::ReferralInformationRequested => Some("information_requested"),
        Did::ReferralInformationGiven => Some("information_given"),
        Did::ReferralMessageSent => Some("message_received"),
        Did::ReferralAccepted | Did::ReferralEnded => Some("referral_decided"),
        Did::JourneyUsed => Some("journey_used"),
        Did::WatchMatched => Some("watch_matched"),
        Did::PasswordChanged | Did::PasswordReset => Some("password_changed"),
        Did::SecondFactorRemoved => Some("second_factor_removed"),
        Did::AlertRaised => Some("access_alert"),
        _ => None,
    }
}

/// The outcome of a write together with the record of it. There is none without at least one [`Event`].
#[derive(Debug)]
#[must_use = "a change that is not returned to `Db::write` is not recorded"]
pub struct Change<T> {
    value: T,
    events: Vec<Event>,
}

impl<T> Change<T> {
    pub fn new(value: T, event: Event) -> Self {
        Self { value, events: vec![event] }
    }

    /// # Errors
    /// Gives the value back when there is no event to record it with.
    pub fn of_all(value: T, events: Vec<Event>) -> Result<Self, T> {
        if events.is_empty() { Err(value) } else { Ok(Self { value, events }) }
    }

    /// What will come of it, if it is stored.
    pub fn value(&self) -> &T {
        &self.value
    }

    pub fn and(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    pub fn and_all(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.events.extend(events);
        self
    }

    /// The same change, told in another way.
    pub fn map<U>(self, told: impl FnOnce(T) -> U) -> Change<U> {
        Change { value: told(self.value), events: self.events }
    }

    pub fn into_parts(self) -> (T, Vec<Event>) {
        (self.value, self.events)
    }
}

/// The key of the audit, kept outside the database: who can write the database still cannot forge its past.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn new(secret: &[u8]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        Self(Hmac::new_from_slice(secret).expect("a key of any length"))
    }

    /// The code of these parts. Each is preceded by its length, so that no two lists of parts read the same.
    pub fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().to_vec()
    }

    /// Whether this is the code of these parts, without telling by its time how much of it is right.
    pub fn proves(&self, parts: &[&[u8]], code: &[u8]) -> bool {
        let right = self.mac(parts);
        right.len() == code.len() && right.iter().zip(code).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
    }
}

/// The end of the chain at one moment, to be kept where nobody who can write the database can write: a chain that was cut
/// off since, or made anew, no longer holds it. (S21)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// How many events were in the chain.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The last of them.
    pub event_id: EventId,
    /// Its link in the chain, in hexadecimal.
    #[schema(max_length = 64)]
    pub hash: String,
    pub exported_at: At,
    /// Proves with the key of the audit that this installation made this line, in hexadecimal.
    #[schema(max_length = 64)]
    pub mac: String,
}

impl Head {
    pub fn new(key: &Key, position: i64, event_id: EventId, hash: &[u8], exported_at: At) -> Self {
        let mut head = Self { position, event_id, hash: hex(hash), exported_at, mac: String::new() };
        head.mac = hex(&key.mac(&[&head.parts()]));
        head
    }

    /// Whether this installation made it, just as it is.
    pub fn is_ours(&self, key: &Key) -> bool {
        unhex(&self.mac).is_some_and(|mac| key.proves(&[&self.parts()], &mac))
    }

    /// Whether it says the same of the chain.
    pub fn holds(&self, event_id: EventId, hash: &[u8]) -> bool {
        self.event_id == event_id && self.hash == hex(hash)
    }

    fn parts(&self) -> Vec<u8> {
        let Self { position, event_id, hash, exported_at, .. } = self;
        format!("head/{position}/{}/{hash}/{}", event_id.0, exported_at.utc().timestamp_micros()).into_bytes()
    }

    /// One line of JSON, without its end.
    ///
    /// # Errors
    /// Never in practice.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The heads of a file: one on each line.
    ///
    /// # Errors
    /// The number of the line that is none, with what is wrong.
    pub fn read(text: &str) -> Result<Vec<Self>, (usize, String)> {
        let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
        lines.map(|(line, n)| serde_json::from_str(line).map_err(|error| (n, error.to_string()))).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| text + &format!("{byte:02x}"))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.is_ascii() && text.len().is_multiple_of(2);
    let pairs = (0..text.len()).step_by(2);
    if digits { pairs.map(|n| u8::from_str_radix(&text[n..n + 2], 16).ok()).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// S21
    #[test]
    fn s21_a_head_that_was_changed_is_no_longer_ours() {
        let (ours, theirs) = (Key::new(b"ours"), Key::new(b"theirs"));
        let at = At::from(DateTime::from_timestamp(1_775_034_000, 0).unwrap());
        let head = Head::new(&ours, 7, EventId::new(), &[1, 2, 3], at);
        assert!(head.is_ours(&ours) && !head.is_ours(&theirs));
        assert_eq!(Head::read(&format!("\n{}\n", head.line().unwrap())), Ok(vec![head.clone()]));
        for changed in [
            Head { position: 6, ..head.clone() },
            Head { event_id: EventId::new(), ..head.clone() },
            Head { hash: "010204".into(), ..head.clone() },
            Head { exported_at: at + chrono::TimeDelta::seconds(1), ..head.clone() },
            Head { mac: "é".into(), ..head.clone() },
            Head { mac: String::new(), ..head.clone() },
        ] {
            assert!(!changed.is_ours(&ours), "{changed:?}");
        }
        assert_eq!(Head::read("{}\n").unwrap_err().0, 1);
    }
}
