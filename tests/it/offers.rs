//! What `actions` offers on issues, key points, urgent events, incidents, appeals and endorsements is what the mutations do: every
//! state × role × act. What is refused leaves no trace but its audit row.

use std::collections::BTreeMap;

use entity::appeal::{self, AppealState};
use entity::ids::RulebookVersionId;
use entity::role_grant::Role;
use entity::{incident, key_point_list, rulebook_version};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::office::{Place, global};
use tests::{builders, walk};

use crate::refused::contents;

tests::cases![
    issues_offer_what_can_be_done,
    key_points_offer_what_can_be_done,
    urgent_events_offer_what_can_be_done,
    incidents_offer_what_can_be_done,
    appeals_offer_what_can_be_done,
    endorsements_offer_what_can_be_done,
    a_circular_offers_its_correction_when_there_is_something_to_correct,
    what_counts_in_a_closed_period_is_not_decided_again,
];

const UNIT: &str = "木垒县";
const OTHER: &str = "阜康市";
const TODAY: &str = "2026-03-02";

/// An object in some state, and what can be tried with it: each act with an input that nothing is wrong with.
struct Object {
    id: String,
    acts: Vec<(&'static str, Value)>,
}

/// What the viewer is offered, by act: nothing if it is allowed, or the code of the reason why not. None at all if the object is not seen.
async fn offered(client: &Client, id: &str) -> Option<BTreeMap<String, Option<String>>> {
    let fields = "actions { name allowed reasonCode reasonZh }";
    let kinds = [
        "Issue",
        "KeyPointList",
        "UrgentEvent",
        "Incident",
        "Appeal",
        "Endorsement",
        "Circular",
        "CommissionAssignment",
    ];
    let fragments: String = kinds.iter().map(|kind| format!("... on {kind} {{ {fields} }} ")).collect();
    let answer =
        client.gql(&format!("query($id: ID!) {{ node(id: $id) {{ {fragments} }} }}"), json!({ "id": id })).await;
    let actions = answer["node"]["actions"].as_array()?;
    let told = actions.iter().map(|action| {
        let code = action["reasonCode"].as_str().map(str::to_owned);
        assert_eq!(action["allowed"] == true, code.is_none(), "{action}");
        assert_eq!(text(&action["reasonZh"]).is_empty(), code.is_none(), "{action}");
        (text(&action["name"]).to_owned(), code)
    });
    Some(told.collect())
}

/// Does an act, and returns the code of the refusal, if it was refused.
async fn done(client: &Client, act: &str, input: Value) -> Option<String> {
    let input = walk::merged(input, json!({ "idempotencyKey": walk::key() }));
    let answer = client.gql(&walk::document(act, ""), json!({ "input": input })).await;
    answer[act]["userErrors"][0]["code"].as_str().map(str::to_owned)
}

/// Everybody tries everything with an object in each state; returns how often each act was carried out.
async fn tried<'a>(
    app: &'a TestApp,
    states: &[&'static str],
    build: impl Fn(&'static str) -> BoxFuture<'a, Object> + Send + Sync,
) -> BTreeMap<&'static str, usize> {
    let (own, other) = (Place::Unit(app.unit(UNIT).await), Place::Unit(app.unit(OTHER).await));
    let office = Place::Network(app.network());
    let mut carried_out = BTreeMap::new();
    for (role, place) in [
        (Role::Officer, own),
        (Role::SectionChief, own),
        (Role::UnitLeader, own),
        (Role::Officer, other),
        (Role::Editor, office),
        (Role::ChiefEditor, office),
        (Role::CityLeader, office),
        (Role::Analyst, office),
        (Role::SmsWorker, office),
        (Role::SystemAdministrator, Place::Platform),
        (Role::Auditor, Place::Platform),
    ] {
        for state in states.iter().copied() {
            let client = app.client(role, place).await;
            let object = build(state).await;
            let offer = offered(&client, &object.id).await;
            let expected = |act: &str| match &offer {
                Some(offer) => offer.get(act).unwrap_or_else(|| panic!("{act} is not among the actions")).clone(),
                None => Some("NOT_FOUND".to_owned()),
            };
            // Whoever sees the network and not the object is told that they may not.
            let agrees = |found: &Option<String>, wanted: &str| {
                found.as_deref().is_some_and(|code| code == wanted || offer.is_none() && code == "FORBIDDEN")
            };
            let case = |act: &str| format!("{role:?} at {place:?}: {act} on {state}");
            let before = contents(app).await;
            for (act, input) in &object.acts {
                if let Some(code) = expected(act) {
                    let found = done(&client, act, input.clone()).await;
                    assert!(agrees(&found, &code), "{}: {found:?}, not {code}", case(act));
                }
            }
            assert_eq!(contents(app).await, before, "a refusal of the {role:?} left something on {state}");
            let allowed: Vec<_> =
                object.acts.iter().map(|(act, _)| *act).filter(|act| expected(act).is_none()).collect();
            for act in allowed {
                // Each at an object of its own: an act may be the end of another.
                let object = build(state).await;
                let input = object.acts.iter().find(|(name, _)| *name == act).map(|(_, input)| input.clone());
                assert_eq!(done(&client, act, input.unwrap_or_default()).await, None, "{}", case(act));
                *carried_out.entry(act).or_insert(0) += 1;
            }
        }
    }
    carried_out
}

async fn issues_offer_what_can_be_done(app: TestApp) {
    let app = &app;
    let build = |state: &'static str| {
        async move {
            let (editor, chief) = (app.editor().await, app.chief_editor().await);
            let mut issue = walk::issue(&editor, app, "general", TODAY).await;
            let steps: &[&'static str] = match state {
                "open" => &[],
                "approved" => &["approveIssue"],
                _ => &["approveIssue", "publishIssue"],
            };
            for step in steps {
                let input = json!({ "issue": issue["id"], "expectedVersion": issue["version"] });
                issue = walk::act(&chief, step, "issue { id version }", input).await["issue"].take();
            }
            let input = json!({ "issue": issue["id"], "expectedVersion": issue["version"] });
            let arranging = walk::merged(input.clone(), json!({ "adoptions": [] }));
            let acts = vec![("arrangeIssue", arranging), ("approveIssue", input.clone()), ("publishIssue", input)];
            Object { id: text(&issue["id"]).to_owned(), acts }
        }
        .boxed()
    };
    let carried_out = tried(app, &["open", "approved", "published"], build).await;
    assert_eq!(carried_out, BTreeMap::from([("approveIssue", 1), ("arrangeIssue", 1), ("publishIssue", 1)]));
}

