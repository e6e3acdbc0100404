//! How long one year of the reference rulebook takes, beside the same tariff sums hand-written in bare polars.
//!
//! `cargo bench -p analytics` prints, for 10 000 to 10 000 000 submissions, the largest of them of 3 000 units: the median time of several
//! scorings, the time until a further write is in the figures, the time of the hand-written sums over frames of the same facts, and the most
//! memory the process has held so far.
//! The facts come from a seeded generator, so every run counts the same world.

#![expect(clippy::print_stdout, reason = "a benchmark's answer is what it prints")]

mod generator;
mod handwritten;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use analytics::facts::Facts;
use analytics::period::Span;
use analytics::rulebook::{Rulebook, shipped};
use analytics::scoring::{Versions, score};

/// Submissions in a year, how often the members of each category are taken, and how often each size is scored.
const SIZES: [(usize, usize, usize); 4] = [(10_000, 1, 21), (100_000, 1, 11), (1_000_000, 1, 5), (10_000_000, 40, 3)];

fn main() {
    let text = shipped::find("changji").expect("the rulebook is built in");
    let rulebook = Rulebook::parse("changji", text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let categories: Vec<(String, usize)> =
        rulebook.categories().iter().map(|category| (category.id.clone(), category.members.len())).collect();
    let versions = Versions::new(vec![(1, rulebook.effective_from(), Arc::new(rulebook))]);
    let year: Span = "2026".parse().expect("a period");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let profile = if cfg!(debug_assertions) { "debug: figures mean nothing" } else { "release" };
    println!("scoring one year of the reference rulebook; {cores} cores, {profile} build; median of the runs");
    println!(
        "{:>11} {:>10} {:>6} {:>12} {:>12} {:>12} {:>12} {:>10}",
        "submissions", "adoptions", "units", "scoring", "re-scoring", "after write", "handwritten", "peak MiB"
    );
    for (submissions, times, runs) in SIZES {
        let categories: Vec<(String, usize)> =
            categories.iter().map(|(category, members)| (category.clone(), members * times)).collect();
        let world = generator::world(&categories, submissions);
        let frames = handwritten::frames(&world);
        let mut facts = world.facts();
        let first = timed(|| score(&versions, &facts, year));
        let again = median(runs, || score(&versions, &facts, year));
        let bare = median(runs, || handwritten::sums(&frames));
        let mut after_write = Vec::new();
        for run in 0..runs {
            let mut row = world.adoptions[run].clone();
            row.id = i64::MAX - i64::try_from(run).unwrap_or(0);
            after_write.push(timed(|| {
                facts.upsert_adoption(&row);
                score(&versions, &facts, year)
            }));
            facts.remove_adoption(row.id);
        }
        after_write.sort_unstable();
        check(&versions, &facts, year, &handwritten::sums(&frames));
        println!(
            "{submissions:>11} {:>10} {:>6} {:>12} {:>12} {:>12} {:>12} {:>10}",
            world.adoptions.len(),
            world.units.len(),
            milliseconds(first),
            milliseconds(again),
            milliseconds(after_write[after_write.len() / 2]),
            milliseconds(bare),
            peak_mebibytes().map_or("unknown".to_owned(), |peak| peak.to_string()),
        );
    }
    println!("after write: one more adoption until it is in the figures, which are scored anew");
    println!("scoring: the first time, frames still to be made; re-scoring: the median, frames at hand;");
    println!(
        "handwritten: adoption, endorsement, commission and incident sums by unit only, without ledger, periods, money or notes"
    );
}

/// Both ways must give the same sums, or the comparison is worth nothing.
fn check(versions: &Versions, facts: &Facts, year: Span, sums: &[(i64, i64)]) {
    let scored = score(versions, facts, year);
    // The first ones stand for all: a ledger of each unit of the largest world would take longer than everything else.
    for (unit, sum) in sums.iter().take(100) {
        let lines = scored.lines(*unit, year, analytics::rulebook::Currency::Points);
        let tariff = lines.iter().filter(|line| line.submission.is_some() || line.rule == "commission.failed");
        let points: i64 = tariff
            .map(|line| match line.amount {
                analytics::scoring::Amount::Points(points) => points.millionths() / 1_000_000,
                analytics::scoring::Amount::Money(_) => 0,
            })
            .sum();
        assert_eq!(points, *sum, "unit {unit}");
    }
}

fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(run());
    start.elapsed()
}

fn median<T>(runs: usize, run: impl Fn() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..runs).map(|_| timed(&run)).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// The most memory that the process has held, where the system tells.
fn peak_mebibytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024)
}
