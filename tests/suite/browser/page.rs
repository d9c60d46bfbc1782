//! What a person does at a page, and sees there.

use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::components::SelectElement;
use thirtyfour::prelude::*;

use super::Browser;
use safehold::demo;

/// How long something may take to appear, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(5);
const INTERVAL: Duration = Duration::from_millis(20);

/// What sends a form, and what leads to another page, as `XPath` sees it from there.
const BUTTON: &str = "self::button[ancestor::form and not(@type='button' or @type='reset')] \
     | self::input[ancestor::form and @type='submit']";
const LINK: &str = "self::a[@href and not(starts-with(@href, '#'))]";

/// What can be pressed or typed on a keyboard.
#[derive(Debug, Clone, Copy)]
pub enum Keys<'a> {
    Tab,
    /// With Shift.
    BackTab,
    Enter,
    Space,
    Escape,
    Up,
    Down,
    Text(&'a str),
}

impl Browser {
    pub async fn goto(&self, path: &str) {
        self.step(format!("go to {path}"));
        self.driver.goto(self.site.url(path)).await.unwrap();
    }

    /// Signs in as somebody of the demonstration: `refuge.worker`.
    pub async fn sign_in(&self, name: &str) {
        self.goto("/sign-in").await;
        for (id, text) in [("email", format!("{name}@invented.example")), ("password", demo::PASSWORD.to_owned())] {
            self.act(format!("fill #{id}"));
            let field = self.wait_for(&format!("#{id}")).await;
            field.clear().await.unwrap();
            field.send_keys(text).await.unwrap();
        }
        self.act("sign in".to_owned());
        let button = self.wait_for("form:has(#password) button:not([type=button])").await;
        self.follow(&button, BUTTON, button.click()).await;
        let gone = self.driver.query(By::Css("#password")).wait(PATIENCE, INTERVAL).wait_until_gone().await;
        assert!(gone.is_ok(), "{name} is not signed in: {}", self.text().await);
    }

    /// Presses the button or follows the link of this text. What leads to another page is waited for.
    pub async fn press(&self, text: &str) {
        let leading = format!("{LINK} | {BUTTON}");
        let mut element = self.pressed(text).await;
        while element.find_all(By::XPath(&leading)).await.is_err() {
            element = self.pressed(text).await; // the page has just brought itself up to date
        }
        self.follow(&element, &leading, element.click()).await;
    }

    /// The same for what looks as if it led to another page, but does not: a download, or a form that a script sends.
    pub async fn press_here(&self, text: &str) {
        self.pressed(text).await.click().await.unwrap();
    }

    /// The same for the first of several buttons or links that read the same.
    pub async fn press_first(&self, css: &str) {
        self.act(format!("press the first {css}"));
        let element = self.wait_for(css).await;
        self.follow(&element, &format!("{LINK} | {BUTTON}"), element.click()).await;
    }

    async fn pressed(&self, text: &str) -> WebElement {
        self.act(format!("press {text}"));
        let words = quoted(text);
        let named = format!("[normalize-space(.)={words} or normalize-space(@aria-label)={words}]");
        let buttons = format!("//button{named} | //a[@href]{named} | //summary{named} | //*[@role='button']{named}");
        let either = format!("{buttons} | //input[@type='submit' and @value={words}]");
        self.only(&either, &format!("button or link “{text}”")).await
    }

