//! Reports that are made and kept.

diesel::table! {
    use diesel::sql_types::{Date, Integer, Nullable, Text};
    use crate::db::types::{Document, Guid, Instant};
    report_file (id) {
        id -> Guid,
        organisation_id -> Guid,
        kind -> Text,
        from_on -> Date,
        to_on -> Date,
        side -> Nullable<Text>,
        area_code -> Nullable<Text>,
        asked_by -> Nullable<Guid>,
        asked_at -> Instant,
        state -> Text,
        due_at -> Instant,
        attempts -> Integer,
        done_steps -> Integer,
        all_steps -> Integer,
        ready_at -> Nullable<Instant>,
        problem -> Nullable<Text>,
        book -> Nullable<Document>,
        kept_until -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Date, Integer, Text};
    use crate::db::types::{Guid, Instant};
    report_schedule (organisation_id, every, side) {
        organisation_id -> Guid,
        every -> Text,
        side -> Text,
        active -> Bool,
        asked_until -> Date,
        version -> Integer,
        updated_at -> Instant,
        updated_by -> Guid,
    }
}
