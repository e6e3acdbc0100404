//! Why somebody may do something, or why not: the answer agrees with what the mutation does.

use entity::role_grant::Role;
use entity::submission::SubmissionState;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::office::{Place, global};
use tests::walk;

tests::cases![
    the_grant_and_the_row_that_allow_it_are_named,
    what_is_missing_is_named,
    the_explanation_is_what_the_mutation_does,
    only_security_administrators_ask,
    an_action_or_an_object_that_is_none_is_refused,
];

const UNIT: &str = "阜康市";

const QUERY: &str = "query($person: ID!, $object: ID!, $action: String!) {
    explainAccess(person: $person, object: $object, action: $action) {
        allowed policy isVisible reasonCode reason reasonZh rows { role reach } held { role reach allows unit { name } }
    } }";

async fn explain(client: &Client, person: &str, object: &str, action: &str) -> Value {
    let variables = json!({ "person": person, "object": object, "action": action });
    client.gql(QUERY, variables).await["explainAccess"].take()
}

async fn item(app: &TestApp, state: SubmissionState) -> String {
    global("Submission", app.submission(UNIT).await.state(state).insert().await.id.0)
}

async fn person(app: &TestApp, role: Role, place: Place) -> String {
    global("Person", app.holder(role, place).await.0)
}

async fn the_grant_and_the_row_that_allow_it_are_named(app: TestApp) {
    let security = app.security_administrator().await;
    let item = item(&app, SubmissionState::Received).await;
    let editor = person(&app, Role::Editor, Place::Network(app.network())).await;
    let told = explain(&security, &editor, &item, "adoptSubmission").await;
    assert_eq!(told["allowed"], true);
    assert_eq!(told["policy"], "policy/AdoptSubmission");
    assert_eq!(told["rows"], json!([{ "role": "EDITOR", "reach": "HELD" }]));
    assert_eq!(told["held"], json!([{ "role": "EDITOR", "reach": "HELD", "allows": true, "unit": null }]));
    assert_eq!([&told["reasonCode"], &told["reason"], &told["reasonZh"]], [&Value::Null; 3]);
}

async fn what_is_missing_is_named(app: TestApp) {
    let security = app.security_administrator().await;
    let received = item(&app, SubmissionState::Received).await;
    let declined = item(&app, SubmissionState::Declined).await;
    let own = person(&app, Role::Officer, Place::Unit(app.unit(UNIT).await)).await;
    let other = person(&app, Role::Officer, Place::Unit(app.unit("昌吉市").await)).await;
    let editor = person(&app, Role::Editor, Place::Network(app.network())).await;

    let told = explain(&security, &own, &received, "adoptSubmission").await;
    assert_eq!([&told["allowed"], &told["isVisible"]], [false, true]);
    assert_eq!([&told["reasonCode"], &told["policy"]], ["FORBIDDEN", "policy/AdoptSubmission"]);
    let held = json!([{ "role": "OFFICER", "reach": null, "allows": false, "unit": { "name": UNIT } }]);
    assert_eq!(told["held"], held);

    let told = explain(&security, &other, &received, "withdrawSubmission").await;
    assert_eq!([&told["isVisible"], &told["reasonCode"]], [&json!(false), &json!("NOT_FOUND")]);
    // The role is the right one, and it does not reach that far.
    assert_eq!([&told["held"][0]["reach"], &told["held"][0]["allows"]], [&json!("OWN_UNIT"), &json!(false)]);

    let told = explain(&security, &editor, &declined, "adoptSubmission").await;
    assert_eq!([&told["reasonCode"], &told["policy"]], ["WRONG_STATE", "moves/AdoptSubmission"]);
    assert_eq!(told["held"][0]["allows"], true);
}

async fn the_explanation_is_what_the_mutation_does(app: TestApp) {
    let security = app.security_administrator().await;
    let unit = Place::Unit(app.unit(UNIT).await);
    let office = Place::Network(app.network());
    for (role, place) in [
        (Role::Officer, unit),
        (Role::SectionChief, unit),
        (Role::UnitLeader, unit),
        (Role::Officer, Place::Unit(app.unit("昌吉市").await)),
        (Role::Editor, office),
        (Role::ChiefEditor, office),
        (Role::CityLeader, office),
        (Role::SystemAdministrator, Place::Platform),
    ] {
        let (client, person) = (app.client(role, place).await, person(&app, role, place).await);
        for state in [SubmissionState::Draft, SubmissionState::Submitted, SubmissionState::Adopted] {
            for act in ["signSubmission", "withdrawSubmission", "receiveSubmission"] {
                let item = item(&app, state).await;
                let told = explain(&security, &person, &item, act).await;
                let input = walk::on(&json!({ "id": item, "version": 1 }), json!({ "idempotencyKey": walk::key() }));
                let answer = client.gql(&walk::document(act, ""), json!({ "input": input })).await;
                let code = &answer[act]["userErrors"][0]["code"];
                assert_eq!(&told["reasonCode"], code, "{role:?} {act} from {state:?}");
                assert_eq!(told["allowed"] == true, code.is_null(), "{role:?} {act} from {state:?}");
            }
        }
    }
}

async fn only_security_administrators_ask(app: TestApp) {
    let item = item(&app, SubmissionState::Received).await;
    let editor = person(&app, Role::Editor, Place::Network(app.network())).await;
    let variables = json!({ "person": editor, "object": item, "action": "adoptSubmission" });
    for client in [app.editor().await, app.system_administrator().await, app.auditor().await, app.officer(UNIT).await] {
        client.expect_code(QUERY, variables.clone(), "FORBIDDEN").await;
    }
    app.stranger().expect_code(QUERY, variables, "UNAUTHENTICATED").await;
}

async fn an_action_or_an_object_that_is_none_is_refused(app: TestApp) {
    let security = app.security_administrator().await;
    let item = item(&app, SubmissionState::Received).await;
    let editor = person(&app, Role::Editor, Place::Network(app.network())).await;
    for (object, action, code) in [
        (item.as_str(), "flySubmission", "INVALID"),
        ("nonsense", "adoptSubmission", "NOT_FOUND"),
        (&global("Submission", 99_999), "adoptSubmission", "NOT_FOUND"),
        (&global("AuditEntry", 1), "adoptSubmission", "WRONG_ID_TYPE"),
    ] {
        let variables = json!({ "person": editor, "object": object, "action": action });
        security.expect_code(QUERY, variables, code).await;
    }
}
