//! What is known goes through the forms and comes back as it was.

use serde_json::Map;

use super::*;
use crate::clock::At;
use crate::domain::case::State;
use crate::domain::reference::{Area, Code};
use crate::ids::{AccountId, OrganisationId};

fn lists() -> Lists {
    let code = |code: &str| Code {
        list: "additional_need".into(),
        code: code.into(),
        label: code.into(),
        attributes: json!({ "level": true }),
        active_from: None,
        active_to: None,
    };
    let area = |(code, name, kind): &(&str, &str, &str)| Area {
        code: (*code).into(),
        name: (*name).into(),
        kind: (*kind).into(),
        county: None,
        valid_from: None,
        valid_to: None,
    };
    let areas = [
        ("E06000015", "Derby", "unitary"),
        ("E06000016", "Leicester", "unitary"),
        ("E07000130", "Charnwood", "district"),
        ("E08000025", "Birmingham", "metropolitan_district"),
        ("E10000018", "Leicestershire", "county"),
    ];
    Lists::with(vec![code("drugs"), code("legal")], areas.iter().map(area).collect())
}

fn case(needs: Needs) -> Case {
    let now = At::from(chrono::DateTime::UNIX_EPOCH);
    Case {
        id: CaseId::new(),
        reference: "C".into(),
        organisation_id: OrganisationId::new(),
        owner_id: AccountId::new(),
        state: State::Open,
        origin_area: Some("E07000130".into()),
        referral_source: "police".into(),
        needs,
        opened_at: now,
        closed_at: None,
        outcome: None,
        primary_reason: None,
        decided_by: None,
        what_happened_next: None,
        version: 1,
        updated_at: now,
    }
}

/// What the forms of all steps say together about what is known, when nothing is changed in them.
fn through_the_forms(needs: &Needs) -> Needs {
    let (case, lists) = (case(needs.clone()), lists());
    let mut fields = Map::new();
    for step in Step::ALL {
        let posted = Posted::new("/x", step.form_of(&case, &lists).sent());
        let edit = step.edit_of(&posted, &lists).unwrap();
        assert_eq!(edit.origin_area, (step == Step::Areas).then(|| "E07000130".to_owned()));
        fields.extend(edit.needs.into_iter().filter(|(_, value)| !value.is_null()));
    }
    serde_json::from_value(Value::Object(fields)).unwrap()
}

fn everything() -> Needs {
    serde_json::from_value(json!({
        "members": [
            { "role": "survivor", "age": 34, "sex": "female", "gender_same_as_birth": "no" },
            { "role": "adult_dependant", "sex": "male" },
            { "role": "child", "age": 0, "sex": "male" },
            { "role": "child", "sex": "unknown" },
        ],
        "household_complete": "yes",
        "pregnant": "no",
        "pets": [{ "kind": "dog", "number": 2 }],
        "access_need": "level_access",
        "additional_needs": [{ "need": "drugs", "level": "low" }, { "need": "legal", "level": "unknown" }],
        "support_needs_complete": "no",
        "risk_to_others": [{ "kind": "violence", "years_ago": 0 }, { "kind": "arson" }],
        "asked_to_leave_before": "yes",
        "bail_or_probation": "no",
        "interpreter": "yes",
        "interpreter_language": "Punjabi",
        "immigration_status": "eu_settled",
        "recourse_to_public_funds": "yes",
        "concession": "applied",
        "funding": "self_funding",
        "unsafe_areas": [{ "area": "E07000130", "confirmed": false }, { "area": "E06000015", "confirmed": true }],
        "wanted_areas": ["E08000025", "E06000016"],
        "too_far": ["E06000015"],
        "can_travel_to": ["E10000018", "E08000025"],
        "wanted_types": ["second_stage", "refuge", "sanctuary_scheme"],
        "school_area": "E06000016",
        "work_area": "E07000130",
        "shared_living": "no",
        "quiet_home": "yes",
        "stay_needed": "months",
        "abuse_types": ["economic", "stalking"],
        "risk": { "dash_score": 24, "judgement": "medium", "marac_referred": "yes" },
        "monitoring": {
            "ethnic_group": "roma", "sexual_orientation": "bisexual", "religion": "sikh", "employment": "student",
            "prior_housing": "other", "impairments": ["vision", "hearing"],
        },
    }))
    .unwrap()
}

#[test]
fn everything_that_is_known_survives_the_way_through_the_forms() {
    let told = serde_json::to_value(everything()).unwrap();
    let known = serde_json::to_value(Needs::default()).unwrap();
    let untold = |field: &str| known.get(field).is_some_and(|fresh| fresh == &told[field]);
    let untold: Vec<_> = told.as_object().unwrap().keys().filter(|field| untold(field)).collect();
    assert_eq!(untold, Vec::<&String>::new(), "every field says something here");
    assert_eq!(through_the_forms(&everything()), everything());
    assert!(Step::ALL.iter().all(|step| step.begun(&everything())));
}

