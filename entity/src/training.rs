//! A training: a session held by a unit, or a secondment of its officers.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, TrainingId, UnitId};

/// A training: a session held by a unit, or a secondment of its officers.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "training")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: TrainingId,
    /// Where it counts.
    pub network_id: NetworkId,
    /// Who held it, or sent officers.
    pub unit_id: UnitId,
    /// What it was.
    pub kind: TrainingKind,
    /// What it is called.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// First day, of one that lasts several.
    pub began_on: Option<Date>,
    /// Local day; for a secondment or a term of work its last day as planned.
    pub held_on: Date,
    /// How many took part.
    pub attendees: i64,
    /// Whether the office's plan names it.
    pub planned: bool,
    /// Whether it was carried through.
    pub completed: bool,
    /// Whether it began when planned.
    pub on_time: bool,
    /// Whether rules were broken in it.
    pub violation: bool,
    /// Who recorded it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Kinds of training.
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
pub enum TrainingKind {
    /// 集中培训: a training session.
    #[sea_orm(string_value = "session")]
    Session,
    /// 跟班培训: training by sitting in with the office.
    #[sea_orm(string_value = "secondment")]
    Secondment,
    /// 以干代训: a term of training by working in the office.
    #[sea_orm(string_value = "by_working")]
    ByWorking,
    /// 送课下基层: a lecture that the office gave in the unit.
    #[sea_orm(string_value = "lecture")]
    Lecture,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
