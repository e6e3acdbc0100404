//! Adoption rates: sums over sums at every grain, on both bases.

use analytics::facts::{AdoptionRow, SubmissionRow};
use analytics::frames::{RateBasis, RateBy, RateRow, RateStatus, adoption_rates};

use crate::scene::{Scene, span};

fn rates(scene: &Scene, period: &str, by: RateBy, basis: RateBasis) -> Vec<RateRow> {
    adoption_rates(&scene.versions(), &scene.facts, span(period), by, basis)
}

fn unit(scene: &Scene, unit: i64, period: &str, basis: RateBasis) -> RateRow {
    rates(scene, period, RateBy::Unit, basis).into_iter().find(|row| row.unit == Some(unit)).unwrap()
}

/// Unit 1: four items in March, the first adopted three times in March and once in April, the second in April; unit 2: nothing
/// but a tally; unit 4 (another category): one item, adopted.
fn scene() -> Scene {
    let mut scene = Scene::small("");
    let items: Vec<i64> = (0..4).map(|_| scene.submit(1, "2026-03-10")).collect();
    for (publication, on) in
        [("daily", "2026-03-11"), ("weekly", "2026-03-12"), ("brief", "2026-03-13"), ("brief", "2026-04-13")]
    {
        scene.adopt(1, items[0], publication, on);
    }
    scene.adopt(1, items[1], "daily", "2026-04-01");
    let refused = scene.submission(1, "2026-03-10");
    scene.facts.upsert_submission(&SubmissionRow { received: false, ..refused });
    let reported = scene.submission(2, "2026-03-31");
    scene.facts.upsert_submission(&SubmissionRow { count: 20, ..reported });
    let adopted = scene.adoption(2, None, "daily", "2026-03-31");
    scene.facts.upsert_adoption(&AdoptionRow { count: 5, ..adopted });
    let item = scene.submit(4, "2026-03-01");
    scene.adopt(4, item, "daily", "2026-03-02");
    scene
}

#[test]
fn an_item_in_three_publications_is_one_item_and_three_adoptions() {
    let row = unit(&scene(), 1, "2026-03", RateBasis::AdoptedIn);
    assert_eq!((row.submitted, row.adopted_items, row.adoptions), (4, 1, 3));
    assert_eq!((row.numerator, row.denominator, row.rate.as_deref(), row.status), (1, 4, Some("0.25"), RateStatus::Ok));
    assert_eq!(row.category.as_deref(), Some("a"));
}

#[test]
fn the_cohort_basis_follows_the_items_and_the_other_the_adoptions() {
    let scene = scene();
    let march = unit(&scene, 1, "2026-03", RateBasis::SubmittedIn);
    assert_eq!((march.numerator, march.denominator, march.adoptions), (2, 4, 5));
    let april = unit(&scene, 1, "2026-04", RateBasis::AdoptedIn);
    assert_eq!((april.numerator, april.denominator, april.rate, april.status), (2, 0, None, RateStatus::NoSubmissions));
    let april = unit(&scene, 1, "2026-04", RateBasis::SubmittedIn);
    assert_eq!((april.numerator, april.denominator), (0, 0));
}

#[test]
fn tallies_count_by_their_number_on_both_bases() {
    for basis in [RateBasis::AdoptedIn, RateBasis::SubmittedIn] {
        let row = unit(&scene(), 2, "2026-Q1", basis);
        assert_eq!((row.numerator, row.denominator, row.rate.as_deref()), (5, 20, Some("0.25")), "{basis:?}");
    }
}

#[test]
fn categories_and_the_network_are_sums_over_sums() {
    let scene = scene();
    for basis in [RateBasis::AdoptedIn, RateBasis::SubmittedIn] {
        let units = rates(&scene, "2026-03", RateBy::Unit, basis);
        assert_eq!(units.iter().map(|row| row.unit).collect::<Vec<_>>(), (1..=5).map(Some).collect::<Vec<_>>());
        let categories = rates(&scene, "2026-03", RateBy::Category, basis);
        let names: Vec<_> = categories.iter().map(|row| row.category.as_deref()).collect();
        assert_eq!(names, [Some("a"), Some("b")]);
        let network = rates(&scene, "2026-03", RateBy::Network, basis);
        assert_eq!(network.len(), 1);
        for grain in [&units, &categories] {
            let sum = |figure: fn(&RateRow) -> i64| grain.iter().map(figure).sum::<i64>();
            assert_eq!(
                (sum(|row| row.numerator), sum(|row| row.denominator)),
                (network[0].numerator, network[0].denominator)
            );
        }
    }
    let network = &rates(&scene, "2026-03", RateBy::Network, RateBasis::AdoptedIn)[0];
    assert_eq!((network.numerator, network.denominator, network.rate.as_deref()), (7, 25, Some("0.28")));
}

#[test]
fn a_unit_that_reported_nothing_has_no_rate_and_not_a_rate_of_zero() {
    let row = unit(&scene(), 3, "2026-03", RateBasis::AdoptedIn);
    assert_eq!((row.rate, row.status), (None, RateStatus::NoSubmissions));
}

#[test]
fn the_rulebook_says_what_counts() {
    let mut scene = Scene::small(
        r#"
rates = { submitted = "all", adopted = "higher" }
count = [{ id = "all", name = "报送", on = "submission" },
         { id = "higher", name = "上级采用", on = "adoption", distinct = "submission", where = "level = 'province'" }]
"#,
    );
    let item = scene.submit(1, "2026-03-01");
    let refused = scene.submission(1, "2026-03-10");
    scene.facts.upsert_submission(&SubmissionRow { received: false, ..refused });
    scene.adopt(1, item, "daily", "2026-03-02");
    assert_eq!(unit(&scene, 1, "2026-03", RateBasis::AdoptedIn).rate.as_deref(), Some("0"));
    scene.adopt(1, item, "brief", "2026-03-02");
    assert_eq!(unit(&scene, 1, "2026-03", RateBasis::AdoptedIn).rate.as_deref(), Some("0.5"));
}
