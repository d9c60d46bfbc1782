//! Searches that were kept, and cases under watch.

diesel::table! {
    use crate::db::types::Guid;
    search_household (case_id) {
        case_id -> Guid,
        household -> Guid,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::db::types::{Document, Guid, Instant};
    search (id) {
        id -> Guid,
        household -> Guid,
        organisation_id -> Guid,
        made_at -> Instant,
        occasion -> Text,
        suitable -> Integer,
        discuss -> Integer,
        missing_information -> Integer,
        not_suitable -> Integer,
        facts -> Document,
    }
}

diesel::table! {
    use crate::db::types::{Document, Guid};
    search_service (search_id, service_id) {
        search_id -> Guid,
        service_id -> Guid,
        homes -> Document,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::db::types::Guid;
    search_obstacle (search_id, service_id, obstacle) {
        search_id -> Guid,
        service_id -> Guid,
        obstacle -> Text,
        alone_suitable -> Integer,
        alone_discuss -> Integer,
        alone_ask -> Integer,
        together -> Integer,
    }
}

diesel::table! {
    use crate::db::types::{Guid, Instant};
    watch (case_id) {
        case_id -> Guid,
        account_id -> Guid,
        since -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Nullable;
    use crate::db::types::{Guid, Instant};
    watch_due (id) {
        id -> Guid,
        organisation_id -> Guid,
        vacancy_id -> Nullable<Guid>,
        due_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::db::types::{Guid, Instant};
    watch_match (case_id, vacancy_id) {
        case_id -> Guid,
        vacancy_id -> Guid,
        verdict -> Text,
        found_at -> Instant,
        seen_at -> Nullable<Instant>,
    }
}
