//! What an organisation wants a measure to be, and whether it is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::figure::Kind;
use super::{Code, Figure};
use crate::domain::words;

words! {
    /// Which way is better.
    #[schema(as = TargetBetter)]
    Better {
        /// At least as much as the target.
        Higher = "higher",
        /// At most as much as the target.
        Lower = "lower",
    }
}

/// What a measure is wanted to be, and whether it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = MeasureTarget)]
pub struct Target {
    pub better: Better,
    /// In the unit of the measure, with at most one decimal.
    pub value: f64,
    /// Null while there is nothing to work the measure out from.
    pub met: Option<bool>,
}

/// At most so many tenths.
pub const MOST: i32 = 10_000_000;

/// Whether a measure can have a target.
pub fn possible(code: Code) -> bool {
    matches!(code.definition().kind, Kind::Count | Kind::Percent | Kind::Days | Kind::Minutes)
}

/// A value in tenths; `None` when it has more decimals, or is none that the measure can have.
pub fn tenths(code: Code, value: f64) -> Option<i32> {
    let most = if code.definition().kind == Kind::Percent { 1_000 } else { MOST };
    let nearest = (value * 10.0).round();
    let exact = ((value * 10.0) - nearest).abs() < 1e-6;
    if !exact || !(0.0..=f64::from(most)).contains(&nearest) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and at most MOST")]
    let tenths = nearest as i32;
    Some(tenths)
}

impl Target {
    /// The target of so many tenths, and what a figure says to it.
    pub fn of(better: Better, tenths: i32, figure: &Figure) -> Self {
        let met = figure.value.map(|value| {
            let reached = (value * 10.0).round();
            match better {
                Better::Higher => reached >= f64::from(tenths),
                Better::Lower => reached <= f64::from(tenths),
            }
        });
        Self { better, value: f64::from(tenths) / 10.0, met }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Better::Higher, 500, Figure::share(1, 2), Some(true))]
    #[case(Better::Higher, 501, Figure::share(1, 2), Some(false))]
    #[case(Better::Lower, 500, Figure::share(1, 2), Some(true))]
    #[case(Better::Lower, 499, Figure::share(1, 2), Some(false))]
    #[case::of_nothing(Better::Lower, 499, Figure::share(0, 0), None)]
    #[case::just_reached(Better::Lower, 1_200, Figure { value: Some(120.0), ..Figure::default() }, Some(true))]
    fn a_target_is_met_when_it_is_reached(
        #[case] better: Better,
        #[case] tenths: i32,
        #[case] figure: Figure,
        #[case] met: Option<bool>,
    ) {
        assert_eq!(Target::of(better, tenths, &figure).met, met);
    }

    #[rstest]
    #[case(Code::ResponseMedian, 120.0, Some(1_200))]
    #[case(Code::SuccessRate, 50.1, Some(501))]
    #[case(Code::SuccessRate, 100.1, None)]
    #[case(Code::SuccessRate, 50.12, None)]
    #[case(Code::Referrals, -1.0, None)]
    #[case(Code::Referrals, 1e300, None)]
    #[case(Code::Referrals, f64::NAN, None)]
    fn a_target_has_one_decimal(#[case] code: Code, #[case] value: f64, #[case] expected: Option<i32>) {
        assert_eq!(tenths(code, value), expected);
    }
}
