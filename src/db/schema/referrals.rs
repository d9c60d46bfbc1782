//! What was asked for, and what came of it.

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    referral (id) {
        id -> Guid,
        reference -> Text,
        case_id -> Guid,
        service_id -> Guid,
        vacancy_id -> Nullable<Guid>,
        unit_id -> Nullable<Guid>,
        hold_id -> Nullable<Guid>,
        state -> Text,
        sent_at -> Instant,
        sent_by -> Guid,
        decided_at -> Nullable<Instant>,
        ended_at -> Nullable<Instant>,
        primary_reason -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        address_from -> Nullable<Instant>,
        address_until -> Nullable<Instant>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Guid;
    referral_secondary_reason (referral_id, reason) {
        referral_id -> Guid,
        reason -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::types::{Guid, Instant};
    referral_note (id) {
        id -> Guid,
        referral_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        written_at -> Instant,
        key_id -> Guid,
        sealed -> Binary,
        side -> Text,
        kind -> Text,
    }
}

diesel::table! {
    use crate::db::types::{Guid, Instant};
    referral_note_read (note_id) {
        note_id -> Guid,
        account_id -> Guid,
        read_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Guid;
    referral_note_topic (note_id, topic) {
        note_id -> Guid,
        topic -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Date, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    placement (id) {
        id -> Guid,
        referral_id -> Guid,
        state -> Text,
        expected_at -> Instant,
        arrived_at -> Nullable<Instant>,
        expected_end -> Nullable<Instant>,
        departed_at -> Nullable<Instant>,
        departure_kind -> Nullable<Text>,
        destination -> Nullable<Text>,
        asked_to_leave_reason -> Nullable<Text>,
        version -> Integer,
        follows_id -> Nullable<Guid>,
        resident_since -> Nullable<Instant>,
        moved_at -> Nullable<Instant>,
        move_reason -> Nullable<Text>,
        missed_reason -> Nullable<Text>,
        move_on_wish_on -> Nullable<Date>,
        move_on_timely -> Nullable<Bool>,
    }
}
