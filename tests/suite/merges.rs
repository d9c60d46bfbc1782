//! Two cases of one household, brought together and taken apart again.

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::domain::merge::Reason;
use safehold::domain::sanctuary::State;
use serde_json::{Value, json};

use crate::restricted::{exclude, id, reference_of};
use crate::steps::{accepted, audited, noted, opened, opened_with, posted, referred};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp, new_case};

async fn merged(client: &Client, kept: &str, folded: &str) -> Answer {
    client.post(&format!("{kept}/merge"), json!({ "folded_id": id(folded), "reason": "called_again" })).await
}

async fn undone(client: &Client, folded: &str) -> Answer {
    client.post(&format!("{folded}/merge/undo"), Value::Null).await
}

fn closed() -> Value {
    json!({ "outcome": "not_placed", "primary_reason": "lost_contact", "what_happened_next": "not_known" })
}

/// Everything in which a household could be listed or counted.
async fn lists(app: &TestApp) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for who in ["caseworker", "helpline_manager"] {
        let client = app.client(who).await;
        for path in [
            "/cases",
            "/cases?state=open",
            "/cases?state=closed",
            "/waiting",
            "/waiting/summary",
            "/watches",
            "/referrals",
            "/reports/denied-access?from=2026-03-01&to=2026-05-01&by=reason",
            "/reports/barriers?from=2026-03-01&to=2026-05-01",
        ] {
            if path.starts_with("/reports") && who == "caseworker" {
                continue;
            }
            let mut json = client.get(&format!("/api/v1{path}")).await.ok().json;
            json.as_object_mut().unwrap().remove("computed_at");
            found.push((format!("{who} {path}"), json));
        }
    }
    found
}

/// The two cases themselves, and what belongs to them.
async fn selves(client: &Client, cases: &[&String]) -> Vec<Value> {
    let mut found = Vec::new();
    for case in cases {
        for part in ["", "/possible-repeats", "/exclusions", "/holds", "/watch"] {
            let answer = client.get(&format!("{case}{part}")).await;
            found.push(if answer.status == 200 { answer.json } else { json!(answer.status.as_u16()) });
        }
    }
    found
}

async fn refuge_said_no(app: &TestApp, helpline: &Client, case: &str) -> String {
    let refuge = app.client("refuge_worker").await;
    let vacancy = posted(&refuge, app.world.a1).await;
    let referral = referred(helpline, case, &vacancy).await;
    refuge.post(&format!("{referral}/decline"), json!({ "primary_reason": "needs_mental_health" })).await.ok();
    referral
}

/// Whatever the folded case was, and in either direction, lists count one household while they are together, and all is as
/// before afterwards.
#[rstest]
#[case::waiting(false, false)]
#[case::turned_away(true, false)]
#[case::waiting_into_what_was_watched(false, true)]
#[case::turned_away_and_watched(true, true)]
#[actix_web::test]
async fn a_household_is_counted_once_and_to_undo_restores_everything(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] turned_away: bool,
    #[case] watched: bool,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let (kept, folded) = (opened(&helpline).await, opened(&helpline).await);
    let other = opened(&helpline).await;
    let referral = refuge_said_no(&app, &helpline, &folded).await;
    if watched {
        for case in [&kept, &folded] {
            helpline.request(Method::PUT, &format!("{case}/watch"), &[], None).await.ok();
        }
    }
    helpline.post(&format!("{folded}/searches"), Value::Null).await.ok();
    if turned_away {
        helpline.post(&format!("{folded}/close"), closed()).await.ok();
    }
    let before = (lists(&app).await, selves(&helpline, &[&kept, &folded, &other]).await);

    let answer = merged(&helpline, &kept, &folded).await.ok();
    assert_eq!((&answer.json["kept_id"], &answer.json["folded_id"]), (&json!(id(&kept)), &json!(id(&folded))));
    assert_eq!(audited(&app, "case.merged"), 2);
    for (list, json) in lists(&app).await {
        if !list.ends_with("/referrals") {
            assert!(!json.to_string().contains(id(&folded)), "{list} lists the folded case: {json}");
        }
        if list.ends_with("/waiting") {
            assert_eq!(json["items"].as_array().unwrap().len(), 2, "{list}");
        }
        if list.contains("denied-access") {
            assert_eq!(json["per_household"]["total"], 0, "{list}: {json}");
            assert_eq!(json["per_referral"]["denied"], 1, "its referral still counts: {json}");
        }
    }
    assert_eq!(helpline.get(&referral).await.ok().text_of("state"), "declined_by_provider");
    assert_eq!(helpline.get(&folded).await.ok().json, before.1[5], "its rows stay as they are");

    undone(&helpline, &folded).await.ok();
    let after = (lists(&app).await, selves(&helpline, &[&kept, &folded, &other]).await);
    for (before, after) in before.0.iter().zip(&after.0) {
        assert_eq!(before, after);
    }
    assert_eq!(before.1, after.1);
    assert_eq!(audited(&app, "case.merge_undone"), 2);
    let history = helpline.get(&format!("{kept}/merges")).await.ok();
    assert_eq!(history.items().len(), 1);
    assert!(history.items()[0]["undone_at"].is_string());
}

