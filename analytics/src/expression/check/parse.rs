//! The SQL parser, held short, and the places it reports.

use sqlparser::ast::Expr;
use sqlparser::dialect::AnsiDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token};

use super::{Fault, MAX_NESTING, WHOLE};
use crate::expression::Problem;

pub(super) fn parse(text: &str) -> Result<Expr, Fault> {
    let dialect = AnsiDialect {};
    let fault = |error: ParserError| {
        let (message, place) = match &error {
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => split_place(message),
            ParserError::RecursionLimitExceeded => {
                return Fault { at: 0, end: WHOLE, problem: too_deep() };
            }
        };
        let at = place.map_or(0, |place| char_index(text, place));
        Fault {
            at, end: at, problem: Problem::new(format!("this is no expression: {message}"), "不是有效的表达式")
        }
    };
    let mut parser = Parser::new(&dialect).with_recursion_limit(MAX_NESTING).try_with_sql(text).map_err(fault)?;
    let expr = parser.parse_expr().map_err(fault)?;
    let rest = parser.next_token();
    if rest.token == Token::EOF {
        return Ok(expr);
    }
    let at = char_index(text, rest.span.start);
    let problem =
        Problem::new("the expression ends before this", "表达式在此之前已结束").hint("join conditions with AND or OR");
    Err(Fault { at, end: char_index(text, rest.span.end), problem })
}

pub(super) fn too_deep() -> Problem {
    Problem::new(
        format!("the expression nests more than {MAX_NESTING} levels deep"),
        format!("表达式嵌套超过{MAX_NESTING}层"),
    )
}

/// The parser puts the place at the end of its message.
fn split_place(message: &str) -> (&str, Option<Location>) {
    let Some((head, place)) = message.rsplit_once(" at Line: ") else {
        return (message, None);
    };
    let numbers = place.split_once(", Column: ").and_then(|(line, column)| {
        let digits = column.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        Some(Location { line: line.trim().parse().ok()?, column: digits.trim().parse().ok()? })
    });
    (head, numbers)
}

/// The parser's lines and columns count from 1, columns in characters.
pub(super) fn char_index(text: &str, place: Location) -> usize {
    let from_zero = |number: u64| usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    let before: usize = text.split_inclusive('\n').take(from_zero(place.line)).map(|line| line.chars().count()).sum();
    before.saturating_add(from_zero(place.column)).min(text.chars().count())
}

/// The parser's places leave outer parentheses out: takes in those that the piece closes or opens only half.
pub(super) fn balanced(text: &str, mut at: usize, mut end: usize) -> (usize, usize) {
    let letters: Vec<char> = text.chars().collect();
    let (mut open, mut unopened) = (0_usize, 0_usize);
    for letter in &letters[at..end] {
        match letter {
            '(' => open += 1,
            ')' if open > 0 => open -= 1,
            ')' => unopened += 1,
            _ => {}
        }
    }
    while unopened > 0 && at > 0 {
        at -= 1;
        unopened -= usize::from(letters[at] == '(');
    }
    while open > 0 && end < letters.len() {
        open -= usize::from(letters[end] == ')');
        end += 1;
    }
    (at, end)
}