async fn key_points_offer_what_can_be_done(app: TestApp) {
    let next = &std::sync::atomic::AtomicU64::new(0);
    let app = &app;
    let build = |state: &'static str| {
        async move {
            let place = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            // Weeks of this and the next years: each list has one of its own.
            let period = format!("{}-W{:02}", 2027 + place / 50, place % 50 + 1);
            let input = json!({ "network": app.network_id(), "period": period, "points": [{ "topic": "春耕备耕" }] });
            let editor = app.editor().await;
            let selection = "keyPoints { id version }";
            let list = walk::act(&editor, "publishKeyPoints", selection, input.clone()).await["keyPoints"].take();
            let mut period = period;
            if state == "over" {
                period = period.replacen("20", "19", 1);
                key_point_list::Entity::update_many()
                    .col_expr(key_point_list::Column::Period, Expr::value(period.as_str()))
                    .filter(key_point_list::Column::Period.eq(text(&input["period"])))
                    .exec(app.writer())
                    .await
                    .unwrap();
            }
            let more = json!({ "expectedVersion": list["version"], "period": period });
            Object { id: text(&list["id"]).to_owned(), acts: vec![("publishKeyPoints", walk::merged(input, more))] }
        }
        .boxed()
    };
    let carried_out = tried(app, &["under way", "over"], build).await;
    assert_eq!(carried_out, BTreeMap::from([("publishKeyPoints", 1)]));
}

async fn urgent_events_offer_what_can_be_done(app: TestApp) {
    walk::designate(&app, UNIT, TODAY).await;
    let app = &app;
    let build = |state: &'static str| {
        async move {
            let editor = app.editor().await;
            let mut event = walk::open_urgent(&editor, app, UNIT, "2026-03-02T08:10:00+08:00").await;
            if state == "closed" {
                let input = json!({ "event": event["id"], "expectedVersion": event["version"], "reason": "误报警" });
                event = walk::act(&editor, "closeUrgentEvent", "event { id version }", input).await["event"].take();
            }
            let input = json!({ "event": event["id"], "expectedVersion": event["version"] });
            let with = |more: Value| walk::merged(input.clone(), more);
            let acts = vec![
                ("reportUrgent", with(json!({ "stage": "FIRST", "text": "已到现场处置。" }))),
                ("endUrgentEvent", with(json!({ "endedAt": "2026-03-02T08:30:00+08:00" }))),
                ("closeUrgentEvent", with(json!({ "reason": "误报警" }))),
            ];
            Object { id: text(&event["id"]).to_owned(), acts }
        }
        .boxed()
    };
    let carried_out = tried(app, &["open", "closed"], build).await;
    // Only the contact reports; the unit's officers and the editor end an event, and the editor closes it.
    let expected = [("closeUrgentEvent", 1), ("endUrgentEvent", 3), ("reportUrgent", 1)];
    assert_eq!(carried_out, BTreeMap::from(expected));
}

