//! How a question is answered where it stands: by one press, from a list, in a small box; or, where the answer needs more,
//! in its step.

use crate::domain::eligibility::Question;
use crate::domain::household::{Answer, Concession, Funding, Level, Member, MemberRole, Needs, Sex, StayNeeded};
use crate::web::cases::Lists;
use crate::web::household::{access, concession, funding, person, stay};

/// A word to send, and what it says.
pub type Choice = (String, String);

/// What is typed or chosen before the button is pressed.
pub enum Kind {
    /// A whole number.
    Number,
    Select(Vec<Choice>),
    Radios(Vec<Choice>),
}

/// One box of a question.
pub struct Field {
    pub name: String,
    pub label: String,
    /// The question above says already what the label says.
    pub plain: bool,
    pub kind: Kind,
    /// Whom it is about, as they were known when it was asked.
    pub about: Option<(String, String)>,
}

/// A button that is an answer.
pub struct Press {
    pub name: String,
    pub value: String,
    pub words: String,
}

/// The answers that can be given in place. Without any, the question is answered in its step.
#[derive(Default)]
pub struct Control {
    pub press: Vec<Press>,
    pub fields: Vec<Field>,
    /// The answer that needs more than a press: the words of the link to the step.
    pub more: Option<&'static str>,
    /// The only area that it is about.
    area: Option<String>,
}

impl Control {
    /// Whether it can be answered in place at all.
    pub fn here(&self) -> bool {
        !self.press.is_empty() || !self.fields.is_empty()
    }

    fn press<'a>(name: &str, choices: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let press = |(value, words): (&str, &str)| Press {
            name: name.to_owned(),
            value: value.to_owned(),
            words: words.to_owned(),
        };
        Self { press: choices.into_iter().map(press).collect(), ..Self::default() }
    }

    fn more(self, words: &'static str) -> Self {
        Self { more: Some(words), ..self }
    }

    fn field(question: Question, kind: Kind) -> Self {
        let label = question.text().to_owned();
        Self { fields: vec![Field { name: name(question), label, plain: true, kind, about: None }], ..Self::default() }
    }

    fn select(question: Question, choices: Vec<Choice>) -> Self {
        Self::field(question, Kind::Select(choices))
    }

    /// From a reference list, without the codes that say that nothing is known.
    fn listed(question: Question, lists: &Lists, list: &str) -> Self {
        let codes = lists.of(list).into_iter().filter(|(code, _)| !SAYS_NOTHING.contains(code));
        Self::select(question, codes.map(|choice| own(&choice)).collect())
    }

    /// A box for each member of the household of whom something is not known.
    fn each(question: Question, needs: &Needs, kind: impl Fn() -> Kind, what: &str) -> Self {
        let fields = unknown(question, needs, false).into_iter().enumerate().map(|(number, (at, member))| {
            let child = member.role == MemberRole::Child;
            let who = if child { "child" } else { "adult" };
            Field {
                name: format!("{}/{at}", name(question)),
                label: format!("{what} {who} {} ({})", number + 1, person(member).to_lowercase()),
                plain: false,
                kind: kind(),
                about: Some((about(question, at), person(member))),
            }
        });
        Self { fields: fields.collect(), ..Self::default() }
    }
}

/// Codes that leave a question open.
const SAYS_NOTHING: [&str; 2] = ["not_asked", "unknown"];

const YES_NO: [(&str, &str); 2] = [("yes", "Yes"), ("no", "No")];

fn own((word, text): &(&str, &str)) -> Choice {
    ((*word).to_owned(), (*text).to_owned())
}

/// The name of the box that answers a question.
pub fn name(question: Question) -> String {
    format!("asked/{}", question.as_str())
}

/// The name of the field that says whom the box is about.
pub fn about(question: Question, at: usize) -> String {
    format!("about/{}/{at}", question.as_str())
}

