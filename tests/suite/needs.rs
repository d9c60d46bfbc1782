//! What is told of a household: kept as it was told, and refused where it makes no sense.

use rstest::rstest;
use serde_json::{Value, json};

use crate::steps::{noted, opened};
use crate::support::{Answer, Engine, Postgres, Sqlite, TestApp};

#[rstest]
#[actix_web::test]
async fn what_is_learned_is_added_and_null_makes_it_unknown_again(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    let first = helpline.get(&case).await.ok();

    let edited =
        noted(&helpline, &case, json!({ "pets": [{ "kind": "cat", "number": 2 }], "pregnant": null })).await.ok();
    let mut expected = first.json["needs"].clone();
    expected["pets"] = json!([{ "kind": "cat", "number": 2 }]);
    expected["pregnant"] = json!("unknown");
    assert_eq!(edited.json["needs"], expected, "everything else stays");
    let unknown = noted(&helpline, &case, json!({ "pets": null })).await.ok();
    assert_eq!(unknown.json["needs"].get("pets"), None);
    assert_eq!(unknown.json["referral_source"], "national_helpline");

    // S36
    let stale = helpline.patch(&case, first.header("etag"), json!({ "needs": { "pets": [] } })).await;
    assert_eq!((stale.problem().as_str(), &stale.json["current_version"]), ("412 stale", &json!(3)));
}

#[rstest]
#[actix_web::test]
async fn each_fact_is_kept_as_it_was_told_until_it_is_unknown_again(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let case = opened(&helpline).await;
    for (field, told) in [
        ("support_needs_complete", json!("no")),
        ("risk_to_others", json!([{ "kind": "violence", "years_ago": 0 }, { "kind": "assault_on_staff" }])),
        ("risk_to_others", json!([])),
        ("asked_to_leave_before", json!("yes")),
        ("bail_or_probation", json!("no")),
        ("interpreter", json!("yes")),
        ("too_far", json!(["E07000130", "E10000007"])),
        ("can_travel_to", json!(["E10000018", "E06000016", "E08000025"])),
        ("wanted_types", json!(["second_stage", "refuge"])),
        ("school_area", json!("E07000132")),
        ("work_area", json!("E06000016")),
        ("shared_living", json!("no")),
        ("quiet_home", json!("yes")),
        ("stay_needed", json!("as_long_as_it_takes")),
    ] {
        let fresh = helpline.get(&case).await.ok().json["needs"].clone();
        noted(&helpline, &case, json!({ field: told })).await.ok();
        let kept = helpline.get(&case).await.ok().json["needs"].clone();
        let mut expected = fresh.clone();
        expected[field] = told;
        assert_eq!(kept, expected, "{field}");
        noted(&helpline, &case, json!({ field: null })).await.ok();
        assert_eq!(helpline.get(&case).await.ok().json["needs"], fresh, "{field}");
    }

    // An area may be wanted although it is not safe there: the first is a wish, the second decides.
    let unsafe_areas = json!([{ "area": "E06000016", "confirmed": true }]);
    noted(&helpline, &case, json!({ "wanted_areas": ["E06000016"], "unsafe_areas": unsafe_areas })).await.ok();
    let both = noted(&helpline, &case, json!({ "too_far": ["E06000016"] })).await;
    assert_eq!(
        (both.pointers(), &both.json["errors"][0]["code"]),
        (vec!["body/needs/too_far/0".to_owned()], &json!("contradiction"))
    );
}

