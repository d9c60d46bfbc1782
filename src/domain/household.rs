//! Who needs a place, and what the place must be like. No names, no dates of birth, no addresses: those are in the vault.
//!
//! "Unknown" is an answer that is counted. A field that nobody has filled in is unknown.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::provision::AccommodationType;
use super::words;

words! {
    /// What somebody is in their household. A person of 16 or 17 may be a survivor in their own right, or a child.
    MemberRole { Survivor = "survivor", Child = "child", AdultDependant = "adult_dependant", OtherAdult = "other_adult" }
}

words! {
    /// Sex, as the harmonised standard of the Government Statistical Service asks it.
    Sex { Female = "female", Male = "male", PreferNotToSay = "prefer_not_to_say", Unknown = "unknown" }
}

words! {
    /// Whether somebody's gender is the same as the sex registered at birth.
    SameAsBirth { Yes = "yes", No = "no", PreferNotToSay = "prefer_not_to_say", Unknown = "unknown" }
}

words! {
    /// The answer to a question that may not have been asked yet.
    Answer { Yes = "yes", No = "no", Unknown = "unknown" }
}

words! {
    /// What the home must allow for the member of the household with the greatest need.
    AccessNeed {
        FullyWheelchairAccessible = "fully_wheelchair_accessible",
        WheelchairToEssentialRooms = "wheelchair_to_essential_rooms",
        LevelAccess = "level_access",
        GroundFloor = "ground_floor",
        None = "none",
        Unknown = "unknown",
    }
}

words! {
    /// How far an application under the Migrant Victims of Domestic Abuse Concession has come.
    Concession { None = "none", Applied = "applied", Granted = "granted", Unknown = "unknown" }
}

words! {
    /// How the rent and the charges would be paid.
    Funding {
        HousingBenefit = "housing_benefit",
        UniversalCredit = "universal_credit",
        SelfFunding = "self_funding",
        CannotFund = "cannot_fund",
        Unknown = "unknown",
    }
}

words! {
    /// How much support an additional need calls for.
    Level { None = "none", Low = "low", Medium = "medium", High = "high", Unknown = "unknown" }
}

words! {
    /// How long a place is needed.
    StayNeeded {
        /// Up to two weeks.
        Days = "days",
        /// Up to three months.
        Weeks = "weeks",
        /// Up to a year.
        Months = "months",
        AsLongAsItTakes = "as_long_as_it_takes",
        Unknown = "unknown",
    }
}

impl StayNeeded {
    /// The most nights that it may take; absent where there is no end, or nothing is known.
    pub fn nights(self) -> Option<u16> {
        match self {
            Self::Days => Some(14),
            Self::Weeks => Some(92),
            Self::Months => Some(366),
            Self::AsLongAsItTakes | Self::Unknown => None,
        }
    }
}

words! {
    /// Harm that somebody of the household has done, which some services have to know.
    HarmKind {
        Violence = "violence",
        AssaultOnStaff = "assault_on_staff",
        Arson = "arson",
        OffenceAgainstChildren = "offence_against_children",
    }
}

words! {
    /// The risk of serious harm, banded from the Dash score or set by professional judgement.
    RiskBand { Standard = "standard", Medium = "medium", High = "high" }
}

macro_rules! unknown_by_default {
    ($($words:ident),*) => {$(
        impl Default for $words {
            fn default() -> Self { Self::Unknown }
        }
    )*};
}
unknown_by_default!(Sex, SameAsBirth, Answer, AccessNeed, Concession, Funding, Level, StayNeeded);

/// One person of the household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Member {
    pub role: MemberRole,
    /// In whole years; absent while it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(max = 120))]
    #[schema(maximum = 120)]
    pub age: Option<u8>,
    #[serde(default)]
    pub sex: Sex,
    #[serde(default)]
    pub gender_same_as_birth: SameAsBirth,
}

/// Animals of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Pet {
    #[garde(length(chars, min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub kind: String,
    #[garde(range(min = 1, max = 50))]
    #[schema(minimum = 1, maximum = 50)]
    pub number: u8,
}

/// A support need beside safety, by its code of the list `additional_need`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct AdditionalNeed {
    #[garde(length(chars, min = 1, max = 60))]
    pub need: String,
    #[serde(default)]
    pub level: Level,
}

/// Something of the past that some services have to know before they can say yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PastHarm {
    pub kind: HarmKind,
    /// How many whole years ago it last happened; absent while it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(max = 80)))]
    #[schema(maximum = 80)]
    pub years_ago: Option<u8>,
}

/// An area where the household is not safe. The household's own district is *proposed* when a case is opened, until the
/// worker confirms or removes it together with the survivor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct UnsafeArea {
    /// The GSS code of a district or a county.
    #[garde(length(chars, min = 9, max = 9))]
    pub area: String,
    pub confirmed: bool,
}

