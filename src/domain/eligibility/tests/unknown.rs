//! What is not known never counts as a yes, and is asked only until somebody has answered.

use proptest::collection::vec;

use super::properties::{any_caller, assessed};
use super::*;
use crate::domain::household::{PastHarm, Pet};

type Change = Box<dyn Fn(&mut Caller)>;

fn change(change: impl Fn(&mut Needs) + 'static) -> Change {
    Box::new(move |caller: &mut Caller| change(&mut caller.needs))
}

/// One change for each of the answers.
fn each<T: Clone + 'static>(answers: &[T], set: fn(&mut Needs, T)) -> Vec<Change> {
    let one = |answer: &T| {
        let answer = answer.clone();
        change(move |needs| set(needs, answer.clone()))
    };
    answers.iter().map(one).collect()
}

fn members(needs: &mut Needs, roles: &[MemberRole], change: impl FnMut(&mut Member)) {
    needs.members.iter_mut().filter(|member| roles.contains(&member.role)).for_each(change);
}

fn sexes(needs: &mut Needs, roles: &[MemberRole], sex: Sex) {
    members(needs, roles, |member| member.sex = sex);
}

fn ages(needs: &mut Needs, role: MemberRole, age: Option<u8>) {
    members(needs, &[role], |member| member.age = age);
}

const BOTH: [Answer; 2] = [Answer::Yes, Answer::No];
const SEXES: [Sex; 2] = [Sex::Female, Sex::Male];
const ADULTS: &[MemberRole] = &[OTHER_ADULT, DEPENDANT];
const NEEDS: [&str; 7] = [
    "mental_health",
    "drugs",
    "alcohol",
    "physical_health",
    "learning_disability",
    "street_homeless",
    "offending_history",
];

fn harms() -> Vec<Option<Vec<PastHarm>>> {
    let one = |kind: &HarmKind| [0, 9].map(|years| Some(vec![PastHarm { kind: *kind, years_ago: Some(years) }]));
    HarmKind::ALL.iter().flat_map(one).chain([Some(vec![])]).collect()
}

