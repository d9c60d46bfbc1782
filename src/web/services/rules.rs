//! The rules by which a service takes households, as a form: one answer for each kind of rule.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;
use garde::Validate;

use super::words;
use crate::actions;
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::db::services::{RulesVersion, Service};
use crate::domain::eligibility::{
    AgeLimit, ClientGroup, Nrpf, Policy, Rule, Rules, Strength, contradictions,
};
use crate::domain::household::{Funding, Sex};
use crate::error::{AppError, Part};
use crate::ids::ServiceId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config.service(ask).service(change);
}

/// So many versions are listed.
const VERSIONS: i64 = 20;

/// One version of the rules, in words.
struct Version {
    number: i32,
    since: At,
    by: String,
    why: String,
    says: Vec<String>,
}

#[derive(Template)]
#[template(path = "services/rules.html")]
struct Ask<'a> {
    page: &'a Page,
    form: &'a Form,
    service: &'a Service,
    /// In force.
    now: Version,
    before: Vec<Version>,
    sexes: Vec<(&'static str, &'static str)>,
    /// Field and question.
    groups: Vec<(String, String)>,
    payers: Vec<(String, String)>,
}

async fn found(page: &Page, id: ServiceId) -> Result<(Service, Vec<(RulesVersion, String)>), AppError> {
    let owner = page.actor.organisation;
    page.app
        .db
        .read(&page.actor, move |conn| {
            let service = db::services::find_of(conn, owner, id)?;
            let versions = db::services::rules_history(conn, id, VERSIONS)?;
            let mut signed = Vec::new();
            for version in versions {
                // Whoever wrote them may belong to nobody's organisation: the demonstration, an administrator.
                let by = match db::accounts::find(conn, Some(owner), version.author_id) {
                    Ok(account) => account.name,
                    Err(AppError::NotFound) => "somebody outside your organisation".into(),
                    Err(error) => return Err(error),
                };
                signed.push((version, by));
            }
            Ok((service, signed))
        })
        .await
}

fn show(page: &Page, form: &Form, service: &Service, versions: Vec<(RulesVersion, String)>) -> Answer {
    let written = versions.into_iter().map(|(version, by)| Version {
        number: version.version,
        since: version.effective_from,
        by,
        why: version.reason,
        says: words::of_rules(&version.rules.0),
    });
    let (mut in_force, before): (Vec<_>, Vec<_>) =
        written.partition(|version| version.number == service.rules_version);
    let now = in_force.pop().ok_or(AppError::NotFound)?;
    let groups = ClientGroup::ALL
        .iter()
        .map(|group| (field("client_group", group.as_str()), format!("Is it for {}?", group.people())));
    let payers = Funding::ALL.iter().filter_map(|way| {
        let whom = words::payers(*way)?;
        Some((field("funding", way.as_str()), format!("Do you take {whom}?")))
    });
    let template = Ask {
        page,
        form,
        service,
        now,
        before,
        sexes: Sex::ALL.iter().filter_map(|sex| offered(*sex, form)).collect(),
        groups: groups.collect(),
        payers: payers.collect(),
    };
    page.show_form(form, &template)
}

/// Women and men; what else a rule names is kept, though it changes nothing.
fn offered(sex: Sex, form: &Form) -> Option<(&'static str, &'static str)> {
    let text = match sex {
        Sex::Female => "Women",
        Sex::Male => "Men",
        Sex::PreferNotToSay => "People who prefer not to say their sex",
        Sex::Unknown => "People whose sex is not known",
    };
    let usual = matches!(sex, Sex::Female | Sex::Male);
    (usual || form.has("accepts", sex.as_str())).then_some((sex.as_str(), text))
}

#[get("/services/{id}/rules")]
async fn ask(page: Page, Path(id): Path<ServiceId>) -> Answer {
    let (service, versions) = found(&page, id).await?;
    let rules = versions.iter().find(|(version, _)| version.version == service.rules_version);
    let rules = rules.map(|(version, _)| version.rules.0.clone()).unwrap_or_default();
    let form = filled(&rules).with("version", service.version);
    show(&page, &form, &service, versions)
}

