//! A corrected edition: the period as it would have been published, had the late facts been known.
//!
//! The points of a late fact count where its record fell, and stay there; the closed period keeps its results. A
//! corrected edition shows the period with its late facts on their own days, beside the old edition and with every difference.

use std::collections::{BTreeMap, BTreeSet};

use analytics::period::{Period, Span};
use analytics::points::Points;
use analytics::rulebook::Currency;
use analytics::scoring::{Amount, Line, Scored};
use chrono::NaiveDate;
use entity::circular::{self, CircularState};
use entity::ids::{CircularId, UnitId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _};
use serde::{Deserialize, Serialize};

use super::compute::{self, Correction, Row};
use super::{CircularOutcome, Edition, Published, previous};
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::facts::Snapshot;
use crate::services::score;
use crate::services::write::{Begun, Command};

/// Longest reason for a correction.
pub const REASON_CHARACTERS: usize = 500;

/// Publishes a new edition of a circular.
#[derive(Clone, Debug, Serialize)]
pub struct CorrectCircular {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The edition that counts.
    pub circular: CircularId,
    /// The version that was read.
    pub expected_version: i64,
    /// Why.
    pub reason: String,
}

impl Command for CorrectCircular {
    fn name(&self) -> &'static str {
        "correctCircular"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// What changed for a unit from one edition to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitChange {
    /// The unit.
    pub unit: UnitId,
    /// Its name in the circular.
    pub name: String,
    /// Code of its category.
    pub category: String,
    /// Points and place before; none if it was not in the edition before.
    pub before: Option<Standing>,
    /// Points and place after; none if it is not in this edition.
    pub after: Option<Standing>,
    /// The lines that came, went or changed.
    pub lines: Vec<LineChange>,
}

/// Where a unit stands in an edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its points.
    pub score: Points,
    /// Its place.
    pub rank: u32,
}

/// A line of the ledger that differs between two editions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChange {
    /// The line's id in the ledger.
    pub key: String,
    /// The rule, as the rulebook calls it.
    pub rule: String,
    /// Where the rule stands in the document.
    pub clause: String,
    /// What the rule rewards or punishes.
    pub title: String,
    /// The day on which it counts in the edition that has it.
    pub day: NaiveDate,
    /// Its points before; none if it came.
    pub before: Option<Points>,
    /// Its points after; none if it went.
    pub after: Option<Points>,
}

/// Whether the actor may correct this circular now, and if not why: something must have become known that changes it. The mutation
/// asks the same.
pub async fn may(ctx: &Ctx, row: &circular::Model) -> Result<()> {
    ctx.authorize(Action::CorrectCircular, Target::network(row.network_id))?;
    check_last(row)?;
    let snapshot = ctx.facts(row.network_id).await?;
    let period: Period = row.period.parse().map_err(Error::internal)?;
    let counted: Vec<Correction> = serde_json::from_str(&row.corrections).map_err(Error::internal)?;
    let corrections = late(&snapshot, period.span());
    if corrections == counted {
        return Err(nothing_new());
    }
    let previous = previous(ctx.reader(), row).await?;
    let known = Published::read(row.clone())?;
    let names: BTreeMap<UnitId, String> = known.rows.iter().map(|row| (row.unit, row.name.clone())).collect();
    let after = compute::compute(&snapshot, period, previous.as_ref(), corrections, names).await?;
    if after.rows == known.rows { Err(nothing_new()) } else { Ok(()) }
}

fn check_last(row: &circular::Model) -> Result<()> {
    if row.state == CircularState::Superseded {
        return Err(Error::new(
            Code::WrongState,
            "a later edition has taken its place; correct that one",
            "该版通报已被新版取代，请更正最新一版",
        ));
    }
    Ok(())
}

fn nothing_new() -> Error {
    Error::new(
        Code::WrongState,
        "nothing that became known since changes this circular",
        "发布后没有影响本期通报的更正事项",
    )
}

