//! Column types that both databases can store, and the only code that knows how each one stores them.

use chrono::{DateTime, SecondsFormat};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{HasSqlType, Jsonb, SqlOrd, SqlType, Text, Timestamptz, Uuid as PgUuid};
use diesel::sqlite::{Sqlite, SqliteValue};
use uuid::Uuid;

use super::conn::{MultiBackend, MultiRawValue};
use crate::clock::At;
use crate::domain::barriers::Occasion;
use crate::domain::eligibility::{Household, Nrpf, Obstacle, Rules, Scope, Verdict};
use crate::domain::household::{Answer, MemberRole, Needs, RiskBand};
use crate::domain::journey::{Consent, Shares};
use crate::domain::measures::people::Composition;
use crate::domain::measures::published::{self, Facts, Released};
use crate::domain::measures::target::Better;
use crate::domain::measures::{self, Code};
use crate::domain::permission::{Kinds, Roles};
use crate::domain::provision::{AccommodationType, Room, ServiceAttributes, Wheelchair};
use crate::domain::reason::{DecidedBy, Outcome};
use crate::domain::{
    alert, case, emergency, exclusion, job, link, mail, merge, note, occupancy, outcomes, placement, referral, repeat,
    report_file, risk, safety_plan, sanctuary, second_factor, support, task, vacancy,
};
use crate::ids::{
    AccountId, AlertId, AssessmentId, AttemptId, CaseId, CaseNoteId, DueId, EmergencyId, EventId, ExclusionId,
    FactorId, HouseholdId, IncidentId, InstanceId, JourneyId, JourneyUseId, KeyId, LinkId, MailId, MaracId, MergeId,
    NoteId, NoticeId, OccupancyId, OrganisationId, OverrideId, ReferralId, ReleaseId, ReportFileId, RequestId,
    SafetyActionId, SafetyReviewId, SanctuaryFollowUpId, SanctuaryId, SanctuaryMeasureId, SearchId, ServiceId,
    SessionId, SubjectId, SupportId, TaskId, UnitId, VacancyId,
};
use crate::reports::book::Book;

/// `uuid` on PostgreSQL, a `blob` of 16 bytes on SQLite.
#[derive(Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct Guid;

/// `timestamptz` on PostgreSQL, RFC 3339 `text` of one width on SQLite, where it sorts as time does.
#[derive(Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Text"))]
pub struct Instant;

/// `jsonb` on PostgreSQL, `text` on SQLite.
#[derive(Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
pub struct Document;

/// A JSON value in a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(pub serde_json::Value);

impl SqlOrd for Guid {}
impl SqlOrd for Instant {}

macro_rules! known_to_both {
    ($($sql:ident),*) => {$(
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                MultiBackend::lookup_sql_type::<$sql>(lookup)
            }
        }
    )*};
}
known_to_both!(Guid, Instant, Document);

/// Stores a Rust type in one of the SQL types above: its PostgreSQL form by way of the type diesel has for it, and its
/// SQLite form by way of the one of SQLite's own types. Both directions are written out at the call.
macro_rules! stored {
    ($rust:ty as $sql:ident {
        postgres: $native:ty as $plain:ty, |$out_pg:ident| $to_pg:expr, |$in_pg:ident| $from_pg:expr;
        sqlite: |$out_lite:ident| $to_lite:expr, |$in_lite:ident| $from_lite:expr;
    }) => {
        const _: () = {
            #[derive(AsExpression, FromSqlRow)]
            #[diesel(foreign_derive, sql_type = $sql)]
            #[expect(dead_code, reason = "diesel derives for the type inside")]
            struct Foreign($rust);
        };
        impl ToSql<$sql, Pg> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                let $out_pg = self;
                ToSql::<$native, Pg>::to_sql(&$to_pg, &mut out.reborrow())
            }
        }
        impl FromSql<$sql, Pg> for $rust {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                let $in_pg = <$plain as FromSql<$native, Pg>>::from_sql(value)?;
                Ok($from_pg)
            }
        }
        impl ToSql<$sql, Sqlite> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                let $out_lite = self;
                out.set_value($to_lite);
                Ok(IsNull::No)
            }
        }
        impl FromSql<$sql, Sqlite> for $rust {
            fn from_sql(mut $in_lite: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                Ok($from_lite)
            }
        }
        impl ToSql<$sql, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }
        impl FromSql<$sql, MultiBackend> for $rust {
            fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<$rust, $sql>()
            }
        }
    };
}

