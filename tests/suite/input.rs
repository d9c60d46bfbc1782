//! Whatever is sent: it is refused with the name of what is wrong, and nothing is stored.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::requests::{rows, sound_requests};
use crate::support::contract::DOCUMENT;
use crate::support::{Engine, Postgres, Sqlite, TestApp, new_case};

#[rstest]
#[actix_web::test]
async fn every_route_that_takes_a_body_is_tried(#[values(Sqlite)] on: Engine) {
    let tried: BTreeSet<_> = Box::pin(sound_requests(&TestApp::spawn(on)))
        .await
        .iter()
        .map(|sound| format!("{} {}", sound.method, sound.pattern))
        .collect();
    let declared = DOCUMENT["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
        let taking =
            operations.as_object().unwrap().iter().filter(|(_, operation)| !operation["requestBody"].is_null());
        taking.map(move |(method, _)| format!("{} {path}", method.to_uppercase()))
    });
    assert_eq!(tried, declared.collect());
}

/// What is done to a body, and where it is then wrong.
fn spoilt(body: &Value) -> Vec<(&'static str, Vec<u8>, String)> {
    let text = body.to_string();
    let more = |field: &str| format!("{},{field}}}", &text[..text.len() - 1]).into_bytes();
    let deep = |open: &str, close: &str| more(&format!("\"surprise\":{}1{}", open.repeat(200), close.repeat(200)));
    let nowhere = "body".to_owned();
    let mut spoilt = vec![
        ("empty", Vec::new(), nowhere.clone()),
        ("no JSON", b"name=New".to_vec(), nowhere.clone()),
        ("cut off", text.as_bytes()[..text.len() - 1].to_vec(), nowhere.clone()),
        ("two of them", format!("{text}{text}").into_bytes(), nowhere.clone()),
        ("a list", b"[]".to_vec(), nowhere.clone()),
        ("a text", b"\"New\"".to_vec(), nowhere.clone()),
        ("null", b"null".to_vec(), nowhere.clone()),
        (
            "not UTF-8",
            more("\"surprise\":\"\u{1}\"").iter().map(|byte| if *byte == 1 { 0xff } else { *byte }).collect(),
            "body/surprise".into(),
        ),
        ("deep lists", deep("[", "]"), "body/surprise".into()),
        ("deep objects", deep("{\"a\":", "}"), "body/surprise".into()),
        ("an unknown field", more("\"surprise\":1"), "body/surprise".into()),
        ("a field twice", more("\"surprise\":1,\"surprise\":2"), "body/surprise".into()),
        ("NUL in a name", more("\"sur\\u0000prise\":1"), nowhere),
    ];
    for (field, value) in body.as_object().unwrap() {
        let at = format!("body/{field}");
        let put = |value: Value| {
            let mut body = body.clone();
            body[field] = value;
            body.to_string().into_bytes()
        };
        spoilt.push(("another type", put(json!({ "surprise": [1] })), at.clone()));
        spoilt.push(("a number", put(json!(-1.5)), at.clone()));
        if value.is_string() {
            spoilt.push(("NUL in a text", put(json!("a\u{0}b")), at));
        }
    }
    spoilt
}

/// S32
#[rstest]
#[actix_web::test]
async fn s32_a_body_that_is_none_is_refused_with_the_name_of_the_field(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let requests = Box::pin(sound_requests(&app)).await;
    let mut clients = BTreeMap::new();
    for sound in &requests {
        if !clients.contains_key(sound.who) {
            clients.insert(sound.who, app.client(sound.who).await);
        }
    }
    let before = rows(&app);
    for sound in &requests {
        let (client, whole) = (&clients[sound.who], sound.body.to_string());
        for (spoiling, body, place) in spoilt(&sound.body) {
            let answer = sound.send(client, &sound.headers, &body).await;
            let said = format!("{} {} {spoiling}: {}", sound.method, sound.path, answer.text);
            assert_eq!(answer.problem(), "422 invalid", "{said}");
            assert!(answer.pointers().iter().all(|pointer| pointer.starts_with(&place)), "{said}");
            assert!(place == "body" || !answer.pointers().is_empty(), "{said}");
        }

        let huge = format!("{}{}", " ".repeat(64 * 1024), whole);
        let answer = sound.send(client, &sound.headers, huge.as_bytes()).await;
        assert_eq!(answer.problem(), "413 too_large", "{}", sound.path);
        for other in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let headers = sound.with("content-type", Some(other));
            let answer = sound.send(client, &headers, whole.as_bytes()).await;
            assert_eq!(
                (answer.problem(), answer.pointers()),
                ("422 invalid".into(), vec!["header/content-type".into()]),
                "{}",
                sound.path
            );
        }
        let long: &'static str = "k".repeat(101).leak();
        for (header, values) in [
            (
                "if-match",
                &[
                    None,
                    Some(""),
                    Some("1"),
                    Some("\"\""),
                    Some("\"one\""),
                    Some("*"),
                    Some("W/\"1\""),
                    Some("\"99999999999\""),
                ][..],
            ),
            ("idempotency-key", &[None, Some(""), Some(long)][..]),
        ] {
            for value in values.iter().filter(|_| sound.headers.iter().any(|(name, _)| *name == header)) {
                let answer = sound.send(client, &sound.with(header, *value), whole.as_bytes()).await;
                let said = format!("{} {header}: {value:?} {}", sound.path, answer.text);
                assert_eq!(
                    (answer.problem(), answer.pointers()),
                    ("422 invalid".into(), vec![format!("header/{header}")]),
                    "{said}"
                );
            }
        }
    }
    assert_eq!(rows(&app), before, "nothing is stored");
}

/// S32
#[rstest]
#[actix_web::test]
async fn s32_what_is_no_json_by_name_may_still_name_its_letters(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    for content_type in ["application/json; charset=utf-8", "application/json;charset=UTF-8"] {
        let headers = [("content-type", content_type), ("idempotency-key", content_type)];
        let body = Some(new_case().to_string().into_bytes());
        helpline.send_bytes(Method::POST, "/api/v1/cases", &headers, body).await.ok();
    }
}
