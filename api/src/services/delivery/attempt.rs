//! How an attempt ends: the gateway took the notice, or it did not, and then whether there is another attempt and when.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::failure_code::FailureClass;
use entity::ids::NoticeId;
use entity::notice::{self, NoticeState};
use entity::notice_attempt::{self, AttemptOutcome};
use entity::outbox_event;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, UpdateMany,
};
use sha2::{Digest as _, Sha256};

use super::{DeliverySettings, event};
use crate::error::Result;

/// How an attempt ended, and what the gateway said.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) outcome: AttemptOutcome,
    pub(super) class: FailureClass,
    pub(super) code: Option<String>,
    pub(super) text: Option<String>,
}

impl Ending {
    /// Nobody said anything.
    pub(super) fn without_answer(outcome: AttemptOutcome) -> Self {
        Self { outcome, class: FailureClass::Retryable, code: None, text: None }
    }

    fn reason(&self) -> String {
        let said = [self.code.as_deref(), self.text.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        match (said.is_empty(), self.outcome) {
            (false, _) => said,
            (true, AttemptOutcome::Lapsed) => "no worker reported in time".to_owned(),
            (true, _) => "the gateway did not answer".to_owned(),
        }
    }
}

/// Changes a notice that is still as it was seen; one more in its version.
fn change(row: &notice::Model, to: NoticeState) -> UpdateMany<notice::Entity> {
    notice::Entity::update_many()
        .col_expr(notice::Column::State, Expr::value(to))
        .col_expr(notice::Column::LeasedBy, Expr::value(None::<String>))
        .col_expr(notice::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .col_expr(notice::Column::Version, Expr::col(notice::Column::Version).add(1))
        .filter(notice::Column::Id.eq(row.id))
        .filter(notice::Column::Version.eq(row.version))
}

/// Puts on record how the attempt under the notice's present lease ended.
pub(super) async fn close(
    conn: &impl ConnectionTrait,
    row: &notice::Model,
    ending: &Ending,
    now: DateTime<Utc>,
) -> Result<()> {
    use notice_attempt::Column as C;

    let failed = ending.outcome != AttemptOutcome::Accepted;
    notice_attempt::Entity::update_many()
        .col_expr(C::DecidedAt, Expr::value(now))
        .col_expr(C::Outcome, Expr::value(ending.outcome))
        .col_expr(C::FailureClass, Expr::value(failed.then_some(ending.class)))
        .col_expr(C::GatewayCode, Expr::value(ending.code.clone()))
        .col_expr(C::GatewayText, Expr::value(ending.text.clone()))
        .filter(C::NoticeId.eq(row.id))
        .filter(C::Fence.eq(row.fence))
        .exec(conn)
        .await?;
    Ok(())
}

/// The gateway took the notice. False when somebody else changed it meanwhile.
pub(super) async fn accept(
    conn: &impl ConnectionTrait,
    row: &notice::Model,
    segments: i64,
    now: DateTime<Utc>,
) -> Result<bool> {
    let done = change(row, NoticeState::Submitted)
        .col_expr(notice::Column::SubmittedAt, Expr::value(now))
        .col_expr(notice::Column::NextAttemptAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(notice::Column::Segments, Expr::value(segments))
        .exec(conn)
        .await?;
    if done.rows_affected == 0 {
        return Ok(false);
    }
    let ending = Ending { outcome: AttemptOutcome::Accepted, class: FailureClass::Retryable, code: None, text: None };
    close(conn, row, &ending, now).await?;
    Ok(true)
}

/// The gateway was asked and did not answer: nothing is repeated until its receipts can no longer come.
pub(super) async fn hold(
    conn: &impl ConnectionTrait,
    settings: &DeliverySettings,
    row: &notice::Model,
    ending: Ending,
    now: DateTime<Utc>,
) -> Result<bool> {
    let done = change(row, NoticeState::Unknown)
        .col_expr(notice::Column::NextAttemptAt, Expr::value(now + settings.receipt_window))
        .exec(conn)
        .await?;
    if done.rows_affected == 0 {
        return Ok(false);
    }
    close(conn, row, &ending, now).await?;
    Ok(true)
}

/// The attempt came to nothing: there is another one, later, or the notice becomes a dead letter. False when somebody else
/// changed it meanwhile.
pub(super) async fn fail(
    conn: &impl ConnectionTrait,
    settings: &DeliverySettings,
    row: &notice::Model,
    ending: Ending,
    now: DateTime<Utc>,
) -> Result<bool> {
    // A lapsed lease leaves its mark once; a submission held back was marked when it was.
    if row.state != NoticeState::Unknown {
        close(conn, row, &ending, now).await?;
    }
    let burned = burned(conn, row).await?;
    if ending.class == FailureClass::Final || burned >= settings.attempts {
        let done = change(row, NoticeState::Failed)
            .col_expr(notice::Column::DeadAt, Expr::value(now))
            .col_expr(notice::Column::Failure, Expr::value(ending.reason()))
            .col_expr(notice::Column::NextAttemptAt, Expr::value(None::<DateTime<Utc>>))
            .exec(conn)
            .await?;
        return Ok(done.rows_affected > 0);
    }
    // What is wrong with the account is not the notice's fault: it goes out as soon as somebody has mended it. After an
    // unanswered submission the window has been waited for already.
    let waits = ending.class == FailureClass::Retryable && row.state != NoticeState::Unknown;
    let due_at = if waits { now + wait(settings, row.id, burned) } else { now };
    let done = change(row, NoticeState::Queued)
        .col_expr(notice::Column::Attempt, Expr::value(row.attempt + 1))
        .col_expr(notice::Column::NextAttemptAt, Expr::value(due_at))
        .exec(conn)
        .await?;
    if done.rows_affected == 0 {
        return Ok(false);
    }
    let next = event(row, row.round, row.attempt + 1, due_at, now);
    outbox_event::Entity::insert(next).exec_without_returning(conn).await?;
    Ok(true)
}

/// Attempts of this round that count against the notice.
async fn burned(conn: &impl ConnectionTrait, row: &notice::Model) -> Result<i64> {
    use notice_attempt::Column as C;

    let count = notice_attempt::Entity::find()
        .filter(C::NoticeId.eq(row.id))
        .filter(C::Round.eq(row.round))
        .filter(C::Outcome.is_not_null())
        .filter(Condition::any().add(C::FailureClass.is_null()).add(C::FailureClass.ne(FailureClass::Config)))
        .count(conn)
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// How long to wait after so many attempts: doubled each time, up to a limit, and spread over its second half so that what
/// failed together does not come back together. The chance comes from the seed, so the same wait can be told twice.
fn wait(settings: &DeliverySettings, notice: NoticeId, attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 30) - 1).unwrap_or_default();
    let full = settings.first_wait.saturating_mul(1_u32 << doublings).min(settings.longest_wait);
    let mut hash = Sha256::new();
    hash.update(settings.jitter_seed.to_be_bytes());
    hash.update(notice.0.to_be_bytes());
    hash.update(attempts.to_be_bytes());
    let thousandths = u32::from(u16::from_be_bytes([hash.clone().finalize()[0], hash.finalize()[1]])) % 1_000;
    full / 2 + (full / 2) * thousandths / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_are_spread() {
        let settings = DeliverySettings::default();
        for notice in 1..=50 {
            for attempts in 1..=12 {
                let full = (settings.first_wait * 2_u32.pow(attempts - 1)).min(settings.longest_wait);
                let wait = wait(&settings, NoticeId(notice), i64::from(attempts));
                assert!(wait >= full / 2 && wait <= full, "{attempts}: {wait:?}");
            }
        }
        let seeded = DeliverySettings { jitter_seed: 1, ..settings.clone() };
        let spread: std::collections::BTreeSet<_> = (1..=50).map(|id| wait(&settings, NoticeId(id), 3)).collect();
        assert!(spread.len() > 40);
        assert_ne!(wait(&settings, NoticeId(1), 3), wait(&seeded, NoticeId(1), 3));
        assert_eq!(wait(&settings, NoticeId(1), i64::MAX), wait(&settings, NoticeId(1), i64::MAX));
    }
}
