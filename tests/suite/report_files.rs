//! Reports that are made once and kept: asked for, made, taken out, forgotten; and those that come by themselves.

use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join;
use rstest::rstest;
use safehold::actions::{report_files, report_schedules};
use safehold::error::AppError;
use safehold::mail::{Letter, Mailer, Recorder, deliver};
use serde_json::{Value, json};

use crate::restricted::exclude;
use crate::steps::{audited, opened, posted, referred};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

const FILES: &str = "/api/v1/reports/files";
const SCHEDULES: &str = "/api/v1/reports/schedules";

fn april() -> Value {
    json!({ "kind": "own_report", "from": "2026-04-01", "to": "2026-04-30" })
}

/// Makes all that wait.
async fn made(app: &TestApp) -> usize {
    let mut made = 0;
    while report_files::make_next(&app.db).await.unwrap() > 0 {
        made += 1;
    }
    made
}

async fn asked(client: &Client) -> String {
    let answer = client.post(FILES, april()).await.ok();
    assert_eq!(answer.status, 202);
    let path = answer.header("location").to_owned();
    assert_eq!(path, format!("{FILES}/{}", answer.id()));
    path
}

async fn one_referral(app: &TestApp) -> String {
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let (vacancy, case) = (posted(&refuge, app.world.a1).await, opened(&helpline).await);
    referred(&helpline, &case, &vacancy).await;
    case
}

fn sheet<'a>(book: &'a Value, code: &str) -> &'a Value {
    book["tables"].as_array().unwrap().iter().find(|sheet| sheet["code"] == code).unwrap_or(&Value::Null)
}

/// The places of one line of a table: what each number is, or why there is none.
fn cells(book: &Value, code: &str, row: &str) -> Value {
    let rows = sheet(book, code)["rows"].as_array().unwrap_or_else(|| panic!("no {code} in {book:#}"));
    let told = |cell: &Value| match &cell["status"] {
        shown if shown == "shown" => json!({ cell["kind"].as_str().unwrap(): cell["value"] }),
        status => status.clone(),
    };
    let row = rows.iter().find(|known| known["code"] == row);
    row.map_or(Value::Null, |row| row["cells"].as_array().unwrap().iter().map(told).collect())
}

#[rstest]
#[actix_web::test]
async fn a_report_is_asked_for_made_taken_out_and_forgotten(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    one_referral(&app).await;
    let manager = app.client("refuge_manager").await;
    let answer = manager.post_as(FILES, "april", april()).await.ok();
    assert_eq!(manager.post_as(FILES, "april", april()).await.ok().id(), answer.id());
    let file = answer.header("location").to_owned();
    let known =
        |answer: &Answer| [&answer.json["state"], &answer.json["side"], &answer.json["scheduled"]].map(Clone::clone);
    assert_eq!(known(&answer), [json!("waiting"), json!("provider"), json!(false)]);
    let early = manager.get(&format!("{file}/csv")).await;
    assert_eq!((early.problem().as_str(), &early.json["current"]["report"]), ("409 report_state", &json!("waiting")));

    assert_eq!(made(&app).await, 1);
    let ready = manager.get(&file).await.ok();
    assert_eq!(known(&ready), [json!("ready"), json!("provider"), json!(false)]);
    assert_eq!((&ready.json["done_steps"], &ready.json["kept_until"]), (&json!(5), &json!("2027-05-06T09:00:00Z")));
    assert_eq!(manager.get(FILES).await.ok().items().len(), 1);

    let at_once = "/api/v1/reports/book?from=2026-04-01&to=2026-04-30";
    let (kept, fresh) = (manager.get(&format!("{file}/json")).await.ok(), manager.get(at_once).await.ok());
    assert_eq!(kept.json, fresh.json);
    assert!(!kept.json["tables"].as_array().unwrap().is_empty());
    let csv = manager.get(&format!("{file}/csv")).await.ok();
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"own-report-2026-04-01-2026-04-30.csv\"");
    for format in ["wide_csv", "dictionary_csv", "xlsx", "pdf", "html"] {
        manager.get(&format!("{file}/{format}")).await.ok();
    }
    assert_eq!(manager.get(&format!("{file}/exe")).await.problem(), "404 not_found");
    let events = ["report_file.asked", "report_file.ready", "report.exported", "refused.report_state"];
    assert_eq!(events.map(|event| audited(&app, event)), [1, 1, 8, 1]);

    // What is kept stays as it was.
    let helpline = app.client("caseworker").await;
    let second = opened(&helpline).await;
    let to = json!({ "service_id": app.world.refuge });
    helpline.post(&format!("{second}/referrals"), to).await.ok();
    let number = |book: &Answer| cells(&book.json, "referrals", "referrals")[0].clone();
    let (kept, fresh) = (manager.get(&format!("{file}/json")).await.ok(), manager.get(at_once).await.ok());
    assert_eq!((number(&kept), number(&fresh)), (json!({ "count": 1 }), json!({ "count": 2 })));

    let other = asked(&manager).await;
    assert_eq!(manager.request(Method::DELETE, &other, &[], None).await.status, 204);
    assert_eq!(made(&app).await, 0);
    assert_eq!(manager.get(&other).await.problem(), "404 not_found");
    app.clock.advance(TimeDelta::days(400) - TimeDelta::minutes(1));
    app.db.forget_old_rows().await.unwrap();
    app.client("refuge_manager").await.get(&file).await.ok();
    app.clock.advance(TimeDelta::minutes(1));
    app.db.forget_old_rows().await.unwrap();
    assert_eq!(app.client("refuge_manager").await.get(&file).await.problem(), "404 not_found");
}

