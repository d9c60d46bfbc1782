//! Stays as a chain: a household moves to another unit, and on to second stage, and is placed once.

use chrono::TimeDelta;
use rstest::rstest;
use safehold::actions::placements::{self, Moving, stays_over_limit};
use safehold::actions::{cases, referrals, units, vacancies};
use safehold::db::Tx;
use safehold::domain::occupancy::{Interval, Kind};
use safehold::domain::placement::{Command, EDGES, State};
use safehold::domain::provision::{Room, UnitFacts, Wheelchair};
use safehold::ids::{OccupancyId, UnitId};
use serde_json::{Value, json};

use crate::occupancy::{at_once, the_only_winner};
use crate::steps::{Expected, accepted, audited, doing, expected, opened, posted, referred};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

fn stay(id: &str) -> String {
    format!("/api/v1/placements/{id}")
}

/// A household that lives in A1 since the beginning; ten minutes have passed since.
pub async fn lives_in_a1(app: &TestApp) -> Expected {
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let place = expected(app, &refuge, &helpline).await;
    refuge.post(&format!("{}/arrive", place.stay), json!({})).await.ok();
    app.clock.advance(TimeDelta::minutes(10));
    place
}

/// Changes what the refuge is like.
pub async fn refuge_with(app: &TestApp, attributes: Value) {
    let (manager, path) = (app.client("refuge_manager").await, format!("/api/v1/services/{}", app.world.refuge.0));
    let etag = manager.get(&path).await.ok().header("etag").to_owned();
    manager.patch(&path, &etag, json!({ "attributes": attributes })).await.ok();
}

/// A second-stage service of somebody's organisation with one unit.
async fn second_stage_of(app: &TestApp, manager: &str) -> UnitId {
    let manager = app.client(manager).await;
    let service = json!({ "name": "Later Homes", "accommodation_type": "second_stage", "area": "E06000016" });
    let service = manager.post("/api/v1/services", service).await.ok().id();
    let facts = json!({ "bed_spaces": 4, "cots": 1, "step_free": true, "wheelchair": "none", "bathroom": "own",
        "kitchen": "own", "floor": 0, "pets": true });
    let unit = json!({ "code": "S1", "facts": facts });
    let unit = manager.post(&format!("/api/v1/services/{service}/units"), unit).await.ok().id();
    UnitId(unit.parse().unwrap())
}

async fn move_to_a2(app: &TestApp, from: &str) -> String {
    let moving = json!({ "unit_id": app.world.a2, "reason": "larger_home" });
    stay(&app.client("refuge_worker").await.post(&format!("{from}/move"), moving).await.ok().id())
}

/// S33
#[rstest]
#[actix_web::test]
async fn s33_of_50_households_that_move_into_a_unit_at_once_exactly_one_does(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (worker, manager, caseworker) =
        (app.actor("refuge_worker"), app.actor("refuge_manager"), app.actor("caseworker"));
    let facts = UnitFacts {
        bed_spaces: 4,
        cots: 1,
        step_free: true,
        wheelchair: Wheelchair::None,
        bathroom: Room::Own,
        kitchen: Room::Own,
        floor: 0,
        pets: false,
    };
    let needs: safehold::domain::household::Needs = serde_json::from_value(new_case()["needs"].clone()).unwrap();
    let mut stays = Vec::new();
    for n in 0..50 {
        let (facts, service, code) = (facts.clone(), app.world.refuge, format!("M{n}"));
        let unit = app.db.write(&manager, move |tx| units::add(tx, service, &code, &facts, None)).await.unwrap().id;
        let vacancy = app.db.write(&worker, move |tx| vacancies::post(tx, unit, None)).await.unwrap().id;
        let new =
            cases::New { referral_source: "police".into(), origin_area: None, needs: needs.clone(), identity: None };
        let case = app.db.write(&caseworker, move |tx| cases::open(tx, &new)).await.unwrap().id;
        let to = referrals::To::Vacancy(vacancy);
        let new = referrals::New { to, hold: false, agreed_with_provider: false, note: None };
        let looked = app.looked(&caseworker, case).await;
        let sent = app.db.write(&caseworker, move |tx| referrals::send(tx, case, &new, &looked)).await.unwrap().id;
        let taken = move |tx: &mut Tx| referrals::accept(tx, sent, &referrals::Acceptance::default());
        let (_, placed) = app.db.write(&worker, taken).await.unwrap();
        let id = placed.id;
        app.db.write(&worker, move |tx| placements::arrive(tx, id, None)).await.unwrap();
        stays.push(id);
    }
    app.clock.advance(TimeDelta::minutes(1));
    let target = app.world.a2;
    let verbs = stays.into_iter().map(|id: OccupancyId| {
        let moving = Moving { unit: target, moved_at: None, reason: "repairs".into() };
        move |tx: &mut Tx| placements::move_to(tx, id, &moving)
    });
    let (won, told) = the_only_winner(at_once(&app.db, &worker, verbs.collect()));
    assert_eq!(told, (Kind::Placement, Interval::from(won.arrived_at.unwrap())));
    assert_eq!((audited(&app, "placement.moved"), audited(&app, "placement.continued")), (1, 1));
    let refuge = app.client("refuge_worker").await;
    assert_eq!(doing(&refuge, target).await, "placed");
    let living = refuge.get("/api/v1/placements?state=arrived&limit=100").await.ok();
    assert_eq!(living.items().len(), 50, "who was too late stays where they are");
}

