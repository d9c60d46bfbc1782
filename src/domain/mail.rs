//! Mail: what people are told of, who is told, and when it suits them. What a message says stands in `mail`.

use chrono::{NaiveTime, TimeDelta};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::permission::{Action, Role, may};
use super::words;
use crate::clock::At;
use crate::ids::{AccountId, OrganisationId};

#[cfg(test)]
mod tests;

words! {
    /// What a message is about. Everybody who is told of it reads the same words.
    #[schema(as = MailTopic)]
    Topic {
        AccessAlert = "access_alert",
        HoldLapsing = "hold_lapsing",
        InformationGiven = "information_given",
        InformationRequested = "information_requested",
        Invitation = "invitation",
        JourneyUsed = "journey_used",
        MessageReceived = "message_received",
        NewSignIn = "new_sign_in",
        NoLongerNeeded = "no_longer_needed",
        PasswordChanged = "password_changed",
        PasswordReset = "password_reset",
        ReferralDecided = "referral_decided",
        ReferralReceived = "referral_received",
        ReportReady = "report_ready",
        SecondFactorRemoved = "second_factor_removed",
        TasksOverdue = "tasks_overdue",
        VacanciesStale = "vacancies_stale",
        WatchMatched = "watch_matched",
        WeeklyDigest = "weekly_digest",
    }
}

words! {
    /// How far a message has come.
    #[schema(as = MailState)]
    State { Waiting = "waiting", Sent = "sent", GivenUp = "given_up", NotWanted = "not_wanted" }
}

words! {
    /// Why a message did not go out, as far as we know. Never what the other side said: that can name a person.
    #[schema(as = MailProblem)]
    Problem {
        /// The account or its organisation is closed.
        AccountClosed = "account_closed",
        /// No message can be addressed like that.
        BadAddress = "bad_address",
        /// The link that it was to bring was used, replaced, or is too old.
        LinkOver = "link_over",
        /// Encryption failed, or the certificate is not to be trusted.
        NotEncrypted = "not_encrypted",
        /// The server asks us to try later.
        PutOff = "put_off",
        /// The server does not take it, and will not later.
        Rejected = "rejected",
        /// The server does not let us in.
        SignInRefused = "sign_in_refused",
        TimedOut = "timed_out",
        /// It waited until it was of no use any more.
        TooLate = "too_late",
        TurnedOff = "turned_off",
        Unreachable = "unreachable",
    }
}

/// So often a message is tried before it is given up.
pub const TRIES: i32 = 10;
/// How long somebody who took a message to send it has it for herself: longer than any sending takes.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);
/// How long before a hold ends its worker is told.
pub const HOLD_WARNING: TimeDelta = TimeDelta::minutes(15);
/// How long before a vacancy goes stale its provider is told, and how long after if nobody was there to tell.
pub const STALE_WARNING: TimeDelta = TimeDelta::hours(2);
/// How long what has been sent, or was not wanted, is kept in the list.
pub const KEPT: TimeDelta = TimeDelta::days(30);

impl Topic {
    /// Whether it comes whatever somebody has chosen, at any hour: it is about the safety of accounts and cases.
    pub fn essential(self) -> bool {
        match self {
            Self::AccessAlert
            | Self::Invitation
            | Self::NewSignIn
            | Self::PasswordChanged
            | Self::PasswordReset
            | Self::SecondFactorRemoved => true,
            Self::HoldLapsing
            | Self::InformationGiven
            | Self::InformationRequested
            | Self::JourneyUsed
            | Self::MessageReceived
            | Self::NoLongerNeeded
            | Self::ReferralDecided
            | Self::ReferralReceived
            | Self::ReportReady
            | Self::TasksOverdue
            | Self::VacanciesStale
            | Self::WatchMatched
            | Self::WeeklyDigest => false,
        }
    }

    /// Whether somebody with these roles could get it and can choose not to.
    pub fn concerns(self, roles: &[Role]) -> bool {
        let actions: &[Action] = match self {
            Self::HoldLapsing | Self::InformationRequested | Self::JourneyUsed | Self::WatchMatched => {
                &[Action::WorkCases]
            }
            Self::InformationGiven | Self::NoLongerNeeded | Self::ReferralReceived => &[Action::AnswerReferrals],
            Self::MessageReceived | Self::ReferralDecided => &[Action::WorkCases, Action::AnswerReferrals],
            Self::TasksOverdue => &[Action::WorkTasks],
            Self::VacanciesStale => &[Action::ManageVacancies],
            Self::ReportReady | Self::WeeklyDigest => &[Action::ReadReports],
            Self::AccessAlert
            | Self::Invitation
            | Self::NewSignIn
            | Self::PasswordChanged
            | Self::PasswordReset
            | Self::SecondFactorRemoved => &[],
        };
        actions.iter().any(|action| may(roles, *action))
    }

    /// How long it is of use to whoever gets it late; `None` for what has to arrive however late. (A link says itself how
    /// long it is good for.)
    pub fn keeps(self) -> Option<TimeDelta> {
        match self {
            Self::HoldLapsing => Some(HOLD_WARNING),
            Self::TasksOverdue | Self::VacanciesStale => Some(TimeDelta::hours(24)),
            Self::WatchMatched => Some(TimeDelta::days(3)),
            Self::WeeklyDigest => Some(TimeDelta::days(6)),
            _ => None,
        }
    }
}

