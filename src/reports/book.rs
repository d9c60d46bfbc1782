//! A report as tables with their words: what becomes a workbook, a printed document, a page or a file of values. Whoever
//! writes one out decides nothing about its figures.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::clock::At;

/// What one place of a table shows. What is not a number says which kind of nothing it is, in every format.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// How many. In what is [`Standing::Published`] a multiple of 5; nought is nought.
    Count(u64),
    Percent(f64),
    Days(f64),
    Minutes(f64),
    /// In pounds.
    Money(f64),
    Per10000(f64),
    /// From 1 to 4, and not said which. (S40)
    Few,
    /// Not shown, because a number from 1 to 4 elsewhere could be worked out from it. (S40)
    Held,
    /// There is nothing to work it out from, or too little: a share of nothing, a median of few.
    NoBase,
    /// Nobody records it, or not yet.
    NotCollected,
    /// The question does not arise.
    NotApplicable,
}

/// Who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Disclosure is controlled: anybody.
    Published,
    /// True figures of an organisation's own records: small numbers can point to a person. It says so on every sheet and page.
    NotForPublication,
}

/// A name for people, and a stable code for files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub code: String,
    pub name: String,
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub of: Named,
    /// One for each column.
    pub cells: Vec<Cell>,
    /// Whether it is the whole of the others.
    pub whole: bool,
}

/// How a table is drawn. A chart never says what its table does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drawn {
    /// One bar for each row, of this column.
    Bars { column: usize },
    /// The rows are times, in order: a group of columns for each, one for each of these columns of the table.
    Columns { columns: Vec<usize> },
    /// The rows are times, in order: one line for each of these columns of the table.
    Lines { columns: Vec<usize> },
}

/// One table, with everything that has to be known to read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    pub of: Named,
    /// What it counts, in plain words.
    pub counts: String,
    /// "referral", "household", "person": what one stands for.
    pub unit: String,
    /// The records that it comes from.
    pub source: String,
    pub caveats: Vec<String>,
    /// What it says, in sentences made from its figures.
    pub says: Vec<String>,
    /// What the rows are: "Main reason".
    pub rows_are: Named,
    pub columns: Vec<Named>,
    pub rows: Vec<Row>,
    pub chart: Option<Drawn>,
}

/// A whole report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Book {
    pub title: String,
    /// Whose figures: "All areas", or an organisation by the name that reports use.
    pub whose: String,
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    /// What was left out, in words: name and value. Empty when nothing was.
    pub filters: Vec<Named>,
    pub computed_at: At,
    pub standing: Standing,
    /// The few sentences that matter most.
    pub says: Vec<String>,
    pub sheets: Vec<Sheet>,
    /// What has to be known of all of it.
    pub caveats: Vec<String>,
}

impl Cell {
    /// The number in it, if it is one.
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Count(number) => Some(f64::from(u32::try_from(number).unwrap_or(u32::MAX))),
            Self::Percent(value)
            | Self::Days(value)
            | Self::Minutes(value)
            | Self::Money(value)
            | Self::Per10000(value) => Some(value),
            Self::Few | Self::Held | Self::NoBase | Self::NotCollected | Self::NotApplicable => None,
        }
    }

    /// Why there is no number: the word for people and the code for files.
    pub fn reason(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Few => Some(("fewer than 5", "fewer_than_5")),
            Self::Held => Some(("held back", "held_back")),
            Self::NoBase => Some(("no base", "no_base")),
            Self::NotCollected => Some(("not collected", "not_collected")),
            Self::NotApplicable => Some(("not applicable", "not_applicable")),
            _ => None,
        }
    }
}
