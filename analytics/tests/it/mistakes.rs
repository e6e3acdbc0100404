//! Bad rulebooks: each kind of mistake, with the place of the offending text and what would be right.

use analytics::rulebook::{Mistake, Rulebook, shipped};

use crate::scene::small;

/// Parses a text in which «…» marks the offending piece, and returns the mistake found exactly there.
pub(crate) fn mistake(marked: &str) -> Mistake {
    let at = marked.find('«').expect("the offending text is marked");
    let piece: String = marked[at..].chars().skip(1).take_while(|letter| *letter != '»').collect();
    let text = marked.replace(['«', '»'], "");
    let line = text[..at].matches('\n').count() + 1;
    let column = text[..at].rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let mistakes = Rulebook::parse("bad.toml", &text).expect_err("the rulebook is wrong");
    let here = mistakes.iter().find(|mistake| (mistake.line, mistake.column) == (line, column));
    let mistake = here.unwrap_or_else(|| panic!("no mistake at {line}:{column}, but:\n{mistakes}")).clone();
    let quoted = mistake.found.trim_end_matches('…');
    assert!(piece.starts_with(quoted) && (piece.is_empty() || !quoted.is_empty()), "found {quoted:?} in {mistakes}");
    assert!(!mistake.message_zh.is_empty() && mistake.file == "bad.toml");
    mistake
}

#[track_caller]
pub(crate) fn expect(marked: &str, message: &str, hint: Option<&str>) {
    let mistake = mistake(marked);
    assert!(mistake.message.contains(message), "{mistake}");
    match (hint, &mistake.hint) {
        (Some(hint), Some(found)) => assert!(found.contains(hint), "{mistake}"),
        (Some(_), None) => panic!("no hint: {mistake}"),
        (None, _) => {}
    }
}

/// A rule on adoptions with this condition.
pub(crate) fn condition(condition: &str) -> String {
    rule(&format!("on = \"adoption\"\nwhere = \"{condition}\"\npoints = \"1\""))
}

pub(crate) fn rule(body: &str) -> String {
    small(&format!("[[rule]]\nid = \"r\"\nclause = \"一\"\ntitle = \"规则\"\n{body}\n"))
}

pub(crate) fn monthly(condition: &str) -> String {
    small(&format!(
        r#"
count = [{{ id = "reported", name = "报送", on = "submission" }}]
quota = [{{ id = "volume", name = "报送量", clause = "一", count = "reported", per = "month", amount = {{ a = 3 }} }}]
rule = [{{ id = "r", clause = "一", title = "规则", on = "month", points = "1", where = "{condition}" }}]
"#
    ))
}

