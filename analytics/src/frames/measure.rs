//! Every measure, declared once: its names, its formula, what it may be split by, and how it adds up.

use super::dimension::Dimension;
use super::number::Unit;
use crate::facts::FactKind;

/// What a measure adds up over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Additivity {
    /// The parts of any split add up to the whole.
    Additive,
    /// Units and categories add up; periods and publications do not, because one item may stand in several of them.
    OverUnits,
    /// Nothing adds up: the whole is computed from its own facts.
    NotAdditive,
}

/// What is counted. A ratio divides two of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Figure {
    Submitted,
    Received,
    Refused,
    Returned,
    Urgent,
    OnTime,
    WithDeadline,
    AdoptedItems,
    AdoptedOfCohort,
    Adoptions,
    SentUp,
    Endorsements,
    Assigned,
    Answered,
    AnsweredLate,
    Incidents,
    LateReports,
    Turnaround,
    Points,
    Deductions,
    Money,
    QuotaDone,
    QuotaOwed,
    Officers,
    Trainings,
}

/// How figures become a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Formula {
    Sum(Figure),
    Ratio(Figure, Figure),
    Median(Figure),
}

/// A measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is explained by its formula")]
pub enum Measure {
    Submitted,
    Received,
    Refused,
    Returned,
    Urgent,
    AdoptedItems,
    Adoptions,
    SentUp,
    Endorsements,
    AdoptionRate,
    OnTimeRate,
    Commissions,
    AnsweredCommissions,
    CommissionAnswerRate,
    CommissionLateRate,
    Turnaround,
    Points,
    Deductions,
    Money,
    QuotaAttainment,
    Incidents,
    LateReports,
    ActiveOfficers,
    Trainings,
}

/// What the catalogue says about a measure.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its word: `adoption_rate`.
    pub code: &'static str,
    /// Its English name.
    pub en: &'static str,
    /// Its Chinese name.
    pub zh: &'static str,
    /// In what it is counted.
    pub unit: Unit,
    /// How it is computed.
    pub formula: &'static str,
    /// How it is computed, in Chinese.
    pub formula_zh: &'static str,
    pub(crate) how: Formula,
}

impl Measure {
    /// Every measure, in the order of the catalogue.
    pub const ALL: [Self; 24] = [
        Self::Submitted,
        Self::Received,
        Self::Refused,
        Self::Returned,
        Self::Urgent,
        Self::AdoptedItems,
        Self::Adoptions,
        Self::SentUp,
        Self::Endorsements,
        Self::AdoptionRate,
        Self::OnTimeRate,
        Self::Commissions,
        Self::AnsweredCommissions,
        Self::CommissionAnswerRate,
        Self::CommissionLateRate,
        Self::Turnaround,
        Self::Points,
        Self::Deductions,
        Self::Money,
        Self::QuotaAttainment,
        Self::Incidents,
        Self::LateReports,
        Self::ActiveOfficers,
        Self::Trainings,
    ];

