//! Parts of pages that change by themselves. The stream says only that something has changed; the part comes by an
//! ordinary request of whoever looks at it. Without a script a page has a link that loads it again.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::rt::time::{Instant, sleep_until, timeout};
use actix_web::web::{Bytes, ServiceConfig};
use actix_web::{HttpResponse, get};
use futures_util::{StreamExt, stream};
use tokio::sync::broadcast::error::RecvError;

use super::Answer;
use super::page::Page;
use crate::api::input::Path;
use crate::app::App;
use crate::feed::Topic;

/// A stream ends after this time, so that whoever listens is let in again or not.
const LONGEST: Duration = Duration::from_mins(5);
/// A sign of life, so that nothing in between closes a quiet stream.
const QUIET: Duration = Duration::from_secs(20);

pub fn routes(config: &mut ServiceConfig) {
    config.service(tell_changes);
}

/// For whoever is still signed in. It says nothing but that something has changed.
#[get("/changes/{topic}")]
async fn tell_changes(page: Page, Path(topic): Path<Topic>) -> Answer {
    page.app.db.read(&page.actor, |_| Ok(())).await?;
    Ok(stream(&page.app, topic))
}

/// A stream of server-sent events: `changed`, whenever something of this topic has.
fn stream(app: &App, topic: Topic) -> HttpResponse {
    let changes = app.feed.subscribe();
    let end = Instant::now() + LONGEST;
    let told = stream::unfold((changes, false), move |(mut changes, begun)| async move {
        if !begun {
            return Some((Bytes::from_static(b"retry: 5000\n\n"), (changes, true)));
        }
        loop {
            let quiet = Instant::now() + QUIET;
            if quiet >= end {
                sleep_until(end).await;
                return None;
            }
            let text: &[u8] = match timeout(QUIET, changes.recv()).await {
                Ok(Ok(changed)) if !topic.shows(changed) => continue,
                Ok(Ok(_) | Err(RecvError::Lagged(_))) => b"event: changed\ndata:\n\n",
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => b": quiet\n\n",
            };
            return Some((Bytes::from_static(text), (changes, true)));
        }
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(told.map(Ok::<_, Infallible>))
}
