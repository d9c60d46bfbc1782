//! The same SQL by pgbench: as fast as it can be with nothing in between.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use safehold::ids::EventId;
use uuid::Uuid;

use crate::capture::Statement;
use crate::world::ids::{Kind, STRIDE, UNITS, UNITS_OF_SERVICE, service_of};
use crate::{CONNECTIONS, THREADS, run};

/// One request as the log of the database has it.
pub struct Captured {
    pub statements: Vec<Statement>,
    /// The unit that it was about.
    pub unit: u64,
    /// Its `Idempotency-Key`.
    pub key: String,
}

/// What one run of pgbench has shown.
#[derive(Debug, Clone, Copy)]
pub struct Ceiling {
    pub transactions: f64,
    pub per_second: f64,
    /// How often one was tried again, because others were in its way.
    pub retried: f64,
    /// How many were tried in vain.
    pub given_up: f64,
}

/// How long a run of pgbench is.
pub enum Length {
    Seconds(u64),
    /// Once for each unit, as nearly as that can be divided among the connections.
    Units,
}

/// Runs the statements of a request. `number` is another one for each run.
pub fn ceiling(captured: &[Captured; 2], url: &str, number: u32, length: &Length, folder: &Path) -> Ceiling {
    let script = folder.join("ceiling.sql");
    fs::write(&script, Script::of(captured).text).unwrap();
    let length = match length {
        Length::Seconds(seconds) => format!("-T{seconds}"),
        Length::Units => format!("-t{}", UNITS / u64::from(CONNECTIONS)),
    };
    let arguments = [
        "-n".to_owned(),
        "-Mprepared".to_owned(),
        format!("-c{CONNECTIONS}"),
        format!("-j{THREADS}"),
        "--max-tries=12".to_owned(),
        "-Dn=1".to_owned(),
        format!("-Drun={number}"),
        length,
        format!("-f{}", script.display()),
        url.to_owned(),
    ];
    let output = run("pgbench", &arguments, folder);
    let figure = |name: &str| -> f64 {
        let line = output.lines().find_map(|line| line.strip_prefix(name)).expect(&output);
        line.split([' ', '/']).find_map(|word| word.parse().ok()).expect(&output)
    };
    let transactions = figure("number of transactions actually processed:");
    Ceiling {
        transactions,
        per_second: figure("tps ="),
        retried: figure("total number of retries:"),
        given_up: figure("number of failed transactions:"),
    }
}

/// A script for pgbench. What differs between two requests is made anew in each transaction; all the rest is as it was.
struct Script {
    text: String,
    /// Every fresh id, in the order in which they appear.
    fresh: Vec<Uuid>,
    used: BTreeSet<&'static str>,
    /// What fresh ids begin with: the time, as it does in those that the server makes.
    now: String,
}

impl Script {
    fn of([one, other]: &[Captured; 2]) -> Self {
        let now = EventId::new().0.simple().to_string()[..12].to_owned();
        let mut script = Self { text: String::new(), fresh: Vec::new(), used: BTreeSet::new(), now };
        let mut body = String::new();
        assert_eq!(one.statements.len(), other.statements.len(), "two requests differ in their SQL");
        for (a, b) in one.statements.iter().zip(&other.statements) {
            assert_eq!(a.sql, b.sql, "two requests differ in their SQL");
            let values: Vec<_> =
                a.parameters.iter().zip(&b.parameters).map(|(a, b)| script.value((one, a), (other, b))).collect();
            let _ = writeln!(body, "{};", filled(&b.sql, &values));
        }
        // Last, so that a transaction that is tried again is the same one.
        script.text = script.head() + &body + "\\set n :n + 1\n";
        script
    }

    /// What makes the variables that the statements use.
    fn head(&self) -> String {
        let mut head = String::new();
        let clients = CONNECTIONS;
        let base = 1_000_000_000_000_000_000_u64;
        let unit = format!("((:n - 1) * {clients} + :client_id) * {STRIDE} % {UNITS}");
        for name in &self.used {
            let _ = match *name {
                "unit" => writeln!(head, "\\set unit {base} + {unit} + 1"),
                "service" => writeln!(head, "\\set service {base} + {unit} / {UNITS_OF_SERVICE} + 1"),
                // Never twice the same, and all over an index.
                _ => writeln!(
                    head,
                    "\\set random ((:run * 200000 + :n) * {clients} + :client_id) * 736878799 % 1000000007"
                ),
            };
        }
        for number in 0..self.fresh.len() {
            let transaction = "(1000000000 + :run * 10000000 + :n) * 1000000000 + :client_id * 1000000";
            let _ = writeln!(head, "\\set fresh{number} {transaction} + {number}");
        }
        head
    }

    /// An expression for what was `a` in one request and `b` in the other.
    fn value(&mut self, (one, a): (&Captured, &Option<String>), (other, b): (&Captured, &Option<String>)) -> String {
        let (Some(a), Some(b)) = (a, b) else {
            assert_eq!(a, b, "NULL in one request and not in the other");
            return "NULL".to_owned();
        };
        if a == b {
            return literal(b);
        }
        if (a, b) == (&one.key, &other.key) {
            self.used.insert("random");
            return "('bench-' || :random)".to_owned();
        }
        if let (Ok(id_a), Ok(id_b)) = (Uuid::parse_str(a), Uuid::parse_str(b)) {
            let (Some((kind, a)), Some((_, b))) = (Kind::of(id_a), Kind::of(id_b)) else { return self.fresh(id_b) };
            let name = if (a, b) == (one.unit, other.unit) { "unit" } else { "service" };
            let same = name == "unit" || (a, b) == (service_of(one.unit), service_of(other.unit));
            assert!(same, "{id_a} and {id_b} are not of the units {} and {}", one.unit, other.unit);
            self.used.insert(name);
            return format!("('{}' || :{name})::uuid", kind.prefix());
        }
        let reference = |text: &str| text.len() == 11 && text.as_bytes()[1] == b'-' && text.as_bytes()[6] == b'-';
        if reference(a) && reference(b) {
            self.used.insert("random");
            return format!("('{}' || :random)", &b[..2]);
        }
        // Instants, documents and bytes: those of one request will do, for no index forbids them to be repeated.
        let repeatable = b.starts_with(['{', '[']) || b.starts_with("\\x") || b.starts_with("20");
        assert!(repeatable, "what differs between {a} and {b}?");
        literal(b)
    }

    fn fresh(&mut self, id: Uuid) -> String {
        let known = self.fresh.iter().position(|known| *known == id);
        let number = known.unwrap_or_else(|| {
            self.fresh.push(id);
            self.fresh.len() - 1
        });
        format!("('{}7' || :fresh{number})::uuid", self.now)
    }
}

/// As a constant, in which pgbench finds no variable.
fn literal(value: &str) -> String {
    format!("E'{}'", value.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a"))
}

/// A statement with values in place of `$1`, `$2`, …
fn filled(sql: &str, values: &[String]) -> String {
    let mut parts = sql.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|char: char| !char.is_ascii_digit()).unwrap_or(part.len());
        let number: usize = part[..end].parse().expect("a parameter");
        text.push_str(&values[number - 1]);
        text.push_str(&part[end..]);
    }
    text
}
