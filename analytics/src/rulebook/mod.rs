//! An office's assessment rules: typed, checked, and printable clause by clause.
//!
//! A [`Rulebook`] only comes out of [`Rulebook::parse`], which reports every mistake at once. So whoever holds one knows
//! that its expressions have types, that its codes are declared and that no sum of its points can overflow.

mod adjustment;
mod adjustments;
mod award;
mod declarations;
pub(crate) mod figures;
mod lists;
mod mistake;
mod notice;
mod notices;
mod parse;
mod rates;
mod reader;
mod rule;
mod rules;
pub mod shipped;
mod source;
mod tariffs;
mod upkeep;

use chrono::{Datelike, Months, NaiveDate};
use chrono_tz::Tz;

pub use adjustment::{Adjustment, Behind, Earned, Listing, Part, Selection, Tariff, Task};
pub(crate) use adjustment::{Among, Division, FloorOn, Step, Together};
pub use award::{Award, Ties, Winner};
pub use mistake::{Mistake, Mistakes};
pub use notice::{Addressee, Eligibility, NoticeKind, NoticeRule, Release, Schedule, Subject, TITLE, Template};
pub use rule::{Combine, Count, Currency, Exclusion, On, Parameter, Quota, Rates, Rule};
pub use upkeep::{AppealTerm, OfficerQuota, StaffingDuty, Urgent};

use crate::expression::scope::Vocabulary;
use crate::period::Span;
use crate::points::Rounding;
use crate::scoring::catalogue::CodeSet;

/// The rule id of the line that rounds a total.
pub const ROUNDING: &str = "rounding";

/// One version of an office's rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Rulebook {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) effective_from: NaiveDate,
    pub(crate) time_zone: Tz,
    pub(crate) year_begins: YearDay,
    pub(crate) total: Total,
    pub(crate) levels: Vec<Named>,
    pub(crate) categories: Vec<Category>,
    pub(crate) publications: Vec<Publication>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) topics: Vec<Named>,
    pub(crate) codes: Vec<Code>,
    pub(crate) receipt: Receipt,
    pub(crate) sign_offs: Vec<SignOff>,
    pub(crate) follow_up: FollowUp,
    pub(crate) appeal: AppealTerm,
    pub(crate) urgent: Option<Urgent>,
    pub(crate) staffing: Vec<StaffingDuty>,
    pub(crate) officer_quotas: Vec<OfficerQuota>,
    pub(crate) counts: Vec<Count>,
    pub(crate) rates: Rates,
    pub(crate) quotas: Vec<Quota>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) exclusions: Vec<Exclusion>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) awards: Vec<Award>,
    pub(crate) adjustments: Vec<Adjustment>,
    pub(crate) parts: Vec<Part>,
    pub(crate) earned: Vec<Earned>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) lists: Vec<Listing>,
    pub(crate) tie_break: Vec<String>,
    pub(crate) notices: Vec<NoticeRule>,
    pub(crate) vocabulary: Vocabulary,
}

/// A day of every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearDay {
    /// 1 to 12.
    pub month: u32,
    /// 1 to 28: a day that every month has.
    pub day: u32,
}

/// How a total is finished, once, when it is shown or ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// Decimal places, 0 to 6.
    pub places: u32,
    /// How the rest is cut off.
    pub rounding: Rounding,
}

/// A declared code with its name: a level, a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The code that facts and rules use.
    pub id: String,
    /// Its name in the office's own words.
    pub name: String,
}

/// A group of units that are measured by the same rules and ranked among themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// The code that memberships and rules use.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The names of its members in the order of the document. A network is founded from them; afterwards the dated memberships
    /// of [`crate::facts::UnitRow`] count.
    pub members: Vec<String>,
    /// Whether its members are direct-report points (信息直报点) when a network is founded.
    pub direct_report: bool,
}

