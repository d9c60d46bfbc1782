//! Answering a referral: what the provider may know, which home it gives, and requests that come twice.

use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{audited, doing, opened, opened_with, posted, referred};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp, mother_and_daughter};

const REFERRALS: &str = "/api/v1/referrals";

fn field_names(json: &Value, names: &mut Vec<String>) {
    match json {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            names.push(name.clone());
            field_names(value, names);
        }),
        Value::Array(items) => items.iter().for_each(|item| field_names(item, names)),
        _ => {}
    }
}

/// S5, S15
#[rstest]
#[actix_web::test]
async fn s05_s15_a_provider_learns_what_it_must_to_decide_and_no_more(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let mut needs = mother_and_daughter();
    needs["unsafe_areas"] = json!([{ "area": "E07000130", "confirmed": true }]);
    needs["wanted_areas"] = json!(["E08000025"]);
    needs["too_far"] = json!(["E06000015", "E06000018"]);
    needs["can_travel_to"] = json!(["E06000016", "E10000018", "E06000061"]);
    needs["wanted_types"] = json!(["second_stage"]);
    needs["school_area"] = json!("E07000132");
    needs["work_area"] = json!("E06000017");
    needs["abuse_types"] = json!(["physical", "sexual"]);
    needs["immigration_status"] = json!("eu_pre_settled");
    needs["risk"] = json!({ "dash_score": 17, "marac_referred": "yes" });
    needs["monitoring"] = json!({ "religion": "hindu", "ethnic_group": "roma", "impairments": ["vision"] });
    let new = json!({ "referral_source": "marac", "origin_area": "E07000131", "needs": needs });
    let case = opened_with(&helpline, new).await;
    let sent = json!({ "service_id": app.world.refuge, "note": "See you." });
    let referral = format!("{REFERRALS}/{}", helpline.post(&format!("{case}/referrals"), sent).await.ok().id());
    let page = app.visitor("refuge_worker").await;
    clash(&refuge, &page, &referral, false).await;

    // Later it turns out that the service lies where she is not safe.
    let etag = helpline.get(&case).await.ok().header("etag").to_owned();
    let areas = json!([{ "area": "E06000016", "confirmed": true }, { "area": "E07000130", "confirmed": true }]);
    let learned = json!({ "unsafe_areas": areas, "too_far": ["E06000016"], "can_travel_to": ["E06000017"] });
    helpline.patch(&case, &etag, json!({ "needs": learned })).await.ok();
    clash(&refuge, &page, &referral, true).await;

    // Then nobody is sent there, whoever would take them.
    let refused = refuge.post(&format!("{referral}/accept"), json!({ "unit_id": app.world.a1 })).await;
    assert_eq!(refused.problem(), "409 not_suitable");
    let codes: Vec<_> = refused.json["current"]["reasons"].as_array().unwrap().iter().map(|r| &r["code"]).collect();
    assert_eq!(codes, ["unsafe_area"]);
    clash(&refuge, &page, &referral, true).await;
}

/// Fields that say, or come from, where the household is, cannot be or wants to be.
const HIDDEN_FIELDS: [&str; 17] = [
    "case_id",
    "hold_id",
    "origin_area",
    "referral_source",
    "unsafe_areas",
    "wanted_areas",
    "too_far",
    "can_travel_to",
    "wanted_types",
    "school_area",
    "work_area",
    "area",
    "abuse_types",
    "monitoring",
    "immigration_status",
    "dash_score",
    "marac_referred",
];

/// Every area that the household of this test has told of.
const HIDDEN_AREAS: [&str; 10] = [
    "E06000015",
    "E06000016",
    "E06000017",
    "E06000018",
    "E06000061",
    "E07000130",
    "E07000131",
    "E07000132",
    "E08000025",
    "E10000018",
];

/// Their names, but for Leicester, where the provider is.
const HIDDEN_NAMES: [&str; 9] = [
    "Derby",
    "Rutland",
    "Nottingham",
    "Northamptonshire",
    "Charnwood",
    "Harborough",
    "Hinckley",
    "Birmingham",
    "Leicestershire",
];

