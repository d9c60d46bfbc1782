//! What holds for every page that anybody can reach: it can be used, at every size, and nothing leads nowhere.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rstest::rstest;
use safehold::domain::permission::Role;
use safehold::gate::access::{Access, ROUTES};
use safehold::web::is_page;

use super::{Browser, Site, browse};

/// Pages that no link leads to, or that are no pages to look at.
const APART: [&str; 19] = [
    "/invitation/{secret}",
    "/reset",
    "/reset/{secret}",
    "/sign-in/second-factor",
    "/",
    "/assets/{name}",
    "/audit/events.csv",
    "/audit/head",
    "/away",
    "/changes/{topic}",
    "/cases/{id}/matches/part",
    "/figures/{kind}/{first_day}/pack/{format}",
    "/figures/year/{first_day}/annual-return/{area}/{format}",
    "/reports/annual-return/file",
    "/reports/denied-access.csv",
    "/reports/files/{id}/{format}",
    "/session",
    "/sign-in",
    "/waiting.csv",
];

/// Pages that are there for some and not for others, or in a certain state of things: the journeys come there.
const AT_TIMES: [&str; 14] = [
    "/audit/cases/{reference}",
    "/cases/{id}/journeys/uses",
    "/cases/{id}/risk/assessments/{assessment}",
    "/emergency/{id}",
    "/figures/year/{first_day}/annual-return",
    "/journeys/{id}",
    "/referrals/{id}/withdraw",
    "/sanctuary/{id}",
    "/sanctuary/{id}/address",
    "/sanctuary/{id}/address/edit",
    "/sanctuary/{id}/follow-ups/{follow_up}",
    "/services/{id}/sanctuary-capacity",
    "/tasks/{id}",
    "/units/{id}/address",
];

/// The pages that somebody of this role may look at.
fn pages(role: Role) -> BTreeSet<&'static str> {
    let theirs = ROUTES.iter().filter(|(method, pattern, access)| {
        let may = match access {
            Access::Anybody | Access::HalfIn => true,
            Access::Role(action) => action.roles().contains(&role),
        };
        *method == "GET" && is_page(pattern) && may && !APART.contains(pattern)
    });
    theirs.map(|(_, pattern, _)| *pattern).collect()
}

/// The route that a path belongs to: the one with the fewest open places.
fn route(path: &str) -> Option<&'static str> {
    let path = path.split(['?', '#']).next().unwrap();
    let fits = |pattern: &str| {
        pattern.split('/').count() == path.split('/').count()
            && pattern.split('/').zip(path.split('/')).all(|(known, part)| known.starts_with('{') || known == part)
    };
    let fitting = ROUTES.iter().filter(|(method, pattern, _)| *method == "GET" && is_page(pattern) && fits(pattern));
    fitting.map(|(_, pattern, _)| *pattern).min_by_key(|pattern| pattern.matches('{').count())
}

async fn links(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))";
    let found = browser.driver.execute(script, vec![]).await.unwrap().json().clone();
    found.as_array().unwrap().iter().map(|href| href.as_str().unwrap().to_owned()).collect()
}

/// Follows every link to a page of a kind that was not seen before, and looks at it.
async fn walk(browser: Browser, role: Role) {
    let mut wanted = pages(role);
    let mut seen: BTreeMap<&'static str, String> = BTreeMap::new();
    let mut ahead = VecDeque::from(["/".to_owned()]);
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    while let Some(path) = ahead.pop_front() {
        let route = route(&path).unwrap_or_else(|| panic!("a link leads to {path}, where nothing is"));
        if seen.contains_key(route) || (APART.contains(&route) && route != "/") {
            continue;
        }
        seen.insert(route, path.clone());
        browser.goto(&path).await;
        let heading = browser.heading().await;
        for trouble in ["Page not found", "You cannot open this page", "Something went wrong on our side"] {
            assert_ne!(heading, trouble, "at {path}");
        }
        browser.accessible().await;
        browser.no_sideways_scroll().await;
        wanted.remove(route);
        if route != "/" {
            titles.insert(route.to_owned(), browser.driver.title().await.unwrap());
        }
        for href in links(&browser).await {
            if let Some(place) = href.strip_prefix('#') {
                let there = browser.driver.find_all(thirtyfour::By::Id(place)).await.unwrap();
                assert!(!there.is_empty(), "{path} has a link to #{place}, which is not there");
            } else {
                assert!(href.starts_with('/') && !href.starts_with("//"), "{path} has a link to {href}");
                ahead.push_back(href);
            }
        }
    }
    wanted.retain(|route| !AT_TIMES.contains(route));
    assert_eq!(wanted, BTreeSet::new(), "no link leads a {} there", role.as_str());
    for (path, title) in titles {
        assert!(title.ends_with(" – Safehold") && title.len() > " – Safehold".len(), "{path}: {title}");
    }
}

