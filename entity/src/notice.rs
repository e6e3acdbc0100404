//! What is to be said to one person, and how far it has come.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, NoticeId, NoticeRunId, PersonId, UnitId};

/// What is to be said to one person, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: NoticeId,
    /// In which network.
    pub network_id: NetworkId,
    /// The run it belongs to.
    pub run_id: NoticeRunId,
    /// To whom. Notices to one person go out in the order of their ids.
    pub recipient_id: PersonId,
    /// The unit it speaks of, if it is one.
    pub unit_id: Option<UnitId>,
    /// Every unit that the text mentions, JSON: those that the recipient is told of.
    #[sea_orm(column_type = "Text", default_value = "[]")]
    pub units: String,
    /// How it reaches them.
    pub channel: Channel,
    /// The gateway's id of the text template.
    #[sea_orm(column_type = "Text")]
    pub template: String,
    /// Version of the template.
    pub template_version: i64,
    /// The template's values, as a JSON object.
    #[sea_orm(column_type = "Text")]
    pub parameters: String,
    /// The rendered text, as it is read.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// In how many SMS it goes.
    pub segments: i64,
    /// How far it has come.
    pub state: NoticeState,
    /// Begins at 1; one more each time an operator asks for it to be sent again.
    pub round: i64,
    /// Number of the attempt within the round, from 1.
    pub attempt: i64,
    /// When the next attempt is due, or when an unanswered one may be repeated.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// Who is sending it.
    #[sea_orm(column_type = "Text", nullable)]
    pub leased_by: Option<String>,
    /// Until when nobody else will.
    pub lease_until: Option<DateTimeUtc>,
    /// Grows with each lease: a report that names an older one comes too late.
    pub fence: i64,
    /// The caller's own id at the gateway: the same on every attempt of a round.
    #[sea_orm(column_type = "Text")]
    pub dedupe_key: String,
    /// When the gateway took it.
    pub submitted_at: Option<DateTimeUtc>,
    /// When the handset had it.
    pub delivered_at: Option<DateTimeUtc>,
    /// When it became a dead letter.
    pub dead_at: Option<DateTimeUtc>,
    /// When its recipient read it in the application.
    pub read_at: Option<DateTimeUtc>,
    /// Why it failed or was called back.
    #[sea_orm(column_type = "Text", nullable)]
    pub failure: Option<String>,
    /// When it was drafted.
    pub created_at: DateTimeUtc,
    /// Counts the changes of this row.
    pub version: i64,
}

/// How a notice reaches its recipient.
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
pub enum Channel {
    /// A text message, sent by a worker.
    #[sea_orm(string_value = "sms")]
    Sms,
    /// Read in the application.
    #[sea_orm(string_value = "inbox")]
    Inbox,
}

/// How far a notice has come. [`NoticeState::may_become`] is the lattice.
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
pub enum NoticeState {
    /// Drafted; not released.
    #[sea_orm(string_value = "planned")]
    Planned,
    /// Waits for an attempt.
    #[sea_orm(string_value = "queued")]
    Queued,
    /// A worker is sending it.
    #[sea_orm(string_value = "leased")]
    Leased,
    /// Submitted, and the gateway has not answered; nothing is repeated until the receipt window has passed.
    #[sea_orm(string_value = "unknown")]
    Unknown,
    /// The gateway took it.
    #[sea_orm(string_value = "submitted")]
    Submitted,
    /// The gateway gave up in the time it had.
    #[sea_orm(string_value = "expired")]
    Expired,
    /// It will not arrive; a dead letter.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// The handset has it.
    #[sea_orm(string_value = "delivered")]
    Delivered,
    /// Called back before it was sent.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
}

impl NoticeState {
    /// Every state, in the order in which they are reached.
    pub const ALL: [Self; 9] = [
        Self::Planned,
        Self::Queued,
        Self::Leased,
        Self::Unknown,
        Self::Submitted,
        Self::Expired,
        Self::Failed,
        Self::Delivered,
        Self::Cancelled,
    ];

    /// Whether a notice may go from here to `next` within one attempt. It only moves forward; a further attempt begins at
    /// [`Self::Queued`] again, with a higher number, and so does a further round.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Planned => matches!(next, Self::Queued | Self::Delivered | Self::Cancelled),
            Self::Queued => {
                // Straight from the queue: the report of a worker whose lease has run out, before anybody else took it.
                matches!(next, Self::Leased | Self::Unknown | Self::Submitted | Self::Failed | Self::Cancelled)
            }
            Self::Leased => matches!(next, Self::Unknown | Self::Submitted | Self::Failed),
            Self::Unknown => matches!(next, Self::Submitted | Self::Expired | Self::Failed | Self::Delivered),
            Self::Submitted => matches!(next, Self::Expired | Self::Failed | Self::Delivered),
            Self::Expired => matches!(next, Self::Failed | Self::Delivered),
            // A later receipt of all parts outweighs an earlier one of failure: the handset has it.
            Self::Failed => next == Self::Delivered,
            Self::Delivered | Self::Cancelled => false,
        }
    }

    /// Whether a further attempt may begin from here.
    pub fn may_try_again(self) -> bool {
        match self {
            Self::Leased | Self::Unknown => true,
            Self::Planned
            | Self::Queued
            | Self::Submitted
            | Self::Expired
            | Self::Failed
            | Self::Delivered
            | Self::Cancelled => false,
        }
    }
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