async fn incidents_offer_what_can_be_done(app: TestApp) {
    let period = json!({ "network": app.network_id(), "period": "2026-02" });
    walk::act(&app.chief_editor().await, "closePeriod", "closing { id }", period).await;
    let app = &app;
    let build = |state: &'static str| {
        async move {
        let (editor, chief) = (app.editor().await, app.chief_editor().await);
        let input = json!({
            "network": app.network_id(), "unit": app.unit_id(UNIT).await, "kind": "UNTRUE", "evidence": "经核实有误。",
            "occurredOn": if state == "held" { "2026-02-05" } else { TODAY },
        });
        let selection = "incident { id version }";
        let mut made = walk::act(&editor, "recordIncident", selection, input).await["incident"].take();
        let decision = |made: &Value, decision: &str| {
            json!({
                "incident": made["id"], "expectedVersion": made["version"], "decision": decision, "reason": "经复核。",
            })
        };
        match state {
            "decided" | "dismissed" => {
                let input = decision(&made, if state == "decided" { "UPHOLD" } else { "DISMISS" });
                made = walk::act(&chief, "decideIncident", selection, input).await["incident"].take();
            }
            // As if it had been recorded before the period was closed.
            "held" => {
                incident::Entity::update_many()
                    .col_expr(incident::Column::RecordedAt, Expr::value(tests::app::at("2026-02-06T09:00:00+08:00")))
                    .filter(incident::Column::OccurredOn.eq("2026-02-05".parse::<chrono::NaiveDate>().unwrap()))
                    .exec(app.writer())
                    .await
                    .unwrap();
            }
            _ => {}
        }
        let acts = vec![("decideIncident", decision(&made, "DISMISS"))];
        Object { id: text(&made["id"]).to_owned(), acts }
        }
        .boxed()
    };
    let carried_out = tried(app, &["recorded", "decided", "dismissed", "held"], build).await;
    assert_eq!(carried_out, BTreeMap::from([("decideIncident", 1)]));
}

async fn appeals_offer_what_can_be_done(app: TestApp) {
    let leader = app.holder(Role::UnitLeader, Place::Unit(app.unit(UNIT).await)).await;
    let rulebook = rulebook_version::Entity::find().one(app.writer()).await.unwrap().map(|row| row.id);
    let app = &app;
    let build = |state: &'static str| {
        async move {
            let state = match state {
                "pending" => AppealState::Pending,
                "upheld" => AppealState::Upheld,
                _ => AppealState::Rejected,
            };
            let day = TODAY.parse().unwrap();
            let row = appeal::ActiveModel {
                id: NotSet,
                network_id: Set(app.network()),
                unit_id: Set(app.unit(UNIT).await),
                line: Set(walk::key()),
                line_day: Set(day),
                rulebook_id: Set(rulebook.unwrap_or(RulebookVersionId(0))),
                rule: Set("accuracy.untrue".to_owned()),
                clause: Set("五".to_owned()),
                title: Set("内容不实".to_owned()),
                submission_id: Set(None),
                points: Set(-50_000_000),
                money: Set(0),
                reason: Set("数据无误。".to_owned()),
                state: Set(state),
                raised_by: Set(leader),
                raised_at: Set(app.now()),
                decided_by: Set(None),
                decided_at: Set(None),
                decision: Set(None),
                counts_on: Set(Some(day)),
                version: Set(1),
            };
            let id = appeal::Entity::insert(row).exec(app.writer()).await.unwrap().last_insert_id;
            let id = global("Appeal", id.0);
            let input = json!({ "appeal": id, "expectedVersion": 1, "verdict": "REJECTED", "reason": "经复核。" });
            Object { id, acts: vec![("decideAppeal", input)] }
        }
        .boxed()
    };
    let carried_out = tried(app, &["pending", "upheld", "rejected"], build).await;
    assert_eq!(carried_out, BTreeMap::from([("decideAppeal", 1)]));
}

