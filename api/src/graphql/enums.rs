//! The closed sets of the rows, as clients see them: a twin for each, so that a new value breaks the build
//! before it reaches a client.

use async_graphql::Enum;

/// Life of a rulebook version.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::rulebook_version::RulebookState")]
pub enum RulebookState {
    /// Can be edited and simulated; scores nothing.
    Draft,
    /// Scores the facts from its day on; immutable.
    Active,
}

/// Life of an issue.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::issue::IssueState")]
pub enum IssueState {
    /// Being compiled: adoptions can be added.
    Open,
    /// Approved by a chief editor; nothing can be added.
    Approved,
    /// Out.
    Published,
}

/// What a person is in an office; `policy` says what each may do.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::role_grant::Role")]
pub enum Role {
    /// 信息员: drafts and edits the unit's submissions, answers its commissions.
    Officer,
    /// 科室负责人: an officer who signs daily items.
    SectionChief,
    /// 主要领导 or 分管领导: signs important and commissioned items.
    UnitLeader,
    /// 信息科: screens, adopts, sends up, commissions, records events.
    Editor,
    /// 办公室领导: approves issues, activates rulebooks, decides.
    ChiefEditor,
    /// 市领导: reads; endorses.
    CityLeader,
    /// Reads all figures, no texts.
    Analyst,
    /// The machine that sends notices; nothing else.
    SmsWorker,
    /// 系统管理员: units, people, networks; no business data.
    SystemAdministrator,
    /// 安全管理员: roles, keys, policy.
    SecurityAdministrator,
    /// 审计员: reads and verifies the audit log.
    Auditor,
}

/// Life of a lead.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::lead::LeadState")]
pub enum LeadState {
    /// Waits to be screened.
    New,
    /// A commission came of it.
    Commissioned,
    /// Dismissed with a reason.
    Dismissed,
}

/// Life of a commission.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::commission::CommissionState")]
pub enum CommissionState {
    /// Answers are expected.
    Open,
    /// Struck off with a reason.
    Closed,
}

/// Where an assignment stands now.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "crate::services::commission::standing::Standing")]
pub enum AssignmentState {
    /// The unit has been asked.
    Assigned,
    /// The unit has taken note.
    Read,
    /// The answer is with the office.
    Answered,
    /// The answer went back to the unit.
    Rework,
    /// The deadline in force has passed and there is no answer.
    Overdue,
    /// Judged as answered, in time or late.
    Accepted,
    /// Judged as missed or off topic.
    Failed,
    /// The unit need not answer.
    Excused,
}

/// Why a commission was struck off (销号).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::commission::ClosureReason")]
pub enum ClosureReason {
    /// Every unit has been judged or excused.
    Completed,
    /// Whoever asked the office has withdrawn the request.
    WithdrawnAbove,
    /// Another commission takes its place.
    Superseded,
    /// Nobody needs the answer any more.
    NotNeeded,
}

/// How an assignment ended.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::commission_assignment::AssignmentOutcome")]
pub enum AssignmentOutcome {
    /// In time and as asked.
    Answered,
    /// After the deadline.
    Late,
    /// Not at all.
    Missed,
    /// Not as asked.
    OffTopic,
}

/// Life of a submission.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::submission::SubmissionState")]
pub enum SubmissionState {
    /// Being written in the unit.
    Draft,
    /// Signed by the person whom the rulebook asks for; an edit takes the signature away.
    Signed,
    /// Handed in, complete.
    Submitted,
    /// Refused at receipt because something required is missing; can be completed and handed in again.
    Refused,
    /// Taken in by the office.
    Received,
    /// On the office's list of what may be used (拟用).
    Shortlisted,
    /// Sent back with a reason; can be edited and handed in again.
    Returned,
    /// Screened out with a reason.
    Declined,
    /// Adopted by at least one publication.
    Adopted,
    /// Became a part of a composite (并稿); what happens further happens to that.
    Merged,
    /// Taken back by the unit before a decision.
    Withdrawn,
}

/// What a submission lacked at receipt.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::refusal::RefusalCode")]
pub enum RefusalCode {
    /// Nobody signed it (未注明审签人).
    NoSignatory,
    /// No writer is named (未注明撰稿人).
    NoWriter,
    /// No way to reach the writer (未注明联系方式).
    NoContact,
    /// Longer than the rulebook allows for its kind.
    TooLong,
    /// Its kind has a deadline, and the day of the event is not given (未注明事件发生日期).
    NoEventDay,
}

