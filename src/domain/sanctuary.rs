//! A sanctuary: the household's own home is made safe, so that they can stay.
//!
//! `requested → surveyed → installed → signed_off`, or it ends in one of three other ways, each with a coded reason. A
//! sanctuary scheme is a service without units.

pub mod report;

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::machine::{Edge, step};
use super::reason::DecidedBy;
use super::{Refusal, words};
use crate::clock::At;

words! {
    /// How far a job has come.
    #[schema(as = SanctuaryState)]
    State {
        Requested = "requested",
        Surveyed = "surveyed",
        Installed = "installed",
        SignedOff = "signed_off",
        Declined = "declined",
        NotFeasible = "not_feasible",
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What can be done to a job.
    Command {
        /// Choose the day of the survey: from then on the scheme may know who and where.
        Book = "book",
        Survey = "survey",
        Install = "install",
        SignOff = "sign_off",
        DeclineByScheme = "decline_by_scheme",
        DeclineBySurvivor = "decline_by_survivor",
        FindNotFeasible = "find_not_feasible",
        Withdraw = "withdraw",
    }
}

words! {
    /// How an ending is meant, as the reference list `sanctuary_ending` says it of each reason.
    Ending {
        DeclinedByScheme = "declined_by_scheme",
        DeclinedBySurvivor = "declined_by_survivor",
        NotFeasible = "not_feasible",
        Withdrawn = "withdrawn",
    }
}

words! {
    /// How the household has its home. The words are those of the list `prior_housing`.
    Tenure {
        Owner = "owner_occupier",
        PrivateRent = "private_renter",
        SocialRent = "social_housing",
        Unknown = "unknown",
    }
}

words! {
    /// Whether the landlord agrees that something is fitted.
    #[schema(as = LandlordConsent)]
    Consent { NotAsked = "not_asked", NotNeeded = "not_needed", Asked = "asked", Given = "given", Refused = "refused" }
}

words! {
    /// Who fits it: never a name.
    Installer {
        InHouse = "in_house",
        Contractor = "contractor",
        Police = "police",
        FireService = "fire_service",
        HousingProvider = "housing_provider",
        Other = "other",
    }
}

words! {
    /// Whether a measure is there.
    Fitting { Planned = "planned", Fitted = "fitted", Removed = "removed" }
}

words! {
    /// What a household says when it is asked whether it is still safe at home.
    StillSafe { StillSafe = "still_safe", NotSafe = "not_safe", Moved = "moved", NotReached = "not_reached" }
}

/// What the list `sanctuary_ending` says of a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndingReason {
    pub ending: Ending,
}

impl Ending {
    pub fn command(self) -> Command {
        match self {
            Self::DeclinedByScheme => Command::DeclineByScheme,
            Self::DeclinedBySurvivor => Command::DeclineBySurvivor,
            Self::NotFeasible => Command::FindNotFeasible,
            Self::Withdrawn => Command::Withdraw,
        }
    }

    pub fn decided_by(self) -> DecidedBy {
        match self {
            Self::DeclinedByScheme | Self::NotFeasible => DecidedBy::Provider,
            Self::DeclinedBySurvivor => DecidedBy::Survivor,
            Self::Withdrawn => DecidedBy::Referrer,
        }
    }

    /// Whether the scheme may say it, and whether the referrer may: the other side's decisions are theirs to record, those
    /// of the survivor whoever hears them.
    pub fn may_be_said(self, by_scheme: bool) -> bool {
        match self {
            Self::DeclinedBySurvivor => true,
            Self::DeclinedByScheme | Self::NotFeasible => by_scheme,
            Self::Withdrawn => !by_scheme,
        }
    }
}

