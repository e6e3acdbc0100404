//! A unit over time.

use chrono::NaiveDate;

use crate::facts::{UnitRow, day_number, day_of};
use crate::period::Span;

/// A unit and the category it had from day to day.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) id: i64,
    pub(crate) direct_report: bool,
    open: Span,
    /// Disjoint, in order of time.
    pub(crate) memberships: Vec<(Span, String)>,
}

impl Unit {
    pub(crate) fn new(row: &UnitRow) -> Self {
        let open = Span { first: row.opened_on, last: row.closed_on.unwrap_or(NaiveDate::MAX) };
        Self { id: row.id, direct_report: row.direct_report, open, memberships: disjoint(row) }
    }

    pub(crate) fn is_open(&self, day: NaiveDate) -> bool {
        self.open.contains(day)
    }

    /// The first day on which it takes part.
    pub(crate) fn first_day(&self) -> Option<NaiveDate> {
        (self.open.first <= self.open.last).then_some(self.open.first)
    }

    /// The category on the day.
    pub(crate) fn category_on(&self, day: NaiveDate) -> Option<&str> {
        self.memberships.iter().find(|(span, _)| span.contains(day)).map(|(_, category)| category.as_str())
    }

    /// The last category that the unit had in the span, while it was open.
    pub(crate) fn category_in(&self, span: Span) -> Option<&str> {
        if !self.takes_part(span) {
            return None;
        }
        self.memberships.iter().rev().find(|(member, _)| member.overlaps(span)).map(|(_, category)| category.as_str())
    }

    /// The last category of a unit that ended before the span.
    pub(crate) fn last_category_before(&self, span: Span) -> Option<&str> {
        let ended = self.open.first <= self.open.last && self.open.last < span.first;
        self.memberships.last().filter(|_| ended).map(|(_, category)| category.as_str())
    }

    /// Whether the unit is open on some day of the span.
    pub(crate) fn takes_part(&self, span: Span) -> bool {
        self.open.overlaps(span)
    }
}

/// The memberships without overlap: on each day the one begun last counts, of two begun on one day the category first in the
/// alphabet.
fn disjoint(row: &UnitRow) -> Vec<(Span, String)> {
    let last = |last: Option<NaiveDate>| day_number(last.unwrap_or(NaiveDate::MAX));
    let mut cuts: Vec<i32> = row
        .memberships
        .iter()
        .flat_map(|member| [day_number(member.first), last(member.last).saturating_add(1)])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut spans: Vec<(Span, String)> = Vec::new();
    for pair in cuts.windows(2) {
        let (first, until) = (pair[0], pair[1] - 1);
        let in_force = row
            .memberships
            .iter()
            .filter(|member| day_number(member.first) <= first && until <= last(member.last))
            .max_by_key(|member| (member.first, std::cmp::Reverse(&member.category)));
        let Some(member) = in_force else { continue };
        match spans.last_mut() {
            Some((span, category)) if *category == member.category && day_number(span.last) + 1 == first => {
                span.last = end(until);
            }
            _ => spans.push((Span { first: day_of(first), last: end(until) }, member.category.clone())),
        }
    }
    spans
}

fn end(day: i32) -> NaiveDate {
    if day >= day_number(NaiveDate::MAX) { NaiveDate::MAX } else { day_of(day) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Membership;

    #[test]
    fn of_overlapping_memberships_the_later_begun_counts() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let member = |category: &str, first: &str, last: Option<&str>| Membership {
            category: category.to_owned(),
            first: day(first),
            last: last.map(day),
        };
        let unit = Unit::new(&UnitRow {
            id: 1,
            name: String::new(),
            order: 1,
            opened_on: day("2020-01-01"),
            closed_on: Some(day("2026-12-31")),
            direct_report: false,
            memberships: vec![
                member("county", "2020-01-01", None),
                member("park", "2026-03-01", Some("2026-05-31")),
                member("other", "2026-03-01", Some("2026-03-31")),
            ],
        });
        for (date, category) in [
            ("2019-12-31", None),
            ("2026-02-28", Some("county")),
            ("2026-03-01", Some("other")),
            ("2026-04-01", Some("park")),
            ("2026-06-01", Some("county")),
        ] {
            assert_eq!(unit.category_on(day(date)), category, "{date}");
        }
        assert_eq!(unit.memberships.len(), 4);
        let span = |text: &str| text.parse::<Span>().unwrap();
        assert_eq!(unit.category_in(span("2026-Q1")), Some("other"));
        assert_eq!(unit.category_in(span("2027")), None);
    }
}
