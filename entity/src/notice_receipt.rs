//! What a gateway said became of a message; it may have come before anybody knew the message.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, NoticeId, NoticeReceiptId};

/// What a gateway said became of a message; it may have come before anybody knew the message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_receipt")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: NoticeReceiptId,
    /// In which network.
    pub network_id: NetworkId,
    /// The gateway's id of the message.
    #[sea_orm(column_type = "Text")]
    pub gateway_id: String,
    /// Part of the message, from 1; 0 for all of it.
    pub segment: i64,
    /// What became of it.
    pub status: ReceiptStatus,
    /// The gateway's own code.
    #[sea_orm(column_type = "Text", nullable)]
    pub gateway_code: Option<String>,
    /// The gateway's own words.
    #[sea_orm(column_type = "Text", nullable)]
    pub gateway_text: Option<String>,
    /// The notice; empty while no submission has named the message.
    pub notice_id: Option<NoticeId>,
    /// When it happened, as the gateway says.
    pub reported_at: DateTimeUtc,
    /// When we heard of it.
    pub received_at: DateTimeUtc,
}

/// What a receipt says.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    serde::Serialize,
    serde::Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    /// The handset has it.
    #[sea_orm(string_value = "delivered")]
    Delivered,
    /// It will not arrive.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// The gateway gave up in the time it had.
    #[sea_orm(string_value = "expired")]
    Expired,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
