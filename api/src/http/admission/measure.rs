//! What an operation comes to when every spread is put in: depth, selections, weight of arguments, cost.
//!
//! Each fragment is measured once and remembered, all sums saturate, and the recursion ends at the limit of levels,
//! so the walk is linear in the document however the fragments spread each other.
//!
//! The cost is the published formula. A field costs 1, plus 1 for each whole KiB of its arguments, plus what is
//! selected below it. What is below a list counts once for each row:
//! - in a connection, the lists count `first` or `last` times (a literal, a variable, a default, else 20);
//! - a list that takes `first` or `last` itself counts so many times;
//! - any other list counts 10 times.

use std::collections::HashMap;

use async_graphql::{
    Pos, Positioned,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};

use super::{
    catalogue::{self, Catalogue, Type},
    limits::Limits,
    weight::Given,
};
use crate::http::{code, refusal::Refusal};

/// The measure of one selection set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Selection sets below this one, counting spreads and inline fragments.
    pub(crate) levels: usize,
    /// Fields inside each other.
    pub(crate) depth: u64,
    /// Fields inside each other below a field of introspection.
    pub(crate) introspection_depth: u64,
    /// Lists of types or fields inside each other below a field of introspection: they lead back to all types.
    pub(crate) introspection_lists: u64,
    /// Selections.
    pub(crate) selections: u64,
    /// Weight of all arguments.
    pub(crate) argument_bytes: u64,
    /// Fields of this set itself, through spreads.
    pub(crate) fields: u64,
    /// Aliases of this set itself, through spreads.
    pub(crate) aliases: u64,
    /// Credential mutations of this set itself, through spreads.
    pub(crate) credentials: u64,
    /// Cost without what lies below the rows of the page.
    pub(crate) cost: u64,
    /// Cost of one row of the page, where the set is of a connection.
    pub(crate) cost_per_row: u64,
    /// Cost below `__schema` and `__type`.
    pub(crate) introspection_cost: u64,
}

impl Measure {
    fn add(&mut self, other: Self) {
        self.levels = self.levels.max(other.levels);
        self.depth = self.depth.max(other.depth);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
        self.introspection_lists = self.introspection_lists.max(other.introspection_lists);
        for (total, more) in [
            (&mut self.selections, other.selections),
            (&mut self.argument_bytes, other.argument_bytes),
            (&mut self.fields, other.fields),
            (&mut self.aliases, other.aliases),
            (&mut self.credentials, other.credentials),
            (&mut self.cost, other.cost),
            (&mut self.cost_per_row, other.cost_per_row),
            (&mut self.introspection_cost, other.introspection_cost),
        ] {
            *total = total.saturating_add(more);
        }
    }

    /// The measure of a set that stands one level further in.
    fn inside(mut self, argument_bytes: u64) -> Self {
        self.levels += 1;
        self.selections = self.selections.saturating_add(1);
        self.argument_bytes = self.argument_bytes.saturating_add(argument_bytes);
        self
    }
}

/// The walk over one operation.
pub(crate) struct Walk<'a> {
    document: &'a ExecutableDocument,
    catalogue: &'a Catalogue,
    limits: &'a Limits,
    given: Given<'a>,
    may_introspect: bool,
    /// The fragments measured; `None` while one is being measured.
    fragments: HashMap<&'a str, Option<Measure>>,
    /// Fields the schema does not have: all are looked for, so that a client can mend them together.
    pub(crate) unknown_fields: Vec<Refusal>,
    /// Selections visited.
    pub(crate) steps: usize,
}

impl<'a> Walk<'a> {
    /// A walk with the values of one operation.
    pub(crate) fn new(
        document: &'a ExecutableDocument,
        catalogue: &'a Catalogue,
        limits: &'a Limits,
        given: Given<'a>,
        may_introspect: bool,
    ) -> Self {
        Self {
            document,
            catalogue,
            limits,
            given,
            may_introspect,
            fragments: HashMap::new(),
            unknown_fields: Vec::new(),
            steps: 0,
        }
    }

