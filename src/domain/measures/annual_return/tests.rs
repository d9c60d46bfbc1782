use serde_json::json;

use super::*;

fn member(role: &str, sex: &str, age: Option<u8>) -> Member {
    serde_json::from_value(json!({ "role": role, "sex": sex, "age": age })).unwrap()
}

fn case(number: u128) -> CaseId {
    CaseId(uuid::Uuid::from_u128(number))
}

fn source(number: u128) -> Source {
    let at = At::from(chrono::DateTime::UNIX_EPOCH);
    Source { at, kind: Kind::Case, id: uuid::Uuid::from_u128(number) }
}

fn lists() -> Lists {
    Lists {
        support_types: vec![named("advocacy", "Advocacy"), named("advice_service", "Advice service")],
        return_groups: vec![named("no_capacity", "No capacity"), named("other", "Other")],
        denial_reasons: vec![
            (named("no_space", "No space"), "no_capacity".to_owned()),
            (named("lost_contact", "Lost contact"), "other".to_owned()),
        ],
        destinations: vec![named("social_tenancy", "Social tenancy")],
        asked_to_leave: vec![named("damage", "Damage")],
    }
}

fn records(side: Side) -> Records {
    let mother =
        vec![member("survivor", "female", Some(34)), member("child", "female", Some(6)), member("child", "male", None)];
    let housed = |number, kind, members: &[Member]| Housed {
        source: source(number),
        household: case(number),
        kind,
        members: members.to_vec(),
    };
    let given = |number, person, child, kind: &str| Given {
        source: source(number),
        household: case(number),
        person,
        child,
        kind: kind.to_owned(),
    };
    let unable = |number, reason: Option<&str>, from_here| Unable {
        source: source(number),
        reason: reason.map(str::to_owned),
        from_here,
    };
    let left = |number, kind, destination: Option<&str>, asked: Option<&str>| Left {
        source: source(number),
        kind: Some(kind),
        destination: destination.map(str::to_owned),
        asked_to_leave: asked.map(str::to_owned),
    };
    Records {
        side,
        housed: vec![
            housed(1, AccommodationType::Refuge, &mother),
            housed(1, AccommodationType::SecondStage, &mother),
            housed(2, AccommodationType::Refuge, &[member("survivor", "male", Some(17))]),
        ],
        support: vec![
            given(1, 1, false, "advocacy"),
            given(1, 1, false, "advocacy"),
            given(1, 2, true, "advocacy"),
            given(2, 1, false, "advice_service"),
        ],
        unable: vec![unable(11, Some("no_space"), true), unable(12, Some("no_space"), false), unable(13, None, true)],
        left: vec![
            left(21, DepartureKind::Planned, Some("social_tenancy"), None),
            left(22, DepartureKind::Unplanned, None, Some("damage")),
        ],
        homes: [AccommodationType::Refuge, AccommodationType::Refuge, AccommodationType::SecondStage]
            .into_iter()
            .zip(31..)
            .map(|(kind, number)| Home { source: source(number), kind })
            .collect(),
    }
}

fn told(sheets: &[Sheet], line: &str) -> Vec<Option<u32>> {
    let rows = sheets.iter().flat_map(|sheet| &sheet.rows);
    let row = rows.into_iter().find(|row| row.of.code == line).unwrap();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
    row.cells.iter().map(|cell| cell.number().map(|number| number as u32)).collect()
}

fn some(numbers: &[u32]) -> Vec<Option<u32>> {
    numbers.iter().copied().map(Some).collect()
}

#[test]
fn a_household_is_in_each_kind_of_home_and_once_in_all() {
    let sheets = sheets(&records(Side::Provider), &lists());
    // Households, people, women, men, trans adults, not said, children, by age, age not known.
    assert_eq!(told(&sheets, "people.refuge"), some(&[2, 4, 1, 1, 0, 0, 2, 0, 1, 0, 0, 1]));
    assert_eq!(told(&sheets, "people.second_stage"), some(&[1, 3, 1, 0, 0, 0, 2, 0, 1, 0, 0, 1]));
    assert_eq!(told(&sheets, "people.all"), some(&[2, 4, 1, 1, 0, 0, 2, 0, 1, 0, 0, 1]));
    assert_eq!(told(&sheets, "support.advocacy"), some(&[1, 1, 1]));
    assert_eq!(told(&sheets, "support.all"), some(&[2, 2, 1]));
    assert_eq!(told(&sheets, "left.planned"), some(&[1]));
    assert_eq!(told(&sheets, "asked_to_leave.damage"), some(&[1]));
    assert_eq!(told(&sheets, "left_to.not_recorded"), some(&[1]));
    assert_eq!(told(&sheets, "homes.refuge"), some(&[2]));
    assert_eq!(told(&sheets, "homes.all"), some(&[3]));
    // Whom nobody could support is not theirs to say.
    assert_eq!(told(&sheets, "unable.all"), [None, None]);
}

