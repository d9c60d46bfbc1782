//! What a provider sees, and when: the table by which the program decides is what is written down, and what is answered.

use std::{env, fs};

use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::referral::sight::{Group, Sight, Stage, document};
use serde_json::{Value, json};

use crate::steps::{opened_with, posted, referred};
use crate::support::secrecy::CANARY_NAME;
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

const DOCUMENT: &str = "docs/what-a-provider-sees.md";

#[test]
fn what_is_written_down_is_what_the_program_decides_by() {
    if env::var_os("RENEW").is_some() {
        fs::write(DOCUMENT, document()).unwrap();
    }
    let written = fs::read_to_string(DOCUMENT).unwrap_or_default();
    assert_eq!(written, document(), "renew it: RENEW=1 tests/run cargo test --locked --test suite sight");
}

/// A household of which each group of fields has words that stand nowhere else.
fn telling() -> Value {
    let mut case = new_case();
    case["origin_area"] = json!("E07000131");
    let needs = &mut case["needs"];
    needs["members"][0]["age"] = json!(57);
    needs["pets"] = json!([{ "kind": "chinchilla", "number": 2 }]);
    needs["interpreter_language"] = json!("Tigrinya");
    needs["risk"] = json!({ "dash_score": 17 });
    needs["unsafe_areas"] = json!([{ "area": "E07000131", "confirmed": true }]);
    case
}

struct Told<'a> {
    app: &'a TestApp,
    case: String,
    reference: String,
    referral: String,
}

impl Told<'_> {
    async fn refuge(&self) -> Client {
        self.app.client("other_refuge_worker").await
    }

    /// Checks every answer about the referral against the table.
    async fn at(&self, stage: Stage) {
        let refuge = self.refuge().await;
        let one = refuge.get(&self.referral).await.ok();
        let list = refuge.get("/api/v1/referrals").await.ok();
        let notes = refuge.get(&format!("{}/notes", self.referral)).await.ok();
        let visitor = self.app.visitor("other_refuge_worker").await;
        let page = visitor.page(self.referral.trim_start_matches("/api/v1")).await.ok();
        let pages = [page.text.clone(), visitor.page("/referrals").await.ok().text];
        let manager = self.app.client("other_refuge_manager").await;
        let file = manager.get("/api/v1/reports/denied-access.csv?from=2026-04-01&to=2026-12-31&by=reason").await.ok();
        let answers = [&one.text, &list.text, &notes.text, &pages[0], &pages[1], &file.text];

        let household = &one.json["household"];
        let listed = &list.items()[0];
        let yes = |group: Group| stage.sight(group) != Sight::No;
        let says = |group: Group, told: bool| assert_eq!(told, yes(group), "{stage:?}: {group:?} in {one:?}");
        let mentions = |words: &str| answers.iter().any(|answer| answer.contains(words));
        for group in Group::ALL.iter().copied() {
            match group {
                Group::Referral => says(group, one.json["reference"].is_string() && listed["sent_at"].is_string()),
                Group::Members => {
                    says(group, household["members"][0]["age"] == 57);
                    says(group, pages[0].contains("Woman, 57"));
                }
                Group::Needs => {
                    says(group, household["interpreter_language"] == "Tigrinya");
                    says(group, mentions("Tigrinya"));
                }
                Group::Pets => {
                    says(group, household["pets"][0]["kind"] == "chinchilla");
                    says(group, mentions("chinchilla"));
                }
                Group::Risk => {
                    says(group, household["risk"] == "high");
                    says(group, listed["risk"] == "high");
                    assert!(!mentions("dash_score"), "{stage:?}");
                }
                Group::UnsafeArea => {
                    says(group, household["unsafe_area"] == false);
                    says(group, pages[0].contains("Is this area unsafe for them?"));
                }
                Group::Messages => {
                    assert!(notes.text.contains("A word of ours"), "{stage:?}");
                    let theirs = stage.sight(group) == Sight::Yes;
                    assert_eq!(mentions("A word of theirs"), theirs, "{stage:?}");
                    assert_eq!(listed["last_message_at"].is_string(), theirs, "{stage:?}");
                }
                Group::Identity => {
                    let path = format!("{}/identity-disclosures", self.referral);
                    let disclosed = refuge.disclose(&path, "confirming_arrival").await;
                    says(group, disclosed.status.is_success() && disclosed.text.contains(CANARY_NAME));
                }
                Group::Contact => {
                    let body = json!({ "reason": "safeguarding", "rules_read": true });
                    let path = format!("{}/contact-disclosures", self.referral);
                    let asked = refuge.post(&path, body).await;
                    let released = asked.status.is_success() || asked.problem() == "409 outside_safe_hours";
                    says(group, released);
                }
                Group::OriginArea => says(group, mentions("E07000131") || mentions("Harborough")),
                Group::CaseReference => {
                    says(group, mentions(&self.reference) || mentions(self.case.rsplit('/').next().unwrap()));
                }
                // Who has had a place did not end without one: there is no reason to see.
                Group::WhyEnded if one.json["state"] == "placed" => assert_eq!(one.json["primary_reason"], Value::Null),
                Group::WhyEnded => {
                    says(group, one.json["primary_reason"].is_string());
                    says(group, listed["decided_by"].is_string());
                }
            }
        }
    }
}

