//! One sound request for each route that takes a body, for tests that spoil it, and a look at whether anything was stored.

use actix_web::http::Method;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};

use crate::steps::{Expected, expected, opened, posted};
use crate::support::contract::DOCUMENT;
use crate::support::world::PASSWORD;
use crate::support::{Answer, Client, TestApp, new_case};

/// A request that would be sound, were it not for what a test does to it.
pub struct Sound {
    pub who: &'static str,
    pub method: Method,
    /// As the document has it.
    pub pattern: String,
    pub path: String,
    pub body: Value,
    pub headers: Vec<(&'static str, &'static str)>,
}

/// One for each route that takes a body.
pub async fn sound_requests(app: &TestApp) -> Vec<Sound> {
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, referral, stay } = expected(app, &refuge, &helpline).await;
    let of = |path: String| path.rsplit('/').next().unwrap().to_owned();
    let (case, referral, stay) = (of(case), of(referral), of(stay));
    let vacancy = posted(&refuge, app.world.a2).await;

    set_first_rules(app, &vacancy).await;
    let first = Some(json!({ "unwanted": [] }));
    helpline.request(Method::PUT, "/api/v1/me/mail", &[("if-match", "\"0\"")], first).await.ok();
    let (colleague, council) =
        (app.world.account("colleague").id.0, app.world.account("commissioner").organisation_id.0);
    let rules = json!({ "rules": [], "reason": "New." });
    let (unit, service, provider) = (app.world.a2.0, app.world.refuge.0, app.world.provider.0);
    let facts = json!({ "bed_spaces": 3, "cots": 1, "step_free": false, "wheelchair": "none", "bathroom": "own",
        "kitchen": "own", "floor": 1, "pets": false });
    let person = json!({ "email": "new@example.org", "name": "New", "roles": ["caseworker"] });
    let disclosure = json!({ "reason": "safeguarding" });
    let ending = json!({ "primary_reason": "needs_mental_health" });
    let requests = [
        ("administrator", "POST", "/organisations", json!({ "name": "New", "kinds": ["provider"] })),
        ("administrator", "PATCH", &format!("/organisations/{council}"), json!({ "name": "New" })),
        ("helpline_manager", "POST", "/accounts", person),
        ("helpline_manager", "PATCH", &format!("/accounts/{colleague}"), json!({ "name": "New" })),
        (
            "refuge_manager",
            "POST",
            "/services",
            json!({ "name": "New", "accommodation_type": "refuge", "area": "E06000016" }),
        ),
        ("refuge_manager", "PATCH", &format!("/services/{service}"), json!({ "name": "New" })),
        ("refuge_manager", "PUT", &format!("/services/{service}/rules"), rules.clone()),
        ("refuge_manager", "POST", &format!("/services/{service}/rules/preview"), json!({ "rules": [] })),
        ("refuge_manager", "PUT", &format!("/organisations/{provider}/rules"), rules.clone()),
        ("refuge_manager", "PUT", &format!("/units/{unit}/rules"), rules.clone()),
        ("refuge_manager", "PUT", &format!("/vacancies/{vacancy}/rules"), rules),
        ("refuge_manager", "POST", &format!("/services/{service}/units"), json!({ "code": "New", "facts": facts })),
        ("refuge_manager", "PATCH", &format!("/units/{unit}"), json!({ "code": "New" })),
        (
            "refuge_manager",
            "PUT",
            &format!("/units/{unit}/address"),
            json!({ "lines": ["New"], "postcode": "ZZ1 1ZZ" }),
        ),
        ("refuge_worker", "POST", &format!("/units/{unit}/address-disclosures"), disclosure.clone()),
        ("refuge_worker", "POST", &format!("/units/{unit}/voids"), json!({ "reason": "cleaning" })),
        ("refuge_worker", "POST", "/vacancies", json!({ "unit_id": unit })),
        ("refuge_worker", "PATCH", &format!("/vacancies/{vacancy}"), json!({ "available_from": "2026-04-09" })),
        ("caseworker", "POST", "/cases", new_case()),
        (
            "caseworker",
            "PATCH",
            &format!("/cases/{case}"),
            json!({ "referral_source": "police", "needs": { "pregnant": "yes" } }),
        ),
        ("caseworker", "PATCH", &format!("/cases/{case}/questions"), json!({ "needs": { "pregnant": "yes" } })),
        ("caseworker", "PUT", &format!("/cases/{case}/identity"), new_case()["identity"].clone()),
        ("caseworker", "POST", &format!("/cases/{case}/identity-disclosures"), disclosure.clone()),
        ("helpline_manager", "PUT", &format!("/cases/{case}/owner"), json!({ "account_id": colleague })),
        ("caseworker", "POST", &format!("/cases/{case}/holds"), json!({ "vacancy_id": vacancy })),
        ("caseworker", "POST", &format!("/cases/{case}/referrals"), json!({ "vacancy_id": vacancy, "note": "New." })),
        ("caseworker", "POST", &format!("/cases/{case}/close"), json!({ "outcome": "placed" })),
        (
            "refuge_worker",
            "POST",
            &format!("/referrals/{referral}/request-information"),
            json!({ "note": "New.", "topics": ["risk"] }),
        ),
        ("caseworker", "POST", &format!("/referrals/{referral}/notes"), json!({ "note": "New." })),
        ("caseworker", "POST", &format!("/referrals/{referral}/give-information"), json!({ "note": "New." })),
        ("refuge_worker", "POST", &format!("/referrals/{referral}/accept"), json!({ "expected_on": "2026-04-02" })),
        ("refuge_worker", "POST", &format!("/referrals/{referral}/decline"), ending.clone()),
        ("caseworker", "POST", &format!("/referrals/{referral}/withdraw"), ending.clone()),
        ("refuge_worker", "POST", &format!("/referrals/{referral}/identity-disclosures"), disclosure),
        (
            "refuge_worker",
            "POST",
            &format!("/placements/{stay}/arrive"),
            json!({ "arrived_at": "2026-04-01T09:00:00Z" }),
        ),
        ("refuge_worker", "POST", &format!("/placements/{stay}/did-not-arrive"), ending),
        ("refuge_worker", "POST", &format!("/placements/{stay}/extend"), json!({ "expected_end": "2026-09-01" })),
        (
            "refuge_worker",
            "POST",
            &format!("/placements/{stay}/depart"),
            json!({ "kind": "planned", "destination": "social_tenancy" }),
        ),
        ("auditor", "POST", "/audit/verification", json!({ "heads": [] })),
    ];
    let requests = requests.into_iter().map(|(who, method, path, body)| Sound::new(who, method, path, body));
    let requests = requests.chain(of_tasks(app, &helpline).await).chain(of_a_stay(app, &stay));
    let requests = requests.chain(of_ones_own_account()).chain(of_a_story(app, &case, &referral).await);
    let requests = requests.chain(of_restricted(app, &helpline, &case, &referral).await);
    requests.chain(of_a_sanctuary(app, &case).await).chain(of_report_files(app).await).collect()
}

