//! What people write about a household. Notes are only added: a correction is a note of its own.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::MultiBackend;
use super::schema::{account, case, case_note, organisation};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::note::{Kind, Visibility};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, CaseNoteId, KeyId, OrganisationId, ReferralId};
use crate::vault::Sealed;

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_note, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Note {
    pub id: CaseNoteId,
    pub case_id: CaseId,
    /// Of who wrote it: its key has sealed it.
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    /// The referral that led to the stay: of notes that are shared, and of what the provider writes.
    pub referral_id: Option<ReferralId>,
    pub kind: Kind,
    pub visibility: Visibility,
    pub happened_at: At,
    pub written_at: At,
    pub reached: Option<bool>,
    pub corrects: Option<CaseNoteId>,
    pub key_id: KeyId,
    pub sealed: Vec<u8>,
}

/// Without the text, sealed as it is.
impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Note({})", self.id.0)
    }
}

impl Note {
    pub fn sealed(&self) -> Sealed {
        Sealed { key: self.key_id, bytes: self.sealed.clone() }
    }
}

/// A note with who wrote it, and the note that corrects it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub note: Note,
    pub person: String,
    pub organisation: String,
    pub corrected_by: Option<CaseNoteId>,
}

/// Who reads the notes of a household.
#[derive(Debug, Clone, Copy)]
pub enum Reading {
    /// Who has found the case within their scope: what their own organisation wrote, and what was shared with it.
    Referrer { case: CaseId, organisation: OrganisationId },
    /// Who has found a stay of their own service: what they wrote, and while it is theirs what was shared with them.
    Provider { referral: ReferralId, organisation: OrganisationId, theirs: bool },
}

/// Where a page begins: after the note about what happened then, with this id.
pub type After = (At, CaseNoteId);

/// Which notes, and in which order.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Those of these kinds; of all, if none is named.
    pub kinds: &'a [Kind],
    pub oldest_first: bool,
    pub after: Option<After>,
    pub limit: i64,
}

/// Selects the notes that may be read.
macro_rules! readable {
    ($query:expr, $reading:expr) => {{
        match $reading {
            Reading::Referrer { case, organisation } => $query
                .filter(case_note::case_id.eq(case))
                .filter(case_note::organisation_id.eq(organisation).or(case_note::visibility.eq(Visibility::Referrer))),
            Reading::Provider { referral, organisation, theirs: true } => {
                $query.filter(case_note::referral_id.eq(referral)).filter(
                    case_note::organisation_id
                        .eq(organisation)
                        .or(case_note::visibility.eq(Visibility::PlacingProvider)),
                )
            }
            Reading::Provider { referral, organisation, theirs: false } => {
                $query.filter(case_note::referral_id.eq(referral)).filter(case_note::organisation_id.eq(organisation))
            }
        }
    }};
}

type Row = (Note, String, String);

/// The notes that may be read, in the order of what they are about.
///
/// # Errors
/// When the database fails.
pub fn page(conn: &mut Conn, reading: Reading, asked: Asked) -> Result<Vec<Seen>, AppError> {
    let notes = case_note::table
        .inner_join(account::table)
        .inner_join(organisation::table)
        .limit(asked.limit)
        .select((Note::as_select(), account::name, organisation::name))
        .into_boxed();
    let mut notes = readable!(notes, reading);
    if !asked.kinds.is_empty() {
        notes = notes.filter(case_note::kind.eq_any(asked.kinds.to_vec()));
    }
    notes = if asked.oldest_first {
        notes.order((case_note::happened_at.asc(), case_note::id.asc()))
    } else {
        notes.order((case_note::happened_at.desc(), case_note::id.desc()))
    };
    if let Some((at, id)) = asked.after {
        let same = case_note::happened_at.eq(at);
        notes = if asked.oldest_first {
            notes.filter(case_note::happened_at.gt(at).or(same.and(case_note::id.gt(id))))
        } else {
            notes.filter(case_note::happened_at.lt(at).or(same.and(case_note::id.lt(id))))
        };
    }
    let notes: Vec<Row> = notes.load(conn)?;
    let ids: Vec<CaseNoteId> = notes.iter().map(|(note, ..)| note.id).collect();
    let corrections: BTreeMap<CaseNoteId, CaseNoteId> = case_note::table
        .filter(case_note::corrects.eq_any(ids.into_iter().map(Some)))
        .select((case_note::corrects.assume_not_null(), case_note::id))
        .load(conn)?
        .into_iter()
        .collect();
    let seen = notes.into_iter().map(|(note, person, organisation)| {
        let corrected_by = corrections.get(&note.id).copied();
        Seen { note, person, organisation, corrected_by }
    });
    Ok(seen.collect())
}

/// One that may be read.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn find(conn: &mut Conn, reading: Reading, id: CaseNoteId) -> Result<Note, AppError> {
    let note = case_note::table.filter(case_note::id.eq(id)).select(Note::as_select()).into_boxed();
    Ok(readable!(note, reading).first(conn)?)
}

/// Whether there is a note that corrects this one.
///
/// # Errors
/// When the database fails.
pub fn corrected(conn: &mut Conn, id: CaseNoteId) -> Result<bool, AppError> {
    let found: Option<CaseNoteId> =
        case_note::table.filter(case_note::corrects.eq(id)).select(case_note::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// # Errors
/// [`AppError::Contended`] when somebody has just corrected the same note.
pub fn insert(tx: &mut Tx, row: &Note) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(case_note::table).values(row).execute(tx.conn))
}

/// When each of these households was last spoken to: the newest call, visit or meeting in which she was reached, as the
/// organisation whose case it is knows it. Only for who has found the cases within their scope.
///
/// # Errors
/// When the database fails.
pub fn last_contact(conn: &mut Conn, cases: &[CaseId]) -> Result<BTreeMap<CaseId, At>, AppError> {
    let corrected = diesel::alias!(case_note as corrected);
    let spoken: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| kind.may_reach()).collect();
    let notes: Vec<(CaseId, At)> = case_note::table
        .inner_join(case::table)
        .left_join(corrected.on(corrected.field(case_note::corrects).eq(case_note::id.nullable())))
        .filter(corrected.field(case_note::id).nullable().is_null())
        .filter(case_note::case_id.eq_any(cases.to_vec()))
        .filter(case_note::kind.eq_any(spoken))
        .filter(case_note::reached.eq(true))
        .filter(case_note::organisation_id.eq(case::organisation_id).or(case_note::visibility.eq(Visibility::Referrer)))
        .order(case_note::happened_at)
        .select((case_note::case_id, case_note::happened_at))
        .load(conn)?;
    Ok(notes.into_iter().collect()) // the last one of each stays
}
