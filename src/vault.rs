//! Where identities and addresses are kept so that a stolen database tells nothing: envelope encryption.
//!
//! Every organisation has a data key, stored sealed with the master key, which is in no database. A sealed value is bound
//! to its table, row and field: moved anywhere else it does not open. (Safety requirements S7 and S8.)

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use uuid::Uuid;

use crate::audit;
use crate::error::AppError;
use crate::ids::{KeyId, OrganisationId, random};

const NONCE: usize = 24;

/// The master keys of this installation, each with the name that it goes by in `data_key.master`. The newest seals; the
/// older ones still open what they have sealed, until it is sealed again.
#[derive(Clone)]
pub struct Vault {
    newest: Master,
    older: Vec<Master>,
}

#[derive(Clone)]
struct Master {
    cipher: XChaCha20Poly1305,
    name: String,
}

/// An organisation's key, unsealed: only for as long as one transaction needs it.
pub struct DataKey {
    pub id: KeyId,
    cipher: XChaCha20Poly1305,
    /// Makes the digests by which the organisation recognises somebody.
    traces: audit::Key,
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
        Self { newest: Master::new(master, name), older: Vec::new() }
    }

    /// With a key that was the master before.
    #[must_use]
    pub fn and_older(mut self, master: &[u8; 32], name: &str) -> Self {
        self.older.push(Master::new(master, name));
        self
    }

    /// What the key is called that seals.
    pub fn name(&self) -> &str {
        &self.newest.name
    }

    /// Whether there is a master key of this name.
    pub fn has(&self, name: &str) -> bool {
        self.master(name).is_some()
    }

    fn master(&self, name: &str) -> Option<&Master> {
        std::iter::once(&self.newest).chain(&self.older).find(|master| master.name == name)
    }

    fn masters(&self) -> impl Iterator<Item = &Master> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    /// A fresh data key for an organisation, sealed for storing.
    ///
    /// # Errors
    /// [`AppError::Internal`], never in practice: the cipher refuses only texts of 256 GiB.
    pub fn new_data_key(&self, id: KeyId, organisation: OrganisationId) -> Result<Vec<u8>, AppError> {
        seal(&self.newest.cipher, &random::<32>(), &data_key_place(id, organisation))
    }

    /// # Errors
    /// [`AppError::Internal`] when it was sealed by another master key than the one of that name, or for another
    /// organisation.
    pub fn unseal(
        &self,
        id: KeyId,
        organisation: OrganisationId,
        master: &str,
        sealed: &[u8],
    ) -> Result<DataKey, AppError> {
        let key = open(&self.named(master)?.cipher, sealed, &data_key_place(id, organisation))?;
        let cipher = XChaCha20Poly1305::new_from_slice(&key).map_err(|_| broken())?;
        let traces = audit::Key::new(&audit::Key::new(&key).mac(&[b"safehold", b"identity_trace"]));
        Ok(DataKey { id, cipher, traces })
    }

    /// A data key sealed anew, with the newest master key: what it has sealed itself is not touched.
    ///
    /// # Errors
    /// As [`Vault::unseal`].
    pub fn rewrap(
        &self,
        id: KeyId,
        organisation: OrganisationId,
        master: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, AppError> {
        let place = data_key_place(id, organisation);
        seal(&self.newest.cipher, &open(&self.named(master)?.cipher, sealed, &place)?, &place)
    }

    fn named(&self, master: &str) -> Result<&Master, AppError> {
        let missing = || AppError::internal(format!("the master key {master} is not in the key file"));
        self.master(master).ok_or_else(missing)
    }

    /// Something that only this master key opens again, to notice a wrong key before it does harm.
    ///
    /// # Errors
    /// As [`Vault::new_data_key`].
    pub fn check_value(&self) -> Result<Vec<u8>, AppError> {
        seal(&self.newest.cipher, b"safehold", b"installation")
    }

    /// Seals what somebody typed, to be handed to their own browser and back: `bound` says for whom and for what.
    ///
    /// # Errors
    /// As [`Vault::new_data_key`].
    pub fn keep(&self, typed: &str, bound: &str) -> Result<Vec<u8>, AppError> {
        seal(&self.newest.cipher, typed.as_bytes(), format!("kept/{bound}").as_bytes())
    }

    /// What was kept for exactly this.
    pub fn kept(&self, sealed: &[u8], bound: &str) -> Option<String> {
        let place = format!("kept/{bound}");
        let typed = self.masters().find_map(|master| open(&master.cipher, sealed, place.as_bytes()).ok())?;
        String::from_utf8(typed).ok()
    }

    /// Whether a check value was made with one of these master keys.
    pub fn made(&self, check_value: &[u8]) -> bool {
        self.masters().any(|master| open(&master.cipher, check_value, b"installation").is_ok())
    }
}

