//! The demonstration on a database of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex};
use std::{fs, thread};

use actix_web::rt::System;
use chrono::{DateTime, NaiveDate, TimeDelta};
use tempfile::TempDir;

use super::*;
use crate::actions::barriers;
use crate::actions::matching::matches;
use crate::actions::organisations;
use crate::actions::reports::{Ask, denied_access};
use crate::auth::{Actor, password};
use crate::clock::Clock;
use crate::db::cases::{self, Scope};
use crate::db::reports::Perspective;
use crate::db::{Conn, DatabaseUrl, Verification, accounts, occupancy, services, units, vacancies};
use crate::domain::barriers::answer;
use crate::domain::case;
use crate::domain::eligibility::Verdict;
use crate::domain::occupancy::{Doing, doing};
use crate::domain::permission::{Kinds, OrganisationKind};
use crate::domain::vacancy::Age;
use crate::ids::RequestId;
use crate::settings::{Keys, Policy};

struct Demonstration {
    db: Db,
    now: At,
    folder: TempDir,
}

/// One that is not loaded yet.
fn empty() -> Demonstration {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    DatabaseUrl::Sqlite(file.to_str().unwrap().into()).open().unwrap().migrate().unwrap();
    in_folder(folder)
}

const FILE: &str = "demonstration.db";

fn in_folder(folder: TempDir) -> Demonstration {
    let url = DatabaseUrl::Sqlite(folder.path().join(FILE).to_str().unwrap().into());
    let now = At::from(DateTime::parse_from_rfc3339("2026-04-02T05:40:31.123456Z").unwrap().to_utc());
    let keys = Keys::of("test", &[1; 32], b"audit", b"token");
    let db = Db::new(url, 2, Clock::standing_at(now), keys, Policy::default());
    Demonstration { db, now, folder }
}

/// Loaded once for all tests, which copy it. On a thread of its own: the test that comes first is inside a runtime.
static LOADED: LazyLock<Demonstration> = LazyLock::new(|| {
    let load = || {
        let demonstration = empty();
        System::new().block_on(load(&demonstration.db, demonstration.now, |_| {})).unwrap();
        demonstration
    };
    thread::spawn(load).join().unwrap()
});

fn loaded() -> Demonstration {
    let folder = tempfile::tempdir().unwrap();
    for file in [FILE.to_owned(), format!("{FILE}-wal")] {
        fs::copy(LOADED.folder.path().join(&file), folder.path().join(&file)).unwrap();
    }
    in_folder(folder)
}

impl Demonstration {
    async fn read<T: Send + 'static>(&self, query: impl FnOnce(&mut Conn) -> T + Send + 'static) -> T {
        let nobody = Actor::nobody(RequestId::new());
        self.db.read(&nobody, |conn| Ok(query(conn))).await.unwrap()
    }

    async fn actor(&self, role: Role) -> Actor {
        let sign_in = sign_ins().into_iter().find(|sign_in| sign_in.role == role).unwrap();
        self.read(move |conn| {
            let (account, _) = accounts::with_email(conn, sign_in.email).unwrap().unwrap();
            assert!(password::verify(sign_in.password, Some(&account.password_hash)));
            let (id, organisation, roles) = (account.id, account.organisation_id, account.roles.0);
            Actor { account: id, organisation, roles, request: RequestId::new(), session: None }
        })
        .await
    }

    async fn events(&self) -> usize {
        match self.db.verify_audit().await.unwrap() {
            Verification::Intact { events } => events,
            broken @ Verification::Broken { .. } => unreachable!("{broken:?}"),
        }
    }
}

/// Every unit with the area and name of its service.
fn all_units(conn: &mut Conn) -> Vec<(String, String, units::Unit)> {
    let mut found = Vec::new();
    for named in services::page(conn, None, None, 200).unwrap() {
        let service = named.service;
        for unit in units::page(conn, service.organisation_id, Some(service.id), None, 200).unwrap() {
            found.push((service.area_code.clone(), service.name.clone(), unit));
        }
    }
    found
}

