//! What a search that mattered leaves behind, and the report on what stood in the way.

use rstest::rstest;
use safehold::db::rules::{self, Subject};
use safehold::db::searches::{self, Kept};
use safehold::domain::eligibility::InForce;
use safehold::ids::CaseId;
use serde_json::{Value, json};

use crate::steps::{audited, noted, opened_with, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

const REPORT: &str = "/api/v1/reports/barriers?from=2026-04-01&to=2026-06-30";

/// A woman with these children and animals, of whom everything else is known.
fn household(children: &Value, pets: &Value) -> Value {
    let mut case = new_case();
    let mut members = vec![json!({ "role": "survivor", "age": 34, "sex": "female", "gender_same_as_birth": "yes" })];
    members.extend(children.as_array().unwrap().iter().cloned());
    case["needs"] = json!({
        "members": members, "household_complete": "yes", "pregnant": "no", "pets": pets, "access_need": "none",
        "recourse_to_public_funds": "yes", "funding": "housing_benefit",
    });
    case
}

fn son(age: u8) -> Value {
    json!([{ "role": "child", "age": age, "sex": "male" }])
}

fn dog() -> Value {
    json!([{ "kind": "brindle lurcher", "number": 1 }])
}

async fn turned_away(helpline: &Client, case: &str) {
    let closing = json!({ "outcome": "not_placed", "primary_reason": "no_space", "decided_by": "provider", "what_happened_next": "not_known" });
    helpline.post(&format!("{case}/close"), closing).await.ok();
}

/// The barriers of a report as (code, [alone, together, would suit, would talk]).
fn barriers(report: &Value) -> Vec<(&str, [u64; 4])> {
    let number = |barrier: &Value, field: &str| barrier[field].as_u64().unwrap();
    report["barriers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|barrier| {
            let fields = ["alone", "together", "would_suit", "would_talk"];
            (barrier["code"].as_str().unwrap(), fields.map(|field| number(barrier, field)))
        })
        .collect()
}

/// Everything that was kept of the searches of a case.
async fn kept(app: &TestApp, case: &str) -> Vec<Kept> {
    let id = CaseId(case.rsplit('/').next().unwrap().parse().unwrap());
    app.db.read(&app.actor("helpline_manager"), move |conn| searches::of_case(conn, id)).await.unwrap()
}

#[rstest]
#[actix_web::test]
async fn the_report_says_what_one_change_would_have_housed_the_most(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    posted(&refuge, app.world.a1).await; // four beds
    posted(&refuge, app.world.a2).await; // two beds
    // By hand: no boys over 14 there, and no pets. Without a rule about pets, these homes would still have to be talked about.
    for (children, pets) in [
        (son(15), json!([])), // the boy alone, at both
        (son(15), json!([])), // the same again
        (json!([]), dog()),   // pets alone, at both
        (son(15), dog()),     // both together, at both
        (son(10), json!([])), // found a suitable place
    ] {
        let case = opened_with(&helpline, household(&children, &pets)).await;
        turned_away(&helpline, &case).await;
    }
    let open = opened_with(&helpline, household(&son(15), &json!([]))).await;
    let manager = app.client("helpline_manager").await;
    let report = manager.get(REPORT).await.ok().json;
    assert_eq!(
        report["answer"],
        "If boys of any age were taken, 2 more households would have had at least one suitable place."
    );
    assert_eq!(barriers(&report), [("male_child_age", [2, 1, 2, 0]), ("pets", [1, 1, 0, 1])]);
    let counted = ["households", "with_suitable", "nothing_vacant"].map(|field| report[field].as_u64().unwrap());
    assert_eq!(counted, [5, 1, 0], "the case that is open is not among them");

    // Somebody says that her search matters: she is searched for, and not turned away.
    helpline.post(&format!("{open}/searches"), json!(null)).await.ok();
    assert_eq!(barriers(&manager.get(REPORT).await.ok().json), barriers(&report));
    let all = manager.get(&format!("{REPORT}&households=searched")).await.ok().json;
    assert_eq!((all["households"].as_u64(), barriers(&all)[0]), (Some(6), ("male_child_age", [3, 1, 3, 0])));

    let by = |by: &str| {
        let (manager, query) = (&manager, format!("{REPORT}&by={by}"));
        async move { manager.get(&query).await.ok().json["cells"].clone() }
    };
    let names = ["service", "area", "accommodation_type", "month"];
    let mut values = Vec::new();
    for name in names {
        let cells = by(name).await;
        assert_eq!(barriers(&cells[0]), barriers(&report), "{name}");
        values.push(cells[0]["value"].as_str().unwrap().to_owned());
    }
    assert_eq!(values, ["Copper House", "E06000016", "refuge", "2026-04"]);
}

