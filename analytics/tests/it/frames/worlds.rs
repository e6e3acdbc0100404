//! Random queries over random worlds say, cell by cell, what the naive reference says; and what must not matter does not.

use std::collections::BTreeSet;

use analytics::frames::answer::{Answer, Cell, CompareStatus};
use analytics::frames::dimension::Dimension as D;
use analytics::frames::measure::{Additivity, Measure as M};
use analytics::frames::query::{Attribution, Compare, End, Fill, Filter, Limit, Method, Query, Rank, Window};
use analytics::frames::{RateBasis, RateBy, adoption_rates, plan};
use analytics::period::{Period, PeriodUnit, Span};
use analytics::scoring::{Scored, score};

use super::chance::{Chance, Dice, KINDS};
use super::reference::{Reference, base_days, shown};
use super::{LATER, ask, ask_of, key, source, told, value};
use crate::scene::{day, span};

const MEASURES: [M; 17] = [
    M::Submitted,
    M::Received,
    M::Urgent,
    M::Refused,
    M::Returned,
    M::AdoptedItems,
    M::Adoptions,
    M::SentUp,
    M::Endorsements,
    M::AdoptionRate,
    M::AnsweredCommissions,
    M::CommissionAnswerRate,
    M::CommissionLateRate,
    M::Turnaround,
    M::Incidents,
    M::ActiveOfficers,
    M::Points,
];