/// The members, with their places in the household, of whom it is not known; `unasked`: and who were not asked either.
pub fn unknown(question: Question, needs: &Needs, unasked: bool) -> Vec<(usize, &Member)> {
    let untold = |sex: Sex| sex == Sex::Unknown || (sex == Sex::PreferNotToSay && !unasked);
    let members = needs.members.iter().enumerate();
    let open = members.filter(|(_, member)| match question {
        Question::SurvivorSex => member.role == MemberRole::Survivor && untold(member.sex),
        Question::SurvivorAge => member.role == MemberRole::Survivor && member.age.is_none(),
        Question::ChildAge => member.role == MemberRole::Child && member.age.is_none(),
        Question::ChildSex => member.role == MemberRole::Child && untold(member.sex),
        Question::OtherAdultSex => {
            matches!(member.role, MemberRole::OtherAdult | MemberRole::AdultDependant) && untold(member.sex)
        }
        _ => false,
    });
    open.collect()
}

fn says_nothing(code: Option<&str>) -> bool {
    code.is_none_or(|code| SAYS_NOTHING.contains(&code))
}

/// Whether an answer still says something that nobody has said before.
pub fn open(question: Question, needs: &Needs) -> bool {
    let monitoring = &needs.monitoring;
    match question {
        Question::Household => needs.survivors().next().is_none(),
        Question::Everybody => needs.household_complete != Answer::Yes,
        Question::SurvivorSex
        | Question::SurvivorAge
        | Question::ChildAge
        | Question::ChildSex
        | Question::OtherAdultSex => !unknown(question, needs, false).is_empty(),
        Question::AccessNeed => needs.access_need == Needs::default().access_need,
        Question::Pets => needs.pets.is_none(),
        Question::Recourse => needs.recourse_to_public_funds == Answer::Unknown,
        Question::Concession => needs.concession == Concession::Unknown,
        Question::Funding => needs.funding == Funding::Unknown,
        Question::EthnicGroup => says_nothing(monitoring.ethnic_group.as_deref()),
        Question::SexualOrientation => says_nothing(monitoring.sexual_orientation.as_deref()),
        Question::Impairments => monitoring.impairments.is_none(),
        Question::AdditionalNeeds => needs.support_needs_complete != Answer::Yes,
        Question::SafeArea => needs.unsafe_areas.iter().any(|area| !area.confirmed),
        Question::Pregnant => needs.pregnant == Answer::Unknown,
        Question::RiskToOthers => needs.risk_to_others.is_none(),
        Question::AskedToLeave => needs.asked_to_leave_before == Answer::Unknown,
        Question::BailOrProbation => needs.bail_or_probation == Answer::Unknown,
        Question::Interpreter => needs.interpreter == Answer::Unknown && needs.interpreter_language.is_none(),
        Question::ImmigrationStatus => says_nothing(needs.immigration_status.as_deref()),
        Question::Employment => says_nothing(monitoring.employment.as_deref()),
        Question::StayNeeded => needs.stay_needed == StayNeeded::Unknown,
        Question::ReferralSource => false,
    }
}

