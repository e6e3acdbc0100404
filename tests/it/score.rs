//! Figures: fresh after every write, the same however a year is cut, explained down to the clause, and to a unit its own.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::{self, Currency, text};
use tests::walk;

tests::cases![
    every_write_is_in_the_next_answer,
    months_quarters_and_half_years_add_up,
    the_lines_of_every_unit_add_up_to_its_score,
    a_line_leads_to_the_submission_and_the_clause,
    a_unit_sees_its_own_row_and_where_it_stands,
    whoever_sees_the_network_sees_every_row,
    scores_are_kept_per_year,
    a_period_has_one_form,
];

const UNIT: &str = "阜康市";

async fn every_write_is_in_the_next_answer(app: TestApp) {
    let editor = app.editor().await;
    let mut last = figures::data_version(&editor, &app, "2026").await;
    let mut expect = async |score: &str, what: &str| {
        let version = figures::data_version(&editor, &app, "2026").await;
        assert!(version > last, "{what}: from version {last} to {version}");
        last = version;
        assert_eq!(figures::score(&editor, &app, UNIT, "2026").await, score, "{what}");
    };

    let submission = walk::submit(&app, UNIT).await;
    expect("0", "handing in").await;
    let issue = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let adopted = walk::adopt(&editor, &submission, &issue, None).await;
    expect("10", "adopting").await;
    let sent = walk::send_up(&editor, &app, &adopted["submission"], "internal", "2026-03-02").await;
    expect("10", "sending up").await;
    let adopted = walk::record_adoption(&editor, &app, &sent, "region_other", "2026-03-02").await;
    expect("20", "a higher adoption").await;
    walk::endorse(&editor, &adopted["submission"], "region", "2026-03-02").await;
    expect("40", "an endorsement").await;

    let (network, unit) = (app.network_id(), app.unit_id(UNIT).await);
    let incident = json!({
        "network": network, "unit": unit, "kind": "UNTRUE", "evidence": "经核实，数据有误。", "occurredOn": "2026-03-02",
    });
    walk::act(&editor, "recordIncident", "incident { id }", incident).await;
    expect("-10", "an incident").await;
    for (attendees, score) in [(50, "-10"), (49, "-10"), (80, "40")] {
        let training = json!({
            "network": network, "unit": unit, "kind": "SESSION", "title": "信息业务培训",
            "heldOn": "2026-03-01", "attendees": attendees,
        });
        walk::act(&editor, "recordTraining", "training { id }", training).await;
        expect(score, "a training").await;
    }
    for (duty, score) in [("LEADER_IN_CHARGE", "40"), ("FULL_TIME", "40"), ("FULL_TIME", "90")] {
        let staffing =
            json!({ "network": network, "unit": unit, "name": "王信息", "duty": duty, "firstDay": "2026-01-01" });
        walk::act(&editor, "recordStaffing", "staffing { id }", staffing).await;
        expect(score, "staffing").await;
    }
    let commission = walk::commission(&editor, &app, &[UNIT], "2026-03-02T09:05:00+08:00").await;
    expect("90", "a commission").await;
    app.set_clock("2026-03-02T09:06:00+08:00");
    walk::judge(&editor, walk::assignment(&commission, UNIT), "MISSED").await;
    expect("80", "a judgement").await;
}

