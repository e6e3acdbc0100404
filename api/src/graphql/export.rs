//! Exports: answers as files, fetched by a link.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
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
use super::score::Meta;
use crate::error::{Error, Result};
use crate::services::download::{self, File};
use crate::services::export::{self, Picture};

/// Formats of exports.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::export::ExportFormat")]
pub enum ExportFormat {
    /// Comma-separated values, UTF-8 with a byte order mark, which spreadsheets open.
    Csv,
    /// A workbook: typed cells, a heading that stays in sight, a second sheet that says where the figures come from.
    Xlsx,
    /// Apache Parquet, compressed with Snappy.
    Parquet,
    /// Apache Arrow, an IPC file.
    Arrow,
    /// A picture for print; give `chart`.
    Svg,
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
    /// What is drawn; with a format that is a picture.
    chart: Option<ChartInput>,
}

/// How an answer is drawn.
#[derive(InputObject, Clone, Debug)]
pub struct ChartInput {
    /// What is drawn.
    kind: ChartKind,
    /// The title, 1 to 80 characters; the measure and the days if left out.
    title: Option<String>,
}

/// Pictures of answers.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "analytics::chart::Kind")]
pub enum ChartKind {
    /// A bar for each row, in the answer's order, with its place (排名条形图).
    RankingBars,
    /// A line for each row over the periods, with the first comparison beside it (趋势折线图).
    TrendLines,
    /// A box for each category over the values of its units; `rows: [CATEGORY, UNIT]` (类别箱线图).
    CategoryBoxes,
    /// Rows by periods, the darker the more (热力图).
    HeatMap,
}

impl ChartInput {
    fn picture(self) -> Result<Picture> {
        Picture::new(self.kind.into(), self.title)
    }
}

payloads! {
    /// What came of an export.
    CreateExportPayload {
        /// The export.
        export: Export,
    }
}

/// A picture of an answer.
#[derive(SimpleObject)]
pub struct Chart {
    /// The picture, as SVG.
    svg: String,
    /// Where it comes from.
    meta: Meta,
}

/// The exports of whoever asks.
#[derive(Default)]
pub struct ExportQuery;

#[Object]
impl ExportQuery {
    /// The answer to a question as a picture: SVG with Chinese labels, for print. Its first measure is drawn. The same answer gives
    /// the same bytes.
    async fn chart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question whose answer is drawn.")] question: QuestionInput,
        #[graphql(desc = "How it is drawn.")] chart: ChartInput,
    ) -> async_graphql::Result<Chart> {
        let service = ctx.service()?;
        let run = async {
            let (question, picture) = (question.question(service).await?, chart.picture()?);
            export::picture(service, question, picture).await
        };
        let (svg, meta) = run.await.or_graphql()?;
        Ok(Chart { svg, meta: Meta(meta) })
    }

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
            let question = input.question.question(service).await?;
            let picture = input.chart.map(ChartInput::picture).transpose()?;
            export::create(service, input.idempotency_key, input.format.into(), picture, question).await
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
