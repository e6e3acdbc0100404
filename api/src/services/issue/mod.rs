//! Issues of the office's own publications: opened, arranged, approved, published, and read as documents.

pub mod arrange;
pub mod document;

use chrono::{Datelike as _, NaiveDate};
use entity::ids::{IssueId, NetworkId, PublicationId};
use entity::issue::{self, IssueState};
use entity::publication;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Target, authorize};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};

/// Opens the next issue of a publication.
#[derive(Clone, Debug, Serialize)]
pub struct CreateIssue {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Of which publication.
    pub publication: PublicationId,
    /// Date printed on it.
    pub issued_on: NaiveDate,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IssueOutcome {
    /// The issue.
    pub issue: IssueId,
}

impl Command for CreateIssue {
    fn name(&self) -> &'static str {
        "createIssue"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Opens an issue with the next number of its year.
pub async fn create(ctx: &Ctx, command: CreateIssue) -> Result<IssueOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let publication = ctx
        .scope()
        .publications()
        .filter(publication::Column::Id.eq(command.publication))
        .one(write.conn())
        .await?
        .ok_or_else(|| Error::not_found().at("publication"))?;
    ctx.authorize(Action::CreateIssue, Target::network(publication.network_id))?;
    if !publication.own {
        return Err(Error::invalid(
            "publication",
            "only the office's own publications have issues here",
            "只有本办公室主办的刊物可以编期",
        ));
    }
    let year = i64::from(command.issued_on.year());
    let last: Option<Option<i64>> = issue::Entity::find()
        .select_only()
        .column_as(issue::Column::Number.max(), "last")
        .filter(issue::Column::PublicationId.eq(publication.id))
        .filter(issue::Column::Year.eq(year))
        .into_tuple()
        .one(write.conn())
        .await?;
    let row = issue::ActiveModel {
        id: NotSet,
        publication_id: Set(publication.id),
        number: Set(last.flatten().unwrap_or(0) + 1),
        year: Set(year),
        issued_on: Set(command.issued_on),
        state: Set(IssueState::Open),
        version: Set(1),
    };
    let taken = || {
        Error::new(
            Code::Unavailable,
            "another issue was opened at this moment; try again",
            "同一时刻已新建一期，请重试",
        )
    };
    let id = issue::Entity::insert(row).exec(write.conn()).await.map_err(|err| on_unique(err, taken))?.last_insert_id;
    write.in_network(publication.network_id);
    write.did("CreateIssue", ObjectKind::Issue, id.0);
    let outcome = IssueOutcome { issue: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Approves or publishes an issue.
#[derive(Clone, Debug, Serialize)]
pub struct MoveIssue {
    /// See [`Command`].
    pub idempotency_key: String,
    /// [`Action::ApproveIssue`] or [`Action::PublishIssue`].
    pub action: Action,
    /// Which issue.
    pub issue: IssueId,
    /// The version that was read.
    pub expected_version: i64,
}

impl Command for MoveIssue {
    fn name(&self) -> &'static str {
        self.action.name()
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Whether `actor` may do `action` to this issue now, and if not why.
pub fn may(actor: &Actor, action: Action, row: &issue::Model, network: NetworkId) -> Result<()> {
    authorize(actor, action, Target::network(network))?;
    if step(action).is_some_and(|(from, _)| from == row.state) {
        return Ok(());
    }
    Err(Error::new(
        Code::WrongState,
        format!("the issue is {}, so this cannot be done now", state_name(row.state)),
        "该期当前状态不能进行此操作".to_owned(),
    ))
}

fn step(action: Action) -> Option<(IssueState, IssueState)> {
    match action {
        Action::ArrangeIssue => Some((IssueState::Open, IssueState::Open)),
        Action::ApproveIssue => Some((IssueState::Open, IssueState::Approved)),
        Action::PublishIssue => Some((IssueState::Approved, IssueState::Published)),
        _ => None,
    }
}

fn state_name(state: IssueState) -> &'static str {
    match state {
        IssueState::Open => "open",
        IssueState::Approved => "approved",
        IssueState::Published => "published",
    }
}

/// Moves an issue on. Its adoptions count from its date, whatever its state.
pub async fn advance(ctx: &Ctx, command: MoveIssue) -> Result<IssueOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.issue).await?;
    let network = network_of(write.conn(), &row).await?;
    may(ctx.actor(), command.action, &row, network)?;
    let to = step(command.action).map_or(row.state, |(_, to)| to);
    bump(write.conn(), &row, command.expected_version, to).await?;
    write.in_network(network);
    let entry = Entry::new(command.action.name(), ObjectKind::Issue, row.id.0);
    write.record(entry.moved(state_name(row.state), state_name(to)));
    let outcome = IssueOutcome { issue: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The issue with `id`, if the actor may know of it.
async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: IssueId) -> Result<issue::Model> {
    ctx.scope().issues().filter(issue::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
}

/// Sets the state of an issue and counts the change, unless somebody was faster.
async fn bump(conn: &impl ConnectionTrait, row: &issue::Model, expected: i64, to: IssueState) -> Result<()> {
    let updated = issue::Entity::update_many()
        .col_expr(issue::Column::State, Expr::value(to))
        .col_expr(issue::Column::Version, Expr::col(issue::Column::Version).add(1))
        .filter(issue::Column::Id.eq(row.id))
        .filter(issue::Column::Version.eq(expected))
        .exec(conn)
        .await?;
    if updated.rows_affected == 0 { Err(Error::version_conflict(row.version)) } else { Ok(()) }
}

async fn network_of(conn: &impl ConnectionTrait, row: &issue::Model) -> Result<NetworkId> {
    let publication =
        publication::Entity::find_by_id(row.publication_id).one(conn).await?.ok_or_else(Error::not_found)?;
    Ok(publication.network_id)
}
