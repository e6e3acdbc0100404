//! What stands out: a value held against the same unit's past, by the median absolute deviation.

use super::answer::Answer;
use super::measure::Measure;
use super::number::Number;
use crate::points::{Points, SCALE};

/// How a unit's last period differs from its past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// The place of the row, of the last period, in the answer.
    pub row: usize,
    /// The value.
    pub value: Number,
    /// The middle of the past values.
    pub median: Points,
    /// The middle of their distances from it.
    pub deviation: Points,
    /// The distance of the value from the middle in robust standard deviations (1.4826 × the deviation); `None` where the past never
    /// differed, so that any difference stands out.
    pub score: Option<Points>,
    /// How many past periods it is held against.
    pub periods: usize,
    /// Whether the value is above the middle.
    pub is_above: bool,
    /// What it says, in English.
    pub sentence: String,
    /// The same in Chinese.
    pub sentence_zh: String,
}

/// The fewest past periods that say anything.
pub const FEWEST_PERIODS: usize = 4;
/// The factor that makes the median absolute deviation of normal values their standard deviation, in ten-thousandths.
const ROBUST: i128 = 14_826;

/// The rows of the last period whose first measure lies at least `threshold` robust standard deviations from the middle of the
/// earlier periods, those furthest out first. Rows of one key must stand in the order of their periods, as those without a rank do.
pub fn anomalies(answer: &Answer, threshold: Points) -> Vec<Anomaly> {
    let Some(last) = answer.periods.len().checked_sub(1) else { return Vec::new() };
    let Some(measure) = answer.measures.first() else { return Vec::new() };
    let mut found: Vec<Anomaly> = Vec::new();
    for rows in answer.rows.chunk_by(|one, other| one.keys == other.keys) {
        let Some(present) = rows.last().filter(|row| row.period == last) else { continue };
        let Some(value) = present.cells.first().and_then(|cell| cell.value) else { continue };
        let past: Vec<i64> = rows
            .iter()
            .filter(|row| row.period < last)
            .filter_map(|row| row.cells.first().and_then(|cell| cell.value).and_then(millionths))
            .collect();
        // Rows lie in one list, so the place of a row is its distance from the first one.
        let place = answer.rows.iter().position(|row| std::ptr::eq(row, present)).unwrap_or(0);
        let name = present.keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(" ");
        let label = &answer.periods[last].label;
        found.extend(judge((place, name.as_str(), label), *measure, value, past, threshold));
    }
    found.sort_by_key(|anomaly| (std::cmp::Reverse(anomaly.score.map_or(i64::MAX, Points::millionths)), anomaly.row));
    found
}

fn judge(
    (row, name, label): (usize, &str, &str),
    measure: Measure,
    value: Number,
    mut past: Vec<i64>,
    threshold: Points,
) -> Option<Anomaly> {
    if past.len() < FEWEST_PERIODS {
        return None;
    }
    let present = millionths(value)?;
    let median = middle(&mut past);
    let mut distances: Vec<i64> = past.iter().map(|value| value.saturating_sub(median).saturating_abs()).collect();
    let deviation = middle(&mut distances);
    let distance = present.saturating_sub(median).saturating_abs();
    let score = (deviation > 0).then(|| {
        let score = i128::from(distance) * i128::from(SCALE) * 10_000 / (i128::from(deviation) * ROBUST);
        i64::try_from(score).unwrap_or(i64::MAX)
    });
    let stands_out = score.map_or(distance > 0, |score| score >= threshold.millionths());
    if !stands_out {
        return None;
    }
    let is_above = present > median;
    let (about, periods) = (measure.about(), past.len());
    let (median, deviation) = (Points::from_millionths(median), Points::from_millionths(deviation));
    let score = score.map(Points::from_millionths);
    let rounded = score.and_then(|score| score.checked_round(1, crate::points::Rounding::HalfUp));
    let far = rounded.map_or_else(
        || ("it never differed before".to_owned(), "此前各期均无变化".to_owned()),
        |score| (format!("{score} robust standard deviations away"), format!("相差 {score} 个稳健标准差")),
    );
    let (side, side_zh) = if is_above { ("above", "高于") } else { ("below", "低于") };
    Some(Anomaly {
        row,
        value,
        median,
        deviation,
        score,
        periods,
        is_above,
        sentence: format!(
            "{name}, {label}: {} of {value} is {side} the median {median} of the {periods} periods before (median absolute deviation {deviation}); {}",
            about.en, far.0
        ),
        sentence_zh: format!(
            "{name} {label} {}为 {value}，{side_zh}此前 {periods} 期的中位数 {median}（绝对中位差 {deviation}），{}",
            about.zh, far.1
        ),
    })
}

fn millionths(number: Number) -> Option<i64> {
    match number {
        Number::Count(count) => count.checked_mul(SCALE),
        Number::Decimal(decimal) => Some(decimal.millionths()),
        Number::Money(money) => money.fen().checked_mul(SCALE / 100),
    }
}

/// The value in the middle, or the mean of the two in the middle.
fn middle(values: &mut [i64]) -> i64 {
    values.sort_unstable();
    let at = |place: usize| i128::from(values.get(place).copied().unwrap_or(0));
    let sum = at(values.len() / 2) + at(values.len().saturating_sub(1) / 2);
    i64::try_from(sum / 2).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(value: i64, past: &[i64]) -> Option<Anomaly> {
        let past = past.iter().map(|count| count * SCALE).collect();
        let threshold = Points::from_whole(3).unwrap();
        judge((0, "甲", "2026-06"), Measure::Submitted, Number::Count(value), past, threshold)
    }

    #[test]
    fn a_month_that_falls_out_of_the_row_is_told_with_its_reason() {
        let found = judged(40, &[10, 12, 11, 13, 9, 12]).unwrap();
        assert_eq!((found.median.to_string(), found.deviation.to_string()), ("11.5".to_owned(), "1".to_owned()));
        assert_eq!(found.score.unwrap().to_string(), "19.222986");
        assert_eq!(
            found.sentence_zh,
            "甲 2026-06 报送数为 40，高于此前 6 期的中位数 11.5（绝对中位差 1），相差 19.2 个稳健标准差"
        );
        assert!(found.is_above);
    }

    #[test]
    fn an_ordinary_month_and_a_short_past_say_nothing() {
        assert_eq!(judged(13, &[10, 12, 11, 13, 9, 12]), None);
        assert_eq!(judged(40, &[10, 12, 11]), None);
        assert_eq!(judged(5, &[5, 5, 5, 5]), None);
        assert_eq!(judged(6, &[5, 5, 5, 5]).unwrap().score, None);
    }
}
