//! A household's own home that is made safe: from the question to the answer a year later.

mod follow_ups;
mod home;
mod money;
mod pages;

use rstest::rstest;
use safehold::domain::sanctuary::{Command, EDGES, State};
use serde_json::{Value, json};

use crate::restricted::exclude;
use crate::steps::{audited, opened};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

/// What a test of requests needs of jobs that have come some way.
pub struct Signed {
    pub scheme: String,
    /// One that was signed off, and one that only waits, with a measure.
    pub job: String,
    pub other: String,
    pub measure: String,
    pub follow_up: String,
}

pub async fn signed(app: &TestApp) -> Signed {
    let (helpline, scheme) = (app.client("caseworker").await, scheme(app).await);
    let path = in_state(app, &scheme, State::SignedOff).await.1;
    let (_, waiting) = asked(&helpline, &scheme).await;
    let measure = helpline.get(&waiting).await.ok().json["measures"][0]["id"].as_str().unwrap().to_owned();
    let follow_up = helpline.get(&path).await.ok().json["follow_ups"][0]["id"].as_str().unwrap().to_owned();
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    Signed { scheme, job: id(&path), other: id(&waiting), measure, follow_up }
}

/// A scheme of the provider, in Leicester.
pub async fn scheme(app: &TestApp) -> String {
    let new = json!({ "name": "Copper Locks", "accommodation_type": "sanctuary_scheme", "area": "E06000016" });
    app.client("refuge_manager").await.post("/api/v1/services", new).await.ok().id()
}

/// What somebody asks for whose home is her own.
pub fn owner(scheme: &str) -> Value {
    json!({ "service_id": scheme, "tenure": "owner_occupier", "measures": [{ "kind": "locks", "number": 2 }] })
}

pub async fn ask(helpline: &Client, case: &str, body: Value) -> Answer {
    helpline.post(&format!("{case}/sanctuary-jobs"), body).await
}

/// A new case and its job.
pub async fn asked(helpline: &Client, scheme: &str) -> (String, String) {
    let case = opened(helpline).await;
    let job = ask(helpline, &case, owner(scheme)).await.ok().id();
    (case, format!("/api/v1/sanctuary-jobs/{job}"))
}

pub async fn book(refuge: &Client, job: &str) {
    let today = json!({ "survey_on": "2026-04-01" });
    refuge.post(&format!("{job}/book"), today).await.ok();
}

/// A new case and its job that has come so far; all of it today.
pub async fn in_state(app: &TestApp, scheme: &str, state: State) -> (String, String) {
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let (case, job) = asked(&helpline, scheme).await;
    let day = app.clock.now().date().to_string();
    let end = |client, reason: &str| {
        let (path, body) = (format!("{job}/end"), json!({ "reason": reason }));
        async move { Client::post(client, &path, body).await.ok() }
    };
    let steps: &[&str] = match state {
        State::Surveyed => &["survey"],
        State::Installed => &["survey", "install"],
        State::SignedOff => &["survey", "install", "sign-off"],
        _ => &[],
    };
    if !steps.is_empty() {
        refuge.post(&format!("{job}/book"), json!({ "survey_on": day })).await.ok();
    }
    for step in steps {
        refuge.post(&format!("{job}/{step}"), json!({})).await.ok();
    }
    match state {
        State::Declined => drop(end(&refuge, "scheme_full").await),
        State::NotFeasible => drop(end(&refuge, "home_unsuitable").await),
        State::Withdrawn => drop(end(&helpline, "referrer_found_place").await),
        _ => {}
    }
    (case, job)
}

#[rstest]
#[actix_web::test]
async fn a_home_is_made_safe_step_by_step(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let scheme = scheme(&app).await;
    let (case, job) = asked(&helpline, &scheme).await;
    let theirs = refuge.get(&job).await.ok().json;
    assert_eq!((&theirs["state"], &theirs["released"]), (&json!("requested"), &json!(false)));
    assert_eq!((&theirs["case_id"], &theirs["location_known"]), (&Value::Null, &Value::Null));
    assert_eq!(theirs["household"]["members"].as_array().unwrap().len(), 2);
    assert_eq!(theirs["measures"][0]["number"], 2);
    let ours = helpline.get(&job).await.ok().json;
    assert_eq!((&ours["household"], ours["case_id"].is_string()), (&Value::Null, true));
    let twice = ask(&helpline, &case, owner(&scheme)).await;
    assert_eq!(twice.problem(), "409 sanctuary_asked");

    let early = refuge.post(&format!("{job}/survey"), json!({})).await;
    assert_eq!(early.problem(), "409 survey_not_booked");
    let past = refuge.post(&format!("{job}/book"), json!({ "survey_on": "2026-03-31" })).await;
    assert_eq!(past.pointers(), ["body/survey_on"]);
    book(&refuge, &job).await;
    let future = refuge.post(&format!("{job}/survey"), json!({ "on": "2026-04-02" })).await;
    assert_eq!(future.pointers(), ["body/on"]);
    for (step, state) in [("survey", "surveyed"), ("install", "installed"), ("sign-off", "signed_off")] {
        assert_eq!(refuge.post(&format!("{job}/{step}"), json!({})).await.ok().text_of("state"), state);
    }
    let done = helpline.get(&job).await.ok().json;
    assert_eq!((&done["signed_off_on"], &done["measures"][0]["state"]), (&json!("2026-04-01"), &json!("fitted")));
    let due: Vec<_> = done["follow_ups"].as_array().unwrap().iter().map(|one| one["due_on"].clone()).collect();
    assert_eq!(due, ["2026-05-01", "2026-07-01", "2026-10-01", "2027-04-01"]);
    let events = ["requested", "booked", "surveyed", "installed", "signed_off"];
    assert_eq!(events.map(|did| audited(&app, &format!("sanctuary.{did}"))), [1; 5]);
    assert_eq!(helpline.get("/api/v1/sanctuary-jobs?open=true").await.ok().items().len(), 0);
    assert_eq!(refuge.get("/api/v1/sanctuary-jobs?state=signed_off").await.ok().items().len(), 1);
}

