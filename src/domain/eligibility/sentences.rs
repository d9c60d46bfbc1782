//! Every sentence that a reason can say: short, without blame and without a code, to be read aloud in a call.

use super::reason::{Finding, Obstacle, Reason, Whose};
use super::{Household, Scope, SupportNeed, Verdict};
use crate::domain::household::{AccessNeed, Answer, Concession, Funding, HarmKind, Level, Sex, StayNeeded};

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

impl Obstacle {
    pub(super) fn of_harm(kind: HarmKind) -> Self {
        match kind {
            HarmKind::Violence => Self::Violence,
            HarmKind::AssaultOnStaff => Self::AssaultOnStaff,
            HarmKind::Arson => Self::Arson,
            HarmKind::OffenceAgainstChildren => Self::OffenceAgainstChildren,
        }
    }

    pub(super) fn of_need(need: SupportNeed) -> Self {
        match need {
            SupportNeed::MentalHealth => Self::MentalHealth,
            SupportNeed::Drugs => Self::Drugs,
            SupportNeed::Alcohol => Self::Alcohol,
            SupportNeed::PhysicalHealth => Self::PhysicalHealth,
            SupportNeed::LearningDisability => Self::LearningDisability,
        }
    }

    fn harm(self) -> Option<HarmKind> {
        HarmKind::ALL.iter().copied().find(|kind| Self::of_harm(*kind) == self)
    }

    fn need(self) -> Option<SupportNeed> {
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
            Self::Pregnancy => "pregnant women were taken",
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
            Self::Employment => "people in work were taken",
            Self::Funding => "people were taken however the rent is paid",
            Self::StayLimit => "stays could be longer",
            Self::TooFar => "there were places nearer",
            Self::Travel => "travel was paid for and arranged",
            Self::SharedLiving => "homes were self-contained",
        }
    }
}

fn people(number: i32) -> String {
    if number == 1 { "1 person".into() } else { format!("{number} people") }
}

fn yes_no(answer: Answer, yes: &str, no: &str) -> String {
    match answer {
        Answer::Yes => yes,
        Answer::No => no,
        Answer::Unknown => "Not known yet",
    }
    .to_owned()
}

impl Household {
    /// What is known of the household that an obstacle is about.
    pub(super) fn fact(&self, obstacle: Obstacle) -> String {
        if let Some(need) = obstacle.need() {
            return level(need, self.support[need as usize]);
        }
        if let Some(kind) = obstacle.harm() {
            return self.past(kind);
        }
        let known = |known: bool, text: &str| if known { text.to_owned() } else { "Not known yet".to_owned() };
        match obstacle {
            Obstacle::UnsafeArea => "An area was named as not safe".into(),
            Obstacle::HouseholdSize | Obstacle::LargestFamily if self.people == 0 => "Not known yet".into(),
            Obstacle::HouseholdSize | Obstacle::LargestFamily => people(self.people),
            Obstacle::SurvivorSex => match self.survivors.as_slice() {
                [] => "Not known yet".into(),
                [one, ..] if one.trans => "Trans survivor".into(),
                [one, ..] => match one.sex {
                    Sex::Female => "Female survivor".into(),
                    Sex::Male => "Male survivor".into(),
                    Sex::PreferNotToSay | Sex::Unknown => "Not known yet".into(),
                },
            },
            Obstacle::SurvivorAge => match self.survivors.first().and_then(|survivor| survivor.age) {
                Some(age) => format!("Survivor aged {age}"),
                None => "Not known yet".into(),
            },
            Obstacle::SingleSex => "Adults of the household".into(),
            Obstacle::ClientGroup => "What the survivor told".into(),
            Obstacle::MaleChildAge => match self.boys.oldest {
                Some(age) => format!("Boy aged {age}"),
                None => "Children of the household".into(),
            },
            Obstacle::SchoolAgeChildren => format!("{} of school age", children(self.school_children)),
            Obstacle::Children => children(self.children),
            Obstacle::AdultDependant => if self.adult_dependants { "Yes" } else { "None told" }.into(),
            Obstacle::Pregnancy => yes_no(self.pregnant, "Pregnant", "Not pregnant"),
            Obstacle::Access => match self.access_need {
                AccessNeed::FullyWheelchairAccessible => "Wheelchair in every room",
                AccessNeed::WheelchairToEssentialRooms => "Wheelchair in the main rooms",
                AccessNeed::LevelAccess => "No steps",
                AccessNeed::GroundFloor => "Ground floor",
                AccessNeed::None => "No special access",
                AccessNeed::Unknown => "Not known yet",
            }
            .into(),
            Obstacle::PreviousEviction => {
                yes_no(self.asked_to_leave_before, "Had to leave a refuge before", "Never had to leave a refuge")
            }
            Obstacle::BailOrProbation => yes_no(self.bail_or_probation, "On bail or probation", "No bail or probation"),
            Obstacle::Pets => yes_no(self.pets, "Has pets", "No pets"),
            Obstacle::Language => match &self.language {
                Some(language) => format!("Interpreter for {}", capital(language)),
                None => yes_no(self.interpreter, "Needs an interpreter", "Needs no interpreter"),
            },
            Obstacle::ReferralRoute => known(self.referral_source.is_some(), "Who sends the household"),
            Obstacle::Nrpf => match (self.recourse_to_public_funds, self.concession) {
                (Answer::No, Concession::Granted) => "No public funds; the concession is granted".into(),
                (Answer::No, Concession::Applied) => "No public funds; the concession is applied for".into(),
                (answer, _) => yes_no(answer, "Public funds", "No public funds"),
            },
            Obstacle::ImmigrationStatus => known(self.immigration_status.is_some(), "The status that was told"),
            Obstacle::Employment => known(self.employment.is_some(), "The employment that was told"),
            Obstacle::Funding => match self.funding {
                Funding::HousingBenefit => "Housing Benefit",
                Funding::UniversalCredit => "Universal Credit",
                Funding::SelfFunding => "Own money",
                Funding::CannotFund => "Cannot pay",
                Funding::Unknown => "Not known yet",
            }
            .into(),
            Obstacle::StayLimit => match self.stay_needed {
                StayNeeded::Days => "Up to two weeks",
                StayNeeded::Weeks => "Up to three months",
                StayNeeded::Months => "Up to a year",
                StayNeeded::AsLongAsItTakes => "As long as it takes",
                StayNeeded::Unknown => "Not known yet",
            }
            .into(),
            Obstacle::TooFar => "The survivor said so".into(),
            Obstacle::Travel => "The counties that they can travel to".into(),
            Obstacle::SharedLiving => "Would not share rooms with others".into(),
            _ => String::new(), // needs and harm, above
        }
    }

