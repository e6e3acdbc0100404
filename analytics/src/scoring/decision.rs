//! What the rules say of a number that a person decides, before it is on record.

use super::note::NoteKind;
use super::world::Statement;
use super::{Versions, score};
use crate::facts::Facts;
use crate::points::Points;
use crate::rulebook::{Currency, Step};
use chrono::NaiveDate;

/// Between which numbers a clause lets a person decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// The rule, or the multiplication.
    pub rule: String,
    /// Where it stands in the document.
    pub clause: String,
    /// What it rewards or punishes.
    pub title: String,
    /// The least that it gives: points, or a factor.
    pub least: Points,
    /// The most that it gives.
    pub most: Points,
}

/// What the rules say of a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// The clauses whose range it leaves.
    pub outside: Vec<Bounds>,
    /// The clauses that wait for a number which nobody has decided.
    pub undecided: Vec<String>,
}

/// Tries a decision. The facts hold what is decided, the unit that it concerns, and what rules read beside it: no more, so that this
/// takes no longer than one fact does.
pub fn decide(versions: &Versions, facts: &Facts, day: NaiveDate) -> Decision {
    let scored = score(versions, facts, versions.year_of(day));
    let mut decision = Decision::default();
    for note in scored.notes() {
        match (note.kind, &note.rule) {
            (NoteKind::OutsideRange, Some(rule)) => {
                decision.outside.extend(note.version.and_then(|version| bounds(versions, version, rule)));
            }
            (NoteKind::Undecided, Some(rule)) => decision.undecided.push(rule.clone()),
            _ => {}
        }
    }
    decision
}

fn bounds(versions: &Versions, version: i64, id: &str) -> Option<Bounds> {
    let rulebook = &versions.all().iter().find(|known| known.id == version)?.rulebook;
    let rule = rulebook.rules().iter().find(|rule| rule.id == id).map(Statement::Rule);
    let adjustment = || rulebook.adjustments().iter().find(|other| other.id == id).map(Statement::Adjustment);
    let (clause, title, (least, most)) = match rule.or_else(adjustment)? {
        Statement::Rule(rule) if rule.currency == Currency::Points => (&rule.clause, &rule.title, rule.range?),
        Statement::Adjustment(other) => match other.step {
            Step::Multiply { least, most, .. } => (&other.clause, &other.title, (least, most)),
            _ => return None,
        },
        Statement::Rule(_) => return None,
    };
    let (least, most) = (Points::from_millionths(least), Points::from_millionths(most));
    Some(Bounds { rule: id.to_owned(), clause: clause.clone(), title: title.clone(), least, most })
}
