//! What a service has to know of the past.

use super::*;

const NOT_ACCEPTED: Policy = Policy::NotAccepted;

fn asked_to_leave(sample: Sample, policy: Policy) -> Sample {
    sample.and(Condition::PreviousEviction { policy })
}

fn bail(sample: Sample, policy: Policy) -> Sample {
    sample.and(Condition::BailOrProbation { policy })
}

#[rstest]
#[case::arson_ten_years_ago(woman().harmed(HarmKind::Arson, Some(10)), [
    (brookes_house().and(after(HarmKind::Arson, NOT_ACCEPTED, Some(5))), Discuss,
        "Ask this service first about arson 10 years ago; its limit is 5 years"),
    (leicester_refuge().and(after(HarmKind::Arson, NOT_ACCEPTED, None)), NotSuitable,
        "This service does not take people after arson"),
    (dispersed().and(after(HarmKind::Arson, Policy::Discuss, Some(5))), Suitable, ""),
])]
#[case::violence_last_year(woman().harmed(HarmKind::Violence, Some(1)), [
    (brookes_house().and(after(HarmKind::Violence, NOT_ACCEPTED, Some(3))), NotSuitable,
        "This service does not take people after violence"),
    (leicester_refuge().and(after(HarmKind::Violence, Policy::Discuss, None)), Discuss,
        "Ask this service first about people after violence"),
    (zinthiya().and(after(HarmKind::Violence, NOT_ACCEPTED, Some(1))), Discuss,
        "Ask this service first about violence 1 year ago; its limit is 1 year"),
])]
#[case::an_assault_on_staff_and_nobody_knows_when(woman().harmed(HarmKind::AssaultOnStaff, None), [
    (brookes_house().and(after(HarmKind::AssaultOnStaff, NOT_ACCEPTED, Some(5))), MissingInformation,
        "It matters here how long ago an assault on staff was; that is not known"),
    (leicester_refuge().and(after(HarmKind::AssaultOnStaff, NOT_ACCEPTED, None)), NotSuitable,
        "This service does not take people after an assault on staff"),
    (zinthiya(), Suitable, ""),
])]
#[case::an_offence_against_children(woman().harmed(HarmKind::OffenceAgainstChildren, Some(20)), [
    (brookes_house().and(after(HarmKind::OffenceAgainstChildren, NOT_ACCEPTED, None)), NotSuitable,
        "This service does not take people after an offence against children"),
    (respite_rooms().and(discussed(after(HarmKind::OffenceAgainstChildren, NOT_ACCEPTED, None))), Discuss,
        "Ask this service first about people after an offence against children"),
    (dispersed().and(after(HarmKind::Violence, NOT_ACCEPTED, None)), Suitable, ""),
])]
#[case::arson_long_ago_and_again_lately(
    woman().harmed(HarmKind::Arson, Some(12)).harmed(HarmKind::Arson, Some(2)), [
    (brookes_house().and(after(HarmKind::Arson, NOT_ACCEPTED, Some(5))), NotSuitable,
        "This service does not take people after arson / \
         Ask this service first about arson 12 years ago; its limit is 5 years"),
    (leicester_refuge().and(after(HarmKind::Arson, Policy::Discuss, Some(5))), Discuss,
        "Ask this service first about people after arson"),
    (action_homeless(), Suitable, ""),
])]
#[case::nobody_has_asked_for_harm(woman().but(|needs| needs.risk_to_others = None), [
    (brookes_house().and(after(HarmKind::Arson, NOT_ACCEPTED, Some(5))), MissingInformation,
        "Nobody has said yet whether there was arson in the past"),
    (leicester_refuge().and(after(HarmKind::Violence, Policy::Discuss, None)), MissingInformation,
        "Nobody has said yet whether there was violence in the past"),
    (zinthiya().and(after(HarmKind::Violence, Policy::Accepted, None)), Suitable, ""),
])]
#[case::asked_to_leave_before(woman().but(|needs| needs.asked_to_leave_before = Answer::Yes), [
    (asked_to_leave(brookes_house(), Policy::Discuss), Discuss,
        "Ask this service first; they had to leave a refuge before"),
    (asked_to_leave(leicester_refuge(), NOT_ACCEPTED), NotSuitable,
        "This service does not take people who had to leave a refuge before"),
    (zinthiya(), Suitable, ""),
])]
#[case::nobody_has_asked_whether_they_had_to_leave(
    woman().but(|needs| needs.asked_to_leave_before = Answer::Unknown), [
    (asked_to_leave(brookes_house(), Policy::Discuss), MissingInformation,
        "Nobody has said yet whether they had to leave a refuge before"),
    (asked_to_leave(leicester_refuge(), Policy::Accepted), Suitable, ""),
    (dispersed(), Suitable, ""),
])]
#[case::on_bail(woman().but(|needs| needs.bail_or_probation = Answer::Yes), [
    (bail(brookes_house(), Policy::Discuss), Discuss, "Ask this service first about bail or probation"),
    (bail(respite_rooms(), NOT_ACCEPTED), NotSuitable, "This service does not take people on bail or probation"),
    (dispersed(), Suitable, ""),
])]
#[case::nobody_has_asked_for_bail(woman().but(|needs| needs.bail_or_probation = Answer::Unknown), [
    (bail(brookes_house(), Policy::Discuss), MissingInformation,
        "Nobody has said yet whether anybody is on bail or probation"),
    (bail(respite_rooms(), Policy::Accepted), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
fn a_past(#[case] caller: Caller, #[case] services: Services) {
    told_by(services, &caller);
}
