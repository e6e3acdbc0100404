//! An answer as a table: what each column is called, what it holds, and the cells.

use std::fmt;

use chrono::NaiveDate;

use crate::frames::answer::{Answer, Cell, Comparison, Key, Place, Row};
use crate::frames::dimension::Dimension;
use crate::frames::measure::Measure;
use crate::frames::number::{Number, Unit};
use crate::frames::query::{Compare, Query, Window};
use crate::points::Points;

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole numbers.
    Count,
    /// Exact decimals of at most six places, counted in the unit.
    Decimal(Unit),
    /// Yes or no.
    Flag,
    /// A calendar day.
    Day,
}

impl Kind {
    /// Its word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Count => "count",
            Self::Decimal(_) => "decimal",
            Self::Flag => "flag",
            Self::Day => "day",
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name for programs: `submitted`, `adoption_rate_numerator`. It never changes its meaning.
    pub name: String,
    /// Its Chinese heading.
    pub title: String,
    /// What its cells hold.
    pub kind: Kind,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing: not defined, or not known.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Count(i64),
    /// An exact decimal.
    Decimal(Points),
    /// Yes or no.
    Flag(bool),
    /// A calendar day.
    Day(NaiveDate),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Count(count) => count.fmt(f),
            Self::Decimal(decimal) => decimal.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Day(day) => day.fmt(f),
        }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// The table of an answer. `id` writes the id of a unit as clients know it.
    pub fn of(query: &Query, answer: &Answer, id: impl Fn(i64) -> String) -> Self {
        let shape = Shape::of(query, answer);
        let mut columns = shape.columns();
        let mut rows: Vec<Vec<Value>> = answer.rows.iter().map(|row| shape.cells(answer, row, &id)).collect();
        for (place, column) in columns.iter_mut().enumerate() {
            settle(column, &mut rows, place);
        }
        Self { columns, rows }
    }

    /// The place of the column of that name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// Whole numbers in a column of decimals become decimals; a column of whole numbers becomes one of decimals rather than lose a part.
fn settle(column: &mut Column, rows: &mut [Vec<Value>], place: usize) {
    match column.kind {
        Kind::Count if rows.iter().any(|row| matches!(row[place], Value::Decimal(_))) => {
            column.kind = Kind::Decimal(Unit::Count);
        }
        Kind::Decimal(_) => {}
        Kind::Text | Kind::Count | Kind::Flag | Kind::Day => return,
    }
    for row in rows {
        if let Value::Count(count) = row[place] {
            row[place] = Points::from_whole(count).map_or(Value::Null, Value::Decimal);
        }
    }
}

/// What an answer's columns are.
struct Shape<'a> {
    dimensions: &'a [Dimension],
    measures: &'a [Measure],
    comparisons: Vec<Compared>,
    /// The measure that rows are ranked by.
    ranked: Option<usize>,
    has_others: bool,
    /// Whether values are means of several periods.
    is_mean: bool,
}

/// What values are compared with.
struct Compared {
    /// The part of the columns' names.
    name: String,
    /// The part of their headings.
    title: String,
    /// Whether the other value is one of other days.
    has_days: bool,
    /// Whether the other value is one of several units, so that counts need not be whole.
    is_mean: bool,
}

impl<'a> Shape<'a> {
    fn of(query: &Query, answer: &'a Answer) -> Self {
        let mut comparisons: Vec<Compared> = Vec::new();
        for compare in &query.compare {
            let (name, title, has_days) = named(compare);
            let number = 1 + comparisons.iter().filter(|known| known.name.starts_with(&name)).count();
            let is_mean = matches!(compare, Compare::CategoryAverage | Compare::CategoryMedian);
            let (name, title) =
                if number == 1 { (name, title) } else { (format!("{name}_{number}"), format!("{title}{number}")) };
            comparisons.push(Compared { name, title, has_days, is_mean });
        }
        Self {
            dimensions: &answer.dimensions,
            measures: &answer.measures,
            comparisons,
            ranked: query.rank.as_ref().map(|rank| rank.by),
            has_others: query.limit.is_some_and(|limit| limit.others),
            is_mean: matches!(query.window, Some(Window::Trailing { .. })),
        }
    }

