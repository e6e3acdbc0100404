//! The composable query: any composition answered or refused beforehand, within what the caller sees, down to the submissions.

pub(crate) mod as_of;
pub(crate) mod named;

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::walk;

tests::cases![
    a_question_is_composed_and_every_number_says_what_it_rests_on,
    relative_periods_are_resolved_and_a_running_one_is_marked,
    what_cannot_be_answered_is_refused_with_the_smallest_change_that_works,
    a_dry_run_costs_nothing_and_says_what_the_answer_would,
    a_unit_sees_its_own_place_and_nobody_elses_row,
    a_cell_leads_to_its_submissions,
    every_write_is_in_the_next_answer,
    the_catalogue_names_every_measure_in_both_languages,
];

const UNIT: &str = "阜康市";
const OTHER: &str = "奇台县";

const ASK: &str = "query($input: AnalyticsInput!) {
    analytics(input: $input) {
        measures dimensions periods { label partial }
        rows {
            keys { dimension code name unitId }
            period { label }
            cells {
                value numerator denominator status filled partial maturing
                comparisons { with days { first last } base delta change status }
                rank { rank of tied gained median }
            }
            isOthers
        }
        leftOut { name reason messageZh }
        cost { rows cells limit }
        meta { dataVersion asOf computedAt partialPeriods rulebookVersions { number } }
    }
}";

/// Asks, with the network put in.
async fn ask(client: &Client, app: &TestApp, mut input: Value) -> Value {
    input["network"] = json!(app.network_id());
    client.gql(ASK, json!({ "input": input })).await["analytics"].take()
}

/// Name, period and values of each row that is not filled in.
fn lines(answer: &Value) -> Vec<String> {
    let rows = answer["rows"].as_array().cloned().unwrap_or_default();
    rows.iter()
        .filter(|row| row["cells"][0]["filled"] != true && row["cells"][0]["status"] == "OK")
        .map(|row| {
            let names: Vec<&str> =
                row["keys"].as_array().into_iter().flatten().filter_map(|key| key["name"].as_str()).collect();
            let cells: Vec<&str> = row["cells"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|cell| cell["value"].as_str().unwrap_or("-"))
                .collect();
            format!("{} {} {}", names.join("/"), row["period"]["label"].as_str().unwrap_or_default(), cells.join(" "))
        })
        .collect()
}

/// Two of four adopted in January, one of two in February, one by two publications; and a county with one of one.
async fn two_months(app: &TestApp) {
    for (unit, on, items, adopted) in
        [(UNIT, "2026-01-12", 4, 2), (UNIT, "2026-02-10", 2, 1), (OTHER, "2026-02-10", 1, 1)]
    {
        for item in 0..items {
            let row = app.submission(unit).await.submitted_on(on).insert().await;
            if item < adopted {
                app.adoption(&row, "general").await.on(on).insert().await;
            }
            if item == 0 {
                app.adoption(&row, "internal").await.class("dynamic").on(on).insert().await;
            }
        }
    }
}

