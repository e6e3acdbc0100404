//! The rules on one parsed document: which operation runs, and whether its measure is within the limits.

use std::collections::HashSet;

use async_graphql::{
    Name,
    parser::types::{
        BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
        Type,
    },
};

use super::{Offer, Transport, catalogue::Catalogue, limits::Limits, measure::Measure, within};
use crate::http::{code, refusal::Refusal};

/// The operation that the offer means.
pub(crate) struct Chosen<'a> {
    pub(crate) operation: &'a OperationDefinition,
    pub(crate) name: Option<&'a str>,
}

/// Chooses the operation and checks that it may come this way.
///
/// # Errors
/// No such operation, a kind that the transport does not carry, or a variable of an unknown type.
pub(crate) fn choose<'a>(
    document: &'a ExecutableDocument,
    offer: Offer<'a>,
    catalogue: &Catalogue,
    limits: &Limits,
) -> Result<Chosen<'a>, Refusal> {
    within(
        code::TOO_MANY_OPERATIONS,
        document.operations.iter().count() as u64,
        limits.operations as u64,
        "operations in the document",
        "文档中的操作数",
    )?;
    for operation in in_order(document) {
        known_types(operation, catalogue)?;
    }
    let chosen = named(document, offer.operation_name)?;
    let kind = chosen.operation.ty;
    match (offer.transport, kind) {
        (Transport::Get, OperationType::Mutation) => {
            Err(Refusal::new(code::METHOD_NOT_ALLOWED, "a mutation is sent by POST", "变更操作必须用 POST 提交"))
        }
        (Transport::Get | Transport::Post, OperationType::Subscription) => Err(Refusal::new(
            code::SUBSCRIPTION_NEEDS_SOCKET,
            "a subscription runs over a socket: connect to this address with graphql-transport-ws, or accept text/event-stream",
            "订阅须通过 WebSocket（graphql-transport-ws 协议）连接到同一地址，或接受 text/event-stream",
        )),
        (Transport::Get | Transport::Post | Transport::Socket | Transport::Events, _) => Ok(chosen),
    }
}

fn named<'a>(document: &'a ExecutableDocument, name: Option<&'a str>) -> Result<Chosen<'a>, Refusal> {
    let operations = &document.operations;
    let Some(name) = name else {
        return match operations {
            DocumentOperations::Single(operation) => Ok(Chosen { operation: &operation.node, name: None }),
            DocumentOperations::Multiple(map) if map.len() == 1 => {
                let only = operations.iter().next();
                only.map(|(name, operation)| Chosen { operation: &operation.node, name: name.map(Name::as_str) })
                    .ok_or_else(unnamed)
            }
            DocumentOperations::Multiple(_) => Err(unnamed()),
        };
    };
    operations
        .iter()
        .find(|(candidate, _)| candidate.is_some_and(|candidate| candidate == name))
        .map(|(_, operation)| Chosen { operation: &operation.node, name: Some(name) })
        .ok_or_else(|| {
            Refusal::new(
                code::UNKNOWN_OPERATION,
                "the document has no operation of the given `operationName`",
                "文档中没有 operationName 所指的操作",
            )
            .field("operationName")
        })
}

fn unnamed() -> Refusal {
    Refusal::new(
        code::UNKNOWN_OPERATION,
        "the document has several operations: say which with `operationName`",
        "文档中有多个操作，请用 operationName 指明",
    )
    .field("operationName")
}

/// The operations by name, so that of several faults the same one is told each time.
pub(crate) fn in_order(document: &ExecutableDocument) -> Vec<&OperationDefinition> {
    let mut operations: Vec<_> = document.operations.iter().collect();
    operations.sort_unstable_by_key(|(name, _)| name.map(Name::as_str));
    operations.into_iter().map(|(_, operation)| &operation.node).collect()
}

/// The library panics on a default value whose list type is made of an unknown name.
fn known_types(operation: &OperationDefinition, catalogue: &Catalogue) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
        let name = base_name(&definition.node.var_type.node);
        if !catalogue.is_input(name) {
            return Err(Refusal::new(
                code::UNKNOWN_TYPE,
                format!("`{name}` is not an input type of the schema"),
                format!("接口中没有名为“{name}”的输入类型"),
            )
            .field(definition.node.name.node.as_str())
            .at(definition.node.var_type.pos));
        }
    }
    Ok(())
}

