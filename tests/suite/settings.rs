//! What an operator may decide, and the keys that are hers alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rstest::rstest;
use safehold::settings::{Keys, Policy, Settings};
use tempfile::TempDir;

fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn load(text: &str) -> Result<Settings, String> {
    let (_folder, path) = file("safehold.toml", text);
    Settings::load(Some(&path)).map_err(|error| error.to_string())
}

#[test]
fn what_a_file_does_not_say_is_as_by_default() {
    let settings = load("listen = \"127.0.0.1:9000\"\nhold_minutes = 30\n").unwrap();
    assert_eq!((settings.listen.as_str(), settings.database_url.as_str()), ("127.0.0.1:9000", "sqlite:safehold.db"));
    assert!(!settings.behind_proxy && !settings.mailer().unwrap().is_set_up());
    let (policy, usual) = (settings.policy(), Policy::default());
    assert_eq!((policy.hold.num_minutes(), usual.hold.num_minutes()), (30, 90));
    assert_eq!(policy.freshness.stale_after.num_hours(), 24);
    assert_eq!(policy.freshness.out_after.num_hours(), 72);
    assert_eq!((policy.address_release, policy.address_release.num_days()), (usual.address_release, 14));
}

#[rstest]
#[case::unknown("hold_hours = 2", "hold_hours")]
#[case::another_type("hold_minutes = \"soon\"", "hold_minutes")]
#[case::none("database_connections = 0", "database_connections")]
#[case::no_hold("hold_minutes = 0", "hold_minutes")]
#[case::before_now("address_release_days = -1", "address_release_days")]
#[case::never_stale("vacancy_stale_hours = 0", "vacancy_stale_hours")]
#[case::out_before_stale("vacancy_stale_hours = 48\nvacancy_out_hours = 24", "vacancy_out_hours")]
#[case::medium_above_high("risk_medium_from = 15", "risk_medium_from")]
#[case::more_than_the_dash_has("risk_high_from = 25", "risk_high_from")]
#[case::no_database("database_url = \"mysql://localhost/safehold\"", "database_url")]
#[case::in_the_open("database_url = \"postgres://safehold@db.example.org/safehold\"", "database_url")]
#[case::mail_in_the_open("mail_url = \"smtp://mail.example.org\"\nmail_from = \"a@example.org\"", "mail_url")]
#[case::mail_from_nobody("mail_url = \"smtps://mail.example.org\"", "mail_from")]
#[case::no_certificate(
    "mail_url = \"smtps://mail.example.org\"\nmail_from = \"a@example.org\"\nmail_ca_file = \"nothing.pem\"",
    "mail_ca_file"
)]
fn a_wrong_setting_is_named(#[case] text: &str, #[case] name: &str) {
    let error = load(text).unwrap_err();
    assert!(error.contains(name), "{error}");
}

#[test]
fn a_file_that_is_asked_for_must_be_there() {
    let folder = TempDir::new().unwrap();
    assert!(Settings::load(Some(&folder.path().join("safehold.toml"))).is_err());
}

/// S7
#[test]
fn s07_new_keys_are_readable_by_their_owner_alone_and_each_is_another() {
    let folder = TempDir::new().unwrap();
    let (one, other) = (folder.path().join("keys/one.toml"), folder.path().join("keys/other.toml"));
    Keys::create(&one).unwrap();
    Keys::create(&other).unwrap();
    assert_eq!(fs::metadata(&one).unwrap().permissions().mode() & 0o777, 0o600);
    let secrets = [&one, &other].map(|path| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().filter(|line| line.contains(" = ")).map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(secrets[0].len(), 4);
    assert!(secrets[0].iter().all(|line| !secrets[1].contains(line)));
    let (master, audit, token) = (&secrets[0][1], &secrets[0][2], &secrets[0][3]);
    let value = |line: &str| line.split_once(" = ").unwrap().1.to_owned();
    assert!(value(master) != value(audit) && value(audit) != value(token) && value(master) != value(token));

    let (keys, again, others) = (Keys::load(&one).unwrap(), Keys::load(&one).unwrap(), Keys::load(&other).unwrap());
    let mark = keys.vault.check_value().unwrap();
    assert!(again.vault.made(&mark) && !others.vault.made(&mark));
}

#[test]
fn keys_that_are_there_are_left_alone() {
    let (_folder, path) = file("keys.toml", "the only keys of this installation");
    let error = Keys::create(&path).unwrap_err();
    assert!(error.contains("keys.toml"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "the only keys of this installation");
}

#[rstest]
#[case::short("audit", "AAAA", "audit is not 32 bytes")]
#[case::long("token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "token is not 32 bytes")]
#[case::no_base64("master", "not base64 at all, by the look of it; really", "master is not 32 bytes")]
#[case::empty("master", "", "master is not 32 bytes")]
#[case::another_name("masters", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "masters")]
fn a_key_that_is_none_is_named_and_not_shown(#[case] name: &str, #[case] key: &str, #[case] named: &str) {
    let whole = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let others = ["master", "audit", "token"].into_iter().filter(|known| *known != name);
    let keys: Vec<_> = others.map(|known| format!("{known} = \"{whole}\"")).collect();
    let (_folder, path) = file("keys.toml", &format!("name = \"test\"\n{}\n{name} = \"{key}\"\n", keys.join("\n")));
    let error = Keys::load(&path).map(drop).unwrap_err();
    assert!(error.contains(named), "{error}");
    assert!(
        error.contains("keys.toml") && !error.contains(whole) && (key.is_empty() || !error.contains(key)),
        "{error}"
    );
}
