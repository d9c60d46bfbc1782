//! What is measured.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::world::ids::{Kind, STRIDE, UNITS, UNITS_OF_SERVICE};
use crate::world::people::{CASEWORKER, REFUGE_WORKER, needs};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    Search,
    Matches,
    Open,
    Accept,
}

/// What is to be reached.
pub enum Aim {
    /// At least this part of the ceiling.
    OfCeiling(f64),
    /// Less than so many milliseconds of processor time for each request.
    ProcessorTime(f64),
}

/// One request.
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
}

impl Job {
    pub const ALL: [Self; 4] = [Self::Search, Self::Matches, Self::Open, Self::Accept];

    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search, 50 vacancies",
            Self::Matches => "matches of one case",
            Self::Open => "open a case, 3 children",
            Self::Accept => "accept a referral",
        }
    }

    pub fn aim(self) -> Aim {
        match self {
            Self::Search => Aim::OfCeiling(0.6),
            Self::Matches => Aim::ProcessorTime(10.0),
            Self::Open | Self::Accept => Aim::OfCeiling(0.5),
        }
    }

    /// Who does it.
    pub fn worker(self) -> &'static str {
        if self == Self::Accept { REFUGE_WORKER } else { CASEWORKER }
    }

    /// Whether it can be done only once to each unit.
    pub fn uses_up(self) -> bool {
        self == Self::Accept
    }

    /// What counts how often it was done, for what changes something.
    pub fn counted_by(self) -> Option<&'static str> {
        match self {
            Self::Search | Self::Matches => None,
            Self::Open => Some(r#"SELECT count(*) FROM "case""#),
            Self::Accept => Some("SELECT count(*) FROM referral WHERE state = 'accepted'"),
        }
    }

    /// The request about the unit with this number, where it is about one.
    pub fn request(self, unit: u64) -> Request {
        let (method, path, body) = match self {
            Self::Search => ("GET", "/vacancies?children=3&limit=50".to_owned(), None),
            Self::Matches => ("GET", format!("/cases/{}/matches", Kind::Case.id(1)), None),
            Self::Open => ("POST", "/cases".to_owned(), Some(new_case())),
            Self::Accept => ("POST", format!("/referrals/{}/accept", Kind::Referral.id(unit)), Some(json!({}))),
        };
        Request { method, path, body }
    }

    /// Refuses an answer that is not what is to be measured.
    pub fn check(self, answer: &Value) {
        let whole = match self {
            Self::Search => answer["items"].as_array().is_some_and(|items| items.len() == 50),
            Self::Matches => answer["counts"]
                .as_object()
                .is_some_and(|counts| counts.values().filter_map(Value::as_u64).sum::<u64>() == UNITS),
            Self::Open => answer["needs"]["members"].as_array().is_some_and(|members| members.len() == 4),
            Self::Accept => answer["state"] == "accepted",
        };
        assert!(whole, "{}: {answer:#}", self.name());
    }

    /// A unit of a service of its own for each number.
    pub fn unit(number: u64) -> u64 {
        1 + number * UNITS_OF_SERVICE
    }

    /// What wrk runs. Each thread has the global `thread` (0 or 1); a request is made by `wrk.format`.
    pub fn lua(self, token: &str) -> String {
        let mut script = format!("wrk.headers['Authorization'] = 'Bearer {token}'\n");
        script.push_str("wrk.headers['Content-Type'] = 'application/json'\n");
        let Request { method, path, body } = self.request(1);
        let _ = writeln!(script, "local method, path = '{method}', '/api/v1{path}'");
        if let Some(body) = body {
            let _ = writeln!(script, "local body = [==[{body}]==]");
        }
        if self.uses_up() {
            let (first, rest) = path.split_once(&Kind::Referral.id(1).to_string()).unwrap();
            let (prefix, digits) = (Kind::Referral.prefix(), "%018d");
            let _ = writeln!(
                script,
                "local units, pattern = {UNITS}, '/api/v1{first}{prefix}1{digits}{rest}'\n\
                 local function target(n) return n <= units and pattern:format((n - 1) * {STRIDE} % units + 1) end"
            );
        } else {
            script.push_str("local function target(n) return path end\n");
        }
        script.push_str(include_str!("load.lua"));
        script
    }
}

fn new_case() -> Value {
    json!({
        "referral_source": "police",
        "origin_area": "E06000016",
        "needs": needs(3),
        "identity": {
            "people": [
                { "name": "Somebody Invented", "date_of_birth": "1994-05-17" },
                { "name": "A Child Invented", "date_of_birth": "2022-02-01" },
                { "name": "Another Invented", "date_of_birth": "2018-07-30" },
                { "name": "The Third Invented", "date_of_birth": "2014-11-09" },
            ],
            "safe_contact": { "telephone": "01632 960001", "safe_times": "weekdays after 9", "code_word": "lantern" },
        },
    })
}
