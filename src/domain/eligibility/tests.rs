use proptest::collection::vec;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::Verdict::{Discuss, MissingInformation, NotSuitable, Suitable};
use super::samples::*;
use super::*;
use crate::domain::household::{
    AccessNeed, AdditionalNeed, Answer, Concession, Funding, Level, MemberRole, SameAsBirth, Sex,
};

const HERE: Place = Place { area: LEICESTER, county: None };
const IN_A_COUNTY: Place = Place { area: CHARNWOOD, county: Some(LEICESTERSHIRE) };

const NEED_NOT_SAY: Sex = Sex::PreferNotToSay;
const CHILD: MemberRole = MemberRole::Child;
const DEPENDANT: MemberRole = MemberRole::AdultDependant;
const OTHER_ADULT: MemberRole = MemberRole::OtherAdult;

fn texts(assessment: &Assessment) -> Vec<&str> {
    assessment.reasons.iter().map(|reason| reason.text.as_str()).collect()
}

fn questions(assessment: &Assessment) -> Vec<Question> {
    assessment.reasons.iter().filter_map(|reason| reason.question).collect()
}

fn ethnic_group(caller: Caller, code: &str) -> Caller {
    caller.but(|needs| needs.monitoring.ethnic_group = Some(code.to_owned()))
}

fn no_public_funds(concession: Concession) -> Caller {
    woman().but(|needs| (needs.recourse_to_public_funds, needs.concession) = (Answer::No, concession))
}

fn needs_access(need: AccessNeed) -> Caller {
    woman().but(|needs| needs.access_need = need)
}

fn paying_by(funding: Funding) -> Caller {
    woman().but(|needs| needs.funding = funding)
}

/// A service with one rule about one group of people.
fn only_for(serves: ClientGroup) -> Sample {
    let mut sample = dispersed();
    sample.rules = vec![Rule::ClientGroup { serves, strength: Strength::Exclude }];
    sample
}

fn with_needs(needs: &[(&str, Level)]) -> Caller {
    woman().but(|profile| {
        profile.additional_needs =
            needs.iter().map(|&(need, level)| AdditionalNeed { need: need.to_owned(), level }).collect();
    })
}

#[rstest]
// Who the survivor is
#[case::a_woman_alone_fits_brookes_house(brookes_house(), woman(), Suitable, &[])]
#[case::a_woman_with_children_fits_leicester_refuge(leicester_refuge(), woman().girl(15).boy(12), Suitable, &[])]
#[case::a_man_does_not_fit_a_service_for_women(brookes_house(), man(), NotSuitable, &[
    "This service is for women and does not take a male survivor"])]
#[case::a_man_fits_dispersed(dispersed(), man().boy(17), Suitable, &[])]
#[case::a_woman_does_not_fit_a_service_for_men(
    Sample { rules: vec![Rule::SurvivorSex { accepts: vec![Sex::Male], trans_people: Policy::Accepted }], ..dispersed() },
    woman(), NotSuitable, &["This service is for men and does not take a female survivor"])]
#[case::sex_not_told_is_asked_by_a_single_sex_service(brookes_house(), survivor(NEED_NOT_SAY, 30), MissingInformation, &[
    "This service is for one sex; the survivor's is not known"])]
#[case::sex_not_told_does_not_matter_to_dispersed(dispersed(), survivor(Sex::Unknown, 30), Suitable, &[])]
#[case::a_trans_survivor_is_discussed(brookes_house(), man().trans(), Discuss, &[
    "Ask this service how it can support a trans survivor"])]
#[case::a_trans_survivor_fits_action_homeless(action_homeless(), man().trans(), Suitable, &[])]
#[case::a_trans_survivor_is_not_taken(juno_house(), survivor(Sex::Female, 20).trans(), NotSuitable, &[
    "This service says that it does not take trans survivors"])]
#[case::gender_need_not_be_told(
    brookes_house(), woman().but(|needs| needs.members[0].gender_same_as_birth = SameAsBirth::PreferNotToSay), Suitable, &[])]
