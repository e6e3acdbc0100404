//! Closing a period (关账): from then on nothing that is dated in it changes.
//!
//! Books are closed in order and without gaps, and each closing stores the facts of its days as they are. What is recorded later of a
//! closed day is a correction: it keeps its own day, and counts on the day on which it was recorded. [`Closings::counts_on`] is the
//! one function that says so; the facts in memory are dated by it, and the API shows what they say.

use std::sync::Arc;

use analytics::facts::FrozenFacts;
use analytics::period::{Period, PeriodUnit, Span};
use chrono::{DateTime, NaiveDate, Utc};
use entity::commission_assignment::AssignmentState;
use entity::ids::{ClosingId, NetworkId};
use entity::{closing, closing_fact, commission, commission_assignment, network};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{self, Entry, ObjectKind};
use crate::services::facts::Snapshot;
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, local_day};

/// Facts in one row of `closing_fact`.
const CHUNK: usize = 2_000;
/// How often a closing begins again because somebody wrote while it was being prepared.
const ATTEMPTS: usize = 5;

/// The closed days of a network: none, or all from a first day through a last one.
#[derive(Clone, Debug, Default)]
pub struct Closings(Vec<closing::Model>);

impl Closings {
    /// From the closings of one network, oldest first.
    pub(crate) fn of_rows(rows: Vec<closing::Model>) -> Self {
        Self(rows)
    }

    /// The closing that holds a fact as it was: one that came after the fact was recorded, and contains the day on which it counted
    /// then.
    pub fn holding(
        &self,
        day: NaiveDate,
        recorded_at: DateTime<Utc>,
        recorded_on: NaiveDate,
    ) -> Option<&closing::Model> {
        let before = self.0.iter().filter(|closing| closing.closed_at <= recorded_at).cloned().collect();
        let counted = Self(before).counts_on(day, recorded_on);
        self.of(counted).filter(|closing| closing.closed_at > recorded_at)
    }

    /// Every closing, oldest first.
    pub fn all(&self) -> &[closing::Model] {
        &self.0
    }

    /// The last closed day.
    pub fn through(&self) -> Option<NaiveDate> {
        self.0.last().map(|closing| closing.last_day)
    }

    /// The closing that a day belongs to.
    pub fn of(&self, day: NaiveDate) -> Option<&closing::Model> {
        self.0.iter().find(|closing| closing.first_day <= day && day <= closing.last_day)
    }

    /// Whether every day of the span is closed.
    pub fn cover(&self, span: Span) -> bool {
        self.of(span.first).is_some() && self.of(span.last).is_some()
    }

    /// The last closed day, if figures of `day` would change closed results: because that is closed, or because they bring
    /// units that were there before and on closed days.
    pub fn reaching(&self, day: NaiveDate, brings_units: bool) -> Option<NaiveDate> {
        self.through().filter(|through| self.of(day).is_some() || (brings_units && day <= *through))
    }

    /// The day on which a fact counts that happened on `day` and is recorded, or recognised, on `recorded_on`: its own while
    /// that is open, otherwise the day of the record. A record cannot fall into the closing that it comes too late for.
    pub fn counts_on(&self, day: NaiveDate, recorded_on: NaiveDate) -> NaiveDate {
        match self.of(day) {
            None => day,
            Some(closing) => closing.last_day.succ_opt().unwrap_or(closing.last_day).max(recorded_on),
        }
    }
}

/// The closings of a network, oldest first.
pub(crate) async fn closings(conn: &impl ConnectionTrait, network: NetworkId) -> Result<Closings> {
    let rows = closing::Entity::find()
        .filter(closing::Column::NetworkId.eq(network))
        .order_by_asc(closing::Column::LastDay)
        .all(conn)
        .await?;
    Ok(Closings(rows))
}

/// The facts that a closing holds.
pub(crate) async fn frozen(conn: &impl ConnectionTrait, id: ClosingId) -> Result<Vec<FrozenFacts>> {
    let rows = closing_fact::Entity::find()
        .filter(closing_fact::Column::ClosingId.eq(id))
        .order_by_asc(closing_fact::Column::Id)
        .all(conn)
        .await?;
    rows.iter().map(|row| serde_json::from_str(&row.facts).map_err(Error::internal)).collect()
}