#[rstest]
#[actix_web::test]
async fn who_had_a_suitable_place_or_none_at_all_counts_in_no_barrier(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let nothing = opened_with(&helpline, household(&json!([]), &dog())).await;
    turned_away(&helpline, &nothing).await;
    let (refuge, homes) = (app.client("refuge_worker").await, app.client("other_refuge_worker").await);
    posted(&refuge, app.world.a1).await;
    posted(&homes, app.world.d1).await; // takes the dog
    let placeable = opened_with(&helpline, household(&json!([]), &dog())).await;
    turned_away(&helpline, &placeable).await;

    let report = app.client("helpline_manager").await.get(REPORT).await.ok().json;
    let counted = ["households", "with_suitable", "nothing_vacant"].map(|field| report[field].as_u64().unwrap());
    assert_eq!((counted, barriers(&report)), ([2, 1, 1], vec![]));
    let answer = "No single change would have given any of these households a suitable place.";
    assert_eq!(report["answer"], answer);
}

/// S13, S18
#[rstest]
#[actix_web::test]
async fn s13_s18_managers_read_of_their_own(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    posted(&refuge, app.world.a1).await;
    let case = opened_with(&helpline, household(&json!([]), &dog())).await;
    turned_away(&helpline, &case).await;
    let found = |who: &'static str| {
        let app = &app;
        async move { barriers(&app.client(who).await.get(REPORT).await.ok().json).len() }
    };
    assert_eq!(found("helpline_manager").await, 1);
    assert_eq!(found("other_helpline_manager").await, 0);
    assert_eq!(found("refuge_manager").await, 1, "it stood in the way at her service");
    assert_eq!(found("other_refuge_manager").await, 0);
    for who in ["caseworker", "refuge_worker", "commissioner", "administrator", "auditor"] {
        assert_eq!(app.client(who).await.get(REPORT).await.problem(), "403 forbidden", "{who}");
    }

    let file = app.client("helpline_manager").await.get(&REPORT.replace("barriers?", "barriers.csv?")).await;
    let file = file.ok().text;
    let rows: Vec<_> = file.lines().collect();
    assert_eq!(rows, ["counted,part,barrier,alone,together,would_suit,would_talk", "turned_away,,pets,1,0,0,1"]);
    assert_eq!(audited(&app, "report.exported"), 1);
    let manager = app.client("helpline_manager").await;
    let upside_down = "/api/v1/reports/barriers?from=2026-04-02&to=2026-04-01";
    assert_eq!(manager.get(upside_down).await.pointers(), ["query/to"]);
}

#[rstest]
#[actix_web::test]
async fn a_search_is_kept_when_it_matters(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let case = opened_with(&helpline, household(&json!([]), &json!([]))).await;
    helpline.get(&format!("{case}/matches")).await.ok();
    assert!(kept(&app, &case).await.is_empty(), "to look is not yet to matter");
    helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
    let referral = referred(&helpline, &case, &vacancy).await;
    refuge.post(&format!("{referral}/decline"), json!({ "primary_reason": "no_staff_capacity" })).await.ok();
    helpline.request(actix_web::http::Method::PUT, &format!("{case}/watch"), &[], None).await.ok();
    turned_away(&helpline, &case).await;

    let searches = kept(&app, &case).await;
    let told: Vec<_> = searches.iter().map(|(search, _)| (search.occasion.as_str(), search.suitable)).collect();
    assert_eq!(told, [("referred", 1), ("waiting", 1), ("turned_away", 1)], "with the place that she held herself");
    let households: std::collections::BTreeSet<_> = searches.iter().map(|(search, _)| search.household).collect();
    assert_eq!(households.len(), 1, "it is one household");
}

