//! Drafting a settlement from the published results of a period.

use std::collections::{BTreeMap, BTreeSet};

use analytics::period::{Period, Span};
use entity::circular;
use entity::ids::{NetworkId, RulebookVersionId, SettlementId, UnitId};
use entity::settlement::{self, SettlementKind, SettlementState};
use entity::settlement_line::{self, SettlementLineKind, SettlementOutcome as Outcome};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;

use super::due::{self, Due};
use super::paid::{self, Paid};
use super::{SettlementOutcome, sum, tie};
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::facts::Snapshot;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, circular as circulars, score};

/// Rows in one statement: SQLite takes 32,766 parameters.
const BATCH: usize = 500;

/// Drafts a settlement.
#[derive(Clone, Debug, Serialize)]
pub struct SettleAwards {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network.
    pub network: NetworkId,
    /// For which period.
    pub period: Period,
}

impl Command for SettleAwards {
    fn name(&self) -> &'static str {
        "settleAwards"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// A line on its way into the table.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) due: Due,
    pub(super) unit_name: String,
    pub(super) paid_before: i64,
    pub(super) amount: i64,
}

/// Drafts what is due for a period and has not been settled. Whoever asks again gets the same draft, as long as nothing has changed.
pub async fn settle(ctx: &Ctx, command: SettleAwards) -> Result<SettlementOutcome> {
    ctx.network(ctx.reader(), command.network).await?;
    ctx.authorize(Action::SettleAwards, Target::network(command.network))?;
    let prepared = prepare(ctx, command.network, command.period).await;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let Prepared { circular, snapshot, mut due } = prepared?;
    let span = command.period.span();
    tie::apply(write.conn(), command.network, command.period, &mut due).await?;
    let paid = paid::paid(write.conn(), command.network).await?;
    let lines = difference(&snapshot, due, &paid, span);
    if lines.is_empty() {
        return Err(Error::new(
            Code::WrongState,
            "all that is due for this period has been settled",
            "该时段应结算事项均已结算，无须再次结算",
        )
        .at("period"));
    }
    let draft_of = format!("{}:{}", command.network, command.period);
    let open = settlement::Entity::find().filter(settlement::Column::DraftOf.eq(&draft_of)).one(write.conn()).await?;
    if let Some(open) = open {
        if open.circular_id == circular.id && is_same(write.conn(), open.id, &lines).await? {
            let outcome = SettlementOutcome { settlement: open.id };
            write.commit(&outcome).await?;
            return Ok(outcome);
        }
        discard(write.conn(), &open).await?;
        write.in_network(command.network);
        write.record(
            Entry::new(Action::SettleAwards.name(), ObjectKind::Settlement, open.id.0).moved("drafted", "discarded"),
        );
    }
    let number = last_number(write.conn(), command.network, &command.period.to_string()).await? + 1;
    let total = sum(lines.iter().map(|line| line.amount))?;
    let row = settlement::ActiveModel {
        id: NotSet,
        network_id: Set(command.network),
        period: Set(command.period.to_string()),
        first_day: Set(span.first),
        last_day: Set(span.last),
        number: Set(number),
        kind: Set(SettlementKind::Payment),
        state: Set(SettlementState::Drafted),
        circular_id: Set(circular.id),
        reverses_id: Set(None),
        total: Set(total),
        reason: Set(None),
        drafted_by: Set(ctx.actor().id()),
        drafted_at: Set(ctx.now()),
        approved_by: Set(None),
        approved_at: Set(None),
        approval: Set(None),
        draft_of: Set(Some(draft_of)),
        version: Set(1),
    };
    let taken =
        || Error::new(Code::Unavailable, "somebody drafts at this moment; try again", "他人正在拟制结算，请稍后重试");
    let inserted = settlement::Entity::insert(row).exec(write.conn()).await.map_err(|error| on_unique(error, taken))?;
    let id = inserted.last_insert_id;
    store(write.conn(), command.network, id, &lines).await?;
    write.in_network(command.network);
    let entry = Entry::new(Action::SettleAwards.name(), ObjectKind::Settlement, id.0);
    write.record(Entry { to: Some("drafted".to_owned()), ..entry }.with(serde_json::json!({
        "period": command.period, "circular": circular.id, "lines": lines.len(), "fen": total,
    })));
    let outcome = SettlementOutcome { settlement: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// What the published results of a period say is due.
pub(super) struct Prepared {
    pub(super) circular: circular::Model,
    pub(super) snapshot: std::sync::Arc<Snapshot>,
    pub(super) due: Vec<Due>,
}

/// Reads what is due from the circular that counts.
pub(super) async fn prepare(ctx: &Ctx, network: NetworkId, period: Period) -> Result<Prepared> {
    let published = circulars::published(ctx.reader(), network, period).await?.ok_or_else(|| {
        Error::new(
            Code::WrongState,
            "awards are settled by published results; publish the circular of this period first",
            "奖励按已发布的通报结算，请先发布该时段通报",
        )
        .at("period")
    })?;
    let (published, scored) = circulars::frozen(ctx.state(), &published.circular).await?;
    let snapshot = ctx.facts(network).await?;
    let span = period.span();
    let units: Vec<i64> = snapshot.facts.units().keys().copied().collect();
    let results = score::compute(move || due::results(&scored, &units, span)).await?;
    let due = due::due(ctx.reader(), &snapshot, results, span).await?;
    Ok(Prepared { circular: published.circular, snapshot, due })
}

/// What is due and was not settled, what was settled otherwise, and what is not due any more.
fn difference(snapshot: &Snapshot, due: Vec<Due>, paid: &BTreeMap<String, Paid>, span: Span) -> Vec<Draft> {
    let keys: BTreeSet<String> = due.iter().map(|due| due.key.clone()).collect();
    let name = |unit: UnitId| snapshot.facts.units().get(&unit.0).map(|unit| unit.name.clone()).unwrap_or_default();
    let mut lines = Vec::new();
    for due in due {
        let known = paid.get(&due.key);
        let before = known.map_or(0, |known| known.amount);
        // Nothing is paid while a tie is open.
        let owed = if due.outcome == Outcome::Undecided { before } else { due.amount };
        if owed != before || known.and_then(|known| known.outcome) != Some(due.outcome) {
            lines.push(Draft { unit_name: name(due.unit), paid_before: before, amount: owed - before, due });
        }
    }
    // What another period's settlement had is that one's to take back, unless its days lie within these.
    let within = |known: &Paid| span.contains(known.span.first) && span.contains(known.span.last);
    let is_gone = |known: &Paid| {
        !keys.contains(&known.line.key)
            && within(known)
            && (known.amount != 0 || known.outcome.is_some_and(|outcome| outcome != Outcome::Withdrawn))
    };
    let is_about = |known: &Paid| known.line.kind == SettlementLineKind::Reward || known.span == span;
    for known in paid.values().filter(|known| is_gone(known) && is_about(known)) {
        lines.push(withdrawn(known));
    }
    lines
}

/// A line that takes back what is not due any more.
fn withdrawn(known: &Paid) -> Draft {
    let line = &known.line;
    let due = Due {
        key: line.key.clone(),
        kind: line.kind,
        award: line.award.clone(),
        rulebook: RulebookVersionId(line.rulebook_id.0),
        clause: line.clause.clone(),
        title: line.title.clone(),
        category: line.category.clone(),
        unit: line.unit_id,
        submission: line.submission_id,
        person: line.person_id,
        person_name: line.person_name.clone(),
        editor: line.editor.clone(),
        share: line.share,
        rank: None,
        points: None,
        day: line.day,
        amount: 0,
        outcome: Outcome::Withdrawn,
        tie: None,
        places: 0,
        reason: format!("更正后不再符合：{}", line.title),
        bars: Vec::new(),
    };
    Draft { unit_name: line.unit_name.clone(), paid_before: known.amount, amount: -known.amount, due }
}

/// Whether a draft has these lines already.
async fn is_same(conn: &impl ConnectionTrait, draft: SettlementId, lines: &[Draft]) -> Result<bool> {
    let stored = settlement_line::Entity::find()
        .filter(settlement_line::Column::SettlementId.eq(draft))
        .order_by_asc(settlement_line::Column::Position)
        .all(conn)
        .await?;
    let is_equal = |(stored, line): (&settlement_line::Model, &Draft)| {
        stored.key == line.due.key
            && stored.outcome == line.due.outcome
            && (stored.amount, stored.paid_before) == (line.amount, line.paid_before)
            && (&stored.reason, &stored.person_name) == (&line.due.reason, &line.due.person_name)
    };
    Ok(stored.len() == lines.len() && stored.iter().zip(lines).all(is_equal))
}

/// Puts a draft aside.
async fn discard(conn: &impl ConnectionTrait, draft: &settlement::Model) -> Result<()> {
    settlement::Entity::update_many()
        .col_expr(settlement::Column::State, Expr::value(SettlementState::Discarded))
        .col_expr(settlement::Column::DraftOf, Expr::value(None::<String>))
        .col_expr(settlement::Column::Version, Expr::col(settlement::Column::Version).add(1))
        .filter(settlement::Column::Id.eq(draft.id))
        .exec(conn)
        .await?;
    Ok(())
}

/// The last number of a period's settlements.
pub(super) async fn last_number(conn: &impl ConnectionTrait, network: NetworkId, period: &str) -> Result<i64> {
    let last = settlement::Entity::find()
        .filter(settlement::Column::NetworkId.eq(network))
        .filter(settlement::Column::Period.eq(period))
        .order_by_desc(settlement::Column::Number)
        .one(conn)
        .await?;
    Ok(last.map_or(0, |last| last.number))
}

/// Stores the lines of a settlement in their order.
async fn store(conn: &impl ConnectionTrait, network: NetworkId, id: SettlementId, lines: &[Draft]) -> Result<()> {
    let mut rows = Vec::with_capacity(lines.len());
    for (position, line) in (1_i64..).zip(lines) {
        let due = &line.due;
        rows.push(settlement_line::ActiveModel {
            id: NotSet,
            network_id: Set(network),
            settlement_id: Set(id),
            position: Set(position),
            key: Set(due.key.clone()),
            kind: Set(due.kind),
            award: Set(due.award.clone()),
            rulebook_id: Set(due.rulebook),
            clause: Set(due.clause.clone()),
            title: Set(due.title.clone()),
            category: Set(due.category.clone()),
            unit_id: Set(due.unit),
            unit_name: Set(line.unit_name.clone()),
            submission_id: Set(due.submission),
            person_id: Set(due.person),
            person_name: Set(due.person_name.clone()),
            editor: Set(due.editor.clone()),
            share: Set(due.share),
            rank: Set(due.rank),
            points: Set(due.points),
            day: Set(due.day),
            due: Set(due.amount),
            paid_before: Set(line.paid_before),
            amount: Set(line.amount),
            outcome: Set(due.outcome),
            tie: Set(due.tie.map(str::to_owned)),
            reason: Set(due.reason.clone()),
            bars: Set(serde_json::to_string(&due.bars).map_err(Error::internal)?),
        });
    }
    insert(conn, rows).await
}

/// Inserts lines in statements of a size that both databases take.
pub(super) async fn insert(conn: &impl ConnectionTrait, rows: Vec<settlement_line::ActiveModel>) -> Result<()> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let batch: Vec<_> = rows.by_ref().take(BATCH).collect();
        settlement_line::Entity::insert_many(batch).exec_without_returning(conn).await?;
    }
    Ok(())
}
