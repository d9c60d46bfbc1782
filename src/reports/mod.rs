//! Reports as files.

pub mod book;
mod chart;
mod document;
pub mod figures;
mod font;
mod formats;
mod harmless;
pub mod json;
pub mod names;
pub mod print;
#[cfg(test)]
mod sample;
mod tidy;
mod told;
mod workbook;

use chrono::SecondsFormat;

pub use self::formats::{Format, written};
use self::harmless::harmless;
use crate::actions::barriers;
use crate::actions::reports::{Ask, DeniedAccess, measures};
use crate::actions::waiting::Waits;
use crate::clock::At;
use crate::db::audit::reading::Recorded;
use crate::domain::barriers::Barrier;
use crate::domain::measures::{Counts, Figure, Measure, Tally};
use crate::domain::sanctuary::report::SanctuaryFigures;
use crate::domain::waiting::days;
use crate::error::AppError;

/// The denied-access report as a table with one row for each cell: what is counted, the dimensions, the counts.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn denied_access_csv(ask: &Ask, report: &DeniedAccess) -> Result<Vec<u8>, AppError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let mut head = vec!["counted".to_owned()];
    head.extend(ask.by.iter().map(|dimension| dimension.as_str().to_owned()));
    let counts = ["total", "placed", "denied", "open", "safe_at_home"];
    head.extend(counts.map(str::to_owned));
    let compared = report.per_referral.before.is_some();
    if compared {
        head.extend(counts.map(|count| format!("before_{count}")));
    }
    table.write_record(&head).map_err(AppError::internal)?;
    let mut rows = |counted: &str, tally: &Tally| {
        for cell in &tally.cells {
            let mut row = vec![counted.to_owned()];
            for dimension in &ask.by {
                row.push(cell.by.get(dimension.as_str()).cloned().flatten().unwrap_or_default());
            }
            let numbers = |counts: Counts| {
                let Counts { total, placed, safe_at_home, denied, open } = counts;
                [total, placed, denied, open, safe_at_home].map(|count| count.to_string())
            };
            row.extend(numbers(cell.counts));
            if compared {
                row.extend(cell.before.map_or_else(Default::default, numbers));
            }
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

/// All measures as a table with one row for each figure: those of the whole have neither `by` nor `of`.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn measures_csv(ask: &measures::Ask, found: &[Measure]) -> Result<Vec<u8>, AppError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let mut head =
        ["from", "to", "side", "measure", "unit", "kind", "by", "of", "value", "numerator", "denominator", "unknown"]
            .to_vec();
    let wanted = found.iter().any(|measure| measure.target.is_some());
    let compared = found.iter().any(|measure| measure.before.is_some());
    if compared {
        head.extend(["before", "change", "change_in"]);
    }
    if wanted {
        head.extend(["target", "better", "met"]);
    }
    table.write_record(head).map_err(AppError::internal)?;
    let (from, to, side) = (ask.from.to_string(), ask.to.to_string(), ask.side());
    let mut row = |measure: &Measure, by: &str, of: &str, figure: &Figure, unknown: Option<u64>| {
        let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
        let mut row = [from.as_str(), to.as_str(), side.as_str(), measure.code.as_str()].map(str::to_owned).to_vec();
        row.extend([measure.code.definition().unit.as_str(), measure.kind.as_str(), by].map(str::to_owned));
        row.push(harmless(of));
        row.push(figure.value.map_or_else(String::new, |value| value.to_string()));
        row.extend([figure.numerator, figure.denominator, unknown].map(number));
        if compared {
            let before = measure.before.filter(|_| by.is_empty());
            let value = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
            row.push(value(before.and_then(|before| before.figure.value)));
            row.push(value(before.and_then(|before| before.change)));
            row.push(before.map_or_else(String::new, |before| before.change_in.as_str().to_owned()));
        }
        if wanted {
            let target = measure.target.filter(|_| by.is_empty());
            row.push(target.map_or_else(String::new, |target| target.value.to_string()));
            row.push(target.map_or_else(String::new, |target| target.better.as_str().to_owned()));
            let met = target.and_then(|target| target.met);
            row.push(met.map_or_else(String::new, |met| if met { "yes" } else { "no" }.to_owned()));
        }
        table.write_record(row).map_err(AppError::internal)
    };
    for measure in found {
        row(measure, "", "", &measure.figure, measure.unknown)?;
        for breakdown in &measure.breakdowns {
            for part in &breakdown.rows {
                row(measure, &breakdown.by, part.of.as_deref().unwrap_or_default(), &part.figure, None)?;
            }
        }
    }
    table.into_inner().map_err(|error| AppError::internal(error.to_string()))
}

/// The report on sanctuaries as a table with one row for each figure: what is counted, of what, and the number.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn sanctuary_csv(report: &SanctuaryFigures) -> Result<Vec<u8>, AppError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let mut row = |counted: &str, of: &str, number: String| {
        table.write_record([counted, &harmless(of), &number]).map_err(AppError::internal)
    };
    row("counted", "of", "number".into())?;
    for stage in &report.stages {
        row("jobs", stage.state.as_str(), stage.jobs.to_string())?;
    }
    row("median_days", "signed_off", report.median_days.map_or_else(String::new, |days| days.to_string()))?;
    for cost in &report.costs {
        row("measures", &cost.kind, cost.number.to_string())?;
        row("cost_pence", &cost.kind, cost.cost_pence.to_string())?;
    }
    for one in &report.still_safe {
        let answers = [
            ("still_safe", one.still_safe),
            ("not_safe", one.not_safe),
            ("moved", one.moved),
            ("not_reached", one.not_reached),
            ("waiting", one.waiting),
            ("settled", one.settled),
        ];
        for (answer, number) in answers {
            row(&format!("after_{}_months", one.months), answer, number.to_string())?;
        }
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

/// Who waits for a place, as a table with one row for each household, in the order of the list. No name, no area.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn waiting_csv(rows: &[Waits], now: At) -> Result<Vec<u8>, AppError> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = [
        "reference",
        "opened_on",
        "days_waiting",
        "last_contact_on",
        "turn",
        "because",
        "suitable",
        "discuss",
        "missing_information",
        "not_suitable",
        "in_the_way",
        "open_referrals",
        "risk",
        "sanctuary_wanted",
    ];
    table.write_record(head).map_err(AppError::internal)?;
    for Waits { case, position, because, last_contact, counts, obstacle, referrals, risk, sanctuary } in rows {
        let because: Vec<String> = because.iter().map(|because| because.told(now)).collect();
        let row = [
            case.reference.clone(),
            case.opened_at.date().to_string(),
            days(case.opened_at, now).to_string(),
            last_contact.map(|contact| contact.date().to_string()).unwrap_or_default(),
            position.turn.as_str().to_owned(),
            because.join("; "),
            counts.suitable.to_string(),
            counts.discuss.to_string(),
            counts.missing_information.to_string(),
            counts.not_suitable.to_string(),
            obstacle.map(|(obstacle, _)| obstacle.label().to_owned()).unwrap_or_default(),
            referrals.len().to_string(),
            risk.map(|risk| risk.as_str().to_owned()).unwrap_or_default(),
            if *sanctuary { "yes" } else { "no" }.to_owned(),
        ];
        table.write_record(row.iter().map(|cell| harmless(cell))).map_err(AppError::internal)?;
    }
    table.into_inner().map_err(|error| AppError::internal(error.to_string()))
}
