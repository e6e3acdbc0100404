//! Exports: answers as files, fetched by a link.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::export as row;
use entity::ids::NetworkId;
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::analytics::question::QuestionInput;
use super::context::{Reach as _, SessionId};
use super::errors::{OrGraphql as _, graphql_error, settle};
use super::ids::GlobalId as _;
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use crate::error::Error;
use crate::services::download::{self, File};
use crate::services::export;

/// Formats of exports.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::export::ExportFormat")]
pub enum ExportFormat {
    /// Comma-separated values, UTF-8 with a byte order mark, which spreadsheets open.
    Csv,
}

/// An answer as a file.
#[derive(Clone)]
pub struct Export(pub(crate) row::Model);

/// An answer as a file.
#[Object]
impl Export {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Whose figures it holds.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// Its format.
    async fn format(&self) -> ExportFormat {
        self.0.format.into()
    }

    /// What the file is called.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// The question, as JSON.
    async fn question(&self) -> &str {
        &self.0.question
    }

    /// Last act of the network that the figures contain.
    async fn data_version(&self) -> i64 {
        self.0.data_version
    }

    /// How many rows it has.
    async fn rows(&self) -> i64 {
        self.0.row_count
    }

    /// How many bytes the file has.
    async fn bytes(&self) -> i64 {
        self.0.byte_count
    }

    /// SHA-256 of the file, hexadecimal.
    async fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// SHA-256 of the table: the same in every format, as long as the figures are the same.
    async fn digest(&self) -> &str {
        &self.0.digest
    }

    /// Where the file comes from, as JSON: question, state of the data, rulebook versions, columns, digests.
    async fn manifest(&self) -> &str {
        &self.0.manifest
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Until when the file is kept; the manifest stays.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// Path on this server at which the file can be fetched for five minutes, with its ticket; null when it is not kept any more.
    async fn url(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        if self.0.expires_at <= ctx.service()?.now() {
            return Ok(None);
        }
        link(ctx, File::Export(self.0.id)).map(Some)
    }

    /// The same for the manifest, as a file beside the file.
    async fn manifest_url(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        link(ctx, File::Manifest(self.0.id))
    }
}

/// Path and ticket of a file, for whoever asks.
pub(crate) fn link(ctx: &Context<'_>, file: File) -> async_graphql::Result<String> {
    let session = ctx.data_opt::<SessionId>().ok_or_else(|| graphql_error(Error::unauthenticated()))?;
    Ok(download::link(ctx.service()?, &session.0, file).or_graphql()?.url)
}

/// What is to be exported, and how.
#[derive(InputObject)]
pub struct CreateExportInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The question whose answer is wanted.
    question: QuestionInput,
    /// In which format.
    format: ExportFormat,
}

payloads! {
    /// What came of an export.
    CreateExportPayload {
        /// The export.
        export: Export,
    }
}

/// The exports of whoever asks.
#[derive(Default)]
pub struct ExportQuery;

#[Object]
impl ExportQuery {
    /// The viewer's own exports, the last made first.
    async fn exports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Export>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let select = service.scope().exports().filter(row::Column::NetworkId.eq(network));
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Export).await
    }
}

/// Making exports.
#[derive(Default)]
pub struct ExportMutation;

#[Object]
impl ExportMutation {
    /// Answers a question as a file, with the figures that the viewer may read, and keeps it for a week; `export { url }` is where
    /// to fetch it. Each export is put on record with its question.
    async fn create_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateExportInput,
    ) -> async_graphql::Result<CreateExportPayload> {
        let service = ctx.service()?;
        let run = async {
            let question = input.question.question()?;
            export::create(service, input.idempotency_key, input.format.into(), question).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let select = service.scope().exports().filter(row::Column::Id.eq(outcome.export));
                CreateExportPayload {
                    export: select.one(service.reader()).await.or_graphql()?.map(Export),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => CreateExportPayload::refused(errors),
        })
    }
}
