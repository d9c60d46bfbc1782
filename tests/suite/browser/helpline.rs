//! The main job: from the first words of a call to a place that is held and asked for.

use chrono::TimeDelta;
use rstest::rstest;
use thirtyfour::prelude::ElementQueryable;

use super::Keys::{Enter, Tab, Text, Up};
use super::{Browser, Site, Window, browse};

fn window(site: &Site, script: bool) -> Window {
    if script { site.window() } else { site.window().without_script() }
}

/// The heading of a case: its household.
const HOUSEHOLD: &str = "Woman, 34, with 1 child (boy 6)";

#[rstest]
#[actix_web::test]
async fn a_place_is_found_held_and_asked_for(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("caseworker").await;
        assert_eq!(browser.heading().await, "Find a place");
        browser.press("Start a new call").await;
        browser.press("Start the case").await;
        assert_eq!(browser.error_summary().await, ["Select who is calling, or who sends the household"]);
        browser.accessible().await;
        browser.select("Who is calling, or who sends the household?", "National helpline").await;
        browser.fill("Where do they live now?", "char").await;
        browser.press("Start the case").await;

        assert_eq!(browser.heading().await, "Household");
        browser.select("Sex", "Woman").await;
        browser.fill("Age", "34").await;
        browser.select("Child 1", "Boy").await;
        browser.fill("Age of child 1", "6").await;
        browser.choose_in("Is that everybody?", "Yes").await;
        browser.choose_in("Are there animals to bring?", "No").await;
        if script {
            browser.wait_for("form[data-saved]").await;
        }
        browser.press("Save and go on").await;

        assert_eq!(browser.heading().await, "Needs");
        browser.choose("No special access").await;
        browser.press("Save and go on").await;
        assert_eq!(browser.heading().await, "Areas");
        browser.choose_in("Is Charnwood safe? They live there now", "Not safe").await;
        browser.fill("Choice 1", "Leic").await;
        browser.press("Save and go on").await;
        assert_eq!(browser.error_summary().await, ["“Leic” may be Leicester or Leicestershire. Choose one"]);
        browser.fill("Choice 1", "Leicester").await;
        browser.press("Save and go on").await;
        assert_eq!(browser.heading().await, "Money");
        browser.choose_in("Can they get public funds, such as benefits?", "Yes").await;
        browser.choose("Housing Benefit").await;
        browser.press("Save and go on").await;
        assert_eq!(browser.heading().await, "About the survivor");
        browser.press("Save and go on").await;

        assert!(browser.heading().await.ends_with(HOUSEHOLD), "{}", browser.heading().await);
        browser.sees("Suitable").await;
        browser.press_first(".sh-match--suitable form button").await;
        browser.sees("The place is held.").await;
        browser.sees("until today at 11:30am").await;
        browser.accessible().await;
        browser.press_first(".sh-card a.govuk-button").await;
        assert_eq!(browser.heading().await, "Send a referral");
        browser.fill("A note for the provider", "They can travel today.").await;
        browser.press("Hold and send").await;
        browser.sees("The referral is sent.").await;
        browser.accessible().await;
    })
    .await;
}

/// The figures of the issue: how much it takes when every second counts.
#[actix_web::test]
async fn from_the_sign_in_to_a_hold_takes_few_steps() {
    let site = Site::open();
    browse(site.window(), |browser| async move {
        browser.sign_in("caseworker").await;
        browser.press("Start a new call").await;
        browser.select("Who is calling, or who sends the household?", "Police").await;
        browser.press("Start the case").await;
        browser.select("Sex", "Woman").await;
        browser.fill("Age", "34").await;
        browser.choose_in("Is that everybody?", "Yes").await;
        browser.wait_for("form[data-saved]").await;
        browser.press_first(".sh-match form button").await;
        browser.sees("The place is held.").await;
        let (interactions, loads) = (browser.interactions(), browser.loads().await);
        println!("sign-in to hold: {interactions} interactions, {loads} pages");
        assert!(interactions <= 10 && loads <= 7, "{interactions} interactions, {loads} pages");
    })
    .await;
}

/// The same with a keyboard and nothing else.
#[actix_web::test]
async fn a_place_is_held_with_the_keyboard_alone() {
    let site = Site::open();
    browse(site.window(), |browser| async move {
        browser.goto("/sign-in").await;
        let reach = async |name: &str| {
            for _ in 0..60 {
                if browser.focused().await == name {
                    return;
                }
                browser.keys(&[Tab]).await;
            }
            panic!("Tab never comes to {name}, but to {}", browser.focused().await);
        };
        reach("textbox E-mail address").await;
        browser.keys(&[Text("caseworker@invented.example"), Tab, Text(safehold::demo::PASSWORD), Enter]).await;
        reach("button Start a new call").await;
        browser.keys(&[Enter]).await;
        reach("combobox Who is calling, or who sends the household?").await;
        browser.keys(&[Text("Police")]).await;
        reach("button Start the case").await;
        browser.keys(&[Enter]).await;
        reach("combobox Sex").await;
        browser.keys(&[Text("Wo"), Tab, Text("34")]).await;
        reach("radio Not known yet").await;
        browser.keys(&[Up, Up]).await;
        assert_eq!(browser.focused().await, "radio Yes");
        browser.wait_for("form[data-saved]").await;
        let mut held = false;
        for _ in 0..80 {
            browser.keys(&[Tab]).await;
            if browser.focused().await.starts_with("button Hold ") {
                browser.keys(&[Enter]).await;
                held = true;
                break;
            }
        }
        assert!(held, "Tab never comes to a place to hold");
        browser.sees("The place is held.").await;
    })
    .await;
}

