//! How great the danger is, and when a household goes back to a MARAC.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::Text;
use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{audited, noted, opened, posted, referred};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

#[derive(QueryableByName, Debug, PartialEq)]
struct Task {
    #[diesel(sql_type = Text)]
    due: String,
    #[diesel(sql_type = Text)]
    outcome: String,
}

/// The tasks of a kind, in the order in which they are due, with how they ended: `-` while they wait.
pub fn tasks(app: &TestApp, kind: &str) -> Vec<(String, String)> {
    let query = format!(
        "SELECT substr(CAST(due_at AS text), 1, 10) AS due, coalesce(outcome, '-') AS outcome FROM task
         WHERE kind = '{kind}' ORDER BY raised_at, due_at, id"
    );
    let rows: Vec<Task> = diesel::sql_query(query).load(&mut app.raw()).unwrap();
    rows.into_iter().map(|task| (task.due, task.outcome)).collect()
}

fn yes(count: usize) -> Value {
    let answers: Vec<_> = (0..24).map(|n| if n < count { "yes" } else { ["no", "not_known"][n % 2] }).collect();
    json!({ "answers": answers })
}

async fn assess(client: &Client, case: &str, new: Value) -> Answer {
    client.post(&format!("{case}/risk-assessments"), new).await
}

/// The score counts yes; the band begins at its limit; the answers are sealed.
#[rstest]
#[case(0, "standard")]
#[case(9, "standard")]
#[case(10, "medium")]
#[case(13, "medium")]
#[case(14, "high")]
#[case(24, "high")]
#[actix_web::test]
async fn the_band_follows_from_the_answers(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] count: usize,
    #[case] band: &str,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let assessed = assess(&helpline, &case, yes(count)).await.ok();
    assert_eq!((&assessed.json["score"], &assessed.json["band"]), (&json!(count), &json!(band)));
    assert_eq!(assessed.json.get("answers"), None);
    let whole = helpline.get(assessed.header("location")).await.ok();
    assert_eq!(whole.json["answers"], yes(count)["answers"]);
    assert_eq!(audited(&app, "risk.read"), 1);
    let found = helpline.get(&format!("{case}/risk")).await.ok();
    assert_eq!(found.json["band"], band);
    let risk = &helpline.get(&case).await.ok().json["needs"]["risk"];
    assert_eq!((&risk["dash_score"], risk.get("judgement")), (&json!(count), None));
    // On paper the score comes alone, and says the same.
    assert_eq!(assess(&helpline, &case, json!({ "score": count })).await.ok().json["band"], band);
}

/// A professional judges otherwise, up or down, and says why; what the score says stays beside it.
#[rstest]
#[actix_web::test]
async fn a_judgement_stands_against_the_score(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let judged = |score: u8, band: &str| json!({ "score": score, "judgement": { "band": band, "reason": "very_afraid", "note": "She shook." } });
    let same = assess(&helpline, &case, judged(14, "high")).await;
    assert_eq!(same.pointers(), ["body/judgement/band"]);
    for (score, band, by_score) in [(4, "high", "standard"), (20, "medium", "high")] {
        app.clock.advance(TimeDelta::seconds(1));
        let one = assess(&helpline, &case, judged(score, band)).await.ok();
        assert_eq!((&one.json["band"], &one.json["score_band"]), (&json!(band), &json!(by_score)));
        assert_eq!(one.json["override_reason"], "very_afraid");
        let risk = helpline.get(&format!("{case}/risk")).await.ok();
        assert_eq!((&risk.json["band"], risk.text.contains("She shook.")), (&json!(band), false));
        assert_eq!(helpline.get(one.header("location")).await.ok().json["note"], "She shook.");
    }
    // What was assessed is not changed by hand in the profile.
    let by_hand = noted(&helpline, &case, json!({ "risk": { "dash_score": 2, "marac_referred": "no" } })).await;
    assert_eq!(by_hand.pointers(), ["body/needs/risk/dash_score"]);
    let the_rest = json!({ "risk": { "dash_score": 20, "judgement": "medium", "marac_referred": "no" } });
    noted(&helpline, &case, the_rest).await.ok();
    let both = assess(&helpline, &case, json!({ "score": 3, "answers": yes(3)["answers"] })).await;
    assert_eq!(both.pointers(), ["body/score"]);
    assert_eq!(assess(&helpline, &case, json!({})).await.pointers(), ["body/answers"]);
    let old = assess(&helpline, &case, json!({ "score": 3, "assessed_on": "2026-03-01" })).await;
    assert_eq!(old.pointers(), ["body/assessed_on"]);
}

