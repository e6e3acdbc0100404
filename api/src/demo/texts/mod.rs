//! Titles and texts in the language of offices, put together by chance. Nothing in them happened.

mod matters;

use chrono::{Datelike as _, NaiveDate};

use self::matters::{MATTERS, Matter};
use super::chance::Chance;

const TITLES: [&str; 12] = [
    "{单位}多措并举推进{事项}",
    "{单位}扎实开展{事项}工作",
    "{单位}{事项}取得阶段性成效",
    "{单位}“三个强化”抓好{事项}",
    "{单位}全力做好{事项}工作",
    "{单位}{事项}工作稳步推进",
    "{单位}创新方式深化{事项}",
    "{单位}着力提升{事项}水平",
    "{单位}召开{事项}工作推进会",
    "{单位}紧盯关键环节抓实{事项}",
    "{单位}{事项}呈现新亮点",
    "{单位}部署{月}月份{事项}工作",
];
const REPORTS: [&str; 4] = [
    "关于{单位}{事项}情况的报告",
    "{单位}{事项}存在的问题及建议",
    "{单位}反映{事项}需引起关注",
    "{单位}{事项}调研情况",
];
const STUDIES: [&str; 3] = [
    "关于{事项}的调研与思考——以{单位}为例",
    "{单位}{事项}形势分析与对策建议",
    "当前{事项}面临的困难和建议——来自{单位}的调研",
];
const SPEECHES: [&str; 3] = [
    "{单位}主要负责人就{事项}提出要求",
    "{单位}负责人调研{事项}时的讲话要点",
    "{单位}主要负责人强调：以务实作风抓好{事项}",
];
const MEETINGS: [&str; 3] = [
    "{单位}传达学习重要会议精神 部署{事项}工作",
    "{单位}召开专题会议贯彻落实全会精神",
    "{单位}贯彻会议精神 推进{事项}",
];
const FOLLOW_UPS: [&str; 2] = ["{单位}关于落实领导批示推进{事项}情况的反馈", "{单位}办理领导批示（{事项}）进展情况"];
const STATISTICS: [&str; 2] = ["{单位}{月}月份主要经济指标完成情况", "{单位}1至{月}月{事项}统计分析"];

const OPENINGS: [&str; 6] = [
    "今年以来，{单位}把{事项}作为重点任务，明确责任分工，细化工作举措。",
    "{月}月{日}日，{单位}召开专题会议，研究部署{事项}工作。",
    "近日，{单位}组织工作组深入基层一线，就{事项}开展专题调研。",
    "为进一步做好{事项}工作，{单位}成立工作专班，制定实施方案。",
    "{单位}坚持问题导向，围绕{事项}建立“清单+台账”工作机制。",
    "{单位}按照年初工作安排，统筹力量、倒排工期，有序推进{事项}。",
];
const FIGURES: [&str; 4] =
    ["截至目前，{数据}。", "截至{月}月{日}日，{数据}。", "{月}月份以来，{数据}。", "据统计，{数据}。"];
const PROBLEMS: [&str; 3] = ["当前存在的主要问题：{问题}。", "调研中发现，{问题}。", "从面上情况看，{问题}。"];
const PLANS: [&str; 3] = ["下一步，{打算}。", "{单位}将{打算}。", "下一步工作中，{打算}。"];

/// What one report is about.
pub(super) struct Occasion<'a> {
    /// The unit that reports.
    pub(super) unit: &'a str,
    /// Code of the kind of item.
    pub(super) kind: &'a str,
    /// Code of the topic.
    pub(super) topic: &'a str,
    /// The day of writing.
    pub(super) day: NaiveDate,
}

/// A title and a text for `occasion`.
pub(super) fn compose(chance: &mut Chance, occasion: &Occasion<'_>) -> (String, String) {
    let matter = matter(occasion.topic);
    let (subject, figure) = matter.subjects[chance.index(matter.subjects.len())];
    let fill = |pattern: &str| {
        pattern
            .replace("{单位}", occasion.unit)
            .replace("{事项}", subject)
            .replace("{月}", &occasion.day.month().to_string())
            .replace("{日}", &occasion.day.day().to_string())
    };
    let title = fill(chance.pick(titles(occasion.kind)));
    let mut body = fill(chance.pick(&OPENINGS));
    let data = numbered(chance, matter.figures[figure]);
    body.push_str(&fill(chance.pick(&FIGURES)).replace("{数据}", &data));
    if chance.happens(450) {
        let problem = chance.pick(matter.problems);
        body.push_str(&chance.pick(&PROBLEMS).replace("{问题}", problem));
    }
    if chance.happens(700) {
        let plan = chance.pick(matter.plans);
        body.push_str(&fill(chance.pick(&PLANS)).replace("{打算}", plan));
    }
    (title, body)
}

