//! Every root field of `Mutation`.

mod made;

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use entity::settlement::SettlementState;
use entity::submission::SubmissionState;
use entity::talk::TalkState;
use expect_test::expect_file;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::builders;
use tests::client::Client;
use tests::figures;
use tests::office::global;
use tests::walk;

use super::{Outcomes, root_fields};
use crate::authz::cast::{ADMINISTRATORS, OUTSIDERS, SMS_WORKER, STRANGER, cast};
use crate::authz::world::{self, OTHER_UNIT, RULEBOOK_ELSEWHERE, TODAY, UNIT, issue_act};

tests::cases![everybody_tries_every_mutation];

const HEAD: &str = "\
What each mutation does for whom. Each try is at an object of its own, in a state in which the mutation can be done.
The unit, the submissions and everything about them are 阜康市's.
";

/// The period that is closed when the samples are made.
const CLOSED: &str = "2025-12";

/// The mutations that somebody without an account may try.
const OPEN: [&str; 2] = ["login", "refreshToken"];
/// What every account may do.
const OWN: [&str; 4] = ["login", "logout", "refreshToken", "markRead"];
/// What the SMS worker may do, and nothing else.
const SENDING: [&str; 5] = ["leaseDeliveries", "ackDeliveries", "nackDelivery", "extendLease", "reportReceipt"];
/// The mutations about the work of one unit, of which outsiders know nothing.
const ABOUT_SUBMISSIONS: &str = "Submission";

/// Each try publishes for a week of its own.
static NEXT_WEEK: AtomicU64 = AtomicU64::new(0);

/// Where the samples are made.
struct Stage<'a> {
    app: &'a TestApp,
    editor: Client,
    chief: Client,
    issue: Value,
    circular: Value,
    lines: Vec<Value>,
    appeal: Value,
    rulebook: String,
    key_point: Value,
}

