//! Renaming, merging, splitting, closing, and taking it back.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::walk;

use super::{SUCCESSION, known, look, merge, undo};

tests::cases![
    a_name_holds_from_a_day_on,
    a_unit_is_looked_at_as_of_a_day,
    nothing_is_handed_in_for_a_unit_that_ended,
    a_name_is_unique_and_not_ahead_of_time,
    units_merge_into_a_new_one,
    units_merge_into_one_that_exists,
    a_unit_splits_and_one_part_bears_its_record,
    a_unit_is_closed,
    whoever_stood_below_stands_below_the_heir,
    a_change_can_be_undone,
    what_has_worked_since_is_not_undone,
    a_change_that_cannot_be_is_refused,
    only_system_administrators_change_units,
];

const ONE: &str = "昌吉市";
const TWO: &str = "阜康市";
const THREE: &str = "木垒县";

async fn a_name_holds_from_a_day_on(app: TestApp) {
    let administrator = app.system_administrator().await;
    let unit = known(&administrator, &app, ONE).await;
    let id = unit["unit"].clone();
    let input = walk::merged(unit, json!({ "name": "昌吉区", "firstDay": "2026-02-01" }));
    walk::act(&administrator, "renameUnit", "unit { name version }", input).await;
    let again = json!({ "unit": id, "expectedVersion": 2, "name": "新昌吉区", "firstDay": "2026-03-01" });
    walk::act(&administrator, "renameUnit", "unit { name }", again).await;

    let query =
        "query($id: ID!) { unit(id: $id) { name january: name(on: \"2026-01-31\") february: name(on: \"2026-02-28\")
        today: name(on: \"2026-03-02\") formerNames { name firstDay lastDay } } }";
    let seen = app.officer("新昌吉区").await.gql(query, json!({ "id": id })).await["unit"].take();
    assert_eq!(
        [&seen["name"], &seen["january"], &seen["february"], &seen["today"]],
        ["新昌吉区", ONE, "昌吉区", "新昌吉区"]
    );
    let former = json!([
        { "name": ONE, "firstDay": seen["formerNames"][0]["firstDay"], "lastDay": "2026-01-31" },
        { "name": "昌吉区", "firstDay": "2026-02-01", "lastDay": "2026-02-28" },
    ]);
    assert_eq!(seen["formerNames"], former);
    let query = "query($id: ID!, $day: Date) { unit(id: $id, asOf: $day) { name } }";
    for (day, name) in [
        ("2026-01-15", json!({ "name": ONE })),
        ("2026-02-15", json!({ "name": "昌吉区" })),
        ("1990-01-01", Value::Null),
    ] {
        let then = administrator.gql(query, json!({ "id": id, "day": day })).await;
        assert_eq!(then["unit"], name, "{day}");
    }
}

async fn a_unit_is_looked_at_as_of_a_day(app: TestApp) {
    let administrator = app.system_administrator().await;
    let above = app.unit_id(TWO).await;
    let unit = known(&administrator, &app, ONE).await;
    let id = unit["unit"].clone();
    let change = json!({ "category": "park", "parent": above, "firstDay": "2026-02-01" });
    walk::act(&administrator, "moveUnit", "unit { id }", walk::merged(unit, change)).await;
    let renamed =
        walk::merged(known(&administrator, &app, TWO).await, json!({ "name": "阜康区", "firstDay": "2026-02-15" }));
    walk::act(&administrator, "renameUnit", "unit { id }", renamed).await;

    let query = "query($id: ID!, $day: Date) { unit(id: $id, asOf: $day) {
        name category { id } parent { name children(first: 5) { nodes { name category { id } } } }
        today: category(on: \"2026-03-02\") { id }
    } }";
    let look = async |day: Value| administrator.gql(query, json!({ "id": id, "day": day })).await["unit"].take();
    let january = look(json!("2026-01-15")).await;
    assert_eq!((&january["category"]["id"], &january["parent"]), (&json!("county"), &Value::Null));
    assert_eq!(january["today"]["id"], "park", "a day that a field names goes before");
    // Everything that is reached from it is of the same day.
    let february = look(json!("2026-02-10")).await;
    assert_eq!((&february["category"]["id"], &february["parent"]["name"]), (&json!("park"), &json!(TWO)));
    let below = json!([{ "name": ONE, "category": { "id": "park" } }]);
    assert_eq!(february["parent"]["children"]["nodes"], below);
    assert_eq!(look(json!("2026-02-20")).await["parent"]["name"], "阜康区");
    assert_eq!(look(Value::Null).await["parent"]["name"], "阜康区");
    let query = "query($id: ID!, $day: Date) { unit(id: $id, asOf: $day) { children(first: 5) { nodes { name } } } }";
    for (day, count) in [("2026-01-31", 0), ("2026-02-01", 1)] {
        let seen = administrator.gql(query, json!({ "id": above, "day": day })).await;
        assert_eq!(seen["unit"]["children"]["nodes"].as_array().map(Vec::len), Some(count), "{day}");
    }
}

