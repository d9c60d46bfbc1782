//! Who is sent, and what the refuge answers.

use chrono::TimeDelta;
use rstest::rstest;

use super::{SERVICE, UNIT, give_password_again, is_found, unit, window};
use crate::browser::Keys::{Enter, Tab, Text};
use crate::browser::{Browser, Site, browse};

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
