//! What somebody has to do.

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    task (id) {
        id -> Guid,
        organisation_id -> Guid,
        kind -> Text,
        case_id -> Nullable<Guid>,
        subject_id -> Guid,
        occasion -> Instant,
        owner_id -> Nullable<Guid>,
        raised_at -> Instant,
        due_at -> Instant,
        ended_at -> Nullable<Instant>,
        ended_by -> Nullable<Guid>,
        outcome -> Nullable<Text>,
        key_id -> Nullable<Guid>,
        sealed -> Nullable<Binary>,
        version -> Integer,
    }
}
