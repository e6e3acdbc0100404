//! One function per table: a row of the database as a fact.
//!
//! Tallies take negative ids, so that they never meet a record of the same kind.

use std::collections::{BTreeMap, HashMap};

use analytics::facts::ReversalRow;
use analytics::facts::{
    AdoptionRow, AssignmentRow, CreditRole, CreditRow, EndorsementRow, Facts, IncidentRow, ItemRow, JudgementRow,
    Membership, NamingRow, Parentage, ParentageRow, SendingUpRow, StaffingRow, StepKind, StepRow, SubmissionRow,
    TaskRow, TrainingRow, UnitRow,
};
use analytics::points::{Money, Points};
use analytics::scoring::Versions;
use analytics::scoring::catalogue::CodeSet;
use chrono::{DateTime, Utc};
use entity::commission_assignment::{AssignmentOutcome, AssignmentState};
use entity::ids::{PublicationId, SubmissionId, UnitId};
use entity::incident::IncidentState;
use entity::submission::SubmissionState;
use entity::tally::{TallyEvent, TallyOutcome};
use entity::{
    adoption, appeal, commission, commission_assignment, endorsement, incident, judgement, network, reversal,
    sending_up, staffing, submission, submission_author, tally, target, training, unit, unit_category, unit_parent,
};
use sea_orm::ActiveEnum as _;

use crate::services::commission::standing::judged_by;
use crate::services::local_day;

/// Codes of publications by row id.
pub(super) type Publications = HashMap<PublicationId, String>;

pub(crate) fn unit(row: unit::Model, memberships: Vec<unit_category::Model>) -> UnitRow {
    UnitRow {
        id: row.id.0,
        name: row.name,
        order: row.position,
        opened_on: row.opened_on,
        closed_on: row.closed_on,
        direct_report: row.direct_report,
        memberships: memberships
            .into_iter()
            .map(|row| Membership { category: row.category, first: row.first_day, last: row.last_day })
            .collect(),
    }
}

/// What a unit stood under.
pub(super) fn parentage(unit: UnitId, parents: &[unit_parent::Model]) -> ParentageRow {
    let parents = parents.iter();
    let of = |row: &unit_parent::Model| Parentage { parent: row.parent_id.0, first: row.first_day, last: row.last_day };
    ParentageRow { unit: unit.0, parents: parents.map(of).collect() }
}

/// A step of a submission at a moment.
pub(super) fn step(
    step: StepKind,
    id: i64,
    of: &submission::Model,
    network: &network::Model,
    at: DateTime<Utc>,
) -> StepRow {
    StepRow {
        id,
        step,
        submission: of.id.0,
        unit: of.unit_id.0,
        on: local_day(network, at),
        kind: of.kind.clone(),
        topic: of.topic.clone(),
        minutes: None,
        person: None,
    }
}

/// Puts the last decision on a submission that was handed in, or takes it away again.
pub(super) fn put_decision(facts: &mut Facts, of: &submission::Model, network: &network::Model) {
    let Some((submitted, decided)) = of.submitted_at.zip(of.decided_at).filter(|(from, to)| from <= to) else {
        facts.remove_step(StepKind::Decided, of.id.0);
        return;
    };
    let minutes = Some((decided - submitted).num_minutes());
    facts.upsert_step(&StepRow { minutes, ..step(StepKind::Decided, of.id.0, of, network, decided) });
}

/// The most writers of one submission that are told apart.
const MOST_WRITERS: i64 = 64;