#[case::two_survivors_and_one_sentence(
    zinthiya(), man().with(MemberRole::Survivor, Some(40), Sex::Male), NotSuitable, &[
    "This service is for women and does not take a male survivor"])]
#[case::a_survivor_of_16_fits_juno_house(juno_house(), survivor(Sex::Female, 16), Suitable, &[])]
#[case::a_survivor_of_15_is_too_young_for_juno_house(juno_house(), survivor(Sex::Female, 15), NotSuitable, &[
    "Survivor aged 15 is below this service's lowest age of 16"])]
#[case::a_survivor_of_25_is_too_old_for_juno_house(juno_house(), survivor(Sex::Female, 25), NotSuitable, &[
    "Survivor aged 25 is above this service's highest age of 24"])]
#[case::age_not_told_is_asked(juno_house(), woman().but(|needs| needs.members[0].age = None), MissingInformation, &[
    "This service has an age limit; the survivor's age is not known"])]
#[case::age_not_told_does_not_matter_to_zinthiya(zinthiya(), woman().but(|needs| needs.members[0].age = None), Suitable, &[])]
#[case::a_household_without_a_survivor(
    juno_house(), woman().but(|needs| needs.members[0].role = OTHER_ADULT), MissingInformation, &[
    "Nobody has said yet who the survivor is"])]
// Male children
#[case::a_boy_of_14_fits_brookes_house(brookes_house(), woman().boy(14), Suitable, &[])]
#[case::a_boy_of_15_is_discussed_at_brookes_house(brookes_house(), woman().boy(15).boy(3), Discuss, &[
    "Male child 15 is above this service's limit of 14; it may agree up to 16"])]
#[case::a_boy_of_17_is_too_old_for_brookes_house(brookes_house(), woman().boy(15).boy(17), NotSuitable, &[
    "Male child 17 is above this service's limit of 16"])]
#[case::a_girl_of_17_fits_brookes_house(brookes_house(), woman().girl(17), Suitable, &[])]
#[case::a_boy_of_13_is_too_old_for_leicester_refuge(leicester_refuge(), woman().boy(13), NotSuitable, &[
    "Male child 13 is above this service's limit of 12"])]
#[case::a_boy_of_12_is_too_old_for_action_homeless(action_homeless(), woman().boy(12), NotSuitable, &[
    "Male child 12 is above this service's limit of 11"])]
#[case::a_boy_of_10_is_too_old_for_zinthiya(zinthiya(), woman().boy(10), NotSuitable, &[
    "Male child 10 is above this service's limit of 9"])]
#[case::a_boy_of_15_is_too_old_for_a_shared_unit(panahghar(), woman().boy(15), NotSuitable, &[
    "Male child 15 is above this service's limit of 14"])]
#[case::a_boy_of_15_fits_a_self_contained_unit(panahghar().self_contained(), woman().boy(15), Suitable, &[])]
#[case::a_boy_of_unknown_age(zinthiya(), woman().with(CHILD, None, Sex::Male), MissingInformation, &[
    "Boys are taken up to 9; the age of a child is not known"])]
#[case::a_girl_of_unknown_age(zinthiya(), woman().with(CHILD, None, Sex::Female), Suitable, &[])]
#[case::a_young_child_of_unknown_sex(zinthiya(), woman().with(CHILD, Some(9), Sex::Unknown), Suitable, &[])]
#[case::an_older_child_of_unknown_sex(zinthiya(), woman().with(CHILD, Some(12), Sex::Unknown), MissingInformation, &[
    "Boys are taken up to 9; the sex of a child of 12 is not known"])]
#[case::one_boy_too_old_settles_it(zinthiya(), woman().boy(12).with(CHILD, None, Sex::Unknown), NotSuitable, &[
    "Male child 12 is above this service's limit of 9"])]
