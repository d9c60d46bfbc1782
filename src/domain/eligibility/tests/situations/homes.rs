//! Access, pets, areas, and what the household said that it wants.

use super::*;

const NO_WHEELCHAIR: &str = "A wheelchair cannot be used in this home";
const NO_PETS: &str = "This service does not take pets";
const UNSAFE: &str = "This home is in an area named as not safe";
const NOT_SHARED: &str = "Rooms here are shared, and they would rather not share";
const AWAY: &str = "They cannot travel to this county on their own; ask who can help with travel";
const IN_RUTLAND: Place = Place { area: RUTLAND, county: None };

fn pets(policy: Policy) -> Condition {
    Condition::Pets { policy }
}

fn nights(sample: Sample, max_nights: u16) -> Sample {
    sample.and(Condition::StayLimit { max_nights })
}

fn communal(sample: Sample) -> Sample {
    sample.and(Condition::CommunalLiving {})
}

#[rstest]
#[case::a_wheelchair_everywhere(woman().access(AccessNeed::FullyWheelchairAccessible), [
    (brookes_house(), NotSuitable, NO_WHEELCHAIR),
    (action_homeless(), NotSuitable, "A wheelchair can be used only in some rooms of this home"),
    (zinthiya(), Suitable, ""),
])]
#[case::a_wheelchair_in_the_main_rooms(woman().access(AccessNeed::WheelchairToEssentialRooms), [
    (leicester_refuge(), NotSuitable, NO_WHEELCHAIR),
    (zinthiya().unit(|unit| unit.step_free = false), Discuss,
        "This home has steps; ask whether a wheelchair can get in"),
    (action_homeless(), Suitable, ""),
])]
#[case::ground_floor(woman().access(AccessNeed::GroundFloor), [
    (brookes_house(), NotSuitable, "This home is not on the ground floor"),
    (brookes_house().unit(|unit| unit.step_free = true), Discuss,
        "This home is not on the ground floor; ask whether there is a lift"),
    (leicester_refuge().floor(0), Suitable, ""),
])]
#[case::no_steps(woman().access(AccessNeed::LevelAccess), [
    (dispersed(), NotSuitable, "This home has steps"),
    (action_homeless(), Suitable, ""),
    (respite_rooms(), Suitable, ""),
])]
#[case::access_not_asked(woman().access(AccessNeed::Unknown), [
    (brookes_house(), MissingInformation, "Nobody has said yet what the home must allow for"),
    (action_homeless(), MissingInformation, "Nobody has said yet what the home must allow for"),
    (zinthiya(), Suitable, ""),
])]
#[case::a_dog(woman().dog(), [
    (brookes_house(), NotSuitable, NO_PETS),
    (dispersed(), Suitable, ""),
    (respite_rooms(), Suitable, ""),
])]
#[case::a_dog_and_the_third_home(man().dog(), [
    (dispersed().unit(|unit| unit.pets = false), Discuss, "This service takes pets, but not in this home"),
    (dispersed().under(Scope::Unit, pets(Policy::Discuss)), Discuss, "Ask this service first about pets"),
    (dispersed().under(Scope::Vacancy, pets(Policy::NotAccepted)), NotSuitable, NO_PETS),
])]
#[case::a_dog_where_the_narrower_rule_differs(woman().dog(), [
    (brookes_house().under(Scope::Unit, pets(Policy::Accepted)).unit(|unit| unit.pets = true), Suitable, ""),
    (leicester_refuge().under(Scope::Unit, discussed(pets(Policy::NotAccepted))), Discuss,
        "Ask this service first about pets"),
    (respite_rooms().under(Scope::Organisation, pets(Policy::NotAccepted)), Suitable, ""),
])]
#[case::pets_not_asked(woman().but(|needs| needs.pets = None), [
    (brookes_house(), MissingInformation, "Nobody has said yet whether there are pets"),
    (zinthiya(), MissingInformation, "Nobody has said yet whether there are pets"),
    (dispersed(), Suitable, ""),
])]
#[case::the_city_is_not_safe(woman().unsafe_in(LEICESTER, true), [
    (brookes_house(), NotSuitable, UNSAFE),
    (dispersed().at(IN_A_COUNTY), Suitable, ""),
    (dispersed().at(IN_RUTLAND), Suitable, ""),
])]
#[case::the_county_is_not_safe(woman().unsafe_in(LEICESTERSHIRE, true), [
    (panahghar().at(IN_A_COUNTY), NotSuitable, UNSAFE),
    (dispersed().at(IN_RUTLAND), Suitable, ""),
    (brookes_house(), Suitable, ""),
])]
#[case::nobody_has_asked_whether_the_city_is_safe(woman().unsafe_in(LEICESTER, false), [
    (brookes_house(), MissingInformation, "Nobody has said yet whether this area is safe"),
    (zinthiya(), MissingInformation, "Nobody has said yet whether this area is safe"),
    (dispersed().at(IN_A_COUNTY), Suitable, ""),
])]
#[case::the_county_is_too_far(woman().but(|needs| needs.too_far = vec![LEICESTERSHIRE.to_owned()]), [
    (panahghar().at(IN_A_COUNTY), NotSuitable, "The survivor said that this area is too far"),
    (panahghar(), Suitable, ""),
    (dispersed().at(IN_RUTLAND), Suitable, ""),
])]
#[case::they_can_travel_within_the_city_only(woman().but(|needs| needs.can_travel_to = vec![LEICESTER.to_owned()]), [
    (dispersed().at(IN_A_COUNTY), Discuss, AWAY),
    (dispersed().at(IN_RUTLAND), Discuss, AWAY),
    (respite_rooms(), Suitable, ""),
])]
#[case::they_will_not_share_a_bathroom(woman().but(|needs| needs.shared_living = Answer::No), [
    (brookes_house(), NotSuitable, NOT_SHARED),
    (panahghar().self_contained(), Suitable, ""),
    (dispersed(), Suitable, ""),
])]
#[case::they_will_not_share_a_life(woman().but(|needs| needs.shared_living = Answer::No), [
    (communal(brookes_house()), NotSuitable, NOT_SHARED),
    (communal(panahghar().self_contained()), NotSuitable, NOT_SHARED),
    (panahghar().self_contained().and(discussed(Condition::CommunalLiving {})), Discuss,
        "Rooms here are shared, and they would rather not share; ask whether an exception is possible"),
])]
#[case::they_need_quiet(woman().but(|needs| needs.quiet_home = Answer::Yes), [
    (communal(leicester_refuge()), Discuss, "Life here is shared and can be loud; ask whether it is quiet enough"),
    (leicester_refuge(), Suitable, ""),
    (dispersed(), Suitable, ""),
])]
#[case::a_place_for_months(woman().needs_place_for(StayNeeded::Months), [
    (nights(respite_rooms(), 28), NotSuitable, "A stay here ends after 28 nights"),
    (nights(brookes_house(), 366), Suitable, ""),
    (leicester_refuge(), Suitable, ""),
])]
#[case::a_place_for_some_nights(woman().needs_place_for(StayNeeded::Days), [
    (nights(respite_rooms(), 28), Suitable, ""),
    (nights(respite_rooms(), 1), NotSuitable, "A stay here ends after 1 night"),
    (zinthiya(), Suitable, ""),
])]
#[case::a_place_for_as_long_as_it_takes(woman().needs_place_for(StayNeeded::AsLongAsItTakes), [
    (nights(respite_rooms(), 28), NotSuitable, "A stay here ends after 28 nights"),
    (nights(dispersed(), 730), NotSuitable, "A stay here ends after 730 nights"),
    (brookes_house(), Suitable, ""),
])]
#[case::nobody_has_asked_for_how_long(woman().needs_place_for(StayNeeded::Unknown), [
    (nights(respite_rooms(), 28), MissingInformation,
        "A stay here ends after 28 nights; it is not known how long a place is needed"),
    (brookes_house(), Suitable, ""),
    (dispersed(), Suitable, ""),
])]
fn a_home(#[case] caller: Caller, #[case] services: Services) {
    told_by(services, &caller);
}
