//! What an obstacle is called in a report, and what would have to be different.

use crate::domain::eligibility::{Obstacle, SupportNeed};
use crate::domain::household::HarmKind;

impl Obstacle {
    pub(in crate::domain::eligibility) fn of_harm(kind: HarmKind) -> Self {
        match kind {
            HarmKind::Violence => Self::Violence,
            HarmKind::AssaultOnStaff => Self::AssaultOnStaff,
            HarmKind::Arson => Self::Arson,
            HarmKind::OffenceAgainstChildren => Self::OffenceAgainstChildren,
        }
    }

    pub(in crate::domain::eligibility) fn of_need(need: SupportNeed) -> Self {
        match need {
            SupportNeed::MentalHealth => Self::MentalHealth,
            SupportNeed::Drugs => Self::Drugs,
            SupportNeed::Alcohol => Self::Alcohol,
            SupportNeed::PhysicalHealth => Self::PhysicalHealth,
            SupportNeed::LearningDisability => Self::LearningDisability,
        }
    }

    pub(super) fn harm(self) -> Option<HarmKind> {
        HarmKind::ALL.iter().copied().find(|kind| Self::of_harm(*kind) == self)
    }

    pub(super) fn need(self) -> Option<SupportNeed> {
        SupportNeed::ALL.iter().copied().find(|need| Self::of_need(*need) == self)
    }

    /// Its name in a report: "Age of male children".
    pub fn label(self) -> &'static str {
        match self {
            Self::UnsafeArea => "Area that is not safe",
            Self::HouseholdSize => "Not enough beds",
            Self::SurvivorSex => "Sex or gender of the survivor",
            Self::SurvivorAge => "Age of the survivor",
            Self::SingleSex => "Rooms shared by one sex",
            Self::ClientGroup => "Service for one group of people",
            Self::MaleChildAge => "Age of male children",
            Self::SchoolAgeChildren => "Children of school age",
            Self::AdultDependant => "Adult who depends on the survivor",
            Self::LargestFamily => "Size of the family",
            Self::Children => "Number of children",
            Self::Pregnancy => "Pregnancy",
            Self::Access => "Access to the home",
            Self::MentalHealth => "Support with mental health",
            Self::Drugs => "Support with drug use",
            Self::Alcohol => "Support with alcohol use",
            Self::PhysicalHealth => "Support with physical health",
            Self::LearningDisability => "Support with a learning disability",
            Self::Violence => "Violence in the past",
            Self::AssaultOnStaff => "Assault on staff in the past",
            Self::Arson => "Arson in the past",
            Self::OffenceAgainstChildren => "Offence against children",
            Self::PreviousEviction => "Asked to leave a refuge before",
            Self::BailOrProbation => "Bail or probation",
            Self::Pets => "Pets",
            Self::Language => "Language",
            Self::ReferralRoute => "Way of referral",
            Self::Nrpf => "No recourse to public funds",
            Self::ImmigrationStatus => "Immigration status",
            Self::Employment => "Employment",
            Self::Funding => "Paying the rent",
            Self::StayLimit => "Length of stay",
            Self::TooFar => "Too far away",
            Self::Travel => "Travel",
            Self::SharedLiving => "Sharing rooms with others",
        }
    }

    /// The one thing that would have to be different, as in "if …".
    pub fn change(self) -> &'static str {
        match self {
            Self::UnsafeArea => "there were places in other areas",
            Self::HouseholdSize => "homes had more beds",
            Self::SurvivorSex => "services took survivors of any sex and gender",
            Self::SurvivorAge => "services took survivors of any age",
            Self::SingleSex => "rooms were not shared",
            Self::ClientGroup => "specialist services took others too",
            Self::MaleChildAge => "boys of any age were taken",
            Self::SchoolAgeChildren => "children of school age were taken",
            Self::AdultDependant => "adults who depend on the survivor were taken",
            Self::LargestFamily => "larger families were taken",
            Self::Children => "more children were taken",
            Self::Pregnancy => "people were taken while pregnant",
            Self::Access => "homes could be used with a wheelchair and without steps",
            Self::MentalHealth => "more support with mental health could be given",
            Self::Drugs => "more support with drug use could be given",
            Self::Alcohol => "more support with alcohol use could be given",
            Self::PhysicalHealth => "more support with physical health could be given",
            Self::LearningDisability => "more support with learning disabilities could be given",
            Self::Violence => "people were taken after violence",
            Self::AssaultOnStaff => "people were taken after an assault on staff",
            Self::Arson => "people were taken after arson",
            Self::OffenceAgainstChildren => "people were taken after an offence against children",
            Self::PreviousEviction => "people were taken who had to leave a refuge before",
            Self::BailOrProbation => "people on bail or probation were taken",
            Self::Pets => "pets were taken",
            Self::Language => "there were interpreters for every language",
            Self::ReferralRoute => "referrals were taken from everybody",
            Self::Nrpf => "people with no recourse to public funds were taken",
            Self::ImmigrationStatus => "people of any immigration status were taken",
            Self::Employment => "people were taken whatever their work",
            Self::Funding => "people were taken however the rent is paid",
            Self::StayLimit => "stays could be longer",
            Self::TooFar => "there were places nearer",
            Self::Travel => "travel was paid for and arranged",
            Self::SharedLiving => "homes were self-contained",
        }
    }
}
