//! Needs for support, language, and what a service has to know of the past.

use super::{Finding, Obstacle, Reasons};
use crate::domain::eligibility::rule::{Policy, SupportNeed};
use crate::domain::eligibility::{Household, Question};
use crate::domain::household::{Answer, HarmKind, Level};

impl Household {
    pub(super) fn support_need(&self, need: SupportNeed, up_to: Level, found: &mut Reasons) {
        let obstacle = Obstacle::of_need(need);
        match self.support[need as usize] {
            Level::Unknown if up_to < Level::High => {
                found.ask(obstacle, Question::AdditionalNeeds, Finding::NeedNotTold(need));
            }
            level if level != Level::Unknown && level > up_to => found.refuse(obstacle, Finding::NeedTooGreat(need)),
            _ => {}
        }
    }

    pub(super) fn harm(&self, kind: HarmKind, policy: Policy, within_years: Option<u8>, found: &mut Reasons) {
        let obstacle = Obstacle::of_harm(kind);
        if policy == Policy::Accepted {
            return;
        }
        let Some(told) = &self.risk_to_others else {
            return found.ask(obstacle, Question::RiskToOthers, Finding::HarmNotTold);
        };
        for past in told.iter().filter(|past| past.kind == kind) {
            match (within_years, past.years_ago) {
                (None, _) => found.by(policy, obstacle, |taken| Finding::Harm { taken }),
                (Some(within), Some(years)) if years < within => {
                    found.by(policy, obstacle, |taken| Finding::Harm { taken });
                }
                (Some(within), Some(years)) if policy == Policy::NotAccepted => {
                    found.discuss(obstacle, Finding::HarmLongAgo { years, within });
                }
                (Some(_), Some(_)) => {}
                (Some(_), None) => found.ask(obstacle, Question::RiskToOthers, Finding::HarmTimeNotTold),
            }
        }
    }

    pub(super) fn previous_eviction(&self, policy: Policy, found: &mut Reasons) {
        let obstacle = Obstacle::PreviousEviction;
        match (policy, self.asked_to_leave_before) {
            (Policy::Accepted, _) | (_, Answer::No) => {}
            (_, Answer::Yes) => found.by(policy, obstacle, |taken| Finding::Eviction { taken }),
            (_, Answer::Unknown) => found.ask(obstacle, Question::AskedToLeave, Finding::EvictionNotTold),
        }
    }

    pub(super) fn bail(&self, policy: Policy, found: &mut Reasons) {
        let obstacle = Obstacle::BailOrProbation;
        match (policy, self.bail_or_probation) {
            (Policy::Accepted, _) | (_, Answer::No) => {}
            (_, Answer::Yes) => found.by(policy, obstacle, |taken| Finding::Bail { taken }),
            (_, Answer::Unknown) => found.ask(obstacle, Question::BailOrProbation, Finding::BailNotTold),
        }
    }

    pub(super) fn languages(&self, spoken: &[String], others: Policy, found: &mut Reasons) {
        let obstacle = Obstacle::Language;
        if others == Policy::Accepted {
            return;
        }
        match (self.interpreter, &self.language) {
            (Answer::No, _) => {}
            (Answer::Yes, Some(language)) => {
                if !spoken.iter().any(|known| known.trim().to_lowercase() == *language) {
                    found.by(others, obstacle, |taken| Finding::Language { taken });
                }
            }
            (Answer::Yes, None) => found.ask(obstacle, Question::Interpreter, Finding::LanguageNotTold),
            (Answer::Unknown, _) => found.ask(obstacle, Question::Interpreter, Finding::InterpreterNotTold),
        }
    }
}
