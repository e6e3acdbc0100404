//! Why a rule gave nothing, what a draft would change, and the walk from a place in the ranking to the submission.

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::figures::{self, text};

tests::cases![
    a_condition_that_failed_says_by_how_much,
    a_rule_that_fired_shows_its_lines,
    one_query_walks_from_a_place_to_the_submission,
    a_simulation_says_what_activation_would_do_and_writes_nothing,
    who_may_simulate_and_what,
];

const WHY_NOT: &str = "query($network: ID!, $unit: ID!, $rule: String!, $period: PeriodInput!) {
    whyNot(network: $network, unit: $unit, rule: $rule, period: $period) {
        clause title fired lines { points } missesLeftOut
        misses { date fact { kind } isExcluded obstacles { condition shortBy inputs { name value } } }
    }
}";

async fn items(app: &TestApp, unit: &str, count: usize, adopted: usize) {
    app.submission(unit).await.submitted_on("2026-01-20").insert_many(count - adopted).await;
    for _ in 0..adopted {
        let row = app.submission(unit).await.submitted_on("2026-01-20").insert().await;
        app.adoption(&row, "general").await.on("2026-01-20").insert().await;
    }
}

async fn asked(app: &TestApp, unit: &str, rule: &str, period: &str) -> Value {
    json!({
        "network": app.network_id(), "unit": app.unit_id(unit).await, "rule": rule, "period": { "id": period },
    })
}

async fn a_condition_that_failed_says_by_how_much(app: TestApp) {
    items(&app, "阜康市", 99, 4).await;
    let answer = app.editor().await.gql(WHY_NOT, asked(&app, "阜康市", "volume.monthly", "2026-01").await).await;
    let answer = &answer["whyNot"];
    assert_eq!((&answer["fired"], &answer["missesLeftOut"]), (&json!(false), &json!(0)));
    assert_eq!(answer["misses"].as_array().map(Vec::len), Some(1));
    let miss = &answer["misses"][0];
    assert_eq!((&miss["date"], &miss["fact"]), (&json!("2026-01-31"), &Value::Null));
    let obstacles: Vec<String> = miss["obstacles"]
        .as_array()
        .map(|all| {
            all.iter().map(|one| format!("{} short by {}", text(&one["condition"]), text(&one["shortBy"]))).collect()
        })
        .unwrap_or_default();
    // One item of a hundred is missing, and 4 × 100 is 95 less than 99 × 5.
    expect![[r"
        reported >= quota_volume short by 1
        adopted_items * 100 >= reported * rate_floor short by 95"]]
    .assert_eq(&obstacles.join("\n"));
}

async fn a_rule_that_fired_shows_its_lines(app: TestApp) {
    items(&app, "阜康市", 100, 5).await;
    let editor = app.editor().await;
    let answer = editor.gql(WHY_NOT, asked(&app, "阜康市", "volume.monthly", "2026-01").await).await;
    assert_eq!(answer["whyNot"]["fired"], true);
    assert_eq!(answer["whyNot"]["lines"], json!([{ "points": "20" }]));
    assert_eq!(answer["whyNot"]["misses"], json!([]));
    // A rule on facts says it of each fact.
    let answer = editor.gql(WHY_NOT, asked(&app, "阜康市", "adopted.internal.special_report", "2026-01").await).await;
    assert_eq!(answer["whyNot"]["misses"].as_array().map(Vec::len), Some(5));
    assert_eq!(answer["whyNot"]["misses"][0]["fact"]["kind"], "adoption");
    editor.expect_code(WHY_NOT, asked(&app, "阜康市", "no.such.rule", "2026-01").await, "NOT_FOUND").await;
    let officer = app.officer("昌吉市").await;
    officer.expect_code(WHY_NOT, asked(&app, "阜康市", "volume.monthly", "2026-01").await, "NOT_FOUND").await;
}

async fn one_query_walks_from_a_place_to_the_submission(app: TestApp) {
    items(&app, "阜康市", 3, 2).await;
    let query = "query($network: ID!) { ranking(network: $network, period: { id: \"2026-01\" }, category: \"county\") {
        categories { rows { rank score unit { name } lines(first: 3) { nodes {
            rule clause points facts { kind id } inputs { name value } submission { title unit { name } }
        } } } }
        meta { rulebookVersions { rules { id clause } } }
    } }";
    let editor = app.editor().await;
    let answer = editor.gql(query, json!({ "network": app.network_id() })).await;
    let first = &answer["ranking"]["categories"][0]["rows"][0];
    assert_eq!((&first["unit"]["name"], &first["score"]), (&json!("阜康市"), &json!("20")));
    let lines = first["lines"]["nodes"].as_array().cloned().unwrap_or_default();
    assert_eq!(lines.len(), 2);
    let rules = answer["ranking"]["meta"]["rulebookVersions"][0]["rules"].as_array().cloned().unwrap_or_default();
    for line in &lines {
        assert_eq!((&line["points"], &line["submission"]["unit"]["name"]), (&json!("10"), &json!("阜康市")));
        assert_eq!(line["facts"][0]["kind"], "adoption");
        assert!(rules.iter().any(|rule| rule["id"] == line["rule"] && rule["clause"] == line["clause"]));
    }
    let sum: i64 = lines.iter().map(|line| figures::millionths(text(&line["points"]))).sum();
    assert_eq!(sum, figures::millionths(text(&first["score"])));
    let own = "query($unit: ID!) { unit(id: $unit) { rank(period: { id: \"2026-01\" }) { rank of tied category } } }";
    let answer = app.officer("阜康市").await.gql(own, json!({ "unit": app.unit_id("阜康市").await })).await;
    assert_eq!(answer["unit"]["rank"], json!({ "rank": 1, "of": 7, "tied": false, "category": "county" }));
}

