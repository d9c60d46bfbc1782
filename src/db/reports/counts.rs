//! Referrals and households counted by the database: those that share the values that are asked for come as one row. Only
//! what is asked for is read. But for the cases that do not exist for their reader. (S17)

use std::collections::BTreeMap;

use chrono::{Datelike, Months as Number, NaiveDate};
use diesel::backend::Backend;
use diesel::dsl::{count_star, exists, not, sql};
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Integer, Nullable, Text};

use super::Perspective;
use crate::clock::At;
use crate::db::Conn;
use crate::db::exclusions::{self, Reader};
use crate::db::schema::{case, case_merge, case_secondary_reason, referral, referral_secondary_reason, service};
use crate::db::types::{Guid, Instant};
use crate::domain::measures::people::Composition;
use crate::domain::measures::{Access, Dimension};
use crate::domain::provision::AccommodationType;
use crate::domain::reason::{DecidedBy, Outcome};
use crate::domain::referral::State;
use crate::error::AppError;
use crate::ids::{CaseId, ReferralId, ServiceId};

/// The months of England that some days are in. The databases are told when each begins: only we know about summer time.
#[derive(Debug, Clone)]
pub struct Months(Vec<(At, String)>);

impl Months {
    /// Those from one day to another, which is included.
    pub fn of(from: NaiveDate, to: NaiveDate) -> Self {
        let first = from.with_day(1).unwrap_or(from);
        let months = (0..).map_while(|number| first.checked_add_months(Number::new(number)));
        let months = months.take_while(|month| *month <= to);
        Self(months.map(|month| (At::start_of(month), month.format("%Y-%m").to_string())).collect())
    }

    /// "2026-11", by its place among them.
    pub fn name(&self, place: i32) -> Option<&str> {
        self.0.get(usize::try_from(place).ok()?).map(|(_, name)| name.as_str())
    }
}

/// Referrals that are alike. What was not asked for is absent.
#[derive(Debug, Clone, Queryable)]
pub struct Referrals {
    /// One of those that count as the same.
    pub state: State,
    pub primary_reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    /// Of the service.
    pub area: Option<String>,
    pub accommodation_type: Option<AccommodationType>,
    pub service: Option<ServiceId>,
    /// In which it was sent: its place among the months.
    pub month: Option<i32>,
    pub source: Option<String>,
    pub household: Option<Composition>,
    /// When each is asked for alone.
    pub id: Option<ReferralId>,
    pub at: Option<At>,
    pub number: i64,
}

/// Closed cases that are alike. What was not asked for is absent.
#[derive(Debug, Clone, Queryable)]
pub struct Households {
    pub outcome: Option<Outcome>,
    pub primary_reason: Option<String>,
    pub decided_by: Option<DecidedBy>,
    /// From which they come.
    pub area: Option<String>,
    /// In which it was closed: its place among the months.
    pub month: Option<i32>,
    pub source: Option<String>,
    pub what_happened_next: Option<String>,
    pub household: Option<Composition>,
    /// When each is asked for alone.
    pub id: Option<CaseId>,
    pub at: Option<At>,
    pub number: i64,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub from: At,
    /// The first instant after it.
    pub to: At,
    pub months: &'a Months,
    pub by: &'a [Dimension],
    /// Each alone, with its id.
    pub each: bool,
}

/// The merge that folds a case into another, if there is one now.
macro_rules! folded {
    () => {
        case_merge::table.filter(case_merge::folded_id.eq(case::id)).filter(case_merge::undone_at.is_null())
    };
}

/// How many referrals were sent in the time that is asked for.
///
/// # Errors
/// When the database fails.
pub fn referrals(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    asked: Asked<'_>,
) -> Result<Vec<Referrals>, AppError> {
    let mut chosen = Chosen::new(conn, asked.by);
    let each = asked.each;
    chosen.always();
    let state = one_state_each();
    let reason = chosen.reason("\"referral\".\"primary_reason\"");
    let decided_by = chosen.by(Dimension::DecidedBy, "\"referral\".\"decided_by\"");
    let area = chosen.by(Dimension::Area, "\"service\".\"area_code\"");
    let kind = chosen.by(Dimension::AccommodationType, "\"service\".\"accommodation_type\"");
    let service_id = chosen.by(Dimension::Service, "\"referral\".\"service_id\"");
    let month = chosen.month("\"referral\".\"sent_at\"", asked.months);
    let source = chosen.by(Dimension::Source, "\"case\".\"referral_source\"");
    let household = chosen.by(Dimension::Household, "\"case\".\"household_kind\"");
    let (id, at) = (chosen.when(each, "\"referral\".\"id\""), chosen.when(each, "\"referral\".\"sent_at\""));
    let columns = (
        sql::<Text>(&state),
        sql::<Nullable<Text>>(reason),
        sql::<Nullable<Text>>(decided_by),
        sql::<Nullable<Text>>(area),
        sql::<Nullable<Text>>(kind),
        sql::<Nullable<Guid>>(service_id),
        month,
        sql::<Nullable<Text>>(source),
        sql::<Nullable<Text>>(household),
        sql::<Nullable<Guid>>(id),
        sql::<Nullable<Instant>>(at),
        count_star(),
    );
    let hidden = exclusions::hidden_cases(conn, reader)?;
    macro_rules! counted {
        ($rows:expr, $theirs:expr) => {
            $rows
                .group_by(sql::<Integer>(&chosen.places()))
                .select(columns)
                .filter(referral::case_id.ne_all(hidden))
                .filter(referral::sent_at.ge(asked.from))
                .filter(referral::sent_at.lt(asked.to))
                .filter($theirs)
                .load(conn)
        };
    }
    // A case is a long row: it is left alone when nothing of it is asked for.
    let of_case = [Dimension::Source, Dimension::Household].iter().any(|by| asked.by.contains(by));
    let to_services = || referral::table.inner_join(service::table);
    let of_cases = || referral::table.inner_join(case::table).inner_join(service::table);
    Ok(match of {
        Perspective::Provider(id) if of_case => counted!(of_cases(), service::organisation_id.eq(id)),
        Perspective::Provider(id) => counted!(to_services(), service::organisation_id.eq(id)),
        Perspective::Referrer(id) => counted!(of_cases(), case::organisation_id.eq(id)),
    }?)
}

