//! `docs/errors.md` explains every code that a client can meet, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use api::error::Code;
use api::http::code::{self, Stage};
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};

tests::cases![
    every_code_of_the_work_is_explained,
    every_code_of_the_door_is_explained,
    every_refusal_at_receipt_is_explained,
];

fn every_code_of_the_work_is_explained() {
    let again = |code: &Code| if code.retryable() { "yes" } else { "no" };
    let rows = Code::ALL.iter().map(|code| (code.as_str().to_owned(), again(code).to_owned()));
    compare("## Codes of the office's work", rows);
}

fn every_code_of_the_door_is_explained() {
    for (heading, stage) in [("### The HTTP request", Stage::Transport), ("### The document", Stage::Document)] {
        let codes = code::ALL.iter().filter(|code| code.stage == stage);
        compare(heading, codes.map(|code| (code.name.to_owned(), code.status.as_str().to_owned())));
    }
}

fn every_refusal_at_receipt_is_explained() {
    let codes: BTreeSet<String> = values_of("RefusalCode").into_iter().collect();
    let found: BTreeSet<String> = rows_under("## What receipt refuses").into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, codes, "docs/errors.md (left) and the schema (right) differ about what receipt refuses");
}

/// Holds the table under a heading, its first two columns, against the codes.
#[track_caller]
fn compare(heading: &str, codes: impl Iterator<Item = (String, String)>) {
    let codes: BTreeSet<(String, String)> = codes.collect();
    let rows = rows_under(heading);
    let found: BTreeSet<(String, String)> = rows.iter().cloned().collect();
    let list = |rows: BTreeSet<&(String, String)>| {
        rows.into_iter().map(|(code, second)| format!("  {code} ({second})\n")).collect::<Vec<_>>().concat()
    };
    let missing = list(codes.difference(&found).collect());
    let unknown = list(found.difference(&codes).collect());
    assert!(missing.is_empty(), "docs/errors.md does not explain, under `{heading}`:\n{missing}");
    assert!(unknown.is_empty(), "docs/errors.md explains what the code does not have, under `{heading}`:\n{unknown}");
    assert_eq!(rows.len(), found.len(), "docs/errors.md explains a code twice under `{heading}`");
}

/// The code and the second column of every row of the table under a heading.
#[track_caller]
fn rows_under(heading: &str) -> Vec<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    let page = fs::read_to_string(file).expect("docs/errors.md can be read");
    let mut lines = page.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "docs/errors.md has no heading `{heading}`");
    lines.take_while(|line| !line.starts_with('#')).filter_map(row).collect()
}

/// `` | `CODE` | second | … | `` as its first two cells.
fn row(line: &str) -> Option<(String, String)> {
    let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
    let code = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
    Some((code.to_owned(), cells.next()?.to_owned()))
}

/// The values of an enum of the schema.
fn values_of(name: &str) -> Vec<String> {
    let schema = parse_schema(api::schema_text()).expect("the server's own schema can be parsed");
    schema
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(found) if found.node.name.node == name => Some(found.node.kind),
            _ => None,
        })
        .flat_map(|kind| match kind {
            TypeKind::Enum(values) => values.values,
            _ => Vec::new(),
        })
        .map(|value| value.node.value.node.to_string())
        .collect()
}