impl<'a> Stage<'a> {
    async fn set(app: &'a TestApp) -> Self {
        let (editor, chief) = (app.editor().await, app.chief_editor().await);
        let issue = walk::issue(&editor, app, "general", TODAY).await;
        // Money of the published month.
        let paid = app.submission(UNIT).await.submitted_on("2025-11-05").insert().await;
        let via = app.publication("internal").await;
        app.adoption(&paid, "state_council").await.via(via).on("2025-11-10").insert().await;
        let period = json!({ "network": app.network_id(), "period": CLOSED });
        let published = json!({ "network": app.network_id(), "period": "2025-11" });
        walk::act(&chief, "closePeriod", "closing { id }", published.clone()).await;
        walk::act(&chief, "closePeriod", "closing { id }", period).await;
        let circular =
            walk::act(&chief, "publishCircular", "circular { id version }", published).await["circular"].take();
        // Two incidents of the published month: they count today, and can be disputed.
        let here = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await });
        for day in ["2025-11-05", "2025-11-06"] {
            let late = json!({ "kind": "UNTRUE", "evidence": "经核实，数据有误。", "occurredOn": day });
            walk::act(&editor, "recordIncident", "incident { id }", walk::merged(here.clone(), late)).await;
        }
        let lines = figures::ledger(&editor, app, UNIT, "2026-03", figures::Currency::Points).await;
        let disputing = walk::merged(here, disputed(&lines[1]));
        let leader = app.leader(UNIT).await;
        let appeal = walk::act(&leader, "appealScoreLine", "appeal { id }", disputing).await["appeal"].take();
        let query = "query($code: String!) { network(code: $code) { rulebook { text } } }";
        let answer = editor.gql(query, json!({ "code": "changji" })).await;
        let text = answer["network"]["rulebook"]["text"].as_str().expect("a rulebook has a text");
        let input = json!({ "network": app.network_id(), "period": "2026-03", "points": [{ "topic": "春耕备耕" }] });
        let selection = "keyPoints { points { id } }";
        let made = walk::act(&editor, "publishKeyPoints", selection, input).await;
        let key_point = made["keyPoints"]["points"][0]["id"].clone();
        Self { app, editor, chief, issue, circular, lines, appeal, rulebook: world::later(text), key_point }
    }

    /// An input that can be carried out, about objects made for it.
    #[expect(clippy::too_many_lines, reason = "one arm for each mutation")]
    async fn input(&self, mutation: &str) -> Option<Value> {
        if mutation.ends_with(ABOUT_SUBMISSIONS) || ["recordAdoption", "decideCoefficient"].contains(&mutation) {
            return self.about_a_submission(mutation).await;
        }
        if let Some(input) = self.about_a_commission(mutation).await {
            return Some(input);
        }
        let network = json!({ "network": self.app.network_id() });
        let here = walk::merged(network.clone(), json!({ "unit": self.app.unit_id(UNIT).await }));
        Some(match mutation {
            "activateRulebook" => self.rulebook_draft().await,
            "approveIssue" => issue_act(&self.new_issue().await),
            "publishIssue" => {
                let open = self.new_issue().await;
                issue_act(
                    &walk::act(&self.chief, "approveIssue", "issue { id version }", issue_act(&open)).await["issue"],
                )
            }
            "createIssue" => json!({ "publication": self.app.publication_id("general").await, "date": TODAY }),
            "issueCommission" => {
                let due = json!({ "topic": "春耕", "requirement": "报送进度", "dueAt": "2026-03-09T18:00:00+08:00" });
                walk::merged(walk::merged(network, due), json!({ "units": [self.app.unit_id(UNIT).await] }))
            }
            "arrangeIssue" => self.compiled_issue().await,
            "bulkScreen" => {
                let row = self.app.submission(UNIT).await.state(SubmissionState::Submitted).insert().await;
                let item = json!({ "submission": global("Submission", row.id.0), "expectedVersion": row.version });
                json!({ "items": [item], "decision": "RECEIVE" })
            }
            "mergeSubmissions" => self.parts().await,
            "addToLibrary" => {
                let row = self.app.submission(UNIT).await.state(SubmissionState::Adopted).insert().await;
                json!({ "submission": global("Submission", row.id.0), "comment": "数据扎实" })
            }
            "recordFollowUp" => self.endorsement().await,
            "excuseAssignment" => assignment_act(&self.new_commission().await["assignments"][0]),
            "judgeAnswer" => {
                let commission = self.new_commission().await;
                self.mark_answered(&commission).await;
                walk::merged(assignment_act(&commission["assignments"][0]), json!({ "outcome": "ANSWERED" }))
            }
            "closePeriod" => walk::merged(network, json!({ "period": "2026-01" })),
            "publishCircular" => walk::merged(network, json!({ "period": CLOSED })),
            "correctCircular" => {
                json!({ "circular": self.circular["id"], "expectedVersion": self.circular["version"], "reason": "补录" })
            }
            "appealScoreLine" => walk::merged(here, disputed(&self.lines[0])),
            "decideAppeal" => {
                json!({ "appeal": self.appeal["id"], "expectedVersion": 1, "verdict": "REJECTED", "reason": "经复核" })
            }
            "recordTalk" => {
                let held = json!({
                    "heldOn": TODAY, "participants": "分管领导", "measures": "明确专人", "followUpDue": "2026-03-31",
                });
                walk::merged(self.talk(TalkState::Called).await, held)
            }
            "followUpTalk" => {
                walk::merged(self.talk(TalkState::Held).await, json!({ "isResolved": true, "result": "已整改" }))
            }
            "cancelTalk" => walk::merged(self.talk(TalkState::Called).await, json!({ "reason": "重复" })),
            "draftTalks" | "settleAwards" => walk::merged(network, json!({ "period": "2025-11" })),
            "decideAwardTie" => {
                let winners = json!({ "period": "2025-11", "award": "advanced.county", "winners": [self.app.unit_id(UNIT).await] });
                walk::merged(walk::merged(network, winners), json!({ "reason": "经研究确定" }))
            }
            "approveSettlement" => self.settlement(SettlementState::Drafted).await,
            "reverseSettlement" => {
                walk::merged(self.settlement(SettlementState::Approved).await, json!({ "reason": "重复发放" }))
            }
            "recordIncident" => {
                walk::merged(here, json!({ "kind": "LATE", "evidence": "值班记录", "occurredOn": TODAY }))
            }
            "recordTraining" => {
                walk::merged(here, json!({ "kind": "SESSION", "title": "培训", "heldOn": TODAY, "attendees": 9 }))
            }
            "recordAttendance" => {
                let held = json!({ "kind": "BY_WORKING", "title": "以干代训", "heldOn": TODAY, "attendees": 9 });
                let input = walk::merged(here, held);
                let made = walk::act(&self.editor, "recordTraining", "training { id }", input).await;
                json!({ "training": made["training"]["id"], "people": [{ "name": "王信息" }] })
            }
            "recordStaffing" => walk::merged(here, json!({ "name": "王信息", "duty": "PART_TIME", "firstDay": TODAY })),
            "recordJudgement" => {
                walk::merged(here, json!({ "kind": "check", "points": "5", "evidence": "台账", "judgedOn": TODAY }))
            }
            "setTarget" => {
                let owed = json!({ "measure": "total", "per": "YEAR" });
                let more = json!({ "owed": owed, "amount": "100", "firstDay": "2026-01-01", "origin": "年度任务" });
                walk::merged(network, more)
            }
            "assessPerson" => {
                let (login, unit) = (walk::key(), self.app.unit(UNIT).await);
                let person = builders::person(self.app.writer(), &login, Some(unit), self.app.now()).await;
                walk::merged(network, json!({ "unit": self.new_unit().await, "person": global("Person", person.0) }))
            }
            "draftRulebook" => walk::merged(network, json!({ "text": self.rulebook })),
            "startImport" => walk::merged(network, import()),
            "createNetwork" => json!({ "code": walk::key(), "name": "新网络", "rulebook": RULEBOOK_ELSEWHERE }),
            "createUnit" => {
                walk::merged(network, json!({ "name": walk::key(), "category": "county", "openedOn": TODAY }))
            }
            "createExport" => {
                let asked = json!({ "measures": ["SUBMITTED"], "rows": ["UNIT"], "period": { "id": "2026-03" } });
                json!({ "question": { "analytics": walk::merged(network, asked) }, "format": "CSV" })
            }
            "saveQuery" => {
                let asked = json!({ "measures": ["SUBMITTED"], "period": { "toDate": "YEAR" } });
                json!({ "question": { "analytics": walk::merged(network, asked) }, "name": walk::key() })
            }
            "setPhone" => self.phone().await,
            "linkNetwork" => walk::merged(network, json!({ "expectedVersion": 1 })),
            "linkToOwner" => {
                let [second, owner] = [self.received(UNIT).await, self.received(OTHER_UNIT).await];
                walk::on(&second, json!({ "owner": owner["id"] }))
            }
            "decideRepetition" => {
                let [second, earlier] = [self.received(UNIT).await, self.received(OTHER_UNIT).await];
                walk::on(&second, json!({ "repeats": earlier["id"] }))
            }
            "correctEndorsement" => walk::merged(self.standing_endorsement().await, json!({ "leader": "李市长" })),
            "revokeEndorsement" => walk::merged(self.standing_endorsement().await, json!({ "reason": "登记有误" })),
            "revokeAdoption" => {
                let item = self.received(UNIT).await;
                let adopted = walk::record_adoption(&self.editor, self.app, &item, "xinjiang_brief", TODAY).await;
                walk::on(&adopted["submission"], json!({ "adoption": adopted["adoption"]["id"], "reason": "内容不实" }))
            }
            "correctAdoption" => {
                let item = self.received(UNIT).await;
                let adopted = walk::record_adoption(&self.editor, self.app, &item, "xinjiang_brief", TODAY).await;
                walk::on(&adopted["submission"], json!({ "adoption": adopted["adoption"]["id"], "evidence": "第13期" }))
            }
            "leaseDeliveries" => json!({ "consumer": self.app.consumer_id().await, "max": 1 }),
            "ackDeliveries" | "extendLease" => {
                json!({ "consumer": self.app.consumer_id().await, "deliveries": [no_lease()] })
            }
            "nackDelivery" => {
                let nack = json!({ "reason": "REFUSED", "delivery": no_lease() });
                walk::merged(json!({ "consumer": self.app.consumer_id().await }), nack)
            }
            "reportReceipt" => {
                let receipt = json!({ "gatewayId": walk::key(), "status": "DELIVERED" });
                json!({ "consumer": self.app.consumer_id().await, "receipts": [receipt] })
            }
            "requeueDeadLetters" => json!({ "consumer": self.app.consumer_id().await, "failure": "BUSY" }),
            "resumeConsumer" => {
                json!({ "consumer": self.app.consumer_id().await, "expectedVersion": self.pause().await })
            }
            "setFailureClass" => {
                json!({ "consumer": self.app.consumer_id().await, "code": walk::key(), "class": "FINAL" })
            }
            "moveUnit" | "renameUnit" | "mergeUnits" | "splitUnit" | "closeUnit" | "undoSuccession" => {
                self.about_a_unit(mutation).await?
            }
            "invitePerson" => json!({ "name": "新同事", "login": walk::key(), "password": "Xinxi-2026-zhengxin" }),
            "grantRole" => {
                let person = self.new_person().await;
                json!({ "person": global("Person", person), "role": "OFFICER", "unit": self.app.unit_id(UNIT).await })
            }
            "revokeRole" => json!({ "grant": global("RoleGrant", self.new_grant().await) }),
            "login" => json!({ "login": "nobody.there", "password": "Xinxi-2026-zhengxin" }),
            "refreshToken" => json!({ "refreshToken": self.refresh_token().await }),
            "logout" => Value::Null,
            "markRead" => json!({}),
            "draftNotices" | "approveNotices" | "releaseNotices" | "recallNotices" | "setCharge" | "endCharge"
            | "importCalendar" => self.about_notices(mutation).await?,
            _ => return self.about_incidents(mutation).await,
        })
    }

    /// Leads, key points, commissions and what units owe on them.
    async fn about_a_commission(&self, mutation: &str) -> Option<Value> {
        let network = json!({ "network": self.app.network_id() });
        let here = walk::merged(network.clone(), json!({ "unit": self.app.unit_id(UNIT).await }));
        Some(match mutation {
            "issueCommission" => {
                let due = json!({ "topic": "春耕", "requirement": "报送进度", "dueAt": "2026-03-09T18:00:00+08:00" });
                walk::merged(walk::merged(network, due), json!({ "units": [self.app.unit_id(UNIT).await] }))
            }
            "createLead" => walk::merged(here, json!({ "text": "多家企业反映用工紧张" })),
            "screenLead" => {
                let input = walk::merged(here, json!({ "text": "多家企业反映用工紧张" }));
                let made = walk::act(&self.editor, "createLead", "lead { id version }", input).await;
                let lead = &made["lead"];
                json!({ "lead": lead["id"], "expectedVersion": lead["version"], "dismissBecause": "重复" })
            }
            "publishKeyPoints" => {
                let period = format!("2026-W{}", 10 + NEXT_WEEK.fetch_add(1, Ordering::Relaxed));
                walk::merged(network, json!({ "period": period, "points": [{ "topic": "春耕备耕" }] }))
            }
            "answerKeyPoint" => {
                let row = self.app.submission(UNIT).await.state(SubmissionState::Submitted).insert().await;
                json!({ "keyPoint": self.key_point, "submission": global("Submission", row.id.0) })
            }
            "extendCommission" => {
                let commission = self.new_commission().await;
                let more = json!({ "dueAt": "2026-03-12T18:00:00+08:00", "reason": "节假日顺延" });
                walk::merged(json!({ "commission": commission["id"], "expectedVersion": 1 }), more)
            }
            "readCommission" | "excuseAssignment" => assignment_act(&self.new_commission().await["assignments"][0]),
            "answerCommission" => {
                let commission = self.new_commission().await;
                let row = self.app.submission(UNIT).await.state(SubmissionState::Submitted).insert().await;
                let answer = json!({ "submission": global("Submission", row.id.0) });
                walk::merged(assignment_act(&commission["assignments"][0]), answer)
            }
            "reworkAnswer" => {
                let commission = self.new_commission().await;
                self.mark_answered(&commission).await;
                walk::merged(assignment_act(&commission["assignments"][0]), json!({ "comment": "请补充数据" }))
            }
            "judgeAnswer" => {
                let commission = self.new_commission().await;
                self.mark_answered(&commission).await;
                walk::merged(assignment_act(&commission["assignments"][0]), json!({ "outcome": "ANSWERED" }))
            }
            "closeCommission" => {
                let commission = self.new_commission().await;
                let excused = assignment_act(&commission["assignments"][0]);
                walk::act(&self.editor, "excuseAssignment", "", excused).await;
                json!({ "commission": commission["id"], "expectedVersion": 1, "reason": "已全部免除" })
            }
            _ => return None,
        })
    }

    /// An input about a unit that changes.
    async fn about_a_unit(&self, mutation: &str) -> Option<Value> {
        Some(match mutation {
            "moveUnit" => {
                let unit = self.app.unit_id("木垒县").await;
                json!({ "unit": unit, "expectedVersion": 1, "category": "park", "firstDay": TODAY })
            }
            "renameUnit" => {
                json!({ "unit": self.idle_unit().await, "expectedVersion": 1, "name": walk::key(), "firstDay": TODAY })
            }
            "mergeUnits" => json!({
                "units": [{ "unit": self.idle_unit().await, "expectedVersion": 1 }],
                "into": { "unit": self.app.unit_id(OTHER_UNIT).await },
                "firstDay": TODAY,
            }),
            "splitUnit" => json!({
                "unit": self.idle_unit().await, "expectedVersion": 1, "firstDay": TODAY,
                "into": [
                    { "name": walk::key(), "category": "county" },
                    { "unit": self.app.unit_id(OTHER_UNIT).await },
                ],
            }),
            "closeUnit" => json!({ "unit": self.idle_unit().await, "expectedVersion": 1, "lastDay": TODAY }),
            "undoSuccession" => {
                let unit = json!({ "unit": self.idle_unit().await, "expectedVersion": 1, "lastDay": TODAY });
                let administrator = self.app.system_administrator().await;
                let closed = walk::act(&administrator, "closeUnit", "succession { id version }", unit).await;
                json!({ "succession": closed["succession"]["id"], "expectedVersion": closed["succession"]["version"] })
            }
            _ => return None,
        })
    }

    /// Incidents, urgent events, and the people who report them.
    async fn about_incidents(&self, mutation: &str) -> Option<Value> {
        let network = json!({ "network": self.app.network_id() });
        let here = walk::merged(network.clone(), json!({ "unit": self.app.unit_id(UNIT).await }));
        Some(match mutation {
            "decideIncident" => {
                let input = walk::merged(here, json!({ "kind": "LATE", "evidence": "值班记录", "occurredOn": TODAY }));
                let made = walk::act(&self.editor, "recordIncident", "incident { id version }", input).await;
                let incident = &made["incident"];
                json!({ "incident": incident["id"], "expectedVersion": incident["version"], "decision": "UPHOLD" })
            }
            "startPeopleImport" => {
                let list = BASE64_STANDARD.encode("单位,姓名,职责,起始日期\n阜康市,王信息,兼职信息员,2026-03-02\n");
                walk::merged(network, json!({ "contentBase64": list, "dryRun": true }))
            }
            "promptDirectReport" => {
                let point = self.direct_report_point().await;
                walk::merged(network, json!({ "unit": point, "period": { "id": "2026-02" } }))
            }
            "openUrgentEvent" => {
                let unit = self.app.unit_id(UNIT).await;
                walk::merged(network, walk::urgent(&unit, "2026-03-02T08:00:00+08:00"))
            }
            "reportUrgent" => {
                self.designate().await;
                walk::merged(self.urgent_act().await, json!({ "stage": "FIRST", "text": "已到现场处置。" }))
            }
            "endUrgentEvent" => {
                walk::merged(self.urgent_act().await, json!({ "endedAt": "2026-03-02T08:30:00+08:00" }))
            }
            "closeUrgentEvent" => walk::merged(self.urgent_act().await, json!({ "reason": "误报警" })),
            "checkUrgentDeadlines" => network,
            "endStaffing" => {
                let input = walk::merged(here, json!({ "name": "王信息", "duty": "PART_TIME", "firstDay": TODAY }));
                let made = walk::act(&self.editor, "recordStaffing", "staffing { id version }", input).await;
                let staffing = &made["staffing"];
                json!({ "staffing": staffing["id"], "expectedVersion": staffing["version"], "lastDay": TODAY })
            }
            _ => return None,
        })
    }

    async fn about_a_submission(&self, mutation: &str) -> Option<Value> {
        let app = self.app;
        if mutation == "createSubmission" {
            let unit = app.unit_id(UNIT).await;
            return Some(json!({ "network": app.network_id(), "unit": unit, "content": walk::content() }));
        }
        let (state, more) = match mutation {
            "updateSubmission" => (SubmissionState::Draft, json!({ "content": walk::content() })),
            "signSubmission" => (SubmissionState::Draft, json!({})),
            "submitSubmission" => (SubmissionState::Signed, json!({})),
            "receiveSubmission" | "withdrawSubmission" => (SubmissionState::Submitted, json!({})),
            "claimSubmission" => (SubmissionState::Received, json!({})),
            "shortlistSubmission" => (SubmissionState::Received, json!({ "reason": "PROBLEM" })),
            "releaseSubmission" => return Some(self.claimed_submission().await),
            "returnSubmission" => (SubmissionState::Received, json!({ "reason": "STYLE", "comment": "请修改" })),
            "declineSubmission" => (SubmissionState::Received, json!({ "reason": "OUTDATED" })),
            "adoptSubmission" => (SubmissionState::Received, json!({ "issue": self.issue["id"] })),
            "sendUpSubmission" => {
                let publication = app.publication_id("general").await;
                let sent = json!({ "publication": publication, "toLevel": "region", "sentOn": TODAY });
                (SubmissionState::Adopted, sent)
            }
            "decideCoefficient" => (SubmissionState::Adopted, json!({ "coefficient": "4", "reason": "深度调研" })),
            "recordAdoption" => {
                let publication = app.publication_id("xinjiang_brief").await;
                let adopted = json!({ "publication": publication, "adoptedOn": TODAY, "evidence": "第12期" });
                (SubmissionState::Received, adopted)
            }
            "endorseSubmission" => {
                let text = json!({ "leader": "张市长", "level": "prefecture", "text": "请阅处", "endorsedOn": TODAY });
                (SubmissionState::Adopted, text)
            }
            _ => return None,
        };
        let row = app.submission(UNIT).await.state(state).insert().await;
        Some(walk::on(&json!({ "id": global("Submission", row.id.0), "version": row.version }), more))
    }
}

