//! What each officer brought in: items by share, adopted ones, points by share, against what the rules ask of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use analytics::facts::Membership;
use analytics::period::{Period, Span};
use analytics::points::Points;
use analytics::rulebook::{Currency, Rulebook};
use analytics::scoring::Amount;
use entity::ids::{NetworkId, PersonId, SubmissionId, UnitId};
use entity::submission::{self, SubmissionState};
use entity::{adoption, staffing, submission_author, unit, urgent_report};
use sea_orm::{ActiveEnum as _, ColumnTrait as _, ExprTrait as _, QueryFilter as _, QuerySelect as _};

use crate::error::Result;
use crate::services::facts::Snapshot;
use crate::services::{Ctx, rulebook, score};

/// Ids in one `IN (…)`.
const CHUNK: usize = 5_000;

/// Who wrote: an account, or a name within a unit where there is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Writer {
    Account(UnitId, PersonId),
    Name(UnitId, String),
}

/// What one officer brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficerResult {
    /// The unit for which they wrote.
    pub unit: UnitId,
    /// Their account, if they have one.
    pub person: Option<PersonId>,
    /// Their name.
    pub name: String,
    /// Items handed in, by share.
    pub written: Points,
    /// Items adopted, by share.
    pub adopted: Points,
    /// Points that the items earned, by share.
    pub points: Points,
    /// Items owed in the whole periods of the span; none where nothing is owed.
    pub quota: Option<i64>,
    /// Code of their unit's category at the end of the span.
    pub category: Option<String>,
    /// Place by points among the officers of the category; none where not all of them are seen.
    pub rank: Option<u32>,
}

impl OfficerResult {
    fn new(unit: UnitId, person: Option<PersonId>, name: String) -> Self {
        let nothing = Points::ZERO;
        Self {
            unit,
            person,
            name,
            written: nothing,
            adopted: nothing,
            points: nothing,
            quota: None,
            category: None,
            rank: None,
        }
    }

    /// Items written against items owed, as millionths.
    pub fn attainment(&self) -> Option<i64> {
        let quota = self.quota.filter(|quota| *quota > 0)?;
        Some(self.written.millionths() / quota)
    }
}

/// The results of every officer whose unit the actor sees, by unit and name. Of an urgent event's thread the first item counts.
pub async fn officer_results(
    ctx: &Ctx,
    network: NetworkId,
    span: Span,
    only: Option<UnitId>,
) -> Result<Vec<OfficerResult>> {
    let network = score::readable_network(ctx, network).await?;
    let rules = rulebook::in_force(ctx, ctx.reader(), network.id, span.last).await?;
    let whole = ctx.scope().sees_network(network.id);
    let sees = |unit: UnitId| (whole || ctx.scope().sees_unit(unit)) && only.is_none_or(|only| only == unit);
    let mut found: BTreeMap<Writer, OfficerResult> = BTreeMap::new();
    let submissions: Vec<submission::Model> = ctx
        .scope()
        .submissions()
        .filter(submission::Column::NetworkId.eq(network.id))
        .filter(submission::Column::SubmittedOn.is_not_null())
        .filter(submission::Column::SubmittedOn.lte(span.last))
        .filter(submission::Column::State.ne(SubmissionState::Withdrawn))
        .all(ctx.reader())
        .await?
        .into_iter()
        .filter(|row| sees(row.unit_id))
        .collect();
    let parts = further_parts(ctx).await?;
    let adopted: BTreeSet<SubmissionId> = ctx
        .scope()
        .adoptions()
        .filter(adoption::Column::RevokedAt.is_null())
        .filter(adoption::Column::NetworkId.eq(network.id))
        .filter(adoption::Column::AdoptedOn.between(span.first, span.last))
        .all(ctx.reader())
        .await?
        .into_iter()
        .map(|row| row.submission_id)
        .collect();
    let earned = earned(ctx, network.id, span, &submissions).await?;
    let is_looked_at = |row: &&submission::Model| {
        let is_written = row.submitted_on.is_some_and(|day| span.contains(day));
        !parts.contains(&row.id) && (is_written || adopted.contains(&row.id) || earned.contains_key(&row.id))
    };
    let items: HashMap<SubmissionId, &submission::Model> =
        submissions.iter().filter(is_looked_at).map(|row| (row.id, row)).collect();
    let mut ids: Vec<SubmissionId> = items.keys().copied().collect();
    ids.sort_unstable();
    for part in ids.chunks(CHUNK) {
        let authors = ctx.scope().authors().filter(submission_author::Column::SubmissionId.is_in(part.iter().copied()));
        for author in authors.all(ctx.reader()).await? {
            let Some(item) = items.get(&author.submission_id) else { continue };
            let result = found
                .entry(writer(item.unit_id, author.person_id, &author.name))
                .or_insert_with(|| OfficerResult::new(item.unit_id, author.person_id, author.name.clone()));
            let share = Points::from_millionths(author.share);
            let add = |sum: &mut Points, more: Points| *sum = sum.checked_add(more).unwrap_or(*sum);
            if item.submitted_on.is_some_and(|day| span.contains(day)) {
                add(&mut result.written, share);
            }
            if adopted.contains(&item.id) {
                add(&mut result.adopted, share);
            }
            if let Some(points) = earned.get(&item.id) {
                add(&mut result.points, points.checked_mul(share).unwrap_or(Points::ZERO));
            }
        }
    }
    quotas(ctx, network.id, span, &rules, &sees, &mut found).await?;
    let mut rows: Vec<OfficerResult> = found.into_values().collect();
    let snapshot = ctx.facts(network.id).await?;
    place(&mut rows, &snapshot, span, whole && only.is_none());
    rows.sort_by(|one, other| (one.unit, &one.name, one.person).cmp(&(other.unit, &other.name, other.person)));
    Ok(rows)
}

