//! Talks (约谈): the units that the rulebook lists as behind are called in, measures are agreed, and what came of them is recorded.
//!
//! Who is called in follows from a published circular and the rulebook's lists with `talk`; nobody is called in twice for a period.

use std::collections::{BTreeMap, BTreeSet};

use analytics::period::Period;
use analytics::rulebook::Behind;
use chrono::NaiveDate;
use entity::ids::{NetworkId, TalkId, UnitId};
use entity::talk::{self, TalkState};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveEnum as _,
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, circular, local_day, score};

/// Longest text of measures, of a result, of a reason.
pub const TEXT_CHARACTERS: usize = 2_000;

/// Why a unit is called in: a list of the rulebook, and what it read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// In what it is behind: `volume`, `quality` or `progress`.
    pub behind: String,
    /// The list, as the rulebook calls it.
    pub list: String,
    /// What it lists.
    pub title: String,
    /// Where it stands in the document.
    pub clause: String,
    /// What the list's condition read: names and values.
    pub inputs: Vec<(String, String)>,
}

/// Calls in the units that are behind.
#[derive(Clone, Debug, Serialize)]
pub struct DraftTalks {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network.
    pub network: NetworkId,
    /// By the circular of which period.
    pub period: Period,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TalksOutcome {
    /// Units that were called in by this request.
    pub called: i64,
}

impl Command for DraftTalks {
    fn name(&self) -> &'static str {
        "draftTalks"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Calls in every unit that the rulebook lists as behind in a published period, each once.
pub async fn draft(ctx: &Ctx, command: DraftTalks) -> Result<TalksOutcome> {
    ctx.network(ctx.reader(), command.network).await?;
    ctx.authorize(Action::CallTalk, Target::network(command.network))?;
    let listed = listed(ctx, &command).await;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let (circular, listed) = listed?;
    let mut called = 0;
    for (unit, reasons) in &listed {
        let row = talk::ActiveModel {
            id: NotSet,
            network_id: Set(command.network),
            unit_id: Set(*unit),
            period: Set(command.period.to_string()),
            circular_id: Set(circular.id),
            reasons: Set(serde_json::to_string(reasons).map_err(Error::internal)?),
            state: Set(TalkState::Called),
            called_by: Set(ctx.actor().id()),
            called_at: Set(ctx.now()),
            held_on: Set(None),
            participants: Set(None),
            measures: Set(None),
            follow_up_due: Set(None),
            result: Set(None),
            recorded_by: Set(None),
            recorded_at: Set(None),
            version: Set(1),
        };
        let once = OnConflict::columns([talk::Column::NetworkId, talk::Column::Period, talk::Column::UnitId])
            .do_nothing()
            .to_owned();
        called += talk::Entity::insert(row).on_conflict(once).exec_without_returning(write.conn()).await?;
    }
    write.in_network(command.network);
    write.record(
        Entry::new(Action::CallTalk.name(), ObjectKind::Circular, circular.id.0)
            .with(serde_json::json!({ "period": command.period, "called": called })),
    );
    let outcome = TalksOutcome { called: i64::try_from(called).unwrap_or(i64::MAX) };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The units that are behind in the published results, each with its reasons in the order of the rulebook.
async fn listed(ctx: &Ctx, command: &DraftTalks) -> Result<(entity::circular::Model, BTreeMap<UnitId, Vec<Reason>>)> {
    let published = circular::published(ctx.reader(), command.network, command.period).await?.ok_or_else(|| {
        Error::new(
            Code::WrongState,
            "units are called in by published results; publish the circular of this period first",
            "约谈以已发布的通报为依据，请先发布该时段通报",
        )
        .at("period")
    })?;
    let (published, scored) = circular::frozen(ctx.state(), &published.circular).await?;
    let span = command.period.span();
    let rows = score::compute(move || {
        let rows = scored.lists(span).into_iter().filter_map(|row| Some((row.talk?, row)));
        let read = |(behind, row): (Behind, analytics::scoring::ListRow)| {
            let evidence = scored.evidence(&row.list, row.unit, span);
            (
                UnitId(row.unit),
                Reason {
                    behind: behind.code().to_owned(),
                    list: row.list,
                    title: row.title,
                    clause: row.clause,
                    inputs: evidence.inputs.into_iter().map(|input| (input.name, input.value)).collect(),
                },
            )
        };
        rows.map(read).collect::<Vec<_>>()
    })
    .await?;
    let mut listed: BTreeMap<UnitId, Vec<Reason>> = BTreeMap::new();
    for (unit, reason) in rows {
        listed.entry(unit).or_default().push(reason);
    }
    Ok((published.circular, listed))
}

/// A step in the life of a talk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Step {
    /// It was held.
    Hold {
        /// Local day.
        held_on: NaiveDate,
        /// Who took part.
        participants: String,
        /// What was agreed.
        measures: String,
        /// Local day by which it shall be done.
        follow_up_due: NaiveDate,
    },
    /// What became of the measures.
    FollowUp {
        /// Whether they were carried out.
        resolved: bool,
        /// What came of it.
        result: String,
    },
    /// It is called off.
    Cancel {
        /// Why.
        reason: String,
    },
}

/// Records a step.
#[derive(Clone, Debug, Serialize)]
pub struct RecordTalk {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which talk.
    pub talk: TalkId,
    /// The version that was read.
    pub expected_version: i64,
    /// What happened.
    pub step: Step,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TalkOutcome {
    /// The talk.
    pub talk: TalkId,
}

impl Command for RecordTalk {
    fn name(&self) -> &'static str {
        match self.step {
            Step::Hold { .. } => "recordTalk",
            Step::FollowUp { .. } => "followUpTalk",
            Step::Cancel { .. } => "cancelTalk",
        }
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a step: a unit that is called in is talked with or the talk is called off; what was agreed is followed up.
pub async fn record(ctx: &Ctx, command: RecordTalk) -> Result<TalkOutcome> {
    let select = ctx.scope().talks().filter(talk::Column::Id.eq(command.talk));
    let row = select.one(ctx.reader()).await?.ok_or_else(Error::not_found)?;
    ctx.authorize(Action::RecordTalk, Target::network(row.network_id))?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), row.network_id).await?;
    let mut change = talk::Entity::update_many();
    let to = match &command.step {
        Step::Hold { held_on, participants, measures, follow_up_due } => {
            allowed(row.state, &[TalkState::Called, TalkState::Held])?;
            if *held_on > local_day(&network, ctx.now()) {
                return Err(Error::invalid("heldOn", "the day cannot lie ahead", "日期不得晚于今日"));
            }
            if follow_up_due < held_on {
                return Err(Error::invalid("followUpDue", "this lies before the talk", "整改期限不得早于约谈日期"));
            }
            change = change
                .col_expr(talk::Column::HeldOn, Expr::value(*held_on))
                .col_expr(talk::Column::Participants, Expr::value(text(participants, "participants")?))
                .col_expr(talk::Column::Measures, Expr::value(text(measures, "measures")?))
                .col_expr(talk::Column::FollowUpDue, Expr::value(*follow_up_due));
            TalkState::Held
        }
        Step::FollowUp { resolved, result } => {
            allowed(row.state, &[TalkState::Held, TalkState::Unresolved])?;
            change = change.col_expr(talk::Column::Result, Expr::value(text(result, "result")?));
            if *resolved { TalkState::Resolved } else { TalkState::Unresolved }
        }
        Step::Cancel { reason } => {
            allowed(row.state, &[TalkState::Called])?;
            change = change.col_expr(talk::Column::Result, Expr::value(text(reason, "reason")?));
            TalkState::Cancelled
        }
    };
    let updated = change
        .col_expr(talk::Column::State, Expr::value(to))
        .col_expr(talk::Column::RecordedBy, Expr::value(ctx.actor().id()))
        .col_expr(talk::Column::RecordedAt, Expr::value(ctx.now()))
        .col_expr(talk::Column::Version, Expr::col(talk::Column::Version).add(1))
        .filter(talk::Column::Id.eq(row.id))
        .filter(talk::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    write.in_network(row.network_id);
    write.record(
        Entry::new(Action::RecordTalk.name(), ObjectKind::Talk, row.id.0).moved(row.state.to_value(), to.to_value()),
    );
    let outcome = TalkOutcome { talk: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn allowed(state: TalkState, from: &[TalkState]) -> Result<()> {
    let from: BTreeSet<TalkState> = from.iter().copied().collect();
    if from.contains(&state) {
        return Ok(());
    }
    Err(Error::new(
        Code::WrongState,
        format!("the talk is {}, so this cannot be recorded", state.to_value()),
        "约谈当前状态不能进行此操作",
    ))
}

fn text(text: &str, field: &'static str) -> Result<String> {
    let text = text.trim();
    if (1..=TEXT_CHARACTERS).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    Err(Error::invalid(field, "write 1 to 2,000 characters", "请填写 1 至 2000 个字"))
}
