//! Which act is possible in which state, and who may do it.

use entity::role_grant::Role;
use entity::submission::{self, SubmissionState};

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Target, authorize};
use crate::error::{Code, Error, Result};

use super::circumstances::Circumstances;
use super::claim;

use SubmissionState as S;

/// One row of the table: an act, the states from which it may be done, and the state that follows, if it changes.
pub struct Move {
    /// The act.
    pub action: Action,
    /// Where it may begin.
    pub from: &'static [SubmissionState],
    /// Where it leads; none if the state stays.
    pub to: Option<SubmissionState>,
}

const WITH_UNIT: &[SubmissionState] = &[S::Draft, S::Signed, S::Refused, S::Returned];
const UNSIGNED: &[SubmissionState] = &[S::Draft, S::Refused, S::Returned];
const IN_INBOX: &[SubmissionState] = &[S::Submitted, S::Received];
const WITH_OFFICE: &[SubmissionState] = &[S::Submitted, S::Received, S::Shortlisted];
const ADOPTABLE: &[SubmissionState] = &[S::Submitted, S::Received, S::Shortlisted, S::Adopted];
const HANDED_IN: &[SubmissionState] = &[S::Submitted, S::Received, S::Shortlisted, S::Adopted, S::Declined];

/// Every act on a submission. Handing in leads to `Refused` instead when something required is missing; revoking the last adoption
/// leads back to `Received`.
pub const MOVES: &[Move] = &[
    Move { action: Action::UpdateSubmission, from: WITH_UNIT, to: Some(S::Draft) },
    Move { action: Action::SignSubmission, from: UNSIGNED, to: Some(S::Signed) },
    Move { action: Action::SubmitSubmission, from: WITH_UNIT, to: Some(S::Submitted) },
    Move {
        action: Action::WithdrawSubmission,
        from: &[S::Draft, S::Signed, S::Refused, S::Returned, S::Submitted, S::Received],
        to: Some(S::Withdrawn),
    },
    Move { action: Action::ReceiveSubmission, from: &[S::Submitted], to: Some(S::Received) },
    Move { action: Action::ClaimSubmission, from: ADOPTABLE, to: None },
    Move { action: Action::ReleaseSubmission, from: ADOPTABLE, to: None },
    Move { action: Action::ShortlistSubmission, from: IN_INBOX, to: Some(S::Shortlisted) },
    Move { action: Action::ReturnSubmission, from: WITH_OFFICE, to: Some(S::Returned) },
    Move { action: Action::DeclineSubmission, from: WITH_OFFICE, to: Some(S::Declined) },
    Move { action: Action::MergeSubmissions, from: WITH_OFFICE, to: Some(S::Merged) },
    Move { action: Action::AdoptSubmission, from: ADOPTABLE, to: Some(S::Adopted) },
    Move { action: Action::SendUpSubmission, from: ADOPTABLE, to: None },
    Move { action: Action::RecordAdoption, from: ADOPTABLE, to: Some(S::Adopted) },
    Move { action: Action::EndorseSubmission, from: ADOPTABLE, to: None },
    Move { action: Action::CorrectAdoption, from: &[S::Adopted], to: None },
    Move { action: Action::RevokeAdoption, from: &[S::Adopted], to: None },
    Move { action: Action::CorrectEndorsement, from: ADOPTABLE, to: None },
    Move { action: Action::RevokeEndorsement, from: ADOPTABLE, to: None },
    Move { action: Action::LinkToOwner, from: ADOPTABLE, to: None },
    Move { action: Action::DecideRepetition, from: HANDED_IN, to: None },
];

/// What is done to the report that counts for an event, and not to those that are linked to it.
const COUNTING: &[Action] =
    &[Action::AdoptSubmission, Action::SendUpSubmission, Action::RecordAdoption, Action::EndorseSubmission];

/// What can be done to a composite: it is the office's, and comes from nobody to whom it could go back.
const OF_COMPOSITES: &[Action] = &[
    Action::ClaimSubmission,
    Action::ReleaseSubmission,
    Action::ShortlistSubmission,
    Action::DeclineSubmission,
    Action::AdoptSubmission,
    Action::SendUpSubmission,
    Action::RecordAdoption,
    Action::EndorseSubmission,
    Action::CorrectAdoption,
    Action::RevokeAdoption,
    Action::CorrectEndorsement,
    Action::RevokeEndorsement,
];

/// What an act on a submission is aimed at.
pub fn target(row: &submission::Model) -> Target {
    Target::unit(row.network_id, row.unit_id)
}

