//! Reads rows of one network, all of them or those of some objects, and puts them into the facts.

use std::collections::{BTreeMap, BTreeSet};

use analytics::facts::{AdoptionRow, CreditRole, EndorsementRow, FactKind, Facts};
use analytics::period::Span;
use analytics::points::Points;
use analytics::scoring::Versions;
use entity::appeal::AppealState;
use entity::ids::{AdoptionId, CommissionId, EndorsementId, NetworkId, PersonId, SubmissionId, UnitId};
use entity::{
    adoption, appeal, assessed_person, closing as closing_row, commission, commission_assignment, endorsement,
    incident, judgement, publication, quality_coefficient, reversal, sending_up, staffing, submission,
    submission_author, tally, target, training, unit, unit_category, urgent_report,
};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::{Scores, Snapshot, rows, steps, versions};
use crate::error::Result;
use crate::services::audit::{self, ObjectKind};
use crate::services::closing::{self, Closings};
use crate::services::{network_row, succession};
use crate::state::AppState;

/// Rows per query while everything is loaded; ids per `IN (…)` while changes are.
const PAGE: u64 = 5_000;

/// Everything of a network.
pub(super) async fn everything(state: &AppState, conn: &impl ConnectionTrait, network: NetworkId) -> Result<Snapshot> {
    let row = network_row(conn, network).await?;
    let data_version = audit::last_sequence(conn, audit::chain(Some(network))).await?;
    let (versions, rulebooks) = versions(state, conn, network).await?;
    let heirs = succession::heirs(conn, network).await?;
    let mut snapshot = Snapshot {
        network: row,
        data_version,
        facts: Facts::new(),
        versions,
        heirs,
        rulebooks,
        targets: Vec::new(),
        closings: Closings::default(),
        late: BTreeMap::new(),
        scores: Scores::default(),
    };
    closed(conn, &mut snapshot, |_| true).await?;
    rows(conn, &mut snapshot).await?;
    Ok(snapshot)
}

/// Every row of the snapshot's network.
pub(super) async fn rows(conn: &impl ConnectionTrait, snapshot: &mut Snapshot) -> Result<()> {
    let network = snapshot.network.id;
    units(conn, snapshot, None).await?;
    let people = assessed_people(conn, network).await?;
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
        submissions(conn, snapshot, page, &people).await?;
    }
    assignments(conn, snapshot, None).await?;
    incidents(conn, snapshot, None).await?;
    trainings(conn, snapshot, None).await?;
    staff(conn, snapshot, None).await?;
    tallies(conn, snapshot, None).await?;
    reversals(conn, snapshot, None).await?;
    judgements(conn, snapshot, None).await?;
    targets(conn, snapshot).await
}

