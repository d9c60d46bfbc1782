//! The queue as an administrator sees it.

use rstest::rstest;
use safehold::domain::mail::Topic;
use safehold::ids::EventId;
use serde_json::{Value, json};

use super::{posted_all, queued, recording};
use crate::steps::audited;
use crate::support::smtp::{MailServer, Mode};
use crate::support::{Engine, Postgres, Sqlite, TestApp};

#[rstest]
#[actix_web::test]
async fn what_could_not_be_sent_is_seen_and_tried_again_on_a_page(#[values(Sqlite, Postgres)] on: Engine) {
    let server = MailServer::start(Mode::Reject);
    let app = TestApp::spawn(on).with_mailer(server.mailer());
    let administrator = app.visitor("administrator").await;
    let page = administrator.page("/mail").await.ok().text;
    assert!(page.contains("Every message could be sent"), "{page}");
    queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    posted_all(&app).await;
    assert!(administrator.page("/health").await.ok().text.contains("1 could not be sent"));
    let page = administrator.page("/mail").await.ok().text;
    assert!(page.contains("A new referral") && page.contains("The mail server refused it"), "{page}");
    assert!(page.contains("refuge_worker") && !page.contains("refuge_worker@"), "{page}");
    let one = page.split("action=\"/mail/").skip(1).find(|rest| !rest.starts_with("retry")).unwrap();
    let path = one.split('"').next().unwrap();
    let path = format!("/mail/{path}");
    let again = administrator.submit(&path, &[]).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/mail?done=mail-retried"));
    let page = administrator.page("/mail?state=waiting").await.ok().text;
    assert!(page.contains("A new referral"), "{page}");
    // The same button from an old page.
    let refused = administrator.submit(&path, &[]).await;
    assert!(refused.status == 422 && refused.text.contains("Only a message that was given up"), "{}", refused.text);
    assert_eq!(audited(&app, "mail.retried"), 1);
}

/// After a night without a mail server.
#[rstest]
#[actix_web::test]
async fn everything_that_was_given_up_is_tried_again_at_once(#[values(Sqlite, Postgres)] on: Engine) {
    let server = MailServer::start(Mode::Reject);
    let app = TestApp::spawn(on).with_mailer(server.mailer());
    for name in ["refuge_worker", "refuge_manager", "caseworker"] {
        queued(&app, Topic::ReferralReceived, name, EventId::new().0);
    }
    posted_all(&app).await;
    let visitor = app.visitor("administrator").await;
    assert!(visitor.page("/mail").await.ok().text.contains("Try all of them again"));
    assert_eq!(visitor.submit("/mail/retry", &[]).await.header("location"), "/mail?done=all-mail-retried");
    posted_all(&app).await;
    let administrator = app.client("administrator").await;
    let retried = administrator.post("/api/v1/mail/retry", Value::Null).await.ok();
    assert_eq!((&retried.json["retried"], audited(&app, "mail.retried")), (&json!(3), 6));
    let nothing = administrator.post("/api/v1/mail/retry", Value::Null).await;
    assert_eq!(nothing.problem(), "409 no_mail_given_up");
    let refused = visitor.submit("/mail/retry", &[]).await;
    assert!(refused.status == 422 && refused.text.contains("No message was given up"), "{}", refused.text);
    let server = MailServer::start(Mode::Good);
    posted_all(&app.with_mailer(server.mailer())).await;
    assert_eq!(server.taken().len(), 3);
}

#[rstest]
#[actix_web::test]
async fn the_queue_comes_in_pages_without_an_address(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    for _ in 0..5 {
        queued(&app, Topic::ReferralReceived, "refuge_worker", EventId::new().0);
    }
    let administrator = app.client("administrator").await;
    let (mut seen, mut path) = (Vec::new(), "/api/v1/mail?state=waiting&limit=2".to_owned());
    loop {
        let page = administrator.get(&path).await.ok();
        assert!(!page.text.contains("example.org"), "{}", page.text);
        seen.extend(page.items().iter().map(|mail| mail["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["next"].as_str() else { break };
        path = format!("/api/v1/mail?state=waiting&limit=2&cursor={next}");
    }
    let newest_first = seen.windows(2).all(|pair| pair[0] > pair[1]);
    assert!(seen.len() == 5 && newest_first, "{seen:?}");
    posted_all(&app).await;
    assert_eq!(sent.take().len(), 5);
    let summary = administrator.get("/api/v1/mail/summary").await.ok();
    assert_eq!((summary.json["waiting"].as_i64(), summary.json["sent"].as_i64()), (Some(0), Some(5)));
    assert_eq!(summary.json["set_up"], true);
}

#[actix_web::test]
async fn without_a_server_the_pages_say_so() {
    let app = TestApp::spawn(Sqlite);
    let administrator = app.visitor("administrator").await;
    assert!(administrator.page("/health").await.ok().text.contains("Not set up"));
    assert!(administrator.page("/mail").await.ok().text.contains("No mail server is set up"));
    let summary = app.client("administrator").await.get("/api/v1/mail/summary").await.ok();
    assert_eq!(summary.json["set_up"], false);
}
