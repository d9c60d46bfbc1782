//! The only place that asks what time it is, and that knows where midnight is.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// An instant in UTC, cut to the microsecond so that it survives a round trip through either database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
pub struct At(DateTime<Utc>);

impl From<DateTime<Utc>> for At {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(6))
    }
}

/// The years that an instant or a day can be in: the others are slips of the finger, and not every database can store or
/// order them.
const YEARS: RangeInclusive<i32> = 1900..=2999;

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let instant = DateTime::<Utc>::deserialize(deserializer)?;
        if YEARS.contains(&instant.year()) {
            Ok(instant.into())
        } else {
            Err(D::Error::custom("choose a year from 1900 to 2999"))
        }
    }
}

/// Whether a day is one to speak of: for `garde`.
///
/// # Errors
/// When it is too long ago or too far ahead.
pub fn within_reach(day: &NaiveDate, (): &()) -> garde::Result {
    if YEARS.contains(&day.year()) { Ok(()) } else { Err(garde::Error::new("choose a year from 1900 to 2999")) }
}

impl At {
    /// The same instant as chrono knows it.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Seconds since 1970, as a JSON Web Token counts them.
    pub fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }
}

/// The time zone in which days begin and end for the people who use this.
pub const LONDON: chrono_tz::Tz = chrono_tz::Europe::London;

impl At {
    /// The day on which this instant falls in England.
    pub fn date(self) -> NaiveDate {
        self.0.with_timezone(&LONDON).date_naive()
    }

    /// The first instant of a day in England. (Clocks there never change at midnight, so there is exactly one.)
    pub fn start_of(date: NaiveDate) -> Self {
        let midnight = date.and_time(NaiveTime::MIN);
        midnight.and_local_timezone(LONDON).earliest().map_or_else(|| midnight.and_utc(), |local| local.to_utc()).into()
    }
}

impl At {
    /// What a clock in England shows at this instant.
    pub fn time(self) -> NaiveTime {
        self.0.with_timezone(&LONDON).time()
    }

    /// The instant at which a clock in England shows this time of a day; `None` in the hour that spring leaves out.
    pub fn on(date: NaiveDate, time: NaiveTime) -> Option<Self> {
        date.and_time(time).and_local_timezone(LONDON).earliest().map(|local| local.to_utc().into())
    }
}

impl std::ops::Add<TimeDelta> for At {
    type Output = Self;

    fn add(self, length: TimeDelta) -> Self {
        Self(self.0 + length)
    }
}

impl std::ops::Sub<TimeDelta> for At {
    type Output = Self;

    fn sub(self, length: TimeDelta) -> Self {
        Self(self.0 - length)
    }
}

impl std::ops::Sub for At {
    type Output = TimeDelta;

    fn sub(self, earlier: Self) -> TimeDelta {
        self.0 - earlier.0
    }
}

/// The system's time, or a time that a test holds and moves.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// A clock that stands at `at` until [`Clock::advance`] moves it. Its clones move with it.
    pub fn standing_at(at: At) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.0.timestamp_micros()))))
    }

    /// Moves a standing clock on; the system's clock goes by itself.
    pub fn advance(&self, length: TimeDelta) {
        if let (Some(standing), Some(micros)) = (&self.0, length.num_microseconds()) {
            standing.fetch_add(micros, Ordering::SeqCst);
        }
    }

    pub fn now(&self) -> At {
        let standing =
            self.0.as_ref().and_then(|micros| DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)));
        #[expect(clippy::disallowed_methods, reason = "this is the place")]
        standing.unwrap_or_else(Utc::now).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_summer_begins_an_hour_before_that_of_utc() {
        let day = NaiveDate::from_ymd_opt(2026, 6, 10).unwrap();
        let start = At::start_of(day);
        assert_eq!(start.utc().to_rfc3339(), "2026-06-09T23:00:00+00:00");
        assert_eq!((start.date(), (start - TimeDelta::microseconds(1)).date()), (day, day.pred_opt().unwrap()));
    }
}
