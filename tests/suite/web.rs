//! Sessions and forms at a browser, as the server sees them.

use chrono::TimeDelta;
use rstest::rstest;

use crate::steps::audited;
use crate::support::{Answer, Engine, Postgres, Sqlite, TestApp};

/// The value of a hidden field of a form.
fn hidden(answer: &Answer, name: &str) -> String {
    let after = answer.text.split(&format!("name=\"{name}\" value=\"")).nth(1);
    after.unwrap_or_else(|| panic!("no {name} in {}", answer.text)).split('"').next().unwrap().to_owned()
}

/// The ticket that an answer hands to the browser.
fn ticket(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    cookie.split(['=', ';']).nth(1).unwrap().to_owned()
}

const OPENING: [(&str, &str); 1] = [("referral_source", "self")];

/// S28
#[rstest]
#[actix_web::test]
async fn s28_a_form_that_is_not_ours_does_nothing(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (worker, other) = (app.visitor("caseworker").await, app.visitor("colleague").await);
    let (own, foreign) = (worker.proof().await, other.proof().await);
    let nobodys = app.stranger().await.proof().await;
    for proof in ["", "x", foreign.as_str(), nobodys.as_str()] {
        let answer = worker.submit_with("/cases/new", &[&[("csrf", proof)], &OPENING[..]].concat(), &[]).await;
        assert_eq!(answer.status, 403, "{proof}");
    }
    let good = [&[("csrf", own.as_str())], &OPENING[..]].concat();
    for from in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        let answer = worker.submit_with("/cases/new", &good, &[from, ("host", "localhost")]).await;
        assert_eq!(answer.status, 403, "{from:?}");
    }
    assert_eq!(audited(&app, "case.opened"), 0);
    let said = [("sec-fetch-site", "same-origin"), ("origin", "null")];
    assert_eq!(worker.submit_with("/cases/new", &good, &said).await.status, 303);
    assert_eq!(audited(&app, "case.opened"), 1);
}

/// S28, S25
#[rstest]
#[actix_web::test]
async fn s25_s28_a_ticket_is_for_this_host_only_and_for_no_script(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let worker = app.visitor("caseworker").await;
    app.clock.advance(TimeDelta::minutes(10));
    let renewed = worker.page("/find").await;
    let cookie = renewed.header("set-cookie");
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for flag in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    let bearer = app.with_token(Some(ticket(&renewed))).await;
    assert_eq!(bearer.get("/api/v1/me").await.problem(), "401 unauthenticated");
}

/// S25: what is used goes on, what is left alone ends; no session is longer than twelve hours.
#[rstest]
#[actix_web::test]
async fn s25_a_session_ends_when_it_is_left_alone(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let mut worker = app.visitor("caseworker").await;
    for _ in 0..2 {
        app.clock.advance(TimeDelta::minutes(29));
        let answer = worker.page("/find").await;
        assert_eq!(answer.status, 200);
        worker = worker.with_ticket(Some(ticket(&answer)));
    }
    app.clock.advance(TimeDelta::minutes(31));
    let answer = worker.page("/cases?which=closed").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/sign-in?back=%2Fcases%3Fwhich%3Dclosed");

    let mut worker = app.visitor("caseworker").await;
    for minutes in 1..=26 {
        app.clock.advance(TimeDelta::minutes(28));
        let answer = worker.page("/find").await;
        assert_eq!(answer.status == 200, minutes * 28 < 12 * 60, "after {} minutes", minutes * 28);
        if answer.status == 200 {
            worker = worker.with_ticket(Some(ticket(&answer)));
        }
    }
}

/// S16
#[rstest]
#[actix_web::test]
async fn s16_signing_out_and_leaving_end_the_session(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    for leave in ["sign-out", "away"] {
        let worker = app.visitor("caseworker").await;
        let left = match leave {
            "away" => worker.page("/away").await,
            _ => worker.submit("/sign-out", &[]).await,
        };
        assert!(left.header("set-cookie").contains("Max-Age=0"));
        assert_eq!(worker.page("/find").await.header("location"), "/sign-in?back=%2Ffind");
    }
}

