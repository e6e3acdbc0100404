//! Every root field of `Subscription`, opened by everybody.

use std::time::Duration;

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::live::{Ended, Live, Socket};
use tokio::time::timeout;

use super::{Outcomes, root_fields};
use crate::authz::cast::{STRANGER, cast};
use crate::authz::world::{self, HOME, OTHER_UNIT, UNIT, World};

tests::cases![everybody_opens_every_feed];

const HEAD: &str = "\
What everybody gets who opens a subscription. \"open\" says that it stays open; what comes over it is checked against the
viewer's scope, one by one.
";

/// How long a refusal may take.
const REFUSED: Duration = Duration::from_millis(400);

/// A sample of each root field.
fn sample(field: &str, world: &World) -> Option<String> {
    let network = world.id("Network");
    Some(match field {
        "commissionChanged" | "submissionChanged" => format!("{field}(network: \"{network}\") {{ dataVersion }}"),
        "noticeStream" => format!("noticeStream(consumer: \"{}\") {{ __typename }}", world.id("Consumer")),
        "rankingChanged" => format!("rankingChanged(network: \"{network}\", period: \"2026-03\") {{ dataVersion }}"),
        _ => return None,
    })
}

/// What came of opening it.
async fn open(live: &Live, client: &Client, sample: &str) -> String {
    let mut socket = match client.token() {
        Some(token) => Socket::open(live.address, token).await.unwrap(),
        None => match Socket::open_without_token(live.address).await {
            Ok(socket) => socket,
            Err(ended) => return format!("{ended:?}"),
        },
    };
    socket.start("1", &format!("subscription {{ {sample} }}"), json!({})).await.unwrap();
    match timeout(REFUSED, socket.message()).await {
        Ok(Ok(message)) if message["type"] == "error" => code(&message),
        Ok(Ok(_)) | Err(_) => "open".to_owned(),
        Ok(Err(Ended::Closed(code))) => format!("closed with {code}"),
        Ok(Err(ended)) => format!("{ended:?}"),
    }
}

fn code(message: &Value) -> String {
    message["payload"][0]["extensions"]["code"].as_str().unwrap_or("an error without a code").to_owned()
}

async fn everybody_opens_every_feed(app: TestApp) {
    let elsewhere = world::found_elsewhere(&app).await;
    let world = world::work(&app, &HOME).await;
    let live = Live::start(app.state(), false).await;
    let mut outcomes = Outcomes::default();
    for caller in cast(&app, UNIT, OTHER_UNIT, &elsewhere).await {
        let client = caller.client(&app).await;
        for field in root_fields("Subscription") {
            let sample = sample(&field, &world).unwrap_or_else(|| {
                panic!("nobody says who may open `{field}`: add a sample of it to tests/it/authz/operations/feeds.rs")
            });
            let outcome = open(&live, &client, &sample).await;
            if caller.label == STRANGER {
                assert_ne!(outcome, "open", "a stranger opens {field}");
            }
            outcomes.note(&field, outcome, caller.label);
        }
    }
    expect![[r#"
        What everybody gets who opens a subscription. "open" says that it stays open; what comes over it is checked against the
        viewer's scope, one by one.

        commissionChanged
            NOT_FOUND          SMS worker, editor of another network
            UNAUTHENTICATED    stranger
            open               officer, section chief, unit leader, officer of another unit, editor, chief editor, city leader, city leader in charge of the unit, analyst, system administrator, security administrator, auditor

        noticeStream
            FORBIDDEN          editor, chief editor, system administrator
            NOT_FOUND          officer, section chief, unit leader, officer of another unit, city leader, city leader in charge of the unit, analyst, editor of another network, security administrator, auditor
            UNAUTHENTICATED    stranger
            open               SMS worker

        rankingChanged
            FORBIDDEN          system administrator, security administrator, auditor
            NOT_FOUND          SMS worker, editor of another network
            UNAUTHENTICATED    stranger
            open               officer, section chief, unit leader, officer of another unit, editor, chief editor, city leader, city leader in charge of the unit, analyst

        submissionChanged
            NOT_FOUND          SMS worker, editor of another network
            UNAUTHENTICATED    stranger
            open               officer, section chief, unit leader, officer of another unit, editor, chief editor, city leader, city leader in charge of the unit, analyst, system administrator, security administrator, auditor
    "#]]
    .assert_eq(&outcomes.print(HEAD));
}
