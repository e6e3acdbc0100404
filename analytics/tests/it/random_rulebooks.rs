//! Random rulebooks over random worlds: whatever an office writes, the lines add up to the score in every span; and where its rules only give,
//! one more adopted item never lowers anything.

use std::fmt::Write as _;

use analytics::facts::{AdoptionRow, SubmissionRow};
use analytics::rulebook::Rulebook;
use analytics::scoring::score;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::random_powers::enriched;
use crate::scene::{adds_up, day, parse, span};
use crate::worlds::{World, worlds};

/// What an office may have written beside the reference rulebook: each clause or its absence, with figures of its own.
#[derive(Debug, Clone)]
struct Clauses {
    combine: Option<(bool, i64)>,
    multiply: Option<(i64, i64)>,
    share: Option<(bool, u8)>,
    part: Option<Part>,
    zero: Option<(i64, bool)>,
    convert: Option<(i64, bool)>,
    places: (u32, bool),
    period: Option<(usize, i64)>,
}

#[derive(Debug, Clone)]
struct Part {
    base: Option<i64>,
    floor: Option<(i64, bool)>,
    month: Option<i64>,
    year: Option<i64>,
    weight: Option<i64>,
}

const PERIODS: [&str; 5] = ["week", "month", "quarter", "half_year", "year"];

/// Clauses that can only give.
fn gentle() -> impl Strategy<Value = Clauses> {
    let part = (prop::option::of(0..50_i64), prop::option::of(1..60_i64), prop::option::of(1..300_i64));
    let part = part.prop_map(|(base, month, year)| Part { base, floor: None, month, year, weight: None });
    let period = prop::option::of((0..PERIODS.len(), 1..20_i64));
    let rest = (prop::option::of(part), period, (0..=6_u32, any::<bool>()));
    (prop::option::of((any::<bool>(), 0..5_i64)), rest).prop_map(|(combine, (part, period, places))| Clauses {
        combine,
        multiply: None,
        share: None,
        part,
        zero: None,
        convert: None,
        places,
        period,
    })
}

/// Clauses of every sort.
fn any_clauses() -> impl Strategy<Value = Clauses> {
    let harsh = (
        prop::option::of((0..3_i64, 1..90_i64)),
        prop::option::of((any::<bool>(), 0..3_u8)),
        prop::option::of((0..200_i64, any::<bool>())),
        prop::option::of((1..30_i64, any::<bool>())),
        prop::option::of((-50..50_i64, any::<bool>())),
        prop::option::of(1..999_999_i64),
    );
    (gentle(), harsh).prop_map(|(gentle, (multiply, share, zero, convert, floor, weight))| Clauses {
        multiply,
        share,
        zero,
        convert,
        part: gentle.part.clone().map(|part| Part { floor, weight, ..part }),
        ..gentle
    })
}

