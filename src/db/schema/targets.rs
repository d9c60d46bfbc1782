//! What organisations want their measures to be.

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::db::types::{Guid, Instant};
    target (organisation_id, measure) {
        organisation_id -> Guid,
        measure -> Text,
        better -> Text,
        tenths -> Integer,
        version -> Integer,
        updated_at -> Instant,
        updated_by -> Guid,
    }
}