async fn a_question_is_composed_and_every_number_says_what_it_rests_on(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    let input = json!({
        "measures": ["SUBMITTED", "ADOPTED_ITEMS", "ADOPTIONS", "ADOPTION_RATE"], "rows": ["UNIT"],
        "period": { "from": "2026-01", "to": "2026-02" }, "splitBy": "MONTH", "compare": [{ "previous": 1 }],
        "where": { "category": ["county"] },
    });
    let answer = ask(&editor, &app, input).await;
    assert_eq!(
        lines(&answer),
        ["阜康市 2026-01 4 2 3 0.5", "阜康市 2026-02 2 1 2 0.5", "奇台县 2026-02 1 1 2 1"],
        "in the order of the official list"
    );
    let rows = answer["rows"].as_array().cloned().unwrap_or_default();
    let counties = 7;
    assert_eq!(rows.len(), 2 * counties, "every county has a row for every month");
    let february = rows.iter().find(|row| row["keys"][0]["name"] == UNIT && row["period"]["label"] == "2026-02");
    let cells = &february.expect("阜康市 has a February")["cells"];
    assert_eq!(
        cells[0]["comparisons"][0],
        json!({
            "with": "PREVIOUS", "days": { "first": "2026-01-01", "last": "2026-01-31" },
            "base": "4", "delta": "-2", "change": "-0.5", "status": "OK",
        })
    );
    assert_eq!((&cells[3]["numerator"], &cells[3]["denominator"]), (&json!("1"), &json!(2)));
    let silent = rows.iter().find(|row| row["keys"][0]["name"] == OTHER && row["period"]["label"] == "2026-01");
    let silent = &silent.expect("奇台县 has a January")["cells"];
    assert_eq!((&silent[0]["value"], &silent[0]["filled"]), (&json!("0"), &json!(true)));
    assert_eq!((&silent[3]["value"], &silent[3]["status"]), (&Value::Null, &json!("NO_DENOMINATOR")));
    // Σ ÷ Σ for all of them: 4 of 7.
    let all = json!({ "measures": ["ADOPTION_RATE"], "period": { "from": "2026-01", "to": "2026-02" } });
    assert_eq!(ask(&editor, &app, all).await["rows"][0]["cells"][0]["value"], "0.571429");
    let input = json!({
        "measures": ["ADOPTION_RATE"], "rows": ["UNIT"], "period": { "from": "2026-01", "to": "2026-02" },
        "having": { "measure": "ADOPTION_RATE", "operator": "GREATER", "value": "0.5" },
    });
    assert_eq!(lines(&ask(&editor, &app, input).await), ["奇台县 2026-01..2026-02 1"]);
}

async fn relative_periods_are_resolved_and_a_running_one_is_marked(app: TestApp) {
    let editor = app.editor().await;
    let query = "query($network: ID!, $period: PeriodInput!, $split: PeriodUnit) {
        resolvePeriods(network: $network, period: $period, splitBy: $split) { label partial days { first last } }
    }";
    let resolve = async |period: Value, split: Value| {
        let variables = json!({ "network": app.network_id(), "period": period, "split": split });
        editor.gql(query, variables).await["resolvePeriods"].take()
    };
    // The clock stands on 2 March 2026.
    let last = json!({ "last": { "count": 2, "unit": "MONTH" } });
    let labels = |periods: &Value| -> Vec<String> {
        periods
            .as_array()
            .into_iter()
            .flatten()
            .map(|period| format!("{} {}", period["label"], period["partial"]))
            .collect()
    };
    assert_eq!(labels(&resolve(last, json!("MONTH")).await), ["\"2026-01\" false", "\"2026-02\" false"]);
    let current = json!({ "last": { "count": 1, "unit": "QUARTER", "includeCurrent": true } });
    assert_eq!(labels(&resolve(current, Value::Null).await), ["\"2026-Q1\" true"]);
    let to_date = resolve(json!({ "toDate": "MONTH" }), Value::Null).await;
    assert_eq!(to_date[0]["days"], json!({ "first": "2026-03-01", "last": "2026-03-02" }));
    let year = resolve(json!({ "assessmentYear": 1 }), Value::Null).await;
    assert_eq!(year[0]["label"], "2025");
    let input = json!({ "measures": ["SUBMITTED"], "period": { "toDate": "YEAR" }, "splitBy": "MONTH" });
    let answer = ask(&editor, &app, input).await;
    assert_eq!(answer["meta"]["partialPeriods"], json!(["2026-03-01..2026-03-02"]));
    let both =
        json!({ "measures": ["SUBMITTED"], "network": app.network_id(), "period": { "id": "2026", "toDate": "YEAR" } });
    editor.expect_code(ASK, json!({ "input": both }), "INVALID").await;
}

