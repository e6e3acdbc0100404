//! From sums to an answer: values, fills, comparisons; then ranks, having and limits.
//!
//! What is divided is divided here, once, after everything was summed. Values stay undivided fractions until they are shown, so
//! that equal means equal in every comparison, rank and condition.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::answer::{Answer, Cell, CompareStatus, Comparison, Key, Place, Row, Status};
use super::dimension::Dimension;
use super::grid::{Grid, Labels};
use super::measure::{Figure, Formula, Measure};
use super::number::{Fraction, Number, Unit};
use super::periods::PeriodColumn;
use super::plan::{Plan, Targets, is_median, of_basis, trailing};
use super::query::{Compare, Fill, Having, Operator, Query, Window};
use super::rates::RateBasis;
use crate::points::{Points, SCALE};
use crate::scoring::ranking::total_rule;

/// How many days after its hand-in an item is expected to be adopted, if it is at all. †
pub const ADOPTION_WINDOW_DAYS: i64 = 90;

/// A value while it is still a fraction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) fraction: Option<Fraction>,
    pub(super) status: Status,
    filled: bool,
    numerator: Option<i64>,
    denominator: Option<i64>,
}

/// A row while its values are still fractions.
pub(super) struct Draft {
    /// The row's place in the grid; `None` for the sum of others.
    pub(super) grid: Option<usize>,
    pub(super) key: Vec<i64>,
    pub(super) place: usize,
    pub(super) values: Vec<Value>,
    /// For each measure and comparison, the other value and its state.
    pub(super) bases: Vec<Vec<(Option<Fraction>, CompareStatus)>>,
    pub(super) rank: Option<Place>,
}

pub(super) struct Evaluate<'q> {
    pub(super) query: &'q Query,
    pub(super) plan: &'q Plan,
    pub(super) targets: &'q Targets,
    pub(super) grid: &'q Grid,
    pub(super) labels: &'q Labels<'q>,
    pub(super) today: NaiveDate,
    /// The rows that belong into the answer whatever happened, by row and period.
    pub(super) expected: &'q BTreeSet<(usize, usize)>,
}

