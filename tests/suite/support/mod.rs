//! What every test uses: the real [`App`] on a database of its own, with a clock that stands still.

pub mod audit;
mod client;
pub mod contract;
pub mod database;
pub mod links;
pub mod program;
pub mod secrecy;
pub mod smtp;
pub mod world;

use actix_web::introspection::{IntrospectionReportItem, IntrospectionTree};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web;
use safehold::actions::searches::{self, Looked};
use safehold::actions::sessions;
use safehold::app::App;
use safehold::auth::Actor;
use safehold::clock::Clock;
use safehold::db::accounts::Account;
use safehold::db::{Conn, DatabaseUrl, Db};
use safehold::feed::Feed;
use safehold::ids::CaseId;
use safehold::mail::Mailer;
use safehold::settings::Policy;
use serde_json::{Value, json};

pub use self::client::{Answer, Client};
pub use self::database::Engine::{self, Postgres, Sqlite};
use self::database::TestDatabase;
use self::secrecy::{CANARY_NAME, CANARY_PHONE};
use self::world::World;

pub struct TestApp {
    pub db: Db,
    pub clock: Clock,
    pub world: &'static World,
    app: App,
    database: TestDatabase,
}

impl TestApp {
    pub fn spawn(engine: Engine) -> Self {
        let (database, world) = TestDatabase::new(engine);
        let clock = Clock::standing_at(world::beginning());
        let policy = Policy::default();
        let db = Db::new(database.url.clone(), 16, clock.clone(), world::keys(), policy);
        let keys = world::keys();
        let app = App {
            db: db.clone(),
            feed: Feed::default(),
            clock: clock.clone(),
            keys,
            policy,
            mailer: Mailer::None,
            public_url: "https://safehold.example.org".into(),
            audit_head_file: None,
            behind_proxy: false,
        };
        Self { db, clock, world, app, database }
    }

    /// The same as a demonstration, where a password is enough.
    #[must_use]
    pub fn demonstrating(mut self) -> Self {
        self.app.policy.second_factor = false;
        self.app.db = self.app.db.under(self.app.policy);
        self.db = self.app.db.clone();
        self
    }

    /// The same, behind a proxy that says where requests come from.
    #[must_use]
    pub fn behind_proxy(mut self) -> Self {
        self.app.behind_proxy = true;
        self
    }

    /// The same, with something that sends mail.
    #[must_use]
    pub fn with_mailer(mut self, mailer: Mailer) -> Self {
        self.app.mailer = mailer;
        self
    }

    /// The application itself, for a test of what it does without a request.
    pub fn application(&self) -> &App {
        &self.app
    }

    /// The same, but it reaches its database in another way.
    #[must_use]
    pub fn through(mut self, url: DatabaseUrl) -> Self {
        self.db = Db::new(url, 4, self.clock.clone(), world::keys(), Policy::default());
        self.app.db = self.db.clone();
        self
    }

    /// What a household can find now, for a verb that keeps it.
    pub async fn looked(&self, actor: &Actor, case: CaseId) -> Looked {
        let (who, now) = (actor.clone(), self.clock.now());
        let look = move |conn: &mut Conn| searches::look(conn, &who, case, None, now, Policy::default());
        self.db.read(actor, look).await.unwrap()
    }

    /// A connection past the application, for a test that plays the thief.
    pub fn raw(&self) -> Conn {
        self.database.open()
    }

    /// Where the database is.
    pub fn url(&self) -> DatabaseUrl {
        self.database.url.clone()
    }

    /// The files of an embedded database.
    pub fn files(&self) -> Vec<std::path::PathBuf> {
        self.database.files()
    }

    /// Somebody of the small world who acts past the API.
    pub fn actor(&self, name: &str) -> Actor {
        world::actor(self.world.account(name))
    }

    /// The API as this person meets it, newly signed in, and nothing more is asked of them. (The password is not asked
    /// for: hashing takes a while.)
    pub async fn client(&self, name: &str) -> Client {
        self.with_token(Some(self.token(name).await)).await
    }

