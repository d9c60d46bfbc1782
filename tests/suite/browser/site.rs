//! The real application, served over real HTTP, on a database of its own that holds the demonstration.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::ContentType;
use actix_web::rt::System;
use actix_web::{HttpResponse, HttpServer, web};
use safehold::app::App;
use safehold::clock::Clock;
use safehold::db::Db;
use safehold::feed::Feed;
use safehold::mail::Mailer;
use safehold::settings::Policy;
use safehold::worker;

use super::database::{demonstrated, demonstration};
use super::window::Window;
use crate::support::database::TestDatabase;
use crate::support::links::secrets;
use crate::support::{Engine, Sqlite, world};

/// Its clones are the same site, which stops with the last of them.
#[derive(Clone)]
pub struct Site {
    /// The server's clock stands still until a test moves it; the browser's own goes on.
    pub clock: Clock,
    running: Arc<Running>,
}

/// In the order in which they end.
struct Running {
    server: Server,
    database: Option<TestDatabase>,
}

impl Site {
    pub fn open() -> Self {
        Self::on(Sqlite)
    }

    pub fn on(engine: Engine) -> Self {
        let database = demonstration(engine);
        let clock = Clock::standing_at(demonstrated());
        let (keys, policy) = (world::keys(), Policy { second_factor: false, ..Policy::default() });
        let db = Db::new(database.url.clone(), 4, clock.clone(), keys.clone(), policy);
        let feed = Feed::default();
        let app = App {
            db,
            feed,
            clock: clock.clone(),
            keys,
            policy,
            mailer: Mailer::None,
            public_url: "http://127.0.0.1".into(),
            audit_head_file: None,
            behind_proxy: false,
        };
        let worker = worker::run(app.clone());
        let server = Server::start(move || app.clone().service(), worker);
        Self { clock, running: Arc::new(Running { server, database: Some(database) }) }
    }

    /// Not Safehold, but the same page at every address: for the tests of what is tested here with.
    pub fn showing(page: &'static str) -> Self {
        let answer = move || async move { HttpResponse::Ok().content_type(ContentType::html()).body(page) };
        let server = Server::start(move || actix_web::App::new().default_service(web::to(answer)), async {});
        Self { clock: Clock::default(), running: Arc::new(Running { server, database: None }) }
    }

    /// The secret of the newest link that was made for an address: as it stands in the mail.
    pub fn link(&self, email: &str) -> String {
        let database = self.running.database.as_ref().unwrap();
        secrets(&mut database.open(), email).into_iter().next().unwrap_or_else(|| panic!("no link for {email}"))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.server.address)
    }

    /// A window to look at it through.
    pub fn window(&self) -> Window {
        Window::new(self.clone())
    }
}

/// A server on a thread of its own.
struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// With `beside` running as long as the server does.
    fn start<F, S, B>(app: F, beside: impl Future<Output = ()> + Send + 'static) -> Self
    where
        F: Fn() -> actix_web::App<S> + Send + Clone + 'static,
        S: ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = actix_web::Error,
                InitError = (),
            > + 'static,
        B: MessageBody + 'static,
    {
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            System::new().block_on(async {
                actix_web::rt::spawn(beside);
                let server = HttpServer::new(app).workers(2).worker_max_blocking_threads(4).disable_signals();
                let server = server.bind("127.0.0.1:0").unwrap();
                let address = server.addrs()[0];
                let running = server.run();
                tell.send((address, running.handle())).unwrap();
                running.await.unwrap();
            });
        });
        let (address, handle) = told.recv().unwrap();
        Self { address, handle, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false)); // told already: only the answer is not waited for
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
