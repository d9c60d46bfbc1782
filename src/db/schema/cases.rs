//! Households that look for a place.

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::{Document, Guid, Instant};
    case (id) {
        id -> Guid,
        reference -> Text,
        organisation_id -> Guid,
        owner_id -> Guid,
        state -> Text,
        origin_area -> Nullable<Text>,
        referral_source -> Text,
        needs -> Document,
        opened_at -> Instant,
        closed_at -> Nullable<Instant>,
        outcome -> Nullable<Text>,
        primary_reason -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        what_happened_next -> Nullable<Text>,
        version -> Integer,
        updated_at -> Instant,
        household_kind -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Guid;
    case_secondary_reason (case_id, reason) {
        case_id -> Guid,
        reason -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::db::types::{Guid, Instant};
    case_identity (case_id) {
        case_id -> Guid,
        key_id -> Guid,
        sealed -> Binary,
        version -> Integer,
        updated_at -> Instant,
    }
}
