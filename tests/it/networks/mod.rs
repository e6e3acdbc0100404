//! One story for each network that the house ships: a period of its life, with figures that were worked out by hand.

pub(crate) mod baotou;
pub(crate) mod changji;
pub(crate) mod changsha;
pub(crate) mod gaoxian;
pub(crate) mod xx_city;
pub(crate) mod year_ends;

use analytics::rulebook::shipped;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::office::Office;
use tests::walk;

/// A network beside the home network, founded from a shipped rulebook.
async fn founded(app: &TestApp, rulebook: &str) -> Office {
    let text = shipped::find(rulebook).unwrap_or_else(|| panic!("{rulebook} is shipped"));
    app.found(&format!("{}-story", rulebook.replace('_', "-")), text).await
}

/// An item of a kind that lacks nothing, written by a person with a name.
fn content(kind: &str) -> Value {
    walk::merged(walk::content(), json!({ "kind": kind, "topic": null }))
}

/// An item of a unit, signed by whoever signs such items there, handed in and taken in.
async fn received(office: &Office, unit: &str, signatory: &Client, content: Value) -> Value {
    let officer = office.officer(unit).await;
    let drafted = walk::draft(&officer, office, unit, content).await;
    let signed = walk::step(signatory, "signSubmission", &drafted).await;
    let submitted = walk::step(&officer, "submitSubmission", &signed).await;
    walk::receive(&office.editor().await, &submitted).await
}

/// `count` items of a unit of a kind handed in on a day, of which `adopted` were taken up by a publication on that day.
async fn rows(office: &Office, unit: &str, kind: &str, day: &str, count: usize, adopted: (usize, &str)) {
    let (adopted, publication) = adopted;
    office.submission(unit).await.kind(kind).submitted_on(day).insert_many(count - adopted).await;
    for _ in 0..adopted {
        let row = office.submission(unit).await.kind(kind).submitted_on(day).insert().await;
        office.adoption(&row, publication).await.on(day).insert().await;
    }
}

/// What scoring could not place; a story leaves nothing behind.
async fn notes(client: &Client, office: &Office, year: &str) -> Value {
    let query = "query($network: ID!, $period: PeriodInput!) {
        scoringNotes(network: $network, period: $period) { kind message }
    }";
    let variables = json!({ "network": office.network_id(), "period": { "id": year } });
    client.gql(query, variables).await["scoringNotes"].take()
}
