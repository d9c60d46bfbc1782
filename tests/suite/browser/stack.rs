//! What every page stands on, and that the tests notice what they are there to notice.

use chrono::TimeDelta;
use rstest::rstest;

use super::Keys::{BackTab, Enter, Space, Tab, Text};
use super::{Site, browse, caught};
use crate::support::{Engine, Postgres, Sqlite};

#[actix_web::test]
async fn the_reference_of_the_api_asks_nothing_of_anybody_else() {
    let site = Site::open();
    browse(site.window(), |browser| async move {
        browser.goto("/api/reference/").await;
        browser.wait_for(".swagger-ui .info").await;
        assert!(browser.loads().await == 1 && browser.interactions() == 0);
    })
    .await;
    browse(site.window().without_script(), |browser| async move { browser.goto("/api/reference/").await }).await;
}

/// The server sets `__Host-` cookies for encrypted connections, which a browser takes from its own machine without.
#[actix_web::test]
async fn somebody_signs_in_and_out_with_and_without_a_script() {
    let site = Site::open();
    for window in [site.window(), site.window().without_script(), site.window().size(375, 812)] {
        browse(window, |browser| async move {
            browser.goto("/sign-in").await;
            browser.accessible().await;
            browser.no_sideways_scroll().await;
            browser.press("Sign in").await;
            assert_eq!(browser.error_summary().await, ["Enter your e-mail address", "Enter your password"]);
            browser.accessible().await;

            browser.sign_in("refuge.worker").await;
            browser.goto("/account").await;
            assert_eq!(browser.heading().await, "My account");
            browser.sees("refuge.worker@invented.example").await;
            browser.accessible().await;
            browser.no_sideways_scroll().await;
            browser.press("Sign out").await;
            assert_eq!(browser.heading().await, "Sign in");
        })
        .await;
    }
}

/// Other cookies, other records: two people at the same site.
#[rstest]
#[actix_web::test]
async fn two_people_are_at_the_site_at_once(#[values(Sqlite, Postgres)] on: Engine) {
    let site = Site::on(on);
    browse(site.window(), |caseworker| async move {
        caseworker.sign_in("caseworker").await;
        browse(caseworker.site.window(), |refuge| async move {
            refuge.sign_in("refuge.worker").await;
            refuge.goto("/account").await;
            refuge.sees("refuge.worker@invented.example").await;
        })
        .await;
        caseworker.goto("/account").await;
        caseworker.does_not_see("refuge.worker@invented.example").await;
        caseworker.sees("caseworker@invented.example").await;
        caseworker.site.clock.advance(TimeDelta::hours(13));
        caseworker.goto("/account").await;
        assert_eq!(caseworker.heading().await, "Sign in");
    })
    .await;
}

/// A page with everything that the tests handle.
const PAGE: &str = r#"<!doctype html><html lang="en"><title>Test</title><main><h1>All of it</h1>
    <form><p><label for="a">Name of the home</label> <input id="a" name="a" value="old" autocomplete="off"></p>
    <fieldset><legend>Are pets welcome?</legend>
      <input type="radio" name="b" id="b1" value="1"><label for="b1">Yes</label>
      <input type="radio" name="b" id="b2" value="2"><label for="b2">No</label></fieldset>
    <fieldset><legend>Is there a lift?</legend>
      <input type="radio" name="c" id="c1" value="1"><label for="c1">Yes</label>
      <input type="checkbox" name="d" id="d1" value="1"><label for="d1">It's "broken"</label></fieldset>
    <p><label for="e">Area</label> <select id="e" name="e"><option value="1">Leicester<option value="2">Rutland</select></p>
    <p><button>Save the home</button></p></form>
    <p style="height: 2000px">Long</p></main></html>"#;

#[actix_web::test]
async fn a_form_is_filled_and_sent_with_and_without_a_script() {
    let site = Site::showing(PAGE);
    for window in [site.window(), site.window().without_script(), site.window().size(320, 256)] {
        browse(window, |browser| async move {
            browser.goto("/form").await;
            assert_eq!(browser.heading().await, "All of it");
            browser.fill("Name of the home", "A1").await;
            browser.choose("No").await;
            browser.choose_in("Is there a lift?", "Yes").await;
            browser.choose("It's \"broken\"").await;
            browser.select("Area", "Rutland").await;
            browser.press("Save the home").await;
            assert_eq!(browser.address().await, browser.site.url("/form?a=A1&b=2&c=1&d=1&e=2"));
            assert_eq!((browser.interactions(), browser.loads().await), (6, 2));
            assert_eq!(browser.error_summary().await, [""; 0]);
            browser.sees("Long").await;
            browser.does_not_see("Short").await;
            browser.accessible().await;
            browser.no_sideways_scroll().await;
        })
        .await;
    }
}

#[actix_web::test]
async fn a_form_is_filled_and_sent_with_the_keyboard_alone() {
    browse(Site::showing(PAGE).window(), |browser| async move {
        browser.goto("/").await;
        browser.keys(&[Tab, Text("A2"), Tab, Space]).await;
        assert_eq!(browser.focused().await, "radio Yes");
        browser.keys(&[BackTab]).await;
        assert_eq!(browser.focused().await, "textbox Name of the home");
        browser.keys(&[Enter]).await;
        assert!(browser.address().await.contains("?a=A2&b=1"), "{}", browser.address().await);
    })
    .await;
}

#[actix_web::test]
async fn a_picture_shows_the_whole_page() {
    let site = Site::showing(PAGE);
    for (name, window) in
        [("long", site.window()), ("printed", site.window().print()), ("colours", site.window().forced_colours())]
    {
        browse(window, |browser| async move {
            browser.goto("/").await;
            let picture = std::fs::read(browser.picture(&format!("stack-{name}")).await).unwrap();
            let side = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
            assert!(side(20) > 2000, "{} x {}", side(16), side(20));
        })
        .await;
    }
}

/// What `browse` says of a visit to this page.
async fn complaint(page: &'static str, accessible: bool) -> String {
    let visit = browse(Site::showing(page).window(), |browser| async move {
        browser.goto("/").await;
        browser.wait_for("main").await;
        if accessible {
            browser.accessible().await;
            browser.no_sideways_scroll().await;
        }
    });
    let panic = caught(visit).await.expect_err("nothing was noticed");
    panic.downcast_ref::<String>().unwrap().clone()
}

#[actix_web::test]
async fn what_is_wrong_with_a_page_is_noticed() {
    let noticed = [
        (
            r#"<main><img src="http://elsewhere.example/a.png" alt=""></main>"#,
            "asks for http://elsewhere.example/a.png",
        ),
        (
            r#"<meta http-equiv="Content-Security-Policy" content="script-src 'none'"><main></main><script>1</script>"#,
            "Content Security Policy",
        ),
        ("<main></main><script>console.error('broken')</script>", "broken"),
        ("<main></main><script>throw new Error('thrown')</script>", "thrown"),
    ];
    for (page, words) in noticed {
        let complaint = complaint(page, false).await;
        assert!(complaint.contains(words), "{complaint}");
    }
    let inaccessible = complaint("<!doctype html><main><h1>A</h1><input></main>", true).await;
    assert!(inaccessible.contains("\"label\":") && inaccessible.contains("html-has-lang"), "{inaccessible}");
    let wide = r#"<!doctype html><html lang="en"><title>A</title><main><h1>A</h1><p style="width: 3000px">B</p></main></html>"#;
    assert!(complaint(wide, true).await.contains("is wider than the window"));
}
