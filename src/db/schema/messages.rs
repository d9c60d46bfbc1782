//! Who is told of what by mail, and what they have chosen about it.

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    mail (id) {
        id -> Guid,
        notice_id -> Guid,
        account_id -> Guid,
        topic -> Text,
        subject_id -> Guid,
        state -> Text,
        queued_at -> Instant,
        due_at -> Instant,
        attempts -> Integer,
        leased_until -> Nullable<Instant>,
        sent_at -> Nullable<Instant>,
        problem -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::Integer;
    use crate::db::types::{Document, Guid, Instant};
    mail_choice (account_id) {
        account_id -> Guid,
        choices -> Document,
        version -> Integer,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::{Guid, Instant};
    reminder (topic, subject_id, occasion) {
        topic -> Text,
        subject_id -> Guid,
        occasion -> Instant,
    }
}
