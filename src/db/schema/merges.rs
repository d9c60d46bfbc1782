//! Cases of one household that were brought together.

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::db::types::{Guid, Instant};
    case_merge (id) {
        id -> Guid,
        kept_id -> Guid,
        folded_id -> Guid,
        reason -> Text,
        merged_at -> Instant,
        merged_by -> Guid,
        undone_at -> Nullable<Instant>,
        undone_by -> Nullable<Guid>,
    }
}

// A view.
diesel::table! {
    use crate::db::types::Guid;
    folded_case (case_id) {
        case_id -> Guid,
        kept_id -> Guid,
        kept_owner_id -> Guid,
    }
}

// A view.
diesel::table! {
    use crate::db::types::Guid;
    hidden_case (account_id, case_id) {
        account_id -> Guid,
        case_id -> Guid,
    }
}
