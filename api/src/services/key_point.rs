//! Key points (报送要点): what the office wants to read in a week or a month, published to all its units, and which of them
//! somebody answers. Nobody is asked in person, and nobody is judged by them: for that there are commissions.

use analytics::period::{Period, PeriodUnit};
use chrono::NaiveDate;
use entity::ids::{KeyPointId, KeyPointListId, NetworkId, SubmissionId};
use entity::submission::{self, SubmissionState};
use entity::{key_point, key_point_answer, key_point_list};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Target, authorize};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::draft::refuse_confidential_text;
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, local_day, submission as submissions, unit};

/// Most key points that are published at a time.
pub const POINTS: usize = 50;
/// Longest text of what is wanted.
pub const REQUIREMENT_CHARACTERS: usize = 1_000;

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// What it is about.
    pub topic: String,
    /// What is wanted.
    pub requirement: String,
}

/// Publishes key points, or adds to those of a period.
#[derive(Clone, Debug, Serialize)]
pub struct PublishKeyPoints {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which network.
    pub network: NetworkId,
    /// A week or a month.
    pub period: Period,
    /// The version of the list to add to; none for the first of the period.
    pub expected_version: Option<i64>,
    /// The topics.
    pub points: Vec<Point>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyPointsOutcome {
    /// The list.
    pub list: KeyPointListId,
}

impl Command for PublishKeyPoints {
    fn name(&self) -> &'static str {
        "publishKeyPoints"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores the key points; every member of the network reads them from then on.
pub async fn publish(ctx: &Ctx, command: PublishKeyPoints) -> Result<KeyPointsOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::PublishKeyPoints, Target::network(network.id))?;
    let today = local_day(&network, ctx.now());
    check_period(command.period, today)?;
    let points = check_points(command.points)?;
    let list = match command.expected_version {
        None => begin(ctx, write.conn(), network.id, command.period).await?,
        Some(version) => go_on(ctx, write.conn(), network.id, command.period, version).await?,
    };
    let present = key_point::Entity::find().filter(key_point::Column::ListId.eq(list)).count(write.conn()).await?;
    let first = i64::try_from(present).unwrap_or(i64::MAX).saturating_add(1);
    let count = points.len();
    let rows = (first..).zip(points).map(|(position, point)| key_point::ActiveModel {
        id: NotSet,
        list_id: Set(list),
        position: Set(position),
        topic: Set(point.topic),
        requirement: Set(point.requirement),
    });
    key_point::Entity::insert_many(rows).exec_without_returning(write.conn()).await?;
    write.in_network(network.id);
    let entry = Entry::new(Action::PublishKeyPoints.name(), ObjectKind::KeyPointList, list.0);
    let details = serde_json::json!({ "period": command.period.to_string(), "points": count });
    write.record(entry.with(details));
    let outcome = KeyPointsOutcome { list };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Whether the actor may add to these key points now, and if not why. The mutation asks nothing else.
pub fn may_add(actor: &Actor, row: &key_point_list::Model, today: NaiveDate) -> Result<()> {
    authorize(actor, Action::PublishKeyPoints, Target::network(row.network_id))?;
    check_period(row.period.parse().map_err(Error::internal)?, today)
}

fn check_period(period: Period, today: NaiveDate) -> Result<()> {
    match period.unit() {
        PeriodUnit::Week | PeriodUnit::Month if period.last_day() >= today => Ok(()),
        PeriodUnit::Week | PeriodUnit::Month => {
            Err(Error::invalid("period", "this period is over", "该时段已结束，不能再发布报送要点"))
        }
        PeriodUnit::Day | PeriodUnit::Quarter | PeriodUnit::HalfYear | PeriodUnit::Year => Err(Error::invalid(
            "period",
            "key points are published for a week (2026-W10) or a month (2026-03)",
            "报送要点按周（2026-W10）或按月（2026-03）发布",
        )),
    }
}

fn check_points(points: Vec<Point>) -> Result<Vec<Point>> {
    if points.is_empty() || points.len() > POINTS {
        return Err(Error::invalid("points", "give 1 to 50 key points", "请填写 1 至 50 条报送要点"));
    }
    let check = |point: Point| {
        let topic = unit::check_name(&point.topic, "points.topic")?.to_owned();
        let requirement = point.requirement.trim().to_owned();
        if requirement.chars().count() > REQUIREMENT_CHARACTERS {
            return Err(Error::invalid(
                "points.requirement",
                "a requirement has at most 1,000 characters",
                "报送要求不得超过 1000 个字",
            ));
        }
        refuse_confidential_text(&[&topic, &requirement])?;
        Ok(Point { topic, requirement })
    };
    points.into_iter().map(check).collect()
}

/// The first key points of a period.
async fn begin(ctx: &Ctx, conn: &impl ConnectionTrait, network: NetworkId, period: Period) -> Result<KeyPointListId> {
    let row = key_point_list::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        period: Set(period.to_string()),
        first_day: Set(period.first_day()),
        last_day: Set(period.last_day()),
        published_by: Set(ctx.actor().id()),
        published_at: Set(ctx.now()),
        version: Set(1),
    };
    let taken = || {
        Error::new(
            Code::AlreadyExists,
            "the key points of this period are out; give their version to add to them",
            "该时段的报送要点已发布，如需补充请填写其版本号",
        )
        .at("period")
    };
    let inserted = key_point_list::Entity::insert(row).exec(conn).await;
    Ok(inserted.map_err(|error| on_unique(error, taken))?.last_insert_id)
}

