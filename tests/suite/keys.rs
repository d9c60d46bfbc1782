//! The keys of the vault: another master key, a new data key, and the end of one.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use diesel::prelude::*;
use diesel::sql_types::Binary;
use rstest::rstest;
use safehold::actions::installation::operator;
use safehold::actions::{identity, keys as verbs};
use safehold::db::{Conn, Db, vault};
use safehold::ids::CaseId;
use safehold::settings::{Keys, Policy};
use serde_json::json;
use tempfile::TempDir;

use crate::secrecy::lines;
use crate::steps::{Expected, audited, expected, opened};
use crate::support::secrecy::CANARY_NAME;
use crate::support::world::keys;
use crate::support::{Engine, Postgres, Sqlite, TestApp, new_case};

const AUDIT: &[u8] = b"the audit key of the tests";
const TOKEN: &[u8] = b"the token key of the tests";

fn both() -> Keys {
    let mut keys = Keys::of("new", &[9; 32], AUDIT, TOKEN);
    keys.vault = keys.vault.and_older(&[7; 32], "test");
    keys
}

fn only_new() -> Keys {
    Keys::of("new", &[9; 32], AUDIT, TOKEN)
}

fn db(app: &TestApp, keys: Keys) -> Db {
    Db::new(app.url(), 2, app.clock.clone(), keys, Policy::default())
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

/// The bytes of a column.
pub fn sealed(conn: &mut Conn, column: &str, table: &str) -> Vec<Vec<u8>> {
    let query = format!("SELECT {column} AS sealed FROM {table} ORDER BY {column}");
    let rows: Vec<Bytes> = diesel::sql_query(query).load(conn).unwrap();
    rows.into_iter().map(|row| row.sealed).collect()
}

fn why(error: &safehold::error::AppError) -> String {
    std::error::Error::source(error).map_or_else(|| format!("{error:?}"), ToString::to_string)
}

fn case_id(case: &str) -> CaseId {
    CaseId(case.rsplit('/').next().unwrap().parse().unwrap())
}

/// S8
#[rstest]
#[actix_web::test]
async fn s08_a_new_master_key_seals_the_data_keys_again_and_touches_no_row(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let case = case_id(&opened(&app.client("caseworker").await).await);
    let tables = ["case_identity", "unit_address"];
    let before: Vec<_> = tables.iter().map(|table| sealed(&mut app.raw(), "sealed", table)).collect();
    let wrapped = sealed(&mut app.raw(), "sealed", "data_key");

    let rotating = db(&app, both());
    rotating.check_keys().await.unwrap();
    let early = rotating.write(&operator(), |tx| verbs::let_go(tx, "test")).await.unwrap_err();
    assert!(format!("{early:?}").contains("still hang"), "{early:?}");
    let mut rounds = 0;
    while rotating.read(&operator(), |conn| vault::not_hanging_on(conn, "new")).await.unwrap() > 0 {
        assert!(rotating.write(&operator(), verbs::rewrap).await.unwrap() > 0);
        rounds += 1;
        assert!(rounds < 10);
    }
    assert_eq!(rotating.write(&operator(), verbs::rewrap).await.unwrap(), 0, "there is nothing left to do");
    rotating.write(&operator(), |tx| verbs::let_go(tx, "test")).await.unwrap();
    let newest = rotating.write(&operator(), |tx| verbs::let_go(tx, "new")).await.unwrap_err();
    assert!(matches!(newest, safehold::error::AppError::Invalid(_)));

    let after: Vec<_> = tables.iter().map(|table| sealed(&mut app.raw(), "sealed", table)).collect();
    assert_eq!(after, before);
    assert!(sealed(&mut app.raw(), "sealed", "data_key").iter().all(|key| !wrapped.contains(key)));
    let rotated = db(&app, only_new());
    rotated.check_keys().await.unwrap();
    let actor = app.actor("caseworker");
    let who = rotated.write(&actor, move |tx| identity::disclose(tx, case, "safeguarding")).await.unwrap();
    assert_eq!(who.people[0].name, CANARY_NAME);
    assert!(why(&db(&app, keys()).check_keys().await.unwrap_err()).contains("master key"));
    assert!(audited(&app, "key.rewrapped") > 5);
}

/// S8
#[rstest]
#[actix_web::test]
async fn s08_a_master_key_that_is_missing_is_named_at_the_start(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    assert!(why(&db(&app, only_new()).check_keys().await.unwrap_err()).contains("master key"));
    // Half way: some data keys hang on the new one, and the installation knows it.
    let rotating = db(&app, both());
    rotating.write(&operator(), verbs::rewrap).await.unwrap();
    app.client("administrator")
        .await
        .post("/api/v1/organisations", json!({ "name": "Late", "kinds": ["provider"] }))
        .await
        .ok();
    rotating.check_keys().await.unwrap();
    let named = why(&db(&app, keys()).check_keys().await.unwrap_err());
    assert!(named.contains("the master key new"), "{named}");
}

/// S8
#[rstest]
#[actix_web::test]
async fn s08_what_a_destroyed_key_sealed_is_unreadable_for_good(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let Expected { case, referral, .. } = expected(&app, &refuge, &helpline).await;
    refuge
        .post(&format!("{referral}/decline"), json!({ "primary_reason": "risk_to_others", "note": "Sorry." }))
        .await
        .ok();
    let (own, notes) = (format!("{case}/identity-disclosures"), format!("{referral}/notes"));
    helpline.disclose(&own, "safeguarding").await.ok();
    refuge.get(&notes).await.ok();

    let gone = app.db.write(&operator(), |tx| verbs::destroy(tx, "Helpline")).await.unwrap();
    assert_eq!(gone, 1);
    assert_eq!(audited(&app, "organisation.keys_destroyed"), 1);
    let contact = json!({ "reason": "safeguarding", "rules_read": true });
    assert_eq!(helpline.disclose(&own, "safeguarding").await.problem(), "409 destroyed");
    assert_eq!(helpline.post(&format!("{case}/contact-disclosures"), contact).await.problem(), "409 destroyed");
    assert_eq!(refuge.get(&notes).await.problem(), "409 destroyed");
    let written = helpline.put(&format!("{case}/identity"), new_case()["identity"].clone()).await;
    assert_eq!(written.problem(), "409 destroyed", "there is no key to seal with");
    assert_eq!(sealed(&mut app.raw(), "sealed", "data_key").iter().filter(|key| key.is_empty()).count(), 1);
    assert_eq!(lines(&mut app.raw(), "SELECT kind AS line FROM identity_trace"), Vec::<String>::new());

    let visitor = app.visitor("caseworker").await;
    let page = case.replace("/api/v1", "");
    let told = visitor.submit(&format!("{page}/identity"), &[("reason", "safeguarding")]).await;
    assert!(told.status.is_client_error() && told.text.contains("were destroyed for good"), "{}", told.text);
    visitor.page(&page).await.ok();
    let letters = visitor.page(&referral.replace("/api/v1", "")).await.ok();
    assert!(letters.text.contains("were destroyed for good"), "{}", letters.text);

    // Nobody else has lost anything; and a new key is for what is new.
    let address = format!("/api/v1/units/{}/address-disclosures", app.world.a1.0);
    refuge.disclose(&address, "repairs").await.ok();
    app.db.write(&operator(), |tx| verbs::renew(tx, "Helpline")).await.unwrap();
    assert_eq!(helpline.disclose(&own, "safeguarding").await.problem(), "409 destroyed");
    helpline.put(&format!("{case}/identity"), new_case()["identity"].clone()).await.ok();
    assert_eq!(helpline.disclose(&own, "safeguarding").await.ok().json["people"][0]["name"], CANARY_NAME);
}

/// S8, S10
#[rstest]
#[actix_web::test]
async fn s08_s10_a_new_data_key_seals_what_is_new_and_the_old_one_still_opens(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let first = opened(&helpline).await;
    app.clock.advance(chrono::TimeDelta::seconds(1));
    app.db.write(&operator(), |tx| verbs::renew(tx, "Helpline")).await.unwrap();
    let second = opened(&helpline).await;
    for case in [&first, &second] {
        helpline.disclose(&format!("{case}/identity-disclosures"), "safeguarding").await.ok();
    }
    let used = lines(&mut app.raw(), "SELECT CAST(count(DISTINCT key_id) AS text) AS line FROM case_identity");
    assert_eq!(used, ["2"]);
    let found = helpline.get(&format!("{second}/possible-repeats")).await.ok();
    assert_eq!(found.items().len(), 1, "who was met under the old key is recognised under the new one");
    let nobody = app.db.write(&operator(), |tx| verbs::renew(tx, "Nobody")).await.unwrap_err();
    assert!(matches!(nobody, safehold::error::AppError::Invalid(_)));
}

/// S8
#[test]
fn s08_a_key_file_holds_master_keys_of_before_until_they_are_dropped() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys.toml");
    Keys::create(&path).unwrap();
    let first = Keys::load(&path).unwrap();
    let mark = first.vault.check_value().unwrap();
    let (new, before) = Keys::rotate(&path).unwrap();
    let keys = Keys::load(&path).unwrap();
    assert_eq!((keys.vault.name(), first.vault.name()), (new.as_str(), before.as_str()));
    assert!(keys.vault.made(&mark) && !first.vault.made(&keys.vault.check_value().unwrap()));
    assert_eq!(keys.token.digest("a", "b"), first.token.digest("a", "b"), "only the master key is another");
    assert!(Keys::drop_older(&path, &new).unwrap_err().contains("in use"));
    assert!(Keys::drop_older(&path, "nothing").unwrap_err().contains("nothing"));
    Keys::drop_older(&path, &before).unwrap();
    let keys = Keys::load(&path).unwrap();
    assert!(keys.vault.name() == new && !keys.vault.made(&mark));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

fn command(folder: &Path, arguments: &[&str], typed: &str) -> Output {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_safehold"))
        .args(arguments)
        .env("SAFEHOLD_DATABASE_URL", format!("sqlite:{}", folder.join("safehold.db").display()))
        .env("SAFEHOLD_KEY_FILE", folder.join("keys.toml"))
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// S8
#[test]
fn s08_an_operator_rotates_the_master_key_at_the_command_line() {
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| command(folder.path(), arguments, "");
    let ok = |arguments: &[&str]| {
        let output = run(arguments);
        let (told, wrong) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "{arguments:?}: {told}{wrong}");
        told
    };
    ok(&["keys"]);
    let admin = ["admin", "create", "--email", "a@example.org", "--name", "A", "--organisation", "Ours"];
    let added = command(folder.path(), &admin, "copper kettle umbrella monday\n");
    assert!(added.status.success(), "{added:?}");
    let told = ok(&["keys", "rotate"]);
    let before = told.split("; ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let early = run(&["keys", "drop", &before]);
    assert!(!early.status.success() && String::from_utf8_lossy(&early.stderr).contains("still hang"), "{early:?}");
    assert!(ok(&["keys", "rewrap"]).contains("0 left."));
    ok(&["keys", "drop", &before]);
    assert!(ok(&["audit", "verify"]).contains("intact"));
    assert!(!run(&["keys", "destroy", "--organisation", "Ours"]).status.success(), "not by mistake");
    assert!(ok(&["keys", "destroy", "--organisation", "Ours", "--yes-for-good"]).contains("1 data keys are destroyed"));
    ok(&["keys", "renew", "--organisation", "Ours"]);
    assert!(ok(&["keys", "rewrap"]).contains("0 data keys to seal again."));
}
