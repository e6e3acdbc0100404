//! Chinese text as it is searched: folded, and cut into overlapping pairs of characters.
//!
//! Neither database cuts Chinese into words, and neither finds a word of two characters by its own means. Pairs do: the terms
//! of `政务信息` are `政务`, `务信`, `信息`, and `息` for the end. An index of terms finds candidates; whether the text contains what
//! was asked for is then seen in the folded text itself, so both databases find the same.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

/// Longest question, in characters.
pub const QUERY_CHARACTERS: usize = 100;

/// The text in its normal form: full- and half-width, compatibility forms and letter case are one, and white space between
/// Chinese characters, where a line was broken, is none.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkc().flat_map(char::to_lowercase) {
        if c.is_whitespace() {
            gap = !folded.is_empty();
            continue;
        }
        if gap && !(is_ideograph(c) && folded.chars().next_back().is_some_and(is_ideograph)) {
            folded.push(' ');
        }
        gap = false;
        folded.push(c);
    }
    folded
}

/// Whether words of this script are not set apart by spaces.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇' | '々')
}

/// A stretch of folded text without signs: ideographs, or a word of other letters and digits.
enum Run {
    Ideographs(Vec<char>),
    Word(String),
}

fn runs(folded: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for c in folded.chars() {
        match runs.last_mut() {
            Some(Run::Ideographs(run)) if open && is_ideograph(c) => run.push(c),
            Some(Run::Word(word)) if open && c.is_alphanumeric() && !is_ideograph(c) => word.push(c),
            _ if is_ideograph(c) => runs.push(Run::Ideographs(vec![c])),
            _ if c.is_alphanumeric() => runs.push(Run::Word(c.to_string())),
            _ => {
                open = false;
                continue;
            }
        }
        open = true;
    }
    runs
}

/// The terms under which a folded text is found.
pub fn terms(folded: &str) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for run in runs(folded) {
        match run {
            Run::Ideographs(run) => {
                terms.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
                terms.extend(run.last().map(char::to_string));
            }
            Run::Word(word) => {
                terms.insert(word);
            }
        }
    }
    terms
}

/// One part of a question: what a text must contain, and the terms that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The folded text that is looked for.
    pub text: String,
    /// Terms that a text which contains it has.
    pub whole: BTreeSet<String>,
    /// Beginnings of terms that it has.
    pub beginnings: BTreeSet<String>,
}

/// The parts of a question, apart by white space: a text must contain all of them. Parts without letters ask for nothing.
pub fn parts(question: &str) -> Vec<Part> {
    question.split_whitespace().map(|word| part(fold(word))).filter(|part| !part.is_empty()).collect()
}

impl Part {
    fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.beginnings.is_empty()
    }
}

/// A single character may be the first of a pair or the last of a run. The last word may go on in the text; only the first may
/// have begun before, and then the index does not lead to it.
fn part(text: String) -> Part {
    let (mut whole, mut beginnings) = (BTreeSet::new(), BTreeSet::new());
    let runs = runs(&text);
    let last = runs.len().saturating_sub(1);
    for (place, run) in runs.into_iter().enumerate() {
        match run {
            Run::Ideographs(run) if run.len() > 1 => {
                whole.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
            }
            Run::Ideographs(run) => beginnings.extend(run.first().map(char::to_string)),
            Run::Word(word) if place == last => {
                beginnings.insert(word);
            }
            Run::Word(word) => {
                whole.insert(word);
            }
        }
    }
    Part { text, whole, beginnings }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(terms: &[&str]) -> BTreeSet<String> {
        terms.iter().map(|term| (*term).to_owned()).collect()
    }

    #[test]
    fn widths_cases_and_broken_lines_are_folded() {
        assert_eq!(fold("ＧＤＰ增长５．８％"), "gdp增长5.8%");
        assert_eq!(fold("春耕\n　备耕 GDP\tGrowth"), "春耕备耕 gdp growth");
        assert_eq!(fold("①㈱ ﬁ"), "1(株) fi");
        assert_eq!(fold("  "), "");
    }

    #[test]
    fn pairs_overlap_and_the_end_stands_alone() {
        assert_eq!(terms("政务信息,2026年"), set(&["政务", "务信", "信息", "息", "2026", "年"]));
        assert_eq!(terms("gdp growth"), set(&["gdp", "growth"]));
        assert_eq!(terms("。"), set(&[]));
    }

    #[test]
    fn a_question_leads_to_terms_that_the_text_has() {
        let all = parts("政务信息 2026年 约 。");
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].whole, set(&["政务", "务信", "信息"]));
        assert_eq!((&all[1].whole, &all[1].beginnings), (&set(&["2026"]), &set(&["年"])));
        assert_eq!((&all[2].whole, &all[2].beginnings), (&set(&[]), &set(&["约"])));
    }

    #[test]
    fn every_piece_of_a_text_is_led_to() {
        let text = fold("关于2026年一季度GDP的约稿，请于三月十五日前报送。");
        let terms = terms(&text);
        let characters: Vec<char> = text.chars().collect();
        for begin in 0..characters.len() {
            for end in begin + 1..=characters.len() {
                let cuts_a_word = begin > 0
                    && characters[begin].is_ascii_alphanumeric()
                    && characters[begin - 1].is_ascii_alphanumeric();
                let piece: String = characters[begin..end].iter().collect();
                for part in parts(&piece).iter().filter(|_| !cuts_a_word) {
                    assert!(part.whole.is_subset(&terms), "{piece}");
                    assert!(part.beginnings.iter().all(|b| terms.iter().any(|term| term.starts_with(b))), "{piece}");
                }
            }
        }
    }
}
