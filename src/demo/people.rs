//! Invented households: what they need, and who they are.

use chrono::{Days, Months, NaiveDate};
use fastrand::Rng;

use super::asked::ask;
use crate::domain::household::{
    AccessNeed, AdditionalNeed, Answer, Concession, Funding, Level, Member, MemberRole, Monitoring, Needs, Pet, Risk,
    SameAsBirth, Sex, UnsafeArea,
};
use crate::domain::identity::{Identity, Person, SafeContact};

/// A household as the helpline comes to know it.
#[derive(Clone)]
pub(super) struct Household {
    /// As they are once the worker has gone through the unsafe areas with the survivor.
    pub(super) needs: Needs,
    pub(super) origin: Option<&'static str>,
    pub(super) source: &'static str,
    /// Whether the worker has gone through the unsafe areas with the survivor.
    pub(super) settled: bool,
}

/// Whether something happens that does so `percent` times out of a hundred.
pub(super) fn chance(rng: &mut Rng, percent: u8) -> bool {
    rng.u8(0..100) < percent
}

/// One of several, as often as its weight says. There is at least one.
pub(super) fn weighted<T: Copy>(rng: &mut Rng, choices: &[(u32, T)]) -> T {
    let mut left = rng.u32(0..choices.iter().map(|(weight, _)| weight).sum());
    for (weight, choice) in choices {
        if left < *weight {
            return *choice;
        }
        left -= weight;
    }
    choices[0].1
}

const ORIGINS: &[(u32, Option<&str>)] = &[
    (26, Some("E06000016")),
    (7, Some("E07000130")),
    (6, Some("E07000132")),
    (4, Some("E07000134")),
    (3, Some("E07000129")),
    (3, Some("E07000135")),
    (3, Some("E07000131")),
    (2, Some("E07000133")),
    (2, Some("E06000017")),
    (12, Some("E10000007")),
    (9, Some("E08000025")),
    (8, Some("E06000018")),
    (5, Some("E06000061")),
    (4, Some("E06000015")),
    (6, None),
];

const SOURCES: &[(u32, &str)] = &[
    (28, "local_helpline"),
    (20, "national_helpline"),
    (14, "police"),
    (12, "self"),
    (8, "housing_or_homelessness"),
    (6, "childrens_social_care"),
    (5, "other_da_service"),
    (4, "health"),
    (2, "marac"),
    (1, "adult_social_care"),
];

/// A household like those that call.
pub(super) fn household(rng: &mut Rng) -> Household {
    let members = members(rng);
    let survivor = &members[0];
    let (male, age) = (survivor.sex == Sex::Male, survivor.age.unwrap_or(30));
    let has_children = members.iter().any(|member| member.role == MemberRole::Child);

    let immigration = weighted(
        rng,
        &[
            (70, "british_or_irish"),
            (6, "eu_settled"),
            (2, "eu_pre_settled"),
            (3, "refugee_or_humanitarian"),
            (9, "family_visa"),
            (3, "work_student_visit_visa"),
            (3, "indefinite_leave"),
            (2, "asylum_seeker"),
            (2, "unknown"),
        ],
    );
    let recourse = match immigration {
        "family_visa" | "work_student_visit_visa" | "asylum_seeker" => Answer::No,
        "unknown" => Answer::Unknown,
        _ => Answer::Yes,
    };
    let concession = match (recourse, immigration) {
        (Answer::No, "family_visa") => {
            weighted(rng, &[(4, Concession::Applied), (4, Concession::Granted), (2, Concession::None)])
        }
        _ => Concession::None,
    };
    let interpreter = (immigration != "british_or_irish" && chance(rng, 35))
        .then(|| weighted(rng, &[(3, "Gujarati"), (3, "Punjabi"), (2, "Polish"), (1, "Somali"), (2, "Romanian")]));
    let dash_score = chance(rng, 88).then(|| rng.u8(5..=22));
    let origin = weighted(rng, ORIGINS);
    let settled = chance(rng, 88);
    let mut needs = Needs {
        household_complete: weighted(rng, &[(95, Answer::Yes), (5, Answer::Unknown)]),
        pregnant: if male || age > 48 {
            Answer::No
        } else {
            weighted(rng, &[(9, Answer::Yes), (88, Answer::No), (3, Answer::Unknown)])
        },
        pets: chance(rng, 96).then(|| pets(rng)),
        access_need: weighted(
            rng,
            &[
                (84, AccessNeed::None),
                (5, AccessNeed::GroundFloor),
                (4, AccessNeed::LevelAccess),
                (3, AccessNeed::WheelchairToEssentialRooms),
                (2, AccessNeed::FullyWheelchairAccessible),
                (2, AccessNeed::Unknown),
            ],
        ),
        additional_needs: additional_needs(rng, has_children, recourse, interpreter.is_some()),
        interpreter_language: interpreter.map(str::to_owned),
        immigration_status: Some(immigration.into()),
        recourse_to_public_funds: recourse,
        concession,
        funding: weighted(
            rng,
            &[
                (32, Funding::HousingBenefit),
                (44, Funding::UniversalCredit),
                (7, Funding::SelfFunding),
                (7, Funding::CannotFund),
                (10, Funding::Unknown),
            ],
        ),
        unsafe_areas: unsafe_areas(rng, origin, settled),
        wanted_areas: if chance(rng, 18) { vec!["E06000016".into()] } else { Vec::new() },
        abuse_types: several(
            rng,
            &[
                (62, "physical"),
                (70, "psychological_or_emotional"),
                (58, "controlling_or_coercive"),
                (30, "economic"),
                (18, "sexual"),
                (14, "stalking"),
                (10, "tech_abuse"),
                (6, "honour_based"),
                (2, "forced_marriage"),
            ],
        ),
        risk: Risk {
            dash_score,
            judgement: None,
            marac_referred: match dash_score {
                Some(14..) => Answer::Yes,
                Some(_) => Answer::No,
                None => Answer::Unknown,
            },
        },
        monitoring: monitoring(rng, age),
        members,
        ..Needs::default()
    };
    let source = weighted(rng, SOURCES);
    ask(rng, &mut needs, origin);
    Household { needs, origin, source, settled }
}