/// More key points of a period.
async fn go_on(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    network: NetworkId,
    period: Period,
    version: i64,
) -> Result<KeyPointListId> {
    let row = ctx
        .scope()
        .key_point_lists()
        .filter(key_point_list::Column::NetworkId.eq(network))
        .filter(key_point_list::Column::Period.eq(period.to_string()))
        .one(conn)
        .await?
        .ok_or_else(|| Error::not_found().at("period"))?;
    let updated = key_point_list::Entity::update_many()
        .col_expr(key_point_list::Column::Version, Expr::col(key_point_list::Column::Version).add(1))
        .filter(key_point_list::Column::Id.eq(row.id))
        .filter(key_point_list::Column::Version.eq(version))
        .exec(conn)
        .await?;
    if updated.rows_affected == 0 { Err(Error::version_conflict(row.version)) } else { Ok(row.id) }
}

/// Says that a submission answers a key point.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerKeyPoint {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which key point.
    pub key_point: KeyPointId,
    /// By which submission.
    pub submission: SubmissionId,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnswerOutcome {
    /// The key point.
    pub key_point: KeyPointId,
    /// The submission.
    pub submission: SubmissionId,
}

impl Command for AnswerKeyPoint {
    fn name(&self) -> &'static str {
        "answerKeyPoint"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Links a submission to a key point. It counts as an answer once it has been handed in.
pub async fn answer(ctx: &Ctx, command: AnswerKeyPoint) -> Result<AnswerOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let item =
        submissions::find(ctx, write.conn(), command.submission).await.map_err(|error| error.at("submission"))?;
    ctx.authorize(Action::AnswerKeyPoint, Target::unit(item.network_id, item.unit_id))?;
    if item.state == SubmissionState::Withdrawn {
        return Err(Error::new(
            Code::WrongState,
            "a withdrawn submission answers nothing",
            "已撤回的信息不能对应报送要点",
        )
        .at("submission"));
    }
    link(ctx, &mut write, command.key_point, &item).await?;
    write.in_network(item.network_id);
    let outcome = AnswerOutcome { key_point: command.key_point, submission: item.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Links a submission to a key point of its network within a write, with its record.
pub(in crate::services) async fn link(
    ctx: &Ctx,
    write: &mut Write,
    id: KeyPointId,
    item: &submission::Model,
) -> Result<()> {
    let select = ctx.scope().key_points().filter(key_point::Column::Id.eq(id));
    let point = select.one(write.conn()).await?.ok_or_else(|| Error::not_found().at("keyPoint"))?;
    let lists = ctx.scope().key_point_lists().filter(key_point_list::Column::Id.eq(point.list_id));
    let list = lists.one(write.conn()).await?.filter(|list| list.network_id == item.network_id);
    if list.is_none() {
        return Err(Error::not_found().at("keyPoint"));
    }
    let row = key_point_answer::ActiveModel {
        id: NotSet,
        key_point_id: Set(point.id),
        submission_id: Set(item.id),
        unit_id: Set(item.unit_id),
        linked_at: Set(ctx.now()),
    };
    let taken = || {
        Error::new(Code::AlreadyExists, "this submission names this key point already", "该信息已对应此报送要点")
            .at("keyPoint")
    };
    key_point_answer::Entity::insert(row)
        .exec_without_returning(write.conn())
        .await
        .map_err(|error| on_unique(error, taken))?;
    let entry = Entry::new(Action::AnswerKeyPoint.name(), ObjectKind::Submission, item.id.0);
    write.record(entry.with(serde_json::json!({ "keyPoint": point.id })));
    Ok(())
}
