//! What a network above did with an item is told to every network below through which it came, in the same transaction.
//!
//! It counts there as if the office had recorded it by hand: for the unit that wrote the item, by the publication or the leader's level
//! that the rulebook there knows it by. What was recorded by hand before is not recorded twice.

use analytics::rulebook::Rulebook;
use entity::ids::{AdoptionId, EndorsementId, NetworkId, PublicationId, SubmissionId};
use entity::submission::{self, SubmissionState};
use entity::{adoption, echo, endorsement, publication, relay, sending_up};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
};

use super::{HEIGHT, relay_to};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::adopt::EVIDENCE_CHARACTERS;
use crate::services::submission::{draft, state_name};
use crate::services::write::Write;
use crate::services::{Ctx, network_row};

/// An adoption, as it is told.
pub(super) struct Told<'a> {
    pub(super) adoption: &'a adoption::Model,
    pub(super) publication: publication::Model,
    /// Its class by code and by name.
    class: Option<(String, String)>,
    /// What the rulebook above calls the publication's level.
    level_name: Option<String>,
    network: String,
}

impl<'a> Told<'a> {
    pub(super) async fn read(ctx: &Ctx, conn: &impl ConnectionTrait, adoption: &'a adoption::Model) -> Result<Self> {
        let found = publication::Entity::find_by_id(adoption.publication_id).one(conn).await?;
        let publication = found.ok_or_else(|| Error::internal(anyhow::anyhow!("an adoption has no publication")))?;
        let item = find(conn, adoption.submission_id).await?;
        let rules = draft::rules(ctx, conn, &item).await?;
        let class = adoption.class.as_ref().map(|code| {
            let declared = classes(&rules, &publication.code).iter().find(|class| class.id == *code);
            (code.clone(), declared.map_or_else(|| code.clone(), |class| class.name.clone()))
        });
        let level_name = level_name(&rules, &publication.level);
        let network = network_row(conn, adoption.network_id).await?.name;
        Ok(Self { adoption, publication, class, level_name, network })
    }

    /// The class of the publication below that means the same.
    pub(super) fn class_in(&self, rules: &Rulebook, publication: &publication::Model) -> Option<String> {
        let (code, name) = self.class.as_ref()?;
        let same = |class: &&analytics::rulebook::Named| class.id == *code || class.name == *name;
        classes(rules, &publication.code).iter().find(same).map(|class| class.id.clone())
    }

    /// Where it can be read, for the network below.
    pub(super) fn evidence(&self) -> String {
        let more = self.adoption.evidence.as_deref().map(|text| format!("：{text}")).unwrap_or_default();
        let text = format!("{}《{}》{}采用{more}", self.network, self.publication.name, self.adoption.adopted_on);
        text.chars().take(EVIDENCE_CHARACTERS).collect()
    }
}

fn level_name(rules: &Rulebook, code: &str) -> Option<String> {
    rules.levels().iter().find(|level| level.id == code).map(|level| level.name.clone())
}

/// The level that the rulebook below knows by the same code or the same name.
fn same_level(rules: &Rulebook, code: &str, name: Option<&str>) -> Option<String> {
    let levels = rules.levels();
    let same = levels.iter().find(|level| level.id == code);
    same.or(levels.iter().find(|level| Some(level.name.as_str()) == name)).map(|level| level.id.clone())
}

fn classes<'r>(rules: &'r Rulebook, publication: &str) -> &'r [analytics::rulebook::Named] {
    let declared = rules.publications().iter().find(|declared| declared.id == publication);
    declared.map(|declared| declared.classes.as_slice()).unwrap_or_default()
}

/// Tells an adoption.
pub(in crate::services) async fn tell_adoption(ctx: &Ctx, write: &mut Write, source: AdoptionId) -> Result<()> {
    let row = adoption::Entity::find_by_id(source).one(write.conn()).await?.ok_or_else(Error::not_found)?;
    let mut told = None;
    let mut item = row.submission_id;
    for _ in 0..HEIGHT {
        let Some(step) = relay_to(write.conn(), item).await? else { break };
        if told.is_none() {
            told = Some(Told::read(ctx, write.conn(), &row).await?);
        }
        if let Some(told) = &told {
            let below = touch(write.conn(), step.lower_id).await?;
            let left = adopt_below(ctx, write.conn(), &step, &below, told).await?;
            let news = News {
                adoption: Some(row.id),
                publication: Some(told.publication.name.clone()),
                ..News::of(row.network_id)
            };
            remember(ctx, write.conn(), &step, News { left_adoption: left, ..news }).await?;
            let state = mark_adopted(ctx, write.conn(), &below).await?;
            record(write, "EchoAdoption", &below, state, row.network_id, row.id.0);
        }
        item = step.lower_id;
    }
    Ok(())
}

