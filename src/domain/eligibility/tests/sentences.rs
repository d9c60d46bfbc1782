//! Every sentence that can be said, in one file, to be read and reviewed as a text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::{env, fs};

use super::*;
use crate::domain::eligibility::reason::Finding;
use crate::domain::household::PastHarm;
use crate::domain::matching::{Alternative, Route, Standing};
use crate::domain::provision::{Room, Wheelchair};

const FILE: &str = "src/domain/eligibility/tests/sentences.txt";
const POLICIES: [Policy; 2] = [Policy::Discuss, Policy::NotAccepted];

/// Homes in which everything can be found that there is to find.
fn homes() -> Vec<Sample> {
    let plain = Sample { rules: vec![], ..dispersed() };
    let shared = |sample: Sample| sample.unit(|unit| (unit.bathroom, unit.kitchen) = (Room::Shared, Room::Shared));
    let steps = |wheelchair| plain.clone().unit(|unit| unit.wheelchair = wheelchair);
    let mut homes = vec![
        plain.clone(),
        shared(plain.clone()),
        plain.clone().beds(1),
        plain.clone().beds(3),
        plain.clone().unit(|unit| unit.step_free = true),
        steps(Wheelchair::EssentialRooms),
        steps(Wheelchair::Full),
        plain.clone().unit(|unit| unit.pets = false),
        plain.clone().at(IN_A_COUNTY),
    ];
    for condition in conditions() {
        for strength in [Strength::Exclude, Strength::Discuss] {
            let rule = Rule { strength, ..condition.clone().into() };
            homes.extend([shared(plain.clone().beds(20)).and(rule.clone()), plain.clone().beds(20).and(rule)]);
        }
    }
    homes
}

fn conditions() -> Vec<Condition> {
    let mut all = vec![
        Condition::SurvivorSex { accepts: vec![Sex::Female], trans_people: Policy::NotAccepted },
        Condition::SurvivorSex { accepts: vec![Sex::Male], trans_people: Policy::Discuss },
        Condition::SurvivorAge { min: Some(18), max: Some(25) },
        Condition::SingleSex { sex: Sex::Female },
        Condition::SingleSex { sex: Sex::Male },
        Condition::LargestFamily { people: 4 },
        Condition::MaxChildren { children: 0 },
        Condition::MaxChildren { children: 1 },
        boys_to(9, Some(12)),
        after(HarmKind::Violence, Policy::NotAccepted, Some(1)),
        after(HarmKind::Arson, Policy::NotAccepted, Some(5)),
        sent_only_by(&["local_helpline"]),
        statuses(&["eu_settled"]),
        no_employment(&["student"]),
        Condition::StayLimit { max_nights: 1 },
        Condition::StayLimit { max_nights: 28 },
        Condition::CommunalLiving {},
    ];
    all.extend(Nrpf::ALL.iter().map(|policy| Condition::Nrpf { policy: *policy }));
    all.extend(ClientGroup::ALL.iter().map(|serves| Condition::ClientGroup { serves: *serves }));
    all.extend(SupportNeed::ALL.iter().map(|need| Condition::SupportNeed { need: *need, up_to: Level::None }));
    let ways = Funding::ALL.iter().filter(|way| **way != Funding::Unknown);
    all.extend(ways.map(|way| Condition::Funding { not_accepted: vec![*way] }));
    for policy in POLICIES {
        all.extend(HarmKind::ALL.iter().map(|kind| after(*kind, policy, None)));
        all.extend([
            Condition::SchoolAgeChildren { policy },
            Condition::AdultDependants { policy },
            Condition::Pregnancy { policy },
            Condition::Pets { policy },
            Condition::PreviousEviction { policy },
            Condition::BailOrProbation { policy },
            spoken(&[], policy),
        ]);
    }
    all
}