/// How a question can be answered, as far as things are known.
pub fn control(question: Question, needs: &Needs, lists: &Lists) -> Control {
    if !open(question, needs) {
        return Control::default();
    }
    let press = |choices: &[(&'static str, &'static str)]| Control::press(&name(question), choices.iter().copied());
    match question {
        Question::Everybody => press(&[("yes", "Yes, that is everybody")]).more("No: add the others"),
        Question::SurvivorSex if needs.survivors().count() == 1 => {
            press(&[("female", "Woman"), ("male", "Man")]).more("Another answer")
        }
        Question::SurvivorAge if needs.survivors().count() == 1 => Control::field(question, Kind::Number),
        Question::Household | Question::SurvivorSex | Question::SurvivorAge | Question::ReferralSource => {
            Control::default()
        }
        Question::ChildAge => Control::each(question, needs, || Kind::Number, "Age of"),
        Question::ChildSex => {
            let kind = || Kind::Select([("female", "Girl"), ("male", "Boy")].iter().map(own).collect());
            Control::each(question, needs, kind, "Girl or boy:")
        }
        Question::OtherAdultSex => {
            let kind = || Kind::Select([("female", "Woman"), ("male", "Man")].iter().map(own).collect());
            Control::each(question, needs, kind, "Woman or man:")
        }
        Question::AccessNeed => {
            use crate::domain::household::AccessNeed as Need;
            let needs = [
                Need::None,
                Need::GroundFloor,
                Need::LevelAccess,
                Need::WheelchairToEssentialRooms,
                Need::FullyWheelchairAccessible,
            ];
            Control::select(question, needs.iter().map(|need| own(&(need.as_str(), access(*need)))).collect())
        }
        Question::Pets => press(&[("none", "No pets")]).more("Yes: say which"),
        Question::Recourse | Question::Pregnant | Question::AskedToLeave | Question::BailOrProbation => press(&YES_NO),
        Question::Concession => {
            let known = Concession::ALL.iter().filter(|known| **known != Concession::Unknown);
            Control::press(&name(question), known.map(|known| (known.as_str(), concession(*known))))
        }
        Question::Funding => {
            let known = Funding::ALL.iter().filter(|known| **known != Funding::Unknown);
            Control::select(question, known.map(|known| own(&(known.as_str(), funding(*known)))).collect())
        }
        Question::EthnicGroup => Control::listed(question, lists, "ethnic_group"),
        Question::SexualOrientation => Control::listed(question, lists, "sexual_orientation"),
        Question::Impairments => press(&[("no", "No")]).more("Yes: say what is hard"),
        Question::AdditionalNeeds if needs.additional_needs.iter().any(|need| need.level == Level::Unknown) => {
            Control::default()
        }
        Question::AdditionalNeeds if needs.additional_needs.is_empty() => {
            press(&[("none", "No other support")]).more("Say what, and how much")
        }
        Question::AdditionalNeeds => press(&[("all", "That is all of it")]).more("There is more"),
        Question::SafeArea => safe_areas(question, needs, lists),
        Question::RiskToOthers => press(&[("none", "None of these")]).more("Yes: say what, and when"),
        Question::Interpreter => press(&[("no", "No")]).more("Yes: say which language"),
        Question::ImmigrationStatus => Control::listed(question, lists, "immigration_status"),
        Question::Employment => Control::listed(question, lists, "employment"),
        Question::StayNeeded => {
            let known = StayNeeded::ALL.iter().filter(|known| **known != StayNeeded::Unknown);
            Control::select(question, known.map(|known| own(&(known.as_str(), stay(*known)))).collect())
        }
    }
}

/// Each area that is only proposed as one that is not safe.
fn safe_areas(question: Question, needs: &Needs, lists: &Lists) -> Control {
    let proposed: Vec<_> = needs.unsafe_areas.iter().filter(|area| !area.confirmed).collect();
    let answers = [("safe", "Safe"), ("unsafe", "Not safe")];
    let named = |code: &str| format!("{}/{code}", name(question));
    if let [only] = proposed[..] {
        let area = lists.area_name(&only.area).to_owned();
        return Control { area: Some(area), ..Control::press(&named(&only.area), answers) };
    }
    let field = |code: &str| Field {
        name: named(code),
        label: lists.area_name(code).to_owned(),
        plain: false,
        kind: Kind::Radios(answers.iter().map(own).collect()),
        about: None,
    };
    Control { fields: proposed.iter().map(|area| field(&area.area)).collect(), ..Control::default() }
}

/// The words of a question; where it is about one area, with its name.
pub fn words(question: Question, control: &Control) -> String {
    match &control.area {
        Some(area) => format!("Would everybody be safe in {area}?"),
        None => question.text().to_owned(),
    }
}
