//! What people write about a household, and who may read it.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use rstest::rstest;
use serde_json::{Value, json};

use crate::restricted::exclude;
use crate::steps::{Expected, audited, expected, opened};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

/// A note of a call in which she was reached.
fn call(visibility: &str, text: &str) -> Value {
    json!({ "visibility": visibility, "kind": "call", "reached": true, "text": text })
}

async fn texts(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(&format!("{path}/notes")).await.ok();
    page.items().iter().map(|note| note["text"].as_str().unwrap().to_owned()).collect()
}

async fn write(client: &Client, path: &str, note: Value) -> String {
    client.post(&format!("{path}/notes"), note).await.ok().id()
}

/// S21: notes, assessments and what else only grows is changed by nobody, not even past the application.
#[rstest]
#[case("UPDATE case_note SET kind = 'visit'")]
#[case("DELETE FROM case_note")]
#[case("UPDATE risk_assessment SET score = 0")]
#[case("DELETE FROM risk_assessment")]
#[case("UPDATE risk_incident SET same_person = 'no'")]
#[case("DELETE FROM risk_incident")]
#[case("UPDATE marac_referral SET reason = 'score'")]
#[case("DELETE FROM marac_referral")]
#[case("DELETE FROM safety_review")]
#[actix_web::test]
async fn s21_what_was_written_is_neither_changed_nor_removed(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] crime: &str,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    write(&helpline, &case, call("own_organisation", "She rang.")).await;
    helpline.post(&format!("{case}/risk-assessments"), json!({ "score": 12 })).await.ok();
    let incident = json!({ "same_person": "yes", "abuse_types": ["stalking"] });
    helpline.post(&format!("{case}/risk-incidents"), incident).await.ok();
    helpline.post(&format!("{case}/marac-referrals"), json!({ "reason": "score" })).await.ok();
    helpline.post(&format!("{case}/safety-plan/reviews"), json!({})).await.ok();
    let error = app.raw().batch_execute(crime).unwrap_err();
    assert!(error.to_string().contains("append_only"), "{error}");
}

/// A correction is a note of its own: what was written stays readable, and says that it was corrected.
#[rstest]
#[actix_web::test]
async fn a_correction_keeps_the_original(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let first = write(&helpline, &case, call("own_organisation", "She rang at three.")).await;
    app.clock.advance(TimeDelta::minutes(5));
    let better = json!({ "kind": "call", "reached": true, "text": "She rang at four." });
    let path = |note: &str| format!("{case}/notes/{note}/corrections");
    let written = helpline.post(&path(&first), better.clone()).await.ok();
    assert_eq!(written.json.get("text"), None, "the answer is kept, and the text is not");
    let second = written.id();

    let page = helpline.get(&format!("{case}/notes")).await.ok();
    let [newest, oldest] = page.items() else { panic!("{:#}", page.json) };
    assert_eq!((&newest["id"], &newest["corrects"]), (&json!(second), &json!(first)));
    assert_eq!((&oldest["text"], &oldest["corrected_by"]), (&json!("She rang at three."), &json!(second)));
    assert_eq!(oldest["person"], "caseworker");

    // Once; then the correction is corrected.
    assert_eq!(helpline.post(&path(&first), better.clone()).await.problem(), "409 note_corrected");
    app.clock.advance(TimeDelta::minutes(5));
    // The author does, or a manager; nobody else.
    let manager = app.client("helpline_manager").await;
    let third = manager.post(&path(&second), better.clone()).await.ok().id();
    assert_eq!(helpline.post(&path(&third), better.clone()).await.problem(), "403 forbidden", "the manager's own");
    let elsewhere = opened(&helpline).await;
    let wrong_case = helpline.post(&format!("{elsewhere}/notes/{third}/corrections"), better).await;
    assert_eq!(wrong_case.problem(), "404 not_found");
    assert_eq!((audited(&app, "case_note.written"), audited(&app, "case_note.corrected")), (1, 2));
    assert_eq!(audited(&app, "case_note.read"), 1);
}

