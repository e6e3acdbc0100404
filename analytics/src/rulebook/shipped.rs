//! The rulebooks built into the program. This is the one source file that may name an office.

/// Every built-in rulebook as its id and its text, the reference first: it is the one that the demonstration
/// founds.
pub fn all() -> [(&'static str, &'static str); 5] {
    [
        ("changji", include_str!("../../rulebooks/changji.toml")),
        ("baotou", include_str!("../../rulebooks/baotou.toml")),
        ("changsha", include_str!("../../rulebooks/changsha.toml")),
        ("gaoxian", include_str!("../../rulebooks/gaoxian.toml")),
        ("xx_city", include_str!("../../rulebooks/xx-city.toml")),
    ]
}

/// The text of the built-in rulebook of that id.
pub fn find(id: &str) -> Option<&'static str> {
    all().into_iter().find(|&(shipped, _)| shipped == id).map(|(_, text)| text)
}
