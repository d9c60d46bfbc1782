//! One unit, many who want it: what it is doing is what is recorded of it, and nothing else.

use std::sync::{Arc, Barrier};
use std::thread;

use actix_web::rt::System;
use chrono::TimeDelta;
use rstest::rstest;
use safehold::actions::{cases, occupancy, referrals, vacancies};
use safehold::audit::Change;
use safehold::auth::Actor;
use safehold::db::occupancy::{Cause, insert};
use safehold::db::{Db, Tx};
use safehold::domain::Refusal;
use safehold::domain::occupancy::{Interval, Kind};
use safehold::error::AppError;
use safehold::ids::{CaseId, VacancyId};
use serde_json::{Value, json};

use crate::steps::{audited, doing, expected, opened, posted};
use crate::support::{Engine, Postgres, Sqlite, TestApp, new_case};

const VACANCIES: &str = "/api/v1/vacancies";

/// As many open cases as there are callers.
async fn cases_of(app: &TestApp, actor: &Actor, number: usize) -> Vec<CaseId> {
    let needs = serde_json::from_value(new_case()["needs"].clone()).unwrap();
    let new = cases::New { referral_source: "police".into(), origin_area: None, needs, identity: None };
    let mut opened = Vec::new();
    for _ in 0..number {
        let new = new.clone();
        opened.push(app.db.write(actor, move |tx| cases::open(tx, &new)).await.unwrap().id);
    }
    opened
}

async fn vacancy_of_a1(app: &TestApp) -> VacancyId {
    let a1 = app.world.a1;
    app.db.write(&app.actor("refuge_worker"), move |tx| vacancies::post(tx, a1, None)).await.unwrap().id
}

/// What becomes of verbs that all begin at the same moment, each on a thread of its own.
pub fn at_once<T, V>(db: &Db, actor: &Actor, verbs: Vec<V>) -> Vec<Result<T, AppError>>
where
    T: Send + 'static,
    V: Fn(&mut Tx) -> Result<Change<T>, AppError> + Send + Sync + 'static,
{
    let start = Arc::new(Barrier::new(verbs.len()));
    let begin = |verb: V| {
        let (db, actor, start) = (db.clone(), actor.clone(), Arc::clone(&start));
        thread::spawn(move || {
            System::new().block_on(async {
                start.wait();
                db.write(&actor, verb).await
            })
        })
    };
    let people: Vec<_> = verbs.into_iter().map(begin).collect();
    people.into_iter().map(|person| person.join().unwrap()).collect()
}

/// That exactly one got the unit, and what all the others were told stands in their way.
pub fn the_only_winner<T>(outcomes: Vec<Result<T, AppError>>) -> (T, (Kind, Interval)) {
    let (mut won, mut told) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(value) => won.push(value),
            Err(AppError::Refused { refusal: Refusal::UnitTaken { by, during }, .. }) => told.push((by, during)),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((won.len(), told.len()), (1, 49));
    told.dedup();
    assert_eq!(told.len(), 1, "all were told the same: {told:?}");
    (won.remove(0), told.remove(0))
}

/// S33
#[rstest]
#[actix_web::test]
async fn s33_of_50_who_hold_a_unit_at_once_exactly_one_gets_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (vacancy, actor) = (vacancy_of_a1(&app).await, app.actor("caseworker"));
    let cases = cases_of(&app, &actor, 50).await;
    let verbs = cases.into_iter().map(|case| move |tx: &mut Tx| occupancy::hold(tx, case, vacancy, false)).collect();
    let (held, told) = the_only_winner(at_once(&app.db, &actor, verbs));
    assert_eq!(told, (Kind::Hold, held.during()));
    assert_eq!(audited(&app, "hold.taken"), 1);
    assert_eq!(doing(&app.client("refuge_worker").await, app.world.a1).await, "held");
}

/// S33
#[rstest]
#[actix_web::test]
async fn s33_of_50_households_accepted_at_once_into_a_unit_exactly_one_gets_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (vacancy, caseworker) = (vacancy_of_a1(&app).await, app.actor("caseworker"));
    let to = referrals::To::Vacancy(vacancy);
    let mut sent = Vec::new();
    for case in cases_of(&app, &caseworker, 50).await {
        let new = referrals::New { to, hold: false, agreed_with_provider: false, note: None };
        let looked = app.looked(&caseworker, case).await;
        sent.push(app.db.write(&caseworker, move |tx| referrals::send(tx, case, &new, &looked)).await.unwrap().id);
    }
    let verbs = sent
        .into_iter()
        .map(|referral| move |tx: &mut Tx| referrals::accept(tx, referral, &referrals::Acceptance::default()))
        .collect();
    let ((_, stay), told) = the_only_winner(at_once(&app.db, &app.actor("refuge_worker"), verbs));
    assert_eq!(told, (Kind::Placement, Interval::from(stay.expected_at)));
    for once in ["referral.accepted", "placement.expected", "vacancy.filled"] {
        assert_eq!(audited(&app, once), 1, "{once}");
    }
    assert_eq!(doing(&app.client("refuge_worker").await, app.world.a1).await, "placed");
}