/// Under other rules today, the record still says what it said, and can show why.
#[rstest]
#[actix_web::test]
async fn a_record_reproduces_its_verdicts_from_the_rules_of_its_time(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let manager = app.client("refuge_manager").await;
    posted(&refuge, app.world.a1).await;
    posted(&refuge, app.world.a2).await;
    let home = format!("/api/v1/units/{}/rules", app.world.a2.0);
    let own = json!({ "rules": [{ "kind": "pets", "policy": "accepted" }], "reason": "There is a garden." });
    let put = actix_web::http::Method::PUT;
    manager.request(put.clone(), &home, &[("if-match", "\"0\"")], Some(own)).await.ok();
    let case = opened_with(&helpline, household(&json!([]), &dog())).await;
    turned_away(&helpline, &case).await;
    app.clock.advance(chrono::TimeDelta::days(1));
    let manager = app.client("refuge_manager").await;
    let service = format!("/api/v1/services/{}/rules", app.world.refuge.0);
    let none = json!({ "rules": [], "reason": "We begin anew." });
    manager.request(put, &service, &[("if-match", "\"1\"")], Some(none)).await.ok();

    let [(search, services)] = &kept(&app, &case).await[..] else { panic!("one search was kept") };
    let mut told = Vec::new();
    for homes in services.iter().flat_map(|(_, homes)| homes) {
        let versions = homes.rules.clone();
        let reader = app.actor("refuge_manager");
        let sets = app.db.read(&reader, move |conn| {
            versions
                .iter()
                .map(|set| rules::version(conn, Subject::of(set.scope, set.id), set.version))
                .collect::<Result<Vec<_>, _>>()
        });
        let sets = sets.await.unwrap();
        let then = sets.iter().map(|set| (set.scope, &set.rules.0[..]));
        let in_force = InForce::on(search.made_at.date(), then);
        assert_eq!(homes.again(&search.facts, &in_force), homes.verdict);
        told.push((homes.unit.bed_spaces, homes.verdict.as_str()));
    }
    told.sort_unstable();
    assert_eq!(
        told,
        [(2, "discuss"), (4, "not_suitable")],
        "its own rule takes pets, though the home has no room for them"
    );
}

/// S4, S7, S10
#[rstest]
#[actix_web::test]
async fn s04_s07_s10_what_is_kept_of_a_search_tells_nobody_who_it_was(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    posted(&refuge, app.world.a1).await;
    let case = opened_with(&helpline, household(&son(9), &dog())).await;
    let areas = json!({
        "unsafe_areas": [{ "area": "E07000133", "confirmed": true }], "wanted_areas": ["E07000131"],
        "too_far": ["E06000017"], "can_travel_to": ["E06000016"], "school_area": "E07000130", "work_area": "E07000132",
        "interpreter_language": "Gujarati", "monitoring": { "ethnic_group": "asian_indian", "religion": "jewish" },
        "abuse_types": ["stalking"], "risk": { "dash_score": 19 },
    });
    noted(&helpline, &case, areas).await.ok();
    turned_away(&helpline, &case).await;

    let [(search, services)] = &kept(&app, &case).await[..] else { panic!("one search was kept") };
    let homes: Vec<_> = services.iter().map(|(_, homes)| homes).collect();
    let text = format!("{} {}", serde_json::to_string(&search.facts).unwrap(), serde_json::to_string(&homes).unwrap());
    for secret in [
        "E07000133",
        "E07000131",
        "E06000017",
        "E06000016",
        "E07000130",
        "E07000132",
        "lurcher",
        "asian",
        "jewish",
        "stalking",
        "dash",
        ":19",
    ] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(!text.contains(case.rsplit('/').next().unwrap()));
    assert_ne!(search.household.0.to_string(), case.rsplit('/').next().unwrap());
}

