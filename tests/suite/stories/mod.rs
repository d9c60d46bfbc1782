//! Three households, followed over months from the first call to a home: everything through HTTP, and every measure that
//! they touch worked out by hand beside it.

mod dog;
mod family;
mod sanctuary;

use chrono::{DateTime, Utc};
use safehold::clock::At;
use safehold::ids::InstanceId;
use safehold::worker::jobs;
use serde_json::{Value, json};

use crate::support::{Client, Engine, TestApp};

/// The financial year that the stories are told in.
const YEAR: &str = "from=2026-04-01&to=2027-03-31";

struct Story {
    app: TestApp,
}

impl Story {
    fn begin(on: Engine) -> Self {
        Self { app: TestApp::spawn(on) }
    }

    /// Moves the clock on to an instant, and does what the program does by itself.
    async fn until(&self, instant: &str) {
        let instant: DateTime<Utc> = instant.parse().unwrap();
        let step = At::from(instant) - self.app.clock.now();
        assert!(step >= chrono::TimeDelta::zero(), "{instant} is over");
        self.app.clock.advance(step);
        let me = InstanceId::new();
        while jobs::run_due(self.app.application(), me).await.unwrap() {}
    }

    /// Somebody at this moment, newly signed in.
    async fn as_(&self, name: &str) -> Client {
        self.app.client(name).await
    }

    /// A service of the manager's with one home; gives back the service and the home.
    async fn service(&self, manager: &str, new: Value, home: Option<Value>) -> (String, String) {
        let manager = self.as_(manager).await;
        let service = manager.post("/api/v1/services", new).await.ok().id();
        let Some(facts) = home else { return (service, String::new()) };
        let units = format!("/api/v1/services/{service}/units");
        let unit = manager.post(&units, json!({ "code": "1", "facts": facts })).await.ok().id();
        (service, unit)
    }

    /// Every measure of the year, as somebody's organisation reads it.
    async fn measures(&self, manager: &str) -> Measures {
        let report = self.as_(manager).await.get(&format!("/api/v1/reports/measures?{YEAR}")).await.ok().json;
        Measures(report)
    }

    /// The kinds of the open tasks about a case, the next one first, and whether each is due.
    async fn tasks(&self, who: &str, case: &str) -> Vec<(String, String)> {
        let id = case.rsplit('/').next().unwrap();
        let tasks = self.as_(who).await.get(&format!("/api/v1/tasks?case_id={id}")).await.ok();
        let text = |task: &Value, field: &str| task[field].as_str().unwrap().to_owned();
        tasks.items().iter().map(|task| (text(task, "kind"), text(task, "due_at"))).collect()
    }
}

/// A report of measures.
struct Measures(Value);

impl Measures {
    fn of(&self, code: &str) -> &Value {
        let all = self.0["measures"].as_array().unwrap();
        all.iter().find(|measure| measure["code"] == code).unwrap_or_else(|| panic!("no {code}: {:#}", self.0))
    }

    #[track_caller]
    fn are(&self, expected: &[(&str, Value)]) {
        let found: Vec<_> = expected.iter().map(|(code, _)| (*code, self.of(code)["value"].clone())).collect();
        assert_eq!(found, expected);
    }

    /// The rows of one breakdown: what, and how many.
    #[track_caller]
    fn by(&self, code: &str, dimension: &str) -> Value {
        let breakdowns = self.of(code)["breakdowns"].as_array().unwrap();
        let found = breakdowns.iter().find(|breakdown| breakdown["by"] == dimension).unwrap_or(&Value::Null);
        found["rows"].as_array().unwrap().iter().map(|row| json!([row["of"], row["value"]])).collect()
    }
}

/// The plain sentences of a case's timeline, the oldest first.
async fn told(client: &Client, case: &str) -> Vec<String> {
    let timeline = client.get(&format!("{case}/timeline?order=oldest&limit=200")).await.ok();
    timeline.items().iter().map(|entry| entry["text"].as_str().unwrap().to_owned()).collect()
}

/// Whether these stand in it, in this order; other things may stand between.
#[track_caller]
fn in_order(told: &[String], expected: &[&str]) {
    let mut rest = told.iter();
    for sentence in expected {
        assert!(rest.any(|line| line == sentence), "{sentence:?} is not in its place: {told:#?}");
    }
}

fn home(bed_spaces: u8, own: &str, pets: bool) -> Value {
    json!({
        "bed_spaces": bed_spaces, "cots": 1, "step_free": true, "wheelchair": "none",
        "bathroom": own, "kitchen": own, "floor": 0, "pets": pets,
    })
}