#[rstest]
#[actix_web::test]
async fn what_is_not_there_says_which_kind_of_nothing_it_is(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    one_referral(&app).await;
    let at_once = "/api/v1/reports/book?from=2026-04-01&to=2026-04-30";
    let (provider, referrer) = (app.client("refuge_manager").await, app.client("helpline_manager").await);
    let (provider, referrer) = (provider.get(at_once).await.ok().json, referrer.get(at_once).await.ok().json);
    assert_eq!((&provider["whose"], &referrer["whose"]), (&json!("Provider"), &json!("Helpline")));
    assert_eq!(provider["standing"], "not_for_publication");
    let row = |of: Value| json!(of);
    assert_eq!(
        cells(&provider, "referrals", "referrals"),
        row(json!([{ "count": 1 }, { "count": 0 }, "no_base", "not_applicable", "not_applicable"]))
    );
    // Nothing has ended: a share of nothing. A provider does not learn where a household comes from.
    assert_eq!(cells(&provider, "referrals", "success_rate")[0], "no_base");
    assert_eq!(cells(&provider, "referrals", "out_of_area"), json!(["not_applicable"; 5].to_vec()));
    assert_ne!(cells(&referrer, "referrals", "out_of_area")[0], "not_applicable");
    assert_eq!((sheet(&provider, "waiting"), sheet(&referrer, "homes")), (&Value::Null, &Value::Null));
    assert_eq!(cells(&provider, "referrals_by_service", "all"), json!([{ "count": 1 }, { "percent": 100 }]));
    assert_eq!(sheet(&provider, "referrals_by_service")["rows"][0]["name"], "Copper House");
    let says: Vec<&str> = provider["says"].as_array().unwrap().iter().map(|says| says.as_str().unwrap()).collect();
    assert!(says.contains(&"Referrals: 1, none before."), "{says:?}");
}

/// S17
#[rstest]
#[actix_web::test]
async fn s17_who_must_not_see_a_case_does_not_read_it_in_a_report_that_was_kept(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let case = one_referral(&app).await;
    let file = asked(&app.client("helpline_manager").await).await;
    made(&app).await;
    let read = async || {
        let book = app.client("helpline_manager").await.get(&format!("{file}/json")).await.ok().json;
        cells(&book, "referrals", "referrals")[0].clone()
    };
    assert_eq!(read().await, json!({ "count": 1 }));
    let helpline = app.client("caseworker").await;
    let exclusion = exclude(&helpline, &case, &app, "helpline_manager").await.ok().id();
    assert_eq!(read().await, json!({ "count": 0 }));
    helpline.post(&format!("{case}/exclusions/{exclusion}/lift"), Value::Null).await.ok();
    assert_eq!(read().await, json!({ "count": 1 }));
}

