//! Random commands of everybody against a plain model of the workflow: each is carried out or refused as the model says, and what is refused
//! leaves nothing but its audit row.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::services::audit::{REFUSALS, last_sequence, verify};
use entity::role_grant::Role;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::office::{Place, global};
use tests::walk;

tests::cases![random_commands_do_what_the_model_says];

const UNIT: &str = "木垒县";
const TODAY: &str = "2026-03-02";

/// Who commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Officer,
    SectionChief,
    Leader,
    Neighbour,
    Editor,
    ChiefEditor,
    CityLeader,
}

const EVERYBODY: [Who; 7] =
    [Who::Officer, Who::SectionChief, Who::Leader, Who::Neighbour, Who::Editor, Who::ChiefEditor, Who::CityLeader];

/// What is commanded, by the name of the mutation.
const ACTS: [&str; 18] = [
    "createSubmission",
    "updateSubmission",
    "signSubmission",
    "submitSubmission",
    "withdrawSubmission",
    "receiveSubmission",
    "returnSubmission",
    "declineSubmission",
    "adoptSubmission",
    "adoptSubmission",
    "sendUpSubmission",
    "recordAdoption",
    "endorseSubmission",
    "shortlistSubmission",
    "claimSubmission",
    "releaseSubmission",
    "decideRepetition",
    "revokeAdoption",
];

/// One command.
#[derive(Clone, Copy, Debug)]
struct Step {
    who: Who,
    act: usize,
    /// Which of the items there are.
    item: usize,
    /// With a version that was never read.
    stale: bool,
    /// Sent twice.
    twice: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = prop_oneof![
        4 => Just(Who::Officer),
        2 => Just(Who::SectionChief),
        3 => Just(Who::Leader),
        1 => Just(Who::Neighbour),
        6 => Just(Who::Editor),
        1 => Just(Who::ChiefEditor),
        1 => Just(Who::CityLeader),
    ];
    let step = (who, 0..ACTS.len(), 0_usize..3, prop::bool::weighted(0.08), prop::bool::weighted(0.1));
    proptest::collection::vec(
        step.prop_map(|(who, act, item, stale, twice)| Step { who, act, item, stale, twice }),
        1..50,
    )
}

/// An item as the model knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    id: String,
    version: i64,
    state: &'static str,
    signed: bool,
    /// Whether it ever passed receipt.
    counted: bool,
    /// The adoptions that stand, by publication.
    adopted_by: BTreeMap<&'static str, Value>,
    revoked: usize,
    claimed: bool,
    sent: bool,
    endorsements: usize,
    acts: usize,
}

impl Item {
    fn is(&self, states: &[&str]) -> bool {
        states.contains(&self.state)
    }
}

/// Which publication an act means.
fn publication(act: usize) -> &'static str {
    match act {
        8 => "general",
        9 => "internal",
        _ => "region_other",
    }
}

const WITH_UNIT: [&str; 4] = ["DRAFT", "SIGNED", "REFUSED", "RETURNED"];
const ADOPTABLE: [&str; 4] = ["SUBMITTED", "RECEIVED", "SHORTLISTED", "ADOPTED"];

