//! Invented reports for the tests of what writes them: every kind of cell, long names, awkward signs.

use super::book::{Book, Cell, Drawn, Named, Row, Sheet, Standing};
use crate::clock::At;

/// A nought, and everything that is not one and no number either.
pub const EACH_NOTHING: [Cell; 6] =
    [Cell::Count(0), Cell::Few, Cell::Held, Cell::NoBase, Cell::NotCollected, Cell::NotApplicable];

pub fn named(code: &str, name: &str) -> Named {
    Named { code: code.to_owned(), name: name.to_owned() }
}

fn row(code: &str, name: &str, cells: &[Cell]) -> Row {
    Row { of: named(code, name), cells: cells.to_vec(), whole: false }
}

fn whole(name: &str, cells: &[Cell]) -> Row {
    Row { whole: true, ..row("all", name, cells) }
}

fn sheet(code: &str, name: &str, rows_are: &str, columns: &[(&str, &str)], rows: Vec<Row>) -> Sheet {
    Sheet {
        of: named(code, name),
        counts: format!("Referrals sent in the period, each counted once: {}.", name.to_lowercase()),
        unit: "referral".to_owned(),
        source: "Referrals and their outcomes, as recorded by the services.".to_owned(),
        caveats: Vec::new(),
        says: Vec::new(),
        rows_are: named("row", rows_are),
        columns: columns.iter().map(|(code, name)| named(code, name)).collect(),
        rows,
        chart: None,
    }
}

/// One column of these cells.
pub fn of_cells(cells: &[Cell]) -> Sheet {
    let rows = cells.iter().enumerate().map(|(n, cell)| row(&format!("row_{n}"), &format!("Row {n}"), &[*cell]));
    Sheet {
        chart: Some(Drawn::Bars { column: 0 }),
        ..sheet("cells", "Each kind of cell", "Row", &[("referrals", "Referrals")], rows.collect())
    }
}

pub fn empty() -> Book {
    Book {
        title: "Board pack".to_owned(),
        whose: "All areas".to_owned(),
        from: day("2026-07-01"),
        to: day("2026-09-30"),
        filters: Vec::new(),
        computed_at: at("2026-10-02T08:05:00Z"),
        standing: Standing::Published,
        says: Vec::new(),
        sheets: Vec::new(),
        caveats: Vec::new(),
    }
}

fn day(day: &str) -> chrono::NaiveDate {
    day.parse().unwrap_or_default()
}

fn at(instant: &str) -> At {
    instant.parse::<chrono::DateTime<chrono::Utc>>().unwrap_or_default().into()
}

/// A book of one table.
pub fn book_of(sheet: Sheet) -> Book {
    Book { sheets: vec![sheet], ..empty() }
}

const REASONS: [(&str, &str); 12] = [
    ("no_space", "No space or capacity available"),
    ("needs_mental_health", "Mental health support needs cannot be met"),
    ("needs_substance_use", "Drug or alcohol support needs cannot be met"),
    ("needs_physical_access", "Disability or access needs cannot be met"),
    ("household_too_large", "Household too large for the space"),
    ("outside_client_group", "Outside the service’s client group (sex, gender, age, specialism)"),
    ("nrpf", "No recourse to public funds or insecure immigration status"),
    ("cannot_fund", "Charges cannot be met (not eligible for Housing Benefit, two homes, own income)"),
    ("area_unsafe", "Area identified as unsafe"),
    ("declined_support", "Does not want support or declined refuge"),
    ("lost_contact", "Disengaged or could not be contacted"),
    ("benefit_delay", "Benefit or immigration decision delayed"),
];

const AREAS: [&str; 8] = [
    "Blaby",
    "Charnwood",
    "Harborough",
    "Hinckley and Bosworth",
    "Melton",
    "North West Leicestershire",
    "Oadby and Wigston",
    "=Rutland – “the county”",
];

const QUARTERS: [&str; 6] =
    ["Apr to Jun 2025", "Jul to Sep 2025", "Oct to Dec 2025", "Jan to Mar 2026", "Apr to Jun 2026", "Jul to Sep 2026"];

/// A pack for a partnership board: twelve tables of every kind.
pub fn board_pack() -> Book {
    let mut sheets = vec![outcomes(), reasons(), areas(), waiting(), homes(), people()];
    sheets.extend([leaving(), money(), many_rows(), many_columns(), nothing_recorded(), kinds()]);
    Book {
        says: vec![
            "Denied access rose from 78.1% to 79.2%.".to_owned(),
            "No space or capacity available was the commonest reason: 120 of 335.".to_owned(),
            "There were 420 referrals, 30 fewer than in the period before (-6.7%).".to_owned(),
        ],
        filters: vec![named("area", "Leicester, Leicestershire and Rutland")],
        caveats: vec![
            "Counts from 1 to 4 are not shown. Every other count is rounded to 5, so parts need not add up to their whole."
                .to_owned(),
            "A household that was referred to several services is counted once for each referral where referrals are \
             counted, and once where households are counted. The two are never mixed."
                .to_owned(),
        ],
        sheets,
        ..empty()
    }
}

