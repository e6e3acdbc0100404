//! A day of the calendar as it was imported: whether people work, and when text messages go out.

use sea_orm::entity::prelude::*;

/// A day of the calendar as it was imported.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_day")]
pub struct Model {
    /// The day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Whether offices work.
    pub working: bool,
    /// From when on text messages go out, `08:30`; none go out on a day without hours.
    #[sea_orm(column_type = "Text", nullable)]
    pub sends_from: Option<String>,
    /// Until when.
    #[sea_orm(column_type = "Text", nullable)]
    pub sends_until: Option<String>,
    /// What day it is, such as 国庆节.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// When it was imported.
    pub imported_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
