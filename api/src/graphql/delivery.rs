//! What a worker asks and reports, and what people do about dead letters.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::consumer::{Consumer, FailureCode};
use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::notice::{FailureClass, Notice};
use super::payload::payloads;
use crate::error::{Error, Result};
use crate::services::delivery::consumer;
use crate::services::delivery::lease::{self, Delivery};
use crate::services::delivery::receipt::{self, Receipt};
use crate::services::delivery::report::{self, Lease, Report, Reported};

/// A notice in a worker's hands: everything it takes to send it, and nothing else.
#[derive(SimpleObject, Clone)]
pub struct NoticeDelivery {
    /// The notice; name it in reports.
    notice: ID,
    /// The lease; name it in reports. A report under an older fence comes too late.
    fence: i64,
    /// Send it before, or ask for more time with `extendLease`.
    lease_until: DateTime<Utc>,
    /// Hand it to the gateway as your own id of the message: it is the same on every attempt, so that a gateway which knows
    /// it already does not send a second one.
    dedupe_key: String,
    /// Number of the attempt, from 1.
    attempt: i64,
    /// The number to send to, eleven digits. It is shown here and nowhere else: do not write it into a log.
    phone: String,
    /// The rendered text.
    text: String,
    /// In how many SMS it goes.
    segments: i64,
    /// The gateway's id of the text template, for gateways that send templates only.
    template: String,
    /// The template's version.
    template_version: i64,
    /// The template's values, a JSON object in a string.
    parameters: String,
}

impl From<Delivery> for NoticeDelivery {
    fn from(delivery: Delivery) -> Self {
        let phone = delivery.phone.digits().to_owned();
        let notice = delivery.notice;
        Self {
            notice: notice.id.global(),
            fence: notice.fence,
            lease_until: notice.lease_until.unwrap_or(delivery.event.due_at),
            dedupe_key: notice.dedupe_key,
            attempt: notice.attempt,
            phone,
            text: notice.text,
            segments: notice.segments,
            template: notice.template,
            template_version: notice.template_version,
            parameters: notice.parameters,
        }
    }
}

/// What became of one item of a report.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "report::Verdict")]
pub enum ReportVerdict {
    /// It counts.
    Accepted,
    /// It was reported before; nothing changed.
    Repeated,
    /// The lease that it names is over, or the notice has moved on; nothing changed.
    Stale,
    /// This consumer has no such notice.
    Unknown,
}

/// One item of a report, and what became of it.
#[derive(SimpleObject)]
pub struct DeliveryReport {
    /// The notice.
    notice: ID,
    /// Whether the report counts.
    verdict: ReportVerdict,
}

impl From<Reported> for DeliveryReport {
    fn from(reported: Reported) -> Self {
        Self { notice: reported.notice.global(), verdict: reported.verdict.into() }
    }
}

/// How many notices to take.
#[derive(InputObject)]
pub struct LeaseDeliveriesInput {
    /// A fresh key for each new request; a repetition gives what is still leased by it.
    idempotency_key: String,
    /// For which consumer.
    consumer: ID,
    /// At most so many, 1 to 500.
    #[graphql(default = 50)]
    max: i64,
}

/// A lease, as a report names it.
#[derive(InputObject)]
pub struct LeaseInput {
    /// The notice.
    notice: ID,
    /// The fence under which it was handed out.
    fence: i64,
}

impl LeaseInput {
    fn read(&self) -> Result<Lease> {
        Ok(Lease { notice: GlobalId::parse(&self.notice, "deliveries.notice")?, fence: self.fence })
    }
}

/// A notice that the gateway took.
#[derive(InputObject)]
pub struct AckInput {
    /// The notice.
    notice: ID,
    /// The fence under which it was handed out.
    fence: i64,
    /// What the gateway calls it: one id for all of it, or one for each part, in order.
    #[graphql(default)]
    gateway_ids: Vec<String>,
}