async fn of_report_files(app: &TestApp) -> Vec<Sound> {
    let (monthly, path) = (json!({ "active": true }), "/api/v1/reports/schedules/month/provider");
    let manager = app.client("refuge_manager").await;
    manager.request(Method::PUT, path, &[("if-match", "\"0\"")], Some(monthly.clone())).await.ok();
    let april = json!({ "kind": "own_report", "from": "2026-04-01", "to": "2026-04-30", "side": "provider" });
    vec![
        Sound::new("refuge_manager", "POST", "/reports/files", april),
        Sound::new("refuge_manager", "PUT", "/reports/schedules/month/provider", monthly),
    ]
}

/// What there is to do, and whose it is.
async fn of_tasks(app: &TestApp, helpline: &Client) -> Vec<Sound> {
    let about = json!({ "text": "Ring.", "due_at": "2026-04-02T09:00:00Z" });
    let task = helpline.post("/api/v1/tasks", about).await.ok().id();
    let (colleague, to) = (app.world.account("colleague").id.0, app.world.account("caseworker").id.0);
    let new = json!({ "text": "New.", "due_at": "2026-04-02T09:00:00Z", "for_anybody": true });
    vec![
        Sound::new("caseworker", "POST", "/tasks", new),
        Sound::new("caseworker", "PATCH", &format!("/tasks/{task}"), json!({ "due_at": "2026-04-03T09:00:00Z" })),
        Sound::new("helpline_manager", "POST", &format!("/accounts/{colleague}/reassign"), json!({ "to": [to] })),
    ]
}

