//! One service and one household at a time, and what holds for all of them.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::Verdict::{Discuss, MissingInformation, NotSuitable, Suitable};
use super::samples::*;
use super::*;
use crate::domain::household::{
    AccessNeed, Answer, Concession, Funding, HarmKind, Level, Member, MemberRole, Needs, SameAsBirth, Sex, StayNeeded,
};

mod guide;
mod properties;
mod sentences;
mod situations;
mod unknown;

const NEED_NOT_SAY: Sex = Sex::PreferNotToSay;
const CHILD: MemberRole = MemberRole::Child;
const DEPENDANT: MemberRole = MemberRole::AdultDependant;
const OTHER_ADULT: MemberRole = MemberRole::OtherAdult;

fn texts(assessment: &Assessment, caller: &Caller) -> Vec<String> {
    told(&assessment.reasons, &caller.household()).into_iter().map(|told| told.text).collect()
}

/// Every question that a reason asks, whether or not another asks it too.
fn questions(assessment: &Assessment) -> Vec<Question> {
    assessment.reasons.iter().filter_map(|reason| reason.question).collect()
}

/// A home that allows for everything, with one rule.
fn only(condition: Condition) -> Sample {
    Sample::with_rules([condition.into()])
}

/// As Zinthiya would be if it took only people with public funds.
fn needing_public_funds() -> Sample {
    let mut sample = zinthiya();
    sample.rules.retain(|rule| !matches!(rule.condition, Condition::Nrpf { .. }));
    sample.and(Condition::Nrpf { policy: Nrpf::No })
}

#[rstest]
// Who the survivor is
#[case::a_woman_alone_fits_brookes_house(brookes_house(), woman(), Suitable, &[])]
#[case::a_woman_with_children_fits_leicester_refuge(leicester_refuge(), woman().girl(15).boy(12), Suitable, &[])]
#[case::a_man_does_not_fit_a_service_for_women(brookes_house(), man(), NotSuitable, &[
    "This service is for women and does not take a male survivor"])]
#[case::a_man_fits_dispersed(dispersed(), man().boy(17), Suitable, &[])]
#[case::a_woman_does_not_fit_a_service_for_men(
    only(Condition::SurvivorSex { accepts: vec![Sex::Male], trans_people: Policy::Accepted }),
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
#[case::no_children_at_all(dispersed().and(Condition::MaxChildren { children: 0 }), woman().boy(1), NotSuitable, &[
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
    only(Condition::Pets { policy: Policy::Discuss }), woman().dog(), Discuss, &[
    "Ask this service first about pets"])]
#[case::pets_not_asked(zinthiya(), woman().but(|needs| needs.pets = None), MissingInformation, &[
    "Nobody has said yet whether there are pets"])]
#[case::pets_not_asked_do_not_matter_to_dispersed(dispersed(), woman().but(|needs| needs.pets = None), Suitable, &[])]
#[case::a_dog_without_a_rule_and_a_unit_without_pets(
    Sample { rules: vec![], ..zinthiya() }, woman().dog(), Discuss, &["This service takes pets, but not in this home"])]
// Money
#[case::no_public_funds_at_brookes_house(brookes_house(), woman().no_public_funds(Concession::None), Suitable, &[])]
#[case::no_public_funds_at_leicester_refuge(leicester_refuge(), woman().no_public_funds(Concession::Granted), Discuss, &[
    "Without public funds this service decides case by case"])]
#[case::no_public_funds_at_zinthiya(needing_public_funds(), woman().no_public_funds(Concession::None), NotSuitable, &[
    "This service needs public funds and there are none"])]
#[case::a_concession_granted(needing_public_funds(), woman().no_public_funds(Concession::Granted), Discuss, &[
    "The concession for migrant victims is granted; ask whether this service takes it"])]
#[case::a_concession_applied_for(needing_public_funds(), woman().no_public_funds(Concession::Applied), Discuss, &[
    "The concession for migrant victims is applied for; ask whether this service can wait"])]
