//! The rulebooks built into the program. This is the one source file that may name an office.

/// Every built-in rulebook as its id and its text, in alphabetical order.
pub fn all() -> [(&'static str, &'static str); 1] {
    [("changji", include_str!("../../rulebooks/changji.toml"))]
}

/// The text of the built-in rulebook of that id.
pub fn find(id: &str) -> Option<&'static str> {
    all().into_iter().find(|&(shipped, _)| shipped == id).map(|(_, text)| text)
}