    fn past(&self, kind: HarmKind) -> String {
        let found = self.risk_to_others.as_ref().map(|harms| harms.iter().find(|past| past.kind == kind));
        match found {
            None => "Not known yet".into(),
            Some(None) => "None told".into(),
            Some(Some(past)) => match past.years_ago {
                None => "Yes; when is not known".into(),
                Some(0) => "Yes, within the last year".into(),
                Some(1) => "Yes, 1 year ago".into(),
                Some(years) => format!("Yes, {years} years ago"),
            },
        }
    }
}

fn level(need: SupportNeed, level: Level) -> String {
    let what = need.what();
    match level {
        Level::None => format!("No support with {what}"),
        Level::Low => format!("A little support with {what}"),
        Level::Medium => format!("Some support with {what}"),
        Level::High => format!("A lot of support with {what}"),
        Level::Unknown => "Not known yet".into(),
    }
}

fn children(number: i32) -> String {
    match number {
        0 => "No children".into(),
        1 => "1 child".into(),
        number => format!("{number} children"),
    }
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
            Finding::TooFewBeds { people, beds: 1 } => {
                return format!("{people} people need a bed and this home has 1 bed");
            }
            Finding::TooFewBeds { people, beds } => {
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
            Finding::OutOfReach => "They cannot travel to this county by themselves; ask who can help with travel",
            Finding::NotShared => "Rooms here are shared, and they would not share",
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
            Finding::HarmLongAgo { years } => {
                return format!("Talk to this service about {past} {years} years ago; it is longer ago than its limit");
            }
            Finding::HarmNotTold => return format!("Nobody has said yet whether there was {past} in the past"),
            Finding::HarmTimeNotTold => return format!("It matters here when it was; the time of {past} is not known"),
            Finding::Eviction { taken: false } => "This service does not take people who had to leave a refuge before",
            Finding::Eviction { taken: true } => "Ask this service first; they had to leave a refuge before",
            Finding::EvictionNotTold => "Nobody has said yet whether they had to leave a refuge before",
            Finding::Bail { taken: false } => "This service does not take people on bail or probation",
            Finding::Bail { taken: true } => "Ask this service first about bail or probation",
            Finding::BailNotTold => "Nobody has said yet whether anybody is on bail or probation",
            Finding::Pets { taken: false } => "This service does not take pets",
            Finding::Pets { taken: true } => "Ask this service first about pets",
            Finding::PetsElsewhere => "This service takes pets, but not in this home",
            Finding::PetsNotTold => "Nobody has said yet whether there are pets",
            Finding::Language { taken: false } => {
                return format!("This service has nobody who speaks {}, and no interpreter", language());
            }
            Finding::Language { taken: true } => {
                return format!("Ask this service first about an interpreter for {}", language());
            }
            Finding::LanguageNotTold => "It is not known which language an interpreter must speak, if one is needed",
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
            Finding::Employment => "This service cannot take people in this employment",
            Finding::EmploymentNotTold => "Nobody has said yet whether the survivor works",
            Finding::Paying => {
                return format!("This service does not take {}", payers(household.funding));
            }
            Finding::PayingNotTold => "Nobody has said yet how the rent would be paid",
            Finding::StayTooLong { nights } => return format!("A stay here ends after {nights} nights"),
            Finding::StayNotTold { nights } => {
                return format!("A stay here ends after {nights} nights; it is not known how long a place is needed");
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
        let boy = household.boys.oldest.unwrap_or_default();
        match self.obstacle {
            Obstacle::UnsafeArea => "Only if the survivor says that the area is safe after all".into(),
            Obstacle::HouseholdSize => format!("A home with beds for {}", people(household.people)),
            Obstacle::Access => "A home that can be used by everybody in the household".into(),
            Obstacle::TooFar => "Ask the survivor whether they would go there after all".into(),
            Obstacle::SharedLiving => "A self-contained home, or ask whether they would share for a short time".into(),
            Obstacle::MaleChildAge => format!("The provider makes an exception for a boy of {boy}"),
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
