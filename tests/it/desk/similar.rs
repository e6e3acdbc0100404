//! Near-duplicates (内容雷同): a warning across units at the hand-in, and an item that says the same again counts once.

use analytics::rulebook::shipped;
use serde_json::{Value, json};
use tests::app::{HOME, TestApp};
use tests::figures;
use tests::office::Office;
use tests::walk;

tests::cases![
    a_hand_in_warns_of_what_says_nearly_the_same,
    a_unit_learns_the_likeness_and_not_whose_it_is,
    what_is_said_again_counts_once,
    the_first_hand_in_stays_the_first,
    when_the_first_is_taken_back_the_next_one_counts,
    other_networks_are_not_compared,
    an_editor_decides_what_is_a_repetition,
    a_decision_outlasts_a_later_hand_in,
    a_decision_is_checked,
    of_many_that_hand_in_at_once_one_is_the_first,
];

const FIRST: &str = "阜康市";
const SECOND: &str = "奇台县";
const TEXT: &str =
    "全县春耕备耕工作有序推进，农资储备充足，农机检修完成九成以上，种子化肥已下摆到村，预计四月上旬全面开播。";

/// Hands an item in and returns the payload.
async fn report(office: &Office, unit: &str, body: &str) -> Value {
    let content = walk::merged(walk::content(), json!({ "body": body, "topic": null }));
    let drafted = walk::draft(&office.officer(unit).await, office, unit, content).await;
    hand_in(office, unit, &drafted).await
}

async fn hand_in(office: &Office, unit: &str, submission: &Value) -> Value {
    let signed = walk::step(&office.leader(unit).await, "signSubmission", submission).await;
    let selection = "submission { id version state isRepetition } similar { likeness submission { id unit { name } } }";
    walk::act(&office.officer(unit).await, "submitSubmission", selection, walk::on(&signed, json!({}))).await
}

async fn a_hand_in_warns_of_what_says_nearly_the_same(app: TestApp) {
    let first = report(&app, FIRST, TEXT).await;
    assert_eq!(first["similar"], json!([]));
    // Other widths, signs and line breaks, and one other word.
    let copied = TEXT.replace('，', ", ").replace("四月上旬", "四月中旬\n");
    let second = report(&app, FIRST, &copied).await;
    assert_eq!(second["similar"].as_array().map(Vec::len), Some(1));
    assert_eq!(second["similar"][0]["submission"]["id"], first["submission"]["id"]);
    let likeness: f64 = second["similar"][0]["likeness"].as_str().unwrap().parse().unwrap();
    assert!((0.8..1.0).contains(&likeness), "{likeness}");
    assert_eq!(second["submission"]["isRepetition"], true);

    // Half of it is the same: told, and counted.
    let half = format!("{}农牧民群众积极性高，合作社托管面积扩大，田间管理跟进到位，信贷支持力度加大。", &TEXT[..78]);
    let third = report(&app, FIRST, &half).await;
    assert_eq!(third["submission"]["isRepetition"], false);
    let other =
        report(&app, FIRST, "市场监管部门开展食品安全专项检查，出动执法人员三百余人次，检查商超农贸市场一百二十家。")
            .await;
    assert_eq!(other["similar"], json!([]));
}

async fn a_unit_learns_the_likeness_and_not_whose_it_is(app: TestApp) {
    let first = report(&app, FIRST, TEXT).await["submission"].take();
    let second = report(&app, SECOND, TEXT).await;
    assert_eq!(second["similar"], json!([{ "likeness": "1", "submission": null }]));
    let query = "query($id: ID!) { submission(id: $id) {
        isRepetition repeats { id } similar { likeness submission { unit { name } } }
    } }";
    let id = json!({ "id": second["submission"]["id"] });
    let seen = app.officer(SECOND).await.gql(query, id.clone()).await["submission"].take();
    assert_eq!(seen["repeats"], Value::Null);
    assert_eq!(seen["isRepetition"], true);
    // The office sees both ends, from either.
    let editor = app.editor().await;
    let seen = editor.gql(query, id).await["submission"].take();
    assert_eq!(seen["repeats"]["id"], first["id"]);
    assert_eq!(seen["similar"], json!([{ "likeness": "1", "submission": { "unit": { "name": FIRST } } }]));
    let seen = editor.gql(query, json!({ "id": first["id"] })).await["submission"].take();
    assert_eq!(seen["similar"], json!([{ "likeness": "1", "submission": { "unit": { "name": SECOND } } }]));
    let query = "query($network: ID!, $is: Boolean!) {
        submissions(network: $network, where: { isRepetition: $is }, first: 9) { nodes { unit { name } } }
    }";
    for (is, unit) in [(true, SECOND), (false, FIRST)] {
        let seen = editor.gql(query, json!({ "network": app.network_id(), "is": is })).await;
        assert_eq!(seen["submissions"]["nodes"], json!([{ "unit": { "name": unit } }]));
    }
}

