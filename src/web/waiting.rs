//! Who waits for a place: in the order in which somebody looks after them, each with its reasons.

use std::collections::BTreeMap;

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, get};
use askama::Template;

use super::Answer;
use super::cases::Lists;
use super::chart::{Chart, Series, columns};
use super::form::{Form, Posted, Wrong};
use super::household::{risk, summary};
use super::page::Page;
use super::words::count;
use crate::actions;
use crate::actions::waiting::{After, Ask, Figures, Waits, Wanted};
use crate::api::page::{after, cursor, one_more};
use crate::api::waiting::file;
use crate::clock::At;
use crate::db;
use crate::domain::matching::Counts;
use crate::domain::permission::{Action, may};
use crate::domain::referral::State as Referral;
use crate::domain::waiting::{Household, Turn, WEEKS};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId};

pub fn routes(config: &mut ServiceConfig) {
    config.service(waiting_list).service(waiting_file);
}

/// So many stand on a page.
const LIMIT: i64 = 25;

/// One household that waits, in words.
struct Row {
    case: CaseId,
    reference: String,
    household: String,
    worker: String,
    now: bool,
    because: Vec<String>,
    last_contact: Option<At>,
    places: String,
    in_the_way: Option<String>,
    referrals: Vec<(crate::ids::ReferralId, String, At)>,
    risk: Option<&'static str>,
    sanctuary: bool,
}

#[derive(Template)]
#[template(path = "waiting/list.html")]
struct List<'a> {
    page: &'a Page,
    form: Form,
    areas: Vec<(String, String)>,
    workers: Vec<(String, String)>,
    households: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    /// How many wait, and for how long, in a sentence.
    says: String,
    weeks: Option<(Chart, Vec<Vec<String>>)>,
    by_area: Option<Vec<Vec<String>>>,
    /// Where one finds that.
    areas_href: String,
    filtered: bool,
    next: Option<String>,
    file: Option<String>,
}

/// What is asked for.
fn asked(form: &Posted) -> Result<Ask, AppError> {
    let mut wrong = Wrong::default();
    let owner: Option<uuid::Uuid> = wrong.take(form.maybe("owner_id", "Choose a worker from the list"))?.flatten();
    let household = wrong.take(form.maybe("household", "Choose from the list"))?.flatten();
    let longer_than: Option<i64> = wrong.take(form.maybe("longer_than", "Enter a number of days, like 7"))?.flatten();
    if longer_than.is_some_and(|days| !(0..=3_700).contains(&days)) {
        wrong.note("longer_than", "Enter a number of days from 0 to 3,700");
    }
    let wanted_area = form.some("wanted_area");
    if wanted_area.as_ref().is_some_and(|area| area.chars().count() != 9) {
        wrong.note("wanted_area", "Choose an area from the list");
    }
    wrong.check()?;
    Ok(Ask { wanted_area, owner: owner.map(AccountId), household, longer_than })
}

#[get("/waiting")]
async fn waiting_list(page: Page, request: HttpRequest) -> Answer {
    let query = Posted::new("/waiting", request.query_string().to_owned());
    let form = Form::of(&query);
    let (form, ask) = match asked(&query) {
        Ok(ask) => (form, ask),
        Err(AppError::Invalid(fields)) => (form.wrong(fields), Ask::default()),
        Err(error) => return Err(error),
    };
    let start: Option<After> = after(query.some("cursor").as_deref())?;
    let (actor, now, policy, first) = (page.actor.clone(), page.now, page.app.policy, start.is_none());
    let areas = query.get("areas") == "yes";
    let manages = page.may(Action::SeeEveryCase);
    let read = move |conn: &mut db::Conn| {
        let lists = Lists::load(conn)?;
        let workers = if manages { db::accounts::page(conn, Some(actor.organisation), None, 200)? } else { Vec::new() };
        let figures = if first { Some(actions::waiting::figures(conn, &actor, &ask, areas, now)?) } else { None };
        let rows = actions::waiting::list(conn, &actor, &ask, start, one_more(LIMIT), (now, policy))?;
        Ok((lists, workers, figures, rows))
    };
    let (lists, workers, figures, mut rows) = page.app.db.read(&page.actor, read).await?;
    let most = usize::try_from(LIMIT).map_err(AppError::internal)?;
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|row| cursor(&row.position)).transpose()?;
    let names: BTreeMap<AccountId, &str> = workers.iter().map(|account| (account.id, account.name.as_str())).collect();
    let works = |account: &&db::accounts::Account| may(&account.roles.0, Action::WorkCases);
    let list = List {
        page: &page,
        areas: wanted(&lists),
        workers: workers.iter().filter(works).map(|one| (one.id.0.to_string(), one.name.clone())).collect(),
        households: HOUSEHOLDS.iter().map(|(kind, text)| (kind.as_str(), *text)).collect(),
        says: figures.as_ref().map(says).unwrap_or_default(),
        weeks: figures.as_ref().filter(|figures| figures.all.households > 0).map(weeks),
        by_area: figures.as_ref().and_then(|figures| Some(by_area(figures.wanted.as_ref()?, &lists))),
        areas_href: further(&link("/waiting", &query, None), "areas=yes"),
        rows: rows.into_iter().map(|waits| row(waits, &names, now)).collect(),
        filtered: query
            .pairs()
            .iter()
            .any(|(name, value)| FILTERS.contains(&name.as_str()) && !value.trim().is_empty()),
        next: next.map(|cursor| link("/waiting", &query, Some(&cursor))),
        file: manages.then(|| link("/waiting.csv", &query, None)),
        form: form.clone(),
    };
    page.show_form(&form, &list)
}

