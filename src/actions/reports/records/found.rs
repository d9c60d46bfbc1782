//! Each record of a measure, what it adds to the figure, and when it came to count.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::super::measures::{Records, each_case, each_home, earlier, populations};
use super::{Of, Perspective, unknown_breakdown};
use crate::clock::At;
use crate::db::Conn;
use crate::db::reports::records::sent_with_secondary_reasons;
use crate::db::reports::{each_needs, measures as rows};
use crate::domain::household::Needs;
use crate::domain::measures::homes::{self, Home, Void};
use crate::domain::measures::people::{self, Composition, answers};
use crate::domain::measures::records::{Kind, Part, asked, kept_back, kind};
use crate::domain::measures::referrals::{self, Earlier};
use crate::domain::measures::stays::Stay;
use crate::domain::measures::{Code, Period, Theme, sanctuary, stays, waiting};
use crate::domain::sanctuary::State;
use crate::error::AppError;
use crate::ids::{CaseId, OccupancyId};

pub(super) struct Found {
    pub(super) id: Uuid,
    pub(super) at: At,
    /// One, unless its measure says otherwise.
    pub(super) amount: u64,
}

/// What is looked for, and where. Services are chosen by their names here.
pub(super) struct Search<'a> {
    pub(super) of: &'a Records<'a>,
    pub(super) period: Period,
    pub(super) wanted: &'a Of,
}

