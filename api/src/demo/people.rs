//! The people of the demonstration: three in every unit, one per role in the office, and the three administrators.
//!
//! Nobody has a password: the tokens that the command prints are the way in.

use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, PersonId, UnitId};
use entity::role_grant::{self, Role};
use entity::{person, unit};
use sea_orm::{ActiveEnum as _, ConnectionTrait};

use super::acts::Act;
use super::chance::Chance;
use super::names;
use super::rows::{fresh, insert};
use crate::auth::policy::Action;
use crate::services::audit::{Entry, ObjectKind};

/// The roles in every unit.
pub(super) const IN_UNITS: [Role; 3] = [Role::Officer, Role::SectionChief, Role::UnitLeader];
/// The roles on the network.
const IN_OFFICE: [Role; 5] = [Role::Editor, Role::ChiefEditor, Role::CityLeader, Role::Analyst, Role::SmsWorker];
/// The roles on the platform; the first invites, the second gives the roles.
const ADMINISTRATORS: [Role; 3] = [Role::SystemAdministrator, Role::SecurityAdministrator, Role::Auditor];

/// Every role, in the order in which they are printed.
pub(super) fn all_roles() -> impl Iterator<Item = Role> {
    IN_UNITS.into_iter().chain(IN_OFFICE).chain(ADMINISTRATORS)
}

/// Somebody who works.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    /// The account.
    pub(super) id: PersonId,
    /// The name.
    pub(super) name: String,
}

/// The three of a unit.
#[derive(Clone, Debug)]
pub(super) struct Team {
    /// 信息员.
    pub(super) officer: Worker,
    /// 科室负责人.
    pub(super) chief: Worker,
    /// 分管领导.
    pub(super) leader: Worker,
}

/// The office.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    /// 信息科编辑.
    pub(super) editor: Worker,
    /// 办公室负责人.
    pub(super) chief: Worker,
    /// A leader who reads and endorses.
    pub(super) leader: Worker,
}

/// The name to sign in with. Several networks may stand on one platform, so it begins with the network's code.
pub(super) fn login(network: &str, unit: Option<i64>, role: Role) -> String {
    let role = role.to_value().replace('_', "-");
    match unit {
        Some(position) => format!("{network}.u{position:02}.{role}"),
        None => format!("{network}.{role}"),
    }
}

/// Everybody who was engaged, with what goes on record.
pub(super) struct Engaged {
    /// By unit, in the order given.
    pub(super) teams: Vec<Team>,
    /// The office.
    pub(super) desk: Desk,
    /// For the platform's chain.
    pub(super) on_platform: Vec<Act>,
    /// For the network's chain.
    pub(super) on_network: Vec<Act>,
}

struct Post {
    role: Role,
    unit: Option<UnitId>,
    row: person::Model,
}

fn posts(code: &str, units: &[unit::Model], at: DateTime<Utc>) -> Vec<Post> {
    let mut chance = Chance::of(1);
    let mut post = |role, unit: Option<&unit::Model>| Post {
        role,
        unit: unit.map(|unit| unit.id),
        row: person::Model {
            id: PersonId(0),
            unit_id: unit.map(|unit| unit.id),
            name: names::person(&mut chance),
            login: login(code, unit.map(|unit| unit.position), role),
            password_hash: None,
            failed_logins: 0,
            locked_until: None,
            disabled_at: None,
            created_at: at,
            version: 1,
        },
    };
    let mut posts: Vec<Post> = ADMINISTRATORS.into_iter().chain(IN_OFFICE).map(|role| post(role, None)).collect();
    for unit in units {
        posts.extend(IN_UNITS.map(|role| post(role, Some(unit))));
    }
    posts
}

/// Opens the accounts and gives the roles.
pub(super) async fn engage(
    conn: &impl ConnectionTrait,
    network: (NetworkId, &str),
    units: &[unit::Model],
    at: DateTime<Utc>,
) -> anyhow::Result<Engaged> {
    let (network, code) = network;
    let posts = posts(code, units, at);
    let people: Vec<_> = posts.iter().map(|post| fresh!(person, post.row.clone())).collect();
    let ids = insert::<person::Entity, _>(conn, people).await?;
    let grant = |(post, person): (&Post, &PersonId)| {
        fresh!(
            role_grant,
            role_grant::Model {
                id: entity::ids::RoleGrantId(0),
                person_id: *person,
                role: post.role,
                network_id: IN_OFFICE.contains(&post.role).then_some(network),
                unit_id: post.unit,
                granted_at: at,
                revoked_at: None,
            }
        )
    };
    let grants = insert::<role_grant::Entity, _>(conn, posts.iter().zip(&ids).map(grant).collect()).await?;
    let mut engaged = (Vec::new(), Vec::new());
    for ((post, person), grant) in posts.iter().zip(&ids).zip(&grants) {
        // The operator opens the administrators' accounts; they open the others'.
        let by =
            |administrator: usize| ids.get(administrator).filter(|_| !ADMINISTRATORS.contains(&post.role)).copied();
        let (invite, give) = (Action::InvitePerson.name(), Action::GrantRole.name());
        let details = serde_json::json!({ "person": person, "role": post.role, "unit": post.unit });
        let given = Entry::new(give, ObjectKind::RoleGrant, grant.0).with(details);
        let given = Act { at: at + chrono::Duration::minutes(30), actor: by(1), entry: given };
        engaged.0.push(Act { at, actor: by(0), entry: Entry::new(invite, ObjectKind::Person, person.0) });
        if IN_OFFICE.contains(&post.role) { engaged.1.push(given) } else { engaged.0.push(given) }
    }
    let workers = posts.into_iter().zip(ids).map(|(post, id)| Worker { id, name: post.row.name });
    let mut workers = workers.skip(ADMINISTRATORS.len());
    let [editor, chief, leader, _, _] = take(&mut workers)?;
    let mut teams = Vec::with_capacity(units.len());
    for _ in units {
        let [officer, chief, leader] = take(&mut workers)?;
        teams.push(Team { officer, chief, leader });
    }
    let desk = Desk { editor, chief, leader };
    Ok(Engaged { teams, desk, on_platform: engaged.0, on_network: engaged.1 })
}

fn take<const COUNT: usize>(workers: &mut impl Iterator<Item = Worker>) -> anyhow::Result<[Worker; COUNT]> {
    let taken: Vec<Worker> = workers.take(COUNT).collect();
    taken.try_into().map_err(|_| anyhow::anyhow!("somebody was not engaged"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_there_once() {
        let mut roles: Vec<Role> = all_roles().collect();
        roles.sort_unstable();
        roles.dedup();
        assert_eq!(roles.len(), 11);
    }

    #[test]
    fn logins_tell_units_apart() {
        assert_eq!(login("office", Some(7), Role::SectionChief), "office.u07.section-chief");
        assert_eq!(login("office", None, Role::ChiefEditor), "office.chief-editor");
    }
}
