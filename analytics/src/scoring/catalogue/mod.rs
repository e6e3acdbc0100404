//! What the expressions of a rule may name: every column of every kind of fact, with its type and its meaning.
//!
//! The range of a number is part of its type. It is what lets the check of an expression prove that no sum or product in
//! it can overflow; a fact outside the range is left out of scoring and noted.

mod columns;

use crate::facts::FactKind;
use columns::{
    ADOPTION, ASSIGNMENT, CATEGORY, COUNT, DIRECT_REPORT, ENDORSEMENT, INCIDENT, ITEM, JUDGEMENT, SENDING_UP, STAFFING,
    SUBMISSION, TRAINING,
};

/// The sets of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeSet {
    /// Levels of government, declared by the rulebook.
    Level,
    /// Categories of units, declared by the rulebook.
    Category,
    /// Publications, declared by the rulebook.
    Publication,
    /// Classes inside publications, declared by the rulebook.
    Class,
    /// Kinds of item, declared by the rulebook.
    Kind,
    /// Topics, declared by the rulebook.
    Topic,
    /// What became of a commission; fixed.
    Outcome,
    /// Kinds of incident; the rulebook may add some.
    IncidentKind,
    /// Kinds of training; the rulebook may add some.
    TrainingKind,
    /// Duties of staff; the rulebook may add some.
    Duty,
    /// Ranks of leaders within a level; the rulebook may add some.
    LeaderRank,
    /// Kinds of judgement; the rulebook may add some.
    JudgementKind,
    /// Kinds of outlet that publications belong to, declared with them.
    Outlet,
}

impl CodeSet {
    /// The sets that a rulebook adds to with `[[code]]`.
    pub const EXTENSIBLE: [Self; 5] =
        [Self::IncidentKind, Self::TrainingKind, Self::Duty, Self::LeaderRank, Self::JudgementKind];

    /// The word that rulebooks use for the set.
    pub fn code(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Category => "category",
            Self::Publication => "publication",
            Self::Class => "class",
            Self::Kind => "kind",
            Self::Topic => "topic",
            Self::Outcome => "outcome",
            Self::IncidentKind => "incident_kind",
            Self::TrainingKind => "training_kind",
            Self::Duty => "duty",
            Self::LeaderRank => "leader_rank",
            Self::JudgementKind => "judgement_kind",
            Self::Outlet => "outlet",
        }
    }

    /// The codes that every rulebook has, each with its Chinese name.
    pub fn built_in(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Level
            | Self::Category
            | Self::Publication
            | Self::Class
            | Self::Kind
            | Self::Topic
            | Self::Outlet => &[],
            Self::Outcome => &[
                ("open", "待报送"),
                ("answered", "按要求报送"),
                ("late", "逾期报送"),
                ("missed", "未报送"),
                ("off_topic", "不符合内容要求"),
                ("excused", "免予报送"),
            ],
            Self::IncidentKind => &[
                ("late", "迟报"),
                ("missed", "漏报"),
                ("concealed", "瞒报"),
                ("misreported", "误报"),
                ("untrue", "内容不实"),
            ],
            Self::TrainingKind => &[
                ("session", "集中培训"),
                ("secondment", "跟班培训"),
                ("by_working", "以干代训"),
                ("lecture", "送课下基层"),
            ],
            Self::Duty => &[
                ("leader_in_charge", "分管领导"),
                ("section_chief", "科长"),
                ("full_time", "专职信息员"),
                ("part_time", "兼职信息员"),
                ("invited_expert", "特邀信息员"),
                ("urgent_contact", "紧急信息联系人"),
            ],
            Self::LeaderRank => &[("principal", "主要领导"), ("deputy", "分管领导")],
            Self::JudgementKind => &[("imported", "上级计分"), ("check", "评查")],
        }
    }
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with up to six decimal places.
    Decimal,
    /// A local calendar day.
    Date,
    /// A code of a set.
    Code(CodeSet),
}

impl ColumnType {
    /// The type in words.
    pub fn describe(self) -> String {
        match self {
            Self::Boolean => "boolean".to_owned(),
            Self::Integer => "integer".to_owned(),
            Self::Decimal => "decimal".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Code(set) => format!("code of the set {}", set.code()),
        }
    }
}

/// A column that expressions may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in expressions.
    pub name: &'static str,
    /// Its type.
    pub column_type: ColumnType,
    /// Whether a fact may lack it.
    pub nullable: bool,
    /// Smallest and largest value of a number; a decimal's are in millionths.
    pub range: (i64, i64),
    /// What it means.
    pub en: &'static str,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// Its name in the facts' frame; columns that are looked up elsewhere have the one that they get then.
    pub(crate) stored: &'static str,
}