impl Search<'_> {
    /// The records, and the one moment at which they were counted, if there is one.
    pub(super) fn found(&self, conn: &mut Conn) -> Result<(Vec<Found>, Option<At>), AppError> {
        let (code, theme) = (self.wanted.code, self.wanted.code.definition().theme);
        let found = match kind(code) {
            Kind::Referral if code == Code::SecondaryReasons => self.secondary_reasons(conn),
            Kind::Referral => self.referrals(conn),
            Kind::Stay if code == Code::TurnaroundMedian => self.turnarounds(conn),
            Kind::Stay => self.stays(conn),
            Kind::Unit => self.homes(conn),
            Kind::Vacancy => self.vacancies(conn),
            Kind::SanctuaryJob => self.jobs(conn),
            Kind::Case if theme == Theme::Completeness && self.referrer() => self.opened(conn),
            Kind::Case if matches!(theme, Theme::People | Theme::Completeness) => self.housed(conn),
            Kind::Case => return self.cases(conn),
        };
        Ok((found?, None))
    }

    fn referrer(&self) -> bool {
        matches!(self.of.ask.perspective, Perspective::Referrer(_))
    }

    /// The breakdown that is asked for, and the value in it.
    fn by(&self) -> Option<(&str, Option<&str>)> {
        self.wanted.by.as_ref().map(|(by, of)| (by.as_str(), of.as_deref()))
    }

    /// Whether a record has the value that is asked for. `value` gives none for what such records are not broken down by.
    fn has(&self, value: impl Fn(&str) -> Option<Option<String>>) -> Result<bool, AppError> {
        match self.by() {
            None => Ok(true),
            Some((by, of)) => value(by).map(|value| value.as_deref() == of).ok_or_else(unknown_breakdown),
        }
    }

    fn whole_only(&self) -> Result<(), AppError> {
        if self.wanted.by.is_some() { Err(unknown_breakdown()) } else { Ok(()) }
    }

    fn referrals(&self, conn: &mut Conn) -> Result<Vec<Found>, AppError> {
        let Self { of, period, wanted } = *self;
        let (before, people) = earlier(conn, of.known, of.ask, of.reader, period)?;
        let earlier = Earlier::new(&before, &people);
        let mut found = Vec::new();
        for (id, one) in of.each_sent(conn, period)? {
            let counts = asked(wanted.part, referrals::counted(wanted.code, &one, &earlier));
            if counts && self.has(|by| referrals::value(by, &one))? {
                found.push(Found { id: id.0, at: one.sent_at, amount: referrals::amount(wanted.code, &one) });
            }
        }
        Ok(found)
    }

    /// The referrals with reasons beside the main one: each with how many of those that are asked for.
    fn secondary_reasons(&self, conn: &mut Conn) -> Result<Vec<Found>, AppError> {
        let Self { of, period, .. } = *self;
        let only = match self.by() {
            None => None,
            Some(("reason", of)) => Some(of),
            Some(_) => return Err(unknown_breakdown()),
        };
        let given = sent_with_secondary_reasons(conn, of.ask.perspective, of.reader, period.starts(), period.ends())?;
        let mut counts: BTreeMap<Uuid, u64> = BTreeMap::new();
        for (id, _) in given.into_iter().filter(|(_, reason)| only.is_none_or(|only| only == Some(reason))) {
            *counts.entry(id).or_default() += 1;
        }
        let sent = of.each_sent(conn, period)?.into_iter();
        Ok(sent
            .filter_map(|(id, one)| Some(Found { id: id.0, at: one.sent_at, amount: *counts.get(&id.0)? }))
            .collect())
    }

    /// The placement with which each stay began.
    fn legs(&self, conn: &mut Conn) -> Result<BTreeMap<(CaseId, At), OccupancyId>, AppError> {
        let rows = rows::legs(conn, self.of.ask.perspective, self.of.reader, self.period.ends())?;
        let legs = rows.into_iter().filter_map(|row| self.of.known.leg(row));
        Ok(legs.map(|leg| ((leg.household, leg.arrived_at), leg.id)).collect())
    }

    fn stays(&self, conn: &mut Conn) -> Result<Vec<Found>, AppError> {
        let Self { of, period, wanted } = *self;
        let (ids, mut found) = (self.legs(conn)?, Vec::new());
        for stay in of.stays(conn, period)? {
            let Some((at, in_part)) = stays::counted(wanted.code, &stay, period) else { continue };
            if asked(wanted.part, Some(in_part)) && self.has(|by| stays::value(by, &stay))? {
                let amount = stays::amount(wanted.code, &stay, period);
                let id = ids.get(&(stay.household, stay.arrived_at));
                found.extend(id.map(|id| Found { id: id.0, at, amount }));
            }
        }
        Ok(found)
    }

    /// The stays after whose end a home could take another household: each with how many seconds later.
    fn turnarounds(&self, conn: &mut Conn) -> Result<Vec<Found>, AppError> {
        self.whole_only()?;
        let homes = each_home(conn, self.of.known, self.of.actor, self.period)?;
        let all = homes.iter().flat_map(|(_, home)| homes::turnarounds(home, self.period));
        Ok(all.filter_map(|(stay, at, seconds)| Some(Found { id: stay.0, at, amount: seconds? })).collect())
    }

    fn homes(&self, conn: &mut Conn) -> Result<Vec<Found>, AppError> {
        let Self { of, period, wanted } = *self;
        let populations = if wanted.code == Code::PlacesPer10000 { populations(conn)? } else { Vec::new() };
        let why: Option<fn(&Void) -> &String> = match (self.by(), wanted.code) {
            (Some(("void_group", _)), Code::UnitDaysVoid | Code::VoidRate) => Some(|why| &why.group),
            (Some(("void_reason", _)), Code::UnitDaysVoid) => Some(|why| &why.reason),
            _ => None,
        };
        let is_asked = |void: Option<&Void>| {
            why.is_none_or(|why| self.by().is_some_and(|(_, of)| void.map(|void| why(void).as_str()) == of))
        };
        let value = |by: &str, home: &Home| match by {
            "service" => Some(Some(home.service.clone())),
            "area" => Some(Some(home.authority.clone())),
            _ => None,
        };
        let mut found = Vec::new();
        for (id, home) in each_home(conn, of.known, of.actor, period)? {
            let amount = match wanted.code {
                Code::UnitsOnline => homes::in_use(&home, period).then_some(1),
                Code::PlacesPer10000 => {
                    let known = homes::population(&populations, &home.authority, period.year()).is_some();
                    (known && homes::in_use(&home, period)).then_some(1)
                }
                code => homes::amount(code, wanted.part, &homes::unit_time(&home, period), &is_asked),
            };
            if let Some(amount) = amount
                && (why.is_some() || self.has(|by| value(by, &home))?)
            {
                found.push(Found { id: id.0, at: home.online_from, amount });
            }
        }
        Ok(found)
    }

    fn vacancies(&self, conn: &mut Conn) -> Result<Vec<Found>, AppError> {
        self.whole_only()?;
        let Self { of, period, wanted } = *self;
        let posted = rows::posted(conn, of.reader, period.starts(), period.ends())?.into_iter();
        let counts = posted.filter(|one| asked(wanted.part, homes::fresh(one, period).flatten()));
        Ok(counts.map(|one| Found { id: one.id.0, at: one.posted_at, amount: 1 }).collect())
    }

    fn jobs(&self, conn: &mut Conn) -> Result<Vec<Found>, AppError> {
        let Self { of, period, wanted } = *self;
        let months = match (self.by(), wanted.code) {
            (Some(("months", of)), Code::SanctuaryStillSafe) => Some(of.and_then(|of| of.parse().ok()).unwrap_or(0)),
            _ => None,
        };
        let kept_back = kept_back(wanted.code, of.ask.side());
        let mut found = Vec::new();
        let (from, to) = (period.starts(), period.ends());
        for job in crate::db::sanctuary::reported(conn, of.ask.perspective, of.reader, from, to)? {
            let amount = if kept_back {
                (job.state == State::SignedOff).then_some(1)
            } else {
                sanctuary::amount(wanted.code, wanted.part, &job, months)
            };
            let stage = |by: &str| (by == "stage").then(|| Some(job.state.as_str().to_owned()));
            if let Some(amount) = amount
                && (months.is_some() || self.has(stage)?)
            {
                found.push(Found { id: job.id.0, at: At::start_of(job.requested_on), amount });
            }
        }
        Ok(found)
    }

    /// The households that had a stay in the period: for whose cases they are by the case, for a provider by the first stay.
    fn housed(&self, conn: &mut Conn) -> Result<Vec<Found>, AppError> {
        let Self { of, period, wanted } = *self;
        let (ids, stays) = (self.legs(conn)?, of.stays(conn, period)?);
        let kept_back = kept_back(wanted.code, of.ask.side());
        let within = stays.iter().filter(|stay| stay.within(period));
        let first: BTreeMap<CaseId, &Stay> = within.rev().map(|stay| (stay.household, stay)).collect();
        let mut found = Vec::new();
        for (household, needs) in of.housed(conn, period, &stays)? {
            let Some(stay) = first.get(&household) else { continue };
            let amount = if kept_back { 1 } else { self.of_household(&needs)? };
            let id =
                if self.referrer() { Some(household.0) } else { ids.get(&(household, stay.arrived_at)).map(|id| id.0) };
            found.extend(id.filter(|_| amount > 0).map(|id| Found { id, at: stay.arrived_at, amount }));
        }
        Ok(found)
    }

    /// How many of a household, or of its members, are counted.
    fn of_household(&self, needs: &Needs) -> Result<u64, AppError> {
        if self.wanted.code != Code::HouseholdsSupported {
            return people::people(self.wanted.code, needs, self.by()).ok_or_else(unknown_breakdown);
        }
        let counts = match self.by() {
            None => true,
            Some(("household", of)) => of == Some(Composition::of(needs).as_str()),
            Some((by, of)) => {
                let fields = answers(needs, self.of.ask.side());
                let (_, values) = fields.iter().find(|(field, _)| *field == by).ok_or_else(unknown_breakdown)?;
                of.is_some_and(|of| values.iter().any(|value| value == of))
            }
        };
        Ok(u64::from(counts))
    }

    /// The cases opened in the period: each with how many of its answers are not known, or how many there are.
    fn opened(&self, conn: &mut Conn) -> Result<Vec<Found>, AppError> {
        let Self { of, period, wanted } = *self;
        let only = match self.by() {
            None => None,
            Some(("field", field)) => Some(field),
            Some(_) => return Err(unknown_breakdown()),
        };
        let (from, to) = (period.starts(), period.ends());
        let mut opened = rows::opened(conn, of.reader, from, to)?;
        opened.retain(|case, _| of.known.counted.counts(*case));
        let counts = |needs: &Needs| {
            let answers = people::unknown(needs, of.ask.side()).into_iter();
            let asked = answers.filter(|(field, unknown)| {
                only.is_none_or(|only| only == Some(field)) && (*unknown || wanted.part == Part::Denominator)
            });
            Some(asked.count() as u64).filter(|answers| *answers > 0)
        };
        let cases: Vec<CaseId> = opened.keys().copied().collect();
        let mut found = Vec::new();
        each_needs(conn, &cases, |case, needs| {
            let one = || Some(Found { id: case.0, at: *opened.get(&case)?, amount: counts(&needs)? });
            found.extend(one());
        })?;
        Ok(found)
    }

    fn cases(&self, conn: &mut Conn) -> Result<(Vec<Found>, Option<At>), AppError> {
        let Self { of, period, wanted } = *self;
        let (ids, cases): (Vec<CaseId>, Vec<waiting::Case>) =
            each_case(conn, of.known, of.reader, period)?.into_iter().unzip();
        let moment = waiting::moment(wanted.code, &cases, period);
        let mut found = Vec::new();
        for (id, case) in ids.into_iter().zip(&cases) {
            let Some(at) = waiting::counted(wanted.code, case, period, moment) else { continue };
            if self.has(|by| waiting::value(by, case))? {
                found.push(Found { id: id.0, at, amount: waiting::amount(wanted.code, case, period) });
            }
        }
        Ok((found, moment))
    }
}
