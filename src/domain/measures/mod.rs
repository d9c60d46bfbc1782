//! What the reports count, each defined once.
//!
//! Every measure is a pure function of plain records and a [`Period`]. Its title, unit and caveats stand in the
//! [`catalogue`]; how figures are rounded stands in [`figure`].

mod access;
pub mod annual_return;
pub mod catalogue;
pub mod figure;
pub mod homes;
pub mod people;
mod period;
pub mod published;
pub mod records;
pub mod referrals;
pub mod sanctuary;
pub mod sentences;
pub mod stays;
pub mod target;
pub mod waiting;

pub use self::access::{Access, Before, Cell, Counted, Counts, Dimension, Tally, percent, tally};
pub use self::catalogue::{Code, Definition, Side, Theme};
pub use self::figure::{Before as FigureBefore, Breakdown, ChangeUnit, Figure, Kind, Measure, Row, change};
pub use self::period::{Period, before, financial_year, quarter};
