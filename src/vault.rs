//! Where identities and addresses are kept so that a stolen database tells nothing: envelope encryption.
//!
//! Every organisation has a data key, stored sealed with the master key, which is in no database. A sealed value is bound
//! to its table, row and field: moved anywhere else it does not open. (Safety requirements S7 and S8.)

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use uuid::Uuid;

use crate::error::AppError;
use crate::ids::{KeyId, OrganisationId, random};

const NONCE: usize = 24;

/// The master key of this installation, and the name that it goes by in `data_key.master`.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
    pub(crate) name: String,
}

/// An organisation's key, unsealed: only for as long as one transaction needs it.
pub struct DataKey {
    pub id: KeyId,
    cipher: XChaCha20Poly1305,
}

/// The one place that a sealed value belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub table: &'static str,
    pub row: Uuid,
    pub field: &'static str,
}

/// A value that only its data key opens, and only in its place: nonce, then ciphertext.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    pub key: KeyId,
    pub bytes: Vec<u8>,
}

impl Vault {
    pub fn new(master: &[u8; 32], name: &str) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&(*master).into()), name: name.into() }
    }

    /// A fresh data key for an organisation, sealed for storing.
    ///
    /// # Errors
    /// [`AppError::Internal`], never in practice: the cipher refuses only texts of 256 GiB.
    pub fn new_data_key(&self, id: KeyId, organisation: OrganisationId) -> Result<Vec<u8>, AppError> {
        seal(&self.cipher, &random::<32>(), &data_key_place(id, organisation))
    }

    /// # Errors
    /// [`AppError::Internal`] when it was sealed by another master key, or for another organisation.
    pub fn unseal(&self, id: KeyId, organisation: OrganisationId, sealed: &[u8]) -> Result<DataKey, AppError> {
        let key = open(&self.cipher, sealed, &data_key_place(id, organisation))?;
        let cipher = XChaCha20Poly1305::new_from_slice(&key).map_err(|_| broken())?;
        Ok(DataKey { id, cipher })
    }

    /// Something that only this master key opens again, to notice a wrong key before it does harm.
    ///
    /// # Errors
    /// As [`Vault::new_data_key`].
    pub fn check_value(&self) -> Result<Vec<u8>, AppError> {
        seal(&self.cipher, b"safehold", b"installation")
    }

    /// Seals what somebody typed, to be handed to their own browser and back: `bound` says for whom and for what.
    ///
    /// # Errors
    /// As [`Vault::new_data_key`].
    pub fn keep(&self, typed: &str, bound: &str) -> Result<Vec<u8>, AppError> {
        seal(&self.cipher, typed.as_bytes(), format!("kept/{bound}").as_bytes())
    }

    /// What was kept for exactly this.
    pub fn kept(&self, sealed: &[u8], bound: &str) -> Option<String> {
        let typed = open(&self.cipher, sealed, format!("kept/{bound}").as_bytes()).ok()?;
        String::from_utf8(typed).ok()
    }

    /// Whether a check value was made with this master key.
    pub fn made(&self, check_value: &[u8]) -> bool {
        open(&self.cipher, check_value, b"installation").is_ok()
    }
}

impl DataKey {
    /// # Errors
    /// As [`Vault::new_data_key`].
    pub fn seal(&self, plain: &[u8], place: Place) -> Result<Sealed, AppError> {
        Ok(Sealed { key: self.id, bytes: seal(&self.cipher, plain, &place.associated_data(self.id))? })
    }

    /// # Errors
    /// [`AppError::Internal`] when it was sealed with another key or for another place, or was changed.
    pub fn open(&self, sealed: &[u8], place: Place) -> Result<Vec<u8>, AppError> {
        open(&self.cipher, sealed, &place.associated_data(self.id))
    }
}

impl Place {
    fn associated_data(&self, key: KeyId) -> Vec<u8> {
        format!("{}/{}/{}/{}", self.table, self.row, self.field, key.0).into_bytes()
    }
}

fn data_key_place(id: KeyId, organisation: OrganisationId) -> Vec<u8> {
    format!("data_key/{}/{}", id.0, organisation.0).into_bytes()
}

fn seal(cipher: &XChaCha20Poly1305, plain: &[u8], aad: &[u8]) -> Result<Vec<u8>, AppError> {
    let nonce = random::<NONCE>();
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad }).map_err(|_| broken())?;
    Ok([&nonce[..], &sealed].concat())
}

fn open(cipher: &XChaCha20Poly1305, sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, AppError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(broken)?;
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad }).map_err(|_| broken())
}

fn broken() -> AppError {
    AppError::internal("a sealed value does not open")
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S7, S8
    #[test]
    fn a_value_opens_only_with_its_key_and_in_its_place() {
        let (vault, other) = (Vault::new(&[1; 32], "a"), Vault::new(&[2; 32], "b"));
        let (id, ann, bea) = (KeyId::new(), OrganisationId::new(), OrganisationId::new());
        let stored = vault.new_data_key(id, ann).unwrap();
        assert!(other.unseal(id, ann, &stored).is_err());
        assert!(vault.unseal(id, bea, &stored).is_err());
        assert!(vault.unseal(KeyId::new(), ann, &stored).is_err());

        let key = vault.unseal(id, ann, &stored).unwrap();
        let place = Place { table: "unit_address", row: id.0, field: "address" };
        let sealed = key.seal(b"1 High Street", place).unwrap();
        assert_eq!(key.open(&sealed.bytes, place).unwrap(), b"1 High Street");
        assert!(key.open(&sealed.bytes, Place { field: "name", ..place }).is_err());
        assert!(key.open(&sealed.bytes, Place { row: Uuid::nil(), ..place }).is_err());
        let (bea_id, bea_key) = (KeyId::new(), KeyId::new());
        let bea_stored = vault.new_data_key(bea_id, bea).unwrap();
        assert!(vault.unseal(bea_id, bea, &bea_stored).unwrap().open(&sealed.bytes, place).is_err());
        assert!(vault.unseal(bea_key, bea, &bea_stored).is_err());
        let mut changed = sealed.bytes.clone();
        changed[30] ^= 1;
        assert!(key.open(&changed, place).is_err());
        assert!(!sealed.bytes.windows(4).any(|window| window == b"High"));
    }
}
