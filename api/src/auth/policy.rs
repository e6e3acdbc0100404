//! Who may do what: one table, and one function over it.
//!
//! The whole grid of roles and actions is printed into a snapshot that reviewers read
//! (`tests/it/authz/policy_table.txt`); a change here is a visible diff there.

use entity::ids::{NetworkId, UnitId};
use entity::role_grant::Role;

use crate::auth::actor::{Actor, Grant};
use crate::error::{Error, Result};

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// Something that can be done; the audit log and `actions { name }` call it by this name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub enum Action { $($(#[doc = $doc])+ $name,)* }

        impl Action {
            /// Every action, in the order of the policy snapshot.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Its name as mutations and `actions` write it.
            pub fn mutation(self) -> String {
                let mut name = self.name().to_owned();
                name[..1].make_ascii_lowercase();
                name
            }

            /// The action that mutations and `actions` call by `name`.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.mutation() == name)
            }
        }
    };
}

actions! {
    /// Draft a submission.
    CreateSubmission,
    /// Change a submission that is still the unit's.
    UpdateSubmission,
    /// Sign a submission.
    SignSubmission,
    /// Hand a submission in.
    SubmitSubmission,
    /// Take a submission back.
    WithdrawSubmission,
    /// Take a submission in.
    ReceiveSubmission,
    /// Take a submission to work on, so that no other editor does.
    ClaimSubmission,
    /// Let go of a submission that was claimed.
    ReleaseSubmission,
    /// Release what another editor has claimed.
    OverrideClaim,
    /// Put a submission on the list of what may be used.
    ShortlistSubmission,
    /// Send a submission back with a reason.
    ReturnSubmission,
    /// Screen a submission out with a reason.
    DeclineSubmission,
    /// Adopt a submission into a publication of the office.
    AdoptSubmission,
    /// Send a submission up to a higher level.
    SendUpSubmission,
    /// Record that a higher publication adopted a submission.
    RecordAdoption,
    /// Record, or give, a leader's endorsement.
    EndorseSubmission,
    /// Correct how an adoption was recorded.
    CorrectAdoption,
    /// Revoke an adoption.
    RevokeAdoption,
    /// Correct how an endorsement was recorded.
    CorrectEndorsement,
    /// Revoke an endorsement.
    RevokeEndorsement,
    /// Link a report to the one that counts for the same event.
    LinkToOwner,
    /// Decide whether a report repeats an earlier one.
    DecideRepetition,
    /// Record what became of a leader's instruction.
    RecordFollowUp,
    /// Read the text of submissions.
    ReadBodies,
    /// Read the confidential parts of endorsements.
    ReadConfidential,
    /// Put a submission into the library of excellent manuscripts.
    AddToLibrary,
    /// Make one submission of several units' submissions.
    MergeSubmissions,
    /// Open an issue of a publication.
    CreateIssue,
    /// Put the items of an issue into an order.
    ArrangeIssue,
    /// Approve an issue.
    ApproveIssue,
    /// Publish an issue.
    PublishIssue,
    /// Bring a lead.
    CreateLead,
    /// Make a commission of a lead, or dismiss it.
    ScreenLead,
    /// Publish key points.
    PublishKeyPoints,
    /// Say that a submission answers a key point.
    AnswerKeyPoint,
    /// Ask units for a report.
    IssueCommission,
    /// Set a later deadline.
    ExtendCommission,
    /// Take note of a commission.
    ReadCommission,
    /// Answer a commission.
    AnswerCommission,
    /// Judge the answer to a commission, or its absence.
    JudgeAnswer,
    /// Send the answer to a commission back.
    ReworkAnswer,
    /// Let a unit off a commission.
    ExcuseAssignment,
    /// Strike a commission off.
    CloseCommission,
    /// Record an incident.
    RecordIncident,
    /// Decide whether an incident counts, and for how much.
    DecideIncident,
    /// Open an urgent event.
    OpenUrgentEvent,
    /// Report a part of an urgent event; of those who may, only the unit's contact does.
    ReportUrgent,
    /// Say when an urgent event was over.
    EndUrgentEvent,
    /// Close the reporting of an urgent event without a final report.
    CloseUrgentEvent,
    /// Prompt a direct-report point that has gone silent.
    PromptDirectReport,
    /// Record a training.
    RecordTraining,
    /// Record who does a unit's information work.
    RecordStaffing,
    /// Record a judgement of a unit or an item.
    RecordJudgement,
    /// Decide the quality coefficient of an item.
    DecideCoefficient,
    /// Set a target, or say how large a task from above is.
    SetTarget,
    /// Say which member of the network stands for a person.
    AssessPerson,
    /// Draft a rulebook.
    DraftRulebook,
    /// Put a rulebook into force.
    ActivateRulebook,
    /// Close a period.
    ClosePeriod,
    /// Publish the results of a closed period.
    PublishCircular,
    /// Publish a new edition of a circular.
    CorrectCircular,
    /// Dispute a line of the score.
    AppealScoreLine,
    /// Decide an appeal.
    DecideAppeal,
    /// Draft what is paid and which titles are given.
    SettleAwards,
    /// Choose among those that tie across the last place of an award.
    DecideAwardTie,
    /// Approve a settlement that somebody else drafted.
    ApproveSettlement,
    /// Take an approved settlement back.
    ReverseSettlement,
    /// Call in the units that are behind.
    CallTalk,
    /// Record a talk with a unit that is behind, and what came of it.
    RecordTalk,
    /// Try a rulebook out against the facts.
    SimulateRulebook,
    /// Take figures over from a published table.
    ImportFigures,
    /// Read rankings, rates and ledgers.
    ReadFigures,
    /// Take figures away as a file.
    ExportFigures,
    /// Save a question under a name, and share it.
    SaveQuery,
    /// Set up a network.
    CreateNetwork,
    /// Say which unit of which network above runs a network.
    LinkNetwork,
    /// Set up a unit.
    CreateUnit,
    /// Change a unit's category or parent.
    ChangeUnit,
    /// Open an account.
    InvitePerson,
    /// Give a role.
    GrantRole,
    /// Take a role away.
    RevokeRole,
    /// Give a person's phone number.
    SetPhone,
    /// See a phone number with its middle hidden.
    SeeMaskedPhone,
    /// Draft what will be told to whom, or draft it again.
    DraftNotices,
    /// Agree to what somebody else drafted.
    ApproveNotices,
    /// Send what was approved.
    ReleaseNotices,
    /// Call back what has not been sent.
    RecallNotices,
    /// Say who in the office answers for which units.
    SetCharge,
    /// Take working days and sending hours over.
    ImportCalendar,
    /// Take notices to send, and keep them.
    LeaseDeliveries,
    /// Report what became of notices.
    ReportDeliveries,
    /// See how the sending of notices is getting on.
    ReadDeliveries,
    /// Send dead letters again, and resume a consumer that was paused.
    RequeueDeliveries,
    /// Say what a gateway's codes mean.
    ConfigureDelivery,
    /// Ask why somebody may do something, or why not.
    ExplainAccess,
    /// Read the audit log.
    ReadAudit,
}