/// How many cases of the reader's organisation were closed in the time that is asked for; one that is folded into another
/// is no household.
///
/// # Errors
/// When the database fails.
pub fn households(conn: &mut Conn, reader: Reader, asked: Asked<'_>) -> Result<Vec<Households>, AppError> {
    let mut chosen = Chosen::new(conn, asked.by);
    let each = asked.each;
    chosen.always();
    let reason = chosen.reason("\"case\".\"primary_reason\"");
    let decided_by = chosen.by(Dimension::DecidedBy, "\"case\".\"decided_by\"");
    let area = chosen.by(Dimension::Area, "\"case\".\"origin_area\"");
    let month = chosen.month("\"case\".\"closed_at\"", asked.months);
    let source = chosen.by(Dimension::Source, "\"case\".\"referral_source\"");
    let next = chosen.by(Dimension::WhatHappenedNext, "\"case\".\"what_happened_next\"");
    let household = chosen.by(Dimension::Household, "\"case\".\"household_kind\"");
    let (id, at) = (chosen.when(each, "\"case\".\"id\""), chosen.when(each, "\"case\".\"closed_at\""));
    let hidden = exclusions::hidden_cases(conn, reader)?;
    Ok(case::table
        .group_by(sql::<Integer>(&chosen.places()))
        .select((
            sql::<Nullable<Text>>("\"case\".\"outcome\""),
            sql::<Nullable<Text>>(reason),
            sql::<Nullable<Text>>(decided_by),
            sql::<Nullable<Text>>(area),
            month,
            sql::<Nullable<Text>>(source),
            sql::<Nullable<Text>>(next),
            sql::<Nullable<Text>>(household),
            sql::<Nullable<Guid>>(id),
            sql::<Nullable<Instant>>(at),
            count_star(),
        ))
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(hidden))
        .filter(not(exists(folded!())))
        .filter(case::closed_at.ge(asked.from))
        .filter(case::closed_at.lt(asked.to))
        .load(conn)?)
}

/// How often each reason was given beside the primary one, of the referrals sent within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn referral_secondary_reasons(
    conn: &mut Conn,
    of: Perspective,
    reader: Reader,
    from: At,
    to: At,
) -> Result<BTreeMap<String, u64>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    macro_rules! counted {
        ($rows:expr, $theirs:expr) => {
            $rows
                .group_by(referral_secondary_reason::reason)
                .select((referral_secondary_reason::reason, count_star()))
                .filter(referral::case_id.ne_all(hidden))
                .filter(referral::sent_at.ge(from))
                .filter(referral::sent_at.lt(to))
                .filter($theirs)
                .load::<(String, i64)>(conn)
        };
    }
    let given = || referral_secondary_reason::table;
    let reasons = match of {
        Perspective::Provider(id) => {
            counted!(given().inner_join(referral::table.inner_join(service::table)), service::organisation_id.eq(id))
        }
        Perspective::Referrer(id) => {
            counted!(given().inner_join(referral::table.inner_join(case::table)), case::organisation_id.eq(id))
        }
    }?;
    Ok(reasons.into_iter().map(|(reason, given)| (reason, number(given))).collect())
}

/// How often each reason was given beside the primary one, of the cases closed within `[from, to)`.
///
/// # Errors
/// When the database fails.
pub fn household_secondary_reasons(
    conn: &mut Conn,
    reader: Reader,
    from: At,
    to: At,
) -> Result<BTreeMap<String, u64>, AppError> {
    let hidden = exclusions::hidden_cases(conn, reader)?;
    let reasons: Vec<(String, i64)> = case_secondary_reason::table
        .inner_join(case::table)
        .group_by(case_secondary_reason::reason)
        .select((case_secondary_reason::reason, count_star()))
        .filter(case::organisation_id.eq(reader.organisation))
        .filter(case::id.ne_all(hidden))
        .filter(not(exists(folded!())))
        .filter(case::closed_at.ge(from))
        .filter(case::closed_at.lt(to))
        .load(conn)?;
    Ok(reasons.into_iter().map(|(reason, given)| (reason, number(given))).collect())
}

