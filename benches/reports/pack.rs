//! The board pack, by its one command: from the records to the files.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use chrono::{Datelike, Months, NaiveDate};
use safehold::clock::Clock;
use safehold::domain::measures::quarter;

use crate::{World, met, milliseconds, progress};

/// In milliseconds, with the largest history.
const TIME: f64 = 30_000.0;
/// In MiB.
const MEMORY: u64 = 300;
/// How often it is looked how much memory it has.
const LOOK: Duration = Duration::from_millis(10);

/// The last quarter whose figures have settled.
fn settled() -> NaiveDate {
    let today = Clock::default().now().date();
    let (first, _) = quarter(today).unwrap();
    let back = if today.day() < 20 && (today - first).num_days() < 20 { 6 } else { 3 };
    first - Months::new(back)
}

/// Makes the pack twice: with the releases of all quarters and years that have settled, and from what is kept. Gives back
/// whether it keeps its aims, which are for the largest history.
pub fn made(world: &World, largest: bool) -> bool {
    let quarter = settled().to_string();
    let (first, memory) = once(world, &quarter);
    let (again, _) = once(world, &quarter);
    let well = !largest || (first < TIME && memory < MEMORY);
    println!(
        "board pack of {quarter}, all formats: {:.1} s with the releases of three years, {:.1} s again; {memory} MiB at most. \
         Aim: {:.0} s and {MEMORY} MiB: {}",
        first / 1_000.0,
        again / 1_000.0,
        TIME / 1_000.0,
        met(well)
    );
    well
}

fn once(world: &World, quarter: &str) -> (f64, u64) {
    let folder = world.folder.path();
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_safehold"))
        .args(["pack", "--quarter", quarter, "--to", "pack"])
        .current_dir(folder)
        .env("SAFEHOLD_DATABASE_URL", &world.url)
        .env("SAFEHOLD_KEY_FILE", folder.join("keys.toml"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        let peak = fs::read_to_string(&status).unwrap_or_default();
        let peak =
            peak.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        memory = memory.max(peak.unwrap_or(0) / 1024);
        thread::sleep(LOOK);
    };
    assert!(ended.success(), "the pack was not made");
    let files = fs::read_dir(folder.join("pack")).unwrap().count();
    progress(&format!("{files} files"));
    (milliseconds(begun), memory)
}
