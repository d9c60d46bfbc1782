//! Looking after services, their rules and their units.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::secrecy::{CANARY_POSTCODE, CANARY_STREET};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

fn new_service() -> Value {
    json!({
        "name": "Linnet House",
        "accommodation_type": "refuge",
        "area": "E06000016",
        "attributes": { "specialism": "young_women", "quality_marks": ["womens_aid"], "languages": ["Punjabi"] },
        "rules": [
            { "kind": "survivor_sex", "accepts": ["female"], "trans_people": "accepted" },
            { "kind": "max_children", "children": 3 },
            { "kind": "nrpf", "policy": "case_by_case" },
        ],
    })
}

fn new_unit(code: &str) -> Value {
    json!({
        "code": code,
        "facts": {
            "bed_spaces": 3, "cots": 1, "step_free": false, "wheelchair": "none",
            "bathroom": "own", "kitchen": "shared", "floor": 1, "pets": false,
        },
    })
}

/// A document with one place of it replaced.
fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    match document.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => document[pointer.trim_start_matches('/')] = value,
    }
    document
}

async fn added(manager: &Client) -> String {
    manager.post("/api/v1/services", new_service()).await.ok().header("location").to_owned()
}

#[rstest]
#[actix_web::test]
async fn a_service_is_added_with_its_rules(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let service = manager.post("/api/v1/services", new_service()).await.ok();
    assert_eq!((service.status.as_u16(), service.header("etag")), (201, "\"1\""));
    assert_eq!(service.json["attributes"]["specialism"], "young_women");
    let summary =
        ["takes_women", "takes_men", "takes_pets", "nrpf", "max_children"].map(|field| service.json[field].clone());
    assert_eq!(json!(summary), json!([true, false, true, "case_by_case", 3]));
    assert_eq!(service.json.get("largest_family"), None);

    let path = service.header("location").to_owned();
    assert_eq!(manager.get(&path).await.ok().json, service.json);
    let rules = manager.get(&format!("{path}/rules")).await.ok();
    assert_eq!((&rules.json["rules"], &rules.json["version"]), (&told(&new_service()["rules"]), &json!(1)));
    let own = manager.get("/api/v1/services?own=true").await.ok();
    let names: Vec<_> = own.items().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Copper House", "Linnet House"]);
}

#[rstest]
#[case::code("/attributes/specialism", json!("everybody"), &["/attributes/specialism"])]
#[case::codes("/attributes/quality_marks", json!(["daha", "gold_star", "womens_aid", "x"]),
    &["/attributes/quality_marks/1", "/attributes/quality_marks/3"])]
#[case::a_code_of_another_list("/attributes/quality_marks", json!(["advocacy"]), &["/attributes/quality_marks/0"])]
#[case::routes("/attributes", json!({ "referral_routes": ["pigeon"], "support_types": ["advocacy", "magic"] }),
    &["/attributes/referral_routes/0", "/attributes/support_types/1"])]
#[case::area("/area", json!("E99999999"), &["/area"])]
#[case::no_area("/area", json!("Leicester"), &["/area"])]
#[case::two_rules_about_pets("/rules", json!([
    { "kind": "pets", "policy": "accepted" }, { "kind": "nrpf", "policy": "yes" }, { "kind": "pets", "policy": "discuss" },
]), &["/rules/2"])]
#[case::upside_down("/rules", json!([
    { "kind": "survivor_age", "min": 25, "max": 18 },
    { "kind": "male_child_age", "shared": { "accepted_to": 14, "discuss_to": 12 } },
]), &["/rules/0", "/rules/1"])]
#[case::out_of_range("/rules", json!([
    { "kind": "nrpf", "policy": "yes" }, { "kind": "male_child_age", "shared": { "accepted_to": 30 } },
]), &["/rules/1/shared/accepted_to"])]
#[case::no_such_rule("/rules", json!([{ "kind": "local_connection" }]), &["/rules/0"])]
#[actix_web::test]
async fn what_is_wrong_with_a_service_is_named(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] wrong: &[&str],
) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let refused = manager.post("/api/v1/services", with(new_service(), pointer, value.clone())).await;
    assert_eq!(refused.problem(), "422 invalid", "{}", refused.text);
    let expected: Vec<_> = wrong.iter().map(|pointer| format!("body{pointer}")).collect();
    assert!(
        refused.pointers().iter().zip(&expected).all(|(found, wanted)| found.starts_with(wanted)),
        "{}",
        refused.text
    );
    assert_eq!(refused.pointers().len(), expected.len(), "{}", refused.text);
    assert_eq!(manager.get("/api/v1/services?own=true").await.ok().items().len(), 1);

    // The same holds of a change.
    let path = format!("/api/v1/services/{}", app.world.refuge.0);
    let changed = match pointer {
        "/rules" => {
            let change = json!({ "rules": value, "reason": "a try" });
            manager
                .request(actix_web::http::Method::PUT, &format!("{path}/rules"), &[("if-match", "\"1\"")], Some(change))
                .await
        }
        "/area" => return,
        _ => {
            manager
                .patch(&path, "\"1\"", json!({ "attributes": with(new_service(), pointer, value)["attributes"] }))
                .await
        }
    };
    assert_eq!(changed.pointers(), refused.pointers());
    assert_eq!(manager.get(&path).await.ok().json["version"], 1);
}

