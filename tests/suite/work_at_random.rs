//! Several people at once, doing whatever there is to do in whatever order: nothing is done twice, nothing that is not
//! drawn happens, no home is given to two, and what was recorded stays recorded.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use actix_web::rt::System;
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rstest::rstest;
use safehold::clock::At;
use safehold::db::occupancy::of_unit_within;
use safehold::db::{Conn, Verification};
use safehold::domain::machine::{Edge, Word};
use safehold::domain::{case, placement, referral, vacancy};
use safehold::ids::RequestId;
use serde_json::{Value, json};

use crate::occupancy_at_random::unit_time_adds_up;
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

/// Everything that is tried, and how often.
const VERBS: [(u32, &str); 24] = [
    // a case
    (4, "open"),
    (1, "edit"),
    (1, "reallocate"),
    (1, "close"),
    // a vacancy
    (6, "post"),
    (1, "confirm"),
    (2, "withdraw"),
    // a home
    (6, "hold"),
    (7, "release"),
    (1, "void"),
    (3, "end_void"),
    // a referral
    (12, "refer"),
    (4, "ask"),
    (9, "answer"),
    (2, "write"),
    (12, "accept"),
    (1, "decline"),
    (2, "take_back"),
    // a stay
    (9, "arrive"),
    (2, "not_come"),
    (2, "extend"),
    (6, "move"),
    (5, "depart"),
    (2, "repeat"),
];

const PEOPLE: [&str; 6] =
    ["caseworker", "colleague", "other_caseworker", "refuge_worker", "other_refuge_worker", "helpline_manager"];

/// Something that somebody tries. The numbers pick the person and the things that there are at that moment.
#[derive(Debug, Clone)]
struct Try {
    verb: &'static str,
    /// Mostly whose work it is; sometimes anybody.
    stranger: Option<usize>,
    a: usize,
    b: usize,
}

/// What is tried at the same moment, and how long it is until then.
#[derive(Debug, Clone)]
struct Round {
    minutes: i64,
    tries: Vec<Try>,
}

fn round() -> impl Strategy<Value = Round> {
    let verbs = prop::strategy::Union::new_weighted(VERBS.map(|(weight, verb)| (weight, Just(verb))).to_vec());
    let one = (verbs, prop::option::weighted(0.15, 0..PEOPLE.len()), 0..12usize, 0..12usize);
    let one = one.prop_map(|(verb, stranger, a, b)| Try { verb, stranger, a, b });
    let minutes = prop_oneof![4 => Just(0i64), 2 => 1..60i64, 1 => 60..2000i64];
    (minutes, prop::collection::vec(one, 1..5)).prop_map(|(minutes, tries)| Round { minutes, tries })
}

#[derive(Debug, Clone)]
struct Request {
    verb: &'static str,
    who: &'static str,
    method: Method,
    path: String,
    /// Of a request that creates or decides.
    key: Option<String>,
    /// Of a change: the version that it starts from.
    etag: Option<String>,
    body: Value,
}

/// A thing that was made, by its path, and whose it is.
#[derive(Debug, Clone)]
struct Thing {
    path: String,
    id: String,
    of: &'static str,
}

struct Play {
    app: TestApp,
    /// Who is signed in, and since when.
    clients: BTreeMap<&'static str, (Client, At)>,
    cases: Vec<Thing>,
    vacancies: Vec<Thing>,
    holds: Vec<Thing>,
    voids: Vec<Thing>,
    referrals: Vec<(Thing, &'static str)>,
    stays: Vec<Thing>,
    /// What was acknowledged, with its answer.
    answered: Vec<(Request, Value)>,
    states: BTreeMap<(&'static str, String), (String, i32)>,
    events: BTreeSet<String>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Integer)]
    version: i32,
}

fn picked<T>(from: &[T], number: usize) -> Option<&T> {
    (!from.is_empty()).then(|| &from[from.len() - 1 - number % from.len().min(5)])
}

/// The states that so many commands can lead to.
fn reachable<S: Word, C: Word>(edges: &[Edge<S, C>], from: &str, commands: usize) -> BTreeSet<&'static str> {
    let mut reached: BTreeSet<&str> = edges.iter().map(|(state, ..)| state.word()).filter(|s| *s == from).collect();
    for _ in 0..commands {
        let next: Vec<_> =
            edges.iter().filter(|(s, ..)| reached.contains(s.word())).map(|(.., to)| to.word()).collect();
        reached.extend(next);
    }
    reached
}

