//! From facts to sums: one aggregation for each figure, by unit, period and the dimensions of facts. polars counts here; everything
//! after this step works on sums.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{
    BooleanChunked, DataFrame, DataType, Expr, Int32Chunked, Int64Chunked, IntoColumn, IntoLazy, JoinArgs, JoinType,
    LazyFrame, NULL, NewChunkedArray, PolarsResult, UInt32Chunked, col, lit,
};

use super::dimension::Dimension;
use super::measure::{Figure, Source};
use super::periods::PeriodColumn;
use super::plan::{Target, category_is_of_facts};
use super::query::{Filter, Query};
use crate::expression::typed_lit;
use crate::facts::{Codes, DAY, FactKind, StepKind, day_number};
use crate::period::Span;
use crate::rulebook::{Currency, Rulebook};
use crate::scoring::Scored;
use crate::scoring::counts::with_period;
use crate::scoring::owed::owed;
use crate::scoring::tariff::excluded;
use crate::scoring::world::{Reach, World, within};

/// Stands among the parts of a key for «none».
pub(super) const NONE: i64 = -1;

const ALWAYS: Span = Span { first: NaiveDate::MIN, last: NaiveDate::MAX };

/// Sums of one figure, column by column.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) units: Vec<i64>,
    /// The place of each target.
    pub(super) targets: Vec<u32>,
    /// The codes of the dimensions of facts, dimension by dimension.
    pub(super) parts: Vec<Vec<i64>>,
    pub(super) amounts: Vec<i64>,
    /// The value that was met so often; of medians.
    pub(super) values: Vec<i64>,
}

/// What all figures of a query are gathered from.
pub(super) struct Gather<'q> {
    pub(super) world: &'q World,
    pub(super) scored: &'q [Arc<Scored>],
    pub(super) query: &'q Query,
    pub(super) targets: &'q [Target],
    pub(super) periods: &'q [PeriodColumn],
    /// The dimensions that are read from facts rather than from the unit.
    pub(super) parts: Vec<Dimension>,
    /// The ids of rules, numbered.
    pub(super) rules: Vec<String>,
}

