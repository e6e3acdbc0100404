//! What is wrong with a piece of text, before it is known where in a file that piece stands.

/// What is wrong, in both languages, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) message_zh: String,
    pub(crate) hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>, message_zh: impl Into<String>) -> Self {
        Self { message: message.into(), message_zh: message_zh.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Adds the known name that the wrong one most likely stands for, or all of them if they are few.
    pub(crate) fn hint_nearest<'n>(self, wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let nearest = known.iter().map(|name| (distance(wrong, name), *name)).min();
        match nearest {
            Some((distance, name)) if distance <= 1 + wrong.chars().count() / 4 => {
                self.hint(format!("did you mean {name:?}?"))
            }
            Some(_) if known.len() <= 40 => self.hint(format!("known are: {}", known.join(", "))),
            _ => self,
        }
    }
}

/// How many letters must be put in, taken out or changed to get from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_hinted_at_and_a_short_list_otherwise() {
        let problem = || Problem::new("unknown", "未知");
        let known = ["publication", "class", "via"];
        assert_eq!(problem().hint_nearest("publicaton", known).hint.as_deref(), Some("did you mean \"publication\"?"));
        assert_eq!(problem().hint_nearest("score", known).hint.as_deref(), Some("known are: publication, class, via"));
        assert_eq!(problem().hint_nearest("score", []).hint, None);
    }
}
