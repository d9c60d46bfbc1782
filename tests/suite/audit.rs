//! The audit cannot be forgotten, changed or thinned out, and says nothing that it should not know.

use diesel::connection::SimpleConnection;
use rstest::rstest;
use safehold::actions::vacancies;
use safehold::db::{Conn, Verification};
use safehold::error::AppError;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::audit::Record;
use crate::support::secrecy::CANARIES;
use crate::support::{Answer, Engine, Postgres, Sqlite, TestApp, new_case};

/// Does something `count` times that is one event each; gives back how many events there are now.
async fn confirm(app: &TestApp, count: usize) -> usize {
    let worker = app.actor("refuge_worker");
    let unit = app.world.a1;
    let posted = app.db.write(&worker, move |tx| vacancies::post(tx, unit, None)).await.unwrap();
    for _ in 1..count {
        app.db.write(&worker, move |tx| vacancies::confirm(tx, posted.id)).await.unwrap();
    }
    app.audit().len()
}

/// S21
#[rstest]
#[case("UPDATE audit_event SET action = 'x'", true)]
#[case("DELETE FROM audit_event", true)]
#[case("UPDATE audit_link SET hash = hash", true)]
#[case("DELETE FROM audit_link", true)]
#[case("INSERT OR REPLACE INTO audit_link SELECT position, event_id, zeroblob(32) FROM audit_link", false)]
#[case("UPDATE OR REPLACE audit_link SET position = position + 1", false)]
#[actix_web::test]
async fn s21_an_event_can_neither_be_changed_nor_removed(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] crime: &str,
    #[case] of_both: bool,
) {
    let app = TestApp::spawn(on);
    confirm(&app, 3).await;
    app.db.seal_audit().await.unwrap();
    let error = app.raw().batch_execute(crime).unwrap_err();
    if on == Sqlite || of_both {
        assert!(error.to_string().contains("append_only"), "{error}");
    }
    assert!(matches!(app.db.verify_audit().await.unwrap(), Verification::Intact { .. }));
}

/// S21
#[rstest]
#[actix_web::test]
async fn s21_the_audit_cannot_be_emptied_at_once(
    #[values(Postgres)] on: Engine,
    #[values("TRUNCATE audit_event CASCADE", "TRUNCATE audit_link", "TRUNCATE rule_set", "TRUNCATE release")]
    crime: &str,
) {
    let error = TestApp::spawn(on).raw().batch_execute(crime).unwrap_err();
    assert!(error.to_string().contains("append_only"), "{error}");
}

const AT_3: &str = "(SELECT event_id FROM audit_link WHERE position = 3)";

/// S21
#[rstest]
#[case::nothing("SELECT 1", None)]
#[case::action("UPDATE audit_event SET action = 'x' WHERE id = AT_3", Some((3, "changed")))]
#[case::actor("UPDATE audit_event SET account_id = id WHERE id = AT_3", Some((3, "changed")))]
#[case::reason("UPDATE audit_event SET reason = 'safeguarding' WHERE id = AT_3", Some((3, "changed")))]
#[case::fields("UPDATE audit_event SET fields = 'none' WHERE id = AT_3", Some((3, "changed")))]
#[case::kind("UPDATE audit_event SET object = 'unit' WHERE id = AT_3", Some((3, "changed")))]
#[case::time("UPDATE audit_event SET at = '2025-01-01T00:00:00.000000Z' WHERE id = AT_3", Some((3, "changed")))]
#[case::object("UPDATE audit_event SET object_id = id WHERE id = AT_3", Some((3, "changed")))]
#[case::request("UPDATE audit_event SET request_id = id WHERE id = AT_3", Some((3, "changed")))]
#[case::both_removed("DELETE FROM audit_link WHERE position = 3; DELETE FROM audit_event WHERE id NOT IN (SELECT event_id
    FROM audit_link)", Some((4, "reordered, or one before it removed")))]
#[case::link_removed("DELETE FROM audit_link WHERE position = 3", Some((4, "reordered, or one before it removed")))]
#[case::reordered("UPDATE audit_link SET position = 900 WHERE position = 3; UPDATE audit_link SET position = 3 WHERE
    position = 4; UPDATE audit_link SET position = 4 WHERE position = 900", Some((3, "reordered, or one before it removed")))]
#[case::hash("UPDATE audit_link SET hash = (SELECT mac FROM audit_event WHERE id = AT_3) WHERE position = 3",
    Some((3, "reordered, or one before it removed")))]