impl Gather<'_> {
    /// The sums of a figure over every target.
    pub(super) fn sums(&self, figure: Figure) -> PolarsResult<Sums> {
        let mut sums = Sums { parts: vec![Vec::new(); self.parts.len()], ..Sums::default() };
        let mut by_version: BTreeMap<(NaiveDate, i64), Vec<u32>> = BTreeMap::new();
        for (place, target) in (0_u32..).zip(self.targets) {
            // The ledger was scored by the right versions already.
            let version = match figure.source() {
                Source::Ledger | Source::Quotas => None,
                Source::Facts(_) | Source::Steps => self.world.versions.on_or_first(target.span.last),
            };
            let version = version.map_or((NaiveDate::MIN, 0), |version| (version.effective_from, version.id));
            by_version.entry(version).or_default().push(place);
        }
        for places in by_version.values_mut() {
            let span = |place: u32| self.targets[place as usize].span;
            let Some(last) = places.first().map(|place| span(*place).last) else { continue };
            let Some(version) = self.world.versions.on_or_first(last) else { continue };
            places.sort_by_key(|place| (span(*place), *place));
            let overlap = places.windows(2).any(|pair| span(pair[0]).last >= span(pair[1]).first);
            if !overlap {
                let spans: Vec<Span> = places.iter().map(|place| span(*place)).collect();
                let of: Vec<Vec<u32>> = places.iter().map(|place| vec![*place]).collect();
                self.add(&mut sums, figure, &version.rulebook, &spans, &of)?;
            } else if figure.adds_over_time() && !self.filter_reads_members() {
                let (spans, of) = elementary(places, &span);
                self.add(&mut sums, figure, &version.rulebook, &spans, &of)?;
            } else {
                for place in places.iter() {
                    self.add(&mut sums, figure, &version.rulebook, &[span(*place)], &[vec![*place]])?;
                }
            }
        }
        Ok(sums)
    }

    /// Whether the filter asks for a category that depends on the period.
    fn filter_reads_members(&self) -> bool {
        !category_is_of_facts(self.query) && self.query.filtered().contains(&Dimension::Category)
    }

    /// Adds the sums over disjoint spans; each span belongs to the targets of the same place in `of`.
    fn add(
        &self,
        sums: &mut Sums,
        figure: Figure,
        rulebook: &Rulebook,
        spans: &[Span],
        of: &[Vec<u32>],
    ) -> PolarsResult<()> {
        let frame = self.frame(figure, rulebook, spans)?;
        let frame = self.filtered(frame, figure, of)?;
        let mut keys = vec![col("unit"), col("period")];
        for (place, dimension) in self.parts.iter().enumerate() {
            let column = match dimension {
                Dimension::Category => Some("category"),
                other => figure.column(*other),
            };
            let code = column
                .map_or_else(|| typed_lit(NONE), |column| col(column).cast(DataType::Int64).fill_null(typed_lit(NONE)));
            keys.push(code.alias(format!("part_{place}")));
        }
        let amount = match figure {
            Figure::AdoptedItems | Figure::AdoptedOfCohort => distinct("submission"),
            Figure::Officers => distinct("person"),
            _ => col("count").sum(),
        };
        if figure == Figure::Turnaround {
            keys.push(col("minutes"));
        }
        let found = frame.group_by(keys).agg([amount.alias("amount")]).collect()?;
        let (units, periods) = (found.column("unit")?.i64()?, found.column("period")?.u32()?);
        let amounts = found.column("amount")?.i64()?;
        let parts = (0..self.parts.len()).map(|place| found.column(&format!("part_{place}"))?.i64().cloned());
        let parts: Vec<Int64Chunked> = parts.collect::<PolarsResult<_>>()?;
        let values = if figure == Figure::Turnaround { Some(found.column("minutes")?.i64()?.clone()) } else { None };
        for row in 0..found.height() {
            let Some((unit, period)) = units.get(row).zip(periods.get(row)) else { continue };
            for target in of.get(period as usize).into_iter().flatten() {
                sums.units.push(unit);
                sums.targets.push(*target);
                sums.amounts.push(amounts.get(row).unwrap_or(0));
                for (column, codes) in sums.parts.iter_mut().zip(&parts) {
                    column.push(codes.get(row).unwrap_or(NONE));
                }
                if let Some(values) = &values {
                    sums.values.push(values.get(row).unwrap_or(0));
                }
            }
        }
        Ok(())
    }

    /// The rows that a figure counts: `unit`, `period`, `count`, and the columns of its dimensions.
    pub(super) fn frame(&self, figure: Figure, rulebook: &Rulebook, spans: &[Span]) -> PolarsResult<LazyFrame> {
        match figure.source() {
            Source::Facts(_) if figure == Figure::AdoptedOfCohort => self.cohort(rulebook, spans),
            Source::Facts(kind) => {
                let facts = self.facts(figure, kind, rulebook, envelope(spans))?;
                Ok(with_period(facts.collect()?, spans)?.lazy())
            }
            Source::Steps => self.steps(figure, spans),
            Source::Ledger => self.ledger(figure, spans),
            Source::Quotas => self.quotas(figure, spans),
        }
    }

    /// The facts that a figure counts, whenever they were within the span.
    fn facts(&self, figure: Figure, kind: FactKind, rulebook: &Rulebook, span: Span) -> PolarsResult<LazyFrame> {
        let count = match figure {
            Figure::Submitted => rulebook.rates().submitted.filter.as_ref(),
            Figure::AdoptedItems | Figure::AdoptedOfCohort | Figure::Adoptions => {
                rulebook.rates().adopted.filter.as_ref()
            }
            _ => None,
        };
        let exclusions = rulebook.exclusions().iter().filter(|exclusion| exclusion.on == kind);
        let expressions = count.into_iter().chain(exclusions.map(|exclusion| &exclusion.filter));
        let mut needed: BTreeSet<&str> =
            expressions.flat_map(|expression| expression.columns()).map(|(_, stored, _)| stored).collect();
        let filtered = self.query.filtered();
        let dimensions = || self.query.rows.iter().chain(&filtered);
        needed.extend(dimensions().filter_map(|dimension| figure.column(*dimension)));
        if category_is_of_facts(self.query) && dimensions().any(|dimension| *dimension == Dimension::Category) {
            needed.insert("category");
        }
        if matches!(figure, Figure::OnTime | Figure::WithDeadline) {
            needed.insert("kind_due_on");
        }
        let lazy = self.world.frame(rulebook, kind, Reach::all_units(span), &needed)?.lazy();
        let mut conditions: Vec<Expr> = count.map(|filter| filter.plan(&self.world.codes)).into_iter().collect();
        conditions.extend(excluded(self.world, rulebook, kind).map(Expr::not));
        let code = |column: &str, codes: &[&str]| {
            let number = |code: &&str| typed_lit(self.world.codes.find(code).unwrap_or(Codes::NONE));
            codes.iter().map(|code| col(column).eq(number(code))).reduce(Expr::or).unwrap_or_else(|| lit(false))
        };
        match figure {
            Figure::Received => conditions.push(col("received")),
            Figure::Urgent => conditions.push(col("received").and(col("urgent"))),
            Figure::OnTime => conditions.push(col("received").and(col(DAY).lt_eq(col("kind_due_on")))),
            Figure::WithDeadline => conditions.push(col("received").and(col("kind_due_on").is_not_null())),
            Figure::Assigned => conditions.push(code("outcome", &["answered", "late", "missed", "off_topic"])),
            Figure::Answered => conditions.push(code("outcome", &["answered", "late"])),
            Figure::AnsweredLate => conditions.push(code("outcome", &["late"])),
            Figure::LateReports => conditions.push(code("kind", &["late"])),
            _ => {}
        }
        Ok(match conditions.into_iter().reduce(Expr::and) {
            Some(condition) => lazy.filter(condition),
            None => lazy,
        })
    }

    /// What was adopted, by whatever day, of the items handed in in each span. Figures without an item count on their own day.
    fn cohort(&self, rulebook: &Rulebook, spans: &[Span]) -> PolarsResult<LazyFrame> {
        let submitted = self
            .facts(Figure::Submitted, FactKind::Submission, rulebook, envelope(spans))?
            .select(["submission", DAY].map(col));
        let submitted = with_period(submitted.collect()?, spans)?;
        let key = [col("submission")];
        let adopted = self.facts(Figure::AdoptedOfCohort, FactKind::Adoption, rulebook, ALWAYS)?.collect()?;
        let tallies = adopted.clone().lazy().filter(col("submission").is_null()).collect()?;
        let tallies = with_period(within(&tallies, envelope(spans))?, spans)?;
        let of_items = adopted.lazy().filter(col("submission").is_not_null());
        let submitted = submitted.lazy().select(["submission", "period"].map(col));
        let of_items = of_items.join(submitted, key.clone(), key, JoinArgs::new(JoinType::Inner)).collect()?;
        let columns: Vec<_> = of_items.get_column_names().into_iter().cloned().collect();
        of_items.vstack(&tallies.select(columns)?).map(IntoLazy::lazy)
    }

    fn steps(&self, figure: Figure, spans: &[Span]) -> PolarsResult<LazyFrame> {
        let step = match figure {
            Figure::Refused => StepKind::Refused,
            Figure::Returned => StepKind::Returned,
            Figure::Turnaround => StepKind::Decided,
            _ => StepKind::Written,
        };
        let frame = within(self.world.facts.steps().frame(), envelope(spans))?;
        let number = self.world.codes.find(step.code()).unwrap_or(Codes::NONE);
        let mut lazy = frame.lazy().filter(col("step").eq(typed_lit(number)));
        if figure == Figure::Turnaround {
            lazy = lazy.filter(col("minutes").is_not_null());
        }
        Ok(with_period(self.with_category(lazy)?.collect()?, spans)?.lazy())
    }

    fn ledger(&self, figure: Figure, spans: &[Span]) -> PolarsResult<LazyFrame> {
        let currency = if figure == Figure::Money { Currency::Money } else { Currency::Points };
        let by_rule = self.query.rows.contains(&Dimension::Rule) || self.query.filtered().contains(&Dimension::Rule);
        let mut all: Option<DataFrame> = None;
        for scored in self.scored {
            let frame = if by_rule || figure == Figure::Deductions {
                let numbers = scored.rule_ids().into_iter().map(|id| self.rules.iter().position(|known| *known == id));
                let numbers: Vec<Option<u32>> =
                    numbers.map(|place| place.and_then(|place| u32::try_from(place).ok())).collect();
                let rules: Vec<u32> = (0_u32..).take(numbers.len()).collect();
                let table = DataFrame::new(
                    rules.len(),
                    vec![
                        UInt32Chunked::from_vec("rule".into(), rules).into_column(),
                        UInt32Chunked::from_iter_options("rule_id".into(), numbers.into_iter()).into_column(),
                    ],
                )?;
                let lines = scored.ledger(currency)?.lazy().select(["unit", DAY, "amount", "rule"].map(col));
                let key = [col("rule")];
                let lines = lines.join(table.lazy(), key.clone(), key, JoinArgs::new(JoinType::Left));
                lines.select(["unit", DAY, "amount", "rule_id"].map(col)).collect()?
            } else {
                scored.cells(currency)?.select(["unit", DAY, "amount"])?
            };
            all = Some(match all {
                Some(all) => all.vstack(&frame)?,
                None => frame,
            });
        }
        let Some(all) = all else { return nothing() };
        let mut lazy = within(&all, envelope(spans))?.lazy().with_column(col("amount").alias("count"));
        if figure == Figure::Deductions {
            lazy = lazy.filter(col("count").lt(typed_lit(0_i64)));
        }
        Ok(with_period(self.with_category(lazy)?.collect()?, spans)?.lazy())
    }

    fn quotas(&self, figure: Figure, spans: &[Span]) -> PolarsResult<LazyFrame> {
        let owed = owed(self.world, envelope(spans))?;
        // What is done beyond one quota makes up for nothing that is missing in another.
        let amount = |row: &crate::scoring::owed::Owed| match figure {
            Figure::QuotaDone => row.done,
            _ => row.due,
        };
        let frame = DataFrame::new(
            owed.len(),
            vec![
                Int64Chunked::from_vec("unit".into(), owed.iter().map(|row| row.unit).collect()).into_column(),
                Int32Chunked::from_vec(DAY.into(), owed.iter().map(|row| day_number(row.day)).collect()).into_column(),
                Int64Chunked::from_vec("count".into(), owed.iter().map(amount).collect()).into_column(),
            ],
        )?;
        Ok(with_period(self.with_category(frame.lazy())?.collect()?, spans)?.lazy())
    }

    /// Adds the category on each row's own day, if the query goes by it.
    fn with_category(&self, lazy: LazyFrame) -> PolarsResult<LazyFrame> {
        let asks =
            self.query.rows.contains(&Dimension::Category) || self.query.filtered().contains(&Dimension::Category);
        if asks && category_is_of_facts(self.query) { self.world.with_category(lazy) } else { Ok(lazy) }
    }

    /// The rows that pass the query's filter.
    pub(super) fn filtered(&self, mut lazy: LazyFrame, figure: Figure, of: &[Vec<u32>]) -> PolarsResult<LazyFrame> {
        let Some(filter) = &self.query.filter else { return Ok(lazy) };
        if self.filter_reads_members() {
            lazy = self.with_members(lazy, of)?;
        }
        let mut flags = Vec::new();
        let condition = self.condition(filter, figure, &mut flags);
        if !flags.is_empty() {
            let ids = self.world.units.iter().map(|unit| unit.id).collect();
            let mut columns = vec![Int64Chunked::from_vec("unit".into(), ids).into_column()];
            for (place, chosen) in flags.iter().enumerate() {
                let is_chosen = self.world.units.iter().map(|unit| chosen.contains(&unit.id));
                columns.push(BooleanChunked::from_iter_values(flag(place).as_str().into(), is_chosen).into_column());
            }
            let table = DataFrame::new(self.world.units.len(), columns)?;
            let key = [col("unit")];
            lazy = lazy.join(table.lazy(), key.clone(), key, JoinArgs::new(JoinType::Left));
        }
        Ok(lazy.filter(condition))
    }

    /// Adds the category that each unit has in each period.
    fn with_members(&self, lazy: LazyFrame, of: &[Vec<u32>]) -> PolarsResult<LazyFrame> {
        let (mut units, mut periods, mut categories) = (Vec::new(), Vec::new(), Vec::new());
        for (period, targets) in (0_u32..).zip(of) {
            let Some(target) = targets.first().map(|target| self.targets[*target as usize]) else { continue };
            // Bases are seen under the memberships of the period that they are held against.
            let seen = self.periods[target.place].span;
            for unit in &self.world.units {
                units.push(unit.id);
                periods.push(period);
                categories.push(unit.category_in(seen).and_then(|category| self.world.codes.find(category)));
            }
        }
        let table = DataFrame::new(
            units.len(),
            vec![
                Int64Chunked::from_vec("unit".into(), units).into_column(),
                UInt32Chunked::from_vec("period".into(), periods).into_column(),
                UInt32Chunked::from_iter_options("category".into(), categories.into_iter()).into_column(),
            ],
        )?;
        let key = ["unit", "period"].map(col);
        Ok(lazy.join(table.lazy(), key.clone(), key, JoinArgs::new(JoinType::Left)))
    }

    fn condition(&self, filter: &Filter, figure: Figure, flags: &mut Vec<BTreeSet<i64>>) -> Expr {
        let mut join = |parts: &[Filter], with: fn(Expr, Expr) -> Expr, none: bool| {
            let parts: Vec<Expr> = parts.iter().map(|part| self.condition(part, figure, flags)).collect();
            parts.into_iter().reduce(with).unwrap_or_else(|| lit(none))
        };
        match filter {
            Filter::All(parts) => join(parts, Expr::and, true),
            Filter::Any(parts) => join(parts, Expr::or, false),
            Filter::Not(part) => self.condition(part, figure, flags).not(),
            Filter::Units(_) | Filter::Subtrees(_) | Filter::DirectReport(_) => {
                flags.push(chosen_units(self.world, self.last_day(), filter));
                col(flag(flags.len() - 1)).fill_null(lit(false))
            }
            Filter::Missing(dimension) => {
                let column = match dimension {
                    Dimension::Category => Some("category"),
                    other => figure.column(*other),
                };
                column.map_or_else(|| lit(true), |column| col(column).is_null())
            }
            Filter::Codes(dimension, codes) => {
                let column = match dimension {
                    Dimension::Category => Some("category"),
                    other => figure.column(*other),
                };
                let Some(column) = column else { return lit(false) };
                let number = |code: &String| match dimension {
                    Dimension::Rule => {
                        let place = self.rules.iter().position(|known| known == code);
                        place.and_then(|place| u32::try_from(place).ok())
                    }
                    _ => self.world.codes.find(code),
                };
                let is_one = |code| col(column).eq(typed_lit(number(code).unwrap_or(Codes::NONE)));
                codes.iter().map(is_one).reduce(Expr::or).unwrap_or_else(|| lit(false)).fill_null(lit(false))
            }
        }
    }

    fn last_day(&self) -> NaiveDate {
        self.periods.last().map_or(NaiveDate::MAX, |period| period.span.last)
    }
}

