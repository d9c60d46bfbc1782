//! One history on both databases: the same people do the same at the same times, and are answered alike.

mod cases;
mod homes;
mod referrals;

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use futures_util::future::join;
use proptest::prelude::*;
use safehold::clock::At;
use safehold::ids::UnitId;
use serde_json::{Value, json};

use super::book::{Book, SECOND_STAGE, SERVICES, Why, changes, day, midnight};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

/// Everything that is tried, and how often.
pub const VERBS: [(u32, &str); 29] = [
    // a case
    (12, "open"),
    (1, "correct"),
    (8, "close"),
    (4, "merge"),
    (2, "unmerge"),
    (4, "say_same"),
    (3, "keep_from_us"),
    (2, "keep_from_them"),
    (1, "lift"),
    (2, "make_safe"),
    (2, "ask_if_safe"),
    // a home
    (8, "post"),
    (6, "hold"),
    (6, "hold_a_while"),
    (2, "void"),
    (3, "end_void"),
    // a referral
    (16, "refer"),
    (9, "refer_to_vacancy"),
    (3, "ask"),
    (2, "ask_and_tell"),
    (16, "accept"),
    (6, "decline"),
    (3, "take_back"),
    (3, "lapse"),
    // a stay
    (14, "arrive"),
    (4, "not_come"),
    (3, "move"),
    (6, "second_stage"),
    (8, "depart"),
];

/// Something that somebody tries after a while. The numbers pick what there is at that moment.
#[derive(Debug, Clone)]
pub struct Deed {
    wait: Wait,
    pub verb: &'static str,
    a: usize,
    b: usize,
    c: usize,
}

#[derive(Debug, Clone, Copy)]
enum Wait {
    Seconds(i64),
    /// Until so long after a month begins or the clocks change, whichever is next.
    Edge(i64),
}

pub fn deed() -> impl Strategy<Value = Deed> {
    let verbs = prop::strategy::Union::new_weighted(VERBS.map(|(weight, verb)| (weight, Just(verb))).to_vec());
    let wait = prop_oneof![
        10 => (1..600_i64).prop_map(Wait::Seconds),
        4 => (600..20_000_i64).prop_map(Wait::Seconds),
        1 => (20_000..300_000_i64).prop_map(Wait::Seconds),
        1 => (300_000..1_800_000_i64).prop_map(Wait::Seconds),
        1 => (-2..3_i64).prop_map(Wait::Edge),
    ];
    (wait, verbs, 0..12_usize, 0..12_usize, 0..12_usize).prop_map(|(wait, verb, a, b, c)| Deed { wait, verb, a, b, c })
}

const SOURCES: [&str; 4] = ["self", "police", "health", "marac"];
const ORIGINS: [Option<&str>; 5] = [None, Some("E08000025"), Some("E06000016"), Some("E07000130"), Some("E10000018")];
/// Primary reasons, with who decides.
const OF_PROVIDERS: [(&str, &str); 5] = [
    ("needs_mental_health", "provider"),
    ("no_space", "provider"),
    ("area_unsafe", "survivor"),
    ("cannot_fund", "provider"),
    ("cannot_fund", "survivor"),
];
const OF_REFERRERS: [(&str, &str); 5] = [
    ("wants_specific_area", "survivor"),
    ("lost_contact", "referrer"),
    ("incomplete_referral", "referrer"),
    ("benefit_delay", "system"),
    ("no_space", "system"),
];
const BESIDE: [&[&str]; 4] = [&[], &["too_far"], &["no_pets", "work"], &["too_far", "returned", "nrpf"]];
const AFTERWARDS: [&str; 3] = ["sofa_surfing", "with_perpetrator", "not_known"];
const DEPARTURES: [(&str, &str); 4] = [
    ("planned", "social_tenancy"),
    ("planned", "another_refuge"),
    ("unplanned", "returned_to_perpetrator"),
    ("unplanned", "not_known"),
];
const VOIDS: [&str; 4] = ["cleaning", "repairs_after_damage", "staffing_shortage", "being_handed_back"];
const STILL_SAFE: [&str; 4] = ["still_safe", "not_reached", "not_safe", "moved"];

