//! Requests that are understood and allowed, and that the present state of things forbids.

use serde::Serialize;
use thiserror::Error;

use super::{
    eligibility, mail, merge, occupancy, placement, referral, report_file, safety_plan, sanctuary, support, task,
    vacancy,
};
use crate::clock::At;

/// Why not, with the state that stands in the way: nobody has to parse a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
pub enum Refusal {
    #[error("the unit is already taken in that time")]
    UnitTaken { by: occupancy::Kind, during: occupancy::Interval },
    #[error("the unit is not in use at that time")]
    UnitOffline,
    #[error("the unit already has an open vacancy")]
    VacancyAlreadyOpen,
    #[error("the vacancy is no longer open")]
    VacancyClosed { state: vacancy::State },
    #[error("the provider has not confirmed this vacancy for too long; ask them to confirm it")]
    VacancyOutOfDate { confirmed_at: At },
    #[error("this place is not suitable for the household")]
    NotSuitable { reasons: Vec<eligibility::Told> },
    #[error("the household already has an open referral to this service")]
    AlreadyReferred,
    #[error("a referral that is {} cannot {command}", state.plain())]
    ReferralState { state: referral::State, command: referral::Command },
    #[error("a stay that is {} cannot {command}", state.plain())]
    PlacementState { state: placement::State, command: placement::Command },
    #[error("support that is {} cannot {command}", state.plain())]
    SupportState { state: support::State, command: support::Command },
    #[error("what was recorded is too old to be changed")]
    OutcomesFixed { fixed_at: At },
    #[error("the case is closed")]
    CaseClosed,
    #[error("the case still has open referrals or a place that is taken for it: end those first")]
    CaseInProgress { open_referrals: usize, current_placements: usize },
    #[error("the household was never placed: say why, and what happened next")]
    NotPlaced,
    #[error("the household was placed: close the case as placed")]
    Placed,
    #[error("this has ended already")]
    AlreadyEnded { ended_at: At },
    #[error("nothing like this happens to a unit that is {}", kind.as_str())]
    NotAVoid { kind: occupancy::Kind },
    #[error("the household already has a place")]
    AlreadyPlaced,
    #[error("the identity is released from acceptance until the household has left")]
    IdentityNotReleased,
    #[error("the keys that would open this were destroyed for good: nobody can read it any more")]
    Destroyed,
    #[error("it is not safe to reach them now{}", next_safe_at.map_or_else(String::new, |_| ": see when it is".to_owned()))]
    OutsideSafeHours { next_safe_at: Option<At> },
    #[error("the service is not in use")]
    ServiceInactive,
    #[error("this name is already in use here")]
    NameTaken,
    #[error("only a message that was given up is tried again")]
    MailNotGivenUp { state: mail::State },
    #[error("no message was given up")]
    NoMailGivenUp,
    #[error("this would leave no one able to manage the organisation")]
    OwnAccount,
    #[error("the account is closed: open it first")]
    AccountClosed,
    #[error("they have accepted their invitation: send a link for a new password instead")]
    InvitationAccepted,
    #[error("they have not accepted their invitation yet: send it again instead")]
    InvitationOpen,
    #[error("there is no second factor on this account")]
    NoSecondFactor,
    #[error("this session does not wait for a code")]
    NoCodeNeeded,
    #[error("somebody has decided on this, or its time is over")]
    AlreadyDecided,
    #[error("this is about you: somebody else has to look at it")]
    OwnAlert,
    #[error("this note was corrected already: correct its newest version")]
    NoteCorrected,
    #[error("the household has no place now: there is nobody to share it with")]
    NobodyToShareWith,
    #[error("an action that is {} cannot {command}", state.plain())]
    SafetyActionState { state: safety_plan::State, command: safety_plan::Command },
    #[error("the case is theirs: give it to somebody else first")]
    OwnsCase,
    #[error("the case is merged into another one: work on that one, or undo it first")]
    CaseMerged,
    #[error("nothing is merged here")]
    NotMerged,
    #[error("other cases are merged into this one: keep this one, or undo that first")]
    KeepsOthers,
    #[error("{}", if *both { "something goes on under both cases: end it under one of them first" } else { "something goes on under this case: keep this one, and merge the other into it" })]
    FoldedInProgress { folded: merge::Running, both: bool },
    #[error("the case that you would keep is closed, and they still look for a place: keep the open one")]
    KeptIsClosed,
    #[error("a report that is {} cannot be taken out", state.plain())]
    ReportState { state: report_file::State },
    #[error("a task that is {} cannot be {}", state.plain(), command.plain())]
    TaskState { state: task::State, command: task::Command },
    #[error("a sanctuary job that is {} cannot {command}", state.plain())]
    SanctuaryState { state: sanctuary::State, command: sanctuary::Command },
    #[error("nothing is left of this month: ask for the next one")]
    SanctuaryFull { next_month: chrono::NaiveDate },
    #[error("book the day of the survey first: only then do you know where it is")]
    SurveyNotBooked,
    #[error("the landlord has not agreed yet: nothing is fitted in a rented home before")]
    ConsentMissing { consent: sanctuary::Consent },
    #[error("where and who they are is open from the day the survey is booked until 28 days after the sign-off")]
    HomeNotReleased,
    #[error("the household has asked for a sanctuary already")]
    SanctuaryAsked,
    #[error("a sanctuary job of this case goes on: wait for its end, or end it")]
    SanctuaryInProgress,
    #[error("their own home was made safe: close the case as that")]
    SafeAtHome,
    #[error("no home was made safe for them, or it is not safe any more")]
    NotSafeAtHome,
}

