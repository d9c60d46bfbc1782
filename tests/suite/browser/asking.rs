//! Questions that are answered where they stand, what can be done when nothing fits, and a watch that finds something.

use std::time::Duration;

use chrono::TimeDelta;
use rstest::rstest;
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, Key};

use super::Keys::{Down, Tab};
use super::{Browser, Site, Window, browse};

fn window(site: &Site, script: bool) -> Window {
    if script { site.window() } else { site.window().without_script() }
}

/// The page of a new case: a woman of 34 with these children, each with a sex and an age, who lives in Charnwood.
async fn opened(browser: &Browser, children: &[(&str, &str)]) -> String {
    browser.sign_in("caseworker").await;
    browser.goto("/cases/new").await;
    browser.select("Who is calling, or who sends the household?", "Police").await;
    browser.press("Start the case").await;
    browser.select("Sex", "Woman").await;
    browser.fill("Age", "34").await;
    for (n, (sex, age)) in children.iter().enumerate() {
        browser.select(&format!("Child {}", n + 1), sex).await;
        browser.fill(&format!("Age of child {}", n + 1), age).await;
    }
    browser.press("Save and go on").await;
    let address = browser.address().await;
    let page = format!("/cases/{}", address.split("/cases/").nth(1).unwrap().split('/').next().unwrap());
    browser.goto(&page).await;
    page
}

/// The text of what this finds first, as soon as it is there.
async fn told(browser: &Browser, css: &str) -> String {
    browser.wait_for(css).await.text().await.unwrap()
}

/// Waits until something reads like this. The bound is only for what never comes.
async fn waits_for(browser: &Browser, path: &str) {
    let found = browser.driver.query(By::XPath(path)).wait(Duration::from_secs(40), Duration::from_millis(50));
    assert!(found.first_opt().await.unwrap().is_some(), "{path} is not in {}", browser.text().await);
}

/// What is known says this.
async fn knows(browser: &Browser, asked: &str, answer: &str) {
    waits_for(browser, &format!("//dt[.='{asked}']/following-sibling::dd[1][.='{answer}']")).await;
}

/// What is asked first, and the answer to it, by the keyboard alone.
async fn answer_first(browser: &Browser) -> String {
    let first = ".sh-asked > .sh-asked__list > li:first-child";
    let question = told(browser, &format!("{first} .sh-asked__text")).await;
    let select = browser.driver.find_all(By::Css(format!("{first} select"))).await.unwrap();
    if !select.is_empty() {
        browser.keys(&[Down, Tab]).await;
    }
    // No other page is waited for.
    browser.driver.action_chain().send_keys(Key::Enter).perform().await.unwrap();
    question
}

/// With the script the next question is at hand when one is answered, and what was decided is said.
#[actix_web::test]
async fn three_questions_are_answered_in_place_by_keyboard() {
    let site = Site::open();
    browse(site.window(), |browser| async move {
        opened(&browser, &[]).await;
        browser.accessible().await;
        for _ in 0..120 {
            if browser.focused().await == "button Yes, that is everybody" {
                break;
            }
            browser.keys(&[Tab]).await;
        }
        let loads = browser.loads().await;
        let mut asked = Vec::new();
        for _ in 0..3 {
            let question = answer_first(&browser).await;
            let next = "contains(@class,'sh-asked__text')";
            waits_for(&browser, &format!("(//ol[@class='sh-asked__list'])[1]/li[1]//*[{next}][.!=\"{question}\"]"))
                .await;
            browser.wait_for(".sh-asked > .sh-asked__list > li:first-child :focus").await;
            let focus = browser.focused().await;
            assert!(!focus.starts_with("Root") && !focus.is_empty(), "the focus is lost after {question}: {focus}");
            asked.push(question);
        }
        asked.sort();
        asked.dedup();
        assert_eq!((asked.len(), browser.loads().await), (3, loads), "{asked:?}");
        // What is known says so too, and what was decided is said aloud.
        knows(&browser, "Is that everybody", "Yes").await;
        let aloud = told(&browser, ".sh-case__places [data-live-note]").await;
        assert!(aloud.contains("decided") && aloud.contains("suitable"), "{aloud}");
        browser.accessible().await;
        browser.no_sideways_scroll().await;
    })
    .await;
}

#[actix_web::test]
async fn three_questions_are_answered_in_place_without_a_script() {
    let site = Site::open();
    browse(site.window().without_script().size(320, 256), |browser| async move {
        let page = opened(&browser, &[]).await;
        browser.press("Yes, that is everybody").await;
        assert!(browser.address().await.ends_with("#asked-title"), "{}", browser.address().await);
        browser.sees("Ask next").await;
        browser.press("No pets").await;
        browser.sees("decided").await;
        browser.press_first("form[data-ask=access_need] button").await;
        assert_eq!(browser.error_summary().await, ["Select one of the answers"]);
        browser.accessible().await;
        browser.no_sideways_scroll().await;
        browser.select("Does anybody need a home with no steps, or room for a wheelchair?", "No special access").await;
        browser.press_first("form[data-ask=access_need] button").await;
        browser.sees("That decided").await;
        browser.goto(&page).await;
        for (asked, answer) in [("Is that everybody", "Yes"), ("Animals", "None"), ("Access", "No special access")] {
            knows(&browser, asked, answer).await;
        }
    })
    .await;
}

