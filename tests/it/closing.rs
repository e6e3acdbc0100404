//! Closed periods: what was closed stays as it was, what comes late counts as a correction.

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::{self, Currency, text};
use tests::office::{Office, global};
use tests::walk;

tests::cases![
    a_period_is_closed_once_in_order_and_after_it_has_ended,
    what_fell_due_is_judged_before_closing,
    a_closed_period_stays_as_it_was_whatever_comes_late,
    a_late_fact_counts_on_the_day_of_its_record,
    units_neither_come_nor_move_on_closed_days,
    neither_targets_nor_coefficients_reach_into_closed_days,
    the_figures_of_a_moment_are_the_live_ones_of_a_closed_period,
];

const UNIT: &str = "阜康市";

/// The whole of a ranking, and who published what.
const RANKING: &str = "query($network: ID!, $period: PeriodInput!) { ranking(network: $network, period: $period) {
    categories { category { id } size lowerQuartile median upperQuartile rows { unit { name } rank of score tied } }
} }";

/// Closes a period of the home network.
async fn close(app: &TestApp, period: &str) -> Value {
    let input = json!({ "network": app.network_id(), "period": period });
    let selection = "closing { id period firstDay lastDay dataVersion closedBy { id } closedAt }";
    walk::act(&app.chief_editor().await, "closePeriod", selection, input).await["closing"].take()
}

async fn a_period_is_closed_once_in_order_and_after_it_has_ended(app: TestApp) {
    let chief = app.chief_editor().await;
    let try_to = async |period: &str, code: &str| {
        let input = json!({ "network": app.network_id(), "period": period });
        text(&walk::refused(&chief, "closePeriod", input, code).await["message"]).to_owned()
    };
    for period in ["2026-03", "2026-Q1", "2026", "2026-W05", "2026-02-10"] {
        try_to(period, "INVALID").await;
    }
    let closing = close(&app, "2025-12").await;
    assert_eq!(closing["firstDay"], "2025-12-01");
    assert_eq!(closing["closedAt"], "2026-03-02T01:00:00+00:00");
    try_to("2025-12", "WRONG_STATE").await;
    try_to("2025-11", "WRONG_STATE").await;
    // January would stay open.
    let message = try_to("2026-02", "WRONG_STATE").await;
    assert!(message.contains("2026-01-01"), "{message}");
    close(&app, "2026-01").await;
    app.set_clock("2026-04-01T09:00:00+08:00");
    // The quarter closes what its months have left open.
    let closing = close(&app, "2026-Q1").await;
    assert_eq!((&closing["firstDay"], &closing["lastDay"]), (&json!("2026-02-01"), &json!("2026-03-31")));

    let query = "query { network(code: \"changji\") { closings(first: 10) { totalCount nodes { period } } } }";
    let seen = app.officer(UNIT).await.gql(query, json!({})).await["network"]["closings"].take();
    assert_eq!(
        seen,
        json!({ "totalCount": 3, "nodes": [{ "period": "2026-Q1" }, { "period": "2026-01" }, { "period": "2025-12" }] })
    );
    walk::refused(
        &app.editor().await,
        "closePeriod",
        json!({ "network": app.network_id(), "period": "2026-Q1" }),
        "FORBIDDEN",
    )
    .await;
}

async fn what_fell_due_is_judged_before_closing(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &[UNIT, "奇台县"], "2026-03-20T18:00:00+08:00").await;
    app.set_clock("2026-03-18T09:00:00+08:00");
    walk::answer(&app, "奇台县", walk::assignment(&commission, "奇台县")).await;
    app.set_clock("2026-04-01T09:00:00+08:00");
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let input = json!({ "network": app.network_id(), "period": "2026-03" });
    walk::judge(&editor, walk::assignment(&commission, UNIT), "MISSED").await;
    let error = walk::refused(&chief, "closePeriod", input, "WRONG_STATE").await;
    assert_eq!(error["details"], "{\"undecidedAssignments\":1}");
    walk::judge(&editor, walk::assignment(&commission, "奇台县"), "ANSWERED").await;
    close(&app, "2026-03").await;
    assert_eq!(figures::score(&editor, &app, UNIT, "2026-03").await, "-10");
    // What counted in the closed period is not judged again.
    walk::misjudge(&editor, walk::assignment(&commission, UNIT), "MISSED", "PERIOD_CLOSED").await;
    walk::misjudge(&editor, walk::assignment(&commission, "奇台县"), "ANSWERED", "PERIOD_CLOSED").await;
}

/// Everything that a viewer of the whole network can ask of a period's points.
async fn results(client: &Client, office: &Office, period: &str) -> String {
    let variables = json!({ "network": office.network_id(), "period": figures::period(period) });
    let mut all = client.gql(RANKING, variables).await.to_string();
    for unit in [UNIT, "奇台县", "昌吉市"] {
        for currency in [Currency::Points, Currency::Money] {
            all += &json!(figures::ledger(client, office, unit, period, currency).await).to_string();
        }
    }
    all
}