#[case::an_older_trans_child_is_discussed(zinthiya(), woman().boy(12).trans(), Discuss, &[
    "Boys are taken up to 9; ask this service about a trans child of 12"])]
#[case::a_trans_child_above_the_age_that_is_taken(brookes_house(), woman().girl(15).trans(), Discuss, &[
    "Boys are taken up to 14; ask this service about a trans child of 15"])]
#[case::no_limit_for_boys_in_dispersed(dispersed(), woman().with(CHILD, None, Sex::Male), Suitable, &[])]
// How many they are
#[case::five_people_and_four_beds(brookes_house(), woman().girl(9).girl(7).girl(5).girl(3), NotSuitable, &[
    "5 people need a bed and this home has 4", "A household of 5 is above this service's largest family of 4"])]
#[case::a_baby_sleeps_in_the_cot(brookes_house().unit(|unit| unit.bed_spaces = 2), woman().girl(5).boy(1), Suitable, &[])]
#[case::a_child_of_two_sleeps_in_a_bed(
    brookes_house().unit(|unit| unit.bed_spaces = 2), woman().girl(5).boy(2), NotSuitable, &[
    "3 people need a bed and this home has 2"])]
#[case::two_babies_and_one_cot(
    brookes_house().unit(|unit| unit.bed_spaces = 2), woman().girl(5).boy(1).girl(0), NotSuitable, &[
    "3 people need a bed and this home has 2"])]
#[case::a_child_may_be_small_enough_for_the_cot(
    brookes_house().unit(|unit| unit.bed_spaces = 1), woman().with(CHILD, None, Sex::Female), MissingInformation, &[
    "There are enough beds only if a child is under 2 and can use a cot"])]
#[case::two_children_at_juno_house(
    juno_house().unit(|unit| unit.bed_spaces = 3), survivor(Sex::Female, 22).girl(3).boy(2), NotSuitable, &[
    "A household of 3 is above this service's largest family of 2", "2 children are above this service's limit of 1"])]
#[case::one_child_at_juno_house(juno_house(), survivor(Sex::Female, 22).girl(3), Suitable, &[])]
#[case::no_children_at_all(dispersed().and(Rule::MaxChildren { children: 0 }), woman().boy(1), NotSuitable, &[
    "This service does not take children"])]
#[case::more_may_come(
    leicester_refuge(), woman().but(|needs| needs.household_complete = Answer::Unknown), MissingInformation, &[
    "More people may need the place"])]
#[case::more_only_makes_it_worse(
    zinthiya(), woman().girl(9).girl(7).girl(5).but(|needs| needs.household_complete = Answer::No), NotSuitable, &[
    "4 people need a bed and this home has 3", "A household of 4 is above this service's largest family of 3",
    "More people may need the place"])]
// Other adults
#[case::an_adult_dependant_is_discussed(brookes_house(), woman().with(DEPENDANT, Some(20), Sex::Male), Discuss, &[
    "Ask this service first about an adult dependant"])]
#[case::an_adult_dependant_is_not_taken(leicester_refuge(), woman().with(DEPENDANT, Some(40), Sex::Female), NotSuitable, &[
    "This service does not take adult dependants"])]
#[case::an_adult_dependant_fits_dispersed(dispersed(), woman().with(DEPENDANT, Some(20), Sex::Male), Suitable, &[])]
#[case::a_man_in_shared_rooms(zinthiya(), woman().with(OTHER_ADULT, Some(50), Sex::Male), Discuss, &[
    "A man would share rooms in a service for women"])]
#[case::a_man_in_a_home_of_their_own(
    panahghar().self_contained(), woman().with(OTHER_ADULT, Some(50), Sex::Male), Suitable, &[])]
#[case::another_adult_of_unknown_sex(zinthiya(), woman().with(OTHER_ADULT, None, Sex::Unknown), MissingInformation, &[
    "Rooms here are shared by people of one sex; another adult's is not known"])]
