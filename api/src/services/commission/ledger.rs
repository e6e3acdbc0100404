//! The ledger of commissions (台账): what is open, what is overdue and for how long, what was struck off and why.
//!
//! A commission enters the ledger when it is issued, and stays in it, from period to period, until it is struck off with a
//! reason.

use analytics::period::Span;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::commission::{self, ClosureReason, CommissionState};
use entity::commission_assignment;
use entity::ids::NetworkId;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, ExprTrait as _, Iterable as _, PaginatorTrait as _, QueryFilter as _,
    QuerySelect as _, QueryTrait as _, Select,
};

use super::standing::Standing;
use crate::error::Result;
use crate::services::{Ctx, time_zone};

/// How long something has been overdue: days begun, from and to; the last has no end.
pub const AGES: [(i64, Option<i64>); 4] = [(1, Some(3)), (4, Some(7)), (8, Some(15)), (16, None)];

/// The ledger of a network and a period, as far as the caller sees it, at one moment.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// The commissions in it.
    pub commissions: Select<commission::Entity>,
    /// What each unit owes on them.
    pub assignments: Select<commission_assignment::Entity>,
    /// The moment at which it was opened.
    pub now: DateTime<Utc>,
}

/// Opens the ledger of a period. `chosen` says which assignments are meant, if not all.
pub async fn open(ctx: &Ctx, network: NetworkId, span: Span, chosen: Condition) -> Result<Ledger> {
    let zone = time_zone(&ctx.network(ctx.reader(), network).await?);
    let (begin, end) = (midnight(zone, span.first), midnight(zone, span.last + TimeDelta::days(1)));
    let within = Condition::all()
        .add(commission::Column::NetworkId.eq(network))
        .add(commission::Column::IssuedAt.lt(end))
        .add(commission::Column::ClosedAt.is_null().or(commission::Column::ClosedAt.gte(begin)));
    let ids =
        ctx.scope().commissions().filter(within.clone()).select_only().column(commission::Column::Id).into_query();
    let assignments =
        ctx.scope().assignments().filter(commission_assignment::Column::CommissionId.in_subquery(ids)).filter(chosen);
    let asked = assignments.clone().select_only().column(commission_assignment::Column::CommissionId).into_query();
    let commissions = ctx.scope().commissions().filter(within).filter(commission::Column::Id.in_subquery(asked));
    Ok(Ledger { commissions, assignments, now: ctx.now() })
}

/// The first moment of a local day; where a clock is put forward at midnight, the first that exists.
fn midnight(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    (0..24)
        .find_map(|hour| (midnight + TimeDelta::hours(hour)).and_local_timezone(zone).earliest())
        .map_or_else(|| midnight.and_utc(), |local| local.to_utc())
}

impl Ledger {
    /// How many commissions are open.
    pub async fn open(&self, conn: &impl ConnectionTrait) -> Result<u64> {
        Ok(self.commissions.clone().filter(commission::Column::State.eq(CommissionState::Open)).count(conn).await?)
    }

    /// How many open commissions somebody is overdue with.
    pub async fn overdue(&self, conn: &impl ConnectionTrait) -> Result<u64> {
        let late = self
            .assignments
            .clone()
            .filter(Standing::Overdue.condition(self.now))
            .select_only()
            .column(commission_assignment::Column::CommissionId)
            .into_query();
        Ok(self.commissions.clone().filter(commission::Column::Id.in_subquery(late)).count(conn).await?)
    }

    /// How many commissions were struck off, for each reason.
    pub async fn closed(&self, conn: &impl ConnectionTrait) -> Result<Vec<(ClosureReason, u64)>> {
        let mut counts = Vec::new();
        for reason in ClosureReason::iter() {
            let closed = self.commissions.clone().filter(commission::Column::ClosedReason.eq(reason));
            counts.push((reason, closed.count(conn).await?));
        }
        Ok(counts)
    }

    /// How many assignments stand where.
    pub async fn standings(&self, conn: &impl ConnectionTrait) -> Result<Vec<(Standing, u64)>> {
        let mut counts = Vec::new();
        for standing in Standing::ALL {
            let count = self.assignments.clone().filter(standing.condition(self.now)).count(conn).await?;
            counts.push((standing, count));
        }
        Ok(counts)
    }

    /// How many assignments have been overdue for how long, one count for each of [`AGES`].
    pub async fn ages(&self, conn: &impl ConnectionTrait) -> Result<Vec<u64>> {
        let mut counts = Vec::new();
        for age in AGES {
            let due = aged(age, self.now);
            let overdue = self.assignments.clone().filter(Standing::Overdue.condition(self.now));
            counts.push(overdue.filter(due).count(conn).await?);
        }
        Ok(counts)
    }
}

/// The rows whose deadline passed so many days before `now`; a day that has begun counts.
fn aged((from, to): (i64, Option<i64>), now: DateTime<Utc>) -> Condition {
    let due_at = commission_assignment::Column::DueAt;
    let all = Condition::all().add(due_at.lt(now - TimeDelta::days(from - 1)));
    match to {
        Some(to) => all.add(due_at.gte(now - TimeDelta::days(to))),
        None => all,
    }
}
