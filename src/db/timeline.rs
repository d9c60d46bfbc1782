//! What happened to a household: the events of the audit about its case, and about everything that belongs to it.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::Conn;
use super::audit::looks::{About, referrals, stays};
pub use super::notes::last_contact;
use super::schema::{
    account, audit_event, emergency_access, journey, marac_referral, occupancy, organisation, placement, referral,
    referral_note, risk_assessment, risk_incident, safety_action, safety_review, sanctuary_job, service, support, task,
    unit,
};
use crate::clock::At;
use crate::error::AppError;
use crate::ids::{AccountId, CaseId, EventId, OrganisationId, ReferralId};

/// What an event is about: where somebody who reads of it can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Case,
    Referral(ReferralId),
    Risk,
    SafetyPlan,
    Task,
}

/// One event, and what it has to do with.
#[derive(Debug, Clone)]
pub struct Happened {
    pub id: EventId,
    pub at: At,
    pub account: AccountId,
    pub name: Option<String>,
    pub organisation: OrganisationId,
    pub organisation_name: Option<String>,
    pub action: String,
    pub reason: String,
    pub subject: Subject,
    /// The service that it has to do with.
    pub about: Option<About>,
}

/// Whose timeline, and which part of it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub case: CaseId,
    /// Whose case it is.
    pub owner: OrganisationId,
    /// What is told: nothing else is read.
    pub actions: &'a [&'static str],
    pub oldest_first: bool,
    pub after: Option<(At, EventId)>,
    pub limit: i64,
}

type Objects = BTreeMap<EventId, Subject>;

/// Adds what belongs to a case by its `case_id`.
macro_rules! of_case {
    ($conn:expr, $of:expr, $objects:expr, $($table:ident is $subject:expr),* $(,)?) => {$(
        let ids: Vec<EventId> = $table::table.filter($table::case_id.eq($of)).select($table::id).load($conn)?;
        $objects.extend(ids.into_iter().map(|id| (id, $subject)));
    )*};
}

/// Everything that an event about a case can be about. **A new table of a case's work is added here**: its events are in
/// every timeline from then on, if `domain::timeline` says how they are told. (Notes are no events: see `db::notes`.)
fn objects(conn: &mut Conn, of: CaseId, owner: OrganisationId) -> Result<Objects, AppError> {
    let mut objects = Objects::from([(EventId(of.0), Subject::Case)]);
    of_case!(conn, of, objects,
        journey is Subject::Case,
        sanctuary_job is Subject::Case,
        marac_referral is Subject::Risk,
        occupancy is Subject::Case,
        risk_assessment is Subject::Risk,
        risk_incident is Subject::Risk,
        safety_action is Subject::SafetyPlan,
        safety_review is Subject::SafetyPlan,
        task is Subject::Task,
    );
    // What somebody of another organisation asks for in an emergency is theirs to know.
    let emergencies: Vec<EventId> = emergency_access::table
        .filter(emergency_access::case_id.eq(of))
        .filter(emergency_access::organisation_id.eq(owner))
        .select(emergency_access::id)
        .load(conn)?;
    objects.extend(emergencies.into_iter().map(|id| (id, Subject::Case)));
    // What belongs to a referral, by it.
    let referrals: Vec<ReferralId> =
        referral::table.filter(referral::case_id.eq(of)).select(referral::id).load(conn)?;
    let stays: Vec<(EventId, ReferralId)> = placement::table
        .filter(placement::referral_id.eq_any(referrals.clone()))
        .select((placement::id, placement::referral_id))
        .load(conn)?;
    let notes: Vec<(EventId, ReferralId)> = referral_note::table
        .filter(referral_note::referral_id.eq_any(referrals.clone()))
        .select((referral_note::id, referral_note::referral_id))
        .load(conn)?;
    let supports: Vec<(EventId, ReferralId)> = support::table
        .inner_join(placement::table)
        .filter(placement::referral_id.eq_any(referrals.clone()))
        .select((support::id, placement::referral_id))
        .load(conn)?;
    objects
        .extend(stays.into_iter().chain(notes).chain(supports).map(|(id, referral)| (id, Subject::Referral(referral))));
    objects.extend(referrals.into_iter().map(|id| (EventId(id.0), Subject::Referral(id))));
    Ok(objects)
}

