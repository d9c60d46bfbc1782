//! Tests that drive a real Chromium against the real application.
//!
//! A test opens a [`Site`] and calls [`browse`]. It never sleeps: what comes late is waited for, and only so long.
#![allow(dead_code, reason = "what a test can do is larger than what is tested already")]

mod asking;
mod check;
mod database;
mod driver;
mod everywhere;
mod guide;
mod helpline;
mod manager;
mod page;
mod people;
mod record;
mod refuge;
mod rules;
mod site;
mod stack;
mod window;

use std::any::Any;
use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use thirtyfour::WebDriver;

pub use self::page::Keys;
use self::record::Record;
pub use self::site::Site;
pub use self::window::Window;

/// One Chromium, newly begun: nobody is signed in.
#[derive(Clone)]
pub struct Browser {
    /// For what has no method of its own here.
    pub driver: WebDriver,
    pub site: Site,
    script: bool,
    record: Rc<RefCell<Record>>,
}

/// Opens a browser for `work` and closes it again, whatever happens. Nothing may be asked of any other host meanwhile, and
/// the console must be without errors.
pub async fn browse<F: Future<Output = ()>>(window: Window, work: impl FnOnce(Browser) -> F) {
    let driver = driver::open().await;
    let browser = Browser { driver, site: window.site.clone(), script: window.script, record: Rc::default() };
    let work = caught(async {
        window.apply(&browser.driver).await;
        work(browser.clone()).await;
    });
    let done = work.await;
    let faults = caught(browser.faults()).await;
    if done.is_err() {
        let _ = caught(browser.leave_traces()).await;
    }
    // A session that is not ended makes its destructor block.
    let ended = browser.driver.clone().quit().await;
    if let Err(panic) = done {
        eprintln!("{}", faults.unwrap_or_default().join("\n"));
        resume_unwind(panic);
    }
    ended.unwrap();
    let faults = faults.unwrap_or_else(|panic| resume_unwind(panic));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What `work` gives, or what it panicked with.
async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut work = pin!(work);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(Poll::Ready(given)) => Poll::Ready(Ok(given)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

impl Browser {
    async fn faults(&self) -> Vec<String> {
        self.catch_up().await;
        self.record.borrow().faults(&self.site.url(""))
    }

    async fn catch_up(&self) {
        let news = Record::news(&self.driver).await;
        self.record.borrow_mut().add(news);
    }

    /// For somebody who looks for the fault: the way here, and a picture of the end.
    async fn leave_traces(&self) {
        let steps = self.record.borrow().steps.join("\n  ");
        eprintln!("steps:\n  {steps}\nat {}", self.address().await);
        let name = std::thread::current().name().unwrap_or("test").replace("::", "-");
        eprintln!("see {}", self.picture(&format!("failed-{name}")).await.display());
    }
}
