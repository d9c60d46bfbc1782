//! Telling the history: every step of the plan by its own verb, at its own time.

use chrono::TimeDelta;
use fastrand::Rng;
use serde_json::{Map, Value};

use super::people::{identity, weighted};
use super::plan::{Case, LENGTH, Planner, Step, Target, hours, minutes};
use super::provision::{Provided, again};
use super::scenes::{self, goal};
use crate::actions::free_text::Outgoing;
use crate::actions::referrals::{Acceptance, New, To};
use crate::actions::searches::{self, Looked};
use crate::actions::{cases, occupancy, outcomes, placements, referrals, support, vacancies, watches};
use crate::audit::Change;
use crate::auth::Actor;
use crate::clock::At;
use crate::db::referrals::Side;
use crate::db::{History, Tx};
use crate::domain::household::MemberRole;
use crate::domain::outcomes::{Answer, AskedHow};
use crate::domain::placement::DepartureKind;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, ReferralId, VacancyId};
use crate::settings::Policy;

/// The same seed and the same end make the same history.
const SEED: u64 = 0x5AFE_401D;
/// How many cases were opened, beside those of the households that were there before.
const CASES: usize = 220;
/// Providers that have not stood by their vacancies for a while, and for how long, in hours.
const SLOW: &[(&str, i64, i64)] = &[("Zinthiya Trust", 28, 34), ("Rutland Dispersed Homes", 76, 90)];

/// Each with its topic.
const QUESTIONS: &[(u32, (&str, &str))] = &[
    (1, ("Is there a prescription that she needs today?", "health")),
    (1, ("When did the abuse last happen, and has he been told to stay away?", "risk")),
    (1, ("Which schools do the children go to, and can they travel?", "children")),
    (1, ("What support is there already, and will it go on?", "health")),
];
const SAID: &str = "She has a bag with her and is safe where she is until the evening.";
const ANSWERS: &[(u32, &str)] = &[
    (1, "Asked her today: nothing that stands in the way."),
    (1, "She will tell you herself if you call between nine and ten."),
    (1, "Her support worker can go on with her wherever she goes."),
];
const NOTES: &[(u32, Option<&str>)] =
    &[(3, None), (1, Some("Can travel today.")), (1, Some("Waiting in a safe place until five."))];

/// Everything that is to happen up to `now`, in order.
pub(super) fn plan(now: At, provided: &Provided) -> Result<Planner<'_>, AppError> {
    let mut planner = Planner::new(Rng::with_seed(SEED), now, provided);
    let now = planner.now;
    let mut numbers = vec![0; provided.schemes.len()];
    for (home, known) in provided.homes.iter().enumerate() {
        numbers[known.scheme] += 1;
        let scheme = &provided.schemes[known.scheme];
        let slow = SLOW.iter().any(|(name, ..)| *name == provided.providers[scheme.provider].name);
        planner.home(home, goal(&scheme.name, numbers[known.scheme]), slow)?;
    }
    scenes::waiting(&mut planner)?;
    for _ in planner.cases.len() - planner.residents + scenes::TOLD..CASES {
        let ago = minutes(&mut planner.rng, 24 * 60, LENGTH.num_minutes() - 24 * 60);
        planner.turned_away(now - ago);
    }
    // The first caseworker has only the cases that are told here, and the second all others that go on.
    for case in planner.cases.iter_mut().filter(|case| case.closing.is_none()) {
        case.worker = 1;
    }
    scenes::tell(&mut planner)?;
    confirmations(&mut planner);
    planner.steps.sort_by_key(|(at, _)| *at);
    Ok(planner)
}

/// Every provider stands by its vacancies in the morning, and once more just now.
fn confirmations(planner: &mut Planner) {
    let (now, start) = (planner.now, planner.start);
    for (provider, known) in planner.provided.providers.iter().enumerate() {
        let slow = SLOW.iter().find(|(name, ..)| *name == known.name);
        let last = match slow {
            Some((_, from, to)) => now - hours(&mut planner.rng, *from, *to),
            None => now - minutes(&mut planner.rng, 15, 150),
        };
        let mut day = start + TimeDelta::days(1);
        while day < now {
            let morning = At::start_of(day.date()) + minutes(&mut planner.rng, 7 * 60 + 30, 9 * 60 + 30);
            if morning < last {
                planner.steps.push((morning, Step::Confirm(provider)));
            }
            day = day + TimeDelta::days(1);
        }
        planner.steps.push((last, Step::Confirm(provider)));
    }
}

