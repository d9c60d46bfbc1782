//! Lists in pages. A cursor says after which row the next page begins, so a page neither skips nor repeats what moved.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use garde::Validate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::sound::Sound;
use crate::error::{AppError, Part};

/// How many rows a page has when nobody says.
pub const DEFAULT_LIMIT: i64 = 50;

/// Which page of a list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// At most this many; 50 unless said.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before.
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

impl Paging {
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }
}

/// One page of a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The `cursor` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of `limit` from rows that were read with [`one_more`] than that.
    pub fn of<K: Serialize>(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> K) -> Result<Self, AppError> {
        let limit = usize::try_from(limit).map_err(AppError::internal)?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|item| cursor(&key(item))).transpose()?;
        Ok(Self { items, next })
    }
}

/// Reads one row past the page, to know whether there is another.
pub fn one_more(limit: i64) -> i64 {
    limit + 1
}

/// A cursor around a key.
pub fn cursor(key: &impl Serialize) -> Result<String, AppError> {
    Ok(BASE64.encode(serde_json::to_vec(key).map_err(AppError::internal)?))
}

/// The key inside a cursor that we gave out.
pub fn after<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, AppError> {
    let key = |cursor| {
        let key = BASE64.decode(cursor).ok()?;
        serde_json::from_slice::<Sound>(&key).ok()?;
        serde_json::from_slice(&key).ok()
    };
    match cursor {
        None => Ok(None),
        Some(cursor) => key(cursor)
            .map(Some)
            .ok_or_else(|| AppError::field(Part::Query, "/cursor", "malformed", &"not one of our cursors")),
    }
}

/// For a list that begins after a row which has to be there: without it, the cursor is none of this list.
pub fn unknown_cursor(error: AppError) -> AppError {
    match error {
        AppError::NotFound => AppError::field(Part::Query, "/cursor", "malformed", &"not a cursor of this list"),
        error => error,
    }
}