/// The closings, with the facts of those among them that are not known yet.
pub(super) async fn closed(
    conn: &impl ConnectionTrait,
    snapshot: &mut Snapshot,
    is_new: impl Fn(&closing_row::Model) -> bool,
) -> Result<()> {
    snapshot.closings = closing::closings(conn, snapshot.network.id).await?;
    let new: Vec<_> = snapshot.closings.all().iter().filter(|row| is_new(row)).cloned().collect();
    for row in new {
        snapshot.facts.close(Span { first: row.first_day, last: row.last_day });
        for frozen in closing::frozen(conn, row.id).await? {
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
    let people = assessed_people(conn, snapshot.network.id).await?;
    for (kind, ids) in ids {
        for ids in ids.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            match kind {
                ObjectKind::Unit => units(conn, snapshot, Some(ids)).await?,
                ObjectKind::Submission => {
                    let rows = submission::Entity::find()
                        .filter(submission::Column::Id.is_in(ids.iter().map(|id| SubmissionId(*id))))
                        .all(conn)
                        .await?;
                    submissions(conn, snapshot, rows, &people).await?;
                }
                ObjectKind::Commission => assignments(conn, snapshot, Some(ids)).await?,
                ObjectKind::Incident => incidents(conn, snapshot, Some(ids)).await?,
                ObjectKind::Training => trainings(conn, snapshot, Some(ids)).await?,
                ObjectKind::Staffing => staff(conn, snapshot, Some(ids)).await?,
                ObjectKind::Appeal => reversals(conn, snapshot, Some(ids)).await?,
                ObjectKind::ImportBatch => tallies(conn, snapshot, Some(ids)).await?,
                ObjectKind::Judgement => judgements(conn, snapshot, Some(ids)).await?,
                ObjectKind::Target => targets(conn, snapshot).await?,
                ObjectKind::AssessedPerson => written_by(conn, snapshot, ids, &people).await?,
                ObjectKind::Network
                | ObjectKind::Person
                | ObjectKind::RoleGrant
                | ObjectKind::RulebookVersion
                | ObjectKind::Lead
                | ObjectKind::KeyPointList
                | ObjectKind::Issue
                | ObjectKind::NoticeRun
                | ObjectKind::Notice
                | ObjectKind::Consumer
                | ObjectKind::FailureCode
                | ObjectKind::Closing
                | ObjectKind::Circular
                | ObjectKind::Settlement
                | ObjectKind::Talk
                | ObjectKind::Charge
                | ObjectKind::Calendar
                | ObjectKind::UrgentEvent
                | ObjectKind::Prompt
                | ObjectKind::Export
                | ObjectKind::SavedQuery => {}
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
        steps::parents(conn, snapshot, part).await?;
    }
    Ok(())
}

/// Submissions with everything that happened to them; of a second report of an event nothing counts.
async fn submissions(
    conn: &impl ConnectionTrait,
    snapshot: &mut Snapshot,
    page: Vec<submission::Model>,
    people: &AssessedPeople,
) -> Result<()> {
    let publications = publications(conn, snapshot.network.id).await?;
    composites(conn, snapshot, &page).await?;
    let by_id: BTreeMap<SubmissionId, submission::Model> = page.into_iter().map(|row| (row.id, row)).collect();
    let ids = || by_id.keys().copied();
    let coefficients = coefficients(conn, ids()).await?;
    let heads = heads(conn, by_id.keys()).await?;
    let head_of = |id: SubmissionId| heads.get(&id).copied().unwrap_or(id);
    for row in by_id.values() {
        // The first item of an urgent event's thread stands for all of them.
        match rows::submission(row).filter(|_| head_of(row.id) == row.id) {
            Some(fact) => snapshot.facts.upsert_submission(&fact),
            None => drop(snapshot.facts.remove_submission(row.id.0)),
        }
        match rows::item(row, coefficients.get(&row.id).copied()) {
            Some(item) => snapshot.facts.upsert_item(&item),
            None => drop(snapshot.facts.remove_item(row.id.0)),
        }
    }
    for row in adoption::Entity::find().filter(adoption::Column::SubmissionId.is_in(ids())).all(conn).await? {
        match by_id.get(&row.submission_id) {
            Some(of) if of.owned_by_id.is_none() && row.revoked_at.is_none() => {
                let mut fact = rows::adoption(&row, of, head_of(of.id), &publications);
                fact.adopted_on = snapshot.counts_on((FactKind::Adoption, fact.id), fact.adopted_on, row.recorded_at);
                snapshot.facts.upsert_adoption(&fact);
            }
            _ => drop(snapshot.facts.remove_adoption(row.id.0)),
        }
    }
    for row in sending_up::Entity::find().filter(sending_up::Column::SubmissionId.is_in(ids())).all(conn).await? {
        match by_id.get(&row.submission_id) {
            Some(of) if of.owned_by_id.is_none() => {
                let mut fact = rows::sending_up(&row, of, head_of(of.id), &publications);
                fact.sent_on = snapshot.counts_on((FactKind::SendingUp, fact.id), fact.sent_on, row.recorded_at);
                snapshot.facts.upsert_sending_up(&fact);
            }
            _ => drop(snapshot.facts.remove_sending_up(row.id.0)),
        }
    }
    for row in endorsement::Entity::find().filter(endorsement::Column::SubmissionId.is_in(ids())).all(conn).await? {
        match by_id.get(&row.submission_id) {
            Some(of) if of.owned_by_id.is_none() && row.revoked_at.is_none() => {
                let recorded_at = row.recorded_at;
                let mut fact = rows::endorsement(row, of, head_of(of.id), &snapshot.versions);
                fact.endorsed_on = snapshot.counts_on((FactKind::Endorsement, fact.id), fact.endorsed_on, recorded_at);
                snapshot.facts.upsert_endorsement(&fact);
            }
            _ => drop(snapshot.facts.remove_endorsement(row.id.0)),
        }
    }
    corrections(conn, snapshot, ids()).await?;
    steps::steps(conn, snapshot, &by_id).await?;
    let ids: Vec<SubmissionId> = ids().collect();
    credits(conn, snapshot, &ids, people).await
}

/// What corrections of facts of closed periods give and take.
async fn corrections(
    conn: &impl ConnectionTrait,
    snapshot: &mut Snapshot,
    ids: impl Iterator<Item = SubmissionId>,
) -> Result<()> {
    for row in reversal::Entity::find().filter(reversal::Column::SubmissionId.is_in(ids)).all(conn).await? {
        snapshot.facts.upsert_reversal(&rows::correction(row));
    }
    Ok(())
}

/// An adoption as it counts by what is on record now, whatever a closed period holds; `None` if it does not count.
pub(in crate::services) async fn adoption_now(
    conn: &impl ConnectionTrait,
    id: AdoptionId,
) -> Result<Option<AdoptionRow>> {
    let Some(row) = adoption::Entity::find_by_id(id).one(conn).await? else { return Ok(None) };
    let Some(of) = submission::Entity::find_by_id(row.submission_id).one(conn).await? else { return Ok(None) };
    if row.revoked_at.is_some() || of.owned_by_id.is_some() {
        return Ok(None);
    }
    let heads = heads(conn, std::iter::once(&of.id)).await?;
    let head = heads.get(&of.id).copied().unwrap_or(of.id);
    Ok(Some(rows::adoption(&row, &of, head, &publications(conn, row.network_id).await?)))
}

/// The same for an endorsement.
pub(in crate::services) async fn endorsement_now(
    conn: &impl ConnectionTrait,
    id: EndorsementId,
    versions: &Versions,
) -> Result<Option<EndorsementRow>> {
    let Some(row) = endorsement::Entity::find_by_id(id).one(conn).await? else { return Ok(None) };
    let Some(of) = submission::Entity::find_by_id(row.submission_id).one(conn).await? else { return Ok(None) };
    if row.revoked_at.is_some() || of.owned_by_id.is_some() {
        return Ok(None);
    }
    let heads = heads(conn, std::iter::once(&of.id)).await?;
    let head = heads.get(&of.id).copied().unwrap_or(of.id);
    Ok(Some(rows::endorsement(row, &of, head, versions)))
}

/// The quality coefficients that persons decided for submissions; the last one of each counts.
async fn coefficients(
    conn: &impl ConnectionTrait,
    ids: impl Iterator<Item = SubmissionId>,
) -> Result<BTreeMap<SubmissionId, Points>> {
    let decided = quality_coefficient::Entity::find()
        .filter(quality_coefficient::Column::SubmissionId.is_in(ids))
        .order_by_asc(quality_coefficient::Column::Id)
        .all(conn)
        .await?;
    Ok(decided.into_iter().map(|row| (row.submission_id, Points::from_millionths(row.coefficient))).collect())
}

/// The members that stand for persons, by person.
type AssessedPeople = BTreeMap<PersonId, UnitId>;

async fn assessed_people(conn: &impl ConnectionTrait, network: NetworkId) -> Result<AssessedPeople> {
    let rows = assessed_person::Entity::find().filter(assessed_person::Column::NetworkId.eq(network)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.person_id, row.unit_id)).collect())
}

/// Who wrote submissions, as far as some of the writers are assessed.
async fn credits(
    conn: &impl ConnectionTrait,
    snapshot: &mut Snapshot,
    ids: &[SubmissionId],
    people: &AssessedPeople,
) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let of = ids.iter().map(|id| id.0).collect();
    snapshot.facts.remove_credits_of(&of, CreditRole::Author);
    let mut writers: BTreeMap<SubmissionId, Vec<submission_author::Model>> = BTreeMap::new();
    let rows = submission_author::Entity::find()
        .filter(submission_author::Column::SubmissionId.is_in(ids.iter().copied()))
        .all(conn)
        .await?;
    for row in rows {
        writers.entry(row.submission_id).or_default().push(row);
    }
    for writers in writers.into_values() {
        let unit = |row: &submission_author::Model| row.person_id.and_then(|person| people.get(&person)).copied();
        if writers.iter().any(|row| unit(row).is_some()) {
            for row in &writers {
                snapshot.facts.upsert_credit(&rows::author(row, unit(row)));
            }
        }
    }
    Ok(())
}