/// Notices that the gateway took.
#[derive(InputObject)]
pub struct AckDeliveriesInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// For which consumer.
    consumer: ID,
    /// Up to 500 notices.
    deliveries: Vec<AckInput>,
}

/// How an attempt failed.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum NackReason {
    /// The gateway did not take it; its code says why.
    Refused,
    /// The gateway was asked and did not answer. Nothing is repeated until its receipts can no longer come.
    Unanswered,
}

/// A notice that the gateway did not take.
#[derive(InputObject)]
pub struct NackDeliveryInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// For which consumer.
    consumer: ID,
    /// Which.
    delivery: LeaseInput,
    /// How it failed.
    reason: NackReason,
    /// The gateway's code; `Consumer.failureCodes` says what it means.
    code: Option<String>,
    /// The gateway's words.
    text: Option<String>,
}

/// Notices for which the worker needs more time.
#[derive(InputObject)]
pub struct ExtendLeaseInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// For which consumer.
    consumer: ID,
    /// Up to 500 leases.
    deliveries: Vec<LeaseInput>,
}

/// What a receipt says.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::notice_receipt::ReceiptStatus")]
pub enum ReceiptStatus {
    /// The handset has it.
    Delivered,
    /// It will not arrive.
    Failed,
    /// The gateway gave up in the time it had.
    Expired,
}

/// What a gateway says became of a message.
#[derive(InputObject)]
pub struct ReceiptInput {
    /// The gateway's id of the message.
    gateway_id: String,
    /// Which part, from 1; leave it out if the id stands for one part, or if the receipt speaks of all.
    segment: Option<i64>,
    /// What became of it.
    status: ReceiptStatus,
    /// The gateway's own code, such as `DELIVRD`.
    code: Option<String>,
    /// The gateway's own words.
    text: Option<String>,
    /// Our `dedupeKey`, if the gateway gives it back: it finds the notice of a submission that was not answered.
    dedupe_key: Option<String>,
    /// When it happened, as the gateway says; now if it does not say.
    at: Option<DateTime<Utc>>,
}

/// Receipts, in any order, as often as they come.
#[derive(InputObject)]
pub struct ReportReceiptInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// For which consumer.
    consumer: ID,
    /// Up to 500 receipts.
    receipts: Vec<ReceiptInput>,
}

/// Dead letters to send again: these, or all that failed for one reason.
#[derive(InputObject)]
pub struct RequeueDeadLettersInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Of which consumer.
    consumer: ID,
    /// Up to 1,000 notices.
    #[graphql(default)]
    notices: Vec<ID>,
    /// The reason, as it stands in `Notice.failure`; at most 1,000 notices at once.
    failure: Option<String>,
}

/// A consumer that was paused.
#[derive(InputObject)]
pub struct ResumeConsumerInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which.
    consumer: ID,
    /// Its version that you saw.
    expected_version: i64,
}

/// What a gateway's code means.
#[derive(InputObject)]
pub struct SetFailureClassInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// For the network of which consumer.
    consumer: ID,
    /// The gateway's code.
    code: String,
    /// What it means.
    class: FailureClass,
    /// The entry's version that you saw; leave it out for a code that has no entry.
    expected_version: Option<i64>,
}

payloads! {
    /// What was leased.
    LeaseDeliveriesPayload {
        /// Notices to send, oldest first; none when there is nothing to do.
        deliveries: Vec<NoticeDelivery>,
    }
    /// What came of reporting that the gateway took notices.
    AckDeliveriesPayload {
        /// Item by item.
        results: Vec<DeliveryReport>,
    }
    /// What came of reporting that the gateway did not take one.
    NackDeliveryPayload {
        /// What became of the report.
        result: DeliveryReport,
    }
    /// What came of asking for more time.
    ExtendLeasePayload {
        /// Item by item.
        results: Vec<DeliveryReport>,
    }
    /// What came of reporting receipts.
    ReportReceiptPayload {
        /// Receipts that were not known before.
        added: i64,
        /// Those of them whose message nobody has named yet; they take effect when somebody does.
        parked: i64,
    }
    /// What came of sending dead letters again.
    RequeueDeadLettersPayload {
        /// The notices, waiting again.
        notices: Vec<Notice>,
        /// The consumer.
        consumer: Consumer,
    }
    /// What came of resuming a consumer.
    ResumeConsumerPayload {
        /// The consumer.
        consumer: Consumer,
    }
    /// What came of saying what a code means.
    SetFailureClassPayload {
        /// The entry.
        failure_code: FailureCode,
    }
}

