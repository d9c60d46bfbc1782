//! Reports that are made once and kept: asked for, made by whichever process has time, and taken out in any format.

use chrono::NaiveDate;
use futures_util::future::join;
use tokio::sync::mpsc;

use super::reports::measures::Ask;
use super::reports::own;
use crate::audit::{Change, Did, Event};
use crate::auth::Actor;
use crate::clock::At;
use crate::db::exclusions::{Reader, hidden_cases};
use crate::db::report_files::{self, ReportFile};
use crate::db::reports::Perspective;
use crate::db::{Conn, Db, Tx};
use crate::domain::Refusal;
use crate::domain::job::{Problem, wait_after};
use crate::domain::measures::Side;
use crate::domain::report_file::{KEPT, Kind, MOST_WAITING, State, TRIES};
use crate::error::AppError;
use crate::ids::{OrganisationId, ReportFileId, RequestId};
use crate::reports::Format;
use crate::reports::book::Book;

/// What a report is to be about.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub kind: Kind,
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    pub side: Option<Side>,
}

/// Asks for a report of the actor's organisation. It is made by and by.
///
/// # Errors
/// [`AppError::Slowed`] when many wait to be made already.
pub fn ask(tx: &mut Tx, wanted: Wanted) -> Result<Change<ReportFile>, AppError> {
    let of = tx.actor().organisation;
    if report_files::under_way(tx, of)? >= MOST_WAITING {
        return Err(AppError::Slowed { seconds: 60 });
    }
    let file = ReportFile { asked_by: Some(tx.actor().account), ..new(tx, of, wanted) };
    report_files::insert(tx, &file)?;
    let event = Event::new(Did::ReportFileAsked, file.id.0).because(file.kind.as_str());
    Ok(Change::new(file, event))
}

/// One that nobody in particular has asked for.
pub(super) fn new(tx: &Tx, of: OrganisationId, wanted: Wanted) -> ReportFile {
    let Wanted { kind, from, to, side } = wanted;
    ReportFile {
        id: ReportFileId::new(),
        organisation_id: of,
        kind,
        from_on: from,
        to_on: to,
        side,
        area_code: None,
        asked_by: None,
        asked_at: tx.now(),
        state: State::Waiting,
        due_at: tx.now(),
        attempts: 0,
        done_steps: 0,
        all_steps: steps(kind),
        ready_at: None,
        problem: None,
        kept_until: tx.now() + KEPT,
    }
}

/// Forgets a report before its time, whether it is ready or not.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn delete(tx: &mut Tx, id: ReportFileId) -> Result<Change<()>, AppError> {
    let of = tx.actor().organisation;
    let file = report_files::find(tx, of, id)?;
    report_files::delete(tx, file.id)?;
    Ok(Change::new((), Event::new(Did::ReportFileDeleted, file.id.0).because(file.kind.as_str())))
}

