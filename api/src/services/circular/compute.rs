//! The rows of a circular, and the canonical form over which its digest is taken.
//!
//! A pure function of the facts, the rules, the ranks of the period before and the corrections that an edition counts: so it can be
//! computed again at any later time and must give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use analytics::facts::{FactKind, Facts};
use analytics::frames::{RateBasis, RateBy, adoption_rates};
use analytics::period::{Period, Span};
use analytics::points::Points;
use analytics::scoring::{Scored, score};
use chrono::NaiveDate;
use entity::ids::UnitId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Published;
use crate::error::{Error, Result};
use crate::services::audit::hex;
use crate::services::facts::Snapshot;
use crate::services::score as figures;

/// Names the form, so that a later one cannot be taken for it.
const FORM: &str = "zhengxin-circular-1";
/// What a correction calls a reversal; facts are called by their kinds.
pub(super) const REVERSAL: &str = "reversal";

/// A unit's row: everything that later readers need, with the names as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// Code of its category.
    pub category: String,
    /// Name of its category.
    pub category_name: String,
    /// Its points.
    pub score: Points,
    /// Its place in the category.
    pub rank: u32,
    /// Out of how many: the size of the category.
    pub of: u32,
    /// Whether another unit shares the place.
    pub tied: bool,
    /// Its place in the circular of the period before.
    pub previous_rank: Option<u32>,
    /// Submissions that count as handed in.
    pub submitted: i64,
    /// Different submissions adopted.
    pub adopted_items: i64,
    /// Adoptions.
    pub adoptions: i64,
    /// Adopted ÷ handed in, as a decimal; none without submissions.
    pub rate: Option<String>,
    /// The lists of the rulebook on which it stands.
    pub lists: Vec<Listed>,
}

/// A unit's place on a list of the rulebook, such as the last of each category or those that reported nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The list, as the rulebook calls it.
    pub list: String,
    /// What it lists.
    pub title: String,
    /// Where it stands in the document.
    pub clause: String,
}

/// A late fact that an edition counts on its own day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Correction {
    /// Its kind, as rulebooks call it.
    pub kind: String,
    /// Its id among the facts of its kind.
    pub id: i64,
    /// Its own day.
    pub day: NaiveDate,
}

/// What the digest is taken over.
#[derive(Serialize)]
struct Canonical<'a> {
    form: &'static str,
    network: &'a str,
    period: Period,
    rulebooks: Vec<&'a str>,
    previous: Option<&'a str>,
    corrections: &'a [Correction],
    rows: &'a [Row],
}

/// The results of a period.
pub(super) struct Computed {
    pub(super) rows: Vec<Row>,
    pub(super) sha256: String,
    pub(super) scored: Arc<Scored>,
}

/// Computes the rows of `period`. `names` are those under which units were published before; others have the present ones.
pub(super) async fn compute(
    snapshot: &Arc<Snapshot>,
    period: Period,
    previous: Option<&Published>,
    corrections: Vec<Correction>,
    names: BTreeMap<UnitId, String>,
) -> Result<Computed> {
    let span = period.span();
    let year = figures::year_of(snapshot, span)?;
    let ranks: BTreeMap<UnitId, (String, u32)> = previous
        .map(|published| published.rows.iter().map(|row| (row.unit, (row.category.clone(), row.rank))).collect())
        .unwrap_or_default();
    let days: Vec<(FactKind, i64, NaiveDate)> = corrections
        .iter()
        .filter_map(|correction| Some((FactKind::from_code(&correction.kind)?, correction.id, correction.day)))
        .collect();
    let reversed: Vec<(i64, NaiveDate)> = corrections
        .iter()
        .filter(|correction| correction.kind == REVERSAL)
        .map(|correction| (correction.id, correction.day))
        .collect();
    let known = if corrections.is_empty() { Some(figures::scored(snapshot, span).await?) } else { None };
    let of = snapshot.clone();
    let (rows, scored) = figures::compute(move || {
        let mut facts = of.facts.dated(&days);
        for (id, day) in reversed {
            facts.date_reversal(id, day);
        }
        let scored = known.unwrap_or_else(|| Arc::new(score(&of.versions, &facts, year)));
        (rows(&of, &facts, &scored, span, &ranks, &names), scored)
    })
    .await?;
    let canonical = Canonical {
        form: FORM,
        network: &snapshot.network.code,
        period,
        rulebooks: figures::rulebooks_in(snapshot, span).iter().map(|version| version.sha256.as_str()).collect(),
        previous: previous.map(|published| published.circular.sha256.as_str()),
        corrections: &corrections,
        rows: &rows,
    };
    let bytes = serde_json::to_vec(&canonical).map_err(Error::internal)?;
    Ok(Computed { sha256: hex(&Sha256::digest(&bytes)), rows, scored })
}

fn rows(
    snapshot: &Snapshot,
    facts: &Facts,
    scored: &Scored,
    span: Span,
    ranks: &BTreeMap<UnitId, (String, u32)>,
    names: &BTreeMap<UnitId, String>,
) -> Vec<Row> {
    let rates: BTreeMap<i64, _> = adoption_rates(&snapshot.versions, facts, span, RateBy::Unit, RateBasis::AdoptedIn)
        .into_iter()
        .filter_map(|row| Some((row.unit?, row)))
        .collect();
    let mut lists: BTreeMap<i64, Vec<Listed>> = BTreeMap::new();
    for row in scored.lists(span) {
        let listed = Listed { list: row.list, title: row.title, clause: row.clause };
        lists.entry(row.unit).or_default().push(listed);
    }
    let categories: BTreeMap<String, String> = figures::category_names(snapshot, span).into_iter().collect();
    let mut ranking = scored.ranking(span, None);
    // Units of one rank stand in the order of their ids: the office's own order may change, the circular may not.
    let order: Vec<String> = in_order(ranking.iter().map(|row| row.category.clone()));
    let place = |category: &str| order.iter().position(|known| known == category);
    ranking.sort_by_key(|row| (place(&row.category), row.rank, row.unit));
    let row = |row: analytics::scoring::RankingRow| {
        let unit = UnitId(row.unit);
        let present = || facts.units().get(&row.unit).map(|unit| unit.name.clone()).unwrap_or_default();
        let rates = rates.get(&row.unit);
        // A place in another category cannot be compared.
        let previous = ranks.get(&unit).filter(|(category, _)| *category == row.category);
        Row {
            unit,
            name: names.get(&unit).cloned().unwrap_or_else(present),
            category_name: categories.get(&row.category).unwrap_or(&row.category).clone(),
            category: row.category,
            score: row.points,
            rank: row.rank,
            of: row.of,
            tied: row.tied,
            previous_rank: previous.map(|(_, rank)| *rank),
            submitted: rates.map_or(0, |rates| rates.submitted),
            adopted_items: rates.map_or(0, |rates| rates.adopted_items),
            adoptions: rates.map_or(0, |rates| rates.adoptions),
            rate: rates.and_then(|rates| rates.rate.clone()),
            lists: lists.remove(&row.unit).unwrap_or_default(),
        }
    };
    ranking.into_iter().map(row).collect()
}

/// Each value once, in the order in which it comes first.
fn in_order(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    values.filter(|value| seen.insert(value.clone())).collect()
}
