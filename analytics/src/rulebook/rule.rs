//! What scores: counts, quotas, parameters, exclusions, rules.

use super::{Among, Division};
use crate::expression::Expression;
use crate::facts::FactKind;
use crate::period::PeriodUnit;
use crate::points::Points;

/// A number that is counted per unit and period.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// The column name under which period rules read it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The facts that it counts.
    pub on: FactKind,
    /// Whether several facts about one submission count once.
    pub distinct: bool,
    /// Who else is credited, and with how much, where several share an item; such a count has decimal places.
    pub(crate) share: Option<(Among, Division)>,
    pub(crate) filter: Option<Expression>,
}

impl Count {
    /// Whether what it counts are items, or facts about items, that tell their kind.
    pub fn counts_items(&self) -> bool {
        match self.on {
            FactKind::Submission | FactKind::Adoption | FactKind::SendingUp | FactKind::Endorsement => true,
            FactKind::Assignment
            | FactKind::Incident
            | FactKind::Training
            | FactKind::Staffing
            | FactKind::Judgement => false,
        }
    }
}

/// The two counts that an adoption rate divides.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// What counts as submitted.
    pub submitted: Count,
    /// What counts as adopted.
    pub adopted: Count,
}

/// An amount that every unit of a category owes per period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Period rules read it as `quota_<id>`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where the document says so.
    pub clause: String,
    /// The id of the [`Count`] that is held against it.
    pub count: String,
    /// The period that it is owed in.
    pub per: PeriodUnit,
    /// The task from above that the amount rises and falls with, by its id.
    pub scaled_by: Option<String>,
    /// The amount by category id. A category that is not named owes nothing.
    pub amount: Vec<(String, Points)>,
}

/// A figure that several rules share, by category or the same for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The column name under which period rules read it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where the document says so.
    pub clause: String,
    /// The figure by category id.
    pub amount: Vec<(String, Points)>,
}

/// Facts that count for nothing, in no rule and in no count.
#[derive(Debug, Clone, PartialEq)]
pub struct Exclusion {
    /// A stable id.
    pub id: String,
    /// Where the document says so.
    pub clause: String,
    /// What is left out, in a few words.
    pub title: String,
    /// The facts that it looks at.
    pub on: FactKind,
    pub(crate) filter: Expression,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum On {
    /// Each fact of a kind.
    Fact(FactKind),
    /// Each unit and each period of a unit of time, once it can be counted.
    Period(PeriodUnit),
}

/// How several facts about one submission come together under one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Combine {
    /// Every fact earns.
    Sum,
    /// The first fact earns, the others do not.
    Once,
    /// The fact that earns most earns, the others do not.
    Highest,
}

/// What a rule gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Currency {
    /// Points.
    Points,
    /// Money.
    Money,
}

/// One line of the points table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Dotted, stable, never used again for anything else.
    pub id: String,
    /// Where it stands in the document.
    pub clause: String,
    /// What it rewards or punishes, in a few words.
    pub title: String,
    /// What it looks at.
    pub on: On,
    /// How several facts about one submission come together.
    pub combine: Combine,
    /// What it gives.
    pub currency: Currency,
    pub(crate) filter: Option<Expression>,
    /// In millionths of a point, or in fen.
    pub(crate) amount: Expression,
    /// Between which amounts a person decides, in the same unit; what lies outside is brought to the nearer one.
    pub(crate) range: Option<(i64, i64)>,
}