/// What a household is made of, and who is in it.
fn households() -> [(&'static str, Value); 6] {
    let member = |role: &str, age: u8, sex: &str| json!({ "role": role, "age": age, "sex": sex });
    let (mother, girl, boy) =
        (member("survivor", 34, "female"), member("child", 6, "female"), member("child", 15, "male"));
    [
        ("one_adult_with_children", json!([mother, girl])),
        ("one_adult", json!([member("survivor", 17, "female")])),
        ("adults", json!([mother, member("adult_dependant", 70, "female")])),
        ("adults_with_children", json!([mother, member("other_adult", 50, "male"), girl, boy])),
        ("children_only", json!([boy])),
        ("unknown", json!([])),
    ]
}

/// A thing that was made, as either database calls it.
pub type Id = [String; 2];

/// One of the two databases, and who is at it.
pub struct Place {
    pub app: TestApp,
    client: Option<Client>,
    /// Who is signed in, with what, and since when.
    tokens: BTreeMap<&'static str, (String, At)>,
    /// The id of each service, and its name.
    services: Vec<(String, &'static str)>,
}

impl Place {
    fn new(on: Engine) -> Self {
        let app = TestApp::spawn(on);
        let services =
            vec![(app.world.refuge.0.to_string(), SERVICES[0].0), (app.world.dispersed.0.to_string(), SERVICES[1].0)];
        Self { app, client: None, tokens: BTreeMap::new(), services }
    }

    /// What is said here, with the names of services in place of their ids, which each database has made for itself.
    pub fn named(&self, text: &str) -> Value {
        let named = |text: String, (id, name): &(String, &str)| text.replace(id, name);
        serde_json::from_str(&self.services.iter().fold(text.to_owned(), named)).unwrap()
    }

    /// Somebody whose token is still good.
    pub async fn client(&mut self, who: &'static str) -> &Client {
        let now = self.app.clock.now();
        if self.tokens.get(who).is_none_or(|(_, since)| now - *since > TimeDelta::minutes(10)) {
            self.tokens.insert(who, (self.app.token(who).await, now));
        }
        let client = match self.client.take() {
            Some(client) => client,
            None => self.app.stranger().await,
        };
        self.client.insert(client.with_token(self.tokens[who].0.clone()))
    }

    async fn post(&mut self, who: &'static str, (path, body): (String, Value)) -> Answer {
        self.client(who).await.post(&path, body).await
    }

    async fn get(&mut self, who: &'static str, path: String) -> Value {
        self.client(who).await.get(&path).await.ok().json
    }
}

/// A home, and when it is in use.
#[derive(Debug)]
pub struct Home {
    pub id: Id,
    pub service: usize,
    pub from: At,
    pub until: Option<At>,
}

pub struct Play {
    pub places: [Place; 2],
    pub book: Book,
    pub homes: Vec<Home>,
    scheme: Id,
    cases: Vec<Id>,
    referrals: Vec<Id>,
    stays: Vec<Id>,
    jobs: Vec<Id>,
    secrets: Vec<Option<Id>>,
    /// With their homes.
    vacancies: Vec<(Id, usize)>,
    voids: Vec<(Id, usize)>,
}

/// One of the last of so many.
fn recent(of: usize, number: usize) -> Option<usize> {
    (of > 0).then(|| of - 1 - number % of.min(6))
}

fn picked(from: &[usize], number: usize) -> Option<usize> {
    recent(from.len(), number).map(|place| from[place])
}

fn positions<T>(all: &[T], wanted: impl Fn(&T) -> bool) -> Vec<usize> {
    all.iter().enumerate().filter(|(_, one)| wanted(one)).map(|(id, _)| id).collect()
}

/// Who works in a service.
fn worker(service: usize) -> &'static str {
    if service == 0 { "refuge_worker" } else { "other_refuge_worker" }
}

fn manager(service: usize) -> &'static str {
    if service == 0 { "refuge_manager" } else { "other_refuge_manager" }
}

fn text(answer: &Value, field: &str) -> String {
    answer[field].as_str().unwrap_or_else(|| panic!("no {field} in {answer:#}")).to_owned()
}

