//! Values that a field cannot have.

use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use crate::requests::{Sound, rows, sound_requests};
use crate::support::{Engine, Postgres, Sqlite, TestApp, mother_and_daughter, new_case};

/// S32
#[rstest]
#[case("POST", "/organisations", "/name", &[json!(""), json!("x".repeat(121)), json!("é".repeat(121))])]
#[case("POST", "/organisations", "/kinds", &[json!([]), json!(vec!["provider"; 5])])]
#[case("POST", "/organisations", "/kinds/0", &[json!("charity"), json!(1), json!(null)])]
#[case("POST", "/accounts", "/email", &[json!("x"), json!("nobody"), json!("a b@example.org"), json!("x@".repeat(200))])]
#[case("POST", "/accounts", "/roles", &[json!([]), json!("caseworker")])]
#[case("POST", "/accounts", "/organisation", &[json!("x"), json!(7)])]
#[case("POST", "/services", "/accommodation_type", &[json!("bed_and_breakfast"), json!("")])]
#[case("POST", "/services", "/name_confidential", &[json!("yes"), json!(null)])]
#[case("POST", "/services/{id}/units", "/facts/bed_spaces",
    &[json!(0), json!(-1), json!(21), json!(1.5), json!("3"), json!(99_999_999_999_i64)])]
#[case("POST", "/services/{id}/units", "/online_from",
    &[json!("0000-01-01"), json!("+99999-01-01"), json!("-0001-01-01"), json!("2026-02-30"), json!("1 May")])]
#[case("PATCH", "/units/{id}", "/online_until", &[json!("0000-01-01"), json!("+99999-01-01"), json!(20_260_401)])]
#[case("PUT", "/units/{id}/address", "/lines", &[json!([]), json!(vec!["a"; 7])])]
#[case("PUT", "/units/{id}/address", "/lines/0", &[json!(""), json!("x".repeat(121))])]
#[case("PUT", "/units/{id}/address", "/postcode", &[json!("LE1"), json!("LE1 1AAAA")])]
#[case("POST", "/units/{id}/address-disclosures", "/reason", &[json!("curiosity"), json!("x".repeat(61)), json!("")])]
#[case("POST", "/units/{id}/voids", "/reason", &[json!("a rat"), json!("")])]
#[case("POST", "/units/{id}/voids", "/starts_at",
    &[json!("0000-01-01T00:00:00Z"), json!("+99999-01-01T00:00:00Z"), json!("2026-04-01"), json!(0)])]
#[case("POST", "/units/{id}/voids", "/ends_at", &[json!("+99999-01-01T00:00:00Z"), json!("2026-04-01T08:00:00Z")])]
#[case("POST", "/vacancies", "/unit_id", &[json!("x"), json!(""), json!(null)])]
#[case("PATCH", "/vacancies/{id}", "/available_from",
    &[json!("2026-03-31"), json!("+99999-01-01"), json!("0000-01-01"), json!(null)])]
#[case("POST", "/cases", "/referral_source", &[json!("pigeon"), json!(""), json!(null)])]
#[case("POST", "/cases", "/origin_area", &[json!("E99999999"), json!("E0700013"), json!("Leicester")])]
#[case("POST", "/cases", "/needs/members/1/age", &[json!(121), json!(-1), json!(300), json!("six")])]
#[case("POST", "/cases", "/needs/members/0/role", &[json!("friend"), json!(null)])]
#[case("POST", "/cases", "/needs/pets/0", &[json!({ "kind": "cat", "number": 0 }), json!({ "kind": "", "number": 1 })])]
#[case("POST", "/cases", "/needs/wanted_areas/0", &[json!("E07"), json!("E99999999")])]
#[case("POST", "/cases", "/needs/interpreter_language", &[json!("x".repeat(61))])]
#[case("POST", "/cases", "/needs/risk_to_others/0", &[json!({ "kind": "arson", "years_ago": 81 }), json!({ "kind": null })])]
#[case("POST", "/cases", "/needs/too_far/0", &[json!("E07"), json!("E99999999")])]
#[case("POST", "/cases", "/needs/can_travel_to/0", &[json!("E10"), json!("E07000130")])]
#[case("POST", "/cases", "/needs/wanted_types", &[json!(vec!["refuge"; 8]), json!(["hotel"])])]
#[case("POST", "/cases", "/needs/school_area", &[json!("E07"), json!("E99999999"), json!("")])]
#[case("POST", "/cases", "/needs/work_area", &[json!("E07"), json!("E99999999"), json!("")])]
#[case("POST", "/cases", "/needs/stay_needed", &[json!("forever"), json!(14)])]
#[case("POST", "/cases", "/identity/people", &[json!([])])]
#[case("POST", "/cases", "/identity/people/0/name", &[json!(""), json!("x".repeat(121))])]
#[case("POST", "/cases", "/identity/people/0/date_of_birth",
    &[json!("0000-01-01"), json!("+99999-01-01"), json!("1991-13-01")])]
