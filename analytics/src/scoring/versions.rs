//! Which version of the rules scores which day.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::period::Span;
use crate::rulebook::Rulebook;

/// A version of a network's rulebook and the time in which it is in force.
#[derive(Debug, Clone)]
pub struct Version {
    /// The caller's id of the version; ledger lines carry it.
    pub id: i64,
    /// The first day whose facts it scores.
    pub effective_from: NaiveDate,
    /// The rules.
    pub rulebook: Arc<Rulebook>,
}

/// The versions of one network's rulebook. A fact is scored by the version in force on the fact's own day, which never
/// changes when a later version is added.
#[derive(Debug, Clone, Default)]
pub struct Versions(Vec<Version>);

impl Versions {
    /// From `(version id, first day in force, rules)` in any order. Of two versions of one day the greater id is in force.
    pub fn new(versions: Vec<(i64, NaiveDate, Arc<Rulebook>)>) -> Self {
        let mut versions: Vec<_> = versions
            .into_iter()
            .map(|(id, effective_from, rulebook)| Version { id, effective_from, rulebook })
            .collect();
        versions.sort_by_key(|version| (version.effective_from, version.id));
        versions.reverse();
        versions.dedup_by_key(|version| version.effective_from);
        versions.reverse();
        Self(versions)
    }

    /// Whether both are the same rulebooks from the same days on.
    pub(crate) fn are(&self, other: &Self) -> bool {
        let is_same = |(one, other): (&Version, &Version)| {
            let known = (one.id, one.effective_from) == (other.id, other.effective_from);
            known && Arc::ptr_eq(&one.rulebook, &other.rulebook)
        };
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(is_same)
    }

    /// The version in force on the day, if one is.
    pub fn on(&self, day: NaiveDate) -> Option<&Version> {
        self.0.iter().rev().find(|version| version.effective_from <= day)
    }

    /// The version in force on the day, or the first one when the day lies before all of them.
    pub fn on_or_first(&self, day: NaiveDate) -> Option<&Version> {
        self.on(day).or(self.0.first())
    }

    /// The version at a place among all of them.
    pub(crate) fn at(&self, place: usize) -> &Version {
        &self.0[place]
    }

    /// Every version, in order of time.
    pub fn all(&self) -> &[Version] {
        &self.0
    }

    /// The versions that are in force at some time of the span, each with its place
    /// among all of them and its days, in order.
    pub(crate) fn within(&self, span: Span) -> impl Iterator<Item = (usize, &Version, Span)> {
        self.0.iter().enumerate().filter_map(move |(index, version)| {
            let until = self.0.get(index + 1).and_then(|next| next.effective_from.pred_opt());
            let first = version.effective_from.max(span.first);
            let last = until.map_or(span.last, |until| until.min(span.last));
            (first <= last).then_some((index, version, Span { first, last }))
        })
    }

    /// The assessment year that the day belongs to; the calendar year when there is no version at all.
    pub fn year_of(&self, day: NaiveDate) -> Span {
        match self.on_or_first(day) {
            Some(version) => version.rulebook.year_of(day),
            None => crate::period::Period::containing(crate::period::PeriodUnit::Year, day).span(),
        }
    }
}