/// Its other answers that no provider needs. (A page offers reasons for a refusal in some of these words.)
const HIDDEN_ANSWERS: [&str; 6] = ["second_stage", "physical", "hindu", "roma", "settled", "marac"];

/// What the provider reads about a referral: that there is, or is no, clash, and nothing of what lies behind it.
async fn clash(refuge: &Client, visitor: &Client, referral: &str, expected: bool) {
    let one = refuge.get(referral).await.ok();
    assert_eq!(one.json["household"]["unsafe_area"], json!(expected));
    assert_eq!(one.json["household"]["risk"], "high");
    let list = refuge.get(&format!("{REFERRALS}?direction=received")).await.ok();
    let notes = refuge.get(&format!("{referral}/notes")).await.ok();
    for answer in [&one, &list, &notes] {
        let mut names = Vec::new();
        field_names(&answer.json, &mut names);
        for hidden in HIDDEN_FIELDS {
            assert!(!names.iter().any(|name| name == hidden), "{hidden} in {:#}", answer.json);
        }
    }
    let page = visitor.page(referral.trim_start_matches("/api/v1")).await.ok();
    assert!(page.text.contains("The household"), "{}", page.text);
    let pages = [page, visitor.page("/referrals").await.ok(), visitor.page("/").await];
    let answers = [one, list, notes];
    let hidden = |answer: &Answer, hidden: &[&str]| {
        let found = hidden.iter().find(|hidden| answer.text.contains(**hidden));
        assert_eq!(found, None, "in {}", answer.text);
    };
    for answer in &answers {
        hidden(answer, &HIDDEN_ANSWERS);
    }
    for answer in answers.iter().chain(&pages) {
        hidden(answer, &HIDDEN_AREAS);
        hidden(answer, &HIDDEN_NAMES);
    }
}

/// What some services have to know is told before the answer; wishes that are no place are told too.
#[rstest]
#[actix_web::test]
async fn a_provider_learns_what_it_has_to_know_about_the_household(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let told = json!({
        "risk_to_others": [{ "kind": "arson", "years_ago": 3 }],
        "asked_to_leave_before": "yes",
        "bail_or_probation": "no",
        "interpreter_language": "Punjabi",
        "shared_living": "no",
        "quiet_home": "yes",
        "stay_needed": "weeks",
    });
    let mut needs = mother_and_daughter();
    needs.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
    let case = opened_with(&helpline, json!({ "referral_source": "police", "needs": needs })).await;
    let sent = json!({ "service_id": app.world.refuge });
    let referral = helpline.post(&format!("{case}/referrals"), sent).await.ok().id();
    let household = refuge.get(&format!("{REFERRALS}/{referral}")).await.ok().json["household"].clone();
    for (field, answer) in told.as_object().unwrap() {
        assert_eq!(&household[field], answer, "{field}");
    }
    assert_eq!(household["interpreter"], "yes", "a language says so");

    let page = app.visitor("refuge_worker").await.page(&format!("/referrals/{referral}")).await.ok();
    for words in ["Setting fires (3 years ago)", "Yes: Punjabi", "Up to three months", "Need a quiet home"] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
}

