//! The second factor: nobody gets in with a password alone.

use actix_web::http::Method;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::auth::totp::Secret;
use safehold::auth::{Actor, Session};
use safehold::domain::second_factor::SecondFactor;
use safehold::error::AppError;
use safehold::gate::access::{Access, ROUTES};
use safehold::ids::{RequestId, SessionId};
use safehold::web::is_page;
use serde_json::{Value, json};

use crate::requests::rows;
use crate::steps::audited;
use crate::support::world::PASSWORD;
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

const GIVE: &str = "/api/v1/sessions/current/second-factor";
const ENROL: &str = "/api/v1/me/second-factor";
const CONFIRM: &str = "/api/v1/me/second-factor/confirm";

/// A phone with its secret, and the codes for the day when it is lost.
struct Phone {
    secret: Secret,
    recovery_codes: Vec<String>,
}

impl Phone {
    fn code(&self, app: &TestApp) -> Value {
        json!({ "code": self.secret.code_at(app.clock.now()).unwrap() })
    }
}

async fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.request(Method::POST, path, &[], Some(body).filter(|body| !body.is_null())).await
}

/// Sets a phone up for somebody who has none; gives back her finished session too. The clock moves on, so that the code
/// of the set-up is behind her.
async fn enrolled(app: &TestApp, name: &str) -> (Phone, Client) {
    let client = app.half_in(name).await;
    let made = post(&client, ENROL, json!(null)).await.ok();
    let secret = Secret::read(&made.text_of("secret")).unwrap();
    let mut phone = Phone { secret, recovery_codes: Vec::new() };
    let answer = post(&client, CONFIRM, phone.code(app)).await.ok();
    let codes = answer.json["recovery_codes"].as_array().unwrap().iter();
    phone.recovery_codes = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
    app.clock.advance(TimeDelta::minutes(1));
    let token = answer.json["session"]["access_token"].as_str().unwrap().to_owned();
    (phone, app.with_token(Some(token)).await)
}

/// S23: the password opens nothing but the way to the second factor; then everything is open.
#[rstest]
#[actix_web::test]
async fn s23_a_password_alone_opens_nothing(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let stranger = app.stranger().await;
    let credentials = json!({ "email": "caseworker@example.org", "password": PASSWORD });
    let begun = post(&stranger, "/api/v1/sessions", credentials.clone()).await.ok();
    assert_eq!(begun.json["second_factor"], "to_enrol");
    let client = app.with_token(Some(begun.text_of("access_token"))).await;
    assert_eq!(client.get("/api/v1/cases").await.problem(), "403 second_factor_required");
    assert_eq!(client.get("/api/v1/me").await.ok().json["second_factor"], json!(false));
    assert_eq!(audited(&app, "session.signed_in"), 0);
    assert_eq!(app.notices("new_sign_in").len(), 0);

    let made = post(&client, ENROL, json!(null)).await.ok();
    let secret = Secret::read(&made.text_of("secret")).unwrap();
    assert!(made.text_of("otpauth_url").starts_with("otpauth://totp/Safehold:caseworker%40example.org?secret="));
    assert_eq!(post(&client, CONFIRM, json!({ "code": "000000" })).await.problem(), "401 wrong_code");
    let code = json!({ "code": secret.code_at(app.clock.now()).unwrap() });
    let answer = post(&client, CONFIRM, code).await.ok();
    assert_eq!(answer.json["session"]["second_factor"], "given");
    assert_eq!(answer.json["recovery_codes"].as_array().unwrap().len(), 10);
    let finished = app.with_token(answer.json["session"]["access_token"].as_str().map(str::to_owned)).await;
    finished.get("/api/v1/cases").await.ok();
    assert_eq!(finished.get("/api/v1/me").await.ok().json["second_factor"], json!(true));
    // What came from the password alone stays as little as it was.
    assert_eq!(client.get("/api/v1/cases").await.problem(), "403 second_factor_required");
    let renewal = json!({ "refresh_token": begun.text_of("refresh_token") });
    assert_eq!(post(&client, "/api/v1/sessions/refresh", renewal).await.problem(), "401 unauthenticated");
    assert_eq!((audited(&app, "session.begun"), audited(&app, "session.signed_in")), (1, 1));
    assert_eq!(app.notices("new_sign_in").len(), 1);

    // The next time, the phone is asked for.
    app.clock.advance(TimeDelta::minutes(1));
    let begun = post(&stranger, "/api/v1/sessions", credentials).await.ok();
    assert_eq!(begun.json["second_factor"], "to_give");
    let client = app.with_token(Some(begun.text_of("access_token"))).await;
    assert_eq!(client.get("/api/v1/cases").await.problem(), "403 second_factor_required");
    let code = json!({ "code": secret.code_at(app.clock.now()).unwrap() });
    let given = post(&client, GIVE, code).await.ok();
    assert_eq!(given.json["second_factor"], "given");
    let client = app.with_token(Some(given.text_of("access_token"))).await;
    client.get("/api/v1/cases").await.ok();
    assert_eq!(post(&client, GIVE, json!({ "code": "000000" })).await.problem(), "409 no_code_needed");
    let refreshed =
        post(&client, "/api/v1/sessions/refresh", json!({ "refresh_token": given.text_of("refresh_token") }));
    assert_eq!(refreshed.await.ok().json["second_factor"], "given");
}

