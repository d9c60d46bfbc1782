//! Every measure there is: what it counts, in which unit, from what, and what it does not say.

use super::figure::Kind;
use crate::domain::words;

words! {
    /// What a measure is about.
    #[schema(as = MeasureTheme)]
    Theme {
        Referrals = "referrals",
        DeniedAccess = "denied_access",
        Waiting = "waiting",
        Homes = "homes",
        Stays = "stays",
        People = "people",
        Completeness = "completeness",
        Sanctuary = "sanctuary",
    }
}

words! {
    /// What is counted.
    #[schema(as = MeasureUnit)]
    Unit {
        Referral = "referral",
        Household = "household",
        Person = "person",
        UnitDay = "unit_day",
        Unit = "unit",
        Vacancy = "vacancy",
        Stay = "stay",
        Answer = "answer",
        Job = "job",
    }
}

words! {
    /// From which side records are counted: those of one's own services, or those of one's own cases.
    #[schema(as = MeasureSide)]
    Side { Provider = "provider", Referrer = "referrer" }
}

/// What a measure is.
#[derive(Debug, Clone)]
pub struct Definition {
    pub code: Code,
    pub theme: Theme,
    pub title: &'static str,
    /// What it counts, in plain words.
    pub counts: &'static str,
    pub unit: Unit,
    pub kind: Kind,
    /// Who has it.
    pub sides: &'static [Side],
    /// The records that it comes from.
    pub source: &'static str,
    pub caveats: &'static [&'static str],
}

const BOTH: &[Side] = &[Side::Provider, Side::Referrer];
const PROVIDER: &[Side] = &[Side::Provider];
const REFERRER: &[Side] = &[Side::Referrer];

macro_rules! catalogue {
    ($($variant:ident = $code:tt: $theme:ident, $unit:ident, $kind:ident, $sides:ident,
        $title:literal, $counts:literal, $source:literal, [$($caveat:expr),* $(,)?];)*) => {
        words! {
            /// A measure, by its stable name.
            #[schema(as = MeasureCode)]
            Code { $($variant = $code),* }
        }

        impl Code {
            pub fn definition(self) -> Definition {
                match self {
                    $(Self::$variant => Definition {
                        code: self,
                        theme: Theme::$theme,
                        title: $title,
                        counts: $counts,
                        unit: Unit::$unit,
                        kind: Kind::$kind,
                        sides: $sides,
                        source: $source,
                        caveats: &[$($caveat),*],
                    }),*
                }
            }
        }
    };
}

const SENT: &str =
    "A referral counts in the period in which it was sent, whenever it ended: recent figures still change.";
const NOT_ADDED: &str = "Reasons beside the main one are listed apart and are never added to it.";
const PLACE: &str = "A place counts from the day it was agreed, before the household has come.";
const TIME: &str = "Time is counted to the second, and told in days of 24 hours. What lies ahead is not counted.";
const LATEST: &str = "The answers are those that are recorded now, not those of the time.";
const MANY: &str = "One household can count under several values: the rows add up to more than the households.";
const FEW: &str = "Half are less, half are more. Of few, it says little.";
const CHAIN: &str = "A household that moves from one home to another has one stay.";

