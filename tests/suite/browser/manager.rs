//! Those who look after the whole: managers with their figures and their people, administrators, auditors.

use std::collections::BTreeMap;

use rstest::rstest;
use safehold::auth::totp::Secret;
use thirtyfour::prelude::*;

use super::{Browser, Site, Window, browse};

fn window(site: &Site, script: bool) -> Window {
    if script { site.window() } else { site.window().without_script() }
}

async fn content(element: &WebElement) -> String {
    let text = element.prop("textContent").await.unwrap().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn contents(within: &WebElement, css: &str) -> Vec<String> {
    let mut all = Vec::new();
    for element in within.find_all(By::Css(css)).await.unwrap() {
        all.push(content(&element).await);
    }
    all
}

/// A table behind a chart.
struct Table {
    caption: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    sum: Vec<String>,
}

impl Table {
    /// What the last row says of the column with this name.
    fn total(&self, name: &str) -> Option<u64> {
        self.head.iter().position(|known| known == name).map(|column| self.sum[column].parse().unwrap())
    }

    /// Every column of numbers adds up to its last row.
    fn adds_up(&self) {
        for (column, name) in self.head.iter().enumerate().skip(1) {
            let Ok(sum) = self.sum[column].parse::<u64>() else { continue }; // a share
            let rows: u64 = self.rows.iter().map(|row| row[column].parse::<u64>().unwrap()).sum();
            assert_eq!(rows, sum, "{name} of {}", self.caption);
        }
    }
}

/// One way of counting, as it stands on the page.
struct Section {
    sentence: String,
    numbers: BTreeMap<String, u64>,
    tables: Vec<Table>,
}

async fn section(browser: &Browser, id: &str) -> Section {
    let part = browser.wait_for(&format!("section[aria-labelledby={id}]")).await;
    let names = contents(&part, ".sh-numbers dt").await.into_iter();
    let numbers = contents(&part, ".sh-numbers dd").await.into_iter().map(|number| number.parse().unwrap());
    let mut tables = Vec::new();
    for table in part.find_all(By::Css(".sh-figure table")).await.unwrap() {
        let mut rows = Vec::new();
        for row in table.find_all(By::Css("tbody tr")).await.unwrap() {
            rows.push(contents(&row, "th, td").await);
        }
        let caption = contents(&table, "caption").await.concat();
        let (head, sum) = (contents(&table, "thead th").await, contents(&table, "tfoot th, tfoot td").await);
        tables.push(Table { caption, head, rows, sum });
    }
    let sentence = contents(&part, ".govuk-body-l").await.concat();
    Section { sentence, numbers: names.zip(numbers).collect(), tables }
}

impl Section {
    /// Every figure of it says the same as all others.
    fn agrees(&self) {
        let number = |name: &str| self.numbers.get(name).copied().unwrap_or_default();
        let (denied, placed, open) = (number("No place"), number("Placed"), number("Still open"));
        assert_eq!(denied + placed + open, number("All together"));
        assert!(denied > 0 && placed > 0, "there is nothing to compare");
        let ended = denied + placed;
        assert!(self.sentence.starts_with(&format!("Of {ended} ")), "{ended}: {}", self.sentence);
        assert!(self.sentence.contains(&format!(", {denied} (")), "{denied}: {}", self.sentence);
        let still = if open == 1 { "1 more is still open.".to_owned() } else { format!("{open} more are still open.") };
        assert_eq!(open > 0, self.sentence.ends_with(&still), "{open}: {}", self.sentence);

        let reasons = &self.tables[0];
        let (first, most) = (&reasons.rows[0][0], &reasons.rows[0][1]);
        let named = self.sentence.contains(&format!("“{first}”")) || self.sentence.contains("were equally common");
        let counted = self.sentence.contains(&format!(": {most} of {denied}"));
        assert!(named && counted, "{first}, {most} of {denied}: {}", self.sentence);
        assert_eq!(reasons.total("How many"), Some(denied));
        for table in &self.tables {
            table.adds_up();
            let same = |name: &str, expected: u64| {
                let told = table.total(name);
                assert!(told.is_none_or(|told| told == expected), "{name} of {}: {told:?}", table.caption);
            };
            same("All", number("All together"));
            same("No place", denied);
            same("Placed", placed);
            same("Still open", open);
            same(first, most.parse().unwrap());
        }
    }
}

#[rstest]
#[actix_web::test]
async fn the_figures_of_a_report_agree(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("helpline.manager").await;
        assert_eq!(browser.heading().await, "Who was turned away, and why");
        browser.sees("1 April 2026 to 9 June 2026").await;
        browser.accessible().await;
        let year = (section(&browser, "referrals").await, section(&browser, "households").await);
        year.0.agrees();
        year.1.agrees();

        browser.press("Last month").await;
        browser.sees("1 May 2026 to 31 May 2026").await;
        browser.accessible().await;
        let month = (section(&browser, "referrals").await, section(&browser, "households").await);
        month.0.agrees();
        month.1.agrees();
        for (month, year) in [(&month.0, &year.0), (&month.1, &year.1)] {
            let of_may = year.tables[1].rows.iter().find(|row| row[0] == "May 2026").unwrap();
            assert_eq!(of_may[1], month.numbers["All together"].to_string(), "a month is not its part of the year");
        }

        browser.press("Choose other days").await;
        browser.wait_for("#from-day").await.clear().await.unwrap();
        browser.press("Show these days").await;
        assert!(!browser.error_summary().await.is_empty());
        browser.accessible().await;
        browser.wait_for("#from-day").await.send_keys("11").await.unwrap();
        browser.press("Show these days").await;
        browser.sees("11 May 2026 to 31 May 2026").await;
        browser.accessible().await;
    })
    .await;
}

