//! What became of messages, as their gateway says: in any order, twice, or before anybody knew the message.
//!
//! Receipts are only added. The state that follows from them is a function of the set of them (`fate`), so it does not
//! depend on the order in which they came.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::gateway_message;
use entity::ids::{ConsumerId, NetworkId, NoticeId};
use entity::notice::{self, NoticeState};
use entity::notice_receipt::{self, ReceiptStatus};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::{Deserialize, Serialize};

use super::attempt;
use super::lease::{MOST, consumer};
use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, phone};

/// What a gateway says of one message.
#[derive(Clone, Debug, Serialize)]
pub struct Receipt {
    /// The gateway's id of it.
    pub gateway_id: String,
    /// Which part, from 1; 0 for all that the id stands for.
    pub segment: i64,
    /// What became of it.
    pub status: ReceiptStatus,
    /// The gateway's code.
    pub code: Option<String>,
    /// The gateway's words.
    pub text: Option<String>,
    /// The caller's own id, where the gateway gives it back: it finds the notice of an unanswered submission.
    pub dedupe_key: Option<String>,
    /// When it happened; now if the gateway does not say.
    pub at: Option<DateTime<Utc>>,
}

/// Receipts that came in.
#[derive(Clone, Debug, Serialize)]
pub struct ReportReceipts {
    /// See [`Command`].
    pub idempotency_key: String,
    /// For which consumer.
    pub consumer: ConsumerId,
    /// The receipts.
    pub receipts: Vec<Receipt>,
}

impl Command for ReportReceipts {
    fn name(&self) -> &'static str {
        "reportReceipt"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReceiptOutcome {
    /// Whose.
    pub consumer: ConsumerId,
    /// Receipts that were not known before.
    pub added: i64,
    /// Those of them whose message nobody has named yet; they wait for it.
    pub parked: i64,
    /// The notices concerned.
    pub notices: Vec<NoticeId>,
}

/// Takes receipts in.
pub async fn report(ctx: &Ctx, command: ReportReceipts) -> Result<ReceiptOutcome> {
    check(&command.receipts)?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let consumer = consumer(ctx, write.conn(), command.consumer).await?;
    ctx.authorize(Action::ReportDeliveries, Target::network(consumer.network_id))?;
    write.in_network(consumer.network_id);
    let network = consumer.network_id;
    let (mut added, mut parked, mut notices) = (0, 0, BTreeSet::new());
    for receipt in &command.receipts {
        let notice = notice_of(write.conn(), network, receipt).await?;
        if insert(write.conn(), network, receipt, notice, ctx.now()).await? {
            added += 1;
            parked += i64::from(notice.is_none());
            notices.extend(notice);
        }
    }
    let notices: Vec<_> = notices.into_iter().collect();
    settle(write.conn(), &notices, ctx.now()).await?;
    if added > 0 {
        let details = serde_json::json!({ "notices": notices, "added": added, "parked": parked });
        write.record(Entry::new("ReportReceipt", ObjectKind::Consumer, consumer.id.0).with(details));
        // A receipt may have told of what was still in hand.
        write.wakes_streams();
        write.wakes_relay();
    }
    let outcome = ReceiptOutcome { consumer: consumer.id, added, parked, notices };
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn check(receipts: &[Receipt]) -> Result<()> {
    if receipts.is_empty() || receipts.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
        return Err(Error::invalid("receipts", "report 1 to 500 receipts at once", "每次上报 1 至 500 条回执"));
    }
    let good = receipts.iter().all(|receipt| {
        let texts = [Some(&receipt.gateway_id), receipt.code.as_ref(), receipt.text.as_ref()];
        (0..=255).contains(&receipt.segment)
            && texts.into_iter().flatten().all(|text| !text.is_empty() && text.len() <= 200)
    });
    if good {
        return Ok(());
    }
    Err(Error::invalid(
        "receipts",
        "a gateway's id, code or text has 1 to 200 bytes, and a part is numbered 1 to 255",
        "网关编号、代码或说明应为 1 至 200 字节，分段序号为 1 至 255",
    ))
}

/// The notice whose message a receipt speaks of: by the gateway's id, or by our own.
async fn notice_of(conn: &impl ConnectionTrait, network: NetworkId, receipt: &Receipt) -> Result<Option<NoticeId>> {
    use gateway_message::Column as C;

    let message = gateway_message::Entity::find()
        .filter(C::NetworkId.eq(network))
        .filter(C::GatewayId.eq(&receipt.gateway_id))
        .one(conn)
        .await?;
    if let Some(message) = message {
        return Ok(Some(message.notice_id));
    }
    let Some(key) = &receipt.dedupe_key else { return Ok(None) };
    let row = notice::Entity::find()
        .filter(notice::Column::NetworkId.eq(network))
        .filter(notice::Column::DedupeKey.eq(key))
        .one(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let message = gateway_message::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        gateway_id: Set(receipt.gateway_id.clone()),
        notice_id: Set(row.id),
        round: Set(row.round),
        segment: Set((row.segments > 1 && receipt.segment > 0).then_some(receipt.segment)),
    };
    gateway_message::Entity::insert(message).exec_without_returning(conn).await?;
    Ok(Some(row.id))
}

async fn insert(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    receipt: &Receipt,
    notice: Option<NoticeId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    use notice_receipt::Column as C;

    let row = notice_receipt::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        gateway_id: Set(receipt.gateway_id.clone()),
        segment: Set(receipt.segment),
        status: Set(receipt.status),
        gateway_code: Set(receipt.code.as_deref().map(phone::hide)),
        gateway_text: Set(receipt.text.as_deref().map(phone::hide)),
        notice_id: Set(notice),
        reported_at: Set(receipt.at.unwrap_or(now)),
        received_at: Set(now),
    };
    let unique = [C::NetworkId, C::GatewayId, C::Segment, C::Status];
    let inserted = notice_receipt::Entity::insert(row)
        .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
        .exec_without_returning(conn)
        .await?;
    Ok(inserted > 0)
}