/// The answers that somebody could give, so that nothing about it is left to ask.
fn answers(question: Question) -> Vec<Change> {
    match question {
        Question::Household => each(&SEXES, |needs, sex| {
            needs.members.push(member(MemberRole::Survivor, Some(30), sex));
        }),
        Question::Everybody => each(&[false, true], |needs, more| {
            needs.household_complete = Answer::Yes;
            needs.members.extend(more.then(|| member(CHILD, Some(17), Sex::Male)));
        }),
        Question::SurvivorSex => each(&SEXES, |needs, sex| sexes(needs, &[MemberRole::Survivor], sex)),
        Question::SurvivorAge => each(&[16, 20, 70], |needs, age| ages(needs, MemberRole::Survivor, Some(age))),
        Question::ChildAge => each(&[0, 1, 5, 15, 17], |needs, age| ages(needs, CHILD, Some(age))),
        Question::ChildSex => each(&SEXES, |needs, sex| sexes(needs, &[CHILD], sex)),
        Question::OtherAdultSex => each(&SEXES, |needs, sex| sexes(needs, ADULTS, sex)),
        Question::AccessNeed => {
            let known = AccessNeed::ALL.iter().filter(|need| **need != AccessNeed::Unknown);
            each(&known.copied().collect::<Vec<_>>(), |needs, need| needs.access_need = need)
        }
        Question::Pets => {
            let dog = Pet { kind: "dog".to_owned(), number: 1 };
            each(&[vec![], vec![dog]], |needs, pets| needs.pets = Some(pets))
        }
        Question::Recourse => each(&BOTH, |needs, answer| needs.recourse_to_public_funds = answer),
        Question::Concession => {
            let known = [Concession::None, Concession::Applied, Concession::Granted];
            each(&known, |needs, concession| needs.concession = concession)
        }
        Question::Funding => {
            let known = Funding::ALL.iter().filter(|funding| **funding != Funding::Unknown);
            each(&known.copied().collect::<Vec<_>>(), |needs, funding| needs.funding = funding)
        }
        Question::EthnicGroup => each(&["white_british", "roma", "prefer_not_to_say"], |needs, code| {
            needs.monitoring.ethnic_group = Some(code.to_owned());
        }),
        Question::SexualOrientation => each(&["straight_or_heterosexual", "bisexual"], |needs, code| {
            needs.monitoring.sexual_orientation = Some(code.to_owned());
        }),
        Question::Impairments => each(&[vec![], vec!["vision".to_owned()]], |needs, impairments| {
            needs.monitoring.impairments = Some(impairments);
        }),
        Question::AdditionalNeeds => each(&[Level::None, Level::Low, Level::High], |needs, level| {
            let need = |need: &str| crate::domain::household::AdditionalNeed { need: need.to_owned(), level };
            needs.additional_needs = NEEDS.map(need).to_vec();
            needs.support_needs_complete = Answer::Yes;
        }),
        Question::SafeArea => each(&BOTH, |needs, safe| match safe {
            Answer::Yes => needs.unsafe_areas.clear(),
            _ => needs.unsafe_areas.iter_mut().for_each(|named| named.confirmed = true),
        }),
        Question::Pregnant => each(&BOTH, |needs, answer| needs.pregnant = answer),
        Question::RiskToOthers => each(&harms(), |needs, harms| needs.risk_to_others = harms),
        Question::AskedToLeave => each(&BOTH, |needs, answer| needs.asked_to_leave_before = answer),
        Question::BailOrProbation => each(&BOTH, |needs, answer| needs.bail_or_probation = answer),
        Question::Interpreter => each(&[None, Some("Gujarati"), Some("Polish")], |needs, language| {
            needs.interpreter = if language.is_some() { Answer::Yes } else { Answer::No };
            needs.interpreter_language = language.map(str::to_owned);
        }),
        Question::ImmigrationStatus => each(&["british_or_irish", "asylum_seeker"], |needs, code| {
            needs.immigration_status = Some(code.to_owned());
        }),
        Question::Employment => each(&["employed_or_self_employed", "student"], |needs, code| {
            needs.monitoring.employment = Some(code.to_owned());
        }),
        Question::StayNeeded => {
            let known = StayNeeded::ALL.iter().filter(|stay| **stay != StayNeeded::Unknown);
            each(&known.copied().collect::<Vec<_>>(), |needs, stay| needs.stay_needed = stay)
        }
        Question::ReferralSource => {
            let sent_by = |source: &'static str| -> Change { Box::new(move |caller| caller.sent_by = Some(source)) };
            SOURCES.iter().copied().map(sent_by).collect()
        }
    }
}

/// As if nobody had asked yet.
fn forget(caller: &mut Caller, question: Question) {
    let needs = &mut caller.needs;
    match question {
        Question::Household => needs.members.clear(),
        Question::Everybody => needs.household_complete = Answer::Unknown,
        Question::SurvivorSex => sexes(needs, &[MemberRole::Survivor], Sex::Unknown),
        Question::SurvivorAge => ages(needs, MemberRole::Survivor, None),
        Question::ChildAge => ages(needs, CHILD, None),
        Question::ChildSex => sexes(needs, &[CHILD], Sex::Unknown),
        Question::OtherAdultSex => sexes(needs, ADULTS, Sex::Unknown),
        Question::AccessNeed => needs.access_need = AccessNeed::Unknown,
        Question::Pets => needs.pets = None,
        Question::Recourse => needs.recourse_to_public_funds = Answer::Unknown,
        Question::Concession => needs.concession = Concession::Unknown,
        Question::Funding => needs.funding = Funding::Unknown,
        Question::EthnicGroup => needs.monitoring.ethnic_group = None,
        Question::SexualOrientation => needs.monitoring.sexual_orientation = None,
        Question::Impairments => needs.monitoring.impairments = None,
        Question::AdditionalNeeds => {
            needs.additional_needs.clear();
            needs.support_needs_complete = Answer::Unknown;
        }
        Question::SafeArea => needs.unsafe_areas.iter_mut().for_each(|named| named.confirmed = false),
        Question::Pregnant => needs.pregnant = Answer::Unknown,
        Question::RiskToOthers => needs.risk_to_others = None,
        Question::AskedToLeave => needs.asked_to_leave_before = Answer::Unknown,
        Question::BailOrProbation => needs.bail_or_probation = Answer::Unknown,
        Question::Interpreter => (needs.interpreter, needs.interpreter_language) = (Answer::Unknown, None),
        Question::ImmigrationStatus => needs.immigration_status = None,
        Question::Employment => needs.monitoring.employment = None,
        Question::StayNeeded => needs.stay_needed = StayNeeded::Unknown,
        Question::ReferralSource => caller.sent_by = None,
    }
}