/// How a command is sent, and by whom.
fn sent(command: Command) -> (&'static str, &'static str, Value) {
    match command {
        Command::Book => ("refuge_worker", "book", json!({ "survey_on": "2026-04-01" })),
        Command::Survey => ("refuge_worker", "survey", json!({})),
        Command::Install => ("refuge_worker", "install", json!({})),
        Command::SignOff => ("refuge_worker", "sign-off", json!({})),
        Command::DeclineByScheme => ("refuge_worker", "end", json!({ "reason": "scheme_criteria" })),
        Command::DeclineBySurvivor => ("caseworker", "end", json!({ "reason": "survivor_changed_mind" })),
        Command::FindNotFeasible => ("refuge_worker", "end", json!({ "reason": "landlord_refused" })),
        Command::Withdraw => ("caseworker", "end", json!({ "reason": "requested_in_error" })),
    }
}

/// S35
#[rstest]
#[actix_web::test]
async fn s35_every_command_from_every_state_follows_an_edge_or_is_refused(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let scheme = scheme(&app).await;
    for state in State::ALL {
        for command in Command::ALL {
            let edge = EDGES.iter().find(|(from, by, _)| from == state && by == command);
            let (_, job) = in_state(&app, &scheme, *state).await;
            if *command == Command::Survey && *state == State::Requested {
                book(&app.client("refuge_worker").await, &job).await;
            }
            let (who, step, body) = sent(*command);
            let answer = app.client(who).await.post(&format!("{job}/{step}"), body).await;
            let told = format!("{} {}", state.as_str(), command.as_str());
            if let Some((_, _, to)) = edge {
                assert_eq!(answer.ok().text_of("state"), to.as_str(), "{told}");
            } else {
                assert_eq!(answer.problem(), "409 sanctuary_state", "{told}");
                assert_eq!(answer.json["current"], json!({ "sanctuary": state.as_str() }), "{told}");
            }
        }
    }
}

#[rstest]
#[actix_web::test]
async fn each_side_ends_a_job_for_its_own_reasons_only(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let scheme = scheme(&app).await;
    let (_, job) = asked(&helpline, &scheme).await;
    let end =
        async |client: &Client, reason: &str| client.post(&format!("{job}/end"), json!({ "reason": reason })).await;
    for (client, reason) in [(&refuge, "referrer_found_place"), (&helpline, "scheme_full"), (&helpline, "no_reason")] {
        assert_eq!(end(client, reason).await.pointers(), ["body/reason"], "{reason}");
    }
    let ended = end(&refuge, "survivor_wants_to_move").await.ok().json;
    assert_eq!((&ended["state"], &ended["decided_by"]), (&json!("declined"), &json!("survivor")));
}

#[rstest]
#[actix_web::test]
async fn nothing_is_fitted_in_a_rented_home_before_its_landlord_agrees(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let scheme = scheme(&app).await;
    let rented = json!({ "service_id": scheme, "tenure": "private_renter" });
    let job = ask(&helpline, &opened(&helpline).await, rented).await.ok();
    assert_eq!(job.text_of("landlord_consent"), "not_asked");
    let job = format!("/api/v1/sanctuary-jobs/{}", job.id());
    book(&refuge, &job).await;
    refuge.post(&format!("{job}/survey"), json!({})).await.ok();
    let change = async |client: &Client, body: Value| {
        let etag = client.get(&job).await.ok().header("etag").to_owned();
        client.patch(&job, &etag, body).await
    };
    change(&helpline, json!({ "landlord_consent": "asked", "consent_on": "2026-03-30" })).await.ok();
    let refused = refuge.post(&format!("{job}/install"), json!({})).await;
    assert_eq!(refused.problem(), "409 consent_missing");
    assert_eq!(refused.json["current"], json!({ "landlord_consent": "asked" }));
    let stale = refuge.patch(&job, "\"1\"", json!({ "landlord_consent": "given" })).await;
    assert_eq!(stale.problem(), "412 stale");
    let given = change(&refuge, json!({ "landlord_consent": "given" })).await.ok().json;
    assert_eq!(
        (&given["consent_asked_on"], &given["consent_answered_on"]),
        (&json!("2026-03-30"), &json!("2026-04-01"))
    );
    refuge.post(&format!("{job}/install"), json!({})).await.ok();
}

/// S17
#[rstest]
#[actix_web::test]
async fn s17_the_job_of_a_restricted_case_does_not_exist_for_who_must_not_see_it(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let scheme = scheme(&app).await;
    let (case, job) = in_state(&app, &scheme, State::SignedOff).await;
    exclude(&helpline, &case, &app, "helpline_manager").await.ok();
    let manager = app.client("helpline_manager").await;
    assert_eq!(manager.get(&job).await.problem(), "404 not_found");
    assert_eq!(manager.get("/api/v1/sanctuary-jobs").await.ok().items().len(), 0);
    let report = "/api/v1/reports/sanctuary?from=2026-04-01&to=2026-04-30";
    assert_eq!(manager.get(report).await.ok().json["jobs"], 0);
    assert_eq!(app.client("refuge_manager").await.get(report).await.ok().json["jobs"], 1);
    assert_eq!(helpline.get(&job).await.ok().text_of("state"), "signed_off");
}