#[test]
fn nothing_asked_and_nothing_to_tell_stay_apart() {
    let fresh = Needs::default();
    assert_eq!(through_the_forms(&fresh), fresh);
    assert!(!Step::ALL.iter().any(|step| step.begun(&fresh)));
    let asked = Needs { pets: Some(Vec::new()), risk_to_others: Some(Vec::new()), ..fresh };
    assert_eq!(through_the_forms(&asked), asked);
}

#[test]
fn each_new_fact_begins_its_step() {
    let (told, fresh) = (serde_json::to_value(everything()).unwrap(), Needs::default());
    for (step, fields) in [
        (Step::Needs, &["support_needs_complete", "risk_to_others", "asked_to_leave_before", "bail_or_probation"][..]),
        (Step::Needs, &["interpreter", "interpreter_language", "wanted_types", "shared_living", "quiet_home"]),
        (Step::Needs, &["access_need", "stay_needed", "additional_needs", "risk"]),
        (Step::Areas, &["unsafe_areas", "wanted_areas", "too_far", "can_travel_to", "school_area", "work_area"]),
    ] {
        for field in fields {
            let one = Map::from_iter([((*field).to_owned(), told[field].clone())]);
            let needs: Needs = serde_json::from_value(Value::Object(one)).unwrap();
            assert!(needs != fresh && step.begun(&needs), "{field}");
        }
    }
}

/// The ids of the fields that are wrong, and the needs that are not.
fn asked(step: Step, body: &str) -> Result<Map<String, Value>, Vec<String>> {
    match step.edit_of(&Posted::new("/x", body.into()), &lists()) {
        Ok(edit) => Ok(edit.needs),
        Err(AppError::Invalid(fields)) => {
            Err(Form::new().wrong(fields).errors().into_iter().map(|(id, _)| id).collect())
        }
        Err(error) => unreachable!("{error:?}"),
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let household = "adult/0/age=old&child/0/age=130&pets=yes&pet/0/kind=dog&pet/0/number=0";
    let needs = "wanted_types/0=tent&interpreter=no&interpreter_language=Welsh&risk/dash_score=25";
    let areas = "school_area=Nowhere&wanted/0=Derby&too_far/1=derby&travel/0=Charnwood&unsafe_new/0=Lei";
    for (step, body, wrong) in [
        (Step::Household, household, &["adult-0-age", "child-0-age", "pet-0-number", "pet-0-kind"][..]),
        (Step::Needs, needs, &["wanted_types-0", "interpreter_language", "risk-dash_score"]),
        (Step::Areas, areas, &["school_area", "unsafe_new-0", "too_far-1", "travel-0"]),
        (Step::About, "impaired=yes", &["impairments"]),
    ] {
        assert_eq!(asked(step, body).unwrap_err(), wrong, "{body}");
    }
}

#[test]
fn harm_is_told_of_all_kinds_or_not_at_all() {
    let all_no = "harm/violence=no&harm/assault_on_staff=no&harm/arson=no&harm/offence_against_children=no";
    assert_eq!(asked(Step::Needs, all_no).unwrap()["risk_to_others"], json!([]));
    assert_eq!(asked(Step::Needs, "").unwrap()["risk_to_others"], Value::Null);
    let one = format!("{all_no}&harm/arson=yes&harm/arson/years=12");
    assert_eq!(asked(Step::Needs, &one).unwrap()["risk_to_others"], json!([{ "kind": "arson", "years_ago": 12 }]));

    let half = asked(Step::Needs, "harm/violence=yes").unwrap_err();
    assert_eq!(half, ["harm-assault_on_staff", "harm-arson", "harm-offence_against_children"]);
    for (years, wrong) in
        [("violence=no&harm/violence/years=3", "harm-violence"), ("arson=yes&harm/arson/years=81", "harm-arson-years")]
    {
        assert_eq!(asked(Step::Needs, &format!("{all_no}&harm/{years}")).unwrap_err(), [wrong]);
    }
}

#[test]
fn a_language_says_that_an_interpreter_is_needed() {
    for answer in ["", "unknown", "yes"] {
        let needs = asked(Step::Needs, &format!("interpreter={answer}&interpreter_language=Welsh")).unwrap();
        assert_eq!((&needs["interpreter"], &needs["interpreter_language"]), (&json!("yes"), &json!("Welsh")));
    }
}
