//! A household is referred to several services at once: one takes it, the others are no longer needed.

use chrono::TimeDelta;
use rstest::rstest;
use safehold::actions::referrals;
use safehold::db::{DatabaseUrl, Db, Tx};
use safehold::ids::RequestId;
use safehold::settings::Policy;
use serde_json::{Value, json};

use crate::conversation::{recording, told};
use crate::steps::{accepted, audited, doing, opened, posted, referred};
use crate::support::world::keys;
use crate::support::{Client, Engine, Postgres, Sqlite, TestApp};

const REFERRALS: &str = "/api/v1/referrals";

/// A household that is referred to A1 and to D1, each held; gives back the paths of case and referrals.
async fn twice(app: &TestApp, refuge: &Client, other: &Client, helpline: &Client) -> (String, String, String) {
    let case = opened(helpline).await;
    let mut sent = Vec::new();
    for vacancy in [posted(refuge, app.world.a1).await, posted(other, app.world.d1).await] {
        let to = json!({ "vacancy_id": vacancy, "hold": true });
        let sent_to = helpline.post(&format!("{case}/referrals"), to).await.ok();
        sent.push(format!("{REFERRALS}/{}", sent_to.id()));
    }
    let second = sent.pop().unwrap();
    (case, sent.pop().unwrap(), second)
}

#[rstest]
#[actix_web::test]
async fn who_is_no_longer_needed_is_told_so_and_not_where_they_go(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let other = app.client("other_refuge_worker").await;
    let (case, referral, second) = twice(&app, &refuge, &other, &helpline).await;
    other.post(&format!("{second}/request-information"), json!({ "note": "Why?" })).await.ok();
    told(&app, &sent).await;
    let open = helpline.get(&format!("{REFERRALS}?open=true&case_id={}", case.rsplit('/').next().unwrap())).await.ok();
    assert_eq!(open.items().len(), 2);

    accepted(&refuge, &referral).await;
    let ended = other.get(&second).await.ok();
    let reasons = ["state", "primary_reason", "decided_by"].map(|field| ended.json[field].clone());
    assert_eq!(reasons, [json!("withdrawn"), json!("accepted_elsewhere"), json!("referrer")]);
    assert_eq!(doing(&other, app.world.d1).await, "free");
    assert_eq!(
        told(&app, &sent).await,
        [
            ("caseworker".to_owned(), "referral_decided"),
            ("other_refuge_manager".to_owned(), "no_longer_needed"),
            ("other_refuge_worker".to_owned(), "no_longer_needed"),
        ],
        "the helpline hears of the acceptance once"
    );
    let visitor = app.visitor("other_refuge_worker").await;
    let path = second.trim_start_matches("/api/v1").to_owned();
    let answers = [
        ended,
        other.get(REFERRALS).await.ok(),
        other.get(&format!("{second}/notes")).await.ok(),
        visitor.page(&path).await.ok(),
        visitor.page("/referrals").await.ok(),
    ];
    for answer in &answers {
        for hidden in ["Copper House", app.world.refuge.0.to_string().as_str(), app.world.a1.0.to_string().as_str()] {
            assert!(!answer.text.contains(hidden), "{hidden} in {}", answer.text);
        }
    }
    assert!(answers[4].text.contains("No longer needed"), "{}", answers[4].text);
    let page = app.visitor("caseworker").await.page(case.trim_start_matches("/api/v1")).await.ok();
    assert!(page.text.contains("No longer needed") && page.text.contains("Accepted"), "{}", page.text);
    assert_eq!(other.post(&format!("{second}/accept"), json!({})).await.problem(), "409 referral_state");
}

#[rstest]
#[actix_web::test]
async fn before_a_second_one_is_sent_the_first_is_shown(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let other = app.client("other_refuge_worker").await;
    let case = opened(&helpline).await;
    let vacancy = posted(&other, app.world.d1).await;
    let refer = format!("{}/refer/{vacancy}", case.trim_start_matches("/api/v1"));
    let visitor = app.visitor("caseworker").await;
    assert!(!visitor.page(&refer).await.ok().text.contains("Asked already"));
    referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    let page = visitor.page(&refer).await.ok();
    assert!(page.text.contains("Asked already") && page.text.contains("Copper House"), "{}", page.text);
}