fn outcomes() -> Sheet {
    let numbers = [(410, 90), (430, 95), (445, 85), (440, 100), (450, 95), (420, 85)];
    let rows = QUARTERS.iter().zip(numbers).enumerate().map(|(n, (quarter, (sent, placed)))| {
        let denied = if n == 1 { Cell::Held } else { Cell::Count(sent - placed) };
        row(&format!("q{n}"), quarter, &[Cell::Count(sent), Cell::Count(placed), denied, Cell::Percent(78.1)])
    });
    Sheet {
        says: vec!["There were 420 referrals, 30 fewer than in the period before (-6.7%).".to_owned()],
        caveats: vec!["A referral that is still open is in none of the outcomes.".to_owned()],
        chart: Some(Drawn::Columns { columns: vec![0, 1, 2] }),
        ..sheet(
            "outcomes",
            "Referrals and their outcomes",
            "Quarter",
            &[("sent", "Sent"), ("placed", "Placed"), ("denied", "Denied"), ("rate", "Denied of those that ended")],
            rows.collect(),
        )
    }
}

fn reasons() -> Sheet {
    let numbers = [120, 45, 35, 30, 25, 20, 15, 0, 40, 5, 0, 0];
    let mut rows: Vec<Row> = REASONS
        .iter()
        .zip(numbers)
        .enumerate()
        .map(|(n, ((code, name), number))| {
            let shown = match n {
                7 => Cell::Few,
                9 => Cell::Held,
                _ => Cell::Count(number),
            };
            row(
                code,
                name,
                &[
                    shown,
                    if number > 10 {
                        Cell::Percent(f64::from(u32::try_from(number).unwrap_or(0)) / 3.0)
                    } else {
                        Cell::NoBase
                    },
                ],
            )
        })
        .collect();
    rows.push(whole("All reasons", &[Cell::Count(335), Cell::Percent(100.0)]));
    Sheet {
        says: vec!["No space or capacity available was the commonest reason: 120 of 335.".to_owned()],
        caveats: vec!["Each referral has one main reason. Other reasons stand in a table of their own.".to_owned()],
        chart: Some(Drawn::Bars { column: 0 }),
        ..sheet(
            "reasons",
            "Why access was denied: the main reason for each referral",
            "Main reason",
            &[("denied", "Denied"), ("share", "Share")],
            rows,
        )
    }
}

fn areas() -> Sheet {
    let rows = AREAS.iter().enumerate().map(|(n, area)| {
        let rate =
            if n == 4 { Cell::NoBase } else { Cell::Percent(60.0 + 3.5 * f64::from(u32::try_from(n).unwrap_or(0))) };
        let count = if n == 4 { Cell::Few } else { Cell::Count(5 * (u64::try_from(n).unwrap_or(0) + 2)) };
        row(&format!("E0700012{n}"), area, &[count, rate])
    });
    let mut rows: Vec<Row> = rows.collect();
    rows.push(whole("All areas", &[Cell::Count(335), Cell::Percent(79.2)]));
    Sheet {
        says: vec!["Denied access was highest in Rutland: 84.5%.".to_owned()],
        chart: Some(Drawn::Bars { column: 1 }),
        ..sheet("areas", "Denied access by area", "Area", &[("denied", "Denied"), ("rate", "Rate")], rows)
    }
}

fn waiting() -> Sheet {
    let days = [Some(12.0), Some(13.5), None, Some(11.0), Some(9.5), Some(10.0)];
    let rows = QUARTERS.iter().zip(days).enumerate().map(|(n, (quarter, days))| {
        let middle = days.map_or(Cell::NotCollected, Cell::Days);
        let ninth =
            if n == 0 { Cell::NoBase } else { Cell::Days(30.0 + 2.0 * f64::from(u32::try_from(n).unwrap_or(0))) };
        row(&format!("q{n}"), quarter, &[middle, ninth])
    });
    Sheet {
        says: vec!["The middle wait rose from 9.5 days to 10 days.".to_owned()],
        unit: "household".to_owned(),
        chart: Some(Drawn::Lines { columns: vec![0, 1] }),
        ..sheet(
            "waiting",
            "How long households waited",
            "Quarter",
            &[("median", "Middle wait"), ("ninetieth", "Nine in ten waited no longer than")],
            rows.collect(),
        )
    }
}