/// A request to both, which answer alike; nothing when it is refused.
async fn post(
    places: &mut [Place; 2],
    who: &'static str,
    request: impl Fn(usize) -> (String, Value),
) -> Option<[Value; 2]> {
    let [one, other] = places;
    let (first, second) = join(one.post(who, request(0)), other.post(who, request(1))).await;
    alike(&request(0), first, second)
}

fn alike(request: &(String, Value), one: Answer, other: Answer) -> Option<[Value; 2]> {
    let known = [200, 201, 204, 403, 404, 409, 412, 422].contains(&one.status.as_u16());
    assert!(known, "{request:?}: {} {:#}", one.status, one.json);
    let said = |answer: &Answer| {
        let problem = (!answer.status.is_success()).then(|| answer.json["type"].clone());
        let fields = answer.json["errors"].as_array().map(|errors| errors.iter().map(|error| error["pointer"].clone()));
        (answer.status, problem, fields.map(Vec::from_iter))
    };
    assert_eq!(said(&one), said(&other), "{request:?}: {:#} {:#}", one.json, other.json);
    one.status.is_success().then_some([one.json, other.json])
}

async fn get(places: &mut [Place; 2], who: &'static str, path: impl Fn(usize) -> String) -> [Value; 2] {
    let [one, other] = places;
    let (first, second) = join(one.get(who, path(0)), other.get(who, path(1))).await;
    [first, second]
}

fn ids(answers: &[Value; 2]) -> Id {
    std::array::from_fn(|n| text(&answers[n], "id"))
}

impl Play {
    pub async fn begin() -> Self {
        let places = [Sqlite, Postgres].map(Place::new);
        let worlds = [places[0].app.world, places[1].app.world];
        let yesterday = places[0].app.clock.now() - TimeDelta::days(1);
        let home = |units: [UnitId; 2], service| Home {
            id: units.map(|unit| unit.0.to_string()),
            service,
            from: yesterday,
            until: None,
        };
        let homes = vec![
            home(worlds.map(|world| world.a1), 0),
            home(worlds.map(|world| world.a2), 0),
            home(worlds.map(|world| world.d1), 1),
        ];
        let mut play = Self {
            places,
            book: Book::default(),
            homes,
            scheme: Id::default(),
            cases: vec![],
            referrals: vec![],
            stays: vec![],
            jobs: vec![],
            secrets: vec![],
            vacancies: vec![],
            voids: vec![],
        };
        play.scheme = play.service("refuge_manager", ("Copper Locks", "E06000016", "sanctuary_scheme")).await;
        let (name, area, kind, _) = SERVICES[SECOND_STAGE];
        let second_stage = play.service("other_refuge_manager", (name, area, kind)).await;
        let refuge = worlds.map(|world| world.refuge.0.to_string());
        play.home(SECOND_STAGE, &second_stage, "L1", "2026-04-01", None).await;
        play.home(SECOND_STAGE, &second_stage, "L2", "2026-10-25", None).await; // a day of 25 hours
        play.home(0, &refuge, "A3", "2026-05-01", Some("2027-03-28")).await; // the day after has 23
        play
    }

