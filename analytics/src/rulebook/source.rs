//! Places in a rulebook's text.

use std::ops::Range;

use super::mistake::{Mistake, Mistakes};
use crate::expression::Problem;

/// The longest piece of offending text that is quoted, in characters.
const MAX_QUOTED: usize = 60;
/// A rulebook with more mistakes than this is cut off: nobody reads them all.
const MAX_MISTAKES: usize = 200;

/// A rulebook's text and the name it goes by.
#[derive(Debug)]
pub(super) struct Source<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
}

/// Something wrong between two byte offsets, before its line is counted.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) at: Range<usize>,
    pub(super) path: String,
    pub(super) problem: Problem,
}

impl Source<'_> {
    /// The first mistakes in the order of the text. Lines are counted for these alone: a hostile text has as many mistakes as lines.
    pub(super) fn mistakes(&self, mut reports: Vec<Report>) -> Mistakes {
        reports.sort_by_key(|report| report.at.start);
        let mut mistakes: Vec<Mistake> = Vec::new();
        for report in reports {
            if mistakes.len() == MAX_MISTAKES {
                break;
            }
            let mistake = self.mistake(report.at, &report.path, report.problem);
            if mistakes.last() != Some(&mistake) {
                mistakes.push(mistake);
            }
        }
        Mistakes(mistakes)
    }

    /// The mistake of the text between two byte offsets.
    pub(super) fn mistake(&self, at: Range<usize>, path: &str, problem: Problem) -> Mistake {
        let start = floor_boundary(self.text, at.start);
        let end = floor_boundary(self.text, at.end).max(start);
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let found = self.text[start..end].lines().next().unwrap_or_default();
        let mut quoted: String = found.chars().take(MAX_QUOTED).collect();
        if quoted.len() < found.len() {
            quoted.push('…');
        }
        Mistake {
            file: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            path: path.to_owned(),
            found: quoted,
            message: problem.message,
            message_zh: problem.message_zh,
            hint: problem.hint,
        }
    }

    /// The byte offsets of the characters of a string value: one for each character, and one for the end. `literal` is
    /// where the value stands, quotes included.
    pub(super) fn string_offsets(&self, literal: &Range<usize>) -> Vec<usize> {
        let raw = &self.text[literal.clone()];
        let quote = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
        let is_basic = raw.starts_with('"');
        let mut rest = quote;
        if quote == 3 {
            rest += if raw[rest..].starts_with("\r\n") { 2 } else { usize::from(raw[rest..].starts_with('\n')) };
        }
        let end = raw.len() - quote;
        let mut offsets = Vec::new();
        while rest < end {
            let length = raw[rest..].chars().next().map_or(1, char::len_utf8);
            if is_basic && raw[rest..].starts_with('\\') {
                let escape = escape_length(&raw[rest..end]);
                if !escape.is_line_end {
                    offsets.push(literal.start + rest);
                }
                rest += escape.length;
            } else {
                offsets.push(literal.start + rest);
                rest += length;
            }
        }
        offsets.push(literal.start + end);
        offsets
    }
}

struct Escape {
    length: usize,
    /// A backslash at the end of a line stands for nothing and swallows the white space that follows.
    is_line_end: bool,
}

fn escape_length(text: &str) -> Escape {
    let after = &text[1..];
    match after.chars().next() {
        Some('x') => Escape { length: 4, is_line_end: false },
        Some('u') => Escape { length: 6, is_line_end: false },
        Some('U') => Escape { length: 10, is_line_end: false },
        Some(letter) if letter.is_whitespace() => {
            Escape { length: text.len() - after.trim_start().len(), is_line_end: true }
        }
        Some(letter) => Escape { length: 1 + letter.len_utf8(), is_line_end: false },
        None => Escape { length: 1, is_line_end: false },
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset.min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(text: &str) -> Vec<usize> {
        Source { name: "", text }.string_offsets(&(0..text.len()))
    }

    #[test]
    fn each_character_of_a_string_has_its_place_in_the_file() {
        assert_eq!(offsets("\"ab\""), [1, 2, 3]);
        assert_eq!(offsets("'a\\b'"), [1, 2, 3, 4]);
        assert_eq!(offsets("\"a\\n年b\""), [1, 2, 4, 7, 8]);
        assert_eq!(offsets("\"\\u5e74b\""), [1, 7, 8]);
        assert_eq!(offsets("\"\"\"\nab\"\"\""), [4, 5, 6]);
        assert_eq!(offsets("\"\"\"a \\\n   b\"\"\""), [3, 4, 10, 11]);
        assert_eq!(offsets("\"\""), [1]);
    }

    #[test]
    fn a_mistake_counts_lines_and_characters_from_one() {
        let source = Source { name: "x.toml", text: "年 = 1\n月份 = 二\n" };
        let at = source.text.find('二').unwrap();
        let mistake = source.mistake(at..at + 3, "月份", Problem::new("wrong", "错误"));
        assert_eq!((mistake.line, mistake.column, mistake.found.as_str()), (2, 6, "二"));
        assert_eq!(mistake.to_string(), "x.toml:2:6: 月份: wrong (found: 二)");
    }
}
