//! What changes amounts after the tariff: combining, multiplying, sharing, parts, zeroing, converting; and lists.

use super::{Currency, On};
use crate::expression::Expression;
use crate::facts::FactKind;
use crate::period::PeriodUnit;

/// Rules by id, or by the beginning of their ids: `adopted.daily`, `adopted.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(pub(crate) Vec<String>);

impl Selection {
    /// Whether the rule of that id is among them.
    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|pattern| selects(pattern, id))
    }

    /// The texts that it was written with.
    pub fn patterns(&self) -> &[String] {
        &self.0
    }
}

/// Whether a pattern stands for the id: the id itself, `word.*` for everything below a word, `*` for everything.
pub(crate) fn selects(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => id.starts_with(beginning),
        None => pattern == id,
    }
}

/// A clause that changes what rules give. Each change is a line of the ledger of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjustment {
    /// Dotted, stable, never used again for anything else.
    pub id: String,
    /// Where it stands in the document.
    pub clause: String,
    /// What it does, in a few words.
    pub title: String,
    /// The rules whose lines it changes.
    pub rules: Selection,
    /// The currency of these rules.
    pub currency: Currency,
    /// The part that it belongs to, by the part's id.
    pub part: Option<String>,
    pub(crate) step: Step,
}

/// What an adjustment does. Amounts are in millionths of a point, or in fen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Step 3: several facts on one submission, under any of the rules.
    Combine { how: Together, further: i64, per: Option<String> },
    /// Step 4: times a factor in millionths, held between bounds.
    Multiply { on: FactKind, filter: Option<Expression>, by: Expression, least: i64, most: i64 },
    /// Step 5: among those who share the item.
    Share { among: Among, how: Division },
    /// Step 8: what a part begins with, by category.
    Base(Vec<(String, i64)>),
    /// Step 8: the most that a part comes to in a period, by category.
    Cap { per: PeriodUnit, most: Vec<(String, i64)> },
    /// Step 8: the least that a part comes to in a year.
    Floor { least: i64, on: FloorOn },
    /// Step 8: the part's weight in the total, in millionths.
    Weight(i64),
    /// Step 9: everything that the rules gave in the period is taken away.
    Zero { unit: PeriodUnit, filter: Expression },
    /// Step 10: the year's total on another scale.
    Convert { amount: Expression },
}

impl Step {
    /// The name of the number that the step reads.
    pub(crate) fn reads(&self) -> &'static str {
        match self {
            Self::Combine { .. } => "amount",
            Self::Multiply { .. } => "factor",
            Self::Share { .. } => "whole",
            Self::Base(_) => "base",
            Self::Cap { .. } | Self::Floor { .. } | Self::Weight(_) | Self::Zero { .. } => "sum",
            Self::Convert { .. } => "total",
        }
    }

    /// Whether it changes the lines of single facts.
    pub(crate) fn is_about_facts(&self) -> bool {
        matches!(self, Self::Combine { .. } | Self::Multiply { .. } | Self::Share { .. })
    }

    /// The periods that it is about; `None` where it is about facts, or about a year's beginning.
    pub(crate) fn period(&self) -> Option<PeriodUnit> {
        match self {
            Self::Combine { .. } | Self::Multiply { .. } | Self::Share { .. } | Self::Base(_) => None,
            Self::Cap { per, .. } => Some(*per),
            Self::Zero { unit, .. } => Some(*unit),
            Self::Floor { .. } | Self::Weight(_) | Self::Convert { .. } => Some(PeriodUnit::Year),
        }
    }
}

/// How several facts on one submission come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Together {
    /// The first one counts.
    First,
    /// The one that gives most counts, and each other one adds so much.
    Highest,
}

/// Who shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Among {
    /// The units that reported it together; the unit of the fact gives their shares away.
    Units,
    /// The persons who wrote it. The unit keeps its points; money is paid once, so the unit hands it on.
    Authors,
}

/// How it is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Division {
    /// Everybody gets the whole.
    Whole,
    /// Everybody gets as much.
    Equal,
    /// Everybody gets this amount, whatever the whole is.
    Fixed(i64),
    /// As a person decided.
    ByHand,
}

/// What a floor holds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FloorOn {
    /// The sum of the part: gains make up for losses before the floor is asked.
    Sum,
    /// The base alone: losses end at the floor, and gains come on top.
    Base,
}

/// A part of the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Later steps read its sum as `part_<id>`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Where it stands in the document.
    pub clause: String,
    /// The rules that flow into it.
    pub rules: Selection,
}

/// A sum of points that period rules read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earned {
    /// The column name under which period rules read it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The rules on facts whose points are summed.
    pub rules: Selection,
}

/// A task from above that quotas follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The code that tasks in the facts use.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where the document speaks of it.
    pub clause: String,
    /// How large it was when the quotas were set, in millionths.
    pub(crate) amount: i64,
}

/// In what a unit is behind that is called in for a talk (约谈).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Behind {
    /// 数量不够.
    Volume,
    /// 质量不高.
    Quality,
    /// 工作滞后.
    Progress,
}

impl Behind {
    /// All of them, in the order in which documents name them.
    pub const ALL: [Self; 3] = [Self::Volume, Self::Quality, Self::Progress];

    /// The word that rulebooks use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Quality => "quality",
            Self::Progress => "progress",
        }
    }
}

/// A list of units, made at the end of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Dotted, stable, never used again for anything else.
    pub id: String,
    /// Where it stands in the document.
    pub clause: String,
    /// What it lists.
    pub title: String,
    /// The unit of time that it looks at.
    pub unit: PeriodUnit,
    /// In how many periods in a row a unit must meet the condition.
    pub periods: u32,
    /// How many of the last of each category are listed.
    pub bottom: Option<u32>,
    /// In what its units are behind, if they are called in for a talk.
    pub talk: Option<Behind>,
    pub(crate) filter: Option<Expression>,
}

/// Rules that must cover every publication once: no gap, no overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tariff {
    /// The rules.
    pub rules: Selection,
    /// The publications that must be covered.
    pub publications: Vec<String>,
}

impl On {
    /// Whether it is a kind of fact.
    pub(crate) fn is_fact(self) -> bool {
        matches!(self, Self::Fact(_))
    }
}
