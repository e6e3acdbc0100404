//! The daily feedback of adoption (每日采用反馈) to a unit.

use async_graphql::{Context, ID, Object};
use entity::ids::{NetworkId, UnitId};
use entity::screening::ScreeningDecision;
use entity::{adoption, screening};

use super::adoption::Adoption;
use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::GlobalId as _;
use super::scalars::{Date, Points};
use super::submission::{Screening, Submission};
use super::unit::Unit;
use crate::services::feedback::{self, Feedback};

/// What the office decided on a unit's submissions on one day.
pub struct AdoptionFeedback(Feedback);

/// What the office decided on a unit's submissions on one day.
#[Object]
impl AdoptionFeedback {
    /// Which day.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// Whose submissions.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit).await?.map(Unit::of))
    }

    /// What was adopted, or recorded as adopted higher up, with what it gave.
    async fn adopted(&self) -> Vec<FeedbackAdoption> {
        self.0.adopted.iter().map(|(row, points)| FeedbackAdoption(row.clone(), *points)).collect()
    }

    /// What was put on the list of what may be used, and why.
    async fn shortlisted(&self) -> Vec<FeedbackDecision> {
        self.decisions(ScreeningDecision::Shortlisted)
    }

    /// What was sent back, and why.
    async fn returned(&self) -> Vec<FeedbackDecision> {
        self.decisions(ScreeningDecision::Returned)
    }

    /// What was screened out, and why.
    async fn declined(&self) -> Vec<FeedbackDecision> {
        self.decisions(ScreeningDecision::Declined)
    }
}

impl AdoptionFeedback {
    fn decisions(&self, decision: ScreeningDecision) -> Vec<FeedbackDecision> {
        let of = self.0.screened.iter().filter(|row| row.decision == decision);
        of.cloned().map(FeedbackDecision).collect()
    }
}

/// An adoption, with what it gave the unit.
pub struct FeedbackAdoption(adoption::Model, analytics::points::Points);

/// An adoption, with what it gave the unit.
#[Object]
impl FeedbackAdoption {
    /// The adoption: by which publication, in which issue, with which class.
    async fn adoption(&self) -> Adoption {
        Adoption(self.0.clone())
    }

    /// The points that it gave the unit by itself; quotas and other sums of a period come on top.
    async fn points(&self) -> Points {
        Points(self.1)
    }
}

/// A decision of the office on one submission.
pub struct FeedbackDecision(screening::Model);

/// A decision of the office on one submission.
#[Object]
impl FeedbackDecision {
    /// On which submission.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        Ok(ctx.loaders()?.one(self.0.submission_id).await?.map(Submission))
    }

    /// The decision and its reason.
    async fn screening(&self) -> Screening {
        Screening(self.0.clone())
    }
}

/// Feedback to units.
#[derive(Default)]
pub struct FeedbackQuery;

#[Object]
impl FeedbackQuery {
    /// What the office decided on a unit's submissions on a day: adopted, by which issue, with which class and points; shortlisted,
    /// returned and declined, and why. For the unit, and for the office.
    async fn adoption_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which unit.")] unit: ID,
        #[graphql(desc = "Which local day.")] day: Date,
    ) -> async_graphql::Result<AdoptionFeedback> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let unit = UnitId::parse(&unit, "unit").or_graphql()?;
        feedback::of(service, network, unit, day.0).await.map(AdoptionFeedback).or_graphql()
    }
}
