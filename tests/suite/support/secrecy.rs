//! What no answer may contain: where a home is, and who a household is, but for the one endpoint of each.

use actix_web::http::Method;
use serde_json::Value;

use super::Answer;

/// A name and an address that stand nowhere else in the world.
pub const CANARY_NAME: &str = "Zenobia Quillfeather";
pub const CANARY_STREET: &str = "17 Canarywren Passage";
pub const CANARY_POSTCODE: &str = "QZ7 4XW";
pub const CANARY_PHONE: &str = "07700 900417";

/// The words that would name a place or a person, in lower case.
pub const CANARIES: &[&str] =
    &["quillfeather", "zenobia", "canarywren", "qz7 4xw", "qz74xw", "700 900417", "700900417"];

/// Fields that no answer has, but for the disclosures.
const FIELDS: &[&str] = &[
    "address",
    "lines",
    "postcode",
    "latitude",
    "longitude",
    "coordinates",
    "directions",
    "people",
    "date_of_birth",
    "telephone",
    "safe_contact",
];

/// S1
pub fn check(method: &Method, path: &str, answer: &Answer) {
    if path.ends_with("-disclosures") {
        return;
    }
    let text = answer.text.to_lowercase();
    for canary in CANARIES {
        assert!(!text.contains(canary), "{method} {path} says {canary}: {text}");
    }
    check_fields(&format!("{method} {path}"), &answer.json);
}

fn check_fields(request: &str, json: &Value) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                assert!(!FIELDS.contains(&name.as_str()), "{request} has a field {name}");
                check_fields(request, value);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| check_fields(request, item)),
        _ => {}
    }
}
