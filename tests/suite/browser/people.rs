//! Who works here: how they get in, are looked after and leave; and those who look after the installation.

use rstest::rstest;
use safehold::auth::totp::Secret;
use thirtyfour::prelude::*;

use super::{Browser, Site, Window, browse};

fn window(site: &Site, script: bool) -> Window {
    if script { site.window() } else { site.window().without_script() }
}

#[rstest]
#[actix_web::test]
async fn a_case_is_given_to_a_colleague(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("helpline.manager").await;
        browser.press("Cases").await;
        browser.accessible().await;
        let hers = By::XPath("//tr[td[normalize-space(.)='Carys Invented']]/th/a");
        let reference = browser.driver.find(hers).await.unwrap().text().await.unwrap();
        browser.press(&reference).await;
        browser.sees("Carys Invented").await;
        browser.press("change the worker").await;
        browser.accessible().await;
        browser.press("Give the case").await;
        assert_eq!(browser.error_summary().await, ["Select who takes the case over"]);
        browser.accessible().await;
        browser.choose("Callum Invented").await;
        browser.press("Give the case").await;
        browser.sees("The case has a new worker.").await;
        browser.sees("Callum Invented").await;
        browser.accessible().await;
        browse(window(&site, script), |colleague| async move {
            colleague.sign_in("caseworker.two").await;
            colleague.fill("Or open a case by its reference", &reference).await;
            colleague.press("Open").await;
            colleague.sees(&reference).await;
            colleague.sees("Callum Invented").await;
        })
        .await;
    })
    .await;
}

async fn fill_in_person(browser: &Browser, name: &str, email: &str, role: &str) {
    browser.fill("Their name", name).await;
    browser.fill("Their e-mail address at work", &format!("{email}@invented.example")).await;
    browser.choose(role).await;
}

/// Follows the link of an invitation, and chooses a password.
async fn accept(browser: &Browser, email: &str) {
    browser.goto(&format!("/invitation/{}", browser.site.link(email))).await;
    assert_eq!(browser.heading().await, "Welcome to Safehold");
    browser.accessible().await;
    browser.fill("Password", safehold::demo::PASSWORD).await;
    browser.press("Set the password").await;
    assert_eq!(browser.error_summary().await, ["Enter the same password twice"]);
    browser.accessible().await;
    for field in ["Password", "Password, once more"] {
        browser.fill(field, safehold::demo::PASSWORD).await;
    }
    browser.press("Set the password").await;
    browser.sees("Your password is set.").await;
}

const CASEWORKER: &str = "Caseworker: opens cases, finds places, sends referrals";

