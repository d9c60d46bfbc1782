//! Keeping what a search found when it mattered, so that it can be said later what stood in the way.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::matching::Places;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::cases::{self, Scope};
use crate::db::exclusions::Reader;
use crate::db::rules::{self, Subject};
use crate::db::searches::{self, Search};
use crate::db::{Conn, Tx, services};
use crate::domain::barriers::{self, Effect, Homes, InTheWay, Occasion};
use crate::domain::eligibility::{self, Household, InForce, Obstacle, Rules, Verdict};
use crate::domain::matching::{Counts, Match};
use crate::error::AppError;
use crate::ids::{CaseId, SearchId, ServiceId, VacancyId};
use crate::settings::Policy;

/// What a household found at one moment. It is read before the write that it belongs to: a write that read every vacancy
/// would be in the way of every other.
#[derive(Debug, Clone)]
pub struct Looked {
    household: Household,
    found: BTreeMap<ServiceId, Vec<Homes>>,
}

impl Looked {
    /// How many homes there were of each verdict.
    pub fn counts(&self) -> Counts {
        barriers::counts(self.found.values().flatten())
    }
}

/// Looks at every current vacancy for a case within the actor's scope, and at one that the case holds itself.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn look(
    conn: &mut Conn,
    actor: &Actor,
    id: CaseId,
    held: Option<VacancyId>,
    now: At,
    policy: Policy,
) -> Result<Looked, AppError> {
    let case = cases::find_in(conn, Scope::of(actor), id)?;
    let mut found: BTreeMap<ServiceId, Vec<Homes>> = BTreeMap::new();
    let super::matching::Matches { ranked, places, .. } = super::matching::matches(conn, &case, now, policy)?;
    add_all(&mut found, &ranked, &places);
    if let Some(held) = held.filter(|held| !places.vacancies.contains_key(held))
        && let Some((one, places)) = super::matching::one(conn, &case, held, now, policy)?
    {
        add_all(&mut found, &[one], &places);
    }
    Ok(Looked { household: super::matching::seeker(&case).household, found })
}

fn add_all(found: &mut BTreeMap<ServiceId, Vec<Homes>>, ranked: &[Match<VacancyId>], places: &Places) {
    for one in ranked {
        let Some(vacancy) = places.vacancies.get(&one.key) else { continue };
        let Some(ruled) = places.rules(vacancy) else { continue };
        barriers::add(found.entry(vacancy.service).or_default(), one, &vacancy.unit, &ruled.versions);
    }
}

/// Keeps what was found, for this reason.
pub(super) fn record(tx: &mut Tx, case: CaseId, occasion: Occasion, looked: &Looked) -> Result<(), AppError> {
    let small = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let counts = looked.counts();
    let row = Search {
        id: SearchId::new(),
        household: searches::household_of(tx, case)?,
        organisation_id: tx.actor().organisation,
        made_at: tx.now(),
        occasion,
        suitable: small(counts.suitable),
        discuss: small(counts.discuss),
        missing_information: small(counts.missing_information),
        not_suitable: small(counts.not_suitable),
        facts: looked.household.clone(),
    };
    let in_the_way: Vec<(ServiceId, Obstacle, InTheWay)> = looked
        .found
        .iter()
        .flat_map(|(service, homes)| {
            barriers::in_the_way(homes).into_iter().map(|(obstacle, found)| (*service, obstacle, found))
        })
        .collect();
    searches::insert(tx, &row, &looked.found, &in_the_way)
}

/// Keeps a search because a worker says that it matters.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when the case is closed.
pub fn mark(tx: &mut Tx, id: CaseId, looked: &Looked) -> Result<Change<()>, AppError> {
    let case = super::occupancy::open_case(tx, id)?;
    record(tx, case.id, Occasion::Marked, looked)?;
    Ok(Change::new((), Event::new(Did::SearchMarked, case.id.0)))
}

/// So far back a preview looks.
const PREVIEWED: TimeDelta = TimeDelta::days(90);

/// Works out what a set of rules would have made of the last 90 days' searches at an own service: numbers alone, of the
/// households of whichever organisation.
///
/// # Errors
/// [`AppError::NotFound`] when it is not one's own; [`AppError::Invalid`] for rules that cannot stand together.
pub fn preview(conn: &mut Conn, reader: Reader, id: ServiceId, proposed: &Rules, now: At) -> Result<Effect, AppError> {
    services::find_of(conn, reader.organisation, id)?;
    super::rules::check(conn, proposed, now.date())?;
    let recorded = searches::at_service(conn, reader, id, now - PREVIEWED)?;
    let newest = rules::newest(conn, None)?;
    let today = now.date();
    let mut effect = Effect::default();
    for (household, homes) in &recorded {
        let (mut before, mut after) = (Verdict::NotSuitable, Verdict::NotSuitable);
        for alike in homes {
            let mut subjects = vec![Subject::Organisation(reader.organisation), Subject::Service(id)];
            let narrow = alike.rules.iter().filter(|set| set.scope > eligibility::Scope::Service);
            subjects.extend(narrow.map(|set| Subject::of(set.scope, set.id)));
            let sets = || subjects.iter().filter_map(|subject| newest.get(subject));
            let now_in_force = InForce::on(today, sets().map(|set| (set.scope, &set.rules.0[..])));
            let others = sets().filter(|set| set.scope != eligibility::Scope::Service);
            let then =
                others.map(|set| (set.scope, &set.rules.0[..])).chain([(eligibility::Scope::Service, &proposed.0[..])]);
            before = before.min(alike.again(household, &now_in_force));
            after = after.min(alike.again(household, &InForce::on(today, then)));
        }
        effect.add(before, after);
    }
    Ok(effect)
}