/// Minutes from now; `None` has no end.
type Minutes = (i64, Option<i64>);

#[rstest]
#[actix_web::test]
async fn the_database_and_the_domain_agree_on_what_overlaps(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (actor, unit, start) = (app.actor("refuge_worker"), app.world.a1, app.clock.now());
    let interval = move |(from, to): Minutes| {
        let at = |minute| start + TimeDelta::minutes(minute);
        Interval { starts_at: at(from), ends_at: to.map(at) }
    };
    let hold = (0, Some(90));
    let table: &[(Minutes, Minutes, bool)] = &[
        (hold, (0, Some(90)), true),
        (hold, (10, Some(20)), true),
        (hold, (-10, Some(100)), true),
        (hold, (-10, None), true),
        (hold, (-10, Some(1)), true),
        (hold, (89, Some(100)), true),
        (hold, (89, None), true),
        (hold, (-10, Some(0)), false),
        (hold, (90, None), false),
        (hold, (10, Some(10)), false),
        (hold, (0, Some(0)), false),
        ((10, Some(10)), hold, false),
        ((10, Some(10)), (10, Some(10)), false),
        ((10, Some(10)), (0, None), false),
        ((0, None), (1_000_000, Some(1_000_001)), true),
        ((0, None), (1_000_000, None), true),
        ((0, None), (-5, Some(0)), false),
    ];
    for &(first, second, overlaps) in table {
        let (one, other) = (interval(first), interval(second));
        assert_eq!((one.overlaps(other), other.overlaps(one)), (overlaps, overlaps), "{first:?} {second:?}");
        let both = app.db.write(&actor, move |tx| {
            insert(tx, unit, Cause::Void("cleaning".into()), one)?;
            let outcome = insert(tx, unit, Cause::Void("cleaning".into()), other);
            assert_eq!(outcome.is_err(), overlaps, "{first:?} {second:?} {outcome:?}");
            assert!(matches!(outcome, Ok(_) | Err(AppError::Contended)), "{outcome:?}");
            Err::<Change<()>, _>(AppError::NotFound) // take it back
        });
        assert!(matches!(both.await, Err(AppError::NotFound)));
    }
}

#[rstest]
#[actix_web::test]
async fn a_hold_ends_by_itself_after_90_minutes(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = json!({ "vacancy_id": posted(&refuge, app.world.a1).await });
    let (first, second) = (opened(&helpline).await, opened(&helpline).await);

    let held = helpline.post(&format!("{first}/holds"), vacancy.clone()).await.ok();
    let during = json!({ "starts_at": "2026-04-01T09:00:00Z", "ends_at": "2026-04-01T10:30:00Z" });
    assert_eq!(held.json["during"], during);
    let refused = helpline.post(&format!("{second}/holds"), vacancy.clone()).await;
    assert_eq!(refused.problem(), "409 unit_taken");
    assert_eq!(refused.json["current"], json!({ "taken": { "by": "hold", "during": during } }));

    app.clock.advance(TimeDelta::minutes(90) - TimeDelta::microseconds(1));
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    assert_eq!(doing(&refuge, app.world.a1).await, "held");
    assert_eq!(helpline.get(VACANCIES).await.ok().items().len(), 0);

    app.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(doing(&refuge, app.world.a1).await, "free");
    assert_eq!(helpline.get(VACANCIES).await.ok().items().len(), 1);
    let late = helpline.post(&format!("{first}/holds/{}/release", held.id()), Value::Null).await;
    assert_eq!((late.problem().as_str(), &late.json["current"]["ended_at"]), ("409 already_ended", &during["ends_at"]));
    helpline.post(&format!("{second}/holds"), vacancy).await.ok();
}

#[rstest]
#[actix_web::test]
async fn a_hold_keeps_a_vacancy_that_begins_after_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let next_week = json!({ "unit_id": app.world.a1, "available_from": "2026-04-08" });
    let vacancy = json!({ "vacancy_id": refuge.post(VACANCIES, next_week).await.ok().id() });
    let (first, second) = (opened(&helpline).await, opened(&helpline).await);
    let waiting = helpline.post(&format!("{second}/referrals"), vacancy.clone()).await.ok().id();
    helpline.post(&format!("{first}/holds"), vacancy.clone()).await.ok();

    assert_eq!(helpline.get(VACANCIES).await.ok().items().len(), 0);
    let third = opened(&helpline).await;
    for refused in [
        helpline.post(&format!("{third}/referrals"), vacancy.clone()).await,
        refuge.post(&format!("/api/v1/referrals/{waiting}/accept"), json!({})).await,
    ] {
        assert_eq!(refused.problem(), "409 unit_taken");
        assert_eq!(refused.json["current"]["taken"]["by"], "hold");
    }
    app.clock.advance(TimeDelta::minutes(90));
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("/api/v1/referrals/{waiting}/accept"), json!({})).await.ok();
}