async fn nothing_is_handed_in_for_a_unit_that_ended(app: TestApp) {
    let (officer, leader) = (app.officer(ONE).await, app.leader(ONE).await);
    let mut signed = Vec::new();
    for _ in 0..2 {
        let drafted = walk::draft(&officer, &app, ONE, walk::content()).await;
        signed.push(walk::step(&leader, "signSubmission", &drafted).await);
    }
    let administrator = app.system_administrator().await;
    let unit = known(&administrator, &app, ONE).await;
    // Who comes first wins: either the unit ends and nothing is handed in, or the other way round.
    let closing = walk::merged(unit, json!({ "idempotencyKey": walk::key(), "lastDay": "2026-03-01" }));
    let hand_in = walk::merged(walk::on(&signed[0], json!({})), json!({ "idempotencyKey": walk::key() }));
    let close = walk::document("closeUnit", "succession { id }");
    let submit = walk::document("submitSubmission", "submission { state }");
    let (closed, handed_in) = futures::future::join(
        administrator.gql(&close, json!({ "input": closing })),
        officer.gql(&submit, json!({ "input": hand_in })),
    )
    .await;
    let (closed, handed_in) = (&closed["closeUnit"]["userErrors"], &handed_in["submitSubmission"]["userErrors"]);
    match (closed[0]["code"].as_str(), handed_in[0]["code"].as_str()) {
        (None, Some("WRONG_STATE")) => {
            let query = "query($id: ID!) { submission(id: $id) { actions { name allowed } } }";
            let offered = officer.gql(query, json!({ "id": signed[1]["id"] })).await["submission"]["actions"].take();
            let submitting = offered.as_array().unwrap().iter().find(|act| act["name"] == "submitSubmission");
            assert_eq!(submitting.unwrap()["allowed"], false);
            walk::refused(&officer, "submitSubmission", walk::on(&signed[1], json!({})), "WRONG_STATE").await;
        }
        (Some("INVALID"), None) => {}
        both => panic!("one of them is refused, not {both:?}"),
    }
}

async fn a_name_is_unique_and_not_ahead_of_time(app: TestApp) {
    let administrator = app.system_administrator().await;
    let unit = known(&administrator, &app, ONE).await;
    let input = walk::merged(unit.clone(), json!({ "name": TWO, "firstDay": "2026-03-02" }));
    let error = walk::refused(&administrator, "renameUnit", input, "ALREADY_EXISTS").await;
    assert_eq!(error["field"], "name");
    let input = walk::merged(unit.clone(), json!({ "name": "别名", "firstDay": "2026-03-03" }));
    walk::refused(&administrator, "renameUnit", input, "INVALID").await;
    let input = walk::merged(unit.clone(), json!({ "name": "别名", "firstDay": "2026-03-01" }));
    walk::act(&administrator, "renameUnit", "", input).await;
    let input = json!({ "unit": unit["unit"], "expectedVersion": 2, "name": "又名", "firstDay": "2026-03-01" });
    walk::refused(&administrator, "renameUnit", input, "INVALID").await;
    let stale = walk::merged(unit, json!({ "name": "又名", "firstDay": "2026-03-02" }));
    walk::refused(&administrator, "renameUnit", stale, "VERSION_CONFLICT").await;
}

async fn units_merge_into_a_new_one(app: TestApp) {
    let into = json!({ "name": "昌阜新区", "category": "park" });
    let merged = merge(&app, &[ONE, TWO], into, "2026-03-01").await;
    assert_eq!([&merged["kind"], &merged["firstDay"], &merged["heir"]["name"]], ["MERGED", "2026-03-01", "昌阜新区"]);
    assert_eq!(merged["predecessors"], json!([{ "name": ONE }, { "name": TWO }]));
    let administrator = app.system_administrator().await;
    let one = look(&administrator, &app, ONE).await;
    assert_eq!([&one["closedOn"], &one["category"]], [&json!("2026-02-28"), &Value::Null]);
    assert_eq!(one["successors"], json!([{ "name": "昌阜新区" }]));
    let new = look(&administrator, &app, "昌阜新区").await;
    assert_eq!([&new["openedOn"], &new["category"]["id"]], ["2026-03-01", "park"]);
    assert_eq!(new["predecessors"], json!([{ "name": ONE }, { "name": TWO }]));
    // The unit that ended cannot hand in, the new one can.
    let input = json!({
        "network": app.network_id(), "unit": app.unit_id(ONE).await, "content": walk::content(),
    });
    walk::refused(&app.officer(ONE).await, "createSubmission", input, "INVALID").await;
    walk::submit(&app, "昌阜新区").await;
    let query = "query($id: ID!) { node(id: $id) { ... on Succession { kind successors { name } } } }";
    let seen = app.editor().await.gql(query, json!({ "id": merged["id"] })).await;
    assert_eq!(seen["node"], json!({ "kind": "MERGED", "successors": [{ "name": "昌阜新区" }] }));
}

