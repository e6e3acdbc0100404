//! Why a line stands in a settlement, in the words of an office. A name of a person is never part of a reason, because units read it.

use std::fmt::Write as _;

use analytics::points::Money;
use analytics::scoring::{self, AwardLine, AwardOutcome, FactRef, Input, Line};
use serde::{Deserialize, Serialize};

/// A list that keeps a unit from winning, as a settlement keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// The list, as the rulebook calls it.
    pub list: String,
    /// What it lists.
    pub title: String,
    /// Where it stands in the document.
    pub clause: String,
    /// Whether the unit should stand on the list and does not.
    pub missing: bool,
    /// What the list's condition read: names and values.
    pub inputs: Vec<(String, String)>,
    /// The facts that were counted: kinds and ids.
    pub facts: Vec<(String, i64)>,
}

impl From<&scoring::Bar> for Bar {
    fn from(bar: &scoring::Bar) -> Self {
        let input = |input: &Input| (input.name.clone(), input.value.clone());
        let fact = |fact: &FactRef| (fact.kind.code().to_owned(), fact.id);
        Self {
            list: bar.list.clone(),
            title: bar.title.clone(),
            clause: bar.clause.clone(),
            missing: bar.missing,
            inputs: bar.inputs.iter().map(input).collect(),
            facts: bar.facts.iter().map(fact).collect(),
        }
    }
}

impl From<Bar> for scoring::Bar {
    fn from(bar: Bar) -> Self {
        let fact =
            |(kind, id): (String, i64)| Some(FactRef { kind: analytics::facts::FactKind::from_code(&kind)?, id });
        Self {
            list: bar.list,
            title: bar.title,
            clause: bar.clause,
            missing: bar.missing,
            inputs: bar.inputs.into_iter().map(|(name, value)| Input { name, value }).collect(),
            facts: bar.facts.into_iter().filter_map(fact).collect(),
        }
    }
}

/// Why a place wins an award, or does not. `passed` are the units before it that may not win.
pub(super) fn of_award(line: &AwardLine, title: Option<&str>, passed: &[&str]) -> String {
    let mut text = match title {
        Some(title) => format!("《{title}》年度得分 {} 分，第 {} 名", line.points, line.rank),
        None => format!("年终积分 {} 分，第 {} 名", line.points, line.rank),
    };
    match line.outcome {
        AwardOutcome::Wins => {}
        AwardOutcome::MovesUp => {
            let _ = write!(text, "；{}不符合评选条件，依次递补", passed.join("、"));
        }
        AwardOutcome::PassedOver => {
            for bar in &line.bars {
                let wanted = if bar.missing { "未达到条件" } else { "列入" };
                let _ = write!(text, "；{wanted}“{}”（{}）", bar.title, bar.clause);
            }
            text.push_str("，不予评选");
        }
        AwardOutcome::Undecided => {
            let _ = write!(text, "；末位并列，余 {} 个名额，待研究确定", line.places);
        }
        AwardOutcome::LosesTie => text.push_str("；末位并列，按并列规则比较后未入选"),
    }
    if line.at_the_cut && line.outcome.wins() {
        text.push_str(match line.ties {
            analytics::rulebook::Ties::Include => "；末位并列，一并入选",
            analytics::rulebook::Ties::TieBreak => "；末位并列，按并列规则比较后入选",
            analytics::rulebook::Ties::Manual => "；末位并列",
        });
    }
    text
}

/// What a decision on a tie adds.
pub(super) fn of_choice(reason: &str, is_chosen: bool, why: &str) -> String {
    let chosen = if is_chosen { "经研究确定入选" } else { "经研究未入选" };
    format!("{reason}；{chosen}：{why}")
}

/// Why money is earned or taken.
pub(super) fn of_reward(line: &Line, title: Option<&str>) -> String {
    match title {
        Some(title) => format!("《{title}》{}", line.title),
        None => format!("{}（{}）", line.title, line.day),
    }
}

/// What a share adds: one article is paid once, however many wrote it.
pub(super) fn shared(reason: &str, whole: i64, share: i64) -> String {
    let percent = analytics::points::Points::from_millionths(share.saturating_mul(100));
    format!("{reason}，全篇 {} 元，署名份额 {percent}%", Money::from_fen(whole))
}
