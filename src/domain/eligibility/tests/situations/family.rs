//! Children, babies, and adults who depend on the survivor.

use super::*;

const MORE: &str = "More people may need the place";

fn school_children(sample: Sample, policy: Policy) -> Sample {
    sample.and(Condition::SchoolAgeChildren { policy })
}

fn pregnancy(sample: Sample, policy: Policy) -> Sample {
    sample.and(Condition::Pregnancy { policy })
}

#[rstest]
#[case::a_son_of_15(woman().boy(15), [
    (brookes_house(), Discuss, "Male child 15 is above this service's limit of 14; it may agree up to 16"),
    (leicester_refuge(), NotSuitable, "Male child 15 is above this service's limit of 12"),
    (dispersed(), Suitable, ""),
])]
#[case::a_son_of_15_and_a_home_of_their_own(woman().boy(15), [
    (panahghar(), NotSuitable, "Male child 15 is above this service's limit of 14"),
    (panahghar().self_contained(), Suitable, ""),
    (respite_rooms(), Suitable, ""),
])]
#[case::a_son_of_12(woman().boy(12), [
    (action_homeless(), NotSuitable, "Male child 12 is above this service's limit of 11"),
    (zinthiya(), NotSuitable, "Male child 12 is above this service's limit of 9"),
    (leicester_refuge(), Suitable, ""),
])]
#[case::a_son_of_17(woman().boy(17), [
    (brookes_house(), NotSuitable, "Male child 17 is above this service's limit of 16"),
    (panahghar().self_contained(), NotSuitable, "Male child 17 is above this service's limit of 16"),
    (dispersed(), Suitable, ""),
])]
#[case::a_daughter_of_17(woman().girl(17), [
    (brookes_house(), Suitable, ""),
    (leicester_refuge(), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
#[case::a_son_and_nobody_knows_his_age(woman().with(CHILD, None, Sex::Male), [
    (brookes_house(), MissingInformation, "Boys are taken up to 14; the age of a child is not known"),
    (zinthiya(), MissingInformation, "Boys are taken up to 9; the age of a child is not known"),
    (dispersed(), Suitable, ""),
])]
#[case::a_child_of_12_not_described(woman().with(CHILD, Some(12), Sex::Unknown), [
    (brookes_house(), Suitable, ""),
    (action_homeless(), MissingInformation, "Boys are taken up to 11; the sex of a child of 12 is not known"),
    (zinthiya(), MissingInformation, "Boys are taken up to 9; the sex of a child of 12 is not known"),
])]
#[case::a_trans_child_of_15(woman().girl(15).trans(), [
    (brookes_house(), Discuss, "Boys are taken up to 14; ask this service about a trans child of 15"),
    (zinthiya(), Discuss, "Boys are taken up to 9; ask this service about a trans child of 15"),
    (dispersed(), Suitable, ""),
])]
#[case::five_children(woman().girl(13).girl(11).girl(9).girl(7).girl(5), [
    (brookes_house(), NotSuitable,
        "6 people need a bed and this home has 4 / A household of 6 is above this service's largest family of 4"),
    (dispersed(), NotSuitable,
        "6 people need a bed and this home has 5 / A household of 6 is above this service's largest family of 5"),
    (panahghar().beds(6).under(Scope::Unit, Condition::LargestFamily { people: 6 }), Suitable, ""),
])]
#[case::a_baby_and_a_cot(woman().girl(0), [
    (brookes_house().beds(1), Suitable, ""),
    (leicester_refuge().beds(1).unit(|unit| unit.cots = 0), NotSuitable,
        "2 people need a bed and this home has 1 bed"),
    (zinthiya(), Suitable, ""),
])]
#[case::twins_and_one_cot(woman().girl(1).boy(1), [
    (brookes_house().beds(1), NotSuitable, "2 people need a bed and this home has 1 bed"),
    (brookes_house().beds(1).unit(|unit| unit.cots = 2), Suitable, ""),
    (juno_house().beds(3), NotSuitable,
        "Survivor aged 30 is above this service's highest age of 24 / \
         A household of 3 is above this service's largest family of 2 / 2 children are above this service's limit of 1"),
])]
#[case::a_child_who_may_need_a_bed(woman().with(CHILD, None, Sex::Female), [
    (brookes_house().beds(1), MissingInformation,
        "There are enough beds only if a child is under 2 and can use a cot"),
    (brookes_house(), Suitable, ""),
    (zinthiya().beds(1).unit(|unit| unit.cots = 0), NotSuitable, "2 people need a bed and this home has 1 bed"),
])]
#[case::a_mother_of_19_with_two_children(survivor(Sex::Female, 19).girl(3).girl(2), [
    (juno_house(), NotSuitable,
        "3 people need a bed and this home has 2 / A household of 3 is above this service's largest family of 2 / \
         2 children are above this service's limit of 1"),
    (brookes_house(), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
#[case::children_where_none_are_taken(woman().boy(2), [
    (respite_rooms().and(Condition::MaxChildren { children: 0 }), NotSuitable, "This service does not take children"),
    (respite_rooms(), Suitable, ""),
    (action_homeless(), Suitable, ""),
])]
#[case::children_at_school(woman().girl(8), [
    (school_children(respite_rooms(), Policy::NotAccepted), NotSuitable,
        "This service does not take children of school age"),
    (school_children(brookes_house(), Policy::Discuss), Discuss,
        "Ask this service first about children of school age"),
    (school_children(zinthiya(), Policy::Accepted), Suitable, ""),
])]
#[case::children_before_and_after_school(woman().girl(4).girl(16), [
    (school_children(respite_rooms(), Policy::NotAccepted), Suitable, ""),
    (school_children(brookes_house(), Policy::Discuss), Suitable, ""),
    (school_children(zinthiya(), Policy::NotAccepted), Suitable, ""),
])]
#[case::a_daughter_who_may_go_to_school(woman().with(CHILD, None, Sex::Female), [
    (school_children(respite_rooms(), Policy::NotAccepted), MissingInformation,
        "It matters here whether children go to school; a child's age is not known"),
    (school_children(brookes_house(), Policy::Accepted), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
#[case::pregnant(woman().but(|needs| needs.pregnant = Answer::Yes), [
    (pregnancy(leicester_refuge(), Policy::Discuss), Discuss, "Ask this service first about a pregnancy"),
    (pregnancy(respite_rooms(), Policy::NotAccepted), NotSuitable, "This service cannot support a pregnancy"),
    (brookes_house(), Suitable, ""),
])]
#[case::pregnancy_not_asked(woman().but(|needs| needs.pregnant = Answer::Unknown), [
    (pregnancy(leicester_refuge(), Policy::Discuss), MissingInformation,
        "Nobody has said yet whether the survivor is pregnant"),
    (pregnancy(brookes_house(), Policy::Accepted), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
#[case::her_adult_daughter_depends_on_her(woman().with(DEPENDANT, Some(22), Sex::Female), [
    (brookes_house(), Discuss, "Ask this service first about an adult dependant"),
    (leicester_refuge(), NotSuitable, "This service does not take adult dependants"),
    (dispersed(), Suitable, ""),
])]
#[case::her_adult_son_depends_on_her(woman().with(DEPENDANT, Some(20), Sex::Male), [
    (brookes_house().and(Condition::SingleSex { sex: Sex::Female }), NotSuitable,
        "Rooms here are shared by women only / Ask this service first about an adult dependant"),
    (leicester_refuge(), NotSuitable, "This service does not take adult dependants"),
    (dispersed().and(Condition::SingleSex { sex: Sex::Female }), Suitable, ""),
])]
#[case::more_may_come(woman().but(|needs| needs.household_complete = Answer::Unknown), [
    (brookes_house(), MissingInformation, MORE),
    (dispersed(), MissingInformation, MORE),
    (Sample { rules: vec![], ..zinthiya() }, MissingInformation, MORE),
])]
fn a_family(#[case] caller: Caller, #[case] services: Services) {
    told_by(services, &caller);
}
