//! Whatever is asked for in a path or after the question mark.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use rstest::rstest;
use serde_json::json;

use crate::support::{Engine, Postgres, Sqlite, TestApp, new_case};

const LISTS: [(&str, &str); 8] = [
    ("administrator", "/organisations"),
    ("helpline_manager", "/accounts"),
    ("caseworker", "/services"),
    ("refuge_worker", "/units"),
    ("caseworker", "/vacancies"),
    ("caseworker", "/cases"),
    ("caseworker", "/referrals"),
    ("refuge_worker", "/placements"),
];

/// S32
#[rstest]
#[actix_web::test]
async fn s32_a_list_refuses_what_it_does_not_understand(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let nul = BASE64.encode(r#"["\u0000","019c0000-0000-7000-8000-000000000000"]"#);
    let far = BASE64.encode(r#"["+99999-01-01T00:00:00Z","019c0000-0000-7000-8000-000000000000"]"#);
    let long = "x".repeat(501);
    for (name, list) in LISTS {
        let client = app.client(name).await;
        for (query, field) in [
            ("surprise=1", "surprise"),
            ("limit=10&surprise", "surprise"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=-1", "limit"),
            ("limit=ten", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("limit=1&limit=2", "limit"),
            ("limit=%00", "limit"),
            ("cursor=garbage", "cursor"),
            ("cursor=", "cursor"),
            ("cursor=e30", "cursor"),
            ("cursor=%00", "cursor"),
            ("cursor=%FF", "cursor"),
            (&format!("cursor={nul}"), "cursor"),
            (&format!("cursor={far}"), "cursor"),
            (&format!("cursor={long}"), "cursor"),
        ] {
            // A list by names takes any text for a name, also one that looks like an instant.
            if query.ends_with(&far) && ["/organisations", "/accounts", "/units"].contains(&list) {
                continue;
            }
            let answer = client.get(&format!("/api/v1{list}?{query}")).await;
            assert_eq!(answer.problem(), "422 invalid", "{list}?{query} {}", answer.text);
            assert_eq!(answer.pointers(), [format!("query/{field}")], "{list}?{query} {}", answer.text);
        }
    }
}

/// S32
#[rstest]
#[case("caseworker", "/vacancies", &["area=E99999999", "area=Leicester", "area=%00%00%00%00%00%00%00%00%00"], "area")]
#[case("caseworker", "/vacancies", &["bed_spaces=0", "bed_spaces=21", "bed_spaces=two"], "bed_spaces")]
#[case("caseworker", "/vacancies", &["children=-1", "children=16"], "children")]
#[case("caseworker", "/vacancies", &["step_free=maybe", "step_free="], "step_free")]
#[case("caseworker", "/vacancies", &["accommodation_type=hotel"], "accommodation_type")]
#[case("caseworker", "/vacancies", &["available_by=0000-01-01", "available_by=%2B99999-01-01", "available_by=soon"], "available_by")]
#[case("caseworker", "/cases", &["state=lost", "state="], "state")]
#[case("caseworker", "/referrals", &["state=lost"], "state")]
#[case("caseworker", "/referrals", &["direction=sideways"], "direction")]
#[case("caseworker", "/referrals", &["case_id=x"], "case_id")]
#[case("caseworker", "/services", &["own=mine"], "own")]
#[case("refuge_worker", "/units", &["service_id=x"], "service_id")]
#[case("refuge_worker", "/units/{unit}/occupancies", &["to=2026-04-01", "from=x&to=2026-04-01", "from=0000-01-01&to=2026-04-01",
    "from=%2B262142-12-31&to=2026-04-01"], "from")]
#[case("refuge_worker", "/units/{unit}/occupancies", &["from=2026-04-01", "from=2026-04-02&to=2026-04-01",
    "from=2026-04-01&to=2027-05-07", "from=2026-04-01&to=%2B262142-12-31"], "to")]
