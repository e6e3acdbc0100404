//! Taking figures over from a published table.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::context::Reach as _;
use super::errors::settle;
use super::ids::GlobalId;
use super::payload::payloads;
use crate::error::Error;
use crate::services::import;

/// What an import did, or would do.
#[derive(SimpleObject)]
pub struct ImportReport {
    /// Id of the batch; null for a dry run and for a file with problems.
    batch: Option<ID>,
    /// Whether the same file had been imported before, so that nothing was done.
    is_repeated: bool,
    /// Rows read.
    rows: u64,
    /// Figures taken over, or to be taken over; a zero is none.
    figures: u64,
    /// Units that did not exist.
    new_units: Vec<String>,
    /// Everything that is wrong; a file with one problem is not taken over at all.
    problems: Vec<ImportProblem>,
}

/// A cell, or a place in the mapping, that cannot be taken over.
#[derive(SimpleObject)]
pub struct ImportProblem {
    /// Line in the file, from 1; null for the mapping.
    row: Option<u64>,
    /// Column by its heading, or the key in the mapping.
    column: String,
    /// What stands there.
    value: String,
    /// What is wrong and what would be right, in English.
    message: String,
    /// The same in Chinese.
    message_zh: String,
}

impl From<import::Problem> for ImportProblem {
    fn from(problem: import::Problem) -> Self {
        let import::Problem { row, column, value, message, message_zh } = problem;
        Self { row, column, value, message, message_zh }
    }
}

impl From<import::Report> for ImportReport {
    fn from(report: import::Report) -> Self {
        Self {
            batch: report.batch.map(GlobalId::global),
            is_repeated: report.repeated,
            rows: report.rows,
            figures: report.figures,
            new_units: report.new_units,
            problems: report.problems.into_iter().map(Into::into).collect(),
        }
    }
}

/// A file to import.
#[derive(InputObject)]
pub struct StartImportInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Into which network.
    network: ID,
    /// Name of the file.
    file_name: String,
    /// The CSV file, base64: UTF-8 with or without a byte order mark, or GB18030.
    content_base64: String,
    /// The mapping file, TOML; `docs/import.md` explains it.
    mapping: String,
    /// Whether to check only.
    #[graphql(default)]
    dry_run: bool,
}

payloads! {
    /// What came of an import.
    StartImportPayload {
        /// What was done, or what is wrong with the file.
        report: ImportReport,
    }
}

/// Imports.
#[derive(Default)]
pub struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Takes figures over from a published table, all of them or none. Importing the same twice changes nothing. For editors.
    async fn start_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: StartImportInput,
    ) -> async_graphql::Result<StartImportPayload> {
        let service = ctx.service()?;
        let run = async {
            let bytes = BASE64_STANDARD
                .decode(&input.content_base64)
                .map_err(|_| Error::invalid("contentBase64", "this is not base64", "内容不是有效的 base64 编码"))?;
            let command = import::StartImport {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                source: import::Source { name: input.file_name, bytes, mapping: input.mapping },
                dry_run: input.dry_run,
            };
            import::start(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(report) => StartImportPayload { report: Some(report.into()), user_errors: Vec::new() },
            Err(errors) => StartImportPayload::refused(errors),
        })
    }
}