    /// Writes into the field of this label, in place of what is there.
    pub async fn fill(&self, label: &str, value: &str) {
        self.act(format!("fill {label}: {value}"));
        let field = self.labelled(label, "").await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Chooses the radio button, or ticks the box, of this label.
    pub async fn choose(&self, label: &str) {
        self.act(format!("choose {label}"));
        self.labelled(label, "").await.click().await.unwrap();
    }

    /// The same where several questions have the same answers: `question` is the legend.
    pub async fn choose_in(&self, question: &str, label: &str) {
        self.act(format!("choose {label} for {question}"));
        let within = format!("//fieldset[legend[normalize-space(.)={}]]", quoted(question));
        self.labelled(label, &within).await.click().await.unwrap();
    }

    pub async fn select(&self, label: &str, option: &str) {
        self.act(format!("select {label}: {option}"));
        let list = SelectElement::new(&self.labelled(label, "").await).await.unwrap();
        list.select_by_exact_text(option).await.unwrap();
    }

    /// Goes on with the keyboard alone.
    pub async fn keys(&self, keys: &[Keys<'_>]) {
        for key in keys {
            self.act(format!("type {key:?}"));
            let chain = self.driver.action_chain();
            let chain = match key {
                Keys::Tab => chain.send_keys(Key::Tab),
                Keys::BackTab => chain.key_down(Key::Shift).send_keys(Key::Tab).key_up(Key::Shift),
                Keys::Enter => chain.send_keys(Key::Enter),
                Keys::Space => chain.send_keys(" "),
                Keys::Escape => chain.send_keys(Key::Escape),
                Keys::Up => chain.send_keys(Key::Up),
                Keys::Down => chain.send_keys(Key::Down),
                Keys::Text(text) => chain.send_keys(*text),
            };
            let leading = match key {
                Keys::Enter => &format!("{LINK} | {BUTTON} | self::input[ancestor::form]"),
                Keys::Space => BUTTON,
                _ => "self::nothing",
            };
            self.follow(&self.driver.active_element().await.unwrap(), leading, chain.perform()).await;
        }
    }

    /// What has the focus, as a screen reader announces it: `button Sign in`.
    pub async fn focused(&self) -> String {
        let node = self.driver.active_element().await.unwrap().cdp_backend_node_id().await.unwrap();
        let wanted = json!({ "backendNodeId": node, "fetchRelatives": false });
        let tree = self.driver.cdp().send_raw("Accessibility.getPartialAXTree", wanted).await.unwrap();
        let word = |name: &str| tree["nodes"][0][name]["value"].as_str().unwrap_or_default().to_owned();
        format!("{} {}", word("role"), word("name")).trim().to_owned()
    }

    /// Of the page: its first heading.
    pub async fn heading(&self) -> String {
        self.only("//h1", "first heading").await.text().await.unwrap()
    }

    /// What the main part says.
    pub async fn text(&self) -> String {
        self.only("//main", "main part").await.text().await.unwrap()
    }

    pub async fn sees(&self, words: &str) {
        let text = self.text().await;
        assert!(text.contains(words), "“{words}” is not at {}:\n{text}", self.address().await);
    }

    pub async fn does_not_see(&self, words: &str) {
        let text = self.text().await;
        assert!(!text.contains(words), "“{words}” is at {}:\n{text}", self.address().await);
    }

    /// The errors that the page names above everything else.
    pub async fn error_summary(&self) -> Vec<String> {
        let mut errors = Vec::new();
        for error in self.driver.find_all(By::Css(".govuk-error-summary__list li")).await.unwrap() {
            errors.push(error.text().await.unwrap());
        }
        errors
    }

    /// Waits until there is something, and gives the first of it.
    pub async fn wait_for(&self, css: &str) -> WebElement {
        let found = self.driver.query(By::Css(css)).wait(PATIENCE, INTERVAL).first_opt().await.unwrap();
        match found {
            Some(element) => element,
            None => panic!("no {css} at {}", self.address().await),
        }
    }

    /// Where the browser is, as it says itself.
    pub async fn address(&self) -> String {
        self.driver.current_url().await.map_or_else(|error| error.to_string(), |url| url.to_string())
    }

    /// How often somebody would have used the mouse, or written something, or pressed a key.
    pub fn interactions(&self) -> usize {
        self.record.borrow().interactions
    }

    /// How many pages were asked for.
    pub async fn loads(&self) -> usize {
        self.catch_up().await;
        self.record.borrow().loads()
    }

    /// Does something to an element, and waits for another page if it is one that leads there: the driver itself does not
    /// when the machine is busy.
    async fn follow(&self, element: &WebElement, leading: &str, act: impl Future<Output = WebDriverResult<()>>) {
        let leads = !element.find_all(By::XPath(leading)).await.unwrap().is_empty();
        let page = self.driver.find(By::Css("html")).await.unwrap();
        act.await.unwrap();
        let left = !leads || page.wait_until().wait(PATIENCE, INTERVAL).stale().await.is_ok();
        assert!(left, "still at {}", self.address().await);
    }

    fn step(&self, step: String) {
        self.record.borrow_mut().steps.push(step);
    }

    fn act(&self, step: String) {
        self.step(step);
        self.record.borrow_mut().interactions += 1;
    }

    /// The field of this label. Looked for without a script, so that this works where pages may have none.
    async fn labelled(&self, label: &str, within: &str) -> WebElement {
        let words = quoted(label);
        let field = format!("{within}//*[@id=//label[normalize-space(.)={words}]/@for]");
        self.only(&field, &format!("field “{label}”")).await
    }

    /// The one element that there is; where there are several, the one that can be seen.
    async fn only(&self, xpath: &str, what: &str) -> WebElement {
        let mut found = self.driver.query(By::XPath(xpath)).wait(PATIENCE, INTERVAL).any().await.unwrap();
        if found.len() > 1 {
            let mut seen = Vec::new();
            for element in found {
                if element.is_displayed().await.unwrap() {
                    seen.push(element);
                }
            }
            found = seen;
        }
        let address = self.address().await;
        match (found.pop(), found.len()) {
            (Some(element), 0) => element,
            (None, _) => panic!("no {what} at {address}"),
            (_, others) => panic!("{} times {what} at {address}", others + 1),
        }
    }

    /// Runs a script of ours, which no policy of the page concerns.
    pub(super) async fn script(&self, script: &str) -> Value {
        self.driver.execute(script, vec![]).await.unwrap().json().clone()
    }
}

/// A text as `XPath` writes it, where no mark can stand inside its own kind.
fn quoted(text: &str) -> String {
    let parts: Vec<_> = text.split('"').map(|part| format!("\"{part}\"")).collect();
    if parts.len() == 1 { parts.concat() } else { format!("concat({})", parts.join(", '\"', ")) }
}