fn flag(place: usize) -> String {
    format!("flag_{place}")
}

/// The units that a filter on units chooses.
pub(super) fn chosen_units(world: &World, on: NaiveDate, filter: &Filter) -> BTreeSet<i64> {
    let is_chosen = |unit: &&std::sync::Arc<crate::scoring::unit::Unit>| match filter {
        Filter::Units(units) => units.contains(&unit.id),
        Filter::Subtrees(roots) => world.facts.beside().lineage(unit.id, on).iter().any(|above| roots.contains(above)),
        Filter::DirectReport(wanted) => unit.direct_report == *wanted,
        Filter::All(_) | Filter::Any(_) | Filter::Not(_) | Filter::Codes(..) | Filter::Missing(_) => false,
    };
    world.units.iter().filter(is_chosen).map(|unit| unit.id).collect()
}

/// Different ones, each once, and what stands for many without telling them apart.
fn distinct(column: &str) -> Expr {
    let tallies = col("count").filter(col(column).is_null()).sum();
    col(column).drop_nulls().n_unique().cast(DataType::Int64) + tallies
}

fn envelope(spans: &[Span]) -> Span {
    let first = spans.first().map_or(NaiveDate::MAX, |span| span.first);
    Span { first, last: spans.last().map_or(NaiveDate::MIN, |span| span.last) }
}

