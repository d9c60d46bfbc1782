//! Who was supported, and how much of it is known.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::{Code, Side};
use super::figure::{Figure, Measure, Row, number};
use crate::domain::household::{Answer, Level, Member, MemberRole, Needs, SameAsBirth, Sex};
use crate::domain::words;

words! {
    /// What a household is made of.
    #[schema(as = HouseholdComposition)]
    Composition {
        OneAdult = "one_adult",
        OneAdultWithChildren = "one_adult_with_children",
        Adults = "adults",
        AdultsWithChildren = "adults_with_children",
        ChildrenOnly = "children_only",
        /// Nobody is recorded.
        Unknown = "unknown",
    }
}

impl Composition {
    /// Everybody who is not there as a child is an adult here: also a survivor of 16 or 17.
    pub fn of(needs: &Needs) -> Self {
        let children = needs.children().count();
        match (needs.members.len() - children, children) {
            (0, 0) => Self::Unknown,
            (0, _) => Self::ChildrenOnly,
            (1, 0) => Self::OneAdult,
            (1, _) => Self::OneAdultWithChildren,
            (_, 0) => Self::Adults,
            _ => Self::AdultsWithChildren,
        }
    }
}

/// The group in which a person is reported.
pub fn group(member: &Member) -> &'static str {
    match (member.role, member.gender_same_as_birth, member.sex) {
        (MemberRole::Child, ..) => "children",
        (_, SameAsBirth::No, _) => "trans_adults",
        (.., Sex::Female) => "women",
        (.., Sex::Male) => "men",
        (.., Sex::PreferNotToSay) => "prefer_not_to_say",
        (.., Sex::Unknown) => UNKNOWN,
    }
}

/// The age band in which a person is reported.
pub fn age_band(age: Option<u8>) -> &'static str {
    match age {
        None => UNKNOWN,
        Some(0..=5) => "0_to_5",
        Some(6..=11) => "6_to_11",
        Some(12..=15) => "12_to_15",
        Some(16..=17) => "16_to_17",
        Some(18..=24) => "18_to_24",
        Some(25..=34) => "25_to_34",
        Some(35..=44) => "35_to_44",
        Some(45..=54) => "45_to_54",
        Some(55..=64) => "55_to_64",
        Some(65..) => "65_and_over",
    }
}

const UNKNOWN: &str = "unknown";
const NOT_ASKED: &str = "not_asked";

/// The values of every field of a household that reports count, by its name. Of those that can have several, each; what
/// nobody has filled in is unknown. A provider has only what a referral tells it.
pub fn answers(needs: &Needs, side: Side) -> Vec<(&'static str, Vec<String>)> {
    let one = |word: &str| vec![word.to_owned()];
    let unless_empty = |codes: Vec<String>, otherwise: &str| if codes.is_empty() { one(otherwise) } else { codes };
    let complete = |answer: Answer| if answer == Answer::Yes { "none" } else { UNKNOWN };
    let additional = needs.additional_needs.iter().filter(|need| need.level != Level::None);
    let additional = additional.map(|need| need.need.clone()).collect();
    let interpreter = if needs.interpreter_language.is_some() { Answer::Yes } else { needs.interpreter };
    let pets = needs.pets.as_ref().map_or(UNKNOWN, |pets| if pets.is_empty() { "no" } else { "yes" });
    let mut answers = vec![
        ("pregnant", one(needs.pregnant.as_str())),
        ("pets", one(pets)),
        ("access_need", one(needs.access_need.as_str())),
        ("additional_need", unless_empty(additional, complete(needs.support_needs_complete))),
        ("interpreter", one(interpreter.as_str())),
        ("recourse_to_public_funds", one(needs.recourse_to_public_funds.as_str())),
        ("concession", one(needs.concession.as_str())),
        ("funding", one(needs.funding.as_str())),
        ("risk", one(needs.risk.band().map_or(UNKNOWN, |band| band.as_str()))),
    ];
    if side == Side::Provider {
        return answers;
    }
    let code = |code: &Option<String>| vec![code.clone().unwrap_or_else(|| UNKNOWN.to_owned())];
    let monitoring = &needs.monitoring;
    let impairments = monitoring.impairments.clone();
    answers.extend([
        ("ethnic_group", code(&monitoring.ethnic_group)),
        ("sexual_orientation", code(&monitoring.sexual_orientation)),
        ("religion", code(&monitoring.religion)),
        ("impairment", impairments.map_or_else(|| one(UNKNOWN), |all| unless_empty(all, "none"))),
        ("employment", code(&monitoring.employment)),
        ("prior_housing", code(&monitoring.prior_housing)),
        ("immigration_status", code(&needs.immigration_status)),
        ("abuse_type", unless_empty(needs.abuse_types.clone(), UNKNOWN)),
        ("marac_referred", one(needs.risk.marac_referred.as_str())),
    ]);
    answers
}

