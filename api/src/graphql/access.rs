//! Why somebody may do something, or why not: for security administrators.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entity::ids;

use super::context::Reach as _;
use super::enums::Role;
use super::errors::{ErrorCode, OrGraphql as _};
use super::ids::{GlobalId, decode};
use super::network::Network;
use super::unit::Unit;
use crate::auth::policy::{self, Action};
use crate::error::{Code, Error};
use crate::services::access::{self, Held, Object as Subject};

/// How far a role reaches from where it is held.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "policy::Reach")]
pub enum PolicyReach {
    /// The unit on which it is held.
    OwnUnit,
    /// The network on which it is held, or the subtree of the unit on which it is held.
    Held,
    /// Everything.
    Platform,
}

/// One row of the policy table: a role to which an action is given.
#[derive(SimpleObject)]
pub struct PolicyRow {
    /// The role.
    role: Role,
    /// How far it reaches for this action.
    reach: PolicyReach,
}

/// A role that the person holds, and what it does for the action.
pub struct HeldRole(Held);

/// A role that the person holds, and what it does for the action.
#[Object]
impl HeldRole {
    /// The role.
    async fn role(&self) -> Role {
        self.0.grant.role.into()
    }

    /// The network on which it is held.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        match self.0.grant.network {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Network)),
            None => Ok(None),
        }
    }

    /// The unit on which it is held.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.grant.unit {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// How far it reaches for this action; null if the policy does not give the action to this role.
    async fn reach(&self) -> Option<PolicyReach> {
        self.0.reach.map(Into::into)
    }

    /// Whether it allows the action on this object: the role is right, and it reaches the object.
    async fn allows(&self) -> bool {
        self.0.covers
    }
}

/// Why somebody may do something to an object, or why not.
#[derive(SimpleObject)]
pub struct AccessExplanation {
    /// Whether the mutation would be carried out now: by roles, by what the person sees, and by the object's state.
    allowed: bool,
    /// Id of the policy that decides, as refusals carry it in their details.
    policy: String,
    /// Whether the person may know of the object at all; what they may not know of is `NOT_FOUND` to them.
    is_visible: bool,
    /// Code of the refusal that the person gets.
    reason_code: Option<ErrorCode>,
    /// What is missing, in English.
    reason: Option<String>,
    /// The same in Chinese.
    reason_zh: Option<String>,
    /// The rows of the policy table that give this action to a role: one of them is needed.
    rows: Vec<PolicyRow>,
    /// What the person holds, and what each role does for the action.
    held: Vec<HeldRole>,
}

/// What explains the policy.
#[derive(Default)]
pub struct AccessQuery;

#[Object]
impl AccessQuery {
    /// Which role and which row of the policy table let a person do something to an object, or what is missing. For security
    /// administrators.
    async fn explain_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] person: ID,
        #[graphql(desc = "To what: any object that mutations act on.")] object: ID,
        #[graphql(desc = "What, by the name of the mutation or of the entry in `actions`, such as `adoptSubmission`.")]
        action: String,
    ) -> async_graphql::Result<AccessExplanation> {
        let service = ctx.service()?;
        let person = GlobalId::parse(&person, "person").or_graphql()?;
        let subject = subject(&object).or_graphql()?;
        let action = Action::named(&action).ok_or_else(unknown).or_graphql()?;
        let explanation = access::explain(service, person, subject, action).await.or_graphql()?;
        let told = explanation.refusal.as_ref();
        let decides = told.and_then(|error| error.details.as_ref()).and_then(|details| details["policy"].as_str());
        Ok(AccessExplanation {
            allowed: explanation.allowed,
            policy: decides.map_or_else(|| policy::id(action), str::to_owned),
            is_visible: explanation.visible,
            reason_code: told.map(|error| error.code.into()),
            reason: told.map(|error| error.message.to_string()),
            reason_zh: told.map(|error| error.message_zh.to_string()),
            rows: policy::roles_for(action)
                .map(|(role, reach)| PolicyRow { role: role.into(), reach: reach.into() })
                .collect(),
            held: explanation.held.into_iter().map(HeldRole).collect(),
        })
    }
}

fn unknown() -> Error {
    let names: Vec<_> = Action::ALL.iter().map(|action| action.mutation()).collect();
    Error::invalid(
        "action",
        format!("there is no such action; there are {}", names.join(", ")),
        format!("没有此操作，可用操作：{}", names.join("、")),
    )
}

/// What an id names.
fn subject(id: &ID) -> crate::error::Result<Subject> {
    let (kind, row) = decode(id).ok_or_else(|| Error::not_found().at("object"))?;
    Ok(match kind.as_str() {
        ids::NetworkId::TYPE => Subject::Network(ids::NetworkId(row)),
        ids::UnitId::TYPE => Subject::Unit(ids::UnitId(row)),
        ids::PersonId::TYPE => Subject::Person(ids::PersonId(row)),
        ids::PublicationId::TYPE => Subject::Publication(ids::PublicationId(row)),
        ids::IssueId::TYPE => Subject::Issue(ids::IssueId(row)),
        ids::SubmissionId::TYPE => Subject::Submission(ids::SubmissionId(row)),
        ids::CommissionId::TYPE => Subject::Commission(ids::CommissionId(row)),
        ids::CommissionAssignmentId::TYPE => Subject::CommissionAssignment(ids::CommissionAssignmentId(row)),
        ids::IncidentId::TYPE => Subject::Incident(ids::IncidentId(row)),
        ids::TrainingId::TYPE => Subject::Training(ids::TrainingId(row)),
        ids::StaffingId::TYPE => Subject::Staffing(ids::StaffingId(row)),
        ids::RulebookVersionId::TYPE => Subject::RulebookVersion(ids::RulebookVersionId(row)),
        _ => {
            return Err(Error::new(
                Code::WrongIdType,
                format!("no mutation acts on a {kind}"),
                format!("没有针对 {kind} 的操作"),
            )
            .at("object")
            .with(serde_json::json!({ "expected": "object", "got": kind })));
        }
    })
}
