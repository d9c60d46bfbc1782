//! The rules that a provider sets, and what a search can filter by.

use std::mem::discriminant;

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ClientGroup;
use super::Verdict;
use crate::domain::household::{Funding, HarmKind, Level, Sex};
use crate::domain::words;

words! {
    /// Whether a service takes something.
    Policy { Accepted = "accepted", Discuss = "discuss", NotAccepted = "not_accepted" }
}

words! {
    /// Whether a service takes a household with no recourse to public funds. Case by case means that there is no
    /// blanket policy.
    Nrpf { Yes = "yes", CaseByCase = "case_by_case", No = "no" }
}

words! {
    /// What happens to a household that does not fit: it is not taken; the service wants to talk first; or those who fit
    /// only come first.
    #[derive(Default)]
    Strength {
        #[default]
        Exclude = "exclude",
        Discuss = "discuss",
        Prefer = "prefer",
    }
}

words! {
    /// A need for support of which a service can meet so much.
    SupportNeed {
        MentalHealth = "mental_health",
        Drugs = "drugs",
        Alcohol = "alcohol",
        PhysicalHealth = "physical_health",
        LearningDisability = "learning_disability",
    }
}

/// Up to which age, in whole years, male children are taken. "14 to 16" is accepted to 14, and 15 and 16 are discussed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct AgeLimit {
    #[garde(range(max = 18))]
    #[schema(maximum = 18)]
    pub accepted_to: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(max = 18)))]
    #[schema(maximum = 18)]
    pub discuss_to: Option<u8>,
}

impl AgeLimit {
    /// The age above which no male child is taken.
    pub(super) fn highest(self) -> u8 {
        self.discuss_to.map_or(self.accepted_to, |discuss_to| discuss_to.max(self.accepted_to))
    }

    /// What the limit makes of a male child of this age.
    pub(super) fn effect(self, age: u8) -> Verdict {
        if age <= self.accepted_to {
            Verdict::Suitable
        } else if age <= self.highest() {
            Verdict::Discuss
        } else {
            Verdict::NotSuitable
        }
    }
}

/// What a rule asks of a household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub enum Condition {
    /// Which survivors are taken. For trans people their own policy stands in place of the sexes.
    SurvivorSex {
        #[garde(length(min = 1, max = 4))]
        #[schema(min_items = 1, max_items = 4)]
        accepts: Vec<Sex>,
        trans_people: Policy,
    },
    /// In whole years, both ends included.
    SurvivorAge {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[garde(inner(range(max = 120)))]
        #[schema(maximum = 120)]
        min: Option<u8>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[garde(inner(range(max = 120)))]
        #[schema(maximum = 120)]
        max: Option<u8>,
    },
    /// Where households share anything, every adult is of this sex. (Part 7 of the Equality Act 2010 allows it.)
    SingleSex {
        sex: Sex,
    },
    /// Everybody in the household counts, of any age.
    LargestFamily {
        #[garde(range(min = 1, max = 20))]
        #[schema(minimum = 1, maximum = 20)]
        people: u8,
    },
    MaxChildren {
        #[garde(range(max = 20))]
        #[schema(maximum = 20)]
        children: u8,
    },
    /// By the layout of the unit; absent is no limit.
    MaleChildAge {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[garde(dive)]
        shared: Option<AgeLimit>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[garde(dive)]
        self_contained: Option<AgeLimit>,
    },
    /// Children of compulsory school age: 5 to 15.
    SchoolAgeChildren {
        policy: Policy,
    },
    AdultDependants {
        policy: Policy,
    },
    Pregnancy {
        policy: Policy,
    },
    /// A service that takes pets does so in the units that take pets.
    Pets {
        policy: Policy,
    },
    /// Up to which level a need for support can be met.
    SupportNeed {
        need: SupportNeed,
        up_to: Level,
    },
    /// Harm done to others. What is longer ago than `within_years` is talked about at most.
    RiskToOthers {
        harm: HarmKind,
        policy: Policy,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[garde(inner(range(min = 1, max = 80)))]
        #[schema(minimum = 1, maximum = 80)]
        within_years: Option<u8>,
    },
    /// Somebody who had to leave a refuge before.
    PreviousEviction {
        policy: Policy,
    },
    BailOrProbation {
        policy: Policy,
    },
    /// What happens when an interpreter is needed for a language that is not among those spoken here.
    Languages {
        #[garde(length(max = 40), inner(length(chars, min = 1, max = 60)))]
        #[schema(max_items = 40)]
        spoken: Vec<String>,
        others: Policy,
    },
    /// Ways in which a household may come, by their codes in the list `referral_source`.
    ReferralRoutes {
        #[garde(length(min = 1, max = 40))]
        #[schema(min_items = 1, max_items = 40)]
        accepts: Vec<String>,
    },
    Nrpf {
        policy: Nrpf,
    },
    /// By their codes in the list `immigration_status`.
    ImmigrationStatus {
        #[garde(length(min = 1, max = 40))]
        #[schema(min_items = 1, max_items = 40)]
        accepts: Vec<String>,
    },
    /// Employment that does not work here, mostly for the rent, by its codes in the list `employment`.
    Employment {
        #[garde(length(min = 1, max = 20))]
        #[schema(min_items = 1, max_items = 20)]
        not_accepted: Vec<String>,
    },
    /// Ways of paying that do not work here.
    Funding {
        #[garde(length(min = 1, max = 5))]
        #[schema(min_items = 1, max_items = 5)]
        not_accepted: Vec<Funding>,
    },
    /// A specialist service for one group.
    ClientGroup {
        serves: ClientGroup,
    },
    /// How long a stay may be, in nights.
    StayLimit {
        #[garde(range(min = 1, max = 3_660))]
        #[schema(minimum = 1, maximum = 3660)]
        max_nights: u16,
    },
    /// Life is shared here: rooms, meals, the garden.
    CommunalLiving {},
}

