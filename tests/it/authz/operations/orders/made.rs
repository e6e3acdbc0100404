//! What the tries of mutations are made of: objects made for one try each.

use std::sync::atomic::{AtomicI64, Ordering};

use api::services;
use entity::circular;
use entity::commission_assignment::{self, AssignmentState};
use entity::consumer;
use entity::ids::PersonId;
use entity::notice;
use entity::notice_run::{self, RunState};
use entity::person;
use entity::role_grant::{self, Role};
use entity::settlement::{self, SettlementKind, SettlementState};
use entity::submission::SubmissionState;
use entity::talk::{self, TalkState};
use entity::{unit, unit_category};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use tests::builders;
use tests::office::{Place, global};
use tests::walk;

use super::Stage;
use crate::authz::world::{TODAY, UNIT, issue_act};

impl Stage<'_> {
    /// An input about what is told to whom; a run or a charge of its own for each try.
    pub(super) async fn about_notices(&self, mutation: &str) -> Option<Value> {
        let run = async |state: RunState| {
            let run = self.app.notice_run(&walk::key(), state).await;
            json!({ "run": global("NoticeRun", run), "expectedVersion": 1 })
        };
        let network = self.app.network_id();
        Some(match mutation {
            "draftNotices" => {
                self.forget_runs("month.result").await;
                json!({ "network": network, "rule": "month.result", "period": "2025-11" })
            }
            "approveNotices" => run(RunState::Draft).await,
            "releaseNotices" => run(RunState::Approved).await,
            "recallNotices" => walk::merged(run(RunState::Draft).await, json!({ "reason": "数据有误" })),
            "setCharge" => {
                json!({ "network": network, "person": global("Person", self.new_colleague().await), "post": "HEAD" })
            }
            "endCharge" => {
                let person = global("Person", self.new_colleague().await);
                let input = json!({ "network": network, "person": person, "post": "HEAD" });
                let made = walk::act(&self.chief, "setCharge", "charge { id version }", input).await;
                json!({ "charge": made["charge"]["id"], "expectedVersion": made["charge"]["version"] })
            }
            "importCalendar" => json!({ "csv": "day,working,sends_from,sends_until,note\n2026-10-01,no,,,国庆节\n" }),
            _ => return None,
        })
    }

    /// Takes the runs of a rule away, so that one can be drafted.
    async fn forget_runs(&self, rule: &str) {
        let runs = notice_run::Entity::find().filter(notice_run::Column::Rule.eq(rule));
        let runs = runs.all(self.app.writer()).await.expect("runs can be read");
        for run in runs {
            let told = notice::Entity::delete_many().filter(notice::Column::RunId.eq(run.id));
            told.exec(self.app.writer()).await.expect("nothing of a draft is under way");
            notice_run::Entity::delete_by_id(run.id).exec(self.app.writer()).await.expect("nothing refers to it");
        }
    }

    /// A submission that the office's editor has claimed.
    pub(super) async fn claimed_submission(&self) -> Value {
        let row = self.app.submission(UNIT).await.state(SubmissionState::Received).insert().await;
        let free = json!({ "id": global("Submission", row.id.0), "version": row.version });
        let editor = self.app.editor().await;
        walk::on(&walk::step(&editor, "claimSubmission", &free).await, json!({}))
    }

    pub(super) async fn received(&self, unit: &str) -> Value {
        let row = self.app.submission(unit).await.state(SubmissionState::Received).insert().await;
        json!({ "id": global("Submission", row.id.0), "version": row.version })
    }

    /// A unit that has never worked, as rows.
    pub(super) async fn idle_unit(&self) -> String {
        let day = builders::date("2026-01-01");
        let row = unit::ActiveModel {
            id: NotSet,
            network_id: Set(self.app.network()),
            name: Set(walk::key()),
            position: Set(1_000),
            direct_report: Set(false),
            opened_on: Set(day),
            closed_on: Set(None),
            version: Set(1),
        };
        let id = unit::Entity::insert(row).exec(self.app.writer()).await.expect("a unit can be stored").last_insert_id;
        let row = unit_category::ActiveModel {
            id: NotSet,
            network_id: Set(self.app.network()),
            unit_id: Set(id),
            category: Set("county".to_owned()),
            first_day: Set(day),
            last_day: Set(None),
        };
        unit_category::Entity::insert(row).exec(self.app.writer()).await.expect("a membership can be stored");
        global("Unit", id.0)
    }

    pub(super) async fn rulebook_draft(&self) -> Value {
        let input = json!({ "network": self.app.network_id(), "text": self.rulebook });
        let drafted = walk::act(&self.editor, "draftRulebook", "rulebook { id version }", input).await;
        json!({ "rulebook": drafted["rulebook"]["id"], "expectedVersion": drafted["rulebook"]["version"] })
    }

    /// A talk with the unit, as a row; each for a period of its own.
    pub(super) async fn talk(&self, state: TalkState) -> Value {
        let circular = circular::Entity::find().filter(circular::Column::NetworkId.eq(self.app.network()));
        let circular = circular.one(self.app.writer()).await.expect("circulars can be read").expect("there is one");
        let row = talk::ActiveModel {
            id: NotSet,
            network_id: Set(self.app.network()),
            unit_id: Set(self.app.unit(UNIT).await),
            period: Set(walk::key()),
            circular_id: Set(circular.id),
            reasons: Set("[]".to_owned()),
            state: Set(state),
            called_by: Set(self.app.holder(Role::Editor, Place::Network(self.app.network())).await),
            called_at: Set(self.app.now()),
            held_on: Set(None),
            participants: Set(None),
            measures: Set(None),
            follow_up_due: Set(None),
            result: Set(None),
            recorded_by: Set(None),
            recorded_at: Set(None),
            version: Set(1),
        };
        let id = talk::Entity::insert(row).exec(self.app.writer()).await.expect("the period is free").last_insert_id;
        json!({ "talk": global("Talk", id.0), "expectedVersion": 1 })
    }

    /// A settlement without lines, as a row.
    pub(super) async fn settlement(&self, state: SettlementState) -> Value {
        // Far apart: a settlement that is drafted for real takes the number after the largest.
        static NEXT: AtomicI64 = AtomicI64::new(1_000);
        let number = NEXT.fetch_add(1_000, Ordering::Relaxed);
        let circular = circular::Entity::find().filter(circular::Column::NetworkId.eq(self.app.network()));
        let circular = circular.one(self.app.writer()).await.expect("circulars can be read").expect("there is one");
        let drafter = self.app.holder(Role::Editor, Place::Network(self.app.network())).await;
        let approved = state == SettlementState::Approved;
        let row = settlement::ActiveModel {
            id: NotSet,
            network_id: Set(self.app.network()),
            period: Set(circular.period),
            first_day: Set(circular.first_day),
            last_day: Set(circular.last_day),
            number: Set(number),
            kind: Set(SettlementKind::Payment),
            state: Set(state),
            circular_id: Set(circular.id),
            reverses_id: Set(None),
            total: Set(0),
            reason: Set(None),
            drafted_by: Set(drafter),
            drafted_at: Set(self.app.now()),
            approved_by: Set(None),
            approved_at: Set(None),
            approval: Set(approved.then_some(1_000 * number)),
            draft_of: Set(None),
            version: Set(1),
        };
        let id =
            settlement::Entity::insert(row).exec(self.app.writer()).await.expect("the number is free").last_insert_id;
        json!({ "settlement": global("AwardSettlement", id.0), "expectedVersion": 1 })
    }

    /// A direct-report point in the subtree of nobody.
    pub(super) async fn direct_report_point(&self) -> Value {
        let point = json!({
            "network": self.app.network_id(), "name": walk::key(), "category": "key_department", "isDirectReport": true,
            "openedOn": TODAY,
        });
        let administrator = self.app.system_administrator().await;
        walk::act(&administrator, "createUnit", "unit { id }", point).await["unit"]["id"].take()
    }

    pub(super) async fn urgent_act(&self) -> Value {
        let opened = walk::open_urgent(&self.editor, self.app, UNIT, "2026-03-02T08:00:00+08:00").await;
        json!({ "event": opened["id"], "expectedVersion": opened["version"] })
    }

    /// Makes the unit's officer its contact for urgent information, once.
    pub(super) async fn designate(&self) {
        let seen = "query($network: ID!, $unit: ID!) { staffing(network: $network, unit: $unit, first: 100) { nodes { duty } } }";
        let about = json!({ "network": self.app.network_id(), "unit": self.app.unit_id(UNIT).await });
        let known = self.editor.gql(seen, about).await["staffing"]["nodes"].take();
        if !known.as_array().is_some_and(|all| all.iter().any(|one| one["duty"] == "URGENT_CONTACT")) {
            walk::designate(self.app, UNIT, TODAY).await;
        }
    }

    /// An open issue with one item.
    pub(super) async fn compiled_issue(&self) -> Value {
        let issue = self.new_issue().await;
        let row = self.app.submission(UNIT).await.state(SubmissionState::Received).insert().await;
        let received = json!({ "id": global("Submission", row.id.0), "version": row.version });
        let adopted = walk::adopt(&self.app.editor().await, &received, &issue, None).await;
        walk::merged(issue_act(&issue), json!({ "adoptions": [adopted["adoption"]["id"]] }))
    }

    /// Two submissions to make one of.
    pub(super) async fn parts(&self) -> Value {
        let mut parts = Vec::new();
        for _ in 0..2 {
            let row = self.app.submission(UNIT).await.state(SubmissionState::Received).insert().await;
            parts.push(json!({ "submission": global("Submission", row.id.0), "expectedVersion": row.version }));
        }
        let content = json!({ "kind": "dynamic", "title": "综合", "body": "综合情况。" });
        json!({ "parts": parts, "content": content })
    }

    /// A leader's instruction that nothing has become of yet.
    pub(super) async fn endorsement(&self) -> Value {
        let row = self.app.submission(UNIT).await.state(SubmissionState::Adopted).insert().await;
        let adopted = json!({ "id": global("Submission", row.id.0), "version": row.version });
        let text = json!({ "leader": "张市长", "level": "prefecture", "text": "请阅处", "endorsedOn": TODAY });
        let editor = self.app.editor().await;
        let made =
            walk::act(&editor, "endorseSubmission", "endorsement { id version }", walk::on(&adopted, text)).await;
        let made = &made["endorsement"];
        json!({ "endorsement": made["id"], "expectedVersion": made["version"], "text": "已落实" })
    }

    /// An endorsement that stands, with the submission as it is after it.
    pub(super) async fn standing_endorsement(&self) -> Value {
        let item = self.received(UNIT).await;
        let text = json!({ "leader": "张市长", "level": "prefecture", "text": "请阅处", "endorsedOn": TODAY });
        let selection = "endorsement { id } submission { id version }";
        let made = walk::act(&self.editor, "endorseSubmission", selection, walk::on(&item, text)).await;
        walk::on(&made["submission"], json!({ "endorsement": made["endorsement"]["id"] }))
    }

    pub(super) async fn new_issue(&self) -> Value {
        walk::issue(&self.editor, self.app, "general", TODAY).await
    }

    pub(super) async fn new_commission(&self) -> Value {
        walk::commission(&self.editor, self.app, &[UNIT], "2026-03-09T18:00:00+08:00").await
    }

    /// As if the unit had answered; how it does is another case's subject.
    pub(super) async fn mark_answered(&self, commission: &Value) {
        let unit = self.app.unit(UNIT).await;
        let query = "query($id: ID!) { node(id: $id) { ... on Commission { state } } }";
        let open = self.editor.gql(query, json!({ "id": commission["id"] })).await;
        assert_eq!(open["node"]["state"], "OPEN");
        commission_assignment::Entity::update_many()
            .col_expr(commission_assignment::Column::State, Expr::value(AssignmentState::Answered))
            .col_expr(commission_assignment::Column::AnsweredAt, Expr::value(self.app.now()))
            .filter(commission_assignment::Column::UnitId.eq(unit))
            .filter(commission_assignment::Column::State.eq(AssignmentState::Assigned))
            .exec(self.app.writer())
            .await
            .expect("assignments can be changed");
    }

    pub(super) async fn new_unit(&self) -> Value {
        let administrator = self.app.system_administrator().await;
        let network = self.app.network_id();
        let input = json!({ "network": network, "name": walk::key(), "category": "county", "openedOn": TODAY });
        walk::act(&administrator, "createUnit", "unit { id }", input).await["unit"]["id"].take()
    }

    pub(super) async fn new_person(&self) -> i64 {
        builders::person(self.app.writer(), &walk::key(), None, self.app.now()).await.0
    }

    /// Somebody with a role on the network, whom the office knows of.
    async fn new_colleague(&self) -> i64 {
        let (person, network) = (self.new_person().await, self.app.network());
        builders::grant(self.app.writer(), PersonId(person), Role::CityLeader, Some(network), None, self.app.now())
            .await;
        person
    }

    /// Pauses the consumer; its version.
    pub(super) async fn pause(&self) -> i64 {
        consumer::Entity::update_many()
            .col_expr(consumer::Column::State, Expr::value(consumer::ConsumerState::Paused))
            .filter(consumer::Column::NetworkId.eq(self.app.network()))
            .exec(self.app.writer())
            .await
            .expect("consumers can be changed");
        let select = consumer::Entity::find().filter(consumer::Column::NetworkId.eq(self.app.network()));
        select.one(self.app.writer()).await.expect("consumers can be read").expect("there is one").version
    }

    /// The number of somebody who works in the unit.
    pub(super) async fn phone(&self) -> Value {
        let id = self.app.holder(Role::Officer, Place::Unit(self.app.unit(UNIT).await)).await;
        let row = person::Entity::find_by_id(id).one(self.app.writer()).await;
        let version = row.expect("people can be read").expect("the person is there").version;
        json!({ "person": global("Person", id.0), "expectedVersion": version, "phone": "13800000001" })
    }

    pub(super) async fn new_grant(&self) -> i64 {
        let person = entity::ids::PersonId(self.new_person().await);
        let unit = Some(self.app.unit(UNIT).await);
        builders::grant(self.app.writer(), person, Role::Officer, None, unit, self.app.now()).await;
        let grant = role_grant::Entity::find().filter(role_grant::Column::PersonId.eq(person));
        grant.one(self.app.writer()).await.expect("grants can be read").expect("the grant is there").id.0
    }

    pub(super) async fn refresh_token(&self) -> String {
        let person = self.app.holder(Role::Editor, Place::Network(self.app.network())).await;
        let session = services::session::open_for(self.app.state(), person).await;
        session.expect("a session can be opened").refresh_token
    }
}