#[rstest]
#[actix_web::test]
async fn every_page_can_be_reached_and_used(
    #[values(
        Role::RefugeWorker,
        Role::RefugeManager,
        Role::Caseworker,
        Role::HelplineManager,
        Role::Commissioner,
        Role::Administrator,
        Role::Auditor
    )]
    role: Role,
    #[values((1366, 768), (320, 256))] (width, height): (u32, u32),
) {
    let site = Site::open();
    browse(site.window().size(width, height), |browser| async move {
        browser.sign_in(&role.as_str().replace('_', ".")).await;
        walk(browser, role).await;
    })
    .await;
}

/// Whoever has to leave at once leaves nothing behind on the screen, and nobody comes back with the key for "back".
#[rstest]
#[actix_web::test]
async fn the_way_out_ends_the_session(#[values(true, false)] script: bool) {
    let site = Site::open();
    let window = if script { site.window() } else { site.window().without_script() };
    browse(window, |browser| async move {
        browser.sign_in("caseworker").await;
        browser.goto("/cases").await;
        browser.press("Emergency Exit this page").await;
        assert_eq!(browser.heading().await, "New page");
        browser.driver.back().await.unwrap();
        browser.wait_for("#password").await;
    })
    .await;
}

/// Makes the browser's clock one that the test moves, and lets nothing wait for long.
const CLOCK: &str = "window.later = 0; const now = Date.now.bind(Date); Date.now = () => now() + window.later;
    const every = window.setInterval.bind(window); window.setInterval = (work) => every(work, 20);";

/// A session that will end soon says so, and goes on at a press; nothing that was typed is touched.
#[actix_web::test]
async fn a_session_that_will_end_soon_says_so() {
    let site = Site::open();
    browse(site.window(), |browser| async move {
        let source = serde_json::json!({ "source": CLOCK });
        browser.driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", source).await.unwrap();
        browser.sign_in("caseworker").await;
        browser.goto("/cases/new").await;
        browser.fill("Where do they live now?", "Melton").await;
        browser.driver.execute("window.later = 26 * 60 * 1000", vec![]).await.unwrap();
        browser.wait_for(".sh-warning button").await;
        browser.sees("You will be signed out in 5 minutes.").await;
        browser.accessible().await;
        browser.press_here("Stay signed in").await;
        browser.wait_for("main:not(:has(.sh-warning))").await;
        let typed = browser.wait_for("#origin_area").await.prop("value").await.unwrap();
        assert_eq!(typed.as_deref(), Some("Melton"));
    })
    .await;
}

/// What was typed when the session ended is there again after the sign-in, and was not sent.
#[rstest]
#[actix_web::test]
async fn what_was_typed_is_there_after_a_new_sign_in(#[values(true, false)] script: bool) {
    let site = Site::open();
    let window = if script { site.window() } else { site.window().without_script() };
    browse(window, |browser| async move {
        browser.sign_in("caseworker").await;
        browser.goto("/cases/new").await;
        browser.fill("Where do they live now?", "Melton").await;
        browser.select("Who is calling, or who sends the household?", "Police").await;
        browser.site.clock.advance(chrono::TimeDelta::hours(1));
        browser.press("Start the case").await;
        browser.sees("What you typed is kept.").await;
        browser.accessible().await;
        browser.fill("E-mail address", "caseworker@invented.example").await;
        browser.fill("Password", safehold::demo::PASSWORD).await;
        browser.press("Sign in").await;
        browser.accessible().await;
        browser.press("Back to what you typed").await;
        browser.sees("Nothing was sent.").await;
        let typed = browser.wait_for("#origin_area").await.prop("value").await.unwrap();
        assert_eq!(typed.as_deref(), Some("Melton"));
        browser.press("Start the case").await;
        assert_eq!(browser.heading().await, "Household");
    })
    .await;
}
