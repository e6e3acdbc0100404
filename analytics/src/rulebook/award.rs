//! What is won at the end of the year, and what happens where several stand equal at the last place.

use std::collections::HashSet;

use super::adjustment::Selection;
use super::adjustments::selection;
use super::declarations::declared;
use super::figures::{Figures, decimal};
use super::lists::figure_names;
use super::reader::{Reader, Section};
use super::{Currency, Listing, Rule};
use crate::expression::Problem;
use crate::expression::scope::Vocabulary;
use crate::points::{Money, Points, SCALE};
use crate::scoring::catalogue::CodeSet;

/// Millionths of a yuan in one fen.
const FEN: i64 = SCALE / 100;

/// What happens to those that tie across the cut of an award.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ties {
    /// All of them win.
    Include,
    /// Further figures decide; what they leave equal, a person decides.
    TieBreak,
    /// None of them is decided: a person chooses.
    Manual,
}

impl Ties {
    /// All of them.
    const ALL: [Self; 3] = [Self::Include, Self::TieBreak, Self::Manual];

    /// The word that rulebooks use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Include => "include",
            Self::TieBreak => "tie_break",
            Self::Manual => "manual",
        }
    }
}

/// Who wins an award.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Winner {
    /// The first members of a category: units, or persons that are members.
    Member {
        /// The category's id.
        category: String,
    },
    /// The first submissions, by the points that the chosen rules gave them.
    Item {
        /// Only submissions of units of this category, if it names one.
        category: Option<String>,
        /// The rules whose points count.
        rules: Selection,
    },
}

/// What the first win at the end of the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// Dotted, stable, never used again for anything else.
    pub id: String,
    /// Where it stands in the document.
    pub clause: String,
    /// The title that is won.
    pub title: String,
    /// Who wins it.
    pub winner: Winner,
    /// How many places win.
    pub top: u32,
    /// What happens to a tie across the last place.
    pub ties: Ties,
    /// The counts and sums that decide a tie, the first one first.
    pub tie_break: Vec<String>,
    /// What each winner gets.
    pub money: Money,
    /// The lists, by id, whose units win nothing.
    pub unless: Vec<String>,
    /// The lists, by id, on which a unit must stand to win.
    pub requires: Vec<String>,
}

impl Award {
    /// The category whose members win; `None` where submissions of every category do.
    pub fn category(&self) -> Option<&str> {
        match &self.winner {
            Winner::Member { category } => Some(category),
            Winner::Item { category, .. } => category.as_deref(),
        }
    }
}

/// What the awards are checked against.
pub(super) struct Known<'a> {
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) figures: &'a Figures,
    pub(super) lists: &'a [Listing],
    pub(super) rules: &'a [Rule],
}

pub(super) fn read<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    known: &Known<'_>,
    ids: &mut HashSet<String>,
) -> Vec<Award> {
    let keys =
        ["id", "clause", "title", "of", "category", "rules", "top", "ties", "tie_break", "money", "unless", "requires"];
    let mut awards = Vec::new();
    for section in reader.tables(root, "award") {
        reader.only(&section, &keys);
        let id = reader.rule_id(&section, ids);
        let (clause, title) = (reader.words(&section, "clause"), reader.words(&section, "title"));
        let winner = winner(reader, &section, known);
        let top = reader.integer(&section, "top", 1..1001).and_then(|top| u32::try_from(top).ok());
        let ties = reader.text(&section, "ties");
        let ties = ties.and_then(|ties| reader.word(&ties, &Ties::ALL.map(|ties| (ties.code(), ties))));
        let tie_break = figure_names(reader, &section, "tie_break", known.figures);
        if let (Some(ties), Some(winner)) = (ties, &winner) {
            tie_fits(reader, &section, ties, winner);
        }
        let money = money(reader, &section);
        let unless = listed(reader, &section, "unless", known.lists);
        let requires = listed(reader, &section, "requires", known.lists);
        let (Some(id), Some(winner), Some(top), Some(ties)) = (id, winner, top, ties) else {
            continue;
        };
        awards.push(Award { id, clause, title, winner, top, ties, tie_break, money, unless, requires });
    }
    awards
}