/// Credits anew what persons wrote who are assessed from now on.
async fn written_by(
    conn: &impl ConnectionTrait,
    snapshot: &mut Snapshot,
    ids: &[i64],
    people: &AssessedPeople,
) -> Result<()> {
    let persons: Vec<PersonId> = assessed_person::Entity::find()
        .filter(which(assessed_person::Column::NetworkId, assessed_person::Column::Id, snapshot, Some(ids)))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| row.person_id)
        .collect();
    let written: BTreeSet<SubmissionId> = submission_author::Entity::find()
        .filter(submission_author::Column::PersonId.is_in(persons))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| row.submission_id)
        .collect();
    let written: Vec<SubmissionId> = written.into_iter().collect();
    for part in written.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
        credits(conn, snapshot, part, people).await?;
    }
    Ok(())
}

async fn judgements(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, ids: Option<&[i64]>) -> Result<()> {
    let condition = which(judgement::Column::NetworkId, judgement::Column::Id, snapshot, ids);
    for row in judgement::Entity::find().filter(condition).all(conn).await? {
        let decided_at = row.decided_at;
        let mut fact = rows::judgement(row);
        fact.judged_on = snapshot.counts_on((FactKind::Judgement, fact.id), fact.judged_on, decided_at);
        snapshot.facts.upsert_judgement(&fact);
    }
    Ok(())
}

