//! How great the danger is: the score of the Dash, the band that follows, the judgement that stands against it, and when a
//! household goes back to a MARAC.
//!
//! The questions of the Dash are not ours to copy: answers are known by their number.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::household::{Risk, RiskBand};
use super::words;

/// The number of questions, each of which counts one when it is answered yes.
pub const HIGHEST_SCORE: u8 = 24;
/// The same as a length.
pub const QUESTIONS: usize = 24;

words! {
    /// The answer to a question of the Dash.
    DashAnswer { Yes = "yes", No = "no", NotKnown = "not_known" }
}

words! {
    /// Why a household was referred to a multi-agency risk assessment conference.
    MaracReason {
        Score = "score",
        ProfessionalJudgement = "professional_judgement",
        Repeat = "repeat",
        Escalation = "escalation",
    }
}

/// Kinds of abuse by their codes in the list `abuse_type`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct AbuseTypes(pub Vec<String>);

/// From which score on the risk is medium, and from which it is high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub medium_from: u8,
    pub high_from: u8,
}

/// 14 or more is high (`SafeLives` guidance on the Dash), 10 to 13 medium.
impl Default for Limits {
    fn default() -> Self {
        Self { medium_from: 10, high_from: 14 }
    }
}

impl Limits {
    /// The band of a score.
    pub fn band(self, score: u8) -> RiskBand {
        match score {
            score if score >= self.high_from => RiskBand::High,
            score if score >= self.medium_from => RiskBand::Medium,
            _ => RiskBand::Standard,
        }
    }
}

/// The score of a form: how many questions were answered yes.
pub fn score(answers: &[DashAnswer]) -> u8 {
    let yes = answers.iter().filter(|answer| **answer == DashAnswer::Yes).count();
    u8::try_from(yes).unwrap_or(HIGHEST_SCORE).min(HIGHEST_SCORE)
}

/// What the needs profile says of a risk that was assessed: others read the band from there. The band is noted as a
/// judgement wherever it is not the one that the profile would make of the score by itself.
pub fn noted(known: &Risk, score: u8, band: RiskBand) -> Risk {
    let plain = Risk { dash_score: Some(score), judgement: None, marac_referred: known.marac_referred };
    if plain.band() == Some(band) { plain } else { Risk { judgement: Some(band), ..plain } }
}

/// The day on which an assessment is due to be looked at again, unless somebody says another: two, four or twelve weeks
/// later, the sooner the greater the danger. (No rule says so: what is due at the latest is for each organisation to say.)
pub fn next_review(assessed_on: NaiveDate, band: RiskBand) -> NaiveDate {
    let days = match band {
        RiskBand::High => 14,
        RiskBand::Medium => 28,
        RiskBand::Standard => 84,
    };
    assessed_on.checked_add_days(Days::new(days)).unwrap_or(assessed_on)
}

/// Whether abuse by the same person is a MARAC repeat: after the last referral, and within twelve months of its day.
/// (`SafeLives`: any instance of abuse between the same two people within 12 months of the last referral to MARAC.) The
/// anniversary counts; of 29 February it is 28 February.
pub fn is_repeat(last_referral: NaiveDate, happened_on: NaiveDate) -> bool {
    let until = last_referral.checked_add_months(Months::new(12)).unwrap_or(NaiveDate::MAX);
    last_referral < happened_on && happened_on <= until
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::household::Answer;

    #[rstest]
    #[case(0, RiskBand::Standard)]
    #[case(9, RiskBand::Standard)]
    #[case(10, RiskBand::Medium)]
    #[case(13, RiskBand::Medium)]
    #[case(14, RiskBand::High)]
    #[case(24, RiskBand::High)]
    fn a_band_begins_at_its_limit(#[case] score: u8, #[case] band: RiskBand) {
        assert_eq!(Limits::default().band(score), band);
        // An unassessed profile goes by the same limits.
        assert_eq!(Risk { dash_score: Some(score), ..Risk::default() }.band(), Some(band));
    }

    #[test]
    fn the_limits_are_those_of_the_installation() {
        let limits = Limits { medium_from: 5, high_from: 8 };
        assert_eq!(
            [4, 5, 7, 8].map(|score| limits.band(score)),
            [RiskBand::Standard, RiskBand::Medium, RiskBand::Medium, RiskBand::High]
        );
        let known = Risk { marac_referred: Answer::Yes, ..Risk::default() };
        for score in 0..=HIGHEST_SCORE {
            for &band in RiskBand::ALL {
                let noted = noted(&known, score, band);
                assert_eq!((noted.band(), noted.dash_score), (Some(band), Some(score)));
                assert_eq!(noted.marac_referred, Answer::Yes);
            }
        }
    }

    #[test]
    fn a_score_counts_yes_alone() {
        let mut answers = [DashAnswer::No; QUESTIONS];
        assert_eq!(score(&answers), 0);
        (answers[0], answers[23], answers[5]) = (DashAnswer::Yes, DashAnswer::Yes, DashAnswer::NotKnown);
        assert_eq!(score(&answers), 2);
        assert_eq!(score(&[DashAnswer::Yes; QUESTIONS]), HIGHEST_SCORE);
    }

    #[rstest]
    #[case::the_day_of_the_referral("2026-04-01", "2026-04-01", false)]
    #[case::the_day_after("2026-04-01", "2026-04-02", true)]
    #[case::the_anniversary("2026-04-01", "2027-04-01", true)]
    #[case::the_day_after_it("2026-04-01", "2027-04-02", false)]
    #[case::before("2026-04-01", "2026-03-31", false)]
    #[case::a_leap_day("2024-02-29", "2025-02-28", true)]
    #[case::after_a_leap_day("2024-02-29", "2025-03-01", false)]
    fn a_repeat_is_within_twelve_months_to_the_day(
        #[case] last: NaiveDate,
        #[case] happened: NaiveDate,
        #[case] repeat: bool,
    ) {
        assert_eq!(is_repeat(last, happened), repeat);
    }

    #[test]
    fn the_greater_the_danger_the_sooner_it_is_looked_at_again() {
        let day = "2026-04-01".parse().unwrap();
        let [standard, medium, high] =
            [RiskBand::Standard, RiskBand::Medium, RiskBand::High].map(|band| next_review(day, band));
        assert!(day < high && high < medium && medium < standard);
    }
}
