//! What time brings, and nobody does: noticed once for each occasion. (S39)

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveTime, TimeDelta, Weekday};
use diesel::prelude::*;

use super::expand::Notice;
use crate::auth::Actor;
use crate::clock::At;
use crate::db::conn::native;
use crate::db::schema::{occupancy, organisation, outbox, reminder, service, unit, vacancy};
use crate::db::{Conn, tasks};
use crate::domain::mail::{HOLD_WARNING, STALE_WARNING, Topic};
use crate::domain::occupancy::Kind;
use crate::domain::permission::Action;
use crate::domain::vacancy::{Freshness, State};
use crate::error::AppError;
use crate::ids::{EventId, NoticeId, OccupancyId, OrganisationId, RequestId};

/// What is to be noticed: about what, and which occasion of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    topic: Topic,
    subject: EventId,
    occasion: At,
}

/// What has not been noticed yet.
pub(super) fn due(conn: &mut Conn, now: At, freshness: Freshness) -> Result<Vec<Due>, AppError> {
    let mut due = holds(conn, now)?;
    due.extend(stale(conn, now, freshness)?);
    due.extend(digests(conn, now)?);
    due.extend(overdue(conn, now)?);
    let mut new = Vec::new();
    for one in due {
        let known: Option<At> = reminder::table
            .find((one.topic, one.subject, one.occasion))
            .select(reminder::occasion)
            .first(conn)
            .optional()?;
        new.extend(known.is_none().then_some(one));
    }
    Ok(new)
}

/// Notices it, unless another instance just has.
pub(super) fn notice(conn: &mut Conn, now: At, due: &[Due]) -> Result<usize, AppError> {
    let mut new = 0;
    for Due { topic, subject, occasion } in due.iter().copied() {
        let row = (reminder::topic.eq(topic), reminder::subject_id.eq(subject), reminder::occasion.eq(occasion));
        let first = native!(&mut *conn, conn => diesel::insert_into(reminder::table)
            .values(row).on_conflict_do_nothing().execute(conn))?;
        if first > 0 {
            let notice = Notice { id: NoticeId::new(), topic, subject_id: subject, created_at: now, done_by: None };
            diesel::insert_into(outbox::table).values(notice).execute(conn)?;
            new += 1;
        }
    }
    Ok(new)
}

/// Holds that end within a quarter of an hour.
fn holds(conn: &mut Conn, now: At) -> Result<Vec<Due>, AppError> {
    let ending: Vec<(OccupancyId, Option<At>)> = occupancy::table
        .filter(occupancy::kind.eq(Kind::Hold))
        .filter(occupancy::starts_at.le(now))
        .filter(occupancy::ends_at.gt(now))
        .filter(occupancy::ends_at.le(now + HOLD_WARNING))
        .select((occupancy::id, occupancy::ends_at))
        .load(conn)?;
    let due = |(id, ends_at): (OccupancyId, Option<At>)| {
        Some(Due { topic: Topic::HoldLapsing, subject: EventId(id.0), occasion: ends_at? })
    };
    Ok(ending.into_iter().filter_map(due).collect())
}

/// Providers of whose vacancies one goes stale soon, or just did: once for the day on which it does.
fn stale(conn: &mut Conn, now: At, freshness: Freshness) -> Result<Vec<Due>, AppError> {
    let boundary = now - freshness.stale_after;
    let confirmed: Vec<(OrganisationId, At)> = vacancy::table
        .inner_join(unit::table.inner_join(service::table))
        .filter(vacancy::state.eq(State::Open))
        .filter(vacancy::confirmed_at.gt(boundary - STALE_WARNING))
        .filter(vacancy::confirmed_at.le(boundary + STALE_WARNING))
        .select((service::organisation_id, vacancy::confirmed_at))
        .load(conn)?;
    let due = |(provider, confirmed_at): (OrganisationId, At)| Due {
        topic: Topic::VacanciesStale,
        subject: EventId(provider.0),
        occasion: At::start_of((confirmed_at + freshness.stale_after).date()),
    };
    let due: BTreeSet<Due> = confirmed.into_iter().map(due).collect();
    Ok(due.into_iter().collect())
}

/// On a Monday from eight: every organisation, for the week that is over.
fn digests(conn: &mut Conn, now: At) -> Result<Vec<Due>, AppError> {
    let eight = NaiveTime::MIN + TimeDelta::hours(8);
    if now.date().weekday() != Weekday::Mon || now.time() < eight {
        return Ok(Vec::new());
    }
    let ids: Vec<OrganisationId> =
        organisation::table.filter(organisation::active.eq(true)).select(organisation::id).load(conn)?;
    let occasion = At::start_of(now.date());
    let due = |id: OrganisationId| Due { topic: Topic::WeeklyDigest, subject: EventId(id.0), occasion };
    Ok(ids.into_iter().map(due).collect())
}

/// From eight in the morning: who has a task that was due before this day began, and who looks after an organisation in which
/// nobody has such a task. Once a day.
fn overdue(conn: &mut Conn, now: At) -> Result<Vec<Due>, AppError> {
    let eight = NaiveTime::MIN + TimeDelta::hours(8);
    if now.time() < eight {
        return Ok(Vec::new());
    }
    let today = At::start_of(now.date());
    let told: Vec<EventId> = reminder::table
        .filter(reminder::topic.eq(Topic::TasksOverdue))
        .filter(reminder::occasion.eq(today))
        .select(reminder::subject_id)
        .load(conn)?;
    let mut due = Vec::new();
    for organisation in tasks::organisations_overdue(conn, today)? {
        for (id, _, roles) in tasks::people(conn, organisation)? {
            if told.contains(&EventId(id.0)) {
                continue;
            }
            let nobody = Actor::nobody(RequestId::new());
            let actor = Actor { account: id, organisation, roles: roles.0, ..nobody };
            let manages = actor.may(Action::ReassignWork);
            if tasks::any_overdue(conn, tasks::Scope::of(&actor), manages, today)? {
                due.push(Due { topic: Topic::TasksOverdue, subject: EventId(id.0), occasion: today });
            }
        }
    }
    Ok(due)
}