/// Targets are few, so they are read whole.
async fn targets(conn: &impl ConnectionTrait, snapshot: &mut Snapshot) -> Result<()> {
    let rows = target::Entity::find()
        .filter(target::Column::NetworkId.eq(snapshot.network.id))
        .order_by_asc(target::Column::Id)
        .all(conn)
        .await?;
    for row in &rows {
        if let Some(task) = rows::task(row) {
            snapshot.facts.upsert_task(&task);
        }
    }
    snapshot.targets = crate::services::target::obligations(&rows);
    Ok(())
}

/// The head of the thread of each item that is a part of one.
async fn heads(
    conn: &impl ConnectionTrait,
    ids: impl Iterator<Item = &SubmissionId>,
) -> Result<BTreeMap<SubmissionId, SubmissionId>> {
    let parts = urgent_report::Entity::find().filter(urgent_report::Column::SubmissionId.is_in(ids.copied()));
    let heads = parts.all(conn).await?.into_iter();
    Ok(heads.filter_map(|row| row.submission_id.zip(row.head_submission_id)).collect())
}

/// Credits the units whose submissions became parts of the composites among `page`.
async fn composites(conn: &impl ConnectionTrait, snapshot: &mut Snapshot, page: &[submission::Model]) -> Result<()> {
    let ids: Vec<SubmissionId> = page.iter().filter(|row| row.composite).map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let parts = submission::Entity::find()
        .filter(submission::Column::MergedIntoId.is_in(ids))
        .order_by_asc(submission::Column::Id)
        .all(conn)
        .await?;
    for credit in rows::credits(&parts) {
        snapshot.facts.upsert_credit(&credit);
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
