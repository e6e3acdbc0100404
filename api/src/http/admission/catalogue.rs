//! The schema as the admission step needs it: which fields a type has, which of them are lists, which take a page.
//!
//! It is read once from the schema itself by introspection, so it cannot fall behind.

use std::collections::{HashMap, HashSet};

use async_graphql::{Request, parser::types::OperationType};
use serde::Deserialize;

use crate::http::engine::Engine;

const QUESTION: &str = "{ __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name
    fields(includeDeprecated: true) { name args { name defaultValue } type { ...Ref } }
    inputFields { name } enumValues(includeDeprecated: true) { name }
    interfaces { name } possibleTypes { name } } } }
fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";

/// The types of a schema.
#[derive(Debug)]
pub(crate) struct Catalogue {
    types: HashMap<String, Type>,
    inputs: HashSet<String>,
    /// How many rows an introspection of the whole schema has, as the measure counts lists: types, their fields with their
    /// arguments, and whatever else a type lists.
    pub(crate) rows: u64,
    query: String,
    mutation: Option<String>,
    subscription: Option<String>,
}

/// An object or interface type.
#[derive(Debug)]
pub(crate) struct Type {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is a page of a list: its own lists are as long as the page that was asked for.
    pub(crate) is_connection: bool,
    fields: HashMap<String, Field>,
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    /// The name of its type without lists and `!`.
    pub(crate) ty: String,
    /// Whether it is a list.
    pub(crate) is_list: bool,
    /// Whether it takes `first` or `last`.
    pub(crate) takes_page: bool,
    /// The default of `first`, or else of `last`, in the schema.
    pub(crate) page_default: Option<u64>,
    /// A list length known from the schema itself, for the fields of introspection.
    pub(crate) length: Option<u64>,
}

/// The schema could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the schema does not answer introspection, which the door needs at start: {0}")]
pub struct CatalogueError(String);

impl Catalogue {
    /// Asks the schema.
    pub(crate) async fn read(engine: &dyn Engine) -> Result<Self, CatalogueError> {
        let response = engine.execute(Request::new(QUESTION)).await;
        if let Some(error) = response.errors.first() {
            return Err(CatalogueError(error.message.clone()));
        }
        let data = response.data.into_json().map_err(|error| CatalogueError(error.to_string()))?;
        let answer: Answer = serde_json::from_value(data).map_err(|error| CatalogueError(error.to_string()))?;
        Ok(Self::from_answer(answer.schema))
    }

    fn from_answer(schema: SchemaRow) -> Self {
        let lengths = Lengths::of(&schema);
        let inputs = schema
            .types
            .iter()
            .filter(|row| matches!(row.kind.as_str(), "SCALAR" | "ENUM" | "INPUT_OBJECT"))
            .map(|row| row.name.clone())
            .collect();
        let types = schema.types.into_iter().map(|row| (row.name.clone(), row.into_type(&lengths))).collect();
        Self {
            types,
            inputs,
            rows: lengths.rows(),
            query: schema.query_type.name,
            mutation: schema.mutation_type.map(|row| row.name),
            subscription: schema.subscription_type.map(|row| row.name),
        }
    }

    /// A type by name; scalars and inputs have no fields.
    pub(crate) fn get(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// The root type of an operation.
    pub(crate) fn root(&self, ty: OperationType) -> Option<&Type> {
        let name = match ty {
            OperationType::Query => Some(&self.query),
            OperationType::Mutation => self.mutation.as_ref(),
            OperationType::Subscription => self.subscription.as_ref(),
        };
        self.get(name?)
    }

    /// Whether a variable may have this type.
    pub(crate) fn is_input(&self, name: &str) -> bool {
        self.inputs.contains(name)
    }
}

impl Type {
    /// A field by name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// The field whose name is nearest to `name`, if one is near.
    pub(crate) fn nearest(&self, name: &str) -> Option<&str> {
        self.fields
            .keys()
            .map(|candidate| (distance(candidate, name), candidate.as_str()))
            .filter(|(distance, candidate)| *distance <= candidate.len().max(name.len()) / 3)
            .min()
            .map(|(_, candidate)| candidate)
    }
}

/// Levenshtein's distance in bytes. Names are at most 128 bytes, and it is asked for ten errors at most.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.bytes().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

/// How long the lists of introspection are in this schema: the average over the types that have such a list, rounded
/// up. A type without one answers null, so no path can do much worse than the average for long.
struct Lengths {
    types: u64,
    fields: u64,
    arguments: u64,
    input_fields: u64,
    enum_values: u64,
    interfaces: u64,
    possible_types: u64,
}

impl Lengths {
    fn of(schema: &SchemaRow) -> Self {
        let fields = || schema.types.iter().flat_map(|row| row.fields.as_deref().unwrap_or_default());
        let rows = |list: fn(&TypeRow) -> &Option<Vec<Named>>| {
            schema.types.iter().map(move |row| list(row).as_ref().map_or(0, Vec::len))
        };
        Self {
            types: schema.types.len() as u64,
            fields: average(schema.types.iter().map(|row| row.fields.as_ref().map_or(0, Vec::len))),
            arguments: average(fields().map(|field| field.args.len())),
            input_fields: average(rows(|row| &row.input_fields)),
            enum_values: average(rows(|row| &row.enum_values)),
            interfaces: average(rows(|row| &row.interfaces)),
            possible_types: average(rows(|row| &row.possible_types)),
        }
    }

