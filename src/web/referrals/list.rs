//! The referrals that wait, and those that are decided.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::class;
use super::waiting::{self, side_to_answer, state, unread, urgency};
use crate::api::input::Query;
use crate::api::page::{DEFAULT_LIMIT, Page as Paged, after, one_more};
use crate::api::referrals::{By, Referral};
use crate::auth::Actor;
use crate::db;
use crate::db::referrals::{After, Filter, Seen, Side};
use crate::domain::permission::Action;
use crate::domain::referral::State;
use crate::error::AppError;
use crate::web::Answer;
use crate::web::page::Page;
use crate::web::words::{Ago, When, ago, when};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
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
    /// How it waits, when it does.
    waits: Option<waiting::Told>,
    urgent: Option<&'static str>,
    unread: Option<String>,
    decided: Option<When>,
}

/// What it takes to read the rows.
type Read = (Referral, Vec<Side>);

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
    let (actor, by) = (page.actor.clone(), By { now: page.now, patience: page.app.policy.patience });
    let (open, decided) = page
        .app
        .db
        .read(&page.actor, move |conn| {
            let all = Filter::default();
            let open: Vec<State> = State::ALL.iter().copied().filter(|state| state.open()).collect();
            let ended: Vec<State> = State::ALL.iter().copied().filter(|state| !state.open()).collect();
            let open = if later { Vec::new() } else { db::referrals::page_in(conn, &actor, all, &open, None, MOST)? };
            let ended = db::referrals::page_in(conn, &actor, all, &ended, begin, one_more(DEFAULT_LIMIT))?;
            Ok((read(conn, &actor, open, by)?, read(conn, &actor, ended, by)?))
        })
        .await?;
    let decided = Paged::of(decided, DEFAULT_LIMIT, |(referral, _): &Read| (referral.sent_at, referral.id))?;
    let mut list = List {
        page: &page,
        ours: Vec::new(),
        theirs: Vec::new(),
        accepted: Vec::new(),
        decided: decided.items.into_iter().map(|seen| row(&page, seen)).collect(),
        later,
        next: decided.next.map(|cursor| format!("/referrals?cursor={cursor}")),
    };
    for (referral, sides) in open.into_iter().rev() {
        let place = match referral.state {
            State::Accepted => &mut list.accepted,
            state if sides.contains(&side_to_answer(state)) => &mut list.ours,
            _ => &mut list.theirs,
        };
        place.push(row(&page, (referral, sides)));
    }
    page.show(&list)
}

fn read(conn: &mut db::Conn, actor: &Actor, seen: Vec<Seen>, by: By) -> Result<Vec<Read>, AppError> {
    let sides: Vec<_> = seen.iter().map(|seen| seen.sides(actor)).collect();
    Ok(Referral::all(conn, actor, seen, by)?.into_iter().zip(sides).collect())
}

impl List<'_> {
    fn provider(&self) -> bool {
        self.page.may(Action::AnswerReferrals)
    }
}

fn row(page: &Page, (referral, sides): Read) -> Row {
    let side = if sides.contains(&side_to_answer(referral.state)) {
        side_to_answer(referral.state)
    } else {
        sides.first().copied().unwrap_or(Side::Referrer)
    };
    Row {
        id: referral.id.0,
        state: state(referral.state, referral.primary_reason.as_deref()),
        class: class(referral.state),
        sent: ago(&referral.sent_at, &page.now),
        waits: waiting::told(&referral, side, page.now),
        urgent: urgency(referral.risk).filter(|_| referral.state.open()),
        unread: unread(referral.unread),
        decided: referral.ended_at.or(referral.decided_at).map(|at| when(&at, &page.now)),
        reference: referral.reference,
        service: referral.service,
    }
}
