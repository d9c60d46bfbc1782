//! Passwords: Argon2id, and what may not be one.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use zxcvbn::{Score, zxcvbn};

use crate::error::AppError;

/// 19 MiB, two passes, one lane: the minimum that OWASP recommends for Argon2id.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// # Errors
/// Never in practice.
pub fn hash(password: &str) -> Result<String, AppError> {
    let hash: argon2::password_hash::phc::PasswordHash =
        argon2().hash_password(password.as_bytes()).map_err(|error| AppError::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether this is the password of that hash. Takes as long when there is no hash: whoever waits learns nothing about
/// whether an account exists.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    /// Of a password that nobody knows.
    const DUMMY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$QZx1lyMDZA2XyUImkhXQzQ$3VqGYPZzZAtNUcnkUAvC9tH1YrXlUoQ4dbcgTkJ0tQU";
    let known = hash.and_then(|hash| PasswordHash::new(hash).ok());
    let dummy = PasswordHash::new(DUMMY).ok();
    let matches = known
        .as_ref()
        .or(dummy.as_ref())
        .is_some_and(|hash| argon2().verify_password(password.as_bytes(), hash).is_ok());
    matches && known.is_some()
}

/// [`hash`], off the threads that answer requests.
///
/// # Errors
/// As [`hash`].
pub async fn hash_aside(password: String) -> Result<String, AppError> {
    aside(move || hash(&password)).await?
}

/// [`verify`], off the threads that answer requests.
///
/// # Errors
/// When the process is going down.
pub async fn verify_aside(password: String, hash: Option<String>) -> Result<bool, AppError> {
    aside(move || verify(&password, hash.as_deref())).await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    #[expect(clippy::disallowed_methods, reason = "Argon2id takes tens of milliseconds, and no database")]
    actix_web::web::block(work).await.map_err(AppError::internal)
}

/// What is wrong with a new password, in plain words. There are no rules of composition: length, and not guessable from
/// lists of common passwords, from the person's own name or from ours.
pub fn objection(password: &str, personal: &[&str]) -> Option<String> {
    let length = password.chars().count();
    if length < 12 {
        return Some("use at least 12 characters".into());
    }
    if length > 200 {
        return Some("use at most 200 characters".into());
    }
    let lower = password.to_lowercase();
    let words = personal.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).chain(["safehold"]);
    if words.map(str::to_lowercase).filter(|word| word.chars().count() >= 4).any(|word| lower.contains(&word)) {
        return Some("leave out your own name and e-mail address, and the name of this service".into());
    }
    (zxcvbn(password, personal).score() < Score::Three).then(|| "choose one that is harder to guess".into())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// S22
    #[rstest]
    #[case::short("rT5!kQ9#pZ2", Some("use at least 12"))]
    #[case::common("password1234", Some("harder to guess"))]
    #[case::keyboard("qwertyuiop12", Some("harder to guess"))]
    #[case::repeated("aaaaaaaaaaaaaaaa", Some("harder to guess"))]
    #[case::own_name("amina sings every morning", Some("own name"))]
    #[case::own_mail("kettle helpline77 lamp", Some("own name"))]
    #[case::ours("SAFEHOLD umbrella kettle", Some("own name"))]
    #[case::no_rules_of_composition("correct umbrella kettle monday", None)]
    fn s22_a_new_password(#[case] password: &str, #[case] objected: Option<&str>) {
        let found = objection(password, &["Amina Shah", "helpline77@example.org"]);
        match objected {
            Some(part) => assert!(found.as_deref().is_some_and(|found| found.contains(part)), "{found:?}"),
            None => assert_eq!(found, None),
        }
    }

    /// S22, S24
    #[test]
    fn s22_s24_a_hash_is_argon2id_and_an_unknown_account_costs_the_same() {
        let stored = hash("correct umbrella kettle monday").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("correct umbrella kettle monday", Some(&stored)));
        assert!(!verify("correct umbrella kettle tuesday", Some(&stored)));
        assert!(!verify("anything at all", None));
    }
}