fn base_name(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base_name(inner),
    }
}

/// A fragment that no operation reaches is measured by nothing, so it is not let in.
pub(crate) fn no_unused_fragments(document: &ExecutableDocument, reached: &HashSet<&str>) -> Result<(), Refusal> {
    let unused = document.fragments.keys().filter(|name| !reached.contains(name.as_str())).min();
    match unused {
        None => Ok(()),
        Some(name) => Err(Refusal::new(
            code::UNUSED_FRAGMENT,
            format!("fragment `{name}` is never spread; remove it"),
            format!("片段“{name}”没有被使用，请删除"),
        )
        .field(name.as_str())
        .at(document.fragments[name].pos)),
    }
}

/// Holds the measures against the limits.
pub(crate) fn judge(chosen: &Measure, total: &Measure, catalogue: &Catalogue, limits: &Limits) -> Result<(), Refusal> {
    within(code::TOO_COMPLEX, total.selections, limits.selections, "selections after every spread", "展开后的选择数")?;
    within(
        code::ARGUMENTS_TOO_LARGE,
        total.argument_bytes,
        limits.argument_bytes,
        "bytes of arguments after every variable is put in",
        "代入变量后的参数字节数",
    )?;
    within(code::DOCUMENT_TOO_DEEP, chosen.depth, limits.depth, "fields inside each other", "字段嵌套层数")?;
    within(
        code::DOCUMENT_TOO_DEEP,
        chosen.introspection_depth,
        limits.introspection_depth,
        "fields of introspection inside each other",
        "内省字段嵌套层数",
    )?;
    within(
        code::DOCUMENT_TOO_DEEP,
        chosen.introspection_lists,
        limits.introspection_lists,
        "lists of fields or types inside each other in introspection",
        "内省查询中字段或类型列表的嵌套层数",
    )?;
    within(code::TOO_MANY_ALIASES, chosen.aliases, limits.root_aliases, "aliases at the root", "根层别名数")?;
    within(
        code::TOO_MANY_CREDENTIALS,
        chosen.credentials,
        1,
        "login or token refresh per operation",
        "单次操作的登录或刷新令牌次数",
    )?;
    within(code::TOO_MANY_ROOT_FIELDS, chosen.fields, limits.root_fields, "root fields", "根字段数")?;
    within(
        code::TOO_COMPLEX,
        chosen.introspection_cost,
        limits.introspection_cost_per_row.saturating_mul(catalogue.rows),
        "points of introspection cost",
        "内省查询成本",
    )?;
    within(code::TOO_COMPLEX, chosen.cost, limits.cost, "points of cost", "操作成本")
}

/// What the shape of a subscription must be: the library leaves out what a fragment holds at its root.
pub(crate) fn fits(chosen: &Chosen<'_>) -> Result<(), Refusal> {
    if chosen.operation.ty != OperationType::Subscription {
        return Ok(());
    }
    match chosen.operation.selection_set.node.items.as_slice() {
        [only] if matches!(only.node, Selection::Field(_)) => Ok(()),
        _ => Err(Refusal::new(
            code::SUBSCRIPTION_ROOT_FIELD,
            "a subscription selects exactly one root field, and not through a fragment",
            "订阅必须直接选择一个且仅一个根字段",
        )),
    }
}

/// The names of the root fields; their number was judged before.
pub(crate) fn root_fields(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    limits: &Limits,
) -> Vec<String> {
    fn collect(document: &ExecutableDocument, set: &SelectionSet, most: u64, names: &mut Vec<String>) {
        for selection in &set.items {
            if names.len() as u64 >= most {
                return;
            }
            match &selection.node {
                Selection::Field(field) => names.push(field.node.name.node.to_string()),
                Selection::InlineFragment(inline) => {
                    collect(document, &inline.node.selection_set.node, most, names);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        collect(document, &fragment.node.selection_set.node, most, names);
                    }
                }
            }
        }
    }
    let mut names = Vec::new();
    collect(document, &operation.selection_set.node, limits.root_fields, &mut names);
    names
}