/// For all states of referrals that count as the same, one of them.
fn one_state_each() -> String {
    let mut kinds: BTreeMap<Access, Vec<State>> = BTreeMap::new();
    for state in State::ALL {
        kinds.entry(Access::of_referral(*state)).or_default().push(*state);
    }
    let quoted = |state: &State| format!("'{}'", state.as_str());
    let kind = |states: Vec<State>| {
        let all: Vec<String> = states.iter().map(quoted).collect();
        format!(" WHEN \"referral\".\"state\" IN ({}) THEN {}", all.join(", "), all[0])
    };
    let kinds: String = kinds.into_values().map(kind).collect();
    format!("CASE{kinds} END")
}

/// A count as the database gives it.
pub fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// Which columns were chosen: what was not is `NULL`, and is not grouped by.
struct Chosen<'a> {
    on_postgres: bool,
    by: &'a [Dimension],
    columns: usize,
    /// Where the chosen ones stand in the row.
    places: Vec<String>,
}

impl<'a> Chosen<'a> {
    fn new(conn: &Conn, by: &'a [Dimension]) -> Self {
        Self { on_postgres: matches!(conn, Conn::Postgres(_)), by, columns: 0, places: Vec::new() }
    }

    fn always(&mut self) {
        self.when(true, "");
    }

    fn by(&mut self, dimension: Dimension, column: &'static str) -> &'static str {
        self.when(self.by.contains(&dimension), column)
    }

    /// A reason is asked for with its groups.
    fn reason(&mut self, column: &'static str) -> &'static str {
        use Dimension::{Reason, ReturnGroup, WomensAidGroup};
        self.when([Reason, WomensAidGroup, ReturnGroup].iter().any(|dimension| self.by.contains(dimension)), column)
    }

    fn month(&mut self, column: &'static str, months: &Months) -> Month {
        let chosen = self.by.contains(&Dimension::Month);
        let starts = if chosen { months.0.iter().map(|(start, _)| *start).collect() } else { Vec::new() };
        Month { on_postgres: self.on_postgres, column: self.when(chosen, column), starts }
    }

    fn when(&mut self, chosen: bool, column: &'static str) -> &'static str {
        self.columns += 1;
        if chosen {
            self.places.push(self.columns.to_string());
        }
        if chosen { column } else { "NULL" }
    }

    /// For `GROUP BY`.
    fn places(&self) -> String {
        self.places.join(", ")
    }
}

/// The place of the month that an instant is in: `NULL` when there is none to choose from. What is before the first is in
/// it. Each database finds it by halves. PostgreSQL has a function for that: it takes a choice of this depth for so dear
/// that it would rather sort all rows than count them as they come.
#[derive(Debug, Clone)]
struct Month {
    on_postgres: bool,
    column: &'static str,
    /// When each begins, in order.
    starts: Vec<At>,
}

impl Month {
    fn bucket<'b, DB>(&'b self, after_first: &'b [At], out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<Instant>,
        At: ToSql<Instant, DB>,
    {
        out.push_sql("width_bucket(");
        out.push_sql(self.column);
        for (n, start) in after_first.iter().enumerate() {
            out.push_sql(if n == 0 { ", ARRAY[" } else { ", " });
            out.push_bind_param::<Instant, At>(start)?;
        }
        out.push_sql("])");
        Ok(())
    }

    fn choice<'b, DB>(&'b self, starts: &'b [At], first: usize, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<Instant>,
        At: ToSql<Instant, DB>,
    {
        let (before, after) = starts.split_at(starts.len() / 2);
        match after {
            [start, ..] if !before.is_empty() => {
                out.push_sql("CASE WHEN ");
                out.push_sql(self.column);
                out.push_sql(" < ");
                out.push_bind_param::<Instant, At>(start)?;
                out.push_sql(" THEN ");
                self.choice(before, first, out)?;
                out.push_sql(" ELSE ");
                self.choice(after, first + before.len(), out)?;
                out.push_sql(" END");
            }
            _ => out.push_sql(&first.to_string()),
        }
        Ok(())
    }
}

impl Expression for Month {
    type SqlType = Nullable<Integer>;
}

impl<DB> QueryFragment<DB> for Month
where
    DB: Backend + HasSqlType<Instant>,
    At: ToSql<Instant, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        match self.starts.as_slice() {
            [] => out.push_sql("NULL"),
            [_, after_first @ ..] if self.on_postgres && !after_first.is_empty() => {
                self.bucket(after_first, &mut out)?;
            }
            all => self.choice(all, 0, &mut out)?,
        }
        Ok(())
    }
}

impl QueryId for Month {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<GroupedBy> ValidGrouping<GroupedBy> for Month {
    type IsAggregate = is_aggregate::Never;
}

impl<Rows> AppearsOnTable<Rows> for Month {}

impl<Rows> SelectableExpression<Rows> for Month {}
