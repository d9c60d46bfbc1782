//! The rules of all services of a provider, of one, of a home, of a vacancy: which of them counts, and what others would
//! have changed.

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::ids::RequestId;
use serde_json::{Value, json};

use crate::requests::rows;
use crate::steps::{opened_with, posted};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp, new_case};

fn boys(accepted_to: u8, discuss_to: Option<u8>) -> Value {
    let mut limit = json!({ "accepted_to": accepted_to });
    if let Some(age) = discuss_to {
        limit["discuss_to"] = json!(age);
    }
    json!({ "kind": "male_child_age", "shared": limit, "self_contained": limit })
}

async fn put(client: &Client, path: &str, version: i64, rules: Value) -> Answer {
    let etag = format!("\"{version}\"");
    let change = json!({ "rules": rules, "reason": "For a test." });
    client.request(Method::PUT, path, &[("if-match", &etag)], Some(change)).await
}

/// A mother with children and animals, of whom everything else is known.
fn household(children: &Value, pets: &Value) -> Value {
    let mut case = new_case();
    let mut members = vec![json!({ "role": "survivor", "age": 34, "sex": "female", "gender_same_as_birth": "yes" })];
    members.extend(children.as_array().unwrap().iter().cloned());
    case["needs"]["members"] = json!(members);
    case["needs"]["pets"] = pets.clone();
    case
}

fn son(age: u8) -> Value {
    json!([{ "role": "child", "age": age, "sex": "male" }])
}

/// What a case finds at a vacancy: the verdict, and of its first reason whose it is and what that is called.
async fn found(helpline: &Client, case: &str, vacancy: &str) -> (String, String, String) {
    let matches = helpline.get(&format!("{case}/matches")).await.ok();
    let found = matches.items().iter().find(|found| found["vacancy_id"] == vacancy).unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let reason = &found["reasons"][0];
    (text(&found["verdict"]), text(&reason["whose"]), text(&reason["rule"]))
}

fn told(verdict: &str, whose: &str, rule: &str) -> (String, String, String) {
    (verdict.into(), whose.into(), rule.into())
}

/// The rules of every scope around A1, the widest first; its vacancy is posted.
async fn scopes(app: &TestApp, refuge: &Client) -> (String, [String; 4]) {
    let vacancy = posted(refuge, app.world.a1).await;
    let paths = [
        format!("/api/v1/organisations/{}/rules", app.world.provider.0),
        format!("/api/v1/services/{}/rules", app.world.refuge.0),
        format!("/api/v1/units/{}/rules", app.world.a1.0),
        format!("/api/v1/vacancies/{vacancy}/rules"),
    ];
    (vacancy, paths)
}

#[rstest]
#[actix_web::test]
async fn the_narrower_rule_counts_and_the_reason_says_whose_it_is(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let (vacancy, [organisation, _, unit, of_vacancy]) = scopes(&app, &manager).await;
    let beside = posted(&manager, app.world.a2).await;
    let case = opened_with(&helpline, household(&son(15), &json!([]))).await;
    let at = |vacancy: String| {
        let (helpline, case) = (&helpline, &case);
        async move { found(helpline, case, &vacancy).await }
    };
    let service = told("not_suitable", "service", "A rule of this service");
    assert_eq!(at(vacancy.clone()).await, service);

    // A wider rule about the same thing changes nothing but what is said of the narrower one.
    put(&manager, &organisation, 0, json!([boys(18, None), { "kind": "stay_limit", "max_nights": 1 }])).await.ok();
    let instead = told("not_suitable", "service", "A rule of this service, in place of the provider's");
    assert_eq!(at(vacancy.clone()).await, instead);
    put(&manager, &organisation, 1, json!([boys(18, None)])).await.ok();

    put(&manager, &unit, 0, json!([boys(14, Some(16))])).await.ok();
    let of_unit = told("discuss", "unit", "A rule of this home, in place of the provider's");
    assert_eq!((at(vacancy.clone()).await, at(beside.clone()).await), (of_unit, instead.clone()));

    put(&manager, &of_vacancy, 0, json!([boys(16, None)])).await.ok();
    assert_eq!((at(vacancy.clone()).await, at(beside).await), (told("suitable", "", ""), instead));
    put(&manager, &of_vacancy, 1, json!([boys(9, None)])).await.ok();
    let narrowest = told("not_suitable", "vacancy", "A rule of this vacancy, in place of the provider's");
    assert_eq!(at(vacancy.clone()).await, narrowest);

    // Without it, the wider ones count again.
    put(&manager, &of_vacancy, 2, json!([])).await.ok();
    put(&manager, &unit, 1, json!([])).await.ok();
    assert_eq!(at(vacancy).await.1, "service");
}

