//! Reads rows of one network, all of them or those of some objects, and puts them into the facts.

use std::collections::BTreeMap;

use analytics::facts::{FactKind, Facts};
use entity::appeal::AppealState;
use entity::ids::{CommissionId, NetworkId, SubmissionId, UnitId};
use entity::{
    adoption, appeal, closing as closing_row, commission, commission_assignment, endorsement, incident, publication,
    sending_up, staffing, submission, tally, training, unit, unit_category,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::{Scores, Snapshot, rows, versions};
use crate::error::Result;
use crate::services::audit::{self, ObjectKind};
use crate::services::closing::{self, Closings};
use crate::services::network_row;
use crate::state::AppState;

/// Rows per query while everything is loaded; ids per `IN (…)` while changes are.
const PAGE: u64 = 5_000;

/// Everything of a network.
pub(super) async fn everything(state: &AppState, conn: &impl ConnectionTrait, network: NetworkId) -> Result<Snapshot> {
    let row = network_row(conn, network).await?;
    let data_version = audit::last_sequence(conn, audit::chain(Some(network))).await?;
    let (versions, rulebooks) = versions(state, conn, network).await?;
    let mut snapshot = Snapshot {
        network: row,
        data_version,
        facts: Facts::new(),
        versions,
        rulebooks,
        closings: Closings::default(),
        late: BTreeMap::new(),
        scores: Scores::default(),
    };
    closed(conn, &mut snapshot, |_| true).await?;
    units(conn, &mut snapshot, None).await?;
    let mut after = SubmissionId(0);
    loop {
        let page = submission::Entity::find()
            .filter(submission::Column::NetworkId.eq(network))
            .filter(submission::Column::Id.gt(after))
            .order_by_asc(submission::Column::Id)
            .limit(PAGE)
            .all(conn)
            .await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        submissions(conn, &mut snapshot, page).await?;
    }
    assignments(conn, &mut snapshot, None).await?;
    incidents(conn, &mut snapshot, None).await?;
    trainings(conn, &mut snapshot, None).await?;
    staff(conn, &mut snapshot, None).await?;
    tallies(conn, &mut snapshot, None).await?;
    reversals(conn, &mut snapshot, None).await?;
    Ok(snapshot)
}

/// The closings, with the facts of those among them that are not known yet.
pub(super) async fn closed(
    conn: &impl ConnectionTrait,
    snapshot: &mut Snapshot,
    is_new: impl Fn(&closing_row::Model) -> bool,
) -> Result<()> {
    snapshot.closings = closing::closings(conn, snapshot.network.id).await?;
    let new: Vec<_> = snapshot.closings.all().iter().filter(|row| is_new(row)).map(|row| row.id).collect();
    for id in new {
        for frozen in closing::frozen(conn, id).await? {
            snapshot.facts.freeze(&frozen);
        }
    }
    Ok(())
}

/// The objects that were named as changed.
pub(super) async fn changed(
    conn: &impl ConnectionTrait,
    snapshot: &mut Snapshot,
    ids: &BTreeMap<ObjectKind, Vec<i64>>,
) -> Result<()> {
    for (kind, ids) in ids {
        for ids in ids.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            match kind {
                ObjectKind::Unit => units(conn, snapshot, Some(ids)).await?,
                ObjectKind::Submission => {
                    let rows = submission::Entity::find()
                        .filter(submission::Column::Id.is_in(ids.iter().map(|id| SubmissionId(*id))))
                        .all(conn)
                        .await?;
                    submissions(conn, snapshot, rows).await?;
                }
                ObjectKind::Commission => assignments(conn, snapshot, Some(ids)).await?,
                ObjectKind::Incident => incidents(conn, snapshot, Some(ids)).await?,
                ObjectKind::Training => trainings(conn, snapshot, Some(ids)).await?,
                ObjectKind::Staffing => staff(conn, snapshot, Some(ids)).await?,
                ObjectKind::Appeal => reversals(conn, snapshot, Some(ids)).await?,
                ObjectKind::ImportBatch => tallies(conn, snapshot, Some(ids)).await?,
                ObjectKind::Network
                | ObjectKind::Person
                | ObjectKind::RoleGrant
                | ObjectKind::RulebookVersion
                | ObjectKind::Issue
                | ObjectKind::NoticeRun
                | ObjectKind::Notice
                | ObjectKind::Consumer
                | ObjectKind::FailureCode
                | ObjectKind::Closing
                | ObjectKind::Circular => {}
            }
        }
    }
    Ok(())
}