/// The service of each stay, and whether its name is confidential: a household can go on from the one that it was referred to.
fn homes(conn: &mut Conn, of: CaseId) -> Result<BTreeMap<EventId, (String, bool)>, AppError> {
    let rows: Vec<(EventId, String, bool)> = placement::table
        .inner_join(occupancy::table.inner_join(unit::table.inner_join(service::table)))
        .filter(occupancy::case_id.eq(of))
        .select((placement::id, service::name, service::name_confidential))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, name, confidential)| (id, (name, confidential))).collect())
}

type Row = (EventId, At, AccountId, OrganisationId, String, EventId, String, (Option<String>, Option<String>));

/// What happened, in the order that is asked for: only for who has found the case within their scope.
///
/// # Errors
/// When the database fails.
pub fn page(conn: &mut Conn, asked: Asked) -> Result<Vec<Happened>, AppError> {
    let objects = objects(conn, asked.case, asked.owner)?;
    let services = referrals(conn, asked.case)?;
    let homes = homes(conn, asked.case)?;
    let ids: Vec<EventId> = objects.keys().copied().collect();
    let mut found: Vec<Happened> = Vec::new();
    for row in asked.load(conn, &ids, None, None)? {
        let subject = objects.get(&row.5).copied().unwrap_or(Subject::Case);
        let home;
        let about = match subject {
            Subject::Referral(id) => {
                let referred = services.iter().find(|about| about.referral == id);
                home = referred.zip(homes.get(&row.5)).map(|(about, home)| about.at(home));
                home.as_ref().or(referred)
            }
            // As in who saw this: of two services of a provider, the one whose name is confidential.
            _ => services.iter().filter(|about| about.provider == row.3).max_by_key(|about| about.confidential),
        };
        found.push(happened(row, subject, about));
    }
    // Where they were, for as long as the home was theirs.
    let stays = stays(conn, asked.case)?;
    for about in &services {
        for (unit, from, until) in about.homes(&stays) {
            let rows = asked.load(conn, &[EventId(unit.0)], Some(from), until)?;
            found.extend(rows.into_iter().map(|row| happened(row, Subject::Referral(about.referral), Some(about))));
        }
    }
    found.sort_by_key(|one| (one.at, one.id));
    found.dedup_by_key(|one| one.id);
    if !asked.oldest_first {
        found.reverse();
    }
    found.truncate(usize::try_from(asked.limit).unwrap_or(usize::MAX));
    Ok(found)
}

fn happened(row: Row, subject: Subject, about: Option<&About>) -> Happened {
    let (id, at, account, organisation, action, _, reason, (name, organisation_name)) = row;
    let about = about.cloned();
    Happened { id, at, account, name, organisation, organisation_name, action, reason, subject, about }
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
            .filter(audit_event::action.eq_any(self.actions.to_vec()))
            // What somebody elsewhere does with a code is recorded on both sides: once is enough here.
            .filter(account::id.is_null().or(account::organisation_id.eq(audit_event::organisation_id)))
            .limit(self.limit)
            .select((
                audit_event::id,
                audit_event::at,
                audit_event::account_id,
                audit_event::organisation_id,
                audit_event::action,
                audit_event::object_id,
                audit_event::reason,
                (account::name.nullable(), organisation::name.nullable()),
            ))
            .into_boxed();
        if let Some(from) = from {
            rows = rows.filter(audit_event::object.eq("address")).filter(audit_event::at.ge(from));
        }
        if let Some(until) = until {
            rows = rows.filter(audit_event::at.lt(until));
        }
        rows = if self.oldest_first {
            rows.order((audit_event::at.asc(), audit_event::id.asc()))
        } else {
            rows.order((audit_event::at.desc(), audit_event::id.desc()))
        };
        if let Some((at, id)) = self.after {
            let same = audit_event::at.eq(at);
            rows = if self.oldest_first {
                rows.filter(audit_event::at.gt(at).or(same.and(audit_event::id.gt(id))))
            } else {
                rows.filter(audit_event::at.lt(at).or(same.and(audit_event::id.lt(id))))
            };
        }
        Ok(rows.load(conn)?)
    }
}
