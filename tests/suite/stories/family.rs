//! A mother and her daughter: helpline, refuge, second stage, and a tenancy of their own.

use rstest::rstest;
use serde_json::json;

use super::{Story, home, in_order, told};
use crate::steps::{accepted, doing, opened_with, posted};
use crate::support::{Engine, Postgres, Sqlite, new_case};

#[rstest]
#[actix_web::test]
async fn a_family_goes_from_the_helpline_through_refuge_and_second_stage_to_a_tenancy(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let story = Story::begin(on);
    let world = story.app.world;
    // Wednesday 1 April, ten in the morning. The refuge cleans for a day, and is meant for six months at most.
    let manager = story.as_("refuge_manager").await;
    let refuge = format!("/api/v1/services/{}", world.refuge.0);
    let etag = manager.get(&refuge).await.ok().header("etag").to_owned();
    let mut attributes = manager.get(&refuge).await.ok().json["attributes"].clone();
    attributes["turnaround_hours"] = json!(24);
    attributes["intended_stay_days"] = json!(92);
    manager.patch(&refuge, &etag, json!({ "attributes": attributes })).await.ok();
    let second_stage = json!({
        "name": "Heather Court", "accommodation_type": "second_stage", "area": "E06000016",
        "attributes": {}, "rules": [],
    });
    let (_, flat) = story.service("refuge_manager", second_stage, Some(home(4, "own", false))).await;

    // The call: who they are, what they need, how dangerous it is. The referral goes out at 10:20 with a hold.
    let vacancy = posted(&story.as_("refuge_worker").await, world.a1).await;
    let mut new = new_case();
    new["origin_area"] = json!("E07000131"); // Harborough, in Leicestershire
    let helpline = story.as_("caseworker").await;
    let case = opened_with(&helpline, new).await;
    let answers: Vec<_> = (1..=24).map(|number| if number <= 16 { "yes" } else { "no" }).collect();
    let risk = helpline.post(&format!("{case}/risk-assessments"), json!({ "answers": answers })).await.ok();
    assert_eq!((&risk.json["score"], &risk.json["band"]), (&json!(16), &json!("high")));
    let marac = json!({ "reason": "score" });
    helpline.post(&format!("{case}/marac-referrals"), marac).await.ok();
    story.until("2026-04-01T09:20:00Z").await;
    let helpline = story.as_("caseworker").await;
    let sent = json!({ "vacancy_id": vacancy, "hold": true, "note": "They can come today." });
    let referral = format!("/api/v1/referrals/{}", helpline.post(&format!("{case}/referrals"), sent).await.ok().id());

    // The refuge sees a band, no score and no name; it asks, is answered, and accepts at 11:30.
    story.until("2026-04-01T09:50:00Z").await;
    let seen = story.as_("refuge_worker").await.get(&referral).await.ok();
    assert_eq!(seen.json["household"]["risk"], json!("high"));
    assert!(!seen.text.contains("score") && !seen.text.contains("\"answers\""), "{}", seen.text);
    let ask = json!({ "note": "Do they need a cot?" });
    story.as_("refuge_worker").await.post(&format!("{referral}/request-information"), ask).await.ok();
    story.until("2026-04-01T10:00:00Z").await;
    let answer = json!({ "note": "No cot, one bed for the girl." });
    story.as_("caseworker").await.post(&format!("{referral}/give-information"), answer).await.ok();
    story.until("2026-04-01T10:30:00Z").await;
    let stay = accepted(&story.as_("refuge_worker").await, &referral).await;

    // They arrive at two in the afternoon. What the refuge does for each of them is recorded.
    story.until("2026-04-01T13:00:00Z").await;
    let worker = story.as_("refuge_worker").await;
    worker.post(&format!("{stay}/arrive"), json!({})).await.ok();
    for (person, support_type) in [(1, "advocacy"), (1, "housing_related_support"), (2, "childrens_support")] {
        let support = json!({ "person": person, "support_type": support_type });
        worker.post(&format!("{stay}/support"), support).await.ok();
    }
    assert_eq!(doing(&worker, world.a1).await, "placed");

    // In July they are ready for a home of their own within the service, and move there on the 8th.
    story.until("2026-07-01T10:00:00Z").await;
    let onward = json!({ "unit_id": flat, "expected_on": "2026-07-08" });
    let next = story.as_("refuge_worker").await.post(&format!("{stay}/second-stage"), onward).await.ok();
    let flat_stay = format!("/api/v1/placements/{}", next.id());
    story.until("2026-07-08T09:00:00Z").await;
    let worker = story.as_("refuge_worker").await;
    assert_eq!(worker.get(&stay).await.ok().json["state"], "arrived", "they live there until they have moved");
    worker.post(&format!("{flat_stay}/arrive"), json!({})).await.ok();
    assert_eq!(worker.get(&stay).await.ok().json["state"], "moved");
    assert_eq!(doing(&worker, world.a1).await, "void", "it is cleaned for a day");
    story.until("2026-07-09T09:00:00Z").await;
    assert_eq!(doing(&story.as_("refuge_worker").await, world.a1).await, "free");

    // On 1 December they go to a tenancy of their own, when they were ready to.
    story.until("2026-12-01T12:00:00Z").await;
    let worker = story.as_("refuge_worker").await;
    let leaving = json!({
        "kind": "planned", "destination": "social_tenancy",
        "move_on_wish_on": "2026-11-20", "move_on_timely": true,
    });
    worker.post(&format!("{flat_stay}/depart"), leaving).await.ok();
    let said = json!({
        "safety": "better", "wellbeing": "better", "stability": "same",
        "asked_on": "2026-12-01", "asked_how": "in_person",
    });
    let outcomes = format!("{flat_stay}/outcomes");
    let etag = worker.get(&outcomes).await.ok().header("etag").to_owned();
    let put = actix_web::http::Method::PUT;
    worker.request(put, &outcomes, &[("if-match", &etag)], Some(said)).await.ok();
    story.as_("caseworker").await.post(&format!("{case}/close"), json!({ "outcome": "placed" })).await.ok();

    story.until("2026-12-02T09:00:00Z").await;
    let helpline = story.as_("caseworker").await;
    let chain = helpline.get(&format!("{case}/stays")).await.ok();
    let states: Vec<_> = chain.items().iter().map(|stay| &stay["state"]).collect();
    assert_eq!((json!(states), &chain.json["days"]), (json!(["moved", "departed"]), &json!(243)));
    let told = told(&helpline, &case).await;
    in_order(
        &told,
        &[
            "Case opened",
            "Risk assessed",
            "Referred to a MARAC",
            "Referral sent to Copper House",
            "Copper House asked for more information",
            "Copper House was given more information",
            "Accepted by Copper House",
            "Arrived at Copper House",
            "Support was recorded",
            "A second-stage home was taken for them",
            "Moved on to another home of the same provider",
            "Left Heather Court",
            "Case closed",
        ],
    );

    // As the helpline counts it. They waited from 10:00 to 14:00: 4 hours, 0.17 days. The answer came after 70 minutes.
    // From 1 April, 14:00, to 1 December, noon, are 244 days less 1 hour (the clocks went back).
    let year = story.measures("helpline_manager").await;
    year.are(&[
        ("referrals", json!(1.0)),
        ("referrals_placed", json!(1.0)),
        ("referrals_denied", json!(0.0)),
        ("referrals_open", json!(0.0)),
        ("success_rate", json!(100.0)),
        ("denied_rate", json!(0.0)),
        ("repeat_referrals", json!(0.0)),
        ("response_median", json!(70.0)),
        ("response_90th", json!(70.0)),
        ("response_within_2_hours", json!(100.0)),
        ("out_of_area", json!(1.0)), // from the county to the city
        ("in_area", json!(0.0)),
        ("cases_opened", json!(1.0)),
        ("cases_closed", json!(1.0)),
        ("households_unable", json!(0.0)),
        ("waiting_list", json!(0.0)),
        ("waiting_time_median", json!(0.2)),
        ("waiting_time_90th", json!(0.2)),
        ("stays_ended", json!(1.0)),
        ("length_of_stay_mean", json!(244.0)),
        ("length_of_stay_median", json!(244.0)),
        ("stays_open", json!(0.0)),
        ("move_on_planned", json!(100.0)),
        ("move_on_timely", json!(100.0)),
        ("returned_to_perpetrator", json!(0.0)),
        ("households_supported", json!(1.0)),
        ("people_supported", json!(2.0)),
        ("children_supported", json!(1.0)),
    ]);
    assert_eq!(year.by("stays_ended", "destination"), json!([["social_tenancy", 1.0]]));
    assert_eq!(year.by("people_supported", "group"), json!([["children", 1.0], ["women", 1.0]]));
    assert_eq!(year.by("children_supported", "age"), json!([["6_to_11", 1.0]]));

    // As the provider counts it, up to now: 245 days and 10 hours of the year have passed (the clocks went back).
    // Online: A1 and A2 for all of them, the flat from 1 April, 10:00, on: 245.42 + 245.42 + 245.00 = 735.83 days.
    // Held: A1 from 10:20 to 11:30. Placed: A1 from 1 April, 11:30, to 8 July, 10:00: 97.94 days; the flat from the
    // beginning of 8 July to 1 December, noon: 146 days and 13 hours, 146.54. Together 244.48. Void: one day.
    let year = story.measures("refuge_manager").await;
    year.are(&[
        ("referrals", json!(1.0)),
        ("referrals_placed", json!(1.0)),
        ("units_online", json!(3.0)),
        ("unit_days_online", json!(735.8)),
        ("unit_days_placed", json!(244.5)),
        ("unit_days_held", json!(0.0)),
        ("unit_days_void", json!(1.0)),
        ("unit_days_free", json!(490.3)),
        ("void_rate", json!(0.1)),
        ("availability_rate", json!(99.9)),
        ("utilisation", json!(33.2)),
        ("utilisation_of_available", json!(33.3)),
        ("turnaround_median", json!(0.5)), // A1 a day, the flat none: it needs no cleaning void
        ("stays_ended", json!(1.0)),
        ("length_of_stay_mean", json!(244.0)),
        ("move_on_planned", json!(100.0)),
        ("move_on_timely", json!(100.0)),
        ("households_supported", json!(1.0)),
        ("people_supported", json!(2.0)),
    ]);
}