/// The rules of home, and a clause that leaves out what is said again.
async fn strict(app: &TestApp) -> Office {
    let rules = "\n[[exclude]]\nid = \"repeated\"\nclause = \"六\"\ntitle = \"重复报送\"\non = \"submission\"\n\
                 where = \"near_duplicate\"\n\n[[exclude]]\nid = \"repeated.adopted\"\nclause = \"六\"\n\
                 title = \"重复报送\"\non = \"adoption\"\nwhere = \"near_duplicate\"\n";
    app.found("strict", &format!("{}{rules}", shipped::find(HOME).unwrap())).await
}

/// How many items of a unit count as reported in March.
async fn counted(office: &Office, unit: &str) -> String {
    let query = "query($network: ID!) { adoptionRates(network: $network, period: { id: \"2026-03\" }) {
        rows { unit { name } submitted }
    } }";
    let seen = office.editor().await.gql(query, json!({ "network": office.network_id() })).await;
    let rows = seen["adoptionRates"]["rows"].as_array().cloned().unwrap_or_default();
    let row = rows.iter().find(|row| row["unit"]["name"] == unit);
    row.map_or("0".to_owned(), |row| row["submitted"].to_string())
}

async fn what_is_said_again_counts_once(app: TestApp) {
    let office = strict(&app).await;
    let first = report(&office, FIRST, TEXT).await["submission"].take();
    let second = report(&office, SECOND, TEXT).await["submission"].take();
    assert_eq!((counted(&office, FIRST).await.as_str(), counted(&office, SECOND).await.as_str()), ("1", "0"));
    let editor = office.editor().await;
    let issue = walk::issue(&editor, &office, "general", "2026-03-02").await;
    walk::adopt(&editor, &first, &issue, None).await;
    walk::adopt(&editor, &second, &issue, None).await;
    assert_eq!(figures::score(&editor, &office, FIRST, "2026-03").await, "10");
    assert_eq!(figures::score(&editor, &office, SECOND, "2026-03").await, "0");
}

async fn the_first_hand_in_stays_the_first(app: TestApp) {
    let first = report(&app, FIRST, TEXT).await["submission"].take();
    walk::send_back(&app.editor().await, &first).await;
    assert_eq!(report(&app, SECOND, TEXT).await["submission"]["isRepetition"], true);
    let query = "query($id: ID!) { submission(id: $id) { id version } }";
    let seen = app.officer(FIRST).await.gql(query, json!({ "id": first["id"] })).await["submission"].take();
    assert_eq!(hand_in(&app, FIRST, &seen).await["submission"]["isRepetition"], false);
}

async fn when_the_first_is_taken_back_the_next_one_counts(app: TestApp) {
    let office = strict(&app).await;
    let first = report(&office, FIRST, TEXT).await["submission"].take();
    report(&office, SECOND, TEXT).await;
    report(&office, "木垒县", TEXT).await;
    assert_eq!(counted(&office, SECOND).await, "0");
    walk::step(&office.officer(FIRST).await, "withdrawSubmission", &first).await;
    let all = [counted(&office, FIRST).await, counted(&office, SECOND).await, counted(&office, "木垒县").await];
    assert_eq!(all, ["0", "1", "0"]);
}

/// Decides whether a submission, as it stands, repeats another one; returns it.
async fn decide(office: &Office, submission: &Value, repeats: Option<&Value>) -> Value {
    let editor = office.editor().await;
    let query = "query($id: ID!) { submission(id: $id) { id version } }";
    let seen = editor.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    let input = walk::on(&seen, json!({ "repeats": repeats.map(|earlier| &earlier["id"]) }));
    let selection = "submission { id version isRepetition repeats { id } repetitionDecidedAt }";
    walk::act(&editor, "decideRepetition", selection, input).await["submission"].take()
}