/// What is known of the risk. The questions of the Dash are not stored, only the score.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
pub struct Risk {
    /// The number of questions answered yes, 0 to 24.
    #[garde(range(max = 24))]
    #[schema(maximum = 24)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dash_score: Option<u8>,
    /// A band that a professional set against the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<RiskBand>,
    pub marac_referred: Answer,
}

impl Risk {
    /// The band that a professional set, or that follows from the score: 14 or more is high, 10 to 13 medium (`SafeLives`
    /// guidance on the Dash). `None` while neither is known.
    pub fn band(&self) -> Option<RiskBand> {
        self.judgement.or_else(|| {
            self.dash_score.map(|score| match score {
                14.. => RiskBand::High,
                10..14 => RiskBand::Medium,
                _ => RiskBand::Standard,
            })
        })
    }
}

/// Equality monitoring of the survivor, each by its code in the reference list of that name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Monitoring {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ethnic_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sexual_orientation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub religion: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior_housing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impairments: Option<Vec<String>>,
}

/// The needs profile of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
pub struct Needs {
    #[garde(length(max = 20), dive)]
    #[schema(max_items = 20)]
    pub members: Vec<Member>,
    /// Whether `members` is everybody who needs the place.
    pub household_complete: Answer,
    pub pregnant: Answer,
    /// Absent while nobody has asked; empty when there are none.
    #[garde(length(max = 10), dive)]
    #[schema(max_items = 10)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pets: Option<Vec<Pet>>,
    pub access_need: AccessNeed,
    #[garde(length(max = 20), dive)]
    #[schema(max_items = 20)]
    pub additional_needs: Vec<AdditionalNeed>,
    /// Whether `additional_needs` are all of them.
    pub support_needs_complete: Answer,
    /// Absent while nobody has asked; empty when there is none.
    #[garde(length(max = 10), dive)]
    #[schema(max_items = 10)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_to_others: Option<Vec<PastHarm>>,
    /// Whether they had to leave a refuge before.
    pub asked_to_leave_before: Answer,
    pub bail_or_probation: Answer,
    /// Whether an interpreter is needed. Where a language is named, one is.
    pub interpreter: Answer,
    /// The language of the interpreter who is needed.
    #[garde(length(chars, max = 60))]
    #[schema(max_length = 60)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpreter_language: Option<String>,
    /// By its code in the list `immigration_status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub immigration_status: Option<String>,
    pub recourse_to_public_funds: Answer,
    /// The Migrant Victims of Domestic Abuse Concession.
    pub concession: Concession,
    pub funding: Funding,
    #[garde(length(max = 50), dive)]
    #[schema(max_items = 50)]
    pub unsafe_areas: Vec<UnsafeArea>,
    /// GSS codes, best first. Empty: anywhere safe.
    #[garde(length(max = 50), inner(length(chars, min = 9, max = 9)))]
    #[schema(max_items = 50)]
    pub wanted_areas: Vec<String>,
    /// GSS codes of areas that the survivor says are too far.
    #[garde(length(max = 50), inner(length(chars, min = 9, max = 9)))]
    #[schema(max_items = 50)]
    pub too_far: Vec<String>,
    /// GSS codes of the counties and unitary authorities that they can travel to. Empty: anywhere, or not known.
    #[garde(length(max = 50), inner(length(chars, min = 9, max = 9)))]
    #[schema(max_items = 50)]
    pub can_travel_to: Vec<String>,
    /// Best first. Empty: any that is safe.
    #[garde(length(max = 7))]
    #[schema(max_items = 7)]
    pub wanted_types: Vec<AccommodationType>,
    /// The GSS code of the area where a school is to be kept.
    #[garde(inner(length(chars, min = 9, max = 9)))]
    #[schema(min_length = 9, max_length = 9)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school_area: Option<String>,
    /// The GSS code of the area where work is to be kept.
    #[garde(inner(length(chars, min = 9, max = 9)))]
    #[schema(min_length = 9, max_length = 9)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_area: Option<String>,
    /// Whether they would share a kitchen or a bathroom with others. A wish that nobody has told is none.
    pub shared_living: Answer,
    /// Whether they need a quiet home. A wish that nobody has told is none.
    pub quiet_home: Answer,
    pub stay_needed: StayNeeded,
    /// By their codes in the list `abuse_type`.
    #[garde(length(max = 20))]
    #[schema(max_items = 20)]
    pub abuse_types: Vec<String>,
    #[garde(dive)]
    pub risk: Risk,
    pub monitoring: Monitoring,
}

impl Needs {
    pub fn survivors(&self) -> impl Iterator<Item = &Member> {
        self.of_role(MemberRole::Survivor)
    }

    pub fn children(&self) -> impl Iterator<Item = &Member> {
        self.of_role(MemberRole::Child)
    }

    pub fn of_role(&self, role: MemberRole) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |member| member.role == role)
    }
}
