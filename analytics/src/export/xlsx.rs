//! Workbooks: typed cells under a heading that stays in sight, and a sheet that says where the figures come from.
//!
//! Numbers are numbers and days are days, so that a spreadsheet goes on counting with them. Text is written as text and is
//! never a formula. A number that a spreadsheet cannot hold exactly is written as text.

use chrono::{DateTime, Datelike, Utc};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::table::{Column, Kind, Table, Value};
use crate::frames::number::Unit;

/// The sheet of the figures.
pub const FIGURES: &str = "数据";
/// The sheet that says where they come from.
pub const ORIGIN: &str = "说明";
/// What the ministries' templates use.
const FONT: &str = "宋体";
const FONT_SIZE: f64 = 11.0;
/// The greatest whole number up to which each one has a floating-point number of its own.
const EXACT: u64 = 1 << 53;
const NARROWEST: usize = 8;
const WIDEST: usize = 40;
/// A sheet's pane freezes the keys of a row as well, up to so many columns.
const MOST_FROZEN: usize = 4;

/// Writes the table and, on a second sheet, what is said about it: pairs of a heading and a text. `at` stands in the
/// workbook as the time of its making.
pub fn write(table: &Table, origin: &[(String, String)], at: DateTime<Utc>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_timestamp(at.timestamp())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    figures(workbook.add_worksheet(), table)?;
    about(workbook.add_worksheet(), origin)?;
    workbook.save_to_buffer()
}

fn plain() -> Format {
    Format::new().set_font_name(FONT).set_font_size(FONT_SIZE)
}

fn heading() -> Format {
    plain()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0x00E7_EEF7))
        .set_border(FormatBorder::Thin)
}

fn figures(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    sheet.set_name(FIGURES)?;
    let heading = heading();
    for (place, column) in (0..).zip(&table.columns) {
        sheet.write_string_with_format(0, place, &column.title, &heading)?;
        sheet.set_column_width(place, width(table, usize::from(place)))?;
    }
    for (place, column) in (0..).zip(&table.columns) {
        let format = format(column);
        for (line, row) in (1..).zip(&table.rows) {
            cell(sheet, (line, place), &row[usize::from(place)], &format)?;
        }
    }
    let period = table.place("period").unwrap_or(0);
    let frozen = u16::try_from((period + 1).min(MOST_FROZEN)).unwrap_or(0);
    sheet.set_freeze_panes(1, frozen)?;
    sheet.set_repeat_rows(0, 0)?;
    if let (Ok(last_row), Some(last)) = (u32::try_from(table.rows.len()), table.columns.len().checked_sub(1)) {
        sheet.autofilter(0, 0, last_row, u16::try_from(last).unwrap_or(u16::MAX))?;
    }
    // A4, as everything that is signed.
    sheet.set_paper_size(9).set_landscape();
    Ok(())
}

fn format(column: &Column) -> Format {
    match column.kind {
        Kind::Text | Kind::Flag => plain(),
        Kind::Count => plain().set_num_format("#,##0"),
        Kind::Decimal(Unit::Money) => plain().set_num_format("#,##0.00"),
        Kind::Decimal(Unit::Ratio) => plain().set_num_format("0.00%"),
        Kind::Decimal(_) => plain().set_num_format("General"),
        Kind::Day => plain().set_num_format("yyyy-mm-dd"),
    }
}

fn cell(sheet: &mut Worksheet, (row, column): (u32, u16), value: &Value, format: &Format) -> Result<(), XlsxError> {
    match value {
        Value::Null => {}
        Value::Text(text) => {
            sheet.write_string_with_format(row, column, text, format)?;
        }
        Value::Count(count) if count.unsigned_abs() <= EXACT => {
            sheet.write_number_with_format(row, column, whole(*count), format)?;
        }
        Value::Decimal(decimal) if decimal.millionths().unsigned_abs() <= EXACT => {
            sheet.write_number_with_format(row, column, whole(decimal.millionths()) / 1_000_000.0, format)?;
        }
        Value::Count(_) | Value::Decimal(_) => {
            sheet.write_string_with_format(row, column, value.to_string(), format)?;
        }
        Value::Flag(flag) => {
            sheet.write_boolean_with_format(row, column, *flag, format)?;
        }
        Value::Day(day) => {
            let (year, month, day) = (u16::try_from(day.year()).unwrap_or(1900), day.month(), day.day());
            let day = ExcelDateTime::from_ymd(year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))?;
            sheet.write_datetime_with_format(row, column, &day, format)?;
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "only of numbers that are held exactly")]
fn whole(number: i64) -> f64 {
    number as f64
}

/// Wide enough for the longest of the first cells; a Chinese character is two wide.
#[expect(clippy::cast_precision_loss, reason = "a width of at most forty")]
fn width(table: &Table, place: usize) -> f64 {
    let wide = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    // Headings wrap.
    let head = wide(&table.columns[place].title).div_ceil(2);
    let cells = table.rows.iter().take(1_000).map(|row| wide(&row[place].to_string())).max().unwrap_or(0);
    (head.max(cells) + 2).clamp(NARROWEST, WIDEST) as f64
}

fn about(sheet: &mut Worksheet, origin: &[(String, String)]) -> Result<(), XlsxError> {
    sheet.set_name(ORIGIN)?;
    sheet.set_column_width(0, 16)?;
    sheet.set_column_width(1, 100)?;
    let (label, text) = (heading(), plain().set_text_wrap().set_align(FormatAlign::Top));
    for (row, (name, value)) in (0..).zip(origin) {
        sheet.write_string_with_format(row, 0, name, &label)?;
        sheet.write_string_with_format(row, 1, value, &text)?;
    }
    sheet.set_freeze_panes(0, 1)?;
    Ok(())
}
