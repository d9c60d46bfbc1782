//! One type per kind of identity, so that a unit cannot be looked up by the id of an account; and the references that
//! people read to each other.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh one. Ids sort by the time they were made, which keeps indexes compact.
            #[expect(clippy::new_without_default, reason = "a default that is never twice the same is no default")]
            pub fn new() -> Self {
                #[expect(clippy::disallowed_methods, reason = "this is the place")]
                Self(Uuid::now_v7())
            }
        }
    )*};
}

ids! {
    AccountId,
    AlertId,
    AssessmentId,
    AttemptId,
    CaseId,
    CaseNoteId,
    DueId,
    EmergencyId,
    EventId,
    ExclusionId,
    FactorId,
    HouseholdId,
    /// One running process of the program.
    InstanceId,
    IncidentId,
    JourneyId,
    JourneyUseId,
    KeyId,
    LinkId,
    MailId,
    MaracId, MergeId,
    NoteId,
    NoticeId,
    OccupancyId,
    OrganisationId,
    OverrideId,
    ReferralId,
    ReleaseId,
    ReportFileId,
    RequestId,
    SafetyActionId, SafetyReviewId, SanctuaryFollowUpId, SanctuaryId, SanctuaryMeasureId,
    SearchId,
    ServiceId,
    SessionId,
    /// Whatever a task is about.
    SubjectId,
    SupportId,
    TaskId,
    UnitId,
    VacancyId,
}

impl AccountId {
    /// Nobody: a request that was not signed in, or the system itself.
    pub const NOBODY: Self = Self(Uuid::nil());
}

impl OrganisationId {
    /// No organisation: see [`AccountId::NOBODY`].
    pub const NONE: Self = Self(Uuid::nil());
}

/// An array of random bytes from the operating system.
#[expect(clippy::missing_panics_doc, reason = "without randomness there is no going on")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness there is no going on")]
    getrandom::fill(&mut bytes).expect("the operating system's randomness");
    bytes
}

/// Digits and letters that nobody mistakes for one another, 31 of them: a prime, which is what makes the check character
/// catch every single mistyped character and every swap of two.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// A fresh reference, random and not derived from anybody: `C-7K4M-P2XD`. Seven characters of chance, one that checks them.
pub fn reference(prefix: char) -> String {
    let text = checked(7);
    format!("{prefix}-{}-{}", &text[..4], &text[4..])
}

/// A fresh code that somebody carries in her head or on paper: `K7QM-3FHW-9TXP`. Eleven characters of chance, one that
/// checks them.
pub fn spoken_code() -> String {
    let text = checked(11);
    format!("{}-{}-{}", &text[..4], &text[4..8], &text[8..])
}

/// A code as it is kept, from however it was typed; `None` for a slip of the tongue or the finger.
pub fn read_code(typed: &str) -> Option<String> {
    let text: String =
        typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    let digits: Option<Vec<usize>> =
        text.bytes().map(|byte| ALPHABET.iter().position(|known| *known == byte)).collect();
    let digits = digits.filter(|digits| digits.len() == 12 && check_digit(&digits[..11]) == digits[11]);
    digits.map(|_| format!("{}-{}-{}", &text[..4], &text[4..8], &text[8..]))
}

/// So many characters of chance, and one that checks them.
fn checked(random_digits: usize) -> String {
    let mut digits = Vec::with_capacity(random_digits + 1);
    while digits.len() < random_digits {
        // 248 = 8 × 31: what is above would favour some characters.
        digits.extend(random::<16>().into_iter().filter(|byte| *byte < 248).map(|byte| usize::from(byte % 31)));
    }
    digits.truncate(random_digits);
    digits.push(check_digit(&digits));
    digits.iter().map(|digit| char::from(ALPHABET[*digit])).collect()
}

/// Whether this could be one of our references; `false` for a slip of the tongue or the finger.
pub fn is_reference(text: &str) -> bool {
    let [prefix, b'-', first @ .., b'-', _, _, _, _] = text.as_bytes() else { return false };
    let digits = first.iter().chain(&text.as_bytes()[7..]);
    let digits: Option<Vec<usize>> = digits.map(|byte| ALPHABET.iter().position(|known| known == byte)).collect();
    let Some(digits) = digits else { return false };
    prefix.is_ascii_uppercase() && first.len() == 4 && check_digit(&digits[..7]) == digits[7]
}

/// So many random characters that nobody mistakes for one another: for a code that is read and typed.
pub fn letters(count: usize) -> String {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let fair = random::<16>().into_iter().filter(|byte| *byte < 248); // as in `reference`
        text.extend(fair.map(|byte| char::from(ALPHABET[usize::from(byte % 31)])));
    }
    text.truncate(count);
    text
}

fn check_digit(digits: &[usize]) -> usize {
    digits.iter().zip(2..).map(|(digit, weight)| digit * weight).sum::<usize>() % ALPHABET.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S9
    #[test]
    fn s09_a_reference_is_readable_and_a_single_slip_shows() {
        for _ in 0..200 {
            let reference = reference('C');
            assert!(is_reference(&reference), "{reference}");
            assert!(!reference[2..].contains(['0', 'O', '1', 'I', 'L']), "{reference}");
            let bytes = reference.as_bytes();
            for position in [2, 3, 4, 5, 7, 8, 9, 10] {
                for wrong in ALPHABET.iter().filter(|wrong| **wrong != bytes[position]) {
                    let mut slip = bytes.to_vec();
                    slip[position] = *wrong;
                    assert!(!is_reference(std::str::from_utf8(&slip).unwrap()));
                }
            }
            let mut swapped = bytes.to_vec();
            swapped.swap(2, 3);
            assert!(swapped == bytes || !is_reference(std::str::from_utf8(&swapped).unwrap()));
        }
        for none in
            ["", "C-AAAA", "CASE-2222-2222", "c-2222-2222", "C-2222-222", "C-22222222", "C-2-22-2222", "-----------"]
        {
            assert!(!is_reference(none), "{none}");
        }
    }

    /// S9
    #[test]
    fn s09_a_code_is_readable_and_a_single_slip_shows() {
        for _ in 0..200 {
            let code = spoken_code();
            assert_eq!(code.len(), 14);
            assert!(!code.contains(['0', 'O', '1', 'I', 'L']), "{code}");
            assert_eq!(read_code(&format!(" {} ", code.to_lowercase().replace('-', " "))), Some(code.clone()));
            for position in (0..14).filter(|n| *n != 4 && *n != 9) {
                let bytes = code.as_bytes();
                for wrong in ALPHABET.iter().filter(|wrong| **wrong != bytes[position]) {
                    let mut slip = bytes.to_vec();
                    slip[position] = *wrong;
                    assert_eq!(read_code(std::str::from_utf8(&slip).unwrap()), None);
                }
            }
        }
        assert_eq!((read_code(""), read_code("K7QM-3FHW"), read_code("é")), (None, None, None));
    }
}
