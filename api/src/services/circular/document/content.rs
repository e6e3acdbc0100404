//! What a circular says, paragraph by paragraph, before anything is set.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use analytics::period::{Period, PeriodUnit};
use analytics::points::Points;
use analytics::rulebook::Listing;
use analytics::scoring::AwardLine;
use chrono::{Datelike as _, NaiveDate};
use entity::circular;

use crate::error::{Error, Result};
use crate::services::circular::compute::Row;
use crate::services::circular::correct::UnitChange;

/// What a circular is about, where its title may be broken.
const SUBJECT: &str = "政务信息工作";
/// How many of each category are praised.
const PRAISED: u32 = 3;
/// The most units that a sentence names; the others are in the attachments.
const NAMED: usize = 40;

/// What a document is drawn from.
pub(super) struct Subject<'a> {
    pub(super) network: &'a str,
    pub(super) basis: &'a str,
    pub(super) period: Period,
    pub(super) number: u64,
    pub(super) day: NaiveDate,
    pub(super) circular: &'a circular::Model,
    pub(super) rows: &'a [Row],
    pub(super) previous: Option<&'a [Row]>,
    pub(super) awards: &'a [AwardLine],
    pub(super) names: &'a BTreeMap<i64, String>,
    pub(super) listings: &'a [Listing],
}

/// A document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// 发文机关标志.
    pub(super) masthead: String,
    /// Number and year.
    pub(super) number: String,
    /// 标题.
    pub(super) title: String,
    /// 主送.
    pub(super) addressees: String,
    /// 正文.
    pub(super) body: Vec<Block>,
    /// 附件.
    pub(super) attachments: Vec<Attachment>,
    /// 署名.
    pub(super) signature: String,
    /// 成文日期.
    pub(super) date: String,
    /// The digest by which it can be checked.
    pub(super) digest: String,
    /// The day, for the file's own record.
    pub(super) day: NaiveDate,
}

impl Content {
    /// The title, broken before its second half where one line does not bear it: a line of 二号 has 20 characters.
    pub(super) fn title_lines(&self) -> impl Iterator<Item = &str> {
        let halves: usize = self.title.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let second = self.title.find(SUBJECT).filter(|_| halves > 38);
        let (first, rest) = self.title.split_at(second.unwrap_or(0));
        [first, rest].into_iter().filter(|line| !line.is_empty())
    }
}

/// A part of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// 一、…
    Heading(String),
    /// （一）…, before the text that belongs to it.
    Lead(String, String),
    /// A paragraph.
    Text(String),
    /// A table.
    Table(Table),
    /// A chart of bars.
    Chart(Chart),
}

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<String>>,
}

/// A column: its name, its part of the width in thousandths, and whether it holds numbers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) width: u32,
    pub(super) is_number: bool,
}

/// Bars: label, value as text, and length in thousandths of the longest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) bars: Vec<(String, String, u32)>,
}

/// 附件: a table of its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attachment {
    pub(super) title: String,
    pub(super) table: Table,
}

/// A number below a hundred as an official text counts: 一, 十, 十一, 二十, 二十一.
fn numeral(number: usize) -> String {
    let digits = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (number / 10 % 10, number % 10) {
        (0, ones) => digits[ones].to_owned(),
        (1, ones) => format!("十{}", digits[ones]),
        (tens, ones) => format!("{}十{}", digits[tens], digits[ones]),
    }
}