/// The whole list as a file. That it was taken out is recorded.
#[get("/waiting.csv")]
async fn waiting_file(page: Page, request: HttpRequest) -> Answer {
    let ask = asked(&Posted::new("/waiting", request.query_string().to_owned()))?;
    let rows = page.app.db.write(&page.actor, move |tx| actions::waiting::export(tx, &ask)).await?;
    file(&rows, page.now)
}

const FILTERS: [&str; 4] = ["wanted_area", "owner_id", "household", "longer_than"];

const HOUSEHOLDS: [(Household, &str); 4] = [
    (Household::WithChildren, "With children"),
    (Household::OnePerson, "One person"),
    (Household::Adults, "Several adults"),
    (Household::NotKnown, "Not known yet"),
];

/// The same question elsewhere, or further on.
fn link(path: &str, query: &Posted, cursor: Option<&str>) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        query.pairs().iter().filter(|(name, value)| FILTERS.contains(&name.as_str()) && !value.is_empty())
    {
        pairs.append_pair(name, value);
    }
    if let Some(cursor) = cursor {
        pairs.append_pair("cursor", cursor);
    }
    let pairs = pairs.finish();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{pairs}") }
}

/// A link with one thing more in it.
fn further(link: &str, more: &str) -> String {
    format!("{link}{}{more}", if link.contains('?') { '&' } else { '?' })
}

fn wanted(lists: &Lists) -> Vec<(String, String)> {
    lists.areas.iter().map(|area| (area.code.clone(), area.name.clone())).collect()
}

fn in_days(days: i64) -> String {
    if days == 1 { "1 day".into() } else { format!("{days} days") }
}

fn says(figures: &Figures) -> String {
    let all = &figures.all;
    match (all.households, all.median_days, all.longest_days) {
        (0, ..) | (_, None, _) | (.., None) => "Nobody waits for a place.".into(),
        (1, _, Some(0)) => "1 household waits, since today.".into(),
        (1, _, Some(longest)) => format!("1 household waits, for {}.", in_days(longest)),
        (many, Some(0), Some(0)) => format!("{many} households wait, all of them since today."),
        (many, Some(0), Some(longest)) => {
            format!("{many} households wait. Half of them came today. The longest has waited {}.", in_days(longest))
        }
        (many, Some(median), Some(longest)) => format!(
            "{many} households wait. Half of them have waited {} or longer. The longest has waited {}.",
            in_days(median),
            in_days(longest)
        ),
    }
}

fn weeks(figures: &Figures) -> (Chart, Vec<Vec<String>>) {
    let name = |n: usize, from: i64| match (from, WEEKS.get(n + 1)) {
        (0, _) => "Less than 1 week".to_owned(),
        (from, Some(next)) if next - from == 1 => count(usize::try_from(from).unwrap_or_default(), "week"),
        (from, Some(next)) => format!("{from} to {} weeks", next - 1),
        (from, None) => format!("{from} weeks or more"),
    };
    let names: Vec<String> = WEEKS.iter().enumerate().map(|(n, from)| name(n, *from)).collect();
    let values: Vec<u64> = figures.all.by_weeks.iter().map(|many| u64::try_from(*many).unwrap_or(u64::MAX)).collect();
    let rows = names.iter().zip(&values).map(|(name, value)| vec![name.clone(), value.to_string()]).collect();
    let title = "Households by how long they have waited";
    let series = [Series { name: "Households".into(), values }];
    (columns("waiting-weeks", title, &says(figures), &names, &series), rows)
}

fn by_area(wanted: &Wanted, lists: &Lists) -> Vec<Vec<String>> {
    let named = wanted.by_area.iter().map(|(area, many)| (lists.area_name(area), *many));
    let mut named: Vec<_> = named.collect();
    named.sort_by_key(|(name, many)| (std::cmp::Reverse(*many), *name));
    let mut rows: Vec<Vec<String>> =
        named.into_iter().map(|(name, many)| vec![name.to_owned(), many.to_string()]).collect();
    if wanted.anywhere > 0 {
        rows.push(vec!["Anywhere that is safe".into(), wanted.anywhere.to_string()]);
    }
    rows
}

fn row(waits: Waits, names: &BTreeMap<AccountId, &str>, now: At) -> Row {
    let Waits { case, position, because, last_contact, counts, obstacle, referrals, risk: band, sanctuary } = waits;
    Row {
        case: case.id,
        household: summary(&case.needs),
        worker: names.get(&case.owner_id).copied().unwrap_or_default().to_owned(),
        now: position.turn == Turn::Now,
        because: because.into_iter().map(|because| because.told(now)).collect(),
        last_contact,
        places: places(counts),
        in_the_way: obstacle
            .map(|(obstacle, many)| format!("{} (alone at {})", obstacle.label(), count(many, "place"))),
        referrals: referrals
            .into_iter()
            .map(|open| {
                let text = if open.state == Referral::Sent { "Sent" } else { "Asks you something, sent" };
                (open.id, text.to_owned(), open.sent_at)
            })
            .collect(),
        risk: band.map(|band| risk(Some(band))),
        sanctuary,
        reference: case.reference,
    }
}

/// How what is vacant now suits: "2 suit, 1 to talk about".
fn places(counts: Counts) -> String {
    let told = [
        (counts.suitable, "suit"),
        (counts.discuss, "to talk about"),
        (counts.missing_information, "need an answer"),
        (counts.not_suitable, "do not suit"),
    ];
    let told: Vec<String> =
        told.into_iter().filter(|(many, _)| *many > 0).map(|(many, what)| format!("{many} {what}")).collect();
    if told.is_empty() { "No place is vacant now".into() } else { told.join(", ") }
}