/// How far a role reaches from where it is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The unit on which it is held.
    OwnUnit,
    /// The network on which it is held, or the subtree of the unit on which it is held.
    Held,
    /// Everything.
    Platform,
}

/// What an action is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The network concerned.
    pub network: Option<NetworkId>,
    /// The unit concerned.
    pub unit: Option<UnitId>,
}

impl Target {
    /// Something of a unit, in a network.
    pub fn unit(network: NetworkId, unit: UnitId) -> Self {
        Self { network: Some(network), unit: Some(unit) }
    }

    /// Something of a network as a whole.
    pub fn network(network: NetworkId) -> Self {
        Self { network: Some(network), unit: None }
    }

    /// Something of the platform.
    pub fn platform() -> Self {
        Self { network: None, unit: None }
    }
}

use Action as A;

const UNIT_WORK: &[Action] = &[
    A::CreateSubmission,
    A::UpdateSubmission,
    A::SubmitSubmission,
    A::WithdrawSubmission,
    A::ReadBodies,
    A::CreateLead,
    A::AnswerKeyPoint,
    A::ReadCommission,
    A::AnswerCommission,
    A::OpenUrgentEvent,
    A::ReportUrgent,
    A::EndUrgentEvent,
    A::ReadFigures,
    A::ExportFigures,
    A::SaveQuery,
];
const SIGNING: &[Action] = &[A::SignSubmission];
const EDITING: &[Action] = &[
    A::ReceiveSubmission,
    A::ClaimSubmission,
    A::ReleaseSubmission,
    A::ShortlistSubmission,
    A::ReturnSubmission,
    A::DeclineSubmission,
    A::AdoptSubmission,
    A::SendUpSubmission,
    A::RecordAdoption,
    A::EndorseSubmission,
    A::CorrectAdoption,
    A::RevokeAdoption,
    A::CorrectEndorsement,
    A::RevokeEndorsement,
    A::LinkToOwner,
    A::DecideRepetition,
    A::ReadBodies,
    A::CreateIssue,
    A::CreateLead,
    A::ScreenLead,
    A::PublishKeyPoints,
    A::IssueCommission,
    A::ExtendCommission,
    A::JudgeAnswer,
    A::ReworkAnswer,
    A::ExcuseAssignment,
    A::CloseCommission,
    A::RecordIncident,
    A::OpenUrgentEvent,
    A::EndUrgentEvent,
    A::CloseUrgentEvent,
    A::PromptDirectReport,
    A::RecordTraining,
    A::RecordStaffing,
    A::RecordJudgement,
    A::DecideCoefficient,
    A::SetTarget,
    A::AssessPerson,
    A::SettleAwards,
    A::CallTalk,
    A::RecordTalk,
    A::DraftRulebook,
    A::SimulateRulebook,
    A::ImportFigures,
    A::ReadFigures,
    A::ExportFigures,
    A::SaveQuery,
];
const KEEPING_PHONES: &[Action] = &[A::SetPhone, A::SeeMaskedPhone];
const FOLLOWING_DELIVERY: &[Action] = &[A::SeeMaskedPhone, A::ReadDeliveries];

