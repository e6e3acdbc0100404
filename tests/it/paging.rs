//! Lists in pages: bounded, the same in both directions, and undisturbed by what happens in between.

use entity::submission;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;

tests::cases![
    a_page_has_a_size_from_one_to_a_hundred,
    forwards_and_backwards_show_the_same_rows,
    the_ends_of_a_list_are_known,
    rows_that_come_in_between_disturb_nothing,
    a_cursor_outlives_its_row,
    equal_sort_values_are_told_apart,
    a_cursor_of_another_list_is_refused,
    a_filter_counts_what_it_lets_through,
    a_ledger_is_paged_like_a_list,
];

const UNIT: &str = "阜康市";
const PARAMETERS: &str = "$network: ID!, $first: Int, $after: String, $last: Int, $before: String";
const PAGE: &str = "first: $first, after: $after, last: $last, before: $before";
const ROWS: &str = "totalCount edges { cursor node { id } } \
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

/// A list of one network, in an order.
struct List<'a> {
    client: &'a Client,
    network: String,
    field: &'static str,
    order: &'static str,
}

impl List<'_> {
    fn query(&self) -> String {
        let Self { field, order, .. } = self;
        format!("query({PARAMETERS}) {{ {field}(network: $network, orderBy: {order}, {PAGE}) {{ {ROWS} }} }}")
    }

    fn variables(&self, mut page: Value) -> Value {
        page["network"] = self.network.as_str().into();
        page
    }

    async fn page(&self, page: Value) -> Value {
        self.client.gql(&self.query(), self.variables(page)).await[self.field].take()
    }

    async fn refused(&self, page: Value, field: &str) {
        let error = self.client.expect_code(&self.query(), self.variables(page), "INVALID").await;
        assert_eq!(error["extensions"]["field"], field, "{error}");
    }

    async fn forwards(&self, size: usize) -> Vec<String> {
        let (mut ids, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.page(json!({ "first": size, "after": after })).await;
            ids.extend(rows(&page));
            if page["pageInfo"]["hasNextPage"] == false {
                return ids;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    async fn backwards(&self, size: usize) -> Vec<String> {
        let (mut ids, mut before) = (Vec::new(), Value::Null);
        loop {
            let page = self.page(json!({ "last": size, "before": before })).await;
            let mut shown = rows(&page);
            shown.append(&mut ids);
            ids = shown;
            if page["pageInfo"]["hasPreviousPage"] == false {
                return ids;
            }
            before = page["pageInfo"]["startCursor"].clone();
        }
    }
}

fn rows(page: &Value) -> Vec<String> {
    let edges = page["edges"].as_array().expect("a page has edges");
    edges.iter().filter_map(|edge| edge["node"]["id"].as_str()).map(str::to_owned).collect()
}

fn list<'a>(app: &TestApp, client: &'a Client, field: &'static str, order: &'static str) -> List<'a> {
    List { client, network: app.network_id(), field, order }
}

async fn a_page_has_a_size_from_one_to_a_hundred(app: TestApp) {
    let editor = app.editor().await;
    let units = list(&app, &editor, "units", "POSITION");
    units.refused(json!({}), "first").await;
    units.refused(json!({ "first": 1, "last": 1 }), "first").await;
    for size in [0, -1, 101] {
        units.refused(json!({ "first": size }), "first").await;
        units.refused(json!({ "last": size }), "last").await;
    }
    assert_eq!(rows(&units.page(json!({ "first": 1 })).await).len(), 1);
    assert_eq!(rows(&units.page(json!({ "last": 100 })).await).len(), 75);
}

async fn forwards_and_backwards_show_the_same_rows(app: TestApp) {
    let editor = app.editor().await;
    for order in ["POSITION", "NAME"] {
        let units = list(&app, &editor, "units", order);
        let whole = units.forwards(100).await;
        assert_eq!(whole.len(), 75);
        for size in [1, 7, 74, 75] {
            assert_eq!(units.forwards(size).await, whole, "{order} forwards by {size}");
            assert_eq!(units.backwards(size).await, whole, "{order} backwards by {size}");
        }
    }
}

async fn the_ends_of_a_list_are_known(app: TestApp) {
    let editor = app.editor().await;
    let units = list(&app, &editor, "units", "POSITION");
    let page = units.page(json!({ "first": 75 })).await;
    assert_eq!(page["totalCount"], 75);
    assert_eq!(page["pageInfo"]["hasNextPage"], false);
    assert_eq!(page["pageInfo"]["hasPreviousPage"], false);
    let page = units.page(json!({ "first": 74 })).await;
    assert_eq!(page["totalCount"], 75);
    assert_eq!(page["pageInfo"]["hasNextPage"], true);
    let rest = units.page(json!({ "first": 74, "after": page["pageInfo"]["endCursor"] })).await;
    assert_eq!(rows(&rest).len(), 1);
    assert_eq!(rest["pageInfo"]["hasPreviousPage"], true);
    let nothing = units.page(json!({ "first": 5, "after": rest["pageInfo"]["endCursor"] })).await;
    assert_eq!(rows(&nothing), Vec::<String>::new());
    assert_eq!(nothing["pageInfo"]["endCursor"], Value::Null);
    let between = json!({ "first": 100, "after": page["edges"][3]["cursor"], "before": page["edges"][6]["cursor"] });
    assert_eq!(rows(&units.page(between).await), rows(&page)[4..6]);
}

