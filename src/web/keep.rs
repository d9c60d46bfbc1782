//! What was typed is not lost when a session ends meanwhile: it comes back with the sign-in page, sealed for the same
//! person, and is given back unsent. Nothing is stored: the browser that typed it carries it, and can read none of it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;

use super::form::{CSRF, Posted, REVIEW};
use crate::clock::At;
use crate::error::AppError;
use crate::ids::AccountId;
use crate::vault::Vault;

/// How long it can be fetched back.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// What is not given back: what belongs to the page itself, and passwords and codes, which are typed again.
const FORGOTTEN: [&str; 7] = [CSRF, REVIEW, "password", "current_password", "again", "code", "secret"];

/// What is given to the browser.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Sealed.
    pub typed: String,
    /// Where it was sent to.
    pub back: String,
}

fn bound(whose: AccountId, path: &str, until: i64) -> String {
    format!("{}/{path}/{until}", whose.0)
}

/// # Errors
/// When it cannot be sealed.
pub fn keep(vault: &Vault, whose: AccountId, path: &str, posted: &Posted, now: At) -> Result<Kept, AppError> {
    let until = (now + KEPT).unix_seconds();
    let sealed = vault.keep(&posted.body, &bound(whose, path, until))?;
    Ok(Kept { typed: format!("{until}.{}", BASE64.encode(sealed)), back: path.to_owned() })
}

/// The fields that this person sent to this path, if they are not too old; without what is [`FORGOTTEN`].
pub fn fetch(vault: &Vault, whose: AccountId, kept: &Kept, now: At) -> Option<Vec<(String, String)>> {
    let (until, sealed) = kept.typed.split_once('.')?;
    let until: i64 = until.parse().ok()?;
    if now.unix_seconds() > until {
        return None;
    }
    let body = vault.kept(&BASE64.decode(sealed).ok()?, &bound(whose, &kept.back, until))?;
    let posted = Posted::new(&kept.back, body);
    Some(posted.pairs().iter().filter(|(name, _)| !FORGOTTEN.contains(&name.as_str())).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_opens_only_for_the_same_person_page_and_time() {
        let vault = Vault::new(&[7; 32], "a");
        let (ann, bea) = (AccountId::new(), AccountId::new());
        let now = At::start_of(chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
        let posted =
            Posted::new("/cases", "csrf=x&children=2&password=secret&current_password=old&again=secret".into());
        let kept = keep(&vault, ann, "/cases", &posted, now).unwrap();
        let fetched = |kept: &Kept, whose, after| fetch(&vault, whose, kept, now + after);
        assert_eq!(fetched(&kept, ann, KEPT), Some(vec![("children".to_owned(), "2".to_owned())]));
        assert_eq!(fetched(&kept, bea, KEPT), None);
        assert_eq!(fetched(&kept, ann, KEPT + TimeDelta::seconds(1)), None);
        assert_eq!(fetched(&Kept { back: "/other".into(), ..kept.clone() }, ann, KEPT), None);
        let (until, rest) = kept.typed.split_once('.').unwrap();
        let longer = format!("{}.{rest}", until.parse::<i64>().unwrap() + 60);
        assert_eq!(fetched(&Kept { typed: longer, ..kept }, ann, KEPT), None);
    }
}
