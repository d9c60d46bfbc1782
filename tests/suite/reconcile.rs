//! Figures reconcile: whatever happened, however it is broken down, on whichever database.

mod book;
mod denied;
mod measured;
mod play;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use actix_web::rt::System;
use chrono::{DateTime, Days as Number, Months, NaiveDate};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use safehold::actions::reports::{self, measures};
use safehold::auth::Actor;
use safehold::clock::{At, Clock};
use safehold::db::reports::Perspective;
use safehold::db::{Conn, Db, accounts};
use safehold::demo;
use safehold::domain::measures::people::Composition;
use safehold::domain::measures::{Dimension, Period, before};
use safehold::domain::permission::Role;
use safehold::ids::RequestId;
use safehold::settings::Policy;
use serde_json::{Value, json};

use self::book::{Days, READERS, eventful};
use self::play::{Play, VERBS, deed};
use crate::support::database::TestDatabase;
use crate::support::world::keys;
use crate::support::{Engine, Postgres, Sqlite};

/// What is asked of a history: the numbers pick days and choices among all that there are.
#[derive(Debug, Clone)]
struct Asked {
    from: u64,
    length: u64,
    day: usize,
    number: usize,
}

fn asked() -> impl Strategy<Value = Asked> {
    (0..440_u64, 0..120_u64, 0..1_000_usize, 0..1_000_usize).prop_map(|(from, length, day, number)| Asked {
        from,
        length,
        day,
        number,
    })
}

/// The days that are asked about.
struct Periods {
    year: Days,
    quarters: Vec<Days>,
    months: Vec<Days>,
    others: Vec<Days>,
}

impl Periods {
    fn of(asked: &Asked, eventful: &BTreeSet<NaiveDate>) -> Self {
        let first: NaiveDate = "2026-04-01".parse().unwrap();
        let part = |length: u32| {
            move |n: u32| {
                let from = first + Months::new(n * length);
                (from, from + Months::new(length) - Number::new(1))
            }
        };
        let day = |day: &str| -> NaiveDate { day.parse().unwrap() };
        let from = first + Number::new(asked.from);
        let happened = eventful.iter().nth(asked.day % eventful.len().max(1)).copied().unwrap_or(from);
        // Of these days one has 25 hours, and one has 23.
        let alone = [happened, day("2026-10-25"), day("2027-03-28"), day("2027-03-31")].map(|day| (day, day));
        let long = [(from, from + Number::new(asked.length)), (day("2026-03-01"), day("2028-03-31"))];
        Self {
            year: part(12)(0),
            quarters: (0..4).map(part(3)).collect(),
            months: (0..12).map(part(1)).collect(),
            others: [&alone[..], &long].concat(),
        }
    }

    /// The year, its quarters and its months.
    fn parts(&self) -> impl Iterator<Item = Days> {
        [self.year].into_iter().chain(self.quarters.clone()).chain(self.months.clone())
    }

    fn all(&self) -> Vec<Days> {
        self.parts().chain(self.others.clone()).collect()
    }
}

/// So many histories are told.
const HISTORIES: u32 = 8;

