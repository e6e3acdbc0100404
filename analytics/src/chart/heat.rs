//! Rows by periods: the darker, the more; the value stands in each field.

use super::svg::{Anchor, BLACK, GREY, Svg, TEXT, WIDTH, cut, width};
use super::{Drawing, MOST_COLUMNS, MOST_ROWS, Unfit, cell, height, label as label_of};
use crate::frames::answer::{Key, Status};
use crate::frames::number::Number;

const ROW: f64 = 56.0;
const NAMES: f64 = 360.0;
/// From little to much; each is clearly darker than the one before, also in grey.
const SHADES: [&str; 7] = ["#f7fbff", "#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#3182bd", "#08519c"];
/// From this shade on text is white.
const DARK: usize = 5;

/// The fields of one row: a value, or why there is none.
type Fields = Vec<Option<Result<Number, Status>>>;

pub(super) fn draw(drawing: &Drawing<'_>) -> Result<String, Unfit> {
    let periods = &drawing.answer.periods;
    let mut rows: Vec<(&[Key], String, Fields)> = Vec::new();
    for row in drawing.answer.rows.iter().filter(|row| !row.is_others) {
        let place = rows.iter().position(|(keys, ..)| *keys == row.keys).unwrap_or_else(|| {
            rows.push((&row.keys, label_of(row), vec![None; periods.len()]));
            rows.len() - 1
        });
        rows[place].2[row.period] = cell(row).map(|cell| cell.value.ok_or(cell.status));
    }
    if periods.len() < 2 || periods.len() > MOST_COLUMNS {
        return Err(Unfit {
            field: "splitBy",
            message: "a heat map shows 2 to 31 periods; split the time accordingly",
            message_zh: "热力图显示 2 至 31 个时段，请相应设置 splitBy",
        });
    }
    if rows.len() > MOST_ROWS {
        return Err(Unfit {
            field: "where",
            message: "a heat map shows at most 60 rows; filter them",
            message_zh: "热力图最多显示 60 行，请筛选",
        });
    }
    let values = || rows.iter().flat_map(|(_, _, fields)| fields).flatten().filter_map(|field| field.ok()).map(height);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let shade = |value: Number| {
        let part = if high > low { (height(value) - low) / (high - low) } else { 0.0 };
        // The least value alone has the lightest shade.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "one of seven")]
        let place = (part * (SHADES.len() - 1) as f64).ceil() as usize;
        place.min(SHADES.len() - 1)
    };
    let mut svg = Svg::new();
    let top = svg.title(&drawing.title) + TEXT * 1.6;
    let names = rows.iter().map(|(_, label, _)| width(&cut(label, NAMES, TEXT), TEXT)).fold(0.0, f64::max);
    let left = names + 40.0;
    let step = (WIDTH - 20.0 - left) / periods.len() as f64;
    // The whole name if there is room for it; without the century; without the year.
    let names: [fn(&str) -> &str; 3] = [
        |label| label,
        |label| label.get(2..).unwrap_or(label),
        |label| label.split_once('-').map_or(label, |(_, rest)| rest),
    ];
    let fits =
        |name: &fn(&str) -> &str| periods.iter().all(|period| width(name(&period.label), TEXT * 0.8) <= step - 6.0);
    let name = names.into_iter().find(fits).unwrap_or(names[2]);
    for (place, period) in periods.iter().enumerate() {
        let label = name(&period.label);
        let x = left + step * (place as f64 + 0.5);
        svg.text((x, top - TEXT * 0.5), TEXT * 0.8, Anchor::Middle, GREY, &cut(label, step, TEXT * 0.8));
    }
    let longest = rows.iter().flat_map(|(_, _, fields)| fields).flatten().filter_map(|field| field.ok());
    let longest = longest.map(|value| width(&drawing.text(value), 1.0)).fold(1.0, f64::max);
    let size = ((step - 8.0) / longest).min(TEXT * 0.85);
    for (line, (_, label, fields)) in rows.iter().enumerate() {
        let y = top + ROW * line as f64;
        let middle = y + ROW / 2.0 + TEXT * 0.33;
        svg.text((left - 15.0, middle), TEXT, Anchor::End, BLACK, &cut(label, NAMES, TEXT));
        for (place, field) in fields.iter().enumerate() {
            let x = left + step * place as f64;
            let at = (x + step / 2.0, y + ROW / 2.0 + size * 0.35);
            match field {
                Some(Ok(value)) => {
                    let shade = shade(*value);
                    svg.frame((x, y), (step, ROW), SHADES[shade], "#ffffff");
                    let ink = if shade >= DARK { "#ffffff" } else { BLACK };
                    svg.text(at, size, Anchor::Middle, ink, &drawing.text(*value));
                }
                Some(Err(Status::NotApplicable)) => svg.frame((x, y), (step, ROW), "#e0e0e0", "#ffffff"),
                Some(Err(_)) | None => {
                    svg.frame((x, y), (step, ROW), "#ffffff", "#ffffff");
                    svg.text(at, size, Anchor::Middle, GREY, "—");
                }
            }
        }
    }
    let mut end = top + ROW * rows.len() as f64 + TEXT * 1.6;
    svg.text((left - 15.0, end), TEXT * 0.85, Anchor::End, GREY, "少");
    for (place, shade) in SHADES.iter().enumerate() {
        svg.rect((left + 60.0 * place as f64, end - TEXT * 0.75), (60.0, TEXT), shade);
    }
    let after = left + 60.0 * SHADES.len() as f64 + 15.0;
    svg.text((after, end), TEXT * 0.85, Anchor::Start, GREY, "多　灰色为单位尚未设立或已撤销");
    end += TEXT * 1.5;
    Ok(drawing.finish(svg, end))
}
