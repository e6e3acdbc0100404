//! Figures when units change: the past stays as it was, and grand totals agree whoever the record counts for.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::{millionths, text};
use tests::walk;

use super::{known, merge, undo};

tests::cases![
    a_move_in_july_changes_nothing_before,
    grand_totals_agree,
    the_heir_shows_the_lines_of_those_before_it,
    what_is_undone_counts_for_nobody_else,
    a_unit_sees_its_inheritance_only_when_it_asks,
];

const ONE: &str = "昌吉市";
const TWO: &str = "阜康市";
const THREE: &str = "木垒县";

/// Work of three units over the half-years.
async fn work(app: &TestApp) {
    for (unit, days) in [
        (ONE, &["2025-01-10", "2025-02-11", "2025-05-20"][..]),
        (TWO, &["2025-03-03", "2025-06-30"]),
        (THREE, &["2025-01-02", "2025-08-08", "2025-11-11"]),
    ] {
        for day in days {
            let row = app.submission(unit).await.submitted_on(day).insert().await;
            app.adoption(&row, "general").await.on(day).insert().await;
            app.submission(unit).await.submitted_on(day).insert().await;
        }
    }
}

/// Everything that is told about a span, without the version of the data.
async fn told(client: &Client, app: &TestApp, period: &str) -> String {
    let query = "query($network: ID!, $period: PeriodInput!, $one: ID!, $three: ID!) {
        ranking(network: $network, period: $period) { categories { category { id } size lowerQuartile median upperQuartile
            rows { unit { id } score rank of tied } } }
        byUnit: adoptionRates(network: $network, period: $period, by: UNIT) {
            rows { unit { id } category submitted adoptedItems adoptions rate } }
        byCategory: adoptionRates(network: $network, period: $period, by: CATEGORY, basis: SUBMITTED_IN) {
            rows { category submitted adoptedItems adoptions rate } }
        one: scoreLedger(network: $network, unit: $one, period: $period, first: 100) { nodes {
            id date rule clause points facts { kind id } inputs { name value } } }
        three: scoreLedger(network: $network, unit: $three, period: $period, first: 100) { nodes {
            id date rule clause points facts { kind id } inputs { name value } } }
        scoringNotes(network: $network, period: $period) { kind rule count message } }";
    let variables = json!({
        "network": app.network_id(), "period": { "id": period },
        "one": app.unit_id(ONE).await, "three": app.unit_id(THREE).await,
    });
    client.gql(query, variables).await.to_string()
}

async fn a_move_in_july_changes_nothing_before(app: TestApp) {
    work(&app).await;
    let editor = app.editor().await;
    let periods = ["2025-Q1", "2025-Q2", "2025-H1", "2025-01", "2025-05", "2025-06"];
    let mut before = Vec::new();
    for period in periods {
        before.push(told(&editor, &app, period).await);
    }
    let third = told(&editor, &app, "2025-Q3").await;
    let administrator = app.system_administrator().await;
    let moved = walk::merged(
        known(&administrator, &app, THREE).await,
        json!({ "category": "park", "parent": app.unit_id(TWO).await, "firstDay": "2025-07-01" }),
    );
    walk::act(&administrator, "moveUnit", "", moved).await;
    for (period, before) in periods.iter().zip(&before) {
        assert_eq!(told(&editor, &app, period).await, *before, "{period}");
    }
    assert_ne!(told(&editor, &app, "2025-Q3").await, third, "the move takes effect");
    // So does an end in July.
    merge(&app, &[ONE], json!({ "unit": app.unit_id(TWO).await }), "2025-07-01").await;
    for (period, before) in periods.iter().zip(&before) {
        assert_eq!(told(&editor, &app, period).await, *before, "{period}");
    }
}

/// The rows of the ranking and of the rates, by unit: points, submitted, adopted items.
async fn figures(client: &Client, app: &TestApp, period: &str, attribution: &str) -> Vec<(String, i64, i64, i64)> {
    let query = "query($network: ID!, $period: PeriodInput!, $attribution: Attribution!) {
        ranking(network: $network, period: $period, attribution: $attribution) {
            categories { rows { unit { name } score } } }
        adoptionRates(network: $network, period: $period, by: UNIT, attribution: $attribution) {
            rows { unit { name } submitted adoptedItems } } }";
    let variables = json!({ "network": app.network_id(), "period": { "id": period }, "attribution": attribution });
    let answer = client.gql(query, variables).await;
    let rates = answer["adoptionRates"]["rows"].as_array().unwrap();
    let categories = answer["ranking"]["categories"].as_array().unwrap();
    let rows = categories.iter().flat_map(|category| category["rows"].as_array().unwrap());
    rows.map(|row| {
        let rate = rates.iter().find(|rate| rate["unit"]["name"] == row["unit"]["name"]).unwrap();
        let count = |name: &str| rate[name].as_i64().unwrap();
        (
            text(&row["unit"]["name"]).to_owned(),
            millionths(text(&row["score"])),
            count("submitted"),
            count("adoptedItems"),
        )
    })
    .collect()
}

