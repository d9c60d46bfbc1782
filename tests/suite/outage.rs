//! What people are told while the database cannot be reached, and what they have to do afterwards: nothing.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::{env, fs, thread};

use rstest::rstest;
use safehold::db::DatabaseUrl;
use tempfile::TempDir;

use crate::support::{Engine, Postgres, TestApp};

/// A line to the database server that can be cut and mended.
struct Line {
    folder: TempDir,
    server: PathBuf,
    talks: Arc<Mutex<Vec<UnixStream>>>,
}

const SOCKET: &str = ".s.PGSQL.5432";

impl Line {
    fn to(server: &str) -> Self {
        let line =
            Self { folder: TempDir::new().unwrap(), server: Path::new(server).join(SOCKET), talks: Arc::default() };
        line.mend();
        line
    }

    fn mend(&self) {
        let listener = UnixListener::bind(self.folder.path().join(SOCKET)).unwrap();
        let (server, talks) = (self.server.clone(), Arc::clone(&self.talks));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), UnixStream::connect(&server).unwrap());
                for (mut from, mut to) in
                    [(&client, &server), (&server, &client)].map(|(from, to)| (copy(from), copy(to)))
                {
                    thread::spawn(move || {
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
                talks.lock().unwrap().push(client);
            }
        });
    }

    /// Ends every talk, and takes no new one.
    fn cut(&self) {
        fs::remove_file(self.folder.path().join(SOCKET)).unwrap();
        for talk in self.talks.lock().unwrap().drain(..) {
            let _ = talk.shutdown(Shutdown::Both);
        }
    }
}

fn copy(stream: &UnixStream) -> UnixStream {
    stream.try_clone().unwrap()
}

/// S38
#[rstest]
#[actix_web::test]
async fn s38_while_the_database_is_away_people_are_told_to_come_back(#[values(Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let DatabaseUrl::Postgres(url) = app.url() else { unreachable!() };
    let server = env::var("TEST_DATABASE_URL").unwrap();
    let server = server.split("host=").nth(1).unwrap().split('&').next().unwrap();
    let line = Line::to(server);
    let url = url.replace(server, line.folder.path().to_str().unwrap());
    let app = app.through(url.parse().unwrap());
    let (worker, visitor) = (app.client("caseworker").await, app.visitor("caseworker").await);
    worker.get("/api/v1/vacancies").await.ok();

    line.cut();
    for _ in 0..2 {
        let answer = worker.get("/api/v1/vacancies").await;
        assert_eq!(answer.problem(), "503 unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
    let page = visitor.page("/vacancies").await;
    assert_eq!(page.status, 503, "{}", page.text);
    assert!(!page.text.contains(server) && !page.text.to_lowercase().contains("postgres"), "{}", page.text);

    line.mend();
    worker.get("/api/v1/vacancies").await.ok();
    visitor.page("/vacancies").await.ok();
}
