//! How long catalogued questions take by unit and month over five years and 3,000 units, beside the same sums hand-written in bare
//! polars over frames of the same facts.
//!
//! `cargo bench -p analytics --bench frames` prints the median of several runs for 100,000 and 1,000,000 submissions; with
//! `-- --large` for 10,000,000 as well. The facts come from a seeded generator, and both sides are asserted to agree.

#![expect(clippy::print_stdout, reason = "a benchmark's answer is what it prints")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use analytics::facts::{AdoptionRow, Facts, Membership, SubmissionRow, UnitRow};
use analytics::frames::answer::Answer;
use analytics::frames::dimension::Dimension;
use analytics::frames::measure::Measure;
use analytics::frames::number::Number;
use analytics::frames::query::Query;
use analytics::frames::{Source, analyse};
use analytics::period::{PeriodUnit, Span};
use analytics::rulebook::{Rulebook, shipped};
use analytics::scoring::Versions;
use chrono::{Datelike, Days, NaiveDate};
use polars::prelude::{
    Column, DataFrame, DataType, Int32Chunked, Int64Chunked, IntoColumn, IntoLazy, NewChunkedArray, PolarsResult,
    UInt32Chunked, col,
};

const UNITS: u64 = 3_000;
const DAYS: u64 = 1_826;

/// A small generator of well-spread numbers (the one called splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The columns that the hand-written sums read.
#[derive(Default)]
struct Bare {
    units: Vec<i64>,
    days: Vec<i32>,
    submissions: Vec<i64>,
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, 1, 1).unwrap_or_default()
}

fn generate(submissions: u64) -> (Facts, Bare, Bare) {
    let (mut random, mut facts) = (Random(2026), Facts::new());
    for id in 1..=i64::try_from(UNITS).unwrap_or(0) {
        facts.upsert_unit(&UnitRow {
            id,
            name: format!("单位{id}"),
            order: id,
            opened_on: first_day(),
            closed_on: None,
            direct_report: false,
            memberships: vec![Membership { category: "county".to_owned(), first: first_day(), last: None }],
        });
    }
    let number = |number: u64| i64::try_from(number).unwrap_or(0);
    let (mut reported, mut adopted) = (Bare::default(), Bare::default());
    for id in 1..=submissions {
        let (unit, day) = (number(random.below(UNITS)) + 1, random.below(DAYS));
        let on = |day: u64| first_day().checked_add_days(Days::new(day)).unwrap_or_default();
        reported.units.push(unit);
        reported.days.push(i32::try_from(day).unwrap_or(0));
        reported.submissions.push(number(id));
        facts.upsert_submission(&SubmissionRow {
            id: number(id),
            unit,
            kind: "dynamic".to_owned(),
            topic: Some("economy".to_owned()),
            submitted_on: on(day),
            received: true,
            commissioned: false,
            urgent: false,
            characters: 500,
            count: 1,
        });
        if random.below(3) == 0 {
            let day = (day + random.below(30)).min(DAYS - 1);
            adopted.units.push(unit);
            adopted.days.push(i32::try_from(day).unwrap_or(0));
            adopted.submissions.push(number(id));
            facts.upsert_adoption(&AdoptionRow {
                id: number(id),
                submission: Some(number(id)),
                unit,
                publication: ["general", "internal"][usize::from(random.below(2) == 0)].to_owned(),
                class: None,
                via: None,
                kind: Some("dynamic".to_owned()),
                topic: None,
                characters: 500,
                commissioned: false,
                adopted_on: on(day),
                count: 1,
            });
        }
    }
    (facts, reported, adopted)
}

impl Bare {
    fn frame(&self) -> DataFrame {
        let columns: Vec<Column> = vec![
            Int64Chunked::from_slice("unit".into(), &self.units).into_column(),
            Int32Chunked::from_slice("day".into(), &self.days).into_column(),
            Int64Chunked::from_slice("submission".into(), &self.submissions).into_column(),
            Int64Chunked::from_vec("count".into(), vec![1; self.units.len()]).into_column(),
        ];
        DataFrame::new(self.units.len(), columns).expect("every column has one value per row")
    }
}

/// The month of every day, by its number.
fn months() -> UInt32Chunked {
    let month = |day: u64| {
        let on = first_day().checked_add_days(Days::new(day)).unwrap_or_default();
        u32::try_from(on.year() - 2021).unwrap_or(0) * 12 + on.month0()
    };
    UInt32Chunked::from_vec("month".into(), (0..DAYS).map(month).collect())
}

