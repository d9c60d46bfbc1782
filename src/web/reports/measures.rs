//! All measures of one's own organisation, as tables by what they are about.

use actix_web::{HttpRequest, get};
use askama::Template;
use form_urlencoded::Serializer;

use super::Link;
use super::period::{Choice, Time, compares, manages_both, provides};
use super::records::words_of;
use crate::actions;
use crate::actions::reports::measures::{Ask, Choice as Chosen};
use crate::api::reports::file;
use crate::auth::Actor;
use crate::db;
use crate::domain::measures::catalogue::Unit;
use crate::domain::measures::figure::thousands;
use crate::domain::measures::records::{Part as Of, chosen_by, kind_from};
use crate::domain::measures::target::Target;
use crate::domain::measures::{self, Breakdown, ChangeUnit, Figure, FigureBefore, Kind, Measure, Period, Side, Theme};
use crate::error::AppError;
use crate::reports;
use crate::reports::figures::value;
use crate::reports::names::{Names, by, heading};
use crate::web::Answer;
use crate::web::form::{Form, Posted};
use crate::web::page::Page;
use crate::web::targets::told as told_target;

/// What the page is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    time: Time,
    provides: bool,
    /// Only what is measured of this.
    theme: Option<Theme>,
    compare: bool,
}

impl Asked {
    pub fn ask(&self, actor: &Actor) -> Result<Ask, AppError> {
        let perspective = actions::reports::perspective(actor, Some(self.side()))?;
        Ok(Ask { from: self.time.from, to: self.time.to, perspective })
    }

    fn choice(&self) -> Chosen {
        Chosen { theme: self.theme, compare: self.compare }
    }

    fn side(&self) -> &'static str {
        side(self.provides).as_str()
    }

    pub fn days(&self) -> String {
        self.time.days()
    }

    /// The records behind a measure, or behind a row of it. Codes and ids alone, for an address is kept. (S27)
    fn records(&self, code: measures::Code, part: Of, row: Option<(&str, Option<&str>)>) -> String {
        let path = format!("/reports/measures/{}/records?", code.as_str());
        let start = path.len();
        let mut query = Serializer::for_suffix(path, start);
        self.time.ask(&mut query);
        query.append_pair("as", self.side());
        if part == Of::Denominator {
            query.append_pair("part", part.as_str());
        }
        if let Some((by, of)) = row {
            query.append_pair("by", by);
            of.map(|of| query.append_pair("of", of));
        }
        query.finish()
    }

    pub fn link(&self) -> String {
        let path = "/reports/measures?";
        let mut query = Serializer::for_suffix(path.to_owned(), path.len());
        self.time.ask(&mut query);
        query.append_pair("as", self.side());
        if let Some(theme) = self.theme {
            query.append_pair("theme", theme.as_str());
        }
        if self.compare {
            query.append_pair("compare", "before");
        }
        query.finish()
    }
}

pub fn asked(page: &Page, request: &HttpRequest) -> (Asked, Form) {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let form = Form::of(&query);
    let (time, understood) = Time::of(&query, Choice::ThisYear, page.now.date());
    let provides = provides(&query, &page.actor);
    let theme = query.get("theme").parse().ok().filter(|theme| has(*theme, provides));
    let asked = Asked { time, provides, theme, compare: compares(&query) };
    if let Err(AppError::Invalid(fields)) = understood {
        return (asked, form.wrong(fields));
    }
    let form = form.with_date("from", Some(asked.time.from)).with_date("to", Some(asked.time.to));
    (asked, form)
}

/// Whether a side has measures of a theme.
fn has(theme: Theme, provides: bool) -> bool {
    let mut definitions = measures::Code::ALL.iter().map(|code| code.definition());
    definitions.any(|definition| definition.theme == theme && definition.sides.contains(&side(provides)))
}

fn side(provides: bool) -> Side {
    if provides { Side::Provider } else { Side::Referrer }
}

/// What the measures of one theme say.
struct Part {
    id: &'static str,
    heading: &'static str,
    measures: Vec<Told>,
}

impl Part {
    /// Whether there is more to say than the figures.
    fn more(&self) -> bool {
        self.measures.iter().any(Told::more)
    }
}

impl Told {
    fn more(&self) -> bool {
        !self.tables.is_empty() || !self.caveats.is_empty()
    }
}

