//! What expressions give: the language over one fact at a time.

use analytics::facts::AdoptionRow;
use analytics::rulebook::Currency;
use analytics::scoring::NoteKind;

use crate::scene::{Scene, amount, day, span};

/// The points that an expression gives for one adoption: 300 characters, the class `lead`, of 2 March 2026.
fn evaluate(points: &str) -> String {
    let rule = format!(
        "rule = [{{ id = \"r\", clause = \"一\", title = \"规则\", on = \"adoption\", points = \"{points}\" }}]"
    );
    let mut scene = Scene::small(&format!("points = {{ places = 6, rounding = \"half_up\" }}\n{rule}"));
    let row = scene.adoption(1, Some(7), "daily", "2026-03-02");
    scene.facts.upsert_adoption(&AdoptionRow { class: Some("lead".to_owned()), ..row });
    let scored = scene.score("2026");
    let lines = scored.lines(1, span("2026"), Currency::Points);
    match lines.as_slice() {
        [line] => amount(line.amount),
        [] => scored.notes().first().map_or("nothing".to_owned(), |note| note.kind.code().to_owned()),
        _ => panic!("{lines:?}"),
    }
}

#[test]
fn numbers_are_exact() {
    for (points, expected) in [
        ("0.1 + 0.2", "0.3"),
        ("1 / 3", "0.333333"),
        ("2 / 3", "0.666667"),
        ("-2 / 3", "-0.666667"),
        ("2 / -3", "-0.666667"),
        ("1 / 3 * 3", "0.999999"),
        ("10 * 1.5", "15"),
        ("0.000001 * 0.5 + 1", "1.000001"),
        ("0.000001 * 0.4 + 1", "1"),
        ("characters * 0.01", "3"),
        ("characters / 7", "42.857143"),
        ("7.5 / 2.5", "3"),
        ("5 - 7", "-2"),
        ("-(3 + 4) * 2", "-14"),
        ("2 + 3 * 4", "14"),
        ("floor(7.9) + ceil(7.1)", "15"),
        ("floor(-7.1)", "-8"),
        ("ceil(-7.9)", "-7"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1.2345, 2)", "1.23"),
        ("round(1.235, 2)", "1.24"),
        ("abs(-4.5)", "4.5"),
        ("least(characters, 100, 200)", "100"),
        ("greatest(1.5, 1)", "1.5"),
    ] {
        assert_eq!(evaluate(points), expected, "{points}");
    }
}

#[test]
fn conditions_follow_sql() {
    let given = |condition: &str| evaluate(&format!("CASE WHEN {condition} THEN 1 ELSE 2 END")) == "1";
    for holds in [
        "publication = 'daily'",
        "'daily' = publication",
        "publication <> 'weekly'",
        "publication IN ('weekly', 'daily')",
        "publication NOT IN ('weekly')",
        "class = 'lead'",
        "level = 'city'",
        "category = 'a'",
        "characters BETWEEN 300 AND 400",
        "characters NOT BETWEEN 1 AND 299",
        "characters IN (1, 300)",
        "characters >= 299.5",
        "via IS NULL",
        "class IS NOT NULL",
        "NOT commissioned",
        "adopted_on = '2026-03-02'",
        "adopted_on > DATE '2026-03-01'",
        "adopted_on BETWEEN '2026-03-01' AND '2026-03-31'",
        "commissioned OR NOT direct_report",
        "commissioned = false",
        "coalesce(characters, 0) = 300",
        "1 < 2 AND 2 < 3",
    ] {
        assert!(given(holds), "{holds}");
    }
    for fails in [
        "via = 'weekly'",
        "via <> 'weekly'",
        "NOT (via = 'weekly')",
        "via = 'weekly' OR commissioned",
        "topic IN ('economy')",
    ] {
        assert!(!given(fails), "an absent value is neither equal nor unequal: {fails}");
    }
    assert!(given("via = 'weekly' OR class = 'lead'"), "one known side decides");
}

#[test]
fn an_amount_without_a_value_gives_no_line_but_a_note() {
    assert_eq!(evaluate("10 / (characters - 300)"), "no_amount");
    assert_eq!(evaluate("CASE WHEN commissioned THEN 1 END"), "no_amount");
}

#[test]
fn a_tally_earns_so_many_times_and_one_that_is_too_large_is_left_out() {
    let mut scene =
        Scene::small("rule = [{ id = \"r\", clause = \"一\", title = \"规则\", on = \"adoption\", points = \"2.5\" }]");
    let row = scene.adoption(1, None, "daily", "2026-03-02");
    scene.facts.upsert_adoption(&AdoptionRow { count: 35, ..row.clone() });
    let scored = scene.score("2026");
    let lines = scored.lines(1, span("2026"), Currency::Points);
    assert_eq!(amount(lines[0].amount), "87.5");
    assert_eq!(
        lines[0].inputs.iter().map(|input| format!("{}={}", input.name, input.value)).collect::<Vec<_>>(),
        ["count=35"]
    );
    assert_eq!(lines[0].day, day("2026-03-02"));
    scene.facts.upsert_adoption(&AdoptionRow { count: 36_001, ..row.clone() });
    let scored = scene.score("2026");
    assert_eq!(scored.total(1, span("2026")).to_string(), "0");
    assert_eq!(scored.notes()[0].kind, NoteKind::TooLarge);
    scene.facts.upsert_adoption(&AdoptionRow { count: i64::MAX, ..row });
    let scored = scene.score("2026");
    assert_eq!(scored.total(1, span("2026")).to_string(), "0");
    assert_eq!(scored.notes()[0].kind, NoteKind::OutOfRange);
}