/// Whoever still holds the ticket of a session that was ended elsewhere can sign in again.
#[rstest]
#[actix_web::test]
async fn a_ticket_of_an_ended_session_does_not_keep_anybody_out(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on).demonstrating();
    let worker = app.visitor("caseworker").await;
    worker.submit("/sign-out", &[]).await;
    let form = worker.page("/sign-in").await.ok();
    let email = app.world.account("caseworker").email.clone();
    let proof = hidden(&form, "csrf");
    let fields = [("csrf", proof.as_str()), ("email", &email), ("password", crate::support::world::PASSWORD)];
    let answer = worker.submit_with("/sign-in", &fields, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
    assert_eq!(worker.with_ticket(Some(ticket(&answer))).page("/find").await.status, 200);
}

/// What was typed is given back after a new sign-in, to the same person only, and is not sent.
#[rstest]
#[case::the_same("caseworker", true)]
#[case::somebody_else("colleague", false)]
#[actix_web::test]
async fn what_was_typed_when_the_session_ended_is_kept(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] who: &str,
    #[case] given_back: bool,
) {
    let app = TestApp::spawn(on).demonstrating();
    let worker = app.visitor("caseworker").await;
    let proof = worker.proof().await;
    app.clock.advance(TimeDelta::hours(1));
    let typed = [("csrf", proof.as_str()), ("referral_source", "self"), ("people/0/name", "A very rare name")];
    let turned_away = worker.submit_with("/cases/new", &typed, &[]).await;
    assert_eq!(turned_away.status, 401);
    assert!(!turned_away.text.contains("very rare"), "the browser can read what was kept");

    let (kept, back) = (hidden(&turned_away, "kept"), hidden(&turned_away, "back"));
    let email = app.world.account(who).email.clone();
    let fields =
        [("kept", kept.as_str()), ("back", &back), ("email", &email), ("password", crate::support::world::PASSWORD)];
    let welcome = app.stranger().await.submit("/sign-in", &fields).await;
    assert_eq!(welcome.text.contains("A very rare name"), given_back, "{}", welcome.text);
    assert_eq!(audited(&app, "case.opened"), 0);
    if given_back {
        let again = app.stranger().await.with_ticket(Some(ticket(&welcome)));
        let proof = hidden(&welcome, "csrf");
        let review = [("csrf", proof.as_str()), ("review", "yes"), ("people/0/name", "A very rare name")];
        let form = again.submit_with("/cases/new", &review, &[]).await;
        assert_eq!(form.status, 200);
        assert!(form.text.contains("value=\"A very rare name\"") && form.text.contains("Nothing was sent"));
        assert_eq!(audited(&app, "case.opened"), 0);
    } else {
        assert_eq!(welcome.status, 303);
    }
}

/// S35: a form that is sent twice is done once, and leads to the same place.
#[rstest]
#[actix_web::test]
async fn s35_a_form_that_is_sent_twice_is_done_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let worker = app.visitor("caseworker").await;
    let proof = worker.proof().await;
    let fields = [("csrf", proof.as_str()), ("referral_source", "self")];
    let first = worker.submit_with("/cases/new", &fields, &[]).await;
    let second = worker.submit_with("/cases/new", &fields, &[]).await;
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(audited(&app, "case.opened"), 1);
    worker.submit("/cases/new", &OPENING).await;
    assert_eq!(audited(&app, "case.opened"), 2);
}

