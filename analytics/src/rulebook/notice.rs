//! What is told to whom: a rule of a rulebook about notices, and the text that it sends.
//!
//! A rule says when something is told, to whom, and in which words. It neither counts nor sends: the values of its text come
//! from results that were published, or from what happened.

use chrono::{NaiveTime, TimeDelta};

use crate::period::PeriodUnit;

/// What is told to whom, when, and in which words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRule {
    /// Its id, unique in the rulebook.
    pub id: String,
    /// Where the document says so.
    pub clause: String,
    /// What is told, in a few words.
    pub title: String,
    /// What it is about.
    pub kind: NoticeKind,
    /// When.
    pub schedule: Schedule,
    /// How long after its time it is still worth telling.
    pub late_after: TimeDelta,
    /// To whom.
    pub to: Vec<Addressee>,
    /// About the units of these categories.
    pub categories: Vec<String>,
    /// Only about units that stand on this list, or win this award.
    pub list: Option<String>,
    /// Only about adoptions or endorsements at these levels; empty for all.
    pub levels: Vec<String>,
    /// What a listed unit must fulfil to be named.
    pub eligible: Eligibility,
    /// Whether it goes out as a text message.
    pub sms: bool,
    /// Whether it goes into the inbox.
    pub inbox: bool,
    /// In how many text messages it must fit.
    pub segments: u32,
    /// Whether a second person must approve it.
    pub release: Release,
    /// Whether it goes out at any hour.
    pub at_once: bool,
    /// The gateway's id of the text template.
    pub template: String,
    /// The text.
    pub text: Template,
    /// How one of several units is written in the text.
    pub item: Option<Template>,
    /// How many units are written at most; of more, their number is told.
    pub most: u32,
}

impl NoticeRule {
    /// Whether a text is about several units: those that somebody in the office is responsible for.
    pub fn is_grouped(&self) -> bool {
        self.kind.subject().is_periodic() && self.to.iter().any(|to| to.is_of_office())
    }
}

/// When something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// On that working day after the end of each period, at that time.
    AfterClose {
        /// The period.
        on: PeriodUnit,
        /// Which working day, from 1.
        working_days: u32,
        /// At what time of it.
        at: NaiveTime,
    },
    /// So long before a deadline.
    BeforeDue(TimeDelta),
    /// So long after a deadline.
    AfterDue(TimeDelta),
    /// When it happens.
    AtEvent,
}

/// Whether a second person must approve what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// It goes out by itself.
    Auto,
    /// A second person approves it.
    Approved,
}

/// What a unit must fulfil to be named as one of the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Eligibility {
    /// The category has at least so many units.
    pub size: u32,
    /// It was a member during the whole period.
    pub whole_period: bool,
    /// It owes something: its category has a quota.
    pub quota: bool,
}

macro_rules! words {
    ($(#[$doc:meta])+ $name:ident { $($(#[$each:meta])+ $variant:ident = $code:literal, $zh:literal;)+ }) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$each])+ $variant,)+ }

        impl $name {
            /// Every one, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word that rulebooks use.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The words of an office.
            pub fn name_zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)+ }
            }
        }
    };
}

words! {
    /// What a notice is about.
    NoticeKind {
        /// A unit's result.
        Result = "result", "考评结果告知";
        /// Results to those who are responsible for the units.
        Routing = "routing", "考评结果呈送";
        /// A circular has been published.
        Circular = "circular", "通报印发";
        /// The last of a category.
        Bottom = "bottom", "末位通报";
        /// Nothing was reported.
        NothingReported = "nothing_reported", "零报送提醒";
        /// Nothing was adopted.
        NothingAdopted = "nothing_adopted", "零采用提醒";
        /// Units to be talked with.
        Talk = "talk", "约谈通知";
        /// An award.
        Award = "award", "评先结果";
        /// Awards that can no longer be won.
        Disqualification = "disqualification", "取消评先资格";
        /// What was decided on a day.
        Digest = "digest", "每日采用反馈";
        /// A report was asked for.
        CommissionIssued = "commission_issued", "约稿通知";
        /// It is due soon.
        CommissionReminder = "commission_reminder", "约稿提醒";
        /// It is due and not there.
        CommissionOverdue = "commission_overdue", "约稿逾期";
        /// It is still not there, and somebody above is told.
        CommissionEscalation = "commission_escalation", "约稿逾期报告";
        /// An adoption, when it is recorded.
        Adoption = "adoption", "采用反馈";
        /// A leader's instruction, when it is recorded.
        Endorsement = "endorsement", "批示反馈";
        /// An urgent report came late, or is missing.
        UrgentLateness = "urgent_lateness", "紧急信息迟报漏报";
        /// A direct-report point is prompted.
        DirectReportPrompt = "direct_report_prompt", "直报点提醒";
    }
}

words! {
    /// To whom something is told.
    Addressee {
        /// 主要领导 of the unit.
        UnitLeader = "unit_leader", "主要领导";
        /// 分管领导 of the unit's information work.
        LeaderInCharge = "leader_in_charge", "分管领导";
        /// 科室负责人 of the unit.
        SectionChief = "section_chief", "科室负责人";
        /// 信息员 of the unit.
        Officer = "officer", "信息员";
        /// 政府主要领导: the mayor.
        Head = "head", "政府主要领导";
        /// 政府分管领导: the vice-mayor in charge of the unit.
        DeputyHead = "deputy_head", "政府分管领导";
        /// 秘书长.
        SecretaryGeneral = "secretary_general", "秘书长";
        /// 分管副秘书长: the deputy in charge of the unit.
        DeputySecretaryGeneral = "deputy_secretary_general", "分管副秘书长";
        /// 办公室负责人.
        ChiefEditor = "chief_editor", "办公室负责人";
        /// 信息科.
        Editor = "editor", "信息科";
    }
}