/// An assessment is due to be looked at again, the sooner the greater the danger; the next one settles it.
#[rstest]
#[actix_web::test]
async fn a_review_is_due_and_is_done_by_the_next_assessment(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let first = assess(&helpline, &case, json!({ "score": 3 })).await.ok();
    assert_eq!(first.json["next_review_on"], "2026-06-24");
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(assess(&helpline, &case, json!({ "score": 14 })).await.ok().json["next_review_on"], "2026-04-15");
    app.clock.advance(TimeDelta::seconds(1));
    assess(&helpline, &case, json!({ "score": 14, "next_review_on": "2026-04-08" })).await.ok();
    let due = |outcomes: [&str; 3]| {
        // A day begins an hour before midnight in UTC, in summer.
        ["2026-06-23", "2026-04-14", "2026-04-07"]
            .into_iter()
            .zip(outcomes)
            .map(|(d, o)| (d.into(), o.into()))
            .collect::<Vec<_>>()
    };
    assert_eq!(tasks(&app, "risk_review"), due(["done", "done", "-"]));
    let ending = json!({ "outcome": "not_placed", "primary_reason": "found_alternative", "decided_by": "survivor",
        "what_happened_next": "not_known" });
    helpline.post(&format!("{case}/close"), ending).await.ok();
    assert_eq!(tasks(&app, "risk_review"), due(["done", "done", "settled"]));
    assert_eq!(assess(&helpline, &case, json!({ "score": 3 })).await.problem(), "409 case_closed");
    helpline.get(&format!("{case}/risk")).await.ok();
}

async fn incident(client: &Client, case: &str, on: &str, same: &str) -> bool {
    let new = json!({ "happened_on": on, "same_person": same, "abuse_types": ["stalking", "physical"] });
    let recorded = client.post(&format!("{case}/risk-incidents"), new).await.ok();
    recorded.json["marac_repeat"].as_bool().unwrap()
}

/// Abuse by the same person within twelve months of the last referral, to the day, is a repeat: refer again.
#[rstest]
#[case::on_the_anniversary(365, "2027-04-01", true)]
#[case::the_day_after(366, "2027-04-02", false)]
#[actix_web::test]
async fn a_repeat_within_twelve_months_calls_for_another_referral(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] days: i64,
    #[case] day: &str,
    #[case] repeat: bool,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    assert!(!incident(&helpline, &case, "2026-04-01", "yes").await, "there was no referral");
    helpline.post(&format!("{case}/marac-referrals"), json!({ "reason": "score" })).await.ok();
    assert_eq!(helpline.get(&case).await.ok().json["needs"]["risk"]["marac_referred"], "yes");
    assert!(!incident(&helpline, &case, "2026-04-01", "yes").await, "that is what it was referred for");

    app.clock.advance(TimeDelta::days(days));
    let helpline = app.client("caseworker").await;
    assert!(!incident(&helpline, &case, day, "no").await);
    assert!(!incident(&helpline, &case, day, "unknown").await);
    assert_eq!(tasks(&app, "risk_review").len(), 0);
    assert_eq!(incident(&helpline, &case, day, "yes").await, repeat);
    let open = |outcome: &str| if repeat { vec![(day.to_owned(), outcome.to_owned())] } else { vec![] };
    assert_eq!(tasks(&app, "risk_review"), open("-"));
    assert_eq!(audited(&app, "risk.marac_repeat"), i64::from(repeat));
    let risk = helpline.get(&format!("{case}/risk")).await.ok();
    assert_eq!(risk.json["refer_again"], repeat);
    let page = app.visitor("caseworker").await.page(&format!("{}/risk", case.replace("/api/v1", ""))).await.ok();
    assert_eq!(page.text.contains("This is a MARAC repeat: refer again."), repeat);

    helpline.post(&format!("{case}/marac-referrals"), json!({ "reason": "repeat" })).await.ok();
    assert_eq!(helpline.get(&format!("{case}/risk")).await.ok().json["refer_again"], false);
    assert_eq!(tasks(&app, "risk_review"), open("done"));
    assert!(!incident(&helpline, &case, day, "yes").await, "it was referred again on that day");
}

