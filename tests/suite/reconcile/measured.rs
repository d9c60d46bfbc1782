//! Every other measure: its parts add up to its whole, its times to longer ones, and the days of homes to what they did.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use futures_util::future::join;
use safehold::actions::reports::{self, measures};
use safehold::clock::At;
use safehold::db::Conn;
use safehold::domain::measures::Period;
use serde_json::{Value, json};

use super::book::{Days, Reader, SERVICES, midnight, seconds};
use super::play::{Home, Place, Play};
use super::{Asked, Periods};

const REPORT: &str = "/api/v1/reports/measures";

/// Breakdowns that part nothing: one household can have several of them.
const SEVERAL: [&str; 3] = ["additional_need", "impairment", "abuse_type"];

/// Of this breakdown every row has the same whole: the days of all homes.
const ONE_WHOLE: (&str, &str) = ("void_rate", "void_group");

/// What is counted of a moment, or of those who were there at any time: parts of a period say it each for themselves. (The
/// last for providers: theirs is of the households that they had.)
const NOT_ADDED: [&str; 12] = [
    "units_online",
    "places_per_10_000",
    "vacancy_freshness",
    "waiting_list",
    "waiting_list_min",
    "waiting_list_max",
    "waiting_list_median",
    "stays_open",
    "stays_open_median",
    "households_supported",
    "people_supported",
    "children_supported",
];

/// Of which counts there are records to go through.
const TRACED: [&str; 8] = [
    "referrals",
    "referrals_denied",
    "referrals_open",
    "stays_ended",
    "stays_open",
    "cases_opened",
    "cases_closed",
    "households_unable",
];

async fn answers(place: &Place, reader: Reader, periods: Vec<Days>) -> Vec<Vec<Value>> {
    let (actor, now) = (place.app.actor(reader.who), place.app.clock.now());
    let (asking, perspective) = (actor.clone(), reports::perspective(&actor, None).unwrap());
    let read = move |conn: &mut Conn| {
        let ask = |(from, to): Days| {
            let (ask, period) = (measures::Ask { from, to, perspective }, Period { from, to, now });
            let found = measures::all(conn, &asking, &ask, period)?;
            Ok(json!(found).to_string())
        };
        periods.into_iter().map(ask).collect()
    };
    let said: Vec<String> = place.app.db.read(&actor, read).await.unwrap();
    said.iter().map(|said| place.named(said).as_array().unwrap().clone()).collect()
}

/// The part and the whole of a figure; of a count itself, and nothing.
fn parts(kind: &Value, figure: &Value) -> [u64; 2] {
    let whole = figure["denominator"].as_u64();
    let count = || figure["value"].as_f64().filter(|_| kind == "count" && whole.is_none());
    let part = figure["numerator"].as_u64().or_else(|| count().map(|count| format!("{count}").parse().unwrap()));
    [part.unwrap_or(0), whole.unwrap_or(0)]
}

fn breakdowns(measure: &Value) -> impl Iterator<Item = (&str, &Vec<Value>)> {
    let all = measure.get("breakdowns").and_then(Value::as_array).into_iter().flatten();
    all.map(|one| (one["by"].as_str().unwrap(), one["rows"].as_array().unwrap()))
}

fn add(sum: [u64; 2], one: [u64; 2]) -> [u64; 2] {
    [sum[0] + one[0], sum[1] + one[1]]
}

/// The rows of each breakdown are the whole.
fn rows_add_up(measures: &[Value]) {
    for measure in measures {
        let (code, whole) = (measure["code"].as_str().unwrap(), parts(&measure["kind"], measure));
        for (by, rows) in breakdowns(measure).filter(|(by, _)| !SEVERAL.contains(by)) {
            let mut sum = rows.iter().map(|row| parts(&measure["kind"], row)).fold([0; 2], add);
            if (code, by) == ONE_WHOLE {
                sum[1] = whole[1];
            }
            assert_eq!(sum, whole, "{code} by {by}: {measure:#}");
        }
    }
}

type Figures<'a> = BTreeMap<(&'a str, &'a str, Option<&'a str>), [u64; 2]>;

/// What happens at a time, and so adds up from the parts of a period; what there is none of is left out.
fn flows<'a>(periods: impl IntoIterator<Item = &'a Vec<Value>>, provider: bool) -> Figures<'a> {
    let mut figures = Figures::new();
    for measure in periods.into_iter().flatten() {
        let (code, kind) = (measure["code"].as_str().unwrap(), &measure["kind"]);
        if NOT_ADDED.contains(&code) || (provider && code == "unknown_answers") {
            continue;
        }
        let mut note = |by, of, parts| {
            let known = figures.entry((code, by, of)).or_default();
            *known = add(*known, parts);
        };
        note("", None, parts(kind, measure));
        note("unknown", None, [measure.get("unknown").and_then(Value::as_u64).unwrap_or(0), 0]);
        for (by, rows) in breakdowns(measure) {
            for row in rows {
                let [part, whole] = parts(kind, row);
                note(by, row["of"].as_str(), [part, if (code, by) == ONE_WHOLE { 0 } else { whole }]);
            }
        }
    }
    figures.retain(|_, parts| *parts != [0; 2]);
    figures
}

fn measure<'a>(measures: &'a [Value], code: &str) -> &'a Value {
    measures.iter().find(|one| one["code"] == code).unwrap_or_else(|| panic!("there is no {code}"))
}

/// What a home was doing for a while, as its calendar says: by what, why, from when and until when.
struct Doing {
    kind: String,
    reason: Option<String>,
    from: At,
    until: Option<At>,
}

/// The days of which a calendar is read.
const CALENDAR: (&str, &str) = ("2026-04-01", "2027-05-05");