fn written(clauses: &Clauses) -> Rulebook {
    let text = analytics::rulebook::shipped::find("changji").unwrap();
    let mut more = String::new();
    let mut table = |name: &str, id: &str, lines: &[String]| {
        let lines = lines.join("\n");
        writeln!(more, "[[{name}]]\nid = \"{id}\"\nclause = \"补\"\ntitle = \"补充\"\n{lines}\n").unwrap();
    };
    let rules = || "rules = [\"adopted.*\"]".to_owned();
    if let Some((first, further)) = clauses.combine {
        let how = if first { "how = \"first\"".to_owned() } else { format!("how = \"highest\"\nfurther = {further}") };
        table("combine", "together", &[rules(), how]);
    }
    if let Some((least, more)) = clauses.multiply {
        let bounds = format!("on = \"adoption\"\nby = \"coefficient\"\nleast = {least}\nmost = {}", least + more);
        table("multiply", "quality", &[rules(), bounds]);
    }
    if let Some((units, how)) = clauses.share {
        let among = if units { "units" } else { "authors" };
        let how = ["how = \"equal\"", "how = \"whole\"", "how = \"fixed\"\namount = \"1.5\""][usize::from(how)];
        table("share", "joint", &[rules(), format!("among = \"{among}\"\n{how}")]);
    }
    if let Some(part) = &clauses.part {
        let mut lines = vec!["rules = [\"adopted.*\", \"endorsed.*\"]".to_owned()];
        lines.extend(part.base.map(|base| format!("base = {base}")));
        lines.extend(
            part.floor
                .map(|(floor, sum)| format!("floor = {floor}\nfloor_on = \"{}\"", if sum { "sum" } else { "base" })),
        );
        let caps = [("month", part.month), ("year", part.year)];
        let caps: Vec<_> =
            caps.iter().filter_map(|(per, most)| Some(format!("{{ per = \"{per}\", most = {} }}", (*most)?))).collect();
        if !caps.is_empty() {
            lines.push(format!("cap = [{}]", caps.join(", ")));
        }
        lines.extend(part.weight.map(|weight| format!("weight = \"0.{weight:06}\"")));
        table("part", "some", &lines);
    }
    if let Some((least, half)) = clauses.zero {
        let on = if half { "half_year" } else { "year" };
        table("zero", "zero", &[format!("on = \"{on}\"\nwhere = \"total > {least}\"")]);
    }
    if let Some((divisor, capped)) = clauses.convert {
        let points = if capped { format!("LEAST(total / {divisor}, 5)") } else { format!("total / {divisor}") };
        table("convert", "outer", &[format!("points = \"{points}\"")]);
    }
    if let Some((period, least)) = clauses.period {
        let on = PERIODS[period];
        let lines =
            [format!("on = \"{on}\"\nwhere = \"adopted_items >= {least}\"\npoints = \"adopted_items * 0.333333\"")];
        table("rule", "reached", &lines);
    }
    let (places, truncate) = clauses.places;
    let rounding = if truncate { "truncate" } else { "half_up" };
    let text = text.replacen("places = 2", &format!("places = {places}"), 1);
    let text = text.replacen("rounding = \"half_up\"", &format!("rounding = \"{rounding}\""), 1);
    parse(&format!("{text}\n{more}"))
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn lines_add_up_under_any_rulebook(world in worlds(0..=80), clauses in any_clauses()) {
        let facts = enriched(&world);
        let scored = score(&World::versions(written(&clauses)), &facts, span("2026"));
        for unit in 1..=10 {
            for period in ["2026", "2026-H1", "2026-Q4", "2026-02", "2026-W20", "2026-02..2026-11"] {
                adds_up(&scored, unit, period);
            }
        }
    }

    #[test]
    fn one_more_adopted_item_never_lowers_a_score_where_rules_only_give(
        world in worlds(0..=80), clauses in gentle(), unit in 1_i64..=10, month in 1_u32..=12,
    ) {
        let mut facts = world.facts();
        let versions = World::versions(written(&clauses));
        let before = score(&versions, &facts, span("2026"));
        let on = day(&format!("2026-{month:02}-11"));
        facts.upsert_submission(&SubmissionRow {
            id: 10_000, unit, kind: "dynamic".to_owned(), topic: None, submitted_on: on, received: true,
            commissioned: false, urgent: false, characters: 100, count: 1,
        });
        facts.upsert_adoption(&AdoptionRow {
            id: 10_000, submission: Some(10_000), unit, publication: "general".to_owned(), class: None, via: None,
            kind: None, topic: None, characters: 100, commissioned: false, adopted_on: on, count: 1,
        });
        let after = score(&versions, &facts, span("2026"));
        for other in 1..=10 {
            let (was, is) = (before.total(other, span("2026")), after.total(other, span("2026")));
            let is_sound = if other == unit { is >= was } else { is == was };
            prop_assert!(is_sound, "unit {other}: {was} became {is} under {clauses:?}");
        }
    }
}
