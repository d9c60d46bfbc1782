//! What is recorded of a stay beside its dates: support for each person, and what the survivor says when she leaves.

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::support::{Command, EDGES, State};
use serde_json::{Value, json};

use crate::stays::lives_in_a1;
use crate::steps::{audited, expected};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

async fn recorded(refuge: &Client, stay: &str, person: u8, kind: &str) -> String {
    let support = json!({ "person": person, "support_type": kind });
    refuge.post(&format!("{stay}/support"), support).await.ok().id()
}

#[rstest]
#[actix_web::test]
async fn support_is_recorded_for_each_person_without_a_name(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    let support = format!("{}/support", place.stay);
    app.clock.advance(TimeDelta::days(5));
    let refuge = app.client("refuge_worker").await;
    let wrong = async |body: Value, pointer: &str| {
        let answer = refuge.post(&support, body.clone()).await;
        assert_eq!(
            (answer.problem().as_str(), answer.pointers()),
            ("422 invalid", vec![format!("body/{pointer}")]),
            "{body}"
        );
    };
    let of = |person: u8, from: &str, until: Option<&str>| json!({ "person": person, "support_type": "advocacy", "from_on": from, "until_on": until });
    wrong(json!({ "person": 1, "support_type": "magic" }), "support_type").await;
    wrong(of(3, "2026-04-02", None), "person").await;
    wrong(of(1, "2026-03-31", None), "from_on").await;
    wrong(of(1, "2026-04-07", None), "from_on").await;
    wrong(of(1, "2026-04-03", Some("2026-04-02")), "until_on").await;
    wrong(of(1, "2026-04-03", Some("2026-04-07")), "until_on").await;

    refuge.post(&support, of(1, "2026-04-02", Some("2026-04-04"))).await.ok();
    let child = recorded(&refuge, &place.stay, 2, "childrens_support").await;
    let list = refuge.get(&support).await.ok();
    let told: Vec<Value> = list
        .items()
        .iter()
        .map(|row| json!([row["person"], row["role"], row["age_band"], row["state"], row["from_on"], row["until_on"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!([1, "survivor", "25_34", "ended", "2026-04-02", "2026-04-04"]),
            json!([2, "child", "6_11", "given", "2026-04-06", null]),
        ]
    );
    assert_eq!(list.json["members"][1], json!({ "person": 2, "role": "child", "age_band": "6_11" }));

    // A move does not end it; a departure does.
    let moving = json!({ "unit_id": app.world.a2, "reason": "repairs" });
    let next = refuge.post(&format!("{}/move", place.stay), moving).await.ok().id();
    let support = format!("/api/v1/placements/{next}/support");
    assert_eq!(refuge.get(&support).await.ok().items()[1]["state"], "given");
    app.clock.advance(TimeDelta::days(1));
    let refuge = app.client("refuge_worker").await;
    let leaving = json!({ "kind": "planned", "destination": "private_tenancy" });
    refuge.post(&format!("/api/v1/placements/{next}/depart"), leaving).await.ok();
    let ended = refuge.get(&support).await.ok().items()[1].clone();
    assert_eq!((&ended["id"], &ended["until_on"]), (&json!(child), &json!("2026-04-07")));
    assert_eq!((audited(&app, "support.recorded"), audited(&app, "support.ended")), (2, 1));

    // What was forgotten is recorded afterwards, within the stay.
    let late = json!({ "person": 1, "support_type": "advice_service" });
    let late = refuge.post(&support, late).await.ok().json;
    assert_eq!((&late["state"], &late["until_on"]), (&json!("ended"), &json!("2026-04-07")));
}

/// S35
#[rstest]
#[actix_web::test]
async fn s35_a_record_of_support_takes_no_edge_that_is_not_drawn(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    let refuge = app.client("refuge_worker").await;
    let support = format!("{}/support", place.stay);
    let act = async |id: &str, command: Command| -> Answer {
        match command {
            Command::End => refuge.post(&format!("{support}/{id}/end"), json!({})).await,
            Command::TakeOut => refuge.post(&format!("{support}/{id}/take-out"), Value::Null).await,
        }
    };
    let ended = recorded(&refuge, &place.stay, 1, "advocacy").await;
    act(&ended, Command::End).await.ok();
    let out = recorded(&refuge, &place.stay, 1, "advocacy").await;
    act(&out, Command::TakeOut).await.ok();
    let mut refused = 0;
    for (state, id) in [(State::Ended, &ended), (State::TakenOut, &out)] {
        for &command in Command::ALL {
            if EDGES.iter().any(|(from, by, _)| *from == state && *by == command) {
                continue;
            }
            let answer = act(id, command).await;
            assert_eq!(answer.problem(), "409 support_state");
            assert_eq!(answer.json["current"], json!({ "support": state }));
            refused += 1;
        }
    }
    assert_eq!(refused, State::ALL.len() * Command::ALL.len() - EDGES.len());
    act(&ended, Command::TakeOut).await.ok();

    // S14: a record is found only under a stay of its own household, and by its own provider.
    let helpline = app.client("caseworker").await;
    let moving = json!({ "unit_id": app.world.a2, "reason": "repairs" });
    app.clock.advance(TimeDelta::minutes(1));
    let own = support.trim_end_matches("/support");
    refuge.post(&format!("{own}/move"), moving).await.ok();
    let elsewhere = expected(&app, &refuge, &helpline).await.stay;
    let answer = refuge.post(&format!("{elsewhere}/support/{ended}/take-out"), Value::Null).await;
    assert_eq!(answer.problem(), "404 not_found");
    let other = app.client("other_refuge_worker").await;
    assert_eq!(other.post(&format!("{support}/{ended}/take-out"), Value::Null).await.problem(), "404 not_found");
}

async fn say(refuge: &Client, stay: &str, version: &str, said: Value) -> Answer {
    let etag = format!("\"{version}\"");
    refuge.request(Method::PUT, &format!("{stay}/outcomes"), &[("if-match", etag.as_str())], Some(said)).await
}

/// S36
#[rstest]
#[actix_web::test]
async fn s36_what_she_says_when_she_leaves_can_be_put_right_for_28_days(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    let refuge = app.client("refuge_worker").await;
    let outcomes = format!("{}/outcomes", place.stay);
    let none = refuge.get(&outcomes).await.ok();
    assert_eq!((none.header("etag"), &none.json["safety"]), ("\"0\"", &json!("not_asked")));
    let said = |safety: &str, on: Option<&str>, how: Option<&str>| {
        json!({ "safety": safety, "wellbeing": "same", "stability": "did_not_want_to_say", "asked_on": on,
            "asked_how": how })
    };
    let today = Some("2026-04-01");
    for (wrong, pointer) in [
        (said("better", None, Some("phone")), "body/asked_on"),
        (said("better", today, None), "body/asked_how"),
        (said("better", Some("2026-04-02"), Some("phone")), "body/asked_on"),
        (said("better", Some("2026-03-31"), Some("phone")), "body/asked_on"),
    ] {
        assert_eq!(say(&refuge, &place.stay, "0", wrong).await.pointers(), [pointer]);
    }
    let first = say(&refuge, &place.stay, "0", said("better", today, Some("phone"))).await.ok();
    assert_eq!((first.header("etag"), &first.json["fixed_at"]), ("\"1\"", &json!("2026-04-29T09:10:00Z")));
    assert_eq!(say(&refuge, &place.stay, "0", said("worse", today, Some("form"))).await.problem(), "412 stale");
    say(&refuge, &place.stay, "1", said("worse", today, Some("form"))).await.ok();
    assert_eq!(refuge.get(&outcomes).await.ok().text_of("safety"), "worse");
    assert_eq!(audited(&app, "placement.outcomes_recorded"), 2);

    app.clock.advance(TimeDelta::days(28));
    let refuge = app.client("refuge_worker").await;
    let late = say(&refuge, &place.stay, "2", said("same", today, Some("form"))).await;
    assert_eq!(
        (late.problem().as_str(), &late.json["current"]["ended_at"]),
        ("409 outcomes_fixed", &json!("2026-04-29T09:10:00Z"))
    );
    let other = app.client("other_refuge_worker").await;
    assert_eq!(other.get(&outcomes).await.problem(), "404 not_found");
    assert_eq!(app.client("caseworker").await.get(&outcomes).await.problem(), "403 forbidden");
}

#[rstest]
#[actix_web::test]
async fn pages_record_support_and_what_she_says(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    let refuge = app.visitor("refuge_worker").await;
    let page = place.stay.replace("/api/v1", "");
    let support = format!("{page}/support");
    let wrong = refuge.submit(&support, &[]).await.text;
    assert!(wrong.contains("Select who is given support") && wrong.contains("Select the kind of support"), "{wrong}");
    refuge.submit(&support, &[("person", "2"), ("support_type", "childrens_support")]).await;
    let list = refuge.page(&support).await.text;
    for words in ["Survivor (woman, 34)", "Child (girl, 6)", "Children&#39;s support", "Goes on", "It is over"] {
        assert!(list.contains(words), "{words}: {list}");
    }
    let row = list.split(&format!("{support}/")).find(|part| part.contains("/end\"")).unwrap();
    let row = row.split('/').next().unwrap().to_owned();
    refuge.submit(&format!("{support}/{row}/end"), &[]).await;
    assert!(!refuge.page(&support).await.text.contains("Goes on"));
    refuge.submit(&format!("{support}/{row}/take-out"), &[]).await;
    assert!(refuge.page(&support).await.text.contains("Counts no more"));

    let outcomes = format!("{page}/outcomes");
    let wrong = refuge.submit(&outcomes, &[("version", "0")]).await.text;
    assert!(wrong.contains("Select what she said about her safety"), "{wrong}");
    let fields = [
        ("version", "0"),
        ("safety", "better"),
        ("wellbeing", "same"),
        ("stability", "not_asked"),
        ("asked_on-day", "1"),
        ("asked_on-month", "4"),
        ("asked_on-year", "2026"),
        ("asked_how", "in_person"),
    ];
    assert_eq!(refuge.submit(&outcomes, &fields).await.status.as_u16(), 303);
    let shown = refuge.page(&page).await.text;
    for words in ["Better than when she came", "Not asked", "1 April 2026, in person", "Support for each person"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}
