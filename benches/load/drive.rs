//! The load over HTTP, by wrk.

use std::fs;
use std::path::Path;

use crate::world::server::Server;
use crate::{CONNECTIONS, THREADS, run};

/// What one run over HTTP has shown.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Answered with a success.
    pub requests: f64,
    /// Answered otherwise, or not at all.
    pub failed: f64,
    pub per_second: f64,
    /// In milliseconds.
    pub p50: f64,
    pub p99: f64,
    /// The server's, in milliseconds for each request.
    pub processor_time: f64,
    /// Whether there was nothing left to do before the time was over.
    pub used_up: bool,
}

/// Runs a script for some seconds.
pub fn drive(server: &Server, lua: &str, seconds: u64, folder: &Path) -> Load {
    let script = folder.join("load.lua");
    fs::write(&script, lua).unwrap();
    let before = server.processor_time();
    let arguments = [
        format!("-t{THREADS}"),
        format!("-c{CONNECTIONS}"),
        format!("-d{seconds}s"),
        "--timeout=10s".to_owned(),
        format!("-s{}", script.display()),
        format!("http://{}", server.address),
    ];
    let output = run("wrk", &arguments, folder);
    assert!(server.listens(), "the server has ended:\n{output}");
    let spent = server.processor_time() - before;
    let figures = output.lines().find_map(|line| line.strip_prefix("figures ")).expect(&output);
    let figures: Vec<f64> = figures.split(' ').map(|figure| figure.parse().unwrap()).collect();
    let [answers, micros, p50, p99, failed, used_up] = figures[..] else { panic!("{output}") };
    let requests = answers - failed;
    assert!(requests > 0.0, "nothing was done:\n{output}");
    Load {
        requests,
        failed,
        per_second: requests / micros * 1e6,
        p50: p50 / 1e3,
        p99: p99 / 1e3,
        processor_time: spent / requests * 1e3,
        used_up: used_up > 0.0,
    }
}
