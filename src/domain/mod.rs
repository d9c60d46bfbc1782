//! The rules of the field as functions of values: no database, no web, no clock, no randomness.

pub mod alert;
pub mod barriers;
pub mod case;
pub mod contact;
pub mod device;
pub mod disclosure;
pub mod eligibility;
pub mod emergency;
pub mod exclusion;
pub mod household;
pub mod identity;
pub mod job;
pub mod journey;
pub mod link;
pub mod looks;
pub mod machine;
pub mod mail;
pub mod matching;
pub mod measures;
pub mod merge;
pub mod note;
pub mod occupancy;
pub mod outcomes;
pub mod permission;
pub mod placement;
pub mod provision;
pub mod reason;
pub mod reference;
pub mod referral;
pub mod repeat;
pub mod report_file;
pub mod risk;
pub mod safety_plan;
pub mod sanctuary;
pub mod scan;
pub mod second_factor;
pub mod support;
pub mod task;
pub mod timeline;
pub mod vacancy;
pub mod waiting;

mod refusal;
mod words;

pub use refusal::Refusal;
pub(crate) use words::words;
