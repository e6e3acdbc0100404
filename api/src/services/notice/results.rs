//! The values of texts about results: from one published circular, and from nothing else that can still change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use analytics::period::{Period, PeriodUnit, Span};
use analytics::points::Points;
use analytics::rulebook::{NoticeKind, NoticeRule};
use chrono::Datelike as _;
use entity::ids::UnitId;

use super::compose::{About, Gap, Values, short};
use crate::error::Result;
use crate::services::circular::Published;
use crate::services::circular::compute::Row;
use crate::services::facts::Snapshot;
use crate::services::score;

/// The most characters of a reason.
const REASON: usize = 60;
/// The most characters of a list's title.
const LIST: usize = 20;

/// What a run about results says.
pub(crate) struct Results {
    /// Unit by unit, in the order of the circular.
    pub(crate) abouts: Vec<About>,
    /// The same for all.
    pub(crate) shared: Values,
    /// Who was left out, and why.
    pub(crate) gaps: Vec<Gap>,
}

/// Reads the values of a rule out of the circular of its period.
pub(crate) async fn of(snapshot: &Arc<Snapshot>, rule: &NoticeRule, published: &Published) -> Result<Results> {
    let span = Span { first: published.circular.first_day, last: published.circular.last_day };
    let mut results = Results { abouts: Vec::new(), shared: Values::new(), gaps: Vec::new() };
    if let Ok(period) = published.circular.period.parse::<Period>() {
        results.shared.insert("period", name(period));
    }
    let awards = match &rule.list {
        Some(list) => awards(snapshot, list, span).await?,
        None => BTreeMap::new(),
    };
    for row in published.rows.iter().filter(|row| rule.categories.contains(&row.category)) {
        let mut values = values(row);
        if let Some(list) = &rule.list {
            let listed = row.lists.iter().find(|listed| listed.list == *list);
            let listed = listed.map(|listed| (listed.title.clone(), listed.clause.clone()));
            let won = awards.get(&row.unit).map(|won| (won.title.clone(), won.clause.clone()));
            if awards.get(&row.unit).is_some_and(|won| won.undecided) {
                results.gaps.push(Gap {
                    unit: Some(row.unit),
                    message: format!("{} is tied for an award, and nobody has decided", row.name),
                    message_zh: format!("{}并列，是否获奖尚未裁定，未列入", row.name),
                });
                continue;
            }
            let Some((title, clause)) = listed.or(won) else { continue };
            if let Some((en, zh)) = ineligible(snapshot, rule, row, span) {
                results.gaps.push(Gap {
                    unit: Some(row.unit),
                    message: format!("{} is on the list and was left out: {en}", row.name),
                    message_zh: format!("{}在名单上，但{zh}，未列入", row.name),
                });
                continue;
            }
            results.shared.insert("list", short(&title, LIST));
            values.insert("reason", short(&reason(rule.kind, row, &published.rows, &title, &clause), REASON));
        }
        results.abouts.push(About {
            unit: row.unit,
            name: row.name.clone(),
            category: Some(row.category.clone()),
            values,
        });
    }
    Ok(results)
}

struct Won {
    title: String,
    clause: String,
    undecided: bool,
}

/// Who won an award, if the list is one. The period is closed, so its facts stay as they are.
async fn awards(snapshot: &Arc<Snapshot>, award: &str, span: Span) -> Result<BTreeMap<UnitId, Won>> {
    let is_award = snapshot
        .versions
        .on_or_first(span.last)
        .is_some_and(|version| version.rulebook.awards().iter().any(|known| known.id == award));
    if !is_award {
        return Ok(BTreeMap::new());
    }
    let scored = score::scored(snapshot, span).await?;
    let year = scored.year();
    let lines = score::compute(move || scored.awards(year)).await?;
    let of_award = lines.into_iter().filter(|line| line.award == award && (line.outcome.wins() || line.undecided));
    let won = of_award
        .map(|line| (UnitId(line.unit), Won { title: line.title, clause: line.clause, undecided: line.undecided }));
    Ok(won.collect())
}

