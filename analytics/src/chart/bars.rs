//! A bar for each row, in the answer's order: a ranking as a circular prints it.

use super::scale::Scale;
use super::svg::{Anchor, BLACK, GREY, GRID, INK, OTHER, Svg, TEXT, WIDTH, cut, width};
use super::{Drawing, MOST_ROWS, Unfit, cell, height, label as label_of};
use crate::frames::number::Unit;
use crate::frames::query::Compare;

const BAR: f64 = 40.0;
const STEP: f64 = 62.0;
/// The widest name.
const NAMES: f64 = 420.0;

pub(super) fn draw(drawing: &Drawing<'_>) -> Result<String, Unfit> {
    let rows = &drawing.answer.rows;
    if drawing.answer.periods.len() > 1 {
        return Err(Unfit {
            field: "splitBy",
            message: "bars show one period; leave splitBy out, or draw lines or a heat map",
            message_zh: "条形图只显示一个时段，请去掉 splitBy，或改用折线图、热力图",
        });
    }
    if drawing.answer.dimensions.is_empty() || rows.len() > MOST_ROWS {
        return Err(Unfit {
            field: "limit",
            message: "bars show 1 to 60 rows; name a dimension, and limit the rows",
            message_zh: "条形图显示 1 至 60 行，请指定维度并限制行数",
        });
    }
    let mut svg = Svg::new();
    let top = svg.title(&drawing.title);
    let ranked = drawing.query.rank.as_ref().is_some_and(|rank| rank.by == 0);
    let places = if ranked { 90.0 } else { 20.0 };
    let labels: Vec<String> = rows.iter().map(|row| cut(&label_of(row), NAMES, TEXT)).collect();
    let names = labels.iter().map(|label| width(label, TEXT)).fold(0.0, f64::max);
    let (left, right) = (places + names + 30.0, WIDTH - 190.0);
    let base = |row: &crate::frames::answer::Row| {
        cell(row).and_then(|cell| cell.comparisons.first()).and_then(|comparison| comparison.base)
    };
    let values = rows.iter().flat_map(|row| [cell(row).and_then(|cell| cell.value), base(row)]);
    let scale = Scale::of(values.flatten().map(height));
    let bottom = top + 20.0 + STEP * rows.len() as f64;
    for mark in &scale.marks {
        let x = scale.place(*mark, left, right);
        svg.line((x, top), (x, bottom), GRID, 2.0);
        let text = scale.text(*mark, drawing.unit == Unit::Ratio);
        svg.text((x, bottom + TEXT * 1.2), TEXT * 0.85, Anchor::Middle, GREY, &text);
    }
    let zero = scale.place(0.0, left, right);
    for (place, (row, label)) in rows.iter().zip(&labels).enumerate() {
        let y = top + 20.0 + STEP * place as f64;
        let middle = y + BAR / 2.0 + TEXT * 0.35;
        let found = cell(row);
        if let Some(rank) = found.and_then(|cell| cell.rank).filter(|_| ranked) {
            svg.text((places - 15.0, middle), TEXT, Anchor::End, BLACK, &rank.rank.to_string());
        }
        svg.text((left - 15.0, middle), TEXT, Anchor::End, BLACK, label);
        let Some(value) = found.and_then(|cell| cell.value) else {
            svg.text((zero + 15.0, middle), TEXT, Anchor::Start, GREY, "—");
            continue;
        };
        let end = scale.place(height(value), left, right);
        let fill = if row.is_others { "#8ea9c1" } else { INK };
        svg.rect((zero.min(end), y), ((end - zero).abs(), BAR), fill);
        let mut text = end.max(zero);
        if let Some(base) = base(row) {
            let x = scale.place(height(base), left, right);
            svg.rect((x - 4.0, y - 7.0), (8.0, BAR + 14.0), OTHER);
            text = text.max(x + 4.0);
        }
        svg.text((text + 15.0, middle), TEXT, Anchor::Start, BLACK, &drawing.text(value));
    }
    svg.line((zero, top), (zero, bottom), GREY, 3.0);
    let mut end = bottom + TEXT * 2.6;
    if let Some(compare) = drawing.query.compare.first() {
        let name = against(compare);
        svg.rect((left, end - TEXT * 0.85), (8.0, TEXT), OTHER);
        svg.text((left + 25.0, end), TEXT * 0.9, Anchor::Start, GREY, name);
        end += TEXT * 1.4;
    }
    Ok(drawing.finish(svg, end))
}

/// What a comparison is called beside a picture.
pub(super) fn against(compare: &Compare) -> &'static str {
    match compare {
        Compare::Previous(1) => "上期",
        Compare::Previous(_) => "此前同长时段",
        Compare::SameLastYear => "上年同期",
        Compare::Period(_) => "对比时段",
        Compare::CategoryAverage => "类别均值",
        Compare::CategoryMedian => "类别中位数",
        Compare::Total => "合计",
    }
}
