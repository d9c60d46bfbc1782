//! The coded reasons for an ending, as a form asks for them: one list, grouped by whose decision it was. A reason that
//! more than one side may decide stands in each group, so that nobody is asked twice.

use chrono::NaiveDate;

use super::form::{Posted, Wrong};
use crate::db::referrals::Side;
use crate::domain::reason::{DecidedBy, DenialReason, Reasons};
use crate::domain::reference::Code;

/// The reasons of one decider, each as its value in the form and its words.
pub struct Group {
    pub label: &'static str,
    pub options: Vec<(String, String)>,
}

/// What a form about an ending offers.
pub struct Choices {
    pub groups: Vec<Group>,
    /// Each reason once: (code, words).
    pub all: Vec<(String, String)>,
}

impl Choices {
    /// What somebody on this side may say, of the codes of the list `denial_reason`.
    pub fn of(codes: &[Code], allowed: &[DecidedBy], from: Side, today: NaiveDate) -> Self {
        let known: Vec<(&Code, Vec<DecidedBy>)> = codes
            .iter()
            .filter(|code| code.list == "denial_reason" && code.active(today))
            .filter_map(|code| {
                let reason: DenialReason = serde_json::from_value(code.attributes.clone()).ok()?;
                Some((code, reason.decided_by))
            })
            .collect();
        let groups = allowed.iter().map(|who| {
            let theirs = known.iter().filter(|(_, by)| by.contains(who));
            let options = theirs.map(|(code, _)| (format!("{}:{}", code.code, who.as_str()), code.label.clone()));
            Group { label: decided(*who, from), options: options.collect() }
        });
        let all = known.iter().map(|(code, _)| (code.code.clone(), code.label.clone()));
        Self { groups: groups.filter(|group| !group.options.is_empty()).collect(), all: all.collect() }
    }
}

/// Whose decision it was, as one side says it.
pub fn decided(who: DecidedBy, from: Side) -> &'static str {
    match (who, from) {
        (DecidedBy::Provider, Side::Provider) => "Our service decided",
        (DecidedBy::Provider, Side::Referrer) => "The service decided",
        (DecidedBy::Survivor, _) => "The survivor decided",
        (DecidedBy::Referrer, Side::Referrer) => "We decided",
        (DecidedBy::Referrer, Side::Provider) => "The referrer decided",
        (DecidedBy::System, _) => "Something outside stood in the way",
    }
}

/// The words for a code of a list; the code in plain letters when the list no longer has it.
pub fn label(codes: &[Code], list: &str, code: &str) -> String {
    let found = codes.iter().find(|known| known.list == list && known.code == code);
    found.map_or_else(|| super::words::label(code), |found| found.label.clone())
}

/// The codes of a list that can be chosen today, as (code, words).
pub fn options(codes: &[Code], list: &str, today: NaiveDate) -> Vec<(String, String)> {
    let known = codes.iter().filter(|code| code.list == list && code.active(today));
    known.map(|code| (code.code.clone(), code.label.clone())).collect()
}

/// What was chosen. A reason that is ticked beside the main one and is the main one too is said once.
pub fn read(posted: &Posted, wrong: &mut Wrong) -> Reasons {
    let (code, who) = posted.get("primary_reason").split_once(':').unwrap_or_default();
    if code.is_empty() {
        wrong.note("primary_reason", "Select the main reason");
    }
    let mut secondary = posted.all("secondary_reasons");
    secondary.retain(|other| other != code);
    secondary.sort();
    secondary.dedup();
    if secondary.len() > 10 {
        wrong.note("secondary_reasons", "Tick 10 other reasons at most");
    }
    Reasons { primary_reason: code.to_owned(), secondary_reasons: secondary, decided_by: who.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decider_comes_with_the_reason() {
        let posted =
            Posted::new("/x", "primary_reason=nrpf:provider&secondary_reasons=nrpf&secondary_reasons=no_pets".into());
        let mut wrong = Wrong::default();
        let reasons = read(&posted, &mut wrong);
        assert!(wrong.check().is_ok());
        assert_eq!((reasons.primary_reason.as_str(), reasons.decided_by), ("nrpf", Some(DecidedBy::Provider)));
        assert_eq!(reasons.secondary_reasons, ["no_pets"]);
    }

    #[test]
    fn an_ending_needs_a_reason() {
        let mut wrong = Wrong::default();
        read(&Posted::new("/x", "primary_reason=".into()), &mut wrong);
        assert!(wrong.check().is_err());
    }
}
