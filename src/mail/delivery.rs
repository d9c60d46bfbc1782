//! Sends what is due. At least once, never lost: whoever is killed between sending and noting it leaves the message to be
//! sent again, under the same name, so that a mail program shows it once. (S37)

use futures_util::future::join_all;

use super::Letter;
use crate::actions;
use crate::app::App;
use crate::auth::Actor;
use crate::clock::At;
use crate::db::mail::{Leased, Outcome};
use crate::domain::mail::{Topic, wait_after};
use crate::error::AppError;
use crate::ids::RequestId;

/// So many messages are sent at once: a server that keeps us waiting keeps the others waiting no longer.
const AT_ONCE: i64 = 10;

/// Sends what is due, as many messages as go at once; gives back how many were tried. Without a server everything waits.
///
/// # Errors
/// [`AppError::Contended`]; when the database fails. That a message does not go out is no error: it is noted with it.
pub async fn deliver(app: &App) -> Result<usize, AppError> {
    if !app.mailer.is_set_up() {
        return Ok(0);
    }
    let leased = app.db.lease_mail(AT_ONCE).await?;
    for outcome in join_all(leased.iter().map(|leased| try_one(app, leased))).await {
        outcome?;
    }
    Ok(leased.len())
}

async fn try_one(app: &App, leased: &Leased) -> Result<(), AppError> {
    let (id, attempts) = (leased.mail.id, leased.mail.attempts);
    let problem = match app.mailer.send(&letter(app, leased, app.clock.now())).await {
        Ok(()) => return app.db.settle_mail(id, attempts, Outcome::Sent).await,
        Err(problem) => problem,
    };
    if let Some(wait) = wait_after(attempts).filter(|_| problem.passes()) {
        tracing::warn!(mail = %id.0, attempts, problem = problem.as_str(), "mail is put off");
        return app.db.settle_mail(id, attempts, Outcome::PutOff(app.clock.now() + wait, problem)).await;
    }
    tracing::error!(mail = %id.0, attempts, problem = problem.as_str(), "mail is given up");
    let system = Actor::nobody(RequestId::new());
    match app.db.write(&system, move |tx| actions::mail::give_up(tx, id, attempts, problem)).await {
        Err(AppError::NotFound) => Ok(()), // another has it by now
        outcome => outcome,
    }
}

/// The message as it goes out.
pub fn letter(app: &App, leased: &Leased, date: At) -> Letter {
    let site = &app.public_url;
    let secret = leased.link.map(|link| app.keys.token.link(link)).unwrap_or_default();
    let link = match leased.mail.topic {
        Topic::Invitation => format!("{site}/invitation/{secret}"),
        Topic::PasswordReset => format!("{site}/reset/{secret}"),
        Topic::ReportReady => format!("{site}/reports/files"),
        Topic::WeeklyDigest => format!("{site}/reports/denied-access"),
        _ => format!("{site}/"),
    };
    let host = site.rsplit('/').next().and_then(|host| host.split(':').next()).unwrap_or("safehold");
    Letter {
        to: leased.email.clone(),
        topic: leased.mail.topic,
        link,
        message_id: format!("<{}@{host}>", leased.mail.id.0.simple()),
        date,
    }
}
