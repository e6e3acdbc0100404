//! Steps 1 and 2 of the order of evaluation: leave facts out, then give each remaining fact what the rules say.
//!
//! All conditions on a kind of fact are computed in one pass over its columns; an amount is computed only where its
//! condition holds.

use std::collections::BTreeSet;

use polars::prelude::{DataFrame, DataType, Expr, IntoLazy, NULL, PolarsResult, col, lit, when};

use super::note::{About, NoteKind, Notes, owned};
use super::world::{Reach, World};
use super::{LINE_COLUMNS, MAX_LINE, RuleRef};
use crate::expression::typed_lit;
use crate::facts::FactKind;
use crate::period::Span;
use crate::rulebook::{Adjustment, Combine, On, Rule, Rulebook, Step};

/// What one rule gives to the facts of one stretch of time.
pub(super) struct Matched {
    pub(super) rule: RuleRef,
    /// The columns of the ledger, one row for each fact.
    pub(super) lines: DataFrame,
}

/// Facts of one kind under one version.
pub(super) struct Stretch<'w> {
    pub(super) world: &'w World,
    /// The version's place among all of them.
    pub(super) version: usize,
    pub(super) kind: FactKind,
    pub(super) span: Span,
    /// Whether the stretch lies in the year that is scored. Before it, only rules that combine facts need to look.
    pub(super) is_current: bool,
}

impl Stretch<'_> {
    /// What every rule on this kind of fact gives.
    pub(super) fn match_rules(&self, notes: &mut Notes) -> PolarsResult<Vec<Matched>> {
        let version = self.world.versions.at(self.version);
        let rulebook = &*version.rulebook;
        let rules: Vec<(RuleRef, &Rule)> = self.rules(rulebook);
        if rules.is_empty() {
            return Ok(Vec::new());
        }
        let needed = needed_columns(rulebook, self.kind, rules.iter().map(|(_, rule)| *rule));
        let frame = self.world.frame(rulebook, self.kind, Reach::all_units(self.span), &needed)?;
        if frame.height() == 0 {
            return Ok(Vec::new());
        }
        let masks =
            rules.iter().enumerate().map(|(index, (_, rule))| self.condition(rulebook, rule).alias(index.to_string()));
        // The ids stand beside the masks so that a condition without columns is stretched to the height of the frame.
        let is_excluded = excluded(self.world, rulebook, self.kind).unwrap_or_else(|| lit(false)).alias("excluded");
        let masks: Vec<Expr> = [col("unit"), col("id"), is_excluded].into_iter().chain(masks).collect();
        let masks = frame.clone().lazy().select(masks).collect()?;
        if self.is_current {
            self.note_unplaced(&masks, rules.len(), notes)?;
        }
        let mut matched = Vec::new();
        for (index, (rule_ref, rule)) in rules.iter().enumerate() {
            let mask = masks.column(&index.to_string())?.bool()?;
            if !mask.any() {
                continue;
            }
            let lines = self.amounts(&frame.filter(mask)?, *rule_ref, rule, notes)?;
            matched.push(Matched { rule: *rule_ref, lines });
        }
        Ok(matched)
    }

    fn rules<'r>(&self, rulebook: &'r Rulebook) -> Vec<(RuleRef, &'r Rule)> {
        // An item that has earned before the year is known, where further facts on it are brought together with the first.
        let joins = |adjustment: &&Adjustment| matches!(adjustment.step, Step::Combine { .. });
        let is_joined =
            |rule: &Rule| rulebook.adjustments().iter().filter(joins).any(|joining| joining.rules.has(&rule.id));
        let is_looking = |rule: &Rule| {
            rule.on == On::Fact(self.kind) && (self.is_current || rule.combine != Combine::Sum || is_joined(rule))
        };
        let place = |(rule, _): &(usize, &Rule)| RuleRef { version: self.version, rule: *rule };
        let rules = rulebook.rules().iter().enumerate().filter(|(_, rule)| is_looking(rule));
        rules.map(|entry| (place(&entry), entry.1)).collect()
    }

    /// The rule's condition on facts that are not left out.
    fn condition(&self, rulebook: &Rulebook, rule: &Rule) -> Expr {
        let condition = rule.filter.as_ref().map_or_else(|| lit(true), |filter| filter.plan(&self.world.codes));
        match excluded(self.world, rulebook, self.kind) {
            Some(excluded) => condition.and(excluded.not()),
            None => condition,
        }
    }

    fn amounts(&self, facts: &DataFrame, rule_ref: RuleRef, rule: &Rule, notes: &mut Notes) -> PolarsResult<DataFrame> {
        let number = self.world.rule_number(rule_ref);
        let each = rule.amount.plan(&self.world.codes).cast(DataType::Int64);
        let mut facts = facts.clone().lazy().with_column(each.alias("each"));
        if let Some((least, most)) = rule.range {
            let is_outside = col("each").lt(typed_lit(least)).or(col("each").gt(typed_lit(most)));
            let outside = facts.clone().filter(is_outside).select([col("unit"), col("id")]).collect()?;
            let version = Some(self.world.versions.at(self.version).id);
            let about = About { version, rule: Some(&rule.id), fact: Some(self.kind) };
            notes.add(NoteKind::OutsideRange, &about, owned(&outside, "id")?, &rule.title);
            facts = facts.with_column(clamped(col("each"), least, most).alias("each"));
        }
        let lines = facts.select([
            col("unit"),
            col("day"),
            col("submission"),
            col("id").alias("fact"),
            (col("each") * col("count")).alias("amount"),
            lit(NULL).cast(DataType::UInt32).alias("base"),
            lit(NULL).cast(DataType::Int64).alias("read"),
            typed_lit(number).alias("rule"),
        ]);
        let lines = lines.select(LINE_COLUMNS.map(col)).collect()?;
        self.keep_sound(lines, rule, notes)
    }

    /// Leaves out the lines without an amount and those that are too large to be summed.
    fn keep_sound(&self, lines: DataFrame, rule: &Rule, notes: &mut Notes) -> PolarsResult<DataFrame> {
        let amounts = lines.column("amount")?.i64()?;
        let is_sound = amounts.null_count() == 0
            && super::extremes(amounts).is_none_or(|(least, most)| -MAX_LINE <= least && most <= MAX_LINE);
        if is_sound {
            return Ok(lines);
        }
        let about = About {
            version: Some(self.world.versions.at(self.version).id),
            rule: Some(&rule.id),
            fact: Some(self.kind),
        };
        let is_too_large = col("amount").gt(typed_lit(MAX_LINE)).or(col("amount").lt(typed_lit(-MAX_LINE)));
        for (kind, condition) in
            [(NoteKind::NoAmount, col("amount").is_null()), (NoteKind::TooLarge, is_too_large.clone())]
        {
            let odd = lines.clone().lazy().filter(condition).collect()?;
            notes.add(kind, &about, owned(&odd, "fact")?, &rule.title);
        }
        lines.lazy().filter(col("amount").is_not_null().and(is_too_large.not())).collect()
    }

    /// A fact of a kind that earns or costs something as a rule, but for which no rule gives anything.
    fn note_unplaced(&self, masks: &DataFrame, rules: usize, notes: &mut Notes) -> PolarsResult<()> {
        let is_expected = match self.kind {
            FactKind::Adoption
            | FactKind::SendingUp
            | FactKind::Endorsement
            | FactKind::Incident
            | FactKind::Judgement => true,
            FactKind::Submission | FactKind::Assignment | FactKind::Training | FactKind::Staffing => false,
        };
        if !is_expected {
            return Ok(());
        }
        let matches = (0..rules).map(|index| col(index.to_string()).fill_null(lit(false)));
        let is_dealt_with = matches.fold(col("excluded"), Expr::or);
        let left = masks.clone().lazy().filter(is_dealt_with.not()).select([col("unit"), col("id")]).collect()?;
        let version = self.world.versions.at(self.version).id;
        let about = About { version: Some(version), rule: None, fact: Some(self.kind) };
        notes.add(NoteKind::Unplaced, &about, owned(&left, "id")?, "");
        Ok(())
    }
}