/// S2: names are read with a password that was given just now; giving it leads on to what was asked for.
#[rstest]
#[actix_web::test]
async fn s02_names_are_shown_after_the_password_was_given_again(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let worker = app.visitor("caseworker").await;
    let fields = [("referral_source", "self"), ("people/0/name", "A very rare name")];
    let opened = worker.submit("/cases/new", &fields).await;
    let case = opened.header("location").split("/ask").next().unwrap().to_owned();
    assert!(!worker.page(&case).await.text.contains("very rare"));

    app.clock.advance(TimeDelta::minutes(6));
    let path = format!("{case}/identity");
    let asked = worker.submit(&path, &[("reason", "emergency")]).await;
    assert_eq!(asked.status, 401);
    let (kept, back) = (hidden(&asked, "kept"), hidden(&asked, "back"));
    let wrong = [("kept", kept.as_str()), ("back", &back), ("password", "wrong")];
    assert_eq!(worker.submit("/session/confirm", &wrong).await.status, 401);
    assert_eq!(audited(&app, "identity.disclosed"), 0);
    let right = [("kept", kept.as_str()), ("back", &back), ("password", crate::support::world::PASSWORD)];
    let confirmed = worker.submit("/session/confirm", &right).await.ok();
    let worker = worker.with_ticket(Some(ticket(&confirmed)));
    let shown = worker.submit(&path, &[("reason", "emergency")]).await.ok();
    assert!(shown.text.contains("A very rare name"));
    assert_eq!(shown.header("cache-control"), "no-store");
    assert_eq!(audited(&app, "identity.disclosed"), 1);
}

/// S24
#[rstest]
#[actix_web::test]
async fn s24_an_unknown_address_and_a_wrong_password_read_the_same(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let stranger = app.stranger().await;
    let email = app.world.account("caseworker").email.clone();
    let mut texts = Vec::new();
    for tried in [email.as_str(), "nobody@invented.example"] {
        let answer = stranger.submit("/sign-in", &[("email", tried), ("password", "wrong")]).await;
        assert_eq!(answer.status, 401);
        let proof = hidden(&answer, "csrf");
        texts.push(answer.text.replace(tried, "").replace(&proof, ""));
    }
    assert_eq!(texts[0], texts[1]);
}

/// Where somebody goes after a sign-in is one of our own pages.
#[rstest]
#[case("/cases", "/cases")]
#[case("//evil.example/", "/")]
#[case("https://evil.example/", "/")]
#[case("/\\evil.example", "/")]
#[case("", "/")]
#[actix_web::test]
async fn a_sign_in_leads_to_our_own_pages_only(#[case] back: &str, #[case] to: &str) {
    let app = TestApp::spawn(Sqlite).demonstrating();
    let email = app.world.account("caseworker").email.clone();
    let fields = [("back", back), ("email", email.as_str()), ("password", crate::support::world::PASSWORD)];
    let answer = app.stranger().await.submit("/sign-in", &fields).await;
    assert_eq!(answer.header("location"), to);
}

/// Style, script and fonts are named after what is in them, so browsers keep them for ever; each comes compressed to
/// whoever can read that.
#[rstest]
#[actix_web::test]
async fn what_pages_are_made_of_is_kept_for_ever(#[values(Sqlite)] on: Engine) {
    let stranger = TestApp::spawn(on).stranger().await;
    let page = stranger.page("/sign-in").await.ok();
    let mut files: Vec<String> =
        page.text.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned).collect();
    assert!(files.len() >= 3, "{files:?}");
    let sheet = stranger.page(files.iter().find(|name| name.contains(".css")).unwrap()).await.ok().text;
    let fonts = sheet.split(['(', ')', '"']).filter(|part| part.contains(".woff2") && !part.contains("format"));
    files.extend(fonts.map(|name| format!("/assets/{name}")));
    assert!(files.len() >= 7, "{files:?}");
    for file in &files {
        let answer = stranger.page(file).await.ok();
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{file}");
        assert!(!answer.text.is_empty(), "{file}");
    }
    for foreign in ["url(http", "url(//", "url(data:", "@import", "GDS Transport"] {
        assert!(!sheet.contains(foreign), "the style sheet has {foreign}");
    }
    assert_eq!(stranger.page("/assets/app.000000000000.css").await.status, 404);
}
