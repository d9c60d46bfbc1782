//! What somebody asks a report for, and the link that asks for the same again.

use chrono::{Datelike, Days, Months, NaiveDate};
use form_urlencoded::Serializer;

use super::figures::BREAKDOWNS;
use crate::actions;
use crate::actions::reports::Ask;
use crate::api::reports::LONGEST;
use crate::auth::Actor;
use crate::domain::measures::{Access, Dimension, before};
use crate::domain::permission::Role;
use crate::error::AppError;
use crate::web::form::{Posted, Wrong};
use crate::web::words;

/// A time that reports are often about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    ThisMonth,
    LastMonth,
    ThisQuarter,
    LastQuarter,
    Last90Days,
    ThisYear,
    LastYear,
    Dates,
}

impl Choice {
    pub const ALL: [Self; 8] = [
        Self::ThisMonth,
        Self::LastMonth,
        Self::ThisQuarter,
        Self::LastQuarter,
        Self::Last90Days,
        Self::ThisYear,
        Self::LastYear,
        Self::Dates,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::ThisMonth => "this-month",
            Self::LastMonth => "last-month",
            Self::ThisQuarter => "this-quarter",
            Self::LastQuarter => "last-quarter",
            Self::Last90Days => "last-90-days",
            Self::ThisYear => "this-year",
            Self::LastYear => "last-year",
            Self::Dates => "dates",
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            Self::ThisMonth => "This month",
            Self::LastMonth => "Last month",
            Self::ThisQuarter => "This quarter",
            Self::LastQuarter => "Last quarter",
            Self::Last90Days => "Last 90 days",
            Self::ThisYear => "This financial year",
            Self::LastYear => "Last financial year",
            Self::Dates => "Other days",
        }
    }

    /// Its first and its last day. What is not over yet lasts until today.
    fn days(self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let month = today.with_day(1).unwrap_or(today);
        let earlier = |first: NaiveDate, months| first.checked_sub_months(Months::new(months)).unwrap_or(first);
        let quarter = earlier(month, (today.month() - 1) % 3);
        let year = earlier(month, (today.month() + 8) % 12); // since April
        let before = |first: NaiveDate| first.pred_opt().unwrap_or(first);
        match self {
            Self::ThisMonth => (month, today),
            Self::LastMonth => (earlier(month, 1), before(month)),
            Self::ThisQuarter => (quarter, today),
            Self::LastQuarter => (earlier(quarter, 3), before(quarter)),
            Self::Last90Days => (today.checked_sub_days(Days::new(89)).unwrap_or(today), today),
            Self::ThisYear | Self::Dates => (year, today),
            Self::LastYear => (earlier(year, 12), before(year)),
        }
    }
}

/// The time that a report is about.
#[derive(Debug, Clone)]
pub struct Time {
    pub choice: Choice,
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    today: NaiveDate,
}

impl Time {
    /// The time that a query names, as far as it can be understood, and what is wrong with the rest.
    pub fn of(query: &Posted, usual: Choice, today: NaiveDate) -> (Self, Result<(), AppError>) {
        let word = query.get("period");
        let choice = Choice::ALL.into_iter().find(|choice| choice.word() == word).unwrap_or(usual);
        let (from, to) = choice.days(today);
        let time = Self { choice, from, to, today };
        if choice != Choice::Dates {
            return (time, Ok(()));
        }
        match dates(query) {
            Ok((from, to)) => (Self { from, to, ..time }, Ok(())),
            Err(error) => (time.during(usual), Err(error)),
        }
    }

    #[must_use]
    pub fn during(&self, choice: Choice) -> Self {
        let (from, to) = choice.days(self.today);
        Self { choice, from, to, today: self.today }
    }

    /// Adds it to a link.
    pub fn ask(&self, query: &mut Serializer<'_, String>) {
        query.append_pair("period", self.choice.word());
        if self.choice == Choice::Dates {
            for (name, day) in [("from", self.from), ("to", self.to)] {
                query.append_pair(&format!("{name}-day"), &day.day().to_string());
                query.append_pair(&format!("{name}-month"), &day.month().to_string());
                query.append_pair(&format!("{name}-year"), &day.year().to_string());
            }
        }
    }

    /// The days before it, with which it is compared.
    pub fn days_before(&self) -> Option<String> {
        let (from, to) = before(self.from, self.to)?;
        Some(format!("{} to {}", words::day(from), words::day(to)))
    }

    /// "1 April 2026 to 24 November 2026".
    pub fn days(&self) -> String {
        format!("{} to {}", words::day(self.from), words::day(self.to))
    }
}

/// Whether somebody wants to see the period before, too.
pub fn compares(query: &Posted) -> bool {
    query.get("compare") == "before"
}

/// Whether somebody looks at what came to her services, and not at her own cases.
pub fn provides(query: &Posted, actor: &Actor) -> bool {
    if manages_both(actor) { query.get("as") != "referrer" } else { actor.has(Role::RefugeManager) }
}

/// By what the records of a financial year are asked for.
pub const YEAR: &str = "year";

/// What the denied-access page is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub time: Time,
    /// Whether it is about referrals to one's services, and not about one's own cases.
    pub provides: bool,
    pub by: Dimension,
    /// Only those that were denied for this primary reason.
    pub reason: Option<String>,
    /// Beside the period before.
    pub compare: bool,
}