/// Why the model refuses a command on an item.
fn refusal(step: Step, item: &Item) -> Option<&'static str> {
    let own = matches!(step.who, Who::Officer | Who::SectionChief | Who::Leader);
    let office = matches!(step.who, Who::Editor | Who::ChiefEditor | Who::CityLeader);
    if !own && (!office || item.is(&["DRAFT", "SIGNED"])) {
        return Some("NOT_FOUND");
    }
    let act = ACTS[step.act];
    let writes = matches!(step.who, Who::Officer | Who::SectionChief);
    let (may, from): (bool, &[&str]) = match act {
        "updateSubmission" | "submitSubmission" => (writes, &WITH_UNIT),
        "withdrawSubmission" => (writes, &["DRAFT", "SIGNED", "REFUSED", "RETURNED", "SUBMITTED", "RECEIVED"]),
        "signSubmission" => (matches!(step.who, Who::SectionChief | Who::Leader), &["DRAFT", "REFUSED", "RETURNED"]),
        "receiveSubmission" => (step.who == Who::Editor, &["SUBMITTED"]),
        "returnSubmission" | "declineSubmission" => {
            (step.who == Who::Editor, &["SUBMITTED", "RECEIVED", "SHORTLISTED"])
        }
        "shortlistSubmission" => (step.who == Who::Editor, &["SUBMITTED", "RECEIVED"]),
        "releaseSubmission" => (matches!(step.who, Who::Editor | Who::ChiefEditor), &ADOPTABLE),
        "decideRepetition" => {
            (step.who == Who::Editor, &["SUBMITTED", "RECEIVED", "SHORTLISTED", "ADOPTED", "DECLINED"])
        }
        "revokeAdoption" => (step.who == Who::Editor, &["ADOPTED"]),
        "endorseSubmission" => (matches!(step.who, Who::Editor | Who::CityLeader), &ADOPTABLE),
        _ => (step.who == Who::Editor, &ADOPTABLE),
    };
    if !may {
        return Some("FORBIDDEN");
    }
    if !item.is(from) || act == "releaseSubmission" && !item.claimed {
        return Some("WRONG_STATE");
    }
    // The kind of these items is signed by a leader.
    if act == "signSubmission" && step.who == Who::SectionChief {
        return Some("SIGN_OFF_REQUIRED");
    }
    if step.stale {
        return Some("VERSION_CONFLICT");
    }
    let again = match act {
        "adoptSubmission" | "recordAdoption" => item.adopted_by.contains_key(publication(step.act)),
        "sendUpSubmission" => item.sent,
        _ => false,
    };
    again.then_some("ALREADY_EXISTS")
}

/// Carries a command out in the model; `seen` is what the answer says of it.
fn carry_out(step: Step, item: &mut Item, seen: &Value) {
    item.version += 1;
    item.acts += 1;
    // Whoever decides on an item is done with it.
    item.claimed &=
        !["returnSubmission", "declineSubmission", "adoptSubmission", "recordAdoption"].contains(&ACTS[step.act]);
    match ACTS[step.act] {
        "updateSubmission" => (item.state, item.signed) = ("DRAFT", false),
        "signSubmission" => (item.state, item.signed) = ("SIGNED", true),
        "submitSubmission" => {
            item.state = if item.signed { "SUBMITTED" } else { "REFUSED" };
            item.counted |= item.signed;
        }
        "withdrawSubmission" => item.state = "WITHDRAWN",
        "receiveSubmission" => item.state = "RECEIVED",
        "shortlistSubmission" => item.state = "SHORTLISTED",
        "returnSubmission" => item.state = "RETURNED",
        "declineSubmission" => item.state = "DECLINED",
        "adoptSubmission" | "recordAdoption" => {
            item.state = "ADOPTED";
            item.adopted_by.insert(publication(step.act), seen["adoption"]["id"].clone());
        }
        "claimSubmission" => item.claimed = true,
        "releaseSubmission" => item.claimed = false,
        "decideRepetition" => {}
        "revokeAdoption" => {
            item.adopted_by.pop_first();
            item.revoked += 1;
            if item.adopted_by.is_empty() {
                item.state = "RECEIVED";
            }
        }
        "sendUpSubmission" => item.sent = true,
        _ => item.endorsements += 1,
    }
}

/// The office in which the commands are given.
struct Stage {
    app: TestApp,
    clients: BTreeMap<usize, Client>,
    unit: Value,
    publications: BTreeMap<&'static str, String>,
    issues: BTreeMap<&'static str, Value>,
}