/// Beside a step the same: what the step asks itself has its box there, what it does not is answered beside it, and
/// neither takes back what the other has saved.
#[actix_web::test]
async fn a_step_and_the_questions_beside_it_do_not_undo_each_other() {
    let site = Site::open();
    browse(site.window(), |browser| async move {
        let page = opened(&browser, &[]).await;
        browser.goto(&format!("{page}/ask/needs")).await;
        browser.press_here("No pets").await;
        browser.wait_for("[data-heard]").await;
        browser.choose("No special access").await;
        browser.wait_for("form[data-saved]").await;
        browser.press_here("Yes, that is everybody").await;
        waits_for(&browser, "//*[@id='beside'][not(.//*[@data-ask='everybody'])]").await;
        browser.press("Save and go on").await;
        assert_eq!(browser.heading().await, "Areas");
        browser.goto(&page).await;
        for (asked, answer) in [("Is that everybody", "Yes"), ("Animals", "None"), ("Access", "No special access")] {
            knows(&browser, asked, answer).await;
        }
    })
    .await;
}

/// A boy of 17, whom few take: what stands in the way, what could change it, and what else there is.
#[rstest]
#[actix_web::test]
async fn one_thing_in_the_way_is_said_with_what_could_change_it(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        opened(&browser, &[("Boy", "17"), ("Girl", "9")]).await;
        browser.sees("What could change it: The provider makes an exception for a boy of 17.").await;
        browser.press_here("If none of these works: other ways").await;
        browser.sees("If boys of any age were taken,").await;
        browser.press_first(".sh-match--not_suitable summary").await;
        browser.sees("A rule of this service. We know: boy aged 17.").await;
        browser.accessible().await;
        browser.press("See these places").await;
        browser.sees("Only one thing in the way (").await;
        browser.does_not_see("Ask first\n").await;
        browser.accessible().await;
        browser.no_sideways_scroll().await;
    })
    .await;
}

/// Eight people and nothing large enough: other ways, of which none splits them up.
#[rstest]
#[actix_web::test]
async fn when_nothing_suits_there_are_other_ways(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        let page = opened(&browser, &[("Girl", "9"), ("Girl", "10"), ("Girl", "11")]).await;
        browser.goto(&format!("{page}/ask/household")).await;
        browser.press("Save and add more children").await;
        for n in 4..=7 {
            browser.select(&format!("Child {n}"), "Girl").await;
            browser.fill(&format!("Age of child {n}"), "12").await;
        }
        browser.press("Save and go on").await;
        browser.goto(&page).await;
        browser.sees("No place fits just now. What you can do:").await;
        for way in ["Ask whether another area would be safe", "Keep watch"] {
            browser.sees(way).await;
        }
        browser.accessible().await;
        browser.press("Watch for a place").await;
        browser.sees("You keep watch for this household.").await;
        browser.accessible().await;
        browser.press("See every place and why it fits or not").await;
        browser.press("This search matters").await;
        browser.sees("This search is kept.").await;
        browser.accessible().await;
    })
    .await;
}

/// A household under watch; the refuge posts a home; the start page says so, and goes on saying so until it is seen.
#[actix_web::test]
async fn a_place_that_is_posted_is_told_to_who_watches() {
    let site = Site::open();
    browse(site.window(), |watching| async move {
        let page = opened(&watching, &[]).await;
        watching.press_here("Yes, that is everybody").await;
        watching.wait_for("[data-heard]").await;
        watching.press_here("No pets").await;
        waits_for(&watching, "//*[@id='beside'][not(.//*[@data-ask='pets'])]").await;
        let access = "Does anybody need a home with no steps, or room for a wheelchair?";
        watching.select(access, "No special access").await;
        watching.wait_for("form[data-ask=access_need] button").await.click().await.unwrap();
        knows(&watching, "Access", "No special access").await;
        watching.goto(&page).await;
        watching.press("Watch for a place").await;
        watching.goto("/find").await;
        watching.does_not_see("new place").await;
        // What is pointed at does not change by itself, and the pointer is still where it last pressed.
        watching.driver.action_chain().move_to(1, 1).perform().await.unwrap();
        browse(watching.site.window().without_script(), |refuge| async move {
            refuge.sign_in("refuge.worker").await;
            refuge.press("Withdraw BH2").await;
            refuge.press("Post vacancy BH2").await;
            refuge.sees("The vacancy is posted.").await;
        })
        .await;
        watching.site.clock.advance(TimeDelta::seconds(3)); // cases under watch are matched again every two seconds
        // Nobody reloads: it comes by itself.
        waits_for(&watching, "//*[@id='now']//a[contains(., 'new place') and contains(., 'under watch')]").await;
        watching.press_first("#now a").await;
        assert_eq!(watching.heading().await, "Households under watch");
        watching.accessible().await;
        watching.goto("/watches").await;
        let seen = || watching.driver.find_all(By::Css("form[action$='/watch/seen'] button"));
        let mut left = seen().await.unwrap().len();
        assert!(left > 0, "what was looked at is seen without a word");
        while left > 0 {
            watching.sees("New: found").await;
            watching.press_first("form[action$='/watch/seen'] button").await;
            watching.sees("What was found is marked as seen.").await;
            left -= 1;
        }
        watching.does_not_see("New: found").await;
        watching.goto("/find").await;
        watching.does_not_see("new place").await;
    })
    .await;
}
