//! A submission with everything that happens to it, planned before any of it is stored.

use analytics::rulebook::Deadline;
use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};
use entity::ids::{
    AdoptionId, CommissionAssignmentId, PersonId, RefusalId, ScreeningId, SubmissionAuthorId, SubmissionId,
};
use entity::refusal::RefusalCode;
use entity::screening::{ScreeningDecision, ScreeningReason};
use entity::submission::SubmissionState;
use entity::{adoption, endorsement, refusal, screening, sending_up, submission, submission_author};

use super::acts::Act;
use super::chance::Chance;
use super::texts::{Occasion, compose};
use super::world::{Member, World};
use crate::auth::policy::Action;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::circumstances::{due_on, late_days};
use crate::services::submission::draft::characters;
use crate::services::submission::{moves, state_name};

/// The whole of a submission's authorship, in millionths.
const WHOLE: i64 = 1_000_000;

/// A submission and its life. Ids are 0 until it is stored.
pub(super) struct Item {
    /// Which member's, as an index.
    pub(super) member: usize,
    pub(super) row: submission::Model,
    pub(super) authors: Vec<submission_author::Model>,
    pub(super) refusals: Vec<refusal::Model>,
    pub(super) screenings: Vec<screening::Model>,
    pub(super) adoptions: Vec<adoption::Model>,
    pub(super) sendings: Vec<sending_up::Model>,
    /// Each with the index of the adoption that it is about.
    pub(super) endorsements: Vec<(usize, endorsement::Model)>,
    deeds: Vec<Deed>,
}

struct Deed {
    at: DateTime<Utc>,
    actor: PersonId,
    action: Action,
    from: Option<SubmissionState>,
    to: SubmissionState,
}

/// What a draft begins with.
pub(super) struct Beginning<'a> {
    /// Code of the kind.
    pub(super) kind: &'a str,
    /// When it is drafted.
    pub(super) at: DateTime<Utc>,
    /// The assignment that it answers.
    pub(super) assignment: Option<CommissionAssignmentId>,
}

impl Item {
    /// A draft by the member's officer.
    pub(super) fn draft(world: &World, member: usize, chance: &mut Chance, beginning: &Beginning<'_>) -> Self {
        let unit = &world.members[member];
        let topics = world.rules.topics();
        // Everybody reports most about their own two fields.
        let usual = [member % topics.len().max(1), (member * 3 + 1) % topics.len().max(1)];
        let topic = if chance.happens(600) { usual[chance.index(2)] } else { chance.index(topics.len()) };
        let topic = topics.get(topic).map(|topic| topic.id.clone());
        let day = world.calendar.day(beginning.at);
        let occasion =
            Occasion { unit: &unit.name, kind: beginning.kind, topic: topic.as_deref().unwrap_or_default(), day };
        let (title, body) = compose(chance, &occasion);
        let officer = unit.team.officer.id;
        let row = submission::Model {
            id: SubmissionId(0),
            network_id: world.network,
            unit_id: unit.unit,
            kind: beginning.kind.to_owned(),
            topic,
            title,
            characters: characters(&body),
            body,
            urgent: chance.happens(15),
            assignment_id: beginning.assignment,
            state: SubmissionState::Draft,
            contact: Some(contact(unit)),
            signatory_id: None,
            signed_at: None,
            created_by: officer,
            created_at: beginning.at,
            submitted_at: None,
            submitted_on: None,
            received_at: None,
            decided_at: None,
            happened_on: happened_on(world, beginning.kind, day),
            due_on: None,
            late_days: None,
            important: false,
            claimed_by: None,
            claimed_at: None,
            repeats_id: None,
            composite: false,
            merged_into_id: None,
            merged_share: None,
            owned_by_id: None,
            version: 1,
        };
        let deed = Deed {
            at: beginning.at,
            actor: officer,
            action: Action::CreateSubmission,
            from: None,
            to: SubmissionState::Draft,
        };
        Self {
            member,
            row,
            authors: authors(unit, chance),
            refusals: Vec::new(),
            screenings: Vec::new(),
            adoptions: Vec::new(),
            sendings: Vec::new(),
            endorsements: Vec::new(),
            deeds: vec![deed],
        }
    }