/// What is recorded of a stay beside its dates, and where it goes on.
fn of_a_stay(app: &TestApp, stay: &str) -> impl Iterator<Item = Sound> {
    let (a2, later) = (app.world.a2.0, "2026-04-09");
    let support = json!({ "person": 1, "support_type": "advocacy", "from_on": "2026-04-01" });
    let said = json!({ "safety": "better", "wellbeing": "same", "stability": "worse", "asked_on": "2026-04-01",
        "asked_how": "phone" });
    let requests = [
        ("POST", "move", json!({ "unit_id": a2, "reason": "repairs" })),
        ("POST", "second-stage", json!({ "unit_id": a2, "expected_on": later })),
        ("POST", "support", support),
        ("POST", &format!("support/{stay}/end"), json!({ "until_on": "2026-04-01" })),
        ("PUT", "outcomes", said),
    ];
    requests
        .map(|(method, deed, body)| Sound::new("refuge_worker", method, &format!("/placements/{stay}/{deed}"), body))
        .into_iter()
}

/// Signing in, and what everybody does with their own account.
fn of_ones_own_account() -> impl Iterator<Item = Sound> {
    let requests = [
        ("caseworker", "POST", "/sessions", json!({ "email": "caseworker@example.org", "password": PASSWORD })),
        ("caseworker", "POST", "/sessions/current/second-factor", json!({ "code": "123456" })),
        ("caseworker", "POST", "/me/second-factor/confirm", json!({ "code": "123456" })),
        ("caseworker", "POST", "/invitations/accept", json!({ "secret": "New", "password": "violet lantern harbour" })),
        ("caseworker", "POST", "/password-resets", json!({ "email": "caseworker@example.org" })),
        (
            "caseworker",
            "POST",
            "/password-resets/complete",
            json!({ "secret": "New", "password": "violet lantern harbour" }),
        ),
        ("caseworker", "POST", "/sessions/refresh", json!({ "refresh_token": "New" })),
        ("caseworker", "POST", "/sessions/current/confirmations", json!({ "password": PASSWORD })),
        (
            "caseworker",
            "PUT",
            "/me/password",
            json!({ "current_password": PASSWORD, "password": "violet lantern harbour" }),
        ),
        (
            "caseworker",
            "PUT",
            "/me/mail",
            json!({ "unwanted": ["watch_matched"], "quiet_hours": { "from": "22:00", "until": "07:00" } }),
        ),
    ];
    requests.into_iter().map(|(who, method, path, body)| Sound::new(who, method, path, body))
}

/// Those that keep a case from people, and that let somebody in for an emergency.
async fn of_restricted(app: &TestApp, helpline: &Client, case: &str, referral: &str) -> Vec<Sound> {
    let reference = helpline.get(&format!("/api/v1/cases/{case}")).await.ok().text_of("reference");
    let ask = json!({ "reference": reference, "reason": "worker_away", "explanation": "New." });
    let colleague = app.client("colleague").await;
    let emergency = colleague.post("/api/v1/emergency-access", ask.clone()).await.ok().id();
    let named = |who: &str| json!({ "account_id": app.world.account(who).id, "reason": "New." });
    let reason = json!({ "reason": "New." });
    [
        ("caseworker", format!("/cases/{case}/exclusions"), named("colleague")),
        ("caseworker", format!("/cases/{case}/conflicts"), reason.clone()),
        ("refuge_manager", format!("/referrals/{referral}/exclusions"), named("refuge_worker")),
        ("refuge_worker", format!("/referrals/{referral}/conflicts"), reason.clone()),
        ("colleague", "/emergency-access".to_owned(), ask),
        ("helpline_manager", format!("/emergency-access/{emergency}/refuse"), reason),
    ]
    .map(|(who, path, body)| Sound::new(who, "POST", &path, body))
    .into()
}