/// S34, S41
#[rstest]
#[actix_web::test]
async fn s41_a_household_that_moves_is_placed_once_and_its_stay_goes_on(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    app.clock.advance(TimeDelta::days(10));
    let refuge = app.client("refuge_worker").await;
    posted(&refuge, app.world.a2).await;
    let next = move_to_a2(&app, &place.stay).await;
    let (before, after) = (refuge.get(&place.stay).await.ok().json, refuge.get(&next).await.ok().json);
    assert_eq!((&before["state"], &before["move_reason"]), (&json!("moved"), &json!("larger_home")));
    assert_eq!((&after["state"], &after["follows_id"]), (&json!("arrived"), &before["id"]));
    assert_eq!((&after["arrived_at"], &after["resident_since"]), (&before["moved_at"], &before["arrived_at"]));
    assert_eq!(
        (doing(&refuge, app.world.a1).await, doing(&refuge, app.world.a2).await),
        ("free".into(), "placed".into())
    );
    assert_eq!(audited(&app, "vacancy.filled"), 2, "nobody finds the unit that they moved to");
    for (unit, part) in [(app.world.a1, "ends_at"), (app.world.a2, "starts_at")] {
        let days = format!("/api/v1/units/{}/occupancies?from=2026-04-01&to=2026-06-30", unit.0);
        assert_eq!(refuge.get(&days).await.ok().items()[0]["during"][part], before["moved_at"]);
    }

    app.clock.advance(TimeDelta::days(5));
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = refuge.get(&place.referral).await.ok().json;
    assert_eq!((&referral["state"], &referral["placement_id"]), (&json!("placed"), &after["id"]));
    let chain = refuge.get(&format!("{next}/chain")).await.ok();
    assert_eq!((chain.items().len(), &chain.json["days"]), (2, &json!(15)));
    assert_eq!(chain.items()[1]["unit"], "A2");
    let told = helpline.get(&format!("{}/stays", place.case)).await.ok();
    assert_eq!((told.items().len(), &told.json["days"]), (2, &json!(15)));
    for stay in told.items() {
        assert_eq!((&stay["service"], &stay["accommodation_type"]), (&json!("Copper House"), &json!("refuge")));
        assert!(stay.get("unit").is_none() && stay.get("unit_id").is_none(), "{stay}");
    }
    let report = refuge_report(&app).await;
    assert_eq!(report, json!({ "total": 1, "placed": 1 }));

    let leaving = json!({ "kind": "planned", "destination": "social_tenancy" });
    refuge.post(&format!("{next}/depart"), leaving).await.ok();
    assert_eq!(refuge_report(&app).await, json!({ "total": 1, "placed": 1 }));
    helpline.post(&format!("{}/close", place.case), json!({ "outcome": "placed" })).await.ok();
}

/// How many referrals the refuge had, and how many of them led to a place.
async fn refuge_report(app: &TestApp) -> Value {
    let report = "/api/v1/reports/denied-access?from=2026-04-01&to=2027-03-31";
    let report = app.client("refuge_manager").await.get(report).await.ok().json;
    let referrals = &report["per_referral"];
    json!({ "total": referrals["total"], "placed": referrals["placed"] })
}

