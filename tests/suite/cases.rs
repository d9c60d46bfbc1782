//! A household's case: what is written down, who sees it, how it ends.

use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{accepted, doing, noted, opened, opened_with, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, mother_and_daughter, new_case};

async fn matches(helpline: &Client, case: &str) -> Value {
    helpline.get(&format!("{case}/matches")).await.ok().json
}

#[rstest]
#[actix_web::test]
async fn where_they_come_from_is_a_question_about_safety_and_nothing_else(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    posted(&app.client("refuge_worker").await, app.world.a1).await;
    posted(&app.client("other_refuge_worker").await, app.world.d1).await;
    let helpline = app.client("caseworker").await;
    let from =
        |origin: Value| json!({ "referral_source": "police", "needs": mother_and_daughter(), "origin_area": origin });
    let nowhere = matches(&helpline, &opened_with(&helpline, from(Value::Null)).await).await;
    assert_eq!(nowhere["counts"]["suitable"], 2);

    for origin in ["E06000016", "E07000130", "E10000018", "E08000025"] {
        let case = opened_with(&helpline, from(json!(origin))).await;
        let proposed = helpline.get(&case).await.ok();
        assert_eq!(proposed.json["needs"]["unsafe_areas"], json!([{ "area": origin, "confirmed": false }]));
        noted(&helpline, &case, json!({ "unsafe_areas": [] })).await.ok();
        assert_eq!(matches(&helpline, &case).await, nowhere, "from {origin}");
    }

    // Until she has said whether it is safe, it is asked; when it is not, there is no place for her.
    let case = opened_with(&helpline, from(json!("E06000016"))).await;
    let asked = matches(&helpline, &case).await;
    assert_eq!(asked["items"][1]["verdict"], "missing_information");
    assert_eq!(asked["items"][1]["reasons"][0]["question"]["code"], "safe_area");
    noted(&helpline, &case, json!({ "unsafe_areas": [{ "area": "E06000016", "confirmed": true }] })).await.ok();
    let refused = matches(&helpline, &case).await;
    assert_eq!(refused["items"][1]["reasons"][0]["code"], "unsafe_area");
    assert_eq!((&refused["counts"]["suitable"], &refused["counts"]["not_suitable"]), (&json!(1), &json!(1)));
}

#[rstest]
#[actix_web::test]
async fn the_question_that_decides_the_most_is_asked_first(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    posted(&app.client("refuge_worker").await, app.world.a1).await;
    posted(&app.client("other_refuge_worker").await, app.world.d1).await;
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let none = helpline.get(&format!("{case}/questions")).await.ok();
    assert_eq!(none.json, json!({ "counts": none.json["counts"], "items": [] }));

    noted(&helpline, &case, json!({ "pets": null, "access_need": null })).await.ok();
    let asked = helpline.get(&format!("{case}/questions")).await.ok();
    let undecided = asked.json["counts"]["missing_information"].as_u64().unwrap();
    assert!(undecided > 0, "{:#}", asked.json);
    let rank = |item: &Value| item["vacancies"].as_u64().unwrap() + item["alone"].as_u64().unwrap();
    assert!(asked.items().is_sorted_by_key(|item| std::cmp::Reverse(rank(item))), "{:#}", asked.json);
    assert!(asked.items().iter().all(|item| item["vacancies"].as_u64().unwrap() <= undecided), "{:#}", asked.json);

    // Each answer leaves one question fewer, until nothing is undecided.
    let answers = json!({ "pets": [], "access_need": "none" });
    for n in (0..asked.items().len()).rev() {
        let open = helpline.get(&format!("{case}/questions")).await.ok();
        let code = open.items()[0]["question"]["code"].as_str().unwrap();
        noted(&helpline, &case, json!({ code: answers[code] })).await.ok();
        let left = helpline.get(&format!("{case}/questions")).await.ok();
        assert_eq!(left.items().len(), n, "after {code}: {:#}", left.json);
    }
    assert_eq!(matches(&helpline, &case).await["counts"]["missing_information"], 0);
}