/// One rule that a provider sets for the households it can take. Where there is no rule, there is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rule {
    #[serde(flatten)]
    pub condition: Condition,
    /// Where the condition has a policy, the milder of the two counts.
    #[serde(default)]
    pub strength: Strength,
    /// The first day on which it counts; from the start unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<NaiveDate>,
    /// The last day on which it counts, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<NaiveDate>,
}

/// By hand, because the fields of the condition are written as those of the rule: an error names them so.
impl Validate for Rule {
    type Context = ();

    fn validate_into(&self, (): &(), parent: &mut dyn FnMut() -> garde::Path, report: &mut garde::Report) {
        self.condition.validate_into(&(), parent, report);
    }
}

impl From<Condition> for Rule {
    fn from(condition: Condition) -> Self {
        Self { condition, strength: Strength::Exclude, effective_from: None, effective_to: None }
    }
}

/// Rules that are written and stored together: those of one organisation, service, unit or vacancy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub struct Rules(#[garde(length(max = 60), dive)] pub Vec<Rule>);

impl Condition {
    /// Whether a set of rules can have only one of the two.
    pub(super) fn is_of_one_kind_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::ClientGroup { serves: one }, Self::ClientGroup { serves: two }) => one == two,
            (Self::SupportNeed { need: one, .. }, Self::SupportNeed { need: two, .. }) => one == two,
            (Self::RiskToOthers { harm: one, .. }, Self::RiskToOthers { harm: two, .. }) => one == two,
            (Self::Funding { not_accepted: one }, Self::Funding { not_accepted: two }) => {
                one.iter().any(|way| two.contains(way))
            }
            (Self::Employment { not_accepted: one }, Self::Employment { not_accepted: two }) => {
                one.iter().any(|way| two.contains(way))
            }
            _ => discriminant(self) == discriminant(other),
        }
    }

    /// What is left of it where a narrower rule stands in its place: mostly nothing.
    pub(super) fn beside(self, narrower: &Self) -> Option<Self> {
        match (self, narrower) {
            (condition, narrower) if !condition.is_of_one_kind_with(narrower) => Some(condition),
            (Self::Funding { mut not_accepted }, Self::Funding { not_accepted: taken }) => {
                not_accepted.retain(|way| !taken.contains(way));
                (!not_accepted.is_empty()).then_some(Self::Funding { not_accepted })
            }
            (Self::Employment { mut not_accepted }, Self::Employment { not_accepted: taken }) => {
                not_accepted.retain(|employment| !taken.contains(employment));
                (!not_accepted.is_empty()).then_some(Self::Employment { not_accepted })
            }
            _ => None,
        }
    }

    /// What the rule is about, for a message about it.
    fn subject(&self) -> &'static str {
        match self {
            Self::SurvivorSex { .. } => "which survivors are taken",
            Self::SurvivorAge { .. } => "the age of the survivor",
            Self::SingleSex { .. } => "one sex where rooms are shared",
            Self::LargestFamily { .. } => "the largest family",
            Self::MaxChildren { .. } => "the number of children",
            Self::MaleChildAge { .. } => "the age of male children",
            Self::SchoolAgeChildren { .. } => "children of school age",
            Self::AdultDependants { .. } => "adult dependants",
            Self::Pregnancy { .. } => "pregnancy",
            Self::Pets { .. } => "pets",
            Self::SupportNeed { .. } => "the same need for support",
            Self::RiskToOthers { .. } => "the same harm to others",
            Self::PreviousEviction { .. } => "people who had to leave a refuge before",
            Self::BailOrProbation { .. } => "bail or probation",
            Self::Languages { .. } => "languages",
            Self::ReferralRoutes { .. } => "referral routes",
            Self::Nrpf { .. } => "no recourse to public funds",
            Self::ImmigrationStatus { .. } => "immigration status",
            Self::Employment { .. } => "the same employment",
            Self::Funding { .. } => "the same way of paying",
            Self::ClientGroup { .. } => "the same group of people",
            Self::StayLimit { .. } => "the length of a stay",
            Self::CommunalLiving {} => "communal living",
        }
    }

    fn contradicts_itself(&self) -> Option<&'static str> {
        let upside_down = |limit: &AgeLimit| limit.discuss_to.is_some_and(|discuss_to| discuss_to < limit.accepted_to);
        match self {
            Self::SurvivorSex { accepts, .. } if !accepts.iter().any(|sex| matches!(sex, Sex::Female | Sex::Male)) => {
                Some("Say at least one sex that is taken")
            }
            Self::SurvivorAge { min: Some(min), max: Some(max) } if min > max => {
                Some("The lowest age is above the highest age")
            }
            Self::SingleSex { sex } if !matches!(sex, Sex::Female | Sex::Male) => Some("Say women or men"),
            Self::MaleChildAge { shared, self_contained } if shared.iter().chain(self_contained).any(upside_down) => {
                Some("The age up to which people talk first is below the age that is taken")
            }
            Self::SupportNeed { up_to: Level::Unknown, .. } => Some("Say up to which level the need can be met"),
            _ => None,
        }
    }
}