#[rstest]
#[actix_web::test]
async fn a_folded_case_is_only_there_to_be_read(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline, manager) =
        (app.client("refuge_worker").await, app.client("caseworker").await, app.client("helpline_manager").await);
    let (kept, folded) = (opened(&helpline).await, opened(&helpline).await);
    let vacancy = posted(&refuge, app.world.a1).await;
    merged(&helpline, &kept, &folded).await.ok();
    let refused = "409 case_merged";
    assert_eq!(noted(&helpline, &folded, json!({ "pregnant": "yes" })).await.problem(), refused);
    let hold = json!({ "vacancy_id": vacancy });
    assert_eq!(helpline.post(&format!("{folded}/holds"), hold.clone()).await.problem(), refused);
    assert_eq!(helpline.post(&format!("{folded}/referrals"), hold.clone()).await.problem(), refused);
    assert_eq!(helpline.post(&format!("{folded}/close"), closed()).await.problem(), refused);
    assert_eq!(helpline.post(&format!("{folded}/searches"), Value::Null).await.problem(), refused);
    assert_eq!(
        helpline.post(&format!("{folded}/journey-codes"), crate::journeys::agreement()).await.problem(),
        refused
    );
    assert_eq!(helpline.put(&format!("{folded}/identity"), new_case()["identity"].clone()).await.problem(), refused);
    let watch = helpline.request(Method::PUT, &format!("{folded}/watch"), &[], None).await;
    assert_eq!(watch.problem(), refused);
    let owner = Some(json!({ "account_id": app.world.account("colleague").id }));
    let path = format!("{folded}/owner");
    assert_eq!(manager.request(Method::PUT, &path, &[("if-match", "\"1\"")], owner).await.problem(), refused);
    // The other one goes on, and what was done there stays there.
    helpline.post(&format!("{kept}/holds"), hold).await.ok();
    noted(&helpline, &kept, json!({ "pregnant": "yes" })).await.ok();
    undone(&helpline, &folded).await.ok();
    assert_eq!(helpline.get(&kept).await.ok().json["needs"]["pregnant"], "yes");
    assert_eq!(helpline.get(&folded).await.ok().json["needs"]["pregnant"], "no");
    noted(&helpline, &folded, json!({ "pregnant": "unknown" })).await.ok();
    assert_eq!(undone(&helpline, &folded).await.problem(), "409 not_merged");
}

#[rstest]
#[actix_web::test]
async fn what_goes_on_is_never_folded_away(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let (idle, holding, placed) = (opened(&helpline).await, opened(&helpline).await, opened(&helpline).await);
    let (first, second) = (posted(&refuge, app.world.a1).await, posted(&refuge, app.world.a2).await);
    helpline.post(&format!("{holding}/holds"), json!({ "vacancy_id": second })).await.ok();
    let referral = referred(&helpline, &placed, &first).await;
    let refused = merged(&helpline, &idle, &placed).await;
    assert_eq!(refused.problem(), "409 folded_in_progress");
    let current = &refused.json["current"];
    assert_eq!((&current["open_referrals"], &current["both"]), (&json!(1), &json!(false)));
    accepted(&refuge, &referral).await;
    assert_eq!(merged(&helpline, &idle, &placed).await.json["current"]["current_stays"], 1);
    let both = merged(&helpline, &placed, &holding).await;
    assert_eq!((&both.json["current"]["running_holds"], &both.json["current"]["both"]), (&json!(1), &json!(true)));

    merged(&helpline, &placed, &idle).await.ok();
    // What is folded is neither folded again nor kept; what keeps others is not folded.
    assert_eq!(merged(&helpline, &holding, &idle).await.problem(), "409 case_merged");
    assert_eq!(merged(&helpline, &idle, &holding).await.problem(), "409 case_merged");
    undone(&helpline, &idle).await.ok();
    let third = opened(&helpline).await;
    merged(&helpline, &third, &idle).await.ok();
    assert_eq!(merged(&helpline, &holding, &third).await.problem(), "409 keeps_others");
    assert_eq!(merged(&helpline, &third, &third).await.pointers(), ["body/folded_id"]);
    // A home that is made safe is followed up for a year: nobody would be asked under a folded case.
    let scheme = crate::sanctuary::scheme(&app).await;
    let (asking, _) = crate::sanctuary::asked(&helpline, &scheme).await;
    let (safe, _) = crate::sanctuary::in_state(&app, &scheme, State::SignedOff).await;
    for with_job in [&asking, &safe] {
        let refused = merged(&helpline, &holding, with_job).await;
        assert_eq!(
            (refused.problem().as_str(), &refused.json["current"]["sanctuary_jobs"]),
            ("409 folded_in_progress", &json!(1))
        );
    }
    merged(&helpline, &asking, &opened(&helpline).await).await.ok();
    // Nobody who still waits is put under a case that is closed.
    let (over, waits) = (opened(&helpline).await, opened(&helpline).await);
    helpline.post(&format!("{over}/close"), closed()).await.ok();
    assert_eq!(merged(&helpline, &over, &waits).await.problem(), "409 kept_is_closed");
    merged(&helpline, &waits, &over).await.ok();
    assert_eq!(Reason::ALL.len(), 3);
}