async fn what_cannot_be_answered_is_refused_with_the_smallest_change_that_works(app: TestApp) {
    let editor = app.editor().await;
    let refused = async |mut input: Value| {
        input["network"] = json!(app.network_id());
        let answer = editor.ask(ASK, json!({ "input": input })).await.body;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "INVALID", "{answer}");
        assert!(error["extensions"]["messageZh"].as_str().is_some_and(|text| !text.is_empty()));
        (error["extensions"]["field"].clone(), error["extensions"]["details"].clone())
    };
    let input = json!({ "measures": ["ADOPTION_RATE"], "rows": ["PUBLICATION"], "period": { "id": "2026-02" } });
    let (field, details) = refused(input).await;
    assert_eq!(field, "input.rows");
    assert_eq!(details, json!({ "reason": "DIMENSION", "change": { "kind": "DROP_ROWS", "rows": ["PUBLICATION"] } }));
    let input = json!({ "measures": ["SUBMITTED"], "rows": ["UNIT"], "period": { "id": "2025" }, "splitBy": "DAY" });
    let (_, details) = refused(input.clone()).await;
    assert_eq!(details, json!({ "reason": "TOO_LARGE", "change": { "kind": "SPLIT_BY", "splitBy": "WEEK" } }));
    let mut smaller = input;
    smaller["splitBy"] = details["change"]["splitBy"].clone();
    assert!(!ask(&editor, &app, smaller).await["rows"].as_array().is_none_or(Vec::is_empty));
    let input = json!({ "measures": ["SUBMITTED"], "period": { "id": "2026" }, "window": { "cumulative": "RANGE" } });
    let (_, details) = refused(input).await;
    assert_eq!(details["change"], json!({ "kind": "SPLIT_BY", "splitBy": "MONTH" }));
    let input = json!({ "measures": ["SUBMITTED"], "period": { "id": "2027" } });
    assert_eq!(refused(input).await.1["reason"], "PERIOD");
}

async fn a_dry_run_costs_nothing_and_says_what_the_answer_would(app: TestApp) {
    let editor = app.editor().await;
    let input = json!({
        "measures": ["SUBMITTED", "POINTS"], "rows": ["CATEGORY"], "period": { "id": "2026-Q1" }, "splitBy": "MONTH",
        "dryRun": true,
    });
    let answer = ask(&editor, &app, input).await;
    assert_eq!(answer["rows"], json!([]));
    assert_eq!(answer["cost"], json!({ "rows": 5, "cells": 30, "limit": 20_000 }));
    assert_eq!(answer["periods"].as_array().map(Vec::len), Some(3));
}

async fn a_unit_sees_its_own_place_and_nobody_elses_row(app: TestApp) {
    two_months(&app).await;
    let input = json!({
        "measures": ["ADOPTIONS"], "rows": ["UNIT"], "period": { "from": "2026-01", "to": "2026-02" },
        "rank": { "within": ["CATEGORY"] },
    });
    let office = ask(&app.editor().await, &app, input.clone()).await;
    let officer = app.officer(OTHER).await;
    let own = ask(&officer, &app, input).await;
    let rows = own["rows"].as_array().cloned().unwrap_or_default();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["keys"][0]["name"], OTHER);
    assert_eq!(
        rows[0]["cells"][0]["rank"],
        json!({ "rank": "2", "of": 7, "tied": false, "gained": null, "median": "0" })
    );
    assert!(office["rows"].as_array().is_some_and(|rows| rows.contains(&rows[0]) && rows.len() > 70));
    // Sums are sums of what it sees.
    let input =
        json!({ "measures": ["ADOPTIONS"], "rows": ["CATEGORY"], "period": { "from": "2026-01", "to": "2026-02" } });
    assert_eq!(lines(&ask(&officer, &app, input).await), ["县市 2026-01..2026-02 2"]);
}