    /// Measures the operation.
    ///
    /// # Errors
    /// A circle of fragments, an unknown one, too many levels, or introspection that is not allowed.
    pub(crate) fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Measure, Refusal> {
        let root = self.catalogue.root(operation.ty);
        let mut measure = self.set(&operation.selection_set, root, 0)?;
        measure.argument_bytes =
            measure.argument_bytes.saturating_add(self.given.weigh_directives(&operation.directives));
        // A root that is itself named like a connection has no page around it.
        measure.cost = measure.cost.saturating_add(measure.cost_per_row);
        Ok(measure)
    }

    /// The fragments that the operation reaches.
    pub(crate) fn reached(&self) -> impl Iterator<Item = &'a str> {
        self.fragments.keys().copied()
    }

    fn set(
        &mut self,
        set: &'a Positioned<SelectionSet>,
        ty: Option<&'a Type>,
        level: usize,
    ) -> Result<Measure, Refusal> {
        if level > self.limits.levels {
            return Err(self.too_deep(set.pos));
        }
        let mut total = Measure::default();
        for selection in &set.node.items {
            self.steps += 1;
            total.add(match &selection.node {
                Selection::Field(field) => self.field(field, ty, level)?,
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let ty = match condition {
                        Some(condition) => self.catalogue.get(&condition.node.on.node),
                        None => ty,
                    };
                    let bytes = self.given.weigh_directives(&inline.node.directives);
                    self.set(&inline.node.selection_set, ty, level + 1)?.inside(bytes)
                }
                Selection::FragmentSpread(spread) => {
                    let bytes = self.given.weigh_directives(&spread.node.directives);
                    self.fragment(&spread.node.fragment_name.node, spread.pos, level + 1)?.inside(bytes)
                }
            });
        }
        Ok(total)
    }

    fn fragment(&mut self, name: &'a str, pos: Pos, level: usize) -> Result<Measure, Refusal> {
        match self.fragments.get(name) {
            Some(Some(measure)) if level + measure.levels > self.limits.levels => {
                return Err(self.too_deep(pos));
            }
            Some(Some(measure)) => return Ok(*measure),
            Some(None) => {
                return Err(Refusal::new(
                    code::FRAGMENT_CYCLE,
                    format!("fragment `{name}` spreads itself, directly or through others"),
                    format!("片段“{name}”直接或间接地展开了自身"),
                )
                .field(name)
                .at(pos));
            }
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Err(Refusal::new(
                code::UNKNOWN_FRAGMENT,
                format!("fragment `{name}` is not defined in this document"),
                format!("文档中没有定义片段“{name}”"),
            )
            .field(name)
            .at(pos));
        };
        self.fragments.insert(name, None);
        let ty = self.catalogue.get(&fragment.node.type_condition.node.on.node);
        let measure = self.set(&fragment.node.selection_set, ty, level)?;
        self.fragments.insert(name, Some(measure));
        Ok(measure)
    }

    fn field(
        &mut self,
        field: &'a Positioned<Field>,
        parent: Option<&'a Type>,
        level: usize,
    ) -> Result<Measure, Refusal> {
        let name = field.node.name.node.as_str();
        let introspects = opens_introspection(name);
        if introspects && !self.may_introspect {
            return Err(Refusal::new(
                code::INTROSPECTION_DISABLED,
                "log in to read the schema from the server, or use the file schema.graphql",
                "匿名调用者不能读取接口定义，请先登录，或使用 schema.graphql 文件",
            )
            .field(name)
            .at(field.pos));
        }
        let known = match name {
            "__typename" => None,
            _ => self.known(field, parent),
        };
        let below_type = match name {
            "__schema" => self.catalogue.get("__Schema"),
            "__type" => self.catalogue.get("__Type"),
            _ => known.and_then(|known| self.catalogue.get(&known.ty)),
        };
        let has_set = !field.node.selection_set.node.items.is_empty();
        let below =
            if has_set { self.set(&field.node.selection_set, below_type, level + 1)? } else { Measure::default() };
        let arguments = self.given.weigh_arguments(&field.node.arguments);
        let bytes = arguments.saturating_add(self.given.weigh_directives(&field.node.directives));
        let own = 1 + bytes / 1024;
        let mut measure = Measure {
            levels: if has_set { below.levels + 1 } else { 0 },
            depth: below.depth + 1,
            introspection_depth: below.introspection_depth,
            introspection_lists: below.introspection_lists + u64::from(leads_back(name, parent)),
            selections: below.selections.saturating_add(1),
            argument_bytes: below.argument_bytes.saturating_add(bytes),
            fields: 1,
            aliases: u64::from(field.node.alias.is_some()),
            credentials: u64::from(self.limits.credential_mutations.contains(&name)),
            introspection_cost: below.introspection_cost,
            ..Measure::default()
        };
        let is_row = parent.is_some_and(|parent| parent.is_connection) && known.is_some_and(|known| known.is_list);
        // The page around it counts the rows.
        let rows = if is_row { None } else { self.rows(field, known) };
        let total = below_type.filter(|ty| ty.is_connection).map_or_else(
            || below.cost.saturating_mul(rows.unwrap_or(1)),
            |_| below.cost.saturating_add(below.cost_per_row.saturating_mul(rows.unwrap_or(self.limits.page_default))),
        );
        let cost = total.saturating_add(own);
        if introspects {
            measure.introspection_depth = below.depth + 1;
            measure.introspection_cost = cost;
            measure.depth = 1;
            measure.cost = own;
        } else if is_row {
            measure.cost_per_row = cost;
        } else {
            measure.cost = cost;
        }
        Ok(measure)
    }

    /// How many times what is below the field counts.
    fn rows(&self, field: &Positioned<Field>, known: Option<&catalogue::Field>) -> Option<u64> {
        let known = known?;
        if known.takes_page {
            let asked = ["first", "last"]
                .iter()
                .filter_map(|name| self.given.whole_number(&field.node.get_argument(name)?.node))
                .max();
            return Some(asked.or(known.page_default).unwrap_or(self.limits.page_default));
        }
        if !known.is_list {
            return None;
        }
        Some(known.length.unwrap_or(self.limits.list_length))
    }

    fn known(&mut self, field: &Positioned<Field>, parent: Option<&'a Type>) -> Option<&'a catalogue::Field> {
        let name = field.node.name.node.as_str();
        let parent = parent?;
        let known = parent.field(name);
        if known.is_none() && !opens_introspection(name) && self.unknown_fields.len() < self.limits.errors {
            let hint = parent.nearest(name).filter(|_| self.may_introspect);
            self.unknown_fields.push(unknown_field(name, &parent.name, hint).at(field.pos));
        }
        known
    }

    fn too_deep(&self, pos: Pos) -> Refusal {
        let limit = self.limits.levels as u64;
        Refusal::over(
            code::DOCUMENT_TOO_DEEP,
            limit,
            limit + 1,
            format!("more than {limit} selection sets inside each other; select fewer levels per request"),
            format!("选择集嵌套超过 {limit} 层，请分多次查询"),
        )
        .at(pos)
    }
}

/// Whether the name is one of the two fields that open introspection.
fn opens_introspection(name: &str) -> bool {
    matches!(name, "__schema" | "__type")
}

/// Whether a field of introspection lists types, or fields that have types.
fn leads_back(name: &str, parent: Option<&Type>) -> bool {
    parent.is_some_and(|parent| parent.name == "__Type")
        && matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes")
}

fn unknown_field(name: &str, ty: &str, hint: Option<&str>) -> Refusal {
    let refusal = |message, message_zh| Refusal::new(code::UNKNOWN_FIELD, message, message_zh);
    match hint {
        Some(hint) => refusal(
            format!("type `{ty}` has no field `{name}`; is `{hint}` meant?"),
            format!("类型“{ty}”没有字段“{name}”，是否应为“{hint}”？"),
        ),
        None => refusal(format!("type `{ty}` has no field `{name}`"), format!("类型“{ty}”没有字段“{name}”")),
    }
    .field(name)
}
