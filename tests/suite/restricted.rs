//! A case that does not exist for people who know somebody involved, on either side of it.

use std::collections::BTreeMap;

use actix_web::http::Method;
use rstest::rstest;
use safehold::domain::permission::Role;
use safehold::gate::access::{Access, ROUTES};
use safehold::ids::{RequestId, reference};
use safehold::web::is_page;
use serde_json::{Value, json};

use crate::scope::bare;
use crate::steps::{accepted, audited, opened, posted, referred};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

/// What there is of a case, by what it is called in a path.
pub struct Hidden {
    pub case: String,
    pub referral: String,
    pub stay: String,
    pub names: Vec<String>,
}

/// The id at the end of a path.
pub fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

pub async fn exclude(client: &Client, of: &str, app: &TestApp, who: &str) -> Answer {
    let body = json!({ "account_id": app.world.account(who).id, "reason": "She is the survivor's cousin." });
    client.post(&format!("{of}/exclusions"), body).await
}

pub async fn reference_of(client: &Client, path: &str) -> String {
    client.get(path).await.ok().text_of("reference")
}

/// Everything that somebody can look at, with what answers: lists, and of what is `known` its own pages.
async fn looked_at(app: &TestApp, who: &str, known: &[&str]) -> BTreeMap<String, (u16, String)> {
    let (client, visitor) = (app.client(who).await, app.visitor(who).await);
    let roles = &app.world.account(who).roles.0;
    let mut found = BTreeMap::new();
    for (method, pattern, access) in ROUTES {
        let theirs = match access {
            Access::Anybody | Access::HalfIn => false,
            Access::Role(action) => action.roles().iter().any(|role| roles.contains(role)),
        };
        // One's own account, and who looked at a case, say more with each look.
        let own = pattern.starts_with("/account") && !pattern.starts_with("/accounts");
        let looks = own || pattern.starts_with("/api/v1/me") || pattern.ends_with("/access");
        if *method != "GET" || !theirs || looks || pattern.contains("/changes/") {
            continue;
        }
        let paths: Vec<String> = match pattern {
            pattern if pattern.contains("{id}") => known
                .iter()
                .filter(|known| pattern.starts_with(known.split("/0").next().unwrap()))
                .map(|known| pattern.replace("{id}", id(known)))
                .collect(),
            pattern => vec![(*pattern).to_owned()],
        };
        for path in paths {
            let path = path
                .replace("{step}", "household")
                .replace("{list}", "void_reason")
                .replace("{vacancy}", &RequestId::new().0.to_string());
            let path = match pattern {
                pattern if pattern.ends_with("/occupancies") => format!("{path}?from=2026-04-01&to=2026-06-01"),
                pattern if pattern.contains("/reports/") => format!("{path}?from=2026-03-01&to=2026-05-01"),
                _ => path,
            };
            // The files of the pages are those of the API, and in an hour one takes out only so many. (S31)
            if is_page(&path) && path.contains(".csv") {
                continue;
            }
            let answer = if is_page(&path) { visitor.page(&path).await } else { client.get(&path).await };
            let text = bare(&answer, &[]);
            let text = text.split("\"instance\"").next().unwrap().to_owned();
            found.insert(path, (answer.status.as_u16(), text));
        }
    }
    assert!(found.len() > 20, "{} looked at {} only", who, found.len());
    found
}

/// Where a home that is taken shows, and nothing else may: also on the page of another case, which lists the places that
/// fit, and of another referral, which lists the homes that are free.
fn about_homes(path: &str) -> bool {
    if path.starts_with("/cases/") || path.starts_with("/referrals/") {
        return true;
    }
    ["vacancies", "units", "calendar", "matches", "questions", "services", "waiting"]
        .iter()
        .any(|word| path.contains(word))
}