impl Column {
    const fn new(name: &'static str, column_type: ColumnType, en: &'static str, zh: &'static str) -> Self {
        Self { name, column_type, nullable: false, range: (0, 0), en, zh, stored: name }
    }

    const fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }

    const fn within(self, least: i64, most: i64) -> Self {
        Self { range: (least, most), ..self }
    }

    const fn stored_as(self, stored: &'static str) -> Self {
        Self { stored, ..self }
    }
}

/// The most that one tally may stand for.
pub const MAX_COUNT: i64 = 1_000_000;
/// The longest text, in characters.
pub const MAX_CHARACTERS: i64 = 1_000_000;
/// The most people at one training.
pub const MAX_ATTENDEES: i64 = 1_000_000;
/// The most points, up or down, that a person may decide for one incident.
pub const MAX_DECIDED_POINTS: i64 = 10_000;
/// The most that a `[[count]]` may come to for one unit in one period.
pub const MAX_COUNTED: i64 = 1_000_000_000;

/// The columns of a kind of fact, in the order in which they are documented.
pub fn columns(kind: FactKind) -> Vec<Column> {
    let own: &[Column] = match kind {
        FactKind::Submission => SUBMISSION,
        FactKind::Adoption => ADOPTION,
        FactKind::SendingUp => SENDING_UP,
        FactKind::Endorsement => ENDORSEMENT,
        FactKind::Assignment => ASSIGNMENT,
        FactKind::Incident => INCIDENT,
        FactKind::Training => TRAINING,
        FactKind::Staffing => STAFFING,
        FactKind::Judgement => JUDGEMENT,
    };
    let item: &[Column] = if has_submission(kind) { ITEM } else { &[] };
    [own, item, &[COUNT, CATEGORY, DIRECT_REPORT]].concat()
}

/// The columns that are looked up for any kind of fact, and are not in the facts' own frame.
#[cfg(test)]
const LOOKED_UP: [&str; 10] = [
    "category",
    "direct_report",
    "near_duplicate",
    "coefficient",
    "joint_units",
    "joint_authors",
    "adopted",
    "happened_on",
    "kind_due_on",
    "named_by",
];

/// The largest coefficient.
pub const MAX_COEFFICIENT: i64 = 100;
/// The most units, or authors, that one item is counted for.
pub const MAX_PARTIES: i64 = 1_000;

/// The columns of period rules that no rulebook declares: the others are its counts, quotas and parameters.
pub fn period_columns() -> [Column; 2] {
    [
        Column { en: "the unit's category on the period's last day", zh: "单位期末所属类别", ..CATEGORY },
        Column { nullable: false, ..DIRECT_REPORT },
    ]
}

/// Whether facts of the kind may be about a submission.
pub(crate) fn has_submission(kind: FactKind) -> bool {
    match kind {
        FactKind::Submission
        | FactKind::Adoption
        | FactKind::SendingUp
        | FactKind::Endorsement
        | FactKind::Incident
        | FactKind::Judgement => true,
        FactKind::Assignment | FactKind::Training | FactKind::Staffing => false,
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::DataType;

    use super::*;
    use crate::facts::Facts;

    #[test]
    fn every_column_that_is_not_looked_up_is_in_the_facts_frame_with_its_type() {
        let facts = Facts::new();
        for kind in FactKind::ALL {
            let frame = facts.table(kind).frame();
            for column in columns(kind) {
                let is_of_publication = kind == FactKind::Adoption && ["level", "outlet"].contains(&column.name);
                if is_of_publication || LOOKED_UP.contains(&column.name) {
                    continue;
                }
                let expected = match column.column_type {
                    ColumnType::Boolean => DataType::Boolean,
                    ColumnType::Integer | ColumnType::Decimal => DataType::Int64,
                    ColumnType::Date => DataType::Int32,
                    ColumnType::Code(_) => DataType::UInt32,
                };
                let stored =
                    frame.column(column.stored).unwrap_or_else(|_| panic!("{kind}.{} is not stored", column.name));
                assert_eq!(stored.dtype(), &expected, "{kind}.{}", column.name);
            }
        }
    }

    #[test]
    fn no_kind_names_a_column_twice() {
        for kind in FactKind::ALL {
            let mut names: Vec<_> = columns(kind).iter().map(|column| column.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{kind}: {names:?}");
        }
    }
}
