//! The refuge's days: what is free, who is sent, who comes, who leaves.

use chrono::TimeDelta;
use rstest::rstest;
use thirtyfour::prelude::*;

use super::Keys::{Enter, Tab, Text};
use super::{Browser, Site, Window, browse};

fn window(site: &Site, script: bool) -> Window {
    if script { site.window() } else { site.window().without_script() }
}

/// Writes a day of June 2026 into the three boxes of a field; the demonstration is on the 9th.
async fn write_day(browser: &Browser, field: &str, day: u32) {
    for (part, value) in [("day", day), ("month", 6), ("year", 2026)] {
        let part = browser.wait_for(&format!("#{field}-{part}")).await;
        part.clear().await.unwrap();
        part.send_keys(value.to_string()).await.unwrap();
    }
}

/// The path of the unit that has this name on the board.
async fn unit(browser: &Browser, code: &str) -> String {
    browser.goto("/units").await;
    let link = By::XPath(format!("//th/a[normalize-space(.)='{code}']"));
    browser.driver.find(link).await.unwrap().attr("href").await.unwrap().unwrap()
}

/// Whether a search for vacancies finds this unit: `query` is what is asked for.
async fn is_found(browser: &Browser, unit: &str, query: &str) -> bool {
    browser.goto(&format!("/vacancies{query}")).await;
    assert_eq!(browser.heading().await, "Vacancies");
    !browser.driver.find_all(By::Css(format!("main a[href='{unit}']"))).await.unwrap().is_empty()
}