fn sum(rows: &[(String, i64, i64, i64)]) -> (i64, i64, i64) {
    rows.iter().fold((0, 0, 0), |sum, row| (sum.0 + row.1, sum.1 + row.2, sum.2 + row.3))
}

fn of<'a>(rows: &'a [(String, i64, i64, i64)], unit: &str) -> Option<&'a (String, i64, i64, i64)> {
    rows.iter().find(|row| row.0 == unit)
}

async fn grand_totals_agree(app: TestApp) {
    work(&app).await;
    let editor = app.editor().await;
    merge(&app, &[ONE, TWO], json!({ "name": "昌阜新区", "category": "park" }), "2025-07-01").await;
    // Adopted after its unit had ended.
    let late = app.submission(ONE).await.submitted_on("2025-06-30").insert().await;
    app.adoption(&late, "internal").await.class("reference").on("2025-07-02").insert().await;
    merge(&app, &["昌阜新区"], json!({ "unit": app.unit_id(THREE).await }), "2025-10-01").await;
    for period in ["2025", "2025-H1", "2025-Q3", "2025-07", "2025-02"] {
        let reported = figures(&editor, &app, period, "AS_REPORTED").await;
        let inherited = figures(&editor, &app, period, "SUCCESSOR").await;
        // Whoever ended before the period is not in its ranking; what came of their work then is in their ledger, and their heir's.
        let is_later = ["2025-Q3", "2025-07"].contains(&period);
        let bequeathed = if is_later { (40_000_000, 0, 1) } else { (0, 0, 0) };
        let (points, submitted, adopted) = sum(&reported);
        let all = (points + bequeathed.0, submitted + bequeathed.1, adopted + bequeathed.2);
        assert_eq!(all, sum(&inherited), "{period}");
        assert!([ONE, TWO, "昌阜新区"].iter().all(|unit| of(&inherited, unit).is_none()), "{period}");
    }
    let inherited = figures(&editor, &app, "2025", "SUCCESSOR").await;
    // Eight adoptions of 10 points and one of 40; seventeen items, of which nine were adopted.
    assert_eq!(of(&inherited, THREE), Some(&(THREE.to_owned(), 120_000_000, 17, 9)));
    let reported = figures(&editor, &app, "2025", "AS_REPORTED").await;
    assert_eq!(of(&reported, ONE), Some(&(ONE.to_owned(), 70_000_000, 7, 4)));
}

async fn the_heir_shows_the_lines_of_those_before_it(app: TestApp) {
    work(&app).await;
    let editor = app.editor().await;
    merge(&app, &[ONE], json!({ "unit": app.unit_id(TWO).await }), "2025-07-01").await;
    let query = "query($network: ID!, $unit: ID!, $attribution: Attribution!) {
        scoreLedger(network: $network, unit: $unit, period: { id: \"2025\" }, attribution: $attribution, first: 100) {
            nodes { points } }
        unit(id: $unit) { score(period: { id: \"2025\" }, attribution: $attribution) } }";
    for (unit, attribution, lines, score) in [
        (TWO, "AS_REPORTED", 2, "20"),
        (TWO, "SUCCESSOR", 5, "50"),
        (ONE, "AS_REPORTED", 3, "30"),
        (ONE, "SUCCESSOR", 0, "0"),
    ] {
        let variables =
            json!({ "network": app.network_id(), "unit": app.unit_id(unit).await, "attribution": attribution });
        let answer = editor.gql(query, variables).await;
        assert_eq!(answer["scoreLedger"]["nodes"].as_array().map(Vec::len), Some(lines), "{unit} {attribution}");
        assert_eq!(answer["unit"]["score"], score, "{unit} {attribution}");
    }
}

async fn what_is_undone_counts_for_nobody_else(app: TestApp) {
    work(&app).await;
    let editor = app.editor().await;
    let before = figures(&editor, &app, "2025", "SUCCESSOR").await;
    let merged = merge(&app, &[ONE], json!({ "unit": app.unit_id(TWO).await }), "2025-07-01").await;
    assert_ne!(figures(&editor, &app, "2025", "SUCCESSOR").await, before);
    undo(&app, &merged).await;
    assert_eq!(figures(&editor, &app, "2025", "SUCCESSOR").await, before);
    assert_eq!(figures(&editor, &app, "2025", "AS_REPORTED").await, before);
}

async fn a_unit_sees_its_inheritance_only_when_it_asks(app: TestApp) {
    work(&app).await;
    merge(&app, &[ONE], json!({ "unit": app.unit_id(TWO).await }), "2025-07-01").await;
    let heir = app.officer(TWO).await;
    assert_eq!(of(&figures(&heir, &app, "2025", "AS_REPORTED").await, TWO).unwrap().1, 20_000_000);
    assert_eq!(of(&figures(&heir, &app, "2025", "SUCCESSOR").await, TWO).unwrap().1, 50_000_000);
    let stranger = app.officer(THREE).await;
    let rows = figures(&stranger, &app, "2025", "SUCCESSOR").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].0, THREE, "{}", Value::from(rows[0].1));
}