#[actix_web::test]
async fn s21_a_thief_who_can_write_the_database_is_found_out(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] crime: &str,
    #[case] found: Option<(i64, &str)>,
) {
    let app = TestApp::spawn(on);
    let events = confirm(&app, 4).await;
    app.db.seal_audit().await.unwrap();
    app.raw().unguarded(&crime.replace("AT_3", AT_3));
    match (app.db.verify_audit().await.unwrap(), found) {
        (Verification::Intact { events: found }, None) => assert_eq!(found, events),
        (Verification::Broken { position, why, .. }, Some(expected)) => assert_eq!((position, why), expected),
        other => panic!("{other:?}"),
    }
}

/// S21
#[rstest]
#[actix_web::test]
async fn s21_an_invented_event_is_found_before_it_is_chained_and_after(
    #[values(Sqlite, Postgres)] on: Engine,
    #[values(false, true)] chained: bool,
) {
    let app = TestApp::spawn(on);
    let events = confirm(&app, 2).await;
    app.db.seal_audit().await.unwrap();
    let id = match app.raw() {
        Conn::Postgres(_) => "'ffffffff-ffff-7fff-bfff-ffffffffffff'",
        Conn::Sqlite(_) => "x'ffffffffffff7fffbfffffffffffffff'",
    };
    let forged = format!(
        "INSERT INTO audit_event SELECT {id}, at, account_id, organisation_id, request_id, 'case.opened', object, object_id,
         fields, reason, mac FROM audit_event
         WHERE id = (SELECT event_id FROM audit_link ORDER BY position DESC LIMIT 1)"
    );
    app.raw().batch_execute(&forged).unwrap();
    if chained {
        assert_eq!(app.db.seal_audit().await.unwrap(), 1);
    }
    let Verification::Broken { position, why, .. } = app.db.verify_audit().await.unwrap() else { panic!("not found") };
    assert_eq!((usize::try_from(position).unwrap(), why), (events + 1, if chained { "changed" } else { "forged" }));
}

/// S21
#[rstest]
#[actix_web::test]
async fn s21_the_chain_takes_up_what_was_committed_late(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let events = confirm(&app, 3).await;
    assert_eq!(app.db.seal_audit().await.unwrap(), events);
    assert_eq!(app.db.seal_audit().await.unwrap(), 0);
    app.clock.advance(chrono::TimeDelta::minutes(-5));
    let (worker, unit) = (app.actor("refuge_worker"), app.world.a2);
    app.db.write(&worker, move |tx| vacancies::post(tx, unit, None)).await.unwrap();
    assert_eq!(app.db.seal_audit().await.unwrap(), 1);
    assert_eq!(app.db.verify_audit().await.unwrap(), Verification::Intact { events: events + 1 });
}

/// S21
#[rstest]
#[actix_web::test]
async fn s21_several_workers_make_one_chain(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let events = confirm(&app, 20).await;
    let (one, other) = futures_util::future::join(app.db.seal_audit(), app.db.seal_audit()).await;
    let sealed = [one, other].map(|sealed| match sealed {
        Ok(sealed) => sealed,
        Err(AppError::Contended) => 0,
        Err(error) => panic!("{error:?}"),
    });
    assert_eq!(sealed.iter().sum::<usize>(), events);
    assert_eq!(app.db.verify_audit().await.unwrap(), Verification::Intact { events });
}

/// Who did it, what it was and to what.
fn told(event: &Record) -> (Uuid, &str, Uuid) {
    (event.account, event.action.as_str(), event.object)
}

fn assert_refused(app: &TestApp, known: usize, name: &str, answer: &Answer, action: &str, object: Uuid) {
    let events = app.audit_after(known);
    let who = app.world.account(name);
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), [(who.id.0, action, object)], "{}", answer.text);
    assert_eq!((events[0].organisation, events[0].kind.as_str()), (who.organisation_id.0, "refused"));
    assert_eq!(answer.text_of("instance"), format!("urn:uuid:{}", events[0].request));
}