/// What has become of a case so far.
#[derive(Default)]
struct Known {
    id: Option<CaseId>,
    version: i32,
    referrals: Vec<Option<ReferralId>>,
    stay: Option<OccupancyId>,
}

/// What has come of the plan so far.
pub(super) struct Teller<'a, 'h> {
    history: &'a mut History<'h>,
    provided: &'a Provided,
    cases: Vec<Case>,
    rng: Rng,
    now: At,
    known: Vec<Known>,
    /// The open vacancy of each unit.
    vacancies: Vec<Option<VacancyId>>,
}

fn missing() -> AppError {
    AppError::internal("the plan of the demonstration is out of order")
}

/// Makes the plan come true; `progress` hears of each month.
pub(super) fn tell(history: &mut History, planner: Planner, progress: &mut impl FnMut(&str)) -> Result<(), AppError> {
    let Planner { rng, now, start, provided, cases, steps, .. } = planner;
    let known = cases.iter().map(|_| Known::default()).collect();
    let vacancies = vec![None; provided.homes.len()];
    let mut teller = Teller { history, provided, cases, rng, now, known, vacancies };
    let mut told = 0;
    for (at, step) in steps {
        let month = (at - start).num_days() / 30;
        if month >= told {
            told = month + 1;
            progress(&format!("History: month {told} of {}", LENGTH.num_days() / 30));
        }
        teller.step(at, step)?;
    }
    Ok(())
}

/// What the survivor says when she leaves: most fare better, and not all want to say.
fn said(case: usize, at: At) -> outcomes::Said {
    let of = |n: usize| match (case + n) % 7 {
        0 | 1 | 4 | 6 => Answer::Better,
        2 => Answer::Same,
        3 => Answer::DidNotWantToSay,
        _ => Answer::Worse,
    };
    let (asked_on, asked_how) = (Some(at.date()), Some(AskedHow::InPerson));
    outcomes::Said { safety: of(0), wellbeing: of(2), stability: of(4), asked_on, asked_how }
}

