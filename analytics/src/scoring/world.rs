//! What one scoring looks at: the facts, the versions, the units with their categories over time, and one numbering of all
//! codes.

use std::collections::BTreeSet;
use std::sync::Arc;

use polars::prelude::{
    DataFrame, DataType, Expr, IntoColumn, IntoLazy, JoinArgs, JoinType, LazyFrame, NULL, NamedFrom, NewChunkedArray,
    PolarsResult, Series, UInt32Chunked, coalesce, col, lit, when,
};

use super::RuleRef;
use super::unit::Unit;
use super::versions::{Version, Versions};
use crate::expression::typed_lit;
use crate::facts::{Codes, DAY, FactKind, Facts, Focus, Guest, UnitRow, day_number};
use crate::period::Span;
use crate::rulebook::{Adjustment, Rule, Rulebook};
use crate::scoring::catalogue;

/// The facts and the rules of one scoring.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) versions: Versions,
    pub(crate) facts: Facts,
    /// The facts' codes and every code that some version declares, so that different codes never share a number.
    pub(crate) codes: Arc<Codes>,
    /// In the order of the official list, then by id.
    pub(crate) units: Vec<Arc<Unit>>,
    /// The units whose figures are made.
    pub(super) focus: Focus,
}

/// What a line of the ledger is given by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Statement<'w> {
    Rule(&'w Rule),
    Adjustment(&'w Adjustment),
}

fn statements(version: &Version) -> usize {
    version.rulebook.rules().len() + version.rulebook.adjustments().len()
}

/// The facts that a question looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    pub(crate) span: Span,
    /// The only unit to look at.
    unit: Option<i64>,
}

impl Reach {
    pub(crate) fn all_units(span: Span) -> Self {
        Self { span, unit: None }
    }

    pub(crate) fn one_unit(span: Span, unit: i64) -> Self {
        Self { span, unit: Some(unit) }
    }

    pub(crate) fn over(self, span: Span) -> Self {
        Self { span, ..self }
    }
}

impl World {
    pub(crate) fn new(versions: &Versions, facts: &Facts) -> Self {
        let mut units: Vec<&UnitRow> = facts.units().values().collect();
        units.sort_by_key(|unit| (unit.order, unit.id));
        let units: Vec<Arc<Unit>> = units.into_iter().map(Unit::new).map(Arc::new).collect();
        let mut codes = facts.codes().clone();
        for version in versions.all() {
            for code in version.rulebook.vocabulary.all() {
                codes.add(code);
            }
        }
        for (_, category) in units.iter().flat_map(|unit| &unit.memberships) {
            codes.add(category);
        }
        Self { versions: versions.clone(), facts: facts.clone(), codes: Arc::new(codes), units, focus: Focus::All }
    }

    /// The same world with facts that came out of its own.
    pub(super) fn following(&self, facts: &Facts) -> Self {
        if !facts.has_units_of(&self.facts) || !facts.has_codes_of(&self.facts) {
            return Self::new(&self.versions, facts);
        }
        let (codes, units) = (self.codes.clone(), self.units.clone());
        Self { versions: self.versions.clone(), facts: facts.clone(), codes, units, focus: Focus::All }
    }

    /// What the figures of some units are made of.
    pub(super) fn slice(&self, focus: Focus, guests: &[Vec<Guest>], is_adopted: bool) -> Self {
        let (facts, others) = self.facts.slice(&focus, guests, is_adopted);
        let is_meant = |unit: &&Arc<Unit>| focus.has(unit.id) || others.contains(&unit.id);
        let units = self.units.iter().filter(is_meant).cloned().collect();
        Self { versions: self.versions.clone(), facts, codes: self.codes.clone(), units, focus }
    }

    /// Whether the figures of a unit are made here.
    pub(super) fn is_own(&self, unit: i64) -> bool {
        self.focus.has(unit)
    }

    /// The number of a rule, or of an adjustment, among those of all versions; ledgers name them by it.
    pub(super) fn rule_number(&self, rule: RuleRef) -> u32 {
        let before: usize = self.versions.all().iter().take(rule.version).map(statements).sum();
        u32::try_from(before + rule.rule).expect("rulebooks are bounded, so their rules can be numbered")
    }

