//! Which queries cannot be answered, whatever the facts say, and what would help.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::dimension::Dimension;
use super::measure::{Additivity, Measure};
use super::periods;
use super::plan::category_is_of_facts;
use super::query::{Compare, Having, Query, Window};
use super::refusal::{Change, Reason, Refusal};
use crate::period::{PeriodUnit, Span};

/// The most measures of one query.
pub const MOST_MEASURES: usize = 8;
/// The most dimensions.
pub const MOST_ROWS: usize = 4;
const MOST_COMPARISONS: usize = 4;

/// Whether the parts of a query go together.
pub(super) fn form(query: &Query) -> Result<(), Refusal> {
    check_counts(query)?;
    check_dimensions(query)?;
    check_combinations(query)
}

fn check_counts(query: &Query) -> Result<(), Refusal> {
    let unique = |count: usize, distinct: usize| count == distinct;
    let measures: BTreeSet<_> = query.measures.iter().collect();
    if query.measures.is_empty()
        || query.measures.len() > MOST_MEASURES
        || !unique(query.measures.len(), measures.len())
    {
        let change = if query.measures.is_empty() {
            Change::Set("measures", "submitted")
        } else {
            Change::KeepMeasures(measures.len().min(MOST_MEASURES))
        };
        return Err(Refusal::new(
            Reason::Count,
            "measures",
            format!("name one to {MOST_MEASURES} different measures"),
            format!("请填写 1 至 {MOST_MEASURES} 个不同的指标"),
            change,
        ));
    }
    let rows: BTreeSet<_> = query.rows.iter().collect();
    if query.rows.len() > MOST_ROWS || !unique(query.rows.len(), rows.len()) {
        let dropped = query.rows.iter().skip(MOST_ROWS).copied().collect();
        return Err(Refusal::new(
            Reason::Count,
            "rows",
            format!("name none to {MOST_ROWS} different dimensions"),
            format!("请填写 0 至 {MOST_ROWS} 个不同的维度"),
            Change::DropRows(dropped),
        ));
    }
    if query.compare.len() > MOST_COMPARISONS {
        return Err(Refusal::new(
            Reason::Count,
            "compare",
            format!("compare with at most {MOST_COMPARISONS} things at a time"),
            format!("一次最多进行 {MOST_COMPARISONS} 项比较"),
            Change::Set("compare", "fewer comparisons"),
        ));
    }
    Ok(())
}

fn check_dimensions(query: &Query) -> Result<(), Refusal> {
    for (field, asked) in [("rows", query.rows.iter().copied().collect()), ("where", query.filtered())] {
        let asked: BTreeSet<Dimension> = asked;
        for measure in &query.measures {
            let valid = measure.dimensions();
            let wrong: Vec<Dimension> = asked.iter().filter(|dimension| !valid.contains(dimension)).copied().collect();
            if wrong.is_empty() {
                continue;
            }
            let about = measure.about();
            let list = |names: Vec<&str>, with: &str| names.join(with);
            let others = query.measures.iter().filter(|other| {
                let valid = other.dimensions();
                asked.iter().any(|dimension| !valid.contains(dimension))
            });
            let failing: Vec<Measure> = others.copied().collect();
            // Whichever leaves more of the question: the dimension goes if every measure lacks it.
            let change = if failing.len() < query.measures.len() {
                Change::DropMeasures(failing)
            } else if field == "rows" {
                Change::DropRows(wrong.clone())
            } else {
                Change::DropFilter(wrong.clone())
            };
            return Err(Refusal::new(
                Reason::Dimension,
                field,
                format!(
                    "{} cannot be told by {}; it can be told by {}",
                    about.en,
                    list(wrong.iter().map(|dimension| dimension.en()).collect(), ", "),
                    list(valid.iter().map(|dimension| dimension.en()).collect(), ", "),
                ),
                format!(
                    "{}不能按{}统计，可用维度：{}",
                    about.zh,
                    list(wrong.iter().map(|dimension| dimension.zh()).collect(), "、"),
                    list(valid.iter().map(|dimension| dimension.zh()).collect(), "、"),
                ),
                change,
            ));
        }
    }
    Ok(())
}

/// Whether sums over the rows of a period are the figures of all of them.
fn rows_add_up(query: &Query) -> bool {
    let is_of_units = query.rows.iter().all(|dimension| dimension.is_of_units());
    let adds = |measure: &Measure| match measure.additivity() {
        Additivity::Additive => true,
        Additivity::OverUnits => is_of_units,
        Additivity::NotAdditive => {
            measure.is_ratio() && measure.figures().iter().all(|figure| is_of_units || !figure.is_distinct())
        }
    };
    !query.with_subtree && query.measures.iter().all(adds)
}

