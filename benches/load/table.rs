//! What is told at the end.

use crate::ceiling::Ceiling;
use crate::drive::Load;
use crate::job::{Aim, Job};

/// A job with its better run over HTTP, and its better run by pgbench. (Noise only ever slows.)
pub struct Row {
    pub job: Job,
    pub load: Load,
    /// The most memory that the server had, in MiB.
    pub memory: u64,
    pub ceiling: Ceiling,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.load.per_second / self.ceiling.per_second
    }
}

/// Prints the figures and which aims were met; gives back whether every request was answered with a success.
pub fn print(rows: &[Row]) -> bool {
    println!();
    println!("32 connections; of two runs each, the better one over HTTP and the better one by pgbench");
    println!();
    println!(
        "{:<24} {:>8} {:>8} {:>8} {:>14} {:>9} {:>13} {:>6}",
        "", "HTTP", "p50", "p99", "server's CPU", "memory", "pgbench", "ratio"
    );
    println!(
        "{:<24} {:>8} {:>8} {:>8} {:>14} {:>9} {:>13} {:>6}",
        "job", "req/s", "ms", "ms", "ms/request", "peak MiB", "tx/s", ""
    );
    for row in rows {
        let Load { per_second, p50, p99, processor_time, .. } = row.load;
        println!(
            "{:<24} {per_second:>8.0} {p50:>8.1} {p99:>8.1} {processor_time:>14.2} {:>9} {:>13.0} {:>6.2}",
            row.job.name(),
            row.memory,
            row.ceiling.per_second,
            row.ratio()
        );
    }
    println!();
    for row in rows {
        if row.load.failed > 0.0 {
            println!("{:<24} {} requests FAILED, {} did not", row.job.name(), row.load.failed, row.load.requests);
        }
        let Ceiling { transactions, retried, given_up, .. } = row.ceiling;
        if retried > 0.0 {
            let name = row.job.name();
            println!("{name:<24} of {transactions} by pgbench, {retried} retries, {given_up} given up");
        }
        let (met, aim) = match row.job.aim() {
            Aim::OfCeiling(part) => (row.ratio() >= part, format!("{part} of the ceiling or better")),
            Aim::ProcessorTime(limit) => {
                (row.load.processor_time < limit, format!("less than {limit} ms of processor time"))
            }
        };
        println!("{:<24} {aim}: {}", row.job.name(), if met { "met" } else { "missed" });
    }
    rows.iter().all(|row| row.load.failed == 0.0)
}
