//! The service itself: its rules, its units, and where they are.

use chrono::TimeDelta;
use rstest::rstest;

use super::{SERVICE, UNIT, give_password_again, unit, window};
use crate::browser::{Site, browse};

#[rstest]
#[actix_web::test]
async fn rules_are_changed_and_read_in_words(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.manager").await;
        browser.press("Services").await;
        browser.press(SERVICE).await;
        browser.sees("The survivor is from 16 to 24 years old").await;
        browser.does_not_see("At most 1 child").await;
        browser.press("Change who can come").await;
        browser.fill("Lowest age of the survivor", "30").await;
        browser.press("Save the rules").await;
        assert_eq!(
            browser.error_summary().await,
            ["The lowest age is above the highest age", "Say why the rules change"]
        );
        browser.accessible().await;
        browser.fill("Lowest age of the survivor", "18").await;
        browser.fill("Most children", "1").await;
        browser.fill("Why do the rules change?", "One room has no space for a second cot.").await;
        browser.press("Save the rules").await;
        browser.sees("The rules are saved. They count from now on.").await;
        browser.sees("The survivor is from 18 to 24 years old").await;
        browser.sees("At most 1 child").await;
        browser.accessible().await;
        browser.press("Change who can come").await;
        browser.sees("One room has no space for a second cot.").await;
        browser.accessible().await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn a_unit_is_added_and_its_facts_are_changed(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.manager").await;
        browser.press("Services").await;
        browser.press(SERVICE).await;
        browser.press("Add a unit").await;
        browser.press("Add the unit").await;
        assert_eq!(browser.error_summary().await[0], "Enter what you call the unit");
        browser.accessible().await;
        browser.fill("What you call it", "JH20").await;
        browser.fill("How many people can sleep there", "2").await;
        browser.choose_in("Can you get in without steps?", "Yes").await;
        browser.choose_in("Where can somebody in a wheelchair go?", "They cannot use it").await;
        browser.choose_in("Bathroom", "Only for this household").await;
        browser.choose_in("Kitchen", "Shared with others").await;
        browser.choose_in("Can pets come?", "No").await;
        browser.press("Add the unit").await;
        browser.sees("The unit is added.").await;
        browser.accessible().await;

        browser.press("JH20").await;
        browser.press("Change this unit").await;
        browser.accessible().await;
        browser.fill("Bed spaces", "0").await;
        browser.press("Save").await;
        assert_eq!(browser.error_summary().await, ["Enter how many beds there are, from 1 to 20"]);
        browser.accessible().await;
        browser.fill("Bed spaces", "3").await;
        browser.fill("Floor", "2").await;
        browser.press("Save").await;
        browser.sees("The unit is saved.").await;
        browser.sees("2nd floor").await;
        browser.accessible().await;
    })
    .await;
}

/// What is nowhere to be read but where somebody has said why.
const STREET: &str = "7 Imagined Lane";

#[rstest]
#[actix_web::test]
async fn an_address_is_written_and_read_only_for_a_reason(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.manager").await;
        let unit = unit(&browser, UNIT).await;
        browser.goto(&unit).await;
        browser.site.clock.advance(TimeDelta::minutes(6));
        browser.press("Write the address").await;
        browser.press("Save the address").await;
        assert_eq!(browser.error_summary().await, ["Enter the address", "Enter the whole postcode, like LE1 1AA"]);
        browser.accessible().await;
        browser.fill("Address", STREET).await;
        browser.fill("Postcode", "ZZ99 1ZZ").await;
        browser.press("Save the address").await;
        browser.sees("The address is saved.").await;
        browser.accessible().await;

        let asking = format!("{unit}/address");
        let writing = format!("{unit}/address/edit");
        for path in [&unit, &asking, &writing, "/units", "/services", "/vacancies", "/calendar", "/placements"] {
            browser.goto(path).await;
            let source = browser.driver.source().await.unwrap();
            assert!(!source.contains(STREET) && !source.contains("ZZ99 1ZZ"), "the address is at {path}");
        }

        browser.goto(&asking).await;
        browser.press("Show the address").await;
        assert_eq!(browser.error_summary().await, ["Select why you need the address"]);
        browser.accessible().await;
        browser.select("Why do you need it?", "Repairs").await;
        browser.press("Show the address").await;
        give_password_again(&browser).await;
        browser.sees(STREET).await;
        browser.accessible().await;
        browser.press("Close this page").await;
        browser.does_not_see(STREET).await;
    })
    .await;
}
