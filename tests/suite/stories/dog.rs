//! A man with a dog: turned away twice, then placed in a dispersed home out of his area.

use rstest::rstest;
use serde_json::json;

use super::{Story, home, in_order, told};
use crate::steps::{accepted, opened_with, posted};
use crate::support::{Engine, Postgres, Sqlite};

#[rstest]
#[actix_web::test]
async fn a_man_with_a_dog_is_placed_out_of_area_after_two_denials(#[values(Sqlite, Postgres)] on: Engine) {
    let story = Story::begin(on);
    let world = story.app.world;
    let semi = json!({
        "name": "Kite Homes", "accommodation_type": "dispersed_semi_independent", "area": "E06000017",
        "attributes": {}, "rules": [{ "kind": "nrpf", "policy": "yes" }],
    });
    let (kite, _) = story.service("other_refuge_manager", semi, Some(home(2, "own", false))).await;

    // Wednesday 1 April, ten in the morning. He comes from Derby.
    let helpline = story.as_("caseworker").await;
    let new = json!({
        "referral_source": "police", "origin_area": "E06000015",
        "needs": {
            "members": [{ "role": "survivor", "age": 41, "sex": "male", "gender_same_as_birth": "yes" }],
            "household_complete": "yes", "pets": [{ "kind": "dog", "number": 1 }], "access_need": "none",
            "recourse_to_public_funds": "yes", "funding": "universal_credit",
        },
    });
    let case = opened_with(&helpline, new).await;
    let nothing = helpline.get(&format!("{case}/matches")).await.ok();
    assert_eq!(nothing.json["counts"]["suitable"], 0);

    // The refuge takes women: it says so after an hour and a half.
    let to = async |service: &str| {
        let sent = json!({ "service_id": service });
        let sent = story.as_("caseworker").await.post(&format!("{case}/referrals"), sent).await.ok();
        format!("/api/v1/referrals/{}", sent.id())
    };
    let first = to(&world.refuge.0.to_string()).await;
    story.until("2026-04-01T10:30:00Z").await;
    let no = json!({ "primary_reason": "outside_client_group" });
    story.as_("refuge_worker").await.post(&format!("{first}/decline"), no).await.ok();

    // The next takes no dogs, and needs a day to say so.
    story.until("2026-04-02T09:00:00Z").await;
    let second = to(&kite).await;
    story.until("2026-04-03T09:00:00Z").await;
    let no = json!({ "primary_reason": "no_pets", "secondary_reasons": ["household_too_large"] });
    story.as_("other_refuge_worker").await.post(&format!("{second}/decline"), no).await.ok();
    let case_id = case.rsplit('/').next().unwrap();
    let waits = story.as_("caseworker").await.get("/api/v1/waiting").await.ok();
    assert_eq!(waits.items()[0]["case_id"], json!(case_id));
    assert_eq!(waits.items()[0]["days_waiting"], 2);

    // A week later a home in Charnwood is free that takes him and the dog.
    story.until("2026-04-08T09:00:00Z").await;
    let vacancy = posted(&story.as_("other_refuge_worker").await, world.d1).await;
    let helpline = story.as_("caseworker").await;
    let found = helpline.get(&format!("{case}/matches")).await.ok();
    assert_eq!(found.json["counts"]["suitable"], 1, "{:#}", found.json);
    let sent = json!({ "vacancy_id": vacancy, "hold": true });
    let third = format!("/api/v1/referrals/{}", helpline.post(&format!("{case}/referrals"), sent).await.ok().id());
    story.until("2026-04-08T09:30:00Z").await;
    let stay = accepted(&story.as_("other_refuge_worker").await, &third).await;
    story.until("2026-04-09T09:00:00Z").await;
    story.as_("other_refuge_worker").await.post(&format!("{stay}/arrive"), json!({})).await.ok();
    let waits = story.as_("caseworker").await.get("/api/v1/waiting").await.ok();
    assert_eq!(waits.items().len(), 0);

    // He stays for a hundred days, longer than he wished.
    story.until("2026-07-18T09:00:00Z").await;
    let leaving = json!({
        "kind": "planned", "destination": "private_tenancy",
        "move_on_wish_on": "2026-06-01", "move_on_timely": false,
    });
    story.as_("other_refuge_worker").await.post(&format!("{stay}/depart"), leaving).await.ok();
    story.as_("caseworker").await.post(&format!("{case}/close"), json!({ "outcome": "placed" })).await.ok();

    story.until("2026-07-20T09:00:00Z").await;
    let told = told(&story.as_("caseworker").await, &case).await;
    in_order(
        &told,
        &[
            "Case opened",
            "Referral sent to Copper House",
            "The referral to Copper House ended without a place",
            "The referral to Kite Homes ended without a place",
            "Arrived at Heron Homes",
            "Case closed",
        ],
    );

    // Answers after 90, 1440 and 30 minutes: 90 in the middle, two of three within two hours. He waited from 1 to 9 April.
    // The second and third referral are for somebody whom the helpline had referred, and who had been assessed, before.
    let year = story.measures("helpline_manager").await;
    year.are(&[
        ("referrals", json!(3.0)),
        ("referrals_placed", json!(1.0)),
        ("referrals_denied", json!(2.0)),
        ("referrals_open", json!(0.0)),
        ("success_rate", json!(33.3)),
        ("denied_rate", json!(66.7)),
        ("secondary_reasons", json!(1.0)),
        ("repeat_referrals", json!(66.7)),
        ("repeat_referrals_assessed", json!(2.0)),
        ("response_median", json!(90.0)),
        ("response_90th", json!(1440.0)),
        ("response_within_2_hours", json!(66.7)),
        ("out_of_area", json!(3.0)),
        ("in_area", json!(0.0)),
        ("cases_opened", json!(1.0)),
        ("cases_closed", json!(1.0)),
        ("households_unable", json!(0.0)),
        ("waiting_list", json!(0.0)),
        ("waiting_list_max", json!(1.0)),
        ("waiting_time_median", json!(8.0)),
        ("stays_ended", json!(1.0)),
        ("length_of_stay_mean", json!(100.0)),
        ("move_on_planned", json!(100.0)),
        ("move_on_timely", json!(0.0)),
        ("households_supported", json!(1.0)),
        ("people_supported", json!(1.0)),
        ("children_supported", json!(0.0)),
    ]);
    assert_eq!(year.by("referrals_denied", "reason"), json!([["no_pets", 1.0], ["outside_client_group", 1.0]]));
    assert_eq!(year.by("referrals_denied", "decided_by"), json!([["provider", 2.0]]));
    assert_eq!(year.by("referrals_denied", "womens_aid_group"), json!([["capacity", 1.0], ["inappropriate", 1.0]]));
    assert_eq!(year.by("referrals_denied", "return_group"), json!([["needs_not_met", 2.0]]));
    assert_eq!(year.by("secondary_reasons", "reason"), json!([["household_too_large", 1.0]]));
    assert_eq!(year.by("out_of_area", "origin_area"), json!([["E06000015", 3.0]]));
    assert_eq!(year.by("stays_ended", "destination"), json!([["private_tenancy", 1.0]]));
    assert_eq!(year.by("people_supported", "group"), json!([["men", 1.0]]));

    // The provider that turned him away once and took him once; the refuge that turned him away.
    let year = story.measures("other_refuge_manager").await;
    year.are(&[
        ("referrals", json!(2.0)),
        ("success_rate", json!(50.0)),
        ("denied_rate", json!(50.0)),
        ("response_median", json!(735.0)), // 1440 and 30 minutes
        ("repeat_referrals", json!(50.0)),
        ("turnaround_median", json!(0.0)),
        ("length_of_stay_median", json!(100.0)),
        ("move_on_timely", json!(0.0)),
    ]);
    let year = story.measures("refuge_manager").await;
    year.are(&[
        ("referrals", json!(1.0)),
        ("success_rate", json!(0.0)),
        ("denied_rate", json!(100.0)),
        ("response_median", json!(90.0)),
        ("households_supported", json!(0.0)),
    ]);
}