impl Teller<'_, '_> {
    fn step(&mut self, at: At, step: Step) -> Result<(), AppError> {
        if at > self.now {
            return Err(missing());
        }
        match step {
            Step::Post(home) => {
                let unit = self.provided.homes[home].id;
                let posted = self.write(at, &self.worker_of(home), |tx| vacancies::post(tx, unit, None))?;
                self.vacancies[home] = Some(posted.id);
            }
            Step::Withdraw(home) => {
                let vacancy = self.vacancies[home].take().ok_or_else(missing)?;
                self.write(at, &self.worker_of(home), |tx| vacancies::withdraw(tx, vacancy))?;
            }
            Step::Confirm(provider) => {
                let mut homes = self.provided.homes.iter().zip(&self.vacancies);
                let open = homes.any(|(home, vacancy)| {
                    vacancy.is_some() && self.provided.schemes[home.scheme].provider == provider
                });
                if open {
                    self.write(at, &again(&self.provided.providers[provider].worker), vacancies::confirm_all)?;
                }
            }
            Step::Void(home, reason, ends_at) => {
                let unit = self.provided.homes[home].id;
                let new = occupancy::NewVoid { reason: reason.into(), starts_at: None, ends_at, end_holds: false };
                self.write(at, &self.worker_of(home), |tx| occupancy::void(tx, unit, &new))?;
            }
            Step::Open(case) => self.open(at, case)?,
            Step::Settle(case) => self.settle(at, case)?,
            Step::Watch(case) => {
                let (id, actor) = (self.known[case].id.ok_or_else(missing)?, self.caseworker(case));
                let looked = self.look(at, &actor, id, None)?;
                self.write(at, &actor, |tx| watches::start(tx, id, &looked))?;
            }
            Step::Send(case, referral) => self.send(at, case, referral)?,
            Step::Ask(case, referral) => {
                let (id, actor) = (self.referral(case, referral)?, self.provider_of(case, referral));
                let (question, topic) = weighted(&mut self.rng, QUESTIONS);
                let (question, topics) = (Outgoing::note(question.to_owned(), Vec::new()), [topic.to_owned()]);
                self.write(at, &actor, |tx| referrals::request_information(tx, id, &question, &topics))?;
            }
            Step::Answer(case, referral) => {
                let (id, actor) = (self.referral(case, referral)?, self.caseworker(case));
                let answer = Outgoing::note(weighted(&mut self.rng, ANSWERS).to_owned(), Vec::new());
                self.write(at, &actor, |tx| referrals::read_notes(tx, id))?;
                self.write(at, &actor, |tx| referrals::give_information(tx, id, &answer))?;
            }
            Step::Say(case, referral) => {
                let (id, actor) = (self.referral(case, referral)?, self.caseworker(case));
                let message = Outgoing::note(SAID.to_owned(), Vec::new());
                self.write(at, &actor, |tx| referrals::write(tx, id, Some(Side::Referrer), &message))?;
            }
            Step::Accept(case, referral) => self.accept(at, case, referral)?,
            Step::Deny(case, referral) => {
                let id = self.referral(case, referral)?;
                let (side, reasons) = self.cases[case].referrals[referral].denial.clone().ok_or_else(missing)?;
                let actor = match side {
                    Side::Provider => self.provider_of(case, referral),
                    Side::Referrer => self.caseworker(case),
                };
                self.write(at, &actor, |tx| referrals::read_notes(tx, id))?;
                self.write(at, &actor, |tx| referrals::end_without_place(tx, id, side, &reasons, None))?;
            }
            Step::NoShow(case, referral) => {
                let stay = self.known[case].stay.ok_or_else(missing)?;
                let (_, reasons) = self.cases[case].referrals[referral].denial.clone().ok_or_else(missing)?;
                let actor = self.provider_of(case, referral);
                self.write(at, &actor, |tx| placements::do_not_arrive(tx, stay, &reasons))?;
            }
            Step::Arrive(case) => {
                let (stay, actor) = self.stay(case)?;
                self.write(at, &actor, |tx| placements::arrive(tx, stay, None))?;
                if case % 3 == 0 {
                    self.support(at, case, stay, &actor)?;
                }
            }
            Step::Extend(case, day) => {
                let (stay, actor) = self.stay(case)?;
                self.write(at, &actor, |tx| placements::extend(tx, stay, day))?;
            }
            Step::Depart(case) => {
                let (stay, actor) = self.stay(case)?;
                let mut departure = self.cases[case].departure.clone().ok_or_else(missing)?;
                departure.move_on_timely = (departure.kind == DepartureKind::Planned).then_some(case % 4 != 0);
                if case % 2 == 0 {
                    let said = said(case, at);
                    self.write(at, &actor, |tx| outcomes::put(tx, stay, 0, said))?;
                }
                self.write(at, &actor, |tx| placements::depart(tx, stay, &departure))?;
            }
            Step::Close(case) => {
                let (id, actor) = (self.known[case].id.ok_or_else(missing)?, self.caseworker(case));
                let closing = self.cases[case].closing.clone().ok_or_else(missing)?;
                let looked = self.look(at, &actor, id, None)?;
                self.write(at, &actor, |tx| cases::close(tx, id, &closing, &looked))?;
            }
        }
        Ok(())
    }

    /// What each person is given from the first day on.
    fn support(&mut self, at: At, case: usize, stay: OccupancyId, actor: &Actor) -> Result<(), AppError> {
        let members = self.cases[case].household.needs.members.clone();
        for (member, person) in members.iter().zip(1..) {
            let kind = if member.role == MemberRole::Child { "childrens_support" } else { "advocacy" };
            let new = support::New { person, support_type: kind.into(), from_on: None, until_on: None };
            self.write(at, actor, |tx| support::record(tx, stay, &new))?;
        }
        Ok(())
    }

    fn open(&mut self, at: At, case: usize) -> Result<(), AppError> {
        let household = &self.cases[case].household;
        let mut needs = household.needs.clone();
        needs.unsafe_areas.clear(); // until they have been gone through, there is only what the service proposes
        let new = cases::New {
            referral_source: household.source.into(),
            origin_area: household.origin.map(str::to_owned),
            identity: Some(identity(&mut self.rng, &needs, at.date())),
            needs,
        };
        let opened = self.write(at, &self.caseworker(case), |tx| cases::open(tx, &new))?;
        self.known[case] = Known { id: Some(opened.id), version: opened.version, ..Known::default() };
        Ok(())
    }