/// So many of each value.
type Values = BTreeMap<Option<String>, u64>;

fn note(values: &mut Values, value: &str) {
    *values.entry(Some(value.to_owned())).or_default() += 1;
}

fn rows(values: Values) -> Vec<Row> {
    values.into_iter().map(|(of, number)| Row::new(of, Figure::count(number))).collect()
}

/// Who the households are that had a stay in the period, told one by one.
#[derive(Debug, Clone)]
pub struct Supported {
    side: Side,
    households: u64,
    /// Of these nobody is recorded.
    nobody: u64,
    compositions: Values,
    fields: BTreeMap<&'static str, Values>,
    people: u64,
    groups: Values,
    ages: Values,
    children: u64,
    ages_of_children: Values,
}

impl Supported {
    pub fn new(side: Side) -> Self {
        Self {
            side,
            households: 0,
            nobody: 0,
            compositions: Values::new(),
            fields: BTreeMap::new(),
            people: 0,
            groups: Values::new(),
            ages: Values::new(),
            children: 0,
            ages_of_children: Values::new(),
        }
    }

    pub fn add(&mut self, needs: &Needs) {
        self.households += 1;
        self.nobody += u64::from(needs.members.is_empty());
        note(&mut self.compositions, Composition::of(needs).as_str());
        for (field, values) in answers(needs, self.side) {
            let known = self.fields.entry(field).or_default();
            for value in &values {
                note(known, value);
            }
        }
        for member in &needs.members {
            self.people += 1;
            note(&mut self.groups, group(member));
            note(&mut self.ages, age_band(member.age));
        }
        for child in needs.children() {
            self.children += 1;
            note(&mut self.ages_of_children, age_band(child.age));
        }
    }

    pub fn measures(self) -> Vec<Measure> {
        let mut households =
            Measure::count(Code::HouseholdsSupported, self.households).by("household", rows(self.compositions));
        for (field, values) in self.fields {
            households = households.by(field, rows(values));
        }
        vec![
            households,
            Measure::count(Code::PeopleSupported, self.people)
                .unknown(self.nobody)
                .by("group", rows(self.groups))
                .by("age", rows(self.ages)),
            Measure::count(Code::ChildrenSupported, self.children).by("age", rows(self.ages_of_children)),
        ]
    }
}

/// How many people of a household count in a figure, of the value in a breakdown that is asked for. `None` where people are
/// not broken down like that.
pub fn people(code: Code, needs: &Needs, by: Option<(&str, Option<&str>)>) -> Option<u64> {
    let value: fn(&Member) -> &'static str = match (code, by) {
        (_, None) => |_| "",
        (Code::PeopleSupported, Some(("group", _))) => group,
        (_, Some(("age", _))) => |member| age_band(member.age),
        _ => return None,
    };
    let counts = |member: &&Member| {
        let whole = code == Code::PeopleSupported || member.role == MemberRole::Child;
        whole && by.is_none_or(|(_, of)| of == Some(value(member)))
    };
    Some(number(needs.members.iter().filter(counts).count()))
}