/// S33
#[rstest]
#[actix_web::test]
async fn s33_of_two_services_that_accept_at_once_exactly_one_gets_the_household(
    #[values(Sqlite, Postgres)] on: Engine,
) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let other = app.client("other_refuge_worker").await;
    for round in 0..6 {
        let (_, referral, second) = twice(&app, &refuge, &other, &helpline).await;
        let accept =
            async |client: &Client, referral: &str| client.post(&format!("{referral}/accept"), json!({})).await;
        let answers = futures_util::future::join(accept(&refuge, &referral), accept(&other, &second)).await;
        let won: Vec<bool> = [&answers.0, &answers.1].iter().map(|answer| answer.status.is_success()).collect();
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}: {answers:?}");
        let (loser, lost, winner, kept) =
            if won[0] { (&answers.1, &second, &refuge, &referral) } else { (&answers.0, &referral, &other, &second) };
        assert_eq!(loser.problem(), "409 referral_state", "round {round}");
        assert_eq!(loser.json["current"], json!({ "referral": "withdrawn" }));
        assert_eq!(helpline.get(lost).await.ok().text_of("primary_reason"), "accepted_elsewhere");
        assert_eq!(helpline.get(kept).await.ok().text_of("state"), "accepted");
        winner.post(&format!("{kept}/decline"), json!({ "primary_reason": "no_staff_capacity" })).await.ok();
        for (client, unit) in [(&refuge, app.world.a1), (&other, app.world.d1)] {
            assert_eq!(doing(client, unit).await, "free");
        }
        withdraw_vacancies(&app, &refuge, &other).await;
    }
    assert_eq!((audited(&app, "referral.accepted"), audited(&app, "placement.expected")), (6, 6));
}

/// Takes back whatever is still posted, so that it can be posted again.
async fn withdraw_vacancies(app: &TestApp, refuge: &Client, other: &Client) {
    let found = app.client("caseworker").await.get("/api/v1/vacancies").await.ok();
    for vacancy in found.items() {
        let path = format!("/api/v1/vacancies/{}/withdraw", vacancy["id"].as_str().unwrap());
        for client in [refuge, other] {
            client.post(&path, Value::Null).await;
        }
    }
}

/// Moves the clock, and says what lapses then.
async fn lapsed_after(app: &TestApp, time: TimeDelta) -> usize {
    app.clock.advance(time);
    referrals::lapse(&app.db).await.unwrap()
}

const A_MOMENT: TimeDelta = TimeDelta::seconds(1);