/// Once a day, whoever is on duty says that everything is still as it was.
#[rstest]
#[actix_web::test]
async fn all_vacancies_are_confirmed_with_one_press(#[values(true, false)] script: bool) {
    let site = Site::open();
    site.clock.advance(TimeDelta::hours(25));
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.worker").await;
        let before = browser.interactions();
        assert_eq!(browser.heading().await, "Our units today");
        browser.does_not_see("All are confirmed.").await;
        browser.accessible().await;
        browser.press_first("form[action='/units/confirm'] button").await;
        browser.sees("All your vacancies are confirmed.").await;
        browser.sees("All are confirmed.").await;
        browser.accessible().await;
        let interactions = browser.interactions() - before;
        println!("daily confirmation after the sign-in: {interactions} interactions");
        assert!(interactions <= 3, "{interactions} interactions");
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn a_vacancy_is_withdrawn_and_posted_again(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.worker").await;
        let unit = unit(&browser, "BH2").await;
        assert!(is_found(&browser, &unit, "").await);

        browser.goto("/units").await;
        let before = browser.interactions();
        browser.press("Withdraw BH2").await;
        let withdrawn = browser.interactions() - before;
        browser.sees("The vacancy is withdrawn. It can no longer be found.").await;
        browser.accessible().await;
        assert!(!is_found(&browser, &unit, "").await);

        browser.goto("/units").await;
        let before = browser.interactions();
        browser.press("Post vacancy BH2").await;
        let posted = browser.interactions() - before;
        browser.sees("The vacancy is posted. It can be found now.").await;
        browser.accessible().await;
        assert!(is_found(&browser, &unit, "").await);
        println!("a vacancy from the board: {withdrawn} to withdraw, {posted} to post");
        assert!(withdrawn <= 2 && posted <= 2, "{withdrawn}, {posted}");
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn a_vacancy_is_posted_from_another_day(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.worker").await;
        let unit = unit(&browser, "BH2").await;
        browser.press("BH2").await;
        browser.press("Withdraw it").await;
        browser.sees("The vacancy is withdrawn.").await;
        browser.accessible().await;
        browser.press("Post it from another day").await;
        browser.press("Post vacancy").await;
        assert_eq!(browser.error_summary().await, ["Enter the day it can be taken from"]);
        browser.accessible().await;
        write_day(&browser, "available_from", 15).await;
        browser.press("Post vacancy").await;
        browser.sees("It can be taken from Mon 15 Jun.").await;
        browser.accessible().await;

        let by = |day| format!("?available_by-day={day}&available_by-month=6&available_by-year=2026");
        assert!(!is_found(&browser, &unit, &by(14)).await, "it is found for a day before");
        assert!(is_found(&browser, &unit, &by(15)).await, "it is not found for its day");
        browser.sees("Free Monday 15 June.").await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn a_unit_is_taken_out_of_use_and_back(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.worker").await;
        let unit = unit(&browser, "BH18").await;
        assert!(is_found(&browser, &unit, "").await);
        browser.goto("/units").await;
        browser.press("Take out of use BH18").await;
        assert_eq!(browser.heading().await, "Take unit BH18 out of use");
        write_day(&browser, "ends_at", 9).await;
        browser.press("Take out of use").await;
        let wrong = ["Select why it is out of use", "Enter a day after the first day out of use, or leave it empty"];
        assert_eq!(browser.error_summary().await, wrong);
        browser.accessible().await;
        browser.select("Why", "Repairs after damage").await;
        write_day(&browser, "ends_at", 12).await;
        browser.press("Take out of use").await;
        browser.sees("The unit is out of use for that time.").await;
        browser.sees("Out of use").await;
        browser.sees("Repairs after damage").await;
        browser.accessible().await;
        assert!(!is_found(&browser, &unit, "").await, "a unit out of use is found");

        browser.goto("/units").await;
        browser.press("BH18").await;
        browser.press("Back in use now").await;
        browser.sees("The unit is back in use.").await;
        browser.accessible().await;
        assert!(is_found(&browser, &unit, "").await, "a unit in use again is not found");
    })
    .await;
}

/// As somebody hears it who asks what the unit does on each of these days of June 2026.
async fn calendar(browser: &Browser, code: &str, days: std::ops::RangeInclusive<usize>) -> Vec<String> {
    let mut told = Vec::new();
    for day in days {
        // Four weeks from Monday 8 June.
        let cell = format!("//tr[th/a[normalize-space(.)='{code}']]/td[{}]/span[last()]", day - 7);
        let cell = browser.driver.find(By::XPath(cell)).await.unwrap();
        told.push(cell.prop("textContent").await.unwrap().unwrap());
    }
    told
}

#[rstest]
#[actix_web::test]
async fn the_calendar_shows_what_was_just_recorded(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.worker").await;
        browser.press("Calendar").await;
        assert_eq!(browser.heading().await, "Calendar");
        assert_eq!(calendar(&browser, "BH18", 9..=12).await, ["Free"; 4]);
        browser.press("BH18").await;
        browser.press("Take this unit out of use").await;
        browser.select("Why", "Cleaning").await;
        write_day(&browser, "starts_at", 10).await;
        write_day(&browser, "ends_at", 12).await;
        browser.press("Take out of use").await;
        browser.sees("The unit is out of use for that time.").await;
        browser.press("Calendar").await;
        assert_eq!(calendar(&browser, "BH18", 9..=12).await, ["Free", "Out of use", "Out of use", "Free"]);
        browser.accessible().await;
    })
    .await;
}

/// The service that these referrals are sent to: it has one vacancy.
const SERVICE: &str = "Juno House";
const UNIT: &str = "JH4";

/// Sends a referral for one woman of 20, with her name locked away, and stays at it; gives its reference.
async fn refer(caseworker: &Browser) -> String {
    caseworker.sign_in("caseworker").await;
    caseworker.press("Start a new call").await;
    caseworker.select("Who is calling, or who sends the household?", "Police").await;
    caseworker.press("Start the case").await;
    caseworker.select("Sex", "Woman").await;
    caseworker.fill("Age", "20").await;
    caseworker.choose_in("Is that everybody?", "Yes").await;
    caseworker.press("Save and go on").await;
    let address = caseworker.address().await;
    let case = address.split("/cases/").nth(1).unwrap().split('/').next().unwrap();
    caseworker.goto(&format!("/cases/{case}/contact")).await;
    caseworker.fill("Name, or what to call them", "Somebody Invented").await;
    caseworker.press("Save and lock away").await;
    caseworker.press(&format!("Hold and refer: {SERVICE}, Leicester")).await;
    caseworker.press("Hold and send").await;
    caseworker.sees("The referral is sent.").await;
    caseworker.heading().await.strip_prefix("Referral ").unwrap().to_owned()
}

