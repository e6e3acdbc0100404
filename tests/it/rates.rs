//! Adoption rates (采用率): how much of what was handed in was adopted, by unit, by category, in the whole network.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures;

tests::cases![
    rates_by_unit_category_and_network,
    a_late_adoption_tells_the_two_bases_apart,
    an_adoption_rate_needs_something_to_divide_by,
    a_unit_asks_for_its_own_rate_only,
    rates_have_no_assessment_year,
];

const UNIT: &str = "阜康市";

const RATES: &str =
    "query($network: ID!, $period: PeriodInput!, $by: AdoptionRateBy! = UNIT, $basis: RateBasis! = ADOPTED_IN) {
    adoptionRates(network: $network, period: $period, by: $by, basis: $basis) {
        rows { unit { name } category submitted adoptedItems adoptions numerator denominator rate status }
    }
}";

/// The rows of rates that are not empty.
async fn rates(client: &Client, app: &TestApp, period: &str, by: &str, basis: &str) -> Vec<Value> {
    let variables = json!({ "network": app.network_id(), "period": figures::period(period), "by": by, "basis": basis });
    let mut answer = client.gql(RATES, variables).await;
    let mut rows = answer["adoptionRates"]["rows"].as_array_mut().map(std::mem::take).unwrap_or_default();
    rows.retain(|row| row["submitted"] != 0 || row["adoptions"] != 0);
    rows
}

async fn rates_by_unit_category_and_network(app: TestApp) {
    // 3 of 8, one of them in two publications; 1 of 4; and a department with 0 of 2.
    app.submission(UNIT).await.submitted_on("2026-02-10").insert_many(5).await;
    for number in 0..3 {
        let row = app.submission(UNIT).await.submitted_on("2026-02-10").insert().await;
        app.adoption(&row, "general").await.on("2026-02-11").insert().await;
        if number == 0 {
            app.adoption(&row, "internal").await.class("dynamic").on("2026-02-12").insert().await;
        }
    }
    app.submission("奇台县").await.submitted_on("2026-02-10").insert_many(3).await;
    let row = app.submission("奇台县").await.submitted_on("2026-02-10").insert().await;
    app.adoption(&row, "general").await.on("2026-02-11").insert().await;
    app.submission("州教育局").await.submitted_on("2026-02-10").insert_many(2).await;

    let editor = app.editor().await;
    let row = |unit: Option<&str>, category: Option<&str>, submitted: i64, items: i64, adoptions: i64, rate: &str| {
        json!({
            "unit": unit.map(|name| json!({ "name": name })), "category": category,
            "submitted": submitted, "adoptedItems": items, "adoptions": adoptions,
            "numerator": items, "denominator": submitted, "rate": rate, "status": "OK",
        })
    };
    assert_eq!(
        rates(&editor, &app, "2026-02", "UNIT", "ADOPTED_IN").await,
        [
            row(Some(UNIT), Some("county"), 8, 3, 4, "0.375"),
            row(Some("奇台县"), Some("county"), 4, 1, 1, "0.25"),
            row(Some("州教育局"), Some("key_department"), 2, 0, 0, "0"),
        ]
    );
    // Divided after summing: 4 of 12, not the mean of 0.375 and 0.25.
    assert_eq!(
        rates(&editor, &app, "2026-02", "CATEGORY", "ADOPTED_IN").await,
        [row(None, Some("county"), 12, 4, 5, "0.333333"), row(None, Some("key_department"), 2, 0, 0, "0"),]
    );
    assert_eq!(rates(&editor, &app, "2026-02", "NETWORK", "ADOPTED_IN").await, [row(None, None, 14, 4, 5, "0.285714")]);
    // A unit sees its own.
    let officer = app.officer("奇台县").await;
    assert_eq!(
        rates(&officer, &app, "2026-02", "UNIT", "ADOPTED_IN").await,
        [row(Some("奇台县"), Some("county"), 4, 1, 1, "0.25")]
    );
}

async fn a_late_adoption_tells_the_two_bases_apart(app: TestApp) {
    // Handed in in January, adopted in February; and one that was handed in in February and is not adopted.
    let row = app.submission(UNIT).await.submitted_on("2026-01-31").insert().await;
    app.adoption(&row, "general").await.on("2026-02-01").insert().await;
    app.submission(UNIT).await.submitted_on("2026-02-10").insert().await;

    let editor = app.editor().await;
    let mut seen = Vec::new();
    for period in ["2026-01", "2026-02", "2026-Q1"] {
        for basis in ["ADOPTED_IN", "SUBMITTED_IN"] {
            let row = rates(&editor, &app, period, "UNIT", basis).await.remove(0);
            seen.push((period, basis, format!("{}/{}", row["numerator"], row["denominator"])));
        }
    }
    let expected = [
        ("2026-01", "ADOPTED_IN", "0/1"),
        ("2026-01", "SUBMITTED_IN", "1/1"),
        ("2026-02", "ADOPTED_IN", "1/1"),
        ("2026-02", "SUBMITTED_IN", "0/1"),
        ("2026-Q1", "ADOPTED_IN", "1/2"),
        ("2026-Q1", "SUBMITTED_IN", "1/2"),
    ];
    assert_eq!(seen, expected.map(|(period, basis, quotient)| (period, basis, quotient.to_owned())));
}

async fn an_adoption_rate_needs_something_to_divide_by(app: TestApp) {
    let officer = app.officer(UNIT).await;
    let variables = json!({ "network": app.network_id(), "period": figures::period("2026-02") });
    let answer = officer.gql(RATES, variables).await;
    let row = &answer["adoptionRates"]["rows"][0];
    assert_eq!((&row["rate"], &row["status"]), (&json!(null), &json!("NO_SUBMISSIONS")));
}

async fn a_unit_asks_for_its_own_rate_only(app: TestApp) {
    let officer = app.officer(UNIT).await;
    for by in ["CATEGORY", "NETWORK"] {
        let variables = json!({ "network": app.network_id(), "period": figures::period("2026-02"), "by": by });
        officer.expect_code(RATES, variables, "FORBIDDEN").await;
    }
}

async fn rates_have_no_assessment_year(app: TestApp) {
    for day in ["2025-12-31", "2026-01-01"] {
        app.submission(UNIT).await.submitted_on(day).insert().await;
    }
    let rows = rates(&app.editor().await, &app, "2025-12..2026-01", "UNIT", "ADOPTED_IN").await;
    assert_eq!((&rows[0]["submitted"], &rows[0]["rate"]), (&json!(2), &json!("0")));
}
