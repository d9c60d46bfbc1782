//! What a check says: what was looked at, how it is, what to do.

use std::fmt::Write;

use serde::Serialize;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Ok,
    /// Somebody should know; it may be meant to be so.
    Warning,
    /// It must not be so where real people's data is.
    Finding,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Stable, for programs.
    pub check: &'static str,
    pub outcome: Outcome,
    /// How it is.
    pub says: String,
    /// What to do about it; empty where nothing is.
    pub to_do: &'static str,
}

impl Checked {
    pub fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Ok, says: says.into(), to_do: "" }
    }

    pub fn warning(check: &'static str, says: impl Into<String>, to_do: &'static str) -> Self {
        Self { check, outcome: Outcome::Warning, says: says.into(), to_do }
    }

    pub fn finding(check: &'static str, says: impl Into<String>, to_do: &'static str) -> Self {
        Self { check, outcome: Outcome::Finding, says: says.into(), to_do }
    }

    /// Sound if nothing is in the way.
    pub fn unless(check: &'static str, wrong: Option<String>, sound: impl Into<String>, to_do: &'static str) -> Self {
        wrong.map_or_else(|| Self::ok(check, sound), |says| Self::finding(check, says, to_do))
    }
}

/// Whether there is any finding.
pub fn any_finding(checked: &[Checked]) -> bool {
    checked.iter().any(|one| one.outcome == Outcome::Finding)
}

/// As a table for people.
pub fn table(checked: &[Checked]) -> String {
    let wide = checked.iter().map(|one| one.check.len()).max().unwrap_or_default();
    let mut text = String::new();
    for Checked { check, outcome, says, to_do } in checked {
        let outcome = match outcome {
            Outcome::Ok => "ok",
            Outcome::Warning => "warning",
            Outcome::Finding => "FINDING",
        };
        let _ = writeln!(text, "{check:<wide$}  {outcome:<7}  {says}");
        if !to_do.is_empty() {
            let _ = writeln!(text, "{:<wide$}           -> {to_do}", "");
        }
    }
    let count = |outcome| checked.iter().filter(|one| one.outcome == outcome).count();
    let (findings, warnings) = (count(Outcome::Finding), count(Outcome::Warning));
    let _ = writeln!(text, "\n{} checks: {findings} findings, {warnings} warnings.", checked.len());
    text
}
