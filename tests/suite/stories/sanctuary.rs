//! A woman who stays at home with a sanctuary, is unsafe again after three months, and is placed.

use rstest::rstest;
use serde_json::{Value, json};

use super::{Story, YEAR, in_order, told};
use crate::steps::{accepted, opened_with, posted};
use crate::support::secrecy::{CANARY_NAME, CANARY_PHONE};
use crate::support::{Engine, Postgres, Sqlite};

#[rstest]
#[actix_web::test]
async fn a_woman_is_safe_at_home_until_month_3_and_then_placed(#[values(Sqlite, Postgres)] on: Engine) {
    let story = Story::begin(on);
    let world = story.app.world;
    let scheme = json!({
        "name": "Locks for Leicester", "accommodation_type": "sanctuary_scheme", "area": "E06000016",
        "attributes": {}, "rules": [],
    });
    let (scheme, _) = story.service("other_refuge_manager", scheme, None).await;

    // Wednesday 1 April, ten in the morning. She wants to stay in her flat, which she rents from the council.
    let helpline = story.as_("caseworker").await;
    let new = json!({
        "referral_source": "housing_or_homelessness", "origin_area": "E06000016",
        "needs": {
            "members": [{ "role": "survivor", "age": 29, "sex": "female", "gender_same_as_birth": "yes" }],
            "household_complete": "yes", "pets": [], "access_need": "none", "pregnant": "no",
            "recourse_to_public_funds": "yes", "funding": "housing_benefit",
        },
        "identity": {
            "people": [{ "name": CANARY_NAME, "date_of_birth": "1997-01-30" }],
            "safe_contact": { "telephone": CANARY_PHONE },
        },
    });
    let case = opened_with(&helpline, new).await;
    let asked = json!({
        "service_id": scheme, "tenure": "social_housing", "perpetrator_keys": "yes",
        "measures": [{ "kind": "locks", "number": 2 }],
    });
    let asked = helpline.post(&format!("{case}/sanctuary-jobs"), asked).await.ok();
    let job = format!("/api/v1/sanctuary-jobs/{}", asked.id());

    // The scheme surveys on the 3rd, and waits for the landlord before anything is fitted.
    story.until("2026-04-02T09:00:00Z").await;
    let step = async |name: &str, body: Value| {
        story.as_("other_refuge_worker").await.post(&format!("{job}/{name}"), body).await
    };
    step("book", json!({ "survey_on": "2026-04-03" })).await.ok();
    story.until("2026-04-03T09:00:00Z").await;
    step("survey", json!({})).await.ok();
    let worker = story.as_("other_refuge_worker").await;
    let planned = worker.get(&job).await.ok().json["measures"][0]["id"].as_str().unwrap().to_owned();
    let locks = json!({ "cost_pence": 12_000, "installer": "in_house" });
    worker.patch(&format!("{job}/measures/{planned}"), "\"1\"", locks).await.ok();
    let camera = json!({ "kind": "camera", "number": 1, "cost_pence": 8_000, "installer": "contractor" });
    worker.post(&format!("{job}/measures"), camera).await.ok();
    assert_eq!(step("install", json!({})).await.status, 409, "the landlord has not agreed");
    story.until("2026-04-10T09:00:00Z").await;
    let helpline = story.as_("caseworker").await;
    let etag = helpline.get(&job).await.ok().header("etag").to_owned();
    helpline.patch(&job, &etag, json!({ "landlord_consent": "given" })).await.ok();
    story.until("2026-04-13T09:00:00Z").await;
    step("install", json!({})).await.ok();
    let waits = story.as_("caseworker").await.get("/api/v1/waiting").await.ok();
    assert_eq!(waits.items().len(), 1, "she is not safe yet");
    story.until("2026-04-15T09:00:00Z").await;
    step("sign-off", json!({})).await.ok();

    // She is safe at home, waits no longer, and her case is closed as supported.
    let helpline = story.as_("caseworker").await;
    assert_eq!(helpline.get("/api/v1/waiting").await.ok().items().len(), 0);
    let follow_ups: Vec<_> =
        story.tasks("caseworker", &case).await.into_iter().filter(|(kind, _)| kind == "sanctuary_follow_up").collect();
    let days: Vec<_> = follow_ups.iter().map(|(_, due)| due[..10].to_owned()).collect();
    assert_eq!(days.len(), 4, "{days:?}");
    helpline.post(&format!("{case}/close"), json!({ "outcome": "sanctuary" })).await.ok();

    // After a month she is safe. After three she is not.
    let follow_up = async |n: usize, answer: Value| {
        let client = story.as_("caseworker").await;
        let id = client.get(&job).await.ok().json["follow_ups"][n]["id"].as_str().unwrap().to_owned();
        client.post(&format!("{job}/follow-ups/{id}/answer"), answer).await
    };
    story.until("2026-05-15T09:00:00Z").await;
    follow_up(0, json!({ "answer": "still_safe" })).await.ok();
    story.until("2026-07-15T09:00:00Z").await;
    follow_up(1, json!({ "answer": "not_safe" })).await.ok();
    assert_eq!(follow_up(2, json!({ "answer": "still_safe" })).await.status, 409, "nobody asks again");

    // A new case with what is known of her, at once; a room in the refuge, a day later.
    let again = story.as_("caseworker").await.post(&format!("{job}/cases"), Value::Null).await.ok();
    let again = format!("/api/v1/cases/{}", again.text_of("case_id"));
    let vacancy = posted(&story.as_("refuge_worker").await, world.a2).await;
    let helpline = story.as_("caseworker").await;
    assert_eq!(helpline.get("/api/v1/waiting").await.ok().items().len(), 1);
    let sent = json!({ "vacancy_id": vacancy, "hold": true });
    let referral = format!("/api/v1/referrals/{}", helpline.post(&format!("{again}/referrals"), sent).await.ok().id());
    story.until("2026-07-15T10:00:00Z").await;
    let stay = accepted(&story.as_("refuge_worker").await, &referral).await;
    story.until("2026-07-16T09:00:00Z").await;
    story.as_("refuge_worker").await.post(&format!("{stay}/arrive"), json!({})).await.ok();

    story.until("2026-07-26T09:00:00Z").await;
    let told = told(&story.as_("caseworker").await, &case).await;
    in_order(
        &told,
        &[
            "Case opened",
            "Asked a scheme to make their home safe",
            "The survey of their home has a day",
            "Their home was surveyed",
            "Everything is fitted in their home",
            "Their home was signed off as safe",
            "Case closed",
            "Asked if they are still safe at home",
            "Asked if they are still safe at home",
        ],
    );

    // Two cases were opened for her, and neither ended without support. She waited for her place from 15 to 16 July, and
    // has been there for ten days. The referral was answered after an hour.
    let year = story.measures("helpline_manager").await;
    year.are(&[
        ("referrals", json!(1.0)),
        ("referrals_placed", json!(1.0)),
        ("success_rate", json!(100.0)),
        ("response_median", json!(60.0)),
        ("in_area", json!(100.0)),
        ("out_of_area", json!(0.0)),
        ("cases_opened", json!(2.0)),
        ("cases_closed", json!(1.0)),
        ("households_unable", json!(0.0)),
        ("waiting_list", json!(0.0)),
        ("waiting_time_median", json!(1.0)),
        ("stays_ended", json!(0.0)),
        ("stays_open", json!(1.0)),
        ("stays_open_median", json!(10.0)),
        ("households_supported", json!(1.0)),
        ("people_supported", json!(1.0)),
        ("sanctuary_jobs", json!(1.0)),
        ("sanctuary_days_median", json!(14.0)),
        ("sanctuary_cost", json!(200.0)),
        ("sanctuary_still_safe", json!(50.0)),
    ]);
    assert_eq!(year.by("sanctuary_still_safe", "months"), json!([["1", 100.0], ["3", 0.0], ["6", null], ["12", null]]));

    // From the request on the 1st to the sign-off on the 15th: 14 days. £120 and £80.
    for manager in ["other_refuge_manager", "helpline_manager"] {
        let client = story.as_(manager).await;
        let report = client.get(&format!("/api/v1/reports/sanctuary?{YEAR}")).await.ok().json;
        assert_eq!(
            (&report["jobs"], &report["median_days"], &report["cost_pence"]),
            (&json!(1), &json!(14.0), &json!(20_000)),
            "{report:#}"
        );
        let outcomes = report["still_safe"].as_array().unwrap().iter();
        let outcomes: Vec<_> = outcomes
            .map(|of| [&of["months"], &of["still_safe"], &of["not_safe"], &of["settled"]].map(|n| n.as_u64().unwrap()))
            .collect();
        assert_eq!(outcomes, [[1, 1, 0, 0], [3, 0, 1, 0], [6, 0, 0, 1], [12, 0, 0, 1]]);
        let signed_off: Vec<_> =
            report["stages"].as_array().unwrap().iter().filter(|stage| stage["jobs"] == 1).collect();
        assert_eq!(signed_off[0]["state"], "signed_off");
    }
}
