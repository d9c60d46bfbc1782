//! The same on the pages, without a script.

use actix_web::http::StatusCode;
use rstest::rstest;
use safehold::domain::sanctuary::State;

use super::{in_state, scheme};
use crate::steps::opened;
use crate::support::secrecy::{CANARY_NAME, CANARY_POSTCODE, CANARY_STREET};
use crate::support::{Answer, Client, Engine, Postgres, Sqlite, TestApp};

/// The page that a form led to.
async fn led(client: &Client, answer: Answer) -> (String, String) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let to = answer.header("location").to_owned();
    let page = client.page(&to).await;
    assert_eq!(page.status, StatusCode::OK, "{to}: {}", page.text);
    (to.split('?').next().unwrap().to_owned(), page.text)
}

const TODAY: [(&str, &str); 3] = [("survey_on-day", "1"), ("survey_on-month", "4"), ("survey_on-year", "2026")];

#[rstest]
#[actix_web::test]
async fn a_home_is_made_safe_on_the_pages(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let scheme = scheme(&app).await;
    let case = opened(&app.client("caseworker").await).await.replace("/api/v1", "");
    let (helpline, refuge) = (app.visitor("caseworker").await, app.visitor("refuge_worker").await);
    let form = helpline.page(&format!("{case}/sanctuary")).await.text;
    assert!(form.contains("Copper Locks") && form.contains("No limit is written down"), "{form}");
    let empty = helpline.submit(&format!("{case}/sanctuary"), &[]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("Select a scheme") && empty.text.contains("Select how they have their home"));
    let fields = [
        ("service_id", scheme.as_str()),
        ("tenure", "social_housing"),
        ("landlord_consent", "given"),
        ("measures", "locks"),
        ("measures", "alarm"),
    ];
    let (job, page) = led(&helpline, helpline.submit(&format!("{case}/sanctuary"), &fields).await).await;
    assert!(page.contains("It is not written down yet"), "{page}");
    let address = [("lines", CANARY_STREET), ("postcode", CANARY_POSTCODE)];
    led(&helpline, helpline.submit(&format!("{job}/address/edit"), &address).await).await;

    let board = refuge.page("/sanctuary").await.text;
    assert!(board.contains("Waiting for a day (1)") && board.contains("Friday 3 April"), "{board}");
    let page = refuge.page(&job).await.text;
    assert!(page.contains("You can read it as soon as the survey has a day"), "{page}");
    assert!(
        !refuge.submit(&format!("{job}/address"), &[("reason", "safeguarding")]).await.text.contains(CANARY_STREET)
    );
    led(&refuge, refuge.submit(&format!("{job}/book"), &TODAY).await).await;
    let shown = refuge.submit(&format!("{job}/address"), &[("reason", "safeguarding")]).await;
    assert!(shown.text.contains(CANARY_STREET), "{}", shown.text);
    let who = refuge.submit(&format!("{job}/identity"), &[("reason", "safeguarding")]).await;
    assert!(who.text.contains(CANARY_NAME) && who.text.contains("Before you reach them"), "{}", who.text);
    let measure = [("kind", "doors"), ("number", "1"), ("cost_pence", "120.50"), ("installer", "police")];
    let (_, page) = led(&refuge, refuge.submit(&format!("{job}/measures"), &measure).await).await;
    assert!(page.contains("All together: £120.50"), "{page}");
    for step in ["survey", "install", "sign-off"] {
        led(&refuge, refuge.submit(&format!("{job}/{step}"), &[]).await).await;
    }
    let again = refuge.submit(&format!("{job}/install"), &[("on-day", "1")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);

    let page = helpline.page(&job).await.text;
    let ask = page.split(&format!("{job}/follow-ups/")).nth(1).unwrap().split('"').next().unwrap();
    let ask = format!("{job}/follow-ups/{ask}");
    assert!(helpline.page(&ask).await.text.contains("Are they still safe at home?"));
    let said = helpline.submit(&ask, &[("answer", "not_safe"), ("needed", "place_of_safety"), ("note", "Soon.")]).await;
    let (to, _) = led(&helpline, said).await;
    assert_eq!(to, format!("{case}/matches"), "they need a place again");
    assert!(helpline.page(&ask).await.text.contains("Soon."));
    assert!(helpline.page(&job).await.text.contains("They are not safe at home"));
}

#[rstest]
#[actix_web::test]
async fn a_manager_says_what_a_scheme_can_do_and_reads_what_it_did(#[values(Sqlite, Postgres)] on: Engine) {
    let app = TestApp::spawn(on);
    let scheme = scheme(&app).await;
    in_state(&app, &scheme, State::SignedOff).await;
    let manager = app.visitor("refuge_manager").await;
    let path = format!("/services/{scheme}/sanctuary-capacity");
    let wrong = manager.submit(&format!("{path}/2026-04-01"), &[("version", "0"), ("jobs", "some")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = [("version", "0"), ("jobs", "8"), ("budget_pence", "1,500")];
    let (_, page) = led(&manager, manager.submit(&format!("{path}/2026-04-01"), &said).await).await;
    assert!(page.contains("7 of 8 jobs left, £1500 of £1500 left"), "{page}");
    assert!(manager.page(&format!("/services/{scheme}")).await.text.contains("7 of 8 jobs left"));
    let report = manager.page("/reports/sanctuary?period=this-month").await;
    assert!(report.text.contains("Homes made safe") && report.text.contains("Signed off"), "{}", report.text);
    assert!(manager.page("/reports/sanctuary.csv?period=this-month").await.text.starts_with("counted,of,number"));
}