/// A case with everything that a case can have: a hold, a referral with a note, a watch, a search that is kept, a stay, and
/// an emergency. Whoever is named is excluded on the way, as soon as there is something to exclude her from.
async fn secret(app: &TestApp, vacancy: &str, other: &str, excluded: &str) -> Hidden {
    let (refuge, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let at_helpline = app.world.account(excluded).organisation_id == app.world.helpline;
    let case = opened(&helpline).await;
    if at_helpline {
        exclude(&helpline, &case, app, excluded).await.ok();
    }
    helpline.request(Method::PUT, &format!("{case}/watch"), &[], None).await.ok();
    helpline.post(&format!("{case}/searches"), Value::Null).await.ok();
    let hold = helpline.post(&format!("{case}/holds"), json!({ "vacancy_id": other })).await.ok().id();
    let referral = referred(&helpline, &case, vacancy).await;
    if !at_helpline {
        exclude(&refuge, &referral, app, excluded).await.ok();
    }
    refuge.post(&format!("{referral}/request-information"), json!({ "note": "How many?" })).await.ok();
    helpline.post(&format!("{referral}/give-information"), json!({ "note": "Two." })).await.ok();
    let names = vec![reference_of(&helpline, &case).await, reference_of(&helpline, &referral).await];
    let stay = accepted(&refuge, &referral).await;
    let colleague = app.client("colleague").await;
    let ask = json!({ "reference": names[0], "reason": "worker_away", "explanation": "She rang." });
    colleague.post("/api/v1/emergency-access", ask).await.ok();
    let mut names = names;
    names.extend([id(&case), id(&referral), id(&stay), &hold].map(str::to_owned));
    Hidden { case, referral, stay, names }
}

/// S13, S17: for who is excluded the world is as it was before the case was opened, on every page and in every answer, but
/// that a home is taken.
#[rstest]
#[case::a_manager_of_the_helpline("helpline_manager")]
#[case::a_worker_of_the_refuge("refuge_worker")]
#[actix_web::test]
async fn s13_s17_the_world_is_as_if_there_were_no_such_case(#[values(Sqlite, Postgres)] on: Engine, #[case] who: &str) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_manager").await, app.client("caseworker").await);
    let (first, second) = (posted(&refuge, app.world.a1).await, posted(&refuge, app.world.a2).await);
    let other = posted(&app.client("other_refuge_manager").await, app.world.d1).await;
    // What everybody sees stays: another case, with a referral.
    let seen = opened(&helpline).await;
    helpline.post(&format!("{seen}/searches"), Value::Null).await.ok();
    let seen_referral = referred(&helpline, &seen, &second).await;
    let place = |path: &str| path.replace("/api/v1", "");
    let known: Vec<String> = [&seen, &seen_referral]
        .iter()
        .flat_map(|path| [(*path).clone(), place(path)])
        .chain(
            [app.world.a1.0, app.world.a2.0]
                .iter()
                .flat_map(|id| [format!("/api/v1/units/{id}"), format!("/units/{id}")]),
        )
        .chain([format!("/api/v1/vacancies/{second}"), format!("/vacancies/{second}")])
        .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let before = looked_at(&app, who, &known).await;
    let hidden = secret(&app, &first, &other, who).await;
    let after = looked_at(&app, who, &known).await;
    assert_eq!(before.len(), after.len());
    for (path, (status, text)) in &after {
        for name in &hidden.names {
            assert!(!text.contains(name.as_str()), "{path} tells of {name}");
        }
        if !about_homes(path) && !path.contains("occupancies") {
            let changed = before[path].1.lines().zip(text.lines()).find(|(before, after)| before != after);
            assert!(before[path] == (*status, text.clone()), "{path} has changed: {changed:#?}");
        }
    }
    // Its own pages and answers are as of something that was never there.
    let (client, visitor) = (app.client(who).await, app.visitor(who).await);
    let roles = &app.world.account(who).roles.0;
    let of = [("/cases/{id}", &hidden.case), ("/referrals/{id}", &hidden.referral), ("/placements/{id}", &hidden.stay)];
    let mut asked = 0;
    for (method, pattern, access) in ROUTES {
        let theirs = matches!(access, Access::Role(action) if action.roles().iter().any(|role| roles.contains(role)));
        let plain = pattern.strip_prefix("/api/v1").unwrap_or(pattern);
        let Some((_, path)) = of.iter().find(|(prefix, _)| plain.starts_with(prefix)) else { continue };
        if *method != "GET" || !theirs {
            continue;
        }
        let pattern = pattern.replace("{step}", "household").replace("{vacancy}", &first);
        let mut answers = Vec::new();
        for id in [id(path).to_owned(), RequestId::new().0.to_string()] {
            let path = pattern.replace("{id}", &id);
            // The files of the pages are those of the API, and in an hour one takes out only so many. (S31)
            if is_page(&path) && path.contains(".csv") {
                continue;
            }
            let answer = if is_page(&path) { visitor.page(&path).await } else { client.get(&path).await };
            let text = bare(&answer, &[("{id}", id)]);
            answers.push((answer.status, text.split("\"instance\"").next().unwrap().to_owned()));
        }
        assert_eq!(answers[0], answers[1], "{who} {pattern}");
        assert_eq!(answers[0].0, 404, "{who} {pattern}");
        asked += 1;
    }
    assert!(asked >= 6, "only {asked}");
    if roles.contains(&Role::HelplineManager) {
        for path in [format!("/api/v1/referrals?case_id={}", id(&hidden.case)), "/api/v1/watches".into()] {
            assert_eq!(client.get(&path).await.ok().items().len(), 0, "{path}");
        }
        let looked_up = |name: String| {
            let visitor = &visitor;
            async move {
                let page = visitor.page(&format!("/find?reference={name}")).await;
                (page.status, bare(&page, &[("", name.clone())]).replace(&name, ""))
            }
        };
        assert_eq!(looked_up(hidden.names[0].clone()).await, looked_up(reference('C')).await);
    }
}

/// S17: what somebody sees is not hidden from the others, and comes back when it is lifted.
#[rstest]
#[actix_web::test]
async fn s17_the_others_go_on_and_a_manager_lifts_it(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager, colleague) =
        (app.client("caseworker").await, app.client("helpline_manager").await, app.client("colleague").await);
    let case = opened(&helpline).await;
    let named = exclude(&manager, &case, &app, "colleague").await.ok();
    assert_eq!(named.json.get("reason"), None);
    let list = manager.get(&format!("{case}/exclusions")).await.ok();
    assert_eq!(list.items().len(), 1);
    assert_eq!(list.items()[0]["reason"], "She is the survivor's cousin.");
    assert_eq!((audited(&app, "case.restricted"), audited(&app, "case.restrictions_read")), (1, 1));
    helpline.get(&case).await.ok();
    // Neither named nor found to be in the way of anything else.
    assert_eq!(exclude(&manager, &case, &app, "colleague").await.pointers(), ["body/account_id"]);
    assert_eq!(exclude(&manager, &case, &app, "helpline_manager").await.pointers(), ["body/account_id"]);
    let unknown = exclude(&manager, &case, &app, "refuge_worker").await;
    assert_eq!(unknown.pointers(), ["body/account_id"]);
    assert_eq!(exclude(&manager, &case, &app, "caseworker").await.problem(), "409 owns_case");
    assert_eq!(exclude(&colleague, &case, &app, "helpline_manager").await.problem(), "404 not_found");
    // She cannot be given the case.
    let owner = json!({ "account_id": app.world.account("colleague").id });
    let path = format!("{case}/owner");
    let given = manager.request(Method::PUT, &path, &[("if-match", "\"1\"")], Some(owner.clone())).await;
    assert_eq!(given.pointers(), ["body/account_id"]);
    manager.post(&format!("{case}/exclusions/{}/lift", named.id()), Value::Null).await.ok();
    assert_eq!(manager.get(&format!("{case}/exclusions")).await.ok().items().len(), 0);
    manager.request(Method::PUT, &format!("{case}/owner"), &[("if-match", "\"1\"")], Some(owner)).await.ok();
    colleague.get(&case).await.ok();
}

