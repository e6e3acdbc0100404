//! What is wrong with adjustments, parts, lists and tariffs is found when the rulebook is read.

use crate::mistakes::expect;
use crate::scene::small;

const RULES: &str = r#"
[[rule]]
id = "adopted.daily"
clause = "一"
title = "日报"
on = "adoption"
where = "publication = 'daily'"
points = "5"

[[rule]]
id = "adopted.weekly"
clause = "一"
title = "周刊"
on = "adoption"
where = "publication = 'weekly'"
points = "5"

[[rule]]
id = "commission"
clause = "一"
title = "约稿"
on = "assignment"
points = "5"

[[rule]]
id = "fee"
clause = "一"
title = "稿酬"
on = "adoption"
money = "5"
"#;

fn with(table: &str, body: &str) -> String {
    small(&format!("{RULES}\n[[{table}]]\nid = \"x\"\nclause = \"二\"\ntitle = \"调整\"\n{body}\n"))
}

#[test]
fn an_adjustment_that_can_never_apply() {
    let both = "how = \"highest\"";
    expect(
        &with("combine", &format!("rules = [«\"adoptd.daily\"»]\n{both}")),
        "stands for no rule",
        Some("adopted.daily"),
    );
    expect(&with("combine", &format!("rules = «[]»\n{both}")), "names no rule", None);
    expect(&with("combine", &format!("rules = [\"adopted.*\", «\"fee\"»]\n{both}")), "some give money", None);
    expect(
        &with("share", "rules = [\"adopted.*\"]\namong = «\"everybody\"»\nhow = \"equal\""),
        "not known here",
        Some("units"),
    );
    expect(
        &with("share", "rules = [\"adopted.*\"]\namong = \"units\"\nhow = \"equal\"\namount = «3»"),
        "only a fixed share",
        None,
    );
    expect(
        &with("multiply", "rules = [\"adopted.*\"]\non = \"adoption\"\nby = \"«coeficient»\""),
        "there is no column",
        Some("coefficient"),
    );
    expect(
        &with("multiply", "rules = [\"adopted.*\"]\non = \"adoption\"\nby = \"coefficient\"\nmost = «1000»"),
        "between 0 and 100",
        None,
    );
    expect(&with("zero", "on = \"year\"\nwhere = \"«total < 5 AND total > 5»\""), "never be true", None);
    expect(&with("convert", "points = \"«totl» / 2\""), "there is no column", Some("total"));
}

#[test]
fn awards_that_contradict_themselves() {
    let award = |more: &str| {
        small(&format!("{RULES}\n[[award]]\nid = \"a\"\nclause = \"二\"\ntitle = \"奖\"\ntop = 1\n{more}\n"))
    };
    expect(&award("category = \"a\"\nties = «\"tie_break\"»"), "name the figures", None);
    expect(&award("category = \"a\"\nties = «\"include\"»\ntie_break = [\"reported\"]"), "tie_break is for", None);
    expect(&award("category = \"a\"\nties = \"include\"\nrules = «[\"adopted.*\"]»"), "only an award of items", None);
    expect(&award("of = «\"person\"»\nties = \"include\""), "not known here", None);
    expect(&award("of = \"item\"\nrules = [«\"adpted.*\"»]\nties = \"include\""), "stands for no rule", None);
    expect(&award("category = \"a\"\nties = \"include\"\nrequires = [«\"lst\"»]"), "there is no list", None);
    expect(&with("list", "on = \"month\"\ntalk = «\"speed\"»\nwhere = \"total < 1\""), "not known here", None);
}

#[test]
fn parts_lists_and_ties_that_contradict_themselves() {
    expect(&with("part", "rules = [\"adopted.*\"]\nbase = { «c» = 5 }"), "not declared as a category", None);
    expect(&with("part", "rules = [\"adopted.*\"]\nweight = «\"300\"»"), "a weight is a factor", None);
    expect(&with("part", "rules = [\"adopted.*\"]\ncap = [{ per = «\"decade\"», most = 5 }]"), "not known here", None);
    expect(&with("list", "on = \"month\"\nperiods = «0»\nwhere = \"total < 1\""), "from 1 to 53", None);
    expect(&with("list", "on = \"month\"\nwhere = \"«part_y» < 1\""), "there is no column", None);
    expect(&small("ranking = { tie_break = [«\"adopted\"»] }"), "no count and no sum", None);
    expect(
        &small("task = [{ id = \"t\", name = \"任务\", clause = \"一\", amount = «0» }]"),
        "larger than nothing",
        None,
    );
    expect(
        &small("earned = [{ id = \"q\", name = \"质量\", rules = [«\"adopted.*\"»] }]"),
        "does not stand for rules",
        None,
    );
    expect(
        &small(&format!(
            "{RULES}\n[[award]]\nid = \"a\"\nclause = \"二\"\ntitle = \"奖\"\ncategory = \"a\"\ntop = 1\nties = \"include\"\nunless = [«\"lst\"»]\n"
        )),
        "there is no list",
        None,
    );
    expect(
        &small(
            "rule = [{ id = \"r\", clause = \"一\", title = \"规\", on = \"incident\", points = \"-decided_points\", range = «[-100, -300]» }]",
        ),
        "its least and its most",
        None,
    );
}

#[test]
fn a_tariff_has_no_gap_and_no_overlap() {
    let tariff = |rest: &str, header: &str, publications: &str| {
        small(&format!("{RULES}{rest}\n{header}\nrules = [\"adopted.*\"]\npublications = [{publications}]\n"))
    };
    expect(&tariff("", "[[tariff]]", "\"daily\", \"weekly\", «\"brief\"»"), "gives anything for brief", None);
    let twice = r#"
[[rule]]
id = "adopted.again"
clause = "一"
title = "又一"
on = "adoption"
where = "publication IN ('daily', 'weekly') AND characters > 500"
points = "5"
"#;
    expect(&tariff(twice, "«[[tariff]]»", "\"weekly\""), "both pay an adoption by weekly", Some("narrow"));
}
