//! What happens without anybody asking. Any number of instances may run it at once.

pub mod jobs;

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use actix_web::rt;
use chrono::TimeDelta;
use futures_util::future::join;

use crate::actions;
use crate::app::App;
use crate::audit::Head;
use crate::clock::At;
use crate::db::{Db, SEALED_AT_ONCE};
use crate::error::AppError;
use crate::mail;

/// How often the end of the audit's chain is exported, if it has grown: what is cut off within this time may go unseen.
const EXPORTED_EVERY: TimeDelta = TimeDelta::hours(1);

/// Works until the process ends: what every process does for itself each second, beside the jobs that are done once for all.
pub async fn run(app: App) {
    join(for_itself(app.clone()), jobs::run(app)).await;
}

/// What no process can leave to another, because it is about what is in its own memory or on its own disk; and sealing the
/// audit, which must not wait for whoever died with a lease.
async fn for_itself(App { db, feed, clock, audit_head_file, .. }: App) {
    let mut position = None;
    let mut exported = None;
    loop {
        match db.seal_audit().await {
            Ok(sealed) if sealed >= SEALED_AT_ONCE => continue, // there is more
            outcome => noted(outcome, "the audit is not being sealed"),
        }
        if let Some(file) = &audit_head_file {
            let kept = export_head(&db, file, clock.now(), &mut exported).await;
            noted(kept, "the end of the audit's chain is not being exported");
        }
        noted(actions::readings::add_up(&db).await, "what people read is not being counted");
        match feed.look(&db, position).await {
            Ok(end) => position = Some(end),
            Err(error) => noted::<()>(Err(error), "open pages are not told of changes"),
        }
        rt::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Adds the end of the chain to a file, once an hour and if it has grown since. (S21)
///
/// # Errors
/// When the database fails or the file cannot be written.
pub async fn export_head(
    db: &Db,
    file: &Path,
    now: At,
    exported: &mut Option<(At, i64)>,
) -> Result<Option<Head>, AppError> {
    if exported.is_some_and(|(at, _)| now - at < EXPORTED_EVERY) {
        return Ok(None);
    }
    let Some(head) = db.audit_head().await? else { return Ok(None) };
    if exported.is_none_or(|(_, position)| position < head.position) {
        append(file, &head)?;
    }
    *exported = Some((now, head.position));
    Ok(Some(head))
}

/// Adds one line to a file of heads, and waits until it is on the disk.
///
/// # Errors
/// When the file cannot be written.
pub fn append(file: &Path, head: &Head) -> Result<(), AppError> {
    let line = head.line().map_err(AppError::internal)? + "\n";
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(file).map_err(AppError::internal)?;
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(AppError::internal)
}

/// Sends mail until the process ends: apart from the rest, for a mail server may keep it waiting. (S38)
pub async fn run_post(app: App) {
    loop {
        match mail::deliver(&app).await {
            Ok(tried) if tried > 0 => continue, // there may be more
            outcome => noted(outcome, "mail is not being sent"),
        }
        rt::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Who was too late has nothing to say: another instance did it.
fn noted<T>(outcome: Result<T, AppError>, trouble: &str) {
    match outcome {
        Ok(_) | Err(AppError::Contended) => {}
        Err(error) => tracing::error!(%error, "{trouble}"),
    }
}