/// Publishes the next edition, with what the late facts of the period change. The old edition stays readable.
pub async fn correct(ctx: &Ctx, command: CorrectCircular) -> Result<CircularOutcome> {
    let old = super::find(ctx, command.circular).await?;
    ctx.authorize(Action::CorrectCircular, Target::network(old.network_id))?;
    let snapshot = ctx.facts(old.network_id).await?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let reason = command.reason.trim().to_owned();
    if !(1..=REASON_CHARACTERS).contains(&reason.chars().count()) {
        return Err(Error::invalid(
            "reason",
            "give the reason in 1 to 500 characters",
            "请用 1 至 500 个字写明更正原因",
        ));
    }
    check_last(&old)?;
    let period: Period = old.period.parse().map_err(Error::internal)?;
    let previous = previous(write.conn(), &old).await?;
    let known = Published::read(old.clone())?;
    let names: BTreeMap<UnitId, String> = known.rows.iter().map(|row| (row.unit, row.name.clone())).collect();
    let counted: Vec<Correction> = serde_json::from_str(&old.corrections).map_err(Error::internal)?;
    let corrections = late(&snapshot, period.span());
    let before = compute::compute(&snapshot, period, previous.as_ref(), counted, names.clone()).await?;
    let after = compute::compute(&snapshot, period, previous.as_ref(), corrections.clone(), names).await?;
    if after.rows == known.rows {
        return Err(nothing_new());
    }
    let span = period.span();
    let (rows, shown) = (after.rows.clone(), known.rows.clone());
    let (then, now) = (before.scored.clone(), after.scored.clone());
    let diff = score::compute(move || differences(&shown, &rows, &then, &now, span)).await?;
    let diff = serde_json::to_string(&diff).map_err(Error::internal)?;
    let updated = circular::Entity::update_many()
        .col_expr(circular::Column::State, Expr::value(CircularState::Superseded))
        .col_expr(circular::Column::Version, Expr::col(circular::Column::Version).add(1))
        .filter(circular::Column::Id.eq(old.id))
        .filter(circular::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(old.version));
    }
    let number = old.edition + 1;
    let corrected = Some((diff, reason));
    let edition = Edition { period, kind: old.kind, number, previous: previous.as_ref(), corrected };
    let row = edition.row(ctx, &snapshot, &after, &corrections)?;
    let taken = || Error::version_conflict(old.version + 1);
    let id =
        circular::Entity::insert(row).exec(write.conn()).await.map_err(|error| on_unique(error, taken))?.last_insert_id;
    write.in_network(old.network_id);
    write.record(
        Entry::new(Action::CorrectCircular.name(), ObjectKind::Circular, id.0)
            .with(serde_json::json!({ "period": period, "edition": number, "sha256": after.sha256 })),
    );
    write.record(
        Entry::new(Action::CorrectCircular.name(), ObjectKind::Circular, old.id.0).moved("published", "superseded"),
    );
    let outcome = CircularOutcome { circular: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The late facts and the reversals that belong to `span` by their own day and count elsewhere, in a stable order.
fn late(snapshot: &Snapshot, span: Span) -> Vec<Correction> {
    let facts =
        snapshot.late.iter().filter(|(_, day)| span.contains(**day)).filter(|((kind, id), _)| {
            snapshot.facts.day(*kind, *id).is_some_and(|counts_on| !span.contains(counts_on))
        });
    let facts = facts.map(|((kind, id), day)| Correction { kind: kind.code().to_owned(), id: *id, day: *day });
    let reversals = snapshot.facts.reversals().filter(|row| span.contains(row.line_day) && !span.contains(row.day));
    let reversals =
        reversals.map(|row| Correction { kind: compute::REVERSAL.to_owned(), id: row.id, day: row.line_day });
    let all: BTreeSet<Correction> = facts.chain(reversals).collect();
    all.into_iter().collect()
}

/// Every unit whose points or place differ, in the order of the new edition, with the lines that make the difference.
fn differences(before: &[Row], after: &[Row], then: &Scored, now: &Scored, span: Span) -> Vec<UnitChange> {
    let standing = |row: &Row| Standing { score: row.score, rank: row.rank };
    let old: BTreeMap<UnitId, &Row> = before.iter().map(|row| (row.unit, row)).collect();
    let new: BTreeSet<UnitId> = after.iter().map(|row| row.unit).collect();
    let gone = before.iter().filter(|row| !new.contains(&row.unit)).map(|row| (row, Some(row), None));
    let rows = after.iter().map(|row| (row, old.get(&row.unit).copied(), Some(row))).chain(gone);
    rows.filter(|(_, before, after)| before.map(standing) != after.map(standing))
        .map(|(row, before, after)| UnitChange {
            unit: row.unit,
            name: row.name.clone(),
            category: row.category.clone(),
            before: before.map(standing),
            after: after.map(standing),
            lines: line_changes(then, now, row.unit, span),
        })
        .collect()
}

fn line_changes(then: &Scored, now: &Scored, unit: UnitId, span: Span) -> Vec<LineChange> {
    let points = |line: &Line| match line.amount {
        Amount::Points(points) => points,
        Amount::Money(_) => Points::ZERO,
    };
    let lines = |scored: &Scored| {
        let lines = scored.lines(unit.0, span, Currency::Points);
        lines.into_iter().map(|line| (line.key.clone(), line)).collect::<BTreeMap<_, _>>()
    };
    let (old, new) = (lines(then), lines(now));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut changes: Vec<LineChange> = keys
        .into_iter()
        .filter_map(|key| {
            let (before, after) = (old.get(key), new.get(key));
            let line = after.or(before)?;
            (before.map(points) != after.map(points)).then(|| LineChange {
                key: key.clone(),
                rule: line.rule.clone(),
                clause: line.clause.clone(),
                title: line.title.clone(),
                day: line.day,
                before: before.map(points),
                after: after.map(points),
            })
        })
        .collect();
    changes.sort_by(|a, b| (a.day, &a.key).cmp(&(b.day, &b.key)));
    changes
}