stored!(At as Instant {
    postgres: Timestamptz as DateTime<chrono::Utc>, |at| at.utc(), |utc| utc.into();
    sqlite: |at| at.utc().to_rfc3339_opts(SecondsFormat::Micros, true), |text| DateTime::parse_from_rfc3339(text.read_text())?.to_utc().into();
});

stored!(Json as Document {
    postgres: Jsonb as serde_json::Value, |json| json.0, |value| Json(value);
    sqlite: |json| json.0.to_string(), |text| Json(serde_json::from_str(text.read_text())?);
});

macro_rules! stored_ids {
    ($($id:ident),*) => {$(
        stored!($id as Guid {
            postgres: PgUuid as Uuid, |id| id.0, |uuid| $id(uuid);
            sqlite: |id| id.0.as_bytes().as_slice(), |blob| $id(Uuid::from_slice(blob.read_blob())?);
        });
    )*};
}
stored_ids!(
    AccountId,
    AlertId,
    AssessmentId,
    AttemptId,
    CaseId,
    CaseNoteId,
    DueId,
    EmergencyId,
    EventId,
    ExclusionId,
    FactorId,
    HouseholdId,
    IncidentId,
    InstanceId,
    JourneyId,
    JourneyUseId,
    KeyId,
    LinkId,
    MailId,
    MaracId,
    MergeId,
    NoteId,
    NoticeId,
    OccupancyId,
    OrganisationId,
    OverrideId,
    ReferralId,
    ReleaseId,
    ReportFileId,
    RequestId,
    SafetyActionId,
    SafetyReviewId,
    SanctuaryFollowUpId,
    SanctuaryId,
    SanctuaryMeasureId,
    SearchId,
    ServiceId,
    SessionId,
    SubjectId,
    SupportId,
    TaskId,
    UnitId,
    VacancyId
);

/// Stores a value of the domain as JSON.
macro_rules! stored_documents {
    ($($document:ty),*) => {$(
        stored!($document as Document {
            postgres: Jsonb as serde_json::Value, |value| serde_json::to_value(value)?, |json| serde_json::from_value(json)?;
            sqlite: |value| serde_json::to_string(value)?, |text| serde_json::from_str(text.read_text())?;
        });
    )*};
}
stored_documents!(
    Book,
    Facts,
    Released,
    mail::Choices,
    Household,
    Kinds,
    Needs,
    Roles,
    Rules,
    ServiceAttributes,
    Shares,
    risk::AbuseTypes
);

/// Stores a list of words of the domain as text.
macro_rules! stored_words {
    ($($words:ty),*) => {$(
        const _: () = {
            #[derive(AsExpression, FromSqlRow)]
            #[diesel(foreign_derive, sql_type = Text)]
            #[expect(dead_code, reason = "diesel derives for the type inside")]
            struct Foreign($words);
        };
        impl<DB: diesel::backend::Backend> ToSql<Text, DB> for $words
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.as_str().to_sql(out)
            }
        }
        impl<DB: diesel::backend::Backend> FromSql<Text, DB> for $words
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(String::from_sql(value)?.parse()?)
            }
        }
    )*};
}
stored_words!(
    AccommodationType,
    Answer,
    Better,
    Code,
    Composition,
    Consent,
    DecidedBy,
    MemberRole,
    Nrpf,
    Obstacle,
    Occasion,
    Outcome,
    RiskBand,
    Room,
    Scope,
    Verdict,
    Wheelchair,
    alert::Kind,
    alert::Stage,
    case::State,
    emergency::State,
    exclusion::Kind,
    job::Problem,
    occupancy::Kind,
    placement::DepartureKind,
    placement::State,
    published::Kind,
    referral::MessageKind,
    referral::Side,
    referral::State,
    measures::Side,
    repeat::Kind,
    report_file::Every,
    report_file::Kind,
    report_file::State,
    sanctuary::Consent,
    sanctuary::Fitting,
    sanctuary::Installer,
    sanctuary::StillSafe,
    sanctuary::State,
    sanctuary::Tenure,
    link::Purpose,
    outcomes::Answer,
    outcomes::AskedHow,
    second_factor::SecondFactor,
    mail::Problem,
    mail::State,
    mail::Topic,
    merge::Reason,
    support::AgeBand,
    support::State,
    task::Kind,
    task::Outcome,
    note::Kind,
    note::Visibility,
    risk::MaracReason,
    safety_plan::Doer,
    safety_plan::State,
    vacancy::State
);