/// Rules as they are read: with the strength that is meant where none is said.
fn told(rules: &Value) -> Value {
    let mut rules = rules.clone();
    for rule in rules.as_array_mut().unwrap() {
        let rule = rule.as_object_mut().unwrap();
        rule.entry("strength").or_insert(json!("exclude"));
    }
    rules
}

/// S36
#[rstest]
#[actix_web::test]
async fn s36_every_version_of_the_rules_stays_readable(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let path = added(&manager).await;
    let rules = format!("{path}/rules");
    let change =
        json!({ "rules": [{ "kind": "pets", "policy": "not_accepted" }], "reason": "A resident has an allergy." });
    let put = |etag: &'static str, change: Value| {
        let (manager, rules) = (&manager, &rules);
        let method = actix_web::http::Method::PUT;
        async move { manager.request(method, rules, &[("if-match", etag)], Some(change)).await }
    };
    for reason in [json!(null), json!(""), json!("x".repeat(301))] {
        let answer = put("\"1\"", with(change.clone(), "/reason", reason)).await;
        assert_eq!(answer.pointers(), ["body/reason"], "{}", answer.text);
    }
    assert_eq!(manager.put(&rules, change.clone()).await.pointers(), ["header/if-match"]);
    assert_eq!(put("\"9\"", change.clone()).await.problem(), "412 stale");

    app.clock.advance(chrono::TimeDelta::minutes(5));
    let changed = put("\"1\"", change.clone()).await.ok();
    assert_eq!((&changed.json["version"], changed.header("etag")), (&json!(2), "\"2\""));
    assert_eq!(put("\"1\"", change.clone()).await.problem(), "412 stale");
    let first = manager.get(&format!("{rules}?version=1")).await.ok();
    let second = manager.get(&rules).await.ok();
    assert_eq!(
        (&first.json["rules"], &first.json["reason"]),
        (&told(&new_service()["rules"]), &json!("first version"))
    );
    assert_eq!((&second.json["rules"], &second.json["reason"]), (&told(&change["rules"]), &change["reason"]));
    assert_eq!(second.json["author_id"], json!(app.world.account("refuge_manager").id));
    assert!(first.text_of("effective_from") < second.text_of("effective_from"));
    assert_eq!(manager.get(&format!("{rules}?version=3")).await.problem(), "404 not_found");
    let service = manager.get(&path).await.ok();
    assert_eq!((&service.json["takes_pets"], &service.json["rules_version"]), (&json!(false), &json!(2)));

    // Others read what the rules are, and not who made them or why.
    let seen = app.client("caseworker").await.get(&rules).await.ok();
    assert_eq!(seen.json["rules"], told(&change["rules"]));
    assert_eq!((seen.json.get("author_id"), seen.json.get("reason")), (None, None));
}

/// S13, S36
#[rstest]
#[actix_web::test]
async fn s13_s36_a_service_is_changed_by_its_own_manager_as_she_read_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, other) = (app.client("refuge_manager").await, app.client("other_refuge_manager").await);
    let path = added(&manager).await;
    assert_eq!(other.patch(&path, "\"1\"", json!({ "active": false })).await.problem(), "404 not_found");
    let change = json!({ "name": "Siskin House", "attributes": { "by_and_for": true } });
    let changed = manager.patch(&path, "\"1\"", change.clone()).await.ok();
    assert_eq!(
        (&changed.json["name"], &changed.json["attributes"]["by_and_for"]),
        (&json!("Siskin House"), &json!(true))
    );
    assert_eq!(changed.json["attributes"].get("specialism"), None, "attributes are replaced as a whole");
    let stale = manager.patch(&path, "\"1\"", change).await;
    assert_eq!((stale.problem().as_str(), &stale.json["current_version"]), ("412 stale", &json!(2)));
    assert_eq!(manager.patch(&path, "\"2\"", json!({})).await.ok().json["version"], 3);
}

