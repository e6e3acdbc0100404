//! Random documents: admission never panics, works in steps linear in the text, and what it admits is harmless to
//! the library's parser on a small stack.

use std::thread;

use async_graphql::parser::parse_query;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::json;

use super::admission::Admission;

/// The stack on which an admitted document must still be parsed.
const SMALL_STACK: usize = 256 * 1024;

/// Pieces that make documents interesting to a parser.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "@",
    "...",
    "$a",
    "=",
    "!",
    "|",
    "&",
    "\"",
    "\"\"\"",
    "\\",
    "#",
    "\n",
    ",",
    " ",
    "query ",
    "mutation ",
    "subscription ",
    "fragment ",
    " on ",
    "Query",
    "Item",
    "ItemConnection",
    "hello",
    "item",
    "items",
    "nodes",
    "id",
    "next",
    "echo",
    "F",
    "G",
    "first",
    "1",
    "-0.5e9",
    "null",
    "true",
    "@skip(if: true)",
    "{ item ",
    "{ ...F ",
    "... on Item ",
    "[[[[[[[[",
    "{a:{a:{a:",
    "\u{feff}",
    "新",
    "\r\n",
    "\"{[(\"",
    "\"\"\"{[(\"\"\"",
    "fragment F on Query {",
    "}}}}",
];

fn noise() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..200).prop_map(|pieces| pieces.concat())
}

/// Selections that mostly hold together.
fn selections() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(&["id", "hello", "__typename", "...F", "...G", "a: id", "similar { id }"][..])
        .prop_map(str::to_owned);
    leaf.prop_recursive(40, 400, 4, |inner| {
        let set = prop::collection::vec(inner, 1..4).prop_map(|items| items.join(" "));
        (
            prop::sample::select(
                &[
                    "item",
                    "next",
                    "children(first: 2)",
                    "nodes",
                    "... on Item",
                    "...",
                    "b: next @include(if: true)",
                ][..],
            ),
            set,
        )
            .prop_map(|(opener, set)| format!("{opener} {{ {set} }}"))
    })
}

/// Values nested up to and beyond the limit.
fn value() -> impl Strategy<Value = String> {
    (0_usize..80, prop::collection::vec(any::<bool>(), 80)).prop_map(|(depth, kinds)| {
        let (mut open, mut close) = (String::new(), String::new());
        for is_list in &kinds[..depth] {
            open += if *is_list { "[" } else { "{k:" };
            close.insert(0, if *is_list { ']' } else { '}' });
        }
        format!("{open}1{close}")
    })
}

fn documents() -> impl Strategy<Value = String> {
    prop_oneof![
        noise(),
        any::<String>(),
        (selections(), selections(), selections())
            .prop_map(|(a, f, g)| format!("{{ {a} }} fragment F on Item {{ {f} }} fragment G on Query {{ {g} }}")),
        (value(), value()).prop_map(|(a, b)| format!("query A($f: Filter = {a}) {{ echo(filter: {b}) }}")),
        (1_usize..70, selections()).prop_map(|(depth, inner)| format!(
            "{{ item {} {inner} {} }}",
            "{ ... on Item ".repeat(depth) + "{",
            "}".repeat(depth + 1)
        )),
    ]
}

fn survives(document: String) -> bool {
    let parser = thread::Builder::new().stack_size(SMALL_STACK).spawn(move || parse_query(document).is_ok());
    parser.unwrap().join().unwrap()
}

#[test]
fn whatever_comes_is_answered_in_linear_steps_and_harmless_when_admitted() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut admission = runtime.block_on(Admission::new());
    // Wide limits on meaning, so that the limits on shape are what is tested.
    admission.limits.depth = u64::MAX;
    admission.limits.cost = u64::MAX;
    admission.limits.introspection_cost_per_row = u64::MAX;
    let config = Config { cases: 1500, failure_persistence: None, ..Config::default() };
    let admitted = std::cell::Cell::new(0);
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
    .run(&documents(), |document| {
        let Ok(found) = admission.admit(&document, json!({})) else {
            return Ok(());
        };
        admitted.set(admitted.get() + 1);
        // A byte and a token cost a step each in the scan, and a selection one in the walk of each operation.
        prop_assert!(found.steps <= 3 * document.len() + 1, "{} steps for {} bytes", found.steps, document.len());
        prop_assert!(found.summary.selections <= admission.limits.selections);
        prop_assert!(survives(document));
        Ok(())
    })
    .unwrap();
    assert!(admitted.get() > 50, "only {} documents were admitted", admitted.get());
}

#[test]
fn the_deepest_documents_that_pass_fit_on_a_small_stack() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut admission = runtime.block_on(Admission::new());
    admission.limits.depth = u64::MAX;
    admission.limits.levels = usize::MAX;
    admission.limits.directives = usize::MAX;
    let most = admission.limits.nesting;
    let nested =
        |open: &str, inner: &str, close: &str, n: usize| format!("{}{inner}{}", open.repeat(n), close.repeat(n));
    for document in [
        format!("{{ item {} }}", nested("{ next ", "{ id }", "}", most - 2)),
        format!("{{ item {} }}", nested("{ ... on Item ", "{ id }", "}", most - 2)),
        format!("{{ item {} }}", nested("{ ... @include(if: true) ", "{ id }", "}", most - 2)),
        format!("{{ echo(texts: {}) }}", nested("[", "", "]", most - 2)),
        format!("{{ echo(filter: {}) }}", nested("{inner: ", "{}", "}", most - 3)),
        format!("query A($f: Filter = {}) {{ echo(filter: $f) }}", nested("{inner: ", "{}", "}", most - 2)),
        format!("query A($f: {}) {{ echo(filter: $f) }}", nested("[", "Filter", "]", most - 1)),
    ] {
        if let Err(refused) = admission.admit(&document, json!({})) {
            panic!("{document}: {:?}", refused.refusals);
        }
        assert!(survives(document.clone()), "{document}");
    }
}
