//! What is told to whom: runs that happen once, drafts that a second person approves, the calendar behind them.

pub(crate) mod commissions;
pub(crate) mod inbox;
pub(crate) mod routing;

use api::services::notice::settle;
use entity::role_grant::Role;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::office::{Office, Place, global};
use tests::walk;

tests::cases![
    a_quarter_that_ended_while_nobody_served_is_told_once,
    what_is_too_late_says_so,
    a_draft_is_approved_by_a_second_person_and_called_back,
    a_draft_that_is_made_again_has_new_texts,
    working_days_and_sending_hours_are_imported,
    a_year_of_quarters,
];

pub(crate) const RESULT: &str = "quarter.result";

/// Another office, on a clock that shows `moment`.
pub(crate) async fn baotou(app: &TestApp, moment: &str) -> Office {
    app.set_clock(moment);
    let rules = analytics::rulebook::shipped::find("baotou").expect("it is shipped");
    app.found("baotou-notices", rules).await
}

/// Lets the server do what is due by its clock.
pub(crate) async fn pass(app: &TestApp) {
    settle::pass(app.state()).await.expect("what is due can be brought about");
}

pub(crate) async fn publish(office: &Office, period: &str) {
    let (chief, input) = (office.chief_editor().await, json!({ "network": office.network_id(), "period": period }));
    walk::act(&chief, "closePeriod", "closing { id }", input.clone()).await;
    walk::act(&chief, "publishCircular", "circular { id }", input).await;
}

/// So many items of a unit, each adopted by the office's own publication on a day.
pub(crate) async fn adopted(office: &Office, unit: &str, day: &str, items: usize) {
    for _ in 0..items {
        let row = office.submission(unit).await.kind("problem").submitted_on(day).insert().await;
        office.adoption(&row, "own").await.on(day).insert().await;
    }
}

/// The runs of a network, of one rule or for one period.
pub(crate) async fn runs(office: &Office, filter: &str) -> Vec<Value> {
    let query = format!(
        "query($network: ID!) {{ noticeRuns(network: $network, first: 100 {filter}) {{ nodes {{
            id rule title kind period state reason dueAt calendarKnown version templateVersion circular {{ period }}
            gaps {{ unit {{ name }} message messageZh }}
            summary {{ notices recipients textMessages segments overLength missingNumbers }}
        }} }} }}"
    );
    let chief = office.chief_editor().await;
    let answer = chief.gql(&query, json!({ "network": office.network_id() })).await;
    let mut runs = answer["noticeRuns"]["nodes"].as_array().cloned().unwrap_or_default();
    let query = "query($run: ID!) { node(id: $run) { ... on NoticeRun { notices(first: 100) { nodes {
        id text length segments channel state hasNumber recipient { id name } unit { name }
    } } } } }";
    for run in &mut runs {
        run["notices"] = chief.gql(query, json!({ "run": run["id"] })).await["node"]["notices"].take();
    }
    runs
}

pub(crate) async fn the_run(office: &Office, rule: &str, period: &str) -> Value {
    let mut found = runs(office, &format!(", rule: \"{rule}\", period: \"{period}\"")).await;
    assert_eq!(found.len(), 1, "one run of {rule} for {period}: {found:?}");
    found.remove(0)
}

/// The texts of a run in one channel, by recipient.
pub(crate) fn texts(run: &Value, channel: &str) -> Vec<(String, String)> {
    let nodes = run["notices"]["nodes"].as_array().cloned().unwrap_or_default();
    let of_channel = nodes.iter().filter(|notice| notice["channel"] == channel && notice["state"] != "CANCELLED");
    of_channel.map(|notice| (text(&notice["recipient"]["name"]).to_owned(), text(&notice["text"]).to_owned())).collect()
}

pub(crate) fn step(run: &Value) -> Value {
    json!({ "run": run["id"], "expectedVersion": run["version"] })
}

/// Somebody who holds a post, with an account in the office.
pub(crate) async fn holder(office: &Office, login: &str, post: &str, units: &[&str]) -> String {
    let person = tests::builders::person(office.writer(), login, None, office.now()).await;
    tests::builders::grant(office.writer(), person, Role::CityLeader, Some(office.network()), None, office.now()).await;
    let mut ids = Vec::new();
    for unit in units {
        ids.push(office.unit_id(unit).await);
    }
    let person = global("Person", person.0);
    let input = json!({ "network": office.network_id(), "person": person, "post": post, "units": ids });
    walk::act(&office.chief_editor().await, "setCharge", "charge { id post units { name } }", input).await;
    person
}

