//! Says that a notice may be sent; written in the transaction that made it so, numbered after its commit.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, NoticeId, OutboxEventId, PersonId};

/// Says that a notice may be sent; written in the transaction that made it so, numbered after its commit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_event")]
pub struct Model {
    /// Row id: the same however often the event is sent.
    #[sea_orm(primary_key)]
    pub id: OutboxEventId,
    /// In whose stream.
    pub network_id: NetworkId,
    /// Which notice.
    pub notice_id: NoticeId,
    /// To whom: what is ordered by.
    pub recipient_id: PersonId,
    /// The notice's round.
    pub round: i64,
    /// The notice's attempt.
    pub attempt: i64,
    /// Not to be numbered before.
    pub due_at: DateTimeUtc,
    /// Place in the stream, without gaps; none until the relay gave it one.
    pub sequence: Option<i64>,
    /// When it was written.
    pub created_at: DateTimeUtc,
    /// When it got its number.
    pub numbered_at: Option<DateTimeUtc>,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
