//! A referral as each side sees it. What a provider sees, and when, is decided by `domain::referral::sight`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions;
use crate::actions::public_name;
use crate::audit::Change;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::referrals::{Seen, Side, Talk};
use crate::domain::household::{
    AccessNeed, AdditionalNeed, Answer, Concession, Funding, Member, Needs, PastHarm, Pet, RiskBand, StayNeeded,
};
use crate::domain::reason::DecidedBy;
use crate::domain::referral::State;
use crate::domain::referral::clock::{Patience, waiting};
use crate::domain::referral::sight::{Group, Sight, Stage};
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId, OrganisationId, ReferralId, ServiceId, UnitId, VacancyId};

/// A request from a case to one service.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Referral {
    pub id: ReferralId,
    /// To be read over the telephone.
    pub reference: String,
    pub state: State,
    pub service_id: ServiceId,
    pub service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vacancy_id: Option<VacancyId>,
    /// The home that is held or given. Said to the referrer once the referral is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_id: Option<UnitId>,
    /// Said to the referrer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
    /// Said to the referrer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<OccupancyId>,
    /// The stay that it led to. Said to the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement_id: Option<OccupancyId>,
    pub sent_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<DecidedBy>,
    #[serde(default)]
    pub secondary_reasons: Vec<String>,
    /// Until when the referrer may read the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_released_until: Option<At>,
    /// Who has to move, while it waits for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<Side>,
    /// Since when it is their turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<At>,
    /// When the service is to have answered, without the time in which it waited for the referrer. Absent while it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_due_at: Option<At>,
    /// Whether the service is late.
    #[serde(default)]
    pub overdue: bool,
    /// How many messages of the other side nobody of yours has read.
    #[serde(default)]
    pub unread: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message_at: Option<At>,
    /// Of the last message: who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message_from: Option<Side>,
    /// How great the risk of serious harm is. Said to the provider: only the band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskBand>,
    /// What the provider has to know to decide; no names, no places. Absent when there is nothing left to decide: see
    /// `docs/what-a-provider-sees.md`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household: Option<Household>,
    pub version: i32,
}

/// What a referral is told by, beside its own row.
#[derive(Debug, Clone, Copy)]
pub struct By {
    pub now: At,
    pub patience: Patience,
}

/// A household as a provider sees it before it has accepted: nothing that says who they are or where they cannot be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Household {
    pub members: Vec<Member>,
    /// Whether `members` is everybody who needs the place.
    pub complete: Answer,
    pub pregnant: Answer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pets: Option<Vec<Pet>>,
    pub access_need: AccessNeed,
    pub additional_needs: Vec<AdditionalNeed>,
    /// Absent while nobody has asked; empty when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_to_others: Option<Vec<PastHarm>>,
    pub asked_to_leave_before: Answer,
    pub bail_or_probation: Answer,
    pub interpreter: Answer,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpreter_language: Option<String>,
    pub recourse_to_public_funds: Answer,
    pub concession: Concession,
    pub funding: Funding,
    /// Only the band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskBand>,
    /// Whether they would share a kitchen or a bathroom with others.
    pub shared_living: Answer,
    pub quiet_home: Answer,
    pub stay_needed: StayNeeded,
    /// Whether the service lies where the household is not safe: yes or no, and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsafe_area: Option<bool>,
}

impl Household {
    /// As much of it as is seen at this stage; none when nothing is.
    fn at(stage: Stage, needs: Needs, unsafe_area: bool) -> Option<Self> {
        use Group::{Members, Pets, Risk, UnsafeArea};
        let groups = [Members, Group::Needs, Pets, Risk, UnsafeArea];
        if !groups.into_iter().any(|group| stage.shows(group)) {
            return None;
        }
        let told = if stage.shows(Group::Needs) { needs.clone() } else { Needs::default() };
        let mut household = Self::of(told, stage.shows(UnsafeArea).then_some(unsafe_area));
        household.risk = needs.risk.band().filter(|_| stage.shows(Risk));
        household.pets = needs.pets.filter(|_| stage.shows(Pets));
        let (members, complete, pregnant) = (needs.members, needs.household_complete, needs.pregnant);
        (household.members, household.complete, household.pregnant) =
            if stage.shows(Members) { (members, complete, pregnant) } else { Default::default() };
        Some(household)
    }

    fn of(needs: Needs, unsafe_area: Option<bool>) -> Self {
        Self {
            risk: needs.risk.band(),
            members: needs.members,
            complete: needs.household_complete,
            pregnant: needs.pregnant,
            pets: needs.pets,
            access_need: needs.access_need,
            additional_needs: needs.additional_needs,
            risk_to_others: needs.risk_to_others,
            asked_to_leave_before: needs.asked_to_leave_before,
            bail_or_probation: needs.bail_or_probation,
            interpreter: if needs.interpreter_language.is_some() { Answer::Yes } else { needs.interpreter },
            interpreter_language: needs.interpreter_language,
            recourse_to_public_funds: needs.recourse_to_public_funds,
            concession: needs.concession,
            funding: needs.funding,
            shared_living: needs.shared_living,
            quiet_home: needs.quiet_home,
            stay_needed: needs.stay_needed,
            unsafe_area,
        }
    }
}

