//! An adoption or an endorsement in a network above, as it was told to a network below.
//! It counts below by the adoption or the endorsement that it left there, if the rulebook below has a place for it.

use sea_orm::entity::prelude::*;

use crate::ids::{AdoptionId, EchoId, EndorsementId, NetworkId, RelayId};

/// An adoption or an endorsement in a network above, as it was told to a network below.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "echo")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: EchoId,
    /// The last step on the way down.
    pub relay_id: RelayId,
    /// The network to which it was told.
    pub network_id: NetworkId,
    /// The network in which it happened.
    pub source_network_id: NetworkId,
    /// The adoption, as the network above keeps it.
    pub source_adoption_id: Option<AdoptionId>,
    /// The endorsement, as the network above keeps it.
    pub source_endorsement_id: Option<EndorsementId>,
    /// Printed name of the publication that adopted.
    #[sea_orm(column_type = "Text", nullable)]
    pub publication: Option<String>,
    /// The adoption that it left below.
    pub adoption_id: Option<AdoptionId>,
    /// The endorsement that it left below.
    pub endorsement_id: Option<EndorsementId>,
    /// When.
    pub told_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
