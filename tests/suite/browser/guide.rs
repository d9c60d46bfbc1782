//! The guides in `docs/guide`: each walks its person's way, and takes the pictures that the guide shows.
//!
//! `make guide` runs this and copies the pictures.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde_json::json;

use super::{Browser, Site, Window, browse};

/// Small enough to be read beside the text.
fn window(site: &Site) -> Window {
    site.window().size(1024, 700)
}

/// News come when they come: a page that shows them would look different each time.
const NO_NEWS: &str = "window.EventSource = class { addEventListener() {} close() {} };";

impl Browser {
    /// Before the first page.
    async fn calm(&self) {
        let cdp = self.driver.cdp();
        cdp.send_raw("Page.addScriptToEvaluateOnNewDocument", json!({ "source": NO_NEWS })).await.unwrap();
        cdp.send_raw("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await.unwrap();
    }

    /// Takes the picture of what begins here.
    async fn shows(&self, css: &str, name: &str) {
        self.wait_for(css).await;
        let scroll = "scrollTo(0, document.querySelector(PLACE).getBoundingClientRect().top + scrollY - 16)";
        self.script(&scroll.replace("PLACE", &json!(css).to_string())).await;
        self.window_picture(name).await;
    }
}

#[actix_web::test]
async fn a_helpline_worker_finds_holds_and_asks_for_a_place() {
    let site = Site::open();
    browse(window(&site), |browser| async move {
        browser.calm().await;
        browser.sign_in("caseworker").await;
        browser.press("Start a new call").await;
        browser.select("Who is calling, or who sends the household?", "National helpline").await;
        browser.fill("Where do they live now?", "Charnwood").await;
        browser.press("Start the case").await;

        browser.select("Sex", "Woman").await;
        browser.fill("Age", "34").await;
        browser.select("Child 1", "Boy").await;
        browser.fill("Age of child 1", "13").await;
        browser.choose_in("Is that everybody?", "Yes").await;
        browser.choose_in("Are there animals to bring?", "No").await;
        browser.wait_for("form[data-saved]").await;
        browser.shows("main h1", "helpline-household").await;
        browser.press("Save and go on").await;
        browser.choose("No special access").await;
        browser.press("Save and go on").await;
        browser.choose_in("Is Charnwood safe? They live there now", "Not safe").await;
        browser.fill("Choice 1", "Leicester").await;
        browser.press("Save and go on").await;
        browser.choose_in("Can they get public funds, such as benefits?", "Yes").await;
        browser.choose("Housing Benefit").await;
        browser.press("Save and go on").await;
        browser.press("Save and go on").await;

        let case = browser.address().await;
        browser.press("See every place and why it fits or not").await;
        browser.press_first(".sh-tabs a[href*=not_suitable]").await;
        browser.shows("main h1", "helpline-why").await;
        browser.driver.goto(case).await.unwrap();
        browser.press_first(".sh-match--suitable form button").await;
        browser.sees("The place is held.").await;
        browser.shows("main .govuk-notification-banner", "helpline-held").await;
        browser.press_first(".sh-card a.govuk-button").await;
        browser.fill("A note for the provider", "They can travel today.").await;
        browser.press("Hold and send").await;
        browser.sees("The referral is sent.").await;
        browser.shows("main .govuk-notification-banner", "helpline-sent").await;
    })
    .await;
}

#[actix_web::test]
async fn a_refuge_worker_answers_a_referral_and_confirms_vacancies() {
    let site = Site::open();
    browse(window(&site), |browser| async move {
        browser.calm().await;
        browser.sign_in("refuge.worker").await;
        browser.press("Referrals").await;
        browser.press_first("main .sh-list a").await;
        browser.shows("main .govuk-caption-l", "refuge-referral").await;
        browser.press("Accept the referral").await;
        browser.sees("The referral is accepted.").await;
        browser.shows("main .govuk-caption-l", "refuge-accepted").await;
        browser.press("Go to the stay").await;
        browser.press("They have arrived").await;
        browser.sees("The arrival is recorded.").await;

        browser.site.clock.advance(TimeDelta::hours(25));
        browser.sign_in("refuge.worker").await;
        assert_eq!(browser.heading().await, "Our units today");
        browser.shows("body", "refuge-today").await;
        browser.press_first(".sh-today__deed button").await;
        browser.sees("All your vacancies are confirmed.").await;
        browser.press("Withdraw LR3").await;
        browser.sees("The vacancy is withdrawn.").await;
        browser.press("Leicester Refuge").await;
        browser.shows(":target", "refuge-units").await;
        browser.press("Post vacancy LR3").await;
        browser.sees("The vacancy is posted.").await;
    })
    .await;
}

#[actix_web::test]
async fn a_manager_reads_figures_sets_rules_and_adds_people() {
    let site = Site::open();
    browse(window(&site), |browser| async move {
        browser.calm().await;
        browser.sign_in("helpline.manager").await;
        browser.shows("main h1", "manager-report").await;
        browser.shows("main .sh-figure", "manager-reasons").await;
        browser.press("Sign out").await;

        browser.sign_in("refuge.manager").await;
        browser.press("Services").await;
        browser.press("Brookes House").await;
        browser.press("Change who can come").await;
        browser.shows("main .govuk-caption-l", "manager-rules").await;
        browser.press("People").await;
        browser.press("Add somebody").await;
        browser.fill("Their name", "Willow Invented").await;
        browser.fill("Their e-mail address at work", "willow@invented.example").await;
        browser.choose("Refuge worker: posts vacancies, answers referrals, records arrivals and departures").await;
        browser.shows("main h1", "manager-people").await;
        browser.press("Add and invite").await;
        browser.sees("The account is added.").await;
    })
    .await;
}

#[actix_web::test]
async fn an_administrator_adds_an_organisation_and_an_auditor_checks_the_audit() {
    let site = Site::open();
    browse(window(&site), |browser| async move {
        browser.calm().await;
        browser.sign_in("administrator").await;
        browser.press("Add an organisation").await;
        browser.fill("Name", "Invented House").await;
        browser.choose("Provider: runs refuges or other safe accommodation").await;
        browser.press("Add").await;
        browser.sees("The organisation is added.").await;
        browser.shows("main .govuk-notification-banner", "administrator-organisations").await;
        browser.press("Health").await;
        for _ in 0..100 {
            if browser.text().await.contains("All sealed") {
                break;
            }
            browser.press("Look again").await;
        }
        browser.sees("All sealed").await;
        browser.shows("body", "administrator-health").await;
        browser.press("Sign out").await;

        browser.sign_in("auditor").await;
        browser.press("Check the whole audit now").await;
        browser.sees("The audit is whole").await;
        browser.shows("body", "administrator-audit").await;
    })
    .await;
}

/// The guides: name and text.
fn guides() -> Vec<(String, String)> {
    let mut guides = Vec::new();
    for entry in fs::read_dir(folder("docs/guide")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "md") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            guides.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    assert_eq!(guides.len(), 4);
    guides
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What stands between two marks, again and again.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split_once(close)).map(|(found, _)| found)
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let plain = heading.trim_start_matches('#').trim().to_lowercase();
    plain.chars().filter(|c| c.is_alphanumeric() || " -".contains(*c)).collect::<String>().replace(' ', "-")
}