/// S36
#[rstest]
#[case::organisation(0)]
#[case::unit(2)]
#[case::vacancy(3)]
#[actix_web::test]
async fn s36_every_version_stays_readable_and_is_changed_as_it_was_read(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] scope: usize,
) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let path = scopes(&app, &manager).await.1[scope].clone();
    let none = manager.get(&path).await.ok();
    assert_eq!((none.header("etag"), &none.json["version"], &none.json["rules"]), ("\"0\"", &json!(0), &json!([])));

    let pets = json!({ "kind": "pets", "policy": "discuss" });
    assert_eq!(manager.put(&path, json!({ "rules": [], "reason": "x" })).await.pointers(), ["header/if-match"]);
    let first = put(&manager, &path, 0, json!([pets])).await.ok();
    assert_eq!((first.header("etag"), &first.json["version"]), ("\"1\"", &json!(1)));
    app.clock.advance(TimeDelta::minutes(5));
    let second = put(&manager, &path, 1, json!([{ "kind": "communal_living" }, pets])).await.ok();
    for stale in [0, 1, 3] {
        let answer = put(&manager, &path, stale, json!([])).await;
        assert_eq!((answer.problem().as_str(), &answer.json["current_version"]), ("412 stale", &json!(2)));
    }
    let read = manager.get(&path).await.ok();
    assert_eq!((&read.json, read.header("etag")), (&second.json, "\"2\""));
    let since: Vec<_> = read.json["origins"].as_array().unwrap().iter().map(|rule| rule["version"].clone()).collect();
    assert_eq!(since, [json!(2), json!(1)], "each rule says with which version it came");
    assert_eq!(read.json["origins"][1]["effective_from"], first.json["effective_from"]);
    assert_eq!(read.json["author_id"], json!(app.world.account("refuge_manager").id));
    assert_eq!(manager.get(&format!("{path}?version=1")).await.ok().json["rules"], first.json["rules"]);
    assert_eq!(manager.get(&format!("{path}?version=3")).await.problem(), "404 not_found");
}

/// S13
#[rstest]
#[actix_web::test]
async fn s13_the_rules_of_others_are_not_there(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, other) = (app.client("refuge_manager").await, app.client("other_refuge_manager").await);
    let (_, [organisation, service, unit, vacancy]) = scopes(&app, &manager).await;
    let narrow = [&organisation, &unit, &vacancy];
    for path in narrow {
        assert_eq!(other.get(path).await.problem(), "404 not_found", "{path}");
    }
    for path in narrow.into_iter().chain([&service]) {
        assert_eq!(put(&other, path, 0, json!([])).await.problem(), "404 not_found", "{path}");
    }
    let preview = format!("{service}/preview");
    assert_eq!(other.post(&preview, json!({ "rules": [] })).await.problem(), "404 not_found");
    let (worker, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    for path in [&unit, &vacancy] {
        worker.get(path).await.ok();
        assert_eq!(helpline.get(path).await.problem(), "403 forbidden", "{path}");
    }
    for path in [&organisation, &service, &unit, &vacancy] {
        assert_eq!(put(&worker, path, 1, json!([])).await.problem(), "403 forbidden", "{path}");
    }
    let made_up = format!("/api/v1/vacancies/{}/rules", RequestId::new().0);
    assert_eq!(manager.get(&made_up).await.problem(), "404 not_found");
}

#[rstest]
#[actix_web::test]
async fn a_vacancy_that_is_withdrawn_keeps_its_rules(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let (vacancy, [.., path]) = scopes(&app, &manager).await;
    put(&manager, &path, 0, json!([boys(9, None)])).await.ok();
    manager.post(&format!("/api/v1/vacancies/{vacancy}/withdraw"), json!(null)).await.ok();
    let refused = put(&manager, &path, 1, json!([])).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(manager.get(&path).await.ok().json["version"], 1);
}