/// Names the categories, and ranks by points within each: equal points, equal place.
fn place(rows: &mut [OfficerResult], snapshot: &Snapshot, span: Span, all_are_seen: bool) {
    let category = |unit: UnitId| {
        let holds = |one: &&Membership| one.first <= span.last && one.last.is_none_or(|last| last >= span.last);
        let unit = snapshot.facts.units().get(&unit.0)?;
        Some(unit.memberships.iter().filter(holds).max_by_key(|one| one.first)?.category.clone())
    };
    for row in rows.iter_mut() {
        row.category = category(row.unit);
    }
    if !all_are_seen {
        return;
    }
    let standing: Vec<(Option<String>, Points)> = rows.iter().map(|row| (row.category.clone(), row.points)).collect();
    for row in rows.iter_mut().filter(|row| row.category.is_some() && row.points > Points::ZERO) {
        let ahead = standing.iter().filter(|(category, points)| *category == row.category && *points > row.points);
        row.rank = u32::try_from(ahead.count() + 1).ok();
    }
}

fn writer(unit: UnitId, person: Option<PersonId>, name: &str) -> Writer {
    match person {
        Some(person) => Writer::Account(unit, person),
        None => Writer::Name(unit, name.to_owned()),
    }
}

/// Items of urgent events behind the first one of their thread.
async fn further_parts(ctx: &Ctx) -> Result<BTreeSet<SubmissionId>> {
    let parts = ctx.scope().urgent_reports().filter(urgent_report::Column::SubmissionId.is_not_null());
    let parts = parts.all(ctx.reader()).await?.into_iter();
    Ok(parts
        .filter(|part| part.submission_id != part.head_submission_id)
        .filter_map(|part| part.submission_id)
        .collect())
}

/// What each item earned in the span.
async fn earned(
    ctx: &Ctx,
    network: NetworkId,
    span: Span,
    submissions: &[submission::Model],
) -> Result<BTreeMap<SubmissionId, Points>> {
    let units: BTreeSet<UnitId> = submissions.iter().map(|row| row.unit_id).collect();
    let mut earned: BTreeMap<SubmissionId, Points> = BTreeMap::new();
    for unit in units {
        let known = ctx.scope().units().filter(unit::Column::Id.eq(unit)).limit(1);
        if known.one(ctx.reader()).await?.is_none() {
            continue;
        }
        for line in score::lines(ctx, network, unit, span, Currency::Points, score::Attribution::AsReported).await? {
            if let (Some(id), Amount::Points(points)) = (line.submission, line.amount) {
                let sum = earned.entry(SubmissionId(id)).or_insert(Points::ZERO);
                *sum = sum.checked_add(points).unwrap_or(*sum);
            }
        }
    }
    Ok(earned)
}

/// Puts what is owed beside what was written; whoever owes something has a row even if they wrote nothing.
async fn quotas(
    ctx: &Ctx,
    network: NetworkId,
    span: Span,
    rules: &Rulebook,
    sees: &impl Fn(UnitId) -> bool,
    found: &mut BTreeMap<Writer, OfficerResult>,
) -> Result<()> {
    if rules.officer_quotas().is_empty() {
        return Ok(());
    }
    let staff = ctx
        .scope()
        .staffing()
        .filter(staffing::Column::NetworkId.eq(network))
        .filter(staffing::Column::FirstDay.lte(span.last))
        .filter(staffing::Column::LastDay.is_null().or(staffing::Column::LastDay.gte(span.first)))
        .all(ctx.reader())
        .await?;
    for row in staff.iter().filter(|row| sees(row.unit_id)) {
        let mut owed = 0;
        let mut is_bound = false;
        for quota in rules.officer_quotas().iter().filter(|quota| quota.duties.contains(&row.duty.to_value())) {
            is_bound = true;
            // Owed by whoever is in the duty on the last day of a whole period.
            let periods = span.split(quota.per).into_iter().map(Period::span);
            let is_whole = |period: &Span| period.first >= span.first && period.last <= span.last;
            let is_held =
                |period: &Span| row.first_day <= period.last && row.last_day.is_none_or(|last| last >= period.last);
            let times = periods.filter(|period| is_whole(period) && is_held(period)).count();
            owed += i64::from(quota.items) * i64::try_from(times).unwrap_or(0);
        }
        if is_bound {
            let result = found
                .entry(writer(row.unit_id, row.person_id, &row.name))
                .or_insert_with(|| OfficerResult::new(row.unit_id, row.person_id, row.name.clone()));
            result.quota = Some(result.quota.unwrap_or(0) + owed);
        }
    }
    Ok(())
}
