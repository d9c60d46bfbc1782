//! A referral as each side sees it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions;
use crate::actions::public_name;
use crate::audit::Change;
use crate::auth::Actor;
use crate::clock::At;
use crate::db;
use crate::db::referrals::{Seen, Side};
use crate::domain::household::{
    AccessNeed, AdditionalNeed, Answer, Concession, Funding, Member, Needs, PastHarm, Pet, RiskBand, StayNeeded,
};
use crate::domain::reason::DecidedBy;
use crate::domain::referral::State;
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
    /// What the provider has to know to decide; no names, no places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household: Option<Household>,
    pub version: i32,
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
    pub unsafe_area: bool,
}

impl Household {
    fn of(needs: Needs, unsafe_area: bool) -> Self {
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
    pub fn seen(seen: Seen, sides: &[Side], own: OrganisationId) -> Self {
        let Seen { referral: row, provider, service_name, .. } = seen;
        let (referrer, provider_side) = (sides.contains(&Side::Referrer), sides.contains(&Side::Provider));
        let accepted = matches!(row.state, State::Accepted | State::Placed);
        let confidential = !(provider == own || accepted);
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
            primary_reason: row.primary_reason,
            decided_by: row.decided_by,
            secondary_reasons: Vec::new(),
            address_released_until: row.address_until,
            household: None,
            version: row.version,
        }
    }

    /// With everything that a reader of one referral sees, and a reader of a list does not.
    pub fn whole(conn: &mut db::Conn, actor: &Actor, id: ReferralId) -> Result<Self, AppError> {
        let (seen, sides) = db::referrals::find_for(conn, actor, id)?;
        let provider = sides.contains(&Side::Provider);
        let household = if provider {
            let case = actions::referrals::case_of(conn, &seen)?;
            let clash = actions::matching::clashes(conn, &case.needs, seen.referral.service_id)?;
            Some(Household::of(case.needs, clash))
        } else {
            None
        };
        let placement = db::placements::of_referral(conn, id)?.filter(|_| provider);
        let mut referral = Self::seen(seen, &sides, actor.organisation);
        referral.secondary_reasons = db::referrals::secondary_reasons(conn, id)?;
        referral.placement_id = placement.map(|placement| placement.id);
        referral.household = household;
        Ok(referral)
    }
}

/// A change of a referral, with the referral as its reader sees it.
pub fn told<T>(tx: &mut db::Tx, id: ReferralId, change: Change<T>) -> Result<Change<Referral>, AppError> {
    let actor = tx.actor().clone();
    let referral = Referral::whole(tx, &actor, id)?;
    Ok(change.map(|_| referral))
}
