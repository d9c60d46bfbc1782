//! The installation, and what it knows of the world.

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
