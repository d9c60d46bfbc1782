//! What stands, or may stand, between a household and a home.

use serde::{Deserialize, Serialize};

use super::{Household, Question, Scope, Verdict};
use crate::domain::words;

words! {
    /// What a reason is about, in the order in which reasons of the same effect are shown. The words stay the same from
    /// release to release.
    Obstacle {
        UnsafeArea = "unsafe_area",
        HouseholdSize = "household_size",
        SurvivorSex = "survivor_sex",
        SurvivorAge = "survivor_age",
        SingleSex = "single_sex",
        ClientGroup = "client_group",
        MaleChildAge = "male_child_age",
        SchoolAgeChildren = "school_age_children",
        AdultDependant = "adult_dependant",
        LargestFamily = "largest_family",
        Children = "children",
        Pregnancy = "pregnancy",
        Access = "access",
        MentalHealth = "mental_health",
        Drugs = "drugs",
        Alcohol = "alcohol",
        PhysicalHealth = "physical_health",
        LearningDisability = "learning_disability",
        Violence = "violence",
        AssaultOnStaff = "assault_on_staff",
        Arson = "arson",
        OffenceAgainstChildren = "offence_against_children",
        PreviousEviction = "previous_eviction",
        BailOrProbation = "bail_or_probation",
        Pets = "pets",
        Language = "language",
        ReferralRoute = "referral_route",
        Nrpf = "nrpf",
        ImmigrationStatus = "immigration_status",
        Employment = "employment",
        Funding = "funding",
        StayLimit = "stay_limit",
        TooFar = "too_far",
        Travel = "travel",
        SharedLiving = "shared_living",
    }
}

words! {
    /// Whose word a reason rests on.
    Whose {
        /// Looked at always: beds, access, safety.
        Always = "always",
        /// What the survivor said to want or to be able to do.
        Household = "household",
        Organisation = "organisation",
        Service = "service",
        Unit = "unit",
        Vacancy = "vacancy",
    }
}

impl From<Scope> for Whose {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Organisation => Self::Organisation,
            Scope::Service => Self::Service,
            Scope::Unit => Self::Unit,
            Scope::Vacancy => Self::Vacancy,
        }
    }
}

/// What was found when a rule was held against a household, with the numbers that its sentence needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Finding {
    // Always looked at
    UnsafeArea,
    AreaNotTold,
    TooFewBeds { people: u8, beds: u8, more: bool },
    OnlyWithACot,
    NobodyTold,
    MoreMayCome,
    AccessNotTold,
    Upstairs,
    UpstairsWithALift,
    Steps,
    NoWheelchair,
    WheelchairInSomeRooms,
    StepsBeforeAWheelchairHome,
    // Said by the household
    TooFar,
    OutOfReach,
    NotShared,
    MayBeLoud,
    // Survivors and other adults
    ForMen,
    ForWomen,
    TransSurvivor { taken: bool },
    SexNotTold,
    SurvivorNotTold,
    TooYoung { age: u8, from: u8 },
    TooOld { age: u8, to: u8 },
    AgeNotTold,
    ManSharing,
    WomanSharing,
    TransAdultSharing,
    AdultSexNotTold,
    SharedByWomen,
    SharedByMen,
    NotOfTheGroup(super::ClientGroup),
    MayBeOfTheGroup(super::ClientGroup),
    GroupNotTold(super::ClientGroup),
    // Families
    FamilyTooLarge { people: u8, most: u8 },
    TooManyChildren { children: u8, most: u8 },
    BoyTooOld { age: u8, to: u8 },
    BoyDiscussed { age: u8, to: u8, highest: u8 },
    TransChild { age: u8, to: u8 },
    MayBeABoy { age: u8, to: u8 },
    BoysAgeNotTold { to: u8 },
    SchoolChildren { taken: bool },
    SchoolAgeNotTold,
    Dependant { taken: bool },
    Pregnant { taken: bool },
    PregnancyNotTold,
    // Support and risk
    NeedTooGreat(super::SupportNeed),
    NeedNotTold(super::SupportNeed),
    Harm { taken: bool },
    HarmLongAgo { years: u8, within: u8 },
    HarmNotTold,
    HarmTimeNotTold,
    Eviction { taken: bool },
    EvictionNotTold,
    Bail { taken: bool },
    BailNotTold,
    // Everything else
    Pets { taken: bool, here: bool },
    PetsElsewhere,
    PetsNotTold,
    Language { taken: bool },
    InterpreterNotTold,
    LanguageNotTold,
    Route,
    RouteNotTold,
    NoFunds,
    FundsCaseByCase,
    ConcessionGranted,
    ConcessionApplied,
    ConcessionNotTold,
    FundsNotTold,
    Status,
    StatusWithheld,
    StatusNotTold,
    Employment,
    EmploymentNotTold,
    Paying { taken: bool },
    PayingNotTold,
    StayTooLong { nights: u16 },
    StayNotTold { nights: u16 },
}

/// One thing that stands, or may stand, between a household and a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    pub obstacle: Obstacle,
    /// What this alone makes of the vacancy.
    pub effect: Verdict,
    pub whose: Whose,
    /// The wider rule that it stands in place of.
    pub instead_of: Option<Scope>,
    /// What to ask, when information is missing.
    pub question: Option<Question>,
    pub(super) finding: Finding,
    /// The service wants to talk about what it would otherwise refuse.
    pub(super) softened: bool,
}

/// A reason in words: short, so that they can be read aloud to somebody under pressure. They name no place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub code: Obstacle,
    pub effect: Verdict,
    pub whose: Whose,
    /// Whose rule it is, in words.
    pub rule: String,
    /// What is known of the household about it.
    pub fact: String,
    pub text: String,
    /// What could change it.
    pub resolve: String,
    pub question: Option<Question>,
}

impl Reason {
    /// What is left of it if there were no rule about its obstacle. A service without a rule about pets takes them, but
    /// not in every home; and a home with more beds may still have too few, as long as not everybody is known.
    pub(super) fn else_effect(&self) -> Verdict {
        match self.finding {
            Finding::Pets { here: false, .. } => Verdict::Discuss,
            Finding::TooFewBeds { more: true, .. } => Verdict::MissingInformation,
            _ => Verdict::Suitable,
        }
    }

    /// In words, for the household that it was found for.
    pub fn told(&self, household: &Household) -> Told {
        Told {
            code: self.obstacle,
            effect: self.effect,
            whose: self.whose,
            rule: self.rule(),
            fact: self.fact(household),
            text: self.text(household),
            resolve: self.resolve(household),
            question: self.question,
        }
    }
}

/// Reasons in words, the worst first, and each sentence and each question once.
pub fn told(reasons: &[Reason], household: &Household) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::with_capacity(reasons.len());
    for reason in reasons {
        let asked = reason.question.is_some_and(|question| told.iter().any(|told| told.question == Some(question)));
        let reason = reason.told(household);
        if !asked && !told.iter().any(|told| told.effect == reason.effect && told.text == reason.text) {
            told.push(reason);
        }
    }
    told
}
