//! What is told to whom, when and in which words: the rulebook's notices carried out.
//!
//! - [`calendar`]: working days and sending hours
//! - [`charge`]: who in the office answers for which units
//! - [`routing`]: the people behind the words of a rule
//! - [`results`]: the values of texts about published results
//! - [`happened`]: the values of texts about what happened
//! - [`compose`]: rule, values and people to texts
//! - [`schedule`]: when what is due
//! - [`run`]: draft, approve, release, recall
//! - [`settle`]: what the clock brings about
//! - [`inbox`]: what a person has been told
//!
//! A run happens once for a network, a rule and a period; the table holds it. Its texts are made of one published result, or of one
//! thing that happened, and each mentions only units that its recipient is told of.

pub mod calendar;
pub mod charge;
pub mod compose;
pub mod happened;
pub mod inbox;
pub mod results;
pub mod routing;
pub mod run;
pub mod schedule;
pub mod settle;

use analytics::rulebook::{NoticeRule, Rulebook};
use chrono::NaiveDate;

use crate::services::facts::Snapshot;

/// The rulebook in force on a day.
pub(crate) fn rulebook(snapshot: &Snapshot, day: NaiveDate) -> Option<&Rulebook> {
    snapshot.versions.on_or_first(day).map(|version| version.rulebook.as_ref())
}

/// The rule with this id, in the rulebook in force on a day.
pub(crate) fn rule<'a>(snapshot: &'a Snapshot, id: &str, day: NaiveDate) -> Option<&'a NoticeRule> {
    rulebook(snapshot, day)?.notices().iter().find(|rule| rule.id == id)
}
