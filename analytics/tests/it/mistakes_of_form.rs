//! Bad rulebooks: numbers, syntax, sizes and structure.

use analytics::rulebook::Rulebook;

use crate::mistakes::{condition, expect, rule};
use crate::scene::small;

#[test]
fn numbers_that_cannot_be_exact() {
    expect(&condition("characters > «1000000000»"), "must be smaller", None);
    expect(&condition("characters > «0.1234567»"), "at most 6 decimal places", None);
    expect(&condition("characters > «1e3»"), "no decimal number", None);
    expect(
        &condition("«characters * characters * characters * characters» > 1"),
        "too large to be exact",
        Some("LEAST"),
    );
    expect(&condition("«characters / 0» > 1"), "divides by zero", None);
    expect(&rule("on = \"adoption\"\npoints = «\"characters * 3\"»"), "could earn more than", Some("LEAST"));
    expect(&rule("on = \"adoption\"\nmoney = «\"0.005\"»"), "two decimal places", None);
    expect(
        &small(
            "award = [{ id = \"x\", clause = \"一\", title = \"奖\", category = \"a\", top = 1, ties = \"include\", money = «\"0.001\"» }]",
        ),
        "two decimal places",
        None,
    );
}

#[test]
fn syntax_that_is_not_the_language() {
    expect(&condition("commissioned = true «commissioned»"), "ends before this", Some("AND"));
    expect(&condition("«publication LIKE 'd%'»"), "not part of the rulebook language", None);
    expect(&condition("(SELECT 1) = 1").replace("(SELECT", "(«SELECT"), "not part of the rulebook language", None);
    expect(&condition("«characters % 2» = 0"), "not part of the rulebook language", None);
    let deep = format!("{}1 = 1{}", "(".repeat(60), ")".repeat(60));
    expect(&condition(&format!("«{deep}»")), "levels deep", None);
    let chain = vec!["characters"; 200].join("+");
    assert!(Rulebook::parse("bad.toml", &condition(&format!("{chain} > 1"))).is_err());
    for opening in ["NOT ", "-", "(", "floor(", "CASE WHEN ", "a IN (", "+", "NOT (-"] {
        let endless = opening.repeat(2000 / opening.len());
        assert!(Rulebook::parse("bad.toml", &condition(&endless)).is_err(), "{opening}");
        assert!(Rulebook::parse("bad.toml", &condition(&format!("{endless}1"))).is_err(), "{opening}");
    }
    for (term, joint) in [("1", "+"), ("1", "*"), ("commissioned", "="), ("1", "<")] {
        let endless = vec![term; 2000 / (term.len() + 1)].join(joint);
        assert!(Rulebook::parse("bad.toml", &condition(&endless)).is_err(), "{term}{joint}");
    }
    let long = format!("commissioned{}", " OR commissioned".repeat(160));
    expect(&condition(&format!("«{long}»")), "longer than 2048 bytes", None);
    let wide = vec!["commissioned"; 100].join(" OR ");
    assert!(Rulebook::parse("good.toml", &condition(&wide)).is_ok(), "a long chain is not deep");
}

#[test]
fn tables_that_are_incomplete_or_contradict_themselves() {
    let mistakes = Rulebook::parse("bad.toml", "").unwrap_err();
    let text = mistakes.to_string();
    for missing in ["\"id\" is missing", "\"title\" is missing", "\"effective_from\" is missing"] {
        assert!(text.contains(missing), "{text}");
    }
    expect(
        &small("«[[rule]]»\nid = \"r\"\nclause = \"一\"\ntitle = \"规\"\non = \"adoption\""),
        "either points or money",
        None,
    );
    expect(&rule("on = \"training\"\npoints = \"1\"\ncombine = «\"once\"»"), "several facts on one submission", None);
    expect(
        &small("count = [{ id = \"c\", name = \"数\", on = \"staffing\", distinct = «\"submission\"» }]"),
        "not about a submission",
        None,
    );
    expect(
        &small("").replace("name = \"讲话\" }", "name = \"讲话\", deadline = «{ days = 3, same_day = true }» }"),
        "a deadline is one thing",
        None,
    );
    expect(&small("sign_off = [«{ by = [\"unit_leader\"] }»]"), "a sign-off is about one thing", None);
    expect(
        &small("sign_off = [{ origins = [«\"galaxy\"»], by = [\"unit_leader\"] }]"),
        "not declared as a level",
        None,
    );
    expect(&small("sign_off = [{ important = true, by = [«\"mayor\"»] }]"), "not known here", None);
    expect(&small("follow_up = { days = «0» }"), "must be from 1 to 365", None);
    expect(&small("receipt = { requires = [«\"signature\"»] }"), "not known here", Some("signatory"));
    expect(
        &small(
            "rates = { submitted = «\"n\"», adopted = \"n\" }\ncount = [{ id = \"n\", name = \"数\", on = \"adoption\" }]",
        ),
        "a count of submissions",
        None,
    );
    expect(&small("points = { places = «9», rounding = \"half_up\" }"), "from 0 to 6", None);
}

#[test]
fn all_mistakes_are_reported_at_once_in_the_order_of_the_text() {
    let text =
        rule("on = \"adoption\"\nwhere = \"publicaton = 'daily' AND kind = 'x'\"\npoints = \"charcters\"\ntop = 3");
    let mistakes = Rulebook::parse("bad.toml", &text).unwrap_err();
    let found: Vec<_> = mistakes.iter().map(|mistake| (mistake.path.as_str(), mistake.found.as_str())).collect();
    assert_eq!(
        found,
        [
            ("rule[1].where", "publicaton"),
            ("rule[1].where", "'x'"),
            ("rule[1].points", "charcters"),
            ("rule[1].top", "top"),
        ]
    );
}

#[test]
fn broken_toml_is_a_mistake_with_a_place() {
    expect("id = \"x\"\ntitle = «»\n", "this is no TOML", None);
    let huge = format!("# {}\n", "x".repeat(300 * 1024));
    assert!(Rulebook::parse("bad.toml", &huge).unwrap_err().to_string().contains("at most 262144 bytes"));
    let nested = format!("a = {}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(Rulebook::parse("bad.toml", &nested).is_err());
}

#[test]
fn places_inside_multi_line_and_escaped_strings_are_those_of_the_file() {
    expect(
        &rule("on = \"adoption\"\npoints = \"1\"\nwhere = \"\"\"\ncommissioned\nAND «charcters» > 1\n\"\"\""),
        "there is no column",
        None,
    );
    expect(
        &rule("on = \"adoption\"\npoints = \"1\"\nwhere = \"\\u0063ommissioned AND «charcters» > 1\""),
        "there is no column",
        None,
    );
    expect(&rule("on = \"adoption\"\npoints = \"1\"\nwhere = 'class = «\"lead\"»'"), "there is no column", None);
}