/// A measure in words.
struct Told {
    code: &'static str,
    /// To the records behind it.
    records: Records,
    /// What these are.
    see: &'static str,
    title: &'static str,
    value: String,
    /// What it was in the period before, and how much has changed.
    before: Option<(String, String)>,
    /// "Target: at most 120 minutes: met".
    target: Option<String>,
    /// What it was worked out from, and what is not known.
    beside: Vec<String>,
    counts: &'static str,
    caveats: &'static [&'static str],
    tables: Vec<Table>,
}

/// Where the records of a figure are: of a share those of its part and those of its whole. Nothing has none.
struct Records {
    part: Option<String>,
    whole: Option<String>,
}

/// A measure broken down.
struct Table {
    caption: String,
    by: String,
    rows: Vec<Line>,
}

/// A value, and what it was worked out from.
struct Line {
    name: String,
    value: String,
    of: String,
    records: Records,
}

#[derive(Template)]
#[template(path = "reports/measures.html")]
struct Measures<'a> {
    page: &'a Page,
    form: Form,
    asked: Asked,
    sides: Vec<Link>,
    periods: Vec<Link>,
    themes: Vec<Link>,
    comparisons: Vec<Link>,
    parts: Vec<Part>,
    file: String,
}

#[get("/reports/measures")]
pub async fn show(page: Page, request: HttpRequest) -> Answer {
    let (asked, form) = asked(&page, &request);
    let (ask, choice, actor) = (asked.ask(&page.actor)?, asked.choice(), page.actor.clone());
    let period = Period { from: ask.from, to: ask.to, now: page.now };
    let read = move |conn: &mut db::Conn| {
        let measures = actions::reports::measures::chosen(conn, &actor, &ask, period, choice)?;
        Ok((measures, db::reference::codes(conn, None)?, db::reference::areas(conn)?))
    };
    let (measures, codes, areas) = page.app.db.read(&page.actor, read).await?;
    let link = |text, changed: Asked, chosen| Link { text, href: changed.link(), chosen };
    let sides = if manages_both(&page.actor) {
        let theme = |provides| asked.theme.filter(|theme| has(*theme, provides));
        let side = |text, provides| {
            link(text, Asked { provides, theme: theme(provides), ..asked.clone() }, asked.provides == provides)
        };
        vec![side("Our services", true), side("Our own households", false)]
    } else {
        Vec::new()
    };
    let periods = Choice::ALL.iter().filter(|choice| **choice != Choice::Dates).map(|choice| {
        let time = asked.time.during(*choice);
        link(choice.text(), Asked { time, ..asked.clone() }, *choice == asked.time.choice)
    });
    let theirs = Theme::ALL.iter().copied().filter(|theme| has(*theme, asked.provides));
    let themes = [("Everything", None)].into_iter().chain(theirs.map(|theme| (heading(theme), Some(theme))));
    let themes = themes.map(|(text, theme)| link(text, Asked { theme, ..asked.clone() }, asked.theme == theme));
    let comparison = |(text, compare)| link(text, Asked { compare, ..asked.clone() }, asked.compare == compare);
    let template = Measures {
        page: &page,
        sides,
        periods: periods.collect(),
        themes: themes.collect(),
        comparisons: COMPARISONS.map(comparison).to_vec(),
        parts: parts(&measures, &Names::new(&codes, &areas), &asked),
        file: asked.link().replacen("/measures?", "/measures.csv?", 1),
        asked,
        form: form.clone(),
    };
    page.show_form(&form, &template)
}

/// Whether figures stand beside those of the period before.
pub const COMPARISONS: [(&str, bool); 2] = [("Alone", false), ("With the time before", true)];

fn parts(measures: &[Measure], names: &Names, asked: &Asked) -> Vec<Part> {
    let of = |theme: Theme| {
        let theirs = measures.iter().filter(move |measure| measure.code.definition().theme == theme);
        theirs.map(|measure| told(measure, names, asked)).collect::<Vec<_>>()
    };
    let parts =
        Theme::ALL.iter().map(|theme| Part { id: theme.as_str(), heading: heading(*theme), measures: of(*theme) });
    parts.filter(|part| !part.measures.is_empty()).collect()
}

