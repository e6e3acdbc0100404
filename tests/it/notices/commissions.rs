//! Reminders of commissions: three days before, one day before, at the time, and then to the leader; each once.

use serde_json::Value;
use tests::app::TestApp;
use tests::figures::text;
use tests::office::Office;
use tests::walk;

use super::{baotou, pass, runs, texts};

tests::cases![
    reminders_come_in_time_and_each_once,
    after_downtime_only_what_still_helps_is_told,
    who_has_answered_is_not_reminded,
];

/// The runs about commissions as `rule state`, oldest first.
async fn told(office: &Office) -> Vec<String> {
    let mut found = runs(office, "").await;
    found.reverse();
    let about = found.iter().filter(|run| text(&run["rule"]).starts_with("commission."));
    about.map(|run| format!("{} {}", text(&run["rule"]), text(&run["state"]))).collect()
}

async fn the_text(office: &Office, rule: &str) -> String {
    let run: Value = runs(office, &format!(", rule: \"{rule}\"")).await.remove(0);
    texts(&run, "SMS").remove(0).1
}

async fn reminders_come_in_time_and_each_once(app: TestApp) {
    let office = baotou(&app, "2026-03-02T10:00:00+08:00").await;
    let editor = office.editor().await;
    office.section_chief("青山区").await;
    office.leader("青山区").await;
    walk::commission(&editor, &office, &["青山区"], "2026-03-20T18:00:00+08:00").await;
    for moment in [
        "2026-03-02T10:00:00+08:00",
        "2026-03-17T17:59:00+08:00",
        "2026-03-17T18:00:00+08:00",
        "2026-03-19T18:00:00+08:00",
        "2026-03-20T18:00:00+08:00",
        "2026-03-21T18:00:00+08:00",
        "2026-03-25T09:00:00+08:00",
    ] {
        app.set_clock(moment);
        pass(&app).await;
        pass(&app).await;
    }
    assert_eq!(
        told(&office).await,
        [
            "commission.issued RELEASED",
            "commission.three_days RELEASED",
            "commission.one_day RELEASED",
            "commission.due RELEASED",
            "commission.to_leader RELEASED",
        ]
    );
    assert_eq!(
        the_text(&office, "commission.three_days").await,
        "【包头市政府办公室】青山区：《一季度重点项目开工情况》约稿将于3月20日18:00到期，尚余3天，请按时报送。"
    );
    assert_eq!(
        the_text(&office, "commission.to_leader").await,
        "【包头市政府办公室】青山区：《一季度重点项目开工情况》约稿已逾期1天，至今未报，将按规定扣分，请主要领导督办。"
    );
}

async fn after_downtime_only_what_still_helps_is_told(app: TestApp) {
    let office = baotou(&app, "2026-03-02T10:00:00+08:00").await;
    let editor = office.editor().await;
    office.section_chief("青山区").await;
    office.leader("青山区").await;
    walk::commission(&editor, &office, &["青山区"], "2026-03-20T18:00:00+08:00").await;
    pass(&app).await;
    // Down from the first day until a few hours before the deadline.
    app.set_clock("2026-03-20T12:00:00+08:00");
    pass(&app).await;
    pass(&app).await;
    assert_eq!(
        told(&office).await,
        ["commission.issued RELEASED", "commission.three_days SKIPPED_LATE", "commission.one_day RELEASED"]
    );
    assert!(the_text(&office, "commission.one_day").await.contains("尚余6小时"));
    // A later deadline is reminded of again.
    let commission = commission(&office).await;
    let office_editor = office.editor().await;
    walk::extend(&office_editor, &commission, None, "2026-03-27T18:00:00+08:00").await;
    app.set_clock("2026-03-24T18:00:00+08:00");
    pass(&app).await;
    assert_eq!(told(&office).await.last().unwrap(), "commission.three_days RELEASED");
}

async fn commission(office: &Office) -> Value {
    let query = "query($network: ID!) { commissions(network: $network, first: 1) { nodes { id version } } }";
    let variables = serde_json::json!({ "network": office.network_id() });
    office.editor().await.gql(query, variables).await["commissions"]["nodes"][0].take()
}

async fn who_has_answered_is_not_reminded(app: TestApp) {
    let office = baotou(&app, "2026-03-02T10:00:00+08:00").await;
    let editor = office.editor().await;
    office.section_chief("青山区").await;
    let commission = walk::commission(&editor, &office, &["青山区"], "2026-03-20T18:00:00+08:00").await;
    walk::on_assignment(&editor, "excuseAssignment", walk::assignment(&commission, "青山区"), serde_json::json!({}))
        .await;
    app.set_clock("2026-03-21T18:00:00+08:00");
    pass(&app).await;
    assert!(told(&office).await.iter().all(|run| run.starts_with("commission.issued")), "{:?}", told(&office).await);
}
