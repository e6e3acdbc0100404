//! What two rulebooks give for single facts, written down once more by hand.

/// Where an item may be adopted, and what that gives.
pub(crate) struct Adopted {
    pub(crate) publication: &'static str,
    pub(crate) class: Option<&'static str>,
    pub(crate) via: Option<&'static str>,
    pub(crate) points: i64,
    /// Whether an item earns it once.
    pub(crate) once: bool,
}

/// The tariff of one rulebook: codes with whole points. Codes that stand there several times are as much more frequent.
pub(crate) struct Tariff {
    pub(crate) rulebook: &'static str,
    /// The rules that give it.
    pub(crate) rules: &'static [&'static str],
    pub(crate) adoptions: &'static [Adopted],
    /// Once for each item and level.
    pub(crate) endorsements: &'static [(&'static str, i64)],
    pub(crate) outcomes: &'static [(&'static str, i64)],
    pub(crate) incidents: &'static [(&'static str, i64)],
}

const fn sum(publication: &'static str, class: Option<&'static str>, points: i64) -> Adopted {
    Adopted { publication, class, via: None, points, once: false }
}

const fn once(publication: &'static str, points: i64) -> Adopted {
    Adopted { publication, class: None, via: Some("internal"), points, once: true }
}

pub(crate) const TARIFFS: [Tariff; 2] = [
    Tariff {
        rulebook: "changji",
        rules: &["adopted.", "endorsed.", "commission.", "accuracy."],
        adoptions: &[
            sum("general", None, 10),
            sum("general", None, 10),
            sum("internal", Some("dynamic"), 10),
            sum("internal", Some("special_report"), 20),
            sum("internal", Some("reference"), 40),
            once("xinjiang_brief", 10),
            once("yesterday_brief", 10),
            once("state_council", 0),
        ],
        endorsements: &[("prefecture", 10), ("prefecture", 10), ("region", 20), ("state", 50)],
        outcomes: &[("answered", 0), ("answered", 0), ("late", -10), ("missed", -10), ("off_topic", -10)],
        incidents: &[("untrue", -50), ("late", 0)],
    },
    Tariff {
        rulebook: "baotou",
        rules: &["adopted.", "endorsed.", "commission.", "incident"],
        adoptions: &[sum("own", None, 2), sum("own", None, 2), sum("region", None, 5), sum("state", None, 10)],
        endorsements: &[("city", 5), ("city", 5), ("region", 10)],
        outcomes: &[("answered", 2), ("answered", 2), ("late", -2), ("missed", -2), ("off_topic", -2)],
        incidents: &[("untrue", -5), ("poor_quality", -5), ("evasive", -5)],
    },
];