#[post("/services/{id}/rules")]
async fn change(page: Page, Path(id): Path<ServiceId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let rules = wrong.take(read(&posted))?;
        let version = wrong.take(posted.parse("version", "Reload the page"))?.unwrap_or_default();
        let reason = posted.get("reason").to_owned();
        match reason.chars().count() {
            0 => wrong.note("reason", "Say why the rules change"),
            1..=300 => {}
            _ => wrong.note("reason", "Say it in at most 300 letters"),
        }
        wrong.check()?;
        let rules = rules.ok_or_else(|| AppError::internal("rules that are not there were not noticed"))?;
        page.app
            .db
            .write(&page.actor, move |tx| {
                Ok(actions::services::change_rules(tx, id, version, &rules, &reason)?.map(|_| ()))
            })
            .await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/services/{}", id.0), Done::RulesSaved),
        Err(form) => {
            let (service, versions) = found(&page, id).await?;
            show(&page, &form.with("version", service.version), &service, versions)
        }
    }
}

fn field(rule: &str, word: &str) -> String {
    format!("{rule}/{word}")
}

/// The form for these rules. Where there is no rule, it shows the answer that comes to the same.
fn filled(rules: &[Rule]) -> Form {
    let mut form = Form::new();
    let is = |kind: fn(&Rule) -> bool| rules.iter().any(kind);
    if !is(|rule| matches!(rule, Rule::SurvivorSex { .. })) {
        form = form.with("accepts", "female").with("accepts", "male").with("trans_people", "accepted");
    }
    if !is(|rule| matches!(rule, Rule::AdultDependants { .. })) {
        form = form.with("adult_dependants", "accepted");
    }
    if !is(|rule| matches!(rule, Rule::Pets { .. })) {
        form = form.with("pets", "accepted");
    }
    if !is(|rule| matches!(rule, Rule::Nrpf { .. })) {
        form = form.with("nrpf", "yes");
    }
    rules.iter().fold(form, fill)
}

fn fill(form: Form, rule: &Rule) -> Form {
    match rule {
        Rule::SurvivorSex { accepts, trans_people } => {
            let form = accepts.iter().fold(form, |form, sex| form.with("accepts", sex.as_str()));
            form.with("trans_people", trans_people.as_str())
        }
        Rule::SurvivorAge { min, max } => {
            form.with_some("survivor_age/min", *min).with_some("survivor_age/max", *max)
        }
        Rule::LargestFamily { people } => form.with("largest_family", people),
        Rule::MaxChildren { children } => form.with("max_children", children),
        Rule::MaleChildAge { shared, self_contained } => {
            let limits = [("shared", shared), ("self_contained", self_contained)];
            limits.into_iter().fold(form, |form, (layout, limit)| {
                let name = |part| format!("male_child_age/{layout}/{part}");
                form.with_some(&name("accepted_to"), limit.map(|limit| limit.accepted_to))
                    .with_some(&name("discuss_to"), limit.and_then(|limit| limit.discuss_to))
            })
        }
        Rule::AdultDependants { policy } => form.with("adult_dependants", policy.as_str()),
        Rule::Pets { policy } => form.with("pets", policy.as_str()),
        Rule::Nrpf { policy } => form.with("nrpf", policy.as_str()),
        Rule::ClientGroup { serves, strength } => {
            form.with(&field("client_group", serves.as_str()), strength.as_str())
        }
        Rule::Funding { not_accepted, strength } => not_accepted
            .iter()
            .fold(form, |form, way| form.with(&field("funding", way.as_str()), strength.as_str())),
    }
}

/// The rules that a form says, with the field that each comes from.
#[derive(Default)]
struct Said {
    rules: Vec<(Rule, String)>,
    wrong: Wrong,
}

impl Said {
    fn add(&mut self, rule: Rule, field: &str) {
        self.rules.push((rule, field.to_owned()));
    }

    fn number(&mut self, posted: &Posted, name: &str, most: u8) -> Result<Option<u8>, AppError> {
        let message = format!("Enter a number from 0 to {most}, or leave it empty");
        let number = self.wrong.take(posted.maybe::<u8>(name, &message))?.flatten();
        if number.is_some_and(|number| number > most) {
            self.wrong.note(name, &message);
        }
        Ok(number)
    }

