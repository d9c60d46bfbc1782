//! Reports that are made once and kept: ask for one, see how far it is, take it out; and those that come regularly.

use actix_web::{get, post};
use askama::Template;
use garde::Validate;
use serde::Deserialize;

use super::period::{Choice, Time, manages_both, provides};
use crate::actions;
use crate::actions::report_files::Wanted;
use crate::api::input::{Path, Query};
use crate::api::page::{DEFAULT_LIMIT, Page as Rows, after, one_more};
use crate::api::report_files::{Document, ReportFile, document};
use crate::api::report_schedules::{ReportSchedule, all};
use crate::db;
use crate::domain::measures::Side;
use crate::domain::report_file::{Every, Kind, State};
use crate::error::AppError;
use crate::ids::ReportFileId;
use crate::reports::Format;
use crate::reports::names::name_of_side;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};
use crate::web::words;

/// A report as it stands in the list.
struct Row {
    file: ReportFile,
    /// "1 April 2026 to 30 April 2026".
    days: String,
}

impl Row {
    fn kind(&self) -> &'static str {
        match self.file.kind {
            Kind::OwnReport => "All measures",
        }
    }

    fn whose(&self) -> String {
        self.file.side.map(|side| format!(": {}", name_of_side(side))).unwrap_or_default()
    }

    fn ready(&self) -> bool {
        self.file.state == State::Ready
    }

    fn failed(&self) -> bool {
        self.file.state == State::Failed
    }

    fn waiting(&self) -> bool {
        self.file.state == State::Waiting
    }
}

const FORMATS: [(Format, &str); 7] = [
    (Format::Pdf, "Document (PDF)"),
    (Format::Xlsx, "Workbook (Excel)"),
    (Format::Html, "Page to print"),
    (Format::WideCsv, "Tables (CSV)"),
    (Format::Csv, "One line a number (CSV)"),
    (Format::DictionaryCsv, "What the names mean (CSV)"),
    (Format::Json, "For programs (JSON)"),
];

/// What a report may be about: the value and the text of each choice.
const TIMES: [(Choice, &str); 6] = [
    (Choice::LastMonth, "Last month"),
    (Choice::LastQuarter, "Last quarter"),
    (Choice::LastYear, "Last financial year"),
    (Choice::ThisQuarter, "This quarter so far"),
    (Choice::ThisYear, "This financial year so far"),
    (Choice::Dates, "Other days"),
];

#[derive(Template)]
#[template(path = "reports/files.html")]
struct Files<'a> {
    page: &'a Page,
    form: Form,
    times: Vec<(&'static str, &'static str)>,
    /// For somebody who manages both sides.
    sides: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    /// What each is taken out as, the most useful first: what a link says, and the word of it.
    formats: Vec<(&'static str, &'static str)>,
    next: Option<String>,
    /// Each with what it is about: "Each month: our services".
    schedules: Vec<(String, ReportSchedule)>,
}

impl Files<'_> {
    /// Whether one is still to be made.
    fn under_way(&self) -> bool {
        self.rows.iter().any(|row| row.file.state.under_way())
    }
}

fn about(schedule: ReportSchedule) -> String {
    let every = match schedule.every {
        Every::Month => "Each month",
        Every::Quarter => "Each quarter",
    };
    format!("{every}: {}", name_of_side(schedule.side))
}

#[derive(Debug, Default, Deserialize, Validate)]
pub(super) struct Asked {
    #[garde(length(max = 500))]
    cursor: Option<String>,
}

#[get("/reports/files")]
pub(super) async fn list(page: Page, Query(Asked { cursor }): Query<Asked>) -> Answer {
    let form = Form::new().with("period", Choice::LastMonth.word());
    listed(&page, cursor.as_deref(), form).await
}