impl State {
    /// Whether it waits for somebody.
    pub fn open(self) -> bool {
        matches!(self, Self::Requested | Self::Surveyed | Self::Installed)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Book => "be given a day for its survey",
            Self::Survey => "be surveyed",
            Self::Install => "be installed",
            Self::SignOff => "be signed off",
            Self::DeclineByScheme => "be declined by the scheme",
            Self::DeclineBySurvivor => "be declined by the survivor",
            Self::FindNotFeasible => "be found not feasible",
            Self::Withdraw => "be withdrawn",
        })
    }
}

/// Every edge there is. Whoever has begun to fit something does not decline any more; the survivor may at any time.
pub const EDGES: &[Edge<State, Command>] = {
    use Command as C;
    use State as S;
    &[
        (S::Requested, C::Book, S::Requested),
        (S::Requested, C::Survey, S::Surveyed),
        (S::Requested, C::DeclineByScheme, S::Declined),
        (S::Requested, C::DeclineBySurvivor, S::Declined),
        (S::Requested, C::FindNotFeasible, S::NotFeasible),
        (S::Requested, C::Withdraw, S::Withdrawn),
        (S::Surveyed, C::Install, S::Installed),
        (S::Surveyed, C::DeclineBySurvivor, S::Declined),
        (S::Surveyed, C::FindNotFeasible, S::NotFeasible),
        (S::Surveyed, C::Withdraw, S::Withdrawn),
        (S::Installed, C::SignOff, S::SignedOff),
        (S::Installed, C::DeclineBySurvivor, S::Declined),
        (S::Installed, C::Withdraw, S::Withdrawn),
    ]
};

/// The state that follows.
///
/// # Errors
/// [`Refusal::SanctuaryState`] when there is none.
pub fn transition(state: State, command: Command) -> Result<State, Refusal> {
    step(EDGES, state, command).ok_or(Refusal::SanctuaryState { state, command })
}

/// Whether something may be fitted: in a home of their own always, in a rented one when the landlord has agreed or need
/// not be asked. While nobody knows whose home it is, it counts as rented.
///
/// # Errors
/// [`Refusal::ConsentMissing`].
pub fn may_install(tenure: Tenure, consent: Consent) -> Result<(), Refusal> {
    let agreed = matches!(consent, Consent::Given | Consent::NotNeeded);
    if tenure == Tenure::Owner || agreed { Ok(()) } else { Err(Refusal::ConsentMissing { consent }) }
}

/// For so long after the sign-off who and where may still be read: somebody comes back to mend what does not hold.
pub const RELEASED_AFTER_SIGN_OFF: TimeDelta = TimeDelta::days(28);

/// Whether who and where may be read of a job: by the referrer from the first, by the scheme from the booking of the
/// survey on; by nobody when it has ended otherwise, or long after the sign-off. (S2, S3)
pub fn released(state: State, booked_at: Option<At>, signed_off_at: Option<At>, now: At, by_scheme: bool) -> bool {
    let begun = !by_scheme || booked_at.is_some_and(|booked| booked <= now);
    begun && (state.open() || signed_off_at.is_some_and(|signed| now < signed + RELEASED_AFTER_SIGN_OFF))
}

/// So many calendar months after the sign-off the household is asked whether it is still safe.
pub const FOLLOW_UPS: [u32; 4] = [1, 3, 6, 12];

/// The day of a follow-up: the same day of a later month, or its last day.
pub fn follow_up_on(signed_off_on: NaiveDate, months: u32) -> NaiveDate {
    signed_off_on.checked_add_months(Months::new(months)).unwrap_or(signed_off_on)
}

/// The day by which a scheme takes the next step, from the day of the last one.
pub fn next_step_on(state: State, survey_on: Option<NaiveDate>, today: NaiveDate) -> NaiveDate {
    let after = |days| today.checked_add_days(Days::new(days)).unwrap_or(today);
    match (state, survey_on) {
        (State::Requested, None) => after(2),
        (State::Requested, Some(day)) => day.max(today),
        (State::Surveyed, _) => after(14),
        _ => after(7),
    }
}

/// The first day of the month that a day is in.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The first day of the month after.
pub fn next_month(month: NaiveDate) -> NaiveDate {
    month.checked_add_months(Months::new(1)).unwrap_or(month)
}

