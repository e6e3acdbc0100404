//! What is told: the gateway took it, or did not; a little more time; receipts. Each is told until the server has it on
//! record, under one key, so that it counts once.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;
use url::Url;

use super::session::Session;
use super::{Endpoint, Trouble, fresh_key};
use crate::gateway::{Fate, Receipt};

const ACK: &str = "mutation($input: AckDeliveriesInput!) { ackDeliveries(input: $input) {
    results { notice verdict } userErrors { code message retryable } } }";
const NACK: &str = "mutation($input: NackDeliveryInput!) { nackDelivery(input: $input) {
    result { notice verdict } userErrors { code message retryable } } }";
const EXTEND: &str = "mutation($input: ExtendLeaseInput!) { extendLease(input: $input) {
    results { notice verdict } userErrors { code message retryable } } }";
const RECEIPT: &str = "mutation($input: ReportReceiptInput!) { reportReceipt(input: $input) {
    added parked userErrors { code message retryable } } }";
/// The longest wait before something is told again.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// Bytes of a code or of words that the server keeps.
const LONGEST_TEXT: usize = 200;

/// A lease that is reported on.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The notice.
    pub notice: String,
    /// The fence.
    pub fence: i64,
}

/// What became of one item of a report.
#[derive(Clone, Debug, Deserialize)]
pub struct Reported {
    /// The notice.
    pub notice: String,
    /// `ACCEPTED`, `REPEATED`, `STALE` or `UNKNOWN`.
    pub verdict: String,
}

#[derive(Deserialize)]
struct Many {
    results: Vec<Reported>,
}

#[derive(Deserialize)]
struct One {
    result: Reported,
}

#[derive(Deserialize)]
struct Counted {
    added: i64,
}

/// Tells the server.
#[derive(Clone)]
pub struct Reports {
    endpoint: Endpoint,
    session: Session,
    consumer: String,
}

impl Reports {
    /// Reports for a consumer.
    pub fn new(url: Url, session: Session, consumer: String) -> Self {
        Self { endpoint: Endpoint::new(url), session, consumer }
    }

    /// The gateway took these. None if the server refuses the report.
    pub async fn taken(&self, items: &[(Lease, Vec<String>)]) -> Option<Vec<Reported>> {
        let deliveries: Vec<_> = items
            .iter()
            .map(|(lease, ids)| json!({ "notice": lease.notice, "fence": lease.fence, "gatewayIds": ids }))
            .collect();
        let told: Option<Many> = self.tell(ACK, "ackDeliveries", json!({ "deliveries": deliveries })).await;
        Some(told?.results)
    }

    /// The gateway did not take one, or did not answer.
    pub async fn not_taken(
        &self,
        lease: &Lease,
        reason: &str,
        code: Option<&str>,
        text: Option<&str>,
    ) -> Option<Reported> {
        let delivery = json!({ "notice": lease.notice, "fence": lease.fence });
        let input = json!({ "delivery": delivery, "reason": reason, "code": cut(code), "text": cut(text) });
        let told: Option<One> = self.tell(NACK, "nackDelivery", input).await;
        Some(told?.result)
    }

    /// These take longer. Told once: what does not get through is told again before the lease ends.
    pub async fn longer(&self, leases: &[Lease]) {
        let deliveries: Vec<_> =
            leases.iter().map(|lease| json!({ "notice": lease.notice, "fence": lease.fence })).collect();
        let input = self.input(json!({ "deliveries": deliveries }));
        if let Err(trouble) = self.once::<Many>(EXTEND, "extendLease", &input).await {
            tracing::warn!(%trouble, "leases cannot be extended");
        }
    }

    /// What became of messages. Whether it is on record.
    pub async fn receipts(&self, receipts: &[Receipt]) -> bool {
        let receipts: Vec<_> = receipts.iter().map(written).collect();
        let told: Option<Counted> = self.tell(RECEIPT, "reportReceipt", json!({ "receipts": receipts })).await;
        if let Some(counted) = &told {
            tracing::debug!(receipts = receipts.len(), added = counted.added, "receipts are on record");
        }
        told.is_some()
    }

    fn input(&self, mut input: Value) -> Value {
        input["consumer"] = self.consumer.as_str().into();
        input["idempotencyKey"] = fresh_key().into();
        json!({ "input": input })
    }

    async fn tell<T: serde::de::DeserializeOwned>(&self, query: &str, field: &str, input: Value) -> Option<T> {
        let input = self.input(input);
        let mut wait = Duration::from_millis(200);
        loop {
            match self.once(query, field, &input).await {
                Ok(told) => return Some(told),
                Err(trouble @ Trouble::Refused { .. }) => {
                    tracing::error!(%trouble, report = field, "the server refuses a report");
                    return None;
                }
                Err(trouble) => tracing::warn!(%trouble, report = field, "a report did not get through"),
            }
            sleep(wait).await;
            wait = Ord::min(wait * 2, LONGEST_WAIT);
        }
    }

    async fn once<T: serde::de::DeserializeOwned>(
        &self,
        query: &str,
        field: &str,
        input: &Value,
    ) -> Result<T, Trouble> {
        let token = self.session.token().await?;
        let told = self.endpoint.ask(Some(&token), query, input, field).await;
        if matches!(told, Err(Trouble::Unauthenticated)) {
            self.session.distrust(&token).await;
        }
        told
    }
}

fn written(receipt: &Receipt) -> Value {
    let status = match receipt.fate {
        Fate::Delivered => "DELIVERED",
        Fate::Failed => "FAILED",
        Fate::Expired => "EXPIRED",
    };
    json!({
        "gatewayId": receipt.gateway_id,
        "segment": receipt.segment,
        "status": status,
        "code": cut(receipt.code.as_deref()),
        "text": cut(receipt.text.as_deref()),
        "dedupeKey": receipt.key,
    })
}

/// As much of a text as the server keeps; none of an empty one.
fn cut(text: Option<&str>) -> Option<&str> {
    let text = text?;
    Some(&text[..text.floor_char_boundary(LONGEST_TEXT)]).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        let long = "余额不足".repeat(100);
        let kept = cut(Some(&long)).unwrap();
        assert_eq!(kept.len(), 198);
        assert_eq!((cut(Some("")), cut(None), cut(Some("a"))), (None, None, Some("a")));
    }
}