    /// The version and the rule or the adjustment of that number.
    pub(super) fn statement(&self, number: u32) -> (RuleRef, &Version, Statement<'_>) {
        let mut rest = number as usize;
        for (place, version) in self.versions.all().iter().enumerate() {
            let rules = version.rulebook.rules();
            let adjustment = rest.checked_sub(rules.len()).and_then(|rest| version.rulebook.adjustments().get(rest));
            let statement = match (rules.get(rest), adjustment) {
                (Some(rule), _) => Statement::Rule(rule),
                (None, Some(adjustment)) => Statement::Adjustment(adjustment),
                (None, None) => {
                    rest -= statements(version);
                    continue;
                }
            };
            return (RuleRef { version: place, rule: rest }, version, statement);
        }
        unreachable!("ledgers name only rules of their own versions")
    }

    /// The ids of all rules and adjustments, in the order of their numbers.
    pub(super) fn statement_ids(&self) -> Vec<String> {
        let total: usize = self.versions.all().iter().map(statements).sum();
        let id = |number| match self.statement(number).2 {
            Statement::Rule(rule) => rule.id.clone(),
            Statement::Adjustment(adjustment) => adjustment.id.clone(),
        };
        (0..u32::try_from(total).unwrap_or(u32::MAX)).map(id).collect()
    }

    /// The version and the rule of that number.
    pub(super) fn rule(&self, number: u32) -> (RuleRef, &Version, &Rule) {
        match self.statement(number) {
            (place, version, Statement::Rule(rule)) => (place, version, rule),
            (_, _, Statement::Adjustment(_)) => unreachable!("adjustments are asked for as statements"),
        }
    }

    /// The numbers of an adjustment's place in its version.
    pub(super) fn adjustment_number(&self, version: usize, place: usize) -> u32 {
        let rules = self.versions.at(version).rulebook.rules().len();
        self.rule_number(RuleRef { version, rule: rules + place })
    }

