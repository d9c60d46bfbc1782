//! What each line of a return is made of.

use super::{Lists, NOT_RECORDED, PEOPLE, named};
use crate::reports::book::{Cell, Named, Row, Sheet};

/// What a line is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub of: Named,
    /// Of our records and codes.
    pub made_of: String,
}

/// What every line is made of: our records, and the codes in them.
pub fn lines(sheets: &[Sheet], lists: &Lists) -> Vec<Line> {
    let rows = sheets.iter().flat_map(|sheet| {
        sheet.rows.iter().map(|row| {
            let code = row.of.code.rsplit('.').next().unwrap_or_default();
            let made_of = match (code, sheet.of.code.as_str()) {
                ("all", _) => format!("everything in the table \u{201c}{}\u{201d}", sheet.of.name),
                (NOT_RECORDED, _) => "records without any of the codes above".to_owned(),
                (group, "unable") => {
                    let of = lists.denial_reasons.iter().filter(|(_, of)| of == group);
                    let codes: Vec<&str> = of.map(|(reason, _)| reason.code.as_str()).collect();
                    format!("denial_reason: {}", codes.join(", "))
                }
                (code, _) => format!("{}: {code}", sheet.rows_are.code),
            };
            Line { of: row.of.clone(), made_of }
        })
    });
    let columns = PEOPLE.iter().map(|(code, name, made_of)| Line {
        of: named(&format!("people.*.{code}"), name),
        made_of: (*made_of).to_owned(),
    });
    columns.chain(rows).collect()
}

/// The table that says it, of a return whose figures come from there.
pub fn mapping(counts: &str, source: &str, lines: Vec<Line>) -> Sheet {
    let row = |Line { of, made_of }: Line| Row {
        of: Named { name: format!("{}: {made_of}", of.name), code: of.code },
        cells: vec![Cell::NotApplicable],
        whole: false,
    };
    Sheet {
        of: named("mapping", "What each line is made of"),
        counts: counts.to_owned(),
        unit: "line".to_owned(),
        source: source.to_owned(),
        caveats: Vec::new(),
        says: Vec::new(),
        rows_are: named("line", "Line"),
        columns: vec![named("figure", "Figure")],
        rows: lines.into_iter().map(row).collect(),
        chart: None,
    }
}
