//! People and the roles they hold.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::{person as row, role_grant};
use sea_orm::{ColumnTrait as _, QueryFilter as _, Select};

use super::context::Reach as _;
use super::enums::Role;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::loaders::{DutiesOf, PhoneOf};
use super::network::Network;
use super::page::{ByName, List, Page, Sort, list, list_by_name};
use super::payload::payloads;
use super::record::Staffing;
use super::unit::Unit;
use crate::collation::NameOrder;
use crate::services::{person, phone};

/// A person with an account.
#[derive(Clone)]
pub struct Person(pub(crate) row::Model);

/// A person with an account.
#[Object]
impl Person {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Their name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The unit in which they work.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.unit_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// Their phone number with its middle hidden, `138****0001`; null if there is none, or if the viewer may not see that much.
    async fn phone(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let Some(row) = ctx.loaders()?.one(PhoneOf(self.0.id)).await? else { return Ok(None) };
        let unit = match self.0.unit_id {
            Some(id) => ctx.loaders()?.one(id).await?,
            None => None,
        };
        phone::masked(ctx.service()?, unit.as_ref(), &row).or_graphql()
    }

    /// Counts the changes of the person's entry; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// What they do in units' information work, oldest first, as far as the viewer sees it.
    async fn duties(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Staffing>> {
        Ok(ctx.loaders()?.many(DutiesOf(self.0.id)).await?.into_iter().map(Staffing).collect())
    }

    /// Whether the account is open.
    async fn is_active(&self) -> bool {
        self.0.disabled_at.is_none()
    }
}

/// A role that a person holds, and where.
pub struct RoleGrant(pub(crate) role_grant::Model);

/// A role that a person holds, and where.
#[Object]
impl RoleGrant {
    /// Global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The network on which it is held.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        match self.0.network_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Network)),
            None => Ok(None),
        }
    }

    /// The unit on which it is held.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.unit_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// Since when.
    async fn granted_at(&self) -> DateTime<Utc> {
        self.0.granted_at
    }
}

/// A new account.
#[derive(InputObject)]
pub struct InvitePersonInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The unit in which the person works; leave it out for the platform's administrators.
    unit: Option<ID>,
    /// Their name.
    name: String,
    /// Name to sign in with, unique on the platform.
    login: String,
    /// First password: 10 or more characters of at least three kinds.
    #[graphql(secret)]
    password: String,
}

/// A role to give.
#[derive(InputObject)]
pub struct GrantRoleInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// To whom.
    person: ID,
    /// Which role.
    role: Role,
    /// The network on which it is held: for editors, chief editors, city leaders, analysts, the SMS worker.
    network: Option<ID>,
    /// The unit on which it is held: for officers, section chiefs, unit leaders; or units in a leader's charge.
    unit: Option<ID>,
}

/// A role to take away.
#[derive(InputObject)]
pub struct RevokeRoleInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which grant.
    grant: ID,
}

/// A phone number to keep.
#[derive(InputObject)]
pub struct SetPhoneInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Whose.
    person: ID,
    /// The person's version that you saw.
    expected_version: i64,
    /// Mobile number, eleven digits; null takes it away. It is sealed at once and never shown whole again.
    #[graphql(secret)]
    phone: Option<String>,
}

payloads! {
    /// What came of giving a phone number.
    SetPhonePayload {
        /// The person.
        person: Person,
    }
    /// What came of opening an account.
    InvitePersonPayload {
        /// The person.
        person: Person,
    }
    /// What came of giving a role.
    GrantRolePayload {
        /// The person.
        person: Person,
        /// The grant; keep it to revoke the role.
        grant: ID,
    }
    /// What came of taking a role away.
    RevokeRolePayload {
        /// The person.
        person: Person,
    }
}

/// People.
#[derive(Default)]
pub struct PersonQuery;

#[Object]
impl PersonQuery {
    /// People whom the viewer may know of.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn people(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only people of this unit.")] unit: Option<ID>,
        #[graphql(desc = "In which order.", default)] order_by: PersonOrder,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Person>> {
        let service = ctx.service()?;
        let mut select = service.scope().people();
        if let Some(unit) = entity::ids::UnitId::parse_optional(unit.as_ref(), "unit").or_graphql()? {
            select = select.filter(row::Column::UnitId.eq(unit));
        }
        list_people(ctx, select, order_by, Page { first, after, last, before }).await
    }
}