/// A line of the ledger to dispute.
fn disputed(line: &Value) -> Value {
    json!({ "line": line["id"], "date": line["date"], "reason": "数据来源有据" })
}

/// A lease that nobody holds.
fn no_lease() -> Value {
    json!({ "notice": global("Notice", 1), "fence": 1 })
}

fn assignment_act(assignment: &Value) -> Value {
    json!({ "assignment": assignment["id"], "expectedVersion": assignment["version"] })
}

/// A file without figures, checked only.
fn import() -> Value {
    json!({
        "fileName": "表.csv",
        "contentBase64": BASE64_STANDARD.encode("单位,采用\n阜康市,0\n"),
        "mapping": "",
        "dryRun": true,
    })
}

fn document(mutation: &str) -> String {
    match mutation {
        "logout" => "mutation { logout { ended } }".to_owned(),
        "refreshToken" => {
            "mutation($input: RefreshTokenInput!) { refreshToken(input: $input) { session { expiresAt } } }".to_owned()
        }
        "bulkScreen" => walk::document(mutation, "rows { userErrors { code } }"),
        _ => walk::document(mutation, ""),
    }
}

/// What came back, in a word.
fn outcome(mutation: &str, body: &Value) -> String {
    let refused = [
        &body["errors"][0]["extensions"]["code"],
        &body["data"][mutation]["userErrors"][0]["code"],
        // One of many that was refused is told in its row.
        &body["data"][mutation]["rows"][0]["userErrors"][0]["code"],
    ];
    match refused.into_iter().find_map(Value::as_str) {
        Some(code) => code.to_owned(),
        None if body["data"][mutation].is_object() => "done".to_owned(),
        None => body.to_string(),
    }
}

