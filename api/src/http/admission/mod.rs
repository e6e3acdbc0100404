//! The admission step: what every document passes before the library sees it.
//!
//! The library's parser ends the process on deeply nested values, and its checks walk fragment spreads without
//! memory, so a few hundred bytes keep a thread busy for minutes. Neither can be caught once it runs. So here a
//! document is scanned as bytes (`scan`), parsed on a thread whose stack is known (`pool`), and measured with
//! memory (`measure`); what is admitted is small for the library too.
//!
//! One function serves HTTP and the socket. It is pure: same offer, same answer.

pub(crate) mod catalogue;
mod conflict;
pub mod limits;
pub(crate) mod measure;
pub(crate) mod pool;
mod rules;
pub(crate) mod scan;
pub(crate) mod weight;

use async_graphql::{
    Variables,
    parser::{Error, parse_query, types::ExecutableDocument},
};

use self::{
    catalogue::Catalogue,
    limits::Limits,
    measure::{Measure, Walk},
    rules::Chosen,
    scan::scan,
    weight::Given,
};
use super::{
    code::{self, Code},
    refusal::Refusal,
};

pub use async_graphql::parser::types::OperationType;

/// How the document came, which decides what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// GET: queries only.
    Get,
    /// POST: queries and mutations.
    Post,
    /// The socket: everything.
    Socket,
    /// POST whose answer is a stream of events: everything.
    Events,
}

/// A document that asks to be let in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer<'a> {
    pub(crate) query: &'a str,
    pub(crate) operation_name: Option<&'a str>,
    pub(crate) variables: &'a Variables,
    pub(crate) transport: Transport,
    /// Whether the caller may read the schema and is told near names.
    pub(crate) may_introspect: bool,
}

/// A document that was let in.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) document: ExecutableDocument,
    pub(crate) summary: Summary,
    /// Steps of the scan and the walks, for the test that they are linear.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests only"))]
    pub(crate) steps: usize,
}

/// What the house needs to know of an admitted operation, to charge and to log it.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// The name of the operation, if it has one.
    pub name: Option<String>,
    /// Its cost by the published formula.
    pub cost: u64,
    /// Its cost below `__schema` and `__type`.
    pub introspection_cost: u64,
    /// Selections after every spread is put in.
    pub selections: u64,
    /// The names of its root fields, in order, without aliases, each as often as it stands in the document.
    pub root_fields: Vec<String>,
}

/// A document that was not let in.
#[derive(Debug)]
pub(crate) struct Refused {
    /// One refusal, or several of fields that do not exist.
    pub(crate) refusals: Vec<Refusal>,
    /// The cost, as far as it was counted.
    pub(crate) cost: u64,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusals: vec![refusal], cost: 0 }
    }
}

/// Admits or refuses a document.
pub(crate) fn admit(offer: Offer<'_>, catalogue: &Catalogue, limits: &Limits) -> Result<Admitted, Refused> {
    let counts = scan(offer.query, limits)?;
    within(
        code::VARIABLES_TOO_LARGE,
        weight::of_all(offer.variables),
        limits.variables_bytes,
        "bytes in the variables",
        "变量的字节数",
    )?;
    let document = parse_query(offer.query).map_err(syntax)?;
    let mut steps = counts.steps;
    let (summary, walked) = weigh(&document, offer, catalogue, limits)?;
    steps += walked;
    Ok(Admitted { document, summary, steps })
}

fn weigh(
    document: &ExecutableDocument,
    offer: Offer<'_>,
    catalogue: &Catalogue,
    limits: &Limits,
) -> Result<(Summary, usize), Refused> {
    let chosen = rules::choose(document, offer, catalogue, limits)?;
    let measured = measure_all(document, &chosen, offer, catalogue, limits)?;
    rules::no_unused_fragments(document, &measured.reached)?;
    conflict::check(document)?;
    let cost = measured.chosen.cost;
    rules::judge(&measured.chosen, &measured.total, catalogue, limits)
        .and_then(|()| rules::fits(&chosen))
        .map_err(|refusal| Refused { refusals: vec![refusal], cost })?;
    if !measured.unknown_fields.is_empty() {
        return Err(Refused { refusals: measured.unknown_fields, cost });
    }
    let summary = Summary {
        kind: chosen.operation.ty,
        name: chosen.name.map(str::to_owned),
        cost,
        introspection_cost: measured.chosen.introspection_cost,
        selections: measured.chosen.selections,
        root_fields: rules::root_fields(document, chosen.operation, limits),
    };
    Ok((summary, measured.steps))
}

/// The measures of all operations: the library's own walks visit them all.
struct Measured<'a> {
    chosen: Measure,
    total: Measure,
    reached: std::collections::HashSet<&'a str>,
    unknown_fields: Vec<Refusal>,
    steps: usize,
}

fn measure_all<'a>(
    document: &'a ExecutableDocument,
    chosen: &Chosen<'a>,
    offer: Offer<'a>,
    catalogue: &'a Catalogue,
    limits: &'a Limits,
) -> Result<Measured<'a>, Refusal> {
    let mut measured = Measured {
        chosen: Measure::default(),
        total: Measure::default(),
        reached: std::collections::HashSet::new(),
        unknown_fields: Vec::new(),
        steps: 0,
    };
    for operation in rules::in_order(document) {
        let given = Given::new(operation, offer.variables);
        let mut walk = Walk::new(document, catalogue, limits, given, offer.may_introspect);
        let measure = walk.operation(operation)?;
        if std::ptr::eq(operation, chosen.operation) {
            measured.chosen = measure;
        }
        measured.total.selections = measured.total.selections.saturating_add(measure.selections);
        measured.total.argument_bytes = measured.total.argument_bytes.saturating_add(measure.argument_bytes);
        measured.reached.extend(walk.reached());
        measured.steps += walk.steps;
        let room = limits.errors.saturating_sub(measured.unknown_fields.len());
        measured.unknown_fields.extend(walk.unknown_fields.into_iter().take(room));
    }
    Ok(measured)
}

/// Refuses what is over a limit.
fn within(code: Code, found: u64, limit: u64, what: &str, what_zh: &str) -> Result<(), Refusal> {
    if found <= limit {
        return Ok(());
    }
    Err(Refusal::over(
        code,
        limit,
        found,
        format!("more than {limit} {what}; ask for less at a time"),
        format!("{what_zh}超过上限 {limit}，请分次提交或减少内容"),
    ))
}

/// The parser's error without its drawing of the source line.
fn syntax(error: Error) -> Refusal {
    let positions: Vec<_> = error.positions().collect();
    let message = match error {
        // The drawing ends with `= expected …`, which is all that is worth reading.
        Error::Syntax { message, .. } => message
            .lines()
            .find_map(|line| line.trim_start().strip_prefix("= "))
            .unwrap_or("not GraphQL")
            .chars()
            .take(200)
            .collect(),
        other => other.to_string(),
    };
    let refusal = Refusal::new(code::SYNTAX_ERROR, format!("syntax error: {message}"), format!("语法错误：{message}"));
    positions.into_iter().fold(refusal, Refusal::at)
}
