//! Where a unit is, and how that lies to what a household said about areas. By district and county only.

use serde::{Deserialize, Serialize};

use crate::domain::household::Needs;

/// Where a unit is, for unsafe and wanted areas only. GSS codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The district, the unitary authority or, where no more is known, the county.
    pub area: &'a str,
    /// The county of a district.
    pub county: Option<&'a str>,
}

impl Place<'_> {
    /// Whether it lies in the district or the county with this code.
    pub fn lies_in(&self, code: &str) -> bool {
        self.area == code || self.county == Some(code)
    }

    /// What the household said that concerns this place. Where the household comes from plays no part.
    pub fn seen_by(&self, needs: &Needs) -> Nearness {
        let here = |code: &String| self.lies_in(code);
        let named = needs.unsafe_areas.iter().filter(|named| self.lies_in(&named.area));
        Nearness {
            unsafe_area: named.map(|named| named.confirmed).max(),
            too_far: needs.too_far.iter().any(here),
            out_of_reach: !needs.can_travel_to.is_empty() && !needs.can_travel_to.iter().any(here),
            wanted: needs.wanted_areas.iter().position(here).and_then(|place| u8::try_from(place).ok()),
            keeps_school: needs.school_area.as_ref().is_some_and(here),
            keeps_work: needs.work_area.as_ref().is_some_and(here),
        }
    }
}

/// How a place lies to a household, without naming the place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Nearness {
    /// In an area named as not safe: whether that is confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsafe_area: Option<bool>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub too_far: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub out_of_reach: bool,
    /// Its place in the list of wanted areas, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<u8>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keeps_school: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keeps_work: bool,
}
