//! Every list shows as many rows as it counts, each once, and `node` agrees with it: for everybody.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;

use super::cast::cast;
use super::world::{self, AWAY, HOME, OTHER_UNIT, UNIT, World};

tests::cases![lists_count_what_they_show_and_node_agrees];

/// The lists of nodes at the root: field, whether it is asked of a network, and the type of its rows.
pub(super) const LISTS: [(&str, bool, &str); 24] = [
    ("networks", false, "Network"),
    ("units", true, "Unit"),
    ("people", false, "Person"),
    ("submissions", true, "Submission"),
    ("appeals", true, "Appeal"),
    ("endorsements", true, "Endorsement"),
    ("libraryItems", true, "LibraryItem"),
    ("commissions", true, "Commission"),
    ("assignments", true, "CommissionAssignment"),
    ("leads", true, "Lead"),
    ("keyPoints", true, "KeyPoint"),
    ("incidents", true, "Incident"),
    ("trainings", true, "Training"),
    ("staffing", true, "Staffing"),
    ("urgentEvents", true, "UrgentEvent"),
    ("consumers", true, "Consumer"),
    ("exports", true, "Export"),
    ("settlements", true, "AwardSettlement"),
    ("talks", true, "Talk"),
    ("awardPayments", true, "SettlementLine"),
    ("charges", true, "Charge"),
    ("noticeRuns", true, "NoticeRun"),
    ("notices", true, "Notice"),
    ("savedQueries", true, "SavedQuery"),
];

/// Rows per page, so that most lists have several.
const PAGE: usize = 20;

/// Objects asked for by id in one request: the door admits no more root fields.
const BATCH: usize = 20;

/// Walks a list from its beginning to its end, and returns the ids of its rows.
pub(super) async fn walk_list(client: &Client, field: &str, network: Option<&str>) -> Vec<String> {
    let argument = network.map(|id| format!("network: \"{id}\", ")).unwrap_or_default();
    let query = format!(
        "query($after: String) {{ {field}({argument}first: {PAGE}, after: $after) \
         {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let mut ids = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = client.gql(&query, json!({ "after": after })).await[field].take();
        let nodes = page["nodes"].as_array().cloned().unwrap_or_default();
        ids.extend(nodes.iter().filter_map(|node| node["id"].as_str()).map(str::to_owned));
        if page["pageInfo"]["hasNextPage"] == true {
            after = page["pageInfo"]["endCursor"].clone();
            continue;
        }
        assert_eq!(page["totalCount"].as_u64(), u64::try_from(ids.len()).ok(), "{field} counts what it does not show");
        return ids;
    }
}

/// Those of the objects that `node` finds.
pub(super) async fn known_nodes(client: &Client, ids: &[String]) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for batch in ids.chunks(BATCH) {
        let fields: Vec<_> =
            batch.iter().enumerate().map(|(place, id)| format!("n{place}: node(id: \"{id}\") {{ id }}")).collect();
        let answer = client.gql(&format!("{{ {} }}", fields.join(" ")), json!({})).await;
        let found = (0..batch.len()).filter_map(|place| answer[format!("n{place}")]["id"].as_str().map(str::to_owned));
        known.extend(found);
    }
    known
}

async fn lists_count_what_they_show_and_node_agrees(app: TestApp) {
    let elsewhere = world::found_elsewhere(&app).await;
    let worlds: [World; 2] = [world::work(&app, &HOME).await, world::work(&elsewhere, &AWAY).await];
    let callers = cast(&app, UNIT, OTHER_UNIT, &elsewhere).await;
    let mut seen = BTreeMap::new();
    let mut pool: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for caller in callers.iter().skip(1) {
        let client = caller.client(&app).await;
        for (field, of_network, kind) in LISTS {
            let mut ids = Vec::new();
            if of_network {
                for world in &worlds {
                    ids.extend(walk_list(&client, field, Some(world.id("Network"))).await);
                }
            } else {
                ids = walk_list(&client, field, None).await;
            }
            let distinct: BTreeSet<String> = ids.iter().cloned().collect();
            assert_eq!(distinct.len(), ids.len(), "{field} shows a row twice to the {}", caller.label);
            pool.entry(kind).or_default().extend(distinct.iter().cloned());
            seen.insert((caller.label, kind), distinct);
        }
    }
    for caller in callers.iter().skip(1) {
        let client = caller.client(&app).await;
        for (kind, ids) in &pool {
            let ids: Vec<String> = ids.iter().cloned().collect();
            let known = known_nodes(&client, &ids).await;
            assert_eq!(
                known,
                seen[&(caller.label, *kind)],
                "node and the list of {kind} differ for the {}",
                caller.label
            );
        }
    }
}