#[rstest]
#[actix_web::test]
async fn a_rule_counts_on_its_days(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let (vacancy, [_, _, unit, _]) = scopes(&app, &manager).await;
    let mut later = boys(5, None);
    later["effective_from"] = json!("2026-04-04");
    later["effective_to"] = json!("2026-04-06");
    let mut until = boys(14, Some(16));
    until["effective_to"] = json!("2026-04-03");
    put(&manager, &unit, 0, json!([until, later])).await.ok();
    let case = opened_with(&app.client("caseworker").await, household(&son(15), &json!([]))).await;
    let mut told = Vec::new();
    for _ in 1..=7 {
        let (manager, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
        manager.post(&format!("/api/v1/vacancies/{vacancy}/confirm"), json!(null)).await.ok();
        let (verdict, whose, _) = found(&helpline, &case, &vacancy).await;
        told.push(format!("{verdict} by the {whose}"));
        app.clock.advance(TimeDelta::days(1));
    }
    let until = "discuss by the unit";
    let later = "not_suitable by the unit";
    assert_eq!(told, [until, until, until, later, later, later, "not_suitable by the service"]);
}

#[rstest]
#[case::unknown_codes(
    json!([
        { "kind": "communal_living" },
        { "kind": "referral_routes", "accepts": ["police", "pigeon"] },
        { "kind": "immigration_status", "accepts": ["eu_settled", "martian"] },
        { "kind": "employment", "not_accepted": ["student", "pirate"] },
    ]),
    &["/rules/1/accepts/1", "/rules/2/accepts/1", "/rules/3/not_accepted/1"],
)]
#[case::contradictions(
    json!([
        { "kind": "pets", "policy": "discuss" },
        { "kind": "survivor_age", "min": 25, "max": 18 },
        { "kind": "pets", "policy": "accepted", "effective_from": "2026-05-01" },
        { "kind": "nrpf", "policy": "no", "effective_from": "2026-05-01", "effective_to": "2026-04-01" },
        { "kind": "support_need", "need": "drugs", "up_to": "unknown" },
    ]),
    &["/rules/1", "/rules/2", "/rules/3", "/rules/4"],
)]
#[case::no_such_kind(json!([{ "kind": "local_connection" }]), &["/rules/0"])]
#[actix_web::test]
async fn what_is_wrong_with_rules_is_named_at_every_scope(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] rules: Value,
    #[case] wrong: &[&str],
) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let (_, paths) = scopes(&app, &manager).await;
    let expected: Vec<_> = wrong.iter().map(|pointer| format!("body{pointer}")).collect();
    let named = |answer: &Answer| {
        let named = answer.pointers();
        assert_eq!(named.len(), expected.len(), "{}", answer.text);
        assert!(named.iter().zip(&expected).all(|(named, place)| named.starts_with(place)), "{}", answer.text);
    };
    for (path, version) in paths.iter().zip([0, 1, 0, 0]) {
        named(&put(&manager, path, version, rules.clone()).await);
    }
    named(&manager.post(&format!("{}/preview", paths[1]), json!({ "rules": rules })).await);
    assert_eq!(manager.get(&paths[1]).await.ok().json["version"], 1);
}

/// Rules that do not overlap in time stand beside each other.
#[rstest]
#[actix_web::test]
async fn one_thing_may_have_one_rule_after_the_other(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let (_, paths) = scopes(&app, &manager).await;
    let rules = json!([
        { "kind": "pets", "policy": "not_accepted", "effective_to": "2026-06-30" },
        { "kind": "pets", "policy": "discuss", "effective_from": "2026-07-01" },
    ]);
    for (path, version) in paths.iter().zip([0, 1, 0, 0]) {
        put(&manager, path, version, rules.clone()).await.ok();
    }
}

