//! A submission (信息): the report itself and its state.

use sea_orm::entity::prelude::*;

use crate::ids::{CommissionAssignmentId, NetworkId, PersonId, SubmissionId, UnitId};

/// A submission (信息): the report itself and its state.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submission")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: SubmissionId,
    /// The network it is handed in to.
    pub network_id: NetworkId,
    /// The unit that reports.
    pub unit_id: UnitId,
    /// Code of the item kind, as the rulebook declares it.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Code of the topic, as the rulebook declares it.
    #[sea_orm(column_type = "Text", nullable)]
    pub topic: Option<String>,
    /// Headline.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// The text.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Length of the text in characters.
    pub characters: i64,
    /// Whether the unit marked it urgent.
    pub urgent: bool,
    /// The commission that it answers.
    pub assignment_id: Option<CommissionAssignmentId>,
    /// Where it stands.
    pub state: SubmissionState,
    /// How to reach the writer.
    #[sea_orm(column_type = "Text", nullable)]
    pub contact: Option<String>,
    /// Who signed it.
    pub signatory_id: Option<PersonId>,
    /// When it was signed.
    pub signed_at: Option<DateTimeUtc>,
    /// Who drafted it.
    pub created_by: PersonId,
    /// When it was drafted.
    pub created_at: DateTimeUtc,
    /// When it was last handed in.
    pub submitted_at: Option<DateTimeUtc>,
    /// Local day of the first hand-in that passed receipt; figures are dated by it.
    pub submitted_on: Option<Date>,
    /// When the office took it in.
    pub received_at: Option<DateTimeUtc>,
    /// When it was last returned, declined or adopted.
    pub decided_at: Option<DateTimeUtc>,
    /// Local day of the event that it reports; deadlines of kinds run from it.
    pub happened_on: Option<Date>,
    /// The last day on which the deadline of its kind let it be in time, fixed when it was handed in.
    pub due_on: Option<Date>,
    /// Days after `due_on` on which it was handed in, 0 if in time; empty where its kind has no deadline.
    pub late_days: Option<i64>,
    /// Whether the unit marked it important; the rulebook may ask for a higher signatory then.
    pub important: bool,
    /// The editor who works on it.
    pub claimed_by: Option<PersonId>,
    /// Since when.
    pub claimed_at: Option<DateTimeUtc>,
    /// The earlier submission that it says again.
    pub repeats_id: Option<SubmissionId>,
    /// Whether the office made it of several units' submissions.
    pub composite: bool,
    /// The composite that it became a part of.
    pub merged_into_id: Option<SubmissionId>,
    /// Its share of the composite, in millionths.
    pub merged_share: Option<i64>,
    /// The report of the same event that counts, when this is a second one (归口).
    pub owned_by_id: Option<SubmissionId>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of a submission.
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
pub enum SubmissionState {
    /// Being written in the unit.
    #[sea_orm(string_value = "draft")]
    Draft,
    /// Signed by the person whom the rulebook asks for; an edit takes the signature away.
    #[sea_orm(string_value = "signed")]
    Signed,
    /// Handed in, complete.
    #[sea_orm(string_value = "submitted")]
    Submitted,
    /// Refused at receipt because something required is missing; can be completed and handed in again.
    #[sea_orm(string_value = "refused")]
    Refused,
    /// Taken in by the office.
    #[sea_orm(string_value = "received")]
    Received,
    /// On the office's list of what may be used.
    #[sea_orm(string_value = "shortlisted")]
    Shortlisted,
    /// Sent back with a reason; can be edited and handed in again.
    #[sea_orm(string_value = "returned")]
    Returned,
    /// Screened out with a reason.
    #[sea_orm(string_value = "declined")]
    Declined,
    /// Adopted by at least one publication.
    #[sea_orm(string_value = "adopted")]
    Adopted,
    /// Became a part of a composite; what happens further happens to that.
    #[sea_orm(string_value = "merged")]
    Merged,
    /// Taken back by the unit before a decision.
    #[sea_orm(string_value = "withdrawn")]
    Withdrawn,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
