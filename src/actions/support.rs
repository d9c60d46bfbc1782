//! Support that people of a household are given while they stay.

use chrono::NaiveDate;

use super::placements::{advance, find};
use crate::audit::{Change, Did, Event};
use crate::clock::At;
use crate::db::placements::{self, Placement, Seen};
use crate::db::reference::{self, Choice};
use crate::db::support::{self, Support};
use crate::db::{Tx, cases};
use crate::domain::placement;
use crate::domain::support::{AgeBand, Command, State, transition};
use crate::error::AppError;
use crate::ids::{OccupancyId, ReferralId, SupportId};

/// Support that somebody is given.
#[derive(Debug, Clone)]
pub struct New {
    /// Their place in the household, from 1.
    pub person: u16,
    /// Of the list `support_type`.
    pub support_type: String,
    /// Today unless said.
    pub from_on: Option<NaiveDate>,
    /// When it is over already.
    pub until_on: Option<NaiveDate>,
}

/// Records that somebody of the household is, or was, given support during a stay.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] when nobody has come, or the stay goes on elsewhere.
pub fn record(tx: &mut Tx, stay: OccupancyId, new: &New) -> Result<Change<Support>, AppError> {
    let Seen { mut placement, case, .. } = find(tx, stay)?;
    advance(&mut placement, placement::Command::RecordSupport)?;
    let now = tx.now();
    let choice = Choice::of("support_type", &new.support_type, "/support_type");
    reference::must_be_active(tx, &[choice], now.date())?;
    let members = cases::find(tx, case)?.needs.members;
    let member = usize::from(new.person)
        .checked_sub(1)
        .and_then(|place| members.get(place))
        .ok_or_else(|| AppError::body("/person", "unknown", &"choose somebody of the household"))?;
    let (first, last) = days(tx, &placement, now)?;
    let from_on = within(new.from_on.unwrap_or(last), (first, last), "/from_on")?;
    let until_on = new.until_on.map(|day| within(day, (from_on, last), "/until_on")).transpose()?;
    let left = placement.departed_at.map(|_| last); // nothing goes on after they have left
    let until_on = until_on.or(left);
    let row = Support {
        id: SupportId::new(),
        placement_id: stay,
        person: new.person.into(),
        role: member.role,
        age_band: AgeBand::of(member.age),
        support_type: new.support_type.clone(),
        from_on,
        until_on,
        state: if until_on.is_some() { State::Ended } else { State::Given },
        recorded_at: now,
        recorded_by: tx.actor().account,
        version: 1,
    };
    support::insert(tx, &row)?;
    let event = Event::new(Did::SupportRecorded, row.id.0).because(&row.support_type);
    Ok(Change::new(row, event))
}

/// Records that support is over.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Refused`] in the wrong state.
pub fn end(
    tx: &mut Tx,
    stay: OccupancyId,
    id: SupportId,
    until_on: Option<NaiveDate>,
) -> Result<Change<Support>, AppError> {
    let (placement, mut row) = found(tx, stay, id)?;
    step(&mut row, Command::End)?;
    let now = tx.now();
    let (_, last) = days(tx, &placement, now)?;
    row.until_on = Some(within(until_on.unwrap_or(last), (row.from_on, last), "/until_on")?);
    stored(tx, row, Did::SupportEnded)
}

/// Takes out what was recorded by mistake. It stays to be seen, and counts no more.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] in the wrong state.
pub fn take_out(tx: &mut Tx, stay: OccupancyId, id: SupportId) -> Result<Change<Support>, AppError> {
    let (_, mut row) = found(tx, stay, id)?;
    step(&mut row, Command::TakeOut)?;
    stored(tx, row, Did::SupportTakenOut)
}

/// Ends what is still given when a household leaves.
pub(super) fn end_all(tx: &mut Tx, left: &Placement, on: NaiveDate) -> Result<Vec<Event>, AppError> {
    let mut events = Vec::new();
    for mut row in support::of_referral(tx, left.referral_id)? {
        if row.state == State::Given {
            step(&mut row, Command::End)?;
            row.until_on = Some(on.max(row.from_on));
            events.extend(stored(tx, row, Did::SupportEnded)?.into_parts().1);
        }
    }
    Ok(events)
}

fn found(tx: &mut Tx, stay: OccupancyId, id: SupportId) -> Result<(Placement, Support), AppError> {
    let placement = find(tx, stay)?.placement;
    let row = support::find(tx, placement.referral_id, id)?;
    Ok((placement, row))
}

/// The days on which the household lived with the provider: from its first arrival to its departure, or today.
fn days(tx: &mut Tx, stay: &Placement, now: At) -> Result<(NaiveDate, NaiveDate), AppError> {
    Ok((came(tx, stay.referral_id, now)?.date(), stay.ended_at().unwrap_or(now).date()))
}

/// When a household first came to where a referral led.
pub(super) fn came(tx: &mut Tx, of: ReferralId, now: At) -> Result<At, AppError> {
    let stays = placements::all_of_referral(tx, of)?;
    Ok(stays.iter().filter_map(|stay| stay.arrived_at).min().unwrap_or(now))
}

fn within(day: NaiveDate, (first, last): (NaiveDate, NaiveDate), pointer: &str) -> Result<NaiveDate, AppError> {
    if day < first {
        return Err(AppError::body(pointer, "too_early", &"this is before it could begin"));
    }
    if day > last {
        return Err(AppError::body(pointer, "too_late", &"choose a day of the stay, today at the latest"));
    }
    Ok(day)
}

fn step(row: &mut Support, command: Command) -> Result<(), AppError> {
    row.state = transition(row.state, command).map_err(AppError::refused(row.id.0))?;
    Ok(())
}

fn stored(tx: &mut Tx, mut row: Support, did: Did) -> Result<Change<Support>, AppError> {
    row.version += 1;
    support::update(tx, &row)?;
    let event = Event::new(did, row.id.0).because(&row.support_type);
    Ok(Change::new(row, event))
}
