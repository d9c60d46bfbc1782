//! The main job, told once from end to end through HTTP: a vacancy is posted, a household is placed, a denial is counted.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::secrecy::{CANARY_NAME, CANARY_POSTCODE, CANARY_STREET};
use crate::support::{Engine, Postgres, Sqlite, TestApp, new_case};

#[rstest]
#[actix_web::test]
async fn a_vacancy_is_posted_a_household_is_placed_and_a_denial_is_counted(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);

    // A refuge worker posts a vacancy.
    let vacancy = refuge.post("/api/v1/vacancies", json!({ "unit_id": app.world.a1 })).await.ok().id();

    // A helpline worker opens a case and learns what is missing, then what fits.
    let case = helpline
        .post("/api/v1/cases", json!({ "referral_source": "national_helpline", "origin_area": "E07000131" }))
        .await
        .ok();
    let matches = format!("/api/v1/cases/{}/matches", case.id());
    let first = helpline.get(&matches).await.ok();
    assert_eq!(first.json["counts"]["missing_information"], 1, "{:#}", first.json);
    assert!(first.json["items"][0]["reasons"][0]["question"]["text"].is_string());

    let case_path = format!("/api/v1/cases/{}", case.id());
    let needs = json!({ "needs": new_case()["needs"] });
    let edited = helpline.patch(&case_path, case.header("etag"), needs).await.ok();
    assert_eq!(
        edited.json["needs"]["unsafe_areas"],
        json!([{ "area": "E07000131", "confirmed": false }]),
        "where they come from is proposed as unsafe"
    );
    helpline.put(&format!("{case_path}/identity"), new_case()["identity"].clone()).await.ok();
    let found = helpline.get(&matches).await.ok();
    assert_eq!(
        (&found.json["items"][0]["verdict"], &found.json["items"][0]["reasons"]),
        (&json!("suitable"), &json!([]))
    );
    assert_eq!(found.json["items"][0]["vacancy_id"], json!(vacancy));

    // She holds it, so that nobody else can have it, and refers.
    helpline.post(&format!("{case_path}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
    assert_eq!(helpline.get("/api/v1/vacancies").await.ok().items().len(), 0);
    let referral = helpline
        .post(&format!("{case_path}/referrals"), json!({ "vacancy_id": vacancy, "note": "Can arrive tonight." }))
        .await
        .ok();
    let referral_path = format!("/api/v1/referrals/{}", referral.id());
    assert_eq!(referral.json["state"], "sent");

    // The provider sees who needs a place and not who they are, and accepts.
    let received = refuge.get("/api/v1/referrals?direction=received&state=sent").await.ok();
    assert_eq!(received.items()[0]["id"], json!(referral.id()));
    let seen = refuge.get(&referral_path).await.ok();
    assert_eq!(seen.json["household"]["members"][1]["age"], 6);
    assert_eq!(seen.json["household"]["unsafe_area"], false);
    assert_eq!(
        refuge.get(&format!("{referral_path}/notes")).await.ok().items()[0]["text"],
        json!("Can arrive tonight.")
    );
    let early = refuge.disclose(&format!("{referral_path}/identity-disclosures"), "confirming_arrival").await;
    assert_eq!(early.problem(), "409 identity_not_released");
    let accepted = refuge.post(&format!("{referral_path}/accept"), json!({})).await.ok();
    assert_eq!((&accepted.json["state"], &accepted.json["unit_id"]), (&json!("accepted"), &json!(app.world.a1)));

    // Each reads what the other has released.
    let unit = helpline.get(&referral_path).await.ok().text_of("unit_id");
    let address =
        helpline.disclose(&format!("/api/v1/units/{unit}/address-disclosures"), "arranging_travel").await.ok();
    assert_eq!(
        (&address.json["lines"][0], &address.json["postcode"]),
        (&json!(CANARY_STREET), &json!(CANARY_POSTCODE))
    );
    let identity = refuge.disclose(&format!("{referral_path}/identity-disclosures"), "confirming_arrival").await.ok();
    assert_eq!(identity.json["people"][0]["name"], json!(CANARY_NAME));

    // The household arrives; the case is closed as placed.
    let placement = format!("/api/v1/placements/{}", accepted.text_of("placement_id"));
    assert_eq!(refuge.post(&format!("{placement}/arrive"), json!({})).await.ok().json["state"], "arrived");
    assert_eq!(helpline.get(&referral_path).await.ok().json["state"], "placed");
    let closed = helpline.post(&format!("{case_path}/close"), json!({ "outcome": "placed" })).await.ok();
    assert_eq!((&closed.json["state"], &closed.json["outcome"]), (&json!("closed"), &json!("placed")));

    // Another household is declined, for two reasons, and goes on without a place.
    let next = refuge.post("/api/v1/vacancies", json!({ "unit_id": app.world.a2 })).await.ok().id();
    let second = format!("/api/v1/cases/{}", helpline.post("/api/v1/cases", new_case()).await.ok().id());
    let referral = helpline.post(&format!("{second}/referrals"), json!({ "vacancy_id": next })).await.ok().id();
    let declined = refuge
        .post(
            &format!("/api/v1/referrals/{referral}/decline"),
            json!({
                "primary_reason": "needs_mental_health",
                "secondary_reasons": ["no_staff_capacity"],
            }),
        )
        .await
        .ok();
    assert_eq!(
        (&declined.json["state"], &declined.json["decided_by"]),
        (&json!("declined_by_provider"), &json!("provider"))
    );
    let ending = json!({
        "outcome": "not_placed",
        "primary_reason": "needs_mental_health",
        "decided_by": "provider",
        "what_happened_next": "sofa_surfing",
    });
    helpline.post(&format!("{second}/close"), ending).await.ok();

    // The household leaves for a home of its own, and the unit is free again.
    app.clock.advance(chrono::TimeDelta::days(60));
    let refuge = app.client("refuge_worker").await;
    let left = json!({ "kind": "planned", "destination": "social_tenancy" });
    assert_eq!(refuge.post(&format!("{placement}/depart"), left).await.ok().json["state"], "departed");
    let unit = refuge.get(&format!("/api/v1/units/{}", app.world.a1.0)).await.ok();
    assert_eq!(unit.json["doing"], "free");

    // The managers pull the denied-access report, each of their own side, and it adds up.
    let report = "/api/v1/reports/denied-access?from=2026-04-01&to=2026-04-30&by=reason";
    for name in ["refuge_manager", "helpline_manager"] {
        let manager = app.client(name).await;
        let per_referral = manager.get(report).await.ok().json["per_referral"].take();
        assert_eq!(
            per_referral,
            json!({
                "total": 2, "placed": 1, "denied": 1, "open": 0, "denied_percent": 50.0,
                "cells": [
                    { "by": { "reason": null }, "total": 1, "placed": 1, "denied": 0, "open": 0 },
                    { "by": { "reason": "needs_mental_health" }, "total": 1, "placed": 0, "denied": 1, "open": 0 },
                ],
            })
        );
    }
    let manager = app.client("helpline_manager").await;
    let whole = manager.get(report).await.ok();
    assert_eq!(whole.json["referral_secondary_reasons"], json!({ "no_staff_capacity": 1 }));
    let counts = |tally: &Value| (tally["total"].clone(), tally["placed"].clone(), tally["denied"].clone());
    assert_eq!(counts(&whole.json["per_household"]), (json!(2), json!(1), json!(1)));
    let table = manager.get(&report.replace("denied-access?", "denied-access.csv?")).await.ok();
    assert_eq!(
        table.text,
        "counted,reason,total,placed,denied,open,safe_at_home\n\
         referral,,1,1,0,0,0\n\
         referral,needs_mental_health,1,0,1,0,0\n\
         household,,1,1,0,0,0\n\
         household,needs_mental_health,1,0,1,0,0\n"
    );

    // All of it is in the audit, and the audit is whole.
    app.db.seal_audit().await.unwrap();
    assert!(
        matches!(app.db.verify_audit().await.unwrap(), safehold::db::Verification::Intact { events } if events > 20)
    );
}