// Pets
#[case::a_dog_at_brookes_house(brookes_house(), woman().dog(), NotSuitable, &["This service does not take pets"])]
#[case::a_dog_fits_dispersed(dispersed(), man().dog(), Suitable, &[])]
#[case::a_dog_in_the_third_unit_of_dispersed(dispersed().unit(|unit| unit.pets = false), man().dog(), Discuss, &[
    "This service takes pets, but not in this home"])]
#[case::pets_to_be_discussed(
    Sample { rules: vec![Rule::Pets { policy: Policy::Discuss }], ..dispersed() }, woman().dog(), Discuss, &[
    "Ask this service first about pets"])]
#[case::pets_not_asked(zinthiya(), woman().but(|needs| needs.pets = None), MissingInformation, &[
    "Nobody has said yet whether there are pets"])]
#[case::pets_not_asked_do_not_matter_to_dispersed(dispersed(), woman().but(|needs| needs.pets = None), Suitable, &[])]
#[case::a_dog_without_a_rule_and_a_unit_without_pets(
    Sample { rules: vec![], ..zinthiya() }, woman().dog(), Discuss, &["This service takes pets, but not in this home"])]
// Money
#[case::no_public_funds_at_brookes_house(brookes_house(), no_public_funds(Concession::None), Suitable, &[])]
#[case::no_public_funds_at_leicester_refuge(leicester_refuge(), no_public_funds(Concession::Granted), Discuss, &[
    "Without public funds this service decides case by case"])]
#[case::no_public_funds_at_zinthiya(zinthiya(), no_public_funds(Concession::None), NotSuitable, &[
    "This service needs public funds and there are none"])]
#[case::a_concession_granted(zinthiya(), no_public_funds(Concession::Granted), Discuss, &[
    "The concession for migrant victims is granted; ask whether this service takes it"])]
#[case::a_concession_applied_for(zinthiya(), no_public_funds(Concession::Applied), Discuss, &[
    "The concession for migrant victims is applied for; ask whether this service can wait"])]
#[case::a_concession_not_asked(zinthiya(), no_public_funds(Concession::Unknown), MissingInformation, &[
    "This service needs public funds; a concession for migrant victims may help"])]
#[case::public_funds_not_asked(
    leicester_refuge(), woman().but(|needs| needs.recourse_to_public_funds = Answer::Unknown), MissingInformation, &[
    "Nobody has said yet whether there are public funds"])]
#[case::public_funds_not_asked_do_not_matter(
    brookes_house(), woman().but(|needs| needs.recourse_to_public_funds = Answer::Unknown), Suitable, &[])]
#[case::cannot_pay(leicester_refuge(), paying_by(Funding::CannotFund), Discuss, &[
    "Ask this service first about people who cannot pay the rent"])]
#[case::pays_without_benefits(
    dispersed().and(Rule::Funding { not_accepted: vec![Funding::SelfFunding], strength: Strength::Exclude }),
    paying_by(Funding::SelfFunding), NotSuitable, &["This service does not take people who pay the rent themselves"])]
#[case::paying_not_asked(leicester_refuge(), paying_by(Funding::Unknown), MissingInformation, &[
    "Nobody has said yet how the rent would be paid"])]
// Specialist services
#[case::an_indian_woman_fits_panahghar(panahghar(), woman(), Suitable, &[])]
#[case::a_white_british_woman_and_panahghar(panahghar(), ethnic_group(woman(), "white_british"), NotSuitable, &[
    "This service is only for Black, Asian and racially minoritised people"])]
#[case::an_irish_woman_decides_with_panahghar(panahghar(), ethnic_group(woman(), "white_irish"), Discuss, &[
    "This service is for Black, Asian and racially minoritised people; ask whether it fits"])]
#[case::she_need_not_say_to_panahghar(panahghar(), ethnic_group(woman(), "prefer_not_to_say"), Discuss, &[
    "This service is for Black, Asian and racially minoritised people; ask whether it fits"])]