/// The amount, or the nearer end of the range; nothing where there is no amount.
pub(super) fn clamped(amount: Expr, least: i64, most: i64) -> Expr {
    when(amount.clone().lt(typed_lit(least)))
        .then(typed_lit(least))
        .when(amount.clone().gt(typed_lit(most)))
        .then(typed_lit(most))
        .otherwise(amount)
}

/// Whether some exclusion leaves the fact out; `None` if the rulebook excludes nothing of the kind.
pub(crate) fn excluded(world: &World, rulebook: &Rulebook, kind: FactKind) -> Option<Expr> {
    let exclusions = rulebook.exclusions().iter().filter(|exclusion| exclusion.on == kind);
    exclusions.map(|exclusion| exclusion.filter.plan(&world.codes).fill_null(lit(false))).reduce(Expr::or)
}

/// The columns that the rules and the exclusions on a kind of fact read, by their names in the frame.
pub(super) fn needed_columns<'r>(
    rulebook: &'r Rulebook,
    kind: FactKind,
    rules: impl Iterator<Item = &'r Rule>,
) -> BTreeSet<&'r str> {
    let exclusions =
        rulebook.exclusions().iter().filter(|exclusion| exclusion.on == kind).map(|exclusion| &exclusion.filter);
    let expressions = rules.flat_map(|rule| rule.filter.iter().chain([&rule.amount])).chain(exclusions);
    expressions.flat_map(|expression| expression.columns()).map(|(_, stored, _)| stored).collect()
}
