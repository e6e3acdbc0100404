//! What persons decide by number: judged checks (评查), another office's score (上级计分), the quality coefficient of an item.
//!
//! The rulebook says which judgements there are and between which numbers a person decides; a number outside is refused here, before it
//! reaches the ledger.

use analytics::facts::{AdoptionRow, Facts, ItemRow, JudgementRow};
use analytics::points::Points;
use analytics::rulebook::Rulebook;
use analytics::scoring::Decision;
use analytics::scoring::catalogue::{CodeSet, MAX_DECIDED_POINTS};
use chrono::NaiveDate;
use entity::ids::{JudgementId, NetworkId, SubmissionId, UnitId};
use entity::{judgement, quality_coefficient};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::{SubmissionOutcome, apply, check_version, update};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, closing, facts, local_day, rulebook, submission, unit};

/// Longest text of evidence, or of a reason.
pub const EVIDENCE_CHARACTERS: usize = 2_000;

/// Records a judgement.
#[derive(Clone, Debug, Serialize)]
pub struct RecordJudgement {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network it counts.
    pub network: NetworkId,
    /// Who is judged.
    pub unit: UnitId,
    /// The submission that is judged.
    pub submission: Option<SubmissionId>,
    /// Code of what is judged.
    pub kind: String,
    /// Code of the level of the office that judged.
    pub origin: Option<String>,
    /// What was given, in millionths of a point.
    pub points: i64,
    /// On what it rests.
    pub evidence: Option<String>,
    /// Local day.
    pub judged_on: NaiveDate,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JudgementOutcome {
    /// The judgement.
    pub judgement: JudgementId,
}

impl Command for RecordJudgement {
    fn name(&self) -> &'static str {
        "recordJudgement"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a judgement.
pub async fn record(ctx: &Ctx, command: RecordJudgement) -> Result<JudgementOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    let unit = unit::find(ctx, write.conn(), command.unit).await?;
    ctx.authorize(Action::RecordJudgement, Target::unit(network.id, unit.id))?;
    unit::check_members(write.conn(), network.id, &[unit.id], command.judged_on, "unit").await?;
    if command.judged_on > local_day(&network, ctx.now()) {
        return Err(Error::invalid("judgedOn", "the day cannot lie ahead", "日期不得晚于今日"));
    }
    if let Some(id) = command.submission {
        let row = submission::find(ctx, write.conn(), id).await.map_err(|error| error.at("submission"))?;
        if row.unit_id != unit.id {
            return Err(Error::invalid("submission", "this submission is another unit's", "该信息不属于所选单位"));
        }
    }
    let rules = rulebook::in_force(ctx, write.conn(), network.id, command.judged_on).await?;
    check_kind(&rules, &command.kind)?;
    if let Some(origin) = &command.origin {
        check_level(&rules, origin)?;
    }
    let evidence = check_text(command.evidence.as_deref().unwrap_or_default(), "evidence")?;
    let points = Points::from_millionths(command.points);
    if command.points.abs() > MAX_DECIDED_POINTS * Points::from_whole(1).unwrap_or_default().millionths() {
        let most = MAX_DECIDED_POINTS;
        return Err(Error::invalid(
            "points",
            format!("at most {most} points, up or down"),
            format!("分值不得超过正负 {most} 分"),
        ));
    }
    let mut tried = Facts::new();
    tried.upsert_judgement(&JudgementRow {
        id: 1,
        unit: unit.id.0,
        submission: command.submission.map(|id| id.0),
        kind: command.kind.clone(),
        origin: command.origin.clone(),
        points,
        has_evidence: !evidence.is_empty(),
        judged_on: command.judged_on,
        count: 1,
    });
    let decision =
        facts::try_decision(ctx.state(), write.conn(), network.id, unit.id, tried, command.judged_on).await?;
    check_range(&decision, "points")?;
    let row = judgement::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        unit_id: Set(unit.id),
        submission_id: Set(command.submission),
        kind: Set(command.kind),
        origin: Set(command.origin),
        points: Set(command.points),
        evidence: Set(evidence),
        judged_on: Set(command.judged_on),
        decided_by: Set(ctx.actor().id()),
        decided_at: Set(ctx.now()),
    };
    let id = judgement::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    let details = serde_json::json!({ "unit": unit.id, "points": points.to_string() });
    write.record(Entry::new("RecordJudgement", ObjectKind::Judgement, id.0).with(details));
    let outcome = JudgementOutcome { judgement: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Decides the quality coefficient of a submission.
#[derive(Clone, Debug, Serialize)]
pub struct DecideCoefficient {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// The factor, in millionths.
    pub coefficient: i64,
    /// Why.
    pub reason: String,
}

impl Command for DecideCoefficient {
    fn name(&self) -> &'static str {
        "decideCoefficient"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a coefficient; an earlier one of the same submission stays on record and counts no more.
pub async fn decide_coefficient(ctx: &Ctx, command: DecideCoefficient) -> Result<SubmissionOutcome> {
    let row = submission::find(ctx, ctx.reader(), command.submission).await?;
    ctx.authorize(Action::DecideCoefficient, Target::unit(row.network_id, row.unit_id))?;
    let known = ctx.facts(row.network_id).await?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = submission::find(ctx, write.conn(), command.submission).await?;
    check_version(&row, command.expected_version)?;
    // What points of a closed period rest on is held as it was, so a decision would be on record and count for nothing.
    if let Some(through) = known.closings.through().filter(|_| known.facts.is_held(row.id.0)) {
        return Err(closing::closed(through).at("submission"));
    }
    let network = ctx.network(write.conn(), row.network_id).await?;
    let reason = check_text(&command.reason, "reason")?;
    if reason.is_empty() {
        return Err(Error::invalid("reason", "say why", "请写明理由"));
    }
    // The clause speaks of adoptions: what would it say of one by each publication?
    let today = local_day(&network, ctx.now());
    let rules = rulebook::in_force(ctx, write.conn(), network.id, today).await?;
    let tried = |coefficient: Option<Points>| {
        let mut facts = Facts::new();
        let submission = row.id.0;
        facts.upsert_item(&ItemRow { submission, near_duplicate: false, coefficient, happened_on: None });
        for (publication, id) in rules.publications().iter().zip(1..) {
            facts.upsert_adoption(&AdoptionRow {
                id,
                submission: Some(submission),
                unit: row.unit_id.0,
                publication: publication.id.clone(),
                class: None,
                via: None,
                kind: Some(row.kind.clone()),
                topic: row.topic.clone(),
                characters: row.characters,
                commissioned: row.assignment_id.is_some(),
                adopted_on: today,
                count: 1,
            });
        }
        facts::try_decision(ctx.state(), write.conn(), network.id, row.unit_id, facts, today)
    };
    if tried(None).await?.undecided.is_empty() {
        return Err(Error::invalid(
            "submission",
            "the rulebook has no coefficient for items of this kind",
            "考评办法未对该类信息规定质量系数",
        ));
    }
    check_range(&tried(Some(Points::from_millionths(command.coefficient))).await?, "coefficient")?;
    let decided = quality_coefficient::ActiveModel {
        id: NotSet,
        submission_id: Set(row.id),
        coefficient: Set(command.coefficient),
        reason: Set(reason),
        decided_by: Set(ctx.actor().id()),
        decided_at: Set(ctx.now()),
    };
    quality_coefficient::Entity::insert(decided).exec_without_returning(write.conn()).await?;
    apply(write.conn(), row.id, update(&row)).await?;
    write.in_network(network.id);
    let details = serde_json::json!({ "coefficient": Points::from_millionths(command.coefficient).to_string() });
    write.record(Entry::new("DecideCoefficient", ObjectKind::Submission, row.id.0).with(details));
    let outcome = SubmissionOutcome { submission: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Refuses a number outside of what its clause allows.
pub(crate) fn check_range(decision: &Decision, field: &'static str) -> Result<()> {
    let Some(bounds) = decision.outside.first() else { return Ok(()) };
    let (least, most) = (bounds.least, bounds.most);
    Err(Error::invalid(
        field,
        format!("{} ({}) gives between {least} and {most}", bounds.title, bounds.clause),
        format!("{}（{}）规定的范围为 {least} 至 {most}", bounds.title, bounds.clause),
    )
    .with(serde_json::json!({ "rule": bounds.rule, "least": least.to_string(), "most": most.to_string() })))
}

fn check_kind(rules: &Rulebook, kind: &str) -> Result<()> {
    let known = rules.codes_of(CodeSet::JudgementKind);
    if known.iter().any(|(code, _)| *code == kind) {
        return Ok(());
    }
    let codes = known.iter().map(|(code, _)| *code).collect::<Vec<_>>();
    Err(Error::invalid(
        "kind",
        format!("the rulebook has no such judgement; it has {}", codes.join(", ")),
        format!("考评办法中没有该评定类型，可用类型：{}", codes.join("、")),
    ))
}

fn check_level(rules: &Rulebook, level: &str) -> Result<()> {
    if rules.levels().iter().any(|known| known.id == level) {
        return Ok(());
    }
    let codes = rules.levels().iter().map(|level| level.id.as_str()).collect::<Vec<_>>();
    Err(Error::invalid(
        "origin",
        format!("the rulebook has no such level; it has {}", codes.join(", ")),
        format!("考评办法中没有该层级，可用层级：{}", codes.join("、")),
    ))
}

fn check_text(text: &str, field: &'static str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() <= EVIDENCE_CHARACTERS {
        return Ok(text.to_owned());
    }
    Err(Error::invalid(field, "at most 2,000 characters", "不得超过 2000 个字"))
}
