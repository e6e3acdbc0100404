//! A submission sent up into the network above, where it lives on as a submission of the office that sent it.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, RelayId, SubmissionId};

/// A submission sent up into the network above, where it lives on as a submission of the office that sent it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "relay")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: RelayId,
    /// What was sent.
    pub lower_id: SubmissionId,
    /// The network from which it was sent.
    pub lower_network_id: NetworkId,
    /// What it became above.
    pub upper_id: SubmissionId,
    /// The network above.
    pub upper_network_id: NetworkId,
    /// Code of the level above, in the rulebook of the network below.
    #[sea_orm(column_type = "Text")]
    pub to_level: String,
    /// When.
    pub relayed_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