/// The other direction: a referrer sees its own waiting cases, a provider a number.
#[rstest]
#[actix_web::test]
async fn a_vacancy_finds_the_households_that_wait_for_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let refuge = app.client("refuge_worker").await;
    let vacancy = posted(&refuge, app.world.a1).await;
    let path = format!("/api/v1/vacancies/{vacancy}/candidates");
    let (helpline, colleague, other) =
        (app.client("caseworker").await, app.client("colleague").await, app.client("other_caseworker").await);
    let first = opened(&helpline).await;
    let unsure = opened(&helpline).await;
    noted(&helpline, &unsure, json!({ "pets": null })).await.ok();
    let second = opened(&helpline).await;
    opened(&colleague).await;

    let own = helpline.get(&path).await.ok();
    let order: Vec<_> = own.items().iter().map(|item| item["case_id"].as_str().unwrap().to_owned()).collect();
    let id = |case: &str| case.rsplit('/').next().unwrap().to_owned();
    assert_eq!(order, [id(&first), id(&second), id(&unsure)], "the longest waiting first, then who has to be asked");
    assert_eq!(own.json["counts"], json!({ "suitable": 2, "discuss": 0, "missing_information": 1, "not_suitable": 0 }));
    assert_eq!(own.json.get("households_waiting"), None);
    assert_eq!(app.client("helpline_manager").await.get(&path).await.ok().items().len(), 4);
    assert_eq!(other.get(&path).await.ok().items().len(), 0);

    let told = refuge.get(&path).await.ok();
    assert_eq!((told.items().len(), &told.json["households_waiting"]), (0, &json!(3)));
    assert_eq!(app.client("other_refuge_worker").await.get(&path).await.problem(), "404 not_found");
    noted(&helpline, &first, json!({ "unsafe_areas": [{ "area": "E06000016", "confirmed": true }] })).await.ok();
    assert_eq!(refuge.get(&path).await.ok().json["households_waiting"], 2);

    refuge.post(&format!("/api/v1/vacancies/{vacancy}/withdraw"), json!(null)).await.ok();
    assert_eq!(helpline.get(&path).await.problem(), "409 vacancy_closed");
}

#[rstest]
#[actix_web::test]
async fn a_source_and_an_origin_must_be_known(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    for (field, wrong) in [("referral_source", "a_friend"), ("origin_area", "E99999999")] {
        let mut new = json!({ "referral_source": "police", "origin_area": "E06000016" });
        new[field] = json!(wrong);
        assert_eq!(helpline.post("/api/v1/cases", new).await.pointers(), [format!("body/{field}")]);
        let case = opened(&helpline).await;
        let etag = helpline.get(&case).await.ok().header("etag").to_owned();
        assert_eq!(helpline.patch(&case, &etag, json!({ field: wrong })).await.pointers(), [format!("body/{field}")]);
    }
}

fn not_placed() -> Value {
    json!({
        "outcome": "not_placed", "primary_reason": "lost_contact", "secondary_reasons": ["no_space"],
        "what_happened_next": "not_known",
    })
}

#[rstest]
#[actix_web::test]
async fn a_case_is_closed_when_everything_is_decided_and_with_reasons(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let close = format!("{case}/close");
    let vacancy = posted(&refuge, app.world.a1).await;
    let referral = referred(&helpline, &case, &vacancy).await;
    for closing in [json!({ "outcome": "placed" }), not_placed()] {
        let refused = helpline.post(&close, closing).await;
        assert_eq!(refused.problem(), "409 case_in_progress");
        assert_eq!(refused.json["current"], json!({ "open_referrals": 1, "expected_placements": 0 }));
    }
    refuge.post(&format!("{referral}/decline"), json!({ "primary_reason": "needs_care" })).await.ok();

    assert_eq!(helpline.post(&close, json!({ "outcome": "placed" })).await.problem(), "409 not_placed");
    for (field, wrong, pointer) in [
        ("primary_reason", Value::Null, "body/primary_reason"),
        ("what_happened_next", Value::Null, "body/what_happened_next"),
        ("primary_reason", json!("rain"), "body/primary_reason"),
        ("primary_reason", json!("no_space"), "body/decided_by"), // the provider's, or the system's
        ("what_happened_next", json!("rain"), "body/what_happened_next"),
        ("secondary_reasons", json!(["lost_contact"]), "body/secondary_reasons/0"),
        ("decided_by", json!("survivor"), "body/decided_by"),
        ("outcome", json!("placed"), "body/outcome"),
    ] {
        let mut closing = not_placed();
        closing[field] = wrong;
        let refused = helpline.post(&close, closing).await;
        assert_eq!((refused.problem().as_str(), refused.pointers()), ("422 invalid", vec![pointer.to_owned()]));
    }
    assert_eq!(helpline.get(&case).await.ok().text_of("state"), "open");

    let closed = helpline.post(&close, not_placed()).await.ok();
    let ending = json!([closed.json["state"], closed.json["outcome"], closed.json["decided_by"]]);
    assert_eq!(ending, json!(["closed", "not_placed", "referrer"]));
    let etag = closed.header("etag");
    let to_vacancy = json!({ "vacancy_id": vacancy });
    for refused in [
        helpline.post(&close, not_placed()).await,
        helpline.patch(&case, etag, json!({ "needs": { "pregnant": "yes" } })).await,
        helpline.post(&format!("{case}/holds"), to_vacancy.clone()).await,
        helpline.post(&format!("{case}/referrals"), to_vacancy).await,
    ] {
        assert_eq!(refused.problem(), "409 case_closed");
    }
}

