//! Who takes the database away learns nobody's name and nobody's address.

use std::collections::BTreeMap;
use std::fs;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use rstest::rstest;
use safehold::db::{Conn, DatabaseUrl, Db};
use safehold::domain::identity::{Address, Identity};
use safehold::ids::KeyId;
use safehold::settings::{Keys, Policy};
use safehold::vault::Sealed;
use serde_json::json;

use crate::support::database::TestDatabase;
use crate::support::secrecy::{CANARIES, CANARY_NAME, CANARY_PHONE, CANARY_POSTCODE, CANARY_STREET};
use crate::support::world::{PASSWORD, keys};
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp, new_case};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

pub fn lines(conn: &mut Conn, query: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(query).load(conn).unwrap();
    lines.into_iter().map(|row| row.line).collect()
}

/// Writes who somebody is and where a home is wherever the API takes it, and what goes with it; gives back the cases.
async fn write_everything(app: &TestApp) -> Vec<String> {
    let (refuge, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let address = json!({
        "lines": [CANARY_STREET, "Leicester"], "postcode": CANARY_POSTCODE,
        "directions": format!("Ask for {CANARY_NAME}."),
    });
    for unit in [app.world.a1, app.world.a2] {
        refuge.put(&format!("/api/v1/units/{}/address", unit.0), address.clone()).await.ok();
    }
    let vacancy = refuge.post("/api/v1/vacancies", json!({ "unit_id": app.world.a1 })).await.ok().id();
    let (first, second) = (open(&helpline).await, open(&helpline).await);
    helpline.put(&format!("{first}/identity"), new_case()["identity"].clone()).await.ok();
    let asked = json!({ "vacancy_id": vacancy, "hold": true, "note": format!("{CANARY_NAME}, {CANARY_PHONE}"),
        "confirmed": ["telephone"] });
    let referral = helpline.post(&format!("{first}/referrals"), asked).await.ok().id();
    let path = format!("/api/v1/referrals/{referral}");
    let asked = json!({ "note": format!("Is she at {CANARY_STREET}, {CANARY_POSTCODE}?"), "confirmed": ["postcode"] });
    refuge.post(&format!("{path}/request-information"), asked).await.ok();
    helpline.post(&format!("{path}/give-information"), json!({ "note": format!("No. {CANARY_NAME}") })).await.ok();
    refuge.post(&format!("{path}/accept"), json!({})).await.ok();
    refuge.disclose(&format!("{path}/identity-disclosures"), "confirming_arrival").await.ok();
    helpline.disclose(&format!("/api/v1/units/{}/address-disclosures", app.world.a1.0), "arranging_travel").await.ok();
    let reached = json!({ "reason": "safeguarding", "rules_read": true });
    helpline.post(&format!("{first}/contact-disclosures"), reached.clone()).await.ok();
    refuge.post(&format!("{path}/contact-disclosures"), reached).await.ok();
    let scheme = crate::sanctuary::scheme(app).await;
    let (_, job) = crate::sanctuary::asked(&helpline, &scheme).await;
    helpline.put(&format!("{job}/address"), address.clone()).await.ok();
    crate::sanctuary::book(&refuge, &job).await;
    refuge.disclose(&format!("{job}/address-disclosures"), "safeguarding").await.ok();
    refuge.disclose(&format!("{job}/identity-disclosures"), "safeguarding").await.ok();
    for step in ["survey", "install", "sign-off"] {
        refuge.post(&format!("{job}/{step}"), json!({})).await.ok();
    }
    let asked = helpline.get(&job).await.ok().json["follow_ups"][0]["id"].as_str().unwrap().to_owned();
    let answer = json!({ "answer": "still_safe", "note": format!("{CANARY_NAME} is at {CANARY_STREET}.") });
    helpline.post(&format!("{job}/follow-ups/{asked}/answer"), answer).await.ok();
    let (_, journey) = crate::journeys::opened_elsewhere(app, &first).await;
    let other = app.client("other_caseworker").await;
    let taken = json!({ "referral_source": "self" });
    other.post(&format!("/api/v1/journeys/{journey}/cases"), taken).await.ok();
    other.disclose(&format!("/api/v1/journeys/{journey}/identity-disclosures"), "safeguarding").await.ok();
    vec![first, second]
}

async fn open(helpline: &Client) -> String {
    helpline.post("/api/v1/cases", new_case()).await.ok().header("location").to_owned()
}

fn assert_silent(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    for secret in CANARIES.iter().copied().chain([PASSWORD, "1991-05-04"]) {
        assert!(!text.contains(secret), "{place} holds {secret}");
        let hex = secret.bytes().fold(String::new(), |hex, byte| hex + format!("{byte:02x}").as_str());
        assert!(!text.contains(&hex), "{place} holds {secret} in hexadecimal");
    }
}

/// S4
#[rstest]
#[actix_web::test]
async fn s04_no_file_of_an_embedded_database_holds_a_name_or_an_address(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    write_everything(&app).await;
    let files: BTreeMap<_, _> =
        app.files().into_iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    for (path, bytes) in &files {
        assert_silent(path, bytes);
    }
    // It is there that everything was written: what is no secret is found.
    let log = files.iter().find(|(path, _)| path.ends_with("-wal")).unwrap().1;
    assert!(String::from_utf8_lossy(log).contains("case.opened"));
}

/// S4
#[rstest]
#[actix_web::test]
async fn s04_no_fresh_copy_of_an_embedded_database_holds_a_name_or_an_address(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    write_everything(&app).await;
    let folder = tempfile::TempDir::new().unwrap();
    let copy = folder.path().join("backup.db");
    safehold::db::selfcheck::copy_into(&mut app.raw(), &copy).unwrap();
    let bytes = fs::read(copy).unwrap();
    assert_silent("the backup", &bytes);
    assert!(String::from_utf8_lossy(&bytes).contains("case.opened"));
}

/// S4
#[rstest]
#[actix_web::test]
async fn s04_no_table_of_a_database_holds_a_name_or_an_address(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    write_everything(&app).await;
    let mut conn = app.raw();
    let tables = match conn {
        Conn::Postgres(_) => {
            "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public'"
        }
        Conn::Sqlite(_) => "SELECT name AS line FROM sqlite_schema WHERE type = 'table'",
    };
    let tables = lines(&mut conn, tables);
    assert!(tables.len() > 20, "{tables:?}");
    let mut whole = String::new();
    for table in tables {
        whole += &dump(&mut conn, &table);
    }
    assert_silent("the database", whole.as_bytes());
    for known in ["case.opened", "Copper House", "caseworker@example.org"] {
        assert!(whole.contains(known), "{known}");
    }
}

fn dump(conn: &mut Conn, table: &str) -> String {
    if let Conn::Postgres(_) = conn {
        let query = format!("SELECT t::text AS line FROM \"{table}\" AS t");
        let hex = lines(conn, &query);
        conn.batch_execute("SET bytea_output = 'escape'").unwrap();
        let escaped = lines(conn, &query);
        conn.batch_execute("SET bytea_output = 'hex'").unwrap();
        return [hex, escaped].concat().join("\n");
    }
    let columns = lines(conn, &format!("SELECT name AS line FROM pragma_table_info('{table}')"));
    let quoted: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
    lines(conn, &format!("SELECT {} AS line FROM \"{table}\"", quoted.join(" || ' ' || "))).join("\n")
}

/// S7
#[rstest]
fn s07_what_is_matched_and_referred_has_no_room_for_a_name(#[values(Sqlite, Postgres)] on: Engine) {
    let (database, _) = TestDatabase::new(on);
    let mut conn = database.open();
    let columns = match conn {
        Conn::Postgres(_) => {
            "SELECT table_name || '.' || column_name AS line FROM information_schema.columns WHERE table_schema = 'public'"
        }
        Conn::Sqlite(_) => {
            "SELECT t.name || '.' || c.name AS line FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
             WHERE t.type = 'table'"
        }
    };
    let columns = lines(&mut conn, columns);
    let tables = [
        "vacancy",
        "referral",
        "referral_secondary_reason",
        "case",
        "case_secondary_reason",
        "occupancy",
        "placement",
        "sanctuary_capacity",
        "sanctuary_follow_up",
        "sanctuary_job",
        "sanctuary_measure",
        "unit",
    ];
    // Between which instants an address may be read; the address itself is elsewhere.
    let instants = ["referral.address_from", "referral.address_until"];
    let words =
        ["name", "contact", "birth", "address", "postcode", "phone", "email", "latitude", "longitude", "street"];
    let mut seen = 0;
    for column in &columns {
        let (table, name) = column.split_once('.').unwrap();
        if tables.contains(&table) && !instants.contains(&column.as_str()) {
            seen += 1;
            assert!(!words.iter().any(|word| name.contains(word)), "{column}");
        }
    }
    assert!(seen > 60, "{seen}");
    assert!(
        ["unit_address.sealed", "case_identity.sealed", "referral_note.sealed", "sanctuary_address.sealed"]
            .iter()
            .all(|sealed| columns.iter().any(|column| column == sealed))
    );
}

/// S8
#[rstest]
#[actix_web::test]
async fn s08_a_sealed_identity_opens_in_its_own_row_only(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let (first, second) = (open(&helpline).await, open(&helpline).await);
    let copied = "UPDATE case_identity SET sealed = (SELECT sealed FROM case_identity ORDER BY case_id LIMIT 1)";
    app.raw().batch_execute(copied).unwrap();
    let read = |case: &str| format!("{case}/identity-disclosures");
    helpline.disclose(&read(&first), "arranging_travel").await.ok();
    let moved = helpline.disclose(&read(&second), "arranging_travel").await;
    assert_eq!(moved.problem(), "500 internal");
    assert_silent("the answer", moved.text.as_bytes());
}

/// S8
#[rstest]
#[actix_web::test]
async fn s08_a_sealed_address_opens_for_its_own_organisation_only(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let mut conn = app.raw();
    let id = |unit: safehold::ids::UnitId| match conn {
        Conn::Postgres(_) => format!("'{}'", unit.0),
        Conn::Sqlite(_) => format!("x'{}'", unit.0.simple()),
    };
    let (ours, theirs) = (id(app.world.a1), id(app.world.d1));
    let stolen = format!(
        "UPDATE unit_address SET key_id = (SELECT key_id FROM unit_address WHERE unit_id = {ours}),
         sealed = (SELECT sealed FROM unit_address WHERE unit_id = {ours}) WHERE unit_id = {theirs}"
    );
    conn.batch_execute(&stolen).unwrap();
    let thief = app.client("other_refuge_worker").await;
    let answer = thief.disclose(&format!("/api/v1/units/{}/address-disclosures", app.world.d1.0), "repairs").await;
    assert!(!answer.status.is_success(), "{}", answer.text);
    assert_silent("the answer", answer.text.as_bytes());
}

/// S4
#[rstest]
#[actix_web::test]
async fn s04_what_is_printed_for_a_look_at_it_shows_nobody(#[values(Sqlite)] on: Engine) {
    let app = TestApp::spawn(on);
    let identity: Identity = serde_json::from_value(new_case()["identity"].clone()).unwrap();
    let address = Address { lines: vec![CANARY_STREET.into()], postcode: CANARY_POSTCODE.into(), directions: None };
    let sealed = Sealed { key: KeyId::new(), bytes: CANARY_NAME.as_bytes().to_vec() };
    let account = app.world.account("caseworker");
    let printed = format!(
        "{identity:?} {:?} {:?} {address:?} {sealed:?} {account:?} {:#?}",
        identity.people,
        identity.safe_contact,
        (&identity, &address, &sealed, account)
    );
    assert_silent("a print", printed.as_bytes());
    for secret in ["argon2", "example.org", "caseworker", "weekdays", "[90,"] {
        assert!(!printed.to_lowercase().contains(secret), "{printed}");
    }
}

/// S7
#[rstest]
#[actix_web::test]
async fn s07_a_database_is_opened_with_its_own_master_key_only(#[values(Sqlite, Postgres)] on: Engine) {
    let (database, _) = TestDatabase::new(on);
    let open =
        |url: DatabaseUrl, keys: Keys| Db::new(url, 1, safehold::clock::Clock::default(), keys, Policy::default());
    let others = Keys::of("test", &[8; 32], &[8; 32], &[9; 32]);
    let error = open(database.url.clone(), others).check_keys().await.unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("master key"), "{error:?}");
    open(database.url.clone(), keys()).check_keys().await.unwrap();
}