fn homes() -> Sheet {
    let rows = QUARTERS.iter().enumerate().map(|(n, quarter)| {
        let n = f64::from(u32::try_from(n).unwrap_or(0));
        row(quarter, quarter, &[Cell::Percent(88.0 + n / 2.0), Cell::Percent(6.0 - n / 4.0)])
    });
    let columns = [("used", "Homes in use"), ("void", "Homes out of use")];
    Sheet {
        says: vec!["Homes in use rose from 90% to 90.5%.".to_owned()],
        unit: "unit-day".to_owned(),
        chart: Some(Drawn::Lines { columns: vec![0, 1] }),
        ..sheet("homes", "How homes were used", "Quarter", &columns, rows.collect())
    }
}

fn people() -> Sheet {
    let groups = ["Women", "Men", "Trans adults", "Non-binary people", "Children", "Not known"];
    let cells = [Cell::Count(395), Cell::Count(5), Cell::Few, Cell::Held, Cell::Count(480), Cell::NotCollected];
    let rows = groups.iter().zip(cells).map(|(name, cell)| row(&name.to_lowercase(), name, &[cell]));
    Sheet {
        unit: "person".to_owned(),
        chart: Some(Drawn::Bars { column: 0 }),
        ..sheet("people", "People who were given a place", "Group", &[("people", "People")], rows.collect())
    }
}

fn leaving() -> Sheet {
    let rows = vec![
        row("planned", "Planned", &[Cell::Count(60), Cell::Percent(75.0), Cell::Days(113.0)]),
        row("unplanned", "Unplanned", &[Cell::Count(20), Cell::Percent(25.0), Cell::Days(34.5)]),
        row("unknown", "Not known", &[Cell::Count(0), Cell::Percent(0.0), Cell::NotApplicable]),
    ];
    let columns = [("stays", "Stays"), ("share", "Share"), ("days", "Mean length")];
    Sheet { unit: "stay".to_owned(), ..sheet("leaving", "How stays ended", "Departure", &columns, rows) }
}

fn money() -> Sheet {
    let rows = vec![
        row("locks", "Locks & doors (front, back)", &[Cell::Count(35), Cell::Money(4_310.5), Cell::Minutes(95.0)]),
        row("alarm", "Alarms at £99 – 'panic' buttons", &[Cell::Count(10), Cell::Money(990.0), Cell::Minutes(30.5)]),
        row("rate", "-Places", &[Cell::Few, Cell::Per10000(0.35), Cell::NotApplicable]),
    ];
    let columns = [("jobs", "Jobs"), ("cost", "Cost"), ("minutes", "Time on site")];
    Sheet {
        unit: "job".to_owned(),
        chart: Some(Drawn::Bars { column: 1 }),
        ..sheet("money", "What was done to make homes safe: measures/costs [all]", "Measure", &columns, rows)
    }
}

fn many_rows() -> Sheet {
    let rows = (0..40).map(|n: u32| {
        let cell = if n % 9 == 4 { Cell::Few } else { Cell::Count(u64::from((n * 37) % 101) * 5) };
        row(&format!("origin_{n}"), &format!("Area of origin number {n}"), &[cell, Cell::Percent(f64::from(n) * 2.5)])
    });
    let columns = [("households", "Households"), ("share", "Share")];
    Sheet {
        chart: Some(Drawn::Bars { column: 0 }),
        ..sheet("origin", "Where households came from", "Area", &columns, rows.collect())
    }
}

fn many_columns() -> Sheet {
    let columns: Vec<(String, String)> = (1..=20).map(|n| (format!("m{n}"), format!("Month number {n}"))).collect();
    let columns: Vec<(&str, &str)> = columns.iter().map(|(code, name)| (code.as_str(), name.as_str())).collect();
    let rows = (0..5).map(|n| {
        let cells: Vec<Cell> =
            (0..20).map(|m| if (n + m) % 7 == 3 { Cell::Held } else { Cell::Count(n * 100 + m * 5) }).collect();
        row(&format!("type_{n}"), &format!("Accommodation type {n}"), &cells)
    });
    sheet("types", "Referrals by type of accommodation and month", "Type", &columns, rows.collect())
}

fn nothing_recorded() -> Sheet {
    Sheet {
        says: vec!["Nothing of this kind was recorded in the period.".to_owned()],
        chart: Some(Drawn::Columns { columns: vec![0] }),
        ..sheet("asked_to_leave", "Asked to leave", "Reason", &[("stays", "Stays")], Vec::new())
    }
}

fn kinds() -> Sheet {
    Sheet {
        says: vec!["Every kind of cell stands here once.".to_owned()],
        caveats: vec!["This table is there to show how each kind of nothing looks.".to_owned()],
        ..of_cells(&EACH_NOTHING)
    }
}
