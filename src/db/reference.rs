//! Code lists and areas. They ship with the program; what a commissioner has changed since is left alone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Deserialize;

use super::Conn;
use super::conn::{MultiBackend, native};
use super::schema::{area, reference_code};
use super::types::Json;
use crate::domain::reason::DenialReason;
use crate::domain::reference::{Area, Code};
use crate::domain::sanctuary::EndingReason;
use crate::error::{AppError, FieldError, Part};

/// The first version of every list.
const CODES: &str = include_str!("../../data/codes.json");
const AREAS: &str = include_str!("../../data/areas.csv");

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = reference_code, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct CodeRow {
    list: String,
    code: String,
    label: String,
    position: i32,
    attributes: Json,
    active_from: Option<NaiveDate>,
    active_to: Option<NaiveDate>,
}

#[derive(Queryable, Selectable, Insertable, Deserialize)]
#[diesel(table_name = area, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct AreaRow {
    code: String,
    name: String,
    kind: String,
    county: Option<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct Shipped {
    list: String,
    code: String,
    label: String,
    #[serde(default)]
    attributes: serde_json::Map<String, serde_json::Value>,
}

impl From<CodeRow> for Code {
    fn from(row: CodeRow) -> Self {
        let CodeRow { list, code, label, position: _, attributes: Json(attributes), active_from, active_to } = row;
        Self { list, code, label, attributes, active_from, active_to }
    }
}

impl From<AreaRow> for Area {
    fn from(row: AreaRow) -> Self {
        let AreaRow { code, name, kind, county, valid_from, valid_to } = row;
        Self { code, name, kind, county, valid_from, valid_to }
    }
}

/// Adds the codes and areas that are not there yet.
pub(super) fn seed(conn: &mut Conn) -> Result<(), AppError> {
    let shipped: Vec<Shipped> = serde_json::from_str(CODES).map_err(AppError::internal)?;
    let known: BTreeSet<(String, String)> =
        reference_code::table.select((reference_code::list, reference_code::code)).load(conn)?.into_iter().collect();
    let missing: Vec<CodeRow> = shipped
        .into_iter()
        .zip(1..)
        .filter(|(shipped, _)| !known.contains(&(shipped.list.clone(), shipped.code.clone())))
        .map(|(Shipped { list, code, label, attributes }, position)| CodeRow {
            list,
            code,
            label,
            position,
            attributes: Json(attributes.into()),
            active_from: None,
            active_to: None,
        })
        .collect();
    if !missing.is_empty() {
        native!(conn, conn => diesel::insert_into(reference_code::table).values(&missing).execute(conn))?;
    }

    let known: BTreeSet<String> = area::table.select(area::code).load(conn)?.into_iter().collect();
    let mut missing = Vec::new();
    for row in csv::Reader::from_reader(AREAS.as_bytes()).deserialize() {
        let row: AreaRow = row.map_err(AppError::internal)?;
        if !known.contains(&row.code) {
            missing.push(row);
        }
    }
    if !missing.is_empty() {
        native!(conn, conn => diesel::insert_into(area::table).values(&missing).execute(conn))?;
    }
    Ok(())
}

/// The codes of one list, or of all, in the order in which people see them.
///
/// # Errors
/// When the database fails.
pub fn codes(conn: &mut Conn, list: Option<&str>) -> Result<Vec<Code>, AppError> {
    let mut codes = reference_code::table
        .order((reference_code::list, reference_code::position, reference_code::code))
        .select(CodeRow::as_select())
        .into_boxed();
    if let Some(list) = list {
        codes = codes.filter(reference_code::list.eq(list.to_owned()));
    }
    Ok(codes.load(conn)?.into_iter().map(Code::from).collect())
}

/// # Errors
/// When the database fails.
pub fn areas(conn: &mut Conn) -> Result<Vec<Area>, AppError> {
    let rows = area::table.order((area::name, area::code)).select(AreaRow::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Area::from).collect())
}

/// A code that somebody chose: of this list, in the field at this pointer.
#[derive(Debug, Clone)]
pub struct Choice {
    pub list: &'static str,
    pub code: String,
    pub pointer: String,
}

impl Choice {
    pub fn of(list: &'static str, code: &str, pointer: impl Into<String>) -> Self {
        Self { list, code: code.into(), pointer: pointer.into() }
    }
}