#[test]
fn every_shipped_rulebook_parses_under_its_own_id() {
    for (id, text) in shipped::all() {
        let rulebook = Rulebook::parse(id, text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        assert_eq!(rulebook.id(), id);
        assert_eq!(shipped::find(id), Some(text));
    }
    assert_eq!(shipped::find("nowhere"), None);
}

#[test]
fn names_that_do_not_exist() {
    expect(&condition("«publicaton» = 'daily'"), "there is no column", Some("did you mean \"publication\"?"));
    expect(&condition("publication = «'dayly'»"), "not declared as a publication", Some("did you mean \"daily\"?"));
    expect(&condition("kind IN ('dynamic', «'speach'»)"), "not declared as a kind", Some("speech"));
    expect(&condition("«flor(characters)» > 1"), "there is no function", Some("floor"));
    expect(&condition("«max(characters)» > 1"), "counts over rows", Some("greatest"));
    expect(&rule("on = «\"adopton\"»\npoints = \"1\""), "is not known here", Some("adoption"));
    expect(&rule("on = \"adoption\"\npoints = \"1\"\n«wher» = \"1 = 1\""), "no key", Some("did you mean \"where\"?"));
    expect(
        &small(
            "award = [{ id = \"x\", clause = \"一\", title = \"奖\", category = «\"c\"», top = 1, ties = \"include\" }]",
        ),
        "not declared as a category",
        None,
    );
    expect(
        &small("").replace("level = \"province\"", "level = «\"provinz\"»"),
        "not declared as a level",
        Some("province"),
    );
    expect(
        &small(
            "quota = [{ id = \"q\", name = \"额\", clause = \"一\", count = «\"nothing\"», per = \"month\", amount = 3 }]",
        ),
        "there is no count",
        None,
    );
    expect(
        &small(
            "quota = [{ id = \"q\", name = \"额\", clause = \"一\", count = \"x\", per = \"month\", amount = { «z» = 3 } }]",
        ),
        "not declared as a category",
        None,
    );
    expect(
        &small("").replace("title = ", "time_zone = «\"Asia/Beijing\"»\ntitle = "),
        "no time zone",
        Some("Asia/Shanghai"),
    );
}

#[test]
fn types_that_do_not_fit() {
    expect(&condition("«characters + 1»"), "a condition is needed here, not a number", None);
    expect(&condition("«publication» AND commissioned"), "a condition is needed here", None);
    expect(&condition("«publication > via»"), "has no order", None);
    expect(&condition("characters = «'long'»"), "a text cannot be compared with a number", None);
    expect(&condition("«publication = kind»"), "do not go together", None);
    expect(&condition("via = «NULL»"), "never true", Some("IS NULL"));
    expect(&condition("«publication» IS NULL"), "never NULL", None);
    expect(&condition("CASE WHEN commissioned THEN «'a'» ELSE 'b' END = 'a'"), "a text can only be compared", None);
    expect(&condition("CASE WHEN commissioned THEN characters ELSE «urgent» END > 0"), "there is no column", None);
    expect(
        &condition("CASE WHEN commissioned THEN characters ELSE «adopted_on» END > 0"),
        "this is a date, but the value before it is a number",
        None,
    );
    expect(&rule("on = \"adoption\"\npoints = \"«commissioned»\""), "a number is needed here, not a condition", None);
    expect(&rule("on = \"adoption\"\npoints = «1.5»"), "a text is needed here", None);
    expect(
        &small("parameter = [{ id = \"p\", name = \"率\", clause = \"一\", amount = { a = «7.5» } }]"),
        "stands in quotes",
        Some("\"7.5\""),
    );
}

#[test]
fn days_that_do_not_exist() {
    expect(&condition("adopted_on >= «'2026-02-30'»"), "there is no day", Some("2026-07-15"));
    expect(&condition("adopted_on >= DATE «'2026-2-3'»"), "there is no day", None);
    expect(&small("").replace("2020-01-01", "«\"2020-01-01\"»"), "without quotes", None);
    expect(&small("").replace("2020-01-01", "«2020-02-30»"), "", None);
    expect(&small("").replace("2020-01-01", "«2020-01-01T00:00:00»"), "no such day", None);
    expect(&small("year = { first_day = «\"02-30\"» }"), "no day that every month has", Some("01-01"));
}

#[test]
fn ids_used_twice_or_not_well_formed() {
    let twice = "rule = [{ id = \"r\", clause = \"一\", title = \"规\", on = \"adoption\", points = \"1\" }, { id = «\"r\"», clause = \"一\", title = \"规\", on = \"adoption\", points = \"2\" }]";
    expect(&small(twice), "used twice", None);
    expect(&small("").replace("id = \"b\"", "id = «\"a\"»"), "used twice", None);
    expect(&small("").replace("\"乙二\"", "«\"甲一\"»"), "a member already", None);
    expect(&small("").replace("id = \"weekly\"", "id = «\"Weekly Paper\"»"), "is no id", None);
    expect(&small("count = [{ id = «\"category\"», name = \"类\", on = \"submission\" }]"), "used twice", None);
    expect(
        &rule("on = \"adoption\"\npoints = \"1\"").replace("id = \"r\"", "id = «\"rounding\"»"),
        "belongs to the line that rounds",
        None,
    );
    expect(&small("code = [{ set = \"duty\", id = «\"full_time\"», name = \"专职\" }]"), "used twice", None);
}

#[test]
fn rules_that_can_never_fire() {
    for never in [
        "1 = 2",
        "false",
        "characters < 0",
        "characters > 10 AND characters <= 10",
        "publication = 'daily' AND publication = 'weekly'",
        "publication = 'weekly' AND (class = 'lead' AND commissioned)",
        "commissioned AND NOT commissioned",
        "publication IN ('daily') AND publication <> 'daily'",
        "publication NOT IN ('daily', 'weekly', 'brief')",
        "adopted_on > '2026-01-01' AND adopted_on < '2025-01-01'",
    ] {
        expect(&condition(&format!("«{never}»")), "can never be true", None);
    }
    expect(&condition("NOT («characters >= 0»)"), "can never be true", None);
    expect(
        &monthly("x").replace("where = \"x\"", "where = «\"category = 'b' AND reported >= quota_volume\"»"),
        "none of its categories has quota_volume",
        None,
    );
    expect(
        &monthly("x")
            .replace("on = \"month\"", "on = \"year\"")
            .replace("where = \"x\"", "where = «\"reported >= quota_volume\"»"),
        "owed per month",
        None,
    );
    expect(&rule("on = \"adoption\"\npoints = «\"5 - 5\"»"), "gives nothing", None);
}
