//! Leads (线索) from the office's sections.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::ids::{LeadId, NetworkId};
use entity::lead as row;
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::commission::Commission;
use super::commissioning::CommissionRequestInput;
use super::context::Reach as _;
use super::enums::LeadState;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::submission::Action;
use super::unit::Unit;
use crate::auth::policy::{Action as PolicyAction, allows};
use crate::error::{Error, Result};
use crate::services::lead::{self, CreateLead, Decision, LeadOutcome, ScreenLead};

/// What a section of the office has heard of, from which a commission may come.
#[derive(Clone)]
pub struct Lead(pub(crate) row::Model);

/// What a section of the office has heard of, from which a commission may come.
#[Object]
impl Lead {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// In which network.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// Name of the section.
    async fn section(&self) -> &str {
        &self.0.section
    }

    /// The section's unit, if it is one.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.unit_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// What it is about; null for those who may read figures but no texts.
    async fn text(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&str>> {
        let readable = allows(ctx.service()?.actor(), PolicyAction::ReadBodies, lead::target(&self.0));
        Ok(readable.then_some(self.0.text.as_str()))
    }

    /// What became of it.
    async fn state(&self) -> LeadState {
        self.0.state.into()
    }

    /// When it was brought.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// When it was screened.
    async fn screened_at(&self) -> Option<DateTime<Utc>> {
        self.0.screened_at
    }

    /// The commission that came of it, if the viewer may see it.
    async fn commission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Commission>> {
        match self.0.commission_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Commission)),
            None => Ok(None),
        }
    }

    /// Why nothing came of it.
    async fn dismissed_because(&self) -> Option<&str> {
        self.0.dismissed_because.as_deref()
    }

    /// What the viewer may do to it now; the mutations decide in the same way.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let actor = ctx.service()?.actor();
        Ok(lead::ACTIONS.iter().map(|action| Action::new(*action, lead::may(actor, *action, &self.0))).collect())
    }
}

/// Which leads.
#[derive(InputObject, Default)]
pub struct LeadWhere {
    /// In one of these states.
    states: Option<Vec<LeadState>>,
    /// Of sections with this text in their name.
    section_contains: Option<String>,
    /// Brought at this moment or later.
    recorded_from: Option<DateTime<Utc>>,
    /// Brought at this moment or earlier.
    recorded_to: Option<DateTime<Utc>>,
}

/// A new lead.
#[derive(InputObject)]
pub struct CreateLeadInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// The section's unit, if it is one.
    unit: Option<ID>,
    /// Name of the section, 1 to 60 characters; the unit's if left out.
    section: Option<String>,
    /// What it is about, 1 to 2,000 characters.
    text: String,
}

/// What is made of a lead: exactly one of `request`, `commission` and `dismissBecause`.
#[derive(InputObject)]
pub struct ScreenLeadInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which lead.
    lead: ID,
    /// The version that you read.
    expected_version: i64,
    /// A commission to issue.
    request: Option<CommissionRequestInput>,
    /// A commission that was issued already.
    commission: Option<ID>,
    /// Why nothing is made of it, 1 to 500 characters.
    dismiss_because: Option<String>,
}

impl ScreenLeadInput {
    fn command(self) -> Result<ScreenLead> {
        let decision = match (self.request, self.commission, self.dismiss_because) {
            (Some(request), None, None) => Decision::Commission(Box::new(request.request()?)),
            (None, Some(id), None) => Decision::Existing(GlobalId::parse(&id, "commission")?),
            (None, None, Some(reason)) => Decision::Dismiss(reason),
            _ => {
                return Err(Error::invalid(
                    "request",
                    "give exactly one of request, commission and dismissBecause",
                    "请在 request、commission、dismissBecause 中填写且仅填写一项",
                ));
            }
        };
        Ok(ScreenLead {
            idempotency_key: self.idempotency_key,
            lead: LeadId::parse(&self.lead, "lead")?,
            expected_version: self.expected_version,
            decision,
        })
    }
}

payloads! {
    /// What came of an act on a lead.
    LeadPayload {
        /// The lead.
        lead: Lead,
    }
}

async fn payload(ctx: &Context<'_>, result: Result<LeadOutcome>) -> async_graphql::Result<LeadPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => LeadPayload { lead: ctx.loaders()?.one(outcome.lead).await?.map(Lead), user_errors: Vec::new() },
        Err(errors) => LeadPayload::refused(errors),
    })
}

/// Leads.
#[derive(Default)]
pub struct LeadQuery;

#[Object]
impl LeadQuery {
    /// Leads of a network that the viewer may see, the last brought first. A section sees its own.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which leads.", name = "where")] filter: Option<LeadWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Lead>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let filter = filter.unwrap_or_default();
        let mut select = service.scope().leads().filter(row::Column::NetworkId.eq(network));
        if let Some(states) = filter.states {
            select = select.filter(row::Column::State.is_in(states.into_iter().map(row::LeadState::from)));
        }
        if let Some(text) = filter.section_contains {
            select = select.filter(row::Column::Section.contains(text));
        }
        if let Some(from) = filter.recorded_from {
            select = select.filter(row::Column::RecordedAt.gte(from));
        }
        if let Some(to) = filter.recorded_to {
            select = select.filter(row::Column::RecordedAt.lte(to));
        }
        list(ctx, service.reader(), select, newest_first(), Page { first, after, last, before }, Lead).await
    }
}

/// The last brought first.
pub(super) fn newest_first() -> Sort<row::Entity> {
    Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true }
}

/// Bringing and screening leads.
#[derive(Default)]
pub struct LeadMutation;

#[Object]
impl LeadMutation {
    /// Brings a lead. For editors on behalf of any section, and for officers of sections that are units.
    async fn create_lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateLeadInput,
    ) -> async_graphql::Result<LeadPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = CreateLead {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse_optional(input.unit.as_ref(), "unit")?,
                section: input.section,
                text: input.text,
            };
            lead::create(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Makes a commission of a lead, or dismisses it with a reason. For editors.
    async fn screen_lead(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ScreenLeadInput,
    ) -> async_graphql::Result<LeadPayload> {
        let service = ctx.service()?;
        let run = async { lead::screen(service, input.command()?).await };
        payload(ctx, run.await).await
    }
}