    /// Does what leads to another state, as the table of moves has it.
    pub(super) fn act(&mut self, action: Action, actor: PersonId, at: DateTime<Utc>) {
        self.do_and_reach(action, actor, at, moves::after(action, self.row.state));
    }

    fn do_and_reach(&mut self, action: Action, actor: PersonId, at: DateTime<Utc>, to: SubmissionState) {
        self.deeds.push(Deed { at, actor, action, from: Some(self.row.state), to });
        let row = &mut self.row;
        row.state = to;
        row.version += 1;
        match action {
            Action::SignSubmission => (row.signatory_id, row.signed_at) = (Some(actor), Some(at)),
            Action::UpdateSubmission => (row.signatory_id, row.signed_at) = (None, None),
            Action::SubmitSubmission => row.submitted_at = Some(at),
            Action::ReceiveSubmission => row.received_at = Some(at),
            Action::ReturnSubmission | Action::DeclineSubmission | Action::AdoptSubmission | Action::RecordAdoption => {
                row.decided_at = Some(at);
            }
            _ => {}
        }
    }

    /// Signs as the rulebook asks, and hands in.
    pub(super) fn hand_in(&mut self, world: &World, signed_at: DateTime<Utc>, at: DateTime<Utc>) {
        self.sign(world, signed_at);
        self.act(Action::SubmitSubmission, self.row.created_by, at);
        let day = *self.row.submitted_on.get_or_insert(world.calendar.day(at));
        self.row.due_on = due_on(&world.rules, &self.row.kind, self.row.happened_on);
        self.row.late_days = self.row.due_on.map(|due| late_days(due, day));
    }

    /// Signs as the rulebook asks for this kind.
    pub(super) fn sign(&mut self, world: &World, at: DateTime<Utc>) {
        let team = &world.members[self.member].team;
        let kind = world.rules.kinds().iter().find(|kind| kind.id == self.row.kind);
        let asked = kind.and_then(|kind| kind.sign_off.first()).map_or("section_chief", String::as_str);
        let signatory = if asked == "unit_leader" { team.leader.id } else { team.chief.id };
        self.act(Action::SignSubmission, signatory, at);
    }

    /// Hands in without something that receipt asks for, and is refused.
    pub(super) fn be_refused(&mut self, missing: RefusalCode, field: &str, at: DateTime<Utc>) {
        self.do_and_reach(Action::SubmitSubmission, self.row.created_by, at, SubmissionState::Refused);
        self.refusals.push(refusal::Model {
            id: RefusalId(0),
            submission_id: SubmissionId(0),
            code: missing,
            field: field.to_owned(),
            refused_at: at,
        });
    }

    /// Names the writers and how to reach them, where they were left out.
    pub(super) fn name_what_is_missing(&mut self, unit: &Member) {
        if self.authors.is_empty() {
            self.authors = authors(unit, &mut Chance::of(0));
        }
        self.row.contact.get_or_insert_with(|| contact(unit));
    }

    /// Is sent back, or screened out, by the office.
    pub(super) fn be_screened(
        &mut self,
        action: Action,
        editor: PersonId,
        at: DateTime<Utc>,
        (reason, comment): (ScreeningReason, Option<String>),
    ) {
        let returned = action == Action::ReturnSubmission;
        self.act(action, editor, at);
        self.screenings.push(screening::Model {
            id: ScreeningId(0),
            submission_id: SubmissionId(0),
            decision: if returned { ScreeningDecision::Returned } else { ScreeningDecision::Declined },
            reason,
            comment,
            decided_by: editor,
            decided_at: at,
        });
    }

    /// Is taken up by a publication. Recorded acts have the publication and the day in `adoption`.
    pub(super) fn be_adopted(&mut self, action: Action, adoption: adoption::Model) {
        self.act(action, adoption.recorded_by, adoption.recorded_at);
        self.adoptions.push(adoption);
    }

    /// Is sent up.
    pub(super) fn be_sent_up(&mut self, sending: sending_up::Model) {
        self.act(Action::SendUpSubmission, sending.recorded_by, sending.recorded_at);
        self.sendings.push(sending);
    }

    /// A leader writes on it.
    pub(super) fn be_endorsed(&mut self, adoption: usize, endorsement: endorsement::Model) {
        self.act(Action::EndorseSubmission, endorsement.recorded_by, endorsement.recorded_at);
        self.endorsements.push((adoption, endorsement));
    }

