//! Mail: a fixed text and a link, to those it concerns, at least once.

mod choices;
mod delivery;
mod killed;
mod queue;
mod reminders;
mod words;

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use safehold::db::Conn;
use safehold::domain::mail::Topic;
use safehold::ids::{MailId, NoticeId};
use safehold::mail::{Letter, Mailer, Recorder, deliver};
use uuid::Uuid;

use crate::support::{Engine, TestApp};

/// With a mailer that keeps what it is given.
fn recording(on: Engine) -> (TestApp, Recorder) {
    let recorder = Recorder::default();
    (TestApp::spawn(on).with_mailer(Mailer::Recorded(recorder.clone())), recorder)
}

/// That the people of a test have signed in from a new place is not what it is about.
fn forget_sign_ins(app: &TestApp) {
    app.raw().batch_execute("DELETE FROM outbox WHERE topic = 'new_sign_in'").unwrap();
}

/// What the worker does, until nothing is left; gives back how often something was tried.
async fn posted_all(app: &TestApp) -> usize {
    forget_sign_ins(app);
    while app.db.expand_notices().await.unwrap() > 0 {}
    let mut tried = 0;
    loop {
        match deliver(app.application()).await.unwrap() {
            0 => return tried,
            more => tried += more,
        }
    }
}

/// Who was told of what: (name, topic), in order.
fn told(letters: &[Letter]) -> Vec<(String, &'static str)> {
    let name = |letter: &Letter| letter.to.split('@').next().unwrap().to_owned();
    let mut told: Vec<_> = letters.iter().map(|letter| (name(letter), letter.topic.as_str())).collect();
    told.sort();
    told
}

fn counted(app: &TestApp, query: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    diesel::sql_query(query).get_result::<Count>(&mut app.raw()).unwrap().count
}

/// How many messages are in each state.
fn states(app: &TestApp) -> BTreeMap<&'static str, i64> {
    let of = |state| (state, counted(app, &format!("SELECT count(*) AS count FROM mail WHERE state = '{state}'")));
    ["waiting", "sent", "given_up", "not_wanted"].map(of).into_iter().filter(|(_, number)| *number > 0).collect()
}

/// An id as either database reads it.
fn id(conn: &Conn, id: Uuid) -> String {
    match conn {
        Conn::Postgres(_) => format!("'{id}'"),
        Conn::Sqlite(_) => format!("X'{}'", id.simple()),
    }
}

/// Notes past the application that something has happened.
fn happened(app: &TestApp, topic: Topic, subject: Uuid) {
    let mut conn = app.raw();
    let (notice, subject) = (id(&conn, NoticeId::new().0), id(&conn, subject));
    let (topic, now) = (topic.as_str(), rfc3339(app));
    conn.batch_execute(&format!(
        "INSERT INTO outbox (id, topic, subject_id, created_at) VALUES ({notice}, '{topic}', {subject}, '{now}')"
    ))
    .unwrap();
}

/// Puts a message into the queue past the application.
fn queued(app: &TestApp, topic: Topic, name: &str, subject: Uuid) {
    let mut conn = app.raw();
    let (mail, notice) = (id(&conn, MailId::new().0), id(&conn, NoticeId::new().0));
    let (account, subject) = (id(&conn, app.world.account(name).id.0), id(&conn, subject));
    let (topic, now) = (topic.as_str(), rfc3339(app));
    conn.batch_execute(&format!(
        "INSERT INTO mail (id, notice_id, account_id, topic, subject_id, state, queued_at, due_at, attempts)
         VALUES ({mail}, {notice}, {account}, '{topic}', {subject}, 'waiting', '{now}', '{now}', 0)"
    ))
    .unwrap();
}

/// A link that somebody was promised; it is good for a day.
fn linked(app: &TestApp, name: &str, purpose: &str, link: Uuid) {
    let mut conn = app.raw();
    let (account, key) = (id(&conn, app.world.account(name).id.0), id(&conn, link));
    let hash = match conn {
        Conn::Postgres(_) => format!("'\\x{}'", link.simple()),
        Conn::Sqlite(_) => format!("X'{}'", link.simple()),
    };
    let later = (app.clock.now() + chrono::TimeDelta::days(1)).utc().format("%Y-%m-%dT%H:%M:%S%.6fZ");
    conn.batch_execute(&format!(
        "INSERT INTO account_link (id, account_id, purpose, hash, created_at, expires_at)
         VALUES ({key}, {account}, '{purpose}', {hash}, '{}', '{later}')",
        rfc3339(app)
    ))
    .unwrap();
}

fn rfc3339(app: &TestApp) -> String {
    app.clock.now().utc().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