/// S6
#[rstest]
#[actix_web::test]
async fn s06_a_confidential_name_and_the_unit_are_told_with_the_acceptance(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (provider, helpline) = (app.client("other_refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&provider, app.world.d1).await).await;
    let seen = async |client: &Client| {
        let one = client.get(&referral).await.ok().json;
        let list = client.get(REFERRALS).await.ok().items()[0].clone();
        assert_eq!((&one["service"], &one["unit_id"]), (&list["service"], &list["unit_id"]));
        (one["service"].clone(), one["unit_id"].clone())
    };
    assert_eq!(seen(&provider).await, (json!("Heron Homes"), json!(app.world.d1)));
    assert_eq!(seen(&helpline).await, (json!("A confidential service"), Value::Null));
    provider.post(&format!("{referral}/accept"), json!({})).await.ok();
    assert_eq!(seen(&helpline).await, (json!("Heron Homes"), json!(app.world.d1)));
    provider.post(&format!("{referral}/decline"), json!({ "primary_reason": "unit_became_unavailable" })).await.ok();
    assert_eq!(seen(&helpline).await, (json!("A confidential service"), Value::Null));
}

#[rstest]
#[actix_web::test]
async fn a_unit_that_is_lost_while_a_referral_waits_is_not_given_but_another_can_be(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    let accept = format!("{referral}/accept");
    let void = json!({ "reason": "repairs_after_damage" });
    let void = refuge.post(&format!("/api/v1/units/{}/voids", app.world.a1.0), void).await.ok();

    let refused = refuge.post(&accept, json!({})).await;
    assert_eq!(refused.problem(), "409 unit_taken");
    assert_eq!(refused.json["current"], json!({ "taken": { "by": "void", "during": void.json["during"] } }));
    assert_eq!(refuge.get(&referral).await.ok().text_of("state"), "sent");
    assert_eq!(audited(&app, "refused.unit_taken"), 1);

    let elsewhere = refuge.post(&accept, json!({ "unit_id": app.world.d1 })).await;
    assert_eq!(elsewhere.pointers(), ["body/unit_id"], "that is another provider's");
    let given = refuge.post(&accept, json!({ "unit_id": app.world.a2 })).await.ok();
    assert_eq!(given.json["unit_id"], json!(app.world.a2));
    assert_eq!(doing(&refuge, app.world.a2).await, "placed");
    assert_eq!(helpline.get(&referral).await.ok().json["unit_id"], json!(app.world.a2));
}

#[rstest]
#[actix_web::test]
async fn the_hold_of_another_household_stands_in_the_way_until_it_ends(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let (case, other) = (opened(&helpline).await, opened(&helpline).await);
    let referral = referred(&helpline, &case, &vacancy).await;
    helpline.post(&format!("{other}/holds"), json!({ "vacancy_id": vacancy })).await.ok();

    let refused = refuge.post(&format!("{referral}/accept"), json!({})).await;
    assert_eq!(
        (refused.problem().as_str(), &refused.json["current"]["taken"]["by"]),
        ("409 unit_taken", &json!("hold"))
    );
    let third = opened(&helpline).await;
    let refused = helpline.post(&format!("{third}/referrals"), json!({ "vacancy_id": vacancy })).await;
    assert_eq!(refused.problem(), "409 unit_taken");

    app.clock.advance(TimeDelta::minutes(90));
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("{referral}/accept"), json!({})).await.ok();
    assert_eq!(doing(&refuge, app.world.a1).await, "placed");
}

#[rstest]
#[actix_web::test]
async fn a_referral_that_ends_gives_up_what_was_held_for_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let to = json!({ "vacancy_id": posted(&refuge, app.world.a1).await, "hold": true });
    let sent = helpline.post(&format!("{case}/referrals"), to).await.ok();
    assert_eq!(doing(&refuge, app.world.a1).await, "held");
    let withdraw = format!("{REFERRALS}/{}/withdraw", sent.id());
    helpline.post(&withdraw, json!({ "primary_reason": "lost_contact" })).await.ok();
    assert_eq!(doing(&refuge, app.world.a1).await, "free");
    assert_eq!(helpline.get("/api/v1/vacancies").await.ok().items().len(), 1);
}

