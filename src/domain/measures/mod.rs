//! What the reports count, each defined once.
//!
//! Every measure is a pure function of plain records and a [`Period`]. Its title, unit and caveats stand in the
//! [`catalogue`]; how figures are rounded stands in [`figure`].

mod access;
pub mod catalogue;
pub mod figure;
pub mod homes;
pub mod people;
mod period;
pub mod referrals;
pub mod sanctuary;
pub mod stays;
pub mod waiting;

pub use self::access::{Access, Cell, Counted, Counts, Dimension, Tally, percent, tally};
pub use self::catalogue::{Code, Definition, Side, Theme};
pub use self::figure::{Breakdown, Figure, Kind, Measure, Row, change};
pub use self::period::{Period, before, financial_year, quarter};
