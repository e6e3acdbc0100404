//! A box for each category over the values of its units: from the lower to the upper quartile, with the middle marked and
//! whiskers to the least and the greatest value, by nearest rank.

use super::plot::{LEFT, Plot};
use super::svg::{Anchor, BLACK, GREY, INK, TEXT, cut};
use super::{Drawing, Unfit, cell, height};
use crate::frames::dimension::Dimension;
use crate::frames::number::Number;

const HEIGHT: f64 = 700.0;
/// More boxes than a page is wide.
const MOST_BOXES: usize = 12;

pub(super) fn draw(drawing: &Drawing<'_>) -> Result<String, Unfit> {
    let answer = drawing.answer;
    let place = |wanted| answer.dimensions.iter().position(|dimension| *dimension == wanted);
    let (Some(category), Some(_), 2, 1) =
        (place(Dimension::Category), place(Dimension::Unit), answer.dimensions.len(), answer.periods.len())
    else {
        return Err(Unfit {
            field: "rows",
            message: "boxes are drawn over units by category in one period: rows [CATEGORY, UNIT], no splitBy",
            message_zh: "箱线图按类别显示各单位在一个时段的分布：rows 为 [CATEGORY, UNIT]，不设 splitBy",
        });
    };
    let mut boxes: Vec<(&str, Vec<Number>)> = Vec::new();
    for row in answer.rows.iter().filter(|row| !row.is_others) {
        let Some(value) = cell(row).and_then(|cell| cell.value) else { continue };
        let name = row.keys[category].name.as_str();
        match boxes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => boxes.push((name, vec![value])),
        }
    }
    if boxes.is_empty() || boxes.len() > MOST_BOXES {
        return Err(Unfit {
            field: "where",
            message: "boxes show 1 to 12 categories that have values",
            message_zh: "箱线图显示 1 至 12 个有数值的类别",
        });
    }
    let values = boxes.iter().flat_map(|(_, values)| values).copied();
    let (mut svg, plot) = Plot::begin(drawing, HEIGHT, values);
    let (right, bottom) = (plot.right, plot.bottom);
    let step = (right - LEFT) / boxes.len() as f64;
    let wide = (step * 0.4).min(150.0);
    for (place, (name, values)) in boxes.iter_mut().enumerate() {
        values.sort_by(|left, right| height(*left).total_cmp(&height(*right)));
        let x = LEFT + step * (place as f64 + 0.5);
        let y = |value| plot.y(value);
        let at = |quarter: usize| values[(values.len() * quarter).div_ceil(4).saturating_sub(1)];
        let (least, lower, middle, upper, greatest) = (values[0], at(1), at(2), at(3), values[values.len() - 1]);
        svg.line((x, y(greatest)), (x, y(upper)), INK, 4.0);
        svg.line((x, y(lower)), (x, y(least)), INK, 4.0);
        for end in [least, greatest] {
            svg.line((x - wide / 4.0, y(end)), (x + wide / 4.0, y(end)), INK, 4.0);
        }
        svg.frame((x - wide / 2.0, y(upper)), (wide, y(lower) - y(upper)), "#dce6f1", INK);
        svg.line((x - wide / 2.0, y(middle)), (x + wide / 2.0, y(middle)), "#c00000", 7.0);
        let beside = x + wide / 2.0 + 12.0;
        svg.text((beside, y(middle) + TEXT * 0.35), TEXT * 0.9, Anchor::Start, BLACK, &drawing.text(middle));
        svg.text((x, bottom + TEXT * 1.4), TEXT, Anchor::Middle, BLACK, &cut(name, step - 10.0, TEXT));
        let count = format!("{} 个单位", values.len());
        svg.text((x, bottom + TEXT * 2.7), TEXT * 0.85, Anchor::Middle, GREY, &count);
    }
    svg.line((LEFT, bottom), (right, bottom), GREY, 3.0);
    let mut end = bottom + TEXT * 4.4;
    let legend = "红线为中位数，箱体为上下四分位数，两端为最大值和最小值。";
    svg.text((20.0, end), TEXT * 0.85, Anchor::Start, GREY, legend);
    end += TEXT * 1.4;
    Ok(drawing.finish(svg, end))
}
