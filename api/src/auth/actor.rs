//! Who is asking: a person with the roles that they hold at this moment.
//!
//! Made once per request from a verified token and loaded fresh from the database, so a role that was
//! taken away has no effect from the next request on.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, PersonId, UnitId};
use entity::role_grant::Role;
use entity::{person, refresh_token, role_grant, unit_category, unit_parent};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use crate::auth::policy::Target;
use crate::auth::token::Claims;
use crate::error::{Error, Result};

/// Somebody who signed in.
#[derive(Clone, Debug)]
pub struct Actor {
    person: person::Model,
    grants: Vec<Grant>,
    /// Networks in which one of the actor's units is or was a member.
    memberships: BTreeSet<NetworkId>,
    loaded_at: DateTime<Utc>,
}

/// A role in force, with everything it reaches.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The network on which it is held.
    pub network: Option<NetworkId>,
    /// The unit on which it is held.
    pub unit: Option<UnitId>,
    /// That unit and everything below it, where the role reaches a subtree.
    pub subtree: BTreeSet<UnitId>,
}

impl Grant {
    /// Whether `target` lies in the network or the subtree on which the role is held.
    pub fn covers(&self, target: Target) -> bool {
        match (self.network, self.unit) {
            (Some(network), None) => target.network == Some(network),
            (_, Some(_)) => target.unit.is_some_and(|unit| self.subtree.contains(&unit)),
            (None, None) => false,
        }
    }
}

impl Actor {
    /// Loads the person whom `claims` names, unless the session or the account has ended.
    pub async fn load(conn: &impl ConnectionTrait, claims: &Claims, now: DateTime<Utc>) -> Result<Self> {
        Self::in_session(conn, claims.person()?, &claims.sid, now).await
    }

    /// Loads a person on whose behalf something is asked in a session, unless the session or the account has ended.
    pub async fn in_session(
        conn: &impl ConnectionTrait,
        person: PersonId,
        session: &str,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let ended = refresh_token::Entity::find()
            .filter(refresh_token::Column::Family.eq(session))
            .filter(refresh_token::Column::RevokedAt.is_not_null())
            .one(conn)
            .await?;
        if ended.is_some() {
            return Err(Error::unauthenticated());
        }
        Self::find(conn, person, now).await?.ok_or_else(Error::unauthenticated)
    }

    /// Loads an open account with its roles.
    pub async fn find(conn: &impl ConnectionTrait, id: PersonId, now: DateTime<Utc>) -> Result<Option<Self>> {
        let Some(person) = person::Entity::find_by_id(id).one(conn).await? else { return Ok(None) };
        if person.disabled_at.is_some() {
            return Ok(None);
        }
        let rows = role_grant::Entity::find()
            .filter(role_grant::Column::PersonId.eq(id))
            .filter(role_grant::Column::RevokedAt.is_null())
            .all(conn)
            .await?;
        let mut grants = Vec::with_capacity(rows.len());
        for row in rows {
            let subtree = match row.unit_id {
                Some(unit) if reaches_subtree(row.role) => subtree(conn, unit).await?,
                Some(unit) => BTreeSet::from([unit]),
                None => BTreeSet::new(),
            };
            grants.push(Grant { role: row.role, network: row.network_id, unit: row.unit_id, subtree });
        }
        let units: Vec<_> = grants.iter().filter_map(|grant| grant.unit).collect();
        let memberships = unit_category::Entity::find()
            .filter(unit_category::Column::UnitId.is_in(units))
            .all(conn)
            .await?
            .into_iter()
            .map(|membership| membership.network_id)
            .collect();
        Ok(Some(Self { person, grants, memberships, loaded_at: now }))
    }

    /// The person's id.
    pub fn id(&self) -> PersonId {
        self.person.id
    }

    /// The person.
    pub fn person(&self) -> &person::Model {
        &self.person
    }

    /// The roles in force.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Networks in which one of the actor's units is or was a member.
    pub fn memberships(&self) -> &BTreeSet<NetworkId> {
        &self.memberships
    }

    /// When the roles were read.
    pub fn loaded_at(&self) -> DateTime<Utc> {
        self.loaded_at
    }

    /// Whether the actor holds `role` on `unit`.
    pub fn holds(&self, role: Role, unit: UnitId) -> bool {
        self.grants.iter().any(|grant| grant.role == role && grant.unit == Some(unit))
    }

    /// Whether the actor holds one of `roles` anywhere.
    pub fn holds_any(&self, roles: &[Role]) -> bool {
        self.grants.iter().any(|grant| roles.contains(&grant.role))
    }
}

/// Leaders in charge and analysts reach everything below the unit on which they hold their role.
fn reaches_subtree(role: Role) -> bool {
    match role {
        Role::CityLeader | Role::Analyst => true,
        Role::Officer
        | Role::SectionChief
        | Role::UnitLeader
        | Role::Editor
        | Role::ChiefEditor
        | Role::SmsWorker
        | Role::SystemAdministrator
        | Role::SecurityAdministrator
        | Role::Auditor => false,
    }
}

/// A unit and everything that is below it today, level by level.
async fn subtree(conn: &impl ConnectionTrait, root: UnitId) -> Result<BTreeSet<UnitId>> {
    let mut found = BTreeSet::from([root]);
    let mut level = vec![root];
    while !level.is_empty() {
        let children = unit_parent::Entity::find()
            .filter(unit_parent::Column::ParentId.is_in(level))
            .filter(unit_parent::Column::LastDay.is_null())
            .all(conn)
            .await?;
        level = children.into_iter().map(|row| row.unit_id).filter(|unit| found.insert(*unit)).collect();
    }
    Ok(found)
}

/// The moment from which somebody locked out may try again, if that is still to come.
pub fn locked_until(person: &person::Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    person.locked_until.filter(|until| *until > now)
}
