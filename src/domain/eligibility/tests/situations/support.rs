//! How much support is needed, and in which language.

use super::*;

fn support(need: SupportNeed, up_to: Level) -> Condition {
    Condition::SupportNeed { need, up_to }
}

fn several_needs() -> Sample {
    only(Condition::ClientGroup { serves: ClientGroup::ComplexNeeds })
}

#[rstest]
#[case::a_methadone_prescription(woman().need("drugs", Level::Medium), [
    (brookes_house().and(support(SupportNeed::Drugs, Level::Medium)), Suitable, ""),
    (leicester_refuge().and(support(SupportNeed::Drugs, Level::Low)), NotSuitable,
        "This service cannot give that much support with drug use"),
    (respite_rooms().and(discussed(support(SupportNeed::Drugs, Level::None))), Discuss,
        "This service cannot give that much support with drug use; ask whether an exception is possible"),
])]
#[case::a_lot_of_support_with_alcohol(woman().need("alcohol", Level::High), [
    (brookes_house().and(support(SupportNeed::Alcohol, Level::Medium)), NotSuitable,
        "This service cannot give that much support with alcohol use"),
    (several_needs(), Discuss, "This service is for people with several support needs; ask whether it fits"),
    (zinthiya(), Suitable, ""),
])]
#[case::a_lot_of_support_with_mental_health(woman().need("mental_health", Level::High), [
    (juno_house().and(support(SupportNeed::MentalHealth, Level::Low)), NotSuitable,
        "Survivor aged 30 is above this service's highest age of 24 / \
         This service cannot give that much support with mental health"),
    (leicester_refuge().and(support(SupportNeed::MentalHealth, Level::High)), Suitable, ""),
    (dispersed().and(discussed(support(SupportNeed::MentalHealth, Level::Medium))), Discuss,
        "This service cannot give that much support with mental health; ask whether an exception is possible"),
])]
#[case::drugs_and_mental_health(woman().need("drugs", Level::Low).need("mental_health", Level::High), [
    (several_needs(), Suitable, ""),
    (several_needs().and(support(SupportNeed::MentalHealth, Level::Medium)), NotSuitable,
        "This service cannot give that much support with mental health"),
    (action_homeless(), Suitable, ""),
])]
#[case::a_learning_disability(woman().need("learning_disability", Level::Low), [
    (brookes_house().and(support(SupportNeed::LearningDisability, Level::Low)), Suitable, ""),
    (respite_rooms().and(support(SupportNeed::LearningDisability, Level::None)), NotSuitable,
        "This service cannot give that much support with a learning disability"),
    (panahghar(), Suitable, ""),
])]
#[case::a_long_illness(woman().need("physical_health", Level::High), [
    (brookes_house().and(support(SupportNeed::PhysicalHealth, Level::Medium)), NotSuitable,
        "This service cannot give that much support with physical health"),
    (brookes_house().under(Scope::Organisation, support(SupportNeed::PhysicalHealth, Level::Low)), NotSuitable,
        "This service cannot give that much support with physical health"),
    (zinthiya().and(support(SupportNeed::PhysicalHealth, Level::High)), Suitable, ""),
])]
#[case::nobody_has_asked_for_all_needs(
    woman().need("drugs", Level::Low).but(|needs| needs.support_needs_complete = Answer::Unknown), [
    (brookes_house().and(support(SupportNeed::Drugs, Level::Low)), Suitable, ""),
    (leicester_refuge().and(support(SupportNeed::MentalHealth, Level::Medium)), MissingInformation,
        "Nobody has said yet how much support with mental health is needed"),
    (several_needs(), MissingInformation,
        "This service is for people with several support needs; it is not known whether it fits"),
])]
#[case::a_need_of_unknown_level(woman().need("alcohol", Level::Unknown), [
    (brookes_house().and(support(SupportNeed::Alcohol, Level::Medium)), MissingInformation,
        "Nobody has said yet how much support with alcohol use is needed"),
    (brookes_house().and(support(SupportNeed::Alcohol, Level::High)), Suitable, ""),
    (dispersed(), Suitable, ""),
])]
#[case::an_interpreter_for_gujarati(woman().interpreter(" Gujarati "), [
    (panahghar().and(spoken(&["Punjabi", "gujarati"], Policy::NotAccepted)), Suitable, ""),
    (brookes_house().and(spoken(&["Polish"], Policy::Discuss)), Discuss,
        "Ask this service first about an interpreter for Gujarati"),
    (leicester_refuge().and(spoken(&[], Policy::NotAccepted)), NotSuitable,
        "This service has nobody who speaks Gujarati, and no interpreter"),
])]
#[case::an_interpreter_and_nobody_knows_the_language(woman().but(|needs| needs.interpreter = Answer::Yes), [
    (panahghar().and(spoken(&["Gujarati"], Policy::NotAccepted)), MissingInformation,
        "An interpreter is needed; nobody has said yet for which language"),
    (brookes_house().and(spoken(&["Polish"], Policy::Accepted)), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
#[case::nobody_has_asked_for_an_interpreter(woman().but(|needs| needs.interpreter = Answer::Unknown), [
    (panahghar().and(spoken(&["Gujarati"], Policy::Discuss)), MissingInformation,
        "Nobody has said yet whether an interpreter is needed"),
    (action_homeless(), Suitable, ""),
    (dispersed(), Suitable, ""),
])]
#[case::disabled(woman().but(|needs| needs.monitoring.impairments = Some(vec!["mobility".to_owned()])), [
    (only(Condition::ClientGroup { serves: ClientGroup::Disabled }), Suitable, ""),
    (leicester_refuge(), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
#[case::not_disabled(woman(), [
    (only(Condition::ClientGroup { serves: ClientGroup::Disabled }), NotSuitable,
        "This service is only for disabled people"),
    (several_needs(), NotSuitable, "This service is only for people with several support needs"),
    (only(Condition::ClientGroup { serves: ClientGroup::Lgbt }), NotSuitable, "This service is only for LGBT+ people"),
])]
fn a_need(#[case] caller: Caller, #[case] services: Services) {
    told_by(services, &caller);
}
