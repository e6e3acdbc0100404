//! People and the roles they hold.

use entity::ids::{NetworkId, PersonId, RoleGrantId, UnitId};
use entity::person;
use entity::role_grant::{self, Role};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::password;
use crate::auth::policy::{Action, EXCLUSIVE, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, unit};

/// Opens an account.
#[derive(Clone, Debug, Serialize)]
pub struct InvitePerson {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The unit in which the person works; none for the platform's administrators.
    pub unit: Option<UnitId>,
    /// Their name.
    pub name: String,
    /// Name to sign in with.
    pub login: String,
    /// First password.
    #[serde(skip)]
    pub password: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PersonOutcome {
    /// The person.
    pub person: PersonId,
}

impl Command for InvitePerson {
    fn name(&self) -> &'static str {
        "invitePerson"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Creates a person with a password and no role.
pub async fn invite(ctx: &Ctx, command: InvitePerson) -> Result<PersonOutcome> {
    ctx.authorize(Action::InvitePerson, Target::platform())?;
    password::check(&command.password)?;
    // Hashed before the transaction begins: it takes longer than anything inside one should.
    let hash = ctx.state().passwords().hash(command.password.clone()).await?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    if let Some(id) = command.unit {
        unit::find(ctx, write.conn(), id).await?;
    }
    let name = unit::check_name(&command.name, "name")?;
    let login = check_login(&command.login)?;
    let row = person::ActiveModel {
        id: NotSet,
        unit_id: Set(command.unit),
        name: Set(name.to_owned()),
        login: Set(login.to_owned()),
        password_hash: Set(Some(hash)),
        failed_logins: Set(0),
        locked_until: Set(None),
        disabled_at: Set(None),
        created_at: Set(ctx.now()),
        version: Set(1),
    };
    let taken = || Error::new(Code::AlreadyExists, "this login is taken", "该账号已被使用").at("login");
    let id = person::Entity::insert(row).exec(write.conn()).await.map_err(|err| on_unique(err, taken))?.last_insert_id;
    write.did("InvitePerson", ObjectKind::Person, id.0);
    let outcome = PersonOutcome { person: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn check_login(login: &str) -> Result<&str> {
    let good = (3..=64).contains(&login.chars().count())
        && login.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@'));
    if good {
        return Ok(login);
    }
    Err(Error::invalid(
        "login",
        "a login has 3 to 64 letters, digits, dots, hyphens or underscores",
        "账号由 3 至 64 个文字、数字、点、连字符或下划线组成",
    ))
}

/// Gives a role to a person.
#[derive(Clone, Debug, Serialize)]
pub struct GrantRole {
    /// See [`Command`].
    pub idempotency_key: String,
    /// To whom.
    pub person: PersonId,
    /// Which role.
    pub role: Role,
    /// On which network; for the office's roles.
    pub network: Option<NetworkId>,
    /// On which unit; for the units' roles, and for leaders and analysts with units in their charge.
    pub unit: Option<UnitId>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantOutcome {
    /// The person.
    pub person: PersonId,
    /// The grant.
    pub grant: RoleGrantId,
}

impl Command for GrantRole {
    fn name(&self) -> &'static str {
        "grantRole"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Where a role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Unit,
    Network,
    NetworkOrUnit,
    Platform,
}

fn place(role: Role) -> Place {
    match role {
        Role::Officer | Role::SectionChief | Role::UnitLeader => Place::Unit,
        Role::Editor | Role::ChiefEditor | Role::SmsWorker => Place::Network,
        Role::CityLeader | Role::Analyst => Place::NetworkOrUnit,
        Role::SystemAdministrator | Role::SecurityAdministrator | Role::Auditor => Place::Platform,
    }
}

/// Grants a role. Nobody gives one to themselves; the platform's three administrators exclude each other and everything else.
pub async fn grant(ctx: &Ctx, command: GrantRole) -> Result<GrantOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let person = find(ctx, write.conn(), command.person).await?;
    ctx.authorize(Action::GrantRole, Target::platform())?;
    if person.id == ctx.actor().id() {
        return Err(Error::new(Code::Forbidden, "nobody gives a role to themselves", "不得为本人授予角色"));
    }
    check_place(&command)?;
    if let Some(network) = command.network {
        ctx.network(write.conn(), network).await?;
    }
    if let Some(id) = command.unit {
        unit::find(ctx, write.conn(), id).await?;
    }
    let held = role_grant::Entity::find()
        .filter(role_grant::Column::PersonId.eq(person.id))
        .filter(role_grant::Column::RevokedAt.is_null())
        .all(write.conn())
        .await?;
    if held
        .iter()
        .any(|row| row.role == command.role && row.network_id == command.network && row.unit_id == command.unit)
    {
        return Err(Error::new(Code::AlreadyExists, "the person holds this role already", "该人员已拥有此角色"));
    }
    let exclusive = EXCLUSIVE.contains(&command.role) || held.iter().any(|row| EXCLUSIVE.contains(&row.role));
    if exclusive && held.iter().any(|row| row.role != command.role) {
        return Err(Error::new(
            Code::RolesExclude,
            "administrator, security administrator and auditor exclude each other and every other role",
            "系统管理员、安全管理员、审计员三员互斥，且不得兼任其他角色",
        )
        .at("role"));
    }
    let id = insert_grant(write.conn(), person.id, command.role, command.network, command.unit, ctx.now()).await?;
    if let Some(network) = command.network {
        write.in_network(network);
    }
    write.record(Entry::new("GrantRole", ObjectKind::RoleGrant, id.0).with(serde_json::json!({
        "person": person.id, "role": command.role, "unit": command.unit,
    })));
    let outcome = GrantOutcome { person: person.id, grant: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn check_place(command: &GrantRole) -> Result<()> {
    let (network, unit) = (command.network.is_some(), command.unit.is_some());
    let fits = match place(command.role) {
        Place::Unit => unit && !network,
        Place::Network => network && !unit,
        Place::NetworkOrUnit => network != unit,
        Place::Platform => !network && !unit,
    };
    if fits {
        return Ok(());
    }
    let (en, zh) = match place(command.role) {
        Place::Unit => ("this role is held on a unit: give unit only", "该角色须授予在单位上：只填写 unit"),
        Place::Network => {
            ("this role is held on a network: give network only", "该角色须授予在信息网络上：只填写 network")
        }
        Place::NetworkOrUnit => ("give either network or unit", "network 与 unit 须且只须填写一项"),
        Place::Platform => (
            "this role is held on the platform: give neither network nor unit",
            "该角色为平台角色：network 与 unit 均不填写",
        ),
    };
    Err(Error::invalid("role", en, zh))
}

/// Writes a grant.
pub(crate) async fn insert_grant(
    conn: &impl ConnectionTrait,
    person: PersonId,
    role: Role,
    network: Option<NetworkId>,
    unit: Option<UnitId>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<RoleGrantId> {
    let row = role_grant::ActiveModel {
        id: NotSet,
        person_id: Set(person),
        role: Set(role),
        network_id: Set(network),
        unit_id: Set(unit),
        granted_at: Set(now),
        revoked_at: Set(None),
    };
    Ok(role_grant::Entity::insert(row).exec(conn).await?.last_insert_id)
}

/// Takes a role away.
#[derive(Clone, Debug, Serialize)]
pub struct RevokeRole {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which grant.
    pub grant: RoleGrantId,
}

impl Command for RevokeRole {
    fn name(&self) -> &'static str {
        "revokeRole"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Revokes a grant; it has no effect from the person's next request on.
pub async fn revoke(ctx: &Ctx, command: RevokeRole) -> Result<GrantOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    ctx.authorize(Action::RevokeRole, Target::platform())?;
    let row = role_grant::Entity::find_by_id(command.grant).one(write.conn()).await?.ok_or_else(Error::not_found)?;
    let updated = role_grant::Entity::update_many()
        .col_expr(role_grant::Column::RevokedAt, Expr::value(ctx.now()))
        .filter(role_grant::Column::Id.eq(row.id))
        .filter(role_grant::Column::RevokedAt.is_null())
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::new(Code::WrongState, "the role was taken away before", "该角色此前已被撤销"));
    }
    if let Some(network) = row.network_id {
        write.in_network(network);
    }
    write.did("RevokeRole", ObjectKind::RoleGrant, row.id.0);
    let outcome = GrantOutcome { person: row.person_id, grant: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The person with `id`, if the actor may know of them.
pub(crate) async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: PersonId) -> Result<person::Model> {
    ctx.scope().people().filter(person::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
}

/// Opens an account with one role for the operator on the command line.
pub async fn set_up(
    state: &crate::state::AppState,
    login: &str,
    name: &str,
    password: String,
    role: Role,
    network: Option<NetworkId>,
) -> Result<PersonId> {
    let hash = state.passwords().hash(password).await?;
    let now = state.clock().now();
    let txn = state.database().begin().await?;
    let row = person::ActiveModel {
        id: NotSet,
        unit_id: Set(None),
        name: Set(unit::check_name(name, "name")?.to_owned()),
        login: Set(check_login(login)?.to_owned()),
        password_hash: Set(Some(hash)),
        failed_logins: Set(0),
        locked_until: Set(None),
        disabled_at: Set(None),
        created_at: Set(now),
        version: Set(1),
    };
    let taken = || Error::new(Code::AlreadyExists, "this login is taken", "该账号已被使用").at("login");
    let id = person::Entity::insert(row).exec(&txn).await.map_err(|error| on_unique(error, taken))?.last_insert_id;
    let grant = insert_grant(&txn, id, role, network, None, now).await?;
    let entries = vec![
        Entry::new("InvitePerson", ObjectKind::Person, id.0),
        Entry::new("GrantRole", ObjectKind::RoleGrant, grant.0),
    ];
    crate::services::audit::append(&txn, crate::services::audit::PLATFORM, None, now, entries).await?;
    txn.commit().await?;
    Ok(id)
}