#[case::a_concession_not_asked(needing_public_funds(), woman().no_public_funds(Concession::Unknown), MissingInformation, &[
    "This service needs public funds; a concession for migrant victims may help"])]
#[case::public_funds_not_asked(
    leicester_refuge(), woman().but(|needs| needs.recourse_to_public_funds = Answer::Unknown), MissingInformation, &[
    "Nobody has said yet whether there are public funds"])]
#[case::public_funds_not_asked_do_not_matter(
    brookes_house(), woman().but(|needs| needs.recourse_to_public_funds = Answer::Unknown), Suitable, &[])]
#[case::cannot_pay(leicester_refuge(), woman().paying_by(Funding::CannotFund), Discuss, &[
    "Ask this service first about people who cannot pay the rent"])]
#[case::pays_without_benefits(
    dispersed().and(Condition::Funding { not_accepted: vec![Funding::SelfFunding] }),
    woman().paying_by(Funding::SelfFunding), NotSuitable, &["This service does not take people who pay the rent themselves"])]
#[case::paying_not_asked(leicester_refuge(), woman().paying_by(Funding::Unknown), MissingInformation, &[
    "Nobody has said yet how the rent would be paid"])]
// Specialist services
#[case::an_indian_woman_fits_panahghar(panahghar(), woman(), Suitable, &[])]
#[case::a_white_british_woman_and_panahghar(panahghar(), woman().ethnic_group("white_british"), NotSuitable, &[
    "This service is only for Black, Asian and racially minoritised people"])]
#[case::an_irish_woman_decides_with_panahghar(panahghar(), woman().ethnic_group("white_irish"), Discuss, &[
    "This service is for Black, Asian and racially minoritised people; ask whether it fits"])]
#[case::she_need_not_say_to_panahghar(panahghar(), woman().ethnic_group("prefer_not_to_say"), Discuss, &[
    "This service is for Black, Asian and racially minoritised people; ask whether it fits"])]
#[case::panahghar_asks(panahghar(), woman().ethnic_group("not_asked"), MissingInformation, &[
    "This service is for Black, Asian and racially minoritised people; it is not known whether it fits"])]
#[case::a_trans_man_fits_an_lgbt_service(only(Condition::ClientGroup { serves: ClientGroup::Lgbt }), man().trans(), Suitable, &[])]
#[case::an_lgbt_service_asks(only(Condition::ClientGroup { serves: ClientGroup::Lgbt }), man().but(|needs| needs.monitoring.sexual_orientation = None), MissingInformation, &[
    "This service is for LGBT+ people; it is not known whether it fits"])]
#[case::no_impairment(
    only(Condition::ClientGroup { serves: ClientGroup::Disabled }), woman().but(|needs| needs.monitoring.impairments = Some(vec![])), NotSuitable, &[
    "This service is only for disabled people"])]
#[case::two_support_needs(
    only(Condition::ClientGroup { serves: ClientGroup::ComplexNeeds }), woman().need("drugs", Level::Low).need("street_homeless", Level::Unknown),
    Suitable, &[])]
#[case::one_support_need(only(Condition::ClientGroup { serves: ClientGroup::ComplexNeeds }), woman().need("alcohol", Level::High), Discuss, &[
    "This service is for people with several support needs; ask whether it fits"])]
#[case::one_support_need_of_unknown_level(
    only(Condition::ClientGroup { serves: ClientGroup::ComplexNeeds }), woman().need("alcohol", Level::Unknown), MissingInformation, &[
    "This service is for people with several support needs; it is not known whether it fits"])]
#[case::support_needs_not_asked(only(Condition::ClientGroup { serves: ClientGroup::ComplexNeeds }), woman().but(|needs| needs.support_needs_complete = Answer::Unknown), MissingInformation, &[
    "This service is for people with several support needs; it is not known whether it fits"])]
// Access
#[case::steps(brookes_house(), woman().access(AccessNeed::LevelAccess), NotSuitable, &["This home has steps"])]
#[case::upstairs(brookes_house(), woman().access(AccessNeed::GroundFloor), NotSuitable, &[
    "This home is not on the ground floor"])]