/// The searches of four households that looked at Copper House, worked out by hand: no dogs, no boys over 14.
async fn searched(app: &TestApp, helpline: &Client) {
    let refuge = app.client("refuge_worker").await;
    posted(&refuge, app.world.a1).await;
    posted(&refuge, app.world.a2).await;
    let dog = json!([{ "kind": "dog", "number": 1 }]);
    for (children, pets) in [
        (son(15), json!([])),   // not suitable: the boy
        (son(15), dog),         // not suitable: the boy and the dog
        (son(9), json!([])),    // suitable
        (json!([]), json!([])), // suitable
    ] {
        let case = opened_with(helpline, household(&children, &pets)).await;
        helpline.post(&format!("{case}/searches"), json!(null)).await.ok();
    }
}

fn counts(suitable: usize, discuss: usize, not_suitable: usize) -> Value {
    json!({ "suitable": suitable, "discuss": discuss, "missing_information": 0, "not_suitable": not_suitable })
}

#[rstest]
#[actix_web::test]
async fn a_preview_says_what_other_rules_would_have_changed_and_stores_nothing(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let path = format!("/api/v1/services/{}/rules", app.world.refuge.0);
    let preview = |rules: Value| {
        let (manager, path) = (&manager, format!("{path}/preview"));
        async move { manager.post(&path, json!({ "rules": rules })).await.ok().json }
    };
    let none = preview(json!([])).await;
    assert_eq!((&none["searches"], &none["before"]), (&json!(0), &counts(0, 0, 0)));
    searched(&app, &helpline).await;
    let women = json!({ "kind": "survivor_sex", "accepts": ["female"], "trans_people": "discuss" });
    let pets = json!({ "kind": "pets", "policy": "not_accepted" });
    let moved =
        |effect: &Value| ["opened", "closed", "opened_to_talk", "closed_to_talk"].map(|field| effect[field].clone());
    let stored = rows(&app);
    for (rules, after, expected) in [
        (json!([women, pets, boys(14, None)]), counts(2, 0, 2), [0, 0, 0, 0]),
        (json!([women, pets, boys(15, None)]), counts(3, 0, 1), [1, 0, 0, 0]),
        (json!([women, pets, boys(14, Some(16))]), counts(2, 1, 1), [0, 0, 1, 0]),
        (json!([women, pets, boys(8, None)]), counts(1, 0, 3), [0, 1, 0, 0]),
        (
            json!([women, pets, boys(15, None), { "kind": "largest_family", "people": 1 }]),
            counts(1, 0, 3),
            [0, 1, 0, 0],
        ),
    ] {
        let effect = preview(rules.clone()).await;
        assert_eq!((&effect["searches"], &effect["before"]), (&json!(4), &counts(2, 0, 2)), "{rules}");
        assert_eq!((&effect["after"], moved(&effect)), (&after, expected.map(|number| json!(number))), "{rules}");
    }
    assert_eq!(rows(&app), stored);
    assert_eq!(manager.get(&path).await.ok().json["version"], 1);

    // Those who did not look at a service say nothing of it, and nothing is said of what is long ago.
    let other = app.client("other_refuge_manager").await;
    let theirs = format!("/api/v1/services/{}/rules/preview", app.world.dispersed.0);
    assert_eq!(other.post(&theirs, json!({ "rules": [] })).await.ok().json["searches"], 0);
    app.clock.advance(TimeDelta::days(91));
    let manager = app.client("refuge_manager").await;
    assert_eq!(manager.post(&format!("{path}/preview"), json!({ "rules": [] })).await.ok().json["searches"], 0);
}

/// The newest rules of the provider and of a home count in both, before and after.
#[rstest]
#[actix_web::test]
async fn a_preview_changes_nothing_but_the_rules_of_the_service(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let unit = format!("/api/v1/units/{}/rules", app.world.a1.0);
    put(&manager, &unit, 0, json!([boys(5, None)])).await.ok();
    searched(&app, &helpline).await;
    let preview = |rules: Value| {
        let (manager, path) = (&manager, format!("/api/v1/services/{}/rules/preview", app.world.refuge.0));
        async move { manager.post(&path, json!({ "rules": rules })).await.ok().json }
    };
    let women = json!({ "kind": "survivor_sex", "accepts": ["female"], "trans_people": "discuss" });
    let pets = json!({ "kind": "pets", "policy": "not_accepted" });
    put(&manager, &unit, 1, json!([boys(18, None)])).await.ok();
    let effect = preview(json!([women, pets, boys(14, None)])).await;
    assert_eq!((&effect["before"], &effect["after"]), (&counts(3, 0, 1), &counts(3, 0, 1)), "the son fits into A1");
    let organisation = format!("/api/v1/organisations/{}/rules", app.world.provider.0);
    put(&manager, &organisation, 0, json!([{ "kind": "max_children", "children": 0 }])).await.ok();
    let effect = preview(json!([women, pets, boys(14, None), { "kind": "max_children", "children": 2 }])).await;
    assert_eq!((&effect["before"], &effect["after"]), (&counts(1, 0, 3), &counts(3, 0, 1)));
    assert_eq!(effect["opened"], 2);
}

