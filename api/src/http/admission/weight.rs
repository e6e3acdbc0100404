//! How heavy the values of an operation are.
//!
//! The library clones a variable at each place where it is used, in validation and again for each row. So the size
//! of the request says little: `[$v, $v, …]` two thousand times with a large `$v` would fill any memory. The weight
//! counts what the clones come to: 16 for each value, and the bytes of its text and of its keys.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value as ConstValue, Variables,
    parser::types::{Directive, OperationDefinition},
};
use async_graphql_value::Value;

/// The weight of a value without its text.
const NODE: u64 = 16;

/// The values one operation is given: its variables, or their defaults.
pub(crate) struct Given<'a> {
    values: HashMap<&'a str, (&'a ConstValue, u64)>,
}

impl<'a> Given<'a> {
    /// Weighs the variables that `operation` declares.
    pub(crate) fn new(operation: &'a OperationDefinition, variables: &'a Variables) -> Self {
        let values = operation
            .variable_definitions
            .iter()
            .filter_map(|definition| {
                let name = &definition.node.name.node;
                let default = definition.node.default_value.as_ref().map(|value| &value.node);
                let value = variables.get(name).or(default)?;
                Some((name.as_str(), (value, of(value))))
            })
            .collect();
        Self { values }
    }

    /// The weight of an argument after its variables are put in.
    pub(crate) fn weigh(&self, value: &Value) -> u64 {
        match value {
            Value::Variable(name) => self.values.get(name.as_str()).map_or(NODE, |(_, weight)| *weight),
            Value::String(text) => NODE + text.len() as u64,
            Value::Enum(name) => NODE + name.len() as u64,
            Value::List(items) => sum(items.iter().map(|item| self.weigh(item))),
            Value::Object(fields) => {
                sum(fields.iter().map(|(name, value)| self.weigh(value).saturating_add(name.len() as u64)))
            }
            Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Binary(_) => NODE,
        }
    }

    /// The weight of named arguments.
    pub(crate) fn weigh_arguments(&self, arguments: &[(Positioned<Name>, Positioned<Value>)]) -> u64 {
        arguments.iter().fold(0, |total: u64, (_, value)| total.saturating_add(self.weigh(&value.node)))
    }

    /// The weight of the arguments of directives.
    pub(crate) fn weigh_directives(&self, directives: &[Positioned<Directive>]) -> u64 {
        directives
            .iter()
            .fold(0, |total: u64, directive| total.saturating_add(self.weigh_arguments(&directive.node.arguments)))
    }

    /// The whole number that an argument comes to, if it is one.
    pub(crate) fn whole_number(&self, value: &Value) -> Option<u64> {
        match value {
            Value::Number(number) => number.as_u64(),
            Value::Variable(name) => match self.values.get(name.as_str())?.0 {
                ConstValue::Number(number) => number.as_u64(),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The weight of a value without variables.
pub(crate) fn of(value: &ConstValue) -> u64 {
    match value {
        ConstValue::String(text) => NODE + text.len() as u64,
        ConstValue::Enum(name) => NODE + name.len() as u64,
        ConstValue::List(items) => sum(items.iter().map(of)),
        ConstValue::Object(fields) => {
            sum(fields.iter().map(|(name, value)| of(value).saturating_add(name.len() as u64)))
        }
        ConstValue::Null | ConstValue::Number(_) | ConstValue::Boolean(_) | ConstValue::Binary(_) => NODE,
    }
}

/// The weight of all variables of a request.
pub(crate) fn of_all(variables: &Variables) -> u64 {
    sum(variables.iter().map(|(name, value)| of(value).saturating_add(name.len() as u64)))
}

fn sum(weights: impl Iterator<Item = u64>) -> u64 {
    weights.fold(NODE, u64::saturating_add)
}