/// Gives parked receipts to the notices whose messages have been named, and lets them take effect.
pub(super) async fn join(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    notices: &[NoticeId],
    now: DateTime<Utc>,
) -> Result<()> {
    if notices.is_empty() {
        return Ok(());
    }
    let messages: BTreeMap<String, NoticeId> = gateway_message::Entity::find()
        .filter(gateway_message::Column::NoticeId.is_in(notices.iter().copied()))
        .all(conn)
        .await?
        .into_iter()
        .map(|message| (message.gateway_id, message.notice_id))
        .collect();
    let parked = notice_receipt::Entity::find()
        .filter(notice_receipt::Column::NetworkId.eq(network))
        .filter(notice_receipt::Column::GatewayId.is_in(messages.keys().map(String::as_str)))
        .filter(notice_receipt::Column::NoticeId.is_null())
        .all(conn)
        .await?;
    let mut found: BTreeSet<_> = BTreeSet::new();
    for receipt in parked {
        let Some(notice) = messages.get(&receipt.gateway_id) else { continue };
        notice_receipt::Entity::update_many()
            .col_expr(notice_receipt::Column::NoticeId, Expr::value(*notice))
            .filter(notice_receipt::Column::Id.eq(receipt.id))
            .exec(conn)
            .await?;
        found.insert(*notice);
    }
    settle(conn, &found.into_iter().collect::<Vec<_>>(), now).await
}

/// Moves notices to where their receipts say they are.
async fn settle(conn: &impl ConnectionTrait, notices: &[NoticeId], now: DateTime<Utc>) -> Result<()> {
    for id in notices {
        let Some(mut row) = notice::Entity::find_by_id(*id).one(conn).await? else { continue };
        let messages = gateway_message::Entity::find()
            .filter(gateway_message::Column::NoticeId.eq(*id))
            .filter(gateway_message::Column::Round.eq(row.round))
            .all(conn)
            .await?;
        let receipts = notice_receipt::Entity::find()
            .filter(notice_receipt::Column::NoticeId.eq(*id))
            .order_by_asc(notice_receipt::Column::Id)
            .all(conn)
            .await?;
        let reports: Vec<_> = receipts
            .iter()
            .filter_map(|receipt| {
                let message = messages.iter().find(|message| message.gateway_id == receipt.gateway_id)?;
                Some((message.segment.unwrap_or(receipt.segment), receipt))
            })
            .collect();
        if reports.is_empty() {
            continue;
        }
        if matches!(row.state, NoticeState::Queued | NoticeState::Leased | NoticeState::Unknown) {
            // Whoever has a receipt has the message: the answer to the submission was lost.
            attempt::accept(conn, &row, row.segments, now).await?;
            row = notice::Entity::find_by_id(*id).one(conn).await?.ok_or_else(Error::not_found)?;
        }
        let set: BTreeSet<_> = reports.iter().map(|(segment, receipt)| (*segment, receipt.status)).collect();
        let next = fate(row.segments, &set);
        if row.state.may_become(next) {
            arrive(conn, &row, next, &reports, now).await?;
        }
    }
    Ok(())
}

