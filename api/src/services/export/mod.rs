//! Exports: the answer to a question about figures as a file, with a manifest that tells where it comes from.
//!
//! A file is rendered once, off the async threads, from the very answer that the API gives; it is kept for a week and
//! fetched by a link ([`crate::services::download`]). The row with its manifest stays.

pub mod manifest;
mod render;

use ::analytics::chart::Kind;
use chrono::Duration;
use entity::export::{self, ExportFormat};
use entity::export_file;
use entity::ids::{ExportId, NetworkId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use self::manifest::Manifest;
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::analytics::{self, Question};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::download::Download;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, refused, score};

/// How long a file is kept.
pub const KEPT: Duration = Duration::days(7);

/// Longest title of a picture.
pub const TITLE_CHARACTERS: usize = 80;

/// How an answer is drawn.
#[derive(Clone, Debug, Serialize)]
pub struct Picture {
    /// What is drawn.
    #[serde(serialize_with = "word")]
    pub kind: Kind,
    /// The title, if it is not the measure's.
    pub title: Option<String>,
}

/// The word of a picture in requests that are compared.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn word<S: serde::Serializer>(kind: &Kind, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.code())
}

impl Picture {
    /// A picture with a title that fits on it.
    pub fn new(kind: Kind, title: Option<String>) -> Result<Self> {
        let title = title.map(|title| title.trim().to_owned());
        if title.as_ref().is_some_and(|title| !(1..=TITLE_CHARACTERS).contains(&title.chars().count())) {
            return Err(Error::invalid("chart.title", "a title has 1 to 80 characters", "标题应为 1 至 80 个字"));
        }
        Ok(Self { kind, title })
    }
}

/// Makes an export.
#[derive(Clone, Debug, Serialize)]
pub struct CreateExport {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Of whose figures.
    pub network: NetworkId,
    /// In which format.
    pub format: ExportFormat,
    /// What is drawn, in a format that is a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
    /// The question, as it was asked.
    pub question: serde_json::Value,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportOutcome {
    /// The export.
    pub export: ExportId,
}

impl Command for CreateExport {
    fn name(&self) -> &'static str {
        "createExport"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Answers a question and keeps the answer as a file.
pub async fn create(
    ctx: &Ctx,
    idempotency_key: String,
    format: ExportFormat,
    picture: Option<Picture>,
    question: Question,
) -> Result<ExportOutcome> {
    let (network, text) = (question.network, question.text.clone());
    let command = CreateExport { idempotency_key, network, format, picture: picture.clone(), question: text };
    refused::commands(&serde_json::to_value(&command).map_err(Error::internal)?);
    let network = score::allowed_network(ctx, question.network, Action::ExportFigures).await?;
    match (render::is_picture(format), &picture) {
        (true, None) => return Err(render::no_picture()),
        (false, Some(_)) => {
            return Err(Error::invalid(
                "chart",
                "only a picture is drawn; leave it out",
                "该格式不是图片，请去掉 chart",
            ));
        }
        (true, Some(_)) | (false, None) => {}
    }
    // Before the transaction: others write while this is computed.
    let asked = analytics::open(ctx, network.id, question.as_of).await?;
    let (answer, plan) = asked.analyse(question.query.clone()).await?;
    let meta = asked.meta(plan.span, analytics::partial(&plan));
    let manifest = Manifest::new(&network, &question, &asked, &answer, &meta, format);
    let Question { query, unit_id, .. } = question;
    let rendered =
        score::compute(move || render::render(&query, &answer, unit_id, (format, picture.as_ref()), manifest))
            .await??;

    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let (now, expires_at) = (write.now(), write.now() + KEPT);
    let manifest = &rendered.manifest;
    let row = export::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        person_id: Set(ctx.actor().id()),
        format: Set(format),
        question: Set(manifest.question.to_string()),
        file_name: Set(manifest.file.clone()),
        data_version: Set(manifest.data_version),
        row_count: Set(manifest.rows),
        byte_count: Set(manifest.bytes),
        sha256: Set(manifest.sha256.clone()),
        digest: Set(manifest.digest.clone()),
        manifest: Set(manifest.text()?),
        created_at: Set(now),
        expires_at: Set(expires_at),
    };
    let id = export::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    export_file::Entity::delete_many().filter(export_file::Column::ExpiresAt.lte(now)).exec(write.conn()).await?;
    let details = serde_json::json!({
        "question": manifest.question,
        "format": format,
        "rows": manifest.rows,
        "sha256": manifest.sha256,
    });
    let file = export_file::ActiveModel { export_id: Set(id), bytes: Set(rendered.bytes), expires_at: Set(expires_at) };
    export_file::Entity::insert(file).exec_without_returning(write.conn()).await?;
    write.in_network(network.id);
    write.record(Entry::new(Action::ExportFigures.name(), ObjectKind::Export, id.0).with(details));
    let outcome = ExportOutcome { export: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Draws the answer to a question, without keeping it.
pub async fn picture(ctx: &Ctx, question: Question, picture: Picture) -> Result<(String, score::Meta)> {
    let asked = analytics::open(ctx, question.network, question.as_of).await?;
    let (answer, plan) = asked.analyse(question.query.clone()).await?;
    let meta = asked.meta(plan.span, analytics::partial(&plan));
    let drawn = score::compute(move || render::draw(&question.query, &answer, &picture)).await??;
    Ok((drawn, meta))
}

/// The file of an export of the caller's own, as long as it is kept and its figures may be read.
pub(crate) async fn file(ctx: &Ctx, id: ExportId) -> Result<Download> {
    let row = find(ctx, id).await?;
    let kept = export_file::Entity::find_by_id(id).one(ctx.reader()).await?;
    let kept = kept.filter(|file| file.expires_at > ctx.now()).ok_or_else(Error::not_found)?;
    Ok(Download { media_type: render::media_type(row.format), file_name: row.file_name, bytes: kept.bytes })
}

/// The manifest of an export of the caller's own.
pub(crate) async fn manifest(ctx: &Ctx, id: ExportId) -> Result<Download> {
    let row = find(ctx, id).await?;
    Ok(Download {
        file_name: format!("{}.manifest.json", row.file_name),
        media_type: "application/json",
        bytes: row.manifest.into_bytes(),
    })
}

async fn find(ctx: &Ctx, id: ExportId) -> Result<export::Model> {
    let row = ctx.scope().exports().filter(export::Column::Id.eq(id)).one(ctx.reader()).await?;
    let row = row.ok_or_else(Error::not_found)?;
    score::allowed_network(ctx, row.network_id, Action::ExportFigures).await?;
    Ok(row)
}
