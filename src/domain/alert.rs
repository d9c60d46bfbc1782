//! What is worth a second look: rules about who reads what. (S15, S17, S31)

use chrono::TimeDelta;

use super::words;
use crate::clock::At;

words! {
    /// Why somebody should look.
    #[schema(as = AlertKind)]
    Kind {
        /// Somebody read the identity of a household with a surname like her own.
        OwnSurname = "own_surname",
        ManyAddresses = "many_addresses",
        ManyIdentities = "many_identities",
        /// Somebody read the identity of a case that was closed long ago.
        ClosedCaseRead = "closed_case_read",
        BulkReading = "bulk_reading",
        EmergencyAccess = "emergency_access",
    }
}

words! {
    /// How far an emergency had come when somebody was told of it.
    #[schema(as = EmergencyStage)]
    Stage { Asked = "asked", Granted = "granted", Refused = "refused", Used = "used" }
}

/// Within so much time things are counted.
pub const WINDOW: TimeDelta = TimeDelta::hours(1);
/// More different addresses than these are many.
pub const ADDRESSES: usize = 5;
/// More different identities than these are many.
pub const IDENTITIES: usize = 20;
/// After so much time nobody needs to know who was in a closed case.
pub const LONG_CLOSED: TimeDelta = TimeDelta::days(30);

/// Whether somebody of this name shares a surname with one of these people. The last word of a name is its surname, and
/// each part of a double one counts.
pub fn own_surname<'a>(reader: &str, people: impl IntoIterator<Item = &'a str>) -> bool {
    let own = surnames(reader);
    people.into_iter().any(|name| surnames(name).iter().any(|surname| own.contains(surname)))
}

fn surnames(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let Some(last) = words.last().filter(|_| words.len() > 1) else { return Vec::new() };
    let plain =
        |part: &str| part.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect();
    last.split(['-', '–']).map(plain).filter(|part: &String| part.chars().count() > 1).collect()
}

/// Whether a case is closed so long that a look at its identity is worth asking about.
pub fn long_closed(closed_at: Option<At>, now: At) -> bool {
    closed_at.is_some_and(|closed| now - closed > LONG_CLOSED)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Amira Khan", &["Zara KHAN"], true)]
    #[case("Amira Khan", &["Zara Khan-Bell", "A Bell"], true)]
    #[case("Amira O'Neil", &["Una ONeil"], true)]
    #[case("Amira Khan", &["Khan Zara"], false)]
    #[case("Amira Khan", &["Khan"], false)]
    #[case("caseworker", &["caseworker"], false)]
    #[case("", &["", " "], false)]
    fn a_shared_surname_is_noticed(#[case] reader: &str, #[case] people: &[&str], #[case] shared: bool) {
        assert_eq!(own_surname(reader, people.iter().copied()), shared);
    }
}
