//! What is known of the household that a reason is about.

use super::{capital, counted, people};
use crate::domain::eligibility::reason::{Finding, Obstacle, Reason};
use crate::domain::eligibility::{Household, SupportNeed};
use crate::domain::household::{AccessNeed, Answer, Concession, Funding, HarmKind, Level, StayNeeded};

const UNKNOWN: &str = "Not known yet";

impl Reason {
    pub(in crate::domain::eligibility) fn fact(&self, household: &Household) -> String {
        let fact = match self.finding {
            Finding::ForMen => "Female survivor",
            Finding::ForWomen => "Male survivor",
            Finding::TransSurvivor { .. } => "Trans survivor",
            Finding::TooYoung { age, .. } | Finding::TooOld { age, .. } => return format!("Survivor aged {age}"),
            Finding::ManSharing => "Another adult is a man",
            Finding::WomanSharing => "Another adult is a woman",
            Finding::SharedByWomen => "A man in the household",
            Finding::SharedByMen => "A woman in the household",
            Finding::TransAdultSharing => "A trans adult in the household",
            Finding::BoyTooOld { age, .. } | Finding::BoyDiscussed { age, .. } => return format!("Boy aged {age}"),
            Finding::TransChild { age, .. } => return format!("Trans child aged {age}"),
            Finding::MayBeABoy { age, .. } => return format!("Child aged {age}"),
            Finding::MoreMayCome => return format!("{} so far", people(household.people)),
            Finding::OnlyWithACot => return format!("{}, one of an age not known yet", people(household.people)),
            Finding::HarmLongAgo { years, .. } => return format!("Yes, {} ago", counted(years.into(), "year")),
            Finding::HarmTimeNotTold => "Yes; when is not known",
            Finding::AreaNotTold
            | Finding::NobodyTold
            | Finding::SurvivorNotTold
            | Finding::SexNotTold
            | Finding::AgeNotTold
            | Finding::AdultSexNotTold
            | Finding::GroupNotTold(_)
            | Finding::BoysAgeNotTold { .. }
            | Finding::SchoolAgeNotTold => UNKNOWN,
            _ => return household.fact(self.obstacle),
        };
        fact.to_owned()
    }
}

impl Household {
    /// What was told about a thing, whatever was found.
    fn fact(&self, obstacle: Obstacle) -> String {
        if let Some(need) = obstacle.need() {
            return level(need, self.support[need as usize]);
        }
        if let Some(kind) = obstacle.harm() {
            return self.past(kind);
        }
        let known = |known: bool, text| if known { text } else { UNKNOWN };
        let fact = match obstacle {
            Obstacle::UnsafeArea => "An area was named as not safe",
            Obstacle::HouseholdSize | Obstacle::LargestFamily => return people(self.people),
            Obstacle::Children => return children(self.children),
            Obstacle::SchoolAgeChildren => return format!("{} of school age", children(self.school_children)),
            Obstacle::AdultDependant => {
                known(!self.adult_dependants.is_empty(), "An adult who depends on the survivor")
            }
            Obstacle::Pregnancy => yes_no(self.pregnant, "Pregnant", "Not pregnant"),
            Obstacle::Access => match self.access_need {
                AccessNeed::FullyWheelchairAccessible => "Wheelchair in every room",
                AccessNeed::WheelchairToEssentialRooms => "Wheelchair in the main rooms",
                AccessNeed::LevelAccess => "No steps",
                AccessNeed::GroundFloor => "Ground floor",
                AccessNeed::None => "No special access",
                AccessNeed::Unknown => UNKNOWN,
            },
            Obstacle::PreviousEviction => {
                yes_no(self.asked_to_leave_before, "Had to leave a refuge before", "Never had to leave a refuge")
            }
            Obstacle::BailOrProbation => yes_no(self.bail_or_probation, "On bail or probation", "No bail or probation"),
            Obstacle::Pets => yes_no(self.pets, "Has pets", "No pets"),
            Obstacle::Language => match &self.language {
                Some(language) => return format!("Interpreter for {}", capital(language)),
                None => yes_no(self.interpreter, "Needs an interpreter", "Needs no interpreter"),
            },
            Obstacle::ReferralRoute => known(self.referral_source.is_some(), "The way in which they are sent"),
            Obstacle::Nrpf => match (self.recourse_to_public_funds, self.concession) {
                (Answer::No, Concession::Granted) => "No public funds; the concession is granted",
                (Answer::No, Concession::Applied) => "No public funds; the concession is applied for",
                (answer, _) => yes_no(answer, "Public funds", "No public funds"),
            },
            Obstacle::ImmigrationStatus => known(self.immigration_status.is_some(), "The status that was told"),
            Obstacle::Employment => known(self.employment.is_some(), "The work or study that was told"),
            Obstacle::Funding => match self.funding {
                Funding::HousingBenefit => "Housing Benefit",
                Funding::UniversalCredit => "Universal Credit",
                Funding::SelfFunding => "Own money",
                Funding::CannotFund => "Cannot pay",
                Funding::Unknown => UNKNOWN,
            },
            Obstacle::StayLimit => match self.stay_needed {
                StayNeeded::Days => "Up to two weeks",
                StayNeeded::Weeks => "Up to three months",
                StayNeeded::Months => "Up to a year",
                StayNeeded::AsLongAsItTakes => "As long as it takes",
                StayNeeded::Unknown => UNKNOWN,
            },
            Obstacle::TooFar => "The survivor said so",
            Obstacle::Travel => "The counties that they can travel to",
            Obstacle::SharedLiving if self.shared_living == Answer::No => "Would rather not share rooms",
            Obstacle::SharedLiving => "Needs a quiet home",
            _ => "What the survivor told",
        };
        fact.to_owned()
    }

    /// The latest time counts.
    fn past(&self, kind: HarmKind) -> String {
        let Some(told) = &self.risk_to_others else { return UNKNOWN.to_owned() };
        let of_kind = told.iter().filter(|past| past.kind == kind);
        match of_kind.min_by_key(|past| past.years_ago.unwrap_or(u8::MAX)).map(|past| past.years_ago) {
            None => "None told".to_owned(),
            Some(None) => "Yes; when is not known".to_owned(),
            Some(Some(0)) => "Yes, within the last year".to_owned(),
            Some(Some(years)) => format!("Yes, {} ago", counted(years.into(), "year")),
        }
    }
}

fn yes_no(answer: Answer, yes: &'static str, no: &'static str) -> &'static str {
    match answer {
        Answer::Yes => yes,
        Answer::No => no,
        Answer::Unknown => UNKNOWN,
    }
}

fn level(need: SupportNeed, level: Level) -> String {
    let what = need.what();
    match level {
        Level::None => format!("No support with {what}"),
        Level::Low => format!("A little support with {what}"),
        Level::Medium => format!("Some support with {what}"),
        Level::High => format!("A lot of support with {what}"),
        Level::Unknown => UNKNOWN.to_owned(),
    }
}

fn children(number: i32) -> String {
    match number {
        0 => "No children".to_owned(),
        1 => "1 child".to_owned(),
        number => format!("{number} children"),
    }
}
