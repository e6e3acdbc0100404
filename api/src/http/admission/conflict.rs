//! Selections of one response name that differ.
//!
//! The library looks for them too, but reports one error for each pair and each argument, which one short document
//! can drive into the millions. Here the first one found ends the request, so the library never meets any.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Positioned,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

use crate::http::{code, refusal::Refusal};

/// Checks every selection set of the document.
///
/// # Errors
/// The first conflict.
pub(crate) fn check(document: &ExecutableDocument) -> Result<(), Refusal> {
    for (_, operation) in document.operations.iter() {
        check_below(document, &operation.node.selection_set)?;
    }
    let mut fragments: Vec<_> = document.fragments.iter().collect();
    fragments.sort_unstable_by_key(|(name, _)| name.as_str());
    for (_, fragment) in fragments {
        check_below(document, &fragment.node.selection_set)?;
    }
    Ok(())
}

fn check_below<'a>(document: &'a ExecutableDocument, set: &'a Positioned<SelectionSet>) -> Result<(), Refusal> {
    if !set.node.items.is_empty() {
        let mut answers = Answers { document, fields: HashMap::new(), spread: HashSet::new() };
        answers.collect(None, &set.node)?;
    }
    for selection in &set.node.items {
        match &selection.node {
            Selection::Field(field) => check_below(document, &field.node.selection_set)?,
            Selection::InlineFragment(inline) => check_below(document, &inline.node.selection_set)?,
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

/// The fields of one answer object by the type they are selected on and their response name.
struct Answers<'a> {
    document: &'a ExecutableDocument,
    fields: HashMap<(Option<&'a str>, &'a str), &'a Positioned<Field>>,
    spread: HashSet<&'a str>,
}

impl<'a> Answers<'a> {
    fn collect(&mut self, ty: Option<&'a str>, set: &'a SelectionSet) -> Result<(), Refusal> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.add(ty, field)?,
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let ty = condition.map(|condition| condition.node.on.node.as_str());
                    self.collect(ty, &inline.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.spread.insert(name)
                    {
                        let ty = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(Some(ty), &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, ty: Option<&'a str>, field: &'a Positioned<Field>) -> Result<(), Refusal> {
        let name = field.node.response_key().node.as_str();
        let first = *self.fields.entry((ty, name)).or_insert(field);
        let agrees = first.node.name.node == field.node.name.node
            && first.node.arguments.len() == field.node.arguments.len()
            && first.node.arguments.iter().all(|(argument, value)| {
                field.node.get_argument(&argument.node).is_some_and(|other| other.node == value.node)
            });
        if agrees {
            return Ok(());
        }
        Err(Refusal::new(
            code::FIELD_CONFLICT,
            format!("two selections named `{name}` differ in field or arguments; give one an alias"),
            format!("两处名为“{name}”的选择在字段或参数上不一致，请为其中一处起别名"),
        )
        .field(name)
        .at(first.pos)
        .at(field.pos))
    }
}
