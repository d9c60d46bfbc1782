//! What the two sides of a referral write to each other.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::clock::At;
use crate::db::conn::{MultiBackend, native};
use crate::db::schema::{placement, referral_note, referral_note_read, referral_note_topic};
use crate::db::{Conn, Tx};
use crate::domain::placement::State as Stay;
use crate::domain::referral::clock::Written;
use crate::domain::referral::{MessageKind, Side};
use crate::error::AppError;
use crate::ids::{AccountId, KeyId, NoteId, OrganisationId, ReferralId};

/// Something that one side wrote to the other, sealed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = referral_note, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct Note {
    pub id: NoteId,
    pub referral_id: ReferralId,
    pub organisation_id: OrganisationId,
    pub account_id: AccountId,
    pub written_at: At,
    pub key_id: KeyId,
    pub sealed: Vec<u8>,
    /// On which side it was written: one organisation may stand on both.
    pub side: Side,
    pub kind: MessageKind,
}

#[derive(Insertable)]
#[diesel(table_name = referral_note_read)]
struct FirstRead {
    note_id: NoteId,
    account_id: AccountId,
    read_at: At,
}

/// # Errors
/// When the database fails.
pub fn insert_note(tx: &mut Tx, row: &Note) -> Result<(), AppError> {
    diesel::insert_into(referral_note::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The notes of a referral, oldest first, each with when somebody of the other side first read it.
///
/// # Errors
/// When the database fails.
pub fn notes(conn: &mut Conn, of: ReferralId) -> Result<Vec<(Note, Option<At>)>, AppError> {
    Ok(referral_note::table
        .left_join(referral_note_read::table)
        .filter(referral_note::referral_id.eq(of))
        .order((referral_note::written_at, referral_note::id))
        .select((Note::as_select(), referral_note_read::read_at.nullable()))
        .load(conn)?)
}

/// # Errors
/// When the database fails.
pub fn add_topic(tx: &mut Tx, of: NoteId, topic: &str) -> Result<(), AppError> {
    diesel::insert_into(referral_note_topic::table)
        .values((referral_note_topic::note_id.eq(of), referral_note_topic::topic.eq(topic)))
        .execute(tx.conn)?;
    Ok(())
}

/// What the questions among these notes are about.
///
/// # Errors
/// When the database fails.
pub fn topics(conn: &mut Conn, of: &[NoteId]) -> Result<BTreeMap<NoteId, Vec<String>>, AppError> {
    let rows: Vec<(NoteId, String)> = referral_note_topic::table
        .filter(referral_note_topic::note_id.eq_any(of))
        .order((referral_note_topic::note_id, referral_note_topic::topic))
        .select((referral_note_topic::note_id, referral_note_topic::topic))
        .load(conn)?;
    let mut topics: BTreeMap<NoteId, Vec<String>> = BTreeMap::new();
    for (note, topic) in rows {
        topics.entry(note).or_default().push(topic);
    }
    Ok(topics)
}

/// Notes that whoever acts has read these, unless somebody of their side has before.
///
/// # Errors
/// When the database fails.
pub fn mark_read(tx: &mut Tx, notes: &[NoteId]) -> Result<(), AppError> {
    let (account_id, read_at) = (tx.actor.account, tx.now);
    for note_id in notes.iter().copied() {
        let row = FirstRead { note_id, account_id, read_at };
        native!(&mut *tx.conn, conn => diesel::insert_into(referral_note_read::table)
            .values(&row).on_conflict_do_nothing().execute(conn))?;
    }
    Ok(())
}

/// What was written within a referral, without the words: in order, with whether the other side has read it.
#[derive(Debug, Clone, Default)]
pub struct Talk(pub Vec<(Written, bool)>);

impl Talk {
    /// For the clock.
    pub fn written(&self) -> Vec<Written> {
        self.0.iter().map(|(written, _)| *written).collect()
    }

    /// How many messages somebody who stands on these sides has not read.
    pub fn unread(&self, sides: &[Side]) -> usize {
        self.0.iter().filter(|(written, read)| !read && sides.iter().any(|side| *side != written.side)).count()
    }
}

/// What was written within these referrals.
///
/// # Errors
/// When the database fails.
pub fn talk(conn: &mut Conn, of: &[ReferralId]) -> Result<BTreeMap<ReferralId, Talk>, AppError> {
    type Row = (ReferralId, Side, MessageKind, At, Option<At>);
    let rows: Vec<Row> = referral_note::table
        .left_join(referral_note_read::table)
        .filter(referral_note::referral_id.eq_any(of))
        .order((referral_note::referral_id, referral_note::written_at, referral_note::id))
        .select((
            referral_note::referral_id,
            referral_note::side,
            referral_note::kind,
            referral_note::written_at,
            referral_note_read::read_at.nullable(),
        ))
        .load(conn)?;
    let mut talks: BTreeMap<ReferralId, Talk> = BTreeMap::new();
    for (referral, side, kind, at, read) in rows {
        talks.entry(referral).or_default().0.push((Written { side, kind, at }, read.is_some()));
    }
    Ok(talks)
}

/// When the households of these referrals left, those of them that have: none for whoever still lives there.
///
/// # Errors
/// When the database fails.
pub fn left_at(conn: &mut Conn, of: &[ReferralId]) -> Result<BTreeMap<ReferralId, At>, AppError> {
    let rows: Vec<(ReferralId, Stay, Option<At>)> = placement::table
        .filter(placement::referral_id.eq_any(of))
        .select((placement::referral_id, placement::state, placement::departed_at))
        .load(conn)?;
    let mut left: BTreeMap<ReferralId, At> = BTreeMap::new();
    for (referral, _, departed) in &rows {
        if let Some(departed) = departed {
            left.entry(*referral).and_modify(|last| *last = (*last).max(*departed)).or_insert(*departed);
        }
    }
    for (referral, ..) in rows.iter().filter(|(_, stay, _)| stay.current()) {
        left.remove(referral);
    }
    Ok(left)
}