async fn an_editor_decides_what_is_a_repetition(app: TestApp) {
    let office = strict(&app).await;
    let other =
        "市场监管部门开展食品安全专项检查，出动执法人员三百余人次，检查商超农贸市场一百二十家，责令整改十一家。";
    let first = report(&office, FIRST, TEXT).await["submission"].take();
    let alike = report(&office, SECOND, TEXT).await["submission"].take();
    let unlike = report(&office, "木垒县", other).await["submission"].take();
    let counts = async || [counted(&office, SECOND).await, counted(&office, "木垒县").await];
    assert_eq!(counts().await, ["0", "1"]);
    // Alike by chance, and the same in other words.
    let decided = decide(&office, &alike, None).await;
    assert_eq!((&decided["isRepetition"], &decided["repeats"]), (&json!(false), &Value::Null));
    assert!(!figures::text(&decided["repetitionDecidedAt"]).is_empty());
    let decided = decide(&office, &unlike, Some(&first)).await;
    assert_eq!((&decided["isRepetition"], &decided["repeats"]["id"]), (&json!(true), &first["id"]));
    assert_eq!(counts().await, ["1", "0"]);
    // Scores follow at once.
    let editor = office.editor().await;
    let issue = walk::issue(&editor, &office, "general", "2026-03-02").await;
    walk::adopt(&editor, &decided, &issue, None).await;
    assert_eq!(figures::score(&editor, &office, "木垒县", "2026-03").await, "0");
    decide(&office, &unlike, None).await;
    assert_eq!(figures::score(&editor, &office, "木垒县", "2026-03").await, "10");
    // What repeated a repetition repeats what that repeats.
    decide(&office, &unlike, Some(&alike)).await;
    decide(&office, &alike, Some(&first)).await;
    let query = "query($id: ID!) { submission(id: $id) { repeats { id } history { action } } }";
    let seen = editor.gql(query, json!({ "id": unlike["id"] })).await["submission"].take();
    assert_eq!(seen["repeats"]["id"], first["id"]);
    assert!(seen["history"].as_array().unwrap().iter().any(|act| act["action"] == "DecideRepetition"));
}

async fn a_decision_outlasts_a_later_hand_in(app: TestApp) {
    report(&app, FIRST, TEXT).await;
    let second = report(&app, SECOND, TEXT).await["submission"].take();
    let decided = decide(&app, &second, None).await;
    let returned = walk::send_back(&app.editor().await, &decided).await;
    let again = hand_in(&app, SECOND, &returned).await;
    assert_eq!(again["submission"]["isRepetition"], false);
    assert_eq!(again["similar"].as_array().map(Vec::len), Some(1), "the likeness is told all the same");
}

async fn a_decision_is_checked(app: TestApp) {
    let (editor, officer) = (app.editor().await, app.officer(SECOND).await);
    let first = report(&app, FIRST, TEXT).await["submission"].take();
    let second = report(&app, SECOND, TEXT).await["submission"].take();
    let drafted = walk::draft(&officer, &app, SECOND, walk::content()).await;
    for (of, repeats, code) in [
        (&first, &first["id"], "INVALID"),
        (&first, &second["id"], "INVALID"),
        (&first, &drafted["id"], "NOT_FOUND"),
        (&drafted, &first["id"], "NOT_FOUND"),
    ] {
        walk::refused(&editor, "decideRepetition", walk::on(of, json!({ "repeats": repeats })), code).await;
    }
    walk::refused(&officer, "decideRepetition", walk::on(&second, json!({})), "FORBIDDEN").await;
    walk::refused(&officer, "decideRepetition", walk::on(&first, json!({})), "NOT_FOUND").await;
}

async fn of_many_that_hand_in_at_once_one_is_the_first(app: TestApp) {
    let officer = app.officer(FIRST).await;
    let leader = app.leader(FIRST).await;
    let mut signed = Vec::new();
    for _ in 0..8 {
        let content = walk::merged(walk::content(), json!({ "body": TEXT, "topic": null }));
        let drafted = walk::draft(&officer, &app, FIRST, content).await;
        signed.push(walk::step(&leader, "signSubmission", &drafted).await);
    }
    let selection = "submission { id isRepetition }";
    let hand_ins =
        signed.iter().map(|row| walk::act(&officer, "submitSubmission", selection, walk::on(row, json!({}))));
    let all = futures::future::join_all(hand_ins).await;
    let firsts = all.iter().filter(|answer| answer["submission"]["isRepetition"] == false).count();
    assert_eq!(firsts, 1);
    // Each knows all the others.
    let query = "query($id: ID!) { submission(id: $id) { similar { likeness } } }";
    for answer in &all {
        let seen = officer.gql(query, json!({ "id": answer["submission"]["id"] })).await;
        assert_eq!(seen["submission"]["similar"].as_array().map(Vec::len), Some(7));
    }
}

async fn other_networks_are_not_compared(app: TestApp) {
    let elsewhere = app.found("elsewhere", shipped::find(HOME).unwrap()).await;
    report(&elsewhere, FIRST, TEXT).await;
    let here = report(&app, FIRST, TEXT).await;
    assert_eq!(here["similar"], json!([]));
    assert_eq!(here["submission"]["isRepetition"], false);
}
