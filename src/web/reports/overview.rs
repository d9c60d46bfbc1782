//! The dashboard of a manager: the figures that matter most, next to those of the time before, each leading to its report.

use actix_web::{HttpRequest, get};
use askama::Template;
use form_urlencoded::Serializer;

use super::Link;
use super::figures::Labels;
use super::period::{Asked as Denied, Choice, Time, manages_both, provides};
use super::section::{Figure, Row, Section, Table};
use crate::actions;
use crate::actions::reports::measures::{Ask, all};
use crate::actions::reports::own::{first, of};
use crate::auth::Actor;
use crate::db;
use crate::domain::measures::{Code, Measure, Period, percent};
use crate::error::AppError;
use crate::reports::figures::{compared, hundredths, sentence, value};
use crate::web::Answer;
use crate::web::chart::{self, Bar, Series};
use crate::web::form::{Form, Posted};
use crate::web::page::Page;

/// What the page is asked for.
#[derive(Debug, Clone)]
struct Asked {
    time: Time,
    provides: bool,
}

impl Asked {
    fn ask(&self, actor: &Actor) -> Result<Ask, AppError> {
        let perspective = actions::reports::perspective(actor, Some(self.side()))?;
        Ok(Ask { from: self.time.from, to: self.time.to, perspective })
    }

    fn side(&self) -> &'static str {
        if self.provides { "provider" } else { "referrer" }
    }

    fn link(&self) -> String {
        self.link_to("/reports/overview")
    }

    /// Another report about the same time.
    fn link_to(&self, path: &str) -> String {
        let path = format!("{path}?");
        let length = path.len();
        let mut query = Serializer::for_suffix(path, length);
        self.time.ask(&mut query);
        query.append_pair("as", self.side());
        query.finish()
    }

    /// The report that says more of a measure.
    fn report(&self, code: Code) -> String {
        match code {
            Code::DeniedRate | Code::HouseholdsUnable => self.link_to("/reports/denied-access"),
            _ => format!("{}#{}", self.link_to("/reports/measures"), code.definition().theme.as_str()),
        }
    }
}

/// A figure that matters.
struct Key {
    title: &'static str,
    value: String,
    /// How it stands to the time before.
    than: String,
    href: String,
}

#[derive(Template)]
#[template(path = "reports/overview.html")]
struct Overview<'a> {
    page: &'a Page,
    form: Form,
    asked: Asked,
    sides: Vec<Link>,
    periods: Vec<Link>,
    before: String,
    keys: Vec<Key>,
    /// Each with where it leads.
    figures: Vec<(Figure, String)>,
}

fn asked(page: &Page, request: &HttpRequest) -> (Asked, Form, Posted) {
    let query = Posted::new(request.path(), request.query_string().to_owned());
    let form = Form::of(&query);
    let (time, understood) = Time::of(&query, Choice::Last90Days, page.now.date());
    let asked = Asked { time, provides: provides(&query, &page.actor) };
    if let Err(AppError::Invalid(fields)) = understood {
        return (asked, form.wrong(fields), query);
    }
    let form = form.with_date("from", Some(asked.time.from)).with_date("to", Some(asked.time.to));
    (asked, form, query)
}

/// What is known of the time, and of the time before.
struct Both {
    now: Vec<Measure>,
    before: Vec<Measure>,
}

#[get("/reports/overview")]
pub(super) async fn show(page: Page, request: HttpRequest) -> Answer {
    let (asked, form, query) = asked(&page, &request);
    let (ask, actor) = (asked.ask(&page.actor)?, page.actor.clone());
    let denied = Denied { time: asked.time.clone(), reason: None, ..Denied::of(&query, &actor, page.now.date()).0 };
    let denied_ask = denied.ask(&actor)?;
    let period = Period { from: ask.from, to: ask.to, now: page.now };
    let earlier = period.before();
    let read = move |conn: &mut db::Conn| {
        let now = all(conn, &actor, &ask, period)?;
        let before = earlier.map(|earlier| all(conn, &actor, &ask, earlier)).transpose()?.unwrap_or_default();
        let denied = actions::reports::denied_access(conn, &actor, &denied_ask)?;
        Ok((Both { now, before }, denied, db::reference::codes(conn, None)?, db::reference::areas(conn)?))
    };
    let (both, report, codes, areas) = page.app.db.read(&page.actor, read).await?;
    let labels = Labels::new(&codes, &areas);
    let section =
        Section::referrals("referrals", &report.per_referral, &report.referral_secondary_reasons, &denied, &labels);
    let there = asked.link_to("/reports/denied-access");
    let told =
        section.figures.into_iter().filter(|figure| figure.id.ends_with("-months") || figure.id.ends_with("-reasons"));
    let mut figures: Vec<(Figure, String)> =
        told.map(|figure| (Figure { closer: Vec::new(), ..figure }, there.clone())).collect();
    figures.extend(both.figures(&asked));
    let link = |text, changed: Asked, chosen| Link { text, href: changed.link(), chosen };
    let sides = if manages_both(&page.actor) {
        let side = |text, provides| link(text, Asked { provides, ..asked.clone() }, asked.provides == provides);
        vec![side("Our services", true), side("Our own households", false)]
    } else {
        Vec::new()
    };
    let periods = Choice::ALL.iter().filter(|choice| **choice != Choice::Dates).map(|choice| {
        let time = asked.time.during(*choice);
        link(choice.text(), Asked { time, ..asked.clone() }, *choice == asked.time.choice)
    });
    let days =
        |period: Period| format!("{} to {}", crate::web::words::day(period.from), crate::web::words::day(period.to));
    let template = Overview {
        page: &page,
        sides,
        periods: periods.collect(),
        before: earlier.map_or_else(String::new, days),
        keys: both.keys(&asked),
        figures,
        asked,
        form: form.clone(),
    };
    page.show_form(&form, &template)
}