/// S13, S14
#[rstest]
#[actix_web::test]
async fn s13_s14_only_what_one_may_see_is_brought_together(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, colleague, manager, elsewhere) = (
        app.client("caseworker").await,
        app.client("colleague").await,
        app.client("helpline_manager").await,
        app.client("other_helpline_manager").await,
    );
    let (ours, hers, theirs) = (opened(&helpline).await, opened(&colleague).await, opened(&elsewhere).await);
    for (kept, folded) in [(&ours, &hers), (&hers, &ours), (&ours, &theirs), (&theirs, &ours)] {
        assert_eq!(merged(&helpline, kept, folded).await.problem(), "404 not_found");
    }
    assert_eq!(merged(&manager, &ours, &theirs).await.problem(), "404 not_found");
    let referral = refuge_said_no(&app, &colleague, &hers).await;
    merged(&manager, &ours, &hers).await.ok();
    // The one who keeps the case sees what was folded into it; who did not merge them does not undo it.
    helpline.get(&hers).await.ok();
    helpline.get(&referral).await.ok();
    assert_eq!(undone(&helpline, &hers).await.problem(), "403 forbidden");
    assert_eq!(undone(&elsewhere, &hers).await.problem(), "404 not_found");
    assert_eq!(colleague.get(&ours).await.problem(), "404 not_found");
    colleague.get(&hers).await.ok();
    let page = app.visitor("colleague").await.page(&hers.replace("/api/v1", "")).await.ok().text;
    assert!(page.contains("another case of your organisation"), "{page}");
    assert!(!page.contains(&reference_of(&helpline, &ours).await));
    undone(&manager, &hers).await.ok();
    assert_eq!(helpline.get(&hers).await.problem(), "404 not_found");
    assert_eq!(helpline.get(&referral).await.problem(), "404 not_found");
}

/// S17: whoever must not see one of the cases sees none of them while they are together, whichever is kept, nor a third;
/// what is said while they are together holds for both afterwards.
#[rstest]
#[actix_web::test]
async fn s17_who_must_not_see_one_case_sees_none_of_the_household(
    #[values(Sqlite, Postgres)] on: Engine,
    #[values(true, false)] kept_is_restricted: bool,
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let (secret, open, third) = (opened(&helpline).await, opened(&helpline).await, opened(&helpline).await);
    exclude(&helpline, &secret, &app, "helpline_manager").await.ok();
    app.clock.advance(TimeDelta::minutes(1));
    let manager = app.client("helpline_manager").await;
    assert_eq!(manager.get("/api/v1/cases").await.ok().items().len(), 2);
    assert_eq!(merged(&manager, &open, &secret).await.problem(), "404 not_found");
    if kept_is_restricted {
        merged(&helpline, &secret, &open).await.ok();
        merged(&helpline, &secret, &third).await.ok();
    } else {
        merged(&helpline, &third, &secret).await.ok();
        merged(&helpline, &third, &open).await.ok();
    }
    for case in [&secret, &open, &third] {
        for part in ["", "/merges", "/exclusions", "/possible-repeats"] {
            assert_eq!(manager.get(&format!("{case}{part}")).await.problem(), "404 not_found", "{case}{part}");
        }
        let page = app.visitor("helpline_manager").await.page(&case.replace("/api/v1", "")).await;
        assert_eq!(page.status, 404);
    }
    assert_eq!(manager.get("/api/v1/cases").await.ok().items().len(), 0);
    assert_eq!(manager.get("/api/v1/waiting").await.ok().items().len(), 0);
    assert_eq!(undone(&manager, &open).await.problem(), "404 not_found");
    // Said of the kept one while they are together: it holds for what is taken out.
    let kept = if kept_is_restricted { &secret } else { &third };
    exclude(&helpline, kept, &app, "colleague").await.ok();
    undone(&helpline, &open).await.ok();
    manager.get(&open).await.ok();
    let owner = Some(json!({ "account_id": app.world.account("colleague").id }));
    let given = manager.request(Method::PUT, &format!("{open}/owner"), &[("if-match", "\"1\"")], owner).await;
    assert_eq!(given.pointers(), ["body/account_id"]);
    assert_eq!(manager.get(&secret).await.problem(), "404 not_found");
}