async fn a_cell_leads_to_its_submissions(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    let query = "query($input: AnalyticsInput!) { analytics(input: $input) { rows {
        keys { name }
        drill { kind rows splitBy days { first last } units codes { dimension code } }
        evidence(first: 100) { totalCount nodes { kind date count submission { title } unit { name } } }
    } } }";
    let input = json!({
        "network": app.network_id(), "measures": ["ADOPTIONS"], "rows": ["UNIT"], "period": { "id": "2026-02" },
        "where": { "publication": ["internal"], "units": [app.unit_id(UNIT).await, app.unit_id(OTHER).await] },
    });
    let answer = editor.gql(query, json!({ "input": input })).await;
    for row in answer["analytics"]["rows"].as_array().into_iter().flatten() {
        let nodes = row["evidence"]["nodes"].as_array().cloned().unwrap_or_default();
        assert_eq!(nodes.len(), 1, "{row}");
        assert_eq!(nodes[0]["kind"], "adoption");
        assert_eq!(nodes[0]["date"], "2026-02-10");
        assert_eq!(nodes[0]["unit"]["name"], row["keys"][0]["name"]);
        assert!(nodes[0]["submission"]["title"].is_string());
        let kinds: Vec<_> = row["drill"].as_array().into_iter().flatten().map(|drill| drill["kind"].clone()).collect();
        assert!(kinds.contains(&json!("FINER_PERIOD")) && kinds.contains(&json!("DIMENSION")), "{kinds:?}");
    }
}

async fn every_write_is_in_the_next_answer(app: TestApp) {
    let editor = app.editor().await;
    let input = json!({
        "measures": ["RECEIVED", "ADOPTIONS", "SENT_UP", "ENDORSEMENTS", "POINTS", "RETURNED", "ACTIVE_OFFICERS", "TURNAROUND"],
        "rows": ["UNIT"], "period": { "id": "2026-03" }, "where": { "units": [app.unit_id(UNIT).await] },
    });
    let mut last = 0;
    let mut expect = async |values: &str| {
        let answer = ask(&editor, &app, input.clone()).await;
        let version = answer["meta"]["dataVersion"].as_i64().unwrap_or_default();
        assert!(version > last);
        last = version;
        let cells = answer["rows"][0]["cells"].as_array().cloned().unwrap_or_default();
        let found: Vec<&str> = cells.iter().map(|cell| cell["value"].as_str().unwrap_or("-")).collect();
        assert_eq!(found.join(" "), values);
    };
    let submission = walk::submit(&app, UNIT).await;
    expect("1 0 0 0 0 0 1 -").await;
    let issue = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let adopted = walk::adopt(&editor, &submission, &issue, None).await;
    expect("1 1 0 0 10 0 1 0").await;
    let sent = walk::send_up(&editor, &app, &adopted["submission"], "internal", "2026-03-02").await;
    expect("1 1 1 0 10 0 1 0").await;
    walk::endorse(&editor, &sent, "region", "2026-03-02").await;
    expect("1 1 1 1 30 0 1 0").await;
    let other = walk::submit(&app, UNIT).await;
    walk::send_back(&editor, &other).await;
    expect("2 1 1 1 30 1 1 0").await;
}

async fn the_catalogue_names_every_measure_in_both_languages(app: TestApp) {
    let query = "{ analyticsCatalog {
        measures { id name nameZh unit formula formulaZh additivity dimensions } dimensions { id name nameZh }
    } }";
    let answer = app.officer(UNIT).await.gql(query, json!({})).await;
    let measures = answer["analyticsCatalog"]["measures"].as_array().cloned().unwrap_or_default();
    assert!(measures.len() >= 20);
    for measure in &measures {
        for field in ["name", "nameZh", "formula", "formulaZh"] {
            assert!(measure[field].as_str().is_some_and(|text| !text.is_empty()), "{measure}");
        }
    }
    let rate = measures.iter().find(|measure| measure["id"] == "ADOPTION_RATE").expect("the rate is declared");
    assert_eq!(rate["nameZh"], "采用率");
    assert_eq!(rate["additivity"], "NOT_ADDITIVE");
    assert_eq!(rate["dimensions"], json!(["UNIT", "CATEGORY", "DIRECT_REPORT", "KIND", "TOPIC"]));
}