    /// What the catalogue says about it.
    #[expect(clippy::too_many_lines, reason = "one entry for each measure")]
    pub fn about(self) -> About {
        use Figure as F;
        use Formula::{Median, Ratio, Sum};
        let about =
            |code, (en, zh), unit, (formula, formula_zh), how| About { code, en, zh, unit, formula, formula_zh, how };
        match self {
            Self::Submitted => about(
                "submitted",
                ("items reported", "报送数"),
                Unit::Count,
                ("items that the rulebook counts as reported", "考评办法计为报送的信息条数"),
                Sum(F::Submitted),
            ),
            Self::Received => about(
                "received",
                ("items received", "接收数"),
                Unit::Count,
                ("items that passed the receipt check", "通过签收检查的信息条数"),
                Sum(F::Received),
            ),
            Self::Refused => about(
                "refused",
                ("refusals at receipt", "不予接收次数"),
                Unit::Count,
                ("times that an item was refused at receipt", "签收时被拒收的次数"),
                Sum(F::Refused),
            ),
            Self::Returned => about(
                "returned",
                ("items returned", "退回次数"),
                Unit::Count,
                ("times that the office sent an item back", "信息被退回的次数"),
                Sum(F::Returned),
            ),
            Self::Urgent => about(
                "urgent",
                ("urgent items", "紧急信息数"),
                Unit::Count,
                ("items received that are urgent information", "接收的紧急信息条数"),
                Sum(F::Urgent),
            ),
            Self::AdoptedItems => about(
                "adopted_items",
                ("items adopted", "采用条数"),
                Unit::Count,
                (
                    "different items adopted; an item in three publications counts once",
                    "去重后的采用条数，一条信息被三个刊物采用计一条",
                ),
                Sum(F::AdoptedItems),
            ),
            Self::Adoptions => about(
                "adoptions",
                ("adoptions", "采用次数"),
                Unit::Count,
                (
                    "adoptions; an item in three publications counts three times",
                    "采用次数，一条信息被三个刊物采用计三次",
                ),
                Sum(F::Adoptions),
            ),
            Self::SentUp => about(
                "sent_up",
                ("items sent up", "上报数"),
                Unit::Count,
                ("sendings-up to a higher level", "向上级报送的次数"),
                Sum(F::SentUp),
            ),
            Self::Endorsements => about(
                "endorsements",
                ("endorsements", "批示数"),
                Unit::Count,
                ("leaders' written instructions", "领导批示次数"),
                Sum(F::Endorsements),
            ),
            Self::AdoptionRate => about(
                "adoption_rate",
                ("adoption rate", "采用率"),
                Unit::Ratio,
                ("different items adopted ÷ items reported", "采用条数 ÷ 报送数"),
                Ratio(F::AdoptedItems, F::Submitted),
            ),
            Self::OnTimeRate => about(
                "on_time_rate",
                ("on-time rate", "及时率"),
                Unit::Ratio,
                ("items handed in by their kind's deadline ÷ items with a deadline", "按期报送的信息 ÷ 有时限的信息"),
                Ratio(F::OnTime, F::WithDeadline),
            ),
            Self::Commissions => about(
                "commissions",
                ("commissions", "约稿数"),
                Unit::Count,
                ("assignments that were decided, those excused left out", "已有结论的约稿任务，免除的不计"),
                Sum(F::Assigned),
            ),
            Self::AnsweredCommissions => about(
                "answered_commissions",
                ("commissions answered", "约稿完成数"),
                Unit::Count,
                ("assignments answered, in time or late", "已完成的约稿任务，含逾期完成"),
                Sum(F::Answered),
            ),
            Self::CommissionAnswerRate => about(
                "commission_answer_rate",
                ("commission answer rate", "约稿完成率"),
                Unit::Ratio,
                ("assignments answered ÷ assignments decided", "约稿完成数 ÷ 约稿数"),
                Ratio(F::Answered, F::Assigned),
            ),
            Self::CommissionLateRate => about(
                "commission_late_rate",
                ("commission lateness", "约稿逾期率"),
                Unit::Ratio,
                ("assignments answered late ÷ assignments decided", "逾期完成的约稿 ÷ 约稿数"),
                Ratio(F::AnsweredLate, F::Assigned),
            ),
            Self::Turnaround => about(
                "turnaround",
                ("turnaround", "办理时长"),
                Unit::Hours,
                ("median hours from hand-in to the office's decision", "从报送到作出处理决定的小时数的中位数"),
                Median(F::Turnaround),
            ),
            Self::Points => about(
                "points",
                ("points", "积分"),
                Unit::Points,
                (
                    "the sum of the ledger's lines, rounded once as the rulebook says",
                    "积分明细之和，按考评办法取整一次",
                ),
                Sum(F::Points),
            ),
            Self::Deductions => about(
                "deductions",
                ("deductions", "扣分"),
                Unit::Points,
                ("the sum of the ledger's negative lines", "积分明细中负分之和"),
                Sum(F::Deductions),
            ),
            Self::Money => about(
                "money",
                ("money", "稿酬奖金"),
                Unit::Money,
                ("the sum of the ledger's lines of money", "奖金明细之和"),
                Sum(F::Money),
            ),
            Self::QuotaAttainment => about(
                "quota_attainment",
                ("quota attainment", "任务完成率"),
                Unit::Ratio,
                (
                    "counted ÷ owed, over every quota whose period ends in the time asked about",
                    "在所问时段内到期的各项任务：完成数 ÷ 任务数",
                ),
                Ratio(F::QuotaDone, F::QuotaOwed),
            ),
            Self::Incidents => about(
                "incidents",
                ("incidents", "差错数"),
                Unit::Count,
                ("incidents of every kind", "各类差错次数"),
                Sum(F::Incidents),
            ),
            Self::LateReports => about(
                "late_reports",
                ("late urgent reports", "紧急信息迟报数"),
                Unit::Count,
                ("incidents of the kind late", "迟报次数"),
                Sum(F::LateReports),
            ),
            Self::ActiveOfficers => about(
                "active_officers",
                ("active officers", "活跃信息员"),
                Unit::Count,
                ("different people who wrote an item that was handed in", "撰写过已报送信息的不同人数"),
                Sum(F::Officers),
            ),
            Self::Trainings => about(
                "trainings",
                ("trainings", "培训数"),
                Unit::Count,
                ("trainings held", "举办或参加的培训次数"),
                Sum(F::Trainings),
            ),
        }
    }