impl Problem {
    /// Whether to try again could help.
    pub fn passes(self) -> bool {
        match self {
            Self::NotEncrypted | Self::PutOff | Self::SignInRefused | Self::TimedOut | Self::Unreachable => true,
            Self::AccountClosed
            | Self::BadAddress
            | Self::LinkOver
            | Self::Rejected
            | Self::TooLate
            | Self::TurnedOff => false,
        }
    }
}

/// How long to wait after the try of this number failed: a minute, doubled each time, two hours at most; `None` when it
/// was the last.
pub fn wait_after(tries: i32) -> Option<TimeDelta> {
    let doubled = u32::try_from(tries - 1).unwrap_or_default().min(7);
    (tries < TRIES).then(|| TimeDelta::minutes(1 << doubled).min(TimeDelta::hours(2)))
}

/// A time of the day in England, to the minute: `22:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
pub struct TimeOfDay(pub NaiveTime);

impl std::str::FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5);
        time.map(Self).ok_or_else(|| "write a time of the day like 22:00".into())
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%H:%M"))
    }
}

/// Hours in which somebody does not want to be disturbed; over midnight when they end before they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    pub from: TimeOfDay,
    pub until: TimeOfDay,
}

impl QuietHours {
    /// When the quiet that `at` falls into is over; `None` outside of it. Where the same time stands twice, there is none.
    pub fn end(self, at: At) -> Option<At> {
        let (from, until, time) = (self.from.0, self.until.0, at.time());
        let quiet = if from <= until { from <= time && time < until } else { from <= time || time < until };
        let today = at.date();
        let day = if time < until { Some(today) } else { today.succ_opt() }?;
        // An hour that spring leaves out is over an hour later.
        let end = At::on(day, until).or_else(|| At::on(day, until + TimeDelta::hours(1)));
        end.filter(|_| quiet)
    }
}

/// What somebody has chosen about the mail that is not essential.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Choices {
    /// What no mail is wanted about.
    #[garde(length(max = 19))]
    #[schema(max_items = 19)]
    pub unwanted: Vec<Topic>,
    /// When nothing may come; what waits comes when they end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
}

/// What becomes of a message that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Send,
    Wait(At),
    Drop(Problem),
}

impl Choices {
    /// What becomes of a message that has been in the queue since then.
    pub fn fate(&self, topic: Topic, queued_at: At, at: At) -> Fate {
        if topic.keeps().is_some_and(|keeps| at > queued_at + keeps) {
            return Fate::Drop(Problem::TooLate);
        }
        if topic.essential() {
            return Fate::Send;
        }
        if self.unwanted.contains(&topic) {
            return Fate::Drop(Problem::TurnedOff);
        }
        self.quiet_hours.and_then(|hours| hours.end(at)).map_or(Fate::Send, Fate::Wait)
    }
}

/// Somebody to be told, as far as it follows from what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// Whoever this account belongs to, also if they did it themselves.
    Account(AccountId),
    /// The worker of a case; her managers, when she cannot work on it any more.
    Worker(AccountId, OrganisationId),
    /// Everybody in this organisation who may do that.
    Staff(OrganisationId, Action),
}

/// What a notice is about, as far as it decides who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Account(AccountId),
    Case { owner: AccountId, organisation: OrganisationId },
    Organisation(OrganisationId),
    Referral { referrer: OrganisationId, owner: AccountId, provider: OrganisationId },
}

/// Who is told of it: the one rule, but for an alert, whose rule stands with it. `by` is the organisation of whoever did it, who is never told of her own deed; `None`
/// for the system.
pub fn recipients(topic: Topic, subject: Subject, by: Option<OrganisationId>) -> Vec<Recipient> {
    use Recipient::{Account, Staff, Worker};
    match (topic, subject) {
        (
            Topic::Invitation
            | Topic::NewSignIn
            | Topic::PasswordChanged
            | Topic::PasswordReset
            | Topic::SecondFactorRemoved
            | Topic::TasksOverdue,
            Subject::Account(account),
        ) => vec![Account(account)],
        (
            Topic::ReferralReceived | Topic::InformationGiven | Topic::NoLongerNeeded,
            Subject::Referral { provider, .. },
        ) => {
            vec![Staff(provider, Action::AnswerReferrals)]
        }
        (Topic::InformationRequested, Subject::Referral { owner, referrer, .. }) => vec![Worker(owner, referrer)],
        (Topic::ReferralDecided | Topic::MessageReceived, Subject::Referral { referrer, owner, provider }) => {
            let (worker, staff) = (Worker(owner, referrer), Staff(provider, Action::AnswerReferrals));
            match by {
                Some(by) if by == provider && by != referrer => vec![worker],
                Some(by) if by == referrer && by != provider => vec![staff],
                _ => vec![worker, staff], // it lapsed, or both are one
            }
        }
        (Topic::HoldLapsing | Topic::JourneyUsed | Topic::WatchMatched, Subject::Case { owner, organisation }) => {
            vec![Worker(owner, organisation)]
        }
        (Topic::VacanciesStale, Subject::Organisation(provider)) => vec![Staff(provider, Action::ManageVacancies)],
        (Topic::ReportReady | Topic::WeeklyDigest, Subject::Organisation(organisation)) => {
            vec![Staff(organisation, Action::ReadReports)]
        }
        _ => Vec::new(), // a topic about something else than it can be about
    }
}

/// The roles that look after what a worker of a case left behind.
pub const IN_HER_PLACE: Action = Action::SeeEveryCase;
