//! A history of three years, as long as is asked for, in either database: the same rows from the same numbers.

use chrono::{DateTime, Days, SecondsFormat, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};
use safehold::clock::Clock;
use safehold::db::Conn;
use serde_json::Value;

use crate::world::ids::{Kind, UNITS, UNITS_OF_SERVICE, service_of};
use crate::world::people::{CASEWORKER, needs};

/// So many rows stand in one statement.
const ROWS: usize = 2_000;
const SERVICES: u64 = UNITS / UNITS_OF_SERVICE;
const DAYS: i64 = 1_092;
const ORIGINS: [&str; 7] = ["E06000016", "E07000130", "E07000132", "E06000017", "E10000007", "E08000025", "E06000018"];
const SOURCES: [&str; 4] = ["national_helpline", "police", "self", "health"];
const NEXT: [&str; 4] = ["with_family_or_friends", "not_known", "hotel_hostel_or_bb", "sofa_surfing"];

/// How a database writes what is no number and no text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Sqlite,
}

struct Writer<'a> {
    conn: &'a mut Conn,
    head: String,
    rows: Vec<String>,
}

impl Writer<'_> {
    fn table(&mut self, head: &str, rows: impl Iterator<Item = String>) {
        head.clone_into(&mut self.head);
        for row in rows {
            self.rows.push(row);
            if self.rows.len() == ROWS {
                self.flush();
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let statement = format!("INSERT INTO {} VALUES {}", self.head, self.rows.join(","));
        self.conn.batch_execute(&statement).unwrap();
        self.rows.clear();
    }
}

struct Reason {
    code: String,
    decided_by: String,
}

/// Why access is denied: the codes that ship with the program, each with the first who can decide it.
fn reasons() -> Vec<Reason> {
    let codes: Vec<Value> = serde_json::from_str(include_str!("../../data/codes.json")).unwrap();
    let denials = codes.iter().filter(|code| code["list"] == "denial_reason");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    denials
        .map(|code| Reason { code: text(&code["code"]), decided_by: text(&code["attributes"]["decided_by"][0]) })
        .collect()
}

/// A referral, by its number.
struct Sent {
    number: u64,
    case: u64,
    /// Of those that were placed, in order.
    placed: Option<u64>,
    last: bool,
    at: DateTime<Utc>,
}

struct History {
    dialect: Dialect,
    now: DateTime<Utc>,
    begin: DateTime<Utc>,
    worker: String,
    helpline: String,
    reasons: Vec<Reason>,
    sent: Vec<Sent>,
    /// The stays of one unit are so far apart.
    gap: TimeDelta,
}

/// Fills a database that has its people and services with so many past referrals: three cases have five, and two cases in
/// five end with a place, at the last of their referrals.
pub fn fill(conn: &mut Conn, dialect: Dialect, referrals: u64) {
    let (worker, helpline) = worker(conn, dialect);
    let history = History::new(dialect, referrals, worker, helpline);
    conn.batch_execute(if dialect == Dialect::Postgres { "SET statement_timeout = 0; BEGIN" } else { "BEGIN" })
        .unwrap();
    let mut writer = Writer { conn, head: String::new(), rows: Vec::new() };
    history.homes(&mut writer);
    history.cases(&mut writer);
    history.referrals(&mut writer);
    history.stays(&mut writer);
    conn.batch_execute("COMMIT").unwrap();
    for settled in if dialect == Dialect::Postgres { &["VACUUM ANALYZE", "CHECKPOINT"][..] } else { &["ANALYZE"] } {
        conn.batch_execute(settled).unwrap();
    }
}

fn at(instant: DateTime<Utc>) -> String {
    format!("'{}'", instant.to_rfc3339_opts(SecondsFormat::Micros, true))
}

fn ends(left: Option<DateTime<Utc>>) -> String {
    left.map_or("NULL".to_owned(), at)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

fn pick<T>(from: &[T], number: u64) -> &T {
    &from[usize::try_from(number % from.len() as u64).unwrap()]
}

fn unit_of(place: u64) -> u64 {
    (place - 1) % UNITS + 1
}

impl History {
    fn new(dialect: Dialect, referrals: u64, worker: String, helpline: String) -> Self {
        let now = Clock::default().now().utc();
        let begin = now - TimeDelta::days(DAYS + 3);
        let case_of = |number: u64| (number - 1) * 3 / 5 + 1;
        let step = TimeDelta::microseconds(DAYS * 86_400_000_000 / signed(referrals));
        let mut all = 0;
        let sent = (1..=referrals).map(|number| {
            let case = case_of(number);
            let last = case_of(number + 1) != case || number == referrals;
            let place = last && case % 5 < 2;
            all += u64::from(place);
            let at = begin + step * i32::try_from(number).unwrap();
            Sent { number, case, placed: place.then_some(all), last, at }
        });
        let sent = sent.collect();
        let gap = TimeDelta::days(DAYS) / i32::try_from(all.div_ceil(UNITS).max(1)).unwrap();
        Self { dialect, now, begin, worker, helpline, reasons: reasons(), sent, gap }
    }

    fn id(&self, kind: Kind, number: u64) -> String {
        match self.dialect {
            Dialect::Postgres => format!("'{}'", kind.id(number)),
            Dialect::Sqlite => format!("X'{}'", kind.id(number).simple()),
        }
    }

    fn flag(&self, value: bool) -> String {
        match self.dialect {
            Dialect::Postgres => value.to_string(),
            Dialect::Sqlite => u8::from(value).to_string(),
        }
    }

    fn reason(&self, number: u64) -> &Reason {
        pick(&self.reasons, number * 31)
    }

    fn homes(&self, writer: &mut Writer<'_>) {
        let online = at(self.begin - Days::new(30));
        let unit = |n: u64| {
            let (id, service) = (self.id(Kind::Unit, n), self.id(Kind::Service, service_of(n)));
            let (step_free, pets) = (self.flag(n.is_multiple_of(3)), self.flag(n.is_multiple_of(4)));
            format!(
                "({id},{service},'U{n}',{},1,{step_free},'none','own','own',1,{pets},{online},1,{online})",
                1 + n % 6
            )
        };
        let head = "unit (id, service_id, code, bed_spaces, cots, step_free, wheelchair, bathroom, kitchen, floor, pets, \
                    online_from, version, updated_at)";
        writer.table(head, (1..=UNITS).map(unit));
        let posted = at(self.now - TimeDelta::days(2));
        let vacancy = |n: u64| {
            let confirmed = at(self.now - TimeDelta::minutes(signed(n)));
            let (id, unit) = (self.id(Kind::Vacancy, n), self.id(Kind::Unit, n));
            format!("({id},{unit},'open',{posted},{posted},{confirmed},1)")
        };
        let head = "vacancy (id, unit_id, state, available_from, posted_at, confirmed_at, version)";
        writer.table(head, (1..=UNITS).map(vacancy));
    }

    fn cases(&self, writer: &mut Writer<'_>) {
        let households: Vec<String> = (0..4).map(|children| needs(children).to_string().replace('\'', "''")).collect();
        let row = |sent: &Sent| {
            let Sent { number, case, placed, at: sent_at, .. } = sent;
            let Reason { code, decided_by } = self.reason(*number);
            let next = pick(&NEXT, *case);
            let end = match placed {
                Some(_) => "'placed',NULL,NULL,NULL".to_owned(),
                None => format!("'not_placed','{code}','{decided_by}','{next}'"),
            };
            format!(
                "({},'C-{case}',{},{},'closed','{}','{}','{}',{},{},{end},2,{})",
                self.id(Kind::Case, *case),
                self.helpline,
                self.worker,
                pick(&ORIGINS, *case),
                pick(&SOURCES, *case),
                pick(&households, *case),
                at(*sent_at - TimeDelta::hours(2)),
                at(*sent_at + TimeDelta::days(1)),
                at(*sent_at),
            )
        };
        let head = "\"case\" (id, reference, organisation_id, owner_id, state, origin_area, referral_source, needs, opened_at, \
                    closed_at, outcome, primary_reason, decided_by, what_happened_next, version, updated_at)";
        writer.table(head, self.sent.iter().filter(|sent| sent.last).map(row));
    }

    fn referrals(&self, writer: &mut Writer<'_>) {
        let row = |sent: &Sent| {
            let Sent { number, case, placed, at: sent_at, .. } = sent;
            let service = placed.map_or_else(|| 1 + number * 7_919 % SERVICES, |place| service_of(unit_of(place)));
            let unit = placed.map_or("NULL".to_owned(), |place| self.id(Kind::Unit, unit_of(place)));
            let Reason { code, decided_by } = self.reason(*number);
            let state = match decided_by.as_str() {
                _ if placed.is_some() => "placed",
                "provider" => "declined_by_provider",
                "survivor" => "declined_by_survivor",
                "referrer" => "withdrawn",
                _ => "lapsed",
            };
            let why = if placed.is_some() { "NULL,NULL".to_owned() } else { format!("'{code}','{decided_by}'") };
            format!(
                "({},'R-{number}',{},{},{unit},'{state}',{},{},{},{},{why},3)",
                self.id(Kind::Referral, *number),
                self.id(Kind::Case, *case),
                self.id(Kind::Service, service),
                at(*sent_at),
                self.worker,
                at(*sent_at + TimeDelta::minutes(20 + signed(number % 300))),
                at(*sent_at + TimeDelta::hours(12)),
            )
        };
        let head = "referral (id, reference, case_id, service_id, unit_id, state, sent_at, sent_by, decided_at, ended_at, \
                    primary_reason, decided_by, version)";
        writer.table(head, self.sent.iter().map(row));
        let beside = self.sent.iter().filter(|sent| sent.placed.is_none() && sent.number % 4 == 0);
        let row =
            |sent: &Sent| format!("({},'{}')", self.id(Kind::Referral, sent.number), self.reason(sent.number + 1).code);
        writer.table("referral_secondary_reason (referral_id, reason)", beside.map(row));
    }

    fn stays(&self, writer: &mut Writer<'_>) {
        let placed = || {
            self.sent.iter().filter_map(|sent| {
                let place = sent.placed?;
                let arrived = sent.at + TimeDelta::hours(12);
                let share = 20 + i32::try_from(place % 70).unwrap();
                let left = arrived + (self.gap * share / 100).min(TimeDelta::days(150));
                Some((sent, place, arrived, Some(left).filter(|left| *left < self.now)))
            })
        };
        let row = |(sent, place, arrived, left): (&Sent, u64, DateTime<Utc>, Option<DateTime<Utc>>)| {
            let (id, unit) = (self.id(Kind::Occupancy, place), self.id(Kind::Unit, unit_of(place)));
            format!("({id},{unit},'placement',{},{},{})", at(arrived), ends(left), self.id(Kind::Case, sent.case))
        };
        writer.table("occupancy (id, unit_id, kind, starts_at, ends_at, case_id)", placed().map(row));
        let row = |(sent, place, arrived, left): (&Sent, u64, DateTime<Utc>, Option<DateTime<Utc>>)| {
            let (id, referral) = (self.id(Kind::Occupancy, place), self.id(Kind::Referral, sent.number));
            let end = if left.is_some() { "'planned','social_tenancy'" } else { "NULL,NULL" };
            let state = if left.is_some() { "departed" } else { "arrived" };
            let came = at(arrived);
            format!("({id},{referral},'{state}',{came},{came},{came},{},{end},4)", ends(left))
        };
        let head = "placement (id, referral_id, state, expected_at, arrived_at, resident_since, departed_at, departure_kind, \
                    destination, version)";
        writer.table(head, placed().map(row));
    }
}

/// The worker who did all of it, and her organisation, as they stand in a statement.
fn worker(conn: &mut Conn, dialect: Dialect) -> (String, String) {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Text)]
        account: String,
        #[diesel(sql_type = Text)]
        organisation: String,
    }
    let text = match dialect {
        Dialect::Postgres => ["quote_literal(id::text)", "quote_literal(organisation_id::text)"],
        Dialect::Sqlite => ["quote(id)", "quote(organisation_id)"],
    };
    let [account, organisation] = text;
    let query = format!(
        "SELECT {account} AS account, {organisation} AS organisation FROM account WHERE email = '{CASEWORKER}'"
    );
    let Found { account, organisation } = diesel::sql_query(query).get_result(conn).unwrap();
    (account, organisation)
}
