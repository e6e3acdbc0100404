//! What scoring could not place: never an error, never silent.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::facts::FactKind;

/// Why something was not placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// No version of the rulebook was in force on the facts' day.
    NoVersion,
    /// The facts name a unit that the network does not have.
    UnknownUnit,
    /// A unit has points but was in no category, so it stands in no ranking.
    NoCategory,
    /// The facts use a code that the rulebook does not declare.
    UnknownCode,
    /// A number lies outside the range that rules may rely on; the facts count for nothing.
    OutOfRange,
    /// No rule gives anything for facts of a kind that the rulebook does score.
    Unplaced,
    /// A rule applies but its amount cannot be computed, for want of a value that it reads.
    NoAmount,
    /// A person has yet to decide a number that a clause needs.
    Undecided,
    /// A decided number lies outside the clause's range; the nearer end of the range counts.
    OutsideRange,
    /// One line would be too large to be summed safely; it is left out.
    TooLarge,
}

impl NoteKind {
    /// A stable word for the kind.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoVersion => "no_version",
            Self::UnknownUnit => "unknown_unit",
            Self::NoCategory => "no_category",
            Self::UnknownCode => "unknown_code",
            Self::OutOfRange => "out_of_range",
            Self::Unplaced => "unplaced",
            Self::NoAmount => "no_amount",
            Self::Undecided => "undecided",
            Self::OutsideRange => "outside_range",
            Self::TooLarge => "too_large",
        }
    }
}

/// Something that scoring could not place, for an editor to see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Why.
    pub kind: NoteKind,
    /// The version of the rulebook that was applied.
    pub version: Option<i64>,
    /// The rule that was applied.
    pub rule: Option<String>,
    /// The kind of the facts.
    pub fact: Option<FactKind>,
    /// How many facts, or units, it is about.
    pub count: usize,
    /// The smallest ids among them, at most [`Note::EXAMPLES`].
    pub examples: Vec<i64>,
    /// What happened, in a sentence.
    pub message: String,
    /// What happened, in Chinese.
    pub message_zh: String,
}

impl Note {
    /// How many examples a note carries at most.
    pub const EXAMPLES: usize = 5;
}

/// What a note is about, beside the facts themselves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) version: Option<i64>,
    pub(crate) rule: Option<&'a str>,
    pub(crate) fact: Option<FactKind>,
}

/// A note in the making: what it is about, and the facts, or the units, each with the unit that it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Noted {
    key: Key,
    ids: Vec<(i64, i64)>,
}

type Key = (NoteKind, Option<i64>, Option<String>, Option<FactKind>, String);

/// The notes of one scoring, or of a slice of it.
#[derive(Debug, Default)]
pub(crate) struct Notes(Vec<Noted>);

impl Notes {
    /// Notes facts, or units, each after the unit that it belongs to. No ids, no note. `detail` is the code, the rule or the count in
    /// question.
    pub(crate) fn add(&mut self, kind: NoteKind, about: &About<'_>, ids: Vec<(i64, i64)>, detail: &str) {
        if ids.is_empty() {
            return;
        }
        let key = (kind, about.version, about.rule.map(str::to_owned), about.fact, detail.to_owned());
        self.0.push(Noted { key, ids });
    }

    /// What was noted of these units.
    pub(super) fn of_units(self, is_meant: impl Fn(i64) -> bool) -> Vec<Noted> {
        let mut noted = self.0;
        for one in &mut noted {
            one.ids.retain(|(unit, _)| is_meant(*unit));
        }
        noted.retain(|noted| !noted.ids.is_empty());
        noted
    }
}