/// Every answer about a household and its members, by its field, and whether it is not known.
pub fn unknown(needs: &Needs, side: Side) -> Vec<(&'static str, bool)> {
    let known = |value: &String| value != UNKNOWN && value != NOT_ASKED;
    let answers = answers(needs, side).into_iter();
    let mut all: Vec<_> = answers.map(|(field, values)| (field, !values.iter().any(known))).collect();
    all.push(("household_complete", needs.household_complete == Answer::Unknown));
    for member in &needs.members {
        all.extend([("age", member.age.is_none()), ("sex", member.sex == Sex::Unknown)]);
        if member.role != MemberRole::Child {
            all.push(("gender_same_as_birth", member.gender_same_as_birth == SameAsBirth::Unknown));
        }
    }
    all
}

/// How much of what could be known of households is not, told one by one.
#[derive(Debug, Clone)]
pub struct Completeness {
    side: Side,
    /// Missing, of all.
    fields: BTreeMap<&'static str, (u64, u64)>,
}

impl Completeness {
    pub fn new(side: Side) -> Self {
        Self { side, fields: BTreeMap::new() }
    }

    pub fn add(&mut self, needs: &Needs) {
        for (field, unknown) in unknown(needs, self.side) {
            let (missing, all) = self.fields.entry(field).or_default();
            *missing += u64::from(unknown);
            *all += 1;
        }
    }

    pub fn measure(self) -> Measure {
        let (missing, all) = self.fields.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let row =
            |(field, (missing, all)): (&str, (u64, u64))| Row::new(Some(field.to_owned()), Figure::share(missing, all));
        let rows = self.fields.into_iter().map(row).collect();
        Measure::new(Code::UnknownAnswers, Figure::share(missing, all)).by("field", rows)
    }
}

