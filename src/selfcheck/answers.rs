//! What the server says, to whom, and with which headers.

use chrono::{DateTime, Days};
use serde_json::json;

use super::canary::Canaries;
use super::client::{Answer, Caller};
use super::report::Checked;
use super::scene::{Deed, Person, Scene};
use crate::clock::Clock;
use crate::domain::permission::Role;
use crate::gate::access::{Access, ROUTES};
use crate::ids::RequestId;
use crate::settings::Settings;
use crate::web::is_page;

const LEAK: &str = "Stop the server and report it as a vulnerability: somebody could be found.";

/// What every answer carries, be it a success or an error. (S27)
const HEADERS: [(&str, &str); 6] = [
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Security headers, the banner of the server, TLS, the clock.
pub fn headers(stranger: &Caller, settings: &Settings, clock: &Clock) -> Vec<Checked> {
    let mut wrong = Vec::new();
    let mut banner = None;
    let mut date = None;
    for path in ["/sign-in", "/healthz", "/api/v1/me", "/nothing-here", "/api/v1/nothing-here"] {
        match stranger.get(path) {
            Ok(answer) => {
                wrong.extend(wrong_headers(&answer).into_iter().map(|name| format!("{name} at {path}")));
                let software = ["server", "x-powered-by", "via"].iter().find_map(|name| answer.header(name));
                banner = banner.or(software.map(str::to_owned));
                date = date.or(answer.header("date").map(str::to_owned));
            }
            Err(error) => wrong.push(error),
        }
    }
    let missing = (!wrong.is_empty()).then(|| format!("missing or weak: {}", wrong.join(", ")));
    let to_do = "Something between you and the server takes them away: let it pass them on.";
    let mut checked = vec![Checked::unless("security_headers", missing, "on every answer, errors too", to_do)];
    let says = banner.map(|name| format!("answers name their software: {name}"));
    checked.push(Checked::unless("banner", says, "answers name no software", "Tell the proxy not to say what it is."));
    checked.push(encrypted(stranger, settings));
    checked.push(server_clock(date.as_deref(), clock));
    checked
}

fn wrong_headers(answer: &Answer) -> Vec<&'static str> {
    let wrong = HEADERS.iter().filter(|(name, value)| answer.header(name) != Some(value)).map(|(name, _)| *name);
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let strict = policy.contains("default-src 'none'")
        && policy.contains("frame-ancestors 'none'")
        && !policy.contains("unsafe")
        && !policy.contains('*');
    let sensors = !answer.header("permissions-policy").is_some_and(|policy| policy.contains("geolocation=()"));
    wrong.chain((!strict).then_some("content-security-policy")).chain(sensors.then_some("permissions-policy")).collect()
}

fn encrypted(stranger: &Caller, settings: &Settings) -> Checked {
    let own_machine = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let local = own_machine.iter().any(|start| settings.public_url.starts_with(start));
    if !settings.public_url.starts_with("https://") {
        let says = "people reach the pages without encryption (public_url)";
        let to_do = "Put a proxy with TLS in front; set public_url to https://… and behind_proxy to true.";
        return if local { Checked::warning("tls", says, to_do) } else { Checked::finding("tls", says, to_do) };
    }
    if !settings.behind_proxy {
        let says = "public_url is https, but behind_proxy is false: no answer asks browsers to stay encrypted";
        return Checked::finding("tls", says, "Set behind_proxy to true, and have the proxy set X-Forwarded-Proto.");
    }
    let answer = stranger.send("GET", "/sign-in", &[("x-forwarded-proto", "https")], None);
    let strict = answer.is_ok_and(|answer| answer.header("strict-transport-security").is_some());
    let wrong = (!strict).then(|| "behind the proxy no answer asks browsers to stay encrypted".to_owned());
    Checked::unless("tls", wrong, "browsers are told to stay encrypted", "Restart the server with behind_proxy = true.")
}

fn server_clock(date: Option<&str>, clock: &Clock) -> Checked {
    let to_do = "Synchronise the clocks (NTP): holds, sessions and the audit go by them.";
    match date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
        None => Checked::warning("clock_server", "the server does not say what time it is", ""),
        Some(date) => {
            let apart = (clock.now().utc() - date.to_utc()).num_seconds().abs();
            let wrong = (apart > 5).then(|| format!("the server's clock is {apart} seconds away from this one"));
            Checked::unless("clock_server", wrong, "the server's clock agrees with this one", to_do)
        }
    }
}

/// Whether the released name and address come at all: if not, not finding them elsewhere would prove nothing.
pub fn disclosed(scene: &Scene, canaries: &Canaries) -> Checked {
    let ask = |role: Role, path: String| {
        let who = scene.people.iter().find(|person| person.role == role);
        who.and_then(|who| who.api.send("POST", &path, &[], Some(&json!({ "reason": "safeguarding" }))).ok())
            .is_some_and(|answer| answer.is_success() && canaries.in_bytes(&answer.body))
    };
    let name = ask(Role::RefugeWorker, format!("/api/v1/referrals/{}/identity-disclosures", scene.referral));
    let place = ask(Role::Caseworker, format!("/api/v1/units/{}/address-disclosures", scene.unit));
    let wrong = (!name || !place).then(|| "a name or an address that was released could not be read".to_owned());
    Checked::unless("release", wrong, "name and address are read by their own release", "Report this as a fault.")
}

