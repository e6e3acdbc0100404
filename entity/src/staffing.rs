//! Who does a unit's information work, from a day until another.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, StaffingId, UnitId};

/// Who does a unit's information work, from a day until another.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staffing")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: StaffingId,
    /// Where it counts.
    pub network_id: NetworkId,
    /// Whose staff.
    pub unit_id: UnitId,
    /// The person, if they have an account.
    pub person_id: Option<PersonId>,
    /// Their name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// What they do.
    pub duty: Duty,
    /// Code of the level on which they work (市、区县、街道、社区), if it is not the unit's own.
    #[sea_orm(column_type = "Text", nullable)]
    pub level: Option<String>,
    /// The office below the unit in which they work, such as a street or a community.
    #[sea_orm(column_type = "Text", nullable)]
    pub post: Option<String>,
    /// First day.
    pub first_day: Date,
    /// Last day; open while empty.
    pub last_day: Option<Date>,
    /// Who recorded it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Duties in a unit's information work.
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
pub enum Duty {
    /// 分管领导.
    #[sea_orm(string_value = "leader_in_charge")]
    LeaderInCharge,
    /// 信息科长.
    #[sea_orm(string_value = "section_chief")]
    SectionChief,
    /// 专职信息员.
    #[sea_orm(string_value = "full_time")]
    FullTime,
    /// 兼职信息员.
    #[sea_orm(string_value = "part_time")]
    PartTime,
    /// 特邀信息员.
    #[sea_orm(string_value = "invited_expert")]
    InvitedExpert,
    /// 紧急信息联系人: the one who reports urgent information.
    #[sea_orm(string_value = "urgent_contact")]
    UrgentContact,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
