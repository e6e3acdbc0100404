//! What the rows of an answer can stand for.

/// What a row of an answer stands for, beside its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// One unit.
    Unit,
    /// The category of units.
    Category,
    /// Whether units report to a higher level directly.
    DirectReport,
    /// The publication that adopted.
    Publication,
    /// The level of the publication, of the leader, or of the office that an item was sent up to.
    Level,
    /// The kind of item, or of incident.
    Kind,
    /// The topic.
    Topic,
    /// The level that a commission came from.
    Origin,
    /// The rule that gave points or money.
    Rule,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 9] = [
        Self::Unit,
        Self::Category,
        Self::DirectReport,
        Self::Publication,
        Self::Level,
        Self::Kind,
        Self::Topic,
        Self::Origin,
        Self::Rule,
    ];

    /// Its word: `unit`, `direct_report`, ….
    pub fn code(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Category => "category",
            Self::DirectReport => "direct_report",
            Self::Publication => "publication",
            Self::Level => "level",
            Self::Kind => "kind",
            Self::Topic => "topic",
            Self::Origin => "origin",
            Self::Rule => "rule",
        }
    }

    /// Its English name.
    pub fn en(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Category => "category",
            Self::DirectReport => "direct report",
            Self::Publication => "publication",
            Self::Level => "level",
            Self::Kind => "kind",
            Self::Topic => "topic",
            Self::Origin => "commission origin",
            Self::Rule => "rule",
        }
    }

    /// Its Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Unit => "单位",
            Self::Category => "单位类别",
            Self::DirectReport => "直报点",
            Self::Publication => "刊物",
            Self::Level => "层级",
            Self::Kind => "信息类型",
            Self::Topic => "主题",
            Self::Origin => "约稿来源",
            Self::Rule => "计分规则",
        }
    }

    /// Whether it is known from the unit alone.
    pub fn is_of_units(self) -> bool {
        match self {
            Self::Unit | Self::Category | Self::DirectReport => true,
            Self::Publication | Self::Level | Self::Kind | Self::Topic | Self::Origin | Self::Rule => false,
        }
    }
}
