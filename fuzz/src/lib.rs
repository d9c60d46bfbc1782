//! Safehold as somebody meets it who sends it anything at all: the real service, on a database with the demonstration in
//! it, and somebody signed in of every role. Whatever is sent, the answer is no failure of ours, and says in the agreed
//! form what is wrong. (S32)
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "whatever goes wrong here is to be seen")]

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::pin::Pin;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::rt::{System, SystemRunner};
use actix_web::test::{TestRequest, init_service, read_body};
use safehold::app::App;
use safehold::clock::Clock;
use safehold::db::{DatabaseUrl, Db};
use safehold::demo;
use safehold::feed::Feed;
use safehold::gate::access::ROUTES;
use safehold::mail::Mailer;
use safehold::settings::{Keys, Policy};
use serde_json::{Value, json};

type Sent = Pin<Box<dyn Future<Output = Heard>>>;

/// An answer, as far as it matters here.
pub struct Heard {
    pub status: StatusCode,
    pub kind: String,
    pub cookie: String,
    pub text: String,
}

/// Somebody of the demonstration, signed in both ways.
pub struct Person {
    pub token: String,
    pub cookie: String,
    /// What proves that a form is ours.
    pub csrf: String,
}

pub struct Site {
    system: SystemRunner,
    send: Box<dyn Fn(TestRequest) -> Sent>,
    pub people: Vec<Person>,
    /// Ids of what there is, by the list that they stand in.
    known: Vec<(&'static str, String)>,
}

thread_local! {
    static SITE: RefCell<Option<&'static Site>> = const { RefCell::new(None) };
}

/// Does something with the site, which is opened once in a run.
pub fn with_site(work: impl FnOnce(&Site)) {
    // It is never closed: at the end of a run the runtime is gone before it.
    SITE.with(|site| work(site.borrow_mut().get_or_insert_with(|| Box::leak(Box::new(Site::open())))));
}

/// The first byte chooses one of these.
pub fn chosen<'a, T>(of: &'a [T], byte: u8) -> &'a T {
    &of[usize::from(byte) % of.len()]
}

/// The routes of the API, or of the pages, that answer to these methods.
pub fn routes(api: bool, methods: &[&str]) -> Vec<(&'static str, &'static str)> {
    let ours = |path: &str| path.starts_with("/api/v1/") == api && !path.contains("{_:");
    let routes = ROUTES.iter().filter(|(method, path, _)| methods.contains(method) && ours(path));
    routes.map(|(method, path, _)| (*method, *path)).collect()
}

impl Site {
    fn open() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/site");
        let _ = fs::remove_dir_all(&folder); // of the run before
        fs::create_dir_all(&folder).unwrap();
        let url: DatabaseUrl = format!("sqlite:{}", folder.join("fuzz.db").display()).parse().unwrap();
        url.open().unwrap().migrate().unwrap();
        let clock = Clock::standing_at(serde_json::from_value(json!("2026-06-01T10:00:00Z")).unwrap());
        let keys = Keys::of("fuzz", &[7; 32], b"the audit key of the fuzzing", b"the token key of the fuzzing");
        let policy = Policy { second_factor: false, ..Policy::default() };
        let db = Db::new(url, 4, clock.clone(), keys.clone(), policy);
        let system = System::new();
        let (send, sign_ins) = system.block_on(async {
            db.check_keys().await.unwrap();
            let sign_ins = demo::load(&db, clock.now(), |_| ()).await.unwrap();
            let app = App {
                db,
                feed: Feed::default(),
                clock,
                keys,
                policy,
                mailer: Mailer::None,
                public_url: "http://127.0.0.1".into(),
                audit_head_file: None,
                behind_proxy: false,
            };
            let service = init_service(app.service()).await;
            let send: Box<dyn Fn(TestRequest) -> Sent> = Box::new(move |request| {
                let answer = service.call(request.to_request());
                Box::pin(async move { heard(answer.await.unwrap()).await })
            });
            (send, sign_ins)
        });
        let mut site = Self { system, send, people: Vec::new(), known: Vec::new() };
        site.people = sign_ins.iter().map(|one| site.signed_in(one.email, one.password)).collect();
        site.known = site.find_out();
        site
    }

    /// Sends a request; fails when the answer is a failure of ours, or a refusal in another form than the agreed one.
    pub fn send(&self, request: TestRequest) -> Heard {
        let heard = self.system.block_on((self.send)(request));
        assert!(!heard.status.is_server_error(), "{} {}", heard.status, heard.text);
        if heard.status.is_client_error() {
            let agreed = ["application/problem+json", "text/html; charset=utf-8"].contains(&heard.kind.as_str());
            assert!(agreed, "{} as {}: {}", heard.status, heard.kind, heard.text);
        }
        heard
    }

    /// A request to this route, about things that there are where its pattern names any. Nothing when what was to be asked
    /// cannot stand in an address at all.
    pub fn request(&self, method: &str, pattern: &str, query: &str) -> Option<TestRequest> {
        let mut path = pattern.to_owned();
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            let list = pattern.trim_start_matches("/api/v1").split('/').nth(1).unwrap_or_default();
            let known = self.known.iter().find(|(of, _)| *of == list).map(|(_, id)| id.as_str());
            path.replace_range(start..=end, known.unwrap_or("00000000-0000-0000-0000-000000000000"));
        }
        let uri: Uri = if query.is_empty() { path } else { format!("{path}?{query}") }.parse().ok()?;
        let method: Method = method.parse().ok()?;
        Some(TestRequest::default().method(method).uri(&uri.to_string()).peer_addr(([127, 0, 0, 1], 1).into()))
    }

    fn signed_in(&self, email: &str, password: &str) -> Person {
        let peer = ([127, 0, 0, 1], 1).into();
        let body = json!({ "email": email, "password": password });
        let answer = self.send(TestRequest::post().uri("/api/v1/sessions").peer_addr(peer).set_json(body));
        let tokens: Value = serde_json::from_str(&answer.text).unwrap();
        let proof = |page: &Heard| {
            page.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        let csrf = proof(&self.send(TestRequest::get().uri("/sign-in").peer_addr(peer)));
        let form = [("csrf", csrf.as_str()), ("email", email), ("password", password)];
        let cookie = self.send(TestRequest::post().uri("/sign-in").peer_addr(peer).set_form(form)).cookie;
        let page = TestRequest::get().uri("/account/password").append_header(("cookie", cookie.clone()));
        let csrf = proof(&self.send(page));
        Person { token: tokens["access_token"].as_str().unwrap().to_owned(), cookie, csrf }
    }

    fn find_out(&self) -> Vec<(&'static str, String)> {
        let lists = ["cases", "units", "services", "vacancies", "referrals", "placements", "accounts", "organisations"];
        let first = |list: &&'static str| {
            self.people.iter().find_map(|person| {
                let request = TestRequest::get().uri(&format!("/api/v1/{list}"));
                let answer = self.send(request.append_header(("authorization", format!("Bearer {}", person.token))));
                let list_of: Value = serde_json::from_str(&answer.text).ok()?;
                Some((*list, list_of["items"][0]["id"].as_str()?.to_owned()))
            })
        };
        lists.iter().filter_map(first).collect()
    }
}

async fn heard<B: MessageBody>(answer: ServiceResponse<B>) -> Heard {
    let header = |name: &str| {
        let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (status, kind, cookie) = (answer.status(), header("content-type"), header("set-cookie"));
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let text = String::from_utf8_lossy(&read_body(answer).await).into_owned();
    Heard { status, kind, cookie, text }
}