#[case("PATCH", "/cases/{id}", "/needs/members",
    &[json!([{ "role": "child", "age": 121 }]), json!(vec![json!({ "role": "child" }); 21])])]
#[case("PATCH", "/cases/{id}", "/needs/wanted_areas", &[json!(["E07"]), json!("E07000130")])]
#[case("PATCH", "/cases/{id}", "/needs/risk/dash_score", &[json!(25), json!(-1)])]
#[case("PATCH", "/cases/{id}", "/needs/marigold", &[json!(null), json!(true)])]
#[case("POST", "/cases/{id}/referrals", "/note", &[json!(""), json!("x".repeat(2001))])]
#[case("POST", "/cases", "/identity/safe_contact/safe_hours", &[json!([]), json!([{ "days": [], "from": "09:00", "until": "12:00" }])])]
#[case("POST", "/cases", "/needs/interpreter_language", &[json!("Arabic, ring 07700 900417")])]
#[case("POST", "/cases/{id}/contact-disclosures", "/reason", &[json!("curiosity"), json!("")])]
#[case("POST", "/cases/{id}/contact-disclosures", "/outside_hours_note", &[json!(""), json!("x".repeat(501))])]
#[case("POST", "/cases/{id}/journey-codes", "/days", &[json!(0), json!(91), json!(-1), json!("7")])]
#[case("POST", "/cases/{id}/journey-codes", "/share", &[json!([]), json!(["name"]), json!(vec!["risk"; 9])])]
#[case("POST", "/cases/{id}/journey-codes", "/consent/how", &[json!("assumed"), json!(null)])]
#[case("POST", "/journeys/open", "/code", &[json!(""), json!("x".repeat(41))])]
#[case("POST", "/journeys/open", "/reason", &[json!("curiosity"), json!("")])]
#[case("POST", "/cases/{id}/notes", "/visibility", &[json!("everybody"), json!("referrer"), json!(null)])]
#[case("POST", "/cases/{id}/notes", "/kind", &[json!("gossip"), json!(null)])]
#[case("POST", "/cases/{id}/notes", "/text", &[json!(""), json!("x".repeat(4001))])]
#[case("POST", "/cases/{id}/notes", "/happened_at", &[json!("2026-04-01T09:00:01Z"), json!("0000-01-01T00:00:00Z")])]
#[case("POST", "/cases/{id}/notes", "/reached", &[json!(null), json!("yes")])]
#[case("POST", "/cases/{id}/risk-assessments", "/score", &[json!(25), json!(-1), json!("14")])]
#[case("POST", "/cases/{id}/risk-assessments", "/answers", &[json!([]), json!(vec!["yes"; 23]), json!(vec!["yes"; 25])])]
#[case("POST", "/cases/{id}/risk-assessments", "/assessed_on", &[json!("2026-04-02"), json!("0000-01-01")])]
#[case("POST", "/cases/{id}/risk-assessments", "/next_review_on", &[json!("2026-04-01"), json!("+99999-01-01")])]
#[case("POST", "/cases/{id}/risk-assessments", "/judgement/reason", &[json!("a feeling"), json!("")])]
#[case("POST", "/cases/{id}/risk-assessments", "/judgement/band", &[json!("high"), json!("low"), json!(null)])]
#[case("POST", "/cases/{id}/risk-incidents", "/happened_on", &[json!("2026-04-02"), json!("0000-01-01")])]
#[case("POST", "/cases/{id}/risk-incidents", "/abuse_types", &[json!([]), json!(["noise"]), json!(["stalking", "stalking"])])]
#[case("POST", "/cases/{id}/marac-referrals", "/referred_on", &[json!("2026-04-02"), json!("0000-01-01")])]
#[case("POST", "/cases/{id}/marac-referrals", "/reason", &[json!("because"), json!(null)])]
#[case("POST", "/cases/{id}/safety-plan/actions", "/due_on", &[json!("2026-03-31"), json!("+99999-01-01")])]
#[case("POST", "/cases/{id}/safety-plan/actions", "/doer", &[json!("nobody"), json!(null)])]
#[case("POST", "/cases/{id}/safety-plan/reviews", "/next_review_on", &[json!("2026-04-01"), json!("+99999-01-01")])]
#[case("POST", "/cases/{id}/holds", "/vacancy_id", &[json!("x"), json!(null)])]
#[case("POST", "/cases/{id}/close", "/outcome", &[json!("lost"), json!(null)])]
#[case("POST", "/referrals/{id}/accept", "/expected_on", &[json!("2026-03-31"), json!("+99999-01-01"), json!("0000-01-01")])]
#[case("POST", "/referrals/{id}/accept", "/expected_end", &[json!("+99999-01-01"), json!("0000-01-01")])]
#[case("POST", "/referrals/{id}/decline", "/primary_reason", &[json!("other"), json!(""), json!("x".repeat(61))])]
#[case("POST", "/referrals/{id}/decline", "/secondary_reasons",
    &[json!(["other"]), json!(["no_pets", "no_pets"]), json!(vec!["no_pets"; 11])])]
