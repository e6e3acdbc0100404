//! The questions that are asked by name.

use serde_json::{Value, json};
use tests::app::TestApp;

use super::{OTHER, UNIT, two_months};

tests::cases![
    categories_stand_side_by_side,
    the_last_of_each_category_are_listed_with_the_reason_and_no_tie_is_cut,
    a_trend_has_its_comparisons_its_mean_and_its_pace,
    coverage_names_the_topics_that_nobody_reports_on,
    timeliness_has_no_rate_where_nothing_was_due,
    an_unusual_month_is_told_in_a_sentence,
];

async fn categories_stand_side_by_side(app: TestApp) {
    two_months(&app).await;
    let query = "query($network: ID!) { categoryComparison(network: $network, period: { id: \"2026-02\" }) {
        measures rows { keys { code } cells { value comparisons { with base status } } }
    } }";
    let answer = app.editor().await.gql(query, json!({ "network": app.network_id() })).await;
    let rows = answer["categoryComparison"]["rows"].as_array().cloned().unwrap_or_default();
    let codes: Vec<&str> = rows.iter().filter_map(|row| row["keys"][0]["code"].as_str()).collect();
    assert_eq!(codes, ["county", "park", "key_department", "other_department"]);
    let values: Vec<&str> =
        rows[0]["cells"].as_array().into_iter().flatten().filter_map(|cell| cell["value"].as_str()).collect();
    assert_eq!(values[..3], ["3", "2", "0.666667"]);
    assert_eq!(
        rows[0]["cells"][0]["comparisons"],
        json!([{ "with": "PREVIOUS", "base": "4", "status": "OK" }, { "with": "SAME_LAST_YEAR", "base": "0", "status": "FROM_ZERO" }])
    );
}

async fn the_last_of_each_category_are_listed_with_the_reason_and_no_tie_is_cut(app: TestApp) {
    two_months(&app).await;
    let query = "query($network: ID!, $measure: Measure!) {
        bottomRanked(network: $network, period: { id: \"2026-02\" }, measure: $measure, n: 2) {
            rows { name cell { value rank { rank of tied } } reason reasonZh }
            leftOut { name reason message messageZh }
        }
    }";
    let variables = json!({ "network": app.network_id(), "measure": "ADOPTIONS" });
    let answer = app.editor().await.gql(query, variables).await;
    let rows = answer["bottomRanked"]["rows"].as_array().cloned().unwrap_or_default();
    let counties: Vec<&Value> = rows.iter().filter(|row| row["cell"]["rank"]["of"] == 7).collect();
    // Five counties have nothing, so all five are last.
    assert_eq!(counties.len(), 5);
    assert_eq!(counties[0]["cell"]["rank"], json!({ "rank": "3", "of": 7, "tied": true }));
    assert_eq!(counties[0]["reasonZh"], "采用次数 0，在 7 个单位中列第 3（并列），中位数为 0");
    assert!(counties.iter().all(|row| row["name"] != UNIT && row["name"] != OTHER));
}

async fn a_trend_has_its_comparisons_its_mean_and_its_pace(app: TestApp) {
    two_months(&app).await;
    for _ in 0..3 {
        app.submission(UNIT).await.submitted_on("2025-02-10").insert().await;
    }
    let query = "query($network: ID!) {
        trend(network: $network, measure: SUBMITTED, period: { from: \"2026-01\", to: \"2026-02\" }) {
            points {
                period { label } cell { value comparisons { with base change } }
                moving { value denominator } yearToDate { value comparisons { base change } }
            }
        }
    }";
    let answer = app.editor().await.gql(query, json!({ "network": app.network_id() })).await;
    let february = &answer["trend"]["points"][1];
    assert_eq!(
        february,
        &json!({
            "period": { "label": "2026-02" },
            "cell": { "value": "3", "comparisons": [
                { "with": "PREVIOUS", "base": "4", "change": "-0.25" },
                { "with": "SAME_LAST_YEAR", "base": "3", "change": "0" },
            ] },
            "moving": { "value": "2.333333", "denominator": 3 },
            "yearToDate": { "value": "7", "comparisons": [{ "base": "3", "change": "1.333333" }] },
        })
    );
}

async fn coverage_names_the_topics_that_nobody_reports_on(app: TestApp) {
    two_months(&app).await;
    let query = "query($network: ID!) { coverage(network: $network, period: { id: \"2026\" }) {
        topics { code name submitted units isSilent share } withoutTopic meta { dataVersion }
    } }";
    let answer = app.editor().await.gql(query, json!({ "network": app.network_id() })).await;
    let topics = answer["coverage"]["topics"].as_array().cloned().unwrap_or_default();
    assert_eq!(topics.len(), 7);
    let reported: i64 = topics.iter().filter_map(|topic| topic["submitted"].as_i64()).sum();
    assert_eq!(reported + answer["coverage"]["withoutTopic"].as_i64().unwrap_or_default(), 7);
    assert!(topics.iter().any(|topic| topic["isSilent"] == true && topic["units"] == 0));
}

async fn timeliness_has_no_rate_where_nothing_was_due(app: TestApp) {
    let query = "query($network: ID!) { timeliness(network: $network, period: { id: \"2026-02\" }, rows: []) {
        measures rows { cells { value status } }
    } }";
    let answer = app.editor().await.gql(query, json!({ "network": app.network_id() })).await;
    assert_eq!(answer["timeliness"]["rows"][0]["cells"][0], json!({ "value": null, "status": "NO_DENOMINATOR" }));
    assert_eq!(answer["timeliness"]["rows"][0]["cells"][3], json!({ "value": "0", "status": "OK" }));
}

async fn an_unusual_month_is_told_in_a_sentence(app: TestApp) {
    for (month, items) in
        [("2025-09", 2), ("2025-10", 3), ("2025-11", 2), ("2025-12", 3), ("2026-01", 2), ("2026-02", 20)]
    {
        app.submission(UNIT).await.submitted_on(&format!("{month}-10")).insert_many(items).await;
    }
    let query = "query($network: ID!) {
        anomalies(network: $network, period: { from: \"2025-09\", to: \"2026-02\" }) {
            keys { name } value median deviation score periods isAbove sentence sentenceZh
        }
    }";
    let answer = app.editor().await.gql(query, json!({ "network": app.network_id() })).await;
    let found = answer["anomalies"].as_array().cloned().unwrap_or_default();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["keys"][0]["name"], UNIT);
    assert_eq!((&found[0]["value"], &found[0]["median"], &found[0]["periods"]), (&json!("20"), &json!("2"), &json!(5)));
    let sentence = found[0]["sentenceZh"].as_str().unwrap_or_default();
    assert!(sentence.starts_with("阜康市 2026-02 报送数为 20，高于此前 5 期的中位数 2"), "{sentence}");
}