/// # Errors
/// [`AppError::Invalid`] with every choice that is in no list, or retired.
pub fn must_be_active(conn: &mut Conn, choices: &[Choice], today: NaiveDate) -> Result<(), AppError> {
    if choices.is_empty() {
        return Ok(());
    }
    let chosen: Vec<&str> = choices.iter().map(|choice| choice.code.as_str()).collect();
    let known: Vec<Code> = reference_code::table
        .filter(reference_code::code.eq_any(chosen))
        .select(CodeRow::as_select())
        .load(conn)?
        .into_iter()
        .map(Code::from)
        .collect();
    let active = |choice: &Choice| {
        known.iter().any(|code| code.list == choice.list && code.code == choice.code && code.active(today))
    };
    let wrong: Vec<_> = choices.iter().filter(|choice| !active(choice)).map(unknown_code).collect();
    if wrong.is_empty() { Ok(()) } else { Err(AppError::Invalid(wrong)) }
}

fn unknown_code(choice: &Choice) -> FieldError {
    let message = format!("choose a code of the list {list}: GET /api/v1/reference/{list}", list = choice.list);
    FieldError {
        pointer: choice.pointer.clone(),
        r#in: Part::Body,
        code: "unknown_code".into(),
        message,
        found: Vec::new(),
    }
}

/// A reason that may be given today for a denial.
///
/// # Errors
/// [`AppError::Invalid`] at `pointer`.
pub fn denial_reason(conn: &mut Conn, code: &str, pointer: &str, today: NaiveDate) -> Result<DenialReason, AppError> {
    let choice = Choice::of("denial_reason", code, pointer);
    let found = reference_code::table.find((choice.list, code)).select(CodeRow::as_select()).first(conn).optional()?;
    let found = found.map(Code::from).filter(|code| code.active(today));
    let found = found.ok_or_else(|| AppError::Invalid(vec![unknown_code(&choice)]))?;
    serde_json::from_value(found.attributes).map_err(AppError::internal)
}

/// A reason that may be given today for the end of a sanctuary job.
///
/// # Errors
/// [`AppError::Invalid`] at `pointer`.
pub fn sanctuary_ending(
    conn: &mut Conn,
    code: &str,
    pointer: &str,
    today: NaiveDate,
) -> Result<EndingReason, AppError> {
    let choice = Choice::of("sanctuary_ending", code, pointer);
    let found = reference_code::table.find((choice.list, code)).select(CodeRow::as_select()).first(conn).optional()?;
    let found = found.map(Code::from).filter(|code| code.active(today));
    let found = found.ok_or_else(|| AppError::Invalid(vec![unknown_code(&choice)]))?;
    serde_json::from_value(found.attributes).map_err(AppError::internal)
}

/// Every reason for a denial, retired ones too, by its code.
///
/// # Errors
/// When the database fails.
pub fn denial_reasons(conn: &mut Conn) -> Result<BTreeMap<String, DenialReason>, AppError> {
    let reasons = codes(conn, Some("denial_reason"))?.into_iter();
    reasons.map(|code| Ok((code.code, serde_json::from_value(code.attributes).map_err(AppError::internal)?))).collect()
}

/// An area that somebody chose, in the field at this pointer.
pub type ChosenArea<'a> = (&'a str, String);

/// # Errors
/// [`AppError::Invalid`] with every code that is of no area.
pub fn must_be_areas(conn: &mut Conn, part: Part, chosen: &[ChosenArea]) -> Result<(), AppError> {
    if chosen.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = chosen.iter().map(|(code, _)| *code).collect();
    let known: Vec<String> = area::table.filter(area::code.eq_any(codes)).select(area::code).load(conn)?;
    let wrong: Vec<_> = chosen
        .iter()
        .filter(|(code, _)| !known.iter().any(|known| known == code))
        .map(|(_, pointer)| FieldError {
            pointer: pointer.clone(),
            r#in: part,
            code: "unknown_area".into(),
            message: "choose the GSS code of an area: GET /api/v1/areas".into(),
            found: Vec::new(),
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(AppError::Invalid(wrong)) }
}

/// # Errors
/// [`AppError::Invalid`] with every code that is of no county and of no unitary authority.
pub fn must_be_authorities(conn: &mut Conn, part: Part, chosen: &[ChosenArea]) -> Result<(), AppError> {
    if chosen.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = chosen.iter().map(|(code, _)| *code).collect();
    let rows = area::table.filter(area::code.eq_any(codes)).select(AreaRow::as_select()).load(conn)?;
    let known: Vec<Area> = rows.into_iter().map(Area::from).collect();
    let wrong: Vec<_> = chosen
        .iter()
        .filter(|(code, _)| !known.iter().any(|area| area.code == *code && area.is_authority()))
        .map(|(_, pointer)| FieldError {
            pointer: pointer.clone(),
            r#in: part,
            code: "not_possible".into(),
            message: "choose a county or a unitary authority: GET /api/v1/areas".into(),
            found: Vec::new(),
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(AppError::Invalid(wrong)) }
}