/// Tells an endorsement.
pub(in crate::services) async fn tell_endorsement(ctx: &Ctx, write: &mut Write, source: EndorsementId) -> Result<()> {
    let row = endorsement::Entity::find_by_id(source).one(write.conn()).await?.ok_or_else(Error::not_found)?;
    let mut item = row.submission_id;
    for _ in 0..HEIGHT {
        let Some(step) = relay_to(write.conn(), item).await? else { break };
        let below = touch(write.conn(), step.lower_id).await?;
        let left = endorse_below(ctx, write.conn(), &step, &below, &row).await?;
        let news = News { endorsement: Some(row.id), left_endorsement: left, ..News::of(row.network_id) };
        remember(ctx, write.conn(), &step, news).await?;
        record(write, "EchoEndorsement", &below, below.state, row.network_id, row.id.0);
        item = step.lower_id;
    }
    Ok(())
}

/// Counts the change of the row below, which also keeps others from changing it until this transaction ends, and reads it.
pub(super) async fn touch(conn: &impl ConnectionTrait, id: SubmissionId) -> Result<submission::Model> {
    submission::Entity::update_many()
        .col_expr(submission::Column::Version, Expr::col(submission::Column::Version).add(1))
        .filter(submission::Column::Id.eq(id))
        .exec(conn)
        .await?;
    find(conn, id).await
}

async fn find(conn: &impl ConnectionTrait, id: SubmissionId) -> Result<submission::Model> {
    submission::Entity::find_by_id(id).one(conn).await?.ok_or_else(Error::not_found)
}

async fn adopt_below(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    step: &relay::Model,
    below: &submission::Model,
    told: &Told<'_>,
) -> Result<Option<AdoptionId>> {
    let rules = draft::rules(ctx, conn, below).await?;
    let Some(publication) = publication_below(conn, step, &rules, told).await? else { return Ok(None) };
    let known = adoption::Entity::find()
        .filter(adoption::Column::SubmissionId.eq(below.id))
        .filter(adoption::Column::PublicationId.eq(publication.id))
        .filter(adoption::Column::RevokedAt.is_null())
        .one(conn)
        .await?;
    if let Some(known) = known {
        return Ok(Some(known.id));
    }
    let left = adoption::Model {
        network_id: below.network_id,
        submission_id: below.id,
        unit_id: below.unit_id,
        publication_id: publication.id,
        issue_id: None,
        class: told.class_in(&rules, &publication),
        via_publication_id: sent_through(conn, step).await?,
        evidence: Some(told.evidence()),
        recorded_by: ctx.actor().id(),
        recorded_at: ctx.now(),
        ..told.adoption.clone()
    };
    let mut left = adoption::ActiveModel::from(left).reset_all();
    left.id = NotSet;
    Ok(Some(adoption::Entity::insert(left).exec(conn).await?.last_insert_id))
}

/// The publication of the network below that stands for the one above: of the same name, of the same code, or the only one of
/// that level that is not the office's own.
async fn publication_below(
    conn: &impl ConnectionTrait,
    step: &relay::Model,
    rules: &Rulebook,
    told: &Told<'_>,
) -> Result<Option<publication::Model>> {
    let above = &told.publication;
    let its_own = above.own && above.network_id == step.upper_network_id;
    let level =
        if its_own { Some(step.to_level.clone()) } else { same_level(rules, &above.level, told.level_name.as_deref()) };
    let known = publication::Entity::find()
        .filter(publication::Column::NetworkId.eq(step.lower_network_id))
        .filter(publication::Column::Own.eq(false))
        .order_by_asc(publication::Column::Position)
        .all(conn)
        .await?;
    let named = known.iter().find(|row| row.name == above.name).or(known.iter().find(|row| row.code == above.code));
    let mut of_level = known.iter().filter(|row| Some(&row.level) == level.as_ref());
    let only = of_level.next().filter(|_| of_level.next().is_none());
    Ok(named.or(only).cloned())
}