/// What a job takes of a month: that in which it was signed off, or for which its survey is booked. What has ended without
/// a sign-off takes nothing, nor does what still waits for a day.
pub fn counts_in(state: State, survey_on: Option<NaiveDate>, signed_off_on: Option<NaiveDate>) -> Option<NaiveDate> {
    match state {
        State::SignedOff => signed_off_on.map(month_of),
        state if state.open() => survey_on.map(month_of),
        _ => None,
    }
}

/// What a scheme can do in a month and what of it is left. Absent where nobody has said how much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SanctuaryCapacity)]
pub struct Left {
    /// The first day of the month.
    pub month: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_left: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_pence: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_left_pence: Option<i32>,
    /// Jobs that wait to be given a day, and were asked for in this month or before.
    pub waiting: i32,
    /// 0 before anybody has said anything of this month: the `If-Match` of a first time.
    pub version: i32,
}

impl Left {
    /// Whether nothing is left.
    pub fn none(&self) -> bool {
        self.jobs_left == Some(0) || self.budget_left_pence == Some(0)
    }
}

/// Refuses a job for a month of which nothing is left, when it is the one that runs: for a later one it can wait.
///
/// # Errors
/// [`Refusal::SanctuaryFull`].
pub fn must_fit(left: &Left, today: NaiveDate) -> Result<(), Refusal> {
    if left.none() && left.month == month_of(today) {
        return Err(Refusal::SanctuaryFull { next_month: next_month(left.month) });
    }
    Ok(())
}

/// Whether a scheme in this area covers a home in that one. `None` while nobody knows, or only the county is known.
///
/// The area that a household comes from is asked for here as the place of the home itself, which is to be made safe: no
/// local connection is tested, and nobody is preferred for where they come from.
pub fn covers(scheme: &str, county_of_scheme: Option<&str>, home: Option<&str>) -> Option<bool> {
    match home {
        None => None,
        Some(home) if home == scheme => Some(true),
        Some(home) if Some(home) == county_of_scheme => None,
        Some(_) => Some(false),
    }
}