async fn arrive(
    conn: &impl ConnectionTrait,
    row: &notice::Model,
    next: NoticeState,
    reports: &[(i64, &notice_receipt::Model)],
    now: DateTime<Utc>,
) -> Result<()> {
    let delivered = next == NoticeState::Delivered;
    let status = if delivered { ReceiptStatus::Delivered } else { ReceiptStatus::Failed };
    let at =
        reports.iter().filter(|(_, receipt)| receipt.status == status).map(|(_, receipt)| receipt.reported_at).max();
    // Of several reasons the one of the first part, whichever came first.
    let reason = reports
        .iter()
        .filter(|(_, receipt)| receipt.status != ReceiptStatus::Delivered)
        .min_by_key(|(segment, receipt)| (*segment, receipt.status, receipt.gateway_code.clone()))
        .map(|(_, receipt)| {
            [receipt.gateway_code.as_deref(), receipt.gateway_text.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|_| !delivered);
    notice::Entity::update_many()
        .col_expr(notice::Column::State, Expr::value(next))
        .col_expr(notice::Column::DeliveredAt, Expr::value(at.filter(|_| delivered)))
        .col_expr(notice::Column::DeadAt, Expr::value((!delivered).then_some(now)))
        .col_expr(notice::Column::Failure, Expr::value(reason))
        .col_expr(notice::Column::Version, Expr::col(notice::Column::Version).add(1))
        .filter(notice::Column::Id.eq(row.id))
        .filter(notice::Column::Version.eq(row.version))
        .exec(conn)
        .await?;
    Ok(())
}

/// Where a notice of so many parts is, by everything that was said of its parts; part 0 stands for all of them.
///
/// All parts delivered outweighs everything: the handset has it, whatever was said before. Otherwise one failed part is a
/// failure. As receipts are only added, the answer only moves forward.
fn fate(segments: i64, said: &BTreeSet<(i64, ReceiptStatus)>) -> NoticeState {
    let any = |status: ReceiptStatus| said.iter().any(|(_, told)| *told == status);
    let delivered = |part: i64| said.contains(&(part, ReceiptStatus::Delivered));
    if delivered(0) || (1..=Ord::max(segments, 1)).all(delivered) {
        NoticeState::Delivered
    } else if any(ReceiptStatus::Failed) {
        NoticeState::Failed
    } else if any(ReceiptStatus::Expired) {
        NoticeState::Expired
    } else {
        NoticeState::Submitted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn receipts() -> impl Strategy<Value = (i64, Vec<(i64, ReceiptStatus)>)> {
        let status =
            prop_oneof![Just(ReceiptStatus::Delivered), Just(ReceiptStatus::Failed), Just(ReceiptStatus::Expired)];
        (1..4_i64).prop_flat_map(move |segments| {
            (Just(segments), proptest::collection::vec((0..=segments, status.clone()), 0..8))
        })
    }

    proptest! {
        /// In whatever order and however often they come, a notice ends in the same state, and never goes back.
        #[test]
        fn the_order_of_receipts_does_not_matter((segments, told) in receipts(), seed in any::<u64>()) {
            let wanted = fate(segments, &told.iter().copied().collect());
            let mut shuffled: Vec<_> = told.iter().chain(&told).copied().collect();
            let length = shuffled.len();
            for place in 0..length {
                let other = usize::try_from(seed.rotate_left(u32::try_from(place).unwrap()) % length as u64).unwrap();
                shuffled.swap(place, other);
            }
            let (mut state, mut said) = (NoticeState::Submitted, BTreeSet::new());
            for receipt in shuffled {
                said.insert(receipt);
                let next = fate(segments, &said);
                prop_assert!(next == state || state.may_become(next), "{state:?} to {next:?}");
                state = next;
            }
            prop_assert_eq!(state, wanted);
        }
    }

    #[test]
    fn several_parts_are_delivered_when_all_are() {
        use ReceiptStatus::{Delivered, Expired, Failed};
        for (segments, told, expected) in [
            (1, &[][..], NoticeState::Submitted),
            (1, &[(1, Delivered)], NoticeState::Delivered),
            (1, &[(0, Delivered)], NoticeState::Delivered),
            (3, &[(1, Delivered), (2, Delivered)], NoticeState::Submitted),
            (3, &[(1, Delivered), (2, Failed), (3, Delivered)], NoticeState::Failed),
            (3, &[(1, Delivered), (2, Delivered), (3, Delivered), (2, Failed)], NoticeState::Delivered),
            (2, &[(1, Delivered), (2, Expired)], NoticeState::Expired),
            (2, &[(1, Failed), (2, Expired)], NoticeState::Failed),
        ] {
            assert_eq!(fate(segments, &told.iter().copied().collect()), expected, "{segments}: {told:?}");
        }
    }
}