#[case::a_lift(
    brookes_house().unit(|unit| unit.step_free = true), woman().access(AccessNeed::GroundFloor), Discuss, &[
    "This home is not on the ground floor; ask whether there is a lift"])]
#[case::no_room_for_a_wheelchair(brookes_house(), woman().access(AccessNeed::WheelchairToEssentialRooms), NotSuitable, &[
    "A wheelchair cannot be used in this home"])]
#[case::a_wheelchair_in_the_main_rooms(
    action_homeless(), woman().access(AccessNeed::WheelchairToEssentialRooms), Suitable, &[])]
#[case::a_wheelchair_in_every_room(action_homeless(), woman().access(AccessNeed::FullyWheelchairAccessible), NotSuitable, &[
    "A wheelchair can be used only in some rooms of this home"])]
#[case::steps_before_a_wheelchair_unit(
    zinthiya().unit(|unit| unit.step_free = false), woman().access(AccessNeed::FullyWheelchairAccessible), Discuss, &[
    "This home has steps; ask whether a wheelchair can get in"])]
#[case::access_not_asked(action_homeless(), woman().access(AccessNeed::Unknown), MissingInformation, &[
    "Nobody has said yet what the home must allow for"])]
#[case::a_home_that_allows_for_everything(zinthiya(), woman().access(AccessNeed::Unknown), Suitable, &[])]
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
    needing_public_funds(), man().boy(12).dog().unsafe_in(LEICESTER, true).but(|needs| needs.recourse_to_public_funds = Answer::Unknown),
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
    let assessment = sample.assess(&caller);
    assert_eq!(texts(&assessment, &caller), expected);
    assert_eq!(assessment.verdict, verdict);
}

#[rstest]
#[case::the_district(CHARNWOOD, NotSuitable)]
#[case::its_county(LEICESTERSHIRE, NotSuitable)]
#[case::a_neighbour(LEICESTER, Suitable)]
fn an_unsafe_county_is_unsafe_in_all_its_districts(#[case] area: &str, #[case] verdict: Verdict) {
    assert_eq!(dispersed().at(IN_A_COUNTY).assess(&woman().unsafe_in(area, true)).verdict, verdict);
}

#[test]
fn a_case_just_opened_asks_each_question_once_and_what_matters_only() {
    let nobody = Caller { needs: Needs::default(), sent_by: Some("local_helpline") };
    let assessment = leicester_refuge().assess(&nobody);
    let told = told(&assessment.reasons, &nobody.household());
    let asked: Vec<_> = told.iter().filter_map(|told| told.question).collect();
    let expected = [Question::Household, Question::AccessNeed, Question::Pets, Question::Recourse, Question::Funding];
    assert_eq!(asked, expected);
    assert_eq!(assessment.verdict, MissingInformation);
    assert_eq!(told[0].text, "Nobody has said yet who needs the place");
}

#[test]
fn a_reason_reads_the_same_in_a_record() {
    let caller = woman().boy(15).but(|needs| needs.pets = None);
    let told = told(&zinthiya().assess(&caller).reasons, &caller.household());
    let expected = json!([
        {
            "code": "male_child_age", "effect": "not_suitable", "whose": "service", "rule": "A rule of this service",
            "fact": "Boy aged 15", "text": "Male child 15 is above this service's limit of 9",
            "resolve": "The provider makes an exception for a boy of 15", "question": null,
        },
        {
            "code": "pets", "effect": "missing_information", "whose": "service", "rule": "A rule of this service",
            "fact": "Not known yet", "text": "Nobody has said yet whether there are pets",
            "resolve": "Ask: Are there any pets to bring?", "question": "pets",
        },
    ]);
    assert_eq!(serde_json::to_value(&told).unwrap(), expected);
}

#[test]
fn two_survivors_are_each_told_about_themselves() {
    let caller = woman().with(MemberRole::Survivor, Some(31), Sex::Male);
    let told = told(&brookes_house().assess(&caller).reasons, &caller.household());
    assert_eq!(told[0].fact, "Male survivor");
}
