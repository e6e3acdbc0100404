//! The list by which a settlement is paid (发放清单), as a file: one row for each line that the reader may see, and the sum.
//!
//! Names of persons stand in it as the reader may read them. The same settlement gives the same bytes to the same reader.

use analytics::export::csv;
use analytics::export::table::{Column, Kind, Table, Value};
use analytics::frames::number::Unit;
use analytics::points::{Money, Points};
use chrono::{DateTime, Utc};
use entity::ids::SettlementId;
use entity::settlement_line::{self, SettlementOutcome as Outcome};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as Style, Workbook, XlsxError};
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _};

use super::{find, name_for, sum};
use crate::error::{Error, Result};
use crate::services::Ctx;
use crate::services::download::Download;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
}

/// The columns: heading, width in characters.
const COLUMNS: [(&str, f64); 11] = [
    ("序号", 6.0),
    ("单位", 24.0),
    ("获奖人员", 16.0),
    ("奖项", 32.0),
    ("依据条款", 20.0),
    ("名次", 6.0),
    ("结果", 10.0),
    ("应发（元）", 12.0),
    ("已发（元）", 12.0),
    ("本次发放（元）", 14.0),
    ("说明", 60.0),
];

/// The first column of money.
const MONEY: usize = 7;

/// The list of a settlement that the actor may know of, with the lines that they may see.
pub async fn file(ctx: &Ctx, id: SettlementId, format: Format) -> Result<Download> {
    let row = find(ctx, id).await?;
    let lines = ctx
        .scope()
        .settlement_lines()
        .filter(settlement_line::Column::SettlementId.eq(id))
        .order_by_asc(settlement_line::Column::Position)
        .all(ctx.reader())
        .await?;
    let mut table = table(ctx, &lines);
    table.rows.push(total(sum(lines.iter().map(|line| line.amount))?));
    let name = format!("{}奖励发放清单（第{}次）", row.period, row.number);
    let (bytes, extension, media_type) = match format {
        Format::Csv => (csv::write(&table), "csv", "text/csv; charset=utf-8"),
        Format::Xlsx => {
            let bytes = workbook(&table, &name, row.drafted_at).map_err(Error::internal)?;
            (bytes, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        }
    };
    Ok(Download { file_name: format!("{name}.{extension}"), media_type, bytes })
}

fn table(ctx: &Ctx, lines: &[settlement_line::Model]) -> Table {
    let columns = COLUMNS.iter().enumerate().map(|(place, (title, _))| Column {
        name: (*title).to_owned(),
        title: (*title).to_owned(),
        kind: match place {
            0 | 5 => Kind::Count,
            MONEY..=9 => Kind::Decimal(Unit::Money),
            _ => Kind::Text,
        },
    });
    let row = |line: &settlement_line::Model| {
        let name = line.person_name.as_deref().map(|name| name_for(ctx, line, name));
        vec![
            Value::Count(line.position),
            Value::Text(line.unit_name.clone()),
            name.map_or(Value::Null, Value::Text),
            Value::Text(line.title.clone()),
            Value::Text(line.clause.clone()),
            line.rank.map_or(Value::Null, Value::Count),
            Value::Text(word(line.outcome).to_owned()),
            money(line.due),
            money(line.paid_before),
            money(line.amount),
            Value::Text(line.reason.clone()),
        ]
    };
    Table { columns: columns.collect(), rows: lines.iter().map(row).collect() }
}

fn total(fen: i64) -> Vec<Value> {
    let mut row = vec![Value::Null; COLUMNS.len()];
    row[1] = Value::Text("合计".to_owned());
    row[9] = money(fen);
    row
}

/// Fen as yuan: a fen is ten thousand millionths of a yuan.
fn money(fen: i64) -> Value {
    Value::Decimal(Points::from_millionths(fen.saturating_mul(10_000)))
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Won => "获评",
        Outcome::MovedUp => "递补",
        Outcome::PassedOver => "不予评选",
        Outcome::Undecided => "待确定",
        Outcome::LostTie => "并列未入选",
        Outcome::Earned => "计奖",
        Outcome::Withdrawn => "更正收回",
        Outcome::Reversed => "冲正",
    }
}

/// One sheet: headings that stay in sight, money as numbers with two places.
fn workbook(table: &Table, title: &str, at: DateTime<Utc>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_timestamp(at.timestamp())?;
    book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
    let (head, yuan) = (Style::new().set_bold().set_text_wrap(), Style::new().set_num_format("#,##0.00"));
    let sheet = book.add_worksheet();
    sheet.set_name("发放清单")?;
    sheet.set_freeze_panes(1, 0)?;
    for (place, (heading, width)) in (0_u16..).zip(COLUMNS) {
        sheet.set_column_width(place, width)?;
        sheet.write_string_with_format(0, place, heading, &head)?;
    }
    for (row, cells) in (1_u32..).zip(&table.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Value::Null => {}
                // A sheet keeps numbers as floats: whole fen below a hundred billion yuan are told apart.
                Value::Decimal(decimal) => {
                    let yuan_text = Money::from_fen(decimal.millionths() / 10_000).to_string();
                    sheet.write_number_with_format(row, column, yuan_text.parse::<f64>().unwrap_or_default(), &yuan)?;
                }
                Value::Count(count) => {
                    sheet.write_number(row, column, count.to_string().parse::<f64>().unwrap_or_default())?;
                }
                Value::Text(text) => {
                    sheet.write_string(row, column, text)?;
                }
                Value::Flag(_) | Value::Day(_) => {
                    sheet.write_string(row, column, cell.to_string())?;
                }
            }
        }
    }
    book.save_to_buffer()
}
