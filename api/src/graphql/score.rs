//! Rankings, ledgers and awards, and the questions about them.

use analytics::facts::FactKind;
use analytics::period::Span;
use analytics::rulebook::Currency as LedgerCurrency;
use analytics::scoring::{Amount, FactRef, Input, Line, Note, RankingRow as Row};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{AppealId, NetworkId, RulebookVersionId, SubmissionId, UnitId};

use super::appeal::Appeal;
use super::closing::Closing;
use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::{GlobalId, encode};
use super::loaders::AppealAgainst;
use super::network::Category;
use super::page::{List, Page, slice};
use super::rates::{AdoptionRateBy, AdoptionRateRow, AdoptionRateTable, RateBasis};
use super::rulebook::RulebookVersion;
use super::scalars::{Date, Days, Money, PeriodInput, Points};
use super::submission::Submission;
use super::unit::Unit;
use crate::services::score::{self, CategoryRanking as Part};

/// From which state of the data an answer comes.
pub struct Meta(pub(crate) score::Meta);

/// From which state of the data an answer comes.
#[Object]
impl Meta {
    /// Last act of the network that the answer contains; it grows with every write.
    async fn data_version(&self) -> i64 {
        self.0.data_version
    }

    /// The rulebook versions in force within the period, oldest first.
    async fn rulebook_versions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<RulebookVersion>> {
        let versions = ctx.loaders()?.each(self.0.rulebooks.iter().copied()).await?;
        Ok(versions.into_iter().map(RulebookVersion).collect())
    }

    /// When it was computed.
    async fn computed_at(&self) -> DateTime<Utc> {
        self.0.computed_at
    }

    /// Whether the period has not ended.
    async fn partial(&self) -> bool {
        self.0.partial
    }

    /// The periods of the answer that have not ended.
    async fn partial_periods(&self) -> &[String] {
        &self.0.partial_periods
    }

    /// The moment whose state of the data was asked, if one was named; then `computedAt` is the same.
    async fn as_of(&self) -> Option<DateTime<Utc>> {
        self.0.as_of
    }
}

/// A ranking by category.
#[derive(SimpleObject)]
pub struct Ranking {
    /// The days that were scored.
    period: Days,
    /// The categories, in the rulebook's order. A unit sees its own category.
    categories: Vec<CategoryRanking>,
    /// Where the answer comes from.
    meta: Meta,
}

/// The ranking of one category.
#[derive(SimpleObject)]
pub struct CategoryRanking {
    /// The category.
    category: Category,
    /// How many units are ranked.
    size: i32,
    /// Points at the lower quartile.
    lower_quartile: Option<Points>,
    /// Points in the middle.
    median: Option<Points>,
    /// Points at the upper quartile.
    upper_quartile: Option<Points>,
    /// The units, best first. A unit sees its own row.
    rows: Vec<RankingRow>,
}

impl CategoryRanking {
    fn of(part: Part, network: NetworkId, span: Span) -> Self {
        let quartile = |place: usize| part.quartiles.map(|quartiles| Points(quartiles[place]));
        Self {
            size: i32::try_from(part.size).unwrap_or(i32::MAX),
            lower_quartile: quartile(0),
            median: quartile(1),
            upper_quartile: quartile(2),
            category: Category { id: part.category, name: part.name },
            rows: part.rows.into_iter().map(|row| RankingRow { row, network, span }).collect(),
        }
    }
}

/// A unit's place in its category.
pub struct RankingRow {
    pub(crate) row: Row,
    pub(crate) network: NetworkId,
    pub(crate) span: Span,
}

/// A unit's place in its category.
#[Object]
impl RankingRow {
    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(UnitId(self.row.unit)).await?.map(Unit::of))
    }

    /// Code of the category in which it is ranked.
    async fn category(&self) -> &str {
        &self.row.category
    }

    /// Its points.
    async fn score(&self) -> Points {
        Points(self.row.points)
    }

    /// Its place: equal points, equal place, and the next place is left out.
    async fn rank(&self) -> u32 {
        self.row.rank
    }

    /// Out of how many.
    async fn of(&self) -> u32 {
        self.row.of
    }

    /// Whether another unit has the same points.
    async fn tied(&self) -> bool {
        self.row.tied
    }

    /// The lines that its points are the sum of, each with its clause, its facts and its submission.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<ScoreLine>> {
        let unit = UnitId(self.row.unit);
        let lines = score::lines(
            ctx.service()?,
            self.network,
            unit,
            self.span,
            LedgerCurrency::Points,
            score::Attribution::AsReported,
        );
        let (page, network) = (Page { first, after, last, before }, self.network);
        slice(lines.await.or_graphql()?, &page, |line| line.key.clone(), |line| ScoreLine { line, network })
    }
}