/// Puts the writers of a submission that counts as handed in, and takes others away. Where none of them has an account, whoever drafted it
/// stands for them.
pub(super) fn put_writers(facts: &mut Facts, of: &submission::Model, authors: &[submission_author::Model]) {
    let counted = submission(of).map(|row| row.submitted_on);
    let named = authors.iter().any(|author| author.person_id.is_some());
    let drafter = (!named).then_some(of.created_by);
    let mut people = authors.iter().filter_map(|author| author.person_id).chain(drafter);
    for place in 0..MOST_WRITERS {
        let id = of.id.0 * MOST_WRITERS + place;
        match counted.and_then(|on| Some((on, people.next()?))) {
            Some((on, person)) => facts.upsert_step(&StepRow {
                id,
                step: StepKind::Written,
                submission: of.id.0,
                unit: of.unit_id.0,
                on,
                kind: of.kind.clone(),
                topic: of.topic.clone(),
                minutes: None,
                person: Some(person.0),
            }),
            None if facts.remove_step(StepKind::Written, id) => {}
            None => return,
        }
    }
}

/// Takes the decision and the writers of a submission away.
pub(super) fn clear_steps(facts: &mut Facts, submission: i64) {
    facts.remove_step(StepKind::Decided, submission);
    for place in 0..MOST_WRITERS {
        if !facts.remove_step(StepKind::Written, submission * MOST_WRITERS + place) {
            return;
        }
    }
}

/// A submission counts from the hand-in that passed receipt. What was taken back does not, nor does a composite: its parts do; nor does
/// a second report of an event that another unit owns.
pub(crate) fn submission(row: &submission::Model) -> Option<SubmissionRow> {
    let counts = row.state != SubmissionState::Withdrawn && !row.composite && row.owned_by_id.is_none();
    let submitted_on = row.submitted_on.filter(|_| counts)?;
    Some(SubmissionRow {
        id: row.id.0,
        unit: row.unit_id.0,
        kind: row.kind.clone(),
        topic: row.topic.clone(),
        submitted_on,
        received: true,
        commissioned: row.assignment_id.is_some(),
        urgent: row.urgent,
        characters: row.characters,
        count: 1,
    })
}

/// What is known about a submission beside its report; nothing about most.
pub(crate) fn item(row: &submission::Model, coefficient: Option<Points>) -> Option<ItemRow> {
    let item = ItemRow {
        submission: row.id.0,
        near_duplicate: row.repeats_id.is_some(),
        coefficient,
        happened_on: row.happened_on,
    };
    (item.near_duplicate || coefficient.is_some() || item.happened_on.is_some()).then_some(item)
}

/// The units that share composites, each once with the sum of its parts; a credit has the negative id of the unit's first part.
pub(super) fn credits(parts: &[submission::Model]) -> Vec<CreditRow> {
    let mut credits: BTreeMap<(i64, i64), (i64, i64)> = BTreeMap::new();
    for part in parts {
        let (Some(composite), Some(share)) = (part.merged_into_id, part.merged_share) else { continue };
        credits.entry((composite.0, part.unit_id.0)).or_insert((part.id.0, 0)).1 += share;
    }
    let credit = |((submission, unit), (first, share)): ((i64, i64), (i64, i64))| CreditRow {
        id: -first,
        submission,
        unit,
        role: CreditRole::Unit,
        share: Some(Points::from_millionths(share)),
    };
    credits.into_iter().map(credit).collect()
}

/// `head` is the item that stands for the thread of the adopted one; here and below.
pub(super) fn adoption(
    row: &adoption::Model,
    of: &submission::Model,
    head: SubmissionId,
    publications: &Publications,
) -> AdoptionRow {
    let code = |id| publications.get(&id).cloned();
    AdoptionRow {
        id: row.id.0,
        submission: Some(head.0),
        unit: row.unit_id.0,
        publication: code(row.publication_id).unwrap_or_default(),
        class: row.class.clone(),
        via: row.via_publication_id.and_then(code),
        kind: Some(of.kind.clone()),
        topic: of.topic.clone(),
        characters: of.characters,
        commissioned: of.assignment_id.is_some(),
        adopted_on: row.adopted_on,
        count: 1,
    }
}

pub(super) fn sending_up(
    row: &sending_up::Model,
    of: &submission::Model,
    head: SubmissionId,
    publications: &Publications,
) -> SendingUpRow {
    SendingUpRow {
        id: row.id.0,
        submission: Some(head.0),
        unit: of.unit_id.0,
        via: publications.get(&row.publication_id).cloned(),
        to_level: row.to_level.clone(),
        kind: Some(of.kind.clone()),
        sent_on: row.sent_on,
        count: 1,
    }
}

