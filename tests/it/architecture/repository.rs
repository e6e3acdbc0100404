//! The files of the repository, as a reviewer sees them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Directories that a build or a run makes. They are looked past where there is no git to ask.
const MADE: [&str; 5] = [".git", "target", "data", "node_modules", ".idea"];

/// The repository that these tests were built from.
pub(super) struct Repository {
    root: PathBuf,
    /// Relative to the root, with `/` between the names.
    files: BTreeSet<String>,
    sources: Vec<SourceFile>,
}

/// A Rust file of ours.
pub(super) struct SourceFile {
    /// Relative to the root, with `/` between the names.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
}

/// Read once.
pub(super) fn repository() -> &'static Repository {
    static REPOSITORY: OnceLock<Repository> = OnceLock::new();
    REPOSITORY.get_or_init(Repository::open)
}

impl Repository {
    fn open() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the package stands inside the workspace")
            .to_path_buf();
        let files = known_to_git(&root).unwrap_or_else(|| {
            let mut files = BTreeSet::new();
            walk(&root, "", &mut files);
            files
        });
        let sources: Vec<SourceFile> = files
            .iter()
            .filter(|path| Path::new(path).extension().is_some_and(|kind| kind == "rs"))
            .filter_map(|path| Some(SourceFile { path: path.clone(), text: fs::read_to_string(root.join(path)).ok()? }))
            .collect();
        assert!(!sources.is_empty(), "no source file found under {}", root.display());
        Self { root, files, sources }
    }

    /// Every Rust file.
    pub(super) fn sources(&self) -> &[SourceFile] {
        &self.sources
    }

    /// Every file; those that hold no text are refused by [`Self::read`].
    pub(super) fn text_files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// A file's text, or nothing when it holds none.
    pub(super) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root.join(path)).ok()
    }

    /// What a crate's manifest names under any kind of dependency.
    pub(super) fn dependencies(&self, crate_name: &str) -> BTreeSet<String> {
        let manifest = self.read(&format!("{crate_name}/Cargo.toml")).expect("every crate has a manifest");
        let manifest: toml::Table = manifest.parse().expect("cargo has read this manifest already");
        let targets = manifest.get("target").and_then(toml::Value::as_table);
        let per_target = targets.into_iter().flatten().filter_map(|(_, table)| table.as_table());
        per_target
            .chain([&manifest])
            .flat_map(|table| ["dependencies", "dev-dependencies", "build-dependencies"].map(|kind| table.get(kind)))
            .flatten()
            .filter_map(toml::Value::as_table)
            .flat_map(|dependencies| dependencies.keys().cloned())
            .collect()
    }
}

impl SourceFile {
    /// Whether all of it is tests or benchmarks.
    pub(super) fn is_test(&self) -> bool {
        self.path.split('/').any(|name| ["tests", "benches", "tests.rs"].contains(&name))
    }

    /// Numbered lines, without the block of unit tests that ends the file.
    pub(super) fn lines_before_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = match self.text.find("\n#[cfg(test)]\nmod ") {
            Some(end) => &self.text[..end],
            None => &self.text,
        };
        (1..).zip(code.lines())
    }

    /// The same, without comments.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines_before_tests().map(|(number, line)| (number, line.split("//").next().unwrap_or_default()))
    }
}

/// Tracked files, and those that would be tracked; nothing when this is not a clone.
fn known_to_git(root: &Path) -> Option<BTreeSet<String>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()?;
    let files: BTreeSet<String> =
        String::from_utf8(listed.stdout).ok()?.split_terminator('\0').map(str::to_owned).collect();
    files.contains("Cargo.toml").then_some(files)
}

fn walk(root: &Path, directory: &str, files: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(root.join(directory)) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if MADE.contains(&name.as_str()) {
            continue;
        }
        let path = match directory {
            "" => name,
            _ => format!("{directory}/{name}"),
        };
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(root, &path, files);
        } else {
            files.insert(path);
        }
    }
}
