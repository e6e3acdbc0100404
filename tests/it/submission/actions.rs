//! What `actions` offers is what the mutations do: every state × role × act.

use std::collections::BTreeMap;

use entity::role_grant::Role;
use entity::submission::SubmissionState;
use sea_orm::{ActiveEnum as _, Iterable as _};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::office::{Place, global};
use tests::{builders, walk};

tests::cases![what_units_are_offered_is_what_they_can_do, what_others_are_offered_is_what_they_can_do];

const UNIT: &str = "木垒县";

/// Acts on a submission, by the names of their mutations.
const ACTS: [&str; 20] = [
    "updateSubmission",
    "signSubmission",
    "submitSubmission",
    "withdrawSubmission",
    "receiveSubmission",
    "claimSubmission",
    "releaseSubmission",
    "shortlistSubmission",
    "returnSubmission",
    "declineSubmission",
    "adoptSubmission",
    "sendUpSubmission",
    "recordAdoption",
    "endorseSubmission",
    "linkToOwner",
    "correctAdoption",
    "decideRepetition",
    "revokeAdoption",
    "correctEndorsement",
    "revokeEndorsement",
];

/// Everything that the acts need besides the submission.
struct Means {
    issue: Value,
    own: String,
    higher: String,
    owner: String,
}

impl Means {
    /// Input that nothing is wrong with.
    fn input(&self, act: &str, [submission, adoption, endorsement]: &[String; 3]) -> Value {
        let more = match act {
            "updateSubmission" => json!({ "content": walk::content() }),
            "returnSubmission" => json!({ "reason": "STYLE", "comment": "请精简文字" }),
            "shortlistSubmission" => json!({ "reason": "EXPERIENCE" }),
            "declineSubmission" => json!({ "reason": "LOW_VALUE" }),
            "adoptSubmission" => json!({ "issue": self.issue["id"] }),
            "sendUpSubmission" => json!({ "publication": self.own, "toLevel": "region", "sentOn": "2026-03-02" }),
            "recordAdoption" => json!({ "publication": self.higher, "adoptedOn": "2026-03-02", "evidence": "第3期" }),
            "endorseSubmission" => {
                json!({ "leader": "李领导", "level": "prefecture", "text": "阅。", "endorsedOn": "2026-03-02" })
            }
            "linkToOwner" => json!({ "owner": self.owner }),
            "correctAdoption" => json!({ "adoption": adoption, "evidence": "第4期" }),
            "revokeAdoption" => json!({ "adoption": adoption, "reason": "内容不实" }),
            "correctEndorsement" => json!({ "endorsement": endorsement, "leader": "王领导" }),
            "revokeEndorsement" => json!({ "endorsement": endorsement, "reason": "登记有误" }),
            _ => json!({}),
        };
        walk::on(&json!({ "id": submission, "version": 1 }), more)
    }
}

/// What the viewer is offered, by act: nothing if it is allowed, or the code of the reason why not. None at all if the
/// viewer sees no such submission.
async fn offered(client: &Client, submission: &str) -> Option<BTreeMap<String, Option<String>>> {
    let query = "query($id: ID!) { submission(id: $id) { actions { name allowed reasonCode reason reasonZh } } }";
    let answer = client.gql(query, json!({ "id": submission })).await;
    let actions = answer["submission"]["actions"].as_array()?;
    let told = actions.iter().map(|action| {
        let code = action["reasonCode"].as_str().map(str::to_owned);
        let explained = !text(&action["reason"]).is_empty() && !text(&action["reasonZh"]).is_empty();
        assert_eq!(action["allowed"] == true, code.is_none(), "{action}");
        assert_eq!(explained, code.is_some(), "{action}");
        (text(&action["name"]).to_owned(), code)
    });
    Some(told.collect())
}

/// Does an act, and returns the code of the refusal, if it was refused.
async fn done(client: &Client, act: &str, mut input: Value) -> Option<String> {
    input["idempotencyKey"] = walk::key().into();
    let answer = client.gql(&walk::document(act, ""), json!({ "input": input })).await;
    answer[act]["userErrors"][0]["code"].as_str().map(str::to_owned)
}

async fn what_units_are_offered_is_what_they_can_do(app: TestApp) {
    let (own, other) = (Place::Unit(app.unit(UNIT).await), Place::Unit(app.unit("阜康市").await));
    let cast = [
        (Role::Officer, own),
        (Role::SectionChief, own),
        (Role::UnitLeader, own),
        (Role::Officer, other),
        (Role::UnitLeader, other),
    ];
    // Officer 4 + 4 + 6, section chief the same, unit leader 3: were there none, the comparison would be empty.
    assert_eq!(carried_out(&app, &cast).await, 14 + 14 + 3);
}

async fn what_others_are_offered_is_what_they_can_do(app: TestApp) {
    let office = Place::Network(app.network());
    let cast = [
        (Role::Editor, office),
        (Role::ChiefEditor, office),
        (Role::CityLeader, office),
        (Role::Analyst, office),
        (Role::SmsWorker, office),
        (Role::SystemAdministrator, Place::Platform),
        (Role::SecurityAdministrator, Place::Platform),
        (Role::Auditor, Place::Platform),
    ];
    // Editor 1 + 4 + 2 + 3 + 3 + 16 + 5, 5 decisions on repetitions, 1 + 4 + 4 corrections and revocations; city leader 4.
    assert_eq!(carried_out(&app, &cast).await, 48 + 4);
}

/// Everybody tries every act in every state; how many were carried out.
async fn carried_out(app: &TestApp, people: &[(Role, Place)]) -> usize {
    let editor = app.editor().await;
    let means = Means {
        issue: walk::issue(&editor, app, "general", "2026-03-02").await,
        own: app.publication_id("internal").await,
        higher: app.publication_id("region_other").await,
        owner: global(
            "Submission",
            app.submission("阜康市").await.state(SubmissionState::Received).insert().await.id.0,
        ),
    };
    let mut carried_out = 0;
    for (role, place) in people.iter().copied() {
        let client = app.client(role, place).await;
        for state in SubmissionState::iter() {
            let build = async || {
                let row = app.submission(UNIT).await.state(state).insert().await;
                let adoption = match state {
                    SubmissionState::Adopted => app.adoption(&row, "yesterday_brief").await.insert().await.id.0,
                    _ => 0,
                };
                let endorsement = builders::endorsement(app, &row).await;
                [global("Submission", row.id.0), global("Adoption", adoption), global("Endorsement", endorsement.0)]
            };
            let mut item = build().await;
            let offer = offered(&client, &item[0]).await;
            for act in ACTS {
                let case = format!("{role:?} at {place:?}: {act} from {}", state.to_value());
                let expected = match &offer {
                    Some(offer) => offer.get(act).unwrap_or_else(|| panic!("{case}: not among the actions")).clone(),
                    None => Some("NOT_FOUND".to_owned()),
                };
                let outcome = done(&client, act, means.input(act, &item)).await;
                assert_eq!(outcome, expected, "{case}");
                if outcome.is_none() {
                    carried_out += 1;
                    item = build().await;
                }
            }
        }
    }
    carried_out
}
