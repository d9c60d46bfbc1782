//! Every published table: what it counts, of what, by which areas, and how its lines add up.

use crate::domain::measures::catalogue::Unit;
use crate::domain::words;

words! {
    /// Tables that share totals: disclosure control looks at them together.
    Family {
        Referrals = "referrals",
        Households = "households",
        People = "people",
        Supported = "supported",
        Stays = "stays",
        Sanctuary = "sanctuary",
        /// No counts of people: homes, shares, times.
        Figures = "figures",
    }
}

/// By which areas a table is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Only for all areas together.
    Whole,
    /// By the district and the authority of the service.
    Services,
    /// By the authority of the service.
    Authorities,
    /// The same, but one can count in several authorities, and once in the whole.
    Once,
    /// By the district and the authority that a household comes from: of the authorities with services, and of all others
    /// together.
    Homes,
}

/// What the lines of a table add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// A total of their own.
    Own,
    /// A line of another table, or its total.
    Of(Table, &'static str),
    /// No more than that, because one can stand in several lines.
    Within(Table, &'static str),
    /// They are no parts of anything.
    None,
}

/// Which lines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Code and name.
    Fixed(&'static [(&'static str, &'static str)]),
    /// The codes of a reference list, and "not known" behind them.
    List(&'static str),
    /// The same, each within a line of another table: by an attribute of the code.
    Within(&'static str, &'static str, Table),
    /// The authorities that there are.
    Areas,
}

/// What a table is.
#[derive(Debug, Clone)]
pub struct Definition {
    pub table: Table,
    pub family: Family,
    pub title: &'static str,
    /// What it counts, in plain words.
    pub counts: &'static str,
    pub unit: Unit,
    /// The records that it comes from.
    pub source: &'static str,
    pub rows_are: &'static str,
    pub rows: Rows,
    pub spread: Spread,
    pub total: Total,
    /// Whether a year is counted anew, because one can be in several quarters.
    pub anew: bool,
    pub caveats: &'static [&'static str],
}

macro_rules! tables {
    ($($variant:ident = $code:tt: $family:ident, $unit:ident, $spread:ident, $total:expr, $rows:expr,
        $title:literal, $rows_are:literal, $counts:literal, [$($caveat:expr),* $(,)?];)*) => {
        words! {
            /// A published table, by its stable name.
            #[schema(as = PublishedTableCode)]
            Table { $($variant = $code),* }
        }

        impl Table {
            pub fn definition(self) -> Definition {
                match self {
                    $(Self::$variant => Definition {
                        table: self,
                        family: Family::$family,
                        title: $title,
                        counts: $counts,
                        unit: Unit::$unit,
                        source: Family::$family.source(),
                        rows_are: $rows_are,
                        rows: $rows,
                        spread: Spread::$spread,
                        total: $total,
                        anew: matches!(Family::$family, Family::People | Family::Supported | Family::Figures),
                        caveats: &[$($caveat),*],
                    }),*
                }
            }
        }
    };
}

impl Family {
    /// The records that its tables come from.
    pub fn source(self) -> &'static str {
        match self {
            Self::Referrals => "Referrals of all organisations that use this service",
            Self::Households => "Cases that were closed, of all organisations that use this service",
            Self::People | Self::Supported => "Stays, and what is recorded of the households that had one",
            Self::Stays => "Stays that ended",
            Self::Sanctuary => "Jobs of sanctuary schemes",
            Self::Figures => "Homes and what they were used for; referrals; the other tables of this release",
        }
    }
}

const SENT: &str = "A referral counts in the quarter in which it was sent. What became of it is as it stood when the figures were made.";
const MANY_REFERRALS: &str = "One household can have many referrals. Never add these to households.";
const MAIN: &str = "Only the main reason counts.";
const CLOSED: &str =
    "A household counts in the quarter in which its case was closed. A case that is still open is not here.";
const COMES_FROM: &str = "The area is where the household comes from. It is recorded for reports only.";
const ONCE: &str = "Who stayed in several areas counts once in each, and once in the whole.";
const YEAR: &str = "In a year everybody counts once. The quarters add up to more.";
const SURVIVOR: &str = "What is recorded of the survivor, as it stood when the figures were made.";
const SEVERAL: &str = "One household can stand in several lines. They add up to more than the households.";
const AREA: &str = "The area is that of the service.";
const FROM_ROUNDED: &str = "Worked out from the rounded numbers, and only of 10 or more.";
const TEN_HOMES: &str = "Only where there are at least 10 homes.";

