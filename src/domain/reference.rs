//! Code lists and areas: data that a commissioner may add to.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One entry of a code list. A retired code stays readable and can no longer be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Code {
    pub list: String,
    pub code: String,
    /// What people read.
    pub label: String,
    /// Groupings and limits that depend on the list.
    #[schema(value_type = Object)]
    pub attributes: serde_json::Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_to: Option<NaiveDate>,
}

impl Code {
    /// Whether it can be chosen on that day. The last day is included.
    pub fn active(&self, day: NaiveDate) -> bool {
        self.active_from.is_none_or(|from| from <= day) && self.active_to.is_none_or(|to| day <= to)
    }
}

/// A local authority area by its GSS code, as the Office for National Statistics names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Area {
    pub code: String,
    pub name: String,
    /// `district`, `unitary`, `metropolitan_district` or `county`.
    pub kind: String,
    /// The county that a district is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub county: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
}

impl Area {
    /// Whether it is a county or an authority of its own, as a metropolitan district is: not only a part of a county.
    pub fn is_authority(&self) -> bool {
        self.kind != "district"
    }
}
