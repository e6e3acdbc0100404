//! One decision on many submissions: a result for each, one key for all.
//!
//! Each submission is decided on in a savepoint of its own, so what is refused leaves nothing behind and the others stand.

use entity::ids::SubmissionId;
use sea_orm::TransactionTrait as _;
use sea_orm::sea_query::Expr;
use serde::{Deserialize, Serialize};

use super::adopt::{self, Placing};
use super::draft::rules;
use super::screen::{self, Verdict};
use super::{apply, check_version, find, moves, state_name, update};
use crate::auth::policy::Action;
use crate::error::{Code, Error, Result};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command, Write};

/// Most submissions of one request.
pub const ROWS: usize = 100;

/// What happens after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ErrorPolicy {
    /// The rest is not tried; what was done before stands.
    Stop,
    /// The rest is done.
    Continue,
}

/// What is done to each.
#[derive(Clone, Debug, Serialize)]
pub enum Deed {
    /// It is taken in.
    Receive,
    /// It is shortlisted, sent back or screened out.
    Screen(Verdict),
    /// It is adopted into an open issue, after what stands in it.
    Adopt(Placing),
}

/// Does the same to many submissions.
#[derive(Clone, Debug, Serialize)]
pub struct BulkScreen {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which, each with the version that was read.
    pub items: Vec<(SubmissionId, i64)>,
    /// What is done.
    pub deed: Deed,
    /// What happens after a refusal.
    pub error_policy: ErrorPolicy,
}

impl Command for BulkScreen {
    fn name(&self) -> &'static str {
        "bulkScreen"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// What came of all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BulkOutcome {
    /// One for each, in the order of the request.
    pub rows: Vec<RowOutcome>,
}

/// What came of one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RowOutcome {
    /// Which submission.
    pub submission: SubmissionId,
    /// How it ended.
    pub result: RowResult,
}

/// How one ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum RowResult {
    /// Done.
    Done,
    /// Refused.
    Refused(Refused),
    /// Not tried, because an earlier one was refused.
    NotTried,
}

/// A refusal, so that a repetition of the request answers with the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    code: String,
    field: Option<String>,
    message: String,
    message_zh: String,
    details: Option<serde_json::Value>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self {
            code: error.code.as_str().to_owned(),
            field: error.field.map(Into::into),
            message: error.message.into(),
            message_zh: error.message_zh.into(),
            details: error.details,
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let code = Code::ALL.iter().find(|code| code.as_str() == refused.code).copied().unwrap_or(Code::Internal);
        let error = Self::new(code, refused.message, refused.message_zh);
        Self { field: refused.field.map(Into::into), details: refused.details, ..error }
    }
}

/// Does the same to each, in the order given.
pub async fn screen(ctx: &Ctx, command: BulkScreen) -> Result<BulkOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    if !(1..=ROWS).contains(&command.items.len()) {
        return Err(Error::invalid("items", "name 1 to 100 submissions", "一次须处理 1 至 100 条信息"));
    }
    let mut network = None;
    let mut stopped = false;
    let mut rows = Vec::with_capacity(command.items.len());
    for (submission, expected_version) in command.items {
        if stopped {
            rows.push(RowOutcome { submission, result: RowResult::NotTried });
            continue;
        }
        let row = match find(ctx, write.conn(), submission).await {
            Ok(row) if network.is_some_and(|network| network != row.network_id) => Err(Error::invalid(
                "items.submission",
                "all submissions of one request are of one network",
                "一次处理的信息须属于同一信息网络",
            )),
            found => found,
        };
        // The savepoint is one of the write's own connection: until it ends, everything that the write does lies within it.
        let (point, mark) = (write.conn().begin().await?, write.mark());
        let decided = match &row {
            Ok(row) => decide(ctx, &mut write, row, expected_version, &command.deed).await,
            Err(_) => Ok(Action::ReceiveSubmission),
        };
        let result = match (row, decided) {
            (Ok(row), Ok(action)) => {
                point.commit().await?;
                network = Some(row.network_id);
                write.in_network(row.network_id);
                let to = moves::after(action, row.state);
                let entry = Entry::new(action.name(), ObjectKind::Submission, row.id.0);
                write.record(entry.moved(state_name(row.state), state_name(to)));
                RowResult::Done
            }
            (Err(error), _) | (Ok(_), Err(error)) => {
                point.rollback().await?;
                write.forget_since(mark);
                // A fault of ours is no refusal: nothing of the request is done then.
                if matches!(error.code, Code::Internal | Code::Unavailable) {
                    return Err(error);
                }
                stopped = command.error_policy == ErrorPolicy::Stop;
                RowResult::Refused(error.into())
            }
        };
        rows.push(RowOutcome { submission, result });
    }
    let outcome = BulkOutcome { rows };
    write.commit(&outcome).await?;
    Ok(outcome)
}

async fn decide(
    ctx: &Ctx,
    write: &mut Write,
    row: &entity::submission::Model,
    expected_version: i64,
    deed: &Deed,
) -> Result<Action> {
    let verdict = match deed {
        Deed::Screen(verdict) => verdict.clone(),
        Deed::Adopt(into) => {
            adopt::decide(ctx, write, row, expected_version, into.clone()).await?;
            return Ok(Action::AdoptSubmission);
        }
        Deed::Receive => {
            let action = Action::ReceiveSubmission;
            let rules = rules(ctx, write.conn(), row).await?;
            moves::may(ctx.actor(), action, row, &rules)?;
            check_version(row, expected_version)?;
            let change = update(row)
                .col_expr(entity::submission::Column::State, Expr::value(moves::after(action, row.state)))
                .col_expr(entity::submission::Column::ReceivedAt, Expr::value(ctx.now()));
            apply(write.conn(), row.id, change).await?;
            return Ok(action);
        }
    };
    screen::decide(ctx, write.conn(), row, expected_version, verdict).await
}