/// For whom the record of a unit counts that was merged, split or closed. Over all units, the figures are the same.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
#[graphql(remote = "score::Attribution")]
pub enum Attribution {
    /// For the unit that reported.
    #[default]
    AsReported,
    /// For the unit that stands in for it today.
    Successor,
}

/// In what a ledger is kept.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum Currency {
    /// Points.
    #[default]
    Points,
    /// Money.
    Money,
}

impl From<Currency> for LedgerCurrency {
    fn from(currency: Currency) -> Self {
        match currency {
            Currency::Points => Self::Points,
            Currency::Money => Self::Money,
        }
    }
}

/// One line of a unit's score: an amount, the clause that gives it, and the facts on which it rests.
pub struct ScoreLine {
    pub(crate) line: Line,
    pub(crate) network: NetworkId,
}

impl ScoreLine {
    /// The closed day to which the line belongs, with its closing, if it counts on another day.
    async fn corrects(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<(NaiveDate, Closing)>> {
        let facts = ctx.service()?.facts(self.network).await.or_graphql()?;
        let day = match &self.line.reverses {
            Some(_) => facts.facts.reversals().find(|row| row.key() == self.line.key).map(|row| row.line_day),
            None => self.line.facts.iter().find_map(|fact| facts.late.get(&(fact.kind, fact.id)).copied()),
        };
        Ok(day.and_then(|day| Some((day, Closing(facts.closings.of(day)?.clone())))))
    }
}

/// One line of a unit's score: an amount, the clause that gives it, and the facts on which it rests.
#[Object]
impl ScoreLine {
    /// Stable: the same facts under the same rules give the line the same id.
    async fn id(&self) -> ID {
        ID(self.line.key.clone())
    }

    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(UnitId(self.line.unit)).await?.map(Unit::of))
    }

    /// The rule, as the rulebook calls it.
    async fn rule(&self) -> &str {
        &self.line.rule
    }

    /// Where the rule stands in the document.
    async fn clause(&self) -> &str {
        &self.line.clause
    }

    /// What the rule rewards or punishes.
    async fn title(&self) -> &str {
        &self.line.title
    }

    /// The rulebook version that gave it.
    async fn rulebook_version(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<RulebookVersion>> {
        Ok(ctx.loaders()?.one(RulebookVersionId(self.line.version)).await?.map(RulebookVersion))
    }

    /// The day on which it counts.
    async fn date(&self) -> Date {
        Date(self.line.day)
    }

    /// The day to which it belongs, where it counts as a correction on another day: that of its late fact, or of the line that it reverses.
    async fn happened_on(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Date>> {
        Ok(self.corrects(ctx).await?.map(|(day, _)| Date(day)))
    }

    /// The closed period that it corrects: it rests on a fact that came too late for it, or reverses a line of it.
    async fn correction_of(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Closing>> {
        Ok(self.corrects(ctx).await?.map(|(_, closing)| closing))
    }

    /// The submission that it is about.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.line.submission {
            Some(id) => Ok(ctx.loaders()?.one(SubmissionId(id)).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// The facts on which it rests.
    async fn facts(&self) -> Vec<FactReference> {
        self.line.facts.iter().map(Into::into).collect()
    }

    /// The values that the rule read.
    async fn inputs(&self) -> Vec<ScoreInput> {
        self.line.inputs.iter().map(Into::into).collect()
    }

    /// Points given, or taken when negative; null in a ledger of money.
    async fn points(&self) -> Option<Points> {
        match self.line.amount {
            Amount::Points(points) => Some(Points(points)),
            Amount::Money(_) => None,
        }
    }

    /// Money given; null in a ledger of points.
    async fn money(&self) -> Option<Money> {
        match self.line.amount {
            Amount::Points(_) => None,
            Amount::Money(money) => Some(Money(money)),
        }
    }

    /// The id of the line that this one takes back, after an appeal or because what it rests on was corrected after its period was closed.
    async fn reverses(&self) -> Option<ID> {
        self.line.reverses.clone().map(ID)
    }

    /// The appeal against this line, or the one that this line comes from.
    async fn appeal(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Appeal>> {
        let loaders = ctx.loaders()?;
        Ok(match self.line.appeal {
            Some(id) => loaders.one(AppealId(id)).await?,
            None => loaders.one(AppealAgainst(self.network, self.line.key.clone())).await?,
        }
        .map(Appeal))
    }

    /// A remark in words.
    async fn note(&self) -> Option<&str> {
        self.line.note.as_deref()
    }
}

/// A fact by its kind and id.
#[derive(SimpleObject)]
pub struct FactReference {
    /// Kind, as rulebooks call it: `adoption`, `endorsement`, `assignment`, …
    kind: String,
    /// Global id; of a `Tally` if the figure was imported.
    id: ID,
}

/// A value that a rule read.
#[derive(SimpleObject)]
pub struct ScoreInput {
    /// Name of the column.
    pub(crate) name: String,
    /// The value as text.
    pub(crate) value: String,
}

impl From<&FactRef> for FactReference {
    fn from(fact: &FactRef) -> Self {
        Self { kind: fact.kind.code().to_owned(), id: fact_id(fact.kind, fact.id) }
    }
}

impl From<&Input> for ScoreInput {
    fn from(input: &Input) -> Self {
        Self { name: input.name.clone(), value: input.value.clone() }
    }
}

/// Imported figures have negative ids among the facts.
pub(crate) fn fact_id(kind: FactKind, id: i64) -> ID {
    if id < 0 {
        return encode("Tally", -id);
    }
    let name = match kind {
        FactKind::Submission => "Submission",
        FactKind::Adoption => "Adoption",
        FactKind::SendingUp => "SendingUp",
        FactKind::Endorsement => "Endorsement",
        FactKind::Assignment => "CommissionAssignment",
        FactKind::Incident => "Incident",
        FactKind::Training => "Training",
        FactKind::Staffing => "Staffing",
        FactKind::Judgement => "Judgement",
    };
    encode(name, id)
}

impl From<Note> for ScoringNote {
    fn from(note: Note) -> Self {
        Self {
            kind: note.kind.code().to_owned(),
            rule: note.rule,
            count: i32::try_from(note.count).unwrap_or(i32::MAX),
            message: note.message,
            message_zh: note.message_zh,
        }
    }
}

/// Something that no rule could place.
#[derive(SimpleObject)]
pub struct ScoringNote {
    /// Why, as a stable word.
    kind: String,
    /// The rule that was applied, as the rulebook calls it.
    rule: Option<String>,
    /// How many facts, or units, it is about.
    count: i32,
    /// What happened, in English.
    message: String,
    /// The same in Chinese.
    message_zh: String,
}

/// Rankings, rates and ledgers.
#[derive(Default)]
pub struct ScoreQuery;

#[Object]
impl ScoreQuery {
    /// The ranking of a period, by category. A unit sees its own row, its category's size and its quartiles.
    async fn ranking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days, within one assessment year.")] period: PeriodInput,
        #[graphql(desc = "Only this category, by code.")] category: Option<String>,
        #[graphql(desc = "For whom the record of a unit counts that has ended.", default)] attribution: Attribution,
    ) -> async_graphql::Result<Ranking> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let span = period.span().or_graphql()?;
        let ranking = score::ranking(ctx.service()?, network, span, category.as_deref(), attribution.into())
            .await
            .or_graphql()?;
        Ok(Ranking {
            period: span.into(),
            categories: ranking.categories.into_iter().map(|part| CategoryRanking::of(part, network, span)).collect(),
            meta: Meta(ranking.meta),
        })
    }

    /// How much of what was handed in was adopted.
    async fn adoption_rates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days.")] period: PeriodInput,
        #[graphql(desc = "What a row stands for.", default_with = "AdoptionRateBy::Unit")] by: AdoptionRateBy,
        #[graphql(desc = "What is held against what.", default_with = "RateBasis::AdoptedIn")] basis: RateBasis,
        #[graphql(desc = "For whom the record of a unit counts that has ended.", default)] attribution: Attribution,
    ) -> async_graphql::Result<AdoptionRateTable> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let span = period.span().or_graphql()?;
        let (rows, meta) = score::rates(ctx.service()?, network, span, by.into(), basis.into(), attribution.into())
            .await
            .or_graphql()?;
        Ok(AdoptionRateTable {
            period: span.into(),
            rows: rows.into_iter().map(AdoptionRateRow).collect(),
            meta: Meta(meta),
        })
    }

    /// Every line of a unit's score, down to the submission and the clause. The lines of a period add up to its score.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn score_ledger(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which unit.")] unit: ID,
        #[graphql(desc = "Which days, within one assessment year.")] period: PeriodInput,
        #[graphql(desc = "Points or money.", default)] currency: Currency,
        #[graphql(desc = "For whom the record of a unit counts that has ended.", default)] attribution: Attribution,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<ScoreLine>> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let unit = UnitId::parse(&unit, "unit").or_graphql()?;
        let span = period.span().or_graphql()?;
        let lines = score::lines(ctx.service()?, network, unit, span, currency.into(), attribution.into())
            .await
            .or_graphql()?;
        slice(lines, &Page { first, after, last, before }, |line| line.key.clone(), |line| ScoreLine { line, network })
    }

    /// What no rule could place in the assessment year that contains a period. For the office.
    async fn scoring_notes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Any days of the year.")] period: PeriodInput,
    ) -> async_graphql::Result<Vec<ScoringNote>> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let span = period.span().or_graphql()?;
        let notes = score::notes(ctx.service()?, network, span).await.or_graphql()?;
        Ok(notes.into_iter().map(Into::into).collect())
    }
}
