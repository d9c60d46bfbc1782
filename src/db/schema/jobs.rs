//! What the program does by itself.

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::db::types::{Guid, Instant};

    job (name) {
        name -> Text,
        due_at -> Instant,
        leased_by -> Nullable<Guid>,
        leased_until -> Nullable<Instant>,
        attempts -> Integer,
        last_started_at -> Nullable<Instant>,
        last_finished_at -> Nullable<Instant>,
        last_took_ms -> Nullable<BigInt>,
        last_problem -> Nullable<Text>,
        runs -> BigInt,
        failures -> BigInt,
        handled -> BigInt,
    }
}
