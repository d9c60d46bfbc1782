//! What belongs to another organisation looks as if it were not there.

use actix_web::http::Method;
use rstest::rstest;
use safehold::ids::RequestId;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, Postgres, Sqlite, TestApp, new_case};

/// Everything that an organisation can have, by what it is called in a path or a body.
async fn belongings(app: &TestApp) -> Vec<(&'static str, String)> {
    let refuge = app.client("refuge_manager").await;
    let helpline = app.client("caseworker").await;
    let post = |unit: safehold::ids::UnitId| refuge.post("/api/v1/vacancies", json!({ "unit_id": unit }));
    let (first, second) = (post(app.world.a1).await.ok().id(), post(app.world.a2).await.ok().id());
    let case = helpline.post("/api/v1/cases", new_case()).await.ok().id();
    let hold = helpline.post(&format!("/api/v1/cases/{case}/holds"), json!({ "vacancy_id": second })).await.ok().id();
    let send = |case: String, vacancy: String| {
        let (helpline, path) = (&helpline, format!("/api/v1/cases/{case}/referrals"));
        async move { helpline.post(&path, json!({ "vacancy_id": vacancy, "note": "Two people." })).await.ok().id() }
    };
    let referral = send(case.clone(), second.clone()).await;
    let placed = helpline.post("/api/v1/cases", new_case()).await.ok().id();
    let accepted = send(placed, first).await;
    let accepted = refuge.post(&format!("/api/v1/referrals/{accepted}/accept"), json!({})).await.ok();
    let refuge_worker = json!({ "account_id": app.world.account("refuge_worker").id, "reason": "Related." });
    let exclusion = refuge.post(&format!("/api/v1/referrals/{referral}/exclusions"), refuge_worker).await.ok().id();
    let reference = helpline.get(&format!("/api/v1/cases/{case}")).await.ok().text_of("reference");
    let ask = json!({ "reference": reference, "reason": "worker_away", "explanation": "She rang." });
    let emergency = app.client("colleague").await.post("/api/v1/emergency-access", ask).await.ok().id();
    let alert = app.client("helpline_manager").await.get("/api/v1/alerts").await.ok().items()[0]["id"].clone();
    let void = json!({ "reason": "cleaning", "starts_at": "2026-05-01T09:00:00Z", "ends_at": "2026-05-02T09:00:00Z" });
    let void = refuge.post(&format!("/api/v1/units/{}/voids", app.world.a2.0), void).await.ok().id();
    helpline.request(Method::PUT, &format!("/api/v1/cases/{case}/watch"), &[], None).await.ok();
    let (_, opened) = crate::journeys::opened_elsewhere(app, &format!("/api/v1/cases/{case}")).await;
    let codes = helpline.get(&format!("/api/v1/cases/{case}/journey-codes")).await.ok();
    let about = json!({ "text": "Ring.", "due_at": "2026-04-02T09:00:00Z", "case_id": case });
    let task = helpline.post("/api/v1/tasks", about).await.ok().id();
    let crate::sanctuary::Signed { scheme, job, measure, follow_up, .. } = crate::sanctuary::signed(app).await;
    let session = helpline.get("/api/v1/me/sessions").await.ok().items()[0]["id"].as_str().unwrap().to_owned();
    let note = json!({ "visibility": "own_organisation", "kind": "note", "text": "Hers." });
    let note = helpline.post(&format!("/api/v1/cases/{case}/notes"), note).await.ok().id();
    let path = format!("/api/v1/cases/{case}/risk-assessments");
    let assessment = helpline.post(&path, json!({ "score": 11 })).await.ok().id();
    let action = json!({ "text": "Change the lock.", "doer": "worker", "due_on": "2026-05-01" });
    let action = helpline.post(&format!("/api/v1/cases/{case}/safety-plan/actions"), action).await.ok().id();
    let april = json!({ "kind": "own_report", "from": "2026-04-01", "to": "2026-04-30" });
    let file = refuge.post("/api/v1/reports/files", april).await.ok().id();
    safehold::actions::report_files::make_next(&app.db).await.unwrap();
    vec![
        ("{file}", file),
        ("{note}", note),
        ("{assessment}", assessment),
        ("{action}", action),
        ("{session}", session),
        ("{scheme}", scheme),
        ("{job}", job),
        ("{measure}", measure),
        ("{follow_up}", follow_up),
        ("{journey}", codes.items()[0]["id"].as_str().unwrap().to_owned()),
        ("{use}", opened),
        ("{case}", case),
        ("{task}", task),
        ("{hold}", hold),
        ("{exclusion}", exclusion),
        ("{emergency}", emergency),
        ("{alert}", alert.as_str().unwrap().to_owned()),
        ("{vacancy}", second),
        ("{referral}", referral),
        ("{placement}", accepted.text_of("placement_id")),
        ("{void}", void),
        ("{unit}", app.world.a2.0.to_string()),
        ("{service}", app.world.refuge.0.to_string()),
        ("{colleague}", app.world.account("colleague").id.0.to_string()),
        ("{worker}", app.world.account("refuge_worker").id.0.to_string()),
        ("{organisation}", app.world.helpline.0.to_string()),
        ("{provider}", app.world.provider.0.to_string()),
    ]
}

