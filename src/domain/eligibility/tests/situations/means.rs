//! Public funds, status, work, rent, and who sends the household.

use super::*;

const BY_CASE: &str = "Without public funds this service decides case by case";
const STATUS: &str = "This service does not take people with this immigration status";
const WORK: &str = "This service cannot take people with this kind of work or study";
const ROUTE: &str = "This service does not take referrals that come this way";
const WORKING: &str = "employed_or_self_employed";

fn settled(sample: Sample) -> Sample {
    sample.and(statuses(&["british_or_irish", "eu_settled", "indefinite_leave"]))
}

fn not_paid_by(funding: Funding) -> Condition {
    Condition::Funding { not_accepted: vec![funding] }
}

#[rstest]
#[case::no_public_funds(woman().no_public_funds(Concession::None), [
    (needing_public_funds(), NotSuitable, "This service needs public funds and there are none"),
    (dispersed(), Discuss, BY_CASE),
    (panahghar(), Suitable, ""),
])]
#[case::the_concession_is_applied_for(woman().no_public_funds(Concession::Applied), [
    (needing_public_funds(), Discuss,
        "The concession for migrant victims is applied for; ask whether this service can wait"),
    (leicester_refuge(), Discuss, BY_CASE),
    (brookes_house(), Suitable, ""),
])]
#[case::the_concession_is_granted(woman().no_public_funds(Concession::Granted), [
    (needing_public_funds(), Discuss,
        "The concession for migrant victims is granted; ask whether this service takes it"),
    (leicester_refuge(), Discuss, BY_CASE),
    (respite_rooms(), Suitable, ""),
])]
#[case::nobody_has_asked_for_the_concession(woman().no_public_funds(Concession::Unknown), [
    (needing_public_funds(), MissingInformation,
        "This service needs public funds; a concession for migrant victims may help"),
    (leicester_refuge(), Discuss, BY_CASE),
    (brookes_house(), Suitable, ""),
])]
#[case::nobody_has_asked_for_public_funds(
    woman().but(|needs| needs.recourse_to_public_funds = Answer::Unknown), [
    (needing_public_funds(), MissingInformation, "Nobody has said yet whether there are public funds"),
    (leicester_refuge(), MissingInformation, "Nobody has said yet whether there are public funds"),
    (action_homeless(), Suitable, ""),
])]
#[case::working_and_paying_themselves(woman().working(WORKING).paying_by(Funding::SelfFunding), [
    (brookes_house().and(not_paid_by(Funding::SelfFunding)), NotSuitable,
        "This service does not take people who pay the rent themselves"),
    (leicester_refuge().and(no_employment(&[WORKING])), NotSuitable, WORK),
    (dispersed(), Suitable, ""),
])]
#[case::working_with_universal_credit(woman().working(WORKING).paying_by(Funding::UniversalCredit), [
    (brookes_house().and(discussed(no_employment(&[WORKING]))), Discuss,
        "This service cannot take people with this kind of work or study; ask whether an exception is possible"),
    (brookes_house().and(not_paid_by(Funding::SelfFunding)), Suitable, ""),
    (zinthiya().and(not_paid_by(Funding::UniversalCredit)), NotSuitable,
        "This service does not take people whose rent Universal Credit pays"),
])]
#[case::a_student(survivor(Sex::Female, 20).working("student"), [
    (leicester_refuge().and(no_employment(&["student"])), NotSuitable, WORK),
    (brookes_house().and(no_employment(&[WORKING])), Suitable, ""),
    (juno_house(), Suitable, ""),
])]
#[case::nobody_has_asked_for_work(woman().but(|needs| needs.monitoring.employment = None), [
    (leicester_refuge().and(no_employment(&["student"])), MissingInformation,
        "Nobody has said yet whether the survivor works or studies"),
    (leicester_refuge(), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
#[case::nobody_can_pay(woman().paying_by(Funding::CannotFund), [
    (leicester_refuge(), Discuss, "Ask this service first about people who cannot pay the rent"),
    (brookes_house().and(not_paid_by(Funding::CannotFund)), NotSuitable,
        "This service does not take people who cannot pay the rent"),
    (action_homeless(), Suitable, ""),
])]
#[case::housing_benefit_pays(woman(), [
    (brookes_house().and(not_paid_by(Funding::HousingBenefit)), NotSuitable,
        "This service does not take people whose rent Housing Benefit pays"),
    (leicester_refuge(), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
#[case::nobody_has_asked_who_pays(woman().paying_by(Funding::Unknown), [
    (leicester_refuge(), MissingInformation, "Nobody has said yet how the rent would be paid"),
    (brookes_house(), Suitable, ""),
    (zinthiya(), Suitable, ""),
])]
#[case::an_asylum_seeker(woman().status("asylum_seeker").no_public_funds(Concession::None), [
    (settled(brookes_house()), NotSuitable, STATUS),
    (settled(leicester_refuge()), NotSuitable,
        "This service does not take people with this immigration status / \
         Without public funds this service decides case by case"),
    (panahghar(), Suitable, ""),
])]
#[case::pre_settled(woman().status("eu_pre_settled"), [
    (settled(brookes_house()), NotSuitable, STATUS),
    (settled(brookes_house()).under(Scope::Vacancy, statuses(&["eu_pre_settled"])), Suitable, ""),
    (respite_rooms(), Suitable, ""),
])]
#[case::they_would_rather_not_say_their_status(woman().status("prefer_not_to_say"), [
    (settled(brookes_house()), Discuss, "This service asks for the immigration status; talk to it first"),
    (leicester_refuge(), Suitable, ""),
    (panahghar(), Suitable, ""),
])]
#[case::nobody_has_asked_for_the_status(woman().but(|needs| needs.immigration_status = None), [
    (settled(brookes_house()), MissingInformation, "Nobody has said yet what the immigration status is"),
    (brookes_house(), Suitable, ""),
    (panahghar(), Suitable, ""),
])]
#[case::sent_by_the_police(woman().sent_by("police"), [
    (leicester_refuge().and(sent_only_by(&["local_helpline"])), NotSuitable, ROUTE),
    (brookes_house().and(discussed(sent_only_by(&["local_helpline", "national_helpline"]))), Discuss,
        "This service does not take referrals that come this way; ask whether an exception is possible"),
    (panahghar().and(sent_only_by(&["police", "specialist_helpline"])), Suitable, ""),
])]
#[case::nobody_knows_who_sends_them(Caller { sent_by: None, ..woman() }, [
    (leicester_refuge().and(sent_only_by(&["local_helpline"])), MissingInformation,
        "It is not known who sends the household"),
    (leicester_refuge(), Suitable, ""),
    (dispersed(), Suitable, ""),
])]
fn what_can_be_paid(#[case] caller: Caller, #[case] services: Services) {
    told_by(services, &caller);
}