/// Refuses what would begin on a closed day, or before one: a unit that comes or changes then would change closed results.
pub(crate) async fn refuse_reaching_back(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    day: NaiveDate,
    field: &'static str,
) -> Result<()> {
    match closings(conn, network).await?.through() {
        Some(through) if day <= through => Err(closed(through).at(field)),
        _ => Ok(()),
    }
}

/// The refusal of what would change closed days.
pub(crate) fn closed(through: NaiveDate) -> Error {
    Error::new(
        Code::PeriodClosed,
        format!("the books are closed through {through}; what is closed stays as it is, choose a later day"),
        format!("截至 {through} 的时段已关账，不得变更，请选择其后的日期"),
    )
    .with(serde_json::json!({ "closedThrough": through }))
}

/// Closes a period.
#[derive(Clone, Debug, Serialize)]
pub struct ClosePeriod {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Whose period.
    pub network: NetworkId,
    /// Which one.
    pub period: Period,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClosingOutcome {
    /// The closing.
    pub closing: ClosingId,
}

impl Command for ClosePeriod {
    fn name(&self) -> &'static str {
        "closePeriod"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Closes a month, a quarter, a half-year or a year that has ended.
///
/// The first closing may be of any period. Each later one goes on where the last ended: a quarter whose first month is
/// closed closes the other two, and no period in between is left open. Commissions that fell due in it must have been judged.
pub async fn close(ctx: &Ctx, command: ClosePeriod) -> Result<ClosingOutcome> {
    for _ in 0..ATTEMPTS {
        ctx.network(ctx.reader(), command.network).await?;
        ctx.authorize(Action::ClosePeriod, Target::network(command.network))?;
        let facts = ctx.facts(command.network).await?;
        let mut write = match ctx.begin(&command).await? {
            Begun::Before(outcome) => return Ok(outcome),
            Begun::Fresh(write) => write,
        };
        // Nobody appends to the chain from here on, so nothing can join the facts that are stored.
        if audit::hold(write.conn(), audit::chain(Some(command.network))).await? != facts.data_version {
            continue;
        }
        let network = ctx.network(write.conn(), command.network).await?;
        let span = check(&write, &network, command.period, ctx.now()).await?;
        let id = store(ctx, &write, &command, span, &facts).await?;
        write.in_network(network.id);
        write.record(
            Entry::new(Action::ClosePeriod.name(), ObjectKind::Closing, id.0)
                .with(serde_json::json!({ "period": command.period, "first": span.first, "last": span.last })),
        );
        let outcome = ClosingOutcome { closing: id };
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    Err(Error::new(
        Code::Unavailable,
        "others keep writing while the period is being closed; try again",
        "关账期间有其他写入，请稍后重试",
    ))
}

/// The days that a period would close.
async fn check(write: &Write, network: &network::Model, period: Period, now: DateTime<Utc>) -> Result<Span> {
    if matches!(period.unit(), PeriodUnit::Day | PeriodUnit::Week) {
        return Err(Error::invalid(
            "period",
            "a month, a quarter, a half-year or a year can be closed",
            "只能对月、季度、半年或全年关账",
        ));
    }
    let span = period.span();
    if span.last >= local_day(network, now) {
        return Err(Error::invalid(
            "period",
            format!("the period ends on {}; close it afterwards", span.last),
            format!("该时段于 {} 结束，请在结束后关账", span.last),
        ));
    }
    let closings = closings(write.conn(), network.id).await?;
    let first = match closings.through() {
        None => span.first,
        Some(through) if span.last <= through => {
            return Err(Error::new(
                Code::WrongState,
                format!("the books are closed through {through} already"),
                format!("截至 {through} 的时段已经关账"),
            )
            .at("period"));
        }
        Some(through) => {
            let next = through.succ_opt().unwrap_or(through);
            if span.first > next {
                return Err(Error::new(
                    Code::WrongState,
                    format!("periods are closed in order; close the one that begins on {next} first"),
                    format!("须按顺序关账，请先对自 {next} 起的时段关账"),
                )
                .at("period")
                .with(serde_json::json!({ "next": next })));
            }
            next
        }
    };
    let span = Span { first, last: span.last };
    let undecided = undecided(write.conn(), network, span).await?;
    if undecided > 0 {
        return Err(Error::new(
            Code::WrongState,
            format!("{undecided} assignments that fell due by {} have not been judged or excused", span.last),
            format!("截至 {} 到期的约稿任务尚有 {undecided} 项未评定或免除", span.last),
        )
        .at("period")
        .with(serde_json::json!({ "undecidedAssignments": undecided })));
    }
    Ok(span)
}

/// How many assignments fell due in the span and have no outcome.
async fn undecided(conn: &impl ConnectionTrait, network: &network::Model, span: Span) -> Result<usize> {
    let commissions = commission::Entity::find()
        .select_only()
        .column(commission::Column::Id)
        .filter(commission::Column::NetworkId.eq(network.id))
        .into_query();
    let open = commission_assignment::Entity::find()
        .filter(commission_assignment::Column::CommissionId.in_subquery(commissions))
        .filter(commission_assignment::Column::DecidedOn.is_null())
        .filter(commission_assignment::Column::State.ne(AssignmentState::Excused))
        .all(conn)
        .await?;
    Ok(open.iter().filter(|row| span.contains(local_day(network, row.due_at))).count())
}

async fn store(
    ctx: &Ctx,
    write: &Write,
    command: &ClosePeriod,
    span: Span,
    facts: &Arc<Snapshot>,
) -> Result<ClosingId> {
    let row = closing::ActiveModel {
        id: NotSet,
        network_id: Set(command.network),
        period: Set(command.period.to_string()),
        first_day: Set(span.first),
        last_day: Set(span.last),
        data_version: Set(facts.data_version),
        closed_by: Set(ctx.actor().id()),
        closed_at: Set(ctx.now()),
    };
    let taken = || Error::new(Code::WrongState, "the period is closed already", "该时段已经关账").at("period");
    let id =
        closing::Entity::insert(row).exec(write.conn()).await.map_err(|error| on_unique(error, taken))?.last_insert_id;
    for of_kind in facts.facts.within(span) {
        for rows in of_kind.rows.chunks(CHUNK) {
            let part =
                FrozenFacts { kind: of_kind.kind.clone(), columns: of_kind.columns.clone(), rows: rows.to_vec() };
            let row = closing_fact::ActiveModel {
                id: NotSet,
                closing_id: Set(id),
                facts: Set(serde_json::to_string(&part).map_err(Error::internal)?),
            };
            closing_fact::Entity::insert(row).exec_without_returning(write.conn()).await?;
        }
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use entity::ids::PersonId;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_late_fact_counts_when_it_is_recorded_and_an_early_one_on_its_day() {
        let closing = |first: &str, last: &str| closing::Model {
            id: ClosingId(1),
            network_id: NetworkId(1),
            period: String::new(),
            first_day: day(first),
            last_day: day(last),
            data_version: 1,
            closed_by: PersonId(1),
            closed_at: DateTime::UNIX_EPOCH,
        };
        let closings = Closings(vec![closing("2026-01-01", "2026-01-31"), closing("2026-02-01", "2026-03-31")]);
        for (on, recorded, counts) in [
            ("2025-12-31", "2026-04-09", "2025-12-31"),
            ("2026-01-05", "2026-04-09", "2026-04-09"),
            ("2026-01-05", "2026-02-03", "2026-02-03"),
            ("2026-03-31", "2026-03-31", "2026-04-01"),
            ("2026-04-01", "2026-04-09", "2026-04-01"),
        ] {
            assert_eq!(closings.counts_on(day(on), day(recorded)), day(counts), "{on} recorded on {recorded}");
        }
        let at = |hours: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
        // Recorded before its day was closed, it is held; recorded later, it counts on another day, which is open.
        assert!(closings.holding(day("2026-01-05"), at(-1), day("2026-01-06")).is_some());
        assert!(closings.holding(day("2026-01-05"), at(1), day("2026-04-09")).is_none());
        assert!(closings.holding(day("2026-04-05"), at(-1), day("2026-04-06")).is_none());
        assert!(closings.cover(Span { first: day("2026-01-01"), last: day("2026-03-31") }));
        assert!(!closings.cover(Span { first: day("2025-12-01"), last: day("2026-01-31") }));
    }
}