/// How a screening ended.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::screening::ScreeningDecision")]
pub enum ScreeningDecision {
    /// Back to the unit.
    Returned,
    /// Screened out.
    Declined,
    /// Put on the list of what may be used.
    Shortlisted,
}

/// What was decided with an appraisal.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::appraisal::AppraisalDecision")]
pub enum AppraisalDecision {
    /// Put on the list of what may be used.
    Shortlisted,
    /// Sent back.
    Returned,
    /// Screened out.
    Declined,
    /// Adopted.
    Adopted,
}

/// Why a submission was shortlisted, returned or declined.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::screening::ScreeningReason")]
pub enum ScreeningReason {
    /// Facts or figures need checking.
    NotVerified,
    /// Something that belongs to it is missing.
    Incomplete,
    /// Wording or form is not fit for a bulletin.
    Style,
    /// Not what was asked for, or not for this office.
    OffTopic,
    /// Too late to be of use.
    Outdated,
    /// Already reported.
    Duplicate,
    /// Not worth spreading.
    LowValue,
    /// Must not be handled here.
    Confidential,
    /// For shortlisting: a matter of weight (重要动态).
    Significant,
    /// For shortlisting: an experience that others can learn from (经验典型).
    Experience,
    /// For shortlisting: it shows a problem (问题反映).
    Problem,
    /// For shortlisting: it makes a suggestion that can be followed (对策建议).
    Suggestion,
}

/// What can go wrong.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::incident::IncidentKind")]
pub enum IncidentKind {
    /// Urgent information reported late (迟报).
    Late,
    /// Urgent information not reported (漏报).
    Missed,
    /// Urgent information concealed (瞒报).
    Concealed,
    /// Urgent information reported wrongly (误报).
    Misreported,
    /// Untrue content with bad effect (内容不实).
    Untrue,
}

/// Life of an incident.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::incident::IncidentState")]
pub enum IncidentState {
    /// Waits for a chief editor's decision, and counts for nothing until then.
    Proposed,
    /// On record; the rules leave nothing to decide, so it counts.
    Recorded,
    /// Upheld by a chief editor; it counts.
    Decided,
    /// Dropped by a chief editor with a reason; it counts for nothing.
    Dismissed,
}

/// Life of an urgent event's reporting.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::urgent_event::UrgentState")]
pub enum UrgentState {
    /// Reports are expected.
    Open,
    /// The final report is there, or an editor closed it.
    Closed,
}

/// The parts of an urgent report.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::urgent_report::UrgentStage")]
pub enum UrgentStage {
    /// 首报.
    First,
    /// 续报.
    FollowUp,
    /// 终报.
    Final,
}

/// Kinds of training.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::training::TrainingKind")]
pub enum TrainingKind {
    /// 集中培训: a training session.
    Session,
    /// 跟班培训: training by sitting in with the office.
    Secondment,
    /// 以干代训: a term of training by working in the office.
    ByWorking,
    /// 送课下基层: a lecture that the office gave in the unit.
    Lecture,
}

/// Duties in a unit's information work.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::staffing::Duty")]
pub enum Duty {
    /// 分管领导.
    LeaderInCharge,
    /// 信息科长.
    SectionChief,
    /// 专职信息员.
    FullTime,
    /// 兼职信息员.
    PartTime,
    /// 特邀信息员.
    InvitedExpert,
    /// 紧急信息联系人: the one who reports urgent information; one per unit.
    UrgentContact,
}

/// What a tally counts.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::tally::TallyEvent")]
pub enum TallyEvent {
    /// Reported submissions.
    Submission,
    /// Adoptions.
    Adoption,
    /// Endorsements.
    Endorsement,
    /// Answers to commissions.
    Assignment,
    /// Incidents.
    Incident,
}

/// Outcome of the commissions that a tally counts.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::tally::TallyOutcome")]
pub enum TallyOutcome {
    /// In time and as asked.
    Answered,
    /// After the deadline.
    Late,
    /// Not at all.
    Missed,
    /// Not as asked.
    OffTopic,
}