/// What the page of rules sends when nothing is changed, but for these fields.
fn fields<'a>(version: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let unchanged = [
        ("version", version),
        ("survivor_sex/accepts", "female"),
        ("survivor_sex/trans_people", "discuss"),
        ("pets", "not_accepted"),
        ("nrpf", "case_by_case"),
    ];
    [&unchanged[..], more].concat()
}

#[rstest]
#[actix_web::test]
async fn the_page_of_rules_shows_an_effect_and_stores_only_what_is_saved(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.visitor("refuge_manager").await, app.client("caseworker").await);
    searched(&app, &helpline).await;
    let path = format!("/services/{}/rules", app.world.refuge.0);
    let boys = [("male_child_age/shared/accepted_to", "15"), ("preview", "yes")];
    let stored = rows(&app);
    let seen = manager.submit(&path, &fields("1", &boys)).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    for text in ["4 searches looked at this service", "1 more would have found a suitable home", "value=\"15\""] {
        assert!(seen.text.contains(text), "{text} is not in {}", seen.text);
    }
    assert_eq!(rows(&app), stored);

    let unreasoned = manager.submit(&path, &fields("1", &boys[..1])).await;
    assert_eq!(unreasoned.status, 422);
    let saved = manager.submit(&path, &fields("1", &[boys[0], ("reason", "A try.")])).await;
    assert_eq!((saved.status.as_u16(), saved.header("location").ends_with("done=rules-saved")), (303, true));
    let again = manager.submit(&path, &fields("1", &[("reason", "Again.")])).await;
    assert!(again.status == 422 && again.text.contains("omebody else has changed this"), "{}", again.text);
    let rules = app.client("refuge_manager").await.get(&format!("/api/v1{path}")).await.ok().json;
    assert_eq!((&rules["version"], &rules["reason"]), (&json!(2), &json!("A try.")));
    assert_eq!(rules["rules"][1]["shared"], json!({ "accepted_to": 15 }), "in the order in which they were: {rules}");
}

#[rstest]
#[actix_web::test]
async fn the_pages_of_wider_and_narrower_rules_say_what_counts_anyway(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.visitor("refuge_manager").await;
    let (vacancy, _) = scopes(&app, &app.client("refuge_manager").await).await;
    let save = |path: &'static str, field: (&'static str, &'static str)| {
        let manager = &manager;
        async move { manager.submit(path, &[("version", "0"), ("reason", "For a test."), field]).await }
    };
    let saved = save("/organisation/rules", ("stay_limit", "28")).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let unit = format!("/units/{}/rules", app.world.a1.0);
    let page = manager.page(&unit).await;
    for text in ["What counts anyway", "A stay is at most 28 nights", "For all our services", "As the service says"] {
        assert!(page.text.contains(text), "{text} is not in {}", page.text);
    }
    let nights = [("version", "0"), ("reason", "For a test."), ("stay_limit", "7")];
    assert_eq!(manager.submit(&unit, &nights).await.status, 303);
    let page = manager.page(&format!("/vacancies/{vacancy}/rules")).await;
    assert!(page.text.contains("A stay is at most 7 nights") && !page.text.contains("28 nights"), "{}", page.text);
    assert!(manager.page(&unit).await.text.contains("Not here: there is a rule of its own"));
    // A service says nothing about it unless somebody answers: saved as it is, it makes no rule of its own.
    let service = format!("/services/{}/rules", app.world.refuge.0);
    assert!(manager.page(&service).await.text.contains("Leave it empty and it is as for all your services."));
}
