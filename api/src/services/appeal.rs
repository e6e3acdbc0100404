//! Appeals (申诉): a unit disputes a line of its score, a chief editor decides.
//!
//! An appeal that is upheld ends in a line of its own, on the day of the decision, that takes the disputed line back. Both
//! stay in the ledger, so the score is the sum of its lines and a closed period keeps its results.

use analytics::period::Span;
use analytics::points::{Money, Points};
use analytics::rulebook::Currency;
use analytics::scoring::{Amount, Line};
use chrono::NaiveDate;
use entity::appeal::{self, AppealState};
use entity::ids::{AppealId, NetworkId, RulebookVersionId, SubmissionId, UnitId};
use entity::{circular, network};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Target, authorize};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, rulebook, score, unit};

/// Longest reason of an appeal or of its decision.
pub const REASON_CHARACTERS: usize = 1_000;

/// Disputes a line.
#[derive(Clone, Debug, Serialize)]
pub struct AppealScoreLine {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network.
    pub network: NetworkId,
    /// Whose line.
    pub unit: UnitId,
    /// The line's id in the ledger.
    pub line: String,
    /// The day on which it counts.
    pub date: NaiveDate,
    /// Why.
    pub reason: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppealOutcome {
    /// The appeal.
    pub appeal: AppealId,
}

impl Command for AppealScoreLine {
    fn name(&self) -> &'static str {
        "appealScoreLine"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores an appeal. A line is appealed once.
pub async fn raise(ctx: &Ctx, command: AppealScoreLine) -> Result<AppealOutcome> {
    let network = ctx.network(ctx.reader(), command.network).await?;
    let unit = unit::find(ctx, ctx.reader(), command.unit).await.map_err(|error| error.at("unit"))?;
    ctx.authorize(Action::AppealScoreLine, Target::unit(network.id, unit.id))?;
    let line = find_line(ctx, network.id, unit.id, &command.line, command.date).await?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let line = line.ok_or_else(|| Error::not_found().at("line"))?;
    if line.reverses.is_some() || line.facts.is_empty() && line.rule == analytics::rulebook::ROUNDING {
        return Err(Error::invalid(
            "line",
            "a reversal and the rounding of a total cannot be appealed",
            "冲正与取整明细不能申诉",
        ));
    }
    check_window(ctx, write.conn(), &network, line.day).await?;
    let reason = check_reason(&command.reason)?;
    let (points, money) = parts(line.amount);
    let row = appeal::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        unit_id: Set(unit.id),
        line: Set(line.key),
        line_day: Set(line.day),
        rulebook_id: Set(RulebookVersionId(line.version)),
        rule: Set(line.rule),
        clause: Set(line.clause),
        title: Set(line.title),
        submission_id: Set(line.submission.map(SubmissionId)),
        points: Set(points.millionths()),
        money: Set(money.fen()),
        reason: Set(reason),
        state: Set(AppealState::Pending),
        raised_by: Set(ctx.actor().id()),
        raised_at: Set(ctx.now()),
        decided_by: Set(None),
        decided_at: Set(None),
        decision: Set(None),
        counts_on: Set(None),
        version: Set(1),
    };
    let taken =
        || Error::new(Code::AlreadyExists, "this line has been appealed already", "该条积分明细已申诉过").at("line");
    let id =
        appeal::Entity::insert(row).exec(write.conn()).await.map_err(|error| on_unique(error, taken))?.last_insert_id;
    write.in_network(network.id);
    let entry = Entry::new(Action::AppealScoreLine.name(), ObjectKind::Appeal, id.0);
    write.record(
        Entry { to: Some("pending".to_owned()), ..entry }
            .with(serde_json::json!({ "unit": unit.id, "line": command.line })),
    );
    let outcome = AppealOutcome { appeal: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Decides an appeal.
#[derive(Clone, Debug, Serialize)]
pub struct DecideAppeal {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which appeal.
    pub appeal: AppealId,
    /// The version that was read.
    pub expected_version: i64,
    /// Whether the unit is right.
    pub upheld: bool,
    /// Why it is decided so.
    pub reason: String,
}

impl Command for DecideAppeal {
    fn name(&self) -> &'static str {
        "decideAppeal"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Whether `actor` may decide this appeal now, and if not why. The mutation asks nothing else.
pub fn may_decide(actor: &Actor, row: &appeal::Model) -> Result<()> {
    authorize(actor, Action::DecideAppeal, Target::network(row.network_id))?;
    match row.state {
        AppealState::Pending => Ok(()),
        AppealState::Upheld | AppealState::Rejected => {
            Err(Error::new(Code::WrongState, "the appeal has been decided", "该申诉已有处理结果"))
        }
    }
}

/// Stores the decision. What is upheld is reversed by what the line comes to at that moment.
pub async fn decide(ctx: &Ctx, command: DecideAppeal) -> Result<AppealOutcome> {
    let row = find(ctx, command.appeal).await?;
    ctx.authorize(Action::DecideAppeal, Target::network(row.network_id))?;
    let line = find_line(ctx, row.network_id, row.unit_id, &row.line, row.line_day).await?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let reason = check_reason(&command.reason)?;
    may_decide(ctx.actor(), &row)?;
    let network = ctx.network(write.conn(), row.network_id).await?;
    let (state, name) =
        if command.upheld { (AppealState::Upheld, "upheld") } else { (AppealState::Rejected, "rejected") };
    let mut change = appeal::Entity::update_many()
        .col_expr(appeal::Column::State, Expr::value(state))
        .col_expr(appeal::Column::DecidedBy, Expr::value(ctx.actor().id()))
        .col_expr(appeal::Column::DecidedAt, Expr::value(ctx.now()))
        .col_expr(appeal::Column::Decision, Expr::value(reason))
        .col_expr(appeal::Column::Version, Expr::col(appeal::Column::Version).add(1));
    if command.upheld {
        let line = line.ok_or_else(|| {
            Error::new(
                Code::WrongState,
                "the line is not in the ledger any more, so there is nothing to reverse",
                "该条积分明细已不存在，无须冲正",
            )
        })?;
        let (points, money) = parts(line.amount);
        change = change
            .col_expr(appeal::Column::Points, Expr::value(points.millionths()))
            .col_expr(appeal::Column::Money, Expr::value(money.fen()))
            .col_expr(appeal::Column::CountsOn, Expr::value(local_day(&network, ctx.now())));
    }
    let updated = change
        .filter(appeal::Column::Id.eq(row.id))
        .filter(appeal::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    write.in_network(network.id);
    write.record(
        Entry::new(Action::DecideAppeal.name(), ObjectKind::Appeal, row.id.0)
            .moved("pending", name)
            .with(serde_json::json!({ "unit": row.unit_id, "line": row.line })),
    );
    let outcome = AppealOutcome { appeal: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The appeal with `id`, if the actor may know of it.
async fn find(ctx: &Ctx, id: AppealId) -> Result<appeal::Model> {
    ctx.scope().appeals().filter(appeal::Column::Id.eq(id)).one(ctx.reader()).await?.ok_or_else(Error::not_found)
}

/// The line of a unit's ledger, of points or of money.
async fn find_line(ctx: &Ctx, network: NetworkId, unit: UnitId, key: &str, day: NaiveDate) -> Result<Option<Line>> {
    let span = Span { first: day, last: day };
    for currency in [Currency::Points, Currency::Money] {
        let lines = score::lines(ctx, network, unit, span, currency, score::Attribution::AsReported).await?;
        if let Some(line) = lines.into_iter().find(|line| line.key == key) {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

fn parts(amount: Amount) -> (Points, Money) {
    match amount {
        Amount::Points(points) => (points, Money::default()),
        Amount::Money(money) => (Points::ZERO, money),
    }
}

fn check_reason(reason: &str) -> Result<String> {
    let reason = reason.trim().to_owned();
    if (1..=REASON_CHARACTERS).contains(&reason.chars().count()) {
        return Ok(reason);
    }
    Err(Error::invalid("reason", "give the reason in 1 to 1,000 characters", "请用 1 至 1000 个字写明理由"))
}

/// A line can be appealed for so many days as the rules of its day say, from that day or from the first circular that contains it.
async fn check_window(ctx: &Ctx, conn: &impl ConnectionTrait, network: &network::Model, day: NaiveDate) -> Result<()> {
    let published = ctx
        .scope()
        .circulars()
        .filter(circular::Column::NetworkId.eq(network.id))
        .filter(circular::Column::FirstDay.lte(day))
        .filter(circular::Column::LastDay.gte(day))
        .order_by_asc(circular::Column::Id)
        .one(conn)
        .await?;
    let told = published.map(|circular| local_day(network, circular.published_at));
    let from = told.filter(|told| *told > day).unwrap_or(day);
    let until = rulebook::in_force(ctx, conn, network.id, day).await?.appeal().until(from);
    if local_day(network, ctx.now()) <= until {
        return Ok(());
    }
    Err(Error::new(
        Code::WrongState,
        format!("the line could be appealed until {until}"),
        format!("该条积分明细的申诉期已于 {until} 届满"),
    )
    .at("line"))
}