    /// Gives it its id, everywhere; returns what goes on record.
    pub(super) fn stored_as(&mut self, id: SubmissionId) -> Vec<Act> {
        self.row.id = id;
        self.authors.iter_mut().for_each(|row| row.submission_id = id);
        self.refusals.iter_mut().for_each(|row| row.submission_id = id);
        self.screenings.iter_mut().for_each(|row| row.submission_id = id);
        self.adoptions.iter_mut().for_each(|row| row.submission_id = id);
        self.sendings.iter_mut().for_each(|row| row.submission_id = id);
        self.endorsements.iter_mut().for_each(|(_, row)| row.submission_id = id);
        let entry = |deed: &Deed| Entry {
            from: deed.from.map(|state| state_name(state).to_owned()),
            to: Some(state_name(deed.to).to_owned()),
            ..Entry::new(deed.action.name(), ObjectKind::Submission, id.0)
        };
        self.deeds.iter().map(|deed| Act::new(deed.at, deed.actor, entry(deed))).collect()
    }

    /// An adoption of it that has no id yet.
    pub(super) fn adoption(&self, world: &World, day: NaiveDate, at: DateTime<Utc>) -> adoption::Model {
        adoption::Model {
            id: AdoptionId(0),
            network_id: world.network,
            submission_id: SubmissionId(0),
            unit_id: self.row.unit_id,
            publication_id: entity::ids::PublicationId(0),
            issue_id: None,
            position: 0,
            class: None,
            via_publication_id: None,
            adopted_on: day,
            evidence: None,
            recorded_by: world.desk.editor.id,
            recorded_at: at,
            revoked_at: None,
            revoked_by: None,
            revoked_because: None,
        }
    }
}

/// The day of the event, where the kind has a deadline that runs from it: mostly in time.
fn happened_on(world: &World, kind: &str, day: NaiveDate) -> Option<NaiveDate> {
    let deadline = world.rules.kinds().iter().find(|declared| declared.id == kind)?.deadline?;
    let days_before = match deadline {
        Deadline::SameDay => u64::from(day.day().is_multiple_of(9)),
        Deadline::Days(days) => u64::from((day.day() * 7 + day.month()) % (days + 2)),
        Deadline::NextMonthDay(_) => u64::from(day.day()),
    };
    day.checked_sub_days(Days::new(days_before))
}

/// An extension of the house, no number that anybody could call.
fn contact(unit: &Member) -> String {
    format!("内线 {:04}", 6_000 + unit.order * 7 % 1_000)
}

fn authors(unit: &Member, chance: &mut Chance) -> Vec<submission_author::Model> {
    let team = &unit.team;
    let (officer, chief) =
        ((Some(team.officer.id), team.officer.name.clone()), (Some(team.chief.id), team.chief.name.clone()));
    let writers = match chance.weighted(&[68, 20, 5, 7]) {
        0 => vec![(officer, WHOLE)],
        1 => vec![(officer, WHOLE / 10 * 6), (chief, WHOLE / 10 * 4)],
        2 => vec![(chief, WHOLE)],
        _ => {
            let guest = (None, super::names::person(chance));
            let third = WHOLE / 3;
            vec![(officer, WHOLE - 2 * third), (chief, third), (guest, third)]
        }
    };
    let row = |(position, ((person_id, name), share))| submission_author::Model {
        id: SubmissionAuthorId(0),
        submission_id: SubmissionId(0),
        person_id,
        name,
        share,
        position,
    };
    (0..).zip(writers).map(row).collect()
}

#[cfg(test)]
pub(super) fn check(item: &Item) {
    assert!(item.authors.is_empty() || item.authors.iter().map(|author| author.share).sum::<i64>() == WHOLE);
    for pair in item.deeds.windows(2) {
        assert!(pair[0].at < pair[1].at, "{:?} at {}", pair[1].action, pair[1].at);
        assert_eq!(Some(pair[0].to), pair[1].from);
    }
    for deed in &item.deeds[1..] {
        let found = moves::MOVES.iter().find(|row| row.action == deed.action).unwrap();
        assert!(found.from.contains(&deed.from.unwrap()), "{:?} from {:?}", deed.action, deed.from);
    }
    assert_eq!(item.row.version, i64::try_from(item.deeds.len()).unwrap());
}
