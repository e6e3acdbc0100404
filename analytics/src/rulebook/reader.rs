//! Typed reading of a parsed TOML document. Whatever is not as it should be becomes a mistake, and reading goes on.

use std::ops::Range;

use chrono::NaiveDate;
use toml::de::{DeTable, DeValue};

use super::source::{Report, Source};
use crate::expression::Problem;

/// The longest id, in bytes.
const MAX_ID: usize = 64;

#[derive(Debug)]
pub(super) struct Reader<'t> {
    pub(super) source: Source<'t>,
    pub(super) reports: Vec<Report>,
}

/// A table of the document.
#[derive(Debug, Clone)]
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    span: Range<usize>,
    pub(super) path: String,
}

/// A value of the document.
#[derive(Debug, Clone)]
pub(super) struct Field<'t> {
    pub(super) value: &'t DeValue<'t>,
    pub(super) span: Range<usize>,
    pub(super) path: String,
}

/// Something read, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
    pub(super) path: String,
}

impl<'t> Section<'t> {
    pub(super) fn root(table: &'t DeTable<'t>) -> Self {
        Self { table, span: 0..0, path: String::new() }
    }

    /// The value under the key, if there is one.
    pub(super) fn field(&self, key: &str) -> Option<Field<'t>> {
        let value = self.table.get(key)?;
        Some(Field { value: value.get_ref(), span: value.span(), path: self.path_of(key) })
    }

    /// Every key with its value, in the order of the text.
    pub(super) fn entries(&self) -> Vec<(At<&'t str>, Field<'t>)> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| {
                let path = self.path_of(key.get_ref());
                let key = At { value: key.get_ref().as_ref(), span: key.span(), path: path.clone() };
                (key, Field { value: value.get_ref(), span: value.span(), path })
            })
            .collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        entries
    }

    /// Where the table itself is written: its header.
    pub(super) fn header(&self) -> Range<usize> {
        self.span.clone()
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

impl<'t> Reader<'t> {
    /// Takes a mistake down.
    pub(super) fn report(&mut self, at: Range<usize>, path: &str, problem: Problem) {
        self.reports.push(Report { at, path: path.to_owned(), problem });
    }

    /// Reports every key of the table that is not known.
    pub(super) fn only(&mut self, section: &Section<'t>, known: &[&str]) {
        for (key, _) in section.entries() {
            if !known.contains(&key.value) {
                let problem = Problem::new(
                    format!("there is no key {:?} here", key.value),
                    format!("此处没有名为“{}”的键", key.value),
                )
                .hint_nearest(key.value, known.iter().copied());
                self.report(key.span, &key.path, problem);
            }
        }
    }

    fn missing<T>(&mut self, section: &Section<'t>, key: &str) -> Option<T> {
        let problem = Problem::new(format!("the key {key:?} is missing"), format!("缺少键“{key}”"));
        let header = section.header();
        self.report(header, &section.path, problem);
        None
    }

    fn wrong_type<T>(&mut self, field: &Field<'t>, wanted: &str, wanted_zh: &str) -> Option<T> {
        let problem = Problem::new(
            format!("{wanted} is needed here, not a {}", field.value.type_str()),
            format!("此处应为{wanted_zh}"),
        );
        self.report(field.span.clone(), &field.path, problem);
        None
    }

    /// The table as a section, or a mistake.
    pub(super) fn table(&mut self, field: &Field<'t>) -> Option<Section<'t>> {
        match field.value {
            DeValue::Table(table) => Some(Section { table, span: field.span.clone(), path: field.path.clone() }),
            _ => self.wrong_type(field, "a table", "表"),
        }
    }

    /// The tables of an array under the key; none if the key is not there.
    pub(super) fn tables(&mut self, section: &Section<'t>, key: &str) -> Vec<Section<'t>> {
        let Some(field) = section.field(key) else {
            return Vec::new();
        };
        self.items(&field).into_iter().filter_map(|item| self.table(&item)).collect()
    }

    /// The values of an array.
    pub(super) fn fields(&mut self, field: &Field<'t>) -> Vec<Field<'t>> {
        self.items(field)
    }

    fn items(&mut self, field: &Field<'t>) -> Vec<Field<'t>> {
        let DeValue::Array(array) = field.value else {
            return self.wrong_type(field, "an array", "数组").unwrap_or_default();
        };
        let item = |(index, item): (usize, &'t toml::Spanned<DeValue<'t>>)| Field {
            value: item.get_ref(),
            span: item.span(),
            path: format!("{}[{}]", field.path, index + 1),
        };
        array.iter().enumerate().map(item).collect()
    }

    pub(super) fn optional_text(&mut self, section: &Section<'t>, key: &str) -> Option<At<&'t str>> {
        let field = section.field(key)?;
        self.text_of(&field)
    }

    pub(super) fn text(&mut self, section: &Section<'t>, key: &str) -> Option<At<&'t str>> {
        match section.field(key) {
            Some(field) => self.text_of(&field),
            None => self.missing(section, key),
        }
    }

    /// A text that is shown to people; empty if it is missing, which is a mistake.
    pub(super) fn words(&mut self, section: &Section<'t>, key: &str) -> String {
        self.text(section, key).map(|text| text.value.to_owned()).unwrap_or_default()
    }

    pub(super) fn optional_words(&mut self, section: &Section<'t>, key: &str) -> Option<String> {
        self.optional_text(section, key).map(|text| text.value.to_owned())
    }

    fn text_of(&mut self, field: &Field<'t>) -> Option<At<&'t str>> {
        let DeValue::String(text) = field.value else {
            return self.wrong_type(field, "a text", "文本");
        };
        if text.trim().is_empty() {
            let problem = Problem::new("this text is empty", "文本为空");
            self.report(field.span.clone(), &field.path, problem);
            return None;
        }
        Some(At { value: text.as_ref(), span: field.span.clone(), path: field.path.clone() })
    }

    /// The texts of an array under the key; none if the key is not there.
    pub(super) fn texts(&mut self, section: &Section<'t>, key: &str) -> Vec<At<&'t str>> {
        let Some(field) = section.field(key) else {
            return Vec::new();
        };
        self.items(&field).into_iter().filter_map(|item| self.text_of(&item)).collect()
    }

    /// An id made of lower-case words; `dotted` ids may be made of several, with dots between.
    fn id_of(&mut self, section: &Section<'t>, is_dotted: bool) -> Option<At<String>> {
        let id = self.text(section, "id")?;
        let is_word = |word: &str| {
            word.starts_with(|letter: char| letter.is_ascii_lowercase())
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let is_id = if is_dotted { id.value.split('.').all(is_word) } else { is_word(id.value) };
        if is_id && id.value.len() <= MAX_ID {
            return Some(At { value: id.value.to_owned(), span: id.span, path: id.path });
        }
        let problem = Problem::new(format!("{:?} is no id", id.value), format!("“{}”不是有效的标识", id.value)).hint(
            "an id has lower-case letters, digits and _ and begins with a letter; ids of rules and awards may have dots",
        );
        self.report(id.span, &id.path, problem);
        None
    }

    pub(super) fn id(&mut self, section: &Section<'t>) -> Option<At<String>> {
        self.id_of(section, false)
    }

    pub(super) fn dotted_id(&mut self, section: &Section<'t>) -> Option<At<String>> {
        self.id_of(section, true)
    }

    /// A whole number within bounds; `None` if the key is not there.
    pub(super) fn optional_integer(&mut self, section: &Section<'t>, key: &str, bounds: Range<i64>) -> Option<i64> {
        let field = section.field(key)?;
        let DeValue::Integer(number) = field.value else {
            return self.wrong_type(&field, "a whole number", "整数");
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            let problem = Problem::new(
                format!("this must be from {} to {}", bounds.start, bounds.end - 1),
                format!("应在{}与{}之间", bounds.start, bounds.end - 1),
            );
            self.report(field.span, &field.path, problem);
        }
        number
    }

    pub(super) fn integer(&mut self, section: &Section<'t>, key: &str, bounds: Range<i64>) -> Option<i64> {
        if section.field(key).is_none() {
            return self.missing(section, key);
        }
        self.optional_integer(section, key, bounds)
    }

    /// Yes or no; no if the key is not there.
    pub(super) fn flag(&mut self, section: &Section<'t>, key: &str) -> bool {
        let Some(field) = section.field(key) else {
            return false;
        };
        match field.value {
            DeValue::Boolean(value) => *value,
            _ => self.wrong_type(&field, "true or false", "true 或 false").unwrap_or_default(),
        }
    }

    pub(super) fn date(&mut self, section: &Section<'t>, key: &str) -> Option<NaiveDate> {
        let Some(field) = section.field(key) else {
            return self.missing(section, key);
        };
        let DeValue::Datetime(moment) = field.value else {
            return self.wrong_type(
                &field,
                "a date such as 2017-05-25, without quotes,",
                "日期(如 2017-05-25,不加引号)",
            );
        };
        let date = moment.date.filter(|_| moment.time.is_none() && moment.offset.is_none());
        let day = date.and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()));
        if day.is_none() {
            self.report(
                field.span,
                &field.path,
                Problem::new("there is no such day", "不存在该日期").hint("write 2017-05-25"),
            );
        }
        day
    }

    /// One of a few words.
    pub(super) fn word<T>(&mut self, text: &At<&'t str>, known: &[(&'static str, T)]) -> Option<T>
    where
        T: Copy,
    {
        let word = known.iter().find(|(word, _)| *word == text.value);
        if word.is_none() {
            let problem =
                Problem::new(format!("{:?} is not known here", text.value), format!("此处不支持“{}”", text.value))
                    .hint_nearest(text.value, known.iter().map(|(word, _)| *word));
            self.report(text.span.clone(), &text.path, problem);
        }
        word.map(|(_, value)| *value)
    }

    pub(super) fn duplicate(&mut self, id: &At<String>) {
        let problem = Problem::new(format!("the id {:?} is used twice", id.value), format!("标识“{}”重复", id.value));
        self.report(id.span.clone(), &id.path, problem);
    }
}
