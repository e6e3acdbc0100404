//! Questions about figures, and their answers as short texts that a case can show whole.
//!
//! A period is written `2026-03`, or `2018-01..2018-02` from one to another.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::client::Client;
use crate::office::Office;

/// A period as the API takes it.
pub fn period(text: &str) -> Value {
    match text.split_once("..") {
        Some((from, to)) => json!({ "from": from, "to": to }),
        None => json!({ "id": text }),
    }
}

/// The ranking of a category, as one line per unit: place, name, points. Units with equal points stand in the office's
/// own order.
pub async fn ranking(client: &Client, office: &Office, category: &str, of: &str) -> String {
    let query = "query($network: ID!, $period: PeriodInput!, $category: String) {
        ranking(network: $network, period: $period, category: $category) {
            categories { rows { rank unit { name } score } }
        }
    }";
    let variables = json!({ "network": office.network_id(), "period": period(of), "category": category });
    let answer = client.gql(query, variables).await;
    let rows = answer["ranking"]["categories"][0]["rows"].as_array().cloned().unwrap_or_default();
    rows.iter().fold(String::new(), |mut lines, row| {
        let _ = writeln!(lines, "{} {} {}", row["rank"], text(&row["unit"]["name"]), text(&row["score"]));
        lines
    })
}

/// Last act of the network that a ranking contains.
pub async fn data_version(client: &Client, office: &Office, of: &str) -> i64 {
    let query = "query($network: ID!, $period: PeriodInput!) {
        ranking(network: $network, period: $period) { meta { dataVersion } }
    }";
    let answer = client.gql(query, json!({ "network": office.network_id(), "period": period(of) })).await;
    answer["ranking"]["meta"]["dataVersion"].as_i64().expect("a ranking says from which data it comes")
}

/// A unit's points.
pub async fn score(client: &Client, office: &Office, unit: &str, of: &str) -> String {
    let query = "query($unit: ID!, $network: ID!, $period: PeriodInput!) {
        unit(id: $unit) { score(network: $network, period: $period) }
    }";
    let unit = office.unit_id(unit).await;
    let variables = json!({ "unit": unit, "network": office.network_id(), "period": period(of) });
    text(&client.gql(query, variables).await["unit"]["score"]).to_owned()
}

/// The units that a list of the rulebook names in a period.
pub async fn listed(client: &Client, office: &Office, list: &str, of: &str) -> Vec<String> {
    let query = "query($network: ID!, $period: PeriodInput!, $list: String) {
        listedUnits(network: $network, period: $period, list: $list) { rows { unit { name } clause } }
    }";
    let variables = json!({ "network": office.network_id(), "period": period(of), "list": list });
    let answer = client.gql(query, variables).await;
    let rows = answer["listedUnits"]["rows"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| text(&row["unit"]["name"]).to_owned()).collect()
}

/// How far a unit is with what it owes, one line for each quota, target and period: name, done/owed, attainment, pace.
pub async fn progress(client: &Client, office: &Office, unit: &str, of: &str) -> String {
    let query = "query($network: ID!, $unit: ID!, $period: PeriodInput!) {
        quotaProgress(network: $network, unit: $unit, period: $period) { name done owed attainment pace }
    }";
    let unit = office.unit_id(unit).await;
    let variables = json!({ "network": office.network_id(), "unit": unit, "period": period(of) });
    let answer = client.gql(query, variables).await;
    let rows = answer["quotaProgress"].as_array().cloned().unwrap_or_default();
    rows.iter().fold(String::new(), |mut lines, row| {
        let [name, done, owed, attainment, pace] =
            ["name", "done", "owed", "attainment", "pace"].map(|field| text(&row[field]));
        let _ = writeln!(lines, "{name} {done}/{owed} {attainment} {pace}");
        lines
    })
}

/// The currencies in which a ledger is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Currency {
    /// Points.
    Points,
    /// Money.
    Money,
}

/// Every line of a unit's ledger, with everything that a line says of itself.
pub async fn ledger(client: &Client, office: &Office, unit: &str, of: &str, currency: Currency) -> Vec<Value> {
    let query = "query($network: ID!, $unit: ID!, $period: PeriodInput!, $currency: Currency!, $after: String) {
        scoreLedger(network: $network, unit: $unit, period: $period, currency: $currency, first: 100, after: $after) {
            nodes {
                id date rule clause title points money note
                facts { kind id } inputs { name value }
                submission { id title }
            }
            pageInfo { hasNextPage endCursor }
        }
    }";
    let currency = match currency {
        Currency::Points => "POINTS",
        Currency::Money => "MONEY",
    };
    let unit = office.unit_id(unit).await;
    let mut lines = Vec::new();
    let mut after = Value::Null;
    loop {
        let variables = json!({
            "network": office.network_id(), "unit": unit, "period": period(of), "currency": currency, "after": after,
        });
        let mut page = client.gql(query, variables).await["scoreLedger"].take();
        if let Some(nodes) = page["nodes"].as_array_mut() {
            lines.append(nodes);
        }
        if page["pageInfo"]["hasNextPage"] != true {
            return lines;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

/// Lines of a ledger as text: day, rule, amount.
pub fn lines(ledger: &[Value]) -> String {
    ledger.iter().fold(String::new(), |mut lines, line| {
        let amount = if line["points"].is_null() { &line["money"] } else { &line["points"] };
        let _ = writeln!(lines, "{} {} {}", text(&line["date"]), text(&line["rule"]), text(amount));
        lines
    })
}

/// The sum of a ledger of points, in millionths of a point.
pub fn sum(ledger: &[Value]) -> i64 {
    ledger.iter().map(|line| millionths(text(&line["points"]))).sum()
}

/// A decimal as the API writes it, in millionths.
pub fn millionths(decimal: &str) -> i64 {
    let (sign, digits) = decimal.strip_prefix('-').map_or((1, decimal), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: i64 = whole.parse().expect("the API writes decimals");
    let fraction: i64 = format!("{fraction:0<6}").parse().expect("the API writes at most six places");
    sign * (whole * 1_000_000 + fraction)
}

/// The text of a JSON string; nothing for anything else.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
