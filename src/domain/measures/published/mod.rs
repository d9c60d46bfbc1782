//! What is published of everybody's records: a fixed catalogue of tables, for quarters and financial years, for districts,
//! authorities and all areas together. (S40)
//!
//! [`facts`] are the true numbers, which nobody reads; [`grid`] is what hangs together in them, on which disclosure control
//! decides; a [`Released`] is what everybody reads, and never changes again.

pub mod catalogue;
pub mod facts;
pub mod figures;
pub mod grid;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::catalogue::{Definition, Family, Table};
pub use self::facts::{Facts, Place};
use crate::domain::disclosure::Shown;
use crate::domain::words;

words! {
    /// For how long the figures of a release are.
    #[schema(as = ReleaseKind)]
    Kind { Quarter = "quarter", Year = "year" }
}

words! {
    /// What one place of a published table shows. What is not a number says which kind of nothing it is.
    Shows {
        /// A multiple of 5, rounded from the true number; nought is nought.
        Count = "count",
        /// How many there are of what is not a person, as it is: homes.
        Number = "number",
        /// In whole percent.
        Percent = "percent",
        /// In whole days.
        Days = "days",
        /// To 5 minutes.
        Minutes = "minutes",
        Per10000 = "per_10_000",
        /// From 1 to 4, and not said which.
        Few = "fewer_than_5",
        /// Not shown, because a number from 1 to 4 elsewhere could be worked out from it.
        Held = "held_back",
        /// There is nothing to work it out from, or too little.
        NoBase = "no_base",
        /// Nobody records it, or not yet.
        NotCollected = "not_collected",
        NotApplicable = "not_applicable",
    }
}

/// One place of a published table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = PublishedValue)]
pub struct Value {
    pub shows: Shows,
    /// Absent where no number is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<f64>,
}

/// The code of all areas together, and of the row that is the whole of the others.
pub const ALL: &str = "all";
/// The code of what is not recorded.
pub const UNKNOWN: &str = "unknown";
/// The code of the authorities together in which there is no service.
pub const ELSEWHERE: &str = "elsewhere";

/// A column of a table: an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PublishedArea)]
pub struct Area {
    /// The GSS code; `all`, `elsewhere` or `unknown`.
    pub code: String,
    pub name: String,
    /// The county that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub county: Option<String>,
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = PublishedRow)]
pub struct Row {
    pub code: String,
    pub name: String,
    /// Whether it is the whole of the others.
    pub whole: bool,
    /// One for each area of the table.
    pub values: Vec<Value>,
}

/// A table as it was published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Released {
    pub tables: Vec<ReleasedTable>,
}

/// One table of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReleasedTable {
    pub table: Table,
    pub areas: Vec<Area>,
    pub rows: Vec<Row>,
}

impl Value {
    pub fn of(shows: Shows, number: f64) -> Self {
        Self { shows, number: Some(number) }
    }

    pub fn none(shows: Shows) -> Self {
        Self { shows, number: None }
    }

    /// What disclosure control lets be seen.
    pub fn shown(shown: Shown) -> Self {
        match shown {
            Shown::Count(number) => Self::of(Shows::Count, figures::float(number)),
            Shown::Few => Self::none(Shows::Few),
            Shown::Held => Self::none(Shows::Held),
        }
    }

    /// What it said of a count; `None` of anything else.
    pub fn of_count(self) -> Option<Shown> {
        match (self.shows, self.number) {
            (Shows::Count, Some(number)) => Some(Shown::Count(figures::whole(number))),
            (Shows::Few, _) => Some(Shown::Few),
            (Shows::Held, _) => Some(Shown::Held),
            _ => None,
        }
    }

    /// The count, where it is shown.
    pub fn count(self) -> Option<u64> {
        match self.of_count() {
            Some(Shown::Count(number)) => Some(number),
            _ => None,
        }
    }
}

impl Released {
    pub fn table(&self, table: Table) -> Option<&ReleasedTable> {
        self.tables.iter().find(|one| one.table == table)
    }

    pub fn value(&self, table: Table, row: &str, area: &str) -> Option<Value> {
        self.table(table)?.value(row, area)
    }
}

impl ReleasedTable {
    pub fn value(&self, row: &str, area: &str) -> Option<Value> {
        let column = self.areas.iter().position(|one| one.code == area)?;
        self.rows.iter().find(|one| one.code == row)?.values.get(column).copied()
    }
}