/// A phrase with its numbers filled in; the second of a pair, such as «checked 40, mended 31», is not above the first.
fn numbered(chance: &mut Chance, phrase: &str) -> String {
    let mut text = String::new();
    let mut highest = chance.between(40, 900);
    let mut parts = phrase.split('#').peekable();
    while let Some(part) = parts.next() {
        text.push_str(part);
        if let Some(next) = parts.peek() {
            let number = match next.starts_with('%') {
                // A share is nearly reached; a change is moderate.
                true if part.ends_with(['达', '占', '率']) => chance.between(88, 99),
                true => chance.between(3, 26),
                false => chance.between(highest / 2, highest),
            };
            highest = number.max(10);
            text.push_str(&number.to_string());
        }
    }
    text
}

fn matter(topic: &str) -> &'static Matter {
    MATTERS.iter().find(|matter| matter.topic == topic).unwrap_or(&MATTERS[MATTERS.len() - 1])
}

/// Titles by the code of the kind; a kind that is not known here is reported like any other event.
fn titles(kind: &str) -> &'static [&'static str] {
    match kind {
        "special_report" => &REPORTS,
        "reference" => &STUDIES,
        "leader_speech" => &SPEECHES,
        "meeting" => &MEETINGS,
        "endorsement_follow_up" => &FOLLOW_UPS,
        "monthly_statistics" => &STATISTICS,
        _ => &TITLES,
    }
}

/// What the office says when it sends something back.
pub(super) const RETURNED: [&str; 5] = [
    "请核实文中数据来源后再报。",
    "请补充具体做法和成效，突出工作特色。",
    "请按信息体例修改：标题过长，内容重复。",
    "请补充存在的问题和下一步打算。",
    "文中时间与数据前后不一致，请核对。",
];

/// What leaders write on what they read.
pub(super) const ENDORSED: [&str; 6] = [
    "此件反映的问题请有关部门认真研究，提出解决办法。",
    "做法很好，请总结推广。",
    "请抓紧落实，结果报我。",
    "所提建议有针对性，请研究采纳。",
    "请持续跟踪，重要情况及时报告。",
    "阅。请相关单位借鉴。",
];

/// What offices ask for.
pub(super) const COMMISSIONED: [&str; 12] = [
    "春节期间市场供应和价格情况",
    "节后复工复产和企业用工情况",
    "春耕备耕进展和农资储备情况",
    "民营企业融资难点和对策建议",
    "防汛备汛和水利设施检修情况",
    "上半年经济运行情况分析",
    "高校毕业生就业创业情况",
    "秋季开学准备和教育保障情况",
    "秋粮收购和农户增收情况",
    "冬季供暖准备和能源保供情况",
    "优化营商环境的做法和成效",
    "年终岁尾安全生产和社会稳定情况",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_fill_in() {
        let mut chance = Chance::of(3);
        let day = NaiveDate::from_ymd_opt(2025, 6, 5).unwrap();
        for topic in MATTERS.iter().map(|matter| matter.topic).chain(["unheard_of"]) {
            for kind in ["dynamic", "reference", "leader_speech", "meeting", "monthly_statistics", "unheard_of"] {
                for _ in 0..40 {
                    let (title, body) = compose(&mut chance, &Occasion { unit: "某某镇", kind, topic, day });
                    assert!(!title.contains(['{', '}']) && title.chars().count() <= 100, "{title}");
                    assert!(!body.contains(['{', '}', '#']), "{body}");
                    assert!((2..=4).contains(&body.matches('。').count()), "{body}");
                }
            }
        }
    }

    #[test]
    fn every_subject_has_its_figures() {
        for matter in &MATTERS {
            assert!(matter.subjects.iter().all(|(_, figure)| *figure < matter.figures.len()), "{}", matter.topic);
        }
    }

    #[test]
    fn a_part_is_not_above_the_whole() {
        let mut chance = Chance::of(4);
        for _ in 0..200 {
            let text = numbered(&mut chance, "排查#处，整改#处");
            let numbers: Vec<i64> =
                text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
            assert!(numbers[0] >= numbers[1], "{text}");
        }
    }
}
