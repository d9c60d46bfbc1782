//! What was published.

diesel::table! {
    use diesel::sql_types::{Date, Text};
    use crate::db::types::{Document, Guid, Instant};
    release (id) {
        id -> Guid,
        kind -> Text,
        first_day -> Date,
        made_at -> Instant,
        facts -> Document,
        shown -> Document,
    }
}
