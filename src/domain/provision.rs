//! What a provider runs: services, and the units in them.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;

words! {
    /// The kinds of safe accommodation of Part 4 of the Domestic Abuse Act 2021 (and the Domestic Abuse Support (Relevant
    /// Accommodation) Regulations 2021). Bed and breakfast is none of them.
    AccommodationType {
        Refuge = "refuge",
        Specialist = "specialist_safe_accommodation",
        /// Self-contained, with support as in a refuge.
        DispersedRefugeLevel = "dispersed_refuge_level",
        /// Self-contained and semi-independent.
        DispersedSemiIndependent = "dispersed_semi_independent",
        Sanctuary = "sanctuary_scheme",
        SecondStage = "second_stage",
        OtherEmergency = "other_emergency",
    }
}

words! {
    /// Whether a room belongs to one household or to several.
    Room { Own = "own", Shared = "shared" }
}

words! {
    /// How far somebody who uses a wheelchair can use a unit.
    Wheelchair { None = "none", EssentialRooms = "essential_rooms", Full = "full" }
}

/// What a unit is like; where it is, is in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct UnitFacts {
    #[garde(range(min = 1, max = 20))]
    #[schema(minimum = 1, maximum = 20)]
    pub bed_spaces: i32,
    #[garde(range(min = 0, max = 5))]
    #[schema(minimum = 0, maximum = 5)]
    pub cots: i32,
    pub step_free: bool,
    pub wheelchair: Wheelchair,
    pub bathroom: Room,
    pub kitchen: Room,
    /// 0 is the ground floor.
    #[garde(range(min = -2, max = 50))]
    #[schema(minimum = -2, maximum = 50)]
    pub floor: i32,
    pub pets: bool,
}

impl UnitFacts {
    pub fn self_contained(&self) -> bool {
        self.bathroom == Room::Own && self.kitchen == Room::Own
    }
}

/// What a service is like beside its rules. Codes are of the reference lists of these names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
pub struct ServiceAttributes {
    /// Of the list `specialism`; absent is general.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specialism: Option<String>,
    /// Run by and for the people it serves.
    pub by_and_for: bool,
    /// Of the list `unit_type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_type: Option<String>,
    #[garde(length(chars, max = 120))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_provider: Option<String>,
    pub overnight_security: bool,
    /// Of the list `quality_mark`.
    #[garde(length(max = 10))]
    pub quality_marks: Vec<String>,
    #[garde(length(chars, max = 120))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commissioner: Option<String>,
    #[garde(length(chars, max = 120))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funding: Option<String>,
    /// Of the list `referral_source`.
    #[garde(length(max = 20))]
    pub referral_routes: Vec<String>,
    /// Of the list `support_type`.
    #[garde(length(max = 20))]
    pub support_types: Vec<String>,
    #[garde(length(max = 40))]
    pub languages: Vec<String>,
    /// So many hours a unit is out of use for cleaning when somebody has left it; 0 is not at all.
    #[garde(range(max = 336))]
    #[schema(maximum = 336)]
    pub turnaround_hours: u16,
    /// For so many days a stay is meant to last at most.
    #[garde(inner(range(min = 1, max = 3650)))]
    #[schema(minimum = 1, maximum = 3650)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intended_stay_days: Option<u16>,
}