/// A post that is a rank of some version of the rules tells leaders of one level apart; any other post is words.
pub(super) fn endorsement(
    row: endorsement::Model,
    of: &submission::Model,
    head: SubmissionId,
    versions: &Versions,
) -> EndorsementRow {
    let ranks: Vec<(&str, &str)> =
        versions.all().iter().flat_map(|version| version.rulebook.codes_of(CodeSet::LeaderRank)).collect();
    let rank = row.rank.as_deref().and_then(|post| ranks.iter().find(|(code, name)| post == *code || post == *name));
    let rank = row.leader_rank.or_else(|| rank.map(|(code, _)| (*code).to_owned()));
    EndorsementRow {
        id: row.id.0,
        submission: Some(head.0),
        unit: of.unit_id.0,
        level: row.level,
        rank,
        kind: Some(of.kind.clone()),
        endorsed_on: row.endorsed_on,
        count: 1,
    }
}

pub(super) fn assignment(
    row: &commission_assignment::Model,
    of: &commission::Model,
    network: &network::Model,
) -> AssignmentRow {
    let outcome = match (row.state, row.outcome) {
        (AssignmentState::Judged, Some(AssignmentOutcome::Answered)) => "answered",
        (AssignmentState::Judged, Some(AssignmentOutcome::Late)) => "late",
        (AssignmentState::Judged, Some(AssignmentOutcome::Missed)) => "missed",
        (AssignmentState::Judged, Some(AssignmentOutcome::OffTopic)) => "off_topic",
        (AssignmentState::Excused, _) => "excused",
        (
            AssignmentState::Assigned
            | AssignmentState::Read
            | AssignmentState::Answered
            | AssignmentState::Rework
            | AssignmentState::Judged,
            _,
        ) => "open",
    };
    AssignmentRow {
        id: row.id.0,
        unit: row.unit_id.0,
        origin: of.origin.clone(),
        outcome: outcome.to_owned(),
        decided_on: row.decided_on,
        due_on: local_day(network, judged_by(row)),
        count: 1,
    }
}

/// What waits for a decision, or was dropped, counts for nothing.
pub(super) fn counted_incident(row: &incident::Model) -> Option<IncidentRow> {
    match row.state {
        IncidentState::Recorded | IncidentState::Decided => Some(incident(row)),
        IncidentState::Proposed | IncidentState::Dismissed => None,
    }
}

/// An incident as it would count.
pub(crate) fn incident(row: &incident::Model) -> IncidentRow {
    IncidentRow {
        id: row.id.0,
        unit: row.unit_id.0,
        submission: row.submission_id.map(|id| id.0),
        kind: row.kind.to_value(),
        occurred_on: row.occurred_on,
        points: row.points.map(Points::from_millionths),
        count: 1,
    }
}

/// The superior that named an incident, if one did.
pub(crate) fn naming(row: &incident::Model) -> Option<NamingRow> {
    row.named_by.as_ref().map(|level| NamingRow { incident: row.id.0, level: level.clone() })
}

/// Somebody who wrote a submission. A writer who is not assessed stands for nobody, and takes a part all the same: such parties have
/// negative ids, which no unit has.
pub(super) fn author(row: &submission_author::Model, unit: Option<UnitId>) -> CreditRow {
    CreditRow {
        id: row.id.0,
        submission: row.submission_id.0,
        unit: unit.map_or(-row.id.0, |unit| unit.0),
        role: CreditRole::Author,
        share: Some(Points::from_millionths(row.share)),
    }
}

pub(super) fn judgement(row: judgement::Model) -> JudgementRow {
    JudgementRow {
        id: row.id.0,
        unit: row.unit_id.0,
        submission: row.submission_id.map(|id| id.0),
        kind: row.kind,
        origin: row.origin,
        points: Points::from_millionths(row.points),
        has_evidence: !row.evidence.is_empty(),
        judged_on: row.judged_on,
        count: 1,
    }
}

