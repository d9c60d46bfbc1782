//! Who did what, when, to what: recorded with the change, or the change does not happen.
//!
//! Tampering shows in two ways. Every event carries a keyed `mac` from the moment it is written, so that a changed or
//! forged event is found at once. And the worker chains committed events (`audit_link`), so that a removed, inserted or
//! reordered one is found too. The chain is not part of the write because every writer would then wait for, or under
//! SERIALIZABLE fail against, every other.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::domain::words;

words! {
    /// What can happen. Before the dot: to what; after it: what happened.
    Did {
        AccountAdded = "account.added",
        AccountEdited = "account.edited",
        AddressDisclosed = "address.disclosed",
        AddressReleaseRevoked = "address.release_revoked",
        AddressWritten = "address.written",
        CaseClosed = "case.closed",
        CaseEdited = "case.edited",
        CaseOpened = "case.opened",
        CaseReallocated = "case.reallocated",
        DemonstrationLoaded = "installation.demonstration_loaded",
        HoldEnded = "hold.ended",
        HoldTaken = "hold.taken",
        IdentityDisclosed = "identity.disclosed",
        IdentityWritten = "identity.written",
        InvitationAccepted = "account.invitation_accepted",
        InvitationSent = "account.invitation_sent",
        NotesRead = "note.read",
        OrganisationAdded = "organisation.added",
        OrganisationEdited = "organisation.edited",
        OrganisationRulesChanged = "organisation.rules_changed",
        PasswordChanged = "account.password_changed",
        PasswordConfirmed = "session.confirmed",
        PasswordLinkAsked = "account.password_link_asked",
        PasswordLinkSent = "account.password_link_sent",
        PasswordReset = "account.password_reset",
        PlacementArrived = "placement.arrived",
        PlacementDeparted = "placement.departed",
        PlacementDidNotArrive = "placement.did_not_arrive",
        PlacementExpected = "placement.expected",
        PlacementExtended = "placement.extended",
        RecoveryCodesMade = "account.recovery_codes_made",
        ReferralAccepted = "referral.accepted",
        ReferralEnded = "referral.ended",
        ReferralInformationGiven = "referral.information_given",
        ReferralInformationRequested = "referral.information_requested",
        ReferralPlaced = "referral.placed",
        ReferralSent = "referral.sent",
        ReportExported = "report.exported",
        RulesChanged = "service.rules_changed",
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
        WatchEnded = "watch.ended",
        WatchMatched = "watch.matched",
        WatchSeen = "watch.seen",
        WatchStarted = "watch.started",
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
}

impl Event {
    pub fn new(did: Did, object: Uuid) -> Self {
        Self {
            action: Cow::Borrowed(did.as_str()),
            object,
            fields: Vec::new(),
            reason: String::new(),
            notice: topic(did).map(|topic| (topic, object)),
        }
    }

    /// Something was asked for and refused: `refused.unit_taken`.
    pub fn refused(code: &str, object: Uuid) -> Self {
        let action = Cow::Owned(format!("refused.{code}"));
        Self { action, object, fields: Vec::new(), reason: String::new(), notice: None }
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
        Did::ReferralAccepted | Did::ReferralEnded => Some("referral_decided"),
        Did::WatchMatched => Some("watch_matched"),
        Did::PasswordChanged | Did::PasswordReset => Some("password_changed"),
        Did::SecondFactorRemoved => Some("second_factor_removed"),
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
}
