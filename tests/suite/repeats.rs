//! An organisation recognises somebody it has met, and nobody else does.

use rstest::rstest;
use serde_json::{Value, json};

use crate::secrecy::lines;
use crate::steps::{audited, opened_with};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

fn person(name: &str, born: &str, telephone: &str) -> Value {
    let mut identity = json!({ "people": [{ "name": name }] });
    if !born.is_empty() {
        identity["people"][0]["date_of_birth"] = json!(born);
    }
    if !telephone.is_empty() {
        identity["safe_contact"] = json!({ "telephone": telephone });
    }
    json!({ "referral_source": "police", "identity": identity })
}

/// The references of the cases that may be about the same person, and why.
async fn repeats(client: &Client, case: &str) -> Vec<(String, Value)> {
    let found = client.get(&format!("{case}/possible-repeats")).await.ok();
    let items = found.items().iter();
    items.map(|one| (one["case_id"].as_str().unwrap().to_owned(), one["why"].clone())).collect()
}

fn id(case: &str) -> String {
    case.rsplit('/').next().unwrap().to_owned()
}

/// S10
#[rstest]
#[case::written_otherwise(("KHAN, Amina", "1991-05-04", ""), json!(["same_name_and_birth"]))]
#[case::sounding_alike(("Aminah Kahn", "1991-05-04", ""), json!(["similar_name_same_birth"]))]
#[case::with_a_slip(("Amina Khan", "1991-04-05", ""), json!(["similar_name_near_birth"]))]
#[case::on_the_same_telephone(("Jo", "", "+44 7700 900 123"), json!(["same_telephone"]))]
#[case::both(("Amina Khan", "1991-05-04", "07700900123"), json!(["same_name_and_birth", "same_telephone"]))]
#[actix_web::test]
async fn s10_somebody_is_recognised_within_the_organisation(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] (name, born, telephone): (&str, &str, &str),
    #[case] why: Value,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let first = opened_with(&helpline, person("Amina Khan", "1991-05-04", "07700 900123")).await;
    let second = opened_with(&helpline, person(name, born, telephone)).await;
    let other = opened_with(&helpline, person("Jane Doe", "1980-01-31", "07700 900999")).await;
    assert_eq!(repeats(&helpline, &second).await, [(id(&first), why.clone())]);
    assert_eq!(repeats(&helpline, &first).await, [(id(&second), why)]);
    assert!(repeats(&helpline, &other).await.is_empty());
    helpline
        .put(&format!("{second}/identity"), person("Somebody Else", "1970-01-01", "")["identity"].clone())
        .await
        .ok();
    assert!(repeats(&helpline, &first).await.is_empty(), "what was written before is forgotten");
}

/// S10, S13
#[rstest]
#[actix_web::test]
async fn s10_s13_nobody_else_can_recognise_them(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (ours, theirs) = (app.client("caseworker").await, app.client("other_caseworker").await);
    let amina = person("Amina Khan", "1991-05-04", "07700 900123");
    let first = opened_with(&ours, amina.clone()).await;
    let elsewhere = opened_with(&theirs, amina.clone()).await;
    assert!(repeats(&ours, &first).await.is_empty() && repeats(&theirs, &elsewhere).await.is_empty());
    let counted =
        |what: &str| lines(&mut app.raw(), &format!("SELECT CAST(count({what}) AS text) AS line FROM identity_trace"));
    let (all, different) = (counted("*"), counted("DISTINCT trace"));
    assert_eq!(all, different, "the same person leaves other traces with each organisation");
    assert_ne!(all, ["0"]);

    // A colleague's case is hers alone; their manager sees both.
    let colleagues = opened_with(&app.client("colleague").await, amina).await;
    assert!(repeats(&ours, &first).await.is_empty());
    let manager = app.client("helpline_manager").await;
    assert_eq!(repeats(&manager, &first).await.len(), 1);
    let unseen = format!("{first}/possible-repeats/{}", id(&colleagues));
    assert_eq!(ours.post(&unseen, json!({ "same": true })).await.problem(), "404 not_found");
}

/// S10
#[rstest]
#[actix_web::test]
async fn s10_what_was_said_is_remembered(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let mut cases = Vec::new();
    for _ in 0..3 {
        cases.push(opened_with(&helpline, person("Amina Khan", "1991-05-04", "")).await);
    }
    assert_eq!(repeats(&helpline, &cases[0]).await.len(), 2);
    let say = async |one: &str, other: &str, same: bool| {
        helpline.post(&format!("{one}/possible-repeats/{}", id(other)), json!({ "same": same })).await
    };
    say(&cases[0], &cases[1], false).await.ok();
    say(&cases[2], &cases[0], true).await.ok();
    assert_eq!(say(&cases[0], &cases[0], true).await.problem(), "404 not_found");
    let found = helpline.get(&format!("{}/possible-repeats", cases[0])).await.ok();
    assert_eq!((found.items().len(), &found.items()[0]["same"]), (1, &json!(true)));
    assert_eq!(found.items()[0]["case_id"], id(&cases[2]));
    assert_eq!(repeats(&helpline, &cases[1]).await.len(), 1, "the third is still asked about");
    assert_eq!(audited(&app, "case.repeat_decided"), 4);
}

#[rstest]
#[actix_web::test]
async fn the_page_of_a_case_asks_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, visitor) = (app.client("caseworker").await, app.visitor("caseworker").await);
    let first = opened_with(&helpline, person("Amina Khan", "1991-05-04", "")).await;
    let second = opened_with(&helpline, person("Aminah Kahn", "1991-05-04", "")).await;
    let page = second.replace("/api/v1", "");
    let shown = visitor.page(&page).await.ok().text;
    assert!(shown.contains("This may be the same person"), "{shown}");
    assert!(shown.contains("the same date of birth and a name that sounds alike"));
    assert_eq!(visitor.submit(&format!("{page}/repeats/{}", id(&first)), &[("same", "no")]).await.status, 303);
    assert!(!visitor.page(&page).await.ok().text.contains("This may be the same person"));
}