/// S37
#[rstest]
#[actix_web::test]
async fn s37_a_report_whose_maker_died_is_made_by_another(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let file = asked(&app.client("refuge_manager").await).await;
    let taken = app.db.lease_report_file().await.unwrap().unwrap();
    app.db.note_report_progress(taken.id, taken.attempts, (3, 5)).await.unwrap();
    let read = app.client("refuge_manager").await.get(&file).await.ok().json;
    assert_eq!((&read["state"], &read["done_steps"], &read["all_steps"]), (&json!("working"), &json!(3), &json!(5)));
    let early = app.client("refuge_manager").await.get(&format!("{file}/json")).await;
    assert_eq!((early.problem().as_str(), &early.json["current"]["report"]), ("409 report_state", &json!("working")));
    app.clock.advance(TimeDelta::minutes(10) - TimeDelta::seconds(1));
    assert_eq!(made(&app).await, 0);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(made(&app).await, 1);
    // It was not dead, only slow: what it says now counts no more.
    app.db.put_off_report(taken.id, taken.attempts, app.clock.now()).await.unwrap();
    assert_eq!(app.client("refuge_manager").await.get(&file).await.ok().json["state"], "ready");
    assert_eq!((made(&app).await, audited(&app, "report_file.ready")), (0, 1));
}

#[rstest]
#[actix_web::test]
async fn a_report_that_cannot_be_made_is_given_up_after_three_tries(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let file = asked(&app.client("refuge_manager").await).await;
    for _ in 0..3 {
        assert!(app.db.lease_report_file().await.unwrap().is_some());
        assert!(app.db.lease_report_file().await.unwrap().is_none());
        app.clock.advance(TimeDelta::minutes(10));
    }
    assert_eq!((made(&app).await, made(&app).await), (1, 0));
    let manager = app.client("refuge_manager").await;
    let read = manager.get(&file).await.ok().json;
    assert_eq!((&read["state"], &read["problem"]), (&json!("failed"), &json!("failed")));
    assert_eq!(manager.get(&format!("{file}/json")).await.problem(), "409 report_state");
    assert_eq!(audited(&app, "report_file.failed"), 1);
    let page = app.visitor("refuge_manager").await.page("/reports/files").await.ok();
    assert!(page.text.contains("could not be made"), "{}", page.text);
    assert_eq!(manager.request(Method::DELETE, &file, &[], None).await.status, 204);
}

async fn set(client: &Client, schedule: &str, version: &str, active: bool) -> Answer {
    let body = Some(json!({ "active": active }));
    client.request(Method::PUT, &format!("{SCHEDULES}/{schedule}"), &[("if-match", version)], body).await
}

/// What two instances do at once; gives back how many reports were asked for.
async fn scheduled(app: &TestApp) -> usize {
    let (one, other) = join(report_schedules::ask(&app.db), report_schedules::ask(&app.db)).await;
    let new = |outcome| match outcome {
        Ok(new) => new,
        Err(AppError::Contended) => 0,
        Err(error) => panic!("{error}"),
    };
    new(one) + new(other)
}

/// Who was told that a report is ready, and where the link leads.
async fn told(app: &TestApp, sent: &Recorder) -> Vec<(String, String)> {
    while app.db.expand_notices().await.unwrap() > 0 {}
    while deliver(app.application()).await.unwrap() > 0 {}
    let letters = sent.take().into_iter().filter(|letter: &Letter| letter.topic.as_str() == "report_ready");
    let mut told: Vec<_> =
        letters.map(|letter| (letter.to.split('@').next().unwrap().to_owned(), letter.link)).collect();
    told.sort();
    told
}

async fn days(app: &TestApp, who: &str) -> Vec<Value> {
    let list = app.client(who).await.get(FILES).await.ok();
    list.items().iter().map(|file| json!([file["from"], file["to"], file["scheduled"]])).collect()
}

