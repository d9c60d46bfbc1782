//! Codes from a phone that change every 30 seconds (RFC 6238: HMAC with SHA-1, six digits), and codes for whoever has lost
//! the phone.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::clock::At;
use crate::error::AppError;
use crate::ids::{letters, random};

/// Seconds for which a code is shown.
const STEP: i64 = 30;
/// How many steps a phone's clock may be off, either way.
const GRACE: i64 = 1;
/// How many recovery codes there are in a set.
pub const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code: 49 bits.
const RECOVERY_LENGTH: usize = 10;

/// What a phone and we know, and nobody else.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A fresh one, as long as RFC 4226 asks.
    pub fn fresh() -> Self {
        Self(random::<20>().to_vec())
    }

    pub fn of(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is typed into a phone that cannot take a picture.
    pub fn text(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The secret of a text as [`Secret::text`] writes it.
    pub fn read(text: &str) -> Option<Self> {
        BASE32_NOPAD.decode(text.as_bytes()).ok().filter(|bytes| bytes.len() == 20).map(Self)
    }

    /// What the picture says to a phone.
    pub fn url(&self, email: &str) -> String {
        let whose: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
        format!("otpauth://totp/Safehold:{}?secret={}&issuer=Safehold", whose.replace('+', "%20"), self.text())
    }

    /// The code that is shown at an instant.
    ///
    /// # Errors
    /// Never: HMAC takes a key of any length.
    pub fn code_at(&self, at: At) -> Result<String, AppError> {
        self.code(at.unix_seconds() / STEP)
    }

    /// The time step of a code that is good now and later than `last`: none is good twice. (S23)
    ///
    /// # Errors
    /// As [`Secret::code_at`].
    pub fn step_of(&self, code: &str, now: At, last: Option<i64>) -> Result<Option<i64>, AppError> {
        let this = now.unix_seconds() / STEP;
        let mut found = None;
        for step in this - GRACE..=this + GRACE {
            let same = same(self.code(step)?.as_bytes(), code.as_bytes());
            if same && last.is_none_or(|last| step > last) {
                found = Some(step);
            }
        }
        Ok(found)
    }

    fn code(&self, step: i64) -> Result<String, AppError> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).map_err(AppError::internal)?;
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[19] & 0x0f);
        let number = digest[offset..offset + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        Ok(format!("{:06}", (number & 0x7fff_ffff) % 1_000_000))
    }
}

/// Whether these are the same, in a time that does not say where they differ.
fn same(one: &[u8], two: &[u8]) -> bool {
    one.len() == two.len() && one.iter().zip(two).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// What somebody typed where a code is asked for.
#[derive(Clone, PartialEq, Eq)]
pub enum Typed {
    /// Six digits from the phone.
    Code(String),
    /// Anything else, without dashes and spaces and in capitals.
    Recovery(String),
}

impl Typed {
    pub fn of(text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Code(text)
        } else {
            Self::Recovery(text.to_uppercase())
        }
    }
}

/// A fresh set of recovery codes, as they are shown: `K7QM3-FHW9T`.
pub fn recovery_codes() -> Vec<String> {
    let code = |_| {
        let letters = letters(RECOVERY_LENGTH);
        format!("{}-{}", &letters[..RECOVERY_LENGTH / 2], &letters[RECOVERY_LENGTH / 2..])
    };
    (0..RECOVERY_CODES).map(code).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rstest::rstest;

    use super::*;

    fn at(seconds: i64) -> At {
        DateTime::from_timestamp(seconds, 0).unwrap().into()
    }

    /// The last six digits of the eight in appendix B of RFC 6238.
    #[rstest]
    #[case(59, "287082")]
    #[case(1_111_111_109, "081804")]
    #[case(1_111_111_111, "050471")]
    #[case(1_234_567_890, "005924")]
    #[case(2_000_000_000, "279037")]
    #[case(20_000_000_000, "353130")]
    fn s23_a_code_is_that_of_rfc_6238(#[case] seconds: i64, #[case] code: &str) {
        assert_eq!(Secret::of(b"12345678901234567890".to_vec()).code_at(at(seconds)).unwrap(), code);
    }

    /// S23
    #[rstest]
    #[case::at_once(0, None, true)]
    #[case::a_step_late(30, None, true)]
    #[case::a_step_early(-30, None, true)]
    #[case::two_steps_late(60, None, false)]
    #[case::two_steps_early(-60, None, false)]
    #[case::used_already(0, Some(100), false)]
    #[case::used_already_and_still_in_grace(30, Some(100), false)]
    #[case::after_an_older_one(0, Some(99), true)]
    fn s23_a_code_is_good_for_a_short_time_and_once(#[case] later: i64, #[case] last: Option<i64>, #[case] good: bool) {
        let secret = Secret::of(vec![7; 20]);
        let code = secret.code_at(at(100 * STEP)).unwrap();
        let step = secret.step_of(&code, at(100 * STEP + later), last).unwrap();
        assert_eq!(step, good.then_some(100));
    }

    #[test]
    fn a_secret_reads_back_and_names_its_owner_to_the_phone() {
        let secret = Secret::of(vec![7; 20]);
        assert_eq!(Secret::read(&secret.text()).map(|read| read.0), Some(secret.0.clone()));
        assert!(Secret::read("A").is_none() && Secret::read("").is_none());
        let url = secret.url("a+b@example.org");
        assert_eq!(
            url,
            format!("otpauth://totp/Safehold:a%2Bb%40example.org?secret={}&issuer=Safehold", secret.text())
        );
    }

    #[test]
    fn recovery_codes_differ_and_are_read_however_they_are_typed() {
        let codes = recovery_codes();
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), RECOVERY_CODES);
        let typed = |text: &str| Typed::of(text);
        assert!(typed(&codes[0]) == typed(&format!(" {} ", codes[0].to_lowercase().replace('-', " "))));
        assert!(typed("123 456") == Typed::Code("123456".into()));
    }
}