/// Sending notices.
#[derive(Default)]
pub struct DeliveryMutation;

#[Object]
impl DeliveryMutation {
    /// Takes notices to send, for a worker without a socket. Each is leased for 60 seconds; what is not reported by then is
    /// handed out again. For the SMS worker.
    async fn lease_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeaseDeliveriesInput,
    ) -> async_graphql::Result<LeaseDeliveriesPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = lease::LeaseDeliveries {
                idempotency_key: input.idempotency_key,
                consumer: GlobalId::parse(&input.consumer, "consumer")?,
                max: input.max,
            };
            lease::lease(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok((_, deliveries)) => LeaseDeliveriesPayload {
                deliveries: Some(deliveries.into_iter().map(Into::into).collect()),
                user_errors: Vec::new(),
            },
            Err(errors) => LeaseDeliveriesPayload::refused(errors),
        })
    }

    /// Reports that the gateway took notices. Each item has its own result. For the SMS worker.
    async fn ack_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AckDeliveriesInput,
    ) -> async_graphql::Result<AckDeliveriesPayload> {
        let run = async {
            let mut items = Vec::with_capacity(input.deliveries.len());
            for item in input.deliveries {
                let notice = GlobalId::parse(&item.notice, "deliveries.notice")?;
                items.push((Lease { notice, fence: item.fence }, item.gateway_ids));
            }
            reported(ctx, input.idempotency_key, &input.consumer, Report::Accepted(items)).await
        };
        Ok(match settle(run.await)? {
            Ok(results) => AckDeliveriesPayload { results: Some(results), user_errors: Vec::new() },
            Err(errors) => AckDeliveriesPayload::refused(errors),
        })
    }

    /// Reports that the gateway did not take a notice, or did not answer. What its code means decides whether there is
    /// another attempt; `CONFIG` pauses the consumer. For the SMS worker.
    async fn nack_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: NackDeliveryInput,
    ) -> async_graphql::Result<NackDeliveryPayload> {
        let run = async {
            let report = Report::Refused {
                lease: input.delivery.read()?,
                unanswered: input.reason == NackReason::Unanswered,
                code: input.code,
                text: input.text,
            };
            reported(ctx, input.idempotency_key, &input.consumer, report).await
        };
        Ok(match settle(run.await)? {
            Ok(results) => NackDeliveryPayload { result: results.into_iter().next(), user_errors: Vec::new() },
            Err(errors) => NackDeliveryPayload::refused(errors),
        })
    }

    /// Asks for 60 seconds more, from now on. For the SMS worker.
    async fn extend_lease(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ExtendLeaseInput,
    ) -> async_graphql::Result<ExtendLeasePayload> {
        let run = async {
            let leases = input.deliveries.iter().map(LeaseInput::read).collect::<Result<Vec<_>>>()?;
            reported(ctx, input.idempotency_key, &input.consumer, Report::Longer(leases)).await
        };
        Ok(match settle(run.await)? {
            Ok(results) => ExtendLeasePayload { results: Some(results), user_errors: Vec::new() },
            Err(errors) => ExtendLeasePayload::refused(errors),
        })
    }

    /// Reports what became of messages, as the gateway says. Receipts may come in any order, twice, and before the
    /// submission is reported. For the SMS worker.
    async fn report_receipt(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ReportReceiptInput,
    ) -> async_graphql::Result<ReportReceiptPayload> {
        let service = ctx.service()?;
        let run = async {
            let receipts = input.receipts.into_iter().map(|receipt| Receipt {
                gateway_id: receipt.gateway_id,
                segment: receipt.segment.unwrap_or_default(),
                status: receipt.status.into(),
                code: receipt.code,
                text: receipt.text,
                dedupe_key: receipt.dedupe_key,
                at: receipt.at,
            });
            let command = receipt::ReportReceipts {
                idempotency_key: input.idempotency_key,
                consumer: GlobalId::parse(&input.consumer, "consumer")?,
                receipts: receipts.collect(),
            };
            receipt::report(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => ReportReceiptPayload {
                added: Some(outcome.added),
                parked: Some(outcome.parked),
                user_errors: Vec::new(),
            },
            Err(errors) => ReportReceiptPayload::refused(errors),
        })
    }

    /// Sends dead letters again. Each begins a new round under a new `dedupeKey`, because somebody has decided that it shall
    /// be sent whether or not the gateway knows it. For chief editors.
    async fn requeue_dead_letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RequeueDeadLettersInput,
    ) -> async_graphql::Result<RequeueDeadLettersPayload> {
        let service = ctx.service()?;
        let run = async {
            let notices = input.notices.iter().map(|id| GlobalId::parse(id, "notices"));
            let command = consumer::RequeueDeadLetters {
                idempotency_key: input.idempotency_key,
                consumer: GlobalId::parse(&input.consumer, "consumer")?,
                notices: notices.collect::<Result<Vec<_>>>()?,
                failure: input.failure,
            };
            consumer::requeue(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let notices = ctx.loaders()?.each(outcome.notices).await?.into_iter().map(Notice).collect();
                let consumer = consumer::find(service, service.reader(), outcome.consumer).await.or_graphql()?;
                RequeueDeadLettersPayload {
                    notices: Some(notices),
                    consumer: Some(consumer.into()),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => RequeueDeadLettersPayload::refused(errors),
        })
    }

    /// Hands notices out again after a pause: the account, its credit or its signature has been mended. For chief editors.
    async fn resume_consumer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ResumeConsumerInput,
    ) -> async_graphql::Result<ResumeConsumerPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = consumer::ResumeConsumer {
                idempotency_key: input.idempotency_key,
                consumer: GlobalId::parse(&input.consumer, "consumer")?,
                expected_version: input.expected_version,
            };
            consumer::resume(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let consumer = consumer::find(service, service.reader(), outcome.consumer).await.or_graphql()?;
                ResumeConsumerPayload { consumer: Some(consumer.into()), user_errors: Vec::new() }
            }
            Err(errors) => ResumeConsumerPayload::refused(errors),
        })
    }

    /// Says what a gateway's code means: whether there is another attempt, none, or none for anybody. For system
    /// administrators.
    async fn set_failure_class(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SetFailureClassInput,
    ) -> async_graphql::Result<SetFailureClassPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = consumer::SetFailureClass {
                idempotency_key: input.idempotency_key,
                consumer: GlobalId::parse(&input.consumer, "consumer")?,
                code: input.code,
                class: input.class.into(),
                expected_version: input.expected_version,
            };
            let outcome = consumer::classify(service, command).await?;
            consumer::failure_code(service.reader(), outcome.entry).await
        };
        Ok(match settle(run.await)? {
            Ok(row) => SetFailureClassPayload { failure_code: Some(FailureCode(row)), user_errors: Vec::new() },
            Err(errors) => SetFailureClassPayload::refused(errors),
        })
    }
}

/// Takes a report in, and gives its results.
async fn reported(ctx: &Context<'_>, key: String, consumer: &ID, report: Report) -> Result<Vec<DeliveryReport>> {
    let service = ctx.service().map_err(|_| Error::unauthenticated())?;
    let consumer = GlobalId::parse(consumer, "consumer")?;
    let command = report::ReportDeliveries { idempotency_key: key, consumer, report };
    let outcome = report::report(service, command).await?;
    Ok(outcome.results.into_iter().map(Into::into).collect())
}
