//! Who works here, and how they sign in.

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Text};
    use crate::db::types::{Document, Guid, Instant};
    organisation (id) {
        id -> Guid,
        name -> Text,
        kinds -> Document,
        active -> Bool,
        version -> Integer,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Text};
    use crate::db::types::{Document, Guid, Instant};
    account (id) {
        id -> Guid,
        organisation_id -> Guid,
        email -> Text,
        name -> Text,
        roles -> Document,
        password_hash -> Text,
        active -> Bool,
        stamp -> Integer,
        version -> Integer,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::db::types::{Guid, Instant};
    session (id) {
        id -> Guid,
        account_id -> Guid,
        authenticated_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
        started_at -> Instant,
        device -> Text,
        second_factor -> Text,
        slowed_until -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable};
    use crate::db::types::{Guid, Instant};
    second_factor (id) {
        id -> Guid,
        account_id -> Guid,
        key_id -> Guid,
        sealed -> Binary,
        created_at -> Instant,
        confirmed_at -> Nullable<Instant>,
        last_step -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::db::types::{Guid, Instant};
    recovery_code (hash) {
        hash -> Binary,
        account_id -> Guid,
        created_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::db::types::{Guid, Instant};
    refresh_token (hash) {
        hash -> Binary,
        session_id -> Guid,
        issued_at -> Instant,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool};
    use crate::db::types::{Guid, Instant};
    sign_in_attempt (id) {
        id -> Guid,
        at -> Instant,
        account -> Binary,
        address -> Binary,
        succeeded -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    data_key (id) {
        id -> Guid,
        organisation_id -> Guid,
        sealed -> Binary,
        master -> Text,
        created_at -> Instant,
        destroyed_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    account_link (id) {
        id -> Guid,
        account_id -> Guid,
        purpose -> Text,
        hash -> Binary,
        created_at -> Instant,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}