async fn a_closed_period_stays_as_it_was_whatever_comes_late(app: TestApp) {
    let mut items = Vec::new();
    for (unit, day) in [(UNIT, "2026-02-05"), (UNIT, "2026-02-10"), ("奇台县", "2026-02-11"), ("昌吉市", "2026-02-12")]
    {
        let row = app.submission(unit).await.submitted_on(day).insert().await;
        app.adoption(&row, "general").await.on(day).insert().await;
        items.push(json!({ "id": global("Submission", row.id.0), "version": row.version }));
    }
    let open = app.submission("奇台县").await.submitted_on("2026-02-20").insert().await;
    close(&app, "2026-02").await;
    let before = results(&app.editor().await, &app, "2026-02").await;

    // A late fact of every kind, all of February.
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let looked = "query($id: ID!) { submission(id: $id) { id version state } }";
    let mut item = editor.gql(looked, json!({ "id": items[0]["id"] })).await["submission"].take();
    item = walk::send_up(&editor, &app, &item, "internal", "2026-02-06").await;
    item = walk::record_adoption(&editor, &app, &item, "region_other", "2026-02-20").await["submission"].take();
    walk::endorse(&editor, &item, "region", "2026-02-25").await;
    let here = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await });
    let incident = json!({ "kind": "UNTRUE", "evidence": "经核实，数据有误。", "occurredOn": "2026-02-07" });
    walk::act(&editor, "recordIncident", "incident { id }", walk::merged(here.clone(), incident)).await;
    let training = json!({ "kind": "SESSION", "title": "培训班", "heldOn": "2026-02-08", "attendees": 60 });
    walk::act(&editor, "recordTraining", "training { id }", walk::merged(here.clone(), training)).await;
    for duty in ["LEADER_IN_CHARGE", "FULL_TIME", "FULL_TIME"] {
        let staffing = json!({ "name": "王信息", "duty": duty, "firstDay": "2026-02-01" });
        walk::act(&editor, "recordStaffing", "staffing { id }", walk::merged(here.clone(), staffing)).await;
    }
    // What was handed in is taken back, a unit changes its category, tomorrow's rules are others.
    let open = json!({ "id": global("Submission", open.id.0), "version": open.version });
    walk::step(&app.officer("奇台县").await, "withdrawSubmission", &open).await;
    let moving = json!({
        "unit": app.unit_id("昌吉市").await, "expectedVersion": 1, "category": "park", "firstDay": "2026-03-02",
    });
    walk::act(&app.system_administrator().await, "moveUnit", "unit { id }", moving).await;
    let query = "{ network(code: \"changji\") { rulebook { text } } }";
    let rules = editor.gql(query, json!({})).await["network"]["rulebook"]["text"].take();
    let rules = text(&rules).lines().map(|line| match line {
        line if line.starts_with("effective_from") => "effective_from = 2026-03-03".to_owned(),
        line => line.replace("points = \"10\"", "points = \"11\""),
    });
    let drafting = json!({ "network": app.network_id(), "text": rules.collect::<Vec<_>>().join("\n") });
    let drafted = walk::act(&editor, "draftRulebook", "rulebook { id version }", drafting).await["rulebook"].take();
    let activating = json!({ "rulebook": drafted["id"], "expectedVersion": drafted["version"] });
    walk::act(&chief, "activateRulebook", "rulebook { id state }", activating).await;

    assert_eq!(results(&app.editor().await, &app, "2026-02").await, before, "the server as it runs");
    let again = app.restarted().await;
    assert_eq!(results(&again.editor().await, &again, "2026-02").await, before, "the server after a restart");

    // All of it counts now. Training and staff count once a year, at its end.
    let march = figures::ledger(&editor, &app, UNIT, "2026-03", Currency::Points).await;
    expect![[r"
        2026-03-02 adopted.region 10
        2026-03-02 endorsed.region 20
        2026-03-02 accuracy.untrue -50
    "]]
    .assert_eq(&figures::lines(&march));
    assert_eq!(figures::ledger(&again.editor().await, &again, UNIT, "2026-03", Currency::Points).await, march);
}

async fn a_late_fact_counts_on_the_day_of_its_record(app: TestApp) {
    let row = app.submission(UNIT).await.submitted_on("2026-02-05").insert().await;
    let closing = close(&app, "2026-02").await;
    let editor = app.editor().await;
    let item = json!({ "id": global("Submission", row.id.0), "version": row.version });
    let item = walk::send_up(&editor, &app, &item, "internal", "2026-02-06").await;
    let selection = "adoption { id adoptedOn countsOn correctionOf { id } }";
    let publication = app.publication_id("region_other").await;
    let more = json!({ "publication": publication, "adoptedOn": "2026-02-20", "evidence": "第12期" });
    let late = walk::act(&editor, "recordAdoption", selection, walk::on(&item, more)).await["adoption"].take();
    assert_eq!(late["adoptedOn"], "2026-02-20");
    assert_eq!(late["countsOn"], "2026-03-02");
    assert_eq!(late["correctionOf"], json!({ "id": closing["id"] }));

    let query = "query($network: ID!, $unit: ID!) {
        scoreLedger(network: $network, unit: $unit, period: { id: \"2026-03\" }, first: 10) {
            nodes { date happenedOn correctionOf { period } }
        }
    }";
    let variables = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await });
    let lines = editor.gql(query, variables).await["scoreLedger"]["nodes"].take();
    assert_eq!(
        lines,
        json!([{ "date": "2026-03-02", "happenedOn": "2026-02-20", "correctionOf": { "period": "2026-02" } }])
    );

    // In time is in time.
    let here = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await });
    let incident = json!({ "kind": "LATE", "evidence": "值班记录", "occurredOn": "2026-03-01" });
    let selection = "incident { occurredOn countsOn correctionOf { id } }";
    let made = walk::act(&editor, "recordIncident", selection, walk::merged(here, incident)).await["incident"].take();
    assert_eq!(made, json!({ "occurredOn": "2026-03-01", "countsOn": "2026-03-01", "correctionOf": null }));

    // The correction's own period is closed in its turn, and it stays there.
    app.set_clock("2026-04-02T09:00:00+08:00");
    close(&app, "2026-03").await;
    let query = "query($id: ID!) { node(id: $id) { ... on Adoption { countsOn correctionOf { period } } } }";
    let again = app.restarted().await;
    for office in [&*app, &again] {
        let seen = office.editor().await.gql(query, json!({ "id": late["id"] })).await["node"].take();
        assert_eq!(seen, json!({ "countsOn": "2026-03-02", "correctionOf": { "period": "2026-02" } }));
    }
}