const DECIDING: &[Action] = &[
    A::ReadBodies,
    A::ApproveIssue,
    A::PublishIssue,
    A::DecideIncident,
    A::RecordJudgement,
    A::DecideCoefficient,
    A::SetTarget,
    A::AssessPerson,
    A::SimulateRulebook,
    A::ActivateRulebook,
    A::ClosePeriod,
    A::PublishCircular,
    A::CorrectCircular,
    A::DecideAppeal,
    A::SettleAwards,
    A::DecideAwardTie,
    A::ApproveSettlement,
    A::ReverseSettlement,
    A::ReadFigures,
    A::ExportFigures,
    A::SaveQuery,
];

const OVERSEEING: &[Action] = &[A::ReleaseSubmission, A::OverrideClaim, A::ReadConfidential];
const COMPILING: &[Action] =
    &[A::MergeSubmissions, A::ArrangeIssue, A::AddToLibrary, A::RecordFollowUp, A::ReadConfidential];

/// The policy: which role may do what, and how far from where it is held.
pub const TABLE: &[(Role, Reach, &[Action])] = &[
    (Role::Officer, Reach::OwnUnit, UNIT_WORK),
    (Role::SectionChief, Reach::OwnUnit, UNIT_WORK),
    (Role::SectionChief, Reach::OwnUnit, SIGNING),
    (Role::UnitLeader, Reach::OwnUnit, SIGNING),
    (
        Role::UnitLeader,
        Reach::OwnUnit,
        &[A::ReadBodies, A::ReadCommission, A::AppealScoreLine, A::ReadFigures, A::ExportFigures, A::SaveQuery],
    ),
    (Role::Editor, Reach::Held, EDITING),
    (Role::ChiefEditor, Reach::Held, DECIDING),
    (Role::ChiefEditor, Reach::Held, OVERSEEING),
    (Role::Editor, Reach::Held, COMPILING),
    (Role::CityLeader, Reach::Held, &[A::ReadConfidential]),
    (Role::UnitLeader, Reach::OwnUnit, &[A::ReadConfidential]),
    (Role::Officer, Reach::OwnUnit, &[A::RecordFollowUp]),
    (Role::SectionChief, Reach::OwnUnit, &[A::RecordFollowUp]),
    (
        Role::CityLeader,
        Reach::Held,
        &[A::EndorseSubmission, A::ReadBodies, A::ReadFigures, A::ExportFigures, A::SaveQuery],
    ),
    (Role::Analyst, Reach::Held, &[A::ReadFigures, A::ExportFigures, A::SaveQuery]),
    (Role::Officer, Reach::OwnUnit, KEEPING_PHONES),
    (Role::SectionChief, Reach::OwnUnit, KEEPING_PHONES),
    (Role::UnitLeader, Reach::OwnUnit, KEEPING_PHONES),
    (Role::Editor, Reach::Held, FOLLOWING_DELIVERY),
    (Role::ChiefEditor, Reach::Held, FOLLOWING_DELIVERY),
    (Role::ChiefEditor, Reach::Held, &[A::RequeueDeliveries]),
    (Role::Editor, Reach::Held, &[A::DraftNotices, A::ReleaseNotices, A::RecallNotices]),
    (
        Role::ChiefEditor,
        Reach::Held,
        &[A::DraftNotices, A::ApproveNotices, A::ReleaseNotices, A::RecallNotices, A::SetCharge],
    ),
    (Role::SmsWorker, Reach::Held, &[A::LeaseDeliveries, A::ReportDeliveries]),
    (Role::SystemAdministrator, Reach::Platform, KEEPING_PHONES),
    (Role::SystemAdministrator, Reach::Platform, &[A::ReadDeliveries, A::ConfigureDelivery, A::ImportCalendar]),
    (
        Role::SystemAdministrator,
        Reach::Platform,
        &[A::CreateNetwork, A::LinkNetwork, A::CreateUnit, A::ChangeUnit, A::InvitePerson],
    ),
    (Role::SecurityAdministrator, Reach::Platform, &[A::GrantRole, A::RevokeRole, A::ExplainAccess]),
    (Role::Auditor, Reach::Platform, &[A::ReadAudit]),
];

