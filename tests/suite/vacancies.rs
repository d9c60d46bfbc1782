//! A provider's word, how long it is good for, and who finds it.

use std::collections::BTreeMap;
use std::slice;

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::ids::UnitId;
use serde_json::{Value, json};

use crate::steps::{accepted, opened, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

const VACANCIES: &str = "/api/v1/vacancies";

/// The ids of a list, in its order.
fn ids(items: &[Value], field: &str) -> Vec<String> {
    items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

async fn in_search(client: &Client) -> Vec<String> {
    ids(client.get(VACANCIES).await.ok().items(), "id")
}

async fn in_matches(client: &Client, case: &str) -> Vec<String> {
    ids(client.get(&format!("{case}/matches")).await.ok().items(), "vacancy_id")
}

async fn age(client: &Client, vacancy: &str) -> String {
    client.get(&format!("{VACANCIES}/{vacancy}")).await.ok().text_of("age")
}

#[rstest]
#[actix_web::test]
async fn a_vacancy_grows_stale_leaves_the_search_and_comes_back(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let vacancy = posted(&app.client("refuge_worker").await, app.world.a1).await;
    let case = opened(&app.client("caseworker").await).await;
    let (nearly, minute) = (TimeDelta::hours(24) - TimeDelta::minutes(1), TimeDelta::minutes(1));

    for (wait, expected) in [
        (TimeDelta::zero(), "fresh"),
        (nearly, "fresh"),
        (minute, "stale"),
        (TimeDelta::hours(48) - minute, "stale"),
        (minute, "out_of_date"),
    ] {
        app.clock.advance(wait);
        let helpline = app.client("caseworker").await;
        let listed: &[String] = if expected == "out_of_date" { &[] } else { slice::from_ref(&vacancy) };
        assert_eq!(age(&helpline, &vacancy).await, expected);
        assert_eq!(in_search(&helpline).await, listed);
        assert_eq!(in_matches(&helpline, &case).await, listed);
    }

    let helpline = app.client("caseworker").await;
    for what in ["holds", "referrals"] {
        let refused = helpline.post(&format!("{case}/{what}"), json!({ "vacancy_id": vacancy })).await;
        assert_eq!(refused.problem(), "409 vacancy_out_of_date");
        assert_eq!(refused.json["current"], json!({ "confirmed_at": "2026-04-01T09:00:00Z" }));
    }

    let refuge = app.client("refuge_worker").await;
    let confirmed = refuge.post(&format!("{VACANCIES}/{vacancy}/confirm"), Value::Null).await.ok();
    assert_eq!(confirmed.text_of("age"), "fresh");
    assert_eq!(in_search(&helpline).await, slice::from_ref(&vacancy));
    assert_eq!(in_matches(&helpline, &case).await, slice::from_ref(&vacancy));
    referred(&helpline, &case, &vacancy).await;
}

#[rstest]
#[actix_web::test]
async fn a_provider_stands_by_all_its_vacancies_at_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let refuge = app.client("refuge_worker").await;
    let mut ours = vec![posted(&refuge, app.world.a1).await, posted(&refuge, app.world.a2).await];
    posted(&app.client("other_refuge_worker").await, app.world.d1).await;
    app.clock.advance(TimeDelta::hours(80));
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    assert_eq!(in_search(&helpline).await, Vec::<String>::new());

    let confirmed = refuge.post("/api/v1/vacancies/confirm", Value::Null).await.ok();
    assert_eq!(confirmed.json, json!({ "confirmed": 2 }));
    let mut found = in_search(&helpline).await;
    found.sort();
    ours.sort();
    assert_eq!(found, ours, "those of others stay out of the search");
}

#[rstest]
#[actix_web::test]
async fn a_unit_has_one_open_vacancy(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let refuge = app.client("refuge_worker").await;
    posted(&refuge, app.world.a1).await;
    let again = refuge.post(VACANCIES, json!({ "unit_id": app.world.a1 })).await;
    assert_eq!(again.problem(), "409 vacancy_already_open");
    assert_eq!(in_search(&refuge).await.len(), 1);
}

#[rstest]
#[actix_web::test]
async fn what_is_not_free_is_not_posted(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let (a1, a2) = (app.world.a1, app.world.a2);
    let case = opened(&helpline).await;

    // Held, while the vacancy behind the hold was taken back.
    let vacancy = posted(&refuge, a1).await;
    helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
    refuge.post(&format!("{VACANCIES}/{vacancy}/withdraw"), Value::Null).await.ok();
    must_be_taken_by(&refuge, a1, "hold").await;
    refuge.post(VACANCIES, json!({ "unit_id": a1, "available_from": "2026-04-02" })).await.ok();

    // Out of use until tomorrow.
    let cleaning = json!({ "reason": "cleaning", "ends_at": "2026-04-01T23:00:00Z" });
    refuge.post(&format!("/api/v1/units/{}/voids", a2.0), cleaning).await.ok();
    must_be_taken_by(&refuge, a2, "void").await;
    let tomorrow = refuge.post(VACANCIES, json!({ "unit_id": a2, "available_from": "2026-04-02" })).await.ok();

    // Promised to a household.
    let referral = referred(&helpline, &case, &tomorrow.id()).await;
    accepted(&refuge, &referral).await;
    let taken = refuge.post(VACANCIES, json!({ "unit_id": a2, "available_from": "2026-05-01" })).await;
    assert_eq!(
        (taken.problem().as_str(), &taken.json["current"]["taken"]["by"]),
        ("409 unit_taken", &json!("placement"))
    );
}

async fn must_be_taken_by(refuge: &Client, unit: UnitId, kind: &str) {
    let refused = refuge.post(VACANCIES, json!({ "unit_id": unit })).await;
    assert_eq!((refused.problem().as_str(), &refused.json["current"]["taken"]["by"]), ("409 unit_taken", &json!(kind)));
}

#[rstest]
#[actix_web::test]
async fn a_unit_that_goes_out_of_use_is_neither_posted_nor_found(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    posted(&manager, app.world.a1).await;
    for unit in [app.world.a1, app.world.a2] {
        let path = format!("/api/v1/units/{}", unit.0);
        let etag = manager.get(&path).await.ok().header("etag").to_owned();
        manager.patch(&path, &etag, json!({ "online_until": "2026-05-01" })).await.ok();
    }
    assert_eq!(in_search(&helpline).await, Vec::<String>::new());
    assert_eq!(in_matches(&helpline, &case).await, Vec::<String>::new());
    let refused = manager.post(VACANCIES, json!({ "unit_id": app.world.a2 })).await;
    assert_eq!(refused.problem(), "409 unit_offline");
}

/// S36
#[rstest]
#[actix_web::test]
async fn s36_a_vacancy_is_moved_only_by_who_has_seen_it_as_it_is(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let refuge = app.client("refuge_worker").await;
    let vacancy = posted(&refuge, app.world.a1).await;
    let path = format!("{VACANCIES}/{vacancy}");
    let seen = refuge.get(&path).await.ok().header("etag").to_owned();
    refuge.post(&format!("{path}/confirm"), Value::Null).await.ok();

    let stale = refuge.patch(&path, &seen, json!({ "available_from": "2026-04-10" })).await;
    assert_eq!((stale.problem().as_str(), &stale.json["current_version"]), ("412 stale", &json!(2)));
    let unseen = refuge.request(Method::PATCH, &path, &[], Some(json!({ "available_from": "2026-04-10" }))).await;
    assert_eq!(unseen.pointers(), ["header/if-match"]);

    let current = refuge.get(&path).await.ok();
    assert_eq!(current.text_of("available_from"), "2026-04-01");
    let past = refuge.patch(&path, current.header("etag"), json!({ "available_from": "2026-03-31" })).await;
    assert_eq!((past.problem().as_str(), past.pointers()), ("422 invalid", vec!["body/available_from".to_owned()]));

    app.clock.advance(TimeDelta::minutes(10));
    let moved = refuge.patch(&path, current.header("etag"), json!({ "available_from": "2026-04-10" })).await.ok();
    assert_eq!(moved.text_of("available_from"), "2026-04-10");
    assert_eq!(moved.text_of("confirmed_at"), "2026-04-01T09:10:00Z", "moving it confirms it");
}

#[rstest]
#[actix_web::test]
async fn a_vacancy_that_is_taken_back_is_gone(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let path = format!("{VACANCIES}/{vacancy}");
    let case = opened(&helpline).await;
    let withdrawn = refuge.post(&format!("{path}/withdraw"), Value::Null).await.ok();
    assert_eq!(withdrawn.text_of("state"), "withdrawn");
    assert_eq!(in_search(&helpline).await, Vec::<String>::new());
    assert_eq!(in_matches(&helpline, &case).await, Vec::<String>::new());

    let etag = withdrawn.header("etag");
    let to_vacancy = json!({ "vacancy_id": vacancy });
    for refused in [
        refuge.post(&format!("{path}/withdraw"), Value::Null).await,
        refuge.post(&format!("{path}/confirm"), Value::Null).await,
        refuge.patch(&path, etag, json!({ "available_from": "2026-04-10" })).await,
        helpline.post(&format!("{case}/holds"), to_vacancy.clone()).await,
        helpline.post(&format!("{case}/referrals"), to_vacancy).await,
    ] {
        assert_eq!(refused.problem(), "409 vacancy_closed");
        assert_eq!(refused.json["current"], json!({ "vacancy": "withdrawn" }));
    }
    posted(&refuge, app.world.a1).await;
}

/// S6
#[rstest]
#[actix_web::test]
async fn s06_a_confidential_name_is_for_its_own_people_and_so_is_the_unit(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let own = app.client("other_refuge_worker").await;
    let vacancy = posted(&own, app.world.d1).await;
    let path = format!("{VACANCIES}/{vacancy}");
    let case = opened(&app.client("caseworker").await).await;
    for (who, service, unit) in [
        ("other_refuge_worker", "Heron Homes", json!(app.world.d1)),
        ("other_refuge_manager", "Heron Homes", json!(app.world.d1)),
        ("caseworker", "A confidential service", Value::Null),
        ("helpline_manager", "A confidential service", Value::Null),
        ("refuge_worker", "A confidential service", Value::Null),
    ] {
        let client = app.client(who).await;
        let (one, list) = (client.get(&path).await.ok(), client.get(VACANCIES).await.ok());
        for seen in [&one.json, &list.items()[0]] {
            assert_eq!((&seen["service"], &seen["unit_id"]), (&json!(service), &unit), "{who}");
        }
    }
    let matches = app.client("caseworker").await.get(&format!("{case}/matches")).await.ok();
    assert_eq!(matches.items()[0]["service"], "A confidential service");
    assert!(!matches.text.contains("Heron") && !matches.text.contains(&app.world.d1.0.to_string()));
}

/// Posts, beside A1, A2 and D1, two homes in Rutland that differ in everything a search asks for: R1 with rules against
/// large families and no steps-free way in, R2 for one person with a wheelchair, from 20 April on.
async fn varied(app: &TestApp) -> BTreeMap<String, &'static str> {
    let (ours, others) = (app.client("refuge_worker").await, app.client("other_refuge_manager").await);
    let service = json!({
        "name": "Plain House", "accommodation_type": "second_stage", "area": "E06000017",
        "rules": [
            { "kind": "survivor_sex", "accepts": ["female"], "trans_people": "accepted" },
            { "kind": "nrpf", "policy": "no" },
            { "kind": "max_children", "children": 1 },
            { "kind": "pets", "policy": "not_accepted" },
        ],
    });
    let units = format!("/api/v1/services/{}/units", others.post("/api/v1/services", service).await.ok().id());
    let r1 = json!({
        "bed_spaces": 4, "cots": 0, "step_free": false, "wheelchair": "none", "bathroom": "own", "kitchen": "own",
        "floor": 1, "pets": true,
    });
    let r2 = json!({
        "bed_spaces": 1, "cots": 0, "step_free": true, "wheelchair": "essential_rooms", "bathroom": "own",
        "kitchen": "shared", "floor": 0, "pets": false,
    });
    let r1 = others.post(&units, json!({ "code": "R1", "facts": r1 })).await.ok().id();
    let r2 = others.post(&units, json!({ "code": "R2", "facts": r2 })).await.ok().id();
    let world = app.world;
    let mut names = BTreeMap::new();
    for (client, unit, from, name) in [
        (&ours, json!(world.a1), "2026-04-01", "A1"),
        (&ours, json!(world.a2), "2026-04-01", "A2"),
        (&others, json!(world.d1), "2026-04-01", "D1"),
        (&others, json!(r1), "2026-04-01", "R1"),
        (&others, json!(r2), "2026-04-20", "R2"),
    ] {
        let posted = client.post(VACANCIES, json!({ "unit_id": unit, "available_from": from })).await.ok().id();
        names.insert(posted, name);
    }
    names
}

