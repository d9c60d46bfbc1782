//! Every safety requirement is proved by a test that carries its number, and `docs/safety.md` says which.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Those that a version without a proof of must not exist of. (The others are of parts that are built later.)
const DUE: std::ops::RangeInclusive<u32> = 1..=32;
const DOCUMENT: &str = "docs/safety.md";

/// The numbers at the front of a test's name: `s12_s13_each_role_…` has two.
fn numbers(name: &str) -> Vec<u32> {
    let number = |part: &str| {
        let digits = part.strip_prefix('s').filter(|digits| digits.len() == 2)?;
        digits.parse().ok()
    };
    name.split('_').map_while(number).collect()
}

/// What a line of source names, if a test begins there.
fn test_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix("async fn ").or(line.strip_prefix("fn "))?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    Some(&rest[..end])
}

/// The tests of each requirement, by where they stand.
fn tests() -> BTreeMap<u32, Vec<String>> {
    let mut found: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut rooms = vec![PathBuf::from("src"), PathBuf::from("tests/suite")];
    while let Some(room) = rooms.pop() {
        for path in fs::read_dir(room).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                rooms.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                for name in text.lines().filter_map(test_name) {
                    for number in numbers(name) {
                        found.entry(number).or_default().push(format!("`{}::{name}`", module(&path)));
                    }
                }
            }
        }
    }
    for names in found.values_mut() {
        names.sort();
    }
    found
}

/// `tests/suite/browser/refuge/homes.rs` is `browser::refuge::homes`, as it is called when it is run.
fn module(path: &Path) -> String {
    let path = path.strip_prefix("tests/suite").or_else(|_| path.strip_prefix("src")).unwrap().with_extension("");
    let parts: Vec<_> = path.iter().map(|part| part.to_str().unwrap()).filter(|part| *part != "mod").collect();
    parts.join("::")
}

#[test]
fn each_requirement_has_a_test_of_its_number() {
    let tests = tests();
    let without: Vec<_> = DUE.filter(|number| !tests.contains_key(number)).map(|number| format!("S{number}")).collect();
    assert!(without.is_empty(), "no test carries the number of {}", without.join(", "));
}

#[test]
fn the_table_of_requirements_names_every_test() {
    let tests = tests();
    let before = fs::read_to_string(DOCUMENT).unwrap();
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').collect();
        let [_, number, requirement, place, _, _] = cells[..] else { return line.to_owned() };
        let Some(number) = number.trim().strip_prefix('S').and_then(|digits| digits.parse::<u32>().ok()) else {
            return line.to_owned();
        };
        for named in place.split('`').skip(1).step_by(2).filter(|named| named.contains('/') && !named.contains('*')) {
            assert!(Path::new(named).exists(), "S{number} is said to be enforced in {named}, which is not there");
        }
        let names = tests.get(&number).map(|names| names.join("<br>")).unwrap_or_default();
        format!("| S{number} |{requirement}|{place}| {names} |")
    };
    let now: String = before.lines().map(|line| row(line) + "\n").collect();
    if env::var_os("RENEW").is_some() {
        fs::write(DOCUMENT, &now).unwrap();
    }
    let changed: Vec<_> = now.lines().filter(|line| !before.lines().any(|other| other == *line)).collect();
    assert!(
        changed.is_empty() || env::var_os("RENEW").is_some(),
        "{DOCUMENT} does not name the tests; renew it: RENEW=1 tests/run cargo test --test suite requirements\n{}",
        changed.join("\n")
    );
}
