//! All that an organisation measures, as one report of tables with their words. Not for publication.

mod sheets;

use self::sheets::{Months, Told};
use super::measures::{self, Ask};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::{Conn, organisations, reference};
use crate::domain::measures::{Code, Dimension, Measure, Period, Side};
use crate::error::AppError;
use crate::reports::book::{Book, Named, Standing};
use crate::reports::names::{Names, name_of_side};

/// In so many steps it is made.
pub const STEPS: i32 = 5;

/// The report of the actor's organisation from one side, as the actor may read it. (S17)
///
/// # Errors
/// When the database fails.
pub fn book(conn: &mut Conn, actor: &Actor, ask: &Ask, now: At) -> Result<Book, AppError> {
    book_by_steps(conn, actor, ask, now, &mut |_, _| {})
}

/// The same; `step` hears how many steps are done, of how many.
///
/// # Errors
/// As [`book`].
pub fn book_by_steps(
    conn: &mut Conn,
    actor: &Actor,
    ask: &Ask,
    now: At,
    step: &mut dyn FnMut(i32, i32),
) -> Result<Book, AppError> {
    let period = Period { from: ask.from, to: ask.to, now };
    let whose = organisations::find(conn, actor.organisation)?.name;
    let (codes, areas) = (reference::codes(conn, None)?, reference::areas(conn)?);
    step(1, STEPS);
    let measured = measures::all(conn, actor, ask, period)?;
    step(2, STEPS);
    let before = match period.before() {
        Some(before) => measures::all(conn, actor, ask, before)?,
        None => Vec::new(),
    };
    step(3, STEPS);
    let by_month = super::Ask { from: ask.from, to: ask.to, by: vec![Dimension::Month], perspective: ask.perspective };
    let months = super::denied_access(conn, actor, &by_month)?;
    step(4, STEPS);
    let names = Names::new(&codes, &areas);
    let side = ask.side();
    let told = Told { side, measured: &measured, before: &before, names: &names };
    let mut sheets = told.sheets();
    let months = [
        Some((Months::Referrals, months.per_referral)),
        months.per_household.map(|households| (Months::Households, households)),
    ];
    sheets.extend(months.into_iter().flatten().filter_map(|(what, tally)| what.sheet(&tally, ask.from, ask.to)));
    Ok(Book {
        title: format!("All measures: {}", name_of_side(side)),
        whose,
        from: ask.from,
        to: ask.to,
        filters: vec![Named { code: side.as_str().to_owned(), name: format!("Counted from: {}", name_of_side(side)) }],
        computed_at: now,
        standing: Standing::NotForPublication,
        says: says(&told),
        sheets,
        caveats: CAVEATS.map(str::to_owned).to_vec(),
    })
}

const CAVEATS: [&str; 7] = [
    "Small numbers can point to a person. Do not pass them on outside your organisation.",
    "Figures come from the records of your organisation as they were when this was counted. A case that is hidden from its reader is not in them.",
    "Referrals and households are counted apart. They do not add up to each other.",
    "A referral counts in the time when it was sent, whenever it ended: recent figures still change.",
    "“Not known” means that nobody has recorded it. It does not mean no.",
    "Where a household comes from is for planning only. It must never decide who gets a place.",
    "The period before has as many whole months, or as many days, and ends on the day before this one begins. It is counted as it is known now.",
];

/// The measures that a manager looks at first.
pub fn first(side: Side) -> &'static [Code] {
    match side {
        Side::Provider => &[
            Code::Referrals,
            Code::DeniedRate,
            Code::ResponseMedian,
            Code::ResponseWithinTwoHours,
            Code::Utilisation,
            Code::VoidRate,
            Code::TurnaroundMedian,
            Code::LengthOfStayMedian,
            Code::MoveOnPlanned,
            Code::PeopleSupported,
        ],
        Side::Referrer => &[
            Code::Referrals,
            Code::DeniedRate,
            Code::HouseholdsUnable,
            Code::WaitingList,
            Code::WaitingListMedian,
            Code::WaitingTimeMedian,
            Code::ResponseMedian,
            Code::RepeatReferrals,
            Code::LengthOfStayMedian,
            Code::PeopleSupported,
        ],
    }
}

/// The sentences that matter most.
fn says(told: &Told) -> Vec<String> {
    let mut says: Vec<String> = first(told.side).iter().take(5).filter_map(|code| told.sentence(*code)).collect();
    let why =
        [Code::HouseholdsUnable, Code::ReferralsDenied].into_iter().find_map(|code| told.commonest(code, "reason"));
    says.extend(why);
    says
}

/// The measure of this name, if it was measured.
pub fn of(measured: &[Measure], code: Code) -> Option<&Measure> {
    measured.iter().find(|measure| measure.code == code)
}
