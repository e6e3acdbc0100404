//! The same facts give the same bytes, in any order of arrival and on any number of threads.

use std::fmt::Write as _;
use std::process::Command;

use analytics::facts::Facts;
use analytics::frames::{RateBasis, RateBy, adoption_rates};
use analytics::rulebook::Currency;
use analytics::scoring::score;

use crate::scene::{changji, span};
use crate::worlds::{World, world};

/// Every answer as one text.
fn everything(world: &World, order: &[usize]) -> String {
    let mut facts = Facts::new();
    for index in order {
        world.put(&mut facts, *index);
    }
    let versions = World::versions(changji());
    let scored = score(&versions, &facts, span("2026"));
    let mut text =
        format!("{:?}\n{:?}\n{:?}\n", scored.notes(), scored.ranking(span("2026"), None), scored.awards(span("2026")));
    for unit in facts.units().keys() {
        for currency in [Currency::Points, Currency::Money] {
            writeln!(text, "{:?}", scored.lines(*unit, span("2026"), currency)).unwrap();
        }
    }
    for basis in [RateBasis::AdoptedIn, RateBasis::SubmittedIn] {
        writeln!(text, "{:?}", adoption_rates(&versions, &facts, span("2026-H1"), RateBy::Unit, basis)).unwrap();
    }
    text
}

fn fixed_world() -> World {
    world(4, 400)
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let world = fixed_world();
    let forward: Vec<usize> = (0..world.len()).collect();
    let backward: Vec<usize> = forward.iter().rev().copied().collect();
    // Stepping by a number without common factors visits every fact once.
    let stepped: Vec<usize> = (0..world.len()).map(|index| index * 7919 % world.len()).collect();
    let expected = everything(&world, &forward);
    assert!(expected.len() > 50_000, "the world is not empty");
    assert_eq!(everything(&world, &backward), expected);
    assert_eq!(everything(&world, &stepped), expected);
}

#[test]
fn the_number_of_threads_does_not_matter() {
    // The engine reads its number of threads once per process, so each number gets a process of its own.
    let expected = told_fingerprint();
    for threads in ["1", "2", "5", "8"] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["order::the_fingerprint_is_told", "--exact", "--nocapture"])
            .env("POLARS_MAX_THREADS", threads)
            .output()
            .unwrap();
        let answer = String::from_utf8(output.stderr).unwrap();
        assert!(answer.contains(&expected), "{threads} threads: {answer}");
    }
}

/// What the processes above run.
#[test]
fn the_fingerprint_is_told() {
    eprintln!("{}", told_fingerprint());
}

fn told_fingerprint() -> String {
    let world = fixed_world();
    let order: Vec<usize> = (0..world.len()).collect();
    fingerprint(&everything(&world, &order))
}

/// FNV-1a over the text, with its length.
fn fingerprint(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("<{}:{hash:016x}>", text.len())
}