#[rstest]
#[case::an_unknown_field(json!({ "shoe_size": 5 }), &["body/needs/shoe_size"])]
#[case::an_unknown_field_of_a_member(json!({ "members": [{ "role": "child", "name": "x" }] }), &["body/needs/members/0/name"])]
#[case::an_unknown_word(json!({ "access_need": "stairs" }), &["body/needs/access_need"])]
#[case::a_number_for_a_list(json!({ "members": 3 }), &["body/needs/members"])]
#[case::an_age_that_nobody_has(json!({ "members": [{ "role": "child", "age": 121 }] }), &["body/needs/members/0/age"])]
#[case::a_score_past_the_last_question(json!({ "risk": { "dash_score": 25 } }), &["body/needs/risk/dash_score"])]
#[case::unknown_codes(
    json!({
        "additional_needs": [{ "need": "alcohol" }, { "need": "kindness" }],
        "abuse_types": ["weather"],
        "immigration_status": "martian",
        "monitoring": { "religion": "jedi", "impairments": ["vision", "luck"] },
    }),
    &[
        "body/needs/abuse_types/0", "body/needs/additional_needs/1/need", "body/needs/immigration_status",
        "body/needs/monitoring/impairments/1", "body/needs/monitoring/religion",
    ]
)]
#[case::unknown_areas(
    json!({ "unsafe_areas": [{ "area": "E99999999", "confirmed": true }], "wanted_areas": ["E06000016", "E00000000"] }),
    &["body/needs/unsafe_areas/0/area", "body/needs/wanted_areas/1"]
)]
#[case::an_area_twice(
    json!({ "unsafe_areas": [{ "area": "E06000016", "confirmed": true }, { "area": "E06000016", "confirmed": false }] }),
    &["body/needs/unsafe_areas/1/area"]
)]
#[case::unknown_words_and_kinds(json!({ "stay_needed": "ages" }), &["body/needs/stay_needed"])]
#[case::an_unknown_kind_of_place(json!({ "wanted_types": ["refuge", "tent"] }), &["body/needs/wanted_types/1"])]
#[case::an_unknown_harm(json!({ "risk_to_others": [{ "kind": "noise" }] }), &["body/needs/risk_to_others/0/kind"])]
#[case::areas_that_nobody_knows(
    json!({
        "too_far": ["E06000016", "E00000000"], "can_travel_to": ["E99999999"],
        "school_area": "E00000001", "work_area": "E00000002",
    }),
    &["body/needs/can_travel_to/0", "body/needs/school_area", "body/needs/too_far/1", "body/needs/work_area"]
)]
#[case::a_district_to_travel_to(
    json!({ "can_travel_to": ["E10000018", "E07000130", "E06000016"] }),
    &["body/needs/can_travel_to/1"]
)]
#[case::said_twice(
    json!({
        "too_far": ["E06000016", "E06000016"],
        "can_travel_to": ["E10000018", "E06000016", "E10000018"],
        "wanted_types": ["refuge", "refuge"],
        "risk_to_others": [{ "kind": "arson" }, { "kind": "arson", "years_ago": 3 }],
        "additional_needs": [{ "need": "legal" }, { "need": "drugs" }, { "need": "legal", "level": "low" }],
    }),
    &[
        "body/needs/additional_needs/2/need", "body/needs/can_travel_to/2", "body/needs/risk_to_others/1/kind",
        "body/needs/too_far/1", "body/needs/wanted_types/1",
    ]
)]
#[case::wanted_and_too_far(
    json!({ "wanted_areas": ["E06000016", "E06000017"], "too_far": ["E07000130", "E06000017"] }),
    &["body/needs/too_far/1"]
)]
#[actix_web::test]
async fn needs_that_make_no_sense_are_named_and_nothing_is_stored(
    #[values(Sqlite, Postgres)] on: Engine,
    #[case] needs: Value,
    #[case] pointers: &[&str],
) {
    let app = TestApp::spawn(on);
    let helpline = app.client("caseworker").await;
    let sorted = |answer: &Answer| {
        assert_eq!(answer.problem(), "422 invalid");
        let mut pointers = answer.pointers();
        pointers.sort();
        pointers
    };
    let new = json!({ "referral_source": "police", "needs": needs });
    assert_eq!(sorted(&helpline.post("/api/v1/cases", new).await), pointers);
    assert_eq!(helpline.get("/api/v1/cases").await.ok().items().len(), 0);

    let case = opened(&helpline).await;
    let before = helpline.get(&case).await.ok().json;
    assert_eq!(sorted(&noted(&helpline, &case, needs).await), pointers);
    assert_eq!(helpline.get(&case).await.ok().json, before);
}

/// What is asked in a call comes back in words; what says the opposite is shown where it stands, in an open part.
#[rstest]
#[actix_web::test]
async fn what_is_asked_in_a_call_is_told_in_words(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, worker) = (app.client("caseworker").await, app.visitor("caseworker").await);
    let case = opened(&helpline).await;
    let page = case.trim_start_matches("/api/v1").to_owned();
    let step = |step: &str| format!("{page}/ask/{step}");
    for (path, fields) in [
        (
            step("needs"),
            &[
                ("version", "1"),
                ("stay_needed", "weeks"),
                ("wanted_types/0", "second_stage"),
                ("wanted_types/1", "refuge"),
                ("shared_living", "no"),
                ("support_needs_complete", "yes"),
                ("interpreter_language", "Punjabi"),
                ("harm/violence", "no"),
                ("harm/assault_on_staff", "no"),
                ("harm/arson", "yes"),
                ("harm/arson/years", "3"),
                ("harm/offence_against_children", "no"),
                ("asked_to_leave_before", "no"),
            ][..],
        ),
        (
            step("areas"),
            &[
                ("version", "2"),
                ("too_far/0", "derbys"),
                ("can_travel_to", "E10000018"),
                ("can_travel_to", "E06000017"),
                ("school_area", "Charnwood"),
            ],
        ),
    ] {
        assert_eq!(worker.submit(&path, fields).await.status, 303, "{path}");
    }
    let told = worker.page(&page).await.ok();
    for words in [
        "Up to three months",
        "Second stage; Refuge",
        "Yes: Punjabi",
        "Setting fires (3 years ago)",
        "Derbyshire",
        "Leicestershire, Rutland",
        "Charnwood",
    ] {
        assert!(told.text.contains(words), "{words} in {}", told.text);
    }

    let both = [("version", "3"), ("wanted/0", "Derby"), ("too_far/1", "Derby"), ("travel/0", "Blaby")];
    let wrong = worker.submit(&step("areas"), &both).await;
    assert_eq!(wrong.status, 422);
    for words in
        ["Derby is where they would like to be", "Blaby is part of a county", "<details class=\"govuk-details\" open>"]
    {
        assert!(wrong.text.contains(words), "{words} in {}", wrong.text);
    }
}