/// A year of rows: adoptions in six months, a month that reaches the county's quota and rate, a training, staffing.
async fn a_year(app: &TestApp) {
    let mut months = vec![];
    for (month, items) in [(1, 2), (2, 1), (6, 3), (7, 1), (11, 2), (12, 1)] {
        months.extend((0..items).map(|item| (month, 10 + item)));
    }
    for (month, day) in months {
        let day = format!("2025-{month:02}-{day}");
        let row = app.submission(UNIT).await.submitted_on(&day).insert().await;
        app.adoption(&row, "general").await.on(&day).insert().await;
    }
    // 100 items in May, 5 of them adopted.
    app.submission(UNIT).await.submitted_on("2025-05-20").insert_many(95).await;
    for _ in 0..5 {
        let row = app.submission(UNIT).await.submitted_on("2025-05-20").insert().await;
        app.adoption(&row, "internal").await.class("special_report").on("2025-05-31").insert().await;
    }
    let other = app.submission("奇台县").await.submitted_on("2025-09-30").insert().await;
    app.adoption(&other, "internal").await.class("reference").on("2025-10-01").insert().await;

    let editor = app.editor().await;
    let unit = app.unit_id(UNIT).await;
    for day in ["2025-04-01", "2025-08-15"] {
        let training = json!({
            "network": app.network_id(), "unit": unit, "kind": "SESSION", "title": "信息业务培训",
            "heldOn": day, "attendees": 60,
        });
        walk::act(&editor, "recordTraining", "training { id }", training).await;
    }
    let incident = json!({
        "network": app.network_id(), "unit": app.unit_id("奇台县").await, "kind": "UNTRUE",
        "evidence": "经核实，数据有误。", "occurredOn": "2025-12-31",
    });
    walk::act(&editor, "recordIncident", "incident { id }", incident).await;
}

/// The sum of a unit's scores over several periods, in millionths.
async fn total(client: &Client, app: &TestApp, unit: &str, periods: &[String]) -> i64 {
    let mut sum = 0;
    for period in periods {
        sum += figures::millionths(&figures::score(client, app, unit, period).await);
    }
    sum
}

async fn months_quarters_and_half_years_add_up(app: TestApp) {
    a_year(&app).await;
    let editor = app.editor().await;
    let months: Vec<_> = (1..=12).map(|month| format!("2025-{month:02}")).collect();
    let quarters: Vec<_> = (1..=4).map(|quarter| format!("2025-Q{quarter}")).collect();
    let halves = ["2025-H1".to_owned(), "2025-H2".to_owned()];

    // Ten adoptions of 10 points, five of 20, the month's 20 and the year's training of 50.
    for (unit, year) in [(UNIT, "270"), ("奇台县", "-10"), ("木垒县", "0")] {
        assert_eq!(figures::score(&editor, &app, unit, "2025").await, year, "{unit}");
        let whole = figures::millionths(year);
        assert_eq!(total(&editor, &app, unit, &months).await, whole, "{unit}: months");
        assert_eq!(total(&editor, &app, unit, &quarters).await, whole, "{unit}: quarters");
        assert_eq!(total(&editor, &app, unit, &halves).await, whole, "{unit}: half-years");
        let from_to = figures::score(&editor, &app, unit, "2025-02..2025-Q4").await;
        let january = figures::score(&editor, &app, unit, "2025-01").await;
        assert_eq!(figures::millionths(&from_to) + figures::millionths(&january), whole, "{unit}: from and to");
    }
    assert_eq!(figures::score(&editor, &app, UNIT, "2025-05").await, "120");
    assert_eq!(figures::score(&editor, &app, UNIT, "2025-Q2").await, "150");
    assert_eq!(figures::score(&editor, &app, UNIT, "2025-12").await, "60");
    assert_eq!(figures::score(&editor, &app, "奇台县", "2025-H2").await, "-10");
}

async fn the_lines_of_every_unit_add_up_to_its_score(app: TestApp) {
    a_year(&app).await;
    let editor = app.editor().await;
    let query = "query($network: ID!, $period: PeriodInput!) { ranking(network: $network, period: $period) {
        categories { category { id } size rows { unit { name } score } }
    } }";
    for period in ["2025", "2025-05", "2025-Q4"] {
        let variables = json!({ "network": app.network_id(), "period": figures::period(period) });
        let answer = editor.gql(query, variables).await["ranking"].take();
        let mut units = 0;
        for category in answer["categories"].as_array().unwrap() {
            let rows = category["rows"].as_array().unwrap();
            assert_eq!(category["size"], rows.len());
            for row in rows {
                units += 1;
                // Sixty-odd units have no line at all; asking for each of them proves nothing more.
                if row["score"] == "0" && row["unit"]["name"] != "木垒县" {
                    continue;
                }
                let unit = text(&row["unit"]["name"]);
                let ledger = figures::ledger(&editor, &app, unit, period, Currency::Points).await;
                assert_eq!(figures::sum(&ledger), figures::millionths(text(&row["score"])), "{unit} in {period}");
                assert_eq!(
                    figures::score(&editor, &app, unit, period).await,
                    text(&row["score"]),
                    "{unit} in {period}"
                );
            }
        }
        // 7 counties and cities, 3 parks, 38 and 27 departments.
        assert_eq!(units, 75);
    }
}