/// S29, S39
#[rstest]
#[actix_web::test]
async fn s39_a_schedule_makes_one_report_for_each_month(#[values(Sqlite, Postgres)] on: Engine) {
    let sent = Recorder::default();
    let app = TestApp::spawn(on).with_mailer(Mailer::Recorded(sent.clone()));
    let manager = app.client("refuge_manager").await;
    let off = json!([{ "every": "month", "side": "provider", "active": false, "version": 0 },
        { "every": "quarter", "side": "provider", "active": false, "version": 0 }]);
    assert_eq!(manager.get(SCHEDULES).await.ok().json["items"], off);
    let first = set(&manager, "month/provider", "\"0\"", true).await.ok();
    assert_eq!((first.header("etag"), &first.json["active"]), ("\"1\"", &json!(true)));
    assert_eq!(set(&manager, "month/provider", "\"0\"", true).await.problem(), "412 stale");
    assert_eq!(set(&manager, "month/referrer", "\"0\"", true).await.problem(), "404 not_found");
    assert_eq!(set(&manager, "week/provider", "\"0\"", true).await.problem(), "404 not_found");

    assert_eq!(scheduled(&app).await, 0, "the month before nobody asked for");
    app.clock.advance(TimeDelta::days(29) + TimeDelta::hours(13) + TimeDelta::minutes(59)); // 30 April, 23:59 in England
    assert_eq!(scheduled(&app).await, 0);
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!((scheduled(&app).await, scheduled(&app).await), (1, 0));
    assert_eq!(days(&app, "refuge_manager").await, [json!(["2026-04-01", "2026-04-30", true])]);
    assert_eq!(told(&app, &sent).await, vec![], "not before it is ready");
    assert_eq!(made(&app).await, 1);
    let letter = ("refuge_manager".to_owned(), "https://safehold.example.org/reports/files".to_owned());
    assert_eq!((told(&app, &sent).await, told(&app, &sent).await), (vec![letter], vec![]));

    // Deleted, it does not come again; what was missed comes one after the other.
    let manager = app.client("refuge_manager").await;
    let file = manager.get(FILES).await.ok().items()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(manager.request(Method::DELETE, &format!("{FILES}/{file}"), &[], None).await.status, 204);
    assert_eq!(scheduled(&app).await, 0);
    app.clock.advance(TimeDelta::days(62)); // 2 July
    assert_eq!((scheduled(&app).await + scheduled(&app).await, scheduled(&app).await), (2, 0));
    let expected = [json!(["2026-06-01", "2026-06-30", true]), json!(["2026-05-01", "2026-05-31", true])];
    assert_eq!(days(&app, "refuge_manager").await, expected);

    // Off, nothing comes; on again, only what is not over yet.
    set(&app.client("refuge_manager").await, "month/provider", "\"1\"", false).await.ok();
    app.clock.advance(TimeDelta::days(62)); // 2 September
    assert_eq!(scheduled(&app).await, 0);
    let manager = app.client("refuge_manager").await;
    set(&manager, "month/provider", "\"2\"", true).await.ok();
    set(&manager, "quarter/provider", "\"0\"", true).await.ok();
    assert_eq!(scheduled(&app).await, 0);
    app.clock.advance(TimeDelta::days(30)); // 2 October
    assert_eq!(scheduled(&app).await, 2);
    let new = days(&app, "refuge_manager").await;
    assert!(new.contains(&json!(["2026-09-01", "2026-09-30", true])), "{new:?}");
    assert!(new.contains(&json!(["2026-07-01", "2026-09-30", true])), "{new:?}");
    assert_eq!(audited(&app, "report_schedule.set"), 4);
    assert_eq!(days(&app, "other_refuge_manager").await, Vec::<Value>::new());
}

#[rstest]
#[actix_web::test]
async fn who_has_asked_is_not_written_to_and_who_wants_no_mail_gets_none(#[values(Sqlite, Postgres)] on: Engine) {
    let sent = Recorder::default();
    let app = TestApp::spawn(on).with_mailer(Mailer::Recorded(sent.clone()));
    let manager = app.client("refuge_manager").await;
    asked(&manager).await;
    made(&app).await;
    assert_eq!(told(&app, &sent).await, vec![]);
    set(&manager, "month/provider", "\"0\"", true).await.ok();
    let unwanted = Some(json!({ "unwanted": ["report_ready"] }));
    manager.request(Method::PUT, "/api/v1/me/mail", &[("if-match", "\"0\"")], unwanted).await.ok();
    app.clock.advance(TimeDelta::days(31));
    assert_eq!((scheduled(&app).await, made(&app).await), (1, 1));
    assert_eq!(told(&app, &sent).await, vec![]);
}