impl Rule {
    /// Whether it counts on a day.
    pub fn counts_on(&self, day: NaiveDate) -> bool {
        self.effective_from.is_none_or(|from| from <= day) && self.effective_to.is_none_or(|to| day <= to)
    }

    fn contradicts_itself(&self) -> Option<&'static str> {
        match (self.effective_from, self.effective_to) {
            (Some(from), Some(to)) if to < from => Some("The last day is before the first"),
            _ => self.condition.contradicts_itself(),
        }
    }

    fn ever_together_with(&self, other: &Self) -> bool {
        let starts_after =
            |one: &Self, two: &Self| one.effective_from.zip(two.effective_to).is_some_and(|(from, to)| from > to);
        !starts_after(self, other) && !starts_after(other, self)
    }
}

/// What cannot stand together in one set of rules: the index of the rule at fault, and a plain message.
pub fn contradictions(rules: &[Rule]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        found.extend(rule.contradicts_itself().map(|message| (index, message.to_owned())));
        let twice =
            |earlier: &Rule| earlier.condition.is_of_one_kind_with(&rule.condition) && earlier.ever_together_with(rule);
        if rules[..index].iter().any(twice) {
            found.push((index, format!("There is already a rule about {}", rule.condition.subject())));
        }
    }
    found
}

/// What a search can filter services by, derived from their rules. Where rules differ, the stricter counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Summary {
    pub takes_men: bool,
    pub takes_women: bool,
    /// Also when the service wants to talk about it first.
    pub takes_pets: bool,
    pub nrpf: Nrpf,
    /// In people; absent is no limit.
    pub largest_family: Option<i32>,
    /// Absent is no limit.
    pub max_children: Option<i32>,
}

impl Summary {
    /// By the rules that count today and turn people away. A service without a rule about a thing takes it.
    pub fn of(rules: &[Rule], today: NaiveDate) -> Self {
        let stricter = |before: Option<i32>, limit: u8| before.into_iter().chain([i32::from(limit)]).min();
        let mut summary = Self {
            takes_men: true,
            takes_women: true,
            takes_pets: true,
            nrpf: Nrpf::Yes,
            largest_family: None,
            max_children: None,
        };
        for rule in rules.iter().filter(|rule| rule.strength == Strength::Exclude && rule.counts_on(today)) {
            match &rule.condition {
                Condition::SurvivorSex { accepts, .. } => {
                    summary.takes_men &= accepts.contains(&Sex::Male);
                    summary.takes_women &= accepts.contains(&Sex::Female);
                }
                Condition::Pets { policy } => summary.takes_pets &= *policy != Policy::NotAccepted,
                Condition::Nrpf { policy } => summary.nrpf = summary.nrpf.max(*policy),
                Condition::LargestFamily { people } => {
                    summary.largest_family = stricter(summary.largest_family, *people);
                }
                Condition::MaxChildren { children } => summary.max_children = stricter(summary.max_children, *children),
                _ => {}
            }
        }
        summary
    }
}

#[cfg(test)]
mod tests;