fn followed(table: &str, from: &str, to: &str, commands: usize) -> bool {
    from == to
        || match table {
            "case" => reachable(case::EDGES, from, commands).contains(to),
            "vacancy" => reachable(vacancy::EDGES, from, commands).contains(to),
            "referral" => reachable(referral::EDGES, from, commands).contains(to),
            _ => reachable(placement::EDGES, from, commands).contains(to),
        }
}

impl Play {
    fn begin(on: Engine) -> Self {
        Self {
            app: TestApp::spawn(on),
            clients: BTreeMap::new(),
            cases: vec![],
            vacancies: vec![],
            holds: vec![],
            voids: vec![],
            referrals: vec![],
            stays: vec![],
            answered: vec![],
            states: BTreeMap::new(),
            events: BTreeSet::new(),
        }
    }

    /// Somebody's connection, whose token is still good.
    async fn client(&mut self, who: &'static str) -> &Client {
        let now = self.app.clock.now();
        if self.clients.get(who).is_none_or(|(_, since)| now - *since > TimeDelta::minutes(10)) {
            let client = self.app.client(who).await;
            self.clients.insert(who, (client, now));
        }
        &self.clients[who].0
    }

    /// The units, and who runs them.
    fn units(&self) -> [(String, &'static str); 3] {
        let world = self.app.world;
        [(world.a1, "refuge_worker"), (world.a2, "refuge_worker"), (world.d1, "other_refuge_worker")]
            .map(|(unit, of)| (unit.0.to_string(), of))
    }

    /// What is sent, if there is anything to try it on.
    fn request(&self, what: &Try) -> Option<Request> {
        let Try { a, b, .. } = *what;
        let verb = what.verb;
        let key = || Some(RequestId::new().0.to_string());
        let post =
            |who, path: String, body| Request { verb, who, method: Method::POST, path, key: key(), etag: None, body };
        let soon = self.app.clock.now().date() + TimeDelta::days(30);
        let case = || picked(&self.cases, a);
        let of_case = |end: &str, body| case().map(|case| post(case.of, format!("{}/{end}", case.path), body));
        let of_vacancy =
            |end: &str| picked(&self.vacancies, a).map(|it| post(it.of, format!("{}/{end}", it.path), Value::Null));
        let by_provider =
            |end: &str, body| picked(&self.referrals, a).map(|(it, _)| post(it.of, format!("{}/{end}", it.path), body));
        let by_referrer =
            |end: &str, body| picked(&self.referrals, a).map(|(it, by)| post(by, format!("{}/{end}", it.path), body));
        let of_stay =
            |end: &str, body| picked(&self.stays, a).map(|it| post(it.of, format!("{}/{end}", it.path), body));
        let units = self.units();
        let (unit, provider) = &units[a % 3];
        let mut request = match verb {
            "open" if self.cases.len() < 20 => Some(post(PEOPLE[a % 3], "/api/v1/cases".into(), new_case())),
            "edit" => {
                let case = case()?;
                let body = json!({ "needs": { "pregnant": if b % 2 == 0 { "no" } else { "unknown" } } });
                Some(Request {
                    method: Method::PATCH,
                    key: None,
                    etag: Some(String::new()),
                    ..post(case.of, case.path.clone(), body)
                })
            }
            "reallocate" => {
                let case = case()?;
                let body = json!({ "account_id": self.app.world.account(PEOPLE[b % 2]).id });
                let path = format!("{}/owner", case.path);
                Some(Request {
                    method: Method::PUT,
                    key: None,
                    etag: Some(String::new()),
                    ..post("helpline_manager", path, body)
                })
            }
            "close" if b % 2 == 0 => of_case("close", json!({ "outcome": "placed" })),
            "close" => {
                let why = json!({ "outcome": "not_placed", "primary_reason": "lost_contact", "what_happened_next": "not_known" });
                of_case("close", why)
            }
            "post" => Some(post(provider, "/api/v1/vacancies".into(), json!({ "unit_id": unit }))),
            "confirm" => of_vacancy("confirm"),
            "withdraw" if b % 3 == 0 => of_vacancy("withdraw"),
            "hold" => picked(&self.vacancies, b).and_then(|it| of_case("holds", json!({ "vacancy_id": it.id }))),
            "release" => picked(&self.holds, a).map(|it| post(it.of, format!("{}/release", it.path), Value::Null)),
            "void" if b % 3 == 0 => Some(post(
                provider,
                format!("/api/v1/units/{unit}/voids"),
                json!({ "reason": "cleaning", "end_holds": b == 0 }),
            )),
            "end_void" => picked(&self.voids, a).map(|it| post(it.of, format!("{}/end", it.path), Value::Null)),
            "refer" => picked(&self.vacancies, b).and_then(|it| of_case("referrals", json!({ "vacancy_id": it.id }))),
            "ask" => by_provider("request-information", json!({ "note": "Is there a cot?" })),
            "answer" => by_referrer("give-information", json!({ "note": "There is." })),
            "write" => by_referrer("notes", json!({ "note": "They can come tonight." })),
            "accept" => by_provider("accept", json!({})),
            "decline" => by_provider("decline", json!({ "primary_reason": "needs_care" })),
            "take_back" => by_referrer("withdraw", json!({ "primary_reason": "lost_contact" })),
            "arrive" => of_stay("arrive", json!({})),
            "not_come" => of_stay("did-not-arrive", json!({ "primary_reason": "lost_contact" })),
            "move" => {
                let unit = if b % 2 == 0 { self.app.world.a1 } else { self.app.world.a2 };
                of_stay("move", json!({ "unit_id": unit, "reason": "repairs" }))
            }
            "extend" => of_stay("extend", json!({ "expected_end": soon })),
            "depart" => of_stay("depart", json!({ "kind": "planned", "destination": "hospital" })),
            "repeat" => {
                let (first, _) = picked(&self.answered, a)?;
                let lost = |case: &&Thing| first.path.starts_with(&case.path) && case.of != first.who;
                if self.cases.iter().any(|case| lost(&case)) {
                    return None; // whose case it no longer is sees nothing of it, not even her own answer
                }
                return Some(Request { verb, ..first.clone() });
            }
            _ => None,
        }?;
        if let Some(stranger) = what.stranger {
            request.who = PEOPLE[stranger];
        }
        Some(request)
    }

    /// Tries all of it at once; gives back what succeeded.
    async fn play(&mut self, round: &Round) -> Vec<&'static str> {
        if round.minutes > 0 {
            self.app.clock.advance(TimeDelta::minutes(round.minutes));
        }
        let mut requests: Vec<Request> = Vec::new();
        for what in &round.tries {
            let Some(mut request) = self.request(what) else { continue };
            let client = self.client(request.who).await;
            if let Some(etag) = &mut request.etag {
                let case = client.get(request.path.trim_end_matches("/owner")).await;
                let Some(version) = case.headers.get("etag") else { continue };
                version.to_str().unwrap().clone_into(etag);
            }
            requests.push(request);
        }
        let sent = requests.iter().map(|request| {
            let headers: Vec<_> = (request.key.iter().map(|key| ("idempotency-key", key.as_str())))
                .chain(request.etag.iter().map(|etag| ("if-match", etag.as_str())))
                .collect();
            let body = Some(request.body.clone()).filter(|body| !body.is_null());
            let (client, _) = &self.clients[request.who];
            async move { client.request(request.method.clone(), &request.path, &headers, body).await }
        });
        let answers = join_all(sent).await;
        let mut succeeded = Vec::new();
        let taken_away = requests.iter().any(|request| request.verb == "reallocate");
        let mut changed: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (request, answer) in requests.iter().zip(&answers) {
            let known = [200, 201, 204, 403, 404, 409, 412, 422].contains(&answer.status.as_u16());
            assert!(known, "{request:?}: {} {:#}", answer.status, answer.json);
            if !answer.status.is_success() {
                let held = request.verb != "repeat" || taken_away;
                assert!(held, "what was acknowledged stays so: {request:?} {:#}", answer.json);
                continue;
            }
            succeeded.push(request.verb);
            if let Some(etag) = &request.etag {
                // S36
                let twice = changed.entry((request.path.trim_end_matches("/owner"), etag)).or_default();
                *twice += 1;
                assert_eq!(*twice, 1, "two changes of one version: {request:?}");
            }
            if request.verb == "repeat" {
                let (_, first) = self.answered.iter().find(|(earlier, _)| earlier.key == request.key).unwrap();
                assert_eq!(first, &answer.json, "S35: {request:?}");
            }
        }
        for (request, answer) in requests.into_iter().zip(answers) {
            if answer.status.is_success() && request.verb != "repeat" {
                self.remember(&request, &answer.json);
                if request.key.is_some() {
                    self.answered.push((request, answer.json));
                }
            }
        }
        self.check(round.tries.len());
        succeeded
    }

