//! A post in the office and who holds it: who is told about which units (领导分工).

use sea_orm::entity::prelude::*;

use crate::ids::{ChargeId, NetworkId, PersonId};

/// A post in the office and who holds it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "charge")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: ChargeId,
    /// In which network.
    pub network_id: NetworkId,
    /// Who.
    pub person_id: PersonId,
    /// The post.
    pub post: Post,
    /// Who said so last.
    pub changed_by: PersonId,
    /// When.
    pub changed_at: DateTimeUtc,
    /// When the person left the post.
    pub ended_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Posts to which results are taken.
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
pub enum Post {
    /// 政府主要领导: answers for every unit.
    #[sea_orm(string_value = "head")]
    Head,
    /// 政府分管领导: answers for the units in their charge.
    #[sea_orm(string_value = "deputy_head")]
    DeputyHead,
    /// 秘书长: answers for every unit.
    #[sea_orm(string_value = "secretary_general")]
    SecretaryGeneral,
    /// 分管副秘书长: answers for the units in their charge.
    #[sea_orm(string_value = "deputy_secretary_general")]
    DeputySecretaryGeneral,
}

impl Post {
    /// Whether the post answers for every unit, without naming any.
    pub fn is_over_all(self) -> bool {
        match self {
            Self::Head | Self::SecretaryGeneral => true,
            Self::DeputyHead | Self::DeputySecretaryGeneral => false,
        }
    }
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