/// A publication that adopts items: the office's own, or a higher one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The code that adoptions and rules use.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the level that issues it.
    pub level: String,
    /// Whether the office that owns the rulebook issues it.
    pub own: bool,
    /// Where the document speaks of it.
    pub clause: Option<String>,
    /// The kind of outlet that it is, for rules that pay once per kind of outlet.
    pub outlet: Option<String>,
    /// The classes that it sorts its items into; empty when it has none.
    pub classes: Vec<Named>,
}

/// A kind of item that units report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The code that submissions and rules use.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where the document speaks of it.
    pub clause: Option<String>,
    /// The longest text that is received, in characters.
    pub max_characters: Option<i64>,
    /// Who may sign an item of this kind, any of [`Kind::SIGNERS`]; empty when the rulebook does not say.
    pub sign_off: Vec<String>,
    /// How soon after the event an item of this kind is due.
    pub deadline: Option<Deadline>,
}

impl Kind {
    /// The roles that may be asked to sign: 科室负责人; 主要领导或分管领导.
    pub const SIGNERS: [&'static str; 2] = ["section_chief", "unit_leader"];
}

/// How soon after the event an item is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// On the day of the event.
    SameDay,
    /// That many days after the event.
    Days(u32),
    /// On that day of the month after the event's month.
    NextMonthDay(u32),
}

impl Deadline {
    /// The last day on which an item about an event of that day is in time.
    pub fn due_on(self, event: NaiveDate) -> NaiveDate {
        let due = match self {
            Self::SameDay => Some(event),
            Self::Days(days) => event.checked_add_days(chrono::Days::new(days.into())),
            Self::NextMonthDay(day) => event
                .with_day(1)
                .and_then(|first| first.checked_add_months(Months::new(1)))
                .and_then(|next| next.with_day(day)),
        };
        due.unwrap_or(event)
    }
}

/// A further code of one of the built-in sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The set: `incident_kind`, `training_kind`, `duty`, `leader_rank`.
    pub set: String,
    /// The code.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What an item must carry to be received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// What is asked for: any of `signatory`, `writer`, `contact`.
    pub requires: Vec<String>,
    /// Where the document says so.
    pub clause: Option<String>,
}

/// Who signs an item for another reason than its kind. It goes before the kind's own signatories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// Whether it is about items that are marked important.
    pub important: bool,
    /// The ids of the levels whose commissions it is about; empty when it is about important items.
    pub origins: Vec<String>,
    /// Who may sign, any of [`Kind::SIGNERS`].
    pub by: Vec<String>,
    /// Where the document says so.
    pub clause: Option<String>,
}

/// How soon a unit reports what became of a leader's instruction (批示办理反馈).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Days after the instruction.
    pub days: u32,
    /// Where the document says so; none where it does not, and a week is given.
    pub clause: Option<String>,
}

impl Default for FollowUp {
    fn default() -> Self {
        Self { days: 7, clause: None }
    }
}

impl FollowUp {
    /// The last day on which the report about an instruction of that day is in time.
    pub fn due_on(&self, endorsed_on: NaiveDate) -> NaiveDate {
        endorsed_on.checked_add_days(chrono::Days::new(self.days.into())).unwrap_or(endorsed_on)
    }
}

impl Rulebook {
    /// A short name for the rulebook, the same in every version.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The document's title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The first day whose facts it scores.
    pub fn effective_from(&self) -> NaiveDate {
        self.effective_from
    }

    /// The time zone in which the network's days begin.
    pub fn time_zone(&self) -> Tz {
        self.time_zone
    }

    /// How totals are rounded.
    pub fn total(&self) -> Total {
        self.total
    }

    /// The levels of government, lowest first.
    pub fn levels(&self) -> &[Named] {
        &self.levels
    }

    /// The categories, in the order of the document.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The publications, in the order of the document.
    pub fn publications(&self) -> &[Publication] {
        &self.publications
    }

    /// The kinds of item, in the order of the document.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The topics, in the order of the document.
    pub fn topics(&self) -> &[Named] {
        &self.topics
    }