/// All rows of the network, or those with one of the ids.
fn which<C: sea_orm::ColumnTrait>(network: C, id: C, snapshot: &Snapshot, ids: Option<&[i64]>) -> Condition {
    let all = Condition::all().add(network.eq(snapshot.network.id));
    match ids {
        None => all,
        Some(ids) => all.add(id.is_in(ids.iter().copied())),
    }
}

async fn units(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, ids: Option<&[i64]>) -> Result<()> {
    let mut memberships: BTreeMap<UnitId, Vec<unit_category::Model>> = BTreeMap::new();
    let rows = unit_category::Entity::find()
        .filter(which(unit_category::Column::NetworkId, unit_category::Column::UnitId, snapshot, ids))
        .order_by_asc(unit_category::Column::FirstDay)
        .all(conn)
        .await?;
    for row in rows {
        memberships.entry(row.unit_id).or_default().push(row);
    }
    let members: Vec<UnitId> = memberships.keys().copied().collect();
    for part in members.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
        for row in unit::Entity::find().filter(unit::Column::Id.is_in(part.iter().copied())).all(conn).await? {
            let memberships = memberships.remove(&row.id).unwrap_or_default();
            snapshot.facts.upsert_unit(&rows::unit(row, memberships));
        }
    }
    Ok(())
}

/// Submissions with everything that happened to them; of a second report of an event nothing counts.
async fn submissions(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, page: Vec<submission::Model>) -> Result<()> {
    let publications = publications(conn, snapshot.network.id).await?;
    let by_id: BTreeMap<SubmissionId, submission::Model> = page.into_iter().map(|row| (row.id, row)).collect();
    let ids = || by_id.keys().copied();
    for row in by_id.values() {
        match rows::submission(row) {
            Some(fact) => snapshot.facts.upsert_submission(&fact),
            None => drop(snapshot.facts.remove_submission(row.id.0)),
        }
        match rows::item(row) {
            Some(item) => snapshot.facts.upsert_item(&item),
            None => drop(snapshot.facts.remove_item(row.id.0)),
        }
    }
    for row in adoption::Entity::find().filter(adoption::Column::SubmissionId.is_in(ids())).all(conn).await? {
        match by_id.get(&row.submission_id) {
            Some(of) if of.owned_by_id.is_none() => {
                let mut fact = rows::adoption(&row, of, &publications);
                fact.adopted_on = snapshot.counts_on((FactKind::Adoption, fact.id), fact.adopted_on, row.recorded_at);
                snapshot.facts.upsert_adoption(&fact);
            }
            _ => drop(snapshot.facts.remove_adoption(row.id.0)),
        }
    }
    for row in sending_up::Entity::find().filter(sending_up::Column::SubmissionId.is_in(ids())).all(conn).await? {
        match by_id.get(&row.submission_id) {
            Some(of) if of.owned_by_id.is_none() => {
                let mut fact = rows::sending_up(&row, of, &publications);
                fact.sent_on = snapshot.counts_on((FactKind::SendingUp, fact.id), fact.sent_on, row.recorded_at);
                snapshot.facts.upsert_sending_up(&fact);
            }
            _ => drop(snapshot.facts.remove_sending_up(row.id.0)),
        }
    }
    for row in endorsement::Entity::find().filter(endorsement::Column::SubmissionId.is_in(ids())).all(conn).await? {
        match by_id.get(&row.submission_id) {
            Some(of) if of.owned_by_id.is_none() => {
                let recorded_at = row.recorded_at;
                let mut fact = rows::endorsement(row, of);
                fact.endorsed_on = snapshot.counts_on((FactKind::Endorsement, fact.id), fact.endorsed_on, recorded_at);
                snapshot.facts.upsert_endorsement(&fact);
            }
            _ => drop(snapshot.facts.remove_endorsement(row.id.0)),
        }
    }
    Ok(())
}