/// S5, S15: a provider sees the band of the newest assessment, and no more of it.
#[rstest]
#[actix_web::test]
async fn s05_s15_a_provider_sees_the_band_and_nothing_else(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let matched = helpline.get(&format!("{case}/matches")).await.ok().json["items"].clone();
    let vacancy = posted(&refuge, app.world.a1).await;
    let referral = referred(&helpline, &case, &vacancy).await;
    assert_eq!(refuge.get(&referral).await.ok().json["household"].get("risk"), None);
    let judgement = json!({ "band": "high", "reason": "serious_signs", "note": "He has a Lurcher." });
    assess(&helpline, &case, json!({ "score": 5, "judgement": judgement })).await.ok();
    helpline.post(&format!("{case}/marac-referrals"), json!({ "reason": "professional_judgement" })).await.ok();
    incident(&helpline, &case, "2026-04-01", "yes").await;
    let action = json!({ "text": "Change the Yale lock.", "doer": "worker", "due_on": "2026-04-09" });
    helpline.post(&format!("{case}/safety-plan/actions"), action).await.ok();
    let note = json!({ "visibility": "own_organisation", "kind": "note", "text": "Marigolds." });
    helpline.post(&format!("{case}/notes"), note).await.ok();
    let visitor = app.visitor("refuge_worker").await;
    let page = referral.replace("/api/v1", "");
    let answers = [
        refuge.get(&referral).await.ok(),
        refuge.get("/api/v1/referrals").await.ok(),
        refuge.get(&format!("/api/v1/vacancies/{vacancy}/candidates")).await.ok(),
        visitor.page(&page).await.ok(),
        visitor.page("/referrals").await.ok(),
    ];
    assert_eq!(answers[0].json["household"]["risk"], "high");
    for answer in &answers {
        for word in [
            "dash",
            "score",
            "Lurcher",
            "serious_signs",
            "marac_referred",
            "stalking",
            "Yale",
            "Marigolds",
            "judgement",
        ] {
            assert!(!answer.text.contains(word), "{word} in {}", answer.text);
        }
    }
    // What fits them does not depend on it.
    let after = helpline.get(&format!("{case}/matches")).await.ok().json["items"].clone();
    assert_eq!(matched.as_array().unwrap().len() + 1, after.as_array().unwrap().len());
    // Nothing of a case's own work is theirs to ask for.
    for path in ["risk", "safety-plan", "timeline", "notes"] {
        assert_eq!(refuge.get(&format!("{case}/{path}")).await.problem(), "403 forbidden", "{path}");
    }
}

/// The page takes 24 answers or a score, says which are open, and shows the history.
#[rstest]
#[actix_web::test]
async fn the_risk_is_assessed_on_the_page(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let (visitor, base) = (app.visitor("caseworker").await, format!("{}/risk", case.replace("/api/v1", "")));
    let new = format!("{base}/new");
    assert!(visitor.page(&new).await.ok().text.contains("name=\"answers/24\""));
    let names: Vec<String> = (1..=24).map(|n| format!("answers/{n}")).collect();
    let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "yes")).collect();
    let some = visitor.submit(&new, &fields[..22]).await;
    assert!(some.status == 422 && some.text.contains("Still open: 23, 24"), "{}", some.text);
    let mut both = fields.clone();
    both.push(("score", "3"));
    assert!(visitor.submit(&new, &both).await.text.contains("Leave one of the two out"));
    fields.extend([("judgement/band", "medium"), ("judgement/reason", "protected")]);
    assert!(visitor.submit(&new, &fields).await.text.contains("Say in your own words why"));
    fields.push(("judgement/note", "He is in prison."));
    assert_eq!(visitor.submit(&new, &fields).await.status, 303);
    let page = visitor.page(&base).await.ok();
    assert!(page.text.contains("Medium, score 24") && page.text.contains("the score says high"), "{}", page.text);
    assert!(!page.text.contains("He is in prison."));
    let link = page.text.split("href=\"").find(|rest| rest.contains("/risk/assessments/")).unwrap();
    let whole = visitor.page(link.split('"').next().unwrap()).await.ok();
    assert!(whole.text.contains("He is in prison."), "{}", whole.text);
    let marac = format!("{base}/marac");
    assert_eq!(visitor.submit(&marac, &[("reason", "")]).await.status, 422);
    assert_eq!(visitor.submit(&marac, &[("reason", "score")]).await.status, 303);
    let incidents = format!("{base}/incidents");
    assert_eq!(visitor.submit(&incidents, &[("same_person", "yes")]).await.status, 422);
    let happened = [("same_person", "yes"), ("abuse_types", "physical"), ("abuse_types", "stalking")];
    assert_eq!(visitor.submit(&incidents, &happened).await.status, 303);
    assert!(visitor.page(&base).await.ok().text.contains("the score is high"));
}