pub(super) fn member(role: MemberRole, age: u8, sex: Sex) -> Member {
    Member { role, age: Some(age), sex, gender_same_as_birth: SameAsBirth::Yes }
}

fn members(rng: &mut Rng) -> Vec<Member> {
    let male = chance(rng, 9);
    let bands =
        [(4, (16, 17)), (18, (18, 24)), (36, (25, 34)), (25, (35, 44)), (11, (45, 54)), (4, (55, 64)), (2, (65, 79))];
    let (youngest, eldest) = weighted(rng, &bands);
    let age = rng.u8(youngest..=eldest);
    let mut survivor = member(MemberRole::Survivor, age, if male { Sex::Male } else { Sex::Female });
    survivor.gender_same_as_birth =
        weighted(rng, &[(95, SameAsBirth::Yes), (1, SameAsBirth::No), (4, SameAsBirth::Unknown)]);
    let mut members = vec![survivor];
    let children: u8 = match (male, age) {
        (true, _) => weighted(rng, &[(80, 0), (14, 1), (6, 2)]),
        (false, 0..=19) => weighted(rng, &[(78, 0), (22, 1)]),
        (false, 55..) => 0,
        _ => weighted(rng, &[(36, 0), (25, 1), (22, 2), (11, 3), (5, 4), (1, 5)]),
    };
    let oldest = age.saturating_sub(16).min(17);
    for _ in 0..children {
        let sex = if rng.bool() { Sex::Male } else { Sex::Female };
        let mut child = member(MemberRole::Child, rng.u8(0..=oldest), sex);
        if chance(rng, 2) {
            child.age = None;
        }
        members.push(child);
    }
    if age >= 40 && chance(rng, 6) {
        members.push(member(MemberRole::AdultDependant, rng.u8(18..=24), Sex::Female));
    }
    members
}

fn pets(rng: &mut Rng) -> Vec<Pet> {
    let kind = weighted(rng, &[(84, ""), (8, "dog"), (7, "cat"), (1, "rabbit")]);
    let none = kind.is_empty();
    if none { Vec::new() } else { vec![Pet { kind: kind.into(), number: rng.u8(1..=2) }] }
}

fn several(rng: &mut Rng, choices: &[(u8, &str)]) -> Vec<String> {
    choices.iter().filter(|(percent, _)| chance(rng, *percent)).map(|(_, code)| (*code).to_owned()).collect()
}

fn additional_needs(rng: &mut Rng, children: bool, recourse: Answer, interpreter: bool) -> Vec<AdditionalNeed> {
    let choices = [
        (36, "mental_health"),
        (9, "alcohol"),
        (9, "drugs"),
        (24, "homelessness_support"),
        (22, "financial"),
        (14, "legal"),
        (12, "physical_health"),
        (4, "learning_disability"),
        (4, "offending_history"),
        (2, "street_homeless"),
        (if children { 14 } else { 0 }, "child_contact"),
        (if recourse == Answer::No { 90 } else { 1 }, "immigration_advice"),
        (if interpreter { 100 } else { 0 }, "interpreter"),
    ];
    let levels = [(30, Level::Low), (40, Level::Medium), (22, Level::High), (8, Level::Unknown)];
    let needs = several(rng, &choices);
    needs.into_iter().map(|need| AdditionalNeed { need, level: weighted(rng, &levels) }).collect()
}