    fn remember(&mut self, request: &Request, answer: &Value) {
        let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
        let (of, id) = (request.who, text("id"));
        let thing = |path: String| Thing { path, id: id.clone(), of };
        match request.verb {
            "open" => self.cases.push(thing(format!("/api/v1/cases/{id}"))),
            "reallocate" => {
                let path = request.path.trim_end_matches("/owner");
                let to = PEOPLE
                    .into_iter()
                    .find(|name| json!(self.app.world.account(name).id) == request.body["account_id"]);
                self.cases.iter_mut().filter(|case| case.path == path).for_each(|case| case.of = to.unwrap());
            }
            "post" => self.vacancies.push(thing(format!("/api/v1/vacancies/{id}"))),
            "hold" => self.holds.push(thing(format!("{}/{id}", request.path))),
            "void" => self.voids.push(thing(format!("{}/{id}", request.path))),
            "refer" => {
                let posted = self.vacancies.iter().find(|vacancy| json!(vacancy.id) == request.body["vacancy_id"]);
                let provider = posted.unwrap().of;
                self.referrals.push((Thing { of: provider, ..thing(format!("/api/v1/referrals/{id}")) }, of));
            }
            "move" => self.stays.push(thing(format!("/api/v1/placements/{id}"))),
            "accept" => {
                let id = text("placement_id");
                self.stays.push(Thing { path: format!("/api/v1/placements/{id}"), id, of });
            }
            _ => {}
        }
    }