#[rstest]
#[actix_web::test]
async fn whoever_leaves_is_out_at_once(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |manager| async move {
        manager.sign_in("helpline.manager").await;
        manager.press("People").await;
        manager.press("Add somebody").await;
        manager.press("Add and invite").await;
        let wrong = [
            "Enter their name",
            "Enter an e-mail address, like name@example.org",
            "Choose what they do. Choose at least one",
        ];
        assert_eq!(manager.error_summary().await, wrong);
        manager.accessible().await;
        fill_in_person(&manager, "Nova Invented", "nova", CASEWORKER).await;
        manager.press("Add and invite").await;
        manager.sees("The account is added. An invitation is on its way to them.").await;
        manager.sees("Invited").await;
        manager.accessible().await;
        browse(window(&site, script), |nova| async move {
            accept(&nova, "nova@invented.example").await;
            nova.sign_in("nova").await;
            assert_eq!(nova.heading().await, "Find a place");
            manager.press("Change Nova Invented").await;
            manager.accessible().await;
            manager.choose("No: close the account").await;
            manager.press("Save").await;
            manager.sees("The account is saved.").await;
            manager.accessible().await;
            nova.press("Start a new call").await;
            assert_eq!(nova.heading().await, "Sign in");
            nova.accessible().await;
            nova.fill("E-mail address", "nova@invented.example").await;
            nova.fill("Password", safehold::demo::PASSWORD).await;
            nova.press("Sign in").await;
            assert_eq!(nova.error_summary().await, ["The e-mail address or the password is not right"]);
            nova.accessible().await;
        })
        .await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn whoever_does_something_else_signs_in_again(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |manager| async move {
        manager.sign_in("helpline.manager").await;
        browse(window(&site, script), |callum| async move {
            callum.sign_in("caseworker.two").await;
            callum.press("Start a new call").await;
            callum.fill("Where do they live now?", "Melton").await;

            manager.press("People").await;
            manager.press("Change Callum Invented").await;
            manager.choose(CASEWORKER).await;
            manager.press("Save").await;
            assert_eq!(manager.error_summary().await, ["Choose what they do. Choose at least one"]);
            manager.accessible().await;
            manager.choose("Helpline manager: all that for every case, and people and reports").await;
            manager.press("Save").await;
            manager.sees("The account is saved.").await;

            callum.select("Who is calling, or who sends the household?", "Police").await;
            callum.press("Start the case").await;
            callum.sees("What you typed is kept.").await;
            callum.accessible().await;
            callum.fill("E-mail address", "caseworker.two@invented.example").await;
            callum.fill("Password", "not this one").await;
            callum.press("Sign in").await;
            assert_eq!(callum.error_summary().await, ["The e-mail address or the password is not right"]);
            callum.accessible().await;
            callum.fill("Password", safehold::demo::PASSWORD).await;
            callum.press("Sign in").await;
            callum.press("Back to what you typed").await;
            callum.press("Start the case").await;
            assert_eq!(callum.heading().await, "Household");
            callum.press("Reports").await;
            assert_eq!(callum.heading().await, "Who was turned away, and why");
        })
        .await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn an_administrator_lets_an_organisation_in(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("administrator").await;
        assert_eq!(browser.heading().await, "Organisations");
        browser.press("Add an organisation").await;
        browser.press("Add").await;
        let wrong = ["Enter the name of the organisation", "Choose what the organisation does. Choose at least one"];
        assert_eq!(browser.error_summary().await, wrong);
        browser.accessible().await;
        browser.fill("Name", "Invented Homes").await;
        browser.choose("Provider: runs refuges or other safe accommodation").await;
        browser.press("Add").await;
        browser.sees("The organisation is added.").await;
        browser.accessible().await;

        browser.press("Add somebody to Invented Homes").await;
        browser.accessible().await;
        let role = "Refuge manager: all that, and services, rules, people and reports";
        fill_in_person(&browser, "Rhoda Invented", "rhoda", role).await;
        browser.press("Add and invite").await;
        browser.sees("The account is added.").await;
        browser.select("Organisation", "Invented Homes").await;
        browser.press("Show").await;
        browser.sees("Rhoda Invented").await;
        browser.does_not_see("Ada Invented").await;
        browser.accessible().await;
        browse(window(&site, script), |manager| async move {
            accept(&manager, "rhoda@invented.example").await;
            manager.sign_in("rhoda").await;
            manager.press("Our units").await;
            manager.sees("You have no units yet.").await;
            manager.accessible().await;
        })
        .await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn an_administrator_sees_how_the_installation_is(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("administrator").await;
        browser.press("Lists").await;
        assert_eq!(browser.heading().await, "Lists");
        browser.press("Why a unit is out of use (10)").await;
        browser.sees("Safety works (fire, gas, electrical)").await;
        browser.accessible().await;
        browser.press("Health").await;
        assert_eq!(browser.heading().await, "Health");
        browser.sees("Answers").await;
        browser.sees("records are sealed").await;
        browser.accessible().await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn an_auditor_sees_that_the_audit_is_whole(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("auditor").await;
        assert_eq!(browser.heading().await, "Audit");
        browser.does_not_see("The audit is whole").await;
        browser.press("Check the whole audit now").await;
        browser.sees("The audit is whole").await;
        browser.sees("Nothing is missing and nothing was changed.").await;
        browser.accessible().await;
    })
    .await;
}

/// The auditor searches, follows a person, and asks who saw a household.
#[rstest]
#[actix_web::test]
async fn an_auditor_finds_what_happened_and_who_saw_a_household(
    #[values(true, false)] script: bool,
    #[values((1366, 768), (320, 640))] (width, height): (u32, u32),
) {
    let site = Site::open();
    browse(window(&site, script).size(width, height), |browser| async move {
        browser.sign_in("caseworker").await;
        browser.goto("/cases").await;
        let listed = browser.text().await;
        let reference = listed.split_whitespace().find(|word| word.starts_with("C-") && word.len() == 11).unwrap();
        browser.goto("/account").await;
        browser.press("Sign out").await;
        browser.sign_in("auditor").await;
        browser.select("What happened", "Identity: everything").await;
        browser.press("Search").await;
        browser.sees("What was found").await;
        browser.sees("Identity: written").await;
        browser.accessible().await;
        browser.no_sideways_scroll().await;
        browser.fill("Reference of the case", "C-1").await;
        browser.press("Show who saw it").await;
        browser.sees("Enter the reference of a case, like C-7K4M-P2XD").await;
        browser.accessible().await;
        browser.fill("Reference of the case", reference).await;
        browser.press("Show who saw it").await;
        assert_eq!(browser.heading().await.lines().last(), Some("Who saw this"));
        browser.accessible().await;
        browser.no_sideways_scroll().await;
    })
    .await;
}

/// Who has forgotten the password gets in again by a link: one that she asked for, or one that a manager sent.
#[rstest]
#[actix_web::test]
async fn whoever_has_forgotten_the_password_chooses_a_new_one(#[values(true, false)] script: bool) {
    const EMAIL: &str = "caseworker@invented.example";
    let site = Site::open();
    browse(window(&site, script), |worker| async move {
        worker.goto("/sign-in").await;
        worker.press("Forgotten your password?").await;
        worker.accessible().await;
        worker.press("Send me a link").await;
        assert_eq!(worker.error_summary().await, ["Enter the e-mail address that you sign in with"]);
        worker.fill("Your e-mail address at work", EMAIL).await;
        worker.press("Send me a link").await;
        worker.sees("a link is on its way to it").await;
        worker.accessible().await;
        let link = format!("/reset/{}", worker.site.link(EMAIL));
        worker.goto(&link).await;
        worker.accessible().await;
        for field in ["Password", "Password, once more"] {
            worker.fill(field, "seven purple teapots sing").await;
        }
        worker.press("Set the password").await;
        worker.fill("E-mail address", EMAIL).await;
        worker.fill("Password", "seven purple teapots sing").await;
        worker.press("Sign in").await;
        assert_eq!(worker.heading().await, "Find a place");
        worker.goto(&link).await;
        assert_eq!(worker.heading().await, "This link does not work any more");
        worker.accessible().await;

        browse(window(&worker.site, script), |manager| async move {
            manager.sign_in("helpline.manager").await;
            manager.goto("/accounts").await;
            let row = format!("//tr[contains(., '{EMAIL}')]//a");
            manager.driver.find(By::XPath(row)).await.unwrap().click().await.unwrap();
            manager.wait_for("form[action$='/reset']").await;
            manager.press("Send a link to a new password").await;
            manager.sees("A link to a new password is on its way to them.").await;
            manager.accessible().await;
        })
        .await;
        assert_ne!(link, format!("/reset/{}", worker.site.link(EMAIL)));
    })
    .await;
}

/// A phone is set up, asked for at the next sign-in, and taken off by a manager when it is lost.
#[rstest]
#[actix_web::test]
async fn a_phone_is_set_up_and_lost(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |worker| async move {
        let secret = async || {
            let field = worker.driver.find(By::Name("secret")).await.unwrap();
            Secret::read(&field.prop("value").await.unwrap().unwrap()).unwrap()
        };
        worker.sign_in("caseworker").await;
        worker.press("My account").await;
        worker.press("Change code from your phone").await;
        worker.accessible().await;
        worker.press("I have the app: continue").await;
        worker.accessible().await;
        worker.fill("Code", "000000").await;
        let secret = secret().await;
        worker.press("Continue").await;
        assert_eq!(worker.error_summary().await.len(), 1);
        worker.accessible().await;
        worker.fill("Code", &secret.code_at(worker.site.clock.now()).unwrap()).await;
        worker.press("Continue").await;
        assert_eq!(worker.heading().await, "Your recovery codes");
        worker.accessible().await;
        let codes = worker.driver.find_all(By::Css(".sh-codes li")).await.unwrap();
        assert_eq!(codes.len(), 10);
        let code = codes[0].text().await.unwrap();
        worker.press("I have kept them: continue").await;
        worker.goto("/account/sessions").await;
        worker.sees("This one").await;
        worker.accessible().await;
        worker.press("Sign out").await;

        worker.goto("/sign-in").await;
        worker.fill("E-mail address", "caseworker@invented.example").await;
        worker.fill("Password", safehold::demo::PASSWORD).await;
        worker.press("Sign in").await;
        assert_eq!(worker.heading().await, "Enter your code");
        worker.accessible().await;
        worker.goto("/find").await;
        assert_eq!(worker.heading().await, "Enter your code", "there is no way around it");
        worker.fill("Code", "000000").await;
        worker.press("Continue").await;
        assert_eq!(worker.error_summary().await.len(), 1);
        worker.accessible().await;
        worker.fill("Code", &code).await;
        worker.press("Continue").await;
        assert_eq!(worker.heading().await, "Find a place");
        worker.goto("/account/second-factor").await;
        worker.sees("You have 9 left.").await;
        worker.accessible().await;

        browse(window(&worker.site, script), |manager| async move {
            manager.sign_in("helpline.manager").await;
            manager.goto("/accounts").await;
            let row = "//tr[contains(., 'caseworker@invented.example')]//a";
            manager.driver.find(By::XPath(row)).await.unwrap().click().await.unwrap();
            manager.wait_for("form[action$='/second-factor/remove']").await;
            manager.accessible().await;
            manager.press("Remove the code from their account").await;
            manager.sees("They are signed out everywhere").await;
        })
        .await;
        worker.goto("/find").await;
        assert_eq!(worker.heading().await, "Sign in");
        worker.sign_in("caseworker").await;
        assert_eq!(worker.heading().await, "Find a place");
    })
    .await;
}