/// Asks everything that each role may ask, and something that it may not, and searches every answer. (S1, S4)
pub fn silent(scene: &Scene, deeds: &[Deed], canaries: &Canaries) -> Vec<Checked> {
    let (mut searched, mut leaks, mut faults) = (deeds.len(), Vec::new(), Vec::new());
    let mut look = |what: String, answer: Result<Answer, String>| match answer {
        Ok(answer) => {
            if canaries.in_bytes(&answer.whole()) {
                leaks.push(what.clone());
            }
            if answer.status >= 500 {
                faults.push(format!("{what} answered {}", answer.status));
            }
        }
        Err(error) => faults.push(error),
    };
    for person in &scene.people {
        for (path, page) in asked(scene, person, canaries) {
            searched += 1;
            let caller = if page { &person.pages } else { &person.api };
            look(format!("GET {path} ({})", person.role.as_str()), caller.get(&path));
        }
        // Malformed and refused, with a name inside.
        let broken = json!({ "identity": { "people": [{ "name": canaries.name(), "age": "old" }] }, "needs": 7 });
        look(
            format!("POST /cases ({})", person.role.as_str()),
            person.api.send("POST", "/api/v1/cases", &[], Some(&broken)),
        );
        searched += 1;
    }
    leaks.extend(deeds.iter().filter(|(_, answer)| canaries.in_bytes(&answer.whole())).map(|(what, _)| what.clone()));
    let wrong = (!leaks.is_empty()).then(|| format!("a name or an address stands in {}", few(&leaks)));
    let sound = format!("no name and no address in {searched} answers to all {} roles", scene.people.len());
    let failed = (!faults.is_empty()).then(|| few(&faults));
    vec![
        Checked::unless("answers", wrong, sound, LEAK),
        Checked::unless(
            "server_errors",
            failed,
            "no answer was a server's error",
            "See the log of the server; report it.",
        ),
    ]
}

/// Whether a password alone lets nobody in. (S23)
pub fn second_factor(half_in: &Caller) -> Checked {
    let to_do = "Real people's data needs a second factor: do not put any into this installation.";
    let answer = match half_in.get("/api/v1/cases") {
        Ok(answer) => answer,
        Err(error) => return Checked::finding("second_factor", error, to_do),
    };
    let refused = answer.json()["type"].as_str().is_some_and(|kind| kind.ends_with("second_factor_required"));
    let wrong = (!refused).then(|| "a password alone lets people in".to_owned());
    Checked::unless("second_factor", wrong, "a password alone opens nothing", to_do)
}

fn few(all: &[String]) -> String {
    let rest = all.len().saturating_sub(5);
    let shown = all.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}

/// Every path that this person may ask for, with the ids of the scene; of those for others, one.
fn asked(scene: &Scene, person: &Person, canaries: &Canaries) -> Vec<(String, bool)> {
    let may = |access: &Access| match access {
        Access::Anybody => true,
        Access::HalfIn => false,
        Access::Role(action) => action.roles().contains(&person.role),
    };
    // A stream never ends; a note is read by those who write to each other, and recorded; the rest is no answer of ours.
    let aside = ["{_:", "/changes/", "/assets/", "/notes"];
    let all =
        ROUTES.iter().filter(|(method, path, _)| *method == "GET" && !aside.iter().any(|part| path.contains(part)));
    let refused = all.clone().find(|(.., access)| !may(access));
    let allowed = all.filter(|(.., access)| may(access));
    let mut paths: Vec<_> = allowed.chain(refused).map(|(_, path, _)| (filled(scene, path), is_page(path))).collect();
    paths.push((format!("/api/v1/cases/{}", RequestId::new().0), false));
    paths.push((format!("/api/v1/nothing?name={}", canaries.street().len()), false));
    paths
}

/// A path with the ids of the scene, and what it cannot be asked without.
fn filled(scene: &Scene, pattern: &str) -> String {
    let id = [
        ("/cases/", &scene.case),
        ("/units/", &scene.unit),
        ("/vacancies/", &scene.vacancy),
        ("/referrals/", &scene.referral),
        ("/placements/", &scene.placement),
        ("/services/", &scene.service),
        ("/accounts/", &scene.account),
    ];
    let organisation = scene.organisation.0.to_string();
    let of = id.iter().find(|(part, _)| pattern.contains(part)).map_or(&organisation, |(_, id)| *id);
    let path = pattern
        .replace("{id}", of)
        .replace("{vacancy}", &scene.vacancy)
        .replace("{reference}", &scene.reference)
        .replace("{list}", "denial_reason")
        .replace("{step}", "household");
    let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
    let today = Clock::default().now().date();
    let before = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    match path.as_str() {
        path if path.contains("/reports/") || path.ends_with("/occupancies") => {
            format!("{path}?from={before}&to={today}")
        }
        "/audit" => format!("/audit?search=yes&object_id={}", scene.case),
        _ => path,
    }
}

/// What the browser is told of the cookie of a session. (S28)
pub fn cookie(scene: &Scene) -> Checked {
    let set = scene.people.iter().find_map(|person| {
        let answer = person.pages.get("/account").ok()?;
        answer.header("set-cookie").map(str::to_owned)
    });
    let Some(set) = set else {
        return Checked::finding("cookies", "the session's cookie was not handed out", "Report this as a fault.");
    };
    let lower = set.to_lowercase();
    let wanted = ["httponly", "secure", "samesite=strict", "path=/"];
    let mut wrong: Vec<_> = wanted.into_iter().filter(|flag| !lower.contains(flag)).collect();
    if !set.starts_with("__Host-") {
        wrong.push("__Host-");
    }
    let wrong = (!wrong.is_empty()).then(|| format!("the session's cookie lacks {}", wrong.join(", ")));
    let to_do = "Something between you and the server changes cookies: let it pass them on.";
    Checked::unless("cookies", wrong, "HttpOnly, Secure, SameSite=Strict, for this host alone", to_do)
}