/// The platform's administrators: nobody holds two of these roles, nor one of them beside any other role.
pub const EXCLUSIVE: &[Role] = &[Role::SystemAdministrator, Role::SecurityAdministrator, Role::Auditor];

/// The roles that may do `action`, and how far.
pub fn roles_for(action: Action) -> impl Iterator<Item = (Role, Reach)> {
    TABLE.iter().filter(move |(_, _, actions)| actions.contains(&action)).map(|(role, reach, _)| (*role, *reach))
}

/// Whether `actor` may do `action` to `target`.
pub fn allows(actor: &Actor, action: Action, target: Target) -> bool {
    actor.grants().iter().any(|grant| covers(grant, action, target))
}

/// Whether a role that somebody holds allows `action` on `target`.
pub fn covers(grant: &Grant, action: Action, target: Target) -> bool {
    roles_for(action).any(|(role, reach)| {
        role == grant.role
            && match reach {
                Reach::OwnUnit => target.unit.is_some() && grant.unit == target.unit,
                Reach::Held => grant.covers(target),
                Reach::Platform => true,
            }
    })
}

/// Id of the rows about `action`, as refusals carry it.
pub fn id(action: Action) -> String {
    format!("policy/{}", action.name())
}

/// The units on whose behalf `actor` may do `action` because of a role held there.
pub fn units_for(actor: &Actor, action: Action) -> Vec<UnitId> {
    let held = |role: Role| roles_for(action).any(|(able, reach)| able == role && reach == Reach::OwnUnit);
    actor.grants().iter().filter(|grant| held(grant.role)).filter_map(|grant| grant.unit).collect()
}

/// The networks in which `actor` may do `action` throughout.
pub fn networks_for(actor: &Actor, action: Action) -> Vec<NetworkId> {
    let networks = actor.grants().iter().filter_map(|grant| grant.network);
    networks.filter(|network| allows(actor, action, Target::network(*network))).collect()
}

/// Refuses what the table does not allow.
pub fn authorize(actor: &Actor, action: Action, target: Target) -> Result<()> {
    if allows(actor, action, target) { Ok(()) } else { Err(Error::forbidden().under(id(action))) }
}