/// What the document says.
pub(super) fn of(subject: &Subject<'_>) -> Result<Content> {
    let when = period_name(subject.period);
    let categories = categories(subject.rows);
    let mut body = vec![
        Block::Text(opening(subject, &when)),
        Block::Heading("一、总体情况".to_owned()),
        Block::Text(totals(subject.rows, subject.previous)),
        Block::Table(overview(&categories)),
        Block::Heading("二、积分排名".to_owned()),
    ];
    for (place, (name, rows)) in categories.iter().enumerate() {
        body.push(Block::Lead(format!("（{}）{name}。", numeral(place + 1)), leaders(rows)));
        body.extend(chart(name, rows).map(Block::Chart));
    }
    body.push(Block::Heading("三、通报表扬".to_owned()));
    praise(subject, &categories, &mut body);
    body.push(Block::Heading("四、通报提醒".to_owned()));
    notices(subject, &mut body);
    if let Some(diff) = &subject.circular.diff {
        let changes: Vec<UnitChange> = serde_json::from_str(diff).map_err(Error::internal)?;
        body.push(Block::Heading("五、更正说明".to_owned()));
        corrections(subject, &changes, &mut body);
    }
    body.push(Block::Text(closing_words(subject.period)));
    let attachments: Vec<Attachment> = categories
        .iter()
        .map(|(name, rows)| Attachment {
            title: format!("{when}{name}政务信息积分排名表"), table: ranking(rows)
        })
        .collect();
    let edition = match subject.circular.edition {
        1 => String::new(),
        edition => format!("（第{edition}版）"),
    };
    Ok(Content {
        masthead: subject.network.to_owned(),
        number: format!("〔{}〕{}号", subject.day.year(), subject.number),
        title: format!("关于{when}政务信息工作情况的通报{edition}"),
        addressees: categories.iter().map(|(name, _)| format!("各{}", short(name))).collect::<Vec<_>>().join("、"),
        body,
        attachments,
        signature: subject.network.to_owned(),
        date: date(subject.day),
        digest: subject.circular.sha256.clone(),
        day: subject.day,
    })
}

/// A category as an addressee: what stands in brackets is left out.
fn short(name: &str) -> &str {
    name.split(['(', '（']).next().unwrap_or(name)
}

/// The name of a period in words.
fn period_name(period: Period) -> String {
    let (first, year) = (period.first_day(), period.last_day().year());
    match period.unit() {
        PeriodUnit::Year => format!("{}年度", first.year()),
        PeriodUnit::HalfYear if first.month() == 1 => format!("{year}年上半年"),
        PeriodUnit::HalfYear => format!("{year}年下半年"),
        PeriodUnit::Quarter => {
            let quarter = ["一", "二", "三", "四"][(first.month0() / 3) as usize];
            format!("{year}年第{quarter}季度")
        }
        PeriodUnit::Month => format!("{year}年{}月", first.month()),
        PeriodUnit::Week | PeriodUnit::Day => format!("{}至{}", date(first), date(period.last_day())),
    }
}