#[case::panahghar_asks(panahghar(), ethnic_group(woman(), "not_asked"), MissingInformation, &[
    "This service is for Black, Asian and racially minoritised people; it is not known whether it fits"])]
#[case::a_trans_man_fits_an_lgbt_service(only_for(ClientGroup::Lgbt), man().trans(), Suitable, &[])]
#[case::an_lgbt_service_asks(only_for(ClientGroup::Lgbt), man(), MissingInformation, &[
    "This service is for LGBT+ people; it is not known whether it fits"])]
#[case::no_impairment(
    only_for(ClientGroup::Disabled), woman().but(|needs| needs.monitoring.impairments = Some(vec![])), NotSuitable, &[
    "This service is only for disabled people"])]
#[case::two_support_needs(
    only_for(ClientGroup::ComplexNeeds), with_needs(&[("drugs", Level::Low), ("street_homeless", Level::Unknown)]),
    Suitable, &[])]
#[case::one_support_need(only_for(ClientGroup::ComplexNeeds), with_needs(&[("alcohol", Level::High)]), Discuss, &[
    "This service is for people with several support needs; ask whether it fits"])]
#[case::one_support_need_of_unknown_level(
    only_for(ClientGroup::ComplexNeeds), with_needs(&[("alcohol", Level::Unknown)]), MissingInformation, &[
    "This service is for people with several support needs; it is not known whether it fits"])]
#[case::support_needs_not_asked(only_for(ClientGroup::ComplexNeeds), woman(), MissingInformation, &[
    "This service is for people with several support needs; it is not known whether it fits"])]
// Access
#[case::steps(brookes_house(), needs_access(AccessNeed::LevelAccess), NotSuitable, &["This home has steps"])]
#[case::upstairs(brookes_house(), needs_access(AccessNeed::GroundFloor), NotSuitable, &[
    "This home is not on the ground floor"])]
#[case::a_lift(
    brookes_house().unit(|unit| unit.step_free = true), needs_access(AccessNeed::GroundFloor), Discuss, &[
    "This home is not on the ground floor; ask whether there is a lift"])]
#[case::no_room_for_a_wheelchair(brookes_house(), needs_access(AccessNeed::WheelchairToEssentialRooms), NotSuitable, &[
    "A wheelchair cannot be used in this home"])]
#[case::a_wheelchair_in_the_main_rooms(
    action_homeless(), needs_access(AccessNeed::WheelchairToEssentialRooms), Suitable, &[])]
#[case::a_wheelchair_in_every_room(action_homeless(), needs_access(AccessNeed::FullyWheelchairAccessible), NotSuitable, &[
    "A wheelchair can be used only in some rooms of this home"])]
#[case::steps_before_a_wheelchair_unit(
    zinthiya().unit(|unit| unit.step_free = false), needs_access(AccessNeed::FullyWheelchairAccessible), Discuss, &[
    "This home has steps; ask whether a wheelchair can get in"])]
#[case::access_not_asked(action_homeless(), needs_access(AccessNeed::Unknown), MissingInformation, &[
    "Nobody has said yet what the home must allow for"])]
#[case::a_home_that_allows_for_everything(zinthiya(), needs_access(AccessNeed::Unknown), Suitable, &[])]
// Safety
#[case::an_unsafe_area(dispersed(), woman().unsafe_in(LEICESTER, true), NotSuitable, &[
    "This home is in an area named as not safe"])]
#[case::an_area_that_may_be_unsafe(dispersed(), woman().unsafe_in(LEICESTER, false), MissingInformation, &[
    "Nobody has said yet whether this area is safe"])]
#[case::confirmed_settles_it(
    dispersed(), woman().unsafe_in(LEICESTER, false).unsafe_in(LEICESTER, true), NotSuitable, &[
    "This home is in an area named as not safe"])]
