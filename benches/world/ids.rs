//! Ids that can be computed: of the thing of a kind with a number, in Rust, in SQL, in Lua and by pgbench alike.

use uuid::Uuid;

/// How many units there are, each with an open vacancy and a referral that waits for it.
pub const UNITS: u64 = 5_000;
/// How many units each service has.
pub const UNITS_OF_SERVICE: u64 = 20;
/// From one unit to the one that is next in turn: neighbours in time are none in an index, and in the end all had theirs.
pub const STRIDE: u64 = 2_617;

/// Thirteen hexadecimal digits; the nineteen after them are decimal and begin at this number, so that none is padded.
const BASE: u64 = 1_000_000_000_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Service = 1,
    Unit = 2,
    Vacancy = 3,
    Case = 4,
    Referral = 5,
    Occupancy = 6,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Service, Self::Unit, Self::Vacancy, Self::Case, Self::Referral, Self::Occupancy];

    /// What all ids of this kind begin with.
    pub fn prefix(self) -> String {
        format!("018c0000000{}7", self as u8)
    }

    pub fn id(self, number: u64) -> Uuid {
        let digits = format!("{}{}", self.prefix(), BASE + number);
        Uuid::parse_str(&digits).expect("thirty-two digits")
    }

    /// The kind and the number of an id that was computed.
    pub fn of(id: Uuid) -> Option<(Self, u64)> {
        let digits = id.simple().to_string();
        let (prefix, number) = digits.split_at(13);
        let kind = Self::ALL.into_iter().find(|kind| kind.prefix() == prefix)?;
        Some((kind, number.parse::<u64>().ok()?.checked_sub(BASE)?))
    }
}

/// The service that a unit belongs to. Both are counted from one.
pub fn service_of(unit: u64) -> u64 {
    (unit - 1) / UNITS_OF_SERVICE + 1
}