/// What is in a report, on its way out of the system. What is kept knows of all cases of the organisation: for somebody
/// from whom one is hidden, it is counted anew without it. (S17)
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Refused`] when it is not ready; [`AppError::Slowed`] when too much was taken out.
pub fn take_out(tx: &mut Tx, id: ReportFileId, format: Format) -> Result<Change<(ReportFile, Book)>, AppError> {
    let actor = tx.actor().clone();
    let file = report_files::find(tx, actor.organisation, id)?;
    if file.state != State::Ready {
        return Err(AppError::refused(file.id.0)(Refusal::ReportState { state: file.state }));
    }
    let now = tx.now();
    let book = match file.kind {
        Kind::OwnReport if !hidden_cases(tx, Reader::of(&actor))?.is_empty() => {
            produced(tx, &actor, &file, now, &mut |_, _| {})?
        }
        Kind::OwnReport => report_files::book(tx, file.id)?,
    };
    let event = Event::new(Did::ReportExported, file.id.0).fields([format.as_str()]).because(file.kind.as_str());
    Ok(Change::new((file, book), event).and_all(super::readings::export(tx)?))
}

/// The report of one's own organisation at once, on its way out of the system.
///
/// # Errors
/// [`AppError::Slowed`] when too much was taken out.
pub fn take_out_at_once(tx: &mut Tx, ask: &Ask, format: Format) -> Result<Change<Book>, AppError> {
    let (actor, now) = (tx.actor().clone(), tx.now());
    let book = own::book(tx, &actor, ask, now)?;
    let kind = Kind::OwnReport.as_str();
    let event = Event::new(Did::ReportExported, actor.organisation.0).fields([format.as_str()]).because(kind);
    Ok(Change::new(book, event).and_all(super::readings::export(tx)?))
}

/// In how many steps it is made.
fn steps(kind: Kind) -> i32 {
    match kind {
        Kind::OwnReport => own::STEPS,
    }
}

/// What is in a report: the one place that knows who makes which.
fn produced(
    conn: &mut Conn,
    actor: &Actor,
    file: &ReportFile,
    now: At,
    step: &mut dyn FnMut(i32, i32),
) -> Result<Book, AppError> {
    match file.kind {
        Kind::OwnReport => {
            let perspective = match file.side {
                Some(Side::Provider) => Perspective::Provider(file.organisation_id),
                Some(Side::Referrer) => Perspective::Referrer(file.organisation_id),
                None => return Err(AppError::internal("a report of no side")),
            };
            let ask = Ask { from: file.from_on, to: file.to_on, perspective };
            own::book_by_steps(conn, actor, &ask, now, step)
        }
    }
}

/// Makes one report that somebody waits for; gives back whether there was one. To be killed in the middle loses nothing:
/// another takes it up when the lease is over.
///
/// # Errors
/// [`AppError::Contended`]; when the database fails. That a report cannot be made is noted with it.
pub async fn make_next(db: &Db) -> Result<usize, AppError> {
    let Some(file) = db.lease_report_file().await? else { return Ok(0) };
    let (id, attempt) = (file.id, file.attempts);
    let system = Actor::nobody(RequestId::new());
    let made = if attempt > TRIES {
        Err(AppError::internal("whoever made it has died each time"))
    } else {
        make(db, &system, file).await
    };
    let error = match made {
        Ok(()) | Err(AppError::NotFound) => return Ok(1), // or it was deleted, or another has it by now
        Err(error) => error,
    };
    tracing::error!(report = %id.0, attempt, %error, "a report was not made");
    if attempt < TRIES {
        db.put_off_report(id, attempt, db.now() + wait_after(attempt)).await?;
        return Ok(1);
    }
    let problem = match error {
        AppError::Contended => Problem::Contended,
        AppError::Unavailable(_) => Problem::Unavailable,
        _ => Problem::Failed,
    };
    match db.write(&system, move |tx| give_up(tx, id, attempt, problem)).await {
        Ok(()) | Err(AppError::NotFound) => Ok(1),
        Err(error) => Err(error),
    }
}

async fn make(db: &Db, system: &Actor, file: ReportFile) -> Result<(), AppError> {
    let (id, attempt, now) = (file.id, file.attempts, db.now());
    // The organisation itself reads: nothing is hidden from it.
    let reader = Actor { organisation: file.organisation_id, ..system.clone() };
    let (tell, mut told) = mpsc::unbounded_channel();
    let making = db.read(system, move |conn| {
        produced(conn, &reader, &file, now, &mut |done, all| {
            let _ = tell.send((done, all)); // nobody may be listening any more
        })
    });
    let noting = async {
        while let Some(step) = told.recv().await {
            if let Err(error) = db.note_report_progress(id, attempt, step).await {
                tracing::warn!(report = %id.0, %error, "how far a report has come was not noted");
            }
        }
    };
    let (book, ()) = join(making, noting).await;
    let book = book?;
    db.write(system, move |tx| keep(tx, id, attempt, &book)).await
}

fn keep(tx: &mut Tx, id: ReportFileId, attempt: i32, book: &Book) -> Result<Change<()>, AppError> {
    if !report_files::keep(tx, id, attempt, book)? {
        return Err(AppError::NotFound);
    }
    let file = report_files::find_any(tx, id)?;
    let event = Event::new(Did::ReportFileReady, id.0).because(file.kind.as_str()).within(file.organisation_id);
    // Who has asked looks for it herself; of what comes by itself, managers are told.
    let told = if file.asked_by.is_none() { event.telling("report_ready", id.0) } else { event };
    Ok(Change::new((), told))
}

fn give_up(tx: &mut Tx, id: ReportFileId, attempt: i32, problem: Problem) -> Result<Change<()>, AppError> {
    if !report_files::give_up(tx, id, attempt, problem)? {
        return Err(AppError::NotFound);
    }
    let file = report_files::find_any(tx, id)?;
    let event = Event::new(Did::ReportFileFailed, id.0).because(problem.as_str()).within(file.organisation_id);
    Ok(Change::new((), event))
}
