//! What `actions` offers on commissions and assignments is what the mutations do: every state × role × act, before and after
//! the deadline.

use std::collections::BTreeMap;

use entity::commission::{self, CommissionState};
use entity::commission_assignment::AssignmentState;
use entity::role_grant::Role;
use entity::submission::SubmissionState;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum as _, ColumnTrait as _, EntityTrait as _, Iterable as _, QueryFilter as _};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::office::{Place, global};
use tests::{builders, walk};

tests::cases![what_is_offered_is_what_can_be_done];

const UNIT: &str = "木垒县";

const ON_ASSIGNMENT: [&str; 5] =
    ["readCommission", "answerCommission", "judgeAnswer", "reworkAnswer", "excuseAssignment"];
const ON_COMMISSION: [&str; 2] = ["extendCommission", "closeCommission"];

/// A commission with one assignment.
struct Asked {
    commission: String,
    assignment: String,
}

async fn build(app: &TestApp, state: AssignmentState, closed: bool) -> Asked {
    let (of, row) = builders::assignment(app, app.unit(UNIT).await, state).await;
    if closed {
        commission::Entity::update_many()
            .col_expr(commission::Column::State, Expr::value(CommissionState::Closed))
            .filter(commission::Column::Id.eq(of.id))
            .exec(app.writer())
            .await
            .expect("commissions can be changed");
    }
    Asked { commission: global("Commission", of.id.0), assignment: global("CommissionAssignment", row.id.0) }
}

/// What is offered, by act; none at all if the object is not seen.
async fn offered(client: &Client, id: &str) -> Option<BTreeMap<String, Option<String>>> {
    let query = "query($id: ID!) { node(id: $id) {
        ... on Commission { actions { name allowed reasonCode reasonZh } }
        ... on CommissionAssignment { actions { name allowed reasonCode reasonZh } }
    } }";
    let answer = client.gql(query, json!({ "id": id })).await;
    let actions = answer["node"]["actions"].as_array()?;
    let told = actions.iter().map(|action| {
        let code = action["reasonCode"].as_str().map(str::to_owned);
        assert_eq!(action["allowed"] == true, code.is_none(), "{action}");
        assert_eq!(text(&action["reasonZh"]).is_empty(), code.is_none(), "{action}");
        (text(&action["name"]).to_owned(), code)
    });
    Some(told.collect())
}

async fn input(app: &TestApp, act: &str, asked: &Asked) -> Value {
    let more = match act {
        "answerCommission" => {
            let row = app.submission(UNIT).await.state(SubmissionState::Submitted).insert().await;
            json!({ "submission": global("Submission", row.id.0) })
        }
        "reworkAnswer" => json!({ "comment": "请补充", "dueAt": "2026-04-01T18:00:00+08:00" }),
        "extendCommission" => json!({ "dueAt": "2026-04-01T18:00:00+08:00", "reason": "顺延" }),
        "closeCommission" => json!({ "code": "NOT_NEEDED", "reason": "不再需要" }),
        _ => json!({}),
    };
    let object = if ON_COMMISSION.contains(&act) {
        json!({ "commission": asked.commission })
    } else {
        json!({ "assignment": asked.assignment })
    };
    walk::merged(walk::merged(object, json!({ "expectedVersion": 1 })), more)
}

/// Does an act, and returns the code of the refusal, if it was refused.
async fn done(client: &Client, act: &str, input: Value) -> Option<String> {
    let input = walk::merged(input, json!({ "idempotencyKey": walk::key() }));
    let answer = client.gql(&walk::document(act, ""), json!({ "input": input })).await;
    answer[act]["userErrors"][0]["code"].as_str().map(str::to_owned)
}

async fn what_is_offered_is_what_can_be_done(app: TestApp) {
    let (own, other) = (Place::Unit(app.unit(UNIT).await), Place::Unit(app.unit("阜康市").await));
    let office = Place::Network(app.network());
    let mut carried_out = BTreeMap::new();
    // Assignments fall due after four days; the second round is after that.
    for (days, closed) in [(0, false), (9, false), (0, true)] {
        let now = tests::app::at(tests::app::MORNING);
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
            (Role::Auditor, Place::Platform),
        ] {
            for state in AssignmentState::iter() {
                app.clock.set(now);
                let mut asked = build(&app, state, closed).await;
                app.clock.set(now + chrono::TimeDelta::days(days));
                let client = app.client(role, place).await;
                let mut offer = offered(&client, &asked.assignment).await.unwrap_or_default();
                let of = offered(&client, &asked.commission).await;
                let unseen = of.is_none();
                offer.extend(of.unwrap_or_default());
                for act in ON_ASSIGNMENT.into_iter().chain(ON_COMMISSION) {
                    let case = format!("{role:?} at {place:?}: {act} from {}, day {days}", state.to_value());
                    let expected = match offer.get(act) {
                        Some(expected) => expected.clone(),
                        None if unseen => Some("NOT_FOUND".to_owned()),
                        None => panic!("{case}: not among the actions"),
                    };
                    let outcome = done(&client, act, input(&app, act, &asked).await).await;
                    assert_eq!(outcome, expected, "{case}");
                    if outcome.is_none() {
                        *carried_out.entry(act).or_insert(0) += 1;
                        app.clock.set(now);
                        asked = build(&app, state, closed).await;
                        app.clock.set(now + chrono::TimeDelta::days(days));
                    }
                }
            }
        }
    }
    // Were nothing carried out, the comparison would be empty. Reading: three people, one state, two days. Answering: two
    // people, four states. Judging: what has an answer, and after the deadline everything.
    let expected = [
        ("answerCommission", 2 * 4 * 2),
        ("closeCommission", 6 * 2),
        ("excuseAssignment", 5 * 2),
        ("extendCommission", 3 * 2),
        ("judgeAnswer", 2 + 6),
        ("readCommission", 3 * 2),
        ("reworkAnswer", 2),
    ];
    assert_eq!(carried_out, BTreeMap::from(expected));
}