/// What slices noted, told together: each of them only of the units that it speaks for.
pub(super) fn told<'n>(noted: impl Iterator<Item = (&'n Noted, &'n dyn Fn(i64) -> bool)>) -> Vec<Note> {
    let mut all: BTreeMap<&Key, Vec<i64>> = BTreeMap::new();
    for (noted, is_meant) in noted {
        let own = noted.ids.iter().filter(|(unit, _)| is_meant(*unit)).map(|(_, id)| *id);
        all.entry(&noted.key).or_default().extend(own);
    }
    let note = |(key, mut ids): (&Key, Vec<i64>)| {
        ids.sort_unstable();
        ids.dedup();
        let (kind, version, rule, fact, detail) = key;
        let count = ids.len();
        ids.truncate(Note::EXAMPLES);
        let (name, name_zh) = (fact.map_or("unit", FactKind::code), fact.map_or("单位", FactKind::name_zh));
        let (message, message_zh) = sentence(*kind, count, name, name_zh, detail);
        let (version, rule) = (*version, rule.clone());
        (count > 0).then_some(Note {
            kind: *kind,
            version,
            rule,
            fact: *fact,
            count,
            examples: ids,
            message,
            message_zh,
        })
    };
    let mut told: Vec<Note> = all.into_iter().filter_map(note).collect();
    told.sort();
    told
}

/// The ids in a column of a frame, each after its unit.
pub(super) fn owned(frame: &DataFrame, column: &str) -> PolarsResult<Vec<(i64, i64)>> {
    let (units, ids) = (frame.column("unit")?.i64()?, frame.column(column)?.i64()?);
    Ok(units.iter().zip(ids.iter()).filter_map(|(unit, id)| Some((unit?, id?))).collect())
}

/// The ids in a column of a frame.
pub(crate) fn ids(frame: &DataFrame, column: &str) -> PolarsResult<Vec<i64>> {
    Ok(frame.column(column)?.i64()?.iter().flatten().collect())
}

fn sentence(kind: NoteKind, count: usize, fact: &str, fact_zh: &str, detail: &str) -> (String, String) {
    match kind {
        NoteKind::NoVersion => (
            format!("{count} facts of the kind {fact} lie before the first rulebook version"),
            format!("{count}项“{fact_zh}”早于首个规则版本的生效日期"),
        ),
        NoteKind::UnknownUnit => (
            format!("{count} facts of the kind {fact} name a unit that the network does not have"),
            format!("{count}项“{fact_zh}”所属单位不在本信息网络中"),
        ),
        NoteKind::NoCategory => (
            format!("{count} units have points but no category, so they are not ranked"),
            format!("{count}个单位有积分但不属于任何类别,未参加排名"),
        ),
        NoteKind::UnknownCode => (
            format!("{count} facts of the kind {fact} use {detail}, which the rulebook does not declare"),
            format!("{count}项“{fact_zh}”使用了规则未声明的代码 {detail}"),
        ),
        NoteKind::OutOfRange => (
            format!("{count} facts of the kind {fact} hold a number outside its range and count for nothing"),
            format!("{count}项“{fact_zh}”的数值超出允许范围,未计入"),
        ),
        NoteKind::Unplaced => (
            format!("no rule gives anything for {count} facts of the kind {fact}"),
            format!("{count}项“{fact_zh}”没有适用的计分规则"),
        ),
        NoteKind::NoAmount => (
            format!("the amount of \"{detail}\" cannot be computed for {count} facts"),
            format!("“{detail}”有{count}项因缺少数据无法计算分值"),
        ),
        NoteKind::Undecided => (
            format!("\"{detail}\" waits for a person's decision in {count} cases"),
            format!("“{detail}”有{count}项尚待认定"),
        ),
        NoteKind::OutsideRange => (
            format!("{count} decisions for \"{detail}\" lie outside its range; its nearer end counts"),
            format!("“{detail}”有{count}项认定值超出范围,按就近限值计"),
        ),
        NoteKind::TooLarge => (
            format!("\"{detail}\" is too large for {count} facts to be summed safely; they are left out"),
            format!("“{detail}”有{count}项数值过大,未计入"),
        ),
    }
}
