//! Rulebooks from strangers: whatever the text, reading it ends soon, with a rulebook or with mistakes that point into the text; and what
//! passes the check scores without a panic.

use std::time::{Duration, Instant};

use analytics::rulebook::{Rulebook, shipped};
use analytics::scoring::score;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::scene::{Scene, parse, span};

/// The time that any text may take, in a build without optimisation on a busy machine.
const SOON: Duration = Duration::from_secs(10);

const FIELD: [&str; 4] = [
    include_str!("../../rulebooks/field/dongming-2012.toml"),
    include_str!("../../rulebooks/field/weighted-trio.toml"),
    include_str!("../../rulebooks/field/daying-2022.toml"),
    include_str!("../../rulebooks/field/two-strike.toml"),
];

fn real(number: usize) -> &'static str {
    let shipped = ["baotou", "gaoxian", "xx_city", "changsha", "changji"];
    match number % (shipped.len() + FIELD.len()) {
        place if place < FIELD.len() => FIELD[place],
        place => shipped::find(shipped[place - FIELD.len()]).unwrap(),
    }
}

/// Reads a text: in time, and every mistake points to a place that the text has.
fn read(text: &str) -> Option<Rulebook> {
    let start = Instant::now();
    let read = Rulebook::parse("stranger.toml", text);
    let took = start.elapsed();
    assert!(
        took < SOON,
        "took {took:?}: {} bytes beginning {:?}",
        text.len(),
        text.chars().take(80).collect::<String>()
    );
    match read {
        Ok(rulebook) => Some(rulebook),
        Err(mistakes) => {
            let lines = text.split('\n').count();
            assert!((1..=201).contains(&mistakes.iter().count()));
            for mistake in &mistakes {
                assert!(mistake.line >= 1 && mistake.line <= lines && mistake.column >= 1, "{mistake}");
                assert!(!mistake.message.is_empty() && !mistake.message_zh.is_empty(), "{mistake}");
                assert!(mistake.found.chars().count() <= 200, "{mistake}");
            }
            None
        }
    }
}

/// What strangers put where something else belongs.
const FRAGMENTS: [&str; 24] = [
    "\"",
    "'''",
    "\"\"\"",
    "[[rule]]\n",
    "[[",
    "]]",
    "{",
    "}",
    "= ",
    "points = \"",
    "9223372036854775807",
    "1e400",
    "-0",
    "999999999.999999",
    "NULL",
    "AND NOT (",
    "CASE WHEN ",
    " END",
    "SELECT * FROM submission",
    "; DROP TABLE unit",
    "/*",
    "--",
    "\u{202e}政务",
    "9999-12-31",
];

/// One damage: where, in parts of a thousand, and what.
#[derive(Debug, Clone)]
enum Damage {
    Byte(usize, u8),
    Insert(usize, usize),
    Cut(usize, usize),
    Splice(usize, usize, usize),
    Repeat(usize, usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = || 0..1000_usize;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        (place(), 0..FRAGMENTS.len()).prop_map(|(at, what)| Damage::Insert(at, what)),
        (place(), 1..200_usize).prop_map(|(at, length)| Damage::Cut(at, length)),
        (place(), any::<usize>(), place()).prop_map(|(at, other, from)| Damage::Splice(at, other, from)),
        (place(), 1..200_usize, 2..50_usize).prop_map(|(at, length, times)| Damage::Repeat(at, length, times)),
    ]
}

fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for damage in damages {
        let length = bytes.len().max(1);
        let place = |thousandth: usize| (thousandth * length / 1000).min(bytes.len());
        match *damage {
            Damage::Byte(at, byte) => {
                let at = place(at);
                if let Some(old) = bytes.get_mut(at) {
                    *old = byte;
                }
            }
            Damage::Insert(at, what) => {
                let at = place(at);
                bytes.splice(at..at, FRAGMENTS[what].bytes());
            }
            Damage::Cut(at, length) => {
                let at = place(at);
                let end = (at + length).min(bytes.len());
                bytes.drain(at..end);
            }
            Damage::Splice(at, other, from) => {
                let other = real(other).as_bytes();
                let from = from * other.len() / 1000;
                let (at, end) = (place(at), (from + 400).min(other.len()));
                bytes.splice(at..at, other[from..end].iter().copied());
            }
            Damage::Repeat(at, length, times) => {
                let at = place(at);
                let piece = bytes[at..(at + length).min(bytes.len())].repeat(times);
                bytes.splice(at..at, piece);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(Config { cases: 96, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_damaged_rulebook_is_read_in_time_and_never_panics(
        number in 0..9_usize,
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        if let Some(rulebook) = read(&damaged(real(number), &damages)) {
            let mut scene = Scene::of(rulebook);
            let units: Vec<i64> = scene.facts.units().keys().copied().take(2).collect();
            for unit in units {
                let item = scene.submit(unit, "2024-03-05");
                scene.adopt(unit, item, "own", "2024-03-06");
            }
            score(&scene.versions(), &scene.facts, span("2024"));
        }
    }

    #[test]
    fn an_expression_of_random_words_is_read_in_time(
        words in prop::collection::vec(prop::sample::select(FRAGMENTS.to_vec()), 1..40),
    ) {
        let expression = words.concat().replace(['"', '\n'], " ");
        read(&real(0).replacen("received", &expression, 1));
    }
}

#[test]
fn nesting_bombs_end_in_a_mistake() {
    let rulebook = FIELD[1];
    let deep = |open: &str, inner: &str, close: &str, times: usize| {
        let expression = format!("{}{inner}{}", open.repeat(times), close.repeat(times));
        rulebook.replacen("where = \"received\"", &format!("where = '''{expression}'''"), 1)
    };
    for text in [
        deep("(", "received", ")", 900),
        deep("NOT ", "received", "", 400),
        deep("CASE WHEN received THEN ", "TRUE", " END", 60),
        deep("ABS(", "1", ")", 400),
        deep("- ", "1", "", 900),
        format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("x = {}{}", "{a=".repeat(50_000), "}".repeat(50_000)),
        format!("{}x = 1", "a.".repeat(60_000)),
        format!("[{}]", "a.".repeat(60_000) + "a"),
        "[[rule]]\n".repeat(20_000),
        "\"".repeat(200_000),
        "'''".repeat(60_000),
        "=\n".repeat(100_000),
        "\u{0}".repeat(200_000),
    ] {
        assert!(read(&text).is_none());
    }
    // A long row of conditions is no nesting.
    assert!(read(&deep("received AND ", "received", "", 150)).is_some());
}

#[test]
fn a_megabyte_is_refused_for_its_length() {
    for text in ["# 长\n".repeat(200_000), real(1).repeat(300), "a".repeat(1024 * 1024)] {
        assert!(text.len() > 256 * 1024);
        assert!(read(&text).is_none());
    }
}

#[test]
fn huge_numbers_are_mistakes_where_they_could_overflow() {
    for points in [
        "1000000000",
        "999999999 * 999999999",
        "99999999999999999999999999999999999999",
        "0.0000001",
        "1 / 0",
        "1e9",
        "999999999 * characters * characters",
    ] {
        let text = FIELD[1].replacen("points = \"1\"", &format!("points = \"{points}\""), 1);
        assert!(read(&text).is_none(), "{points}");
    }
}

#[test]
fn every_real_rulebook_is_read() {
    for number in 0..9 {
        parse(real(number));
        assert!(read(real(number)).is_some());
    }
}
