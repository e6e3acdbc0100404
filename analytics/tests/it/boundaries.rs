//! Time: versions by the fact's own day, years that close in the middle of a month, empty worlds.

use std::sync::Arc;

use analytics::facts::Facts;
use analytics::frames::{RateBasis, RateBy, adoption_rates};
use analytics::rulebook::Currency;
use analytics::scoring::{Versions, score};

use crate::scene::{Scene, day, ledger, parse, points, small, span};

fn adopted_for(points: &str) -> String {
    small(&format!(
        "rule = [{{ id = \"adopted\", clause = \"一\", title = \"采用\", on = \"adoption\", points = \"{points}\", combine = \"once\" }}]"
    ))
}

#[test]
fn the_version_in_force_on_the_facts_own_day_scores_it() {
    let mut scene = Scene::of(parse(&adopted_for("10")));
    scene.versions.push((2, day("2026-07-01"), Arc::new(parse(&adopted_for("3")))));
    scene.adopt(1, 7, "daily", "2026-06-30");
    scene.adopt(1, 8, "daily", "2026-07-01");
    scene.adopt(1, 7, "daily", "2026-07-02");
    let scored = scene.score("2026");
    assert_eq!(
        ledger(&scored, 1, "2026"),
        ["2026-06-30 adopted 10", "2026-07-01 adopted 3"],
        "one item earns once, across versions"
    );
    let versions: Vec<_> = scored.lines(1, span("2026"), Currency::Points).iter().map(|line| line.version).collect();
    assert_eq!(versions, [1, 2]);
}

#[test]
fn a_period_rule_is_the_one_of_the_version_in_force_on_its_last_day() {
    let text = |points: &str| {
        small(&format!(
            "count = [{{ id = \"reported\", name = \"报送\", on = \"submission\" }}]\nrule = [{{ id = \"active\", clause = \"一\", title = \"有报送\", on = \"month\", where = \"reported >= 1\", points = \"{points}\" }}]"
        ))
    };
    let mut scene = Scene::of(parse(&text("1")));
    scene.versions.push((2, day("2026-03-16"), Arc::new(parse(&text("2")))));
    for on in ["2026-02-10", "2026-03-10", "2026-04-10"] {
        scene.submit(1, on);
    }
    let scored = scene.score("2026");
    assert_eq!(ledger(&scored, 1, "2026"), ["2026-02-28 active 1", "2026-03-31 active 2", "2026-04-30 active 2"]);
}

#[test]
fn the_greater_version_of_one_day_is_in_force() {
    let versions = Versions::new(vec![
        (9, day("2026-01-01"), Arc::new(parse(&adopted_for("9")))),
        (5, day("2026-01-01"), Arc::new(parse(&adopted_for("5")))),
        (1, day("2020-01-01"), Arc::new(parse(&adopted_for("1")))),
    ]);
    assert_eq!(versions.on(day("2026-05-01")).map(|version| version.id), Some(9));
    assert_eq!(versions.on(day("2025-12-31")).map(|version| version.id), Some(1));
    assert!(versions.on(day("2019-12-31")).is_none());
    assert_eq!(versions.on_or_first(day("2019-12-31")).map(|version| version.id), Some(1));
}

#[test]
fn an_assessment_year_may_close_in_the_middle_of_december() {
    let text = adopted_for("1").replace("title = \"小规则\"", "title = \"小规则\"\nyear = { first_day = \"12-16\" }");
    let rulebook = parse(&text);
    assert_eq!(rulebook.year_of(day("2026-12-15")), span("2025-12-16..2026-12-15"));
    assert_eq!(rulebook.year_of(day("2026-12-16")), span("2026-12-16..2027-12-15"));
    let mut scene = Scene::of(rulebook);
    scene.adopt(1, 7, "daily", "2025-12-16");
    scene.adopt(1, 8, "daily", "2026-12-15");
    scene.adopt(1, 9, "daily", "2026-12-16");
    let year = scene.versions().year_of(day("2026-06-01"));
    assert_eq!(scene.score(&year.to_string()).total(1, year).to_string(), "2");
}

#[test]
fn points_fall_into_every_span_that_holds_their_day() {
    let mut scene = Scene::of(parse(&adopted_for("1")));
    scene.adopt(1, 7, "daily", "2026-03-31");
    let scored = scene.score("2026");
    for (period, earned) in [
        ("2026-03-31", "1"),
        ("2026-03", "1"),
        ("2026-Q1", "1"),
        ("2026-H1", "1"),
        ("2026", "1"),
        ("2026-W14", "1"),
        ("2026-04", "0"),
        ("2026-02..2026-04", "1"),
    ] {
        assert_eq!(points(&scored, 1, period), earned, "{period}");
    }
}

#[test]
fn an_empty_world_gives_empty_answers() {
    let year = span("2026");
    for versions in [Versions::default(), Scene::changji().versions()] {
        let scored = score(&versions, &Facts::new(), year);
        assert!(scored.ranking(year, None).is_empty() && scored.notes().is_empty() && scored.awards(year).is_empty());
        assert!(
            scored.lines(1, year, Currency::Points).is_empty() && scored.lines(1, year, Currency::Money).is_empty()
        );
        assert_eq!((scored.total(1, year).millionths(), scored.money(1, year).fen()), (0, 0));
        for basis in [RateBasis::AdoptedIn, RateBasis::SubmittedIn] {
            assert!(adoption_rates(&versions, &Facts::new(), year, RateBy::Unit, basis).is_empty());
        }
    }
    let scene = Scene::changji();
    let scored = score(&Versions::default(), &scene.facts, year);
    assert!(scored.ranking(year, None).is_empty(), "without rules there is no ranking");
}