/// S7, S15: what is shared is read by the provider of the stay, while the household is theirs; nothing else is.
#[rstest]
#[actix_web::test]
async fn s07_s15_a_provider_reads_what_is_shared_while_the_household_is_theirs(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let waiting = opened(&helpline).await;
    let nobody = helpline.post(&format!("{waiting}/notes"), call("placing_provider", "Arrives at six.")).await;
    assert_eq!(nobody.problem(), "409 nobody_to_share_with");

    let Expected { case, stay, .. } = expected(&app, &refuge, &helpline).await;
    write(&helpline, &case, call("own_organisation", "For ourselves.")).await;
    app.clock.advance(TimeDelta::minutes(1));
    write(&helpline, &case, call("placing_provider", "Arrives at six.")).await;
    app.clock.advance(TimeDelta::minutes(1));
    write(&refuge, &stay, call("own_organisation", "For our team.")).await;
    app.clock.advance(TimeDelta::minutes(1));
    write(&refuge, &stay, call("referrer", "She has settled in.")).await;
    assert_eq!(texts(&refuge, &stay).await, ["She has settled in.", "For our team.", "Arrives at six."]);
    assert_eq!(texts(&helpline, &case).await, ["She has settled in.", "Arrives at six.", "For ourselves."]);

    // Nobody is named to the other side.
    let theirs = refuge.get(&format!("{stay}/notes")).await.ok();
    assert_eq!((&theirs.items()[2]["own_organisation"], theirs.items()[2].get("person")), (&json!(false), None));
    assert!(!theirs.text.contains("\"caseworker\""));
    // What the other side wrote is not corrected here, and neither word is for the wrong side.
    let shared = theirs.items()[2]["id"].as_str().unwrap().to_owned();
    let better = json!({ "kind": "note", "text": "No." });
    let manager = app.client("refuge_manager").await;
    let answer = manager.post(&format!("{stay}/notes/{shared}/corrections"), better).await;
    assert_eq!(answer.problem(), "403 forbidden");
    let wrong = refuge.post(&format!("{stay}/notes"), call("placing_provider", "No.")).await;
    assert_eq!(wrong.pointers(), ["body/visibility"]);

    // On the page too, and on neither page a name of the other side.
    let page = app.visitor("refuge_worker").await.page(&stay.replace("/api/v1", "")).await.ok();
    assert!(page.text.contains("Arrives at six.") && !page.text.contains("For ourselves."), "{}", page.text);
    let page = app.visitor("caseworker").await.page(&format!("{}/notes", case.replace("/api/v1", ""))).await.ok();
    assert!(page.text.contains("She has settled in.") && !page.text.contains("For our team."), "{}", page.text);
    assert!(!page.text.contains("refuge_worker"), "{}", page.text);

    // When she has left, what was shared is the referrer's again; what the provider wrote stays with it.
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    app.clock.advance(TimeDelta::days(2));
    let left = json!({ "kind": "planned", "destination": "social_tenancy" });
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("{stay}/depart"), left).await.ok();
    assert_eq!(texts(&refuge, &stay).await, ["She has settled in.", "For our team."]);
    let helpline = app.client("caseworker").await;
    let late = helpline.post(&format!("{case}/notes"), call("placing_provider", "Too late.")).await;
    assert_eq!(late.problem(), "409 nobody_to_share_with");
    // Others never: another provider, another helpline.
    for (who, path) in [("other_refuge_worker", &stay), ("other_caseworker", &case), ("colleague", &case)] {
        let answer = app.client(who).await.get(&format!("{path}/notes")).await;
        assert_eq!(answer.problem(), "404 not_found", "{who}");
    }
    // That the provider read them is told to who asks who saw the household.
    let looks = helpline.get(&format!("{case}/access")).await.ok();
    let read = looks.items().iter().filter(|look| look["action"] == "case_note.read");
    let by: Vec<_> = read.map(|look| look["organisation"].as_str().unwrap()).collect();
    assert!(by.contains(&"Provider") && by.contains(&"Helpline"), "{by:?}");
}

/// S17: for who is excluded there is no note, on either side.
#[rstest]
#[actix_web::test]
async fn s17_who_is_excluded_reads_and_writes_no_note(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, referral, stay } = expected(&app, &refuge, &helpline).await;
    write(&helpline, &case, call("placing_provider", "Arrives at six.")).await;
    exclude(&helpline, &case, &app, "helpline_manager").await.ok();
    exclude(&app.client("refuge_manager").await, &referral, &app, "refuge_worker").await.ok();
    let manager = app.client("helpline_manager").await;
    for path in ["notes", "timeline", "risk", "safety-plan"] {
        assert_eq!(manager.get(&format!("{case}/{path}")).await.problem(), "404 not_found", "{path}");
    }
    assert_eq!(refuge.get(&format!("{stay}/notes")).await.problem(), "404 not_found");
    let note = refuge.post(&format!("{stay}/notes"), call("referrer", "No.")).await;
    assert_eq!(note.problem(), "404 not_found");
    assert_eq!(texts(&app.client("refuge_manager").await, &stay).await, ["Arrives at six."]);
}

/// S11: what is shared is looked through first; what stays in the house is not.
#[rstest]
#[actix_web::test]
async fn s11_a_note_is_looked_through_before_it_is_shared(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, stay, .. } = expected(&app, &refuge, &helpline).await;
    let number = "Her sister's number is 07700 900123.";
    let path = format!("{case}/notes");
    let found = helpline.post(&path, call("placing_provider", number)).await;
    assert_eq!((found.problem(), found.pointers()), ("422 invalid".into(), vec!["body/text".into()]));
    assert_eq!(found.json["errors"][0]["code"], "personal_details");
    let mut sure = call("placing_provider", number);
    sure["confirmed"] = json!(["telephone"]);
    let answer = helpline.post(&path, sure).await;
    assert!(answer.status.is_success(), "{:#}", answer.json);
    assert_eq!(audited(&app, "referral.personal_details_confirmed"), 1);
    helpline.post(&path, call("own_organisation", number)).await.ok();
    let theirs = refuge.post(&format!("{stay}/notes"), call("referrer", number)).await;
    assert_eq!(theirs.pointers(), ["body/text"]);
}