async fn everybody_tries_every_mutation(app: TestApp) {
    let elsewhere = world::found_elsewhere(&app).await;
    let stage = Stage::set(&app).await;
    let mut outcomes = Outcomes::default();
    for caller in cast(&app, UNIT, OTHER_UNIT, &elsewhere).await {
        for mutation in root_fields("Mutation") {
            let input = stage.input(&mutation).await.unwrap_or_else(|| {
                panic!("nobody says who may do `{mutation}`: add a sample of it to tests/it/authz/operations/orders.rs")
            });
            let variables = match input {
                Value::Null => json!({}),
                input if OPEN.contains(&&*mutation) => json!({ "input": input }),
                input => json!({ "input": walk::merged(input, json!({ "idempotencyKey": walk::key() })) }),
            };
            // Signing out ends the session, so each try has its own.
            let client = caller.client(&app).await;
            let outcome = outcome(&mutation, &client.ask(&document(&mutation), variables).await.body);
            let unknown = ["NOT_FOUND", "FORBIDDEN"].contains(&outcome.as_str());
            let about_submissions = mutation.ends_with(ABOUT_SUBMISSIONS);
            match caller.label {
                _ if OWN.contains(&&*mutation) => {}
                STRANGER => assert_eq!(outcome, "UNAUTHENTICATED", "a stranger tries {mutation}"),
                SMS_WORKER if SENDING.contains(&&*mutation) => {
                    assert_eq!(outcome, "done", "the SMS worker tries {mutation}");
                }
                SMS_WORKER => assert!(unknown, "the SMS worker got {outcome} from {mutation}"),
                label if about_submissions && (OUTSIDERS.contains(&label) || ADMINISTRATORS.contains(&label)) => {
                    assert!(unknown, "the {label} got {outcome} from {mutation}");
                }
                _ => {}
            }
            outcomes.note(&mutation, outcome, caller.label);
        }
    }
    expect_file!["../mutations.txt"].assert_eq(&outcomes.print(HEAD));
}
