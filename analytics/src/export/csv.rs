//! Comma-separated values as spreadsheets read them: UTF-8 with a byte order mark, lines that end in CR LF.
//!
//! Text that a spreadsheet would take for a formula gets an apostrophe before it. Numbers are numbers, also below zero.

use super::table::{Table, Value};

/// By this a spreadsheet knows that the file is UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Beginnings of a text that spreadsheets execute.
const EXECUTED: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The table with its byte order mark, headed by the columns' names.
pub fn write(table: &Table) -> Vec<u8> {
    let mut text = String::from(BYTE_ORDER_MARK);
    line(&mut text, table.columns.iter().map(|column| column.name.clone()));
    for row in &table.rows {
        line(&mut text, row.iter().map(harmless));
    }
    text.into_bytes()
}

/// A cell as text that no spreadsheet executes.
pub fn harmless(value: &Value) -> String {
    match value {
        Value::Text(text) if text.starts_with(EXECUTED) => format!("'{text}"),
        other => other.to_string(),
    }
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            text.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::table::{Column, Kind};
    use crate::points::Points;

    #[test]
    fn text_is_never_a_formula_and_numbers_stay_numbers() {
        let text = |text: &str| Value::Text(text.to_owned());
        let column = |name: &str, kind| Column { name: name.to_owned(), title: name.to_owned(), kind };
        let table = Table {
            columns: vec![
                column("unit", Kind::Text),
                column("points", Kind::Decimal(crate::frames::number::Unit::Points)),
            ],
            rows: vec![
                vec![text("=1+1"), Value::Decimal(Points::from_millionths(-1_500_000))],
                vec![text("甲,\"乙\""), Value::Null],
                vec![text("@SUM(A1)"), Value::Count(-3)],
            ],
        };
        let written = String::from_utf8(write(&table)).unwrap();
        assert_eq!(written, "\u{feff}unit,points\r\n'=1+1,-1.5\r\n\"甲,\"\"乙\"\"\",\r\n'@SUM(A1),-3\r\n");
    }
}
