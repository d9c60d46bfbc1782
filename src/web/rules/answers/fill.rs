//! A rule as the answers to its questions.

use super::{field, meant};
use crate::domain::eligibility::{AgeLimit, Condition, Rule};
use crate::web::form::Form;

/// With the answers that say this rule, but for its days.
pub fn answer(form: Form, rule: &Rule) -> Form {
    let strength = rule.strength;
    let policy = |form: Form, name: &str, word: &str| form.with(name, meant(word, strength));
    let strong = |form: Form, question: &str| form.with(&field(question, "strength"), strength.as_str());
    match &rule.condition {
        Condition::SurvivorSex { accepts, trans_people } => {
            let form = accepts.iter().fold(form, |form, sex| form.with("survivor_sex/accepts", sex.as_str()));
            strong(form.with("survivor_sex/trans_people", trans_people.as_str()), "survivor_sex")
        }
        Condition::SurvivorAge { min, max } => {
            let form = form.with_some("survivor_age/min", *min).with_some("survivor_age/max", *max);
            strong(any(form, "survivor_age", min.is_none() && max.is_none()), "survivor_age")
        }
        Condition::SingleSex { sex } => strong(form.with("single_sex", sex.as_str()), "single_sex"),
        Condition::LargestFamily { people } => strong(form.with("largest_family", people), "largest_family"),
        Condition::MaxChildren { children } => strong(form.with("max_children", children), "max_children"),
        Condition::MaleChildAge { shared, self_contained } => {
            let form = age_limit(age_limit(form, "shared", *shared), "self_contained", *self_contained);
            strong(any(form, "male_child_age", shared.is_none() && self_contained.is_none()), "male_child_age")
        }
        Condition::SchoolAgeChildren { policy: what } => policy(form, "school_age_children", what.as_str()),
        Condition::AdultDependants { policy: what } => policy(form, "adult_dependants", what.as_str()),
        Condition::Pregnancy { policy: what } => policy(form, "pregnancy", what.as_str()),
        Condition::Pets { policy: what } => policy(form, "pets", what.as_str()),
        Condition::SupportNeed { need, up_to } => {
            let name = field("support_need", need.as_str());
            strong(form.with(&name, up_to.as_str()), &name)
        }
        Condition::RiskToOthers { harm, policy: what, within_years } => {
            let name = field("risk_to_others", harm.as_str());
            policy(form, &name, what.as_str()).with_some(&field(&name, "within_years"), *within_years)
        }
        Condition::PreviousEviction { policy: what } => policy(form, "previous_eviction", what.as_str()),
        Condition::BailOrProbation { policy: what } => policy(form, "bail_or_probation", what.as_str()),
        Condition::Languages { spoken, others } => {
            policy(form.with("languages/spoken", spoken.join(", ")), "languages/others", others.as_str())
        }
        Condition::ReferralRoutes { accepts } => strong(ticked(form, "referral_routes", accepts), "referral_routes"),
        Condition::Nrpf { policy: what } => policy(form, "nrpf", what.as_str()),
        Condition::ImmigrationStatus { accepts } => {
            strong(ticked(form, "immigration_status", accepts), "immigration_status")
        }
        Condition::Employment { not_accepted } => {
            not_accepted.iter().fold(form, |form, code| form.with(&field("employment", code), strength.as_str()))
        }
        Condition::Funding { not_accepted } => {
            not_accepted.iter().fold(form, |form, way| form.with(&field("funding", way.as_str()), strength.as_str()))
        }
        Condition::ClientGroup { serves } => form.with(&field("client_group", serves.as_str()), strength.as_str()),
        Condition::StayLimit { max_nights } => strong(form.with("stay_limit", max_nights), "stay_limit"),
        Condition::CommunalLiving {} => form.with("communal_living", strength.as_str()),
    }
}

/// With the answer that comes to the same as no rule.
pub fn plain(form: Form, question: &str) -> Form {
    match question {
        "survivor_sex" => {
            let form = form.with("survivor_sex/accepts", "female").with("survivor_sex/accepts", "male");
            form.with("survivor_sex/trans_people", "accepted")
        }
        "nrpf" => form.with("nrpf", "yes"),
        _ => form.with(question, "accepted"),
    }
}

fn any(form: Form, question: &str, no_limit: bool) -> Form {
    if no_limit { form.with(&field(question, "any"), "yes") } else { form }
}

fn age_limit(form: Form, layout: &str, limit: Option<AgeLimit>) -> Form {
    let name = |part| format!("male_child_age/{layout}/{part}");
    form.with_some(&name("accepted_to"), limit.map(|limit| limit.accepted_to))
        .with_some(&name("discuss_to"), limit.and_then(|limit| limit.discuss_to))
}

fn ticked(form: Form, name: &str, codes: &[String]) -> Form {
    codes.iter().fold(form, |form, code| form.with(name, code))
}