/// A household that was referred to D1, and what each side has written.
async fn sent(app: &TestApp) -> Told<'_> {
    let (refuge, helpline) = (app.client("other_refuge_worker").await, app.client("caseworker").await);
    let case = opened_with(&helpline, telling()).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.d1).await).await;
    let reference = helpline.get(&case).await.ok().text_of("reference");
    helpline.post(&format!("{referral}/notes"), json!({ "note": "A word of theirs" })).await.ok();
    refuge.post(&format!("{referral}/notes"), json!({ "note": "A word of ours" })).await.ok();
    Told { app, case, reference, referral }
}

/// S5, S15
#[rstest]
#[actix_web::test]
async fn s05_s15_at_every_stage_a_provider_sees_what_the_table_says_and_no_more(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let told = sent(&app).await;
    let post = async |path: &str, body: Value| told.refuge().await.post(path, body).await.ok();
    told.at(Stage::Sent).await;
    post(&format!("{}/request-information", told.referral), json!({ "note": "Why?" })).await;
    told.at(Stage::InformationRequested).await;
    let accepted = post(&format!("{}/accept", told.referral), json!({})).await;
    told.at(Stage::Accepted).await;
    let stay = format!("/api/v1/placements/{}", accepted.text_of("placement_id"));
    post(&format!("{stay}/arrive"), json!({})).await;
    told.at(Stage::Arrived).await;
    app.clock.advance(TimeDelta::days(40));
    told.at(Stage::Arrived).await;
    post(&format!("{stay}/depart"), json!({ "kind": "planned", "destination": "social_tenancy" })).await;
    told.at(Stage::Departed).await;
    app.clock.advance(TimeDelta::days(28) - TimeDelta::seconds(1));
    told.at(Stage::Departed).await;
    app.clock.advance(TimeDelta::seconds(1));
    told.at(Stage::Past).await;
}

/// S5, S15
#[rstest]
#[actix_web::test]
async fn s05_s15_after_an_ending_without_a_place_the_household_is_hidden(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let told = sent(&app).await;
    let decline = json!({ "primary_reason": "needs_language" });
    told.refuge().await.post(&format!("{}/decline", told.referral), decline).await.ok();
    told.at(Stage::EndedWithoutPlace).await;
    app.clock.advance(TimeDelta::days(28) - TimeDelta::seconds(1));
    told.at(Stage::EndedWithoutPlace).await;
    app.clock.advance(TimeDelta::seconds(1));
    told.at(Stage::Past).await;
    let page = app.visitor("other_refuge_worker").await.page(told.referral.trim_start_matches("/api/v1")).await.ok();
    assert!(page.text.contains("no longer shown") && page.text.contains("Interpreter"), "{}", page.text);
    let own = app.client("caseworker").await.get(&format!("{}/notes", told.referral)).await.ok();
    assert_eq!(own.items().len(), 2, "the referrer sees all of it");
}

/// S5, S15
#[rstest]
#[actix_web::test]
async fn s05_s15_what_is_withdrawn_is_hidden_at_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let told = sent(&app).await;
    let withdraw = json!({ "primary_reason": "lost_contact" });
    app.client("caseworker").await.post(&format!("{}/withdraw", told.referral), withdraw).await.ok();
    told.at(Stage::Withdrawn).await;
    app.clock.advance(TimeDelta::days(28));
    told.at(Stage::Past).await;
}