async fn endorsements_offer_what_can_be_done(app: TestApp) {
    let app = &app;
    let build = |state: &'static str| {
        async move {
            let editor = app.editor().await;
            let row = app.submission(UNIT).await.state(entity::submission::SubmissionState::Received).insert().await;
            let endorsement = global("Endorsement", builders::endorsement(app, &row).await.0);
            let item = json!({ "id": global("Submission", row.id.0), "version": row.version });
            let on_item = |version: i64, more: Value| {
                let item = json!({ "id": item["id"], "version": version });
                walk::merged(walk::on(&item, json!({ "endorsement": endorsement })), more)
            };
            let (mut version, mut own) = (1, 1);
            match state {
                "followed up" => {
                    let input = json!({ "endorsement": endorsement, "expectedVersion": 1, "text": "已落实。" });
                    walk::act(&editor, "recordFollowUp", "", input).await;
                    own = 2;
                }
                "revoked" => {
                    walk::act(&editor, "revokeEndorsement", "", on_item(1, json!({ "reason": "登记有误" }))).await;
                    (version, own) = (2, 2);
                }
                _ => {}
            }
            let following = json!({ "endorsement": endorsement, "expectedVersion": own, "text": "已落实。" });
            let acts = vec![
                ("recordFollowUp", following),
                ("correctEndorsement", on_item(version, json!({ "leader": "王领导" }))),
                ("revokeEndorsement", on_item(version, json!({ "reason": "登记有误" }))),
            ];
            Object { id: endorsement, acts }
        }
        .boxed()
    };
    let carried_out = tried(app, &["open", "followed up", "revoked"], build).await;
    // The officer, the section chief and the editor tell what became of it; the editor corrects and revokes.
    let expected = [("correctEndorsement", 2), ("recordFollowUp", 3), ("revokeEndorsement", 2)];
    assert_eq!(carried_out, BTreeMap::from(expected));
}

async fn a_circular_offers_its_correction_when_there_is_something_to_correct(app: TestApp) {
    let row = app.submission(UNIT).await.submitted_on("2026-02-05").insert().await;
    app.adoption(&row, "general").await.on("2026-02-05").insert().await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let period = json!({ "network": app.network_id(), "period": "2026-02" });
    walk::act(&chief, "closePeriod", "closing { id }", period.clone()).await;
    let made = walk::act(&chief, "publishCircular", "circular { id version }", period).await["circular"].take();
    let id = text(&made["id"]).to_owned();
    let offer =
        async |client: &Client, id: &str| offered(client, id).await.and_then(|offer| offer["correctCircular"].clone());
    let input = |circular: &Value| json!({ "circular": circular["id"], "expectedVersion": circular["version"], "reason": "更正" });
    assert_eq!(offer(&chief, &id).await.as_deref(), Some("WRONG_STATE"));
    assert_eq!(done(&chief, "correctCircular", input(&made)).await.as_deref(), Some("WRONG_STATE"));
    assert_eq!(offer(&editor, &id).await.as_deref(), Some("FORBIDDEN"));
    // The adoption is revoked: the circular can be corrected, once.
    let item = json!({ "id": global("Submission", row.id.0), "version": row.version });
    let query = "query($id: ID!) { submission(id: $id) { id version adoptions { id } } }";
    let seen = editor.gql(query, json!({ "id": item["id"] })).await["submission"].take();
    let revoking = walk::on(&seen, json!({ "adoption": seen["adoptions"][0]["id"], "reason": "内容不实" }));
    walk::act(&editor, "revokeAdoption", "", revoking).await;
    assert_eq!(offer(&chief, &id).await, None);
    let second = walk::act(&chief, "correctCircular", "circular { id version }", input(&made)).await["circular"].take();
    for circular in [&id, text(&second["id"])] {
        assert_eq!(offer(&chief, circular).await.as_deref(), Some("WRONG_STATE"));
    }
    assert_eq!(done(&chief, "correctCircular", input(&second)).await.as_deref(), Some("WRONG_STATE"));
}

async fn what_counts_in_a_closed_period_is_not_decided_again(app: TestApp) {
    let editor = app.editor().await;
    let mut judged = Vec::new();
    for unit in [UNIT, OTHER] {
        let commission = walk::commission(&editor, &app, &[unit], "2026-03-05T18:00:00+08:00").await;
        judged.push(walk::assignment(&commission, unit).clone());
    }
    app.set_clock("2026-03-06T09:00:00+08:00");
    let editor = app.editor().await;
    walk::judge(&editor, &judged[0], "MISSED").await;
    walk::on_assignment(&editor, "excuseAssignment", &judged[1], json!({})).await;
    let id = |row: &Value| text(&row["id"]).to_owned();
    for row in &judged {
        assert_eq!(offered(&editor, &id(row)).await.unwrap()["judgeAnswer"], None);
    }
    app.set_clock("2026-04-02T09:00:00+08:00");
    let period = json!({ "network": app.network_id(), "period": "2026-03" });
    walk::act(&app.chief_editor().await, "closePeriod", "closing { id }", period).await;
    let editor = app.editor().await;
    for row in &judged {
        let seen = walk::look_at_assignment(&editor, row).await;
        let offer = offered(&editor, &id(row)).await.unwrap();
        for act in ["judgeAnswer", "excuseAssignment"] {
            let input = json!({ "assignment": row["id"], "expectedVersion": seen["version"] });
            assert_eq!(done(&editor, act, input).await, offer[act], "{act}");
        }
        assert_eq!(offer["judgeAnswer"].as_deref(), Some("PERIOD_CLOSED"));
    }
}
