//! Who gets in where, and what everybody else is told.

use std::fmt::Write;
use std::{env, fs};

use actix_web::http::Method;
use rstest::rstest;
use safehold::domain::permission::Role;
use safehold::gate::access::{Access, ROUTES};
use safehold::ids::RequestId;
use serde_json::json;

use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp, new_case};

/// Somebody of the world for each role.
const PEOPLE: [(Role, &str); 7] = [
    (Role::RefugeWorker, "refuge_worker"),
    (Role::RefugeManager, "refuge_manager"),
    (Role::Caseworker, "caseworker"),
    (Role::HelplineManager, "helpline_manager"),
    (Role::Commissioner, "commissioner"),
    (Role::Administrator, "administrator"),
    (Role::Auditor, "auditor"),
];

/// What no document declares, and yet is no page.
const DOCUMENTS: [&str; 2] = ["/api/openapi.json", "/api/reference/{_:.*}"];

/// Whether it is for people at a browser.
fn is_page(pattern: &str) -> bool {
    safehold::web::is_page(pattern)
}

async fn knock(client: &Client, method: &str, pattern: &str) -> Answer {
    if DOCUMENTS.contains(&pattern) {
        return client.page(&pattern.replace("{_:.*}", "index.html")).await;
    }
    let made_up = RequestId::new().0.to_string();
    let path = pattern.split('/').map(|part| if part.starts_with('{') { &made_up } else { part });
    let path = path.collect::<Vec<_>>().join("/");
    let headers = [("idempotency-key", "once"), ("if-match", "\"1\"")];
    let body = (!["GET", "DELETE"].contains(&method)).then(|| json!({}));
    client.request(method.parse::<Method>().unwrap(), &path, &headers, body).await
}

/// Who is let in, in words, if it is those who should be.
fn expected(access: Access, let_in: &[&str], route: &str) -> String {
    let expected: Vec<_> = match access {
        Access::Anybody | Access::HalfIn => PEOPLE.iter().map(|(role, _)| role.as_str()).collect(),
        Access::Role(action) => {
            PEOPLE.iter().filter(|(role, _)| action.roles().contains(role)).map(|(role, _)| role.as_str()).collect()
        }
    };
    assert_eq!(let_in, expected, "{route}");
    match access {
        Access::Anybody => "anybody".to_owned(),
        Access::HalfIn => "any role, with or without the second factor".to_owned(),
        Access::Role(_) if let_in.len() == PEOPLE.len() => "any role".to_owned(),
        Access::Role(_) => let_in.join(", "),
    }
}

/// S12, S13
#[rstest]
#[actix_web::test]
async fn s12_s13_each_role_gets_in_where_it_belongs_and_nowhere_else(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let stranger = app.stranger().await;
    let mut clients = Vec::new();
    for (role, name) in PEOPLE {
        clients.push((role, name, app.client(name).await));
    }
    assert_eq!(clients.len(), Role::ALL.len());

    let mut matrix = String::new();
    for (method, pattern, access) in ROUTES.iter().filter(|(_, pattern, _)| !is_page(pattern)) {
        let route = format!("{method} {pattern}");
        let outside = knock(&stranger, method, pattern).await;
        if *access == Access::Anybody {
            assert!(![401, 403].contains(&outside.status.as_u16()), "{route} refuses a stranger: {}", outside.text);
        } else {
            assert_eq!(outside.problem(), "401 unauthenticated", "{route}");
        }
        let mut let_in = Vec::new();
        for (role, name, client) in &mut clients {
            let answer = knock(client, method, pattern).await;
            match answer.status.as_u16() {
                401 => panic!("{route} does not know {name}: {}", answer.text),
                403 => assert_eq!(answer.problem(), "403 forbidden", "{route}"),
                _ => let_in.push(role.as_str()),
            }
            if (*method, *pattern) == ("DELETE", "/api/v1/sessions/current") {
                *client = app.client(name).await;
            }
        }
        writeln!(matrix, "{route}: {}", expected(*access, &let_in, &route)).unwrap();
    }
    compare("tests/suite/access.txt", &matrix);
}

