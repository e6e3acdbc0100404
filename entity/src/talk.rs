//! A talk (约谈) with a unit that is behind: why it is called in, what was agreed, and what came of it.

use sea_orm::entity::prelude::*;

use crate::ids::{CircularId, NetworkId, PersonId, TalkId, UnitId};

/// A talk (约谈) with a unit that is behind: why it is called in, what was agreed, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "talk")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: TalkId,
    /// In which network.
    pub network_id: NetworkId,
    /// Who is called in.
    pub unit_id: UnitId,
    /// The period by its name, such as `2026-Q1`.
    #[sea_orm(column_type = "Text")]
    pub period: String,
    /// The circular by whose results it is called in.
    pub circular_id: CircularId,
    /// In what it is behind, with what the rulebook's lists read, JSON.
    #[sea_orm(column_type = "Text")]
    pub reasons: String,
    /// Where it stands.
    pub state: TalkState,
    /// Who called it in.
    pub called_by: PersonId,
    /// When.
    pub called_at: DateTimeUtc,
    /// Local day of the talk.
    pub held_on: Option<Date>,
    /// Who took part.
    #[sea_orm(column_type = "Text")]
    pub participants: Option<String>,
    /// What was agreed.
    #[sea_orm(column_type = "Text")]
    pub measures: Option<String>,
    /// Local day by which it shall be done.
    pub follow_up_due: Option<Date>,
    /// What came of it, or why it was called off.
    #[sea_orm(column_type = "Text")]
    pub result: Option<String>,
    /// Who recorded the last step.
    pub recorded_by: Option<PersonId>,
    /// When.
    pub recorded_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of a talk.
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
pub enum TalkState {
    /// The unit is called in.
    #[sea_orm(string_value = "called")]
    Called,
    /// It was held, and measures are agreed.
    #[sea_orm(string_value = "held")]
    Held,
    /// The measures were carried out.
    #[sea_orm(string_value = "resolved")]
    Resolved,
    /// The measures were not carried out.
    #[sea_orm(string_value = "unresolved")]
    Unresolved,
    /// It was called off.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
