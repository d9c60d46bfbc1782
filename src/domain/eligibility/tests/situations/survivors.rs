//! Who the survivor and the other adults are.

use super::*;

const FOR_WOMEN: &str = "This service is for women and does not take a male survivor";
const ASK_TRANS: &str = "Ask this service how it can support a trans survivor";
const SEX_NOT_KNOWN: &str = "This service is for one sex; the survivor's is not known";
const A_GROUP: &str = "This service is for Black, Asian and racially minoritised people; ask whether it fits";
const MAYBE_A_GROUP: &str =
    "This service is for Black, Asian and racially minoritised people; it is not known whether it fits";

fn for_men() -> Sample {
    only(Condition::SurvivorSex { accepts: vec![Sex::Male], trans_people: Policy::Discuss })
}

fn women_where_rooms_are_shared(sample: Sample) -> Sample {
    sample.and(Condition::SingleSex { sex: Sex::Female })
}

#[rstest]
#[case::a_woman_alone(woman(), [
    (brookes_house(), Suitable, ""),
    (panahghar(), Suitable, ""),
    (for_men(), NotSuitable, "This service is for men and does not take a female survivor"),
])]
#[case::a_man(man(), [
    (brookes_house(), NotSuitable, FOR_WOMEN),
    (dispersed(), Suitable, ""),
    (for_men(), Suitable, ""),
])]
#[case::a_father_and_his_daughter(man().girl(6), [
    (action_homeless(), NotSuitable, FOR_WOMEN),
    (zinthiya(), NotSuitable, FOR_WOMEN),
    (dispersed(), Suitable, ""),
])]
#[case::a_man_where_rooms_are_shared_by_women(man(), [
    (women_where_rooms_are_shared(respite_rooms()), NotSuitable,
        "This service is for women and does not take a male survivor / Rooms here are shared by women only"),
    (women_where_rooms_are_shared(dispersed()), Suitable, ""),
    (for_men().and(Condition::SingleSex { sex: Sex::Male }), Suitable, ""),
])]
#[case::a_trans_woman(survivor(Sex::Female, 22).trans(), [
    (brookes_house(), Discuss, ASK_TRANS),
    (juno_house(), NotSuitable, "This service says that it does not take trans survivors"),
    (action_homeless(), Suitable, ""),
])]
#[case::a_trans_man(man().trans(), [
    (leicester_refuge(), Discuss, ASK_TRANS),
    (for_men(), Discuss, ASK_TRANS),
    (dispersed(), Suitable, ""),
])]
#[case::non_binary_and_sex_not_told(
    survivor(Sex::Unknown, 28).but(|needs| needs.members[0].gender_same_as_birth = SameAsBirth::PreferNotToSay), [
    (brookes_house(), MissingInformation, SEX_NOT_KNOWN),
    (zinthiya(), MissingInformation, SEX_NOT_KNOWN),
    (dispersed(), Suitable, ""),
])]
#[case::sex_kept_to_oneself_where_rooms_are_shared(survivor(NEED_NOT_SAY, 28), [
    (women_where_rooms_are_shared(action_homeless()), MissingInformation, SEX_NOT_KNOWN),
    (women_where_rooms_are_shared(Sample { rules: vec![], ..brookes_house() }), MissingInformation,
        "Rooms here are shared by people of one sex; the survivor's is not known"),
    (women_where_rooms_are_shared(dispersed()), Suitable, ""),
])]
#[case::a_survivor_of_17(survivor(Sex::Female, 17), [
    (brookes_house(), Suitable, ""),
    (juno_house(), Suitable, ""),
    (brookes_house().under(Scope::Unit, Condition::SurvivorAge { min: Some(18), max: None }), NotSuitable,
        "Survivor aged 17 is below this service's lowest age of 18"),
])]
#[case::a_survivor_of_15(survivor(Sex::Female, 15), [
    (brookes_house(), NotSuitable, "Survivor aged 15 is below this service's lowest age of 16"),
    (juno_house(), NotSuitable, "Survivor aged 15 is below this service's lowest age of 16"),
    (zinthiya(), Suitable, ""),
])]
#[case::a_survivor_of_67(survivor(Sex::Female, 67), [
    (brookes_house(), Suitable, ""),
    (juno_house(), NotSuitable, "Survivor aged 67 is above this service's highest age of 24"),
    (only(Condition::SurvivorAge { min: Some(55), max: None }), Suitable, ""),
])]
#[case::age_not_told(woman().but(|needs| needs.members[0].age = None), [
    (brookes_house(), MissingInformation, "This service has an age limit; the survivor's age is not known"),
    (juno_house(), MissingInformation, "This service has an age limit; the survivor's age is not known"),
    (zinthiya(), Suitable, ""),
])]
#[case::white_british_and_by_and_for(woman().ethnic_group("white_british"), [
    (panahghar(), NotSuitable, "This service is only for Black, Asian and racially minoritised people"),
    (respite_rooms(), Discuss, A_GROUP),
    (brookes_house(), Suitable, ""),
])]
#[case::roma(woman().ethnic_group("roma"), [
    (panahghar(), Suitable, ""),
    (respite_rooms(), Suitable, ""),
    (leicester_refuge(), Suitable, ""),
])]
#[case::irish(woman().ethnic_group("white_irish"), [
    (panahghar(), Discuss, A_GROUP),
    (respite_rooms(), Discuss, A_GROUP),
    (zinthiya(), Suitable, ""),
])]
#[case::ethnic_group_not_asked(woman().ethnic_group("not_asked"), [
    (panahghar(), MissingInformation, MAYBE_A_GROUP),
    (respite_rooms(), MissingInformation, MAYBE_A_GROUP),
    (action_homeless(), Suitable, ""),
])]
#[case::a_lesbian(woman().but(|needs| needs.monitoring.sexual_orientation = Some("gay_or_lesbian".to_owned())), [
    (only(Condition::ClientGroup { serves: ClientGroup::Lgbt }), Suitable, ""),
    (brookes_house().and(preferred(Condition::ClientGroup { serves: ClientGroup::Lgbt })), Suitable, ""),
    (dispersed(), Suitable, ""),
])]
#[case::her_brother_comes_too(woman().with(OTHER_ADULT, Some(25), Sex::Male), [
    (zinthiya(), Discuss, "A man would share rooms in a service for women"),
    (women_where_rooms_are_shared(brookes_house()), NotSuitable,
        "Rooms here are shared by women only / A man would share rooms in a service for women"),
    (panahghar().self_contained(), Suitable, ""),
])]
#[case::her_adult_daughter_comes_too(woman().with(OTHER_ADULT, Some(22), Sex::Female), [
    (women_where_rooms_are_shared(brookes_house()), Suitable, ""),
    (leicester_refuge(), Suitable, ""),
    (for_men().unit(|unit| unit.kitchen = crate::domain::provision::Room::Shared), NotSuitable,
        "This service is for men and does not take a female survivor / A woman would share rooms in a service for men"),
])]
#[case::her_trans_sister_comes_too(woman().with(OTHER_ADULT, Some(25), Sex::Female).trans(), [
    (zinthiya(), Discuss, "Ask this service how it can support a trans adult"),
    (action_homeless(), Suitable, ""),
    (dispersed(), Suitable, ""),
])]
#[case::somebody_comes_too_who_is_not_described(woman().with(OTHER_ADULT, None, Sex::Unknown), [
    (brookes_house(), MissingInformation, "Rooms here are shared by people of one sex; another adult's is not known"),
    (women_where_rooms_are_shared(zinthiya()), MissingInformation,
        "Rooms here are shared by people of one sex; another adult's is not known"),
    (dispersed(), Suitable, ""),
])]
fn a_survivor(#[case] caller: Caller, #[case] services: Services) {
    told_by(services, &caller);
}
