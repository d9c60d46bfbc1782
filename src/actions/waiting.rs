//! Who waits for a place, in the order in which somebody looks after them, and what stands in their way.

use std::collections::{BTreeMap, BTreeSet};

use super::matching::{Places, seeker};
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::cases::{Case, Scope};
use crate::db::waiting::{self, Filter, Open, Waiting};
use crate::db::{Conn, Tx, notes};
use crate::domain::eligibility::Obstacle;
use crate::domain::household::{Needs, RiskBand};
use crate::domain::matching::{Counts, counts, what_ifs};
use crate::domain::provision::AccommodationType;
use crate::domain::referral::State as Referral;
use crate::domain::waiting::{Because, Facts, Household, Position, Summary, opened_before, summary};
use crate::error::AppError;
use crate::ids::{AccountId, CaseId};
use crate::settings::Policy;

/// Which households somebody asks for. Where they come from is no question.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// A GSS code: those who want to be there.
    pub wanted_area: Option<String>,
    pub owner: Option<AccountId>,
    pub household: Option<Household>,
    /// In days.
    pub longer_than: Option<i64>,
}

/// Where a page of the list begins.
pub type After = Position<CaseId>;

/// A household that waits.
#[derive(Debug, Clone)]
pub struct Waits {
    pub case: Case,
    pub position: Position<CaseId>,
    /// Why it stands here, in the order in which the reasons count.
    pub because: Vec<Because>,
    pub last_contact: Option<At>,
    /// What of everything that is vacant now suits it.
    pub counts: Counts,
    /// What is most often the only thing in the way, and of how many vacancies.
    pub obstacle: Option<(Obstacle, usize)>,
    /// Not decided yet, the oldest first.
    pub referrals: Vec<Open>,
    pub risk: Option<RiskBand>,
    /// Whether they would rather be made safe at home.
    pub sanctuary: bool,
}

/// Those within the actor's scope who wait, in order, from `after` on.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    ask: &Ask,
    after: Option<After>,
    limit: i64,
    (now, policy): (At, Policy),
) -> Result<Vec<Waits>, AppError> {
    let limit = usize::try_from(limit).map_err(AppError::internal)?;
    let known = Known::of(conn, actor, ask, now, policy)?;
    let page: Vec<Facts<CaseId>> = known.after(after, limit, now);
    let ids: Vec<CaseId> = page.iter().map(|facts| facts.key).collect();
    let mut cases = waiting::cases(conn, Scope::of(actor), &ids)?;
    let places = if page.is_empty() { None } else { Some(Places::vacant(conn, now, policy)?) };
    let shown = page.into_iter().filter_map(|facts| {
        let case = cases.remove(&facts.key)?;
        Some(known.told(case, &facts, places.as_ref(), now))
    });
    Ok(shown.collect())
}

/// What is known of everybody who waits, with one query for each kind of fact.
struct Known {
    facts: Vec<Facts<CaseId>>,
    referrals: BTreeMap<CaseId, Vec<Open>>,
}

impl Known {
    fn of(conn: &mut Conn, actor: &Actor, ask: &Ask, now: At, policy: Policy) -> Result<Self, AppError> {
        let ours = actor.organisation;
        let who = who(conn, actor, ask, now)?;
        let mut contact = waiting::last_contact(conn, ours)?;
        let ids: Vec<CaseId> = who.iter().map(|waiting| waiting.id).collect();
        for (case, spoken) in notes::last_contact(conn, &ids)? {
            let last = contact.entry(case).or_insert(spoken);
            *last = spoken.max(*last);
        }
        let places = waiting::places(conn, ours, now, policy.freshness.in_search_since(now))?;
        let calls = waiting::calls_due(conn, ours, now)?;
        let mut referrals: BTreeMap<CaseId, Vec<Open>> = BTreeMap::new();
        for open in waiting::open_referrals(conn, ours)? {
            referrals.entry(open.case).or_default().push(open);
        }
        let asked = |id: &CaseId| {
            let asked = referrals.get(id)?.iter().filter(|open| open.state == Referral::InformationRequested);
            asked.map(|open| open.sent_at).min()
        };
        let facts = who.into_iter().map(|Waiting { id, opened_at }| Facts {
            key: id,
            opened_at,
            last_contact: contact.get(&id).copied(),
            place_since: places.get(&id).copied(),
            asked_since: asked(&id),
            call_due: calls.get(&id).copied(),
        });
        Ok(Self { facts: facts.collect(), referrals })
    }