impl Both {
    fn keys(&self, asked: &Asked) -> Vec<Key> {
        let side = if asked.provides {
            crate::domain::measures::Side::Provider
        } else {
            crate::domain::measures::Side::Referrer
        };
        let key = |code: &Code| {
            let measure = of(&self.now, *code)?;
            let than =
                of(&self.before, *code).and_then(|before| compared(measure.kind, &measure.figure, &before.figure));
            Some(Key {
                title: code.definition().title,
                value: value(measure.kind, &measure.figure),
                than: than.unwrap_or_else(|| "nothing to compare with".to_owned()),
                href: asked.report(*code),
            })
        };
        first(side).iter().filter_map(key).collect()
    }

    fn figures(&self, asked: &Asked) -> Vec<(Figure, String)> {
        let mut figures = Vec::new();
        let response = [Code::ResponseMedian, Code::ResponseNinetieth];
        figures.push(self.beside("response", "How soon referrals are answered", &response));
        if asked.provides {
            figures.push(self.days());
        } else {
            let waiting = [Code::WaitingList, Code::WaitingListLeast, Code::WaitingListMean, Code::WaitingListMost];
            figures.push(self.beside("waiting", "How many households wait", &waiting));
        }
        let stays = [Code::LengthOfStayMedian, Code::LengthOfStayMean];
        figures.push(self.beside("stays", "How long households stayed", &stays));
        let theme = ["referrals", if asked.provides { "homes" } else { "waiting" }, "stays"];
        let there = |theme| format!("{}#{theme}", asked.link_to("/reports/measures"));
        figures.into_iter().zip(theme).filter_map(|(figure, theme)| Some((figure?, there(theme)))).collect()
    }

    /// Some measures of one kind, each next to that of the time before; none when there is nothing to draw.
    fn beside(&self, id: &str, heading: &str, codes: &[Code]) -> Option<Figure> {
        let (mut bars, mut rows) = (Vec::new(), Vec::new());
        for code in codes {
            let measure = of(&self.now, *code)?;
            let before = of(&self.before, *code);
            let title = code.definition().title;
            let told = before.map_or_else(|| "–".to_owned(), |before| value(measure.kind, &before.figure));
            let bar = |name: String, figure: Option<f64>, text: &str, together| {
                figure.map(|number| Bar { name, value: hundredths(number), text: text.to_owned(), together })
            };
            let now = value(measure.kind, &measure.figure);
            bars.extend(bar(title.to_owned(), measure.figure.value, &now, false));
            let earlier = before.and_then(|before| before.figure.value);
            bars.extend(bar(format!("{title}: the time before"), earlier, &told, true));
            rows.push(Row { name: title.to_owned(), href: None, cells: vec![now.into(), told.into()] });
        }
        if bars.is_empty() {
            return None;
        }
        let one = codes.first().and_then(|code| sentence(of(&self.now, *code)?, of(&self.before, *code)));
        let says = one.unwrap_or_else(|| "There is nothing to tell of this time.".to_owned());
        Some(figure(id, heading, &says, rows, |id| chart::bars(id, heading, &says, &bars)))
    }

    /// What the days of homes went on.
    fn days(&self) -> Option<Figure> {
        let heading = "What homes were used for";
        let parts: [(&str, &[Code]); 3] = [
            ("Taken", &[Code::UnitDaysPlaced]),
            ("Held or free", &[Code::UnitDaysHeld, Code::UnitDaysFree]),
            ("Out of use", &[Code::UnitDaysVoid]),
        ];
        let seconds = |measured: &[Measure], codes: &[Code]| -> u64 {
            codes.iter().filter_map(|code| of(measured, *code)?.figure.numerator).sum()
        };
        let all = [&self.now, &self.before].map(|measured| seconds(measured, &[Code::UnitDaysOnline]));
        if all[0] == 0 {
            return None;
        }
        let whole_days = |seconds: u64| (seconds + 43_200) / 86_400;
        let (mut series, mut rows) = (Vec::new(), Vec::new());
        for (name, codes) in parts {
            let both = [&self.now, &self.before].map(|measured| seconds(measured, codes));
            series.push(Series { name: name.to_owned(), values: both.map(whole_days).to_vec() });
            let share = |n: usize| percent(both[n], all[n]).map_or("–".to_owned(), |share| format!("{share}%"));
            rows.push(Row { name: name.to_owned(), href: None, cells: vec![share(0).into(), share(1).into()] });
        }
        let says = sentence(of(&self.now, Code::Utilisation)?, of(&self.before, Code::Utilisation))?;
        let says = format!("{says} The picture shows days of homes.");
        let names = ["This time", "The time before"].map(str::to_owned);
        Some(figure("homes", heading, &says, rows, |id| chart::divided(id, heading, &says, &names, &series)))
    }
}

fn figure(id: &str, heading: &str, says: &str, rows: Vec<Row>, drawn: impl FnOnce(&str) -> chart::Chart) -> Figure {
    let head = ["Measure", "This time", "The time before"].map(str::to_owned).to_vec();
    Figure {
        id: id.to_owned(),
        heading: heading.to_owned(),
        says: says.to_owned(),
        chart: drawn(&format!("{id}-chart")),
        table: Table { caption: heading.to_owned(), head, rows, sum: Vec::new() },
        closer: Vec::new(),
    }
}