    fn policy(&mut self, posted: &Posted, name: &str) -> Result<Option<Policy>, AppError> {
        self.wrong.take(posted.parse(name, "Choose one of the answers"))
    }

    fn age_limit(&mut self, posted: &Posted, layout: &str) -> Result<Option<AgeLimit>, AppError> {
        let name = |part: &str| format!("male_child_age/{layout}/{part}");
        let accepted_to = self.number(posted, &name("accepted_to"), 18)?;
        let discuss_to = self.number(posted, &name("discuss_to"), 18)?;
        if accepted_to.is_none() && discuss_to.is_some() {
            self.wrong.note(&name("accepted_to"), "Enter the age up to which boys are taken");
        }
        Ok(accepted_to.map(|accepted_to| AgeLimit { accepted_to, discuss_to }))
    }
}

/// # Errors
/// [`AppError::Invalid`] with everything that cannot be read, and every contradiction at the field that it comes from.
fn read(posted: &Posted) -> Result<Rules, AppError> {
    let mut said = Said::default();
    people(posted, &mut said)?;
    circumstances(posted, &mut said)?;
    let Said { rules, mut wrong } = said;
    let (rules, fields): (Vec<Rule>, Vec<String>) = rules.into_iter().unzip();
    for (n, message) in contradictions(&rules) {
        wrong.note(fields.get(n).map_or("", String::as_str), &message);
    }
    wrong.check()?;
    let rules = Rules(rules);
    rules.validate().map_err(|report| AppError::out_of_range(Part::Body, "/rules", &report))?;
    Ok(rules)
}

/// The rules about who is in a household.
fn people(posted: &Posted, said: &mut Said) -> Result<(), AppError> {
    let trans_people = said.policy(posted, "trans_people")?;
    let accepts = posted.all("accepts").iter().filter_map(|word| word.parse().ok()).collect();
    if let Some(trans_people) = trans_people {
        said.add(Rule::SurvivorSex { accepts, trans_people }, "accepts");
    }
    let (min, max) = (said.number(posted, "survivor_age/min", 120)?, said.number(posted, "survivor_age/max", 120)?);
    if min.is_some() || max.is_some() {
        said.add(Rule::SurvivorAge { min, max }, "survivor_age/min");
    }
    match said.number(posted, "largest_family", 20)? {
        Some(0) => said.wrong.note("largest_family", "Enter a number from 1 to 20, or leave it empty"),
        Some(people) => said.add(Rule::LargestFamily { people }, "largest_family"),
        None => {}
    }
    if let Some(children) = said.number(posted, "max_children", 20)? {
        said.add(Rule::MaxChildren { children }, "max_children");
    }
    let (shared, self_contained) = (said.age_limit(posted, "shared")?, said.age_limit(posted, "self_contained")?);
    if shared.is_some() || self_contained.is_some() {
        let upside_down = |limit: AgeLimit| limit.discuss_to.is_some_and(|age| age < limit.accepted_to);
        let layout = if shared.is_some_and(upside_down) { "shared" } else { "self_contained" };
        let field = format!("male_child_age/{layout}/discuss_to");
        said.add(Rule::MaleChildAge { shared, self_contained }, &field);
    }
    if let Some(policy) = said.policy(posted, "adult_dependants")? {
        said.add(Rule::AdultDependants { policy }, "adult_dependants");
    }
    Ok(())
}

