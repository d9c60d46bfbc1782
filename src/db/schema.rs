//! The tables of both databases, in the SQL types of [`super::types`].

diesel::table! {
    use diesel::sql_types::Text;
    installation (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Integer, Nullable, Text};
    use crate::db::types::Document;
    reference_code (list, code) {
        list -> Text,
        code -> Text,
        label -> Text,
        position -> Integer,
        attributes -> Document,
        active_from -> Nullable<Date>,
        active_to -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Nullable, Text};
    area (code) {
        code -> Text,
        name -> Text,
        kind -> Text,
        county -> Nullable<Text>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Text};
    use crate::db::types::{Document, Guid, Instant};
    organisation (id) {
        id -> Guid,
        name -> Text,
        kinds -> Document,
        active -> Bool,
        version -> Integer,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Text};
    use crate::db::types::{Document, Guid, Instant};
    account (id) {
        id -> Guid,
        organisation_id -> Guid,
        email -> Text,
        name -> Text,
        roles -> Document,
        password_hash -> Text,
        active -> Bool,
        stamp -> Integer,
        version -> Integer,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Nullable;
    use crate::db::types::{Guid, Instant};
    session (id) {
        id -> Guid,
        account_id -> Guid,
        authenticated_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::db::types::{Guid, Instant};
    refresh_token (hash) {
        hash -> Binary,
        session_id -> Guid,
        issued_at -> Instant,
        expires_at -> Instant,
        used_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool};
    use crate::db::types::{Guid, Instant};
    sign_in_attempt (id) {
        id -> Guid,
        at -> Instant,
        account -> Binary,
        address -> Binary,
        succeeded -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::types::{Guid, Instant};
    data_key (id) {
        id -> Guid,
        organisation_id -> Guid,
        sealed -> Binary,
        master -> Text,
        created_at -> Instant,
    }
}

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
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::{Document, Guid, Instant};
    case (id) {
        id -> Guid,
        reference -> Text,
        organisation_id -> Guid,
        owner_id -> Guid,
        state -> Text,
        origin_area -> Nullable<Text>,
        referral_source -> Text,
        needs -> Document,
        opened_at -> Instant,
        closed_at -> Nullable<Instant>,
        outcome -> Nullable<Text>,
        primary_reason -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        what_happened_next -> Nullable<Text>,
        version -> Integer,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::Guid;
    case_secondary_reason (case_id, reason) {
        case_id -> Guid,
        reason -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::db::types::{Guid, Instant};
    case_identity (case_id) {
        case_id -> Guid,
        key_id -> Guid,
        sealed -> Binary,
        version -> Integer,
        updated_at -> Instant,
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
    use diesel::sql_types::Binary;
    use crate::db::types::{Guid, Instant};
    referral_note (id) {
        id -> Guid,
        referral_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        written_at -> Instant,
        key_id -> Guid,
        sealed -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
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
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::types::{Guid, Instant};
    audit_event (id) {
        id -> Guid,
        at -> Instant,
        account_id -> Guid,
        organisation_id -> Guid,
        request_id -> Guid,
        action -> Text,
        object -> Text,
        object_id -> Guid,
        fields -> Text,
        reason -> Text,
        mac -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use crate::db::types::Guid;
    audit_link (position) {
        position -> BigInt,
        event_id -> Guid,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::db::types::{Guid, Instant};
    outbox (id) {
        id -> Guid,
        topic -> Text,
        subject_id -> Guid,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::db::types::{Document, Guid, Instant};
    idempotency (account_id, key) {
        account_id -> Guid,
        key -> Text,
        fingerprint -> Binary,
        answer -> Document,
        created_at -> Instant,
    }
}

diesel::joinable!(account -> organisation (organisation_id));
diesel::joinable!(audit_link -> audit_event (event_id));
diesel::joinable!(case_identity -> case (case_id));
diesel::joinable!(case_secondary_reason -> case (case_id));
diesel::joinable!(occupancy -> unit (unit_id));
diesel::joinable!(placement -> occupancy (id));
diesel::joinable!(placement -> referral (referral_id));
diesel::joinable!(referral -> case (case_id));
diesel::joinable!(referral -> service (service_id));
diesel::joinable!(referral_secondary_reason -> referral (referral_id));
diesel::joinable!(refresh_token -> session (session_id));
diesel::joinable!(service -> area (area_code));
diesel::joinable!(service -> organisation (organisation_id));
diesel::joinable!(search_obstacle -> search (search_id));
diesel::joinable!(search_obstacle -> service (service_id));
diesel::joinable!(search_service -> search (search_id));
diesel::joinable!(session -> account (account_id));
diesel::joinable!(unit -> service (service_id));
diesel::joinable!(vacancy -> unit (unit_id));
diesel::joinable!(watch -> case (case_id));
diesel::allow_tables_to_appear_in_same_query!(
    account,
    area,
    audit_event,
    audit_link,
    case,
    case_identity,
    case_secondary_reason,
    occupancy,
    organisation,
    placement,
    referral,
    referral_secondary_reason,
    refresh_token,
    service,
    rule_set,
    search,
    search_household,
    search_obstacle,
    search_service,
    session,
    unit,
    unit_address,
    vacancy,
    watch,
    watch_due,
    watch_match
);