impl Referral {
    /// Referrals as their reader sees them in a list, with what is going on in each.
    ///
    /// # Errors
    /// When the database fails.
    pub fn all(conn: &mut db::Conn, actor: &Actor, seen: Vec<Seen>, by: By) -> Result<Vec<Self>, AppError> {
        let ids: Vec<ReferralId> = seen.iter().map(|seen| seen.referral.id).collect();
        let mut talks = db::referrals::talk(conn, &ids)?;
        let left = db::referrals::left_at(conn, &ids)?;
        let one = |seen: Seen| {
            let sides = seen.sides(actor);
            let talk = talks.remove(&seen.referral.id).unwrap_or_default();
            Self::seen(seen, &sides, actor.organisation, &talk, &left, by)
        };
        Ok(seen.into_iter().map(one).collect())
    }

    fn seen(
        seen: Seen,
        sides: &[Side],
        own: OrganisationId,
        talk: &Talk,
        left: &BTreeMap<ReferralId, At>,
        by: By,
    ) -> Self {
        let Seen { referral: row, provider, service_name, needs, .. } = seen;
        let (referrer, provider_side) = (sides.contains(&Side::Referrer), sides.contains(&Side::Provider));
        let accepted = matches!(row.state, State::Accepted | State::Placed);
        let confidential = !(provider == own || accepted);
        let stage = Stage::of(row.state, row.ended_at, left.get(&row.id).copied(), by.now);
        let shown = |group: Group| referrer || provider_side && stage.shows(group);
        let waits = waiting(row.state, row.sent_at, &talk.written(), by.patience, by.now);
        // What cannot be read any more does not wait to be read.
        let readable = referrer || stage.sight(Group::Messages) == Sight::Yes;
        let last = talk.0.last().map(|(written, _)| *written).filter(|_| readable);
        Self {
            id: row.id,
            reference: row.reference,
            state: row.state,
            service_id: row.service_id,
            service: public_name(&service_name.name, service_name.confidential && confidential, false).to_owned(),
            vacancy_id: row.vacancy_id,
            unit_id: row.unit_id.filter(|_| provider_side || accepted),
            case_id: referrer.then_some(row.case_id),
            hold_id: row.hold_id.filter(|_| referrer),
            placement_id: None,
            sent_at: row.sent_at,
            decided_at: row.decided_at,
            ended_at: row.ended_at,
            primary_reason: row.primary_reason.filter(|_| shown(Group::WhyEnded)),
            decided_by: row.decided_by.filter(|_| shown(Group::WhyEnded)),
            secondary_reasons: Vec::new(),
            address_released_until: row.address_until,
            waiting_for: waits.map(|waits| waits.waiting_for),
            waiting_since: waits.map(|waits| waits.since),
            answer_due_at: waits.and_then(|waits| waits.answer_due_at),
            overdue: waits.is_some_and(|waits| waits.late(by.now).is_some()),
            unread: if readable { talk.unread(sides) } else { 0 },
            last_message_at: last.map(|last| last.at),
            last_message_from: last.map(|last| last.side),
            risk: needs.risk.band().filter(|_| provider_side && stage.shows(Group::Risk)),
            household: None,
            version: row.version,
        }
    }

    /// With everything that a reader of one referral sees, and a reader of a list does not; and from which sides.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn whole(conn: &mut db::Conn, actor: &Actor, id: ReferralId, by: By) -> Result<(Self, Vec<Side>), AppError> {
        let (seen, sides) = db::referrals::find_for(conn, actor, id)?;
        let provider = sides.contains(&Side::Provider);
        let stage = actions::referrals::stage_at(conn, &seen.referral, by.now)?;
        let household = if provider {
            let clash = actions::matching::clashes(conn, &seen.needs, seen.referral.service_id)?;
            Household::at(stage, seen.needs.clone(), clash)
        } else {
            None
        };
        let placement = db::placements::of_referral(conn, id)?.filter(|_| provider);
        let mut referral = Self::all(conn, actor, vec![seen], by)?.pop().ok_or(AppError::NotFound)?;
        if referral.primary_reason.is_some() {
            referral.secondary_reasons = db::referrals::secondary_reasons(conn, id)?;
        }
        referral.placement_id = placement.map(|placement| placement.id);
        referral.household = household;
        Ok((referral, sides))
    }
}

/// A change of a referral, with the referral as its reader sees it.
pub fn told<T>(tx: &mut db::Tx, id: ReferralId, change: Change<T>) -> Result<Change<Referral>, AppError> {
    let (actor, by) = (tx.actor().clone(), By { now: tx.now(), patience: tx.policy().patience });
    let (referral, _) = Referral::whole(tx, &actor, id, by)?;
    Ok(change.map(|_| referral))
}