#[rstest]
#[actix_web::test]
async fn a_move_that_makes_no_sense_is_refused(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    let second = second_stage_of(&app, "refuge_manager").await;
    let refuge = app.client("refuge_worker").await;
    let wrong = async |body: Value, pointer: &str| {
        let answer = refuge.post(&format!("{}/move", place.stay), body.clone()).await;
        assert_eq!((answer.problem().as_str(), answer.pointers()), ("422 invalid", vec![pointer.to_owned()]), "{body}");
    };
    for unit in [app.world.a1, app.world.d1, second] {
        wrong(json!({ "unit_id": unit, "reason": "repairs" }), "body/unit_id").await;
    }
    let a2 = app.world.a2;
    wrong(json!({ "unit_id": a2, "reason": "noise" }), "body/reason").await;
    for at in ["2026-04-01T09:10:01Z", "2026-04-01T09:00:00Z"] {
        wrong(json!({ "unit_id": a2, "reason": "repairs", "moved_at": at }), "body/moved_at").await;
    }
    let repairs = json!({ "reason": "routine_maintenance" });
    refuge.post(&format!("/api/v1/units/{}/voids", a2.0), repairs).await.ok();
    let taken = refuge.post(&format!("{}/move", place.stay), json!({ "unit_id": a2, "reason": "repairs" })).await;
    assert_eq!((taken.problem().as_str(), &taken.json["current"]["taken"]["by"]), ("409 unit_taken", &json!("void")));
    assert_eq!(doing(&refuge, app.world.a1).await, "placed");
}

/// S35: what is not drawn is refused, from every state, and changes nothing.
#[rstest]
#[actix_web::test]
async fn s35_a_stay_takes_no_edge_that_is_not_drawn(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let second = second_stage_of(&app, "refuge_manager").await;
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let first = expected(&app, &refuge, &helpline).await;
    refuge.post(&format!("{}/did-not-arrive", first.stay), json!({ "primary_reason": "lost_contact" })).await.ok();
    let moved = lives_in_a1(&app).await;
    let arrived = move_to_a2(&app, &moved.stay).await;
    let third = expected(&app, &refuge, &helpline).await;
    let mut stays = vec![
        (State::DidNotArrive, first.stay),
        (State::Moved, moved.stay),
        (State::Expected, third.stay),
        (State::Arrived, arrived.clone()),
    ];
    let commands: Vec<(Command, &str, Value)> = vec![
        (Command::Arrive, "arrive", json!({})),
        (Command::DoNotArrive, "did-not-arrive", json!({ "primary_reason": "lost_contact" })),
        (Command::Extend, "extend", json!({ "expected_end": "2026-08-01" })),
        (Command::Depart, "depart", json!({ "kind": "planned", "destination": "hospital" })),
        (Command::Move, "move", json!({ "unit_id": app.world.a1, "reason": "repairs" })),
        (Command::ArrangeSecondStage, "second-stage", json!({ "unit_id": second, "expected_on": "2026-04-03" })),
        (Command::RecordSupport, "support", json!({ "person": 1, "support_type": "advocacy" })),
        (
            Command::RecordOutcomes,
            "outcomes",
            json!({ "safety": "not_asked", "wellbeing": "not_asked", "stability": "not_asked" }),
        ),
    ];
    assert_eq!(commands.len(), Command::ALL.len());
    let mut refused = 0;
    for round in 0..2 {
        for (state, path) in &stays {
            for (command, name, body) in &commands {
                if EDGES.iter().any(|(from, by, _)| from == state && by == command) {
                    continue;
                }
                let path = format!("{path}/{name}");
                let answer = if *command == Command::RecordOutcomes {
                    let headers = [("if-match", "\"0\"")];
                    refuge.request(actix_web::http::Method::PUT, &path, &headers, Some(body.clone())).await
                } else {
                    refuge.post(&path, body.clone()).await
                };
                assert_eq!(answer.problem(), "409 placement_state", "{state:?}: {name}");
                assert_eq!(answer.json["current"], json!({ "placement": state }));
                refused += 1;
            }
        }
        if round == 0 {
            app.clock.advance(TimeDelta::minutes(1));
            refuge.post(&format!("{arrived}/depart"), commands[3].2.clone()).await.ok();
            stays = vec![(State::Departed, arrived.clone())];
        }
    }
    assert_eq!(refused, State::ALL.len() * Command::ALL.len() - EDGES.len());
}

