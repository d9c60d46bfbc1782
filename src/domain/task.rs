//! What somebody has to do, and by when.

use super::machine::{Edge, step};
use super::permission::{Action, Role, may};
use super::{Refusal, words};

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

words! {
    /// How far a task has come.
    #[schema(as = TaskState)]
    State { Open = "open", Done = "done", Settled = "settled" }
}

words! {
    /// What can be done to a task; told as what it would have been.
    #[schema(as = TaskCommand)]
    Command { Change = "changed", Finish = "finished", Settle = "settled" }
}

/// What may follow what.
pub const EDGES: &[Edge<State, Command>] = &[
    (State::Open, Command::Change, State::Open),
    (State::Open, Command::Finish, State::Done),
    (State::Open, Command::Settle, State::Settled),
];

impl State {
    pub fn of(outcome: Option<Outcome>) -> Self {
        match outcome {
            None => Self::Open,
            Some(Outcome::Done) => Self::Done,
            Some(Outcome::Settled) => Self::Settled,
        }
    }
}

/// # Errors
/// [`Refusal::TaskState`] when a task that has come so far cannot do that.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    step(EDGES, state, command).ok_or(Refusal::TaskState { state, command })
}

words! {
    /// Where something is done about a task.
    #[schema(as = TaskPlace)]
    Place {
        /// The units and vacancies of the provider.
        Board = "board",
        Case = "case",
        /// The page on which a case is given to a worker.
        CaseWorker = "case_worker",
        Referral = "referral",
        Sanctuary = "sanctuary",
        Stay = "stay",
        /// The task itself.
        Task = "task",
    }
}

impl Kind {
    /// Where something is done about it. `own_case`: it is about a case of the organisation whose task it is.
    pub fn place(self, own_case: bool) -> Place {
        match self {
            Self::ToDo => Place::Task,
            Self::CallBack if own_case => Place::Case,
            Self::CallBack | Self::ReferralUnanswered | Self::InformationRequested => Place::Referral,
            Self::HoldLapsing | Self::RiskReview | Self::SafetyAction | Self::SanctuaryFollowUp => Place::Case,
            Self::VacancyStale => Place::Board,
            Self::ArrivalPassed | Self::StayOverLimit => Place::Stay,
            Self::SanctuaryStep => Place::Sanctuary,
            Self::CaseUnowned => Place::CaseWorker,
        }
    }

    /// What there is to do, in a few words. `own_case` as in [`Kind::place`].
    pub fn words(self, own_case: bool) -> &'static str {
        match self {
            Self::ToDo => "Open the task to see what to do",
            Self::CallBack => "Call them back",
            Self::ReferralUnanswered if own_case => "No answer yet: ring the service",
            Self::ReferralUnanswered => "Answer the referral",
            Self::InformationRequested => "Answer the question about the referral",
            Self::HoldLapsing => "Send the referral, or let the place go",
            Self::VacancyStale => "Confirm your vacancies",
            Self::ArrivalPassed => "Say if the household arrived",
            Self::StayOverLimit => "Plan the next step: the stay is longer than meant",
            Self::RiskReview => "Review the risk",
            Self::SafetyAction => "Do the next step of the safety plan",
            Self::SanctuaryStep => "Take the next step to make their home safe",
            Self::SanctuaryFollowUp => "Ask if they are still safe at home",
            Self::CaseUnowned => "Give the case to a worker",
        }
    }

    /// Whether only those who look after services have anything to do with it.
    pub fn of_provider(self) -> bool {
        matches!(self, Self::VacancyStale | Self::ArrivalPassed | Self::StayOverLimit | Self::SanctuaryStep)
    }

    /// Whether it goes on when the case that it is about is closed: what is asked of a household that was helped.
    pub fn outlives_case(self) -> bool {
        matches!(self, Self::SanctuaryFollowUp)
    }
}

/// Whether somebody with these roles can have a task: about a case of her organisation, if it is `hers` or she sees all of
/// them; about a household that a service answers for; about none.
pub fn can_have(roles: &[Role], about: About) -> bool {
    match about {
        About::OwnCase { hers } => may(roles, Action::SeeEveryCase) || (hers && may(roles, Action::WorkCases)),
        About::Elsewhere => may(roles, Action::AnswerReferrals),
        About::Nothing => may(roles, Action::WorkTasks),
    }
}

/// What decides who can have a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    OwnCase { hers: bool },
    Elsewhere,
    Nothing,
}

/// Shares things out so that nobody gets two more than another, as far as each may have them: for each thing, which of
/// `people` gets it; `None` where nobody may have it.
pub fn share<T>(things: &[T], people: usize, may_have: impl Fn(&T, usize) -> bool) -> Vec<Option<usize>> {
    let mut given = vec![0_usize; people];
    let mut shared = Vec::with_capacity(things.len());
    for thing in things {
        let who = (0..people).filter(|who| may_have(thing, *who)).min_by_key(|who| given[*who]);
        if let Some(who) = who {
            given[who] += 1;
        }
        shared.push(who);
    }
    shared
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn only_an_open_task_changes() {
        for state in State::ALL.iter().copied() {
            for command in Command::ALL.iter().copied() {
                let expected = match (state, command) {
                    (State::Open, Command::Change) => Ok(State::Open),
                    (State::Open, Command::Finish) => Ok(State::Done),
                    (State::Open, Command::Settle) => Ok(State::Settled),
                    _ => Err(Refusal::TaskState { state, command }),
                };
                assert_eq!(transition(state, command), expected);
            }
        }
    }

    #[test]
    fn every_kind_says_what_to_do_in_a_few_words() {
        for kind in Kind::ALL {
            for own in [true, false] {
                let words = kind.words(own);
                assert!(words.len() <= 60 && !words.ends_with('.') && !words.contains('_'), "{words}");
            }
        }
    }

    #[rstest]
    #[case(&[Role::Caseworker], About::OwnCase { hers: true }, true)]
    #[case(&[Role::Caseworker], About::OwnCase { hers: false }, false)]
    #[case(&[Role::HelplineManager], About::OwnCase { hers: false }, true)]
    #[case(&[Role::RefugeWorker], About::OwnCase { hers: true }, false)]
    #[case(&[Role::RefugeWorker], About::Elsewhere, true)]
    #[case(&[Role::Caseworker], About::Elsewhere, false)]
    #[case(&[Role::Caseworker], About::Nothing, true)]
    #[case(&[Role::Administrator, Role::Auditor, Role::Commissioner], About::Nothing, false)]
    fn a_task_goes_to_who_can_do_it(#[case] roles: &[Role], #[case] about: About, #[case] can: bool) {
        assert_eq!(can_have(roles, about), can);
    }

    #[test]
    fn work_is_shared_out_evenly_among_who_may_have_it() {
        let all = share(&[1, 2, 3, 4, 5], 2, |_, _| true);
        assert_eq!(all, [Some(0), Some(1), Some(0), Some(1), Some(0)]);
        let some = share(&[1, 2, 3, 4], 2, |thing, who| who == 1 || *thing == 4);
        assert_eq!(some, [Some(1), Some(1), Some(1), Some(0)]);
        assert_eq!(share(&[1], 2, |_, _| false), [None]);
        assert_eq!(share(&[1], 0, |_, _| true), [None]);
    }
}