    /// The access token of this person, newly signed in.
    pub async fn token(&self, name: &str) -> String {
        self.token_through(&self.lenient(), self.world.account(name)).await
    }

    /// The same by the clock on the wall, for a program that goes by it.
    pub async fn token_of_today(&self, name: &str) -> String {
        let policy = Policy { second_factor: false, ..Policy::default() };
        let db = Db::new(self.url(), 1, Clock::default(), world::keys(), policy);
        self.token_through(&db, self.world.account(name)).await
    }

    async fn token_through(&self, db: &Db, account: &Account) -> String {
        let (account, actor) = (account.clone(), world::actor(account));
        let attempt = sessions::Attempt::new(&self.app.keys.token, &account.email, "127.0.0.1");
        let start = move |tx: &mut safehold::db::Tx| sessions::start(tx, &attempt, &account, "A program");
        db.write(&actor, start).await.unwrap().access_token
    }

    pub async fn client_of(&self, account: &Account) -> Client {
        self.started(account, &self.lenient()).await
    }

    /// The API as somebody meets it who has given the password, and has yet to give or set up the second factor.
    pub async fn half_in(&self, name: &str) -> Client {
        self.started(self.world.account(name), &self.db).await
    }

    async fn started(&self, account: &Account, db: &Db) -> Client {
        self.with_token(Some(self.token_through(db, account).await)).await
    }

    /// The pages as this person meets them, newly signed in, and nothing more is asked of them.
    pub async fn visitor(&self, name: &str) -> Client {
        self.visiting(name, &self.lenient()).await
    }

    /// The pages as somebody meets them who has given the password, and has yet to give or set up the second factor.
    pub async fn half_in_visitor(&self, name: &str) -> Client {
        self.visiting(name, &self.db).await
    }

    async fn visiting(&self, name: &str, db: &Db) -> Client {
        let account = self.world.account(name).clone();
        let attempt = sessions::Attempt::new(&self.app.keys.token, &account.email, "127.0.0.1");
        let start =
            move |tx: &mut safehold::db::Tx| sessions::start_pages(tx, &attempt, &account, "Firefox on Windows");
        let ticket = db.write(&self.actor(name), start).await.unwrap();
        let ticket = self.app.keys.token.issue_ticket(&ticket).unwrap();
        self.stranger().await.with_ticket(Some(ticket))
    }

    /// The same database, where a password is enough.
    fn lenient(&self) -> Db {
        self.db.clone().under(Policy { second_factor: false, ..self.app.policy })
    }

    pub async fn with_token(&self, token: Option<String>) -> Client {
        Client::new(self.app.clone().service(), token).await
    }

    /// The API as somebody meets it who is not signed in.
    pub async fn stranger(&self) -> Client {
        self.with_token(None).await
    }

    /// The routes that the real router has, whatever anybody documented.
    pub async fn routes(&self) -> Vec<IntrospectionReportItem> {
        let service = init_service(self.app.clone().service()).await;
        let response = call_service(&service, TestRequest::default().to_request()).await;
        (&response.request().app_data::<web::Data<IntrospectionTree>>().unwrap().root).into()
    }
}

/// A mother with a daughter of 6: everything that the services of the small world ask is answered, and all of it fits.
pub fn mother_and_daughter() -> Value {
    json!({
        "members": [
            { "role": "survivor", "age": 34, "sex": "female", "gender_same_as_birth": "yes" },
            { "role": "child", "age": 6, "sex": "female" },
        ],
        "household_complete": "yes",
        "pregnant": "no",
        "pets": [],
        "access_need": "none",
        "recourse_to_public_funds": "yes",
        "funding": "housing_benefit",
    })
}

/// A new case of that household, with an identity that must never be seen again but by its own release.
pub fn new_case() -> Value {
    json!({
        "referral_source": "national_helpline",
        "needs": mother_and_daughter(),
        "identity": {
            "people": [{ "name": CANARY_NAME, "date_of_birth": "1991-05-04" }],
            "safe_contact": { "telephone": CANARY_PHONE, "safe_times": "weekdays after 9" },
        },
    })
}
