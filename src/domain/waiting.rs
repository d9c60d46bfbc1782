//! Who waits for a place, and in which order somebody looks after them.
//!
//! The order is one of deeds, not of misery: first where something can be done now, then where nobody has been in touch for
//! too long, then whoever has waited longest. Every place in it has its reasons in words. What it is made from holds
//! instants alone: not who a household is, where they come from, or what they need. So nothing of that can count.

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::household::{MemberRole, Needs};
use super::words;
use crate::clock::{At, LONDON};

/// After more than so many days without a contact that is recorded, a household is looked after before others.
pub const SILENT_DAYS: i64 = 7;

/// What the order is made from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<K> {
    pub key: K,
    pub opened_at: At,
    /// When somebody last got in touch, as far as it is recorded.
    pub last_contact: Option<At>,
    /// Since when a suitable place has been known that can still be had.
    pub place_since: Option<At>,
    /// When the referral was sent about which somebody asks something.
    pub asked_since: Option<At>,
    /// When a call was promised that nobody has made.
    pub call_due: Option<At>,
}

words! {
    /// Which of the three parts of the order a household stands in.
    #[schema(as = WaitingTurn)]
    Turn {
        /// Something can be done now.
        Now = "now",
        /// Nobody has been in touch for too long.
        Silent = "silent",
        Waits = "waits",
    }
}

/// A place in the order, the first is the smallest. It is also where a page of the list begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position<K> {
    pub turn: Turn,
    /// The longest first.
    pub since: At,
    pub opened_at: At,
    pub key: K,
}

words! {
    /// Why a household stands where it does.
    #[schema(as = WaitingWhy)]
    Why {
        /// A suitable place is free.
        PlaceFree = "place_free",
        /// A provider asks something.
        Asked = "asked",
        /// A call was promised.
        CallDue = "call_due",
        /// No contact is recorded for too long.
        Silent = "silent",
        Waits = "waits",
    }
}

/// One reason, with the instant that it counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Because {
    pub why: Why,
    pub since: At,
}

/// The whole days from one instant to another, as the calendar in England shows them.
pub fn days(from: At, to: At) -> i64 {
    (to.date() - from.date()).num_days().max(0)
}

impl<K: Copy> Facts<K> {
    /// Every reason that counts, in the order in which they count; the last one always holds.
    pub fn reasons(&self, now: At) -> Vec<Because> {
        let call = self.call_due.filter(|due| *due <= now);
        let to_do = [(Why::PlaceFree, self.place_since), (Why::Asked, self.asked_since), (Why::CallDue, call)];
        let mut reasons: Vec<Because> =
            to_do.into_iter().filter_map(|(why, since)| since.map(|since| Because { why, since })).collect();
        reasons.sort_by_key(|because| (because.since, because.why));
        let silent_since = self.last_contact.map_or(self.opened_at, |contact| contact.max(self.opened_at));
        if days(silent_since, now) > SILENT_DAYS {
            reasons.push(Because { why: Why::Silent, since: silent_since });
        }
        reasons.push(Because { why: Why::Waits, since: self.opened_at });
        reasons
    }

    /// Where a household stands at an instant.
    pub fn position(&self, now: At) -> Position<K> {
        let first = self.reasons(now).first().copied();
        let Because { why, since } = first.unwrap_or(Because { why: Why::Waits, since: self.opened_at });
        let turn = match why {
            Why::PlaceFree | Why::Asked | Why::CallDue => Turn::Now,
            Why::Silent => Turn::Silent,
            Why::Waits => Turn::Waits,
        };
        Position { turn, since, opened_at: self.opened_at, key: self.key }
    }
}

impl Because {
    /// In words: "A suitable place has been free since 10:20".
    pub fn told(self, now: At) -> String {
        let Self { why, since } = self;
        let passed = counted(days(since, now), "day");
        match why {
            Why::PlaceFree => format!("A suitable place has been free since {}", moment(since, now)),
            Why::Asked => format!("A provider asks something about the referral of {}", moment(since, now)),
            Why::CallDue => format!("A call was promised for {}", moment(since, now)),
            Why::Silent => format!("No contact is recorded for {passed}"),
            Why::Waits if days(since, now) == 0 => "Waiting since today".to_owned(),
            Why::Waits => format!("Waiting {passed}"),
        }
    }
}

fn counted(number: i64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// "10:20" today, "3 April" before.
fn moment(at: At, now: At) -> String {
    let local = at.utc().with_timezone(&LONDON);
    let format = if at.date() == now.date() { "%-H:%M" } else { "%-d %B" };
    local.format(format).to_string()
}

words! {
    /// Who needs a place together, roughly: for a filter, never for the order.
    #[schema(as = WaitingHousehold)]
    Household {
        OnePerson = "one_person",
        WithChildren = "with_children",
        /// Several, and no child.
        Adults = "adults",
        NotKnown = "not_known",
    }
}

impl Household {
    pub fn of(needs: &Needs) -> Self {
        match needs.members.len() {
            0 => Self::NotKnown,
            _ if needs.members.iter().any(|member| member.role == MemberRole::Child) => Self::WithChildren,
            1 => Self::OnePerson,
            _ => Self::Adults,
        }
    }
}

/// How long they wait, all together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub households: usize,
    /// Half of them wait as long or longer; of two in the middle, what lies between, rounded up. None when nobody waits.
    pub median_days: Option<i64>,
    pub longest_days: Option<i64>,
    /// By whole weeks waited: of [`WEEKS`], so many from each up to the next.
    pub by_weeks: Vec<usize>,
}

/// Where each column of weeks begins.
pub const WEEKS: [i64; 6] = [0, 1, 2, 4, 8, 12];

/// Counts how long they wait, since the days on which they came.
pub fn summary(opened: impl Iterator<Item = At>, now: At) -> Summary {
    let mut waited: Vec<i64> = opened.map(|opened| days(opened, now)).collect();
    waited.sort_unstable();
    let mut by_weeks = vec![0; WEEKS.len()];
    for days in &waited {
        let column = WEEKS.iter().rposition(|weeks| days / 7 >= *weeks).unwrap_or_default();
        by_weeks[column] += 1;
    }
    let middle = waited.len() / 2;
    let median_days = match waited.len() {
        0 => None,
        many if many % 2 == 1 => Some(waited[middle]),
        _ => Some((waited[middle - 1] + waited[middle] + 1) / 2),
    };
    Summary { households: waited.len(), median_days, longest_days: waited.last().copied(), by_weeks }
}

/// The last instant at which a household that waits longer than so many days was opened; none where there is no such day.
pub fn opened_before(today: NaiveDate, longer_than: i64) -> Option<At> {
    let day = today.checked_sub_signed(TimeDelta::try_days(longer_than)?)?;
    Some(At::start_of(day))
}

#[cfg(test)]
mod tests;