#[actix_web::test]
async fn it_is_loaded_once() {
    let demonstration = empty();
    let told = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&told);
    let progress = move |step: &str| hear.lock().unwrap().push(step.to_owned());
    let sign_ins = load(&demonstration.db, demonstration.now, progress).await.unwrap();
    let roles: Vec<_> = sign_ins.iter().map(|sign_in| sign_in.role).collect();
    assert_eq!(roles, Role::ALL);
    assert!(sign_ins.iter().all(|sign_in| sign_in.email.ends_with("@invented.example")));
    let told = told.lock().unwrap().clone();
    assert_eq!(told.last().unwrap(), "History: month 3 of 3", "{told:?}");

    let events = demonstration.events().await;
    let later = demonstration.now + TimeDelta::days(1);
    let again = load(&demonstration.db, later, |step| unreachable!("loads again: {step}")).await.unwrap();
    assert_eq!((again, demonstration.events().await), (sign_ins, events));

    while demonstration.db.seal_audit().await.unwrap() > 0 {}
    assert_eq!(demonstration.events().await, events);
}

#[actix_web::test]
async fn it_keeps_out_of_a_database_that_holds_anything_else() {
    let demonstration = empty();
    let system = Actor::nobody(RequestId::new());
    let kinds = Kinds(vec![OrganisationKind::Provider]);
    demonstration.db.write(&system, move |tx| organisations::add(tx, "A real refuge", kinds.clone())).await.unwrap();
    let refused = load(&demonstration.db, demonstration.now, |step| unreachable!("loads: {step}")).await;
    assert!(matches!(refused, Err(DemoError::SomethingElse)), "{refused:?}");
    assert_eq!(demonstration.events().await, 1);
}

#[actix_web::test]
async fn the_units_are_those_that_were_published() {
    let found = loaded().read(all_units).await;
    let number = |areas: &[&str]| found.iter().filter(|(area, ..)| areas.contains(&area.as_str())).count();
    assert_eq!(number(&["E06000016"]), 94);
    assert_eq!(number(&["E07000130", "E07000132"]), 25);
    assert_eq!((number(&["E06000017"]), found.len()), (8, 127));
    let codes: BTreeSet<_> =
        found.iter().filter(|(_, name, _)| name == "Brookes House").map(|(.., unit)| unit.code.clone()).collect();
    assert_eq!(codes, (1..=19).map(|number| format!("BH{number}")).collect());
}

#[actix_web::test]
async fn there_are_vacancies_of_every_age_and_units_in_every_state() {
    let demonstration = loaded();
    let now = demonstration.now;
    let (ages, doings, fresh) = demonstration
        .read(move |conn| {
            let (mut ages, mut doings, mut fresh) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
            for (_, name, unit) in all_units(conn) {
                let does = doing(&occupancy::intervals_after(conn, unit.id, now).unwrap(), now);
                *doings.entry(does).or_insert(0) += 1;
                if let Some(open) = vacancies::open_of_unit(conn, unit.id).unwrap() {
                    let age = Policy::default().freshness.age(open.confirmed_at, now);
                    *ages.entry(age).or_insert(0) += 1;
                    if age == Age::Fresh && does == Doing::Free {
                        fresh.entry(name).or_insert_with(Vec::new).push(unit.facts.pets);
                    }
                }
            }
            (ages, doings, fresh)
        })
        .await;
    assert_eq!(ages, BTreeMap::from([(Age::Fresh, 14), (Age::Stale, 2), (Age::OutOfDate, 1)]));
    assert_eq!((doings[&Doing::Held], doings[&Doing::Void]), (2, 8));
    assert!(doings[&Doing::Placed] > 95, "{doings:?}");
    for service in ["Brookes House", "Leicester Refuge", "Panahghar Refuge", "Action Homeless Refuge"] {
        assert!(fresh.contains_key(service), "{service}: {fresh:?}");
    }
    assert_eq!(fresh["Leicester Dispersed"], [true]);
}

