//! One pass over the bytes of a document, before any parser sees it.
//!
//! It does not recurse and touches each byte a bounded number of times. It knows strings, block strings and
//! comments, so that a bracket inside one does not count. What it lets pass is not yet GraphQL, but it is small and
//! flat enough for the parser's recursion.

use async_graphql::Pos;

use super::limits::Limits;
use crate::http::{code, refusal::Refusal};

/// What the scan counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Names, numbers, strings and signs.
    pub(crate) tokens: usize,
    /// The greatest number of brackets open at once.
    pub(crate) nesting: usize,
    /// Aliases of fields.
    pub(crate) aliases: usize,
    /// `@`.
    pub(crate) directives: usize,
    /// `...`.
    pub(crate) spreads: usize,
    /// Loop steps taken: at most one per byte and one per token.
    pub(crate) steps: usize,
}

/// Scans a document.
///
/// # Errors
/// The first limit that is passed, or a bracket, string or character that no GraphQL document can have there.
pub(crate) fn scan(source: &str, limits: &Limits) -> Result<Counts, Refusal> {
    within(code::DOCUMENT_TOO_LARGE, source.len(), limits.query_bytes, "bytes in the query text", "查询文本的字节数")?;
    Scanner {
        bytes: source.as_bytes(),
        at: 0,
        open: Vec::with_capacity(limits.nesting),
        in_value: 0,
        counts: Counts::default(),
        limits,
    }
    .run()
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    open: Vec<u8>,
    /// How many of the open brackets are `(` or `[`: inside one, `{` opens an object and `:` names an argument.
    in_value: usize,
    counts: Counts,
    limits: &'a Limits,
}

impl Scanner<'_> {
    fn run(mut self) -> Result<Counts, Refusal> {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.counts.steps += 1;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => self.at += 1,
                0xEF if self.starts_with("\u{feff}".as_bytes()) => self.at += 3,
                b'#' => self.skip_comment(),
                _ => self.token(byte)?,
            }
        }
        if self.open.is_empty() {
            Ok(self.counts)
        } else {
            Err(self.syntax("a bracket is not closed", "有括号没有闭合"))
        }
    }

    fn token(&mut self, byte: u8) -> Result<(), Refusal> {
        self.counts.tokens += 1;
        within(
            code::TOO_MANY_TOKENS,
            self.counts.tokens,
            self.limits.tokens,
            "words and signs in the document",
            "文档中的词和符号数",
        )?;
        match byte {
            b'{' | b'[' | b'(' => self.opened(byte),
            b'}' | b']' | b')' => self.closed(byte),
            b':' => {
                self.at += 1;
                if self.in_value == 0 && !self.open.is_empty() {
                    self.counts.aliases += 1;
                    within(code::TOO_MANY_ALIASES, self.counts.aliases, self.limits.aliases, "aliases", "别名数")?;
                }
                Ok(())
            }
            b'@' => {
                self.at += 1;
                self.counts.directives += 1;
                within(
                    code::TOO_MANY_DIRECTIVES,
                    self.counts.directives,
                    self.limits.directives,
                    "directives",
                    "指令数",
                )
            }
            b'.' if self.starts_with(b"...") => {
                self.at += 3;
                self.counts.spreads += 1;
                within(
                    code::TOO_MANY_SPREADS,
                    self.counts.spreads,
                    self.limits.spreads,
                    "fragment spreads",
                    "片段展开数",
                )
            }
            b'!' | b'$' | b'&' | b'=' | b'|' => {
                self.at += 1;
                Ok(())
            }
            b'"' if self.starts_with(b"\"\"\"") => self.block_string(),
            b'"' => self.string(),
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => self.name(),
            b'0'..=b'9' | b'-' => {
                self.skip_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-' | b'_'));
                Ok(())
            }
            _ => Err(self.syntax("this character has no meaning here", "此处不应有这个字符")),
        }
    }

    fn opened(&mut self, byte: u8) -> Result<(), Refusal> {
        self.at += 1;
        self.open.push(byte);
        self.in_value += usize::from(byte != b'{');
        self.counts.nesting = self.counts.nesting.max(self.open.len());
        within(
            code::DOCUMENT_TOO_DEEP,
            self.open.len(),
            self.limits.nesting,
            "brackets inside each other",
            "括号嵌套层数",
        )
    }

    fn closed(&mut self, byte: u8) -> Result<(), Refusal> {
        let opener = match byte {
            b'}' => b'{',
            b']' => b'[',
            _ => b'(',
        };
        if self.open.pop() != Some(opener) {
            return Err(self.syntax("this bracket closes nothing", "括号不配对"));
        }
        self.in_value -= usize::from(opener != b'{');
        self.at += 1;
        Ok(())
    }

    fn name(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        within(code::NAME_TOO_LONG, self.at - start, self.limits.name_bytes, "bytes in a name", "名称的字节数")
    }

    fn string(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        self.at += 1;
        loop {
            self.counts.steps += 1;
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.at += 2,
                None | Some(b'\n' | b'\r') => {
                    self.at = start;
                    return Err(self.syntax("the string is not closed", "字符串没有结束"));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn block_string(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        self.at += 3;
        while self.at < self.bytes.len() {
            self.counts.steps += 1;
            if self.starts_with(b"\"\"\"") {
                self.at += 3;
                return Ok(());
            }
            self.at += if self.starts_with(b"\\\"\"\"") { 4 } else { 1 };
        }
        self.at = start;
        Err(self.syntax("the block string is not closed", "块字符串没有结束"))
    }

    fn skip_comment(&mut self) {
        self.skip_while(|byte| byte != b'\n' && byte != b'\r');
    }

    fn skip_while(&mut self, more: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|&byte| more(byte)) {
            self.counts.steps += 1;
            self.at += 1;
        }
    }

    fn starts_with(&self, text: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(text)
    }

    fn syntax(&self, message: &str, message_zh: &str) -> Refusal {
        Refusal::new(code::SYNTAX_ERROR, message, message_zh).at(self.position())
    }

    /// The line and column of the current byte. Costs a pass, so it is asked for an error only.
    fn position(&self) -> Pos {
        let before = &self.bytes[..self.at.min(self.bytes.len())];
        let line = before.split(|&byte| byte == b'\n').count();
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        // A column counts characters: every byte that does not continue one.
        let column = before[start..].iter().filter(|&&byte| byte & 0xC0 != 0x80).count() + 1;
        Pos { line, column }
    }
}

fn within(code: code::Code, found: usize, limit: usize, what: &str, what_zh: &str) -> Result<(), Refusal> {
    super::within(code, found as u64, limit as u64, what, what_zh)
}
