//! How long one year of a full rulebook takes, beside the same tariff sums hand-written in bare polars.
//!
//! `cargo bench -p analytics --bench scoring` prints, for 10 000 to 10 000 000 submissions, the largest of them of 3 000 units: the time of
//! the first scoring, the median of several more, the time until a further write is in the ranking, the time of a simulation beside that of
//! the two scorings that it is made of, the time of the hand-written sums over frames of the same facts, and the most memory the process has
//! held so far. A number after `--` bounds the submissions.
//!
//! The facts come from a seeded generator, so every run counts the same world.

#![expect(clippy::print_stdout, reason = "a benchmark's answer is what it prints")]

mod generator;
mod handwritten;
mod tariff;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use analytics::period::Span;
use analytics::rulebook::{Currency, Rulebook, shipped};
use analytics::scoring::{Amount, Scored, Versions, score, simulate};
use tariff::{TARIFFS, Tariff};

/// Submissions in a year, units, and how often each size is scored.
const SIZES: [(usize, usize, usize); 4] =
    [(10_000, 75, 21), (100_000, 300, 11), (1_000_000, 3_000, 7), (10_000_000, 3_000, 5)];

fn main() {
    let year: Span = "2026".parse().expect("a period");
    let most = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(usize::MAX);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let profile = if cfg!(debug_assertions) { "debug: figures mean nothing" } else { "release" };
    println!(
        "scoring one year until the ranking and the notes are there; {cores} cores, {profile} build; median of the runs"
    );
    println!(
        "{:>9} {:>11} {:>10} {:>6} {:>11} {:>11} {:>11} {:>11} {:>11} {:>11} {:>9}",
        "rulebook",
        "submissions",
        "adoptions",
        "units",
        "first time",
        "again",
        "after write",
        "two, ranked",
        "simulated",
        "by hand",
        "peak MiB"
    );
    for tariff in &TARIFFS {
        let rulebook = rulebook(tariff, 1);
        for (submissions, units, runs) in SIZES.into_iter().filter(|(submissions, ..)| *submissions <= most) {
            measure(tariff, &rulebook, (submissions, units, runs), year);
        }
    }
    println!("first time: frames still to be made of the facts; again: frames at hand");
    println!(
        "after write: one more adoption until it is in the ranking and in the notes, everything before it scored already"
    );
    println!("simulated: a draft against the rules in force, beside the two scorings and rankings by themselves");
    println!(
        "by hand: the sums of adoptions, endorsements, commissions and incidents by unit only, without ledger, periods, money or notes"
    );
}

/// The shipped rulebook, its points times a number.
fn rulebook(tariff: &Tariff, times: i64) -> Arc<Rulebook> {
    let text = shipped::find(tariff.rulebook).expect("the rulebook is built in");
    let text = if times == 1 {
        text.to_owned()
    } else {
        text.replace("points = \"10\"", &format!("points = \"{}\"", 10 * times))
    };
    Arc::new(Rulebook::parse(tariff.rulebook, &text).unwrap_or_else(|mistakes| panic!("{mistakes}")))
}

fn measure(tariff: &Tariff, rulebook: &Arc<Rulebook>, (submissions, units, runs): (usize, usize, usize), year: Span) {
    let versions = Versions::new(vec![(1, rulebook.effective_from(), rulebook.clone())]);
    let draft = Versions::new(vec![(2, rulebook.effective_from(), self::rulebook(tariff, 2))]);
    let world = generator::world(rulebook, tariff, submissions, units, runs);
    let (mut facts, frames) = (world.facts, world.columns.into_frames());
    let ask = |scored: Scored| {
        black_box((scored.ranking(year, None), scored.notes().len()));
        scored
    };
    let first = timed(|| ask(score(&versions, &facts, year)));
    let again = median(runs, || ask(score(&versions, &facts, year)));
    let bare = median(runs, || handwritten::sums(&frames, tariff));
    let two = median(runs, || {
        (score(&versions, &facts, year).ranking(year, None), score(&draft, &facts, year).ranking(year, None))
    });
    let simulated = median(runs, || simulate(&versions, &draft, &facts, year, year));
    let mut scored = score(&versions, &facts, year);
    check(&scored, &handwritten::sums(&frames, tariff), tariff, year);
    let mut after_write = Vec::new();
    for row in &world.further {
        // As the server does: the facts of the last answer stay as they are, and their copy is written to.
        let begun = Instant::now();
        let mut copy = facts.clone();
        copy.upsert_adoption(row);
        let new = ask(scored.rescored(&versions, &copy));
        after_write.push(begun.elapsed());
        (facts, scored) = (copy, new);
    }
    after_write.sort_unstable();
    assert_eq!(ask(score(&versions, &facts, year)).ranking(year, None), scored.ranking(year, None));
    println!(
        "{:>9} {submissions:>11} {:>10} {units:>6} {:>11} {:>11} {:>11} {:>11} {:>11} {:>11} {:>9}",
        tariff.rulebook,
        world.adoptions,
        milliseconds(first),
        milliseconds(again),
        milliseconds(after_write[after_write.len() / 2]),
        milliseconds(two),
        milliseconds(simulated),
        milliseconds(bare),
        peak_mebibytes().map_or("unknown".to_owned(), |peak| peak.to_string()),
    );
}

/// Both ways must give the same sums, or the comparison is worth nothing.
fn check(scored: &Scored, sums: &[(i64, i64)], tariff: &Tariff, year: Span) {
    // The first ones stand for all: a ledger of each unit of the largest world would take longer than everything else.
    for (unit, sum) in sums.iter().take(20) {
        let lines = scored.lines(*unit, year, Currency::Points);
        let is_of_tariff = |rule: &str| tariff.rules.iter().any(|prefix| rule.starts_with(prefix));
        let tariff = lines.iter().filter(|line| is_of_tariff(&line.rule));
        let points: i64 = tariff
            .map(|line| match line.amount {
                Amount::Points(points) => points.millionths() / 1_000_000,
                Amount::Money(_) => 0,
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