#[rstest]
#[actix_web::test]
async fn a_unit_that_was_left_is_cleaned_for_as_long_as_its_service_says(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    refuge_with(&app, json!({ "turnaround_hours": 24 })).await;
    let place = lives_in_a1(&app).await;
    let next = move_to_a2(&app, &place.stay).await;
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    assert_eq!(
        (doing(&refuge, app.world.a1).await, doing(&refuge, app.world.a2).await),
        ("void".into(), "placed".into())
    );
    let void = |answer: crate::support::Answer, n: usize| answer.items()[n].clone();
    let days = |unit: UnitId| format!("/api/v1/units/{}/occupancies?from=2026-04-01&to=2026-04-30", unit.0);
    let cleaning = void(refuge.get(&days(app.world.a1)).await.ok(), 1);
    assert_eq!(
        (&cleaning["void_reason"], &cleaning["during"]),
        (&json!("cleaning"), &json!({ "starts_at": "2026-04-01T09:10:00Z", "ends_at": "2026-04-02T09:10:00Z" }))
    );

    // Who looks for a place now does not get it, and who ends the cleaning early can offer it at once.
    let vacancy = json!({ "unit_id": app.world.a1, "available_from": "2026-04-03" });
    let vacancy = refuge.post("/api/v1/vacancies", vacancy).await.ok().id();
    let hold = json!({ "vacancy_id": vacancy });
    let refused = helpline.post(&format!("{}/holds", opened(&helpline).await), hold.clone()).await;
    assert_eq!(
        (refused.problem().as_str(), &refused.json["current"]["taken"]["by"]),
        ("409 unit_taken", &json!("void"))
    );
    let void_id = cleaning["id"].as_str().unwrap();
    refuge.post(&format!("/api/v1/units/{}/voids/{void_id}/end", app.world.a1.0), Value::Null).await.ok();
    assert_eq!(doing(&refuge, app.world.a1).await, "free");
    helpline.post(&format!("{}/holds", opened(&helpline).await), hold).await.ok();

    // A departure that is recorded late: it was cleaned from then on, and may be ready by now.
    app.clock.advance(TimeDelta::days(3));
    let refuge = app.client("refuge_worker").await;
    let left = json!({ "kind": "planned", "destination": "hospital", "departed_at": "2026-04-02T08:00:00Z" });
    refuge.post(&format!("{next}/depart"), left).await.ok();
    assert_eq!(doing(&refuge, app.world.a2).await, "free");
    let cleaning = void(refuge.get(&days(app.world.a2)).await.ok(), 1);
    assert_eq!(cleaning["during"], json!({ "starts_at": "2026-04-02T08:00:00Z", "ends_at": "2026-04-03T08:00:00Z" }));
}

#[rstest]
#[actix_web::test]
async fn a_household_goes_on_to_the_second_stage_of_its_provider(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let second = second_stage_of(&app, "refuge_manager").await;
    let place = lives_in_a1(&app).await;
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let arrange = format!("{}/second-stage", place.stay);
    let wrong = async |unit: UnitId, day: &str, pointer: &str| {
        let answer = refuge.post(&arrange, json!({ "unit_id": unit, "expected_on": day })).await;
        assert_eq!((answer.problem().as_str(), answer.pointers()), ("422 invalid", vec![pointer.to_owned()]));
    };
    wrong(app.world.a2, "2026-04-03", "body/unit_id").await;
    wrong(app.world.d1, "2026-04-03", "body/unit_id").await;
    wrong(second, "2026-03-31", "body/expected_on").await;
    let to = json!({ "unit_id": second, "expected_on": "2026-04-03" });
    let next = stay(&refuge.post(&arrange, to.clone()).await.ok().id());
    assert_eq!((doing(&refuge, app.world.a1).await, doing(&refuge, second).await), ("placed".into(), "free".into()));
    assert_eq!(refuge.post(&arrange, to.clone()).await.problem(), "409 already_placed");

    // They do not come: they live where they did, and nobody was turned away.
    let missed = json!({ "primary_reason": "layout_unsuitable", "decided_by": "survivor" });
    let missed = refuge.post(&format!("{next}/did-not-arrive"), missed).await.ok().json;
    assert_eq!((&missed["state"], &missed["missed_reason"]), (&json!("did_not_arrive"), &json!("layout_unsuitable")));
    assert_eq!(refuge.get(&place.stay).await.ok().text_of("state"), "arrived");
    assert_eq!(refuge.get(&place.referral).await.ok().text_of("state"), "placed");

    // They come, by way of another unit of the refuge.
    let next = stay(&refuge.post(&arrange, to).await.ok().id());
    let between = move_to_a2(&app, &place.stay).await;
    helpline.post(&format!("{}/close", place.case), json!({ "outcome": "placed" })).await.ok();
    app.clock.advance(TimeDelta::days(3));
    let refuge = app.client("refuge_worker").await;
    assert_eq!(doing(&refuge, second).await, "placed");
    let arrived = refuge.post(&format!("{next}/arrive"), json!({})).await.ok().json;
    let before = refuge.get(&between).await.ok().json;
    assert_eq!((&arrived["follows_id"], &before["state"]), (&before["id"], &json!("moved")));
    assert_eq!((&before["moved_at"], &arrived["resident_since"]), (&arrived["arrived_at"], &arrived["arrived_at"]));
    assert_eq!((doing(&refuge, app.world.a2).await, doing(&refuge, second).await), ("free".into(), "placed".into()));
    let chain = refuge.get(&format!("{next}/chain")).await.ok();
    let states: Vec<&Value> = chain.items().iter().map(|stay| &stay["state"]).collect();
    assert_eq!(states, ["moved", "moved", "did_not_arrive", "arrived"]);
    assert_eq!(refuge_report(&app).await, json!({ "total": 1, "placed": 1 }));
}