/// S17: nobody loses a case of her own by it.
#[rstest]
#[actix_web::test]
async fn s17_who_owns_a_case_is_not_shut_out_of_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, colleague, manager) =
        (app.client("caseworker").await, app.client("colleague").await, app.client("helpline_manager").await);
    let (ours, hers) = (opened(&helpline).await, opened(&colleague).await);
    exclude(&helpline, &ours, &app, "colleague").await.ok();
    assert_eq!(merged(&manager, &hers, &ours).await.problem(), "409 owns_case");
    assert_eq!(merged(&manager, &ours, &hers).await.problem(), "409 owns_case");
    // Nor by what is said while they are together.
    let mine = opened(&manager).await;
    merged(&manager, &mine, &hers).await.ok();
    assert_eq!(exclude(&manager, &mine, &app, "colleague").await.problem(), "409 owns_case");
    // Who says so herself gives all of them away at once.
    let declared = json!({ "reason": "He is my brother.", "account_id": app.world.account("caseworker").id });
    colleague.post(&format!("{hers}/conflicts"), declared).await.ok();
    assert_eq!(colleague.get(&hers).await.problem(), "404 not_found");
    helpline.get(&hers).await.ok();
}

/// S35
#[rstest]
#[actix_web::test]
async fn s35_to_merge_twice_with_one_key_is_to_merge_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let (kept, folded) = (opened(&helpline).await, opened(&helpline).await);
    let body = json!({ "folded_id": id(&folded), "reason": "opened_twice" });
    let first = helpline.post_as(&format!("{kept}/merge"), "once", body.clone()).await.ok();
    let again = helpline.post_as(&format!("{kept}/merge"), "once", body).await.ok();
    assert_eq!((first.json, audited(&app, "case.merged")), (again.json, 2));
}

#[rstest]
#[actix_web::test]
async fn the_pages_show_both_side_by_side_and_lead_back(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, visitor) = (app.client("caseworker").await, app.visitor("caseworker").await);
    let kept = opened(&helpline).await;
    let mut less = new_case();
    less["needs"]["pregnant"] = json!("unknown");
    let folded = opened_with(&helpline, less).await;
    refuge_said_no(&app, &helpline, &folded).await;
    let (page, other) = (kept.replace("/api/v1", ""), reference_of(&helpline, &folded).await);
    let case = visitor.page(&page).await.ok().text;
    assert!(case.contains("This household has another case"), "{case}");
    let asked = visitor.page(&format!("{page}/merge")).await.ok().text;
    assert!(asked.contains("Reference of the other case"));
    assert_eq!(visitor.page(&format!("{page}/merge?reference=C-2222-2222")).await.status, 422);
    let compared = visitor.page(&format!("{page}/merge?reference={other}")).await.ok().text;
    assert!(compared.contains("What differs") && compared.contains("Pregnant"), "{compared}");
    let missing = visitor.submit(&format!("{page}/merge"), &[("other", id(&folded)), ("kept", "this")]).await;
    assert_eq!(missing.status, 422);
    let fields = [("other", id(&folded)), ("kept", "this"), ("reason", "called_again")];
    assert_eq!(visitor.submit(&format!("{page}/merge"), &fields).await.status, 303);
    let shown = visitor.page(&page).await.ok().text;
    assert!(
        shown.contains(&format!("from case {other}")) && shown.contains("Undo: these are two households"),
        "{shown}"
    );
    let away = folded.replace("/api/v1", "");
    let shown = visitor.page(&away).await.ok().text;
    assert!(shown.contains("You can only read it here") && !shown.contains("Close the case"), "{shown}");
    let again = visitor.submit(&format!("{page}/merge"), &fields).await;
    assert_eq!(again.status, 422, "{}", again.text);
    assert_eq!(visitor.submit(&format!("{away}/merge/undo"), &[]).await.status, 303);
    assert!(visitor.page(&away).await.ok().text.contains("Close the case"));
}