#[test]
fn households_unable_to_be_supported_are_grouped_as_reference_data_says() {
    let sheets = sheets(&records(Side::Referrer), &lists());
    assert_eq!(told(&sheets, "unable.no_capacity"), some(&[1, 1]));
    assert_eq!(told(&sheets, "unable.not_recorded"), some(&[1, 0]));
    assert_eq!(told(&sheets, "unable.all"), some(&[2, 1]));
    assert_eq!(told(&sheets, "unable_reason.no_space"), some(&[1, 1]));
    assert_eq!(told(&sheets, "homes.all"), [None]);
}

#[test]
fn every_line_says_what_it_is_made_of() {
    let lists = lists();
    let sheets = sheets(&records(Side::Referrer), &lists);
    let lines = lines(&sheets[..sheets.len() - 1], &lists);
    let codes: BTreeSet<&str> = lines.iter().map(|line| line.of.code.as_str()).collect();
    assert_eq!(codes.len(), lines.len(), "no code twice");
    let made_of = |code: &str| lines.iter().find(|line| line.of.code == code).unwrap().made_of.as_str();
    assert_eq!(made_of("unable.no_capacity"), "denial_reason: no_space");
    assert_eq!(made_of("left.planned"), "departure_kind: planned");
    assert_eq!(sheets.last().unwrap().rows.len(), lines.len());
}

/// S41
#[test]
fn s41_every_figure_has_the_records_behind_it() {
    for side in [Side::Provider, Side::Referrer] {
        let (records, lists) = (records(side), lists());
        let mut traced = 0;
        for sheet in sheets(&records, &lists).iter().filter(|sheet| sheet.of.code != "mapping") {
            for (row, (column, cell)) in
                sheet.rows.iter().flat_map(|row| sheet.columns.iter().zip(&row.cells).map(move |pair| (row, pair)))
            {
                let found = behind(&records, &lists, &row.of.code, &column.code);
                let name = format!("{}, {}", row.of.code, column.code);
                match cell.number() {
                    None => assert_eq!(found, None, "{name}: the other side has it"),
                    Some(number) => {
                        let found = found.unwrap();
                        let records = f64::from(u32::try_from(found.len()).unwrap());
                        match sheet.of.code.as_str() {
                            code if kept_back(side, code) => assert!(records > 0.0 || number == 0.0, "{name}"),
                            "people" | "support" => {
                                assert!(records <= number && (number == 0.0) == (records == 0.0), "{name}");
                            }
                            _ => assert!((records - number).abs() < f64::EPSILON, "{name}: {records} for {number}"),
                        }
                        assert!(found.is_sorted());
                        traced += 1;
                    }
                }
            }
        }
        assert!(traced > 60, "{traced}");
    }
    let (provider, referrer, lists) = (records(Side::Provider), records(Side::Referrer), lists());
    let of = |records: &Records, line: &str, column: &str| {
        let found = behind(records, &lists, line, column)?;
        Some(found.into_iter().map(|source| source.id.as_u128()).collect::<Vec<_>>())
    };
    let ids = |line: &str, column: &str| of(&provider, line, column);
    assert_eq!(ids("people.refuge", "households"), Some(vec![1, 2]));
    assert_eq!(ids("people.refuge", "children_6_to_11"), Some(vec![1, 2]), "not which of them has the child");
    assert_eq!(of(&referrer, "people.refuge", "children_6_to_11"), Some(vec![1]));
    assert_eq!(ids("support.advocacy", "children"), Some(vec![1]));
    assert_eq!(ids("left.unplanned", "households"), Some(vec![22]));
    assert_eq!(ids("homes.second_stage", "units"), Some(vec![33]));
    assert_eq!((ids("homes.palace", "units"), ids("homes.refuge", "households")), (None, None));
}
