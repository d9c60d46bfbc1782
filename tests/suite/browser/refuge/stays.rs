//! Who comes, who does not, who leaves.

use chrono::TimeDelta;
use rstest::rstest;

use super::{window, write_day};
use crate::browser::{Site, browse};

#[rstest]
#[actix_web::test]
async fn a_stay_is_recorded_from_the_arrival_to_the_departure(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.worker").await;
        browser.press("Arrived? BH5").await;
        assert_eq!(browser.heading().await, "Stay in unit BH5");
        browser.accessible().await;
        browser.press("They have arrived").await;
        browser.sees("The arrival is recorded.").await;
        browser.accessible().await;

        browser.press("Change the day they are to leave").await;
        browser.press("Save the day").await;
        assert_eq!(browser.error_summary().await, ["Enter the day that they are now to leave"]);
        browser.accessible().await;
        write_day(&browser, "expected_end", 30).await;
        browser.press("Save the day").await;
        browser.sees("The stay is extended.").await;
        browser.sees("Tuesday 30 June").await;
        browser.accessible().await;

        browser.site.clock.advance(TimeDelta::minutes(20));
        browser.press("They have left").await;
        assert_eq!(browser.error_summary().await, ["Select whether it was planned", "Select where they went"]);
        browser.accessible().await;
        browser.choose_in("Was it planned?", "Yes, it was planned").await;
        browser.select("Where did they go?", "Private tenancy").await;
        browser.press("They have left").await;
        browser.sees("The departure is recorded.").await;
        browser.sees("Private tenancy").await;
        browser.accessible().await;
        browser.press("Post its vacancy").await;
        browser.sees("Free").await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn a_household_that_did_not_arrive_leaves_the_unit_free(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.worker").await;
        browser.press("Stays").await;
        browser.press_first("[aria-label='Households that are expected'] tbody a").await;
        assert_eq!(browser.heading().await, "Stay in unit BH5");
        browser.press("They did not arrive").await;
        browser.press_first("form[action$='/did-not-arrive'] button").await;
        assert_eq!(browser.error_summary().await, ["Select the main reason"]);
        browser.accessible().await;
        browser.select("Main reason, and who decided", "Found other accommodation").await;
        browser.press_first("form[action$='/did-not-arrive'] button").await;
        browser.sees("It is recorded that the household did not arrive. The unit is free again.").await;
        browser.sees("Found other accommodation").await;
        browser.accessible().await;
        browser.press("BH5").await;
        browser.sees("Free").await;
        browser.sees("No vacancy is posted.").await;
    })
    .await;
}