/// S23: an unfinished session tries every route there is, and gets nowhere.
#[rstest]
#[actix_web::test]
async fn s23_an_unfinished_session_gets_nowhere(
    #[values(Sqlite, Postgres)] on: Engine,
    #[values(SecondFactor::ToEnrol, SecondFactor::ToGive)] state: SecondFactor,
) {
    let app = TestApp::spawn(on);
    let mut clients = Vec::new();
    for name in ["administrator", "auditor", "commissioner", "refuge_manager", "helpline_manager"] {
        if state == SecondFactor::ToGive {
            enrolled(&app, name).await;
        }
        let visitor = app.half_in_visitor(name).await;
        let proof = visitor.proof().await;
        clients.push((app.half_in(name).await, visitor, proof));
    }
    let step = if state == SecondFactor::ToEnrol { "/account/second-factor" } else { "/sign-in/second-factor" };
    let without = |app: &TestApp| -> Vec<_> {
        rows(app).into_iter().filter(|(table, _)| *table != "audit_event").collect() // the refusals
    };
    let (before, mut tried) = (without(&app), 0);
    for (method, pattern, access) in ROUTES {
        if !matches!(access, Access::Role(_)) {
            continue;
        }
        let made_up = RequestId::new().0.to_string();
        let path = pattern.split('/').map(|part| if part.starts_with('{') { &made_up } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        for (client, visitor, proof) in &clients {
            if is_page(pattern) {
                let answer = match *method {
                    "GET" => visitor.page(&path).await,
                    _ => visitor.submit_with(&path, &[("csrf", proof)], &[]).await,
                };
                assert_eq!((answer.status.as_u16(), answer.header("location")), (303, step), "{method} {path}");
            } else {
                let headers = [("idempotency-key", "once"), ("if-match", "\"1\"")];
                let body = (!["GET", "DELETE"].contains(method)).then(|| json!({}));
                let answer = client.request(method.parse().unwrap(), &path, &headers, body).await;
                assert_eq!(answer.problem(), "403 second_factor_required", "{method} {path}");
            }
            tried += 1;
        }
    }
    assert!(tried > 700, "only {tried}");
    assert_eq!(without(&app), before, "nothing is stored");
    assert!(audited(&app, "refused.second_factor_required") > 700);
    for (_, visitor, _) in &clients {
        assert_eq!(visitor.page("/").await.header("location"), step);
        assert!(!visitor.page(step).await.ok().text.contains("Menu"), "there is no menu");
    }
}

/// S23: what the gate let through by mistake, the doors of the database would not.
#[rstest]
#[actix_web::test]
async fn s23_the_doors_of_the_database_ask_too(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let half = app.half_in("caseworker").await;
    let session: SessionId =
        app.audit().iter().rfind(|event| event.action == "session.begun").map(|event| SessionId(event.object)).unwrap();
    half.get("/api/v1/me").await.ok();
    for completing in [false, true] {
        let session = Session {
            id: session,
            stamp: 1,
            auth_time: 0,
            second_factor: SecondFactor::Given,
            completing,
            at: app.clock.now(),
        };
        let actor = Actor { session: Some(session), ..app.actor("caseworker") };
        let read = app.db.read(&actor, |_| Ok(())).await;
        let wrote = app.db.write(&actor, safehold::actions::sessions::end_others).await;
        assert_eq!(matches!(read, Err(AppError::SecondFactorRequired)), !completing, "{read:?}");
        assert_eq!(matches!(wrote, Err(AppError::SecondFactorRequired)), !completing, "{wrote:?}");
    }
}

/// S23: a code is good once, from either of two sessions, and so is each recovery code.
#[rstest]
#[actix_web::test]
async fn s23_a_code_is_used_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (phone, _) = enrolled(&app, "caseworker").await;
    let recovery = json!({ "code": phone.recovery_codes[3].to_lowercase().replace('-', " ") });
    for code in [phone.code(&app), recovery] {
        let (first, second) = (app.half_in("caseworker").await, app.half_in("caseworker").await);
        post(&first, GIVE, code.clone()).await.ok();
        assert_eq!(post(&second, GIVE, code.clone()).await.problem(), "401 wrong_code");
    }
    // Nor is the code that set the phone up, or one from before the last.
    let late = json!({ "code": phone.secret.code_at(app.clock.now() - TimeDelta::seconds(30)).unwrap() });
    assert_eq!(post(&app.half_in("caseworker").await, GIVE, late).await.problem(), "401 wrong_code");
    // Another's codes are of no use.
    let (other, _) = enrolled(&app, "colleague").await;
    let colleagues = json!({ "code": other.recovery_codes[0] });
    assert_eq!(post(&app.half_in("caseworker").await, GIVE, colleagues).await.problem(), "401 wrong_code");
    assert_eq!(audited(&app, "session.second_factor_failed"), 4);
}

