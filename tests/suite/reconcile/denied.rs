//! Who was denied access, held against what was acknowledged.

use futures_util::future::join;
use safehold::actions::reports::{self, Ask, DeniedAccess};
use safehold::db::Conn;
use safehold::domain::measures::{Counts, Dimension, Tally};
use serde_json::{Value, json};

use super::book::{BECAME, Cells, Counted, Days, Reader, beside, cells};
use super::play::{Place, Play};
use super::{Asked, Periods};
use crate::support::Client;

const REPORT: &str = "/api/v1/reports/denied-access";

/// Every choice of at most three dimensions.
fn choices() -> Vec<Vec<Dimension>> {
    let all = Dimension::ALL;
    let mut choices = vec![vec![]];
    for (n, one) in all.iter().enumerate() {
        choices.push(vec![*one]);
        for (m, two) in all.iter().enumerate().skip(n + 1) {
            choices.push(vec![*one, *two]);
            choices.extend(all[m + 1..].iter().map(|three| vec![*one, *two, *three]));
        }
    }
    choices
}

type Question = (Days, Vec<Dimension>);

async fn answers(place: &Place, reader: Reader, questions: &[Question]) -> Vec<DeniedAccess> {
    let (actor, questions) = (place.app.actor(reader.who), questions.to_vec());
    let (asking, perspective) = (actor.clone(), reports::perspective(&actor, None).unwrap());
    let read = move |conn: &mut Conn| {
        let ask =
            |((from, to), by): Question| reports::denied_access(conn, &asking, &Ask { from, to, by, perspective });
        questions.into_iter().map(ask).collect()
    };
    place.app.db.read(&actor, read).await.unwrap()
}

fn counts(of: Counts) -> [u64; 5] {
    assert_eq!(of.total, of.placed + of.safe_at_home + of.denied + of.open);
    [of.total, of.placed, of.safe_at_home, of.denied, of.open]
}

fn sum<'a>(of: impl IntoIterator<Item = &'a [u64; 5]>) -> [u64; 5] {
    of.into_iter().fold([0; 5], |sum, one| std::array::from_fn(|n| sum[n] + one[n]))
}

/// The cells of a tally, which add up to the whole.
fn told(tally: &Tally) -> Cells {
    let cells: Cells = tally.cells.iter().map(|cell| (cell.by.clone(), counts(cell.counts))).collect();
    assert_eq!(cells.len(), tally.cells.len(), "each cell is there once");
    assert_eq!(sum(cells.values()), counts(tally.counts));
    cells
}

/// What was told of each of several periods, together.
fn together<'a>(of: impl IntoIterator<Item = &'a Cells>) -> Cells {
    let mut all = Cells::new();
    for (by, counts) in of.into_iter().flatten() {
        let known = all.entry(by.clone()).or_default();
        *known = sum([&*known, counts]);
    }
    all
}

/// Both tallies as they are said.
fn whole(place: &Place, report: &DeniedAccess) -> Value {
    place.named(&json!([report.per_referral, report.per_household]).to_string())
}

/// A report, and what there should be in it.
fn holds(report: &DeniedAccess, (days, by): &Question, referrals: &[Counted], households: Option<&[Counted]>) {
    let what = || format!("{days:?} {by:?}");
    assert_eq!(told(&report.per_referral), cells(referrals, *days, by), "per referral, {}", what());
    assert_eq!(report.referral_secondary_reasons, beside(referrals, *days), "{}", what());
    let expected = households.map(|households| cells(households, *days, by));
    assert_eq!(report.per_household.as_ref().map(told), expected, "per household, {}", what());
    let expected = households.map(|households| beside(households, *days));
    assert_eq!(report.household_secondary_reasons, expected, "{}", what());
}