    /// The numbers, in every version, of the rules that are chosen and of the adjustments of the part.
    pub(super) fn numbers(&self, is_chosen: impl Fn(Statement<'_>) -> bool) -> BTreeSet<u32> {
        let total: usize = self.versions.all().iter().map(statements).sum();
        let all = 0..u32::try_from(total).unwrap_or(u32::MAX);
        all.filter(|number| is_chosen(self.statement(*number).2)).collect()
    }

    /// The facts of a kind within reach, with the looked-up columns among `needed`. Facts with a number outside its range are left
    /// out.
    pub(crate) fn frame(
        &self,
        rulebook: &Rulebook,
        kind: FactKind,
        reach: Reach,
        needed: &BTreeSet<&str>,
    ) -> PolarsResult<DataFrame> {
        let frame = within(self.facts.table(kind).frame(), reach.span)?;
        let frame = match reach.unit {
            Some(unit) => frame.lazy().filter(col("unit").eq(typed_lit(unit))).collect()?,
            None => frame,
        };
        let frame = match out_of_range(&frame, kind)? {
            Some(condition) => frame.lazy().filter(condition.not()).collect()?,
            None => frame,
        };
        let mut lazy = frame.lazy();
        if kind == FactKind::Submission {
            lazy = lazy.with_column(col("id").alias("submission"));
        } else if !catalogue::has_submission(kind) {
            lazy = lazy.with_column(lit(NULL).cast(DataType::Int64).alias("submission"));
        }
        if needed.contains("category") {
            lazy = self.with_category(lazy)?;
        }
        if needed.contains("direct_report") {
            let ids = Series::new("unit".into(), self.units.iter().map(|unit| unit.id).collect::<Vec<_>>());
            let flags = Series::new(
                "direct_report".into(),
                self.units.iter().map(|unit| unit.direct_report).collect::<Vec<_>>(),
            );
            lazy = look_up(lazy, DataFrame::new(self.units.len(), vec![ids.into(), flags.into()])?, "unit");
        }
        if kind == FactKind::Adoption && (needed.contains("level") || needed.contains("outlet")) {
            let number = |code: &str| self.codes.find(code);
            let publications = || rulebook.publications().iter();
            let codes = publications().map(|publication| number(&publication.id));
            let levels = publications().map(|publication| number(&publication.level));
            let outlets = publications().map(|publication| publication.outlet.as_deref().and_then(number));
            let codes = UInt32Chunked::from_iter_options("publication".into(), codes).into_column();
            let levels = UInt32Chunked::from_iter_options("level".into(), levels).into_column();
            let outlets = UInt32Chunked::from_iter_options("outlet".into(), outlets).into_column();
            lazy = look_up(lazy, DataFrame::new(codes.len(), vec![codes, levels, outlets])?, "publication");
        }
        self.with_beside(lazy, rulebook, kind, needed)?.collect()
    }

    /// Adds the category on the fact's own day. A unit has few memberships, so each round looks one of them up.
    pub(crate) fn with_category(&self, mut lazy: LazyFrame) -> PolarsResult<LazyFrame> {
        let rounds = self.units.iter().map(|unit| unit.memberships.len()).max().unwrap_or(0);
        let mut found = Vec::new();
        for round in 0..rounds {
            let members = || self.units.iter().filter_map(move |unit| Some((unit, unit.memberships.get(round)?)));
            let [from, to, category] = ["from", "to", "category"].map(|name| format!("{name}_{round}"));
            let frame = DataFrame::new(
                members().count(),
                vec![
                    Series::new("unit".into(), members().map(|(unit, _)| unit.id).collect::<Vec<_>>()).into(),
                    Series::new(
                        from.as_str().into(),
                        members().map(|(_, (span, _))| day_number(span.first)).collect::<Vec<_>>(),
                    )
                    .into(),
                    Series::new(
                        to.as_str().into(),
                        members().map(|(_, (span, _))| day_number(span.last)).collect::<Vec<_>>(),
                    )
                    .into(),
                    UInt32Chunked::from_iter_options(
                        category.as_str().into(),
                        members().map(|(_, (_, code))| self.codes.find(code)),
                    )
                    .into_column(),
                ],
            )?;
            lazy = look_up(lazy, frame, "unit");
            let is_then = col(DAY).gt_eq(col(from)).and(col(DAY).lt_eq(col(to)));
            found.push(when(is_then).then(col(category)).otherwise(lit(NULL)));
        }
        found.push(lit(NULL).cast(DataType::UInt32));
        Ok(lazy.with_column(coalesce(&found).alias("category")))
    }
}

/// What finds the facts with a number outside its range; `None` if there are none.
pub(crate) fn out_of_range(frame: &DataFrame, kind: FactKind) -> PolarsResult<Option<Expr>> {
    let mut condition: Option<Expr> = None;
    for column in catalogue::columns(kind) {
        let (least, most) = column.range;
        if least == most {
            continue;
        }
        // What is looked up beside the facts is held in its range when it is looked up.
        let Ok(numbers) = frame.column(column.stored) else {
            continue;
        };
        let numbers = numbers.i64()?;
        let is_outside = |(lowest, highest)| lowest < least || highest > most;
        if super::extremes(numbers).is_some_and(is_outside) {
            let number = || col(column.stored).fill_null(typed_lit(least));
            let outside = number().lt(typed_lit(least)).or(number().gt(typed_lit(most)));
            condition = Some(match condition {
                Some(condition) => condition.or(outside),
                None => outside,
            });
        }
    }
    Ok(condition)
}

pub(super) fn look_up(lazy: LazyFrame, table: DataFrame, key: &str) -> LazyFrame {
    lazy.join(table.lazy(), [col(key)], [col(key)], JoinArgs::new(JoinType::Left))
}

/// The rows whose day lies in the span.
pub(crate) fn within(frame: &DataFrame, span: Span) -> PolarsResult<DataFrame> {
    let (first, last) = (day_number(span.first), day_number(span.last));
    let days = frame.column(DAY)?.i32()?;
    if super::extremes(days).is_none_or(|(lowest, highest)| first <= lowest && highest <= last) {
        return Ok(frame.clone());
    }
    frame.clone().lazy().filter(col(DAY).gt_eq(typed_lit(first)).and(col(DAY).lt_eq(typed_lit(last)))).collect()
}
