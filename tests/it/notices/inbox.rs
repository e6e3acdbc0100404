//! What a person reads in the application: the same texts, and a count of those unread.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::walk;

use super::{adopted, baotou, pass, runs, texts};

tests::cases![a_head_is_told_at_once_of_what_the_state_council_adopts, a_day_is_told_to_those_who_wrote,];

async fn inbox(client: &Client, unread_only: bool) -> Value {
    let query = "query($unread: Boolean!) { viewer { inbox(first: 50, unreadOnly: $unread) {
        unreadCount notices { totalCount nodes { id text readAt channel state } }
    } } }";
    client.gql(query, json!({ "unread": unread_only })).await["viewer"]["inbox"].take()
}

async fn a_head_is_told_at_once_of_what_the_state_council_adopts(app: TestApp) {
    // At night, when no reminder goes out.
    let office = baotou(&app, "2026-03-02T22:30:00+08:00").await;
    let (leader, editor) = (office.leader("青山区").await, office.editor().await);
    let row = office.submission("青山区").await.kind("problem").submitted_on("2026-02-27").insert().await;
    office.adoption(&row, "state").await.on("2026-03-02").insert().await;
    pass(&app).await;
    pass(&app).await;
    let told = inbox(&leader, false).await;
    assert_eq!((&told["unreadCount"], &told["notices"]["totalCount"]), (&json!(1), &json!(1)));
    let notice = told["notices"]["nodes"][0].clone();
    assert_eq!(
        notice["text"],
        "【包头市政府办公室】青山区：你单位报送的《春耕备耕有序推进》被国务院办公厅信息刊物采用，特此告知，请主要领导阅批。"
    );
    assert_eq!(
        (&notice["channel"], &notice["state"], &notice["readAt"]),
        (&json!("INBOX"), &json!("DELIVERED"), &Value::Null)
    );
    let run = runs(&office, ", rule: \"adoption.state\"").await.remove(0);
    assert_eq!(texts(&run, "SMS").remove(0).1, text(&notice["text"]), "the same words by text message");

    // Nobody reads it in another person's place.
    let reading = json!({ "notices": [notice["id"]] });
    walk::refused(&editor, "markRead", reading.clone(), "NOT_FOUND").await;
    let read = walk::act(&leader, "markRead", "marked inbox { unreadCount }", reading.clone()).await;
    assert_eq!((&read["marked"], &read["inbox"]["unreadCount"]), (&json!(1), &json!(0)));
    assert_eq!(walk::act(&leader, "markRead", "marked", reading).await["marked"], 0);
    assert_eq!(inbox(&leader, true).await["notices"]["nodes"], json!([]));
    assert_eq!(inbox(&leader, false).await["notices"]["nodes"][0]["readAt"], "2026-03-02T14:30:00+00:00");
}

async fn a_day_is_told_to_those_who_wrote(app: TestApp) {
    // A Friday; its feedback comes on Monday morning.
    let office = baotou(&app, "2026-03-06T10:00:00+08:00").await;
    office.officer("青山区").await;
    office.officer("东河区").await;
    adopted(&office, "青山区", "2026-03-06", 4).await;
    app.set_clock("2026-03-09T08:59:00+08:00");
    pass(&app).await;
    assert_eq!(inbox(&office.officer("青山区").await, false).await["unreadCount"], 0);
    app.set_clock("2026-03-09T09:00:00+08:00");
    pass(&app).await;
    let told = inbox(&office.officer("青山区").await, true).await;
    assert_eq!(told["notices"]["totalCount"], 1);
    assert_eq!(
        told["notices"]["nodes"][0]["text"],
        "青山区3月6日报送信息反馈：采用4条，退回0条，未采用0条。《春耕备耕有序推进》《春耕备耕有序推进》《春耕备耕有序推进》等"
    );
    assert_eq!(inbox(&office.officer("东河区").await, false).await["unreadCount"], 0, "nothing of theirs was decided");
    // All of it at once.
    let read = walk::act(&office.officer("青山区").await, "markRead", "marked", json!({})).await;
    assert_eq!(read["marked"], 1);
}
