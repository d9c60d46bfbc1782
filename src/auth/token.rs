//! Access tokens: who somebody is, signed, for a few minutes. Refresh tokens: random, stored only as a digest.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::At;
use crate::domain::permission::Role;
use crate::domain::second_factor::SecondFactor;
use crate::error::AppError;
use crate::ids::{AccountId, LinkId, OrganisationId, SessionId, random};

/// How long an access token is good for.
pub const ACCESS: TimeDelta = TimeDelta::minutes(15);
/// How long a session may go unused before its refresh token is void.
pub const IDLE: TimeDelta = TimeDelta::hours(8);
/// How long somebody may leave the pages alone before they have to sign in again.
pub const PAGE_IDLE: TimeDelta = TimeDelta::minutes(30);
/// How long a sign-in may wait for its second factor.
pub const INCOMPLETE: TimeDelta = TimeDelta::minutes(30);
/// How long a session lasts at most.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(12);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    pub sub: AccountId,
    pub org: OrganisationId,
    pub roles: Vec<Role>,
    pub session: SessionId,
    /// The stamp of the account: moves on when its roles or its password change.
    pub stamp: i32,
    /// When the password was given, in seconds since 1970.
    pub auth_time: i64,
    pub second_factor: SecondFactor,
    /// Seconds since 1970.
    pub exp: i64,
}

/// What a browser keeps of a session. It has another shape than [`Claims`], so that neither can be used as the other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// `exp`: when it goes stale unless it is used.
    pub page: Claims,
    /// When the session is over however much it is used, in seconds since 1970.
    pub ends: i64,
}

impl Ticket {
    /// Whether it lets anybody in at `now`.
    pub fn lasts(&self, now: At) -> bool {
        self.page.exp > now.unix_seconds()
    }

    /// The same, used just now.
    #[must_use]
    pub fn used(mut self, now: At) -> Self {
        self.page.exp = (now + PAGE_IDLE).unix_seconds().min(self.ends);
        self
    }
}

/// The secret that access tokens are signed with.
#[derive(Clone)]
pub struct TokenKey {
    sign: EncodingKey,
    check: DecodingKey,
    digest: Hmac<Sha256>,
}

impl TokenKey {
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn new(secret: &[u8]) -> Self {
        let _ = PROVIDER.install_default(); // the second time it is there already
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let digest = Hmac::new_from_slice(secret).expect("a key of any length");
        Self { sign: EncodingKey::from_secret(secret), check: DecodingKey::from_secret(secret), digest }
    }

    /// # Errors
    /// When the claims cannot be written as JSON.
    pub fn issue(&self, claims: &Claims) -> Result<String, AppError> {
        self.sign(claims)
    }

    /// # Errors
    /// [`AppError::Unauthenticated`] for anything but a token that we signed and that has not expired.
    pub fn check(&self, token: &str, now: At) -> Result<Claims, AppError> {
        let claims: Claims = self.read(token)?;
        if claims.exp > now.unix_seconds() { Ok(claims) } else { Err(AppError::Unauthenticated) }
    }

    /// What a browser keeps of a session.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn issue_ticket(&self, ticket: &Ticket) -> Result<String, AppError> {
        self.sign(ticket)
    }

    /// The ticket, whether it still lasts or not: what was typed in a session that has ended is given back to the same
    /// person.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`] for anything that we did not sign.
    pub fn read_ticket(&self, ticket: &str) -> Result<Ticket, AppError> {
        self.read(ticket)
    }

    /// The secret of a link that is sent by mail. It follows from the id and this key, so it can be sent again without
    /// ever being stored.
    pub fn link(&self, id: LinkId) -> String {
        BASE64.encode(self.digest("link", &id.0.to_string()))
    }

    fn sign(&self, content: &impl Serialize) -> Result<String, AppError> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), content, &self.sign).map_err(AppError::internal)
    }

    fn read<T: DeserializeOwned>(&self, token: &str) -> Result<T, AppError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false; // by our own clock
        validation.required_spec_claims.clear();
        Ok(jsonwebtoken::decode::<T>(token, &self.check, &validation).map_err(|_| AppError::Unauthenticated)?.claims)
    }

    /// A digest under which something can be counted and not read.
    pub fn digest(&self, kind: &str, value: &str) -> Vec<u8> {
        let mut mac = self.digest.clone();
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

/// A fresh refresh token.
pub fn refresh_token() -> String {
    BASE64.encode(random::<32>())
}

/// What is stored of a refresh token or of the secret of a link. (They are random: a plain digest cannot be guessed back.)
pub fn refresh_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// HMAC with SHA-256 and nothing else: the crate's own providers bring in RSA, which we do not use.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hs256::of(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| Ok(Box::new(Hs256::of(*algorithm, key.try_get_as_bytes()?)?)),
    key_utils: KeyUtils::new_unimplemented(),
};

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn of(algorithm: Algorithm, key: &[u8]) -> jsonwebtoken::errors::Result<Self> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        Hmac::new_from_slice(key).map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        self.0.clone().chain_update(message).verify_slice(signature).map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn only_what_we_signed_and_only_until_it_expires() {
        let claims = Claims {
            sub: AccountId::new(),
            org: OrganisationId::new(),
            roles: vec![Role::Caseworker],
            session: SessionId::new(),
            stamp: 1,
            auth_time: 0,
            second_factor: SecondFactor::Given,
            exp: 100,
        };
        let (ours, theirs) = (TokenKey::new(b"ours"), TokenKey::new(b"theirs"));
        let token = ours.issue(&claims).unwrap();
        let at = |seconds| At::from(DateTime::from_timestamp(seconds, 0).unwrap());
        assert_eq!(ours.check(&token, at(99)).unwrap().sub, claims.sub);
        assert!(ours.check(&token, at(100)).is_err());
        assert!(theirs.check(&token, at(99)).is_err());
        let unsigned = format!("{}.{}.", BASE64.encode(r#"{"alg":"none"}"#), token.split('.').nth(1).unwrap());
        assert!(ours.check(&unsigned, at(99)).is_err());
        assert!(ours.check("", at(99)).is_err());
    }
}
