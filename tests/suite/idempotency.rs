//! The same request, sent many times at once.

use std::sync::{Arc, Barrier};
use std::thread;

use actix_web::rt::System;
use rstest::rstest;
use safehold::actions::vacancies;
use safehold::db::IdempotencyKey;

use crate::steps::audited;
use crate::support::{Engine, Postgres, Sqlite, TestApp};

/// S35
#[rstest]
#[actix_web::test]
async fn s35_a_request_sent_many_times_at_once_happens_once_and_is_answered_alike(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let unit = app.world.a1;
    let start = Arc::new(Barrier::new(12));
    let senders: Vec<_> = (0..12)
        .map(|_| {
            let (db, actor, start) = (app.db.clone(), app.actor("refuge_worker"), Arc::clone(&start));
            let key = IdempotencyKey { key: "once".into(), fingerprint: vec![1] };
            thread::spawn(move || {
                System::new().block_on(async {
                    start.wait();
                    let posted =
                        db.write_once(&actor, key, move |tx| Ok(vacancies::post(tx, unit, None)?.map(|v| v.id)));
                    posted.await.unwrap()
                })
            })
        })
        .collect();
    let mut answers: Vec<_> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(audited(&app, "vacancy.posted"), 1);
}