#[rstest]
#[actix_web::test]
async fn a_household_that_was_placed_is_closed_as_placed_once_it_has_come(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    let stay = accepted(&refuge, &referral).await;
    let early = helpline.post(&format!("{case}/close"), json!({ "outcome": "placed" })).await;
    assert_eq!(early.problem(), "409 case_in_progress");
    assert_eq!(early.json["current"], json!({ "open_referrals": 1, "expected_placements": 1 }));
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    assert_eq!(helpline.post(&format!("{case}/close"), not_placed()).await.problem(), "409 placed");
    helpline.post(&format!("{case}/close"), json!({ "outcome": "placed" })).await.ok();
}

#[rstest]
#[actix_web::test]
async fn closing_a_case_gives_up_what_it_holds(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let vacancy = posted(&refuge, app.world.a1).await;
    helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
    helpline.post(&format!("{case}/close"), not_placed()).await.ok();
    assert_eq!(doing(&refuge, app.world.a1).await, "free");
}

#[rstest]
#[actix_web::test]
async fn a_case_is_its_workers_and_her_managers(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let case = opened(&app.client("caseworker").await).await;
    for (who, sees) in [
        ("caseworker", true),
        ("helpline_manager", true),
        ("colleague", false),
        ("other_caseworker", false),
        ("other_helpline_manager", false),
    ] {
        let client = app.client(who).await;
        assert_eq!(client.get("/api/v1/cases").await.ok().items().len(), usize::from(sees), "{who}");
        let etag = "\"1\"";
        let answers = [
            client.get(&case).await,
            client.get(&format!("{case}/matches")).await,
            client.get(&format!("{case}/holds")).await,
            client.get(&format!("{case}/questions")).await,
            client.disclose(&format!("{case}/identity-disclosures"), "safeguarding").await,
            client.put(&format!("{case}/identity"), new_case()["identity"].clone()).await,
            client.patch(&case, etag, json!({ "referral_source": "police" })).await,
            client.post(&format!("{case}/close"), not_placed()).await,
        ];
        if sees {
            assert!(answers[..6].iter().all(|answer| answer.status.is_success()), "{who}");
            continue;
        }
        assert!(answers.iter().all(|answer| answer.problem() == "404 not_found"), "{who}");
    }
}

#[rstest]
#[actix_web::test]
async fn a_manager_gives_a_case_to_another_worker(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (manager, helpline) = (app.client("helpline_manager").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let owner = format!("{case}/owner");
    let etag = manager.get(&case).await.ok().header("etag").to_owned();
    let put = async |client: &Client, to: &str| {
        let body = json!({ "account_id": app.world.account(to).id });
        client.request(Method::PUT, &owner, &[("if-match", &etag)], Some(body)).await
    };
    assert_eq!(put(&helpline, "colleague").await.problem(), "403 forbidden");
    assert_eq!(put(&app.client("other_helpline_manager").await, "other_caseworker").await.problem(), "404 not_found");
    for nobody in ["other_caseworker", "refuge_worker", "administrator"] {
        assert_eq!(put(&manager, nobody).await.pointers(), ["body/account_id"], "{nobody}");
    }

    let given = put(&manager, "colleague").await.ok();
    assert_eq!(given.json["owner_id"], json!(app.world.account("colleague").id));
    assert_eq!(put(&manager, "caseworker").await.problem(), "412 stale");
    assert_eq!(helpline.get(&case).await.problem(), "404 not_found");
    app.client("colleague").await.get(&case).await.ok();
}