/// Sums by unit and month, as one would write them.
fn by_hand(frame: &DataFrame, months: &UInt32Chunked, distinct: bool) -> PolarsResult<DataFrame> {
    let days = polars::prelude::ChunkCast::cast(frame.column("day")?.i32()?, &DataType::UInt32)?;
    let month = polars::prelude::ChunkTake::take(months, days.u32()?)?;
    let mut frame = frame.clone();
    frame.with_column(month.into_column())?;
    let sum = if distinct { col("submission").n_unique().cast(DataType::Int64) } else { col("count").sum() };
    frame.lazy().group_by([col("unit"), col("month")]).agg([sum.alias("sum")]).collect()
}

fn main() {
    let text = shipped::find("changji").expect("the rulebook is built in");
    let rulebook = Rulebook::parse("changji", text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let versions = Versions::new(vec![(1, first_day(), Arc::new(rulebook))]);
    let large = std::env::args().any(|argument| argument == "--large");
    let sizes: &[(u64, usize)] =
        if large { &[(100_000, 9), (1_000_000, 5), (10_000_000, 3)] } else { &[(100_000, 9), (1_000_000, 5)] };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let profile = if cfg!(debug_assertions) { "debug: figures mean nothing" } else { "release" };
    println!(
        "by unit and month, 3,000 units, 60 months; {cores} cores, {profile} build; median of the runs, milliseconds"
    );
    println!(
        "{:>11} {:>15} {:>9} {:>9} {:>7} {:>10}",
        "submissions", "question", "engine", "by hand", "ratio", "rss MiB"
    );
    for (submissions, runs) in sizes {
        let (facts, reported, adopted) = generate(*submissions);
        let (reported, adopted, months) = (reported.frame(), adopted.frame(), months());
        let today = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap_or_default();
        let source = Source::new(&versions, &facts, today);
        for measure in [Measure::Received, Measure::Adoptions, Measure::AdoptedItems, Measure::AdoptionRate] {
            let query = query(measure);
            let ask = || analyse(&source, &query, |_| None).unwrap_or_else(|refusal| panic!("{}", refusal.message));
            let hand = |distinct| {
                let sums = |frame, distinct| by_hand(frame, &months, distinct).expect("the columns are there");
                match measure {
                    Measure::Received => vec![sums(&reported, false)],
                    Measure::AdoptionRate => vec![sums(&adopted, distinct), sums(&reported, false)],
                    _ => vec![sums(&adopted, distinct)],
                }
            };
            let distinct = matches!(measure, Measure::AdoptedItems | Measure::AdoptionRate);
            let _first = ask();
            agree(&ask(), &hand(distinct)[0], measure);
            let (engine, bare) = (median(*runs, ask), median(*runs, || hand(distinct)));
            let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
            println!(
                "{submissions:>11} {:>15} {:>9.1} {:>9.1} {:>7.2} {:>10}",
                measure.about().code,
                milliseconds(engine),
                milliseconds(bare),
                milliseconds(engine) / milliseconds(bare),
                resident_mebibytes().map_or("unknown".to_owned(), |size| size.to_string()),
            );
        }
    }
}

fn query(measure: Measure) -> Query {
    let span = Span { first: first_day(), last: first_day().checked_add_days(Days::new(DAYS - 1)).unwrap_or_default() };
    let mut query = Query::new(vec![measure], vec![Dimension::Unit], span);
    query.split_by = Some(PeriodUnit::Month);
    query
}

/// Both sides come to the same sum.
fn agree(answer: &Answer, sums: &DataFrame, measure: Measure) {
    let of = |number: Option<Number>| match number {
        Some(Number::Count(count)) => count,
        _ => 0,
    };
    let found: i64 = answer
        .rows
        .iter()
        .map(|row| if measure.is_ratio() { of(row.cells[0].numerator) } else { of(row.cells[0].value) })
        .sum();
    let sum = sums
        .column("sum")
        .ok()
        .and_then(|column| column.i64().ok().and_then(|sums| sums.iter().flatten().reduce(|a, b| a + b)));
    assert_eq!(Some(found), sum, "{measure:?}");
}

fn median<T>(runs: usize, mut run: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begin = Instant::now();
            black_box(run());
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn resident_mebibytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}
