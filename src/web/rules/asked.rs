//! What the questions about rules offer: it depends on whose rules they are, and on what counts anyway.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::answers::{KEPT, PLAIN, field, meant, questions, rows, understood};
use super::words;
use crate::domain::eligibility::{ClientGroup, Rule, Scope, Strength, SupportNeed, harm};
use crate::domain::household::{Funding, HarmKind, Level, Sex};
use crate::domain::reference::Code;
use crate::web::form::Form;

/// A value and its text.
pub type Choice = (String, String);

/// A rule that no question shows.
pub struct Kept {
    pub value: String,
    pub says: Vec<String>,
    /// Whether it is ticked.
    pub stays: bool,
}

/// The questions about one set of rules.
pub struct Asked {
    scope: Scope,
    /// The questions that a wider rule answers.
    wider: BTreeSet<String>,
    codes: Vec<Code>,
    today: NaiveDate,
}

impl Asked {
    pub fn new<'a>(scope: Scope, wider: impl Iterator<Item = &'a Rule>, codes: Vec<Code>, today: NaiveDate) -> Self {
        let wider = wider.flat_map(|rule| questions(&rule.condition)).collect();
        Self { scope, wider, codes, today }
    }

    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// The questions that show a plain answer where there is no rule: of a service whose provider has none either.
    pub fn plain(&self) -> Vec<&'static str> {
        let plain = PLAIN.iter().filter(|question| self.scope == Scope::Service && !self.wider.contains(**question));
        plain.copied().collect()
    }

    /// The answer that makes no rule; empty where there has to be another.
    pub fn empty(&self, question: &str) -> &'static str {
        match self.scope {
            Scope::Service if self.wider.contains(question) => "As for all our services",
            Scope::Service if PLAIN.contains(&question) => "",
            Scope::Organisation | Scope::Service => "No rule",
            Scope::Unit => "As the service says",
            Scope::Vacancy => "As the unit says",
        }
    }

    /// The answer that makes no rule, where it is that something is taken.
    pub fn otherwise(&self, question: &str) -> &'static str {
        match self.empty(question) {
            "No rule" => "Yes",
            wider => wider,
        }
    }

    /// The same, where it is that others come too.
    pub fn not_only(&self, question: &str) -> &'static str {
        match self.empty(question) {
            "No rule" => "It is not only for them",
            wider => wider,
        }
    }

    /// What it means when a box is left empty.
    pub fn left_empty(&self, question: &str) -> &'static str {
        match self.scope {
            Scope::Unit => "Leave it empty and it is as the service says.",
            Scope::Vacancy => "Leave it empty and it is as the unit says.",
            Scope::Service if self.wider.contains(question) => "Leave it empty and it is as for all your services.",
            Scope::Organisation | Scope::Service => "Leave it empty if there is no limit.",
        }
    }

    /// Whether it can be said that there is no limit here: where there is a wider one.
    pub fn may_lift(&self, form: &Form, question: &str) -> bool {
        self.wider.contains(question) || form.touched().any(|name| name == field(question, "any"))
    }

    /// Answers to a question whose words are those of `yes`, `ask` and `no`, in the spelling that the form has already.
    fn offers(&self, form: &Form, name: &str, words: [(&'static str, &'static str); 3], radios: bool) -> Vec<Choice> {
        let question = if name.starts_with("survivor_sex/") { "survivor_sex" } else { name };
        let now = understood(form.value(name));
        let effect = |word: &str, strength: Strength| {
            let place = words.iter().position(|(known, _)| *known == word).unwrap_or_default();
            match (place, strength) {
                (0, _) => 0,
                (_, Strength::Prefer) => 3,
                (_, Strength::Discuss) => 1,
                (place, Strength::Exclude) => place,
            }
        };
        let current = now.filter(|(word, _)| !word.is_empty()).map(|(word, strength)| effect(word, strength));
        let spelt = |place: usize, usual: String| {
            if current == Some(place) { form.value(name).to_owned() } else { usual }
        };
        let mut offers = Vec::new();
        if radios && !self.empty(question).is_empty() {
            offers.push((String::new(), self.empty(question).to_owned()));
        }
        offers.extend(
            words.iter().enumerate().map(|(n, (word, text))| (spelt(n, (*word).to_owned()), (*text).to_owned())),
        );
        if current == Some(3) {
            let milder = spelt(3, meant(words[2].0, Strength::Prefer));
            offers.push((milder, "Yes, but others come first".to_owned()));
        }
        offers
    }

    /// Radio buttons whether something is taken.
    pub fn policies(&self, form: &Form, name: &str, yes: &'static str) -> Vec<Choice> {
        self.offers(form, name, [("accepted", yes), ("discuss", "Talk to us first"), ("not_accepted", "No")], true)
    }

    /// The same in a list, whose empty answer stands apart.
    pub fn policy_list(&self, form: &Form, name: &str) -> Vec<Choice> {
        self.offers(form, name, [("accepted", "Yes"), ("discuss", "Talk to us first"), ("not_accepted", "No")], false)
    }

    pub fn nrpf(&self, form: &Form) -> Vec<Choice> {
        self.offers(form, "nrpf", [("yes", "Yes"), ("case_by_case", "Case by case"), ("no", "No")], true)
    }

    pub fn trans(&self, form: &Form) -> Vec<Choice> {
        self.policies(form, "survivor_sex/trans_people", "Yes")
    }

    /// The codes of a list that can be chosen, and those that were.
    pub fn listed(&self, form: &Form, list: &str, name: &str) -> Vec<Choice> {
        let chosen = form.all(name);
        let mut listed: Vec<Choice> = self
            .codes
            .iter()
            .filter(|code| code.list == list && (code.active(self.today) || chosen.contains(&code.code.as_str())))
            .map(|code| {
                let retired = if code.active(self.today) { "" } else { " (no longer in the list)" };
                (code.code.clone(), format!("{}{retired}", code.label))
            })
            .collect();
        for code in chosen {
            if !listed.iter().any(|(known, _)| known == code) {
                listed.push((code.to_owned(), words::name(list, code, &self.codes)));
            }
        }
        listed
    }

    /// Field and question of each kind of employment.
    pub fn workers(&self, form: &Form) -> Vec<Choice> {
        let chosen = form.touched().filter_map(|name| name.strip_prefix("employment/"));
        let chosen = chosen.fold(Form::new(), |all, code| all.with("chosen", code));
        let listed = self.listed(&chosen, "employment", "chosen").into_iter();
        listed.map(|(code, label)| (field("employment", &code), label)).collect()
    }

    /// Every question, to give days to its answer.
    pub fn subjects(&self, form: &Form) -> Vec<Choice> {
        let plain = [
            ("survivor_sex", "Which survivors you take"),
            ("survivor_age", "Age of the survivor"),
            ("single_sex", "One sex where rooms are shared"),
            ("largest_family", "Most people in a household"),
            ("max_children", "Most children"),
            ("male_child_age", "Age of boys"),
            ("school_age_children", "Children of school age"),
            ("adult_dependants", "Adults who depend on the survivor"),
            ("pregnancy", "Pregnancy"),
            ("pets", "Pets"),
            ("previous_eviction", "People who had to leave a refuge before"),
            ("bail_or_probation", "Bail or probation"),
            ("languages", "Languages"),
            ("referral_routes", "Who may refer"),
            ("nrpf", "No recourse to public funds"),
            ("immigration_status", "Immigration status"),
            ("stay_limit", "Most nights"),
            ("communal_living", "Shared life"),
        ];
        let mut all: Vec<Choice> = plain.map(|(name, label)| (name.to_owned(), label.to_owned())).to_vec();
        all.extend(self.needs().into_iter().map(|(name, label)| (name, format!("Support: {label}"))));
        all.extend(self.harms().into_iter().map(|(name, _, label)| (name, format!("In the past: {label}"))));
        all.extend(self.workers(form).into_iter().map(|(name, label)| (name, format!("Work: {label}"))));
        let ways = Funding::ALL.iter().map(|way| (field("funding", way.as_str()), capital(words::payers(*way))));
        all.extend(ways);
        let groups = ClientGroup::ALL.iter();
        all.extend(groups.map(|group| (field("client_group", group.as_str()), capital(group.people()))));
        all
    }

    /// The answers that have days: number of the row, question, label.
    pub fn dated(&self, form: &Form) -> Vec<(String, String, String)> {
        let subjects = self.subjects(form);
        let label = |question: &str| {
            subjects.iter().find(|(known, _)| known == question).map_or_else(String::new, |(_, label)| label.clone())
        };
        rows(form).into_iter().map(|(row, question)| (row.to_string(), question.clone(), label(&question))).collect()
    }

    /// The rules that stand beside the questions; those of the stored set that were let go, too.
    pub fn kept(&self, form: &Form, stored: &[String]) -> Vec<Kept> {
        let ticked = form.all(KEPT);
        let mut values: Vec<&str> = stored.iter().map(String::as_str).collect();
        values.extend(ticked.iter().filter(|value| !stored.iter().any(|known| known == *value)));
        let kept = |value: &str| {
            let rule: Rule = serde_json::from_str(value).ok()?;
            let over = rule.effective_to.is_some_and(|to| to < self.today);
            let mut says = words::of_rule(&rule, &self.codes);
            if over {
                says.push("This is over".into());
            }
            Some(Kept { value: value.to_owned(), says, stays: ticked.contains(&value) })
        };
        values.into_iter().filter_map(kept).collect()
    }
}

