//! What happened, and who has to be told.

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::types::{Guid, Instant};
    audit_event (id) {
        id -> Guid,
        at -> Instant,
        account_id -> Guid,
        organisation_id -> Guid,
        request_id -> Guid,
        action -> Text,
        object -> Text,
        object_id -> Guid,
        fields -> Text,
        reason -> Text,
        mac -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use crate::db::types::Guid;
    audit_link (position) {
        position -> BigInt,
        event_id -> Guid,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::db::types::{Guid, Instant};
    outbox (id) {
        id -> Guid,
        topic -> Text,
        subject_id -> Guid,
        created_at -> Instant,
        done_by -> Nullable<Guid>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::types::{Document, Guid, Instant};
    idempotency (account_id, key) {
        account_id -> Guid,
        key -> Text,
        fingerprint -> Binary,
        answer -> Document,
        created_at -> Instant,
    }
}