fn codes(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

fn filter(dice: &mut Dice, depth: u32) -> Filter {
    let parts = |dice: &mut Dice| (0..=dice.below(2)).map(|_| filter(dice, depth + 1)).collect();
    match dice.below(if depth < 2 { 9 } else { 6 }) {
        0 => Filter::Units((0..5).map(|_| dice.id(9)).collect()),
        1 => Filter::Subtrees([dice.id(3)].into()),
        2 => Filter::DirectReport(dice.chance(50)),
        3 => Filter::Codes(D::Category, codes(&[dice.one(&["a", "b"])])),
        4 => Filter::Codes(D::Kind, codes(&[dice.one(&KINDS)])),
        5 => Filter::Codes(D::Topic, codes(&["economy"])),
        6 => Filter::All(parts(dice)),
        7 => Filter::Any(parts(dice)),
        _ => Filter::Not(Box::new(filter(dice, depth + 1))),
    }
}

/// A question that is not refused.
fn question(dice: &mut Dice, world: &Chance) -> Query {
    loop {
        let measures = vec![MEASURES[usize::try_from(dice.below(17)).unwrap()]];
        let mut rows: Vec<D> = Vec::new();
        for dimension in [D::Unit, D::Category, D::DirectReport, D::Kind, D::Topic, D::Publication, D::Level, D::Origin]
        {
            if rows.len() < 3 && dice.chance(if dimension == D::Unit { 50 } else { 18 }) {
                rows.push(dimension);
            }
        }
        let texts = ["2025-11..2026-02", "2026", "2025-Q4..2026-Q1", "2026-03", "2025..2026"];
        let mut query = Query::new(measures, rows, span(dice.one(&texts)));
        query.split_by =
            [None, Some(PeriodUnit::Month), Some(PeriodUnit::Quarter)][usize::try_from(dice.below(3)).unwrap()];
        query.with_subtree = dice.chance(15);
        query.filter = dice.chance(45).then(|| filter(dice, 0));
        query.fill = if dice.chance(25) { Fill::Null } else { Fill::PerMeasure };
        query.basis = if dice.chance(50) { RateBasis::SubmittedIn } else { RateBasis::AdoptedIn };
        query.attribution = if dice.chance(40) { Attribution::FactDay } else { Attribution::PeriodEnd };
        if query.split_by.is_some() {
            query.window = match dice.below(6) {
                0 => Some(Window::Trailing { periods: 3, least: 2 }),
                1 => Some(Window::Cumulative),
                2 => Some(Window::YearToDate),
                _ => None,
            };
        }
        if query.window.is_none() && query.split_by.is_some() {
            query.compare = [Compare::Previous(1), Compare::SameLastYear, Compare::Period(span("2025-05"))]
                .into_iter()
                .filter(|_| dice.chance(40))
                .collect();
        }
        if plan(&source(world), &query).is_ok() {
            return query;
        }
    }
}

/// The days of a window that ends with the period, and its periods.
fn window(query: &Query, period: Option<Period>, span: Span, asked: Span) -> (Span, Vec<Span>) {
    match (query.window, period) {
        (Some(Window::Trailing { periods, .. }), Some(period)) => {
            let mut spans = vec![period];
            (1..periods).for_each(|_| spans.push(spans[spans.len() - 1].previous()));
            let first = spans[spans.len() - 1].first_day();
            (Span { first, last: span.last }, spans.into_iter().map(Period::span).collect())
        }
        (Some(Window::Cumulative), _) => {
            let days = Span { first: asked.first, last: span.last };
            (days, vec![days])
        }
        (Some(Window::YearToDate), _) => {
            let first = Period::containing(PeriodUnit::Year, span.last).first_day().min(span.first);
            let days = Span { first, last: span.last };
            (days, vec![days])
        }
        _ => (span, vec![span]),
    }
}

fn check(world: &Chance, query: &Query, scored: &[Scored], seed: u64) -> usize {
    let answer = ask(world, query).unwrap();
    let plan = plan(&source(world), query).unwrap();
    let reference = Reference { world, scored, query, span: plan.span };
    let mut compared = 0;
    for row in &answer.rows {
        let codes: Vec<String> = row
            .keys
            .iter()
            .map(|key| key.unit.map_or(key.code.clone().unwrap_or_default(), |unit| unit.to_string()))
            .collect();
        let column = &answer.periods[row.period];
        let period = query.split_by.map(|unit| Period::containing(unit, column.span.first));
        let (days, windows) = window(query, period, column.span, plan.span);
        let measure = query.measures[0];
        let expected = match reference.value(measure, &codes, days, column.span, &windows) {
            Ok(Some(fraction)) => shown(fraction),
            Ok(None) => unreachable!("a value is told or its absence is"),
            Err(status) => status.to_owned(),
        };
        let cell = &row.cells[0];
        let place = || format!("seed {seed}: {query:#?}\n{} {}", key(row), column.label);
        assert_eq!(value(cell), expected, "{}", place());
        for (compare, comparison) in query.compare.iter().zip(&cell.comparisons) {
            compared += 1;
            // A period that is cut by the ends of the question is held against the like part of another one.
            let whole = period.filter(|period| period.span() == column.span);
            let Some(days) = whole.and_then(|period| base_days(*compare, period)) else { continue };
            assert_eq!(comparison.span, Some(days));
            let base = reference.value(measure, &codes, days, column.span, &[days]);
            let expected = base.ok().flatten().map(shown);
            assert_eq!(comparison.base.map(|base| base.to_string()), expected, "{compare:?} {}", place());
            check_status(cell, comparison.status, base.is_ok(), expected.as_deref());
        }
        compared += 1;
    }
    compared
}

fn check_status(cell: &Cell, status: CompareStatus, has_base: bool, base: Option<&str>) {
    let expected = match (cell.value, has_base, base) {
        (None, _, _) => CompareStatus::NoValue,
        (_, true, Some("0")) => CompareStatus::FromZero,
        (_, true, _) => CompareStatus::Ok,
        (_, false, _) => {
            assert!(matches!(status, CompareStatus::NoBase | CompareStatus::UnitNew));
            return;
        }
    };
    // A base below half a millionth shows as zero.
    assert!(status == expected || base == Some("0"));
}

#[test]
fn random_questions_say_cell_by_cell_what_a_count_by_hand_says() {
    let versions = Chance::versions();
    let mut compared = 0;
    for seed in 0..6 {
        let world = Chance::new(seed, 60);
        let facts = world.facts();
        let scored: Vec<Scored> = ["2024", "2025", "2026"].map(|year| score(&versions, &facts, span(year))).into();
        let mut dice = Dice::new(seed + 1_000);
        for _ in 0..25 {
            let query = question(&mut dice, &world);
            compared += check(&world, &query, &scored, seed);
        }
    }
    assert!(compared > 2_000, "{compared} cells are too few to mean anything");
}

#[test]
fn the_order_of_arrival_and_names_do_not_matter() {
    for seed in 0..4 {
        let world = Chance::new(seed, 80);
        let mut dice = Dice::new(seed);
        let mut renamed = world.clone();
        renamed.units.iter_mut().for_each(|unit| unit.name = format!("某{}", unit.id));
        for _ in 0..15 {
            let query = question(&mut dice, &world);
            let answer = ask(&world, &query).unwrap();
            let shuffled = world.facts_in(&mut dice, true);
            let source = analytics::frames::Source::new(&Chance::versions(), &shuffled, day(LATER));
            let again = analytics::frames::analyse(&source, &query, |year| {
                Some(std::sync::Arc::new(score(&Chance::versions(), &shuffled, year)))
            });
            assert_eq!(again.unwrap(), answer, "{query:?}");
            assert_eq!(told(&ask(&renamed, &query).unwrap()), told(&answer), "{query:?}");
        }
    }
}

fn total(answer: &Answer) -> i64 {
    let numbers = answer.rows.iter().filter_map(|row| row.cells[0].value);
    numbers.map(|number| number.to_string().parse::<i64>().unwrap()).sum()
}

#[test]
fn parts_of_what_adds_up_add_up() {
    let world = Chance::new(77, 150);
    for measure in M::ALL {
        if measure.additivity() != Additivity::Additive
            || ["points", "money", "deductions"].contains(&measure.about().code)
        {
            continue;
        }
        let ask = |rows: Vec<D>, split| {
            let mut query = Query::new(vec![measure], rows, span("2026"));
            query.split_by = split;
            total(&ask(&world, &query).unwrap())
        };
        let whole = ask(vec![], None);
        // The rules change with the year, so every month of it has the same ones.
        assert_eq!(ask(vec![], Some(PeriodUnit::Month)), whole, "{measure:?}");
        assert_eq!(ask(vec![], Some(PeriodUnit::Day)), whole, "{measure:?}");
        for dimension in measure.dimensions() {
            if dimension != D::Rule {
                assert_eq!(ask(vec![dimension], Some(PeriodUnit::Quarter)), whole, "{measure:?} {dimension:?}");
            }
        }
    }
}

#[test]
fn children_and_own_make_the_parent() {
    let world = Chance::new(5, 200);
    let mut query = Query::new(vec![M::Adoptions], vec![D::Unit], span("2026-Q2"));
    let own = ask(&world, &query).unwrap();
    query.with_subtree = true;
    let whole = ask(&world, &query).unwrap();
    let of = |answer: &Answer, unit: i64| -> i64 {
        let row = answer.rows.iter().find(|row| row.keys[0].unit == Some(unit));
        row.and_then(|row| row.cells[0].value).map_or(0, |value| value.to_string().parse().unwrap())
    };
    for parent in 1..=3 {
        let children = (4..=9).filter(|unit| world.lineage(*unit, day("2026-06-30")).contains(&parent));
        let sum: i64 = children.map(|child| of(&whole, child)).sum();
        assert_eq!(of(&whole, parent), of(&own, parent) + sum, "unit {parent}");
    }
}

#[test]
fn the_engine_says_what_rankings_and_adoption_rates_say() {
    for seed in 20..26 {
        let world = Chance::new(seed, 120);
        let (versions, facts) = (Chance::versions(), world.facts());
        for period in ["2026", "2026-Q2", "2026-02", "2025-11"] {
            let scored = score(&versions, &facts, versions.year_of(span(period).last));
            let mut query = Query::new(vec![M::Points], vec![D::Category, D::Unit], span(period));
            query.rank = Some(Rank {
                by: 0,
                method: Method::Competition,
                descending: true,
                within: vec![D::Category],
                tie_break: vec![],
            });
            let answer = ask(&world, &query).unwrap();
            let found: Vec<String> = answer
                .rows
                .iter()
                .filter(|row| row.keys[0].code.is_some() && row.cells[0].rank.is_some())
                .map(|row| {
                    let rank = row.cells[0].rank.unwrap();
                    format!("{} {} {}/{} {}", key(row), value(&row.cells[0]), rank.rank, rank.of, rank.tied)
                })
                .collect();
            let ranking = scored.ranking(span(period), None);
            let expected: Vec<String> = ranking
                .iter()
                .map(|row| format!("{}/{} {} {}/{} {}", row.category, row.unit, row.points, row.rank, row.of, row.tied))
                .collect();
            // A unit that ended before the period can still have points in it. Neither ranks it.
            assert_eq!(found, expected, "seed {seed} {period}");
            for basis in [RateBasis::AdoptedIn, RateBasis::SubmittedIn] {
                let mut query = Query::new(vec![M::AdoptionRate], vec![D::Unit], span(period));
                query.basis = basis;
                let answer = ask(&world, &query).unwrap();
                for rate in adoption_rates(&versions, &facts, span(period), RateBy::Unit, basis) {
                    let row = answer.rows.iter().find(|row| row.keys[0].unit == rate.unit).unwrap();
                    let cell = &row.cells[0];
                    assert_eq!(cell.value.map(|value| value.to_string()), rate.rate, "seed {seed} {period} {basis:?}");
                }
            }
        }
    }
}

#[test]
fn what_one_sees_is_the_sub_world_and_its_ranks_are_those_of_everybody() {
    let world = Chance::new(31, 150);
    let visible: BTreeSet<i64> = [2, 5, 7].into();
    let mut only = world.clone();
    only.submissions.retain(|row| visible.contains(&row.unit));
    only.adoptions.retain(|row| visible.contains(&row.unit));
    let mut dice = Dice::new(31);
    for rows in [vec![D::Category], vec![D::Kind], vec![D::Topic], vec![]] {
        let mut query = Query::new(vec![M::AdoptionRate, M::Adoptions], rows, span("2026"));
        query.split_by = dice.chance(50).then_some(PeriodUnit::Quarter);
        let whole = ask(&only, &query).unwrap();
        query.visible = Some(visible.clone());
        assert_eq!(told(&ask(&world, &query).unwrap()), told(&whole));
    }
    let mut query = Query::new(vec![M::Adoptions], vec![D::Unit], span("2026"));
    query.rank = Some(Rank { by: 0, method: Method::Competition, descending: true, within: vec![], tie_break: vec![] });
    let everybody = ask(&world, &query).unwrap();
    query.visible = Some(visible.clone());
    let own = ask(&world, &query).unwrap();
    let expected: Vec<_> =
        everybody.rows.into_iter().filter(|row| visible.contains(&row.keys[0].unit.unwrap())).collect();
    assert_eq!(own.rows, expected);
}

#[test]
fn the_number_of_threads_does_not_matter_nor_does_asking_twice() {
    let world = Chance::new(41, 150);
    let mut query = Query::new(vec![M::AdoptionRate, M::Points], vec![D::Unit], span("2026"));
    query.split_by = Some(PeriodUnit::Month);
    let first = ask(&world, &query).unwrap();
    let others: Vec<_> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(|| ask(&world, &query).unwrap())).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert!(others.iter().all(|other| *other == first));
}

