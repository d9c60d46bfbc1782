//! The referrals that wait, and those that are decided.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::TimeDelta;
use serde::Deserialize;
use uuid::Uuid;

use super::{class, state};
use crate::api::input::Query;
use crate::api::page::{DEFAULT_LIMIT, Page as Paged, after, one_more};
use crate::api::referrals::Referral;
use crate::db;
use crate::db::referrals::{After, Filter, Seen, Side};
use crate::domain::permission::Action;
use crate::domain::referral::State;
use crate::web::Answer;
use crate::web::page::Page;
use crate::web::words::{Ago, When, ago, length, when};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// A referral that waits longer than this is waiting too long.
pub(super) fn too_long() -> TimeDelta {
    TimeDelta::hours(2)
}

/// How long something has waited too long, and what that means for whoever reads it.
pub(super) fn late(waited: &str, ours: bool) -> String {
    if ours { format!("Waiting {waited}: answer soon") } else { format!("Waiting {waited}: ring them") }
}

/// The side for which a referral waits.
pub(super) fn side_to_answer(state: State) -> Side {
    if state == State::InformationRequested { Side::Referrer } else { Side::Provider }
}

/// So many can wait at once.
const MOST: i64 = 500;

#[derive(Deserialize, garde::Validate)]
#[garde(allow_unvalidated)]
struct Asked {
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

struct Row {
    id: Uuid,
    reference: String,
    service: String,
    state: &'static str,
    class: &'static str,
    sent: Ago,
    /// How long it has waited, when that is too long.
    late: Option<String>,
    decided: Option<When>,
}

#[derive(Template)]
#[template(path = "referrals/list.html")]
struct List<'a> {
    page: &'a Page,
    /// Waiting for whoever looks at it.
    ours: Vec<Row>,
    /// Waiting for the other side.
    theirs: Vec<Row>,
    /// Accepted: the household is not there yet.
    accepted: Vec<Row>,
    decided: Vec<Row>,
    /// Whether this is a later page of those that are decided.
    later: bool,
    next: Option<String>,
}

#[get("/referrals")]
async fn list(page: Page, Query(asked): Query<Asked>) -> Answer {
    let begin: Option<After> = after(asked.cursor.as_deref())?;
    let later = begin.is_some();
    let actor = page.actor.clone();
    let (open, decided) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let all = Filter::default();
            let open: Vec<State> = State::ALL.iter().copied().filter(|state| state.open()).collect();
            let ended: Vec<State> = State::ALL.iter().copied().filter(|state| !state.open()).collect();
            let open = if later { Vec::new() } else { db::referrals::page_in(conn, &actor, all, &open, None, MOST)? };
            Ok((open, db::referrals::page_in(conn, &actor, all, &ended, begin, one_more(DEFAULT_LIMIT))?))
        })
        .await?;
    let decided = Paged::of(decided, DEFAULT_LIMIT, |seen: &Seen| (seen.referral.sent_at, seen.referral.id))?;
    let mut list = List {
        page: &page,
        ours: Vec::new(),
        theirs: Vec::new(),
        accepted: Vec::new(),
        decided: decided.items.into_iter().map(|seen| row(&page, seen)).collect(),
        later,
        next: decided.next.map(|cursor| format!("/referrals?cursor={cursor}")),
    };
    for seen in open.into_iter().rev() {
        let state = seen.referral.state;
        let place = match state {
            State::Accepted => &mut list.accepted,
            _ if seen.sides(&page.actor).contains(&side_to_answer(state)) => &mut list.ours,
            _ => &mut list.theirs,
        };
        place.push(row(&page, seen));
    }
    page.show(&list)
}

impl List<'_> {
    fn provider(&self) -> bool {
        self.page.may(Action::AnswerReferrals)
    }
}

fn row(page: &Page, seen: Seen) -> Row {
    let sides = seen.sides(&page.actor);
    let referral = Referral::seen(seen, &sides, page.actor.organisation);
    let waited = page.now - referral.sent_at;
    let waits = matches!(referral.state, State::Sent | State::InformationRequested);
    let ours = sides.contains(&side_to_answer(referral.state));
    Row {
        id: referral.id.0,
        state: state(referral.state),
        class: class(referral.state),
        sent: ago(&referral.sent_at, &page.now),
        late: (waits && waited >= too_long()).then(|| late(&length(waited), ours)),
        decided: referral.ended_at.or(referral.decided_at).map(|at| when(&at, &page.now)),
        reference: referral.reference,
        service: referral.service,
    }
}