/// Whether a household is safe at home by its jobs, each with what it has been asked since.
pub fn safe_at_home<'a>(jobs: impl IntoIterator<Item = (State, &'a [StillSafe])>) -> bool {
    let last = jobs.into_iter().filter(|(state, _)| *state == State::SignedOff).last();
    last.is_some_and(|(_, answers)| !answers.contains(&StillSafe::NotSafe))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use rstest::rstest;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> At {
        format!("{text}T09:00:00Z").parse::<DateTime<Utc>>().unwrap().into()
    }

    #[test]
    fn what_has_ended_stays_ended() {
        for &state in State::ALL {
            let goes_on = Command::ALL.iter().any(|&command| transition(state, command).is_ok());
            assert_eq!(goes_on, state.open(), "{}", state.as_str());
        }
    }

    #[rstest]
    #[case(Tenure::Owner, Consent::NotAsked, true)]
    #[case(Tenure::PrivateRent, Consent::NotAsked, false)]
    #[case(Tenure::PrivateRent, Consent::Asked, false)]
    #[case(Tenure::SocialRent, Consent::Refused, false)]
    #[case(Tenure::SocialRent, Consent::Given, true)]
    #[case(Tenure::PrivateRent, Consent::NotNeeded, true)]
    #[case(Tenure::Unknown, Consent::NotAsked, false)]
    fn a_rented_home_needs_its_landlord(#[case] tenure: Tenure, #[case] consent: Consent, #[case] may: bool) {
        assert_eq!(may_install(tenure, consent).is_ok(), may);
    }

    /// S2, S3
    #[rstest]
    #[case::nobody_has_a_day(State::Requested, None, None, false)]
    #[case::booked(State::Requested, Some("2026-04-01"), None, true)]
    #[case::surveyed(State::Surveyed, Some("2026-04-01"), None, true)]
    #[case::just_signed_off(State::SignedOff, Some("2026-04-01"), Some("2026-04-03"), true)]
    #[case::long_signed_off(State::SignedOff, Some("2026-04-01"), Some("2026-04-02"), false)]
    #[case::declined(State::Declined, Some("2026-04-01"), None, false)]
    #[case::not_feasible(State::NotFeasible, Some("2026-04-01"), None, false)]
    #[case::withdrawn(State::Withdrawn, Some("2026-04-01"), None, false)]
    fn s02_s03_a_scheme_knows_where_from_the_booking_until_a_while_after_the_sign_off(
        #[case] state: State,
        #[case] booked: Option<&str>,
        #[case] signed: Option<&str>,
        #[case] open: bool,
    ) {
        let now = at("2026-04-30");
        assert_eq!(released(state, booked.map(at), signed.map(at), now, true), open);
        let known_to_the_referrer = state.open() || open;
        assert_eq!(released(state, booked.map(at), signed.map(at), now, false), known_to_the_referrer);
    }

    #[rstest]
    #[case("2026-01-31", 1, "2026-02-28")]
    #[case("2026-11-30", 3, "2027-02-28")]
    #[case("2026-04-15", 6, "2026-10-15")]
    #[case("2024-02-29", 12, "2025-02-28")]
    fn a_follow_up_is_on_the_same_day_of_a_later_month(
        #[case] from: &str,
        #[case] months: u32,
        #[case] expected: &str,
    ) {
        assert_eq!(follow_up_on(day(from), months), day(expected));
    }

    #[rstest]
    #[case::waits(State::Requested, None, None, None)]
    #[case::booked(State::Requested, Some("2026-04-30"), None, Some("2026-04-01"))]
    #[case::signed_off_later(State::SignedOff, Some("2026-04-30"), Some("2026-05-02"), Some("2026-05-01"))]
    #[case::ended(State::NotFeasible, Some("2026-04-30"), None, None)]
    fn a_job_counts_in_one_month(
        #[case] state: State,
        #[case] survey: Option<&str>,
        #[case] signed: Option<&str>,
        #[case] month: Option<&str>,
    ) {
        assert_eq!(counts_in(state, survey.map(day), signed.map(day)), month.map(day));
    }

    #[rstest]
    #[case(Some(0), "2026-04-01", false)]
    #[case(Some(0), "2026-05-01", true)]
    #[case(Some(1), "2026-04-01", true)]
    #[case(None, "2026-04-01", true)]
    fn a_full_month_sends_on_to_the_next(#[case] left: Option<i32>, #[case] month: &str, #[case] fits: bool) {
        let left = Left {
            month: day(month),
            jobs: left.map(|_| 8),
            jobs_left: left,
            budget_pence: None,
            budget_left_pence: None,
            waiting: 0,
            version: 1,
        };
        assert_eq!(must_fit(&left, day("2026-04-17")).is_ok(), fits);
    }

    #[rstest]
    #[case(Some("E06000016"), Some(true))]
    #[case(Some("E10000018"), None)]
    #[case(Some("E07000130"), Some(false))]
    #[case(None, None)]
    fn a_scheme_covers_the_homes_of_its_area(#[case] home: Option<&str>, #[case] expected: Option<bool>) {
        assert_eq!(covers("E06000016", Some("E10000018"), home), expected);
    }

    #[test]
    fn who_says_that_it_is_not_safe_is_not_safe() {
        use StillSafe as S;
        assert!(safe_at_home([(State::SignedOff, &[S::StillSafe, S::NotReached][..])]));
        assert!(!safe_at_home([(State::SignedOff, &[S::StillSafe, S::NotSafe][..])]));
        assert!(!safe_at_home([(State::Installed, &[][..])]));
        assert!(safe_at_home([(State::SignedOff, &[S::NotSafe][..]), (State::SignedOff, &[][..])]));
    }
}