/// Those about reaching somebody, knowing them again, and telling a story once.
async fn of_a_story(app: &TestApp, case: &str, referral: &str) -> Vec<Sound> {
    let twin = opened(&app.client("caseworker").await).await;
    let twin = twin.rsplit('/').next().unwrap();
    let (code, journey) = crate::journeys::opened_elsewhere(app, &format!("/api/v1/cases/{case}")).await;
    let disclosure = json!({ "reason": "safeguarding" });
    let contact = json!({ "reason": "safeguarding", "rules_read": true, "outside_hours_reason": "danger_to_life",
        "outside_hours_note": "New." });
    let (note, stay_note, [action, other_action]) = of_case_work(app, case, referral).await;
    let stay = stay_of(app, referral).await;
    let content = json!({ "kind": "call", "reached": true, "text": "New.", "happened_at": "2026-03-31T09:00:00Z" });
    let of_note = |visibility: &str| {
        let mut note = content.clone();
        note["visibility"] = json!(visibility);
        note
    };
    let judgement = json!({ "band": "medium", "reason": "very_afraid", "note": "New." });
    let assessment = json!({ "score": 17, "judgement": judgement, "assessed_on": "2026-04-01" });
    let requests: [(&str, &str, &str, Value); 19] = [
        ("caseworker", "POST", &format!("/cases/{case}/notes"), of_note("own_organisation")),
        ("caseworker", "POST", &format!("/cases/{case}/notes/{note}/corrections"), content.clone()),
        ("refuge_worker", "POST", &format!("/placements/{stay}/notes"), of_note("referrer")),
        ("refuge_worker", "POST", &format!("/placements/{stay}/notes/{stay_note}/corrections"), content.clone()),
        ("caseworker", "POST", &format!("/cases/{case}/risk-assessments"), assessment),
        (
            "caseworker",
            "POST",
            &format!("/cases/{case}/risk-incidents"),
            json!({ "same_person": "yes", "abuse_types": ["stalking"], "happened_on": "2026-04-01" }),
        ),
        (
            "caseworker",
            "POST",
            &format!("/cases/{case}/marac-referrals"),
            json!({ "reason": "score", "referred_on": "2026-04-01" }),
        ),
        (
            "caseworker",
            "POST",
            &format!("/cases/{case}/safety-plan/actions"),
            json!({ "text": "New.", "doer": "worker", "due_on": "2026-04-09" }),
        ),
        (
            "caseworker",
            "POST",
            &format!("/cases/{case}/safety-plan/actions/{action}/finish"),
            json!({ "on": "2026-04-01" }),
        ),
        (
            "caseworker",
            "POST",
            &format!("/cases/{case}/safety-plan/actions/{other_action}/drop"),
            json!({ "on": "2026-04-01" }),
        ),
        (
            "caseworker",
            "POST",
            &format!("/cases/{case}/safety-plan/reviews"),
            json!({ "next_review_on": "2026-05-01" }),
        ),
        ("caseworker", "POST", &format!("/cases/{case}/contact-disclosures"), contact.clone()),
        ("refuge_worker", "POST", &format!("/referrals/{referral}/contact-disclosures"), contact),
        ("caseworker", "POST", &format!("/cases/{case}/possible-repeats/{twin}"), json!({ "same": true })),
        ("caseworker", "POST", &format!("/cases/{case}/merge"), json!({ "folded_id": twin, "reason": "opened_twice" })),
        ("caseworker", "POST", &format!("/cases/{case}/journey-codes"), crate::journeys::agreement()),
        (
            "other_caseworker",
            "POST",
            "/journeys/open",
            json!({ "code": code, "consent": true, "reason": "asked_for_help" }),
        ),
        ("other_caseworker", "POST", &format!("/journeys/{journey}/identity-disclosures"), disclosure),
        ("other_caseworker", "POST", &format!("/journeys/{journey}/cases"), json!({ "referral_source": "police" })),
    ];
    requests.into_iter().map(|(who, method, path, body)| Sound::new(who, method, path, body)).collect()
}

async fn stay_of(app: &TestApp, referral: &str) -> String {
    let refuge = app.client("refuge_worker").await;
    refuge.get(&format!("/api/v1/referrals/{referral}")).await.ok().text_of("placement_id")
}