fn callers() -> Vec<Caller> {
    let nobody = Caller { needs: Needs::default(), sent_by: None };
    let mut all = vec![
        nobody.clone(),
        nobody.clone().with(CHILD, Some(3), Sex::Female),
        nobody.with(MemberRole::Survivor, None, Sex::Unknown),
        survivor(Sex::Female, 15),
        woman(),
        woman().trans(),
        man(),
        woman().girl(8).girl(7).girl(5).girl(3),
        woman().boy(10),
        woman().boy(15).girl(1),
        woman().with(CHILD, Some(11), Sex::Unknown),
        woman().with(CHILD, None, Sex::Male),
        woman().girl(10).trans(),
        woman().with(DEPENDANT, Some(30), Sex::Female),
        woman().with(OTHER_ADULT, Some(30), Sex::Male),
        man().with(OTHER_ADULT, Some(30), Sex::Female),
        woman().with(OTHER_ADULT, Some(30), Sex::Female).trans(),
        woman().with(OTHER_ADULT, None, Sex::Unknown),
        woman().but(|needs| needs.household_complete = Answer::Unknown),
        woman().girl(4).girl(5).girl(6).but(|needs| needs.household_complete = Answer::Unknown),
        woman().but(|needs| needs.pregnant = Answer::Yes),
        woman().dog(),
        woman().ethnic_group("white_british"),
        woman().ethnic_group("prefer_not_to_say"),
        woman().but(|needs| needs.asked_to_leave_before = Answer::Yes),
        woman().but(|needs| needs.bail_or_probation = Answer::Yes),
        woman().interpreter("gujarati"),
        woman().but(|needs| needs.interpreter = Answer::Yes),
        woman().status("prefer_not_to_say"),
        woman().working("student"),
        woman().sent_by("police"),
        woman().but(|needs| needs.shared_living = Answer::No),
        woman().but(|needs| needs.quiet_home = Answer::Yes),
        woman().unsafe_in(LEICESTER, true),
        woman().unsafe_in(LEICESTER, false),
        woman().but(|needs| needs.too_far = vec![LEICESTERSHIRE.to_owned()]),
        woman().but(|needs| needs.can_travel_to = vec![LEICESTER.to_owned()]),
    ];
    let known = |need: &&AccessNeed| **need != AccessNeed::Unknown;
    all.extend(AccessNeed::ALL.iter().filter(known).map(|need| woman().access(*need)));
    all.extend(Funding::ALL.iter().map(|way| woman().paying_by(*way)));
    all.extend(StayNeeded::ALL.iter().map(|stay| woman().needs_place_for(*stay)));
    all.extend(Concession::ALL.iter().map(|concession| woman().no_public_funds(*concession)));
    for need in SupportNeed::ALL {
        all.extend([Level::Low, Level::Medium, Level::High].map(|level| woman().need(need.as_str(), level)));
    }
    for years_ago in [None, Some(0), Some(1), Some(9)] {
        let harms = HarmKind::ALL.iter().map(|kind| PastHarm { kind: *kind, years_ago }).collect::<Vec<_>>();
        all.push(woman().but(|needs| needs.risk_to_others = Some(harms)));
    }
    all
}

/// A sentence for any number.
fn any_number(text: &str) -> String {
    let mut numbers = text.split(' ').map(|word| match word.parse::<u16>() {
        Ok(2..) => "#",
        _ => word,
    });
    numbers.by_ref().collect::<Vec<_>>().join(" ")
}

/// What is said about one thing.
#[derive(Default)]
struct Said {
    /// By effect, and each once: with what could change it.
    sentences: BTreeMap<(std::cmp::Reverse<Verdict>, String), (String, String)>,
    facts: BTreeMap<String, String>,
}

/// All that is said, by what it is about, and the names of what was found.
fn everything() -> (BTreeMap<Obstacle, Said>, BTreeSet<String>) {
    let (mut said, mut found) = (BTreeMap::<_, Said>::new(), BTreeSet::new());
    let callers = callers();
    for home in homes() {
        for caller in &callers {
            for reason in home.assess(caller).reasons {
                let Told { fact, text, resolve, .. } = reason.told(&caller.household());
                let about = said.entry(reason.obstacle).or_default();
                let key = (std::cmp::Reverse(reason.effect), any_number(&text));
                about.sentences.entry(key).or_insert((text, resolve));
                about.facts.entry(any_number(&fact)).or_insert(fact);
                found.insert(name(reason.finding));
            }
        }
    }
    (said, found)
}

fn name(finding: Finding) -> String {
    format!("{finding:?}").split([' ', '(']).next().unwrap_or_default().to_owned()
}

/// As they stand in the code: nobody has to remember this file when one is added.
fn declared() -> BTreeSet<String> {
    let code = include_str!("../reason.rs");
    let (_, variants) = code.split_once("enum Finding {").expect("the findings");
    let (variants, _) = variants.split_once("\n}").expect("their end");
    let names = variants.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    names.map(|line| line.split([' ', '(', ',']).next().unwrap_or_default().to_owned()).collect()
}