async fn rows_that_come_in_between_disturb_nothing(app: TestApp) {
    let editor = app.editor().await;
    let item = app.submission(UNIT).await.submitted_on("2026-03-02");
    item.clone().insert_many(10).await;
    for order in ["NEWEST", "OLDEST", "TITLE"] {
        let submissions = list(&app, &editor, "submissions", order);
        let before = submissions.forwards(100).await;
        let first = submissions.page(json!({ "first": 4 })).await;
        item.clone().insert_many(1).await;
        let rest = submissions.page(json!({ "first": 100, "after": first["pageInfo"]["endCursor"] })).await;
        let mut seen = rows(&first);
        seen.extend(rows(&rest));
        // Whatever was there is seen once; the newcomer is seen where it belongs.
        let known: Vec<String> = seen.iter().filter(|id| before.contains(id)).cloned().collect();
        assert_eq!(known, before, "{order}");
        assert_eq!(seen.len() - known.len(), usize::from(order != "NEWEST"), "{order}");
        assert_eq!(rest["totalCount"].as_u64(), u64::try_from(before.len() + 1).ok());
    }
}

async fn a_cursor_outlives_its_row(app: TestApp) {
    let editor = app.editor().await;
    app.submission(UNIT).await.submitted_on("2026-03-02").insert_many(3).await;
    let last = app.submission(UNIT).await.submitted_on("2026-03-02").insert().await;
    let submissions = list(&app, &editor, "submissions", "NEWEST");
    let whole = submissions.forwards(100).await;
    let first = submissions.page(json!({ "first": 1 })).await;
    entity::submission_author::Entity::delete_many().exec(app.writer()).await.expect("writers can be removed");
    submission::Entity::delete_by_id(last.id).exec(app.writer()).await.expect("a submission can be removed");
    let rest = submissions.page(json!({ "first": 100, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(rows(&rest), whole[1..]);
}

async fn equal_sort_values_are_told_apart(app: TestApp) {
    let editor = app.editor().await;
    let item = app.submission(UNIT).await.submitted_on("2026-03-02");
    for title in ["春耕", "秋收", "春耕", "冬藏", "春耕"] {
        item.clone().title(title).insert_many(2).await;
    }
    let submissions = list(&app, &editor, "submissions", "TITLE");
    let whole = submissions.forwards(100).await;
    assert_eq!(whole.len(), 10);
    for size in [1, 3] {
        assert_eq!(submissions.forwards(size).await, whole);
        assert_eq!(submissions.backwards(size).await, whole);
    }
}

async fn a_cursor_of_another_list_is_refused(app: TestApp) {
    let editor = app.editor().await;
    app.submission(UNIT).await.submitted_on("2026-03-02").insert_many(3).await;
    let by_position = list(&app, &editor, "units", "POSITION");
    let by_name = list(&app, &editor, "units", "NAME");
    let submissions = list(&app, &editor, "submissions", "NEWEST");
    let cursor = |page: Value| page["pageInfo"]["endCursor"].clone();
    let foreign = [
        json!("garbage"),
        json!(""),
        cursor(by_name.page(json!({ "first": 3 })).await),
        cursor(submissions.page(json!({ "first": 3 })).await),
    ];
    for cursor in foreign {
        by_position.refused(json!({ "first": 3, "after": cursor }), "after").await;
        by_position.refused(json!({ "last": 3, "before": cursor }), "before").await;
    }
    let own = cursor(by_position.page(json!({ "first": 3 })).await);
    submissions.refused(json!({ "first": 3, "after": own }), "after").await;
}

async fn a_filter_counts_what_it_lets_through(app: TestApp) {
    let editor = app.editor().await;
    let query = "query($network: ID!, $where: UnitWhere) {
        units(network: $network, where: $where, first: 2) { totalCount nodes { name } } }";
    for (filter, count) in [
        (json!({ "category": "county" }), 7),
        (json!({ "nameContains": "昌吉" }), 6),
        (json!({ "isDirectReport": true }), 0),
        (json!({ "category": "county", "nameContains": "昌吉" }), 1),
        (json!({ "category": "no_such_category" }), 0),
    ] {
        let page = editor.gql(query, json!({ "network": app.network_id(), "where": filter })).await;
        assert_eq!(page["units"]["totalCount"], count, "{filter}");
    }
    let uncounted = editor
        .gql(
            "query($network: ID!) { units(network: $network, first: 2) { nodes { id } } }",
            json!({ "network": app.network_id() }),
        )
        .await;
    assert_eq!(uncounted["units"]["nodes"].as_array().map(Vec::len), Some(2));
}

async fn a_ledger_is_paged_like_a_list(app: TestApp) {
    for day in ["2026-01-05", "2026-01-06", "2026-01-07", "2026-02-02", "2026-02-03"] {
        let item = app.submission(UNIT).await.submitted_on(day).insert().await;
        app.adoption(&item, "general").await.on(day).insert().await;
    }
    let editor = app.editor().await;
    let query = format!(
        "query({PARAMETERS}, $unit: ID!) {{ scoreLedger(network: $network, unit: $unit, \
         period: {{ from: \"2026-01\", to: \"2026-02\" }}, {PAGE}) {{ {ROWS} }} }}"
    );
    let ask = async |page: Value| {
        let mut variables = page;
        variables["network"] = app.network_id().into();
        variables["unit"] = app.unit_id(UNIT).await.into();
        editor.gql(&query, variables).await["scoreLedger"].take()
    };
    let whole = ask(json!({ "first": 100 })).await;
    assert_eq!(whole["totalCount"].as_u64(), u64::try_from(rows(&whole).len()).ok());
    assert!(rows(&whole).len() >= 5, "{whole}");
    let (mut forwards, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = ask(json!({ "first": 2, "after": after })).await;
        forwards.extend(rows(&page));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(forwards, rows(&whole));
    assert_eq!(rows(&ask(json!({ "last": 2 })).await), rows(&whole)[rows(&whole).len() - 2..]);
}