async fn a_quarter_that_ended_while_nobody_served_is_told_once(app: TestApp) {
    let office = baotou(&app, "2026-03-30T09:00:00+08:00").await;
    let leader = office.leader("青山区").await;
    adopted(&office, "青山区", "2026-03-10", 2).await;
    app.set_clock("2026-04-01T09:00:00+08:00");
    publish(&office, "2026-Q1").await;
    // The third working day after the quarter is the 3rd of April, a Friday; not a minute earlier.
    app.set_clock("2026-04-03T08:59:00+08:00");
    pass(&app).await;
    assert!(runs(&office, ", period: \"2026-Q1\"").await.is_empty());
    // The server comes back days later, and looks several times, at once too.
    app.set_clock("2026-04-10T09:00:00+08:00");
    let (one, other) = tokio::join!(settle::pass(app.state()), settle::pass(app.state()));
    one.and(other).expect("both passes end well");
    pass(&app).await;
    let run = the_run(&office, RESULT, "2026-Q1").await;
    assert_eq!((&run["state"], &run["kind"]), (&json!("DRAFT"), &json!("RESULT")));
    assert_eq!(run["dueAt"], "2026-04-03T01:00:00+00:00");
    assert_eq!((&run["title"], &run["circular"]["period"]), (&json!("季度考评结果告知"), &json!("2026-Q1")));
    assert_eq!(run["summary"]["notices"], 2);
    let texts = texts(&run, "SMS");
    assert_eq!(texts.len(), 1);
    assert_eq!(
        texts[0].1,
        "【包头市政府办公室】青山区：2026年第一季度政务信息考评得0分，列旗县区第1位（共9个，上期无排名）；报送2条，采用2条，采用率100.0%。"
    );
    // What nobody has to approve has gone out.
    let circular = the_run(&office, "quarter.circular", "2026-Q1").await;
    assert_eq!(circular["state"], "RELEASED");
    let seen = leader.ask("{ noticeRuns(first: 10) { totalCount } }", json!({})).await;
    assert_eq!(seen.body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let seen = office.leader("青山区").await.gql("{ noticeRuns(first: 10) { totalCount } }", json!({})).await;
    assert_eq!(seen["noticeRuns"]["totalCount"], 0, "runs are the office's");
}

async fn what_is_too_late_says_so(app: TestApp) {
    let office = baotou(&app, "2026-03-30T09:00:00+08:00").await;
    office.leader("青山区").await;
    // Due, but nobody has published the results.
    app.set_clock("2026-04-03T09:00:00+08:00");
    pass(&app).await;
    let run = the_run(&office, RESULT, "2026-Q1").await;
    assert_eq!((&run["state"], &run["reason"]), (&json!("WAITING"), &json!("2026年第一季度 的结果尚未发布")));
    // Published while it waits: the next pass drafts it.
    publish(&office, "2026-Q1").await;
    pass(&app).await;
    assert_eq!(the_run(&office, RESULT, "2026-Q1").await["state"], "DRAFT");
    // Nobody approves it for a month.
    app.set_clock("2026-05-04T09:00:00+08:00");
    pass(&app).await;
    let run = the_run(&office, RESULT, "2026-Q1").await;
    assert_eq!(run["state"], "SKIPPED_LATE");
    assert!(text(&run["reason"]).contains("未获批准"), "{}", run["reason"]);
    assert_eq!(run["summary"]["notices"], 0);
    // The next quarter passes with the server down until long after.
    app.set_clock("2026-10-20T09:00:00+08:00");
    pass(&app).await;
    let run = the_run(&office, RESULT, "2026-Q2").await;
    assert_eq!(run["state"], "SKIPPED_LATE");
    assert!(text(&run["reason"]).starts_with("应于 2026-07-03 09:00 发送"), "{}", run["reason"]);
    // A person may still tell it.
    publish(&office, "2026-Q2").await;
    let input = json!({
        "network": office.network_id(), "rule": RESULT, "period": "2026-Q2", "expectedVersion": run["version"],
    });
    let drafted = walk::act(&office.editor().await, "draftNotices", "run { id state version }", input).await;
    assert_eq!(drafted["run"]["state"], "DRAFT");
    pass(&app).await;
    assert_eq!(the_run(&office, RESULT, "2026-Q2").await["state"], "DRAFT", "the clock leaves it to the person");
}

async fn sms(client: &Client, run: &Value) -> Vec<String> {
    let query = "query($run: ID!) { notices(run: $run, channel: SMS, first: 100) { nodes { state } } }";
    let nodes = client.gql(query, json!({ "run": run["id"] })).await["notices"]["nodes"].take();
    nodes.as_array().into_iter().flatten().map(|notice| text(&notice["state"]).to_owned()).collect()
}

async fn a_draft_is_approved_by_a_second_person_and_called_back(app: TestApp) {
    let office = baotou(&app, "2026-04-01T09:00:00+08:00").await;
    for unit in ["青山区", "东河区"] {
        office.leader(unit).await;
    }
    let leader = office.holder(Role::UnitLeader, Place::Unit(office.unit("青山区").await)).await;
    api::services::phone::keep_all(app.state(), &[(leader, "13800000001".to_owned())]).await.expect("it is sealed");
    adopted(&office, "青山区", "2026-03-10", 1).await;
    let (editor, chief) = (office.editor().await, office.chief_editor().await);
    let input = json!({ "network": office.network_id(), "rule": RESULT, "period": "2026-Q1" });
    walk::refused(&editor, "draftNotices", input.clone(), "WRONG_STATE").await;
    publish(&office, "2026-Q1").await;
    for (field, value) in [("rule", json!("nothing")), ("period", json!("2026-03"))] {
        walk::refused(&editor, "draftNotices", walk::merged(input.clone(), json!({ field: value })), "INVALID").await;
    }
    walk::refused(&office.analyst().await, "draftNotices", input.clone(), "FORBIDDEN").await;
    // The chief editor drafts, and so cannot approve.
    walk::act(&chief, "draftNotices", "run { id }", input.clone()).await;
    let run = the_run(&office, RESULT, "2026-Q1").await;
    assert_eq!(
        run["summary"],
        json!({ "notices": 4, "recipients": 2, "textMessages": 2, "segments": 3, "overLength": 0, "missingNumbers": 1 })
    );
    assert_eq!(run["calendarKnown"], false);
    let notices = run["notices"]["nodes"].as_array().unwrap().clone();
    let of_leader =
        notices.iter().find(|notice| notice["unit"]["name"] == "青山区" && notice["channel"] == "SMS").unwrap();
    assert_eq!((&of_leader["hasNumber"], &of_leader["state"]), (&json!(true), &json!("PLANNED")));
    assert_eq!(of_leader["length"], json!(text(&of_leader["text"]).encode_utf16().count()));
    // Seven counties have no leader on record, and no unit a leader in charge.
    let gaps = run["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["messageZh"] == "固阳县未登记主要领导"), "{gaps:?}");
    assert!(gaps.iter().any(|gap| gap["message"] == "青山区 has no leader_in_charge"), "{gaps:?}");
    walk::refused(&chief, "approveNotices", step(&run), "FORBIDDEN").await;
    walk::refused(&editor, "approveNotices", step(&run), "FORBIDDEN").await;
    walk::refused(&editor, "releaseNotices", step(&run), "WRONG_STATE").await;
    // The editor drafts it again; now the chief editor is the second person.
    let again = walk::merged(input, json!({ "expectedVersion": run["version"] }));
    walk::refused(
        &editor,
        "draftNotices",
        walk::merged(again.clone(), json!({ "expectedVersion": 99 })),
        "VERSION_CONFLICT",
    )
    .await;
    walk::act(&editor, "draftNotices", "run { id }", again).await;
    let run = the_run(&office, RESULT, "2026-Q1").await;
    assert_eq!((&run["templateVersion"], &run["summary"]["notices"]), (&json!(2), &json!(4)));
    let approved =
        walk::act(&chief, "approveNotices", "run { id version state approvedBy { name } }", step(&run)).await;
    assert_eq!(approved["run"]["state"], "APPROVED");
    let released =
        walk::act(&editor, "releaseNotices", "released run { id version state }", step(&approved["run"])).await;
    assert_eq!(released["released"], 4);
    assert_eq!(sms(&chief, &run).await, ["CANCELLED", "CANCELLED", "QUEUED", "QUEUED"]);
    // Its time comes, and it has been told already.
    app.set_clock("2026-04-03T09:00:00+08:00");
    pass(&app).await;
    let (editor, chief) = (office.editor().await, office.chief_editor().await);
    assert_eq!(the_run(&office, RESULT, "2026-Q1").await["state"], "RELEASED");
    let recalling = walk::merged(step(&released["run"]), json!({ "reason": "数据有误" }));
    walk::refused(&editor, "recallNotices", walk::merged(recalling.clone(), json!({ "reason": " " })), "INVALID").await;
    let recalled = walk::act(&editor, "recallNotices", "recalled run { state reason }", recalling).await;
    assert_eq!((&recalled["recalled"], &recalled["run"]["state"]), (&json!(2), &json!("RECALLED")));
    assert_eq!(sms(&chief, &run).await, ["CANCELLED"; 4]);
}

async fn a_draft_that_is_made_again_has_new_texts(app: TestApp) {
    let office = baotou(&app, "2026-04-01T09:00:00+08:00").await;
    office.leader("青山区").await;
    publish(&office, "2026-Q1").await;
    app.set_clock("2026-04-03T09:00:00+08:00");
    pass(&app).await;
    let run = the_run(&office, RESULT, "2026-Q1").await;
    assert_eq!(texts(&run, "SMS").len(), 1);
    // Another leader is known by now.
    office.leader("东河区").await;
    let again = json!({
        "network": office.network_id(), "rule": RESULT, "period": "2026-Q1", "expectedVersion": run["version"],
    });
    walk::act(&office.editor().await, "draftNotices", "run { id }", again).await;
    let run = the_run(&office, RESULT, "2026-Q1").await;
    assert_eq!(texts(&run, "SMS").len(), 2);
    assert_eq!(run["notices"]["nodes"].as_array().unwrap().len(), 6, "what was drafted before stays on record");
}

async fn working_days_and_sending_hours_are_imported(app: TestApp) {
    let office = baotou(&app, "2026-03-30T09:00:00+08:00").await;
    office.section_chief("青山区").await;
    office.leader("青山区").await;
    let head = "day,working,sends_from,sends_until,note\n";
    let administrator = office.system_administrator().await;
    let import = |rows: &str| json!({ "csv": format!("{head}{rows}") });
    walk::refused(&office.editor().await, "importCalendar", import("2026-04-03,no,,,清明节\n"), "FORBIDDEN").await;
    let error = walk::refused(&administrator, "importCalendar", import("2026-04-03,vielleicht,,,\n"), "INVALID").await;
    assert!(text(&error["message"]).starts_with("line 2"), "{error}");
    let rows = "2026-04-03,no,,,清明节\n2026-04-04,yes,10:00,18:00,调休上班\n";
    let imported = walk::act(&administrator, "importCalendar", "days years", import(rows)).await;
    assert_eq!((&imported["days"], &imported["years"]), (&json!(2), &json!([2026])));
    publish_at(&app, &office, "2026-04-01T09:00:00+08:00", "2026-Q1").await;
    app.set_clock("2026-04-03T09:00:00+08:00");
    pass(&app).await;
    assert!(runs(&office, ", period: \"2026-Q1\"").await.is_empty(), "nobody works on that day");
    app.set_clock("2026-04-04T10:00:00+08:00");
    pass(&app).await;
    let run = the_run(&office, RESULT, "2026-Q1").await;
    assert_eq!((&run["dueAt"], &run["calendarKnown"]), (&json!("2026-04-04T02:00:00+00:00"), &json!(true)));
}

async fn publish_at(app: &TestApp, office: &Office, moment: &str, period: &str) {
    app.set_clock(moment);
    publish(office, period).await;
}

/// Four quarters, their results told on time, and a pass every week in between.
async fn a_year_of_quarters(app: TestApp) {
    let office = baotou(&app, "2026-01-20T09:00:00+08:00").await;
    for unit in ["青山区", "市教育局"] {
        office.leader(unit).await;
    }
    let quarters = [
        ("2026-Q1", "2026-02-10", "2026-04-01", "2026-04-03"),
        ("2026-Q2", "2026-05-10", "2026-07-01", "2026-07-03"),
        ("2026-Q3", "2026-08-10", "2026-10-01", "2026-10-05"),
        ("2026-Q4", "2026-11-10", "2027-01-01", "2027-01-05"),
    ];
    let mut day = tests::builders::date("2026-01-26");
    for (quarter, worked_on, closed_on, told_on) in quarters {
        app.set_clock(&format!("{worked_on}T09:00:00+08:00"));
        adopted(&office, "青山区", worked_on, 1).await;
        while day < tests::builders::date(closed_on) {
            app.set_clock(&format!("{day}T12:00:00+08:00"));
            pass(&app).await;
            day = day + chrono::Days::new(7);
        }
        publish_at(&app, &office, &format!("{closed_on}T09:00:00+08:00"), quarter).await;
        app.set_clock(&format!("{told_on}T09:00:00+08:00"));
        pass(&app).await;
        let run = the_run(&office, RESULT, quarter).await;
        let chief = office.chief_editor().await;
        let approved = walk::act(&chief, "approveNotices", "run { id version }", step(&run)).await["run"].take();
        walk::act(&office.editor().await, "releaseNotices", "run { state }", step(&approved)).await;
    }
    let told = runs(&office, &format!(", rule: \"{RESULT}\"")).await;
    let told: Vec<_> = told.iter().map(|run| format!("{} {}", text(&run["period"]), text(&run["state"]))).collect();
    assert_eq!(told, ["2026-Q4 RELEASED", "2026-Q3 RELEASED", "2026-Q2 RELEASED", "2026-Q1 RELEASED"]);
    let query = "{ viewer { inbox(first: 100) { unreadCount notices { nodes { run { id } text } } } } }";
    let inbox = office.leader("青山区").await.gql(query, json!({})).await["viewer"]["inbox"].take();
    let results: Vec<_> = inbox["notices"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|notice| text(&notice["text"]).contains("考评得"))
        .collect();
    assert_eq!(results.len(), 4, "{inbox}");
    assert!(text(&results[0]["text"]).contains("2026年第四季度"), "the last first");
    assert_eq!(results[0]["run"], Value::Null, "runs are the office's");
}