impl Refusal {
    /// The stable name of this refusal: part of a problem's `type`, and the action in the audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnitTaken { .. } => "unit_taken",
            Self::UnitOffline => "unit_offline",
            Self::VacancyAlreadyOpen => "vacancy_already_open",
            Self::VacancyClosed { .. } => "vacancy_closed",
            Self::VacancyOutOfDate { .. } => "vacancy_out_of_date",
            Self::NotSuitable { .. } => "not_suitable",
            Self::AlreadyReferred => "already_referred",
            Self::ReferralState { .. } => "referral_state",
            Self::PlacementState { .. } => "placement_state",
            Self::SupportState { .. } => "support_state",
            Self::OutcomesFixed { .. } => "outcomes_fixed",
            Self::CaseClosed => "case_closed",
            Self::CaseInProgress { .. } => "case_in_progress",
            Self::NotPlaced => "not_placed",
            Self::Placed => "placed",
            Self::AlreadyEnded { .. } => "already_ended",
            Self::NotAVoid { .. } => "not_a_void",
            Self::AlreadyPlaced => "already_placed",
            Self::IdentityNotReleased => "identity_not_released",
            Self::Destroyed => "destroyed",
            Self::OutsideSafeHours { .. } => "outside_safe_hours",
            Self::ServiceInactive => "service_inactive",
            Self::NameTaken => "name_taken",
            Self::MailNotGivenUp { .. } => "mail_not_given_up",
            Self::NoMailGivenUp => "no_mail_given_up",
            Self::OwnAccount => "own_account",
            Self::AccountClosed => "account_closed",
            Self::InvitationAccepted => "invitation_accepted",
            Self::InvitationOpen => "invitation_open",
            Self::NoSecondFactor => "no_second_factor",
            Self::NoCodeNeeded => "no_code_needed",
            Self::AlreadyDecided => "already_decided",
            Self::OwnAlert => "own_alert",
            Self::NoteCorrected => "note_corrected",
            Self::NobodyToShareWith => "nobody_to_share_with",
            Self::SafetyActionState { .. } => "safety_action_state",
            Self::OwnsCase => "owns_case",
            Self::CaseMerged => "case_merged",
            Self::NotMerged => "not_merged",
            Self::KeepsOthers => "keeps_others",
            Self::FoldedInProgress { .. } => "folded_in_progress",
            Self::KeptIsClosed => "kept_is_closed",
            Self::TaskState { .. } => "task_state",
            Self::ReportState { .. } => "report_state",
            Self::SanctuaryState { .. } => "sanctuary_state",
            Self::SanctuaryFull { .. } => "sanctuary_full",
            Self::SurveyNotBooked => "survey_not_booked",
            Self::ConsentMissing { .. } => "consent_missing",
            Self::HomeNotReleased => "home_not_released",
            Self::SanctuaryAsked => "sanctuary_asked",
            Self::SanctuaryInProgress => "sanctuary_in_progress",
            Self::SafeAtHome => "safe_at_home",
            Self::NotSafeAtHome => "not_safe_at_home",
        }
    }
}