    /// Codes that are declared beside the built-in ones.
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// Every code of a set that the rulebook may add to, with its name: the built-in ones, then its own.
    pub fn codes_of(&self, set: CodeSet) -> Vec<(&str, &str)> {
        let own =
            self.codes.iter().filter(|code| code.set == set.code()).map(|code| (code.id.as_str(), code.name.as_str()));
        set.built_in().iter().copied().chain(own).collect()
    }

    /// What an item must carry to be received.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Who signs an item for another reason than its kind, in the order of the document.
    pub fn sign_offs(&self) -> &[SignOff] {
        &self.sign_offs
    }

    /// Who may sign an item: for its importance, for where its commission came from, or for its kind, whichever the rulebook
    /// speaks of first in this order. Empty when anyone may whose role signs.
    pub fn signers(&self, kind: &str, important: bool, origin: Option<&str>) -> &[String] {
        let speaks = |rule: &&SignOff| {
            rule.important && important || origin.is_some_and(|origin| rule.origins.iter().any(|level| level == origin))
        };
        let of_kind =
            || self.kinds.iter().find(|declared| declared.id == kind).map(|declared| declared.sign_off.as_slice());
        let found = self.sign_offs.iter().find(speaks).map(|rule| rule.by.as_slice());
        found.or_else(of_kind).unwrap_or_default()
    }

    /// How soon a unit reports what became of a leader's instruction.
    pub fn follow_up(&self) -> &FollowUp {
        &self.follow_up
    }

    /// How long a unit may dispute a line of its ledger.
    pub fn appeal(&self) -> &AppealTerm {
        &self.appeal
    }

    /// How soon the parts of an urgent report are due, if the document says so.
    pub fn urgent(&self) -> Option<&Urgent> {
        self.urgent.as_ref()
    }

    /// Whom units must have, in the order of the document.
    pub fn staffing(&self) -> &[StaffingDuty] {
        &self.staffing
    }

    /// What each officer owes, in the order of the document.
    pub fn officer_quotas(&self) -> &[OfficerQuota] {
        &self.officer_quotas
    }

    /// The counts that period rules read.
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }

    /// The two counts that an adoption rate divides.
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// The quotas, in the order of the document.
    pub fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// The shared figures.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// What counts for nothing.
    pub fn exclusions(&self) -> &[Exclusion] {
        &self.exclusions
    }

    /// The rules, in the order of the document.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether what the rule of that id pays is handed on to authors that are members, so that the ledger has a line for each.
    pub fn hands_on(&self, rule: &str) -> bool {
        self.adjustments.iter().any(|adjustment| {
            matches!(adjustment.step, Step::Share { among: Among::Authors, .. })
                && adjustment.currency == Currency::Money
                && adjustment.rules.has(rule)
        })
    }

    /// The awards of the year's end.
    pub fn awards(&self) -> &[Award] {
        &self.awards
    }

    /// What changes the amounts that rules give, in the order in which it is done.
    pub fn adjustments(&self) -> &[Adjustment] {
        &self.adjustments
    }

    /// The parts that the total is made of.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The sums of points that period rules read.
    pub fn earned(&self) -> &[Earned] {
        &self.earned
    }

    /// The tasks from above that quotas follow.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The lists that are made at the end of periods.
    pub fn lists(&self) -> &[Listing] {
        &self.lists
    }

    /// The figures that decide between units of equal points, the first one first.
    pub fn tie_break(&self) -> &[String] {
        &self.tie_break
    }

    /// What is told to whom, in the order of the document.
    pub fn notices(&self) -> &[NoticeRule] {
        &self.notices
    }

    /// The assessment year that the day belongs to, from its first day to its last.
    pub fn year_of(&self, day: NaiveDate) -> Span {
        let YearDay { month, day: first_day } = self.year_begins;
        let begin = |year| NaiveDate::from_ymd_opt(year, month, first_day).unwrap_or(day);
        let this = begin(day.year());
        let first = if this <= day { this } else { begin(day.year() - 1) };
        let next = first.checked_add_months(Months::new(12)).unwrap_or(first);
        Span { first, last: next.pred_opt().unwrap_or(first) }
    }
}