impl Master {
    fn new(master: &[u8; 32], name: &str) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&(*master).into()), name: name.into() }
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

    /// A digest that only this organisation can make, and that is worth nothing once its key is destroyed. (S10)
    pub fn trace(&self, kind: &str, value: &str) -> Vec<u8> {
        self.traces.mac(&[kind.as_bytes(), value.as_bytes()])
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
    fn s07_s08_a_value_opens_only_with_its_key_and_in_its_place() {
        let (vault, other) = (Vault::new(&[1; 32], "a"), Vault::new(&[2; 32], "b"));
        let (id, ann, bea) = (KeyId::new(), OrganisationId::new(), OrganisationId::new());
        let stored = vault.new_data_key(id, ann).unwrap();
        assert!(other.unseal(id, ann, "b", &stored).is_err());
        assert!(vault.unseal(id, bea, "a", &stored).is_err());
        assert!(vault.unseal(KeyId::new(), ann, "a", &stored).is_err());

        let key = vault.unseal(id, ann, "a", &stored).unwrap();
        let place = Place { table: "unit_address", row: id.0, field: "address" };
        let sealed = key.seal(b"1 High Street", place).unwrap();
        assert_eq!(key.open(&sealed.bytes, place).unwrap(), b"1 High Street");
        assert!(key.open(&sealed.bytes, Place { field: "name", ..place }).is_err());
        assert!(key.open(&sealed.bytes, Place { row: Uuid::nil(), ..place }).is_err());
        let (bea_id, bea_key) = (KeyId::new(), KeyId::new());
        let bea_stored = vault.new_data_key(bea_id, bea).unwrap();
        assert!(vault.unseal(bea_id, bea, "a", &bea_stored).unwrap().open(&sealed.bytes, place).is_err());
        assert!(vault.unseal(bea_key, bea, "a", &bea_stored).is_err());
        let mut changed = sealed.bytes.clone();
        changed[30] ^= 1;
        assert!(key.open(&changed, place).is_err());
        assert!(!sealed.bytes.windows(4).any(|window| window == b"High"));
    }

    /// S8
    #[test]
    fn s08_another_master_key_takes_over_without_touching_what_was_sealed() {
        let (id, ann) = (KeyId::new(), OrganisationId::new());
        let old = Vault::new(&[1; 32], "old");
        let stored = old.new_data_key(id, ann).unwrap();
        let place = Place { table: "unit_address", row: id.0, field: "address" };
        let sealed = old.unseal(id, ann, "old", &stored).unwrap().seal(b"1 High Street", place).unwrap();

        let both = Vault::new(&[2; 32], "new").and_older(&[1; 32], "old");
        assert_eq!(both.name(), "new");
        let again = both.rewrap(id, ann, "old", &stored).unwrap();
        assert!(both.made(&old.check_value().unwrap()) && !old.made(&both.check_value().unwrap()));
        assert_eq!(both.kept(&old.keep("typed", "x").unwrap(), "x").unwrap(), "typed");

        let new = Vault::new(&[2; 32], "new");
        assert!(new.unseal(id, ann, "old", &stored).is_err() && new.unseal(id, ann, "new", &stored).is_err());
        let key = new.unseal(id, ann, "new", &again).unwrap();
        assert_eq!(key.open(&sealed.bytes, place).unwrap(), b"1 High Street");
        let first = old.unseal(id, ann, "old", &stored).unwrap();
        assert_eq!(key.trace("name", "x"), first.trace("name", "x"));
        assert_ne!(key.trace("name", "x"), key.trace("sound", "x"));
    }
}
