//! The workflow done through the API, when how something came about is the subject of a case. When it is not,
//! `builders` writes rows.
//!
//! A step returns what a client would keep of the object: its id, its version, its state.

use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::client::Client;
use crate::office::Office;

/// What is kept of a submission.
pub const SUBMISSION: &str = "submission { id version state }";

/// A key that no request of this run has used.
pub fn key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("request-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The content of an item that lacks nothing.
pub fn content() -> Value {
    json!({
        "kind": "dynamic",
        "topic": "economy",
        "title": "春耕备耕有序推进",
        "body": "全县春耕备耕工作有序推进，农资储备充足。",
        "authors": [{ "name": "王信息" }],
        "contact": "0994-3222222",
    })
}

/// The document of one mutation, with its input in the variable `input`.
pub fn document(mutation: &str, selection: &str) -> String {
    let input = match mutation {
        "signSubmission" | "submitSubmission" | "withdrawSubmission" | "receiveSubmission" | "claimSubmission"
        | "releaseSubmission" => "SubmissionAct".to_owned(),
        "approveIssue" | "publishIssue" => "IssueAct".to_owned(),
        _ => mutation[..1].to_uppercase() + &mutation[1..],
    };
    format!(
        "mutation($input: {input}Input!) {{ {mutation}(input: $input) \
         {{ {selection} userErrors {{ code field message details }} }} }}"
    )
}

/// Carries a mutation out with a fresh key, and returns its payload. Fails the case, in the caller's name, when it is
/// refused.
#[track_caller]
pub fn act(
    client: &Client,
    mutation: &'static str,
    selection: &str,
    input: Value,
) -> impl Future<Output = Value> + Send + use<> {
    let caller = Location::caller();
    let answer = client.gql(&document(mutation, selection), json!({ "input": keyed(input) }));
    async move {
        let payload = answer.await[mutation].take();
        let errors = &payload["userErrors"];
        assert!(errors.as_array().is_some_and(Vec::is_empty), "{caller}: {mutation} was refused: {errors}");
        payload
    }
}

/// Tries a mutation with a fresh key, and returns the first of its user errors. Fails the case, in the caller's name,
/// when it is carried out, or refused with another code.
#[track_caller]
pub fn refused(
    client: &Client,
    mutation: &'static str,
    input: Value,
    code: &str,
) -> impl Future<Output = Value> + Send + use<> {
    let caller = Location::caller();
    let answer = client.gql(&document(mutation, ""), json!({ "input": keyed(input) }));
    let code = code.to_owned();
    async move {
        let mut errors = answer.await[mutation]["userErrors"].take();
        assert!(errors[0]["code"] == code.as_str(), "{caller}: wanted {mutation} refused with {code}, got {errors}");
        errors[0].take()
    }
}

fn keyed(mut input: Value) -> Value {
    if let Some(input) = input.as_object_mut()
        && !input.contains_key("idempotencyKey")
    {
        input.insert("idempotencyKey".to_owned(), key().into());
    }
    input
}

/// The input of an act on a submission as it was last seen, with more fields.
pub fn on(submission: &Value, more: Value) -> Value {
    merged(json!({ "submission": submission["id"], "expectedVersion": submission["version"] }), more)
}

/// An input with more fields.
pub fn merged(mut input: Value, more: Value) -> Value {
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    input
}

/// Drafts an item of a unit.
pub async fn draft(officer: &Client, office: &Office, unit: &str, content: Value) -> Value {
    let input = json!({ "network": office.network_id(), "unit": office.unit_id(unit).await, "content": content });
    act(officer, "createSubmission", SUBMISSION, input).await["submission"].take()
}

/// Does what needs nothing but the submission: `signSubmission`, `receiveSubmission`, `withdrawSubmission`, or
/// `submitSubmission`.
pub async fn step(client: &Client, mutation: &'static str, submission: &Value) -> Value {
    act(client, mutation, SUBMISSION, on(submission, json!({}))).await["submission"].take()
}

/// An item of a unit, drafted by its officer, signed by its leader and handed in.
pub async fn submit(office: &Office, unit: &str) -> Value {
    let (officer, leader) = (office.officer(unit).await, office.leader(unit).await);
    let drafted = draft(&officer, office, unit, content()).await;
    let signed = step(&leader, "signSubmission", &drafted).await;
    step(&officer, "submitSubmission", &signed).await
}

/// The next issue of an own publication, dated a day such as `2026-03-02`.
pub async fn issue(editor: &Client, office: &Office, publication: &str, day: &str) -> Value {
    let input = json!({ "publication": office.publication_id(publication).await, "date": day });
    act(editor, "createIssue", "issue { id version state number }", input).await["issue"].take()
}

/// Sends a submission back with a reason.
pub async fn send_back(editor: &Client, submission: &Value) -> Value {
    let input = on(submission, json!({ "reason": "NOT_VERIFIED", "comment": "请核实数据" }));
    act(editor, "returnSubmission", SUBMISSION, input).await["submission"].take()
}

/// Puts a submission on the list of what may be used.
pub async fn shortlist(editor: &Client, submission: &Value) -> Value {
    let input = on(submission, json!({ "reason": "EXPERIENCE" }));
    act(editor, "shortlistSubmission", SUBMISSION, input).await["submission"].take()
}

/// Screens a submission out.
pub async fn decline(editor: &Client, submission: &Value) -> Value {
    let input = on(submission, json!({ "reason": "LOW_VALUE" }));
    act(editor, "declineSubmission", SUBMISSION, input).await["submission"].take()
}

/// Adopts a submission into an open issue; returns the payload with adoption and submission.
pub async fn adopt(editor: &Client, submission: &Value, issue: &Value, class: Option<&str>) -> Value {
    let input = on(submission, json!({ "issue": issue["id"], "class": class }));
    act(editor, "adoptSubmission", &format!("adoption {{ id adoptedOn class }} {SUBMISSION}"), input).await
}

/// Takes a submission in.
pub async fn receive(editor: &Client, submission: &Value) -> Value {
    step(editor, "receiveSubmission", submission).await
}

/// Sends a submission up to a level through an own publication; returns the submission.
pub async fn send_up(editor: &Client, office: &Office, submission: &Value, publication: &str, day: &str) -> Value {
    let publication = office.publication_id(publication).await;
    let input = on(submission, json!({ "publication": publication, "toLevel": "region", "sentOn": day }));
    act(editor, "sendUpSubmission", SUBMISSION, input).await["submission"].take()
}

/// Records that a higher publication adopted a submission; returns the payload with adoption and submission.
pub async fn record_adoption(
    editor: &Client,
    office: &Office,
    submission: &Value,
    publication: &str,
    day: &str,
) -> Value {
    let publication = office.publication_id(publication).await;
    let more = json!({ "publication": publication, "adoptedOn": day, "evidence": "第12期第3页" });
    let selection = format!("adoption {{ id adoptedOn via {{ code }} }} {SUBMISSION}");
    act(editor, "recordAdoption", &selection, on(submission, more)).await
}

/// Records the instruction of a leader of a level; returns the submission.
pub async fn endorse(editor: &Client, submission: &Value, level: &str, day: &str) -> Value {
    let more = json!({ "leader": "李领导", "level": level, "text": "请认真研究落实。", "endorsedOn": day });
    act(editor, "endorseSubmission", SUBMISSION, on(submission, more)).await["submission"].take()
}

/// Asks units for a report until a moment; returns the commission with its assignments.
pub async fn commission(editor: &Client, office: &Office, units: &[&str], due_at: &str) -> Value {
    let mut ids = Vec::new();
    for unit in units {
        ids.push(office.unit_id(unit).await);
    }
    let input = json!({
        "network": office.network_id(),
        "topic": "一季度重点项目开工情况",
        "requirement": "请报送开工项目数、完成投资及存在问题。",
        "dueAt": due_at,
        "units": ids,
    });
    let selection = "commission { id version state dueAt assignments { id version state unit { name } } }";
    act(editor, "issueCommission", selection, input).await["commission"].take()
}

/// The assignment of a unit within a commission.
pub fn assignment<'a>(commission: &'a Value, unit: &str) -> &'a Value {
    commission["assignments"]
        .as_array()
        .and_then(|all| all.iter().find(|assignment| assignment["unit"]["name"] == unit))
        .expect("the commission asks this unit")
}