/// The own publication through which the item first went up.
async fn sent_through(conn: &impl ConnectionTrait, step: &relay::Model) -> Result<Option<PublicationId>> {
    let sent = sending_up::Entity::find()
        .filter(sending_up::Column::SubmissionId.eq(step.lower_id))
        .filter(sending_up::Column::ToLevel.eq(step.to_level.as_str()))
        .order_by_asc(sending_up::Column::SentOn)
        .order_by_asc(sending_up::Column::Id)
        .one(conn)
        .await?;
    Ok(sent.map(|sent| sent.publication_id))
}

pub(super) async fn endorse_below(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    step: &relay::Model,
    below: &submission::Model,
    source: &endorsement::Model,
) -> Result<Option<EndorsementId>> {
    let rules = draft::rules(ctx, conn, below).await?;
    let Some(level) = level_below(ctx, conn, &rules, source).await? else { return Ok(None) };
    let on = match source.adoption_id {
        Some(adoption) => echo::Entity::find()
            .filter(echo::Column::RelayId.eq(step.id))
            .filter(echo::Column::SourceAdoptionId.eq(adoption))
            .one(conn)
            .await?
            .and_then(|echo| echo.adoption_id),
        None => None,
    };
    let left = endorsement::Model {
        network_id: below.network_id,
        submission_id: below.id,
        adoption_id: on,
        level,
        recorded_by: ctx.actor().id(),
        recorded_at: ctx.now(),
        ..source.clone()
    };
    let mut left = endorsement::ActiveModel::from(left).reset_all();
    left.id = NotSet;
    Ok(Some(endorsement::Entity::insert(left).exec(conn).await?.last_insert_id))
}

/// The level of the leader in the words of the rulebook below: of the same code or the same name.
pub(super) async fn level_below(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    rules: &Rulebook,
    source: &endorsement::Model,
) -> Result<Option<String>> {
    let item = find(conn, source.submission_id).await?;
    let above = draft::rules(ctx, conn, &item).await?;
    Ok(same_level(rules, &source.level, level_name(&above, &source.level).as_deref()))
}

/// What is told, and what it left.
struct News {
    source: NetworkId,
    adoption: Option<AdoptionId>,
    endorsement: Option<EndorsementId>,
    publication: Option<String>,
    left_adoption: Option<AdoptionId>,
    left_endorsement: Option<EndorsementId>,
}

impl News {
    fn of(source: NetworkId) -> Self {
        Self {
            source,
            adoption: None,
            endorsement: None,
            publication: None,
            left_adoption: None,
            left_endorsement: None,
        }
    }
}

async fn remember(ctx: &Ctx, conn: &impl ConnectionTrait, step: &relay::Model, news: News) -> Result<()> {
    let row = echo::ActiveModel {
        id: NotSet,
        relay_id: Set(step.id),
        network_id: Set(step.lower_network_id),
        source_network_id: Set(news.source),
        source_adoption_id: Set(news.adoption),
        source_endorsement_id: Set(news.endorsement),
        publication: Set(news.publication),
        adoption_id: Set(news.left_adoption),
        endorsement_id: Set(news.left_endorsement),
        told_at: Set(ctx.now()),
    };
    echo::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// What was adopted above is adopted, whatever the office below thought of it; what the unit took back stays so.
async fn mark_adopted(ctx: &Ctx, conn: &impl ConnectionTrait, below: &submission::Model) -> Result<SubmissionState> {
    if matches!(below.state, SubmissionState::Adopted | SubmissionState::Withdrawn) {
        return Ok(below.state);
    }
    let mut change = submission::Entity::update_many()
        .col_expr(submission::Column::State, Expr::value(SubmissionState::Adopted))
        .col_expr(submission::Column::DecidedAt, Expr::value(ctx.now()))
        .filter(submission::Column::Id.eq(below.id));
    if below.received_at.is_none() {
        change = change.col_expr(submission::Column::ReceivedAt, Expr::value(ctx.now()));
    }
    change.exec(conn).await?;
    Ok(SubmissionState::Adopted)
}

fn record(
    write: &mut Write,
    action: &'static str,
    below: &submission::Model,
    to: SubmissionState,
    source: NetworkId,
    id: i64,
) {
    let entry = Entry::new(action, ObjectKind::Submission, below.id.0).moved(state_name(below.state), state_name(to));
    write.record_in(below.network_id, entry.with(serde_json::json!({ "fromNetwork": source, "source": id })));
}