/// What is the same whosever rules they are.
#[expect(clippy::unused_self, reason = "a template asks for them like for the others")]
impl Asked {
    /// Whether one of these questions is answered, or wrong.
    pub fn open(&self, form: &Form, questions: &[&str]) -> bool {
        let about = |name: &str, question: &str| {
            name.strip_prefix(question).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        form.touched()
            .filter(|name| !name.ends_with("/strength"))
            .any(|name| questions.iter().any(|question| about(name, question)))
    }

    /// Women and men; what else a rule names is kept, though it changes nothing.
    pub fn sexes(&self, form: &Form) -> Vec<(&'static str, &'static str)> {
        let text = |sex: Sex| match sex {
            Sex::Female => "Women",
            Sex::Male => "Men",
            Sex::PreferNotToSay => "People who prefer not to say their sex",
            Sex::Unknown => "People whose sex is not known",
        };
        let offered = Sex::ALL
            .iter()
            .copied()
            .filter(|sex| matches!(sex, Sex::Female | Sex::Male) || form.has("survivor_sex/accepts", sex.as_str()));
        offered.map(|sex| (sex.as_str(), text(sex))).collect()
    }

    /// Field and label of each need for support.
    pub fn needs(&self) -> Vec<Choice> {
        let label = |need: &SupportNeed| (field("support_need", need.as_str()), capital(need.what()));
        SupportNeed::ALL.iter().map(label).collect()
    }

    pub fn levels(&self) -> [(&'static str, &'static str); 4] {
        [
            (Level::None.as_str(), "None"),
            (Level::Low.as_str(), "A little"),
            (Level::Medium.as_str(), "Some"),
            (Level::High.as_str(), "A lot: no limit"),
        ]
    }

    /// Field, field of the years, and label of each harm.
    pub fn harms(&self) -> Vec<(String, String, String)> {
        let named = |kind: &HarmKind| {
            let name = field("risk_to_others", kind.as_str());
            let years = field(&name, "within_years");
            (name, years, capital(harm(*kind)))
        };
        HarmKind::ALL.iter().map(named).collect()
    }

    /// Field and question of each way of paying; the one that nobody knows only where there is a rule about it.
    pub fn payers(&self, form: &Form) -> Vec<Choice> {
        let ways = Funding::ALL.iter().copied().map(|way| (way, field("funding", way.as_str())));
        let asked = ways.filter(|(way, name)| *way != Funding::Unknown || !form.value(name).is_empty());
        asked.map(|(way, name)| (name, format!("Do you take {}?", words::payers(way)))).collect()
    }

    /// Field and question of each group.
    pub fn groups(&self) -> Vec<Choice> {
        let asked =
            |group: &ClientGroup| (field("client_group", group.as_str()), format!("Is it for {}?", group.people()));
        ClientGroup::ALL.iter().map(asked).collect()
    }
}

/// For a household that does not fit.
pub const STRENGTHS: [(&str, &str); 3] =
    [("exclude", "No, never"), ("discuss", "Talk to us first"), ("prefer", "Those who fit come first")];

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
