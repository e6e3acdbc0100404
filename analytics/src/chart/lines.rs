//! A line for each row over the periods.

use super::bars::against;
use super::plot::{LEFT, Plot};
use super::svg::{Anchor, BLACK, GREY, INK, OTHER, TEXT, width};
use super::{Drawing, MOST_LINES, Unfit, cell, label as label_of};
use crate::frames::answer::{Cell, Key, Row};

const HEIGHT: f64 = 640.0;
/// Colours and dashes, so that lines can be told apart on a black and white copy too.
const STYLES: [(&str, &str); MOST_LINES] = [
    (INK, ""),
    ("#548235", "24 10"),
    ("#7f6000", "8 10"),
    ("#7030a0", "30 8 8 8"),
    ("#404040", "16 16"),
    ("#c00000", "40 12"),
];

/// What one row is over time.
struct Series<'a> {
    label: String,
    cells: Vec<Option<&'a Cell>>,
}

pub(super) fn draw(drawing: &Drawing<'_>) -> Result<String, Unfit> {
    let periods = &drawing.answer.periods;
    if periods.len() < 2 {
        return Err(Unfit {
            field: "splitBy",
            message: "lines need at least two periods; split the time",
            message_zh: "折线图至少需要两个时段，请设置 splitBy",
        });
    }
    let all = series(drawing);
    if all.len() > MOST_LINES {
        return Err(Unfit {
            field: "limit",
            message: "at most six lines can be told apart; filter the rows, or draw a heat map",
            message_zh: "折线图最多显示六条线，请筛选，或改用热力图",
        });
    }
    let compared = drawing.query.compare.first().filter(|_| all.len() == 1);
    let bases = all.iter().flat_map(|series| &series.cells).flatten().filter_map(|cell| base(cell));
    let bases = bases.filter(|_| compared.is_some());
    let values = all.iter().flat_map(|series| &series.cells).flatten().filter_map(|cell| cell.value);
    let (mut svg, plot) = Plot::begin(drawing, HEIGHT, values.chain(bases));
    let (right, bottom) = (plot.right, plot.bottom);
    let step = (right - LEFT) / periods.len() as f64;
    let x = |place: usize| LEFT + step * (place as f64 + 0.5);
    let widest = periods.iter().map(|period| width(&period.label, TEXT * 0.85)).fold(0.0, f64::max) + 20.0;
    let most = u32::try_from(periods.len()).unwrap_or(u32::MAX);
    let every = (1..=most).find(|every| step * f64::from(*every) >= widest).unwrap_or(most) as usize;
    for (place, period) in periods.iter().enumerate().filter(|(place, _)| place % every == 0) {
        svg.text((x(place), bottom + TEXT * 1.3), TEXT * 0.85, Anchor::Middle, GREY, &period.label);
    }
    svg.line((LEFT, bottom), (right, bottom), GREY, 3.0);
    let y = |value| plot.y(value);
    if compared.is_some() {
        let points = |cell: &Cell| base(cell).map(y);
        for run in runs(&all[0].cells, points, x) {
            svg.path(&run, OTHER, "18 12");
            for point in run {
                svg.dot(point, 7.0, OTHER, OTHER);
            }
        }
    }
    for (series, (colour, dash)) in all.iter().zip(STYLES) {
        for run in runs(&series.cells, |cell| cell.value.map(y), x) {
            svg.path(&run, colour, dash);
        }
        for (place, cell) in series.cells.iter().enumerate() {
            let Some((cell, value)) = cell.and_then(|cell| Some((cell, cell.value?))) else { continue };
            // A period that has not ended is hollow.
            let fill = if cell.partial { "#ffffff" } else { colour };
            svg.dot((x(place), y(value)), 10.0, fill, colour);
            if all.len() == 1 && (periods.len() <= 16 || place % every == 0) {
                svg.text((x(place), y(value) - 24.0), TEXT * 0.85, Anchor::Middle, BLACK, &drawing.text(value));
            }
        }
    }
    let mut legend: Vec<(String, &str, &str)> =
        all.iter().zip(STYLES).map(|(series, (colour, dash))| (series.label.clone(), colour, dash)).collect();
    legend.extend(compared.map(|compare| (against(compare).to_owned(), OTHER, "18 12")));
    let (mut at, mut end) = (LEFT, bottom + TEXT * 3.0);
    for (label, colour, dash) in legend {
        let wide = 110.0 + width(&label, TEXT) + 40.0;
        if at + wide > right && at > LEFT {
            (at, end) = (LEFT, end + TEXT * 1.5);
        }
        svg.path(&[(at, end - TEXT * 0.35), (at + 90.0, end - TEXT * 0.35)], colour, dash);
        svg.text((at + 105.0, end), TEXT, Anchor::Start, BLACK, &label);
        at += wide;
    }
    end += TEXT * 1.4;
    Ok(drawing.finish(svg, end))
}

fn base(cell: &Cell) -> Option<crate::frames::number::Number> {
    cell.comparisons.first().and_then(|comparison| comparison.base)
}

/// The answer's rows by what they stand for, in the order in which each is first seen.
fn series<'a>(drawing: &Drawing<'a>) -> Vec<Series<'a>> {
    let mut all: Vec<(&[Key], bool, Series<'a>)> = Vec::new();
    let periods = drawing.answer.periods.len();
    let rows: &'a [Row] = &drawing.answer.rows;
    for row in rows {
        let known = all.iter().position(|(keys, others, _)| *keys == row.keys && *others == row.is_others);
        let place = known.unwrap_or_else(|| {
            let series = Series { label: label_of(row), cells: vec![None; periods] };
            all.push((&row.keys, row.is_others, series));
            all.len() - 1
        });
        all[place].2.cells[row.period] = cell(row);
    }
    all.into_iter().map(|(_, _, series)| series).collect()
}

/// The stretches of a line without gaps.
fn runs(cells: &[Option<&Cell>], y: impl Fn(&Cell) -> Option<f64>, x: impl Fn(usize) -> f64) -> Vec<Vec<(f64, f64)>> {
    let mut runs = vec![Vec::new()];
    for (place, cell) in cells.iter().enumerate() {
        match (cell.and_then(&y), runs.last_mut()) {
            (Some(y), Some(run)) => run.push((x(place), y)),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}