fn date(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// The rows of each category, in the order of the circular.
fn categories(rows: &[Row]) -> Vec<(&str, &[Row])> {
    rows.chunk_by(|left, right| left.category == right.category)
        .map(|rows| (rows[0].category_name.as_str(), rows))
        .collect()
}

fn opening(subject: &Subject<'_>, when: &str) -> String {
    let span = subject.period.span();
    format!(
        "根据《{}》，现将{when}（{}至{}）政务信息报送、采用和积分情况通报如下。",
        subject.basis,
        date(span.first),
        date(span.last)
    )
}

/// Sums of submissions, different items adopted, and adoptions.
fn sums(rows: &[Row]) -> (i64, i64, i64) {
    rows.iter().fold((0, 0, 0), |(submitted, items, adoptions), row| {
        (submitted + row.submitted, items + row.adopted_items, adoptions + row.adoptions)
    })
}

/// A share as a percentage of one decimal place, half up.
fn percent(part: i64, whole: i64) -> Option<String> {
    if whole <= 0 {
        return None;
    }
    let tenths = (i128::from(part) * 2000 + i128::from(whole)) / (2 * i128::from(whole));
    Some(format!("{}.{}%", tenths / 10, tenths % 10))
}

fn totals(rows: &[Row], previous: Option<&[Row]>) -> String {
    let (submitted, items, adoptions) = sums(rows);
    let mut text =
        format!("纳入考评的单位共{}个，报送政务信息{submitted}条，采用{items}条（{adoptions}篇次）", rows.len());
    if let Some(rate) = percent(items, submitted) {
        let _ = write!(text, "，采用率{rate}");
    }
    if let Some(previous) = previous {
        let (before, items_before, _) = sums(previous);
        let _ =
            write!(text, "；与上期相比，报送量{}，采用量{}", change(before, submitted), change(items_before, items));
    }
    text.push('。');
    text
}

fn change(before: i64, after: i64) -> String {
    match after - before {
        0 => "持平".to_owned(),
        more if more > 0 => format!("增加{more}条"),
        less => format!("减少{}条", -less),
    }
}

fn column(name: &'static str, width: u32, is_number: bool) -> Column {
    Column { name, width, is_number }
}

fn overview(categories: &[(&str, &[Row])]) -> Table {
    let row = |(name, rows): &(&str, &[Row])| {
        let (submitted, items, _) = sums(rows);
        let silent = rows.iter().filter(|row| row.submitted == 0).count();
        vec![
            (*name).to_owned(),
            rows.len().to_string(),
            submitted.to_string(),
            items.to_string(),
            percent(items, submitted).unwrap_or_else(|| "—".to_owned()),
            silent.to_string(),
        ]
    };
    Table {
        columns: vec![
            column("类别", 280, false),
            column("单位数", 130, true),
            column("报送条数", 150, true),
            column("采用条数", 150, true),
            column("采用率", 150, true),
            column("零报送", 140, true),
        ],
        rows: categories.iter().map(row).collect(),
    }
}

/// The first of a category, and the last.
fn leaders(rows: &[Row]) -> String {
    let with_points: Vec<&Row> = rows.iter().filter(|row| row.score > Points::ZERO).collect();
    let first: Vec<String> = with_points
        .iter()
        .filter(|row| row.rank <= PRAISED)
        .take(NAMED)
        .map(|row| format!("{}（{}分，第{}名）", row.name, row.score, row.rank))
        .collect();
    if first.is_empty() {
        return format!("{}个单位本期均未得分。", rows.len());
    }
    let mut text = format!("{}个单位中，{}", rows.len(), first.join("、"));
    text.push_str("位居前列。详见附件。");
    text
}

/// The first ten of a category as bars; none where nobody has points.
fn chart(name: &str, rows: &[Row]) -> Option<Chart> {
    const BARS: usize = 10;
    let most = rows.iter().map(|row| row.score.millionths()).max().filter(|most| *most > 0)?;
    let bar = |row: &Row| {
        let length = i128::from(row.score.millionths().max(0)) * 1000 / i128::from(most);
        (row.name.clone(), row.score.to_string(), u32::try_from(length).unwrap_or(1000))
    };
    let title = if rows.len() > BARS { format!("{name}积分前{BARS}名") } else { format!("{name}积分") };
    Some(Chart { title, bars: rows.iter().take(BARS).map(bar).collect() })
}

/// The winners of the year's awards; in a shorter period the first of each category.
fn praise(subject: &Subject<'_>, categories: &[(&str, &[Row])], body: &mut Vec<Block>) {
    let mut said = false;
    let mut awards: Vec<(&str, &str, Vec<&AwardLine>)> = Vec::new();
    for line in subject.awards.iter().filter(|line| line.submission.is_none()) {
        match awards.iter_mut().find(|(id, ..)| *id == line.award) {
            Some((_, _, lines)) => lines.push(line),
            None => awards.push((&line.award, &line.title, vec![line])),
        }
    }
    let name = |unit: i64| subject.names.get(&unit).map_or("", String::as_str);
    for (_, title, lines) in &awards {
        let winners: Vec<&str> = lines.iter().filter(|line| line.outcome.wins()).map(|line| name(line.unit)).collect();
        if !winners.is_empty() {
            said = true;
            body.push(Block::Text(format!("{}：{}。", title, winners.join("、"))));
        }
        for line in lines.iter().filter(|line| line.outcome == analytics::scoring::AwardOutcome::PassedOver) {
            let bars: Vec<String> = line.bars.iter().map(|bar| format!("{}（{}）", bar.title, bar.clause)).collect();
            body.push(Block::Text(format!(
                "{}积分位列第{}名，因{}，不予评选，名次在后的单位依次递补。",
                name(line.unit),
                line.rank,
                bars.join("、")
            )));
        }
    }
    if !awards.is_empty() {
        if !said {
            body.push(Block::Text("本年度无符合评选条件的单位。".to_owned()));
        }
        return;
    }
    let praised: Vec<&str> = categories
        .iter()
        .flat_map(|(_, rows)| rows.iter().filter(|row| row.rank <= PRAISED && row.score > Points::ZERO))
        .map(|row| row.name.as_str())
        .collect();
    body.push(Block::Text(if praised.is_empty() {
        "本期无单位得分。".to_owned()
    } else {
        format!("对积分排名靠前的{}予以通报表扬。", some(&praised))
    }));
}

/// Names in a sentence, as many as it bears.
fn some(names: &[&str]) -> String {
    if names.len() <= NAMED {
        return names.join("、");
    }
    format!("{}等{}个单位", names[..NAMED].join("、"), names.len())
}

/// The lists of the rulebook, each with its units.
fn notices(subject: &Subject<'_>, body: &mut Vec<Block>) {
    let before = body.len();
    for list in subject.listings {
        let units: Vec<&str> = subject
            .rows
            .iter()
            .filter(|row| row.lists.iter().any(|listed| listed.list == list.id))
            .map(|row| row.name.as_str())
            .collect();
        if !units.is_empty() {
            body.push(Block::Text(format!("{}（{}）：{}。", list.title, list.clause, some(&units))));
        }
    }
    let silent: Vec<&str> = subject.rows.iter().filter(|row| row.submitted == 0).map(|row| row.name.as_str()).collect();
    if !silent.is_empty() {
        body.push(Block::Text(format!("本期零报送单位：{}。", some(&silent))));
    }
    if body.len() == before {
        body.push(Block::Text("本期无需通报提醒的单位。".to_owned()));
    }
}

fn corrections(subject: &Subject<'_>, changes: &[UnitChange], body: &mut Vec<Block>) {
    let reason = subject.circular.reason.as_deref().unwrap_or_default();
    body.push(Block::Text(format!(
        "本通报为第{}版，更正原因：{reason}。与上一版相比，以下单位的积分或名次有变化；上一版同时废止。",
        subject.circular.edition
    )));
    let standing = |standing: Option<crate::services::circular::correct::Standing>| {
        standing.map_or_else(|| "—".to_owned(), |at| format!("{}分 第{}名", at.score, at.rank))
    };
    let row = |change: &UnitChange| vec![change.name.clone(), standing(change.before), standing(change.after)];
    body.push(Block::Table(Table {
        columns: vec![column("单位", 400, false), column("更正前", 300, false), column("更正后", 300, false)],
        rows: changes.iter().map(row).collect(),
    }));
}

fn closing_words(period: Period) -> String {
    let next = match period.unit() {
        PeriodUnit::Year => "新的一年",
        PeriodUnit::HalfYear | PeriodUnit::Quarter | PeriodUnit::Month | PeriodUnit::Week | PeriodUnit::Day => {
            "下一阶段"
        }
    };
    format!("{next}，请各单位对照通报情况，认真总结经验、查找不足，进一步提高政务信息报送的数量、质量和时效。")
}

/// The full ranking of a category.
fn ranking(rows: &[Row]) -> Table {
    let moved = |row: &Row| match row.previous_rank {
        None => "—".to_owned(),
        Some(before) => match i64::from(before) - i64::from(row.rank) {
            0 => "持平".to_owned(),
            up if up > 0 => format!("升{up}"),
            down => format!("降{}", -down),
        },
    };
    let row = |row: &Row| {
        vec![
            row.rank.to_string(),
            row.name.clone(),
            row.score.to_string(),
            row.submitted.to_string(),
            row.adopted_items.to_string(),
            percent(row.adopted_items, row.submitted).unwrap_or_else(|| "—".to_owned()),
            moved(row),
        ]
    };
    Table {
        columns: vec![
            column("名次", 90, true),
            column("单位", 330, false),
            column("积分", 120, true),
            column("报送条数", 120, true),
            column("采用条数", 120, true),
            column("采用率", 110, true),
            column("位次变化", 110, true),
        ],
        rows: rows.iter().map(row).collect(),
    }
}
