//! Answers as pictures: SVG with Chinese labels, plain enough to be printed in a circular and copied in black and white.
//!
//! No font is needed to write them: the picture names the fonts that offices have, in the order in which they are tried. The
//! same answer gives the same bytes. Numbers are floating-point only where they become places on the paper.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and periods become places on the paper")]

mod bars;
mod boxes;
mod heat;
mod lines;
mod plot;
mod scale;
mod svg;

use self::svg::{Anchor, GREY, Svg, TEXT};
use crate::frames::answer::{Answer, Cell, Row};
use crate::frames::number::{Number, Unit};
use crate::frames::query::Query;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A bar for each row, in the answer's order, with its place.
    RankingBars,
    /// A line for each row over the periods, with the first comparison beside it.
    TrendLines,
    /// A box for each category over the values of its units.
    CategoryBoxes,
    /// Rows by periods, the darker the more.
    HeatMap,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::RankingBars, Self::TrendLines, Self::CategoryBoxes, Self::HeatMap];

    /// Its word.
    pub fn code(self) -> &'static str {
        match self {
            Self::RankingBars => "ranking_bars",
            Self::TrendLines => "trend_lines",
            Self::CategoryBoxes => "category_boxes",
            Self::HeatMap => "heat_map",
        }
    }
}

/// Why an answer cannot be drawn that way, and what to ask instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// The part of the question that it is about.
    pub field: &'static str,
    /// In English.
    pub message: &'static str,
    /// In Chinese.
    pub message_zh: &'static str,
}

/// The most rows of bars and of heat maps: what fits on a page.
pub const MOST_ROWS: usize = 60;
/// The most lines that can be told apart.
pub const MOST_LINES: usize = 6;
/// The most periods of a heat map.
pub const MOST_COLUMNS: usize = 31;

/// Draws an answer. Without a title it is the measure's name with the days.
pub fn draw(kind: Kind, query: &Query, answer: &Answer, title: Option<&str>) -> Result<String, Unfit> {
    let measure = answer.measures.first().ok_or(Unfit {
        field: "measures",
        message: "nothing is measured",
        message_zh: "没有指标",
    })?;
    let about = measure.about();
    let days = match (answer.periods.first(), answer.periods.last()) {
        (Some(first), Some(last)) if first.label != last.label => format!("{} 至 {}", first.label, last.label),
        (Some(only), _) => only.label.clone(),
        _ => String::new(),
    };
    let drawing = Drawing {
        query,
        answer,
        unit: about.unit,
        name: about.zh,
        title: title.map_or_else(|| format!("{}（{days}）", about.zh), str::to_owned),
    };
    if answer.rows.is_empty() {
        return Err(Unfit {
            field: "where", message: "the answer has no rows", message_zh: "结果为空，无法绘图"
        });
    }
    match kind {
        Kind::RankingBars => bars::draw(&drawing),
        Kind::TrendLines => lines::draw(&drawing),
        Kind::CategoryBoxes => boxes::draw(&drawing),
        Kind::HeatMap => heat::draw(&drawing),
    }
}

/// What every picture is made of.
struct Drawing<'a> {
    query: &'a Query,
    answer: &'a Answer,
    unit: Unit,
    name: &'static str,
    title: String,
}

impl Drawing<'_> {
    /// A value as it is printed.
    fn text(&self, number: Number) -> String {
        printed(number, self.unit)
    }

    /// Ends a picture that reaches down to `end`, and says below it what a reader must know of the last period.
    fn finish(&self, mut svg: Svg, mut end: f64) -> String {
        let open = self.answer.periods.iter().filter(|period| period.partial).map(|period| period.label.as_str());
        let open: Vec<&str> = open.collect();
        if !open.is_empty() {
            let note = format!("注：{} 尚未结束，为截至目前的数据。", open.join("、"));
            svg.text((20.0, end), TEXT * 0.85, Anchor::Start, GREY, &note);
            end += TEXT * 1.4;
        }
        svg.finish(end, &self.title)
    }
}

/// What a row stands for.
fn label(row: &Row) -> String {
    if row.is_others {
        return "其余".to_owned();
    }
    if row.keys.is_empty() {
        return "全网".to_owned();
    }
    row.keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(" · ")
}

/// The first cell of a row.
fn cell(row: &Row) -> Option<&Cell> {
    row.cells.first()
}

/// A value as a place on the paper.
fn height(number: Number) -> f64 {
    number.to_string().parse().unwrap_or(0.0)
}

/// A value as it is printed: parts as per cent with one place, decimals with two at most.
fn printed(number: Number, unit: Unit) -> String {
    match (unit, number) {
        (Unit::Ratio, number) => format!("{:.1}%", height(number) * 100.0),
        (_, Number::Count(count)) => count.to_string(),
        (_, Number::Money(_)) => format!("{:.2}", height(number)),
        (_, number) => trimmed(&format!("{:.2}", height(number))),
    }
}

fn trimmed(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

/// In what the axis counts.
fn axis_unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "",
        Unit::Points => "（分）",
        Unit::Money => "（元）",
        Unit::Ratio => "（%）",
        Unit::Hours => "（小时）",
    }
}
