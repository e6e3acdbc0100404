//! What persons decide by number: judged checks, another office's score, the quality coefficient of an item.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, UnitId};
use entity::{judgement, quality_coefficient};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::record::record_query;
use super::scalars::{Date, Points, Ratio};
use super::submission::Submission;
use super::unit::Unit;
use crate::services;

/// Points that a person or another office gave: a judged check (评查), an imported score (上级计分).
#[derive(Clone)]
pub struct Judgement(pub(crate) judgement::Model);

/// Points that a person or another office gave: a judged check (评查), an imported score (上级计分).
#[Object]
impl Judgement {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Who is judged.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// The submission that is judged, if it is one.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.submission_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// Code of what is judged: `imported`, `check`, or what the rulebook adds.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Code of the level of the office that judged; null for the network's own.
    async fn origin(&self) -> Option<&str> {
        self.0.origin.as_deref()
    }

    /// What was given. What it is worth in the ledger is the rulebook's matter.
    async fn points(&self) -> Points {
        Points(analytics::points::Points::from_millionths(self.0.points))
    }

    /// On what it rests; empty if nothing is on file.
    async fn evidence(&self) -> &str {
        &self.0.evidence
    }

    /// Local day on which it counts.
    async fn judged_on(&self) -> Date {
        Date(self.0.judged_on)
    }

    /// Who decided, or took it over.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.decided_by).await?.map(Person))
    }

    /// When that was recorded.
    async fn decided_at(&self) -> DateTime<Utc> {
        self.0.decided_at
    }
}

/// The quality coefficient (质量系数) of a submission.
pub struct QualityCoefficient(pub(crate) quality_coefficient::Model);

/// The quality coefficient (质量系数) of a submission.
#[Object]
impl QualityCoefficient {
    /// The factor, such as `"4.5"`.
    async fn coefficient(&self) -> Ratio {
        Ratio::from_millionths(self.0.coefficient)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Who decided.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.decided_by).await?.map(Person))
    }

    /// When.
    async fn decided_at(&self) -> DateTime<Utc> {
        self.0.decided_at
    }
}

/// A judgement to record.
#[derive(InputObject)]
pub struct RecordJudgementInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network it counts.
    network: ID,
    /// Who is judged.
    unit: ID,
    /// The submission that is judged, if it is one.
    submission: Option<ID>,
    /// Code of what is judged: `imported`, `check`, or what the rulebook adds.
    kind: String,
    /// Code of the level of the office that judged; left out for the network's own.
    origin: Option<String>,
    /// What was given, within the range of the rule that reads it.
    points: Points,
    /// On what it rests, at most 2,000 characters.
    evidence: Option<String>,
    /// Local day on which it counts.
    judged_on: Date,
}

/// A quality coefficient to decide.
#[derive(InputObject)]
pub struct DecideCoefficientInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// The factor, within the range of the rulebook, such as `"4.5"`.
    coefficient: Ratio,
    /// Why, 1 to 2,000 characters.
    reason: String,
}

payloads! {
    /// What came of recording a judgement.
    RecordJudgementPayload {
        /// The judgement.
        judgement: Judgement,
    }
    /// What came of deciding a quality coefficient.
    DecideCoefficientPayload {
        /// The submission.
        submission: Submission,
    }
}

record_query! {
    /// Judgements that the viewer may see, the last recorded first.
    JudgementQuery.judgements: Judgement from judgement by judgements;
}

/// Judging.
#[derive(Default)]
pub struct JudgementMutation;

#[Object]
impl JudgementMutation {
    /// Records a judged check or another office's score. For editors and chief editors.
    async fn record_judgement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RecordJudgementInput,
    ) -> async_graphql::Result<RecordJudgementPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = services::judgement::RecordJudgement {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse(&input.unit, "unit")?,
                submission: GlobalId::parse_optional(input.submission.as_ref(), "submission")?,
                kind: input.kind,
                origin: input.origin,
                points: input.points.0.millionths(),
                evidence: input.evidence,
                judged_on: input.judged_on.0,
            };
            services::judgement::record(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let select = service.scope().judgements().filter(judgement::Column::Id.eq(outcome.judgement));
                RecordJudgementPayload {
                    judgement: select.one(service.reader()).await.or_graphql()?.map(Judgement),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => RecordJudgementPayload::refused(errors),
        })
    }

    /// Decides the quality coefficient of a submission within the range of the rulebook; an earlier one counts no more. For editors
    /// and chief editors.
    async fn decide_coefficient(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DecideCoefficientInput,
    ) -> async_graphql::Result<DecideCoefficientPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = services::judgement::DecideCoefficient {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                coefficient: input.coefficient.millionths("coefficient")?,
                reason: input.reason,
            };
            services::judgement::decide_coefficient(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => DecideCoefficientPayload {
                submission: ctx.loaders()?.one(outcome.submission).await?.map(Submission),
                user_errors: Vec::new(),
            },
            Err(errors) => DecideCoefficientPayload::refused(errors),
        })
    }
}