impl Evaluate<'_> {
    pub(super) fn answer(&self) -> Answer {
        let mut drafts = self.drafts();
        self.compare_among(&mut drafts);
        self.sort(&mut drafts);
        let left_out = self.rank_and_limit(&mut drafts);
        let rows = drafts.iter().map(|draft| self.row(draft)).collect();
        Answer {
            measures: self.query.measures.clone(),
            dimensions: self.query.rows.clone(),
            periods: self.plan.periods.clone(),
            rows,
            left_out,
            cells: self.plan.cells,
        }
    }

    pub(super) fn unit_of(&self, key: &[i64]) -> Option<i64> {
        let place = self.query.rows.iter().position(|dimension| *dimension == Dimension::Unit)?;
        key.get(place).copied()
    }

    pub(super) fn is_visible(&self, draft: &Draft) -> bool {
        match (&self.query.visible, self.unit_of(&draft.key)) {
            (Some(visible), Some(unit)) => draft.grid.is_none() || visible.contains(&unit),
            _ => true,
        }
    }

    fn unit(&self, key: &[i64]) -> Option<&crate::scoring::unit::Unit> {
        let place = self.labels.units.get(&self.unit_of(key)?)?;
        self.labels.world.units.get(*place).map(AsRef::as_ref)
    }

    /// Every row of every period, with its values and the bases of other days.
    fn drafts(&self) -> Vec<Draft> {
        let has_units = self.query.rows.contains(&Dimension::Unit);
        let is_dated = has_units && self.query.rows.contains(&Dimension::Category);
        let mut drafts = Vec::new();
        for (row, key) in self.grid.keys.iter().enumerate() {
            for place in 0..self.plan.periods.len() {
                let happened = self.happened(row, place);
                let expected = self.expected.contains(&(row, place));
                // A unit that changes its category has a row for each, each in its own time.
                if (is_dated && !expected && !happened) || (self.query.fill == Fill::Skip && !happened) {
                    continue;
                }
                let values: Vec<Value> =
                    self.query.measures.iter().map(|measure| self.value(row, key, place, place, *measure)).collect();
                let bases = self.query.measures.iter().zip(&values);
                let bases = bases.map(|(measure, value)| self.bases(row, key, place, *measure, value)).collect();
                drafts.push(Draft { grid: Some(row), key: key.clone(), place, values, bases, rank: None });
            }
        }
        drafts
    }

    fn happened(&self, row: usize, target: usize) -> bool {
        self.query.measures.iter().any(|measure| {
            of_basis(*measure, self.query.basis).into_iter().any(|figure| self.grid.sum(figure, row, target).is_some())
        })
    }

    /// The value of a measure over the days of a target, of which the period's own place is `place`.
    fn value(&self, row: usize, key: &[i64], target: usize, place: usize, measure: Measure) -> Value {
        let sums: Vec<Option<i64>> =
            of_basis(measure, self.query.basis).into_iter().map(|figure| self.grid.sum(figure, row, target)).collect();
        let values = if is_median(measure) { self.grid.values(row, target) } else { None };
        let (took_part, periods) = self.participation(key, target, place);
        if took_part == 0 && sums.iter().all(Option::is_none) {
            return Value::undefined(Status::NotApplicable);
        }
        if let Some(Window::Trailing { least, .. }) = self.query.window
            && took_part < least
        {
            return Value::undefined(Status::TooFewPeriods);
        }
        self.combine(measure, &sums, values, i64::from(took_part.max(1).min(periods)), target)
    }

    /// In how many of the window's periods the row's unit took part, and how many there are.
    fn participation(&self, key: &[i64], target: usize, place: usize) -> (u32, u32) {
        let span = self.targets.all[target].span;
        let periods = match self.query.window {
            Some(Window::Trailing { periods, .. }) if target == place => trailing(&self.plan.periods[place], periods),
            Some(Window::Trailing { periods, .. }) => {
                // The window of a base has as many periods of the same length.
                let unit = self.plan.periods[place].period.map(crate::period::Period::unit);
                let base = PeriodColumn {
                    label: String::new(),
                    span,
                    partial: false,
                    period: unit.map(|unit| crate::period::Period::containing(unit, span.last)),
                };
                let mut spans = trailing(&base, periods);
                if let (Some(first), Some(period)) = (spans.first_mut(), base.period) {
                    first.first = period.first_day().max(span.first);
                }
                spans
            }
            _ => vec![span],
        };
        let all = u32::try_from(periods.len()).unwrap_or(u32::MAX);
        match self.unit(key) {
            Some(unit) => {
                let took_part = periods.iter().filter(|period| unit.takes_part(**period)).count();
                (u32::try_from(took_part).unwrap_or(u32::MAX), all)
            }
            None => (all, all),
        }
    }

    /// What sums come to: a ratio is divided here, and nowhere before.
    pub(super) fn combine(
        &self,
        measure: Measure,
        sums: &[Option<i64>],
        values: Option<&BTreeMap<i64, i64>>,
        periods: i64,
        target: usize,
    ) -> Value {
        let is_mean = matches!(self.query.window, Some(Window::Trailing { .. }));
        match measure.about().how {
            Formula::Sum(figure) => {
                let Some(sum) = sums.first().copied().flatten() else {
                    return match self.query.fill {
                        Fill::Null => Value::undefined(Status::NoData),
                        Fill::PerMeasure | Fill::Skip => Value {
                            fraction: Some(Fraction::whole(0)),
                            status: Status::Ok,
                            filled: true,
                            numerator: is_mean.then_some(0),
                            denominator: is_mean.then_some(periods),
                        },
                    };
                };
                if is_mean {
                    return Value::divided(sum, periods);
                }
                let sum = if figure == Figure::Points { self.rounded(sum, target) } else { sum };
                Value {
                    fraction: Some(Fraction::whole(sum)),
                    status: Status::Ok,
                    filled: false,
                    numerator: None,
                    denominator: None,
                }
            }
            Formula::Ratio(..) => {
                let side = |place: usize| sums.get(place).copied().flatten().unwrap_or(0);
                Value::divided(side(0), side(1))
            }
            Formula::Median(_) => match values.and_then(median) {
                Some(fraction) => Value {
                    fraction: Some(fraction),
                    status: Status::Ok,
                    filled: false,
                    numerator: None,
                    denominator: None,
                },
                None => Value::undefined(Status::NoDenominator),
            },
        }
    }

    /// A sum of points as a ranking shows it. Parts of a score are not rounded, so that they add up.
    fn rounded(&self, sum: i64, target: usize) -> i64 {
        if !self.query.rows.iter().all(|dimension| dimension.is_of_units()) {
            return sum;
        }
        let rule = total_rule(self.labels.world, self.targets.all[target].span);
        Points::from_millionths(sum).checked_round(rule.places, rule.rounding).map_or(sum, Points::millionths)
    }

    fn bases(
        &self,
        row: usize,
        key: &[i64],
        place: usize,
        measure: Measure,
        value: &Value,
    ) -> Vec<(Option<Fraction>, CompareStatus)> {
        let base = |targets: &Vec<Option<usize>>| {
            let Some(target) = targets.get(place).copied().flatten() else {
                return (None, CompareStatus::NoBase);
            };
            let base = self.value(row, key, target, place, measure);
            let status = match (value.fraction, base.fraction) {
                (None, _) => CompareStatus::NoValue,
                (_, Some(base)) if base.is_zero() => CompareStatus::FromZero,
                (_, Some(_)) => CompareStatus::Ok,
                (_, None) if base.status == Status::NotApplicable => CompareStatus::UnitNew,
                (_, None) => CompareStatus::NoBase,
            };
            (base.fraction, status)
        };
        self.targets.bases.iter().map(base).collect()
    }

    /// Fills in what rows are compared with among themselves: their category, and all of them together.
    fn compare_among(&self, drafts: &mut [Draft]) {
        for (comparison, compare) in self.query.compare.iter().enumerate() {
            let by_category = match compare {
                Compare::CategoryAverage | Compare::CategoryMedian => true,
                Compare::Total => false,
                Compare::Previous(_) | Compare::SameLastYear | Compare::Period(_) => continue,
            };
            let mut groups: BTreeMap<Vec<i64>, Vec<usize>> = BTreeMap::new();
            for (index, draft) in drafts.iter().enumerate() {
                if !by_category && !self.is_visible(draft) {
                    continue;
                }
                groups.entry(self.peers(draft, by_category)).or_default().push(index);
            }
            for members in groups.values() {
                for (place, measure) in self.query.measures.iter().enumerate() {
                    let base = match compare {
                        Compare::CategoryMedian => {
                            let mut values: Vec<Fraction> =
                                members.iter().filter_map(|member| drafts[*member].values[place].fraction).collect();
                            values.sort_unstable();
                            middle(&values)
                        }
                        _ => Self::together(drafts, members, *measure, place, *compare == Compare::CategoryAverage),
                    };
                    for member in members {
                        let status = match (drafts[*member].values[place].fraction, base) {
                            (None, _) => CompareStatus::NoValue,
                            (_, None) => CompareStatus::NoBase,
                            (_, Some(base)) if base.is_zero() => CompareStatus::FromZero,
                            (_, Some(_)) => CompareStatus::Ok,
                        };
                        if let Some(slot) = drafts[*member].bases[place].get_mut(comparison) {
                            *slot = (base, status);
                        }
                    }
                }
            }
        }
    }

    /// Who a row is compared with: rows of the period that agree in everything but the unit.
    fn peers(&self, draft: &Draft, by_category: bool) -> Vec<i64> {
        let mut peers = vec![i64::try_from(draft.place).unwrap_or(i64::MAX)];
        if by_category {
            peers.push(self.unit_of(&draft.key).map_or(-1, |unit| self.labels.category(unit, draft.place)));
            let others = self.query.rows.iter().zip(&draft.key);
            peers.extend(others.filter(|(dimension, _)| **dimension != Dimension::Unit).map(|(_, code)| *code));
        }
        peers
    }

    /// The value of several rows together: sums first, then the quotient; or the mean of a count over rows.
    fn together(
        drafts: &[Draft],
        members: &[usize],
        measure: Measure,
        place: usize,
        is_mean: bool,
    ) -> Option<Fraction> {
        let defined: Vec<&Draft> = members
            .iter()
            .map(|member| &drafts[*member])
            .filter(|draft| draft.values[place].fraction.is_some())
            .collect();
        if !measure.is_ratio() && is_median(measure) {
            return None;
        }
        if measure.is_ratio() {
            let side =
                |pick: fn(&Value) -> Option<i64>| defined.iter().filter_map(|draft| pick(&draft.values[place])).sum();
            return Fraction::of(side(|value| value.numerator), side(|value| value.denominator));
        }
        let mut sum = Fraction::whole(0);
        for draft in &defined {
            sum = sum.plus(draft.values[place].fraction?)?;
        }
        if !is_mean {
            return Some(sum);
        }
        sum.over(Fraction::whole(i64::try_from(defined.len()).ok()?))
    }

    /// By what rows stand for, then by period.
    fn sort(&self, drafts: &mut [Draft]) {
        let mut orders = Vec::new();
        for (place, dimension) in self.query.rows.iter().enumerate() {
            let codes: BTreeSet<i64> = drafts.iter().map(|draft| draft.key[place]).collect();
            orders.push(self.labels.order(*dimension, &codes));
        }
        let place = |draft: &Draft| -> Vec<usize> {
            let parts = draft.key.iter().zip(&orders);
            parts.map(|(code, order)| order.get(code).copied().unwrap_or(usize::MAX)).chain([draft.place]).collect()
        };
        drafts.sort_by_cached_key(place);
    }

    pub(super) fn passes(&self, having: &Having, values: &[Value]) -> bool {
        match having {
            Having::All(parts) => parts.iter().all(|part| self.passes(part, values)),
            Having::Any(parts) => parts.iter().any(|part| self.passes(part, values)),
            Having::Not(part) => !self.passes(part, values),
            Having::Value(place, operator, number) => {
                let Some(value) = values[*place].fraction else { return false };
                let unit = self.query.measures[*place].about().unit;
                let scale = i128::from(unit.scale()) * i128::from(value.denominator);
                let left = i128::from(value.numerator) * i128::from(SCALE);
                let order = left.cmp(&(i128::from(number.millionths()) * scale));
                match operator {
                    Operator::Less => order.is_lt(),
                    Operator::LessOrEqual => order.is_le(),
                    Operator::Equal => order.is_eq(),
                    Operator::GreaterOrEqual => order.is_ge(),
                    Operator::Greater => order.is_gt(),
                }
            }
        }
    }

    fn row(&self, draft: &Draft) -> Row {
        let column = &self.plan.periods[draft.place];
        let keys = self.query.rows.iter().zip(&draft.key).map(|(dimension, code)| Key {
            dimension: *dimension,
            unit: (*dimension == Dimension::Unit).then_some(*code),
            code: self.labels.code(*dimension, *code),
            name: self.labels.name(*dimension, *code),
        });
        let keys = if draft.grid.is_some() { keys.collect() } else { self.keys_of_others(draft) };
        let ranked = self.query.rank.as_ref().map(|rank| rank.by);
        let cells = self.query.measures.iter().enumerate().map(|(place, measure)| {
            let value = &draft.values[place];
            let unit = measure.about().unit;
            let shown = value.fraction.map(|fraction| fraction.show(unit));
            let status = if shown == Some(None) { Status::TooLarge } else { value.status };
            let is_cohort = *measure == Measure::AdoptionRate && self.query.basis == RateBasis::SubmittedIn;
            Cell {
                value: shown.flatten(),
                numerator: value.numerator.and_then(|number| shown_part(number, *measure)),
                denominator: value.denominator.map(|number| whole_part(number, *measure)),
                status,
                filled: value.filled,
                partial: column.partial,
                maturing: is_cohort && (self.today - column.span.last).num_days() < ADOPTION_WINDOW_DAYS,
                comparisons: self.comparisons(draft, place, unit),
                rank: if ranked == Some(place) { draft.rank } else { None },
            }
        });
        let cells = cells.collect();
        Row { keys, period: draft.place, cells, is_others: draft.grid.is_none() }
    }

    /// Rows that are summed stand for «others» in every dimension but those of their group.
    fn keys_of_others(&self, draft: &Draft) -> Vec<Key> {
        let within = self.query.rank.as_ref().map_or(&[][..], |rank| &rank.within);
        let keys = self.query.rows.iter().zip(&draft.key);
        keys.map(|(dimension, code)| {
            if within.contains(dimension) {
                let name = self.labels.name(*dimension, *code);
                Key { dimension: *dimension, unit: None, code: self.labels.code(*dimension, *code), name }
            } else {
                Key { dimension: *dimension, unit: None, code: None, name: "其他".to_owned() }
            }
        })
        .collect()
    }

    fn comparisons(&self, draft: &Draft, place: usize, unit: Unit) -> Vec<Comparison> {
        let bases = self.query.compare.iter().zip(&draft.bases[place]).enumerate();
        bases
            .map(|(number, (with, (base, status)))| {
                let value = draft.values[place].fraction;
                let target =
                    self.targets.bases.get(number).and_then(|places| places.get(draft.place).copied().flatten());
                let pair = value.zip(*base);
                let delta = pair.and_then(|(value, base)| value.minus(base));
                let change = match with {
                    Compare::Total => pair.and_then(|(value, base)| value.over(base)),
                    _ => delta.zip(*base).and_then(|(delta, base)| delta.over(base.absolute())),
                };
                Comparison {
                    with: *with,
                    span: target.map(|target| self.targets.all[target].span),
                    base: base.and_then(|base| base.show(unit)),
                    delta: delta.and_then(|delta| delta.show(unit)),
                    change: change.and_then(Fraction::millionths),
                    status: *status,
                }
            })
            .collect()
    }
}