/// A note of each side, and two actions of a safety plan.
async fn of_case_work(app: &TestApp, case: &str, referral: &str) -> (String, String, [String; 2]) {
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let note = json!({ "visibility": "own_organisation", "kind": "note", "text": "First." });
    let stay = stay_of(app, referral).await;
    let action = json!({ "text": "First.", "doer": "survivor", "due_on": "2026-04-09" });
    (
        helpline.post(&format!("/api/v1/cases/{case}/notes"), note.clone()).await.ok().id(),
        refuge.post(&format!("/api/v1/placements/{stay}/notes"), note).await.ok().id(),
        [
            helpline.post(&format!("/api/v1/cases/{case}/safety-plan/actions"), action.clone()).await.ok().id(),
            helpline.post(&format!("/api/v1/cases/{case}/safety-plan/actions"), action).await.ok().id(),
        ],
    )
}

/// Those about a home that is made safe.
async fn of_a_sanctuary(app: &TestApp, case: &str) -> Vec<Sound> {
    let crate::sanctuary::Signed { scheme, other, job, measure, follow_up } = crate::sanctuary::signed(app).await;
    let address = json!({ "lines": ["New"], "postcode": "ZZ1 1ZZ" });
    let disclosure = json!({ "reason": "safeguarding" });
    let contact = json!({ "reason": "safeguarding", "rules_read": true, "outside_hours_reason": "danger_to_life",
        "outside_hours_note": "New." });
    let asked = json!({ "service_id": scheme, "tenure": "owner_occupier", "wanted_month": "2026-05-01",
        "landlord_consent": "not_needed", "perpetrator_keys": "no", "joint_tenancy": "no",
        "measures": [{ "kind": "locks", "number": 2 }] });
    let measured = json!({ "kind": "locks", "number": 2, "cost_pence": 5, "installer": "police" });
    let step = json!({ "on": "2026-04-01" });
    let requests: [(&str, &str, String, Value); 16] = [
        ("caseworker", "POST", format!("/cases/{case}/sanctuary-jobs"), asked),
        ("refuge_worker", "PATCH", format!("/sanctuary-jobs/{other}"), json!({ "tenure": "private_renter" })),
        ("refuge_worker", "POST", format!("/sanctuary-jobs/{other}/book"), json!({ "survey_on": "2026-04-03" })),
        ("refuge_worker", "POST", format!("/sanctuary-jobs/{other}/survey"), step.clone()),
        ("refuge_worker", "POST", format!("/sanctuary-jobs/{other}/install"), step.clone()),
        ("refuge_worker", "POST", format!("/sanctuary-jobs/{other}/sign-off"), step),
        ("refuge_worker", "POST", format!("/sanctuary-jobs/{other}/end"), json!({ "reason": "scheme_full" })),
        ("refuge_worker", "POST", format!("/sanctuary-jobs/{other}/measures"), measured),
        (
            "refuge_worker",
            "PATCH",
            format!("/sanctuary-jobs/{other}/measures/{measure}"),
            json!({ "number": 3, "state": "removed" }),
        ),
        ("caseworker", "PUT", format!("/sanctuary-jobs/{other}/address"), address),
        ("refuge_worker", "POST", format!("/sanctuary-jobs/{job}/address-disclosures"), disclosure.clone()),
        ("refuge_worker", "POST", format!("/sanctuary-jobs/{job}/identity-disclosures"), disclosure),
        ("refuge_worker", "POST", format!("/sanctuary-jobs/{job}/contact-disclosures"), contact),
        (
            "caseworker",
            "POST",
            format!("/sanctuary-jobs/{job}/follow-ups/{follow_up}/answer"),
            json!({ "answer": "still_safe", "needed": "nothing", "note": "New." }),
        ),
        ("refuge_manager", "PUT", format!("/services/{scheme}/sanctuary-capacity/2026-05-01"), json!({ "jobs": 3 })),
        (
            "refuge_manager",
            "PUT",
            "/reports/targets/response_median".into(),
            json!({ "better": "lower", "value": 120 }),
        ),
    ];
    requests.into_iter().map(|(who, method, path, body)| Sound::new(who, method, &path, body)).collect()
}

