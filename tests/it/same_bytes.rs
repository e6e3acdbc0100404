//! One world on either database: every line of every ledger, every place and every note is the same text, byte for byte. And the two ways to
//! have a rulebook checked say the same.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use analytics::rulebook::Rulebook;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::database::Backend;
use tests::figures::{self, Currency};
use tests::walk;

tests::cases![both_databases_give_the_same_bytes, the_check_of_the_api_says_what_the_command_line_says,];

const UNITS: [&str; 4] = ["昌吉市", "阜康市", "准东经济技术开发区", "州文联"];

/// What the case on one database told, for the one on the other. They run in one process.
static TOLD: Mutex<Option<(Backend, String)>> = Mutex::new(None);

/// Reported, adopted, endorsed, commissioned, gone wrong, held and staffed, out of any order.
async fn live(app: &TestApp) {
    for (number, unit) in UNITS.iter().rev().enumerate() {
        for day in ["2026-02-27", "2026-01-15", "2026-02-03"] {
            app.submission(unit).await.submitted_on(day).insert_many(10 * (number + 1)).await;
            for publication in ["state_council", "general", "xinjiang_brief"] {
                let row = app.submission(unit).await.submitted_on(day).insert().await;
                app.adoption(&row, publication).await.on(day).insert().await;
            }
        }
    }
    let editor = app.editor().await;
    for (number, unit) in UNITS.iter().enumerate() {
        let here = json!({ "network": app.network_id(), "unit": app.unit_id(unit).await });
        let with = |more: Value| walk::merged(here.clone(), more);
        let untrue = json!({ "kind": "UNTRUE", "evidence": "经核实，数据与事实不符。", "occurredOn": "2026-02-11" });
        if number % 2 == 0 {
            walk::act(&editor, "recordIncident", "", with(untrue)).await;
        }
        let session =
            json!({ "kind": "SESSION", "title": "业务培训", "heldOn": "2026-01-20", "attendees": 50 + number });
        walk::act(&editor, "recordTraining", "", with(session)).await;
        let duty = json!({ "name": "王信息", "duty": "FULL_TIME", "firstDay": "2026-01-05" });
        walk::act(&editor, "recordStaffing", "", with(duty)).await;
        let check = json!({ "kind": "check", "points": "1.333333", "evidence": "台账", "judgedOn": "2026-02-20" });
        walk::act(&editor, "recordJudgement", "", with(check)).await;
    }
}

async fn both_databases_give_the_same_bytes(app: TestApp) {
    live(&app).await;
    let editor = app.editor().await;
    let mut text = String::new();
    for category in ["county", "park", "other_department"] {
        let ranking = figures::ranking(&editor, &app, category, "2026-01..2026-02").await;
        for row in ranking.lines().filter(|row| UNITS.iter().any(|unit| row.contains(unit))) {
            let _ = writeln!(text, "{category} {row}");
        }
    }
    for unit in UNITS {
        for currency in [Currency::Points, Currency::Money] {
            for line in figures::ledger(&editor, &app, unit, "2026", currency).await {
                let _ = writeln!(text, "{unit} {line}");
            }
        }
    }
    let notes =
        "query($network: ID!) { scoringNotes(network: $network, period: { id: \"2026\" }) { kind rule count } }";
    let answer = editor.gql(notes, json!({ "network": app.network_id() })).await;
    let _ = writeln!(text, "{}", answer["scoringNotes"]);
    assert!(text.lines().count() > 20, "the world is not empty");
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((backend, other)) = told.as_ref() {
        assert_eq!(&text, other, "{:?} (left) and {backend:?} (right) differ", app.backend());
    }
    *told = Some((app.backend(), text));
}

async fn the_check_of_the_api_says_what_the_command_line_says(app: TestApp) {
    let text = "id = \"示例\"\ntitle = \"\"\neffective_from = 2026-02-30\nunknown = 1\n\n[[rule]]\nid = \"a\"\nclause = \"一\"\n\
                title = \"甲\"\non = \"adoption\"\nwhere = \"publicaton = 'x'\"\npoints = \"1\"\n";
    let query = "query($text: String!) { validateRulebook(text: $text) {
        isValid mistakes { line column path found message hint }
    } }";
    let editor = app.editor().await;
    let rulebook = "query { network(code: \"changji\") { rulebook { text } } }";
    let good = editor.gql(rulebook, json!({})).await;
    let good = figures::text(&good["network"]["rulebook"]["text"]).to_owned();
    let broken = [
        text.to_owned(),
        good.replace("points = \"20\"\n", "points = \"20 + received\"\n"),
        good.replace("on = \"month\"", "on = \"fortnight\""),
        good.replacen("effective_from = 20", "effective_from = 2O", 1),
        good.replacen("[[rule]]", "[[rule]]\nid = \"twice\"", 1),
        good.replace("received", "recieved"),
    ];
    for text in broken {
        let mistakes = Rulebook::parse("rulebook.toml", &text).expect_err("the text is broken");
        let answer = editor.gql(query, json!({ "text": text })).await;
        assert_eq!(answer["validateRulebook"]["isValid"], false);
        let told: Vec<String> = answer["validateRulebook"]["mistakes"]
            .as_array()
            .map(|all| all.iter().map(printed).collect())
            .unwrap_or_default();
        assert_eq!(told.join("\n"), mistakes.to_string());
    }
    let answer = editor.gql(query, json!({ "text": good })).await;
    assert_eq!(answer["validateRulebook"], json!({ "isValid": true, "mistakes": [] }));
}

/// A mistake as `rulebook check` prints it.
fn printed(mistake: &Value) -> String {
    let field = |name: &str| figures::text(&mistake[name]);
    let mut line = format!("rulebook.toml:{}:{}: ", mistake["line"], mistake["column"]);
    if !field("path").is_empty() {
        let _ = write!(line, "{}: ", field("path"));
    }
    line += field("message");
    if !field("found").is_empty() {
        let _ = write!(line, " (found: {})", field("found"));
    }
    if !mistake["hint"].is_null() {
        let _ = write!(line, "; {}", field("hint"));
    }
    line
}
