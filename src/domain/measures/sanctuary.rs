//! Homes made safe, as measures.

use super::catalogue::Code;
use super::figure::{Figure, Measure, Row};
use crate::domain::sanctuary::report::{SanctuaryFigures, SanctuaryOutcome};

/// The measures of the jobs that were requested in a period.
pub fn measures(of: &SanctuaryFigures) -> Vec<Measure> {
    let stages = of.stages.iter().filter(|stage| stage.jobs > 0);
    let stages =
        stages.map(|stage| Row { of: Some(stage.state.as_str().to_owned()), figure: Figure::count(stage.jobs) });
    let months = of.still_safe.iter().map(|one| Row { of: Some(one.months.to_string()), figure: share(&[*one]) });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sanctuary::{Fitting, State, StillSafe, report};

    fn asked(months: i32, answer: Option<StillSafe>, settled: bool) -> report::FollowUp {
        report::FollowUp { months, answer, settled }
    }

    #[test]
    fn those_who_answered_are_the_whole() {
        use StillSafe::{Moved, NotSafe, StillSafe as Safe};
        let day = |day: &str| day.parse().unwrap();
        let lock = report::Measure { kind: "locks".into(), number: 2, cost_pence: 12_050, state: Fitting::Fitted };
        let job = |days: [&str; 2], follow_ups| report::Job {
            state: State::SignedOff,
            requested_on: day(days[0]),
            signed_off_on: Some(day(days[1])),
            measures: vec![lock.clone()],
            follow_ups,
        };
        let figures = report::figures(&[
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
                state: State::Requested,
                requested_on: day("2026-04-02"),
                signed_off_on: None,
                measures: vec![],
                follow_ups: vec![],
            },
        ]);
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