/// S23: twelve at once with one code: one gets in.
#[rstest]
#[actix_web::test]
async fn s23_a_code_sent_many_times_at_once_is_taken_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (phone, _) = enrolled(&app, "caseworker").await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(app.half_in("caseworker").await);
    }
    let code = phone.code(&app);
    let answers = futures_util::future::join_all(clients.iter().map(|client| post(client, GIVE, code.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
}

/// S23, S24: guessing waits; somewhere that she is known, its owner gets in meanwhile.
#[rstest]
#[actix_web::test]
async fn s23_s24_guessing_codes_is_slowed(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).behind_proxy();
    let (phone, _) = enrolled(&app, "caseworker").await;
    let from = async |address: &str, code: Value| {
        let client = app.half_in("caseworker").await;
        client.request(Method::POST, GIVE, &[("x-forwarded-for", address)], Some(code)).await
    };
    from("198.51.100.1", phone.code(&app)).await.ok();
    app.clock.advance(TimeDelta::minutes(1));
    for n in 0..5 {
        assert_eq!(from("198.51.100.7", json!({ "code": format!("00000{n}") })).await.problem(), "401 wrong_code");
    }
    let sixth = from("198.51.100.7", phone.code(&app)).await;
    assert_eq!((sixth.problem().as_str(), sixth.header("retry-after")), ("429 throttled", "900"));
    for n in 0..5 {
        assert_eq!(from("198.51.100.8", json!({ "code": format!("00000{n}") })).await.problem(), "401 wrong_code");
    }
    assert_eq!(from("198.51.100.9", phone.code(&app)).await.problem(), "429 throttled");
    from("198.51.100.1", phone.code(&app)).await.ok();
    app.clock.advance(TimeDelta::minutes(16));
    from("198.51.100.7", phone.code(&app)).await.ok();
}

/// S23: who knows the password alone does not set another phone up.
#[rstest]
#[actix_web::test]
async fn s23_a_password_alone_does_not_replace_a_phone(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let thief = app.half_in("caseworker").await; // before there was a phone
    let (phone, owner) = enrolled(&app, "caseworker").await;
    assert_eq!(post(&thief, ENROL, json!(null)).await.problem(), "401 unauthenticated", "it ended with the set-up");
    let thief = app.half_in("caseworker").await;
    assert_eq!(post(&thief, ENROL, json!(null)).await.problem(), "403 second_factor_required");
    assert_eq!(post(&thief, CONFIRM, phone.code(&app)).await.problem(), "403 second_factor_required");
    assert_eq!(post(&thief, "/api/v1/me/recovery-codes", json!(null)).await.problem(), "403 second_factor_required");

    // Its owner does, soon after giving the password and a code; until the new one shows its first, the old one counts.
    app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(post(&owner, ENROL, json!(null)).await.problem(), "401 reauthenticate");
    let again = async |code: Value| {
        let body = json!({ "password": PASSWORD, "code": code });
        post(&owner, "/api/v1/sessions/current/confirmations", body).await
    };
    let without = post(&owner, "/api/v1/sessions/current/confirmations", json!({ "password": PASSWORD })).await;
    assert_eq!((without.problem().as_str(), without.pointers()), ("422 invalid", vec!["body/code".into()]));
    let wrong =
        post(&owner, "/api/v1/sessions/current/confirmations", json!({ "password": "not this one", "code": "000000" }));
    let wrong = wrong.await;
    let wrong_code = again(json!("000000")).await;
    assert_eq!((wrong.problem(), &wrong.json["detail"]), (wrong_code.problem(), &wrong_code.json["detail"]));
    let confirmed = again(phone.code(&app)["code"].clone()).await.ok();
    let owner = app.with_token(Some(confirmed.text_of("access_token"))).await;
    let made = post(&owner, ENROL, json!(null)).await.ok();
    app.clock.advance(TimeDelta::minutes(1));
    post(&app.half_in("caseworker").await, GIVE, phone.code(&app)).await.ok();
    let new = Phone { secret: Secret::read(&made.text_of("secret")).unwrap(), recovery_codes: Vec::new() };
    post(&owner, CONFIRM, new.code(&app)).await.ok();
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(post(&app.half_in("caseworker").await, GIVE, phone.code(&app)).await.problem(), "401 wrong_code");
    post(&app.half_in("caseworker").await, GIVE, new.code(&app)).await.ok();
}

/// S23: new recovery codes void the old ones.
#[rstest]
#[actix_web::test]
async fn s23_new_recovery_codes_void_the_old_ones(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let plain = app.client("colleague").await;
    assert_eq!(post(&plain, "/api/v1/me/recovery-codes", json!(null)).await.problem(), "409 no_second_factor");
    let (phone, owner) = enrolled(&app, "caseworker").await;
    let renewed = post(&owner, "/api/v1/me/recovery-codes", json!(null)).await.ok();
    let codes = renewed.json["recovery_codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    let give = async |code: &str| post(&app.half_in("caseworker").await, GIVE, json!({ "code": code })).await;
    assert_eq!(give(&phone.recovery_codes[0]).await.problem(), "401 wrong_code");
    give(codes[0].as_str().unwrap()).await.ok();
}

/// S23: a manager takes the second factor of somebody away who has lost the phone: every session ends, she is told.
#[rstest]
#[actix_web::test]
async fn s23_a_lost_phone_is_taken_off_by_a_manager(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (phone, worker) = enrolled(&app, "colleague").await;
    let account = app.world.account("colleague").id.0;
    let path = format!("/api/v1/accounts/{account}/second-factor");
    let remove = async |client: &Client, path: &str| client.request(Method::DELETE, path, &[], None).await;
    for (who, problem) in [
        ("caseworker", "403 forbidden"),
        ("refuge_manager", "404 not_found"),
        ("other_helpline_manager", "404 not_found"),
    ] {
        assert_eq!(remove(&app.client(who).await, &path).await.problem(), problem, "{who}");
    }
    let manager = app.client("helpline_manager").await;
    let own = format!("/api/v1/accounts/{}/second-factor", app.world.account("helpline_manager").id.0);
    assert_eq!(remove(&manager, &own).await.problem(), "409 own_account");
    app.clock.advance(TimeDelta::minutes(6));
    assert_eq!(remove(&manager, &path).await.problem(), "401 reauthenticate");
    worker.get("/api/v1/cases").await.ok();

    let manager = app.client("helpline_manager").await;
    assert_eq!(remove(&manager, &path).await.status, 204);
    assert_eq!(worker.get("/api/v1/cases").await.problem(), "401 unauthenticated");
    assert_eq!(app.notices("second_factor_removed"), [account]);
    assert_eq!(audited(&app, "account.second_factor_removed"), 1);
    assert_eq!(remove(&manager, &path).await.problem(), "409 no_second_factor");
    let again = app.half_in("colleague").await;
    assert_eq!(post(&again, GIVE, json!({ "code": phone.recovery_codes[0] })).await.problem(), "409 no_code_needed");
    assert_eq!(enrolled(&app, "colleague").await.0.recovery_codes.len(), 10);
}

/// S23, S25: a sign-in waits half an hour for its second factor, and no longer.
#[rstest]
#[actix_web::test]
async fn s23_s25_a_sign_in_does_not_wait_for_ever(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let credentials = json!({ "email": "caseworker@example.org", "password": PASSWORD });
    let begun = post(&app.stranger().await, "/api/v1/sessions", credentials).await.ok();
    let client = app.with_token(Some(begun.text_of("access_token"))).await;
    app.clock.advance(TimeDelta::minutes(30));
    assert_eq!(post(&client, ENROL, json!(null)).await.problem(), "401 unauthenticated");
    let renewal = json!({ "refresh_token": begun.text_of("refresh_token") });
    assert_eq!(post(&client, "/api/v1/sessions/refresh", renewal).await.problem(), "401 unauthenticated");
}

/// S7, S23: what is stored of a phone opens in its own place only, and a recovery code is stored as a digest.
#[rstest]
#[actix_web::test]
async fn s07_s23_no_secret_and_no_code_is_stored_as_it_is(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let (phone, _) = enrolled(&app, "caseworker").await;
    for path in app.files() {
        let bytes = std::fs::read(&path).unwrap();
        let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!holds(phone.secret.bytes()) && !holds(phone.secret.text().as_bytes()), "{}", path.display());
        for code in &phone.recovery_codes {
            assert!(!holds(code.as_bytes()) && !holds(code.replace('-', "").as_bytes()), "{}", path.display());
        }
    }
}

/// The value of a hidden field of a form.
fn hidden(answer: &Answer, name: &str) -> String {
    let after = answer.text.split(&format!("name=\"{name}\" value=\"")).nth(1);
    after.unwrap_or_else(|| panic!("no {name} in {}", answer.text)).split('"').next().unwrap().to_owned()
}

fn ticket(answer: &Answer) -> Option<String> {
    answer.header("set-cookie").split(['=', ';']).nth(1).map(str::to_owned)
}

/// S23: the same at a browser, from the first sign-in on; what was typed before is not lost on the way.
#[rstest]
#[actix_web::test]
async fn s23_a_browser_is_led_through_the_second_step(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let credentials = [("email", "caseworker@example.org"), ("password", PASSWORD)];
    let first = app.stranger().await.submit("/sign-in", &credentials).await;
    assert_eq!(first.header("location"), "/account/second-factor");
    let worker = app.stranger().await.with_ticket(ticket(&first));
    assert!(worker.page("/account/second-factor").await.ok().text.contains("Set up your phone"));
    let shown = worker.submit("/account/second-factor", &[]).await.ok();
    assert!(shown.text.contains("<svg class=\"sh-qr\""));
    let text = hidden(&shown, "secret");
    let secret = Secret::read(&text).unwrap();
    let wrong = worker.submit("/account/second-factor/confirm", &[("secret", &text), ("code", "000000")]).await;
    assert_eq!((wrong.status.as_u16(), hidden(&wrong, "secret")), (422, text.clone()));
    let code = secret.code_at(app.clock.now()).unwrap();
    let codes = worker.submit("/account/second-factor/confirm", &[("secret", &text), ("code", &code)]).await.ok();
    assert!(codes.text.contains("class=\"sh-codes\"") && codes.text.contains("You see them only now"));
    let worker = app.stranger().await.with_ticket(ticket(&codes));
    worker.page("/find").await.ok();

    // The session ends while she types; the phone is asked for on the way back to it.
    let proof = worker.proof().await;
    app.clock.advance(TimeDelta::hours(1));
    let typed = [("csrf", proof.as_str()), ("referral_source", "self"), ("people/0/name", "A very rare name")];
    let turned_away = worker.submit_with("/cases/new", &typed, &[]).await;
    let (kept, back) = (hidden(&turned_away, "kept"), hidden(&turned_away, "back"));
    let fields = [("kept", kept.as_str()), ("back", &back), credentials[0], credentials[1]];
    let second = app.stranger().await.submit("/sign-in", &fields).await.ok();
    assert!(second.text.contains("Enter your code") && !second.text.contains("very rare"));
    let (kept, back, proof) = (hidden(&second, "kept"), hidden(&second, "back"), hidden(&second, "csrf"));
    let worker = app.stranger().await.with_ticket(ticket(&second));
    let give = async |code: &str| {
        let fields = [("csrf", proof.as_str()), ("kept", &kept), ("back", &back), ("code", code)];
        worker.submit_with("/sign-in/second-factor", &fields, &[]).await
    };
    for wrong in ["", "000000"] {
        let answer = give(wrong).await;
        assert_eq!((answer.status.as_u16(), hidden(&answer, "kept")), (401, kept.clone()));
    }
    let welcome = give(&secret.code_at(app.clock.now()).unwrap()).await.ok();
    assert!(welcome.text.contains("A very rare name"), "{}", welcome.text);
    app.stranger().await.with_ticket(ticket(&welcome)).page("/find").await.ok();
}

/// S2, S23: names are shown after the password and a code.
#[rstest]
#[actix_web::test]
async fn s02_s23_giving_the_password_again_takes_a_code_too(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (phone, _) = enrolled(&app, "caseworker").await;
    let half = app.half_in_visitor("caseworker").await;
    let code = phone.secret.code_at(app.clock.now()).unwrap();
    let given = half.submit("/sign-in/second-factor", &[("code", &code)]).await;
    let worker = app.stranger().await.with_ticket(ticket(&given));
    app.clock.advance(TimeDelta::minutes(6));
    let asked = worker.submit("/account/recovery-codes", &[]).await;
    assert_eq!(asked.status, 401);
    assert!(asked.text.contains("Code from your phone"));
    let (kept, back) = (hidden(&asked, "kept"), hidden(&asked, "back"));
    let right = phone.secret.code_at(app.clock.now()).unwrap();
    for (code, status) in [("", 422), ("000000", 401), (right.as_str(), 200)] {
        let fields = [("kept", kept.as_str()), ("back", &back), ("password", PASSWORD), ("code", code)];
        let answer = worker.submit("/session/confirm", &fields).await;
        assert_eq!(answer.status.as_u16(), status, "{code}");
        if status == 200 {
            let worker = app.stranger().await.with_ticket(ticket(&answer));
            assert!(worker.submit("/account/recovery-codes", &[]).await.ok().text.contains("class=\"sh-codes\""));
        }
    }
}
