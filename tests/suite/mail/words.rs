//! What stands in a message, and what does not.

use std::collections::BTreeSet;

use rstest::rstest;
use safehold::domain::mail::Topic;
use safehold::ids::LinkId;
use serde_json::Value;

use super::{linked, posted_all, queued};
use crate::support::secrecy::CANARIES;
use crate::support::smtp::{MailServer, Mode};
use crate::support::world::PEOPLE;
use crate::support::{Engine, Postgres, Sqlite, TestApp};

const SITE: &str = "https://safehold.example.org";

/// The link in a message: the only thing in it that may differ from one to the next.
fn link(text: &str) -> &str {
    let links: Vec<_> = text.split_whitespace().filter(|word| word.contains("://")).collect();
    assert_eq!(links.len(), 1, "{text}");
    links[0]
}

/// S29
#[rstest]
#[actix_web::test]
async fn s29_a_message_is_a_fixed_text_and_a_link(#[values(Sqlite, Postgres)] on: Engine) {
    let server = MailServer::start(Mode::Good);
    let app = TestApp::spawn(on).with_mailer(server.mailer());
    let mut taken: Vec<Value> = Vec::new();
    for topic in Topic::ALL.iter().copied() {
        let mut texts = BTreeSet::new();
        for name in ["caseworker", "refuge_manager"] {
            let subject = LinkId::new();
            if matches!(topic, Topic::Invitation | Topic::PasswordReset) {
                linked(&app, name, topic.as_str(), subject.0);
            }
            queued(&app, topic, name, subject.0);
            assert_eq!(posted_all(&app).await, 1, "{topic:?}");
            let all = server.taken();
            assert_eq!(all.len(), taken.len() + 1);
            taken = all;
            let message = taken.last().unwrap();
            let (text, html) = (message["text"].as_str().unwrap(), message["html"].as_str().unwrap());
            let (subject_line, link) = (message["headers"]["subject"].as_str().unwrap(), link(text).to_owned());
            assert!(link.starts_with(SITE) && html.contains(&format!("href=\"{link}\"")), "{html}");
            let (bare_text, bare_html) = (text.replace(&link, ""), html.replace(&link, ""));
            for words in [subject_line, &bare_text, &bare_html] {
                let lower = words.to_lowercase();
                assert!(!words.chars().any(|char| char.is_ascii_digit()), "{topic:?} has a number: {words}");
                assert!(!lower.contains(&subject.0.to_string()) && !lower.contains('@'), "{words}");
                for secret in CANARIES.iter().chain(&["copper", "heron", "leicester", "charnwood"]) {
                    assert!(!lower.contains(secret), "{topic:?} says {secret}: {words}");
                }
                for (person, organisation, _) in PEOPLE {
                    assert!(!lower.contains(person) && !words.contains(organisation), "{topic:?}: {words}");
                }
            }
            // Nothing that would tell whoever sent it that it was read, and nothing from anywhere else.
            assert!(!html.contains("<img") && !html.contains("src=") && !html.contains("style"), "{html}");
            assert_eq!(message["kinds"], serde_json::json!(["multipart/alternative", "text/plain", "text/html"]));
            assert_eq!(message["to"], serde_json::json!([format!("{name}@example.org")]));
            let mut headers: Vec<_> = message["headers"].as_object().unwrap().keys().map(String::as_str).collect();
            headers.sort_unstable();
            let known =
                ["auto-submitted", "content-type", "date", "from", "message-id", "mime-version", "subject", "to"];
            assert_eq!(headers, known);
            assert_eq!(message["headers"]["auto-submitted"], "auto-generated");
            assert!(!message["raw"].as_str().unwrap().contains(&subject.0.simple().to_string()));
            texts.insert((subject_line.to_owned(), bare_text, bare_html));
        }
        assert_eq!(texts.len(), 1, "{topic:?} is not the same for everybody");
    }
    assert_eq!(taken.len(), 2 * Topic::ALL.len());
}

/// S26, S29: the secret of a link is in its message and nowhere else.
#[rstest]
#[actix_web::test]
async fn s26_s29_a_link_brings_its_secret_and_an_old_one_is_not_sent(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = super::recording(on);
    let (invitation, reset, old) = (LinkId::new(), LinkId::new(), LinkId::new());
    linked(&app, "caseworker", "invitation", invitation.0);
    linked(&app, "colleague", "password_reset", reset.0);
    super::happened(&app, Topic::Invitation, invitation.0);
    super::happened(&app, Topic::PasswordReset, reset.0);
    posted_all(&app).await;
    let links: Vec<_> = sent.take().into_iter().map(|letter| letter.link).collect();
    let key = &app.application().keys.token;
    let expected = [format!("{SITE}/invitation/{}", key.link(invitation)), format!("{SITE}/reset/{}", key.link(reset))];
    assert_eq!(links.iter().collect::<BTreeSet<_>>(), expected.iter().collect());

    linked(&app, "caseworker", "password_reset", old.0);
    super::happened(&app, Topic::PasswordReset, old.0);
    app.clock.advance(chrono::TimeDelta::days(2));
    posted_all(&app).await;
    assert_eq!((sent.take(), super::states(&app)["not_wanted"]), (vec![], 1));
}
