//! What a browser did: what it asked for, and what it complained about.

use std::collections::BTreeSet;

use serde_json::Value;
use thirtyfour::WebDriver;
use thirtyfour::common::log::BrowserLogEntry;

#[derive(Default)]
pub struct Record {
    /// What the test did, in words: printed when it fails.
    pub steps: Vec<String>,
    /// What a person would have done with hand or keyboard.
    pub interactions: usize,
    /// The addresses of all requests.
    asked: Vec<String>,
    /// The requests for a page, redirections not counted twice.
    documents: BTreeSet<String>,
    /// The addresses of pages, and of what scripts ask for.
    pages: BTreeSet<String>,
    parts: BTreeSet<String>,
    console: Vec<BrowserLogEntry>,
}

impl Record {
    /// Reading the logs empties them.
    pub async fn news(driver: &WebDriver) -> (Vec<BrowserLogEntry>, Vec<BrowserLogEntry>) {
        (driver.get_log("performance").await.unwrap(), driver.get_log("browser").await.unwrap())
    }

    pub fn add(&mut self, (events, console): (Vec<BrowserLogEntry>, Vec<BrowserLogEntry>)) {
        self.console.extend(console);
        for event in events {
            let event: Value = serde_json::from_str(&event.message).unwrap();
            let (method, parameters) = (&event["message"]["method"], &event["message"]["params"]);
            if method != "Network.requestWillBeSent" {
                continue;
            }
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let url = text(&parameters["request"]["url"]);
            match parameters["type"].as_str() {
                Some("Document") => {
                    self.documents.insert(text(&parameters["requestId"]));
                    self.pages.insert(url.clone());
                }
                Some("Fetch") => drop(self.parts.insert(url.clone())),
                _ => (),
            }
            self.asked.push(url);
        }
    }

    pub fn loads(&self) -> usize {
        self.documents.len()
    }

    /// What no test may leave behind: a request to anywhere else, an error or a refusal of the content security policy.
    pub fn faults(&self, origin: &str) -> Vec<String> {
        let elsewhere = |url: &&String| {
            let inside = ["data:", "about:", "blob:"].iter().any(|scheme| url.starts_with(scheme));
            !inside && !url.strip_prefix(origin).is_some_and(|path| path.starts_with('/'))
        };
        let foreign = self.asked.iter().filter(elsewhere).map(|url| format!("asks for {url}"));
        let complaints = self.console.iter().filter(|entry| self.is_fault(entry));
        let complaints = complaints.map(|entry| format!("the console says: {}", entry.message));
        let silent = self.asked.is_empty().then(|| "no request was seen at all".to_owned());
        foreign.chain(complaints).chain(silent).collect()
    }

    fn is_fault(&self, entry: &BrowserLogEntry) -> bool {
        let policy = entry.source.as_deref() == Some("security") || entry.message.contains("Content Security Policy");
        (policy || entry.level == "SEVERE") && !self.is_status_of_page(entry)
    }

    /// The console calls each page that answers 4xx an error. That it is refused is none, nor is a form that comes back
    /// with its errors.
    fn is_status_of_page(&self, entry: &BrowserLogEntry) -> bool {
        let url = entry.message.split(' ').next().unwrap_or_default();
        let status = |digits: &str| entry.message.contains(&format!("the server responded with a status of {digits}"));
        entry.source.as_deref() == Some("network")
            && ((status("4") && self.pages.contains(url)) || (status("422") && self.parts.contains(url)))
    }
}