/// `of = "unit"` (what is meant if the key is not there) needs a category, `of = "item"` may name one and the rules that count.
fn winner<'t>(reader: &mut Reader<'t>, section: &Section<'t>, known: &Known<'_>) -> Option<Winner> {
    let of = match reader.optional_text(section, "of") {
        Some(text) => reader.word(&text, &[("unit", false), ("item", true)])?,
        None => false,
    };
    let category = if of { reader.optional_text(section, "category") } else { reader.text(section, "category") };
    let is_named = category.is_some();
    let category = category.filter(|category| declared(reader, category, CodeSet::Category, known.vocabulary));
    if of {
        let (rules, currency) = selection(reader, section, known.rules, Some("*"))?;
        if currency == Currency::Money {
            let problem = Problem::new("items are ranked by points", "优秀信息须按积分评选，不能按金额");
            reader.report(section.header(), &section.path, problem);
            return None;
        }
        let category = category.map(|category| category.value.to_owned());
        return (is_named == category.is_some()).then_some(Winner::Item { category, rules });
    }
    if let Some(field) = section.field("rules") {
        let problem = Problem::new("only an award of items names rules", "仅评选信息（of = \"item\"）时可写 rules");
        reader.report(field.span, &field.path, problem);
    }
    Some(Winner::Member { category: category?.value.to_owned() })
}

/// A tie-break needs figures, and figures need a tie-break; submissions have none.
fn tie_fits<'t>(reader: &mut Reader<'t>, section: &Section<'t>, ties: Ties, winner: &Winner) {
    let is_item = matches!(winner, Winner::Item { .. });
    let problem = match (ties, section.field("tie_break")) {
        (Ties::TieBreak, None) => {
            Problem::new("name the figures that decide a tie", "须用 tie_break 写明并列时比较的指标")
        }
        (Ties::Include | Ties::Manual, Some(_)) => {
            Problem::new("tie_break is for ties = \"tie_break\"", "tie_break 只适用于 ties = \"tie_break\"")
        }
        (Ties::TieBreak, Some(_)) if is_item => {
            Problem::new("items have no figures to decide a tie", "评选信息时不能用 tie_break，请用 include 或 manual")
        }
        _ => return,
    };
    let at = section.field("ties").map_or_else(|| section.header(), |field| field.span);
    reader.report(at, &section.path, problem);
}

/// Lists by their ids.
fn listed<'t>(reader: &mut Reader<'t>, section: &Section<'t>, key: &str, lists: &[Listing]) -> Vec<String> {
    let mut listed = Vec::new();
    for text in reader.texts(section, key) {
        if lists.iter().all(|list| list.id != text.value) {
            let problem =
                Problem::new(format!("there is no list {:?}", text.value), format!("没有名为“{}”的名单", text.value))
                    .hint_nearest(text.value, lists.iter().map(|list| list.id.as_str()));
            reader.report(text.span, &text.path, problem);
            continue;
        }
        listed.push(text.value.to_owned());
    }
    listed
}

/// An amount of money; nothing if the key is not there.
fn money<'t>(reader: &mut Reader<'t>, section: &Section<'t>) -> Money {
    let Some(field) = section.field("money") else {
        return Money::ZERO;
    };
    let amount = decimal(reader, &field).map(Points::millionths);
    match amount {
        Some(amount) if amount % FEN == 0 && amount >= 0 => Money::from_fen(amount / FEN),
        Some(_) => {
            let problem =
                Problem::new("an award is an amount of at most two decimal places", "奖金须为最多两位小数的金额");
            reader.report(field.span, &field.path, problem);
            Money::ZERO
        }
        None => Money::ZERO,
    }
}