#[rstest]
#[actix_web::test]
async fn each_filter_finds_what_it_says(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let names = varied(&app).await;
    let helpline = app.client("caseworker").await;
    for (filter, expected) in [
        ("", "A1 A2 D1 R1 R2"),
        ("accommodation_type=refuge", "A1 A2"),
        ("accommodation_type=dispersed_refuge_level", "D1"),
        ("accommodation_type=sanctuary_scheme", ""),
        ("area=E06000016", "A1 A2"),
        ("area=E07000130", "D1"),
        ("area=E10000018", "D1"), // the county around it
        ("area=E07000129", ""),   // another district of that county
        ("bed_spaces=1", "A1 A2 D1 R1 R2"),
        ("bed_spaces=4", "A1 D1 R1"),
        ("bed_spaces=6", ""),
        ("children=0", "A1 A2 D1 R1 R2"),
        ("children=1", "A1 A2 D1 R1"),
        ("children=2", "A1 A2 D1"), // R1 has the beds, and a rule against it
        ("children=3", "A1 D1"),
        ("children=5", "D1"),
        ("step_free=true", "A1 A2 D1 R2"),
        ("step_free=false", "A1 A2 D1 R1 R2"),
        ("wheelchair=true", "R2"),
        ("self_contained=true", "D1 R1"),
        ("pets=true", "D1"), // R1 could, and its service does not
        ("nrpf=true", "A1 A2 D1"),
        ("men=true", "D1"),
        ("available_by=2026-04-01", "A1 A2 D1 R1"),
        ("available_by=2026-04-19", "A1 A2 D1 R1"),
        ("available_by=2026-04-20", "A1 A2 D1 R1 R2"),
        ("self_contained=true&area=E06000017", "R1"),
        ("self_contained=true&nrpf=true&children=2", "D1"),
    ] {
        let answer = helpline.get(&format!("{VACANCIES}?{filter}")).await.ok();
        let mut found: Vec<_> = ids(answer.items(), "id").iter().map(|id| names[id]).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), expected, "{filter}");
    }
    for filter in ["area=E99999999", "children=99", "limit=0", "men=perhaps", "near=me"] {
        let refused = helpline.get(&format!("{VACANCIES}?{filter}")).await;
        let field = filter.split('=').next().unwrap();
        assert_eq!((refused.problem().as_str(), refused.pointers()), ("422 invalid", vec![format!("query/{field}")]));
    }
}