#[case::another_area_is_unsafe(dispersed(), woman().unsafe_in(CHARNWOOD, true), Suitable, &[])]
// All at once
#[case::every_reason_is_given(
    zinthiya(), man().boy(12).dog().unsafe_in(LEICESTER, true).but(|needs| needs.recourse_to_public_funds = Answer::Unknown),
    NotSuitable, &[
    "This home is in an area named as not safe", "This service is for women and does not take a male survivor",
    "Male child 12 is above this service's limit of 9", "This service does not take pets",
    "Nobody has said yet whether there are public funds"])]
fn a_service_and_a_household(
    #[case] sample: Sample,
    #[case] caller: Caller,
    #[case] verdict: Verdict,
    #[case] expected: &[&str],
) {
    let assessment = assess(&sample.rules, &sample.unit, &HERE, &caller.0);
    assert_eq!(texts(&assessment), expected);
    assert_eq!(assessment.verdict, verdict);
}

#[rstest]
#[case::the_district(CHARNWOOD, NotSuitable)]
#[case::its_county(LEICESTERSHIRE, NotSuitable)]
#[case::a_neighbour(LEICESTER, Suitable)]
fn an_unsafe_county_is_unsafe_in_all_its_districts(#[case] area: &str, #[case] verdict: Verdict) {
    let sample = dispersed();
    let needs = woman().unsafe_in(area, true).0;
    assert_eq!(assess(&sample.rules, &sample.unit, &IN_A_COUNTY, &needs).verdict, verdict);
}

#[test]
fn a_case_just_opened_asks_each_question_once_and_what_matters_only() {
    let sample = leicester_refuge();
    let assessment = assess(&sample.rules, &sample.unit, &HERE, &Needs::default());
    let expected = [Question::Household, Question::AccessNeed, Question::Pets, Question::Recourse, Question::Funding];
    assert_eq!(questions(&assessment), expected);
    assert_eq!(assessment.verdict, MissingInformation);
    assert_eq!(assessment.reasons[0].text, "Nobody has said yet who needs the place");
}

#[test]
fn a_reason_reads_the_same_in_the_api() {
    let sample = zinthiya();
    let assessment = assess(&sample.rules, &sample.unit, &HERE, &woman().boy(15).but(|needs| needs.pets = None).0);
    let expected = json!({
        "verdict": "not_suitable",
        "reasons": [
            {"code": "male_child_age", "effect": "not_suitable", "text": "Male child 15 is above this service's limit of 9"},
            {
                "code": "pets", "effect": "missing_information",
                "text": "Nobody has said yet whether there are pets", "question": "pets",
            },
        ],
    });
    assert_eq!(serde_json::to_value(&assessment).unwrap(), expected);
}

/// One of the answers that somebody could give.
fn answer(needs: &mut Needs, question: Question, first: bool) {
    let sex = if first { Sex::Female } else { Sex::Male };
    let of_role = |needs: &mut Needs, role, change: &dyn Fn(&mut crate::domain::household::Member)| {
        needs.members.iter_mut().filter(|member| member.role == role).for_each(change);
    };
    match question {
        Question::Household => needs.members.push(member(MemberRole::Survivor, Some(30), sex)),
        Question::Everybody => needs.household_complete = Answer::Yes,
        Question::SurvivorSex => of_role(needs, MemberRole::Survivor, &|member| member.sex = sex),
        Question::SurvivorAge => of_role(needs, MemberRole::Survivor, &|member| member.age = Some(20)),
        Question::ChildAge => of_role(needs, CHILD, &|member| member.age = Some(if first { 1 } else { 15 })),
        Question::ChildSex => of_role(needs, CHILD, &|member| member.sex = sex),
        Question::OtherAdultSex => of_role(needs, OTHER_ADULT, &|member| member.sex = sex),
        Question::AccessNeed => {
            needs.access_need = if first { AccessNeed::None } else { AccessNeed::LevelAccess };
        }
        Question::Pets => needs.pets = if first { Some(vec![]) } else { woman().dog().0.pets },
        Question::Recourse => needs.recourse_to_public_funds = if first { Answer::Yes } else { Answer::No },
        Question::Concession => needs.concession = if first { Concession::None } else { Concession::Granted },
        Question::Funding => {
            needs.funding = if first { Funding::UniversalCredit } else { Funding::CannotFund };
        }
        Question::EthnicGroup => {
            needs.monitoring.ethnic_group = Some(if first { "roma" } else { "prefer_not_to_say" }.to_owned());
        }
        Question::SexualOrientation => {
            needs.monitoring.sexual_orientation =
                Some(if first { "straight_or_heterosexual" } else { "prefer_not_to_say" }.to_owned());
        }
        Question::Impairments => {
            needs.monitoring.impairments = Some(if first { vec![] } else { vec!["vision".to_owned()] });
        }
        Question::AdditionalNeeds => {
            needs.additional_needs =
                with_needs(&[("alcohol", if first { Level::None } else { Level::Low })]).0.additional_needs;
        }
        Question::SafeArea => {
            if first {
                needs.unsafe_areas.clear();
            } else {
                needs.unsafe_areas.iter_mut().for_each(|named| named.confirmed = true);
            }
        }
    }
}

