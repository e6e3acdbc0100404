//! The rows that a caller hands in.
//!
//! A row's `count` is 1 for a record of its own and n for a *tally*: a figure such as "35 items adopted" taken from a
//! published table, which stands for n like facts without telling them apart.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::points::Points;

/// A unit of the network (报送单位).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRow {
    /// The unit's id.
    pub id: i64,
    /// Its name, for people to read; no rule reads it.
    pub name: String,
    /// Its place in the network's official list; units of equal rank are listed in this order, then by id.
    pub order: i64,
    /// The first day on which it takes part.
    pub opened_on: NaiveDate,
    /// The last day on which it takes part; `None` while it does.
    pub closed_on: Option<NaiveDate>,
    /// Whether it reports directly to a higher level (直报点).
    pub direct_report: bool,
    /// The categories it belonged to, and when. Of two that hold on one day the later begun counts.
    pub memberships: Vec<Membership>,
}

/// A unit's time in a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The category's id in the rulebook.
    pub category: String,
    /// The first day.
    pub first: NaiveDate,
    /// The last day; `None` while it lasts.
    pub last: Option<NaiveDate>,
}

/// An item of information that a unit reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionRow {
    /// The submission's id.
    pub id: i64,
    /// The unit that reported it.
    pub unit: i64,
    /// The kind of item, by its id in the rulebook.
    pub kind: String,
    /// The topic, by its id in the rulebook.
    pub topic: Option<String>,
    /// The day on which it was handed in.
    pub submitted_on: NaiveDate,
    /// Whether it passed the receipt check; a refused item does not count as reported.
    pub received: bool,
    /// Whether it answers a commission.
    pub commissioned: bool,
    /// Whether it is urgent information (紧急信息).
    pub urgent: bool,
    /// Length of the text in characters.
    pub characters: i64,
    /// 1, or n for a tally.
    pub count: i64,
}

/// An item taken up by a publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdoptionRow {
    /// The adoption's id.
    pub id: i64,
    /// The adopted submission; `None` for a tally.
    pub submission: Option<i64>,
    /// The unit that is credited.
    pub unit: i64,
    /// The publication, by its id in the rulebook.
    pub publication: String,
    /// The class inside the publication, by its id in the rulebook.
    pub class: Option<String>,
    /// The office's own publication through which the item was sent up before a higher one adopted it.
    pub via: Option<String>,
    /// The kind of item; `None` when a tally does not tell.
    pub kind: Option<String>,
    /// The topic.
    pub topic: Option<String>,
    /// Length of the adopted text in characters.
    pub characters: i64,
    /// Whether the item answers a commission.
    pub commissioned: bool,
    /// The day of the issue, or of the notice that it was adopted.
    pub adopted_on: NaiveDate,
    /// 1, or n for a tally.
    pub count: i64,
}

/// An item that the office sent on to a higher level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingUpRow {
    /// The sending-up's id.
    pub id: i64,
    /// The submission that was sent up; `None` for a tally.
    pub submission: Option<i64>,
    /// The unit that is credited.
    pub unit: i64,
    /// The office's own publication that carried it; `None` if it went by itself.
    pub via: Option<String>,
    /// The level it was sent to, by its id in the rulebook.
    pub to_level: String,
    /// The kind of item; `None` when a tally does not tell.
    pub kind: Option<String>,
    /// The day on which it was sent.
    pub sent_on: NaiveDate,
    /// 1, or n for a tally.
    pub count: i64,
}

/// A leader's written instruction on an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndorsementRow {
    /// The endorsement's id.
    pub id: i64,
    /// The endorsed submission; `None` for a tally.
    pub submission: Option<i64>,
    /// The unit that is credited.
    pub unit: i64,
    /// The leader's level, by its id in the rulebook.
    pub level: String,
    /// The leader's rank, a code of the set `leader_rank`.
    pub rank: Option<String>,
    /// The kind of item; `None` when a tally does not tell.
    pub kind: Option<String>,
    /// The day of the instruction.
    pub endorsed_on: NaiveDate,
    /// 1, or n for a tally.
    pub count: i64,
}

/// One unit's part of a commission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentRow {
    /// The assignment's id.
    pub id: i64,
    /// The unit that was asked.
    pub unit: i64,
    /// The level the task came from, by its id in the rulebook; `None` for the office's own.
    pub origin: Option<String>,
    /// What became of it: `open`, `answered`, `late`, `missed`, `off_topic` or `excused`.
    pub outcome: String,
    /// The day on which the outcome was decided; `None` while it is open. It dates the assignment's points.
    pub decided_on: Option<NaiveDate>,
    /// The day on which the answer fell due.
    pub due_on: NaiveDate,
    /// 1, or n for a tally.
    pub count: i64,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRow {
    /// The incident's id.
    pub id: i64,
    /// The unit that answers for it.
    pub unit: i64,
    /// The submission it happened to, if to one.
    pub submission: Option<i64>,
    /// The kind, a code of the set `incident_kind`.
    pub kind: String,
    /// The day on which it happened.
    pub occurred_on: NaiveDate,
    /// Points that a person decided within the rule's range.
    pub points: Option<Points>,
    /// 1, or n for a tally.
    pub count: i64,
}

/// A training session or a secondment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingRow {
    /// The training's id.
    pub id: i64,
    /// The unit that held it, or that sent somebody.
    pub unit: i64,
    /// The kind, a code of the set `training_kind`.
    pub kind: String,
    /// The day on which it was held or ended.
    pub held_on: NaiveDate,
    /// How many people attended.
    pub attendees: i64,
    /// Whether the office's plan contains it.
    pub planned: bool,
    /// Whether it was carried through.
    pub completed: bool,
    /// Whether people were sent in time.
    pub on_time: bool,
    /// Whether there was a violation during it.
    pub violation: bool,
    /// 1, or n for a tally.
    pub count: i64,
}

/// A person in a duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffingRow {
    /// The staffing's id.
    pub id: i64,
    /// The unit.
    pub unit: i64,
    /// The duty, a code of the set `duty`.
    pub duty: String,
    /// The first day in the duty.
    pub first: NaiveDate,
    /// The last day in the duty; `None` while it lasts.
    pub last: Option<NaiveDate>,
    /// 1, or n for a tally.
    pub count: i64,
}

/// Points that a person or another office gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgementRow {
    /// The judgement's id.
    pub id: i64,
    /// The unit that is judged.
    pub unit: i64,
    /// The submission that is judged, if it is one.
    pub submission: Option<i64>,
    /// The kind, a code of the set `judgement_kind`.
    pub kind: String,
    /// The level of the office that judged, by its id in the rulebook; `None` for the office itself.
    pub origin: Option<String>,
    /// What was given.
    pub points: Points,
    /// Whether evidence for it is on file (佐证材料).
    pub has_evidence: bool,
    /// The day of the judgement.
    pub judged_on: NaiveDate,
    /// 1, or n for a tally.
    pub count: i64,
}
