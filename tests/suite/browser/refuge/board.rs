//! What is free and what is not: the board, the vacancies, voids and the calendar.

use chrono::TimeDelta;
use rstest::rstest;
use thirtyfour::prelude::*;

use super::{is_found, unit, window, write_day};
use crate::browser::{Browser, Site, browse};

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
