//! Networks upon networks: a town below a county below the prefecture, and one item on its way.

pub(crate) mod corrections;
pub(crate) mod events;
pub(crate) mod flow;
pub(crate) mod linking;

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures;
use tests::office::Office;
use tests::walk;

/// The county's rules.
pub(crate) const COUNTY: &str = include_str!("county.toml");
/// The town's rules.
pub(crate) const TOWN: &str = include_str!("town.toml");
/// The unit of the prefecture that runs the county's network.
pub(crate) const COUNTY_UNIT: &str = "阜康市";
/// The unit of the county that runs the town's network.
pub(crate) const TOWN_UNIT: &str = "甘河子镇";
/// A unit of the town.
pub(crate) const VILLAGE: &str = "东湾村";

/// The present day.
pub(crate) const TODAY: &str = "2026-03-02";

/// The county's network, linked to the prefecture's.
pub(crate) async fn county(app: &TestApp) -> Office {
    let county = app.found("fukang", COUNTY).await;
    link(app, &county, &app.unit_id(COUNTY_UNIT).await, "city").await;
    county
}

/// The town's network, linked to the county's.
pub(crate) async fn town(app: &TestApp, county: &Office) -> Office {
    let town = app.found("ganhezi", TOWN).await;
    link(app, &town, &county.unit_id(TOWN_UNIT).await, "county").await;
    town
}

/// Links a network to the one above, as the system administrator.
pub(crate) async fn link(app: &TestApp, below: &Office, owner: &str, level: &str) -> Value {
    let administrator = app.system_administrator().await;
    let input = json!({ "network": below.network_id(), "expectedVersion": 1, "owner": owner, "level": level });
    let selection = "network { version levelAbove owner { name } }";
    walk::act(&administrator, "linkNetwork", selection, input).await["network"].take()
}

/// Sends an item up through the office's own publication; returns the payload.
pub(crate) async fn send_up(office: &Office, item: &Value, level: &str, more: Value) -> Value {
    let input = json!({ "publication": office.publication_id("own").await, "toLevel": level, "sentOn": TODAY });
    let input = walk::merged(walk::on(item, input), more);
    let selection =
        format!("sendingUp {{ id toLevel networkName network {{ id }} submission {{ id }} }} {}", walk::SUBMISSION);
    walk::act(&office.editor().await, "sendUpSubmission", &selection, input).await
}

/// The newest submission that an editor sees of a network.
pub(crate) async fn newest(editor: &Client, office: &Office) -> Value {
    let query = "query($network: ID!) { submissions(network: $network, first: 1) {
        totalCount nodes { id version state title unit { name } authors { name share } submittedOn characters
            origin { networkName relayedAt network { id } submission { id } } } } }";
    let mut answer = editor.gql(query, json!({ "network": office.network_id() })).await;
    answer["submissions"]["nodes"].as_array_mut().and_then(Vec::pop).unwrap_or_default()
}

/// A submission with what happened to it, as somebody sees it.
pub(crate) async fn look(client: &Client, item: &Value) -> Value {
    let query = "query($id: ID!) { submission(id: $id) { id version state
        adoptions { id publication { code } class adoptedOn evidence via { code } origin { networkName publication adoption { id } } }
        endorsements { level leader adoption { id } origin { networkName } }
        history { action fromState toState } } }";
    client.gql(query, json!({ "id": item["id"] })).await["submission"].take()
}

/// An item of a village, sent up to the county and on to the prefecture.
pub(crate) struct Climb {
    pub(crate) town: Office,
    pub(crate) county: Office,
    pub(crate) below: Value,
    pub(crate) middle: Value,
    pub(crate) above: Value,
}

pub(crate) async fn climb(app: &TestApp) -> Climb {
    let county = county(app).await;
    let town = town(app, &county).await;
    let item = walk::submit(&town, VILLAGE).await;
    let below = send_up(&town, &item, "county", json!({})).await["submission"].take();
    let middle = newest(&county.editor().await, &county).await;
    let middle = send_up(&county, &middle, "city", json!({})).await["submission"].take();
    let above = newest(&app.editor().await, app).await;
    Climb { town, county, below, middle, above }
}

impl Climb {
    /// The scores of the village and of the town's unit in the county.
    pub(crate) async fn scores(&self) -> [String; 2] {
        self.scores_in("2026").await
    }

    /// The same for a period.
    pub(crate) async fn scores_in(&self, period: &str) -> [String; 2] {
        let (below, middle) = (self.town.editor().await, self.county.editor().await);
        [
            figures::score(&below, &self.town, VILLAGE, period).await,
            figures::score(&middle, &self.county, TOWN_UNIT, period).await,
        ]
    }
}