/// Whether somebody may look from either side.
pub fn manages_both(actor: &Actor) -> bool {
    actor.has(Role::RefugeManager) && actor.has(Role::HelplineManager)
}

impl Asked {
    /// What is asked for, as far as it can be understood, and what is wrong with the rest.
    pub fn of(query: &Posted, actor: &Actor, today: NaiveDate) -> (Self, Result<(), AppError>) {
        let provides = provides(query, actor);
        let by = query.get("by").parse().ok().filter(|by| BREAKDOWNS.iter().any(|(known, _)| known == by));
        let usual = if provides { Dimension::Service } else { Dimension::Area };
        let (time, understood) = Time::of(query, Choice::ThisYear, today);
        let (by, reason, compare) = (by.unwrap_or(usual), query.some("reason"), compares(query));
        (Self { time, provides, by, reason, compare }, understood)
    }

    #[must_use]
    pub fn during(&self, choice: Choice) -> Self {
        Self { time: self.time.during(choice), ..self.clone() }
    }

    /// Everything on the page can be added up from the cells of this question.
    ///
    /// # Errors
    /// When the actor has no such side.
    pub fn ask(&self, actor: &Actor) -> Result<Ask, AppError> {
        let side = if self.provides { "provider" } else { "referrer" };
        let perspective = actions::reports::perspective(actor, Some(side))?;
        let by = vec![Dimension::Reason, Dimension::Month, self.by];
        Ok(Ask { from: self.time.from, to: self.time.to, by, perspective })
    }

    pub fn side(&self) -> &'static str {
        if self.provides { "provider" } else { "referrer" }
    }

    pub fn link(&self) -> String {
        let path = "/reports/denied-access?";
        let mut query = Serializer::for_suffix(path.to_owned(), path.len());
        self.time.ask(&mut query);
        query.append_pair("as", self.side()).append_pair("by", self.by.as_str());
        if let Some(reason) = &self.reason {
            query.append_pair("reason", reason);
        }
        if self.compare {
            query.append_pair("compare", "before");
        }
        query.finish()
    }

    /// The records behind a number: what is counted, what became of it, and the values of its cell. Codes and ids alone, for
    /// an address is kept. (S27)
    pub fn records(&self, counted: &str, access: Option<Access>, of: &[(&str, &str)]) -> String {
        let path = "/reports/denied-access/records?";
        let link = self.link().replacen("/reports/denied-access?", path, 1);
        let mut query = Serializer::for_suffix(link, path.len());
        query.append_pair("counted", counted);
        if let Some(access) = access {
            query.append_pair("outcome", access.as_str());
        }
        query.extend_pairs(of);
        query.finish()
    }

    /// Each month as the report writes it, "2026-11", also those in which nothing happened.
    pub fn months(&self) -> Vec<(i32, u32)> {
        let mut months = Vec::new();
        let Time { from, to, .. } = self.time;
        let mut month = (from.year(), from.month());
        while month <= (to.year(), to.month()) {
            months.push(month);
            month = if month.1 == 12 { (month.0 + 1, 1) } else { (month.0, month.1 + 1) };
        }
        months
    }
}

fn dates(query: &Posted) -> Result<(NaiveDate, NaiveDate), AppError> {
    let mut wrong = Wrong::default();
    let mut day = |name: &str, message: &str| -> Result<Option<NaiveDate>, AppError> {
        let day = wrong.take(query.date(name))?;
        if day == Some(None) {
            wrong.note(name, message);
        }
        Ok(day.flatten())
    };
    let from = day("from", "Enter the first day")?;
    let to = day("to", "Enter the last day")?;
    if let (Some(from), Some(to)) = (from, to) {
        if to < from {
            wrong.note("to", "The last day is before the first day");
        } else if (to - from).num_days() > LONGEST {
            wrong.note("to", "Choose at most ten years");
        }
    }
    wrong.check()?;
    from.zip(to).ok_or_else(|| AppError::internal("days that are not there were not noticed"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[rstest]
    #[case(Choice::ThisMonth, (2026, 11, 1), (2026, 11, 24))]
    #[case(Choice::LastMonth, (2026, 10, 1), (2026, 10, 31))]
    #[case(Choice::ThisQuarter, (2026, 10, 1), (2026, 11, 24))]
    #[case(Choice::LastQuarter, (2026, 7, 1), (2026, 9, 30))]
    #[case(Choice::Last90Days, (2026, 8, 27), (2026, 11, 24))]
    #[case(Choice::ThisYear, (2026, 4, 1), (2026, 11, 24))]
    #[case(Choice::LastYear, (2025, 4, 1), (2026, 3, 31))]
    fn a_choice_is_a_time(#[case] choice: Choice, #[case] from: (i32, u32, u32), #[case] to: (i32, u32, u32)) {
        let expected = (day(from.0, from.1, from.2), day(to.0, to.1, to.2));
        assert_eq!(choice.days(day(2026, 11, 24)), expected);
    }

    #[rstest]
    #[case((2026, 3, 31), (2025, 4, 1))]
    #[case((2026, 4, 1), (2026, 4, 1))]
    #[case((2027, 1, 15), (2026, 4, 1))]
    fn a_financial_year_begins_in_april(#[case] today: (i32, u32, u32), #[case] first: (i32, u32, u32)) {
        let (from, _) = Choice::ThisYear.days(day(today.0, today.1, today.2));
        assert_eq!(from, day(first.0, first.1, first.2));
    }
}