/// A unit's answer to an assignment, drafted, signed and handed in; returns the submission.
pub async fn answer(office: &Office, unit: &str, assignment: &Value) -> Value {
    let (officer, leader) = (office.officer(unit).await, office.leader(unit).await);
    let input = json!({
        "network": office.network_id(),
        "unit": office.unit_id(unit).await,
        "assignment": assignment["id"],
        "content": content(),
    });
    let drafted = act(&officer, "createSubmission", SUBMISSION, input).await["submission"].take();
    let signed = step(&leader, "signSubmission", &drafted).await;
    step(&officer, "submitSubmission", &signed).await
}

/// An assignment as it stands.
pub async fn look_at_assignment(client: &Client, assignment: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on CommissionAssignment {
        id version state outcome expectedOutcome readAt answeredAt decidedOn dueAt judgedBy fellDueAt
        lateBySeconds overdueBySeconds comment extensions { oldDueAt newDueAt reason }
    } } }";
    client.gql(query, json!({ "id": assignment["id"] })).await["node"].take()
}

/// Judges an assignment as it stands; returns it.
pub async fn judge(editor: &Client, assignment: &Value, outcome: &str) -> Value {
    let seen = look_at_assignment(editor, assignment).await;
    let input = json!({ "assignment": seen["id"], "expectedVersion": seen["version"], "outcome": outcome });
    let selection = "assignment { id version state outcome decidedOn lateBySeconds }";
    act(editor, "judgeAnswer", selection, input).await["assignment"].take()
}