const YES_NO: Rows = Rows::Fixed(&[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")]);
const DENIED: &str = "denied";
const NOT_PLACED: &str = "not_placed";
const REFERRALS: Total = Total::Of(Table::Referrals, super::ALL);
const DENIALS: Total = Total::Of(Table::Referrals, DENIED);
const UNABLE: Total = Total::Of(Table::Households, NOT_PLACED);
const SUPPORTED: Total = Total::Of(Table::Supported, super::ALL);
const OF_SUPPORTED: Total = Total::Within(Table::Supported, super::ALL);
const ENDED: Total = Total::Of(Table::StaysEnded, super::ALL);

tables! {
    Referrals = "referrals": Referrals, Referral, Services, Total::Own,
        Rows::Fixed(&[("placed", "Given a place"), ("denied", "No place"), ("not_settled", "Not settled")]),
        "Referrals, and what became of them", "What became of it", "Referrals sent in this time.",
        [SENT, MANY_REFERRALS, AREA];
    DeniedByGroup = "denied_by_group": Referrals, Referral, Services, DENIALS,
        Rows::Fixed(&[("capacity", "No space or not the right support"), ("survivor_declined", "The survivor decided against it"),
            ("inappropriate", "Not the right service"), ("other", "Another reason")]),
        "Referrals without a place, by kind of reason", "Kind of reason",
        "Referrals sent in this time that ended without a place, by the groups of Women's Aid.",
        [SENT, MAIN, MANY_REFERRALS, AREA];
    DeniedByReason = "denied_by_reason": Referrals, Referral, Whole, DENIALS,
        Rows::Within("denial_reason", "womens_aid", Table::DeniedByGroup),
        "Referrals without a place, by main reason", "Main reason",
        "Referrals sent in this time that ended without a place.", [SENT, MAIN, MANY_REFERRALS];
    DeniedByDecider = "denied_by_decider": Referrals, Referral, Whole, DENIALS,
        Rows::Fixed(&[("provider", "The service"), ("survivor", "The survivor"), ("referrer", "Who referred"), ("system", "Nobody: rules or time")]),
        "Referrals without a place, by who decided", "Who decided",
        "Referrals sent in this time that ended without a place.", [SENT, MANY_REFERRALS];
    ReferralsBySource = "referrals_by_source": Referrals, Referral, Whole, REFERRALS, Rows::List("referral_source"),
        "Referrals, by who asked for help", "Who asked", "Referrals sent in this time.", [MANY_REFERRALS];
    Households = "households": Households, Household, Homes, Total::Own,
        Rows::Fixed(&[("placed", "Given a place"), ("sanctuary", "Made safe at home"), ("not_placed", "Could not be supported")]),
        "Households, and how their search ended", "How it ended", "Households whose case was closed in this time.",
        [CLOSED, COMES_FROM, "A household counts once, however many referrals it had."];
    UnableByGroup = "unable_by_group": Households, Household, Homes, UNABLE,
        Rows::Fixed(&[("no_capacity", "No space"), ("needs_not_met", "Needs could not be met"),
            ("survivor_choice", "The survivor's choice"), ("other", "Another reason")]),
        "Households that could not be supported, by kind of reason", "Kind of reason",
        "Households whose case was closed in this time without a place, by the groups of the national return.",
        [CLOSED, MAIN, COMES_FROM];
    UnableByReason = "unable_by_reason": Households, Household, Whole, UNABLE,
        Rows::Within("denial_reason", "return_group", Table::UnableByGroup),
        "Households that could not be supported, by main reason", "Main reason",
        "Households whose case was closed in this time without a place.", [CLOSED, MAIN];
    HappenedNext = "what_happened_next": Households, Household, Whole, UNABLE, Rows::List("what_happened_next"),
        "Where households went that could not be supported", "What happened next",
        "Households whose case was closed in this time without a place.", [CLOSED];
    Origins = "origins": Households, Household, Whole, Total::Of(Table::Households, super::ALL), Rows::Areas,
        "Where households come from", "Comes from", "Households whose case was closed in this time.", [CLOSED, COMES_FROM];
    People = "people": People, Person, Once, Total::Own,
        Rows::Fixed(&[("women", "Women"), ("men", "Men"), ("trans_adults", "Trans adults"), ("children", "Children"),
            ("prefer_not_to_say", "Prefer not to say"), ("unknown", "Not known")]),
        "People supported", "Group", "People of households that had a stay in this time, on any day of it.",
        [ONCE, YEAR, AREA, "A survivor of 16 or 17 counts with the adults."];
    PeopleByAge = "people_by_age": People, Person, Whole, Total::Of(Table::People, super::ALL),
        Rows::Fixed(&[("0_to_5", "0 to 5"), ("6_to_11", "6 to 11"), ("12_to_15", "12 to 15"), ("16_to_17", "16 to 17"),
            ("18_to_24", "18 to 24"), ("25_to_34", "25 to 34"), ("35_to_44", "35 to 44"), ("45_to_54", "45 to 54"),
            ("55_to_64", "55 to 64"), ("65_and_over", "65 and over"), ("unknown", "Not known")]),
        "People supported, by age", "Age", "People of households that had a stay in this time.", [YEAR];
    Supported = "households_supported": Supported, Household, Once, Total::Own,
        Rows::Fixed(&[("one_adult", "One adult"), ("one_adult_with_children", "One adult with children"),
            ("adults", "Several adults"), ("adults_with_children", "Several adults with children"),
            ("children_only", "Children only"), ("unknown", "Not known")]),
        "Households supported", "Household", "Households that had a stay in this time, on any day of it.",
        [ONCE, YEAR, AREA];
    SupportedByType = "supported_by_type": Supported, Household, Whole, OF_SUPPORTED,
        Rows::Fixed(&[("refuge", "Refuge"), ("specialist_safe_accommodation", "Specialist safe accommodation"),
            ("dispersed_refuge_level", "Dispersed, with support as in a refuge"),
            ("dispersed_semi_independent", "Dispersed, semi-independent"), ("second_stage", "Second stage"),
            ("other_emergency", "Other emergency accommodation")]),
        "Households supported, by kind of accommodation", "Kind of accommodation",
        "Households that had a stay in this time.", [SEVERAL, YEAR];
    SupportGiven = "support_given": Supported, Household, Whole, OF_SUPPORTED, Rows::List("support_type"),
        "Support given", "Kind of support", "Households that had a stay in this time, by the support recorded for them.",
        [SEVERAL, YEAR, "Not known: no support is recorded."];
    Ethnicity = "ethnic_group": Supported, Household, Whole, SUPPORTED,
        Rows::Fixed(&[("white_british", "White British"), ("white_other", "White other"),
            ("asian_or_asian_british", "Asian or Asian British"), ("black_or_black_british", "Black or Black British"),
            ("mixed", "Mixed"), ("gypsy_roma_traveller", "Gypsy, Roma or Traveller"),
            ("other_or_prefer_not_to_say", "Other, or prefers not to say"), ("unknown", "Not known")]),
        "Households supported, by ethnic group", "Ethnic group", "Households that had a stay in this time.", [SURVIVOR, YEAR];
    SexualOrientation = "sexual_orientation": Supported, Household, Whole, SUPPORTED, Rows::List("sexual_orientation"),
        "Households supported, by sexual orientation", "Sexual orientation", "Households that had a stay in this time.", [SURVIVOR, YEAR];
    Religion = "religion": Supported, Household, Whole, SUPPORTED, Rows::List("religion"),
        "Households supported, by religion", "Religion", "Households that had a stay in this time.", [SURVIVOR, YEAR];
    Employment = "employment": Supported, Household, Whole, SUPPORTED, Rows::List("employment"),
        "Households supported, by work", "Work", "Households that had a stay in this time.", [SURVIVOR, YEAR];
    PriorHousing = "prior_housing": Supported, Household, Whole, SUPPORTED, Rows::List("prior_housing"),
        "Households supported, by home before", "Home before", "Households that had a stay in this time.", [SURVIVOR, YEAR];
    Immigration = "immigration_status": Supported, Household, Whole, SUPPORTED, Rows::List("immigration_status"),
        "Households supported, by immigration status", "Immigration status", "Households that had a stay in this time.", [SURVIVOR, YEAR];
    PublicFunds = "recourse_to_public_funds": Supported, Household, Whole, SUPPORTED, YES_NO,
        "Households supported, by recourse to public funds", "Recourse to public funds", "Households that had a stay in this time.", [SURVIVOR, YEAR];
    Pregnant = "pregnant": Supported, Household, Whole, SUPPORTED, YES_NO,
        "Households supported in which somebody is pregnant", "Pregnant", "Households that had a stay in this time.", [YEAR];
    Interpreter = "interpreter": Supported, Household, Whole, SUPPORTED, YES_NO,
        "Households supported that need an interpreter", "Needs an interpreter", "Households that had a stay in this time.", [YEAR];
    Risk = "risk": Supported, Household, Whole, SUPPORTED,
        Rows::Fixed(&[("standard", "Standard"), ("medium", "Medium"), ("high", "High"), ("unknown", "Not known")]),
        "Households supported, by risk", "Risk", "Households that had a stay in this time.", [SURVIVOR, YEAR];
    AccessNeed = "access_need": Supported, Household, Whole, SUPPORTED,
        Rows::Fixed(&[("fully_wheelchair_accessible", "Wheelchair, everywhere"),
            ("wheelchair_to_essential_rooms", "Wheelchair, to the rooms that matter"), ("level_access", "Level access"),
            ("ground_floor", "Ground floor"), ("none", "None"), ("unknown", "Not known")]),
        "Households supported, by access need", "Access need", "Households that had a stay in this time.", [YEAR];
    Impairment = "impairment": Supported, Household, Whole, OF_SUPPORTED, Rows::List("impairment"),
        "Impairments", "Impairment", "Households that had a stay in this time.", [SURVIVOR, SEVERAL, YEAR];
    AdditionalNeed = "additional_need": Supported, Household, Whole, OF_SUPPORTED, Rows::List("additional_need"),
        "Other support needs", "Need", "Households that had a stay in this time.", [SEVERAL, YEAR];
    AbuseType = "abuse_type": Supported, Household, Whole, OF_SUPPORTED, Rows::List("abuse_type"),
        "Kinds of abuse", "Kind of abuse", "Households that had a stay in this time.", [SURVIVOR, SEVERAL, YEAR];
    StaysEnded = "stays_ended": Stays, Stay, Authorities, Total::Own,
        Rows::Fixed(&[("planned", "Planned"), ("unplanned", "Not planned")]),
        "Stays that ended", "How it ended", "Stays that ended in this time. A move to another home of the same stay is no end.",
        [AREA];
    Destinations = "destinations": Stays, Stay, Whole, ENDED, Rows::List("departure_destination"),
        "Where households went when they left", "Where they went", "Stays that ended in this time.", [];
    AskedToLeave = "asked_to_leave": Stays, Stay, Whole, ENDED, Rows::List("asked_to_leave_reason"),
        "Households that were asked to leave", "Reason", "Stays that ended in this time.",
        ["Not known: nobody recorded that they were asked to leave."];
    Sanctuary = "sanctuary_jobs": Sanctuary, Job, Whole, Total::Own,
        Rows::Fixed(&[("requested", "Asked for"), ("surveyed", "Looked at"), ("installed", "Fitted"), ("signed_off", "Signed off"),
            ("declined", "Declined"), ("not_feasible", "Not possible"), ("withdrawn", "Withdrawn")]),
        "Homes made safe, by stage", "Stage", "Jobs of sanctuary schemes that were asked for in this time.",
        ["The stage is the one when the figures were made."];
    Rates = "rates": Figures, Referral, Services, Total::None,
        Rows::Fixed(&[("denied_rate", "Referrals without a place, of those that ended"),
            ("success_rate", "Referrals that led to a place, of those that ended"),
            ("no_space_rate", "No space, of the referrals without a place"),
            ("unable_rate", "Households that could not be supported, of those whose case was closed"),
            ("planned_rate", "Planned moves, of the stays that ended")]),
        "Shares", "Share", "Parts of the other tables, in every hundred.", [FROM_ROUNDED, AREA];
    Homes = "homes": Figures, Unit, Services, Total::Own,
        Rows::Fixed(&[("refuge", "Refuge"), ("specialist_safe_accommodation", "Specialist safe accommodation"),
            ("dispersed_refuge_level", "Dispersed, with support as in a refuge"),
            ("dispersed_semi_independent", "Dispersed, semi-independent"), ("second_stage", "Second stage"),
            ("other_emergency", "Other emergency accommodation")]),
        "Homes in use", "Kind of accommodation", "Homes for one household each that were in use at the end of this time.",
        ["A home, not a person: the number is as it is. A service with a single home is never shown alone.", AREA];
    HomeUse = "home_use": Figures, UnitDay, Authorities, Total::None,
        Rows::Fixed(&[("availability", "Could be lived in"), ("void_rate", "Out of use"), ("utilisation", "Lived in")]),
        "How homes were used", "Use", "Of all days of homes in this time.", [TEN_HOMES, AREA];
    Places = "places_per_10_000": Figures, Unit, Authorities, Total::None,
        Rows::Fixed(&[("places", "Places for every 10,000 people")]),
        "Places for every 10,000 people", "Figure", "Homes in use at the end of this time, of the people who live there.",
        ["The Council of Europe asks for at least one family place for every 10,000 people.",
            "The population is the newest that is known here.", AREA];
    Times = "times": Figures, Referral, Whole, Total::None,
        Rows::Fixed(&[("response_minutes", "From the referral to the answer"), ("waiting_days", "From the opened case to the arrival")]),
        "How long it took", "Time", "Half took less, half took longer. Answers to referrals sent, and arrivals, in this time.",
        ["Only of 10 or more. To 5 minutes, and in whole days."];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_stands_before_what_adds_up_to_it() {
        for table in Table::ALL {
            let definition = table.definition();
            if let Total::Of(whole, _) | Total::Within(whole, _) = definition.total {
                assert!(whole < *table && whole.definition().family == definition.family, "{}", table.as_str());
            }
            if let Rows::Within(_, _, groups) = definition.rows {
                assert!(groups < *table, "{}", table.as_str());
            }
        }
    }
}
