//! A target: what is owed from a day on, by the network, a category, a unit or a person; or how large a task from above is
//! from a day on. Rows are only added; of two that differ in nothing but their day the later counts.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, TargetId, UnitId};

/// A target: what is owed from a day on, or how large a task from above is from a day on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "target")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: TargetId,
    /// Where it counts.
    pub network_id: NetworkId,
    /// The task from above whose size this is, by its id in the rulebook; empty for an amount that is owed here.
    #[sea_orm(column_type = "Text", nullable)]
    pub task: Option<String>,
    /// The unit, or the member that stands for a person, that owes it.
    pub unit_id: Option<UnitId>,
    /// Code of the category each of whose units owes it. Without unit and category all units owe it together.
    #[sea_orm(column_type = "Text", nullable)]
    pub category: Option<String>,
    /// What is counted: a count or a sum of points of the rulebook, by its id, or `total`.
    #[sea_orm(column_type = "Text", nullable)]
    pub measure: Option<String>,
    /// Code of the only kind of item that is counted.
    #[sea_orm(column_type = "Text", nullable)]
    pub kind: Option<String>,
    /// The period that it is owed in.
    pub per: Option<TargetPeriod>,
    /// The task from above that it rises and falls with.
    #[sea_orm(column_type = "Text", nullable)]
    pub follows: Option<String>,
    /// How much, in millionths.
    pub amount: i64,
    /// First local day on which it is owed.
    pub first_day: Date,
    /// Last one; open while empty.
    pub last_day: Option<Date>,
    /// Who set it, and in which document.
    #[sea_orm(column_type = "Text")]
    pub origin: String,
    /// Who recorded it.
    pub set_by: PersonId,
    /// When.
    pub set_at: DateTimeUtc,
}

/// The periods in which something is owed.
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
pub enum TargetPeriod {
    /// Monday to Sunday.
    #[sea_orm(string_value = "week")]
    Week,
    /// A month of the assessment year.
    #[sea_orm(string_value = "month")]
    Month,
    /// A quarter of it.
    #[sea_orm(string_value = "quarter")]
    Quarter,
    /// Half of it.
    #[sea_orm(string_value = "half_year")]
    HalfYear,
    /// All of it.
    #[sea_orm(string_value = "year")]
    Year,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
