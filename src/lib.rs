//! Safehold: vacancies and referrals for domestic-abuse safe accommodation.
//!
//! A request takes three hops: an [`api`] handler, an [`actions`] verb inside one [`db`] transaction, and a pure
//! [`domain`] decision.

pub mod actions;
pub mod api;
pub mod app;
pub mod audit;
pub mod auth;
pub mod clock;
pub mod db;
pub mod demo;
pub mod domain;
pub mod error;
pub mod feed;
pub mod gate;
pub mod ids;
pub mod mail;
pub mod reports;
pub mod selfcheck;
pub mod settings;
pub mod telemetry;
pub mod vault;
pub mod web;
pub mod worker;