/// Every choice of dimensions is asked of some period, and every period by some of them: by each provider in three
/// histories.
pub async fn check(play: &mut Play, reader: Reader, periods: &Periods, asked: &Asked) {
    let referrals = play.book.referrals(reader);
    let households = reader.services.is_none().then(|| play.book.households(reader));
    let (choices, all) = (choices(), periods.all());
    let each = |(n, by): (usize, &Vec<Dimension>)| (all[(n + asked.number) % all.len()], by.clone());
    let some = if reader.services.is_some() { 3 } else { 1 }; // of what providers are told each time
    let chosen = choices.iter().enumerate().filter(|(n, _)| (n + asked.number).is_multiple_of(some));
    let mut questions: Vec<Question> = chosen.map(each).collect();
    let before = questions.len();
    let parted = [vec![Dimension::Month], choices[asked.number % choices.len()].clone()];
    for by in &parted {
        questions.extend(periods.parts().map(|days| (days, by.clone())));
    }
    let (one, other) =
        join(answers(&play.places[0], reader, &questions), answers(&play.places[1], reader, &questions)).await;
    for ((question, one), other) in questions.iter().zip(&one).zip(&other) {
        holds(one, question, &referrals, households.as_deref());
        let [on_sqlite, on_postgres] = &play.places;
        let (one_said, other_said) = (whole(on_sqlite, one), whole(on_postgres, other));
        assert_eq!(one_said, other_said, "{question:?} on either database");
        assert_eq!(one.referral_secondary_reasons, other.referral_secondary_reasons, "{question:?}");
        assert_eq!(one.household_secondary_reasons, other.household_secondary_reasons, "{question:?}");
    }
    for (n, by) in parted.iter().enumerate() {
        let number = periods.parts().count();
        let reports = &one[before + n * number..][..number];
        let of = |tally: fn(&DeniedAccess) -> Option<&Tally>| {
            let cells: Vec<Cells> = reports.iter().filter_map(tally).map(told).collect();
            if let Some((year, parts)) = cells.split_first() {
                let (quarters, months) = parts.split_at(periods.quarters.len());
                assert_eq!(&together(quarters), year, "the quarters of the year by {by:?}");
                assert_eq!(&together(months), year, "the months of the year by {by:?}");
            }
        };
        of(|report| Some(&report.per_referral));
        of(|report| report.per_household.as_ref());
    }
    let asked_again = asked.number % questions.len();
    let ((days, by), expected) = (&questions[asked_again], &one[asked_again]);
    let said = play.said(reader.who, &path(*days, by)).await;
    let expected = whole(&play.places[0], expected);
    assert_eq!(json!([said["per_referral"], said.get("per_household")]), expected);
    let of_all = (periods.year, &[Dimension::Reason, Dimension::Month][..]);
    for place in &mut play.places {
        records(place.client(reader.who).await, of_all, asked.number).await;
    }
}

fn path((from, to): Days, by: &[Dimension]) -> String {
    let by: Vec<&str> = by.iter().map(|dimension| dimension.as_str()).collect();
    format!("{REPORT}?from={from}&to={to}&by={}", by.join(","))
}

/// There are as many records behind some of the counts as they say.
async fn records(client: &Client, (days, by): (Days, &[Dimension]), number: usize) {
    let report = client.get(&path(days, by)).await.ok().json;
    for (counted, tally) in [("referral", &report["per_referral"]), ("household", &report["per_household"])] {
        let cells = tally.get("cells").and_then(Value::as_array).into_iter().flatten();
        for cell in cells.skip(number % 5).step_by(5).take(4) {
            let (from, to) = days;
            let mut path = format!("{REPORT}/records?from={from}&to={to}&limit=1&counted={counted}");
            for (name, value) in cell["by"].as_object().unwrap() {
                path.extend(["&", name, "=", value.as_str().unwrap_or_default()]);
            }
            let outcome = BECAME[1 + number % 4];
            for (path, expected) in
                [(path.clone(), &cell["total"]), (format!("{path}&outcome={outcome}"), &cell[outcome])]
            {
                let found = client.get(&path).await.ok().json["total"].clone();
                assert_eq!(found.as_u64(), Some(expected.as_u64().unwrap_or_default()), "{path}");
            }
        }
    }
}
