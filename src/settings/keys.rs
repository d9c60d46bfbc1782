//! The key file: made once, kept away from the database and its backups. It may hold master keys of before, by name.

use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use config::{Config, File, FileFormat};
use serde::Deserialize;

use super::Keys;
use crate::ids::random;

/// The keys as they stand in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    /// The name of the master key, stored beside what it seals.
    name: String,
    master: String,
    audit: String,
    token: String,
    /// Master keys of before: they still open what they have sealed.
    #[serde(default)]
    older: Vec<Older>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Older {
    name: String,
    master: String,
}

impl KeyFile {
    fn fresh() -> Self {
        Self { name: new_name(), master: new_key(), audit: new_key(), token: new_key(), older: Vec::new() }
    }

    fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| wrong(path, &error))?;
        Config::builder()
            .add_source(File::from_str(&text, FileFormat::Toml))
            .build()
            .and_then(Config::try_deserialize)
            .map_err(|error| wrong(path, &error))
    }

    fn text(&self) -> String {
        let mut text = format!(
            "# The keys of one installation of Safehold. Keep them apart from the database and its backups.\n\
             name = \"{}\"\nmaster = \"{}\"\naudit = \"{}\"\ntoken = \"{}\"\n",
            self.name, self.master, self.audit, self.token
        );
        for Older { name, master } in &self.older {
            text += "\n[[older]]\n";
            text.extend(["name = \"", name, "\"\nmaster = \"", master, "\"\n"]);
        }
        text
    }

    /// Puts the file in place of the one before, all of it or nothing.
    fn replace(&self, path: &Path) -> Result<(), String> {
        let beside = path.with_extension("new");
        let cannot = |error| format!("{}: {error}", beside.display());
        if beside.exists() {
            fs::remove_file(&beside).map_err(cannot)?;
        }
        write_new(&beside, &self.text())?;
        fs::rename(&beside, path).map_err(cannot)
    }
}

fn new_name() -> String {
    format!("{:08x}", u32::from_be_bytes(random::<4>()))
}

fn new_key() -> String {
    BASE64.encode(random::<32>())
}

fn wrong(path: &Path, error: &dyn fmt::Display) -> String {
    format!("{}: {error}; `safehold keys` makes one", path.display())
}

fn write_new(path: &Path, text: &str) -> Result<(), String> {
    let cannot = |error| format!("{}: {error}", path.display());
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot)
}

impl Keys {
    /// Fresh keys in a new file that only its owner can read. An existing file is left alone.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path) -> Result<(), String> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        write_new(path, &KeyFile::fresh().text())
    }

    /// # Errors
    /// When the file cannot be read, or a key in it is not 32 bytes long.
    pub fn load(path: &Path) -> Result<Self, String> {
        let file = KeyFile::read(path)?;
        let key = |name: &str, text: &str| -> Result<[u8; 32], String> {
            let bytes = BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or_else(|| wrong(path, &format!("{name} is not 32 bytes in base64")))
        };
        let mut keys = Self::of(
            &file.name,
            &key("master", &file.master)?,
            &key("audit", &file.audit)?,
            &key("token", &file.token)?,
        );
        for older in &file.older {
            if keys.vault.has(&older.name) {
                return Err(wrong(path, &format!("two master keys are called {}", older.name)));
            }
            keys.vault = keys.vault.and_older(&key("master", &older.master)?, &older.name);
        }
        Ok(keys)
    }

    /// Puts a new master key into the file; the one before stays, for what it has sealed. Gives back the two names: new,
    /// before.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn rotate(path: &Path) -> Result<(String, String), String> {
        let mut file = KeyFile::read(path)?;
        let names = (new_name(), file.name.clone());
        let name = std::mem::replace(&mut file.name, names.0.clone());
        let master = std::mem::replace(&mut file.master, new_key());
        file.older.insert(0, Older { name, master });
        file.replace(path)?;
        Ok(names)
    }

    /// Takes an older master key out of the file. Only for who has made sure that nothing hangs on it.
    ///
    /// # Errors
    /// When it is the newest, when there is none of that name, or when the file cannot be read or written.
    pub fn drop_older(path: &Path, name: &str) -> Result<(), String> {
        let mut file = KeyFile::read(path)?;
        if file.name == name {
            return Err(format!("{name} is the master key in use; `safehold keys rotate` makes a new one first"));
        }
        let before = file.older.len();
        file.older.retain(|older| older.name != name);
        if file.older.len() == before {
            return Err(format!("{}: there is no master key called {name}", path.display()));
        }
        file.replace(path)
    }
}