async fn a_line_leads_to_the_submission_and_the_clause(app: TestApp) {
    let editor = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    let issue = walk::issue(&editor, &app, "internal", "2026-03-02").await;
    let adopted = walk::adopt(&editor, &submission, &issue, Some("special_report")).await;

    let query = "query($network: ID!, $unit: ID!) {
        scoreLedger(network: $network, unit: $unit, period: { id: \"2026-03\" }, first: 10) {
            totalCount
            nodes {
                points date rule clause title
                facts { kind id }
                rulebookVersion { number title rules { id clause } }
                submission { id title body authors { name } signatory { name } unit { name } }
            }
        }
    }";
    let variables = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await });
    // The unit itself can follow its points home; so can the office.
    for reader in [app.officer(UNIT).await, app.leader(UNIT).await, editor, app.analyst().await] {
        let ledger = reader.gql(query, variables.clone()).await["scoreLedger"].take();
        assert_eq!(ledger["totalCount"], 1);
        let line = &ledger["nodes"][0];
        assert_eq!(line["points"], "20");
        assert_eq!(line["date"], "2026-03-02");
        assert_eq!(line["rule"], "adopted.internal.special_report");
        assert_eq!(line["clause"], "附件1 三(一)");
        assert_eq!(line["facts"], json!([{ "kind": "adoption", "id": adopted["adoption"]["id"] }]));
        assert_eq!(line["submission"]["id"], submission["id"]);
        assert_eq!(line["submission"]["title"], walk::content()["title"]);
        assert_eq!(line["submission"]["unit"]["name"], UNIT);
        assert_eq!(line["rulebookVersion"]["title"], "自治州政务信息综合积分管理办法");
        let rules = line["rulebookVersion"]["rules"].as_array().unwrap();
        assert!(rules.iter().any(|rule| rule["id"] == line["rule"] && rule["clause"] == line["clause"]));
    }
}

/// The whole of a ranking that a viewer may see.
const RANKING: &str = "query($network: ID!, $period: PeriodInput!) { ranking(network: $network, period: $period) {
    categories { category { id name } size lowerQuartile median upperQuartile rows { unit { name } rank of score tied } }
    meta { partial rulebookVersions { number } }
} }";