    /// So many, in order, that stand after a place.
    fn after(&self, after: Option<After>, limit: usize, now: At) -> Vec<Facts<CaseId>> {
        let mut places: Vec<(After, &Facts<CaseId>)> =
            self.facts.iter().map(|facts| (facts.position(now), facts)).collect();
        places.retain(|(position, _)| after.is_none_or(|after| *position > after));
        places.sort_unstable_by_key(|(position, _)| *position);
        places.into_iter().take(limit).map(|(_, facts)| *facts).collect()
    }

    fn told(&self, case: Case, facts: &Facts<CaseId>, places: Option<&Places>, now: At) -> Waits {
        let ranked = places.map(|places| places.ranked(&seeker(&case))).unwrap_or_default();
        let alone = what_ifs(&ranked).into_iter().map(|what_if| (what_if.obstacle, what_if.counts.all()));
        Waits {
            position: facts.position(now),
            because: facts.reasons(now),
            last_contact: facts.last_contact,
            counts: counts(&ranked),
            obstacle: alone.max_by_key(|(obstacle, number)| (*number, std::cmp::Reverse(*obstacle))),
            referrals: self.referrals.get(&case.id).cloned().unwrap_or_default(),
            risk: case.needs.risk.band(),
            sanctuary: case.needs.wanted_types.contains(&AccommodationType::Sanctuary),
            case,
        }
    }
}

/// Who waits of those that are asked for. Their needs are read only where the question is about them.
fn who(conn: &mut Conn, actor: &Actor, ask: &Ask, now: At) -> Result<Vec<Waiting>, AppError> {
    let (scope, filter) = (Scope::of(actor), filter(ask, now));
    if ask.wanted_area.is_none() && ask.household.is_none() {
        return waiting::all(conn, scope, &filter);
    }
    let found = waiting::all_with_needs(conn, scope, &filter)?.into_iter();
    Ok(found.filter(|(_, needs)| ask.meets(needs)).map(|(waiting, _)| waiting).collect())
}

fn filter(ask: &Ask, now: At) -> Filter {
    let opened_before = ask.longer_than.and_then(|days| opened_before(now.date(), days));
    Filter { owner: ask.owner, opened_before }
}

impl Ask {
    fn meets(&self, needs: &Needs) -> bool {
        let there = self.wanted_area.as_ref().is_none_or(|area| needs.wanted_areas.contains(area));
        there && self.household.is_none_or(|kind| Household::of(needs) == kind)
    }
}

/// How many wait, and for how long.
#[derive(Debug, Clone)]
pub struct Figures {
    pub all: Summary,
    /// Where they want to be, if it was asked for: then the needs of all of them are read.
    pub wanted: Option<Wanted>,
}

/// Where those who wait want to be.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// One who wants several is counted in each.
    pub by_area: BTreeMap<String, usize>,
    /// Those who would go anywhere that is safe.
    pub anywhere: usize,
}

/// Counts those within the actor's scope who wait.
///
/// # Errors
/// When the database fails.
pub fn figures(conn: &mut Conn, actor: &Actor, ask: &Ask, areas: bool, now: At) -> Result<Figures, AppError> {
    if !areas {
        let opened = who(conn, actor, ask, now)?.into_iter().map(|waiting| waiting.opened_at);
        return Ok(Figures { all: summary(opened, now), wanted: None });
    }
    let mut found = waiting::all_with_needs(conn, Scope::of(actor), &filter(ask, now))?;
    found.retain(|(_, needs)| ask.meets(needs));
    let mut by_area: BTreeMap<String, usize> = BTreeMap::new();
    for (_, needs) in &found {
        for area in needs.wanted_areas.iter().collect::<BTreeSet<_>>() {
            *by_area.entry(area.clone()).or_default() += 1;
        }
    }
    let anywhere = found.iter().filter(|(_, needs)| needs.wanted_areas.is_empty()).count();
    let all = summary(found.iter().map(|(waiting, _)| waiting.opened_at), now);
    Ok(Figures { all, wanted: Some(Wanted { by_area, anywhere }) })
}

/// So many households are in a file.
const MOST: i64 = 10_000;

/// All of them, to be taken out: that somebody did so is recorded. (S18, S31)
///
/// # Errors
/// [`AppError::Slowed`].
pub fn export(tx: &mut Tx, ask: &Ask) -> Result<Change<Vec<Waits>>, AppError> {
    let (actor, now, policy) = (tx.actor().clone(), tx.now(), tx.policy());
    let noticed = super::readings::export(tx)?;
    let rows = list(tx, &actor, ask, None, MOST, (now, policy))?;
    Ok(Change::new(rows, Event::new(Did::WaitingExported, actor.organisation.0)).and_all(noticed))
}
