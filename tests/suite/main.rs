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
mod architecture;
mod audit;
mod audit_search;
mod barriers;
mod browser;
mod bulk;
mod cases;
mod contact;
mod contract;
mod emergency;
mod free_text;
mod idempotency;
mod input;
mod invitations;
mod journeys;
mod keys;
mod killed;
mod mail;
mod migrations;
mod needs;
mod occupancy;
mod occupancy_at_random;
mod outage;
mod pages;
mod placements;
mod query;
mod questions;
mod ranges;
mod referral_answers;
mod referrals;
mod release;
mod repeats;
mod report_totals;
mod reports;
mod requests;
mod requirements;
mod restricted;
mod rules;
mod scope;
mod second_factor;
mod secrecy;
mod selfcheck;
mod services;
mod sessions;
mod settings;
mod states;
mod steps;
mod story;
mod support;
mod tour;
mod vacancies;
mod watches;
mod web;
mod who_saw;
mod work_at_random;