#[rstest]
#[actix_web::test]
async fn another_provider_takes_a_household_into_second_stage(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let second = second_stage_of(&app, "other_refuge_manager").await;
    let place = lives_in_a1(&app).await;
    let (other, helpline) = (app.client("other_refuge_worker").await, app.client("caseworker").await);
    // No other kind of service takes a household that has a place.
    let heron = posted(&other, app.world.d1).await;
    let refuge_again = referred(&helpline, &place.case, &heron).await;
    assert_eq!(other.post(&format!("{refuge_again}/accept"), json!({})).await.problem(), "409 already_placed");

    let vacancy = posted(&other, second).await;
    let onward = referred(&helpline, &place.case, &vacancy).await;
    let next = accepted(&other, &onward).await;
    let refuge = app.client("refuge_worker").await;
    assert_eq!(refuge.get(&place.stay).await.ok().text_of("state"), "arrived", "they live there until they come");
    other.post(&format!("{next}/did-not-arrive"), json!({ "primary_reason": "lost_contact" })).await.ok();
    assert_eq!(helpline.get(&onward).await.ok().text_of("state"), "withdrawn");
    assert_eq!(refuge.get(&place.stay).await.ok().text_of("state"), "arrived");

    let vacancy = posted(&other, second).await;
    let onward = referred(&helpline, &place.case, &vacancy).await;
    let next = accepted(&other, &onward).await;
    app.clock.advance(TimeDelta::days(2));
    let (other, refuge) = (app.client("other_refuge_worker").await, app.client("refuge_worker").await);
    let arrived = other.post(&format!("{next}/arrive"), json!({})).await.ok().json;
    let before = refuge.get(&place.stay).await.ok().json;
    assert_eq!(
        [&before["state"], &before["departure_kind"], &before["destination"], &before["departed_at"]],
        [&json!("departed"), &json!("planned"), &json!("second_stage"), &arrived["arrived_at"]]
    );
    assert_eq!(arrived["follows_id"], before["id"]);
    assert_eq!(doing(&refuge, app.world.a1).await, "free");
    assert_eq!(audited(&app, "placement.departed"), 1);
    assert_eq!(other.get(&place.stay).await.problem(), "404 not_found");
    assert_eq!(refuge.get(&format!("{}/chain", place.stay)).await.ok().items().len(), 1, "each its own part");
    assert_eq!(app.client("caseworker").await.get(&format!("{}/stays", place.case)).await.ok().items().len(), 3);
}