async fn units_merge_into_one_that_exists(app: TestApp) {
    let into = json!({ "unit": app.unit_id(TWO).await });
    let merged = merge(&app, &[ONE], into, "2026-03-01").await;
    assert_eq!(merged["heir"]["name"], TWO);
    let two = look(&app.system_administrator().await, &app, TWO).await;
    assert_eq!([&two["closedOn"], &two["version"]], [&Value::Null, &json!(1)]);
    assert_eq!(two["predecessors"], json!([{ "name": ONE }]));
}

async fn a_unit_splits_and_one_part_bears_its_record(app: TestApp) {
    let administrator = app.system_administrator().await;
    let unit = known(&administrator, &app, ONE).await;
    let parts = json!([{ "name": "东区", "category": "county" }, { "name": "西区", "category": "county" }]);
    let split = json!({ "into": parts, "heir": 1, "firstDay": "2026-03-01" });
    let payload = walk::act(&administrator, "splitUnit", SUCCESSION, walk::merged(unit, split)).await;
    assert_eq!([&payload["succession"]["kind"], &payload["succession"]["heir"]["name"]], ["SPLIT", "西区"]);
    assert_eq!(payload["succession"]["successors"], json!([{ "name": "东区" }, { "name": "西区" }]));
    assert_eq!(look(&administrator, &app, "东区").await["predecessors"], json!([{ "name": ONE }]));
}

async fn a_unit_is_closed(app: TestApp) {
    let administrator = app.system_administrator().await;
    let unit = known(&administrator, &app, ONE).await;
    let input = walk::merged(unit.clone(), json!({ "lastDay": "2026-02-28" }));
    let payload = walk::act(&administrator, "closeUnit", SUCCESSION, input).await;
    assert_eq!([&payload["succession"]["kind"], &payload["succession"]["heir"]], [&json!("CLOSED"), &Value::Null]);
    assert_eq!(look(&administrator, &app, ONE).await["closedOn"], "2026-02-28");
    let query = "query($id: ID!, $day: Date) { unit(id: $id, asOf: $day) { name } }";
    let then = administrator.gql(query, json!({ "id": unit["unit"], "day": "2026-03-01" })).await;
    assert_eq!(then["unit"], Value::Null);
    let again = json!({ "unit": unit["unit"], "expectedVersion": 2, "lastDay": "2026-02-28" });
    walk::refused(&administrator, "closeUnit", again, "WRONG_STATE").await;
}

async fn whoever_stood_below_stands_below_the_heir(app: TestApp) {
    let administrator = app.system_administrator().await;
    let child = walk::merged(
        known(&administrator, &app, THREE).await,
        json!({ "parent": app.unit_id(ONE).await, "firstDay": "2026-01-05" }),
    );
    walk::act(&administrator, "moveUnit", "", child).await;
    let merged = merge(&app, &[ONE], json!({ "unit": app.unit_id(TWO).await }), "2026-03-01").await;
    let query = "query($id: ID!) { unit(id: $id) { parent { name } then: parent(on: \"2026-02-28\") { name } } }";
    let child = json!({ "id": app.unit_id(THREE).await });
    let seen = administrator.gql(query, child.clone()).await["unit"].take();
    assert_eq!([&seen["parent"]["name"], &seen["then"]["name"]], [TWO, ONE]);
    let children = "query($id: ID!, $on: Date) { unit(id: $id) { children(on: $on, first: 10) { nodes { name } } } }";
    let of = json!({ "id": app.unit_id(ONE).await, "on": "2026-02-28" });
    let below = administrator.gql(children, of).await["unit"]["children"]["nodes"].take();
    assert_eq!(below, json!([{ "name": THREE }]));
    undo(&app, &merged).await;
    let seen = administrator.gql(query, child).await["unit"].take();
    assert_eq!([&seen["parent"]["name"], &seen["then"]["name"]], [ONE, ONE]);
}