    /// What the values of a measure are.
    fn kind(&self, measure: Measure, of_several: bool) -> Kind {
        match measure.about().unit {
            Unit::Count if !self.is_mean && !of_several => Kind::Count,
            unit => Kind::Decimal(unit),
        }
    }

    /// Keys and period first, then the values side by side, then what each of them rests on.
    fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        let mut add = |name: &str, title: String, kind| columns.push(Column { name: name.to_owned(), title, kind });
        for dimension in self.dimensions {
            let (code, zh) = (dimension.code(), dimension.zh());
            let (key, title) = match dimension {
                Dimension::Unit => ("id", format!("{zh}编号")),
                _ => ("code", format!("{zh}代码")),
            };
            add(&format!("{code}_{key}"), title, Kind::Text);
            add(code, zh.to_owned(), Kind::Text);
        }
        add("period", "时段".to_owned(), Kind::Text);
        add("first_day", "起始日".to_owned(), Kind::Day);
        add("last_day", "截止日".to_owned(), Kind::Day);
        add("period_partial", "时段未结束".to_owned(), Kind::Flag);
        if self.has_others {
            add("is_others", "其余合计".to_owned(), Kind::Flag);
        }
        for (place, measure) in self.measures.iter().enumerate() {
            let about = measure.about();
            add(about.code, about.zh.to_owned(), self.kind(*measure, false));
            if self.ranked == Some(place) {
                for (name, title, kind) in PLACE {
                    let kind = kind.unwrap_or_else(|| self.kind(*measure, false));
                    add(&format!("{}_{name}", about.code), format!("{}{title}", about.zh), kind);
                }
            }
        }
        for measure in self.measures {
            let about = measure.about();
            for Compared { name: part, title, has_days, is_mean } in &self.comparisons {
                let (of, of_zh) = (about.code, about.zh);
                let unit = self.kind(*measure, *is_mean);
                if *has_days {
                    add(&format!("{of}_{part}_first_day"), format!("{of_zh}·{title}起始日"), Kind::Day);
                    add(&format!("{of}_{part}_last_day"), format!("{of_zh}·{title}截止日"), Kind::Day);
                }
                add(&format!("{of}_{part}_base"), format!("{of_zh}·{title}基数"), unit);
                add(&format!("{of}_{part}_delta"), format!("{of_zh}·{title}增减"), unit);
                add(&format!("{of}_{part}_change"), format!("{of_zh}·{title}幅度"), Kind::Decimal(Unit::Ratio));
                add(&format!("{of}_{part}_status"), format!("{of_zh}·{title}状态"), Kind::Text);
            }
        }
        for measure in self.measures {
            let about = measure.about();
            for (name, title, kind) in DETAILS {
                let kind = kind.unwrap_or_else(|| numerator(*measure));
                add(&format!("{}_{name}", about.code), format!("{}·{title}", about.zh), kind);
            }
        }
        columns
    }

    fn cells(&self, answer: &Answer, row: &Row, id: &impl Fn(i64) -> String) -> Vec<Value> {
        let mut cells = Vec::new();
        for key in &row.keys {
            cells.extend([key_of(key, id), Value::Text(key.name.clone())]);
        }
        let period = &answer.periods[row.period];
        cells.extend([
            Value::Text(period.label.clone()),
            Value::Day(period.span.first),
            Value::Day(period.span.last),
            Value::Flag(period.partial),
        ]);
        if self.has_others {
            cells.push(Value::Flag(row.is_others));
        }
        for (place, cell) in row.cells.iter().enumerate() {
            cells.push(number(cell.value));
            if self.ranked == Some(place) {
                cells.extend(place_of(cell.rank));
            }
        }
        for cell in &row.cells {
            for (place, compared) in self.comparisons.iter().enumerate() {
                cells.extend(comparison(cell.comparisons.get(place), compared.has_days));
            }
        }
        for cell in &row.cells {
            cells.extend(details(cell));
        }
        cells
    }
}

