//! Homes made safe, as measures.

use super::catalogue::Code;
use super::figure::{Figure, Measure, Row, number};
use super::records::Part;
use crate::domain::sanctuary::report::{Job, SanctuaryFigures, SanctuaryOutcome};
use crate::domain::sanctuary::{Fitting, State, StillSafe};

/// The measures of the jobs that were requested in a period.
pub fn measures(of: &SanctuaryFigures) -> Vec<Measure> {
    let stages = of.stages.iter().filter(|stage| stage.jobs > 0);
    let stages = stages.map(|stage| Row::new(Some(stage.state.as_str().to_owned()), Figure::count(stage.jobs)));
    let months = of.still_safe.iter().map(|one| Row::new(Some(one.months.to_string()), share(&[*one])));
    let asked = of.still_safe.iter().map(|one| one.signed_off - one.settled).sum::<u64>();
    let answered = of.still_safe.iter().map(|one| one.still_safe + one.not_safe).sum::<u64>();
    let signed_off = of.still_safe.first().map_or(0, |one| one.signed_off);
    vec![
        Measure::count(Code::SanctuaryJobs, of.jobs).by("stage", stages.collect()),
        Measure::new(
            Code::SanctuaryDaysMedian,
            Figure { value: of.median_days, numerator: None, denominator: Some(signed_off) },
        ),
        Measure::new(Code::SanctuaryCost, Figure::pounds(u64::try_from(of.cost_pence).unwrap_or_default())),
        Measure::new(Code::SanctuaryStillSafe, share(&of.still_safe))
            .unknown(asked - answered)
            .by("months", months.collect()),
    ]
}

/// Those who said that they were safe, of those who said whether they were.
fn share(of: &[SanctuaryOutcome]) -> Figure {
    let safe = of.iter().map(|one| one.still_safe).sum();
    Figure::share(safe, safe + of.iter().map(|one| one.not_safe).sum::<u64>())
}

/// What a job adds to a figure: pence, calendar days, or answers. `None` when it is not in it. Of answers only those of so
/// many months after the sign-off, where that is asked.
pub fn amount(code: Code, part: Part, job: &Job, months: Option<i32>) -> Option<u64> {
    let signed_off = job.state == State::SignedOff;
    match code {
        Code::SanctuaryJobs => Some(1),
        Code::SanctuaryDaysMedian => {
            job.signed_off_on.map(|day| u64::try_from((day - job.requested_on).num_days()).unwrap_or_default())
        }
        Code::SanctuaryCost => {
            let kept = job.measures.iter().filter(|measure| measure.state != Fitting::Removed);
            let pence = kept.map(|measure| u64::try_from(measure.cost_pence).unwrap_or_default()).sum();
            Some(pence).filter(|pence| *pence > 0)
        }
        Code::SanctuaryStillSafe => {
            let counts = |answer: StillSafe| match part {
                Part::Numerator => answer == StillSafe::StillSafe,
                Part::Denominator => matches!(answer, StillSafe::StillSafe | StillSafe::NotSafe),
            };
            let asked =
                job.follow_ups.iter().filter(|one| signed_off && months.is_none_or(|months| one.months == months));
            let answers = number(asked.filter(|one| one.answer.is_some_and(counts)).count());
            Some(answers).filter(|answers| *answers > 0)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sanctuary::report;
    use crate::ids::SanctuaryId;

    const NOBODY: SanctuaryId = SanctuaryId(uuid::Uuid::nil());

    fn asked(months: i32, answer: Option<StillSafe>, settled: bool) -> report::FollowUp {
        report::FollowUp { months, answer, settled }
    }

    #[test]
    fn those_who_answered_are_the_whole() {
        use StillSafe::{Moved, NotSafe, StillSafe as Safe};
        let day = |day: &str| day.parse().unwrap();
        let lock = report::Measure { kind: "locks".into(), number: 2, cost_pence: 12_050, state: Fitting::Fitted };
        let job = |days: [&str; 2], follow_ups| report::Job {
            id: NOBODY,
            state: State::SignedOff,
            requested_on: day(days[0]),
            signed_off_on: Some(day(days[1])),
            measures: vec![lock.clone()],
            follow_ups,
        };
        let jobs = [
            job(
                ["2026-04-01", "2026-04-11"],
                vec![
                    asked(1, Some(Safe), false),
                    asked(3, Some(NotSafe), false),
                    asked(6, None, true),
                    asked(12, None, true),
                ],
            ),
            job(
                ["2026-04-01", "2026-04-15"],
                vec![asked(1, Some(Safe), false), asked(3, None, false), asked(6, None, false), asked(12, None, false)],
            ),
            job(
                ["2026-04-01", "2026-04-30"],
                vec![asked(1, Some(Moved), false), asked(3, None, true), asked(6, None, true), asked(12, None, true)],
            ),
            report::Job {
                id: NOBODY,
                state: State::Requested,
                requested_on: day("2026-04-02"),
                signed_off_on: None,
                measures: vec![],
                follow_ups: vec![],
            },
        ];
        let figures = report::figures(&jobs);
        let amounts =
            |code, part, months| jobs.iter().filter_map(|job| amount(code, part, job, months)).collect::<Vec<_>>();
        assert_eq!(amounts(Code::SanctuaryJobs, Part::Numerator, None), [1, 1, 1, 1]);
        assert_eq!(amounts(Code::SanctuaryDaysMedian, Part::Numerator, None), [10, 14, 29]);
        assert_eq!(amounts(Code::SanctuaryCost, Part::Numerator, None), [12_050; 3]);
        assert_eq!(amounts(Code::SanctuaryStillSafe, Part::Numerator, None), [1, 1]);
        assert_eq!(amounts(Code::SanctuaryStillSafe, Part::Denominator, None), [2, 1]);
        assert_eq!(amounts(Code::SanctuaryStillSafe, Part::Denominator, Some(3)), [1]);
        let found = measures(&figures);
        let value = |measure: &Measure| (measure.code.as_str(), measure.figure.value, measure.unknown);
        assert_eq!(
            found.iter().map(value).collect::<Vec<_>>(),
            [
                ("sanctuary_jobs", Some(4.0), None),
                ("sanctuary_days_median", Some(14.0), None), // 10, 14 and 29 days
                ("sanctuary_cost", Some(361.5), None),       // three times £120.50
                ("sanctuary_still_safe", Some(66.7), Some(4)), // two of three answers; four are still to be asked, or moved
            ]
        );
        let by: Vec<_> =
            found[3].breakdowns[0].rows.iter().map(|row| (row.of.as_deref().unwrap(), row.figure.value)).collect();
        assert_eq!(by, [("1", Some(100.0)), ("3", Some(0.0)), ("6", None), ("12", None)]);
    }
}