    fn rows(&self) -> u64 {
        let lists = self.input_fields + self.enum_values + self.interfaces + self.possible_types;
        self.types * (1 + self.fields * (1 + self.arguments) + lists)
    }

    fn length(&self, ty: &str, field: &str) -> Option<u64> {
        match (ty, field) {
            ("__Schema", "types") => Some(self.types),
            ("__Type", "fields") => Some(self.fields),
            ("__Type", "inputFields") => Some(self.input_fields),
            ("__Type", "enumValues") => Some(self.enum_values),
            ("__Type", "interfaces") => Some(self.interfaces),
            ("__Type", "possibleTypes") => Some(self.possible_types),
            ("__Field" | "__Directive", "args") => Some(self.arguments),
            _ => None,
        }
    }
}

/// The average of those that are not zero, rounded up; at least 1.
fn average(lengths: impl Iterator<Item = usize>) -> u64 {
    let (count, sum) =
        lengths.filter(|length| *length > 0).fold((0, 0), |(count, sum), length| (count + 1, sum + length));
    sum.div_ceil(count.max(1)).max(1) as u64
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "__schema")]
    schema: SchemaRow,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SchemaRow {
    query_type: Named,
    mutation_type: Option<Named>,
    subscription_type: Option<Named>,
    types: Vec<TypeRow>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeRow {
    kind: String,
    name: String,
    fields: Option<Vec<FieldRow>>,
    input_fields: Option<Vec<Named>>,
    enum_values: Option<Vec<Named>>,
    interfaces: Option<Vec<Named>>,
    possible_types: Option<Vec<Named>>,
}

#[derive(Deserialize)]
struct FieldRow {
    name: String,
    args: Vec<ArgumentRow>,
    #[serde(rename = "type")]
    ty: TypeRef,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ArgumentRow {
    name: String,
    default_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeRef {
    kind: String,
    name: Option<String>,
    of_type: Option<Box<TypeRef>>,
}

impl TypeRow {
    fn into_type(self, lengths: &Lengths) -> Type {
        let fields = self.fields.unwrap_or_default().into_iter().map(|row| {
            let length = lengths.length(&self.name, &row.name);
            (row.name.clone(), row.into_field(length))
        });
        Type { fields: fields.collect(), is_connection: self.name.ends_with("Connection"), name: self.name }
    }
}

impl FieldRow {
    fn into_field(self, length: Option<u64>) -> Field {
        let page = |name: &str| self.args.iter().find(|argument| argument.name == name);
        let default = |name: &str| page(name)?.default_value.as_ref()?.parse().ok();
        Field {
            is_list: self.ty.is_list(),
            takes_page: page("first").is_some() || page("last").is_some(),
            page_default: default("first").or_else(|| default("last")),
            ty: self.ty.into_name(),
            length,
        }
    }
}

impl TypeRef {
    fn is_list(&self) -> bool {
        self.kind == "LIST" || self.of_type.as_ref().is_some_and(|inner| inner.is_list())
    }

    fn into_name(self) -> String {
        match self.of_type {
            Some(inner) => inner.into_name(),
            None => self.name.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_changes() {
        for (left, right, expected) in [("", "abc", 3), ("title", "tittle", 1), ("title", "titel", 2), ("a", "a", 0)] {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }
}