fn answer(caller: &mut Caller, question: Question, which: usize) {
    let answers = answers(question);
    answers[which % answers.len()](caller);
}

/// Rarely does a drawn household fit a drawn rule. This one fits most services, but for an answer or two.
pub(super) fn nearly_fitting() -> impl Strategy<Value = Caller> {
    let callers = vec![woman(), man().boy(15), woman().girl(1), woman().with(OTHER_ADULT, Some(40), Sex::Female)];
    let answers = vec((prop::sample::select(Question::ALL), any::<usize>()), 0..3);
    (prop::sample::select(callers), answers).prop_map(|(mut caller, answers)| {
        for (question, which) in answers {
            answer(&mut caller, question, which);
        }
        caller
    })
}

/// So few that a household may fit them all.
pub(super) fn few_rules() -> impl Strategy<Value = InForce> {
    vec(any_condition().prop_map(Rule::from), 1..4).prop_map(|rules| InForce::of_service(&rules, today()))
}

proptest! {
    #[test]
    fn a_question_that_is_answered_is_not_asked_again(
        rules in any_rules(), caller in any_caller(), unit in any_unit(), place in any_place(), which: usize,
    ) {
        for question in questions(&assessed(&rules, &unit, place, &caller)) {
            let mut caller = caller.clone();
            answer(&mut caller, question, which);
            prop_assert!(!questions(&assessed(&rules, &unit, place, &caller)).contains(&question), "{question:?}");
        }
    }

    #[test]
    fn whatever_was_not_asked_can_be_answered_for_good(
        rules in any_rules(), mut caller in any_caller(), unit in any_unit(), place in any_place(), which: usize,
        question in prop::sample::select(Question::ALL),
    ) {
        forget(&mut caller, question);
        answer(&mut caller, question, which);
        prop_assert!(!questions(&assessed(&rules, &unit, place, &caller)).contains(&question));
    }

    #[test]
    fn who_answers_every_question_gets_a_verdict(
        rules in any_rules(), mut caller in any_caller(), unit in any_unit(), place in any_place(), which: usize,
    ) {
        for _ in 0..Question::ALL.len() {
            for question in questions(&assessed(&rules, &unit, place, &caller)) {
                answer(&mut caller, question, which);
            }
        }
        prop_assert_ne!(assessed(&rules, &unit, place, &caller).verdict, MissingInformation);
    }

    /// Where any answer would spoil it, a vacancy does not fit until somebody has asked. The wishes about sharing and
    /// quiet are none until they are told.
    #[test]
    fn what_is_not_known_is_never_a_yes(
        rules in few_rules(), caller in nearly_fitting(), unit in any_unit(), place in any_place(),
    ) {
        for question in Question::ALL {
            let mut caller = caller.clone();
            forget(&mut caller, *question);
            let unknown = assessed(&rules, &unit, place, &caller);
            for answer in answers(*question) {
                let mut caller = caller.clone();
                answer(&mut caller);
                let known = assessed(&rules, &unit, place, &caller);
                prop_assert!(unknown.verdict != Suitable || known.verdict == Suitable, "{question:?} {known:?}");
            }
        }
    }

    #[test]
    fn what_is_not_known_is_nothing_to_prefer_somebody_for(
        wish in any_condition(), caller in nearly_fitting(), unit in any_unit(), place in any_place(),
        question in prop::sample::select(Question::ALL),
    ) {
        let rules = InForce::of_service(&[preferred(wish)], today());
        let mut caller = caller;
        forget(&mut caller, question);
        let unknown = assessed(&rules, &unit, place, &caller);
        for answer in answers(question) {
            let mut caller = caller.clone();
            answer(&mut caller);
            prop_assert!(!unknown.preferred || assessed(&rules, &unit, place, &caller).preferred);
        }
    }
}

