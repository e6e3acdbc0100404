//! Rulebook versions, and the check that tells an author what is wrong.

use analytics::rulebook::Rulebook;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::rulebook_version as row;

use super::context::Reach as _;
use super::enums::RulebookState;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::network::Network;
use super::payload::payloads;
use super::scalars::Date;
use crate::services::rulebook;

/// A version of a network's rulebook.
#[derive(Clone)]
pub struct RulebookVersion(pub(crate) row::Model);

/// A version of a network's rulebook.
#[Object]
impl RulebookVersion {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Whose rules these are.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// Counts the versions of the network from 1.
    async fn number(&self) -> i64 {
        self.0.number
    }

    /// Title of the document that it writes down.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Whether it scores.
    async fn state(&self) -> RulebookState {
        self.0.state.into()
    }

    /// First day whose facts it scores.
    async fn effective_from(&self) -> Date {
        Date(self.0.effective_from)
    }

    /// When it was put into force.
    async fn activated_at(&self) -> Option<DateTime<Utc>> {
        self.0.activated_at
    }

    /// The rulebook itself, TOML.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// Digest of `text`, hexadecimal.
    async fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// Its rules, in the order of the document.
    async fn rules(&self) -> async_graphql::Result<Vec<Rule>> {
        let parsed = rulebook::accept(&self.0.text).or_graphql()?;
        Ok(rules(&parsed))
    }
}

/// One line of the points table.
#[derive(SimpleObject)]
pub struct Rule {
    /// Dotted and stable.
    id: String,
    /// Where it stands in the document.
    clause: String,
    /// What it rewards or punishes.
    title: String,
}

fn rules(parsed: &Rulebook) -> Vec<Rule> {
    parsed
        .rules()
        .iter()
        .map(|rule| Rule { id: rule.id.clone(), clause: rule.clause.clone(), title: rule.title.clone() })
        .collect()
}

/// What is wrong with a rulebook, or that nothing is.
#[derive(SimpleObject)]
pub struct RulebookReport {
    /// Whether it can be drafted and activated.
    is_valid: bool,
    /// Everything that is wrong, in the order of the text.
    mistakes: Vec<RulebookMistake>,
    /// Its rules, if it is valid.
    rules: Vec<Rule>,
}

/// One thing that is wrong with a rulebook.
#[derive(SimpleObject)]
pub struct RulebookMistake {
    /// Line, from 1.
    line: i32,
    /// Column in characters, from 1.
    column: i32,
    /// Where in the document's structure: `rule[3].where`.
    path: String,
    /// The offending text.
    found: String,
    /// What is wrong, in English.
    message: String,
    /// The same in Chinese.
    message_zh: String,
    /// What would be right.
    hint: Option<String>,
}

/// A rulebook to draft.
#[derive(InputObject)]
pub struct DraftRulebookInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// For which network.
    network: ID,
    /// The rulebook, TOML.
    text: String,
}

/// A draft to put into force.
#[derive(InputObject)]
pub struct ActivateRulebookInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which draft.
    rulebook: ID,
    /// The version that you read.
    expected_version: i64,
}

payloads! {
    /// What came of an act on a rulebook.
    RulebookPayload {
        /// The version.
        rulebook: RulebookVersion,
    }
}

async fn payload(
    ctx: &Context<'_>,
    result: crate::error::Result<rulebook::RulebookOutcome>,
) -> async_graphql::Result<RulebookPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => RulebookPayload {
            rulebook: ctx.loaders()?.one(outcome.rulebook).await?.map(RulebookVersion),
            user_errors: Vec::new(),
        },
        Err(errors) => RulebookPayload::refused(errors),
    })
}

/// Checking rulebooks.
#[derive(Default)]
pub struct RulebookQuery;

#[Object]
impl RulebookQuery {
    /// Reads a rulebook and lists everything that is wrong with it, with line and column. Stores nothing.
    async fn validate_rulebook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rulebook, TOML.")] text: String,
    ) -> async_graphql::Result<RulebookReport> {
        ctx.service()?;
        Ok(match rulebook::check(&text) {
            Ok(parsed) => RulebookReport { is_valid: true, mistakes: Vec::new(), rules: rules(&parsed) },
            Err(mistakes) => {
                let mistakes = mistakes.into_vec().into_iter().map(|mistake| RulebookMistake {
                    line: i32::try_from(mistake.line).unwrap_or(i32::MAX),
                    column: i32::try_from(mistake.column).unwrap_or(i32::MAX),
                    path: mistake.path,
                    found: mistake.found,
                    message: mistake.message,
                    message_zh: mistake.message_zh,
                    hint: mistake.hint,
                });
                RulebookReport { is_valid: false, mistakes: mistakes.collect(), rules: Vec::new() }
            }
        })
    }
}

/// Drafting and activating rulebooks.
#[derive(Default)]
pub struct RulebookMutation;

#[Object]
impl RulebookMutation {
    /// Stores a draft of the next version; it scores nothing yet. For editors.
    async fn draft_rulebook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DraftRulebookInput,
    ) -> async_graphql::Result<RulebookPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = rulebook::DraftRulebook {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                text: input.text,
            };
            rulebook::draft(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Puts a draft into force from its own `effective_from` on; its text never changes from then on. For chief editors.
    async fn activate_rulebook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ActivateRulebookInput,
    ) -> async_graphql::Result<RulebookPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = rulebook::ActivateRulebook {
                idempotency_key: input.idempotency_key,
                rulebook: GlobalId::parse(&input.rulebook, "rulebook")?,
                expected_version: input.expected_version,
            };
            rulebook::activate(service, command).await
        };
        payload(ctx, run.await).await
    }
}
