//! Adoption rates, as they are shown.

use analytics::frames;
use async_graphql::{Context, Enum, Object, SimpleObject};
use entity::ids::UnitId;

use super::context::Reach as _;
use super::scalars::{Days, Ratio};
use super::score::Meta;
use super::unit::Unit;

/// What a row of rates stands for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "frames::RateBy")]
pub enum AdoptionRateBy {
    /// One unit.
    Unit,
    /// All units of a category.
    Category,
    /// The whole network.
    Network,
}

/// Which adoptions are held against which submissions.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "frames::RateBasis")]
pub enum RateBasis {
    /// Submissions adopted in the period ÷ submissions handed in in it.
    AdoptedIn,
    /// Of the submissions handed in in the period, those adopted so far.
    SubmittedIn,
}

/// Whether a rate is defined.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "frames::RateStatus")]
pub enum RateStatus {
    /// It is.
    Ok,
    /// Nothing was handed in, so there is nothing to divide by.
    NoSubmissions,
}

/// Adoption rates.
#[derive(SimpleObject)]
pub struct AdoptionRateTable {
    /// The days asked about.
    pub(crate) period: Days,
    /// The rows. A unit sees its own.
    pub(crate) rows: Vec<AdoptionRateRow>,
    /// Where the answer comes from.
    pub(crate) meta: Meta,
}

/// One row of adoption rates.
pub struct AdoptionRateRow(pub(crate) frames::RateRow);

/// One row of adoption rates.
#[Object]
impl AdoptionRateRow {
    /// The unit, in rows by unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.unit {
            Some(id) => Ok(ctx.loaders()?.one(UnitId(id)).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// Code of the category, in rows by unit and by category.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// Submissions handed in.
    async fn submitted(&self) -> i64 {
        self.0.submitted
    }

    /// Different submissions adopted; one that three publications adopted counts once.
    async fn adopted_items(&self) -> i64 {
        self.0.adopted_items
    }

    /// Adoptions; a submission that three publications adopted counts three times.
    async fn adoptions(&self) -> i64 {
        self.0.adoptions
    }

    /// What is divided.
    async fn numerator(&self) -> i64 {
        self.0.numerator
    }

    /// What it is divided by.
    async fn denominator(&self) -> i64 {
        self.0.denominator
    }

    /// The rate, to six places; null where it is not defined.
    async fn rate(&self) -> Option<Ratio> {
        self.0.rate.clone().map(Ratio)
    }

    /// Whether the rate is defined.
    async fn status(&self) -> RateStatus {
        self.0.status.into()
    }
}