/// A first version of everything that a second one can be made from.
async fn set_first_rules(app: &TestApp, vacancy: &str) {
    let manager = app.client("refuge_manager").await;
    let target = Some(json!({ "better": "higher", "value": 1 }));
    let path = "/api/v1/reports/targets/response_median";
    manager.request(Method::PUT, path, &[("if-match", "\"0\"")], target).await.ok();
    let (provider, unit) = (app.world.provider.0, app.world.a2.0);
    for of in [format!("organisations/{provider}"), format!("units/{unit}"), format!("vacancies/{vacancy}")] {
        let first = Some(json!({ "rules": [], "reason": "First." }));
        manager.request(Method::PUT, &format!("/api/v1/{of}/rules"), &[("if-match", "\"0\"")], first).await.ok();
    }
}

impl Sound {
    fn new(who: &'static str, method: &str, path: &str, body: Value) -> Self {
        let path = format!("/api/v1{path}");
        let segments = path.split('/').map(|part| if part.parse::<uuid::Uuid>().is_ok() { "{id}" } else { part });
        let pattern =
            segments.collect::<Vec<_>>().join("/").replace("possible-repeats/{id}", "possible-repeats/{other}");
        let named = [
            ("notes/{id}", "notes/{note}"),
            ("actions/{id}", "actions/{action}"),
            ("support/{id}", "support/{support}"),
            ("measures/{id}", "measures/{measure}"),
            ("follow-ups/{id}", "follow-ups/{follow_up}"),
            ("sanctuary-capacity/2026-05-01", "sanctuary-capacity/{month}"),
            ("schedules/month/provider", "schedules/{every}/{side}"),
            ("targets/response_median", "targets/{measure}"),
        ];
        let pattern = named.iter().fold(pattern, |pattern, (id, name)| pattern.replace(id, name));
        let declared = &DOCUMENT["paths"][&pattern][method.to_lowercase()]["parameters"];
        let asks_for = |name: &str| declared.as_array().is_some_and(|all| all.iter().any(|one| one["name"] == name));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(asks_for("Idempotency-Key").then_some(("idempotency-key", "once")));
        headers.extend(asks_for("If-Match").then_some(("if-match", "\"1\"")));
        Self { who, method: method.parse().unwrap(), pattern, path, body, headers }
    }

    pub fn with(&self, header: &'static str, value: Option<&'static str>) -> Vec<(&'static str, &'static str)> {
        let others = self.headers.iter().copied().filter(|(name, _)| *name != header);
        others.chain(value.map(|value| (header, value))).collect()
    }

    pub async fn send(&self, client: &Client, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        client.send_bytes(self.method.clone(), &self.path, headers, Some(body.to_vec())).await
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many rows there are of everything that a request could store.
pub fn rows(app: &TestApp) -> Vec<(&'static str, i64)> {
    let mut conn = app.raw();
    let mut count = |table: &'static str| {
        let query = format!("SELECT count(*) AS count FROM \"{table}\"");
        (table, diesel::sql_query(query).get_result::<Count>(&mut conn).unwrap().count)
    };
    [
        "organisation",
        "account",
        "session",
        "refresh_token",
        "account_link",
        "second_factor",
        "recovery_code",
        "sign_in_attempt",
        "service",
        "rule_set",
        "unit",
        "unit_address",
        "vacancy",
        "case",
        "case_identity",
        "case_likeness",
        "case_merge",
        "case_note",
        "contact_override",
        "identity_trace",
        "journey",
        "journey_use",
        "journey_attempt",
        "occupancy",
        "referral",
        "referral_note",
        "referral_note_read",
        "referral_note_topic",
        "risk_assessment",
        "risk_incident",
        "marac_referral",
        "safety_action",
        "safety_review",
        "placement",
        "stay_outcome",
        "support",
        "sanctuary_capacity",
        "sanctuary_job",
        "sanctuary_measure",
        "sanctuary_address",
        "sanctuary_follow_up",
        "target",
        "case_exclusion",
        "task",
        "emergency_access",
        "alert",
        "idempotency",
        "outbox",
        "mail_choice",
        "audit_event",
    ]
    .map(&mut count)
    .to_vec()
}
