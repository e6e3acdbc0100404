//! What was handed to the gateway: one line before, one after. With a file it outlives a crash.
//!
//! A message that was begun and whose answer is not known, because the worker died in between, is in the same position as
//! one that the gateway did not answer: it is reported so, and not sent again. One whose answer is known is only reported
//! again. Without a file a message in that position is handed over once more under the same id, which is right for gateways
//! that know their callers' ids, and for no others.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Messages that are remembered.
const MOST: usize = 50_000;

/// What is known of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It was begun; the answer is not known.
    Begun,
    /// The gateway took it, and calls its parts so.
    Taken(Vec<String>),
}

/// The journal.
#[derive(Debug, Default)]
pub struct Journal {
    known: BTreeMap<String, Known>,
    /// Keys in the order in which they came, to forget the oldest first.
    order: VecDeque<String>,
    file: Option<File>,
}

impl Journal {
    /// Opens the journal, and leaves out what nobody needs to know any more.
    pub fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let mut journal = Self::default();
        match std::fs::read_to_string(path) {
            Ok(text) => text.lines().for_each(|line| journal.replay(line)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read the journal {}", path.display())),
        }
        journal.file = Some(journal.rewrite(path).with_context(|| format!("cannot write {}", path.display()))?);
        Ok(journal)
    }

    /// What is known of a message.
    pub fn look(&self, key: &str) -> Option<&Known> {
        self.known.get(key)
    }

    /// Says that a message is about to be handed over. On return that is on disk.
    pub fn begin(&mut self, key: &str) -> anyhow::Result<()> {
        self.remember(key, Known::Begun);
        self.write(&format!("begun {key}"))?;
        if let Some(file) = &self.file {
            file.sync_data().context("the journal cannot be written")?;
        }
        Ok(())
    }

    /// Says that the gateway took a message.
    pub fn taken(&mut self, key: &str, ids: &[String]) -> anyhow::Result<()> {
        self.remember(key, Known::Taken(ids.to_vec()));
        self.write(&line_of(key, &Known::Taken(ids.to_vec())))
    }

    /// Says that nothing needs to be known of a message: it was refused, or its want of an answer has been reported.
    pub fn forget(&mut self, key: &str) -> anyhow::Result<()> {
        if self.known.remove(key).is_none() {
            return Ok(());
        }
        self.order.retain(|known| known != key);
        self.write(&format!("over {key}"))
    }

    fn remember(&mut self, key: &str, known: Known) {
        if self.known.insert(key.to_owned(), known).is_none() {
            self.order.push_back(key.to_owned());
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    fn replay(&mut self, line: &str) {
        let mut words = line.split(' ');
        match (words.next(), words.next()) {
            (Some("begun"), Some(key)) => self.remember(key, Known::Begun),
            (Some("taken"), Some(key)) => self.remember(key, Known::Taken(words.map(decode).collect())),
            (Some("over"), Some(key)) => {
                self.known.remove(key);
                self.order.retain(|known| known != key);
            }
            // The last line of a worker that was killed may be half a line; it was not acted on.
            _ => {}
        }
    }

    fn write(&mut self, line: &str) -> anyhow::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(format!("{line}\n").as_bytes()).context("the journal cannot be written")
    }

    fn rewrite(&self, path: &Path) -> anyhow::Result<File> {
        let text: String =
            self.order.iter().filter_map(|key| Some(line_of(key, self.known.get(key)?) + "\n")).collect();
        let beside: PathBuf = path.with_extension("rewritten");
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        Ok(OpenOptions::new().append(true).open(path)?)
    }
}

fn line_of(key: &str, known: &Known) -> String {
    match known {
        Known::Begun => format!("begun {key}"),
        Known::Taken(ids) => {
            std::iter::once(format!("taken {key}")).chain(ids.iter().map(|id| encode(id))).collect::<Vec<_>>().join(" ")
        }
    }
}

/// A gateway's id as one word.
fn encode(id: &str) -> String {
    id.chars()
        .map(|c| if c.is_whitespace() || c == '%' { format!("%{:06x}", u32::from(c)) } else { c.to_string() })
        .collect()
}

fn decode(word: &str) -> String {
    let mut parts = word.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(6).unwrap_or((part, ""));
        text.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_known_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let mut journal = Journal::open(Some(&path)).unwrap();
        for key in ["a", "b", "c"] {
            journal.begin(key).unwrap();
        }
        journal.taken("b", &["1 2".to_owned(), "50%".to_owned()]).unwrap();
        journal.forget("c").unwrap();
        drop(journal);
        // A line that was cut off is passed over.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"beg").unwrap();
        for _ in 0..2 {
            let journal = Journal::open(Some(&path)).unwrap();
            assert_eq!(journal.look("a"), Some(&Known::Begun));
            assert_eq!(journal.look("b"), Some(&Known::Taken(vec!["1 2".to_owned(), "50%".to_owned()])));
            assert_eq!(journal.look("c"), None);
        }
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut journal = Journal::default();
        for number in 0..=MOST {
            journal.begin(&number.to_string()).unwrap();
        }
        assert_eq!(journal.look("0"), None);
        assert_eq!(journal.look("1"), Some(&Known::Begun));
    }
}