/// Disjoint spans that the targets are made of, and to which targets each belongs.
fn elementary(places: &[u32], span: &dyn Fn(u32) -> Span) -> (Vec<Span>, Vec<Vec<u32>>) {
    let mut cuts: Vec<NaiveDate> =
        places.iter().flat_map(|place| [Some(span(*place).first), span(*place).last.succ_opt()]).flatten().collect();
    cuts.sort_unstable();
    cuts.dedup();
    let (mut spans, mut of) = (Vec::new(), Vec::new());
    for pair in cuts.windows(2) {
        let Some(last) = pair[1].pred_opt() else { continue };
        let part = Span { first: pair[0], last };
        let within: Vec<u32> = places
            .iter()
            .copied()
            .filter(|place| span(*place).first <= part.first && part.last <= span(*place).last)
            .collect();
        if !within.is_empty() {
            spans.push(part);
            of.push(within);
        }
    }
    (spans, of)
}

fn nothing() -> PolarsResult<LazyFrame> {
    let frame = DataFrame::new(
        0,
        vec![
            Int64Chunked::from_vec("unit".into(), Vec::new()).into_column(),
            UInt32Chunked::from_vec("period".into(), Vec::new()).into_column(),
            Int64Chunked::from_vec("count".into(), Vec::new()).into_column(),
        ],
    )?;
    Ok(frame.lazy().with_columns([
        lit(NULL).cast(DataType::UInt32).alias("rule_id"),
        lit(NULL).cast(DataType::UInt32).alias("category"),
    ]))
}