async fn publications(conn: &impl ConnectionTrait, network: NetworkId) -> Result<rows::Publications> {
    Ok(publication::Entity::find()
        .filter(publication::Column::NetworkId.eq(network))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| (row.id, row.code))
        .collect())
}

async fn assignments(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, ids: Option<&[i64]>) -> Result<()> {
    let commissions: BTreeMap<CommissionId, commission::Model> = commission::Entity::find()
        .filter(which(commission::Column::NetworkId, commission::Column::Id, snapshot, ids))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let keys: Vec<CommissionId> = commissions.keys().copied().collect();
    for part in keys.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
        let rows = commission_assignment::Entity::find()
            .filter(commission_assignment::Column::CommissionId.is_in(part.iter().copied()))
            .all(conn)
            .await?;
        for row in rows {
            if let Some(of) = commissions.get(&row.commission_id) {
                let fact = rows::assignment(&row, of, &snapshot.network);
                snapshot.facts.upsert_assignment(&fact);
            }
        }
    }
    Ok(())
}

async fn incidents(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, ids: Option<&[i64]>) -> Result<()> {
    let condition = which(incident::Column::NetworkId, incident::Column::Id, snapshot, ids);
    for row in incident::Entity::find().filter(condition).all(conn).await? {
        // What a chief editor has to decide is known as a fact from the decision on.
        let known_at = row.decided_at.unwrap_or(row.recorded_at);
        match rows::counted_incident(&row) {
            Some(mut fact) => {
                fact.occurred_on = snapshot.counts_on((FactKind::Incident, fact.id), fact.occurred_on, known_at);
                snapshot.facts.upsert_incident(&fact);
            }
            None => drop(snapshot.facts.remove_incident(row.id.0)),
        }
        match rows::naming(&row) {
            Some(naming) => snapshot.facts.upsert_naming(&naming),
            None => drop(snapshot.facts.remove_naming(row.id.0)),
        }
    }
    Ok(())
}

async fn trainings(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, ids: Option<&[i64]>) -> Result<()> {
    let condition = which(training::Column::NetworkId, training::Column::Id, snapshot, ids);
    for row in training::Entity::find().filter(condition).all(conn).await? {
        let mut fact = rows::training(&row);
        fact.held_on = snapshot.counts_on((FactKind::Training, fact.id), fact.held_on, row.recorded_at);
        snapshot.facts.upsert_training(&fact);
    }
    Ok(())
}

async fn staff(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, ids: Option<&[i64]>) -> Result<()> {
    let condition = which(staffing::Column::NetworkId, staffing::Column::Id, snapshot, ids);
    for row in staffing::Entity::find().filter(condition).all(conn).await? {
        let mut fact = rows::staffing(&row);
        fact.first = snapshot.counts_on((FactKind::Staffing, fact.id), fact.first, row.recorded_at);
        snapshot.facts.upsert_staffing(&fact);
    }
    Ok(())
}

async fn tallies(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, ids: Option<&[i64]>) -> Result<()> {
    let condition = which(tally::Column::NetworkId, tally::Column::BatchId, snapshot, ids);
    for row in tally::Entity::find().filter(condition).all(conn).await? {
        rows::put_tally(&mut snapshot.facts, row);
    }
    Ok(())
}

/// Appeals that were upheld.
async fn reversals(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, ids: Option<&[i64]>) -> Result<()> {
    let condition = which(appeal::Column::NetworkId, appeal::Column::Id, snapshot, ids);
    let upheld = appeal::Entity::find().filter(condition).filter(appeal::Column::State.eq(AppealState::Upheld));
    for row in upheld.all(conn).await? {
        snapshot.facts.upsert_reversal(&rows::reversal(row));
    }
    Ok(())
}