fn reasons(text: &mut String) {
    for (obstacle, said) in everything().0 {
        writeln!(text, "\n## {}: if {} …\n", obstacle.label(), obstacle.change()).unwrap();
        for ((effect, _), (sentence, resolve)) in &said.sentences {
            writeln!(text, "[{}] {sentence}\n    > {resolve}", effect.0.plain()).unwrap();
        }
        let facts: Vec<_> = said.facts.into_values().collect();
        writeln!(text, "    Known: {}", facts.join(" | ")).unwrap();
    }
}

fn whose(text: &mut String) {
    let mut reason = woman().dog();
    reason.needs.pets = None;
    let found = zinthiya().assess(&reason).reasons.remove(0);
    for whose in Whose::ALL {
        let scopes = Scope::ALL.iter().filter(|scope| Whose::from(**scope) < *whose);
        let wider = if *whose > Whose::Organisation { scopes.copied().map(Some).collect() } else { vec![] };
        for instead_of in [None].into_iter().chain(wider) {
            writeln!(text, "{}", Reason { whose: *whose, instead_of, ..found }.told(&reason.household()).rule).unwrap();
        }
    }
}

fn standings(text: &mut String) {
    let today = today();
    let plain = Standing {
        nearness: Nearness::default(),
        wanted_type: None,
        wheelchair_spared: false,
        spare_beds: -1,
        preferred: false,
        fresh: true,
        available_from: today,
    };
    let near = |nearness| Standing { nearness, ..plain };
    let kept = |keeps_school, keeps_work| near(Nearness { keeps_school, keeps_work, ..Nearness::default() });
    let standings = [
        near(Nearness { wanted: Some(0), ..Nearness::default() }),
        near(Nearness { wanted: Some(1), ..Nearness::default() }),
        Standing { wanted_type: Some(0), ..plain },
        Standing { wanted_type: Some(1), ..plain },
        kept(true, true),
        kept(true, false),
        kept(false, true),
        Standing { wheelchair_spared: true, ..plain },
        Standing { spare_beds: 0, ..plain },
        Standing { spare_beds: 1, ..plain },
        Standing { spare_beds: 2, ..plain },
        Standing { preferred: true, ..plain },
        Standing { fresh: false, ..plain },
        Standing { available_from: today.succ_opt().unwrap(), ..plain },
    ];
    assert_eq!(plain.told(today), [""; 0]);
    for standing in standings {
        let told = standing.told(today);
        assert_eq!(told.len(), 1);
        writeln!(text, "{}", told[0]).unwrap();
    }
}

#[test]
fn every_sentence_is_as_it_was_reviewed() {
    let mut text = "Every sentence that the matching can say. Written by a test: RENEW=1 cargo test --lib sentences\n\
        Numbers are examples.\n\n# Questions, and why they are asked\n\n"
        .to_owned();
    for question in Question::ALL {
        writeln!(text, "{}\n    > {}", question.text(), question.why()).unwrap();
    }
    text += "\n# Whose word a reason is\n\n";
    whose(&mut text);
    text += "\n# Reasons\n";
    reasons(&mut text);
    text += "\n# Why a vacancy stands where it does\n\n";
    standings(&mut text);
    text += "\n# Other ways while nothing suits\n\n";
    for route in Route::ALL {
        let told: BTreeSet<_> = (0..3).map(|places| Alternative { route: *route, places }.told()).collect();
        for told in told {
            writeln!(text, "{told}").unwrap();
        }
    }
    compare(&text);
}

#[test]
fn no_finding_is_missing_from_the_text() {
    let (said, found) = everything();
    assert_eq!(found, declared());
    assert_eq!(said.keys().collect::<Vec<_>>(), Obstacle::ALL.iter().collect::<Vec<_>>());
}

/// Whoever changes what is said, shows it: `RENEW=1` writes the file anew, for the review.
fn compare(now: &str) {
    if env::var_os("RENEW").is_some() {
        fs::write(FILE, now).unwrap();
    }
    let before = fs::read_to_string(FILE).unwrap_or_default();
    let gone = before.lines().filter(|line| !now.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
    let new = now.lines().filter(|line| !before.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
    let changed: Vec<_> = gone.chain(new).collect();
    assert!(
        before == now,
        "{FILE} is not what is said; if that is right, renew it: RENEW=1 cargo test --lib sentences\n{}",
        changed.join("\n")
    );
}
