//! Lines that were taken back after an appeal or by a correction: they join the ledger when everything else is done, so that no cap, floor or zeroing
//! applies to them, and only rounding comes after.

use super::world::World;
use super::{Amount, Line};
use crate::facts::{ReversalRow, day_number};
use crate::period::Span;
use crate::rulebook::Currency;

/// What a reversal moves in a currency, in millionths or in fen.
fn amount(row: &ReversalRow, currency: Currency) -> i64 {
    match currency {
        Currency::Points => row.points.millionths(),
        Currency::Money => row.money.fen(),
    }
}

fn within(world: &World, span: Span, currency: Currency) -> impl Iterator<Item = &ReversalRow> {
    world.facts.reversals().filter(move |row| span.contains(row.day) && amount(row, currency) != 0)
}

/// What the reversals of the year add to the sums: unit, day and amount.
pub(super) fn sums(world: &World, year: Span, currency: Currency) -> Vec<(i64, i32, i64)> {
    let rows = within(world, year, currency).filter(|row| world.is_own(row.unit));
    rows.map(|row| (row.unit, day_number(row.day), amount(row, currency))).collect()
}

/// Puts the reversals of a unit among its lines, each at the end of its day.
pub(super) fn add(lines: &mut Vec<Line>, world: &World, unit: i64, span: Span, currency: Currency) {
    let own = within(world, span, currency).filter(|row| row.unit == unit);
    lines.extend(own.map(|row| Line {
        key: row.key(),
        version: row.version,
        rule: row.rule.clone(),
        clause: row.clause.clone(),
        title: row.title.clone(),
        unit,
        day: row.day,
        submission: row.submission,
        facts: Vec::new(),
        inputs: Vec::new(),
        amount: match currency {
            Currency::Points => Amount::Points(row.points),
            Currency::Money => Amount::Money(row.money),
        },
        note: Some(match row.appeal() {
            Some(_) => format!("takes back the line of {} after an appeal", row.line_day),
            None => format!("corrects the line of {}, whose period is closed", row.line_day),
        }),
        reverses: Some(row.line.clone()),
        appeal: row.appeal(),
    }));
    lines.sort_by_key(|line| line.day);
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::{Versions, score};
    use crate::facts::{Facts, Membership, ReversalRow, UnitRow};
    use crate::period::Span;
    use crate::points::{Money, Points};
    use crate::rulebook::Currency;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_reversal_is_a_line_and_the_lines_add_up() {
        let mut facts = Facts::new();
        facts.upsert_unit(&UnitRow {
            id: 1,
            name: "a".to_owned(),
            order: 1,
            opened_on: day("2026-01-01"),
            closed_on: None,
            direct_report: false,
            memberships: vec![Membership { category: "county".to_owned(), first: day("2026-01-01"), last: None }],
        });
        for (id, on, points) in [(1, "2026-04-05", "10"), (-2, "2026-04-05", "-2.5"), (3, "2025-12-31", "7")] {
            facts.upsert_reversal(&ReversalRow {
                id,
                unit: 1,
                line: format!("late@incident:{id}"),
                line_day: day("2026-03-01"),
                version: 1,
                rule: "late".to_owned(),
                clause: "1".to_owned(),
                title: "late".to_owned(),
                submission: None,
                points: points.parse().unwrap(),
                money: Money::default(),
                day: day(on),
            });
        }
        let year = Span { first: day("2026-01-01"), last: day("2026-12-31") };
        let scored = score(&Versions::default(), &facts, year);
        assert_eq!(scored.total(1, year), "7.5".parse::<Points>().unwrap());
        let lines = scored.lines(1, year, Currency::Points);
        let kept: Vec<_> =
            lines.iter().map(|line| (line.key.as_str(), line.reverses.as_deref(), line.appeal)).collect();
        assert_eq!(
            kept,
            [
                ("reversal@correction:2", Some("late@incident:-2"), None),
                ("reversal@appeal:1", Some("late@incident:1"), Some(1)),
            ]
        );
        let april = Span { first: day("2026-04-01"), last: day("2026-04-30") };
        assert_eq!(scored.total(1, april), "7.5".parse::<Points>().unwrap());
        assert_eq!(scored.total(1, Span { first: day("2026-03-01"), last: day("2026-03-31") }), Points::ZERO);
    }
}
