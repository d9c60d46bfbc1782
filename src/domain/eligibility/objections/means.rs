//! Public funds, status, work, rent, and who sends the household.

use super::{Finding, Obstacle, Reasons};
use crate::domain::eligibility::rule::{Nrpf, Policy};
use crate::domain::eligibility::{Household, Question};
use crate::domain::household::{Answer, Concession, Funding};

impl Household {
    /// A household whose concession was granted has public funds for three months.
    pub(super) fn nrpf(&self, policy: Nrpf, found: &mut Reasons) {
        let obstacle = Obstacle::Nrpf;
        match (policy, self.recourse_to_public_funds, self.concession) {
            (Nrpf::Yes, _, _) | (_, Answer::Yes, _) => {}
            (_, Answer::Unknown, _) => found.ask(obstacle, Question::Recourse, Finding::FundsNotTold),
            (Nrpf::CaseByCase, Answer::No, _) => found.discuss(obstacle, Finding::FundsCaseByCase),
            (Nrpf::No, Answer::No, Concession::Granted) => found.discuss(obstacle, Finding::ConcessionGranted),
            (Nrpf::No, Answer::No, Concession::Applied) => found.discuss(obstacle, Finding::ConcessionApplied),
            (Nrpf::No, Answer::No, Concession::None) => found.refuse(obstacle, Finding::NoFunds),
            (Nrpf::No, Answer::No, Concession::Unknown) => {
                found.ask(obstacle, Question::Concession, Finding::ConcessionNotTold);
            }
        }
    }

    pub(super) fn immigration_status(&self, accepts: &[String], found: &mut Reasons) {
        let obstacle = Obstacle::ImmigrationStatus;
        match self.immigration_status.as_deref() {
            None => found.ask(obstacle, Question::ImmigrationStatus, Finding::StatusNotTold),
            Some(status) if accepts.iter().any(|accepted| accepted == status) => {}
            Some("prefer_not_to_say") => found.discuss(obstacle, Finding::StatusWithheld),
            Some(_) => found.refuse(obstacle, Finding::Status),
        }
    }

    pub(super) fn employment(&self, not_accepted: &[String], found: &mut Reasons) {
        let obstacle = Obstacle::Employment;
        match &self.employment {
            None => found.ask(obstacle, Question::Employment, Finding::EmploymentNotTold),
            Some(employment) if not_accepted.contains(employment) => found.refuse(obstacle, Finding::Employment),
            Some(_) => {}
        }
    }

    pub(super) fn funding(&self, not_accepted: &[Funding], found: &mut Reasons) {
        let obstacle = Obstacle::Funding;
        if self.funding == Funding::Unknown {
            if not_accepted.iter().any(|funding| *funding != Funding::Unknown) {
                found.ask(obstacle, Question::Funding, Finding::PayingNotTold);
            }
        } else if not_accepted.contains(&self.funding) {
            found.by(Policy::NotAccepted, obstacle, |taken| Finding::Paying { taken });
        }
    }

    pub(super) fn route(&self, accepts: &[String], found: &mut Reasons) {
        let obstacle = Obstacle::ReferralRoute;
        match &self.referral_source {
            None => found.ask(obstacle, Question::ReferralSource, Finding::RouteNotTold),
            Some(source) if accepts.contains(source) => {}
            Some(_) => found.refuse(obstacle, Finding::Route),
        }
    }
}
