//! Units change, from a day on: what was before stays as it was, and who stands in for whom is a question's choice.

pub(crate) mod changes;
pub(crate) mod figures;

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::walk;

/// What is kept of a change.
pub(crate) const SUCCESSION: &str =
    "succession { id version kind firstDay undoneAt heir { name } predecessors { name } successors { name } }";

/// A unit as somebody sees it.
pub(crate) async fn look(client: &Client, app: &TestApp, unit: &str) -> Value {
    let query = "query($id: ID!) { unit(id: $id) { id version name openedOn closedOn
        predecessors { name } successors { name } category { id } parent { name } } }";
    client.gql(query, json!({ "id": app.unit_id(unit).await })).await["unit"].take()
}

/// A unit at its present version.
pub(crate) async fn known(client: &Client, app: &TestApp, unit: &str) -> Value {
    let seen = look(client, app, unit).await;
    json!({ "unit": seen["id"], "expectedVersion": seen["version"] })
}

/// Merges units into one, as the system administrator.
pub(crate) async fn merge(app: &TestApp, units: &[&str], into: Value, first_day: &str) -> Value {
    let administrator = app.system_administrator().await;
    let mut ending = Vec::new();
    for unit in units {
        ending.push(known(&administrator, app, unit).await);
    }
    let input = json!({ "units": ending, "into": into, "firstDay": first_day });
    walk::act(&administrator, "mergeUnits", SUCCESSION, input).await["succession"].take()
}

/// Takes a change back.
pub(crate) async fn undo(app: &TestApp, succession: &Value) -> Value {
    let input = json!({ "succession": succession["id"], "expectedVersion": succession["version"] });
    walk::act(&app.system_administrator().await, "undoSuccession", SUCCESSION, input).await["succession"].take()
}