/// The calendars of the homes of a provider: without what does not exist for its reader.
async fn calendars<'a>(places: &mut [Place; 2], homes: &'a [Home], reader: Reader) -> Vec<(&'a Home, Vec<Doing>)> {
    let mut found = Vec::new();
    let theirs = |home: &&Home| reader.services.is_some_and(|services| services.contains(&home.service));
    for (n, home) in homes.iter().filter(theirs).enumerate() {
        let path = format!("/api/v1/units/{}/occupancies?from={}&to={}", home.id[n % 2], CALENDAR.0, CALENDAR.1);
        let days = places[n % 2].client(reader.who).await.get(&path).await.ok();
        let at = |value: &Value| serde_json::from_value::<Option<At>>(value.clone()).unwrap();
        let doing = |item: &Value| Doing {
            kind: item["kind"].as_str().unwrap().to_owned(),
            reason: item.get("void_reason").and_then(Value::as_str).map(str::to_owned),
            from: at(&item["during"]["starts_at"]).unwrap(),
            until: at(&item["during"]["ends_at"]),
        };
        let seen = days.items().iter().filter(|item| item.get("id").is_some());
        found.push((home, seen.map(doing).collect()));
    }
    found
}

/// Online is placed, held, void and free, for every service and in all, and each is what the calendars say.
fn homes_add_up(measures: &[Value], calendars: &[(&Home, Vec<Doing>)], days: Days, now: At) {
    let mut expected: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (home, doings) in calendars {
        let name = SERVICES[home.service].0;
        let end = midnight(days.1 + TimeDelta::days(1)).min(now);
        let (from, until) = (home.from.max(midnight(days.0)), home.until.map_or(end, |until| until.min(end)));
        let online = seconds(from, until);
        *expected.entry(("unit_days_online", name)).or_default() += online;
        let mut taken = 0;
        for one in doings {
            let length = seconds(one.from.max(from), one.until.map_or(until, |end| end.min(until)));
            let code = match one.kind.as_str() {
                "hold" => "unit_days_held",
                "placement" => "unit_days_placed",
                _ => "unit_days_void",
            };
            *expected.entry((code, name)).or_default() += length;
            if let Some(reason) = one.reason.as_deref() {
                *expected.entry(("void_reason", reason)).or_default() += length;
            }
            taken += length;
        }
        *expected.entry(("unit_days_free", name)).or_default() += online - taken;
    }
    expected.retain(|_, seconds| *seconds > 0);
    let mut told: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut wholes = Vec::new();
    for code in ["unit_days_online", "unit_days_placed", "unit_days_held", "unit_days_void", "unit_days_free"] {
        let measure = measure(measures, code);
        wholes.push(measure["numerator"].as_u64().unwrap());
        for (by, rows) in breakdowns(measure).filter(|(by, _)| ["service", "void_reason"].contains(by)) {
            for row in rows {
                let code = if by == "service" { code } else { by };
                told.insert((code, row["of"].as_str().unwrap()), row["numerator"].as_u64().unwrap());
            }
        }
    }
    told.retain(|_, seconds| *seconds > 0);
    assert_eq!(told, expected, "{days:?}");
    assert_eq!(wholes[0], wholes[1..].iter().sum::<u64>(), "{days:?}");
}

pub async fn check(play: &mut Play, reader: Reader, periods: &Periods, asked: &Asked) {
    let (now, all) = (play.now(), periods.all());
    let (one, other) =
        join(answers(&play.places[0], reader, all.clone()), answers(&play.places[1], reader, all.clone())).await;
    let calendars = calendars(&mut play.places, &play.homes, reader).await;
    let known: Days = (CALENDAR.0.parse::<NaiveDate>().unwrap(), CALENDAR.1.parse().unwrap());
    for ((days, one), other) in all.iter().zip(&one).zip(&other) {
        for (one, other) in one.iter().zip(other) {
            assert_eq!(one, other, "{days:?} on either database");
        }
        assert_eq!(one.len(), other.len());
        rows_add_up(one);
        for (code, expected) in play.book.measured(reader, *days, now) {
            let measure = measure(one, code);
            assert_eq!(parts(&measure["kind"], measure)[0], expected, "{code} of {} {days:?}", reader.who);
        }
        if !calendars.is_empty() && known.0 <= days.0 && days.1 <= known.1 {
            homes_add_up(one, &calendars, *days, now);
        }
    }
    let (provider, quarters) = (reader.services.is_some(), 1 + periods.quarters.len());
    let year = flows(&one[..1], provider);
    assert_eq!(flows(&one[1..quarters], provider), year, "the quarters of the year");
    assert_eq!(flows(&one[quarters..quarters + periods.months.len()], provider), year, "the months of the year");
    over_http(play, reader, (all[asked.number % all.len()], &one[asked.number % all.len()]), asked).await;
}

/// What is read past the API is what the API says, on either database, and there are as many records as it counts.
async fn over_http(play: &mut Play, reader: Reader, ((from, to), expected): (Days, &[Value]), asked: &Asked) {
    let said = play.said(reader.who, &format!("{REPORT}?from={from}&to={to}")).await;
    assert_eq!(said["measures"], json!(expected));
    let client = play.places[asked.number % 2].client(reader.who).await;
    for code in TRACED.into_iter().skip(asked.number % 2).step_by(2) {
        let Some(measure) = expected.iter().find(|measure| measure["code"] == code) else { continue };
        let records = client.get(&format!("{REPORT}/{code}/records?from={from}&to={to}&limit=1")).await.ok().json;
        assert_eq!(records["total"].as_u64(), Some(parts(&measure["kind"], measure)[0]), "{code}");
    }
}