/// S12, S13: the same for the pages.
#[rstest]
#[actix_web::test]
async fn s12_s13_each_role_sees_the_pages_that_are_for_it_and_no_others(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let stranger = app.stranger().await;
    let mut visitors = Vec::new();
    for (role, name) in PEOPLE {
        let visitor = app.visitor(name).await;
        let proof = visitor.proof().await;
        visitors.push((role, name, visitor, proof));
    }
    let mut matrix = String::new();
    for (method, pattern, access) in ROUTES.iter().filter(|(_, pattern, _)| is_page(pattern)) {
        let route = format!("{method} {pattern}");
        let made_up = RequestId::new().0.to_string();
        let path = pattern.split('/').map(|part| if part.starts_with('{') { &made_up } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        let outside = match *method {
            "GET" => stranger.page(&path).await,
            _ => stranger.submit(&path, &[]).await,
        };
        let refused = match outside.status.as_u16() {
            401 => true,
            303 => outside.header("location").starts_with("/sign-in?back="),
            _ => false,
        };
        assert_eq!(refused, *access != Access::Anybody, "{route}: {} {}", outside.status, outside.text);
        let mut let_in = Vec::new();
        for (role, name, visitor, proof) in &mut visitors {
            let answer = match *method {
                "GET" => visitor.page(&path).await,
                _ => visitor.submit_with(&path, &[("csrf", proof)], &[]).await,
            };
            assert!(!answer.status.is_server_error(), "{route} for {name}: {}", answer.text);
            if answer.status != 403 {
                let_in.push(role.as_str());
            }
            if ["/sign-out", "/away"].contains(pattern) {
                *visitor = app.visitor(name).await;
                *proof = visitor.proof().await;
            }
        }
        writeln!(matrix, "{route}: {}", expected(*access, &let_in, &route)).unwrap();
    }
    compare("tests/suite/access_pages.txt", &matrix);
}

/// Whoever changes who may do what, shows it: `RENEW=1` writes the file anew, for the review.
fn compare(file: &str, now: &str) {
    if env::var_os("RENEW").is_some() {
        fs::write(file, now).unwrap();
    }
    let before = fs::read_to_string(file).unwrap_or_default();
    let gone = before.lines().filter(|line| !now.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
    let new = now.lines().filter(|line| !before.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
    let changed: Vec<_> = gone.chain(new).collect();
    assert!(
        before == now,
        "{file} is not what the routes say; if they are right, renew it: RENEW=1 tests/run cargo test --test suite \
         access\n{}",
        changed.join("\n")
    );
}

/// S13
#[rstest]
#[actix_web::test]
async fn s13_a_session_of_nobody_opens_nothing(
    #[values(Sqlite)] on: Engine,
    #[values("", "x", "e30.e30.e30", "eyJhbGciOiJub25lIn0.e30.")] token: &str,
) {
    let app = TestApp::spawn(on);
    let client = app.with_token(Some(token.to_owned())).await;
    for path in ["/api/v1/me", "/api/v1/vacancies", "/api/v1/cases"] {
        assert_eq!(client.get(path).await.problem(), "401 unauthenticated", "{path}");
    }
}

/// S14
#[rstest]
#[actix_web::test]
async fn s14_a_hold_is_found_through_its_own_case_only(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = refuge.post("/api/v1/vacancies", json!({ "unit_id": app.world.a1 })).await.ok().id();
    let mut cases = Vec::new();
    for _ in 0..2 {
        cases.push(helpline.post("/api/v1/cases", new_case()).await.ok().id());
    }
    let held = format!("/api/v1/cases/{}/holds", cases[0]);
    let hold = helpline.post(&held, json!({ "vacancy_id": vacancy })).await.ok().id();
    let elsewhere = format!("/api/v1/cases/{}/holds/{hold}/release", cases[1]);
    assert_eq!(helpline.post(&elsewhere, json!(null)).await.problem(), "404 not_found");
    let colleague = app.client("colleague").await;
    assert_eq!(colleague.post(&format!("{held}/{hold}/release"), json!(null)).await.problem(), "404 not_found");
    helpline.post(&format!("{held}/{hold}/release"), json!(null)).await.ok();
}

/// S14
#[rstest]
#[actix_web::test]
async fn s14_a_void_is_found_through_its_own_unit_only(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let refuge = app.client("refuge_worker").await;
    let voids = |unit: safehold::ids::UnitId| format!("/api/v1/units/{}/voids", unit.0);
    let void = refuge.post(&voids(app.world.a1), json!({ "reason": "cleaning" })).await.ok().id();
    for other in [app.world.a2, app.world.d1] {
        let elsewhere = format!("{}/{void}/end", voids(other));
        assert_eq!(refuge.post(&elsewhere, json!(null)).await.problem(), "404 not_found");
    }
    refuge.post(&format!("{}/{void}/end", voids(app.world.a1)), json!(null)).await.ok();
}

/// S14
#[rstest]
#[case("caseworker", "POST", "/api/v1/cases", &["owner_id", "organisation_id", "organisation", "roles", "state", "id"])]
#[case("caseworker", "PATCH", "/api/v1/cases/{case}", &["owner_id", "organisation_id", "state", "version"])]
#[case("caseworker", "POST", "/api/v1/cases/{case}/holds", &["case_id", "organisation_id", "ends_at"])]
#[case("caseworker", "POST", "/api/v1/cases/{case}/referrals", &["case_id", "sent_by", "state"])]
#[case("refuge_manager", "POST", "/api/v1/services", &["organisation_id", "owner_id", "version"])]
#[case("refuge_manager", "PATCH", "/api/v1/services/{service}", &["organisation_id", "rules_version"])]
#[case("refuge_manager", "PATCH", "/api/v1/units/{unit}", &["service_id", "organisation_id", "address"])]
#[case("refuge_manager", "POST", "/api/v1/vacancies", &["organisation_id", "service_id", "confirmed_at"])]
#[case("refuge_manager", "POST", "/api/v1/accounts", &["organisation_id", "active", "stamp", "password_hash"])]
#[case("refuge_manager", "PATCH", "/api/v1/accounts/{account}", &["organisation_id", "organisation", "email", "password"])]
#[case("caseworker", "PUT", "/api/v1/me/password", &["account_id", "roles"])]
#[case("administrator", "POST", "/api/v1/organisations", &["id", "active", "created_at"])]
#[actix_web::test]
async fn s14_nobody_says_whose_a_thing_is(
    #[values(Sqlite)] on: Engine,
    #[case] name: &str,
    #[case] method: &str,
    #[case] pattern: &str,
    #[case] fields: &[&str],
) {
    let app = TestApp::spawn(on);
    let client = app.client(name).await;
    let path = if pattern.contains("{case}") {
        pattern.replace("{case}", &client.post("/api/v1/cases", new_case()).await.ok().id())
    } else {
        let account = app.world.account("refuge_worker").id.0.to_string();
        let pattern = pattern.replace("{service}", &app.world.refuge.0.to_string()).replace("{account}", &account);
        pattern.replace("{unit}", &app.world.a1.0.to_string())
    };
    for field in fields {
        let headers = [("idempotency-key", "once"), ("if-match", "\"1\"")];
        let body = json!({ *field: "019c0000-0000-7000-8000-000000000000" });
        let answer = client.request(method.parse().unwrap(), &path, &headers, Some(body)).await;
        assert_eq!(answer.problem(), "422 invalid", "{field}: {}", answer.text);
        assert_eq!(answer.pointers(), [format!("body/{field}")], "{}", answer.text);
    }
}

#[rstest]
#[actix_web::test]
async fn an_unknown_path_and_a_wrong_method_are_problems(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    for client in [app.stranger().await, app.client("caseworker").await] {
        for path in ["/api/nowhere", "/api/v1", "/api/v2/cases", "/api/v1/cases/x/y/z", "/api/v1/%63ases/../me/x"] {
            let answer = client.get(path).await;
            assert_eq!(
                (answer.problem().as_str(), answer.header("content-type")),
                ("404 not_found", "application/problem+json")
            );
            assert!(answer.text_of("instance").starts_with("urn:uuid:"));
        }
        for (method, path, allow) in [
            (Method::DELETE, "/api/v1/cases", "GET, POST"),
            (Method::POST, "/api/v1/me", "GET"),
            (Method::PUT, "/api/v1/vacancies/confirm", "POST"),
            (Method::GET, "/api/v1/sessions", "POST"),
            (Method::PATCH, "/healthz", "GET"),
        ] {
            let answer = client.request(method, path, &[], None).await;
            assert_eq!(
                (answer.problem().as_str(), answer.header("allow")),
                ("405 method_not_allowed", allow),
                "{path}"
            );
        }
    }
}

/// S27
#[rstest]
#[actix_web::test]
async fn s27_every_answer_carries_the_security_headers(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let (stranger, worker) = (app.stranger().await, app.client("caseworker").await);
    let answers = [
        worker.get("/api/v1/vacancies").await,
        stranger.get("/healthz").await,
        worker.get("/api/v1/nowhere").await,
        stranger.get("/api/v1/vacancies").await,
        worker.get("/api/v1/accounts").await,
        worker.get("/api/v1/vacancies?limit=0").await,
        worker.request(Method::DELETE, "/api/v1/vacancies", &[], None).await,
        stranger.page("/").await,
        stranger.page("/sign-in").await,
        stranger.page("/nowhere").await,
        stranger.page("/api/openapi.json").await,
        stranger.page("/api/reference/index.html").await,
        stranger.page("/api/reference/swagger-ui-bundle.js").await,
        stranger.page("/api/reference/nothing.js").await,
    ];
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [200, 200, 404, 401, 403, 422, 405, 303, 200, 404, 200, 200, 200, 404]);
    for answer in answers {
        let policy = answer.header("content-security-policy");
        for directive in ["default-src '", "frame-ancestors 'none'", "base-uri 'none'", "form-action '"] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert!(!policy.contains("http") && !policy.contains('*') && !policy.contains("unsafe-eval"), "{policy}");
        assert!(!policy.split(';').any(|part| part.contains("script") && part.contains("unsafe")), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert!(answer.header("permissions-policy").contains("geolocation=()"));
    }
}

/// S27
#[rstest]
#[actix_web::test]
async fn s27_the_api_reference_loads_nothing_from_anywhere_else(#[values(Sqlite)] on: Engine) {
    let client = TestApp::spawn(on).stranger().await;
    let page = client.page("/api/reference/").await.ok();
    let quoted = page.text.split("src=\"").skip(1).chain(page.text.split("href=\"").skip(1));
    let assets: Vec<_> = quoted.map(|rest| rest.split('"').next().unwrap().trim_start_matches("./")).collect();
    assert!(assets.iter().any(|asset| asset.ends_with("swagger-ui-bundle.js")), "{assets:?}");
    let initializer = assets.iter().find(|asset| asset.contains("initializer")).unwrap();
    for asset in &assets {
        assert!(!asset.contains("//") && !asset.starts_with("data:"), "{asset}");
        assert!(!client.page(&format!("/api/reference/{asset}")).await.ok().text.is_empty(), "{asset}");
    }
    let script = client.page(&format!("/api/reference/{initializer}")).await.ok();
    for text in [&page.text, &script.text] {
        assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    }
    for said in ["/api/openapi.json", "\"validatorUrl\": \"none\""] {
        assert!(script.text.contains(said), "{}", script.text);
    }
}