proptest! {
    #[test]
    fn the_order_of_the_rules_plays_no_part(
        (rules, shuffled) in vec(any_rule(), 0..10).prop_flat_map(|rules| (Just(rules.clone()), Just(rules).prop_shuffle())),
        needs in any_needs(), unit in any_unit(), place in any_place(),
    ) {
        prop_assert_eq!(assess(&rules, &unit, &place, &needs), assess(&shuffled, &unit, &place, &needs));
    }

    #[test]
    fn the_verdict_is_the_worst_reason_and_only_what_is_missing_has_a_question(
        rules in vec(any_rule(), 0..10), needs in any_needs(), unit in any_unit(), place in any_place(),
    ) {
        let Assessment { verdict, reasons } = assess(&rules, &unit, &place, &needs);
        prop_assert_eq!(verdict, reasons.iter().map(|reason| reason.effect).max().unwrap_or(Suitable));
        for reason in &reasons {
            prop_assert!(Reason::CODES.contains(&reason.code));
            prop_assert_ne!(reason.effect, Suitable);
            prop_assert_eq!(reason.effect == MissingInformation, reason.question.is_some());
            for area in [LEICESTER, CHARNWOOD, LEICESTERSHIRE] {
                prop_assert!(!reason.text.contains(area));
            }
        }
    }

    #[test]
    fn a_question_that_is_answered_is_not_asked_again(
        rules in vec(any_rule(), 0..10), needs in any_needs(), unit in any_unit(), place in any_place(), first: bool,
    ) {
        for question in questions(&assess(&rules, &unit, &place, &needs)) {
            let mut needs = needs.clone();
            answer(&mut needs, question, first);
            prop_assert!(!questions(&assess(&rules, &unit, &place, &needs)).contains(&question), "{question:?}");
        }
    }

    #[test]
    fn who_answers_every_question_gets_a_verdict(
        rules in vec(any_rule(), 0..10), mut needs in any_needs(), unit in any_unit(), place in any_place(), first: bool,
    ) {
        for _ in 0..Question::ALL.len() {
            for question in questions(&assess(&rules, &unit, &place, &needs)) {
                answer(&mut needs, question, first);
            }
        }
        prop_assert_ne!(assess(&rules, &unit, &place, &needs).verdict, MissingInformation);
    }

    #[test]
    fn one_more_rule_never_makes_a_vacancy_fit_better(
        rules in vec(any_rule(), 0..10), more in any_rule(), needs in any_needs(), unit in any_unit(), place in any_place(),
    ) {
        let before = assess(&rules, &unit, &place, &needs).verdict;
        let with_more: Vec<_> = rules.into_iter().chain([more]).collect();
        prop_assert!(assess(&with_more, &unit, &place, &needs).verdict >= before);
    }
}
