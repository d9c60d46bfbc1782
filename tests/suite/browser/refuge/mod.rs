//! The refuge's days: what is free, who is sent, who comes, who leaves.

mod board;
mod homes;
mod referrals;
mod stays;

use thirtyfour::prelude::*;

use super::{Browser, Site, Window};

/// The service that these referrals are sent to: it has one vacancy.
const SERVICE: &str = "Juno House";
const UNIT: &str = "JH4";

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

async fn give_password_again(browser: &Browser) {
    assert_eq!(browser.heading().await, "Give your password again");
    browser.accessible().await;
    browser.fill("Password", safehold::demo::PASSWORD).await;
    browser.press("Continue").await;
    browser.accessible().await;
    browser.press("Continue").await;
}
