//! `schema.graphql`, the public contract: equal to what the code serves, and described throughout.

use std::fs;
use std::path::Path;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, ServiceDocument, TypeDefinition, TypeKind, TypeSystemDefinition,
};

tests::cases![committed_schema_is_what_the_code_serves, everything_is_described];

fn committed_schema_is_what_the_code_serves() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    let committed = fs::read_to_string(file).unwrap_or_default();
    let served = api::schema_text();
    if let Some(difference) = first_difference(&committed, &served) {
        panic!(
            "schema.graphql lags behind the code: {difference}\nrun `cargo schema > schema.graphql` and read the diff"
        );
    }
}

/// The first line in which the two differ.
fn first_difference(committed: &str, served: &str) -> Option<String> {
    let (mut left, mut right) = (committed.split('\n'), served.split('\n'));
    for line in 1.. {
        let pair = (left.next(), right.next());
        match pair {
            (None, None) => break,
            (committed, served) if committed == served => {}
            (committed, served) => {
                let show = |text: Option<&str>| text.map_or("nothing".to_owned(), |text| format!("`{text}`"));
                return Some(format!("line {line} is {}, the code serves {}", show(committed), show(served)));
            }
        }
    }
    None
}

fn everything_is_described() {
    let served = api::schema_text();
    let document = parse_schema(&served).expect("the server's own schema can be parsed");
    let silent = undescribed(&document);
    assert!(silent.is_empty(), "these say nothing to the author of a client:\n{}", silent.join("\n"));
}

/// Every type, field, argument and enum value without a description.
fn undescribed(document: &ServiceDocument) -> Vec<String> {
    let mut silent = Vec::new();
    for definition in &document.definitions {
        if let TypeSystemDefinition::Type(definition) = definition {
            look_at_type(&definition.node, &mut silent);
        }
    }
    silent
}

fn look_at_type(definition: &TypeDefinition, silent: &mut Vec<String>) {
    let name = definition.name.node.as_str();
    note(name.to_owned(), definition.description.as_ref(), silent);
    match &definition.kind {
        TypeKind::Object(object) => look_at_fields(name, &object.fields, silent),
        TypeKind::Interface(interface) => look_at_fields(name, &interface.fields, silent),
        TypeKind::InputObject(input) => look_at_inputs(name, &input.fields, silent),
        TypeKind::Enum(values) => {
            for value in &values.values {
                let path = format!("{name}.{}", value.node.value.node);
                note(path, value.node.description.as_ref(), silent);
            }
        }
        TypeKind::Scalar | TypeKind::Union(_) => {}
    }
}

fn look_at_fields(owner: &str, fields: &[Positioned<FieldDefinition>], silent: &mut Vec<String>) {
    for field in fields {
        let path = format!("{owner}.{}", field.node.name.node);
        look_at_inputs(&path, &field.node.arguments, silent);
        note(path, field.node.description.as_ref(), silent);
    }
}

fn look_at_inputs(owner: &str, inputs: &[Positioned<InputValueDefinition>], silent: &mut Vec<String>) {
    for input in inputs {
        let path = format!("{owner}.{}", input.node.name.node);
        note(path, input.node.description.as_ref(), silent);
    }
}

fn note(path: String, description: Option<&Positioned<String>>, silent: &mut Vec<String>) {
    if description.is_none_or(|text| text.node.trim().is_empty()) {
        silent.push(path);
    }
}