#[case("refuge_manager", "/reports/denied-access", &["to=2026-04-01", "from=-262143-01-01&to=2026-04-01"], "from")]
#[case("refuge_manager", "/reports/denied-access", &["from=2026-04-02&to=2026-04-01", "from=2026-04-01&to=%2B262142-12-31"], "to")]
#[case("refuge_manager", "/reports/denied-access", &["from=2026-04-01&to=2026-04-01&by=postcode",
    "from=2026-04-01&to=2026-04-01&by=reason,reason", "from=2026-04-01&to=2026-04-01&by=%00"], "by")]
#[case("refuge_manager", "/reports/denied-access.csv", &["from=2026-04-01&to=2026-04-01&as=nobody"], "as")]
#[case("refuge_manager", "/reports/measures", &["from=2026-04-01&to=2026-04-01&as=nobody"], "as")]
#[case("refuge_manager", "/services/{service}/rules", &["version=0", "version=-1", "version=x"], "version")]
#[case("caseworker", "/cases/{case}/matches", &["verdict=perhaps"], "verdict")]
#[case("caseworker", "/cases/{case}/matches", &["limit=0", "limit=201"], "limit")]
#[case("caseworker", "/cases/{case}/matches", &["cursor=garbage", "cursor=IjAxOWMwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCI"], "cursor")]
#[actix_web::test]
async fn a_question_that_makes_no_sense_is_refused_by_name(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] name: &str,
    #[case] path: &str,
    #[case] queries: &[&str],
    #[case] field: &str,
) {
    let app = TestApp::spawn(on);
    let client = app.client(name).await;
    let path = if path.contains("{case}") {
        path.replace("{case}", &client.post("/api/v1/cases", new_case()).await.ok().id())
    } else {
        path.replace("{unit}", &app.world.a1.0.to_string()).replace("{service}", &app.world.refuge.0.to_string())
    };
    for query in queries {
        let answer = client.get(&format!("/api/v1{path}?{query}")).await;
        assert_eq!(answer.problem(), "422 invalid", "{query} {}", answer.text);
        assert_eq!(answer.pointers(), [format!("query/{field}")], "{query} {}", answer.text);
    }
}

/// S32
#[rstest]
#[actix_web::test]
async fn s32_a_cursor_of_another_list_does_no_harm(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    for unit in [app.world.a1, app.world.a2] {
        refuge.post("/api/v1/vacancies", json!({ "unit_id": unit })).await.ok();
        helpline.post("/api/v1/cases", new_case()).await.ok();
    }
    let mut cursors = Vec::new();
    for (name, list) in LISTS {
        let page = app.client(name).await.get(&format!("/api/v1{list}?limit=1")).await.ok();
        cursors.extend(page.json["next"].as_str().map(str::to_owned));
    }
    assert_eq!(cursors.len(), 6);
    for (name, list) in LISTS {
        let client = app.client(name).await;
        for cursor in &cursors {
            let answer = client.get(&format!("/api/v1{list}?cursor={cursor}")).await;
            if !answer.status.is_success() {
                assert_eq!(
                    (answer.problem(), answer.pointers()),
                    ("422 invalid".into(), vec!["query/cursor".into()]),
                    "{list}"
                );
            }
        }
    }
}

/// S32
#[rstest]
#[actix_web::test]
async fn s32_a_name_that_nothing_has_is_not_found(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let client = app.client("caseworker").await;
    let long = format!("/cases/{}", "9".repeat(5000));
    for path in [
        "/cases/1",
        "/cases/x",
        "/cases/%00",
        "/cases/%FF",
        "/cases/019c0000-0000-7000-8000-00000000000",
        long.as_str(),
        "/reference/nothing",
        "/reference/%00",
        "/reference/a%00b",
        "/reference/%FF",
        "/reference/%27%3B%20DROP",
        "/services/x/rules",
        "/cases/019c0000-0000-7000-8000-000000000000/holds",
    ] {
        assert_eq!(client.get(&format!("/api/v1{path}")).await.problem(), "404 not_found", "{path}");
    }
    assert!(!client.get("/api/v1/reference/void_reason").await.ok().items().is_empty());
}
