//! An office at work: one object of each kind, brought about through the API.

use entity::appeal::{self, AppealState};
use entity::role_grant::Role;
use entity::{circular, rulebook_version, settlement, settlement_line, talk};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::office::{Office, Place, global};
use tests::walk;

/// The unit whose work the cases look at.
pub(super) const UNIT: &str = "阜康市";
/// Another unit of the same network.
pub(super) const OTHER_UNIT: &str = "昌吉市";
/// The code of the other network.
pub(super) const ELSEWHERE: &str = "huolinguole";
/// A unit of the other network.
pub(super) const UNIT_ELSEWHERE: &str = "珠斯花街道";
/// The rulebook from which it is founded.
pub(super) const RULEBOOK_ELSEWHERE: &str = include_str!("../../../analytics/rulebooks/field/huolinguole-2018.toml");

/// The day on which everything happens.
pub(super) const TODAY: &str = "2026-03-02";

/// What differs between the offices.
pub(super) struct Customs {
    /// A unit.
    pub(super) unit: &'static str,
    /// A kind of item.
    pub(super) kind: &'static str,
    /// An own publication without classes.
    pub(super) publication: &'static str,
    /// A level to send up to.
    pub(super) level: &'static str,
}

/// The customs of the home network.
pub(super) const HOME: Customs = Customs { unit: UNIT, kind: "dynamic", publication: "general", level: "region" };
/// The customs of the other network.
pub(super) const AWAY: Customs =
    Customs { unit: UNIT_ELSEWHERE, kind: "general", publication: "wechat", level: "region" };

