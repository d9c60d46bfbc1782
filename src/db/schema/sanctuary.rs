//! Homes that are made safe.

diesel::table! {
    use diesel::sql_types::{Date, Integer, Nullable};
    use crate::db::types::{Guid, Instant};
    sanctuary_capacity (service_id, month) {
        service_id -> Guid,
        month -> Date,
        jobs -> Nullable<Integer>,
        budget_pence -> Nullable<Integer>,
        version -> Integer,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    sanctuary_job (id) {
        id -> Guid,
        reference -> Text,
        case_id -> Guid,
        service_id -> Guid,
        state -> Text,
        requested_at -> Instant,
        requested_by -> Guid,
        wanted_month -> Date,
        survey_on -> Nullable<Date>,
        booked_at -> Nullable<Instant>,
        surveyed_on -> Nullable<Date>,
        installed_on -> Nullable<Date>,
        signed_off_on -> Nullable<Date>,
        signed_off_at -> Nullable<Instant>,
        tenure -> Text,
        landlord_consent -> Text,
        consent_asked_on -> Nullable<Date>,
        consent_answered_on -> Nullable<Date>,
        perpetrator_keys -> Text,
        joint_tenancy -> Text,
        ended_at -> Nullable<Instant>,
        reason -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::db::types::Guid;
    sanctuary_measure (id) {
        id -> Guid,
        job_id -> Guid,
        kind -> Text,
        number -> Integer,
        cost_pence -> Integer,
        installer -> Nullable<Text>,
        state -> Text,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::db::types::{Guid, Instant};
    sanctuary_address (job_id) {
        job_id -> Guid,
        key_id -> Guid,
        sealed -> Binary,
        version -> Integer,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Date, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    sanctuary_follow_up (id) {
        id -> Guid,
        job_id -> Guid,
        months -> Integer,
        due_on -> Date,
        asked_on -> Nullable<Date>,
        answer -> Nullable<Text>,
        needed -> Nullable<Text>,
        answered_by -> Nullable<Guid>,
        settled_at -> Nullable<Instant>,
        key_id -> Nullable<Guid>,
        sealed -> Nullable<Binary>,
        version -> Integer,
    }
}