const SIMULATE: &str = "query($network: ID!, $text: String!, $period: PeriodInput!) {
    simulateRulebook(network: $network, text: $text, period: $period) {
        changes { unit { name } category scoreBefore scoreAfter difference rankBefore rankAfter } notes { kind }
    }
}";

async fn rulebook(app: &TestApp) -> String {
    let query = "query { network(code: \"changji\") { rulebook { text } } }";
    text(&app.editor().await.gql(query, json!({})).await["network"]["rulebook"]["text"]).to_owned()
}

async fn a_simulation_says_what_activation_would_do_and_writes_nothing(app: TestApp) {
    items(&app, "阜康市", 3, 2).await;
    items(&app, "昌吉市", 100, 5).await;
    let editor = app.editor().await;
    let before = figures::ranking(&editor, &app, "county", "2026-01").await;
    let version = figures::data_version(&editor, &app, "2026-01").await;
    // The monthly bonus falls away.
    let draft = rulebook(&app).await.replace("points = \"20\"\n", "points = \"0.5\"\n");
    let variables = json!({ "network": app.network_id(), "text": draft, "period": { "id": "2026-01" } });
    let answer = editor.gql(SIMULATE, variables.clone()).await;
    let changes = answer["simulateRulebook"]["changes"].as_array().cloned().unwrap_or_default();
    let of = |unit: &str| changes.iter().find(|change| change["unit"]["name"] == unit).cloned().unwrap_or_default();
    let (changji, fukang) = (of("昌吉市"), of("阜康市"));
    assert_eq!((&changji["scoreBefore"], &changji["scoreAfter"]), (&json!("70"), &json!("50.5")));
    assert_eq!(changji["difference"], "-19.5");
    assert_eq!(
        (&fukang["difference"], &fukang["rankBefore"], &fukang["rankAfter"]),
        (&json!("0"), &json!(2), &json!(2))
    );
    assert_eq!(figures::ranking(&editor, &app, "county", "2026-01").await, before);
    assert_eq!(figures::data_version(&editor, &app, "2026-01").await, version, "a simulation is no act");
}

async fn who_may_simulate_and_what(app: TestApp) {
    let text = rulebook(&app).await;
    let variables = |text: &str| json!({ "network": app.network_id(), "text": text, "period": { "id": "2026" } });
    app.chief_editor().await.gql(SIMULATE, variables(&text)).await;
    app.analyst().await.expect_code(SIMULATE, variables(&text), "FORBIDDEN").await;
    app.officer("阜康市").await.expect_code(SIMULATE, variables(&text), "FORBIDDEN").await;
    let editor = app.editor().await;
    editor.expect_code(SIMULATE, variables("id = 1"), "RULEBOOK_INVALID").await;
    let other_year = text.replacen("first_day = \"01-01\"", "first_day = \"12-16\"", 1);
    editor.expect_code(SIMULATE, variables(&other_year), "INVALID").await;
}