#[rstest]
#[actix_web::test]
async fn a_hold_can_be_given_up(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = json!({ "vacancy_id": posted(&refuge, app.world.a1).await });
    let case = opened(&helpline).await;
    let hold = helpline.post(&format!("{case}/holds"), vacancy.clone()).await.ok().id();
    app.clock.advance(TimeDelta::minutes(5));
    let given_up = helpline.post(&format!("{case}/holds/{hold}/release"), Value::Null).await.ok();
    assert_eq!(given_up.json["during"]["ends_at"], "2026-04-01T09:05:00Z");
    assert_eq!(doing(&refuge, app.world.a1).await, "free");
    assert_eq!(helpline.get(VACANCIES).await.ok().items().len(), 1);
    helpline.post(&format!("{case}/holds"), vacancy).await.ok();
    assert_eq!(helpline.get(&format!("{case}/holds")).await.ok().items().len(), 2);
}

#[rstest]
#[actix_web::test]
async fn a_void_waits_for_a_hold_unless_it_must_not(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let case = opened(&helpline).await;
    let held = helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": vacancy })).await.ok();
    let voids = format!("/api/v1/units/{}/voids", app.world.a1.0);

    let refused = refuge.post(&voids, json!({ "reason": "repairs_after_damage" })).await;
    assert_eq!(refused.problem(), "409 unit_taken");
    let taken = json!({ "taken": { "by": "hold", "during": held.json["during"] } });
    assert_eq!(refused.json["current"], taken);
    assert_eq!(doing(&refuge, app.world.a1).await, "held");
    let later = json!({ "reason": "cleaning", "starts_at": held.json["during"]["ends_at"], "end_holds": true });
    refuge.post(&voids, later).await.ok();
    assert_eq!(doing(&refuge, app.world.a1).await, "held", "a void that begins when the hold is over leaves it alone");

    app.clock.advance(TimeDelta::minutes(1));
    let flood = json!({ "reason": "repairs_after_damage", "ends_at": "2026-04-01T10:00:00Z", "end_holds": true });
    refuge.post(&voids, flood).await.ok();
    assert_eq!(doing(&refuge, app.world.a1).await, "void");
    let holds = helpline.get(&format!("{case}/holds")).await.ok();
    assert_eq!(holds.items()[0]["during"]["ends_at"], "2026-04-01T09:01:00Z");
    assert_eq!((audited(&app, "hold.ended"), audited(&app, "void.recorded")), (1, 2));
}

#[rstest]
#[actix_web::test]
async fn no_void_ends_a_stay(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    expected(&app, &refuge, &helpline).await;
    let flood = json!({ "reason": "repairs_after_damage", "end_holds": true });
    let refused = refuge.post(&format!("/api/v1/units/{}/voids", app.world.a1.0), flood).await;
    assert_eq!(refused.problem(), "409 unit_taken");
    let during = json!({ "starts_at": "2026-04-01T09:00:00Z", "ends_at": null });
    assert_eq!(refused.json["current"], json!({ "taken": { "by": "placement", "during": during } }));
}

#[rstest]
#[actix_web::test]
async fn a_unit_is_put_back_into_use_before_its_void_would_have_ended(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let refuge = app.client("refuge_worker").await;
    let voids = format!("/api/v1/units/{}/voids", app.world.a1.0);
    let wrong = json!({ "reason": "cleaning", "ends_at": "2026-04-01T09:00:00Z" });
    assert_eq!(refuge.post(&voids, wrong).await.pointers(), ["body/ends_at"]);
    assert_eq!(refuge.post(&voids, json!({ "reason": "holiday" })).await.pointers(), ["body/reason"]);
    let void = json!({ "reason": "cleaning", "ends_at": "2026-04-03T09:00:00Z" });
    let void = refuge.post(&voids, void).await.ok();
    assert_eq!(doing(&refuge, app.world.a1).await, "void");

    app.clock.advance(TimeDelta::minutes(10));
    let end = format!("{voids}/{}/end", void.id());
    let ended = refuge.post(&end, Value::Null).await.ok();
    assert_eq!(ended.json["during"]["ends_at"], "2026-04-01T09:10:00Z");
    assert_eq!(doing(&refuge, app.world.a1).await, "free");
    assert_eq!(refuge.post(&end, Value::Null).await.problem(), "409 already_ended");
    posted(&refuge, app.world.a1).await;

    let days = format!("/api/v1/units/{}/occupancies?from=2026-04-01&to=2026-04-30", app.world.a1.0);
    assert_eq!(refuge.get(&days).await.ok().items(), [ended.json]);
}