/// The names of all fields that a measure can be broken down by, for whoever words them.
pub fn fields(side: Side) -> BTreeSet<&'static str> {
    answers(&Needs::default(), side).into_iter().map(|(field, _)| field).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn needs(json: Value) -> Needs {
        serde_json::from_value(json).unwrap()
    }

    fn households() -> [Needs; 3] {
        [
            needs(json!({
                "members": [
                    { "role": "survivor", "age": 34, "sex": "female", "gender_same_as_birth": "yes" },
                    { "role": "child", "age": 5, "sex": "female" },
                    { "role": "child", "age": 17 },
                ],
                "household_complete": "yes", "pregnant": "no", "pets": [], "funding": "housing_benefit",
                "abuse_types": ["physical", "economic"],
                "monitoring": { "ethnic_group": "not_asked", "religion": "prefer_not_to_say", "impairments": [] },
            })),
            needs(json!({
                "members": [
                    { "role": "survivor", "age": 17, "sex": "male" },
                    { "role": "adult_dependant", "sex": "female", "gender_same_as_birth": "no", "age": 70 },
                ],
                "interpreter_language": "Farsi",
                "additional_needs": [{ "need": "alcohol", "level": "high" }, { "need": "drugs", "level": "none" }],
            })),
            Needs::default(),
        ]
    }

    fn rows_by(measure: &Measure, by: &str) -> Vec<(String, f64)> {
        let found = measure.breakdowns.iter().find(|one| one.by == by).unwrap();
        found.rows.iter().map(|row| (row.of.clone().unwrap(), row.figure.value.unwrap())).collect()
    }

    fn told(rows: &[(&str, f64)]) -> Vec<(String, f64)> {
        rows.iter().map(|(of, number)| ((*of).to_owned(), *number)).collect()
    }

    #[test]
    fn people_are_counted_once_and_households_by_what_is_known() {
        let mut supported = Supported::new(Side::Referrer);
        for needs in &households() {
            supported.add(needs);
        }
        let measures = supported.measures();
        let values: Vec<_> = measures.iter().map(|measure| measure.figure.value.unwrap()).collect();
        assert_eq!((values, measures[1].unknown), (vec![3.0, 5.0, 2.0], Some(1)));
        let groups = [("children", 2.0), ("men", 1.0), ("trans_adults", 1.0), ("women", 1.0)];
        assert_eq!(rows_by(&measures[1], "group"), told(&groups));
        assert_eq!(rows_by(&measures[2], "age"), told(&[("0_to_5", 1.0), ("16_to_17", 1.0)]));
        for (by, expected) in [
            ("household", &[("adults", 1.0), ("one_adult_with_children", 1.0), ("unknown", 1.0)][..]),
            ("interpreter", &[("unknown", 2.0), ("yes", 1.0)]),
            ("additional_need", &[("alcohol", 1.0), ("unknown", 2.0)]),
            ("abuse_type", &[("economic", 1.0), ("physical", 1.0), ("unknown", 2.0)]),
            ("impairment", &[("none", 1.0), ("unknown", 2.0)]),
            ("ethnic_group", &[("not_asked", 1.0), ("unknown", 2.0)]),
        ] {
            assert_eq!(rows_by(&measures[0], by), told(expected), "{by}");
        }
    }

    #[test]
    fn what_households_add_is_the_figure() {
        let all = households();
        let sum = |code, by| all.iter().map(|needs| super::people(code, needs, by).unwrap()).sum::<u64>();
        for (code, by, expected) in [
            (Code::PeopleSupported, None, 5),
            (Code::PeopleSupported, Some(("group", Some("trans_adults"))), 1),
            (Code::PeopleSupported, Some(("group", None)), 0),
            (Code::ChildrenSupported, None, 2),
            (Code::ChildrenSupported, Some(("age", Some("16_to_17"))), 1), // the survivor of 17 is no child
        ] {
            assert_eq!(sum(code, by), expected, "{code:?} {by:?}");
        }
        assert_eq!(super::people(Code::ChildrenSupported, &all[0], Some(("group", Some("women")))), None);
        let answers: Vec<_> = all.iter().flat_map(|needs| unknown(needs, Side::Referrer)).collect();
        let missing = answers.iter().filter(|(_, unknown)| *unknown).count();
        let mut completeness = Completeness::new(Side::Referrer);
        for needs in &all {
            completeness.add(needs);
        }
        let figure = completeness.measure().figure;
        assert_eq!(figure, Figure::share(number(missing), number(answers.len())));
    }

    /// S15
    #[test]
    fn s15_a_provider_counts_only_what_a_referral_tells_it() {
        let told = fields(Side::Provider);
        for hidden in ["ethnic_group", "sexual_orientation", "religion", "immigration_status", "abuse_type"] {
            assert!(!told.contains(hidden) && fields(Side::Referrer).contains(hidden), "{hidden}");
        }
    }

    #[test]
    fn what_was_not_asked_is_not_known_and_what_one_prefers_not_to_say_is() {
        let mut completeness = Completeness::new(Side::Referrer);
        for needs in &households() {
            completeness.add(needs);
        }
        let measure = completeness.measure();
        let percents = rows_by(&measure, "field");
        let percent = |field: &str| percents.iter().find(|(name, _)| name == field).unwrap().1;
        for (field, expected) in [
            ("ethnic_group", 100.0),
            ("religion", 66.7), // 2 of 3
            ("abuse_type", 66.7),
            ("age", 0.0),                   // of 5 people
            ("sex", 20.0),                  // 1 of 5
            ("gender_same_as_birth", 33.3), // 1 of 3 adults
            ("household_complete", 66.7),
        ] {
            assert!((percent(field) - expected).abs() < f64::EPSILON, "{field}: {}", percent(field));
        }
        let sum = |of: fn(&Figure) -> Option<u64>| {
            measure.breakdowns[0].rows.iter().filter_map(|row| of(&row.figure)).sum::<u64>()
        };
        assert_eq!(measure.figure, Figure::share(sum(|one| one.numerator), sum(|one| one.denominator)));
    }

    #[rstest]
    #[case(None, "unknown")]
    #[case(Some(5), "0_to_5")]
    #[case(Some(6), "6_to_11")]
    #[case(Some(15), "12_to_15")]
    #[case(Some(17), "16_to_17")]
    #[case(Some(18), "18_to_24")]
    #[case(Some(64), "55_to_64")]
    #[case(Some(65), "65_and_over")]
    fn everybody_is_in_one_age_band(#[case] age: Option<u8>, #[case] band: &str) {
        assert_eq!(age_band(age), band);
    }
}
