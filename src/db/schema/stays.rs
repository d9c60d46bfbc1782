//! What was done for a household while it stayed, and how it fared.

diesel::table! {
    use diesel::sql_types::{Date, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    stay_outcome (placement_id) {
        placement_id -> Guid,
        safety -> Text,
        wellbeing -> Text,
        stability -> Text,
        asked_on -> Nullable<Date>,
        asked_how -> Nullable<Text>,
        recorded_at -> Instant,
        recorded_by -> Guid,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    support (id) {
        id -> Guid,
        placement_id -> Guid,
        person -> Integer,
        role -> Text,
        age_band -> Text,
        support_type -> Text,
        from_on -> Date,
        until_on -> Nullable<Date>,
        state -> Text,
        recorded_at -> Instant,
        recorded_by -> Guid,
        version -> Integer,
    }
}
