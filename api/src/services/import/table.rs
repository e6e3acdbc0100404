//! A CSV file as a table of text: UTF-8, with or without a byte order mark, or GB18030.

use super::Problem;

/// Largest file.
const BYTES: usize = 16 * 1024 * 1024;
/// Most rows.
const ROWS: usize = 200_000;

/// A table with a heading.
pub(crate) struct Table {
    headings: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// One row below the heading.
pub(crate) struct Row {
    /// Line in the file, from 1.
    pub(crate) line: u64,
    cells: Vec<String>,
}

impl Table {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.len() > BYTES {
            return Err(unreadable("the file is larger than 16 MiB; split it", "文件超过 16 MiB，请拆分后导入"));
        }
        let text = decode(bytes).ok_or_else(|| {
            unreadable("the file is neither UTF-8 nor GB18030", "文件编码既不是 UTF-8 也不是 GB18030")
        })?;
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
        let bad = |error: &csv::Error| {
            let line = error.position().map(csv::Position::line);
            let mut problem =
                unreadable("the row has another number of cells than the heading", "该行的列数与表头不一致");
            problem.row = line;
            problem
        };
        let headings =
            reader.headers().map_err(|error| bad(&error))?.iter().map(|cell| cell.trim().to_owned()).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| bad(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push(Row { line, cells: record.iter().map(str::to_owned).collect() });
            if rows.len() > ROWS {
                return Err(unreadable(
                    "the file has more than 200,000 rows; split it",
                    "文件超过 20 万行，请拆分后导入",
                ));
            }
        }
        Ok(Self { headings, rows })
    }

    pub(crate) fn position(&self, heading: &str) -> Option<usize> {
        self.headings.iter().position(|found| found == heading)
    }

    /// The cell under `heading`, whose presence was checked.
    pub(crate) fn cell<'a>(&self, row: &'a Row, heading: &str) -> &'a str {
        self.position(heading).and_then(|position| row.cells.get(position)).map_or("", String::as_str)
    }

    pub(crate) fn missing_column(&self, heading: &str) -> Problem {
        Problem {
            row: Some(1),
            column: heading.to_owned(),
            value: String::new(),
            message: format!("the file has no such column; it has {}", self.headings.join(", ")),
            message_zh: format!("文件中没有该列，现有列：{}", self.headings.join("、")),
        }
    }
}

fn unreadable(message: &str, message_zh: &str) -> Problem {
    Problem {
        row: None,
        column: String::new(),
        value: String::new(),
        message: message.to_owned(),
        message_zh: message_zh.to_owned(),
    }
}

fn decode(bytes: &[u8]) -> Option<String> {
    let without_mark = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(without_mark) {
        return Some(text.to_owned());
    }
    let (text, malformed) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
    (!malformed).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_encodings_read_the_same() {
        let text = "单位,采用\n水利局,36\n";
        let with_mark = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
        let (national, _, _) = encoding_rs::GB18030.encode(text);
        for bytes in [text.as_bytes(), &with_mark, &national] {
            let table = Table::read(bytes).unwrap_or_else(|problem| panic!("{problem:?}"));
            assert_eq!(table.cell(&table.rows[0], "单位"), "水利局");
            assert_eq!(table.cell(&table.rows[0], "采用"), "36");
            assert_eq!(table.rows[0].line, 2);
        }
        assert!(Table::read(b"\xFF\xFF\xFF").is_err());
    }

    #[test]
    fn a_ragged_row_is_named_by_its_line() {
        let problem = Table::read("单位,采用\n水利局,1\n公安局\n".as_bytes()).err().and_then(|problem| problem.row);
        assert_eq!(problem, Some(3));
    }
}