#[actix_web::test]
async fn the_first_caseworker_has_three_different_cases() {
    let demonstration = loaded();
    let now = demonstration.now;
    let carys = demonstration.actor(Role::Caseworker).await;
    let manager = demonstration.actor(Role::HelplineManager).await;
    let (own, all) = demonstration
        .read(move |conn| {
            let page = |conn: &mut Conn, actor: &Actor| {
                cases::page(conn, Scope::of(actor), Some(case::State::Open), None, 100).unwrap()
            };
            let mut own = Vec::new();
            for case in page(conn, &carys) {
                let matches = matches(conn, &case, now, Policy::default()).unwrap();
                let mut verdicts = BTreeMap::new();
                for found in &matches.ranked {
                    let service = matches.places.vacancies[&found.key].service;
                    let name = matches.places.services[&service].name.clone();
                    verdicts.entry(name).or_insert_with(Vec::new).push(found.verdict);
                }
                own.push((case.needs, verdicts));
            }
            (own, page(conn, &manager).len())
        })
        .await;
    let [(man, for_man), (woman, for_woman), (mother, for_mother)] = own.as_slice() else {
        unreachable!("{}", own.len())
    };
    assert!((8..=20).contains(&all), "{all}");

    let ages: Vec<_> = mother.children().map(|child| child.age).collect();
    assert_eq!(ages, [Some(15), Some(6)]);
    assert!(for_mother["Brookes House"].contains(&Verdict::Discuss));
    assert_eq!(for_mother["Action Homeless Refuge"], [Verdict::NotSuitable]);
    assert_eq!(for_mother["Panahghar Refuge"], [Verdict::Suitable, Verdict::NotSuitable]);

    assert_eq!(woman.concession, crate::domain::household::Concession::Applied);
    assert!(for_woman["Brookes House"].contains(&Verdict::Suitable));
    assert!(for_woman["Leicester Refuge"].contains(&Verdict::Discuss));

    assert_eq!(man.pets.as_ref().unwrap()[0].kind, "dog");
    assert_eq!(for_man["Leicester Dispersed"], [Verdict::Suitable]);
    assert!(for_man["Leicester Refuge"].iter().all(|verdict| *verdict == Verdict::NotSuitable));
}

#[actix_web::test]
async fn denied_access_adds_up() {
    let demonstration = loaded();
    let now = demonstration.now;
    let manager = demonstration.actor(Role::HelplineManager).await;
    let report = demonstration
        .read(move |conn| {
            let from = (now - TimeDelta::days(90)).date();
            let ask =
                Ask { from, to: now.date(), by: Vec::new(), perspective: Perspective::Referrer(manager.organisation) };
            denied_access(conn, &manager, &ask).unwrap()
        })
        .await;
    let referrals = report.per_referral.counts;
    assert_eq!(referrals.total, referrals.placed + referrals.denied + referrals.open);
    assert_eq!(referrals.open, 5, "three wait for an answer, two households are on their way");
    let denied = 100 * referrals.denied / referrals.total;
    assert!((74..=86).contains(&denied), "{referrals:?}");
    let households = report.per_household.unwrap().counts;
    assert!((190..=230).contains(&households.total), "{households:?}");
    assert!(households.denied > 60 && households.placed > 90, "{households:?}");
    assert!(report.referral_secondary_reasons.values().sum::<u64>() > 40);
}

#[actix_web::test]
async fn the_same_end_makes_the_same_history() {
    let mut histories = Vec::new();
    for _ in 0..2 {
        let demonstration = loaded();
        let manager = demonstration.actor(Role::HelplineManager).await;
        let told = demonstration.read(move |conn| {
            let cases = cases::page(conn, Scope::of(&manager), None, None, 1_000).unwrap();
            let cases = cases.into_iter().map(|case| (case.opened_at, case.closed_at, case.needs, case.primary_reason));
            cases.collect::<Vec<_>>()
        });
        histories.push(told.await);
    }
    assert_eq!(histories[0], histories[1]);
}

/// The question that a commissioner asks, of the quarter before the day of the demonstration.
#[actix_web::test]
async fn it_answers_what_one_change_would_have_housed_the_most_households_turned_away_last_quarter() {
    let demonstration = loaded();
    let manager = demonstration.actor(Role::HelplineManager).await;
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    let ask = barriers::Ask {
        from: day(1, 1),
        to: day(3, 31),
        households: barriers::Households::TurnedAway,
        by: Some(barriers::By::Service),
        perspective: Perspective::Referrer(manager.organisation),
    };
    let report = demonstration.read(move |conn| barriers::report(conn, &manager, &ask).unwrap()).await;
    let answer = answer(&report.barriers, report.households);
    let first = report.barriers[0];
    let change = first.obstacle.change();
    let expected =
        format!("If {change}, {} more households would have had at least one suitable place.", first.would_suit);
    assert_eq!(answer, expected);
    assert!(first.would_suit >= 3, "{answer}");
    assert!(report.with_suitable < report.households && report.households >= 60, "{report:?}");
    let best = report.cells.iter().flat_map(|cell| &cell.barriers).map(|barrier| barrier.would_suit).max();
    assert!(best <= Some(first.would_suit), "no service alone can do more than all together");
}
