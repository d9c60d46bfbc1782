//! The pages: how long the server takes for each, and how much comes over the line.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::seed::SMALL_PROVIDER;
use crate::world::people::{CASEWORKER, HELPLINE_MANAGER, PASSWORD, REFUGE_WORKER, needs};
use crate::world::server::Server;

/// How often each page is asked for.
const TIMES: usize = 100;
/// In milliseconds, for nineteen of twenty requests.
const SERVER_TIME: f64 = 20.0;
/// In bytes, with the style sheet, the script and the fonts.
const FIRST_VIEW: usize = 75 * 1024;
/// In bytes, for each page after that.
const PAGE: usize = 15 * 1024;

/// An answer as it came.
struct Answer {
    head: String,
    body: Vec<u8>,
    took: Duration,
}

impl Answer {
    /// What stands after `name: ` in the head.
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

fn ask(server: &Server, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let (address, length) = (&server.address, body.len());
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\
         content-type: application/x-www-form-urlencoded\r\n{headers}\r\n{body}"
    );
    let begun = Instant::now();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let took = begun.elapsed();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    Answer { head, body: answer.split_off(end + 4), took }
}

/// Signs in as a person does; gives back the cookie.
fn sign_in(server: &Server, email: &str) -> String {
    let page = ask(server, "GET", "/sign-in", "", "");
    let html = String::from_utf8_lossy(&page.body);
    let proof = html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([("csrf", proof.as_str()), ("email", email), ("password", PASSWORD)]);
    let answer = ask(server, "POST", "/sign-in", "", &form.finish());
    let cookie = answer.header("set-cookie").unwrap_or_else(|| panic!("{}", answer.head));
    cookie.split(';').next().unwrap().to_owned()
}

/// Prints what each page takes; gives back whether every one came.
pub fn measure(server: &Server) -> bool {
    let token = server.sign_in(CASEWORKER);
    let headers = format!("authorization: Bearer {token}\r\nidempotency-key: pages\r\n");
    let new = json!({ "referral_source": "self", "needs": needs(2) });
    let case = server.send("POST", "/cases", &headers, Some(&new))["id"].as_str().unwrap().to_owned();
    let of_case = |path: &str| format!("/cases/{case}{path}");
    let people = [
        (
            CASEWORKER,
            vec![
                "/find".to_owned(),
                "/cases".into(),
                "/cases?which=waiting".into(),
                "/cases/new".into(),
                of_case("/ask/household"),
                of_case(""),
                of_case("/matches"),
                of_case("/matches/part"),
                of_case("/close"),
                "/referrals".into(),
                "/vacancies".into(),
            ],
        ),
        // A provider of 45 units, and one that has all the 5,000.
        (SMALL_PROVIDER, ["/units", "/referrals", "/placements", "/calendar", "/services"].map(str::to_owned).into()),
        (REFUGE_WORKER, ["/units", "/referrals", "/placements", "/calendar", "/services"].map(str::to_owned).into()),
        (HELPLINE_MANAGER, ["/reports/denied-access", "/cases", "/accounts"].map(str::to_owned).into()),
    ];
    println!();
    println!("Pages, one after the other, {TIMES} times each; compressed as a browser asks for it");
    println!();
    println!("{:<46} {:>8} {:>8} {:>8}  aims", "page", "p50 ms", "p95 ms", "KiB");
    let mut well = true;
    for (who, paths) in people {
        let cookie = sign_in(server, who);
        let headers = format!("cookie: {cookie}\r\naccept-encoding: gzip, br\r\n");
        for path in paths {
            let mut times = Vec::with_capacity(TIMES);
            let mut size = 0;
            for _ in 0..TIMES {
                let answer = ask(server, "GET", &path, &headers, "");
                well &= answer.head.starts_with("HTTP/1.1 200");
                times.push(answer.took.as_secs_f64() * 1000.0);
                size = answer.body.len();
            }
            times.sort_by(f64::total_cmp);
            let (p50, p95) = (times[TIMES / 2], times[TIMES * 95 / 100]);
            let name = path.replace(&case, "…");
            let met = |met: bool| if met { "met" } else { "missed" };
            println!(
                "{name:<46} {p50:>8.1} {p95:>8.1} {:>8.1}  time {}, size {}",
                kib(size),
                met(p95 < SERVER_TIME),
                met(size < PAGE)
            );
        }
    }
    let first = first_view(server);
    println!(
        "{:<46} {:>26.1}  size {}",
        "first view, with style, script and fonts",
        kib(first),
        if first < FIRST_VIEW { "met" } else { "missed" }
    );
    well
}

/// The sign-in, and everything that it brings with it.
fn first_view(server: &Server) -> usize {
    let page = ask(server, "GET", "/sign-in", "", "");
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let mut files: BTreeSet<String> = named(&html);
    let sheet = files
        .iter()
        .find(|name| name.starts_with("/assets/app.") && name.contains(".css"))
        .expect("a style sheet")
        .clone();
    let css = ask(server, "GET", &sheet, "", "");
    let fonts = String::from_utf8_lossy(&css.body).into_owned();
    // The letters of English: a browser fetches the others only for a page that has them.
    let latin = |name: &&str| name.starts_with("source-sans-3-latin-") && !name.contains("-ext-");
    files.extend(fonts.split(['(', ')', '"']).filter(latin).map(|name| format!("/assets/{name}")));
    let compressed = "accept-encoding: br\r\n";
    let files: usize = files.iter().map(|path| ask(server, "GET", path, compressed, "").body.len()).sum();
    files + ask(server, "GET", "/sign-in", "accept-encoding: gzip\r\n", "").body.len()
}

fn named(html: &str) -> BTreeSet<String> {
    html.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand bytes")]
fn kib(bytes: usize) -> f64 {
    bytes as f64 / 1024.0
}