catalogue! {
    Referrals = "referrals": Referrals, Referral, Count, BOTH, "Referrals",
        "Referrals sent in the period.", "referrals",
        [SENT, "A household can have many referrals, or none."];
    ReferralsPlaced = "referrals_placed": Referrals, Referral, Count, BOTH, "Referrals that led to a place",
        "Referrals sent in the period whose household has arrived.", "referrals", [SENT];
    ReferralsDenied = "referrals_denied": DeniedAccess, Referral, Count, BOTH, "Referrals that ended without a place",
        "Referrals sent in the period that ended other than in a place, each under its main reason.", "referrals",
        [SENT, NOT_ADDED, "Never to be mixed with households unable to be supported."];
    ReferralsOpen = "referrals_open": Referrals, Referral, Count, BOTH, "Referrals not settled yet",
        "Referrals sent in the period that have not ended, or whose household is still expected.", "referrals", [SENT];
    SuccessRate = "success_rate": Referrals, Referral, Percent, BOTH, "Success rate",
        "Of the referrals sent in the period that ended, those that led to a place.", "referrals", [SENT];
    DeniedRate = "denied_rate": DeniedAccess, Referral, Percent, BOTH, "Denied-access rate",
        "Of the referrals sent in the period that ended, those that did not lead to a place.", "referrals", [SENT];
    SecondaryReasons = "secondary_reasons": DeniedAccess, Referral, Count, BOTH, "Reasons beside the main one",
        "How often a reason was given beside the main one, of referrals sent in the period.", "referrals", [SENT, NOT_ADDED];
    RepeatReferrals = "repeat_referrals": Referrals, Referral, Percent, BOTH, "Repeat referrals",
        "Of the referrals sent in the period, those for somebody of whom the organisation had a referral before.",
        "referrals; cases that a worker said are of the same person",
        ["Two referrals for one case count as a repeat: also when both were sent on one day.",
         "A provider's are found by the case alone. Nobody is recognised across organisations."];
    RepeatReferralsAssessed = "repeat_referrals_assessed": Referrals, Referral, Count, BOTH, "Repeats that were assessed before",
        "Of the repeat referrals, those where an earlier referral had been accepted or declined by then.", "referrals",
        ["Withdrawn and lapsed referrals were not assessed."];
    ResponseMedian = "response_median": Referrals, Referral, Minutes, BOTH, "Response time, in the middle",
        "Time from sending to accepting or declining, of the referrals sent in the period.", "referrals",
        [SENT, FEW, "What was withdrawn or lapsed before anybody answered has no response time."];
    ResponseNinetieth = "response_90th": Referrals, Referral, Minutes, BOTH, "Response time, nine in ten",
        "Nine in ten answers to referrals sent in the period took no longer.", "referrals", [SENT];
    ResponseWithinTwoHours = "response_within_2_hours": Referrals, Referral, Percent, BOTH, "Answered within 2 hours",
        "Of the answered referrals sent in the period, those answered within 2 hours.", "referrals",
        [SENT, "Those that nobody has answered yet are not in it: they are the unknown ones."];
    OutOfArea = "out_of_area": Referrals, Referral, Count, REFERRER, "Out-of-area referrals",
        "Referrals sent in the period to a service outside the county or unitary authority that the household comes from.",
        "referrals, cases", [SENT, "For planning only: where a household comes from never decides who gets a place.",
         "Providers do not learn where a household comes from, so they do not have this measure."];
    InArea = "in_area": Referrals, Referral, Percent, REFERRER, "In-area share",
        "Of the referrals sent in the period whose area of origin is known, those to a service in the same county or unitary authority.",
        "referrals, cases", [SENT];
    CasesOpened = "cases_opened": Waiting, Household, Count, REFERRER, "Cases opened",
        "Cases opened in the period.", "cases", [];
    CasesClosed = "cases_closed": DeniedAccess, Household, Count, REFERRER, "Cases closed",
        "Cases closed in the period, with a place or without.", "cases", [];
    HouseholdsUnable = "households_unable": DeniedAccess, Household, Count, REFERRER, "Households unable to be supported",
        "Cases closed in the period without a place, each under its main reason.", "cases",
        [NOT_ADDED, "The unit of the national return. Never to be mixed with referrals."];
    WaitingList = "waiting_list": Waiting, Household, Count, REFERRER, "Waiting at the end",
        "Open cases without a place at the end of the period.", "cases, stays",
        [PLACE, "A household that has left, and whose case is still open, waits again.",
         "Who is safe in their own home, made so by a sanctuary, does not wait until they say that they are not."];
    WaitingListLeast = "waiting_list_min": Waiting, Household, Count, REFERRER, "Fewest waiting",
        "The fewest that waited at the end of any day of the period.", "cases, stays", [PLACE];
    WaitingListMean = "waiting_list_mean": Waiting, Household, Count, REFERRER, "Waiting on a usual day",
        "The mean of those who waited at the end of each day of the period.", "cases, stays", [PLACE];
    WaitingListMost = "waiting_list_max": Waiting, Household, Count, REFERRER, "Most waiting",
        "The most that waited at the end of any day of the period.", "cases, stays", [PLACE];
    WaitingListMedian = "waiting_list_median": Waiting, Household, Days, REFERRER, "How long those have waited, in the middle",
        "Days waited so far by those who wait at the end of the period.", "cases, stays", [FEW, PLACE];
    WaitingTimeMedian = "waiting_time_median": Waiting, Household, Days, REFERRER, "Time to a place, in the middle",
        "Days from opening the case to the first arrival, of households that arrived in the period.", "cases, stays", [FEW];
    WaitingTimeNinetieth = "waiting_time_90th": Waiting, Household, Days, REFERRER, "Time to a place, nine in ten",
        "Nine in ten households that arrived in the period waited no longer for their first place.", "cases, stays", [];
    UnitsOnline = "units_online": Homes, Unit, Count, PROVIDER, "Homes in use",
        "Homes in use at the end of the period, also those that are out of order.", "homes", [];
    UnitDaysOnline = "unit_days_online": Homes, UnitDay, Days, PROVIDER, "Days of homes in use",
        "Days of all homes added up, from when each came into use until it was given up.", "homes", [TIME];
    UnitDaysPlaced = "unit_days_placed": Homes, UnitDay, Days, PROVIDER, "Days taken by households",
        "Of those, days on which homes were taken by a household.", "homes, stays", [TIME, PLACE];
    UnitDaysHeld = "unit_days_held": Homes, UnitDay, Days, PROVIDER, "Days held",
        "Of those, days on which homes were held while a referral was decided.", "homes, holds", [TIME];
    UnitDaysVoid = "unit_days_void": Homes, UnitDay, Days, PROVIDER, "Days out of use",
        "Of those, days on which homes were out of use, by why.", "homes, voids", [TIME];
    UnitDaysFree = "unit_days_free": Homes, UnitDay, Days, PROVIDER, "Days free",
        "Of those, days on which homes were neither taken, nor held, nor out of use.", "homes", [TIME,
         "Free is not the same as offered: a home can be free and have no posted vacancy."];
    VoidRate = "void_rate": Homes, UnitDay, Percent, PROVIDER, "Void rate",
        "Of the days of homes in use, those on which they were out of use: for cleaning or maintenance, or for something else.",
        "homes, voids", [];
    AvailabilityRate = "availability_rate": Homes, UnitDay, Percent, PROVIDER, "Availability",
        "Of the days of homes in use, those on which they were not out of use.", "homes, voids", [];
    Utilisation = "utilisation": Homes, UnitDay, Percent, PROVIDER, "Utilisation",
        "Of the days of homes in use, those on which they were taken by a household.", "homes, stays", [PLACE];
    UtilisationAvailable = "utilisation_of_available": Homes, UnitDay, Percent, PROVIDER, "Utilisation of what was available",
        "Of the days on which homes were not out of use, those on which they were taken by a household.", "homes, stays, voids", [PLACE];
    TurnaroundMedian = "turnaround_median": Homes, Unit, Days, PROVIDER, "Turnaround, in the middle",
        "Days from a household's leaving in the period until its home could take another.", "stays, voids",
        [FEW, "The home can take another household at once, unless a void begins when the household leaves; then when the last void that follows without a gap has ended.",
         "Homes that are still out of use are the unknown ones."];
    VacancyFreshness = "vacancy_freshness": Homes, Vacancy, Percent, PROVIDER, "Fresh vacancies",
        "Of the vacancies open at the end of the period, those confirmed within the 24 hours before.", "vacancies",
        ["Only the last confirmation of a vacancy is kept. Where it came after the period, the one before is unknown, and the vacancy is left out."];
    PlacesPer10000 = "places_per_10_000": Homes, Unit, Per10000, PROVIDER, "Places per 10,000 people",
        "Homes in use at the end of the period for every 10,000 people of the county or unitary authority. The Council of Europe asks for at least 1 family place.",
        "homes, population", ["Only your own homes are counted: an area can have others.",
         "The population is the newest known one that is not of a later year; if there is none, the oldest."];
    StaysEnded = "stays_ended": Stays, Stay, Count, BOTH, "Stays that ended",
        "Households that left in the period, by whether it was planned and by where they went.", "stays", [CHAIN];
    LengthOfStayMean = "length_of_stay_mean": Stays, Stay, Days, BOTH, "Length of stay, mean",
        "Days from arrival to leaving, of households that left in the period.", "stays", [CHAIN,
         "Those who are still there are not in it: long stays show late."];
    LengthOfStayMedian = "length_of_stay_median": Stays, Stay, Days, BOTH, "Length of stay, in the middle",
        "Days from arrival to leaving, of households that left in the period.", "stays", [CHAIN, FEW];
    StaysOpen = "stays_open": Stays, Stay, Count, BOTH, "Stays that go on",
        "Households in a place at the end of the period.", "stays", [CHAIN];
    StaysOpenMedian = "stays_open_median": Stays, Stay, Days, BOTH, "How long they have been there, in the middle",
        "Days since arrival, of households in a place at the end of the period.", "stays", [CHAIN, FEW];
    MoveOnPlanned = "move_on_planned": Stays, Stay, Percent, BOTH, "Planned move-on",
        "Of the households that left in the period, those whose leaving was planned.", "stays", [CHAIN];
    MoveOnTimely = "move_on_timely": Stays, Stay, Percent, BOTH, "Timely move-on",
        "Of the households whose leaving was planned, those that could leave when they were ready.", "stays",
        [CHAIN, "Those of whom nobody said so are the unknown ones."];
    ReturnedToPerpetrator = "returned_to_perpetrator": Stays, Stay, Percent, BOTH, "Returned to the perpetrator",
        "Of the households that left in the period, those that returned to the perpetrator.", "stays", [CHAIN,
         "Where nobody knows where they went, they count as not returned."];
    HouseholdsSupported = "households_supported": People, Household, Count, BOTH, "Households supported",
        "Households with a stay in the period, by what is known of them.", "stays, cases", [CHAIN, LATEST, MANY,
         "A provider has only what it is told of a household."];
    PeopleSupported = "people_supported": People, Person, Count, BOTH, "People supported",
        "Members of those households. Everybody who is there as a child counts as one; a survivor of 16 or 17 counts as a woman or a man.",
        "stays, cases", [LATEST, "Whether somebody is non-binary is not asked yet.",
         "Households of whom no member is recorded are the unknown ones."];
    ChildrenSupported = "children_supported": People, Person, Count, BOTH, "Children supported",
        "Children of those households, by age.", "stays, cases", [LATEST];
    UnknownAnswers = "unknown_answers": Completeness, Answer, Percent, BOTH, "Not known",
        "Of the answers about a household and its members, those that are unknown or were not asked: for a provider of the households that it supported, otherwise of the cases opened in the period.",
        "cases", [LATEST, "“Prefer not to say” is an answer."];
    SanctuaryJobs = "sanctuary_jobs": Sanctuary, Job, Count, BOTH, "Sanctuary jobs",
        "Jobs requested in the period that make a household's own home safe, by how far they have come.", "sanctuary jobs",
        ["They are no referrals, and are never added to them."];
    SanctuaryDaysMedian = "sanctuary_days_median": Sanctuary, Job, Days, BOTH, "From the request to the sign-off, in the middle",
        "Calendar days from the request to the sign-off, of jobs requested in the period that were signed off.", "sanctuary jobs", [FEW];
    SanctuaryCost = "sanctuary_cost": Sanctuary, Job, Money, BOTH, "Cost of what was fitted or planned",
        "What the measures of jobs requested in the period cost, without what was removed again.", "sanctuary jobs", [];
    SanctuaryStillSafe = "sanctuary_still_safe": Sanctuary, Answer, Percent, BOTH, "Still safe at home",
        "Of the answers to whether they were still safe, 1, 3, 6 and 12 months after the sign-off, those that said yes.",
        "sanctuary jobs", ["Who was not reached, has moved, or has not been asked yet is unknown.",
         "Who said that they were not safe is not asked again, and is counted once."];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_measure_says_what_it_counts() {
        let titles: BTreeSet<&str> = Code::ALL.iter().map(|code| code.definition().title).collect();
        assert_eq!(titles.len(), Code::ALL.len(), "two measures have one title");
        for code in Code::ALL {
            let definition = code.definition();
            let sentences = [&[definition.counts], definition.caveats].concat();
            assert!(sentences.iter().all(|sentence| sentence.ends_with('.')), "{code:?}");
            assert!(!definition.sides.is_empty() && !definition.source.is_empty(), "{code:?}");
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
    }
}