/// S18, S20
#[rstest]
#[actix_web::test]
async fn s18_s20_what_is_refused_is_recorded_although_nothing_else_is(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (worker, caseworker, other) =
        (app.client("refuge_worker").await, app.client("caseworker").await, app.client("other_caseworker").await);
    let case = caseworker.post("/api/v1/cases", new_case()).await.ok().id();
    worker.post("/api/v1/vacancies", json!({ "unit_id": app.world.a1 })).await.ok();

    let known = app.audit().len();
    let answer = worker.get(&format!("/api/v1/cases/{case}")).await;
    assert_eq!(answer.problem(), "403 forbidden");
    assert_refused(&app, known, "refuge_worker", &answer, "refused.forbidden", case.parse().unwrap());

    let answer = other.get(&format!("/api/v1/cases/{case}/matches")).await;
    assert_eq!(answer.problem(), "404 not_found");
    assert_refused(&app, known + 1, "other_caseworker", &answer, "refused.not_found", case.parse().unwrap());

    let answer = worker.post("/api/v1/vacancies", json!({ "unit_id": app.world.a1 })).await;
    assert_eq!(answer.problem(), "409 vacancy_already_open");
    assert_refused(&app, known + 2, "refuge_worker", &answer, "refused.vacancy_already_open", app.world.a1.0);

    app.clock.advance(chrono::TimeDelta::minutes(6));
    let unit = format!("/api/v1/units/{}/address-disclosures", app.world.a1.0);
    let answer = worker.disclose(&unit, "repairs").await;
    assert_eq!(answer.problem(), "401 reauthenticate");
    assert_refused(&app, known + 3, "refuge_worker", &answer, "refused.reauthenticate", app.world.a1.0);
}

/// S18, S20
#[rstest]
#[actix_web::test]
async fn s18_s20_a_failed_sign_in_is_recorded_although_nobody_came_in(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (stranger, known) = (app.stranger().await, app.audit().len());
    for email in ["caseworker@example.org", "nobody@example.org"] {
        let answer = stranger.post("/api/v1/sessions", json!({ "email": email, "password": "marigold" })).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
    }
    let events = app.audit_after(known);
    let whom = app.world.account("caseworker").id.0;
    let told: Vec<_> = events.iter().map(told).collect();
    let nobody = Uuid::nil();
    let failed = "session.sign_in_failed";
    assert_eq!(
        told,
        [(nobody, failed, whom), (nobody, failed, nobody)],
        "whom it was tried for, where there is such a one"
    );
    assert!(!format!("{events:?}").contains("marigold") && !format!("{events:?}").contains("example.org"));
}

/// S18
#[rstest]
#[actix_web::test]
async fn s18_a_change_has_exactly_its_events(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let mut known = app.audit().len();
    let mut since = || {
        let events = app.audit_after(known);
        known += events.len();
        assert!(events.iter().all(|event| event.request == events[0].request && event.account == events[0].account));
        events
            .into_iter()
            .map(|event| format!("{} {} {}", event.action, event.fields, event.reason).trim().to_owned())
            .collect::<Vec<_>>()
    };
    let vacancy = refuge.post("/api/v1/vacancies", json!({ "unit_id": app.world.a1 })).await.ok().id();
    assert_eq!(since(), ["vacancy.posted"]);
    let case = helpline.post_as("/api/v1/cases", "once", new_case()).await.ok();
    assert_eq!(since(), ["case.opened", "identity.written"]);
    helpline.post_as("/api/v1/cases", "once", new_case()).await.ok();
    assert_eq!(since(), [""; 0], "the same request again is no change");
    let path = format!("/api/v1/cases/{}", case.id());
    let change = json!({ "needs": { "pregnant": "yes", "pets": null }, "origin_area": "E07000131" });
    helpline.patch(&path, "\"1\"", change).await.ok();
    assert_eq!(since(), ["case.edited origin_area needs.pets needs.pregnant"]);
    helpline.get(&path).await.ok();
    assert_eq!(since(), [""; 0], "a case without its identity is read unrecorded");
    helpline.disclose(&format!("{path}/identity-disclosures"), "arranging_travel").await.ok();
    assert_eq!(since(), ["identity.disclosed people safe_contact arranging_travel"]);
    let asked = json!({ "vacancy_id": vacancy, "hold": true, "agreed_with_provider": true, "note": "Tonight." });
    let referral = helpline.post(&format!("{path}/referrals"), asked).await.ok();
    assert_eq!(since(), ["referral.sent", "hold.taken"]);
    let referral = format!("/api/v1/referrals/{}", referral.id());
    refuge.get(&format!("{referral}/notes")).await.ok();
    assert_eq!(since(), ["note.read"]);
    refuge.post(&format!("{referral}/accept"), json!({})).await.ok();
    let mut accepted = since();
    accepted.sort();
    assert_eq!(accepted, ["hold.ended", "placement.expected", "referral.accepted", "vacancy.filled"]);
    let unit = format!("/api/v1/units/{}/address-disclosures", app.world.a1.0);
    helpline.disclose(&unit, "arranging_travel").await.ok();
    assert_eq!(since(), ["address.disclosed lines postcode directions arranging_travel"]);
}