/// S39
#[rstest]
#[actix_web::test]
async fn s39_a_referral_that_nobody_answers_lapses_after_three_days(#[values(Sqlite, Postgres)] on: Engine) {
    let (app, sent) = recording(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let case = opened(&helpline).await;
    let referral = referred(&helpline, &case, &posted(&refuge, app.world.a1).await).await;
    told(&app, &sent).await;
    assert_eq!(lapsed_after(&app, TimeDelta::hours(72) - A_MOMENT).await, 0);
    assert_eq!((lapsed_after(&app, A_MOMENT).await, referrals::lapse(&app.db).await.unwrap()), (1, 0));
    let everybody = ["caseworker", "refuge_manager", "refuge_worker"];
    assert_eq!(told(&app, &sent).await, everybody.map(|name| (name.to_owned(), "referral_decided")));
    for who in ["caseworker", "refuge_worker"] {
        let ended = app.client(who).await.get(&referral).await.ok().json;
        let told = ["state", "primary_reason", "decided_by", "ended_at"].map(|field| ended[field].clone());
        assert_eq!(told, [json!("lapsed"), json!("no_answer"), json!("system"), json!("2026-04-04T09:00:00Z")]);
    }
    let page = app.visitor("caseworker").await.page(case.trim_start_matches("/api/v1")).await.ok();
    assert!(page.text.contains("Lapsed: nobody answered"), "{}", page.text);
    let events = "SELECT reason AS line FROM audit_event WHERE action = 'referral.ended'";
    assert_eq!(crate::secrecy::lines(&mut app.raw(), events), ["no_answer"]);
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_a_question_gives_a_week_and_its_answer_gives_the_time_anew(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let (vacancy, other) = (posted(&refuge, app.world.a1).await, posted(&refuge, app.world.a2).await);
    let answered = referred(&helpline, &opened(&helpline).await, &vacancy).await;
    let silent = referred(&helpline, &opened(&helpline).await, &other).await;
    app.clock.advance(TimeDelta::hours(71));
    let refuge = app.client("refuge_worker").await;
    for referral in [&answered, &silent] {
        refuge.post(&format!("{referral}/request-information"), json!({ "note": "Why?" })).await.ok();
    }
    assert_eq!(lapsed_after(&app, TimeDelta::days(6)).await, 0);
    let helpline = app.client("caseworker").await;
    helpline.post(&format!("{answered}/give-information"), json!({ "note": "Because." })).await.ok();
    assert_eq!(lapsed_after(&app, TimeDelta::days(1) - A_MOMENT).await, 0);
    assert_eq!(lapsed_after(&app, A_MOMENT).await, 1, "the one that was never answered");
    let ended = app.client("caseworker").await.get(&silent).await.ok();
    assert_eq!(ended.text_of("primary_reason"), "information_not_given");
    app.client("refuge_worker").await.post(&format!("{answered}/notes"), json!({ "note": "We talk." })).await.ok();
    assert_eq!(lapsed_after(&app, TimeDelta::hours(72) - A_MOMENT).await, 0, "a word of the service keeps it alive");
    assert_eq!(lapsed_after(&app, A_MOMENT).await, 1);
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_several_instances_let_each_referral_lapse_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let vacancy = posted(&refuge, app.world.a1).await;
    for _ in 0..12 {
        referred(&helpline, &opened(&helpline).await, &vacancy).await;
    }
    app.clock.advance(TimeDelta::hours(72));
    let mut ended = 0;
    while ended < 12 {
        let all = futures_util::future::join_all((0..4).map(|_| referrals::lapse(&app.db))).await;
        let now: usize = all.into_iter().map(Result::unwrap).sum();
        assert!(now > 0, "{ended} of 12");
        ended += now;
    }
    assert_eq!((ended, audited(&app, "referral.ended")), (12, 12));
    assert_eq!(referrals::lapse(&app.db).await.unwrap(), 0);
}

/// S39
#[rstest]
#[actix_web::test]
async fn s39_referrals_lapse_by_the_role_of_the_application(#[values(Postgres)] on: Engine) {
    use diesel::connection::SimpleConnection;

    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let referral = referred(&helpline, &opened(&helpline).await, &posted(&refuge, app.world.a1).await).await;
    refuge.get(&format!("{referral}/notes")).await.ok();
    let role = format!("app_{}", RequestId::new().0.simple());
    app.raw().batch_execute(&format!("CREATE ROLE {role} LOGIN")).unwrap();
    app.raw().grant(&role).unwrap();
    let DatabaseUrl::Postgres(url) = app.url() else { panic!("this is about PostgreSQL") };
    let url: DatabaseUrl = url.replacen("//safehold@", &format!("//{role}@"), 1).parse().unwrap();
    let db = Db::new(url.clone(), 2, app.clock.clone(), keys(), Policy::default());
    app.clock.advance(TimeDelta::hours(72));
    assert_eq!(referrals::lapse(&db).await.unwrap(), 1);
    let error = url.open().unwrap().batch_execute("UPDATE referral_note_read SET read_at = now()").unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
    app.raw().batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
}

/// S41
#[rstest]
#[actix_web::test]
async fn s41_what_is_withdrawn_and_lapses_by_itself_is_counted_once(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let other = app.client("other_refuge_worker").await;
    let (_, referral, _) = twice(&app, &refuge, &other, &helpline).await;
    let stay = accepted(&refuge, &referral).await;
    refuge.post(&format!("{stay}/arrive"), json!({})).await.ok();
    for _ in 0..3 {
        let case = opened(&helpline).await;
        let to = json!({ "service_id": app.world.dispersed });
        helpline.post(&format!("{case}/referrals"), to).await.ok();
    }
    assert_eq!(lapsed_after(&app, TimeDelta::hours(72)).await, 3);
    let helpline = app.client("caseworker").await;
    let to = json!({ "service_id": app.world.dispersed });
    helpline.post(&format!("{}/referrals", opened(&helpline).await), to).await.ok();

    let path = "/api/v1/reports/denied-access?from=2026-04-01&to=2026-04-30&by=reason";
    let of = async |who: &str| {
        let report = app.client(who).await.get(path).await.ok().json["per_referral"].clone();
        let counts = ["total", "placed", "denied", "open"].map(|field| report[field].as_u64().unwrap());
        let mut reasons: Vec<_> = report["cells"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|cell| Some((cell["by"]["reason"].as_str()?.to_owned(), cell["denied"].as_u64()?)))
            .filter(|(_, denied)| *denied > 0)
            .collect();
        reasons.sort();
        (counts, reasons)
    };
    let reasons = vec![("accepted_elsewhere".to_owned(), 1), ("no_answer".to_owned(), 3)];
    assert_eq!(of("helpline_manager").await, ([6, 1, 4, 1], reasons.clone()));
    assert_eq!(of("refuge_manager").await, ([1, 1, 0, 0], vec![]));
    assert_eq!(of("other_refuge_manager").await, ([5, 0, 4, 1], reasons));
}

/// What was sent already, and by whom, is as it was: nothing else of a case is touched by an acceptance.
#[rstest]
#[actix_web::test]
async fn only_what_waits_is_withdrawn(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let (refuge, helpline) = (app.client("refuge_worker").await, app.client("caseworker").await);
    let other = app.client("other_refuge_worker").await;
    let (_, referral, second) = twice(&app, &refuge, &other, &helpline).await;
    other.post(&format!("{second}/decline"), json!({ "primary_reason": "needs_language" })).await.ok();
    let declined = helpline.get(&second).await.ok().json;
    let to = json!({ "service_id": app.world.dispersed });
    let strangers = helpline.post(&format!("{}/referrals", opened(&helpline).await), to).await.ok();
    let write = move |tx: &mut Tx| {
        let id = safehold::ids::ReferralId(referral.rsplit('/').next().unwrap().parse().unwrap());
        referrals::accept(tx, id, &referrals::Acceptance::default())
    };
    app.db.write(&app.actor("refuge_worker"), write).await.unwrap();
    assert_eq!(helpline.get(&second).await.ok().json, declined);
    let waits = helpline.get(&format!("{REFERRALS}/{}", strangers.id())).await.ok();
    assert_eq!(waits.text_of("state"), "sent");
}
