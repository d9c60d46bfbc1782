//! Every set of rules that ever was in force. The newest version counts.

use std::collections::BTreeMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use uuid::Uuid;

use super::conn::MultiBackend;
use super::schema::{rule_set, service, unit, vacancy};
use super::{Conn, Tx};
use crate::clock::At;
use crate::domain::eligibility::{Rules, Scope, Version};
use crate::error::AppError;
use crate::ids::{AccountId, EventId, OrganisationId, ServiceId, UnitId, VacancyId};

/// What a set of rules is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Organisation(OrganisationId),
    Service(ServiceId),
    Unit(UnitId),
    Vacancy(VacancyId),
}

impl Subject {
    pub fn scope(self) -> Scope {
        match self {
            Self::Organisation(_) => Scope::Organisation,
            Self::Service(_) => Scope::Service,
            Self::Unit(_) => Scope::Unit,
            Self::Vacancy(_) => Scope::Vacancy,
        }
    }

    pub fn id(self) -> Uuid {
        match self {
            Self::Organisation(id) => id.0,
            Self::Service(id) => id.0,
            Self::Unit(id) => id.0,
            Self::Vacancy(id) => id.0,
        }
    }

    pub fn of(scope: Scope, id: Uuid) -> Self {
        match scope {
            Scope::Organisation => Self::Organisation(OrganisationId(id)),
            Scope::Service => Self::Service(ServiceId(id)),
            Scope::Unit => Self::Unit(UnitId(id)),
            Scope::Vacancy => Self::Vacancy(VacancyId(id)),
        }
    }
}

/// One version of a set of rules.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = rule_set, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct RuleSet {
    pub scope: Scope,
    /// Of whatever the scope says.
    pub scope_id: EventId,
    pub version: i32,
    pub rules: Rules,
    pub author_id: AccountId,
    pub reason: String,
    pub effective_from: At,
}

impl RuleSet {
    pub fn new(subject: Subject, version: i32, rules: Rules, reason: &str, tx: &Tx) -> Self {
        Self {
            scope: subject.scope(),
            scope_id: EventId(subject.id()),
            version,
            rules,
            author_id: tx.actor().account,
            reason: reason.into(),
            effective_from: tx.now(),
        }
    }

    pub fn version(&self) -> Version {
        Version { scope: self.scope, id: self.scope_id.0, version: self.version }
    }
}

/// # Errors
/// [`AppError::Contended`] when somebody else has just stored this version.
pub fn insert(tx: &mut Tx, row: &RuleSet) -> Result<(), AppError> {
    super::contended_when_taken(diesel::insert_into(rule_set::table).values(row).execute(tx.conn))
}

/// The versions of a set of rules, the newest first; none where there never were any.
///
/// # Errors
/// When the database fails.
pub fn history(conn: &mut Conn, of: Subject, limit: i64) -> Result<Vec<RuleSet>, AppError> {
    Ok(rule_set::table
        .filter(rule_set::scope.eq(of.scope()))
        .filter(rule_set::scope_id.eq(EventId(of.id())))
        .order(rule_set::version.desc())
        .limit(limit)
        .select(RuleSet::as_select())
        .load(conn)?)
}

/// One version.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn version(conn: &mut Conn, of: Subject, version: i32) -> Result<RuleSet, AppError> {
    Ok(rule_set::table.find((of.scope(), EventId(of.id()), version)).select(RuleSet::as_select()).first(conn)?)
}

/// Sets of rules by what they are about.
pub type Sets = BTreeMap<Subject, RuleSet>;

/// The newest version of every set of rules, or of those of some subjects.
///
/// # Errors
/// When the database fails.
pub fn newest(conn: &mut Conn, of: Option<&[Subject]>) -> Result<Sets, AppError> {
    let newer = diesel::alias!(rule_set as newer);
    let mut rows = rule_set::table
        .filter(not(exists(
            newer
                .filter(newer.field(rule_set::scope).eq(rule_set::scope))
                .filter(newer.field(rule_set::scope_id).eq(rule_set::scope_id))
                .filter(newer.field(rule_set::version).gt(rule_set::version)),
        )))
        .select(RuleSet::as_select())
        .into_boxed();
    if let Some(of) = of {
        let ids: Vec<_> = of.iter().map(|subject| EventId(subject.id())).collect();
        rows = rows.filter(rule_set::scope_id.eq_any(ids));
    }
    let rows: Vec<RuleSet> = rows.load(conn)?;
    Ok(rows.into_iter().map(|row| (Subject::of(row.scope, row.scope_id.0), row)).collect())
}

/// The organisation that a subject belongs to, and the wider subjects that its rules stand beside, the widest first.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn around(conn: &mut Conn, of: Subject) -> Result<(OrganisationId, Vec<Subject>), AppError> {
    let (owner, service, unit) = match of {
        Subject::Organisation(id) => return Ok((id, vec![])),
        Subject::Service(id) => {
            let owner = service::table.find(id).select(service::organisation_id).first(conn)?;
            return Ok((owner, vec![Subject::Organisation(owner)]));
        }
        Subject::Unit(id) => {
            let (owner, service) = unit::table
                .inner_join(service::table)
                .filter(unit::id.eq(id))
                .select((service::organisation_id, service::id))
                .first::<(OrganisationId, ServiceId)>(conn)?;
            (owner, service, None)
        }
        Subject::Vacancy(id) => {
            let (owner, service, unit) = vacancy::table
                .inner_join(unit::table.inner_join(service::table))
                .filter(vacancy::id.eq(id))
                .select((service::organisation_id, service::id, unit::id))
                .first::<(OrganisationId, ServiceId, UnitId)>(conn)?;
            (owner, service, Some(Subject::Unit(unit)))
        }
    };
    let mut wider = vec![Subject::Organisation(owner), Subject::Service(service)];
    wider.extend(unit);
    Ok((owner, wider))
}
