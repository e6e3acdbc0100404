//! Adoption rates: how much of what was reported was adopted.

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{
    DataFrame, DataType, Expr, IntoLazy, JoinArgs, JoinType, NamedFrom, PolarsResult, Series, SortMultipleOptions, col,
    lit,
};

use super::attribute::by_heir;
use crate::expression::typed_lit;
use crate::facts::Facts;
use crate::heirs::Heirs;
use crate::period::Span;
use crate::points::Points;
use crate::rulebook::Rulebook;
use crate::scoring::Versions;
use crate::scoring::counts::counted_facts;
use crate::scoring::ranking::categories_of;
use crate::scoring::total::is_within;
use crate::scoring::unit::Unit;
use crate::scoring::world::{Reach, World};

/// The columns that are summed: items submitted, different items adopted, adoptions.
pub(super) const FIGURES: [&str; 3] = ["submitted", "adopted_items", "adoptions"];

/// What a row of rates stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateBy {
    /// One unit.
    Unit,
    /// All units of a category.
    Category,
    /// The whole network.
    Network,
}

/// Which adoptions are held against which submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateBasis {
    /// Items adopted in the span ÷ items submitted in the span. A late adoption counts where it happened.
    AdoptedIn,
    /// Of the items submitted in the span, those adopted by whatever day. The rate of a young span still grows.
    SubmittedIn,
}

/// Whether a rate is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateStatus {
    /// It is.
    Ok,
    /// Nothing was submitted, so there is nothing to divide by.
    NoSubmissions,
}

/// One row of adoption rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRow {
    /// The unit, in rows by unit.
    pub unit: Option<i64>,
    /// The category, in rows by unit and by category; `None` for units without one.
    pub category: Option<String>,
    /// Items that count as submitted in the span.
    pub submitted: i64,
    /// Different items adopted; an item in three publications counts once.
    pub adopted_items: i64,
    /// Adoptions; an item in three publications counts three times.
    pub adoptions: i64,
    /// What is divided.
    pub numerator: i64,
    /// What it is divided by.
    pub denominator: i64,
    /// The quotient as a decimal of at most six places, `"0.05"`; `None` where it is not defined.
    pub rate: Option<String>,
    /// Whether it is defined.
    pub status: RateStatus,
}

/// Adoption rates of a span, in the order of categories and of the official list. Rows by category and for the network are sums of the rows by
/// unit, divided after summing. Every unit that takes part in the span has a row, and so has one that does not but has figures.
///
/// What counts as submitted and as adopted is what the rulebook in force on the span's last day says, and by default items received
/// against different items adopted. Figures that stand for many items are dated by their own day on both bases. A network
/// without any rulebook has no rates.
pub fn adoption_rates(versions: &Versions, facts: &Facts, span: Span, by: RateBy, basis: RateBasis) -> Vec<RateRow> {
    adoption_rates_by_heirs(versions, facts, span, by, basis, &Heirs::default())
}

/// The [`adoption_rates`] with each unit's figures counted for its heir. All figures together are the same.
pub fn adoption_rates_by_heirs(
    versions: &Versions,
    facts: &Facts,
    span: Span,
    by: RateBy,
    basis: RateBasis,
    heirs: &Heirs,
) -> Vec<RateRow> {
    let Some(version) = versions.on_or_first(span.last) else {
        return Vec::new();
    };
    let rulebook = Arc::clone(&version.rulebook);
    let world = World::new(versions, facts);
    rows(&world, &rulebook, span, by, basis, heirs)
        .expect("every plan names columns of its own frame with their own types")
}

