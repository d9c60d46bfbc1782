//! What somebody has to do, and by when.

use super::words;

words! {
    /// What a task asks for. All but the first are raised by what happens, or does not happen.
    #[schema(as = TaskKind)]
    Kind {
        /// Written by a person, in her own words.
        ToDo = "to_do",
        CallBack = "call_back",
        ReferralUnanswered = "referral_unanswered",
        InformationRequested = "information_requested",
        HoldLapsing = "hold_lapsing",
        VacancyStale = "vacancy_stale",
        ArrivalPassed = "arrival_passed",
        StayOverLimit = "stay_over_limit",
        RiskReview = "risk_review",
        SafetyAction = "safety_action",
        SanctuaryStep = "sanctuary_step",
        SanctuaryFollowUp = "sanctuary_follow_up",
        /// Nobody works for whom the case was: somebody takes it.
        CaseUnowned = "case_unowned",
    }
}

words! {
    /// How a task ended.
    #[schema(as = TaskOutcome)]
    Outcome {
        /// Somebody did it.
        Done = "done",
        /// What it was about is over.
        Settled = "settled",
    }
}