#[rstest]
#[actix_web::test]
async fn a_report_is_asked_for_in_order(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let manager = app.client("refuge_manager").await;
    let wrong = |field: &str, value: &str| {
        let mut body = april();
        body[field] = json!(value);
        body
    };
    for (field, value) in [("to", "2026-03-31"), ("side", "referrer"), ("kind", "diary"), ("from", "9999-01-01")] {
        let answer = manager.post(FILES, wrong(field, value)).await;
        assert_eq!(answer.status, 422, "{field} {value}: {}", answer.text);
    }
    assert_eq!(manager.post(FILES, wrong("side", "referrer")).await.pointers(), ["body/side"]);
    for who in ["refuge_worker", "caseworker", "commissioner", "administrator", "auditor"] {
        let client = app.client(who).await;
        assert_eq!(client.post(FILES, april()).await.problem(), "403 forbidden", "{who}");
        assert_eq!(client.get(FILES).await.problem(), "403 forbidden", "{who}");
        assert_eq!(client.get(SCHEDULES).await.problem(), "403 forbidden", "{who}");
    }
    for _ in 0..10 {
        asked(&manager).await;
    }
    assert_eq!(manager.post(FILES, april()).await.problem(), "429 slowed");
    asked(&app.client("helpline_manager").await).await;
    let (mut seen, mut next) = (0, String::new());
    loop {
        let page = manager.get(&format!("{FILES}?limit=4{next}")).await.ok();
        seen += page.items().len();
        let Some(cursor) = page.json["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!((seen, made(&app).await), (10, 11));
}

#[rstest]
#[actix_web::test]
async fn a_manager_asks_for_a_report_on_a_page(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    one_referral(&app).await;
    let visitor = app.visitor("refuge_manager").await;
    let page = visitor.page("/reports/files").await.ok();
    assert!(page.text.contains("There is no report yet."), "{}", page.text);
    let answer = visitor.submit("/reports/files", &[("period", "dates"), ("from-day", "40")]).await;
    assert_eq!(answer.status, 422);
    for said in ["Enter a real date", "Enter the last day"] {
        assert!(answer.text.contains(said), "{said} is not in {}", answer.text);
    }
    let answer = visitor.submit("/reports/files", &[("period", "last-month")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/reports/files?done=report-asked"));
    let page = visitor.page("/reports/files").await.ok();
    for said in ["1 March 2026 to 31 March 2026", "0 of 5 steps done", "Show how far they are now"] {
        assert!(page.text.contains(said), "{said} is not in {}", page.text);
    }
    made(&app).await;
    let page = visitor.page("/reports/files").await.ok();
    let link = page.text.split("href=\"").find(|part| part.ends_with("/pdf\"") || part.contains("/pdf\"")).unwrap();
    let link = link.split('"').next().unwrap();
    visitor.page(link).await.ok();
    assert_eq!(audited(&app, "report.exported"), 1);
    let delete = link.replace("/pdf", "/delete");
    assert_eq!(app.visitor("helpline_manager").await.submit(&delete, &[]).await.status, 404);
    assert_eq!(visitor.submit(&delete, &[]).await.status, 303);
    let on = [("version", "0"), ("active", "yes")];
    assert_eq!(visitor.submit("/reports/schedules/month/provider", &on).await.status, 303);
    assert!(visitor.page("/reports/files").await.text.contains("Each month: our services: <strong>on"));
    let stale = visitor.submit("/reports/schedules/month/provider", &on).await;
    assert!(stale.text.contains("omebody else has changed this"), "{}", stale.text);
    assert_eq!(visitor.submit("/reports/schedules/month/referrer", &on).await.status, 404);
}

#[rstest]
#[case("refuge_manager", &["What homes were used for", "Utilisation", "Turnaround, in the middle"])]
#[case("helpline_manager", &["How many households wait", "Waiting at the end", "Households unable to be supported"])]
#[actix_web::test]
async fn a_manager_sees_what_matters_and_what_it_means(
    #[case] who: &str,
    #[case] overview: &[&str],
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    one_referral(&app).await;
    let visitor = app.visitor(who).await;
    let page = visitor.page("/reports/overview").await.ok();
    for said in overview.iter().chain(&["Referrals</a>", "none before"]) {
        assert!(page.text.contains(said), "{said} is not in {}", page.text);
    }
    let answer = visitor.page("/reports/overview?period=dates&from-day=2").await;
    assert_eq!(answer.status, 422);
    let catalogue = visitor.page("/reports").await.ok();
    for code in safehold::domain::measures::Code::ALL {
        assert!(catalogue.text.contains(&format!("<dt id=\"{}\">", code.as_str())), "{code:?}");
    }
}
