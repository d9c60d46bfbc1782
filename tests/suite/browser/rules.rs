//! The manager's rules: seen before they are saved, and at work afterwards.

use rstest::rstest;

use super::{Site, Window, browse};

fn window(site: &Site, script: bool) -> Window {
    if script { site.window() } else { site.window().without_script() }
}

#[rstest]
#[actix_web::test]
async fn a_rule_is_tried_saved_and_seen_at_work(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.manager").await;
        browser.press("Services").await;
        browser.press("Leicester Refuge").await;
        browser.does_not_see("No children").await;
        browser.press("Change who can come").await;
        browser.fill("Most children", "0").await;
        browser.press("See what it would change").await;
        browser.sees("What your answers would change").await;
        browser.sees("Nothing is saved yet.").await;
        browser.wait_for("[role=status]:focus").await;
        let kept = browser.wait_for("#max_children").await.prop("value").await.unwrap();
        assert_eq!(kept.as_deref(), Some("0"), "what was typed stays");
        browser.accessible().await;
        browser.no_sideways_scroll().await;

        browser.press("Save the rules").await;
        assert_eq!(browser.error_summary().await, ["Say why the rules change"]);
        browser.fill("Why do the rules change?", "The playroom is closed.").await;
        browser.press("Save the rules").await;
        browser.sees("The rules are saved. They count from now on.").await;
        browser.sees("No children").await;
        browser.press("Change who can come").await;
        browser.sees("The playroom is closed.").await;
        browser.accessible().await;

        // One home of it is different, and one rule is for all.
        browser.goto("/services").await;
        browser.press("Leicester Refuge").await;
        browser.press("LR1").await;
        browser.press("Rules for this unit").await;
        browser.sees("What counts anyway").await;
        browser.fill("Most children", "2").await;
        browser.fill("Why do the rules change?", "It has a garden of its own.").await;
        browser.press("Save the rules").await;
        browser.press("Rules for this unit").await;
        browser.sees("Not here: there is a rule of its own").await;
        browser.accessible().await;
        browser.press("Services").await;
        browser.press("Rules for all our services").await;
        browser.press_here("How long, and sharing rooms").await;
        browser.fill("Most nights", "200").await;
        browser.fill("Why do the rules change?", "Our funders ask for it.").await;
        browser.press("Save the rules").await;
        browser.press("Leicester Refuge").await;
        browser.sees("A stay is at most 200 nights").await;
        browser.sees("No children").await;
        browser.accessible().await;
    })
    .await;
}

/// A rule that is only for some time is set, listed and let go.
#[rstest]
#[actix_web::test]
async fn a_rule_counts_only_for_some_time(#[values(true, false)] script: bool) {
    let site = Site::open();
    browse(window(&site, script), |browser| async move {
        browser.sign_in("refuge.manager").await;
        browser.press("Services").await;
        browser.press("Leicester Refuge").await;
        browser.press("Change who can come").await;
        browser.fill("Most children", "1").await;
        browser.press_here("Let a rule count only for some time").await;
        browser.select("Which rule?", "Most children").await;
        for (part, value) in [("day", "1"), ("month", "9"), ("year", "2026")] {
            browser.wait_for(&format!("#days-new-from-{part}")).await.send_keys(value).await.unwrap();
        }
        browser.fill("Why do the rules change?", "The school next door closes.").await;
        browser.press("Save the rules").await;
        browser.does_not_see("At most 1 child").await;
        browser.press("Change who can come").await;
        browser.sees("At most 1 child (from 1 September 2026)").await;
        let free = browser.wait_for("#max_children").await.prop("value").await.unwrap();
        assert_eq!(free.as_deref(), Some(""), "it does not count today");
        browser.accessible().await;
        browser.no_sideways_scroll().await;
        browser.choose("At most 1 child (from 1 September 2026)").await;
        browser.fill("Why do the rules change?", "The school stays open.").await;
        browser.press("Save the rules").await;
        browser.press("Change who can come").await;
        browser.press_here("Rules before").await;
        browser.sees("The school next door closes.").await;
        let gone = browser.driver.find_all(thirtyfour::By::Css("#kept")).await.unwrap();
        assert!(gone.is_empty(), "the rule is still there");
    })
    .await;
}