#[rstest]
#[actix_web::test]
async fn one_reason_is_looked_at_closely(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("helpline.manager").await;
        let all = section(&browser, "referrals").await;
        let (name, number) = (&all.tables[0].rows[0][0], &all.tables[0].rows[0][1]);
        browser.press_first("section[aria-labelledby=referrals] ul.sh-figure__closer a").await;
        browser.sees(&format!("Only those whose main reason was “{name}”.")).await;
        browser.accessible().await;
        let one = section(&browser, "referrals").await;
        let said = format!("{number} of {} referrals that did not lead to a place had this", all.numbers["No place"]);
        assert!(one.sentence.starts_with(&said), "{said}: {}", one.sentence);
        for table in &one.tables {
            table.adds_up();
            assert_eq!(&table.sum[1], number, "{}", table.caption);
        }
        browser.press("Whose decision").await;
        browser.sees(&format!("Only those whose main reason was “{name}”.")).await;
        browser.accessible().await;
        browser.press("Show all reasons").await;
        section(&browser, "referrals").await.agrees();
        browser.accessible().await;
    })
    .await;
}

/// What a link of a page answers, asked for by the page itself.
async fn answer(browser: &Browser, path: &str) -> (String, String) {
    let ask = "
        const [path, done] = arguments;
        fetch(path).then(async answer => done([answer.headers.get('content-type'), await answer.text()]));";
    let told = browser.driver.execute_async(ask, vec![path.into()]).await.unwrap().json().clone();
    (told[0].as_str().unwrap().to_owned(), told[1].as_str().unwrap().to_owned())
}

#[rstest]
#[actix_web::test]
async fn the_file_holds_the_figures_of_the_page(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("helpline.manager").await;
        let link = browser.driver.find(By::LinkText("Download the figures as a file (CSV)")).await.unwrap();
        let (kind, file) = answer(&browser, &link.attr("href").await.unwrap().unwrap()).await;
        assert_eq!(kind, "text/csv; charset=utf-8");
        let mut lines = file.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let head = lines.next().unwrap();
        let rows: Vec<_> = lines.collect();
        let column = |name: &str| head.iter().position(|known| *known == name).unwrap();
        for (counted, id) in [("referral", "referrals"), ("household", "households")] {
            let part = section(&browser, id).await;
            for (name, told) in [("denied", "No place"), ("placed", "Placed"), ("total", "All together")] {
                let of_it = rows.iter().filter(|row| row[0] == counted);
                let sum: u64 = of_it.map(|row| row[column(name)].parse::<u64>().unwrap()).sum();
                assert_eq!(sum, part.numbers[told], "{told}, counted by {counted}");
            }
        }
    })
    .await;
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