async fn units_neither_come_nor_move_on_closed_days(app: TestApp) {
    close(&app, "2026-02").await;
    let administrator = app.system_administrator().await;
    for day in ["2025-06-01", "2026-02-28"] {
        let unit = json!({ "network": app.network_id(), "name": "新设单位", "category": "park", "openedOn": day });
        let error = walk::refused(&administrator, "createUnit", unit, "PERIOD_CLOSED").await;
        assert_eq!(
            (&error["field"], &error["details"]),
            (&json!("openedOn"), &json!("{\"closedThrough\":\"2026-02-28\"}"))
        );
        let unit = app.unit_id("昌吉市").await;
        let moving = json!({ "unit": unit, "expectedVersion": 1, "category": "park", "firstDay": day });
        walk::refused(&administrator, "moveUnit", moving, "PERIOD_CLOSED").await;
    }
}

async fn neither_targets_nor_coefficients_reach_into_closed_days(app: TestApp) {
    let row = app.submission(UNIT).await.submitted_on("2026-02-05").insert().await;
    app.adoption(&row, "general").await.on("2026-02-06").insert().await;
    close(&app, "2026-02").await;
    let editor = app.editor().await;
    let owed = json!({ "measure": "adopted_items", "per": "MONTH", "unit": app.unit_id(UNIT).await });
    let target = |first: &str| json!({ "network": app.network_id(), "amount": "4", "firstDay": first, "origin": "州政府办公室", "owed": owed });
    let error = walk::refused(&editor, "setTarget", target("2026-02-28"), "PERIOD_CLOSED").await;
    assert_eq!(error["field"], "firstDay");
    walk::act(&editor, "setTarget", "target { id }", target("2026-03-01")).await;
    let looked = "query($id: ID!) { submission(id: $id) { id version } }";
    let item = editor.gql(looked, json!({ "id": global("Submission", row.id.0) })).await["submission"].take();
    let decision = walk::on(&item, json!({ "coefficient": "4", "reason": "数据翔实" }));
    let error = walk::refused(&editor, "decideCoefficient", decision, "PERIOD_CLOSED").await;
    assert_eq!(error["field"], "submission");
}

async fn the_figures_of_a_moment_are_the_live_ones_of_a_closed_period(app: TestApp) {
    let editor = app.editor().await;
    // An act of the network begins its history.
    walk::submit(&app, UNIT).await;
    let mut items = Vec::new();
    for day in ["2026-02-05", "2026-02-10"] {
        let row = app.submission(UNIT).await.submitted_on(day).insert().await;
        app.adoption(&row, "internal").await.class("dynamic").on(day).insert().await;
        items.push(json!({ "id": global("Submission", row.id.0), "version": row.version }));
    }
    close(&app, "2026-02").await;
    walk::record_adoption(&editor, &app, &items[0], "region_other", "2026-02-20").await;
    walk::submit(&app, UNIT).await;
    app.set_clock("2026-03-02T10:00:00+08:00");
    let editor = app.editor().await;
    let ask = async |moment: Option<&str>| {
        let query =
            "query($input: AnalyticsInput!) { analytics(input: $input) { rows { keys { code } cells { value } } } }";
        let input = json!({
            "network": app.network_id(), "measures": ["RECEIVED", "ADOPTIONS", "POINTS"], "rows": ["UNIT"],
            "period": { "id": "2026-02" }, "asOf": moment,
        });
        editor.gql(query, json!({ "input": input })).await["analytics"].take()
    };
    let live = ask(None).await;
    assert!(live["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
    assert_eq!(ask(Some("2026-03-02T09:59:00+08:00")).await, live);
}