impl Value {
    fn undefined(status: Status) -> Self {
        Self { fraction: None, status, filled: false, numerator: None, denominator: None }
    }

    fn divided(numerator: i64, denominator: i64) -> Self {
        let fraction = Fraction::of(numerator, denominator);
        let status = if fraction.is_some() { Status::Ok } else { Status::NoDenominator };
        Self { fraction, status, filled: false, numerator: Some(numerator), denominator: Some(denominator) }
    }
}

/// What is divided, as it is shown: quotas are kept in millionths, points and money have their own form.
fn shown_part(number: i64, measure: Measure) -> Option<Number> {
    match (measure, measure.about().unit) {
        (Measure::QuotaAttainment, _) => Some(Number::Decimal(Points::from_millionths(number))),
        (_, Unit::Ratio) => Some(Number::Count(number)),
        (_, unit) => Fraction::whole(number).show(unit),
    }
}

/// What it is divided by, in whole numbers.
fn whole_part(number: i64, measure: Measure) -> i64 {
    if measure == Measure::QuotaAttainment { number / SCALE } else { number }
}

/// The value in the middle, or the mean of the two in the middle.
fn median(values: &BTreeMap<i64, i64>) -> Option<Fraction> {
    let all: i64 = values.values().sum();
    let at = |wanted: i64| {
        let mut passed = 0;
        values.iter().find_map(|(value, count)| {
            passed += count;
            (passed > wanted).then_some(*value)
        })
    };
    if all == 0 {
        return None;
    }
    Fraction::of(at((all - 1) / 2)?.checked_add(at(all / 2)?)?, 2)
}

fn middle(values: &[Fraction]) -> Option<Fraction> {
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    values.get(values.len() / 2 - 1)?.plus(upper)?.over(Fraction::whole(2))
}
