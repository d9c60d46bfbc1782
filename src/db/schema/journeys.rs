//! Who may be known already, how they are reached, and stories that are told once.

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::types::Guid;
    identity_trace (case_id, kind, trace) {
        case_id -> Guid,
        organisation_id -> Guid,
        key_id -> Guid,
        kind -> Text,
        trace -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::Bool;
    use crate::db::types::{Guid, Instant};
    case_likeness (case_id, other_id) {
        case_id -> Guid,
        other_id -> Guid,
        same -> Bool,
        decided_by -> Guid,
        decided_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    contact_override (id) {
        id -> Guid,
        case_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        at -> Instant,
        reason -> Text,
        key_id -> Nullable<Guid>,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Nullable, Text};
    use crate::db::types::{Document, Guid, Instant};
    journey (id) {
        id -> Guid,
        case_id -> Guid,
        organisation_id -> Guid,
        hash -> Binary,
        share -> Document,
        identity -> Bool,
        consent -> Text,
        created_by -> Guid,
        created_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::{Guid, Instant};
    journey_use (id) {
        id -> Guid,
        journey_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        reason -> Text,
        used_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Binary;
    use crate::db::types::{Guid, Instant};
    journey_attempt (id) {
        id -> Guid,
        at -> Instant,
        account -> Binary,
        address -> Binary,
    }
}