/// In which order.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum PersonOrder {
    /// In the order in which their accounts were opened.
    #[default]
    Opened,
    /// By name, in the order of pinyin (拼音).
    Pinyin,
    /// By name, by number of strokes (笔画).
    Stroke,
}

/// One page of people.
pub(super) async fn list_people(
    ctx: &Context<'_>,
    select: Select<row::Entity>,
    order: PersonOrder,
    page: Page,
) -> async_graphql::Result<List<Person>> {
    let conn = ctx.service()?.reader();
    let by = match order {
        PersonOrder::Opened => {
            let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: false };
            return list(ctx, conn, select, sort, page, Person).await;
        }
        PersonOrder::Pinyin => NameOrder::Pinyin,
        PersonOrder::Stroke => NameOrder::Stroke,
    };
    list_by_name(conn, select, ByName { order: by, id_of, name_of }, page, Person).await
}

fn id_of(row: &row::Model) -> i64 {
    row.id.0
}

fn name_of(row: &row::Model) -> &str {
    &row.name
}

/// Accounts and roles.
#[derive(Default)]
pub struct PersonMutation;

#[Object]
impl PersonMutation {
    /// Opens an account. For system administrators.
    async fn invite_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: InvitePersonInput,
    ) -> async_graphql::Result<InvitePersonPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = person::InvitePerson {
                idempotency_key: input.idempotency_key,
                unit: GlobalId::parse_optional(input.unit.as_ref(), "unit")?,
                name: input.name,
                login: input.login,
                password: input.password,
            };
            person::invite(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => InvitePersonPayload {
                person: ctx.loaders()?.one(outcome.person).await?.map(Person),
                user_errors: Vec::new(),
            },
            Err(errors) => InvitePersonPayload::refused(errors),
        })
    }

    /// Keeps a person's phone number, to which notices are sent. For system administrators, and within a unit for its own
    /// people.
    async fn set_phone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SetPhoneInput,
    ) -> async_graphql::Result<SetPhonePayload> {
        let service = ctx.service()?;
        let run = async {
            let command = phone::SetPhone {
                idempotency_key: input.idempotency_key,
                person: GlobalId::parse(&input.person, "person")?,
                expected_version: input.expected_version,
                phone: input.phone,
                tag: String::new(),
            };
            phone::set(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => SetPhonePayload {
                person: ctx.loaders()?.one(outcome.person).await?.map(Person),
                user_errors: Vec::new(),
            },
            Err(errors) => SetPhonePayload::refused(errors),
        })
    }

    /// Gives a role. For security administrators, and never to themselves.
    async fn grant_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: GrantRoleInput,
    ) -> async_graphql::Result<GrantRolePayload> {
        let service = ctx.service()?;
        let run = async {
            let command = person::GrantRole {
                idempotency_key: input.idempotency_key,
                person: GlobalId::parse(&input.person, "person")?,
                role: input.role.into(),
                network: GlobalId::parse_optional(input.network.as_ref(), "network")?,
                unit: GlobalId::parse_optional(input.unit.as_ref(), "unit")?,
            };
            person::grant(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => GrantRolePayload {
                person: ctx.loaders()?.one(outcome.person).await?.map(Person),
                grant: Some(outcome.grant.global()),
                user_errors: Vec::new(),
            },
            Err(errors) => GrantRolePayload::refused(errors),
        })
    }

    /// Takes a role away; it has no effect from the person's next request on. For security administrators.
    async fn revoke_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RevokeRoleInput,
    ) -> async_graphql::Result<RevokeRolePayload> {
        let service = ctx.service()?;
        let run = async {
            let command = person::RevokeRole {
                idempotency_key: input.idempotency_key,
                grant: GlobalId::parse(&input.grant, "grant")?,
            };
            person::revoke(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => RevokeRolePayload {
                person: ctx.loaders()?.one(outcome.person).await?.map(Person),
                user_errors: Vec::new(),
            },
            Err(errors) => RevokeRolePayload::refused(errors),
        })
    }
}