#[case("POST", "/placements/{id}/arrive", "/arrived_at",
    &[json!("2026-04-01T09:00:01Z"), json!("0000-01-01T00:00:00Z"), json!("+99999-01-01T00:00:00Z")])]
#[case("POST", "/placements/{id}/extend", "/expected_end", &[json!("0000-01-01"), json!("+99999-01-01")])]
#[case("POST", "/placements/{id}/depart", "/destination", &[json!("the moon"), json!("")])]
#[actix_web::test]
async fn a_value_out_of_range_is_refused_where_it_stands(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] method: &str,
    #[case] pattern: &str,
    #[case] pointer: &str,
    #[case] values: &[Value],
) {
    let app = TestApp::spawn(on);
    let mut requests = Box::pin(sound_requests(&app)).await;
    match pattern.rsplit('/').next().unwrap() {
        "accept" | "decline" => undecide(&app, &mut requests).await,
        "depart" => arrive(&app, &requests).await,
        _ => {}
    }
    let pattern = format!("/api/v1{pattern}");
    let sound = requests.iter().find(|sound| sound.method == method && sound.pattern == pattern).unwrap();
    let client = app.client(sound.who).await;
    let before = rows(&app);
    for value in values {
        let mut body = sound.body.clone();
        set(&mut body, pointer, value.clone());
        let answer = sound.send(&client, &sound.headers, body.to_string().as_bytes()).await;
        assert_eq!(answer.problem(), "422 invalid", "{value}: {}", answer.text);
        let wanted = format!("body{pointer}");
        assert!(answer.pointers().iter().all(|found| found.starts_with(&wanted)), "{value}: {}", answer.text);
    }
    assert_eq!(rows(&app), before, "nothing is stored");
}

/// Lets the requests about a referral be about one that nobody has decided.
async fn undecide(app: &TestApp, requests: &mut [Sound]) {
    let helpline = app.client("caseworker").await;
    let case = helpline.post("/api/v1/cases", new_case()).await.ok().id();
    let sent = json!({ "service_id": app.world.refuge });
    let referral = helpline.post(&format!("/api/v1/cases/{case}/referrals"), sent).await.ok().id();
    for sound in requests.iter_mut().filter(|sound| sound.pattern.starts_with("/api/v1/referrals/")) {
        sound.path = sound.pattern.replace("{id}", &referral);
        if sound.pattern.ends_with("/accept") {
            sound.body = json!({ "unit_id": app.world.a2 });
        }
    }
}

/// Lets the household arrive that the requests are about.
async fn arrive(app: &TestApp, requests: &[Sound]) {
    let arrival = requests.iter().find(|sound| sound.pattern.ends_with("/arrive")).unwrap();
    app.client(arrival.who).await.post(&arrival.path, json!({})).await.ok();
    app.clock.advance(TimeDelta::minutes(1));
}

/// Puts a value where the pointer says, and makes room for it.
fn set(body: &mut Value, pointer: &str, value: Value) {
    let mut place = body;
    for part in pointer.split('/').skip(1) {
        place = match part.parse::<usize>() {
            Err(_) => &mut place[part],
            Ok(index) => {
                if !place.is_array() {
                    *place = json!([]);
                }
                let items = place.as_array_mut().unwrap();
                items.resize(items.len().max(index + 1), Value::Null);
                &mut items[index]
            }
        };
    }
    *place = value;
}

#[test]
fn a_value_is_put_where_the_pointer_says() {
    let mut needs = mother_and_daughter();
    set(&mut needs, "/members/1/age", json!(7));
    set(&mut needs, "/wanted_areas/0", json!("E07000130"));
    assert_eq!((&needs["members"][1]["age"], &needs["wanted_areas"]), (&json!(7), &json!(["E07000130"])));
}