async fn give_password_again(browser: &Browser) {
    assert_eq!(browser.heading().await, "Give your password again");
    browser.accessible().await;
    browser.fill("Password", safehold::demo::PASSWORD).await;
    browser.press("Continue").await;
    browser.accessible().await;
    browser.press("Continue").await;
}

/// How much it takes to say yes, when nothing has to be asked.
#[rstest]
#[actix_web::test]
async fn from_the_sign_in_to_a_yes_takes_few_steps(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.worker").await;
        browser.press("1 referral waiting for your answer").await;
        browser.press_first("main tbody a").await;
        browser.accessible().await;
        browser.press("Accept the referral").await;
        browser.sees("The referral is accepted.").await;
        let (interactions, loads) = (browser.interactions(), browser.loads().await);
        println!("sign-in to accepted: {interactions} interactions, {loads} pages");
        assert!(interactions <= 6 && loads <= 5, "{interactions} interactions, {loads} pages");
        browser.accessible().await;
    })
    .await;
}

/// The same with a keyboard and nothing else.
#[actix_web::test]
async fn a_referral_is_accepted_with_the_keyboard_alone() {
    let site = Site::open();
    browse(site.window(), |browser| async move {
        browser.goto("/sign-in").await;
        let reach = async |name: &str| {
            for _ in 0..60 {
                if browser.focused().await.starts_with(name) {
                    return;
                }
                browser.keys(&[Tab]).await;
            }
            panic!("Tab never comes to {name}, but to {}", browser.focused().await);
        };
        reach("textbox E-mail address").await;
        browser.keys(&[Text("refuge.worker@invented.example"), Tab, Text(safehold::demo::PASSWORD), Enter]).await;
        reach("link 1 referral waiting for your answer").await;
        browser.keys(&[Enter]).await;
        reach("link R-").await;
        browser.keys(&[Enter]).await;
        reach("button Accept the referral").await;
        browser.keys(&[Enter]).await;
        browser.sees("The referral is accepted.").await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn a_question_is_asked_and_answered_before_a_referral_is_accepted(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |caseworker| async move {
        let reference = refer(&caseworker).await;
        let referral = path(&caseworker).await;
        browse(window(&site, script), |refuge| async move {
            refuge.sign_in("refuge.worker").await;
            refuge.press("Referrals").await;
            refuge.press(&reference).await;
            refuge.sees("Woman, 20").await;
            refuge.does_not_see("Somebody Invented").await;
            refuge.press("Ask the referrer something").await;
            refuge.press("Ask").await;
            assert_eq!(refuge.error_summary().await, ["Write what you want to know"]);
            refuge.accessible().await;
            refuge.fill("What do you want to know?", "When can she travel?").await;
            refuge.press("Ask").await;
            refuge.sees("Your question is sent.").await;
            refuge.accessible().await;

            caseworker.goto("/find").await;
            caseworker.press(&format!("{SERVICE} asks you something")).await;
            caseworker.sees("When can she travel?").await;
            caseworker.press("Send the answer").await;
            assert_eq!(caseworker.error_summary().await, ["Write your answer"]);
            caseworker.accessible().await;
            caseworker.fill("Your answer", "This afternoon.").await;
            caseworker.press("Send the answer").await;
            caseworker.sees("Your answer is sent.").await;
            caseworker.accessible().await;

            refuge.goto(&referral).await;
            refuge.sees("This afternoon.").await;
            refuge.press("Accept the referral").await;
            refuge.sees("The referral is accepted.").await;
            caseworker.goto("/find").await;
            caseworker.press(&format!("{SERVICE} has said yes: tell the household, and how to get there")).await;
            caseworker.sees("Accepted").await;
            caseworker.accessible().await;
        })
        .await;
    })
    .await;
}

/// Where the browser is, without what was just done.
async fn path(browser: &Browser) -> String {
    let address = browser.address().await;
    address.strip_prefix(&browser.site.url("")).unwrap().split('?').next().unwrap().to_owned()
}

/// Names for the one side, the address for the other, each for a reason, with the password, until it is ended.
#[rstest]
#[actix_web::test]
async fn each_side_reads_what_it_needs_after_a_yes(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |caseworker| async move {
        let _ = refer(&caseworker).await;
        let referral = path(&caseworker).await;
        browse(window(&site, script), |refuge| async move {
            refuge.sign_in("refuge.worker").await;
            refuge.goto(&referral).await;
            refuge.press("Accept the referral").await;
            refuge.sees("The referral is accepted.").await;
            refuge.site.clock.advance(TimeDelta::minutes(6));

            refuge.press("Show who they are").await;
            assert_eq!(refuge.error_summary().await, ["Select why you need to know"]);
            refuge.accessible().await;
            refuge.select("See who they are. Why do you need it?", "Confirming arrival").await;
            refuge.press("Show who they are").await;
            give_password_again(&refuge).await;
            assert_eq!(refuge.heading().await, "Who they are");
            refuge.sees("Somebody Invented").await;
            refuge.accessible().await;
            refuge.press("Close this page").await;
            refuge.does_not_see("Somebody Invented").await;

            caseworker.goto(&referral).await;
            caseworker.press("See the address").await;
            assert_eq!(caseworker.error_summary().await, ["Select why you need the address"]);
            caseworker.accessible().await;
            caseworker.goto(&referral).await;
            caseworker.select("Why do you need it?", "Arranging travel").await;
            caseworker.press("See the address").await;
            give_password_again(&caseworker).await;
            assert_eq!(caseworker.heading().await, "Address");
            caseworker.sees("Invented Street").await;
            caseworker.accessible().await;
            caseworker.press("Close this page").await;
            caseworker.does_not_see("Invented Street").await;

            refuge.press("End that now the referrer may no longer read the address").await;
            refuge.sees("The address can no longer be read by the other side.").await;
            refuge.accessible().await;
            caseworker.goto(&referral).await;
            caseworker.sees("You can no longer read the address.").await;
            caseworker.accessible().await;
        })
        .await;
    })
    .await;
}

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

#[rstest]
#[actix_web::test]
async fn the_referrer_reads_why_a_referral_is_declined(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |caseworker| async move {
        let _ = refer(&caseworker).await;
        let referral = path(&caseworker).await;
        browse(window(&site, script), |refuge| async move {
            refuge.sign_in("refuge.worker").await;
            refuge.goto(&referral).await;
            refuge.press("Decline the referral").await;
            refuge.press_first("form[action$='/decline'] button").await;
            assert_eq!(refuge.error_summary().await, ["Select the main reason"]);
            refuge.accessible().await;
            refuge.select("Main reason, and who decided", "Mental health support needs cannot be met").await;
            refuge.press("Other reasons that counted too").await;
            refuge.choose("No staff capacity to meet the support needs").await;
            refuge.press_first("form[action$='/decline'] button").await;
            refuge.sees("The referral is ended. The other side has been told.").await;
            refuge.sees("Our service decided").await;
            refuge.accessible().await;

            caseworker.goto(&referral).await;
            caseworker.sees("Declined by the service").await;
            caseworker.sees("Mental health support needs cannot be met").await;
            caseworker.sees("The service decided").await;
            caseworker.sees("No staff capacity to meet the support needs").await;
            caseworker.accessible().await;
        })
        .await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn the_service_reads_why_a_referral_is_withdrawn(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |caseworker| async move {
        let _ = refer(&caseworker).await;
        let referral = path(&caseworker).await;
        caseworker.press("Withdraw the referral").await;
        caseworker.accessible().await;
        caseworker.press("Withdraw the referral").await;
        assert_eq!(caseworker.error_summary().await, ["Select the main reason"]);
        caseworker.accessible().await;
        caseworker.select("Main reason, and who decided", "Disengaged or could not be contacted").await;
        caseworker.press("Withdraw the referral").await;
        caseworker.sees("The referral is ended. The other side has been told.").await;
        caseworker.accessible().await;
        browse(window(&site, script), |refuge| async move {
            refuge.sign_in("refuge.worker").await;
            let unit = unit(&refuge, UNIT).await;
            refuge.goto(&referral).await;
            refuge.sees("Withdrawn").await;
            refuge.sees("Disengaged or could not be contacted").await;
            refuge.sees("The referrer decided").await;
            refuge.accessible().await;
            assert!(is_found(&refuge, &unit, "").await, "the unit is still held");
        })
        .await;
    })
    .await;
}

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