fn check_combinations(query: &Query) -> Result<(), Refusal> {
    let has_units = query.rows.contains(&Dimension::Unit);
    if query.with_subtree && !has_units {
        return refuse(
            "withSubtree",
            ("only rows by unit can hold the units below", "仅按单位统计时可包含下级单位"),
            Change::AddRow(Dimension::Unit),
        );
    }
    if query.with_subtree && category_is_of_facts(query) && query.rows.contains(&Dimension::Category) {
        return refuse(
            "attribution",
            (
                "a unit with those below it has the category that it has at the end of the period",
                "含下级单位统计时，类别须按期末归属",
            ),
            Change::Set("attribution", "PERIOD_END"),
        );
    }
    if query.window.is_some() && query.split_by.is_none() {
        return refuse(
            "window",
            ("a window runs over periods; say by which unit to split", "移动窗口按时段计算，请填写 splitBy"),
            Change::SplitBy(Some(PeriodUnit::Month)),
        );
    }
    if let Some(Window::Trailing { periods, least }) = query.window
        && (periods == 0 || periods > 120 || least == 0 || least > periods)
    {
        return refuse(
            "window",
            (
                "a trailing window has 1 to 120 periods, and asks for at least 1 of them and at most all",
                "移动窗口为 1 至 120 个时段，最少时段数不得超过窗口",
            ),
            Change::Set("window.minPeriods", "1"),
        );
    }
    let by_category = |compare: &Compare| matches!(compare, Compare::CategoryAverage | Compare::CategoryMedian);
    if query.compare.iter().any(by_category) && !has_units {
        return refuse(
            "compare",
            ("only units are compared with their category", "仅按单位统计时可与类别比较"),
            Change::AddRow(Dimension::Unit),
        );
    }
    if query.compare.contains(&Compare::Total) && !rows_add_up(query) {
        return refuse(
            "compare",
            (
                "the rows overlap, so they have no total; leave out with_subtree, medians, and counts of different items by publication",
                "各行有重叠，无法求合计；请去掉含下级、中位数或按刊物的去重计数",
            ),
            Change::Set("compare", "no TOTAL"),
        );
    }
    check_rank(query)
}

fn refuse<T>(field: &'static str, (en, zh): (&str, &str), change: Change) -> Result<T, Refusal> {
    Err(Refusal::new(Reason::Combination, field, en, zh, change))
}

/// Ranks and limits.
fn check_rank(query: &Query) -> Result<(), Refusal> {
    let has_units = query.rows.contains(&Dimension::Unit);
    let Some(rank) = &query.rank else {
        if query.limit.is_some() {
            return refuse(
                "limit",
                ("the first of what? give a rank with the limit", "请同时填写排名方式"),
                Change::Set("rank", "by the first measure"),
            );
        }
        return check_having(query);
    };
    let is_place = |place: &usize| *place < query.measures.len();
    if !is_place(&rank.by) || !rank.tie_break.iter().all(is_place) {
        return Err(Refusal::new(
            Reason::Range,
            "rank",
            "a rank is by one of the measures",
            "排名须依据所列指标之一",
            Change::Set("rank.by", "the first measure"),
        ));
    }
    let can_group =
        |dimension: &Dimension| query.rows.contains(dimension) || (has_units && *dimension == Dimension::Category);
    if let Some(wrong) = rank.within.iter().find(|dimension| !can_group(dimension)) {
        return refuse(
            "rank.within",
            ("rows are ranked among those that agree in dimensions of the rows", "排名分组须为行维度"),
            Change::AddRow(*wrong),
        );
    }
    if let Some(limit) = &query.limit {
        if limit.rows == 0 {
            return refuse("limit", ("show at least one row", "至少显示一行"), Change::Set("limit.n", "1"));
        }
        if limit.eligible_only && !has_units {
            return refuse(
                "limit",
                ("only units are eligible or not", "仅按单位统计时可排除不参评单位"),
                Change::AddRow(Dimension::Unit),
            );
        }
        if limit.others && !rows_add_up(query) {
            return refuse(
                "limit.others",
                ("the rows overlap, so the rest of them has no sum", "各行有重叠，无法合计其余行"),
                Change::Set("limit.others", "false"),
            );
        }
    }
    check_having(query)
}

fn check_having(query: &Query) -> Result<(), Refusal> {
    fn places(having: &Having, into: &mut Vec<usize>) {
        match having {
            Having::All(parts) | Having::Any(parts) => parts.iter().for_each(|part| places(part, into)),
            Having::Not(part) => places(part, into),
            Having::Value(place, _, _) => into.push(*place),
        }
    }
    let mut named = Vec::new();
    if let Some(having) = &query.having {
        places(having, &mut named);
    }
    if named.iter().all(|place| *place < query.measures.len()) {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::Range,
        "having",
        "rows are chosen by one of the measures",
        "筛选须依据所列指标之一",
        Change::Set("having.measure", "one of the measures"),
    ))
}

/// Refuses an answer with too many cells, and looks for the longest question that is not.
pub(super) fn too_large(
    query: &Query,
    span: Span,
    today: NaiveDate,
    cells: &dyn Fn(usize) -> usize,
    found: usize,
) -> Refusal {
    let most = query.most_cells;
    let longer = PeriodUnit::ALL.into_iter().filter(|unit| query.split_by.is_some_and(|split| *unit > split)).map(Some);
    let fits = |unit: &Option<PeriodUnit>| cells(periods::split(span, *unit, today).len()) <= most;
    let split = longer.chain(query.split_by.is_some().then_some(None)).find(fits);
    let for_each_measure = found / query.measures.len().max(1);
    let kept = most / for_each_measure.max(1);
    let change = match split {
        Some(unit) => Change::SplitBy(unit),
        None if kept > 0 => Change::KeepMeasures(kept),
        None => Change::DropRows(query.rows.last().copied().into_iter().collect()),
    };
    Refusal::new(
        Reason::TooLarge,
        "rows",
        format!("the answer would have {found} cells, at most {most} are given at once"),
        format!("结果将有 {found} 个单元格，一次最多 {most} 个"),
        change,
    )
}