fn told(measure: &Measure, names: &Names, asked: &Asked) -> Told {
    let definition = measure.code.definition();
    let mut beside: Vec<String> = parts_of(measure, &measure.figure).into_iter().collect();
    beside.extend(measure.unknown.filter(|number| *number > 0).map(|number| format!("Not known of {number}")));
    beside.extend(measure.note.as_ref().map(|note| names.in_words(note)));
    let table = |breakdown: &Breakdown| Table {
        caption: format!("{}, by {}", definition.title, by(&breakdown.by).to_lowercase()),
        by: by(&breakdown.by),
        rows: breakdown
            .rows
            .iter()
            .map(|row| Line {
                name: names.name(&breakdown.by, row.of.as_deref()),
                value: value(measure.kind, &row.figure),
                of: parts_of(measure, &row.figure).unwrap_or_default(),
                records: records(
                    measure,
                    &row.figure,
                    Some((&breakdown.by, row.key.as_ref().or(row.of.as_ref()))),
                    asked,
                ),
            })
            .collect(),
    };
    Told {
        code: measure.code.as_str(),
        records: records(measure, &measure.figure, None, asked),
        see: words_of(kind_from(measure.code, side(asked.provides))).1,
        title: definition.title,
        value: value(measure.kind, &measure.figure),
        before: measure.before.map(|before| (value(measure.kind, &before.figure), changed(&before))),
        target: measure.target.map(|target| wanted(measure.kind, target)),
        beside,
        counts: definition.counts,
        caveats: definition.caveats,
        tables: measure.breakdowns.iter().filter(|breakdown| !breakdown.rows.is_empty()).map(table).collect(),
    }
}

/// Where the records of a figure are, as far as they may be chosen like that.
fn records(measure: &Measure, figure: &Figure, row: Option<(&String, Option<&String>)>, asked: &Asked) -> Records {
    let chosen = row.is_none_or(|(by, _)| chosen_by(by, side(asked.provides)));
    let row = row.map(|(by, of)| (by.as_str(), of.map(String::as_str)));
    let link = |part, there: bool| (chosen && there).then(|| asked.records(measure.code, part, row));
    let number = figure.numerator.or(figure.denominator);
    let part = number.map_or_else(|| figure.value.is_some_and(|value| value > 0.0), |number| number > 0);
    let whole = measure.kind == Kind::Percent && figure.denominator.is_some_and(|number| number > 0);
    Records { part: link(Of::Numerator, part), whole: link(Of::Denominator, whole) }
}

/// "Target: at most 120 minutes: met".
fn wanted(kind: Kind, target: Target) -> String {
    let wanted = told_target(kind, target.better, target.value).to_lowercase();
    match target.met {
        Some(true) => format!("Target: {wanted}: met"),
        Some(false) => format!("Target: {wanted}: not met"),
        None => format!("Target: {wanted}"),
    }
}

/// "Up 12.5%", "Down 2.1 points", "No change"; nothing where that cannot be said.
fn changed(before: &FigureBefore) -> String {
    let Some(change) = before.change else { return String::new() };
    let how = if change > 0.0 { "Up" } else { "Down" };
    let size = change.abs();
    match before.change_in {
        _ if change == 0.0 => "No change".to_owned(),
        ChangeUnit::Percent => format!("{how} {size}%"),
        ChangeUnit::Points => format!("{how} {size} points"),
        ChangeUnit::Days => format!("{how} {size} days"),
        ChangeUnit::Minutes => format!("{how} {size} minutes"),
        ChangeUnit::Per10000 => format!("{how} {size}"),
    }
}

/// What a figure was worked out from: "5 of 15".
fn parts_of(measure: &Measure, figure: &Figure) -> Option<String> {
    let in_days = |seconds: u64| Figure::days(seconds).value.map_or_else(String::new, |days| days.to_string());
    match (figure.numerator, figure.denominator) {
        (Some(part), Some(whole)) => Some(match (measure.kind, measure.code.definition().unit) {
            (Kind::Percent, Unit::UnitDay) => format!("{} of {} days", in_days(part), in_days(whole)),
            (Kind::Percent, _) => format!("{} of {}", thousands(part), thousands(whole)),
            (Kind::Per10000, _) => format!("{} for {} people", thousands(part), thousands(whole)),
            (Kind::Days | Kind::Minutes, _) => format!("Of {whole}"),
            (Kind::Count | Kind::Money, _) => return None,
        }),
        (None, Some(number)) => Some(format!("Of {number}")),
        _ => None,
    }
}

/// The figures as a file. That it was taken out is recorded.
#[get("/reports/measures.csv")]
pub async fn csv(page: Page, request: HttpRequest) -> Answer {
    let (asked, _) = asked(&page, &request);
    let (ask, choice) = (asked.ask(&page.actor)?, asked.choice());
    let exported = ask.clone();
    let export = move |tx: &mut db::Tx| actions::reports::measures::export(tx, &exported, choice);
    let measures = page.app.db.write(&page.actor, export).await?;
    Ok(file("measures", ask.from, ask.to, reports::measures_csv(&ask, &measures)?))
}