/// The global ids of one object of each kind, each with the name of its type.
pub(super) struct World(Vec<(&'static str, String)>);

impl World {
    /// Every object.
    pub(super) fn objects(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(kind, id)| (*kind, id.as_str()))
    }

    /// The first object of a kind.
    pub(super) fn id(&self, kind: &str) -> &str {
        let found = self.objects().find(|(known, _)| *known == kind);
        found.unwrap_or_else(|| panic!("the world has no {kind}")).1
    }

    fn add(&mut self, kind: &'static str, id: &Value) {
        let id = id.as_str().unwrap_or_else(|| panic!("a {kind} has no id"));
        self.0.push((kind, id.to_owned()));
    }
}

/// The network beside the home network.
pub(super) async fn found_elsewhere(app: &TestApp) -> Office {
    app.found(ELSEWHERE, RULEBOOK_ELSEWHERE).await
}

/// Puts an office to work: something of every kind, finished and unfinished.
pub(super) async fn work(office: &Office, customs: &Customs) -> World {
    let (officer, leader) = (office.officer(customs.unit).await, office.leader(customs.unit).await);
    let (editor, chief) = (office.editor().await, office.chief_editor().await);
    let mut world = World(Vec::new());
    world.add("Network", &office.network_id().into());
    world.add("Consumer", &office.consumer_id().await.into());
    world.add("Unit", &office.unit_id(customs.unit).await.into());
    world.add("Publication", &office.publication_id(customs.publication).await.into());
    let person = editor.gql("{ viewer { person { id } } }", json!({})).await;
    world.add("Person", &person["viewer"]["person"]["id"]);

    let mut content = walk::content();
    content["kind"] = customs.kind.into();
    content["topic"] = Value::Null;
    let submission = walk::draft(&officer, office, customs.unit, content.clone()).await;
    let submission = walk::step(&leader, "signSubmission", &submission).await;
    let submission = walk::step(&officer, "submitSubmission", &submission).await;
    let submission = walk::step(&editor, "receiveSubmission", &submission).await;
    let issue = walk::issue(&editor, office, customs.publication, TODAY).await;
    let adopted = walk::adopt(&editor, &submission, &issue, None).await;
    let sending = walk::on(
        &adopted["submission"],
        json!({ "publication": world.id("Publication"), "toLevel": customs.level, "sentOn": TODAY }),
    );
    let sent =
        walk::act(&editor, "sendUpSubmission", &format!("sendingUp {{ id }} {}", walk::SUBMISSION), sending).await;
    let endorsing = walk::on(
        &sent["submission"],
        json!({ "leader": "张市长", "level": "prefecture", "text": "请阅处", "endorsedOn": TODAY }),
    );
    let endorsed = walk::act(&editor, "endorseSubmission", "endorsement { id }", endorsing).await;
    let issue = walk::act(&chief, "approveIssue", "issue { id version }", issue_act(&issue)).await["issue"].take();
    let issue = walk::act(&chief, "publishIssue", "issue { id version }", issue_act(&issue)).await["issue"].take();
    let kept = json!({ "submission": submission["id"], "comment": "数据扎实" });
    let kept = walk::act(&editor, "addToLibrary", "item { id }", kept).await;
    world.add("LibraryItem", &kept["item"]["id"]);
    world.add("Submission", &submission["id"]);
    world.add("Adoption", &adopted["adoption"]["id"]);
    world.add("SendingUp", &sent["sendingUp"]["id"]);
    world.add("Endorsement", &endorsed["endorsement"]["id"]);
    world.add("Issue", &issue["id"]);
    world.add("Submission", &walk::draft(&officer, office, customs.unit, content).await["id"]);
    world.add("Issue", &walk::issue(&editor, office, customs.publication, TODAY).await["id"]);
    record(office, customs, &editor, &mut world).await;
    let period = json!({ "network": office.network_id(), "period": "2026-02" });
    let closed = walk::act(&chief, "closePeriod", "closing { id }", period.clone()).await;
    world.add("Closing", &closed["closing"]["id"]);
    let circular = walk::act(&chief, "publishCircular", "circular { id }", period).await;
    world.add("Circular", &circular["circular"]["id"]);
    appeal(office, customs, &mut world).await;
    settlement(office, customs, &mut world).await;
    told(office, &chief, &mut world).await;
    world
}

/// Who is told about units, and what was told.
async fn told(office: &Office, chief: &Client, world: &mut World) {
    let input = json!({ "network": office.network_id(), "person": world.id("Person"), "post": "HEAD" });
    let made = walk::act(chief, "setCharge", "charge { id }", input).await;
    world.add("Charge", &made["charge"]["id"]);
    let recipient = office.holder(Role::Editor, Place::Network(office.network())).await;
    let (run, notice) = office.told("2026-02", recipient).await;
    world.add("NoticeRun", &global("NoticeRun", run).into());
    world.add("Notice", &global("Notice", notice).into());
}

/// What the office asks for and records.
async fn record(office: &Office, customs: &Customs, editor: &Client, world: &mut World) {
    let commission = walk::commission(editor, office, &[customs.unit], "2026-03-06T18:00:00+08:00").await;
    world.add("Commission", &commission["id"]);
    world.add("CommissionAssignment", &walk::assignment(&commission, customs.unit)["id"]);
    let input = json!({ "network": office.network_id(), "unit": world.id("Unit"), "text": "用工紧张" });
    let made = walk::act(editor, "createLead", "lead { id }", input).await;
    world.add("Lead", &made["lead"]["id"]);
    let input = json!({ "network": office.network_id(), "period": "2026-03", "points": [{ "topic": "春耕" }] });
    let made = walk::act(editor, "publishKeyPoints", "keyPoints { id points { id } }", input).await;
    world.add("KeyPointList", &made["keyPoints"]["id"]);
    world.add("KeyPoint", &made["keyPoints"]["points"][0]["id"]);
    let here = json!({ "network": office.network_id(), "unit": world.id("Unit") });
    let with = |more: Value| walk::merged(here.clone(), more);
    let input = with(json!({ "kind": "LATE", "evidence": "值班记录", "occurredOn": TODAY }));
    let made = walk::act(editor, "recordIncident", "incident { id }", input).await;
    world.add("Incident", &made["incident"]["id"]);
    let input = with(json!({ "kind": "SESSION", "title": "信息业务培训", "heldOn": TODAY, "attendees": 30 }));
    let made = walk::act(editor, "recordTraining", "training { id }", input).await;
    world.add("Training", &made["training"]["id"]);
    let input = with(json!({ "name": "王信息", "duty": "FULL_TIME", "firstDay": TODAY }));
    let made = walk::act(editor, "recordStaffing", "staffing { id }", input).await;
    world.add("Staffing", &made["staffing"]["id"]);

    let input = json!({
        "network": office.network_id(), "owner": world.id("Unit"), "title": "道路塌方", "place": "城区",
        "occurredAt": "2026-03-02T08:00:00+08:00",
    });
    let made = walk::act(editor, "openUrgentEvent", "event { id }", input).await;
    world.add("UrgentEvent", &made["event"]["id"]);

    let network = json!({ "id": office.network_id() });
    let query = "query($id: ID!) { node(id: $id) { ... on Network { rulebook { id text } } } }";
    let rulebook = editor.gql(query, network).await["node"]["rulebook"].take();
    world.add("RulebookVersion", &rulebook["id"]);
    let text = later(rulebook["text"].as_str().expect("a rulebook has a text"));
    let input = json!({ "network": office.network_id(), "text": text });
    let drafted = walk::act(editor, "draftRulebook", "rulebook { id }", input).await;
    world.add("RulebookVersion", &drafted["rulebook"]["id"]);
}

/// A pending appeal, written as a row: what a line is about differs from office to office.
async fn appeal(office: &Office, customs: &Customs, world: &mut World) {
    let unit = office.unit(customs.unit).await;
    let rulebook = rulebook_version::Entity::find().filter(rulebook_version::Column::NetworkId.eq(office.network()));
    let rulebook = rulebook.one(office.writer()).await.expect("rulebooks can be read").expect("there is one");
    let row = appeal::ActiveModel {
        id: NotSet,
        network_id: Set(office.network()),
        unit_id: Set(unit),
        line: Set("accuracy@incident:1".to_owned()),
        line_day: Set(TODAY.parse().expect("today is a day")),
        rulebook_id: Set(rulebook.id),
        rule: Set("accuracy".to_owned()),
        clause: Set(String::new()),
        title: Set("内容不实".to_owned()),
        submission_id: Set(None),
        points: Set(-1_000_000),
        money: Set(0),
        reason: Set("数据来源有据".to_owned()),
        state: Set(AppealState::Pending),
        raised_by: Set(office.holder(Role::UnitLeader, Place::Unit(unit)).await),
        raised_at: Set(office.now()),
        decided_by: Set(None),
        decided_at: Set(None),
        decision: Set(None),
        counts_on: Set(None),
        version: Set(1),
    };
    let id = appeal::Entity::insert(row).exec(office.writer()).await.expect("the line is free").last_insert_id;
    world.add("Appeal", &global("Appeal", id.0).into());
}

/// An approved settlement with a line, and a talk, written as rows: what is due differs from office to office.
async fn settlement(office: &Office, customs: &Customs, world: &mut World) {
    let unit = office.unit(customs.unit).await;
    let circular = circular::Entity::find().filter(circular::Column::NetworkId.eq(office.network()));
    let circular = circular.one(office.writer()).await.expect("circulars can be read").expect("there is one");
    let rulebook = rulebook_version::Entity::find().filter(rulebook_version::Column::NetworkId.eq(office.network()));
    let rulebook = rulebook.one(office.writer()).await.expect("rulebooks can be read").expect("there is one");
    let editor = office.holder(Role::Editor, Place::Network(office.network())).await;
    let row = settlement::ActiveModel {
        id: NotSet,
        network_id: Set(office.network()),
        period: Set(circular.period),
        first_day: Set(circular.first_day),
        last_day: Set(circular.last_day),
        number: Set(1),
        kind: Set(settlement::SettlementKind::Payment),
        state: Set(settlement::SettlementState::Approved),
        circular_id: Set(circular.id),
        reverses_id: Set(None),
        total: Set(100_000),
        reason: Set(None),
        drafted_by: Set(editor),
        drafted_at: Set(office.now()),
        approved_by: Set(None),
        approved_at: Set(None),
        approval: Set(Some(1)),
        draft_of: Set(None),
        version: Set(1),
    };
    let id = settlement::Entity::insert(row).exec(office.writer()).await.expect("the number is free").last_insert_id;
    world.add("AwardSettlement", &global("AwardSettlement", id.0).into());
    let line = settlement_line::ActiveModel {
        id: NotSet,
        network_id: Set(office.network()),
        settlement_id: Set(id),
        position: Set(1),
        key: Set("reward@adoption:1".to_owned()),
        kind: Set(settlement_line::SettlementLineKind::Reward),
        award: Set("reward".to_owned()),
        rulebook_id: Set(rulebook.id),
        clause: Set(String::new()),
        title: Set("采用奖励".to_owned()),
        category: Set(None),
        unit_id: Set(unit),
        unit_name: Set(customs.unit.to_owned()),
        submission_id: Set(None),
        person_id: Set(None),
        person_name: Set(Some("王信息".to_owned())),
        editor: Set(None),
        share: Set(None),
        rank: Set(None),
        points: Set(None),
        day: Set(circular.last_day),
        due: Set(100_000),
        paid_before: Set(0),
        amount: Set(100_000),
        outcome: Set(settlement_line::SettlementOutcome::Earned),
        tie: Set(None),
        reason: Set("采用奖励".to_owned()),
        bars: Set("[]".to_owned()),
    };
    let called = talk::ActiveModel {
        id: NotSet,
        network_id: Set(office.network()),
        unit_id: Set(unit),
        period: Set("2026-02".to_owned()),
        circular_id: Set(circular.id),
        reasons: Set("[]".to_owned()),
        state: Set(talk::TalkState::Called),
        called_by: Set(editor),
        called_at: Set(office.now()),
        held_on: Set(None),
        participants: Set(None),
        measures: Set(None),
        follow_up_due: Set(None),
        result: Set(None),
        recorded_by: Set(None),
        recorded_at: Set(None),
        version: Set(1),
    };
    let called = talk::Entity::insert(called).exec(office.writer()).await.expect("a talk can be stored");
    world.add("Talk", &global("Talk", called.last_insert_id.0).into());
    let id = settlement_line::Entity::insert(line).exec(office.writer()).await.expect("a line can be stored");
    world.add("SettlementLine", &global("SettlementLine", id.last_insert_id.0).into());
}

/// The same rules, in force from next year on.
pub(super) fn later(rulebook: &str) -> String {
    let line = |line: &str| {
        if line.starts_with("effective_from") { "effective_from = 2027-01-01".to_owned() } else { line.to_owned() }
    };
    rulebook.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The input of an act on an issue as it was last seen.
pub(super) fn issue_act(issue: &Value) -> Value {
    json!({ "issue": issue["id"], "expectedVersion": issue["version"] })
}
