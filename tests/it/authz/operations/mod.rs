//! Every root field, asked by everybody: `queries.txt`, `mutations.txt` and `feeds` say what each of them answers to whom.
//!
//! A root field without a sample fails here. What a caller does not know of is `NOT_FOUND` or nothing; what a caller knows
//! of but may not do is `FORBIDDEN`; a stranger is `UNAUTHENTICATED`.

pub(crate) mod feeds;
pub(crate) mod orders;
pub(crate) mod questions;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};

/// The fields of a root type, in alphabetical order.
fn root_fields(root: &str) -> Vec<String> {
    let document = parse_schema(api::schema_text()).expect("the server's own schema can be parsed");
    let mut fields: Vec<String> = document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) if definition.node.name.node == root => Some(&definition.node.kind),
            TypeSystemDefinition::Type(_) | TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => {
                None
            }
        })
        .filter_map(|kind| match kind {
            TypeKind::Object(object) => Some(&object.fields),
            _ => None,
        })
        .flatten()
        .map(|field| field.node.name.node.to_string())
        .collect();
    fields.sort_unstable();
    assert!(!fields.is_empty(), "the schema has no type {root}");
    fields
}

/// What everybody got: field, then outcome, then the callers, in the order in which they asked.
#[derive(Default)]
struct Outcomes(BTreeMap<String, BTreeMap<String, Vec<&'static str>>>);

impl Outcomes {
    fn note(&mut self, field: &str, outcome: String, caller: &'static str) {
        self.0.entry(field.to_owned()).or_default().entry(outcome).or_default().push(caller);
    }

    fn print(&self, head: &str) -> String {
        let mut text = head.to_owned();
        for (field, outcomes) in &self.0 {
            let _ = writeln!(text, "\n{field}");
            for (outcome, callers) in outcomes {
                let _ = writeln!(text, "    {outcome:18} {}", callers.join(", "));
            }
        }
        text
    }
}