fn filled(pattern: &str, names: &[(&str, String)]) -> String {
    names.iter().fold(pattern.to_owned(), |text, (name, id)| text.replace(name, id))
}

/// Who asks, for what, with which body. What is named in braces belongs to others.
const REQUESTS: &[(&str, &str, &str, &str)] = &[
    ("other_refuge_manager", "GET", "/units/{unit}", ""),
    ("other_refuge_manager", "PATCH", "/units/{unit}", r#"{"code":"Z9"}"#),
    ("other_refuge_manager", "GET", "/units/{unit}/occupancies?from=2026-04-01&to=2026-06-01", ""),
    ("other_refuge_manager", "GET", "/units?service_id={service}", ""),
    ("other_refuge_manager", "PUT", "/units/{unit}/address", r#"{"lines":["1 Nowhere"],"postcode":"ZZ1 1ZZ"}"#),
    ("other_refuge_manager", "POST", "/units/{unit}/address-disclosures", r#"{"reason":"arranging_travel"}"#),
    ("other_caseworker", "POST", "/units/{unit}/address-disclosures", r#"{"reason":"arranging_travel"}"#),
    ("caseworker", "POST", "/units/{unit}/address-disclosures", r#"{"reason":"arranging_travel"}"#),
    ("other_refuge_manager", "POST", "/units/{unit}/voids", r#"{"reason":"cleaning"}"#),
    ("other_refuge_manager", "POST", "/units/{unit}/voids/{void}/end", ""),
    ("other_refuge_manager", "PATCH", "/services/{service}", r#"{"active":false}"#),
    ("other_refuge_manager", "PUT", "/services/{service}/rules", r#"{"rules":[],"reason":"none"}"#),
    ("other_refuge_manager", "POST", "/services/{service}/rules/preview", r#"{"rules":[]}"#),
    ("other_refuge_manager", "GET", "/organisations/{provider}/rules", ""),
    ("other_refuge_manager", "PUT", "/organisations/{provider}/rules", r#"{"rules":[],"reason":"none"}"#),
    ("other_refuge_manager", "GET", "/units/{unit}/rules", ""),
    ("other_refuge_manager", "PUT", "/units/{unit}/rules", r#"{"rules":[],"reason":"none"}"#),
    ("other_refuge_manager", "GET", "/vacancies/{vacancy}/rules", ""),
    ("other_refuge_manager", "PUT", "/vacancies/{vacancy}/rules", r#"{"rules":[],"reason":"none"}"#),
    (
        "other_refuge_manager",
        "POST",
        "/services/{service}/units",
        r#"{"code":"Z9","facts":{"bed_spaces":1,"cots":0,
        "step_free":true,"wheelchair":"none","bathroom":"own","kitchen":"own","floor":0,"pets":false}}"#,
    ),
    ("other_refuge_manager", "POST", "/vacancies", r#"{"unit_id":"{unit}"}"#),
    ("other_refuge_manager", "PATCH", "/vacancies/{vacancy}", r#"{"available_from":"2026-04-09"}"#),
    ("other_refuge_manager", "POST", "/vacancies/{vacancy}/confirm", ""),
    ("other_refuge_manager", "POST", "/vacancies/{vacancy}/withdraw", ""),
    ("other_helpline_manager", "GET", "/cases/{case}", ""),
    ("colleague", "GET", "/cases/{case}", ""),
    ("other_helpline_manager", "PATCH", "/cases/{case}", r#"{"needs":{"pregnant":"yes"}}"#),
    ("other_helpline_manager", "PUT", "/cases/{case}/identity", r#"{"people":[{"name":"Nobody"}]}"#),
    ("other_helpline_manager", "POST", "/cases/{case}/identity-disclosures", r#"{"reason":"arranging_travel"}"#),
    ("other_helpline_manager", "POST", "/cases/{case}/contact-disclosures", r#"{"reason":"safeguarding"}"#),
    ("other_helpline_manager", "GET", "/cases/{case}/possible-repeats", ""),
    ("other_helpline_manager", "POST", "/cases/{case}/possible-repeats/{case}", r#"{"same":true}"#),
    ("colleague", "GET", "/cases/{case}/possible-repeats", ""),
    ("colleague", "GET", "/cases/{case}/merges", ""),
    ("other_helpline_manager", "GET", "/cases/{case}/merges", ""),
    ("colleague", "POST", "/cases/{case}/merge", r#"{"folded_id":"{case}","reason":"opened_twice"}"#),
    ("other_helpline_manager", "POST", "/cases/{case}/merge", r#"{"folded_id":"{case}","reason":"opened_twice"}"#),
    ("colleague", "POST", "/cases/{case}/merge/undo", ""),
    ("other_helpline_manager", "POST", "/cases/{case}/merge/undo", ""),
    ("other_helpline_manager", "GET", "/cases/{case}/journey-codes", ""),
    (
        "other_helpline_manager",
        "POST",
        "/cases/{case}/journey-codes",
        r#"{"share":["household"],"days":7,"consent":{"how":"written"}}"#,
    ),
    ("other_helpline_manager", "POST", "/cases/{case}/journey-codes/{journey}/revoke", ""),
    ("other_helpline_manager", "GET", "/journeys/{use}", ""),
    ("caseworker", "GET", "/journeys/{use}", ""),
    ("caseworker", "POST", "/journeys/{use}/identity-disclosures", r#"{"reason":"safeguarding"}"#),
    ("caseworker", "POST", "/journeys/{use}/cases", r#"{"referral_source":"police"}"#),
    ("other_helpline_manager", "PUT", "/cases/{case}/owner", r#"{"account_id":"{colleague}"}"#),
    ("other_helpline_manager", "GET", "/cases/{case}/access", ""),
    ("colleague", "GET", "/cases/{case}/access", ""),
    ("other_helpline_manager", "GET", "/cases/{case}/timeline", ""),
    ("colleague", "GET", "/cases/{case}/timeline", ""),
    ("other_helpline_manager", "GET", "/cases/{case}/notes", ""),
    ("colleague", "GET", "/cases/{case}/notes", ""),
    (
        "other_helpline_manager",
        "POST",
        "/cases/{case}/notes",
        r#"{"visibility":"own_organisation","kind":"note","text":"No."}"#,
    ),
    ("other_helpline_manager", "POST", "/cases/{case}/notes/{note}/corrections", r#"{"kind":"note","text":"No."}"#),
    ("other_refuge_manager", "GET", "/placements/{placement}/notes", ""),
    (
        "other_refuge_manager",
        "POST",
        "/placements/{placement}/notes",
        r#"{"visibility":"own_organisation","kind":"note","text":"No."}"#,
    ),
    ("refuge_manager", "POST", "/placements/{placement}/notes/{note}/corrections", r#"{"kind":"note","text":"No."}"#),
    ("other_helpline_manager", "GET", "/cases/{case}/risk", ""),
    ("colleague", "GET", "/cases/{case}/risk", ""),
    ("other_helpline_manager", "POST", "/cases/{case}/risk-assessments", r#"{"score":14}"#),
    ("other_helpline_manager", "GET", "/cases/{case}/risk-assessments/{assessment}", ""),
    (
        "other_helpline_manager",
        "POST",
        "/cases/{case}/risk-incidents",
        r#"{"same_person":"yes","abuse_types":["stalking"]}"#,
    ),
    ("other_helpline_manager", "POST", "/cases/{case}/marac-referrals", r#"{"reason":"score"}"#),
    ("other_helpline_manager", "GET", "/cases/{case}/safety-plan", ""),
    (
        "other_helpline_manager",
        "POST",
        "/cases/{case}/safety-plan/actions",
        r#"{"text":"No.","doer":"worker","due_on":"2026-05-01"}"#,
    ),
    ("other_helpline_manager", "POST", "/cases/{case}/safety-plan/actions/{action}/finish", r"{}"),
    ("other_helpline_manager", "POST", "/cases/{case}/safety-plan/reviews", r"{}"),
    ("other_helpline_manager", "GET", "/cases/{case}/matches", ""),
    ("other_helpline_manager", "GET", "/cases/{case}/questions", ""),
    ("other_helpline_manager", "PATCH", "/cases/{case}/questions", r#"{"needs":{"pregnant":"yes"}}"#),
    ("other_helpline_manager", "POST", "/cases/{case}/searches", ""),
    ("other_helpline_manager", "GET", "/cases/{case}/exclusions", ""),
    ("colleague", "GET", "/cases/{case}/exclusions", ""),
    ("other_helpline_manager", "POST", "/cases/{case}/exclusions", r#"{"account_id":"{colleague}","reason":"No."}"#),
    ("other_helpline_manager", "POST", "/cases/{case}/exclusions/{exclusion}/lift", ""),
    ("other_helpline_manager", "POST", "/cases/{case}/conflicts", r#"{"reason":"No."}"#),
    ("other_refuge_manager", "GET", "/referrals/{referral}/exclusions", ""),
    ("other_refuge_manager", "POST", "/referrals/{referral}/exclusions", r#"{"account_id":"{worker}","reason":"No."}"#),
    ("other_refuge_manager", "POST", "/referrals/{referral}/exclusions/{exclusion}/lift", ""),
    ("other_refuge_manager", "POST", "/referrals/{referral}/conflicts", r#"{"reason":"No."}"#),
    ("other_helpline_manager", "GET", "/emergency-access/{emergency}", ""),
    ("other_helpline_manager", "POST", "/emergency-access/{emergency}/grant", ""),
    ("other_helpline_manager", "POST", "/emergency-access/{emergency}/refuse", r#"{"reason":"No."}"#),
    ("other_helpline_manager", "POST", "/emergency-access/{emergency}/end", ""),
    ("refuge_manager", "POST", "/emergency-access/{emergency}/grant", ""),
    ("other_helpline_manager", "POST", "/alerts/{alert}/seen", ""),
    ("other_helpline_manager", "GET", "/cases/{case}/watch", ""),
    ("colleague", "GET", "/cases/{case}/watch", ""),
    ("other_helpline_manager", "PUT", "/cases/{case}/watch", ""),
    ("other_helpline_manager", "DELETE", "/cases/{case}/watch", ""),
    ("other_helpline_manager", "POST", "/cases/{case}/watch/seen", ""),
    ("other_helpline_manager", "POST", "/accounts/{colleague}/invitations", ""),
    ("other_helpline_manager", "POST", "/accounts/{colleague}/password-resets", ""),
    ("other_helpline_manager", "DELETE", "/accounts/{colleague}/second-factor", ""),
    ("colleague", "DELETE", "/me/sessions/{session}", ""),
    ("other_helpline_manager", "GET", "/cases/{case}/holds", ""),
    ("other_helpline_manager", "POST", "/cases/{case}/holds", r#"{"vacancy_id":"{vacancy}"}"#),
    ("other_helpline_manager", "POST", "/cases/{case}/holds/{hold}/release", ""),
    ("other_helpline_manager", "POST", "/cases/{case}/referrals", r#"{"service_id":"{service}"}"#),
    ("other_helpline_manager", "POST", "/cases/{case}/close", r#"{"outcome":"placed"}"#),
    ("other_helpline_manager", "GET", "/referrals?case_id={case}", ""),
    ("refuge_manager", "GET", "/referrals?case_id={case}", ""),
    ("other_refuge_manager", "GET", "/referrals/{referral}", ""),
    ("other_refuge_manager", "GET", "/referrals/{referral}/notes", ""),
    ("other_refuge_manager", "POST", "/referrals/{referral}/notes", r#"{"note":"Who?"}"#),
    ("other_refuge_manager", "POST", "/referrals/{referral}/request-information", r#"{"note":"Why?"}"#),
    ("other_refuge_manager", "POST", "/referrals/{referral}/accept", r"{}"),
    ("other_refuge_manager", "POST", "/referrals/{referral}/decline", r#"{"primary_reason":"needs_mental_health"}"#),
    ("other_refuge_manager", "POST", "/referrals/{referral}/revoke-address", ""),
    ("other_refuge_manager", "POST", "/referrals/{referral}/identity-disclosures", r#"{"reason":"arranging_travel"}"#),
    ("other_refuge_manager", "POST", "/referrals/{referral}/contact-disclosures", r#"{"reason":"safeguarding"}"#),
    ("other_helpline_manager", "GET", "/referrals/{referral}", ""),
    ("other_helpline_manager", "GET", "/referrals/{referral}/notes", ""),
    ("other_helpline_manager", "POST", "/referrals/{referral}/notes", r#"{"note":"Who?"}"#),
    ("other_helpline_manager", "POST", "/referrals/{referral}/give-information", r#"{"note":"Because."}"#),
    ("other_helpline_manager", "POST", "/referrals/{referral}/withdraw", r#"{"primary_reason":"declined_support"}"#),
    ("other_refuge_manager", "GET", "/placements/{placement}", ""),
    ("other_refuge_manager", "POST", "/placements/{placement}/arrive", r"{}"),
    (
        "other_refuge_manager",
        "POST",
        "/placements/{placement}/did-not-arrive",
        r#"{"primary_reason":"declined_support"}"#,
    ),
    ("other_refuge_manager", "POST", "/placements/{placement}/extend", r#"{"expected_end":"2026-09-01"}"#),
    (
        "other_refuge_manager",
        "POST",
        "/placements/{placement}/depart",
        r#"{"kind":"planned","destination":"social_tenancy"}"#,
    ),
    ("other_helpline_manager", "GET", "/tasks/{task}", ""),
    ("colleague", "GET", "/tasks/{task}", ""),
    ("refuge_manager", "GET", "/tasks/{task}", ""),
    ("other_helpline_manager", "PATCH", "/tasks/{task}", r#"{"due_at":"2026-04-02T09:00:00Z"}"#),
    ("other_helpline_manager", "POST", "/tasks/{task}/done", ""),
    (
        "other_helpline_manager",
        "POST",
        "/tasks",
        r#"{"text":"New.","due_at":"2026-04-02T09:00:00Z","case_id":"{case}"}"#,
    ),
    ("other_helpline_manager", "GET", "/tasks?case_id={case}", ""),
    ("other_helpline_manager", "POST", "/cases/{case}/call-backs", ""),
    ("other_refuge_manager", "POST", "/referrals/{referral}/call-backs", ""),
    ("other_helpline_manager", "GET", "/accounts/{colleague}/work", ""),
    ("other_helpline_manager", "POST", "/accounts/{colleague}/reassign", r#"{"to":["{colleague}"]}"#),
    ("other_refuge_manager", "GET", "/placements/{placement}/chain", ""),
    ("other_helpline_manager", "GET", "/cases/{case}/stays", ""),
    ("colleague", "GET", "/cases/{case}/stays", ""),
    ("other_refuge_manager", "POST", "/placements/{placement}/move", r#"{"unit_id":"{unit}","reason":"repairs"}"#),
    (
        "other_refuge_manager",
        "POST",
        "/placements/{placement}/second-stage",
        r#"{"unit_id":"{unit}","expected_on":"2026-09-01"}"#,
    ),
    ("other_refuge_manager", "GET", "/placements/{placement}/support", ""),
    ("other_refuge_manager", "POST", "/placements/{placement}/support", r#"{"person":1,"support_type":"advocacy"}"#),
    ("other_refuge_manager", "POST", "/placements/{placement}/support/{placement}/end", r"{}"),
    ("other_refuge_manager", "POST", "/placements/{placement}/support/{placement}/take-out", ""),
    ("other_refuge_manager", "GET", "/placements/{placement}/outcomes", ""),
    (
        "other_refuge_manager",
        "PUT",
        "/placements/{placement}/outcomes",
        r#"{"safety":"not_asked","wellbeing":"not_asked","stability":"not_asked"}"#,
    ),
    ("other_helpline_manager", "GET", "/cases/{case}/sanctuary-schemes", ""),
    ("colleague", "GET", "/cases/{case}/sanctuary-schemes", ""),
    (
        "other_helpline_manager",
        "POST",
        "/cases/{case}/sanctuary-jobs",
        r#"{"service_id":"{scheme}","tenure":"owner_occupier"}"#,
    ),
    ("other_helpline_manager", "GET", "/sanctuary-jobs?case_id={case}", ""),
    ("refuge_manager", "GET", "/sanctuary-jobs?case_id={case}", ""),
    ("other_helpline_manager", "GET", "/sanctuary-jobs/{job}", ""),
    ("colleague", "GET", "/sanctuary-jobs/{job}", ""),
    ("other_refuge_manager", "GET", "/sanctuary-jobs/{job}", ""),
    ("other_helpline_manager", "PATCH", "/sanctuary-jobs/{job}", r#"{"tenure":"unknown"}"#),
    ("other_refuge_manager", "PATCH", "/sanctuary-jobs/{job}", r#"{"tenure":"unknown"}"#),
    ("other_refuge_manager", "POST", "/sanctuary-jobs/{job}/book", r#"{"survey_on":"2026-04-09"}"#),
    ("other_refuge_manager", "POST", "/sanctuary-jobs/{job}/survey", r"{}"),
    ("other_refuge_manager", "POST", "/sanctuary-jobs/{job}/install", r"{}"),
    ("other_refuge_manager", "POST", "/sanctuary-jobs/{job}/sign-off", r"{}"),
    ("other_refuge_manager", "POST", "/sanctuary-jobs/{job}/end", r#"{"reason":"scheme_full"}"#),
    ("other_helpline_manager", "POST", "/sanctuary-jobs/{job}/end", r#"{"reason":"requested_in_error"}"#),
    ("other_refuge_manager", "POST", "/sanctuary-jobs/{job}/measures", r#"{"kind":"locks","number":1}"#),
    ("other_refuge_manager", "PATCH", "/sanctuary-jobs/{job}/measures/{measure}", r#"{"number":2}"#),
    (
        "other_helpline_manager",
        "PUT",
        "/sanctuary-jobs/{job}/address",
        r#"{"lines":["1 Nowhere"],"postcode":"ZZ1 1ZZ"}"#,
    ),
    ("other_helpline_manager", "POST", "/sanctuary-jobs/{job}/address-disclosures", r#"{"reason":"safeguarding"}"#),
    ("colleague", "POST", "/sanctuary-jobs/{job}/address-disclosures", r#"{"reason":"safeguarding"}"#),
    ("other_refuge_manager", "POST", "/sanctuary-jobs/{job}/address-disclosures", r#"{"reason":"safeguarding"}"#),
    ("other_refuge_manager", "POST", "/sanctuary-jobs/{job}/identity-disclosures", r#"{"reason":"safeguarding"}"#),
    ("other_refuge_manager", "POST", "/sanctuary-jobs/{job}/contact-disclosures", r#"{"reason":"safeguarding"}"#),
    (
        "other_helpline_manager",
        "POST",
        "/sanctuary-jobs/{job}/follow-ups/{follow_up}/answer",
        r#"{"answer":"still_safe"}"#,
    ),
    ("other_helpline_manager", "POST", "/sanctuary-jobs/{job}/cases", ""),
    ("other_refuge_manager", "PUT", "/services/{scheme}/sanctuary-capacity/2026-05-01", r#"{"jobs":3}"#),
    ("other_refuge_manager", "GET", "/reports/files/{file}", ""),
    ("helpline_manager", "GET", "/reports/files/{file}", ""),
    ("other_refuge_manager", "GET", "/reports/files/{file}/json", ""),
    ("other_refuge_manager", "DELETE", "/reports/files/{file}", ""),
    ("other_refuge_manager", "GET", "/accounts/{worker}", ""),
    ("other_refuge_manager", "PATCH", "/accounts/{worker}", r#"{"active":false}"#),
    ("other_helpline_manager", "GET", "/accounts/{colleague}", ""),
    (
        "other_helpline_manager",
        "POST",
        "/accounts",
        r#"{"organisation":"{organisation}","email":"new@example.org",
        "name":"New","roles":["caseworker"]}"#,
    ),
];

/// S13
#[rstest]
#[actix_web::test]
async fn s13_what_belongs_to_others_is_answered_like_what_is_not_there(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let real = belongings(&app).await;
    let made_up: Vec<_> = real.iter().map(|(name, _)| (*name, RequestId::new().0.to_string())).collect();
    let mut clients = std::collections::BTreeMap::new();
    for (name, method, pattern, body) in REQUESTS {
        if !clients.contains_key(name) {
            clients.insert(*name, app.client(name).await);
        }
        let client = &clients[name];
        let ask = |ids: &[(&str, String)]| {
            let body = (!body.is_empty()).then(|| filled(body, ids));
            let (path, method) = (format!("/api/v1{}", filled(pattern, ids)), method.parse::<Method>().unwrap());
            async move {
                let key = RequestId::new().0.to_string();
                let headers = [("idempotency-key", key.as_str()), ("if-match", "\"1\"")];
                client.send_text(method, &path, &headers, body).await
            }
        };
        let (theirs, nothing) = (ask(&real).await, ask(&made_up).await);
        assert_eq!(told(&theirs), told(&nothing), "{name} {method} {pattern}");
        if pattern.contains('?') && !pattern.contains("{unit}") {
            assert_eq!(theirs.ok().items().len(), 0, "{name} {method} {pattern}");
        } else {
            assert_eq!(theirs.problem(), "404 not_found", "{name} {method} {pattern}: {}", theirs.text);
        }
    }
    // The requests were sound: for those whose things these are, they find something.
    for (name, path) in [
        ("refuge_manager", "/units/{unit}"),
        ("caseworker", "/cases/{case}"),
        ("caseworker", "/referrals/{referral}"),
        ("refuge_manager", "/placements/{placement}"),
    ] {
        app.client(name).await.get(&format!("/api/v1{}", filled(path, &real))).await.ok();
    }
}

/// S13
#[rstest]
#[actix_web::test]
async fn s13_what_belongs_to_others_is_no_answer_to_a_question(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let real = belongings(&app).await;
    let of = |name: &str| real.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    let (refuge, helpline) = (app.client("refuge_manager").await, app.client("helpline_manager").await);
    let strangers = [app.world.account("other_caseworker").id.0, RequestId::new().0];
    let owner = format!("/api/v1/cases/{}/owner", of("{case}"));
    let version = helpline.get(&format!("/api/v1/cases/{}", of("{case}"))).await.ok().header("etag").to_owned();
    let mut answers = Vec::new();
    for account in strangers {
        let body = Some(json!({ "account_id": account }));
        answers.push(helpline.request(Method::PUT, &owner, &[("if-match", version.as_str())], body).await);
    }
    assert_eq!((told(&answers[0]), answers[0].pointers()), (told(&answers[1]), vec!["body/account_id".into()]));

    let accept = format!("/api/v1/referrals/{}/accept", of("{referral}"));
    let mut answers = Vec::new();
    for unit in [app.world.d1.0, RequestId::new().0] {
        answers.push(refuge.post(&accept, json!({ "unit_id": unit })).await);
    }
    assert_eq!((told(&answers[0]), answers[0].pointers()), (told(&answers[1]), vec!["body/unit_id".into()]));
}

/// All of an answer but what differs between any two.
fn told(answer: &Answer) -> (u16, Vec<String>, Value) {
    let mut body = answer.json.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("instance");
    }
    let headers = answer.headers.iter().map(|(name, value)| format!("{name}: {value:?}"));
    let mut headers: Vec<_> = headers.filter(|header| !header.starts_with("content-length")).collect();
    headers.sort();
    (answer.status.as_u16(), headers, body)
}

/// What stands in a path before an id: to whom it belongs.
const PAGES: [(&str, &str); 7] = [
    ("/cases/{id}", "{case}"),
    ("/units/{id}", "{unit}"),
    ("/referrals/{id}", "{referral}"),
    ("/placements/{id}", "{placement}"),
    ("/vacancies/{id}", "{vacancy}"),
    ("/services/{id}/", "{service}"),
    ("/reports/files/{id}", "{file}"),
];

/// What is left of a page when what differs from one time to the next is taken out.
pub fn bare(answer: &Answer, ids: &[(&str, String)]) -> String {
    let mut text = answer.text.clone();
    for (name, id) in ids {
        text = text.replace(id.as_str(), name);
    }
    let mut parts = text.split("name=\"csrf\" value=\"");
    let head = parts.next().unwrap().to_owned();
    parts.fold(head, |text, part| text + part.split_once('"').map_or("", |(_, rest)| rest))
}

/// S13: what belongs to others looks on every page as if it were not there, whatever is done to it.
#[rstest]
#[actix_web::test]
async fn s13_the_pages_of_others_are_not_there(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let real = belongings(&app).await;
    let made_up: Vec<_> = real.iter().map(|(name, _)| (*name, RequestId::new().0.to_string())).collect();
    let mut asked = 0;
    for who in ["other_refuge_manager", "other_caseworker", "other_helpline_manager", "colleague"] {
        let visitor = app.visitor(who).await;
        let roles = &app.world.account(who).roles.0;
        for (method, pattern, access) in safehold::gate::access::ROUTES {
            let Some((prefix, name)) = PAGES.iter().find(|(prefix, _)| pattern.starts_with(prefix)) else { continue };
            let theirs = match access {
                safehold::gate::access::Access::Anybody | safehold::gate::access::Access::HalfIn => true,
                safehold::gate::access::Access::Role(action) => action.roles().iter().any(|role| roles.contains(role)),
            };
            // A vacancy is for everybody to find; whose households could take it, is told to each of their own.
            if !theirs || *pattern == "/vacancies/{id}/candidates" {
                continue;
            }
            let pattern = pattern
                .replacen(prefix, &prefix.replace("{id}", name), 1)
                .replace("{step}", "household")
                .replace("{question}", "pets")
                .replace("{format}", "json");
            let mut answers = Vec::new();
            for ids in [&real, &made_up] {
                let path = filled(&pattern, ids);
                let answer = match *method {
                    "GET" => visitor.page(&path).await,
                    _ => visitor.submit(&path, &[("reason", "emergency"), ("version", "1")]).await,
                };
                answers.push((answer.status, bare(&answer, ids)));
            }
            assert!(answers[0] == answers[1], "{who} {method} {pattern}: {:?}\n{:?}", answers[0], answers[1]);
            assert!(!answers[0].0.is_redirection(), "{who} {method} {pattern} did something");
            asked += 1;
        }
    }
    assert!(asked > 60, "only {asked} requests");
}

/// S1, S4: no page that is only looked at says where a home is or who a household is. (Each answer is searched.)
#[rstest]
#[actix_web::test]
async fn s01_s04_no_page_says_where_or_who(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let real = belongings(&app).await;
    let mut looked = 0;
    for who in ["refuge_manager", "caseworker", "helpline_manager", "administrator", "auditor", "commissioner"] {
        let visitor = app.visitor(who).await;
        let roles = &app.world.account(who).roles.0;
        for (method, pattern, access) in safehold::gate::access::ROUTES {
            let theirs = match access {
                safehold::gate::access::Access::Anybody | safehold::gate::access::Access::HalfIn => false,
                safehold::gate::access::Access::Role(action) => action.roles().iter().any(|role| roles.contains(role)),
            };
            if *method != "GET" || !theirs || !safehold::web::is_page(pattern) || pattern.contains("/changes/") {
                continue;
            }
            let prefix = PAGES.iter().find(|(prefix, _)| pattern.starts_with(prefix));
            let pattern = prefix.map_or_else(
                || pattern.replace("{id}", "{colleague}"),
                |(prefix, name)| pattern.replacen(prefix, &prefix.replace("{id}", name), 1),
            );
            let path =
                filled(&pattern.replace("/services/{id}", "/services/{service}").replace("{step}", "areas"), &real);
            let answer = visitor.page(&path).await;
            assert!([200, 204, 404].contains(&answer.status.as_u16()), "{who} {path}: {}", answer.status);
            looked += u32::from(answer.status == 200);
        }
    }
    assert!(looked > 60, "only {looked} pages");
}

/// S1, S4: no list, detail, export or error of the API says where or who, to any role. (Each answer is searched.)
#[rstest]
#[actix_web::test]
async fn s01_s04_no_answer_of_the_api_says_where_or_who(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let real = belongings(&app).await;
    let reference = {
        let case = filled("/api/v1/cases/{case}", &real);
        app.client("caseworker").await.get(&case).await.ok().text_of("reference")
    };
    let (mut looked, mut exports) = (0, 0);
    for who in [
        "refuge_worker",
        "refuge_manager",
        "caseworker",
        "helpline_manager",
        "administrator",
        "auditor",
        "commissioner",
    ] {
        let client = app.client(who).await;
        for (method, pattern, _) in safehold::gate::access::ROUTES {
            let Some(path) = pattern.strip_prefix("/api/v1").filter(|_| *method == "GET") else { continue };
            let prefix = PAGES.iter().find(|(prefix, _)| path.starts_with(prefix.trim_end_matches('/')));
            let path = prefix.map_or_else(
                || path.replace("/organisations/{id}", "/organisations/{organisation}").replace("{id}", "{colleague}"),
                |(prefix, name)| {
                    let prefix = prefix.trim_end_matches('/');
                    path.replacen(prefix, &prefix.replace("{id}", name), 1)
                },
            );
            let path =
                path.replace("{reference}", &reference).replace("{list}", "denial_reason").replace("{format}", "csv");
            let days = if path.contains("/reports/") || path.ends_with("/occupancies") {
                "?from=2026-04-01&to=2026-04-30"
            } else {
                ""
            };
            let answer = client.get(&format!("/api/v1{}{days}", filled(&path, &real))).await;
            assert!(answer.status.as_u16() < 500, "{who} {path}: {}", answer.text);
            looked += u32::from(answer.status == 200);
            exports += u32::from(answer.status == 200 && path.ends_with("csv"));
        }
        let broken = json!({ "identity": { "people": [{ "name": crate::support::secrecy::CANARY_NAME, "age": 7 }] } });
        client.post("/api/v1/cases", broken).await;
    }
    assert!(looked > 100 && exports > 4, "only {looked} answers, {exports} exports");
}