/// What is said of a place beside the place itself; without a kind, of the measure's.
const PLACE: [(&str, &str, Option<Kind>); 7] = [
    ("rank", "名次", Some(Kind::Decimal(Unit::Points))),
    ("rank_of", "排名总数", Some(Kind::Count)),
    ("rank_tied", "名次并列", Some(Kind::Flag)),
    ("rank_gained", "名次变化", Some(Kind::Decimal(Unit::Points))),
    ("lower_quartile", "下四分位数", None),
    ("median", "中位数", None),
    ("upper_quartile", "上四分位数", None),
];

/// What a value rests on; without a kind, of what is divided.
const DETAILS: [(&str, &str, Option<Kind>); 6] = [
    ("numerator", "分子", None),
    ("denominator", "分母", Some(Kind::Count)),
    ("status", "状态", Some(Kind::Text)),
    ("filled", "补零", Some(Kind::Flag)),
    ("partial", "未完", Some(Kind::Flag)),
    ("maturing", "未成熟", Some(Kind::Flag)),
];

/// What is divided: counts of most ratios, parts of points of quotas.
fn numerator(measure: Measure) -> Kind {
    match measure.about().unit {
        Unit::Ratio if measure == Measure::QuotaAttainment => Kind::Decimal(Unit::Points),
        Unit::Ratio | Unit::Count => Kind::Count,
        unit => Kind::Decimal(unit),
    }
}

/// The part of a column's name, its heading, and whether the days of the other value are others for each period.
fn named(compare: &Compare) -> (String, String, bool) {
    match compare {
        Compare::Previous(1) => ("previous".to_owned(), "环比".to_owned(), true),
        Compare::Previous(back) => (format!("previous_{back}"), format!("前{back}期"), true),
        Compare::SameLastYear => ("last_year".to_owned(), "同比".to_owned(), true),
        Compare::Period(_) => ("period".to_owned(), "对比时段".to_owned(), true),
        Compare::CategoryAverage => ("category_average".to_owned(), "类别均值".to_owned(), false),
        Compare::CategoryMedian => ("category_median".to_owned(), "类别中位数".to_owned(), false),
        Compare::Total => ("total".to_owned(), "合计".to_owned(), false),
    }
}

fn key_of(key: &Key, id: &impl Fn(i64) -> String) -> Value {
    match key.dimension {
        Dimension::Unit => key.unit.map_or(Value::Null, |unit| Value::Text(id(unit))),
        _ => key.code.clone().map_or(Value::Null, Value::Text),
    }
}

/// A number as answers show it: nothing if it is too large for six places.
fn number(number: Option<Number>) -> Value {
    match number {
        None => Value::Null,
        Some(Number::Count(count)) => Points::from_whole(count).map_or(Value::Null, |_| Value::Count(count)),
        Some(other) => other.to_string().parse().map_or(Value::Null, Value::Decimal),
    }
}

fn place_of(place: Option<Place>) -> [Value; 7] {
    let Some(place) = place else { return [const { Value::Null }; 7] };
    let [lower, median, upper] = place.quartiles.map(|quartile| number(Some(quartile)));
    [
        Value::Decimal(place.rank),
        Value::Count(place.of.into()),
        Value::Flag(place.tied),
        place.gained.map_or(Value::Null, Value::Decimal),
        lower,
        median,
        upper,
    ]
}

fn comparison(comparison: Option<&Comparison>, has_days: bool) -> Vec<Value> {
    let span = comparison.and_then(|comparison| comparison.span);
    let mut cells = Vec::with_capacity(6);
    if has_days {
        cells.push(span.map_or(Value::Null, |span| Value::Day(span.first)));
        cells.push(span.map_or(Value::Null, |span| Value::Day(span.last)));
    }
    cells.push(number(comparison.and_then(|comparison| comparison.base)));
    cells.push(number(comparison.and_then(|comparison| comparison.delta)));
    cells.push(comparison.and_then(|comparison| comparison.change).map_or(Value::Null, Value::Decimal));
    cells.push(comparison.map_or(Value::Null, |comparison| Value::Text(comparison.status.code().to_owned())));
    cells
}

fn details(cell: &Cell) -> [Value; 6] {
    [
        number(cell.numerator),
        cell.denominator.map_or(Value::Null, Value::Count),
        Value::Text(cell.status.code().to_owned()),
        Value::Flag(cell.filled),
        Value::Flag(cell.partial),
        Value::Flag(cell.maturing),
    ]
}
