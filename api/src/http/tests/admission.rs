//! The admission step as a function: scan, measure and cost by table.

use async_graphql::{Request, Variables};
use serde_json::{Value, json};

use super::schema::{Toy, schema};
use crate::http::admission::{
    Admitted, Offer, Refused, Transport, admit,
    catalogue::Catalogue,
    limits::Limits,
    scan::{Counts, scan},
};

/// Everything the admission step needs.
pub(super) struct Admission {
    schema: Toy,
    catalogue: Catalogue,
    pub(super) limits: Limits,
}

impl Admission {
    pub(super) async fn new() -> Self {
        let schema = schema();
        let catalogue = Catalogue::read(&schema).await.unwrap();
        Self { schema, catalogue, limits: Limits::default() }
    }

    pub(super) fn admit(&self, query: &str, variables: Value) -> Result<Admitted, Refused> {
        let variables = Variables::from_json(variables);
        let offer = Offer {
            query,
            operation_name: None,
            variables: &variables,
            transport: Transport::Socket,
            may_introspect: true,
        };
        admit(offer, &self.catalogue, &self.limits)
    }

    /// The cost, or the code of the refusal.
    fn cost(&self, query: &str, variables: Value) -> Result<u64, &'static str> {
        self.admit(query, variables).map(|admitted| admitted.summary.cost).map_err(|refused| refused.refusals[0].code())
    }
}

