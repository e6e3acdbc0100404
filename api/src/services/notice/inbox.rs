//! What a person has been told, in the application: the same texts, and which of them they have read.

use chrono::{DateTime, Utc};
use entity::ids::{NoticeId, PersonId};
use entity::notice::{self, Channel, NoticeState};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::services::Ctx;
use crate::services::audit::ObjectKind;
use crate::services::write::{Begun, Command};

/// The most notices that are named at once.
const MOST: usize = 500;

/// Everything in a person's inbox.
pub fn of(person: PersonId) -> sea_orm::Select<notice::Entity> {
    notice::Entity::find()
        .filter(notice::Column::RecipientId.eq(person))
        .filter(notice::Column::Channel.eq(Channel::Inbox))
        .filter(notice::Column::State.eq(NoticeState::Delivered))
}

/// How many a person has not read.
pub async fn unread(conn: &impl ConnectionTrait, person: PersonId) -> Result<u64> {
    Ok(of(person).filter(notice::Column::ReadAt.is_null()).count(conn).await?)
}

/// Says that the actor has read notices.
#[derive(Clone, Debug, Serialize)]
pub struct MarkRead {
    /// See [`Command`].
    pub idempotency_key: String,
    /// These; all, if none is named.
    pub notices: Vec<NoticeId>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadOutcome {
    /// How many had not been read before.
    pub marked: i64,
}

impl Command for MarkRead {
    fn name(&self) -> &'static str {
        "markRead"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Notes that the actor has read notices of their inbox. Nobody else's are found.
pub async fn mark_read(ctx: &Ctx, mut command: MarkRead) -> Result<ReadOutcome> {
    command.notices.sort_unstable();
    command.notices.dedup();
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    if command.notices.len() > MOST {
        return Err(Error::invalid("notices", "name up to 500 notices", "一次最多 500 条通知"));
    }
    let me = ctx.actor().id();
    let named = notice::Column::Id.is_in(command.notices.iter().copied());
    if !command.notices.is_empty() {
        let found = of(me).filter(named.clone()).count(write.conn()).await?;
        if found != command.notices.len() as u64 {
            return Err(Error::not_found().at("notices"));
        }
    }
    let mut update = notice::Entity::update_many()
        .col_expr(notice::Column::ReadAt, Expr::value(Some::<DateTime<Utc>>(ctx.now())))
        .col_expr(notice::Column::Version, Expr::col(notice::Column::Version).add(1))
        .filter(notice::Column::RecipientId.eq(me))
        .filter(notice::Column::Channel.eq(Channel::Inbox))
        .filter(notice::Column::State.eq(NoticeState::Delivered))
        .filter(notice::Column::ReadAt.is_null());
    if !command.notices.is_empty() {
        update = update.filter(named);
    }
    let marked = update.exec(write.conn()).await?.rows_affected;
    write.did("MarkRead", ObjectKind::Person, me.0);
    let outcome = ReadOutcome { marked: i64::try_from(marked).unwrap_or(i64::MAX) };
    write.commit(&outcome).await?;
    Ok(outcome)
}
