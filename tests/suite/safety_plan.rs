//! What is done so that a household is safer.

use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::safety_plan::{Command, State, transition};
use serde_json::{Value, json};

use crate::risk::tasks;
use crate::steps::{audited, opened};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

async fn added(client: &Client, case: &str, text: &str) -> String {
    let action = json!({ "text": text, "doer": "worker", "due_on": "2026-04-09" });
    client.post(&format!("{case}/safety-plan/actions"), action).await.ok().id()
}

async fn end(client: &Client, case: &str, action: &str, command: Command) -> crate::support::Answer {
    client.post(&format!("{case}/safety-plan/actions/{action}/{}", command.as_str()), json!({})).await
}

/// S35: an action ends once, and each edge that is not drawn is refused.
#[rstest]
#[actix_web::test]
async fn s35_an_action_takes_only_the_steps_that_are_drawn(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    for &state in State::ALL {
        for &command in Command::ALL {
            let action = added(&helpline, &case, "Change the lock.").await;
            match state {
                State::Open => {}
                State::Done => drop(end(&helpline, &case, &action, Command::Finish).await.ok()),
                State::NotNeeded => drop(end(&helpline, &case, &action, Command::Drop).await.ok()),
            }
            let answer = end(&helpline, &case, &action, command).await;
            if let Ok(next) = transition(state, command) {
                assert_eq!(answer.ok().json["state"], next.as_str());
            } else {
                assert_eq!(answer.problem(), "409 safety_action_state");
                assert_eq!(answer.json["current"]["safety_action"], state.as_str());
            }
        }
    }
}

/// A plan keeps what was done, reminds of what is due, and is read through its own door.
#[rstest]
#[actix_web::test]
async fn a_plan_keeps_its_history_and_reminds(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let plan = format!("{case}/safety-plan");
    let (first, second) =
        (added(&helpline, &case, "Change the lock.").await, added(&helpline, &case, "A new number.").await);
    let third = added(&helpline, &case, "Tell the school.").await;
    end(&helpline, &case, &first, Command::Finish).await.ok();
    end(&helpline, &case, &second, Command::Drop).await.ok();
    let reviewed = helpline.post(&format!("{plan}/reviews"), json!({ "next_review_on": "2026-05-01" })).await.ok();
    assert_eq!(reviewed.json["next_review_on"], "2026-05-01");
    let outcomes: Vec<_> = tasks(&app, "safety_action").into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "-").count(), 2, "{outcomes:?}");
    assert!(outcomes.contains(&"done".to_owned()) && outcomes.contains(&"settled".to_owned()));

    let found = helpline.get(&plan).await.ok();
    let told: Vec<_> =
        found.json["actions"].as_array().unwrap().iter().map(|one| (&one["text"], &one["state"])).collect();
    assert_eq!(told[0], (&json!("Tell the school."), &json!("open")));
    assert_eq!(told.len(), 3, "what has ended stays");
    assert_eq!(audited(&app, "safety_plan.read"), 1);
    let (visitor, base) = (app.visitor("caseworker").await, plan.replace("/api/v1", ""));
    let page = visitor.page(&base).await.ok();
    assert!(page.text.contains("Change the lock.") && page.text.contains("Done on 1 April 2026"), "{}", page.text);
    let sheet = visitor.page(&format!("{base}/print")).await.ok();
    assert!(sheet.text.contains("Tell the school.") && !sheet.text.contains("Change the lock."), "{}", sheet.text);
    let reference = helpline.get(&case).await.ok().text_of("reference");
    assert!(!sheet.text.contains(&reference), "the sheet does not say whose it is");

    // On the page too.
    assert_eq!(visitor.submit(&base, &[("text", "Pack a bag.")]).await.status, 422);
    let fields = [
        ("text", "Pack a bag."),
        ("doer", "survivor"),
        ("due_on-day", "10"),
        ("due_on-month", "4"),
        ("due_on-year", "2026"),
    ];
    assert_eq!(visitor.submit(&base, &fields).await.status, 303);
    let ending = format!("{base}/{third}/end");
    assert_eq!(visitor.submit(&ending, &[("command", "finish")]).await.status, 303);
    assert_eq!(visitor.submit(&ending, &[("command", "finish")]).await.status, 422, "once");
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(visitor.submit(&format!("{base}/reviews"), &[]).await.status, 303);
    let closing = json!({ "outcome": "not_placed", "primary_reason": "found_alternative", "decided_by": "survivor",
        "what_happened_next": "not_known" });
    helpline.post(&format!("{case}/close"), closing).await.ok();
    assert!(tasks(&app, "safety_action").iter().all(|(_, outcome)| outcome != "-"), "nobody is reminded any more");
    let late = helpline
        .post(&format!("{plan}/actions"), json!({ "text": "x", "doer": "other", "due_on": "2026-04-09" }))
        .await;
    assert_eq!(late.problem(), "409 case_closed");
    assert_ne!(helpline.get(&plan).await.ok().json["actions"], Value::Null);
}
