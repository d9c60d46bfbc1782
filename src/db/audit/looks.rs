//! Who looked at a household: the events about its case, its referrals, its stays and its notes, and about the address of
//! a home for as long as it was theirs.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::clock::At;
use crate::db::Conn;
use crate::db::schema::{
    account, audit_event, case, journey, occupancy, organisation, placement, referral, referral_note, sanctuary_job,
    service,
};
use crate::domain::permission::Roles;
use crate::domain::referral::State;
use crate::error::AppError;
use crate::ids::{
    AccountId, CaseId, EventId, JourneyId, NoteId, OccupancyId, OrganisationId, ReferralId, SanctuaryId, UnitId,
};

/// One event, and the service that it has to do with.
#[derive(Debug, Clone)]
pub struct Look {
    pub id: EventId,
    pub at: At,
    pub account: AccountId,
    pub name: Option<String>,
    pub roles: Option<Roles>,
    pub organisation: OrganisationId,
    pub organisation_name: Option<String>,
    pub action: String,
    pub reason: String,
    pub about: Option<About>,
}

/// The service that a household was referred to.
#[derive(Debug, Clone, Queryable)]
pub struct About {
    pub(in crate::db) referral: ReferralId,
    state: State,
    released: Option<At>,
    ended: Option<At>,
    pub provider: OrganisationId,
    pub service: String,
    pub confidential: bool,
}

impl About {
    /// Whether the referrer has been told which service it is.
    pub fn accepted(&self) -> bool {
        matches!(self.state, State::Accepted | State::Placed)
    }

    /// The same, of a stay with the service of this name, which may be confidential.
    pub(in crate::db) fn at(&self, (service, confidential): &(String, bool)) -> Self {
        Self { service: service.clone(), confidential: *confidential, ..self.clone() }
    }

    /// The homes that came of it, each with the time in which it was theirs: a look at its address then is one at them.
    /// The first home from the release on, each later one from the day on which they came to live there.
    pub(in crate::db) fn homes(&self, stays: &[Stay]) -> Vec<(UnitId, At, Option<At>)> {
        let theirs = stays.iter().filter(|stay| stay.referral == self.referral);
        let home = |(n, stay): (usize, &Stay)| {
            let from = if n == 0 { self.released } else { self.released.and(stay.arrived) };
            Some((stay.unit, from?, stay.left.or(self.ended.filter(|_| !self.accepted()))))
        };
        theirs.enumerate().filter_map(home).collect()
    }
}

type Row =
    (EventId, At, AccountId, OrganisationId, String, EventId, String, (Option<String>, Option<Roles>, Option<String>));

/// What is asked of the events of a case.
struct Asked<'a> {
    /// Actions that show nobody anything.
    changes: &'a [&'a str],
    after: Option<(At, EventId)>,
    limit: i64,
}

/// The newest looks first, without the actions in `changes`; of refusals, those of somebody who was not to see it.
///
/// # Errors
/// When the database fails.
pub fn page(
    conn: &mut Conn,
    of: CaseId,
    changes: &[&str],
    after: Option<(At, EventId)>,
    limit: i64,
) -> Result<Vec<Look>, AppError> {
    let asked = Asked { changes, after, limit };
    let mut referrals = referrals(conn, of)?;
    referrals.extend(sanctuaries(conn, of)?);
    let (ids, stays) = objects(conn, of, &referrals)?;
    let objects: Vec<EventId> = ids.iter().map(|(id, _)| *id).collect();
    let mut looks: Vec<Look> = asked
        .load(conn, &objects, None, None)?
        .into_iter()
        .map(|row| {
            let referral = ids.iter().find(|(id, _)| *id == row.5).and_then(|(_, referral)| *referral);
            let about = if let Some(referral) = referral {
                referrals.iter().find(|known| known.referral == referral)
            } else {
                // About the case itself: they saw it as the service that it was sent to; of two, as the one whose name is
                // confidential.
                let theirs = referrals.iter().filter(|known| known.provider == row.3);
                theirs.max_by_key(|known| known.confidential)
            };
            look(row, about)
        })
        .collect();
    for about in &referrals {
        for (unit, from, until) in about.homes(&stays) {
            let rows = asked.load(conn, &[EventId(unit.0)], Some(from), until)?;
            looks.extend(rows.into_iter().map(|row| look(row, Some(about))));
        }
    }
    looks.sort_by_key(|look| std::cmp::Reverse((look.at, look.id)));
    looks.dedup_by_key(|look| look.id);
    looks.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(looks)
}

/// The services that a household was referred to, the newest first: only for who has found the case within their scope.
///
/// # Errors
/// When the database fails.
pub fn of_case(conn: &mut Conn, case: CaseId) -> Result<Vec<About>, AppError> {
    referrals(conn, case)
}

fn look(row: Row, about: Option<&About>) -> Look {
    let (id, at, account, organisation, action, _, reason, (name, roles, organisation_name)) = row;
    Look { id, at, account, name, roles, organisation, organisation_name, action, reason, about: about.cloned() }
}

/// The services that a household was referred to, the newest first.
pub(in crate::db) fn referrals(conn: &mut Conn, of: CaseId) -> Result<Vec<About>, AppError> {
    Ok(referral::table
        .inner_join(service::table)
        .filter(referral::case_id.eq(of))
        .order((referral::sent_at.desc(), referral::id.desc()))
        .select((
            referral::id,
            referral::state,
            referral::address_from,
            referral::ended_at,
            service::organisation_id,
            service::name,
            service::name_confidential,
        ))
        .load(conn)?)
}