#[test]
fn every_picture_and_link_of_a_guide_leads_somewhere() {
    let mut shown = BTreeSet::new();
    for (name, text) in guides() {
        for image in between(&text, "![", ")") {
            let (seen, path) = image.split_once("](").unwrap();
            assert!(seen.len() > 30, "{name}: {path} needs words for who does not see it");
            assert!(shown.insert(folder("docs/guide").join(path)), "{name}: {path} is shown twice");
        }
        for target in between(&text, "](", ")").filter(|target| !target.contains("://")) {
            let (path, place) = target.split_once('#').unwrap_or((target, ""));
            let file = folder("docs/guide").join(if path.is_empty() { &name } else { path });
            assert!(file.exists(), "{name}: {target} is not there");
            let there = || {
                fs::read_to_string(&file).unwrap().lines().any(|line| line.starts_with('#') && anchor(line) == place)
            };
            assert!(place.is_empty() || there(), "{name}: there is no #{place} in {path}");
        }
    }
    let kept = fs::read_dir(folder("docs/guide/pictures")).unwrap().map(|entry| entry.unwrap().path());
    for path in kept {
        assert!(shown.contains(&path), "no guide shows {}", path.display());
        let size = fs::metadata(&path).unwrap().len();
        assert!(size < 100_000, "{} is {size} bytes large", path.display());
    }
}

/// What a guide prints in bold stands on a page in just these words; "…" is what the page puts in.
#[test]
fn the_words_of_a_guide_are_those_of_the_pages() {
    let (mut words, mut folders) =
        (String::new(), vec![folder("templates"), folder("src/web"), folder("src/domain"), folder("web/src")]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                words.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    for (name, text) in guides() {
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for bold in plain.split("**").skip(1).step_by(2) {
            let known = bold.split('…').all(|part| words.contains(part.trim()));
            assert!(known, "{name}: no page says “{bold}”");
        }
    }
}
