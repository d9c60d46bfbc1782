//! Who may not see what, who was let in for an emergency, and what somebody should look at.

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    case_exclusion (id) {
        id -> Guid,
        case_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        kind -> Text,
        by_account -> Guid,
        since -> Instant,
        until -> Nullable<Instant>,
        lifted_by -> Nullable<Guid>,
        key_id -> Guid,
        sealed -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    emergency_access (id) {
        id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        case_id -> Nullable<Guid>,
        reference -> Text,
        reason -> Text,
        key_id -> Guid,
        sealed -> Binary,
        asked_at -> Instant,
        lapses_at -> Instant,
        state -> Text,
        decided_at -> Nullable<Instant>,
        decided_by -> Nullable<Guid>,
        until -> Nullable<Instant>,
        used_at -> Nullable<Instant>,
        refusal_key_id -> Nullable<Guid>,
        refusal_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::db::types::{Guid, Instant};
    alert (id) {
        id -> Guid,
        organisation_id -> Guid,
        kind -> Text,
        account_id -> Guid,
        stage -> Nullable<Text>,
        object_kind -> Text,
        object_id -> Guid,
        case_id -> Nullable<Guid>,
        at -> Instant,
        seen_at -> Nullable<Instant>,
        seen_by -> Nullable<Guid>,
    }
}

diesel::table! {
    use crate::db::types::{Guid, Instant};
    reading (account_id, hour, object_id) {
        account_id -> Guid,
        hour -> Instant,
        object_id -> Guid,
    }
}
