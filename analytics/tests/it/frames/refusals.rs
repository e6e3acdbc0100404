//! What cannot be answered is refused before anything is computed, with the smallest change that would work; and the change works.

use analytics::frames::dimension::Dimension as D;
use analytics::frames::measure::Measure as M;
use analytics::frames::query::{Compare, End, Limit, Query, Window};
use analytics::frames::refusal::{Change, Reason};
use analytics::frames::{Source, plan};
use analytics::period::PeriodUnit;
use analytics::scoring::Versions;

use super::chance::{Chance, Dice};
use super::source;
use crate::scene::{day, span};

#[test]
fn a_rate_by_publication_is_refused_and_what_is_offered_instead_is_answered() {
    let world = Chance::new(1, 10);
    let mut query = Query::new(vec![M::AdoptionRate, M::Adoptions], vec![D::Unit, D::Publication], span("2026"));
    let refusal = plan(&source(&world), &query).unwrap_err();
    assert_eq!((refusal.reason, refusal.field), (Reason::Dimension, "rows"));
    assert!(refusal.message_zh.contains("采用率不能按刊物统计"), "{}", refusal.message_zh);
    assert_eq!(refusal.change, Change::DropMeasures(vec![M::AdoptionRate]));
    query.measures.remove(0);
    assert!(plan(&source(&world), &query).is_ok());
}

#[test]
fn an_answer_that_is_too_large_is_offered_in_longer_periods() {
    let world = Chance::new(2, 10);
    let mut query = Query::new(vec![M::Submitted], vec![D::Unit], span("2026"));
    query.split_by = Some(PeriodUnit::Day);
    query.most_cells = 120;
    let refusal = plan(&source(&world), &query).unwrap_err();
    assert_eq!(refusal.reason, Reason::TooLarge);
    let Change::SplitBy(split) = refusal.change else { panic!("{refusal:?}") };
    assert_eq!(split, Some(PeriodUnit::Month));
    query.split_by = split;
    assert!(plan(&source(&world), &query).unwrap().cells <= 120);
}

#[test]
fn parts_that_do_not_go_together_are_refused() {
    let world = Chance::new(3, 10);
    let refused = |change: &dyn Fn(&mut Query)| {
        let mut query = Query::new(vec![M::Submitted], vec![D::Category], span("2026"));
        change(&mut query);
        let refusal = plan(&source(&world), &query).unwrap_err();
        (refusal.reason, refusal.field)
    };
    assert_eq!(refused(&|query| query.window = Some(Window::Cumulative)), (Reason::Combination, "window"));
    assert_eq!(refused(&|query| query.with_subtree = true), (Reason::Combination, "withSubtree"));
    assert_eq!(refused(&|query| query.compare = vec![Compare::CategoryMedian]), (Reason::Combination, "compare"));
    let limit = Limit { end: End::Top, rows: 3, with_ties: true, others: false, eligible_only: false };
    assert_eq!(refused(&|query| query.limit = Some(limit)), (Reason::Combination, "limit"));
    assert_eq!(refused(&|query| query.measures.clear()), (Reason::Count, "measures"));
    assert_eq!(refused(&|query| query.measures = vec![M::Submitted; 2]), (Reason::Count, "measures"));
    assert_eq!(refused(&|query| query.period = span("2028").into()), (Reason::Period, "period"));
}

#[test]
fn without_a_rulebook_nobody_can_say_what_counts() {
    let source = Source::new(&Versions::default(), &Chance::new(1, 5).facts(), day("2026-05-01"));
    let refusal = plan(&source, &Query::new(vec![M::Submitted], vec![], span("2026"))).unwrap_err();
    assert_eq!(refusal.reason, Reason::NoRulebook);
}

#[test]
fn every_query_is_answered_or_refused_and_never_panics() {
    let world = Chance::new(4, 25);
    let (mut dice, mut answered, mut refused) = (Dice::new(4), 0, 0);
    for _ in 0..300 {
        let pick = |dice: &mut Dice, most: u64| usize::try_from(dice.below(most)).unwrap();
        let measures = (0..=dice.below(2)).map(|_| M::ALL[pick(&mut dice, 24)]).collect();
        let rows = (0..dice.below(4)).map(|_| D::ALL[pick(&mut dice, 9)]).collect();
        let mut query = Query::new(measures, rows, span(dice.one(&["2026", "2025-12..2026-01", "2027", "2029"])));
        query.split_by = dice.chance(60).then(|| PeriodUnit::ALL[1 + pick(&mut dice, 5)]);
        query.window = dice.chance(20).then_some(Window::YearToDate);
        query.with_subtree = dice.chance(20);
        let compares = [
            Compare::Previous(2),
            Compare::SameLastYear,
            Compare::CategoryAverage,
            Compare::CategoryMedian,
            Compare::Total,
        ];
        query.compare = compares.into_iter().filter(|_| dice.chance(20)).collect();
        match super::ask(&world, &query) {
            Ok(answer) => {
                answered += 1;
                assert!(answer.rows.iter().all(|row| row.cells.len() == query.measures.len()));
            }
            Err(refusal) => {
                refused += 1;
                assert!(!refusal.message.is_empty() && !refusal.message_zh.is_empty());
            }
        }
    }
    assert!(answered > 30 && refused > 30, "{answered} answered, {refused} refused");
}