async fn listed(page: &Page, cursor: Option<&str>, form: Form) -> Answer {
    let begin: Option<ReportFileId> = after(cursor)?;
    let (actor, limit) = (page.actor.clone(), DEFAULT_LIMIT);
    let read = move |conn: &mut db::Conn| {
        let rows = db::report_files::page(conn, actor.organisation, begin, one_more(limit))?;
        Ok((rows, all(conn, &actor)?))
    };
    let (rows, schedules) = page.app.db.read(&page.actor, read).await?;
    let rows: Vec<ReportFile> = rows.into_iter().map(ReportFile::from).collect();
    let Rows { items, next } = Rows::of(rows, limit, |file: &ReportFile| file.id)?;
    let row = |file: ReportFile| Row { days: format!("{} to {}", words::day(file.from), words::day(file.to)), file };
    let sides = [("provider", "Our services"), ("referrer", "Our own households")];
    let sides = if manages_both(&page.actor) { sides.to_vec() } else { Vec::new() };
    let form = if form.value("as").is_empty() { form.with("as", "provider") } else { form };
    let template = Files {
        page,
        form: form.clone(),
        times: TIMES.map(|(choice, text)| (choice.word(), text)).to_vec(),
        sides,
        rows: items.into_iter().map(row).collect(),
        formats: FORMATS.map(|(format, name)| (name, format.as_str())).to_vec(),
        next: next.map(|cursor| format!("/reports/files?cursor={cursor}")),
        schedules: schedules.into_iter().map(|schedule| (about(schedule), schedule)).collect(),
    };
    page.show_form(&form, &template)
}

#[post("/reports/files")]
pub(super) async fn ask(page: Page, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        if !TIMES.iter().any(|(choice, _)| choice.word() == posted.get("period")) {
            wrong.note("period", "Choose the time that the report is about");
        }
        wrong.check()?;
        let (time, understood) = Time::of(&posted, Choice::LastMonth, page.now.date());
        understood?;
        let side = if provides(&posted, &page.actor) { Side::Provider } else { Side::Referrer };
        actions::reports::perspective(&page.actor, Some(side.as_str()))?;
        let wanted = Wanted { kind: Kind::OwnReport, from: time.from, to: time.to, side: Some(side) };
        let verb = move |tx: &mut db::Tx| Ok(actions::report_files::ask(tx, wanted)?.map(drop));
        page.app.db.write_once::<(), _>(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/reports/files", Done::ReportAsked),
        Err(form) => listed(&page, None, form).await,
    }
}

#[post("/reports/files/{id}/delete")]
pub(super) async fn delete(page: Page, Path(id): Path<ReportFileId>) -> Answer {
    page.app.db.write(&page.actor, move |tx| actions::report_files::delete(tx, id)).await?;
    page.go("/reports/files", Done::ReportDeleted)
}

/// A report on its way out. That it was taken out is recorded.
#[get("/reports/files/{id}/{format}")]
pub(super) async fn take_out(page: Page, Path((id, format)): Path<(ReportFileId, Format)>) -> Answer {
    let take = move |tx: &mut db::Tx| actions::report_files::take_out(tx, id, format);
    let (file, book) = page.app.db.write(&page.actor, take).await?;
    let (kind, from, to) = (file.kind, file.from_on, file.to_on);
    document(&page.app, &page.actor, Document { kind, from, to, format, book }).await
}

#[post("/reports/schedules/{every}/{side}")]
pub(super) async fn set_schedule(page: Page, Path((every, side)): Path<(Every, Side)>, posted: Posted) -> Answer {
    actions::reports::perspective(&page.actor, Some(side.as_str())).map_err(|_| AppError::NotFound)?;
    let deed = async {
        let version = posted.parse("version", "Load the page again")?;
        let active = posted.get("active") == "yes";
        let set =
            move |tx: &mut db::Tx| Ok(actions::report_schedules::set(tx, every, side, version, active)?.map(drop));
        page.app.db.write_once::<(), _>(&page.actor, page.once(&posted), set).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go("/reports/files", Done::ReportScheduleSet),
        Err(form) => listed(&page, None, form).await,
    }
}