/// Two answers at once: few households at random come here.
#[test]
fn the_concession_is_no_answer_about_public_funds() {
    for policy in [Nrpf::CaseByCase, Nrpf::No] {
        for concession in Concession::ALL {
            let unknown = woman().but(|needs| {
                (needs.recourse_to_public_funds, needs.concession) = (Answer::Unknown, *concession);
            });
            assert_eq!(questions(&only(Condition::Nrpf { policy }).assess(&unknown)), [Question::Recourse]);
        }
    }
}

#[rstest]
#[case(women(Policy::NotAccepted), Question::SurvivorSex)]
#[case(Condition::SurvivorAge { min: Some(18), max: None }, Question::SurvivorAge)]
#[case(Condition::SingleSex { sex: Sex::Female }, Question::OtherAdultSex)]
#[case(boys_to(5, None), Question::ChildAge)]
#[case(boys_to(5, None), Question::ChildSex)]
#[case(Condition::LargestFamily { people: 6 }, Question::Everybody)]
#[case(Condition::MaxChildren { children: 3 }, Question::Everybody)]
#[case(Condition::SchoolAgeChildren { policy: Policy::Discuss }, Question::ChildAge)]
#[case(Condition::AdultDependants { policy: Policy::NotAccepted }, Question::Everybody)]
#[case(Condition::Pregnancy { policy: Policy::Discuss }, Question::Pregnant)]
#[case(Condition::Pets { policy: Policy::NotAccepted }, Question::Pets)]
#[case(Condition::SupportNeed { need: SupportNeed::Drugs, up_to: Level::Low }, Question::AdditionalNeeds)]
#[case(after(HarmKind::Arson, Policy::NotAccepted, Some(5)), Question::RiskToOthers)]
#[case(Condition::PreviousEviction { policy: Policy::Discuss }, Question::AskedToLeave)]
#[case(Condition::BailOrProbation { policy: Policy::NotAccepted }, Question::BailOrProbation)]
#[case(spoken(&["Urdu"], Policy::NotAccepted), Question::Interpreter)]
#[case(sent_only_by(&["police"]), Question::ReferralSource)]
#[case(Condition::Nrpf { policy: Nrpf::CaseByCase }, Question::Recourse)]
#[case(statuses(&["eu_settled"]), Question::ImmigrationStatus)]
#[case(no_employment(&["student"]), Question::Employment)]
#[case(Condition::Funding { not_accepted: vec![Funding::SelfFunding] }, Question::Funding)]
#[case(Condition::ClientGroup { serves: ClientGroup::Lgbt }, Question::SexualOrientation)]
#[case(Condition::ClientGroup { serves: ClientGroup::Disabled }, Question::Impairments)]
#[case(Condition::ClientGroup { serves: ClientGroup::RaciallyMinoritised }, Question::EthnicGroup)]
#[case(Condition::StayLimit { max_nights: 28 }, Question::StayNeeded)]
fn a_rule_asks_for_the_fact_that_it_needs(#[case] condition: Condition, #[case] question: Question) {
    let shared = only(condition.clone()).beds(20).unit(|unit| unit.kitchen = crate::domain::provision::Room::Shared);
    let mut caller = woman().girl(8).boy(3).with(OTHER_ADULT, Some(40), Sex::Female);
    let others: Vec<_> = questions(&shared.assess(&caller));
    forget(&mut caller, question);
    assert!(questions(&shared.assess(&caller)).contains(&question) && !others.contains(&question), "{condition:?}");
}