/// Does something to an assignment as it stands, with more input; returns the assignment.
pub async fn on_assignment(client: &Client, mutation: &'static str, assignment: &Value, more: Value) -> Value {
    let seen = look_at_assignment(client, assignment).await;
    let input = merged(json!({ "assignment": seen["id"], "expectedVersion": seen["version"] }), more);
    act(client, mutation, "assignment { id version state }", input).await["assignment"].take()
}

/// Sets a later deadline for a commission as it stands, for some assignments or for all.
pub async fn extend(editor: &Client, commission: &Value, only: Option<&[&Value]>, due_at: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on Commission { version } } }";
    let seen = editor.gql(query, json!({ "id": commission["id"] })).await;
    let ids: Option<Vec<_>> = only.map(|all| all.iter().map(|assignment| assignment["id"].clone()).collect());
    let input = json!({
        "commission": commission["id"],
        "expectedVersion": seen["node"]["version"],
        "assignments": ids,
        "dueAt": due_at,
        "reason": "节假日顺延",
    });
    act(editor, "extendCommission", "commission { id version dueAt }", input).await["commission"].take()
}

/// Tries to judge an assignment as it stands; the judgement must be refused with a code.
pub async fn misjudge(editor: &Client, assignment: &Value, outcome: &str, code: &str) -> Value {
    let seen = look_at_assignment(editor, assignment).await;
    let input = json!({ "assignment": seen["id"], "expectedVersion": seen["version"], "outcome": outcome });
    refused(editor, "judgeAnswer", input, code).await
}

/// What an urgent event of a unit is, beside its network.
pub fn urgent(unit: &str, occurred_at: &str) -> Value {
    json!({ "owner": unit, "title": "化工厂起火", "place": "城东工业区", "occurredAt": occurred_at })
}

/// Opens an urgent event; returns it.
pub async fn open_urgent(client: &Client, office: &Office, unit: &str, occurred_at: &str) -> Value {
    let about = urgent(&office.unit_id(unit).await, occurred_at);
    let input = merged(json!({ "network": office.network_id() }), about);
    act(client, "openUrgentEvent", "event { id version state }", input).await["event"].take()
}

/// Makes the officer of a unit its contact for urgent information; returns the duty.
pub async fn designate(office: &Office, unit: &str, first_day: &str) -> Value {
    let person = office.officer(unit).await.gql("{ viewer { person { id name } } }", json!({})).await;
    let person = &person["viewer"]["person"];
    let input = json!({
        "network": office.network_id(), "unit": office.unit_id(unit).await, "person": person["id"],
        "name": person["name"], "duty": "URGENT_CONTACT", "firstDay": first_day,
    });
    let editor = office.editor().await;
    act(&editor, "recordStaffing", "staffing { id version duty }", input).await["staffing"].take()
}

/// Reports a part of an urgent event as it stands; returns the event.
pub async fn report_urgent(client: &Client, event: &Value, stage: &str, more: Value) -> Value {
    let base = json!({ "event": event["id"], "expectedVersion": event["version"], "stage": stage });
    act(client, "reportUrgent", "event { id version state }", merged(base, more)).await["event"].take()
}