async fn a_change_can_be_undone(app: TestApp) {
    let administrator = app.system_administrator().await;
    let before = look(&administrator, &app, ONE).await;
    let into = json!({ "name": "昌阜新区", "category": "park" });
    let merged = merge(&app, &[ONE, TWO], into.clone(), "2026-03-01").await;
    let undone = undo(&app, &merged).await;
    assert_eq!([&undone["version"], &undone["undoneAt"]], [&json!(2), &json!("2026-03-02T01:00:00+00:00")]);
    let mut after = look(&administrator, &app, ONE).await;
    after["version"] = before["version"].clone();
    assert_eq!(after, before);
    let query = "query($id: ID!) { unit(id: $id) { successions { kind undoneAt } successors { name } } }";
    let seen = administrator.gql(query, json!({ "id": before["id"] })).await["unit"].take();
    assert_eq!([&seen["successions"][0]["kind"], &seen["successors"]], [&json!("MERGED"), &json!([])]);
    walk::submit(&app, ONE).await;
    // The same merger can be recorded again, under the same name, and undone only once.
    merge(&app, &[TWO], into, "2026-03-01").await;
    let input = json!({ "succession": merged["id"], "expectedVersion": 2 });
    walk::refused(&administrator, "undoSuccession", input, "WRONG_STATE").await;
}

async fn what_has_worked_since_is_not_undone(app: TestApp) {
    let administrator = app.system_administrator().await;
    let merged = merge(&app, &[ONE], json!({ "name": "新单位", "category": "county" }), "2026-03-01").await;
    walk::submit(&app, "新单位").await;
    let input = json!({ "succession": merged["id"], "expectedVersion": 1 });
    walk::refused(&administrator, "undoSuccession", input, "WRONG_STATE").await;
    let stale = json!({ "succession": merged["id"], "expectedVersion": 7 });
    walk::refused(&administrator, "undoSuccession", stale, "VERSION_CONFLICT").await;
}

async fn a_change_that_cannot_be_is_refused(app: TestApp) {
    let administrator = app.system_administrator().await;
    walk::submit(&app, TWO).await;
    let (one, two) = (known(&administrator, &app, ONE).await, known(&administrator, &app, TWO).await);
    let elsewhere = app.found("fukang", crate::ladder::COUNTY).await.unit_id(crate::ladder::TOWN_UNIT).await;
    let itself = json!({ "unit": one["unit"] });
    let new = json!({ "name": "新单位", "category": "county" });
    for (units, into, day, code, field) in [
        (json!([one]), itself, "2026-03-01", "INVALID", "into"),
        (json!([one]), json!({ "unit": elsewhere }), "2026-03-01", "INVALID", "into"),
        (json!([one]), json!({ "name": "新单位" }), "2026-03-01", "INVALID", "into"),
        (json!([one]), json!({ "name": "新单位", "category": "moon" }), "2026-03-01", "INVALID", "category"),
        (json!([one]), json!({ "name": TWO, "category": "county" }), "2026-03-01", "ALREADY_EXISTS", "name"),
        (json!([one, one]), new.clone(), "2026-03-01", "INVALID", "units"),
        (json!([]), new.clone(), "2026-03-01", "INVALID", "units"),
        (json!([one]), new.clone(), "1999-01-01", "INVALID", "firstDay"),
        // It has handed in today.
        (json!([two]), new.clone(), "2026-03-02", "INVALID", "firstDay"),
    ] {
        let input = json!({ "units": units, "into": into, "firstDay": day });
        let error = walk::refused(&administrator, "mergeUnits", input, code).await;
        assert_eq!(error["field"], field, "{error}");
    }
    for (into, heir) in [(json!([new]), 0), (json!([new, { "unit": two["unit"] }]), 2)] {
        let input = walk::merged(one.clone(), json!({ "into": into, "heir": heir, "firstDay": "2026-03-01" }));
        walk::refused(&administrator, "splitUnit", input, "INVALID").await;
    }
    let twice = json!([{ "unit": two["unit"] }, { "unit": two["unit"] }]);
    let input = walk::merged(one, json!({ "into": twice, "firstDay": "2026-03-01" }));
    walk::refused(&administrator, "splitUnit", input, "INVALID").await;
}

async fn only_system_administrators_change_units(app: TestApp) {
    let chief = app.chief_editor().await;
    let unit = known(&chief, &app, ONE).await;
    let input = walk::merged(unit.clone(), json!({ "name": "别名", "firstDay": "2026-03-01" }));
    walk::refused(&chief, "renameUnit", input, "FORBIDDEN").await;
    let input = walk::merged(unit, json!({ "lastDay": "2026-03-01" }));
    walk::refused(&chief, "closeUnit", input, "FORBIDDEN").await;
}