/// S41: whatever happens, for every choice of dimensions, for whoever asks of whatever days.
#[test]
fn s41_every_figure_adds_up_to_what_happened_and_both_databases_say_the_same() {
    let shortened = 120_000; // milliseconds, for a history that fails
    let config =
        Config { cases: HISTORIES, max_shrink_time: shortened, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let succeeded = RefCell::new(BTreeMap::<&str, u32>::new());
    let outcome = runner.run(&(prop::collection::vec(deed(), 150..220), asked()), |(deeds, asked)| {
        System::new().block_on(async {
            let mut play = Box::pin(Play::begin()).await;
            for deed in &deeds {
                if play.play(deed).await {
                    *succeeded.borrow_mut().entry(deed.verb).or_default() += 1;
                }
            }
            play.read_again(None).await;
            for reader in READERS {
                let periods = Periods::of(&asked, &eventful(&play.book.referrals(reader)));
                denied::check(&mut play, reader, &periods, &asked).await;
                measured::check(&mut play, reader, &periods, &asked).await;
            }
        });
        Ok(())
    });
    outcome.unwrap();
    let succeeded = succeeded.take();
    let never: Vec<_> = VERBS.iter().filter(|(_, verb)| !succeeded.contains_key(verb)).collect();
    assert!(never.is_empty(), "each succeeds at least once: {never:?}");
    println!("{succeeded:?}");
}

/// A database with the demonstration in it.
async fn demonstration(on: Engine, now: At) -> (TestDatabase, Db) {
    let database = TestDatabase::bare(on);
    database.open().migrate().unwrap();
    let db = Db::new(database.url.clone(), 2, Clock::standing_at(now), keys(), Policy::default());
    demo::load(&db, now, |_| {}).await.unwrap();
    (database, db)
}

async fn manager(db: &Db, role: Role) -> Actor {
    let sign_in = demo::sign_ins().into_iter().find(|sign_in| sign_in.role == role).unwrap();
    let find = move |conn: &mut Conn| Ok(accounts::with_email(conn, sign_in.email)?.unwrap().0);
    let account = db.read(&Actor::nobody(RequestId::new()), find).await.unwrap();
    let (id, organisation, roles) = (account.id, account.organisation_id, account.roles.0);
    Actor { account: id, organisation, roles, request: RequestId::new(), session: None }
}

/// Everything that is reported, with the names of services in place of their ids.
async fn reported(db: &Db, role: Role, now: At) -> Value {
    let actor = manager(db, role).await;
    let of = actor.organisation;
    let perspective = if role == Role::RefugeManager { Perspective::Provider(of) } else { Perspective::Referrer(of) };
    let (reader, to) = (actor.clone(), now.date());
    let from: NaiveDate = before(to, to).unwrap().0 - chrono::Days::new(60);
    let read = move |conn: &mut Conn| {
        let ask = measures::Ask { from, to, perspective };
        let choice = measures::Choice { theme: None, compare: true };
        let measured = measures::chosen(conn, &reader, &ask, Period { from, to, now }, choice)?;
        let by = vec![Dimension::Reason, Dimension::Month, Dimension::Service, Dimension::Household];
        let denied = reports::denied_access(conn, &reader, &reports::Ask { from, to, by, perspective })?;
        let said = json!([measured, denied.per_referral, denied.per_household, denied.referral_secondary_reasons]);
        let services = safehold::db::reports::services(conn)?;
        Ok(services.iter().fold(said.to_string(), |said, one| said.replace(&one.id.0.to_string(), &one.name)))
    };
    serde_json::from_str(&db.read(&actor, read).await.unwrap()).unwrap()
}

/// S41: of one and the same history, to the last digit.
#[actix_web::test]
async fn s41_both_databases_report_the_same_of_the_demonstration() {
    let now = At::from(DateTime::parse_from_rfc3339("2026-11-02T09:40:31.123456Z").unwrap().to_utc());
    let (_kept, sqlite) = demonstration(Sqlite, now).await;
    let (_too, postgres) = demonstration(Postgres, now).await;
    for role in [Role::RefugeManager, Role::HelplineManager] {
        let (one, other) = (reported(&sqlite, role, now).await, reported(&postgres, role, now).await);
        assert!(one.to_string().len() > 5_000, "{role:?}");
        assert_eq!(one, other, "{role:?}");
    }
    let made = sqlite.read(&Actor::nobody(RequestId::new()), |conn| Ok(crate::comparison::kept(conn))).await.unwrap();
    assert!(made.len() > 200 && made.iter().all(|(expected, kind)| expected == kind));
    let kinds: BTreeSet<&str> = made.iter().map(|(_, kind)| kind.as_str()).collect();
    assert!(kinds.len() > 2 && kinds.contains(Composition::OneAdultWithChildren.as_str()), "{kinds:?}");
}
