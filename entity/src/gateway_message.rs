//! What a gateway calls a notice that it took, or a part of it.

use sea_orm::entity::prelude::*;

use crate::ids::{GatewayMessageId, NetworkId, NoticeId};

/// What a gateway calls a notice that it took, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gateway_message")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: GatewayMessageId,
    /// In which network.
    pub network_id: NetworkId,
    /// The gateway's id.
    #[sea_orm(column_type = "Text")]
    pub gateway_id: String,
    /// Of which notice.
    pub notice_id: NoticeId,
    /// In which round.
    pub round: i64,
    /// Of which part, from 1; of all when the gateway has one id for them.
    pub segment: Option<i64>,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
