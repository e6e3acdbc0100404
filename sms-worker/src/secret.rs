//! What no log may show: passwords, tokens, telephone numbers.

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// A value that prints as `…`.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// From a text at hand.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The first line of a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let line = text.lines().next().unwrap_or_default().trim();
        if line.is_empty() {
            bail!("{} is empty", path.display());
        }
        Ok(Self(line.to_owned()))
    }

    /// The value, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A gateway's words with every mobile number in them hidden: it may name the number that it refuses.
pub fn hide(text: &str) -> String {
    let is_number = |digits: &str| {
        let local = digits.strip_prefix("86").unwrap_or(digits);
        local.len() == 11 && local.starts_with('1') && !matches!(local.as_bytes()[1], b'0'..=b'2')
    };
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let (digits, after) = from.split_at(from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len()));
        hidden.push_str(before);
        hidden.push_str(if is_number(digits) { "…" } else { digits });
        rest = after;
    }
    hidden.push_str(rest);
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_gateways_words_are_hidden() {
        assert_eq!(hide("号码13800000001停机，+8613800000002"), "号码…停机，+…");
        assert_eq!(hide("code 12800000001, id 138000000011"), "code 12800000001, id 138000000011");
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Some(Secret::new("13900000000"))), "Some(…)");
    }
}