/// The rules about pets, money, and whom a service is made for.
fn circumstances(posted: &Posted, said: &mut Said) -> Result<(), AppError> {
    if let Some(policy) = said.policy(posted, "pets")? {
        said.add(Rule::Pets { policy }, "pets");
    }
    let nrpf = posted.parse::<Nrpf>("nrpf", "Choose one of the answers");
    if let Some(policy) = said.wrong.take(nrpf)? {
        said.add(Rule::Nrpf { policy }, "nrpf");
    }
    for serves in ClientGroup::ALL {
        let name = field("client_group", serves.as_str());
        let strength = posted.maybe::<Strength>(&name, "Choose one of the answers");
        if let Some(strength) = said.wrong.take(strength)?.flatten() {
            said.add(Rule::ClientGroup { serves: *serves, strength }, &name);
        }
    }
    // One rule for each strength holds all the ways of paying that it is about.
    for strength in Strength::ALL {
        let ways = Funding::ALL.iter().copied();
        let not_accepted: Vec<_> =
            ways.filter(|way| posted.get(&field("funding", way.as_str())) == strength.as_str()).collect();
        if let Some(first) = not_accepted.first().copied() {
            said.add(Rule::Funding { not_accepted, strength: *strength }, &field("funding", first.as_str()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(pairs: &[(&str, &str)]) -> Posted {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(pairs);
        Posted::new("/x", body.finish())
    }

    const PLAIN: [(&str, &str); 5] = [
        ("accepts", "female"),
        ("trans_people", "discuss"),
        ("adult_dependants", "accepted"),
        ("pets", "not_accepted"),
        ("nrpf", "case_by_case"),
    ];

    fn wrong_fields(extra: &[(&str, &str)]) -> Vec<String> {
        match read(&posted(&[&PLAIN, extra].concat())) {
            Err(AppError::Invalid(fields)) => fields.into_iter().map(|field| field.pointer).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rules_come_back_from_their_own_form() {
        let limit = |accepted_to, discuss_to| Some(AgeLimit { accepted_to, discuss_to });
        let rules = vec![
            Rule::SurvivorSex { accepts: vec![Sex::Female], trans_people: Policy::Discuss },
            Rule::SurvivorAge { min: Some(16), max: Some(24) },
            Rule::LargestFamily { people: 4 },
            Rule::MaxChildren { children: 0 },
            Rule::MaleChildAge { shared: limit(14, Some(16)), self_contained: None },
            Rule::AdultDependants { policy: Policy::Discuss },
            Rule::Pets { policy: Policy::Accepted },
            Rule::Nrpf { policy: Nrpf::No },
            Rule::ClientGroup { serves: ClientGroup::Disabled, strength: Strength::Exclude },
            Rule::Funding { not_accepted: vec![Funding::CannotFund], strength: Strength::Discuss },
        ];
        let form = filled(&rules);
        let names = ["survivor_age/min", "survivor_age/max", "largest_family", "max_children", "adult_dependants", "pets"];
        let mut pairs: Vec<_> = names.iter().map(|name| (*name, form.value(name))).collect();
        for name in [
            "accepts",
            "trans_people",
            "nrpf",
            "male_child_age/shared/accepted_to",
            "male_child_age/shared/discuss_to",
            "client_group/disabled",
            "funding/cannot_fund",
        ] {
            pairs.push((name, form.value(name)));
        }
        assert_eq!(read(&posted(&pairs)).unwrap().0, rules);
    }

    #[test]
    fn no_rule_is_shown_as_the_answer_that_comes_to_the_same() {
        let form = filled(&[]);
        assert!(form.has("accepts", "female") && form.has("accepts", "male") && form.has("trans_people", "accepted"));
        assert_eq!((form.value("pets"), form.value("nrpf"), form.value("largest_family")), ("accepted", "yes", ""));
    }

    #[test]
    fn a_contradiction_is_shown_at_the_field_that_it_comes_from() {
        assert_eq!(wrong_fields(&[("survivor_age/min", "25"), ("survivor_age/max", "18")]), ["/survivor_age/min"]);
        let boys = [("male_child_age/shared/accepted_to", "14"), ("male_child_age/shared/discuss_to", "12")];
        assert_eq!(wrong_fields(&boys), ["/male_child_age/shared/discuss_to"]);
        assert_eq!(wrong_fields(&[("male_child_age/shared/discuss_to", "12")]), ["/male_child_age/shared/accepted_to"]);
        assert_eq!(wrong_fields(&[("largest_family", "many")]), ["/largest_family"]);
        assert_eq!(wrong_fields(&[("largest_family", "0")]), ["/largest_family"]);
    }
}