/// S2, S3: what is released goes with the household, and with nobody else.
#[rstest]
#[actix_web::test]
async fn s02_s03_what_is_released_goes_with_a_household_that_moves(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let second = second_stage_of(&app, "other_refuge_manager").await;
    let other_manager = app.client("other_refuge_manager").await;
    let address = json!({ "lines": ["9 Quiet Close"], "postcode": "ZZ1 1ZZ" });
    other_manager.put(&format!("/api/v1/units/{}/address", second.0), address).await.ok();
    let place = lives_in_a1(&app).await;
    let reads = async |who: &str, unit: UnitId| {
        let path = format!("/api/v1/units/{}/address-disclosures", unit.0);
        app.client(who).await.disclose(&path, "arranging_travel").await.status.as_u16()
    };
    let knows = async |who: &str, referral: &str| {
        let path = format!("{referral}/identity-disclosures");
        app.client(who).await.disclose(&path, "safeguarding").await.status.as_u16()
    };
    let (a1, a2) = (app.world.a1, app.world.a2);
    assert_eq!((reads("caseworker", a1).await, reads("caseworker", a2).await), (200, 404));
    app.clock.advance(TimeDelta::minutes(1));
    let between = move_to_a2(&app, &place.stay).await;
    assert_eq!((reads("caseworker", a1).await, reads("caseworker", a2).await), (404, 200));
    assert_eq!(knows("refuge_worker", &place.referral).await, 200);

    let (other, helpline) = (app.client("other_refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&other, second).await;
    let onward = referred(&helpline, &place.case, &vacancy).await;
    assert_eq!((reads("caseworker", second).await, knows("other_refuge_worker", &onward).await), (404, 409));
    let next = accepted(&other, &onward).await;
    assert_eq!((reads("caseworker", second).await, reads("caseworker", a2).await), (200, 200));
    app.clock.advance(TimeDelta::hours(1));
    app.client("other_refuge_worker").await.post(&format!("{next}/arrive"), json!({})).await.ok();
    assert_eq!((reads("caseworker", second).await, reads("caseworker", a2).await), (200, 404));
    assert_eq!(
        (knows("other_refuge_worker", &onward).await, knows("refuge_worker", &place.referral).await),
        (200, 409)
    );
    let refuge = app.client("refuge_worker").await;
    assert_eq!(refuge.get(&between).await.ok().text_of("destination"), "second_stage");

    // Who saw the homes is told by the chain: the one while they lived there, then the other.
    let looks = app.client("caseworker").await.get(&format!("{}/access", place.case)).await.ok();
    let addresses = looks.items().iter().filter(|look| look["action"] == "address.disclosed").count();
    assert_eq!(addresses, 5);
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_a_stay_beyond_its_limit_is_noticed_once_and_again_when_a_later_end_has_passed(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    refuge_with(&app, json!({ "intended_stay_days": 28 })).await;
    let place = lives_in_a1(&app).await;
    let look = async || stays_over_limit(&app.db, app.clock.now()).await.unwrap();
    let told = async || {
        let stays = app.client("caseworker").await.get(&format!("{}/stays", place.case)).await.ok();
        let last = stays.items().last().unwrap().clone();
        (last["limit_on"].clone(), last["days_over_limit"].clone())
    };
    assert_eq!(told().await, (json!("2026-04-29"), Value::Null));
    app.clock.advance(TimeDelta::days(27));
    assert_eq!((look().await, told().await.1), (0, Value::Null));
    app.clock.advance(TimeDelta::hours(15)); // past midnight in England
    assert_eq!(told().await.1, json!(0));
    assert_eq!((look().await, look().await), (1, 0));
    assert_eq!(tasks(&app), (1, 1));

    // They agree on a later day: nothing is left to do until that has passed.
    let refuge = app.client("refuge_worker").await;
    refuge.post(&format!("{}/extend", place.stay), json!({ "expected_end": "2026-05-10" })).await.ok();
    assert_eq!(tasks(&app), (0, 1));
    app.clock.advance(TimeDelta::days(10));
    assert_eq!((look().await, told().await.1), (0, json!(10)));
    app.clock.advance(TimeDelta::days(3));
    assert_eq!((look().await, look().await), (1, 0));
    assert_eq!(tasks(&app), (1, 2));

    // In another unit of the service they have been there for as long; when they have left, nobody has to look.
    let next = move_to_a2(&app, &place.stay).await;
    assert_eq!(tasks(&app), (0, 2));
    assert_eq!((look().await, told().await), (1, (json!("2026-04-29"), json!(13))));
    app.clock.advance(TimeDelta::minutes(1));
    let leaving = json!({ "kind": "planned", "destination": "private_tenancy" });
    app.client("refuge_worker").await.post(&format!("{next}/depart"), leaving).await.ok();
    assert_eq!((look().await, tasks(&app)), (0, (0, 3)));
    assert_eq!(audited(&app, "placement.over_limit"), 3);
}

/// How many tasks about stays are open, of how many.
fn tasks(app: &TestApp) -> (i64, i64) {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        open: i64,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    let query =
        "SELECT count(*) - count(ended_at) AS open, count(*) AS number FROM task WHERE kind = 'stay_over_limit'";
    let Count { open, number } = diesel::sql_query(query).get_result(&mut app.raw()).unwrap();
    (open, number)
}

#[rstest]
#[actix_web::test]
async fn whether_they_moved_on_in_time_is_asked_of_a_planned_departure(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let place = lives_in_a1(&app).await;
    let refuge = app.client("refuge_worker").await;
    let leaving = |kind: &str, wish: &str| json!({ "kind": kind, "destination": "private_tenancy", "move_on_wish_on": wish, "move_on_timely": false });
    let depart = format!("{}/depart", place.stay);
    for (kind, wish, pointer) in
        [("unplanned", "2026-04-01", "body/move_on_timely"), ("planned", "2026-04-02", "body/move_on_wish_on")]
    {
        assert_eq!(refuge.post(&depart, leaving(kind, wish)).await.pointers(), [pointer]);
    }
    let left = refuge.post(&depart, leaving("planned", "2026-03-20")).await.ok().json;
    assert_eq!((&left["move_on_wish_on"], &left["move_on_timely"]), (&json!("2026-03-20"), &json!(false)));
}

async fn visit(visitor: &Client, path: &str, words: &[&str]) {
    let page = visitor.page(path).await;
    assert_eq!(page.status.as_u16(), 200, "{path}");
    for word in words {
        assert!(page.text.contains(word), "{path}: no {word:?} in {}", page.text);
    }
}

#[rstest]
#[actix_web::test]
async fn pages_lead_a_household_from_unit_to_unit(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let second = second_stage_of(&app, "refuge_manager").await.0.to_string();
    refuge_with(&app, json!({ "intended_stay_days": 7 })).await;
    let place = lives_in_a1(&app).await;
    app.clock.advance(TimeDelta::days(9));
    let refuge = app.visitor("refuge_worker").await;
    let page = place.stay.replace("/api/v1", "");
    visit(&refuge, &page, &["2 days over the 1 week that this service is meant for", "Move them to another unit"])
        .await;
    visit(&refuge, "/placements", &["2 days over the 1 week"]).await;
    visit(&refuge, &format!("{page}/move"), &["A2", "They need a larger home"]).await;
    let wrong = refuge.submit(&format!("{page}/move"), &[]).await;
    assert!(wrong.text.contains("Select why they move") && wrong.text.contains("Select the unit"), "{}", wrong.text);
    let a2 = app.world.a2.0.to_string();
    let moved = refuge.submit(&format!("{page}/move"), &[("unit_id", &a2), ("reason", "repairs")]).await;
    let next = moved.header("location").split('?').next().unwrap().to_owned();
    visit(&refuge, &next, &["Where they lived with you", "Unit A1, Copper House", "(this stay)"]).await;
    visit(&refuge, &page, &["Moved on", "The home needs repairs", "see where they live now"]).await;

    visit(&refuge, &format!("{next}/second-stage"), &["S1, Later Homes"]).await;
    let day = [("expected_on-day", "11"), ("expected_on-month", "4"), ("expected_on-year", "2026")];
    let fields = [&[("unit_id", second.as_str())][..], &day].concat();
    let taken = refuge.submit(&format!("{next}/second-stage"), &fields).await;
    let later = taken.header("location").split('?').next().unwrap().to_owned();
    visit(&refuge, &next, &["They are expected in second stage"]).await;
    visit(&refuge, &later, &["They live with you already, and are to move here"]).await;
    app.clock.advance(TimeDelta::days(2));
    let (refuge, helpline) = (app.visitor("refuge_worker").await, app.visitor("caseworker").await);
    visit(&refuge, &later, &["They were expected yesterday", "What to do next"]).await;
    visit(&refuge, "/placements", &["Was expected yesterday: did they come?"]).await;
    visit(&helpline, &place.case.replace("/api/v1", ""), &["Where they lived", "Copper House", "Later Homes"]).await;
}