/// Whether `actor` may do `action` to this submission now, and if not why. The mutations ask nothing else.
pub fn may(actor: &Actor, action: Action, row: &submission::Model, circumstances: &Circumstances) -> Result<()> {
    authorize(actor, action, target(row))?;
    let state = MOVES.iter().find(|row| row.action == action);
    if !state.is_some_and(|found| found.from.contains(&row.state)) {
        return Err(wrong_state(row.state).under(format!("moves/{}", action.name())));
    }
    if row.composite && !OF_COMPOSITES.contains(&action) {
        return Err(Error::new(
            Code::WrongState,
            "the office made this of several units' submissions, so this cannot be done to it",
            "该信息由办公室并稿而成，不能进行此操作",
        )
        .with(serde_json::json!({ "state": "composite" })));
    }
    if action == Action::ReturnSubmission && circumstances.answer_is_past_its_deadline() {
        return Err(Error::new(
            Code::WrongState,
            "this answers a commission whose deadline has passed; return it with reworkAnswer and give a new deadline",
            "该信息为约稿反馈且约稿已到期，请使用“退回重报”并给出新的期限",
        )
        .under("moves/answer-past-its-deadline"));
    }
    if let (Action::SubmitSubmission, Some(last)) = (action, circumstances.unit_ended_on()) {
        return Err(Error::new(
            Code::WrongState,
            format!("the unit ended on {last}, so nothing is handed in for it any more"),
            format!("该单位已于 {last} 终止，不能再报送"),
        )
        .under("moves/unit-ended"));
    }
    if action == Action::SignSubmission {
        check_signatory(actor, row, circumstances).map_err(|error| error.under("rulebook/sign_off"))?;
    }
    if row.owned_by_id.is_some() && COUNTING.contains(&action) {
        return Err(Error::new(
            Code::WrongState,
            "this report is linked to another one of the same event; act on that one",
            "该信息已归口至同一事件的另一条信息，请对后者进行操作",
        )
        .under("moves/one-owner-per-event"));
    }
    claim::check(actor, action, row)
}

/// The state after `action`.
pub fn after(action: Action, from: SubmissionState) -> SubmissionState {
    MOVES.iter().find(|row| row.action == action).and_then(|row| row.to).unwrap_or(from)
}

/// The rulebook may ask for a particular signatory: for this kind, for important items, or for what was asked from above.
fn check_signatory(actor: &Actor, row: &submission::Model, circumstances: &Circumstances) -> Result<()> {
    let signers = circumstances.signers(&row.kind, row.important, circumstances.origin.as_deref());
    let asked: Vec<Role> = signers.iter().filter_map(|code| signatory_role(code)).collect();
    if asked.is_empty() || asked.iter().any(|role| actor.holds(*role, row.unit_id)) {
        return Ok(());
    }
    let kind = circumstances.kinds().iter().find(|kind| kind.id == row.kind).map_or("", |kind| kind.name.as_str());
    Err(Error::new(
        Code::SignOffRequired,
        format!("this item, of the kind {kind}, is signed by {}", signers.join(" or ")),
        format!(
            "“{kind}”类的这条信息须由{}审签",
            asked.iter().map(|role| role_zh(*role)).collect::<Vec<_>>().join("或")
        ),
    )
    .with(serde_json::json!({ "signers": signers })))
}

/// The role that a rulebook means by a code of `sign_off`.
pub fn signatory_role(code: &str) -> Option<Role> {
    match code {
        "section_chief" => Some(Role::SectionChief),
        "unit_leader" => Some(Role::UnitLeader),
        _ => None,
    }
}

fn role_zh(role: Role) -> &'static str {
    if role == Role::SectionChief { "科室负责人" } else { "单位领导" }
}

fn wrong_state(state: SubmissionState) -> Error {
    let zh = match state {
        S::Draft => "草稿",
        S::Signed => "已审签",
        S::Submitted => "已报送",
        S::Refused => "未予接收",
        S::Received => "已签收",
        S::Shortlisted => "拟用",
        S::Returned => "已退回",
        S::Declined => "未采用",
        S::Adopted => "已采用",
        S::Merged => "已并稿",
        S::Withdrawn => "已撤回",
    };
    let name = super::state_name(state);
    Error::new(
        Code::WrongState,
        format!("the submission is {name}, so this cannot be done now"),
        format!("该信息当前为“{zh}”状态，不能进行此操作"),
    )
    .with(serde_json::json!({ "state": name }))
}
