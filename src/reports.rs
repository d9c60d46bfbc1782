//! Reports as files.

use chrono::SecondsFormat;

use crate::actions::barriers;
use crate::actions::reports::{Ask, DeniedAccess};
use crate::db::audit::reading::Recorded;
use crate::domain::barriers::Barrier;
use crate::domain::measures::{Counts, Tally};
use crate::error::AppError;

/// The denied-access report as a table with one row for each cell: what is counted, the dimensions, the counts.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn denied_access_csv(ask: &Ask, report: &DeniedAccess) -> Result<Vec<u8>, AppError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let mut head = vec!["counted".to_owned()];
    head.extend(ask.by.iter().map(|dimension| dimension.as_str().to_owned()));
    head.extend(["total", "placed", "denied", "open"].map(str::to_owned));
    table.write_record(&head).map_err(AppError::internal)?;
    let mut rows = |counted: &str, tally: &Tally| {
        for cell in &tally.cells {
            let mut row = vec![counted.to_owned()];
            for dimension in &ask.by {
                row.push(cell.by.get(dimension.as_str()).cloned().flatten().unwrap_or_default());
            }
            let Counts { total, placed, denied, open } = cell.counts;
            row.extend([total, placed, denied, open].map(|count| count.to_string()));
            table.write_record(row.iter().map(|cell| harmless(cell))).map_err(AppError::internal)?;
        }
        Ok::<_, AppError>(())
    };
    rows("referral", &report.per_referral)?;
    if let Some(per_household) = &report.per_household {
        rows("household", per_household)?;
    }
    table.into_inner().map_err(|error| AppError::internal(error.to_string()))
}

/// The report on barriers as a table with one row for each barrier, of the whole and then of each part.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn barriers_csv(ask: &barriers::Ask, report: &barriers::Report) -> Result<Vec<u8>, AppError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let part = ask.by.map_or("part", barriers::By::as_str);
    let head = ["counted", part, "barrier", "alone", "together", "would_suit", "would_talk"];
    table.write_record(head).map_err(AppError::internal)?;
    let mut rows = |value: &str, found: &[Barrier]| {
        for barrier in found {
            let Barrier { obstacle, alone, together, would_suit, would_talk } = barrier;
            let mut row = [ask.households.as_str(), value, obstacle.as_str()].map(harmless).to_vec();
            row.extend([alone, together, would_suit, would_talk].map(ToString::to_string));
            table.write_record(row).map_err(AppError::internal)?;
        }
        Ok::<_, AppError>(())
    };
    rows("", &report.barriers)?;
    for cell in &report.cells {
        rows(&cell.value, &cell.barriers)?;
    }
    table.into_inner().map_err(|error| AppError::internal(error.to_string()))
}

/// Events of the audit as a table, the newest first. Names are as they are now; the ids are what counts.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn audit_csv(events: &[Recorded]) -> Result<Vec<u8>, AppError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = [
        "at",
        "action",
        "object_id",
        "fields",
        "reason",
        "person",
        "account_id",
        "organisation",
        "organisation_id",
        "request_id",
        "event_id",
    ];
    table.write_record(head).map_err(AppError::internal)?;
    for event in events {
        let row = [
            event.at.utc().to_rfc3339_opts(SecondsFormat::Micros, true),
            event.action.clone(),
            event.object_id.0.to_string(),
            event.fields.clone(),
            event.reason.clone(),
            event.account.clone().unwrap_or_default(),
            event.account_id.0.to_string(),
            event.organisation.clone().unwrap_or_default(),
            event.organisation_id.0.to_string(),
            event.request_id.0.to_string(),
            event.id.0.to_string(),
        ];
        table.write_record(row.iter().map(|cell| harmless(cell))).map_err(AppError::internal)?;
    }
    table.into_inner().map_err(|error| AppError::internal(error.to_string()))
}

/// A cell that no spreadsheet takes for a formula. (S30)
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// S30
    #[rstest]
    #[case("Brookes House", "Brookes House")]
    #[case("=HYPERLINK(\"//x\")", "'=HYPERLINK(\"//x\")")]
    #[case("+44", "'+44")]
    #[case("-1", "'-1")]
    #[case("@SUM(A1)", "'@SUM(A1)")]
    #[case("\t=1", "'\t=1")]
    fn s30_no_cell_starts_a_formula(#[case] cell: &str, #[case] written: &str) {
        assert_eq!(harmless(cell), written);
    }
}