fn rows(
    world: &World,
    rulebook: &Rulebook,
    span: Span,
    by: RateBy,
    basis: RateBasis,
    heirs: &Heirs,
) -> PolarsResult<Vec<RateRow>> {
    let categories = categories_of(world, rulebook, span);
    let units = by_unit(world, rulebook, span, basis, &categories)?;
    let units = if heirs.is_empty() { units } else { by_heir(world, span, &units, &categories, heirs)? };
    let figures = FIGURES.map(|figure| col(figure).sum());
    let rows = match by {
        RateBy::Unit => units,
        RateBy::Category => units.lazy().group_by([col("category")]).agg(figures).collect()?,
        RateBy::Network => units.lazy().select(figures).collect()?,
    };
    let order = match by {
        RateBy::Unit => vec!["category", "order"],
        RateBy::Category => vec!["category"],
        RateBy::Network => vec![],
    };
    let rows = if order.is_empty() { rows } else { rows.sort(order, SortMultipleOptions::default())? };
    let figure = |name: &str, row: usize| -> PolarsResult<i64> { Ok(rows.column(name)?.i64()?.get(row).unwrap_or(0)) };
    let row = |row: usize| -> PolarsResult<RateRow> {
        let category = match by {
            RateBy::Unit | RateBy::Category => rows.column("category")?.u32()?.get(row),
            RateBy::Network => None,
        };
        let unit = match by {
            RateBy::Unit => rows.column("unit")?.i64()?.get(row),
            RateBy::Category | RateBy::Network => None,
        };
        let [submitted, adopted_items, adoptions] = FIGURES;
        let (numerator, denominator) = (figure(adopted_items, row)?, figure(submitted, row)?);
        let rate = Points::from_whole(numerator).zip(Points::from_whole(denominator));
        let rate = rate.and_then(|(numerator, denominator)| numerator.checked_div(denominator));
        Ok(RateRow {
            unit,
            category: category.and_then(|place| categories.get(place as usize)).cloned(),
            submitted: denominator,
            adopted_items: numerator,
            adoptions: figure(adoptions, row)?,
            numerator,
            denominator,
            rate: rate.map(|rate| rate.to_string()),
            status: if denominator == 0 { RateStatus::NoSubmissions } else { RateStatus::Ok },
        })
    };
    (0..rows.height()).map(row).collect()
}

/// One row for each unit: `unit`, `order`, `category` (its place, one past the last for none) and the figures.
fn by_unit(
    world: &World,
    rulebook: &Rulebook,
    span: Span,
    basis: RateBasis,
    categories: &[String],
) -> PolarsResult<DataFrame> {
    let everywhere = Reach::all_units(Span { first: NaiveDate::MIN, last: NaiveDate::MAX });
    let submissions = counted_facts(world, rulebook, &rulebook.rates.submitted, &[span], everywhere)?;
    let adopted = &rulebook.rates.adopted;
    let adoptions = match basis {
        RateBasis::AdoptedIn => counted_facts(world, rulebook, adopted, &[span], everywhere)?.lazy(),
        RateBasis::SubmittedIn => {
            let always = Span { first: NaiveDate::MIN, last: NaiveDate::MAX };
            let all = counted_facts(world, rulebook, adopted, &[always], everywhere)?.lazy();
            let submitted =
                submissions.clone().lazy().select([col("id").alias("submission"), lit(true).alias("is_of_span")]);
            let key = [col("submission")];
            let is_tally_of_span = col("submission").is_null().and(is_within(span));
            all.join(submitted, key.clone(), key, JoinArgs::new(JoinType::Left))
                .filter(col("is_of_span").fill_null(lit(false)).or(is_tally_of_span))
        }
    };
    let [submitted, adopted_items, adoption_count] = FIGURES;
    let submitted = submissions.lazy().group_by([col("unit")]).agg([col("count").sum().alias(submitted)]);
    let tallies = col("count").filter(col("submission").is_null()).sum();
    let items = col("submission").drop_nulls().n_unique().cast(DataType::Int64) + tallies;
    let adoptions =
        adoptions.group_by([col("unit")]).agg([items.alias(adopted_items), col("count").sum().alias(adoption_count)]);
    let key = [col("unit")];
    let left = || JoinArgs::new(JoinType::Left);
    let has_figures =
        FIGURES.map(|figure| col(figure).gt(typed_lit(0_i64))).into_iter().fold(col("takes_part"), Expr::or);
    units(world, span, categories)?
        .lazy()
        .join(submitted, key.clone(), key.clone(), left())
        .join(adoptions, key.clone(), key, left())
        .with_columns(FIGURES.map(|figure| col(figure).fill_null(typed_lit(0_i64))))
        .filter(has_figures)
        .collect()
}

fn units(world: &World, span: Span, categories: &[String]) -> PolarsResult<DataFrame> {
    let none = categories.len();
    let place = |unit: &Unit| {
        let category = unit.category_in(span);
        let place = category.and_then(|category| categories.iter().position(|known| known == category));
        u32::try_from(place.unwrap_or(none)).unwrap_or(u32::MAX)
    };
    let ids: Vec<i64> = world.units.iter().map(|unit| unit.id).collect();
    let orders: Vec<u32> = (0..).take(ids.len()).collect();
    DataFrame::new(
        ids.len(),
        vec![
            Series::new("unit".into(), ids).into(),
            Series::new("order".into(), orders).into(),
            Series::new("category".into(), world.units.iter().map(|unit| place(unit)).collect::<Vec<_>>()).into(),
            Series::new("takes_part".into(), world.units.iter().map(|unit| unit.takes_part(span)).collect::<Vec<_>>())
                .into(),
        ],
    )
}
