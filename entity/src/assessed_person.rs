//! A member of a network that stands for a person: what the person writes is credited to it (个人考核).

use sea_orm::entity::prelude::*;

use crate::ids::{AssessedPersonId, NetworkId, PersonId, UnitId};

/// A member of a network that stands for a person: what the person writes is credited to it (个人考核).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assessed_person")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: AssessedPersonId,
    /// Where they are assessed.
    pub network_id: NetworkId,
    /// The member of the network, in a category of persons.
    pub unit_id: UnitId,
    /// The person.
    pub person_id: PersonId,
    /// Who said so.
    pub set_by: PersonId,
    /// When.
    pub set_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
