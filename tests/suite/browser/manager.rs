//! Managers and their figures.

use std::collections::BTreeMap;

use rstest::rstest;
use thirtyfour::prelude::*;

use super::{Browser, Site, Window, browse};

fn window(site: &Site, script: bool) -> Window {
    if script { site.window() } else { site.window().without_script() }
}

async fn text(element: &WebElement) -> String {
    let text = element.prop("textContent").await.unwrap().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is seen of it: without what a link says to those who hear it.
async fn content(element: &WebElement) -> String {
    let mut seen = text(element).await;
    for heard in element.find_all(By::Css("a .govuk-visually-hidden")).await.unwrap() {
        seen = seen.replace(&text(&heard).await, "");
    }
    seen.trim().to_owned()
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