impl Addressee {
    /// Whether they belong to the office, not to the unit that the text is about.
    pub fn is_of_office(self) -> bool {
        match self {
            Self::UnitLeader | Self::LeaderInCharge | Self::SectionChief | Self::Officer => false,
            Self::Head
            | Self::DeputyHead
            | Self::SecretaryGeneral
            | Self::DeputySecretaryGeneral
            | Self::ChiefEditor
            | Self::Editor => true,
        }
    }
}

/// Where the values of a text come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A published result of a period.
    Result,
    /// What was decided on a day.
    Day,
    /// A unit that was asked for a report.
    Commission,
    /// An adoption.
    Adoption,
    /// A leader's instruction.
    Endorsement,
    /// An incident of urgent reporting.
    Incident,
    /// A prompt.
    Prompt,
}

impl Subject {
    /// Whether it is told at the end of periods.
    pub fn is_periodic(self) -> bool {
        matches!(self, Self::Result | Self::Day)
    }

    /// The values of a text about one unit, each with the most characters that it takes; none for the name of a unit or a
    /// category, which the rulebook itself knows.
    pub fn values(self) -> &'static [(&'static str, Option<usize>)] {
        match self {
            Self::Result => &[
                ("unit", None),
                ("category", None),
                ("period", Some(11)),
                ("score", Some(9)),
                ("rank", Some(3)),
                ("of", Some(3)),
                ("submitted", Some(5)),
                ("adopted", Some(5)),
                ("rate", Some(6)),
                ("change", Some(7)),
                ("list", Some(20)),
                ("reason", Some(60)),
            ],
            Self::Day => &[
                ("unit", None),
                ("day", Some(6)),
                ("adopted", Some(3)),
                ("returned", Some(3)),
                ("declined", Some(3)),
                ("titles", Some(3 * (TITLE + 3))),
            ],
            Self::Commission => &[
                ("unit", None),
                ("title", Some(TITLE)),
                ("deadline", Some(12)),
                ("left", Some(6)),
                ("overdue", Some(6)),
            ],
            Self::Adoption => &[
                ("unit", None),
                ("title", Some(TITLE)),
                ("publication", Some(20)),
                ("level", Some(10)),
                ("day", Some(6)),
            ],
            Self::Endorsement => &[("unit", None), ("title", Some(TITLE)), ("level", Some(10)), ("day", Some(6))],
            Self::Incident => &[("unit", None), ("incident", Some(10)), ("day", Some(6))],
            Self::Prompt => &[("unit", None), ("words", Some(500))],
        }
    }

    /// The values of a text about several units.
    pub fn group_values(self) -> &'static [(&'static str, Option<usize>)] {
        match self {
            Self::Day => &[("units", None), ("count", Some(4)), ("day", Some(6))],
            Self::Result | Self::Commission | Self::Adoption | Self::Endorsement | Self::Incident | Self::Prompt => {
                &[("units", None), ("count", Some(4)), ("period", Some(11)), ("list", Some(20))]
            }
        }
    }
}

/// The most characters of a title that a text shows.
pub const TITLE: usize = 24;

impl NoticeKind {
    /// Where the values of its text come from.
    pub fn subject(self) -> Subject {
        match self {
            Self::Result
            | Self::Routing
            | Self::Circular
            | Self::Bottom
            | Self::NothingReported
            | Self::NothingAdopted
            | Self::Talk
            | Self::Award
            | Self::Disqualification => Subject::Result,
            Self::Digest => Subject::Day,
            Self::CommissionIssued
            | Self::CommissionReminder
            | Self::CommissionOverdue
            | Self::CommissionEscalation => Subject::Commission,
            Self::Adoption => Subject::Adoption,
            Self::Endorsement => Subject::Endorsement,
            Self::UrgentLateness => Subject::Incident,
            Self::DirectReportPrompt => Subject::Prompt,
        }
    }

    /// Whether it is about units that stand on a list.
    pub fn needs_list(self) -> bool {
        matches!(
            self,
            Self::Bottom
                | Self::NothingReported
                | Self::NothingAdopted
                | Self::Talk
                | Self::Award
                | Self::Disqualification
        )
    }
}

/// A text with places for values: `{unit}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub(super) Vec<Piece>);

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Written as it is.
    Words(String),
    /// The place of a value.
    Value(String),
}

impl Template {
    /// The text with its values; a value that is not given is written as nothing.
    pub fn render(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Value(name) => text.push_str(&value(name).unwrap_or_default()),
            }
        }
        text
    }

    /// The values that it names, in the order of the text.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Value(name) => Some(name.as_str()),
        })
    }

    /// Its length in UTF-16 units, where each value takes so many.
    pub(super) fn length(&self, value: impl Fn(&str) -> usize) -> usize {
        let length = |piece: &Piece| match piece {
            Piece::Words(words) => words.encode_utf16().count(),
            Piece::Value(name) => value(name),
        };
        self.0.iter().map(length).sum()
    }
}

/// The template as the rulebook writes it.
impl std::fmt::Display for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => f.write_str(words)?,
                Piece::Value(name) => write!(f, "{{{name}}}")?,
            }
        }
        Ok(())
    }
}

/// In how many text messages a text goes: 70 UTF-16 units in one, 67 in each of several.
pub(super) fn segments(units: usize) -> usize {
    if units <= 70 { 1 } else { units.div_ceil(67) }
}
