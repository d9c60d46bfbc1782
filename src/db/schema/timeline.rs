//! What is written about a household, how great the danger is, and what is done about it.

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    case_note (id) {
        id -> Guid,
        case_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        referral_id -> Nullable<Guid>,
        kind -> Text,
        visibility -> Text,
        happened_at -> Instant,
        written_at -> Instant,
        reached -> Nullable<Bool>,
        corrects -> Nullable<Guid>,
        key_id -> Guid,
        sealed -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Date, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    risk_assessment (id) {
        id -> Guid,
        case_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        assessed_on -> Date,
        recorded_at -> Instant,
        score -> Integer,
        answered -> Bool,
        band -> Text,
        score_band -> Text,
        override_reason -> Nullable<Text>,
        next_review_on -> Date,
        key_id -> Nullable<Guid>,
        sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Text};
    use crate::db::types::{Guid, Instant};
    marac_referral (id) {
        id -> Guid,
        case_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        referred_on -> Date,
        recorded_at -> Instant,
        reason -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Date, Text};
    use crate::db::types::{Document, Guid, Instant};
    risk_incident (id) {
        id -> Guid,
        case_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        happened_on -> Date,
        recorded_at -> Instant,
        same_person -> Text,
        abuse_types -> Document,
        marac_repeat -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Date, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};
    safety_action (id) {
        id -> Guid,
        case_id -> Guid,
        organisation_id -> Guid,
        added_by -> Guid,
        added_at -> Instant,
        doer -> Text,
        due_on -> Date,
        state -> Text,
        ended_on -> Nullable<Date>,
        ended_by -> Nullable<Guid>,
        key_id -> Guid,
        sealed -> Binary,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Nullable};
    use crate::db::types::{Guid, Instant};
    safety_review (id) {
        id -> Guid,
        case_id -> Guid,
        organisation_id -> Guid,
        account_id -> Guid,
        reviewed_at -> Instant,
        next_review_on -> Nullable<Date>,
    }
}
