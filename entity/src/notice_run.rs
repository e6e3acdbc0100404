//! One occasion on which a rule sends notices: once for each network, rule and period.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, NoticeRunId, PersonId};

/// One occasion on which a rule sends notices: once for each network, rule and period.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_run")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: NoticeRunId,
    /// In which network.
    pub network_id: NetworkId,
    /// Id of the rule in the rulebook.
    #[sea_orm(column_type = "Text")]
    pub rule: String,
    /// Kind of notice, as the rulebook calls it.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// The period told of, such as `2026-Q3`; or what else the run happens once for.
    #[sea_orm(column_type = "Text")]
    pub period: String,
    /// Where it stands.
    pub state: RunState,
    /// Why it was skipped or recalled.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// Version of the text template; a changed text is a version of its own.
    pub template_version: i64,
    /// The published result from which the texts are rendered.
    pub circular_id: Option<i64>,
    /// When it was due by its rule; empty for what nobody scheduled.
    pub due_at: Option<DateTimeUtc>,
    /// Who drafted it; empty when its time had come.
    pub drafted_by: Option<PersonId>,
    /// Whom it could not be addressed to, and who was left out, JSON.
    #[sea_orm(column_type = "Text", default_value = "[]")]
    pub gaps: String,
    /// When it was drafted.
    pub created_at: DateTimeUtc,
    /// Who approved it: never the drafter.
    pub approved_by: Option<PersonId>,
    /// When.
    pub approved_at: Option<DateTimeUtc>,
    /// When its notices were handed to the stream.
    pub released_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of a run.
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
pub enum RunState {
    /// Due, but the results that it tells of are not published.
    #[sea_orm(string_value = "waiting")]
    Waiting,
    /// Texts can be looked at; nothing is sent.
    #[sea_orm(string_value = "draft")]
    Draft,
    /// A second person agreed.
    #[sea_orm(string_value = "approved")]
    Approved,
    /// Its notices are in the stream.
    #[sea_orm(string_value = "released")]
    Released,
    /// What was unsent was called back.
    #[sea_orm(string_value = "recalled")]
    Recalled,
    /// Too late to matter; the reason says why.
    #[sea_orm(string_value = "skipped_late")]
    SkippedLate,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