/// S35
#[rstest]
#[actix_web::test]
async fn s35_a_request_that_comes_twice_is_answered_twice_and_happens_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let (case, other) = (opened(&helpline).await, opened(&helpline).await);
    let referrals = format!("{case}/referrals");
    let to = json!({ "vacancy_id": vacancy });

    let first = helpline.post_as(&referrals, "the same", to.clone()).await.ok();
    let accept = format!("{REFERRALS}/{}/accept", first.id());
    let taken = refuge.post_as(&accept, "the same", json!({})).await.ok(); // of somebody else: another key
    for (client, path, body, answer) in [(&helpline, &referrals, &to, &first), (&refuge, &accept, &json!({}), &taken)] {
        let again = client.post_as(path, "the same", body.clone()).await;
        assert_eq!((again.status, &again.json), (answer.status, &answer.json), "as it was then, not as it is now");
    }
    for once in ["referral.sent", "referral.accepted", "placement.expected"] {
        assert_eq!(audited(&app, once), 1, "{once}");
    }

    let more = json!({ "vacancy_id": vacancy, "note": "and one thing more" });
    for (path, body) in [(&referrals, more), (&format!("{other}/referrals"), to)] {
        let reused = helpline.post_as(path, "the same", body).await;
        assert_eq!(
            (reused.problem().as_str(), reused.pointers()),
            ("422 invalid", vec!["header/idempotency-key".into()])
        );
    }
    assert_eq!(audited(&app, "referral.sent"), 1);
}

#[rstest]
#[actix_web::test]
async fn a_refused_request_may_come_again_by_the_same_name(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = json!({ "vacancy_id": posted(&refuge, app.world.a1).await });
    let (case, other) = (opened(&helpline).await, opened(&helpline).await);
    let holds = format!("{case}/holds");
    let held = helpline.post(&format!("{other}/holds"), vacancy.clone()).await.ok();
    assert_eq!(helpline.post_as(&holds, "mine", vacancy.clone()).await.problem(), "409 unit_taken");
    helpline.post(&format!("{other}/holds/{}/release", held.id()), Value::Null).await.ok();
    helpline.post_as(&holds, "mine", vacancy).await.ok();
}

#[rstest]
#[case::an_unknown_reason("decline", json!({ "primary_reason": "weather" }), "body/primary_reason")]
#[case::one_that_is_not_for_a_provider("decline", json!({ "primary_reason": "lost_contact" }), "body/decided_by")]
#[case::one_that_is_not_for_a_helpline("withdraw", json!({ "primary_reason": "needs_care" }), "body/decided_by")]
#[case::a_choice_that_was_not_made("decline", json!({ "primary_reason": "area_unsafe" }), "body/decided_by")]
#[case::a_choice_that_there_is_not(
    "decline",
    json!({ "primary_reason": "needs_care", "decided_by": "survivor" }),
    "body/decided_by"
)]
#[case::an_unknown_decider("decline", json!({ "primary_reason": "needs_care", "decided_by": "fate" }), "body/decided_by")]
#[case::an_unknown_secondary_reason(
    "decline",
    json!({ "primary_reason": "needs_care", "secondary_reasons": ["too_far", "weather"] }),
    "body/secondary_reasons/1"
)]
#[case::a_reason_twice(
    "decline",
    json!({ "primary_reason": "needs_care", "secondary_reasons": ["too_far", "too_far"] }),
    "body/secondary_reasons/1"
)]
#[case::the_primary_reason_again(
    "withdraw",
    json!({ "primary_reason": "lost_contact", "secondary_reasons": ["lost_contact"] }),
    "body/secondary_reasons/0"
)]
#[case::no_reason("withdraw", json!({}), "body/primary_reason")]
#[actix_web::test]
async fn an_ending_without_a_proper_reason_is_no_ending(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] command: &str,
    #[case] ending: Value,
    #[case] pointer: &str,
) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    let client = if command == "decline" { &refuge } else { &helpline };
    let refused = client.post(&format!("{referral}/{command}"), ending).await;
    assert_eq!((refused.problem().as_str(), refused.pointers()), ("422 invalid", vec![pointer.to_owned()]));
    let after = refuge.get(&referral).await.ok();
    assert_eq!((&after.json["state"], &after.json["secondary_reasons"]), (&json!("sent"), &json!([])));
}