#[rstest]
#[actix_web::test]
async fn a_name_is_used_once_in_an_organisation(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, other) = (app.client("refuge_manager").await, app.client("other_refuge_manager").await);
    let path = added(&manager).await;
    assert_eq!(manager.post("/api/v1/services", new_service()).await.problem(), "409 name_taken");
    assert_eq!(manager.patch(&path, "\"1\"", json!({ "name": "Copper House" })).await.problem(), "409 name_taken");
    manager.patch(&path, "\"1\"", json!({ "name": "Linnet House" })).await.ok();
    other.post("/api/v1/services", new_service()).await.ok();

    let units = format!("{path}/units");
    let unit = manager.post(&units, new_unit("1")).await.ok();
    let unit = unit.header("location").to_owned();
    manager.post(&units, new_unit("2")).await.ok();
    assert_eq!(manager.post(&units, new_unit("2")).await.problem(), "409 name_taken");
    assert_eq!(manager.patch(&unit, "\"1\"", json!({ "code": "2" })).await.problem(), "409 name_taken");
    manager.post(&format!("/api/v1/services/{}/units", app.world.refuge.0), new_unit("2")).await.ok();
}

/// S36
#[rstest]
#[actix_web::test]
async fn s36_a_unit_is_added_and_changed_as_it_was_read(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let units = format!("{}/units", added(&manager).await);
    let unit = manager.post(&units, with(new_unit("L1"), "/online_from", json!("2026-04-10"))).await.ok();
    let path = unit.header("location").to_owned();
    assert_eq!((&unit.json["doing"], &unit.json["online_from"]), (&json!("free"), &json!("2026-04-10")));
    assert_eq!((&unit.json["self_contained"], unit.header("etag")), (&json!(false), "\"1\""));
    assert_eq!(manager.get(&path).await.ok().json, unit.json);
    let early = manager.post("/api/v1/vacancies", json!({ "unit_id": unit.id() })).await;
    assert_eq!(early.problem(), "409 unit_offline");

    let facts = with(new_unit("L1")["facts"].clone(), "/kitchen", json!("own"));
    let changed = manager.patch(&path, "\"1\"", json!({ "facts": facts, "online_until": "2027-01-01" })).await.ok();
    assert_eq!((&changed.json["self_contained"], &changed.json["online_until"]), (&json!(true), &json!("2027-01-01")));
    assert_eq!(manager.patch(&path, "\"1\"", json!({ "code": "L9" })).await.problem(), "412 stale");
    let upside_down = manager.patch(&path, "\"2\"", json!({ "online_until": "2026-04-09" })).await;
    assert_eq!(upside_down.pointers(), ["body/online_until"]);
    for (pointer, value) in
        [("/facts/bed_spaces", json!(0)), ("/facts/cots", json!(-1)), ("/facts/floor", json!(51)), ("/code", json!(""))]
    {
        let answer = manager.post(&units, with(new_unit("L2"), pointer, value)).await;
        assert_eq!(answer.pointers(), [format!("body{pointer}")], "{}", answer.text);
    }
}

/// S1, S4
#[rstest]
#[actix_web::test]
async fn s01_s04_an_address_goes_in_and_comes_out_by_its_own_release_only(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, worker) = (app.client("refuge_manager").await, app.client("refuge_worker").await);
    let unit = manager.post(&format!("{}/units", added(&manager).await), new_unit("L1")).await.ok();
    let path = unit.header("location").to_owned();
    let release = format!("{path}/address-disclosures");
    assert_eq!(worker.disclose(&release, "repairs").await.problem(), "404 not_found", "nobody has written one");

    let address =
        json!({ "lines": [CANARY_STREET, "Leicester"], "postcode": CANARY_POSTCODE, "directions": "The side door." });
    let written = manager.put(&format!("{path}/address"), address.clone()).await.ok();
    assert_eq!((written.status.as_u16(), written.text.as_str()), (204, ""));
    assert_eq!(worker.disclose(&release, "repairs").await.ok().json, address);

    // The client looks for the canaries in every other answer.
    let vacancy = worker.post("/api/v1/vacancies", json!({ "unit_id": unit.id() })).await.ok().id();
    for client in [&manager, &worker] {
        for place in [path.as_str(), "/api/v1/units", "/api/v1/services", "/api/v1/vacancies"] {
            client.get(place).await.ok();
        }
    }
    for name in ["caseworker", "helpline_manager"] {
        let helpline = app.client(name).await;
        helpline.get("/api/v1/vacancies").await.ok();
        helpline.get(&format!("/api/v1/vacancies/{vacancy}")).await.ok();
        assert_eq!(helpline.disclose(&release, "repairs").await.problem(), "404 not_found");
    }

    let moved = json!({ "lines": ["2 Elsewhere Row"], "postcode": "ZZ1 1ZZ" });
    manager.put(&format!("{path}/address"), moved.clone()).await.ok();
    assert_eq!(worker.disclose(&release, "repairs").await.ok().json, moved, "the newer stands in place of the older");
}