fn values(row: &Row) -> Values {
    let rate = if row.submitted > 0 {
        let tenths = (row.adopted_items * 1_000 + row.submitted / 2) / row.submitted;
        format!("{}.{}%", tenths / 10, tenths % 10)
    } else {
        "—".to_owned()
    };
    let change = match row.previous_rank {
        None => "上期无排名".to_owned(),
        Some(before) if before == row.rank => "与上期持平".to_owned(),
        Some(before) if before > row.rank => format!("较上期升{}位", before - row.rank),
        Some(before) => format!("较上期降{}位", row.rank - before),
    };
    Values::from([
        ("unit", row.name.clone()),
        ("category", row.category_name.clone()),
        ("score", row.score.to_string()),
        ("rank", row.rank.to_string()),
        ("of", row.of.to_string()),
        ("submitted", row.submitted.to_string()),
        ("adopted", row.adopted_items.to_string()),
        ("rate", rate),
        ("change", change),
    ])
}

/// Why a unit on the list is not named, if the rule names only some.
fn ineligible(snapshot: &Snapshot, rule: &NoticeRule, row: &Row, span: Span) -> Option<(String, String)> {
    let eligible = rule.eligible;
    if row.of < eligible.size {
        return Some((
            format!("its category has {} units, fewer than {}", row.of, eligible.size),
            format!("所属类别仅{}个单位，不足{}个", row.of, eligible.size),
        ));
    }
    let unit = snapshot.facts.units().get(&row.unit.0);
    let whole = unit.is_some_and(|unit| {
        let member = unit.memberships.iter().any(|membership| {
            membership.category == row.category
                && membership.first <= span.first
                && membership.last.is_none_or(|last| last >= span.last)
        });
        member && unit.opened_on <= span.first && unit.closed_on.is_none_or(|closed| closed > span.last)
    });
    if eligible.whole_period && !whole {
        return Some(("it was not a member during the whole period".to_owned(), "未在整个时段内参加考核".to_owned()));
    }
    let owes = snapshot.versions.on_or_first(span.last).is_some_and(|version| {
        let amounts = version.rulebook.quotas().iter().flat_map(|quota| &quota.amount);
        amounts.into_iter().any(|(of, amount)| *of == row.category && *amount > Points::ZERO)
    });
    if eligible.quota && !owes {
        return Some(("its category owes nothing".to_owned(), "所属类别没有报送任务".to_owned()));
    }
    None
}

/// Why a unit is listed, in the words of an office.
fn reason(kind: NoticeKind, row: &Row, rows: &[Row], title: &str, clause: &str) -> String {
    if kind != NoticeKind::Bottom && kind != NoticeKind::Talk {
        return format!("依据{clause}列入“{title}”");
    }
    let tied: BTreeSet<UnitId> = rows
        .iter()
        .filter(|other| other.category == row.category && other.rank == row.rank && other.unit != row.unit)
        .map(|other| other.unit)
        .collect();
    let beside = if tied.is_empty() { String::new() } else { format!("，与其他{}个单位并列", tied.len()) };
    format!("{}共{}个单位，你单位得{}分，列第{}位{beside}", row.category_name, row.of, row.score, row.rank)
}

/// A period as an office calls it.
pub(crate) fn name(period: Period) -> String {
    let first = period.first_day();
    let year = first.year();
    match period.unit() {
        PeriodUnit::Day => format!("{}月{}日", first.month(), first.day()),
        PeriodUnit::Week => format!("{year}年第{}周", first.iso_week().week()),
        PeriodUnit::Month => format!("{year}年{}月", first.month()),
        PeriodUnit::Quarter => {
            let place = usize::try_from(first.month0() / 3).unwrap_or_default();
            format!("{year}年第{}季度", ["一", "二", "三", "四"].get(place).unwrap_or(&""))
        }
        PeriodUnit::HalfYear => format!("{year}年{}半年", if first.month() == 1 { "上" } else { "下" }),
        PeriodUnit::Year => format!("{year}年度"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_called_as_offices_call_them() {
        for (period, called) in [
            ("2026-03", "2026年3月"),
            ("2026-Q1", "2026年第一季度"),
            ("2026-Q4", "2026年第四季度"),
            ("2026-H2", "2026年下半年"),
            ("2026", "2026年度"),
            ("2026-03-05", "3月5日"),
        ] {
            assert_eq!(name(period.parse().unwrap()), called);
        }
    }
}