/// S17: who knows somebody involved says so, and at once sees nothing more; she cannot undo it herself.
#[rstest]
#[actix_web::test]
async fn s17_a_declared_conflict_bites_at_once_and_a_manager_takes_the_case(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (helpline, manager) = (app.client("caseworker").await, app.client("helpline_manager").await);
    let case = opened(&helpline).await;
    helpline.post(&format!("{case}/conflicts"), json!({ "reason": "He is my brother." })).await.ok();
    assert_eq!(helpline.get(&case).await.problem(), "404 not_found");
    assert_eq!(helpline.get("/api/v1/cases").await.ok().items().len(), 0);
    let now = manager.get(&case).await.ok();
    assert_eq!(now.text_of("owner_id"), app.world.account("helpline_manager").id.0.to_string());
    let excluded = manager.get(&format!("{case}/exclusions")).await.ok().items()[0].clone();
    assert_eq!((&excluded["kind"], &excluded["reason"]), (&json!("declared"), &json!("He is my brother.")));
    let lift = format!("{case}/exclusions/{}/lift", excluded["id"].as_str().unwrap());
    assert_eq!(helpline.post(&lift, Value::Null).await.problem(), "404 not_found");

    // A manager declares one too: she chooses who takes it; the rest of the organisation goes on.
    let colleague = app.world.account("colleague").id;
    let nobody = manager.post(&format!("{case}/conflicts"), json!({ "reason": "Me too." })).await;
    assert_eq!(nobody.pointers(), ["body/account_id"], "there is no other manager");
    let to = json!({ "reason": "Me too.", "account_id": app.world.account("caseworker").id });
    assert_eq!(
        manager.post(&format!("{case}/conflicts"), to).await.pointers(),
        ["body/account_id"],
        "excluded herself"
    );
    manager.post(&format!("{case}/conflicts"), json!({ "reason": "Me too.", "account_id": colleague })).await.ok();
    assert_eq!(manager.get(&case).await.problem(), "404 not_found");
    let colleague = app.client("colleague").await;
    colleague.get(&case).await.ok();
    // The owner sees who is excluded; what was declared only a manager lifts, and the only one is out.
    assert_eq!(colleague.get(&format!("{case}/exclusions")).await.ok().items().len(), 2);
    assert_eq!(colleague.post(&lift, Value::Null).await.problem(), "403 forbidden");
}