/// A call says whether she was reached; a note stands at the time that it is about.
#[rstest]
#[actix_web::test]
async fn a_call_says_whether_she_was_reached(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let note = |kind: &str, reached: Value, at: &str| json!({ "visibility": "own_organisation", "kind": kind, "reached": reached, "happened_at": at, "text": "-" });
    let path = format!("{case}/notes");
    let early = "2026-03-30T09:00:00Z";
    assert_eq!(helpline.post(&path, note("call", Value::Null, early)).await.pointers(), ["body/reached"]);
    assert_eq!(helpline.post(&path, note("message", json!(true), early)).await.pointers(), ["body/reached"]);
    let later = helpline.post(&path, note("note", Value::Null, "2026-04-01T09:00:01Z")).await;
    assert_eq!(later.pointers(), ["body/happened_at"]);

    let id: safehold::ids::CaseId = serde_json::from_value(json!(case.rsplit('/').next().unwrap())).unwrap();
    let last = || {
        let mut conn = app.raw();
        safehold::db::timeline::last_contact(&mut conn, &[id]).unwrap().get(&id).copied()
    };
    let at = |text: &str| Some(serde_json::from_value(json!(text)).unwrap());
    assert_eq!(last(), None);
    helpline.post(&path, note("visit", json!(true), early)).await.ok();
    helpline.post(&path, note("call", json!(false), "2026-03-31T09:00:00Z")).await.ok();
    helpline.post(&path, note("message", Value::Null, "2026-03-31T10:00:00Z")).await.ok();
    assert_eq!(last(), at(early), "a call that reached nobody is no contact");
    let call = helpline.post(&path, note("call", json!(true), "2026-04-01T08:00:00Z")).await.ok().id();
    assert_eq!(last(), at("2026-04-01T08:00:00Z"));
    // It turns out that it was somebody else who answered.
    let wrong = json!({ "kind": "call", "reached": false, "text": "It was her sister.", "happened_at": early });
    helpline.post(&format!("{path}/{call}/corrections"), wrong).await.ok();
    assert_eq!(last(), at(early));
}

/// The pages write and correct a note as the API does.
#[rstest]
#[actix_web::test]
async fn a_note_is_written_and_corrected_on_the_page(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, stay, .. } = expected(&app, &refuge, &helpline).await;
    for (who, base, notes, other) in [
        ("caseworker", format!("{}/notes", case.replace("/api/v1", "")), format!("{case}/notes"), "placing_provider"),
        ("refuge_worker", stay.replace("/api/v1", ""), format!("{stay}/notes"), "referrer"),
    ] {
        let (visitor, client) = (app.visitor(who).await, app.client(who).await);
        let to = notes.replace("/api/v1", "");
        let empty = visitor.submit(&to, &[("about", "call"), ("text", "")]).await;
        assert_eq!(empty.status, 422);
        for wanted in ["Select whether you spoke with the survivor", "Write the note", "Select who may read it"] {
            assert!(empty.text.contains(wanted), "{wanted} in {}", empty.text);
        }
        let found = visitor.submit(&to, &[("about", "note"), ("text", "At LE1 1AA"), ("visibility", other)]).await;
        assert!(found.status == 422 && found.text.contains("Take it out, or say that it is safe"), "{}", found.text);
        let fields =
            [("about", "call"), ("reached", "yes"), ("text", "She <rang>."), ("visibility", "own_organisation")];
        assert_eq!(visitor.submit(&to, &fields).await.status, 303);
        let page = visitor.page(&base).await.ok();
        assert!(page.text.contains("She &#60;rang&#62;.") && page.text.contains("spoke with them"), "{}", page.text);
        let note = client.get(&notes).await.ok().items()[0]["id"].as_str().unwrap().to_owned();
        let link = page.text.split("href=\"").find(|rest| rest.contains(&note) && rest.contains("correct=")).unwrap();
        let link = link.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        let form = visitor.page(link.split('#').next().unwrap()).await.ok();
        assert!(
            form.text.contains("Correct a note") && form.text.contains("She &#60;rang&#62;.</textarea>"),
            "{}",
            form.text
        );
        let better = [("about", "visit"), ("reached", "no"), ("text", "Nobody was in.")];
        assert_eq!(visitor.submit(&format!("{to}/{note}/correct"), &better).await.status, 303);
        let page = visitor.page(&base).await.ok();
        assert!(page.text.contains("Corrected later") && page.text.contains("did not reach them"), "{}", page.text);
    }
}