#[test]
fn the_scan_counts() {
    let counts = |tokens, nesting, aliases, directives, spreads| (tokens, nesting, aliases, directives, spreads);
    for (document, expected) in [
        ("", counts(0, 0, 0, 0, 0)),
        ("{ a }", counts(3, 1, 0, 0, 0)),
        ("\u{feff}{ a, b }", counts(4, 1, 0, 0, 0)),
        ("{ a: b }", counts(5, 1, 1, 0, 0)),
        ("{ a(b: 1, c: {d: [2]}) }", counts(17, 4, 0, 0, 0)),
        ("query A($a: B = {c: 1}) { d: e }", counts(19, 2, 1, 0, 0)),
        ("{ ...A ... on B { c @d } }", counts(12, 2, 0, 1, 2)),
        ("{ a # } { ( [ \" \n }", counts(3, 1, 0, 0, 0)),
        (r#"{ a(b: "{ [ ( # \" ") }"#, counts(8, 2, 0, 0, 0)),
        (r#"{ a(b: """{ [ " "" \""" # """) }"#, counts(8, 2, 0, 0, 0)),
        (r#"{ a(b: "") c(d: """""") }"#, counts(14, 2, 0, 0, 0)),
        (r#"{ a(b: "\\") }"#, counts(8, 2, 0, 0, 0)),
        ("{ a(b: -1.5e+3) }", counts(8, 2, 0, 0, 0)),
        ("query($a:[[Int!]!]=[[1]]){b}", counts(22, 3, 0, 0, 0)),
    ] {
        let Counts { tokens, nesting, aliases, directives, spreads, .. } = scan(document, &Limits::default()).unwrap();
        assert_eq!((tokens, nesting, aliases, directives, spreads), expected, "{document}");
    }
}

#[test]
fn the_scan_refuses_what_cannot_be_graphql() {
    for (document, line, column) in [
        ("{", 1, 2),
        ("}", 1, 1),
        ("{ a )", 1, 5),
        ("{ a(b: \"x\n\") }", 1, 8),
        ("{ a(b: \"\\", 1, 8),
        ("{ a(b: \"\"\"x) }", 1, 8),
        ("{\n 新 }", 2, 2),
        ("{ a ? }", 1, 5),
        ("{ a .. b }", 1, 5),
        ("\"新\" ?", 1, 5),
    ] {
        let refusal = scan(document, &Limits::default()).unwrap_err();
        assert_eq!(refusal.code(), "SYNTAX_ERROR", "{document}");
        let error = refusal.into_error();
        assert_eq!((error.locations[0].line, error.locations[0].column), (line, column), "{document}");
    }
}

#[tokio::test]
async fn the_cost_is_the_published_formula() {
    let admission = Admission::new().await;
    let none = || json!({});
    for (query, variables, expected) in [
        ("{ hello }", none(), 1),
        ("{ hello a: hello __typename }", none(), 3),
        ("{ item { id next { id } } }", none(), 4),
        // A list without a page counts ten times.
        ("{ people { name } }", none(), 1 + 10),
        // One field, the page's own two, and 5 rows of (edge 1 + cursor 1 + node 1 + id 1).
        (
            "{ items(first: 5) { totalCount pageInfo { hasNextPage } edges { cursor node { id } } } }",
            none(),
            1 + 1 + 2 + 5 * 4,
        ),
        ("{ items(last: 5) { nodes { id } } }", none(), 1 + 5 * 2),
        ("{ items { nodes { id } } }", none(), 1 + 20 * 2),
        ("query A($n: Int) { items(first: $n) { nodes { id } } }", json!({ "n": 7 }), 1 + 7 * 2),
        ("query A($n: Int = 3) { items(first: $n) { nodes { id } } }", none(), 1 + 3 * 2),
        ("query A($n: Int = 3) { items(first: $n) { nodes { id } } }", json!({ "n": null }), 1 + 20 * 2),
        ("query A($n: Int = 3) { items(first: $n) { nodes { id } } }", json!({ "n": "x" }), 1 + 20 * 2),
        ("{ items(first: -1) { nodes { id } } }", none(), 1 + 20 * 2),
        // Pages multiply; the list of authors counts ten times in each row.
        ("{ items(first: 4) { nodes { children(first: 3) { nodes { id } } } } }", none(), 1 + 4 * (1 + 1 + 3 * 2)),
        ("{ items(first: 4) { nodes { authors { name } } } }", none(), 1 + 4 * (1 + 1 + 10)),
        // A list with a page of its own, by default and by argument.
        ("{ item { similar { id } } }", none(), 1 + 1 + 5),
        ("{ item { similar(first: 8) { id } } }", none(), 1 + 1 + 8),
        // Through fragments, wherever they stand.
        (
            "{ items(first: 5) { ...P } } fragment P on ItemConnection { totalCount ...Q } fragment Q on ItemConnection { nodes { id } }",
            none(),
            1 + 1 + 5 * 2,
        ),
        (
            "{ items(first: 5) { ... { nodes { id } } ... on ItemConnection { nodes { id } } } }",
            none(),
            1 + 5 * 2 + 5 * 2,
        ),
        // Arguments of a KiB count one more.
        ("query A($t: String) { echo(text: $t) }", json!({ "t": "x".repeat(3000) }), 1 + 2),
    ] {
        assert_eq!(admission.cost(query, variables), Ok(expected), "{query}");
    }
}

#[tokio::test]
async fn the_cost_is_not_below_what_is_answered() {
    fn count(value: &Value) -> u64 {
        match value {
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(fields) => fields.values().map(|value| 1 + count(value)).sum(),
            _ => 0,
        }
    }
    let admission = Admission::new().await;
    for query in [
        "{ people { name } item { authors { name } } }",
        "{ items(first: 30) { edges { cursor node { id authors { name } next { id } } } pageInfo { hasNextPage } } }",
        "{ items(first: 9) { nodes { id children(last: 9) { nodes { id children(first: 9) { nodes { id } } } } } } }",
        "{ items { nodes { similar(first: 50) { similar { id } } } } }",
    ] {
        let cost = admission.cost(query, json!({})).unwrap();
        let response = admission.schema.execute(Request::new(query)).await;
        let answered = count(&response.data.into_json().unwrap());
        assert!(cost >= answered, "{query}: cost {cost}, {answered} fields answered");
        assert!(cost <= 20 * answered, "{query}: cost {cost}, {answered} fields answered");
    }
}

#[tokio::test]
async fn refusals_have_their_codes() {
    let admission = Admission::new().await;
    for (query, code) in [
        ("subscription { count(to: 1) once }", "SUBSCRIPTION_ROOT_FIELD"),
        ("subscription { ...A } fragment A on Ticker { once }", "SUBSCRIPTION_ROOT_FIELD"),
        ("{ hello hello: whoami }", "FIELD_CONFLICT"),
        ("{ a: item { id id: __typename } }", "FIELD_CONFLICT"),
        ("query A($a: Item) { hello }", "UNKNOWN_TYPE"),
        ("{ hello } { hello }", "SYNTAX_ERROR"),
        ("fragment A on Query { hello }", "SYNTAX_ERROR"),
        ("type A { b: Int }", "SYNTAX_ERROR"),
        ("{ item { nothing { deeper } } nothing }", "UNKNOWN_FIELD"),
    ] {
        assert_eq!(admission.cost(query, json!({})), Err(code), "{query}");
    }
    let refused = admission.admit("{ item { nothing { deeper } } nothing }", json!({})).unwrap_err();
    assert_eq!(refused.refusals.len(), 2, "both unknown fields, and none below an unknown one");
}