/// The household's own district, confirmed, taken back or still only proposed; and sometimes others.
fn unsafe_areas(rng: &mut Rng, origin: Option<&'static str>, settled: bool) -> Vec<UnsafeArea> {
    let mut areas: Vec<_> =
        origin.map(|area| UnsafeArea { area: area.into(), confirmed: settled }).into_iter().collect();
    if settled {
        if origin == Some("E06000016") && chance(rng, 45) || chance(rng, 15) {
            areas.clear();
        }
        for other in ["E06000018", "E08000025", "E07000130", "E06000016"] {
            if chance(rng, 5) && !areas.iter().any(|known| known.area == other) {
                areas.push(UnsafeArea { area: other.into(), confirmed: true });
            }
        }
    }
    areas
}

fn monitoring(rng: &mut Rng, age: u8) -> Monitoring {
    let ethnic_group = weighted(
        rng,
        &[
            (42, "white_british"),
            (6, "white_other"),
            (1, "gypsy_or_irish_traveller"),
            (1, "roma"),
            (18, "asian_indian"),
            (7, "asian_pakistani"),
            (3, "asian_bangladeshi"),
            (3, "asian_other"),
            (5, "black_african"),
            (3, "black_caribbean"),
            (3, "mixed_white_and_black_caribbean"),
            (1, "arab"),
            (2, "other"),
            (2, "prefer_not_to_say"),
            (3, "not_asked"),
        ],
    );
    let orientation = [
        (86, "straight_or_heterosexual"),
        (2, "gay_or_lesbian"),
        (3, "bisexual"),
        (4, "prefer_not_to_say"),
        (5, "not_asked"),
    ];
    let religion = [(32, "no_religion"), (24, "christian"), (17, "muslim"), (13, "hindu"), (6, "sikh"), (8, "unknown")];
    let employment =
        [(28, "employed_or_self_employed"), (42, "unemployed"), (6, "student"), (16, "unable_to_work"), (8, "unknown")];
    let housing = [
        (30, "private_renter"),
        (30, "social_housing"),
        (12, "owner_occupier"),
        (16, "friends_or_family"),
        (5, "temporary_accommodation"),
        (3, "rough_sleeping"),
        (4, "unknown"),
    ];
    let mut told = |choices: &[(u32, &str)]| Some(weighted(rng, choices).to_owned());
    let mut monitoring = Monitoring {
        ethnic_group: Some(ethnic_group.into()),
        sexual_orientation: told(&orientation),
        religion: told(&religion),
        employment: if age >= 66 { Some("retired".into()) } else { told(&employment) },
        prior_housing: told(&housing),
        impairments: None,
    };
    if chance(rng, 90) {
        monitoring.impairments = Some(several(
            rng,
            &[(22, "mental_health"), (6, "mobility"), (6, "stamina"), (3, "learning"), (2, "hearing")],
        ));
    }
    monitoring
}

const WOMEN: &[&str] =
    &["Amber", "Bryony", "Coral", "Daisy", "Esme", "Fern", "Hazel", "Iris", "Jasmine", "Laurel", "Olive", "Poppy"];
const MEN: &[&str] =
    &["Ash", "Basil", "Cliff", "Dale", "Flint", "Glen", "Heath", "Jasper", "Reed", "Rowan", "Sage", "Woody"];

/// Who they are: names that nobody has, and telephone numbers that are kept for fiction.
pub(super) fn identity(rng: &mut Rng, needs: &Needs, today: NaiveDate) -> Identity {
    let people = needs
        .members
        .iter()
        .map(|member| {
            let names = if member.sex == Sex::Male { MEN } else { WOMEN };
            let before_birthday = Days::new(rng.u64(1..=360));
            let born = member.age.and_then(|age| today.checked_sub_months(Months::new(12 * u32::from(age))));
            let name = format!("{} Invented", names[rng.usize(..names.len())]);
            Person { name, date_of_birth: born.and_then(|day| day.checked_sub_days(before_birthday)) }
        })
        .collect();
    let safe_contact = SafeContact {
        telephone: Some(format!("07700 900{:03}", rng.u32(0..1000))),
        voicemail_safe: false,
        text_message_safe: chance(rng, 40),
        email: None,
        email_safe: false,
        safe_hours: None,
        safe_times: Some(weighted(rng, &[(1, "weekdays after 9"), (1, "mornings only"), (1, "at any time")]).into()),
        code_word: Some(weighted(rng, &[(1, "marmalade"), (1, "lighthouse"), (1, "bicycle")]).into()),
        interpreter_language: needs.interpreter_language.clone(),
    };
    Identity { people, safe_contact }
}
