//! Daily feedback of adoption (每日采用反馈): what the office decided on a unit's submissions on one day, and what it gave.

use std::collections::BTreeMap;

use analytics::facts::FactKind;
use analytics::period::Span;
use analytics::points::Points;
use analytics::rulebook::Currency;
use analytics::scoring::Amount;
use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::ids::{NetworkId, UnitId};
use entity::{adoption, screening, submission};
use sea_orm::{ColumnTrait as _, Condition, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _};

use crate::auth::policy::{Action, Target};
use crate::error::Result;
use crate::services::score::Attribution;
use crate::services::{Ctx, score, time_zone, unit};

/// What was decided on one day.
#[derive(Clone, Debug)]
pub struct Feedback {
    /// The network.
    pub network: NetworkId,
    /// Whose submissions.
    pub unit: UnitId,
    /// Which day.
    pub day: NaiveDate,
    /// Adoptions that were recorded on that day, each with the points that it gave the unit.
    pub adopted: Vec<(adoption::Model, Points)>,
    /// What was shortlisted, returned or declined.
    pub screened: Vec<screening::Model>,
}

/// The feedback of a day to a unit, for whoever may read the unit's figures.
pub async fn of(ctx: &Ctx, network: NetworkId, unit: UnitId, day: NaiveDate) -> Result<Feedback> {
    let conn = ctx.reader();
    let network = ctx.network(conn, network).await?;
    let unit = unit::find(ctx, conn, unit).await?;
    ctx.authorize(Action::ReadFigures, Target::unit(network.id, unit.id))?;
    let zone = time_zone(&network);
    let begin = |day: NaiveDate| -> DateTime<Utc> {
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        midnight.and_local_timezone(zone).earliest().map_or_else(|| midnight.and_utc(), |local| local.to_utc())
    };
    let (from, to) = (begin(day), begin(day.checked_add_days(Days::new(1)).unwrap_or(day)));
    // A unit's own, and the composites that a part of its own went into.
    let merged = ctx
        .scope()
        .submissions()
        .select_only()
        .column(submission::Column::MergedIntoId)
        .filter(submission::Column::UnitId.eq(unit.id))
        .filter(submission::Column::MergedIntoId.is_not_null())
        .into_query();
    let of_unit = ctx
        .scope()
        .submissions()
        .select_only()
        .column(submission::Column::Id)
        .filter(submission::Column::NetworkId.eq(network.id))
        .filter(
            Condition::any()
                .add(submission::Column::UnitId.eq(unit.id))
                .add(submission::Column::Id.in_subquery(merged)),
        )
        .into_query();
    let adoptions = ctx
        .scope()
        .adoptions()
        .filter(adoption::Column::SubmissionId.in_subquery(of_unit.clone()))
        .filter(adoption::Column::RevokedAt.is_null())
        .filter(adoption::Column::RecordedAt.gte(from))
        .filter(adoption::Column::RecordedAt.lt(to))
        .order_by_asc(adoption::Column::Id)
        .all(conn)
        .await?;
    let screened = ctx
        .scope()
        .screenings()
        .filter(screening::Column::SubmissionId.in_subquery(of_unit))
        .filter(screening::Column::DecidedAt.gte(from))
        .filter(screening::Column::DecidedAt.lt(to))
        .order_by_asc(screening::Column::Id)
        .all(conn)
        .await?;
    let points = points(ctx, network.id, unit.id, &adoptions).await?;
    let adopted = adoptions.into_iter().map(|row| {
        let given = points.get(&row.id.0).copied().unwrap_or(Points::ZERO);
        (row, given)
    });
    Ok(Feedback { network: network.id, unit: unit.id, day, adopted: adopted.collect(), screened })
}

/// What each adoption gave the unit: the lines of the ledger that are about it alone.
async fn points(
    ctx: &Ctx,
    network: NetworkId,
    unit: UnitId,
    adoptions: &[adoption::Model],
) -> Result<BTreeMap<i64, Points>> {
    let mut millionths: BTreeMap<i64, i64> = BTreeMap::new();
    let days: std::collections::BTreeSet<NaiveDate> = adoptions.iter().map(|row| row.adopted_on).collect();
    for day in days {
        let span = Span { first: day, last: day };
        for line in score::lines(ctx, network, unit, span, Currency::Points, Attribution::AsReported).await? {
            let about = line.key.split_once('@').map(|(_, about)| about).unwrap_or_default();
            let of = FactKind::Adoption.code();
            for row in adoptions {
                let own = format!("{of}:{}", row.id);
                let is_about = about == own || about.strip_prefix(&own).is_some_and(|rest| rest.starts_with(':'));
                if let (true, Amount::Points(points)) = (is_about, &line.amount) {
                    *millionths.entry(row.id.0).or_default() += points.millionths();
                }
            }
        }
    }
    Ok(millionths.into_iter().map(|(id, sum)| (id, Points::from_millionths(sum))).collect())
}