impl Stage {
    async fn set(app: TestApp) -> Self {
        let (own, office) = (Place::Unit(app.unit(UNIT).await), Place::Network(app.network()));
        let neighbour = Place::Unit(app.unit("阜康市").await);
        let mut clients = BTreeMap::new();
        for (index, who) in EVERYBODY.into_iter().enumerate() {
            let (role, place) = match who {
                Who::Officer => (Role::Officer, own),
                Who::SectionChief => (Role::SectionChief, own),
                Who::Leader => (Role::UnitLeader, own),
                Who::Neighbour => (Role::Officer, neighbour),
                Who::Editor => (Role::Editor, office),
                Who::ChiefEditor => (Role::ChiefEditor, office),
                Who::CityLeader => (Role::CityLeader, office),
            };
            clients.insert(index, app.client(role, place).await);
        }
        let editor = app.editor().await;
        let (mut publications, mut issues) = (BTreeMap::new(), BTreeMap::new());
        for code in ["general", "internal", "region_other"] {
            publications.insert(code, app.publication_id(code).await);
        }
        for code in ["general", "internal"] {
            issues.insert(code, walk::issue(&editor, &app, code, TODAY).await);
        }
        let unit = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await });
        Self { app, clients, unit, publications, issues }
    }

    fn client(&self, who: Who) -> &Client {
        let place = EVERYBODY.into_iter().position(|other| other == who).unwrap();
        &self.clients[&place]
    }

    fn input(&self, step: Step, item: Option<&Item>) -> Value {
        let more = match ACTS[step.act] {
            "createSubmission" => return walk::merged(self.unit.clone(), json!({ "content": walk::content() })),
            "updateSubmission" => json!({ "content": walk::content() }),
            "returnSubmission" => json!({ "reason": "STYLE", "comment": "请精简文字" }),
            "declineSubmission" => json!({ "reason": "LOW_VALUE" }),
            "shortlistSubmission" => json!({ "reason": "EXPERIENCE" }),
            "adoptSubmission" => {
                let code = publication(step.act);
                json!({ "issue": self.issues[code]["id"], "class": (code == "internal").then_some("dynamic") })
            }
            "sendUpSubmission" => {
                json!({ "publication": self.publications["general"], "toLevel": "region", "sentOn": TODAY })
            }
            "recordAdoption" => {
                json!({ "publication": self.publications["region_other"], "adoptedOn": TODAY, "evidence": "第3期" })
            }
            "endorseSubmission" => {
                json!({ "leader": "李领导", "level": "prefecture", "text": "阅。", "endorsedOn": TODAY })
            }
            "revokeAdoption" => {
                let first = item.and_then(|item| item.adopted_by.first_key_value()).map(|(_, id)| id.clone());
                let adoption = first.unwrap_or_else(|| global("Adoption", 1).into());
                json!({ "adoption": adoption, "reason": "内容不实" })
            }
            _ => json!({}),
        };
        let (id, version) = item.map_or(("nothing", 1), |item| (item.id.as_str(), item.version));
        let version = if step.stale { version + 100 } else { version };
        walk::on(&json!({ "id": id, "version": version }), more)
    }

    /// Gives a command; returns the code of the refusal, or the submission as it is then.
    async fn give(&self, step: Step, item: Option<&Item>) -> Result<Value, String> {
        let act = ACTS[step.act];
        let input = walk::merged(self.input(step, item), json!({ "idempotencyKey": walk::key() }));
        let adopts = ["adoptSubmission", "recordAdoption"].contains(&act);
        let selection =
            if adopts { format!("{} adoption {{ id }}", walk::SUBMISSION) } else { walk::SUBMISSION.to_owned() };
        let document = walk::document(act, &selection);
        let mut answers = Vec::new();
        for _ in 0..=usize::from(step.twice) {
            let mut answer = self.client(step.who).gql(&document, json!({ "input": input })).await[act].take();
            answers.push(if let Some(code) = answer["userErrors"][0]["code"].as_str() {
                Err(code.to_owned())
            } else {
                let adoption = answer["adoption"].take();
                let mut seen = answer["submission"].take();
                seen["adoption"] = adoption;
                Ok(seen)
            });
        }
        let last = answers.pop().unwrap();
        if let Some(first) = answers.pop() {
            assert_eq!(first, last, "a repeated request is answered in the same way");
        }
        last
    }

    /// What the unit has handed in and had adopted.
    async fn figures(&self) -> [i64; 3] {
        let query = "query($network: ID!) { adoptionRates(network: $network, period: { id: \"2026-03\" }) {
            rows { unit { name } submitted adoptedItems adoptions } } }";
        let answer = self.client(Who::Editor).gql(query, json!({ "network": self.app.network_id() })).await;
        let rows = answer["adoptionRates"]["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["unit"]["name"] == UNIT).unwrap();
        ["submitted", "adoptedItems", "adoptions"].map(|figure| row[figure].as_i64().unwrap())
    }

    async fn refusals(&self) -> i64 {
        last_sequence(self.app.writer(), REFUSALS).await.unwrap()
    }

    /// Gives all commands, and compares with the model after each and at the end.
    async fn play(&self, steps: &[Step]) -> Result<(), TestCaseError> {
        let (before, refused_before) = (self.figures().await, self.refusals().await);
        let (mut items, mut refused): (Vec<Item>, i64) = (Vec::new(), 0);
        for step in steps {
            let known = items.len();
            let place = step.item % known.max(1);
            let creates = ACTS[step.act] == "createSubmission";
            let expected = match items.get(place) {
                _ if creates => match step.who {
                    Who::Officer | Who::SectionChief => None,
                    Who::Neighbour => Some("NOT_FOUND"),
                    _ => Some("FORBIDDEN"),
                },
                Some(item) => refusal(*step, item),
                None => Some("NOT_FOUND"),
            };
            let outcome = self.give(*step, items.get(place)).await;
            prop_assert_eq!(
                outcome.as_ref().err().map(String::as_str),
                expected,
                "{:?} on {:?}",
                step,
                items.get(place)
            );
            let Ok(seen) = outcome else {
                refused += 1 + i64::from(step.twice);
                continue;
            };
            if creates {
                let id = seen["id"].as_str().unwrap().to_owned();
                items.push(Item {
                    id,
                    version: 1,
                    state: "DRAFT",
                    signed: false,
                    counted: false,
                    adopted_by: BTreeMap::new(),
                    revoked: 0,
                    claimed: false,
                    sent: false,
                    endorsements: 0,
                    acts: 1,
                });
            } else {
                carry_out(*step, &mut items[place], &seen);
            }
            let item = if creates { &items[known] } else { &items[place] };
            prop_assert_eq!(&seen["version"], item.version, "{:?}", step);
            prop_assert_eq!(&seen["state"], item.state, "{:?}", step);
        }
        for item in &items {
            self.compare(item).await?;
        }
        let counted: Vec<_> = items.iter().filter(|item| item.counted && item.state != "WITHDRAWN").collect();
        let adopted = items.iter().filter(|item| !item.adopted_by.is_empty()).count();
        let adoptions: usize = items.iter().map(|item| item.adopted_by.len()).sum();
        let after = self.figures().await;
        let grown = [counted.len(), adopted, adoptions].map(|count| i64::try_from(count).unwrap());
        prop_assert_eq!([0, 1, 2].map(|place| after[place] - before[place]), grown);
        prop_assert_eq!(self.refusals().await - refused_before, refused);
        prop_assert!(verify(self.app.writer()).await.unwrap().is_ok());
        Ok(())
    }

    /// Everything that is on record of an item is what the model remembers.
    async fn compare(&self, item: &Item) -> Result<(), TestCaseError> {
        let query = "query($id: ID!) { submission(id: $id) { state version adoptions { revokedAt publication { code } }
            sentUp { id } endorsements { level } history { action } } }";
        let answer = self.client(Who::Officer).gql(query, json!({ "id": item.id })).await;
        let seen = &answer["submission"];
        let count = |field: &str| seen[field].as_array().map_or(0, Vec::len);
        prop_assert_eq!(&seen["state"], item.state);
        prop_assert_eq!(&seen["version"], item.version);
        let adoptions = seen["adoptions"].as_array().unwrap();
        let standing = adoptions.iter().filter(|row| row["revokedAt"].is_null());
        let adopted_by: BTreeSet<_> = standing.filter_map(|row| row["publication"]["code"].as_str()).collect();
        prop_assert_eq!(adopted_by, item.adopted_by.keys().copied().collect::<BTreeSet<_>>());
        prop_assert_eq!(count("adoptions"), item.adopted_by.len() + item.revoked);
        prop_assert_eq!(count("sentUp"), usize::from(item.sent));
        prop_assert_eq!(count("endorsements"), item.endorsements);
        prop_assert_eq!(count("history"), item.acts);
        Ok(())
    }
}

async fn random_commands_do_what_the_model_says(app: TestApp) {
    let stage = Arc::new(Stage::set(app).await);
    let handle = tokio::runtime::Handle::current();
    let played = tokio::task::spawn_blocking(move || {
        let config = Config { cases: 16, failure_persistence: None, max_shrink_iters: 100, ..Config::default() };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
        let mut runner = TestRunner::new_with_rng(config, rng);
        runner.run(&steps(), |steps| handle.block_on(stage.play(&steps))).map_err(|error| error.to_string())
    });
    played.await.expect("the commands are given to their end").unwrap();
}
