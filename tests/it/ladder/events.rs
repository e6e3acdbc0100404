//! One owner per event (归口): a second report of it is linked and counts for nothing.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures;
use tests::walk;

use super::TODAY;

tests::cases![
    a_second_report_counts_for_no_quota_and_no_points,
    only_the_owners_report_is_acted_on,
    a_link_can_be_undone,
    an_owner_is_one_report_of_the_same_network,
];

const OWNER: &str = "阜康市";
const SECOND: &str = "昌吉市";

async fn link(editor: &Client, second: &Value, owner: Option<&Value>) -> Value {
    let owner = owner.map(|owner| owner["id"].clone());
    let selection = "submission { id version state isSecondReport ownedBy { id } }";
    walk::act(editor, "linkToOwner", selection, walk::on(second, json!({ "owner": owner }))).await["submission"].take()
}

/// What a unit handed in and had adopted in the year.
async fn counted(editor: &Client, app: &TestApp, unit: &str) -> [Value; 2] {
    let query = "query($network: ID!) { adoptionRates(network: $network, period: { id: \"2026\" }, by: UNIT) {
        rows { unit { name } submitted adoptedItems } } }";
    let answer = editor.gql(query, json!({ "network": app.network_id() })).await;
    let rows = answer["adoptionRates"]["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["unit"]["name"] == unit).unwrap();
    [row["submitted"].clone(), row["adoptedItems"].clone()]
}

async fn a_second_report_counts_for_no_quota_and_no_points(app: TestApp) {
    let editor = app.editor().await;
    let (owner, second) = (walk::submit(&app, OWNER).await, walk::submit(&app, SECOND).await);
    let issue = walk::issue(&editor, &app, "general", TODAY).await;
    let adopted = walk::adopt(&editor, &second, &issue, None).await;
    let endorsed = walk::endorse(&editor, &adopted["submission"], "prefecture", TODAY).await;
    assert_eq!(counted(&editor, &app, SECOND).await, [1, 1]);
    assert_eq!(figures::score(&editor, &app, SECOND, "2026").await, "20");
    let linked = link(&editor, &endorsed, Some(&owner)).await;
    assert_eq!(linked["isSecondReport"], true);
    assert_eq!(linked["ownedBy"]["id"], owner["id"]);
    assert_eq!(counted(&editor, &app, SECOND).await, [0, 0]);
    assert_eq!(figures::score(&editor, &app, SECOND, "2026").await, "0");
    assert_eq!(counted(&editor, &app, OWNER).await, [1, 0]);
    let query = "query($id: ID!) { submission(id: $id) { secondReports { id } } }";
    let seen = editor.gql(query, json!({ "id": owner["id"] })).await;
    assert_eq!(seen["submission"]["secondReports"], json!([{ "id": second["id"] }]));
    // The unit learns that its report is a second one, and not of whose.
    let query = "query($id: ID!) { submission(id: $id) { isSecondReport ownedBy { id } } }";
    let told = app.officer(SECOND).await.gql(query, json!({ "id": second["id"] })).await;
    assert_eq!(told["submission"], json!({ "isSecondReport": true, "ownedBy": null }));
}

async fn only_the_owners_report_is_acted_on(app: TestApp) {
    let editor = app.editor().await;
    let (owner, second) = (walk::submit(&app, OWNER).await, walk::submit(&app, SECOND).await);
    let second = link(&editor, &second, Some(&owner)).await;
    let issue = walk::issue(&editor, &app, "general", TODAY).await;
    let input = walk::on(&second, json!({ "issue": issue["id"] }));
    walk::refused(&editor, "adoptSubmission", input, "WRONG_STATE").await;
    let query = "query($id: ID!) { submission(id: $id) { actions { name allowed } } }";
    let answer = editor.gql(query, json!({ "id": second["id"] })).await;
    let allowed: Vec<_> = answer["submission"]["actions"].as_array().unwrap().iter().collect();
    let allowed: Vec<_> = allowed.into_iter().filter(|act| act["allowed"] == true).map(|act| &act["name"]).collect();
    for refused in ["adoptSubmission", "sendUpSubmission", "recordAdoption", "endorseSubmission"] {
        assert!(!allowed.contains(&&json!(refused)), "{refused} is offered");
    }
    assert!(allowed.contains(&&json!("linkToOwner")) && allowed.contains(&&json!("returnSubmission")));
}

async fn a_link_can_be_undone(app: TestApp) {
    let editor = app.editor().await;
    let (owner, second) = (walk::submit(&app, OWNER).await, walk::submit(&app, SECOND).await);
    let second = link(&editor, &second, Some(&owner)).await;
    assert_eq!(counted(&editor, &app, SECOND).await, [0, 0]);
    let second = link(&editor, &second, None).await;
    assert_eq!(second["isSecondReport"], false);
    assert_eq!(counted(&editor, &app, SECOND).await, [1, 0]);
}

async fn an_owner_is_one_report_of_the_same_network(app: TestApp) {
    let editor = app.editor().await;
    let (owner, second) = (walk::submit(&app, OWNER).await, walk::submit(&app, SECOND).await);
    let third = walk::submit(&app, "木垒县").await;
    let itself = walk::on(&second, json!({ "owner": second["id"] }));
    walk::refused(&editor, "linkToOwner", itself, "INVALID").await;
    let second = link(&editor, &second, Some(&owner)).await;
    let chained = walk::on(&third, json!({ "owner": second["id"] }));
    walk::refused(&editor, "linkToOwner", chained, "INVALID").await;
    let owner = json!({ "id": owner["id"], "version": 4 });
    let turned = walk::on(&owner, json!({ "owner": third["id"] }));
    walk::refused(&editor, "linkToOwner", turned, "WRONG_STATE").await;
    let officer = app.officer(SECOND).await;
    walk::refused(&officer, "linkToOwner", walk::on(&second, json!({})), "FORBIDDEN").await;
    let elsewhere = walk::on(&second, json!({ "owner": tests::office::global("Submission", 99_999) }));
    let error = walk::refused(&editor, "linkToOwner", elsewhere, "NOT_FOUND").await;
    assert_eq!(error["field"], "owner");
}