/// The jobs by which a home is made safe, told like referrals: the scheme's own name is known from the booking on.
fn sanctuaries(conn: &mut Conn, of: CaseId) -> Result<Vec<About>, AppError> {
    let jobs: Vec<(SanctuaryId, Option<At>, OrganisationId, String, bool)> = sanctuary_job::table
        .inner_join(service::table)
        .filter(sanctuary_job::case_id.eq(of))
        .select((
            sanctuary_job::id,
            sanctuary_job::booked_at,
            service::organisation_id,
            service::name,
            service::name_confidential,
        ))
        .load(conn)?;
    let told = jobs.into_iter().map(|(id, booked, provider, service, confidential)| About {
        referral: ReferralId(id.0),
        state: if booked.is_some() { State::Accepted } else { State::Sent },
        released: None,
        ended: None,
        provider,
        service,
        confidential,
    });
    Ok(told.collect())
}

/// A stay: where, and from when until when.
#[derive(Debug, Clone, Copy)]
pub(in crate::db) struct Stay {
    pub(in crate::db) id: OccupancyId,
    pub(in crate::db) referral: ReferralId,
    unit: UnitId,
    arrived: Option<At>,
    left: Option<At>,
}

type StayRow = (OccupancyId, ReferralId, UnitId, Option<At>, Option<At>, Option<At>);

/// The stays of a case, the first first.
pub(in crate::db) fn stays(conn: &mut Conn, of: CaseId) -> Result<Vec<Stay>, AppError> {
    let rows: Vec<StayRow> = placement::table
        .inner_join(referral::table)
        .inner_join(occupancy::table)
        .filter(referral::case_id.eq(of))
        .order((placement::expected_at, placement::id))
        .select((
            placement::id,
            referral::id,
            occupancy::unit_id,
            placement::arrived_at,
            placement::departed_at,
            placement::moved_at,
        ))
        .load(conn)?;
    let stay = |(id, referral, unit, arrived, departed, moved): StayRow| Stay {
        id,
        referral,
        unit,
        arrived,
        left: departed.or(moved),
    };
    Ok(rows.into_iter().map(stay).collect())
}

type Objects = (Vec<(EventId, Option<ReferralId>)>, Vec<Stay>);

/// What events about a case are about, each with its referral; and its stays, the first first.
fn objects(conn: &mut Conn, of: CaseId, referrals: &[About]) -> Result<Objects, AppError> {
    let mut objects = vec![(EventId(of.0), None)];
    objects.extend(referrals.iter().map(|about| (EventId(about.referral.0), Some(about.referral))));
    let stays = stays(conn, of)?;
    objects.extend(stays.iter().map(|stay| (EventId(stay.id.0), Some(stay.referral))));
    let known: BTreeSet<_> = referrals.iter().map(|about| about.referral).collect();
    let notes: Vec<(NoteId, ReferralId)> = referral_note::table
        .filter(referral_note::referral_id.eq_any(known))
        .select((referral_note::id, referral_note::referral_id))
        .load(conn)?;
    objects.extend(notes.into_iter().map(|(note, referral)| (EventId(note.0), Some(referral))));
    let codes: Vec<JourneyId> = journey::table.filter(journey::case_id.eq(of)).select(journey::id).load(conn)?;
    objects.extend(codes.into_iter().map(|code| (EventId(code.0), None)));
    Ok((objects, stays))
}

impl Asked<'_> {
    /// Events about these objects; with a beginning, those in which an address was read.
    fn load(
        &self,
        conn: &mut Conn,
        objects: &[EventId],
        from: Option<At>,
        until: Option<At>,
    ) -> Result<Vec<Row>, AppError> {
        let mut rows = audit_event::table
            .left_join(account::table.on(account::id.eq(audit_event::account_id)))
            .left_join(organisation::table.on(organisation::id.eq(audit_event::organisation_id)))
            .filter(audit_event::object_id.eq_any(objects.to_vec()))
            // What somebody elsewhere does with a code is recorded on both sides: once is enough here.
            .filter(account::id.is_null().or(account::organisation_id.eq(audit_event::organisation_id)))
            .order((audit_event::at.desc(), audit_event::id.desc()))
            .limit(self.limit)
            .select((
                audit_event::id,
                audit_event::at,
                audit_event::account_id,
                audit_event::organisation_id,
                audit_event::action,
                audit_event::object_id,
                audit_event::reason,
                (account::name.nullable(), account::roles.nullable(), organisation::name.nullable()),
            ))
            .into_boxed();
        rows = if let Some(from) = from {
            rows.filter(audit_event::object.eq("address"))
                .filter(audit_event::action.ne("address.written"))
                .filter(audit_event::at.ge(from))
        } else {
            let refused = audit_event::action.eq_any(["refused.not_found", "refused.forbidden"]);
            rows.filter(audit_event::object.ne("refused").or(refused))
                .filter(audit_event::action.ne_all(self.changes.to_vec()))
        };
        if let Some(until) = until {
            rows = rows.filter(audit_event::at.lt(until));
        }
        if let Some((at, id)) = self.after {
            rows = rows.filter(audit_event::at.le(at)).filter(audit_event::at.lt(at).or(audit_event::id.lt(id)));
        }
        Ok(rows.load(conn)?)
    }
}

/// The case with this reference, whoever it belongs to: for the auditor, who is told nothing else of it.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn with_reference(conn: &mut Conn, reference: &str) -> Result<(CaseId, OrganisationId), AppError> {
    Ok(case::table.filter(case::reference.eq(reference)).select((case::id, case::organisation_id)).first(conn)?)
}
