//! Every sentence that a reason can say: short, without blame and without a code, to be read aloud in a call.

mod facts;
mod obstacles;

use super::reason::{Finding, Obstacle, Reason, Whose};
use super::{Household, Question, Scope, SupportNeed, Verdict};
use crate::domain::household::{Funding, HarmKind};

impl SupportNeed {
    /// As in "support with …".
    pub fn what(self) -> &'static str {
        match self {
            Self::MentalHealth => "mental health",
            Self::Drugs => "drug use",
            Self::Alcohol => "alcohol use",
            Self::PhysicalHealth => "physical health",
            Self::LearningDisability => "a learning disability",
        }
    }
}

/// As in "takes people after …".
pub fn harm(kind: HarmKind) -> &'static str {
    match kind {
        HarmKind::Violence => "violence",
        HarmKind::AssaultOnStaff => "an assault on staff",
        HarmKind::Arson => "arson",
        HarmKind::OffenceAgainstChildren => "an offence against children",
    }
}

fn people(number: i32) -> String {
    if number == 1 { "1 person".into() } else { format!("{number} people") }
}

/// A number of things: "1 year", "2 years".
fn counted(number: u16, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Reason {
    /// Whose rule it is.
    pub(super) fn rule(&self) -> String {
        let whose = match self.whose {
            Whose::Always => "Always looked at",
            Whose::Household => "What the survivor said",
            Whose::Organisation => "A rule of the provider for all its services",
            Whose::Service => "A rule of this service",
            Whose::Unit => "A rule of this home",
            Whose::Vacancy => "A rule of this vacancy",
        };
        match self.instead_of {
            None => whose.to_owned(),
            Some(Scope::Organisation) => format!("{whose}, in place of the provider's"),
            Some(Scope::Service) => format!("{whose}, in place of the service's"),
            Some(Scope::Unit | Scope::Vacancy) => format!("{whose}, in place of the home's"),
        }
    }

    pub(super) fn text(&self, household: &Household) -> String {
        let text = self.sentence(household);
        if self.softened { format!("{text}; ask whether an exception is possible") } else { text }
    }

    #[expect(clippy::too_many_lines, reason = "every sentence in one place, to be read and reviewed together")]
    fn sentence(&self, household: &Household) -> String {
        let language = || household.language.as_deref().map_or_else(|| "this language".to_owned(), capital);
        let past = self.obstacle.harm().map_or("", harm);
        let text = match self.finding {
            Finding::UnsafeArea => "This home is in an area named as not safe",
            Finding::AreaNotTold => "Nobody has said yet whether this area is safe",
            Finding::TooFewBeds { people, beds: 1, .. } => {
                return format!("{people} people need a bed and this home has 1 bed");
            }
            Finding::TooFewBeds { people, beds, .. } => {
                return format!("{people} people need a bed and this home has {beds}");
            }
            Finding::OnlyWithACot => "There are enough beds only if a child is under 2 and can use a cot",
            Finding::NobodyTold => "Nobody has said yet who needs the place",
            Finding::MoreMayCome => "More people may need the place",
            Finding::AccessNotTold => "Nobody has said yet what the home must allow for",
            Finding::Upstairs => "This home is not on the ground floor",
            Finding::UpstairsWithALift => "This home is not on the ground floor; ask whether there is a lift",
            Finding::Steps => "This home has steps",
            Finding::NoWheelchair => "A wheelchair cannot be used in this home",
            Finding::WheelchairInSomeRooms => "A wheelchair can be used only in some rooms of this home",
            Finding::StepsBeforeAWheelchairHome => "This home has steps; ask whether a wheelchair can get in",
            Finding::TooFar => "The survivor said that this area is too far",
            Finding::OutOfReach => "They cannot travel to this county on their own; ask who can help with travel",
            Finding::NotShared => "Rooms here are shared, and they would rather not share",
            Finding::MayBeLoud => "Life here is shared and can be loud; ask whether it is quiet enough",
            Finding::ForMen => "This service is for men and does not take a female survivor",
            Finding::ForWomen => "This service is for women and does not take a male survivor",
            Finding::TransSurvivor { taken: false } => "This service says that it does not take trans survivors",
            Finding::TransSurvivor { taken: true } => "Ask this service how it can support a trans survivor",
            Finding::SexNotTold => "This service is for one sex; the survivor's is not known",
            Finding::SurvivorNotTold => "Nobody has said yet who the survivor is",
            Finding::TooYoung { age, from } => {
                return format!("Survivor aged {age} is below this service's lowest age of {from}");
            }
            Finding::TooOld { age, to } => {
                return format!("Survivor aged {age} is above this service's highest age of {to}");
            }
            Finding::AgeNotTold => "This service has an age limit; the survivor's age is not known",
            Finding::ManSharing => "A man would share rooms in a service for women",
            Finding::WomanSharing => "A woman would share rooms in a service for men",
            Finding::TransAdultSharing => "Ask this service how it can support a trans adult",
            Finding::AdultSexNotTold if self.question == Some(Question::SurvivorSex) => {
                "Rooms here are shared by people of one sex; the survivor's is not known"
            }
            Finding::AdultSexNotTold => "Rooms here are shared by people of one sex; another adult's is not known",
            Finding::SharedByWomen => "Rooms here are shared by women only",
            Finding::SharedByMen => "Rooms here are shared by men only",
            Finding::NotOfTheGroup(group) => return format!("This service is only for {}", group.people()),
            Finding::MayBeOfTheGroup(group) => {
                return format!("This service is for {}; ask whether it fits", group.people());
            }
            Finding::GroupNotTold(group) => {
                return format!("This service is for {}; it is not known whether it fits", group.people());
            }
            Finding::FamilyTooLarge { people, most } => {
                return format!("A household of {people} is above this service's largest family of {most}");
            }
            Finding::TooManyChildren { most: 0, .. } => "This service does not take children",
            Finding::TooManyChildren { children, most } => {
                return format!("{children} children are above this service's limit of {most}");
            }
            Finding::BoyTooOld { age, to } => return format!("Male child {age} is above this service's limit of {to}"),
            Finding::BoyDiscussed { age, to, highest } => {
                return format!("Male child {age} is above this service's limit of {to}; it may agree up to {highest}");
            }
            Finding::TransChild { age, to } => {
                return format!("Boys are taken up to {to}; ask this service about a trans child of {age}");
            }
            Finding::MayBeABoy { age, to } => {
                return format!("Boys are taken up to {to}; the sex of a child of {age} is not known");
            }
            Finding::BoysAgeNotTold { to } => {
                return format!("Boys are taken up to {to}; the age of a child is not known");
            }
            Finding::SchoolChildren { taken: false } => "This service does not take children of school age",
            Finding::SchoolChildren { taken: true } => "Ask this service first about children of school age",
            Finding::SchoolAgeNotTold => "It matters here whether children go to school; a child's age is not known",
            Finding::Dependant { taken: false } => "This service does not take adult dependants",
            Finding::Dependant { taken: true } => "Ask this service first about an adult dependant",
            Finding::Pregnant { taken: false } => "This service cannot support a pregnancy",
            Finding::Pregnant { taken: true } => "Ask this service first about a pregnancy",
            Finding::PregnancyNotTold => "Nobody has said yet whether the survivor is pregnant",
            Finding::NeedTooGreat(need) => {
                return format!("This service cannot give that much support with {}", need.what());
            }
            Finding::NeedNotTold(need) => {
                return format!("Nobody has said yet how much support with {} is needed", need.what());
            }
            Finding::Harm { taken: false } => return format!("This service does not take people after {past}"),
            Finding::Harm { taken: true } => return format!("Ask this service first about people after {past}"),
            Finding::HarmLongAgo { years, within } => {
                let (ago, limit) = (counted(years.into(), "year"), counted(within.into(), "year"));
                return format!("Ask this service first about {past} {ago} ago; its limit is {limit}");
            }
            Finding::HarmNotTold => return format!("Nobody has said yet whether there was {past} in the past"),
            Finding::HarmTimeNotTold => return format!("It matters here how long ago {past} was; that is not known"),
            Finding::Eviction { taken: false } => "This service does not take people who had to leave a refuge before",
            Finding::Eviction { taken: true } => "Ask this service first; they had to leave a refuge before",
            Finding::EvictionNotTold => "Nobody has said yet whether they had to leave a refuge before",
            Finding::Bail { taken: false } => "This service does not take people on bail or probation",
            Finding::Bail { taken: true } => "Ask this service first about bail or probation",
            Finding::BailNotTold => "Nobody has said yet whether anybody is on bail or probation",
            Finding::Pets { taken: false, .. } => "This service does not take pets",
            Finding::Pets { taken: true, .. } => "Ask this service first about pets",
            Finding::PetsElsewhere => "This service takes pets, but not in this home",
            Finding::PetsNotTold => "Nobody has said yet whether there are pets",
            Finding::Language { taken: false } => {
                return format!("This service has nobody who speaks {}, and no interpreter", language());
            }
            Finding::Language { taken: true } => {
                return format!("Ask this service first about an interpreter for {}", language());
            }
            Finding::InterpreterNotTold => "Nobody has said yet whether an interpreter is needed",
            Finding::LanguageNotTold => "An interpreter is needed; nobody has said yet for which language",
            Finding::Route => "This service does not take referrals that come this way",
            Finding::RouteNotTold => "It is not known who sends the household",
            Finding::NoFunds => "This service needs public funds and there are none",
            Finding::FundsCaseByCase => "Without public funds this service decides case by case",
            Finding::ConcessionGranted => {
                "The concession for migrant victims is granted; ask whether this service takes it"
            }
            Finding::ConcessionApplied => {
                "The concession for migrant victims is applied for; ask whether this service can wait"
            }
            Finding::ConcessionNotTold => "This service needs public funds; a concession for migrant victims may help",
            Finding::FundsNotTold => "Nobody has said yet whether there are public funds",
            Finding::Status => "This service does not take people with this immigration status",
            Finding::StatusWithheld => "This service asks for the immigration status; talk to it first",
            Finding::StatusNotTold => "Nobody has said yet what the immigration status is",
            Finding::Employment => "This service cannot take people with this kind of work or study",
            Finding::EmploymentNotTold => "Nobody has said yet whether the survivor works or studies",
            Finding::Paying { taken: false } => {
                return format!("This service does not take {}", payers(household.funding));
            }
            Finding::Paying { taken: true } => {
                return format!("Ask this service first about {}", payers(household.funding));
            }
            Finding::PayingNotTold => "Nobody has said yet how the rent would be paid",
            Finding::StayTooLong { nights } => {
                return format!("A stay here ends after {}", counted(nights, "night"));
            }
            Finding::StayNotTold { nights } => {
                let nights = counted(nights, "night");
                return format!("A stay here ends after {nights}; it is not known how long a place is needed");
            }
        };
        text.to_owned()
    }

    /// What could change it.
    pub(super) fn resolve(&self, household: &Household) -> String {
        if let Some(question) = self.question {
            return format!("Ask: {}", question.text());
        }
        if self.effect == Verdict::Discuss {
            return match self.whose {
                Whose::Household => "Talk it over with the survivor, then with the provider".into(),
                _ => "Ring the provider and talk about it".into(),
            };
        }
        if let Finding::BoyTooOld { age, .. } = self.finding {
            return format!("The provider makes an exception for a boy of {age}");
        }
        match self.obstacle {
            Obstacle::UnsafeArea => "Only if the survivor says that the area is safe after all".into(),
            Obstacle::HouseholdSize => format!("A home with beds for {}", people(household.people)),
            Obstacle::Access => "A home that can be used by everybody in the household".into(),
            Obstacle::TooFar => "Ask the survivor whether they would go there after all".into(),
            Obstacle::SharedLiving => "A self-contained home, or ask whether they would share for a short time".into(),
            Obstacle::SingleSex => "A home where no rooms are shared".into(),
            Obstacle::LargestFamily | Obstacle::Children => {
                "The provider makes an exception, or finds a larger home".into()
            }
            Obstacle::Pets => "The provider makes an exception, or somebody fosters the pet for a while".into(),
            Obstacle::Nrpf => "Apply for the concession for migrant victims, or ask who would pay the rent".into(),
            Obstacle::Funding | Obstacle::Employment => {
                "Ask the provider what it costs, and the council who could pay".into()
            }
            Obstacle::Language => "An interpreter by telephone, if the provider agrees".into(),
            Obstacle::ReferralRoute => "Ask somebody whose referrals are taken to send it".into(),
            Obstacle::StayLimit => "The provider agrees to a longer stay, or a place for afterwards is found".into(),
            Obstacle::MentalHealth
            | Obstacle::Drugs
            | Obstacle::Alcohol
            | Obstacle::PhysicalHealth
            | Obstacle::LearningDisability
            | Obstacle::Pregnancy => "Somebody else gives the support, and the provider agrees".into(),
            Obstacle::SurvivorSex | Obstacle::SurvivorAge | Obstacle::ClientGroup => {
                "Another service, or the provider makes an exception".into()
            }
            _ => "The provider makes an exception".into(),
        }
    }
}

/// Those who pay in this way.
fn payers(funding: Funding) -> &'static str {
    match funding {
        Funding::HousingBenefit => "people whose rent Housing Benefit pays",
        Funding::UniversalCredit => "people whose rent Universal Credit pays",
        Funding::SelfFunding => "people who pay the rent themselves",
        Funding::CannotFund | Funding::Unknown => "people who cannot pay the rent",
    }
}
