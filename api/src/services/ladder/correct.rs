//! Correcting how an adoption was recorded, here and in every network below that was told of it.

use chrono::NaiveDate;
use entity::ids::{AdoptionId, SubmissionId};
use entity::submission::{self, SubmissionState};
use entity::{adoption, echo, publication, relay};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;

use super::down::{Told, touch};
use crate::auth::policy::Action;
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::reversal::{self, Corrected};
use crate::services::submission::adopt::{AdoptionOutcome, check_class, check_day, check_evidence};
use crate::services::submission::{apply, check_version, draft, find, moves, state_name, update};
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, local_day};

/// Corrects an adoption.
#[derive(Clone, Debug, Serialize)]
pub struct CorrectAdoption {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The adopted submission.
    pub submission: SubmissionId,
    /// The version of the submission that was read.
    pub expected_version: i64,
    /// Which adoption of it.
    pub adoption: AdoptionId,
    /// Code of the right class, if the publication has classes.
    pub class: Option<String>,
    /// The right day, for a publication that is not the office's own; as it was if left out.
    pub adopted_on: Option<NaiveDate>,
    /// Where it can be read, for such a publication; as it was if left out.
    pub evidence: Option<String>,
}

impl Command for CorrectAdoption {
    fn name(&self) -> &'static str {
        "correctAdoption"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Corrects. What came from above is corrected above, and comes down again.
pub async fn correct(ctx: &Ctx, command: CorrectAdoption) -> Result<AdoptionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = draft::rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::CorrectAdoption, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let found = adoption::Entity::find_by_id(command.adoption).one(write.conn()).await?;
    let found = found.filter(|found| found.submission_id == row.id);
    let found = found.ok_or_else(|| Error::not_found().at("adoption"))?;
    check_ours(write.conn(), &found).await?;
    let publication = publication::Entity::find_by_id(found.publication_id).one(write.conn()).await?;
    let publication = publication.ok_or_else(|| Error::not_found().at("adoption"))?;
    check_class(&rules, &publication, command.class.as_deref())?;
    if publication.own && (command.adopted_on.is_some() || command.evidence.is_some()) {
        return Err(Error::invalid(
            "adoptedOn",
            "an adoption by an own publication counts on the day of its issue; correct only the class",
            "本办公室刊物的采用以该期日期为准，只能更正类别",
        ));
    }
    let day = command.adopted_on.unwrap_or(found.adopted_on);
    let network = ctx.network(write.conn(), row.network_id).await?;
    check_day(day, &row, local_day(&network, ctx.now()), "adoptedOn")?;
    let evidence = match command.evidence {
        Some(text) => Some(check_evidence(&text)?),
        None => found.evidence.clone(),
    };
    apply(write.conn(), row.id, update(&row)).await?;
    let right = adoption::Model { class: command.class, adopted_on: day, evidence, ..found.clone() };
    store(write.conn(), &right).await?;
    reversal::settle(ctx, write.conn(), row.network_id, row.id, Corrected::Adoption(right.id)).await?;
    write.in_network(row.network_id);
    let details = serde_json::json!({
        "adoption": found.id,
        "before": { "class": found.class, "adoptedOn": found.adopted_on, "evidence": found.evidence },
    });
    let state = state_name(SubmissionState::Adopted);
    let entry = Entry::new("CorrectAdoption", ObjectKind::Submission, row.id.0).moved(state, state);
    write.record(entry.with(details));
    tell(ctx, &mut write, &right).await?;
    let outcome = AdoptionOutcome { submission: row.id, adoption: right.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

async fn store(conn: &impl ConnectionTrait, right: &adoption::Model) -> Result<()> {
    adoption::Entity::update_many()
        .col_expr(adoption::Column::Class, Expr::value(right.class.clone()))
        .col_expr(adoption::Column::AdoptedOn, Expr::value(right.adopted_on))
        .col_expr(adoption::Column::Evidence, Expr::value(right.evidence.clone()))
        .filter(adoption::Column::Id.eq(right.id))
        .exec(conn)
        .await?;
    Ok(())
}

/// Tells every network below that knows of it, from the nearest down.
async fn tell(ctx: &Ctx, write: &mut Write, right: &adoption::Model) -> Result<()> {
    let told = echo::Entity::find()
        .filter(echo::Column::SourceAdoptionId.eq(right.id))
        .order_by_asc(echo::Column::Id)
        .all(write.conn())
        .await?;
    let news = if told.is_empty() { return Ok(()) } else { Told::read(ctx, write.conn(), right).await? };
    for echo in told {
        let step = relay::Entity::find_by_id(echo.relay_id).one(write.conn()).await?.ok_or_else(Error::not_found)?;
        let below = touch(write.conn(), step.lower_id).await?;
        if let Some(left) = echo.adoption_id {
            correct_below(ctx, write.conn(), &below, left, &news).await?;
        }
        let state = state_name(below.state);
        let entry = Entry::new("EchoCorrection", ObjectKind::Submission, below.id.0).moved(state, state);
        let details = serde_json::json!({ "fromNetwork": right.network_id, "source": right.id });
        write.record_in(below.network_id, entry.with(details));
    }
    Ok(())
}

async fn correct_below(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    below: &submission::Model,
    left: AdoptionId,
    news: &Told<'_>,
) -> Result<()> {
    let Some(left) = adoption::Entity::find_by_id(left).one(conn).await? else { return Ok(()) };
    let Some(publication) = publication::Entity::find_by_id(left.publication_id).one(conn).await? else {
        return Ok(());
    };
    let rules = draft::rules(ctx, conn, below).await?;
    let class = news.class_in(&rules, &publication);
    let evidence = Some(news.evidence());
    let (id, network) = (left.id, left.network_id);
    store(conn, &adoption::Model { class, evidence, adopted_on: news.adoption.adopted_on, ..left }).await?;
    reversal::settle(ctx, conn, network, below.id, Corrected::Adoption(id)).await
}

/// Refuses what was revoked, and what came from above: that is corrected and revoked there.
pub(super) async fn check_ours(conn: &impl ConnectionTrait, row: &adoption::Model) -> Result<()> {
    if row.revoked_at.is_some() {
        return Err(Error::new(Code::WrongState, "this adoption was revoked", "该采用已撤销").at("adoption"));
    }
    if echo::Entity::find().filter(echo::Column::AdoptionId.eq(row.id)).one(conn).await?.is_some() {
        return Err(Error::new(
            Code::WrongState,
            "this adoption was told from above; it is corrected and revoked there",
            "该采用由上级网络反馈，请在上级网络更正或撤销",
        )
        .at("adoption"));
    }
    Ok(())
}