    /// The measure of that code, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.about().code == code)
    }

    /// What its parts add up to.
    pub fn additivity(self) -> Additivity {
        match self.about().how {
            Formula::Ratio(..) | Formula::Median(_) => Additivity::NotAdditive,
            Formula::Sum(figure) if figure.is_distinct() => Additivity::OverUnits,
            Formula::Sum(_) => Additivity::Additive,
        }
    }

    /// The dimensions that it can be split by.
    pub fn dimensions(self) -> Vec<Dimension> {
        let figures = self.figures();
        Dimension::ALL.into_iter().filter(|dimension| figures.iter().all(|figure| figure.has(*dimension))).collect()
    }

    /// Whether it is a quotient of two sums.
    pub fn is_ratio(self) -> bool {
        matches!(self.about().how, Formula::Ratio(..))
    }

    /// Whether more is better; less is for refusals, deductions, lateness, incidents and waiting.
    pub fn more_is_better(self) -> bool {
        !matches!(
            self,
            Self::Refused
                | Self::Returned
                | Self::CommissionLateRate
                | Self::Turnaround
                | Self::Incidents
                | Self::LateReports
        )
    }

    pub(crate) fn figures(self) -> Vec<Figure> {
        match self.about().how {
            Formula::Sum(figure) | Formula::Median(figure) => vec![figure],
            Formula::Ratio(numerator, denominator) => vec![numerator, denominator],
        }
    }
}

/// Where a figure's numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The facts of a kind.
    Facts(FactKind),
    /// What happened to submissions on their way: refusals, returns, decisions, writing.
    Steps,
    /// The ledger of points or of money.
    Ledger,
    /// The quotas of the rulebook.
    Quotas,
}

impl Figure {
    pub(crate) fn source(self) -> Source {
        match self {
            Self::Submitted | Self::Received | Self::Urgent | Self::OnTime | Self::WithDeadline => {
                Source::Facts(FactKind::Submission)
            }
            Self::AdoptedItems | Self::AdoptedOfCohort | Self::Adoptions => Source::Facts(FactKind::Adoption),
            Self::SentUp => Source::Facts(FactKind::SendingUp),
            Self::Endorsements => Source::Facts(FactKind::Endorsement),
            Self::Assigned | Self::Answered | Self::AnsweredLate => Source::Facts(FactKind::Assignment),
            Self::Incidents | Self::LateReports => Source::Facts(FactKind::Incident),
            Self::Trainings => Source::Facts(FactKind::Training),
            Self::Refused | Self::Returned | Self::Turnaround | Self::Officers => Source::Steps,
            Self::Points | Self::Deductions | Self::Money => Source::Ledger,
            Self::QuotaDone | Self::QuotaOwed => Source::Quotas,
        }
    }

    /// Whether one thing may stand in several periods or publications, and counts once in each.
    pub(crate) fn is_distinct(self) -> bool {
        matches!(self, Self::AdoptedItems | Self::AdoptedOfCohort | Self::Officers)
    }

    /// Whether its periods add up.
    pub(crate) fn adds_over_time(self) -> bool {
        // Each item of a cohort was handed in on one day.
        !matches!(self, Self::AdoptedItems | Self::Officers | Self::QuotaDone | Self::QuotaOwed)
    }

    /// Whether it can be split by the dimension.
    pub(crate) fn has(self, dimension: Dimension) -> bool {
        dimension.is_of_units() || self.column(dimension).is_some()
    }

    /// The column of its frame that holds the dimension.
    pub(crate) fn column(self, dimension: Dimension) -> Option<&'static str> {
        use Dimension as D;
        match (self.source(), dimension) {
            (
                Source::Facts(
                    FactKind::Submission
                    | FactKind::Adoption
                    | FactKind::SendingUp
                    | FactKind::Endorsement
                    | FactKind::Incident
                    | FactKind::Training,
                )
                | Source::Steps,
                D::Kind,
            ) => Some("kind"),
            (Source::Facts(FactKind::Submission | FactKind::Adoption) | Source::Steps, D::Topic) => Some("topic"),
            (Source::Facts(FactKind::Adoption), D::Publication) => Some("publication"),
            (Source::Facts(FactKind::Adoption | FactKind::Endorsement), D::Level) => Some("level"),
            (Source::Facts(FactKind::SendingUp), D::Level) => Some("to_level"),
            (Source::Facts(FactKind::Assignment), D::Origin) => Some("origin"),
            (Source::Ledger, D::Rule) => Some("rule_id"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_different_and_read_back() {
        for measure in Measure::ALL {
            assert_eq!(Measure::from_code(measure.about().code), Some(measure));
            assert!(measure.dimensions().contains(&Dimension::Unit));
        }
    }

    #[test]
    fn a_ratio_can_be_split_by_what_both_its_sides_have() {
        assert!(!Measure::AdoptionRate.dimensions().contains(&Dimension::Publication));
        assert!(Measure::AdoptionRate.dimensions().contains(&Dimension::Topic));
        assert!(Measure::Adoptions.dimensions().contains(&Dimension::Publication));
    }
}