/// What somebody else does elsewhere is seen without a reload.
#[actix_web::test]
async fn a_place_that_another_takes_is_seen_to_be_gone() {
    let site = Site::open();
    browse(site.window(), |watching| async move {
        opened(&watching).await;
        let before = watching.wait_for("#beside [data-summary]").await.text().await.unwrap();
        browse(watching.site.window(), |other| async move {
            opened(&other).await;
            other.press_first(".sh-match form button").await;
            other.sees("The place is held.").await;
        })
        .await;
        let changed = format!("//*[@id='beside']//*[@data-summary and normalize-space(.)!='{before}']");
        let found = watching.driver.query(thirtyfour::By::XPath(changed));
        let patience = std::time::Duration::from_secs(10);
        let found = found.wait(patience, std::time::Duration::from_millis(50)).first_opt().await.unwrap();
        assert!(found.is_some(), "still: {before}");
    })
    .await;
}

/// A case of one woman of 34.
async fn opened(browser: &Browser) {
    browser.sign_in("caseworker").await;
    browser.goto("/cases/new").await;
    browser.select("Who is calling, or who sends the household?", "Police").await;
    browser.press("Start the case").await;
    browser.select("Sex", "Woman").await;
    browser.fill("Age", "34").await;
    browser.press("Save and go on").await;
}

/// Names are locked away, come out for a reason, and only with the password.
#[rstest]
#[actix_web::test]
async fn names_are_written_and_read_again(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        opened(&browser).await;
        browser.goto(&case_of(&browser).await).await;
        browser.press("Add names and safe contact").await;
        browser.fill("Name, or what to call them", "Somebody Invented").await;
        browser.fill("Telephone", "07700 900123").await;
        browser.choose("Sending a text").await;
        browser.press("Save and lock away").await;
        browser.sees("They are locked away").await;
        browser.does_not_see("Somebody Invented").await;
        browser.site.clock.advance(TimeDelta::minutes(6));
        browser.press("See or change names and safe contact").await;
        browser.press("Show it to me").await;
        assert_eq!(browser.error_summary().await, ["Select why you need to see this"]);
        browser.select("Why do you need to see it?", "Emergency").await;
        browser.press("Show it to me").await;
        assert_eq!(browser.heading().await, "Give your password again");
        browser.accessible().await;
        browser.fill("Password", safehold::demo::PASSWORD).await;
        browser.press("Continue").await;
        browser.press("Continue").await;
        browser.sees("Somebody Invented").await;
        browser.sees("You may send a text").await;
        browser.sees("Do not leave a voicemail").await;
        browser.does_not_see("07700 900123").await;
        browser.accessible().await;
        browser.choose("Yes, I have read them and will keep to them").await;
        browser.press("Show telephone and e-mail").await;
        browser.sees("07700 900123").await;
        browser.accessible().await;
    })
    .await;
}

/// A story is told once: a code is given, and another organisation opens with it what was agreed to be shared.
#[rstest]
#[actix_web::test]
async fn a_story_is_told_once(
    #[values(true, false)] script: bool,
    #[values((1366, 768), (320, 640))] (width, height): (u32, u32),
) {
    let site = Site::open();
    browse(window(&site, script).size(width, height), |worker| async move {
        opened(&worker).await;
        let case = case_of(&worker).await;
        worker.goto(&case).await;
        worker.press("A code for another organisation, so that the story is told once").await;
        worker.press("Make the code").await;
        assert!(!worker.error_summary().await.is_empty());
        worker.accessible().await;
        worker.choose("Who needs a place").await;
        worker.fill("For how many days?", "14").await;
        worker.choose("In person").await;
        worker.press("Make the code").await;
        assert_eq!(worker.heading().await, "The code");
        worker.accessible().await;
        let shown = worker.wait_for(".sh-code").await.text().await.unwrap();

        browse(window(&worker.site, script).size(width, height), |other| async move {
            other.sign_in("housing").await;
            other.goto("/journeys").await;
            other.fill("The code", &shown).await;
            other.select("Why do you open it?", "She asked us for help").await;
            other.choose("They are with me or on the line, and agree that I read it").await;
            other.press("Open it").await;
            assert_eq!(other.heading().await, "What they agreed to share");
            other.accessible().await;
            other.no_sideways_scroll().await;
        })
        .await;

        worker.goto(&format!("{case}/journeys")).await;
        worker.sees("Opened by Hugo Invented of Demonstration Council").await;
        worker.accessible().await;
        worker.no_sideways_scroll().await;
        worker.press("A list to show or print: who has used the codes").await;
        assert_eq!(worker.heading().await, "Who has used your code");
        worker.accessible().await;
        worker.no_sideways_scroll().await;
    })
    .await;
}

/// The path of the case that the browser is in.
async fn case_of(browser: &Browser) -> String {
    let address = browser.address().await;
    let path = address.split("/cases/").nth(1).unwrap();
    format!("/cases/{}", path.split(['/', '?']).next().unwrap())
}

#[rstest]
#[actix_web::test]
async fn a_case_without_a_place_is_closed_with_the_reason(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        opened(&browser).await;
        browser.goto(&case_of(&browser).await).await;
        browser.press("Close the case").await;
        browser.press("Close the case").await;
        let wrong = ["Select the main reason", "Select what happened next"];
        assert_eq!(browser.error_summary().await, wrong);
        browser.accessible().await;
        browser.select("Main reason", "Out of area or too far away").await;
        browser.select("What happened next?", "With family or friends").await;
        browser.press("Close the case").await;
        browser.sees("The case is closed.").await;
    })
    .await;
}