#[test]
fn a_list_never_cuts_a_tie_and_others_make_up_the_whole() {
    for seed in 50..60 {
        let world = Chance::new(seed, 40);
        let mut query = Query::new(vec![M::Endorsements], vec![D::Unit], span("2026"));
        query.rank =
            Some(Rank { by: 0, method: Method::Competition, descending: true, within: vec![], tie_break: vec![] });
        let all = ask(&world, &query).unwrap();
        for end in [End::Top, End::Bottom] {
            for with_ties in [true, false] {
                query.limit = Some(Limit { end, rows: 3, with_ties, others: true, eligible_only: false });
                let answer = ask(&world, &query).unwrap();
                let listed: Vec<_> = answer.rows.iter().filter(|row| !row.is_others).collect();
                let values: BTreeSet<String> = listed.iter().map(|row| value(&row.cells[0])).collect();
                let units: BTreeSet<_> = listed.iter().map(|row| row.keys[0].unit).collect();
                let cut = all.rows.iter().any(|row| {
                    row.cells[0].value.is_some()
                        && !units.contains(&row.keys[0].unit)
                        && values.contains(&value(&row.cells[0]))
                });
                assert!(!cut, "seed {seed} {end:?}: {:?}", told(&answer));
                assert!(if with_ties { listed.len() >= 3 } else { listed.len() <= 3 });
                assert_eq!(total(&answer), total(&all));
            }
        }
    }
}

#[test]
fn a_period_that_has_not_ended_is_marked_and_held_against_as_many_days() {
    let world = Chance::new(61, 200);
    let mut query = Query::new(vec![M::Submitted], vec![], span("2026-05"));
    query.compare = vec![Compare::SameLastYear, Compare::Previous(1)];
    let answer = ask_of(&Chance::versions(), &world, &query, "2026-05-10").unwrap();
    let cell = &answer.rows[0].cells[0];
    assert!(cell.partial && answer.periods[0].partial);
    let spans: Vec<String> = cell.comparisons.iter().map(|comparison| comparison.span.unwrap().to_string()).collect();
    assert_eq!(spans, ["2025-05-01..2025-05-10", "2026-04-01..2026-04-10"]);
    query.measures = vec![M::AdoptionRate];
    query.basis = RateBasis::SubmittedIn;
    let maturing = |today: &str| ask_of(&Chance::versions(), &world, &query, today).unwrap().rows[0].cells[0].maturing;
    assert!(maturing("2026-06-20") && !maturing("2026-09-30"));
}