    fn settle(&mut self, at: At, case: usize) -> Result<(), AppError> {
        let id = self.known[case].id.ok_or_else(missing)?;
        let areas = serde_json::to_value(&self.cases[case].household.needs.unsafe_areas).map_err(AppError::internal)?;
        let needs: Map<String, Value> = [("unsafe_areas".to_owned(), areas)].into_iter().collect();
        let edit = cases::Edit { needs, ..cases::Edit::default() };
        let version = self.known[case].version;
        self.write(at, &self.caseworker(case), |tx| cases::edit(tx, id, version, &edit))?;
        Ok(())
    }

    fn send(&mut self, at: At, case: usize, referral: usize) -> Result<(), AppError> {
        let id = self.known[case].id.ok_or_else(missing)?;
        let (to, hold) = match self.cases[case].referrals[referral].to {
            Target::Home(home) => (To::Vacancy(self.vacancies[home].ok_or_else(missing)?), true),
            Target::Scheme(scheme) => (To::Service(self.provided.schemes[scheme].id), false),
        };
        let note = weighted(&mut self.rng, NOTES).map(|note| Outgoing::note(note.to_owned(), Vec::new()));
        let new = New { to, hold, agreed_with_provider: false, note };
        let vacancy = match new.to {
            To::Vacancy(vacancy) => Some(vacancy),
            To::Service(_) => None,
        };
        let actor = self.caseworker(case);
        let looked = self.look(at, &actor, id, vacancy)?;
        let sent = self.write(at, &actor, |tx| referrals::send(tx, id, &new, &looked))?;
        let referrals = &mut self.known[case].referrals;
        referrals.resize(referrals.len().max(referral + 1), None);
        referrals[referral] = Some(sent.id);
        Ok(())
    }

    fn accept(&mut self, at: At, case: usize, referral: usize) -> Result<(), AppError> {
        let id = self.referral(case, referral)?;
        let expected_end = self.cases[case].referrals[referral].expected_end;
        let acceptance = Acceptance { unit: None, expected_on: None, expected_end };
        let actor = self.provider_of(case, referral);
        self.write(at, &actor, |tx| referrals::read_notes(tx, id))?;
        let (_, stay) = self.write(at, &actor, |tx| referrals::accept(tx, id, &acceptance))?;
        self.known[case].stay = Some(stay.id);
        if let Target::Home(home) = self.cases[case].referrals[referral].to {
            self.vacancies[home] = None;
        }
        Ok(())
    }

    fn look(&mut self, at: At, actor: &Actor, id: CaseId, held: Option<VacancyId>) -> Result<Looked, AppError> {
        searches::look(self.history.conn(), actor, id, held, at, Policy::default())
    }

    fn write<T>(
        &mut self,
        at: At,
        actor: &Actor,
        verb: impl FnOnce(&mut Tx) -> Result<Change<T>, AppError>,
    ) -> Result<T, AppError> {
        self.history.write(at, actor, verb)
    }

    fn referral(&self, case: usize, referral: usize) -> Result<ReferralId, AppError> {
        self.known[case].referrals.get(referral).copied().flatten().ok_or_else(missing)
    }

    /// A stay, and who looks after it.
    fn stay(&self, case: usize) -> Result<(OccupancyId, Actor), AppError> {
        let accepted = self.cases[case].referrals.iter().find_map(|referral| match referral.to {
            Target::Home(home) if referral.denial.is_none() => Some(home),
            _ => None,
        });
        let stay = self.known[case].stay.zip(accepted).ok_or_else(missing)?;
        Ok((stay.0, self.worker_of(stay.1)))
    }

    fn caseworker(&self, case: usize) -> Actor {
        again(&self.provided.caseworkers[self.cases[case].worker])
    }

    fn worker_of(&self, home: usize) -> Actor {
        let scheme = self.provided.homes[home].scheme;
        again(&self.provided.providers[self.provided.schemes[scheme].provider].worker)
    }

    fn provider_of(&self, case: usize, referral: usize) -> Actor {
        let scheme = match self.cases[case].referrals[referral].to {
            Target::Home(home) => self.provided.homes[home].scheme,
            Target::Scheme(scheme) => scheme,
        };
        again(&self.provided.providers[self.provided.schemes[scheme].provider].worker)
    }
}
