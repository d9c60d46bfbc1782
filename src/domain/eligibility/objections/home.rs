//! Beds, access, pets, and what the household said about homes and areas.

use super::{Finding, Obstacle, Reasons, small};
use crate::domain::eligibility::rule::Policy;
use crate::domain::eligibility::{Household, Nearness, Question};
use crate::domain::household::{AccessNeed, Answer};
use crate::domain::provision::{UnitFacts, Wheelchair};

impl Household {
    pub(super) fn size(&self, unit: &UnitFacts, found: &mut Reasons) {
        let (obstacle, beds) = (Obstacle::HouseholdSize, unit.bed_spaces);
        let at_least = self.people - (self.infants + self.children_of_unknown_age).min(unit.cots);
        if at_least > beds {
            let more = self.more_people.is_some();
            return found.refuse(obstacle, Finding::TooFewBeds { people: small(at_least), beds: small(beds), more });
        }
        if self.spare_beds(unit) < 0 {
            found.ask(obstacle, Question::ChildAge, Finding::OnlyWithACot);
        }
        found.ask_for_more_people(obstacle, self.more_people);
    }

    pub(super) fn access(&self, unit: &UnitFacts, found: &mut Reasons) {
        let obstacle = Obstacle::Access;
        let ground_floor = unit.floor == 0;
        let needed = match self.access_need {
            AccessNeed::None => return,
            AccessNeed::Unknown => {
                if !(ground_floor && unit.step_free && unit.wheelchair == Wheelchair::Full) {
                    found.ask(obstacle, Question::AccessNeed, Finding::AccessNotTold);
                }
                return;
            }
            AccessNeed::GroundFloor if ground_floor => return,
            AccessNeed::GroundFloor if unit.step_free => return found.discuss(obstacle, Finding::UpstairsWithALift),
            AccessNeed::GroundFloor => return found.refuse(obstacle, Finding::Upstairs),
            AccessNeed::LevelAccess if unit.step_free => return,
            AccessNeed::LevelAccess => return found.refuse(obstacle, Finding::Steps),
            AccessNeed::WheelchairToEssentialRooms => Wheelchair::EssentialRooms,
            AccessNeed::FullyWheelchairAccessible => Wheelchair::Full,
        };
        if unit.wheelchair >= needed {
            if !unit.step_free {
                found.discuss(obstacle, Finding::StepsBeforeAWheelchairHome);
            }
            return;
        }
        let finding = match unit.wheelchair {
            Wheelchair::None => Finding::NoWheelchair,
            _ => Finding::WheelchairInSomeRooms,
        };
        found.refuse(obstacle, finding);
    }

    pub(super) fn pets(&self, policy: Policy, unit: &UnitFacts, found: &mut Reasons) {
        let obstacle = Obstacle::Pets;
        if policy == Policy::Accepted && unit.pets {
            return;
        }
        match (self.pets, policy) {
            (Answer::Unknown, _) => found.ask(obstacle, Question::Pets, Finding::PetsNotTold),
            (Answer::No, _) => {}
            (Answer::Yes, Policy::Accepted) => found.discuss(obstacle, Finding::PetsElsewhere),
            (Answer::Yes, policy) => found.by(policy, obstacle, |taken| Finding::Pets { taken, here: unit.pets }),
        }
    }

    /// What the household itself said. A wish that nobody has told is none, and is not asked for.
    pub(super) fn wishes(&self, unit: &UnitFacts, nearness: Nearness, found: &mut Reasons) {
        if nearness.too_far {
            found.refuse(Obstacle::TooFar, Finding::TooFar);
        }
        if nearness.out_of_reach {
            found.discuss(Obstacle::Travel, Finding::OutOfReach);
        }
        if self.shared_living == Answer::No && !unit.self_contained() {
            found.refuse(Obstacle::SharedLiving, Finding::NotShared);
        }
    }

    pub(super) fn communal(&self, found: &mut Reasons) {
        if self.shared_living == Answer::No {
            found.refuse(Obstacle::SharedLiving, Finding::NotShared);
        } else if self.quiet_home == Answer::Yes {
            found.discuss(Obstacle::SharedLiving, Finding::MayBeLoud);
        }
    }

    pub(super) fn stay(&self, max_nights: u16, found: &mut Reasons) {
        use crate::domain::household::StayNeeded;
        let obstacle = Obstacle::StayLimit;
        match (self.stay_needed, self.stay_needed.nights()) {
            (StayNeeded::Unknown, _) => {
                found.ask(obstacle, Question::StayNeeded, Finding::StayNotTold { nights: max_nights });
            }
            (_, Some(nights)) if nights <= max_nights => {}
            _ => found.refuse(obstacle, Finding::StayTooLong { nights: max_nights }),
        }
    }
}