#[rstest]
#[actix_web::test]
async fn a_walk_through_the_pages_meets_each_vacancy_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let names = varied(&app).await; // all confirmed at the same instant: only the id tells them apart
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let mut met = Vec::new();
    let mut page = format!("{VACANCIES}?limit=2");
    loop {
        let answer = helpline.get(&page).await.ok();
        met.extend(ids(answer.items(), "id"));
        // Whatever was met of ours is confirmed, and so goes to the front.
        app.clock.advance(TimeDelta::seconds(1));
        for id in met.iter().filter(|id| names[*id].starts_with('A')) {
            refuge.post(&format!("{VACANCIES}/{id}/confirm"), Value::Null).await.ok();
        }
        let Some(next) = answer.json["next"].as_str() else { break };
        assert_eq!(answer.items().len(), 2);
        page = format!("{VACANCIES}?limit=2&cursor={next}");
    }
    met.sort();
    assert_eq!(met, names.keys().cloned().collect::<Vec<_>>());
}

#[rstest]
#[actix_web::test]
async fn the_search_and_the_matches_list_the_same(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let names = varied(&app).await;
    let case = opened(&app.client("caseworker").await).await;
    let vacancy = |wanted: &str| names.iter().find(|(_, name)| **name == wanted).unwrap().0.clone();
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    same(&app, &names, &case, "A1 A2 D1 R1 R2").await;

    helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": vacancy("A1") })).await.ok();
    same(&app, &names, &case, "A2 D1 R1 R2").await;
    let repairs = json!({ "reason": "repairs_after_damage", "starts_at": "2026-04-03T09:00:00Z" });
    let voids = format!("/api/v1/units/{}/voids", app.world.a2.0);
    let void = refuge.post(&voids, repairs).await.ok().id();
    same(&app, &names, &case, "D1 R1 R2").await;
    app.clock.advance(TimeDelta::minutes(90));
    same(&app, &names, &case, "A1 D1 R1 R2").await;
    app.client("refuge_worker").await.post(&format!("{voids}/{void}/end"), Value::Null).await.ok();
    same(&app, &names, &case, "A1 A2 D1 R1 R2").await;

    app.clock.advance(TimeDelta::hours(30));
    app.client("refuge_worker").await.post("/api/v1/vacancies/confirm", Value::Null).await.ok();
    same(&app, &names, &case, "A1 A2 D1 R1 R2").await;
    app.clock.advance(TimeDelta::hours(50));
    same(&app, &names, &case, "A1 A2").await;
}

async fn same(app: &TestApp, names: &BTreeMap<String, &str>, case: &str, expected: &str) {
    let helpline = app.client("caseworker").await;
    for found in [in_search(&helpline).await, in_matches(&helpline, case).await] {
        let mut found: Vec<_> = found.iter().map(|id| names[id]).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), expected);
    }
}
