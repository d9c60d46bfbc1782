//! The lists that the forms of a case offer.

use crate::db::{Conn, reference};
use crate::domain::reference::{Area, Code};
use crate::error::AppError;
use crate::web::form::missing;

/// Every list, with its codes as (code, label).
pub struct Lists {
    codes: Vec<Code>,
    pub areas: Vec<Area>,
}

impl Lists {
    /// # Errors
    /// When the database fails.
    pub fn load(conn: &mut Conn) -> Result<Self, AppError> {
        Ok(Self { codes: reference::codes(conn, None)?, areas: reference::areas(conn)? })
    }

    #[cfg(test)]
    pub fn with(codes: Vec<Code>, areas: Vec<Area>) -> Self {
        Self { codes, areas }
    }

    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// The codes of one list, as (code, label).
    pub fn of(&self, list: &str) -> Vec<(&str, &str)> {
        let codes = self.codes.iter().filter(|code| code.list == list && code.active_to.is_none());
        codes.map(|code| (code.code.as_str(), code.label.as_str())).collect()
    }

    /// Whether a code has levels: a little, some, a lot.
    pub fn has_levels(&self, list: &str, code: &str) -> bool {
        let found = self.codes.iter().find(|known| known.list == list && known.code == code);
        found.is_some_and(|code| code.attributes["level"] == true)
    }

    /// The words for a code; the code itself when it is gone.
    pub fn label<'a>(&'a self, list: &str, code: &'a str) -> &'a str {
        self.codes.iter().find(|known| known.list == list && known.code == code).map_or(code, |code| &code.label)
    }

    pub fn area_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.areas.iter().find(|area| area.code == code).map_or(code, |area| &area.name)
    }

    /// Counties, and authorities that are part of none, as (code, name).
    pub fn authorities(&self) -> Vec<(&str, &str)> {
        let authorities = self.areas.iter().filter(|area| area.is_authority());
        authorities.map(|area| (area.code.as_str(), area.name.as_str())).collect()
    }

    /// The area that somebody typed: its code, its name, or the beginning of only one name.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when there is none, or more than one.
    pub fn area(&self, field: &str, typed: &str) -> Result<String, AppError> {
        let wanted = typed.trim().to_lowercase();
        let exact =
            self.areas.iter().find(|area| area.name.to_lowercase() == wanted || area.code.to_lowercase() == wanted);
        if let Some(area) = exact {
            return Ok(area.code.clone());
        }
        let close: Vec<&Area> =
            self.areas.iter().filter(|area| area.name.to_lowercase().starts_with(&wanted)).collect();
        match close.as_slice() {
            [only] => Ok(only.code.clone()),
            [] => Err(missing(field, &format!("We do not know “{}”. Choose an area from the list", typed.trim()))),
            several => {
                let names: Vec<&str> = several.iter().take(4).map(|area| area.name.as_str()).collect();
                Err(missing(field, &format!("“{}” may be {}. Choose one", typed.trim(), names.join(" or "))))
            }
        }
    }
}