    /// What must be true after every round.
    fn check(&mut self, commands: usize) {
        let mut conn = self.app.raw();
        let (start, end) = (At::start_of("2026-01-01".parse().unwrap()), At::start_of("2027-01-01".parse().unwrap()));
        for unit in [self.app.world.a1, self.app.world.a2, self.app.world.d1] {
            let rows = of_unit_within(&mut conn, unit, start, end).unwrap();
            unit_time_adds_up(&rows.iter().map(|row| (row.kind, row.during())).collect::<Vec<_>>()); // S33, S34
        }
        let id = match conn {
            Conn::Postgres(_) => "id::text",
            Conn::Sqlite(_) => "hex(id)",
        };
        for table in ["case", "vacancy", "referral", "placement"] {
            let query = format!("SELECT {id} AS id, state, version FROM \"{table}\"");
            for row in diesel::sql_query(query).load::<Row>(&mut conn).unwrap() {
                let now = (row.state, row.version);
                if let Some((state, version)) = self.states.insert((table, row.id), now.clone()) {
                    assert!(followed(table, &state, &now.0, commands), "S35: a {table} went from {state} to {}", now.0);
                    assert!(version < now.1 || (version, &state) == (now.1, &now.0), "S36: a {table} changed unseen");
                }
            }
        }
        let query = format!("SELECT {id} AS id, action AS state, 0 AS version FROM audit_event");
        let events: BTreeSet<String> = diesel::sql_query(query)
            .load::<Row>(&mut conn)
            .unwrap()
            .into_iter()
            .map(|row| format!("{}{}", row.id, row.state))
            .collect();
        assert!(self.events.is_subset(&events), "an event of the audit is gone");
        self.events = events;
    }

    /// Every request that was acknowledged left its events, and the chain holds them all.
    async fn end(self) -> usize {
        while self.app.db.seal_audit().await.unwrap() > 0 {}
        let Verification::Intact { events, .. } = self.app.db.verify_audit().await.unwrap() else {
            panic!("the audit is not intact")
        };
        assert_eq!(events, self.events.len());
        self.answered.len()
    }
}

/// S33, S34, S35, S36
#[rstest]
#[case::sqlite(Sqlite, 14)]
#[case::postgres(Postgres, 6)]
fn s33_s34_s35_s36_whatever_several_people_do_at_once_nothing_is_lost_or_given_twice(
    #[case] on: Engine,
    #[case] cases: u32,
) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (succeeded, acknowledged) = (RefCell::new(BTreeMap::<&str, u32>::new()), RefCell::new(0));
    let outcome = runner.run(&prop::collection::vec(round(), 80..140), |rounds| {
        System::new().block_on(async {
            let mut play = Play::begin(on);
            for round in &rounds {
                for verb in play.play(round).await {
                    *succeeded.borrow_mut().entry(verb).or_default() += 1;
                }
            }
            *acknowledged.borrow_mut() += play.end().await;
        });
        Ok(())
    });
    outcome.unwrap();
    let succeeded = succeeded.take();
    let never: Vec<_> = VERBS.iter().filter(|(_, verb)| !succeeded.contains_key(verb)).collect();
    // On PostgreSQL what comes first is not the same each time, and fewer histories are told.
    let luck = if on == Sqlite { 0 } else { 4 };
    assert!(never.len() <= luck, "each succeeds at least once: {never:?}");
    println!("{on:?}: {} acknowledged: {succeeded:?}", acknowledged.take());
}