/// S17: on the provider's side too.
#[rstest]
#[actix_web::test]
async fn s17_a_worker_of_the_refuge_steps_back_from_a_household(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, manager, helpline) =
        (app.client("refuge_worker").await, app.client("refuge_manager").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &vacancy).await;
    refuge.post(&format!("{referral}/conflicts"), json!({ "reason": "We went to school together." })).await.ok();
    assert_eq!(refuge.get(&referral).await.problem(), "404 not_found");
    assert_eq!(refuge.post(&format!("{referral}/accept"), json!({})).await.problem(), "404 not_found");
    let stay = accepted(&manager, &referral).await;
    assert_eq!(refuge.get("/api/v1/placements").await.ok().items().len(), 0);
    assert_eq!(refuge.post(&format!("{stay}/arrive"), json!({})).await.problem(), "404 not_found");
    assert_eq!(
        refuge.disclose(&format!("{referral}/identity-disclosures"), "safeguarding").await.problem(),
        "404 not_found"
    );
    let unit = format!("/api/v1/units/{}/occupancies?from=2026-04-01&to=2026-05-01", app.world.a1.0);
    let taken = refuge.get(&unit).await.ok();
    assert_eq!((&taken.items()[0]["kind"], taken.items()[0].get("id")), (&json!("placement"), None));
    assert_eq!(manager.get(&unit).await.ok().items()[0]["id"], id(&stay));
    // The referrer's list of its own people says nothing of the refuge's.
    assert_eq!(helpline.get(&format!("{case}/exclusions")).await.ok().items().len(), 0);
    assert_eq!(manager.get(&format!("{referral}/exclusions")).await.ok().items().len(), 1);
    assert_eq!(helpline.get(&referral).await.ok().text_of("state"), "accepted");
}