async fn a_unit_sees_its_own_row_and_where_it_stands(app: TestApp) {
    // 30, 20, 10, and four counties with nothing.
    for (unit, items) in [("昌吉市", 3), ("呼图壁县", 2), (UNIT, 1)] {
        for _ in 0..items {
            let row = app.submission(unit).await.submitted_on("2026-02-10").insert().await;
            app.adoption(&row, "general").await.on("2026-02-10").insert().await;
        }
    }
    let variables = json!({ "network": app.network_id(), "period": figures::period("2026-02") });
    let officer = app.officer(UNIT).await;
    let seen = officer.gql(RANKING, variables.clone()).await["ranking"].take();
    let county = json!([{
        "category": { "id": "county", "name": "县市" },
        "size": 7,
        "lowerQuartile": "0",
        "median": "0",
        "upperQuartile": "20",
        "rows": [{ "unit": { "name": UNIT }, "rank": 3, "of": 7, "score": "10", "tied": false }],
    }]);
    assert_eq!(seen["categories"], county);
    let seen = app.officer("玛纳斯县").await.gql(RANKING, variables).await["ranking"].take();
    let own = json!([{ "unit": { "name": "玛纳斯县" }, "rank": 4, "of": 7, "score": "0", "tied": true }]);
    assert_eq!(seen["categories"][0]["rows"], own);

    // Nothing else leads to another unit's figures.
    let other = app.unit_id("昌吉市").await;
    let ledger = "query($network: ID!, $unit: ID!) {
        scoreLedger(network: $network, unit: $unit, period: { id: \"2026-02\" }, first: 10) { totalCount }
    }";
    officer.expect_code(ledger, json!({ "network": app.network_id(), "unit": other }), "NOT_FOUND").await;
    let notes = "query($network: ID!) { scoringNotes(network: $network, period: { id: \"2026\" }) { kind } }";
    officer.expect_code(notes, json!({ "network": app.network_id() }), "FORBIDDEN").await;
    let unit = "query($id: ID!) { unit(id: $id) { name score(period: { id: \"2026-02\" }) } }";
    assert_eq!(officer.gql(unit, json!({ "id": other })).await["unit"], Value::Null);
}

async fn whoever_sees_the_network_sees_every_row(app: TestApp) {
    let row = app.submission(UNIT).await.submitted_on("2026-02-10").insert().await;
    app.adoption(&row, "general").await.on("2026-02-10").insert().await;
    let variables = json!({ "network": app.network_id(), "period": figures::period("2026-02") });
    let expected = app.editor().await.gql(RANKING, variables.clone()).await["ranking"].take();
    let sizes: Vec<_> = expected["categories"].as_array().unwrap().iter().map(|part| part["size"].clone()).collect();
    assert_eq!(json!(sizes), json!([7, 3, 38, 27]));
    assert_eq!(expected["meta"], json!({ "partial": false, "rulebookVersions": [{ "number": 1 }] }));
    for client in [app.chief_editor().await, app.city_leader().await, app.analyst().await] {
        assert_eq!(client.gql(RANKING, variables.clone()).await["ranking"], expected);
    }
    // A month that has not ended says so.
    let variables = json!({ "network": app.network_id(), "period": figures::period("2026-03") });
    let present = app.editor().await.gql(RANKING, variables).await["ranking"].take();
    assert_eq!(present["meta"]["partial"], true);
}

async fn scores_are_kept_per_year(app: TestApp) {
    let editor = app.editor().await;
    let unit = app.unit_id(UNIT).await;
    let across = json!({ "from": "2025-12", "to": "2026-01" });
    let ledger = "query($network: ID!, $unit: ID!, $period: PeriodInput!) {
        scoreLedger(network: $network, unit: $unit, period: $period, first: 1) { totalCount }
    }";
    for (query, variables) in [
        (RANKING, json!({ "network": app.network_id(), "period": across })),
        (ledger, json!({ "network": app.network_id(), "unit": unit, "period": across })),
    ] {
        let error = editor.expect_code(query, variables, "INVALID").await;
        assert_eq!(error["extensions"]["field"], "period");
        assert!(text(&error["message"]).contains("2026-01-01"), "it names the year that could be asked for: {error}");
    }
    let category = "query($network: ID!) {
        ranking(network: $network, period: { id: \"2026\" }, category: \"village\") { categories { size } }
    }";
    let error = editor.expect_code(category, json!({ "network": app.network_id() }), "INVALID").await;
    assert_eq!(error["extensions"]["field"], "category");
}

async fn a_period_has_one_form(app: TestApp) {
    let editor = app.editor().await;
    for period in [
        json!({}),
        json!({ "from": "2026-01" }),
        json!({ "id": "2026", "from": "2026-01", "to": "2026-02" }),
        json!({ "from": "2026-02", "to": "2026-01" }),
    ] {
        let variables = json!({ "network": app.network_id(), "period": period });
        let error = editor.expect_code(RANKING, variables, "INVALID").await;
        assert_eq!(error["extensions"]["field"], "period");
    }
    for period in ["2026-13", "last month", "2026-Q5", "20260101"] {
        let variables = json!({ "network": app.network_id(), "period": { "id": period } });
        editor.expect_code(RANKING, variables, "BAD_INPUT").await;
    }
    let days = "query($network: ID!, $id: PeriodId!) { ranking(network: $network, period: { id: $id }) { period { first last } } }";
    for (id, first, last) in [
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-Q2", "2026-04-01", "2026-06-30"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-07-15", "2026-07-15", "2026-07-15"),
    ] {
        let answer = editor.gql(days, json!({ "network": app.network_id(), "id": id })).await;
        assert_eq!(answer["ranking"]["period"], json!({ "first": first, "last": last }));
    }
}
