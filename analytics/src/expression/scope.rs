//! The names that an expression may use: columns with their types, and the declared codes.

use std::collections::BTreeMap;

use super::{Range, Type};
use crate::facts::FactKind;
use crate::scoring::catalogue::{self, CodeSet, Column, ColumnType};

/// The codes that a rulebook declares, with the built-in ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Vocabulary {
    codes: BTreeMap<CodeSet, Vec<String>>,
    /// The classes of each publication.
    classes: BTreeMap<String, Vec<String>>,
}

impl Vocabulary {
    pub(crate) fn new() -> Self {
        let sets = [CodeSet::Outcome].into_iter().chain(CodeSet::EXTENSIBLE);
        let built_in = |set: CodeSet| set.built_in().iter().map(|&(code, _)| code.to_owned()).collect();
        Self { codes: sets.map(|set| (set, built_in(set))).collect(), classes: BTreeMap::new() }
    }

    /// Adds a code; `false` if the set has it already.
    pub(crate) fn declare(&mut self, set: CodeSet, code: &str) -> bool {
        let codes = self.codes.entry(set).or_default();
        let is_new = codes.iter().all(|known| known != code);
        if is_new {
            codes.push(code.to_owned());
        }
        is_new
    }

    /// Adds a class of a publication. Several publications may have a class of the same code.
    pub(crate) fn declare_class(&mut self, publication: &str, class: &str) -> bool {
        self.declare(CodeSet::Class, class);
        let classes = self.classes.entry(publication.to_owned()).or_default();
        let is_new = classes.iter().all(|known| known != class);
        if is_new {
            classes.push(class.to_owned());
        }
        is_new
    }

    pub(crate) fn codes(&self, set: CodeSet) -> &[String] {
        self.codes.get(&set).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn has(&self, set: CodeSet, code: &str) -> bool {
        self.codes(set).iter().any(|known| known == code)
    }

    /// Every code of every set.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.codes.values().flatten().map(String::as_str)
    }

    pub(crate) fn classes(&self, publication: &str) -> &[String] {
        self.classes.get(publication).map_or(&[], Vec::as_slice)
    }
}

/// A column in scope.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScopeColumn {
    pub(crate) name: String,
    pub(crate) stored: String,
    pub(crate) of: Type,
    pub(crate) range: Range,
    pub(crate) nullable: bool,
}

impl From<&Column> for ScopeColumn {
    fn from(column: &Column) -> Self {
        let (least, most) = column.range;
        let (of, range) = match column.column_type {
            ColumnType::Boolean => (Type::Boolean, Range::exactly(0)),
            ColumnType::Integer => (Type::Integer, Range::new(least.into(), most.into())),
            ColumnType::Decimal => (Type::Decimal, Range::new(least.into(), most.into())),
            ColumnType::Date => (Type::Date, DATES),
            ColumnType::Code(set) => (Type::Code(set), Range::exactly(0)),
        };
        Self { name: column.name.to_owned(), stored: column.stored.to_owned(), of, range, nullable: column.nullable }
    }
}

/// Every day that a calendar value can hold, with room to spare.
pub(crate) const DATES: Range = Range::new(-200_000_000, 200_000_000);

/// What one expression may name.
#[derive(Debug)]
pub(crate) struct Scope<'v> {
    pub(crate) vocabulary: &'v Vocabulary,
    pub(crate) columns: Vec<ScopeColumn>,
}

impl<'v> Scope<'v> {
    /// The columns of a kind of fact.
    pub(crate) fn of_fact(vocabulary: &'v Vocabulary, kind: FactKind) -> Self {
        Self { vocabulary, columns: catalogue::columns(kind).iter().map(ScopeColumn::from).collect() }
    }

    /// The columns of period rules: the built-in ones and those that the rulebook declares.
    pub(crate) fn of_period(vocabulary: &'v Vocabulary, declared: Vec<ScopeColumn>) -> Self {
        let mut columns: Vec<_> = catalogue::period_columns().iter().map(ScopeColumn::from).collect();
        columns.extend(declared);
        Self { vocabulary, columns }
    }

    pub(crate) fn column(&self, name: &str) -> Option<&ScopeColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}
