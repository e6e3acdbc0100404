//! Which network stands upon which.

use serde_json::json;
use tests::app::TestApp;
use tests::walk;

use super::{COUNTY_UNIT, TOWN_UNIT, county, link, town};

tests::cases![
    a_network_names_the_unit_that_runs_it,
    a_network_does_not_stand_upon_itself,
    a_link_needs_a_unit_and_a_declared_level,
    only_system_administrators_link,
    a_link_can_be_taken_away,
];

async fn a_network_names_the_unit_that_runs_it(app: TestApp) {
    let below = app.found("fukang", super::COUNTY).await;
    let linked = link(&app, &below, &app.unit_id(COUNTY_UNIT).await, "city").await;
    assert_eq!(linked, json!({ "version": 2, "levelAbove": "city", "owner": { "name": COUNTY_UNIT } }));
    let stale = json!({ "network": below.network_id(), "expectedVersion": 1 });
    let error = walk::refused(&app.system_administrator().await, "linkNetwork", stale, "VERSION_CONFLICT").await;
    assert_eq!(error["details"], "{\"currentVersion\":2}");
}

async fn a_network_does_not_stand_upon_itself(app: TestApp) {
    let county = county(&app).await;
    let town = town(&app, &county).await;
    let administrator = app.system_administrator().await;
    for (network, level, owner) in [
        (app.network_id(), "region", town.unit_id(super::VILLAGE).await),
        (app.network_id(), "region", county.unit_id(TOWN_UNIT).await),
        (app.network_id(), "region", app.unit_id(COUNTY_UNIT).await),
    ] {
        let input = json!({ "network": network, "expectedVersion": 1, "owner": owner, "level": level });
        let error = walk::refused(&administrator, "linkNetwork", input, "INVALID").await;
        assert_eq!(error["field"], "owner");
    }
}

async fn a_link_needs_a_unit_and_a_declared_level(app: TestApp) {
    let below = app.found("fukang", super::COUNTY).await;
    let administrator = app.system_administrator().await;
    let owner = app.unit_id(COUNTY_UNIT).await;
    for more in [json!({ "owner": owner }), json!({ "level": "city" }), json!({ "owner": owner, "level": "moon" })] {
        let input = walk::merged(json!({ "network": below.network_id(), "expectedVersion": 1 }), more);
        let error = walk::refused(&administrator, "linkNetwork", input, "INVALID").await;
        assert_eq!(error["field"], "level");
    }
}

async fn only_system_administrators_link(app: TestApp) {
    let input = json!({ "network": app.network_id(), "expectedVersion": 1 });
    walk::refused(&app.editor().await, "linkNetwork", input.clone(), "FORBIDDEN").await;
    walk::refused(&app.chief_editor().await, "linkNetwork", input.clone(), "FORBIDDEN").await;
    walk::refused(&app.security_administrator().await, "linkNetwork", input, "FORBIDDEN").await;
}

async fn a_link_can_be_taken_away(app: TestApp) {
    let county = county(&app).await;
    let input = json!({ "network": county.network_id(), "expectedVersion": 2 });
    let selection = "network { version levelAbove owner { name } }";
    let payload = walk::act(&app.system_administrator().await, "linkNetwork", selection, input).await;
    assert_eq!(payload["network"], json!({ "version": 3, "levelAbove": null, "owner": null }));
    let item = walk::submit(&county, TOWN_UNIT).await;
    let sent = super::send_up(&county, &item, "city", json!({})).await;
    assert_eq!(sent["sendingUp"]["networkName"], json!(null));
}