/// S4, S18
#[rstest]
#[actix_web::test]
async fn s04_s18_the_audit_knows_no_values(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let vacancy = refuge.post("/api/v1/vacancies", json!({ "unit_id": app.world.a1 })).await.ok().id();
    let mut case = new_case();
    case["needs"]["interpreter_language"] = json!("Quechua");
    case["needs"]["abuse_types"] = json!(["physical"]);
    case["needs"]["unsafe_areas"] = json!([{ "area": "E07000135", "confirmed": true }]);
    let case = format!("/api/v1/cases/{}", helpline.post("/api/v1/cases", case).await.ok().id());
    helpline.put(&format!("{case}/identity"), new_case()["identity"].clone()).await.ok();
    helpline.patch(&case, "\"1\"", json!({ "needs": { "interpreter_language": "Tagalog" } })).await.ok();
    let note = json!({ "vacancy_id": vacancy, "note": "She writes marigold." });
    let referral = helpline.post(&format!("{case}/referrals"), note).await.ok().id();
    refuge
        .post(
            &format!("/api/v1/referrals/{referral}/decline"),
            json!({ "primary_reason": "needs_mental_health", "note": "We write marigold." }),
        )
        .await
        .ok();
    // Nor what somebody makes of a field's name.
    let odd: Value = serde_json::from_str(r#"{ "needs": { "Marigold": null } }"#).unwrap();
    let answer = helpline.patch(&case, "\"2\"", odd).await;
    assert_eq!(answer.problem(), "422 invalid");

    let events = format!("{:?}", app.audit()).to_lowercase();
    assert!(events.contains("needs.interpreter_language"));
    for word in
        CANARIES.iter().chain(&["quechua", "tagalog", "physical", "e07000135", "marigold", "1991", "housing_benefit"])
    {
        assert!(!events.contains(word), "the audit says {word}");
    }
}

/// S19
#[rstest]
#[actix_web::test]
async fn s19_what_cannot_be_recorded_does_not_happen(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let case = format!("/api/v1/cases/{}", helpline.post("/api/v1/cases", new_case()).await.ok().id());
    let unit = format!("/api/v1/units/{}", app.world.a1.0);
    let before = (refuge.get(&unit).await.ok().json, helpline.get(&case).await.ok().json);

    app.raw().full();
    for answer in [
        refuge.disclose(&format!("{unit}/address-disclosures"), "repairs").await,
        helpline.disclose(&format!("{case}/identity-disclosures"), "arranging_travel").await,
    ] {
        assert_eq!(answer.problem(), "500 internal");
        let text = answer.text.to_lowercase();
        assert!(!CANARIES.iter().any(|canary| text.contains(canary)) && !text.contains("audit"), "{text}");
    }
    for answer in [
        refuge.patch(&unit, "\"1\"", json!({ "code": "Z9" })).await,
        refuge.post("/api/v1/vacancies", json!({ "unit_id": app.world.a1 })).await,
        helpline.patch(&case, "\"1\"", json!({ "needs": { "pregnant": "yes" } })).await,
        helpline.post("/api/v1/cases", new_case()).await,
    ] {
        assert_eq!(answer.problem(), "500 internal");
    }
    assert_eq!((refuge.get(&unit).await.ok().json, helpline.get(&case).await.ok().json), before);
    assert_eq!(helpline.get("/api/v1/cases").await.ok().items().len(), 1);
    assert_eq!(refuge.get("/api/v1/vacancies").await.ok().items().len(), 0);
}

/// What somebody does who owns the database and knows of its triggers.
pub fn unguarded(conn: &mut Conn, crime: &str) {
    let disarm = match conn {
        Conn::Postgres(_) => {
            "ALTER TABLE audit_event DISABLE TRIGGER USER; ALTER TABLE audit_link DISABLE TRIGGER USER;"
        }
        Conn::Sqlite(_) => {
            "DROP TRIGGER audit_event_keeps; DROP TRIGGER audit_event_stays;
             DROP TRIGGER audit_link_keeps; DROP TRIGGER audit_link_stays;"
        }
    };
    conn.batch_execute(disarm).unwrap();
    conn.batch_execute(crime).unwrap();
}

trait Burglar {
    fn unguarded(&mut self, crime: &str);
    fn full(&mut self);
}

impl Burglar for Conn {
    fn unguarded(&mut self, crime: &str) {
        unguarded(self, crime);
    }

    /// From now on nothing can be recorded.
    fn full(&mut self) {
        let full = match self {
            Self::Postgres(_) => {
                "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$;
                 CREATE TRIGGER full_up BEFORE INSERT ON audit_event EXECUTE FUNCTION full_up();"
            }
            Self::Sqlite(_) => {
                "CREATE TRIGGER full_up BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'full'); END;"
            }
        };
        self.batch_execute(full).unwrap();
    }
}
