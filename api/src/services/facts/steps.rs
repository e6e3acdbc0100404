//! What is known about submissions on their way and about units over time, beside what rules read.

use std::collections::{BTreeMap, BTreeSet};

use analytics::facts::StepKind;
use chrono::{DateTime, Utc};
use entity::ids::{SubmissionId, UnitId};
use entity::{refusal, screening, submission, submission_author, unit_parent};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::{Snapshot, rows};
use crate::error::Result;

/// What units stand under.
pub(super) async fn parents(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, units: &[UnitId]) -> Result<()> {
    let mut parents: BTreeMap<UnitId, Vec<unit_parent::Model>> = BTreeMap::new();
    let rows = unit_parent::Entity::find().filter(unit_parent::Column::UnitId.is_in(units.iter().copied()));
    for row in rows.order_by_asc(unit_parent::Column::FirstDay).all(conn).await? {
        parents.entry(row.unit_id).or_default().push(row);
    }
    for (unit, parents) in parents {
        snapshot.facts.upsert_parentage(&rows::parentage(unit, &parents));
    }
    Ok(())
}

/// What happened to submissions on their way: refusals, returns, the first decision, and who wrote them.
pub(super) async fn steps(
    conn: &impl ConnectionTrait,
    snapshot: &mut Snapshot,
    by_id: &BTreeMap<SubmissionId, submission::Model>,
) -> Result<()> {
    let ids = || by_id.keys().copied();
    let mut refused: BTreeSet<(SubmissionId, DateTime<Utc>)> = BTreeSet::new();
    let refusals = refusal::Entity::find().filter(refusal::Column::SubmissionId.is_in(ids()));
    for row in refusals.order_by_asc(refusal::Column::Id).all(conn).await? {
        // One refusal gives several reasons.
        if refused.insert((row.submission_id, row.refused_at))
            && let Some(of) = by_id.get(&row.submission_id)
        {
            let fact = rows::step(StepKind::Refused, row.id.0, of, &snapshot.network, row.refused_at);
            snapshot.facts.upsert_step(&fact);
        }
    }
    let screenings = screening::Entity::find()
        .filter(screening::Column::SubmissionId.is_in(ids()))
        .filter(screening::Column::Decision.eq(screening::ScreeningDecision::Returned));
    for row in screenings.all(conn).await? {
        if let Some(of) = by_id.get(&row.submission_id) {
            let fact = rows::step(StepKind::Returned, row.id.0, of, &snapshot.network, row.decided_at);
            snapshot.facts.upsert_step(&fact);
        }
    }
    let mut authors: BTreeMap<SubmissionId, Vec<submission_author::Model>> = BTreeMap::new();
    let written = submission_author::Entity::find().filter(submission_author::Column::SubmissionId.is_in(ids()));
    for row in written.order_by_asc(submission_author::Column::Position).all(conn).await? {
        authors.entry(row.submission_id).or_default().push(row);
    }
    for (id, of) in by_id {
        let authors = authors.remove(id).unwrap_or_default();
        rows::put_decision(&mut snapshot.facts, of, &snapshot.network);
        rows::put_writers(&mut snapshot.facts, of, &authors);
    }
    Ok(())
}
