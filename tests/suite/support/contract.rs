//! Holds answers against the OpenAPI document.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use jsonschema::Validator;
use safehold::api::openapi;
use serde_json::{Value, json};

use super::Answer;

pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(openapi::document()).unwrap());

/// Building one takes longer than using it.
static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);

/// Fails unless the document declares this answer, and the answer is as declared. Nobody declares an unknown path.
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap();
    let Some((template, operation)) = operation(method, path) else {
        let unknown = ["404 not_found", "405 method_not_allowed"].contains(&answer.problem().as_str());
        assert!(unknown, "{method} {path} is not declared");
        return;
    };
    let status = answer.status.as_u16();
    let responses = &operation["responses"];
    let declared = [status.to_string(), format!("{}XX", status / 100)].into_iter().find_map(|key| responses.get(key));
    let declared = declared.unwrap_or_else(|| panic!("{method} {path} does not declare {status}: {}", answer.text));
    let Some(content) = declared["content"].as_object() else {
        assert_eq!(answer.text, "", "{method} {path} declares no body for {status}");
        return;
    };
    // Where there are several, the one that it says to be.
    let said = |(media_type, _): &(&String, &Value)| *media_type == answer.header("content-type");
    let (media_type, content) = content.iter().find(said).or_else(|| content.iter().next()).unwrap();
    assert_eq!(answer.header("content-type"), media_type);
    let anything = content["schema"].as_object().is_none_or(serde_json::Map::is_empty);
    if !media_type.ends_with("json") || anything {
        return;
    }

    let validator = validator(&format!("{method} {template} {status}"), &content["schema"]);
    let wrong: Vec<_> =
        validator.iter_errors(&answer.json).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(
        wrong.is_empty(),
        "{method} {path} answers {status} otherwise than declared: {wrong:#?}\n{:#}",
        answer.json
    );
}

fn validator(key: &str, schema: &Value) -> &'static Validator {
    let mut known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(key.to_owned()).or_insert_with(|| {
        let mut whole = json!({ "components": DOCUMENT["components"], "unevaluatedProperties": false });
        whole.as_object_mut().unwrap().extend(schema.as_object().unwrap().clone());
        Box::leak(Box::new(jsonschema::options().should_validate_formats(true).build(&whole).unwrap()))
    })
}

fn operation<'a>(method: &Method, path: &str) -> Option<(&'a str, &'a Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    // `/reports/denied-access.csv` and `/vacancies/confirm` are themselves before they are anything with a variable.
    let matching = paths.iter().filter(|(template, _)| ResourceDef::new(template.as_str()).is_match(path));
    let (template, operations) = matching.min_by_key(|(template, _)| template.matches('{').count())?;
    operations.get(method.as_str().to_lowercase()).map(|operation| (template.as_str(), operation))
}