/// How large a task from above is; `None` for an amount that is owed here.
pub(super) fn task(row: &target::Model) -> Option<TaskRow> {
    Some(TaskRow {
        id: row.id.0,
        task: row.task.clone()?,
        first: row.first_day,
        amount: Points::from_millionths(row.amount),
    })
}

pub(super) fn training(row: &training::Model) -> TrainingRow {
    TrainingRow {
        id: row.id.0,
        unit: row.unit_id.0,
        kind: row.kind.to_value(),
        held_on: row.held_on,
        attendees: row.attendees,
        planned: row.planned,
        completed: row.completed,
        on_time: row.on_time,
        violation: row.violation,
        count: 1,
    }
}

pub(super) fn staffing(row: &staffing::Model) -> StaffingRow {
    StaffingRow {
        id: row.id.0,
        unit: row.unit_id.0,
        duty: row.duty.to_value(),
        first: row.first_day,
        last: row.last_day,
        count: 1,
    }
}

/// An appeal that was upheld as the reversal of its line.
pub(super) fn reversal(row: appeal::Model) -> ReversalRow {
    ReversalRow {
        id: row.id.0,
        unit: row.unit_id.0,
        line: row.line,
        line_day: row.line_day,
        version: row.rulebook_id.0,
        rule: row.rule,
        clause: row.clause,
        title: row.title,
        submission: row.submission_id.map(|id| id.0),
        points: Points::from_millionths(-row.points),
        money: Money::from_fen(-row.money),
        day: row.counts_on.unwrap_or(row.line_day),
    }
}

/// What a correction gives a closed period, or takes from it.
pub(super) fn correction(row: reversal::Model) -> ReversalRow {
    ReversalRow {
        id: -row.id.0,
        unit: row.unit_id.0,
        line: row.line,
        line_day: row.line_day,
        version: row.rulebook_id.0,
        rule: row.rule,
        clause: row.clause,
        title: row.title,
        submission: Some(row.submission_id.0),
        points: Points::from_millionths(row.points),
        money: Money::from_fen(row.money),
        day: row.counts_on,
    }
}

/// Puts a tally among the facts of the sort that it counts.
pub(super) fn put_tally(facts: &mut Facts, row: tally::Model) {
    let (id, unit, count, day) = (-row.id.0, row.unit_id.0, row.count, row.dated_on);
    match row.event {
        TallyEvent::Submission => facts.upsert_submission(&SubmissionRow {
            id,
            unit,
            kind: row.kind.unwrap_or_default(),
            topic: None,
            submitted_on: day,
            received: true,
            commissioned: false,
            urgent: false,
            characters: 0,
            count,
        }),
        TallyEvent::Adoption => facts.upsert_adoption(&AdoptionRow {
            id,
            submission: None,
            unit,
            publication: row.publication.unwrap_or_default(),
            class: row.class,
            via: None,
            kind: row.kind,
            topic: None,
            characters: 0,
            commissioned: false,
            adopted_on: day,
            count,
        }),
        TallyEvent::Endorsement => facts.upsert_endorsement(&EndorsementRow {
            id,
            submission: None,
            unit,
            level: row.level.unwrap_or_default(),
            rank: None,
            kind: row.kind,
            endorsed_on: day,
            count,
        }),
        TallyEvent::Assignment => facts.upsert_assignment(&AssignmentRow {
            id,
            unit,
            origin: row.level,
            outcome: row.outcome.map_or_else(|| TallyOutcome::Answered.to_value(), |outcome| outcome.to_value()),
            decided_on: Some(day),
            due_on: day,
            count,
        }),
        TallyEvent::Incident => facts.upsert_incident(&IncidentRow {
            id,
            unit,
            submission: None,
            kind: row.kind.unwrap_or_default(),
            occurred_on: day,
            points: None,
            count,
        }),
    }
}