    async fn service(&mut self, manager: &'static str, (name, area, kind): (&'static str, &str, &str)) -> Id {
        let new = json!({ "name": name, "accommodation_type": kind, "area": area });
        let made = ids(&post(&mut self.places, manager, |_| ("/api/v1/services".into(), new.clone())).await.unwrap());
        for (place, id) in self.places.iter_mut().zip(&made) {
            place.services.push((id.clone(), name));
        }
        made
    }

    async fn home(&mut self, service: usize, of: &Id, code: &str, from: &str, until: Option<&str>) {
        let facts = json!({ "bed_spaces": 4, "cots": 1, "step_free": true, "wheelchair": "none", "bathroom": "own",
            "kitchen": "own", "floor": 0, "pets": true });
        let unit = json!({ "code": code, "facts": facts, "online_from": from });
        let manager = manager(service);
        let made =
            post(&mut self.places, manager, |n| (format!("/api/v1/services/{}/units", of[n]), unit.clone())).await;
        let id = ids(&made.unwrap());
        if let Some(until) = until {
            for (place, id) in self.places.iter_mut().zip(&id) {
                let (client, path) = (place.client(manager).await, format!("/api/v1/units/{id}"));
                let etag = client.get(&path).await.ok().header("etag").to_owned();
                client.patch(&path, &etag, json!({ "online_until": until })).await.ok();
            }
        }
        let begins = |day: &str| midnight(day.parse::<NaiveDate>().unwrap());
        self.homes.push(Home { id, service, from: begins(from), until: until.map(begins) });
    }

    pub fn now(&self) -> At {
        self.places[0].app.clock.now()
    }

    /// What either says, which is the same to the last digit.
    pub async fn said(&mut self, who: &'static str, path: &str) -> Value {
        let [one, other] = &mut self.places;
        let (first, second) =
            (one.client(who).await.get(path).await.ok(), other.client(who).await.get(path).await.ok());
        let first = one.named(&first.text);
        assert_eq!(first, other.named(&second.text), "{path}");
        first
    }

    fn wait(&self, wait: Wait) {
        let now = self.now();
        let length = match wait {
            Wait::Seconds(seconds) => TimeDelta::seconds(seconds),
            Wait::Edge(seconds) => {
                let month = day(now).with_day(1).unwrap() + Months::new(1);
                let next = changes().map(At::from).filter(|change| *change > now).chain([midnight(month)]).min();
                (next.unwrap() + TimeDelta::seconds(seconds) - now).max(TimeDelta::seconds(1))
            }
        };
        for place in &self.places {
            place.app.clock.advance(length);
        }
    }

    /// Tries it, if there is anything to try it on; whether it was done.
    pub async fn play(&mut self, deed: &Deed) -> bool {
        self.wait(deed.wait);
        let Deed { verb, a, b, c, .. } = *deed;
        let done = match verb {
            "open" => self.open(a, b, c).await,
            "correct" => self.correct(a, b).await,
            "close" => self.close(a, b, c).await,
            "merge" => self.merge(a, b).await,
            "unmerge" => self.unmerge(a).await,
            "say_same" => self.say_same(a, b).await,
            "keep_from_us" => self.keep_from_us(a).await,
            "keep_from_them" => self.keep_from_them(a).await,
            "lift" => self.lift(a).await,
            "make_safe" => self.make_safe(a, b).await,
            "ask_if_safe" => self.ask_if_safe(a, b, c).await,
            "post" => self.post_vacancy(a).await,
            "hold" => self.hold(a, b).await.map(|_| ()),
            "hold_a_while" => self.hold_a_while(a, b, 1_200).await,
            "void" => self.void(a, b, c).await,
            "end_void" => self.end_void(a).await,
            "refer" => self.refer(a, b, None).await,
            "refer_to_vacancy" => self.refer(a, b, Some(c)).await,
            "ask" => self.ask(a, None).await,
            "ask_and_tell" => self.ask(a, Some(900)).await,
            "accept" => self.accept(a, b).await,
            "decline" => self.end(a, true, OF_PROVIDERS[b % 5], BESIDE[c % 4]).await,
            "take_back" => self.end(a, false, OF_REFERRERS[b % 5], BESIDE[c % 4]).await,
            "lapse" => self.lapse().await,
            "arrive" => self.arrive(a).await,
            "not_come" => self.not_come(a, OF_REFERRERS[b % 5], BESIDE[c % 4]).await,
            "move" => self.move_to(a, b).await,
            "second_stage" => self.second_stage(a).await,
            _ => self.depart(a, DEPARTURES[b % 4]).await,
        };
        done.is_some()
    }
}

fn why((reason, decided_by): (&str, &str), beside: &[&str]) -> Why {
    let beside = beside.iter().map(|reason| (*reason).to_owned()).collect();
    Why { reason: reason.to_owned(), decided_by: decided_by.to_owned(), beside }
}

fn reasons((reason, decided_by): (&str, &str), beside: &[&str]) -> Value {
    json!({ "primary_reason": reason, "secondary_reasons": beside, "decided_by": decided_by })
}
