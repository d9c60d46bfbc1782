//! The tests of the whole: one binary, the real application, real databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test may fail"
)]

mod access;
mod accounts;
mod alerts;
mod annual_return;
mod architecture;
mod audit;
mod audit_search;
mod barriers;
mod browser;
mod bulk;
mod cases;
mod comparison;
mod contact;
mod contract;
mod conversation;
mod emergency;
mod free_text;
mod idempotency;
mod input;
mod invitations;
mod jobs;
mod journeys;
mod keys;
mod killed;
mod mail;
mod measures;
mod merges;
mod migrations;
mod needs;
mod notes;
mod occupancy;
mod occupancy_at_random;
mod outage;
mod pages;
mod parallel;
mod placements;
mod query;
mod questions;
mod ranges;
mod reconcile;
mod referral_answers;
mod referrals;
mod release;
mod releases;
mod repeats;
mod report_files;
mod report_totals;
mod reports;
mod requests;
mod requirements;
mod restricted;
mod risk;
mod rules;
mod safety_plan;
mod sanctuary;
mod scope;
mod second_factor;
mod secrecy;
mod selfcheck;
mod services;
mod sessions;
mod settings;
mod sight;
mod source_figures;
mod states;
mod stay_records;
mod stays;
mod steps;
mod stories;
mod story;
mod support;
mod targets;
mod tasks;
mod timeline;
mod tour;
mod traceability;
mod vacancies;
mod waiting;
mod watches;
mod web;
mod who_saw;
mod work_at_random;