/// Near misses by themselves: each says what it would be without the one thing, and what could change that.
#[rstest]
#[actix_web::test]
async fn a_near_miss_says_what_would_have_to_change(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    posted(&refuge, app.world.a1).await;
    posted(&refuge, app.world.a2).await;
    let case = opened_with(
        &helpline,
        household(
            &json!([{ "role": "child", "age": 15, "sex": "male" }, { "role": "child", "age": 4, "sex": "female" }]),
            &json!([]),
        ),
    )
    .await;
    let found = helpline.get(&format!("{case}/matches?near_miss=true")).await.ok();
    let [near] = found.items() else { panic!("{}", found.text) };
    let [reason] = &near["reasons"].as_array().unwrap()[..] else { panic!("{near}") };
    let told = ["code", "whose", "rule", "fact", "text"].map(|field| reason[field].as_str().unwrap());
    let expected = [
        "male_child_age",
        "service",
        "A rule of this service",
        "Boy aged 15",
        "Male child 15 is above this service's limit of 14",
    ];
    assert_eq!((told, near["would_be"].as_str()), (expected, Some("suitable")));
    assert!(!reason["resolve"].as_str().unwrap().is_empty());
    let rest = helpline.get(&format!("{case}/matches?near_miss=false")).await.ok();
    assert_eq!(rest.items().len(), 1, "the home with two beds has two things in the way");

    let what_if = &found.json["what_ifs"][0];
    assert_eq!((what_if["code"].as_str(), what_if["counts"]["suitable"].as_u64()), (Some("male_child_age"), Some(1)));
    let routes: Vec<_> =
        found.json["alternatives"].as_array().unwrap().iter().map(|way| way["route"].as_str().unwrap()).collect();
    assert_eq!(routes, ["exception", "another_area", "second_stage", "sanctuary", "waiting_list"]);
}

/// What the household itself does not want is no matter for an exception: the page leads to where it can be changed.
#[rstest]
#[actix_web::test]
async fn no_provider_is_asked_to_change_what_the_household_said(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    posted(&refuge, app.world.a1).await;
    let visitor = app.visitor("caseworker").await;
    let ruled = opened_with(&helpline, household(&son(15), &json!([]))).await;
    let shared = opened_with(&helpline, household(&json!([]), &json!([]))).await;
    noted(&helpline, &shared, json!({ "shared_living": "no" })).await.ok();
    let far = opened_with(&helpline, household(&json!([]), &json!([]))).await;
    noted(&helpline, &far, json!({ "too_far": ["E06000016"] })).await.ok();
    for (case, exception, step) in [(ruled, true, None), (shared, false, Some("needs")), (far, false, Some("areas"))] {
        let path = case.replace("/api/v1", "");
        let page = visitor.page(&format!("{path}/matches")).await.ok().text;
        assert_eq!(page.contains("Ask for an exception"), exception, "{page}");
        let change = step.map(|step| format!("href=\"{path}/ask/{step}\">Change what they said"));
        assert_eq!(page.contains("Change what they said"), change.is_some());
        assert!(change.is_none_or(|change| page.contains(&change)), "{page}");
    }
}

/// The page and the API say the same.
#[rstest]
#[actix_web::test]
async fn the_page_of_the_report_gives_the_answer(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    posted(&refuge, app.world.a1).await;
    let case = opened_with(&helpline, household(&son(15), &json!([]))).await;
    turned_away(&helpline, &case).await;
    let manager = app.client("helpline_manager").await;
    let answer = manager.get(REPORT).await.ok().text_of("answer");
    assert_eq!(answer, "If boys of any age were taken, 1 more household would have had at least one suitable place.");
    let visitor = app.visitor("helpline_manager").await;
    let page = visitor.page("/reports/barriers?period=this-month").await.ok().text;
    assert!(page.contains(&answer) && page.contains("“Age of male children” alone kept 1 household"), "{page}");
    let before = visitor.page("/reports/barriers?period=last-quarter").await.ok().text;
    assert!(before.contains("There were no such households in this time."), "{before}");
}
