//! What sanctuary schemes have done: jobs by stage, how long they took, what they cost, and who is still safe at home.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FOLLOW_UPS, Fitting, State, StillSafe};
use crate::ids::SanctuaryId;

/// A job as the report counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: SanctuaryId,
    pub state: State,
    pub requested_on: NaiveDate,
    pub signed_off_on: Option<NaiveDate>,
    pub measures: Vec<Measure>,
    pub follow_ups: Vec<FollowUp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    pub kind: String,
    pub number: i32,
    pub cost_pence: i32,
    pub state: Fitting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowUp {
    pub months: i32,
    pub answer: Option<StillSafe>,
    pub settled: bool,
}

/// How many jobs stand at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SanctuaryStage {
    pub state: State,
    pub jobs: u64,
}

/// What one kind of measure came to; what was removed again is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SanctuaryCost {
    /// Of the list `sanctuary_measure`.
    pub kind: String,
    pub number: i64,
    pub cost_pence: i64,
}

/// What the households said that were signed off, so many months later. `still_safe + not_safe + moved + not_reached +
/// waiting + settled` is `signed_off`, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SanctuaryOutcome {
    pub months: u32,
    pub signed_off: u64,
    pub still_safe: u64,
    pub not_safe: u64,
    pub moved: u64,
    pub not_reached: u64,
    /// Nobody has been asked yet.
    pub waiting: u64,
    /// Nobody has to ask: an earlier answer said that they are not safe, or have moved.
    pub settled: u64,
}

/// The report over the jobs that were requested in a period, whatever became of them since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SanctuaryFigures {
    /// The sum of the stages.
    pub jobs: u64,
    pub stages: Vec<SanctuaryStage>,
    /// From the request to the sign-off, of those that were signed off; absent when none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_days: Option<f64>,
    /// The sum of the costs below.
    pub cost_pence: i64,
    pub costs: Vec<SanctuaryCost>,
    pub still_safe: Vec<SanctuaryOutcome>,
}

/// Counts each job once. (S41)
pub fn figures(jobs: &[Job]) -> SanctuaryFigures {
    let stage = |state: State| jobs.iter().filter(|job| job.state == state).count() as u64;
    let stages: Vec<_> = State::ALL.iter().map(|state| SanctuaryStage { state: *state, jobs: stage(*state) }).collect();
    let mut costs: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for measure in jobs.iter().flat_map(|job| &job.measures).filter(|measure| measure.state != Fitting::Removed) {
        let (number, cost) = costs.entry(&measure.kind).or_default();
        *number += i64::from(measure.number);
        *cost += i64::from(measure.cost_pence);
    }
    let costs: Vec<_> = costs
        .into_iter()
        .map(|(kind, (number, cost_pence))| SanctuaryCost { kind: kind.to_owned(), number, cost_pence })
        .collect();
    let lengths = jobs.iter().filter_map(|job| Some((job.signed_off_on? - job.requested_on).num_days())).collect();
    SanctuaryFigures {
        jobs: stages.iter().map(|stage| stage.jobs).sum(),
        stages,
        median_days: median(lengths),
        cost_pence: costs.iter().map(|cost| cost.cost_pence).sum(),
        costs,
        still_safe: FOLLOW_UPS.iter().map(|months| outcome(jobs, *months)).collect(),
    }
}

fn outcome(jobs: &[Job], months: u32) -> SanctuaryOutcome {
    let mut all = SanctuaryOutcome { months, ..SanctuaryOutcome::default() };
    for job in jobs.iter().filter(|job| job.state == State::SignedOff) {
        all.signed_off += 1;
        let asked = job.follow_ups.iter().find(|one| u32::try_from(one.months) == Ok(months));
        let counted = match asked.map(|one| (one.answer, one.settled)) {
            Some((Some(StillSafe::StillSafe), _)) => &mut all.still_safe,
            Some((Some(StillSafe::NotSafe), _)) => &mut all.not_safe,
            Some((Some(StillSafe::Moved), _)) => &mut all.moved,
            Some((Some(StillSafe::NotReached), _)) => &mut all.not_reached,
            Some((None, true)) => &mut all.settled,
            Some((None, false)) | None => &mut all.waiting,
        };
        *counted += 1;
    }
    all
}

/// The middle of some numbers, between the two middle ones of an even count; none of nothing.
fn median(mut numbers: Vec<i64>) -> Option<f64> {
    numbers.sort_unstable();
    let exact = |number: i64| f64::from(i32::try_from(number).unwrap_or(i32::MAX));
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = if numbers.len().is_multiple_of(2) { *numbers.get(numbers.len() / 2 - 1)? } else { upper };
    Some(f64::midpoint(exact(lower), exact(upper)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&[], None)]
    #[case(&[7], Some(7.0))]
    #[case(&[9, 1, 4], Some(4.0))]
    #[case(&[10, 3], Some(6.5))]
    fn the_median_is_in_the_middle(#[case] numbers: &[i64], #[case] expected: Option<f64>) {
        assert_eq!(median(numbers.to_vec()), expected);
    }

    fn job() -> impl Strategy<Value = Job> {
        let measure = (0..3u8, 1..5i32, 0..90_000i32, prop::sample::select(Fitting::ALL)).prop_map(
            |(kind, number, cost_pence, state)| Measure { kind: kind.to_string(), number, cost_pence, state },
        );
        let answer = prop::option::of(prop::sample::select(StillSafe::ALL));
        let follow_up = (prop::sample::select(vec![1, 3, 6, 12]), answer, any::<bool>())
            .prop_map(|(months, answer, settled)| FollowUp { months, answer, settled });
        let day = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
        let many = (prop::collection::vec(measure, 0..5), prop::collection::vec(follow_up, 0..5));
        (prop::sample::select(State::ALL), 0..60u64, many).prop_map(move |(state, days, (measures, follow_ups))| Job {
            id: SanctuaryId(uuid::Uuid::nil()),
            state,
            requested_on: day,
            signed_off_on: (state == State::SignedOff).then(|| day + chrono::Days::new(days)),
            measures,
            follow_ups,
        })
    }

    proptest! {
        /// S41
        #[test]
        fn s41_jobs_costs_and_answers_add_up(jobs in prop::collection::vec(job(), 0..40)) {
            let all = figures(&jobs);
            prop_assert_eq!(all.jobs, jobs.len() as u64);
            prop_assert_eq!(all.stages.iter().map(|stage| stage.jobs).sum::<u64>(), all.jobs);
            let kept = jobs.iter().flat_map(|job| &job.measures).filter(|one| one.state != Fitting::Removed);
            prop_assert_eq!(kept.map(|one| i64::from(one.cost_pence)).sum::<i64>(), all.cost_pence);
            prop_assert_eq!(all.costs.iter().map(|cost| cost.cost_pence).sum::<i64>(), all.cost_pence);
            let signed = jobs.iter().filter(|job| job.state == State::SignedOff).count() as u64;
            for one in &all.still_safe {
                let sum = one.still_safe + one.not_safe + one.moved + one.not_reached + one.waiting + one.settled;
                prop_assert_eq!((one.signed_off, sum), (signed, signed));
            }
        }
    }
}
