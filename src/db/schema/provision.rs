//! What there is: services, homes, and what each home is doing.

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::db::types::{Document, Guid, Instant};
    service (id) {
        id -> Guid,
        organisation_id -> Guid,
        name -> Text,
        name_confidential -> Bool,
        accommodation_type -> Text,
        area_code -> Text,
        attributes -> Document,
        takes_women -> Bool,
        takes_men -> Bool,
        takes_pets -> Bool,
        nrpf -> Text,
        largest_family -> Nullable<Integer>,
        max_children -> Nullable<Integer>,
        rules_version -> Integer,
        active -> Bool,
        version -> Integer,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::db::types::{Document, Guid, Instant};
    rule_set (scope, scope_id, version) {
        scope -> Text,
        scope_id -> Guid,
        version -> Integer,
        rules -> Document,
        author_id -> Guid,
        reason -> Text,
        effective_from -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    unit (id) {
        id -> Guid,
        service_id -> Guid,
        code -> Text,
        bed_spaces -> Integer,
        cots -> Integer,
        step_free -> Bool,
        wheelchair -> Text,
        bathroom -> Text,
        kitchen -> Text,
        floor -> Integer,
        pets -> Bool,
        online_from -> Instant,
        online_until -> Nullable<Instant>,
        version -> Integer,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::db::types::{Guid, Instant};
    unit_address (unit_id) {
        unit_id -> Guid,
        key_id -> Guid,
        sealed -> Binary,
        version -> Integer,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    vacancy (id) {
        id -> Guid,
        unit_id -> Guid,
        state -> Text,
        available_from -> Instant,
        posted_at -> Instant,
        confirmed_at -> Instant,
        closed_at -> Nullable<Instant>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::db::types::{Guid, Instant};
    occupancy (id) {
        id -> Guid,
        unit_id -> Guid,
        kind -> Text,
        starts_at -> Instant,
        ends_at -> Nullable<Instant>,
        case_id -> Nullable<Guid>,
        void_reason -> Nullable<Text>,
    }
}
