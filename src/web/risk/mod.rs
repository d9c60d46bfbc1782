//! How great the danger is: what is known, what happened, the referrals to a MARAC, and a new assessment.

mod assess;
mod show;

use actix_web::web::ServiceConfig;

use crate::domain::household::RiskBand;
use crate::domain::risk::{DashAnswer, MaracReason};

pub fn routes(config: &mut ServiceConfig) {
    config.configure(assess::routes).configure(show::routes);
}

/// A band, with the last part of its class.
fn band(band: RiskBand) -> (&'static str, &'static str) {
    match band {
        RiskBand::High => ("High", "danger"),
        RiskBand::Medium => ("Medium", "warn"),
        RiskBand::Standard => ("Standard", ""),
    }
}

fn marac(reason: MaracReason) -> &'static str {
    match reason {
        MaracReason::Score => "The score is high",
        MaracReason::ProfessionalJudgement => "Professional judgement",
        MaracReason::Repeat => "A repeat within 12 months",
        MaracReason::Escalation => "It is getting worse",
    }
}

fn answer(answer: DashAnswer) -> &'static str {
    match answer {
        DashAnswer::Yes => "Yes",
        DashAnswer::No => "No",
        DashAnswer::NotKnown => "Not known",
    }
}
